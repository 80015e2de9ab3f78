//! The fields of the index, and how text becomes words.

use tantivy::Index;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer,
    TextAnalyzer,
};

/// The analyzer of words as they stand, without case and accents.
const PLAIN: &str = "onrecord_plain";
/// The analyzer of words by their English stems, without case and accents.
const STEMMED: &str = "onrecord_stemmed";
/// The longest word that is indexed, in bytes: longer ones are encodings and addresses.
const MAX_WORD: usize = 100;

/// The fields, by what they are for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// The quote's id.
    pub(super) id: Field,
    /// The article's id, by which its quotes are replaced.
    pub(super) article: Field,
    /// The quote's words by their stems.
    pub(super) text: Field,
    /// The quote's words as they stand, for phrases.
    pub(super) exact: Field,
    /// The speaker's name.
    pub(super) speaker: Field,
    /// The speaker's role.
    pub(super) role: Field,
    /// The speaker's affiliation.
    pub(super) affiliation: Field,
    /// The outlet's name.
    pub(super) outlet: Field,
    /// `direct`, `mixed` or `indirect`.
    pub(super) kind: Field,
    /// The ids of the topics.
    pub(super) topic: Field,
    /// When the article was published, else when the quote was first seen: for sorting.
    pub(super) published: Field,
    /// The day of that, where the article was published, as the number YYYYMMDD: for filters.
    pub(super) day: Field,
    /// Whether the speaker's name is withheld.
    pub(super) anonymous: Field,
    /// Whether versions of the article differ in the quote.
    pub(super) revised: Field,
}

/// The name of the field that results are sorted by.
pub(super) const PUBLISHED: &str = "published";
/// The name of the field that results are named by.
pub(super) const ID: &str = "id";

fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let text = |analyzer: &str| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(analyzer)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions),
        )
    };
    let fields = Fields {
        id: schema.add_text_field(ID, STRING | FAST | STORED),
        article: schema.add_text_field("article", STRING),
        text: schema.add_text_field("text", text(STEMMED)),
        exact: schema.add_text_field("exact", text(PLAIN)),
        speaker: schema.add_text_field("speaker", text(PLAIN)),
        role: schema.add_text_field("role", text(PLAIN)),
        affiliation: schema.add_text_field("affiliation", text(PLAIN)),
        outlet: schema.add_text_field("outlet", text(PLAIN)),
        kind: schema.add_text_field("kind", STRING),
        topic: schema.add_text_field("topic", STRING),
        published: schema.add_date_field(PUBLISHED, INDEXED | FAST),
        day: schema.add_i64_field("day", INDEXED | FAST),
        anonymous: schema.add_bool_field("anonymous", INDEXED),
        revised: schema.add_bool_field("revised", INDEXED),
    };
    (schema.build(), fields)
}

/// The schema of the index.
pub(super) fn schema() -> Schema {
    build().0
}

/// The fields of [`schema`].
pub(super) fn fields() -> Fields {
    build().1
}

/// Makes the analyzers known to an index that was just opened; Tantivy keeps their names only.
pub(super) fn register_analyzers(index: &Index) {
    index.tokenizers().register(PLAIN, plain());
    index.tokenizers().register(STEMMED, stemmed());
}

/// Text → words as they stand, without case and accents.
pub(super) fn plain() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(MAX_WORD))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .build()
}

/// Text → English stems of its words, without case and accents.
pub(super) fn stemmed() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(MAX_WORD))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
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
