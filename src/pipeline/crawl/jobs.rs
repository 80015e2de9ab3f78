//! What a run fetches: what feeds list, and what is to be asked again → pages, each once, by host.
//!
//! Feeds are taken as they come in, while pages of others are fetched. An article that several feeds
//! name, or one under several addresses, is one page. What a feed names and is not fetched is noted with
//! the reason. Refuses to fetch anything.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures::channel::mpsc::UnboundedSender;
use jiff::Timestamp;
use url::Url;

use super::{
    Event, FeedSummary, MAX_PAGES_BACK, MAX_PAGES_PER_FEED, MAX_RECHECKS, PipelineError, Planned,
    Run, Which, origin,
};
use crate::domain::address;
use crate::domain::feed::{Entry, Feed, Validators};
use crate::domain::run::{FeedState, RunCounts, Sitemaps, Unasked, Visit, VisitOutcome};
use crate::domain::topic::{self, TopicDecision};
use crate::pipeline::feeds::Reading;
use crate::store::{Store, StoreError};
use crate::topic::Parts;

/// Why an entry beyond [`MAX_PAGES_PER_FEED`] waits.
const BEYOND_CAP: &str =
    "left for the next run: so many new pages of one feed are not fetched in one";

/// Entries of a feed that are looked up at a time, before pages of other feeds go on.
const ENTRIES_AT_A_TIME: usize = 200;

/// A feed's run while it goes on.
pub(super) struct Tally<'a> {
    pub(super) feed: &'a Feed,
    pub(super) state: FeedState,
    pub(super) topics: String,
    pub(super) summary: FeedSummary,
    pub(super) validators: Validators,
    /// What became of the sitemaps below the feed's index.
    pub(super) sitemaps: Sitemaps,
    /// True if the server says that the feed is gone for good.
    pub(super) gone: bool,
    /// The pause that the server asked for.
    pub(super) pause: Duration,
    /// True once all that the feed lists was taken.
    pub(super) taken: bool,
    /// Pages to be done, those included that are.
    pub(super) planned: usize,
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

/// Who names a page: a feed of the run by its index, and the sitemap below it that does.
pub(super) type Namer = (usize, Option<Arc<str>>);

/// One page to fetch.
#[derive(Debug, Clone)]
pub(super) struct Job<'a> {
    pub(super) url: Url,
    /// Other addresses of the same article, asked one after the other if this one fails.
    pub(super) others: Vec<Url>,
    pub(super) entry: Entry,
    /// The feed that named it first.
    pub(super) feed: &'a Feed,
    /// The feeds that name it in this run; its numbers count for the first. None if it is only asked
    /// again.
    pub(super) feeds: Vec<Namer>,
    /// Topics of every feed that named it.
    pub(super) topics: BTreeSet<&'a str>,
    /// The last visit; most pages have none.
    pub(super) earlier: Option<Box<Visit>>,
    /// True if the page as it was last fetched will do, where the archive has it.
    pub(super) reread: bool,
    pub(super) validators: Validators,
}

/// Tells of a host whose pages nobody asks for yet.
pub(super) type Wake = UnboundedSender<String>;

/// The pages of a run.
#[derive(Default)]
pub(super) struct Jobs<'a> {
    /// Every article that is fetched in this run, by [`address::key`].
    stages: HashMap<String, Stage<'a>>,
    /// The articles that wait, by host, in the order in which they are fetched. A host stands here as
    /// long as somebody asks it, or was told to.
    hosts: HashMap<String, VecDeque<String>>,
}

/// How far an article is.
enum Stage<'a> {
    /// It waits for its host.
    Waiting(Box<Job<'a>>),
    /// It is being fetched. These feeds, by index, named it meanwhile.
    InHand(Vec<(usize, Entry)>),
    /// It was visited in this run, or left for the next.
    Done,
}

/// What became of a job that was put in.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Put {
    /// Its article is fetched anyway.
    Known,
    /// It waits.
    Waits,
    /// It waits for this host, whom nobody asks.
    Wakes(String),
}

impl<'a> Jobs<'a> {
    /// Puts `job` in behind those of its host, unless its article is fetched in this run anyway.
    fn put(&mut self, job: Job<'a>) -> Put {
        match self.stages.contains_key(&address::key(&job.url)) {
            true => Put::Known,
            false => self.put_anew(job),
        }
    }

    /// Puts `job` in, also where its article was done.
    fn put_anew(&mut self, job: Job<'a>) -> Put {
        let key = address::key(&job.url);
        let host = origin(&job.url);
        self.stages.insert(key.clone(), Stage::Waiting(Box::new(job)));
        if let Some(waiting) = self.hosts.get_mut(&host) {
            waiting.push_back(key);
            return Put::Waits;
        }
        self.hosts.insert(host.clone(), VecDeque::from([key]));
        Put::Wakes(host)
    }

    /// Has whoever asks `host` fetch the article of `job` once more, and first.
    fn put_again(&mut self, host: &str, job: Job<'a>) {
        let key = address::key(&job.url);
        self.stages.insert(key.clone(), Stage::Waiting(Box::new(job)));
        self.hosts.entry(host.to_owned()).or_default().push_front(key);
    }

    /// The next page of `host`, at the best of its addresses unless it was visited at one, and the key
    /// that its article goes by. After the last one nobody asks the host any more.
    pub(super) fn next(&mut self, host: &str) -> Option<(String, Job<'a>)> {
        while let Some(key) = self.hosts.get_mut(host).and_then(VecDeque::pop_front) {
            let stage = self.stages.insert(key.clone(), Stage::InHand(Vec::new()));
            let Some(Stage::Waiting(job)) = stage else { continue };
            let mut job = *job;
            if job.earlier.is_none() && !job.others.is_empty() {
                let mut addresses: Vec<Url> = [job.url].into_iter().chain(job.others).collect();
                addresses.sort_by_key(address::rank);
                job.url = addresses.remove(0);
                job.others = addresses;
            }
            return Some((key, job));
        }
        self.hosts.remove(host);
        None
    }

    /// Notes that the article of this key was fetched, or left. Gives the feeds that named it
    /// meanwhile.
    pub(super) fn done(&mut self, key: &str) -> Vec<(usize, Entry)> {
        match self.stages.insert(key.to_owned(), Stage::Done) {
            Some(Stage::InHand(named)) => named,
            _ => Vec::new(),
        }
    }
}

impl<'a> Run<'a> {
    /// Takes what feed number `index` gave: makes jobs of it, and tells `wake` of their hosts.
    pub(super) async fn take_feed(
        &self,
        index: usize,
        reading: Reading,
        wake: &Wake,
    ) -> Result<(), PipelineError> {
        let plan = &self.asked[index];
        let answered = matches!(reading, Reading::Entries(_) | Reading::NotModified);
        let mut entries = {
            let tally = &mut super::lock(&self.tallies)[index];
            match reading {
                Reading::Stopped => {
                    tally.recorded = true;
                    Vec::new()
                }
                Reading::Failed { reason, gone, pause } => {
                    self.keep_new_rests()?;
                    tally.summary.error = Some(reason);
                    (tally.gone, tally.pause) = (gone, pause);
                    Vec::new()
                }
                Reading::NotModified => {
                    tally.summary.not_modified = true;
                    tally.validators = plan.state.validators.clone();
                    tally.sitemaps.complete = plan.state.sitemaps.clone();
                    Vec::new()
                }
                Reading::Entries(read) => {
                    (tally.validators, tally.sitemaps) = (read.validators, read.sitemaps);
                    self.note_failures(&read.unasked);
                    tally.unasked = Some(read.unasked);
                    if let Some(since) = self.which.since() {
                        // The next ordinary run reads the feed in full.
                        tally.ask_again_if(true, None);
                        tally.pass_over_older(read.older, since);
                    }
                    newest_first(read.entries, tally)
                }
            }
        }
        .into_iter();
        while entries.len() > 0 {
            let mut puts = Vec::new();
            {
                let tally = &mut super::lock(&self.tallies)[index];
                let store = &mut super::lock(&self.collection).store;
                for entry in entries.by_ref().take(ENTRIES_AT_A_TIME) {
                    puts.extend(self.take_entry(store, tally, index, entry)?);
                }
            }
            self.plan_pages(puts, wake)?;
            tokio::task::yield_now().await;
        }
        let mut puts = Vec::new();
        if answered {
            let tally = &mut super::lock(&self.tallies)[index];
            let store = &mut super::lock(&self.collection).store;
            self.decide_anew(store, plan)?;
            let room = MAX_PAGES_PER_FEED.saturating_sub(tally.planned);
            for job in self.off_topic(store, plan)?.into_iter().take(room) {
                let put = super::lock(&self.jobs).put(Job { feeds: vec![(index, None)], ..job });
                if put != Put::Known {
                    tally.plan();
                }
                puts.push(put);
            }
        }
        self.plan_pages(puts, wake)?;
        self.plan_rechecks(&plan.feed.id, wake)?;
        super::lock(&self.tallies)[index].taken = true;
        self.finish_feeds()
    }

    /// Tells of jobs that were put in.
    fn plan_pages(&self, puts: Vec<Put>, wake: &Wake) -> Result<(), PipelineError> {
        let new = puts.iter().filter(|put| **put != Put::Known).count();
        if new > 0 {
            (self.observe)(Event::PagesPlanned(new));
        }
        let hosts: BTreeSet<String> = puts
            .into_iter()
            .filter_map(|put| match put {
                Put::Wakes(host) => Some(host),
                Put::Known | Put::Waits => None,
            })
            .collect();
        self.preload_site_files(hosts.iter().cloned())?;
        for host in hosts {
            // Nobody listens any more where the run failed.
            let _ = wake.unbounded_send(host);
        }
        Ok(())
    }

    /// Plans the pages named by `feed` that are to be asked again for corrections.
    pub(super) fn plan_rechecks(&self, feed: &str, wake: &Wake) -> Result<(), PipelineError> {
        let visits = super::lock(&self.rechecks).waiting.remove(feed).unwrap_or_default();
        let jobs = visits.into_iter().filter_map(|visit| self.recheck(visit));
        let puts = jobs.map(|job| super::lock(&self.jobs).put(job)).collect();
        self.plan_pages(puts, wake)
    }

    /// Takes what feed number `index` named while its article was being fetched, by whoever asks `host`.
    pub(super) fn take_late(
        &self,
        index: usize,
        entry: &Entry,
        host: &str,
    ) -> Result<(), PipelineError> {
        let tally = &mut super::lock(&self.tallies)[index];
        tally.open -= 1;
        let store = &mut super::lock(&self.collection).store;
        if let Some(job) = self.take_visited(store, tally, index, entry)? {
            super::lock(&self.jobs).put_again(host, job);
        }
        Ok(())
    }

    /// Takes an entry whose article was fetched in this run. It is not fetched again, but held against
    /// the topics of this feed as well: here if it is kept, else by the job that is given.
    fn take_visited(
        &self,
        store: &mut Store,
        tally: &mut Tally<'a>,
        index: usize,
        entry: &Entry,
    ) -> Result<Option<Job<'a>>, StoreError> {
        let plan = &self.asked[index];
        let url = address::normalise(&entry.url);
        let over = self.stop.is_wanted();
        tally.cut |= over;
        tally.ask_again_if(over, entry.sitemap.as_deref());
        let Some(visit) = store.visit_of_any(&address::variants(&url))? else {
            tally.summary.counts.unchanged += 1;
            return Ok(None);
        };
        tally.ask_again_if(visit.transient, entry.sitemap.as_deref());
        let other_topics = !covers(&visit, plan);
        if other_topics
            && visit.outcome == VisitOutcome::OffTopic
            && let Some(job) = self.recheck(visit.clone())
        {
            tally.plan();
            let own = plan.feed.topics.iter().map(String::as_str);
            let topics = job.topics.into_iter().chain(own).collect();
            let feeds = vec![(index, entry.sitemap.clone())];
            let validators = Validators::default();
            let (feed, entry) = (plan.feed, Entry { url: job.url.clone(), ..entry.clone() });
            return Ok(Some(Job { feed, entry, feeds, topics, validators, reread: true, ..job }));
        }
        tally.summary.counts.unchanged += 1;
        if other_topics && visit.outcome == VisitOutcome::Kept {
            self.decide_also(store, plan, visit)?;
        }
        Ok(None)
    }

    /// Makes a job of what feed number `index` lists, or joins it to one, if it is worth a request.
    fn take_entry(
        &self,
        store: &mut Store,
        tally: &mut Tally<'a>,
        index: usize,
        entry: Entry,
    ) -> Result<Option<Put>, StoreError> {
        let plan = &self.asked[index];
        let url = address::normalise(&entry.url);
        let topics = plan.feed.topics.iter().map(String::as_str);
        let mut jobs = super::lock(&self.jobs);
        match jobs.stages.get_mut(&address::key(&url)) {
            Some(Stage::Waiting(job)) => {
                job.topics.extend(topics);
                job.feeds.push((index, entry.sitemap));
                if url != job.url && !job.others.contains(&url) {
                    job.others.push(url);
                }
                tally.plan();
                tally.summary.counts.unchanged += 1;
                return Ok(None);
            }
            Some(Stage::InHand(named)) => {
                named.push((index, entry));
                tally.plan();
                return Ok(None);
            }
            Some(Stage::Done) => {
                let again = self.take_visited(store, tally, index, &entry)?;
                return Ok(again.map(|job| jobs.put_anew(job)));
            }
            None => {}
        }
        let counts = &mut tally.summary.counts;
        let known = store.visit_of_any(&address::variants(&url))?;
        let kept = known.as_ref().is_some_and(|visit| visit.outcome == VisitOutcome::Kept);
        if !kept && let Some(reason) = plan.feed.passes_over(&entry, self.counted_from()) {
            counts.skipped += 1;
            let unasked = Unasked::passed_over(url, reason).of_sitemap(entry.sitemap);
            tally.unasked.get_or_insert_default().push(unasked);
            return Ok(None);
        }
        let keep_reserved = self.config.crawler.keep_reserved;
        let wanted = validators_if_wanted(known.as_ref(), &entry, &plan.topics, keep_reserved);
        let Some(validators) = wanted else {
            counts.unchanged += 1;
            if let Some(visit) = known.filter(|visit| kept && !covers(visit, plan)) {
                self.decide_also(store, plan, visit)?;
            }
            return Ok(None);
        };
        let most = if self.which.since().is_some() { MAX_PAGES_BACK } else { MAX_PAGES_PER_FEED };
        if tally.planned >= most {
            tally.summary.left += 1;
            tally.ask_again_if(true, entry.sitemap.as_deref());
            if !kept {
                let unasked = Unasked::left(url, BEYOND_CAP).of_sitemap(entry.sitemap);
                tally.unasked.get_or_insert_default().push(unasked);
            }
            return Ok(None);
        }
        tally.plan();
        // What the feed doesn't say to have changed is only held against other topics.
        let reread = known.as_ref().is_some_and(|visit| {
            visit.outcome == VisitOutcome::OffTopic && !is_changed(visit, &entry)
        });
        let put = jobs.put(Job {
            url: known.as_ref().and_then(|visit| Url::parse(&visit.url).ok()).unwrap_or(url),
            others: Vec::new(),
            feed: plan.feed,
            feeds: vec![(index, entry.sitemap.clone())],
            // What feeds say of articles can be as long as they are.
            entry: Entry { summary: None, ..entry },
            topics: topics.chain(self.topics_of_visit(&known)).collect(),
            earlier: known.map(Box::new),
            reread,
            validators,
        });
        if put == Put::Known {
            tally.open -= 1;
        }
        Ok(Some(put))
    }

    /// The moment from which on `max_age` counts back, unless this run walks back: then the day that
    /// was asked for decides.
    fn counted_from(&self) -> Option<Timestamp> {
        self.which.since().is_none().then_some(self.started)
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
    pub(super) fn due_rechecks(&self) -> Result<Vec<Visit>, StoreError> {
        if self.config.watch.recheck.is_empty() {
            return Ok(Vec::new());
        }
        let feeds: Vec<&str> = self
            .config
            .feeds
            .iter()
            .map(|feed| feed.id.as_str())
            .filter(|id| match self.which {
                Which::Named(names) => names.iter().any(|name| name == id),
                Which::All | Which::Due => true,
                // A walk back is for what was missed, not for corrections.
                Which::Back { .. } => false,
            })
            .collect();
        let store = &super::lock(&self.collection).store;
        let visits = store.rechecks(&feeds, self.started, MAX_RECHECKS)?;
        if visits.len() == MAX_RECHECKS {
            let all = store.count_rechecks(&feeds, self.started)?;
            super::lock(&self.rechecks).left = all - visits.len();
        }
        Ok(visits)
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
            self.decide(store, plan, &article)?;
        }
        Ok(())
    }

    /// Holds the kept article of `visit` against the topics of `plan` as well, from the store.
    fn decide_also(
        &self,
        store: &mut Store,
        plan: &Planned<'a>,
        mut visit: Visit,
    ) -> Result<(), StoreError> {
        let Some(article) = store.article_visited(&visit)? else { return Ok(()) };
        self.decide(store, plan, &article)?;
        let known = Some(visit.clone());
        let before = self.topics_of_visit(&known);
        let held = self.config.topics.iter().filter(|topic| {
            before.contains(&topic.id.as_str()) || plan.feed.topics.contains(&topic.id)
        });
        visit.upkeep.topics = topic::fingerprint(held);
        store.record_visit(&visit)
    }

    /// Holds the newest version of an article against the topics of `plan`.
    fn decide(
        &self,
        store: &mut Store,
        plan: &Planned<'a>,
        article: &str,
    ) -> Result<(), StoreError> {
        let Some(newest) = store.versions(article)?.pop() else { return Ok(()) };
        let text = &newest.article;
        let topics = plan.feed.topics.iter().filter_map(|id| self.topics.get(id.as_str()));
        let parts = Parts::new(text.title.as_deref(), text.standfirst.as_deref(), &text.text);
        let decisions: Vec<TopicDecision> = topics.map(|topic| topic.decide(&parts)).collect();
        store.replace_decisions(article, newest.version, &decisions)
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

/// The entries of a feed, newest first.
fn newest_first(mut entries: Vec<Entry>, tally: &mut Tally<'_>) -> Vec<Entry> {
    tally.summary.counts.entries = entries.len() as u64;
    entries.sort_by_key(|entry| Reverse(entry.changed().and_then(|date| date.instant())));
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
            sitemaps: Sitemaps::default(),
            taken: false,
            planned: 0,
            open: 0,
            ask_again: false,
            unasked: None,
            recorded: false,
        }
    }

    /// One page more is to be done.
    fn plan(&mut self) {
        self.planned += 1;
        self.open += 1;
    }

    /// Notes that so many entries are from before `since` and not asked for.
    fn pass_over_older(&mut self, entries: usize, since: Timestamp) {
        let Some(unasked) = self.unasked.as_mut().filter(|_| entries > 0) else { return };
        let reason = format!("{entries} of its entries are from before {since} (--since)");
        let url = self.feed.url.as_str();
        match unasked.iter_mut().find(|it| it.url == url && it.sitemap.is_none()) {
            Some(other) => other.reason = format!("{}; {reason}", other.reason),
            None => unasked.push(Unasked::passed_over(url, reason)),
        }
    }

    /// Notes that a page has to be asked again, if `so`: the feed and `sitemap`, which named it, have to be
    /// read in full next time; all sitemaps if it isn't known which did.
    pub(super) fn ask_again_if(&mut self, so: bool, sitemap: Option<&str>) {
        if !so {
            return;
        }
        self.ask_again = true;
        match sitemap {
            Some(sitemap) => drop(self.sitemaps.complete.remove(sitemap)),
            None => self.sitemaps.complete.clear(),
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

/// Whether the page was held against all topics of a feed.
fn covers(visit: &Visit, plan: &Planned<'_>) -> bool {
    topic::covers(&visit.upkeep.topics, &plan.topics)
}

/// Whether the feed says that the page changed since the visit.
fn is_changed(visit: &Visit, entry: &Entry) -> bool {
    entry.changed().is_some_and(|date| visit.entry_updated.as_ref() != Some(date))
}
