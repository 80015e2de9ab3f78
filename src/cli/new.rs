//! `quotes new`: what has come since a saved search was asked last; the list of saved searches.

use std::fs::{File, TryLockError};
use std::io::Write;

use clap::Args;
use jiff::Timestamp;

use super::args::Common;
use super::exit::Exit;
use super::print;
use super::results;
use super::search::{OutputFormat, instead, note, print_json, print_quotes};
use super::table::{number, render, text, word};
use crate::collection::Filters;
use crate::collection::{self, CollectionError};
use crate::search::{Alike, Query, Search, Sort};
use crate::store::{SavedSearch, Store};

/// The file in the data folder whose lock says that a `quotes new` is printing.
const LOCK: &str = "new.lock";
/// Quotes that are read and printed at a time: bounds memory, whatever has come.
const AT_ONCE: usize = 500;

/// Arguments of `quotes new`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  quotes search treaty --watch-name treaty   saves a search
  quotes new treaty                          what has come since it was saved or asked last
  quotes new treaty --peek                   the same, and it stays new
  quotes new                                 every saved search, and how much is new
  quotes new --forget treaty                 deletes it

A quote is new until it was printed. If printing is cut short, all of it is
printed again next time.")]
pub struct NewArgs {
    /// The saved search; without it, all are listed
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Leave what is printed new
    #[arg(long, requires = "name")]
    pub peek: bool,
    /// Most quotes to print, oldest first; the others stay new
    #[arg(long, value_name = "N", requires = "name")]
    pub limit: Option<usize>,
    /// Delete this saved search
    #[arg(long, value_name = "NAME", conflicts_with_all = ["name", "format"])]
    pub forget: Option<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: OutputFormat,
}

/// Prints what is new to the search to `out`, or the list of saved searches.
///
/// # Errors
/// [`CollectionError`] if there is no such search, or the collection can't be read or `out` not
/// written; then what was new stays new.
pub fn run(
    common: &Common,
    arguments: &NewArgs,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    if let Some(name) = &arguments.forget {
        let mut store = Store::open_existing(common.data())?;
        if !store.forget_search(name)? {
            return Err(unknown(&store, name)?);
        }
        note(common, &format!("forgot “{name}”"));
        return Ok(Exit::Done);
    }
    let (mut store, search) = collection::open(common.data())?;
    let Some(name) = &arguments.name else {
        return list(common, arguments.format, &store, &search, out);
    };
    let Some(saved) = store.saved_search(name)? else { return Err(unknown(&store, name)?) };
    // Two at a time would print the same quotes.
    let _lock = if arguments.peek { None } else { Some(lock(common)?) };
    let (query, mut ids, alike) = unseen(&store, &search, &saved)?;
    let all = ids.len();
    ids.truncate(arguments.limit.unwrap_or(all));
    if arguments.format == OutputFormat::Json {
        print_quotes(arguments.format, &query, &store.quotes(&ids)?, out)?;
    } else {
        for chunk in ids.chunks(AT_ONCE) {
            print_quotes(arguments.format, &query, &store.quotes(chunk)?, out)?;
        }
    }
    out.flush()?;
    if !arguments.peek {
        store.together(|store| {
            store.mark_seen(name, &ids)?;
            store.mark_asked(name, Timestamp::now())
        })?;
    }
    let since = saved.asked.unwrap_or(saved.saved);
    let since = since.strftime("%Y-%m-%d %H:%M UTC");
    if all == 0 {
        note(common, &format!("nothing new since {since}"));
        return Ok(Exit::Partly);
    }
    alike.iter().for_each(|alike| note(common, &instead(alike)));
    let more = if ids.len() < all { format!("; {} more", all - ids.len()) } else { String::new() };
    note(common, &format!("{} new since {since}{more}", print::counted(ids.len() as u64, "quote")));
    Ok(Exit::Done)
}

/// The query of a saved search, the quotes that are new to it, oldest first, and whose they are if
/// nobody is called as asked.
fn unseen(
    store: &Store,
    search: &Search,
    saved: &SavedSearch,
) -> Result<(Query, Vec<String>, Option<Alike>), CollectionError> {
    let filters: Filters = serde_json::from_str(&saved.filters).map_err(|cause| {
        CollectionError::Arguments(format!(
            "the saved search “{}” can't be read ({cause}): `quotes new --forget '{}'` deletes it",
            saved.name, saved.name
        ))
    })?;
    let asked = filters.to_query_of(store, usize::MAX)?;
    let query = Query { sort: Sort::Oldest, limit: usize::MAX, alike: true, ..asked };
    let mut unseen = Vec::new();
    for ids in search.pages(&query)? {
        unseen.extend(store.unseen(&saved.name, ids?)?);
    }
    let alike = search.run(&Query { limit: 0, ..query.clone() })?.alike;
    Ok((query, unseen, alike))
}

fn lock(common: &Common) -> Result<File, CollectionError> {
    let path = common.data().join(LOCK);
    let failed = |cause| CollectionError::File { path: path.clone(), cause };
    let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(CollectionError::Arguments(
            "another `quotes new` is printing: wait until it has ended".to_owned(),
        )),
        Err(TryLockError::Error(cause)) => Err(failed(cause)),
    }
}

fn unknown(store: &Store, name: &str) -> Result<CollectionError, CollectionError> {
    let names: Vec<String> = store.saved_searches()?.into_iter().map(|saved| saved.name).collect();
    let there = if names.is_empty() {
        "none is saved yet; `quotes search … --watch-name NAME` saves one".to_owned()
    } else {
        format!("there are {}", names.join(", "))
    };
    Ok(CollectionError::Arguments(format!("there is no saved search “{name}”: {there}")))
}

/// A saved search, as JSON has it.
#[derive(serde::Serialize)]
struct Listed<'a> {
    name: &'a str,
    search: String,
    new: usize,
    saved: Timestamp,
    asked: Option<Timestamp>,
}

fn list(
    common: &Common,
    format: OutputFormat,
    store: &Store,
    search: &Search,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    let searches = store.saved_searches()?;
    let mut listed = Vec::with_capacity(searches.len());
    for saved in &searches {
        let filters: Filters = serde_json::from_str(&saved.filters).unwrap_or_default();
        let (_, ids, _) = unseen(store, search, saved)?;
        listed.push(Listed {
            name: &saved.name,
            search: filters.to_string(),
            new: ids.len(),
            saved: saved.saved,
            asked: saved.asked,
        });
    }
    if format != OutputFormat::Human {
        print_json(format, &listed, out)?;
    } else if !listed.is_empty() {
        let day = |at: Timestamp| results::day(&at.to_string());
        let rows: Vec<Vec<String>> = listed
            .iter()
            .map(|one| {
                let asked = one.asked.map_or("never".to_owned(), day);
                vec![one.name.to_owned(), one.new.to_string(), asked, one.search.clone()]
            })
            .collect();
        let columns = [word("name"), number("new"), word("asked"), text("search")];
        writeln!(out, "{}", render(&columns, &rows, print::width()))?;
    }
    out.flush()?;
    if listed.is_empty() {
        note(common, "no search is saved; `quotes search … --watch-name NAME` saves one");
        return Ok(Exit::Partly);
    }
    Ok(Exit::Done)
}
