//! Text → the numbers of its words, by the million.
//!
//! Gives the very words that the analyzers of `words` give, and sooner: what becomes of a word, as it
//! stands and in its language, is looked up where it was met before. Few words make most of any text.

use std::hash::Hasher;
use std::ops::Range;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::FxHasher;
use tantivy::tokenizer::TextAnalyzer;

use super::words::{MAX_WORD, plain, stemmed, tagged, words};

/// The different terms of a segment, of all fields, each with its number.
pub(super) struct Terms {
    terms: Table,
    plain: TextAnalyzer,
    languages: Vec<Language>,
}

/// What is known of the words of a language.
struct Language {
    code: String,
    stems: TextAnalyzer,
    words: Table,
    /// By the number of the word.
    forms: Vec<Forms>,
}

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
        Self { terms: Table::default(), plain: plain(), languages: Vec::new() }
    }

    /// How many different terms there are.
    pub(super) fn len(&self) -> usize {
        self.terms.ends.len()
    }

    /// All terms with their numbers, in the order of their bytes.
    pub(super) fn sorted(&self) -> Vec<(&[u8], u32)> {
        let mut sorted: Vec<(&[u8], u32)> =
            (0..).take(self.len()).map(|number| (self.terms.text(number), number)).collect();
        sorted.sort_unstable();
        sorted
    }

    /// The number of a term.
    pub(super) fn number(&mut self, term: &[u8]) -> u32 {
        self.terms.number(term)
    }

    /// Gives the words of `text`, of the language of this code, to `take`, with their places from 0.
    /// Words left out for their length are counted.
    pub(super) fn cut(&mut self, code: &str, text: &str, mut take: impl FnMut(u32, Forms)) {
        let known = self.languages.iter().position(|language| language.code == code);
        let known = known.unwrap_or_else(|| {
            self.languages.push(Language::new(code));
            self.languages.len() - 1
        });
        let Some(language) = self.languages.get_mut(known) else { return };
        let mut end = 0;
        for place in 0.. {
            let range = word(text, end);
            end = range.end;
            let Some(word) = text.get(range).filter(|word| !word.is_empty()) else { return };
            if word.len() >= MAX_WORD {
                continue;
            }
            let number = language.words.number(word.as_bytes());
            let forms = match language.forms.get(number as usize) {
                Some(forms) => *forms,
                None => {
                    let plain = words(&mut self.plain, word).concat();
                    let stem = words(&mut language.stems, word).concat();
                    let forms = Forms {
                        plain: self.terms.number(plain.as_bytes()),
                        stem: self.terms.number(tagged(code, &stem).as_bytes()),
                    };
                    language.forms.push(forms);
                    forms
                }
            };
            take(place, forms);
        }
    }
}

impl Language {
    fn new(code: &str) -> Self {
        let (words, forms) = (Table::default(), Vec::new());
        Self { code: code.to_owned(), stems: stemmed(code), words, forms }
    }
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
    use std::collections::HashMap;

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
        fn a_text_is_cut_into_the_words_that_the_analyzers_give(
            texts in prop::collection::vec(
                (
                    prop::option::of(prop::sample::select(vec!["en", "fr", "de", "ru", "xx"])),
                    "([a-zA-Zéïßøİ0-9 ,.’'-]|\\PC|Министр[а-я]{0,3} |nouvelles |STATIONS ){0,40}",
                    prop::bool::ANY,
                ),
                1..6,
            )
        ) {
            let mut terms = Terms::new();
            for (language, mut text, long) in texts {
                if long {
                    text.push_str(&"long".repeat(30));
                    text.push_str(" end");
                }
                let code = code(language);
                let mut numbers = Vec::new();
                terms.cut(code, &text, |place, forms| numbers.push((place as usize, forms)));
                let texts: HashMap<u32, String> = terms
                    .sorted()
                    .iter()
                    .map(|(term, number)| (*number, String::from_utf8_lossy(term).into_owned()))
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
