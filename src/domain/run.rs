//! What a crawl leaves behind about itself: runs of feeds, visits to pages, cached robots.txt.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::date::PageDate;
use super::feed::{Feed, Validators};
use super::record::Payload;

/// What is known about a feed before it is asked again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedState {
    /// What the last good answer gave for a conditional request.
    pub validators: Validators,
    /// As [`Sitemaps::complete`] after the last good run.
    pub sitemaps: BTreeMap<String, Validators>,
    /// When the last run started.
    pub last_run: Option<Timestamp>,
    /// When the next run is due.
    pub next_due: Option<Timestamp>,
    /// Failed runs in a row, up to the last one.
    pub failures: u32,
    /// Why the last run failed, if it did.
    pub last_error: Option<String>,
    /// The schedule that `next_due` was worked out from, as `feeds.toml` stated it then.
    pub schedule: Option<String>,
    /// Runs in a row that brought nothing new, up to the last one.
    pub quiet: u32,
    /// Since when the server says that the feed is gone for good (410).
    pub gone: Option<Timestamp>,
    /// The topics that the feed's pages were held against in the last good run, as
    /// [`super::topic::fingerprint`] writes them.
    pub topics: String,
    /// How its entries were read in the last good run, as [`Feed::reads`] writes it.
    pub reads: String,
}

/// What one run of a feed came to: numbers of its entries, and of the quotes found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunCounts {
    /// Articles that the feed named.
    pub entries: u64,
    /// Articles seen for the first time.
    pub new: u64,
    /// Articles with a new version.
    pub changed: u64,
    /// Articles that read as they did.
    pub unchanged: u64,
    /// Articles about something else.
    pub off_topic: u64,
    /// Pages not fetched, by robots.txt or by a bound.
    pub skipped: u64,
    /// Pages that failed.
    pub failed: u64,
    /// Quotes in the new and changed articles.
    pub quotes: u64,
}

/// One run of a feed, to be recorded.
#[derive(Debug, Clone)]
pub struct FeedRun<'a> {
    /// The feed as it is configured now.
    pub feed: &'a Feed,
    /// When the run started.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Timestamp,
    /// When the feed is to be asked again.
    pub next_due: Timestamp,
    /// The answer's validators. A failed run leaves the earlier ones in place.
    pub validators: Validators,
    /// What became of the sitemaps below its index. A failed run leaves what earlier ones found.
    pub sitemaps: Sitemaps,
    /// What came of it.
    pub counts: RunCounts,
    /// Why the feed could not be read, if it could not.
    pub error: Option<String>,
    /// True if the server says that the feed is gone for good.
    pub gone: bool,
    /// The topics that its pages were held against. A failed run leaves the earlier ones in place.
    pub topics: String,
    /// What it named and was not asked for, but for what [`Sitemaps::unread`] name; `None` leaves what
    /// earlier runs found in place.
    pub unasked: Option<Vec<Unasked>>,
}

/// The sitemaps that a feed's index names, by their addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sitemaps {
    /// Those read in full by this run or an earlier one, and not changed since, of which nothing has to
    /// be asked again; with what to ask them with next time.
    pub complete: BTreeMap<String, Validators>,
    /// Those that this run did not read. What earlier runs found of them stays.
    pub unread: BTreeSet<String>,
}

/// An address that a feed named and that was not asked, or a sitemap of it that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unasked {
    /// The address.
    pub url: String,
    /// The sitemap below the feed's index that named it, if one did.
    pub sitemap: Option<Arc<str>>,
    /// Skipped or failed.
    pub outcome: VisitOutcome,
    /// True where a later run will ask.
    pub transient: bool,
    /// Why, for people.
    pub reason: String,
}

impl Unasked {
    /// An address left for a later run.
    #[must_use]
    pub fn left(url: impl Into<String>, reason: impl Into<String>) -> Self {
        let (url, reason) = (url.into(), reason.into());
        Self { url, sitemap: None, outcome: VisitOutcome::Skipped, transient: true, reason }
    }

    /// An address that is not asked as long as the watch list and the feed stay as they are.
    #[must_use]
    pub fn passed_over(url: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { transient: false, ..Self::left(url, reason) }
    }

    /// Part of a feed that could not be read; the next run tries again.
    #[must_use]
    pub fn failed(url: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { outcome: VisitOutcome::Failed, ..Self::left(url, reason) }
    }

    /// The same, named by a sitemap below the feed's index.
    #[must_use]
    pub fn of_sitemap(self, sitemap: Option<Arc<str>>) -> Self {
        Self { sitemap, ..self }
    }
}

/// How a visit to a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitOutcome {
    /// The article is in the collection.
    Kept,
    /// It is about something else.
    OffTopic,
    /// It was not fetched, and why is in the reason.
    Skipped,
    /// It could not be fetched or read.
    Failed,
}

impl RunCounts {
    /// True if no entry was anything that was not known before.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.new + self.changed + self.off_topic + self.failed == 0
    }
}

impl std::ops::AddAssign for RunCounts {
    fn add_assign(&mut self, more: Self) {
        self.entries += more.entries;
        self.new += more.new;
        self.changed += more.changed;
        self.unchanged += more.unchanged;
        self.off_topic += more.off_topic;
        self.skipped += more.skipped;
        self.failed += more.failed;
        self.quotes += more.quotes;
    }
}

impl VisitOutcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Kept, Self::OffTopic, Self::Skipped, Self::Failed];

    /// The word for it in the store and every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::OffTopic => "off_topic",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// The last visit to a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Visit {
    /// The page, as the feed names it.
    pub url: String,
    /// The id of the feed that names it, if it came by one.
    pub feed: Option<String>,
    /// When it was visited.
    pub at: Timestamp,
    /// How the visit ended.
    pub outcome: VisitOutcome,
    /// True where another try may end otherwise (a timeout, a 503).
    pub transient: bool,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Why it ended so, for people.
    pub reason: String,
    /// When the feed said that the entry last changed.
    pub entry_updated: Option<PageDate>,
    /// Where redirects led, if they led elsewhere.
    pub final_url: Option<String>,
    /// What the answer gave for a conditional request.
    pub validators: Validators,
    /// What later runs need to know of the page.
    #[serde(flatten)]
    pub upkeep: Upkeep,
}

impl Visit {
    /// Ends the visit so, for `reason`. An article that is in the collection stays there, whatever
    /// comes of asking its page again; what is not kept is not asked again for corrections.
    pub fn end(&mut self, outcome: VisitOutcome, reason: String) {
        match (outcome, self.upkeep.kept_since) {
            (VisitOutcome::Kept, since) => {
                self.upkeep.kept_since = since.or(Some(self.at));
                (self.outcome, self.reason) = (outcome, reason);
            }
            (_, Some(since)) => {
                self.outcome = VisitOutcome::Kept;
                self.reason = format!("kept since {since}; asked again: {reason}");
            }
            (_, None) => {
                self.upkeep.recheck_at = None;
                (self.outcome, self.reason) = (outcome, reason);
            }
        }
    }
}

/// What later runs need to know of a page that was visited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Upkeep {
    /// Since when the article is in the collection.
    pub kept_since: Option<Timestamp>,
    /// When the page is to be asked again for corrections.
    pub recheck_at: Option<Timestamp>,
    /// The topics that it was held against, as [`super::topic::fingerprint`] writes them.
    #[serde(skip)]
    pub topics: String,
    /// Its newest payload in the archive.
    #[serde(skip)]
    pub payload: Option<Payload>,
}

/// A server's robots.txt or tdmrep.json as it was last fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedFile {
    /// The HTTP status; `None` if the server could not be reached.
    pub status: Option<u16>,
    /// The body, decoded.
    pub body: String,
    /// When it was fetched.
    pub fetched: Timestamp,
}

/// One run over the watch list, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// What ran: `crawl` or `watch`.
    pub command: String,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Timestamp,
    /// Feeds that were asked.
    pub feeds: u64,
    /// Feeds that could not be read.
    pub feeds_failed: u64,
    /// Requests sent, robots.txt and redirects included.
    pub requests: u64,
    /// Bytes of the bodies that came, after decompression.
    pub bytes: u64,
    /// What came of all feeds, and of the articles that were asked again.
    #[serde(flatten)]
    pub counts: RunCounts,
    /// True if somebody ended it before it was done.
    pub stopped: bool,
    /// Why it failed, if it did: a disk that is full, a store that is damaged.
    pub error: Option<String>,
}

/// A feed as `onrecord status` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeedStatus {
    /// The feed's id.
    pub id: String,
    /// Its outlet.
    pub outlet: String,
    /// Where it is.
    pub url: String,
    /// When the last run started.
    pub last_run: Option<Timestamp>,
    /// When the next run is due.
    pub next_due: Option<Timestamp>,
    /// Failed runs in a row, up to the last one.
    pub failures: u32,
    /// Why the last run failed, if it did.
    pub last_error: Option<String>,
    /// Since when the server says that the feed is gone for good; it is no longer asked.
    pub gone: Option<Timestamp>,
    /// What the last run came to.
    pub last_counts: RunCounts,
    /// Articles in the collection that came by this feed.
    pub articles: u64,
    /// Quotes in the collection that came by this feed.
    pub quotes: u64,
}
