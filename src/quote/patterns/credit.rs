//! “…” ― Lena Ortiz: a quotation with a line that credits it.

use smallvec::smallvec;

use super::super::sources;
use super::super::tokens::Kind;
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
        return None;
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
