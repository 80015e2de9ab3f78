//! A quote: one attribution relation of source, cue and content.
//!
//! `S` is who has the words: a `String` of the quote's own where it is kept, a [`Cow`] of the article's
//! text where it was just found, since a quote prints parts of that text a dozen times. `N` is what its
//! names are: the digits that are printed, or the number they come from; `P` is what its parts stand in,
//! of which there is mostly one.

use std::borrow::Cow;
use std::ops::Deref;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::hash::Name;
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
pub struct Quote<S = String, N = String, P = Vec<Span<S>>> {
    /// Stable name of the quote: from the article's key and the quote's words, not from its place.
    pub id: N,
    /// How much of it is in quotation marks.
    pub kind: QuoteKind,
    /// What a person reads as the quote: verbatim parts joined with ` … `, or the content if indirect.
    pub text: S,
    /// What is reported, quotation marks included; ordered, not overlapping.
    pub content: P,
    /// The parts inside the outermost quotation marks, marks excluded; empty if indirect.
    pub verbatim: P,
    /// The mention that the words are attributed to ("he").
    pub source: Option<Span<S>>,
    /// The word or phrase that attributes them ("said").
    pub cue: Option<Span<S>>,
    /// Whom the source resolves to.
    pub speaker: Option<Speaker<S, N>>,
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

/// A list of mostly one, which takes no memory of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Few<T> {
    /// One, or none yet.
    One(Option<T>),
    /// More.
    Several(Vec<T>),
}

impl<T> Few<T> {
    /// Adds one at the end.
    pub fn push(&mut self, item: T) {
        match self {
            Self::One(first) => match first.take() {
                None => *first = Some(item),
                Some(known) => *self = Self::Several(vec![known, item]),
            },
            Self::Several(items) => items.push(item),
        }
    }

    /// The same as a vector.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(item) => item.into_iter().collect(),
            Self::Several(items) => items,
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self::One(None)
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::One(item) => item.as_slice(),
            Self::Several(items) => items,
        }
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Serialize> Serialize for Few<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

/// A quote whose words are the article's: what extraction gives back.
pub type Found<'a> = Quote<Cow<'a, str>, Name, Few<Span<Cow<'a, str>>>>;

impl Found<'_> {
    /// The same quote with words of its own, to keep it longer than the article's text.
    #[must_use]
    pub fn into_owned(self) -> Quote {
        let owned = |spans: Few<Span<Cow<'_, str>>>| {
            spans.into_vec().into_iter().map(Span::into_owned).collect()
        };
        Quote {
            id: self.id.into(),
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
