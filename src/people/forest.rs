//! Ties between mentions: a union-find that keeps why each two were joined, and whom people set apart.

use std::collections::{BTreeSet, HashMap};

use super::Tie;
use crate::domain::speaker::{Ground, Likeness};

/// Mentions in trees; each tree is a speaker.
#[derive(Debug)]
pub(super) struct Forest {
    parent: Vec<usize>,
    /// The mentions of the tree, at its root.
    members: Vec<Vec<usize>>,
    /// The tree's names, by number, at its root.
    names: Vec<BTreeSet<usize>>,
    /// The splits that the tree is on a side of, at its root.
    apart: HashMap<usize, BTreeSet<(u64, bool)>>,
    /// Whether people decided about a mention of the tree, at its root.
    ruled: Vec<bool>,
    /// At both ends of each tie.
    ties: Vec<Vec<Tie>>,
}

impl Forest {
    /// As many mentions as `names`, which has the number of each one's name.
    pub(super) fn new(names: &[usize]) -> Self {
        let count = names.len();
        Self {
            names: names.iter().map(|name| BTreeSet::from([*name])).collect(),
            parent: (0..count).collect(),
            members: (0..count).map(|at| vec![at]).collect(),
            apart: HashMap::new(),
            ruled: vec![false; count],
            ties: vec![Vec::new(); count],
        }
    }

    /// Puts a mention that is not tied yet on a side of a split.
    pub(super) fn set_apart(&mut self, at: usize, split: u64, first: bool) {
        self.apart.entry(at).or_default().insert((split, first));
    }

    /// Notes that people decided about the mention.
    pub(super) fn set_ruled(&mut self, at: usize) {
        let root = self.root(at);
        self.ruled[root] = true;
    }

    /// True if people decided about any mention of the tree.
    pub(super) fn is_ruled(&mut self, at: usize) -> bool {
        let root = self.root(at);
        self.ruled[root]
    }

    pub(super) fn root(&mut self, at: usize) -> usize {
        let mut root = at;
        while self.parent[root] != root {
            root = self.parent[root];
        }
        let mut next = at;
        while self.parent[next] != root {
            next = std::mem::replace(&mut self.parent[next], root);
        }
        root
    }

    /// The mentions tied to this one, with it.
    pub(super) fn members(&mut self, at: usize) -> &[usize] {
        let root = self.root(at);
        &self.members[root]
    }

    /// The numbers of the names of the tree of `at`.
    pub(super) fn names(&mut self, at: usize) -> &BTreeSet<usize> {
        let root = self.root(at);
        &self.names[root]
    }

    /// True if people said that the two are two.
    pub(super) fn are_apart(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        let (Some(a), Some(b)) = (self.apart.get(&a), self.apart.get(&b)) else { return false };
        a.iter().any(|(split, first)| b.contains(&(*split, !first)))
    }

    /// True if people set the mention apart from others.
    pub(super) fn sides(&mut self, at: usize) -> Option<&BTreeSet<(u64, bool)>> {
        let root = self.root(at);
        self.apart.get(&root)
    }

    /// Ties `b` to `a`, unless they are tied already or people said that they are two.
    pub(super) fn tie(
        &mut self,
        a: usize,
        b: usize,
        names: Likeness,
        ground: Ground,
        detail: String,
    ) {
        let (mut big, mut small) = (self.root(a), self.root(b));
        if big == small || self.are_apart(a, b) {
            return;
        }
        if self.members[big].len() < self.members[small].len() {
            std::mem::swap(&mut big, &mut small);
        }
        self.parent[small] = big;
        let moved = std::mem::take(&mut self.members[small]);
        self.members[big].extend(moved);
        let borne = std::mem::take(&mut self.names[small]);
        self.names[big].extend(borne);
        self.ruled[big] |= self.ruled[small];
        if let Some(sides) = self.apart.remove(&small) {
            self.apart.entry(big).or_default().extend(sides);
        }
        self.ties[a].push(Tie { to: b, names, ground, detail: detail.clone() });
        self.ties[b].push(Tie { to: a, names, ground, detail });
    }

    /// The tie of each mention tied to `from`, towards `from`.
    pub(super) fn ties_from(&self, from: usize) -> Vec<(usize, Tie)> {
        let mut found: Vec<(usize, Tie)> = Vec::new();
        let mut open = vec![(from, from)];
        while let Some((at, came)) = open.pop() {
            for tie in self.ties[at].iter().filter(|tie| tie.to != came) {
                found.push((tie.to, Tie { to: at, ..tie.clone() }));
                open.push((tie.to, at));
            }
        }
        found
    }
}
