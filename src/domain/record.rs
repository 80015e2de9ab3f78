//! What the store gives back: a quote together with where it was found.
//!
//! This is also what search prints and export writes.

use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::article::{Article, Notice, NoticeKind};
use super::date::PageDate;
use super::quote::{Quote, QuoteKind};
use super::rights::Reservation;
use super::speaker::{Ground, Likeness, Speaker, SpeakerKind};
use super::wording::{Elsewhere, Segment};

/// The article version that a quote stands in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// Since when the page's server answers that it is gone (404, 410), RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vanished: Option<String>,
    /// What the publisher asks of copies of that version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reservations: Vec<Reservation>,
}

/// Where a fetched page is kept: a record of a WARC file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// The file's name under `warc/` of the data folder.
    pub file: String,
    /// Byte offset of the record's gzip member.
    pub offset: u64,
}

/// A payload in the archive that a page may be found to have again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The record that holds it.
    pub snapshot: Snapshot,
    /// The URL that gave it.
    pub url: String,
    /// Its digest, as `WARC-Payload-Digest` states it.
    pub digest: String,
    /// The record's date.
    pub date: Timestamp,
}

/// A quote of the collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuoteRecord {
    /// The quote, with offsets into the version named in `article`.
    #[serde(flatten)]
    pub quote: Quote,
    /// Where it stands.
    pub article: ArticleRef,
    /// When it was first seen, RFC 3339 UTC.
    pub first_seen: String,
    /// When the version was fetched that last reworded it, gave it another speaker, took it out or put it
    /// in; RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<String>,
    /// True where versions of the article differ in its words, its speaker or its presence: the
    /// earlier and the later wording both are. What a live blog adds is not, nor what only moved.
    pub revised: bool,
    /// False where the newest version no longer has it.
    pub current: bool,
    /// True where a later extractor no longer finds it in the stored text. Such a quote is shown by
    /// its id only; search, speakers and export leave it out.
    pub withdrawn: bool,
    /// Where several quotes have the same words, or parts of them: the id of the one first seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The kinds of notices that stand in its article's version or explain a change of the quote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notice_kinds: Vec<NoticeKind>,
}

impl QuoteRecord {
    /// When the collection last learned something of the quote that a reader must know: that it is
    /// there, that it was changed, that its page is gone. RFC 3339 UTC.
    #[must_use]
    pub fn updated(&self) -> &str {
        // Times of one form: the order of the text is that of time.
        [self.changed.as_ref(), self.article.vanished.as_ref()]
            .into_iter()
            .flatten()
            .fold(&self.first_seen, |newest, time| newest.max(time))
    }

    /// What has become of the quote, in words; nothing if it stands as it was found.
    #[must_use]
    pub fn states(&self) -> Vec<&'static str> {
        [
            (self.revised, "revised"),
            (!self.current && !self.withdrawn, "no longer in the article"),
            (self.article.vanished.is_some(), "its page is gone"),
            (self.withdrawn, "no longer found by the extractor"),
        ]
        .into_iter()
        .filter_map(|(holds, words)| holds.then_some(words))
        .collect()
    }
}

/// What the search index takes of a quote: much less than a [`QuoteRecord`], since a million are
/// read at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexedQuote {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub article: Arc<IndexedArticle>,
    /// Its place among the quotes of the article's version, from 0.
    pub position: usize,
    /// How much of it is in quotation marks.
    pub kind: QuoteKind,
    /// Its words.
    pub text: String,
    /// Who said it.
    pub speaker: Option<Speaker>,
    /// Every name that the collection knows the speaker by.
    pub aliases: Arc<[String]>,
    /// When it was first seen, RFC 3339 UTC.
    pub first_seen: String,
    /// As in [`QuoteRecord`].
    pub revised: bool,
    /// As in [`QuoteRecord`].
    pub current: bool,
    /// As in [`QuoteRecord`].
    pub notice_kinds: Vec<NoticeKind>,
}

/// What the search index takes of the article version that a quote stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexedArticle {
    /// The article's id.
    pub id: String,
    /// Its headline.
    pub title: Option<String>,
    /// Its outlet.
    pub outlet: String,
    /// The topics it was kept for.
    pub topics: Vec<String>,
    /// When the page says it was published.
    pub published: Option<PageDate>,
    /// ISO 639-1 code.
    pub language: Option<String>,
    /// The kinds of its notices.
    pub notice_kinds: Vec<NoticeKind>,
}

/// What became of a quote between two versions of its article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RevisionKind {
    /// Similar words stand in its place.
    Reworded,
    /// The same words have another speaker, role or affiliation.
    Reattributed,
    /// It was not there before.
    Added,
    /// It is gone.
    Removed,
    /// It had been gone and is there again.
    Restored,
    /// Its place among the quotes that both versions have is another.
    Moved,
}

impl RevisionKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Reworded,
        Self::Reattributed,
        Self::Added,
        Self::Removed,
        Self::Restored,
        Self::Moved,
    ];

    /// The word for it in the store and every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reworded => "reworded",
            Self::Reattributed => "reattributed",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Restored => "restored",
            Self::Moved => "moved",
        }
    }
}

/// One side of a revision: a quote as a version had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RevisionSide {
    /// The quote's id; another wording has another id.
    pub id: String,
    /// The article's version.
    pub version: u32,
    /// The quote's words.
    pub text: String,
    /// Whom they were attributed to.
    pub speaker: Option<Speaker>,
}

/// A change of a quote between two versions of its article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revision {
    /// What happened.
    pub kind: RevisionKind,
    /// The quote before; `None` if it was not there.
    pub before: Option<RevisionSide>,
    /// The quote after; `None` if it is gone.
    pub after: Option<RevisionSide>,
    /// The version that brought the change.
    pub version: u32,
    /// When that version was fetched, RFC 3339 UTC.
    pub seen: String,
    /// The outlet's notice, new in that version, that may explain the change.
    pub notice: Option<Notice>,
    /// What became of the words, where there is a wording before and another after; else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub difference: Vec<Segment>,
}

/// The paragraphs that a quote stands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Context {
    /// The paragraphs from the first to the last that its content, source or cue touch.
    pub text: String,
    /// Where that text starts in the article's text, in code points.
    pub start: usize,
}

/// Everything about a quote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuoteDetails {
    /// The quote.
    #[serde(flatten)]
    pub record: QuoteRecord,
    /// The paragraphs that it stands in.
    pub context: Option<Context>,
    /// What became of it from version to version of its article, oldest first.
    pub revisions: Vec<Revision>,
    /// Quotes of other articles with the same words, or parts of them, or altered.
    pub elsewhere: Vec<Elsewhere>,
}

/// An article of the collection, without its texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArticleSummary {
    /// Its id.
    pub id: String,
    /// Its URL.
    pub url: String,
    /// Since when the page's server answers that it is gone (404, 410), RFC 3339 UTC.
    pub vanished: Option<String>,
    /// Its versions, oldest first.
    pub versions: Vec<VersionSummary>,
}

/// A version of an article, without its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VersionSummary {
    /// The version, from 1.
    pub version: u32,
    /// When it was fetched, RFC 3339 UTC.
    pub fetched: String,
    /// Its outlet.
    pub outlet: String,
    /// Its headline.
    pub title: Option<String>,
    /// Its authors.
    pub byline: Vec<String>,
    /// When the page says it was published.
    pub published: Option<PageDate>,
    /// When the page says it was changed.
    pub modified: Option<PageDate>,
    /// ISO 639-1 code.
    pub language: Option<String>,
    /// BLAKE3 of its text, hexadecimal.
    pub text_hash: String,
    /// Where the fetched page itself is kept, if it is.
    pub snapshot: Option<Snapshot>,
    /// The outlet's own notices in it.
    pub notices: Vec<Notice>,
}

/// A stored version of an article.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredVersion {
    /// The article's id.
    pub article_id: String,
    /// The version, from 1.
    pub version: u32,
    /// Where its page was fetched from.
    pub fetched_from: String,
    /// The outlet, by the feed or the page.
    pub outlet: String,
    /// The article as that version had it.
    pub article: Article,
    /// BLAKE3 of its text, hexadecimal, as it was when the version was kept.
    pub text_hash: String,
    /// Where the fetched page itself is kept, if it is.
    pub snapshot: Option<Snapshot>,
}

/// A speaker of the collection, over all articles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpeakerSummary {
    /// The identity: the id of the speaker's earliest mention. None where the articles withhold the
    /// name.
    pub identity: Option<String>,
    /// The fullest name.
    pub name: String,
    /// Every name that articles give, most frequent first.
    pub aliases: Vec<String>,
    /// What sort of thing it is.
    pub kind: SpeakerKind,
    /// True where the articles withhold the name: these may be several people.
    pub anonymous: bool,
    /// False where the articles don't tell which bearer of the name it is: another speaker may be the
    /// same one.
    pub told: bool,
    /// Every role stated, most frequent first.
    pub roles: Vec<String>,
    /// Every affiliation stated, most frequent first.
    pub affiliations: Vec<String>,
    /// Role and affiliation as each outlet states them, with the days, in order of the first.
    pub stated: Vec<StatedRole>,
    /// The outlets that quote the speaker, most frequent first.
    pub outlets: Vec<String>,
    /// How many there are in all of what the lists name: the API gives the first of each.
    pub distinct: Distinct,
    /// Number of articles.
    pub articles: u64,
    /// Number of quotes.
    pub quotes: u64,
    /// Day of the first quote's article.
    pub first: Option<PageDate>,
    /// Day of the last quote's article.
    pub last: Option<PageDate>,
}

/// How many different values there are of a speaker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Distinct {
    /// Names.
    pub aliases: usize,
    /// Roles.
    pub roles: usize,
    /// Affiliations.
    pub affiliations: usize,
    /// Roles and affiliations as outlets state them.
    pub stated: usize,
    /// Outlets.
    pub outlets: usize,
}

/// A role and an affiliation that an outlet states of a speaker together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatedRole {
    /// What the speaker is.
    pub role: Option<String>,
    /// Whom the speaker belongs to.
    pub affiliation: Option<String>,
    /// The outlet.
    pub outlet: String,
    /// Day of the first article that states it.
    pub first: Option<PageDate>,
    /// Day of the last.
    pub last: Option<PageDate>,
    /// Number of articles.
    pub articles: u64,
}

/// A speaker with what shows that the mentions are one speaker's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpeakerDetails {
    /// The speaker.
    #[serde(flatten)]
    pub summary: SpeakerSummary,
    /// The mentions, oldest first: the first one gives the identity its id.
    pub mentions: Vec<SpeakerMention>,
    /// Corrections in force that name one of the mentions, oldest first.
    pub corrections: Vec<Correction>,
}

/// A speaker as one article names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpeakerMention {
    /// The mention's id.
    pub id: String,
    /// The name in this article.
    pub name: String,
    /// The article's id.
    pub article: String,
    /// Its URL.
    pub url: String,
    /// Its outlet.
    pub outlet: String,
    /// Its day.
    pub day: Option<PageDate>,
    /// Roles and affiliations as it states them together.
    pub stated: Vec<(Option<String>, Option<String>)>,
    /// The ids of the quotes.
    pub quotes: Vec<String>,
    /// What ties it towards the first mention; none for that one itself.
    pub evidence: Option<Evidence>,
}

/// Why two mentions are one speaker's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The other mention's id.
    pub mention: String,
    /// How alike the names are.
    pub names: Likeness,
    /// What else shows it.
    pub ground: Ground,
    /// The office or the body that both have, the number of the correction; else empty.
    pub detail: String,
}

impl Evidence {
    /// What makes the two one speaker, in words, with `detail` as it is to be shown.
    #[must_use]
    pub fn in_words(&self, detail: &str) -> String {
        let names = match self.names {
            Likeness::Same => "the same name",
            Likeness::Nickname => "a form of the same given name",
            Likeness::Transliteration => "another spelling of the name",
            Likeness::Initial => "the initial of the given name",
            Likeness::Surname => "the same surname",
            Likeness::None => "another name",
        };
        let ground = match self.ground {
            Ground::Correction => format!("by correction {detail}"),
            Ground::Words => "quoted with the same words".to_owned(),
            Ground::Affiliation => format!("of {detail}"),
            Ground::Role => format!("also {detail}"),
            Ground::Week => "in the same outlet within a week".to_owned(),
            Ground::Only => "nobody else bears it and nothing speaks against it".to_owned(),
        };
        format!("{names}, {ground}")
    }
}

/// What people said of identities. Corrections are kept for good and in force until undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Correction {
    /// Its number, from 1.
    pub number: u64,
    /// When it was made, RFC 3339 UTC.
    pub at: String,
    /// What it says.
    pub kind: CorrectionKind,
    /// The correction that it undoes.
    pub undoes: Option<u64>,
    /// The correction that undoes it.
    pub undone_by: Option<u64>,
    /// The two identities that it is about, as they were then: id and name.
    pub sides: Option<[(String, String); 2]>,
}

/// What a correction says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CorrectionKind {
    /// Two identities are one speaker.
    Merge,
    /// Some mentions of an identity are another speaker's.
    Split,
    /// An earlier correction doesn't hold.
    Undo,
}

impl CorrectionKind {
    /// The word for it in the store and every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Split => "split",
            Self::Undo => "undo",
        }
    }
}
