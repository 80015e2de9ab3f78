//! Nothing collected is lost: programs killed at any moment, and what the next ones make of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use onrecord::pipeline::audit;
use onrecord::search::{Query, Search};
use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

use crate::archive;
use crate::pressroom::Pressroom;
use crate::programs::{onrecord, quotes};
use crate::watch::{folder, watch_list};

/// How often the crawling process is killed, unless `ONRECORD_KILLS` says another number.
const KILLS: usize = 200;
/// How long something that must come may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pages of the killed crawl's site.
const PAGES: usize = 5;

/// Numbers that look random and are the same in every run (SplitMix64).
pub struct Chance(pub u64);

impl Chance {
    /// From 0 up to and without 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number of bytes up to `all`, small ones far more often: most runs get a little further
    /// than the one before, some almost to the end.
    pub fn bytes(&mut self, all: u64) -> u64 {
        (all as f64 * self.share().powi(5)) as u64
    }
}

/// A program that is killed.
pub struct Victim {
    pub program: &'static str,
    pub arguments: Vec<String>,
}

impl Victim {
    pub fn onrecord(arguments: &[&str]) -> Self {
        Self::of(env!("CARGO_BIN_EXE_onrecord"), arguments)
    }

    pub fn quotes(arguments: &[&str]) -> Self {
        Self::of(env!("CARGO_BIN_EXE_quotes"), arguments)
    }

    fn of(program: &'static str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&word| word.to_owned()).collect();
        Self { program, arguments }
    }

    /// Runs the program in `here` and kills it (SIGKILL) once it has written `after` bytes to files;
    /// the bytes it wrote if it ended before that by itself.
    pub fn killed_after(&self, here: &Path, after: u64) -> Option<u64> {
        let mut child = Command::new(self.program)
            .args(&self.arguments)
            .current_dir(here)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let account = format!("/proc/{}/io", child.id());
        let mut written = 0;
        loop {
            if written >= after {
                child.kill().unwrap();
                child.wait().unwrap();
                return None;
            }
            if let Some(status) = child.try_wait().unwrap() {
                let mut said = String::new();
                child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                assert!(status.success(), "{status}: {said}");
                return Some(written);
            }
            written = bytes_written(&account).unwrap_or(written);
            std::thread::sleep(LOOK);
        }
    }
}

/// How long a look at the victim's account waits for the next: a page takes a hundred times as long.
const LOOK: Duration = Duration::from_micros(250);

/// What the system counts as written by the process whose account this is; `None` once it is gone.
fn bytes_written(account: &str) -> Option<u64> {
    let account = fs::read_to_string(account).ok()?;
    account.lines().find_map(|line| line.strip_prefix("wchar: "))?.parse().ok()
}

/// What a collection holds, whenever and however often it was crawled: rows of tables without
/// moments and places, and the ids in the index.
pub type Holdings = BTreeMap<&'static str, Vec<Vec<Value>>>;

/// Every table of what was collected, its columns and its order.
const TABLES: [(&str, &str); 11] = [
    ("articles", "SELECT id, url, version, vanished IS NULL FROM articles ORDER BY id"),
    (
        "versions",
        "SELECT article, version, fetched_from, feed, outlet, page_outlet, title, standfirst, \
            byline, published, modified, language, canonical_url, text, text_hash, notices, \
            agency, live, snapshot_file IS NULL FROM versions ORDER BY article, version",
    ),
    ("topic_decisions", "SELECT * FROM topic_decisions ORDER BY article, version, topic"),
    ("reservations", "SELECT * FROM reservations ORDER BY article, version, reservation"),
    ("quotes", "SELECT * FROM quotes ORDER BY id"),
    (
        "revisions",
        "SELECT article, version, kind, before_quote, before_version, before_text, \
            before_speaker, after_quote, after_version, after_text, after_speaker, notice \
         FROM revisions ORDER BY article, version, kind, before_quote, after_quote",
    ),
    ("mentions", "SELECT * FROM mentions ORDER BY id"),
    ("speakers", "SELECT * FROM speakers ORDER BY id"),
    // A cluster goes by its earliest quote, which is a moment.
    ("wordings", "SELECT id, fingerprints, cluster IS NULL, altered FROM wordings ORDER BY id"),
    ("duplicates", "SELECT * FROM duplicates ORDER BY quote"),
    (
        "visits",
        "SELECT url, feed, outcome, transient, status, entry_updated, final_url, etag, \
            topics, payload_digest FROM visits ORDER BY url",
    ),
];

pub fn holdings(data: &Path) -> Holdings {
    let store = Connection::open(data.join("onrecord.sqlite")).unwrap();
    let rows = |query: &str| {
        let mut statement = store.prepare(query).unwrap();
        let columns = statement.column_count();
        statement
            .query_map([], |row| (0..columns).map(|column| row.get(column)).collect())
            .unwrap()
            .collect::<rusqlite::Result<Vec<Vec<Value>>>>()
            .unwrap()
    };
    let mut holdings: Holdings =
        TABLES.into_iter().map(|(table, query)| (table, rows(query))).collect();
    let everything = Query { limit: usize::MAX, ..Query::default() };
    let mut ids = Search::open(data).unwrap().run(&everything).unwrap().ids;
    ids.sort();
    holdings.insert("index", ids.into_iter().map(|id| vec![Value::Text(id)]).collect());
    holdings
}

/// Holds two collections against each other table by table, so that a failure shows the first row
/// that differs.
#[track_caller]
pub fn same(found: &Holdings, wanted: &Holdings, story: &str) {
    for (table, wanted) in wanted {
        let found = &found[table];
        for (found, wanted) in found.iter().zip(wanted) {
            assert_eq!(found, wanted, "{table}, {story}");
        }
        assert_eq!(found.len(), wanted.len(), "{table}, {story}");
    }
}

/// Fails the test with what contradicts itself in a collection.
#[track_caller]
pub fn whole(data: &Path, story: &str) {
    let mut found = Vec::new();
    audit::collection(data, &mut |what| found.push(what.to_owned())).unwrap();
    assert!(found.is_empty(), "{found:?}, {story}");
}

/// A site whose pages change once.
pub struct Changing(Pressroom);

impl Changing {
    pub async fn open() -> Self {
        Self(Pressroom::open().await)
    }

    /// A folder with a watch list of the site.
    pub fn folder(&self) -> TempDir {
        folder(&watch_list(&self.0, "1d", ""))
    }

    /// The site as it was first.
    pub fn first(&self) {
        self.publish("2026-03-01", |number| {
            let words = format!("Pier {number} shall be open to every boat of the bay");
            Some(page(number, "", &[("Mira Kolb, harbour master of Vell", &words)]))
        });
    }

    /// The same pages later: words corrected with a notice, a speaker added, a page gone, one back
    /// in other words, others as they were.
    pub fn later(&self) {
        self.publish("2026-03-02", |number| {
            let words = format!("Pier {number} shall be open to every boat of the bay");
            let corrected = format!("Pier {number} shall be closed to every boat of the bay");
            let harbour = ("Mira Kolb, harbour master of Vell", words.as_str());
            match number % 5 {
                0 => Some(page(
                    number,
                    "<p><em>Correction: An earlier version misquoted Mira Kolb.</em></p>",
                    &[(harbour.0, &corrected)],
                )),
                1 => {
                    let other = ("Jon Brandt, a ferry captain", "Nobody asked the ferries at all");
                    Some(page(number, "", &[harbour, other]))
                }
                2 => Some(page(number, "", &[("Ada Roth, mayor of Vell", &words)])),
                3 => None,
                _ => Some(page(number, "", &[harbour])),
            }
        });
    }

    fn publish(&self, day: &str, page: impl Fn(usize) -> Option<String>) {
        let mut items = String::new();
        for number in 0..PAGES {
            let path = format!("/{number}");
            items += &format!(
                "<entry><id>{path}</id><title>The tide accord, part {number}</title>\
                 <link href='{path}'/><updated>{day}T08:00:00Z</updated></entry>"
            );
            match page(number) {
                Some(page) => self.0.put(&path, &page),
                None => self.0.fail(&path, 404, &[]),
            }
        }
        let feed = format!("<feed xmlns='http://www.w3.org/2005/Atom'>{items}</feed>");
        self.0.put("/feed", &feed);
    }
}

fn page(number: usize, notice: &str, said: &[(&str, &str)]) -> String {
    let filler = "The delegates met in the harbour hall and spoke of the tide accord for hours. ";
    let said: String =
        said.iter().map(|(who, words)| format!("<p>“{words},” said {who}. {filler}</p>")).collect();
    format!(
        "<html><head><title>The tide accord, part {number}</title></head><body><article>\
         <h1>The tide accord, part {number}</h1><p>{filler}{filler}</p>{said}\
         <p>{filler}{filler}{filler}</p>{notice}</article></body></html>"
    )
}

/// The first number in the variable `name`, or `otherwise`.
fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |value| value.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_killed_at_200_moments_ends_with_the_collection_of_one_that_never_was() {
    let site = Changing::open().await;
    let crawl = Victim::onrecord(&["crawl", "--all"]);
    let undisturbed = site.folder();
    let runs = [Changing::first, Changing::later].map(|publish| {
        publish(&site);
        crawl.killed_after(undisturbed.path(), u64::MAX).unwrap()
    });
    let wanted = holdings(&undisturbed.path().join("index"));
    assert_eq!(wanted["articles"].len(), PAGES);
    assert!(wanted["revisions"].len() >= PAGES / 2, "{:?}", wanted["revisions"]);

    let mut chance = Chance(0x6f6e_7265_636f_7264);
    let (mut kills, mut rounds) = (0, 0);
    while kills < number("ONRECORD_KILLS", KILLS) {
        let here = site.folder();
        let mut moments = Vec::new();
        for (publish, bytes) in [Changing::first, Changing::later].into_iter().zip(runs) {
            publish(&site);
            loop {
                let moment = chance.bytes(bytes);
                if crawl.killed_after(here.path(), moment).is_some() {
                    break;
                }
                moments.push(moment);
            }
        }
        let story = format!("killed after so many bytes: {moments:?}");
        whole(&here.path().join("index"), &story);
        same(&holdings(&here.path().join("index")), &wanted, &story);
        let pages = archive::records(here.path()).iter().filter(|it| it.is_response()).count();
        assert!(pages >= wanted["versions"].len(), "{pages} pages, {story}");
        archive::warcio_approves(here.path());
        kills += moments.len();
        rounds += 1;
    }
    println!("{kills} kills in {rounds} collections, runs of {runs:?} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_read_while_a_crawl_writes_see_what_is_kept_so_far_and_no_error() {
    let site = Changing::open().await;
    let here = site.folder();
    site.first();
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    let before = exported(here.path());
    site.later();
    let last = format!("/{}", PAGES - 1);
    site.0.hold(&last);
    let mut crawl = Command::new(env!("CARGO_BIN_EXE_onrecord"))
        .args(["crawl", "--all"])
        .current_dir(here.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let added = ["search", "--format", "json", "nobody asked the ferries"];
    let started = Instant::now();
    while quotes(here.path(), &added).json().as_array().unwrap().is_empty() {
        assert!(started.elapsed() < PATIENCE, "the new quote is not found");
    }
    assert!(crawl.try_wait().unwrap().is_none(), "the crawl waits for a page");
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let here = here.path().to_owned();
            std::thread::spawn(move || {
                for arguments in [&["speakers"][..], &added, &["search", "--revised", "pier"]] {
                    let ran = quotes(&here, arguments).exits(0);
                    assert!(!ran.err.contains("quotes:"), "{}", ran.err);
                }
                exported(&here)
            })
        })
        .collect();
    site.0.let_go(&last);
    let seen: Vec<_> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
    assert!(crawl.wait().unwrap().success());
    let after = exported(here.path());
    for seen in seen {
        assert!(before.is_subset(&seen) && seen.is_subset(&after), "{before:?} {seen:?} {after:?}");
    }
    whole(&here.path().join("index"), "after a crawl with readers");
}

/// The ids of all quotes; each stands in the text that it names.
fn exported(here: &Path) -> BTreeSet<String> {
    let ran = quotes(here, &["export", "--format", "json"]).exits(0);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, &ran.out).unwrap();
    onrecord(here, &["verify", &file.path().to_string_lossy()]).exits(0);
    ran.json().as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}
