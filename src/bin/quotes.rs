//! `quotes`: answers questions about the collection.

fn main() {}
