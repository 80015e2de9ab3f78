//! What publishers ask of copies, by headers and `<meta>`: what is kept and exported then.

use std::fs;
use std::path::Path;

use onrecord::domain::run::CachedFile;
use onrecord::store::Store;
use serde_json::{Value, json};

use crate::fault_server::{FaultServer, Step, answer};
use crate::faults::{LONG, article, missing, moved, page_with, site, watching};
use crate::programs::{onrecord, quotes};
use crate::watch::in_store;

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

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_comes_or_goes_after_the_first_visit_is_noted_and_respected_from_then_on() {
    let wishes: [(&[&str], Value); 5] = [
        (&[], Value::Null),
        (&["X-Robots-Tag: noarchive"], json!(["noarchive"])),
        (&["tdm-reservation: 1"], json!(["tdm-reservation"])),
        (
            &["X-Robots-Tag: noarchive", "tdm-reservation: 1"],
            json!(["noarchive", "tdm-reservation"]),
        ),
        (&[], Value::Null),
    ];
    let answers: Vec<Vec<u8>> =
        wishes.iter().map(|(headers, _)| page_with(&[&[TYPE], *headers].concat())).collect();
    let server = FaultServer::start(move |request| match request.path.as_str() {
        "/page" => vec![Step::Send(answers[request.before].clone())],
        _ => vec![Step::Send(answer("404 Not Found", &[], b""))],
    })
    .await;
    let here = watching(&[format!("{}/page", server.origin)], LONG).await;
    let archived = || {
        let files = fs::read_dir(here.path().join("index/warc")).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>()
    };
    let mut sizes = Vec::new();
    for (number, (_, wish)) in wishes.iter().enumerate() {
        if number > 0 {
            in_store(here.path(), "UPDATE visits SET recheck_at = '2020-01-01T00:00:00Z'");
        }
        onrecord(here.path(), &["crawl"]).exits(0);
        assert_eq!(server.asked("/page"), number + 1);
        let all = quotes(here.path(), &["export", "--format", "json"]).exits(0).json();
        let article = &all[0]["article"];
        assert_eq!((&article["reservations"], &article["version"]), (wish, &json!(1)), "{number}");
        sizes.push(archived());
    }
    assert!(sizes[..4].iter().all(|size| *size == sizes[0]) && sizes[4] > sizes[0], "{sizes:?}");
    onrecord(here.path(), &["check", "--data", "index"]).exits(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_in_the_header_of_a_304_is_noted_beside_those_of_the_page() {
    let server = FaultServer::start(move |request| match (request.path.as_str(), request.before) {
        ("/page", 0) => {
            let head = "<head><meta name=robots content=noindex>";
            let page = article("We shall see").replace("<head>", head);
            vec![Step::Send(answer("200 OK", &[TYPE, "ETag: \"1\""], page.as_bytes()))]
        }
        ("/page", 1) => vec![Step::Send(answer("304 Not Modified", &[], b""))],
        ("/page", _) => {
            let wish = ["X-Robots-Tag: noarchive"];
            vec![Step::Send(answer("304 Not Modified", &wish, b""))]
        }
        _ => vec![Step::Send(answer("404 Not Found", &[], b""))],
    })
    .await;
    let here = watching(&[format!("{}/page", server.origin)], LONG).await;
    for (number, wishes) in
        [json!(["noindex"]), json!(["noindex"]), json!(["noarchive", "noindex"])].iter().enumerate()
    {
        if number > 0 {
            in_store(here.path(), "UPDATE visits SET recheck_at = '2020-01-01T00:00:00Z'");
        }
        onrecord(here.path(), &["crawl"]).exits(0);
        assert_eq!(server.asked("/page"), number + 1);
        let all = quotes(here.path(), &["export", "--format", "json"]).exits(0).json();
        let article = &all[0]["article"];
        assert_eq!(
            (&article["reservations"], &article["version"]),
            (wishes, &json!(1)),
            "{number}"
        );
    }
    onrecord(here.path(), &["check", "--data", "index"]).exits(0);
}

const TDM: &str = "/.well-known/tdmrep.json";

fn json_file(body: &str) -> Vec<Step> {
    vec![Step::Send(answer("200 OK", &["Content-Type: application/json"], body.as_bytes()))]
}

/// What is known of the server's tdmrep.json is two days old now.
fn two_days_pass(here: &Path, server: &FaultServer) {
    let mut store = Store::open(&here.join("index")).unwrap();
    let known = store.tdmrep(&server.origin).unwrap().unwrap();
    let fetched = known.fetched - jiff::SignedDuration::from_hours(48);
    store.record_tdmrep(&server.origin, &CachedFile { fetched, ..known }).unwrap();
}

/// A server whose pages are as they were when they are asked again, and whose site reserves them then.
async fn reserved_later(page: Vec<u8>) -> FaultServer {
    FaultServer::start(move |request| match (request.path.as_str(), request.before) {
        (TDM, 1..) => json_file(r#"[{"location": "/", "tdm-reservation": 1}]"#),
        ("/moved", _) => vec![Step::Send(moved("/page?utm_source=feed"))],
        ("/page" | "/page?utm_source=feed", 0) => vec![Step::Send(page.clone())],
        ("/page" | "/page?utm_source=feed", _) => {
            vec![Step::Send(answer("304 Not Modified", &[], b""))]
        }
        _ => vec![Step::Send(answer("404 Not Found", &[], b""))],
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_site_reserves_later_is_noted_of_a_page_as_it_was_unless_it_says_otherwise() {
    let tagged = [TYPE, "ETag: \"1\""];
    let open =
        article("We shall see").replace("<head>", "<head><meta name=tdm-reservation content=0>");
    let reserved = || json!(["tdm-reservation"]);
    for (path, page, wishes) in [
        ("/page", page_with(&tagged), reserved()),
        ("/moved", page_with(&tagged), reserved()),
        ("/page", page_with(&[&tagged[..], &["tdm-reservation: 0"]].concat()), Value::Null),
        ("/page", answer("200 OK", &tagged, open.as_bytes()), Value::Null),
    ] {
        let server = reserved_later(page).await;
        let here = watching(&[format!("{}{path}", server.origin)], LONG).await;
        let export =
            |more: &[&str]| quotes(here.path(), &[&["export", "--format", "json"], more].concat());
        onrecord(here.path(), &["crawl"]).exits(0);
        assert_eq!(export(&[]).exits(0).json()[0]["article"]["reservations"], Value::Null);
        two_days_pass(here.path(), &server);
        in_store(here.path(), "UPDATE visits SET recheck_at = '2020-01-01T00:00:00Z'");
        let forms = ["before.json", "before.csv", "before.jsonld"];
        for form in forms {
            quotes(here.path(), &["export", "-o", form]).exits(0);
        }
        onrecord(here.path(), &["crawl"]).exits(0);
        assert_eq!((server.asked(path), server.asked(TDM)), (2, 2));
        let all = export(&[]).exits(0);
        assert_eq!(all.json()[0]["article"]["reservations"], wishes);
        let reserved = wishes != Value::Null;
        assert_eq!(all.err.contains("--without-reserved leaves such quotes out"), reserved);
        let rest = export(&["--without-reserved"]).exits(u8::from(reserved).into());
        assert_eq!(rest.json().as_array().unwrap().is_empty(), reserved);
        assert_eq!(rest.err.contains("text and data mining left out"), reserved, "{}", rest.err);
        // Every format says what is asked; an export of before is still true.
        for format in ["ndjson", "csv", "markdown", "jsonld", "atom", "csl"] {
            let said = quotes(here.path(), &["export", "--format", format]).exits(0).out;
            let said = said.replace("\\-", "-");
            assert_eq!(said.contains("tdm-reservation"), reserved, "{format}: {said}");
        }
        for form in forms {
            onrecord(here.path(), &["verify", form]).exits(0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_site_reserves_later_holds_for_pages_that_are_read_out_of_the_archive() {
    let server = reserved_later(page_with(&[TYPE])).await;
    let here = watching(&[format!("{}/page", server.origin)], LONG).await;
    let list = here.path().join("feeds.toml");
    let wanted = fs::read_to_string(&list).unwrap().replacen(
        "[[topic]]",
        "[archive]\nkeep = \"all\"\n\n[[topic]]",
        1,
    );
    fs::write(&list, wanted.replace("tide accord", "bread")).unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    two_days_pass(here.path(), &server);
    fs::write(&list, &wanted).unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!((server.asked("/page"), server.asked(TDM)), (1, 2));
    let listed = missing(here.path());
    let reason = listed[&format!("{}/page", server.origin)]["reason"].as_str().unwrap();
    assert!(reason.contains("reserves text and data mining"), "{reason}");
    quotes(here.path(), &["export", "--format", "json"]).exits(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_site_as_a_whole_reserves_from_mining_is_asked_once_a_day_and_respected() {
    let reserved = r#"[{"location": "/open/", "tdm-reservation": 0},
        {"location": "/", "tdm-reservation": 1}]"#;
    let page = |headers: &[&str]| vec![Step::Send(page_with(&[&[TYPE], headers].concat()))];
    let server = site(vec![
        (TDM, json_file(reserved)),
        ("/page", page(&[])),
        ("/open/page", page(&[])),
        ("/said-otherwise", page(&["tdm-reservation: 0"])),
        ("/later", page(&[])),
        ("/open/new", page(&[])),
    ])
    .await;
    let link = |path: &str| format!("{}{path}", server.origin);
    let links = ["/page", "/open/page", "/said-otherwise"].map(link);
    let here = watching(&links, LONG).await;
    onrecord(here.path(), &["crawl"]).exits(0);
    let kept = || {
        let all = quotes(here.path(), &["export", "--format", "json"]).exits(0).json();
        let url = |quote: &Value| quote["article"]["url"].as_str().unwrap().to_owned();
        let mut urls: Vec<String> = all.as_array().unwrap().iter().map(url).collect();
        urls.sort();
        urls
    };
    assert_eq!(kept(), [link("/open/page"), link("/said-otherwise")]);
    let listed = missing(here.path());
    let visit = &listed[&link("/page")];
    assert_eq!((&visit["outcome"], listed.len()), (&json!("skipped"), 1));
    assert!(visit["reason"].as_str().unwrap().contains("reserves text and data mining"));
    assert_eq!(server.asked(TDM), 1);

    // A run on the same day goes by the file as it was; one that takes reserved pages notes it.
    let list = here.path().join("feeds.toml");
    let text = fs::read_to_string(&list).unwrap();
    let hub = crate::faults::feed_of(&[links.to_vec(), vec![link("/later")]].concat()).await;
    let at = text.find("url = \"").unwrap();
    let moved = format!("{}url = \"{}/feed\"\n", &text[..at], hub.origin);
    fs::write(&list, &moved).unwrap();
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert!(missing(here.path()).contains_key(&link("/later")));
    assert_eq!(server.asked(TDM), 1);
    fs::write(&list, moved.replace("[crawler]", "[crawler]\nkeep_reserved = true")).unwrap();
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!(kept().len(), 4);
    let all = quotes(here.path(), &["export", "--format", "json"]).exits(0).json();
    let later = all.as_array().unwrap().iter().find(|it| it["article"]["url"] == link("/later"));
    assert_eq!(later.unwrap()["article"]["reservations"], json!(["tdm-reservation"]));

    // A file of two days ago is asked for again.
    two_days_pass(here.path(), &server);
    let again = crate::faults::feed_of(&[link("/open/new")]).await;
    fs::write(&list, moved.replace(&hub.origin, &again.origin)).unwrap();
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!((server.asked("/open/new"), server.asked(TDM)), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tdmrep_json_that_fails_in_any_way_leaves_the_crawl_alone_but_for_a_rest_it_asks_for() {
    let large = format!("[{}]", "{\"location\": \"/\", \"tdm-reservation\": 1},".repeat(20_000));
    let status = |line: &str, headers: &[&str]| vec![Step::Send(answer(line, headers, b""))];
    let faults: Vec<(&str, Vec<Step>)> = vec![
        ("missing", status("404 Not Found", &[])),
        ("refused", status("403 Forbidden", &[])),
        ("ill", status("500 Internal Server Error", &[])),
        ("overrun", status("429 Too Many Requests", &["Retry-After: 3600"])),
        ("resting", status("503 Service Unavailable", &["Retry-After: 3600"])),
        ("reset", vec![Step::Reset]),
        ("silent", vec![Step::Silence]),
        ("a loop", status("302 Found", &[&format!("Location: {TDM}")])),
        ("to a file", status("302 Found", &["Location: file:///etc/passwd"])),
        ("to the cloud's secrets", status("302 Found", &["Location: http://169.254.169.254/"])),
        ("a web page", vec![Step::Send(page_with(&[TYPE]))]),
        ("broken", json_file("[{\"location\": \"/\", \"tdm-reservation\": 1}")),
        ("nested", json_file(&"[".repeat(100_000))),
        ("large", json_file(&large)),
        ("empty", json_file("")),
        ("noise", vec![Step::Send(answer("200 OK", &[], &[0xff, 0xfe, 0, 1, 2]))]),
    ];
    let (mut servers, mut links) = (Vec::new(), Vec::new());
    for (_, steps) in &faults {
        let page = || vec![Step::Send(page_with(&[TYPE]))];
        let server = site(vec![(TDM, steps.clone()), ("/1", page()), ("/2", page())]).await;
        links.extend([format!("{}/1", server.origin), format!("{}/2", server.origin)]);
        servers.push(server);
    }
    let here = watching(&links, "read_timeout = \"5s\"\n").await;
    onrecord(here.path(), &["crawl"]).exits(0);
    let missing = missing(here.path());
    let all = quotes(here.path(), &["export", "--format", "json"]).exits(0).json();
    let mut rests = 0;
    for ((name, steps), server) in faults.iter().zip(&servers) {
        // A rest that it asks for is granted, as for any other file.
        let rest = matches!(*name, "overrun" | "resting");
        rests += usize::from(rest);
        let pages = ["/1", "/2"].map(|path| server.asked(path));
        assert_eq!(pages, [1, usize::from(!rest)], "{name}: {steps:?}");
        let second = missing.get(&format!("{}/2", server.origin));
        assert_eq!(second.is_some(), rest, "{name}: {second:?}");
        let most = if *name == "a loop" { 6 } else { 1 };
        assert!((1..=most).contains(&server.asked(TDM)), "{name}: {}", server.asked(TDM));
    }
    assert_eq!(missing.len(), rests);
    assert_eq!(all.as_array().unwrap().len(), links.len() - rests);
}
