//! A quote: one attribution relation of source, cue and content.
//!
//! `S` is who has the words: a `String` of the quote's own where it is kept, a [`Cow`] of the article's
//! text where it was just found, since a quote prints parts of that text a dozen times.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::speaker::Speaker;

/// A stretch of an article's text. `start` and `end` count Unicode code points, `end` exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Span")]
pub struct Span<S = String> {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// The text between them, byte for byte.
    pub text: S,
}

/// How much of the content stands in quotation marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum QuoteKind {
    /// All of it.
    Direct,
    /// Some of it.
    Mixed,
    /// None of it.
    Indirect,
}

impl QuoteKind {
    /// Every kind, in the order users read them.
    pub const ALL: [Self; 3] = [Self::Direct, Self::Mixed, Self::Indirect];

    /// The word for it in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Mixed => "mixed",
            Self::Indirect => "indirect",
        }
    }
}

/// One attribution relation in an article, as contract prints it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Quote")]
pub struct Quote<S = String> {
    /// Stable name of the quote: from the article's key and the quote's words, not from its place.
    pub id: String,
    /// How much of it is in quotation marks.
    pub kind: QuoteKind,
    /// What a person reads as the quote: verbatim parts joined with ` … `, or the content if indirect.
    pub text: S,
    /// What is reported, quotation marks included; ordered, not overlapping.
    pub content: Vec<Span<S>>,
    /// The parts inside the outermost quotation marks, marks excluded; empty if indirect.
    pub verbatim: Vec<Span<S>>,
    /// The mention that the words are attributed to ("he").
    pub source: Option<Span<S>>,
    /// The word or phrase that attributes them ("said").
    pub cue: Option<Span<S>>,
    /// Whom the source resolves to.
    pub speaker: Option<Speaker<S>>,
    /// Probability that the speaker is right, 0 to 1.
    pub confidence: f64,
    /// Up to 32 code points before the content.
    pub prefix: S,
    /// Up to 32 code points after the content.
    pub suffix: S,
    /// Index of the paragraph in which the content starts, from 0.
    pub paragraph: usize,
}

impl Span<Cow<'_, str>> {
    /// The same span with words of its own.
    #[must_use]
    pub fn into_owned(self) -> Span {
        Span { start: self.start, end: self.end, text: self.text.into_owned() }
    }
}

/// A quote whose words are the article's: what extraction gives back.
pub type Found<'a> = Quote<Cow<'a, str>>;

impl Found<'_> {
    /// The same quote with words of its own, to keep it longer than the article's text.
    #[must_use]
    pub fn into_owned(self) -> Quote {
        let owned =
            |spans: Vec<Span<Cow<'_, str>>>| spans.into_iter().map(Span::into_owned).collect();
        Quote {
            id: self.id,
            kind: self.kind,
            text: self.text.into_owned(),
            content: owned(self.content),
            verbatim: owned(self.verbatim),
            source: self.source.map(Span::into_owned),
            cue: self.cue.map(Span::into_owned),
            speaker: self.speaker.map(Speaker::into_owned),
            confidence: self.confidence,
            prefix: self.prefix.into_owned(),
            suffix: self.suffix.into_owned(),
            paragraph: self.paragraph,
        }
    }
}

impl Quote {
    /// The words as print sets them: in quotation marks, unless they are a report of the content.
    #[must_use]
    pub fn printed_words(&self) -> String {
        if self.verbatim.is_empty() { self.text.clone() } else { format!("“{}”", self.text) }
    }
}
