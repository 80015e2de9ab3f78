//! What a run shows while it goes on: bars on a terminal, plain lines otherwise.
//!
//! Everything goes to standard error. `--quiet` shows nothing.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::pipeline::crawl::Event;

/// Where a run's events become visible.
#[derive(Debug)]
pub enum Progress {
    /// Nothing is shown.
    Quiet,
    /// A line per feed and page.
    Lines,
    /// One bar for the feeds, then one for the pages.
    Bars(Mutex<ProgressBar>, MultiProgress),
}

impl Progress {
    /// Bars on a terminal, lines elsewhere, nothing if `quiet`. Log lines written through `bars`
    /// stay above them.
    #[must_use]
    pub fn new(quiet: bool, bars: &MultiProgress) -> Self {
        if quiet {
            Self::Quiet
        } else if std::io::stderr().is_terminal() {
            Self::Bars(Mutex::new(ProgressBar::hidden()), bars.clone())
        } else {
            Self::Lines
        }
    }

    /// Shows what happened.
    pub fn show(&self, event: Event<'_>) {
        match self {
            Self::Quiet => {}
            Self::Lines => line(event),
            Self::Bars(current, all) => {
                let mut bar = current.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                match event {
                    Event::FeedsDue(count) => *bar = all.add(new_bar("feeds", count)),
                    Event::PagesPlanned(count) => {
                        bar.finish_and_clear();
                        *bar = all.add(new_bar("pages", count));
                    }
                    Event::FeedRead { feed, .. } => step(&bar, feed),
                    Event::PageDone { url, .. } => step(&bar, url),
                    Event::Indexing => bar.finish_and_clear(),
                }
            }
        }
    }
}

fn new_bar(what: &'static str, count: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len} {eta:>4} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(count as u64).with_style(style).with_prefix(what)
}

fn step(bar: &ProgressBar, message: &str) {
    bar.set_message(message.to_owned());
    bar.inc(1);
}

/// A line that can't be written is not worth stopping a crawl for.
fn line(event: Event<'_>) {
    let mut err = std::io::stderr().lock();
    let _ = match event {
        Event::FeedsDue(count) => writeln!(err, "asking {count} feeds"),
        Event::FeedRead { feed, result: Ok(entries) } => writeln!(err, "feed {feed}: {entries} entries"),
        Event::FeedRead { feed, result: Err(reason) } => writeln!(err, "feed {feed}: failed: {reason}"),
        Event::PagesPlanned(count) => writeln!(err, "fetching {count} pages"),
        Event::PageDone { url, outcome } => writeln!(err, "{url}: {outcome}"),
        Event::Indexing => writeln!(err, "bringing the search index up to date"),
    };
}
