//! The pages of `quotes serve` in a browser, over the demo's collection: what users see and do.
//!
//! `ONRECORD_CHROMEDRIVER` names the ChromeDriver; without it the tests say that they are skipped.
//! `ONRECORD_AXE` names axe-core's `axe.min.js`. `ONRECORD_SCREENSHOTS` names a folder to take the
//! README's pictures into.

// clippy.toml exempts test functions; the functions they share are tests as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
#[path = "../it/collected.rs"]
mod collected;
mod driver;
#[allow(dead_code)]
#[path = "../it/programs.rs"]
mod programs;
#[allow(dead_code)]
#[path = "../it/served.rs"]
mod served;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use onrecord::domain::record::QuoteRecord;
use onrecord::pipeline::index::catch_up;
use onrecord::search::{Query, Search};
use onrecord::store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;

use collected::{Page, Said, Who, record};
use driver::Browser;
use served::Served;

/// The collection that a crawl of the demo's site leaves, made once for all tests.
static DEMO: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser-demo");
    let _ = fs::remove_dir_all(&folder);
    let data = folder.to_str().unwrap();
    programs::onrecord(Path::new(env!("CARGO_TARGET_TMPDIR")), &["demo", "--data", data]).exits(0);
    folder
});

/// A browser before the pages of a collection of its own.
struct World {
    browser: Browser,
    served: Served,
    data: TempDir,
}

impl World {
    /// Over a copy of the demo's collection; `None` where there is no browser.
    fn demo() -> Option<Self> {
        Self::over(|data| copy(&DEMO, data))
    }

    /// Over what `fill` puts into a folder.
    fn over(fill: impl FnOnce(&Path)) -> Option<Self> {
        let browser = Browser::start()?;
        let data = tempfile::tempdir().unwrap();
        fill(data.path());
        let served = Served::start(data.path());
        let world = Self { browser, served, data };
        world.open(&format!("/?token={}", world.served.token));
        assert_eq!(world.browser.url(), world.address("/"), "the token goes into a cookie");
        Some(world)
    }

    fn address(&self, target: &str) -> String {
        format!("http://{}{target}", self.served.address)
    }

    fn open(&self, target: &str) {
        self.browser.open(&self.address(target));
    }

    /// Waits until the browser is at an address that begins with `target`.
    #[track_caller]
    fn arrives(&self, target: &str) {
        let wanted = self.address(target);
        self.browser.until(&format!("arrives at {wanted}"), |browser| {
            let ready = browser.run("return document.readyState === 'complete'", &Value::Null);
            browser.url().starts_with(&wanted) && ready == json!(true)
        });
    }

    /// The first quote of the collection for which `fits`, words of `query` in it.
    fn quote(&self, query: &str, fits: impl Fn(&QuoteRecord) -> bool) -> QuoteRecord {
        let store = Store::open_existing(self.data.path()).unwrap();
        let text = (!query.is_empty()).then(|| query.to_owned());
        let asked = Query { text, limit: 500, ..Query::default() };
        let ids = Search::open(self.data.path()).unwrap().run(&asked).unwrap().ids;
        store.quotes(&ids).unwrap().into_iter().find(fits).expect("such a quote")
    }

    /// Every kind of page, with something on it.
    fn pages(&self) -> Vec<(&'static str, String)> {
        let revised = self.quote("audit", |it| it.revised && it.current);
        let name = json!({"name": "For the treaty story"});
        let made = self.served.change("POST", "/api/v1/collections", &name).has(201).json();
        let quotes = format!("/api/v1/collections/{}/quotes", made["id"]);
        let treaty = self.quote("treaty", |it| it.quote.speaker.is_some()).quote.id;
        let picked = json!({"quotes": [treaty, revised.quote.id]});
        self.served.change("POST", &quotes, &picked).has(200);
        let listed = self.served.json("/api/v1/speakers?limit=1");
        let speaker = listed["items"][0]["identity"].as_str().unwrap().to_owned();
        vec![
            ("search", "/?since=2025-01-01".to_owned()),
            ("nothing", "/?q=treatise".to_owned()),
            ("mistake", "/?q=treaty+(lantern".to_owned()),
            ("quote", format!("/quotes/{}", revised.quote.id)),
            ("speakers", format!("/speakers?merge={speaker}")),
            ("speaker", format!("/speakers/{speaker}")),
            ("wordings", "/wordings?same=true".to_owned()),
            ("article", format!("/articles/{}", revised.article.id)),
            ("changes", format!("/articles/{}?compare=true", revised.article.id)),
            ("collections", "/collections".to_owned()),
            ("collection", format!("/collections/{}", made["id"])),
            ("feeds", "/feeds".to_owned()),
            ("missing", "/quotes/0".to_owned()),
        ]
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn words_and_filters_find_and_the_address_keeps_them() {
    let Some(world) = World::demo() else { return };
    let browser = &world.browser;
    let all = browser.text("#found");
    browser.write("#q", "treaty");
    browser.click(".box button");
    world.arrives("/?q=treaty");
    assert_eq!(browser.url(), world.address("/?q=treaty"), "empty fields are left out");
    assert!(browser.count(".words mark") > 0, "found words are marked");
    let some = browser.text("#found");
    assert_ne!(all, some);
    // A value beside the results, and the words stay.
    let outlet = browser.text("fieldset:has(#outlet) li a");
    let count = browser.text("fieldset:has(#outlet) li .count");
    browser.click("fieldset:has(#outlet) li a");
    world.arrives("/?q=treaty&outlet=");
    assert_eq!(browser.text("#found"), format!("{count} quotes"));
    assert!(browser.text(".chosen").contains(&outlet), "{}", browser.text(".chosen"));
    // Another outlet can be chosen still; back leads to where one was.
    assert!(browser.count("fieldset:has(#outlet) li") > 1);
    browser.run("history.back()", &Value::Null);
    world.arrives("/?q=treaty");
    assert_eq!(browser.text("#found"), some);
    browser.run("document.querySelector('#kind').value = 'direct'", &Value::Null);
    browser.click(".filters button");
    world.arrives("/?q=treaty&kind=direct");
    browser.click(".chosen a");
    world.arrives("/?q=treaty");
}

#[test]
fn without_scripts_a_search_its_filters_pages_and_collections_work() {
    let Some(world) = World::demo() else { return };
    let browser = &world.browser;
    browser.scripting(false);
    world.open("/");
    browser.write("#q", "treaty");
    browser.write("#speaker", "a");
    browser.click(".box button");
    world.arrives("/?q=treaty");
    world.open("/");
    browser.click("a[rel=next]");
    world.arrives("/?offset=20");
    browser.click(".quote input[type=checkbox]");
    browser.write("#name", "Picked without scripts");
    browser.click(".picking button");
    world.arrives("/collections/1");
    assert_eq!(browser.count(".quote"), 1);
    assert_eq!(browser.text("h1"), "Picked without scripts");
}

#[test]
fn a_drag_over_the_timeline_sets_the_days() {
    let Some(world) = World::demo() else { return };
    let browser = &world.browser;
    world.open("/?q=treaty&sort=newest&since=2025-01-01");
    let rows = "return [...document.querySelectorAll('.periods tbody tr')]
        .map((row) => [row.dataset.since, row.dataset.until, row.lastChild.textContent])";
    let rows = browser.run(rows, &Value::Null);
    let rows = rows.as_array().unwrap();
    let columns =
        browser.run("return document.querySelector('.bars').dataset.columns", &Value::Null);
    let columns: f64 = columns.as_str().unwrap().parse().unwrap();
    let (first, last) = (1, rows.len() - 1);
    let middle = |row: usize| (row as f64 + 0.5) / columns;
    browser.drag(".bars", middle(last), middle(first));
    let (since, until) = (rows[first][0].as_str().unwrap(), rows[last][1].as_str().unwrap());
    world.arrives(&format!("/?q=treaty&sort=newest&since={since}&until={until}"));
    let number = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
    let wanted: u64 = rows[first..].iter().map(|row| number(&row[2])).sum();
    assert_eq!(browser.text("#found"), format!("{wanted} quotes"));
    assert_eq!(browser.run("return since.value", &Value::Null), json!(since));
    // Escape leaves the days as they are.
    let before = browser.url();
    browser.press(&["\u{e00c}"]);
    assert_eq!(browser.url(), before);
}

#[test]
fn the_timeline_is_a_table_too() {
    let Some(world) = World::demo() else { return };
    let browser = &world.browser;
    world.open("/?since=2025-01-01");
    browser.click(".timeline summary");
    let count = browser.text(".periods tbody tr:has(a) td:last-child");
    browser.click(".periods tbody a");
    world.arrives("/?since=");
    let found = browser.text("#found");
    assert_eq!(found.split(' ').next(), Some(count.as_str()));
    // The legend says who a colour is, and leads to their quotes.
    let name = browser.text(".legend a");
    browser.click(".legend a");
    world.arrives("/?speaker_id=");
    assert!(browser.text(".who").contains(&name), "{name}: {}", browser.text(".who"));
}

#[test]
fn a_quote_shows_its_place_its_history_and_what_to_copy() {
    let Some(world) = World::demo() else { return };
    let browser = &world.browser;
    let revised = world.quote("audit", |it| it.revised && it.current);
    world.open("/?q=audit&revised=true");
    browser.click(&format!("[data-quote='{}'] a.open", revised.quote.id));
    world.arrives(&format!("/quotes/{}", revised.quote.id));
    let said = |css: &str| {
        let all = "return [...document.querySelectorAll(arguments[0])].map((it) => it.innerText)";
        browser.run(all, &json!(css))
    };
    assert_eq!(said(".difference del").as_array().unwrap().len(), 3);
    assert_eq!(said(".difference ins"), json!(["reads ", "security, ", "reads "]));
    assert!(browser.text(".history .notice").contains("misquoted"));
    assert_eq!(browser.count(".context mark.content"), 2, "a quote in two parts");
    assert!(browser.text(".hash").contains(&revised.article.text_hash));
    // The copy, and that it is said.
    let granted = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    browser.grant(&granted);
    browser.click(".copy[data-what=Citation] button");
    browser.until("it says so", |browser| browser.text("#said") == "Citation copied");
    let clip =
        "navigator.clipboard.readText().then(arguments[1], (error) => arguments[1](`${error}`))";
    let clip = browser.run_async(clip, &Value::Null);
    let clip = clip.as_str().unwrap();
    assert!(clip.contains("I would rather be robbed") && clip.contains("BLAKE3"), "{clip}");
    let link =
        browser.run("return document.querySelector('.copy[data-what=Link] a').href", &Value::Null);
    assert!(link.as_str().unwrap().starts_with(&format!("{}#:~:text=", revised.article.url)));
    // To the article, where it stands.
    browser.click(".context ~ p a");
    world.arrives(&format!("/articles/{}", revised.article.id));
    assert_eq!(browser.count(&format!(".text mark[id='{}']", revised.quote.id)), 1);
    browser.click(".versions li a:nth-of-type(2)");
    world.arrives(&format!("/articles/{}?version=2&compare=true", revised.article.id));
    assert!(browser.count(".difference ins") > 0);
}

#[test]
fn picked_quotes_make_a_collection_that_is_ordered_and_exported() {
    let Some(world) = World::demo() else { return };
    let browser = &world.browser;
    world.open("/?q=treaty");
    let ids =
        "return [...document.querySelectorAll('.quote')].slice(0, 2).map((it) => it.dataset.quote)";
    let ids = browser.run(ids, &Value::Null);
    for id in ids.as_array().unwrap() {
        browser.click(&format!("input[value='{}']", id.as_str().unwrap()));
    }
    browser.write("#name", "Treaty <i>story</i>");
    browser.click(".picking button");
    world.arrives("/collections/1");
    assert_eq!(browser.text("h1"), "Treaty <i>story</i>");
    let order = || {
        let all = "return [...document.querySelectorAll('.quote')].map((it) => it.dataset.quote)";
        browser.run(all, &Value::Null)
    };
    assert_eq!(order(), ids);
    browser.click("button[value=down]");
    browser.until("the order is another", |_| order() != ids);
    assert_eq!(order(), json!([ids[1], ids[0]]));
    // Every export has both.
    browser.click(".exports summary");
    let links =
        "return [...document.querySelectorAll('.exports a')].map((it) => it.getAttribute('href'))";
    let links = browser.run(links, &Value::Null);
    assert_eq!(links.as_array().unwrap().len(), 7);
    for link in links.as_array().unwrap() {
        let link = link.as_str().unwrap();
        let export = world.served.get(link).has(200).body;
        let has_both =
            ids.as_array().unwrap().iter().all(|id| export.contains(id.as_str().unwrap()));
        assert!(has_both, "{link}: {export}");
    }
    browser.click("button[value=remove]");
    browser.until("one is left", |browser| browser.count(".quote") == 1);
    browser.click("details.tools summary");
    browser.write("details.tools #name", "Renamed");
    browser.click("button[value=rename]");
    browser.until("it is renamed", |browser| browser.text("h1") == "Renamed");
    browser.click("details.tools summary");
    browser.click("button[value=delete]");
    browser.until("it is gone", |browser| browser.text(".note").contains("none yet"));
}

#[test]
fn two_speakers_are_made_one_and_parted_again() {
    let Some(world) = World::demo() else { return };
    let browser = &world.browser;
    let listed = world.served.json("/api/v1/speakers?limit=2");
    let [first, second] = [0, 1].map(|at| {
        let item = &listed["items"][at];
        (item["identity"].as_str().unwrap().to_owned(), item["name"].as_str().unwrap().to_owned())
    });
    world.open(&format!("/speakers/{}", first.0));
    browser.write("#other", &second.1);
    browser.click("form:has(#other) button");
    world.arrives("/speakers?merge=");
    browser.click(".speakers form button");
    world.arrives("/speakers/");
    assert!(
        browser.text("main").contains(&format!("{} and {} are one speaker", first.1, second.1))
    );
    browser.click("form[action='/speakers/undo'] button");
    browser.until("it is undone", |browser| browser.count("form[action='/speakers/undo']") == 0);
    // Some mentions of one are somebody else's.
    let mentions = browser.count(".mentions > li");
    browser.click(".mentions input[type=checkbox]");
    browser.click("form[action$='/split'] button");
    browser.until("fewer are left", |browser| {
        let left = browser.count(".mentions > li");
        left < mentions && browser.text("main").contains("is not")
    });
}

#[test]
fn all_of_it_is_done_by_keyboard() {
    let Some(world) = World::demo() else { return };
    let browser = &world.browser;
    let focus =
        |script: &str| browser.run(&format!("return document.activeElement{script}"), &Value::Null);
    // The first stop is the link that skips to the content.
    browser.press(&["\u{e004}"]);
    assert_eq!(focus(".className"), json!("skip"));
    browser.press(&["\u{e007}"]);
    assert_eq!(focus(".id"), json!("main"));
    browser.press(&["/"]);
    assert_eq!(focus(".id"), json!("q"));
    browser.press(&["t", "r", "e", "a", "t", "y", "\u{e007}"]);
    world.arrives("/?q=treaty");
    browser.press(&["j", "j", "k", "j"]);
    let second =
        browser.run("return document.querySelectorAll('.quote')[1].dataset.quote", &Value::Null);
    assert_eq!(focus(".closest('.quote').dataset.quote"), second);
    browser.press(&["x"]);
    assert_eq!(browser.count(".quote input:checked"), 1);
    assert_eq!(browser.text("#said"), "Picked; 1 picked on this page");
    browser.press(&["x"]);
    assert_eq!(browser.text("#said"), "No longer picked; 0 picked on this page");
    browser.press(&["\u{e007}"]);
    world.arrives(&format!("/quotes/{}", second.as_str().unwrap()));
    // The help, and the keys turned off in it.
    browser.press(&["?"]);
    assert_eq!(browser.count("dialog[open]"), 1);
    assert_eq!(focus(".closest('dialog')?.id"), json!("help"));
    browser.click("#keys-on");
    browser.press(&["\u{e00c}"]);
    assert_eq!(browser.count("dialog[open]"), 0);
    world.open("/?q=treaty");
    browser.press(&["j"]);
    assert_eq!(browser.count(".here"), 0);
}

/// What would run if a text became markup: an element, an attribute, an address, a style, a comment.
const HOSTILE: &str = "\"'><img src=x onerror=hacked=1><script>hacked=1</script></title></textarea>javascript:hacked=1 ${hacked=1}";
const HOSTILE_PAGE: Page = Page {
    url: "javascript:hacked=1//example.org/\"><script>hacked=1</script>",
    outlet: "</select></option><script>hacked=1</script>Outlet",
    title: "</title><svg onload=hacked=1><script>hacked=1</script>",
    published: "2025-03-01",
    text: "“Words <script>hacked=1</script> <img src=x onerror=hacked=1> \"onfocus=hacked=1 autofocus,” \
        he said.\n\n“&lt;script&gt;hacked=1&lt;/script&gt; ]]> --> </p></mark>,” she said.",
    notices: &["<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>"],
    quotes: &[
        Said {
            words: "Words <script>hacked=1</script> <img src=x onerror=hacked=1> \"onfocus=hacked=1 autofocus,",
            speaker: Some(Who {
                name: "Eve <script>hacked=1</script> Mal\"onmouseover=hacked=1 x=\"",
                role: "</a><img src=x onerror=hacked=1>",
                affiliation: "'><svg/onload=hacked=1>",
                anonymous: false,
            }),
        },
        Said { words: "&lt;script&gt;hacked=1&lt;/script&gt; ]]> --> </p></mark>,", speaker: None },
    ],
};
const HOSTILE_CHANGED: Page = Page {
    text: "“Words <script>hacked=2</script>,” he said.",
    quotes: &[Said { words: "Words <script>hacked=2</script>,", speaker: None }],
    ..HOSTILE_PAGE
};

#[test]
fn no_text_of_a_page_a_speaker_or_a_query_runs() {
    let world = World::over(|data| {
        let mut store = Store::open(data).unwrap();
        record(&mut store, &HOSTILE_PAGE, "2025-03-02T06:00:00Z");
        record(&mut store, &HOSTILE_CHANGED, "2025-03-03T06:00:00Z");
        record(&mut store, &collected::MERIDIAN, "2025-03-03T06:00:00Z");
        store.settle_speakers().unwrap();
        catch_up(&store, data).unwrap();
    });
    let Some(world) = world else { return };
    let browser = &world.browser;
    let hostile = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>();
    let mut targets: BTreeSet<String> =
        ["/", "/speakers", "/wordings?same=true", "/feeds", "/collections"]
            .map(str::to_owned)
            .into();
    for name in [
        "q",
        "speaker",
        "role",
        "affiliation",
        "outlet",
        "topic",
        "kind",
        "since",
        "speaker_id",
        "offset",
    ] {
        targets.insert(format!("/?{name}={hostile}"));
    }
    targets.insert(format!("/?q=words&outlet={hostile}&role={hostile}"));
    targets.insert(format!("/speakers?q={hostile}"));
    targets.insert(format!("/{hostile}"));
    targets.insert(format!("/quotes/{hostile}"));
    let name = json!({"name": "</option><script>hacked=1</script>"});
    world.served.change("POST", "/api/v1/collections", &name).has(201);
    targets.insert("/collections/1".to_owned());
    // Every page that these lead to.
    let mut seen = BTreeSet::new();
    while let Some(target) = targets.pop_first() {
        if !seen.insert(target.clone()) {
            continue;
        }
        world.open(&target);
        let state = "document.querySelectorAll('details').forEach((it) => { it.open = true; });
            return [typeof hacked, document.querySelectorAll('main script, main img, main iframe, [onerror], \
                [onload], [onfocus], [onmouseover], a[href^=javascript]').length]";
        let state = browser.run(state, &Value::Null);
        assert_eq!(state, json!(["undefined", 0]), "{target}");
        let links =
            "return [...document.querySelectorAll('main a')].map((it) => it.getAttribute('href'))";
        for link in browser.run(links, &Value::Null).as_array().unwrap() {
            let link = link.as_str().unwrap().split('#').next().unwrap();
            let wanted = ["/quotes/", "/articles/", "/speakers/", "/collections/"];
            if wanted.iter().any(|it| link.starts_with(it)) {
                targets.insert(link.to_owned());
            }
        }
    }
    assert!(seen.iter().filter(|it| it.starts_with("/quotes/")).count() >= 4, "{seen:?}");
    assert!(seen.iter().any(|it| it.contains("compare")), "{seen:?}");
}

#[test]
fn every_page_fits_a_narrow_window_and_is_light() {
    /// Bytes of a page without what it loads.
    const MOST: usize = 100 * 1024;
    let Some(world) = World::demo() else { return };
    let browser = &world.browser;
    let pages = world.pages();
    for width in [360, 1440] {
        browser.show(width, 800, false);
        for (name, target) in &pages {
            world.open(target);
            browser.run(
                "document.querySelectorAll('details').forEach((it) => { it.open = true; })",
                &Value::Null,
            );
            let wide = browser.run("return document.documentElement.scrollWidth", &Value::Null);
            assert_eq!(wide, json!(width), "{name}");
            let bytes = world.served.get(target).body.len();
            assert!(bytes < MOST, "{name}: {bytes}");
            let foreign = "return performance.getEntriesByType('resource').map((it) => it.name)
                .filter((it) => !it.startsWith(location.origin + '/assets/'))";
            assert_eq!(browser.run(foreign, &Value::Null), json!([]), "{name}");
        }
    }
}

#[test]
fn every_page_is_accessible_by_axe() {
    let Some(axe) = std::env::var_os("ONRECORD_AXE") else {
        eprintln!("skipped: ONRECORD_AXE names no axe.min.js to check the pages with");
        return;
    };
    let axe = fs::read_to_string(axe).unwrap();
    let Some(world) = World::demo() else { return };
    let browser = &world.browser;
    let pages = world.pages();
    let all = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    let rules = json!({"type": "tag", "values": all});
    let views = [(1440, false), (1440, true), (360, false)];
    let load = format!(
        "{axe}\n;window.axe = axe;
        document.querySelectorAll('details').forEach((it) => {{ it.open = true; }});"
    );
    for (name, target) in &pages {
        world.open(target);
        browser.run(&load, &Value::Null);
        for (width, dark) in views {
            browser.show(width, 1000, dark);
            let check = "axe.run({ runOnly: arguments[0] }).then((found) => arguments[1](
                found.violations.map((it) => [it.id, it.help, it.nodes.map((node) => node.html)])))";
            let violations = browser.run_async(check, &rules);
            assert_eq!(violations, json!([]), "{name}, {width} wide, dark: {dark}: {violations:#}");
        }
    }
}

#[test]
fn pictures_are_taken_where_a_folder_is_named() {
    let Some(folder) = std::env::var_os("ONRECORD_SCREENSHOTS").map(PathBuf::from) else { return };
    let world = World::demo().expect("a browser");
    fs::create_dir_all(&folder).unwrap();
    let shown = ["search", "quote", "speaker", "article", "collection", "feeds"];
    for (name, target) in world.pages().into_iter().filter(|(name, _)| shown.contains(name)) {
        for (theme, dark) in [("light", false), ("dark", true)] {
            world.browser.show(1440, 1000, dark);
            world.open(&target);
            let picture = world.browser.picture();
            fs::write(folder.join(format!("{name}-{theme}.png")), picture).unwrap();
        }
    }
}
