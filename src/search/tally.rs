//! One walk over the quotes that match: how many have each value of some fields, and by day and speaker.
//!
//! A query → numbers of quotes by value, and the day and speaker of each. In a segment a value is a
//! number; [`Values`] says which texts these stand for in the whole index, and which texts count as one.
//! A speaker's value is the printed name with the identity: two of one name are two, several names of one
//! identity are one.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, ColumnIndex, ColumnValues, StrColumn};
use tantivy::query::Query as IndexQuery;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{
    COLLECT_BLOCK_BUFFER_LEN, DocId, DocSet, Score, Searcher, SegmentOrdinal, SegmentReader,
    TERMINATED, TantivyError, Term,
};

use super::query::Search;
use super::schema::{DAY, SPEAKER};
use crate::domain::folding::folded;

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
    /// The identity that a group is, where it is one.
    identities: Vec<Option<Box<str>>>,
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
        Ok(Self { places, texts, groups, different: folded_as.len(), identities: Vec::new() })
    }

    /// Of the speakers: the identities of `identity`, and for quotes without one their printed names; with
    /// the number of each quote's, which no column has.
    pub(super) fn of_speakers(
        searcher: &Searcher,
        identity: Field,
    ) -> tantivy::Result<(Self, Numbered)> {
        let mut known: FxHashMap<(Box<str>, u32), u32> = FxHashMap::default();
        let mut identity_as: FxHashMap<Box<str>, u32> = FxHashMap::default();
        let mut group_of_identity: FxHashMap<u32, u32> = FxHashMap::default();
        let mut group_of_name: FxHashMap<String, u32> = FxHashMap::default();
        let (mut places, mut texts, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        let (mut identities, mut numbered) = (Vec::new(), Numbered::default());
        for segment in searcher.segment_readers() {
            let whose = whose(segment, identity, &mut identity_as, &mut identities)?;
            let (mut here, mut quotes) = (Vec::new(), vec![NONE; whose.len()]);
            if let Some(column) = segment.fast_fields().str(SPEAKER)? {
                let names = names(&column)?;
                let mut pairs: FxHashMap<(u64, u32), u32> = FxHashMap::default();
                for (doc, whose) in (0..).zip(&whose) {
                    let Some(name) = column.term_ords(doc).next() else { continue };
                    let next = number(here.len());
                    let value = *pairs.entry((name, *whose)).or_insert(next);
                    quotes[doc as usize] = value;
                    if value != next {
                        continue;
                    }
                    let text = usize::try_from(name).ok().and_then(|name| names.get(name));
                    let text = text.cloned().unwrap_or_default();
                    let place = *known.entry((text.clone(), *whose)).or_insert(number(texts.len()));
                    if place as usize == texts.len() {
                        let next = number(group_of_identity.len() + group_of_name.len());
                        groups.push(if *whose == NONE {
                            *group_of_name.entry(folded(&text)).or_insert(next)
                        } else {
                            *group_of_identity.entry(*whose).or_insert(next)
                        });
                        texts.push(text);
                    }
                    here.push(place);
                }
            }
            numbered.add(quotes, here.len());
            places.push(here);
        }
        let different = group_of_identity.len() + group_of_name.len();
        let mut by_group = vec![None; different];
        for (identity, group) in group_of_identity {
            by_group[group as usize] = Some(identities[identity as usize].clone());
        }
        Ok((Self { places, texts, groups, different, identities: by_group }, numbered))
    }

    /// The identity that a group is, if it is one.
    pub(super) fn identity(&self, group: u32) -> Option<&str> {
        self.identities.get(group as usize)?.as_deref()
    }

    /// The place of a value of a segment.
    pub(super) fn place(&self, segment: SegmentOrdinal, value: usize) -> Option<usize> {
        let place = self.places.get(segment as usize)?.get(value)?;
        Some(*place as usize)
    }
}

/// By segment, the number of each quote's value and how many values there are, held in memory: four bytes
/// a quote, and many times as fast to read as a column.
#[derive(Default)]
pub(super) struct Numbered(Vec<(Arc<[u32]>, usize)>);

impl Numbered {
    /// Of the field of this name.
    pub(super) fn of(searcher: &Searcher, field: &str) -> tantivy::Result<Self> {
        let mut numbered = Self::default();
        for segment in searcher.segment_readers() {
            let docs: Vec<DocId> = (0..segment.max_doc()).collect();
            let mut numbers = vec![NONE; docs.len()];
            let column = segment.fast_fields().str(field)?;
            if let Some(column) = &column {
                let numbers = numbers.chunks_mut(COLLECT_BLOCK_BUFFER_LEN);
                for (docs, numbers) in docs.chunks(COLLECT_BLOCK_BUFFER_LEN).zip(numbers) {
                    read_numbers(column.ords(), docs, numbers);
                }
            }
            numbered.add(numbers, column.map_or(0, |column| column.dictionary().num_terms()));
        }
        Ok(numbered)
    }

    fn add(&mut self, numbers: Vec<u32>, values: usize) {
        self.0.push((numbers.into(), values));
    }

    fn of_segment(&self, segment: SegmentOrdinal) -> (Numbers, usize) {
        let known = self.0.get(segment as usize);
        known.map_or((Numbers::None, 0), |(numbers, values)| {
            (Numbers::ByQuote(Arc::clone(numbers)), *values)
        })
    }
}

/// By segment, the days of quotes, held in memory.
pub(super) struct HeldDays(Vec<DaysOfSegment>);

/// The days that quotes of a segment are of, and the place of each quote's among them.
type DaysOfSegment = (Arc<[i64]>, Arc<[u32]>);

impl HeldDays {
    pub(super) fn of(searcher: &Searcher) -> tantivy::Result<Self> {
        let mut held = Vec::new();
        for segment in searcher.segment_readers() {
            let column = segment.fast_fields().i64(DAY)?;
            let mut known = KnownDays::default();
            let docs: Vec<DocId> = (0..segment.max_doc()).collect();
            let mut places = Vec::with_capacity(docs.len());
            for docs in docs.chunks(COLLECT_BLOCK_BUFFER_LEN) {
                known.read(&column, docs, |place| places.push(place));
            }
            held.push((known.days.into(), places.into()));
        }
        Ok(Self(held))
    }
}

/// Which of some terms each quote has: a number for every set of them that quotes have.
pub(super) struct Flags {
    terms: usize,
    /// Bit `n` of a set is the term `n`.
    sets: Vec<u32>,
    numbered: Numbered,
}

impl Flags {
    /// Terms that there may be.
    pub(super) const MAX: usize = u32::BITS as usize;

    /// Of the first [`Flags::MAX`] of `terms`.
    pub(super) fn of(searcher: &Searcher, terms: &[Term]) -> tantivy::Result<Self> {
        let terms = &terms[..terms.len().min(Self::MAX)];
        let mut known: FxHashMap<u32, u32> = FxHashMap::default();
        let (mut sets, mut numbers) = (Vec::new(), Vec::new());
        for segment in searcher.segment_readers() {
            let mut quotes: Vec<u32> = vec![0; segment.max_doc() as usize];
            for (bit, term) in terms.iter().enumerate() {
                let lists = segment.inverted_index(term.field())?;
                let list = lists.read_postings(term, IndexRecordOption::Basic)?;
                let Some(mut list) = list else { continue };
                while list.doc() != TERMINATED {
                    quotes[list.doc() as usize] |= 1 << bit;
                    list.advance();
                }
            }
            for set in &mut quotes {
                let next = number(sets.len());
                let place = *known.entry(*set).or_insert(next);
                if place == next {
                    sets.push(*set);
                }
                *set = place;
            }
            numbers.push(quotes);
        }
        let mut numbered = Numbered::default();
        numbers.into_iter().for_each(|numbers| numbered.add(numbers, sets.len()));
        Ok(Self { terms: terms.len(), sets, numbered })
    }

    pub(super) fn numbered(&self) -> &Numbered {
        &self.numbered
    }

    /// Quotes that have each of the terms, of tallies among whose fields these flags stand at `place`.
    pub(super) fn counts(&self, tallies: &[Tally], place: usize) -> Vec<u64> {
        let mut counts = vec![0; self.terms];
        for (quotes, _) in tallies.iter().filter_map(|tally| tally.names.get(place)) {
            for (set, quotes) in self.sets.iter().zip(quotes) {
                let has = counts.iter_mut().enumerate().filter(|(bit, _)| set >> bit & 1 == 1);
                has.for_each(|(_, count)| *count += u64::from(*quotes));
            }
        }
        counts
    }
}

/// By quote of a segment, the number of its speaker's identity in `identities`, [`NONE`] without one. The
/// index has a list of quotes for each identity, which is read once.
fn whose(
    segment: &SegmentReader,
    identity: Field,
    known: &mut FxHashMap<Box<str>, u32>,
    identities: &mut Vec<Box<str>>,
) -> tantivy::Result<Vec<u32>> {
    let mut whose = vec![NONE; segment.max_doc() as usize];
    let lists = segment.inverted_index(identity)?;
    let mut stream = lists.terms().stream()?;
    while stream.advance() {
        let id = String::from_utf8_lossy(stream.key());
        let next = number(identities.len());
        let number = *known.entry(id.as_ref().into()).or_insert(next);
        if number == next {
            identities.push(id.as_ref().into());
        }
        let mut quotes =
            lists.read_postings_from_terminfo(stream.value(), IndexRecordOption::Basic)?;
        while quotes.doc() != TERMINATED {
            whose[quotes.doc() as usize] = number;
            quotes.advance();
        }
    }
    Ok(whose)
}

/// The values of a column by their numbers.
fn names(column: &StrColumn) -> tantivy::Result<Vec<Box<str>>> {
    let mut names = Vec::with_capacity(column.dictionary().num_terms());
    let mut stream = column.dictionary().stream().map_err(TantivyError::from)?;
    while stream.advance() {
        names.push(String::from_utf8_lossy(stream.key()).into());
    }
    Ok(names)
}

/// What is read of the index when it is needed first.
pub(super) struct Known<T>(OnceLock<T>);

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Known<T> {
    pub(super) fn known(&self) -> Option<&T> {
        self.0.get()
    }

    pub(super) fn of(&self, read: impl FnOnce() -> tantivy::Result<T>) -> tantivy::Result<&T> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let values = read()?;
        Ok(self.0.get_or_init(|| values))
    }
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Where the numbers of a segment's values are.
enum Numbers {
    None,
    Column(Column<u64>),
    ByQuote(Arc<[u32]>),
}

/// What was counted in one segment.
pub(super) struct Tally {
    pub(super) segment: SegmentOrdinal,
    /// By field, quotes by the number of their value; then those without one.
    pub(super) names: Vec<(Vec<u32>, u64)>,
    /// The days that quotes are of, as numbers YYYYMMDD, 0 for none.
    pub(super) days: Arc<[i64]>,
    /// Every quote's day, as its place in `days`, and the number of its first field's value,
    /// [`NONE`] without one. Eight bytes a quote, for the time of one count.
    pub(super) dated: Vec<(u32, u32)>,
}

/// In the place of a value that a quote doesn't have.
pub(super) const NONE: u32 = u32::MAX;

/// What values are counted of.
#[derive(Clone, Copy)]
pub(super) enum Of<'a> {
    /// A field with a column.
    Field(&'static str),
    /// What is held in memory.
    Numbered(&'a Numbered),
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

/// Counts the quotes that match by the values of `fields`, and notes their days if they are to be `dated`.
pub(super) fn tally(
    search: &Search,
    query: &dyn IndexQuery,
    fields: &[Of<'_>],
    dated: Dated<'_>,
) -> tantivy::Result<Vec<Tally>> {
    search.walk(query, &Tallying::of(fields, dated))
}

/// Collects what [`tally`] gives.
pub(super) struct Tallying<'a> {
    fields: &'a [Of<'a>],
    dated: Dated<'a>,
}

impl<'a> Tallying<'a> {
    pub(super) fn of(fields: &'a [Of<'a>], dated: Dated<'a>) -> Self {
        Self { fields, dated }
    }
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
            let (numbers, values) = match field {
                Of::Field(field) => match fields.str(field)? {
                    Some(column) => {
                        (Numbers::Column(column.ords().clone()), column.dictionary().num_terms())
                    }
                    None => (Numbers::None, 0),
                },
                Of::Numbered(numbered) => numbered.of_segment(number),
            };
            names.push(Names { numbers, quotes: vec![0; values], without: 0 });
        }
        let from = match self.dated {
            Dated::No => None,
            Dated::ByColumn => Some(From::Column(fields.i64(DAY)?, KnownDays::default())),
            Dated::Held(held) => held.0.get(number as usize).cloned().map(From::Held),
        };
        let days = from.map(|from| Days { from, dated: Vec::new() });
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

pub(super) struct SegmentTally {
    number: SegmentOrdinal,
    names: Vec<Names>,
    days: Option<Days>,
    /// Matches that came one by one.
    waiting: Vec<DocId>,
}

struct Names {
    numbers: Numbers,
    quotes: Vec<u32>,
    without: u64,
}

/// Every quote's day, as they come.
struct Days {
    from: From,
    dated: Vec<(u32, u32)>,
}

/// Where days are read.
enum From {
    Column(Column<i64>, KnownDays),
    Held(DaysOfSegment),
}

impl Days {
    fn take(&mut self, docs: &[DocId], speakers: &[u32]) {
        match &mut self.from {
            From::Column(column, known) => {
                let mut speakers = speakers.iter();
                known.read(column, docs, |place| {
                    self.dated.extend(speakers.next().map(|speaker| (place, *speaker)));
                });
            }
            From::Held((_, places)) => {
                let places = docs.iter().filter_map(|doc| places.get(*doc as usize)).copied();
                self.dated.extend(places.zip(speakers.iter().copied()));
            }
        }
    }

    fn end(self) -> (Arc<[i64]>, Vec<(u32, u32)>) {
        let days = match self.from {
            From::Column(_, known) => known.days.into(),
            From::Held((days, _)) => days,
        };
        (days, self.dated)
    }
}

/// The days met so far, and the place of each.
#[derive(Default)]
struct KnownDays {
    places: FxHashMap<i64, u32>,
    days: Vec<i64>,
    /// The last day and its place: an article's quotes stand together.
    last: Option<(i64, u32)>,
}

impl KnownDays {
    /// Gives the places of the days of `docs`, [`COLLECT_BLOCK_BUFFER_LEN`] at most, in their order.
    fn read(&mut self, column: &Column<i64>, docs: &[DocId], mut give: impl FnMut(u32)) {
        let mut values = [0; COLLECT_BLOCK_BUFFER_LEN];
        let values = &mut values[..docs.len()];
        read(column, docs, values, 0, |day| day);
        for day in values {
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
            give(place);
        }
    }
}

/// [`read`] of the numbers that texts have in a segment.
fn read_numbers(column: &Column<u64>, docs: &[DocId], into: &mut [u32]) {
    read(column, docs, into, NONE, |it| u32::try_from(it).unwrap_or(NONE));
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
    fn take_waiting(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.take(&waiting);
        waiting.clear();
        self.waiting = waiting;
    }

    fn take(&mut self, docs: &[DocId]) {
        for docs in docs.chunks(COLLECT_BLOCK_BUFFER_LEN) {
            let mut firsts = [NONE; COLLECT_BLOCK_BUFFER_LEN];
            for (number, field) in self.names.iter_mut().enumerate() {
                let mut values = [NONE; COLLECT_BLOCK_BUFFER_LEN];
                let values = &mut values[..docs.len()];
                match &field.numbers {
                    Numbers::None => {}
                    Numbers::Column(column) => {
                        read_numbers(column, docs, values);
                    }
                    Numbers::ByQuote(numbers) => {
                        for (to, doc) in values.iter_mut().zip(docs) {
                            *to = numbers.get(*doc as usize).copied().unwrap_or(NONE);
                        }
                    }
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
            self.take_waiting();
        }
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.take(docs);
    }

    fn harvest(mut self) -> Tally {
        self.take_waiting();
        let names = self.names.into_iter().map(|names| (names.quotes, names.without)).collect();
        let (days, dated) = self.days.map_or_else(Default::default, Days::end);
        Tally { segment: self.number, names, days, dated }
    }
}
