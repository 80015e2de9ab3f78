//! “…,” said Lena Ortiz: a quotation, the cue, the source after it.

use smallvec::smallvec;

use super::super::lexicon::{Tense, takes};
use super::super::sources;
use super::super::tokens::Kind;
use super::{Relation, Site, attribution_at, content_before, content_end, skip_adverbials};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let group = site.group?;
    let stream = site.stream;
    if group.cue.takes & takes::QUOTE == 0
        || group.passive
        || group.negated
        || !is_inverted(site, &group)
    {
        return None;
    }
    let content = content_before(site, group.from)?;
    if stream.tokens[content.1 - 1].kind != Kind::Quote {
        return None;
    }
    // The “Harbour Act” said nothing: a quotation ends with a mark, or is long, or opens the sentence.
    let quote = &stream.tokens[content.1 - 1];
    let marked = matches!(stream.quote_end(quote), ',' | '.' | '!' | '?' | '…' | '—' | '-' | ';')
        || content.1 < group.from;
    if !marked && content.1 - 1 != site.sentence.from && stream.quote_words(quote, 5) < 5 {
        return None;
    }
    let mut from = group.enclitic.unwrap_or(group.to);
    // "told reporters Ortiz" does not occur; "said today Ortiz" hardly: only adverbs may stand between.
    let complete = stream.lexicon.grammar.complete;
    let between = if complete { super::lex::ADVERB } else { super::lex::ADVERB | super::lex::TIME };
    while site.token(from).is_some_and(|t| t.is(between) && !t.capital && t.kind == Kind::Word) {
        from += 1;
    }
    if site.token(from).is_some_and(|t| t.is(super::lex::THAT)) {
        return None;
    }
    let source = sources::right_of(stream, from, site.ceiling);
    if source.is_none() && stream.lexicon.grammar.drops_subject {
        let ended = site.token(from).is_none_or(|t| t.kind == Kind::Punct);
        return ended.then(|| Relation {
            pattern: "",
            sentence: site.index,
            source: None,
            cue: Some((group.from, group.to)),
            content: std::iter::once(content).chain(resumed(site, group.to, false)).collect(),
        });
    }
    let source = source?;
    // “Low Tide,” said it was late: the verb's own clause, not its subject.
    if stream.lexicon.grammar.complete
        && source.is_pronoun(stream)
        && site.token(source.to).is_some_and(|t| t.is(super::lex::AUXILIARY | super::lex::VERB))
    {
        return None;
    }
    // "Ortiz, who called it “a plague,” said the board would go": a clause of its own.
    if site
        .token(source.to)
        .is_some_and(|t| t.is(super::lex::AUXILIARY | super::lex::VERB) && !t.capital)
        && (content.0..content.1).any(|i| stream.tokens[i].is(super::lex::RELATIVE))
        && content.0 + 1 < content.1
    {
        return None;
    }
    // “…,” said Ortiz promised: the phrase is the subject of another verb only after a new clause.
    if !source.can_speak(stream) && stream.tokens[source.from].is(super::lex::PREPOSITION) {
        return None;
    }
    let source = sources::with_another(stream, source, site.ceiling).unwrap_or(source);
    let mut pieces = smallvec![content];
    pieces.extend(resumed(site, source.to.max(group.to), false));
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((group.from, group.to)),
        content: pieces,
    })
}

/// True for a finite verb that its subject may follow: said Ortiz, a déclaré Ortiz.
pub(super) fn is_inverted(site: &Site<'_, '_>, group: &super::Group) -> bool {
    let simple = matches!(group.cue.tense, Tense::Past | Tense::Third);
    let perfect = site.stream.lexicon.grammar.inverted_perfect;
    if group.from == group.verb {
        simple
    } else {
        perfect && (simple || group.cue.tense == Tense::Participle)
    }
}

/// The rest of a split quotation: after the attribution's comma or adverbial, a quotation.
pub(super) fn resumed(site: &Site<'_, '_>, from: usize, listens: bool) -> Option<super::Piece> {
    let stream = site.stream;
    /// Appositions between the source and the rest of the quotation, in tokens.
    const LONGEST_GAP: usize = 45;
    let mut at = skip_adverbials(site, from, listens);
    if !site.token(at).is_some_and(|t| t.kind == Kind::Quote) {
        let end = site.ceiling.min(from + LONGEST_GAP);
        at = (at..end).find(|&i| stream.tokens[i].kind == Kind::Quote)?;
        let before = &stream.tokens[at - 1];
        if !(before.kind == Kind::Punct && matches!(before.mark, ',' | '—' | ':')) {
            return None;
        }
        if (from..at).any(|i| {
            stream.tokens[i]
                .cue
                .is_some_and(|c| c.takes & takes::QUOTE != 0 && c.tense == Tense::Ing)
        }) {
            return None;
        }
        // “…,” said Ortiz to Dorn, who replied: “…”
        if (from + 1..at).any(|i| {
            stream.tokens[i - 1].is(super::lex::RELATIVE)
                && stream.tokens[i].cue.is_some_and(|c| c.takes & takes::QUOTE != 0)
        }) {
            return None;
        }
        // “…,” said Ortiz, while Dorn said, “…”: another speaks after the conjunction.
        if (from..at).any(|i| {
            stream.tokens[i].is(super::lex::SUBORDINATOR | super::lex::CONJUNCTION)
                && stream.tokens[i].kind == Kind::Word
                && attribution_at(stream, i + 1, at)
        }) {
            return None;
        }
    }
    if stream.quote_words(&stream.tokens[at], 2) == 0 {
        return None;
    }
    Some((at, content_end(site, at, false)))
}
