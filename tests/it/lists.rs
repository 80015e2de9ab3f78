//! Lists that the store keeps ready: whatever changes, they are what a full count gives.

use onrecord::domain::record::SpeakerSummary;
use onrecord::domain::run::VisitOutcome;
use onrecord::store::{Selection, StatementQuery, Store, article_id};
use tempfile::tempdir;

use crate::collected::{
    HARBOUR, HARBOUR_CORRECTED, MAREN, MERIDIAN, Page, Said, Who, at, collection, quotes, record,
    visit,
};

const ALL: StatementQuery = StatementQuery { altered: false, limit: 99, offset: 0 };

/// The whole list, which has to be that of all speakers, read from all their mentions.
#[track_caller]
fn is_right(store: &Store) -> Vec<SpeakerSummary> {
    assert_eq!(store.speaker_flaws().unwrap(), [""; 0]);
    assert_eq!(store.wording_flaws().unwrap(), [""; 0]);
    let mut listed = store.listed_speakers(None, 0, 99).unwrap();
    let mut counted = store.speakers(None).unwrap();
    assert_eq!(listed.total, counted.len());
    for speaker in listed.speakers.iter().chain(&counted) {
        assert_eq!(speaker.distinct.stated, speaker.stated.len());
    }
    // Those with as many quotes are in the order of their names there, and with the database's here.
    let order = |a: &SpeakerSummary, b: &SpeakerSummary| {
        b.quotes.cmp(&a.quotes).then_with(|| (&a.name, &a.identity).cmp(&(&b.name, &b.identity)))
    };
    listed.speakers.sort_by(order);
    counted.sort_by(order);
    assert_eq!(listed.speakers, counted);
    listed.speakers
}

fn settle(store: &mut Store) {
    store.settle_speakers().unwrap();
    store.catch_up_wordings().unwrap();
}

#[test]
fn the_list_of_speakers_is_what_a_full_count_gives_after_every_change() {
    let dir = tempdir().unwrap();
    let mut store = collection(dir.path());
    store.catch_up_wordings().unwrap();
    let first = is_right(&store);
    assert!(first.iter().any(|speaker| speaker.anonymous), "{first:?}");

    // A mention more, and one with another role; then the page vanishes, which changes no count.
    const PAINTER: Who = Who { role: "painter", affiliation: "", ..MAREN };
    let again = Page {
        url: "https://ridge.example/again",
        outlet: "Ridge Courier",
        published: "2024-09-01",
        text: "“The light was never as good as it was this week on the ridge,” she said.",
        quotes: &[Said {
            words: "The light was never as good as it was this week on the ridge,",
            speaker: Some(PAINTER),
        }],
        ..MERIDIAN
    };
    record(&mut store, &again, "2024-09-02T06:00:00Z");
    let unsettled = store.listed_speakers(None, 0, 99).unwrap().speakers;
    assert_eq!(unsettled, first, "a run that goes on changes no list");
    settle(&mut store);
    assert_ne!(is_right(&store), first);
    let mut gone = visit(again.url, VisitOutcome::Failed);
    gone.status = Some(404);
    store.record_visit(&gone).unwrap();
    settle(&mut store);
    is_right(&store);

    // Corrections.
    let [maren, other] = [HARBOUR, again].map(|page| {
        let quotes = store.quotes_of_article(&article_id(page.url)).unwrap();
        quotes[0].quote.speaker.as_ref().unwrap().identity.clone().unwrap()
    });
    let now = at("2024-10-01T06:00:00Z");
    if maren == other {
        let selection = Selection { role: Some("painter".to_owned()), ..Selection::default() };
        store.split_speaker(&maren, &selection, now).unwrap();
        is_right(&store);
        store.undo_correction(None, now).unwrap();
    } else {
        store.merge_speakers(&maren, &other, now).unwrap();
        is_right(&store);
        store.undo_correction(None, now).unwrap();
    }
    is_right(&store);

    // A later extractor finds less, then as much as before.
    let id = article_id(MERIDIAN.url);
    store.replace_quotes(&id, &[(1, Vec::new())]).unwrap();
    settle(&mut store);
    let fewer = is_right(&store);
    store.replace_quotes(&id, &[(1, quotes(&MERIDIAN))]).unwrap();
    settle(&mut store);
    assert_ne!(is_right(&store), fewer);
    let id = article_id(HARBOUR.url);
    store.replace_quotes(&id, &[(1, Vec::new()), (2, quotes(&HARBOUR_CORRECTED))]).unwrap();
    settle(&mut store);
    is_right(&store);
}

#[test]
fn parts_of_the_list_are_one_list_and_a_pattern_finds_parts_of_names() {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    let whole = store.listed_speakers(None, 0, 99).unwrap();
    for offset in 0..=whole.total {
        let part = store.listed_speakers(None, offset, 1).unwrap();
        assert_eq!(part.total, whole.total);
        assert_eq!(
            part.speakers,
            whole.speakers.iter().skip(offset).take(1).cloned().collect::<Vec<_>>()
        );
    }
    for pattern in ["hogsbro MAREN", "official", "a", "nobody", ""] {
        let found = store.listed_speakers(Some(pattern), 0, 99).unwrap();
        let counted = store.speakers(Some(pattern)).unwrap();
        assert_eq!(
            (found.total, found.speakers.len()),
            (counted.len(), counted.len()),
            "{pattern}"
        );
        assert!(found.speakers.iter().all(|speaker| counted.contains(speaker)), "{pattern}");
        let second = store.listed_speakers(Some(pattern), 1, 1).unwrap();
        assert_eq!(second.total, counted.len());
        assert_eq!(second.speakers.first(), found.speakers.get(1), "{pattern}");
    }
}

#[test]
fn a_statement_is_listed_while_several_outlets_have_it() {
    const WORDS: &str = "We will keep the harbour lights burning until every boat is home again,";
    const OTHERS: &str = "We will keep the harbour lights burning until each boat is home again,";
    const OWN: [Said; 1] = [Said { words: WORDS, speaker: Some(MAREN) }];
    const ALTERED: [Said; 1] = [Said { words: OTHERS, speaker: Some(MAREN) }];
    let page = |url, outlet, published, quotes: &'static [Said]| Page {
        url,
        outlet,
        published,
        title: "Lights",
        text: match quotes.first() {
            Some(said) if said.words == WORDS => {
                "“We will keep the harbour lights burning until every boat is home again,” she said."
            }
            Some(_) => {
                "“We will keep the harbour lights burning until each boat is home again,” she said."
            }
            None => "Nothing was said.",
        },
        notices: &[],
        quotes,
    };
    let dir = tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    let mut step = |page: Page, fetched: &str| {
        record(&mut store, &page, fetched);
        settle(&mut store);
        is_right(&store);
        let altered = StatementQuery { altered: true, ..ALL };
        let (all, altered) =
            [ALL, altered].map(|query| store.count_statements(&query).unwrap()).into();
        assert_eq!(store.statements(&ALL).unwrap().len(), all);
        (all, altered)
    };
    let a = "https://harbour.example/lights";
    let b = "https://meridian.example/lights";
    assert_eq!(
        step(page(a, "Harbour Courier", "2024-02-01", &OWN), "2024-02-01T06:00:00Z"),
        (0, 0)
    );
    assert_eq!(step(page(b, "Meridian Post", "2024-02-02", &OWN), "2024-02-02T06:00:00Z"), (1, 0));
    assert_eq!(
        step(page(b, "Meridian Post", "2024-02-02", &ALTERED), "2024-02-03T06:00:00Z"),
        (1, 1)
    );
    // The other outlet takes the words out: what it had stays on record.
    assert_eq!(step(page(a, "Harbour Courier", "2024-02-01", &[]), "2024-02-04T06:00:00Z"), (1, 1));
    store.replace_quotes(&article_id(a), &[(1, Vec::new()), (2, Vec::new())]).unwrap();
    settle(&mut store);
    is_right(&store);
    assert_eq!(store.count_statements(&ALL).unwrap(), 0);
}
