//! Searches over a million quotes: beside bare Tantivy on the same index, and beside SQLite's FTS5 on
//! the same quotes. The ratios hold on any machine.
//!
//! `cargo bench --bench search -- DIR [QUOTES]` fills the data folder DIR if it isn't yet (minutes; in
//! memory, `/dev/shm/…`, much sooner), builds its index anew and asks it.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use onrecord::pipeline::index;
use onrecord::search::{CountBy, FOLDER, Query, Search, Sort};
use rusqlite::Connection;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, PhraseQuery, Query as IndexQuery, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, SimpleTokenizer, Stemmer, TextAnalyzer,
};
use tantivy::{DateTime, Index, Order, ReloadPolicy, Searcher, Term};

#[path = "common/clock.rs"]
mod clock;
#[path = "common/collection.rs"]
mod collection;

/// Results a page, as `quotes search` shows them.
const PAGE: usize = 20;
/// Processes started for one figure.
const STARTS: usize = 21;
/// The languages of the generated articles.
const LANGUAGES: [(&str, Language); 4] = [
    ("de", Language::German),
    ("en", Language::English),
    ("es", Language::Spanish),
    ("fr", Language::French),
];

/// One question, as each of the three is asked it.
struct Question {
    name: &'static str,
    query: Query,
    bare: Box<dyn IndexQuery>,
    by_date: bool,
    fts: String,
    arguments: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let dir = arguments
        .next()
        .map_or_else(|| std::env::temp_dir().join("onrecord-search"), PathBuf::from);
    let quotes = arguments.next().map_or(Ok(1_000_000), |count| count.parse())?;
    let begun = Instant::now();
    drop(collection::filled(&dir, quotes)?);
    println!("filled in {:.1} s", begun.elapsed().as_secs_f64());
    reindex(&dir)?;
    let questions = questions(&dir)?;
    fresh(&dir, &questions)?;
    inside(&dir, &questions)
}

/// Builds the index anew; prints quotes a second by the clock on the wall and by the processor's
/// time, which neighbours on the machine don't lengthen.
fn reindex(dir: &Path) -> Result<(), Box<dyn Error>> {
    forget_peak();
    let (begun, used) = (Instant::now(), processor(false));
    let report = index::rebuild(dir, false)?;
    let (passed, used) = (begun.elapsed().as_secs_f64(), processor(false) - used);
    let quotes = report.quotes as f64;
    println!(
        "reindex: {quotes} quotes, {:.0} a second, {:.0} a second of processor time; {} MB at most",
        quotes / passed,
        quotes / used.as_secs_f64(),
        peak()
    );
    Ok(())
}

fn questions(dir: &Path) -> Result<Vec<Question>, Box<dyn Error>> {
    let generator = collection::Generator::new();
    let index = Index::open_in_dir(dir.join(FOLDER))?;
    let field = |name: &str| index.schema().get_field(name);
    let (words, exact, speaker, day) =
        (field("words")?, field("exact")?, field("speaker")?, field("day")?);
    let mut questions = Vec::new();
    for (name, rank) in [("a common word", 2), ("a word", 400), ("a rare word", 30_000)] {
        let word = generator.word(rank);
        let terms = LANGUAGES.iter().map(|(code, language)| {
            let stem = one(*language, word);
            term(words, &format!("{code}:{stem}"))
        });
        questions.push(Question {
            name,
            query: Query { text: Some(word.to_owned()), limit: PAGE, ..Query::default() },
            bare: Box::new(BooleanQuery::union(terms.collect())),
            by_date: false,
            fts: format!(
                "SELECT id FROM quotes WHERE quotes MATCH '{word}' ORDER BY rank LIMIT 20"
            ),
            arguments: vec![word.to_owned()],
        });
    }
    for (name, first, second) in [("a phrase of common words", 1, 4), ("a phrase", 30, 60)] {
        let phrase = format!("{} {}", generator.word(first), generator.word(second));
        let folded = plain(&phrase);
        let terms = folded.iter().map(|word| Term::from_field_text(exact, word)).collect();
        questions.push(Question {
            name,
            query: Query { text: Some(format!("\"{phrase}\"")), limit: PAGE, ..Query::default() },
            bare: Box::new(PhraseQuery::new(terms)),
            by_date: false,
            fts: format!(
                "SELECT id FROM quotes WHERE quotes MATCH '\"{phrase}\"' ORDER BY rank LIMIT 20"
            ),
            arguments: vec![format!("\"{phrase}\"")],
        });
    }
    let name = &generator.speaker(40).name;
    let mut parts: Vec<Box<dyn IndexQuery>> =
        plain(name).iter().map(|word| term(speaker, word)).collect();
    parts.push(Box::new(RangeQuery::new(
        std::ops::Bound::Included(Term::from_field_i64(day, 20_180_101)),
        std::ops::Bound::Included(Term::from_field_i64(day, 20_191_231)),
    )));
    questions.push(Question {
        name: "a speaker in two years",
        query: Query {
            speaker: Some(name.clone()),
            since: Some("2018-01-01".parse()?),
            until: Some("2019-12-31".parse()?),
            limit: PAGE,
            ..Query::default()
        },
        bare: Box::new(BooleanQuery::intersection(parts)),
        by_date: true,
        fts: format!(
            "SELECT id FROM quotes WHERE quotes MATCH 'speaker:(\"{}\")' \
             AND day BETWEEN '2018-01-01' AND '2019-12-31' ORDER BY day DESC LIMIT 20",
            plain(name).join("\" AND \"")
        ),
        arguments: ["--speaker", name, "--since", "2018-01-01", "--until", "2019-12-31"]
            .map(str::to_owned)
            .to_vec(),
    });
    questions.push(Question {
        name: "everything, newest first",
        query: Query { sort: Sort::Newest, limit: PAGE, ..Query::default() },
        bare: Box::new(tantivy::query::AllQuery),
        by_date: true,
        fts: "SELECT id FROM quotes ORDER BY day DESC LIMIT 20".to_owned(),
        arguments: Vec::new(),
    });
    Ok(questions)
}

/// Prints how long a process of `quotes search` takes from its start to its end.
fn fresh(dir: &Path, questions: &[Question]) -> Result<(), Box<dyn Error>> {
    for question in questions {
        let mut times = Vec::with_capacity(STARTS);
        let used = processor(true);
        for _ in 0..STARTS {
            let begun = Instant::now();
            let status = Command::new(env!("CARGO_BIN_EXE_quotes"))
                .arg("--data")
                .arg(dir)
                .arg("search")
                .args(&question.arguments)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()?;
            times.push(begun.elapsed());
            assert!(status.success(), "{}", question.name);
        }
        times.sort();
        println!(
            "fresh process: {:<26} {:>6.1} ms in the middle, {:>6.1} ms at best, {:>5.1} ms of processor time",
            question.name,
            millis(times[STARTS / 2]),
            millis(times[0]),
            millis((processor(true) - used) / STARTS as u32)
        );
    }
    Ok(())
}

/// Prints how long each of the three takes inside one process.
fn inside(dir: &Path, questions: &[Question]) -> Result<(), Box<dyn Error>> {
    forget_peak();
    let search = Search::open(dir)?;
    let index = Index::open_in_dir(dir.join(FOLDER))?;
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    let searcher: Searcher = reader.searcher();
    let mut times = Vec::new();
    for question in questions {
        let ours = clock::median(|| search.run(&question.query).map(|results| results.total));
        let bare = clock::median(|| bare(&searcher, question));
        times.push((search.run(&question.query)?.total, ours, bare));
    }
    let counted = clock::median(|| search.count(&Query::default(), CountBy::Speaker, usize::MAX));
    println!("counts of all by speaker: {:.2} ms; {} MB at most", millis(counted), peak());
    let fts = fts(dir)?;
    println!(
        "{:<26} {:>8} {:>10} {:>10} {:>10} {:>9} {:>9}",
        "inside", "quotes", "ours ms", "bare ms", "FTS5 ms", "to bare", "to FTS5"
    );
    for (question, (total, ours, bare)) in questions.iter().zip(times) {
        let mut statement = fts.prepare(&question.fts)?;
        let fts = clock::median(|| -> rusqlite::Result<Vec<String>> {
            statement.query_map([], |row| row.get(0))?.collect()
        });
        println!(
            "{:<26} {total:>8} {:>10.3} {:>10.3} {:>10.3} {:>9.2} {:>9.1}",
            question.name,
            millis(ours),
            millis(bare),
            millis(fts),
            ours.as_secs_f64() / bare.as_secs_f64(),
            fts.as_secs_f64() / ours.as_secs_f64(),
        );
    }
    Ok(())
}

/// A page of results and how many there are, as plain Tantivy gives them.
fn bare(searcher: &Searcher, question: &Question) -> tantivy::Result<usize> {
    let top = TopDocs::with_limit(PAGE);
    Ok(if question.by_date {
        let sorted = top.order_by_fast_field::<DateTime>("published", Order::Desc);
        searcher.search(&question.bare, &(Count, sorted))?.0
    } else {
        searcher.search(&question.bare, &(Count, top.order_by_score()))?.0
    })
}

/// The same quotes in a table of FTS5, written beside the collection if it isn't there yet.
fn fts(dir: &Path) -> Result<Connection, Box<dyn Error>> {
    let path = dir.join("fts5.sqlite");
    let there = path.exists();
    let connection = Connection::open(&path)?;
    if !there {
        connection.execute_batch(&format!(
            "PRAGMA synchronous = off;
             CREATE VIRTUAL TABLE quotes USING fts5(text, speaker, role, affiliation, id UNINDEXED, \
                 day UNINDEXED, tokenize = 'porter unicode61 remove_diacritics 2');
             ATTACH '{}' AS collection;
             INSERT INTO quotes SELECT quotes.text, speaker, role, affiliation, quotes.id, \
                 substr(published, 1, 10) FROM collection.quotes AS quotes \
                 JOIN collection.versions USING (article, version);
             DETACH collection;",
            dir.join(onrecord::store::FILE).display()
        ))?;
    }
    Ok(connection)
}

fn term(field: Field, word: &str) -> Box<dyn IndexQuery> {
    let term = Term::from_field_text(field, word);
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

/// The stem of one word.
fn one(language: Language, word: &str) -> String {
    let mut analyzer = TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(language))
        .build();
    let mut stream = analyzer.token_stream(word);
    stream.next().map(|token| token.text.clone()).unwrap_or_default()
}

fn plain(text: &str) -> Vec<String> {
    any_ascii::any_ascii(text).to_lowercase().split(' ').map(str::to_owned).collect()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The most memory this process has had since [`forget_peak`], in MB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

fn forget_peak() {
    // Where the system doesn't let it, the figure is the whole process's.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The processor time of this process so far, or of the `children` that it has waited for, where the
/// system tells it.
fn processor(children: bool) -> Duration {
    /// The system counts in hundredths of a second.
    const TICK: u64 = 10;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<i64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    // Behind the name and the state, from 10 on: time in the program and in the system, then the
    // same of the children.
    let from = if children { 12 } else { 10 };
    let ticks: i64 = fields.iter().skip(from).take(2).sum();
    Duration::from_millis(ticks.unsigned_abs() * TICK)
}
