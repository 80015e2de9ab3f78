//! The names that a text prints: capitals → runs of words that name somebody, without their titles.
//!
//! A run is cut after its last title or role, at a given name behind an organisation, and at the verb
//! of a headline. Refuses to say who is who: see `cast`.

use std::collections::{HashMap, HashSet};

use rustc_hash::FxBuildHasher;

use super::super::lexicon::{self as lex, Lexicon};
use super::super::sources::{Mention, is_honour, is_name_word};
use super::super::tokens::{Kind, Stream, Token, fold_key as key};
use super::Gender;

/// A run of name words: the whole with titles, and the name in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) whole: Mention,
    pub(super) name: Mention,
    pub(super) titled: bool,
    pub(super) gender: Gender,
    pub(super) sentence_start: bool,
    /// A lone common word in capitals: somebody only if somebody bears it as a surname.
    pub(super) common: bool,
}

/// Longest name in tokens.
pub(super) const LONGEST_NAME: usize = 9;

/// Every run of name words in the text.
pub(super) fn runs(stream: &Stream<'_>) -> Vec<Run> {
    let grammar = stream.lexicon.grammar;
    let mut out = Vec::with_capacity(stream.capitals.len());
    let tokens = &stream.tokens;
    let mut starts = stream.sentences.iter().map(|s| s.from).peekable();
    let mut sentence_from = 0;
    let mut free = 0;
    for &capital in &stream.capitals {
        let from = capital as usize;
        if from < free || !is_name_word(stream, from) {
            continue;
        }
        while starts.peek().is_some_and(|&s| s <= from) {
            sentence_from = starts.next().unwrap_or(0);
        }
        let mut to = from + 1;
        while to < tokens.len() && to - from < LONGEST_NAME {
            if is_name_word(stream, to) {
                to += 1;
                continue;
            }
            let token = &tokens[to];
            if !matches!(token.kind, Kind::Word | Kind::Quote) {
                break;
            }
            let next_name = is_name_word(stream, to + 1);
            let particle = token.kind == Kind::Word
                && !token.capital
                && (token.is(lex::PARTICLE)
                    && (!matches!(stream.word(to), "o" | "la" | "do" | "da" | "st" | "mac" | "san")
                        // "Maria da Silva", "Miguel de la Cruz"
                        || matches!(stream.word(to), "la" | "da" | "do")
                            && tokens[to - 1].is(lex::MALE_NAME | lex::FEMALE_NAME | lex::PARTICLE))
                    && (next_name || tokens.get(to + 1).is_some_and(|t| t.is(lex::PARTICLE))));
            let joined = token.kind == Kind::Word
                && !token.capital
                && next_name
                && tokens[from..to].iter().any(|t| t.is(lex::ORGANISATION | lex::BODY))
                && !tokens[from].is(lex::TITLE | lex::MALE_NAME | lex::FEMALE_NAME)
                && matches!(stream.word(to), "of" | "for" | "on" | "and" | "&" | "against")
                && !(stream.says(to, "and") && tokens[to - 1].is(lex::ORGANISATION));
            let nickname =
                token.kind == Kind::Quote && next_name && stream.quote_words(token, 4) <= 3;
            let board = stream.says(to, "and")
                && next_name
                && from > 0
                && stream.says(from - 1, "the")
                && (to + 2..to + 4)
                    .any(|i| is_name_word(stream, i) && tokens[i].is(lex::ORGANISATION))
                && is_name_word(stream, to + 2)
                && !tokens[from].is(lex::MALE_NAME | lex::FEMALE_NAME | lex::TITLE);
            if particle || joined || board || nickname {
                to += 1;
            } else {
                break;
            }
        }
        while to > from + 1 && !is_name_word(stream, to - 1) {
            to -= 1;
        }
        free = to;
        // "Lena Ortiz MP", "Lena Ortiz OBE": what she is, no part of her name.
        while to > from + 2 && is_honour(stream, to - 1) {
            to -= 1;
        }
        // The name begins after the last title or role in capitals.
        let mut name_from = from;
        let (mut titled, mut gender) = (false, Gender::Unknown);
        let organisation = tokens[to - 1].is(lex::ORGANISATION)
            && (from..to).any(|i| {
                tokens[i].is(lex::ORGANISATION)
                    && !tokens[i].is(lex::ROLE | lex::TITLE | lex::MALE_NAME | lex::FEMALE_NAME)
            });
        if !organisation {
            for (i, token) in (from..to).zip(&tokens[from..to]) {
                if token.is(lex::TITLE | lex::ROLE)
                    && !token.is(lex::MALE_NAME | lex::FEMALE_NAME)
                    && i + 1 < to
                {
                    name_from = i + 1;
                    titled = true;
                    if token.is(lex::MALE_TITLE | lex::MALE_NOUN) {
                        gender = Gender::Male;
                    } else if token.is(lex::FEMALE_TITLE | lex::FEMALE_NOUN) {
                        gender = Gender::Female;
                    }
                }
            }
            // "Fox News host" is cut above; "Foreign Ministry Lena Ortiz" at the given name.
            for i in name_from + 1..to.saturating_sub(1) {
                if tokens[i].is(lex::MALE_NAME | lex::FEMALE_NAME)
                    && !tokens[i - 1].is(lex::MALE_NAME | lex::FEMALE_NAME)
                    && tokens[name_from..i].iter().any(|t| {
                        t.is(lex::ORGANISATION | lex::BODY | lex::PLACE | lex::PARTY)
                            || !grammar.complete
                    })
                {
                    name_from = i;
                    break;
                }
            }
            while name_from + 1 < to && tokens[name_from].is(lex::PARTY) {
                name_from += 1;
            }
            // "Secretary of State Lena Ortiz": what the title is of.
            let of = from > 1
                && stream.says(from - 1, "of")
                && tokens[from - 2].is(lex::TITLE | lex::ROLE);
            if of && name_from == from {
                let portfolio = (from..to)
                    .take_while(|&i| {
                        tokens[i].is(lex::RANK | lex::BODY | lex::ORGANISATION)
                            && !tokens[i].is(lex::MALE_NAME | lex::FEMALE_NAME)
                    })
                    .count();
                // "Archbishop of Norrvik Ana Holm"
                let given = |i: usize| tokens[i].is(lex::MALE_NAME | lex::FEMALE_NAME);
                let seat = !given(from) && !tokens[from].is(lex::TITLE) && tokens[from - 2].capital;
                let first = (from + 1..to - 1).find(|&i| given(i)).filter(|_| seat);
                if let Some(first) = first {
                    name_from = first;
                    titled = true;
                } else if portfolio > 0 && from + portfolio + 1 < to {
                    name_from = from + portfolio;
                    titled = true;
                }
            }
            // "Lord Hennick", "Pope Leontius": no name without its title.
            let alone =
                to == name_from + 1 || to == name_from + 2 && tokens[to - 1].is(lex::SUFFIX);
            if name_from > from && alone && tokens[name_from - 1].is(lex::NOBLE) {
                name_from -= 1;
            }
        }
        // "spokeswoman Jessica Dahl": a role in small letters before the name.
        if name_from == from && from > 0 {
            let before = &tokens[from - 1];
            if before.kind == Kind::Word
                && (!before.capital || stream.lexicon.grammar.capital_nouns)
                && before.is(lex::ROLE | lex::TITLE | lex::MALE_NOUN | lex::FEMALE_NOUN)
            {
                titled = true;
                if before.is(lex::MALE_NOUN | lex::MALE_TITLE) {
                    gender = Gender::Male;
                } else if before.is(lex::FEMALE_NOUN | lex::FEMALE_TITLE) {
                    gender = Gender::Female;
                }
            }
        }
        let token = &tokens[name_from];
        let lone = to == name_from + 1;
        // A lone role or group in capitals ("Officials", "President") names nobody.
        let common = lone
            && token.is(lex::ROLE
                | lex::TITLE
                | lex::GROUP
                | lex::ANONYMOUS
                | lex::DOCUMENT
                | lex::BODY
                | lex::VERB)
            // "the Guardian" is a paper, "the Council" may be any.
            && (!token.is(lex::ORGANISATION) || token.is(lex::BODY | lex::GROUP))
            // "one MP" names nobody, "the NDP" does.
            && (!token.shout || token.is(lex::ROLE) && !token.is(lex::PARTY))
            && !token.is(lex::MALE_NAME | lex::FEMALE_NAME);
        if lone && token.cue.is_some() && from == sentence_from {
            continue;
        }
        // "the Kentucky Republican" describes; "Green Party" names.
        let last = &tokens[to - 1];
        if last.is(lex::PARTY) && !last.is(lex::ORGANISATION) && !lone {
            continue;
        }
        out.push(Run {
            whole: Mention { from, to },
            name: Mention { from: name_from, to },
            titled,
            gender,
            sentence_start: from == sentence_from,
            common,
        });
    }
    out
}

/// Runs without what a headline in the text strings together: there every word has a capital, so that
/// "Reporter Corners Brandt" reads as a name. Kept are names that stand elsewhere too, and a given
/// name with one word after it.
pub(super) fn unheadlined(stream: &Stream<'_>, runs: Vec<Run>, sentence_of: &[u32]) -> Vec<Run> {
    /// Small words that only a headline writes with capitals.
    const SMALL: u64 = lex::PREPOSITION | lex::PRONOUN | lex::DETERMINER | lex::SUBORDINATOR;
    /// Fewest tokens of a headline.
    const SHORTEST: usize = 5;
    let is_headline = |index: u32| {
        let sentence = stream.sentences[index as usize];
        // A line of names has capitals too, but no verbs and small words; a sentence of names and a
        // quotation has a verb in small letters.
        let words = || stream.tokens[sentence.from + 1..sentence.to].iter();
        let verb = |t: &Token| t.cue.is_some() || t.is(lex::VERB | lex::AUXILIARY);
        // Most sentences have a verb in small letters among their first words.
        sentence.to - sentence.from >= SHORTEST
            && !words().any(|t| t.kind == Kind::Word && !t.capital && verb(t))
            && words().any(|t| t.capital && (verb(t) || t.is(SMALL)))
            && stream.in_title_case(sentence)
    };
    // Names come in order, mostly several of a sentence.
    let mut last = (u32::MAX, false);
    let mut headline = |run: &Run| {
        let index = sentence_of[run.name.from];
        run.name.to - run.name.from > 1 && {
            if last.0 != index {
                last = (index, is_headline(index));
            }
            last.1
        }
    };
    if !runs.iter().any(&mut headline) {
        return runs;
    }
    let marks: Vec<bool> = runs.iter().map(&mut headline).collect();
    let words =
        |name: Mention| (name.from..name.to).map(|i| key(stream.word(i))).collect::<Vec<_>>();
    let plain: HashSet<Vec<u64>, FxBuildHasher> = runs
        .iter()
        .zip(&marks)
        .filter(|(run, headline)| !**headline && run.name.to - run.name.from > 1)
        .map(|(run, _)| words(run.name))
        .collect();
    let cut = |mut run: Run| {
        let verb = (run.name.from + 1..run.name.to).find(|&i| {
            let token = &stream.tokens[i];
            token.is(lex::VERB | lex::ADVERB)
                || token.cue.is_some_and(|c| c.tense != lex::Tense::Base)
        });
        run.name.to = verb.unwrap_or(run.name.to);
        let given = stream.tokens[run.name.from].is(lex::MALE_NAME | lex::FEMALE_NAME);
        let words_left = run.name.to - run.name.from;
        // What is left of one word is somebody only if somebody bears it as a surname.
        run.common |= words_left == 1;
        let kept = words_left == 1 || words_left == 2 && given || plain.contains(&words(run.name));
        kept.then_some(run)
    };
    let cut = |(run, headline): (Run, bool)| if headline { cut(run) } else { Some(run) };
    runs.into_iter().zip(marks).filter_map(cut).collect()
}

/// Runs cut to the names they end with: "Getty Images Lena Ortiz" where "Lena Ortiz" stands alone
/// elsewhere.
pub(super) fn trimmed(stream: &Stream<'_>, mut runs: Vec<Run>) -> Vec<Run> {
    let given = |at: usize| stream.tokens[at].is(lex::MALE_NAME | lex::FEMALE_NAME);
    if runs.iter().all(|run| run.name.to - run.name.from < 3) {
        return runs;
    }
    let mut pairs: HashMap<(u64, u64), usize, FxBuildHasher> = HashMap::default();
    for run in runs.iter().filter(|run| run.name.to - run.name.from == 2) {
        let pair = (key(stream.word(run.name.from)), key(stream.word(run.name.to - 1)));
        *pairs.entry(pair).or_insert(0) += 1;
    }
    for run in &mut runs {
        let words = run.name.to - run.name.from;
        if words < 3 || organisation_words(stream, run.name) && !given(run.name.to - 2) {
            continue;
        }
        let first = run.name.to - 2;
        let pair = (key(stream.word(first)), key(stream.word(run.name.to - 1)));
        let particle = stream.tokens[first].is(lex::PARTICLE) || given(first - 1);
        if pairs.contains_key(&pair) && !particle && (given(first) || words > 3) {
            run.name.from = first;
        }
    }
    runs
}

/// The names of several words in a headline, each with the key of its last word.
#[must_use]
pub fn full_names(title: &str, lexicon: &'static Lexicon) -> Vec<(u64, String)> {
    let stream = Stream::new(title, Vec::new(), lexicon);
    // In a headline in title case every word looks like a name.
    let words = stream.tokens.iter().filter(|t| t.kind == Kind::Word);
    let small = words.clone().filter(|t| !t.capital && t.end - t.start > 3).count();
    if small * 4 < words.count() {
        return Vec::new();
    }
    runs(&stream)
        .iter()
        .filter(|run| run.name.to - run.name.from > 1 && !organisation_words(&stream, run.name))
        .map(|run| {
            let (_, last) = ends(&stream, run.name);
            (key(stream.word(last)), stream.phrase(run.name.from, run.name.to).to_owned())
        })
        .collect()
}

/// An author's name with the key of its last word, if it has several and reads as a name.
#[must_use]
pub fn author_name(author: &str) -> Option<(u64, String)> {
    /// Longest name in words; a longer byline says more than a name.
    const LONGEST: usize = 5;
    let words: Vec<&str> = author.split_whitespace().collect();
    let last = words.last()?;
    let capital = |word: &str| word.starts_with(char::is_uppercase);
    let name = (2..=LONGEST).contains(&words.len())
        && capital(words[0])
        && capital(last)
        && words.iter().all(|w| !w.contains([',', '/', '@', ':', '|']));
    name.then(|| (key(last), words.join(" ")))
}

/// True where the longer name ends with the words of the shorter: "Fouzia Al Hashish", "Al Hashish".
pub(super) fn ends_with(stream: &Stream<'_>, long: Mention, short: Mention) -> bool {
    let words = short.to - short.from;
    if stream.tokens[short.from].is(lex::MALE_NAME | lex::FEMALE_NAME)
        || long.to - long.from != words + 1
    {
        return false;
    }
    (0..words).all(|i| key(stream.word(long.to - words + i)) == key(stream.word(short.from + i)))
}

pub(super) fn initial(word: &str) -> bool {
    word.trim_end_matches('.').chars().count() == 1
}

/// First and last word of a name, suffixes and particles apart.
pub(super) fn ends(stream: &Stream<'_>, name: Mention) -> (usize, usize) {
    let mut last = name.to - 1;
    while last > name.from
        && (stream.tokens[last].is(lex::SUFFIX) || stream.tokens[last].kind != Kind::Word)
    {
        last -= 1;
    }
    (name.from, last)
}

pub(super) fn organisation_words(stream: &Stream<'_>, name: Mention) -> bool {
    let given = stream.tokens[name.from].is(lex::MALE_NAME | lex::FEMALE_NAME);
    let any = (name.from..name.to).any(|i| {
        stream.tokens[i].is(lex::ORGANISATION | lex::PREPOSITION | lex::CONJUNCTION | lex::PARTY)
            || stream.says(i, "&")
    });
    let last = &stream.tokens[name.to - 1];
    any && (!given || last.is(lex::ORGANISATION))
        || name.to == name.from + 1 && last.shout
        || (name.from..name.to).all(|i| stream.tokens[i].is(lex::PLACE))
}
