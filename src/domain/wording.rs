//! How two wordings differ, and what the quotes of one statement come to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::date::PageDate;

/// What became of a stretch of words from one wording to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Both have it.
    Kept,
    /// Only the first has it.
    Removed,
    /// Only the second has it.
    Added,
}

/// A stretch of words that is kept, removed or added. The kept and removed stretches in order are the
/// first wording, the kept and added ones the second; kept ones are spelled as the second has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// What became of it.
    pub change: Change,
    /// The words with what stands between and after them.
    pub text: String,
}

/// How alike two wordings of one statement are, from the same to what an editor looks into.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Likeness {
    /// The same words; case and punctuation may differ.
    Same,
    /// One has a part of the other: it begins later, ends sooner, or leaves words out where it says
    /// so (an ellipsis, a break for the attribution, brackets).
    Cut,
    /// Words differ inside what both quote.
    Altered,
}

impl Likeness {
    /// The word for it in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Cut => "cut",
            Self::Altered => "altered",
        }
    }
}

/// A quote as one of several that have the same words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Occurrence {
    /// The quote's id.
    pub id: String,
    /// Its words.
    pub text: String,
    /// Whom they are attributed to, by name.
    pub speaker: Option<String>,
    /// The outlet.
    pub outlet: String,
    /// The article's id.
    pub article: String,
    /// The article's headline.
    pub title: Option<String>,
    /// Its URL.
    pub url: String,
    /// When the page says it was published.
    pub published: Option<PageDate>,
    /// When the quote was first seen, RFC 3339 UTC.
    pub first_seen: String,
    /// False where the newest version of the article no longer has it.
    pub current: bool,
}

/// A quote of another article held against one wording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Elsewhere {
    /// The quote.
    #[serde(flatten)]
    pub occurrence: Occurrence,
    /// How alike it is.
    pub likeness: Likeness,
    /// What became of the words; empty if they are the same.
    pub difference: Vec<Segment>,
}

/// One statement that several outlets quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// The cluster's id: the id of its first quote.
    pub id: String,
    /// The wording that the others are held against: the longest.
    pub wording: Occurrence,
    /// Outlets that quote it, in alphabetical order.
    pub outlets: Vec<String>,
    /// All other quotes of it: altered ones first, then cut ones, each by outlet.
    pub others: Vec<Elsewhere>,
    /// True where another outlet has other words inside what both quote.
    pub altered: bool,
}
