//! robots.txt as RFC 9309 has it: bytes → which paths an agent may ask for.
//!
//! Linear in the length of the file and of each rule. Refuses to fetch anything.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

/// A robots.txt as a server gave it, to be kept between runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotsFile {
    /// Scheme, host and port, as [`origin`] writes them.
    pub origin: String,
    /// The HTTP status; `None` if the server could not be reached.
    pub status: Option<u16>,
    /// The body; empty but for status 200–299.
    pub body: String,
    /// When it was fetched.
    pub fetched: Timestamp,
}

/// Scheme, host and port of `url`, the port always written: `https://example.org:443`.
#[must_use]
pub fn origin(url: &Url) -> String {
    let _ = url;
    todo!()
}

/// What a robots.txt allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Robots {
    sitemaps: Vec<String>,
}

impl Robots {
    /// The rules of a robots.txt. Never fails: what is not understood is no rule.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let _ = bytes;
        todo!()
    }

    /// Rules that allow everything.
    #[must_use]
    pub fn allow_all() -> Self {
        Self::default()
    }

    /// Rules that forbid everything.
    #[must_use]
    pub fn disallow_all() -> Self {
        todo!()
    }

    /// Whether the agent with the product token `agent` may ask for `url`.
    #[must_use]
    pub fn allows(&self, agent: &str, url: &Url) -> bool {
        let _ = (agent, url);
        todo!()
    }

    /// The pause that the file asks `agent` to keep, at most an hour.
    #[must_use]
    pub fn crawl_delay(&self, agent: &str) -> Option<Duration> {
        let _ = agent;
        todo!()
    }

    /// The sitemaps that the file names, as written.
    #[must_use]
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }
}
