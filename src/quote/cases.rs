//! Runs the labelled sentences: `tests/cases/*.md`, for other languages than English
//! `tests/cases/<language>/*.md`, and the example of every reporting verb.
//!
//! A case is a list item. `{source:…}`, `{cue:…}` and `{content:…}` label what must come out;
//! `{content2:…}` belongs to a second attribution; `¶` begins a new paragraph; `=> name; role;
//! affiliation; anonymous` says who must speak (of the last attribution; an empty part is not
//! compared, `-` stands for none). A sentence without labels is a negative: nobody may speak in it,
//! and with `=> nothing` no quote at all may come out.

use std::fs;
use std::path::Path;

use super::{Document, extract, lexicon, patterns};
use crate::domain::quote::Found;

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Expected {
    source: Vec<String>,
    cue: Vec<String>,
    content: Vec<String>,
}

#[derive(Debug)]
struct Case {
    text: String,
    expected: Vec<Expected>,
    speaker: Vec<String>,
}

/// Strips the labels off a sentence.
fn read(line: &str) -> Case {
    let (sentence, speaker) = line.split_once(" => ").unwrap_or((line, ""));
    let mut text = String::new();
    let mut expected: Vec<Expected> = Vec::new();
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut rest = sentence;
    while let Some(c) = rest.chars().next() {
        let label = rest.strip_prefix('{').and_then(|tail| {
            let (name, _) = tail.split_once(':')?;
            let known = ["source", "cue", "content"]
                .iter()
                .any(|l| name.trim_end_matches(|c: char| c.is_ascii_digit()) == *l);
            known.then(|| name.to_owned())
        });
        if let Some(name) = label {
            rest = &rest[name.len() + 2..];
            open.push((name, text.len()));
            continue;
        }
        if c == '}'
            && let Some((name, start)) = open.pop()
        {
            let kind = name.trim_end_matches(|c: char| c.is_ascii_digit());
            let number: usize = name[kind.len()..].parse().unwrap_or(1);
            if expected.len() < number {
                expected.resize(number, Expected::default());
            }
            let part = text[start..].to_owned();
            let relation = &mut expected[number - 1];
            match kind {
                "source" => relation.source.push(part),
                "cue" => relation.cue.push(part),
                _ => relation.content.push(part),
            }
            rest = &rest[1..];
            continue;
        }
        if c == '¶' {
            text.truncate(text.trim_end().len());
            text.push_str("\n\n");
            rest = rest[c.len_utf8()..].trim_start();
            continue;
        }
        text.push(c);
        rest = &rest[c.len_utf8()..];
    }
    let speaker = if speaker.is_empty() {
        Vec::new()
    } else {
        speaker.split(';').map(|part| part.trim().to_owned()).collect()
    };
    Case { text, expected, speaker }
}

fn actual(quote: &Found<'_>) -> Expected {
    Expected {
        source: quote.source.iter().map(|s| s.text.to_string()).collect(),
        cue: quote.cue.iter().map(|s| s.text.to_string()).collect(),
        content: quote.content.iter().map(|s| s.text.to_string()).collect(),
    }
}

/// What is wrong with a case of the language, if anything.
fn check(line: &str, language: &str) -> Option<String> {
    let case = read(line);
    let language = Some(language);
    let quotes =
        extract(&Document { key: "case", text: &case.text, language, ..Document::default() });
    if case.speaker == ["nothing"] {
        let texts: Vec<_> = quotes.iter().map(|q| &q.text).collect();
        return (!texts.is_empty()).then(|| format!("{}\n  no quote, but {texts:?}", case.text));
    }
    if case.expected.is_empty() {
        let speakers: Vec<_> =
            quotes.iter().filter_map(|q| q.speaker.as_ref().map(|s| &s.name)).collect();
        return (!speakers.is_empty())
            .then(|| format!("{}\n  nobody speaks, but found {speakers:?}", case.text));
    }
    let found: Vec<Expected> =
        quotes.iter().filter(|q| q.speaker.is_some() || q.source.is_some()).map(actual).collect();
    let mut wanted = case.expected.clone();
    wanted.sort_by_key(|e| case.text.find(&e.content[0]));
    if found != wanted {
        return Some(format!("{}\n  wanted {wanted:?}\n  found  {found:?}", case.text));
    }
    let speaker = quotes.iter().rev().find_map(|q| q.speaker.as_ref());
    let parts = speaker.map(|s| {
        [
            s.name.to_string(),
            s.role.as_deref().unwrap_or_default().to_owned(),
            s.affiliation.as_deref().unwrap_or_default().to_owned(),
            if s.anonymous { "anonymous".to_owned() } else { String::new() },
        ]
    });
    for (index, wanted) in case.speaker.iter().enumerate().filter(|(_, part)| !part.is_empty()) {
        let found = parts.as_ref().and_then(|p| p.get(index));
        let holds = found.is_some_and(|f| if wanted == "-" { f.is_empty() } else { f == wanted });
        if !holds {
            return Some(format!("{}\n  wanted {:?}\n  found  {parts:?}", case.text, case.speaker));
        }
    }
    None
}

/// What a folder holds, in order.
fn paths(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

#[test]
fn every_labelled_sentence_comes_out_as_labelled() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    let mut files = Vec::new();
    for path in paths(&folder()) {
        match path.file_name().and_then(|name| name.to_str()) {
            Some(code) if path.is_dir() => {
                assert!(lexicon::Lexicon::of(code).is_some(), "no words for {code}");
                files.extend(paths(&path).into_iter().map(|p| (p, code.to_owned())));
            }
            _ => files.push((path, "en".to_owned())),
        }
    }
    for (path, language) in files {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let Some(line) = line.strip_prefix("- ") else { continue };
            cases += 1;
            if let Some(reason) = check(line, &language) {
                let name = path.file_name().unwrap().display();
                wrong.push(format!("{language}/{name}: {reason}"));
            }
        }
    }
    assert!(cases > 100, "only {cases} cases found");
    assert!(wrong.is_empty(), "{} of {cases} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_pattern_has_labelled_sentences_and_negatives() {
    for name in patterns::names() {
        let path = folder().join(format!("{name}.md"));
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let cases: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("- ")).collect();
        assert!(cases.iter().any(|c| c.contains("{content:")), "{name} has no labelled sentence");
        assert!(cases.iter().any(|c| !c.contains("{content:")), "{name} has no negative");
    }
}

#[test]
fn every_field_of_titles_holds_its_example() {
    let wrong: Vec<String> = lexicon::titles::fields()
        .iter()
        .filter_map(|field| Some(format!("{}: {}", field.name, check(&field.example, "en")?)))
        .collect();
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_reporting_verb_holds_its_example() {
    let wrong: Vec<String> = lexicon::embedded_verbs()
        .iter()
        .filter_map(|(language, verb)| check(&verb.example, language))
        .collect();
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
}
