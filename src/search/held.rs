//! What is held of the index in memory: the different values of what quotes are counted by, and which of
//! them each quote has; days; marks.
//!
//! An open index → values as numbers, and every quote's number. A value's number is its place among those of
//! the whole index; [`Values`] says which texts these stand for, and which of them count as one. A speaker's
//! value is the printed name with the identity: two of one name are two, several names of one identity are
//! one.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::columnar::{Column, ColumnIndex, ColumnValues, StrColumn};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{
    COLLECT_BLOCK_BUFFER_LEN, DocId, DocSet, Searcher, SegmentOrdinal, SegmentReader, TERMINATED,
    TantivyError, Term,
};

use super::schema::{DAY, SPEAKER};
use crate::domain::folding::folded;

/// In the place of a value that a quote doesn't have.
pub(super) const NONE: u32 = u32::MAX;

/// The different values that a field has in the index.
pub(super) struct Values {
    /// By segment, the place in `texts` of each of its values.
    places: Vec<Arc<[u32]>>,
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
            places.push(here.into());
        }
        Ok(Self { places, texts, groups, different: folded_as.len(), identities: Vec::new() })
    }

    /// The identity that a group is, if it is one.
    pub(super) fn identity(&self, group: u32) -> Option<&str> {
        self.identities.get(group as usize)?.as_deref()
    }

    /// The places of the values of a segment; of speakers none.
    pub(super) fn places(&self, segment: SegmentOrdinal) -> &[u32] {
        self.places.get(segment as usize).map_or(&[], |places| places)
    }
}

/// The number of each quote's value, held in memory: four bytes a quote, and many times as fast to read as a
/// column.
pub(super) struct Numbered {
    by_segment: Vec<Arc<[u32]>>,
    /// Different values, of which the numbers are the places. Quotes without a value have this number.
    pub(super) values: usize,
}

impl Numbered {
    /// Of numbers by quote and by segment, [`NONE`] without a value.
    fn new(by_segment: Vec<Vec<u32>>, values: usize) -> Self {
        let none = number(values);
        let numbers = |numbers: Vec<u32>| numbers.into_iter().map(|it| it.min(none)).collect();
        Self { by_segment: by_segment.into_iter().map(numbers).collect(), values }
    }

    /// Of the field of this name, which has these values.
    pub(super) fn of(searcher: &Searcher, field: &str, values: &Values) -> tantivy::Result<Self> {
        let mut by_segment = Vec::new();
        for (segment, reader) in (0..).zip(searcher.segment_readers()) {
            let docs: Vec<DocId> = (0..reader.max_doc()).collect();
            let mut numbers = vec![NONE; docs.len()];
            if let Some(column) = reader.fast_fields().str(field)? {
                let places = values.places(segment);
                let numbers = numbers.chunks_mut(COLLECT_BLOCK_BUFFER_LEN);
                for (docs, numbers) in docs.chunks(COLLECT_BLOCK_BUFFER_LEN).zip(numbers) {
                    read_numbers(column.ords(), docs, numbers);
                    for number in numbers {
                        *number = places.get(*number as usize).copied().unwrap_or(NONE);
                    }
                }
            }
            by_segment.push(numbers);
        }
        Ok(Self::new(by_segment, values.texts.len()))
    }

    /// By quote of this segment.
    pub(super) fn of_segment(&self, segment: SegmentOrdinal) -> Arc<[u32]> {
        self.by_segment.get(segment as usize).cloned().unwrap_or_default()
    }
}

/// The speakers of all quotes.
pub(super) struct Speakers {
    pub(super) values: Values,
    pub(super) numbered: Numbered,
    spoken: OnceLock<Spoken>,
}

impl Speakers {
    /// The identities of the field `identity`, and for quotes without one the printed names.
    pub(super) fn of(searcher: &Searcher, identity: Field) -> tantivy::Result<Self> {
        let mut known: FxHashMap<(Box<str>, u32), u32> = FxHashMap::default();
        let mut identity_as: FxHashMap<Box<str>, u32> = FxHashMap::default();
        let mut group_of_identity: FxHashMap<u32, u32> = FxHashMap::default();
        let mut group_of_name: FxHashMap<String, u32> = FxHashMap::default();
        let (mut texts, mut groups) = (Vec::new(), Vec::new());
        let (mut identities, mut by_segment) = (Vec::new(), Vec::new());
        for segment in searcher.segment_readers() {
            let whose = whose(segment, identity, &mut identity_as, &mut identities)?;
            let mut quotes = vec![NONE; whose.len()];
            if let Some(column) = segment.fast_fields().str(SPEAKER)? {
                let names = names(&column)?;
                let mut pairs: FxHashMap<(u64, u32), u32> = FxHashMap::default();
                for (doc, whose) in (0..).zip(&whose) {
                    let Some(name) = column.term_ords(doc).next() else { continue };
                    let place = *pairs.entry((name, *whose)).or_insert_with(|| {
                        let text = usize::try_from(name).ok().and_then(|name| names.get(name));
                        let text = text.cloned().unwrap_or_default();
                        let next = number(texts.len());
                        let place = *known.entry((text.clone(), *whose)).or_insert(next);
                        if place == next {
                            let next = number(group_of_identity.len() + group_of_name.len());
                            groups.push(if *whose == NONE {
                                *group_of_name.entry(folded(&text)).or_insert(next)
                            } else {
                                *group_of_identity.entry(*whose).or_insert(next)
                            });
                            texts.push(text);
                        }
                        place
                    });
                    quotes[doc as usize] = place;
                }
            }
            by_segment.push(quotes);
        }
        let different = group_of_identity.len() + group_of_name.len();
        let mut by_group = vec![None; different];
        for (identity, group) in group_of_identity {
            by_group[group as usize] = Some(identities[identity as usize].clone());
        }
        let numbered = Numbered::new(by_segment, texts.len());
        let values = Values { places: Vec::new(), texts, groups, different, identities: by_group };
        Ok(Self { values, numbered, spoken: OnceLock::new() })
    }

    /// The quotes of this group of speakers, those of a segment together.
    pub(super) fn quotes(&self, group: u32, days: &HeldDays) -> &[Said] {
        self.spoken.get_or_init(|| Spoken::of(&self.values, &self.numbered, days)).by(group)
    }
}

/// What quotes have of some fields together: a number for every combination that a quote has. One count by
/// that number is a count of each field, and combinations are few: who speaks mostly has one role.
pub(super) struct Combined {
    numbered: Numbered,
    /// By combination, the place of the value of each field.
    places: Vec<Vec<u32>>,
    /// By field, its different values.
    values: Vec<usize>,
}

impl Combined {
    /// Of fields that are numbered so.
    pub(super) fn of(fields: &[&Numbered]) -> Self {
        let mut known: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
        let mut places: Vec<Vec<u32>> = Vec::new();
        let segments = fields.iter().map(|field| field.by_segment.len()).min().unwrap_or_default();
        let mut here = Vec::with_capacity(fields.len());
        let by_segment = (0..segments).map(|segment| {
            let columns: Vec<&[u32]> = fields.iter().map(|it| &*it.by_segment[segment]).collect();
            let quotes = columns.iter().map(|column| column.len()).min().unwrap_or_default();
            let numbers = (0..quotes).map(|quote| {
                here.clear();
                here.extend(columns.iter().map(|column| column[quote]));
                if let Some(known) = known.get(&here) {
                    return *known;
                }
                let next = number(places.len());
                known.insert(here.clone(), next);
                places.push(here.clone());
                next
            });
            numbers.collect()
        });
        let by_segment = by_segment.collect();
        let numbered = Numbered::new(by_segment, places.len());
        Self { numbered, places, values: fields.iter().map(|field| field.values).collect() }
    }

    pub(super) fn numbered(&self) -> &Numbered {
        &self.numbered
    }

    /// The quotes by value of each field, and those without one, of quotes by combination.
    pub(super) fn apart(&self, quotes: &[u32]) -> Vec<(Vec<u32>, u64)> {
        let mut fields: Vec<_> = self.values.iter().map(|values| (vec![0; *values], 0)).collect();
        for (places, quotes) in self.places.iter().zip(quotes).filter(|(_, quotes)| **quotes > 0) {
            for ((by_value, without), place) in fields.iter_mut().zip(places) {
                match by_value.get_mut(*place as usize) {
                    Some(sum) => *sum += quotes,
                    None => *without += u64::from(*quotes),
                }
            }
        }
        fields
    }
}

/// A quote of a speaker.
#[derive(Clone, Copy, Default)]
pub(super) struct Said {
    pub(super) segment: SegmentOrdinal,
    pub(super) doc: DocId,
    /// The place of its day among those held in memory: looked up there, each would be a wait for memory.
    pub(super) day: u32,
}

/// The quotes of each group of speakers.
struct Spoken {
    /// Where the quotes of each group begin, and where those of the last one end.
    begins: Vec<u32>,
    quotes: Vec<Said>,
}

impl Spoken {
    /// Of speakers whose quotes are numbered so.
    fn of(speakers: &Values, numbered: &Numbered, days: &HeldDays) -> Self {
        let named = || {
            let segments = numbered.by_segment.iter().zip(&days.by_segment);
            (0..).zip(segments).flat_map(|(segment, (numbers, days))| {
                let groups =
                    numbers.iter().map(|number| speakers.groups.get(*number as usize).copied());
                (0..).zip(groups).zip(&**days).filter_map(move |((doc, group), day)| {
                    Some((group? as usize, Said { segment, doc, day: *day }))
                })
            })
        };
        let mut begins = vec![0; speakers.different + 1];
        named().for_each(|(group, _)| begins[group + 1] += 1);
        let mut sum = 0;
        for begin in &mut begins {
            sum += *begin;
            *begin = sum;
        }
        let mut next = begins.clone();
        let mut quotes = vec![Said::default(); sum as usize];
        for (group, quote) in named() {
            quotes[next[group] as usize] = quote;
            next[group] += 1;
        }
        Self { begins, quotes }
    }

    /// The quotes of this group.
    fn by(&self, group: u32) -> &[Said] {
        let bound = |at: usize| self.begins.get(at).map_or(0, |begin| *begin as usize);
        self.quotes.get(bound(group as usize)..bound(group as usize + 1)).unwrap_or_default()
    }
}

/// The days of quotes, held in memory.
pub(super) struct HeldDays {
    /// The different days as numbers YYYYMMDD, the earliest first; 0 for none.
    pub(super) days: Vec<i64>,
    /// By segment, the place of each quote's day.
    by_segment: Vec<Arc<[u32]>>,
}

impl HeldDays {
    pub(super) fn of(searcher: &Searcher) -> tantivy::Result<Self> {
        let mut by_segment = Vec::new();
        for segment in searcher.segment_readers() {
            let column = segment.fast_fields().i64(DAY)?;
            let docs: Vec<DocId> = (0..segment.max_doc()).collect();
            let mut days = vec![0; docs.len()];
            let chunks = days.chunks_mut(COLLECT_BLOCK_BUFFER_LEN);
            for (docs, days) in docs.chunks(COLLECT_BLOCK_BUFFER_LEN).zip(chunks) {
                read(&column, docs, days, 0, |day| day);
            }
            by_segment.push(days);
        }
        let known: FxHashSet<i64> = by_segment.iter().flatten().copied().collect();
        let mut days: Vec<i64> = known.into_iter().collect();
        days.sort_unstable();
        let known: FxHashMap<i64, u32> = days.iter().copied().zip(0..).collect();
        let places = |days: Vec<i64>| days.iter().map(|day| known[day]).collect();
        Ok(Self { by_segment: by_segment.into_iter().map(places).collect(), days })
    }

    /// By quote of this segment, the place of its day among `days`.
    pub(super) fn of_segment(&self, segment: SegmentOrdinal) -> Arc<[u32]> {
        self.by_segment.get(segment as usize).cloned().unwrap_or_default()
    }

    /// The places of the days from `first` to `last`, both among them.
    pub(super) fn between(&self, first: Option<i64>, last: Option<i64>) -> Range<u32> {
        let before = |end: &dyn Fn(i64) -> bool| number(self.days.partition_point(|day| end(*day)));
        let begin = first.map_or(0, |first| before(&|day| day < first));
        begin..last.map_or(number(self.days.len()), |last| before(&|day| day <= last))
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
        let (mut sets, mut by_segment) = (Vec::new(), Vec::new());
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
            by_segment.push(quotes);
        }
        let numbered = Numbered::new(by_segment, sets.len());
        Ok(Self { terms: terms.len(), sets, numbered })
    }

    pub(super) fn numbered(&self) -> &Numbered {
        &self.numbered
    }

    /// Quotes that have each of the terms, of quotes by their set.
    pub(super) fn counts(&self, quotes: &[u32]) -> Vec<u64> {
        let mut counts = vec![0; self.terms];
        for (set, quotes) in self.sets.iter().zip(quotes) {
            let has = counts.iter_mut().enumerate().filter(|(bit, _)| set >> bit & 1 == 1);
            has.for_each(|(_, count)| *count += u64::from(*quotes));
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

/// [`read`] of the numbers that texts have in a segment.
pub(super) fn read_numbers(column: &Column<u64>, docs: &[DocId], into: &mut [u32]) {
    read(column, docs, into, NONE, |it| u32::try_from(it).unwrap_or(NONE));
}

/// Reads the column's values of `docs`, [`COLLECT_BLOCK_BUFFER_LEN`] at most.
pub(super) fn read<
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + Default + 'static,
    V: Copy,
>(
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
