//! Who is who, through the real programs: identities, their evidence, corrections and exports.

use std::path::Path;

use onrecord::domain::article::Article;
use onrecord::domain::date::PageDate;
use onrecord::domain::quote::Quote;
use onrecord::domain::run::VisitOutcome;
use onrecord::domain::speaker::SpeakerKind;
use onrecord::pipeline::DataLock;
use onrecord::pipeline::index::catch_up;
use onrecord::quote::{self, Document};
use onrecord::store::{FILE, NewVersion, Store, article_id};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::collected::{at, visit};
use crate::programs::{self, Ran};
use crate::served::Served;

/// An article: its address, outlet, day and text.
type Page = (&'static str, &'static str, &'static str, &'static str);

const NAMED: Page = (
    "https://harbour.example/1",
    "Harbour Courier",
    "2024-02-05",
    "“We will sign the lantern treaty before the summer is over,” said Deborah Marlowe, the \
     ambassador to Norland.",
);
const TITLED: Page = (
    "https://harbour.example/2",
    "Harbour Courier",
    "2024-02-08",
    "“Nobody has asked us to wait,” Ambassador Marlowe said on Thursday.",
);
const MAYOR: Page = (
    "https://harbour.example/3",
    "Harbour Courier",
    "2024-02-09",
    "“The harbour stays open,” said Anna Kestrel, mayor of Lindau.",
);
const GOALKEEPER: Page = (
    "https://meridian.example/4",
    "Meridian Post",
    "2024-02-10",
    "“I saw the ball late,” said Anna Kestrel, goalkeeper of Norrvik Rovers.",
);
const INITIAL: Page = (
    "https://meridian.example/5",
    "Meridian Post",
    "2024-03-01",
    "“It is a good text,” said Débora Marlowe, a retired pilot.",
);
const PAGES: [Page; 5] = [NAMED, TITLED, MAYOR, GOALKEEPER, INITIAL];

/// Keeps an article as a crawl does, with the quotes that the extractor finds.
fn keep(store: &mut Store, (url, outlet, day, text): Page) {
    let article = Article {
        title: Some("News of the day".to_owned()),
        published: PageDate::parse(day),
        language: Some("en".to_owned()),
        text: text.to_owned(),
        ..Article::default()
    };
    let id = article_id(url);
    let quotes: Vec<Quote> = quote::extract(&Document {
        key: &id,
        text,
        title: article.title.as_deref(),
        byline: &[],
        outlet: Some(outlet),
        language: article.language.as_deref(),
    })
    .into_iter()
    .map(Quote::into_owned)
    .collect();
    assert_eq!(quotes.len(), 1, "{text}: {quotes:?}");
    let new = NewVersion {
        url: url.to_owned(),
        fetched_from: url.to_owned(),
        feed: None,
        outlet: outlet.to_owned(),
        decisions: Vec::new(),
        article: &article,
        quotes: &quotes,
        fetched: at("2024-06-01T06:00:00Z"),
        snapshot: None,
        reservations: Default::default(),
        visit: visit(url, VisitOutcome::Kept),
    };
    store.record_version(&new).unwrap();
}

fn collection(pages: &[Page]) -> TempDir {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    for page in pages {
        keep(&mut store, *page);
    }
    store.settle_speakers().unwrap();
    catch_up(&store, dir.path()).unwrap();
    dir
}

fn asked(dir: &TempDir, arguments: &[&str]) -> Ran {
    let data = ["--data", dir.path().to_str().unwrap()];
    programs::quotes(dir.path(), &[&data[..], arguments].concat())
}

/// The speakers that `pattern` finds.
fn speakers(dir: &TempDir, pattern: &str) -> Vec<Value> {
    let found = asked(dir, &["speakers", pattern, "--format", "json"]);
    found.json().as_array().unwrap().clone()
}

fn id(speaker: &Value) -> String {
    speaker["identity"].as_str().unwrap().to_owned()
}

/// The identity of the quote that an article has.
fn identity_in(dir: &TempDir, (url, ..): Page) -> String {
    let store = Store::open_existing(dir.path()).unwrap();
    let quotes = store.quotes_of_article(&article_id(url)).unwrap();
    quotes[0].quote.speaker.as_ref().unwrap().identity.clone().unwrap()
}

fn quote_in(dir: &TempDir, (url, ..): Page) -> String {
    let store = Store::open_existing(dir.path()).unwrap();
    store.quotes_of_article(&article_id(url)).unwrap()[0].quote.id.clone()
}

#[track_caller]
fn is_whole(dir: &Path) {
    let ran = programs::onrecord(dir, &["check", "--data", dir.to_str().unwrap()]);
    assert!(ran.out.contains("all whole"), "{}{}", ran.out, ran.err);
}

#[test]
fn counts_are_by_who_it_is_not_by_the_printed_name() {
    let dir = collection(&PAGES);
    let counted = || -> Vec<(String, String, u64)> {
        let rows = asked(&dir, &["search", "--count-by", "speaker", "--format", "json"]).json();
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        let row = |row: &Value| {
            (text(row, "value"), text(row, "identity"), row["quotes"].as_u64().unwrap())
        };
        rows.as_array().unwrap().iter().map(row).collect()
    };
    let named = |name: &str| -> Vec<(String, String, u64)> {
        counted().into_iter().filter(|(value, ..)| value.contains(name)).collect()
    };
    // Two of one name are two, a speaker who is called by several names is one.
    let kestrels = named("Kestrel");
    assert_eq!(kestrels.iter().map(|(.., quotes)| *quotes).collect::<Vec<_>>(), [1, 1]);
    assert_ne!(kestrels[0].1, kestrels[1].1);
    let ambassador = identity_in(&dir, NAMED);
    let hers: Vec<_> = counted().into_iter().filter(|(_, it, _)| *it == ambassador).collect();
    assert_eq!((hers.len(), hers[0].2), (1, 2), "{hers:?}");
    for (name, identity, quotes) in counted() {
        let found = asked(&dir, &["search", "--speaker-id", &identity, "--format", "json"]).json();
        assert_eq!(found.as_array().unwrap().len() as u64, quotes, "{name}");
    }
    let table = asked(&dir, &["search", "--count-by", "speaker"]).out;
    assert!(table.contains("Anna Kestrel, mayor"), "{table}");
    assert!(table.contains("Anna Kestrel, goalkeeper"), "{table}");
    let served = Served::start(dir.path());
    let page = served.get("/").has(200).body;
    for (_, identity, _) in &kestrels {
        assert!(page.contains(&format!("href=\"/?speaker_id={identity}\"")), "{page}");
    }
    let chosen = served.get(&format!("/?speaker_id={}", kestrels[0].1)).has(200).body;
    assert!(chosen.contains("speaker: <bdi>Anna Kestrel, "), "{chosen}");
    let drawn = served.json("/api/v1/timeline");
    assert_eq!(
        drawn["identities"].as_array().unwrap().len(),
        drawn["speakers"].as_array().unwrap().len()
    );
    assert!(drawn["identities"].as_array().unwrap().contains(&kestrels[0].1.clone().into()));
    // A correction reaches the counts.
    asked(&dir, &["speakers", "merge", &kestrels[0].1, &kestrels[1].1]).exits(0);
    assert_eq!(named("Kestrel").iter().map(|(.., quotes)| *quotes).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_title_and_surname_is_whom_the_outlet_named_that_week() {
    let dir = collection(&PAGES);
    let found = speakers(&dir, "deborah");
    assert_eq!(found.len(), 1, "{found:?}");
    let speaker = &found[0];
    assert_eq!((&speaker["name"], &speaker["quotes"]), (&"Deborah Marlowe".into(), &2.into()));
    assert_eq!(speaker["aliases"], serde_json::json!(["Deborah Marlowe", "Marlowe"]));
    assert_eq!((&speaker["first"], &speaker["last"]), (&"2024-02-05".into(), &"2024-02-08".into()));
    let shown = asked(&dir, &["speakers", "show", &id(speaker)[..8]]).exits(0);
    assert!(shown.out.contains("the same surname, also"), "{}", shown.out);
    assert!(shown.out.contains(&quote_in(&dir, TITLED)[..12]), "{}", shown.out);
    is_whole(dir.path());
}

#[test]
fn two_people_of_one_name_are_two_speakers() {
    let dir = collection(&PAGES);
    let found = speakers(&dir, "kestrel");
    assert_eq!(found.len(), 2, "{found:?}");
    assert_ne!(id(&found[0]), id(&found[1]));
    let human = asked(&dir, &["speakers", "kestrel"]).exits(0);
    assert!(human.out.contains("mayor") && human.out.contains("goalkeeper"), "{}", human.out);
}

#[test]
fn the_order_in_which_articles_come_makes_no_difference() {
    let orders: [[usize; 5]; 3] = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [1, 4, 0, 3, 2]];
    let lists = orders.map(|order| {
        let dir = collection(&order.map(|page| PAGES[page]));
        asked(&dir, &["speakers", "--format", "json"]).out
    });
    assert_eq!(lists[0], lists[1]);
    assert_eq!(lists[0], lists[2]);
}

#[test]
fn quotes_are_found_by_any_name_of_their_speaker_and_by_its_id() {
    let dir = collection(&PAGES);
    let by_name = asked(&dir, &["search", "--speaker", "deborah", "--format", "json"]).json();
    assert_eq!(by_name.as_array().unwrap().len(), 2, "{by_name}");
    let deborah = identity_in(&dir, NAMED);
    let by_id = asked(&dir, &["search", "--speaker-id", &deborah[..10], "--format", "json"]).json();
    let identities: Vec<&str> = by_id
        .as_array()
        .unwrap()
        .iter()
        .map(|quote| quote["speaker"]["identity"].as_str().unwrap())
        .collect();
    assert_eq!(identities, [deborah.as_str(), deborah.as_str()]);
    let nobody = asked(&dir, &["export", "--speaker-id", "0123", "--format", "json"]).exits(2);
    assert!(nobody.err.contains("no speaker has the id 0123"), "{}", nobody.err);
    let csv = asked(&dir, &["export", "--speaker-id", &deborah, "--format", "csv"]).exits(0);
    assert!(csv.out.lines().nth(1).unwrap().contains(&deborah), "{}", csv.out);
}

#[test]
fn a_merge_stays_through_extraction_and_crawls_until_it_is_undone() {
    let dir = collection(&PAGES);
    let [deborah, pilot] = [NAMED, INITIAL].map(|page| identity_in(&dir, page));
    assert_ne!(deborah, pilot);
    let merged = asked(&dir, &["speakers", "merge", &deborah[..9], &pilot[..9]]).exits(0);
    assert!(merged.out.contains("merged Deborah Marlowe"), "{}", merged.out);
    assert_eq!(identity_in(&dir, INITIAL), deborah);
    // The index follows: a name that the article doesn't give finds its quote.
    let found = asked(&dir, &["search", "good", "--speaker", "deborah", "--format", "json"]).json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    is_whole(dir.path());

    let data = dir.path().to_str().unwrap();
    programs::onrecord(dir.path(), &["reindex", "--extract", "--data", data]).exits(0);
    assert_eq!(identity_in(&dir, INITIAL), deborah);
    let mut store = Store::open(dir.path()).unwrap();
    keep(
        &mut store,
        (
            "https://meridian.example/6",
            "Meridian Post",
            "2024-03-02",
            "“It flies,” said Débora Marlowe, a retired pilot.",
        ),
    );
    store.settle_speakers().unwrap();
    catch_up(&store, dir.path()).unwrap();
    drop(store);
    assert_eq!(identity_in(&dir, INITIAL), deborah);
    is_whole(dir.path());

    let undone = asked(&dir, &["speakers", "undo"]).exits(0);
    assert!(undone.out.contains("undid 1"), "{}", undone.out);
    assert_eq!(identity_in(&dir, INITIAL), pilot);
    let listed = asked(&dir, &["speakers", "corrections"]).exits(0);
    assert!(listed.out.contains("merged") && listed.out.contains("undone by 2"), "{}", listed.out);
    is_whole(dir.path());
}

#[test]
fn a_split_parts_what_the_rules_hold_for_one() {
    let dir = collection(&PAGES);
    let deborah = identity_in(&dir, NAMED);
    let titled = quote_in(&dir, TITLED);
    let split = asked(&dir, &["speakers", "split", &deborah, &titled[..10]]).exits(0);
    assert!(split.out.contains("split Marlowe"), "{}", split.out);
    assert_ne!(identity_in(&dir, TITLED), deborah);
    assert_eq!(identity_in(&dir, NAMED), deborah);
    let data = dir.path().to_str().unwrap();
    programs::onrecord(dir.path(), &["reindex", "--extract", "--data", data]).exits(0);
    assert_ne!(identity_in(&dir, TITLED), deborah);
    is_whole(dir.path());
    // Merging them again is refused while the split holds.
    let again = asked(&dir, &["speakers", "merge", &deborah, &titled]).exits(2);
    assert!(again.err.contains("correction 1 says that these are two"), "{}", again.err);
    asked(&dir, &["speakers", "undo", "1"]).exits(0);
    assert_eq!(identity_in(&dir, TITLED), deborah);
}

#[test]
fn a_speaker_whom_a_later_extractor_takes_for_a_body_is_settled_anew() {
    let dir = collection(&[NAMED]);
    let before = identity_in(&dir, NAMED);
    let article = article_id(NAMED.0);
    let mut store = Store::open(dir.path()).unwrap();
    let mut quotes: Vec<Quote> =
        store.quotes_of_article(&article).unwrap().into_iter().map(|it| it.quote).collect();
    for kind in [SpeakerKind::Organisation, SpeakerKind::Person] {
        quotes[0].speaker.as_mut().unwrap().kind = kind;
        store.replace_quotes(&article, &[(1, quotes.clone())]).unwrap();
        store.settle_speakers().unwrap();
        let [speaker] = &speakers(&dir, "marlowe")[..] else { panic!("one speaker") };
        assert_eq!(speaker["kind"], serde_json::to_value(kind).unwrap());
        assert_eq!(id(speaker), before);
    }
    catch_up(&store, dir.path()).unwrap();
    drop(store);
    is_whole(dir.path());
}

#[test]
fn a_run_that_was_killed_leaves_speakers_without_an_identity_to_the_next() {
    let dir = collection(&[NAMED]);
    let deborah = identity_in(&dir, NAMED);
    let mut killed = Store::open(dir.path()).unwrap();
    keep(&mut killed, TITLED);
    let again = (NAMED.0, NAMED.1, NAMED.2, "“We have signed,” said Deborah Marlowe, a painter.");
    keep(&mut killed, again);
    drop(killed);
    for page in [NAMED, TITLED] {
        let reader = Store::open_existing(dir.path()).unwrap();
        let quotes = reader.quotes_of_article(&article_id(page.0)).unwrap();
        let told = quotes.iter().filter_map(|it| it.quote.speaker.as_ref()?.identity.as_ref());
        assert_eq!(told.count(), 0, "{}", page.0);
    }
    let ran = asked(&dir, &["search", "waits", "--format", "json"]);
    assert!(!ran.out.contains(&deborah), "{}", ran.out);
    drop(Store::open(dir.path()).unwrap());
    assert_eq!(identity_in(&dir, NAMED), deborah);
    assert_ne!(identity_in(&dir, TITLED), "");
    asked(&dir, &["search", "--speaker", "deborah"]).exits(0);
    is_whole(dir.path());
}

#[test]
fn corrections_that_make_no_sense_are_refused_with_the_reason() {
    let dir = collection(&PAGES);
    let [deborah, mayor] = [NAMED, MAYOR].map(|page| identity_in(&dir, page));
    let titled = quote_in(&dir, TITLED);
    let of_mayor = quote_in(&dir, MAYOR);
    for (arguments, reason) in [
        (&["merge", &deborah, &titled][..], "are one speaker already"),
        (&["merge", &deborah, "feedfeed"], "no speaker and no quote has the id feedfeed"),
        (&["split", &deborah], "--affiliation <WORDS>"),
        (&["split", &deborah, "--outlet", "harbour"], "every mention of Deborah Marlowe fits"),
        (&["split", &deborah, &of_mayor], "is not of Deborah Marlowe"),
        (&["undo"], "nothing to undo"),
        (&["undo", "9"], "there is no correction 9"),
    ] {
        let ran = asked(&dir, &[&["speakers"], arguments].concat()).exits(2);
        assert!(ran.err.contains(reason), "{arguments:?}: {}", ran.err);
    }
    asked(&dir, &["speakers", "merge", &deborah, &mayor]).exits(0);
    let split = asked(&dir, &["speakers", "split", &deborah, "--name", "kestrel"]).exits(2);
    assert!(split.err.contains("correction 1 says that these are one"), "{}", split.err);
    asked(&dir, &["speakers", "undo"]).exits(0);
    let twice = asked(&dir, &["speakers", "undo", "1"]).exits(2);
    assert!(twice.err.contains("correction 1 was undone by 2"), "{}", twice.err);
    let undo = asked(&dir, &["speakers", "undo", "2"]).exits(2);
    assert!(undo.err.contains("is an undo"), "{}", undo.err);
}

#[test]
fn a_correction_is_made_while_a_crawl_writes() {
    let dir = collection(&PAGES);
    let [deborah, pilot] = [NAMED, INITIAL].map(|page| identity_in(&dir, page));
    // As a crawl does: its lock, an article that is not settled yet.
    let _lock = DataLock::take(dir.path()).unwrap();
    let mut crawl = Store::open(dir.path()).unwrap();
    let more = ("https://meridian.example/7", "Meridian Post", "2024-03-05", INITIAL.3);
    keep(&mut crawl, more);
    asked(&dir, &["speakers", "merge", &deborah, &pilot]).exits(0);
    assert_eq!(identity_in(&dir, INITIAL), deborah);
    crawl.settle_speakers().unwrap();
    catch_up(&crawl, dir.path()).unwrap();
    drop(crawl);
    assert_eq!(identity_in(&dir, more), deborah);
    is_whole(dir.path());
}

/// Copies what the collection in `from` has to a file of the format before identities in `to`.
fn copy_to_format_before(from: &Path, to: &Path) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut migrations: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    migrations.sort();
    let own = migrations.iter().position(|file| file.ends_with("0006_people.sql")).unwrap();
    let old = Connection::open(to.join(FILE)).unwrap();
    for migration in &migrations[..own] {
        old.execute_batch(&std::fs::read_to_string(migration).unwrap()).unwrap();
    }
    old.pragma_update(None, "user_version", own).unwrap();
    old.execute("ATTACH ?1 AS newer", [from.join(FILE).to_str().unwrap()]).unwrap();
    for table in ["articles", "versions", "topic_decisions", "quotes", "changes", "visits"] {
        let columns: Vec<String> = old
            .prepare("SELECT name FROM pragma_table_info(?1, 'main')")
            .unwrap()
            .query_map([table], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let columns = columns.join(", ");
        let copy =
            format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}");
        old.execute_batch(&copy).unwrap();
    }
}

#[test]
fn a_collection_of_the_format_before_gets_its_identities() {
    let dir = collection(&PAGES);
    let old = tempdir().unwrap();
    copy_to_format_before(dir.path(), old.path());
    let [new, migrated] = [&dir, &old].map(|dir| asked(dir, &["speakers", "--format", "json"]));
    assert_eq!(migrated.exits(0).out, new.out);
    asked(&old, &["search", "--speaker", "deborah"]).exits(0);
    is_whole(old.path());
}
