//! The first quotes of an order among those that match, and how many match.
//!
//! One pass over the matches. The date, or the score, alone nearly always tells that a quote is not
//! among the first; what may be is compared by all that the order has.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, ColumnIndex};
use tantivy::query::Weight;
use tantivy::{
    COLLECT_BLOCK_BUFFER_LEN, DocAddress, DocId, Score, Searcher, SegmentOrdinal, SegmentReader,
    TantivyError,
};

use super::schema::{ID, PLACE, PUBLISHED};
use super::word::Word;

/// Quotes beyond those asked for that are held before the least are let go.
const SPARE: usize = 64;

/// What quotes are found and ordered by, of one segment of the index.
#[derive(Clone)]
pub(super) struct Columns {
    pub(super) ids: Column<u64>,
    /// Dates as numbers of the same order.
    pub(super) dates: Column<u64>,
    pub(super) places: Column<u64>,
}

/// The columns of each segment, opened when they are needed first.
pub(super) struct AllColumns(Vec<OnceLock<Columns>>);

impl AllColumns {
    /// Of so many segments.
    pub(super) fn new(segments: usize) -> Self {
        Self(std::iter::repeat_with(OnceLock::new).take(segments).collect())
    }

    /// The columns of the segment of this number.
    pub(super) fn of(
        &self,
        number: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<&Columns> {
        let missing = || TantivyError::InternalError(format!("segment {number} lacks a column"));
        let place = usize::try_from(number).ok().and_then(|number| self.0.get(number));
        let place = place.ok_or_else(missing)?;
        if let Some(open) = place.get() {
            return Ok(open);
        }
        let fields = segment.fast_fields();
        let (dates, _) = fields.u64_lenient_for_type(None, PUBLISHED)?.ok_or_else(missing)?;
        let columns = Columns { ids: fields.u64(ID)?, dates, places: fields.u64(PLACE)? };
        Ok(place.get_or_init(|| columns))
    }
}

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The best score; the newest of one score.
    Score,
    Newest,
    Oldest,
}

/// Where a quote stands in the order: its score and its date, or its date alone, then its place. The
/// lowest comes first.
pub(super) type Standing = (u64, u64, u64);

/// The standing of the quote `doc`, which has this `score`.
fn standing(by: By, columns: &Columns, doc: DocId, score: Score) -> Standing {
    let value = |column: &Column<u64>| column.first(doc).unwrap_or_default();
    let Columns { dates, places, .. } = columns;
    match by {
        By::Score => (rank(score), !value(dates), value(places)),
        By::Newest => (!value(dates), 0, value(places)),
        By::Oldest => (value(dates), 0, value(places)),
    }
}

/// The order of scores, which are never below 0, the highest first.
fn rank(score: Score) -> u64 {
    u64::from(!score.max(0.0).to_bits())
}

/// A quote in the order; no two are the same.
pub(super) type Found = (Standing, DocAddress);

/// Collects the first matches in their order.
pub(super) struct First<'a> {
    by: By,
    limit: usize,
    after: Option<Found>,
    columns: &'a AllColumns,
    /// The first part of a standing behind which nothing is among the first: as soon as one segment
    /// has enough, the others look for better ones only.
    last: Arc<AtomicU64>,
}

impl<'a> First<'a> {
    /// The first `limit`, one or more; only those behind `after`.
    pub(super) fn of(by: By, limit: usize, after: Option<Found>, columns: &'a AllColumns) -> Self {
        Self { by, limit, after, columns, last: Arc::new(AtomicU64::new(u64::MAX)) }
    }

    /// The same of everything, by date: only those quotes are looked at whose date may be among the first.
    pub(super) fn of_all(self) -> Shortcut<'a> {
        Shortcut { first: self, alone: Alone::All }
    }

    /// The same of this `word` alone, by score: the blocks of quotes are passed over in which none is good
    /// enough to be among the first.
    pub(super) fn of_word(
        self,
        searcher: &Searcher,
        word: &'a Word,
    ) -> tantivy::Result<Shortcut<'a>> {
        let is_whole = searcher.segment_readers().iter().all(|segment| !segment.has_deletes());
        let alone = Alone::Word { word, mean_length: word.mean_length(searcher)?, is_whole };
        Ok(Shortcut { first: self, alone })
    }
}

/// Collects what [`First`] does without a walk over all that matches.
pub(super) struct Shortcut<'a> {
    first: First<'a>,
    alone: Alone<'a>,
}

/// What is asked for alone.
enum Alone<'a> {
    All,
    Word {
        word: &'a Word,
        mean_length: Score,
        /// True if no quote is gone: what is known of the word is how many there are.
        is_whole: bool,
    },
}

impl<'a> Collector for Shortcut<'a> {
    type Fruit = <First<'a> as Collector>::Fruit;
    type Child = FirstOfSegment;

    fn for_segment(
        &self,
        number: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<FirstOfSegment> {
        self.first.for_segment(number, segment)
    }

    fn requires_scoring(&self) -> bool {
        matches!(self.alone, Alone::Word { .. })
    }

    fn merge_fruits(&self, segments: Vec<(usize, Vec<Found>)>) -> tantivy::Result<Self::Fruit> {
        let (total, found) = self.first.merge_fruits(segments)?;
        let total = match self.alone {
            Alone::Word { word, is_whole: true, .. } => word.quotes() as usize,
            _ => total,
        };
        Ok((total, found))
    }

    fn collect_segment(
        &self,
        weight: &dyn Weight,
        number: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<(usize, Vec<Found>)> {
        let mut found = self.for_segment(number, segment)?;
        match self.alone {
            Alone::All => {
                let is_full = matches!(found.columns.dates.index, ColumnIndex::Full);
                if !is_full || segment.has_deletes() {
                    return self.first.collect_segment(weight, number, segment);
                }
                found.take_everything(segment.max_doc());
            }
            Alone::Word { word, mean_length, is_whole } => {
                let slack = word.slack(segment, mean_length)?;
                weight.for_each_pruning(found.least(slack), segment, &mut |doc, score| {
                    if segment.alive_bitset().is_none_or(|alive| alive.is_alive(doc)) {
                        found.collect(doc, score);
                    }
                    found.least(slack)
                })?;
                if !is_whole {
                    found.total = weight.count(segment)? as usize;
                }
            }
        }
        Ok(found.harvest())
    }
}

impl Collector for First<'_> {
    /// How many match in all, and the first.
    type Fruit = (usize, Vec<Found>);
    type Child = FirstOfSegment;

    fn for_segment(
        &self,
        number: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<FirstOfSegment> {
        Ok(FirstOfSegment {
            by: self.by,
            limit: self.limit,
            after: self.after,
            columns: self.columns.of(number, segment)?.clone(),
            number,
            total: 0,
            waiting: Vec::with_capacity(COLLECT_BLOCK_BUFFER_LEN),
            found: Vec::new(),
            last: Arc::clone(&self.last),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.by == By::Score
    }

    fn merge_fruits(
        &self,
        segments: Vec<(usize, Vec<Found>)>,
    ) -> tantivy::Result<(usize, Vec<Found>)> {
        let total = segments.iter().map(|(total, _)| total).sum();
        let mut found: Vec<_> = segments.into_iter().flat_map(|(_, found)| found).collect();
        // Every segment has its first: a page far on would sort them all.
        if found.len() > self.limit {
            found.select_nth_unstable(self.limit - 1);
            found.truncate(self.limit);
        }
        found.sort_unstable();
        Ok((total, found))
    }
}

/// The first of one segment.
pub(super) struct FirstOfSegment {
    by: By,
    limit: usize,
    after: Option<Found>,
    columns: Columns,
    number: SegmentOrdinal,
    total: usize,
    /// Matches that came one by one and of which nothing is read yet.
    waiting: Vec<DocId>,
    found: Vec<Found>,
    /// [`First::last`].
    last: Arc<AtomicU64>,
}

impl FirstOfSegment {
    fn take(&mut self, doc: DocId, score: Score) {
        let standing = standing(self.by, &self.columns, doc, score);
        let found = (standing, DocAddress::new(self.number, doc));
        if self.after.is_some_and(|after| found <= after) {
            return;
        }
        self.found.push(found);
        if self.found.len() >= self.limit.saturating_add(self.limit.max(SPARE)) {
            self.let_go();
        }
    }

    /// Takes all quotes of the segment, each of which has a date.
    fn take_everything(&mut self, quotes: DocId) {
        /// Quotes that are looked through before the last date of the first ones is asked anew.
        const AT_ONCE: usize = 1 << 11;
        self.total = quotes as usize;
        let first = self.after.map_or(0, |((first, ..), _)| first);
        let dates = Arc::clone(&self.columns.dates.values);
        let mut near = Vec::new();
        for begin in (0..quotes).step_by(AT_ONCE) {
            let last = self.last.load(Relaxed);
            let range = if self.by == By::Newest { !last..=!first } else { first..=last };
            near.clear();
            let end = quotes.min(begin.saturating_add(AT_ONCE as DocId));
            dates.get_row_ids_for_value_range(range, begin..end, &mut near);
            near.iter().for_each(|quote| self.take(*quote, 0.0));
        }
    }

    /// A score that everything which may be among the first is above, where the blocks' greatest scores are
    /// to be multiplied by `slack`.
    fn least(&self, slack: Score) -> Score {
        match u32::try_from(self.last.load(Relaxed)) {
            Ok(last) => (Score::from_bits(!last) / slack).next_down(),
            Err(_) => Score::MIN,
        }
    }

    fn let_go(&mut self) {
        if self.found.len() > self.limit {
            let (_, (last, _), _) = self.found.select_nth_unstable(self.limit - 1);
            self.last.fetch_min(last.0, Relaxed);
            self.found.truncate(self.limit);
        }
    }

    fn take_all(&mut self, docs: &[DocId]) {
        let first = self.after.map_or(0, |((first, ..), _)| first);
        for docs in docs.chunks(COLLECT_BLOCK_BUFFER_LEN) {
            let mut values = [0; COLLECT_BLOCK_BUFFER_LEN];
            let values = &mut values[..docs.len()];
            let column = &self.columns.dates;
            if let ColumnIndex::Full = column.index {
                column.values.get_vals(docs, values);
            } else {
                for (doc, value) in docs.iter().zip(&mut *values) {
                    *value = column.first(*doc).unwrap_or_default();
                }
            }
            let last = self.last.load(Relaxed);
            let turn = if self.by == By::Newest { u64::MAX } else { 0 };
            for (doc, value) in docs.iter().zip(&*values) {
                if (first..=last).contains(&(value ^ turn)) {
                    self.take(*doc, 0.0);
                }
            }
        }
    }

    fn take_waiting(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.take_all(&waiting);
        waiting.clear();
        self.waiting = waiting;
    }
}

impl SegmentCollector for FirstOfSegment {
    type Fruit = (usize, Vec<Found>);

    fn collect(&mut self, doc: DocId, score: Score) {
        self.total += 1;
        if self.by == By::Score {
            if rank(score) <= self.last.load(Relaxed) {
                self.take(doc, score);
            }
            return;
        }
        self.waiting.push(doc);
        if self.waiting.len() == COLLECT_BLOCK_BUFFER_LEN {
            self.take_waiting();
        }
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.total += docs.len();
        self.take_all(docs);
    }

    fn harvest(mut self) -> Self::Fruit {
        self.take_waiting();
        self.let_go();
        (self.total, self.found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::query::{AllQuery, TermQuery};
    use tantivy::schema::IndexRecordOption;
    use tantivy::{DateTime, Index, TantivyDocument, Term};

    use super::super::schema::{fields, schema};
    use super::super::words::register;
    use super::*;

    /// The order of all, a page at a time, and that of all at once.
    fn both(quotes: &[(u64, i64, bool)], by: By, page: usize) -> (Vec<Found>, Vec<Found>) {
        let index = Index::create_in_ram(schema());
        register(&index);
        let fields = fields();
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        for (number, (id, date, long)) in quotes.iter().enumerate() {
            let mut document = TantivyDocument::default();
            document.add_u64(fields.id, *id);
            document.add_date(fields.published, DateTime::from_timestamp_secs(*date));
            document.add_u64(fields.place, id % 3);
            document.add_text(fields.exact, if *long { "a word of many" } else { "a word" });
            writer.add_document(document).unwrap();
            if number % 50 == 49 {
                writer.commit().unwrap();
            }
        }
        writer.commit().unwrap();
        // One by one they come where something was deleted.
        writer.delete_term(Term::from_field_i64(fields.day, 1));
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let columns = AllColumns::new(searcher.segment_readers().len());
        let first = |limit: usize, after: Option<Found>| {
            let first = First::of(by, limit, after, &columns);
            let word = Term::from_field_text(fields.exact, "word");
            let (total, found) = if by == By::Score {
                let word = TermQuery::new(word, IndexRecordOption::WithFreqs);
                searcher.search(&word, &first).unwrap()
            } else {
                let walked = searcher.search(&AllQuery, &first).unwrap();
                let of_all = First::of(by, limit, after, &columns).of_all();
                assert_eq!(walked, searcher.search(&AllQuery, &of_all).unwrap());
                walked
            };
            assert_eq!(total, quotes.len());
            found
        };
        let mut pages: Vec<Found> = Vec::new();
        loop {
            let found = first(page, pages.last().copied());
            if found.is_empty() {
                return (pages, first(usize::MAX, None));
            }
            pages.extend(found);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn pages_are_parts_of_one_order_that_has_every_quote_once(
            quotes in prop::collection::vec((0..40_u64, 0..5_i64, any::<bool>()), 1..180),
            page in 1..70_usize,
        ) {
            for by in [By::Score, By::Newest, By::Oldest] {
                let (pages, all) = both(&quotes, by, page);
                prop_assert_eq!(pages.len(), quotes.len());
                prop_assert!(all.is_sorted());
                prop_assert_eq!(pages, all, "{:?}", by);
            }
        }
    }
}
