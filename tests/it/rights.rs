//! What publishers ask of copies, by headers and `<meta>`: what is kept and exported then.

use std::fs;

use serde_json::{Value, json};

use crate::fault_server::{Step, answer};
use crate::faults::{LONG, article, missing, page_with, site, watching};
use crate::programs::{onrecord, quotes};

const TYPE: &str = "Content-Type: text/html; charset=utf-8";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_publisher_asks_of_copies_is_noted_and_respected() {
    let meta = |tag: &str| {
        let page = article("We shall see").replace("<head>", &format!("<head>{tag}"));
        answer("200 OK", &[TYPE], page.as_bytes())
    };
    // The answer, whether the page is put into the archive (`None`: it is not kept at all), and
    // what is exported.
    let cases: Vec<(Vec<u8>, Option<bool>, Value)> = vec![
        (page_with(&[TYPE]), Some(true), Value::Null),
        (page_with(&[TYPE, "X-Robots-Tag: noarchive"]), Some(false), json!(["noarchive"])),
        (page_with(&[TYPE, "X-Robots-Tag: otherbot: noarchive"]), Some(true), Value::Null),
        (meta("<meta name=robots content='noindex, noarchive'>"), Some(false), {
            json!(["noarchive", "noindex"])
        }),
        (meta("<meta name=robots content='noindex'>"), Some(true), json!(["noindex"])),
        (page_with(&[TYPE, "tdm-reservation: 1"]), None, json!(["tdm-reservation"])),
        (meta("<meta name=tdm-reservation content=1>"), None, json!(["tdm-reservation"])),
        (page_with(&[TYPE, "tdm-reservation: 0"]), Some(true), Value::Null),
    ];
    let (mut servers, mut links) = (Vec::new(), Vec::new());
    for (bytes, ..) in &cases {
        let server = site(vec![("/page", vec![Step::Send(bytes.clone())])]).await;
        links.push(format!("{}/page", server.origin));
        servers.push(server);
    }
    let here = watching(&links, LONG).await;
    onrecord(here.path(), &["crawl"]).exits(0);
    let export = || quotes(here.path(), &["export", "--format", "json"]).exits(0).json();
    let found = |all: &Value, link: &str| {
        let of = |quote: &&Value| quote["article"]["url"] == link;
        all.as_array().unwrap().iter().find(of).cloned()
    };
    let (all, listed) = (export(), missing(here.path()));
    for ((_, archived, stated), link) in cases.iter().zip(&links) {
        let Some(archived) = archived else {
            assert_eq!(found(&all, link), None, "{stated}");
            let visit = &listed[link];
            assert_eq!(visit["outcome"], "skipped");
            let reason = visit["reason"].as_str().unwrap();
            assert!(reason.contains("reserves text and data mining"), "{reason}");
            continue;
        };
        let quote = found(&all, link).unwrap();
        assert_eq!(quote["article"]["snapshot"].is_object(), *archived, "{stated}");
        assert_eq!(quote["article"]["reservations"], *stated);
    }

    // A reserved page is not asked again and again, but once where the watch list allows it.
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert!(servers.iter().all(|server| server.asked("/page") == 1));
    let list = here.path().join("feeds.toml");
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text.replace("[crawler]", "[crawler]\nkeep_reserved = true")).unwrap();
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    let all = export();
    for ((_, archived, stated), link) in cases.iter().zip(&links) {
        if archived.is_none() {
            let quote = found(&all, link).unwrap();
            assert_eq!(quote["article"]["reservations"], *stated);
            assert!(quote["article"]["snapshot"].is_object());
        }
    }
    assert!(missing(here.path()).is_empty());
}
