//! `onrecord extract`: text, HTML and NDJSON in, quotes out.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::programs::{onrecord, onrecord_with};

const STATEMENT: &str = "Delegates met in Vell on Monday.\n\n“We will sign the tide accord,” said \
                         Ana Prado, minister of trade of Costa Verda. “There is no better text.”";

fn extract(arguments: &[&str], input: &[u8]) -> crate::programs::Ran {
    let here = tempfile::tempdir().unwrap();
    onrecord_with(here.path(), &[&["extract"], arguments].concat(), input)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn text_on_standard_input_gives_quotes_as_the_contract_prints_them() {
    let ran = extract(&["--format", "ndjson", "-"], STATEMENT.as_bytes()).exits(0);
    let article = &lines(&ran.out)[0];
    assert_eq!(article["schema"], 1);
    assert_eq!(article["text"], STATEMENT);
    let quotes = article["quotes"].as_array().unwrap();
    let quote = &quotes[0];
    assert_eq!(quote["kind"], "direct");
    assert_eq!(quote["speaker"]["name"], "Ana Prado");
    assert_eq!(quote["speaker"]["kind"], "person");
    assert_eq!(quote["cue"]["text"], "said");
    assert_eq!(quote["source"]["text"], "Ana Prado");
    assert_eq!(quote["paragraph"], 1);
    let keys: Vec<&str> = quote.as_object().unwrap().keys().map(String::as_str).collect();
    let wanted = [
        "id",
        "kind",
        "text",
        "content",
        "verbatim",
        "source",
        "cue",
        "speaker",
        "confidence",
        "prefix",
        "suffix",
        "paragraph",
    ];
    assert_eq!(keys, wanted);
    let text: Vec<char> = STATEMENT.chars().collect();
    for span in quote["verbatim"].as_array().unwrap() {
        let at = |key: &str| usize::try_from(span[key].as_u64().unwrap()).unwrap();
        assert_eq!(span["text"], text[at("start")..at("end")].iter().collect::<String>());
    }
}

#[test]
fn people_read_the_words_and_who_said_them() {
    let ran = extract(&["-"], STATEMENT.as_bytes()).exits(0);
    assert!(ran.out.contains("— Ana Prado, minister of trade"), "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
}

#[test]
fn a_text_without_quotes_says_so() {
    let ran = extract(&["-"], b"x").exits(0);
    assert!(ran.out.contains("no quotes found"), "{}", ran.out);
    let ran = extract(&["--format", "ndjson", "-"], b"x").exits(0);
    assert_eq!(lines(&ran.out)[0]["quotes"], Value::Array(Vec::new()));
}

#[test]
fn html_is_recognised_and_its_metadata_is_read() {
    let page = format!(
        "<!DOCTYPE html><html lang=en><head><title>Accord near | Ridge Courier</title>\
         <meta property=og:site_name content='Ridge Courier'>\
         <link rel=canonical href='https://ridge-courier.example/accord'></head><body>\
         <nav><a href=/>Home</a></nav><article><h1>Accord near</h1>{}</article></body></html>",
        STATEMENT.split("\n\n").map(|text| format!("<p>{text}</p>")).collect::<String>().repeat(2)
    );
    let ran = extract(&["--format", "json", "-"], page.as_bytes()).exits(0);
    let article = &ran.json()[0];
    assert_eq!(article["title"], "Accord near");
    assert_eq!(article["outlet"], "Ridge Courier");
    assert_eq!(article["url"], "https://ridge-courier.example/accord");
    assert_eq!(article["quotes"][0]["speaker"]["name"], "Ana Prado");
}

#[test]
fn a_bad_line_is_named_and_the_rest_goes_on() {
    let good = serde_json::json!({"id": 7, "text": STATEMENT, "unknown": true});
    let input = format!("{good}\nnot json\n\n{{\"id\":\"b\"}}\n{good}\n");
    let ran = extract(&["--input", "ndjson", "--format", "ndjson", "-"], input.as_bytes()).exits(1);
    let articles = lines(&ran.out);
    assert_eq!(articles.len(), 2);
    assert_eq!(articles[0]["id"], 7, "the id is passed through");
    assert!(ran.err.contains("line 2") && ran.err.contains("line 4"), "{}", ran.err);
}

#[test]
fn text_that_is_not_utf_8_is_read_by_its_sniffed_charset() {
    let text = "« Nous signerons », déclare Zoé Lefèvre, négociatrice. Été, forêt, où, naïve.";
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let ran = extract(&["--format", "ndjson", "-"], &bytes).exits(0);
    assert_eq!(lines(&ran.out)[0]["text"], text);
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let ran = extract(&["--format", "ndjson", "-"], &wide).exits(0);
    assert_eq!(lines(&ran.out)[0]["text"], text);
}

#[test]
fn binary_data_and_missing_files_are_refused_with_a_reason() {
    let ran = extract(&["-"], b"\x89PNG\r\n\x1a\n\0\0\0").exits(2);
    assert!(ran.err.contains("binary"), "{}", ran.err);
    let ran = extract(&["nowhere.txt"], b"").exits(2);
    assert!(ran.err.contains("nowhere.txt"), "{}", ran.err);
    let ran = extract(&["."], b"").exits(2);
    assert!(ran.err.contains("failed to read ."), "{}", ran.err);
}

#[test]
fn a_page_without_an_article_is_named_with_the_reason() {
    let ran = extract(&["--input", "html", "-"], b"<html><body></body></html>").exits(1);
    assert!(ran.err.contains("standard input"), "{}", ran.err);
}

#[test]
fn several_files_come_out_in_their_order() {
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("a.txt"), "“One,” said Ada Lind.").unwrap();
    fs::write(here.path().join("b.txt"), "“Two,” said Bo Marek.").unwrap();
    let ran = onrecord(here.path(), &["extract", "--format", "json", "a.txt", "b.txt"]).exits(0);
    let names: Vec<Value> = ran
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|article| article["quotes"][0]["speaker"]["name"].clone())
        .collect();
    assert_eq!(names, ["Ada Lind", "Bo Marek"]);
}

#[test]
fn an_input_of_several_that_cannot_be_read_is_named_and_the_rest_goes_on() {
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("b.txt"), "“Two,” said Bo Marek.").unwrap();
    fs::write(here.path().join("c.bin"), b"\x7fELF\0\0").unwrap();
    let arguments = ["extract", "--format", "json", "a.txt", "c.bin", "b.txt"];
    let ran = onrecord(here.path(), &arguments).exits(1);
    assert_eq!(ran.json()[0]["quotes"][0]["speaker"]["name"], "Bo Marek");
    assert!(ran.err.contains("a.txt") && ran.err.contains("c.bin is binary"), "{}", ran.err);
}

#[test]
fn ndjson_on_standard_input_is_known_by_its_first_bytes() {
    let input = format!("{}\n", serde_json::json!({"id": "a", "text": STATEMENT})).repeat(2);
    let ran = extract(&["--format", "ndjson"], input.as_bytes()).exits(0);
    assert_eq!(lines(&ran.out).len(), 2);
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let here = tempfile::tempdir().unwrap();
    let line = serde_json::json!({"text": STATEMENT.repeat(200)}).to_string();
    fs::write(here.path().join("many.ndjson"), format!("{line}\n").repeat(200)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_onrecord"))
        .args(["extract", "--format", "ndjson", "many.ndjson"])
        .current_dir(here.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 100];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[test]
fn a_text_can_not_steer_the_terminal() {
    let text = "“We will \u{1b}]0;x\u{7}sign,” said Ana \u{9b}2JPrado.";
    let ran = extract(&["-"], text.as_bytes()).exits(0);
    assert!(ran.out.contains("sign,"), "{}", ran.out);
    assert!(ran.out.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", ran.out);
}

#[test]
fn lines_of_ndjson_are_objects_and_may_begin_with_a_byte_order_mark() {
    let lines = "\u{feff}{\"text\":\"x\"}\n[\"a\",null,null,null,null,\"x\",null]\n“Not JSON.”\n";
    let ran = extract(&["--input", "ndjson", "--format", "ndjson", "-"], lines.as_bytes()).exits(1);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    for line in ["line 2: not a JSON object", "line 3: not a JSON object"] {
        assert!(ran.err.contains(line), "{}", ran.err);
    }
}
