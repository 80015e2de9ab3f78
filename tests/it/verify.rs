//! `onrecord verify` and `onrecord check --data` on the demo's collection, whole and damaged.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
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
fn an_export_as_it_was_written_holds_in_each_format_that_can_be_verified() {
    let here = collected();
    let count = exported(here.path()).len();
    for name in ["all.json", "all.ndjson", "all.csv", "all.jsonld"] {
        quotes(here.path(), &["export", "-o", name, "-q"]).exits(0);
        let ran = onrecord(here.path(), &["verify", name]).exits(0);
        assert_eq!(ran.out, format!("{count} quotes as index keeps them\n"), "{name}");
    }
    quotes(here.path(), &["export", "--bom", "-o", "excel.csv", "-q"]).exits(0);
    onrecord(here.path(), &["verify", "excel.csv"]).exits(0);
    for name in ["all.md", "all.atom", "all.csljson"] {
        quotes(here.path(), &["export", "-o", name, "-q"]).exits(0);
        let ran = onrecord(here.path(), &["verify", name]).exits(2);
        assert!(ran.err.contains("json, ndjson, csv and jsonld"), "{name}: {}", ran.err);
    }
}

/// Verifies an export whose first quote that somebody said was changed; what is said of it, on one line.
#[track_caller]
fn changed(here: &Path, change: impl FnOnce(&mut Value), status: i32) -> String {
    let mut records = exported(here);
    let quote = spoken(&mut records);
    change(quote);
    let id = quote["id"].as_str().unwrap().to_owned();
    fs::write(here.join("changed.json"), Value::from(records).to_string()).unwrap();
    let ran = onrecord(here, &["verify", "changed.json"]).exits(status);
    let lines = ran.out.replace("\n    ", " ");
    assert!(lines.starts_with(&format!("quote {id}: ")), "{lines}");
    lines
}

#[test]
fn every_field_that_was_changed_in_an_export_is_named_with_its_quote() {
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 23] = [
        (|quote| quote["text"] = "We never said so".into(), "text is “We never said so”, the"),
        (|quote| quote["content"][0]["text"] = "never".into(), "content[0].text is “never”"),
        (|quote| quote["kind"] = "paraphrase".into(), "kind is “paraphrase”"),
        (|quote| quote["verbatim"] = Value::from(vec!["never"]), "verbatim"),
        (|quote| quote["source"] = Value::Null, "source is not stated"),
        (|quote| quote["prefix"] = "He lied: ".into(), "prefix is “He lied: ”"),
        (|quote| quote["suffix"] = " (laughs)".into(), "suffix is “ (laughs)”"),
        (|quote| quote["paragraph"] = 77.into(), "paragraph is 77, the collection has "),
        (|quote| quote["confidence"] = 1.into(), "confidence is 1, the collection has 0."),
        (
            |quote| quote["speaker"]["name"] = "Nobody Atall".into(),
            "speaker.name is “Nobody Atall”",
        ),
        (|quote| quote["speaker"]["role"] = "king".into(), "speaker.role is “king”"),
        (|quote| quote["speaker"] = Value::Null, "speaker is not stated, the collection has {"),
        (|quote| quote["article"]["text_hash"] = "00".into(), "article.text_hash is “00”"),
        (|quote| quote["article"]["version"] = 77.into(), "has no version 77 of article"),
        (|quote| quote["article"]["snapshot"]["offset"] = 3.into(), "article.snapshot.offset is 3"),
        (|quote| quote["article"]["outlet"] = "The Times".into(), "article.outlet is “The Times”"),
        (|quote| quote["article"]["url"] = "https://a.example/".into(), "article.url is “https://"),
        (
            |quote| quote["article"]["title"] = "Treaty dead".into(),
            "article.title is “Treaty dead”",
        ),
        (|quote| quote["article"]["published"] = "2001-01-01".into(), "article.published is “2001"),
        (|quote| quote["article"]["notices"] = Value::Array(vec!["no".into()]), "article.notices"),
        (|quote| quote["first_seen"] = "2001-01-01T00:00:00Z".into(), "first_seen is “2001-01-01T"),
        (|quote| quote["id"] = "00000000000000aa".into(), "the collection has no such quote"),
        (|quote| quote["denied"] = true.into(), "denied is true, the collection has not stated"),
    ];
    let here = collected();
    let here = here.path();
    let mut records = exported(here);
    let quote = spoken(&mut records).clone();
    let forged: Vec<Value> = changes
        .iter()
        .map(|(change, _)| {
            let mut quote = quote.clone();
            change(&mut quote);
            quote
        })
        .collect();
    fs::write(here.join("forged.json"), Value::from(forged).to_string()).unwrap();
    let ran = onrecord(here, &["verify", "forged.json"]).exits(1);
    let said = ran.out.replace("\n    ", " ");
    let id = quote["id"].as_str().unwrap();
    for ((_, reason), line) in changes.iter().zip(said.lines()) {
        assert!(line.contains(reason), "{reason}: {line}");
        assert!(line.starts_with(&format!("quote {id}: ")) || reason.contains("no such"), "{line}");
    }
    let all = changes.len();
    let verdict = format!("{all} of {all} quotes not as index keeps them");
    assert_eq!(said.lines().last(), Some(verdict.as_str()), "{said}");
}

#[test]
fn a_cell_and_an_annotation_that_were_changed_are_named_too() {
    let here = collected();
    for (name, from, to, field) in [
        ("all.csv", ",direct,", ",mixed,", "kind is “mixed”"),
        (
            "all.jsonld",
            "\"schema:headline\":\"",
            "\"schema:headline\":\"Not ",
            "schema:headline is “Not ",
        ),
    ] {
        quotes(here.path(), &["export", "-o", name, "-q"]).exits(0);
        let file = here.path().join(name);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        let said = onrecord(here.path(), &["verify", name]).exits(1).out.replace("\n    ", " ");
        assert!(said.contains(field), "{name}: {said}");
    }
}

#[test]
fn what_may_change_after_an_export_is_told_and_is_no_flaw() {
    let here = collected();
    let here = here.path();
    let said =
        changed(here, |quote| quote["current"] = (!quote["current"].as_bool().unwrap()).into(), 0);
    assert!(said.contains("changed since: current was "), "{said}");
    assert!(said.contains(" quotes as index keeps them, 1 changed since"), "{said}");
    let said = changed(here, |quote| quote["speaker"]["identity"] = "12".into(), 0);
    assert!(said.contains("changed since: speaker.identity was “12”, is "), "{said}");
}

#[test]
fn an_export_of_an_older_version_is_held_against_that_version() {
    let here = collected();
    let here = here.path();
    let older = |change: &dyn Fn(&mut Value)| {
        let mut records = exported(here);
        let moved = |record: &&mut Value| record["article"]["version"] == 2;
        let quote = records.iter_mut().find(moved).unwrap();
        quote["article"]["version"] = 1.into();
        change(quote);
        fs::write(here.join("older.json"), Value::from(records).to_string()).unwrap();
        onrecord(here, &["verify", "older.json"]).out.replace("\n    ", " ")
    };
    let said = older(&|_| {});
    assert!(said.contains("article.text_hash is ") || said.contains("doesn't have it"), "{said}");
    let said = older(&|quote| quote["speaker"] = "Donald".into());
    assert!(said.contains("speaker is “Donald”") || said.contains("doesn't have it"), "{said}");
}

#[test]
fn where_no_page_is_kept_it_is_said_that_none_was_looked_at() {
    let here = collected();
    let store = Connection::open(here.path().join("index/onrecord.sqlite")).unwrap();
    store.execute("UPDATE versions SET snapshot_file = NULL, snapshot_offset = NULL", []).unwrap();
    quotes(here.path(), &["export", "-o", "all.json", "-q"]).exits(0);
    let ran = onrecord(here.path(), &["verify", "all.json"]).exits(0);
    assert!(ran.out.contains("no page of theirs is kept"), "{}", ran.out);
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
    assert!(ran.out.starts_with("page.html:3:"), "{}", ran.out);
    assert!(ran.out.ends_with("1 of 2 quotes not as index keeps them\n"), "{}", ran.out);
    fs::write(&page, format!("[{first},{}", &first[..first.len() / 2])).unwrap();
    let ran = onrecord(here.path(), &["verify", "page.html"]).exits(2);
    assert!(ran.err.contains("the export is damaged from here on"), "{}", ran.err);
    assert!(ran.err.contains("page.html:1:"), "{}", ran.err);
}

#[test]
fn a_whole_collection_passes_the_check_without_a_watch_list() {
    let here = collected();
    let ran = onrecord(here.path(), &["check", "--data", "index"]).exits(0);
    assert!(ran.out.starts_with("index: "), "{}", ran.out);
    assert!(ran.out.ends_with(" kept pages, all whole\n"), "{}", ran.out);
    onrecord(here.path(), &["check", "--data", "elsewhere"]).exits(2);
}
