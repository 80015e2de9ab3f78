//! Pages a second from HTML to article on one core, beside a run that only parses the same pages.
//!
//! `cargo bench --bench articles -- DIR` takes the pages of another folder than the demo's site.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::time::{Duration, Instant};

use onrecord::article::from_html;
use scraper::Html;

#[path = "common/clock.rs"]
mod clock;
#[path = "common/pages.rs"]
mod pages;

/// Times that the slowest page is looked for.
const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let pages = pages::read()?;
    let bytes: usize = pages.iter().map(|(_, html)| html.len()).sum();
    let found = pages.iter().filter(|(_, html)| from_html(html, None).is_ok()).count();
    println!("{} pages, {} KB, {found} with an article", pages.len(), bytes / 1000);
    println!("{:<16} {:>9} {:>7}  slowest page", "", "pages/s", "MB/s");
    let extraction = run("HTML to article", &pages, bytes, |html| drop(from_html(html, None)));
    let parsing = run("parse only", &pages, bytes, |html| drop(Html::parse_document(html)));
    println!("ratio {:.2}", extraction.as_secs_f64() / parsing.as_secs_f64());
    Ok(())
}

/// Prints one way of reading all pages; gives back its time.
fn run(name: &str, pages: &[(String, String)], bytes: usize, work: fn(&str)) -> Duration {
    let total = clock::median(|| pages.iter().for_each(|(_, html)| work(html)));
    let (slowest, page) =
        pages.iter().map(|(page, html)| (best(|| work(html)), page)).max().unzip();
    println!(
        "{name:<16} {:>9.0} {:>7.1}  {:.1} ms {}",
        pages.len() as f64 / total.as_secs_f64(),
        bytes as f64 / 1e6 / total.as_secs_f64(),
        slowest.unwrap_or_default().as_secs_f64() * 1000.0,
        page.map_or("", String::as_str),
    );
    total
}

/// The shortest of a few times on the wall.
fn best(work: impl Fn()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..ROUNDS).map(time).min().unwrap_or_default()
}
