//! The search index, brought up to the store.
//!
//! SQLite commits first, Tantivy follows: the index carries the last change it holds, and whatever
//! the store has beyond it is written again, article by article. An index that is missing, damaged
//! or of another version is built anew; the store has everything it needs.
