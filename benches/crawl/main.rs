//! What a crawl costs: feeds → pages → quotes in the store, on a site served on loopback.
//!
//! Runs only by name, `cargo bench --bench crawl`, and measures the real program in a process of its
//! own; with words behind `--` only those parts:
//!
//! - `speed`: 50 hosts × 100 pages of 100 KB, 32 requests in flight, no pauses.
//! - `memory`: 1,000 pages against 10,000.
//! - `faults`: 40 healthy hosts alone, then beside 10 faulty ones, half of which have faulty feeds too.
//! - `scrapy`: `speed` again, and the same site by Scrapy and trafilatura, which only extract text.
//!   Only on request: their packages come from PyPI, into an environment under `target/`.
//!
//! Processor time and memory are what Linux says of the process.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod cost;
mod site;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use cost::Cost;
use onrecord::store::Store;
use site::Site;

/// Processor time a page that is wanted, in milliseconds.
const WANTED_MS: f64 = 2.2;
/// How many times as much Scrapy and trafilatura should take.
const WANTED_RATIO: f64 = 4.0;
/// Memory that is wanted at most, in MB.
const WANTED_MB: f64 = 120.0;
/// How much later healthy hosts may be done beside faulty ones.
const WANTED_DELAY: f64 = 1.2;
/// How often that is measured.
const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo itself passes `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    if words.first().is_some_and(|word| word == site::SERVE) {
        return site::serve(&words[1..]);
    }
    let parts: [(&str, fn() -> Result<(), Box<dyn Error>>); 4] =
        [("speed", speed), ("memory", memory), ("faults", faults), ("scrapy", scrapy)];
    if let Some(word) = words.iter().find(|word| parts.iter().all(|(name, _)| name != word)) {
        return Err(format!("no part `{word}`: speed, memory, faults, scrapy").into());
    }
    for (name, part) in parts {
        if words.iter().any(|word| word == name) || words.is_empty() && name != "scrapy" {
            println!("# {name}");
            part()?;
        }
    }
    Ok(())
}

fn speed() -> Result<(), Box<dyn Error>> {
    let site = Site::start(50, 0, 100)?;
    let cost = crawl(&site, 5_000)?;
    println!("wanted: {WANTED_MS} CPU ms a page, {:.2} of it", cost.ms_a_page(5_000) / WANTED_MS);
    Ok(())
}

fn memory() -> Result<(), Box<dyn Error>> {
    let few = crawl(&Site::start(50, 0, 20)?, 1_000)?;
    let many = crawl(&Site::start(50, 0, 200)?, 10_000)?;
    let growth = many.peak_mb / few.peak_mb;
    println!("wanted: {WANTED_MB:.0} MB at most, and flat: {:.2} times as much", growth);
    Ok(())
}

fn faults() -> Result<(), Box<dyn Error>> {
    const PAGES: usize = 50;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    // In turns, since the machine has better and worse minutes.
    for _ in 0..ROUNDS {
        alone.push(until_healthy_are_done(&Site::start(40, 0, PAGES)?, PAGES)?.as_secs_f64());
        beside.push(until_healthy_are_done(&Site::start(40, 10, PAGES)?, PAGES)?.as_secs_f64());
    }
    println!(
        "40 healthy hosts are done after {alone:.2?} s alone, {beside:.2?} s beside 10 faulty ones"
    );
    for times in [&mut alone, &mut beside] {
        times.sort_by(f64::total_cmp);
    }
    let middle = beside[ROUNDS / 2] / alone[ROUNDS / 2];
    println!("in the middle {middle:.2} times as long, wanted {WANTED_DELAY} at most");
    Ok(())
}

fn scrapy() -> Result<(), Box<dyn Error>> {
    let python = environment()?;
    let site = Site::start(50, 0, 100)?;
    let ours = crawl(&site, 5_000)?;
    let mut spider = Command::new(python);
    spider
        .arg(here("scrapy_trafilatura.py"))
        .args(site.healthy.iter().map(|it| format!("{it}/feed")));
    let mut texts = 0;
    let theirs = cost::of(&mut spider, |line| {
        println!("{line}");
        texts = line.strip_suffix(" texts").and_then(|all| all.parse().ok()).unwrap_or(texts);
    })?;
    if texts != 5_000 {
        return Err(format!("Scrapy and trafilatura read {texts} texts of 5000 pages").into());
    }
    println!("Scrapy and trafilatura: {}", theirs.in_words(5_000));
    let ratio = theirs.ms_a_page(5_000) / ours.ms_a_page(5_000);
    println!("{ratio:.1} times the processor time, wanted {WANTED_RATIO:.0} at least");
    Ok(())
}

/// Crawls the healthy hosts into a new collection, prints what that cost, and checks that every page
/// and its quotes are kept.
fn crawl(site: &Site, pages: u64) -> Result<Cost, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let cost = cost::of(&mut onrecord(folder.path(), &site.healthy)?, |_| {})?;
    let data = folder.path().join("index");
    let runs = Store::open_existing(&data)?.last_runs(1)?;
    let counts = runs.first().ok_or("the crawl recorded no run")?.counts;
    if counts.new != pages {
        return Err(format!("{} pages of {pages} are in the store: {counts:?}", counts.new).into());
    }
    println!("onrecord: {}, {} quotes", cost.in_words(pages), counts.quotes);
    Ok(cost)
}

/// How long the pages of healthy hosts take until they are kept.
fn until_healthy_are_done(site: &Site, pages: usize) -> Result<Duration, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let origins = [&site.healthy[..], &site.faulty[..]].concat();
    let mut command = onrecord(folder.path(), &origins)?;
    let begun = Instant::now();
    let (mut kept, mut last) = (0, Duration::ZERO);
    cost::of(&mut command, |line| {
        let healthy = |origin: &String| line.contains(&format!("{origin}/story/"));
        if line.contains("quotes") && site.healthy.iter().any(healthy) {
            (kept, last) = (kept + 1, begun.elapsed());
        }
    })?;
    let wanted = site.healthy.len() * pages;
    if kept != wanted {
        return Err(format!("{kept} of {wanted} healthy pages are kept").into());
    }
    Ok(last)
}

/// A crawl of these hosts into `folder`, without pauses.
fn onrecord(folder: &Path, origins: &[String]) -> Result<Command, Box<dyn Error>> {
    let mut list = format!(
        "[crawler]\ncontact = \"desk@harbour-courier.net\"\nconcurrency = 32\n\
         per_host_delay = \"0s\"\nallow_private_addresses = true\nread_timeout = \"4s\"\n\
         total_timeout = \"8s\"\n\n\
         [[topic]]\nid = \"harbour\"\ntitle = \"Harbour\"\nany = [\"{}\"]\n",
        site::TOPIC
    );
    for (number, origin) in origins.iter().enumerate() {
        list.push_str(&format!(
            "\n[[feed]]\nid = \"host-{number}\"\noutlet = \"Harbour Courier {number}\"\n\
             url = \"{origin}/feed\"\n"
        ));
    }
    fs::write(folder.join("feeds.toml"), list)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_onrecord"));
    command.current_dir(folder).arg("crawl").env_remove("RUST_LOG");
    Ok(command)
}

fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/crawl").join(file)
}

/// The Python of an environment that has what `requirements.txt` lists.
fn environment() -> Result<PathBuf, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scrapy");
    let python = folder.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    run(Command::new(&python).args(install).arg(here("requirements.txt")))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    match command.status()? {
        status if status.success() => Ok(()),
        status => Err(format!("{command:?} ended with {status}").into()),
    }
}
