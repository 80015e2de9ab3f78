//! Words a second from text to quotes on one core, beside `unicode-segmentation`'s word pass over
//! the same text: the ratio holds on any machine.
//!
//! The texts are the demo's articles, repeated. "Words" are split by white space.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;

use onrecord::article;
use onrecord::quote::{Document, extract};
use unicode_segmentation::UnicodeSegmentation;

#[path = "common/clock.rs"]
mod clock;
#[path = "common/pages.rs"]
mod pages;

const MEGABYTE: usize = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let articles: Vec<String> = pages::read()?
        .iter()
        .filter_map(|(_, html)| article::from_html(html, None).ok())
        .map(|article| article.text)
        .collect();
    let text = articles.join("\n\n");
    let repeated = |bytes: usize| {
        let times = bytes.div_ceil(text.len());
        vec![text.as_str(); times].join("\n\n")
    };
    let long = repeated(10 * MEGABYTE);
    let paragraph = long.replace('\n', " ");
    let times = (10 * MEGABYTE).div_ceil(text.len());
    let apart: Vec<&str> =
        articles.iter().map(String::as_str).cycle().take(articles.len() * times).collect();
    println!(
        "{:<28} {:>10} {:>8} {:>12} {:>12} {:>7}",
        "text", "words", "quotes", "extract/s", "unicode/s", "ratio"
    );
    measure("10 MB, an article at a time", &apart);
    measure("1 MB as one article", &[&repeated(MEGABYTE)]);
    measure("10 MB as one article", &[&long]);
    measure("10 MB as one paragraph", &[&paragraph]);
    Ok(())
}

/// Prints words a second of both passes and how many word passes an extraction costs.
fn measure(name: &str, texts: &[&str]) {
    let words: usize = texts.iter().map(|text| text.split_whitespace().count()).sum();
    let quotes = || -> usize {
        let document = |text| Document { key: "bench", text, ..Document::default() };
        texts.iter().map(|text| extract(&document(text)).len()).sum()
    };
    let extraction = clock::median(quotes);
    let word_pass = clock::median(|| -> usize {
        texts.iter().map(|text| text.unicode_words().map(str::len).sum::<usize>()).sum()
    });
    println!(
        "{name:<28} {words:>10} {:>8} {:>12.0} {:>12.0} {:>7.2}",
        quotes(),
        words as f64 / extraction.as_secs_f64(),
        words as f64 / word_pass.as_secs_f64(),
        extraction.as_secs_f64() / word_pass.as_secs_f64(),
    );
}
