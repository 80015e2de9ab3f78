//! A collection of any size out of invented words, people and outlets: the same at every run.
//!
//! Shaped as news is: words, speakers and outlets are used as often as Zipf's law has it, quotes are
//! 6 to 60 words long, an article has 2 to 12 of them, and every twelfth article is wire copy of an
//! earlier one, half of those with a word altered inside the quotation marks.

#![allow(dead_code, reason = "a benchmark uses a part of it")]

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use onrecord::domain::article::Article;
use onrecord::domain::date::PageDate;
use onrecord::domain::feed::Validators;
use onrecord::domain::hash;
use onrecord::domain::quote::{Quote, QuoteKind, Span};
use onrecord::domain::run::{Upkeep, Visit, VisitOutcome};
use onrecord::domain::speaker::{Speaker, SpeakerKind};
use onrecord::domain::topic::TopicDecision;
use onrecord::store::{NewVersion, Store, article_id};

/// Different words.
const WORDS: usize = 60_000;
/// Different people.
const SPEAKERS: usize = 20_000;
/// Different outlets.
const OUTLETS: usize = 200;
/// Organisations that people speak for.
const AFFILIATIONS: usize = 2_000;
/// Days over which articles are spread, from [`FIRST_DAY`] on.
const DAYS: u64 = 3_650;
/// The first day: 2015-01-01, in seconds since 1970.
const FIRST_DAY: i64 = 1_420_070_400;
/// An article in so many is wire copy of an earlier one.
const WIRE_COPY: u64 = 12;
/// How far back the copied article is, at most.
const COPIED_FROM: u64 = 40;
/// What a quotation mark, the attribution and the line breaks around a quote look like.
const SAID: &str = " said ";

const ONSETS: [&str; 24] = [
    "b", "br", "c", "ch", "d", "dr", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "pl", "r", "s",
    "st", "t", "tr", "v", "w", "z",
];
const NUCLEI: [&str; 10] = ["a", "e", "i", "o", "u", "ai", "ea", "ou", "é", "o"];
const CODAS: [&str; 10] = ["", "", "n", "r", "l", "s", "t", "m", "nd", "x"];
/// Endings that a stemmer takes off; most words have none.
const ENDINGS: [&str; 12] = ["", "", "", "", "", "", "s", "s", "ed", "ing", "ly", "ation"];
const ROLES: [&str; 12] = [
    "director",
    "spokesperson",
    "chief negotiator",
    "minister",
    "researcher",
    "mayor",
    "policy director",
    "senior adviser",
    "general secretary",
    "chair of the board",
    "analyst",
    "deputy minister",
];
const BODIES: [&str; 8] = [
    "Ministry",
    "Institute",
    "University",
    "Council",
    "Agency",
    "Alliance",
    "Observatory",
    "Foundation",
];
const PAPERS: [&str; 8] =
    ["Courier", "Gazette", "Post", "Herald", "Tribune", "Observer", "Chronicle", "Mail"];
const LANGUAGES: [&str; 12] =
    ["en", "en", "en", "en", "en", "en", "en", "en", "en", "fr", "es", "de"];

/// How far SplitMix64 goes on for each number.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Chance that is the same at every run (SplitMix64).
pub struct Chance(u64);

impl Chance {
    /// The chance that belongs to `seed`; neighbouring seeds have nothing in common.
    pub fn new(seed: u64) -> Self {
        Self(mixed(seed.wrapping_mul(STEP)).wrapping_add(mixed(!seed)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn of<'a>(&mut self, values: &[&'a str]) -> &'a str {
        values[self.below(values.len() as u64) as usize]
    }
}

/// Ranks as often as Zipf's law has it: the n-th is drawn 1/n as often as the first.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(ranks: usize) -> Self {
        let mut sum = 0.0;
        Self(
            (1..=ranks)
                .map(|rank| {
                    sum += 1.0 / rank as f64;
                    sum
                })
                .collect(),
        )
    }

    fn draw(&self, chance: &mut Chance) -> usize {
        let total = self.0.last().copied().unwrap_or(1.0);
        let at = chance.next() as f64 / u64::MAX as f64 * total;
        self.0.partition_point(|sum| *sum < at).min(self.0.len() - 1)
    }
}

/// An article with its quotes, before it is recorded.
#[derive(Debug, Clone)]
pub struct Generated {
    pub url: String,
    pub outlet: String,
    pub article: Article,
    pub quotes: Vec<Quote>,
    pub fetched: Timestamp,
}

/// The words, people and outlets that articles are made of.
pub struct Generator {
    words: Vec<String>,
    word_ranks: Zipf,
    speakers: Vec<Speaker>,
    speaker_ranks: Zipf,
    outlets: Vec<String>,
    outlet_ranks: Zipf,
}

fn word(chance: &mut Chance) -> String {
    let syllables = 1 + chance.below(3);
    let mut word = String::new();
    for _ in 0..syllables {
        word += chance.of(&ONSETS);
        word += chance.of(&NUCLEI);
        word += chance.of(&CODAS);
    }
    word
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters
        .next()
        .map_or(String::new(), |first| first.to_uppercase().to_string() + characters.as_str())
}

fn distinct(count: usize, mut make: impl FnMut() -> String) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut values = Vec::with_capacity(count);
    while values.len() < count {
        let value = make();
        if seen.insert(value.clone()) {
            values.push(value);
        }
    }
    values
}

impl Generator {
    /// The generator; there is one only.
    pub fn new() -> Self {
        let mut chance = Chance::new(1);
        let words = distinct(WORDS, || word(&mut chance) + chance.of(&ENDINGS));
        let affiliations = distinct(AFFILIATIONS, || {
            format!("{} {}", capitalised(&word(&mut chance)), chance.of(&BODIES))
        });
        let outlets = distinct(OUTLETS, || {
            format!("{} {}", capitalised(&word(&mut chance)), chance.of(&PAPERS))
        });
        let names = distinct(SPEAKERS, || {
            format!("{} {}", capitalised(&word(&mut chance)), capitalised(&word(&mut chance)))
        });
        let speakers = names
            .into_iter()
            .map(|name| {
                let affiliation = &affiliations[chance.below(AFFILIATIONS as u64) as usize];
                Speaker {
                    id: hash::short(&[&name, "person"]),
                    kind: SpeakerKind::Person,
                    role: Some(chance.of(&ROLES).to_owned()),
                    affiliation: Some(affiliation.clone()),
                    anonymous: false,
                    identity: None,
                    name,
                }
            })
            .collect();
        Self {
            words,
            word_ranks: Zipf::new(WORDS),
            speakers,
            speaker_ranks: Zipf::new(SPEAKERS),
            outlets,
            outlet_ranks: Zipf::new(OUTLETS),
        }
    }

    /// The word of this rank, from 0: the lower the rank, the more frequent.
    pub fn word(&self, rank: usize) -> &str {
        &self.words[rank]
    }

    /// The speaker of this rank, from 0.
    pub fn speaker(&self, rank: usize) -> &Speaker {
        &self.speakers[rank]
    }

    fn sentence(&self, chance: &mut Chance) -> String {
        let length = 6 + chance.below(20) + chance.below(20) + chance.below(17);
        let mut words: Vec<&str> = Vec::new();
        for _ in 0..length {
            words.push(&self.words[self.word_ranks.draw(chance)]);
        }
        capitalised(&words.join(" ")) + ","
    }

    /// The article of this number, from 0.
    pub fn article(&self, number: u64) -> Generated {
        let mut chance = Chance::new(number + 2);
        let outlet = &self.outlets[self.outlet_ranks.draw(&mut chance)];
        let seconds = FIRST_DAY + (chance.below(DAYS) * 86_400 + chance.below(86_400)) as i64;
        let published = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
        let language = chance.of(&LANGUAGES);
        let copied = number > COPIED_FROM && chance.below(WIRE_COPY) == 0;
        let (mut words, said) = if copied {
            let (from, altered) = (number - 1 - chance.below(COPIED_FROM), chance.below(2) == 0);
            let (mut words, said) = self.said(&mut Chance::new(from + (1 << 40)));
            if altered {
                words[0] = words[0].replacen(' ', &format!(" {} ", self.words[77]), 1);
            }
            (words, said)
        } else {
            self.said(&mut Chance::new(number + (1 << 40)))
        };
        let headline: Vec<&str> =
            (0..8).map(|_| self.words[self.word_ranks.draw(&mut chance)].as_str()).collect();
        let url = format!("https://news{}.example/{number}", number % OUTLETS as u64);
        let mut text = String::new();
        let mut start = 0;
        let mut quotes = Vec::new();
        let article = article_id(&url);
        for (paragraph, (words, speaker)) in words.drain(..).zip(said).enumerate() {
            let length = words.chars().count();
            let span = |start: usize, text: String| Span {
                start,
                end: start + text.chars().count(),
                text,
            };
            let who = &self.speakers[speaker];
            quotes.push(Quote {
                id: hash::short(&[&article, &words]),
                kind: QuoteKind::Direct,
                content: vec![span(start, format!("“{words}”"))],
                verbatim: vec![span(start + 1, words.clone())],
                source: None,
                cue: Some(span(start + length + 3, "said".to_owned())),
                speaker: Some(who.clone()),
                confidence: 0.9,
                prefix: String::new(),
                suffix: SAID.to_owned(),
                paragraph,
                text: words.clone(),
            });
            let line = format!("“{words}”{SAID}{}.\n\n", who.name);
            start += line.chars().count();
            text += &line;
        }
        Generated {
            outlet: outlet.clone(),
            article: Article {
                title: Some(capitalised(&headline.join(" "))),
                byline: vec!["Ada Quill".to_owned()],
                outlet: Some(outlet.clone()),
                published: PageDate::parse(&published.to_string()),
                language: Some(language.to_owned()),
                text,
                ..Article::default()
            },
            quotes,
            fetched: published + SignedDuration::from_hours(2),
            url,
        }
    }

    /// Sentences and the ranks of those who say them; two sentences are never the same.
    fn said(&self, chance: &mut Chance) -> (Vec<String>, Vec<usize>) {
        let count = 2 + chance.below(11) as usize;
        let words = distinct(count, || self.sentence(chance));
        let people = [0; 4].map(|_| self.speaker_ranks.draw(chance));
        let said = (0..count).map(|_| people[chance.below(4) as usize]).collect();
        (words, said)
    }
}

/// The collection of at least `quotes` quotes in `dir`; written there if it isn't yet. Every article
/// is a commit that waits for the disk: a folder in memory (`/dev/shm`) is filled much sooner.
pub fn filled(dir: &Path, quotes: usize) -> Result<Store, Box<dyn Error>> {
    let generator = Generator::new();
    let mut store = Store::open(dir)?;
    let (mut number, mut written) = (0, 0);
    while written < quotes {
        let generated = generator.article(number);
        written += generated.quotes.len();
        // A folder half filled is gone on with.
        if store.versions(&article_id(&generated.url))?.is_empty() {
            record(&mut store, &generated)?;
        }
        number += 1;
    }
    store.settle_speakers()?;
    Ok(store)
}

/// Records an article as a crawl does.
pub fn record(store: &mut Store, generated: &Generated) -> Result<(), Box<dyn Error>> {
    store.record_version(&NewVersion {
        url: generated.url.clone(),
        fetched_from: generated.url.clone(),
        feed: None,
        outlet: generated.outlet.clone(),
        decisions: vec![TopicDecision {
            topic: "lanterns".to_owned(),
            matched: true,
            reason: "“lantern” in the text".to_owned(),
        }],
        article: &generated.article,
        quotes: &generated.quotes,
        fetched: generated.fetched,
        reservations: BTreeSet::new(),
        snapshot: None,
        visit: Visit {
            url: generated.url.clone(),
            feed: None,
            at: generated.fetched,
            outcome: VisitOutcome::Kept,
            transient: false,
            status: Some(200),
            reason: "“lantern” in the text".to_owned(),
            entry_updated: None,
            final_url: None,
            validators: Validators::default(),
            upkeep: Upkeep::default(),
        },
    })?;
    Ok(())
}
