//! Quotes: those that match, one by id.

use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::filters::{self, FIELDS, LIMIT, MAX_OFFSET, PAGING};
use super::super::reply::Reply;
use super::super::state::Reading;
use super::{Listed, next};
use crate::domain::record::QuoteRecord;
use crate::search::{Alike, Highlighter, Part, SearchError, Suggestion};

/// Quotes that match.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    /// The quotes.
    #[serde(flatten)]
    pub quotes: Listed<FoundQuote>,
    /// Set where nobody is called as asked, and others were found instead.
    pub alike: Option<Alike>,
    /// Names that nobody has and that are too short to look for others like them.
    pub too_short: Vec<String>,
    /// Where nothing was found: words of the collection for those that it doesn't have.
    pub suggestions: Vec<Suggestion>,
}

/// A quote that matches.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundQuote {
    /// The quote.
    #[serde(flatten)]
    pub record: QuoteRecord,
    /// Where the words looked for stand.
    pub highlights: Highlights,
}

/// Where the words looked for stand in a quote: offsets in code points of each text, ends exclusive.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Highlights {
    /// In the quote's `text`.
    pub text: Vec<Place>,
    /// In the speaker's name.
    pub name: Vec<Place>,
    /// In the speaker's role.
    pub role: Vec<Place>,
    /// In the speaker's affiliation.
    pub affiliation: Vec<Place>,
}

/// A stretch of a text.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Place {
    /// Where it begins, in code points.
    pub start: usize,
    /// Where it ends, in code points, exclusive.
    pub end: usize,
}

/// The quotes that match the parameters.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn list(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let filters = filters::take(&mut parameters, &[FIELDS, PAGING])?;
    parameters.finish()?;
    let query = reading.query(&filters, LIMIT)?;
    let results = reading.search.run(&query)?;
    let suggestions =
        if results.total == 0 { reading.search.suggestions(&query)? } else { Vec::new() };
    let highlighter = query.highlighter().map_err(SearchError::from)?;
    let items = reading
        .store
        .quotes(&results.ids)?
        .into_iter()
        .map(|record| FoundQuote { highlights: highlights(&record, &highlighter), record });
    let next = next(asked, &filters, results.total.min(MAX_OFFSET + query.limit));
    let quotes = Listed { total: Some(results.total), next, items: items.collect() };
    Reply::json(&Found { quotes, alike: results.alike, too_short: results.too_short, suggestions })
}

/// The quote of the id in the path, with everything about it.
///
/// # Errors
/// [`Failure`] if there is none, or the collection can't be read.
pub fn one(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    let id = asked.part("quote").trim().to_lowercase();
    match reading.store.quote_details(&id)? {
        Some(details) => Reply::json(&details),
        None => Err(Failure::not_found("no quote has this id")),
    }
}

fn highlights(record: &QuoteRecord, highlighter: &Highlighter) -> Highlights {
    let language = record.article.language.as_deref();
    let places = |text: &str, part| points(text, &highlighter.ranges(text, part, language));
    let speaker = record.quote.speaker.as_ref();
    let of_speaker = |text: Option<&str>| places(text.unwrap_or_default(), Part::Speaker);
    Highlights {
        text: places(&record.quote.text, Part::Words),
        name: of_speaker(speaker.map(|it| it.name.as_str())),
        role: of_speaker(speaker.and_then(|it| it.role.as_deref())),
        affiliation: of_speaker(speaker.and_then(|it| it.affiliation.as_deref())),
    }
}

/// Ranges of bytes in order → places in code points, in one walk.
fn points(text: &str, ranges: &[Range<usize>]) -> Vec<Place> {
    let (mut byte, mut point) = (0, 0);
    let mut to_point = |to: usize| {
        point += text.get(byte..to).map_or(0, |between| between.chars().count());
        byte = to;
        point
    };
    ranges
        .iter()
        .map(|range| Place { start: to_point(range.start), end: to_point(range.end) })
        .collect()
}
