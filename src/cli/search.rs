//! `quotes search`: the quotes that match, for people or programs.

use std::io::Write;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;

use super::args::Common;
use super::exit::Exit;
use super::print;
use super::results;
use super::table::{number, render, text};
use crate::collection::{self, CollectionError};
use crate::collection::{Filters, Names};
use crate::domain::record::QuoteRecord;
use crate::search::{Alike, CountBy, Query, Search, Threads};
use crate::store::{SavedSearch, Store};

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
  quotes search '\"rights groups\"~3 cyber*'      words near each other, beginnings of words
  quotes search 'role:minister title:treaty'    words in one field
  quotes search 'russia OR china' --since 2024-01-01
  quotes search --speaker rodriguez --kind direct --sort newest
  quotes search --affiliation \"foreign ministry\" --format json
  quotes search treaty --count-by speaker       who says how much about it
  quotes search treaty --watch-name treaty      saves the search; then: quotes new treaty

Words are looked for in the quote and in its speaker's name, role and
affiliation; with one of speaker: role: affiliation: outlet: title: topic:
kind: before them, there only. If nobody is called as --speaker says, names
that are written or sound nearly so are found, and it is said so. A query that
begins with - follows a --: quotes search -- '-privacy treaty'")]
pub struct SearchArgs {
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: OutputFormat,
    /// Print how many quotes match by speaker, role, affiliation, outlet, month or kind, not the quotes
    #[arg(long, value_name = "WHAT")]
    pub count_by: Option<CountBy>,
    /// Save the search under this name; `quotes new NAME` then prints what comes new
    #[arg(long, value_name = "NAME", conflicts_with_all = ["count_by", "offset"], value_parser = name)]
    pub watch_name: Option<String>,
    /// What to look for.
    #[command(flatten)]
    pub filters: Filters,
}

/// A name that a search can be saved under.
fn name(text: &str) -> Result<String, String> {
    /// Longer ones don't fit the list of them.
    const MAX_NAME: usize = 60;
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err("a name has letters".to_owned());
    }
    if text.chars().count() > MAX_NAME {
        return Err(format!("a name has {MAX_NAME} letters at most"));
    }
    Ok(text.trim().to_owned())
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
    arguments.filters.to_query(LIMIT)?;
    let (mut store, search) = collection::open(common.data())?;
    let search = search.in_threads(&Threads::start());
    let query = Query { alike: true, ..arguments.filters.to_query_of(&store, LIMIT)? };
    if let Some(by) = arguments.count_by {
        return count(common, arguments, &query, by, (&store, &search), out);
    }
    let results = search.run(&query)?;
    let records: Vec<QuoteRecord> = store.quotes(&results.ids)?;
    print_quotes(arguments.format, &query, &records, out)?;
    out.flush()?;
    if results.total == 0 {
        note(common, &nothing(&store, &search, &arguments.filters, &query)?);
    } else {
        results.alike.iter().for_each(|alike| note(common, &instead(alike)));
        note(common, &shown(query.offset, records.len(), results.total));
    }
    if let Some(name) = &arguments.watch_name {
        save(&mut store, &search, name, &arguments.filters)?;
        note(
            common,
            &format!("saved as “{name}”; `quotes new '{name}'` prints what comes from now on"),
        );
        return Ok(Exit::Done);
    }
    Ok(if results.total == 0 { Exit::Partly } else { Exit::Done })
}

/// Prints quotes as results of `query`.
pub(super) fn print_quotes(
    format: OutputFormat,
    query: &Query,
    records: &[QuoteRecord],
    out: &mut dyn Write,
) -> Result<(), CollectionError> {
    if format != OutputFormat::Human {
        return print_json(format, records, out);
    }
    let highlighter = query.highlighter().map_err(crate::search::SearchError::from)?;
    for record in records {
        writeln!(out, "{}", results::quote(record, &highlighter))?;
    }
    Ok(())
}

/// Prints how many quotes have each value.
fn count(
    common: &Common,
    arguments: &SearchArgs,
    query: &Query,
    by: CountBy,
    (store, search): (&Store, &Search),
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    // Exact: a count is not looked through as quotes are.
    let query = Query { alike: false, ..query.clone() };
    let counts = search.count(&query, by, usize::MAX)?;
    let rows: Vec<_> = counts.rows.iter().skip(query.offset).take(query.limit).collect();
    if arguments.format == OutputFormat::Human {
        let speakers =
            rows.iter().filter_map(|row| row.identity.as_deref().zip(row.value.as_deref()));
        let names = Names::of(store, speakers)?;
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let value = row.value.as_deref();
                let value = value.map(|value| names.name(row.identity.as_deref(), value));
                let value = value.map_or("(not stated)".to_owned(), print::printable);
                vec![row.quotes.to_string(), value]
            })
            .collect();
        if !cells.is_empty() {
            writeln!(
                out,
                "{}",
                render(&[number("quotes"), text(by.as_str())], &cells, print::width())
            )?;
        }
    } else {
        print_json(arguments.format, &rows, out)?;
    }
    out.flush()?;
    if counts.total == 0 {
        note(common, &nothing(store, search, &arguments.filters, &query)?);
        return Ok(Exit::Partly);
    }
    let quotes = print::counted(counts.total, "quote");
    let more = match counts.rows.len() {
        all if rows.len() < all => {
            format!("; showing {} of {all} rows, --limit for more", rows.len())
        }
        _ => String::new(),
    };
    note(common, &format!("{quotes}{more}"));
    Ok(Exit::Done)
}

/// Saves the search; what it finds now is not new to it.
fn save(
    store: &mut Store,
    search: &Search,
    name: &str,
    filters: &Filters,
) -> Result<(), CollectionError> {
    let everything =
        Query { limit: usize::MAX, alike: true, ..filters.to_query_of(store, usize::MAX)? };
    let text = serde_json::to_string(filters).map_err(std::io::Error::from)?;
    let saved =
        SavedSearch { name: name.to_owned(), filters: text, saved: Timestamp::now(), asked: None };
    // A page at a time: memory is the same for any number of quotes.
    let is_saved = store.together(|store| -> Result<bool, CollectionError> {
        if !store.save_search(&saved)? {
            return Ok(false);
        }
        for seen in search.pages(&everything)? {
            store.mark_seen(name, &seen?)?;
        }
        Ok(true)
    })?;
    if is_saved {
        return Ok(());
    }
    Err(CollectionError::Arguments(format!(
        "there is a saved search “{name}” already: choose another name, or `quotes new --forget '{name}'`"
    )))
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
    let more =
        if last < total { format!("; --offset {last} or --limit for more") } else { String::new() };
    format!("showing {}–{last} of {total} {word}{more}", offset + 1)
}

/// Says that other names were found than the one asked for.
pub(super) fn instead(alike: &Alike) -> String {
    let speakers: Vec<String> = alike.speakers.iter().map(|name| print::printable(name)).collect();
    format!(
        "nobody is called “{}”; these are quotes of {}",
        print::printable(&alike.asked.join("”, “")),
        speakers.join("; ")
    )
}

/// What to do where no quote matches.
pub(super) fn nothing(
    store: &Store,
    search: &Search,
    filters: &Filters,
    query: &Query,
) -> Result<String, CollectionError> {
    if store.last_change()? == 0 {
        return Ok("the collection has no quotes yet: run `onrecord crawl`".to_owned());
    }
    if let Some(topic) = &filters.topic {
        let known = search.topics()?;
        if !known.contains(topic) {
            return Ok(format!(
                "no quote is of the topic {}; there are: {}",
                print::printable(topic),
                known.join(", ")
            ));
        }
    }
    let suggestions = search.suggestions(query)?;
    if !suggestions.is_empty() {
        let words: Vec<String> = suggestions
            .iter()
            .map(|one| format!("“{}” for “{}”", one.instead, print::printable(&one.word)))
            .collect();
        return Ok(format!("no quote matches; did you mean {}?", words.join(", ")));
    }
    let hint = if filters.speaker.is_some() {
        "`quotes speakers` lists who is quoted"
    } else if filters.query.is_some() {
        "try fewer or other words, or fewer filters"
    } else {
        "try fewer filters"
    };
    Ok(format!("no quote matches; {hint}"))
}
