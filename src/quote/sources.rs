//! Where a source is mentioned: token position → the noun phrase there.
//!
//! A walk over capitals, determiners and word classes, to the left of a verb or to the right of it.
//! Bounded, so that a sentence of any length costs the same. Refuses to say who is meant: see
//! `speakers`.

use super::lexicon::{self as lex, lists};
use super::tokens::{Kind, Sentence, Stream};

/// A noun phrase: tokens `from..to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// First token.
    pub from: usize,
    /// One past the last token.
    pub to: usize,
}

/// Longest noun phrase in tokens: "the head of the agency's office for …" stays below.
const LONGEST: usize = 22;
/// Longest aside of the first of two who speak together, in tokens.
const LONGEST_ASIDE: usize = 24;
/// "the 45-year-old" is somebody.
const AGED: &str = "-year-old";
/// Most commas between a subject and its verb: long appositions stay below.
const COMMAS: usize = 6;

/// Classes of heads that can speak.
const SPEAKS: u64 = lex::ROLE
    | lex::ANONYMOUS
    | lex::GROUP
    | lex::BODY
    | lex::DOCUMENT
    | lex::ORGANISATION
    | lex::PRONOUN
    | lex::PARTY
    | lex::MALE_NOUN
    | lex::FEMALE_NOUN
    | lex::TITLE;

impl Mention {
    /// True if somebody or something in it can speak: a name, a pronoun, a role, a body, a text.
    #[must_use]
    pub fn can_speak(&self, stream: &Stream<'_>) -> bool {
        (self.from..self.to).any(|at| {
            let token = &stream.tokens[at];
            token.is(SPEAKS) && (!token.is(lex::TIME) || is_premier(stream, at))
                || is_name_word(stream, at)
                || token.kind == Kind::Number
                    && (self.to == self.from + 1 && token.end - token.start < 4
                        || stream.word(at).ends_with(AGED))
        }) || self.is_lone(stream)
    }

    /// True for the "one" and "another" of several who are not named.
    #[must_use]
    pub fn is_lone(&self, stream: &Stream<'_>) -> bool {
        self.to == self.from + 1 && is_lone_word(stream, self.from)
    }

    /// True for "I", "we", "you": the writer or the reader, who is nobody of the text.
    #[must_use]
    pub fn is_writer(&self, stream: &Stream<'_>) -> bool {
        self.is_pronoun(stream) && stream.tokens[self.from].is(lex::WRITER)
    }

    /// True if it is one personal pronoun.
    #[must_use]
    pub fn is_pronoun(&self, stream: &Stream<'_>) -> bool {
        self.to == self.from + 1 && stream.tokens[self.from].is(lex::PRONOUN)
    }
}

/// True for the PM, who is no time of day.
#[must_use]
pub fn is_premier(stream: &Stream<'_>, at: usize) -> bool {
    let token = &stream.tokens[at];
    token.is(lex::TIME)
        && token.is(lex::ROLE)
        && token.shout
        && at.checked_sub(1).is_none_or(|before| stream.tokens[before].kind != Kind::Number)
}

/// True for "one" and "another" beside their verb: “…,” said one. Another said: “…”.
#[must_use]
pub fn is_lone_word(stream: &Stream<'_>, at: usize) -> bool {
    let speaks = |i: usize| {
        stream.tokens.get(i).and_then(|t| t.cue).is_some_and(|c| {
            c.takes & lex::takes::QUOTE != 0
                && matches!(c.tense, lex::Tense::Past | lex::Tense::Third)
        })
    };
    let word = matches!(stream.word(at), "one" | "another" | "One" | "Another");
    let aside =
        stream.tokens.get(at + 1).is_some_and(|t| t.punct(',')) && stream.says(at + 2, "who");
    word && (speaks(at + 1)
        || aside
        || at > 0
            && speaks(at - 1)
            && stream.tokens.get(at + 1).is_none_or(|t| {
                t.kind == Kind::Break || t.punct('.') || t.punct(',') && stream.says(at + 2, "who")
            }))
}

/// Nouns that are no names though they have a capital, where every noun has one.
const COMMON_NOUN: u64 = lex::ROLE
    | lex::ANONYMOUS
    | lex::GROUP
    | lex::BODY
    | lex::DOCUMENT
    | lex::LISTENER
    | lex::MALE_NOUN
    | lex::FEMALE_NOUN
    | lex::PHRASE_CUE;

/// True for a capitalised word that can be part of a name: no day, no function word.
#[must_use]
#[inline]
pub fn is_name_word(stream: &Stream<'_>, at: usize) -> bool {
    // Asked of nearly every token, and most have no capital.
    stream.tokens.get(at).is_some_and(|t| t.capital && t.kind == Kind::Word) && can_name(stream, at)
}

/// True for a word with a capital that is no function word.
fn can_name(stream: &Stream<'_>, at: usize) -> bool {
    let token = &stream.tokens[at];
    let common = || stream.lexicon.grammar.capital_nouns && token.is(COMMON_NOUN) && !token.shout;
    let after_name = || {
        let before = at.checked_sub(1).map(|i| &stream.tokens[i]);
        before.is_some_and(|t| t.capital && t.is(lex::TITLE | lex::MALE_NAME | lex::FEMALE_NAME))
    };
    // "Ms. May", "Theresa May": the month is a name after a title or a given name.
    (!common() || after_name())
        && (!token.is(lex::TIME | lex::NEGATION | lex::MODIFIER) || after_name())
        && (!token.is(lex::DETERMINER
            | lex::PRONOUN
            | lex::PREPOSITION
            | lex::CONJUNCTION
            | lex::SUBORDINATOR
            | lex::RELATIVE
            | lex::AUXILIARY
            | lex::ADVERB)
            || token.shout && token.end - token.start > 1
            || token.is(lex::MALE_NAME | lex::FEMALE_NAME)
            || after_name())
}

/// True for letters in capitals behind a name: MP, OBE, PhD; not for the III of a grandson.
#[must_use]
pub fn is_honour(stream: &Stream<'_>, at: usize) -> bool {
    stream.tokens.get(at).is_some_and(|t| t.is(lex::SUFFIX) && t.kind == Kind::Word)
        && stream.word(at).ends_with(|c: char| c.is_uppercase() && c != 'I' && c != 'V')
}

/// True for the WHO: a body's letters, in a line that is not all in capitals.
#[must_use]
pub fn is_letters(stream: &Stream<'_>, at: usize) -> bool {
    let token = &stream.tokens[at];
    token.shout
        && token.end - token.start > 1
        && at.checked_sub(1).is_none_or(|before| !stream.tokens[before].shout)
        && stream.tokens.get(at + 1).is_none_or(|next| !next.shout)
}

/// The phrase whose right edge is `right` (exclusive), not before token `floor`.
#[must_use]
pub fn left_of(stream: &Stream<'_>, floor: usize, right: usize) -> Option<Mention> {
    let tokens = &stream.tokens;
    if right <= floor || right > tokens.len() {
        return None;
    }
    let last = &tokens[right - 1];
    if last.is(lex::PRONOUN)
        && last.kind == Kind::Word
        && !(last.shout && last.end - last.start > 1)
    {
        return Some(Mention { from: right - 1, to: right });
    }
    let mut from = right;
    let stop = floor.max(right.saturating_sub(LONGEST));
    // True once a determiner, pronoun or possessive pronoun has begun the part being walked.
    let mut begun = false;
    while from > stop {
        let at = from - 1;
        let token = &tokens[at];
        let name = is_name_word(stream, at);
        let next_is_name = from < right && is_name_word(stream, from);
        let take = match token.kind {
            Kind::Word if begun => {
                // Left of "the …": only what ties it to a phrase before, "of the agency".
                token.is(lex::PREPOSITION) && !token.capital && links(stream, at, floor)
                    || token.is(lex::DETERMINER) && stream.says(at, "all")
                    || token.is(lex::NUMBER) && stream.says(at + 1, "other")
            }
            Kind::Word
                if token.is(lex::RELATIVE | lex::SUBORDINATOR) && !is_letters(stream, at) =>
            {
                false
            }
            Kind::Word if token.is(lex::TIME) && name => true,
            Kind::Word if is_premier(stream, at) => true,
            Kind::Word if token.is(lex::TIME) && !(token.capital && next_is_name) => {
                from < right && !next_is_name && !token.capital && token.is(lex::DETERMINER)
            }
            Kind::Word if token.is(lex::TIME) => false,
            Kind::Word if token.is(lex::DETERMINER) && !token.is(lex::OF) => true,
            Kind::Word if name => true,
            Kind::Word if token.is(lex::CONJUNCTION) => {
                from < right && joins(stream, at, floor, right)
            }
            Kind::Word if token.is(lex::PREPOSITION) => {
                from < right && !token.capital && links(stream, at, floor)
            }
            Kind::Word if token.is(lex::PRONOUN) => stream.says(at, "her") && from < right,
            Kind::Word if token.is(lex::AUXILIARY | lex::VERB | lex::NEGATION) => false,
            Kind::Word
                if token.cue.is_some_and(|cue| cue.takes & lex::takes::NOUN == 0)
                    && !token.is(lex::DOCUMENT | lex::ROLE | lex::GROUP)
                    // "press secretary Lena Ortiz"
                    && !(token.cue.is_some_and(|cue| cue.tense == lex::Tense::Base)
                        && from < right
                        && tokens[from].is(lex::ROLE)) =>
            {
                false
            }
            Kind::Word if token.is(lex::ADVERB) => from < right && !next_is_name && !token.capital,
            // A lower-case word before a name belongs to it only if it says what the named one is.
            Kind::Word if next_is_name => {
                token.is(lex::ROLE | lex::TITLE | lex::ANONYMOUS | lex::BODY | lex::PARTICLE)
                    || stream.word(at).contains('-')
            }
            Kind::Word => true,
            Kind::Possessive => from < right,
            // "Article 6 says"
            Kind::Number => {
                from < right
                    || at > floor && tokens[at - 1].is(lex::DOCUMENT) && tokens[at - 1].capital
                    || stream.word(at).ends_with(AGED)
            }
            Kind::Quote => {
                from < right
                    && next_is_name
                    && stream.quote_words(token, 4) <= 3
                    && at > floor
                    && is_name_word(stream, at - 1)
            }
            // "Brandt & Lind's Lena Ortiz"
            Kind::Punct if token.mark == '&' => {
                next_is_name && at > floor && is_name_word(stream, at - 1)
            }
            Kind::Punct => {
                token.mark == ','
                    && from < right
                    && (listed(stream, at, floor, right) || adjectives(stream, at, floor))
            }
            Kind::Break => false,
        };
        if !take {
            break;
        }
        begun = token.is(lex::DETERMINER) && !token.is(lex::TIME)
            || begun && !token.is(lex::PREPOSITION);
        from = at;
    }
    // A phrase does not begin with a preposition, a conjunction or an adverb.
    while from < right {
        let token = &tokens[from];
        let weak = token.kind != Kind::Word
            && token.kind != Kind::Number
            && token.kind != Kind::Quote
            || token.is(lex::PREPOSITION | lex::CONJUNCTION | lex::SUBORDINATOR)
                && !is_name_word(stream, from)
            || token.is(lex::ADVERB) && !is_name_word(stream, from) && !token.is(lex::DETERMINER);
        if !weak {
            break;
        }
        from += 1;
    }
    (from < right).then_some(Mention { from, to: right })
}

/// True where the preposition at `at` joins what follows to a noun before it that it can complete.
fn links(stream: &Stream<'_>, at: usize, floor: usize) -> bool {
    if at <= floor {
        return false;
    }
    let before = &stream.tokens[at - 1];
    let word = stream.word(at);
    if stream.tokens[at].is(lex::OF) {
        return before.wordy()
            && !before.is(lex::VERB | lex::AUXILIARY)
            && before.cue.is_none_or(|c| c.takes & lex::takes::NOUN != 0)
            && !before.is(lex::TIME);
    }
    // "A spokesman for the Department for Transport said"
    if in_body_name(stream, at) {
        return true;
    }
    // "Bo Lind with the health board says": the name opens its clause.
    if matches!(word, "with" | "from" | "at" | "for") && is_name_word(stream, at - 1) {
        let start = (floor..at).rev().take_while(|&i| is_name_word(stream, i)).last().unwrap_or(at);
        return start + 1 < at
            && (start == floor
                || matches!(stream.tokens[start - 1].kind, Kind::Punct | Kind::Quote)
                || stream.tokens[start - 1].is(lex::CONJUNCTION));
    }
    matches!(
        word,
        "for"
            | "at"
            | "in"
            | "with"
            | "from"
            | "on"
            | "to"
            | "behind"
            | "close"
            | "against"
            | "inside"
            | "within"
    ) && !before.capital
        && before.is(lex::ROLE | lex::ANONYMOUS | lex::GROUP | lex::DOCUMENT)
        && before.kind == Kind::Word
        && before.cue.is_none_or(|c| c.takes & lex::takes::NOUN != 0)
        && !(word == "to" && before.is(lex::DOCUMENT))
}

/// True where "and" at `at` joins two names or groups into one subject.
fn joins(stream: &Stream<'_>, at: usize, floor: usize, right: usize) -> bool {
    let word = stream.word(at);
    if word == "&" {
        return true;
    }
    if word != "and" && word != "or" || at <= floor {
        return false;
    }
    let left = &stream.tokens[at - 1];
    let heads = lex::GROUP | lex::ROLE | lex::BODY | lex::ANONYMOUS;
    let left_name = is_name_word(stream, at - 1);
    let right_name = is_name_word(stream, at + 1)
        || left_name && !left.is(lex::TOPIC) && titled_after(stream, at, right);
    if !(left_name && right_name
        || left.is(heads) && !left.capital && (at + 1..right).any(|i| stream.tokens[i].is(heads)))
    {
        return false;
    }
    // The joined phrase must begin its clause, else the left name is the end of another clause.
    let mut start = at - 1;
    while start > floor
        && (is_name_word(stream, start - 1)
            || stream.tokens[start - 1]
                .is(lex::DETERMINER | lex::ROLE | lex::PARTICLE | lex::GROUP))
    {
        start -= 1;
    }
    // "of Norrland Fire and Rescue Service": one body.
    let body = || {
        stream.tokens[start - 1].is(lex::OF)
            && right_name
            && stream.tokens[right - 1].is(lex::ORGANISATION)
            && stream.tokens[right - 1].capital
    };
    opens_clause(stream, floor, start) || in_body_name(stream, start - 1) || body()
}

/// True where a role in small letters and a name follow "and" at `at`: "and superintendent Joe Tandy".
pub fn titled_after(stream: &Stream<'_>, at: usize, end: usize) -> bool {
    /// Longest such title in words.
    const TITLE: usize = 4;
    let tokens = &stream.tokens;
    let words = at + 1..end.min(tokens.len()).min(at + 1 + TITLE);
    let small = |&i: &usize| {
        let token = &tokens[i];
        token.kind == Kind::Word
            && !token.capital
            && token.classes
                & !(lex::ROLE
                    | lex::ANONYMOUS
                    | lex::TITLE
                    | lex::RANK
                    | lex::MODIFIER
                    | lex::OFFICE
                    | lex::BODY
                    | lex::PORTFOLIO
                    | lex::FREE
                    | lex::PRIVATE)
                == 0
    };
    let last = words.take_while(small).last();
    last.is_some_and(|last| tokens[last].is(lex::ROLE) && is_name_word(stream, last + 1))
}

/// True where a clause can begin at token `at`: its sentence or a mark before it, a quotation, "that".
fn opens_clause(stream: &Stream<'_>, floor: usize, at: usize) -> bool {
    at == floor || {
        let before = &stream.tokens[at - 1];
        matches!(before.kind, Kind::Punct | Kind::Quote)
            || before.is(lex::SUBORDINATOR | lex::CONJUNCTION)
    }
}

/// True for the "for" or "on" inside the name of a body: the Department for Transport, the Office on
/// Drugs and Crime.
fn in_body_name(stream: &Stream<'_>, at: usize) -> bool {
    let before = at.checked_sub(1).map(|i| &stream.tokens[i]);
    matches!(stream.word(at), "for" | "on")
        && before.is_some_and(|t| t.capital && t.is(lex::ORGANISATION) && t.is(lex::BODY))
        && is_name_word(stream, at + 1)
}

/// True where the comma at `at` stands between adjectives: "the lanky, bespectacled professor".
fn adjectives(stream: &Stream<'_>, at: usize, floor: usize) -> bool {
    at >= floor + 2
        && stream.tokens[at - 1].kind == Kind::Word
        && !stream.tokens[at - 1].capital
        && stream.tokens[at - 1].classes == 0
        && stream.tokens[at - 2].is(lex::DETERMINER)
        && stream
            .tokens
            .get(at + 1)
            .is_some_and(|t| t.kind == Kind::Word && !t.capital && t.classes == 0)
        // "familiar with the matter, cuts are": a clause begins.
        && stream.tokens.get(at + 2).is_some_and(|t| {
            t.kind == Kind::Word && !t.is(lex::AUXILIARY | lex::VERB | lex::PREPOSITION | lex::ADVERB)
        })
}

/// True where the comma at `at` stands in a list of names that "and" ends: "Brandt, Ortiz and Dorn".
fn listed(stream: &Stream<'_>, at: usize, floor: usize, right: usize) -> bool {
    at > floor
        && is_name_word(stream, at - 1)
        && is_name_word(stream, at + 1)
        && (at + 1..right).any(|i| stream.says(i, "and"))
        && (at + 1..right).all(|i| {
            is_name_word(stream, i)
                || stream.tokens[i].is(lex::CONJUNCTION)
                || stream.tokens[i].punct(',')
        })
        && at
            == floor
                + 1
                + (floor..at)
                    .rev()
                    .take_while(|&i| is_name_word(stream, i))
                    .count()
                    .saturating_sub(1)
}

/// The phrase that begins at token `from`, ending before `end`.
#[must_use]
pub fn right_of(stream: &Stream<'_>, from: usize, end: usize) -> Option<Mention> {
    let tokens = &stream.tokens;
    let end = end.min(tokens.len());
    if from >= end {
        return None;
    }
    let first = &tokens[from];
    // "her family" speaks; of "her statement" she does.
    let whose = first.is(lex::DETERMINER)
        && from + 1 < end
        && tokens[from + 1].is(SPEAKS)
        && !tokens[from + 1].is(lex::PRONOUN | lex::DOCUMENT)
        && tokens[from + 1].kind == Kind::Word;
    if first.is(lex::PRONOUN)
        && first.kind == Kind::Word
        && !(first.shout && first.end - first.start > 1)
        && !whose
    {
        return Some(Mention { from, to: from + 1 });
    }
    let mut to = from;
    // True once a noun that can end the phrase has been taken.
    let mut headed = false;
    while to < end.min(from + LONGEST) {
        let token = &tokens[to];
        let name = is_name_word(stream, to);
        let previous_name = to > from && is_name_word(stream, to - 1);
        let take = match token.kind {
            Kind::Word if name => true,
            // "a Wednesday editorial"
            Kind::Word
                if token.is(lex::TIME) && !token.is(lex::DETERMINER) && !is_premier(stream, to) =>
            {
                to > from
                    && tokens[to - 1].is(lex::DETERMINER)
                    && tokens.get(to + 1).is_some_and(|t| t.is(SPEAKS) && !t.capital)
            }
            Kind::Word if token.is(lex::DETERMINER) && !(headed && token.is(lex::OF)) => {
                to == from
                    || tokens[to - 1].is(lex::PREPOSITION | lex::DETERMINER | lex::CONJUNCTION)
                    || genitive(stream, to)
            }
            Kind::Word if token.is(lex::CONJUNCTION) => {
                let next = tokens.get(to + 1);
                headed
                    && next.is_some_and(|n| {
                        previous_name
                            && (is_name_word(stream, to + 1) || companion(stream, to).is_some())
                            || n.is(lex::ROLE | lex::GROUP) && !previous_name
                            || n.is(lex::ROLE | lex::TITLE)
                            || !first.is(lex::DETERMINER) && joined_title(stream, to, end)
                            || !n.capital
                                && !previous_name
                                && (to + 2..to + 4).any(|i| {
                                    tokens.get(i).is_some_and(|t| t.is(lex::ROLE | lex::GROUP))
                                })
                    })
                    && !stream.says(to, "but")
            }
            Kind::Word if token.is(lex::PREPOSITION) => {
                let word = stream.word(to);
                // "Secretary of State Lena Ortiz"
                let title = token.is(lex::OF)
                    && to > from
                    && tokens[to - 1].is(lex::TITLE)
                    && is_name_word(stream, to + 1);
                // "one of the sailors"
                let part = token.is(lex::OF)
                    && to == from + 1
                    && matches!(stream.word(from), "one" | "some" | "many" | "several" | "most");
                (headed || title || part)
                    && (token.is(lex::OF)
                        || acquainted(stream, to)
                        || in_body_name(stream, to)
                        || matches!(word, "for" | "at" | "with" | "from" | "in" | "to")
                            && !previous_name
                            && tokens[to - 1]
                                .is(lex::ROLE | lex::ANONYMOUS | lex::GROUP | lex::DOCUMENT)
                            && (word != "to" || tokens[to - 1].is(lex::ROLE)))
                    && tokens.get(to + 1).is_some_and(|n| n.wordy() && !n.is(lex::TIME))
            }
            Kind::Word
                if token.is(lex::PRONOUN | lex::RELATIVE | lex::SUBORDINATOR | lex::NEGATION) =>
            {
                false
            }
            Kind::Word if token.is(lex::AUXILIARY) => false,
            Kind::Word if token.is(lex::VERB) && headed => false,
            // "an elderly man", "a highly paid official"
            Kind::Word if token.is(lex::ADVERB) => to > from && tokens[to - 1].is(lex::DETERMINER),
            Kind::Word if headed && !token.capital && past_verb(stream, to) => false,
            Kind::Word if token.cue.is_some() && headed && !token.is(SPEAKS) => false,
            Kind::Word if previous_name => {
                token.is(SPEAKS | lex::PARTICLE | lex::SUFFIX)
                    || titled_name(stream, to, end)
                    || !stream.lexicon.grammar.complete
                        && tokens[from].is(lex::ROLE)
                        && is_name_word(stream, to + 1)
                        && is_name_word(stream, to + 2)
            }
            Kind::Word => true,
            Kind::Possessive => to > from,
            Kind::Number => to == from || !previous_name,
            Kind::Quote => {
                previous_name && is_name_word(stream, to + 1) && stream.quote_words(token, 4) <= 3
            }
            // "Brandt & Lind analyst Lena Ortiz"
            Kind::Punct if token.mark == '&' => previous_name && is_name_word(stream, to + 1),
            Kind::Punct => {
                token.mark == ','
                    && (adjectives(stream, to, from)
                        || headed && !first.is(lex::DETERMINER) && joined_title(stream, to, end))
            }
            Kind::Break => false,
        };
        if !take {
            break;
        }
        headed = headed
            && !token.is(lex::PREPOSITION | lex::CONJUNCTION)
            && token.kind != Kind::Possessive
            || token.kind == Kind::Word
                && !token.is(lex::DETERMINER | lex::PREPOSITION | lex::CONJUNCTION | lex::TITLE);
        headed = headed || token.is(lex::TITLE) && token.kind == Kind::Word && !token.capital;
        to += 1;
    }
    while to > from {
        let token = &tokens[to - 1];
        if token.is(lex::PREPOSITION | lex::CONJUNCTION | lex::DETERMINER)
            && !is_name_word(stream, to - 1)
            && to - from > 1
            || token.kind == Kind::Possessive
        {
            to -= 1;
        } else {
            break;
        }
    }
    let only_determiner = to == from + 1
        && first.is(lex::DETERMINER)
        && !first.is(lex::GROUP | lex::NUMBER)
        && !is_name_word(stream, from)
        && !is_lone_word(stream, from);
    (to > from && !only_determiner).then_some(Mention { from, to })
}

/// True where the preposition at `at` goes on with how a source knows: "a person familiar with the
/// matter", "somebody briefed on the talks".
fn acquainted(stream: &Stream<'_>, at: usize) -> bool {
    matches!(
        (stream.word(at.saturating_sub(1)), stream.word(at)),
        ("familiar" | "acquainted", "with") | ("close", "to") | ("briefed", "on")
    )
}

/// True for the article of a genitive that belongs to the role before it, where a name in apposition
/// follows: die Sprecherin der Gewerkschaft, Mira Castellan. Without one it may be whom she told.
fn genitive(stream: &Stream<'_>, at: usize) -> bool {
    let tokens = &stream.tokens;
    stream.lexicon.grammar.capital_nouns
        && tokens[at - 1].is(lex::ROLE)
        && tokens.get(at + 1).is_some_and(|t| t.capital && t.kind == Kind::Word)
        && tokens.get(at + 2).is_some_and(|t| t.punct(','))
        && is_name_word(stream, at + 3)
}

/// True where small words from `at` lead to a role before a name: "Dockers' Union national secretary
/// Lena Ortiz".
fn titled_name(stream: &Stream<'_>, at: usize, end: usize) -> bool {
    /// Most words between the body's name and the role.
    const REACH: usize = 3;
    // "Gulls right-hander Bo Lind": a given name tells that the word before it says what he is.
    let plain = |i: usize| {
        let token = &stream.tokens[i];
        token.classes == 0
            && token.cue.is_none()
            && is_name_word(stream, i + 2)
            && stream.tokens[i + 1].is(lex::MALE_NAME | lex::FEMALE_NAME)
    };
    let role = (at..end.min(at + REACH)).find(|&i| stream.tokens[i].is(lex::ROLE) || plain(i));
    role.is_some_and(|role| {
        is_name_word(stream, role + 1)
            && (at..=role).all(|i| {
                let token = &stream.tokens[i];
                token.kind == Kind::Word
                    && !token.capital
                    && !token.is(lex::PREPOSITION
                        | lex::DETERMINER
                        | lex::AUXILIARY
                        | lex::VERB
                        | lex::PRONOUN
                        | lex::CONJUNCTION
                        | lex::SUBORDINATOR
                        | lex::ADVERB)
            })
    })
}

/// True where "and" or the comma at `at` joins roles before one name: "former judge and Harbour Trust
/// director Lena Ortiz", "author, activist and judge Lena Ortiz".
fn joined_title(stream: &Stream<'_>, at: usize, end: usize) -> bool {
    /// Most words of the second role.
    const REACH: usize = 7;
    let tokens = &stream.tokens;
    let titled =
        |i: usize| tokens[i].is(lex::ROLE) && !tokens[i].capital && is_name_word(stream, i + 1);
    let role = (at + 1..end.min(at + REACH)).find(|&i| titled(i));
    at > 0
        && tokens[at - 1].is(lex::ROLE)
        && !tokens[at - 1].capital
        && role.is_some_and(|role| {
            (at + 1..role).all(|i| {
                is_name_word(stream, i)
                    || tokens[i].punct(',')
                    || tokens[i].kind == Kind::Word
                        && (tokens[i].is(lex::ROLE) && !tokens[i].capital
                            || stream.says(i, "and")
                            || tokens[i].classes
                                & !(lex::MODIFIER | lex::RANK | lex::BODY | lex::TOPIC)
                                == 0)
                        && (tokens[i].cue.is_none() || tokens[i].is(lex::ROLE))
            })
        })
}

/// True for a word in -ed before a phrase: a verb, not an adjective.
fn past_verb(stream: &Stream<'_>, at: usize) -> bool {
    stream.word(at).ends_with("ed")
        && stream.tokens.get(at + 1).is_some_and(|t| {
            t.is(lex::DETERMINER
                | lex::PREPOSITION
                | lex::PRONOUN
                | lex::ADVERB
                | lex::SUBORDINATOR)
                || t.kind == Kind::Punct
                || t.kind == Kind::Number
        })
}

/// The subject of the verb group that begins at token `verb`, looking back over appositions,
/// relative clauses and parentheses to `floor`.
#[must_use]
pub fn subject(stream: &Stream<'_>, floor: usize, verb: usize) -> Option<Mention> {
    let tokens = &stream.tokens;
    let verb = before_time(stream, floor, verb);
    // "Ortiz and Dorn both said", "have both said": who they are stands before.
    if verb > floor + 1 && stream.says(verb - 1, "both") {
        let auxiliary =
            (floor..verb - 1).rev().take_while(|&i| tokens[i].is(lex::AUXILIARY)).count();
        let end = verb - 1 - auxiliary;
        let several = |m: &Mention| {
            tokens[m.from].is(lex::PLURAL)
                || (m.from..m.to).any(|i| stream.says(i, "and") || tokens[i].is(lex::GROUP))
        };
        return subject_before(stream, floor, end).filter(several);
    }
    subject_before(stream, floor, verb)
}

/// The subject that ends before token `verb`, behind whatever is said of it.
fn subject_before(stream: &Stream<'_>, floor: usize, verb: usize) -> Option<Mention> {
    let tokens = &stream.tokens;
    if verb <= floor {
        return None;
    }
    let last = &tokens[verb - 1];
    match last.kind {
        Kind::Punct if matches!(last.mark, ',' | ')' | '—' | ']') => {
            across(stream, floor, verb - 1)
        }
        Kind::Word if last.is(lex::RELATIVE) && !is_letters(stream, verb - 1) => {
            relative(stream, floor, verb - 1)
        }
        // "Ortiz, who wrote “The Long Winter,” said": the comma stands inside the marks.
        Kind::Quote if stream.quote_end(last) == ',' && titled_aside(stream, floor, verb) => {
            across(stream, floor, verb)
        }
        Kind::Word | Kind::Number | Kind::Possessive | Kind::Quote => {
            if let Some(who) = closed_relative(stream, floor, verb) {
                return left_of(stream, floor, who);
            }
            let found = left_of(stream, floor, verb)?;
            let and = found.from.checked_sub(1).filter(|&and| and > floor);
            let both = and.and_then(|and| both_sides(stream, floor, and, found));
            Some(both.unwrap_or_else(|| whole(stream, floor, found)))
        }
        _ => None,
    }
}

/// True where the quotation before the verb at `verb` ends an aside with the title of a work: "…, who
/// wrote “The Long Winter,”", "…, author of “The Long Winter,”".
fn titled_aside(stream: &Stream<'_>, floor: usize, verb: usize) -> bool {
    /// Longest such aside in tokens.
    const LONGEST: usize = 12;
    let tokens = &stream.tokens;
    let stop = floor.max(verb.saturating_sub(LONGEST));
    let comma = (stop..verb - 1).rev().find(|&i| tokens[i].punct(','));
    comma.is_some_and(|comma| {
        comma > floor
            && (is_name_word(stream, comma - 1)
                || tokens[comma + 1].is(lex::RELATIVE) && tokens[comma - 1].is(lex::ROLE))
            && comma + 2 < verb
            && (tokens[comma + 1].is(lex::RELATIVE | lex::DETERMINER | lex::ROLE))
    })
}

/// The phrase that ends with `found`, where that only completes it.
fn whole(stream: &Stream<'_>, floor: usize, found: Mention) -> Mention {
    whole_of(stream, floor, found)
        .or_else(|| described(stream, floor, found))
        .or_else(|| together(stream, floor, found))
        .unwrap_or(found)
}

/// "Ortiz, head of the fund, and Brandt, a sailor, said": the first of two with its aside, the "and" at
/// `and` and the second, `other`, are one speaker, if the first opens the clause.
fn both_sides(stream: &Stream<'_>, floor: usize, and: usize, other: Mention) -> Option<Mention> {
    let tokens = &stream.tokens;
    if !stream.says(and, "and") || and < floor + 4 {
        return None;
    }
    let person = is_name_word(stream, other.to - 1) && !tokens[other.to - 1].is(lex::ORGANISATION)
        || companion(stream, and).is_some();
    if !person {
        return None;
    }
    let both = |mark: usize| {
        let first = left_of(stream, floor, mark).filter(|_| is_name_word(stream, mark - 1))?;
        let opens = opens_clause(stream, floor, first.from);
        opens.then_some(Mention { from: first.from, to: other.to })
    };
    let stop = floor.max(and.saturating_sub(LONGEST_ASIDE)) + 1;
    // "Ortiz (D-Ohio) and Brandt"
    if tokens[and - 1].punct(')') {
        return both((stop..and).rfind(|&i| tokens[i].punct('('))?);
    }
    if !tokens[and - 1].punct(',') {
        return None;
    }
    // "Ortiz, Dorn, and Brandt said"
    let named = |&i: &usize| is_name_word(stream, i) || tokens[i].punct(',');
    let list = (stop - 1..and - 1).rev().take_while(named).last();
    if let Some(list) = list
        && is_name_word(stream, list)
        && (list..and - 1).any(|i| tokens[i].punct(','))
        && opens_clause(stream, floor, list)
    {
        return Some(Mention { from: list, to: other.to });
    }
    // "Ortiz, the chair, left, and Brandt said": two clauses.
    let acts = |i: usize| {
        let token = &tokens[i];
        token.kind == Kind::Word
            && !token.capital
            && (token.is(lex::AUXILIARY | lex::VERB) || token.cue.is_some())
            && !token.is(lex::ROLE)
    };
    let describes = |comma: usize| {
        let aside = &tokens[comma + 1];
        let relative = aside.is(lex::RELATIVE);
        let titled = || aside.capital && (comma + 1..and - 1).any(|i| tokens[i].is(lex::ROLE));
        (relative
            || aside.kind == Kind::Number
            || aside.is(lex::DETERMINER | lex::ROLE | lex::TITLE | lex::OF)
            || titled())
            && (relative || !(comma + 1..and).any(acts))
    };
    (stop..and - 2)
        .rev()
        .take_while(|&i| tokens[i].kind != Kind::Quote && !tokens[i].punct(';'))
        .filter(|&i| tokens[i].punct(',') && describes(i))
        .find_map(both)
}

/// "said Ortiz, head of the fund, and Bo Brandt, a sailor": both, from the first to the second.
#[must_use]
pub fn with_another(stream: &Stream<'_>, first: Mention, end: usize) -> Option<Mention> {
    let tokens = &stream.tokens;
    let ends = |at: usize| {
        tokens.get(at).is_none_or(|t| t.punct(',') || t.punct('.') || t.kind == Kind::Break)
    };
    let named = first.to - first.from > 1 && is_name_word(stream, first.to - 1);
    let mark = tokens.get(first.to).filter(|_| named)?;
    // "Ortiz (D-Ohio) and Brandt (R-Utah)"
    if mark.punct('(') {
        let stop = end.min(first.to + LONGEST_ASIDE);
        let close = (first.to..stop).find(|&i| tokens[i].punct(')'))?;
        let other = right_of(stream, close + 2, end)
            .filter(|other| stream.says(close + 1, "and") && is_name_word(stream, other.to - 1))?;
        let named = ends(other.to) || tokens[other.to].punct('(');
        return named.then_some(Mention { from: first.from, to: other.to });
    }
    if !mark.punct(',') {
        return None;
    }
    let aside = first.to + 1..end.min(first.to + LONGEST_ASIDE);
    let and = aside
        .take_while(|&i| {
            let token = &tokens[i];
            token.kind == Kind::Word
                && !token.is(lex::AUXILIARY | lex::VERB | lex::RELATIVE | lex::SUBORDINATOR)
                || matches!(token.kind, Kind::Number | Kind::Possessive)
                || token.punct(',')
        })
        .find(|&i| stream.says(i, "and") && tokens[i - 1].punct(',') && i > first.to + 2)?;
    let given = tokens.get(and + 1)?.is(lex::MALE_NAME | lex::FEMALE_NAME | lex::TITLE);
    let other = right_of(stream, and + 1, end)
        .filter(|other| given && other.to > and + 2 && ends(other.to))?;
    Some(Mention { from: first.from, to: other.to })
}

/// The noun that the participle before an agent belongs to: "a letter from the guild obtained by the
/// Courier warns".
fn whole_of(stream: &Stream<'_>, floor: usize, agent: Mention) -> Option<Mention> {
    let verb = agent.from.checked_sub(2).filter(|&verb| verb > floor)?;
    let token = &stream.tokens[verb];
    // "A submission by the fund warned": the text speaks, whoever wrote it.
    if token.is(lex::DOCUMENT) && !token.capital && stream.says(agent.from - 1, "by") {
        let text = left_of(stream, floor, verb + 1)?;
        return Some(Mention { from: text.from, to: agent.to });
    }
    // "An email from Ortiz to Brandt"
    if stream.says(agent.from - 1, "to")
        && let Some(writer) = left_of(stream, floor, agent.from - 1)
        && (writer.from + 1..writer.to).any(|i| {
            matches!(stream.word(i), "from" | "by") && stream.tokens[i - 1].is(lex::DOCUMENT)
        })
    {
        return Some(writer);
    }
    let past = stream.word(verb).ends_with("ed")
        || token.cue.is_some_and(|c| matches!(c.tense, lex::Tense::Past | lex::Tense::Participle));
    let before = &stream.tokens[verb - 1];
    let reduced = stream.says(agent.from - 1, "by")
        && token.kind == Kind::Word
        && !token.capital
        && past
        && before.wordy()
        && !before.is(lex::AUXILIARY | lex::ADVERB | lex::RELATIVE);
    let whole = reduced.then(|| left_of(stream, floor, verb)).flatten()?;
    whole.can_speak(stream).then_some(whole)
}

/// The phrase of a head that ends with `found`, which is what the head is near to, knows or holds: "a source
/// close to Ortiz", "people with direct knowledge of the talks", "workers outside the hall". Of "40 groups
/// including Harbour Rights" the groups.
fn described(stream: &Stream<'_>, floor: usize, found: Mention) -> Option<Mention> {
    /// Most words between the head and its complement.
    const REACH: usize = 5;
    let tokens = &stream.tokens;
    let tie = found.from.checked_sub(1).filter(|&at| at > floor)?;
    let listed = last_of_list(stream, floor, tie);
    // A clause that opens with its list has no head: "including Ortiz and Brandt".
    let tie = listed.unwrap_or(tie);
    if tie <= floor {
        return None;
    }
    let token = &tokens[tie];
    let ties = token.kind == Kind::Word && !token.capital && token.is(lex::PREPOSITION);
    if !ties || matches!(stream.word(tie), "as" | "than") || is_personal(stream, found) {
        return None;
    }
    // "The National Weather Service in Norrvik"
    let body = &tokens[tie - 1];
    if stream.says(tie, "in")
        && body.capital
        && body.is(lex::ORGANISATION | lex::BODY)
        && listed.is_none()
    {
        let name = left_of(stream, floor, tie)?;
        return opens_clause(stream, floor, name.from)
            .then_some(Mention { from: name.from, to: found.to });
    }
    let is_head = |i: usize| {
        let token = &tokens[i];
        token.kind == Kind::Word
            && token.is(lex::ROLE | lex::GROUP | lex::ANONYMOUS)
            && !token.is(lex::DETERMINER | lex::DOCUMENT)
            && (!token.capital || opens_clause(stream, floor, i))
    };
    // "familiar", "briefed", "with direct knowledge"
    let between = |i: usize| {
        let token = &tokens[i];
        token.kind == Kind::Word
            && !token.capital
            && !token.is(lex::AUXILIARY
                | lex::VERB
                | lex::PRONOUN
                | lex::DETERMINER
                | lex::RELATIVE
                | lex::SUBORDINATOR
                | lex::CONJUNCTION
                | lex::TIME)
    };
    let stop = floor.max(tie.saturating_sub(REACH));
    let head = (stop..tie).rev().find(|&i| is_head(i) || !between(i)).filter(|&i| is_head(i))?;
    // "spoke about": what stands between them must describe, not do.
    let word = stream.word(head + 1);
    let describes = head + 1 == tie
        || tokens[head + 1].is(lex::PREPOSITION)
        || ["ed", "ing", "ly"].iter().any(|tail| word.ends_with(tail))
        || lists::known().near.has(word);
    if !describes {
        return None;
    }
    let whole = left_of(stream, floor, head + 1)?;
    let to = if listed.is_some() { whole.to } else { found.to };
    opens_clause(stream, floor, whole.from).then_some(Mention { from: whole.from, to })
}

/// True for "they", "she": a subject, which completes nothing; "a source close to him" it does.
fn is_personal(stream: &Stream<'_>, found: Mention) -> bool {
    found.is_pronoun(stream) && !matches!(stream.word(found.from), "him" | "her" | "them")
}

/// The "including" or "like" of the list whose last name stands behind token `at`.
fn last_of_list(stream: &Stream<'_>, floor: usize, at: usize) -> Option<usize> {
    /// Longest list in tokens.
    const LONGEST_LIST: usize = 24;
    let opens = |i: usize| matches!(stream.word(i), "including" | "like");
    let stop = floor.max(at.saturating_sub(LONGEST_LIST));
    (stop..=at)
        .rev()
        .find(|&i| {
            let token = &stream.tokens[i];
            let inside = is_name_word(stream, i)
                || token.punct(',')
                || stream.says(i, "and")
                || token.is(lex::DETERMINER | lex::PARTICLE)
                || token.is(lex::OF)
                || in_body_name(stream, i);
            opens(i) || !inside
        })
        .filter(|&i| opens(i))
}

/// The whole of "Ortiz and her colleagues", "Open Shores and 12 other groups": who speaks together with
/// somebody named.
fn together(stream: &Stream<'_>, floor: usize, found: Mention) -> Option<Mention> {
    let and = found.from.checked_sub(1).filter(|&at| at > floor)?;
    companion(stream, and)?;
    let whole = left_of(stream, floor, and)?;
    let named = is_name_word(stream, and - 1) && opens_clause(stream, floor, whole.from);
    named.then_some(Mention { from: whole.from, to: found.to })
}

/// The noun of those whom "and" at `at` joins to somebody named: "and his wife", "and 12 other groups".
pub fn companion(stream: &Stream<'_>, at: usize) -> Option<usize> {
    /// Most words from the possessive or the number to the noun.
    const REACH: usize = 4;
    let tokens = &stream.tokens;
    let first = tokens.get(at + 1).filter(|_| stream.says(at, "and"))?;
    let whose = first.is(lex::DETERMINER) && first.is(lex::MALE | lex::FEMALE | lex::PLURAL);
    let several = first.kind == Kind::Number || first.is(lex::NUMBER);
    let words = at + 2..tokens.len().min(at + 2 + REACH);
    let mut nouns = words.take_while(|&i| {
        tokens[i].kind == Kind::Word && !tokens[i].capital && !tokens[i].is(lex::PREPOSITION)
    });
    let noun = nouns.find(|&i| {
        tokens[i].is(lex::ROLE | lex::GROUP | lex::BODY) && !tokens[i].is(lex::DETERMINER)
    })?;
    (!first.capital && (whose || several)).then_some(noun)
}

/// Where the time that ends before the verb begins: "Brandt, who in the past has said", "a report last
/// year found".
fn before_time(stream: &Stream<'_>, floor: usize, verb: usize) -> usize {
    let tokens = &stream.tokens;
    let mut at = verb;
    while at > floor + 1
        && tokens[at - 1].kind == Kind::Word
        && !tokens[at - 1].capital
        && tokens[at - 1].is(lex::TIME)
    {
        at -= 1;
    }
    let noun =
        at > floor + 3 && at == verb && matches!(stream.word(at - 1), "past" | "time" | "moment");
    if noun && stream.says(at - 2, "the") && tokens[at - 3].is(lex::PREPOSITION) {
        at -= 3;
    } else if at < verb && at > floor + 1 && tokens[at - 1].is(lex::PREPOSITION) {
        at -= 1;
    }
    at
}

/// The "who" of a clause without commas before the verb at `verb`: "a woman who asked not to be named
/// said". None where the clause holds another that could have a subject of its own.
fn closed_relative(stream: &Stream<'_>, floor: usize, verb: usize) -> Option<usize> {
    /// Longest such clause in tokens.
    const LONGEST: usize = 12;
    let tokens = &stream.tokens;
    let stop = floor.max(verb.saturating_sub(LONGEST));
    let who = (stop..verb)
        .rev()
        .take_while(|&i| {
            matches!(tokens[i].kind, Kind::Word | Kind::Number | Kind::Possessive)
                && !tokens[i].is(lex::SUBORDINATOR | lex::CONJUNCTION)
        })
        .find(|&i| stream.says(i, "who"))?;
    let acts = (who + 1..verb).find(|&i| !tokens[i].is(lex::ADVERB))?;
    let does = tokens[acts].is(lex::AUXILIARY | lex::VERB)
        || tokens[acts].cue.is_some()
        || stream.word(acts).ends_with("ed");
    // "people who think Ortiz said": the verb is of the inner clause.
    let inner = tokens[acts].cue.is_some_and(|c| c.takes & lex::takes::CLAUSE != 0)
        && !(acts + 1..verb).any(|i| stream.says(i, "to"));
    (who > floor && acts + 1 < verb && does && !inner && tokens[who - 1].wordy()).then_some(who)
}

/// The noun before a relative pronoun at `at`: "Brandt, who said" → Brandt.
fn relative(stream: &Stream<'_>, floor: usize, at: usize) -> Option<Mention> {
    let mut right = at;
    while right > floor && stream.tokens[right - 1].punct(',') {
        right -= 1;
    }
    if right < at && right > floor && !is_name_word(stream, right - 1) {
        // "Brandt, head of the board, who said": the name is before the apposition.
        return across(stream, floor, right).or_else(|| left_of(stream, floor, right));
    }
    left_of(stream, floor, right)
}

/// The subject before a parenthetical whose closing mark is token `close`.
fn across(stream: &Stream<'_>, floor: usize, close: usize) -> Option<Mention> {
    let tokens = &stream.tokens;
    /// Longest parenthetical in tokens: relative clauses of sixty words occur.
    const LONGEST_PARENTHETICAL: usize = 90;
    let stop = floor.max(close.saturating_sub(LONGEST_PARENTHETICAL));
    let mut right = close;
    if tokens[close].mark == ')' || tokens[close].mark == ']' {
        let open = (stop..close).rev().find(|&i| tokens[i].punct('(') || tokens[i].punct('['))?;
        if open <= floor {
            return None;
        }
        return if tokens[open - 1].punct(',') {
            across(stream, floor, open - 1)
        } else {
            let found = left_of(stream, floor, open)?;
            let and = found.from.checked_sub(1).filter(|&and| and > floor);
            and.and_then(|and| both_sides(stream, floor, and, found)).or(Some(found))
        };
    }
    // Segments between commas, from the verb back to the clause's start.
    for _ in 0..COMMAS {
        let comma = (stop..right)
            .rev()
            .find(|&i| tokens[i].kind == Kind::Punct && matches!(tokens[i].mark, ',' | '—'));
        let start = comma.map_or(stop, |c| c + 1);
        if start >= right {
            return None;
        }
        // "Ortiz, head of the fund, and Brandt, a sailor, said"
        if stream.says(start, "and")
            && comma.is_some()
            && let Some(other) = right_of(stream, start + 1, right).filter(|m| m.to == right)
            && let Some(both) = both_sides(stream, floor, start, other)
        {
            return Some(both);
        }
        let aside = is_aside(stream, start, right);
        if comma.is_none() {
            // The clause's first segment: the subject, or an adverbial before it.
            if start > floor {
                return None;
            }
            let opener = skip_openers(stream, start, right);
            let first = &tokens[opener];
            let adverbial = first.is(lex::PREPOSITION | lex::SUBORDINATOR | lex::TIME)
                && !is_name_word(stream, opener)
                || first.cue.is_some() && !is_name_word_proper(stream, opener);
            if adverbial {
                if right == close {
                    return None;
                }
                let found = right_of(stream, right + 1, close)?;
                return found.can_speak(stream).then_some(found);
            }
            return bracket_free(stream, opener, right).map(|found| whole(stream, floor, found));
        }
        if !aside {
            let found = bracket_free(stream, start, right);
            // "Pavel Dorn and his wife, Lena, said"
            let couple = comma.filter(|&c| tokens[c].punct(',')).and_then(|c| {
                let and =
                    (stop..c.saturating_sub(1)).rev().take(4).find(|&i| stream.says(i, "and"))?;
                let noun = companion(stream, and).filter(|&noun| noun + 1 == c)?;
                together(stream, floor, Mention { from: and + 1, to: noun + 1 })
            });
            if let (Some(couple), Some(name)) = (couple, found) {
                return Some(Mention { from: couple.from, to: name.to });
            }
            let apposed = comma.is_some_and(|c| apposed_name(stream, stop, c));
            if !apposed && let Some(found) = found.filter(|m| m.can_speak(stream)) {
                return Some(whole(stream, floor, found));
            }
        }
        right = comma?;
    }
    None
}

/// True where the segment before the comma at `comma` is an apposition or a "whose" of its own, after
/// a name: "Brandt, the editor of the town's paper, The Gull, said".
fn apposed_name(stream: &Stream<'_>, stop: usize, comma: usize) -> bool {
    let tokens = &stream.tokens;
    let Some(before) = (stop..comma).rev().find(|&i| tokens[i].punct(',')) else { return false };
    let opens = &tokens[before + 1];
    // "Lena Ortiz, CEO, Harbour Foods, said"
    let bare = (before + 1..comma).all(|i| {
        tokens[i].is(lex::ROLE | lex::RANK | lex::TITLE)
            || tokens[i].kind == Kind::Word && !tokens[i].capital
    }) && (before + 1..comma).any(|i| tokens[i].is(lex::ROLE));
    let start = (stop..before).rev().find(|&i| tokens[i].punct(',')).map_or(stop, |c| c + 1);
    // "Dorn, 34, of Mill Lane, Norrvik, said"
    let lives = matches!(stream.word(before + 1), "of" | "from");
    if lives {
        return (start..before).all(|i| is_name_word(stream, i) || tokens[i].kind == Kind::Number);
    }
    if !(bare
        || opens.is(lex::DETERMINER | lex::ROLE) && !opens.capital
        || stream.says(before + 1, "whose"))
    {
        return false;
    }
    start < before
        && !tokens[start].is(lex::PREPOSITION | lex::SUBORDINATOR | lex::TIME)
        && is_name_word(stream, before - 1)
}

fn is_name_word_proper(stream: &Stream<'_>, at: usize) -> bool {
    is_name_word(stream, at) && stream.tokens[at].cue.is_none()
}

/// The phrase that ends at `right`, or before a bracket that ends there.
fn bracket_free(stream: &Stream<'_>, floor: usize, right: usize) -> Option<Mention> {
    let tokens = &stream.tokens;
    let mut right = right;
    if right > floor && tokens[right - 1].punct(')') {
        right = (floor..right).rev().find(|&i| tokens[i].punct('('))?;
    }
    let found = left_of(stream, floor, right)?;
    // A subject of several words must fill its segment: what stands before it is the clause's start.
    Some(found)
}

/// Skips "But", "And", "Meanwhile" at a clause's start.
fn skip_openers(stream: &Stream<'_>, from: usize, to: usize) -> usize {
    let mut at = from;
    while at + 1 < to
        && stream.tokens[at].is(lex::CONJUNCTION | lex::ADVERB)
        && !is_name_word(stream, at)
        && !stream.tokens[at].is(lex::TIME | lex::DETERMINER)
    {
        at += 1;
    }
    at
}

/// True where tokens `from..to` between commas read as an aside: an apposition, a relative clause,
/// an age, a place, a time.
fn is_aside(stream: &Stream<'_>, from: usize, to: usize) -> bool {
    let tokens = &stream.tokens;
    let first = &tokens[from];
    if !first.wordy() {
        return true;
    }
    if first.kind == Kind::Number {
        return true;
    }
    let all_place = (from..to).all(|i| {
        tokens[i].is(lex::PLACE | lex::SUFFIX | lex::PARTY | lex::ABBREVIATION)
            || tokens[i].kind == Kind::Number
    });
    if all_place {
        return true;
    }
    // "The bishop of Norrvik, the Rev. Ana Holm, said"
    if stream.says(from, "the")
        && tokens[from..to].get(1).is_some_and(|next| next.is(lex::TITLE) && next.capital)
        && (from + 1..to).all(|i| is_name_word(stream, i) || tokens[i].punct('.'))
    {
        return false;
    }
    if first.capital && is_name_word(stream, from) {
        // "Canada's ambassador to Chile", "Yellowhead MP": a role and no name after it.
        let role = (from..to).find(|&i| {
            tokens[i].is(lex::ROLE | lex::PARTY)
                && (!tokens[i].capital
                    || tokens[i].shout
                    || (i + 1..to).all(|i| tokens[i].is(lex::TITLE))
                    || tokens[i + 1].is(lex::PREPOSITION))
        });
        if role.is_some_and(|role| {
            let end = (role..to)
                .find(|&i| tokens[i].is(lex::PREPOSITION) && !tokens[i].capital)
                .unwrap_or(to);
            !(role + 1..end).any(|i| is_name_word(stream, i) && !tokens[i].is(lex::TITLE))
        }) {
            return true;
        }
        let word = stream.word(from);
        return word.starts_with("D-") || word.starts_with("R-") || word.starts_with("I-");
    }
    true
}

/// True if the phrase's head is a person or a name: no text, no time, no thing.
#[must_use]
pub fn is_speaker(stream: &Stream<'_>, mention: Mention) -> bool {
    let tokens = &stream.tokens;
    (mention.from..mention.to).any(|i| {
        tokens[i].is(lex::ROLE | lex::ANONYMOUS | lex::MALE_NOUN | lex::FEMALE_NOUN)
            && !tokens[i].is(lex::DOCUMENT)
    }) && !mention.is_pronoun(stream)
}

/// The first noun phrase of a sentence: its subject in most news sentences.
#[must_use]
pub fn sentence_subject(stream: &Stream<'_>, sentence: Sentence, before: usize) -> Option<Mention> {
    let tokens = &stream.tokens;
    let end = before.min(sentence.to);
    let mut at = skip_openers(stream, sentence.from, end);
    // An adverbial first: "On Friday, …", "In an interview with the board, …".
    for _ in 0..3 {
        let token = tokens.get(at)?;
        if at >= end {
            return None;
        }
        // "About 50 protesters": how many they are opens no adverbial.
        if token.is(lex::PREPOSITION | lex::ADVERB)
            && !is_name_word(stream, at)
            && tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Number)
            && tokens.get(at + 2).is_some_and(|t| t.is(SPEAKS) && !t.is(lex::TIME))
        {
            at += 1;
            break;
        }
        let adverbial = !is_name_word(stream, at)
            && (token.is(lex::PREPOSITION | lex::SUBORDINATOR | lex::TIME | lex::ADVERB)
                || token.cue.is_some()
                || (token.is(lex::NUMBER) || token.kind == Kind::Number)
                    && tokens.get(at + 1).is_some_and(|t| t.is(lex::TIME))
                || stream.word(at).ends_with("ing")
                || stream.word(at).ends_with("ed")
                    && !token.is(lex::ROLE | lex::GROUP | lex::BODY));
        if !adverbial {
            break;
        }
        // "On “The Hour,” Ortiz …": the comma may stand inside the marks.
        let marked =
            |i: usize| tokens[i].kind == Kind::Quote && stream.quote_end(&tokens[i]) == ',';
        at = (at..end).find(|&i| tokens[i].punct(',') || marked(i))? + 1;
    }
    // "Following a swift, closed session, the board …": the first phrase that can speak, and after
    // "Speaking in Salem, New Hampshire, Ortiz …" the one before the verb.
    let adverbial = at > sentence.from && tokens[at - 1].punct(',');
    let mut first = None;
    for _ in 0..3 {
        if let Some(found) = right_of(stream, at, end).filter(|found| found.can_speak(stream)) {
            let place = adverbial
                && tokens.get(found.to).is_some_and(|t| t.punct(','))
                && (found.from..found.to).all(|i| {
                    is_name_word(stream, i)
                        && !tokens[i].is(lex::MALE_NAME | lex::FEMALE_NAME | lex::TITLE)
                });
            if !place {
                let acts = tokens.get(found.to).is_some_and(|t| t.kind == Kind::Word);
                return if acts { Some(found) } else { first.or(Some(found)) };
            }
            first = first.or(Some(found));
        }
        let Some(comma) = (at..end).find(|&i| tokens[i].punct(',')) else { break };
        at = comma + 1;
    }
    first
}
