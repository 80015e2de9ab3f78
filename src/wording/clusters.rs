//! Many wordings → clusters of those that are one statement.

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

/// Whether two wordings that share `shared` fingerprints, of `a` and `b` that they have, are compared.
#[must_use]
pub fn is_candidate(shared: usize, a: usize, b: usize) -> bool {
    shared * SHARED >= a.min(b)
}

/// What clustering came to, in the order of the wordings given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    /// The first wording of each one's cluster.
    pub roots: Vec<usize>,
    /// Whether it is altered in one that it was held against.
    pub altered: Vec<bool>,
    /// Every fingerprint with a wording that has it, sorted.
    pub fingerprints: Vec<(i64, u32)>,
}

/// The clusters of `wordings`, each of which is given once, at most 2³² of them.
#[must_use]
pub fn clusters(wordings: &[Wording]) -> Clusters {
    let mut postings: Vec<(i64, u32)> = Vec::new();
    let mut counts: Vec<u32> = Vec::with_capacity(wordings.len());
    for (wording, index) in wordings.iter().zip(0..=u32::MAX) {
        let own = fingerprints(wording);
        counts.push(u32::try_from(own.len()).unwrap_or(u32::MAX));
        postings.extend(own.into_iter().map(|fingerprint| (fingerprint, index)));
    }
    postings.sort_unstable();
    let mut found = Components((0..wordings.len()).collect());
    let mut altered = vec![false; wordings.len()];
    each_candidate(&postings, &counts, |a, b| {
        if let Some(likeness) = likeness(&wordings[a], &wordings[b]) {
            found.join(a, b);
            if likeness == Likeness::Altered {
                (altered[a], altered[b]) = (true, true);
            }
        }
    });
    let roots = (0..wordings.len()).map(|wording| found.root(wording)).collect();
    Clusters { roots, altered, fingerprints: postings }
}

/// Tells `found` of every two wordings that are to be compared, each pair once; `counts` has the
/// number of fingerprints of each.
fn each_candidate(postings: &[(i64, u32)], counts: &[u32], mut found: impl FnMut(usize, usize)) {
    let groups: Vec<&[(i64, u32)]> = postings
        .chunk_by(|(a, _), (b, _)| a == b)
        .filter(|group| (2..=COMMON).contains(&group.len()))
        .collect();
    // The groups of each wording, one wording after the other.
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
    let mut others: Vec<u32> = Vec::new();
    for (wording, count) in counts.iter().enumerate() {
        others.clear();
        for group in &own[ends[wording]..ends[wording + 1]] {
            let members = groups[*group as usize].iter().map(|(_, member)| *member);
            others.extend(members.filter(|member| *member as usize > wording));
        }
        others.sort_unstable();
        for shared in others.chunk_by(|a, b| a == b) {
            let other = shared[0] as usize;
            if is_candidate(shared.len(), *count as usize, counts[other] as usize) {
                found(wording, other);
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

    #[test]
    fn pieces_of_one_statement_come_together_and_other_statements_stay_apart() {
        let wordings: Vec<Wording> = [
            "The lantern must stay lit, whatever it costs the harbour, and the crews know it.",
            "The lantern must stay lit, whatever it costs",
            "costs the harbour, and the crews know it.",
            "The lantern must be lit, whatever it costs the harbour, and the crews know it.",
            "The harbour never paid the crews for the winter they spent on the ice.",
        ]
        .map(|text| Wording::new(text, Some("José Tapia")))
        .into();
        let found = clusters(&wordings);
        assert_eq!(found.roots, [0, 0, 0, 0, 4]);
        assert_eq!(found.altered, [true, true, false, true, false]);
    }

    #[test]
    fn a_formula_that_too_many_have_leads_nowhere() {
        let words = "We want a fair deal for the people of every port along this forgotten coast";
        let wordings: Vec<Wording> = (0..COMMON + 1)
            .map(|nth| Wording::new(words, Some(&format!("Mayor Port{nth}"))))
            .collect();
        let roots = clusters(&wordings).roots;
        assert!(roots.iter().enumerate().all(|(index, root)| index == *root));
        let roots = clusters(&wordings[1..]).roots;
        assert!(roots.iter().all(|root| *root == 0), "{roots:?}");
    }
}
