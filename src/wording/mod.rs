//! Wordings: which quotes are one statement, and how their words differ.
//!
//! Texts of quotes → words, word-level differences, fingerprints, clusters of quotes that have the
//! same words. Pure: no I/O, no clock. Refuses to compare meaning: a translation and a paraphrase are
//! other words.
//!
//! Two wordings are compared only where they share a *fingerprint*: some of the hashes of three
//! consecutive words, chosen by winnowing (Schleimer, Wilkerson, Aiken, "Winnowing: local algorithms
//! for document fingerprinting", SIGMOD 2003), so that any five words in a row that two texts share
//! show, also where one is a small part of the other. Whether they are one statement is then decided
//! on the words in order: `likeness`. A cluster is a connected component of that relation. Nothing of
//! this depends on the order in which quotes come.

mod clusters;
mod difference;
mod fingerprints;
mod likeness;
mod words;

pub use clusters::{COMMON, Clusters, Components, Wordings, is_candidate};
pub use difference::{compare, difference};
pub use fingerprints::fingerprints;
pub use likeness::likeness;
pub use words::{Wording, same_words};
