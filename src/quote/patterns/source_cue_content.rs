//! Lena Ortiz said that …: the source, the cue, the content after it, quoted or not.

use smallvec::smallvec;

use super::super::lexicon::{self as lex, takes};
use super::super::sources;
use super::super::tokens::Kind;
use super::{Piece, Relation, Site, content_end, has_agent, skip_adverbials, subject};

/// Longest term in words.
const LONGEST_TERM: usize = 5;

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let group = site.group?;
    let stream = site.stream;
    if group.passive || group.participle || has_agent(stream, &group) {
        return None;
    }
    if !stream.lexicon.grammar.complete {
        return plain(site, &group);
    }
    let source = subject(site, &group)?;
    let of = || source.can_speak(stream).then(|| spoken_of(site, &group)).flatten();
    let content = content(site, &group).or_else(of)?;
    let quoted = stream.tokens[content.0..content.1].iter().any(|t| t.kind == Kind::Quote);
    let speech = group.cue.takes & takes::QUOTE != 0;
    if !speech && said_at_end(site, content) {
        return None;
    }
    if !(source.can_speak(stream) || speech && quoted) {
        return None;
    }
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((group.from, group.to)),
        content: smallvec![content],
    })
}

/// True where the sentence closes with an attribution: "The board plans to sell, a spokesman announced"
/// tells what the spokesman says.
fn said_at_end(site: &Site<'_, '_>, content: Piece) -> bool {
    /// Longest such attribution in tokens.
    const LONGEST: usize = 12;
    let stream = site.stream;
    (content.0.max(site.ceiling.saturating_sub(LONGEST))..site.ceiling)
        .any(|i| stream.tokens[i].punct(',') && super::attribution_at(stream, i + 1, site.ceiling))
}

/// In a language with a first lexicon: only what a quotation, a colon before one or "that" opens,
/// of a source that stands right before the verb or, where the verb comes first, right after it.
fn plain(site: &Site<'_, '_>, group: &super::Group) -> Option<Relation> {
    let stream = site.stream;
    let finite = matches!(group.cue.tense, lex::Tense::Past | lex::Tense::Third)
        || group.cue.tense == lex::Tense::Participle && group.from < group.verb;
    if group.negated || group.infinitive || !finite || group.enclitic.is_some() {
        return None;
    }
    let before = subject(site, group).filter(|m| {
        let outer = m.from.checked_sub(1).filter(|&i| i >= site.floor);
        m.can_speak(stream)
            && !outer.is_some_and(|i| {
                stream.tokens[i].is(lex::PREPOSITION | lex::OF) || stream.says(i, "que")
            })
    });
    let (source, from) = match before {
        Some(source) => (source, group.to),
        None => {
            let source = sources::right_of(stream, group.to, site.ceiling)
                .filter(|m| m.can_speak(stream) && !m.is_pronoun(stream))?;
            (source, source.to)
        }
    };
    let first = opened(site, from, group.cue.takes & takes::QUOTE != 0)?;
    let mut end = content_end(site, first, false);
    if group.from > 0 && stream.tokens[group.from - 1].is(lex::RELATIVE) {
        // "Ortiz, qui a dit que …, a quitté la salle": the comma closes the relative clause.
        end = (first..end).find(|&i| stream.tokens[i].punct(',')).unwrap_or(end);
    }
    (end > first).then(|| Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((group.from, group.to)),
        content: smallvec![(first, end)],
    })
}

/// Where content begins that a mark or "that" opens, from token `from` on.
fn opened(site: &Site<'_, '_>, from: usize, speech: bool) -> Option<usize> {
    /// What stands between the verb and its content: to whom, when and where, in tokens.
    const LONGEST_GAP: usize = 16;
    let stream = site.stream;
    for at in from..site.ceiling.min(from + LONGEST_GAP) {
        let token = &stream.tokens[at];
        let next = site.token(at + 1);
        if token.is(lex::THAT) {
            // "a plan that": a word before it that is no adverbial may be what it belongs to.
            let near = at == from
                || stream.tokens[at - 1].punct(',')
                || stream.tokens[at - 1].is(lex::TIME | lex::ADVERB | lex::LISTENER);
            return near.then_some(at);
        }
        match token.kind {
            Kind::Quote => return (at == from && speech).then_some(at),
            Kind::Punct if token.mark == ':' => {
                return next.filter(|t| t.kind == Kind::Quote && speech).map(|_| at + 1);
            }
            Kind::Punct if token.mark == ',' => {
                if !next.is_some_and(|t| t.is(lex::THAT)) {
                    return None;
                }
            }
            Kind::Word | Kind::Number => {
                if token.cue.is_some_and(|c| c.tense != lex::Tense::Base)
                    || token.is(lex::RELATIVE | lex::AUXILIARY | lex::SUBORDINATOR | lex::NEGATION)
                {
                    return None;
                }
            }
            _ => return None,
        }
    }
    None
}

/// What the verb reports, from its end on.
pub(super) fn content(site: &Site<'_, '_>, group: &super::Group) -> Option<Piece> {
    let stream = site.stream;
    let takes = group.cue.takes;
    let subordinate = (site.sentence.from..group.from)
        .any(|i| stream.tokens[i].is(lex::SUBORDINATOR | lex::RELATIVE) || stream.says(i, "after"));
    let mut at = group.to;
    let listens = takes & takes::LISTENER != 0;
    at = skip_adverbials(site, at, listens);
    let first = site.token(at)?;
    match first.kind {
        Kind::Punct if first.mark == ':' => at += 1,
        Kind::Punct if matches!(first.mark, ',' | '—') => {
            // "said, on the whole, that": the content after the second comma.
            let next = site.token(at + 1)?;
            if next.kind == Kind::Quote
                || stream.says(at + 1, "that")
                || source_after_as(site, group) && !next.is(lex::PREPOSITION)
            {
                at += 1;
            } else {
                // "The files show, he said in March, that …": the attribution between says it.
                if super::attribution_at(stream, at + 1, site.ceiling) {
                    return None;
                }
                let as_subject = source_after_as(site, group);
                let end = site.ceiling.min(at + 26);
                let close = (at + 1..end).find(|&i| {
                    stream.tokens[i].kind == Kind::Punct
                        && matches!(stream.tokens[i].mark, ',' | ':' | '—')
                })?;
                let after = site.token(close + 1)?;
                // "Sailors agree - Pavel Dorn: “…”": a label of its own.
                if first.mark == '—'
                    && stream.tokens[close].punct(':')
                    && (at + 1..close).all(|i| sources::is_name_word(stream, i))
                {
                    return None;
                }
                let named = next.cue.is_some_and(|c| c.tense == lex::Tense::Ing);
                let quotes = after.kind == Kind::Quote || stream.says(close + 1, "that");
                if named || !(as_subject || quotes) {
                    return None;
                }
                at = close + 1;
            }
        }
        Kind::Punct if first.mark == '(' => {}
        Kind::Punct => return None,
        _ => {}
    }
    // "As Ortiz sees it, the quay is lost"
    if source_after_as(site, group)
        && stream.says(at, "it")
        && site.token(at + 1).is_some_and(|t| t.punct(','))
    {
        at += 2;
    }
    let first = site.token(at)?;
    let word = stream.word(at);
    let clause = first.is(lex::CLAUSE) && !first.capital;
    let starts_clause = clause
        || first.kind == Kind::Quote
        || first.kind == Kind::Number
        || first.is(lex::DETERMINER | lex::PRONOUN)
        || first.kind == Kind::Word;
    // "asked for a photo and Ortiz said": what "and" joins is no content.
    if !starts_clause || matches!(word, "as" | "and" | "but" | "or") {
        return None;
    }
    if takes & takes::THAT != 0 && !clause && first.kind != Kind::Quote {
        return None;
    }
    // "proposed adding “cold ironing” to the list": a term that an action puts somewhere.
    let term = word.ends_with("ing")
        && takes & takes::CLAUSE != 0
        && site.token(at + 1).is_some_and(|t| {
            t.kind == Kind::Quote
                && !t.capital
                && stream.quote_words(t, LONGEST_TERM + 1) <= LONGEST_TERM
                && stream.quote_end(t).is_alphanumeric()
        });
    if term {
        return None;
    }
    if super::is_object_title(site, group, at) {
        return None;
    }
    let mut end = content_end(site, at, subordinate);
    if end <= at {
        return None;
    }
    // “Sign it!” outside the hall: where and when it was said is no content.
    let alone = (at + 1..end).all(|i| stream.tokens[i].kind != Kind::Quote);
    if first.kind == Kind::Quote
        && alone
        && matches!(stream.quote_end(first), ',' | '.' | '!' | '?' | '…')
        && site.token(at + 1).is_some_and(|t| {
            t.kind == Kind::Word && t.is(lex::PREPOSITION | lex::TIME | lex::SUBORDINATOR)
        })
    {
        end = at + 1;
    }
    // "thanked the fans: “…”": whom the words are for stands before the colon.
    let last = &stream.tokens[end - 1];
    let addressed = takes & (takes::QUOTE | takes::CLAUSE) == 0
        && last.kind == Kind::Quote
        && last.capital
        && end > at + 1
        && stream.tokens[end - 2].punct(':');
    if addressed {
        return Some((end - 1, end));
    }
    let quoted = stream.tokens[at..end].iter().any(|t| t.kind == Kind::Quote);
    let infinitive = word == "to";
    let fits = first.kind == Kind::Quote && takes & (takes::QUOTE | takes::CLAUSE) != 0
        || quoted && takes & takes::CLAUSE != 0 && takes & takes::QUOTE != 0
        || quoted
            && takes & (takes::NAMING | takes::OBJECT | takes::INFINITIVE | takes::LISTENER) != 0
        || clause && takes & (takes::CLAUSE | takes::QUESTION | takes::OBJECT) != 0
        || infinitive && takes & (takes::INFINITIVE | takes::CLAUSE) != 0
        || takes & takes::OBJECT != 0 && !infinitive
        || takes & takes::CLAUSE != 0
            && !(first.is(lex::PREPOSITION) && takes & takes::FINDING != 0 && !first.capital)
            && has_verb(site, at, end)
        || takes & takes::INFINITIVE != 0 && (at..end).take(14).any(|i| stream.says(i, "to"))
        || takes & takes::QUESTION != 0;
    // "The photo shows a scene from “Low Tide”": a title is nobody's words.
    let title = takes & takes::QUOTE == 0
        && stream.tokens[at..end]
            .iter()
            .filter(|t| t.kind == Kind::Quote)
            .all(|t| super::is_title_case(stream.inside(t)))
        && quoted;
    (fits && !title).then_some((at, end))
}

/// What somebody warned of, wrote about, where it is quoted: warned of “grave harm”.
fn spoken_of(site: &Site<'_, '_>, group: &super::Group) -> Option<Piece> {
    /// Most tokens before the quotation.
    const REACH: usize = 5;
    let stream = site.stream;
    if group.cue.takes & takes::QUOTE == 0 || !matches!(stream.word(group.to), "of" | "about") {
        return None;
    }
    let from = group.to + 1;
    let noun = |i: usize| {
        let token = &stream.tokens[i];
        matches!(token.kind, Kind::Word | Kind::Number | Kind::Possessive)
            && !token.is(lex::AUXILIARY | lex::VERB | lex::RELATIVE | lex::SUBORDINATOR)
            && token.cue.is_none()
    };
    let quote = (from..site.ceiling.min(from + REACH)).find(|&i| !noun(i))?;
    let token = &stream.tokens[quote];
    if token.kind != Kind::Quote || super::is_title_case(stream.inside(token)) {
        return None;
    }
    let end = content_end(site, from, false);
    (end > quote).then_some((from, end))
}

/// True where "as" opens the attribution: "As Ortiz put it, …".
fn source_after_as(site: &Site<'_, '_>, group: &super::Group) -> bool {
    let from = site.floor.max(group.from.saturating_sub(30));
    (from..group.from).any(|i| site.stream.says(i, "as"))
        && site.stream.tokens[from..group.from].iter().all(|t| t.kind != Kind::Quote)
}

/// True if a finite verb stands early in tokens `from..to`: they may be a clause.
fn has_verb(site: &Site<'_, '_>, from: usize, to: usize) -> bool {
    /// A clause's verb comes within so many tokens.
    const LATEST: usize = 25;
    let stream = site.stream;
    (from + 1..to).take(LATEST).any(|i| {
        let token = &stream.tokens[i];
        token.is(lex::AUXILIARY | lex::VERB)
            || token.cue.is_some()
            || token.kind == Kind::Possessive && stream.tokens[i - 1].is(lex::PRONOUN)
            || token.kind == Kind::Word && !token.capital && stream.word(i).ends_with("ed")
    })
}
