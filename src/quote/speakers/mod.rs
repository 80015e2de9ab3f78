//! Mentions → speakers: the fullest name in the article, whom a pronoun or "the official" means.
//!
//! First every name of the text is gathered into a cast (`names`, `cast`); then sources are resolved in
//! reading order (`pronouns`, `descriptions`), so that a pronoun can mean the last one who spoke.
//! Refuses to decide against what the text shows (number, gender by title, noun or pronoun) and gives
//! nobody rather than a guess.

mod cast;
mod descriptions;
mod names;
mod pronouns;

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use super::declension;
use super::lexicon as lex;
use super::sources::{Mention, is_name_word};
use super::tokens::Stream;
use crate::domain::speaker::SpeakerKind;

pub use names::{author_name, full_names};

/// What the text shows of a person's gender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gender {
    /// Nothing.
    Unknown,
    /// he
    Male,
    /// she
    Female,
}

/// A named one of the text.
#[derive(Debug, Clone)]
pub struct Entity {
    /// The fullest mention's name, without title.
    pub name: Mention,
    /// What it is.
    pub kind: SpeakerKind,
    /// What the text shows.
    pub gender: Gender,
    /// Where it is named, in order: token ranges without titles.
    pub mentions: SmallVec<[Mention; 2]>,
    /// Keys of the name's first and last word, suffixes and particles apart.
    given: u64,
    last: u64,
    /// The first token that names it.
    first: usize,
    /// How often it is named with more than one word.
    full: usize,
}

impl Entity {
    /// The mention that begins at token `at`.
    fn mention_at(&self, at: usize) -> Option<Mention> {
        let index = self.mentions.binary_search_by_key(&at, |m| m.from).ok()?;
        self.mentions.get(index).copied()
    }
}

/// One place where somebody is named or meant.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: usize,
    sentence: usize,
    entity: usize,
    subject: bool,
    possessive: bool,
    /// It opens its sentence.
    leads: bool,
    /// Here it is the source of an attribution.
    source: bool,
}

/// How a source was resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A full name stands there.
    FullName,
    /// Part of a name that one of the cast bears in full.
    PartName,
    /// A single name nobody bears in full.
    SingleName,
    /// A pronoun with one candidate.
    Pronoun,
    /// A pronoun with several candidates.
    DoubtfulPronoun,
    /// "the official", resolved to somebody named or described before.
    Nominal,
    /// A description: "a senior official".
    Description,
    /// The conversation's speaker, who was named or the only candidate.
    Conversation,
    /// The conversation's speaker, who was in doubt.
    DoubtfulConversation,
    /// Nobody.
    Nobody,
}

/// Whom a source means.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The cast's number, if it is named.
    pub entity: Option<usize>,
    /// The mention that describes it best: a name, or the fullest description.
    pub described: Option<Mention>,
    /// What it is.
    pub kind: SpeakerKind,
    /// The article withholds the name.
    pub anonymous: bool,
    /// How it was found.
    pub how: How,
}

impl Resolved {
    /// The same speaker, gone on with in the conversation: no surer than before.
    #[must_use]
    pub fn going_on(&self) -> Self {
        let sure = [How::FullName, How::PartName, How::Pronoun, How::Conversation];
        let how =
            if sure.contains(&self.how) { How::Conversation } else { How::DoubtfulConversation };
        Self { how, ..self.clone() }
    }

    /// Nobody.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            entity: None,
            described: None,
            kind: SpeakerKind::Unknown,
            anonymous: false,
            how: How::Nobody,
        }
    }
}

/// A description that spoke before: "a State Department official".
#[derive(Debug, Clone, Copy)]
struct Described {
    mention: Mention,
    head: u64,
    kind: SpeakerKind,
    anonymous: bool,
    sentence: usize,
}

/// Nobody, by number.
const NONE: u32 = u32::MAX;

/// Everybody named in a text, and where.
#[derive(Debug)]
pub struct Cast {
    /// The named ones.
    pub entities: Vec<Entity>,
    /// Where they are named, in order.
    places: Vec<Place>,
    /// Where a pronoun or a description means them, in order.
    spoken: Vec<Place>,
    sentence_of: Vec<u32>,
    by_name: HashMap<u64, SmallVec<[usize; 2]>, FxBuildHasher>,
    /// Who is named by a name that begins at a token, or [`NONE`].
    by_token: Vec<u32>,
    described: Vec<Described>,
}

impl Cast {
    /// Whom `source` means, said in sentence `sentence`; remembers it for the pronouns after it.
    pub fn resolve(&mut self, stream: &Stream<'_>, source: Mention, sentence: usize) -> Resolved {
        let resolved = if source.is_pronoun(stream)
            || source.to == source.from + 1
                && (stream.tokens[source.from].is(lex::MALE | lex::FEMALE | lex::PLURAL)
                    || stream.says(source.from, "its"))
                && !is_name_word(stream, source.from)
        {
            match self.subject_of_what(stream, source.from, sentence) {
                Some(subject) => self.phrase(stream, subject, sentence),
                None => self.pronoun(stream, source.from, sentence),
            }
        } else {
            self.phrase(stream, source, sentence)
        };
        self.remember(source.from, sentence, &resolved);
        resolved
    }

    /// Whom a source means that stands after "according to" where names change their form: a name
    /// that the text prints elsewhere as a subject, and only one.
    #[must_use]
    pub fn resolve_changed(&self, stream: &Stream<'_>, source: Mention) -> Resolved {
        let from = (source.from..source.to).rev().take_while(|&i| is_name_word(stream, i)).last();
        let Some(from) = from else { return Resolved::nobody() };
        let changed = Mention { from, to: source.to };
        let mut fits = (0..self.entities.len())
            .filter(|&id| declension::is_form_of(stream, changed, self.entities[id].name));
        match (fits.next(), fits.next()) {
            (Some(id), None) => Resolved {
                entity: Some(id),
                described: None,
                kind: self.entities[id].kind,
                anonymous: false,
                how: How::PartName,
            },
            _ => Resolved::nobody(),
        }
    }

    /// Remembers that the one meant spoke at token `at`, for the pronouns after it.
    pub fn remember(&mut self, at: usize, sentence: usize, resolved: &Resolved) {
        let Some(entity) = resolved.entity else { return };
        let place = Place {
            at,
            sentence,
            entity,
            subject: true,
            possessive: false,
            leads: false,
            source: true,
        };
        let index = self.places.partition_point(|p| p.at < at);
        match self.places.get_mut(index) {
            Some(known) if known.at == at => *known = place,
            _ => {
                // Sources come in reading order; a name inside the phrase may stand just after it.
                if let Some(known) = self.places[index..]
                    .iter_mut()
                    .take(3)
                    .find(|p| p.entity == entity && p.sentence == sentence)
                {
                    known.source = true;
                    known.subject = true;
                } else {
                    // Sources come nearly in order, so the place is found from the end.
                    let after = self.spoken.iter().rev().take_while(|p| p.at > at).count();
                    self.spoken.insert(self.spoken.len() - after, place);
                }
            }
        }
    }

    /// Where somebody is named or meant before token `at`, the nearest first.
    fn before(&self, at: usize) -> impl Iterator<Item = &Place> {
        let named = &self.places[..self.places.partition_point(|p| p.at < at)];
        let spoken = &self.spoken[..self.spoken.partition_point(|p| p.at < at)];
        let (mut named, mut spoken) =
            (named.iter().rev().peekable(), spoken.iter().rev().peekable());
        std::iter::from_fn(move || match (named.peek(), spoken.peek()) {
            (Some(name), Some(source)) if source.at < name.at => named.next(),
            (_, Some(_)) => spoken.next(),
            _ => named.next(),
        })
    }

    /// True if a person is named from token `from` to before token `to`.
    #[must_use]
    pub fn named_within(&self, from: usize, to: usize) -> bool {
        let first = self.places.partition_point(|p| p.at < from);
        self.places[first..]
            .iter()
            .take_while(|p| p.at < to)
            .any(|p| self.entities[p.entity].kind == SpeakerKind::Person)
    }

    /// Who is named by a name that begins at a token.
    fn named_at(&self, token: usize) -> Option<usize> {
        self.by_token.get(token).filter(|&&id| id != NONE).map(|&id| id as usize)
    }

    /// The sentence that a token stands in.
    #[must_use]
    pub fn sentence(&self, token: usize) -> usize {
        self.sentence_of.get(token).copied().unwrap_or(0) as usize
    }
}
