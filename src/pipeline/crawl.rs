//! One run over the watch list: due feeds → entries → pages, until everything is in the store.
//!
//! Feeds are read first; then every host's pages one after the other, hosts side by side. A feed's
//! run is recorded when its last page is done, and its validators only if nothing of it has to be
//! asked again: a feed answered with "not modified" would hide what is still missing. Refuses to let
//! one feed's failure stop the others.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};

use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use tokio::task::JoinError;
use url::Url;

use super::collection::{Collection, into_inner, lock};
use super::feeds::{Reading, read_feed};
use super::page::{PageOutcome, PageTask};
use super::{DataLock, PipelineError, index};
use crate::archive::Archive;
use crate::config::Config;
use crate::crawl::fetch::{FetchError, Fetched};
use crate::crawl::frontier;
use crate::crawl::robots::RobotsFile;
use crate::crawl::visit::Visitor;
use crate::domain::address;
use crate::domain::feed::{Entry, Feed, Validators};
use crate::domain::run::{CachedRobots, FeedRun, FeedState, RunCounts, Visit, VisitOutcome};
use crate::search::SearchError;
use crate::store::Store;
use crate::topic::TopicMatcher;

/// New pages fetched for one feed in one run: a day of a large newspaper. The rest waits for the
/// next run, newest first, so that one sitemap of a whole archive can't hold up the others.
pub const MAX_PAGES_PER_FEED: usize = 250;
/// Which feeds a run asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Those that are due.
    Due,
    /// All.
    All,
    /// Those with these ids, due or not.
    Named(Vec<String>),
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
    /// So many pages will be fetched.
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
}

impl Summary {
    /// True if a feed could not be read.
    #[must_use]
    pub fn has_failed_feeds(&self) -> bool {
        self.feeds.iter().any(|feed| feed.error.is_some())
    }
}

/// A feed with what the store knows of it, and whether it is to be asked now.
#[derive(Debug, Clone)]
pub struct Planned<'a> {
    /// The feed.
    pub feed: &'a Feed,
    /// What the store knows.
    pub state: FeedState,
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
    if let Which::Named(names) = which {
        config.select(names)?;
    }
    let mut planned = Vec::with_capacity(config.feeds.len());
    for feed in &config.feeds {
        let state = store.map_or_else(|| Ok(FeedState::default()), |s| s.feed_state(feed))?;
        let asked = match which {
            Which::All => true,
            Which::Named(names) => names.contains(&feed.id),
            Which::Due => frontier::is_due(&feed.schedule, state.last_run, state.failures, now),
        };
        planned.push(Planned { feed, state, asked });
    }
    Ok(planned)
}

/// Runs the whole pipeline once for the data folder `data`, and tells `observe` what happens.
///
/// # Errors
/// [`PipelineError`]; what was committed before stands, and the next run goes on from there.
pub async fn run(
    config: &Config,
    data: &Path,
    which: &Which,
    observe: &(dyn Fn(Event<'_>) + Sync),
) -> Result<Summary, PipelineError> {
    let _lock = DataLock::take(data)?;
    let started = Timestamp::now();
    let store = Store::open(data)?;
    let planned = plan(config, Some(&store), which, started)?;
    let not_due = planned.iter().filter(|plan| !plan.asked);
    let mut summary = Summary {
        not_due: not_due.clone().count(),
        next_due: not_due.filter_map(|plan| plan.state.next_due).min(),
        ..Summary::default()
    };
    let asked: Vec<Planned<'_>> = planned.into_iter().filter(|plan| plan.asked).collect();
    observe(Event::FeedsDue(asked.len()));

    let run = Run {
        config,
        visitor: Visitor::new(&config.crawler)?,
        topics: config
            .topics
            .iter()
            .map(|topic| Ok((topic.id.as_str(), Arc::new(TopicMatcher::new(topic)?))))
            .collect::<Result<_, PipelineError>>()?,
        collection: Arc::new(Mutex::new(Collection {
            store,
            archive: Archive::new(data, started),
        })),
        tallies: Mutex::new(Vec::new()),
        missing: Mutex::new(Vec::new()),
        started,
        observe,
    };
    let readings = run.read_feeds(&asked).await?;
    let (tallies, jobs) = run.jobs(&asked, readings)?;
    *lock(&run.tallies) = tallies;
    run.finish_feeds()?;
    observe(Event::PagesPlanned(jobs.iter().map(|(_, host)| host.len()).sum()));
    let fetched = stream::iter(jobs)
        .map(Ok)
        .try_for_each_concurrent(config.crawler.concurrency, |(_, host)| run.fetch_host(host))
        .await;
    run.keep_robots()?;
    fetched?;
    observe(Event::Indexing);
    let Run { collection, tallies, missing, .. } = run;
    match index::catch_up(&lock(&collection).store, data) {
        // A reader is catching up: it, or the next one, brings the index up to this run.
        Err(PipelineError::Search(SearchError::Busy { .. })) | Ok(_) => {}
        Err(error) => return Err(error),
    }
    summary.feeds = into_inner(tallies).into_iter().map(|tally| tally.summary).collect();
    summary.missing = into_inner(missing);
    Ok(summary)
}

/// Everything that the tasks of one run share.
struct Run<'a> {
    config: &'a Config,
    visitor: Visitor,
    topics: HashMap<&'a str, Arc<TopicMatcher>>,
    collection: Arc<Mutex<Collection>>,
    tallies: Mutex<Vec<Tally<'a>>>,
    missing: Mutex<Vec<Missing>>,
    started: Timestamp,
    observe: &'a (dyn Fn(Event<'_>) + Sync),
}

/// A feed's run while it goes on.
struct Tally<'a> {
    feed: &'a Feed,
    summary: FeedSummary,
    validators: Validators,
    /// Pages still to be done.
    open: usize,
    /// True if the feed has to be read in full next time.
    ask_again: bool,
    recorded: bool,
}

/// One page to fetch.
struct Job<'a> {
    url: Url,
    entry: Entry,
    /// Indices of the feeds that named it; its numbers count for the first.
    feeds: Vec<usize>,
    /// Topics of every feed that named it.
    topics: BTreeSet<&'a str>,
    validators: Validators,
}

impl<'a> Run<'a> {
    async fn read_feeds(&self, asked: &[Planned<'a>]) -> Result<Vec<Reading>, PipelineError> {
        self.preload_robots(asked.iter().map(|plan| &plan.feed.url))?;
        let readings = stream::iter(asked)
            .map(|plan| async move {
                let reading = read_feed(&self.visitor, self.config, plan.feed, &plan.state).await;
                let result = match &reading {
                    Reading::Entries { entries, .. } => Ok(entries.len()),
                    Reading::NotModified => Ok(0),
                    Reading::Failed(reason) => Err(reason.as_str()),
                };
                (self.observe)(Event::FeedRead { feed: &plan.feed.id, result });
                reading
            })
            .buffered(self.config.crawler.concurrency)
            .collect()
            .await;
        Ok(readings)
    }

    /// What is to be fetched, grouped by host, and where every feed stands before it.
    #[allow(clippy::type_complexity)]
    fn jobs(
        &self,
        asked: &[Planned<'a>],
        readings: Vec<Reading>,
    ) -> Result<(Vec<Tally<'a>>, Vec<(String, Vec<Job<'a>>)>), PipelineError> {
        let keep_reserved = self.config.crawler.keep_reserved;
        let collection = lock(&self.collection);
        let mut tallies = Vec::with_capacity(asked.len());
        let mut jobs: BTreeMap<Url, Job<'a>> = BTreeMap::new();
        for (index, (plan, reading)) in asked.iter().zip(readings).enumerate() {
            let mut tally = Tally::new(plan.feed);
            match reading {
                Reading::Failed(reason) => tally.summary.error = Some(reason),
                Reading::NotModified => {
                    tally.summary.not_modified = true;
                    tally.validators = plan.state.validators.clone();
                }
                Reading::Entries { mut entries, validators } => {
                    tally.validators = validators;
                    tally.summary.counts.entries = entries.len() as u64;
                    entries.sort_by_key(|entry| {
                        std::cmp::Reverse(changed(entry).and_then(|date| date.instant()))
                    });
                    let topics = plan.feed.topics.iter().map(String::as_str);
                    for entry in entries {
                        let url = address::normalise(&entry.url);
                        if let Some(job) = jobs.get_mut(&url) {
                            job.topics.extend(topics.clone());
                            job.feeds.push(index);
                            tally.open += 1;
                            tally.summary.counts.unchanged += 1;
                            continue;
                        }
                        let known = collection.store.visit(url.as_str())?;
                        let Some(validators) = validators_if_wanted(known, &entry, keep_reserved)
                        else {
                            tally.summary.counts.unchanged += 1;
                            continue;
                        };
                        if tally.open >= MAX_PAGES_PER_FEED {
                            tally.summary.left += 1;
                            tally.ask_again = true;
                            continue;
                        }
                        tally.open += 1;
                        let topics = topics.clone().collect();
                        jobs.insert(
                            url.clone(),
                            Job { url, entry, feeds: vec![index], topics, validators },
                        );
                    }
                }
            }
            tallies.push(tally);
        }
        drop(collection);
        self.preload_robots(jobs.keys())?;
        let mut hosts: BTreeMap<String, Vec<Job<'a>>> = BTreeMap::new();
        for (url, job) in jobs {
            hosts.entry(origin(&url)).or_default().push(job);
        }
        Ok((tallies, hosts.into_iter().collect()))
    }

    async fn fetch_host(&self, jobs: Vec<Job<'a>>) -> Result<(), PipelineError> {
        for job in jobs {
            let feeds = job.feeds.clone();
            let (outcome, transient) = self.fetch_page(job).await?;
            {
                let mut tallies = lock(&self.tallies);
                for (place, index) in feeds.into_iter().enumerate() {
                    tallies[index].open -= 1;
                    tallies[index].ask_again |= transient;
                    if place == 0 {
                        tallies[index].count(&outcome);
                    }
                }
            }
            self.finish_feeds()?;
        }
        Ok(())
    }

    /// Fetches one page and takes it through the stages. The flag says whether it has to be asked
    /// again.
    async fn fetch_page(&self, job: Job<'a>) -> Result<(PageOutcome, bool), PipelineError> {
        let feed = self.feed_of(&job);
        let limit = self.config.crawler.max_page_bytes;
        let fetched = self.visitor.get(&job.url, &job.validators, limit).await;
        let visit = Visit {
            url: job.url.to_string(),
            feed: Some(feed.id.clone()),
            at: Timestamp::now(),
            outcome: VisitOutcome::Kept,
            transient: false,
            status: None,
            reason: String::new(),
            entry_updated: changed(&job.entry).cloned(),
            final_url: None,
            validators: job.validators.clone(),
        };
        let url = job.url;
        let (outcome, visit) = match fetched {
            Ok(Fetched::Body(body)) => {
                let task = PageTask {
                    entry: job.entry,
                    outlet: Some(feed.outlet.clone()),
                    topics: job
                        .topics
                        .iter()
                        .filter_map(|id| self.topics.get(id).cloned())
                        .collect(),
                    crawler: self.config.crawler.clone(),
                    visit,
                };
                let collection = Arc::clone(&self.collection);
                let visit = task.visit.clone();
                // Reading a page is work for a processor, writing it waits for the disk.
                let work = tokio::task::spawn_blocking(move || task.run(&body, &collection));
                match work.await {
                    Ok(done) => done?,
                    Err(defect) => self.record_defect(visit, &defect)?,
                }
            }
            Ok(Fetched::NotModified) => {
                let store = &mut lock(&self.collection).store;
                store.record_visit(&visit)?;
                (PageOutcome::Unchanged, visit)
            }
            Err(error) => {
                let visit = failed_visit(visit, &error);
                let store = &mut lock(&self.collection).store;
                store.record_visit(&visit)?;
                let outcome = match visit.outcome {
                    VisitOutcome::Skipped => PageOutcome::Skipped,
                    _ => PageOutcome::Failed,
                };
                (outcome, visit)
            }
        };
        (self.observe)(Event::PageDone { url: url.as_str(), outcome: &outcome.in_words(&visit) });
        if matches!(outcome, PageOutcome::Skipped | PageOutcome::Failed) {
            let missing = Missing { url: visit.url, outcome: visit.outcome, reason: visit.reason };
            lock(&self.missing).push(missing);
        }
        Ok((outcome, visit.transient))
    }

    /// A page that this program can't take is a row like any other failure: the rest goes on.
    fn record_defect(
        &self,
        mut visit: Visit,
        defect: &JoinError,
    ) -> Result<(PageOutcome, Visit), PipelineError> {
        visit.outcome = VisitOutcome::Failed;
        visit.reason = format!(
            "{} could not be read: a defect in onrecord, please report it ({defect})",
            visit.url
        );
        lock(&self.collection).store.record_visit(&visit)?;
        Ok((PageOutcome::Failed, visit))
    }

    /// The feed that first named the page: a job has one at least.
    fn feed_of(&self, job: &Job<'a>) -> &'a Feed {
        lock(&self.tallies)[job.feeds[0]].feed
    }

    /// Records the run of every feed whose last page is done.
    fn finish_feeds(&self) -> Result<(), PipelineError> {
        let mut tallies = lock(&self.tallies);
        for tally in tallies.iter_mut().filter(|tally| tally.open == 0 && !tally.recorded) {
            let validators =
                if tally.ask_again { Validators::default() } else { tally.validators.clone() };
            let run = FeedRun {
                feed: tally.feed,
                started: self.started,
                finished: Timestamp::now(),
                next_due: frontier::next_due(&tally.feed.schedule, self.started),
                validators,
                counts: tally.summary.counts,
                error: tally.summary.error.clone(),
            };
            lock(&self.collection).store.record_feed_run(&run)?;
            tally.recorded = true;
        }
        Ok(())
    }

    fn preload_robots<'u>(&self, urls: impl Iterator<Item = &'u Url>) -> Result<(), PipelineError> {
        let origins: BTreeSet<String> = urls.map(origin).collect();
        let collection = lock(&self.collection);
        for origin in origins {
            if let Some(known) = collection.store.robots(&origin)? {
                let CachedRobots { status, body, fetched } = known;
                let file = RobotsFile { origin, status, body, fetched };
                self.visitor.preload_robots(file, self.started);
            }
        }
        Ok(())
    }

    fn keep_robots(&self) -> Result<(), PipelineError> {
        let mut collection = lock(&self.collection);
        for RobotsFile { origin, status, body, fetched } in self.visitor.fresh_robots() {
            let file = CachedRobots { status, body, fetched };
            collection.store.record_robots(&origin, &file)?;
        }
        Ok(())
    }
}

impl<'a> Tally<'a> {
    fn new(feed: &'a Feed) -> Self {
        Self {
            feed,
            summary: FeedSummary {
                id: feed.id.clone(),
                outlet: feed.outlet.clone(),
                counts: RunCounts::default(),
                not_modified: false,
                error: None,
                left: 0,
            },
            validators: Validators::default(),
            open: 0,
            ask_again: false,
            recorded: false,
        }
    }

    fn count(&mut self, outcome: &PageOutcome) {
        let counts = &mut self.summary.counts;
        match outcome {
            PageOutcome::New { quotes } => {
                counts.new += 1;
                counts.quotes += *quotes as u64;
            }
            PageOutcome::Changed { quotes, .. } => {
                counts.changed += 1;
                counts.quotes += *quotes as u64;
            }
            PageOutcome::Unchanged => counts.unchanged += 1,
            PageOutcome::OffTopic => counts.off_topic += 1,
            PageOutcome::Skipped => counts.skipped += 1,
            PageOutcome::Failed => counts.failed += 1,
        }
    }
}

/// The validators to ask a page with, or `None` if it need not be asked: it was visited, nothing
/// about that was for the moment only, and the feed doesn't say that it changed since.
fn validators_if_wanted(
    known: Option<Visit>,
    entry: &Entry,
    keep_reserved: bool,
) -> Option<Validators> {
    let Some(visit) = known else { return Some(Validators::default()) };
    // What was skipped unseen is put before robots.txt again: that costs no request, or one where a
    // redirect led astray. What was seen and skipped was reserved by its publisher.
    let again = visit.transient
        || visit.outcome == VisitOutcome::Skipped && (visit.status.is_none() || keep_reserved)
        || changed(entry).is_some_and(|date| visit.entry_updated.as_ref() != Some(date));
    let usable = visit.outcome == VisitOutcome::Kept;
    again.then(|| if usable { visit.validators } else { Validators::default() })
}

/// The name that a host's robots.txt and turns go by.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn changed(entry: &Entry) -> Option<&crate::domain::date::PageDate> {
    entry.updated.as_ref().or(entry.published.as_ref())
}

fn failed_visit(mut visit: Visit, error: &FetchError) -> Visit {
    visit.outcome = if error.is_skip() { VisitOutcome::Skipped } else { VisitOutcome::Failed };
    visit.transient = error.may_pass();
    visit.status = match error {
        FetchError::Status { status, .. } => Some(*status),
        _ => None,
    };
    visit.reason = error.to_string();
    visit
}
