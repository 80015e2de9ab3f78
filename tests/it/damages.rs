//! `onrecord check --data` on the demo's collection, damaged in every way that could be thought of.

use std::fs;
use std::path::{Path, PathBuf};

use onrecord::search::{Share, Writer};
use onrecord::store::Store;
use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

use crate::programs::onrecord;

fn sql(here: &Path, statement: &str) {
    let store = Connection::open(here.join("index/onrecord.sqlite")).unwrap();
    // Other hands keep no references.
    store.pragma_update(None, "foreign_keys", false).unwrap();
    assert!(store.execute(statement, []).unwrap() > 0, "{statement} changes nothing");
}

fn copy_of(folder: &Path) -> TempDir {
    let here = tempdir().unwrap();
    let mut folders = vec![(folder.join("index"), here.path().join("index"))];
    while let Some((from, to)) = folders.pop() {
        fs::create_dir(&to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            let to = to.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => folders.push((entry.path(), to)),
                false => drop(fs::copy(entry.path(), to).unwrap()),
            }
        }
    }
    here
}

fn files(here: &Path, folder: &str, extension: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(here.join("index").join(folder)).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(extension));
    files.sort();
    assert!(!files.is_empty());
    files
}

/// Changes the bytes of a file.
fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Puts quotes of the collection's first article into the index as those of `article`.
fn in_index(here: &Path, article: Option<&str>, quotes: usize, id: Option<&str>) {
    let data = here.join("index");
    let store = Store::open_existing(&data).unwrap();
    let first = store.article_ids(None, 1).unwrap().remove(0);
    let mut records = store.indexed_quotes(&first).unwrap();
    records.truncate(quotes);
    for record in &mut records {
        record.id = id.unwrap_or(&record.id).to_owned();
    }
    let mut writer = Writer::open(&data, Share::Little).unwrap();
    writer.replace([article.unwrap_or(&first)]).unwrap();
    for record in &records {
        writer.builders()[0].add(record).unwrap();
    }
    writer.commit(store.last_change().unwrap()).unwrap();
}

/// What is done to a collection, and what the check says then.
type Damage = (&'static str, fn(&Path), &'static str);

const DAMAGES: &[Damage] = &[
    (
        "a quote deleted",
        |here| sql(here, "DELETE FROM quotes WHERE position = 0 AND current AND NOT revised"),
        "one of its quotes is not there",
    ),
    (
        "a last quote deleted",
        |here| {
            sql(
                here,
                "DELETE FROM quotes WHERE NOT revised AND current AND position = (SELECT \
                    max(position) FROM quotes AS others WHERE others.article = quotes.article)",
            );
        },
        ", the store has not: run `onrecord reindex`",
    ),
    (
        "an article deleted",
        |here| sql(here, "DELETE FROM articles WHERE id = (SELECT min(id) FROM articles)"),
        "points to a row of articles that is not there",
    ),
    (
        "a first version deleted",
        |here| {
            sql(
                here,
                "DELETE FROM versions WHERE version = 1 AND article IN \
            (SELECT id FROM articles WHERE version = 2)",
            )
        },
        "one of its versions is not there",
    ),
    (
        "a newest version deleted",
        |here| sql(here, "DELETE FROM versions WHERE version = 2"),
        "its newest version is not there",
    ),
    (
        "rewordings deleted",
        |here| sql(here, "DELETE FROM revisions WHERE kind = 'reworded'"),
        "its revision is not there",
    ),
    (
        "additions deleted",
        |here| sql(here, "DELETE FROM revisions WHERE kind = 'added'"),
        "the revision that brought it is not there",
    ),
    (
        "revisions without what was before",
        |here| sql(here, "UPDATE revisions SET before_quote = NULL"),
        "the revision that took it away is not there",
    ),
    (
        "an article's changes deleted",
        |here| sql(here, "DELETE FROM changes WHERE article = (SELECT min(id) FROM articles)"),
        "no change names it",
    ),
    (
        "the last change deleted",
        |here| sql(here, "DELETE FROM changes WHERE seq = (SELECT max(seq) FROM changes)"),
        "the search index holds change",
    ),
    (
        "offsets moved",
        |here| {
            sql(here, "UPDATE quotes SET content = replace(content, '\"start\":', '\"start\":1')")
        },
        "its content doesn't stand at characters",
    ),
    (
        "words changed",
        |here| sql(here, "UPDATE quotes SET text = text || ' not'"),
        "its words are not those of its spans",
    ),
    (
        "half a speaker",
        |here| sql(here, "UPDATE quotes SET speaker = NULL WHERE speaker IS NOT NULL"),
        "it names half a speaker",
    ),
    (
        "a quote put out of its version",
        |here| sql(here, "UPDATE quotes SET current = 0 WHERE NOT revised"),
        "whether the newest version has it is noted wrongly",
    ),
    (
        "a row that can't be read",
        |here| {
            sql(
                here,
                "UPDATE quotes SET content = '[' WHERE article = (SELECT min(id) FROM articles)",
            )
        },
        "failed to read an article's quotes",
    ),
    (
        "a text changed",
        |here| sql(here, "UPDATE versions SET text = text || '.'"),
        "its text is not the one that its hash was taken of",
    ),
    (
        "a snapshot beside its record",
        |here| sql(here, "UPDATE versions SET snapshot_offset = snapshot_offset + 1"),
        "failed to read the archive file",
    ),
    (
        "a snapshot of another page",
        |here| {
            sql(
                here,
                "UPDATE versions SET snapshot_offset = (SELECT min(snapshot_offset) FROM versions)",
            )
        },
        "has another page from byte",
    ),
    (
        "a payload of another page",
        |here| {
            sql(
                here,
                "UPDATE visits SET payload_offset = (SELECT min(payload_offset) FROM visits) \
            WHERE payload_offset IS NOT NULL",
            )
        },
        "has another page from byte",
    ),
    (
        "an archive file gone",
        |here| fs::remove_file(&files(here, "warc", ".gz")[0]).unwrap(),
        "failed to read the archive file",
    ),
    (
        "an archive file cut",
        |here| rewrite(&files(here, "warc", ".gz")[0], |bytes| bytes.truncate(bytes.len() / 2)),
        "failed to read the archive file",
    ),
    (
        "an archive file without its last bytes, which no version names",
        |here| rewrite(&files(here, "warc", ".gz")[0], |bytes| bytes.truncate(bytes.len() - 9)),
        ": damaged at byte",
    ),
    (
        "a byte of the archive flipped",
        |here| {
            rewrite(&files(here, "warc", ".gz")[0], |bytes| {
                let last = bytes.windows(3).rposition(|three| three == [0x1f, 0x8b, 8]).unwrap();
                bytes[last + 40] ^= 0xff;
            });
        },
        ": damaged at byte",
    ),
    (
        "archived pages in each other's place",
        |here| {
            rewrite(&files(here, "warc", ".gz")[0], |bytes| {
                // Everything behind the file's own record, which keeps its place, repeated.
                let starts: Vec<usize> =
                    memchr::memmem::find_iter(bytes, b"\x1f\x8b\x08\x00\x00").collect();
                let mut turned = bytes[..starts[1]].to_vec();
                turned.extend_from_slice(&bytes[starts[3]..]);
                turned.extend_from_slice(&bytes[starts[1]..starts[3]]);
                *bytes = turned;
            });
        },
        "warc",
    ),
    (
        "a role changed",
        |here| sql(here, "UPDATE quotes SET role = 'king' WHERE role IS NOT NULL"),
        "of the role “king” the store has",
    ),
    (
        "an outlet changed",
        |here| sql(here, "UPDATE versions SET outlet = 'The Times'"),
        "of the outlet “The Times” the store has",
    ),
    (
        "an article's address changed",
        |here| {
            sql(
                here,
                "UPDATE articles SET url = url || '?x' WHERE id = (SELECT min(id) FROM articles)",
            )
        },
        "its id is not that of its address",
    ),
    (
        "the words around quotes changed",
        |here| sql(here, "UPDATE quotes SET prefix = 'He denied that '"),
        "the words around it are not those of the text",
    ),
    (
        "a kind changed",
        |here| sql(here, "UPDATE quotes SET kind = 'indirect' WHERE kind = 'direct'"),
        "its kind is not that of its quotation marks",
    ),
    (
        "a confidence beyond all doubt",
        |here| sql(here, "UPDATE quotes SET confidence = 7"),
        "its confidence is no probability",
    ),
    (
        "a page gone since nobody knows when",
        |here| sql(here, "UPDATE articles SET vanished = 'yes'"),
        "since when its page is gone can't be read",
    ),
    (
        "a visit that came to nothing known",
        |here| sql(here, "UPDATE visits SET outcome = 'eaten'"),
        "what came of its visit can't be read",
    ),
    (
        "snapshots forgotten",
        |here| sql(here, "UPDATE versions SET snapshot_file = NULL, snapshot_offset = NULL"),
        "its page is in the archive, but it doesn't name it",
    ),
    (
        "a table dropped",
        |here| {
            let store = Connection::open(here.join("index/onrecord.sqlite")).unwrap();
            store.execute_batch("DROP TABLE topic_decisions").unwrap();
        },
        "the store: its table topic_decisions is not there",
    ),
    (
        "a byte of the index flipped",
        |here| {
            rewrite(&files(here, "tantivy", ".store")[0], |bytes| {
                let middle = bytes.len() / 3;
                bytes[middle] ^= 0xff;
            });
        },
        ".store is damaged: run `onrecord reindex`",
    ),
    (
        "no index",
        |here| fs::remove_dir_all(here.join("index/tantivy")).unwrap(),
        "no search index at",
    ),
    (
        "an index without its list of files",
        |here| rewrite(&here.join("index/tantivy/meta.json"), |bytes| bytes.truncate(9)),
        "is damaged",
    ),
    (
        "an index with a file gone",
        |here| fs::remove_file(&files(here, "tantivy", ".fast")[0]).unwrap(),
        "is damaged",
    ),
    (
        "an index without an article",
        |here| in_index(here, None, 0, None),
        "the search index lacks quote",
    ),
    (
        "an index with a quote that the store has not",
        |here| in_index(here, Some("ghost"), 1, Some("00000000000000ff")),
        "the search index has quote 00000000000000ff, the store has not",
    ),
    (
        "an index with a quote twice",
        |here| in_index(here, Some("ghost"), 1, None),
        "more than once",
    ),
];

#[test]
fn the_check_finds_each_damage_and_names_it() {
    let whole = tempdir().unwrap();
    onrecord(whole.path(), &["demo", "--data", "index", "-q"]).exits(0);
    for (name, damage, wanted) in DAMAGES {
        let here = copy_of(whole.path());
        damage(here.path());
        let ran = onrecord(here.path(), &["check", "--data", "index"]);
        let said = ran.out.replace("\n    ", " ");
        assert_eq!(ran.status, 1, "{name}: {said}{}", ran.err);
        assert!(said.contains(wanted), "{name}: {said}");
    }
}
