//! “…,” Lena Ortiz said: a quotation, the source, the cue after it.

use smallvec::smallvec;

use super::super::lexicon::{self as lex, Tense, takes};
use super::super::sources;
use super::super::tokens::{Kind, Stream};
use super::quote_cue_source::resumed;
use super::{Relation, Site, content_before, is_title_case, skip_adverbials};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let group = site.group?;
    let stream = site.stream;
    if group.cue.takes & takes::QUOTE == 0 || group.passive || group.infinitive {
        return None;
    }
    if group.participle {
        return None;
    }
    // "“…,” state Del. Maria “Cia” Brandt said": a nickname is no content.
    let nickname = |i: usize| {
        i > site.floor
            && sources::is_name_word(stream, i - 1)
            && sources::is_name_word(stream, i + 1)
            && stream.quote_words(&stream.tokens[i], 3) < 3
    };
    let quote = (site.floor..group.from)
        .rev()
        .find(|&i| stream.tokens[i].kind == Kind::Quote && !nickname(i))?;
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
    if start == group.from {
        return None;
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
    // "The novel “The Long Winter” won a prize, Ortiz said": the clause goes on.
    if first.is(lex::VERB | lex::AUXILIARY) && !sources::is_name_word(stream, start) {
        return None;
    }
    // “…,” playing on his words, or voiced by others: a participle is no source.
    let word = stream.word(start);
    if !first.capital
        && (word.ends_with("ing")
            || word.ends_with("ed")
                && stream.tokens[start + 1].is(lex::PREPOSITION | lex::DETERMINER))
        && !first.is(lex::ROLE | lex::GROUP | lex::BODY | lex::DOCUMENT | lex::DETERMINER)
    {
        return None;
    }
    let who = group.from - 1;
    if stream.tokens[who].is(lex::RELATIVE) && !sources::is_letters(stream, who) {
        return None;
    }
    // "In an interview on “The Hour,” Ortiz said the talks …": the quotation is a title.
    let marked =
        matches!(stream.quote_end(&stream.tokens[quote]), ',' | '?' | '!' | '…' | '—' | '-' | '.')
            || start > quote + 1;
    let first_of_sentence = &stream.tokens[site.sentence.from];
    let opens_aside = first_of_sentence.is(lex::PREPOSITION | lex::SUBORDINATOR)
        || !first_of_sentence.capital && first_of_sentence.kind == Kind::Word;
    if quote != site.sentence.from
        && (!marked || opens_aside || is_title_case(stream.inside(&stream.tokens[quote])))
    {
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
    let mut source = sources::right_of(stream, start, group.from)?;
    if source.to != group.from {
        // An aside or an adverb between them: the subject of the verb must be the same phrase.
        let subject = sources::subject(stream, start, group.from)?;
        // "another brother, Pavel Dorn, said": the name is the phrase's own.
        let named = subject.from == source.to + 1
            && stream.tokens[source.to].punct(',')
            && stream.tokens.get(subject.to).is_some_and(|t| t.punct(','));
        if subject.from > source.to && !named {
            let apart = stream.tokens[subject.from - 1].kind == Kind::Punct;
            if apart || !marked || !one_phrase(stream, source.to, group.from) {
                return None;
            }
            // "former Harbour Post columnist Lena Ortiz wrote": the name beside the verb speaks.
            let before = &stream.tokens[subject.from - 1];
            if before.kind == Kind::Word
                && !before.capital
                && !before.is(lex::PREPOSITION | lex::CONJUNCTION | lex::DETERMINER)
            {
                source = subject;
            }
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
    let mut pieces = smallvec![content];
    let listens = group.cue.takes & takes::LISTENER != 0;
    pieces.extend(resumed(site, group.to, listens));
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((group.from, group.to)),
        content: pieces,
    })
}

/// True where tokens `from..to` go on with a noun phrase: prepositions, names, appositions and
/// relative clauses, but no verb of a clause of its own.
fn one_phrase(stream: &Stream<'_>, from: usize, to: usize) -> bool {
    for i in from..to {
        let token = &stream.tokens[i];
        match token.kind {
            Kind::Word if token.is(lex::RELATIVE) => return true,
            Kind::Word if token.is(lex::SUBORDINATOR) => return false,
            Kind::Word
                if token.is(lex::AUXILIARY | lex::VERB)
                    || token.cue.is_some_and(|c| {
                        c.takes & takes::NOUN == 0 && !matches!(c.tense, Tense::Base | Tense::Ing)
                    }) =>
            {
                return false;
            }
            Kind::Punct if matches!(token.mark, ':' | ';' | '.') => return false,
            Kind::Break => return false,
            _ => {}
        }
    }
    true
}
