//! Collections of every earlier format, brought up to date: whole, interrupted, refused.

use std::fs;
use std::path::{Path, PathBuf};

use onrecord::store::{FILE, Store};
use rusqlite::Connection;
use tempfile::tempdir;

#[cfg(target_os = "linux")]
use crate::survive::{Chance, Victim};

/// A collection as format 1 had it: columns that came later have their defaults. `{n}` is a number.
const ROWS: &str = r#"
INSERT INTO feeds (id, outlet, url, kind, last_run, next_due, failures) VALUES
    ('feed{n}', 'Ridge Courier', 'https://ridge.example/feed', 'feed',
     '2024-02-09T06:00:00Z', '2024-02-09T07:00:00Z', 0);
INSERT INTO feed_runs (feed, started, finished, entries, new, changed, unchanged, off_topic,
    skipped, failed, quotes) VALUES
    ('feed{n}', '2024-02-09T06:00:00Z', '2024-02-09T06:00:01Z', 1, 1, 0, 0, 0, 0, 0, 1);
INSERT INTO visits (url, feed, at, outcome, transient, status, reason) VALUES
    ('https://ridge.example/{n}', 'feed{n}', '2024-02-10T06:00:00Z', 'kept', 0, 200, 'tides'),
    ('https://ridge.example/x{n}', 'feed{n}', '2024-02-10T06:00:00Z', 'off_topic', 0, 200, 'none');
INSERT INTO articles (id, url, version) VALUES ('a{n}', 'https://ridge.example/{n}', 2);
INSERT INTO versions (article, version, fetched, fetched_from, feed, outlet, title, byline, text,
    text_hash, notices, snapshot_file, snapshot_offset) VALUES
    ('a{n}', 1, '2024-02-09T06:00:00Z', 'https://ridge.example/{n}', 'feed{n}', 'Ridge Courier',
     'Tides', '["Ada Quill"]', '“We wait,” said Mira Kolb.', 'h1', '[]', 'old.warc.gz', 7),
    ('a{n}', 2, '2024-02-10T06:00:00Z', 'https://ridge.example/{n}', 'feed{n}', 'Ridge Courier',
     'Tides', '["Ada Quill"]', '“We wait now,” said Mira Kolb. “It turns,” she said.', 'h2', '[]',
     NULL, NULL);
INSERT INTO topic_decisions (article, version, topic, matched, reason) VALUES
    ('a{n}', 2, 'tides', 1, 'said so');
INSERT INTO quotes (id, article, first_version, version, position, kind, text, content, verbatim,
    speaker_id, speaker, speaker_key, speaker_kind, role, anonymous, confidence, prefix, suffix,
    paragraph, revised, current, withdrawn) VALUES
    ('{n}0', 'a{n}', 1, 1, 0, 'direct', 'We wait,', '[{"start":0,"end":10,"text":"“We wait,”"}]',
     '[{"start":1,"end":9,"text":"We wait,"}]', 's', 'Mira Kolb', 'mira kolb', 'person',
     'harbour master', 0, 0.9, '', ' said Mira Kolb.', 0, 1, 0, 0),
    ('{n}1', 'a{n}', 2, 2, 0, 'direct', 'We wait now,',
     '[{"start":0,"end":14,"text":"“We wait now,”"}]',
     '[{"start":1,"end":13,"text":"We wait now,"}]', 's', 'Mira Kolb', 'mira kolb', 'person',
     NULL, 0, 0.9, '', ' said Mira Kolb.', 0, 1, 1, 0),
    ('{n}2', 'a{n}', 2, 2, 1, 'direct', 'It turns,',
     '[{"start":31,"end":42,"text":"“It turns,”"}]',
     '[{"start":32,"end":41,"text":"It turns,"}]', 's', 'Mira Kolb', 'mira kolb', 'person',
     NULL, 0, 0.9, '', ' she said.', 0, 0, 1, 0);
INSERT INTO revisions (article, version, kind, before_quote, before_version, before_text,
    after_quote, after_version, after_text) VALUES
    ('a{n}', 2, 'reworded', '{n}0', 1, 'We wait,', '{n}1', 2, 'We wait now,'),
    ('a{n}', 2, 'added', NULL, NULL, NULL, '{n}2', 2, 'It turns,');
INSERT INTO changes (article) VALUES ('a{n}'), ('a{n}');
"#;

/// The first format that knows which articles are live blogs.
const KNOWS_LIVE_BLOGS: usize = 2;
/// The first format that counts quotes as revised that a later version added.
const COUNTS_ADDED_AS_REVISED: usize = 9;

/// The first format that keeps what a feed named and no run asked for.
const KEEPS_UNASKED: usize = 8;
/// Such an address,
const LEFT: &str = "https://ridge.example/left";
/// and its row.
const UNASKED: &str = "INSERT INTO unasked (feed, url, at, outcome, transient, reason) VALUES \
    ('map', 'https://ridge.example/left', '2024-02-10T06:00:00Z', 'skipped', 1, 'for the next run')";
/// The first format that keeps which sitemap named it,
const KEEPS_ITS_SITEMAP: usize = 13;
/// and the row with that.
const UNASKED_OF_SITEMAP: &str = "INSERT INTO unasked VALUES ('map', '', \
    'https://ridge.example/left', '2024-02-10T06:00:00Z', 'skipped', 1, 'for the next run')";

/// The migrations in their order.
fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// A collection of `articles` articles as `format` had it.
fn of_format(dir: &Path, format: usize, articles: usize) {
    let mut store = Connection::open(dir.join(FILE)).unwrap();
    store.pragma_update(None, "journal_mode", "wal").unwrap();
    for migration in &migrations()[..format] {
        store.execute_batch(migration).unwrap();
    }
    store.pragma_update(None, "user_version", format).unwrap();
    let rows = store.transaction().unwrap();
    for number in 0..articles {
        rows.execute_batch(&ROWS.replace("{n}", &format!("{number:04}"))).unwrap();
    }
    rows.commit().unwrap();
}

/// The file's format, and the numbers of articles, versions, quotes, revisions and visits.
fn counts(file: &Path) -> (usize, [usize; 5]) {
    let store = Connection::open(file).unwrap();
    let sound: String =
        store.pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{}", file.display());
    let count = |table: &str| {
        store.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    let tables = ["articles", "versions", "quotes", "revisions", "visits"];
    (store.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap(), tables.map(count))
}

fn copy(dir: &Path, format: usize) -> PathBuf {
    dir.join(format!("{FILE}.format-{format}"))
}

#[test]
fn a_collection_of_any_earlier_format_is_copied_and_then_brought_up_to_date_whole() {
    let newest = migrations().len();
    for format in 1..newest {
        let dir = tempdir().unwrap();
        of_format(dir.path(), format, 3);
        if format >= KNOWS_LIVE_BLOGS {
            let file = Connection::open(dir.path().join(FILE)).unwrap();
            file.execute("UPDATE versions SET live = 1 WHERE article = 'a0002'", []).unwrap();
        }
        if format >= KEEPS_UNASKED {
            let file = Connection::open(dir.path().join(FILE)).unwrap();
            let row = if format < KEEPS_ITS_SITEMAP { UNASKED } else { UNASKED_OF_SITEMAP };
            file.execute(row, []).unwrap();
        }
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(store.article_ids(None, 9).unwrap(), ["a0000", "a0001", "a0002"]);
        assert_eq!(store.damages().unwrap(), [""; 0], "format {format}");
        let quotes = store.quotes_of_article("a0001").unwrap();
        let words: Vec<&str> = quotes.iter().map(|it| it.quote.text.as_str()).collect();
        assert_eq!(words, ["We wait now,", "It turns,", "We wait,"]);
        assert_eq!(
            quotes[2].quote.speaker.as_ref().unwrap().role.as_deref(),
            Some("harbour master")
        );
        assert_eq!(quotes[2].article.snapshot.as_ref().unwrap().offset, 7);
        assert_eq!(quotes[0].article.topics, ["tides"]);
        assert_eq!(store.revisions("00010").unwrap().len(), 1);
        // Lists that came later are filled.
        let listed = store.listed_speakers(Some("kolb"), 0, 9).unwrap();
        assert_eq!((listed.total, listed.speakers[0].quotes), (1, 9), "format {format}");
        assert_eq!(store.speaker_flaws().unwrap(), [""; 0], "format {format}");
        // Those that were there, and one an article for its speakers.
        assert_eq!(store.last_change().unwrap(), 9);
        let visit = store.visit("https://ridge.example/0001").unwrap().unwrap();
        // A page that was kept is asked again for corrections, whatever kept it.
        assert_eq!(visit.upkeep.kept_since.is_some(), format < 3);
        let skipped: Vec<String> =
            store.skipped().unwrap().into_iter().map(|it| it.reason).collect();
        let skipped = skipped.iter().filter(|reason| *reason != "for the next run");
        assert_eq!(skipped.collect::<Vec<_>>(), ["none"; 3], "format {format}");
        assert_eq!(store.tdmrep("https://ridge.example").unwrap(), None);
        drop(store);
        reads_what_came_later(dir.path(), format);
        let left = format >= KEEPS_UNASKED;
        assert_eq!(left_unasked(dir.path()), left.then(|| "map: for the next run".to_owned()));
        let wanted = [3, 6, 9, 6, 6];
        assert_eq!(counts(&dir.path().join(FILE)), (newest, wanted));
        assert_eq!(counts(&copy(dir.path(), format)), (format, wanted));
    }
}

/// What a feed named and was not asked for: the feed, and why.
fn left_unasked(dir: &Path) -> Option<String> {
    let store = Store::open(dir).unwrap();
    let left = store.skipped().unwrap().into_iter().find(|it| it.url == LEFT);
    left.map(|visit| format!("{}: {}", visit.feed.unwrap(), visit.reason))
}

/// What formats 7 and 9 brought works for a collection that was of `format`.
fn reads_what_came_later(dir: &Path, format: usize) {
    let mut store = Store::open(dir).unwrap();
    // What a version added is revised, but what a live blog grew by.
    let added = ["00002", "00012", "00022"].map(|id| store.quote(id).unwrap().unwrap());
    let revised = added.each_ref().map(|record| record.revised);
    let before = format < COUNTS_ADDED_AS_REVISED;
    assert_eq!(revised, [before, before, before && format < KNOWS_LIVE_BLOGS], "format {format}");
    assert!(added.iter().all(|record| record.article.vanished.is_none()));
    // Quotes of before are compared with those that come.
    let words = "We wait for the tide, and it has never yet waited for anybody in this harbour,";
    let file = Connection::open(dir.join(FILE)).unwrap();
    file.execute(
        "UPDATE quotes SET text = ?1, verbatim = \
             json_array(json_object('start', 1, 'end', 2, 'text', ?1)) WHERE id LIKE '___1_'",
        [words],
    )
    .unwrap();
    store.catch_up_wordings().unwrap();
    let cluster = |id: &str| store.quote(id).unwrap().unwrap().cluster;
    assert!(cluster("00011").is_some(), "format {format}");
    assert_eq!(cluster("00010"), cluster("00012"), "format {format}");
    assert_eq!(cluster("00001"), None, "format {format}");
}

/// Kills in mid-migration; a quarter of what the migration writes lies between two of them.
#[cfg(target_os = "linux")]
#[test]
fn a_migration_that_is_killed_leaves_the_old_format_or_the_new_one_and_is_done_again() {
    const ARTICLES: usize = 300;
    let newest = migrations().len();
    let wanted = [1, 2, 3, 2, 2].map(|rows| rows * ARTICLES);
    let reader = Victim::quotes(&["speakers", "--data", "."]);
    let old = tempdir().unwrap();
    of_format(old.path(), 1, ARTICLES);
    let old_file = |to: &Path| fs::copy(old.path().join(FILE), to.join(FILE)).unwrap();
    let undisturbed = tempdir().unwrap();
    old_file(undisturbed.path());
    let bytes = reader.killed_after(undisturbed.path(), u64::MAX).unwrap();
    let (mut chance, mut formats) = (Chance(1), Vec::new());
    for _ in 0..12 {
        let here = tempdir().unwrap();
        old_file(here.path());
        while reader.killed_after(here.path(), chance.bytes(bytes)).is_none() {
            let (format, rows) = counts(&here.path().join(FILE));
            assert!(format == 1 || format == newest, "format {format}");
            assert_eq!(rows, wanted);
            if format == newest {
                assert_eq!(counts(&copy(here.path(), 1)), (1, wanted));
            }
            formats.push(format);
        }
        assert_eq!(counts(&here.path().join(FILE)), (newest, wanted));
        let left = fs::read_dir(here.path()).unwrap().map(|file| file.unwrap().file_name());
        let left: Vec<String> = left.map(|name| name.to_string_lossy().into_owned()).collect();
        assert!(!left.iter().any(|name| name.contains(".part")), "{left:?}");
    }
    assert!(formats.contains(&1), "{formats:?}");
}
