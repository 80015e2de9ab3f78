//! How text becomes words: as they stand, or by the stems of their language. Case and accents don't
//! count in either.
//!
//! A stem is indexed with its language before it (`fr:nouvel`), since a stem of one language may be
//! a common word of another: in a field of both, "news" must not find what French makes of "new".
//! Accents go before the stemmer, so that a query finds the same with and without them.

use rustc_hash::FxHashMap;
use tantivy::Index;
use tantivy::tokenizer::{
    AsciiFoldingFilter, BoxTokenStream, Language, LowerCaser, RawTokenizer, RemoveLongFilter,
    SimpleTokenizer, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer,
};

/// The analyzer of words as they stand.
pub(super) const PLAIN: &str = "onrecord_plain";
/// The analyzer of stems with their language.
pub(super) const BY_LANGUAGE: &str = "onrecord_by_language";
/// The longest word that is indexed, in bytes: longer ones are encodings and addresses.
const MAX_WORD: usize = 100;
/// Stems kept of each language, and languages they are kept of: bounds memory, whatever is indexed.
const MAX_KNOWN: usize = 30_000;
const MAX_LANGUAGES: usize = 20;
/// The code of texts whose language nobody knows (ISO 639-2).
const UNDETERMINED: &str = "und";
/// What stands between a text's language and the text, for the analyzer only: no text has it.
const SEPARATOR: char = '\u{1f}';

/// The languages with a stemmer; the words of others count as they stand.
const STEMMERS: [(&str, Language); 17] = [
    ("ar", Language::Arabic),
    ("da", Language::Danish),
    ("de", Language::German),
    ("el", Language::Greek),
    ("en", Language::English),
    ("es", Language::Spanish),
    ("fi", Language::Finnish),
    ("fr", Language::French),
    ("hu", Language::Hungarian),
    ("it", Language::Italian),
    ("nl", Language::Dutch),
    ("no", Language::Norwegian),
    ("pt", Language::Portuguese),
    ("ro", Language::Romanian),
    ("ru", Language::Russian),
    ("sv", Language::Swedish),
    ("tr", Language::Turkish),
];

/// The language as the index has it.
pub(super) fn code(language: Option<&str>) -> &str {
    language.unwrap_or(UNDETERMINED)
}

/// Makes the analyzers known to an index that was just opened; Tantivy keeps their names only.
pub(super) fn register(index: &Index) {
    let by_language = ByLanguage { words: plain(), languages: Vec::new() };
    index.tokenizers().register(PLAIN, plain());
    index.tokenizers().register(BY_LANGUAGE, TextAnalyzer::from(by_language));
}

/// Text → words as they stand.
pub(super) fn plain() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(MAX_WORD))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .build()
}

/// Text of the language of this [`code`] → stems of its words.
pub(super) fn stemmed(code: &str) -> TextAnalyzer {
    let Some(stemmer) = stemmer(code) else { return plain() };
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(MAX_WORD))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(stemmer)
        .build()
}

fn stemmer(code: &str) -> Option<Stemmer> {
    STEMMERS.iter().find(|(known, _)| *known == code).map(|(_, language)| Stemmer::new(*language))
}

/// `text` of the language of this [`code`], for a field of stems.
pub(super) fn of_language(code: &str, text: &str) -> String {
    format!("{code}{SEPARATOR}{text}")
}

/// A stem as a field of stems has it.
pub(super) fn tagged(code: &str, stem: &str) -> String {
    format!("{code}:{stem}")
}

/// The words that `analyzer` makes of `text`.
pub(super) fn words(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut stream = analyzer.token_stream(text);
    let mut words = Vec::new();
    while let Some(token) = stream.next() {
        words.push(token.text.clone());
    }
    words
}

/// What [`of_language`] gives → [`tagged`] stems.
#[derive(Clone)]
struct ByLanguage {
    words: TextAnalyzer,
    languages: Vec<Stems>,
}

/// The stems of a language's words, as they were met: a stemmer takes longer than all else that is
/// done to a word, and few words make most of any text.
#[derive(Clone)]
struct Stems {
    code: String,
    stemmer: TextAnalyzer,
    known: FxHashMap<String, String>,
}

impl Stems {
    fn new(code: &str) -> Self {
        let word = TextAnalyzer::builder(RawTokenizer::default());
        let stemmer = match stemmer(code) {
            Some(stemmer) => word.filter(stemmer).build(),
            None => word.build(),
        };
        Self { code: code.to_owned(), stemmer, known: FxHashMap::default() }
    }

    /// The tagged stem of a word as it stands.
    fn of(&mut self, word: &str) -> &str {
        if !self.known.contains_key(word) {
            if self.known.len() == MAX_KNOWN {
                self.known.clear();
            }
            let stem = words(&mut self.stemmer, word).concat();
            self.known.insert(word.to_owned(), tagged(&self.code, &stem));
        }
        self.known.get(word).map_or("", String::as_str)
    }
}

impl Tokenizer for ByLanguage {
    type TokenStream<'a> = Tagged<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tagged<'a> {
        let (code, text) = text.split_once(SEPARATOR).unwrap_or((UNDETERMINED, text));
        let place = self.languages.iter().position(|stems| stems.code == code);
        let place = place.unwrap_or_else(|| {
            if self.languages.len() == MAX_LANGUAGES {
                self.languages.clear();
            }
            self.languages.push(Stems::new(code));
            self.languages.len() - 1
        });
        Tagged { words: self.words.token_stream(text), stems: &mut self.languages[place] }
    }
}

struct Tagged<'a> {
    words: BoxTokenStream<'a>,
    stems: &'a mut Stems,
}

impl TokenStream for Tagged<'_> {
    fn advance(&mut self) -> bool {
        let more = self.words.advance();
        if more {
            let token = self.words.token_mut();
            let stem = self.stems.of(&token.text);
            token.text.clear();
            token.text.push_str(stem);
        }
        more
    }

    fn token(&self) -> &Token {
        self.words.token()
    }

    fn token_mut(&mut self) -> &mut Token {
        self.words.token_mut()
    }
}
