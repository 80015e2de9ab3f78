//! Who is who over a million quotes: working out every identity anew, and following one more article.
//!
//! `cargo bench --bench people -- DIR [QUOTES]` fills the data folder DIR if it isn't yet (minutes; in
//! memory, `/dev/shm/…`, much sooner).

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use onrecord::store::{FILE, Store};
use rusqlite::Connection;

#[path = "common/collection.rs"]
mod collection;

/// Articles that are followed one by one for a figure.
const FOLLOWED: u64 = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let dir = arguments
        .next()
        .map_or_else(|| std::env::temp_dir().join("onrecord-people"), PathBuf::from);
    let quotes = arguments.next().map_or(Ok(1_000_000), |count| count.parse())?;
    let begun = Instant::now();
    drop(collection::filled(&dir, quotes)?);
    println!("collection of {quotes} quotes at hand after {:?}", begun.elapsed());
    let file = Connection::open(dir.join(FILE))?;
    file.execute("DELETE FROM people_rules", [])?;
    drop(file);
    let before = peak();
    let begun = Instant::now();
    let mut store = Store::open(&dir)?;
    println!("every identity anew: {:?}, {} MB more at the peak", begun.elapsed(), peak() - before);
    let begun = Instant::now();
    let speakers = store.speakers(None)?;
    println!("listing {} speakers: {:?}", speakers.len(), begun.elapsed());
    if let Some(most) = speakers.first().and_then(|speaker| speaker.identity.clone()) {
        let begun = Instant::now();
        let mentions = store.speaker(&most)?.map_or(0, |speaker| speaker.mentions.len());
        println!("the most quoted one with {mentions} mentions: {:?}", begun.elapsed());
    }
    let generator = collection::Generator::new();
    let mut slowest = std::time::Duration::ZERO;
    let begun = Instant::now();
    for number in 0..FOLLOWED {
        let article = Instant::now();
        collection::record(&mut store, &generator.article(1 << 40 | number))?;
        slowest = slowest.max(article.elapsed());
    }
    println!("one more article: {:?}, the slowest {slowest:?}", begun.elapsed() / FOLLOWED as u32);
    let begun = Instant::now();
    store.settle_speakers()?;
    println!("large families after {FOLLOWED} articles: {:?}", begun.elapsed());
    let flaws = store.speaker_flaws()?;
    println!("flaws: {flaws:?}");
    Ok(())
}

/// The most memory that the process has had, in megabytes, where the system tells it.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}
