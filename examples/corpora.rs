//! What onrecord's readers find in collections of feeds and web archives that others wrote.
//!
//! `cargo run --release --example corpora -- FILE…`: a `.tar.gz` or `.tar` of feeds or of web archives,
//! a WARC or ARC file, a feed. Prints what was read, and each failure by its reason.

#![allow(clippy::print_stdout, reason = "an example prints its figures")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use onrecord::archive::message;
use onrecord::archive::reader::{Records, is_archive};
use onrecord::crawl::syndication;
use onrecord::domain::feed::Entry;
use url::Url;

/// What was read of the files of one kind.
#[derive(Default)]
struct Figures {
    feeds: usize,
    entries: usize,
    dated: usize,
    without_link: usize,
    archives: usize,
    records: usize,
    pages: usize,
    /// How often each failure was met.
    failures: BTreeMap<String, usize>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let base = Url::parse("https://corpus.example/")?;
    for name in std::env::args().skip(1) {
        let mut figures = Figures::default();
        let path = Path::new(&name);
        if name.ends_with(".tar.gz") || name.ends_with(".tgz") {
            figures.packed(GzDecoder::new(File::open(path)?), &base)?;
        } else if name.ends_with(".tar") {
            figures.packed(File::open(path)?, &base)?;
        } else {
            figures.file(&fs::read(path)?, &base);
        }
        println!(
            "{name}: {} feeds with {} entries ({} dated, {} more without a link); {} web archives \
             with {} records, {} pages",
            figures.feeds,
            figures.entries,
            figures.dated,
            figures.without_link,
            figures.archives,
            figures.records,
            figures.pages
        );
        for (reason, times) in &figures.failures {
            println!("  {times} × {reason}");
        }
    }
    Ok(())
}

impl Figures {
    fn packed(&mut self, tar: impl Read, base: &Url) -> Result<(), Box<dyn Error>> {
        for file in tar::Archive::new(tar).entries()? {
            let mut bytes = Vec::new();
            file?.read_to_end(&mut bytes)?;
            // Folders are files without bytes.
            if !bytes.is_empty() {
                self.file(&bytes, base);
            }
        }
        Ok(())
    }

    fn file(&mut self, bytes: &[u8], base: &Url) {
        if is_archive(bytes) {
            self.archives += 1;
            for record in Records::new(bytes) {
                match record.map_err(|damage| damage.reason).and_then(|record| {
                    self.records += 1;
                    message::page(record)
                }) {
                    Ok(page) => self.pages += usize::from(page.is_some()),
                    Err(reason) => self.fail(format!("damage: {reason}")),
                }
            }
            return;
        }
        match syndication::parse(bytes, None, base) {
            Ok(feed) => {
                self.feeds += 1;
                self.entries += feed.entries.len();
                self.without_link += feed.without_link;
                self.dated += feed.entries.iter().filter(|entry| is_dated(entry)).count();
            }
            Err(reason) => self.fail(reason.to_string()),
        }
    }

    fn fail(&mut self, reason: String) {
        *self.failures.entry(reason).or_default() += 1;
    }
}

fn is_dated(entry: &Entry) -> bool {
    entry.published.is_some() || entry.updated.is_some()
}
