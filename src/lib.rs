//! onrecord: who said what, on the record.
//!
//! The way of the data, one module a stage:
//!
//! `crawl` (which feeds are due, one guarded request) → `article` (HTML → headline, byline, dates,
//! paragraphs, notices) → `topic` (is it about the topic, and why) → `quote` (text → attribution
//! relations) → `store` (SQLite, the truth) → `search` (Tantivy, rebuildable) → `export`.
//!
//! `pipeline` is the only module that knows every stage. Stages know `domain` and nothing of each
//! other. `article`, `topic`, `quote`, `people` (which mentions are one speaker's) and `wording` (which
//! quotes are one statement, and how their words differ) are pure: no I/O, no async, no clock.

pub mod archive;
pub mod article;
pub mod cli;
pub mod collection;
pub mod config;
pub mod crawl;
pub mod demo;
pub mod domain;
pub mod export;
pub mod people;
pub mod pipeline;
pub mod quote;
pub mod search;
pub mod serve;
pub mod store;
pub mod topic;
pub mod wording;
