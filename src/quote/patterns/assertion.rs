//! Ortiz's claim that …; a warning by Ortiz that …; chants of “…”: a noun that says what was said.

use smallvec::smallvec;

use super::super::lexicon::{self as lex, Tense};
use super::super::sources::{self, Mention};
use super::super::tokens::{Kind, Stream, Token};
use super::{Piece, Relation, Site, content_end, skip_adverbials};

/// Most words between whose it is and the noun: "Ortiz's often repeated, widely doubted claim".
const MODIFIERS: usize = 5;

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let at = site.at;
    if site.group.is_some() || !stream.tokens[at].is(lex::ASSERTION) || stream.tokens[at].capital {
        return None;
    }
    let agent = agent(site);
    let source = possessor(site).or(agent);
    let from = agent.map_or(at + 1, |agent| agent.to);
    let content = content(site, from, source.is_some())?;
    let chanted = stream.tokens[at].is(lex::CHANT);
    let source = source.or_else(|| {
        // "The crowd broke into chants of “…”": many chant, the sentence says who.
        let subject = sources::sentence_subject(stream, site.sentence, at).filter(|_| chanted)?;
        (subject.from..subject.to)
            .any(|i| stream.tokens[i].is(lex::GROUP) && subject.to <= at)
            .then_some(subject)
    });
    (source.is_some() || chanted).then(|| Relation {
        pattern: "",
        sentence: site.index,
        source,
        cue: Some((at, at + 1)),
        content: smallvec![content],
    })
}

/// Most words of a judgement on what was said.
const LONGEST_WORD: usize = 3;

/// True for a verb right after "that", which so is a relative pronoun: "a request that allowed".
fn acts(stream: &Stream<'_>, at: usize, token: &Token) -> bool {
    token.kind == Kind::Word
        && !token.capital
        && (token.is(lex::VERB | lex::AUXILIARY)
            || token.cue.is_some_and(|c| c.tense != Tense::Base)
            || stream.word(at).ends_with("ed"))
}

/// Whose the noun is: "Ortiz's claim", "her repeated warnings".
fn possessor(site: &Site<'_, '_>) -> Option<Mention> {
    let stream = site.stream;
    let stop = site.floor.max(site.at.saturating_sub(MODIFIERS));
    for i in (stop..site.at).rev() {
        let token = &stream.tokens[i];
        match token.kind {
            Kind::Possessive => {
                return sources::left_of(stream, site.floor, i).filter(|m| m.can_speak(stream));
            }
            Kind::Word if token.is(lex::DETERMINER | lex::PRONOUN) => {
                let person =
                    token.is(lex::MALE | lex::FEMALE | lex::PLURAL) || stream.says(i, "its");
                return (person && !token.is(lex::WRITER))
                    .then_some(Mention { from: i, to: i + 1 });
            }
            Kind::Word
                if !token.is(lex::PREPOSITION
                    | lex::CONJUNCTION
                    | lex::SUBORDINATOR
                    | lex::RELATIVE
                    | lex::AUXILIARY
                    | lex::VERB) => {}
            Kind::Number => {}
            Kind::Punct if token.mark == ',' => {}
            _ => return None,
        }
    }
    None
}

/// Who made it: "a warning by Ortiz that", "a threat from the board to".
fn agent(site: &Site<'_, '_>) -> Option<Mention> {
    let stream = site.stream;
    let by = matches!(stream.word(site.at + 1), "by" | "from");
    let agent = by.then(|| sources::right_of(stream, site.at + 2, site.ceiling)).flatten()?;
    agent.can_speak(stream).then_some(agent)
}

/// What was said: after "that", "was that" or a colon; a quotation also after "of" or alone.
fn content(site: &Site<'_, '_>, from: usize, owned: bool) -> Option<Piece> {
    let stream = site.stream;
    let mut at = from;
    let mut copula = false;
    let of = site.token(at).is_some_and(|t| t.is(lex::OF));
    if of {
        at += 1;
    } else {
        at = skip_adverbials(site, at, false);
        copula = site.token(at).is_some_and(|t| t.is(lex::BE) && t.kind == Kind::Word);
        if copula {
            at += 1;
        }
        if site.token(at).is_some_and(|t| t.punct(',') || t.punct(':')) {
            at += 1;
        } else if !copula && at > from && site.token(at).is_some_and(|t| t.kind == Kind::Quote) {
            // "Her comments further “the anger”": a verb that looks like an adverb.
            return None;
        }
    }
    let first = site.token(at)?;
    let quote = first.kind == Kind::Quote;
    let that = first.is(lex::THAT) && !site.token(at + 1).is_some_and(|t| acts(stream, at + 1, t));
    if !quote && (of || !owned || !that) {
        return None;
    }
    // "Her statement was “true.”": what a word says of it is not its content.
    if quote
        && copula
        && !first.capital
        && stream.quote_words(first, LONGEST_WORD + 1) <= LONGEST_WORD
    {
        return None;
    }
    // "her “Low Tide” song": a quotation that a noun follows is a name.
    if quote && !of && at == site.at + 1 && !first.capital {
        return None;
    }
    let end = content_end(site, at, true);
    // "The claim that the quay was “lost” is hers": the clause goes on after what was said.
    let subject = (site.sentence.from..site.at).all(|i| {
        let token = &stream.tokens[i];
        token.kind != Kind::Word
            || !token.is(lex::VERB | lex::AUXILIARY | lex::PREPOSITION) && token.cue.is_none()
    }) && at == from;
    if quote && of {
        return Some((at, at + 1));
    }
    if !subject {
        return Some((at, end));
    }
    let quoted = (at..end).find(|&i| stream.tokens[i].kind == Kind::Quote)?;
    Some((at, quoted + 1))
}
