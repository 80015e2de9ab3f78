//! One request: a URL and validators → bytes, "not modified", or where to look instead.
//!
//! Guarded, bounded in time, bytes and headers. Refuses to follow redirects, to repeat itself, to
//! keep cookies and to use a proxy: `visit` decides about the next request.

use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;
use url::Url;

use super::guard::GuardError;
use crate::domain::crawler::CrawlerSettings;
use crate::domain::feed::Validators;

/// Why a URL gave nothing. Every message names the URL, the reason and what to do.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The request is not allowed by our own rules.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// robots.txt forbids it, or could not be read.
    #[error("{url} is not fetched: {reason}")]
    Disallowed {
        /// The forbidden URL.
        url: Url,
        /// What robots.txt says, or why it could not be read.
        reason: String,
    },
    /// The server asked for a pause longer than a run waits.
    #[error("{url} is left for a later run: the server asked for a pause of {} s", wait.as_secs())]
    Resting {
        /// The URL not asked.
        url: Url,
        /// How long the server wants to be left alone, from now.
        wait: Duration,
    },
    /// Time ran out.
    #[error(
        "{url} did not answer within {} s; try later or raise the timeouts under [crawler]", 
        after.as_secs_f32()
    )]
    Timeout {
        /// The URL asked.
        url: Url,
        /// How long we waited.
        after: Duration,
    },
    /// No connection.
    #[error("{url} cannot be reached: {cause}; check the address and the network")]
    Connect {
        /// The URL asked.
        url: Url,
        /// What the network said.
        cause: String,
    },
    /// No secure connection.
    #[error("{url} offers no trustworthy TLS: {cause}; check the address or tell the operator")]
    Tls {
        /// The URL asked.
        url: Url,
        /// What is wrong with the certificate or the handshake.
        cause: String,
    },
    /// The server refused or failed.
    #[error("{url} answered {status}{}", status_hint(*.status, *.retry_after))]
    Status {
        /// The URL asked.
        url: Url,
        /// The HTTP status.
        status: u16,
        /// The pause the server asked for.
        retry_after: Option<Duration>,
    },
    /// More bytes than allowed, counted after decompression.
    #[error(
        "{url} is larger than {limit} bytes; raise the size limit under [crawler] if it must be read"
    )]
    TooLarge {
        /// The URL asked.
        url: Url,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A chain of redirects without end.
    #[error("{url} redirects more than {limit} times; correct the address")]
    TooManyRedirects {
        /// The URL first asked.
        url: Url,
        /// Redirects followed.
        limit: usize,
    },
    /// A redirect that leads nowhere.
    #[error("{url} redirects to “{location}”, which is no URL; correct the address")]
    Redirect {
        /// The URL asked.
        url: Url,
        /// The `Location` header, shortened.
        location: String,
    },
    /// The answer broke off, or is not HTTP or not in the encoding it claims.
    #[error("{url} gave a broken answer: {cause}; try later")]
    Body {
        /// The URL asked.
        url: Url,
        /// What is broken.
        cause: String,
    },
    /// The HTTP client cannot be built.
    #[error("cannot make an HTTP client: {cause}; check user_agent and contact under [crawler]")]
    Client {
        /// What the client library says.
        cause: String,
    },
}

fn status_hint(status: u16, retry_after: Option<Duration>) -> String {
    let _ = (status, retry_after);
    String::new()
}

impl FetchError {
    /// Whether the same request may succeed soon.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        todo!()
    }
}

/// A page as received.
#[derive(Debug, Clone)]
pub struct FetchedBody {
    /// Where it was found, after redirects.
    pub final_url: Url,
    /// The HTTP status, 200–299.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// Every header as received, but `Content-Encoding` and `Content-Length` where the body was
    /// decompressed. Bytes that are not ASCII are read as ISO 8859-1.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub bytes: Bytes,
    /// What to send next time.
    pub validators: Validators,
    /// The `X-Robots-Tag` headers, joined by a comma.
    pub robots_tag: Option<String>,
}

/// What a URL gave.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// Nothing new since the validators were given.
    NotModified,
    /// A body.
    Body(FetchedBody),
}

/// What one request gave.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The server knows the URL.
    Here(Fetched),
    /// The server names another URL, absolute.
    Elsewhere(Url),
}

/// The HTTP client.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: reqwest::Client,
}

impl Fetcher {
    /// A client that behaves as `settings` say.
    ///
    /// # Errors
    /// [`FetchError::Client`] if the user agent is no valid header or TLS cannot be set up.
    pub fn new(settings: &CrawlerSettings) -> Result<Self, FetchError> {
        let _ = settings;
        todo!()
    }

    /// What one GET of `url` gives: no redirect followed, nothing repeated.
    ///
    /// # Errors
    /// Any [`FetchError`] but those about robots.txt, pauses and chains of redirects.
    pub async fn request(
        &self,
        url: &Url,
        validators: &Validators,
        max_bytes: u64,
    ) -> Result<Answer, FetchError> {
        let _ = (url, validators, max_bytes, &self.client);
        todo!()
    }
}
