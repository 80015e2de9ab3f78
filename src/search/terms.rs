//! Text → the numbers of its words, by the million.
//!
//! Gives the very words that the analyzers of `words` give, and sooner: what becomes of a word, as it
//! stands and in its language, is looked up where it was met before. Few words make most of any text.

use std::hash::Hasher;
use std::ops::Range;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::{FxHashMap, FxHasher};
use tantivy::tokenizer::TextAnalyzer;

use super::words::{MAX_WORD, plain, stemmed, tagged, words};

/// Languages whose words are held at a time: more than have a stemmer, and few enough that pages which
/// make languages up fill no memory.
const MAX_LANGUAGES: usize = 24;

/// Different terms of all fields, each with its number.
pub(super) struct Terms {
    terms: Table,
    /// The numbers of those that were there at the last sorting, in the order of their bytes.
    order: Vec<u32>,
    plain: TextAnalyzer,
    /// By their codes.
    languages: FxHashMap<Box<str>, Language>,
}

/// What is known of the words of a language.
struct Language {
    stems: TextAnalyzer,
    /// The words of [`SHORT`] bytes at most, as numbers: nearly all, and nothing else has to be looked at.
    short: FxHashMap<Short, Forms>,
    long: FxHashMap<Box<str>, Forms>,
}

/// The longest word that a number holds, in bytes.
const SHORT: usize = size_of::<Short>();

/// The bytes of a short word. None is 0, so those behind its end are not of it.
type Short = (u64, u64);

/// The numbers of a word's forms.
#[derive(Clone, Copy)]
pub(super) struct Forms {
    /// As it stands.
    pub(super) plain: u32,
    /// Its stem with the language.
    pub(super) stem: u32,
}

impl Terms {
    pub(super) fn new() -> Self {
        Self {
            terms: Table::default(),
            order: Vec::new(),
            plain: plain(),
            languages: FxHashMap::default(),
        }
    }

    /// How many different terms there are.
    pub(super) fn len(&self) -> usize {
        self.terms.ends.len()
    }

    /// The term of this number.
    pub(super) fn text(&self, number: u32) -> &[u8] {
        self.terms.text(number)
    }

    /// The numbers of all terms that were there when they were last sorted, in the order of their bytes.
    pub(super) fn order(&self) -> &[u32] {
        &self.order
    }

    /// Sorts those that have come since the last time, and puts them among the others.
    pub(super) fn sort(&mut self) {
        let terms = &self.terms;
        // Nearly all are told apart by what they begin with, without a look at where they stand.
        let mut new: Vec<(u128, u32)> = (0..)
            .take(terms.ends.len())
            .skip(self.order.len())
            .map(|number| (head(terms.text(number)), number))
            .collect();
        new.sort_unstable_by(|one, other| {
            let by_text = || terms.text(one.1).cmp(terms.text(other.1));
            one.0.cmp(&other.0).then_with(by_text)
        });
        let mut order = Vec::with_capacity(terms.ends.len());
        let mut known = self.order.iter().copied().peekable();
        for (_, number) in new {
            let text = terms.text(number);
            while let Some(before) = known.next_if(|known| terms.text(*known) < text) {
                order.push(before);
            }
            order.push(number);
        }
        order.extend(known);
        self.order = order;
    }

    /// The number of a term.
    pub(super) fn number(&mut self, term: &[u8]) -> u32 {
        self.terms.number(term)
    }

    /// Gives the words of `text`, of the language of this code, to `take`, with their places from 0.
    /// Words left out for their length are counted.
    pub(super) fn cut(&mut self, code: &str, text: &str, mut take: impl FnMut(u32, Forms)) {
        if !self.languages.contains_key(code) {
            if self.languages.len() == MAX_LANGUAGES {
                self.languages.clear();
            }
            self.languages.insert(code.into(), Language::new(code));
        }
        let Self { terms, plain, languages, .. } = self;
        let Some(language) = languages.get_mut(code) else { return };
        let mut end = 0;
        for place in 0.. {
            let range = word(text, end);
            end = range.end;
            let Some(word) = text.get(range.clone()).filter(|word| !word.is_empty()) else {
                return;
            };
            if word.len() >= MAX_WORD {
                continue;
            }
            let Language { stems, short, long } = &mut *language;
            let make = || Forms {
                plain: terms.number(words(plain, word).concat().as_bytes()),
                stem: terms.number(tagged(code, &words(stems, word).concat()).as_bytes()),
            };
            let forms = match short_word(text, range) {
                Some(word) => *short.entry(word).or_insert_with(make),
                None => match long.get(word) {
                    Some(forms) => *forms,
                    None => *long.entry(word.into()).or_insert_with(make),
                },
            };
            take(place, forms);
        }
    }
}

impl Language {
    fn new(code: &str) -> Self {
        Self { stems: stemmed(code), short: FxHashMap::default(), long: FxHashMap::default() }
    }
}

/// The word in this range of `text` as a number, if it is short.
fn short_word(text: &str, range: Range<usize>) -> Option<Short> {
    let mut bytes = [0; SHORT];
    let length = range.len();
    let halves = |word: u128| (word as u64, (word >> u64::BITS) as u64);
    if length > SHORT {
        return None;
    }
    // As many bytes at once as there may be, without those that are not of the word.
    if let Some(more) = text.as_bytes().get(range.start..).and_then(<[u8]>::first_chunk) {
        let beyond = 8 * (SHORT - length);
        return Some(halves(u128::from_le_bytes(*more) << beyond >> beyond));
    }
    for (to, byte) in bytes.iter_mut().zip(text.as_bytes().get(range)?) {
        *to = *byte;
    }
    Some(halves(u128::from_le_bytes(bytes)))
}

/// What a term begins with, as a number: where two terms' differ, the smaller is that of the first.
fn head(term: &[u8]) -> u128 {
    let mut head = [0; size_of::<u128>()];
    for (to, byte) in head.iter_mut().zip(term) {
        *to = *byte;
    }
    u128::from_be_bytes(head)
}

/// Different texts, numbered from 0 as they came, one behind the other in one piece of memory.
#[derive(Default)]
struct Table {
    bytes: Vec<u8>,
    /// By number, where each text ends.
    ends: Vec<usize>,
    numbers: HashTable<u32>,
}

impl Table {
    fn text(&self, number: u32) -> &[u8] {
        text(&self.bytes, &self.ends, number)
    }

    /// The number of `wanted`, the next one if it is new.
    fn number(&mut self, wanted: &[u8]) -> u32 {
        let Self { bytes, ends, numbers } = self;
        let is_same = |number: &u32| text(bytes, ends, *number) == wanted;
        let hash_of = |number: &u32| hash(text(bytes, ends, *number));
        match numbers.entry(hash(wanted), is_same, hash_of) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                // A segment's memory ends long before numbers do.
                let next = u32::try_from(ends.len()).unwrap_or(u32::MAX);
                free.insert(next);
                bytes.extend_from_slice(wanted);
                ends.push(bytes.len());
                next
            }
        }
    }
}

fn text<'a>(bytes: &'a [u8], ends: &[usize], number: u32) -> &'a [u8] {
    let number = number as usize;
    let begin = number.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    ends.get(number).and_then(|end| bytes.get(begin..*end)).unwrap_or_default()
}

fn hash(text: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    hasher.finish()
}

/// Where the first word from byte `at` of `text` on stands; empty at the end of the text.
fn word(text: &str, at: usize) -> Range<usize> {
    let start = run(text, at, false);
    start..run(text, start, true)
}

/// The end of the characters from byte `at` on that belong to words, or that don't.
fn run(text: &str, mut at: usize, belong: bool) -> usize {
    let same = if belong { Kind::Word } else { Kind::Between };
    loop {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let Some(other) = rest.iter().position(|byte| KINDS[usize::from(*byte)] != same) else {
            return text.len();
        };
        at += other;
        // A letter of another script may be any of both.
        match text.get(at..).and_then(|rest| rest.chars().next()) {
            Some(c) if !c.is_ascii() && c.is_alphanumeric() == belong => at += c.len_utf8(),
            _ => return at,
        }
    }
}

/// What a byte is to words.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Word,
    Between,
    /// A part of a character beyond ASCII.
    Beyond,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Beyond; 256];
    let mut byte = 0;
    while byte < 128 {
        let belongs = (byte as u8).is_ascii_alphanumeric();
        kinds[byte] = if belongs { Kind::Word } else { Kind::Between };
        byte += 1;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use proptest::prelude::*;

    use super::super::words::code;
    use super::*;

    fn tokens(analyzer: &mut TextAnalyzer, text: &str) -> Vec<(usize, String)> {
        let mut stream = analyzer.token_stream(text);
        let mut tokens = Vec::new();
        while let Some(token) = stream.next() {
            tokens.push((token.position, token.text.clone()));
        }
        tokens
    }

    proptest! {
        #[test]
        fn terms_come_in_the_order_of_their_bytes_also_where_others_came_before(
            times in prop::collection::vec(
                prop::collection::vec(prop::collection::vec(0..3_u8, 0..20), 0..20),
                1..4,
            )
        ) {
            let (mut terms, mut wanted) = (Terms::new(), BTreeSet::new());
            for new in times {
                for term in new {
                    terms.number(&term);
                    wanted.insert(term);
                }
                terms.sort();
                let found: Vec<&[u8]> =
                    terms.order().iter().map(|number| terms.text(*number)).collect();
                prop_assert_eq!(found, wanted.iter().collect::<Vec<_>>());
            }
        }

        #[test]
        fn a_text_is_cut_into_the_words_that_the_analyzers_give(
            texts in prop::collection::vec(
                (
                    prop::option::of(prop::sample::select(vec!["en", "fr", "de", "ru", "xx"])),
                    "([a-zA-Zéïßøİ0-9 ,.’'-]|\\PC|Министр[а-я]{0,3} |nouvelles |STATIONS ){0,40}",
                    prop::bool::ANY,
                ),
                1..6,
            ),
            // More languages than are held at a time.
            others in 0..MAX_LANGUAGES * 2,
        ) {
            let mut terms = Terms::new();
            for other in 0..others {
                terms.cut(&format!("x{other}"), "harbours", |_, _| {});
            }
            for (language, mut text, long) in texts {
                if long {
                    text.push_str(&"long".repeat(30));
                    text.push_str(" end");
                }
                let code = code(language);
                let mut numbers = Vec::new();
                terms.cut(code, &text, |place, forms| numbers.push((place as usize, forms)));
                terms.sort();
                let texts: HashMap<u32, String> = terms
                    .order()
                    .iter()
                    .map(|it| (*it, String::from_utf8_lossy(terms.text(*it)).into_owned()))
                    .collect();
                let as_texts = |form: fn(&Forms) -> u32| -> Vec<(usize, String)> {
                    numbers.iter().map(|(place, forms)| (*place, texts[&form(forms)].clone())).collect()
                };
                prop_assert_eq!(as_texts(|forms| forms.plain), tokens(&mut plain(), &text));
                let mut stems = tokens(&mut stemmed(code), &text);
                for (_, stem) in &mut stems {
                    *stem = tagged(code, stem);
                }
                prop_assert_eq!(as_texts(|forms| forms.stem), stems);
            }
        }
    }
}
