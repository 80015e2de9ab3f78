//! In Ortiz's view, …; from Ortiz's perspective, …; in Ortiz's words, “…”.

use smallvec::smallvec;

use super::super::lexicon as lex;
use super::super::sources;
use super::super::tokens::Kind;
use super::{Relation, Site, content_end};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let at = site.at;
    if at <= site.floor {
        return None;
    }
    let possessive = stream.tokens[at - 1].kind == Kind::Possessive;
    let pronoun = matches!(stream.word(at - 1), "his" | "her" | "their");
    if !possessive && !pronoun {
        return of(site);
    }
    let right = if possessive { at - 1 } else { at };
    let source = if pronoun {
        sources::Mention { from: at - 1, to: at }
    } else {
        sources::left_of(stream, site.floor, right)?
    };
    if source.from <= site.sentence.from {
        return None;
    }
    let preposition = source.from - 1;
    if !matches!(stream.word(preposition).to_ascii_lowercase().as_str(), "in" | "from" | "by") {
        return None;
    }
    let mut from = at + 1;
    while site
        .token(from)
        .is_some_and(|t| t.punct(',') || t.is(lex::ADVERB) && t.kind == Kind::Word || t.punct(':'))
    {
        from += 1;
    }
    let end = content_end(site, from, false);
    if end <= from {
        return None;
    }
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((preposition, at + 1)),
        content: smallvec![(from, end)],
    })
}

/// In the view of Ortiz, …; in the words of Ortiz, …
fn of(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let at = site.at;
    let opens = at == site.sentence.from + 2
        && stream.says(at - 1, "the")
        && (stream.says(at - 2, "in") || stream.says(at - 2, "from"));
    if !opens || !site.token(at + 1)?.is(lex::OF) {
        return None;
    }
    let source = sources::right_of(stream, at + 2, site.ceiling)?;
    let person =
        sources::is_name_word(stream, source.to - 1) || sources::is_speaker(stream, source);
    let mark = site.token(source.to)?;
    if !person || !(mark.punct(',') || mark.punct(':')) {
        return None;
    }
    let from = source.to + 1;
    let end = content_end(site, from, false);
    (end > from).then(|| Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((at - 2, at + 2)),
        content: smallvec![(from, end)],
    })
}
