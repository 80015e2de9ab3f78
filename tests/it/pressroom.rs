//! A small news site on loopback that a test can change while programs ask it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use tokio::sync::Semaphore;

/// What one path answers.
#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    body: String,
    /// Answered with 304 to whoever knows it.
    etag: Option<String>,
    headers: Vec<(&'static str, String)>,
}

#[derive(Default)]
struct Inner {
    answers: HashMap<String, Answer>,
    /// Every request: the path, whether it was conditional, its header lines sorted.
    asked: Vec<(String, bool, Vec<String>)>,
    /// Paths that answer only once they are let go.
    held: HashMap<String, Arc<Semaphore>>,
}

/// The site.
#[derive(Clone)]
pub struct Pressroom {
    pub origin: String,
    inner: Arc<Mutex<Inner>>,
}

impl Pressroom {
    pub async fn open() -> Self {
        let inner: Arc<Mutex<Inner>> = Arc::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, inner }
    }

    /// Puts a text at `path`; its validator is the text itself.
    pub fn put(&self, path: &str, body: &str) {
        let etag = Some(format!("\"{}\"", blake3::hash(body.as_bytes()).to_hex()));
        let answer = Answer { status: 200, body: body.to_owned(), etag, headers: Vec::new() };
        self.inner.lock().unwrap().answers.insert(path.to_owned(), answer);
    }

    /// As [`Pressroom::put`], but the server gives no validator.
    pub fn put_without_validator(&self, path: &str, body: &str) {
        self.put(path, body);
        self.inner.lock().unwrap().answers.get_mut(path).unwrap().etag = None;
    }

    /// Has `path` answer with `status` and a header.
    pub fn fail(&self, path: &str, status: u16, headers: &[(&'static str, &str)]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let answer = Answer { status, body: String::new(), etag: None, headers };
        self.inner.lock().unwrap().answers.insert(path.to_owned(), answer);
    }

    /// Puts a feed at `/feed` that lists `paths`.
    pub fn list(&self, paths: &[&str]) {
        let items: String =
            paths.iter().map(|path| format!("<item><link>{path}</link></item>")).collect();
        self.put("/feed", &format!("<rss version='2.0'><channel>{items}</channel></rss>"));
    }

    /// Requests for `path` so far.
    pub fn asked(&self, path: &str) -> usize {
        self.inner.lock().unwrap().asked.iter().filter(|(asked, ..)| asked == path).count()
    }

    /// Requests for `path` so far that named a validator.
    pub fn asked_with_validator(&self, path: &str) -> usize {
        let inner = self.inner.lock().unwrap();
        inner.asked.iter().filter(|(asked, conditional, _)| asked == path && *conditional).count()
    }

    /// The header lines of request `number` (from 0) for `path`, sorted.
    pub fn headers_of(&self, path: &str, number: usize) -> Vec<String> {
        let inner = self.inner.lock().unwrap();
        inner.asked.iter().filter(|(asked, ..)| asked == path).nth(number).unwrap().2.clone()
    }

    /// Has `path` wait with its answers.
    pub fn hold(&self, path: &str) {
        self.inner.lock().unwrap().held.insert(path.to_owned(), Arc::new(Semaphore::new(0)));
    }

    /// Lets the answers of `path` go.
    pub fn let_go(&self, path: &str) {
        if let Some(held) = self.inner.lock().unwrap().held.remove(path) {
            held.close();
        }
    }
}

async fn answer(
    State(inner): State<Arc<Mutex<Inner>>>,
    headers: HeaderMap,
    request: Request,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let held = {
        let mut inner = inner.lock().unwrap();
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
        };
        let mut lines: Vec<String> = headers.iter().map(text).collect();
        lines.sort();
        inner.asked.push((path.clone(), headers.contains_key(IF_NONE_MATCH), lines));
        inner.held.get(&path).cloned()
    };
    if let Some(held) = held {
        // Closed when the path is let go.
        let _ = held.acquire().await;
    }
    let found = inner.lock().unwrap().answers.get(&path).cloned();
    let Some(found) = found else {
        return Response::builder().status(StatusCode::NOT_FOUND).body(Body::empty()).unwrap();
    };
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = found.etag.is_some() && known == found.etag.as_deref();
    let media_type = if path == "/feed" { "application/rss+xml" } else { "text/html" };
    let mut response = Response::builder()
        .status(if unchanged { 304 } else { found.status })
        .header(CONTENT_TYPE, media_type);
    if let Some(etag) = &found.etag {
        response = response.header(ETAG, etag);
    }
    for (name, value) in found.headers {
        response = response.header(name, value);
    }
    let body = if unchanged { Body::empty() } else { Body::from(found.body) };
    response.body(body).unwrap()
}

/// A page on the tide accord in which somebody says `words`.
pub fn article(words: &str) -> String {
    page("The tide accord", "the tide accord", words)
}

/// A page titled `title` about `subject`, in which somebody says `words`.
pub fn page(title: &str, subject: &str, words: &str) -> String {
    let filler =
        format!("The delegates met in the harbour hall and spoke of {subject} for hours. ");
    format!(
        "<html><head><title>{title}</title></head><body><article><h1>{title}</h1>\
         <p>{filler}{filler}</p><p>“{words},” said Mira Kolb, harbour master of Vell. {filler}</p>\
         <p>{filler}{filler}{filler}</p></article></body></html>"
    )
}
