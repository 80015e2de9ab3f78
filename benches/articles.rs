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

/// Times that both ways are run, one after the other, and that the slowest page is looked for.
const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let pages = pages::read()?;
    let bytes: usize = pages.iter().map(|(_, html)| html.len()).sum();
    let found = pages.iter().filter(|(_, html)| from_html(html, None).is_ok()).count();
    println!("{} pages, {} KB, {found} with an article", pages.len(), bytes / 1000);
    println!("{:<16} {:>9} {:>7}  slowest page", "", "pages/s", "MB/s");
    let extract: fn(&str) = |html| drop(from_html(html, None));
    let parse: fn(&str) = |html| drop(Html::parse_document(html));
    let time = |work: fn(&str)| clock::median(|| pages.iter().for_each(|(_, html)| work(html)));
    // In turns, so that what else the machine does falls on both.
    let times: Vec<(Duration, Duration)> =
        (0..ROUNDS).map(|_| (time(extract), time(parse))).collect();
    print("HTML to article", &pages, middle(times.iter().map(|it| it.0)), extract);
    print("parse only", &pages, middle(times.iter().map(|it| it.1)), parse);
    let ratios = times.iter().map(|(a, b)| a.as_nanos() * 1000 / b.as_nanos().max(1));
    println!("ratio {:.2}", middle(ratios) as f64 / 1000.0);
    Ok(())
}

fn middle<T: Ord + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Prints how fast one way reads all pages in the time given, and which page takes it longest.
fn print(name: &str, pages: &[(String, String)], total: Duration, work: fn(&str)) {
    let bytes: usize = pages.iter().map(|(_, html)| html.len()).sum();
    let (slowest, page) =
        pages.iter().map(|(page, html)| (best(|| work(html)), page)).max().unzip();
    println!(
        "{name:<16} {:>9.0} {:>7.1}  {:.1} ms {}",
        pages.len() as f64 / total.as_secs_f64(),
        bytes as f64 / 1e6 / total.as_secs_f64(),
        slowest.unwrap_or_default().as_secs_f64() * 1000.0,
        page.map_or("", String::as_str),
    );
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
