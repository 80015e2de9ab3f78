//! `quotes search`: the quotes that match, for people or programs.

use std::io::Write;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::args::Common;
use super::collection::{self, CollectionError};
use super::exit::Exit;
use super::filters::Filters;
use super::results;
use crate::domain::record::QuoteRecord;

/// Quotes shown unless the user says how many: two screens.
const LIMIT: usize = 20;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For reading
    Human,
    /// One JSON array
    Json,
    /// One JSON object a line
    Ndjson,
}

/// Arguments of `quotes search`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  quotes search safeguards                      words; other forms of them count
  quotes search '\"human rights\" -privacy'       a phrase, without a word
  quotes search 'russia OR china' --since 2024-01-01
  quotes search --speaker rodriguez --kind direct --sort newest
  quotes search --affiliation \"foreign ministry\" --format json

Words are looked for in the quote and in its speaker's name, role and affiliation.
A query that begins with - follows a --: quotes search -- '-privacy treaty'")]
pub struct SearchArgs {
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: OutputFormat,
    /// What to look for.
    #[command(flatten)]
    pub filters: Filters,
}

/// Prints the quotes that match to `out`, and on standard error how many there are.
///
/// # Errors
/// [`CollectionError`] if the query is wrong, or the collection can't be read or `out` not written.
pub fn run(
    common: &Common,
    arguments: &SearchArgs,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    let query = arguments.filters.to_query(LIMIT)?;
    let (store, search) = collection::open(common.data())?;
    let results = search.run(&query)?;
    let records: Vec<QuoteRecord> = store.quotes(&results.ids)?;
    match arguments.format {
        OutputFormat::Human => {
            let highlighter = query.highlighter().map_err(crate::search::SearchError::from)?;
            for record in &records {
                writeln!(out, "{}", results::quote(record, &highlighter))?;
            }
        }
        format => print_json(format, &records, out)?,
    }
    out.flush()?;
    if results.total == 0 {
        note(common, &nothing(&store, arguments)?);
        return Ok(Exit::Partly);
    }
    note(common, &shown(query.offset, records.len(), results.total));
    Ok(Exit::Done)
}

/// Prints values as one array or a line each.
pub(super) fn print_json<T: Serialize>(
    format: OutputFormat,
    values: &[T],
    out: &mut dyn Write,
) -> Result<(), CollectionError> {
    if format == OutputFormat::Ndjson {
        for value in values {
            serde_json::to_writer(&mut *out, value).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
    } else {
        serde_json::to_writer_pretty(&mut *out, values).map_err(std::io::Error::from)?;
        writeln!(out)?;
    }
    Ok(())
}

/// A line on standard error, unless the user wants quiet.
#[allow(clippy::print_stderr)]
pub(super) fn note(common: &Common, message: &str) {
    if !common.quiet {
        eprintln!("{message}");
    }
}

fn shown(offset: usize, shown: usize, total: usize) -> String {
    let word = if total == 1 { "quote" } else { "quotes" };
    if shown == total {
        return format!("{total} {word}");
    }
    if shown == 0 {
        return format!("{total} {word} in all, none to show from --offset {offset} on");
    }
    let last = offset + shown;
    let more = if last < total { format!("; --offset {last} for more") } else { String::new() };
    format!("showing {}–{last} of {total} {word}{more}", offset + 1)
}

fn nothing(store: &crate::store::Store, arguments: &SearchArgs) -> Result<String, CollectionError> {
    if store.last_change()? == 0 {
        return Ok("the collection has no quotes yet: run `onrecord crawl`".to_owned());
    }
    let filters = &arguments.filters;
    let hint = if filters.speaker.is_some() {
        "`quotes speakers` lists who is quoted"
    } else if filters.query.is_some() {
        "try fewer or other words, or fewer filters"
    } else {
        "try fewer filters"
    };
    Ok(format!("no quote matches; {hint}"))
}
