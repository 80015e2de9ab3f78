//! One feed, sitemap or listing page → the entries it lists.
//!
//! Refuses to decide which of them are fetched, and to keep anything.

use std::cmp::Reverse;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tracing::debug;
use url::Url;

use super::PipelineError;
use crate::article::charset;
use crate::config::Config;
use crate::crawl::fetch::{FetchError, Fetched, FetchedBody};
use crate::crawl::syndication::FeedError;
use crate::crawl::visit::Visitor;
use crate::crawl::{listing, sitemap, syndication};
use crate::domain::feed::{Entry, Feed, FeedKind, Validators};
use crate::domain::run::FeedState;

/// Sitemaps read below one sitemap index in one run, newest first.
pub const MAX_CHILD_SITEMAPS: usize = 20;

/// Feeds tried of those that a page names: the first is the outlet's own, later ones are comments.
const MAX_ALTERNATES_TRIED: usize = 3;

/// The HTTP status of what was taken away on purpose and for good.
const GONE: u16 = 410;

/// Sitemaps read below one index when a run walks back: a sitemap a day of five years.
const MAX_SITEMAPS_BACK: usize = 2_000;

/// Sitemaps often name only the day on which a child changed: one that changed on the day of the
/// last run is asked again.
const DAY_SLACK: SignedDuration = SignedDuration::from_hours(24);

/// What a feed gave.
pub(super) enum Reading {
    Entries {
        entries: Vec<Entry>,
        validators: Validators,
    },
    NotModified,
    /// The run was stopped before the feed was asked.
    Stopped,
    Failed {
        reason: String,
        /// The server says that the feed is gone for good.
        gone: bool,
        /// The pause that the server asked for.
        pause: Duration,
    },
}

/// Asks each feed of the watch list once, keeping nothing: entries, or why there are none.
///
/// # Errors
/// [`PipelineError::Client`] if no HTTP client can be made.
pub fn prober(config: &Config) -> Result<Prober<'_>, PipelineError> {
    Ok(Prober { config, visitor: Visitor::new(&config.crawler)? })
}

/// Asks feeds and keeps nothing.
#[derive(Debug)]
pub struct Prober<'a> {
    config: &'a Config,
    visitor: Visitor,
}

impl Prober<'_> {
    /// The number of entries that `feed` lists.
    ///
    /// # Errors
    /// Why it lists none, in one line.
    pub async fn ask(&self, feed: &Feed) -> Result<usize, String> {
        let state = FeedState::default();
        match read_feed(&self.visitor, self.config, feed, &state).await {
            Reading::Entries { entries, .. } => Ok(entries.len()),
            Reading::NotModified => Err("answered 304 to a request without validators".to_owned()),
            Reading::Stopped => Err("was not asked: the run was stopped".to_owned()),
            Reading::Failed { reason, .. } => Err(reason),
        }
    }
}

/// What `feed` lists, asked with the validators of its last run.
pub(super) async fn read_feed(
    visitor: &Visitor,
    config: &Config,
    feed: &Feed,
    state: &FeedState,
) -> Reading {
    // A child that did not change since a complete run holds nothing new.
    let complete = state.failures == 0 && state.validators != Validators::default();
    let since = state.last_run.filter(|_| complete).map(|at| at - DAY_SLACK);
    let children = Children { since, most: MAX_CHILD_SITEMAPS };
    read(visitor, config, feed, &state.validators, children).await
}

/// Which sitemaps below an index are read.
struct Children {
    /// Those that changed since then, and those that don't say; `None`: all.
    since: Option<Timestamp>,
    /// So many at most, newest first.
    most: usize,
}

async fn read(
    visitor: &Visitor,
    config: &Config,
    feed: &Feed,
    validators: &Validators,
    children: Children,
) -> Reading {
    let limit = config.crawler.max_feed_bytes;
    let body = match visitor.get(&feed.url, validators, limit).await {
        Ok(Fetched::Body(body)) => body,
        Ok(Fetched::NotModified) => return Reading::NotModified,
        Err(FetchError::Stopped { .. }) => return Reading::Stopped,
        Err(error) => {
            return Reading::Failed {
                gone: matches!(error, FetchError::Status { status: GONE, .. }),
                pause: error.retry_after().unwrap_or_default(),
                reason: error.to_string(),
            };
        }
    };
    let read = match feed.kind {
        FeedKind::Feed => read_syndication(visitor, limit, *body).await,
        FeedKind::Sitemap => read_sitemap(visitor, limit, *body, children).await,
        FeedKind::Listing => {
            let (html, _) = charset::decode(&body.bytes, body.content_type.as_deref());
            Ok((listing::links(&html, &body.final_url), body.validators))
        }
    };
    match read {
        Ok((entries, validators)) => Reading::Entries { entries, validators },
        Err(reason) => Reading::Failed { reason, gone: false, pause: Duration::ZERO },
    }
}

/// Everything that `feed` lists, of a sitemap index from `since` on: read in full, whatever earlier runs
/// saw of it.
pub(super) async fn read_back(
    visitor: &Visitor,
    config: &Config,
    feed: &Feed,
    since: Timestamp,
) -> Reading {
    let children = Children { since: Some(since), most: MAX_SITEMAPS_BACK };
    read(visitor, config, feed, &Validators::default(), children).await
}

/// The entries of a feed. Where a web page stands in its place, those of the first feed that the page
/// names and that can be read; it is looked up anew each time, since the page may name another.
async fn read_syndication(
    visitor: &Visitor,
    limit: u64,
    body: FetchedBody,
) -> Result<(Vec<Entry>, Validators), String> {
    let alternates = match parse_feed(&body) {
        Ok(listing) => return Ok((entries_of(listing)?, body.validators)),
        Err(FeedError::Html { alternates, url }) if alternates.is_empty() => {
            return Err(FeedError::Html { alternates, url }.to_string());
        }
        Err(FeedError::Html { alternates, .. }) => alternates,
        Err(error) => return Err(error.to_string()),
    };
    let mut reasons = Vec::new();
    for url in alternates.iter().take(MAX_ALTERNATES_TRIED) {
        let reason = match visitor.get(url, &Validators::default(), limit).await {
            Ok(Fetched::Body(feed)) => match parse_feed(&feed) {
                Ok(listing) => {
                    debug!("{} is a web page; its feed {url} is read", body.final_url);
                    return Ok((entries_of(listing)?, Validators::default()));
                }
                Err(error) => error.to_string(),
            },
            Ok(Fetched::NotModified) => format!("{url} answered 304 to a first request"),
            Err(error) => error.to_string(),
        };
        reasons.push(reason);
    }
    Err(format!(
        "{} is a web page, and no feed that it names can be read: {}",
        body.final_url,
        reasons.join("; ")
    ))
}

fn parse_feed(body: &FetchedBody) -> Result<syndication::Listing, FeedError> {
    syndication::parse(&body.bytes, body.content_type.as_deref(), &body.final_url)
}

/// The entries of a feed; a feed in which nothing can be followed is damaged, not empty.
fn entries_of(listing: syndication::Listing) -> Result<Vec<Entry>, String> {
    if listing.entries.is_empty() && listing.without_link > 0 {
        return Err(format!("none of its {} entries has a link", listing.without_link));
    }
    Ok(listing.entries)
}

/// The entries of a sitemap, or of the newest sitemaps that an index names, and the validators to
/// ask with next time: none if a child failed, so that it is asked again, or doesn't say when it
/// changed, so that an index that stays the same doesn't hide it. A child that says that it did not
/// change since the last run is not asked, if that run left nothing to be asked again: only then
/// are there validators.
async fn read_sitemap(
    visitor: &Visitor,
    limit: u64,
    body: FetchedBody,
    wanted: Children,
) -> Result<(Vec<Entry>, Validators), String> {
    let top = sitemap::parse(&body.bytes, &body.final_url).map_err(|error| error.to_string())?;
    let mut entries = top.entries;
    let mut validators = body.validators;
    if top.children.iter().any(|(_, changed)| changed.is_none()) {
        validators = Validators::default();
    }
    let mut children: Vec<_> = top
        .children
        .into_iter()
        .map(|(url, changed)| (changed.and_then(|date| date.instant()), url))
        .filter(|(changed, _)| changed.is_none() || *changed >= wanted.since)
        .collect();
    children.sort_by_key(|(changed, _)| Reverse(*changed));
    let mut failure = None;
    for (_, url) in children.into_iter().take(wanted.most) {
        match read_child(visitor, &url, limit).await {
            Ok(child) => entries.extend(child),
            Err(reason) => {
                debug!("{reason}");
                validators = Validators::default();
                failure = Some(reason);
            }
        }
    }
    match failure {
        Some(reason) if entries.is_empty() => Err(reason),
        _ => Ok((entries, validators)),
    }
}

async fn read_child(visitor: &Visitor, url: &Url, limit: u64) -> Result<Vec<Entry>, String> {
    let fetched = visitor.get(url, &Validators::default(), limit).await;
    match fetched.map_err(|error| error.to_string())? {
        Fetched::Body(body) => sitemap::parse(&body.bytes, &body.final_url)
            .map(|child| child.entries)
            .map_err(|error| error.to_string()),
        Fetched::NotModified => Ok(Vec::new()),
    }
}
