//! What the text tells of somebody away from the name: "She is the director of …", "the 29-year-old
//! trainer at …", "his role as chief executive of …"; and the body that a bare title means.
//!
//! Whole text, once → [`Told`]. Refuses where the one meant is in doubt.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::beside::{apposition, plays_for};
use super::clause::predicate;
use super::phrase::{head, is_speaker_for, name_end, parse};
use super::{Facts, IS_ROLE};
use crate::domain::speaker::SpeakerKind;
use crate::quote::lexicon as lex;
use crate::quote::lexicon::{lists, titles};
use crate::quote::sources::{Mention, is_name_word};
use crate::quote::speakers::{Cast, Gender};
use crate::quote::tokens::{Kind, Stream, fold_key};

/// What one place of the text tells of one of the cast.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// The cast's number.
    pub entity: usize,
    /// What it tells.
    pub facts: Facts,
    /// False where the one meant was found by who was spoken of last.
    pub sure: bool,
}

/// How much likelier the one meant must be than the next for a description without an age.
const CLEAR: f64 = 0.8;

/// Everything the text tells of its cast by pronouns and descriptions, in order.
#[must_use]
pub fn gather(stream: &Stream<'_>, cast: &Cast) -> Vec<Told> {
    let tokens = &stream.tokens;
    let mut told = Vec::new();
    let mut tell = |at: usize, gender: Gender, clear: f64, facts: Facts| {
        if facts == Facts::default() {
            return;
        }
        let sentence = cast.sentence(at);
        let meant = cast.salient(at, sentence, gender, SpeakerKind::Person);
        if let Some((entity, margin)) = meant
            && margin >= clear
        {
            told.push(Told { entity, facts, sure: true });
        }
    };
    for (at, token) in tokens.iter().enumerate() {
        // "the", "he", "her": looked for by the rarer classes first.
        if !token.is(lex::MALE | lex::FEMALE | lex::DEFINITE)
            || token.kind != Kind::Word
            || !token.is(lex::DETERMINER | lex::PRONOUN)
        {
            continue;
        }
        let gender = if token.is(lex::MALE) {
            Gender::Male
        } else if token.is(lex::FEMALE) {
            Gender::Female
        } else {
            Gender::Unknown
        };
        if gender != Gender::Unknown {
            if matches!(stream.word(at), "he" | "she" | "He" | "She") {
                tell(at, gender, 0.0, predicate(stream, at + 1));
            } else if let Some(facts) = role_as(stream, at) {
                tell(at, gender, 0.0, facts);
            }
            continue;
        }
        if !stream.says(at, "the") {
            continue;
        }
        let aged = (at + 1..at + 3)
            .any(|i| stream.tokens.get(i).is_some() && stream.word(i).ends_with("-year-old"));
        let opens = stream.sentences[cast.sentence(at)].from == at;
        if !aged && !opens {
            continue;
        }
        if aged {
            // "Dorn met the 36-year-old": not the one who is named in the same sentence.
            if !cast.named_within(stream.sentences[cast.sentence(at)].from, at) {
                tell(at, described_gender(stream, at), 0.0, apposition(stream, at));
            }
        } else if let Some((facts, end)) = description(stream, at) {
            let team = plays_for(stream, end);
            let facts = Facts { affiliation: team.or(facts.affiliation), ..facts };
            tell(at, described_gender(stream, at), CLEAR, facts);
        }
    }
    told
}

fn described_gender(stream: &Stream<'_>, at: usize) -> Gender {
    let near =
        (at + 1..(at + 6).min(stream.tokens.len())).take_while(|&i| stream.tokens[i].wordy());
    for i in near {
        if stream.tokens[i].is(lex::MALE_NOUN) {
            return Gender::Male;
        }
        if stream.tokens[i].is(lex::FEMALE_NOUN) {
            return Gender::Female;
        }
    }
    Gender::Unknown
}

/// "his role as chief executive of the fund": what he is.
fn role_as(stream: &Stream<'_>, at: usize) -> Option<Facts> {
    let noun = (at + 1..at + 3).find(|&i| lists::known().positions.has(stream.word(i)))?;
    (stream.word(noun + 1) == "as").then(|| apposition(stream, noun + 2))
}

/// "The star defenceman had …": a description as the subject of a sentence, with its end. One word
/// alone ("The judge") may mean anybody.
fn description(stream: &Stream<'_>, at: usize) -> Option<(Facts, usize)> {
    /// Most words of such a description.
    const LONGEST: usize = 6;
    let tokens = &stream.tokens;
    let end = (at + 1..(at + LONGEST).min(tokens.len())).find(|&i| {
        tokens[i].kind != Kind::Word
            || tokens[i].is(lex::PREPOSITION
                | lex::AUXILIARY
                | lex::PRONOUN
                | lex::RELATIVE
                | lex::CONJUNCTION)
            || !tokens[i].is(IS_ROLE)
                && (tokens[i].is(lex::VERB | lex::SCORING | lex::ADVERB) || tokens[i].cue.is_some())
    })?;
    let last = end - 1;
    let acts = tokens[end].kind == Kind::Word
        && tokens[end].is(lex::AUXILIARY | lex::VERB | lex::SCORING | lex::ADVERB)
        || tokens[end].cue.is_some();
    let fits = acts
        && end > at + 2
        && tokens[last].is(lex::ROLE)
        && !tokens[last].capital
        && !tokens[last].is(lex::ANONYMOUS | lex::OFFICE | lex::GROUP | lex::DOCUMENT | lex::BODY)
        && !tokens[at + 1].capital
        && (at + 1..last).all(|i| !tokens[i].is(lex::BODY | lex::GROUP | lex::DOCUMENT));
    fits.then(|| (parse(stream, at + 1, end), end))
}

/// The body that a title without one means, as the text before it names it: the police force of
/// "Const. Ortiz", the board that a "spokeswoman" speaks for.
pub fn body_meant(stream: &Stream<'_>, cast: &Cast, role: Mention) -> Option<Mention> {
    let head = head(stream, role.from, role.to)?;
    if is_speaker_for(stream, head) {
        let sentence = cast.sentence(role.from);
        let (entity, _) =
            cast.salient(role.from, sentence, Gender::Unknown, SpeakerKind::Organisation)?;
        let name = cast.entities[entity].name;
        // The agency that asked is not the body that answers.
        return (!is_media(stream, name)).then_some(name);
    }
    let bodies = titles::bodies_of(stream.word(head))?;
    let found =
        body_before(stream, role.from, |word| word != "government" && bodies.contains(word));
    found.or_else(|| if bodies.contains("government") { government(stream) } else { None })
}

/// True for a news agency or paper, by its name.
fn is_media(stream: &Stream<'_>, name: Mention) -> bool {
    (name.from..name.to).any(|i| lists::known().media.has_any_case(stream.word(i)))
}

/// The last name before `at` that has a word of the wanted kind.
fn body_before(stream: &Stream<'_>, at: usize, wanted: impl Fn(&str) -> bool) -> Option<Mention> {
    /// Tokens looked back over.
    const REACH: usize = 1500;
    let floor = at.saturating_sub(REACH);
    let found = (floor..at).rev().find(|&i| {
        let token = &stream.tokens[i];
        if !token.capital || token.kind != Kind::Word {
            return false;
        }
        let named = token.shout
            || i > 0 && (is_name_word(stream, i - 1) || stream.says(i - 1, "of"))
            || is_name_word(stream, i + 1) && i + 1 < at;
        // "Latest Police Shooting": the body's word must end the name, or another of them.
        let ends = token.shout
            || !is_name_word(stream, i + 1)
            || stream.tokens[i + 1].is(lex::ORGANISATION);
        named
            && ends
            && wanted(&stream.word(i).to_lowercase())
            && stream
                .tokens
                .get(i + 1)
                .is_none_or(|t| !(t.is(IS_ROLE) && t.capital) || t.is(lex::ORGANISATION))
    })?;
    let mut from = found;
    while from > floor
        && (is_name_word(stream, from - 1)
            && !stream.tokens[from - 1].is(IS_ROLE & !lex::ANONYMOUS)
            || stream.says(from - 1, "of") && from > 1 && is_name_word(stream, from - 2))
    {
        from -= 1;
    }
    let to = name_end(stream, from, found + 6);
    let person = stream.tokens[from].is(lex::MALE_NAME | lex::FEMALE_NAME);
    (!person && to > found).then_some(Mention { from, to })
}

/// "the Norrland government", if the text speaks of one only and of no other place more.
fn government(stream: &Stream<'_>) -> Option<Mention> {
    /// Tokens looked at: an article of two thousand words and more.
    const REACH: usize = 4000;
    let tokens = &stream.tokens[..stream.tokens.len().min(REACH)];
    let mut only: Option<Mention> = None;
    for at in 1..tokens.len() {
        if tokens[at].capital || !tokens[at].is(lex::BODY) || !stream.says(at, "government") {
            continue;
        }
        let from = (at.saturating_sub(3)..at)
            .rev()
            .take_while(|&i| is_name_word(stream, i) && !tokens[i].is(IS_ROLE))
            .last();
        let Some(from) = from else { continue };
        let found = Mention { from, to: at + 1 };
        match only {
            Some(known) if stream.phrase(known.from, known.to) != stream.phrase(from, at + 1) => {
                return None;
            }
            Some(_) => {}
            None => only = Some(found),
        }
    }
    let found = only?;
    let own = fold_key(stream.word(found.from));
    let mut places: HashMap<u64, u32, FxBuildHasher> = HashMap::default();
    for (at, token) in tokens.iter().enumerate() {
        if token.capital && token.is(lex::PLACE) {
            *places.entry(fold_key(stream.word(at))).or_default() += 1;
        }
    }
    let most = places.values().copied().max().unwrap_or(0);
    let ours = tokens
        .iter()
        .enumerate()
        .filter(|(at, t)| t.capital && fold_key(stream.word(*at)) == own)
        .count();
    (ours >= most as usize).then_some(found)
}
