//! A small collection of invented articles, written through the library as a crawl writes it.

use std::path::Path;

use jiff::Timestamp;
use onrecord::domain::article::{Article, Notice, NoticeKind};
use onrecord::domain::date::PageDate;
use onrecord::domain::feed::{Feed, FeedKind, Schedule, Validators};
use onrecord::domain::hash;
use onrecord::domain::quote::{Quote, QuoteKind, Span};
use onrecord::domain::record::Snapshot;
use onrecord::domain::run::{FeedRun, RunCounts, Sitemaps, Upkeep, Visit, VisitOutcome};
use onrecord::domain::speaker::{Speaker, SpeakerKind};
use onrecord::domain::topic::TopicDecision;
use onrecord::pipeline::index::catch_up;
use onrecord::store::{NewVersion, Recorded, Store, article_id};

/// One article, as a test states it.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub url: &'static str,
    pub outlet: &'static str,
    pub title: &'static str,
    pub published: &'static str,
    pub text: &'static str,
    pub notices: &'static [&'static str],
    pub quotes: &'static [Said],
}

/// One quote: words that stand in quotation marks in the text, and who said them.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    pub words: &'static str,
    pub speaker: Option<Who>,
}

#[derive(Debug, Clone, Copy)]
pub struct Who {
    pub name: &'static str,
    pub role: &'static str,
    pub affiliation: &'static str,
    pub anonymous: bool,
}

pub const MAREN: Who = Who {
    name: "Maren Høgsbro",
    role: "chief negotiator",
    affiliation: "Foreign Ministry of Norland",
    anonymous: false,
};
pub const TAPIA: Who = Who {
    name: "José Tapia",
    role: "policy director",
    affiliation: "Open Wires",
    anonymous: false,
};
pub const OFFICIAL: Who =
    Who { name: "senior official of the secretariat", role: "", affiliation: "", anonymous: true };

pub const HARBOUR: Page = Page {
    url: "https://harbour.example/talks",
    outlet: "The Harbour Courier",
    title: "Talks on the lantern treaty stall",
    published: "2024-02-08T23:30:00-05:00",
    text: "The talks on the lantern treaty stalled on Thursday.\n\n\
        “We will not sign a text that lets governments snoop,” said José Tapia, policy director \
        of Open Wires.\n\n\
        Maren Høgsbro, the chief negotiator, disagreed. “The safeguards are strong,” she said.",
    notices: &[],
    quotes: &[
        Said {
            words: "We will not sign a text that lets governments snoop,",
            speaker: Some(TAPIA),
        },
        Said { words: "The safeguards are strong,", speaker: Some(MAREN) },
    ],
};

/// The same article a day later: a quote reworded, one gone, one new, and a correction.
pub const HARBOUR_CORRECTED: Page = Page {
    title: "Talks on the lantern treaty stall again",
    text: "Opening words were put in.\n\n\
        The talks on the lantern treaty stalled on Thursday.\n\n\
        “We will not sign a text that allows governments to snoop,” said José Tapia, policy \
        director of Open Wires.\n\n\
        “Everybody goes home now,” a senior official of the secretariat said.",
    notices: &["An earlier version misquoted José Tapia on what governments could do."],
    quotes: &[
        Said {
            words: "We will not sign a text that allows governments to snoop,",
            speaker: Some(TAPIA),
        },
        Said { words: "Everybody goes home now,", speaker: Some(OFFICIAL) },
    ],
    ..HARBOUR
};

pub const MERIDIAN: Page = Page {
    url: "https://meridian.example/vote",
    outlet: "Meridian Post",
    title: "Norland signs",
    published: "2024-08-09",
    text: "“Norland signed today because the safeguards protect journalists,” Høgsbro said.\n\n\
        “=HYPERLINK(1)” was painted on a wall.",
    notices: &[],
    quotes: &[
        Said {
            words: "Norland signed today because the safeguards protect journalists,",
            speaker: Some(MAREN),
        },
        Said { words: "=HYPERLINK(1)", speaker: None },
    ],
};

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn visit(url: &str, outcome: VisitOutcome) -> Visit {
    Visit {
        url: url.to_owned(),
        feed: Some("lantern".to_owned()),
        at: at("2024-08-10T06:00:00Z"),
        outcome,
        transient: false,
        status: Some(200),
        reason: "for the test".to_owned(),
        entry_updated: PageDate::parse("2024-08-09"),
        final_url: None,
        validators: Validators { etag: Some("\"a\"".to_owned()), last_modified: None },
        upkeep: Upkeep::default(),
    }
}

fn span(text: &str, start: usize, words: &str) -> Span {
    Span {
        start,
        end: start + words.chars().count(),
        text: {
            let chars: Vec<char> = text.chars().skip(start).take(words.chars().count()).collect();
            chars.into_iter().collect()
        },
    }
}

pub fn quote(page: &Page, said: &Said) -> Quote {
    let byte = page.text.find(said.words).unwrap();
    let start = page.text[..byte].chars().count();
    let verbatim = span(page.text, start, said.words);
    let content = span(page.text, start - 1, &format!("“{}”", said.words));
    Quote {
        id: hash::short(&[&article_id(page.url), said.words]),
        kind: QuoteKind::Direct,
        text: said.words.to_owned(),
        content: vec![content],
        verbatim: vec![verbatim],
        source: None,
        cue: None,
        speaker: said.speaker.map(|who| Speaker {
            id: hash::short(&[who.name]),
            name: who.name.to_owned(),
            kind: SpeakerKind::Person,
            role: (!who.role.is_empty()).then(|| who.role.to_owned()),
            affiliation: (!who.affiliation.is_empty()).then(|| who.affiliation.to_owned()),
            anonymous: who.anonymous,
            identity: None,
        }),
        confidence: 0.9,
        prefix: String::new(),
        suffix: String::new(),
        paragraph: page.text[..byte].matches("\n\n").count(),
    }
}

pub fn quotes(page: &Page) -> Vec<Quote> {
    page.quotes.iter().map(|said| quote(page, said)).collect()
}

pub fn record(store: &mut Store, page: &Page, fetched: &str) -> Recorded {
    record_in("en", store, page, fetched)
}

/// Records a page of the language of this code.
pub fn record_in(language: &str, store: &mut Store, page: &Page, fetched: &str) -> Recorded {
    let article = Article {
        title: Some(page.title.to_owned()),
        byline: vec!["Ada Quill".to_owned()],
        outlet: Some(page.outlet.to_owned()),
        published: PageDate::parse(page.published),
        language: Some(language.to_owned()),
        text: page.text.to_owned(),
        notices: page
            .notices
            .iter()
            .map(|text| Notice {
                kind: NoticeKind::Correction,
                text: (*text).to_owned(),
                date: None,
            })
            .collect(),
        ..Article::default()
    };
    store
        .record_version(&NewVersion {
            url: page.url.to_owned(),
            fetched_from: page.url.to_owned(),
            feed: Some("lantern".to_owned()),
            outlet: page.outlet.to_owned(),
            decisions: vec![
                TopicDecision {
                    topic: "lantern-treaty".to_owned(),
                    matched: true,
                    reason: "“lantern treaty” in the text".to_owned(),
                },
                TopicDecision {
                    topic: "fisheries".to_owned(),
                    matched: false,
                    reason: "none of its phrases".to_owned(),
                },
            ],
            article: &article,
            quotes: &quotes(page),
            fetched: at(fetched),
            reservations: [onrecord::domain::rights::Reservation::Noindex].into(),
            snapshot: Some(Snapshot { file: "2024-08.warc.gz".to_owned(), offset: 77 }),
            visit: visit(page.url, VisitOutcome::Kept),
        })
        .unwrap()
}

pub fn feed() -> Feed {
    Feed {
        id: "lantern".to_owned(),
        outlet: "The Harbour Courier".to_owned(),
        url: "https://harbour.example/feed".parse().unwrap(),
        kind: FeedKind::Feed,
        links: None,
        languages: Vec::new(),
        max_age: None,
        schedule: Schedule::Every(3600),
        topics: vec!["lantern-treaty".to_owned()],
    }
}

pub fn run<'a>(feed: &'a Feed, started: &str, error: Option<&str>) -> FeedRun<'a> {
    FeedRun {
        feed,
        started: at(started),
        finished: at(started),
        next_due: at("2024-08-10T08:00:00Z"),
        validators: Validators { etag: Some(started.to_owned()), last_modified: None },
        counts: RunCounts { entries: 3, new: 2, ..RunCounts::default() },
        error: error.map(str::to_owned),
        gone: false,
        topics: String::new(),
        unasked: None,
        sitemaps: Sitemaps::default(),
    }
}

/// The collection that most tests ask: two articles, one of them in two versions; indexed.
pub fn collection(dir: &Path) -> Store {
    let mut store = Store::open(dir).unwrap();
    record(&mut store, &HARBOUR, "2024-02-09T06:00:00Z");
    record(&mut store, &MERIDIAN, "2024-08-10T06:00:00Z");
    record(&mut store, &HARBOUR_CORRECTED, "2024-02-10T06:00:00Z");
    store.settle_speakers().unwrap();
    catch_up(&store, dir).unwrap();
    store
}
