//! The pages of `quotes serve` as they come, before any browser has read them.

use std::path::Path;

use onrecord::domain::run::VisitOutcome;
use onrecord::pipeline::index::catch_up;
use onrecord::store::{Store, article_id};
use tempfile::tempdir;

use crate::collected::{
    HARBOUR, MAREN, Page, Said, Who, at, collection, quote, record, record_in, visit,
};
use crate::served::{Answer, Served};

/// Bytes of a page, without what it loads.
const MOST: usize = 100 * 1024;

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// A page that is asked for with the token.
fn with_token(served: &Served, target: &str) -> Answer {
    let bearer = format!("Bearer {}", served.token);
    served.send("GET", target, &[("Authorization", &bearer)], "").has(200)
}

fn indexed(dir: &Path, mut store: Store) {
    store.settle_speakers().unwrap();
    store.catch_up_wordings().unwrap();
    catch_up(&store, dir).unwrap();
}

#[test]
fn a_collection_without_quotes_says_how_to_fill_it() {
    let dir = tempdir().unwrap();
    indexed(dir.path(), Store::open(dir.path()).unwrap());
    let served = Served::start(dir.path());
    let page = served.get("/").has(200).body;
    assert!(page.contains("no quotes yet") && page.contains("onrecord crawl"), "{page}");
    for target in ["/speakers", "/wordings", "/collections", "/feeds"] {
        served.get(target).has(200);
    }
}

#[test]
fn only_who_may_change_things_is_offered_to() {
    let dir = tempdir().unwrap();
    let mut store = collection(dir.path());
    store.settle_speakers().unwrap();
    let made = store.make_collection("Lanterns", at("2024-08-11T06:00:00Z")).unwrap();
    let id = quote(&HARBOUR, &HARBOUR.quotes[0]).id;
    store
        .add_to_collection(made.id, std::slice::from_ref(&id), at("2024-08-11T06:00:00Z"))
        .unwrap();
    let speaker = store.quote(&id).unwrap().unwrap().quote.speaker.unwrap().identity.unwrap();
    drop(store);
    let served = Served::start(dir.path());
    for target in [
        "/".to_owned(),
        "/collections".to_owned(),
        format!("/collections/{}", made.id),
        format!("/quotes/{id}"),
        format!("/speakers?merge={speaker}"),
    ] {
        let page = served.get(&target).has(200).body;
        assert!(!page.contains("method=\"post\""), "{target}: {page}");
        let page = with_token(&served, &target).body;
        assert!(page.contains("method=\"post\""), "{target}: {page}");
        assert!(!page.contains(&served.token), "{target}: the token itself stands in no page");
    }
}

#[test]
fn what_is_typed_in_a_form_stays_in_it_and_is_text() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let target =
        "/?q=%22%3E%3Cb%3Etreaty&speaker=%3Ci%3Emaren&role=%22&since=2024-01-01&revised=true";
    let page = served.send("GET", target, &[], "");
    assert!(page.status == 200 || page.status == 400, "{page:?}");
    assert!(!page.body.contains("<b>treaty") && !page.body.contains("<i>maren"), "{}", page.body);
    assert!(page.body.contains("value=\"&quot;&gt;&lt;b&gt;treaty\""), "{}", page.body);
    let mistake = served.get("/?q=treaty+(lantern").has(400).body;
    assert!(mistake.contains("<pre class=\"caret\">"), "{mistake}");
    let unknown = served.get("/?speakr=maren").has(400).body;
    assert!(unknown.contains("speakr") && unknown.contains("role=\"alert\""), "{unknown}");
}

#[test]
fn a_slip_is_answered_with_a_link_to_what_was_meant() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let page = served.get("/?q=safegaurds&outlet=meridian").has(200).body;
    assert!(page.contains("href=\"/?q=safeguards&amp;outlet=meridian\""), "{page}");
    let alike = served.get("/?speaker=tapya").has(200).body;
    assert!(alike.contains("Nobody is called “tapya”"), "{alike}");
}

#[test]
fn a_text_from_right_to_left_says_its_language() {
    let page = Page {
        url: "https://manar.example/a",
        outlet: "المنار",
        title: "الدول توقع المعاهدة",
        published: "2024-08-09",
        text: "قالت مارين: “المعاهدة تحمي الصحفيين اليوم.”",
        notices: &[],
        quotes: &[Said {
            words: "المعاهدة تحمي الصحفيين اليوم.", speaker: Some(MAREN)
        }],
    };
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    record_in("ar", &mut store, &page, "2024-08-10T06:00:00Z");
    indexed(dir.path(), store);
    let served = Served::start(dir.path());
    let results = served.get("/").has(200).body;
    assert!(results.contains("<p class=\"words\" lang=\"ar\" dir=\"auto\">"), "{results}");
    let article = served.get(&format!("/articles/{}", article_id(page.url))).has(200).body;
    assert!(article.contains("<h1 lang=\"ar\"><bdi>الدول توقع المعاهدة</bdi></h1>"), "{article}");
    // The paragraph's bar stands where its lines begin; a citation has each of its parts by itself.
    let id = quote(&page, &page.quotes[0]).id;
    let shown = served.get(&format!("/quotes/{id}")).has(200).body;
    assert!(shown.contains("<div class=\"context\" lang=\"ar\" dir=\"auto\">"), "{shown}");
    let (_, citation) = shown.split_once("<p class=\"text\" dir=\"ltr\">").unwrap();
    let citation = citation.split("</p>").next().unwrap();
    assert!(citation.starts_with("<bdi lang=\"ar\">“المعاهدة تحمي الصحفيين اليوم.”</bdi> — <bdi"));
    let reference = "“<bdi lang=\"ar\">الدول توقع المعاهدة</bdi>”. <bdi lang=\"ar\">المنار</bdi>, 2024-08-09. \
                     https://manar.example/a (version 1, fetched ";
    assert!(citation.contains(reference), "{citation}");
}

#[test]
fn however_much_there_is_a_page_stays_small() {
    // Signs that take six times their length as markup, in everything that a page shows.
    let heavy = |length: usize| "\"&".repeat(length / 2);
    let words = leaked(format!("x{}x", heavy(20_000)));
    let name = leaked(format!("Norland {}", heavy(3_000)));
    let who = Who { name, role: name, affiliation: name, anonymous: false };
    let text = leaked(format!(
        "“{words}” he said.\n\n{}\n\n{}",
        heavy(100_000),
        "Short.\n\n".repeat(4_000)
    ));
    let quotes: &'static [Said] = vec![Said { words, speaker: Some(who) }].leak();
    let notices: &'static [&'static str] = vec![name; 50].leak();
    let page = Page {
        url: leaked(format!("https://harbour.example/?{}", heavy(2_000))),
        outlet: name,
        title: name,
        published: "2024-08-09",
        text,
        notices,
        quotes,
    };
    let changed = Page { text: leaked(text.replace("Short.", "Shorter.")), ..page };
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    let said = leaked(format!("“{words}” he said."));
    let mut pages = vec![page, changed];
    for number in 0..24 {
        let url = leaked(format!("https://harbour.example/{number}?{}", heavy(2_000)));
        let published = leaked(format!("2024-{:02}-{:02}", number % 12 + 1, number / 12 + 1));
        let outlet = leaked(format!("{name}{}", number % 4));
        pages.push(Page { url, published, outlet, text: said, ..page });
    }
    for page in &pages {
        record(&mut store, page, "2024-08-10T06:00:00Z");
    }
    for number in 0..80 {
        let url = format!("https://harbour.example/skipped/{number}/{}", heavy(2_000));
        let mut skipped = visit(&url, VisitOutcome::Failed);
        skipped.reason = heavy(5_000);
        store.record_visit(&skipped).unwrap();
    }
    let id = quote(&page, &page.quotes[0]).id;
    indexed(dir.path(), store);
    let store = Store::open_existing(dir.path()).unwrap();
    let speaker = store.quote(&id).unwrap().unwrap().quote.speaker.unwrap().identity.unwrap();
    drop(store);
    let served = Served::start(dir.path());
    let article = article_id(page.url);
    let filters = ["speaker", "role", "affiliation", "outlet"]
        .map(|name| format!("{name}={}", "norland%26".repeat(25)))
        .join("&");
    for target in [
        "/?limit=40".to_owned(),
        format!("/?q=norland&speaker_id={speaker}"),
        format!("/quotes/{id}"),
        format!("/?q=norland{}&{filters}", "+OR+norland".repeat(60)),
        format!("/?q=%22norland{}%22~9+norland&{filters}", "+%26".repeat(950)),
        "/speakers".to_owned(),
        format!("/speakers?merge={speaker}"),
        format!("/speakers/{speaker}"),
        "/wordings?same=true".to_owned(),
        format!("/articles/{article}"),
        format!("/articles/{article}?version=1&part=2"),
        format!("/articles/{article}?compare=true"),
        "/feeds".to_owned(),
    ] {
        let page = with_token(&served, &target).body;
        assert!(page.len() < MOST, "{target}: {} bytes", page.len());
        assert!(page.ends_with("</html>"), "{target}");
    }
    let long = served.get(&format!("/?q=norland{}", "+OR+norland".repeat(150)));
    let form =
        "<form action=\"/api/v1/export\"><input type=\"hidden\" name=\"q\" value=\"norland OR";
    assert!(long.body.contains(form), "{}", long.body);
    assert!(long.body.contains("<button name=\"format\" value=\"csv\">"), "{}", long.body);
    served.get(&format!("/articles/{article}?part=999")).has(404);
    served.get(&format!("/articles/{article}?version=3")).has(404);
}

#[test]
fn parts_of_what_was_skipped_are_parts_of_one_list() {
    let dir = tempdir().unwrap();
    let mut store = collection(dir.path());
    for number in 0..60 {
        let url = format!("https://harbour.example/{number:02}");
        store.record_visit(&visit(&url, VisitOutcome::OffTopic)).unwrap();
    }
    let whole = store.skipped().unwrap();
    let (first, total) = store.skipped_part(0, 50).unwrap();
    let (rest, _) = store.skipped_part(50, 50).unwrap();
    assert_eq!((first.len(), rest.len(), total), (50, 10, 60));
    assert_eq!([first, rest].concat(), whole);
    drop(store);
    let served = Served::start(dir.path());
    let page = served.get("/feeds?offset=50").has(200).body;
    assert_eq!(page.matches("off topic").count(), 10, "{page}");
}
