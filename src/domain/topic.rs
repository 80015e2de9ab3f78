//! A topic: what a watch list looks for.

use serde::{Deserialize, Serialize};

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
