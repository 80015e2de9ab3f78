//! A feed: what we watch, and what it lists.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::date::PageDate;

/// What a feed's URL gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedKind {
    /// RSS, Atom or JSON Feed.
    Feed,
    /// A sitemap or sitemap index.
    Sitemap,
    /// An HTML page that links to articles.
    Listing,
}

impl FeedKind {
    /// The word for it in `feeds.toml` and every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Sitemap => "sitemap",
            Self::Listing => "listing",
        }
    }
}

/// When a feed is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// So many seconds after the last run.
    Every(u64),
    /// A five-field cron line, in UTC.
    Cron(String),
}

impl fmt::Display for Schedule {
    /// As `feeds.toml` states it: `30m`, or the cron line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// The units that intervals are written in, largest first, in seconds.
        const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];
        match self {
            Self::Cron(line) => f.write_str(line),
            Self::Every(seconds) => {
                let unit = UNITS.iter().find(|(_, unit)| seconds.is_multiple_of(*unit));
                let (name, unit) = unit.unwrap_or(&UNITS[3]);
                write!(f, "{}{name}", seconds / unit)
            }
        }
    }
}

/// One watched feed, as `feeds.toml` states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// The name used on the command line and in the store.
    pub id: String,
    /// The outlet whose articles it lists.
    pub outlet: String,
    /// Where it is.
    pub url: Url,
    /// What it is.
    pub kind: FeedKind,
    /// When it is asked.
    pub schedule: Schedule,
    /// The ids of the topics its articles are held against.
    pub topics: Vec<String>,
}

/// One article that a feed, sitemap or listing names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The article's address, absolute.
    pub url: Url,
    /// Its title there.
    pub title: Option<String>,
    /// The feed's own summary of it, as plain text.
    pub summary: Option<String>,
    /// When the feed says it was published.
    pub published: Option<PageDate>,
    /// When the feed says it was last changed.
    pub updated: Option<PageDate>,
}

/// What a server gave so that the next request can be conditional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag` header, as sent.
    pub etag: Option<String>,
    /// The `Last-Modified` header, as sent.
    pub last_modified: Option<String>,
}
