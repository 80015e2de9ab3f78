//! …, adding that …: a participle whose subject is the sentence's, or the noun before it.

use smallvec::smallvec;

use super::super::lexicon::{self as lex, takes};
use super::super::sources::{self, Mention};
use super::super::tokens::{Kind, Sentence};
use super::source_cue_content::content;
use super::{Relation, Site, naming};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let group = site.group?;
    let stream = site.stream;
    if !group.participle
        || group.cue.takes & takes::THOUGHT != 0 && group.cue.takes & takes::QUOTE == 0
    {
        return None;
    }
    let leads = group.from == site.sentence.from
        || group.from == site.sentence.from + 1
            && stream.tokens[site.sentence.from].is(lex::PREPOSITION | lex::SUBORDINATOR);
    if leads {
        return leading(site, &group);
    }
    let before = &stream.tokens[group.from - 1];
    // "proposed adding “cold ironing” to the list": the verb's own object, not said.
    if before.kind == Kind::Word && before.cue.is_some_and(|cue| cue.tense != lex::Tense::Ing) {
        return None;
    }
    // "the man saying": not a speaker's own participle unless a text or a comma stands before.
    let attached = match before.kind {
        Kind::Punct => true,
        Kind::Word => {
            before.is(lex::DOCUMENT | lex::CONJUNCTION | lex::PREPOSITION | lex::TIME | lex::ADVERB)
                || !before.capital && group.cue.takes & takes::QUOTE != 0
        }
        Kind::Quote | Kind::Number => true,
        Kind::Possessive | Kind::Break => false,
    };
    // "with a spokesman for the camp describing": the noun before it speaks, unless it is a text.
    let beside = sources::left_of(stream, site.floor, group.from).filter(|m| {
        let with = m.from > site.floor && stream.says(m.from - 1, "with");
        before.kind == Kind::Word
            && (sources::is_speaker(stream, *m)
                || with && m.can_speak(stream)
                || group.cue.takes & takes::QUOTE != 0 && named_beside(site, *m))
    });
    if !attached && beside.is_none() {
        return None;
    }
    let piece = if group.cue.takes & takes::NAMING != 0 {
        naming::named(site, group.to)?
    } else {
        content(site, &group)?
    };
    let source = beside
        .map(|m| owner_of(site, m))
        .or(site.spoke)
        .or_else(|| sources::sentence_subject(stream, clause(site, group.from), group.from))?;
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((group.from, group.to)),
        content: smallvec![piece],
    })
}

/// The sentence, from its last semicolon before token `at` on.
fn clause(site: &Site<'_, '_>, at: usize) -> Sentence {
    let sentence = site.sentence;
    let mark = (sentence.from..at).rfind(|&i| site.stream.tokens[i].punct(';'));
    Sentence { from: mark.map_or(sentence.from, |mark| mark + 1), ..sentence }
}

/// "footage of Ortiz saying", "heard Ortiz asking": a name right before the participle does it, but not
/// the one who is written to: "a letter to Ortiz saying".
fn named_beside(site: &Site<'_, '_>, mention: Mention) -> bool {
    let stream = site.stream;
    let name =
        (mention.from..mention.to).rev().take_while(|&i| sources::is_name_word(stream, i)).last();
    name.and_then(|name| name.checked_sub(1)).is_some_and(|i| {
        let before = &stream.tokens[i];
        i >= site.floor && before.kind == Kind::Word && (before.is(lex::OF) || before.is(lex::VERB))
    })
}

/// Of "footage of Ortiz" Ortiz: the one that a participle of speech belongs to.
fn owner_of(site: &Site<'_, '_>, mention: Mention) -> Mention {
    let stream = site.stream;
    let of = (mention.from..mention.to).rev().find(|&i| stream.tokens[i].is(lex::OF));
    let spoken = of.filter(|_| !sources::is_speaker(stream, mention));
    spoken.map_or(mention, |of| Mention { from: of + 1, to: mention.to })
}

/// "After saying the quay was “unsafe,” she left": the subject of the clause after the comma.
fn leading(site: &Site<'_, '_>, group: &super::Group) -> Option<Relation> {
    let stream = site.stream;
    let (from, end) = content(site, group)?;
    let after = |at: usize| {
        let token = &stream.tokens[at];
        let marked = token.kind == Kind::Quote && stream.quote_end(token) == ',';
        (token.punct(',') || marked) && super::clause_at(stream, at + 1, site.ceiling)
    };
    let at = (from..site.ceiling).find(|&at| after(at))?;
    let to = end.min(if stream.tokens[at].kind == Kind::Quote { at + 1 } else { at });
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: sources::right_of(stream, at + 1, site.ceiling),
        cue: Some((group.from, group.to)),
        content: smallvec![(from, to)],
    })
}
