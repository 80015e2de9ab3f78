//! What a run shows while it goes on: a bar on a terminal, log lines otherwise.

use std::sync::{Mutex, PoisonError};

use tracing::{Span, error, info, warn};
use tracing_indicatif::span_ext::IndicatifSpanExt;

use super::counts;
use super::crawl::moment;
use super::logging::{self, Logging};
use super::print::counted;
use crate::pipeline::crawl::{Event, Summary};

/// Makes a run's events visible on standard error.
#[derive(Debug)]
pub struct Progress {
    bars: bool,
    json: bool,
    drawn: Mutex<Bars>,
}

/// The bars of a run: feeds are read while pages are fetched.
#[derive(Debug, Default)]
struct Bars {
    feeds: Option<Span>,
    pages: Option<Span>,
}

impl Progress {
    /// Progress as the log was set up: bars where they are drawn, else lines at level `info`.
    #[must_use]
    pub fn new(logging: Logging) -> Self {
        Self { bars: logging.bars, json: logging.json, drawn: Mutex::default() }
    }

    /// Shows what happened.
    pub fn show(&self, event: Event<'_>) {
        match () {
            () if self.bars => self.draw(event),
            () if self.json => log_fields(event),
            () => log(event),
        }
    }

    fn draw(&self, event: Event<'_>) {
        let mut bars = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let Bars { feeds, pages } = &mut *bars;
        match event {
            Event::FeedsDue(0) | Event::PagesPlanned(0) => {}
            Event::Indexing => *bars = Bars::default(),
            Event::FeedsDue(count) => *feeds = Some(logging::bar("asking feeds", count as u64)),
            Event::PagesPlanned(count) => match pages {
                Some(bar) => bar.pb_inc_length(count as u64),
                None => *pages = Some(logging::bar("fetching pages", count as u64)),
            },
            Event::FeedRead { .. } => feeds.iter().for_each(|bar| bar.pb_inc(1)),
            Event::PageDone { .. } => pages.iter().for_each(|bar| bar.pb_inc(1)),
            other => log(other),
        }
    }
}

fn log(event: Event<'_>) {
    match event {
        Event::FeedsDue(0) | Event::PagesPlanned(0) => {}
        Event::FeedsDue(feeds) => info!("asking {}", counted(feeds as u64, "feed")),
        Event::FeedRead { feed, result: Ok(entries) } => info!("feed {feed}: {entries} entries"),
        Event::FeedRead { feed, result: Err(reason) } => info!("feed {feed} failed: {reason}"),
        Event::PagesPlanned(pages) => info!("fetching {}", counted(pages as u64, "page")),
        Event::PageDone { url, outcome } => info!("{url}: {outcome}"),
        Event::Indexing => info!("bringing the search index up to date"),
        Event::Watching { feeds, runs, next } => {
            let (feeds, runs) = (counted(feeds as u64, "feed"), counted(runs, "run"));
            info!("watching {feeds}, {runs} so far; next due {}", moment(next));
        }
        Event::Running { runs, since } => {
            let runs = counted(runs, "run");
            info!("watching, {runs} so far; one goes on since {}", moment(since));
        }
        Event::ReloadWanted => info!("the watch list is read again when this run is done"),
        Event::RunDone(summary) => info!("{}", in_words(summary)),
        Event::RunFailed(reason) => error!("{reason}; trying again soon"),
        Event::Reloaded { feeds } => {
            info!("read the watch list again: {}", counted(feeds as u64, "feed"));
        }
        Event::ReloadFailed(reason) => {
            error!("the watch list has changed and can't be used; the one before stays: {reason}");
        }
    }
}

/// As [`log`], with what happened in fields; `event` names it.
fn log_fields(event: Event<'_>) {
    match event {
        Event::FeedsDue(feeds) => info!(event = "feeds_due", feeds),
        Event::FeedRead { feed, result: Ok(entries) } => info!(event = "feed_read", feed, entries),
        Event::FeedRead { feed, result: Err(reason) } => {
            warn!(event = "feed_failed", feed, reason);
        }
        Event::PagesPlanned(pages) => info!(event = "pages_planned", pages),
        Event::PageDone { url, outcome } => info!(event = "page_done", url, outcome),
        Event::Indexing => info!(event = "indexing"),
        Event::Watching { feeds, runs, next } => {
            info!(event = "watching", feeds, runs, next = %next);
        }
        Event::Running { runs, since } => info!(event = "running", runs, since = %since),
        Event::ReloadWanted => info!(event = "reload_wanted"),
        Event::RunDone(summary) => {
            let counts = summary.counts();
            info!(
                event = "run_done",
                feeds = summary.feeds.len(),
                feeds_failed = summary.failed_feeds(),
                new = counts.new,
                changed = counts.changed,
                unchanged = counts.unchanged,
                off_topic = counts.off_topic,
                skipped = counts.skipped,
                failed = counts.failed,
                quotes = counts.quotes,
                left = left(summary),
            );
        }
        Event::RunFailed(reason) => error!(event = "run_failed", reason),
        Event::Reloaded { feeds } => info!(event = "reloaded", feeds),
        Event::ReloadFailed(reason) => error!(event = "reload_failed", reason),
    }
}

/// Pages that wait for the next run.
fn left(summary: &Summary) -> usize {
    summary.feeds.iter().map(|feed| feed.left).sum::<usize>() + summary.rechecks_left
}

/// A run in one line.
fn in_words(summary: &Summary) -> String {
    let failed = summary.failed_feeds();
    let left = left(summary);
    let mut line = format!(
        "run done: {} ({failed} failed), {}",
        counted(summary.feeds.len() as u64, "feed"),
        counts::in_words(&summary.counts()),
    );
    if left > 0 {
        line.push_str(&format!("; {left} pages left for the next run"));
    }
    line
}
