//! Ortiz: The talks have stalled: a speaker, a colon, and what is said, as headlines and lists do.

use super::super::lexicon as lex;
use super::super::sources;
use super::super::tokens::Kind;
use super::{Relation, Site, content_end};

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let from = site.sentence.from;
    let source = sources::right_of(stream, from, site.ceiling)?;
    if !stream.tokens.get(source.to).is_some_and(|t| t.punct(':')) || source.to >= site.ceiling {
        return None;
    }
    let person = (source.from..source.to).all(|i| sources::is_name_word(stream, i))
        && source.to - source.from <= 4;
    let first = source.to + 1;
    let quoted = site.token(first).is_some_and(|t| t.kind == Kind::Quote);
    let top = site.index == 0;
    let known = (source.from..source.to).any(|i| stream.tokens[i].is(lex::MALE_NAME | lex::FEMALE_NAME));
    if !(person && (quoted || top && known)) {
        return None;
    }
    let end = content_end(site, first, false);
    (end > first).then(|| Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((source.to, source.to + 1)),
        content: vec![(first, end)],
    })
}
