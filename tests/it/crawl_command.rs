//! `onrecord crawl` against real servers: the demo's news site, and servers that misbehave.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use axum::Router;
use axum::extract::Path as AxumPath;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Html;
use axum::routing::get;
use onrecord::demo::Site;
use onrecord::pipeline::DataLock;
use serde_json::Value;
use tempfile::TempDir;

use crate::pressroom::{self, Pressroom};
use crate::programs::{onrecord, quotes};
use crate::watch;

/// The demo's site, and a folder with its watch list.
async fn site() -> (Site, TempDir) {
    let site = Site::start().await.unwrap();
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("feeds.toml"), site.feeds_toml()).unwrap();
    (site, here)
}

/// Every quote of the collection as exported, sorted by id.
fn export(here: &Path) -> Vec<Value> {
    let ran = quotes(here, &["export", "--format", "json"]).exits(0);
    let mut all = ran.json().as_array().unwrap().clone();
    all.sort_by_key(|quote| quote["id"].as_str().unwrap().to_owned());
    all
}

/// Requests for anything but feeds, sitemaps, robots.txt and tdmrep.json.
fn page_requests(site: &Site) -> u64 {
    let of_feeds = ["robots.txt", "tdmrep.json", "world.rss", "atom.xml", "sitemap-news.xml"];
    site.requests()
        .iter()
        .filter(|(path, _)| !of_feeds.iter().any(|end| path.ends_with(end)))
        .map(|(_, requests)| requests.total)
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_keeps_articles_and_quotes_that_search_finds() {
    let (_site, here) = site().await;
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert!(ran.out.contains("courier"), "{}", ran.out);
    let all = export(here.path());
    assert!(all.len() >= 90, "{} quotes", all.len());
    let found = quotes(here.path(), &["search", "locksmith", "--format", "json"]).exits(0);
    let first = &found.json()[0];
    assert_eq!(first["speaker"]["name"], "Renske van der Hout");
    assert_eq!(first["article"]["outlet"], "The Lindhaven Courier");
    assert_eq!(first["article"]["topics"][0], "data-salvage-treaty");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_exported_span_is_the_text_of_a_stored_page() {
    let (_site, here) = site().await;
    onrecord(here.path(), &["crawl"]).exits(0);
    let store = onrecord::store::Store::open_existing(&here.path().join("index")).unwrap();
    let mut spans = 0;
    for quote in export(here.path()) {
        let article = quote["article"]["id"].as_str().unwrap();
        let versions = store.versions(article).unwrap();
        let text: Vec<char> = versions[0].article.text.chars().collect();
        let lists = ["content", "verbatim"].iter().flat_map(|key| quote[key].as_array().unwrap());
        for span in lists {
            let at = |key: &str| usize::try_from(span[key].as_u64().unwrap()).unwrap();
            let words: String = text[at("start")..at("end")].iter().collect();
            assert_eq!(span["text"], words.as_str());
            spans += 1;
        }
        let snapshot = serde_json::from_value(quote["article"]["snapshot"].clone()).unwrap();
        let page = onrecord::archive::read(&here.path().join("index"), &snapshot).unwrap();
        assert!(page.starts_with(b"HTTP/1.1 200"));
    }
    assert!(spans > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_crawl_of_an_unchanged_site_fetches_no_page_and_adds_nothing() {
    let (site, here) = site().await;
    onrecord(here.path(), &["crawl"]).exits(0);
    let (before, pages) = (export(here.path()), page_requests(&site));
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert!(ran.out.contains("no feed is due"), "{}", ran.out);
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!(page_requests(&site), pages);
    same(&export(here.path()), &before);
    let feeds = site.requests();
    for feed in ["courier/feeds/world.rss", "meridian/atom.xml", "gazette/sitemap-news.xml"] {
        let asked = &feeds[feed];
        assert_eq!((asked.total, asked.not_modified), (2, 1), "{feed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_edition_brings_revisions_with_the_notice_that_explains_them() {
    let (site, here) = site().await;
    onrecord(here.path(), &["crawl"]).exits(0);
    site.publish_second_edition();
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    let revised = quotes(here.path(), &["search", "--revised", "--format", "json"]).exits(0).json();
    let revised = revised.as_array().unwrap();
    let reworded = revised
        .iter()
        .find(|quote| quote["speaker"]["name"].as_str().unwrap_or("").contains("Olusoga-Hythe"))
        .unwrap_or_else(|| panic!("{revised:#?}"));
    let shown = quotes(here.path(), &["show", reworded["id"].as_str().unwrap()]).exits(0);
    assert!(shown.out.to_lowercase().contains("correction"), "{}", shown.out);
    let added = quotes(here.path(), &["search", "--speaker", "Diakite", "--format", "json"]);
    assert!(!added.exits(0).json().as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_kept_is_listed_with_its_reason() {
    let (_site, here) = site().await;
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert!(ran.out.contains("robots.txt") && ran.out.contains("404"), "{}", ran.out);
    let missing = onrecord(here.path(), &["status", "--skipped", "--format", "json"]).exits(0);
    let missing = missing.json();
    let outcome = |part: &str| {
        let all = missing.as_array().unwrap();
        let visit = all.iter().find(|visit| visit["url"].as_str().unwrap().contains(part));
        visit.unwrap_or_else(|| panic!("{part}: {missing:#}"))["outcome"].clone()
    };
    assert_eq!(outcome("/subscribers/"), "skipped");
    assert_eq!(outcome("ministers-to-meet-again"), "failed");
    assert_eq!(outcome("raised-ferry-returns"), "off_topic");
    assert_eq!(missing.as_array().unwrap().len(), 3, "{missing:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_reached_by_a_redirect_and_by_its_own_address_is_known_once() {
    let (_site, here) = site().await;
    onrecord(here.path(), &["crawl"]).exits(0);
    let mut urls: Vec<String> = export(here.path())
        .iter()
        .map(|quote| quote["article"]["url"].as_str().unwrap().to_owned())
        .collect();
    urls.sort();
    urls.dedup();
    assert_eq!(urls.len(), 15, "{urls:#?}");
    assert_eq!(urls.iter().filter(|url| url.contains("the-skipper")).count(), 1);
    assert!(urls.iter().all(|url| !url.contains("utm_") && !url.contains("/amp/")), "{urls:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_or_damaged_index_is_built_again_and_finds_the_same() {
    let (_site, here) = site().await;
    onrecord(here.path(), &["crawl"]).exits(0);
    let before = export(here.path());
    let index = here.path().join("index/tantivy");

    fs::write(index.join("meta.json"), "not json").unwrap();
    let ran = quotes(here.path(), &["search", "treaty"]).exits(2);
    assert!(ran.err.contains("onrecord reindex"), "{}", ran.err);
    onrecord(here.path(), &["reindex"]).exits(0);
    same(&export(here.path()), &before);

    fs::remove_dir_all(&index).unwrap();
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    same(&export(here.path()), &before);

    onrecord(here.path(), &["reindex", "--extract"]).exits(0);
    same(&export(here.path()), &before);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failing_feed_is_a_row_and_the_others_go_on() {
    let (site, here) = site().await;
    let broken = serve(&[
        ("/feed", "application/rss+xml", b"<rss><channel><item>".to_vec()),
        ("/page", "text/html", b"<html><body><p>No feed here.</p></body></html>".to_vec()),
    ])
    .await;
    let closed = "http://127.0.0.1:9".to_owned();
    let mut text = site.feeds_toml();
    for (id, url) in [
        ("broken", format!("{broken}/feed")),
        ("page", format!("{broken}/page")),
        ("gone", format!("{broken}/nothing")),
        ("closed", format!("{closed}/feed")),
    ] {
        text.push_str(&format!("\n[[feed]]\nid = \"{id}\"\noutlet = \"X\"\nurl = \"{url}\"\n"));
    }
    fs::write(here.path().join("feeds.toml"), text).unwrap();
    let ran = onrecord(here.path(), &["crawl"]).exits(1);
    for id in ["broken", "page", "gone", "closed"] {
        assert!(ran.out.contains(&format!("feed {id} failed: ")), "{id}: {}", ran.out);
    }
    assert!(export(here.path()).len() >= 90);
    let read = onrecord(here.path(), &["status"]).exits(0).out;
    let gone = format!("feed gone failed the last time: {broken}/nothing answered 404: nothing");
    assert!(flowing(&read).contains(&gone), "{read}");
    let status = onrecord(here.path(), &["status", "--format", "json"]).exits(0).json();
    let of =
        |id: &str| status.as_array().unwrap().iter().find(|feed| feed["id"] == id).unwrap().clone();
    assert!(of("gone")["last_error"].as_str().unwrap().contains("404"));
    assert!(of("courier")["last_error"].is_null());
    assert!(of("courier")["quotes"].as_u64().unwrap() > 10);
}

/// Output without the line breaks that its width asks for.
fn flowing(out: &str) -> String {
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A server on loopback that answers each path with a media type and bytes; its address.
async fn serve(pages: &[(&'static str, &'static str, Vec<u8>)]) -> String {
    let mut router = Router::new();
    for (path, media_type, body) in pages.iter().cloned() {
        router =
            router.route(path, get(move || async move { ([(CONTENT_TYPE, media_type)], body) }));
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

/// Bytes as a compressed file has them, by a linear congruential generator, with quotation marks and
/// the topic in between.
fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let mut piece = || {
        let random: Vec<u8> = (0..100).map(|_| byte()).collect();
        [random, b"\"the tide accord\" said ".to_vec()].concat()
    };
    (0..40).flat_map(|_| piece()).collect()
}

/// A page on the tide accord in which somebody says `words`.
fn article(words: &str) -> String {
    let filler = "The delegates met in the harbour hall and spoke of the tide accord for hours. ";
    format!(
        "<html><head><title>The tide accord</title></head><body><article><h1>The tide accord</h1>\
         <p>{filler}{filler}</p><p>“{words},” said Mira Kolb, harbour master of Vell. {filler}</p>\
         <p>{filler}{filler}{filler}</p></article></body></html>"
    )
}

/// A watch list with one feed at `path` of `origin`, for pages on the tide accord.
fn watch_list(origin: &str, path: &str, kind: &str) -> String {
    format!(
        "[crawler]\ncontact = \"desk@ridge-courier.net\"\nper_host_delay = \"0s\"\n\
         allow_private_addresses = true\n\n[[topic]]\nid = \"tides\"\ntitle = \"Tides\"\n\
         any = [\"tide accord\"]\n\n[[feed]]\nid = \"ridge\"\noutlet = \"Ridge Courier\"\n\
         kind = \"{kind}\"\nurl = \"{origin}{path}\"\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sitemap_of_sitemaps_gives_what_its_readable_children_list() {
    let named = |urls: &[&str], kind: &str, root: &str| {
        let items: String =
            urls.iter().map(|url| format!("<{kind}><loc>{url}</loc></{kind}>")).collect();
        let namespace = "http://www.sitemaps.org/schemas/sitemap/0.9";
        format!("<{root} xmlns=\"{namespace}\">{items}</{root}>").into_bytes()
    };
    let both = named(&["/a.xml", "/gone.xml"], "sitemap", "sitemapindex");
    let none = named(&["/gone.xml", "/gone2.xml"], "sitemap", "sitemapindex");
    let origin = serve(&[
        ("/both.xml", "application/xml", both),
        ("/none.xml", "application/xml", none),
        ("/a.xml", "application/xml", named(&["/good"], "url", "urlset")),
        ("/good", "text/html", article("We shall see").into_bytes()),
    ])
    .await;
    let here = tempfile::tempdir().unwrap();
    let list = here.path().join("feeds.toml");
    fs::write(&list, watch_list(&origin, "/both.xml", "sitemap")).unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(export(here.path()).len(), 1);
    fs::write(&list, watch_list(&origin, "/none.xml", "sitemap")).unwrap();
    let ran = onrecord(here.path(), &["crawl", "--all"]).exits(1);
    assert!(ran.out.contains("feed ridge failed: ") && ran.out.contains("404"), "{}", ran.out);
}

/// A sitemap of one sitemap, with the child's `lastmod` if there is one. Both say "not modified" to
/// whoever has seen them; the first `failing` requests for its page fail.
async fn sitemap_of_one(lastmod: &str, failing: usize) -> (String, Arc<AtomicUsize>) {
    let pages = Arc::new(AtomicUsize::new(1));
    let failures = Arc::new(AtomicUsize::new(failing));
    let index =
        format!("<sitemapindex><sitemap><loc>/child.xml</loc>{lastmod}</sitemap></sitemapindex>");
    let listed = Arc::clone(&pages);
    let child = move || {
        let locs: String = (0..listed.load(Relaxed))
            .map(|page| format!("<url><loc>/page/{page}</loc></url>"))
            .collect();
        async move { format!("<urlset>{locs}</urlset>") }
    };
    let page = move |AxumPath(page): AxumPath<usize>| {
        let failed = failures.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        let status = if failed { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        async move { (status, Html(article(&format!("We shall see {page} times")))) }
    };
    let unchanged = move |headers: HeaderMap| async move {
        let status = match headers.contains_key(IF_NONE_MATCH) {
            true => StatusCode::NOT_MODIFIED,
            false => StatusCode::OK,
        };
        (status, [(ETAG, "\"1\"")], index)
    };
    let router = Router::new()
        .route("/index.xml", get(unchanged))
        .route("/child.xml", get(child))
        .route("/page/{page}", get(page));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (format!("http://{address}"), pages)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sitemap_index_that_stays_the_same_does_not_hide_what_its_children_add() {
    let (origin, pages) = sitemap_of_one("", 0).await;
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("feeds.toml"), watch_list(&origin, "/index.xml", "sitemap"))
        .unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(export(here.path()).len(), 1);
    pages.store(2, Relaxed);
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!(export(here.path()).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_failed_for_the_moment_is_asked_again_however_old_its_sitemap_is() {
    let (origin, _) = sitemap_of_one("<lastmod>2020-01-01</lastmod>", 3).await;
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("feeds.toml"), watch_list(&origin, "/index.xml", "sitemap"))
        .unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    let missing = onrecord(here.path(), &["status", "--skipped", "--format", "json"]).exits(0);
    assert_eq!(missing.json()[0]["status"], 503);
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!(export(here.path()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_view_of_a_kept_article_is_no_new_version_of_it() {
    let canonical = "<head><link rel='canonical' href='/a'>";
    let page = article("We shall see").replace("<head>", canonical);
    let view = page.replace("for hours", "for many hours");
    let feed = "<rss version='2.0'><channel><item><link>/a</link></item>\
                <item><link>/amp/a</link></item></channel></rss>";
    let origin = serve(&[
        ("/feed", "application/rss+xml", feed.as_bytes().to_vec()),
        ("/a", "text/html", page.into_bytes()),
        ("/amp/a", "text/html", view.into_bytes()),
    ])
    .await;
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("feeds.toml"), watch_list(&origin, "/feed", "feed")).unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    let kept = export(here.path());
    assert_eq!(kept.len(), 1, "{kept:#?}");
    assert_eq!(kept[0]["article"]["version"], 1);
    assert_eq!(kept[0]["article"]["url"], format!("{origin}/a"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_hold_no_article_are_rows_with_the_reason() {
    let large = [b"<html><body>".to_vec(), vec![b'x'; 50 * 1024 * 1024]].concat();
    let wrong_charset = article("We shall see the f\u{e9}te");
    let (wrong_charset, _, _) = encoding_rs::WINDOWS_1252.encode(&wrong_charset);
    let pages: Vec<(&str, &str, Vec<u8>)> = vec![
        ("/empty", "text/html", Vec::new()),
        ("/binary", "application/pdf", b"%PDF-1.7\0\xff\xfe".to_vec()),
        ("/disguised", "text/html", [&b"\x89PNG\r\n\x1a\n"[..], &[0; 400]].concat()),
        ("/noise", "text/html", noise()),
        ("/large", "text/html", large),
        ("/links", "text/html", b"<html><body><a href=/a>a</a></body></html>".to_vec()),
        ("/charset", "text/html", wrong_charset.into_owned()),
        ("/good", "text/html; charset=utf-8", article("We shall see").into_bytes()),
    ];
    let items: String = pages
        .iter()
        .map(|(path, ..)| format!("<item><title>t</title><link>{path}</link></item>"))
        .collect();
    let feed = format!("<rss version='2.0'><channel>{items}</channel></rss>");
    let mut routes = pages.clone();
    routes.push(("/feed", "application/rss+xml", feed.into_bytes()));
    let origin = serve(&routes).await;
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("feeds.toml"), watch_list(&origin, "/feed", "feed")).unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    let missing = onrecord(here.path(), &["status", "--skipped", "--format", "json"]).exits(0);
    let missing = missing.json();
    let reason = |path: &str| {
        let all = missing.as_array().unwrap();
        let visit = all.iter().find(|visit| visit["url"].as_str().unwrap().ends_with(path));
        visit.unwrap_or_else(|| panic!("{path}: {missing:#}"))["reason"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(reason("/empty").contains("empty"));
    assert!(reason("/binary").contains("application/pdf"));
    assert!(reason("/large").contains("larger than"));
    assert!(reason("/disguised").contains("binary data"));
    assert!(reason("/noise").contains("binary data"));
    assert!(!reason("/links").is_empty());
    let kept = export(here.path());
    let mut words: Vec<&str> = kept.iter().map(|quote| quote["text"].as_str().unwrap()).collect();
    words.sort_unstable();
    assert_eq!(words, ["We shall see the f\u{e9}te,", "We shall see,"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_names_a_page_that_fails_where_it_leads() {
    let router = Router::new()
        .route("/feed", get(|| async { "<rss><item><link>/away</link></item></rss>" }))
        .route("/away", get(|| async { (StatusCode::FOUND, [(LOCATION, "file:///etc/hosts")]) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("feeds.toml"), watch_list(&origin, "/feed", "feed")).unwrap();
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    let wanted = format!("skipped: {origin}/away: file:///etc/hosts is not fetched");
    assert!(flowing(&ran.out).contains(&wanted), "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_moves_is_due_and_asked_without_what_was_known_of_its_old_address() {
    let feed = |headers: HeaderMap| async move {
        let status = match headers.contains_key(IF_NONE_MATCH) {
            true => StatusCode::NOT_MODIFIED,
            false => StatusCode::OK,
        };
        (status, [(ETAG, "\"1\"")], "<rss><channel><item><link>/page</link></item></channel></rss>")
    };
    let router = Router::new()
        .route("/old", get(|| async { ([(ETAG, "\"1\"")], "<rss><channel></channel></rss>") }))
        .route("/new", get(feed))
        .route("/page", get(|| async { Html(article("We shall see")) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let here = tempfile::tempdir().unwrap();
    let list = here.path().join("feeds.toml");
    fs::write(&list, watch_list(&origin, "/old", "feed")).unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    fs::write(&list, watch_list(&origin, "/new", "feed")).unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(export(here.path()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_is_told_who_writes_and_to_wait() {
    let (_site, here) = site().await;
    let _lock = DataLock::take(&here.path().join("index")).unwrap();
    let ran = onrecord(here.path(), &["crawl"]).exits(2);
    assert!(ran.err.contains("another onrecord"), "{}", ran.err);
    assert!(ran.err.contains(&std::process::id().to_string()), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_refused_unless_the_watch_list_allows_them() {
    let (site, here) = site().await;
    let text = site.feeds_toml().replace("allow_private_addresses = true", "");
    fs::write(here.path().join("feeds.toml"), text).unwrap();
    let ran = onrecord(here.path(), &["crawl"]).exits(1);
    assert!(ran.out.contains("127.0.0.1"), "{}", ran.out);
    assert!(site.requests().is_empty(), "{:?}", site.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_asks_nobody_and_writes_nothing() {
    let (site, here) = site().await;
    let ran = onrecord(here.path(), &["crawl", "--dry-run"]).exits(0);
    assert!(ran.out.contains("3 of 3 feeds would be asked"), "{}", ran.out);
    assert!(site.requests().is_empty());
    assert!(!here.path().join("index").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_not_in_the_watch_list_is_a_mistake() {
    let (_site, here) = site().await;
    let ran = onrecord(here.path(), &["crawl", "--feed", "courrier"]).exits(2);
    assert!(ran.err.contains("courrier"), "{}", ran.err);
}

#[test]
fn status_of_a_collection_without_a_finished_run_says_so() {
    let here = tempfile::tempdir().unwrap();
    drop(onrecord::store::Store::open(&here.path().join("index")).unwrap());
    let ran = onrecord(here.path(), &["status"]).exits(1);
    assert!(ran.out.contains("no feed has been read"), "{}", ran.out);
}

#[test]
fn without_a_watch_list_the_way_to_one_is_named() {
    let here = tempfile::tempdir().unwrap();
    let ran = onrecord(here.path(), &["crawl"]).exits(2);
    assert!(ran.err.contains("onrecord init"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_online_asks_every_feed_and_keeps_nothing() {
    let (site, here) = site().await;
    let text = site.feeds_toml()
        + "\n[[feed]]\nid = \"gone\"\noutlet = \"X\"\nurl = \"http://127.0.0.1:9/feed\"\n";
    fs::write(here.path().join("feeds.toml"), text).unwrap();
    let ran = onrecord(here.path(), &["check", "--online"]).exits(1);
    let row = |id: &str| ran.out.lines().find(|line| line.starts_with(id)).unwrap().to_owned();
    assert!(row("courier").contains('8') && row("courier").ends_with("ok"), "{}", ran.out);
    assert!(row("feed gone failed: ").contains("cannot"), "{}", ran.out);
    assert!(flowing(&ran.out).contains("check the address and the network"), "{}", ran.out);
    assert!(!here.path().join("index").exists());
    assert_eq!(page_requests(&site), 0);
}

/// Compares two exports quote by quote, so that a failure shows the first that differs.
#[track_caller]
fn same(now: &[Value], before: &[Value]) {
    for (now, before) in now.iter().zip(before) {
        assert_eq!(now, before);
    }
    assert_eq!(now.len(), before.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_back_reads_every_sitemap_and_page_since_its_day_and_none_before() {
    let set = |pages: &[(&str, &str)]| {
        let urls: String = pages
            .iter()
            .map(|(page, day)| format!("<url><loc>{page}</loc><lastmod>{day}</lastmod></url>"))
            .collect();
        format!("<urlset>{urls}</urlset>").into_bytes()
    };
    // More sitemaps than an ordinary run reads.
    let mut pages = vec![("/old.xml", "application/xml", set(&[("/before", "2023-05-05")]))];
    let mut index =
        "<sitemap><loc>/old.xml</loc><lastmod>2023-05-05</lastmod></sitemap>".to_owned();
    for day in 1..=28_usize {
        let name: &'static str = format!("/{day}.xml").leak();
        let page: &'static str = format!("/page/{day}").leak();
        let date = format!("2024-02-{day:02}");
        index += &format!("<sitemap><loc>{name}</loc><lastmod>{date}</lastmod></sitemap>");
        pages.push((name, "application/xml", set(&[(page, &date), ("/before", "2023-05-05")])));
        pages.push((page, "text/html", article(&format!("Day {day}")).into_bytes()));
    }
    let index = format!("<sitemapindex>{index}</sitemapindex>").into_bytes();
    pages.push(("/index.xml", "application/xml", index));
    pages.push(("/before", "text/html", article("Before").into_bytes()));
    let origin = serve(&pages).await;
    let here = tempfile::tempdir().unwrap();
    let list = here.path().join("feeds.toml");
    let plain = format!("\n[[feed]]\nid = \"plain\"\noutlet = \"X\"\nurl = \"{origin}/feed\"\n");
    let walked = watch_list(&origin, "/index.xml", "sitemap") + "max_age = \"7d\"\n" + &plain;
    fs::write(&list, walked).unwrap();
    let ran = onrecord(here.path(), &["crawl", "--since", "2024-02-03"]).exits(1);
    let said = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("list what is old: plain"), "{said}");
    let texts: Vec<Value> = export(here.path()).iter().map(|it| it["text"].clone()).collect();
    assert_eq!(texts.len(), 26, "{texts:?}");
    assert!(!texts.iter().any(|text| text == "Before," || text == "Day 2,"), "{texts:?}");
    onrecord(here.path(), &["crawl", "--since", "2024-02-01", "--feed", "ridge"]).exits(0);
    assert_eq!(export(here.path()).len(), 28);
    onrecord(here.path(), &["crawl", "--since", "yesterday"]).exits(2);
    let future = onrecord(here.path(), &["crawl", "--since", "2900-01-01"]).exits(2);
    assert!(future.err.contains("2900-01-01 is in the future"), "{}", future.err);
    let both = onrecord(here.path(), &["crawl", "--since", "2024-02-01", "--all"]).exits(2);
    assert!(both.err.contains("--all"), "{}", both.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_headline_in_the_feed_a_topic_excludes_is_not_asked_for_and_is_listed() {
    let site = Pressroom::open().await;
    let item = |title, path| format!("<item><title>{title}</title><link>{path}</link></item>");
    let items = item("Tide tables for sailors", "/tables") + &item("Delegates meet", "/talks");
    site.put("/feed", &format!("<rss version='2.0'><channel>{items}</channel></rss>"));
    site.put("/tables", &pressroom::article("High water at noon"));
    site.put("/talks", &pressroom::article("We shall see"));
    let any = "any = [\"tide accord\"]";
    let list = watch::watch_list(&site, "1h", "");
    let here = watch::folder(&list.replace(any, &format!("{any}\nnone = [\"tide tables\"]")));
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!((site.asked("/tables"), site.asked("/talks")), (0, 1));
    let skipped = onrecord(here.path(), &["status", "--skipped"]).out.replace("\n", " ");
    assert!(skipped.contains("/tables") && skipped.contains("tide tables"), "{skipped}");
}
