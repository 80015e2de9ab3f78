//! The real `quotes` program on a small collection.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use onrecord::store::{FILE, Store};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::collected::{HARBOUR, HARBOUR_CORRECTED, MAREN, MERIDIAN, collection, quotes};
use crate::programs::{self, Ran};

/// Runs `quotes` over the collection in `data`.
fn asked(data: &Path, arguments: &[&str]) -> Ran {
    let data_option = ["--data", data.to_str().unwrap()];
    programs::quotes(data, &[&data_option[..], arguments].concat())
}

fn collected() -> TempDir {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    dir
}

#[test]
fn search_prints_quote_speaker_outlet_day_and_id_within_80_columns() {
    let dir = collected();
    let ran = asked(dir.path(), &["search", "safeguards"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("“The safeguards are strong,”"));
    assert!(ran.out.contains("— Maren Høgsbro, chief negotiator, Foreign Ministry of Norland"));
    assert!(ran.out.contains("The Harbour Courier · 2024-02-08"));
    assert!(ran.out.contains(&quotes(&HARBOUR)[1].id[..12]));
    assert!(ran.out.contains("no longer in the article"));
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    assert!(!ran.out.contains('\u{1b}'));
    assert_eq!(ran.err.trim(), "2 quotes");
}

#[test]
fn found_words_are_highlighted_when_colour_is_wanted() {
    let dir = collected();
    let ran = asked(dir.path(), &["search", "safeguard", "--color", "always"]);
    assert!(ran.out.contains("The \u{1b}[33m\u{1b}[1msafeguards\u{1b}[0m are"), "{:?}", ran.out);
}

#[test]
fn search_without_a_query_lists_by_filters_and_says_how_to_go_on() {
    let dir = collected();
    let ran = asked(dir.path(), &["search", "--outlet", "harbour", "--limit", "1"]);
    assert_eq!(ran.status, 0);
    assert_eq!(ran.err.trim(), "showing 1–1 of 4 quotes; --offset 1 or --limit for more");
    let quiet = asked(dir.path(), &["search", "--limit", "1", "--quiet"]);
    assert_eq!(quiet.err, "");
}

#[test]
fn search_prints_whole_records_for_programs() {
    let dir = collected();
    let ran = asked(dir.path(), &["search", "journalists", "--format", "json"]);
    let records: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["text"], MERIDIAN.quotes[0].words);
    assert_eq!(records[0]["speaker"]["affiliation"], MAREN.affiliation);
    assert_eq!(records[0]["article"]["url"], MERIDIAN.url);
    assert_eq!(records[0]["content"][0]["start"], 0);
    let lines = asked(dir.path(), &["search", "--format", "ndjson"]);
    assert_eq!(lines.out.lines().count(), 6);
    assert!(lines.out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
}

#[test]
fn nothing_found_is_exit_1_with_a_hint() {
    let dir = collected();
    let ran = asked(dir.path(), &["search", "zeppelin"]);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("no quote matches"));
    let json = asked(dir.path(), &["search", "zeppelin", "--format", "json"]);
    assert_eq!((json.status, json.out.trim()), (1, "[]"));
    let ran = asked(dir.path(), &["search", "--speaker", "zeppelin"]);
    assert!(ran.err.contains("quotes speakers"));
}

#[test]
fn what_could_not_run_is_exit_2_with_the_reason() {
    let dir = collected();
    for (arguments, reason) in [
        (&["search", "(treaty"][..], "a ) is missing here\n  (treaty\n         ^"),
        (&["search", "--since", "last week"], "YYYY-MM-DD"),
        (&["search", "--since", "2024-05-02", "--until", "2024-05-01"], "later than"),
        (&["search", "--speaker", "--"], "a value is required"),
        (&["search", "--speaker", "…"], "--speaker has no word"),
        (&["export"], "--format"),
        (&["export", "-o", "quotes.zip"], "which format"),
        (&["show", ""], "more than one"),
    ] {
        let ran = asked(dir.path(), arguments);
        assert_eq!(ran.status, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(reason), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn an_index_that_no_lock_can_be_made_in_is_read_as_it_stands() {
    let dir = collected();
    // A folder in the lock file's place: as on a medium that can't be written, for any user.
    let lock = dir.path().join("tantivy/.tantivy-meta.lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    let ran = asked(dir.path(), &["search", "safeguards"]).exits(0);
    assert_eq!(ran.err.trim(), "2 quotes");
    asked(dir.path(), &["export", "--format", "csv"]).exits(0);
}

#[test]
fn no_collection_and_a_damaged_one_are_named() {
    let dir = tempdir().unwrap();
    for command in [&["search"][..], &["speakers"], &["show", "ab"], &["export", "--format", "csv"]]
    {
        let ran = asked(dir.path(), command);
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains("no collection at"), "{}", ran.err);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    fs::write(dir.path().join(FILE), "x".repeat(9000)).unwrap();
    let ran = asked(dir.path(), &["search"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("is damaged") && ran.err.contains(".recover"), "{}", ran.err);
}

#[test]
fn an_export_or_search_that_finds_nothing_says_what_may_help() {
    let dir = collected();
    for command in [&["search"][..], &["export", "--format", "csv"]] {
        let said = |more: &[&str]| asked(dir.path(), &[command, more].concat()).exits(1).err;
        let err = said(&["safegards"]);
        assert!(err.contains("did you mean “safeguards”"), "{err}");
        let err = said(&["--topic", "nope"]);
        assert!(err.contains("no quote is of the topic nope; there are: "), "{err}");
        let nothing = asked(dir.path(), &[command, &["--limit", "0"]].concat()).exits(2).err;
        assert!(nothing.contains("--limit 0 asks for nothing"), "{nothing}");
    }
    let long = "x".repeat(300);
    let ran = asked(dir.path(), &["search", &long]).exits(2);
    assert!(ran.err.contains("a word of 100 letters or more"), "{}", ran.err);
}

#[test]
fn an_empty_collection_says_what_to_run() {
    let dir = tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let ran = asked(dir.path(), &["search"]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("run `onrecord crawl`"), "{}", ran.err);
}

#[test]
fn a_deleted_index_is_built_again_by_itself_and_a_damaged_one_is_named() {
    let dir = collected();
    let index = dir.path().join("tantivy");
    fs::remove_dir_all(&index).unwrap();
    assert_eq!(asked(dir.path(), &["search", "safeguards"]).err.trim(), "2 quotes");
    fs::write(index.join("meta.json"), "nonsense").unwrap();
    let ran = asked(dir.path(), &["search", "safeguards"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("is damaged") && ran.err.contains("onrecord reindex"), "{}", ran.err);
}

#[test]
fn speakers_lists_names_roles_and_counts() {
    let dir = collected();
    let ran = asked(dir.path(), &["speakers"]);
    assert_eq!(ran.status, 0);
    assert!(ran.out.contains("2  José Tapia") && ran.out.contains("2  Maren Høgsbro"));
    assert!(ran.out.contains("chief negotiator · Foreign Ministry of Norland"));
    assert!(ran.out.contains("name withheld"));
    let one = asked(dir.path(), &["speakers", "HOGSBRO", "--format", "json"]);
    let speakers: Vec<Value> = serde_json::from_str(&one.out).unwrap();
    assert_eq!(speakers[0]["quotes"], 2);
    assert_eq!(asked(dir.path(), &["speakers", "nobody"]).status, 1);
}

#[test]
fn show_prints_context_provenance_and_revisions() {
    let dir = collected();
    let id = &quotes(&HARBOUR_CORRECTED)[0].id;
    let ran = asked(dir.path(), &["show", &id[..10]]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    for part in [
        "said José Tapia",
        HARBOUR.url,
        "2, fetched 2024-02-10T06:00:00Z",
        "warc/2024-08.warc.gz, from byte 77",
        "reworded in version 2",
        "lets governments snoop",
        "misquoted José Tapia",
        "82–141",
    ] {
        assert!(ran.out.contains(part), "{part}:\n{}", ran.out);
    }
    let json = asked(dir.path(), &["show", id, "--format", "json"]);
    let shown: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(shown["revisions"][0]["kind"], "reworded");
    assert!(shown["context"]["text"].as_str().unwrap().contains("allows governments to snoop"));
    assert_eq!(asked(dir.path(), &["show", "ffffffffffffffff"]).status, 1);
}

#[test]
fn show_highlights_the_words_that_a_revision_changed() {
    let dir = collected();
    let id = &quotes(&HARBOUR_CORRECTED)[0].id;
    let plain = asked(dir.path(), &["show", id]).exits(0);
    let plain = plain.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plain.contains("text that [-lets-]{+allows+} governments {+to+} snoop,"), "{plain}");
    let ran = asked(dir.path(), &["show", id, "--color", "always"]);
    assert!(ran.out.contains("\u{1b}[31m\u{1b}[9mlets\u{1b}[0m"), "{:?}", ran.out);
    assert!(ran.out.contains("\u{1b}[32m\u{1b}[1mallows\u{1b}[0m"), "{:?}", ran.out);
    let json = asked(dir.path(), &["show", id, "--format", "json"]).exits(0).json();
    let difference = json["revisions"][0]["difference"].as_array().unwrap();
    let of = |not: &str| -> String {
        let kept = difference.iter().filter(|it| it["change"] != not);
        kept.map(|it| it["text"].as_str().unwrap()).collect()
    };
    assert_eq!(of("removed"), HARBOUR_CORRECTED.quotes[0].words);
    assert_eq!(of("added"), HARBOUR.quotes[0].words);
}

#[test]
fn export_writes_every_format() {
    let dir = collected();
    let json = asked(dir.path(), &["export", "--format", "json"]);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&json.out).unwrap().len(), 6);
    let ndjson = asked(dir.path(), &["export", "safeguards", "--format", "ndjson"]);
    assert_eq!(ndjson.out.lines().count(), 2);
    let csv = asked(dir.path(), &["export", "--format", "csv", "--sort", "newest"]);
    let mut reader = csv::Reader::from_reader(csv.out.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let column = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 6);
    assert_eq!(&rows[0][column("speaker")], MAREN.name);
    assert_eq!(&rows[1][column("text")], "'=HYPERLINK(1)");
    assert_eq!(&rows[1][column("speaker")], "");
}

#[test]
fn markdown_has_each_quote_as_a_block_with_its_article() {
    let dir = collected();
    let ran = asked(dir.path(), &["export", "journalists", "--format", "markdown"]);
    assert!(ran.out.starts_with("# Quotes\n\n> “Norland signed today"), "{}", ran.out);
    assert!(ran.out.contains("> — **Maren Høgsbro**, chief negotiator, Foreign Ministry"));
    assert!(ran.out.contains("[Norland signs](<https://meridian.example/vote>), *Meridian Post*"));
    assert!(ran.out.contains(", accessed 2024-08-10. "), "{}", ran.out);
    assert!(ran.out.contains("of version 1, text BLAKE3 "), "{}", ran.out);
}

#[test]
fn what_json_and_ndjson_export_is_valid_by_the_published_schema() {
    let dir = collected();
    let schema = asked(dir.path(), &["export", "--schema"]).exits(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let records = asked(dir.path(), &["export", "--format", "json"]).json();
    for record in records.as_array().unwrap() {
        let mistakes: Vec<String> =
            validator.iter_errors(record).map(|error| error.to_string()).collect();
        assert!(mistakes.is_empty(), "{mistakes:?} in {record}");
    }
    let mut wrong = records[0].clone();
    wrong["content"][0]["start"] = "one".into();
    assert!(!validator.is_valid(&wrong));
    wrong = records[0].clone();
    wrong["article"].as_object_mut().unwrap().remove("text_hash");
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn csl_json_has_an_item_for_each_quote_with_the_words_and_where_to_find_them() {
    let dir = collected();
    let items = asked(dir.path(), &["export", "journalists", "--format", "csl"]).exits(0).json();
    let item = &items[0];
    assert_eq!(item["type"], "article-newspaper");
    assert_eq!(item["container-title"], "Meridian Post");
    assert_eq!(item["URL"], MERIDIAN.url);
    assert!(item["abstract"].as_str().unwrap().starts_with("“Norland signed today"), "{item}");
    assert_eq!(item["accessed"]["date-parts"][0], serde_json::json!([2024, 8, 10]));
    let note = item["note"].as_str().unwrap();
    assert!(note.starts_with("Said by: Maren Høgsbro, chief negotiator, Foreign"), "{note}");
    let hash = blake3::hash(MERIDIAN.text.as_bytes()).to_hex();
    assert!(note.contains(&format!("of version 1, text BLAKE3 {hash}")), "{note}");
}

#[test]
fn jsonld_ties_each_quotation_to_its_place_in_the_text() {
    let dir = collected();
    let ran = asked(dir.path(), &["export", "journalists", "--format", "jsonld"]);
    let page: Value = serde_json::from_str(&ran.out).unwrap();
    let annotation = &page["items"][0];
    assert_eq!(annotation["body"]["schema:spokenByCharacter"]["schema:name"], MAREN.name);
    let selectors = &annotation["target"][0]["selector"];
    let [start, end] = ["start", "end"].map(|key| selectors[0][key].as_u64().unwrap() as usize);
    let there: String = MERIDIAN.text.chars().skip(start).take(end - start).collect();
    assert_eq!(selectors[1]["exact"], there);
    let empty = asked(dir.path(), &["export", "zeppelin", "--format", "jsonld"]);
    assert_eq!(empty.status, 1);
    assert!(serde_json::from_str::<Value>(&empty.out).unwrap()["items"].is_array());
}

#[test]
fn atom_is_a_feed_that_feed_readers_read() {
    let dir = collected();
    let ran = asked(dir.path(), &["export", "--format", "atom", "--sort", "newest"]);
    let feed = feed_rs::parser::parse(ran.out.as_bytes()).unwrap();
    assert_eq!(feed.entries.len(), 6);
    assert_eq!(feed.updated.unwrap().to_rfc3339(), "2024-08-10T06:00:00+00:00");
    let entry = &feed.entries[0];
    assert_eq!(entry.links[0].href, MERIDIAN.url);
    assert!(entry.title.as_ref().unwrap().content.starts_with("Maren Høgsbro: Norland signed"));
    let empty = asked(dir.path(), &["export", "zeppelin", "--format", "atom"]);
    assert!(feed_rs::parser::parse(empty.out.as_bytes()).is_ok());
}

#[test]
fn an_export_to_a_file_appears_whole_or_not_at_all() {
    let dir = collected();
    let to = tempdir().unwrap();
    let file = to.path().join("out.csv");
    let name = file.to_str().unwrap();
    let ran = asked(dir.path(), &["export", "-o", name]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("6 quotes written to"));
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.starts_with("id,text,kind,speaker"));
    let failed = asked(dir.path(), &["export", "(", "-o", name]);
    assert_eq!(failed.status, 2);
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
    assert_eq!(fs::read_dir(to.path()).unwrap().count(), 1);
    let nowhere = to.path().join("no/such/out.csv");
    let failed = asked(dir.path(), &["export", "-o", nowhere.to_str().unwrap()]);
    assert_eq!(failed.status, 2);
    assert!(failed.err.contains("no/such/out.csv"), "{}", failed.err);
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let dir = collected();
    for command in [&["search"][..], &["speakers"], &["export", "--format", "json"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_quotes"))
            .arg("--data")
            .arg(dir.path())
            .arg("--quiet")
            .args(command)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn every_command_shows_examples() {
    let dir = tempdir().unwrap();
    for command in ["search", "new", "speakers", "show", "wordings", "export"] {
        let ran = asked(dir.path(), &[command, "--help"]);
        assert_eq!(ran.status, 0);
        assert!(ran.out.contains("Examples:"), "{command}");
    }
}
