//! How many of the quotes found have each speaker, role, outlet, month …

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::query::{AllQuery, Query as IndexQuery};
use tantivy::{DocId, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyError};

use super::schema::{AFFILIATION, DAY, KIND, OUTLET, ROLE, SPEAKER};

/// What quotes are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CountBy {
    /// Whom the words are attributed to
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
    fn field(self) -> &'static str {
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
    /// Quotes that have it.
    pub quotes: u64,
}

/// Values that differ in case and accents only, and so count as one.
pub(super) struct Group {
    /// What most quotes have, and how many quotes all have together.
    pub(super) row: Row,
    /// Every one, as quotes have it; none for quotes without a value.
    pub(super) values: Vec<String>,
    /// Quotes that have `row`'s value.
    most: u64,
}

/// Counts the quotes that match by their values.
pub(super) fn count(
    searcher: &Searcher,
    query: &dyn IndexQuery,
    by: CountBy,
) -> tantivy::Result<Counts> {
    let rows: Vec<Row> = groups(searcher, query, by)?.into_iter().map(|group| group.row).collect();
    Ok(Counts { total: rows.iter().map(|row| row.quotes).sum(), rows })
}

/// How many quotes of the whole index have each value, exactly as it stands.
pub(super) fn all(searcher: &Searcher, by: CountBy) -> tantivy::Result<Tally> {
    searcher.search(&AllQuery, &Values { by })
}

/// The values of the quotes that match: months newest first, all else by the most quotes.
pub(super) fn groups(
    searcher: &Searcher,
    query: &dyn IndexQuery,
    by: CountBy,
) -> tantivy::Result<Vec<Group>> {
    let tally = searcher.search(query, &Values { by })?;
    let mut merged: HashMap<Option<String>, Group> = HashMap::new();
    for (value, quotes) in tally {
        let folded = value.as_deref().map(folded);
        let none = || Group { row: Row { value: None, quotes: 0 }, values: Vec::new(), most: 0 };
        let group = merged.entry(folded).or_insert_with(none);
        group.row.quotes += quotes;
        group.values.extend(value.clone());
        if quotes > group.most || quotes == group.most && value < group.row.value {
            (group.row.value, group.most) = (value, quotes);
        }
    }
    let mut groups: Vec<Group> = merged.into_values().collect();
    if by == CountBy::Month {
        groups.sort_by(|a, b| b.row.value.cmp(&a.row.value));
    } else {
        groups.sort_by(|Group { row: a, .. }, Group { row: b, .. }| {
            b.quotes.cmp(&a.quotes).then_with(|| a.value.cmp(&b.value))
        });
    }
    Ok(groups)
}

/// A value without what makes no difference: case and accents.
fn folded(value: &str) -> String {
    any_ascii::any_ascii(value).to_lowercase()
}

/// Quotes by their value.
pub(super) type Tally = HashMap<Option<String>, u64>;

/// Counts values. In each segment a value is a number, and becomes text when all is counted.
struct Values {
    by: CountBy,
}

impl Collector for Values {
    type Fruit = Tally;
    type Child = SegmentValues;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentValues> {
        let fields = segment.fast_fields();
        Ok(match self.by {
            CountBy::Month => {
                SegmentValues::Months { days: fields.i64(DAY)?, quotes: HashMap::new() }
            }
            by => {
                let names = fields.str(by.field())?;
                let values = names.as_ref().map_or(0, |names| names.dictionary().num_terms());
                SegmentValues::Names { names, quotes: vec![0; values], without: 0 }
            }
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Tally>>) -> tantivy::Result<Tally> {
        let mut all = Tally::new();
        for segment in segments {
            for (value, quotes) in segment? {
                *all.entry(value).or_default() += quotes;
            }
        }
        Ok(all)
    }
}

enum SegmentValues {
    Months { days: Column<i64>, quotes: HashMap<i64, u64> },
    Names { names: Option<StrColumn>, quotes: Vec<u64>, without: u64 },
}

impl SegmentCollector for SegmentValues {
    type Fruit = tantivy::Result<Tally>;

    fn collect(&mut self, doc: DocId, _: Score) {
        match self {
            Self::Months { days, quotes } => {
                // YYYYMMDD without the day.
                let month = days.first(doc).unwrap_or(0) / 100;
                *quotes.entry(month).or_default() += 1;
            }
            Self::Names { names, quotes, without } => {
                let value = names.as_ref().and_then(|names| names.term_ords(doc).next());
                let place = value.and_then(|value| quotes.get_mut(usize::try_from(value).ok()?));
                *place.unwrap_or(without) += 1;
            }
        }
    }

    fn harvest(self) -> tantivy::Result<Tally> {
        let (names, quotes, without) = match self {
            Self::Months { quotes, .. } => {
                let month = |month: i64| {
                    (month > 0).then(|| format!("{:04}-{:02}", month / 100, month % 100))
                };
                return Ok(quotes.into_iter().map(|(key, count)| (month(key), count)).collect());
            }
            Self::Names { names, quotes, without } => (names, quotes, without),
        };
        let mut tally = Tally::new();
        if without > 0 {
            tally.insert(None, without);
        }
        let Some(names) = names else { return Ok(tally) };
        let counted: Vec<(u64, u64)> =
            (0..).zip(quotes).filter(|(_, quotes)| *quotes > 0).collect();
        let values: Vec<u64> = counted.iter().map(|(value, _)| *value).collect();
        let mut counts = counted.iter().map(|(_, quotes)| *quotes);
        names
            .dictionary()
            .sorted_ords_to_term_cb(&values, |name| {
                let name = String::from_utf8_lossy(name).into_owned();
                tally.insert(Some(name), counts.next().unwrap_or(0));
            })
            .map_err(TantivyError::from)?;
        Ok(tally)
    }
}
