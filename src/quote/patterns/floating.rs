//! A quotation with no attribution of its own: a colon before it, the sentence before it in its
//! paragraph, or the conversation gives its source; else it stays without one.

use super::super::lexicon::takes;
use super::super::sources::{self, Mention};
use super::super::tokens::{Kind, Sentence, Stream};
use super::{Relation, only_quotes};

/// Fewest words of a quotation that is reported though nothing attributes it: shorter ones are
/// names, terms and scare quotes.
const SHORTEST: usize = 4;

pub(super) fn apply(stream: &Stream<'_>, found: &mut Vec<Relation>, owned: &mut [bool]) {
    let mut floating = Vec::new();
    for (index, &sentence) in stream.sentences.iter().enumerate() {
        let mut at = sentence.from;
        while at < sentence.to {
            let token = &stream.tokens[at];
            let quote = token.quote as usize;
            if token.kind != Kind::Quote || owned[quote] {
                at += 1;
                continue;
            }
            let words = stream.quote_words(token, SHORTEST);
            let alone = only_quotes(stream, sentence);
            if alone || words >= SHORTEST {
                let mut to = at + 1;
                while to < sentence.to && alone && stream.tokens[to].kind == Kind::Quote {
                    to += 1;
                }
                let (source, cue) = context(stream, index, sentence, at);
                for slot in &stream.tokens[at..to] {
                    owned[slot.quote as usize] = true;
                }
                floating.push(Relation {
                    pattern: if alone { "floating" } else { "unattributed" },
                    sentence: index,
                    source,
                    cue,
                    content: vec![(at, to)],
                });
                at = to;
            } else {
                at += 1;
            }
        }
    }
    found.extend(merged(stream, floating));
    found.sort_by_key(|relation| relation.content.first().copied());
}

/// Joins floating quotations that follow each other in one paragraph or go on in the next.
fn merged(stream: &Stream<'_>, floating: Vec<Relation>) -> Vec<Relation> {
    let mut out: Vec<Relation> = Vec::new();
    for relation in floating {
        if let Some(last) = out.last_mut()
            && last.pattern == "floating"
            && relation.pattern == "floating"
            && let (Some(&(_, end)), Some(&(from, _))) = (last.content.last(), relation.content.first())
        {
            let before = &stream.tokens[end - 1];
            let together = stream.sentences[relation.sentence].paragraph
                == stream.sentences[last.sentence].paragraph
                && from == end
                || before.kind == Kind::Quote
                    && stream.verbatim[before.quote as usize].continues
                    && stream.tokens[from].quote == before.quote + 1;
            if together {
                last.content.extend(relation.content);
                continue;
            }
        }
        out.push(relation);
    }
    out
}

/// The source that the words before the quotation give.
fn context(
    stream: &Stream<'_>,
    index: usize,
    sentence: Sentence,
    at: usize,
) -> (Option<Mention>, Option<super::Piece>) {
    if at != sentence.from || !only_quotes(stream, sentence) {
        return (None, None);
    }
    let Some(previous) = index.checked_sub(1).map(|i| stream.sentences[i]) else {
        return (None, None);
    };
    let colon = stream.tokens[previous.from..previous.to].last().is_some_and(|t| t.punct(':'));
    let cue = (previous.from..previous.to).rev().find(|&i| {
        stream.tokens[i].cue.is_some_and(|cue| cue.takes & takes::QUOTE != 0) && !stream.tokens[i].capital
    });
    if colon {
        // "She put it plainly:" before the quotation, in the same paragraph or the one before.
        let source = cue
            .and_then(|i| super::cues::group(stream, previous.from, i))
            .and_then(|group| sources::subject(stream, previous.from, group.from))
            .filter(|m| m.can_speak(stream))
            .or_else(|| sources::sentence_subject(stream, previous, previous.to));
        return (source, cue.map(|i| (i, i + 1)));
    }
    if previous.paragraph == sentence.paragraph {
        return (sources::sentence_subject(stream, previous, previous.to), None);
    }
    (None, None)
}
