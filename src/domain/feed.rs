//! A feed: what we watch, and what it lists.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::date::PageDate;
use super::{engine, hash};

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
    /// A five-field cron line, in UTC or the zone that it names.
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
    /// Of a listing: the CSS selector of its links to articles; `None`: they are told by their shape.
    pub links: Option<String>,
    /// The languages of the articles to fetch, as [`super::language::code`] gives them; empty: any.
    /// An article whose language the feed doesn't state is fetched.
    pub languages: Vec<String>,
    /// How long ago an article may have changed last, by what the feed says of it, to be fetched.
    pub max_age: Option<Duration>,
    /// When it is asked.
    pub schedule: Schedule,
    /// The ids of the topics its articles are held against.
    pub topics: Vec<String>,
}

impl Feed {
    /// Whether it is a search engine's: its address is filled in with what its topics look for, and
    /// its articles are of many outlets.
    #[must_use]
    pub fn is_search(&self) -> bool {
        engine::is_search(&self.url)
    }

    /// A short hash of how its entries are read and chosen. Where that changes, an answer "not
    /// modified" would hide what is chosen otherwise now.
    #[must_use]
    pub fn reads(&self) -> String {
        let links = self.links.as_deref().unwrap_or_default();
        let age = self.max_age.map(|age| age.as_secs().to_string()).unwrap_or_default();
        hash::short(&[self.kind.as_str(), links, &self.languages.join(" "), &age])
    }

    /// Why an article is not worth a request, by what the feed says of it; `None` if it is. An entry that
    /// says nothing is. `max_age` counts back from `now`, where there is one.
    #[must_use]
    pub fn passes_over(&self, entry: &Entry, now: Option<Timestamp>) -> Option<String> {
        if let Some(language) = &entry.language
            && !self.languages.is_empty()
            && !self.languages.contains(language)
        {
            let wanted = self.languages.join(", ");
            return Some(format!("the feed says that it is in {language}; wanted is {wanted}"));
        }
        let age = SignedDuration::try_from(self.max_age?).ok()?;
        let changed = entry.changed()?;
        let oldest = now?.checked_sub(age).ok()?;
        (changed.instant()? < oldest).then(|| {
            format!("the feed says that it last changed {changed}, longer ago than max_age")
        })
    }
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
    /// The language that the feed says it is in, as [`super::language::code`] gives it.
    pub language: Option<String>,
    /// The sitemap below an index that names it, if one does.
    #[serde(skip)]
    pub sitemap: Option<Arc<str>>,
}

impl Entry {
    /// An entry that says nothing but where the article is.
    #[must_use]
    pub fn bare(url: Url) -> Self {
        Self {
            url,
            title: None,
            summary: None,
            published: None,
            updated: None,
            language: None,
            sitemap: None,
        }
    }

    /// When the feed says that the article last changed, or was published.
    #[must_use]
    pub fn changed(&self) -> Option<&PageDate> {
        self.updated.as_ref().or(self.published.as_ref())
    }
}

/// What a server gave so that the next request can be conditional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Validators {
    /// The `ETag` header, as sent.
    pub etag: Option<String>,
    /// The `Last-Modified` header, as sent.
    pub last_modified: Option<String>,
}
