//! Searches over a million quotes.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use onrecord::pipeline::index;

#[path = "common/collection.rs"]
mod collection;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let dir = arguments
        .next()
        .map_or_else(|| std::env::temp_dir().join("onrecord-search"), PathBuf::from);
    let quotes = arguments.next().map_or(Ok(1_000_000), |count| count.parse())?;
    let begun = Instant::now();
    let store = collection::filled(&dir, quotes)?;
    println!("filled in {:.1} s", begun.elapsed().as_secs_f64());
    drop(store);
    let begun = Instant::now();
    let report = index::rebuild(&dir, false)?;
    println!("{report:?} in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}
