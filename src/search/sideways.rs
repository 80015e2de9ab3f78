//! One walk that also counts what a query would find without one of its filters.
//!
//! Who has chosen a speaker wants to see how many quotes the others would give. A quote that every filter
//! lets through is found; one that a single filter keeps out is counted among the values of that filter.
//! The method is Lucene's drill sideways.

use std::ops::Range;
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::{BitSet, DocId, Score, SegmentOrdinal, SegmentReader};

use super::held::HeldDays;

/// By segment, which of its quotes are in a set.
pub(super) type Set = Vec<Arc<BitSet>>;

/// Collects the quotes that match as a [`Set`].
pub(super) struct Matching;

impl Collector for Matching {
    type Fruit = Set;
    type Child = MatchingOfSegment;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<MatchingOfSegment> {
        Ok(MatchingOfSegment(BitSet::with_max_value(segment.max_doc())))
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<BitSet>) -> tantivy::Result<Set> {
        Ok(segments.into_iter().map(Arc::new).collect())
    }
}

pub(super) struct MatchingOfSegment(BitSet);

impl SegmentCollector for MatchingOfSegment {
    type Fruit = BitSet;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.0.insert(doc);
    }

    fn harvest(self) -> BitSet {
        self.0
    }
}

/// Gives `found` the quotes that all filters let through, and what stands beside a filter these and those
/// that it alone keeps out.
pub(super) struct Sideways<'a, F, B> {
    /// The days that quotes must be of, as places among those held in memory.
    pub(super) days: Option<(&'a HeldDays, Range<u32>)>,
    pub(super) found: F,
    /// What each filter lets through, and what collects beside it.
    pub(super) beside: Vec<(Set, B)>,
}

impl<F: Collector, B: Collector> Collector for Sideways<'_, F, B> {
    type Fruit = (F::Fruit, Vec<B::Fruit>);
    type Child = SidewaysOfSegment<F::Child, B::Child>;

    fn for_segment(
        &self,
        number: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<Self::Child> {
        let mut beside = Vec::with_capacity(self.beside.len());
        for (set, collector) in &self.beside {
            let set = set.get(number as usize).cloned();
            let set = set.unwrap_or_else(|| Arc::new(BitSet::with_max_value(segment.max_doc())));
            beside.push((set, collector.for_segment(number, segment)?));
        }
        let days = self.days.as_ref();
        Ok(SidewaysOfSegment {
            days: days.map(|(held, days)| (held.of_segment(number), days.clone())),
            found: self.found.for_segment(number, segment)?,
            beside,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.found.requires_scoring()
    }

    fn merge_fruits(
        &self,
        segments: Vec<<Self::Child as SegmentCollector>::Fruit>,
    ) -> tantivy::Result<Self::Fruit> {
        let (found, besides): (Vec<_>, Vec<_>) = segments.into_iter().unzip();
        let mut by_filter: Vec<Vec<_>> = self.beside.iter().map(|_| Vec::new()).collect();
        for beside in besides {
            by_filter.iter_mut().zip(beside).for_each(|(all, fruit)| all.push(fruit));
        }
        let beside = self.beside.iter().zip(by_filter);
        let beside = beside.map(|((_, collector), fruits)| collector.merge_fruits(fruits));
        Ok((self.found.merge_fruits(found)?, beside.collect::<tantivy::Result<_>>()?))
    }
}

pub(super) struct SidewaysOfSegment<F, B> {
    /// By quote, the place of its day; and those that will do.
    days: Option<(Arc<[u32]>, Range<u32>)>,
    found: F,
    beside: Vec<(Arc<BitSet>, B)>,
}

impl<F: SegmentCollector, B: SegmentCollector> SegmentCollector for SidewaysOfSegment<F, B> {
    type Fruit = (F::Fruit, Vec<B::Fruit>);

    fn collect(&mut self, doc: DocId, score: Score) {
        if let Some((places, days)) = &self.days
            && !places.get(doc as usize).is_some_and(|place| days.contains(place))
        {
            return;
        }
        let mut out = self.beside.iter_mut().filter(|(set, _)| !set.contains(doc));
        match (out.next(), out.next()) {
            (None, _) => {
                self.found.collect(doc, score);
                self.beside.iter_mut().for_each(|(_, beside)| beside.collect(doc, score));
            }
            (Some((_, beside)), None) => beside.collect(doc, score),
            (Some(_), Some(_)) => {}
        }
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        if self.days.is_none() && self.beside.is_empty() {
            self.found.collect_block(docs);
        } else {
            docs.iter().for_each(|doc| self.collect(*doc, 0.0));
        }
    }

    fn harvest(self) -> Self::Fruit {
        let beside = self.beside.into_iter().map(|(_, beside)| beside.harvest()).collect();
        (self.found.harvest(), beside)
    }
}
