//! `onrecord status`: how the feeds fare, and what is not in the collection.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::args::Common;
use super::crawl::moment;
use super::error::CommandError;
use super::exit::Exit;
use super::print;
use super::table::{self, Column};
use crate::domain::run::{FeedStatus, Run};
use crate::store::Store;

/// How the answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// A table
    Human,
    /// One JSON array
    Json,
}

/// The columns of the feeds' table.
const COLUMNS: [Column; 5] = [
    table::text("feed"),
    table::word("last run"),
    table::word("next due"),
    table::number("articles"),
    table::number("quotes"),
];

/// The columns of the runs' table.
const RUN_COLUMNS: [Column; 9] = [
    table::word("started"),
    table::word("took"),
    table::word("by"),
    table::number("feeds"),
    table::number("requests"),
    table::number("MB"),
    table::number("new"),
    table::number("changed"),
    table::number("quotes"),
];
/// Runs that are listed: two days of a run every ten minutes.
const MAX_RUNS_SHOWN: usize = 288;

/// Arguments of `onrecord status`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord status              how the feeds fare
  onrecord status --skipped    every page that is not in the collection, and why
  onrecord status --runs       the last runs: requests, articles, quotes")]
pub struct StatusArgs {
    /// List every page that was not fetched or not kept, and why
    #[arg(long)]
    pub skipped: bool,
    /// List the last runs: what was asked, what came of it
    #[arg(long, conflicts_with = "skipped")]
    pub runs: bool,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: StatusFormat,
}

/// Prints the status; exit 1 if there is nothing to print.
///
/// # Errors
/// [`CommandError`].
pub fn run(
    arguments: &StatusArgs,
    common: &Common,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let store = Store::open_existing(common.data())?;
    if arguments.skipped {
        skipped(&store, arguments.format, out)
    } else if arguments.runs {
        runs(&store, arguments.format, out)
    } else {
        feeds(&store, arguments.format, out)
    }
}

fn feeds(store: &Store, format: StatusFormat, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let feeds = store.feed_statuses()?;
    if format == StatusFormat::Json {
        serde_json::to_writer_pretty(&mut *out, &feeds).map_err(io::Error::from)?;
        writeln!(out)?;
        return Ok(Exit::Done);
    }
    if feeds.is_empty() {
        writeln!(out, "no feed has been read to its end yet: run `onrecord crawl`")?;
        return Ok(Exit::Partly);
    }
    let rows: Vec<Vec<String>> = feeds.iter().map(row).collect();
    writeln!(out, "{}", table::render(&COLUMNS, &rows, print::width()))?;
    // Below the table: a reason that is cut to fit a column is none.
    for feed in &feeds {
        if let Some(error) = &feed.last_error {
            let line = format!("feed {} failed {}: {error}", feed.id, times(feed.failures));
            writeln!(out, "{}", print::message(&line, print::width()))?;
        }
        if let Some(since) = feed.gone {
            let line = format!(
                "feed {} is gone since {} and is no longer asked: correct its url or take it out; \
                 `onrecord crawl --feed {}` tries it once more, and an answer brings it back",
                feed.id,
                moment(since),
                feed.id
            );
            writeln!(out, "{}", print::message(&line, print::width()))?;
        }
    }
    if let Some(run) = store.last_runs(1)?.first() {
        writeln!(out, "{}", print::message(&run_in_words(run), print::width()))?;
    }
    Ok(Exit::Done)
}

/// A run in a line.
fn run_in_words(run: &Run) -> String {
    let counts = run.counts;
    let stopped = if run.stopped { ", stopped early" } else { "" };
    let failed = run.error.as_ref().map_or(String::new(), |error| format!(", failed: {error}"));
    format!(
        "last run: {} by {}, {} feeds ({} failed), {} requests, {} MB, {} new, {} changed, {} \
         failed, {} quotes{stopped}{failed}",
        moment(run.started),
        run.command,
        run.feeds,
        run.feeds_failed,
        run.requests,
        megabytes(run.bytes),
        counts.new,
        counts.changed,
        counts.failed,
        counts.quotes,
    )
}

/// Bytes in millions, with one decimal.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn runs(store: &Store, format: StatusFormat, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let runs = store.last_runs(MAX_RUNS_SHOWN)?;
    if format == StatusFormat::Json {
        serde_json::to_writer_pretty(&mut *out, &runs).map_err(io::Error::from)?;
        writeln!(out)?;
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        writeln!(out, "no run has ended yet: run `onrecord crawl`")?;
        return Ok(Exit::Partly);
    }
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| {
            let took = run.finished.duration_since(run.started).as_secs();
            let counts = run.counts;
            vec![
                moment(run.started),
                format!("{}:{:02}", took / 60, took % 60),
                run.command.clone(),
                run.feeds.to_string(),
                run.requests.to_string(),
                megabytes(run.bytes),
                counts.new.to_string(),
                counts.changed.to_string(),
                counts.quotes.to_string(),
            ]
        })
        .collect();
    writeln!(out, "{}", table::render(&RUN_COLUMNS, &rows, print::width()))?;
    // Below the table: a reason that is cut to fit a column is none.
    for run in &runs {
        if let Some(error) = &run.error {
            let line = format!("the run of {} failed: {error}", moment(run.started));
            writeln!(out, "{}", print::message(&line, print::width()))?;
        }
    }
    Ok(Exit::Done)
}

fn row(feed: &FeedStatus) -> Vec<String> {
    let when = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), moment);
    vec![
        feed.id.clone(),
        when(feed.last_run),
        if feed.gone.is_some() { "gone".to_owned() } else { when(feed.next_due) },
        feed.articles.to_string(),
        feed.quotes.to_string(),
    ]
}

/// How often a feed failed in a row, in words.
fn times(failures: u32) -> String {
    match failures {
        0 | 1 => "the last time".to_owned(),
        many => format!("the last {many} times"),
    }
}

fn skipped(store: &Store, format: StatusFormat, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let visits = store.skipped()?;
    if format == StatusFormat::Json {
        serde_json::to_writer_pretty(&mut *out, &visits).map_err(io::Error::from)?;
        writeln!(out)?;
        return Ok(Exit::Done);
    }
    for visit in &visits {
        let feed = visit.feed.as_deref().unwrap_or("no feed");
        let outcome = visit.outcome.as_str();
        let reason = print::printable(&visit.reason);
        writeln!(out, "{}\n    {outcome} ({feed}, {}): {reason}", visit.url, moment(visit.at))?;
    }
    if visits.is_empty() {
        writeln!(out, "every page that was asked is in the collection")?;
    }
    Ok(Exit::Done)
}
