//! A speaker: whom a quote's source resolves to.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What sort of thing speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SpeakerKind {
    /// One human being.
    Person,
    /// A company, ministry, party, court, NGO …
    Organisation,
    /// Several people spoken of together ("six senators").
    Group,
    /// A text: a report, a statement, a submission.
    Document,
    /// Not to be told from the article.
    Unknown,
}

impl SpeakerKind {
    /// The word for it in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Group => "group",
            Self::Document => "document",
            Self::Unknown => "unknown",
        }
    }
}

/// The person, body or text that a quote's words are attributed to; `S` as in
/// [`Quote`](super::quote::Quote).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Speaker")]
pub struct Speaker<S = String> {
    /// Stable name, from the folded `name` and `kind`.
    pub id: String,
    /// The fullest name the article gives, or the fullest description if it withholds the name.
    pub name: S,
    /// What sort of thing it is.
    pub kind: SpeakerKind,
    /// What the article says the speaker is, verbatim.
    pub role: Option<S>,
    /// The organisation, government or party that the article ties the speaker to, verbatim.
    pub affiliation: Option<S>,
    /// True where the article withholds the name.
    pub anonymous: bool,
    /// The speaker's identity in the collection: quotes of one identity are one speaker's. None
    /// outside a collection, and where the name is withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
}

/// How alike two mentions' names are.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "NameLikeness")]
pub enum Likeness {
    /// The same but for accents, case and further given names.
    Same,
    /// Forms of one given name: "Bill", "William".
    Nickname,
    /// Spellings of one name in Latin letters.
    Transliteration,
    /// An initial stands for the given name.
    Initial,
    /// One has the surname only.
    Surname,
    /// None by the rules: people decided.
    None,
}

impl Likeness {
    /// The word for it in the store and every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Nickname => "nickname",
            Self::Transliteration => "transliteration",
            Self::Initial => "initial",
            Self::Surname => "surname",
            Self::None => "none",
        }
    }
}

/// What shows that two mentions with names alike are one speaker.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Ground {
    /// A correction by people says so.
    Correction,
    /// The same words are quoted of both.
    Words,
    /// They are tied to one body.
    Affiliation,
    /// They hold one office.
    Role,
    /// The same outlet named both within a week, and nothing speaks against it.
    Week,
    /// The collection knows one speaker of this name, and nothing speaks against it.
    Only,
}

impl Ground {
    /// The word for it in the store and every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Words => "words",
            Self::Affiliation => "affiliation",
            Self::Role => "role",
            Self::Week => "week",
            Self::Only => "only",
        }
    }
}

impl Speaker<Cow<'_, str>> {
    /// The same speaker with words of its own.
    #[must_use]
    pub fn into_owned(self) -> Speaker {
        Speaker {
            id: self.id,
            identity: self.identity,
            name: self.name.into_owned(),
            kind: self.kind,
            role: self.role.map(Cow::into_owned),
            affiliation: self.affiliation.map(Cow::into_owned),
            anonymous: self.anonymous,
        }
    }
}

impl Speaker {
    /// The role and the affiliation, where they are stated. An unnamed speaker goes by a description,
    /// which may be all the role there is: that is said once.
    pub fn standing(&self) -> impl Iterator<Item = &str> {
        let stated = [&self.role, &self.affiliation].into_iter().flatten();
        stated.filter(|part| !part.eq_ignore_ascii_case(&self.name)).map(String::as_str)
    }

    /// Name, role and affiliation in one line.
    #[must_use]
    pub fn in_full(&self) -> String {
        std::iter::once(self.name.as_str()).chain(self.standing()).collect::<Vec<_>>().join(", ")
    }
}
