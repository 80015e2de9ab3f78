//! Runs over the watch list, each when something is due, until somebody ends it.
//!
//! All that decides when is in the store, so that a restart neither skips nor repeats. The watch list
//! is read again when its file changes or somebody asks; one with mistakes is reported, and the one
//! before stays in force. Refuses to end because of a full disk or a busy store: it tries again.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::crawl::{self, Event, Holder, Observe, Which};
use super::{DataLock, PipelineError};
use crate::config::Config;
use crate::crawl::politeness::Politeness;
use crate::crawl::stop::Stop;
use crate::crawl::visit::Visitor;
use crate::domain::upkeep::WatchSettings;
use crate::store::{Store, StoreError};
use crate::topic::TopicMatcher;

/// How long one run begins new pages. What is left goes on in the next run: a host that wants 90
/// seconds between two pages must not hold up the news of the others for hours.
const LONGEST_RUN: Duration = Duration::from_secs(15 * 60);
/// How often the clock and the watch list's file are looked at: people who edit the file see at once
/// what came of it, and a clock that was set is noticed.
const TICK: Duration = Duration::from_secs(2);
/// Shortest wait between two runs.
const REST: SignedDuration = SignedDuration::from_secs(1);
/// Longest wait of an article for others.
const LONGEST_SLACK: SignedDuration = SignedDuration::from_mins(5);
/// Wait before another try after a full disk or a busy store.
const RETRY: SignedDuration = SignedDuration::from_secs(60);

/// Watches until `stop` is wanted: the feeds of the watch list at `path`, for the data folder
/// `data`. `reload` has the list read again.
///
/// # Errors
/// [`PipelineError`] if the watch list can't be used at the start, another onrecord writes to the
/// folder, or the store is damaged.
pub async fn watch(
    path: &Path,
    data: &Path,
    stop: &Stop,
    reload: &Notify,
    observe: &Observe<'_>,
) -> Result<(), PipelineError> {
    let mut list = List { path: path.to_path_buf(), seen: stamp(path), config: load(path)? };
    let mut holder = Holder {
        _lock: DataLock::take_for_watch(data)?,
        command: "watch",
        data: data.to_path_buf(),
        stop: stop.clone(),
        politeness: Arc::new(Politeness::new(&list.config.crawler)),
        longest: LONGEST_RUN,
    };
    let mut next = next_moment(&list.config, data, Timestamp::now())?;
    let mut heartbeat: Option<Instant> = None;
    let mut runs = 0;
    while !stop.is_wanted() {
        let config = &list.config;
        if heartbeat.is_none_or(|last| last.elapsed() >= config.watch.heartbeat) {
            observe(Event::Watching { feeds: config.feeds.len(), runs, next });
            heartbeat = Some(Instant::now());
        }
        let mut asked = false;
        if next <= Timestamp::now() {
            let last = heartbeat.unwrap_or_else(Instant::now);
            let ran = run_and_show(&holder, config, (runs, last), reload, observe).await?;
            (next, asked, heartbeat) = (ran.next, ran.reload_wanted, Some(ran.heartbeat));
            runs += 1;
        } else {
            let wait = next.duration_since(Timestamp::now());
            let wait = Duration::try_from(wait).unwrap_or_default();
            tokio::select! {
                () = stop.wanted() => {}
                () = reload.notified() => asked = true,
                () = tokio::time::sleep(wait.min(TICK)) => {}
            }
        }
        if list.read_again(asked, observe) {
            holder.politeness = Arc::new(Politeness::new(&list.config.crawler));
            next = next_moment(&list.config, data, Timestamp::now())?;
        }
    }
    Ok(())
}

/// What a run of a watch left.
struct Ran {
    /// When the next is due.
    next: Timestamp,
    /// Whether somebody wants the watch list to be read again.
    reload_wanted: bool,
    /// When the watch last showed that it is alive.
    heartbeat: Instant,
}

/// One run that shows that it goes on, after so many runs and a last sign of life, and tells who
/// wants the watch list to be read again that they were heard.
async fn run_and_show(
    holder: &Holder,
    config: &Config,
    (runs, mut heartbeat): (u64, Instant),
    reload: &Notify,
    observe: &Observe<'_>,
) -> Result<Ran, PipelineError> {
    let since = Timestamp::now();
    let mut reload_wanted = false;
    let mut run = pin!(run_once(holder, config, observe));
    loop {
        tokio::select! {
            biased;
            next = &mut run => return Ok(Ran { next: next?, reload_wanted, heartbeat }),
            () = reload.notified() => {
                reload_wanted = true;
                observe(Event::ReloadWanted);
            }
            () = tokio::time::sleep_until((heartbeat + config.watch.heartbeat).into()) => {
                observe(Event::Running { runs, since });
                heartbeat = Instant::now();
            }
        }
    }
}

/// One run, and when the next is due. What may pass is reported and tried again.
async fn run_once(
    holder: &Holder,
    config: &Config,
    observe: &Observe<'_>,
) -> Result<Timestamp, PipelineError> {
    let done = match holder.run(config, &Which::Due, observe).await {
        Ok(summary) => {
            observe(Event::RunDone(&summary));
            next_moment(config, &holder.data, Timestamp::now())
        }
        Err(error) => Err(error),
    };
    let now = Timestamp::now();
    match done {
        Ok(next) => Ok(next.max(now.saturating_add(REST).unwrap_or(now))),
        Err(error) if may_pass(&error) => {
            observe(Event::RunFailed(&error.to_string()));
            Ok(now.saturating_add(RETRY).unwrap_or(now))
        }
        Err(error) => Err(error),
    }
}

fn may_pass(error: &PipelineError) -> bool {
    matches!(
        error,
        PipelineError::Store(StoreError::Busy { .. } | StoreError::Full { .. })
            | PipelineError::Archive(_)
            | PipelineError::Search(_)
    )
}

/// When something is due: a feed, or an article to be asked again.
fn next_moment(config: &Config, data: &Path, now: Timestamp) -> Result<Timestamp, PipelineError> {
    let store = Store::open(data)?;
    let feeds = crawl::plan(config, Some(&store), &Which::Due, now)?;
    let feeds = feeds.iter().filter(|plan| plan.state.gone.is_none());
    let next = feeds.map(|plan| plan.due.unwrap_or(now)).min();
    let recheck = match config.watch.recheck.is_empty() {
        true => None,
        false => {
            let feeds: Vec<&str> = config.feeds.iter().map(|feed| feed.id.as_str()).collect();
            store.next_recheck(&feeds)?.and_then(|at| at.checked_add(slack(&config.watch)).ok())
        }
    };
    Ok(next.into_iter().chain(recheck).min().unwrap_or(Timestamp::MAX))
}

/// How long articles that are to be asked again wait for others, so that they share a run: a tenth of
/// the first step.
fn slack(settings: &WatchSettings) -> SignedDuration {
    let first = settings.recheck.first().copied().unwrap_or_default() / 10;
    SignedDuration::try_from(first).unwrap_or(LONGEST_SLACK).min(LONGEST_SLACK)
}

/// The watch list in force, and its file as it was last looked at.
struct List {
    path: PathBuf,
    seen: Option<Stamp>,
    config: Config,
}

type Stamp = (SystemTime, u64);

fn stamp(path: &Path) -> Option<Stamp> {
    let found = fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}

/// The watch list at `path`, if everything in it can be used.
fn load(path: &Path) -> Result<Config, PipelineError> {
    let config = Config::load(path)?;
    Visitor::new(&config.crawler)?;
    TopicMatcher::all(&config.topics)?;
    Ok(config)
}

impl List {
    /// Takes the file over if it changed, or somebody `asked`. True if another list is in force.
    fn read_again(&mut self, asked: bool, observe: &Observe<'_>) -> bool {
        let now = stamp(&self.path);
        if now == self.seen && !asked {
            return false;
        }
        self.seen = now;
        match load(&self.path) {
            Ok(config) => {
                observe(Event::Reloaded { feeds: config.feeds.len() });
                let other = config != self.config;
                self.config = config;
                other
            }
            Err(error) => {
                observe(Event::ReloadFailed(&error.to_string()));
                false
            }
        }
    }
}
