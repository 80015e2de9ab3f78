//! Quotes out of text: who said what, in which words.
//!
//! Text → attribution relations with resolved speakers. Pure: no I/O, no clock. Refuses to guess: a
//! quote whose speaker the text does not show has none.

mod lexicon;
mod marks;
mod tokens;

use crate::domain::quote::Quote;

/// What the extractor is given: one article's text and what is known about it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Document<'a> {
    /// Stable name of the article; quote ids derive from it.
    pub key: &'a str,
    /// The text that offsets count in, paragraphs split by line breaks.
    pub text: &'a str,
    /// The headline; a name may stand in full only there.
    pub title: Option<&'a str>,
    /// The authors' names: they are nobody's speakers unless the text says so.
    pub byline: &'a [String],
    /// The outlet ("told Newsweek").
    pub outlet: Option<&'a str>,
    /// ISO 639-1 code, if known.
    pub language: Option<&'a str>,
}

/// Every quote of the document, in the order of their first content span. Never fails, any input.
#[must_use]
pub fn extract(document: &Document<'_>) -> Vec<Quote> {
    let _ = document;
    Vec::new()
}
