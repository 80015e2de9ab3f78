//! The nouns of the house. Every stage knows these types and nothing of the other stages.
//!
//! No I/O, no clock, no text processing beyond what a value needs to be valid.

pub mod address;
pub mod article;
pub mod crawler;
pub mod date;
pub mod engine;
pub mod feed;
pub mod folding;
pub mod hash;
pub mod language;
pub mod quote;
pub mod record;
pub mod rights;
pub mod run;
pub mod speaker;
pub mod topic;
pub mod upkeep;
pub mod wording;
