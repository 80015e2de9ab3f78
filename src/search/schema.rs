//! The fields of the index.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};

use super::words::{BY_LANGUAGE, PLAIN};

/// The fields, by what they are for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// The quote's id, a number of 16 hexadecimal digits.
    pub(super) id: Field,
    /// The article's id, by which its quotes are replaced.
    pub(super) article: Field,
    /// The article's language.
    pub(super) language: Field,
    /// What a bare word is looked for in: the quote's words, its speaker's name, role and
    /// affiliation, by their stems.
    pub(super) words: Field,
    /// The quote's words as they stand, for phrases and beginnings of words.
    pub(super) exact: Field,
    /// Every name that the collection knows the speaker by.
    pub(super) speaker: Field,
    /// The speaker's name as the article gives it.
    pub(super) speaker_name: Field,
    /// The speaker's identity.
    pub(super) identity: Field,
    /// The speaker's role.
    pub(super) role: Field,
    /// The speaker's affiliation.
    pub(super) affiliation: Field,
    /// The outlet's name.
    pub(super) outlet: Field,
    /// The article's headline.
    pub(super) title: Field,
    /// `direct`, `mixed` or `indirect`.
    pub(super) kind: Field,
    /// The ids of the topics.
    pub(super) topic: Field,
    /// The day of publication where the article was published, else of when the quote was first
    /// seen, as the number YYYYMMDD: for filters.
    pub(super) day: Field,
    /// The moment of that: for sorting.
    pub(super) published: Field,
    /// What quotes of one moment are sorted by: their article, then their place in it.
    pub(super) place: Field,
    /// Whether the speaker's name is withheld.
    pub(super) anonymous: Field,
    /// Whether versions of the article differ in the quote.
    pub(super) revised: Field,
    /// Whether the newest version of the article has the quote.
    pub(super) current: Field,
    /// The kinds of notices in the article's version, or that explain a change of the quote.
    pub(super) notice: Field,
}

/// The names of fields that are read by their columns.
pub(super) const ID: &str = "id";
pub(super) const SPEAKER: &str = "speaker_name";
pub(super) const ROLE: &str = "role";
pub(super) const AFFILIATION: &str = "affiliation";
pub(super) const OUTLET: &str = "outlet";
pub(super) const KIND: &str = "kind";
pub(super) const DAY: &str = "day";
pub(super) const PUBLISHED: &str = "published";
pub(super) const PLACE: &str = "place";

fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let text = |analyzer: &str| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(analyzer)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions),
        )
    };
    // Searched by its words, counted by its whole value.
    let name = || text(PLAIN).set_fast("raw");
    let fields = Fields {
        id: schema.add_u64_field(ID, FAST),
        article: schema.add_text_field("article", STRING),
        language: schema.add_text_field("language", STRING),
        words: schema.add_text_field("words", text(BY_LANGUAGE)),
        exact: schema.add_text_field("exact", text(PLAIN)),
        speaker: schema.add_text_field("speaker", text(PLAIN)),
        speaker_name: schema.add_text_field(SPEAKER, FAST),
        identity: schema.add_text_field("identity", STRING),
        role: schema.add_text_field(ROLE, name()),
        affiliation: schema.add_text_field(AFFILIATION, name()),
        outlet: schema.add_text_field(OUTLET, name()),
        title: schema.add_text_field("title", text(PLAIN)),
        kind: schema.add_text_field(KIND, STRING | FAST),
        topic: schema.add_text_field("topic", STRING),
        day: schema.add_i64_field(DAY, INDEXED | FAST),
        published: schema.add_date_field(PUBLISHED, FAST),
        place: schema.add_u64_field(PLACE, FAST),
        anonymous: schema.add_bool_field("anonymous", INDEXED),
        revised: schema.add_bool_field("revised", INDEXED),
        current: schema.add_bool_field("current", INDEXED),
        notice: schema.add_text_field("notice", STRING),
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
