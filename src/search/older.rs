//! What a query finds in the segments that were there before.
//!
//! New quotes of an article come in segments that nobody has seen yet, and the old ones are taken away in
//! the same commit. Tantivy applies what is to be taken away to whole segments that were added as well:
//! these are left out here.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use tantivy::index::SegmentId;
use tantivy::query::{
    EmptyScorer, EnableScoring, Explanation, Query, Scorer, TermSetQuery, Weight,
};
use tantivy::{DocId, Score, SegmentReader};

/// The quotes that `found` finds, but for those in the segments `newer`.
#[derive(Clone, Debug)]
pub(super) struct Older {
    pub(super) found: TermSetQuery,
    pub(super) newer: Arc<FxHashSet<SegmentId>>,
}

impl Query for Older {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let found = self.found.weight(scoring)?;
        Ok(Box::new(InOlder { found, newer: Arc::clone(&self.newer) }))
    }
}

struct InOlder {
    found: Box<dyn Weight>,
    newer: Arc<FxHashSet<SegmentId>>,
}

impl Weight for InOlder {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        if self.newer.contains(&segment.segment_id()) {
            return Ok(Box::new(EmptyScorer));
        }
        self.found.scorer(segment, boost)
    }

    fn explain(&self, segment: &SegmentReader, quote: DocId) -> tantivy::Result<Explanation> {
        self.found.explain(segment, quote)
    }
}
