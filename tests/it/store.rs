//! The store, through its public interface and on real files.

use onrecord::domain::record::RevisionKind;
use onrecord::domain::run::{CachedFile, FeedRun, FeedState, Unasked, VisitOutcome};
use onrecord::store::{FILE, Outcome, Store, StoreError, article_id};
use tempfile::tempdir;

use crate::collected::{
    HARBOUR, HARBOUR_CORRECTED, MAREN, MERIDIAN, Page, Said, TAPIA, at, collection, feed, quotes,
    record, run, visit,
};

fn words(store: &Store, page: &Page) -> Vec<(String, bool, bool)> {
    let quotes = store.quotes_of_article(&article_id(page.url)).unwrap();
    quotes.into_iter().map(|q| (q.quote.text, q.current, q.revised)).collect()
}

#[test]
fn opening_for_reading_creates_nothing_and_says_how_to_begin() {
    let dir = tempdir().unwrap();
    let missing = dir.path().join("nowhere");
    let error = Store::open_existing(&missing).unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }));
    let message = error.to_string();
    assert!(message.contains("onrecord crawl") && message.contains("--data"));
    assert!(!missing.exists());
}

#[test]
fn an_empty_file_is_no_collection_to_read_but_one_to_begin_with() {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join(FILE), "").unwrap();
    assert!(matches!(Store::open_existing(dir.path()), Err(StoreError::Missing { .. })));
    drop(Store::open(dir.path()).unwrap());
    assert_eq!(Store::open_existing(dir.path()).unwrap().last_change().unwrap(), 0);
}

#[test]
fn a_store_of_a_newer_format_is_refused() {
    let dir = tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let file = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
    file.pragma_update(None, "user_version", 999).unwrap();
    drop(file);
    let error = Store::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 999, .. }), "{error}");
}

#[test]
fn what_a_feed_named_and_was_not_asked_for_is_replaced_by_its_next_good_run_and_gone_once_visited()
{
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    let feed = feed();
    let mut ran = |started: &str, unasked: Option<&[&str]>, error: Option<&str>| {
        let unasked = unasked.map(|all| all.iter().map(|it| Unasked::left(*it, "later")).collect());
        store.record_feed_run(&FeedRun { unasked, ..run(&feed, started, error) }).unwrap();
        let rows = store.skipped().unwrap();
        rows.into_iter().map(|it| (it.url, it.at.to_string())).collect::<Vec<_>>()
    };
    let (one, two, three) =
        ("https://harbour.example/1", "https://harbour.example/2", "https://harbour.example/3");
    let row = |url: &str, at: &str| (url.to_owned(), at.to_owned());
    let (first, later) = ("2024-02-09T06:00:00Z", "2024-02-09T08:00:00Z");
    assert_eq!(ran(first, Some(&[two, one]), None), [row(one, first), row(two, first)]);
    assert_eq!(ran(later, None, Some("HTTP 500")).len(), 2, "a failed run leaves what was found");
    // What stays keeps the time from which on it was left.
    assert_eq!(ran(later, Some(&[two, three]), None), [row(three, later), row(two, first)]);
    store.record_visit(&visit(three, VisitOutcome::Kept)).unwrap();
    let left: Vec<String> = store.skipped().unwrap().into_iter().map(|it| it.url).collect();
    assert_eq!(left, [two]);
}

#[test]
fn an_article_is_found_under_other_addresses_if_they_hold_one() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    let urls = |all: &[&str]| all.iter().map(|it| it.parse().unwrap()).collect::<Vec<url::Url>>();
    let (http, https, www) =
        ("http://harbour.example/1", "https://harbour.example/1", "https://www.harbour.example/1");
    let named = urls(&[www, https, http]);
    assert_eq!(store.visit_of_any(&named).unwrap(), None);
    store.record_visit(&visit(www, VisitOutcome::Failed)).unwrap();
    let found = |store: &Store| store.visit_of_any(&named).unwrap().map(|visit| visit.url);
    store.record_visit(&visit(https, VisitOutcome::Failed)).unwrap();
    assert_eq!(found(&store).as_deref(), Some(www), "a failure elsewhere says nothing of it");
    store.record_visit(&visit(http, VisitOutcome::OffTopic)).unwrap();
    assert_eq!(found(&store).as_deref(), Some(www), "its own visit comes first");
    store.record_visit(&visit(http, VisitOutcome::Kept)).unwrap();
    assert_eq!(found(&store).as_deref(), Some(http), "what is kept is not asked for elsewhere");
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let dir = tempdir().unwrap();
    let file = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
    file.execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    drop(file);
    assert!(matches!(Store::open(dir.path()), Err(StoreError::Foreign { .. })));
}

#[test]
fn a_file_that_is_no_database_is_named_as_damaged_with_what_to_do() {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join(FILE), "not a database, but long enough to be one ".repeat(50))
        .unwrap();
    let error = Store::open_existing(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains(FILE) && error.to_string().contains(".recover"));
}

#[test]
fn damaged_pages_inside_the_file_are_an_error_and_no_panic() {
    let dir = tempdir().unwrap();
    drop(collection(dir.path()));
    let path = dir.path().join(FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in bytes.iter_mut().skip(4096) {
        *byte = 0xa5;
    }
    std::fs::write(&path, bytes).unwrap();
    let error = Store::open_existing(dir.path())
        .and_then(|store| store.speakers(None).map(|_| ()))
        .unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn a_new_article_is_kept_whole() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    let recorded = record(&mut store, &HARBOUR, "2024-02-09T06:00:00Z");
    assert_eq!((recorded.outcome, recorded.version, recorded.quotes), (Outcome::New, 1, 2));
    store.settle_speakers().unwrap();
    let kept = store.quotes_of_article(&recorded.article_id).unwrap();
    let mut found: Vec<_> = kept.iter().map(|record| record.quote.clone()).collect();
    for speaker in found.iter_mut().filter_map(|quote| quote.speaker.as_mut()) {
        assert!(speaker.identity.take().is_some());
    }
    assert_eq!(found, quotes(&HARBOUR));
    let article = &kept[0].article;
    assert_eq!(article.url, HARBOUR.url);
    assert_eq!(article.topics, ["lantern-treaty"]);
    assert_eq!(article.fetched, "2024-02-09T06:00:00Z");
    assert_eq!(article.published.as_ref().unwrap().as_str(), HARBOUR.published);
    assert_eq!(article.text_hash, blake3::hash(HARBOUR.text.as_bytes()).to_hex().to_string());
    assert_eq!(article.snapshot.as_ref().unwrap().offset, 77);
    let version = &store.versions(&recorded.article_id).unwrap()[0];
    assert_eq!(version.article.text, HARBOUR.text);
    assert_eq!(store.visit(HARBOUR.url).unwrap().unwrap().outcome, VisitOutcome::Kept);
}

#[test]
fn an_article_that_reads_as_before_adds_nothing() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    record(&mut store, &HARBOUR, "2024-02-09T06:00:00Z");
    let before = store.last_change().unwrap();
    let again = record(&mut store, &HARBOUR, "2024-02-10T06:00:00Z");
    assert_eq!((again.outcome, again.version, again.quotes), (Outcome::Unchanged, 1, 0));
    assert_eq!(store.last_change().unwrap(), before);
    assert_eq!(store.versions(&again.article_id).unwrap().len(), 1);
}

#[test]
fn a_notice_alone_makes_a_new_version() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    record(&mut store, &HARBOUR, "2024-02-09T06:00:00Z");
    let noted = Page { notices: &["A caption was wrong."], ..HARBOUR };
    let recorded = record(&mut store, &noted, "2024-02-10T06:00:00Z");
    assert_eq!((recorded.outcome, recorded.revisions), (Outcome::Changed, 0));
    assert!(words(&store, &HARBOUR).iter().all(|(_, current, revised)| *current && !revised));
}

#[test]
fn a_changed_article_keeps_old_words_and_says_what_became_of_them() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    assert_eq!(
        words(&store, &HARBOUR),
        [
            (HARBOUR_CORRECTED.quotes[0].words.to_owned(), true, true),
            (HARBOUR_CORRECTED.quotes[1].words.to_owned(), true, true),
            (HARBOUR.quotes[0].words.to_owned(), false, true),
            (HARBOUR.quotes[1].words.to_owned(), false, true),
        ]
    );
    let [old, gone] = [0, 1].map(|n| quotes(&HARBOUR)[n].id.clone());
    let [new, added] = [0, 1].map(|n| quotes(&HARBOUR_CORRECTED)[n].id.clone());

    let reworded = store.revisions(&old).unwrap();
    assert_eq!(reworded, store.revisions(&new).unwrap());
    assert_eq!(reworded.len(), 1);
    assert_eq!(reworded[0].kind, RevisionKind::Reworded);
    assert_eq!(reworded[0].before.as_ref().unwrap().version, 1);
    assert_eq!(reworded[0].after.as_ref().unwrap().text, HARBOUR_CORRECTED.quotes[0].words);
    assert_eq!(reworded[0].notice.as_ref().unwrap().text, HARBOUR_CORRECTED.notices[0]);

    assert_eq!(store.revisions(&gone).unwrap()[0].kind, RevisionKind::Removed);
    assert_eq!(store.revisions(&added).unwrap()[0].kind, RevisionKind::Added);
}

#[test]
fn the_offsets_of_a_quote_that_is_gone_count_in_the_version_that_had_it() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    for record in store.quotes_of_article(&article_id(HARBOUR.url)).unwrap() {
        let versions = store.versions(&record.article.id).unwrap();
        let version = versions.iter().find(|v| v.version == record.article.version).unwrap();
        for span in record.quote.content.iter().chain(&record.quote.verbatim) {
            let found: String =
                version.article.text.chars().skip(span.start).take(span.end - span.start).collect();
            assert_eq!(found, span.text);
        }
    }
}

#[test]
fn the_same_words_by_another_speaker_are_reattributed() {
    const BY_MAREN: Page = Page {
        text: HARBOUR_CORRECTED.text,
        quotes: &[
            Said { words: HARBOUR_CORRECTED.quotes[0].words, speaker: Some(MAREN) },
            HARBOUR_CORRECTED.quotes[1],
        ],
        title: "Another title",
        ..HARBOUR
    };
    let dir = tempdir().unwrap();
    let mut store = collection(dir.path());
    record(&mut store, &BY_MAREN, "2024-02-11T06:00:00Z");
    let revisions = store.revisions(&quotes(&BY_MAREN)[0].id).unwrap();
    let last = revisions.last().unwrap();
    assert_eq!(last.kind, RevisionKind::Reattributed);
    let name = |side: &Option<onrecord::domain::record::RevisionSide>| {
        side.as_ref().unwrap().speaker.as_ref().unwrap().name.clone()
    };
    assert_eq!((name(&last.before), name(&last.after)), (TAPIA.name.into(), MAREN.name.into()));
}

#[test]
fn a_quote_that_comes_back_is_restored() {
    const WITHOUT: Page =
        Page { text: "Nothing is left.", title: "Nothing", quotes: &[], ..HARBOUR };
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    record(&mut store, &HARBOUR, "2024-02-09T06:00:00Z");
    record(&mut store, &WITHOUT, "2024-02-10T06:00:00Z");
    record(&mut store, &HARBOUR, "2024-02-11T06:00:00Z");
    let kinds: Vec<RevisionKind> = store
        .revisions(&quotes(&HARBOUR)[0].id)
        .unwrap()
        .iter()
        .map(|revision| revision.kind)
        .collect();
    assert_eq!(kinds, [RevisionKind::Removed, RevisionKind::Restored]);
    let kept = store.quotes_of_article(&article_id(HARBOUR.url)).unwrap();
    assert!(kept.iter().all(|record| record.current && record.revised));
    assert_eq!(kept[0].first_seen, "2024-02-09T06:00:00Z");
}

#[test]
fn quotes_with_one_id_are_both_kept() {
    const TWICE: Page = Page {
        text: "“No,” he said. “No,” he said.",
        quotes: &[
            Said { words: "No,", speaker: Some(TAPIA) },
            Said { words: "No,", speaker: Some(MAREN) },
        ],
        ..HARBOUR
    };
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    record(&mut store, &TWICE, "2024-02-09T06:00:00Z");
    let kept = store.quotes_of_article(&article_id(TWICE.url)).unwrap();
    assert_eq!(kept.len(), 2);
    assert_ne!(kept[0].quote.id, kept[1].quote.id);
}

#[test]
fn extracting_again_withdraws_what_is_no_longer_found_and_keeps_it_by_its_id() {
    let dir = tempdir().unwrap();
    let mut store = collection(dir.path());
    let id = article_id(HARBOUR.url);
    let [first, second] = [quotes(&HARBOUR), quotes(&HARBOUR_CORRECTED)];
    let before = store.last_change().unwrap();
    store.replace_quotes(&id, &[(1, first[..1].to_vec()), (2, second[..1].to_vec())]).unwrap();
    let kept: Vec<String> =
        store.quotes_of_article(&id).unwrap().into_iter().map(|r| r.quote.id).collect();
    assert_eq!(kept, [second[0].id.clone(), first[0].id.clone()]);
    assert!(store.quote(&first[1].id).unwrap().unwrap().withdrawn);
    assert_eq!(store.revisions(&first[0].id).unwrap()[0].kind, RevisionKind::Reworded);
    assert!(store.revisions(&first[1].id).unwrap().is_empty());
    assert_eq!(store.changes_since(before).unwrap(), [(before + 1, id)]);
}

#[test]
fn extracting_again_with_the_same_extractor_changes_nothing() {
    let dir = tempdir().unwrap();
    let mut store = collection(dir.path());
    let id = article_id(HARBOUR.url);
    let before = store.quotes_of_article(&id).unwrap();
    let revisions = store.revisions(&before[0].quote.id).unwrap();
    store.replace_quotes(&id, &[(1, quotes(&HARBOUR)), (2, quotes(&HARBOUR_CORRECTED))]).unwrap();
    assert_eq!(store.quotes_of_article(&id).unwrap(), before);
    assert_eq!(store.revisions(&before[0].quote.id).unwrap(), revisions);
}

#[test]
fn a_quote_is_found_by_the_beginning_of_its_id_if_no_other_begins_so() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    let id = &quotes(&MERIDIAN)[0].id;
    assert_eq!(store.quote(&id[..12]).unwrap().unwrap().quote.id, *id);
    assert!(store.quote("zz").unwrap().is_none());
    assert!(matches!(store.quote(""), Err(StoreError::Ambiguous { .. })));
}

#[test]
fn quotes_come_in_the_order_asked_for() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    let ids = [quotes(&MERIDIAN)[1].id.clone(), "0".repeat(16), quotes(&HARBOUR)[0].id.clone()];
    let found: Vec<String> = store.quotes(&ids).unwrap().into_iter().map(|r| r.quote.id).collect();
    assert_eq!(found, [ids[0].clone(), ids[2].clone()]);
}

#[test]
fn the_context_is_the_whole_paragraph_with_its_place() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    let context = store.context(&quotes(&HARBOUR)[1].id).unwrap().unwrap();
    assert!(context.text.starts_with("Maren Høgsbro") && context.text.ends_with("she said."));
    let there: String = HARBOUR.text.chars().skip(context.start).collect();
    assert_eq!(there, context.text);
}

#[test]
fn speakers_are_found_without_accents_and_counted() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    let all = store.speakers(None).unwrap();
    assert_eq!(all.len(), 3);
    let maren = &store.speakers(Some("hogsbro MAREN")).unwrap()[0];
    assert_eq!((maren.name.as_str(), maren.quotes), (MAREN.name, 2));
    assert_eq!(maren.roles, [MAREN.role]);
    assert_eq!(maren.outlets, ["Meridian Post", "The Harbour Courier"]);
    assert_eq!(maren.first.as_ref().unwrap().as_str(), "2024-02-08");
    assert_eq!(maren.last.as_ref().unwrap().as_str(), "2024-08-09");
    let unnamed = store.speakers(Some("official")).unwrap();
    assert!(unnamed[0].anonymous);
}

#[test]
fn a_feed_remembers_its_runs_and_counts_failures_in_a_row() {
    let dir = tempdir().unwrap();
    let mut store = collection(dir.path());
    let feed = feed();
    assert_eq!(store.feed_state(&feed).unwrap(), FeedState::default());
    store.record_feed_run(&run(&feed, "2024-08-10T06:00:00Z", None)).unwrap();
    for started in ["2024-08-10T07:00:00Z", "2024-08-10T07:30:00Z"] {
        store.record_feed_run(&run(&feed, started, Some("no answer"))).unwrap();
    }
    let state = store.feed_state(&feed).unwrap();
    assert_eq!(state.failures, 2);
    assert_eq!(state.last_error.as_deref(), Some("no answer"));
    assert_eq!(state.last_run, Some(at("2024-08-10T07:30:00Z")));
    assert_eq!(state.validators.etag.as_deref(), Some("2024-08-10T06:00:00Z"));
    let statuses = store.feed_statuses().unwrap();
    assert_eq!((statuses[0].articles, statuses[0].quotes), (2, 6));
    assert_eq!(statuses[0].last_counts.entries, 3);
    store.record_feed_run(&run(&feed, "2024-08-10T08:00:00Z", None)).unwrap();
    let state = store.feed_state(&feed).unwrap();
    assert_eq!((state.failures, state.last_error), (0, None));
}

#[test]
fn visits_and_robots_come_back_as_they_were_recorded() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    let skipped = visit("https://harbour.example/private", VisitOutcome::Skipped);
    store.record_visit(&skipped).unwrap();
    store.record_visit(&visit("https://harbour.example/kept", VisitOutcome::Kept)).unwrap();
    assert_eq!(store.visit(&skipped.url).unwrap(), Some(skipped.clone()));
    assert_eq!(store.skipped().unwrap(), [skipped]);
    assert_eq!(store.visit("https://harbour.example/never").unwrap(), None);
    let robots = CachedFile {
        status: Some(200),
        body: "User-agent: *\nDisallow: /private".to_owned(),
        fetched: at("2024-08-10T06:00:00Z"),
    };
    store.record_robots("https://harbour.example", &robots).unwrap();
    assert_eq!(store.robots("https://harbour.example").unwrap(), Some(robots));
}

#[test]
fn a_second_reader_sees_commits_while_the_first_still_writes() {
    let dir = tempdir().unwrap();
    let mut writer = Store::open(dir.path()).unwrap();
    let reader = Store::open_existing(dir.path()).unwrap();
    record(&mut writer, &HARBOUR, "2024-02-09T06:00:00Z");
    assert_eq!(reader.quotes_of_article(&article_id(HARBOUR.url)).unwrap().len(), 2);
    let blocker = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE; DELETE FROM changes").unwrap();
    assert_eq!(reader.last_change().unwrap(), 1);
    assert_eq!(Store::open_existing(dir.path()).unwrap().last_change().unwrap(), 1);
}

#[test]
fn articles_are_listed_page_by_page() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    let first = store.article_ids(None, 1).unwrap();
    let second = store.article_ids(Some(&first[0]), 5).unwrap();
    let mut expected = [article_id(HARBOUR.url), article_id(MERIDIAN.url)];
    expected.sort();
    assert_eq!([first, second].concat(), expected);
}
