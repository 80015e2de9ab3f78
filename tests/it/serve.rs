//! `quotes serve`: who may ask, what is answered, and what hostile requests come to.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use onrecord::pipeline::DataLock;
use onrecord::store::Store;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::collected::{self, HARBOUR, MERIDIAN, Page, Said, Who, collection};
use crate::programs::{onrecord, quotes};
use crate::served::{PATIENCE, Served};

/// The ids of the items of a list.
fn ids(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// Waits until `holds`, for a while.
#[track_caller]
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn it_says_where_it_is_and_ends_when_asked() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let page = served.get("/").has(200);
    assert!(page.body.contains("Maren Høgsbro"), "{}", page.body);
    let taken =
        quotes(dir.path(), &["--data", ".", "serve", "--addr", &served.address.to_string()]);
    let taken = taken.exits(2);
    assert!(taken.err.contains("is taken by another program"), "{}", taken.err);
    assert_eq!(served.end(), Some(0));
}

#[test]
fn it_starts_on_a_collection_only() {
    let dir = tempdir().unwrap();
    let missing = quotes(dir.path(), &["serve", "--addr", "127.0.0.1:0"]).exits(2);
    assert!(missing.err.contains("no collection at index"), "{}", missing.err);
    let elsewhere = quotes(dir.path(), &["serve", "--addr", "8787:"]).exits(2);
    assert!(elsewhere.err.contains("--addr"), "{}", elsewhere.err);
}

#[test]
fn every_response_forbids_what_it_has_no_need_of() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let style = served.get("/").body;
    let (_, style) = style.split_once("href=\"/assets/").unwrap();
    let style = format!("/assets/{}", style.split('"').next().unwrap());
    for (method, target, host, status, media_type) in [
        ("GET", "/", None, 200, "text/html; charset=utf-8"),
        ("HEAD", "/", None, 200, "text/html; charset=utf-8"),
        ("GET", "/nothing", None, 404, "text/html; charset=utf-8"),
        ("GET", "/quotes/ffffffffffffffff", None, 404, "text/html; charset=utf-8"),
        ("GET", "/?since=yesterday", None, 400, "text/html; charset=utf-8"),
        ("DELETE", "/", None, 401, "text/html; charset=utf-8"),
        ("GET", "/", Some("harbour.example"), 421, "text/html; charset=utf-8"),
        ("GET", style.as_str(), None, 200, "text/css; charset=utf-8"),
        ("GET", "/assets/000000000000-style.css", None, 404, "text/html; charset=utf-8"),
        ("GET", "/api/v1/quotes", None, 200, "application/json"),
        ("GET", "/api/v1/nothing", None, 404, "application/problem+json"),
        ("GET", "/api/v1/quotes?limit=0", None, 400, "application/problem+json"),
        ("OPTIONS", "/api/v1/quotes", None, 405, "application/problem+json"),
    ] {
        let host = host.map_or(served.address.to_string(), str::to_owned);
        let answer = served.send(method, target, &[("Host", &host)], "").has(status);
        let header = |name: &str| answer.headers.get(name).map_or("", String::as_str);
        assert_eq!(header("content-type"), media_type, "{method} {target}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{method} {target}");
        assert_eq!(header("referrer-policy"), "same-origin", "{method} {target}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{method} {target}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{method} {target}");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{method} {target}: {policy}");
        assert!(!policy.contains("unsafe"), "{method} {target}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{method} {target}: {policy}");
        let kept = if target == style {
            "public, max-age=31536000, immutable"
        } else {
            "private, no-cache"
        };
        assert_eq!(header("cache-control"), kept, "{method} {target}");
        assert!(method != "HEAD" || answer.body.is_empty());
        assert!(status != 405 || header("allow") == "GET, HEAD", "{answer:?}");
    }
}

#[test]
fn a_name_that_leads_here_by_deceit_is_not_answered() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let port = served.address.port();
    for (host, status) in [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("LOCALHOST:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        // Through a tunnel, a container or a proxy: what leads to loopback can't be taken over.
        ("localhost".to_owned(), 200),
        (format!("localhost:{}", port ^ 1), 200),
        (format!("[::1]:{}", port ^ 1), 200),
        ("rebind.example".to_owned(), 421),
        (format!("127.0.0.1.rebind.example:{port}"), 421),
        (format!("rebind.example:{port}"), 421),
        (format!("localhost.:{port}"), 421),
        (format!("user@localhost:{port}"), 421),
        (format!("192.168.0.7:{port}"), 421),
        ("?".to_owned(), 421),
    ] {
        assert_eq!(served.send("GET", "/", &[("Host", &host)], "").status, status, "{host}");
    }
    assert_eq!(served.raw(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").status, 400);
    let twice = format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nHost: a.example\r\n\r\n");
    assert_eq!(served.raw(twice.as_bytes()).status, 400);
    let whole = |host: &str| {
        let request = format!(
            "GET http://{host}/ HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
        );
        served.raw(request.as_bytes()).status
    };
    assert_eq!((whole(&format!("localhost:{port}")), whole("rebind.example")), (200, 421));
}

#[test]
fn behind_a_proxy_with_tls_it_is_asked_by_its_name() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let arguments = ["--addr", "127.0.0.1:0", "--host", "box.lan", "--host", "notes.lan:8443"];
    let served = Served::start_with(dir.path(), &arguments);
    let (port, own) = (served.address.port(), served.address.to_string());
    // Others ask through the proxy: to look takes the token too.
    served.get("/").has(401);
    served.send("GET", "/", &[("Host", "box.lan")], "").has(401);
    let target = format!("/?token={}", served.token);
    let plain = served.send("GET", &target, &[("Host", "box.lan")], "").has(303);
    assert!(!plain.headers["set-cookie"].contains("Secure"), "{plain:?}");
    let proto = ("X-Forwarded-Proto", "https");
    let entered = served.send("GET", &target, &[("Host", "box.lan"), proto], "").has(303);
    let cookie = &entered.headers["set-cookie"];
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    for (host, status) in [
        ("box.lan", 200),
        ("BOX.lan:9000", 200),
        ("notes.lan:8443", 200),
        ("notes.lan", 421),
        ("notes.lan:9000", 421),
        (&own, 200),
        ("rebind.example", 421),
        ("box.lan.rebind.example", 421),
        ("192.168.0.7", 421),
    ] {
        let answer = served.send("GET", "/", &[("Host", host), ("Cookie", cookie)], "");
        assert_eq!(answer.status, status, "{host}");
    }
    for (headers, scheme) in [(vec![], "http"), (vec![proto], "https")] {
        let headers = [vec![("Host", "box.lan"), ("Cookie", cookie)], headers].concat();
        let feed = served.send("GET", "/api/v1/export?format=atom&q=safeguards", &headers, "");
        let own = format!("<link rel=\"self\" href=\"{scheme}://box.lan/api/v1/export?");
        assert!(feed.has(200).body.contains(&own), "{scheme}");
    }
    let rewritten = format!("localhost:{port}");
    for (number, (host, origin, status)) in [
        ("box.lan", "https://box.lan", 201),
        ("box.lan", "http://box.lan", 201),
        // The proxy asks by the address that it was told.
        (&own, "https://box.lan", 201),
        (&rewritten, "https://notes.lan:8443", 201),
        ("box.lan", "https://notes.lan", 403),
        (&own, "https://box.lan:9000", 403),
        ("box.lan", "https://a.example", 403),
        (&own, "null", 403),
    ]
    .into_iter()
    .enumerate()
    {
        let json = ("Content-Type", "application/json");
        let headers = [("Host", host), ("Cookie", cookie), json, ("Origin", origin)];
        let body = json!({"name": format!("Lanterns {number}")}).to_string();
        let answer = served.send("POST", "/api/v1/collections", &headers, &body);
        assert_eq!(answer.status, status, "{origin} at {host}: {}", answer.body);
    }
    let page = served.send("GET", "/collections", &[("Host", "box.lan"), ("Cookie", cookie)], "");
    let (_, token) = page.body.split_once("name=\"form_token\" value=\"").unwrap();
    let form = format!("form_token={}&name=Tides", token.split('"').next().unwrap());
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let headers = [("Host", own.as_str()), ("Cookie", cookie), kind, ("Origin", "https://box.lan")];
    served.send("POST", "/collections", &headers, &form).has(303);
    let wrong = quotes(dir.path(), &["serve", "--host", "https://box.lan"]).exits(2);
    assert!(wrong.err.contains("box.lan:8443"), "{}", wrong.err);
}

#[test]
fn another_site_may_link_here_and_nothing_else() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let own = format!("http://{}", served.address);
    let link = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")];
    let frame = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")];
    let (from_other, from_own) =
        (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-origin"));
    let neighbour = ("Sec-Fetch-Site", "same-site");
    for (headers, status) in [
        (vec![from_other, link[0], link[1]], 200),
        (vec![neighbour, link[0], link[1]], 200),
        (vec![from_other, frame[0], frame[1]], 403),
        (vec![from_other, ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "script")], 403),
        (vec![neighbour, ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty")], 403),
        (vec![from_own, ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty")], 200),
        (vec![("Origin", "https://a.example")], 403),
        (vec![("Origin", "null")], 403),
        (vec![("Origin", "http://localhost")], 403),
        (vec![("Origin", "http://localhost:3000")], 403),
        (vec![("Origin", &own)], 200),
    ] {
        let answer = served.send("GET", "/api/v1/quotes", &headers, "");
        assert_eq!(answer.status, status, "{headers:?}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    let cookie = format!("onrecord-{}={}", served.address.port(), served.token);
    let json = ("Content-Type", "application/json");
    for (headers, status) in [
        (vec![("Cookie", cookie.as_str()), json, ("Origin", "https://a.example")], 403),
        (vec![("Cookie", &cookie), json, from_other, link[0], link[1]], 403),
        // What a form of another site can send.
        (vec![("Cookie", &cookie), ("Content-Type", "text/plain")], 415),
        (vec![("Cookie", &cookie), json, ("Origin", &own), from_own], 201),
    ] {
        let answer = served.send("POST", "/api/v1/collections", &headers, r#"{"name":"Lanterns"}"#);
        assert_eq!(answer.status, status, "{headers:?}: {}", answer.body);
    }
}

#[test]
fn a_change_takes_the_token() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let (port, token) = (served.address.port(), served.token.clone());
    let json = ("Content-Type", "application/json");
    let wrong = "0".repeat(token.len());
    for (name, value, status) in [
        ("X-Nothing", String::new(), 401),
        ("Authorization", format!("Bearer {wrong}"), 401),
        ("Authorization", format!("Basic {token}"), 401),
        ("Cookie", format!("onrecord-{port}={wrong}"), 401),
        ("Cookie", format!("onrecord-{}={token}", port ^ 1), 401),
        ("Cookie", format!("a=b; onrecord-{port}={token}; c=d"), 201),
        ("Authorization", format!("bearer {token}"), 409),
    ] {
        let headers = [(name, value.as_str()), json];
        let answer = served.send("POST", "/api/v1/collections", &headers, r#"{"name":"Lanterns"}"#);
        assert_eq!(answer.status, status, "{name}: {value}");
        assert!(status != 401 || answer.headers["www-authenticate"].starts_with("Bearer"));
    }
    let entered = served.get(&format!("/?q=treaty&token={token}&limit=5")).has(303);
    assert_eq!(entered.headers["location"], "/?q=treaty&limit=5");
    assert_eq!(
        entered.headers["set-cookie"],
        format!("onrecord-{port}={token}; Path=/; HttpOnly; SameSite=Strict")
    );
    served.get(&format!("/?token={wrong}")).has(403);
    let away = served.get(&format!("//a.example/?token={token}")).has(303);
    assert_eq!(away.headers["location"], "/a.example/");
}

#[test]
fn from_elsewhere_everything_takes_the_token() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start_at(dir.path(), "0.0.0.0:0");
    let port = served.address.port();
    for target in ["/", "/api/v1/quotes", "/api/v1/openapi.json", "/feeds", "/nothing"] {
        let refused = served.get(target).has(401);
        assert!(!refused.body.contains("Høgsbro"));
    }
    let bearer = format!("Bearer {}", served.token);
    for (host, status) in [
        (format!("192.168.0.7:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("rebind.example:{port}"), 421),
    ] {
        let headers = [("Host", host.as_str()), ("Authorization", &bearer)];
        assert_eq!(served.send("GET", "/", &headers, "").status, status, "{host}");
    }
}

#[test]
fn what_is_too_long_too_much_or_too_slow_is_cut_off() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    // Half a request, which goes on never.
    let mut slow = TcpStream::connect(served.address).unwrap();
    slow.set_read_timeout(Some(PATIENCE)).unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
    let bearer = format!("Bearer {}", served.token);
    let auth = ("Authorization", bearer.as_str());
    assert_eq!(served.get(&format!("/?q={}", "word+".repeat(2_000))).status, 400);
    assert_eq!(served.get(&format!("/?q={}", "a".repeat(17_000))).status, 414);
    assert_eq!(served.get(&format!("/api/v1/quotes?speaker={}", "a".repeat(201))).status, 400);
    let padding = "a".repeat(200_000);
    assert_eq!(served.send("GET", "/", &[("X-Padding", &padding)], "").status, 431);
    let many: Vec<(String, String)> = (0..80).map(|n| (format!("X-{n}"), "a".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, it)| (&**name, &**it)).collect();
    assert_eq!(served.send("GET", "/", &many, "").status, 431);
    let long = format!("{{\"name\":\"{}\"}}", "a".repeat(140_000));
    let headers = [auth, ("Content-Type", "application/json")];
    assert_eq!(served.send("POST", "/api/v1/collections", &headers, &long).status, 413);
    for deep in ["(".repeat(1_000), "NOT ".repeat(400), "a* ".repeat(60)] {
        let encoded: String = url::form_urlencoded::byte_serialize(deep.as_bytes()).collect();
        assert_eq!(served.get(&format!("/api/v1/quotes?q={encoded}")).status, 400, "{deep:.9}");
    }
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).unwrap();
    assert_eq!(served.get("/").status, 200);
}

/// Text that would run if any page forgot to escape it.
const HOSTILE: &str = "<script>alert(1)</script>";
const ATTACK: Page = Page {
    url: "https://a.example/?\"><script>alert(2)</script>",
    outlet: "<img src=x onerror=alert(3)>",
    title: "</title><script>alert(4)</script>",
    published: "2024-03-01",
    text: "“<script>alert(1)</script>” said <b onmouseover=alert(5)>Ann</b>.\n\nMore.",
    notices: &["<svg onload=alert(6)>"],
    quotes: &[Said {
        words: HOSTILE,
        speaker: Some(Who {
            name: "<b onmouseover=alert(5)>Ann</b>",
            role: "\"'><script>alert(7)</script>",
            affiliation: "javascript:alert(8)",
            anonymous: false,
        }),
    }],
};

#[test]
fn no_word_of_an_article_or_a_query_becomes_markup() {
    let dir = tempdir().unwrap();
    let mut store = collection(dir.path());
    let recorded = collected::record(&mut store, &ATTACK, "2024-03-02T00:00:00Z");
    store.settle_speakers().unwrap();
    onrecord::pipeline::index::catch_up(&store, dir.path()).unwrap();
    let made = store.make_collection(HOSTILE, collected::at("2024-03-02T00:00:00Z")).unwrap();
    let quote = store.quotes_of_article(&recorded.article_id).unwrap().remove(0).quote;
    let at = collected::at("2024-03-02T00:00:01Z");
    store.add_to_collection(made.id, std::slice::from_ref(&quote.id), at).unwrap();
    let identity = quote.speaker.unwrap().identity.unwrap();
    let served = Served::start(dir.path());
    let attack: String = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect();
    let cookie = format!("onrecord-{}={}", served.address.port(), served.token);
    for target in [
        "/".to_owned(),
        format!("/?q={attack}"),
        format!("/?speaker={attack}&outlet={attack}&topic={attack}"),
        format!("/?since={attack}"),
        format!("/?{attack}={attack}"),
        format!("/quotes/{}", quote.id),
        format!("/speakers/{identity}"),
        format!("/articles/{}", recorded.article_id),
        format!("/collections/{}", made.id),
        "/collections".to_owned(),
        "/feeds".to_owned(),
        format!("/quotes/{attack}"),
        format!("/{attack}"),
    ] {
        let page = served.send("GET", &target, &[("Cookie", &cookie)], "");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8", "{target}");
        for (index, _) in page.body.match_indices("<script") {
            assert!(page.body[index..].starts_with("<script src=\"/assets/"), "{target}");
        }
        for sign in ["<img src=x", "<svg onload", "<b onmouse", "href=\"javascript:"] {
            assert!(!page.body.contains(sign), "{target}: {sign}: {}", page.body);
        }
    }
    let found = served.get(&format!("/api/v1/quotes?q={attack}")).has(200);
    assert_eq!(found.json()["items"][0]["text"], HOSTILE);
    assert_eq!(found.headers["content-type"], "application/json");
}

#[test]
fn pages_of_results_are_parts_of_one_order() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let all = ids(&served.json("/api/v1/quotes?limit=100"));
    assert_eq!(all.len(), 6);
    for query in ["", "sort=oldest&", "q=safeguards+OR+sign&"] {
        let mut target = format!("/api/v1/quotes?{query}limit=2");
        let whole = ids(&served.json(&format!("/api/v1/quotes?{query}limit=100")));
        let mut walked = Vec::new();
        loop {
            let part = served.json(&target);
            assert_eq!(part["total"], whole.len());
            walked.extend(ids(&part));
            match part["next"].as_str() {
                Some(next) => next.clone_into(&mut target),
                None => break,
            }
        }
        assert_eq!(walked, whole, "{query}");
    }
}

#[test]
fn the_filters_are_those_of_the_command() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    for (parameters, arguments) in [
        ("q=safeguards", vec!["safeguards"]),
        ("q=safeguards&sort=oldest", vec!["safeguards", "--sort", "oldest"]),
        ("speaker=tapia", vec!["--speaker", "tapia"]),
        ("role=negotiator&kind=direct", vec!["--role", "negotiator", "--kind", "direct"]),
        ("affiliation=open+wires", vec!["--affiliation", "open wires"]),
        ("outlet=meridian", vec!["--outlet", "meridian"]),
        (
            "topic=lantern-treaty&until=2024-02-08",
            vec!["--topic", "lantern-treaty", "--until", "2024-02-08"],
        ),
        ("since=2024-08-01", vec!["--since", "2024-08-01"]),
        ("anonymous=true", vec!["--anonymous"]),
        ("revised=true", vec!["--revised"]),
        ("notice=correction", vec!["--notice", "correction"]),
        ("speaker=tapja", vec!["--speaker", "tapja"]),
    ] {
        let mut command = vec!["--data", ".", "search", "--format", "json"];
        command.extend(&arguments);
        let printed = quotes(dir.path(), &command).exits(0).json();
        let given = served.json(&format!("/api/v1/quotes?{parameters}"));
        let records: Vec<Value> = given["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                let mut record = item.as_object().unwrap().clone();
                assert!(record.remove("highlights").is_some());
                Value::Object(record)
            })
            .collect();
        assert_eq!(Value::Array(records), printed, "{parameters}");
    }
    for (parameters, wrong) in [
        ("since=2024-02-30", "since"),
        ("since=2024-09-01&until=2024-08-01", "since"),
        ("kind=loud", "kind"),
        ("anonymous=yes", "anonymous"),
        ("limit=101", "limit"),
        ("limit=%2B5", "limit"),
        ("offset=-1", "offset"),
        ("q=(", "q"),
        ("speaker=!!", "speaker"),
        ("speaker=a&speaker=b", "speaker"),
        ("outlet=a%00b", "outlet"),
    ] {
        let problem = served.get(&format!("/api/v1/quotes?{parameters}")).has(400).json();
        assert_eq!(problem["parameter"], wrong, "{parameters}: {problem}");
        assert_eq!((&problem["status"], &problem["title"]), (&json!(400), &json!("Bad Request")));
        assert!(served.get(&format!("/?{parameters}")).has(400).body.contains(wrong));
    }
    let cut_short = served.get("/api/v1/quotes?speaker_id=").has(400).json();
    assert_eq!(cut_short["parameter"], "speaker_id", "{cut_short}");
    let mistyped = served.get("/api/v1/quotes?speeker=tapia").has(400).json();
    assert!(mistyped["detail"].as_str().unwrap().contains("speeker"), "{mistyped}");
    // A form sends its empty fields too.
    served.get("/?q=&speaker=&since=&kind=").has(200);
    served.get("/api/v1/quotes?speaker_id=ffff").has(404);
}

#[test]
fn a_page_exports_what_it_shows_under_a_name_alike() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    for asked in ["speaker=tapja", "q=speaker%3Atapja", "speaker=tapia&sort=newest&limit=5"] {
        let shown = served.json(&format!("/api/v1/quotes?{asked}"));
        let page = served.get(&format!("/?{asked}")).has(200).body;
        let (_, link) = page.split_once("href=\"/api/v1/export?format=ndjson").unwrap();
        let link = link.split('"').next().unwrap().replace("&amp;", "&");
        assert_eq!(link.contains("alike=true"), asked.contains("tapja"), "{asked}: {link}");
        let file = served.get(&format!("/api/v1/export?format=ndjson{link}")).has(200).body;
        let written: Vec<String> = file
            .lines()
            .map(|line| {
                serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(written, ids(&shown), "{asked}");
        assert!(!written.is_empty(), "{asked}");
    }
    // Exact where it isn't asked for, and what to ask for instead.
    let exact = served.json("/api/v1/counts?by=outlet&speaker=tapja");
    assert_eq!(
        (&exact["quotes"], &exact["suggestions"][0]["instead"]),
        (&json!(0), &json!("tapia"))
    );
    let counted = |asked: &str| served.json(&format!("/api/v1/{asked}"));
    assert_eq!(
        counted("counts?by=outlet&speaker=tapja&alike=true"),
        counted("counts?by=outlet&speaker=tapia")
    );
    assert_eq!(counted("timeline?speaker=tapja&alike=true"), counted("timeline?speaker=tapia"));
    assert_eq!(served.get("/api/v1/export?format=ndjson&speaker=tapja").has(200).body, "");
}

#[test]
fn a_mistake_in_a_search_loses_nothing_of_it() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    for (asked, message) in [
        ("q=%28bad&outlet=gazette&since=2025-01-01&sort=oldest", "a ) is missing here"),
        ("q=treaty&since=2025-02-01&until=2025-01-01&outlet=gazette", "no day is in between"),
        ("q=treaty&since=yesterday&outlet=gazette", "it is a day as YYYY-MM-DD"),
        ("q=treaty&speaker=%21%21&role=negotiator", "there is no word to look for"),
        ("q=treaty&kind=loud&revised=true", "it is one of direct, mixed, indirect"),
        ("q=treaty&outlet=gazette&speeker=tapia", "there is no parameter “speeker” here"),
        ("q=treaty&speaker=%22%3Ca%3E&speaker=b", "it is given twice"),
        ("q=treaty&speaker_id=ffff&outlet=gazette", "no speaker has the id ffff"),
    ] {
        let page = served.get(&format!("/?{asked}")).has(400).body;
        assert!(page.contains(message), "{asked}: {page}");
        assert!(!page.contains("openapi.json lists"), "{asked}: {page}");
        for (name, value) in url::form_urlencoded::parse(asked.as_bytes()) {
            let value = value.replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
            let kept = match &*name {
                "sort" => page.contains("<option value=\"oldest\" selected>"),
                "speeker" => true,
                name => page.split("<input ").any(|input| {
                    input.contains(&format!("name=\"{name}\""))
                        && input.contains(&format!("value=\"{value}\""))
                }),
            };
            assert!(kept, "{asked}: {name}: {page}");
        }
        let wrong = page.contains("aria-invalid");
        assert_eq!(
            wrong,
            !asked.contains("%28") && !asked.contains("ee") && !asked.contains("ffff")
        );
    }
    let mistyped = served.get("/speakers?speeker=tapia").has(400).body;
    assert!(mistyped.contains("the fields of the page are all"), "{mistyped}");
}

#[test]
fn the_order_that_is_named_is_that_of_the_list() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    for (asked, order) in [
        ("", "relevance\" selected>newest"),
        ("sort=newest", "relevance\" selected>newest"),
        ("sort=oldest", "oldest\" selected>oldest"),
        ("outlet=meridian&sort=relevance", "relevance\" selected>newest"),
        ("q=safeguards", "relevance\" selected>best match"),
        ("q=safeguards&sort=newest", "newest\" selected>newest"),
    ] {
        let page = served.get(&format!("/?{asked}")).has(200).body;
        assert!(page.contains(&format!("<option value=\"{order}</option>")), "{asked}: {page}");
        assert_eq!(page.contains("best match"), asked.contains("q="), "{asked}");
    }
}

#[test]
fn the_words_found_are_told_in_code_points() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let found = served.json("/api/v1/quotes?q=safeguards+H%C3%B8gsbro&sort=oldest");
    let quote = &found["items"][0];
    let cut = |text: &Value, places: &Value| -> Vec<String> {
        let text: Vec<char> = text.as_str().unwrap().chars().collect();
        let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let places = places.as_array().unwrap().iter();
        places.map(|it| text[number(&it["start"])..number(&it["end"])].iter().collect()).collect()
    };
    assert_eq!(cut(&quote["text"], &quote["highlights"]["text"]), ["safeguards"]);
    assert_eq!(cut(&quote["speaker"]["name"], &quote["highlights"]["name"]), ["Høgsbro"]);
}

#[test]
fn one_thing_has_one_shape_in_the_api_and_in_the_commands() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let printed = |arguments: &[&str]| {
        let mut command = vec!["--data", "."];
        command.extend(arguments);
        quotes(dir.path(), &command).exits(0)
    };
    let id = ids(&served.json("/api/v1/quotes?revised=true")).remove(0);
    assert_eq!(
        served.json(&format!("/api/v1/quotes/{id}")),
        printed(&["show", &id, "--format", "json"]).json()
    );
    let speakers = served.json("/api/v1/speakers");
    assert_eq!(speakers["items"], printed(&["speakers", "--format", "json"]).json());
    let identity = speakers["items"][0]["identity"].as_str().unwrap();
    let mut speaker = served.json(&format!("/api/v1/speakers/{identity}"));
    let parts = ["total", "next"].map(|name| speaker.as_object_mut().unwrap().remove(name));
    assert_eq!(
        parts,
        [Some(speaker["mentions"].as_array().unwrap().len().into()), Some(Value::Null)]
    );
    assert_eq!(speaker, printed(&["speakers", "show", identity, "--format", "json"]).json());
    let second = served.json(&format!("/api/v1/speakers/{identity}?limit=1&offset=1"));
    assert_eq!(second["mentions"][0], speaker["mentions"][1]);
    let counts = served.json("/api/v1/counts?by=outlet");
    assert_eq!(
        counts["items"],
        printed(&["search", "--count-by", "outlet", "--format", "json"]).json()
    );
    let status = onrecord(dir.path(), &["--data", ".", "status", "--skipped", "--format", "json"]);
    assert_eq!(served.json("/api/v1/skipped")["items"], status.json());
    for format in ["json", "ndjson", "csv", "markdown", "jsonld", "atom", "csl"] {
        let file = served.get(&format!("/api/v1/export?format={format}&q=safeguards")).has(200);
        assert!(file.headers["content-disposition"].starts_with("attachment; filename=\"quotes."));
        // A feed that is served says where; an exported one can't.
        let asked_at =
            |line: &&str| !line.starts_with("<link rel=\"self\" href=\"http://127.0.0.1:");
        let lines: Vec<&str> = file.body.lines().filter(asked_at).collect();
        let exported = printed(&["export", "--format", format, "safeguards"]).out;
        assert_eq!(lines, exported.lines().collect::<Vec<_>>(), "{format}");
        assert_eq!(file.body.contains("rel=\"self\""), format == "atom");
    }
    served.get("/api/v1/export").has(400);
}

#[test]
fn an_article_has_the_text_that_its_quotes_stand_in() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    let article = onrecord::store::article_id(HARBOUR.url);
    drop(store);
    let served = Served::start(dir.path());
    for (target, version, words) in [
        (format!("/api/v1/articles/{article}"), 2, "Everybody goes home now,"),
        (format!("/api/v1/articles/{article}?version=1"), 1, "The safeguards are strong,"),
    ] {
        let given = served.json(&target);
        assert_eq!(
            (&given["version"], given["versions"].as_array().unwrap().len()),
            (&json!(version), 2)
        );
        let text: Vec<char> = given["text"].as_str().unwrap().chars().collect();
        let mut seen = BTreeSet::new();
        for quote in given["quotes"].as_array().unwrap() {
            let span = &quote["verbatim"][0];
            let number = |name: &str| usize::try_from(span[name].as_u64().unwrap()).unwrap();
            let there: String = text[number("start")..number("end")].iter().collect();
            assert_eq!(there, span["text"].as_str().unwrap());
            seen.insert(there);
        }
        assert!(seen.contains(words), "{seen:?}");
    }
    served.get(&format!("/api/v1/articles/{article}?version=3")).has(404);
    served.get("/api/v1/articles/nothing").has(404);
}

#[test]
fn a_collection_keeps_its_quotes_in_their_order() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let all = ids(&served.json("/api/v1/quotes?sort=oldest"));
    let made = served.change("POST", "/api/v1/collections", &json!({"name": " Lantern treaty "}));
    let made = made.has(201);
    let here = made.headers["location"].clone();
    assert_eq!(here, "/api/v1/collections/1");
    assert_eq!(
        (&made.json()["name"], &made.json()["quotes"]),
        (&json!("Lantern treaty"), &json!(0))
    );
    served.change("POST", "/api/v1/collections", &json!({"name": "Lantern treaty"})).has(409);
    for name in ["", "  ", "a\nb", &"a".repeat(101)] {
        served.change("POST", "/api/v1/collections", &json!({"name": name})).has(422);
    }
    served.change("POST", "/api/v1/collections", &json!({"nome": "Tides"})).has(400);
    let quotes_of = format!("{here}/quotes");
    let added = served.change("POST", &quotes_of, &json!({"quotes": [all[3], all[0]]})).has(200);
    assert_eq!(added.json()["quotes"], 2);
    served.change("POST", &quotes_of, &json!({"quotes": [all[1], all[3]]})).has(200);
    assert_eq!(ids(&served.json(&quotes_of)), [&*all[3], &*all[0], &*all[1]]);
    let refused = served.change("POST", &quotes_of, &json!({"quotes": [all[2], "ffff"]})).has(422);
    assert!(refused.json()["detail"].as_str().unwrap().contains("ffff"));
    served.change("PUT", &quotes_of, &json!({"quotes": [all[1], all[0], all[3]]})).has(200);
    let part = served.json(&format!("{quotes_of}?limit=2&offset=1"));
    assert_eq!(ids(&part), [&*all[0], &*all[3]]);
    served.change("DELETE", &format!("{quotes_of}/{}", all[0]), &json!({})).has(200);
    served.change("DELETE", &format!("{quotes_of}/{}", all[0]), &json!({})).has(404);
    served.change("PATCH", &here, &json!({"name": "Tides & “lanterns”"})).has(200);
    let file = served.get(&format!("{here}/export?format=ndjson")).has(200);
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"tides-lanterns.ndjson\""
    );
    let written: Vec<Value> =
        file.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let written: Vec<&str> = written.iter().map(|quote| quote["id"].as_str().unwrap()).collect();
    assert_eq!(written, [&*all[1], &*all[3]]);
    // Extracted anew, quotes may be withdrawn; what was picked stays picked.
    onrecord(dir.path(), &["--data", ".", "reindex", "--extract"]).exits(0);
    assert_eq!(ids(&served.json(&quotes_of)), [&*all[1], &*all[3]]);
    assert_eq!(Store::open(dir.path()).unwrap().damages().unwrap(), [""; 0]);
    served.change("DELETE", &here, &json!({})).has(204);
    served.change("DELETE", &here, &json!({})).has(404);
    served.get(&quotes_of).has(404);
    let again = served.change("POST", "/api/v1/collections", &json!({"name": "Tides"})).has(201);
    assert_eq!(again.json()["id"], 2, "a number is never given again");
}

#[test]
fn speakers_are_corrected_and_the_next_search_knows() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let speakers = served.json("/api/v1/speakers");
    let identity = |name: &str| {
        let speakers = speakers["items"].as_array().unwrap();
        let found = speakers.iter().find(|it| it["name"] == name).unwrap();
        found["identity"].as_str().unwrap().to_owned()
    };
    let (maren, tapia) = (identity("Maren Høgsbro"), identity("José Tapia"));
    let total = |id: &str| served.json(&format!("/api/v1/quotes?speaker_id={id}"))["total"].clone();
    let before = (total(&maren), total(&tapia));
    let merge = json!({"kind": "merge", "first": maren, "second": tapia});
    // A watch goes on for months: corrections don't wait for its end.
    let _lock = DataLock::take(dir.path()).unwrap();
    let made = served.change("POST", "/api/v1/corrections", &merge).has(201).json();
    assert_eq!((&made["number"], &made["kind"]), (&json!(1), &json!("merge")));
    assert_eq!(total(&maren), 4);
    served.change("POST", "/api/v1/corrections", &merge).has(409);
    served.change("POST", "/api/v1/corrections", &json!({"kind": "undo"})).has(201);
    assert_eq!((total(&maren), total(&tapia)), before);
    assert_eq!(served.json("/api/v1/corrections").as_array().unwrap().len(), 2);
    let nobody = json!({"kind": "split", "speaker": "ffff", "role": "minister"});
    served.change("POST", "/api/v1/corrections", &nobody).has(422);
    served.change("POST", "/api/v1/corrections", &json!({"kind": "guess"})).has(400);
}

#[test]
fn what_a_crawl_adds_meanwhile_is_found_without_a_restart() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    collected::record(&mut store, &HARBOUR, "2024-02-09T06:00:00Z");
    let served = Served::start(dir.path());
    let total = || served.json("/api/v1/quotes")["total"].as_u64().unwrap();
    assert_eq!(total(), 2);
    // As a crawl does: its lock, commits of the store, the index later or never.
    let _lock = DataLock::take(dir.path()).unwrap();
    collected::record(&mut store, &MERIDIAN, "2024-08-10T06:00:00Z");
    wait_until("the new quotes are found", || total() == 4);
    assert!(served.get("/?q=journalists").has(200).body.contains("Norland signed today"));
}

#[test]
fn the_description_has_every_operation_by_its_own_name() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let served = Served::start(dir.path());
    let description = served.json("/api/v1/openapi.json");
    assert_eq!(description["openapi"], "3.1.0");
    let mut names = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()));
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
            let known = served.send(&method.to_uppercase(), path, &[], "").status;
            assert!(known != 405, "{method} {path}");
        }
    }
    assert_eq!(names.len(), 25);
    let text = description.to_string();
    for (at, _) in text.match_indices("\"#/components/") {
        let pointer = text[at + 2..].split('"').next().unwrap();
        assert!(description.pointer(pointer).is_some(), "{pointer}");
    }
}
