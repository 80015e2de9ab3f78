//! What a run shows while it goes on: a bar on a terminal, log lines otherwise.

use std::sync::{Mutex, PoisonError};

use tracing::{Span, info};
use tracing_indicatif::span_ext::IndicatifSpanExt;

use super::logging::{self, Logging};
use crate::pipeline::crawl::Event;

/// Makes a run's events visible on standard error.
#[derive(Debug)]
pub struct Progress {
    bars: bool,
    bar: Mutex<Option<Span>>,
}

impl Progress {
    /// Progress as the log was set up: bars where they are drawn, else lines at level `info`.
    #[must_use]
    pub fn new(logging: Logging) -> Self {
        Self { bars: logging.bars, bar: Mutex::new(None) }
    }

    /// Shows what happened.
    pub fn show(&self, event: Event<'_>) {
        if self.bars { self.draw(event) } else { log(event) }
    }

    fn draw(&self, event: Event<'_>) {
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::FeedsDue(0) | Event::PagesPlanned(0) | Event::Indexing => *bar = None,
            Event::FeedsDue(count) => *bar = Some(logging::bar("asking feeds", count as u64)),
            Event::PagesPlanned(count) => {
                *bar = Some(logging::bar("fetching pages", count as u64));
            }
            Event::FeedRead { .. } | Event::PageDone { .. } => {
                if let Some(bar) = &*bar {
                    bar.pb_inc(1);
                }
            }
        }
    }
}

fn log(event: Event<'_>) {
    match event {
        Event::FeedsDue(0) => {}
        Event::FeedsDue(count) => info!("asking {count} feeds"),
        Event::FeedRead { feed, result: Ok(entries) } => info!("feed {feed}: {entries} entries"),
        Event::FeedRead { feed, result: Err(reason) } => info!("feed {feed} failed: {reason}"),
        Event::PagesPlanned(count) => info!("fetching {count} pages"),
        Event::PageDone { url, outcome } => info!("{url}: {outcome}"),
        Event::Indexing => info!("bringing the search index up to date"),
    }
}
