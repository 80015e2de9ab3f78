//! A speaker: whom a quote's source resolves to.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hash::Name;

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

/// The person, body or text that a quote's words are attributed to; `S` and `N` as in
/// [`Quote`](super::quote::Quote).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Speaker")]
pub struct Speaker<S = String, N = String> {
    /// Stable name, from the folded `name` and `kind`.
    pub id: N,
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

impl Speaker<Cow<'_, str>, Name> {
    /// The same speaker with words of its own.
    #[must_use]
    pub fn into_owned(self) -> Speaker {
        Speaker {
            id: self.id.into(),
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
    /// The role and the affiliation, where they are stated, each said once: an unnamed speaker goes by
    /// a description, which may be all the role there is, and a "director of the Registry" needs no
    /// "Registry" behind it.
    pub fn standing(&self) -> impl Iterator<Item = &str> {
        let role = self.role.as_deref();
        let affiliation = self.affiliation.as_deref();
        let affiliation = affiliation.filter(|body| !role.is_some_and(|role| has(role, body)));
        [role, affiliation]
            .into_iter()
            .flatten()
            .filter(|part| !part.eq_ignore_ascii_case(&self.name))
    }

    /// Name, role and affiliation in one line.
    #[must_use]
    pub fn in_full(&self) -> String {
        std::iter::once(self.name.as_str()).chain(self.standing()).collect::<Vec<_>>().join(", ")
    }
}

/// Whether `words` stand in `text`, not within other words.
fn has(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let (before, behind) = (text.get(..at), text.get(at + words.len()..));
        let within = before.and_then(|before| before.chars().next_back());
        let goes_on = behind.and_then(|behind| behind.chars().next());
        ![within, goes_on].into_iter().flatten().any(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_affiliation_that_the_role_names_is_said_once() {
        for (role, affiliation, expected) in [
            (
                Some("clerk of the Tide Board"),
                Some("Tide Board"),
                "Ada Kern, clerk of the Tide Board",
            ),
            (
                Some("Tide Boarding clerk"),
                Some("Tide Board"),
                "Ada Kern, Tide Boarding clerk, Tide Board",
            ),
            (Some("clerk"), Some("Tide Board"), "Ada Kern, clerk, Tide Board"),
            (Some("Ada Kern"), Some("Tide Board"), "Ada Kern, Tide Board"),
            (None, Some("Tide Board"), "Ada Kern, Tide Board"),
            (None, None, "Ada Kern"),
        ] {
            let speaker: Speaker = Speaker {
                id: "1".to_owned(),
                identity: None,
                name: "Ada Kern".to_owned(),
                kind: SpeakerKind::Person,
                role: role.map(str::to_owned),
                affiliation: affiliation.map(str::to_owned),
                anonymous: false,
            };
            assert_eq!(speaker.in_full(), expected);
        }
    }
}
