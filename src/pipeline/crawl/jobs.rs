//! What a run fetches: what feeds list, and what is to be asked again → pages, each once, by host.
//!
//! An article that several feeds name, or one under several addresses, is one page. What a feed names
//! and is not fetched is noted with the reason. Refuses to fetch anything.

use std::cmp::Reverse;
use std::collections::hash_map::Entry as Place;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use url::Url;

use super::{
    FeedSummary, MAX_PAGES_BACK, MAX_PAGES_PER_FEED, MAX_RECHECKS, PipelineError, Planned, Run,
    Which, origin,
};
use crate::domain::address;
use crate::domain::feed::{Entry, Feed, Validators};
use crate::domain::run::{FeedState, RunCounts, Unasked, Visit, VisitOutcome};
use crate::domain::topic::{self, TopicDecision};
use crate::pipeline::feeds::Reading;
use crate::store::{Store, StoreError};
use crate::topic::Parts;

/// Why an entry beyond [`MAX_PAGES_PER_FEED`] waits.
const BEYOND_CAP: &str =
    "left for the next run: so many new pages of one feed are not fetched in one";

/// A feed's run while it goes on.
pub(super) struct Tally<'a> {
    pub(super) feed: &'a Feed,
    pub(super) state: FeedState,
    pub(super) topics: String,
    pub(super) summary: FeedSummary,
    pub(super) validators: Validators,
    /// True if the server says that the feed is gone for good.
    pub(super) gone: bool,
    /// The pause that the server asked for.
    pub(super) pause: Duration,
    /// Pages still to be done.
    pub(super) open: usize,
    /// True if the feed has to be read in full next time.
    pub(super) ask_again: bool,
    /// True if the run ended before the feed's last page: the next one goes on with it at once.
    pub(super) cut: bool,
    /// What the feed named and is not asked for; `None` if it was not read.
    pub(super) unasked: Option<Vec<Unasked>>,
    pub(super) recorded: bool,
}

/// One page to fetch.
#[derive(Debug, Clone)]
pub(super) struct Job<'a> {
    pub(super) url: Url,
    /// Other addresses of the same article, asked one after the other if this one fails.
    pub(super) others: Vec<Url>,
    pub(super) entry: Entry,
    /// The feed that named it first.
    pub(super) feed: &'a Feed,
    /// Indices of the feeds that name it in this run; its numbers count for the first. None if it
    /// is only asked again.
    pub(super) feeds: Vec<usize>,
    /// Topics of every feed that named it.
    pub(super) topics: BTreeSet<&'a str>,
    /// The last visit; most pages have none.
    pub(super) earlier: Option<Box<Visit>>,
    /// True if the page as it was last fetched will do, where the archive has it.
    pub(super) reread: bool,
    pub(super) validators: Validators,
}

/// The pages of one host, in the order in which they are fetched.
pub(super) type Host<'a> = (String, Vec<Job<'a>>);

/// The jobs so far.
#[derive(Default)]
struct Jobs<'a> {
    by_url: BTreeMap<Url, Job<'a>>,
    /// The address of the job by [`address::key`].
    places: HashMap<String, Url>,
}

impl<'a> Jobs<'a> {
    /// The job for the article at `url`, whichever of its addresses it has.
    fn of(&mut self, url: &Url) -> Option<&mut Job<'a>> {
        let place = self.places.get(&address::key(url))?;
        self.by_url.get_mut(place)
    }

    /// Puts `job` in, unless its article has one.
    fn put(&mut self, job: Job<'a>) -> bool {
        match self.places.entry(address::key(&job.url)) {
            Place::Occupied(_) => false,
            Place::Vacant(place) => {
                place.insert(job.url.clone());
                self.by_url.insert(job.url.clone(), job);
                true
            }
        }
    }

    /// By host, each job at the best of its addresses unless it was visited at one.
    fn by_host(self) -> Vec<Host<'a>> {
        let mut hosts: BTreeMap<String, Vec<Job<'a>>> = BTreeMap::new();
        for mut job in self.by_url.into_values() {
            if job.earlier.is_none() && !job.others.is_empty() {
                let mut addresses: Vec<Url> = [job.url].into_iter().chain(job.others).collect();
                addresses.sort_by_key(address::rank);
                job.url = addresses.remove(0);
                job.others = addresses;
            }
            hosts.entry(origin(&job.url)).or_default().push(job);
        }
        hosts.into_iter().collect()
    }
}

impl<'a> Run<'a> {
    /// What is to be fetched, grouped by host, and where every feed stands before it.
    pub(super) fn jobs(
        &self,
        asked: &[Planned<'a>],
        readings: Vec<Reading>,
        which: &Which,
    ) -> Result<(Vec<Tally<'a>>, Vec<Host<'a>>), PipelineError> {
        let mut collection = super::lock(&self.collection);
        let store = &mut collection.store;
        let mut tallies = Vec::with_capacity(asked.len());
        let mut jobs = Jobs::default();
        for (index, (plan, reading)) in asked.iter().zip(readings).enumerate() {
            let mut tally = Tally::new(plan);
            let answered = matches!(reading, Reading::Entries { .. } | Reading::NotModified);
            match reading {
                Reading::Stopped => tally.recorded = true,
                Reading::Failed { reason, gone, pause } => {
                    tally.summary.error = Some(reason);
                    (tally.gone, tally.pause) = (gone, pause);
                }
                Reading::NotModified => {
                    tally.summary.not_modified = true;
                    tally.validators = plan.state.validators.clone();
                }
                Reading::Entries { entries, validators, unasked } => {
                    tally.validators = validators;
                    self.note_failures(&unasked);
                    tally.unasked = Some(unasked);
                    for entry in wanted(entries, which, &mut tally) {
                        self.take_entry(store, &mut jobs, &mut tally, (index, plan), entry, which)?;
                    }
                }
            }
            if answered {
                self.decide_anew(store, plan)?;
                let room = MAX_PAGES_PER_FEED.saturating_sub(tally.open);
                for job in self.off_topic(store, plan)?.into_iter().take(room) {
                    tally.open += usize::from(jobs.put(Job { feeds: vec![index], ..job }));
                }
            }
            tallies.push(tally);
        }
        for visit in self.rechecks(store, which)? {
            if let Some(job) = self.recheck(visit) {
                jobs.put(job);
            }
        }
        Ok((tallies, jobs.by_host()))
    }

    /// Makes a job of what the feed of `plan` lists, or joins it to one, if it is worth a request.
    fn take_entry(
        &self,
        store: &Store,
        jobs: &mut Jobs<'a>,
        tally: &mut Tally<'a>,
        (index, plan): (usize, &Planned<'a>),
        entry: Entry,
        which: &Which,
    ) -> Result<(), StoreError> {
        let url = address::normalise(&entry.url);
        let topics = plan.feed.topics.iter().map(String::as_str);
        let counts = &mut tally.summary.counts;
        if let Some(job) = jobs.of(&url) {
            job.topics.extend(topics);
            job.feeds.push(index);
            if url != job.url && !job.others.contains(&url) {
                job.others.push(url);
            }
            tally.open += 1;
            counts.unchanged += 1;
            return Ok(());
        }
        let known = store.visit_of_any(&address::variants(&url))?;
        let kept = known.as_ref().is_some_and(|visit| visit.outcome == VisitOutcome::Kept);
        if !kept && let Some(reason) = plan.feed.passes_over(&entry, self.started) {
            counts.skipped += 1;
            tally.unasked.get_or_insert_default().push(Unasked::passed_over(url, reason));
            return Ok(());
        }
        let keep_reserved = self.config.crawler.keep_reserved;
        let wanted = validators_if_wanted(known.as_ref(), &entry, &plan.topics, keep_reserved);
        let Some(validators) = wanted else {
            counts.unchanged += 1;
            return Ok(());
        };
        let most = if which.since().is_some() { MAX_PAGES_BACK } else { MAX_PAGES_PER_FEED };
        if tally.open >= most {
            tally.summary.left += 1;
            tally.ask_again = true;
            if !kept {
                tally.unasked.get_or_insert_default().push(Unasked::left(url, BEYOND_CAP));
            }
            return Ok(());
        }
        tally.open += 1;
        // What the feed doesn't say to have changed is only held against other topics.
        let reread = known.as_ref().is_some_and(|visit| {
            visit.outcome == VisitOutcome::OffTopic && !is_changed(visit, &entry)
        });
        jobs.put(Job {
            url: known.as_ref().and_then(|visit| Url::parse(&visit.url).ok()).unwrap_or(url),
            others: Vec::new(),
            // What feeds say of articles can be as long as they are.
            entry: Entry { summary: None, ..entry },
            feed: plan.feed,
            feeds: vec![index],
            topics: topics.chain(self.topics_of_visit(&known)).collect(),
            earlier: known.map(Box::new),
            reread,
            validators,
        });
        Ok(())
    }

    /// Tells of the parts of a feed that could not be read.
    fn note_failures(&self, unasked: &[Unasked]) {
        let failed = unasked.iter().filter(|it| it.outcome == VisitOutcome::Failed);
        super::lock(&self.missing).extend(failed.map(|it| super::Missing {
            url: it.url.clone(),
            outcome: it.outcome,
            reason: it.reason.clone(),
        }));
    }

    /// Kept pages that are to be asked again for corrections, of the feeds that this run is about.
    fn rechecks(&self, store: &Store, which: &Which) -> Result<Vec<Visit>, StoreError> {
        if self.config.watch.recheck.is_empty() {
            return Ok(Vec::new());
        }
        let feeds: Vec<&str> = self
            .config
            .feeds
            .iter()
            .map(|feed| feed.id.as_str())
            .filter(|id| match which {
                Which::Named(names) => names.iter().any(|name| name == id),
                Which::All | Which::Due => true,
                // A walk back is for what was missed, not for corrections.
                Which::Back { .. } => false,
            })
            .collect();
        store.rechecks(&feeds, self.started, MAX_RECHECKS)
    }

    fn recheck(&self, visit: Visit) -> Option<Job<'a>> {
        let url = Url::parse(&visit.url).ok()?;
        let feed = self.config.feeds.iter().find(|feed| visit.feed.as_ref() == Some(&feed.id))?;
        let known = Some(visit);
        let topics = feed.topics.iter().map(String::as_str);
        let topics = topics.chain(self.topics_of_visit(&known)).collect();
        let validators = known.as_ref().map(|visit| visit.validators.clone()).unwrap_or_default();
        let entry = Entry::bare(url.clone());
        let (others, feeds, reread) = (Vec::new(), Vec::new(), false);
        let earlier = known.map(Box::new);
        Some(Job { url, others, entry, feed, feeds, topics, earlier, reread, validators })
    }

    /// Pages that were about something else, named by the feed of `plan`, that were not held against
    /// all of its topics, as those are now.
    fn off_topic(&self, store: &Store, plan: &Planned<'a>) -> Result<Vec<Job<'a>>, StoreError> {
        let visits = store.off_topic(&plan.feed.id, &plan.topics, MAX_PAGES_PER_FEED)?;
        let jobs = visits.into_iter().filter_map(|visit| {
            Some(Job { reread: true, validators: Validators::default(), ..self.recheck(visit)? })
        });
        Ok(jobs.collect())
    }

    /// Holds the articles of a feed whose topics changed against them anew, from the store.
    fn decide_anew(&self, store: &mut Store, plan: &Planned<'a>) -> Result<(), StoreError> {
        let first_run = plan.state.last_run.is_none();
        if first_run || topic::covers(&plan.state.topics, &plan.topics) {
            return Ok(());
        }
        for article in store.article_ids_of_feed(&plan.feed.id)? {
            let Some(newest) = store.versions(&article)?.pop() else { continue };
            let text = &newest.article;
            let topics = plan.feed.topics.iter().filter_map(|id| self.topics.get(id.as_str()));
            let parts = Parts::new(text.title.as_deref(), text.standfirst.as_deref(), &text.text);
            let decisions: Vec<TopicDecision> = topics.map(|topic| topic.decide(&parts)).collect();
            store.replace_decisions(&article, newest.version, &decisions)?;
        }
        Ok(())
    }

    /// Ids of the topics that a page was held against and that still look for the same: another feed
    /// may have named it for those.
    fn topics_of_visit(&self, visit: &Option<Visit>) -> Vec<&'a str> {
        let Some(visit) = visit else { return Vec::new() };
        let topics = self.config.topics.iter();
        topics
            .filter(|topic| topic::covers(&visit.upkeep.topics, &topic.fingerprint()))
            .map(|topic| topic.id.as_str())
            .collect()
    }
}

/// The entries that a run is about, newest first.
fn wanted(mut entries: Vec<Entry>, which: &Which, tally: &mut Tally<'_>) -> Vec<Entry> {
    let at = |entry: &Entry| entry.changed().and_then(|date| date.instant());
    if let Some(since) = which.since() {
        // The next ordinary run reads the feed in full.
        tally.ask_again = true;
        // What states no date may be of any.
        entries.retain(|entry| at(entry).is_none_or(|at| at >= since));
    }
    tally.summary.counts.entries = entries.len() as u64;
    entries.sort_by_key(|entry| Reverse(at(entry)));
    entries
}

impl<'a> Tally<'a> {
    pub(super) fn new(plan: &Planned<'a>) -> Self {
        let feed = plan.feed;
        Self {
            feed,
            state: plan.state.clone(),
            topics: plan.topics.clone(),
            gone: false,
            pause: Duration::ZERO,
            cut: false,
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
            unasked: None,
            recorded: false,
        }
    }
}

/// The validators to ask a page with, or `None` if it need not be asked: it was visited, nothing
/// about that was for the moment only, the feed doesn't say that it changed since, and it was held
/// against all of `topics`.
fn validators_if_wanted(
    known: Option<&Visit>,
    entry: &Entry,
    topics: &str,
    keep_reserved: bool,
) -> Option<Validators> {
    let Some(visit) = known else { return Some(Validators::default()) };
    let kept = visit.outcome == VisitOutcome::Kept;
    let off_topic = visit.outcome == VisitOutcome::OffTopic;
    // What was skipped unseen is put before robots.txt again: that costs no request, or one where a
    // redirect led astray. What was seen and skipped was reserved by its publisher.
    let again = visit.transient
        || visit.outcome == VisitOutcome::Skipped && (visit.status.is_none() || keep_reserved)
        || is_changed(visit, entry)
        || off_topic && !topic::covers(&visit.upkeep.topics, topics);
    again.then(|| if kept { visit.validators.clone() } else { Validators::default() })
}

/// Whether the feed says that the page changed since the visit.
fn is_changed(visit: &Visit, entry: &Entry) -> bool {
    entry.changed().is_some_and(|date| visit.entry_updated.as_ref() != Some(date))
}
