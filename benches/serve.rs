//! How long `quotes serve` takes over each page and each answer of its API, and how large they are.
//!
//! `cargo bench --bench serve -- DIR [QUOTES]` starts the program on the data folder DIR, which is
//! filled with QUOTES invented quotes if there is none (a million: minutes; in memory, `/dev/shm/…`,
//! sooner), and prints for every address: the first answer, and of some more the median and the worst,
//! by the clock and in processor time, which neighbours on the machine don't lengthen.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use onrecord::pipeline::index;
use onrecord::search::{Query, Search, Sort};
use onrecord::store::{FILE, Store};

#[path = "common/collection.rs"]
mod collection;

/// Answers after the first one.
const REPEATED: usize = 9;
/// How long the program may take to have counted what its first page shows, before anything is asked.
const SETTLING: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let dir =
        arguments.next().map_or_else(|| std::env::temp_dir().join("onrecord-serve"), PathBuf::from);
    let quotes = arguments.next().map_or(Ok(1_000_000), |count| count.parse())?;
    if !dir.join(FILE).exists() {
        drop(collection::filled(&dir, quotes)?);
        index::rebuild(&dir, false)?;
    }
    let targets = targets(&dir)?;
    let mut child = Command::new(env!("CARGO_BIN_EXE_quotes"))
        .arg("--data")
        .arg(&dir)
        .args(["serve", "--addr", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()?;
    let measured = measure(&mut child, &targets);
    child.kill()?;
    child.wait()?;
    measured
}

/// Asks each address in turn, all of them once before any is asked again.
fn measure(child: &mut Child, targets: &[(&str, String)]) -> Result<(), Box<dyn Error>> {
    let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    let host = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("http://")?.1.split_once('/')?.0.to_owned()))
        .ok_or("it doesn't say where it listens")?;
    std::thread::sleep(SETTLING);
    println!(
        "{:<28} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8}",
        "milliseconds", "first", "of it cpu", "median", "worst", "cpu", "bytes"
    );
    let mut firsts = Vec::with_capacity(targets.len());
    for (name, target) in targets {
        let used = processor(child);
        let (first, bytes) = ask(&host, target).map_err(|cause| format!("{name}: {cause}"))?;
        firsts.push((first, processor(child).saturating_sub(used), bytes));
    }
    for ((name, target), (first, first_used, bytes)) in targets.iter().zip(firsts) {
        let mut times = Vec::with_capacity(REPEATED);
        let used = processor(child);
        for _ in 0..REPEATED {
            times.push(ask(&host, target)?.0);
        }
        let used = processor(child).saturating_sub(used) / REPEATED as u32;
        times.sort();
        println!(
            "{name:<28} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {bytes:>8}",
            millis(first),
            millis(first_used),
            millis(times[REPEATED / 2]),
            millis(times[REPEATED - 1]),
            millis(used)
        );
    }
    Ok(())
}

/// The processor time of the program so far, where the system tells that of its threads.
fn processor(child: &Child) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{}/task", child.id()));
    let nanoseconds = threads.into_iter().flatten().flatten().filter_map(|thread| {
        let used = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        used.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// How long an answer takes, and its bytes.
fn ask(host: &str, target: &str) -> Result<(Duration, usize), Box<dyn Error>> {
    let mut stream = TcpStream::connect(host)?;
    let begun = Instant::now();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let passed = begun.elapsed();
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no head")?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        return Err(String::from_utf8_lossy(&answer[..head.min(200)]).into());
    }
    Ok((passed, answer.len() - head - 4))
}

/// Names and addresses of everything that can be asked, of what the collection has most of.
fn targets(dir: &std::path::Path) -> Result<Vec<(&'static str, String)>, Box<dyn Error>> {
    let generator = collection::Generator::new();
    let store = Store::open_existing(dir)?;
    let most = store.listed_speakers(None, 0, 1)?.speakers.pop().ok_or("nobody is quoted")?;
    let speaker = most.identity.ok_or("the most quoted has no name")?;
    let search = Search::open(dir)?;
    let newest = search.run(&Query { sort: Sort::Newest, limit: 1, ..Query::default() })?.ids;
    let quote = newest.first().ok_or("there is no quote")?;
    let article = store.quote(quote)?.ok_or("the index is not the store's")?.article.id;
    let (common, rarer, rare) = (generator.word(2), generator.word(400), generator.word(30_000));
    let phrase = format!("%22{}+{}%22", generator.word(1), generator.word(4));
    let name = generator.speaker(40).name.replace(' ', "+");
    let last = most.name.split(' ').next_back().unwrap_or_default().to_owned();
    let beginning: String = common.chars().take(2).collect();
    let searches = [
        ("everything", String::new()),
        ("everything, oldest", "sort=oldest".to_owned()),
        ("everything, page 500", "offset=9980".to_owned()),
        ("a common word", format!("q={common}")),
        ("a common word, newest", format!("q={common}&sort=newest")),
        ("a word", format!("q={rarer}")),
        ("a rare word", format!("q={rare}")),
        ("a beginning", format!("q={beginning}*")),
        ("a phrase", format!("q={phrase}")),
        ("two words", format!("q={common}+{rarer}")),
        ("either word, without one", format!("q={common}+OR+{rarer}+-{rare}")),
        ("a speaker", format!("speaker={name}")),
        ("the most quoted", format!("speaker_id={speaker}")),
        ("nobody called so", "speaker=xyzzyqua".to_owned()),
        ("a letter as a name", "speaker=a".to_owned()),
        ("a slip", format!("q={common}xq")),
        (
            "all filters",
            format!("q={common}&speaker={last}&kind=direct&since=2015-01-01&until=2019-12-31"),
        ),
        ("revised", "revised=true".to_owned()),
        ("two years", "since=2018-01-01&until=2019-12-31".to_owned()),
        ("a kind, by date", "kind=direct&sort=newest".to_owned()),
    ];
    let mut targets = Vec::new();
    for (name, query) in &searches {
        targets.push((*name, format!("/?{query}")));
    }
    for (name, query) in searches {
        targets.push((name, format!("/api/v1/quotes?{query}")));
    }
    targets.extend([
        ("counts by speaker", "/api/v1/counts?by=speaker".to_owned()),
        ("counts by month of a word", format!("/api/v1/counts?by=month&q={common}")),
        ("timeline", "/api/v1/timeline".to_owned()),
        ("speakers", "/speakers".to_owned()),
        ("speakers, last part", "/speakers?offset=20000".to_owned()),
        ("speakers of a name", format!("/speakers?q={last}")),
        ("speakers with a letter", "/speakers?q=a".to_owned()),
        ("speakers to merge", format!("/speakers?merge={speaker}")),
        ("a speaker", format!("/speakers/{speaker}")),
        ("a speaker's last mentions", format!("/speakers/{speaker}?mentions=30000")),
        ("a quote", format!("/quotes/{quote}")),
        ("an article", format!("/articles/{article}")),
        ("wordings", "/wordings".to_owned()),
        ("all wordings, far on", "/wordings?same=true&offset=40000".to_owned()),
        ("collections", "/collections".to_owned()),
        ("feeds", "/feeds".to_owned()),
        ("speakers, API", "/api/v1/speakers?limit=100".to_owned()),
        ("a speaker, API", format!("/api/v1/speakers/{speaker}")),
        ("a quote, API", format!("/api/v1/quotes/{quote}")),
        ("an article, API", format!("/api/v1/articles/{article}")),
        ("wordings, API", "/api/v1/wordings".to_owned()),
        ("altered wordings, API", "/api/v1/wordings?altered=true".to_owned()),
        ("feeds, API", "/api/v1/feeds".to_owned()),
        ("skipped, API", "/api/v1/skipped".to_owned()),
        ("runs, API", "/api/v1/runs".to_owned()),
        ("corrections, API", "/api/v1/corrections".to_owned()),
        ("collections, API", "/api/v1/collections".to_owned()),
        ("description", "/api/v1/openapi.json".to_owned()),
    ]);
    Ok(targets)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
