//! `onrecord crawl` against servers that fail in every way that servers do.
//!
//! Each row of a table is a host with a fault, and what the collection says of its page afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use onrecord::domain::run::Visit;
use onrecord::store::Store;
use serde_json::Value;
use tempfile::TempDir;

use crate::fault_server::{FaultServer, Request, Script, Step, Transport, answer, coded, head};
use crate::programs::{Ran, onrecord, quotes};

use Step::{Again, Drip, Forever, Reset, Send, Silence};

/// Largest page and feed that the runs here take, as the watch list has it.
const MAX_PAGE: usize = 1024 * 1024;

/// A page on the tide accord in which somebody says `words`.
pub fn article(words: &str) -> String {
    let filler = "The delegates met in the harbour hall and spoke of the tide accord for hours. ";
    format!(
        "<html><head><title>The tide accord</title></head><body><article><h1>The tide accord</h1>\
         <p>{filler}{filler}</p><p>“{words},” said Mira Kolb, harbour master of Vell. {filler}</p>\
         <p>{filler}{filler}{filler}</p></article></body></html>"
    )
}

/// A whole answer with a good page.
pub fn page(words: &str) -> Vec<u8> {
    answer("200 OK", &["Content-Type: text/html; charset=utf-8"], article(words).as_bytes())
}

pub fn good() -> Vec<u8> {
    page("We shall see")
}

/// A good page under other headers.
pub fn page_with(headers: &[&str]) -> Vec<u8> {
    answer("200 OK", headers, article("We shall see").as_bytes())
}

pub fn status(line: &str) -> Vec<u8> {
    answer(line, &[], b"")
}

pub fn moved(location: &str) -> Vec<u8> {
    answer("302 Found", &[&format!("Location: {location}")], b"")
}

/// What a page of spaces, fifty times as large as is taken, is packed to.
fn bomb(coding: &str) -> Vec<u8> {
    let header = format!("Content-Encoding: {coding}");
    let spaces = vec![b' '; 50 * MAX_PAGE];
    answer("200 OK", &["Content-Type: text/html", &header], &coded(coding, &spaces))
}

fn packed(coding: &str) -> Vec<u8> {
    let header = format!("Content-Encoding: {coding}");
    let page = coded(coding, article("We shall see").as_bytes());
    answer("200 OK", &["Content-Type: text/html; charset=utf-8", &header], &page)
}

/// What the collection says of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// Its quote is in the collection.
    Kept,
    /// Failed for good: asked again only if its feed says that it changed.
    Failed,
    /// Failed for the moment: the next run asks it again.
    Later,
    /// Not fetched.
    Skipped,
}

use Ends::{Failed, Kept, Later, Skipped};

/// A host's fault, how the visit ends, and what the reason says.
struct Fault {
    name: &'static str,
    ends: Ends,
    reason: &'static str,
    transport: Transport,
    script: Box<Script>,
}

fn fault(
    name: &'static str,
    ends: Ends,
    reason: &'static str,
    script: impl Fn(&Request) -> Vec<Step> + std::marker::Send + Sync + 'static,
) -> Fault {
    Fault { name, ends, reason, transport: Transport::Plain, script: Box::new(script) }
}

/// A host that always answers the same bytes.
fn says(name: &'static str, ends: Ends, reason: &'static str, bytes: Vec<u8>) -> Fault {
    fault(name, ends, reason, move |_| vec![Send(bytes.clone())])
}

impl Fault {
    fn over(self, transport: Transport) -> Self {
        Self { transport, ..self }
    }

    /// A server with this fault, robots.txt aside: there is none.
    async fn start(self) -> FaultServer {
        let script = self.script;
        FaultServer::with(self.transport, move |request| match request.path.as_str() {
            "/robots.txt" => vec![Send(status("404 Not Found"))],
            _ => script(request),
        })
        .await
    }
}

const TYPE: &str = "Content-Type: text/html; charset=utf-8";

/// Hosts that take too long.
fn slow_faults() -> Vec<Fault> {
    let half = good()[..120].to_vec();
    let mut body = head("200 OK", &[TYPE, "Content-Length: 90000"]);
    body.extend_from_slice(article("We shall see").as_bytes());
    let silent = |name, start: Vec<u8>| {
        fault(name, Later, "did not answer within", move |_| vec![Send(start.clone()), Silence])
    };
    vec![
        says("in time", Kept, "", good()),
        silent("silent", Vec::new()),
        silent("silent in the headers", half),
        silent("silent in the body", body),
        fault("a byte now and then", Later, "did not answer within", |_| {
            vec![Drip(good(), Duration::from_millis(50))]
        }),
    ]
}

/// Every other way in which a page fails, or doesn't though it looks so.
fn faults() -> Vec<Fault> {
    let long = |length: usize| {
        let mut bytes = head("200 OK", &[TYPE, &format!("Content-Length: {length}")]);
        bytes.extend_from_slice(article("We shall see").as_bytes());
        bytes
    };
    let chunked = |body: &str| {
        let mut bytes = head("200 OK", &[TYPE, "Transfer-Encoding: chunked"]);
        bytes.extend_from_slice(body.as_bytes());
        bytes
    };
    let latin = |page: String| encoding_rs::WINDOWS_1252.encode(&page).0.into_owned();
    let half = good()[..120].to_vec();
    let whole = article("We shall see");
    let chunk = format!("{:x}\r\n{whole}\r\n", whole.len());
    let html = article("We shall see").into_bytes();
    let cut_body = long(90_000);
    vec![
        // Connections.
        fault("reset at once", Later, "broken answer", |_| vec![Reset]),
        fault("reset in the headers", Later, "broken answer", {
            let half = half.clone();
            move |_| vec![Send(half[..40].to_vec()), Reset]
        }),
        fault("reset in the body", Later, "broken answer", {
            let bytes = cut_body.clone();
            move |_| vec![Send(bytes.clone()), Reset]
        }),
        fault("closed at once", Later, "broken answer", |_| vec![]),
        says("closed in the headers", Later, "broken answer", half[..40].to_vec()),
        says("closed in the body", Later, "broken answer", cut_body),
        says("no HTTP", Later, "broken answer", b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()),
        // Headers.
        fault("endless headers", Later, "broken answer", |_| {
            vec![Send(b"HTTP/1.1 200 OK\r\n".to_vec()), Forever(b"X-More: y\r\n".repeat(100))]
        }),
        fault("an endless header", Later, "broken answer", |_| {
            vec![Send(b"HTTP/1.1 200 OK\r\nX-Long: ".to_vec()), Forever(vec![b'y'; 4096])]
        }),
        says("a header with a zero byte", Later, "broken answer", page_with(&["X-Zero: a\0b"])),
        says("early hints", Kept, "", {
            let hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
            [&hints[..], &good()].concat()
        }),
        // Lengths.
        fault("an endless body", Failed, "larger than", |_| {
            vec![Send(head("200 OK", &[TYPE])), Forever(vec![b' '; 4096])]
        }),
        fault("endless chunks", Failed, "larger than", |_| {
            let chunk = [b"1000\r\n", &[b' '; 4096][..], b"\r\n"].concat();
            vec![Send(head("200 OK", &[TYPE, "Transfer-Encoding: chunked"])), Forever(chunk)]
        }),
        says("a huge length", Failed, "larger than", long(usize::MAX / 4)),
        says("no length", Kept, "", [head("200 OK", &[TYPE]), html.clone()].concat()),
        says(
            "bytes after the end",
            Kept,
            "",
            [good(), b"HTTP/1.1 500 No\r\n\r\n".to_vec()].concat(),
        ),
        says("a length that is no number", Later, "broken answer", {
            [head("200 OK", &[TYPE, "Content-Length: many"]), html.clone()].concat()
        }),
        says("chunks", Kept, "", chunked(&format!("{chunk}0\r\n\r\n"))),
        says("a chunk cut short", Later, "broken answer", chunked(&chunk[..300])),
        says("no last chunk", Later, "broken answer", chunked(&chunk)),
        says("a chunk of no size", Later, "broken answer", chunked("many\r\nx\r\n")),
        // Codings.
        says("a gzip bomb", Failed, "larger than", bomb("gzip")),
        says("a deflate bomb", Failed, "larger than", bomb("deflate")),
        says("a brotli bomb", Failed, "larger than", bomb("br")),
        says("a zstd bomb", Failed, "larger than", bomb("zstd")),
        says("gzip", Kept, "", packed("gzip")),
        says("deflate", Kept, "", packed("deflate")),
        says("brotli", Kept, "", packed("br")),
        says("zstd", Kept, "", packed("zstd")),
        says("gzip that is none", Later, "broken answer", {
            page_with(&[TYPE, "Content-Encoding: gzip"])
        }),
        // Redirects.
        says("a redirect to itself", Failed, "redirects more than", moved("/page")),
        fault("an endless chain", Failed, "redirects more than", |request| {
            vec![Send(moved(&format!("{}x", request.path)))]
        }),
        fault("a short chain", Kept, "", |request| match request.path.len() {
            ..8 => vec![Send(moved(&format!("{}x", request.path)))],
            _ => vec![Send(good())],
        }),
        fault("a door that wants a cookie", Failed, "redirects more than", |request| {
            let set = ["Location: /page", "Set-Cookie: seen=1"];
            vec![Send(if request.head.contains("cookie:") {
                good()
            } else {
                answer("302 Found", &set, b"")
            })]
        }),
        says("a redirect to a file", Skipped, "only http and https", moved("file:///etc/passwd")),
        says(
            "a redirect to a program",
            Skipped,
            "only http and https",
            moved("javascript:alert(1)"),
        ),
        says("a redirect to the cloud's secrets", Skipped, "169.254.169.254", {
            moved("http://169.254.169.254/latest/meta-data/")
        }),
        says("the same in numbers", Skipped, "169.254.169.254", moved("http://0xa9fea9fe/")),
        says("the same as IPv6", Skipped, "a9fe:a9fe", moved("http://[::ffff:169.254.169.254]/")),
        says("a redirect with a password", Skipped, "password", moved("http://a:b@127.0.0.1/")),
        says("a redirect to no address", Failed, "which is no URL", moved("http://[")),
        says("a redirect to nowhere", Failed, "answered 302", status("302 Found")),
        // Statuses.
        says("304 to a first request", Failed, "answered 304", status("304 Not Modified")),
        says("400", Failed, "answered 400", status("400 Bad Request")),
        says("401", Failed, "answered 401: the server refuses us", status("401 Unauthorized")),
        says("402", Failed, "answered 402: the server refuses us", status("402 Payment Required")),
        says("403", Failed, "answered 403: the server refuses us", status("403 Forbidden")),
        says("404", Failed, "answered 404: nothing is there", status("404 Not Found")),
        says("406", Failed, "answered 406", status("406 Not Acceptable")),
        says("410", Failed, "answered 410: nothing is there", status("410 Gone")),
        says("429", Later, "answered 429: too many requests", status("429 Too Many Requests")),
        says("429 for an hour", Later, "asks for a pause of 3600 s", {
            answer("429 Too Many Requests", &["Retry-After: 3600"], b"")
        }),
        says("451", Failed, "answered 451: the server refuses us", status("451 Illegal")),
        says("500", Later, "answered 500", status("500 Internal Server Error")),
        says("502", Later, "answered 502", status("502 Bad Gateway")),
        says("503", Later, "answered 503", status("503 Service Unavailable")),
        says("503 until a date", Later, "asks for a pause of 86400 s", {
            answer("503 No", &["Retry-After: Fri, 31 Dec 2286 23:59:59 GMT"], b"")
        }),
        says("504", Later, "answered 504", status("504 Gateway Timeout")),
        says("501", Failed, "answered 501: look at it", status("501 Not Implemented")),
        says("522", Later, "answered 522: the server has trouble", status("522 Timed Out")),
        says("999", Failed, "answered 999: look at it", status("999 Request Denied")),
        fault("503 once", Kept, "", |request| {
            vec![Send(if request.before == 0 { status("503 No") } else { good() })]
        }),
        // Contents.
        says("nothing", Failed, "is empty", answer("200 OK", &[TYPE], b"")),
        says("204", Failed, "is empty", head("204 No Content", &[])),
        says("a PDF", Failed, "application/pdf", {
            answer("200 OK", &["Content-Type: application/pdf"], b"%PDF-1.7\n\xff\xfe")
        }),
        says("an image that says it is a page", Failed, "binary data", {
            answer("200 OK", &[TYPE], &[&b"\x89PNG\r\n\x1a\n"[..], &[0; 400]].concat())
        }),
        says("a page that says it is an image", Failed, "image/png", {
            page_with(&["Content-Type: image/png"])
        }),
        says("a page without a type", Kept, "", page_with(&[])),
        says(
            "a page that says it is text",
            Kept,
            "",
            page_with(&["Content-Type: text/plain; charset=utf-8"]),
        ),
        says("a wrong charset", Kept, "", {
            answer("200 OK", &[TYPE], &latin(article("We shall see")))
        }),
        says(
            "an unknown charset",
            Kept,
            "",
            page_with(&["Content-Type: text/html; charset=klingon"]),
        ),
        says("elements without end", Failed, "nests elements deeper", {
            answer("200 OK", &[TYPE], "<div>".repeat(100_000).as_bytes())
        }),
        // TLS.
        says("a wrong certificate", Failed, "no trustworthy TLS", good())
            .over(Transport::WrongCertificate),
        says("no TLS where it is due", Failed, "no trustworthy TLS", good())
            .over(Transport::PlainWhereTlsIsDue),
    ]
}

/// Where a host must be waited for in vain.
const SHORT: &str = "read_timeout = \"2s\"\ntotal_timeout = \"5s\"\n";
/// Where some are, and others must not be taken for them on a busy machine.
const MIXED: &str = "read_timeout = \"6s\"\ntotal_timeout = \"25s\"\n";
/// Where nobody is: a machine that runs other tests as well may be slow to answer.
pub const LONG: &str = "read_timeout = \"30s\"\ntotal_timeout = \"1m\"\n";

/// The `[crawler]` and `[[topic]]` of every watch list here: no pauses.
pub fn settings(timeouts: &str) -> String {
    "[crawler]\ncontact = \"desk@ridge-courier.net\"\nper_host_delay = \"0s\"\n\
     max_page_size = \"1MiB\"\nconcurrency = 16\nallow_private_addresses = true\n\n\
     [[topic]]\nid = \"tides\"\ntitle = \"Tides\"\nany = [\"tide accord\"]\n"
        .replace("[crawler]\n", &format!("[crawler]\n{timeouts}"))
}

pub fn feed(id: &str, url: &str) -> String {
    format!("\n[[feed]]\nid = \"{id}\"\noutlet = \"Ridge Courier\"\nurl = \"{url}\"\n")
}

pub fn rss(links: &[String]) -> Vec<u8> {
    let items: String =
        links.iter().map(|link| format!("<item><link>{link}</link></item>")).collect();
    format!("<rss version='2.0'><channel>{items}</channel></rss>").into_bytes()
}

/// A healthy server with a feed of these links.
pub async fn feed_of(links: &[String]) -> FaultServer {
    let body = rss(links);
    FaultServer::start(move |request| match request.path.as_str() {
        "/feed" => vec![Send(answer("200 OK", &["Content-Type: application/rss+xml"], &body))],
        _ => vec![Send(status("404 Not Found"))],
    })
    .await
}

/// A folder whose watch list is one feed of these links.
pub async fn watching(links: &[String], timeouts: &str) -> TempDir {
    let hub = feed_of(links).await;
    let here = tempfile::tempdir().unwrap();
    let list = settings(timeouts) + &feed("ridge", &format!("{}/feed", hub.origin));
    fs::write(here.path().join("feeds.toml"), list).unwrap();
    here
}

/// What comes of a page at [`nobody`], as a row of a table of faults.
const REFUSED: (&str, Ends, &str) = ("refused", Later, "cannot be reached");

/// A port at which nobody listens.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// What `status --skipped` says of each page.
pub fn missing(here: &Path) -> BTreeMap<String, Value> {
    let ran = onrecord(here, &["status", "--skipped", "--format", "json"]).exits(0);
    let visits = ran.json().as_array().unwrap().clone();
    visits.into_iter().map(|visit| (visit["url"].as_str().unwrap().to_owned(), visit)).collect()
}

/// What the store says of the last visit to a page.
fn last_visit(here: &Path, url: &str) -> Visit {
    let store = Store::open_existing(&here.join("index")).unwrap();
    store.visit(url).unwrap().unwrap()
}

/// Where each kept quote was fetched from.
fn kept(here: &Path) -> Vec<String> {
    let all = quotes(here, &["export", "--format", "json"]).exits(0).json();
    all.as_array()
        .unwrap()
        .iter()
        .map(|it| it["article"]["url"].as_str().unwrap().to_owned())
        .collect()
}

fn row(ran: &Ran, feed: &str) -> Vec<u64> {
    let line = ran.out.lines().find(|line| line.starts_with(feed)).unwrap();
    line.split_whitespace().skip(1).map(|number| number.parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_page_ends_in_a_row_that_says_why() {
    crawl_faults(faults(), LONG).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_host_that_takes_too_long_ends_in_a_row_that_says_so() {
    crawl_faults(slow_faults(), SHORT).await;
}

async fn crawl_faults(faults: Vec<Fault>, timeouts: &str) {
    let (mut links, mut rows, mut servers) = (Vec::new(), Vec::new(), Vec::new());
    for fault in faults {
        let row = (fault.name, fault.ends, fault.reason);
        let server = fault.start().await;
        links.push(format!("{}/page", server.origin));
        rows.push(row);
        servers.push(Some(server));
    }
    links.push(format!("{}/page", nobody()));
    rows.push(REFUSED);
    servers.push(None);
    let here = watching(&links, timeouts).await;
    let ran = onrecord(here.path(), &["crawl"]).exits(0);

    let (missing, kept) = (missing(here.path()), kept(here.path()));
    let mut wrong = Vec::new();
    for ((name, ends, reason), link) in rows.iter().zip(&links) {
        let origin = &link[..link.len() - "/page".len()];
        let visit = missing.get(link);
        let found = match visit {
            None if kept.iter().any(|url| url.starts_with(&format!("{origin}/"))) => Some(Kept),
            None => None,
            Some(visit) => match (visit["outcome"].as_str().unwrap(), &visit["transient"]) {
                ("skipped", _) => Some(Skipped),
                ("failed", Value::Bool(true)) => Some(Later),
                ("failed", _) => Some(Failed),
                _ => None,
            },
        };
        let said = visit.map_or("", |visit| visit["reason"].as_str().unwrap());
        if found != Some(*ends) || !said.contains(reason) {
            wrong.push(format!("{name}: {found:?}, wanted {ends:?}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let of = |wanted: Ends| rows.iter().filter(|row| row.1 == wanted).count() as u64;
    let [entries, new, changed, known, off_topic, skipped, failed, quotes] = row(&ran, "ridge")[..]
    else {
        panic!("{}", ran.out)
    };
    assert_eq!((entries, new, quotes), (rows.len() as u64, of(Kept), of(Kept)));
    assert_eq!((changed, known, off_topic), (0, 0, 0));
    assert_eq!((skipped, failed), (of(Skipped), of(Failed) + of(Later)));

    // What failed for the moment is asked again by the next run, and what was skipped on the way;
    // what failed for good is not.
    let before: Vec<usize> = asked(&servers);
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    for ((row, before), after) in rows.iter().zip(&before).zip(asked(&servers)) {
        let again = after > *before;
        // A host refused by its certificate is never asked for a page, and one that asked for a pause
        // is left alone.
        let resting = row.2.starts_with("asks for a pause");
        let wanted = matches!(row.1, Later | Skipped) && after > 0 && !resting;
        assert_eq!(again, wanted, "{}: {before} and {after} times", row.0);
    }
}

fn asked(servers: &[Option<FaultServer>]) -> Vec<usize> {
    servers.iter().map(|it| it.as_ref().map_or(0, |server| server.asked("/page"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_a_server_asks_for_outlives_the_run_and_is_kept_for_all_of_its_pages() {
    let pause = || vec![Send(answer("503 No", &["Retry-After: 3600"], b""))];
    let open = || vec![Send(status("404 Not Found"))];
    let ok = || vec![Send(good())];
    let page = site(vec![("/robots.txt", open()), ("/page", pause()), ("/other", ok())]).await;
    let robots = site(vec![("/robots.txt", pause()), ("/page", ok()), ("/other", ok())]).await;
    let servers = [page, robots];
    let links = |path: &str| servers.each_ref().map(|server| format!("{}{path}", server.origin));
    let here = watching(&links("/page"), LONG).await;
    onrecord(here.path(), &["crawl"]).exits(0);
    let asked = || {
        let paths = ["/robots.txt", "/page", "/other"];
        servers.each_ref().map(|server| paths.map(|path| server.asked(path)))
    };
    let before = asked();
    assert_eq!(before[0][1], 1);
    // Another process, another list: the hosts rest, and it is said.
    let hub = feed_of(&links("/other")).await;
    let list = settings(LONG) + &feed("more", &format!("{}/feed", hub.origin));
    fs::write(here.path().join("feeds.toml"), list).unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(asked(), before);
    let listed = missing(here.path());
    for link in links("/other") {
        let reason = listed[&link]["reason"].as_str().unwrap();
        assert!(reason.contains("asked for a pause of 3"), "{reason}");
        assert_eq!(listed[&link]["transient"], true);
    }
    // Also by who only looks whether the feeds answer.
    let list = settings(LONG) + &feed("tired", &links("/other")[0]);
    fs::write(here.path().join("feeds.toml"), list).unwrap();
    let ran = onrecord(here.path(), &["check", "--online"]).exits(1);
    let said = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("asked for a pause of"), "{said}");
    assert_eq!(asked(), before);
    let list = settings(LONG) + &feed("more", &format!("{}/feed", hub.origin));
    fs::write(here.path().join("feeds.toml"), list).unwrap();
    // When it is over they are asked again.
    let ended = "UPDATE rests SET until = '2020-01-01T00:00:00Z'";
    crate::watch::in_store(here.path(), ended);
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!(kept(here.path()), [format!("{}/other", servers[0].origin)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_a_server_asks_for_outlives_a_run_that_is_killed() {
    let pause = vec![Send(answer("503 No", &["Retry-After: 3600"], b""))];
    let tired = site(vec![("/page", pause)]).await;
    let silent = site(vec![("/page", vec![Silence])]).await;
    let links = [format!("{}/page", tired.origin), format!("{}/page", silent.origin)];
    let here = watching(&links, LONG).await;
    let mut run = Command::new(env!("CARGO_BIN_EXE_onrecord"))
        .arg("crawl")
        .current_dir(here.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let rests = || {
        let store = Store::open_existing(&here.path().join("index"));
        store.and_then(|store| store.rests()).unwrap_or_default()
    };
    while !rests().contains_key(&tired.origin) && begun.elapsed() < Duration::from_secs(25) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let found = rests();
    assert!(found.contains_key(&tired.origin), "{found:?}");
}

/// A server of pages that notes when each of its paths is asked: the paths, with the times since the
/// request before.
async fn timed(
    robots: &'static str,
    answers: impl Fn(&Request) -> Vec<u8> + std::marker::Send + Sync + 'static,
) -> (FaultServer, Arc<Mutex<Vec<(String, Duration)>>>) {
    let asked: Arc<Mutex<Vec<(String, Duration)>>> = Arc::default();
    let (notes, before) = (Arc::clone(&asked), Mutex::new(Instant::now()));
    let server = FaultServer::start(move |request| {
        let since = std::mem::replace(&mut *before.lock().unwrap(), Instant::now()).elapsed();
        notes.lock().unwrap().push((request.path.clone(), since));
        match request.path.as_str() {
            "/robots.txt" => vec![Send(answer("200 OK", &[], robots.as_bytes()))],
            _ => vec![Send(answers(request))],
        }
    })
    .await;
    (server, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_delay_is_kept_between_all_requests_to_the_host() {
    let robots = "User-agent: *\nCrawl-delay: 1\n";
    let (server, asked) = timed(robots, |_| good()).await;
    let links = ["/1", "/2", "/3"].map(|path| format!("{}{path}", server.origin));
    let here = watching(&links, LONG).await;
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(kept(here.path()).len(), 3);
    let asked = asked.lock().unwrap().clone();
    // robots.txt, the site's tdmrep.json and the pages.
    assert_eq!(asked.len(), 5, "{asked:?}");
    for (path, since) in &asked[2..] {
        assert!(*since >= Duration::from_millis(990), "{path} after {since:?}: {asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_the_moment_is_repeated_after_pauses_that_grow() {
    let (server, asked) = timed("", |request| match (request.path.as_str(), request.before) {
        ("/page", 0 | 1) => status("503 Service Unavailable"),
        ("/page", _) => good(),
        _ => status("404 Not Found"),
    })
    .await;
    let here = watching(&[format!("{}/page", server.origin)], LONG).await;
    let list = here.path().join("feeds.toml");
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text.replace("per_host_delay = \"0s\"", "per_host_delay = \"200ms\""))
        .unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(kept(here.path()).len(), 1);
    let asked = asked.lock().unwrap().clone();
    let pauses: Vec<Duration> =
        asked.iter().filter(|(path, _)| path == "/page").map(|(_, since)| *since).collect();
    // Twice the usual pause, then four times, and what chance adds.
    assert_eq!(pauses.len(), 3, "{asked:?}");
    assert!(pauses[1] >= Duration::from_millis(390), "{pauses:?}");
    assert!(pauses[2] >= Duration::from_millis(790), "{pauses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_takes_no_connection_is_given_up_after_the_time_for_that() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts: once the queue is full, the system leaves new connections unanswered.
    let knock = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(300));
    let queue: Vec<_> = std::iter::from_fn(|| knock().ok()).take(100).collect();
    assert!(queue.len() < 100, "the queue never fills");
    let here = watching(&[format!("http://{address}/page")], "connect_timeout = \"1s\"\n").await;
    onrecord(here.path(), &["crawl"]).exits(0);
    let visit = &missing(here.path())[&format!("http://{address}/page")];
    let reason = visit["reason"].as_str().unwrap();
    // The times for reading and for the whole are twenty times as long and more.
    assert!(reason.contains("did not answer within") && visit["transient"] == true, "{visit}");
    let seconds = reason.split("within ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(seconds.parse::<u32>().unwrap() < 10, "{reason}");
}

/// Hosts that fail one request after the other are left in peace, and what they owe is asked later.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_answers_its_first_requests_only_is_left_for_the_next_run() {
    let faults: [(&str, Vec<Step>); 3] = [
        ("silent", vec![Silence]),
        ("overrun", vec![Send(status("429 Too Many Requests"))]),
        ("ill", vec![Send(status("503 Service Unavailable"))]),
    ];
    for (name, steps) in faults {
        let well = FaultServer::start(|_| vec![Send(good())]).await;
        let tired = FaultServer::start(move |request| match request.path.as_str() {
            "/robots.txt" => vec![Send(status("404 Not Found"))],
            // Two pages, then nothing in this run; everything in the next.
            _ if request.before_all < 2 || request.before_all > 11 => vec![Send(good())],
            _ => steps.clone(),
        })
        .await;
        let mut links: Vec<String> =
            (0..10).map(|at| format!("{}/page/{at}", tired.origin)).collect();
        links.push(format!("{}/page", well.origin));
        let here = watching(&links, SHORT).await;
        onrecord(here.path(), &["crawl"]).exits(0);
        assert_eq!(kept(here.path()).len(), 3, "{name}");
        let missing = missing(here.path());
        let with = |text: &str| {
            let said = missing.values().filter(|it| it["reason"].as_str().unwrap().contains(text));
            said.inspect(|it| assert_eq!(it["transient"], true, "{name}: {it}")).count()
        };
        assert_eq!(with("left for a later run"), 5, "{name}: {missing:#?}");
        assert_eq!(missing.len(), 8, "{name}");
        // Two good answers, and three pages three times.
        let asked: usize = (0..10).map(|at| tired.asked(&format!("/page/{at}"))).sum();
        assert_eq!(asked, 11, "{name}");
        onrecord(here.path(), &["crawl", "--all"]).exits(0);
        assert_eq!(kept(here.path()).len(), 11, "{name}");
    }
}

/// What a host answers to each path.
pub type Site = Vec<(&'static str, Vec<Step>)>;

pub async fn site(answers: Site) -> FaultServer {
    FaultServer::start(move |request| {
        let known = answers.iter().find(|(path, _)| *path == request.path);
        known.map_or_else(|| vec![Send(status("404 Not Found"))], |(_, steps)| steps.clone())
    })
    .await
}

/// Hosts by their robots.txt: what it does, how the visit to the page ends, what the reason says, the
/// answers.
fn robots_faults() -> Vec<(&'static str, Ends, &'static str, Site)> {
    let text = |body: &[u8]| vec![Send(answer("200 OK", &["Content-Type: text/plain"], body))];
    let open = b"User-agent: *\nAllow: /\n";
    let closed = b"User-agent: *\nDisallow: /page\n";
    let long =
        [b"User-agent: *\n".to_vec(), b"# \n".repeat(170_600), b"Disallow: /page\n".to_vec()];
    let bomb = coded("gzip", &vec![b'#'; 40 * MAX_PAGE]);
    vec![
        ("says yes", Kept, "", vec![("/robots.txt", text(open))]),
        ("says no", Skipped, "forbids it to onrecord", vec![("/robots.txt", text(closed))]),
        (
            "says no after 500 KiB, less a little",
            Skipped,
            "forbids",
            vec![("/robots.txt", text(&long.concat()))],
        ),
        ("says no behind what is read", Kept, "", {
            let behind = [
                b"User-agent: *\n".to_vec(),
                b"# \n".repeat(400_000),
                b"Disallow: /page\n".to_vec(),
            ];
            vec![("/robots.txt", text(&behind.concat()))]
        }),
        ("says no with a byte order mark", Skipped, "forbids", {
            vec![("/robots.txt", text(&[b"\xef\xbb\xbf", &closed[..]].concat()))]
        }),
        ("is a web page", Kept, "", vec![("/robots.txt", text(b"<html><p>Welcome</p></html>"))]),
        ("is noise", Kept, "", vec![("/robots.txt", text(&[0xff, 0xfe, 0, 1, 2, 200]))]),
        ("is empty", Kept, "", vec![("/robots.txt", text(b""))]),
        ("401", Kept, "", vec![("/robots.txt", vec![Send(status("401 No"))])]),
        ("403", Kept, "", vec![("/robots.txt", vec![Send(status("403 No"))])]),
        ("410", Kept, "", vec![("/robots.txt", vec![Send(status("410 No"))])]),
        ("429", Skipped, "cannot be read", vec![("/robots.txt", vec![Send(status("429 No"))])]),
        ("500", Skipped, "cannot be read", vec![("/robots.txt", vec![Send(status("500 No"))])]),
        ("503", Skipped, "cannot be read", vec![("/robots.txt", vec![Send(status("503 No"))])]),
        ("reset", Skipped, "cannot be read", vec![("/robots.txt", vec![Reset])]),
        ("silent", Later, "did not answer", vec![("/robots.txt", vec![Silence])]),
        ("slow", Later, "did not answer", {
            vec![("/robots.txt", vec![Drip(good(), Duration::from_millis(50))])]
        }),
        (
            "no HTTP",
            Skipped,
            "cannot be read",
            vec![("/robots.txt", vec![Send(b"220 ftp\r\n".to_vec())])],
        ),
        ("endless", Skipped, "cannot be read", {
            vec![("/robots.txt", vec![Send(head("200 OK", &[])), Forever(vec![b'#'; 4096])])]
        }),
        ("a bomb", Skipped, "cannot be read", {
            vec![("/robots.txt", vec![Send(answer("200 OK", &["Content-Encoding: gzip"], &bomb))])]
        }),
        (
            "a loop",
            Skipped,
            "cannot be read",
            vec![("/robots.txt", vec![Send(moved("/robots.txt"))])],
        ),
        ("moved, says no", Skipped, "forbids", {
            vec![("/robots.txt", vec![Send(moved("/rules"))]), ("/rules", text(closed))]
        }),
        ("moved to a file", Skipped, "only http and https", {
            vec![("/robots.txt", vec![Send(moved("file:///etc/passwd"))])]
        }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robots_txt_that_fails_in_any_way_keeps_us_out_until_it_can_be_read() {
    let (mut links, mut rows, mut servers) = (Vec::new(), Vec::new(), Vec::new());
    for (name, ends, reason, mut answers) in robots_faults() {
        answers.push(("/page", vec![Send(good())]));
        let server = site(answers).await;
        links.push(format!("{}/page", server.origin));
        rows.push((name, ends, reason));
        servers.push(server);
    }
    let here = watching(&links, MIXED).await;
    onrecord(here.path(), &["crawl"]).exits(0);
    let (missing, kept) = (missing(here.path()), kept(here.path()));
    for (((name, ends, reason), link), server) in rows.iter().zip(&links).zip(&servers) {
        assert_eq!(kept.contains(link), *ends == Kept, "{name}");
        assert_eq!(server.asked("/page") > 0, *ends == Kept, "{name}");
        let Some(visit) = missing.get(link) else { continue };
        assert!(visit["reason"].as_str().unwrap().contains(reason), "{name}: {visit}");
        let outcome = if *ends == Skipped { "skipped" } else { "failed" };
        assert_eq!(visit["outcome"], outcome, "{name}");
        // Only what robots.txt says lasts, and a redirect to no web server.
        let lasts = ["forbids", "only http"].iter().any(|lasting| reason.starts_with(lasting));
        assert_eq!(visit["transient"], !lasts, "{name}: {visit}");
    }
}

/// A list of articles as it fails or not: name, the error or none, entries, what the server answers.
type ListFault = (&'static str, &'static str, u64, Vec<Step>);

/// What a server does whatever list it should give.
fn list_faults() -> [ListFault; 9] {
    [
        ("silent", "did not answer", 0, vec![Silence]),
        ("reset", "broken answer", 0, vec![Reset]),
        ("large", "larger than", 0, vec![Send(head("200 OK", &[])), Forever(vec![b' '; 4096])]),
        ("refused-by-name", "answered 403", 0, vec![Send(status("403 No"))]),
        ("gone", "answered 410", 0, vec![Send(status("410 Gone"))]),
        ("unchanged", "answered 304", 0, vec![Send(status("304 Not Modified"))]),
        ("ill", "answered 503", 0, vec![Send(status("503 No"))]),
        ("astray", "only http and https", 0, vec![Send(moved("file:///etc/passwd"))]),
        ("round", "redirects more than", 0, vec![Send(moved("/feed"))]),
    ]
}

/// Entities of a document with this root, of which the last is very long.
fn entity_bomb(root: &str) -> String {
    let entities: String =
        (1..60).map(|at| format!("<!ENTITY e{at} '&e{0};&e{0};&e{0};&e{0};'>", at - 1)).collect();
    format!("<!DOCTYPE {root} [<!ENTITY e0 'x'>{entities}]>")
}

fn feed_faults() -> Vec<ListFault> {
    let xml = |body: Vec<u8>| vec![Send(answer("200 OK", &["Content-Type: text/xml"], &body))];
    let item = "<item><link>/page</link></item>";
    let nested = "<media:group>".repeat(100_000);
    let many: String =
        (0..1_000_000).map(|at| format!("<item><link>/page?{at}</link></item>")).collect();
    let entities = entity_bomb("rss");
    let file = "<!DOCTYPE rss [<!ENTITY file SYSTEM 'file:///etc/passwd'>]>";
    let one = || rss(&["/page".to_owned()]);
    let mut rows = vec![
        ("fine", "", 1, xml(one())),
        ("typed-wrong", "", 1, vec![Send(answer("200 OK", &["Content-Type: image/png"], &one()))]),
        ("packed", "", 1, xml(coded("gzip", &one()))),
        ("cut", "", 1, xml(format!("<rss><channel>{item}<item><ti").into())),
        ("many", "", 10_000, xml(format!("<rss><channel>{many}</channel></rss>").into())),
        ("entities", "", 1, xml(format!("{entities}<rss>{item}<item>&e59;</item></rss>").into())),
        ("file", "", 1, xml(format!("{file}<rss>{item}<item>&file;</item></rss>").into())),
        ("deep", "has a link", 0, xml(format!("<rss><channel><item>{nested}").into_bytes())),
        ("page", "is a web page", 0, vec![Send(good())]),
        ("empty", "is no feed but empty", 0, xml(Vec::new())),
        ("noise", "is no feed", 0, xml([0, 1, 2, 3, 255, 254].repeat(100))),
    ];
    rows.extend(list_faults());
    rows
}

fn sitemap_faults() -> Vec<ListFault> {
    let xml = |body: Vec<u8>| vec![Send(answer("200 OK", &["Content-Type: text/xml"], &body))];
    let entry = "<url><loc>/page</loc></url>";
    let one = || format!("<urlset>{entry}</urlset>").into_bytes();
    let typed = |media: &str| vec![Send(answer("200 OK", &[media], &one()))];
    let nested = "<image:image>".repeat(100_000);
    let entities = entity_bomb("urlset");
    let file = "<!DOCTYPE urlset [<!ENTITY file SYSTEM 'file:///etc/passwd'>]>";
    let of = |head: &str, more: &str| xml(format!("{head}<urlset>{entry}{more}</urlset>").into());
    let many: String = (0..60_000).map(|at| format!("<url><loc>/page?{at}</loc></url>")).collect();
    let lists_itself = "<sitemapindex><sitemap><loc>/feed</loc></sitemap></sitemapindex>";
    let mut rows = vec![
        ("fine", "", 1, xml(one())),
        ("typed-wrong", "", 1, typed("Content-Type: image/png")),
        ("packed", "", 1, xml(coded("gzip", &one()))),
        (
            "text",
            "",
            2,
            xml(b"https://ridge.example/page\nhttps://ridge.example/page?2\n".to_vec()),
        ),
        ("cut", "", 2, xml(format!("<urlset>{entry}<url><loc>/page?2").into())),
        ("many", "", 50_000, xml(format!("<urlset>{many}</urlset>").into())),
        ("entities", "", 2, of(&entities, "<url><loc>/page?&e59;</loc></url>")),
        ("file", "", 2, of(file, "<url><loc>/page?&file;</loc></url>")),
        ("deep", "", 2, of("", &format!("<url>{nested}<loc>/page?2</loc></url>"))),
        ("of itself", "", 0, xml(lists_itself.into())),
        ("page", "is no sitemap but a web page", 0, vec![Send(good())]),
        ("empty", "is no sitemap but empty", 0, xml(Vec::new())),
        ("noise", "is no sitemap", 0, xml([0, 1, 2, 3, 255, 254].repeat(100))),
        ("bomb", "unzips to more than", 0, xml(coded("gzip", &vec![b' '; 70 * MAX_PAGE]))),
    ];
    rows.extend(list_faults());
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_feed_is_a_row_of_status_and_the_others_go_on() {
    crawl_feed_faults(feed_faults(), "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_sitemap_is_a_row_of_status_and_the_others_go_on() {
    crawl_feed_faults(sitemap_faults(), "kind = \"sitemap\"\n").await;
}

async fn crawl_feed_faults(faults: Vec<ListFault>, more: &str) {
    let mut list =
        settings(MIXED).replace("max_page_size", "max_feed_size = \"64MiB\"\nmax_page_size");
    let mut rows = Vec::new();
    for (name, error, entries, steps) in faults {
        let name = name.replace(' ', "-");
        // A page that no feed here can bring: each host forbids it.
        let rules = answer("200 OK", &[], b"User-agent: *\nDisallow: /page\n");
        let server = site(vec![("/feed", steps), ("/robots.txt", vec![Send(rules)])]).await;
        list.push_str(&(feed(&name, &format!("{}/feed", server.origin)) + more));
        rows.push((name, error, entries));
    }
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("feeds.toml"), list).unwrap();
    let ran = onrecord(here.path(), &["crawl"]).exits(1);
    let status = onrecord(here.path(), &["status", "--format", "json"]).exits(0).json();
    for (name, error, entries) in rows {
        let of = |feed: &&Value| feed["id"] == name;
        let found = status.as_array().unwrap().iter().find(of).unwrap();
        let said = found["last_error"].as_str().unwrap_or("");
        assert!(said.contains(error) && error.is_empty() == said.is_empty(), "{name}: {said}");
        assert_eq!(found["failures"], u64::from(!error.is_empty()), "{name}");
        assert_eq!(found["last_counts"]["entries"], entries, "{name}: {}", ran.out);
        assert_eq!(ran.out.contains(&format!("feed {name} failed: ")), !error.is_empty(), "{name}");
    }
}

/// A server of a feed and its page, whose answers change from run to run: the feed says each time
/// that the page changed.
async fn run_by_run(pages: Vec<Vec<Step>>) -> FaultServer {
    FaultServer::start(move |request| match request.path.as_str() {
        "/feed" => {
            let day = request.before + 1;
            let item =
                format!("<item><link>/page</link><pubDate>2026-03-{day:02}</pubDate></item>");
            let feed = format!("<rss><channel>{item}</channel></rss>");
            vec![Send(answer("200 OK", &[], feed.as_bytes()))]
        }
        "/page" => pages[request.before.min(pages.len() - 1)].clone(),
        _ => vec![Send(status("404 Not Found"))],
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_goes_and_comes_back_stays_in_the_collection_all_the_time() {
    let server = run_by_run(vec![
        vec![Send(good())],
        vec![Send(status("404 Not Found"))],
        vec![Send(page("We have seen"))],
        vec![Send(good())],
    ])
    .await;
    let here = tempfile::tempdir().unwrap();
    let list = settings(LONG) + &feed("ridge", &format!("{}/feed", server.origin));
    fs::write(here.path().join("feeds.toml"), list).unwrap();
    let link = format!("{}/page", server.origin);
    // Quotes at each time; what is said of the last visit.
    let runs = [("We shall see,", ""), ("We shall see,", "answered 404"), ("We have seen,", "")];
    for (run, (words, said)) in runs.into_iter().enumerate() {
        onrecord(here.path(), &["crawl", "--all"]).exits(0);
        let now = quotes(here.path(), &["search", "harbour OR see OR seen", "--format", "json"]);
        let now = now.exits(0).json();
        let found: Vec<&str> =
            now.as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect();
        assert!(found.contains(&words), "run {run}: {found:?}");
        let reason = last_visit(here.path(), &link).reason;
        assert!(reason.contains(said), "run {run}: {reason}");
        assert_eq!(reason.contains("asked again"), !said.is_empty(), "run {run}: {reason}");
        assert!(missing(here.path()).is_empty(), "run {run}");
    }
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    let store = Store::open_existing(&here.path().join("index")).unwrap();
    let [article] = &store.article_ids(None, 10).unwrap()[..] else { panic!("not one article") };
    assert_eq!(store.versions(article).unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_304_is_believed_only_where_there_is_something_to_fall_back_on() {
    // The server says "not modified" to everybody, from the second request on, and gave no
    // validators with the first answer.
    let unmodified = vec![Send(status("304 Not Modified"))];
    let server = run_by_run(vec![vec![Send(good())], unmodified.clone(), unmodified]).await;
    let here = tempfile::tempdir().unwrap();
    let list = settings(LONG) + &feed("ridge", &format!("{}/feed", server.origin));
    fs::write(here.path().join("feeds.toml"), list).unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!(kept(here.path()).len(), 1);
    let reason = last_visit(here.path(), &format!("{}/page", server.origin)).reason;
    assert!(reason.contains("asked again") && reason.contains("answered 304"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_kept_alive_and_cut_between_two_pages_loses_neither() {
    let alive = |body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\n{TYPE}\r\nContent-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    let server = FaultServer::start(move |request| match request.path.as_str() {
        "/robots.txt" => vec![Send(alive(b"User-agent: *\nAllow: /\n")), Again],
        // The first request on the connection of robots.txt is cut; the repeat is answered.
        _ if request.before == 0 => vec![],
        path => vec![Send(alive(article(&format!("We shall see {path}")).as_bytes())), Again],
    })
    .await;
    let links: Vec<String> = (0..3).map(|at| format!("{}/page/{at}", server.origin)).collect();
    let here = watching(&links, LONG).await;
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(kept(here.path()).len(), 3, "{:#?}", missing(here.path()));
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_healthy_hosts_are_kept_whole_beside_ten_faulty_ones() {
    let mut links = Vec::new();
    for _ in 0..40 {
        let server = site(vec![("/page", vec![Send(good())])]).await;
        links.push(format!("{}/page", server.origin));
    }
    let slow: [Vec<Step>; 5] = [
        vec![Silence],
        vec![Reset],
        vec![Send(head("200 OK", &[TYPE])), Forever(vec![b' '; 4096])],
        vec![Drip(good(), Duration::from_millis(50))],
        vec![Send(status("503 No"))],
    ];
    for at in 0..10 {
        let server = site(vec![("/page", slow[at % slow.len()].clone())]).await;
        links.push(format!("{}/page", server.origin));
    }
    let here = watching(&links, MIXED).await;
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(kept(here.path()).len(), 40);
    assert_eq!(missing(here.path()).len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_in_the_place_of_a_feed_leads_to_the_feed_that_it_names() {
    let front = |links: &str| {
        vec![Send(answer("200 OK", &[TYPE], format!("<html><head>{links}</head>").as_bytes()))]
    };
    let link =
        |href: &str| format!("<link rel=alternate type='application/rss+xml' href='{href}'>");
    let server = site(vec![
        ("/", front(&(link("/gone.xml") + &link("/rss.xml")))),
        ("/none", front("")),
        ("/lost", front(&link("/gone.xml"))),
        ("/rss.xml", vec![Send(answer("200 OK", &[], &rss(&["/page".to_owned()])))]),
        ("/page", vec![Send(good())]),
    ])
    .await;
    let here = tempfile::tempdir().unwrap();
    let list = settings(LONG)
        + &feed("front", &format!("{}/", server.origin))
        + &feed("none", &format!("{}/none", server.origin))
        + &feed("lost", &format!("{}/lost", server.origin));
    fs::write(here.path().join("feeds.toml"), list).unwrap();
    let ran = onrecord(here.path(), &["crawl"]).exits(1);
    assert_eq!(kept(here.path()), [format!("{}/page", server.origin)]);
    let out = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains("feed none failed: ") && out.contains("look for its feed"), "{out}");
    assert!(out.contains("no feed that it names can be read: "), "{out}");
}

/// `tests/it/fault_server/README.md` says what every fault here comes to.
#[test]
fn the_report_of_faults_says_what_the_tables_here_say() {
    let ends = |ends: Ends| match ends {
        Kept => "kept",
        Failed => "failed for good",
        Later => "failed; the next run asks again",
        Skipped => "not fetched",
    };
    let said =
        |words: &str| if words.is_empty() { String::new() } else { format!("… {words} …") };
    let mut table = String::new();
    let mut section = |title: &str, rows: Vec<[String; 3]>| {
        table.push_str(&format!("\n## {title}\n\n| the server | the store | the reason |\n"));
        table.push_str("| --- | --- | --- |\n");
        for row in rows {
            table.push_str(&format!("| {} |\n", row.join(" | ")));
        }
    };
    let page = |fault: Fault| [fault.name.to_owned(), ends(fault.ends).into(), said(fault.reason)];
    let mut pages: Vec<[String; 3]> = faults().into_iter().chain(slow_faults()).map(page).collect();
    pages.insert(0, [REFUSED.0.to_owned(), ends(REFUSED.1).into(), said(REFUSED.2)]);
    section("Pages", pages);
    let robots = robots_faults().into_iter();
    section(
        "Pages behind a robots.txt",
        robots.map(|(name, it, why, _)| [name.to_owned(), ends(it).into(), said(why)]).collect(),
    );
    let feed = |(name, error, entries, _): ListFault| {
        let came = match (error, entries) {
            ("", 1) => "1 entry".to_owned(),
            ("", _) => format!("{entries} entries"),
            (reason, _) if reason.contains("410") => "failed; not asked again".to_owned(),
            _ => "failed; asked again, later each time".to_owned(),
        };
        [name.to_owned(), came, said(error)]
    };
    section("Feeds", feed_faults().into_iter().map(feed).collect());
    section("Sitemaps", sitemap_faults().into_iter().map(feed).collect());
    let report = include_str!("fault_server/README.md");
    let (_, found) = report.split_once("<!-- the tables of faults.rs -->\n").unwrap();
    assert!(found == table, "put this into tests/it/fault_server/README.md:\n{table}");
}
