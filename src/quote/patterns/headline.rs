//! Ortiz: The talks have stalled: a speaker, a colon, and what is said, as headlines and lists do.

use smallvec::smallvec;

use super::super::lexicon as lex;
use super::super::sources;
use super::super::tokens::{Kind, fold_key};
use super::{Relation, Site, content_end};

/// Longest name of a speaker, in tokens.
const LONGEST_NAME: usize = 4;

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let from = site.sentence.from;
    // Most sentences have no colon so early, which is quicker seen than a phrase read.
    if !(from + 1..=from + LONGEST_NAME).any(|i| site.token(i).is_some_and(|t| t.punct(':'))) {
        return None;
    }
    let source = sources::right_of(stream, from, site.ceiling)?;
    if !stream.tokens.get(source.to).is_some_and(|t| t.punct(':')) || source.to >= site.ceiling {
        return None;
    }
    let person = (source.from..source.to).all(|i| sources::is_name_word(stream, i))
        && source.to - source.from <= LONGEST_NAME;
    let first = source.to + 1;
    let quoted = site.token(first).is_some_and(|t| t.kind == Kind::Quote);
    let top = site.index == 0;
    // A headline's speaker is named again in the text.
    let known = top && {
        let last = stream.word(source.to - 1);
        let rest = &stream.text[stream.tokens[source.to].end as usize..];
        rest.contains(last)
    };
    // "Pros: “A great screen”": one word is somebody only if it is a name elsewhere, too.
    let alone = source.to == source.from + 1
        && !stream.tokens[source.from].is(lex::MALE_NAME | lex::FEMALE_NAME)
        && !stream.tokens[source.from].shout
        && !stream.names().contains(&fold_key(stream.word(source.from)));
    let label = (source.from..source.to).all(|i| stream.tokens[i].is(lex::LABEL));
    if label || alone || !(person && (quoted || top && known)) {
        return None;
    }
    let end = if top { trimmed_end(site) } else { content_end(site, first, false) };
    (end > first).then(|| Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((source.to, source.to + 1)),
        content: smallvec![(first, end)],
    })
}

/// The sentence's end without its last mark.
fn trimmed_end(site: &Site<'_, '_>) -> usize {
    let mut end = site.ceiling;
    while end > site.floor && site.stream.tokens[end - 1].kind == Kind::Punct {
        end -= 1;
    }
    end
}
