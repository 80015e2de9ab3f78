//! A quotation with no attribution of its own: a colon before it, the sentence before it in its
//! paragraph, or the conversation gives its source; else it stays without one.

use smallvec::smallvec;

use super::super::lexicon::{self as lex, takes};
use super::super::sources::{self, Mention};
use super::super::tokens::{Kind, Sentence, Stream};
use super::{Relation, is_title_case, only_quotes};

/// Attributions looked back over for one of the same sentence.
const SIBLINGS: usize = 8;
/// Fewest words of a quotation that is reported though nothing attributes it: shorter ones are
/// names, terms and scare quotes.
pub(super) const SHORTEST: usize = 4;

pub(super) fn apply(stream: &Stream<'_>, found: &mut Vec<Relation>, owned: &mut [bool]) {
    let mut floating = Vec::new();
    // A paper that quotes in double marks sets its cross-heads in single ones.
    let singles = stream.verbatim.iter().filter(|v| is_single(stream, v.open)).count();
    let double = singles * 3 < stream.verbatim.len();
    for (index, &sentence) in stream.sentences.iter().enumerate() {
        let mut at = sentence.from;
        if super::is_label(stream, sentence) {
            continue;
        }
        while at < sentence.to {
            let token = &stream.tokens[at];
            let quote = token.quote as usize;
            if token.kind != Kind::Quote || owned[quote] {
                at += 1;
                continue;
            }
            let words = stream.quote_words(token, SHORTEST);
            let alone = only_quotes(stream, sentence);
            let heading = alone
                && (is_heading(stream, index, at)
                    || double
                        && is_single(stream, token.start as usize)
                        && sentence.to == at + 1
                        && stream.quote_words(token, LONGEST_CROSSHEAD + 1) <= LONGEST_CROSSHEAD);
            if heading || !alone && is_work(stream, sentence, at) {
                at += 1;
                continue;
            }
            if !alone
                && at == sentence.from
                && let Some((source, cue)) = any_verb(stream, at + 1, sentence.to)
            {
                owned[quote] = true;
                floating.push(Relation {
                    pattern: "floating",
                    sentence: index,
                    source: Some(source),
                    cue: Some((cue, cue + 1)),
                    content: smallvec![(at, at + 1)],
                });
                at += 1;
                continue;
            }
            // Another attribution of the same sentence holds for the rest of its quotations.
            let sibling = (words >= SHORTEST - 1 && !alone && !is_title_case(stream.inside(token)))
                .then(|| {
                    let near = found.partition_point(|r| r.sentence <= index);
                    found[..near].iter().rev().take(SIBLINGS).find(|r| {
                        r.sentence == index
                            && r.source.is_some()
                            && r.cue.is_some_and(|(_, to)| to <= at)
                    })
                })
                .flatten();
            if sibling.is_none()
                && !alone
                && words >= SHORTEST - 1
                && !is_title_case(stream.inside(token))
                && let Some(source) = for_whom(stream, sentence, at)
            {
                owned[quote] = true;
                floating.push(Relation {
                    pattern: "view",
                    sentence: index,
                    source: Some(source),
                    cue: Some((sentence.from, sentence.from + 1)),
                    content: smallvec![(at, at + 1)],
                });
                at += 1;
                continue;
            }
            if let Some(sibling) = sibling {
                owned[quote] = true;
                let (source, cue) = (sibling.source, sibling.cue);
                floating.push(Relation {
                    pattern: "unattributed",
                    sentence: index,
                    source,
                    cue,
                    content: smallvec![(at, at + 1)],
                });
            } else if !alone
                && at > sentence.from
                && stream.tokens[at - 1].punct(':')
                && token.capital
            {
                // "Brandt resisted: “…”": any verb before a colon.
                owned[quote] = true;
                let person = |m: &Mention| {
                    let first = &stream.tokens[m.from];
                    first.is(lex::MALE | lex::FEMALE)
                        || sources::is_name_word(stream, m.to - 1)
                        || sources::is_speaker(stream, *m)
                };
                let nearest = yelling(stream, sentence.from, at)
                    .or_else(|| last_subject(stream, sentence.from, at))
                    .map(|m| owner(stream, m))
                    .filter(|m| person(m) || m.is_writer(stream));
                let source = labelled(stream, sentence.from, at)
                    .or(nearest)
                    .or_else(|| sources::sentence_subject(stream, sentence, at).filter(person));
                floating.push(Relation {
                    pattern: "floating",
                    sentence: index,
                    source,
                    cue: source.map(|_| (at - 1, at)),
                    content: smallvec![(at, at + 1)],
                });
            } else if alone && !heading || words >= SHORTEST {
                let opens = at == sentence.from && token.capital && !heading;
                let mut to = at + 1;
                while to < sentence.to && alone && stream.tokens[to].kind == Kind::Quote {
                    to += 1;
                }
                if opens && !alone {
                    // “We work for it” on the bill if it comes: the speaker's sentence goes on.
                    to = sentence.to;
                    while to > at + 1 && stream.tokens[to - 1].kind == Kind::Punct {
                        to -= 1;
                    }
                }
                let follows = opens
                    && index
                        .checked_sub(1)
                        .is_some_and(|i| stream.sentences[i].paragraph == sentence.paragraph);
                // "But “the door is open.”": in the paragraph and after a sentence that quotes.
                let leads = !alone
                    && at > sentence.from
                    && at <= sentence.from + LONGEST_LEAD
                    && !is_title_case(stream.inside(token))
                    && stream.tokens[sentence.from..at].iter().all(|t| t.cue.is_none());
                if leads && let Some(before) = quoted_before(stream, index, found) {
                    owned[quote] = true;
                    before.content.push((at, at + 1));
                    at += 1;
                    continue;
                }
                let floats = alone && !heading || opens && follows;
                let (source, cue) =
                    if floats { context(stream, index, found) } else { (None, None) };
                for slot in &stream.tokens[at..to] {
                    if slot.kind == Kind::Quote {
                        owned[slot.quote as usize] = true;
                    }
                }
                floating.push(Relation {
                    pattern: if floats { "floating" } else { "unattributed" },
                    sentence: index,
                    source,
                    cue,
                    content: smallvec![(at, to)],
                });
                at = to;
                continue;
            }
            at += 1;
        }
    }
    let floating = merged(stream, floating);
    let rest = joined_ahead(stream, floating, found);
    found.extend(rest);
    found.sort_by_key(|relation| relation.content.first().copied());
}

/// "For Ortiz, the quay is “a home of sorts”": whose view the clause before the quotation at `at` is.
fn for_whom(stream: &Stream<'_>, sentence: Sentence, at: usize) -> Option<Mention> {
    let source = sources::right_of(stream, sentence.from + 1, at)?;
    let person =
        sources::is_name_word(stream, source.to - 1) || sources::is_speaker(stream, source);
    let opens = stream.says(sentence.from, "for")
        && person
        && stream.tokens.get(source.to).is_some_and(|t| t.punct(','));
    opens.then_some(source)
}

/// Of "Ortiz's message", "her advice" whose it is.
fn owner(stream: &Stream<'_>, mention: Mention) -> Mention {
    let tokens = &stream.tokens;
    let said = tokens[mention.to - 1].is(lex::ASSERTION | lex::ISSUED);
    let mark = (mention.from..mention.to).find(|&i| tokens[i].kind == Kind::Possessive);
    match mark {
        Some(mark) if said && mark > mention.from => Mention { from: mention.from, to: mark },
        None if said && tokens[mention.from].is(lex::MALE | lex::FEMALE) => {
            Mention { from: mention.from, to: mention.from + 1 }
        }
        _ => mention,
    }
}

/// "More from Ortiz: “…”", "Polls err - Ortiz: “…”", "From Ortiz, head of the fund: “…”": whom a label
/// before the colon at `at - 1` names.
fn labelled(stream: &Stream<'_>, floor: usize, at: usize) -> Option<Mention> {
    if stream.says(floor, "from")
        && let Some(source) = sources::right_of(stream, floor + 1, at - 1)
        && sources::is_name_word(stream, source.to - 1)
        && stream.tokens[source.to].punct(',')
        && (source.to..at - 1).all(|i| {
            let token = &stream.tokens[i];
            token.cue.is_none() && !token.is(lex::AUXILIARY | lex::VERB) || token.is(lex::ROLE)
        })
    {
        return Some(source);
    }
    let source = sources::left_of(stream, floor, at - 1).filter(|m| m.can_speak(stream))?;
    let before = source.from.checked_sub(1).filter(|&i| i >= floor)?;
    let label = stream.says(before, "from")
        || stream.tokens[before].punct('—') && sources::is_name_word(stream, source.to - 1);
    label.then_some(source)
}

/// "… , with Ortiz reportedly yelling:": the noun before a participle that stands before the colon
/// at token `at - 1`.
fn yelling(stream: &Stream<'_>, floor: usize, at: usize) -> Option<Mention> {
    let verb = at.checked_sub(2).filter(|&verb| verb > floor)?;
    let group = super::cues::group(stream, floor, verb)
        .filter(|g| g.participle && g.cue.takes & takes::QUOTE != 0)?;
    sources::left_of(stream, floor, group.from).filter(|m| {
        m.can_speak(stream) && m.from > floor && !stream.tokens[m.from - 1].is(lex::DETERMINER)
    })
}

/// The subject of the last verb before token `at`: "…, when Ortiz took to the radio:".
fn last_subject(stream: &Stream<'_>, floor: usize, at: usize) -> Option<Mention> {
    /// How far back the verb may stand, in tokens.
    const REACH: usize = 24;
    let mut verb = (floor + 1..at).rev().take(REACH).find(|&i| {
        let token = &stream.tokens[i];
        token.kind == Kind::Word
            && (token.is(lex::VERB | lex::AUXILIARY)
                || super::cues::group(stream, floor, i).is_some_and(|group| {
                    matches!(group.cue.tense, lex::Tense::Past | lex::Tense::Third)
                }))
    })?;
    while verb > floor + 1 && stream.tokens[verb - 1].is(lex::ADVERB | lex::AUXILIARY) {
        verb -= 1;
    }
    sources::subject(stream, floor, verb)
}

/// Longest run of words before a quotation that goes on with the speaker of the sentence before.
const LONGEST_LEAD: usize = 8;

/// The attribution that quotes somebody in the sentence before, if that is of the same paragraph.
fn quoted_before<'f>(
    stream: &Stream<'_>,
    index: usize,
    found: &'f mut [Relation],
) -> Option<&'f mut Relation> {
    let before = index.checked_sub(1)?;
    if stream.sentences[before].paragraph != stream.sentences[index].paragraph {
        return None;
    }
    let own = found.partition_point(|r| r.sentence < before);
    let quotes = |r: &Relation| {
        r.content
            .iter()
            .any(|&(from, to)| stream.tokens[from..to].iter().any(|t| t.kind == Kind::Quote))
    };
    let same = found[own..].iter_mut().take_while(|r| r.sentence == before);
    same.filter(|r| r.source.is_some() && quotes(r)).last()
}

/// True for the title of a work, a programme, a club, which nobody says: words in title case after a
/// preposition, a possessive or the noun they name ("his memoir, “Low Tide”"), in a sentence that is
/// not in title case itself.
fn is_work(stream: &Stream<'_>, sentence: Sentence, at: usize) -> bool {
    let token = &stream.tokens[at];
    if at == sentence.from || !is_title_case(stream.inside(token)) {
        return false;
    }
    let before = &stream.tokens[at - 1];
    let named = if before.punct(',') && at > sentence.from + 1 { at - 2 } else { at - 1 };
    let named = &stream.tokens[named];
    let names = before.kind == Kind::Possessive
        || before.is(lex::PREPOSITION) && before.kind == Kind::Word
        || named.is(lex::WORK) && named.kind == Kind::Word;
    names && !stream.in_title_case(sentence)
}

/// Longest cross-head in words.
const LONGEST_CROSSHEAD: usize = 8;

/// True where a single quotation mark stands at byte `at`.
fn is_single(stream: &Stream<'_>, at: usize) -> bool {
    let rest = &stream.text[at..];
    rest.starts_with('‘') || rest.starts_with('\'') && !rest.starts_with("''")
}

/// Joins floating quotations that follow each other in one paragraph or go on in the next.
fn merged(stream: &Stream<'_>, floating: Vec<Relation>) -> Vec<Relation> {
    let mut out: Vec<Relation> = Vec::new();
    for relation in floating {
        if let Some(last) = out.last_mut()
            && last.pattern == "floating"
            && relation.pattern == "floating"
            && let (Some(&(_, end)), Some(&(from, _))) =
                (last.content.last(), relation.content.first())
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

/// Gives quotations that go on in an attributed one of the next paragraph to its attribution; hands
/// back the others.
fn joined_ahead(
    stream: &Stream<'_>,
    floating: Vec<Relation>,
    found: &mut [Relation],
) -> Vec<Relation> {
    let mut rest = Vec::new();
    for relation in floating {
        let last = relation.content.last().map(|&(_, to)| &stream.tokens[to - 1]);
        let next =
            last.filter(|t| t.kind == Kind::Quote && stream.verbatim[t.quote as usize].continues);
        let heir = next.and_then(|next| {
            let from = found.partition_point(|r| r.sentence <= relation.sentence);
            found[from..].iter_mut().take(SIBLINGS).find(|r| {
                r.content.first().is_some_and(|&(at, _)| {
                    let token = &stream.tokens[at];
                    token.kind == Kind::Quote && token.quote == next.quote + 1
                })
            })
        });
        match heir {
            Some(heir) => {
                heir.content.insert_many(0, relation.content);
            }
            None => rest.push(relation),
        }
    }
    rest
}

/// “…,” an angry Ortiz retaliated: any verb in -ed right after a quotation and its source, or right
/// before its source, with nothing but adverbials behind.
fn any_verb(stream: &Stream<'_>, from: usize, end: usize) -> Option<(Mention, usize)> {
    let tokens = &stream.tokens;
    let past = |at: usize| {
        at < end
            && tokens[at].kind == Kind::Word
            && !tokens[at].capital
            && !tokens[at].is(lex::AUXILIARY)
            && stream.word(at).ends_with("ed")
    };
    let closed = |at: usize| {
        at >= end
            || tokens[at].kind == Kind::Punct
            || tokens[at].is(lex::PREPOSITION | lex::ADVERB | lex::TIME) && !tokens[at].capital
    };
    if past(from) {
        let source = sources::right_of(stream, from + 1, end)?;
        return (source.can_speak(stream) && closed(source.to)).then_some((source, from));
    }
    let source = sources::right_of(stream, from, end)?;
    let mut verb = source.to;
    while verb < end && tokens[verb].kind == Kind::Word && tokens[verb].is(lex::ADVERB) {
        verb += 1;
    }
    (source.can_speak(stream) && past(verb) && closed(verb + 1)).then_some((source, verb))
}

/// A short quotation that is a paragraph of its own and ends with no mark: a heading or a caption.
fn is_heading(stream: &Stream<'_>, index: usize, at: usize) -> bool {
    /// Headings are short.
    const LONGEST: usize = 9;
    let paragraph = stream.sentences[index].paragraph;
    let other = |i: Option<usize>| {
        i.and_then(|i| stream.sentences.get(i)).is_some_and(|s| s.paragraph == paragraph)
    };
    let token = &stream.tokens[at];
    !other(index.checked_sub(1))
        && !other(Some(index + 1))
        && (!matches!(stream.quote_end(token), '.' | '!' | '?' | ',' | '…')
            || is_title_case(stream.inside(token)))
        && stream.quote_words(token, LONGEST) < LONGEST
}

/// The source that the words before the quotation give.
fn context(
    stream: &Stream<'_>,
    index: usize,
    found: &[Relation],
) -> (Option<Mention>, Option<super::Piece>) {
    let Some(previous) = index.checked_sub(1).map(|i| stream.sentences[i]) else {
        return (None, None);
    };
    let sentence = stream.sentences[index];
    let colon = stream.tokens[previous.from..previous.to].last().is_some_and(|t| t.punct(':'));
    if colon {
        // "She put it plainly:" before the quotation, in the same paragraph or the one before.
        let group = (previous.from..previous.to).rev().find_map(|i| {
            super::cues::group(stream, previous.from, i)
                .filter(|group| group.cue.takes & takes::QUOTE != 0)
        });
        let source = group
            .and_then(|group| sources::subject(stream, previous.from, group.from))
            .filter(|m| m.can_speak(stream))
            .or_else(|| sources::sentence_subject(stream, previous, previous.to));
        return (source, Some(group.map_or((previous.to - 1, previous.to), |g| (g.verb, g.to))));
    }
    // "Ortiz shook her head. “No.”": the sentence before it in the paragraph is about the speaker.
    if previous.paragraph == sentence.paragraph {
        let own = found.partition_point(|r| r.sentence < index - 1);
        let silent = found.get(own).is_none_or(|r| r.sentence != index - 1);
        let subject = sources::sentence_subject(stream, previous, previous.to).filter(|m| {
            sources::is_name_word(stream, m.to - 1)
                || stream.tokens[m.from].is(lex::MALE | lex::FEMALE)
        });
        if silent && subject.is_some() {
            return (subject, None);
        }
    }
    // The paragraph before has an attribution: the conversation goes on with its speaker.
    let near = found.partition_point(|r| r.sentence < index);
    let attributed = found[..near].last().is_some_and(|r| {
        stream.sentences[r.sentence].paragraph + 1 >= sentence.paragraph && r.source.is_some()
    });
    if attributed {
        return (None, None);
    }
    if previous.paragraph == sentence.paragraph || previous.paragraph + 1 == sentence.paragraph {
        return (sources::sentence_subject(stream, previous, previous.to), None);
    }
    (None, None)
}
