//! “…” ― Lena Ortiz: a quotation with a line that credits it; ¶ Lena Ortiz, director: without a dash.

use smallvec::smallvec;

use super::super::lexicon as lex;
use super::super::sources::{self, Mention};
use super::super::tokens::{Kind, Sentence, Stream, Token};
use super::{Relation, Site};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let from = site.sentence.from;
    if stream.tokens[from].kind != Kind::Quote {
        return None;
    }
    let dash = from + 1;
    let dash = if dash < site.sentence.to {
        dash
    } else {
        // The credit may stand in the next paragraph.
        let next = stream.sentences.get(site.index + 1)?;
        if next.paragraph != site.sentence.paragraph + 1 || next.to - next.from > 14 {
            return None;
        }
        next.from
    };
    if !stream.tokens.get(dash).is_some_and(|t| t.punct('—')) {
        let line = stream.sentences.get(site.index + 1).filter(|next| next.from == dash)?;
        let source = office_line(stream, *line)?;
        return Some(Relation {
            pattern: "",
            sentence: site.index,
            source: Some(source),
            cue: None,
            content: smallvec![(from, from + 1)],
        });
    }
    let source = sources::right_of(stream, dash + 1, stream.tokens.len())?;
    if !sources::is_name_word(stream, source.from) {
        return None;
    }
    let after = stream.tokens.get(source.to);
    let ended = after.is_none_or(|t| {
        t.kind == Kind::Break
            || t.kind == Kind::Quote
            || t.punct(',')
            || t.punct('.')
            || t.punct('(')
    });
    ended.then(|| Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((dash, dash + 1)),
        content: smallvec![(from, from + 1)],
    })
}

/// The name of a line that is nothing but a name and an office, without a verb or a full stop: "Lena Ortiz,
/// director, Harbour Trust".
fn office_line(stream: &Stream<'_>, line: Sentence) -> Option<Mention> {
    let tokens = &stream.tokens[line.from..line.to];
    let name = (line.from..line.to).take_while(|&i| sources::is_name_word(stream, i)).count();
    let given = tokens[0].is(lex::MALE_NAME | lex::FEMALE_NAME | lex::TITLE);
    let comma = stream.tokens.get(line.from + name).is_some_and(|t| t.punct(','));
    let plain = |t: &Token| {
        t.punct(',')
            || t.kind == Kind::Possessive
            || t.kind == Kind::Word
                && !t.is(lex::AUXILIARY | lex::VERB | lex::PRONOUN | lex::RELATIVE)
                && (t.capital || t.cue.is_none())
    };
    (name > 1
        && given
        && comma
        && tokens.iter().all(plain)
        && tokens[name..].iter().any(|t| t.is(lex::ROLE)))
    .then_some(Mention { from: line.from, to: line.from + name })
}
