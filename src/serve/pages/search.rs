//! The first page: a box, filters with counts, a timeline, the quotes that match.

use std::sync::Arc;

use axum::http::StatusCode;
use clap::ValueEnum;
use maud::{Markup, html};

use super::super::asked::{Asked, Parameters};
use super::super::failure::Failure;
use super::super::filters::{self, FIELDS, PAGING};
use super::super::reply::Reply;
use super::super::state::Reading;
use super::facets::{self, Facets, link};
use super::layout::{self, counted};
use super::{collections, marked, quotation, timeline};
use crate::collection::{Filters, Names, SortArgument};
use crate::domain::folding::folded;
use crate::domain::record::QuoteRecord;
use crate::search::{Highlighter, Query, Results, SearchError, Suggestion};
use crate::store::NamedCollection;

/// Quotes on a page, however many the parameters say: a page stays below 100 KB.
const LIMIT: usize = 20;
/// Longest query that the box takes, in characters: what the query language reads.
const MAX_QUERY: usize = 2_000;

/// Bytes that what was asked for takes on a page that says what is wrong with it: more than any search that
/// somebody typed.
const MAX_FIELDS: usize = 32 * 1024;

/// The orders with words to look for, as the box names them.
const ORDERS: [(SortArgument, &str); 3] = [
    (SortArgument::Relevance, "best match"),
    (SortArgument::Newest, "newest"),
    (SortArgument::Oldest, "oldest"),
];
/// The orders without words: the best match is the newest then, and stays the best match once there are words.
const ORDERS_OF_ALL: [(SortArgument, &str); 2] =
    [(SortArgument::Relevance, "newest"), (SortArgument::Oldest, "oldest")];

/// What a search came to.
struct Found {
    results: Results,
    records: Vec<QuoteRecord>,
    facets: Arc<Facets>,
    names: Names,
    suggestions: Vec<Suggestion>,
    /// Where picked quotes can be put.
    collections: Vec<NamedCollection>,
    /// True where the collection has no quotes at all.
    nothing_yet: bool,
}

/// The quotes that match the parameters; what is wrong with them, beside all that was asked for.
///
/// # Errors
/// [`Failure`] if the collection can't be read.
pub fn page(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    match results(reading, asked) {
        Err(failure) if failure.status == StatusCode::BAD_REQUEST => {
            let title = "A mistake in the search";
            let content = mistaken(&asked.parameters(), &failure, title);
            Ok(Reply::Mistake(layout::page(&asked.visitor, "/", title, &content)))
        }
        done => done,
    }
}

fn results(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.parameters();
    let mut filters = filters::take(&mut parameters, &[FIELDS, PAGING])?;
    parameters.finish()?;
    filters.limit = filters.limit.map(|limit| limit.min(LIMIT));
    let query = Query { alike: true, ..filters.to_query_of(&reading.store, LIMIT)? };
    let highlighter = query.highlighter().map_err(SearchError::from)?;
    let found = load(reading, &query)?;
    let content = draw(&filters, &query, &found, &highlighter, asked);
    Ok(Reply::Page(layout::page(&asked.visitor, "/", &title(&filters), &content)))
}

fn load(reading: &Reading, query: &Query) -> Result<Found, Failure> {
    let (store, search) = (&reading.store, &reading.search);
    let (results, facets, records) = reading.page(query)?;
    // Whom is asked for is called by name too, also where none of their quotes match.
    let chosen = query.identity.iter().map(|identity| (identity.as_str(), identity.as_str()));
    Ok(Found {
        records,
        names: Names::of(store, facets.speakers().chain(chosen))?,
        facets,
        suggestions: if results.total == 0 { search.suggestions(query)? } else { Vec::new() },
        collections: store.named_collections()?,
        nothing_yet: results.total == 0 && store.last_change()? == 0,
        results,
    })
}

fn draw(
    filters: &Filters,
    query: &Query,
    found: &Found,
    highlighter: &Highlighter,
    asked: &Asked,
) -> Markup {
    let total = found.results.total;
    html! {
        h1.unseen { "Quotes in the news" }
        (search_box(filters))
        div.beside {
            div.results {
                (facets::chosen(filters, &found.names))
                @if found.nothing_yet { (nothing_yet()) }
                @else if total == 0 { (nothing_found(filters, found)) }
                @else {
                    (timeline::draw(
                        &found.facets.timeline,
                        |since, until| facets::short_link(&Filters {
                            since: Some(since), until: Some(until), ..first_page(filters)
                        }),
                        &speakers(filters, found),
                    ))
                    section aria-labelledby="found" {
                        div.count {
                            h2 #found { (counted(total as u64, "quote")) }
                            a.to-filters href="#filters" { "Filters" }
                        }
                        @if let Some(alike) = &found.results.alike {
                            p.note {
                                "Nobody is called “" (alike.asked.join("”, “")) "”; these are quotes of "
                                (alike.speakers.join("; ")) "."
                            }
                        }
                        (list(found, highlighter, asked))
                        (layout::paging(
                            query.offset, found.records.len(), query.limit,
                            total.min(filters::MAX_OFFSET + query.limit),
                            |offset| link(&Filters { offset, ..filters.clone() }),
                        ))
                        @if total > filters::MAX_OFFSET + query.limit {
                            p.note { "Pages lead to the first " (layout::grouped(filters::MAX_OFFSET as u64))
                                " quotes; filters and days lead to the others, and the export has all." }
                        }
                        (collections::exports("/api/v1/export", &exported(filters, &found.results)))
                    }
                }
            }
            (facets::draw(filters, &found.facets, &found.names))
        }
    }
}

/// The parameters of a file that has what the page shows: an export has no order and no pages to choose,
/// and takes names alike only where it is asked to.
fn exported(filters: &Filters, results: &Results) -> String {
    let all = Filters { sort: None, limit: None, ..first_page(filters) };
    let mut parameters = filters::encode(&all);
    if results.alike.is_some() {
        parameters.push_str("&alike=true");
    }
    parameters
}

/// The speakers of the timeline: what each is called, and where the quotes of that one are.
fn speakers(filters: &Filters, found: &Found) -> Vec<(String, Option<String>)> {
    let timeline = &found.facets.timeline;
    let speaker = |(name, identity): (&String, &Option<String>)| {
        let one = Filters {
            speaker: identity.is_none().then(|| name.clone()),
            speaker_id: identity.clone(),
            ..first_page(filters)
        };
        let called = found.names.name(identity.as_deref(), name).to_owned();
        (called, facets::short_link(&one))
    };
    timeline.speakers.iter().zip(&timeline.identities).map(speaker).collect()
}

/// The quotes, in a form by which a visitor who may change things picks some.
fn list(found: &Found, highlighter: &Highlighter, asked: &Asked) -> Markup {
    let picks = asked.visitor.may_change();
    let quotes = html! {
        ol.quotes {
            @for record in &found.records { li { (quotation::item(record, highlighter, picks)) } }
        }
    };
    html! {
        @if picks {
            form method="post" action="/collections/pick" {
                (quotes)
                (collections::picking(&found.collections, asked))
            }
        } @else { (quotes) }
    }
}

fn search_box(filters: &Filters) -> Markup {
    let (orders, chosen) = match (&filters.query, filters.sort) {
        (Some(_), sort) => (&ORDERS[..], sort.unwrap_or(SortArgument::Relevance)),
        (None, Some(SortArgument::Oldest)) => (&ORDERS_OF_ALL[..], SortArgument::Oldest),
        (None, _) => (&ORDERS_OF_ALL[..], SortArgument::Relevance),
    };
    html! {
        form.box #search action="/" method="get" role="search" {
            label for="q" { "Words of a quote, or about its speaker" }
            div.line {
                input #q type="search" name="q" value=[filters.query.as_deref()] maxlength=(MAX_QUERY)
                    dir="auto" autocomplete="off" spellcheck="false" aria-describedby="hint";
                button { "Search" }
            }
            div.line.below {
                p #hint.hint {
                    code { "\"exact words\"" } " " code { "begin*" } " " code { "-without" } " " code { "OR" }
                    " " code { "role:minister" } " " code { "title:treaty" }
                }
                p {
                    label for="sort" { "Order" } " "
                    select #sort name="sort" {
                        @for (sort, name) in orders {
                            option value=[filters::named(*sort)] selected[*sort == chosen] { (name) }
                        }
                    }
                }
            }
            @if let Some(id) = &filters.speaker_id {
                input type="hidden" name="speaker_id" value=(id);
            }
            @if let Some(limit) = filters.limit { input type="hidden" name="limit" value=(limit); }
        }
    }
}

/// What is wrong with a search, and all that was asked for as it was written, to be mended: a field for
/// each parameter that there is, the wrong one with its message.
fn mistaken(parameters: &Parameters, failure: &Failure, title: &str) -> Markup {
    let mut room = MAX_FIELDS;
    let given: Vec<(&str, &str)> = parameters
        .given()
        .filter(|(name, _)| FIELDS.iter().chain(PAGING).any(|field| field.name == *name))
        .filter(|(_, value)| {
            let left = room.checked_sub(marked::weight(value));
            room = left.unwrap_or(room);
            left.is_some()
        })
        .collect();
    let first = |wanted: &str| given.iter().find(|(name, _)| *name == wanted).map(|(_, it)| *it);
    // The box has fields for these two.
    let boxed = Filters {
        query: first("q").map(str::to_owned),
        sort: first("sort").and_then(|sort| SortArgument::from_str(sort, false).ok()),
        ..Filters::default()
    };
    let fields: Vec<(&str, &str)> =
        given.iter().filter(|(name, _)| !matches!(*name, "q" | "sort")).copied().collect();
    let wrong = failure.parameter.as_deref();
    let message = wrong.and_then(|name| failure.message.strip_prefix(name)?.strip_prefix(": "));
    let message = message.unwrap_or(&failure.message);
    let (what, place) = message.split_once('\n').unwrap_or((message, ""));
    let says = html! {
        p.problem #mistake role="alert" {
            @if let Some(name) = wrong.filter(|name| *name != "q") { (name.replace('_', " ")) ": " }
            (what)
        }
        @if !place.is_empty() { pre.caret { (place) } }
    };
    let last_wrong = fields.iter().rposition(|(name, _)| wrong == Some(*name));
    html! {
        h1.unseen { (title) }
        (search_box(&boxed))
        div.narrow {
            @if last_wrong.is_none() { (says) }
            @for (number, (name, value)) in fields.iter().enumerate() {
                @let (id, is_wrong) = (format!("given-{number}"), wrong == Some(*name));
                p {
                    label for=(id) { (name.replace('_', " ")) } " "
                    input type="text" #(id) name=(name) form="search" value=(value) dir="auto"
                        autocomplete="off" aria-invalid=[is_wrong.then_some("true")]
                        aria-describedby=[is_wrong.then_some("mistake")];
                }
                @if last_wrong == Some(number) { (says) }
            }
        }
    }
}

fn nothing_yet() -> Markup {
    html! {
        h2 { "The collection has no quotes yet" }
        p {
            "Run " code { "onrecord crawl" } " to fill it: what it finds shows here within seconds. "
            "Where feeds fail or pages are left out, " a href="/feeds" { "Feeds" } " says why."
        }
    }
}

fn nothing_found(filters: &Filters, found: &Found) -> Markup {
    html! {
        h2 { "No quote matches" }
        @for Suggestion { word, instead } in &found.suggestions {
            p.note {
                "Did you mean "
                @match with_instead(filters, word, instead) {
                    Some(other) => a href=(link(&other)) { "“" (instead) "”" },
                    None => { "“" (instead) "”" }
                }
                " for “" (word) "”?"
            }
        }
        @if !found.results.too_short.is_empty() {
            p.note {
                "Nobody is called “" (found.results.too_short.join("”, “")) "”, and so short a name is not \
                looked for in other spellings."
            }
        }
        p {
            @if filters.speaker.is_some() {
                "The " a href="/speakers" { "list of speakers" } " says who is quoted. "
            }
            "Fewer words or fewer filters find more. " a href="/" { "Start again" }
        }
    }
}

/// The filters with `instead` in the place of `word`, wherever it stands in them as a word.
fn with_instead(filters: &Filters, word: &str, instead: &str) -> Option<Filters> {
    let mut other = first_page(filters);
    let fields = [
        &mut other.query,
        &mut other.speaker,
        &mut other.role,
        &mut other.affiliation,
        &mut other.outlet,
    ];
    let mut replaced = false;
    for text in fields.into_iter().flatten() {
        let mut corrected = String::with_capacity(text.len() + instead.len());
        for part in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
            let bare = part.trim_end_matches(|c: char| !c.is_alphanumeric());
            if folded(bare) == word {
                corrected.push_str(instead);
                corrected.push_str(&part[bare.len()..]);
                replaced = true;
            } else {
                corrected.push_str(part);
            }
        }
        *text = corrected;
    }
    replaced.then_some(other)
}

fn first_page(filters: &Filters) -> Filters {
    Filters { offset: 0, ..filters.clone() }
}

fn title(filters: &Filters) -> String {
    /// Characters of a query that a tab shows.
    const SHOWN: usize = 60;
    filters.query.as_deref().map_or_else(
        || "Quotes".to_owned(),
        |query| format!("{} – quotes", layout::cut(query, SHOWN).0),
    )
}
