//! `onrecord crawl`: one run over the watch list.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::args::Common;
use super::error::CommandError;
use super::exit::Exit;
use super::logging::Logging;
use super::print;
use super::progress::Progress;
use super::signals;
use super::table::{self, Column};
use super::{check, counts};
use crate::config::Config;
use crate::domain::feed::FeedKind;
use crate::domain::run::{RunCounts, VisitOutcome};
use crate::pipeline::PipelineError;
use crate::pipeline::crawl::{self, Event, FeedSummary, Summary, Which};
use crate::store::{Store, StoreError};

/// Missing pages that the summary names one by one; `status --skipped` has them all.
const MAX_MISSING_SHOWN: usize = 10;

/// The columns of `--dry-run`.
const PLAN_COLUMNS: [Column; 4] = [
    table::word("feed"),
    table::word("asked now"),
    table::word("last run"),
    table::word("next due"),
];

/// Arguments of `onrecord crawl`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord crawl                     asks the feeds that are due
  onrecord crawl --feed eff          asks one feed, due or not
  onrecord crawl --since 2024-01-01  walks the sitemaps back to that day, max_age or not
  onrecord crawl --all --dry-run     says what would be asked, and asks nothing

Articles kept before are asked again when their time has come ([watch]
recheck). Ctrl-C ends the run after the pages in hand; the next one goes on
from there. A second Ctrl-C ends it at once; nothing that was kept is lost.

The exit status is 1 if a feed could not be read or the run was ended early.
What happened to every page is kept: onrecord status --skipped.")]
pub struct CrawlArgs {
    /// Ask this feed, due or not (may be given more than once)
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    pub feed: Vec<String>,
    /// Ask every feed, due or not
    #[arg(long)]
    pub all: bool,
    /// Walk back: ask for everything that the feeds and sitemaps list from this day (UTC) on, due or not
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with = "all")]
    pub since: Option<Date>,
    /// Say which feeds would be asked, and ask none
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs once and prints what it came to.
///
/// # Errors
/// [`CommandError`]; what was committed before stands.
pub async fn run(
    arguments: &CrawlArgs,
    common: &Common,
    logging: Logging,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let config = Config::load(&common.config)?;
    check::warn_before_run(&config, common, logging)?;
    // Only the last days that can be written have no moment in UTC.
    let midnight =
        |day: Date| day.to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |it| it.timestamp());
    if let Some(day) = arguments.since.filter(|day| midnight(*day) > Timestamp::now()) {
        return Err(CommandError::Future(day));
    }
    let which = if let Some(day) = arguments.since {
        Which::Back { feeds: arguments.feed.clone(), since: midnight(day) }
    } else if arguments.all {
        Which::All
    } else if arguments.feed.is_empty() {
        Which::Due
    } else {
        Which::Named(arguments.feed.clone())
    };
    if arguments.dry_run {
        print_plan(&config, common.data(), &which, out)?;
        return Ok(Exit::Done);
    }
    let progress = Progress::new(logging);
    let stop = signals::stop_when_asked()?;
    let observe = |event: Event<'_>| progress.show(event);
    let summary = crawl::run(&config, common.data(), &which, &stop, &observe).await?;
    if !common.quiet {
        print_summary(&summary, out)?;
        if let Which::Back { feeds, .. } = &which {
            print_without_archive(&config, feeds, out)?;
        }
    }
    let complete = summary.failed_feeds() == 0 && !summary.stopped;
    Ok(if complete { Exit::Done } else { Exit::Partly })
}

fn print_plan(
    config: &Config,
    data: &Path,
    which: &Which,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let store = match Store::open_existing(data) {
        Ok(store) => Some(store),
        Err(StoreError::Missing { .. }) => None,
        Err(error) => return Err(PipelineError::from(error).into()),
    };
    let now = Timestamp::now();
    let planned = crawl::plan(config, store.as_ref(), which, now)?;
    let rows: Vec<Vec<String>> = planned
        .iter()
        .map(|plan| {
            vec![
                plan.feed.id.clone(),
                if plan.asked { "yes" } else { "no" }.to_owned(),
                plan.state.last_run.map_or_else(|| "never".to_owned(), moment),
                match plan.state.gone {
                    Some(_) => "gone".to_owned(),
                    None => plan.due.map_or_else(|| "now".to_owned(), moment),
                },
            ]
        })
        .collect();
    writeln!(out, "{}\n", table::render(&PLAN_COLUMNS, &rows, print::width()))?;
    let asked = planned.iter().filter(|plan| plan.asked).count();
    writeln!(out, "{asked} of {} feeds would be asked", planned.len())?;
    Ok(())
}

/// The summary: a row per feed, the pages that are missing and why, and what to do next.
///
/// # Errors
/// What writing gives.
pub fn print_summary(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    if summary.feeds.is_empty() && summary.rechecked == RunCounts::default() {
        let next = summary
            .next_due
            .map_or_else(String::new, |at| format!("; the next is due at {}", moment(at)));
        return writeln!(out, "no feed is due{next} (`--all` asks every feed)");
    }
    if !summary.feeds.is_empty() {
        let columns = [&[table::text("feed")][..], &counts::columns("entries")].concat();
        let rows: Vec<Vec<String>> = summary.feeds.iter().map(row).collect();
        writeln!(out, "{}", table::render(&columns, &rows, print::width()))?;
    }
    if let Some(line) = rechecked(summary) {
        say(out, &line)?;
    }
    for feed in &summary.feeds {
        if let Some(error) = &feed.error {
            say(out, &format!("feed {} failed: {error}", feed.id))?;
        }
        if feed.not_modified {
            writeln!(out, "feed {}: not modified since it was last read", feed.id)?;
        }
        if feed.left > 0 {
            say(out, &format!("feed {}: {} more pages wait for the next run", feed.id, feed.left))?;
        }
    }
    if summary.stopped {
        writeln!(out, "stopped early: the next run goes on from here")?;
    }
    for missing in summary.missing.iter().take(MAX_MISSING_SHOWN) {
        let what = if missing.outcome == VisitOutcome::Skipped { "skipped" } else { "failed" };
        // A page that leads elsewhere fails there, and the reason names only that.
        let page = match missing.reason.contains(&missing.url) {
            true => String::new(),
            false => format!("{}: ", missing.url),
        };
        say(out, &format!("{what}: {page}{}", missing.reason))?;
    }
    if summary.missing.len() > MAX_MISSING_SHOWN {
        let more = summary.missing.len() - MAX_MISSING_SHOWN;
        writeln!(out, "… and {more} more: `onrecord status --skipped` lists them")?;
    }
    Ok(())
}

/// Names the feeds of a walk back, those of these ids or all, that list only what is new.
fn print_without_archive(config: &Config, ids: &[String], out: &mut dyn Write) -> io::Result<()> {
    let walked = config.feeds.iter().filter(|feed| ids.is_empty() || ids.contains(&feed.id));
    let short: Vec<&str> =
        walked.filter(|it| it.kind != FeedKind::Sitemap).map(|it| it.id.as_str()).collect();
    if short.is_empty() {
        return Ok(());
    }
    let line = format!(
        "not walked back further than what they list now, since only sitemaps (kind = \"sitemap\") \
         list what is old: {}",
        short.join(", ")
    );
    say(out, &line)
}

/// What came of asking kept articles again, in a line; `None` if none was.
fn rechecked(summary: &Summary) -> Option<String> {
    let RunCounts { changed, unchanged, failed, skipped, .. } = summary.rechecked;
    let (all, missing) = (changed + unchanged + failed + skipped, failed + skipped);
    let left = match summary.rechecks_left {
        0 => String::new(),
        left => format!(", {left} left for the next run"),
    };
    (all > 0 || !left.is_empty()).then(|| {
        format!(
            "asked again for corrections: {}, {changed} changed, {missing} not there{left}",
            print::counted(all, "article")
        )
    })
}

fn say(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "{}", print::message(text, print::width()))
}

fn row(feed: &FeedSummary) -> Vec<String> {
    [feed.id.clone()].into_iter().chain(counts::cells(&feed.counts)).collect()
}

/// A moment as people read it: to the minute, UTC.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%MZ").to_string()
}
