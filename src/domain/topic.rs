//! A topic: what a watch list looks for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::hash;

/// A topic as `feeds.toml` states it. A phrase is words, or `A NEAR B` (both within a few words).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// The name used in `[[feed]] topics` and in filters.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// One of these must occur.
    pub any: Vec<String>,
    /// Each of these must occur.
    pub all: Vec<String>,
    /// None of these may occur.
    pub none: Vec<String>,
}

/// Whether a text is on a topic, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicDecision {
    /// The topic's id.
    pub topic: String,
    /// On topic or not.
    pub matched: bool,
    /// Which phrase, and where ("“cybercrime treaty” in the title"), or what was missing.
    pub reason: String,
}

/// What the topics look for, in one line: a short hash of each topic's id and phrases, sorted, a
/// space between. Two that are equal decide alike about every page.
#[must_use]
pub fn fingerprint<'a>(topics: impl IntoIterator<Item = &'a Topic>) -> String {
    let hashes: BTreeSet<String> = topics.into_iter().map(Topic::fingerprint).collect();
    hashes.into_iter().collect::<Vec<_>>().join(" ")
}

/// Whether a page that was held against the topics of `earlier` needs not be held against those of
/// `now`; both as [`fingerprint`] writes them.
#[must_use]
pub fn covers(earlier: &str, now: &str) -> bool {
    now.split(' ').all(|topic| earlier.split(' ').any(|known| known == topic))
}

impl Topic {
    /// A short hash of what decides: the id and the phrases, in their order.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let lists = [("any", &self.any), ("all", &self.all), ("none", &self.none)];
        let phrases = lists
            .into_iter()
            .flat_map(|(name, list)| [name].into_iter().chain(list.iter().map(String::as_str)));
        let parts: Vec<&str> = [self.id.as_str()].into_iter().chain(phrases).collect();
        hash::short(&parts)
    }
}
