//! A request → its handler, in a thread where it may block → a response.
//!
//! Bounds what one request may send and take: bytes of the body, the time it takes to come, the time
//! until the answer, and how many wait for one.

use std::sync::Arc;
use std::time::Duration;

use axum::RequestExt;
use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::http::header::{ALLOW, CONTENT_TYPE, HOST, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::oneshot;
use tracing::error;

use super::asked::{Asked, Visitor};
use super::failure::Failure;
use super::guard::CHALLENGE;
use super::pages::layout;
use super::reply::{self, Reply};
use super::state::{Reading, Shared};
use super::stream;

/// What answers a request: reads or changes the collection, blocking.
pub type Handler = fn(&mut Reading, &Asked) -> Result<Reply, Failure>;

/// Bytes of a body: some thousand ids of quotes.
const MAX_BODY: usize = 128 * 1024;
/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(10);
/// How long an answer may take, waiting for a worker included. What takes longer goes on to its end,
/// for it can't be cut short, but keeps its worker to itself until then.
const ANSWER_TIME: Duration = Duration::from_secs(20);
/// Where everything of the API is.
pub(super) const API: &str = "/api/";

/// Answers `request` by `handler`.
pub(super) async fn answer(
    shared: Arc<Shared>,
    handler: Handler,
    request: Request,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let visitor = request.extensions().get::<Visitor>().cloned().unwrap_or_default();
    let answered = async {
        let asked = read(&shared, request, visitor.clone()).await?;
        match tokio::time::timeout(ANSWER_TIME, work(shared, handler, asked)).await {
            Ok(done) => done,
            Err(_) => {
                let message = "the answer takes too long: ask for less, or later";
                Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, message))
            }
        }
    };
    match answered.await {
        Ok(response) => response,
        Err(failure) => failed(&failure, &path, &visitor),
    }
}

/// A failure as a response: a page for people, a problem for the API.
pub(super) fn failed(failure: &Failure, path: &str, visitor: &Visitor) -> Response<Body> {
    if failure.status == StatusCode::INTERNAL_SERVER_ERROR {
        error!("{path}: {}", failure.message);
    }
    let mut response = if path.starts_with(API) {
        reply::problem(failure)
    } else {
        reply::page(failure.status, layout::failure(visitor, failure))
    };
    let headers = response.headers_mut();
    if failure.status == StatusCode::UNAUTHORIZED {
        headers.insert(CHALLENGE.0, CHALLENGE.1);
    }
    if failure.status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// Nothing is at this path.
pub(super) async fn not_found(request: Request) -> Response<Body> {
    let visitor = request.extensions().get::<Visitor>().cloned().unwrap_or_default();
    let failure = Failure::not_found("there is no such page");
    failed(&failure, request.uri().path(), &visitor)
}

/// Something is at this path, but only for the methods `allowed`.
pub(super) fn wrong_method<'a>(
    request: &Request,
    allowed: impl Iterator<Item = &'a Method>,
) -> Response<Body> {
    let mut allowed: Vec<&str> = allowed.map(Method::as_str).collect();
    if allowed.contains(&"GET") {
        allowed.push("HEAD");
    }
    let allowed = allowed.join(", ");
    let visitor = request.extensions().get::<Visitor>().cloned().unwrap_or_default();
    let message = format!("this path is for {allowed}");
    let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, message);
    let mut response = failed(&failure, request.uri().path(), &visitor);
    if let Ok(value) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

/// The request with its body, once it has all come.
async fn read(shared: &Shared, mut request: Request, visitor: Visitor) -> Result<Asked, Failure> {
    let path = request
        .extract_parts::<RawPathParams>()
        .await
        .map_err(|_| Failure::new(StatusCode::BAD_REQUEST, "the address is not in UTF-8"))?;
    let path = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (parts, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_TIME, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(cause)) if cause.is::<LengthLimitError>() => {
            let message = format!("the body is longer than {MAX_BODY} bytes");
            return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message));
        }
        Ok(Err(cause)) => {
            let message = format!("failed to read the body: {cause}");
            return Err(Failure::new(StatusCode::BAD_REQUEST, message));
        }
        Err(_) => {
            return Err(Failure::new(StatusCode::REQUEST_TIMEOUT, "the body took too long"));
        }
    };
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let (host, target) = (host.to_owned(), target.to_owned());
    let asked = Asked { host, target, path, query, body, visitor };
    if matches!(parts.method, Method::POST | Method::PUT | Method::PATCH) {
        check_body(shared, parts.uri.path(), &parts.headers, &asked)?;
    }
    Ok(asked)
}

/// A body has to be what the path is for: JSON for the API, which no form of another site can send; for
/// a page, a form with the token that our own pages have.
fn check_body(
    shared: &Shared,
    path: &str,
    headers: &HeaderMap,
    asked: &Asked,
) -> Result<(), Failure> {
    let wanted = if path.starts_with(API) {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    };
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    if !given.eq_ignore_ascii_case(wanted) {
        let message = format!("the body has to be {wanted}");
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    if !path.starts_with(API) {
        let token = asked.form().take("form_token")?;
        if !token.is_some_and(|token| shared.token.is_form(&token)) {
            let message =
                "the form is not from a page of this run of `quotes serve`: load the page anew";
            return Err(Failure::new(StatusCode::FORBIDDEN, message));
        }
    }
    Ok(())
}

/// Runs the handler in a thread of its own, as soon as a worker is free. A file is written by the same
/// thread, while the response is on its way.
async fn work(
    shared: Arc<Shared>,
    handler: Handler,
    asked: Asked,
) -> Result<Response<Body>, Failure> {
    let lost = || Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer was lost: try again");
    let worker = Arc::clone(&shared.workers).acquire_owned().await.map_err(|_| lost())?;
    let (answered, answer) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let _worker = worker;
        let mut reading = match Reading::begin(&shared) {
            Ok(reading) => reading,
            Err(cause) => return drop(answered.send(Err(cause.into()))),
        };
        match handler(&mut reading, &asked) {
            Ok(Reply::File(file)) => match shared.files.try_acquire() {
                Ok(_file) => {
                    let (pipe, body) = stream::pipe();
                    drop(answered.send(Ok(file.response(body))));
                    pipe.fill(|out| (file.write)(&reading, out));
                }
                Err(_) => {
                    let message = "other files are being written: ask again when they are done";
                    let busy = Failure::new(StatusCode::SERVICE_UNAVAILABLE, message);
                    drop(answered.send(Err(busy)));
                }
            },
            done => drop(answered.send(done.map(Reply::into_response))),
        }
        reading.end();
    });
    // The sender is gone where the thread ended in a panic, which its message tells of.
    answer.await.map_err(|_| lost())?
}
