//! “…,” Lena Ortiz said: a quotation, the source, the cue after it.

use super::super::lexicon::{self as lex, Tense, takes};
use super::super::sources;
use super::super::tokens::Kind;
use super::quote_cue_source::resumed;
use super::{Relation, Site, content_before, skip_adverbials};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let group = site.group?;
    let stream = site.stream;
    if group.cue.takes & takes::QUOTE == 0 || group.passive || group.infinitive {
        return None;
    }
    if group.participle {
        return None;
    }
    let quote = (site.floor..group.from).rev().find(|&i| stream.tokens[i].kind == Kind::Quote)?;
    if quote + 1 >= group.from {
        // The verb follows the quotation at once: “…,” and asked …
        return None;
    }
    // What stands between the quotation and the verb must be the source and its asides.
    let mut start = quote + 1;
    while start < group.from && stream.tokens[start].kind == Kind::Punct {
        if matches!(stream.tokens[start].mark, ':' | ';' | '.' | '(') {
            return None;
        }
        start += 1;
    }
    // “…,” as Ortiz put it.
    if stream.says(start, "as") && start + 1 < group.from {
        start += 1;
    }
    let first = stream.tokens.get(start)?;
    if first.is(lex::CONJUNCTION | lex::SUBORDINATOR | lex::RELATIVE | lex::PREPOSITION)
        && !first.is(lex::PRONOUN)
        && !sources::is_name_word(stream, start)
    {
        return None;
    }
    if stream.tokens[group.from - 1].is(lex::RELATIVE) {
        return None;
    }
    // "In an interview on “The Hour,” Ortiz said the talks …": the quotation is a title.
    if quote != site.sentence.from {
        let after = skip_adverbials(site, group.to, group.cue.takes & takes::LISTENER != 0);
        let clause = site.token(after).is_some_and(|t| {
            t.kind == Kind::Word
                && (t.is(lex::DETERMINER | lex::PRONOUN)
                    || sources::is_name_word(stream, after)
                    || after == group.to && !t.is(lex::PREPOSITION | lex::CONJUNCTION))
        });
        if clause {
            return None;
        }
    }
    let unit = if stream.says(start - 1, "as") { start - 1 } else { start };
    let content = content_before(site, unit)?;
    if stream.tokens[content.1 - 1].kind != Kind::Quote {
        return None;
    }
    let source = sources::right_of(stream, start, group.from)?;
    if source.to != group.from {
        // An aside or an adverb between them: the subject of the verb must be the same phrase.
        let subject = sources::subject(stream, start, group.from)?;
        if subject.from != source.from && subject.from > source.to {
            return None;
        }
    }
    // “No,” she thought he said: what follows the cue must not be a clause of its own.
    let after = stream.tokens.get(group.to);
    if group.to < site.sentence.to
        && after.is_some_and(|t| t.kind == Kind::Word && stream.says(group.to, "that"))
        && matches!(group.cue.tense, Tense::Past | Tense::Third)
        && stream.quote_end(&stream.tokens[quote]) == '.'
    {
        return None;
    }
    let mut pieces = vec![content];
    pieces.extend(resumed(site, group.to));
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((group.from, group.to)),
        content: pieces,
    })
}
