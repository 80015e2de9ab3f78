//! `onrecord verify` and `onrecord check --data` on the demo's collection, whole and damaged.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::programs::{onrecord, quotes};

/// A folder with the demo's collection in `index/`.
fn collected() -> TempDir {
    let here = tempdir().unwrap();
    onrecord(here.path(), &["demo", "--data", "index", "-q"]).exits(0);
    here
}

fn exported(here: &Path) -> Vec<Value> {
    let ran = quotes(here, &["export", "--format", "json"]).exits(0);
    serde_json::from_str(&ran.out).unwrap()
}

/// The first quote that has a speaker and a page.
fn spoken(records: &mut [Value]) -> &mut Value {
    let whole = |record: &&mut Value| {
        record["speaker"].is_object() && record["article"]["snapshot"].is_object()
    };
    records.iter_mut().find(whole).unwrap()
}

#[test]
fn an_export_as_it_was_written_holds_in_json_and_ndjson() {
    let here = collected();
    let count = exported(here.path()).len();
    for name in ["all.json", "all.ndjson"] {
        quotes(here.path(), &["export", "-o", name, "-q"]).exits(0);
        let ran = onrecord(here.path(), &["verify", name]).exits(0);
        assert_eq!(ran.out, format!("{count} quotes as index keeps them\n"));
    }
}

#[test]
fn each_thing_that_was_changed_in_an_export_is_named_with_its_quote() {
    let here = collected();
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 6] = [
        (|quote| quote["text"] = "We never said so".into(), "its words are not those of its spans"),
        (|quote| quote["content"][0]["text"] = "never".into(), "its content doesn't stand at"),
        (|quote| quote["speaker"]["name"] = "Nobody Atall".into(), "names another speaker"),
        (|quote| quote["article"]["text_hash"] = "00".into(), "has another hash"),
        (|quote| quote["article"]["version"] = 77.into(), "has no version 77 of article"),
        (|quote| quote["article"]["snapshot"]["offset"] = 3.into(), "names another kept page"),
    ];
    for (change, reason) in changes {
        let mut records = exported(here.path());
        let quote = spoken(&mut records);
        change(quote);
        let id = quote["id"].as_str().unwrap().to_owned();
        fs::write(here.path().join("changed.json"), Value::from(records).to_string()).unwrap();
        let ran = onrecord(here.path(), &["verify", "changed.json"]).exits(1);
        let lines = ran.out.replace("\n    ", " ");
        assert!(lines.starts_with(&format!("quote {id}: ")), "{lines}");
        assert!(lines.contains(reason), "{lines}");
        assert!(lines.contains("1 of "), "{lines}");
    }
}

#[test]
fn what_is_no_export_is_refused_and_a_broken_line_is_named() {
    let here = collected();
    let page = here.path().join("page.html");
    fs::write(&page, "<p>no export</p>").unwrap();
    let ran = onrecord(here.path(), &["verify", "page.html"]).exits(2);
    assert!(ran.err.contains("page.html is no export to verify"), "{}", ran.err);
    let ran = onrecord(here.path(), &["verify", "nothing.json"]).exits(2);
    assert!(ran.err.contains("failed to read nothing.json"), "{}", ran.err);
    let lines = quotes(here.path(), &["export", "--format", "ndjson"]).exits(0).out;
    let first = lines.lines().next().unwrap();
    fs::write(&page, format!("{first}\n\n{}\n{first}\n", &first[..first.len() / 2])).unwrap();
    let ran = onrecord(here.path(), &["verify", "page.html"]).exits(1);
    assert!(ran.out.starts_with("page.html:3: "), "{}", ran.out);
    assert!(ran.out.ends_with("1 of 2 quotes not as index keeps them\n"), "{}", ran.out);
    fs::write(&page, format!("[{first},{}", &first[..first.len() / 2])).unwrap();
    onrecord(here.path(), &["verify", "page.html"]).exits(2);
}

#[test]
fn a_whole_collection_passes_the_check_without_a_watch_list() {
    let here = collected();
    let ran = onrecord(here.path(), &["check", "--data", "index"]).exits(0);
    assert!(ran.out.starts_with("index: "), "{}", ran.out);
    assert!(ran.out.ends_with(" kept pages, all whole\n"), "{}", ran.out);
    onrecord(here.path(), &["check", "--data", "elsewhere"]).exits(2);
}
