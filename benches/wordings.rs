//! How long it takes to tell which of a million quotes have the same words: all of them at once, then
//! article by article.
//!
//! `cargo bench --bench wordings -- [DIR [QUOTES]]` keeps the collection that it makes in DIR.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use onrecord::store::StatementQuery;

#[path = "common/collection.rs"]
mod collection;

/// Articles that are worked in one after the other.
const ARTICLES: u64 = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let dir = arguments
        .next()
        .map_or_else(|| std::env::temp_dir().join("onrecord-wordings"), PathBuf::from);
    let quotes: usize = arguments.next().map_or(Ok(1_000_000), |count| count.parse())?;
    let mut store = collection::filled(&dir, quotes)?;
    println!("before: {} MB at most", peak_megabytes());
    let begun = Instant::now();
    store.rebuild_wordings()?;
    let took = begun.elapsed().as_secs_f64();
    println!("all at once: {took:.1} s for {quotes} quotes, {} MB at most", peak_megabytes());
    for altered in [false, true] {
        let begun = Instant::now();
        let found = store.statements(&StatementQuery { altered, limit: 10, offset: 0 })?;
        println!(
            "{} statements listed in {:.2} s{}",
            found.len(),
            begun.elapsed().as_secs_f64(),
            if altered { ", altered ones only" } else { "" }
        );
    }
    let generator = collection::Generator::new();
    let (mut number, mut added, mut longest) = (store.last_change()?, 0, 0.0_f64);
    let begun = Instant::now();
    for _ in 0..ARTICLES {
        let article = generator.article(number);
        collection::record(&mut store, &article)?;
        let step = Instant::now();
        store.catch_up_wordings()?;
        longest = longest.max(step.elapsed().as_secs_f64());
        added += article.quotes.len();
        number += 1;
    }
    println!(
        "{ARTICLES} articles with {added} quotes recorded and worked in: {:.1} ms each, {:.0} ms at most",
        begun.elapsed().as_secs_f64() * 1000.0 / ARTICLES as f64,
        longest * 1000.0
    );
    let begun = Instant::now();
    let flaws = store.wording_flaws()?;
    println!("checked in {:.1} s: {} flaws", begun.elapsed().as_secs_f64(), flaws.len());
    Ok(())
}

/// The most memory that the process had so far, where the system tells it.
fn peak_megabytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    kilobytes.and_then(|number| number.parse::<u64>().ok()).unwrap_or_default() / 1000
}
