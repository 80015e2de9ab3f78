//! The crawler against real servers on loopback, well-behaved and hostile.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use onrecord::crawl::fetch::{FetchError, Fetched, FetchedBody};
use onrecord::crawl::guard::GuardError;
use onrecord::crawl::robots::RobotsFile;
use onrecord::crawl::syndication;
use onrecord::crawl::visit::Visitor;
use onrecord::domain::crawler::CrawlerSettings;
use onrecord::domain::feed::Validators;
use std::io::Write;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

const LIMIT: u64 = 1024 * 1024;

fn settings() -> CrawlerSettings {
    CrawlerSettings {
        contact: "desk@news.example".to_owned(),
        per_host_delay: Duration::ZERO,
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(5),
        total_timeout: Duration::from_secs(20),
        allow_private_addresses: true,
        ..CrawlerSettings::default()
    }
}

fn visitor() -> Visitor {
    Visitor::new(&settings()).unwrap()
}

async fn serve(router: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    url(address)
}

fn url(address: SocketAddr) -> Url {
    Url::parse(&format!("http://{address}/")).unwrap()
}

/// A server that has no robots.txt, answers everything else with `answer` byte for byte, and then
/// closes the connection, or never does.
async fn serve_raw(answer: Vec<u8>, close: bool) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap_or(0);
                if request[..length].starts_with(b"GET /robots.txt ") {
                    let none =
                        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    let _ = stream.write_all(none).await;
                    return;
                }
                let _ = stream.write_all(&answer).await;
                if !close {
                    // Until the client gives up.
                    let _ = stream.read(&mut request).await;
                }
            });
        }
    });
    url(address)
}

async fn fetch(visitor: &Visitor, url: &Url) -> Result<Fetched, FetchError> {
    visitor.get(url, &Validators::default(), LIMIT).await
}

async fn body(visitor: &Visitor, url: &Url) -> Box<FetchedBody> {
    match fetch(visitor, url).await.unwrap() {
        Fetched::Body(body) => body,
        Fetched::NotModified { .. } => panic!("not modified"),
    }
}

async fn failure(url: &Url) -> FetchError {
    fetch(&visitor(), url).await.unwrap_err()
}

#[tokio::test]
async fn a_page_comes_with_its_address_headers_and_validators() {
    let page = || async {
        (
            [
                ("content-type", "text/html; charset=utf-8"),
                ("etag", "\"v1\""),
                ("last-modified", "Mon, 02 Mar 2026 10:00:00 GMT"),
            ],
            "<p>Hi</p>",
        )
    };
    let site = serve(
        Router::new()
            .route("/page", get(page))
            .route("/moved", get(|| async { Redirect::permanent("page#part") })),
    )
    .await;
    let found = body(&visitor(), &site.join("moved").unwrap()).await;
    assert_eq!(found.final_url.path(), "/page");
    assert_eq!(found.status, 200);
    assert_eq!(&found.bytes[..], b"<p>Hi</p>");
    assert_eq!(found.content_type.as_deref(), Some("text/html; charset=utf-8"));
    assert!(found.headers.contains(&("etag".to_owned(), "\"v1\"".to_owned())));
    let validators = Validators {
        etag: Some("\"v1\"".to_owned()),
        last_modified: Some("Mon, 02 Mar 2026 10:00:00 GMT".to_owned()),
    };
    assert_eq!(found.validators, validators);
}

#[tokio::test]
async fn the_server_learns_who_asks_and_how_to_reach_them() {
    let echo = |headers: HeaderMap| async move {
        headers.iter().map(|(name, value)| format!("{name}: {value:?}\n")).collect::<String>()
    };
    let site = serve(Router::new().route("/", get(echo))).await;
    let found = body(&visitor(), &site).await;
    let headers = String::from_utf8(found.bytes.to_vec()).unwrap();
    assert!(headers.contains("user-agent: \"onrecord/"), "{headers}");
    assert!(headers.contains("(+desk@news.example)"), "{headers}");
    assert!(!headers.contains("cookie") && !headers.contains("referer"), "{headers}");
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let page = |headers: HeaderMap| async move {
        let known = headers.get("if-none-match").is_some_and(|etag| etag == "\"v1\"")
            && headers.get("if-modified-since").is_some();
        if known { StatusCode::NOT_MODIFIED.into_response() } else { "new".into_response() }
    };
    let site = serve(Router::new().route("/", get(page))).await;
    let known = Validators {
        etag: Some("\"v1\"".to_owned()),
        last_modified: Some("Mon, 02 Mar 2026 10:00:00 GMT".to_owned()),
    };
    let visitor = visitor();
    let again = visitor.get(&site, &known, LIMIT).await.unwrap();
    assert!(matches!(again, Fetched::NotModified { .. }));
    assert_eq!(&body(&visitor, &site).await.bytes[..], b"new");
}

#[tokio::test]
async fn statuses_that_refuse_are_errors_that_say_so() {
    let status = |uri: Uri| async move {
        let code: u16 = uri.path().trim_matches('/').parse().unwrap_or(404);
        StatusCode::from_u16(code).unwrap()
    };
    let site = serve(Router::new().fallback(status)).await;
    for code in [304, 400, 403, 404, 410, 451, 501] {
        let error = failure(&site.join(&code.to_string()).unwrap()).await;
        let FetchError::Status { status, .. } = &error else { panic!("{code}: {error}") };
        assert_eq!(*status, code);
        assert!(error.to_string().contains(&format!("/{code} answered {code}")), "{error}");
    }
}

#[tokio::test]
async fn what_fails_for_the_moment_is_asked_again_and_what_lasts_is_not() {
    async fn count(State(asked): State<Arc<AtomicUsize>>, uri: Uri) -> Response {
        let before = asked.fetch_add(1, Ordering::SeqCst);
        match uri.path() {
            "/robots.txt" => {
                asked.fetch_sub(1, Ordering::SeqCst);
                StatusCode::NOT_FOUND.into_response()
            }
            "/recovers" if before == 2 => "well again".into_response(),
            "/recovers" | "/lasts" => {
                (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "0")]).into_response()
            }
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }
    for (path, requests, ends_well) in
        [("recovers", 3, true), ("lasts", 3, false), ("no", 1, false)]
    {
        let asked = Arc::new(AtomicUsize::new(0));
        let router = Router::new().fallback(count).with_state(Arc::clone(&asked));
        let site = serve(router).await;
        let result = fetch(&visitor(), &site.join(path).unwrap()).await;
        assert_eq!(result.is_ok(), ends_well, "{path}");
        assert_eq!(asked.load(Ordering::SeqCst), requests, "{path}");
    }
}

#[tokio::test]
async fn a_host_that_asks_for_a_long_rest_gets_it_and_others_go_on() {
    let tired = |uri: Uri| async move {
        match uri.path() {
            "/robots.txt" => StatusCode::NOT_FOUND.into_response(),
            _ => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "3600")]).into_response(),
        }
    };
    let site = serve(Router::new().fallback(tired)).await;
    let other = serve(Router::new().route("/", get(|| async { "fine" }))).await;
    let visitor = visitor();
    let first = fetch(&visitor, &site).await.unwrap_err();
    assert_eq!(first.retry_after(), Some(Duration::from_secs(3600)), "{first}");
    let second = fetch(&visitor, &site.join("next").unwrap()).await.unwrap_err();
    assert!(matches!(second, FetchError::Resting { .. }), "{second}");
    assert_eq!(&body(&visitor, &other).await.bytes[..], b"fine");
}

#[tokio::test]
async fn hosts_that_say_nothing_do_not_keep_others_waiting() {
    async fn say_nothing(State(asked): State<Arc<AtomicUsize>>, uri: Uri) -> StatusCode {
        if uri.path() != "/robots.txt" {
            asked.fetch_add(1, Ordering::SeqCst);
            std::future::pending::<()>().await;
        }
        StatusCode::NOT_FOUND
    }
    let asked = Arc::new(AtomicUsize::new(0));
    let silent = Router::new().fallback(say_nothing).with_state(Arc::clone(&asked));
    let silent = [serve(silent.clone()).await, serve(silent).await];
    let well = serve(Router::new().route("/", get(|| async { "fine" }))).await;
    let minutes = Duration::from_secs(300);
    let settings = CrawlerSettings {
        concurrency: 2,
        read_timeout: minutes,
        total_timeout: minutes,
        ..settings()
    };
    let visitor = Arc::new(Visitor::new(&settings).unwrap());
    let waiting = silent.map(|url| {
        let visitor = Arc::clone(&visitor);
        tokio::spawn(async move { fetch(&visitor, &url).await.is_ok() })
    });
    while asked.load(Ordering::SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(&body(&visitor, &well).await.bytes[..], b"fine");
    assert!(waiting.iter().all(|task| !task.is_finished()));
}

#[tokio::test]
async fn redirects_end_at_the_limit_and_broken_ones_are_named() {
    let router = Router::new()
        .route("/loop", get(|| async { Redirect::temporary("/loop") }))
        .route("/broken", get(|| async { (StatusCode::FOUND, [("location", "http://[")]) }))
        .route("/nowhere", get(|| async { StatusCode::FOUND }))
        .route(
            "/file",
            get(|| async { (StatusCode::FOUND, [("location", "file:///etc/passwd")]) }),
        );
    let site = serve(router).await;
    let error = |path: &str| {
        let url = site.join(path).unwrap();
        async move { failure(&url).await }
    };
    assert!(matches!(error("loop").await, FetchError::TooManyRedirects { limit: 5, .. }));
    assert!(matches!(error("broken").await, FetchError::Redirect { .. }));
    assert!(matches!(error("nowhere").await, FetchError::Status { status: 302, .. }));
    assert!(matches!(error("file").await, FetchError::Guard(GuardError::Scheme { .. })));
}

#[tokio::test]
async fn private_addresses_are_denied_by_literal_and_by_name() {
    let visitor =
        Visitor::new(&CrawlerSettings { allow_private_addresses: false, ..settings() }).unwrap();
    let site = serve(Router::new().route("/", get(|| async { "secret" }))).await;
    let by_literal = fetch(&visitor, &site).await.unwrap_err();
    assert!(matches!(by_literal, FetchError::Guard(GuardError::Private { .. })), "{by_literal}");
    let mut named = site.clone();
    named.set_host(Some("localhost")).unwrap();
    let by_name = fetch(&visitor, &named).await.unwrap_err();
    assert!(matches!(by_name, FetchError::Guard(GuardError::Private { .. })), "{by_name}");
    assert!(by_name.to_string().contains("localhost is not asked"), "{by_name}");
}

#[tokio::test]
async fn robots_txt_is_asked_once_and_obeyed_on_every_hop() {
    async fn answer(State(asked): State<Arc<AtomicUsize>>, uri: Uri) -> Response {
        match uri.path() {
            "/robots.txt" => {
                asked.fetch_add(1, Ordering::SeqCst);
                "User-agent: onrecord\nDisallow: /closed\n".into_response()
            }
            "/to-closed" => Redirect::temporary("/closed/1").into_response(),
            _ => "page".into_response(),
        }
    }
    let asked = Arc::new(AtomicUsize::new(0));
    let site = serve(Router::new().fallback(answer).with_state(Arc::clone(&asked))).await;
    let visitor = visitor();
    assert_eq!(&body(&visitor, &site.join("open").unwrap()).await.bytes[..], b"page");
    for path in ["closed/1", "to-closed"] {
        let error = fetch(&visitor, &site.join(path).unwrap()).await.unwrap_err();
        assert!(matches!(error, FetchError::Disallowed { .. }), "{path}: {error}");
        assert!(error.to_string().contains("forbids it to onrecord"), "{error}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let [file] = &visitor.fresh_robots()[..] else { panic!("not one robots.txt") };
    assert_eq!(file.status, Some(200));
    assert!(file.body.contains("Disallow: /closed"));
}

#[tokio::test]
async fn a_robots_txt_that_fails_forbids_and_one_that_is_missing_allows() {
    for (status, allowed) in [(404, true), (403, true), (500, false), (429, false)] {
        let answer = move |uri: Uri| async move {
            match uri.path() {
                "/robots.txt" => StatusCode::from_u16(status).unwrap().into_response(),
                _ => "page".into_response(),
            }
        };
        let site = serve(Router::new().fallback(answer)).await;
        let result = fetch(&visitor(), &site).await;
        assert_eq!(result.is_ok(), allowed, "{status}: {result:?}");
    }
}

#[tokio::test]
async fn a_robots_txt_of_an_earlier_run_is_used_while_it_is_fresh() {
    let site = serve(Router::new().route("/page", get(|| async { "page" }))).await;
    let file = RobotsFile {
        origin: site.origin().ascii_serialization(),
        status: Some(200),
        body: "User-agent: *\nDisallow: /".to_owned(),
        fetched: "2026-03-01T12:00:00Z".parse().unwrap(),
    };
    let page = site.join("page").unwrap();
    for (now, allowed) in [("2026-03-01T13:00:00Z", false), ("2026-03-03T13:00:00Z", true)] {
        let visitor = visitor();
        visitor.preload_robots(file.clone(), now.parse().unwrap());
        assert_eq!(fetch(&visitor, &page).await.is_ok(), allowed, "{now}");
        assert_eq!(visitor.fresh_robots().len(), usize::from(allowed), "{now}");
    }
    // It ends being fresh while the run goes on.
    let visitor = visitor();
    visitor.preload_robots(file, "2026-03-02T11:59:59.999999999Z".parse().unwrap());
    assert!(fetch(&visitor, &page).await.is_ok());
    assert_eq!(visitor.fresh_robots().len(), 1);
}

#[tokio::test]
async fn a_body_is_counted_after_decompression() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b' '; 20 * LIMIT as usize]).unwrap();
    let bomb = encoder.finish().unwrap();
    assert!((bomb.len() as u64) < LIMIT);
    let small = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(b"<p>small</p>").unwrap();
        encoder.finish().unwrap()
    };
    let zipped =
        |bytes: Vec<u8>| get(move || async move { ([("content-encoding", "gzip")], bytes) });
    let router = Router::new()
        .route("/bomb", zipped(bomb))
        .route("/small", zipped(small))
        .route("/broken", zipped(b"no gzip at all".to_vec()))
        .route("/long", get(|| async { vec![b' '; LIMIT as usize + 1] }));
    let site = serve(router).await;
    for path in ["bomb", "long"] {
        let error = failure(&site.join(path).unwrap()).await;
        assert!(matches!(error, FetchError::TooLarge { limit: LIMIT, .. }), "{path}: {error}");
    }
    assert_eq!(&body(&visitor(), &site.join("small").unwrap()).await.bytes[..], b"<p>small</p>");
    let broken = failure(&site.join("broken").unwrap()).await;
    assert!(matches!(broken, FetchError::Body { .. }), "{broken}");
}

#[tokio::test]
async fn servers_that_stall_break_off_or_babble_are_errors() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
    let short = Visitor::new(&CrawlerSettings {
        read_timeout: Duration::from_millis(200),
        total_timeout: Duration::from_millis(500),
        ..settings()
    })
    .unwrap();
    for stalled in [String::new(), format!("{head}Content-Length: 9\r\n\r\nhalf")] {
        let site = serve_raw(stalled.into(), false).await;
        let error = fetch(&short, &site).await.unwrap_err();
        assert!(matches!(error, FetchError::Timeout { .. }), "{error}");
    }
    let flood: String = (0..5_000).map(|at| format!("X-{at}: y\r\n")).collect();
    let broken = [
        format!("{head}Content-Length: 9\r\n\r\nhalf"),
        format!("{head}{flood}\r\n"),
        "220 mail.example ESMTP\r\n".to_owned(),
        String::new(),
    ];
    for answer in broken {
        let site = serve_raw(answer.into(), true).await;
        let error = failure(&site).await;
        let named = matches!(error, FetchError::Body { .. } | FetchError::Connect { .. });
        assert!(named, "{error:?}");
        assert!(error.to_string().contains(site.as_str()), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_with_advice() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = url(listener.local_addr().unwrap());
    drop(listener);
    let error = failure(&nobody).await;
    assert!(error.to_string().contains("cannot be reached"), "{error}");
}

#[tokio::test]
async fn a_server_without_tls_is_not_trusted_with_https() {
    let mut site = serve(Router::new()).await;
    site.set_scheme("https").unwrap();
    let error = failure(&site).await;
    assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn a_page_in_another_encoding_keeps_its_bytes_and_a_feed_its_words() {
    let feed: &[u8] = b"<?xml version='1.0' encoding='windows-1252'?><rss><channel><item>\
        <title>\x93Caf\xE9\x94</title><link>/a</link></item></channel></rss>";
    let answer = move || async move { ([("content-type", "application/rss+xml")], feed) };
    let site = serve(Router::new().route("/feed", get(answer))).await;
    let found = body(&visitor(), &site.join("feed").unwrap()).await;
    assert_eq!(&found.bytes[..], feed);
    let listing =
        syndication::parse(&found.bytes, found.content_type.as_deref(), &found.final_url).unwrap();
    assert_eq!(listing.entries[0].title.as_deref(), Some("“Café”"));
    assert_eq!(listing.entries[0].url, site.join("a").unwrap());
}

#[tokio::test]
async fn requests_to_one_host_come_one_at_a_time_with_a_pause() {
    #[derive(Default)]
    struct Load {
        now: AtomicUsize,
        most: AtomicUsize,
    }
    async fn page(State(load): State<Arc<Load>>) -> &'static str {
        let now = load.now.fetch_add(1, Ordering::SeqCst) + 1;
        load.most.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        load.now.fetch_sub(1, Ordering::SeqCst);
        "page"
    }
    let load = Arc::new(Load::default());
    let site = serve(Router::new().fallback(page).with_state(Arc::clone(&load))).await;
    let delay = Duration::from_millis(30);
    let visitor =
        Arc::new(Visitor::new(&CrawlerSettings { per_host_delay: delay, ..settings() }).unwrap());
    let started = std::time::Instant::now();
    let visits: Vec<_> = (0..4)
        .map(|at| {
            let (visitor, url) = (Arc::clone(&visitor), site.join(&at.to_string()).unwrap());
            tokio::spawn(async move { fetch(&visitor, &url).await.is_ok() })
        })
        .collect();
    for visit in visits {
        assert!(visit.await.unwrap());
    }
    assert_eq!(load.most.load(Ordering::SeqCst), 1);
    // robots.txt and four pages: four pauses between them.
    assert!(started.elapsed() >= delay * 4);
}
