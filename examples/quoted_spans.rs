//! Whether the words in double quotation marks of labelled pages come out of them: each, once, and
//! no others. A quotation that is lost, doubled or taken from somebody else's teaser is a quote that
//! the collection misses or makes up.
//!
//! `cargo run --release --example quoted_spans -- GOLD.json [--list]`
//!
//! GOLD.json is a list of objects with `file` (a page beside it, as it was fetched or in gzip),
//! `text` (the article, paragraphs by line breaks) and optionally `url`; other fields are ignored.
//! `--list` names every span that is lost, doubled or foreign, with its page. Spans are compared by
//! their letters and digits, so that straight and curly marks are the same.

#![allow(clippy::print_stdout, reason = "a measure prints its figures")]

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use onrecord::article::{charset, from_html};
use serde::Deserialize;
use url::Url;

/// How gzip data begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

#[derive(Deserialize)]
struct Labelled {
    file: String,
    url: Option<String>,
    text: String,
}

/// Counts over all pages.
#[derive(Default)]
struct Counts {
    spans: usize,
    found: usize,
    doubled: usize,
    foreign: usize,
    without_article: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let lists = arguments.iter().any(|argument| argument == "--list");
    let gold = arguments.iter().find(|argument| !argument.starts_with("--"));
    let gold = Path::new(gold.ok_or("name a file of labelled pages")?);
    let folder = gold.parent().unwrap_or(Path::new("."));
    let labelled: Vec<Labelled> = serde_json::from_slice(&fs::read(gold)?)?;
    let mut counts = Counts::default();
    for page in &labelled {
        let text = extracted(&folder.join(&page.file), page.url.as_deref())?;
        counts.without_article += usize::from(text.is_none());
        for (kind, span) in counts.add(&page.text, &text.unwrap_or_default()) {
            if lists {
                println!("{kind:<8} {} {span}", page.file);
            }
        }
    }
    println!(
        "{} pages ({} without an article), {} quoted spans: found {:.4}, doubled {}, foreign {}",
        labelled.len(),
        counts.without_article,
        counts.spans,
        counts.found as f64 / counts.spans.max(1) as f64,
        counts.doubled,
        counts.foreign,
    );
    Ok(())
}

/// The article's text, if the page gives one.
fn extracted(path: &Path, url: Option<&str>) -> Result<Option<String>, Box<dyn Error>> {
    let mut bytes = fs::read(path).map_err(|cause| format!("{}: {cause}", path.display()))?;
    if bytes.starts_with(&GZIP) {
        let mut page = Vec::new();
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut page)?;
        bytes = page;
    }
    let (html, _) = charset::decode(&bytes, None);
    let url = url.and_then(|url| Url::parse(url).ok());
    Ok(from_html(&html, url.as_ref()).ok().map(|article| article.text))
}

impl Counts {
    /// Compares one page; gives back what is wrong with it.
    fn add(&mut self, wanted: &str, found: &str) -> Vec<(&'static str, String)> {
        let (wanted, found) = (spans(wanted), spans(found));
        let mut wrong = Vec::new();
        for (span, &times) in &wanted {
            let there = found.get(span).copied().unwrap_or_default();
            self.spans += times;
            self.found += times.min(there);
            wrong.extend((there < times).then(|| ("lost", span.clone())));
        }
        for (span, &there) in &found {
            match wanted.get(span) {
                None => {
                    self.foreign += there;
                    wrong.push(("foreign", span.clone()));
                }
                Some(&times) if there > times => {
                    self.doubled += there - times;
                    wrong.push(("doubled", span.clone()));
                }
                Some(_) => {}
            }
        }
        wrong.sort();
        wrong
    }
}

/// The spans between double marks of each line, as their words in lower case, and how often each
/// occurs. A mark without its partner in the line opens nothing.
fn spans(text: &str) -> HashMap<String, usize> {
    let mut spans = HashMap::new();
    for line in text.lines() {
        let mut rest = line;
        while let Some(open) = rest.find(['“', '"']) {
            let mark = rest[open..].chars().next().unwrap_or('"');
            let body = &rest[open + mark.len_utf8()..];
            let closes: &[char] = if mark == '“' { &['”', '“'] } else { &['"'] };
            let Some(close) = body.find(closes) else { break };
            let nested = body[close..].starts_with('“');
            if !nested {
                let words = body[..close].split(|char: char| !char.is_alphanumeric());
                let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
                if !words.is_empty() {
                    *spans.entry(words.join(" ").to_lowercase()).or_insert(0) += 1;
                }
            }
            let mark = body[close..].chars().next().map_or(0, char::len_utf8);
            rest = if nested { &body[close..] } else { &body[close + mark..] };
        }
    }
    spans
}
