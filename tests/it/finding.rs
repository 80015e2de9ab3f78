//! Finding quotes with the real `quotes` program: languages, names alike, counts, saved searches.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use onrecord::pipeline::index;
use onrecord::search::{FOLDER, Query, Search, Sort};
use onrecord::store::Store;
use tantivy::schema::{STORED, Schema, TEXT};
use tempfile::{TempDir, tempdir};

use crate::collected::{self, HARBOUR, MERIDIAN, Page, Said, Who, record, record_in};
use crate::programs::{self, Ran};

fn asked(data: &Path, arguments: &[&str]) -> Ran {
    let data_option = ["--data", data.to_str().unwrap()];
    programs::quotes(data, &[&data_option[..], arguments].concat())
}

const fn who(name: &'static str, role: &'static str) -> Who {
    Who { name, role, affiliation: "", anonymous: false }
}

/// The speakers that names alike are tried on.
const VOICES: Page = Page {
    url: "https://harbour.example/voices",
    outlet: "The Harbour Courier",
    title: "Voices on the lantern treaty",
    published: "2024-05-01",
    text: "“We lit the first lantern,” “You put it out,” “They sold the oil,” “Nobody asked us,” “The \
           new ferry sails on Sunday,” they said.",
    notices: &[],
    quotes: &[
        Said {
            words: "We lit the first lantern,",
            speaker: Some(who("Oleksandr Zelenovsky", "mayor")),
        },
        Said { words: "You put it out,", speaker: Some(who("Muhammad Tarrin", "minister")) },
        Said { words: "They sold the oil,", speaker: Some(who("Anna Lyusenkova", "minister")) },
        Said { words: "Nobody asked us,", speaker: Some(who("Inés Rodríguez", "Minister")) },
        Said { words: "The new ferry sails on Sunday,", speaker: None },
    ],
};

const FRENCH: Page = Page {
    url: "https://phare.example/traite",
    outlet: "Le Phare",
    title: "Le traité des lanternes",
    published: "2024-06-01",
    text: "“Les nouvelles lanternes sont arrivées,” a dit Inés Rodríguez.",
    notices: &[],
    quotes: &[Said {
        words: "Les nouvelles lanternes sont arrivées,",
        speaker: Some(who("Inés Rodríguez", "ministre")),
    }],
};

fn voices() -> TempDir {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    record(&mut store, &VOICES, "2024-05-02T06:00:00Z");
    record_in("fr", &mut store, &FRENCH, "2024-06-02T06:00:00Z");
    dir
}

#[test]
fn words_are_found_in_the_forms_of_their_own_language_and_without_accents() {
    let dir = voices();
    let found = |query: &str| asked(dir.path(), &["search", query]).out;
    for query in ["nouvelle", "arrivee", "lanterne"] {
        assert!(found(query).contains("Les nouvelles lanternes"), "{query}");
    }
    // What the rules of one language make of a word is not looked for in texts of another.
    assert!(!found("news").contains("new ferry"));
    assert!(found("lantern").contains("first lantern"));
    assert!(!found("lanterned").contains("nouvelles"));
}

#[test]
fn a_name_that_nobody_has_finds_those_written_or_sounding_nearly_so_and_says_so() {
    let dir = voices();
    for (name, found) in [
        ("Zelenovskiy", "Oleksandr Zelenovsky"),
        ("alexander zelenovskyy", "Oleksandr Zelenovsky"),
        ("Зеленовский", "Oleksandr Zelenovsky"),
        ("Mohammed", "Muhammad Tarrin"),
        ("Lusenkova", "Anna Lyusenkova"),
        ("Rodrigues", "Inés Rodríguez"),
    ] {
        let ran = asked(dir.path(), &["search", "--speaker", name]).exits(0);
        assert!(ran.err.contains(&format!("nobody is called “{name}”")), "{}", ran.err);
        assert!(ran.err.contains(found) && ran.out.contains(found), "{name}: {}", ran.out);
        let field = asked(dir.path(), &["search", &format!("speaker:\"{name}\"")]).exits(0);
        assert!(field.out.contains(found), "{name}: {}", field.out);
    }
    for exact in ["Rodríguez", "rodriguez"] {
        let ran = asked(dir.path(), &["search", "--speaker", exact]).exits(0);
        assert_eq!(ran.err.trim(), "2 quotes");
    }
    // Somebody is called so, only not then: nobody else is found in their place.
    asked(dir.path(), &["search", "--speaker", "rodriguez", "--since", "2025-01-01"]).exits(1);
    for other in ["Rodham", "Mahmoud", "Anne"] {
        asked(dir.path(), &["search", "--speaker", other]).exits(1);
    }
    // What is written to a file for others is only what was asked for.
    asked(dir.path(), &["export", "--speaker", "Zelenovskiy", "--format", "csv"]).exits(1);
}

#[test]
fn where_nothing_is_found_a_word_of_the_collection_is_suggested() {
    let dir = voices();
    for (arguments, suggestion) in [
        (&["search", "lantren"][..], "did you mean “lantern” for “lantren”?"),
        (&["search", "--role", "minster"], "“minister” for “minster”"),
        (&["search", "--outlet", "harbor"], "“harbour” for “harbor”"),
        (&["search", "title:voises"], "“voices” for “voises”"),
    ] {
        let ran = asked(dir.path(), arguments).exits(1);
        assert!(ran.err.contains(suggestion), "{arguments:?}: {}", ran.err);
    }
    let ran = asked(dir.path(), &["search", "xylophonic"]).exits(1);
    assert!(ran.err.contains("try fewer or other words"), "{}", ran.err);
}

#[test]
fn quotes_are_counted_by_what_they_have() {
    let dir = voices();
    for (by, first) in [
        ("speaker", r#"{"value":"Inés Rodríguez","quotes":2}"#),
        ("role", r#"{"value":"minister","quotes":3}"#),
        ("affiliation", r#"{"value":null,"quotes":6}"#),
        ("outlet", r#"{"value":"The Harbour Courier","quotes":5}"#),
        ("month", r#"{"value":"2024-06","quotes":1}"#),
        ("kind", r#"{"value":"direct","quotes":6}"#),
    ] {
        let ran = asked(dir.path(), &["search", "--count-by", by, "--format", "ndjson"]).exits(0);
        assert_eq!(ran.out.lines().next(), Some(first), "{by}: {}", ran.out);
        assert_eq!(ran.err.trim(), "6 quotes");
    }
    let ran = asked(dir.path(), &["search", "ferry OR oil", "--count-by", "speaker"]).exits(0);
    assert_eq!(ran.out, "quotes  speaker\n     1  (not stated)\n     1  Anna Lyusenkova\n");
    let ran = asked(dir.path(), &["search", "--count-by", "speaker", "--limit", "2"]).exits(0);
    assert!(ran.err.contains("6 quotes; showing 2 of 5 rows"), "{}", ran.err);
    asked(dir.path(), &["search", "zeppelin", "--count-by", "month"]).exits(1);
}

#[test]
fn pages_of_results_are_parts_of_one_order_that_a_rebuild_keeps() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    // Twenty articles of one moment with the same words: nothing but their ids tells them apart.
    for number in 0..20 {
        let url: &'static str = format!("https://harbour.example/{number}").leak();
        record(&mut store, &Page { url, ..HARBOUR }, "2024-02-09T06:00:00Z");
    }
    index::catch_up(&store, dir.path()).unwrap();
    let ids = |query: &Query| Search::open(dir.path()).unwrap().run(query).unwrap().ids;
    let queries = [
        Query { sort: Sort::Newest, ..Query::default() },
        Query { sort: Sort::Oldest, ..Query::default() },
        Query { text: Some("safeguards".to_owned()), ..Query::default() },
        Query { text: Some("strong safeguards".to_owned()), ..Query::default() },
        Query { text: Some("safe*".to_owned()), ..Query::default() },
    ];
    let whole: Vec<Vec<String>> =
        queries.iter().map(|query| ids(&Query { limit: 99, ..query.clone() })).collect();
    assert_eq!([whole[0].len(), whole[2].len()], [40, 20]);
    let in_pages = |query: &Query| -> Vec<String> {
        (0..14)
            .flat_map(|page| ids(&Query { limit: 3, offset: 3 * page, ..query.clone() }))
            .collect()
    };
    for (query, whole) in queries.iter().zip(&whole) {
        assert_eq!(&in_pages(query), whole, "{query:?}");
    }
    index::rebuild(dir.path(), false).unwrap();
    for (query, whole) in queries.iter().zip(&whole) {
        assert_eq!(&in_pages(query), whole, "{query:?}");
    }
    // Quotes of an article stand in the order of its text, whichever way articles are sorted.
    for whole in &whole[..2] {
        let records = store.quotes(whole).unwrap();
        for pair in records.chunks(2) {
            assert_eq!(pair[0].article.id, pair[1].article.id);
            assert!(pair[0].quote.paragraph < pair[1].quote.paragraph);
        }
    }
}

#[test]
fn an_index_of_another_version_is_built_anew_by_itself() {
    let dir = voices();
    asked(dir.path(), &["search", "lantern"]).exits(0);
    let folder = dir.path().join(FOLDER);
    fs::remove_dir_all(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    let mut schema = Schema::builder();
    schema.add_text_field("words", TEXT | STORED);
    drop(tantivy::Index::create_in_dir(&folder, schema.build()).unwrap());
    let ran = asked(dir.path(), &["search", "lantern"]).exits(0);
    assert_eq!(ran.err.trim(), "2 quotes");
}

#[test]
fn a_saved_search_prints_what_is_new_once() {
    let dir = voices();
    let new = |arguments: &[&str]| asked(dir.path(), &[&["new"], arguments].concat());
    assert!(new(&[]).exits(1).err.contains("--watch-name"));
    let ran = asked(
        dir.path(),
        &["search", "sign* OR lantern OR safeguards", "--kind", "direct", "--watch-name", "signs"],
    )
    .exits(0);
    assert!(ran.out.contains("We lit the first lantern"), "{}", ran.out);
    assert!(ran.err.contains("`quotes new 'signs'`"), "{}", ran.err);
    assert!(new(&["signs"]).exits(1).err.contains("nothing new since"));
    let mut store = Store::open(dir.path()).unwrap();
    record(&mut store, &HARBOUR, "2024-02-09T06:00:00Z");
    let peeked = new(&["signs", "--peek"]).exits(0);
    assert!(peeked.err.contains("2 quotes new since"), "{}", peeked.err);
    let list = new(&[]).exits(0).out;
    assert!(list.contains("'sign* OR lantern OR safeguards' --kind direct"), "{list}");
    let listed = new(&["--format", "json"]).exits(0).json();
    assert_eq!((&listed[0]["name"], &listed[0]["new"]), (&"signs".into(), &2.into()));
    let first = new(&["signs", "--limit", "1", "--format", "ndjson"]).exits(0);
    assert!(
        first.err.contains("1 quote new since") && first.err.contains("1 more"),
        "{}",
        first.err
    );
    record(&mut store, &MERIDIAN, "2024-08-10T06:00:00Z");
    let rest = new(&["signs", "--format", "ndjson"]).exits(0);
    let both = format!("{}{}", first.out, rest.out);
    assert_eq!(both.lines().count(), 3);
    for words in [HARBOUR.quotes[0].words, HARBOUR.quotes[1].words, MERIDIAN.quotes[0].words] {
        assert_eq!(both.matches(words).count(), 3, "as text, in content and verbatim: {both}");
    }
    new(&["signs"]).exits(1);
}

#[test]
fn what_could_not_be_printed_stays_new() {
    let dir = voices();
    asked(dir.path(), &["search", "--watch-name", "all", "--quiet"]).exits(0);
    record(&mut Store::open(dir.path()).unwrap(), &MERIDIAN, "2024-08-10T06:00:00Z");
    let mut child = Command::new(env!("CARGO_BIN_EXE_quotes"))
        .args(["--quiet", "--data"])
        .arg(dir.path())
        .args(["new", "all"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let ran = asked(dir.path(), &["new", "all"]).exits(0);
    assert!(ran.err.contains("2 quotes new"), "{}", ran.err);
}

#[test]
fn saved_searches_are_named_forgotten_and_not_overwritten() {
    let dir = voices();
    for (arguments, reason) in [
        (&["new", "none"][..], "none is saved yet"),
        (&["new", "--forget", "none"], "no saved search “none”"),
        (&["search", "--watch-name", " "], "a name has letters"),
        (&["search", "(", "--watch-name", "open"], "is missing"),
    ] {
        let ran = asked(dir.path(), arguments).exits(2);
        assert!(ran.err.contains(reason), "{arguments:?}: {}", ran.err);
    }
    asked(dir.path(), &["search", "zeppelin", "--watch-name", "ships"]).exits(0);
    let ran = asked(dir.path(), &["search", "ferry", "--watch-name", "ships"]).exits(2);
    assert!(ran.err.contains("already"), "{}", ran.err);
    let ran = asked(dir.path(), &["new", "boats"]).exits(2);
    assert!(ran.err.contains("there are ships"), "{}", ran.err);
    asked(dir.path(), &["new", "--forget", "ships"]).exits(0);
    asked(dir.path(), &["search", "ferry", "--watch-name", "ships"]).exits(0);
    assert!(asked(dir.path(), &["new"]).exits(0).out.contains("ferry"));
}

#[test]
fn a_search_saved_by_one_process_knows_a_corrected_quote_as_new() {
    let dir = tempdir().unwrap();
    drop(collected::collection(dir.path()));
    asked(dir.path(), &["search", "--speaker", "tapia", "--watch-name", "tapia"]).exits(0);
    let mut store = Store::open(dir.path()).unwrap();
    let again = Page {
        text: "“Nobody will sign this,” said José Tapia, policy director of Open Wires.",
        quotes: &[Said { words: "Nobody will sign this,", speaker: Some(collected::TAPIA) }],
        ..HARBOUR
    };
    record(&mut store, &again, "2024-02-11T06:00:00Z");
    let ran = asked(dir.path(), &["new", "tapia"]).exits(0);
    assert!(ran.out.contains("Nobody will sign this"), "{}", ran.out);
    assert!(ran.err.contains("1 quote new"), "{}", ran.err);
}
