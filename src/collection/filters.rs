//! The filters of every search, whether they come as arguments or as parameters of a URL → a query.

use std::fmt;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::CollectionError;
use crate::domain::article::NoticeKind;
use crate::domain::quote::QuoteKind;
use crate::search::{Query, Sort};
use crate::store::Store;

/// What is looked for without any filter, in words.
const EVERYTHING: &str = "everything";

/// What to look for.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Filters")]
pub struct Filters {
    /// Words (other forms of them count), beginnings*, "exact phrases", "words near"~3, -exclusions,
    /// OR, (groups); speaker:word role:word affiliation:word outlet:word title:word kind:direct
    #[arg(value_name = "QUERY")]
    pub query: Option<String>,
    /// Words of the speaker's name: any name that articles give the same speaker
    #[arg(long, value_name = "WORDS")]
    pub speaker: Option<String>,
    /// The speaker with this id, as `quotes speakers` prints it, or its beginning
    #[arg(long, value_name = "ID")]
    pub speaker_id: Option<String>,
    /// Words of the speaker's role
    #[arg(long, value_name = "WORDS")]
    pub role: Option<String>,
    /// Words of the speaker's affiliation
    #[arg(long, value_name = "WORDS")]
    pub affiliation: Option<String>,
    /// Words of the outlet's name
    #[arg(long, value_name = "WORDS")]
    pub outlet: Option<String>,
    /// How much of the quote stands in quotation marks
    #[arg(long, value_name = "KIND")]
    pub kind: Option<KindArgument>,
    /// The id of a topic of the watch list
    #[arg(long, value_name = "ID")]
    pub topic: Option<String>,
    /// Published on this day or later
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub since: Option<Date>,
    /// Published on this day or earlier
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub until: Option<Date>,
    /// Only speakers whose name is withheld
    #[arg(long)]
    pub anonymous: bool,
    /// Only quotes that versions of their article differ in; those that only moved in it are none
    #[arg(long)]
    pub revised: bool,
    /// Only quotes that the newest version of their article still has
    #[arg(long)]
    pub current: bool,
    /// Only quotes of an article with such a notice, or that one explains a change of
    #[arg(long, value_name = "KIND")]
    pub notice: Option<NoticeArgument>,
    /// The order: relevance if there are words to look for, else newest
    #[arg(long, value_name = "ORDER")]
    pub sort: Option<SortArgument>,
    /// Most quotes to give; a search gives 20 unless told, an export all
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Quotes to leave out first
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,
}

/// A kind of quote, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KindArgument {
    /// All of it in quotation marks
    Direct,
    /// Some of it in quotation marks
    Mixed,
    /// None of it in quotation marks
    Indirect,
}

/// A kind of notice, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeArgument {
    /// Something was wrong and has been put right
    Correction,
    /// Something was added
    Update,
    /// Something was made clearer
    Clarification,
    /// Any other note by the editors
    EditorsNote,
}

/// An order, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortArgument {
    /// Best match first
    Relevance,
    /// Newest article first
    Newest,
    /// Oldest article first
    Oldest,
}

impl Filters {
    /// [`Filters::to_query`] for the collection in `store`, which knows whose id is asked for.
    ///
    /// # Errors
    /// As [`Filters::to_query`]; [`CollectionError`] if nobody has the id or several do, or the store
    /// can't be read.
    pub fn to_query_of(&self, store: &Store, limit: usize) -> Result<Query, CollectionError> {
        let query = self.to_query(limit)?;
        let Some(id) = &self.speaker_id else { return Ok(query) };
        let identity = store.identity(id)?.ok_or_else(|| {
            CollectionError::Arguments(format!(
                "no speaker has the id {id}: `quotes speakers NAME` prints ids"
            ))
        })?;
        Ok(Query { identity: Some(identity), ..query })
    }

    /// What is looked for, in words, in whatever order; `None` if everything is.
    #[must_use]
    pub fn in_words(&self) -> Option<String> {
        let words = Self { sort: None, ..self.clone() }.to_string();
        (words != EVERYTHING).then_some(words)
    }

    /// The query, with `limit` where the arguments state none.
    ///
    /// # Errors
    /// [`CollectionError::Arguments`] if the days are the wrong way round.
    pub fn to_query(&self, limit: usize) -> Result<Query, CollectionError> {
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since > until
        {
            return Err(CollectionError::Arguments(format!(
                "--since {since} is later than --until {until}: no day is in between"
            )));
        }
        if self.limit == Some(0) {
            return Err(CollectionError::Arguments(
                "--limit 0 asks for nothing: give 1 or more, or leave it out".to_owned(),
            ));
        }
        Ok(Query {
            text: self.query.clone(),
            speaker: self.speaker.clone(),
            identity: None,
            role: self.role.clone(),
            affiliation: self.affiliation.clone(),
            outlet: self.outlet.clone(),
            kind: self.kind.map(|kind| match kind {
                KindArgument::Direct => QuoteKind::Direct,
                KindArgument::Mixed => QuoteKind::Mixed,
                KindArgument::Indirect => QuoteKind::Indirect,
            }),
            topic: self.topic.clone(),
            since: self.since,
            until: self.until,
            anonymous: self.anonymous,
            revised: self.revised,
            current: self.current,
            notice: self.notice.map(|kind| match kind {
                NoticeArgument::Correction => NoticeKind::Correction,
                NoticeArgument::Update => NoticeKind::Update,
                NoticeArgument::Clarification => NoticeKind::Clarification,
                NoticeArgument::EditorsNote => NoticeKind::EditorsNote,
            }),
            alike: false,
            sort: match self.sort {
                None | Some(SortArgument::Relevance) => Sort::Relevance,
                Some(SortArgument::Newest) => Sort::Newest,
                Some(SortArgument::Oldest) => Sort::Oldest,
            },
            limit: self.limit.unwrap_or(limit),
            offset: self.offset,
        })
    }
}

/// What is looked for, in words, as a user may type it again.
impl fmt::Display for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |option: &str, value: Option<&str>| {
            value.map(|value| format!("--{option} {}", quoted(value)))
        };
        let (kind, sort) = (self.kind.and_then(named), self.sort.and_then(named));
        let notice = self.notice.and_then(named);
        let [since, until] = [self.since, self.until].map(|day| day.map(|day| day.to_string()));
        let parts = [
            self.query.as_deref().map(quoted),
            value("speaker", self.speaker.as_deref()),
            value("speaker-id", self.speaker_id.as_deref()),
            value("role", self.role.as_deref()),
            value("affiliation", self.affiliation.as_deref()),
            value("outlet", self.outlet.as_deref()),
            value("kind", kind.as_deref()),
            value("topic", self.topic.as_deref()),
            value("since", since.as_deref()),
            value("until", until.as_deref()),
            self.anonymous.then(|| "--anonymous".to_owned()),
            self.revised.then(|| "--revised".to_owned()),
            self.current.then(|| "--current".to_owned()),
            value("notice", notice.as_deref()),
            value("sort", sort.as_deref()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { f.write_str(EVERYTHING) } else { f.write_str(&parts.join(" ")) }
    }
}

/// The name of an argument's value.
fn named(value: impl ValueEnum) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

/// In the shell's single quotation marks, unless it is one plain word.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn day(text: &str) -> Result<Date, String> {
    text.parse::<Date>()
        .map_err(|_| "not a day; write it as YYYY-MM-DD, for example 2024-08-09".to_owned())
}
