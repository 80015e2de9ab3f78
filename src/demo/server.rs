//! The site's HTTP server: one listener on loopback for each outlet.
//!
//! Requests → pages with validators, 304 where the client has the page already, 301 for moved
//! paths, 404 for the rest. Counts what it was asked. Writes nothing and listens on loopback only.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, Uri, header};
use axum::routing::get;
use jiff::fmt::rfc2822;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::outlet::{OUTLETS, Outlet, watch_list};
use super::pages::{Page, Pages, editions};

const NOT_FOUND: &str = "<!DOCTYPE html><html lang=\"en\"><title>Page not found</title>\
    <h1>Page not found</h1><p>The page may have moved or been withdrawn.</p></html>";

/// How often a path was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Requests {
    /// Every request, whatever the answer.
    pub total: u64,
    /// Those answered 304: the client had the page already.
    pub not_modified: u64,
}

/// The running site. Dropping it stops its servers once they have answered what they were asked.
#[derive(Debug)]
pub struct Site {
    origins: [String; OUTLETS.len()],
    shared: Arc<Shared>,
    /// Its drop is the servers' signal to stop.
    _running: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Index of the edition that is served.
    edition: AtomicUsize,
    requests: Mutex<BTreeMap<String, Requests>>,
}

#[derive(Debug)]
struct Desk {
    outlet: Outlet,
    editions: [Pages; 2],
    shared: Arc<Shared>,
}

impl Site {
    /// The site, serving its first edition on three free ports of 127.0.0.1. Needs a Tokio runtime.
    ///
    /// # Errors
    /// When the machine gives no port on loopback.
    pub async fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (running, stop) = watch::channel(());
        let mut origins: [String; OUTLETS.len()] = Default::default();
        for (outlet, origin) in OUTLETS.into_iter().zip(&mut origins) {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            *origin = format!("http://{}", listener.local_addr()?);
            let editions = editions(&outlet, origin);
            let desk = Arc::new(Desk { outlet, editions, shared: Arc::clone(&shared) });
            let router = Router::new().fallback(get(answer)).with_state(desk);
            let mut stop = stop.clone();
            let stopped = async move { while stop.changed().await.is_ok() {} };
            let server = axum::serve(listener, router).with_graceful_shutdown(stopped);
            tokio::spawn(async move { server.await });
        }
        Ok(Self { origins, shared, _running: running })
    }

    /// The watch list that crawls this site, ports included, as a `feeds.toml` text.
    #[must_use]
    pub fn feeds_toml(&self) -> String {
        watch_list(&self.origins)
    }

    /// The absolute URL of a path (`/…`) at the outlet with that id; `None` for an unknown outlet.
    #[must_use]
    pub fn url(&self, outlet: &str, path: &str) -> Option<String> {
        let place = OUTLETS.iter().position(|known| known.id == outlet)?;
        Some(format!("{}{path}", self.origins[place]))
    }

    /// From now on serves the second edition: one article has a corrected quote and a correction
    /// notice, one a new speaker and an update notice, and the feeds that list them say so.
    pub fn publish_second_edition(&self) {
        self.shared.edition.store(1, Ordering::SeqCst);
    }

    /// What was asked so far, by outlet id and path without query: `courier/robots.txt`.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<String, Requests> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Shared {
    fn count(&self, outlet: &str, path: &str, status: StatusCode) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let count = requests.entry(format!("{outlet}{path}")).or_default();
        count.total += 1;
        count.not_modified += u64::from(status == StatusCode::NOT_MODIFIED);
    }
}

async fn answer(State(desk): State<Arc<Desk>>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let path = uri.path();
    let pages = &desk.editions[desk.shared.edition.load(Ordering::SeqCst)];
    let moved = desk.outlet.redirects.iter().find(|(from, _)| *from == path);
    let response = match (moved, pages.get(path)) {
        (Some((_, to)), _) => redirect(to),
        (None, Some(page)) => serve(page, &headers),
        (None, None) => not_found(),
    };
    desk.shared.count(desk.outlet.id, path, response.status());
    response
}

fn redirect(to: &str) -> Response<Body> {
    built(
        Response::builder().status(StatusCode::MOVED_PERMANENTLY).header(header::LOCATION, to),
        Body::empty(),
    )
}

fn not_found() -> Response<Body> {
    let html = Response::builder()
        .status(StatusCode::NOT_FOUND)
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8");
    built(html, Body::from(NOT_FOUND))
}

fn serve(page: &Page, headers: &HeaderMap) -> Response<Body> {
    let response = Response::builder()
        .header(header::ETAG, &page.etag)
        .header(header::LAST_MODIFIED, page.last_modified)
        .header(header::CACHE_CONTROL, "no-cache");
    if is_current(page, headers) {
        return built(response.status(StatusCode::NOT_MODIFIED), Body::empty());
    }
    built(response.header(header::CONTENT_TYPE, page.content_type), Body::from(page.body.clone()))
}

/// Whether the client's copy is still good (RFC 9110, 13.2.2: the entity tag decides if there is
/// one, and only else the date).
fn is_current(page: &Page, headers: &HeaderMap) -> bool {
    if let Some(tags) = headers.get(header::IF_NONE_MATCH) {
        let tags = tags.to_str().unwrap_or_default();
        let same = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == page.etag;
        return tags.split(',').any(|tag| same(tag.trim()));
    }
    let since = headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    let date = |text: &str| rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
    match (since.and_then(date), date(page.last_modified)) {
        (Some(since), Some(modified)) => modified <= since,
        _ => false,
    }
}

fn built(response: axum::http::response::Builder, body: Body) -> Response<Body> {
    response.body(body).unwrap_or_else(|_| {
        let mut failed = Response::new(Body::empty());
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}
