//! …, adding that …: a participle whose subject is the sentence's, or the noun before it.

use super::super::lexicon::{self as lex, takes};
use super::super::sources;
use super::super::tokens::Kind;
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
    if group.from == site.sentence.from {
        return None;
    }
    let before = &stream.tokens[group.from - 1];
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
    let beside = sources::left_of(stream, site.floor, group.from)
        .filter(|m| sources::is_speaker(stream, *m) && before.kind == Kind::Word);
    if !attached && beside.is_none() {
        return None;
    }
    let piece = if group.cue.takes & takes::NAMING != 0 {
        naming::named(site, group.to)?
    } else {
        content(site, &group)?
    };
    let source = beside
        .or(site.spoke)
        .or_else(|| sources::sentence_subject(stream, site.sentence, group.from))?;
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((group.from, group.to)),
        content: vec![piece],
    })
}
