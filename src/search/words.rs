//! How text becomes words: as they stand, or by the stems of their language. Case and accents don't
//! count in either.
//!
//! A stem is indexed with its language before it (`fr:nouvel`), since a stem of one language may be
//! a common word of another: in a field of both, "news" must not find what French makes of "new".
//! Accents go before the stemmer, so that a query finds the same with and without them.

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer,
    TextAnalyzer,
};

/// How a field says that it has words as they stand: [`plain`].
pub(super) const PLAIN: &str = "onrecord_plain";
/// How a field says that it has stems with their language: [`tagged`].
pub(super) const BY_LANGUAGE: &str = "onrecord_by_language";
/// The longest word that is indexed, in bytes: longer ones are encodings and addresses.
pub(super) const MAX_WORD: usize = 100;
/// The code of texts whose language nobody knows (ISO 639-2).
const UNDETERMINED: &str = "und";

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

/// Makes the fields' names for words known to an index that Tantivy's own writer is to write. It asks for
/// words as they stand everywhere: stems have to be given to it as they are.
#[cfg(test)]
pub(super) fn register(index: &tantivy::Index) {
    for name in [PLAIN, BY_LANGUAGE] {
        index.tokenizers().register(name, plain());
    }
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
