//! How a crawl finds articles: searches, listings, sitemaps with their filters; one article under many
//! addresses; and what no run asked for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::faults::missing;
use crate::pressroom::{Pressroom, article};
use crate::programs::{onrecord, quotes};

/// A watch list on the tide accord; `feeds` are its `[[feed]]` stanzas.
fn watch_list(feeds: &str) -> String {
    format!(
        "[crawler]\ncontact = \"desk@ridge-courier.net\"\nper_host_delay = \"0s\"\n\
         allow_private_addresses = true\n\n[[topic]]\nid = \"tides\"\ntitle = \"Tides\"\n\
         any = [\"tide accord\"]\nnone = [\"tide tables\"]\n\n{feeds}"
    )
}

fn feed(id: &str, url: &str, more: &str) -> String {
    format!("[[feed]]\nid = \"{id}\"\noutlet = \"Outlet of {id}\"\nurl = \"{url}\"\n{more}\n\n")
}

fn folder(list: &str) -> TempDir {
    let here = tempfile::tempdir().unwrap();
    write(here.path(), list);
    here
}

fn write(here: &Path, list: &str) {
    fs::write(here.join("feeds.toml"), list).unwrap();
}

/// Address and outlet of each kept quote's article, sorted.
fn kept(here: &Path) -> Vec<(String, String)> {
    let all = quotes(here, &["export", "--format", "json"]).exits(0).json();
    let field = |quote: &Value, name: &str| quote["article"][name].as_str().unwrap().to_owned();
    let mut kept: Vec<(String, String)> =
        all.as_array().unwrap().iter().map(|it| (field(it, "url"), field(it, "outlet"))).collect();
    kept.sort();
    kept
}

/// Waits until `done`; fails after longer than anything here takes on a busy machine.
async fn wait_until(done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(60), "waited in vain");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What the collection says of the last run of feed `id`, as `entries`, `skipped` and so on.
fn counts(here: &Path, id: &str) -> Value {
    let all = onrecord(here, &["status", "--format", "json"]).exits(0).json();
    let found = all.as_array().unwrap().iter().find(|feed| feed["id"] == id).unwrap();
    found["last_counts"].clone()
}

fn rss(links: &[&str]) -> String {
    let items: String =
        links.iter().map(|link| format!("<item><link>{link}</link></item>")).collect();
    format!("<rss version='2.0'><channel>{items}</channel></rss>")
}

/// A search engine: the queries it was asked, and what it finds for each of some words.
#[derive(Clone, Default)]
struct Engine {
    asked: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<BTreeMap<&'static str, Result<String, u16>>>>,
}

impl Engine {
    async fn open(&self) -> String {
        let router = Router::new().route("/search", get(search)).with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        format!("http://{address}/search?format=json&q={{query}}")
    }

    fn find(&self, word: &'static str, answer: Result<String, u16>) {
        self.answers.lock().unwrap().insert(word, answer);
    }

    fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

async fn search(State(engine): State<Engine>, uri: Uri) -> Response {
    let pairs = url::form_urlencoded::parse(uri.query().unwrap().as_bytes());
    let query = pairs.into_owned().find(|(name, _)| name == "q").unwrap().1;
    engine.asked.lock().unwrap().push(query.clone());
    let answers = engine.answers.lock().unwrap();
    match answers.iter().find(|(word, _)| query.contains(**word)) {
        Some((_, Ok(text))) => text.clone().into_response(),
        Some((_, Err(status))) => StatusCode::from_u16(*status).unwrap().into_response(),
        None => "{}".into_response(),
    }
}

/// A list of articles as GDELT's DOC API gives it.
fn gdelt(urls: &[&str]) -> String {
    let articles: Vec<Value> = urls
        .iter()
        .map(|url| {
            json!({"url": url, "url_mobile": "", "title": "Talks go on", "domain": "a.example",
                "seendate": "20260302T101500Z", "socialimage": "", "language": "English",
                "sourcecountry": "Norway"})
        })
        .collect();
    json!({ "articles": articles }).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_asks_for_the_phrases_of_its_topics_and_names_the_outlets_of_what_it_finds() {
    let (site, engine) = (Pressroom::open().await, Engine::default());
    let named = article("We shall see")
        .replace("<head>", "<head><meta property='og:site_name' content='The Vell Herald'>");
    site.put("/a", &named);
    site.put("/b", &article("We shall not"));
    let (a, b) = (format!("{}/a", site.origin), format!("{}/b?utm_source=gdelt", site.origin));
    engine.find("accord", Ok(gdelt(&[&a, &b, &a])));
    let url = engine.open().await;
    let here = folder(&watch_list(&feed("search", &url, "")));
    onrecord(here.path(), &["check"]).exits(0);
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(engine.take_asked(), ["\"tide accord\""]);
    let (own, host) = ("The Vell Herald".to_owned(), "127.0.0.1".to_owned());
    let both = [(a, own), (format!("{}/b", site.origin), host)];
    assert_eq!(kept(here.path()), both);
    let ran = onrecord(here.path(), &["check", "--online"]).exits(0);
    assert!(ran.out.contains("ok"), "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_too_long_for_one_request_takes_several_and_one_that_fails_is_listed_until_it_works()
 {
    let (site, engine) = (Pressroom::open().await, Engine::default());
    site.put("/a", &article("We shall see"));
    site.put("/b", &article("We shall not"));
    engine.find("number 0", Ok(gdelt(&[&format!("{}/a", site.origin)])));
    engine.find("number 19", Err(404));
    let url = engine.open().await;
    let phrases: String = (0..20).map(|at| format!(", \"tide treaty number {at}\"")).collect();
    let list = watch_list(&feed("search", &url, ""))
        .replace("any = [\"tide accord\"", &format!("any = [\"tide accord\"{phrases}"));
    let here = folder(&list);
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert!(ran.out.contains("answered 404"), "{}", ran.out);
    let asked = engine.take_asked();
    assert!(asked.len() > 2, "{asked:?}");
    for at in 0..20 {
        let phrase = format!("\"tide treaty number {at}\"");
        assert_eq!(asked.iter().filter(|query| query.contains(&phrase)).count(), 1, "{phrase}");
    }
    assert_eq!(kept(here.path()).len(), 1);
    let unread = missing(here.path());
    let (request, visit) = unread.first_key_value().unwrap();
    assert!(request.contains("number+19"), "{request}");
    assert_eq!((&visit["outcome"], unread.len()), (&json!("failed"), 1));
    engine.find("number 19", Ok(gdelt(&[&format!("{}/b", site.origin)])));
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!((kept(here.path()).len(), missing(here.path()).len()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_engine_that_refuses_a_query_in_words_is_quoted() {
    let engine = Engine::default();
    let refusal = "Please limit requests to one every 5 seconds or contact us.\n";
    engine.find("accord", Ok(refusal.to_owned()));
    let url = engine.open().await;
    let here = folder(&watch_list(&feed("search", &url, "")));
    let ran = onrecord(here.path(), &["crawl"]).exits(1);
    let said = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("Please limit requests to one every 5 seconds"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_gives_the_links_that_fit_its_selector() {
    let site = Pressroom::open().await;
    let front = "<html><body><a href='/about-us-and-our-long-history'>About us and more</a>\
                 <div class='river'><h2><a href='/a'>Talks</a></h2></div></body></html>";
    site.put("/", front);
    site.put("/a", &article("We shall see"));
    let listing = |links: &str| {
        let more = format!("kind = \"listing\"\nlinks = \"{links}\"");
        watch_list(&feed("front", &format!("{}/", site.origin), &more))
    };
    let here = folder(&listing(".river h2 > a"));
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(kept(here.path()).len(), 1);
    assert_eq!(site.asked("/about-us-and-our-long-history"), 0);
    // Another selector is asked without the validator that would hide what it finds.
    write(here.path(), &listing(".stream a"));
    let ran = onrecord(here.path(), &["crawl", "--all"]).exits(1);
    assert!(ran.out.contains("no link that fits"), "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_without_selector_gives_the_links_that_look_like_articles() {
    let site = Pressroom::open().await;
    let front = "<html><body><nav><a href='/2026/03/01/all-of-last-week'>All of last week</a></nav>\
                 <a href='/about-us-and-our-long-history'>About us</a><h2>\
                 <a href='/2026/03/02/delegates-argue?utm_source=front'>Delegates argue at length</a>\
                 </h2><a href='https://elsewhere.example/2026/03/02/guests'>What a guest wrote</a>";
    let links: String = (0..1_000)
        .map(|at| format!("<a href='/2026/03/02/tides-{at}'>Tide tables of port {at}</a>"))
        .collect();
    site.put("/", &format!("{front}{links}"));
    site.put("/2026/03/02/delegates-argue", &article("We shall see"));
    let url = format!("{}/", site.origin);
    let here = folder(&watch_list(&feed("front", &url, "kind = \"listing\"")));
    onrecord(here.path(), &["crawl"]).exits(0);
    let article = format!("{}/2026/03/02/delegates-argue", site.origin);
    assert_eq!(kept(here.path()), [(article, "Outlet of front".to_owned())]);
    assert_eq!(site.asked("/2026/03/01/all-of-last-week"), 0);
    // 999 headlines that the topic excludes, and the one beyond.
    let listed = missing(here.path());
    assert_eq!(listed[&url]["reason"], "links beyond the first 1000 are not taken");
    assert_eq!(listed.len(), 1_000);
}

fn news(path: &str, language: &str, day: &str) -> String {
    format!(
        "<url><loc>{path}</loc><news:news><news:publication><news:name>V</news:name>\
         <news:language>{language}</news:language></news:publication>\
         <news:publication_date>{day}</news:publication_date><news:title>Talks</news:title>\
         </news:news></url>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_news_sitemap_is_filtered_by_language_and_age_before_anything_is_fetched() {
    let site = Pressroom::open().await;
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let urls = [
        news("/en", "en", &today),
        news("/gb", "en-GB", &today),
        news("/de", "deu", &today),
        news("/old", "en", "2019-05-05"),
        "<url><loc>/silent</loc></url>".to_owned(),
    ];
    site.put("/news.xml", &format!("<urlset>{}</urlset>", urls.concat()));
    for path in ["/en", "/gb", "/de", "/old", "/silent"] {
        site.put(path, &article(path));
    }
    let list = |more: &str| {
        let url = format!("{}/news.xml", site.origin);
        watch_list(&feed("news", &url, &format!("kind = \"sitemap\"\n{more}")))
    };
    let here = folder(&list("languages = [\"en\"]\nmax_age = \"30d\""));
    for _ in 0..2 {
        onrecord(here.path(), &["crawl", "--all"]).exits(0);
        let asked = ["/en", "/gb", "/de", "/old", "/silent"].map(|path| site.asked(path));
        assert_eq!(asked, [1, 1, 0, 0, 1]);
        let unasked = missing(here.path());
        let reason = |path: &str| {
            let visit = &unasked[&format!("{}{path}", site.origin)];
            assert_eq!(visit["outcome"], "skipped");
            visit["reason"].as_str().unwrap().to_owned()
        };
        assert!(reason("/de").contains("in de"), "{}", reason("/de"));
        assert!(reason("/old").contains("2019-05-05"), "{}", reason("/old"));
        assert_eq!(unasked.len(), 2);
    }
    assert_eq!(counts(here.path(), "news")["entries"], 0, "the second time: not modified");
    // A wider filter reaches what was passed over, though the sitemap did not change.
    write(here.path(), &list("languages = [\"en\", \"de\"]"));
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!((site.asked("/de"), site.asked("/old"), site.asked("/en")), (1, 1, 1));
    assert!(missing(here.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn sitemaps_below_an_index_that_fail_are_listed_until_they_can_be_read() {
    let site = Pressroom::open().await;
    let index = |names: &[&str]| {
        let children: String = names
            .iter()
            .map(|name| {
                format!("<sitemap><loc>{name}</loc><lastmod>2026-03-02</lastmod></sitemap>")
            })
            .collect();
        format!("<sitemapindex>{children}</sitemapindex>")
    };
    let set = |page: &str| format!("<urlset><url><loc>{page}</loc></url></urlset>");
    site.put("/index.xml", &index(&["/good.xml", "/inner.xml", "/bad.xml", "/index.xml"]));
    site.put("/inner.xml", &index(&["/deep.xml"]));
    site.put("/good.xml", &set("/a"));
    site.put("/deep.xml", &set("/b"));
    for path in ["/a", "/b", "/c"] {
        site.put(path, &article(path));
    }
    let url = format!("{}/index.xml", site.origin);
    let here = folder(&watch_list(&feed("map", &url, "kind = \"sitemap\"")));
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert!(ran.out.contains("/bad.xml answered 404"), "{}", ran.out);
    assert_eq!(kept(here.path()).len(), 2, "an index within an index is followed");
    let unread = missing(here.path());
    assert_eq!(unread[&format!("{}/bad.xml", site.origin)]["outcome"], "failed");
    assert_eq!((unread.len(), site.asked("/index.xml")), (1, 1));
    site.put("/bad.xml", &set("/c"));
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!((kept(here.path()).len(), missing(here.path()).len()), (3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn sitemaps_stand_below_three_indexes_at_most() {
    let site = Pressroom::open().await;
    for depth in 0..5 {
        let below = format!("<sitemap><loc>/{}.xml</loc></sitemap>", depth + 1);
        site.put(&format!("/{depth}.xml"), &format!("<sitemapindex>{below}</sitemapindex>"));
    }
    let url = format!("{}/0.xml", site.origin);
    let here = folder(&watch_list(&feed("map", &url, "kind = \"sitemap\"")));
    onrecord(here.path(), &["crawl"]).exits(0);
    let asked = [0, 1, 2, 3, 4, 5].map(|depth| site.asked(&format!("/{depth}.xml")));
    assert_eq!(asked, [1, 1, 1, 1, 0, 0]);
    let listed = missing(here.path());
    let fourth = &listed[&format!("{}/4.xml", site.origin)];
    assert_eq!((&fourth["reason"], listed.len()), (&json!("it stands below 3 indexes"), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_sitemaps_of_an_index_list_together_and_how_many_they_are_has_bounds() {
    let site = Pressroom::open().await;
    let index = |all: &mut dyn Iterator<Item = usize>| {
        let children = all.map(|nth| format!("<sitemap><loc>/{nth}.xml</loc></sitemap>"));
        format!("<sitemapindex>{}</sitemapindex>", children.collect::<String>())
    };
    let full = "<url><loc>/a</loc></url>".repeat(50_000);
    site.put("/index.xml", &index(&mut (0..3)));
    for nth in 0..3 {
        site.put(&format!("/{nth}.xml"), &format!("<urlset>{full}</urlset>"));
    }
    let listed = |name: &str| {
        let url = format!("{}/{name}.xml", site.origin);
        let here = folder(&watch_list(&feed("map", &url, "kind = \"sitemap\"")));
        onrecord(here.path(), &["crawl"]).exits(0);
        missing(here.path())
    };
    let left = listed("index");
    let asked = [0, 1, 2].map(|nth| site.asked(&format!("/{nth}.xml")));
    assert_eq!(asked.iter().sum::<usize>(), 2, "{asked:?}");
    let reasons: Vec<&str> = left.values().map(|it| it["reason"].as_str().unwrap()).collect();
    assert!(reasons.contains(&"left for the next run: so much is listed before it"), "{reasons:?}");

    site.put("/wide.xml", &index(&mut (10..50_010)));
    site.put("/10.xml", "<urlset><url><loc>/a</loc></url></urlset>");
    let left = listed("wide");
    let reason = &left[&format!("{}/wide.xml", site.origin)]["reason"];
    assert_eq!(reason, "1 of its sitemaps are not looked at");
    let asked = (10..50_010).filter(|nth| site.asked(&format!("/{nth}.xml")) > 0).count();
    assert_eq!(asked, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn sitemaps_without_dates_are_all_read_in_turn_and_those_at_both_ends_of_the_index_again() {
    const ALL: usize = 50;
    let site = Pressroom::open().await;
    let path = |nth: usize| format!("/{nth}.xml");
    let children = (0..ALL).map(|nth| format!("<sitemap><loc>{}</loc></sitemap>", path(nth)));
    let index = format!("<sitemapindex>{}</sitemapindex>", children.collect::<String>());
    site.put("/index.xml", &index);
    for nth in 0..ALL {
        let none_of_ours = news(&format!("/story/{nth}"), "de", "2026-03-02");
        site.put(&path(nth), &format!("<urlset>{none_of_ours}</urlset>"));
    }
    let url = format!("{}/index.xml", site.origin);
    let here = folder(&watch_list(&feed("map", &url, "kind = \"sitemap\"\nlanguages = [\"en\"]")));
    let crawl = || {
        onrecord(here.path(), &["crawl", "--all"]).exits(0);
        (0..ALL).map(|nth| site.asked(&path(nth))).collect::<Vec<_>>()
    };
    let first = crawl();
    assert_eq!((first[..10].to_vec(), first[40..].to_vec()), (vec![1; 10], vec![1; 10]));
    assert_eq!(first.iter().sum::<usize>(), 20, "so many a run");
    crawl();
    let third = crawl();
    assert!(third.iter().all(|times| *times > 0), "{third:?}");
    let fourth = crawl();
    assert_eq!((fourth[0], fourth[ALL - 1], fourth[ALL / 2]), (3, 3, 1), "{fourth:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sitemap_below_an_index_is_asked_with_its_own_validator_and_what_was_noted_of_it_stays() {
    let site = Pressroom::open().await;
    let child = |name: &str, more: &str| format!("<sitemap><loc>{name}</loc>{more}</sitemap>");
    let dated = child("/dated.xml", "<lastmod>2020-01-01</lastmod>");
    let set = |urls: &[String]| format!("<urlset>{}</urlset>", urls.concat());
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let children = child("/steady.xml", "") + &child("/moving.xml", "") + &dated;
    site.put("/index.xml", &format!("<sitemapindex>{children}</sitemapindex>"));
    site.put("/steady.xml", &set(&[news("/a", "en", &today), news("/de", "de", &today)]));
    site.put("/moving.xml", &set(&[news("/b", "en", &today)]));
    site.put("/dated.xml", &set(&[news("/fr", "fr", &today)]));
    for path in ["/a", "/b", "/c", "/d"] {
        site.put(path, &article(path));
    }
    let url = format!("{}/index.xml", site.origin);
    let list = |languages: &str| {
        let more = format!("kind = \"sitemap\"\nlanguages = [{languages}]");
        watch_list(&feed("map", &url, &more))
    };
    let here = folder(&list("\"en\""));
    let at = |path: &str| format!("{}{path}", site.origin);
    let crawl = || onrecord(here.path(), &["crawl", "--all"]).exits(0);
    let asked = |path: &str| (site.asked(path), site.asked_with_validator(path));

    crawl();
    let noted = missing(here.path());
    assert_eq!(noted.keys().collect::<Vec<_>>(), [&at("/de"), &at("/fr")]);
    crawl();
    assert_eq!([asked("/steady.xml"), asked("/moving.xml")], [(2, 1), (2, 1)]);
    assert_eq!(asked("/dated.xml"), (1, 0), "the index says that it did not change");
    assert_eq!((missing(here.path()), site.asked("/a")), (noted.clone(), 1));

    // What changed is read, and read in full until its last page has answered.
    site.put("/moving.xml", &set(&[news("/b", "en", &today), news("/c", "en", &today)]));
    site.fail("/c", 500, &[]);
    crawl();
    assert_eq!(missing(here.path())[&at("/c")]["transient"], true);
    site.put("/c", &article("/c"));
    crawl();
    assert_eq!((missing(here.path()), kept(here.path()).len()), (noted.clone(), 3));
    crawl();
    assert_eq!([asked("/steady.xml"), asked("/moving.xml")], [(5, 4), (5, 3)]);

    // So is one that failed, and what was noted of it stays meanwhile.
    site.fail("/steady.xml", 404, &[]);
    crawl();
    let failed = missing(here.path());
    assert_eq!((&failed[&at("/steady.xml")]["outcome"], failed.len()), (&json!("failed"), 3));
    assert_eq!(failed[&at("/de")], noted[&at("/de")]);
    site.put("/steady.xml", &set(&[news("/a", "en", &today), news("/d", "en", &today)]));
    crawl();
    assert_eq!(missing(here.path()).keys().collect::<Vec<_>>(), [&at("/fr")]);
    assert_eq!((kept(here.path()).len(), site.asked_with_validator("/steady.xml")), (4, 5));

    // Another choice of entries reads all of them, and what an index names no more is forgotten.
    write(here.path(), &list("\"en\", \"fr\""));
    site.put("/fr", &article("/fr"));
    crawl();
    assert_eq!((missing(here.path()).len(), kept(here.path()).len()), (0, 5));
    assert_eq!(asked("/dated.xml"), (2, 0));
    write(here.path(), &list("\"en\""));
    site.put("/dated.xml", &set(&[news("/it", "it", &today)]));
    crawl();
    assert_eq!(missing(here.path()).keys().collect::<Vec<_>>(), [&at("/it")]);
    site.put(
        "/index.xml",
        "<sitemapindex><sitemap><loc>/moving.xml</loc></sitemap></sitemapindex>",
    );
    crawl();
    assert!(missing(here.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_lead_to_no_web_page_are_counted_where_their_feed_is_listed() {
    let site = Pressroom::open().await;
    site.put("/feed", &rss(&["/a", "ftp://tides.example/b", "javascript:alert(1)"]));
    site.put("/a", &article("We shall see"));
    let url = format!("{}/feed", site.origin);
    let here = folder(&watch_list(&feed("ridge", &url, "")));
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(kept(here.path()).len(), 1);
    let listed = missing(here.path());
    let reason = listed[&url]["reason"].as_str().unwrap();
    assert_eq!((reason, listed.len()), ("2 of its entries have no link to a web page", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sitemap_lists_without_an_address_or_from_before_a_date_is_counted_where_it_is_listed()
 {
    let site = Pressroom::open().await;
    let entry = |address: &str, day: &str| {
        format!("<url><loc>{address}</loc><lastmod>{day}</lastmod></url>")
    };
    let set = [
        entry("/a", "2026-03-02"),
        entry("/b", "2019-03-02"),
        entry("/c", "2018-03-02"),
        entry("ftp://tides.example/d", "2026-03-02"),
    ];
    site.put("/map.xml", &format!("<urlset>{}</urlset>", set.concat()));
    for path in ["/a", "/b", "/c"] {
        site.put(path, &article(path));
    }
    let url = format!("{}/map.xml", site.origin);
    let here = folder(&watch_list(&feed("map", &url, "kind = \"sitemap\"")));
    onrecord(here.path(), &["crawl", "--since", "2026-01-01"]).exits(0);
    assert_eq!(["/a", "/b", "/c"].map(|path| site.asked(path)), [1, 0, 0]);
    let reason = || missing(here.path())[&url]["reason"].as_str().unwrap().to_owned();
    let astray = "1 of what it lists are no web addresses";
    let older = "2 of its entries are from before 2026-01-01";
    assert!(reason().starts_with(&format!("{astray}; {older}")), "{}", reason());
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!(["/a", "/b", "/c"].map(|path| site.asked(path)), [1, 1, 1]);
    assert_eq!(reason(), astray);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_beyond_what_a_run_takes_are_listed_and_asked_by_the_next() {
    let site = Pressroom::open().await;
    // Headlines that the topic excludes: such a page needs no request, but its place.
    let items: String = (0..253)
        .map(|at| format!("<item><title>Tide tables {at}</title><link>/{at}</link></item>"))
        .collect();
    site.put("/feed", &format!("<rss version='2.0'><channel>{items}</channel></rss>"));
    let here = folder(&watch_list(&feed("ridge", &format!("{}/feed", site.origin), "")));
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert!(ran.out.contains("3 more pages wait for the next run"), "{}", ran.out);
    let listed = missing(here.path());
    let left = |all: &BTreeMap<String, Value>| {
        all.values().filter(|it| it["reason"].as_str().unwrap().contains("next run")).count()
    };
    assert_eq!((listed.len(), left(&listed)), (253, 3));
    let last = &listed[&format!("{}/252", site.origin)];
    assert_eq!((&last["outcome"], &last["transient"]), (&json!("skipped"), &json!(true)));
    assert_eq!(last["feed"], "ridge");
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    let listed = missing(here.path());
    assert_eq!((listed.len(), left(&listed)), (253, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_under_many_addresses_is_fetched_once_and_known_once() {
    let site = Pressroom::open().await;
    let secure = site.origin.replace("http://", "https://");
    let bing = format!(
        "http://www.bing.com/news/apiclick.aspx?ref=FexRss&amp;url={}%2fa&amp;c=7",
        site.origin.replace(':', "%3a").replace('/', "%2f")
    );
    site.put("/a", &article("We shall see"));
    site.put("/amp/a", &article("We shall see, on a small screen"));
    site.put("/one", &rss(&["/amp/a", "/a?utm_source=rss", "/a#top"]));
    site.put("/two", &rss(&[&bing, "/a?amp=1", "/a?fbclid=9"]));
    let feeds = |first: &str| {
        feed("one", &format!("{}/one", site.origin), "")
            + &feed("two", &format!("{}/two", site.origin), "")
            + first
    };
    let here = folder(&watch_list(&feeds("")));
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!((site.asked("/a"), site.asked("/amp/a")), (1, 0));
    // Whichever feed was read first named it.
    let known = kept(here.path());
    let [(url, outlet)] = &known[..] else { panic!("{known:?}") };
    assert_eq!(*url, format!("{}/a", site.origin));
    assert!(["Outlet of one", "Outlet of two"].contains(&outlet.as_str()), "{outlet}");
    // Over https it is the same article: the port that speaks no TLS is not asked again.
    site.put("/three", &rss(&[&format!("{secure}/a"), &format!("{secure}/amp/a")]));
    let third = feed("three", &format!("{}/three", site.origin), "");
    write(here.path(), &watch_list(&feeds(&third)));
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!((site.asked("/a"), site.asked("/amp/a")), (1, 0));
    assert_eq!(counts(here.path(), "three")["unchanged"], 2);
    assert_eq!((kept(here.path()), missing(here.path()).len()), (known, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_only_sends_on_leads_to_the_article_within_the_bounds_of_any_redirect() {
    let site = Pressroom::open().await;
    let sends = |to: &str| {
        format!(
            "<html><head><title>Quay Finder</title><meta http-equiv=\"refresh\" \
             content=\"0;url='{to}'\"></head><body>You are being taken to the article.</body></html>"
        )
    };
    site.put("/a", &article("We shall see"));
    site.put("/go", &sends("/on"));
    site.put("/on", &sends("/a"));
    site.put("/round", &sends("/round/again"));
    site.put("/round/again", &sends("/round"));
    site.put("/secrets", &sends("http://169.254.169.254/latest"));
    site.put("/file", &sends("file:///etc/passwd"));
    site.put("/one", &rss(&["/go", "/round", "/secrets", "/file"]));
    let here = folder(&watch_list(&feed("one", &format!("{}/one", site.origin), "")));
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(kept(here.path()), [(format!("{}/a", site.origin), "Outlet of one".to_owned())]);
    let listed = missing(here.path());
    for (path, reason) in [
        ("/round", "redirects more than 5 times"),
        ("/secrets", "169.254.169.254"),
        ("/file", "only http and https"),
    ] {
        let said = listed[&format!("{}{path}", site.origin)]["reason"].as_str().unwrap();
        assert!(said.contains(reason), "{path}: {said}");
    }
    assert_eq!(listed.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_whose_best_address_fails_is_fetched_from_another() {
    let site = Pressroom::open().await;
    let secure = site.origin.replace("http://", "https://");
    site.put("/a", &article("We shall see"));
    site.put("/feed", &rss(&["/a", &format!("{secure}/a")]));
    let here = folder(&watch_list(&feed("ridge", &format!("{}/feed", site.origin), "")));
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(kept(here.path()).len(), 1);
    assert_eq!(site.asked("/a"), 1);
    let failed = missing(here.path());
    assert!(failed.contains_key(&format!("{secure}/a")), "{failed:#?}");
    // Once it is kept, the address that fails is not tried again and again.
    site.put("/feed", &rss(&[&format!("{secure}/a"), "/a"]));
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!(counts(here.path(), "ridge")["unchanged"], 2);
    assert_eq!(missing(here.path()), failed);
}

#[test]
fn an_article_that_moves_to_https_stays_the_article_it_was_and_its_views_are_no_versions() {
    let here = folder(&watch_list(&feed("vell", "https://vell.example/feed", "")));
    let addresses =
        ["http://vell.example/a", "https://www.vell.example/a", "https://m.vell.example/a?amp=1"];
    for (number, address) in (1..).zip(addresses) {
        let canonical = format!("<head><link rel=canonical href='{address}'>");
        let page = article(&format!("Take {number}")).replace("<head>", &canonical);
        let path = here.path().join(format!("{number}.html"));
        fs::write(&path, page).unwrap();
        let day = Duration::from_secs(86_400);
        let saved = SystemTime::UNIX_EPOCH + day * (20_000 + number);
        fs::File::options().write(true).open(&path).unwrap().set_modified(saved).unwrap();
        onrecord(here.path(), &["import", path.to_str().unwrap()]).exits(0);
    }
    let known = (addresses[0].to_owned(), "Outlet of vell".to_owned());
    assert_eq!(kept(here.path()), [known.clone(), known]);
    let all = quotes(here.path(), &["export", "--format", "json"]).exits(0).json();
    let states = |quote: &Value| (quote["article"]["version"].clone(), quote["text"].clone());
    let states: Vec<(Value, Value)> = all.as_array().unwrap().iter().map(states).collect();
    let version = |number: u8| (json!(number), json!(format!("Take {number},")));
    assert_eq!(states, [version(2), version(1)], "the small screen's page is no version");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_left_when_a_run_ended_is_listed_until_it_is_asked() {
    let site = Pressroom::open().await;
    let links: Vec<String> = (0..6).map(|at| format!("/{at}")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    for link in &links {
        site.put(link, &article(link));
    }
    site.put("/feed", &rss(&links));
    site.hold("/0");
    let here = folder(&watch_list(&feed("ridge", &format!("{}/feed", site.origin), "")));
    let log = here.path().join("crawl.log");
    let mut crawl = Command::new(env!("CARGO_BIN_EXE_onrecord"))
        .arg("crawl")
        .current_dir(here.path())
        .env_remove("RUST_LOG")
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    wait_until(|| site.asked("/0") == 1).await;
    let interrupt = ["-INT", &crawl.id().to_string()];
    assert!(Command::new("kill").args(interrupt).status().unwrap().success());
    wait_until(|| fs::read_to_string(&log).unwrap().contains("finishing the pages in hand")).await;
    site.let_go("/0");
    crawl.wait().unwrap();
    let left = missing(here.path());
    assert_eq!(left.len(), 5, "{left:#?}");
    assert!(left.values().all(|it| it["reason"].as_str().unwrap().contains("was ended")));
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!((kept(here.path()).len(), missing(here.path()).len()), (6, 0));
}
