//! Many wordings → clusters of those that are one statement.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{panic, thread};

use rustc_hash::FxHashMap;

use super::fingerprints::fingerprints;
use super::likeness::likeness;
use super::words::Wording;
use crate::domain::wording::Likeness;

/// Most wordings that a fingerprint may have to lead from one to another: what more have is a formula,
/// and the pairs grow with the square.
pub const COMMON: usize = 200;
/// One shared fingerprint for so many of the wording that has fewer, at least, for two wordings to be
/// compared: what shares most of its words shares far more, and a formula in two long quotes less.
const SHARED: usize = 6;
/// Wordings that a thread compares with the others before it asks for more: few enough that all end at
/// about the same time.
const PIECE: usize = 4_000;

/// Whether two wordings that share `shared` fingerprints, of `a` and `b` that they have, are compared.
#[must_use]
pub fn is_candidate(shared: usize, a: usize, b: usize) -> bool {
    shared * SHARED >= a.min(b)
}

/// Wordings that are to be compared with one another, at most 2³² of them.
#[derive(Debug, Default)]
pub struct Wordings {
    wordings: Vec<Wording>,
    ids: Vec<i64>,
    /// By id.
    indices: FxHashMap<i64, u32>,
    /// Every fingerprint with a wording that has it.
    postings: Vec<(i64, u32)>,
    /// How many fingerprints each has.
    counts: Vec<u32>,
}

/// What clustering came to, in the order in which wordings were first added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    /// Their ids.
    pub ids: Vec<i64>,
    /// How many fingerprints each has.
    pub fingerprints: Vec<u32>,
    /// The first wording of each one's cluster.
    pub roots: Vec<usize>,
    /// Whether it is altered in one that it was held against.
    pub altered: Vec<bool>,
}

impl Wordings {
    /// Adds a wording; gives its index, that of before if it is there already.
    pub fn add(&mut self, wording: Wording) -> u32 {
        let id = wording.id();
        let next = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        let index = *self.indices.entry(id).or_insert(next);
        if index == next {
            let own = fingerprints(&wording);
            self.counts.push(u32::try_from(own.len()).unwrap_or(u32::MAX));
            self.postings.extend(own.into_iter().map(|fingerprint| (fingerprint, index)));
            self.ids.push(id);
            self.wordings.push(wording);
        }
        index
    }

    /// Compares them, on all processors; gives their clusters and what `meanwhile` does, which is given
    /// their ids by index, and every fingerprint with the index of a wording that has it, sorted.
    pub fn clusters<T>(
        mut self,
        meanwhile: impl FnOnce(&[i64], &[(i64, u32)]) -> T,
    ) -> (Clusters, T) {
        self.indices = FxHashMap::default();
        sort(&mut self.postings);
        let neighbours = Neighbours::of(&self.postings, &self.counts);
        let next = AtomicUsize::new(0);
        let compare = || {
            let mut alike = Vec::new();
            loop {
                let from = next.fetch_add(PIECE, Ordering::Relaxed);
                if from >= self.wordings.len() {
                    return alike;
                }
                let piece = from..(from + PIECE).min(self.wordings.len());
                neighbours.each_candidate(piece, |a, b| {
                    let likeness = likeness(&self.wordings[a], &self.wordings[b]);
                    alike.extend(likeness.map(|likeness| (a, b, likeness)));
                });
            }
        };
        let others = thread::available_parallelism().map_or(0, |all| all.get() - 1);
        let (alike, done) = thread::scope(|scope| {
            let others: Vec<_> = (0..others).map(|_| scope.spawn(compare)).collect();
            let done = meanwhile(&self.ids, &self.postings);
            let mut alike = vec![compare()];
            for other in others {
                let found = other.join();
                alike.push(found.unwrap_or_else(|panicked| panic::resume_unwind(panicked)));
            }
            (alike, done)
        });
        let mut found = Components((0..self.ids.len()).collect());
        let mut altered = vec![false; self.ids.len()];
        for (a, b, likeness) in alike.into_iter().flatten() {
            found.join(a, b);
            if likeness == Likeness::Altered {
                (altered[a], altered[b]) = (true, true);
            }
        }
        let roots = (0..self.ids.len()).map(|wording| found.root(wording)).collect();
        (Clusters { ids: self.ids, fingerprints: self.counts, roots, altered }, done)
    }
}

/// Sorts in two threads.
fn sort(postings: &mut [(i64, u32)]) {
    if postings.is_empty() {
        return;
    }
    let (low, _, high) = postings.select_nth_unstable(postings.len() / 2);
    thread::scope(|scope| {
        scope.spawn(|| low.sort_unstable());
        high.sort_unstable();
    });
}

/// Which wordings share fingerprints that lead from one to another.
struct Neighbours<'a> {
    /// The wordings of each such fingerprint.
    groups: Vec<&'a [(i64, u32)]>,
    /// The numbers of the groups of each wording, one wording after the other.
    own: Vec<u32>,
    /// By wording, where its groups end; a 0 before them.
    ends: Vec<usize>,
    /// How many fingerprints each wording has.
    counts: &'a [u32],
}

impl<'a> Neighbours<'a> {
    fn of(postings: &'a [(i64, u32)], counts: &'a [u32]) -> Self {
        let groups: Vec<&[(i64, u32)]> = postings
            .chunk_by(|(a, _), (b, _)| a == b)
            .filter(|group| (2..=COMMON).contains(&group.len()))
            .collect();
        let mut ends = vec![0_usize; counts.len() + 1];
        for (_, wording) in groups.iter().copied().flatten() {
            ends[*wording as usize + 1] += 1;
        }
        for wording in 1..ends.len() {
            ends[wording] += ends[wording - 1];
        }
        let mut own = vec![0_u32; ends[counts.len()]];
        let mut next = ends.clone();
        for (group, number) in groups.iter().zip(0..=u32::MAX) {
            for (_, wording) in *group {
                own[next[*wording as usize]] = number;
                next[*wording as usize] += 1;
            }
        }
        Self { groups, own, ends, counts }
    }

    /// Tells `found` of every wording that is to be compared with one of those in `piece` before it.
    fn each_candidate(&self, piece: Range<usize>, mut found: impl FnMut(usize, usize)) {
        let mut others: Vec<u32> = Vec::new();
        for wording in piece {
            others.clear();
            for group in &self.own[self.ends[wording]..self.ends[wording + 1]] {
                let members = self.groups[*group as usize].iter().map(|(_, member)| *member);
                others.extend(members.filter(|member| *member as usize > wording));
            }
            others.sort_unstable();
            for shared in others.chunk_by(|a, b| a == b) {
                let other = shared[0] as usize;
                let (a, b) = (self.counts[wording] as usize, self.counts[other] as usize);
                if is_candidate(shared.len(), a, b) {
                    found(wording, other);
                }
            }
        }
    }
}

/// Which of many things belong together: a union-find forest. The root is the least of a component.
#[derive(Debug, Default)]
pub struct Components(Vec<usize>);

impl Components {
    /// Adds a thing that belongs to nothing yet, and gives its number, counted from 0.
    pub fn add(&mut self) -> usize {
        self.0.push(self.0.len());
        self.0.len() - 1
    }

    /// The root of the component that thing number `of` belongs to.
    pub fn root(&mut self, mut of: usize) -> usize {
        while self.0[of] != of {
            self.0[of] = self.0[self.0[of]];
            of = self.0[of];
        }
        of
    }

    /// Makes one component of those of two things.
    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clusters(wordings: impl IntoIterator<Item = Wording>) -> Clusters {
        let mut all = Wordings::default();
        for wording in wordings {
            all.add(wording);
        }
        all.clusters(|_, _| ()).0
    }

    #[test]
    fn pieces_of_one_statement_come_together_and_other_statements_stay_apart() {
        let wordings = [
            "The lantern must stay lit, whatever it costs the harbour, and the crews know it.",
            "The lantern must stay lit, whatever it costs",
            "costs the harbour, and the crews know it.",
            "The lantern must be lit, whatever it costs the harbour, and the crews know it.",
            "The harbour never paid the crews for the winter they spent on the ice.",
        ]
        .map(|text| Wording::new(text, Some("José Tapia")));
        let found = clusters(wordings);
        assert_eq!(found.roots, [0, 0, 0, 0, 4]);
        assert_eq!(found.altered, [true, true, false, true, false]);
    }

    #[test]
    fn a_formula_that_too_many_have_leads_nowhere() {
        let words = "We want a fair deal for the people of every port along this forgotten coast";
        let wordings: Vec<Wording> = (0..COMMON + 1)
            .map(|nth| Wording::new(words, Some(&format!("Mayor Port{nth}"))))
            .collect();
        let roots = clusters(wordings.clone()).roots;
        assert!(roots.iter().enumerate().all(|(index, root)| index == *root));
        let roots = clusters(wordings.into_iter().skip(1)).roots;
        assert!(roots.iter().all(|root| *root == 0), "{roots:?}");
    }
}
