//! Cues: a token → is it a verb that attributes here, and with which verb group.
//!
//! Decides between noun and verb, active and passive by the neighbours. Refuses to look for the
//! source or the content: see `patterns`.

use super::lexicon::{self as lex, Cue, Tense, lists, takes};
use super::sources::{is_lone_word, is_name_word};
use super::tokens::{Kind, Stream};

/// A verb group with a reporting verb: "has repeatedly said".
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// First token of the group.
    pub from: usize,
    /// The reporting verb.
    pub verb: usize,
    /// One past the group: particles such as "out", "to" of "referred to" included.
    pub to: usize,
    /// What the verb takes and which form it is.
    pub cue: Cue,
    /// "was quoted", "is described".
    pub passive: bool,
    /// "saying", without an auxiliary: its subject stands elsewhere.
    pub participle: bool,
    /// "to say": its subject stands before another verb.
    pub infinitive: bool,
    /// The pronoun hung on its auxiliary: a-t-il déclaré.
    pub enclitic: Option<usize>,
    /// "did not say".
    pub negated: bool,
}

/// The verb group at token `at`, if the token is a reporting verb there; not before `floor`.
#[must_use]
pub fn group(stream: &Stream<'_>, floor: usize, at: usize) -> Option<Group> {
    let tokens = &stream.tokens;
    let token = &tokens[at];
    let cue = token.cue?;
    // A verb in capitals is one in a headline only: "Ortiz Says Talks Stalled".
    let headline = stream.sentences.first().is_some_and(|first| at < first.to);
    if token.capital
        && (!headline
            || at == floor
            || !(is_name_word(stream, at - 1)
                || tokens[at - 1].is(lex::AUXILIARY)
                || tokens[at - 1].punct(',')))
    {
        return None;
    }
    let mut from = at;
    let (mut be, mut have, mut auxiliary) = (false, false, false);
    let mut negated = false;
    let enclitic = hung_before(stream, floor, from);
    if enclitic.is_some() {
        from -= 1;
    }
    while from > floor {
        let previous = &tokens[from - 1];
        let contracted = previous.kind == Kind::Possessive && from >= 2 && {
            let word = stream.word(from - 1);
            word.len() > 1 && tokens[from - 2].is(lex::PRONOUN)
                || cue.tense == Tense::Ing && word.len() > 1
        };
        // "Brandt on Thursday told", "Brandt later Thursday told"
        let day = previous.kind == Kind::Word
            && previous.capital
            && previous.is(lex::TIME)
            && !is_name_word(stream, from - 1)
            && from > floor + 1
            && {
                let before = &tokens[from - 2];
                before.kind == Kind::Word
                    && (is_name_word(stream, from - 2)
                        || before.is(lex::ADVERB | lex::TIME)
                        || stream.says(from - 2, "on"))
            };
        if day {
            from -= if stream.says(from - 2, "on") && from > floor + 2 { 2 } else { 1 };
            continue;
        }
        let helps = previous.kind == Kind::Word
            && !previous.capital
            && previous.is(lex::AUXILIARY | lex::ADVERB | lex::NEGATION)
            && (!previous.is(lex::SUBORDINATOR | lex::RELATIVE)
                || is_formerly(stream, floor, from - 1))
            && !(previous.is(lex::TIME | lex::DETERMINER)
                && !previous.is(lex::AUXILIARY | lex::NEGATION)
                && cue.tense == Tense::Base);
        // "who has in the past described"
        let past = from > floor + 3
            && tokens[from - 4].is(lex::AUXILIARY)
            && matches!(stream.word(from - 1), "past")
            && stream.says(from - 2, "the")
            && stream.says(from - 3, "in");
        if past {
            from -= 3;
            continue;
        }
        if !(helps || contracted) {
            break;
        }
        be |= previous.is(lex::BE) || contracted;
        negated |= previous.is(lex::NEGATION);
        have |= previous.is(lex::AUXILIARY)
            && matches!(stream.word(from - 1), "has" | "have" | "had" | "having");
        auxiliary |= previous.is(lex::AUXILIARY) || contracted;
        from -= 1;
    }
    // "is quoted as saying", "can be heard asking": one group with the verb of hearing.
    let mut witnessed = false;
    if cue.tense == Tense::Ing && !auxiliary && from == at {
        let as_ = from > floor && stream.says(from - 1, "as");
        let heard = from.saturating_sub(1 + usize::from(as_));
        if heard > floor
            && lists::known().witnessed.has(stream.word(heard))
            && tokens[heard - 1].is(lex::BE)
        {
            witnessed = true;
            from = heard - 1;
            while from > floor && tokens[from - 1].is(lex::AUXILIARY | lex::ADVERB) {
                from -= 1;
            }
        }
    }
    let before = (from > floor).then(|| &tokens[from - 1]);
    let infinitive =
        !auxiliary && before.is_some_and(|t| t.kind == Kind::Word && stream.says(from - 1, "to"));
    let quoted = || after_quotation(stream, floor, from);
    let counted = || from > floor && tokens[from - 1].is(lex::NUMBER) && quoted();
    if cue.tense == Tense::Base
        && !auxiliary
        && !infinitive
        && !base_has_subject(stream, floor, from)
        && !counted()
    {
        return None;
    }
    let follows = || quoted() && !tokens[at - 1].is(lex::DETERMINER);
    // Most are no nouns, which is sooner told.
    if !auxiliary && !infinitive && !witnessed && is_noun(stream, from, at, cue) && !follows() {
        return None;
    }
    let past = matches!(cue.tense, Tense::Past | Tense::Participle);
    let passive = past && be && (!have || stream_has(stream, from, at, "been"));
    if past && !be && !auxiliary && cue.tense == Tense::Participle {
        return None;
    }
    let participle = cue.tense == Tense::Ing && !be && !witnessed;
    let mut cue = cue;
    let mut to = at + 1;
    if tokens.get(to).is_some_and(|t| t.kind == Kind::Word && !t.capital) {
        let word = stream.word(to);
        let particle = matches!(
            (stream.word(at).get(..4).unwrap_or(stream.word(at)), word),
            ("poin", "out" | "to")
                | ("refe", "to")
                | ("call", "for" | "on")
                | ("rail", "against")
                | ("note", "of")
                | ("shou", "out")
                | ("resp", "to")
                | ("agre", "with")
                | ("chim", "in")
        );
        if stream.says(to, "out")
            && matches!(stream.word(at), "point" | "points" | "pointed" | "pointing")
        {
            cue.takes |= takes::QUOTE | takes::CLAUSE;
        }
        if particle || cue.takes & lex::PARTICLE_VERB != 0 {
            to += 1;
        }
    }
    Some(Group { from, verb: at, to, cue, passive, participle, infinitive, enclitic, negated })
}

/// True for the "once" of "Brandt once said", which opens no clause.
fn is_formerly(stream: &Stream<'_>, floor: usize, at: usize) -> bool {
    at > floor && stream.says(at, "once") && {
        let before = &stream.tokens[at - 1];
        before.kind == Kind::Word
            && (before.is(lex::PRONOUN | lex::ROLE | lex::AUXILIARY)
                || is_name_word(stream, at - 1))
    }
}

/// The pronoun right before token `at`, if it is hung on the word before it.
fn hung_before(stream: &Stream<'_>, floor: usize, at: usize) -> Option<usize> {
    let pronoun = at.checked_sub(1).filter(|&i| i > floor)?;
    let token = &stream.tokens[pronoun];
    let hung = token.is(lex::PRONOUN)
        && !stream.lexicon.grammar.enclitics.is_empty()
        && stream.text.as_bytes()[token.start as usize - 1] == b'-';
    hung.then_some(pronoun)
}

/// True where a quotation with its comma and nothing but a noun phrase stand before `at`: what
/// follows is the verb of the attribution, not a noun.
fn after_quotation(stream: &Stream<'_>, floor: usize, at: usize) -> bool {
    /// Longest subject of such a verb, in tokens.
    const LONGEST: usize = 12;
    for i in (floor.max(at.saturating_sub(LONGEST))..at).rev() {
        let token = &stream.tokens[i];
        match token.kind {
            Kind::Quote => {
                return matches!(stream.quote_end(token), ',' | '?' | '!' | '…' | '—' | '-');
            }
            Kind::Word
                if token.is(lex::AUXILIARY | lex::VERB | lex::SUBORDINATOR | lex::RELATIVE)
                    || token.cue.is_some() && !token.is(lex::DOCUMENT) =>
            {
                return false;
            }
            Kind::Punct | Kind::Break => return false,
            _ => {}
        }
    }
    false
}

fn stream_has(stream: &Stream<'_>, from: usize, to: usize, word: &str) -> bool {
    (from..to).any(|i| stream.says(i, word))
}

/// A base form without an auxiliary is a verb only after a plural subject: "experts say", "they say".
fn base_has_subject(stream: &Stream<'_>, floor: usize, from: usize) -> bool {
    if from <= floor {
        return false;
    }
    let before = &stream.tokens[from - 1];
    match before.kind {
        Kind::Word => {
            before.is(lex::GROUP | lex::PRONOUN | lex::PLURAL)
                || before.is(lex::RELATIVE)
                || stream.word(from - 1).ends_with('s')
                    && !before.is(lex::TIME | lex::VERB | lex::AUXILIARY)
                || before.is(lex::CONJUNCTION)
        }
        Kind::Number => true,
        Kind::Punct => matches!(before.mark, ',' | ')'),
        Kind::Quote => true,
        _ => false,
    }
}

/// True where the word is a noun or an adjective here: after a determiner, or a noun/verb between
/// nouns.
fn is_noun(stream: &Stream<'_>, from: usize, at: usize, cue: Cue) -> bool {
    if from == 0 {
        return cue.takes & takes::NOUN != 0;
    }
    let before = &stream.tokens[from - 1];
    let after = stream.tokens.get(at + 1);
    if before.kind == Kind::Possessive {
        return stream.word(from - 1).len() > 1
            || cue.takes & takes::NOUN != 0
            || stream.tokens[at].is(lex::ASSERTION);
    }
    if before.is(lex::DETERMINER)
        && (!before.is(lex::GROUP | lex::TIME | lex::NUMBER) || cue.tense == Tense::Third)
        && before.kind == Kind::Word
        && !(cue.tense == Tense::Past && is_lone_word(stream, from - 1))
    {
        return true;
    }
    if before.is(lex::PREPOSITION)
        && !before.capital
        && cue.tense != Tense::Ing
        && !stream.says(from - 1, "to")
    {
        return true;
    }
    if cue.takes & takes::NOUN == 0 {
        return false;
    }
    let Some(after) = after else { return true };
    if matches!(cue.tense, Tense::Past | Tense::Ing) {
        return false;
    }
    // "the group's claims about", "poll shows that": what follows a verb begins a phrase.
    let verb_like = after.kind == Kind::Quote
        || after.is(lex::DETERMINER | lex::PRONOUN | lex::SUBORDINATOR | lex::TIME)
        || after.punct(':')
        || after.punct(',')
        || after.capital
        || after.is(lex::ADVERB)
        || cue.takes & takes::INFINITIVE != 0 && stream.says(at + 1, "to");
    // "Article 6 states that": a numbered text is a subject.
    let numbered = before.kind == Kind::Number
        && from > 1
        && stream.tokens[from - 2].is(lex::DOCUMENT)
        && stream.says(at + 1, "that");
    let subject_like = numbered
        || before.is(lex::PRONOUN | lex::RELATIVE)
        || is_name_word(stream, from - 1)
        || before.is(lex::DOCUMENT | lex::ROLE | lex::GROUP | lex::BODY | lex::ANONYMOUS)
        || before.kind == Kind::Punct && matches!(before.mark, ',' | ')')
        || before.kind == Kind::Quote;
    if before.is(lex::NUMBER) && cue.tense == Tense::Third || !subject_like {
        return true;
    }
    let spoken = before.is(lex::PRONOUN | lex::RELATIVE)
        || is_name_word(stream, from - 1) && !after.is(lex::PREPOSITION);
    !(verb_like || spoken)
}
