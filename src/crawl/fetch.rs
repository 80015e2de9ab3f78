//! One request: a URL and validators → bytes, "not modified", or where to look instead.
//!
//! Guarded, bounded in time, bytes and headers. Refuses to follow redirects, to repeat itself, to
//! keep cookies and to use a proxy: `visit` decides about the next request.

use std::error::Error;
use std::io;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use thiserror::Error;
use url::Url;

use super::guard::{self, GuardError, GuardedResolver};
use crate::domain::crawler::CrawlerSettings;
use crate::domain::feed::Validators;

/// Why a URL gave nothing. Every message names the URL, the reason and what to do.
#[derive(Debug, Clone, Error)]
pub enum FetchError {
    /// The request is not allowed by our own rules.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// robots.txt forbids it.
    #[error("{url} is not fetched: the host's robots.txt forbids it to {agent}")]
    Disallowed {
        /// The forbidden URL.
        url: Url,
        /// The name that was looked up in robots.txt.
        agent: String,
    },
    /// robots.txt could not be read.
    #[error(
        "{url} is not fetched: the host's robots.txt cannot be read, which counts as a no until it \
         can ({cause})"
    )]
    RobotsUnreadable {
        /// The URL not asked.
        url: Url,
        /// Why robots.txt could not be read.
        cause: Box<FetchError>,
    },
    /// The server asked for a pause longer than a run waits.
    #[error("{url} is left for a later run: the server asked for a pause of {} s", wait.as_secs())]
    Resting {
        /// The URL not asked.
        url: Url,
        /// How long the server wants to be left alone, from now.
        wait: Duration,
    },
    /// The host failed too often in this run to be asked again.
    #[error("{url} is left for a later run: its server failed {failures} times in a row")]
    GivenUp {
        /// The URL not asked.
        url: Url,
        /// Failures in a row.
        failures: u32,
    },
    /// Somebody ended the run before the request was made.
    #[error("{url} is left for a later run: this one was stopped")]
    Stopped {
        /// The URL not asked.
        url: Url,
    },
    /// Time ran out.
    #[error(
        "{url} did not answer within {} s; try later or raise the timeouts under [crawler]", 
        after.as_secs_f32().ceil()
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
    let advice = match status {
        401 | 402 | 403 | 407 | 451 => "the server refuses us; ask its operator or leave it out",
        404 | 410 => "nothing is there; correct the address",
        429 => "too many requests; raise per_host_delay under [crawler]",
        _ if is_trouble(status) => "the server has trouble; it is tried again later",
        _ => "look at it in a browser",
    };
    match retry_after {
        Some(pause) => format!(" and asks for a pause of {} s: {advice}", pause.as_secs()),
        None => format!(": {advice}"),
    }
}

/// Whether a server that answers so may answer otherwise soon: by the standards, and by the numbers that caches
/// in front of servers use when those fail.
fn is_trouble(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502..=504 | 507 | 509 | 520..=527 | 530)
}

impl FetchError {
    /// Whether the same request may succeed soon.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Connect { .. } | Self::Body { .. } => true,
            Self::Status { status, .. } => is_trouble(*status),
            _ => false,
        }
    }

    /// Whether the URL was left out without a request for it.
    #[must_use]
    pub fn is_skip(&self) -> bool {
        matches!(
            self,
            Self::Guard(_)
                | Self::Disallowed { .. }
                | Self::RobotsUnreadable { .. }
                | Self::Resting { .. }
                | Self::GivenUp { .. }
        )
    }

    /// Whether another run may succeed.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        let left = matches!(
            self,
            Self::RobotsUnreadable { .. } | Self::Resting { .. } | Self::GivenUp { .. }
        );
        left || self.is_transient()
    }

    /// The pause the server asked for, now or before.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::Resting { wait, .. } => Some(*wait),
            _ => None,
        }
    }

    /// What a failure of the HTTP client is to us.
    fn from_client(error: &reqwest::Error, url: &Url, after: Duration) -> Self {
        let url = url.clone();
        let mut cause: &(dyn Error + 'static) = error;
        let mut bad_tls = false;
        loop {
            if let Some(guard) = cause.downcast_ref::<GuardError>() {
                return Self::Guard(guard.clone());
            }
            // The TLS library reports what it makes of the peer's bytes as invalid data.
            bad_tls |= cause
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::InvalidData);
            match cause_of(cause) {
                Some(next) => cause = next,
                None => break,
            }
        }
        let cause = cause.to_string();
        match () {
            () if error.is_timeout() => Self::Timeout { url, after },
            () if error.is_connect() && bad_tls => Self::Tls { url, cause },
            () if error.is_connect() => Self::Connect { url, cause },
            () => Self::Body { url, cause },
        }
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
}

/// What a URL gave.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// Nothing new since the validators were given.
    NotModified {
        /// The URL that said so, after redirects.
        final_url: Url,
        /// Every header as received, as those of a body.
        headers: Vec<(String, String)>,
    },
    /// A body.
    Body(Box<FetchedBody>),
}

/// What one request gave.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The server knows the URL.
    Here(Fetched),
    /// The server names another URL, absolute.
    Elsewhere(Url),
}

/// Header lines in one answer. Real servers send up to about 60.
const MAX_HEADERS: usize = 128;

/// Bytes of all headers in one HTTP/2 answer; HTTP/1 answers are held to a few hundred KiB by the
/// client itself.
const MAX_HEADER_BYTES: u32 = 64 * 1024;

/// Characters of a broken `Location` header that an error repeats.
const SHOWN_LOCATION: usize = 200;

/// Longest pause that a server can ask for: a feed is tried once a day at least.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Everything that is read here, what is made for programs first.
const ACCEPT_ALL: &str = "application/atom+xml,application/rss+xml,application/feed+json,\
                          text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Every coding that the client decodes.
const ENCODINGS: &str = "zstd, br, gzip, deflate";

/// The headers of a request for `url`, as they are sent by a crawler that behaves as `settings` say.
#[must_use]
pub fn request_headers(
    settings: &CrawlerSettings,
    url: &Url,
    validators: &Validators,
) -> Vec<(String, String)> {
    let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
    let always = [
        ("host", Some(host)),
        ("user-agent", Some(settings.user_agent_header())),
        ("accept", Some(ACCEPT_ALL.to_owned())),
        ("accept-encoding", Some(ENCODINGS.to_owned())),
        ("if-none-match", validators.etag.clone()),
        ("if-modified-since", validators.last_modified.clone()),
    ];
    let given = always.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    given.collect()
}

/// The HTTP client.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: Client,
    allow_private: bool,
}

impl Fetcher {
    /// A client that behaves as `settings` say.
    ///
    /// # Errors
    /// [`FetchError::Client`] if the user agent is no valid header or TLS cannot be set up.
    pub fn new(settings: &CrawlerSettings) -> Result<Self, FetchError> {
        let allow_private = settings.allow_private_addresses;
        let client = Client::builder()
            .user_agent(settings.user_agent_header())
            .default_headers(HeaderMap::from_iter([
                (ACCEPT, HeaderValue::from_static(ACCEPT_ALL)),
                (ACCEPT_ENCODING, HeaderValue::from_static(ENCODINGS)),
            ]))
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .dns_resolver(GuardedResolver { allow_private })
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_BYTES)
            // Politeness lets one request at a time through to a host.
            .pool_max_idle_per_host(1)
            .build()
            .map_err(|error| FetchError::Client { cause: innermost(&error) })?;
        Ok(Self { client, allow_private })
    }

    /// Whether this client would ask for `url`, as far as can be told without resolving its name.
    ///
    /// # Errors
    /// The reason why not.
    pub fn check(&self, url: &Url) -> Result<(), GuardError> {
        guard::check_url(url, self.allow_private)
    }

    /// What one GET of `url` gives within `time`: no redirect followed, nothing repeated.
    ///
    /// # Errors
    /// Any [`FetchError`] but those about robots.txt, pauses and chains of redirects.
    pub async fn request(
        &self,
        url: &Url,
        validators: &Validators,
        max_bytes: u64,
        time: Duration,
    ) -> Result<Answer, FetchError> {
        self.check(url)?;
        let started = Instant::now();
        let answer = async {
            let response = self.send(url, validators, started).await?;
            self.read(url, validators, response, max_bytes, started).await
        };
        tokio::time::timeout(time, answer)
            .await
            .unwrap_or_else(|_| Err(FetchError::Timeout { url: url.clone(), after: time }))
    }

    async fn send(
        &self,
        url: &Url,
        validators: &Validators,
        started: Instant,
    ) -> Result<Response, FetchError> {
        let mut request = self.client.get(url.clone());
        let conditions =
            [(IF_NONE_MATCH, &validators.etag), (IF_MODIFIED_SINCE, &validators.last_modified)];
        for (name, value) in conditions {
            // A validator that is no header any more (a damaged store) is as good as none.
            if let Some(value) = value.as_ref().and_then(|value| HeaderValue::from_str(value).ok())
            {
                request = request.header(name, value);
            }
        }
        request
            .send()
            .await
            .map_err(|error| FetchError::from_client(&error, url, started.elapsed()))
    }

    async fn read(
        &self,
        url: &Url,
        validators: &Validators,
        mut response: Response,
        max_bytes: u64,
        started: Instant,
    ) -> Result<Answer, FetchError> {
        let status = response.status();
        let headers = response.headers().clone();
        if status == StatusCode::NOT_MODIFIED && *validators != Validators::default() {
            let (final_url, headers) = (url.clone(), stated(&headers));
            return Ok(Answer::Here(Fetched::NotModified { final_url, headers }));
        }
        if status.is_redirection()
            && let Some(location) = headers.get(LOCATION)
        {
            return elsewhere(url, location).map(Answer::Elsewhere);
        }
        if !status.is_success() {
            let retry_after =
                headers.get(RETRY_AFTER).and_then(|value| pause(value, Timestamp::now()));
            return Err(FetchError::Status {
                url: url.clone(),
                status: status.as_u16(),
                retry_after,
            });
        }
        let too_large = || FetchError::TooLarge { url: url.clone(), limit: max_bytes };
        if response.content_length().is_some_and(|length| length > max_bytes) {
            return Err(too_large());
        }
        // What `Content-Length` says is a claim, and of the compressed size: count what comes out.
        let mut bytes = BytesMut::new();
        let broken = |error| FetchError::from_client(&error, url, started.elapsed());
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if (bytes.len() + chunk.len()) as u64 > max_bytes {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        let one = |name: HeaderName| headers.get(name).map(text);
        Ok(Answer::Here(Fetched::Body(Box::new(FetchedBody {
            final_url: url.clone(),
            status: status.as_u16(),
            content_type: one(CONTENT_TYPE),
            headers: stated(&headers),
            bytes: bytes.freeze(),
            validators: Validators { etag: one(ETAG), last_modified: one(LAST_MODIFIED) },
        }))))
    }
}

/// Names and values of all headers, in their order.
fn stated(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// A header's value, bytes beyond ASCII read as ISO 8859-1.
fn text(value: &HeaderValue) -> String {
    value.as_bytes().iter().copied().map(char::from).collect()
}

fn elsewhere(url: &Url, location: &HeaderValue) -> Result<Url, FetchError> {
    // Not ISO 8859-1: servers that do not escape their addresses write UTF-8.
    let location = String::from_utf8_lossy(location.as_bytes());
    url.join(&location).map_err(|_| FetchError::Redirect {
        url: url.clone(),
        location: location.chars().take(SHOWN_LOCATION).collect(),
    })
}

/// The pause a `Retry-After` header asks for: seconds, or a date in one of HTTP's three forms (RFC 9110 §5.6.7),
/// or as mails have it.
fn pause(value: &HeaderValue, now: Timestamp) -> Option<Duration> {
    let value = value.to_str().ok()?.trim();
    let pause = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = match httpdate::parse_http_date(value) {
                Ok(until) => Timestamp::try_from(until).ok()?,
                Err(_) => jiff::fmt::rfc2822::parse(value).ok()?.timestamp(),
            };
            Duration::try_from(until.duration_since(now)).unwrap_or_default()
        }
    };
    Some(pause.min(MAX_RETRY_AFTER))
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause_of(cause) {
        cause = next;
    }
    cause.to_string()
}

/// The cause of an error. An I/O error passes over what it wraps; here that is the TLS error.
fn cause_of<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_read_from_seconds_and_dates_and_bounded() {
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        let cases = [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 01 Mar 2026 12:01:30 GMT", Some(90)),
            ("Sunday, 01-Mar-26 12:01:30 GMT", Some(90)),
            ("Sun Mar  1 12:01:30 2026", Some(90)),
            ("Sun, 01 Mar 2026 13:01:30 +0100", Some(90)),
            ("Sun, 01 Mar 2026 11:00:00 GMT", Some(0)),
            ("99999999999", Some(24 * 60 * 60)),
            ("soon", None),
            ("-5", None),
        ];
        for (value, seconds) in cases {
            let found = pause(&HeaderValue::from_static(value), now);
            assert_eq!(found, seconds.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn a_failure_says_whether_it_will_pass() {
        let status = |status| FetchError::Status {
            url: Url::parse("https://a.example/").unwrap(),
            status,
            retry_after: None,
        };
        for passing in [408, 429, 500, 502, 503, 504] {
            assert!(status(passing).is_transient(), "{passing}");
        }
        for lasting in [304, 400, 401, 403, 404, 410, 451, 501, 505] {
            assert!(!status(lasting).is_transient(), "{lasting}");
        }
    }
}
