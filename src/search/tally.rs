//! One walk over the quotes that match: how many have each value of some fields, and by day and speaker.
//!
//! A query → numbers of quotes by value, and the day and speaker of each. In a segment a value is a
//! number; [`Values`] says which texts these stand for in the whole index, and which texts count as one.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, ColumnIndex, ColumnValues};
use tantivy::query::Query as IndexQuery;
use tantivy::{
    COLLECT_BLOCK_BUFFER_LEN, DocId, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyError,
};

use super::schema::DAY;

/// The different values that a field has in the index.
pub(super) struct Values {
    /// By segment, the place in `texts` of each of its values.
    places: Vec<Vec<u32>>,
    /// Every value as quotes have it.
    pub(super) texts: Vec<Box<str>>,
    /// Which values count as one, since they differ in case and accents only.
    pub(super) groups: Vec<u32>,
    /// Different groups.
    pub(super) different: usize,
}

impl Values {
    /// Of the field of this name.
    pub(super) fn of(searcher: &Searcher, field: &str) -> tantivy::Result<Self> {
        let mut known: FxHashMap<Box<str>, u32> = FxHashMap::default();
        let mut folded_as: FxHashMap<String, u32> = FxHashMap::default();
        let (mut places, mut texts, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for segment in searcher.segment_readers() {
            let mut here = Vec::new();
            if let Some(column) = segment.fast_fields().str(field)? {
                let mut stream = column.dictionary().stream().map_err(TantivyError::from)?;
                while stream.advance() {
                    let text = String::from_utf8_lossy(stream.key());
                    let next = number(texts.len());
                    let place = *known.entry(text.as_ref().into()).or_insert(next);
                    if place == next {
                        let group = number(folded_as.len());
                        groups.push(*folded_as.entry(folded(&text)).or_insert(group));
                        texts.push(text.into());
                    }
                    here.push(place);
                }
            }
            places.push(here);
        }
        Ok(Self { places, texts, groups, different: folded_as.len() })
    }

    /// The place of a value of a segment.
    pub(super) fn place(&self, segment: SegmentOrdinal, value: usize) -> Option<usize> {
        let place = self.places.get(segment as usize)?.get(value)?;
        Some(*place as usize)
    }
}

/// The values of a field, read when they are needed first.
#[derive(Default)]
pub(super) struct Known(OnceLock<Values>);

impl Known {
    pub(super) fn of(&self, searcher: &Searcher, field: &str) -> tantivy::Result<&Values> {
        if let Some(known) = self.0.get() {
            return Ok(known);
        }
        let values = Values::of(searcher, field)?;
        Ok(self.0.get_or_init(|| values))
    }
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A value without what makes no difference: case and accents.
fn folded(value: &str) -> String {
    any_ascii::any_ascii(value).to_lowercase()
}

/// What was counted in one segment.
pub(super) struct Tally {
    pub(super) segment: SegmentOrdinal,
    /// By field, quotes by the number of their value; then those without one.
    pub(super) names: Vec<(Vec<u32>, u64)>,
    /// The days that quotes are of, as numbers YYYYMMDD, 0 for none.
    pub(super) days: Vec<i64>,
    /// Every quote's day, as its place in `days`, and the number of its first field's value,
    /// [`NONE`] without one. Eight bytes a quote, for the time of one count.
    pub(super) dated: Vec<(u32, u32)>,
}

/// In the place of a value that a quote doesn't have.
pub(super) const NONE: u32 = u32::MAX;

/// Counts the quotes that match by the values of `fields`, and if `dated` notes their days.
pub(super) fn tally(
    searcher: &Searcher,
    query: &dyn IndexQuery,
    fields: &[&'static str],
    dated: bool,
) -> tantivy::Result<Vec<Tally>> {
    searcher.search(query, &Tallying { fields, dated })
}

struct Tallying<'a> {
    fields: &'a [&'static str],
    dated: bool,
}

impl Collector for Tallying<'_> {
    type Fruit = Vec<Tally>;
    type Child = SegmentTally;

    fn for_segment(
        &self,
        number: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentTally> {
        let fields = segment.fast_fields();
        let mut names = Vec::with_capacity(self.fields.len());
        for field in self.fields {
            let column = fields.str(field)?;
            let values = column.as_ref().map_or(0, |column| column.dictionary().num_terms());
            names.push(Names {
                values: column.map(|column| column.ords().clone()),
                quotes: vec![0; values],
                without: 0,
            });
        }
        let days = if self.dated { Some(Days::new(fields.i64(DAY)?)) } else { None };
        let waiting = Vec::with_capacity(COLLECT_BLOCK_BUFFER_LEN);
        Ok(SegmentTally { number, names, days, waiting })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Tally>) -> tantivy::Result<Vec<Tally>> {
        Ok(segments)
    }
}

struct SegmentTally {
    number: SegmentOrdinal,
    names: Vec<Names>,
    days: Option<Days>,
    /// Matches that came one by one.
    waiting: Vec<DocId>,
}

struct Names {
    values: Option<Column<u64>>,
    quotes: Vec<u32>,
    without: u64,
}

struct Days {
    column: Column<i64>,
    places: FxHashMap<i64, u32>,
    days: Vec<i64>,
    dated: Vec<(u32, u32)>,
    /// The last day and its place: an article's quotes stand together.
    last: Option<(i64, u32)>,
}

impl Days {
    fn new(column: Column<i64>) -> Self {
        Self {
            column,
            places: FxHashMap::default(),
            days: Vec::new(),
            dated: Vec::new(),
            last: None,
        }
    }

    fn take(&mut self, docs: &[DocId], speakers: &[u32]) {
        let mut values = [0; COLLECT_BLOCK_BUFFER_LEN];
        let values = &mut values[..docs.len()];
        read(&self.column, docs, values, 0, |day| day);
        for (day, speaker) in values.iter().zip(speakers) {
            let place = match self.last {
                Some((last, place)) if last == *day => place,
                _ => {
                    let next = number(self.days.len());
                    let place = *self.places.entry(*day).or_insert(next);
                    if place == next {
                        self.days.push(*day);
                    }
                    place
                }
            };
            self.last = Some((*day, place));
            self.dated.push((place, *speaker));
        }
    }
}

/// Reads the column's values of `docs`, [`COLLECT_BLOCK_BUFFER_LEN`] at most.
fn read<T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + Default + 'static, V: Copy>(
    column: &Column<T>,
    docs: &[DocId],
    into: &mut [V],
    missing: V,
    make: impl Fn(T) -> V,
) where
    dyn ColumnValues<T>: Send,
{
    if let ColumnIndex::Full = column.index {
        let mut values = [T::default(); COLLECT_BLOCK_BUFFER_LEN];
        let values = &mut values[..docs.len()];
        column.values.get_vals(docs, values);
        into.iter_mut().zip(values).for_each(|(to, value)| *to = make(*value));
    } else {
        for (to, doc) in into.iter_mut().zip(docs) {
            *to = column.first(*doc).map_or(missing, &make);
        }
    }
}

impl SegmentTally {
    fn take(&mut self, docs: &[DocId]) {
        for docs in docs.chunks(COLLECT_BLOCK_BUFFER_LEN) {
            let mut firsts = [NONE; COLLECT_BLOCK_BUFFER_LEN];
            for (number, field) in self.names.iter_mut().enumerate() {
                let mut values = [NONE; COLLECT_BLOCK_BUFFER_LEN];
                let values = &mut values[..docs.len()];
                if let Some(column) = &field.values {
                    read(column, docs, values, NONE, |value| u32::try_from(value).unwrap_or(NONE));
                }
                for value in &*values {
                    match field.quotes.get_mut(*value as usize) {
                        Some(quotes) => *quotes += 1,
                        None => field.without += 1,
                    }
                }
                if number == 0 {
                    firsts[..docs.len()].copy_from_slice(values);
                }
            }
            if let Some(days) = &mut self.days {
                days.take(docs, &firsts[..docs.len()]);
            }
        }
    }
}

impl SegmentCollector for SegmentTally {
    type Fruit = Tally;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.waiting.push(doc);
        if self.waiting.len() == COLLECT_BLOCK_BUFFER_LEN {
            let waiting = std::mem::take(&mut self.waiting);
            self.take(&waiting);
        }
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.take(docs);
    }

    fn harvest(mut self) -> Tally {
        let waiting = std::mem::take(&mut self.waiting);
        self.take(&waiting);
        let names = self.names.into_iter().map(|names| (names.quotes, names.without)).collect();
        let (days, dated) = self.days.map_or_else(Default::default, |it| (it.days, it.dated));
        Tally { segment: self.number, names, days, dated }
    }
}
