//! What the store gives back: a quote together with where it was found.
//!
//! This is also what search prints and export writes.

use serde::{Deserialize, Serialize};

use super::article::Notice;
use super::date::PageDate;
use super::quote::Quote;

/// The article version that a quote stands in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArticleRef {
    /// The article's stable name, from its URL.
    pub id: String,
    /// Its canonical URL, or the one it was fetched from.
    pub url: String,
    /// Its headline.
    pub title: Option<String>,
    /// Its authors.
    pub byline: Vec<String>,
    /// Its outlet.
    pub outlet: String,
    /// The feed that named it, if it came by one.
    pub feed: Option<String>,
    /// The topics it was kept for.
    pub topics: Vec<String>,
    /// When the page says it was published.
    pub published: Option<PageDate>,
    /// When the page says it was changed.
    pub modified: Option<PageDate>,
    /// ISO 639-1 code.
    pub language: Option<String>,
    /// The version that the offsets count in, from 1.
    pub version: u32,
    /// BLAKE3 of that version's text, hexadecimal.
    pub text_hash: String,
    /// When that version was fetched, RFC 3339 UTC.
    pub fetched: String,
    /// Where the fetched page itself is kept, if it is.
    pub snapshot: Option<Snapshot>,
    /// The outlet's own notices in that version.
    pub notices: Vec<Notice>,
}

/// Where a fetched page is kept: a record of a WARC file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The file's name under `warc/` of the data folder.
    pub file: String,
    /// Byte offset of the record's gzip member.
    pub offset: u64,
}

/// A quote of the collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuoteRecord {
    /// The quote, with offsets into the version named in `article`.
    #[serde(flatten)]
    pub quote: Quote,
    /// Where it stands.
    pub article: ArticleRef,
    /// When it was first seen, RFC 3339 UTC.
    pub first_seen: String,
    /// True where a later version reworded, reattributed or removed it.
    pub revised: bool,
    /// False where the newest version no longer has it.
    pub current: bool,
}

/// A speaker of the collection, over all articles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeakerSummary {
    /// The fullest name.
    pub name: String,
    /// What sort of thing it is.
    pub kind: super::speaker::SpeakerKind,
    /// Every role stated, most frequent first.
    pub roles: Vec<String>,
    /// Every affiliation stated, most frequent first.
    pub affiliations: Vec<String>,
    /// The outlets that quote the speaker.
    pub outlets: Vec<String>,
    /// Number of quotes.
    pub quotes: u64,
    /// Day of the first quote's article.
    pub first: Option<PageDate>,
    /// Day of the last quote's article.
    pub last: Option<PageDate>,
}
