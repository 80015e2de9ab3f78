//! One feed, sitemap, listing page or search → the entries it lists, and what of it was not read.
//!
//! Refuses to decide which of them are fetched, and to keep anything.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tracing::{debug, warn};
use url::Url;

use super::PipelineError;
use crate::article::charset;
use crate::config::Config;
use crate::crawl::fetch::{FetchError, Fetched, FetchedBody};
use crate::crawl::sitemap::Sitemap;
use crate::crawl::syndication::FeedError;
use crate::crawl::visit::Visitor;
use crate::crawl::{listing, sitemap, syndication};
use crate::domain::engine;
use crate::domain::feed::{Entry, Feed, FeedKind, Validators};
use crate::domain::run::{FeedState, Sitemaps, Unasked};
use crate::store::{Store, StoreError};

/// Sitemaps read below one sitemap index in one run, newest first.
pub const MAX_CHILD_SITEMAPS: usize = 20;

/// Sitemap indexes within each other that are followed. The protocol knows none at all.
const MAX_INDEX_DEPTH: usize = 3;

/// Feeds tried of those that a page names: the first is the outlet's own, later ones are comments.
const MAX_ALTERNATES_TRIED: usize = 3;

/// The HTTP status of what was taken away on purpose and for good.
const GONE: u16 = 410;

/// Sitemaps read below one index when a run walks back: a sitemap a day of five years.
const MAX_SITEMAPS_BACK: usize = 2_000;

/// Entries of a feed's sitemaps from which on no more sitemaps are begun in a run: more than it fetches pages,
/// walking back or not, and some fifty megabytes.
const MAX_LISTED: usize = 100_000;

/// Sitemaps that are known by name at a time, whatever number of indexes names them.
const MAX_NAMED: usize = sitemap::MAX_ENTRIES;

/// How long sitemaps below an index are begun in a run that doesn't walk back: a host that wants a minute
/// between two requests must leave a watch's run the time for the pages that it lists.
const LONGEST_WALK: Duration = Duration::from_secs(8 * 60);

/// Sitemaps often name only the day on which a child changed: one that changed on the day of the
/// last run is asked again.
const DAY_SLACK: SignedDuration = SignedDuration::from_hours(24);

/// What a feed gave.
pub(super) enum Reading {
    Entries(Read),
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

/// Asks each feed of the watch list once, keeping nothing: entries, or why there are none. Hosts that asked
/// an earlier run for a rest, by what the data folder `data` keeps, are left alone.
///
/// # Errors
/// [`PipelineError::Client`] if no HTTP client can be made; [`PipelineError::Store`] if the collection breaks while
/// it is read. One that can't be opened is told in a warning.
pub fn prober<'c>(config: &'c Config, data: &Path) -> Result<Prober<'c>, PipelineError> {
    let visitor = Visitor::new(&config.crawler)?;
    match Store::open_existing(data) {
        Ok(store) => visitor.preload_rests(&store.rests()?, Timestamp::now()),
        Err(StoreError::Missing { .. }) => {}
        Err(error) => warn!("{error}; nobody's rest is known"),
    }
    Ok(Prober { config, visitor })
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
            Reading::Entries(read) => Ok(read.entries.len()),
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
    // What a failed run did not come to may have changed before it.
    let since = state.last_run.filter(|_| state.failures == 0).map(|at| at - DAY_SLACK);
    let until = Instant::now().checked_add(LONGEST_WALK);
    let known = Some(&state.sitemaps);
    let children = Children { since, known, most: MAX_CHILD_SITEMAPS, until };
    read(visitor, config, feed, &state.validators, children).await
}

/// Which sitemaps below an index are read.
#[derive(Debug, Clone, Copy)]
struct Children<'a> {
    /// Those that changed since then, and those that don't say; `None`: all.
    since: Option<Timestamp>,
    /// Those that earlier runs read in full: only they are not asked where they did not change. `None`:
    /// what was there before `since` is not wanted.
    known: Option<&'a BTreeMap<String, Validators>>,
    /// So many at most, newest first.
    most: usize,
    /// None is begun from then on.
    until: Option<Instant>,
}

/// What `feed` lists: of a search, what all of its requests list together. A search that takes several
/// is asked without validators, since none of them stands for all.
async fn read(
    visitor: &Visitor,
    config: &Config,
    feed: &Feed,
    validators: &Validators,
    children: Children<'_>,
) -> Reading {
    let requests = match engine::requests(&feed.url, config.topics_for(feed)) {
        Ok(requests) => requests,
        Err(error) => {
            return Reading::Failed {
                reason: error.to_string(),
                gone: false,
                pause: Duration::ZERO,
            };
        }
    };
    visitor.pace(&feed.url, engine::pause(&feed.url));
    if let [url] = requests.as_slice() {
        return read_one(visitor, config, feed, url, validators, children).await;
    }
    let none = Validators::default();
    let (mut all, mut first_failure) = (Read::of(Vec::new(), none.clone(), Vec::new()), None);
    for url in &requests {
        match read_one(visitor, config, feed, url, &none, children).await {
            Reading::Entries(Read { entries, unasked, older, .. }) => {
                all.entries.extend(entries);
                all.unasked.extend(unasked);
                all.older += older;
            }
            Reading::NotModified => {}
            Reading::Stopped => return Reading::Stopped,
            Reading::Failed { reason, gone, pause } => {
                all.unasked.push(Unasked::failed(url.as_str(), &reason));
                first_failure.get_or_insert(Reading::Failed { reason, gone, pause });
            }
        }
    }
    match first_failure {
        Some(failure) if all.entries.is_empty() => failure,
        _ => Reading::Entries(all),
    }
}

/// What one address of `feed` lists.
async fn read_one(
    visitor: &Visitor,
    config: &Config,
    feed: &Feed,
    url: &Url,
    validators: &Validators,
    children: Children<'_>,
) -> Reading {
    let limit = config.crawler.max_feed_bytes;
    let body = match visitor.get(url, validators, limit).await {
        Ok(Fetched::Body(body)) => body,
        Ok(Fetched::NotModified { .. }) => return Reading::NotModified,
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
        FeedKind::Listing => read_listing(feed, *body).await,
    };
    match read {
        Ok(mut read) => {
            let entries = std::mem::take(&mut read.entries);
            read.add(entries, children);
            Reading::Entries(read)
        }
        Err(Unread::Stopped) => Reading::Stopped,
        Err(Unread::Failed(reason)) => {
            Reading::Failed { reason, gone: false, pause: Duration::ZERO }
        }
    }
}

/// Why a feed, or a part of it, could not be read.
enum Unread {
    /// The run was stopped before it was asked.
    Stopped,
    /// The reason.
    Failed(String),
}

impl From<String> for Unread {
    fn from(reason: String) -> Self {
        Self::Failed(reason)
    }
}

impl From<FetchError> for Unread {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Stopped { .. } => Self::Stopped,
            error => Self::Failed(error.to_string()),
        }
    }
}

/// What was read of a feed.
pub(super) struct Read {
    pub(super) entries: Vec<Entry>,
    /// What to ask with next time.
    pub(super) validators: Validators,
    /// Parts of the feed that were not read.
    pub(super) unasked: Vec<Unasked>,
    pub(super) sitemaps: Sitemaps,
    /// So many more entries are from before the day that a walk back goes to.
    pub(super) older: usize,
}

impl Read {
    /// Of a document that names no others.
    fn of(entries: Vec<Entry>, validators: Validators, unasked: Vec<Unasked>) -> Self {
        Self { entries, validators, unasked, sitemaps: Sitemaps::default(), older: 0 }
    }
}

/// The links of a listing page.
async fn read_listing(feed: &Feed, body: FetchedBody) -> Result<Read, Unread> {
    let (validators, selector) = (body.validators.clone(), feed.links.clone());
    let url = body.final_url.clone();
    let links = aside(body, move |body| {
        let (html, _) = charset::decode(&body.bytes, body.content_type.as_deref());
        match selector {
            Some(selector) => listing::selected(&html, &body.final_url, &selector),
            None => Ok(listing::links(&html, &body.final_url)),
        }
    })
    .await?;
    let links = links.map_err(|error| error.to_string())?;
    Ok(Read::of(links.entries, validators, passed_over(&url, &links.left)))
}

/// As many documents are read at a time as there are cores: each thread keeps memory of its own.
static READERS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, NonZero::get)));

/// Reads a document in a thread of its own: a large one takes long, and requests must go on.
async fn aside<T: Send + 'static>(
    body: FetchedBody,
    read: impl FnOnce(&FetchedBody) -> T + Send + 'static,
) -> Result<T, String> {
    let url = body.final_url.clone();
    // It is never closed.
    let _reader = READERS.acquire().await;
    spawn_blocking(move || read(&body)).await.map_err(|defect| {
        format!("{url} could not be read: a defect in onrecord, please report it ({defect})")
    })
}

/// Everything that `feed` lists, of a sitemap index from `since` on: read in full, whatever earlier runs
/// saw of it.
pub(super) async fn read_back(
    visitor: &Visitor,
    config: &Config,
    feed: &Feed,
    since: Timestamp,
) -> Reading {
    let children =
        Children { since: Some(since), known: None, most: MAX_SITEMAPS_BACK, until: None };
    read(visitor, config, feed, &Validators::default(), children).await
}

/// The entries of a feed. Where a web page stands in its place, those of the first feed that the page
/// names and that can be read; it is looked up anew each time, since the page may name another.
async fn read_syndication(
    visitor: &Visitor,
    limit: u64,
    body: FetchedBody,
) -> Result<Read, Unread> {
    let alternates = match parse_feed(body.clone()).await? {
        Ok(listing) => return Ok(entries_of(listing, &body.final_url, body.validators)?),
        Err(FeedError::Html { alternates, url }) if alternates.is_empty() => {
            return Err(FeedError::Html { alternates, url }.to_string().into());
        }
        Err(FeedError::Html { alternates, .. }) => alternates,
        Err(error) => return Err(error.to_string().into()),
    };
    let mut reasons = Vec::new();
    for url in alternates.iter().take(MAX_ALTERNATES_TRIED) {
        let reason = match visitor.get(url, &Validators::default(), limit).await {
            Ok(Fetched::Body(feed)) => match parse_feed(FetchedBody::clone(&feed)).await? {
                Ok(listing) => {
                    debug!("{} is a web page; its feed {url} is read", body.final_url);
                    return Ok(entries_of(listing, &feed.final_url, Validators::default())?);
                }
                Err(error) => error.to_string(),
            },
            Ok(Fetched::NotModified { .. }) => format!("{url} answered 304 to a first request"),
            Err(FetchError::Stopped { .. }) => return Err(Unread::Stopped),
            Err(error) => error.to_string(),
        };
        reasons.push(reason);
    }
    Err(format!(
        "{} is a web page, and no feed that it names can be read: {}",
        body.final_url,
        reasons.join("; ")
    )
    .into())
}

async fn parse_feed(body: FetchedBody) -> Result<Result<syndication::Listing, FeedError>, String> {
    aside(body, |body| {
        syndication::parse(&body.bytes, body.content_type.as_deref(), &body.final_url)
    })
    .await
}

async fn parse_sitemap(body: FetchedBody) -> Result<Sitemap, String> {
    let parsed = aside(body, |body| sitemap::parse(&body.bytes, &body.final_url)).await?;
    parsed.map_err(|error| error.to_string())
}

/// The entries of the feed at `url`; a feed in which nothing can be followed is damaged, not empty.
fn entries_of(
    listing: syndication::Listing,
    url: &Url,
    validators: Validators,
) -> Result<Read, String> {
    if listing.entries.is_empty() && listing.without_link > 0 {
        return Err(format!("none of its {} entries has a link", listing.without_link));
    }
    let taken = listing.entries.len();
    let (beyond, without) = (listing.beyond_cap, listing.without_link);
    let reasons = [
        (beyond > 0).then(|| format!("{beyond} entries beyond the first {taken} are not read")),
        (without > 0).then(|| format!("{without} of its entries have no link to a web page")),
    ];
    let reasons: Vec<String> = reasons.into_iter().flatten().collect();
    Ok(Read::of(listing.entries, validators, passed_over(url, &reasons)))
}

/// What is not taken of the document at `url`: nothing if there are no `reasons`.
fn passed_over(url: &Url, reasons: &[String]) -> Vec<Unasked> {
    let of = |reason| Unasked::passed_over(url.as_str(), reason);
    (!reasons.is_empty()).then(|| of(reasons.join("; "))).into_iter().collect()
}

/// A sitemap that an index names.
struct Child {
    url: Url,
    changed: Option<Timestamp>,
    /// Indexes above it.
    depth: usize,
}

/// The entries of a sitemap, or of the newest sitemaps that an index names, and the validators to
/// ask with next time: none if a child failed, so that it is asked again, or doesn't say when it
/// changed, so that an index that stays the same doesn't hide it. A child that was read in full is asked
/// with its own validators, and not at all if the index says that it did not change since the last run.
async fn read_sitemap(
    visitor: &Visitor,
    limit: u64,
    body: FetchedBody,
    wanted: Children<'_>,
) -> Result<Read, Unread> {
    let (url, validators) = (body.final_url.clone(), body.validators.clone());
    let top = parse_sitemap(body).await?;
    let mut walk = Walk {
        wanted,
        read: Read::of(Vec::new(), validators, Vec::new()),
        open: VecDeque::new(),
        named: HashSet::from([url.clone()]),
    };
    walk.take(top, &url, 0);
    let (mut asked, mut failure) = (0, None);
    for place in 0.. {
        let Some(child) = walk.open.pop_front() else { break };
        let read = &mut walk.read;
        let known = wanted.known.and_then(|all| all.get_key_value(child.url.as_str()));
        let unchanged = child.changed.is_some() && child.changed < wanted.since;
        // The newest that did not change were read when they did.
        if unchanged && (known.is_some() || wanted.known.is_none() && place < wanted.most) {
            read.leave(&child.url, known);
            continue;
        }
        let full = if read.entries.len() >= MAX_LISTED {
            Some("left for the next run: so much is listed before it")
        } else if wanted.until.is_some_and(|until| Instant::now() >= until) {
            Some("left for the next run: its host wants long pauses")
        } else {
            None
        };
        if let Some(reason) = full {
            read.validators = Validators::default();
            read.unasked.push(Unasked::left(child.url.as_str(), reason));
            read.leave(&child.url, None);
            continue;
        }
        let left = if child.depth > MAX_INDEX_DEPTH {
            Some(format!("it stands below {MAX_INDEX_DEPTH} indexes"))
        } else if unchanged && place >= wanted.most || asked == wanted.most {
            let older = match wanted.known {
                Some(_) => "; `onrecord crawl --since` reads older ones",
                None => "",
            };
            let most = wanted.most;
            Some(format!("of one index {most} sitemaps are read in a run, the newest first{older}"))
        } else {
            None
        };
        match left {
            Some(reason) => {
                read.unasked.push(Unasked::passed_over(child.url.as_str(), reason));
                // One that says when it changed would not be asked again if it were still known.
                read.leave(&child.url, known.filter(|_| child.changed.is_none()));
            }
            None => {
                asked += 1;
                match read_child(visitor, &child.url, limit, known.map(|(_, it)| it)).await {
                    Ok(Some((map, validators))) => {
                        // What an index below an index names is known only where that is read.
                        if map.children.is_empty() {
                            read.sitemaps.complete.insert(child.url.to_string(), validators);
                        }
                        walk.take(map, &child.url, child.depth);
                    }
                    Ok(None) => read.leave(&child.url, known),
                    Err(Unread::Stopped) => return Err(Unread::Stopped),
                    Err(Unread::Failed(reason)) => {
                        debug!("{reason}");
                        read.validators = Validators::default();
                        read.unasked.push(Unasked::failed(child.url.as_str(), &reason));
                        read.leave(&child.url, None);
                        failure = Some(reason);
                    }
                }
            }
        }
    }
    let read = walk.read;
    match failure {
        Some(reason) if read.entries.is_empty() && read.sitemaps.complete.is_empty() => {
            Err(reason.into())
        }
        _ => Ok(read),
    }
}

impl Read {
    /// Adds entries, and counts those that are older than is wanted. What states no date may be of any.
    fn add(&mut self, mut entries: Vec<Entry>, wanted: Children<'_>) {
        let all = entries.len();
        if let (Some(since), None) = (wanted.since, wanted.known) {
            let at = |entry: &Entry| entry.changed().and_then(|date| date.instant());
            entries.retain(|entry| at(entry).is_none_or(|at| at >= since));
        }
        self.older += all - entries.len();
        self.entries.extend(entries);
    }

    /// Notes that the sitemap at `url` was not read. It is as it was where it is `known`.
    fn leave(&mut self, url: &Url, known: Option<(&String, &Validators)>) {
        self.sitemaps.unread.insert(url.to_string());
        self.sitemaps.complete.extend(known.map(|(url, it)| (url.clone(), it.clone())));
    }
}

/// A sitemap, and those below it, while they are read.
struct Walk<'a> {
    wanted: Children<'a>,
    read: Read,
    /// Those to be read, in this order.
    open: VecDeque<Child>,
    /// Every one that was named.
    named: HashSet<Url>,
}

impl Walk<'_> {
    /// Takes what the sitemap at `url`, below `depth` indexes, lists, and opens what it names, newest first,
    /// each once. Where no dates tell, those that were not read yet come first, and of these and the others in
    /// turn the first and the last: an index has its newest at one end.
    fn take(&mut self, map: Sitemap, url: &Url, depth: usize) {
        let own: Option<Arc<str>> = (depth > 0).then(|| Arc::from(url.as_str()));
        if map.children.iter().any(|(_, changed)| changed.is_none()) {
            self.read.validators = Validators::default();
        }
        let mut unnamed = 0;
        let children: Vec<Child> = map
            .children
            .into_iter()
            .map(|(url, changed)| Child {
                url,
                changed: changed.and_then(|date| date.instant()),
                depth: depth + 1,
            })
            .filter(|child| {
                let room = self.named.len() < MAX_NAMED;
                unnamed += usize::from(!room);
                room && self.named.insert(child.url.clone())
            })
            .collect();
        let (beyond, without) = (map.beyond_cap, map.without_address);
        let reasons = [
            beyond.then(|| {
                format!("what it lists beyond {} addresses is not read", sitemap::MAX_ENTRIES)
            }),
            (without > 0).then(|| format!("{without} of what it lists are no web addresses")),
            (unnamed > 0).then(|| format!("{unnamed} of its sitemaps are not looked at")),
        ];
        let reasons: Vec<String> = reasons.into_iter().flatten().collect();
        let unasked = passed_over(url, &reasons).into_iter();
        self.read.unasked.extend(unasked.map(|unasked| unasked.of_sitemap(own.clone())));
        let all = children.len();
        let order = |place: usize, child: &Child| {
            let known = self.wanted.known;
            let is_known = known.is_some_and(|known| known.contains_key(child.url.as_str()));
            match child.changed {
                Some(_) => (Reverse(child.changed), false, place),
                None => (Reverse(None), is_known, (place * 2).min((all - place) * 2 - 1)),
            }
        };
        let mut children: Vec<_> = children
            .into_iter()
            .enumerate()
            .map(|(place, child)| (order(place, &child), child))
            .collect();
        children.sort_by_key(|(order, _)| *order);
        self.open.extend(children.into_iter().map(|(_, child)| child));
        let entries = map.entries.into_iter();
        let entries = entries.map(|entry| Entry { sitemap: own.clone(), ..entry }).collect();
        self.read.add(entries, self.wanted);
    }
}

/// The sitemap at `url` and the validators to ask with next time; `None` if it is as it was when it gave
/// `known`.
async fn read_child(
    visitor: &Visitor,
    url: &Url,
    limit: u64,
    known: Option<&Validators>,
) -> Result<Option<(Sitemap, Validators)>, Unread> {
    match visitor.get(url, known.unwrap_or(&Validators::default()), limit).await? {
        Fetched::Body(body) => {
            let validators = body.validators.clone();
            Ok(Some((parse_sitemap(*body).await?, validators)))
        }
        Fetched::NotModified { .. } => Ok(None),
    }
}
