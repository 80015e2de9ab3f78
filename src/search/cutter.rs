//! Text → the words that an index is written of, by the million.
//!
//! Gives the very words that the analyzers of `words` give, and sooner: letters of ASCII need no
//! table, and what becomes of any other word, or of a word in its language, is looked up where it was
//! met before. Few words make most of any text.

use std::hash::Hasher;
use std::ops::Range;

use rustc_hash::FxHasher;
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};

use super::words::{MAX_WORD, plain, stemmed, tagged, taken_apart, words};

/// Words whose forms are kept: bounds memory, whatever is indexed. A word takes the place of the one
/// before it that has the same hash.
const PLACES: usize = 1 << 16;
/// Bytes of a word and its form together that are kept: with their lengths a line of the processor's
/// cache. Longer words are rare.
const ROOM: usize = 61;
/// Languages whose stemmers are kept.
const MAX_LANGUAGES: usize = 20;

/// A tokenizer of words as they stand, or of stems with their language.
#[derive(Clone)]
pub(super) struct Cutter {
    token: Token,
    forms: Forms,
}

/// What becomes of words, by their language.
#[derive(Clone)]
struct Forms {
    by_language: bool,
    languages: Vec<Language>,
    /// Empty until the first word is kept: most fields never need it.
    known: Vec<Known>,
}

#[derive(Clone)]
struct Language {
    code: String,
    analyzer: TextAnalyzer,
}

/// A word of a text and behind it its form, by their lengths; nothing where there is no form.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Known {
    language: u8,
    word: u8,
    form: u8,
    text: [u8; ROOM],
}

impl Known {
    const NOTHING: Self = Self { language: 0, word: 0, form: 0, text: [0; ROOM] };

    /// The form of `word`, if it is that of this place.
    fn form_of(&self, language: u8, word: &str) -> Option<&str> {
        let (known, rest) = self.text.split_at_checked(usize::from(self.word))?;
        if self.form == 0 || self.language != language || known != word.as_bytes() {
            return None;
        }
        str::from_utf8(rest.get(..usize::from(self.form))?).ok()
    }

    /// A place with `word` and its form, if they are short enough.
    fn of(language: u8, word: &str, form: &str) -> Option<Self> {
        let mut text = [0; ROOM];
        text.get_mut(..word.len())?.copy_from_slice(word.as_bytes());
        text.get_mut(word.len()..)?.get_mut(..form.len())?.copy_from_slice(form.as_bytes());
        let (word, form) = (u8::try_from(word.len()).ok()?, u8::try_from(form.len()).ok()?);
        Some(Self { language, word, form, text })
    }
}

impl Cutter {
    /// Text → what [`plain`] makes of it.
    pub(super) fn plain() -> Self {
        let as_it_stands = Language { code: String::new(), analyzer: plain() };
        Self::of(Forms { by_language: false, languages: vec![as_it_stands], known: Vec::new() })
    }

    /// What [`super::words::of_language`] gives → [`tagged`] stems, those that [`stemmed`] makes.
    pub(super) fn by_language() -> Self {
        Self::of(Forms { by_language: true, languages: Vec::new(), known: Vec::new() })
    }

    fn of(forms: Forms) -> Self {
        Self { token: Token::default(), forms }
    }
}

impl Tokenizer for Cutter {
    type TokenStream<'a> = Cut<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Cut<'a> {
        let (language, text) = if self.forms.by_language {
            let (code, text) = taken_apart(text);
            (self.forms.language(code), text)
        } else {
            (0, text)
        };
        self.token.reset();
        Cut { text, at: 0, language, token: &mut self.token, forms: &mut self.forms }
    }
}

/// The words of one text.
pub(super) struct Cut<'a> {
    text: &'a str,
    at: usize,
    language: u8,
    token: &'a mut Token,
    forms: &'a mut Forms,
}

impl TokenStream for Cut<'_> {
    fn advance(&mut self) -> bool {
        loop {
            let place = word(self.text, self.at);
            let Some(word) = self.text.get(place.clone()).filter(|word| !word.is_empty()) else {
                return false;
            };
            self.at = place.end;
            // Words left out for their length are counted.
            self.token.position = self.token.position.wrapping_add(1);
            if word.len() < MAX_WORD {
                (self.token.offset_from, self.token.offset_to) = (place.start, place.end);
                self.token.text.clear();
                self.forms.put(self.language, word, &mut self.token.text);
                return true;
            }
        }
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
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

impl Forms {
    /// The number of the language of this code.
    fn language(&mut self, code: &str) -> u8 {
        let place = self.languages.iter().position(|language| language.code == code);
        let place = place.unwrap_or_else(|| {
            if self.languages.len() == MAX_LANGUAGES {
                self.languages.clear();
                self.known.clear();
            }
            self.languages.push(Language { code: code.to_owned(), analyzer: stemmed(code) });
            self.languages.len() - 1
        });
        u8::try_from(place).unwrap_or(0)
    }

    /// Writes the form that `word` has in the language to `form`.
    fn put(&mut self, language: u8, word: &str, form: &mut String) {
        if !self.by_language && word.is_ascii() {
            form.push_str(word);
            form.make_ascii_lowercase();
            return;
        }
        if self.known.is_empty() {
            self.known.resize(PLACES, Known::NOTHING);
        }
        let mut hasher = FxHasher::default();
        hasher.write(word.as_bytes());
        hasher.write_u8(language);
        // The remainder is below PLACES.
        let known = &mut self.known[(hasher.finish() % PLACES as u64) as usize];
        if let Some(there) = known.form_of(language, word) {
            form.push_str(there);
            return;
        }
        let Some(Language { code, analyzer }) = self.languages.get_mut(usize::from(language))
        else {
            return;
        };
        let mut made = words(analyzer, word).concat();
        if self.by_language {
            made = tagged(code, &made);
        }
        form.push_str(&made);
        if let Some(made) = Known::of(language, word, &made) {
            *known = made;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::words::{code, of_language};
    use super::*;

    fn tokens(analyzer: &mut TextAnalyzer, text: &str) -> Vec<Token> {
        let mut stream = analyzer.token_stream(text);
        let mut tokens = Vec::new();
        while let Some(token) = stream.next() {
            tokens.push(token.clone());
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
            let (mut ours, mut tags) = (
                TextAnalyzer::from(Cutter::plain()),
                TextAnalyzer::from(Cutter::by_language()),
            );
            for (language, mut text, long) in texts {
                if long {
                    text.push_str(&"long".repeat(30));
                    text.push_str(" end");
                }
                prop_assert_eq!(tokens(&mut ours, &text), tokens(&mut plain(), &text));
                let code = code(language);
                let mut stems = tokens(&mut stemmed(code), &text);
                for stem in &mut stems {
                    stem.text = tagged(code, &stem.text);
                }
                prop_assert_eq!(tokens(&mut tags, &of_language(code, &text)), stems);
            }
        }
    }

    #[test]
    fn more_languages_than_are_kept_are_cut_all_the_same() {
        let mut tags = TextAnalyzer::from(Cutter::by_language());
        for round in 0..3 {
            for language in 0..=MAX_LANGUAGES {
                let code = format!("x{language}");
                let word = tokens(&mut tags, &of_language(&code, "Words"));
                assert_eq!(word[0].text, format!("x{language}:words"), "in round {round}");
            }
        }
    }
}
