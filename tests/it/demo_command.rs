//! `onrecord demo`: the main job without a network, and what it ends by showing.

use crate::programs::{onrecord, quotes};

#[test]
fn the_demo_shows_the_whole_job_and_ends_with_searches_that_find() {
    let here = tempfile::tempdir().unwrap();
    let ran = onrecord(here.path(), &["demo", "--data", "kept"]).exits(0);
    for part in [
        "The Aldermoor Gazette",
        "skipped: ",
        "robots.txt forbids",
        "answered 404",
        "== quotes search ",
        "Renske van der Hout",
        "How it changed",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let all = quotes(here.path(), &["--data", "kept", "export", "--format", "json"]).exits(0);
    assert!(all.json().as_array().unwrap().len() >= 100);
    let speakers = quotes(here.path(), &["--data", "kept", "speakers", "--format", "json"]);
    let with_role = |speaker: &&serde_json::Value| {
        !speaker["roles"].as_array().unwrap().is_empty() && speaker["kind"] == "person"
    };
    assert!(speakers.exits(0).json().as_array().unwrap().iter().filter(with_role).count() >= 20);
}

#[test]
fn the_demo_leaves_nothing_behind_unless_it_is_told_where() {
    let here = tempfile::tempdir().unwrap();
    onrecord(here.path(), &["demo", "--quiet"]).exits(0);
    assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 0);
}

#[test]
fn the_demo_does_not_mix_its_invented_quotes_into_a_collection() {
    let here = tempfile::tempdir().unwrap();
    onrecord(here.path(), &["demo", "--quiet", "--data", "kept"]).exits(0);
    let ran = onrecord(here.path(), &["demo", "--quiet", "--data", "kept"]).exits(2);
    assert!(ran.err.contains("kept holds a collection already"), "{}", ran.err);
}
