//! ORTIZ: …; Q: …: a name in capitals, or Q and A, and a colon begin a paragraph of a transcript.

use smallvec::smallvec;

use super::super::sources::Mention;
use super::super::tokens::Kind;
use super::{Relation, Site};

/// Longest name in a transcript, in tokens.
const LONGEST_NAME: usize = 5;

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let from = site.sentence.from;
    if from > 0 && stream.tokens[from - 1].kind != Kind::Break {
        return None;
    }
    let mut from = from;
    while stream.tokens.get(from).is_some_and(|t| t.punct('"') || t.punct('“')) {
        from += 1;
    }
    let colon = (from..site.sentence.to.min(from + LONGEST_NAME + 1))
        .find(|&i| stream.tokens[i].punct(':'))?;
    if colon == from {
        return None;
    }
    let named = stream.names().contains(&super::super::tokens::fold_key(stream.word(colon - 1)));
    let asked = colon == from + 1 && matches!(stream.word(from), "Q" | "A");
    let label = !(named || asked)
        || (from..colon).all(|i| stream.tokens[i].is(super::super::lexicon::LABEL));
    if label
        || !asked
            && !(from..colon)
                .all(|i| stream.tokens[i].shout || stream.tokens[i].kind == Kind::Punct)
    {
        return None;
    }
    // The turn runs to the paragraph's end.
    let mut last = site.index;
    while stream.sentences.get(last + 1).is_some_and(|s| s.paragraph == site.sentence.paragraph) {
        last += 1;
    }
    let end = stream.sentences[last].to;
    (colon + 1 < end).then(|| Relation {
        pattern: "",
        sentence: site.index,
        source: Some(Mention { from, to: colon }),
        cue: Some((colon, colon + 1)),
        content: smallvec![(colon + 1, end)],
    })
}
