//! A quote: one attribution relation of source, cue and content.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::speaker::Speaker;

/// A stretch of an article's text. `start` and `end` count Unicode code points, `end` exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// The text between them, byte for byte.
    pub text: String,
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
pub struct Quote {
    /// Stable name of the quote: from the article's key and the quote's words, not from its place.
    pub id: String,
    /// How much of it is in quotation marks.
    pub kind: QuoteKind,
    /// What a person reads as the quote: verbatim parts joined with ` … `, or the content if indirect.
    pub text: String,
    /// What is reported, quotation marks included; ordered, not overlapping.
    pub content: Vec<Span>,
    /// The parts inside the outermost quotation marks, marks excluded; empty if indirect.
    pub verbatim: Vec<Span>,
    /// The mention that the words are attributed to ("he").
    pub source: Option<Span>,
    /// The word or phrase that attributes them ("said").
    pub cue: Option<Span>,
    /// Whom the source resolves to.
    pub speaker: Option<Speaker>,
    /// Probability that the speaker is right, 0 to 1.
    pub confidence: f64,
    /// Up to 32 code points before the content.
    pub prefix: String,
    /// Up to 32 code points after the content.
    pub suffix: String,
    /// Index of the paragraph in which the content starts, from 0.
    pub paragraph: usize,
}

impl Quote {
    /// The words as print sets them: in quotation marks, unless they are a report of the content.
    #[must_use]
    pub fn printed_words(&self) -> String {
        if self.verbatim.is_empty() { self.text.clone() } else { format!("“{}”", self.text) }
    }
}
