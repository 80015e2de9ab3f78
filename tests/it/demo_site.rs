//! The demo's news site, asked over real HTTP.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy exempts only the tests themselves"
)]

use std::collections::BTreeSet;

use onrecord::demo::{Requests, Site};
use onrecord::domain::feed::FeedKind;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, header};
use serde_json::Value;

const SKIPPER: &str = "/2025/03/18/the-skipper-the-cable-and-the-lost-mailbox/";
const CORRECTED: &str =
    "/politics/2025/may/14/peers-back-data-salvage-treaty-after-long-drawer-row";
const UPDATED: &str = "/news/santa-ilaria-first-to-ratify-3641";
const LEGACY: &str = "/archive/2014/lindhaven-talks.htm";

/// The site and a client that follows no redirect.
async fn start() -> (Site, Client) {
    let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    (Site::start().await.unwrap(), client)
}

async fn get(client: &Client, site: &Site, outlet: &str, path: &str) -> Response {
    client.get(site.url(outlet, path).unwrap()).send().await.unwrap()
}

async fn text(client: &Client, site: &Site, outlet: &str, path: &str) -> String {
    let response = get(client, site, outlet, path).await;
    assert_eq!(response.status(), StatusCode::OK, "{outlet}{path}");
    let bytes = response.bytes().await.unwrap();
    match String::from_utf8(bytes.to_vec()) {
        Ok(text) => text,
        Err(_) => encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned(),
    }
}

fn header_of(response: &Response, name: header::HeaderName) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

/// The labelled articles: what a crawl of the site should find.
///
/// An article has `edition` 1 or 2 (2: as replaced by the second edition), `on_topic`, `fetched`
/// (false: robots.txt forbids it), `notices` and `quotes`. A quote's `parts` are the first six words
/// of each of its verbatim parts; `speaker`, `role` and `affiliation` list every accepted answer,
/// the best first: none at all is expected where the list is empty, and also right where it holds
/// an empty string. `not_quotes` stand in quotation marks and quote nobody, or stand outside the
/// article (readers' comments, links). Indirect quotations are not labelled.
fn expected() -> Vec<Value> {
    serde_json::from_str(include_str!("demo_expected.json")).unwrap()
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[tokio::test]
async fn each_outlet_has_an_origin_of_its_own_and_links_only_there() {
    let (site, client) = start().await;
    let origins: BTreeSet<String> = ["courier", "meridian", "gazette"]
        .map(|outlet| site.url(outlet, "").unwrap())
        .into_iter()
        .collect();
    assert_eq!(origins.len(), 3);
    assert_eq!(site.url("nobody", "/"), None);
    let page = text(&client, &site, "courier", SKIPPER).await;
    let canonical =
        format!("<link rel=\"canonical\" href=\"{}\">", site.url("courier", SKIPPER).unwrap());
    assert!(page.contains(&canonical));
    assert!(!page.contains("{{"));
}

#[tokio::test]
async fn the_watch_list_names_every_outlet_with_its_real_port() {
    let (site, client) = start().await;
    let list: toml::Table = site.feeds_toml().parse().unwrap();
    assert_eq!(list["crawler"]["allow_private_addresses"].as_bool(), Some(true));
    let kinds: Vec<&str> = list["feed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|feed| feed["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, [FeedKind::Feed, FeedKind::Feed, FeedKind::Sitemap].map(FeedKind::as_str));
    for feed in list["feed"].as_array().unwrap() {
        let response = client.get(feed["url"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(header_of(&response, header::CONTENT_TYPE).contains("xml"));
    }
}

#[tokio::test]
async fn a_page_that_the_client_has_is_answered_304() {
    let (site, client) = start().await;
    let url = site.url("courier", SKIPPER).unwrap();
    let first = client.get(&url).send().await.unwrap();
    assert_eq!(header_of(&first, header::CONTENT_TYPE), "text/html; charset=utf-8");
    let etag = header_of(&first, header::ETAG);
    let modified = header_of(&first, header::LAST_MODIFIED);
    for (name, value, status) in [
        (header::IF_NONE_MATCH, etag.as_str(), StatusCode::NOT_MODIFIED),
        (header::IF_NONE_MATCH, &format!("\"other\", W/{etag}"), StatusCode::NOT_MODIFIED),
        (header::IF_NONE_MATCH, "\"other\"", StatusCode::OK),
        (header::IF_MODIFIED_SINCE, &modified, StatusCode::NOT_MODIFIED),
        (header::IF_MODIFIED_SINCE, "Mon, 06 Jan 2025 00:00:00 GMT", StatusCode::OK),
        (header::IF_MODIFIED_SINCE, "lately", StatusCode::OK),
    ] {
        let answer = client.get(&url).header(&name, value).send().await.unwrap();
        assert_eq!(answer.status(), status, "{name}: {value}");
        assert_eq!(header_of(&answer, header::ETAG), etag);
    }
    let counted = site.requests()[&format!("courier{SKIPPER}")];
    assert_eq!(counted, Requests { total: 7, not_modified: 3 });
}

#[tokio::test]
async fn the_old_page_is_sent_as_windows_1252_which_only_its_meta_says() {
    let (site, client) = start().await;
    let response = get(&client, &site, "gazette", LEGACY).await;
    assert_eq!(header_of(&response, header::CONTENT_TYPE), "text/html");
    let bytes = response.bytes().await.unwrap();
    assert!(std::str::from_utf8(&bytes).is_err());
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(has(b"charset=windows-1252"));
    assert!(has(b"Fran\xe7ois Lema\xeetre-Dub\xe9"));
    assert!(has(b"\x91We are here because"), "typographic marks of windows-1252");
}

#[tokio::test]
async fn robots_txt_forbids_a_path_that_the_feed_lists() {
    let (site, client) = start().await;
    let robots = text(&client, &site, "courier", "/robots.txt").await;
    assert!(robots.contains("Disallow: /subscribers/"));
    let feed = text(&client, &site, "courier", "/feeds/world.rss").await;
    assert!(feed.contains(&site.url("courier", "/subscribers/").unwrap()));
}

#[tokio::test]
async fn a_listed_link_leads_through_a_redirect_to_an_article_listed_elsewhere() {
    let (site, client) = start().await;
    let feed = text(&client, &site, "courier", "/feeds/world.rss").await;
    assert!(feed.contains(&format!("<link>{}</link>", site.url("courier", SKIPPER).unwrap())));
    let start = "/r/20250318?utm_source=rss&utm_medium=feed&utm_campaign=longread";
    assert!(feed.contains(&site.url("courier", start).unwrap().replace('&', "&amp;")));
    let moved = get(&client, &site, "courier", start).await;
    assert_eq!(moved.status(), StatusCode::MOVED_PERMANENTLY);
    let target = header_of(&moved, header::LOCATION);
    assert_eq!(target.split('?').next(), Some(SKIPPER));
    text(&client, &site, "courier", &target).await;
}

#[tokio::test]
async fn one_listed_page_is_gone() {
    let (site, client) = start().await;
    let gone = "/news/ministers-to-meet-again-in-autumn-3655";
    let feed = text(&client, &site, "meridian", "/atom.xml").await;
    assert!(feed.contains(gone));
    assert_eq!(get(&client, &site, "meridian", gone).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_second_edition_changes_two_articles_and_the_feeds_that_list_them() {
    let (site, client) = start().await;
    let changing = [
        ("gazette", CORRECTED, "reads your letters", "Correction, 20 June 2025:"),
        ("meridian", UPDATED, "Diakité said", "Update, June 20, 2025:"),
    ];
    let feeds = [
        ("gazette", "/sitemap-news.xml", "<lastmod>2025-06-20T10:00:00+01:00</lastmod>"),
        ("meridian", "/atom.xml", "<updated>2025-06-20T09:30:00Z</updated>"),
    ];
    let steady = get(&client, &site, "courier", SKIPPER).await;
    for (outlet, path, words, notice) in changing {
        let page = text(&client, &site, outlet, path).await;
        assert!(!page.contains(words) && !page.contains(notice), "{path}");
    }
    for (outlet, path, date) in feeds {
        assert!(!text(&client, &site, outlet, path).await.contains(date), "{path}");
    }
    site.publish_second_edition();
    for (outlet, path, words, notice) in changing {
        let page = text(&client, &site, outlet, path).await;
        assert!(page.contains(words) && page.contains(notice), "{path}");
    }
    for (outlet, path, date) in feeds {
        assert!(text(&client, &site, outlet, path).await.contains(date), "{path}");
    }
    let again = get(&client, &site, "courier", SKIPPER).await;
    assert_eq!(header_of(&again, header::ETAG), header_of(&steady, header::ETAG));
}

#[tokio::test]
async fn a_dropped_site_stops_listening() {
    let (site, client) = start().await;
    let url = site.url("meridian", "/robots.txt").unwrap();
    client.get(&url).send().await.unwrap().bytes().await.unwrap();
    drop((site, client));
    let fresh = Client::builder().no_proxy().build().unwrap();
    let mut answers = 0;
    while fresh.get(&url).send().await.is_ok() {
        answers += 1;
        assert!(answers < 1000, "still answering");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_labelled_quote_stands_in_the_page_it_is_labelled_for() {
    let (site, client) = start().await;
    let (first, second): (Vec<_>, Vec<_>) =
        expected().into_iter().partition(|article| article["edition"] == 1);
    for (edition, articles) in [first, second].iter().enumerate() {
        if edition == 1 {
            site.publish_second_edition();
        }
        for article in articles {
            let (outlet, path) =
                (article["outlet"].as_str().unwrap(), article["path"].as_str().unwrap());
            let page = text(&client, &site, outlet, path).await;
            assert!(page.contains(article["title"].as_str().unwrap()), "title of {path}");
            for quote in article["quotes"].as_array().unwrap() {
                for part in strings(&quote["parts"]) {
                    assert!(page.contains(part), "{path}: {part}");
                }
            }
            for words in strings(&article["not_quotes"]) {
                assert!(page.contains(words), "{path}: {words}");
            }
        }
    }
}

#[tokio::test]
async fn the_feeds_list_every_labelled_article() {
    let (site, client) = start().await;
    let mut lists = String::new();
    for (outlet, feed) in [
        ("courier", "/feeds/world.rss"),
        ("meridian", "/atom.xml"),
        ("gazette", "/sitemap-news.xml"),
    ] {
        lists += &text(&client, &site, outlet, feed).await;
    }
    for article in expected() {
        let (outlet, path) =
            (article["outlet"].as_str().unwrap(), article["path"].as_str().unwrap());
        let url = site.url(outlet, path).unwrap();
        assert!(lists.contains(&url), "{url}");
    }
}

#[test]
fn the_site_is_large_enough_to_show_the_whole_job() {
    let articles: Vec<Value> = expected()
        .into_iter()
        .filter(|a| a["edition"] == 1 && a["on_topic"] == true && a["fetched"] == true)
        .collect();
    let quotes: Vec<&Value> =
        articles.iter().flat_map(|article| article["quotes"].as_array().unwrap()).collect();
    let with_role: BTreeSet<&str> = quotes
        .iter()
        .filter(|quote| !quote["role"].as_array().unwrap().is_empty())
        .map(|quote| strings(&quote["speaker"])[0])
        .collect();
    assert!(articles.len() >= 14, "{} articles", articles.len());
    assert!(quotes.len() >= 45, "{} quotes", quotes.len());
    assert!(with_role.len() >= 14, "{} speakers with roles", with_role.len());
}
