//! Which segments of the index are merged into one.
//!
//! Segments → the next merge, if there are many of about one size. Refuses to make segments that are
//! larger than those of a rebuild: a merge maps all it reads into memory.

use std::collections::HashMap;

use tantivy::index::{SegmentId, SegmentMeta};
use tantivy::merge_policy::{LogMergePolicy, MergeCandidate, MergePolicy};

/// Most quotes of a merged segment.
const MERGED: u32 = 60_000;

/// Tantivy's merging by size, a few segments at a time.
#[derive(Debug)]
pub(super) struct Merging(LogMergePolicy);

impl Merging {
    pub(super) fn new() -> Self {
        let mut by_size = LogMergePolicy::default();
        by_size.set_max_docs_before_merge(MERGED as usize / 2);
        Self(by_size)
    }
}

impl MergePolicy for Merging {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let quotes: HashMap<SegmentId, u32> =
            segments.iter().map(|segment| (segment.id(), segment.num_docs())).collect();
        let mut candidates = self.0.compute_merge_candidates(segments);
        for MergeCandidate(merged) in &mut candidates {
            merged.sort_by_key(|id| quotes[id]);
            let mut sum = 0;
            merged.retain(|id| {
                sum += quotes[id];
                sum <= MERGED
            });
        }
        candidates
    }
}

#[cfg(test)]
mod tests {
    use tantivy::Index;

    use super::*;

    /// Sizes of the segments that are merged next.
    fn merged(sizes: &[u32]) -> Vec<Vec<u32>> {
        let index = Index::create_in_ram(crate::search::schema::schema());
        let segments: Vec<SegmentMeta> = sizes
            .iter()
            .map(|size| index.new_segment_meta(SegmentId::generate_random(), *size))
            .collect();
        let size = |id: &SegmentId| {
            segments.iter().find(|segment| segment.id() == *id).map_or(0, SegmentMeta::max_doc)
        };
        let candidates = Merging::new().compute_merge_candidates(&segments);
        candidates.iter().map(|MergeCandidate(ids)| ids.iter().map(size).collect()).collect()
    }

    #[test]
    fn many_of_about_one_size_are_merged_up_to_what_a_rebuild_writes() {
        assert_eq!(merged(&[300; 7]), Vec::<Vec<u32>>::new());
        assert_eq!(merged(&[300; 8]), [[300; 8]]);
        assert_eq!(merged(&[12_000; 12]), [[12_000; 5]]);
        assert_eq!(merged(&[29_000; 8]), [[29_000; 2]]);
        assert_eq!(merged(&[31_000; 20]), Vec::<Vec<u32>>::new());
        assert_eq!(
            merged(&[60_000, 900, 100, 40, 40, 40, 40, 40, 40]),
            [[40, 40, 40, 40, 40, 40, 100, 900]]
        );
    }
}
