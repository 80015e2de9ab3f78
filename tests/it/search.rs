//! The search index, through its public interface and on real files.

use std::path::Path;

use onrecord::pipeline::index::catch_up;
use onrecord::search::{
    FOLDER, Highlighter, Part, Query, Search, SearchError, Share, Sort, Step, Writer,
};
use onrecord::store::{Store, article_id};
use proptest::prelude::*;
use tempfile::tempdir;

use crate::collected::{HARBOUR, HARBOUR_CORRECTED, MERIDIAN, collection, record};

fn found(dir: &Path, store: &Store, query: &Query) -> Vec<String> {
    let results = Search::open(dir).unwrap().run(query).unwrap();
    store.quotes(&results.ids).unwrap().into_iter().map(|r| r.quote.text).collect()
}

fn text(words: &str) -> Query {
    Query { text: Some(words.to_owned()), ..Query::default() }
}

#[test]
fn words_phrases_and_filters_find_what_they_should() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    let old = HARBOUR.quotes[0].words;
    let safeguards = HARBOUR.quotes[1].words;
    let new = HARBOUR_CORRECTED.quotes[0].words;
    let home = HARBOUR_CORRECTED.quotes[1].words;
    let signed = MERIDIAN.quotes[0].words;
    let wall = MERIDIAN.quotes[1].words;
    let some = |value: &str| Some(value.to_owned());
    let day = |value: &str| Some(value.parse().unwrap());
    let cases: Vec<(Query, Vec<&str>)> = vec![
        (text("safeguard"), vec![safeguards, signed]),
        (text("signing"), vec![old, new, signed]),
        (text("\"the safeguards are\""), vec![safeguards]),
        (text("“sign a text”"), vec![old, new]),
        (text("\"signs a text\""), vec![]),
        (text("safeguards -journalists"), vec![safeguards]),
        (text("safeguards NOT journalists"), vec![safeguards]),
        (text("journalists OR home"), vec![signed, home]),
        (text("safeguards (journalists OR home)"), vec![signed]),
        (text("governments AND snoop"), vec![old, new]),
        (text("HØGSBRO norland"), vec![safeguards, signed]),
        (text("-governments -safeguards"), vec![home, wall]),
        (text("lantern"), vec![]),
        (text("safegu*"), vec![safeguards, signed]),
        (text("norl*"), vec![safeguards, signed]),
        (text("\"sign text\""), vec![]),
        (text("\"sign text\"~1"), vec![old, new]),
        (text("\"sign that\"~1"), vec![]),
        (text("speaker:tapia snoop"), vec![old, new]),
        (text("Speaker:tapia"), vec![old, new]),
        (text("role:tapia"), vec![]),
        (text("role:\"chief negotiator\""), vec![safeguards, signed]),
        (text("-affiliation:wires -speaker:maren -wall -hyperlink"), vec![home]),
        (text("outlet:merid*"), vec![signed, wall]),
        (text("title:stall"), vec![old, safeguards, new, home]),
        (text("kind:direct signed"), vec![old, new, signed]),
        (text("topic:fisheries"), vec![]),
        (text("speaker:maren OR speaker:tapia"), vec![old, safeguards, new, signed]),
        (Query { speaker: some("jose tapia"), ..Query::default() }, vec![old, new]),
        (Query { speaker: some("Tapia Maren"), ..Query::default() }, vec![]),
        (Query { role: some("negotiator"), ..Query::default() }, vec![safeguards, signed]),
        (Query { speaker: some("tapya"), ..Query::default() }, vec![]),
        (Query { speaker: some("tapya"), alike: true, ..Query::default() }, vec![old, new]),
        (Query { affiliation: some("open wires"), ..Query::default() }, vec![old, new]),
        (Query { outlet: some("meridian"), ..Query::default() }, vec![signed, wall]),
        (Query { anonymous: true, ..Query::default() }, vec![home]),
        (Query { revised: true, ..Query::default() }, vec![old, safeguards, new, home]),
        (Query { topic: some("fisheries"), ..Query::default() }, vec![]),
        (Query { since: day("2024-08-09"), ..Query::default() }, vec![signed, wall]),
        (Query { until: day("2024-02-08"), ..Query::default() }, vec![old, safeguards, new, home]),
        (Query { since: day("2024-02-09"), until: day("2024-08-08"), ..Query::default() }, vec![]),
    ];
    for (query, expected) in cases {
        let mut found = found(dir.path(), &store, &query);
        let mut expected = expected.clone();
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{query:?}");
    }
}

#[test]
fn results_are_sorted_and_paged() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    let newest = found(dir.path(), &store, &Query { sort: Sort::Newest, ..Query::default() });
    assert_eq!(newest[..2], [MERIDIAN.quotes[0].words, MERIDIAN.quotes[1].words]);
    let oldest = Query { sort: Sort::Oldest, limit: 1, offset: 5, ..Query::default() };
    assert_eq!(found(dir.path(), &store, &oldest), [MERIDIAN.quotes[1].words]);
    let beyond = Query { offset: 60, ..Query::default() };
    let results = Search::open(dir.path()).unwrap().run(&beyond).unwrap();
    assert_eq!((results.total, results.ids.len()), (6, 0));
}

#[test]
fn quotes_are_counted_by_period_and_speaker() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let search = Search::open(dir.path()).unwrap();
    let timeline = search.timeline(&Query::default(), 1).unwrap();
    assert_eq!((timeline.step, timeline.periods.len()), (Step::Week, 27));
    assert_eq!(timeline.speakers.len(), 1);
    let counted = |at: usize| (timeline.periods[at].quotes.clone(), timeline.periods[at].others);
    assert_eq!([counted(0), counted(1), counted(26)], [(vec![2], 2), (vec![0], 0), (vec![0], 2)]);
    let none = search.timeline(&text("lantern"), 1).unwrap();
    assert_eq!((none.speakers.len(), none.periods.len()), (0, 0));
}

#[test]
fn mistakes_in_a_query_are_shown_where_they_are() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let search = Search::open(dir.path()).unwrap();
    for (query, what, column) in [
        ("treaty \"human rights", "not closed", Some(7)),
        ("(treaty", ") is missing", Some(7)),
        ("treaty) vote", "closes nothing", Some(6)),
        ("AND", "AND needs a word or phrase on both sides", Some(0)),
        ("treaty AND", "a word or phrase is missing here", Some(10)),
        ("treaty AND AND vote", "AND needs a word", Some(11)),
        ("\"lantern trea*\"", "* means nothing inside quotation marks", Some(13)),
        ("()", "missing before", Some(1)),
        ("OR treaty", "both sides", Some(0)),
        ("treaty OR", "missing here", Some(9)),
        ("treaty --vote", "excluded twice", Some(8)),
        ("&& ??", "no word to look for", None),
        ("treaty speeker:tapia", "no field “speeker”", Some(7)),
        ("speaker: tapia", "missing behind speaker:", Some(8)),
        ("speaker:(tapia OR maren)", "write speaker:one OR", Some(8)),
        ("kind:literal", "direct, mixed, indirect", Some(5)),
        ("treaty a*", "needs 2 letters", Some(7)),
        ("tre*ty", "at the end of a word", Some(3)),
        ("topic:fish*", "a whole word", Some(6)),
        ("treaty~2", "behind a phrase", Some(6)),
        ("\"a treaty\"~", "how many words", Some(10)),
        ("\"a treaty\"~999", "at most 50", Some(11)),
    ] {
        let message = search.run(&text(query)).unwrap_err().to_string();
        assert!(message.contains(what), "{query}: {message}");
        let caret = message.lines().find(|line| line.trim() == "^").map(|line| line.len() - 3);
        assert_eq!(caret, column, "{query}: {message}");
    }
}

#[test]
fn hostile_queries_are_refused_or_answered_but_never_crash() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let search = Search::open(dir.path()).unwrap();
    for query in [
        "(".repeat(5_000),
        format!("{}treaty{}", "(".repeat(900), ")".repeat(900)),
        "NOT ".repeat(400),
        "-".repeat(1_900),
        "treaty ".repeat(1_500),
        "a ".repeat(900),
        "x".repeat(10_000),
        "treaty OR ".repeat(150),
        "tr* ".repeat(100),
        "a* ".repeat(5),
        "\"a b\"~4000000000 ".repeat(9),
    ] {
        let error = search.run(&text(&query)).unwrap_err();
        assert!(matches!(error, SearchError::Syntax(_)), "{error}");
        assert!(error.to_string().len() < 400);
    }
    let deep = format!("{}-treaty{}", "(".repeat(20), ")".repeat(20));
    assert_eq!(search.run(&text(&deep)).unwrap().total, 6);
    let many = "safeguards ".repeat(170);
    assert_eq!(search.run(&text(&many)).unwrap().total, 2);
}

proptest! {
    #[test]
    fn any_text_is_a_query_or_an_error(query in "[-()\" a-zORNT“”é*~:3\u{202e}]{0,60}") {
        let highlighter = Highlighter::new(&text(&query));
        if let Ok(highlighter) = highlighter {
            let text = "À la zone, ORNATE “notes” (a–z) — İstanbul\u{301}";
            for range in highlighter.ranges(text, Part::Speaker, Some("en")) {
                prop_assert!(text.get(range).is_some_and(|found| !found.is_empty()));
            }
        }
    }
}

#[test]
fn found_words_are_marked_in_any_form_and_phrases_as_a_whole() {
    let ranges = |query: &str, text: &str| -> Vec<String> {
        let highlighter = Highlighter::new(&self::text(query)).unwrap();
        let found = highlighter.ranges(text, Part::Speaker, Some("en"));
        found.into_iter().map(|range| text[range].to_owned()).collect()
    };
    assert_eq!(ranges("sign", "Signing is a sign; a signal isn't."), ["Signing", "sign"]);
    assert_eq!(ranges("\"a sign\"", "Signing is a sign."), ["a sign"]);
    assert_eq!(ranges("-sign jose", "José can sign"), ["José"]);
    assert_eq!(ranges("sig*", "Signing is a sign; a signal isn't."), ["Signing", "sign", "signal"]);
    assert_eq!(ranges("\"sign now\"~2", "Sign it right now, now."), ["Sign", "now"]);
    assert_eq!(ranges("title:sign speaker:tapia", "José Tapia can sign"), ["Tapia"]);
    assert_eq!(ranges("", "anything"), [""; 0]);
}

#[test]
fn an_article_that_changes_is_replaced_in_the_index() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    record(&mut store, &HARBOUR, "2024-02-09T06:00:00Z");
    catch_up(&store, dir.path()).unwrap();
    assert_eq!(Search::open(dir.path()).unwrap().last_change(), 1);
    record(&mut store, &HARBOUR_CORRECTED, "2024-02-10T06:00:00Z");
    catch_up(&store, dir.path()).unwrap();
    let search = Search::open(dir.path()).unwrap();
    assert_eq!(search.last_change(), 2);
    assert_eq!(search.run(&Query::default()).unwrap().total, 4);
}

#[test]
fn a_second_writer_is_told_to_wait() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let _first = Writer::open(dir.path(), Share::Little).unwrap();
    for second in
        [Writer::open(dir.path(), Share::Little), Writer::rebuild(dir.path(), Share::Little)]
    {
        let error = second.unwrap_err();
        assert!(matches!(error, SearchError::Busy { .. }), "{error}");
    }
}

#[test]
fn readers_see_the_old_index_until_a_rebuild_is_committed() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    let mut writer = Writer::rebuild(dir.path(), Share::Little).unwrap();
    assert_eq!(writer.last_change(), 0);
    let id = article_id(MERIDIAN.url);
    writer.replace([id.as_str()]).unwrap();
    for quote in store.indexed_quotes(&id).unwrap() {
        writer.builders()[0].add(&quote).unwrap();
    }
    let total = || Search::open(dir.path()).unwrap().run(&Query::default()).unwrap().total;
    assert_eq!(total(), 6);
    writer.commit(1).unwrap();
    assert_eq!(total(), 2);
}

#[test]
fn a_missing_index_is_named_with_what_to_do() {
    let dir = tempdir().unwrap();
    let error = Search::open(dir.path()).unwrap_err();
    assert!(matches!(error, SearchError::Missing { .. }));
    assert!(error.to_string().contains("onrecord reindex"));
    assert!(!dir.path().join(FOLDER).exists());
}

#[test]
fn an_index_of_another_version_is_outdated() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let meta = dir.path().join(FOLDER).join("meta.json");
    let text = std::fs::read_to_string(&meta).unwrap();
    let older = text.replace(r#"{\"version\":"#, r#"{\"version\":9"#);
    assert_ne!(text, older);
    std::fs::write(&meta, older).unwrap();
    assert!(matches!(Search::open(dir.path()), Err(SearchError::Outdated { .. })));
}

#[test]
fn every_damaged_file_of_the_index_is_an_error_or_harmless_but_never_a_panic() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    let folder = dir.path().join(FOLDER);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && !path.to_string_lossy().ends_with(".lock"))
        .collect();
    files.sort();
    let mut errors = 0;
    for file in &files {
        let sound = std::fs::read(file).unwrap();
        let garbled: Vec<u8> = sound.iter().map(|byte| byte ^ 0x5a).collect();
        for damage in [Vec::new(), sound[..sound.len() / 2].to_vec(), garbled] {
            std::fs::write(file, damage).unwrap();
            let asked = Search::open(dir.path()).and_then(|search| {
                search.run(&text("safeguards -\"a text\""))?;
                search.run(&Query { sort: Sort::Newest, ..Query::default() })
            });
            if let Err(error) = asked {
                errors += 1;
                assert!(error.to_string().contains("onrecord reindex"), "{file:?}: {error}");
            }
        }
        std::fs::write(file, sound).unwrap();
    }
    assert!(errors >= files.len(), "{errors} errors of {} files", files.len());
    std::fs::write(folder.join("meta.json"), "{").unwrap();
    catch_up(&store, dir.path()).unwrap();
    assert_eq!(Search::open(dir.path()).unwrap().run(&Query::default()).unwrap().total, 6);
}
