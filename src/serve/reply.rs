//! What a handler gives back, and the response that comes of it.

use std::io::Write;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, Response, StatusCode};
use maud::Markup;
use serde::Serialize;

use super::failure::Failure;
use super::state::Reading;
use crate::collection::CollectionError;

/// The media type of problems (RFC 9457).
const PROBLEM: &str = "application/problem+json";

/// What a handler gives back.
pub enum Reply {
    /// A page.
    Page(Markup),
    /// A page that says what is wrong with what was asked.
    Mistake(Markup),
    /// Another page, to be fetched with GET: what follows a form.
    SeeOther(String),
    /// JSON, with the address of what was made if something was.
    Json {
        /// 200, 201 …
        status: StatusCode,
        /// The JSON text.
        body: Vec<u8>,
        /// The address of what was made.
        location: Option<String>,
    },
    /// Done, and nothing to say.
    Nothing,
    /// A file.
    File(File),
}

/// A file to be saved, sent while it is written.
pub struct File {
    /// Its media type.
    pub media_type: &'static str,
    /// What to call it; letters, digits, dots and hyphens.
    pub name: String,
    /// What writes it.
    pub write: Writing,
}

/// What writes a file that is too long to be held.
pub type Writing = Box<dyn FnOnce(&Reading, &mut dyn Write) -> Result<(), CollectionError> + Send>;

impl Reply {
    /// `value` as JSON.
    ///
    /// # Errors
    /// [`Failure`] if it can't be written as JSON.
    pub fn json(value: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self::Json { status: StatusCode::OK, body: to_json(value)?, location: None })
    }

    /// `value`, which was just made and stays at `location`, as JSON.
    ///
    /// # Errors
    /// [`Failure`] if it can't be written as JSON.
    pub fn made(value: &impl Serialize, location: String) -> Result<Self, Failure> {
        let body = to_json(value)?;
        Ok(Self::Json { status: StatusCode::CREATED, body, location: Some(location) })
    }

    /// The response. That of a file has no body: [`File::response`] takes one.
    pub(super) fn into_response(self) -> Response<Body> {
        match self {
            Self::Page(markup) => page(StatusCode::OK, markup),
            Self::Mistake(markup) => page(StatusCode::BAD_REQUEST, markup),
            Self::SeeOther(target) => see_other(&target),
            Self::Json { status, body, location } => {
                let mut response = response(status, Some("application/json"), body.into());
                if let Some(location) = location {
                    put(&mut response, LOCATION, &location);
                }
                response
            }
            Self::Nothing => response(StatusCode::NO_CONTENT, None, Body::empty()),
            Self::File(file) => file.response(Body::empty()),
        }
    }
}

impl File {
    /// The response with this body, into which the file is written.
    pub(super) fn response(&self, body: Body) -> Response<Body> {
        let mut response = response(StatusCode::OK, Some(self.media_type), body);
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        put(&mut response, CONTENT_DISPOSITION, &disposition);
        response
    }
}

/// The way to another page.
pub(super) fn see_other(target: &str) -> Response<Body> {
    let mut response = response(StatusCode::SEE_OTHER, None, Body::empty());
    put(&mut response, LOCATION, target);
    response
}

/// A page as a response.
pub(super) fn page(status: StatusCode, markup: Markup) -> Response<Body> {
    response(status, Some("text/html; charset=utf-8"), markup.into_string().into())
}

/// A failure as the API's response.
pub(super) fn problem(failure: &Failure) -> Response<Body> {
    let body = serde_json::to_vec(&failure.problem()).unwrap_or_default();
    response(failure.status, Some(PROBLEM), body.into())
}

fn response(status: StatusCode, media_type: Option<&'static str>, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Some(media_type) = media_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    // What is there may change at any moment, and is for who asked.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// Sets a header whose value was made of parts; one that is no header is left out.
fn put(response: &mut Response<Body>, name: axum::http::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value).map_err(|cause| {
        let message = format!("failed to write the answer: {cause}");
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    })
}
