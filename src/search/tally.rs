//! One walk over the quotes that match: how many have each value of some fields, how many are of each day,
//! and which they are.
//!
//! A query → numbers of quotes by value and by day, for the whole index. Each segment counts by itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::query::Query as IndexQuery;
use tantivy::{BitSet, COLLECT_BLOCK_BUFFER_LEN, DocId, Score, SegmentOrdinal, SegmentReader};

use super::held::{Combined, HeldDays, NONE, Numbered, Values, read, read_numbers};
use super::query::Search;
use super::schema::DAY;

/// What was counted.
#[derive(Default)]
pub(super) struct Tally {
    /// By field, quotes by the place of their value in [`Values`]; then those without one. No index has so
    /// many that a number of 32 bits can't count them.
    pub(super) fields: Vec<(Vec<u32>, u64)>,
    /// The days that quotes are of, as numbers YYYYMMDD, the earliest first, 0 for none; with their quotes.
    pub(super) days: Vec<(i64, u64)>,
    /// By segment, the quotes that match, if days are held in memory.
    pub(super) matched: Vec<BitSet>,
}

/// What values are counted of.
#[derive(Clone, Copy)]
pub(super) enum Of<'a> {
    /// A field with a column, and its values.
    Field(&'static str, &'a Values),
    /// What is held in memory.
    Numbered(&'a Numbered),
    /// The same of some fields, each of which the tally has then.
    Combined(&'a Combined),
}

impl Of<'_> {
    /// How many different values there are, or combinations of them.
    fn values(self) -> usize {
        match self {
            Self::Field(_, values) => values.texts.len(),
            Self::Numbered(held) => held.values,
            Self::Combined(fields) => fields.numbered().values,
        }
    }
}

/// Whether a tally notes the days of quotes.
#[derive(Clone, Copy)]
pub(super) enum Dated<'a> {
    /// No day.
    No,
    /// Those of the column.
    ByColumn,
    /// Those held in memory.
    Held(&'a HeldDays),
}

/// Counts the quotes that match by the values of `fields`, and by day if they are to be `dated`.
pub(super) fn tally(
    search: &Search,
    query: &dyn IndexQuery,
    fields: &[Of<'_>],
    dated: Dated<'_>,
) -> tantivy::Result<Tally> {
    search.walk(query, &Tallying { fields, dated })
}

/// Collects what [`tally`] gives.
pub(super) struct Tallying<'a> {
    pub(super) fields: &'a [Of<'a>],
    pub(super) dated: Dated<'a>,
}

impl Collector for Tallying<'_> {
    type Fruit = Tally;
    type Child = SegmentTally;

    fn for_segment(
        &self,
        number: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentTally> {
        let mut fields = Vec::with_capacity(self.fields.len());
        let held = |held: &Numbered| (Numbers::ByQuote(held.of_segment(number)), held.values);
        for field in self.fields {
            let (numbers, values) = match field {
                Of::Field(field, _) => match segment.fast_fields().str(field)? {
                    Some(column) => {
                        (Numbers::Column(column.ords().clone()), column.dictionary().num_terms())
                    }
                    None => (Numbers::None, 0),
                },
                Of::Numbered(numbered) => held(numbered),
                Of::Combined(fields) => held(fields.numbered()),
            };
            fields.push(Counted { numbers, quotes: vec![0; values + 1] });
        }
        let days = match self.dated {
            Dated::No => Days::None,
            Dated::ByColumn => Days::Column(segment.fast_fields().i64(DAY)?, FxHashMap::default()),
            Dated::Held(held) => Days::Held {
                places: held.of_segment(number),
                quotes: vec![0; held.days.len()],
                matched: BitSet::with_max_value(segment.max_doc()),
            },
        };
        let waiting = Vec::with_capacity(COLLECT_BLOCK_BUFFER_LEN);
        Ok(SegmentTally { number, fields, days, waiting })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<SegmentTally>) -> tantivy::Result<Tally> {
        let mut tally = Tally::default();
        for (place, of) in self.fields.iter().enumerate() {
            let counted =
                || segments.iter().filter_map(|it| Some((it.number, it.fields.get(place)?)));
            let without = counted().filter_map(|(_, counted)| counted.quotes.last());
            let without = without.map(|quotes| u64::from(*quotes)).sum();
            let mut sums = vec![0; of.values()];
            for (segment, counted) in counted() {
                match *of {
                    Of::Field(_, values) => {
                        for (quotes, place) in counted.quotes.iter().zip(values.places(segment)) {
                            sums[*place as usize] += quotes;
                        }
                    }
                    Of::Numbered(_) | Of::Combined(_) => add(&mut sums, &counted.quotes),
                }
            }
            match *of {
                Of::Combined(fields) => tally.fields.extend(fields.apart(&sums)),
                Of::Field(..) | Of::Numbered(_) => tally.fields.push((sums, without)),
            }
        }
        let mut by_day: BTreeMap<i64, u64> = BTreeMap::new();
        let mut by_place = Vec::new();
        for segment in segments {
            match segment.days {
                Days::None => {}
                Days::Column(_, quotes) => {
                    for (day, quotes) in quotes {
                        *by_day.entry(day).or_default() += u64::from(quotes);
                    }
                }
                Days::Held { quotes, matched, .. } => {
                    by_place.resize(quotes.len(), 0_u32);
                    add(&mut by_place, &quotes);
                    tally.matched.push(matched);
                }
            }
        }
        tally.days = match self.dated {
            Dated::Held(held) => {
                held.days.iter().copied().zip(by_place.into_iter().map(u64::from)).collect()
            }
            _ => by_day.into_iter().collect(),
        };
        tally.days.retain(|(_, quotes)| *quotes > 0);
        Ok(tally)
    }
}

fn add(sums: &mut [u32], quotes: &[u32]) {
    sums.iter_mut().zip(quotes).for_each(|(sum, quotes)| *sum += quotes);
}

/// What was counted in one segment.
pub(super) struct SegmentTally {
    number: SegmentOrdinal,
    fields: Vec<Counted>,
    days: Days,
    /// Matches that came one by one.
    waiting: Vec<DocId>,
}

/// The counts of a field: by number, and behind these the quotes without one.
struct Counted {
    numbers: Numbers,
    quotes: Vec<u32>,
}

/// Where the numbers of a segment's values are.
enum Numbers {
    None,
    Column(Column<u64>),
    ByQuote(Arc<[u32]>),
}

/// Where days are read, and what was counted of them.
enum Days {
    None,
    Column(Column<i64>, FxHashMap<i64, u32>),
    Held { places: Arc<[u32]>, quotes: Vec<u32>, matched: BitSet },
}

impl Days {
    /// `docs` are [`COLLECT_BLOCK_BUFFER_LEN`] at most.
    fn take(&mut self, docs: &[DocId]) {
        match self {
            Self::None => {}
            Self::Column(column, quotes) => {
                let mut values = [0; COLLECT_BLOCK_BUFFER_LEN];
                let values = &mut values[..docs.len()];
                read(column, docs, values, 0, |day| day);
                // An article's quotes stand together, and are of one day.
                for same in values.chunk_by(|a, b| a == b) {
                    *quotes.entry(same[0]).or_default() += same.len() as u32;
                }
            }
            Self::Held { places, quotes, matched } => {
                for doc in docs {
                    matched.insert(*doc);
                    let place = places.get(*doc as usize);
                    if let Some(quotes) = place.and_then(|it| quotes.get_mut(*it as usize)) {
                        *quotes += 1;
                    }
                }
            }
        }
    }
}

impl Counted {
    /// `docs` are [`COLLECT_BLOCK_BUFFER_LEN`] at most.
    fn take(&mut self, docs: &[DocId]) {
        let none = self.quotes.len() - 1;
        match &self.numbers {
            Numbers::None => self.quotes[none] += docs.len() as u32,
            Numbers::Column(column) => {
                let mut numbers = [NONE; COLLECT_BLOCK_BUFFER_LEN];
                let numbers = &mut numbers[..docs.len()];
                read_numbers(column, docs, numbers);
                for number in numbers {
                    self.quotes[none.min(*number as usize)] += 1;
                }
            }
            // Where most of the time goes: the fewer steps a quote, the better.
            Numbers::ByQuote(numbers) => {
                for doc in docs {
                    if let Some(number) = numbers.get(*doc as usize)
                        && let Some(quotes) = self.quotes.get_mut(*number as usize)
                    {
                        *quotes += 1;
                    }
                }
            }
        }
    }
}

impl SegmentTally {
    fn take(&mut self, docs: &[DocId]) {
        for docs in docs.chunks(COLLECT_BLOCK_BUFFER_LEN) {
            self.fields.iter_mut().for_each(|field| field.take(docs));
            self.days.take(docs);
        }
    }

    fn take_waiting(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.take(&waiting);
        waiting.clear();
        self.waiting = waiting;
    }
}

impl SegmentCollector for SegmentTally {
    type Fruit = Self;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.waiting.push(doc);
        if self.waiting.len() == COLLECT_BLOCK_BUFFER_LEN {
            self.take_waiting();
        }
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.take(docs);
    }

    fn harvest(mut self) -> Self {
        self.take_waiting();
        self
    }
}
