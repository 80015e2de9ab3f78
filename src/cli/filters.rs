//! The filters of `quotes search` and `quotes export`: arguments → a query.

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::collection::CollectionError;
use crate::domain::quote::QuoteKind;
use crate::search::{Query, Sort};

/// What to look for.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Filters")]
pub struct Filters {
    /// Words (other forms of them count), "exact phrases", -exclusions, OR, (groups)
    #[arg(value_name = "QUERY")]
    pub query: Option<String>,
    /// Words of the speaker's name
    #[arg(long, value_name = "WORDS")]
    pub speaker: Option<String>,
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
    /// Only quotes that versions of their article differ in
    #[arg(long)]
    pub revised: bool,
    /// The order: relevance if there are words to look for, else newest
    #[arg(long, value_name = "ORDER")]
    pub sort: Option<SortArgument>,
    /// Most quotes to give
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Quotes to leave out first
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,
}

/// A kind of quote, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindArgument {
    /// All of it in quotation marks
    Direct,
    /// Some of it in quotation marks
    Mixed,
    /// None of it in quotation marks
    Indirect,
}

/// An order, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SortArgument {
    /// Best match first
    Relevance,
    /// Newest article first
    Newest,
    /// Oldest article first
    Oldest,
}

impl Filters {
    /// The query, with `limit` where the arguments state none.
    ///
    /// # Errors
    /// [`CollectionError::Arguments`] if the days are the wrong way round.
    pub(super) fn to_query(&self, limit: usize) -> Result<Query, CollectionError> {
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since > until
        {
            return Err(CollectionError::Arguments(format!(
                "--since {since} is later than --until {until}: no day is in between"
            )));
        }
        Ok(Query {
            text: self.query.clone(),
            speaker: self.speaker.clone(),
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

fn day(text: &str) -> Result<Date, String> {
    text.parse::<Date>()
        .map_err(|_| "not a day; write it as YYYY-MM-DD, for example 2024-08-09".to_owned())
}
