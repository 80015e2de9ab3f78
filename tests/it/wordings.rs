//! The same words in several outlets, through the store.

use onrecord::domain::article::Article;
use onrecord::domain::hash;
use onrecord::domain::quote::{Quote, QuoteKind, Span};
use onrecord::domain::run::VisitOutcome;
use onrecord::domain::speaker::{Speaker, SpeakerKind};
use onrecord::domain::wording::{Change, Likeness};
use onrecord::store::{NewVersion, StatementQuery, Store, StoreError, article_id};
use onrecord::wording::COMMON;
use proptest::prelude::*;
use tempfile::tempdir;

use crate::collected::{at, visit};

const TAPIA: &str = "José Tapia";
const MAREN: &str = "Maren Høgsbro";
const HER_INITIAL: &str = "M. Høgsbro";
const UNNAMED: &str = "a keeper of the lamp";
const LAMP: &str =
    "The lamp on the old pier must stay lit, whatever the ministry says about its cost";
const LAMP_ALTERED: &str =
    "The lamp on the old pier may stay lit, whatever the ministry says about its cost";
const LAMP_PIECE: &str = "whatever the ministry says about its cost";
const CREWS: &str = "Nobody has paid the crews for the winter that they spent on the ice";

/// Words and whom they are attributed to.
type Said<'a> = (&'a str, Option<&'a str>);

fn quote(url: &str, text: &str, (words, speaker): Said<'_>) -> Quote {
    let start = text.find(words).unwrap();
    let span = Span {
        start: text[..start].chars().count(),
        end: text[..start].chars().count() + words.chars().count(),
        text: words.to_owned(),
    };
    Quote {
        id: hash::short(&[&article_id(url), words]),
        kind: QuoteKind::Direct,
        text: words.to_owned(),
        content: vec![span.clone()],
        verbatim: vec![span],
        source: None,
        cue: None,
        speaker: speaker.map(|name| Speaker {
            id: hash::short(&[name]),
            name: name.to_owned(),
            kind: SpeakerKind::Person,
            role: None,
            affiliation: None,
            anonymous: name == UNNAMED,
            identity: None,
        }),
        confidence: 0.9,
        prefix: String::new(),
        suffix: String::new(),
        paragraph: 0,
    }
}

/// Records an article in which these words stand, each in a paragraph.
fn record(store: &mut Store, outlet: &str, day: u32, said: &[Said<'_>]) {
    let url = format!("https://{outlet}.example/news");
    let text = said.iter().map(|(words, _)| format!("“{words}”")).collect::<Vec<_>>().join("\n\n");
    let quotes: Vec<Quote> = said.iter().map(|said| quote(&url, &text, *said)).collect();
    let article = Article { title: Some("The pier".to_owned()), text, ..Article::default() };
    let new = NewVersion {
        url: url.clone(),
        fetched_from: url.clone(),
        feed: None,
        outlet: outlet.to_owned(),
        decisions: Vec::new(),
        article: &article,
        quotes: &quotes,
        fetched: at(&format!("2024-05-{day:02}T06:00:00Z")),
        snapshot: None,
        reservations: Default::default(),
        visit: visit(&url, VisitOutcome::Kept),
    };
    store.record_version(&new).unwrap();
}

fn id(outlet: &str, words: &str) -> String {
    hash::short(&[&article_id(&format!("https://{outlet}.example/news")), words])
}

/// Outlets that have the quote's words, with how alike theirs are.
fn elsewhere(store: &Store, outlet: &str, words: &str) -> Vec<(String, Likeness)> {
    let found = store.elsewhere(&id(outlet, words)).unwrap();
    found.into_iter().map(|it| (it.occurrence.outlet, it.likeness)).collect()
}

const ALL: StatementQuery = StatementQuery { altered: false, limit: 99, offset: 0 };

#[test]
fn the_same_words_of_other_outlets_are_found_altered_ones_first() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    record(&mut store, "courier", 1, &[(LAMP, Some(TAPIA)), (CREWS, Some(TAPIA))]);
    record(&mut store, "gazette", 2, &[(LAMP, Some("Tapia"))]);
    store.catch_up_wordings().unwrap();
    record(&mut store, "meridian", 3, &[(LAMP_ALTERED, Some(TAPIA))]);
    record(&mut store, "post", 4, &[(LAMP_PIECE, Some(TAPIA)), (CREWS, Some(MAREN))]);
    store.catch_up_wordings().unwrap();
    let wanted = [
        ("meridian".to_owned(), Likeness::Altered),
        ("post".to_owned(), Likeness::Cut),
        ("gazette".to_owned(), Likeness::Same),
    ];
    assert_eq!(elsewhere(&store, "courier", LAMP), wanted);
    let altered = &store.elsewhere(&id("courier", LAMP)).unwrap()[0];
    let changed: Vec<(Change, &str)> = altered
        .difference
        .iter()
        .filter(|it| it.change != Change::Kept)
        .map(|it| (it.change, it.text.trim()))
        .collect();
    assert_eq!(changed, [(Change::Removed, "must"), (Change::Added, "may")]);
    assert_eq!(store.wording_flaws().unwrap(), [""; 0]);
}

#[test]
fn a_statement_is_listed_with_its_outlets_and_goes_by_its_first_quote() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    record(&mut store, "gazette", 2, &[(LAMP_PIECE, Some(TAPIA))]);
    record(&mut store, "courier", 1, &[(LAMP, Some(TAPIA)), (CREWS, Some(TAPIA))]);
    record(&mut store, "post", 3, &[(CREWS, Some(TAPIA))]);
    record(&mut store, "meridian", 4, &[(LAMP_ALTERED, Some(TAPIA))]);
    store.catch_up_wordings().unwrap();
    let statements = store.statements(&ALL).unwrap();
    let first = &statements[0];
    assert_eq!(first.id, id("courier", LAMP));
    assert_eq!(first.wording.text, LAMP);
    assert_eq!(first.outlets, ["courier", "gazette", "meridian"]);
    assert!(first.altered);
    assert_eq!((statements.len(), statements[1].altered), (2, false));
    let altered = store.statements(&StatementQuery { altered: true, ..ALL }).unwrap();
    assert_eq!(altered, statements[..1]);
    let second = store.statements(&StatementQuery { offset: 1, limit: 1, ..ALL }).unwrap();
    assert_eq!(second, statements[1..]);
    let record = store.quote(&id("post", CREWS)).unwrap().unwrap();
    assert_eq!(record.cluster, Some(id("courier", CREWS)));
}

#[test]
fn quotes_of_one_article_and_of_one_outlet_are_no_statement_of_several() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    record(&mut store, "courier", 1, &[(LAMP, Some(TAPIA)), (LAMP_ALTERED, Some(TAPIA))]);
    store.catch_up_wordings().unwrap();
    assert!(store.statements(&ALL).unwrap().is_empty());
    assert!(elsewhere(&store, "courier", LAMP).is_empty());
}

#[test]
fn a_formula_that_becomes_too_common_and_rare_again_is_as_worked_out_anew() {
    let words = "We want a fair deal for the people of every port along this forgotten coast";
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    let names: Vec<String> = (0..=COMMON).map(|nth| format!("Mayor Port{nth}")).collect();
    let mut clusters = Vec::new();
    for count in [COMMON, COMMON + 1, COMMON] {
        // One article a name, by the hundred in a transaction each, would take long: one article.
        let said: Vec<String> =
            (0..count).map(|nth| format!("{words}{}", ".".repeat(nth))).collect();
        let said: Vec<Said<'_>> = said
            .iter()
            .zip(&names)
            .map(|(words, name)| (words.as_str(), Some(name.as_str())))
            .collect();
        record(&mut store, "courier", 1 + clusters.len() as u32, &said);
        store.catch_up_wordings().unwrap();
        assert_eq!(store.wording_flaws().unwrap(), [""; 0], "{count}");
        clusters.push(store.quote(&id("courier", words)).unwrap().unwrap().cluster.is_some());
    }
    assert_eq!(clusters, [true, false, false]);
}

#[test]
fn a_statement_goes_by_another_quote_where_its_first_is_found_only_later() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    let mut both = [LAMP, LAMP_ALTERED];
    both.sort_by_key(|words| id("courier", words));
    let [first, second] = both;
    record(&mut store, "courier", 1, &[(first, Some(TAPIA)), (second, Some(TAPIA))]);
    record(&mut store, "courier", 2, &[(first, Some(TAPIA))]);
    store.catch_up_wordings().unwrap();
    let quotes = store.quotes_of_article(&article_id("https://courier.example/news")).unwrap();
    assert!(quotes.iter().all(|it| it.cluster == Some(id("courier", first))));
    // Another extractor does not find it in the first version.
    let found = [(1, second), (2, first)].map(|(version, words)| {
        let quotes = quotes.iter().filter(|it| it.quote.text == words);
        (version, quotes.map(|it| it.quote.clone()).collect())
    });
    store.replace_quotes(&article_id("https://courier.example/news"), &found).unwrap();
    store.catch_up_wordings().unwrap();
    let record = store.quote(&id("courier", first)).unwrap().unwrap();
    assert_eq!(record.cluster, Some(id("courier", second)));
    assert_eq!(store.wording_flaws().unwrap(), [""; 0]);
}

#[test]
fn a_hundred_new_articles_are_worked_in_with_those_before_them() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    record(&mut store, "courier", 1, &[(LAMP, Some(TAPIA)), (CREWS, Some(TAPIA))]);
    store.catch_up_wordings().unwrap();
    let recorded = store.together(|store| -> Result<(), StoreError> {
        for nth in 0..100 {
            let said = [LAMP_ALTERED, CREWS][nth % 2];
            record(store, &format!("post-{nth}"), 2, &[(said, Some(TAPIA))]);
        }
        Ok(())
    });
    recorded.unwrap();
    store.catch_up_wordings().unwrap();
    assert_eq!(store.clustered().unwrap(), store.last_change().unwrap());
    let statements = store.statements(&ALL).unwrap();
    let sizes: Vec<(usize, bool)> =
        statements.iter().map(|it| (it.others.len() + 1, it.altered)).collect();
    assert_eq!(sizes, [(51, true), (51, false)]);
    assert_eq!(statements[0].id, id("courier", LAMP));
}

#[test]
fn who_is_who_changes_each_article_once_and_leaves_compared_words_compared() {
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    for (outlet, day) in [("courier", 1), ("gazette", 2)] {
        record(&mut store, outlet, day, &[(LAMP, Some(TAPIA)), (CREWS, Some(MAREN))]);
    }
    store.catch_up_wordings().unwrap();
    let before = store.last_change().unwrap();
    store.settle_speakers().unwrap();
    assert_eq!(store.last_change().unwrap(), before + 2);
    assert_eq!(store.clustered().unwrap(), before + 2);
    record(&mut store, "post", 3, &[(LAMP, Some(TAPIA))]);
    let behind = store.last_change().unwrap();
    store.settle_speakers().unwrap();
    assert!(store.clustered().unwrap() < behind, "the new words are yet to be compared");
    store.catch_up_wordings().unwrap();
    assert_eq!(store.wording_flaws().unwrap(), [""; 0]);
}

/// Words of which some are parts or alterations of others.
const POOL: [&str; 8] = [
    LAMP,
    LAMP_ALTERED,
    LAMP_PIECE,
    CREWS,
    "Nobody has paid the crews for the winter",
    "the winter that they spent on the ice, whatever the ministry says about its cost",
    "Nobody had paid the crews for the winter that they spent on the ice",
    "The lamp on the old pier must stay lit … whatever the ministry says",
];
const OUTLETS: [&str; 4] = ["courier", "gazette", "meridian", "post"];
const NAMES: [Option<&str>; 5] = [Some(TAPIA), Some(MAREN), Some(HER_INITIAL), Some(UNNAMED), None];

/// What people do between two articles.
#[derive(Debug, Clone, Copy)]
enum Meanwhile {
    Nothing,
    /// The run ends.
    Settle,
    /// Says that the first two speakers are one; then the run ends.
    Merge,
    /// Takes the last correction back; then the run ends.
    Undo,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Articles come, change and are extracted anew in any order, with corrections between them.
    #[test]
    fn what_changes_bring_is_what_working_everything_out_anew_gives(
        steps in prop::collection::vec(
            (0..OUTLETS.len(), prop::collection::btree_map(0..POOL.len(), 0..NAMES.len(), 0..4), 1..9_u32, any::<bool>(),
             prop::sample::select(vec![Meanwhile::Nothing, Meanwhile::Settle, Meanwhile::Merge, Meanwhile::Undo])),
            1..10,
        ),
    ) {
        let dir = tempdir().unwrap();
        let mut store = Store::open(dir.path()).unwrap();
        for (outlet, said, day, again, meanwhile) in steps {
            let outlet = OUTLETS[outlet];
            let said: Vec<Said<'_>> =
                said.into_iter().map(|(words, name)| (POOL[words], NAMES[name])).collect();
            let article = article_id(&format!("https://{outlet}.example/news"));
            let versions = store.versions(&article).unwrap();
            if again && !versions.is_empty() {
                // Another extractor finds only the first quote of each version.
                let found: Vec<(u32, Vec<Quote>)> = versions
                    .iter()
                    .map(|it| (it.version, store.quotes_of_article(&article).unwrap()
                        .into_iter().filter(|q| q.article.version == it.version)
                        .map(|q| q.quote).take(1).collect()))
                    .collect();
                store.replace_quotes(&article, &found).unwrap();
            } else {
                record(&mut store, outlet, day, &said);
            }
            store.catch_up_wordings().unwrap();
            prop_assert_eq!(store.wording_flaws().unwrap(), [""; 0]);
            let now = at("2024-06-01T06:00:00Z");
            match meanwhile {
                Meanwhile::Nothing => continue,
                Meanwhile::Settle => {}
                Meanwhile::Merge => {
                    let all = store.speakers(None).unwrap();
                    let named: Vec<&String> = all.iter().filter_map(|it| it.identity.as_ref()).collect();
                    if let [first, second, ..] = named[..] {
                        // Two that a correction joins already are refused.
                        drop(store.merge_speakers(first, second, now));
                    }
                }
                // There may be none.
                Meanwhile::Undo => drop(store.undo_correction(None, now)),
            }
            store.settle_speakers().unwrap();
            prop_assert_eq!(store.speaker_flaws().unwrap(), [""; 0]);
        }
        store.settle_speakers().unwrap();
        prop_assert_eq!(store.speaker_flaws().unwrap(), [""; 0]);
        let before = store.statements(&ALL).unwrap();
        store.rebuild_wordings().unwrap();
        prop_assert_eq!(store.statements(&ALL).unwrap(), before);
    }
}
