//! How many of the quotes found have each speaker, role, outlet, month …

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::Serialize;
use tantivy::query::AllQuery;
use tantivy::{Searcher, Term};

use super::held::{Flags, Numbered, Values};
use super::names;
use super::query::Search;
use super::schema::{AFFILIATION, DAY, Fields, KIND, OUTLET, ROLE, SPEAKER};
use super::tally::{Dated, Of, Tally, tally};

/// What quotes are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CountBy {
    /// Whom the words are attributed to: an identity, else the printed name
    Speaker,
    /// What the speaker is
    Role,
    /// The organisation that the speaker is tied to
    Affiliation,
    /// Where the words stand
    Outlet,
    /// The month of publication
    Month,
    /// How much stands in quotation marks
    Kind,
}

impl CountBy {
    /// How many there are.
    pub(super) const ALL: usize = 6;

    /// The word for it in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Speaker => "speaker",
            Self::Role => "role",
            Self::Affiliation => "affiliation",
            Self::Outlet => "outlet",
            Self::Month => "month",
            Self::Kind => "kind",
        }
    }

    /// The field that has the values.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Speaker => SPEAKER,
            Self::Role => ROLE,
            Self::Affiliation => AFFILIATION,
            Self::Outlet => OUTLET,
            Self::Month => DAY,
            Self::Kind => KIND,
        }
    }
}

/// The counts of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Quotes in all.
    pub total: u64,
    /// The values: months newest first, all else by the most quotes.
    pub rows: Vec<Row>,
}

/// A value and its quotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Row {
    /// The value, as most quotes have it; a month as `2024-08`; `None` for quotes without one.
    pub value: Option<String>,
    /// The identity, where the value is a speaker that has one: others may have the same name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Quotes that have it.
    pub quotes: u64,
}

/// How many of the quotes found are of each topic, and marked otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Quotes that versions of their article differ in.
    pub revised: u64,
    /// Quotes of speakers whose name is withheld.
    pub anonymous: u64,
    /// The ids of topics, in alphabetical order, each with its quotes; thirty at most.
    pub topics: Vec<(String, u64)>,
}

/// What [`Marked`] counts, read of the index once.
pub(super) struct Marks {
    topics: Vec<String>,
    flags: Flags,
}

impl Marks {
    pub(super) fn of(searcher: &Searcher, fields: &Fields) -> tantivy::Result<Self> {
        let mut terms = vec![
            Term::from_field_bool(fields.revised, true),
            Term::from_field_bool(fields.anonymous, true),
        ];
        let mut topics = names::all(searcher, fields.topic)?;
        topics.truncate(Flags::MAX - terms.len());
        terms.extend(topics.iter().map(|topic| Term::from_field_text(fields.topic, topic)));
        Ok(Self { topics, flags: Flags::of(searcher, &terms)? })
    }

    /// By quote, the number of its marks.
    pub(super) fn numbered(&self) -> &Numbered {
        self.flags.numbered()
    }

    /// Of a tally among whose fields [`Marks::numbered`] stands at `place`.
    pub(super) fn marked(&self, tally: &Tally, place: usize) -> Marked {
        let quotes = tally.fields.get(place).map_or(&[][..], |(quotes, _)| quotes);
        let mut counts = self.flags.counts(quotes).into_iter();
        let mut next = || counts.next().unwrap_or_default();
        let (revised, anonymous) = (next(), next());
        Marked { revised, anonymous, topics: self.topics.iter().cloned().zip(counts).collect() }
    }
}

/// The most quotes that have one of some values which count as one.
struct Group {
    quotes: u64,
    /// The value that most of them have, and how many.
    most: (u64, usize),
}

/// Counts with the group of values that each row is of.
pub(super) type Counted = (Counts, Vec<Option<u32>>);

/// The counts of the field that stands at `place` among those that were tallied: the first `limit` rows.
pub(super) fn counts(tally: &Tally, place: usize, values: &Values, limit: usize) -> Counted {
    let (by_value, without) =
        tally.fields.get(place).map_or((&[][..], 0), |(quotes, without)| (quotes, *without));
    let mut groups: Vec<Option<Group>> = Vec::new();
    groups.resize_with(values.different, || None);
    for (value, quotes) in by_value.iter().enumerate().filter(|(_, quotes)| **quotes > 0) {
        let Some(group) = groups.get_mut(values.groups[value] as usize) else { continue };
        let group = group.get_or_insert(Group { quotes: 0, most: (0, value) });
        let quotes = u64::from(*quotes);
        group.quotes += quotes;
        let (most, other) = group.most;
        if quotes > most || quotes == most && values.texts[value] < values.texts[other] {
            group.most = (quotes, value);
        }
    }
    let mut found: Vec<(u64, Option<&str>, Option<u32>)> = (0..)
        .zip(&groups)
        .filter_map(|(number, group)| {
            let Group { quotes, most: (_, value) } = group.as_ref()?;
            Some((*quotes, Some(&*values.texts[*value]), Some(number)))
        })
        .collect();
    if without > 0 {
        found.push((without, None, None));
    }
    let total = found.iter().map(|(quotes, ..)| quotes).sum();
    // Several speakers may have one name: the first rows are the same, however many are asked for.
    let order = |a: &(u64, Option<&str>, Option<u32>), b: &(u64, Option<&str>, Option<u32>)| {
        b.0.cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2)))
    };
    let different = found.len();
    if limit < different {
        found.select_nth_unstable_by(limit, order);
        found.truncate(limit);
    }
    found.sort_unstable_by(order);
    let groups = found.iter().map(|(.., group)| *group).collect();
    let rows = found
        .into_iter()
        .map(|(quotes, value, group)| Row {
            value: value.map(str::to_owned),
            identity: group.and_then(|group| values.identity(group)).map(str::to_owned),
            quotes,
        })
        .collect();
    (Counts { total, rows }, groups)
}

/// How many quotes of the whole index have each value of the field, exactly as it stands; `None` for those
/// without one.
pub(super) fn exact(
    search: &Search,
    field: &'static str,
) -> tantivy::Result<HashMap<Option<String>, u64>> {
    let values = Values::of(search.searcher(), field)?;
    let mut exact: HashMap<Option<String>, u64> = HashMap::new();
    let counted = tally(search, &AllQuery, &[Of::Field(field, &values)], Dated::No)?;
    for (quotes, without) in counted.fields {
        exact.extend((without > 0).then_some((None, without)));
        let named = values.texts.iter().zip(quotes).filter(|(_, quotes)| *quotes > 0);
        exact.extend(named.map(|(text, quotes)| (Some(text.to_string()), u64::from(quotes))));
    }
    Ok(exact)
}

/// The counts by month, newest first, of a tally that noted the days.
pub(super) fn months(tally: &Tally) -> Counts {
    let mut months: BTreeMap<i64, u64> = BTreeMap::new();
    for (day, quotes) in &tally.days {
        // YYYYMMDD without the day.
        *months.entry(day / 100).or_default() += quotes;
    }
    let month = |month: i64| (month > 0).then(|| format!("{:04}-{:02}", month / 100, month % 100));
    let rows: Vec<Row> = months
        .into_iter()
        .rev()
        .map(|(key, quotes)| Row { value: month(key), identity: None, quotes })
        .collect();
    Counts { total: rows.iter().map(|row| row.quotes).sum(), rows }
}
