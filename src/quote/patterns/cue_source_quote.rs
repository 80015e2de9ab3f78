//! Said Lena Ortiz: “…”: the cue opens the sentence, the source and the quotation follow.

use smallvec::smallvec;

use super::super::lexicon::{Tense, takes};
use super::super::sources;
use super::super::tokens::Kind;
use super::{Relation, Site, content_end};

/// Longest apposition between the source and the quotation, in tokens.
const LONGEST_ASIDE: usize = 30;

pub(super) fn apply(site: &Site<'_, '_>) -> Option<Relation> {
    let stream = site.stream;
    let at = site.sentence.from;
    let cue = stream.tokens[at].cue?;
    if cue.takes & takes::QUOTE == 0 || !matches!(cue.tense, Tense::Past | Tense::Third) {
        return None;
    }
    let source = sources::right_of(stream, at + 1, site.ceiling)?;
    if !sources::is_name_word(stream, source.from) && !sources::is_speaker(stream, source) {
        return None;
    }
    let end = site.ceiling.min(source.to + LONGEST_ASIDE);
    let quote = (source.to..end).find(|&i| stream.tokens[i].kind == Kind::Quote)?;
    let before = &stream.tokens[quote - 1];
    if !before.punct(':') && !before.punct(',') {
        return None;
    }
    Some(Relation {
        pattern: "",
        sentence: site.index,
        source: Some(source),
        cue: Some((at, at + 1)),
        content: smallvec![(quote, content_end(site, quote, false))],
    })
}
