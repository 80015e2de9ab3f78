//! One run over the watch list: due feeds → entries → pages, until everything is in the store.
//!
//! Feeds are read side by side, and the pages of each begin when it is read: every host's one after the
//! other, hosts side by side. A feed's run is recorded when its last page is done, and its validators
//! only if nothing of it has to be asked again: a feed answered with "not modified" would hide what is
//! still missing. Refuses to let one feed's failure, or its silence, stop the others.

mod jobs;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use futures::channel::mpsc;
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinError;
use tracing::warn;
use url::Url;

use self::jobs::{Job, Jobs, Tally, Wake};
use super::collection::{Announced, Collection, Queue, Write, Written, into_inner, lock};
use super::feeds::{Reading, read_back, read_feed};
use super::page::{PageOutcome, PageTask};
use super::{DataLock, PipelineError, index, page};
use crate::archive::{self, Archive, Packed, Page};
use crate::config::Config;
use crate::crawl::fetch::{FetchError, Fetched, FetchedBody, request_headers};
use crate::crawl::frontier::{self, Ran};
use crate::crawl::politeness::{MAX_PAUSE, Politeness};
use crate::crawl::robots::RobotsFile;
use crate::crawl::stop::Stop;
use crate::crawl::tdmrep::TdmFile;
use crate::crawl::visit::{Traffic, Visitor};
use crate::domain::feed::{Feed, Validators};
use crate::domain::run::{
    CachedFile, FeedRun, FeedState, Run as RunRecord, RunCounts, Unasked, Upkeep, Visit,
    VisitOutcome,
};
use crate::domain::topic;
use crate::domain::upkeep::Keep;
use crate::store::Store;
use crate::topic::TopicMatcher;

/// New pages fetched for one feed in one run: a day of a large newspaper. The rest waits for the
/// next run, newest first, so that one sitemap of a whole archive can't hold up the others.
pub const MAX_PAGES_PER_FEED: usize = 250;
/// Kept pages asked again in one run, the longest due first: after a long pause of the crawler they
/// must not hold up the news.
const MAX_RECHECKS: usize = 500;

/// Hosts, and feeds, side by side for each request in flight. They rest most of the time, between two
/// requests; a page that waits to be read is in memory, one a host at most.
const HOSTS_PER_REQUEST: usize = 8;
/// Why a page was not asked in a run that was ended.
const STOPPED: &str = "left for the next run: this one was ended before";

/// New pages fetched for one feed when a run walks back: decades of a newspaper are left for another.
const MAX_PAGES_BACK: usize = 100_000;

/// Which feeds a run asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Those that are due.
    Due,
    /// All.
    All,
    /// Those with these ids, due or not.
    Named(Vec<String>),
    /// Those with these ids or, without ids, all: everything that they list from a day on, however
    /// much that is.
    Back {
        /// Ids of feeds.
        feeds: Vec<String>,
        /// What says that it last changed before is left out.
        since: Timestamp,
    },
}

impl Which {
    /// From when on everything is wanted, if so.
    fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Back { since, .. } => Some(*since),
            _ => None,
        }
    }
}

/// What happens during a run, for whoever shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// So many feeds will be asked.
    FeedsDue(usize),
    /// A feed was read, or why it could not be.
    FeedRead {
        /// The feed's id.
        feed: &'a str,
        /// Entries, or the reason.
        result: Result<usize, &'a str>,
    },
    /// So many more pages will be fetched.
    PagesPlanned(usize),
    /// A page is done.
    PageDone {
        /// The page.
        url: &'a str,
        /// What became of it, in a few words.
        outcome: &'a str,
    },
    /// The search index is being brought up to the store.
    Indexing,
    /// A watch is alive.
    Watching {
        /// Feeds of the watch list.
        feeds: usize,
        /// Runs since it began.
        runs: u64,
        /// When something is due next.
        next: Timestamp,
    },
    /// A watch is alive, in the middle of a run.
    Running {
        /// Runs since it began, this one aside.
        runs: u64,
        /// When this one began.
        since: Timestamp,
    },
    /// Somebody wants the watch list to be read again; it is, once the run is done.
    ReloadWanted,
    /// A run of a watch is done.
    RunDone(&'a Summary),
    /// A run of a watch failed, and why; it is tried again.
    RunFailed(&'a str),
    /// Another watch list is in force.
    Reloaded {
        /// Its feeds.
        feeds: usize,
    },
    /// The watch list has mistakes: the one before stays in force.
    ReloadFailed(&'a str),
}

/// What a run came to for one feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedSummary {
    /// The feed's id.
    pub id: String,
    /// Its outlet.
    pub outlet: String,
    /// The numbers.
    pub counts: RunCounts,
    /// True if the server said that the feed is as it was.
    pub not_modified: bool,
    /// Why the feed could not be read, if it could not.
    pub error: Option<String>,
    /// Pages left for the next run.
    pub left: usize,
}

/// A page that is not in the collection, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The page.
    pub url: String,
    /// Skipped or failed.
    pub outcome: VisitOutcome,
    /// Why.
    pub reason: String,
}

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// A row per feed asked, in the watch list's order.
    pub feeds: Vec<FeedSummary>,
    /// Pages skipped or failed in this run.
    pub missing: Vec<Missing>,
    /// Feeds of the watch list that were not due.
    pub not_due: usize,
    /// When the first of those is due.
    pub next_due: Option<Timestamp>,
    /// What came of articles that were asked again for corrections, though no feed named them.
    pub rechecked: RunCounts,
    /// Articles that are left to be asked again in the next run.
    pub rechecks_left: usize,
    /// True if somebody ended the run before it was done.
    pub stopped: bool,
}

impl Summary {
    /// Feeds that could not be read.
    #[must_use]
    pub fn failed_feeds(&self) -> usize {
        self.feeds.iter().filter(|feed| feed.error.is_some()).count()
    }

    /// What came of all feeds and of the articles that were asked again.
    #[must_use]
    pub fn counts(&self) -> RunCounts {
        let mut counts = self.rechecked;
        for feed in &self.feeds {
            counts += feed.counts;
        }
        counts
    }
}

/// A feed with what the store knows of it, and whether it is to be asked now.
#[derive(Debug, Clone)]
pub struct Planned<'a> {
    /// The feed.
    pub feed: &'a Feed,
    /// What the store knows.
    pub state: FeedState,
    /// The topics of its pages, as [`Config::topics_of`] writes them.
    pub topics: String,
    /// When it is due; `None` if it is at once.
    pub due: Option<Timestamp>,
    /// True if this run asks it.
    pub asked: bool,
}

/// Which feeds a run at `now` would ask, all feeds of the watch list in its order. Without a store
/// every feed is due.
///
/// # Errors
/// [`PipelineError::Config`] for a name that the watch list doesn't have; [`PipelineError::Store`].
pub fn plan<'a>(
    config: &'a Config,
    store: Option<&Store>,
    which: &Which,
    now: Timestamp,
) -> Result<Vec<Planned<'a>>, PipelineError> {
    if let Which::Named(names) | Which::Back { feeds: names, .. } = which {
        config.select(names)?;
    }
    let mut planned = Vec::with_capacity(config.feeds.len());
    for feed in &config.feeds {
        let mut state = store.map_or_else(|| Ok(FeedState::default()), |s| s.feed_state(feed))?;
        let topics = config.topics_of(feed);
        let due = frontier::is_due(feed, &state, &topics, &config.watch, now);
        let asked = match which {
            Which::All => true,
            Which::Named(names) => names.contains(&feed.id),
            Which::Back { feeds, .. } => feeds.is_empty() || feeds.contains(&feed.id),
            Which::Due => due,
        };
        if !topic::covers(&state.topics, &topics) || state.reads != feed.reads() {
            // "Not modified" would hide the pages that the changed topics may now fit, or that are
            // chosen otherwise now.
            state.validators = Validators::default();
            state.sitemaps.clear();
        }
        let due = frontier::due_at(feed, &state, &config.watch).filter(|_| !due);
        planned.push(Planned { feed, state, topics, due, asked });
    }
    Ok(planned)
}

/// Runs the whole pipeline once for the data folder `data`, until it is done or `stop` is wanted,
/// and tells `observe` what happens.
///
/// # Errors
/// [`PipelineError`]; what was committed before stands, and the next run goes on from there.
pub async fn run(
    config: &Config,
    data: &Path,
    which: &Which,
    stop: &Stop,
    observe: &Observe<'_>,
) -> Result<Summary, PipelineError> {
    let holder = Holder {
        _lock: DataLock::take(data)?,
        command: "crawl",
        data: data.to_path_buf(),
        stop: stop.clone(),
        politeness: Arc::new(Politeness::new(&config.crawler)),
        longest: Duration::MAX,
    };
    holder.run(config, which, observe).await
}

/// Whom a run tells what happens.
pub type Observe<'a> = dyn Fn(Event<'_>) + Sync + 'a;

/// A data folder that is held for one run, or for many.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) _lock: DataLock,
    /// What the runs are recorded as.
    pub(super) command: &'static str,
    pub(super) data: PathBuf,
    pub(super) stop: Stop,
    /// The turns of the hosts; a pause that one of them asked for outlives the run.
    pub(super) politeness: Arc<Politeness>,
    /// How long a run begins new pages; the rest waits for the next.
    pub(super) longest: Duration,
}

impl Holder {
    pub(super) async fn run(
        &self,
        config: &Config,
        which: &Which,
        observe: &Observe<'_>,
    ) -> Result<Summary, PipelineError> {
        self.politeness.begin_run();
        let started = Timestamp::now();
        let store = Store::open(&self.data)?;
        let planned = plan(config, Some(&store), which, started)?;
        let not_due = planned.iter().filter(|plan| !plan.asked);
        let mut summary = Summary {
            not_due: not_due.clone().count(),
            next_due: not_due
                .filter(|plan| plan.state.gone.is_none())
                .filter_map(|plan| plan.due)
                .min(),
            ..Summary::default()
        };
        let asked: Vec<Planned<'_>> = planned.into_iter().filter(|plan| plan.asked).collect();
        observe(Event::FeedsDue(asked.len()));

        let stop = self.stop.clone().by(Instant::now().checked_add(self.longest));
        let visitor = Visitor::new(&config.crawler)?
            .with_politeness(Arc::clone(&self.politeness))
            .until(stop.clone());
        let topic_ids = config.topics.iter().map(|topic| topic.id.as_str());
        let run = Run {
            config,
            data: &self.data,
            which,
            visitor,
            topics: topic_ids.zip(TopicMatcher::all(&config.topics)?).collect(),
            known: Arc::new(Mutex::new(Store::open_existing(&self.data)?)),
            collection: Arc::new(Mutex::new(Collection {
                store,
                archive: Archive::open(&self.data, &config.archive)?,
            })),
            queue: Arc::default(),
            cores: Arc::new(Semaphore::new(available_parallelism().map_or(1, |cores| cores.get()))),
            tallies: Mutex::new(asked.iter().map(Tally::new).collect()),
            jobs: Mutex::default(),
            rechecks: Mutex::default(),
            missing: Mutex::new(Vec::new()),
            rests: Mutex::default(),
            asked,
            started,
            stop,
            observe,
        };
        run.take_over_rests()?;
        let done = run.feeds_and_pages().await;
        let kept = run.keep_site_files().and_then(|()| run.keep_rests(run.visitor_rests()));
        let Run { visitor, collection, known, tallies, rechecks, missing, .. } = run;
        // What is left is done in the memory that they held.
        drop(known);
        let traffic = visitor.into_traffic();
        let done = done.and(kept).and_then(|()| {
            observe(Event::Indexing);
            // Words first: who is who adds changes that are none of theirs.
            lock(&collection).store.catch_up_wordings()?;
            lock(&collection).store.settle_speakers()?;
            index::catch_up_unless_busy(&lock(&collection).store, &self.data)
        });
        summary.feeds = into_inner(tallies).into_iter().map(|tally| tally.summary).collect();
        summary.missing = into_inner(missing);
        let rechecks = into_inner(rechecks);
        (summary.rechecked, summary.rechecks_left) = (rechecks.counts, rechecks.left);
        summary.stopped = self.stop.is_wanted();
        let record = RunRecord {
            error: done.as_ref().err().map(ToString::to_string),
            ..self.record(&summary, started, &traffic)
        };
        // A crawl that found nothing due is no run to remember: cron starts one every few minutes.
        let worth_it = record.feeds > 0 || record.requests > 0 || record.error.is_some();
        let recorded = match worth_it {
            true => lock(&collection).store.record_run(&record),
            false => Ok(()),
        };
        // What the run failed of comes first: that it can't be recorded has the same cause, mostly.
        done?;
        recorded?;
        Ok(summary)
    }

    fn record(&self, summary: &Summary, started: Timestamp, traffic: &Traffic) -> RunRecord {
        RunRecord {
            command: self.command.to_owned(),
            started,
            finished: Timestamp::now(),
            feeds: summary.feeds.len() as u64,
            feeds_failed: summary.failed_feeds() as u64,
            requests: traffic.requests.load(Relaxed),
            bytes: traffic.bytes.load(Relaxed),
            counts: summary.counts(),
            stopped: summary.stopped,
            error: None,
        }
    }
}

/// Everything that the tasks of one run share.
struct Run<'a> {
    config: &'a Config,
    data: &'a Path,
    which: &'a Which,
    /// The feeds that are asked, in the watch list's order.
    asked: Vec<Planned<'a>>,
    visitor: Visitor,
    topics: HashMap<&'a str, Arc<TopicMatcher>>,
    collection: Arc<Mutex<Collection>>,
    /// The same, for reading.
    known: Arc<Mutex<Store>>,
    /// Pages that were read and wait to be written.
    queue: Arc<Queue>,
    /// As many pages are read at a time as there are cores.
    cores: Arc<Semaphore>,
    /// Where each of the feeds that are asked stands.
    tallies: Mutex<Vec<Tally<'a>>>,
    jobs: Mutex<Jobs<'a>>,
    rechecks: Mutex<Rechecks>,
    missing: Mutex<Vec<Missing>>,
    /// The rests that the store has, by origin.
    rests: Mutex<BTreeMap<String, Timestamp>>,
    started: Timestamp,
    /// When this run begins nothing any more.
    stop: Stop,
    observe: &'a Observe<'a>,
}

/// The articles that are asked again though no feed names them.
#[derive(Debug, Default)]
struct Rechecks {
    /// Those whose feed is not read yet, by its id: it may name them, and say more.
    waiting: HashMap<String, Vec<Visit>>,
    counts: RunCounts,
    left: usize,
}

impl<'a> Run<'a> {
    /// Reads the feeds, and fetches the pages of each as soon as it is read.
    async fn feeds_and_pages(&self) -> Result<(), PipelineError> {
        self.preload_site_files(self.asked.iter().map(|plan| origin(&plan.feed.url)))?;
        let side_by_side = self.config.crawler.concurrency.saturating_mul(HOSTS_PER_REQUEST);
        let (wake, woken) = mpsc::unbounded();
        let feeds = async move {
            self.begin_rechecks(&wake)?;
            stream::iter(0..self.asked.len())
                .map(Ok)
                .try_for_each_concurrent(side_by_side, |index| self.read_feed(index, &wake))
                .await
        };
        let pages =
            woken.map(Ok).try_for_each_concurrent(side_by_side, |host| self.fetch_host(host));
        futures::try_join!(feeds, pages).map(|_| ())
    }

    /// Plans what is to be asked again of feeds that this run doesn't read, and notes the rest until
    /// their feed was read.
    fn begin_rechecks(&self, wake: &Wake) -> Result<(), PipelineError> {
        for visit in self.due_rechecks()? {
            let feed = visit.feed.clone().unwrap_or_default();
            lock(&self.rechecks).waiting.entry(feed).or_default().push(visit);
        }
        let mut feeds: Vec<String> = lock(&self.rechecks).waiting.keys().cloned().collect();
        feeds.retain(|id| self.asked.iter().all(|plan| plan.feed.id != *id));
        feeds.iter().try_for_each(|feed| self.plan_rechecks(feed, wake))
    }

    async fn read_feed(&self, index: usize, wake: &Wake) -> Result<(), PipelineError> {
        let plan = &self.asked[index];
        let reading = match self.which.since() {
            _ if self.stop.is_wanted() => Reading::Stopped,
            None => read_feed(&self.visitor, self.config, plan.feed, &plan.state).await,
            Some(since) => read_back(&self.visitor, self.config, plan.feed, since).await,
        };
        let result = match &reading {
            Reading::Entries(read) => Some(Ok(read.entries.len())),
            Reading::NotModified => Some(Ok(0)),
            Reading::Stopped => None,
            Reading::Failed { reason, .. } => Some(Err(reason.as_str())),
        };
        if let Some(result) = result {
            (self.observe)(Event::FeedRead { feed: &plan.feed.id, result });
        }
        self.take_feed(index, reading, wake).await
    }

    /// Fetches the pages of `host` until none waits.
    async fn fetch_host(&self, host: String) -> Result<(), PipelineError> {
        loop {
            let next = lock(&self.jobs).next(&host);
            let Some((key, job)) = next else { return Ok(()) };
            let feeds = job.feeds.clone();
            let unknown = job.earlier.is_none().then(|| job.url.to_string());
            let over = self.stop.is_wanted();
            let done = if over { None } else { self.fetch_article(job).await? };
            if feeds.is_empty() {
                let mut rechecks = lock(&self.rechecks);
                match &done {
                    Some((outcome, _)) => outcome.count(&mut rechecks.counts),
                    None => rechecks.left += 1,
                }
            }
            {
                let mut tallies = lock(&self.tallies);
                for (place, (index, sitemap)) in feeds.into_iter().enumerate() {
                    let tally = &mut tallies[index];
                    tally.open -= 1;
                    tally.cut |= done.is_none();
                    let again = done.as_ref().is_none_or(|(_, transient)| *transient);
                    tally.ask_again_if(again, sitemap.as_deref());
                    match &done {
                        _ if place > 0 => {}
                        Some((outcome, _)) => outcome.count(&mut tally.summary.counts),
                        None => {
                            tally.summary.left += 1;
                            let left = |url| Unasked::left(url, STOPPED).of_sitemap(sitemap);
                            let left = unknown.as_ref().map(left);
                            tally.unasked.iter_mut().for_each(|all| all.extend(left.clone()));
                        }
                    }
                }
            }
            let named_meanwhile = lock(&self.jobs).done(&key);
            for (index, entry) in named_meanwhile {
                self.take_late(index, &entry, &host)?;
            }
            self.finish_feeds()?;
        }
    }

    /// Fetches the page of `job`, under another address of the article if it fails at the first.
    async fn fetch_article(
        &self,
        mut job: Job<'a>,
    ) -> Result<Option<(PageOutcome, bool)>, PipelineError> {
        for url in std::mem::take(&mut job.others) {
            let done = self.fetch_page(job.clone()).await?;
            if done.as_ref().is_none_or(|(outcome, _)| outcome.missing().is_none()) {
                return Ok(done);
            }
            job.earlier = lock(&self.collection).store.visit(url.as_str())?.map(Box::new);
            (job.url, job.validators) = (url, Validators::default());
        }
        self.fetch_page(job).await
    }

    /// Fetches one page and takes it through the stages; `None` if the run was stopped before it was
    /// asked. The flag says whether it has to be asked again.
    async fn fetch_page(&self, job: Job<'a>) -> Result<Option<(PageOutcome, bool)>, PipelineError> {
        if let Some(reason) = self.ruled_out(&job) {
            let mut visit = self.visit(&job, false);
            visit.end(VisitOutcome::OffTopic, reason);
            lock(&self.collection).store.record_visit(&visit)?;
            let outcome = PageOutcome::OffTopic;
            (self.observe)(Event::PageDone { url: &visit.url, outcome: &outcome.in_words(&visit) });
            return Ok(Some((outcome, false)));
        }
        let limit = self.config.crawler.max_page_bytes;
        let archived = self.read_again(&job);
        let reread = archived.is_some();
        let answer = match archived {
            Some(body) => Ok(Fetched::Body(Box::new(body))),
            None => self.visitor.get(&job.url, &job.validators, limit).await,
        };
        let mut visit = self.visit(&job, reread);
        let fetched = match &visit.upkeep.payload {
            Some(payload) if reread => payload.date,
            _ => visit.at,
        };
        let url = job.url;
        let (outcome, visit) = match answer {
            Err(FetchError::Stopped { .. }) => return Ok(None),
            Ok(Fetched::Body(body)) => {
                let reserved = self.visitor.reserves(&body.final_url).await;
                let task = PageTask {
                    request: (!reread).then(|| {
                        let settings = &self.config.crawler;
                        request_headers(settings, &body.final_url, &job.validators)
                    }),
                    fetched,
                    entry: job.entry,
                    outlet: self.outlet_of(job.feed, &body.final_url),
                    reserved,
                    topics: job
                        .topics
                        .iter()
                        .filter_map(|id| self.topics.get(id).cloned())
                        .collect(),
                    crawler: self.config.crawler.clone(),
                    keep: self.config.archive.keep,
                    visit,
                };
                let known = Arc::clone(&self.known);
                let visit = task.visit.clone();
                let announced = self.queue.announce();
                let core = Arc::clone(&self.cores).acquire_owned().await;
                // Reading a page is work for a processor, writing it waits for the disk.
                let work = tokio::task::spawn_blocking(move || {
                    let reading = task.read(&body, &known);
                    drop((task, body, core));
                    reading
                });
                match work.await {
                    Ok(reading) => self.keep(announced, reading?.write, visit).await?,
                    Err(defect) => self.record_defect(visit, &defect)?,
                }
            }
            Ok(Fetched::NotModified { final_url, headers }) => {
                visit.end(VisitOutcome::Kept, String::new());
                let page = Page {
                    url: final_url.as_str(),
                    fetched: visit.at,
                    request: &request_headers(&self.config.crawler, &final_url, &job.validators),
                    status: 304,
                    headers: &headers,
                    body: &[],
                };
                let payload = visit.upkeep.payload.as_ref();
                let payload = payload.filter(|_| self.config.archive.keep != Keep::None);
                let packed = payload.map(|it| Packed::unchanged(&page, it)).transpose()?;
                let reserved = self.visitor.reserves(&final_url).await;
                let kept = if reserved == Some(true) { self.kept_page(&visit, &url) } else { None };
                let wishes = page::wishes(
                    &self.config.crawler.user_agent,
                    reserved,
                    &headers,
                    kept.as_ref(),
                );
                let write = page::unchanged(visit.clone(), packed, wishes);
                self.keep(self.queue.announce(), write, visit).await?
            }
            Err(error) => {
                let outcome = fail(&mut visit, &error);
                self.keep_new_rests()?;
                let write = page::unanswered(outcome, visit.clone());
                self.keep(self.queue.announce(), write, visit).await?
            }
        };
        (self.observe)(Event::PageDone { url: url.as_str(), outcome: &outcome.in_words(&visit) });
        if let Some(how) = outcome.missing() {
            let missing = Missing { url: visit.url, outcome: how, reason: visit.reason };
            lock(&self.missing).push(missing);
        }
        Ok(Some((outcome, visit.transient)))
    }

    /// Keeps what a `visit` came to, with whatever else is to be kept.
    async fn keep(
        &self,
        announced: Announced,
        write: Arc<Write>,
        visit: Visit,
    ) -> Result<Written, PipelineError> {
        match self.queue.keep(&self.collection, announced, write).await {
            Ok(written) => written,
            Err(defect) => self.record_defect(visit, &defect),
        }
    }

    /// The outlet of the page at `url` that `feed` named, if the watch list knows it: what a search
    /// finds is of many outlets.
    fn outlet_of(&self, feed: &Feed, url: &Url) -> Option<String> {
        match feed.is_search() {
            true => self.config.outlet_of(url).map(str::to_owned),
            false => Some(feed.outlet.clone()),
        }
    }

    /// Why the page need not be asked: the entry's headline is off every topic. A page that is kept
    /// is followed whatever its headline becomes.
    fn ruled_out(&self, job: &Job<'a>) -> Option<String> {
        let kept = |visit: &Visit| visit.outcome == VisitOutcome::Kept;
        let title = job.entry.title.as_deref()?;
        if job.reread || job.earlier.as_deref().is_some_and(kept) {
            return None;
        }
        let topics = job.topics.iter().filter_map(|id| self.topics.get(id));
        let reasons: Option<Vec<String>> = topics.map(|topic| topic.rules_out(title)).collect();
        reasons.filter(|reasons| !reasons.is_empty()).map(|reasons| reasons.join("; "))
    }

    /// The page of `job` out of the archive, if it need only be held against other topics.
    fn read_again(&self, job: &Job<'a>) -> Option<FetchedBody> {
        self.kept_page(job.earlier.as_ref().filter(|_| job.reread)?, &job.url)
    }

    /// The page that the `earlier` visit to `url` brought, out of the archive, if it is there.
    fn kept_page(&self, earlier: &Visit, url: &Url) -> Option<FetchedBody> {
        let payload = earlier.upkeep.payload.as_ref()?;
        let final_url = Url::parse(&payload.url).ok()?;
        match archive::read_page(self.data, &payload.snapshot) {
            Ok(page) => Some(FetchedBody {
                final_url,
                status: page.status,
                content_type: page.content_type().map(str::to_owned),
                headers: page.headers,
                bytes: page.body.into(),
                validators: earlier.validators.clone(),
            }),
            Err(error) => {
                warn!("{error}; {url} goes without its kept page");
                None
            }
        }
    }

    /// A visit to the page of `job` as far as it is known before the answer. A page that is only
    /// `reread` was visited when it was.
    fn visit(&self, job: &Job<'a>, reread: bool) -> Visit {
        let now = Timestamp::now();
        let earlier = job.earlier.as_ref();
        let at = earlier.filter(|_| reread).map_or(now, |visit| visit.at);
        let known = earlier.map(|visit| visit.upkeep.clone()).unwrap_or_default();
        let kept_since = known.kept_since.unwrap_or(at);
        let updated = job.entry.changed().or(earlier.and_then(|it| it.entry_updated.as_ref()));
        let held = self.config.topics.iter().filter(|topic| job.topics.contains(topic.id.as_str()));
        Visit {
            url: job.url.to_string(),
            feed: Some(job.feed.id.clone()),
            at,
            outcome: VisitOutcome::Kept,
            transient: false,
            status: None,
            reason: String::new(),
            entry_updated: updated.cloned(),
            final_url: earlier.and_then(|visit| visit.final_url.clone()),
            validators: job.validators.clone(),
            upkeep: Upkeep {
                recheck_at: frontier::next_recheck(&self.config.watch.recheck, kept_since, now),
                topics: topic::fingerprint(held),
                ..known
            },
        }
    }

    /// A page that this program can't take is a row like any other failure: the rest goes on.
    fn record_defect(
        &self,
        mut visit: Visit,
        defect: &JoinError,
    ) -> Result<(PageOutcome, Visit), PipelineError> {
        let reason = format!(
            "{} could not be read: a defect in onrecord, please report it ({defect})",
            visit.url
        );
        visit.end(VisitOutcome::Failed, reason);
        lock(&self.collection).store.record_visit(&visit)?;
        Ok((PageOutcome::Failed, visit))
    }

    /// Records the run of every feed whose last page is done.
    fn finish_feeds(&self) -> Result<(), PipelineError> {
        let mut tallies = lock(&self.tallies);
        let done = |tally: &&mut Tally<'a>| tally.taken && tally.open == 0 && !tally.recorded;
        for tally in tallies.iter_mut().filter(done) {
            let validators =
                if tally.ask_again { Validators::default() } else { tally.validators.clone() };
            let run = FeedRun {
                feed: tally.feed,
                started: self.started,
                finished: Timestamp::now(),
                next_due: self.next_due(tally),
                validators,
                sitemaps: std::mem::take(&mut tally.sitemaps),
                counts: tally.summary.counts,
                error: tally.summary.error.clone(),
                gone: tally.gone,
                topics: tally.topics.clone(),
                unasked: tally.unasked.take(),
            };
            lock(&self.collection).store.record_feed_run(&run)?;
            tally.recorded = true;
        }
        Ok(())
    }

    /// When the feed is due after this run.
    fn next_due(&self, tally: &Tally<'_>) -> Timestamp {
        if tally.cut {
            return self.started;
        }
        let failed = tally.summary.error.is_some();
        let quiet = !failed && tally.summary.counts.is_quiet();
        let ran = Ran {
            feed: &tally.feed.id,
            at: self.started,
            failures: if failed { tally.state.failures.saturating_add(1) } else { 0 },
            quiet: if quiet { tally.state.quiet.saturating_add(1) } else { 0 },
            pause: tally.pause,
        };
        frontier::next_due(&tally.feed.schedule, &ran, &self.config.watch)
    }

    /// Takes over robots.txt and tdmrep.json of these hosts from earlier runs.
    fn preload_site_files(
        &self,
        origins: impl Iterator<Item = String>,
    ) -> Result<(), PipelineError> {
        let origins: BTreeSet<String> = origins.collect();
        let collection = lock(&self.collection);
        for origin in origins {
            if let Some(known) = collection.store.tdmrep(&origin)? {
                let CachedFile { status, body, fetched } = known;
                let file = TdmFile { origin: origin.clone(), status, body, fetched };
                self.visitor.preload_tdm(file, self.started);
            }
            if let Some(known) = collection.store.robots(&origin)? {
                let CachedFile { status, body, fetched } = known;
                let file = RobotsFile { origin, status, body, fetched };
                self.visitor.preload_robots(file, self.started);
            }
        }
        Ok(())
    }

    /// Leaves alone whoever asked earlier runs for it.
    fn take_over_rests(&self) -> Result<(), PipelineError> {
        let rests = lock(&self.collection).store.rests()?;
        self.visitor.preload_rests(&rests, self.started);
        *lock(&self.rests) = rests;
        Ok(())
    }

    /// Keeps a rest that a server asked for just now: a run that is killed keeps nothing at its end.
    fn keep_new_rests(&self) -> Result<(), PipelineError> {
        let rests = self.visitor_rests();
        let is_new = |(origin, until): (&String, &Timestamp)| {
            let known = lock(&self.rests).get(origin).copied();
            known.and_then(|it| it.checked_add(MAX_PAUSE).ok()).is_none_or(|it| *until > it)
        };
        if rests.iter().any(is_new) { self.keep_rests(rests) } else { Ok(()) }
    }

    /// Keeps these rests for the next run, in the place of those that are kept.
    fn keep_rests(&self, rests: BTreeMap<String, Timestamp>) -> Result<(), PipelineError> {
        let mut kept = lock(&self.rests);
        if *kept != rests {
            lock(&self.collection).store.replace_rests(&rests)?;
            *kept = rests;
        }
        Ok(())
    }

    /// The servers that want to be left alone, by origin, and until when.
    fn visitor_rests(&self) -> BTreeMap<String, Timestamp> {
        let now = Timestamp::now();
        let until = |rest: Duration| now.saturating_add(rest).unwrap_or(now);
        let rests = self.visitor.rests().into_iter();
        rests.map(|(origin, rest)| (origin, until(rest))).collect()
    }

    fn keep_site_files(&self) -> Result<(), PipelineError> {
        let mut collection = lock(&self.collection);
        for RobotsFile { origin, status, body, fetched } in self.visitor.fresh_robots() {
            let file = CachedFile { status, body, fetched };
            collection.store.record_robots(&origin, &file)?;
        }
        for TdmFile { origin, status, body, fetched } in self.visitor.fresh_tdm() {
            let file = CachedFile { status, body, fetched };
            collection.store.record_tdmrep(&origin, &file)?;
        }
        Ok(())
    }
}

/// The name that a host's robots.txt and turns go by.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Ends a visit that brought no page.
fn fail(visit: &mut Visit, error: &FetchError) -> PageOutcome {
    visit.transient = error.may_pass();
    visit.status = match error {
        FetchError::Status { status, .. } => Some(*status),
        _ => None,
    };
    let (outcome, ended) = match error.is_skip() {
        true => (PageOutcome::Skipped, VisitOutcome::Skipped),
        false => (PageOutcome::Failed, VisitOutcome::Failed),
    };
    visit.end(ended, error.to_string());
    outcome
}
