//! An article: what a page says, without the page around it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::date::PageDate;

/// The readable part of a page and what the page says about it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Article {
    /// The headline, without the outlet's suffix.
    pub title: Option<String>,
    /// The standfirst: the summary sentence under the headline, where the page has one.
    pub standfirst: Option<String>,
    /// The authors' names as printed, without "By", roles, places and agencies; the agency where
    /// nobody is named.
    pub byline: Vec<String>,
    /// The news agency whose copy it is, as it is credited, by its short name ("AP", "Reuters");
    /// several with a comma between.
    pub agency: Option<String>,
    /// The outlet that publishes the page, as the page names itself.
    pub outlet: Option<String>,
    /// When the page says it was first published.
    pub published: Option<PageDate>,
    /// When the page says it was last changed.
    pub modified: Option<PageDate>,
    /// ISO 639-1 code of the text's language.
    pub language: Option<String>,
    /// The canonical URL that the page declares, absolute.
    pub canonical_url: Option<String>,
    /// True for a live blog: its posts are in the text as the page orders them, each under its
    /// heading, and grow from visit to visit.
    pub live: bool,
    /// The paragraphs, joined by one empty line (`\n\n`). Every offset counts code points of this.
    pub text: String,
    /// Corrections, updates, clarifications and editor's notes, taken out of the text.
    pub notices: Vec<Notice>,
}

/// What kind of notice the outlet printed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Something was wrong and has been put right.
    Correction,
    /// Something was added.
    Update,
    /// Something was made clearer.
    Clarification,
    /// Any other note by the editors.
    EditorsNote,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 4] =
        [Self::Correction, Self::Update, Self::Clarification, Self::EditorsNote];

    /// The word for it in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Update => "update",
            Self::Clarification => "clarification",
            Self::EditorsNote => "editors_note",
        }
    }
}

/// A correction, update, clarification or editor's note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// What kind of notice it is.
    pub kind: NoticeKind,
    /// The notice, as printed.
    pub text: String,
    /// The date it states, `YYYY-MM-DD` or with a time.
    pub date: Option<PageDate>,
}
