//! ORTIZ: …; Q: …; Q. …: a name in capitals, or Q and A, and a colon begin a paragraph of a transcript;
//! a name in small letters does where it begins several.

use smallvec::smallvec;

use super::super::lexicon as lex;
use super::super::sources::{Mention, is_name_word};
use super::super::tokens::{Kind, fold_key};
use super::{Relation, Site, opens_paragraph};

/// Longest name in a transcript, in tokens.
const LONGEST_NAME: usize = 5;
/// Longest name with its office: "SEN. LENA ORTIZ (R), NORRLAND, COMMITTEE CHAIR:".
const LONGEST_LABEL: usize = 16;

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let mut from = site.sentence.from;
    while stream.tokens.get(from).is_some_and(|t| t.punct('"') || t.punct('“')) {
        from += 1;
    }
    let reach = if stream.tokens[from].shout { LONGEST_LABEL } else { LONGEST_NAME };
    let colon =
        (from..site.sentence.to.min(from + reach + 1)).find(|&i| stream.tokens[i].punct(':'))?;
    if colon == from {
        return None;
    }
    if let Some(name_end) = with_office(site, from, colon) {
        return turn(site, from, name_end, colon + 1);
    }
    if colon > from + LONGEST_NAME {
        return None;
    }
    let asked = colon == from + 1 && matches!(stream.word(from), "Q" | "A");
    let shouted =
        (from..colon).all(|i| stream.tokens[i].shout || stream.tokens[i].kind == Kind::Punct);
    // "MS. ORTIZ:" is somebody, whether the text names her elsewhere or not.
    let titled = colon > from + 1 && stream.tokens[from].is(lex::TITLE);
    let known = || stream.names().contains(&fold_key(stream.word(colon - 1)));
    let label = (from..colon).all(|i| stream.tokens[i].is(lex::LABEL));
    let speaks = asked || shouted && (titled || known()) || is_turn_of_many(site, from, colon);
    if label || !speaks {
        return None;
    }
    turn(site, from, colon, colon + 1)
}

/// Where the name ends in a label in capitals that has an office too: "LENA ORTIZ, ASTRONOMER:", "SEN. BO
/// LIND (R), NORRLAND:". A dateline has neither a given name nor a title.
fn with_office(site: &Site<'_, '_>, from: usize, colon: usize) -> Option<usize> {
    let tokens = &site.stream.tokens;
    let mark = (from + 1..colon).find(|&i| tokens[i].punct(',') || tokens[i].punct('('))?;
    let capital = |i: usize| tokens[i].shout || tokens[i].capital && site.stream.word(i).len() == 1;
    let shouted = (from..colon).all(|i| capital(i) || tokens[i].kind != Kind::Word);
    let person = tokens[from].is(lex::TITLE | lex::MALE_NAME | lex::FEMALE_NAME);
    (shouted && person && mark > from + 1).then_some(mark)
}

/// "Q. Was it late?", "A. It was.": a question and its answer begin neighbouring paragraphs.
pub(super) fn asked(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let from = site.sentence.from;
    let letter = stream.word(from).trim_end_matches('.');
    let stop = stream.tokens.get(from + 1).is_some_and(|t| t.punct('.'));
    let stopped = stop || stream.word(from).ends_with('.');
    let other = if letter == "Q" { "A" } else { "Q" };
    (stopped && beside(site, other))
        .then(|| turn(site, from, from + 1, from + 1 + usize::from(stop)))
        .flatten()
}

/// True where the paragraph before or after this one begins with the letter and a full stop.
fn beside(site: &Site<'_, '_>, letter: &str) -> bool {
    /// Longest turn that is looked over, in sentences.
    const REACH: usize = 40;
    let stream = site.stream;
    let own = site.sentence.paragraph;
    let begins = |at: usize| {
        let word = stream.word(at);
        word.trim_end_matches('.') == letter
            && (word.ends_with('.') || stream.tokens.get(at + 1).is_some_and(|t| t.punct('.')))
    };
    let mut after = stream.sentences[site.index..].iter().take(REACH);
    let before = stream.sentences[..site.index].iter().rev().take(REACH);
    let next = after.find(|s| s.paragraph != own);
    let last = before.take_while(|s| s.paragraph + 1 >= own).last();
    next.is_some_and(|s| begins(s.from)) || last.is_some_and(|s| begins(s.from))
}

/// True where a name and a colon begin this paragraph and, within a few paragraphs, another one: the
/// turns of an interview. One given name at least must stand in the label, or the text must name it.
fn is_turn_of_many(site: &Site<'_, '_>, from: usize, colon: usize) -> bool {
    /// Sentences looked at on each side: turns are short where labels tell them apart.
    const REACH: usize = 40;
    let stream = site.stream;
    if !(from..colon).all(|i| is_name_word(stream, i)) {
        return false;
    }
    let label = stream.phrase(from, colon);
    let near = site.index.saturating_sub(REACH)..(site.index + REACH).min(stream.sentences.len());
    let begins = |index: usize| {
        let at = stream.sentences[index].from;
        let behind = stream.text.get(stream.tokens[at].start as usize..).unwrap_or_default();
        at != from
            && (at == 0 || stream.tokens[at - 1].kind == Kind::Break)
            && behind.strip_prefix(label).is_some_and(|rest| rest.starts_with(':'))
    };
    let given = stream.tokens[from].is(lex::MALE_NAME | lex::FEMALE_NAME);
    (given || stream.names().contains(&fold_key(stream.word(colon - 1))))
        && (near.into_iter().any(begins) || given && colon > from + 1 && between_turns(site))
}

/// True where the paragraphs before and after this one begin with labels, too.
fn between_turns(site: &Site<'_, '_>) -> bool {
    let stream = site.stream;
    let own = site.sentence.paragraph;
    let labelled = |at: usize| {
        let name = (at..at + LONGEST_NAME).take_while(|&i| is_name_word(stream, i)).count();
        name > 0 && stream.tokens.get(at + name).is_some_and(|t| t.punct(':'))
    };
    let before = stream.sentences[..site.index].iter().rfind(|s| opens_paragraph(stream, s.from));
    let after = stream.sentences[site.index..].iter().find(|s| s.paragraph != own);
    before.is_some_and(|s| s.paragraph + 1 == own && labelled(s.from))
        && after.is_some_and(|s| labelled(s.from))
}

/// The turn of the speaker `from..label_end`, whose words begin at token `first`.
fn turn(site: &Site<'_, '_>, from: usize, label_end: usize, first: usize) -> Option<Relation> {
    let stream = site.stream;
    // The turn runs to the paragraph's end.
    let mut last = site.index;
    while stream.sentences.get(last + 1).is_some_and(|s| s.paragraph == site.sentence.paragraph) {
        last += 1;
    }
    let end = stream.sentences[last].to;
    (first < end).then(|| Relation {
        pattern: "",
        sentence: site.index,
        source: Some(Mention { from, to: label_end }),
        cue: (label_end < first).then_some((first - 1, first)),
        content: smallvec![(first, end)],
    })
}
