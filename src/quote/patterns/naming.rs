//! Lena Ortiz called the plan “reckless”, described it as a gift: a name given to something.

use smallvec::smallvec;

use super::super::lexicon::{self as lex, takes};
use super::super::tokens::Kind;
use super::{Relation, Site, content_end, has_agent, subject};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let group = site.group?;
    let stream = site.stream;
    if group.passive
        || group.participle
        || group.cue.takes & takes::NAMING == 0
        || has_agent(stream, &group)
    {
        return None;
    }
    let source = subject(site, &group)?;
    if !source.can_speak(stream) {
        return None;
    }
    let content = named(site, group.to)?;
    // "introduced a bill" names nothing; "called the plan a gift" does.
    let named_so = (content.0..content.1).any(|i| {
        stream.tokens[i].kind == Kind::Quote && !stream.tokens[i - 1].punct(',')
            || stream.says(i, "as")
    });
    if !named_so && group.cue.takes & (takes::OBJECT | takes::THOUGHT) == 0 {
        return None;
    }
    // "an app called “Meter”": the noun is what is named; a name or a pronoun names.
    let reduced = stream.tokens[content.0].kind == Kind::Quote
        && group.from == group.verb
        && group.cue.tense == lex::Tense::Past
        && !source.is_pronoun(stream)
        && (!super::sources::is_name_word(stream, source.to - 1)
            || stream.tokens[group.from - 1].punct(','));
    if reduced {
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

/// The object and its name, from token `from`.
pub(super) fn named(site: &Site<'_, '_>, from: usize) -> Option<super::Piece> {
    let stream = site.stream;
    let first = site.token(from)?;
    // "As Ortiz sees it, …"
    if stream.says(from, "it") && site.token(from + 1).is_some_and(|t| t.punct(',')) {
        return None;
    }
    // "the child, referred to as “our baby”": a passive without its verb.
    if from > 0 && stream.says(from - 1, "to") && stream.says(from, "as") {
        return None;
    }
    if first.kind == Kind::Punct || first.is(lex::PREPOSITION) && !stream.says(from, "as") {
        return None;
    }
    let mut end = content_end(site, from, true);
    // “quiet,” the crowd …: a comma inside the marks ends the name.
    if let Some(quote) = (from..end).find(|&i| {
        stream.tokens[i].kind == Kind::Quote && stream.quote_end(&stream.tokens[i]) == ','
    }) {
        end = quote + 1;
    }
    (end > from).then_some((from, end))
}
