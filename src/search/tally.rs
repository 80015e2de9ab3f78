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
    TERMINATED, TantivyError,
};

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
    /// By segment, the number of each quote's value, where no column has it.
    of_quotes: Vec<Arc<[u32]>>,
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
        let (identities, of_quotes) = (Vec::new(), Vec::new());
        Ok(Self { places, texts, groups, different: folded_as.len(), identities, of_quotes })
    }

    /// Of the speakers: the identities of `identity`, and for quotes without one their printed names.
    pub(super) fn of_speakers(searcher: &Searcher, identity: Field) -> tantivy::Result<Self> {
        let mut known: FxHashMap<(Box<str>, u32), u32> = FxHashMap::default();
        let mut identity_as: FxHashMap<Box<str>, u32> = FxHashMap::default();
        let mut group_of_identity: FxHashMap<u32, u32> = FxHashMap::default();
        let mut group_of_name: FxHashMap<String, u32> = FxHashMap::default();
        let (mut places, mut texts, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        let (mut identities, mut of_quotes) = (Vec::new(), Vec::new());
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
            places.push(here);
            of_quotes.push(quotes.into());
        }
        let different = group_of_identity.len() + group_of_name.len();
        let mut by_group = vec![None; different];
        for (identity, group) in group_of_identity {
            by_group[group as usize] = Some(identities[identity as usize].clone());
        }
        Ok(Self { places, texts, groups, different, identities: by_group, of_quotes })
    }

    /// The identity that a group is, if it is one.
    pub(super) fn identity(&self, group: u32) -> Option<&str> {
        self.identities.get(group as usize)?.as_deref()
    }

    /// By quote of a segment, the number of its value, and how many values there are.
    fn numbers(&self, segment: SegmentOrdinal) -> (Numbers, usize) {
        let values = self.places.get(segment as usize).map_or(0, Vec::len);
        let numbers = self.of_quotes.get(segment as usize).cloned();
        (numbers.map_or(Numbers::None, Numbers::ByQuote), values)
    }

    /// The place of a value of a segment.
    pub(super) fn place(&self, segment: SegmentOrdinal, value: usize) -> Option<usize> {
        let place = self.places.get(segment as usize)?.get(value)?;
        Some(*place as usize)
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

/// The values of a field, read when they are needed first.
#[derive(Default)]
pub(super) struct Known(OnceLock<Values>);

impl Known {
    pub(super) fn of(
        &self,
        read: impl FnOnce() -> tantivy::Result<Values>,
    ) -> tantivy::Result<&Values> {
        if let Some(known) = self.0.get() {
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
    pub(super) days: Vec<i64>,
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
    /// The speakers, by [`Values::of_speakers`].
    Speakers(&'a Values),
}

/// Counts the quotes that match by the values of `fields`, and if `dated` notes their days.
pub(super) fn tally(
    searcher: &Searcher,
    query: &dyn IndexQuery,
    fields: &[Of<'_>],
    dated: bool,
) -> tantivy::Result<Vec<Tally>> {
    searcher.search(query, &Tallying { fields, dated })
}

struct Tallying<'a> {
    fields: &'a [Of<'a>],
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
            let (numbers, values) = match field {
                Of::Field(field) => match fields.str(field)? {
                    Some(column) => {
                        (Numbers::Column(column.ords().clone()), column.dictionary().num_terms())
                    }
                    None => (Numbers::None, 0),
                },
                Of::Speakers(values) => values.numbers(number),
            };
            names.push(Names { numbers, quotes: vec![0; values], without: 0 });
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
    numbers: Numbers,
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
                match &field.numbers {
                    Numbers::None => {}
                    Numbers::Column(column) => {
                        read(column, docs, values, NONE, |it| u32::try_from(it).unwrap_or(NONE));
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
