//! `onrecord status`: how the feeds fare, and what is not in the collection.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::args::Common;
use super::crawl::moment;
use super::exit::Exit;
use super::print;
use super::table::{self, Column};
use crate::domain::run::FeedStatus;
use crate::store::{Store, StoreError};

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

/// Arguments of `onrecord status`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord status              how the feeds fare
  onrecord status --skipped    every page that is not in the collection, and why")]
pub struct StatusArgs {
    /// List every page that was not fetched or not kept, and why
    #[arg(long)]
    pub skipped: bool,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: StatusFormat,
}

/// Why there is no status.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The collection can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The output could not be written.
    #[error("failed to write the output: {0}")]
    Output(#[from] io::Error),
}

/// Prints the status; exit 1 if there is nothing to print.
///
/// # Errors
/// [`StatusError`].
pub fn run(
    arguments: &StatusArgs,
    common: &Common,
    out: &mut dyn Write,
) -> Result<Exit, StatusError> {
    let store = Store::open_existing(common.data())?;
    if arguments.skipped {
        skipped(&store, arguments.format, out)
    } else {
        feeds(&store, arguments.format, out)
    }
}

fn feeds(store: &Store, format: StatusFormat, out: &mut dyn Write) -> Result<Exit, StatusError> {
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
    }
    Ok(Exit::Done)
}

fn row(feed: &FeedStatus) -> Vec<String> {
    let when = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), moment);
    vec![
        feed.id.clone(),
        when(feed.last_run),
        when(feed.next_due),
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

fn skipped(store: &Store, format: StatusFormat, out: &mut dyn Write) -> Result<Exit, StatusError> {
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
