//! Pronouns → whom the discourse is about: the last who spoke or acted, if number and gender allow.
//!
//! Each place where somebody is named or meant has a weight: near, a subject, a source weigh more.
//! Refuses a person whose gender the text shows to be another.

use smallvec::SmallVec;

use super::super::lexicon as lex;
use super::super::sources::{Mention, sentence_subject};
use super::super::tokens::Stream;
use super::descriptions::noun_gender;
use super::{Cast, Gender, How, Resolved};
use crate::domain::speaker::SpeakerKind;

impl Cast {
    /// Sentences a pronoun may reach back over.
    const REACH: usize = 9;

    /// A lead no candidate has over another: nobody else is in reach.
    const ALONE: f64 = 1e6;

    pub(super) fn pronoun(&self, stream: &Stream<'_>, at: usize, sentence: usize) -> Resolved {
        let token = &stream.tokens[at];
        let gender = if token.is(lex::MALE) {
            Gender::Male
        } else if token.is(lex::FEMALE) {
            Gender::Female
        } else if token.is(lex::PLURAL)
            && !matches!(stream.word(at).to_ascii_lowercase().as_str(), "we" | "us" | "our")
            || stream.says(at, "it")
            || stream.says(at, "its")
        {
            if !stream.lexicon.grammar.complete {
                return Resolved::nobody();
            }
            return self.thing(stream, at, sentence);
        } else {
            return Resolved::nobody();
        };
        // "Ortiz fined Brandt for what she called “waste”"
        let what = at > 0 && stream.says(at - 1, "what");
        let own = (what || token.is(lex::DETERMINER)).then(|| self.owner(at, gender)).flatten();
        let found = own
            .map(|id| (id, Self::ALONE))
            .or_else(|| self.salient(at, sentence, gender, SpeakerKind::Person));
        if !stream.lexicon.grammar.complete {
            // The only person in reach, and of the gender that the text shows; "il" may be a thing.
            let only = found
                .filter(|&(id, margin)| margin > Self::ALONE && self.entities[id].gender == gender);
            return only.map_or_else(Resolved::nobody, |(id, _)| Resolved {
                entity: Some(id),
                described: None,
                kind: SpeakerKind::Person,
                anonymous: false,
                how: How::Pronoun,
            });
        }
        let Some((id, margin)) = found else {
            return self.described_person(stream, sentence, gender);
        };
        Resolved {
            entity: Some(id),
            described: None,
            kind: SpeakerKind::Person,
            anonymous: false,
            how: if margin > 1.0 { How::Pronoun } else { How::DoubtfulPronoun },
        }
    }

    /// The subject of the sentence, where "it" at `at` means it: "The board fined Coastline for what it
    /// called “waste”".
    pub(super) fn subject_of_what(
        &self,
        stream: &Stream<'_>,
        at: usize,
        sentence: usize,
    ) -> Option<Mention> {
        let what = at > 0 && stream.says(at - 1, "what") && stream.says(at, "it");
        let subject =
            what.then(|| sentence_subject(stream, stream.sentences[sentence], at)).flatten()?;
        let body = (subject.from..subject.to).any(|i| {
            stream.tokens[i].is(lex::BODY | lex::ORGANISATION)
                || self
                    .named_at(i)
                    .is_some_and(|id| self.entities[id].kind == SpeakerKind::Organisation)
        });
        body.then_some(subject)
    }

    /// Whose "his" is by the subject of its own sentence: "Ortiz stood by her claim".
    fn owner(&self, at: usize, gender: Gender) -> Option<usize> {
        let sentence = self.sentence(at);
        let own = self.before(at).take_while(|p| p.sentence == sentence);
        let fits = |known: Gender| known == gender || known == Gender::Unknown;
        own.filter(|p| p.subject && !p.possessive).map(|p| p.entity).find(|&id| {
            self.entities[id].kind == SpeakerKind::Person && fits(self.entities[id].gender)
        })
    }

    /// The one of the cast the discourse before token `at` is most about, and by how much.
    #[must_use]
    pub fn salient(
        &self,
        at: usize,
        sentence: usize,
        gender: Gender,
        kind: SpeakerKind,
    ) -> Option<(usize, f64)> {
        let mut best: Option<(f64, usize)> = None;
        let mut second = f64::MIN;
        let mut weights: SmallVec<[(usize, f64); 8]> = SmallVec::new();
        for place in self.before(at).take(60) {
            let distance = sentence.saturating_sub(place.sentence);
            if distance > Self::REACH {
                break;
            }
            let entity = &self.entities[place.entity];
            if entity.kind != kind {
                continue;
            }
            let agreement = match (entity.gender, gender) {
                (Gender::Unknown, _) | (_, Gender::Unknown) => 0.0,
                (known, wanted) if known == wanted => 1.5,
                _ => continue,
            };
            #[allow(clippy::cast_precision_loss)]
            let mut weight = 4.0 - 0.55 * distance as f64 + agreement;
            if place.subject {
                weight += 1.2;
            }
            if place.source {
                weight += 1.3;
            }
            if place.possessive {
                weight -= 0.9;
            }
            // Whom the sentence before is about.
            if place.leads && place.subject && distance <= 1 {
                weight += 0.9;
            }
            match weights.iter_mut().find(|(id, _)| *id == place.entity) {
                Some((_, known)) => *known = known.max(weight) + 0.15,
                None => weights.push((place.entity, weight)),
            }
        }
        for &(id, weight) in &weights {
            if best.is_none_or(|(top, _)| weight > top) {
                second = best.map_or(second, |(top, _)| top.max(second));
                best = Some((weight, id));
            } else {
                second = second.max(weight);
            }
        }
        best.map(|(top, id)| (id, top - second))
    }

    /// The last person described without a name, for a pronoun that no name fits.
    fn described_person(&self, stream: &Stream<'_>, sentence: usize, gender: Gender) -> Resolved {
        let last = self.described.iter().rev().take(8).find(|d| {
            d.kind == SpeakerKind::Person
                && sentence.saturating_sub(d.sentence) <= Self::REACH
                && !matches!(
                    (noun_gender(stream, d.mention), gender),
                    (Gender::Male, Gender::Female) | (Gender::Female, Gender::Male)
                )
        });
        last.map_or_else(Resolved::nobody, |d| Resolved {
            entity: None,
            described: Some(d.mention),
            kind: d.kind,
            anonymous: d.anonymous,
            how: How::DoubtfulPronoun,
        })
    }

    /// "they" and "it": the last group, body or text that spoke.
    fn thing(&self, stream: &Stream<'_>, at: usize, sentence: usize) -> Resolved {
        let plural = stream.tokens[at].is(lex::PLURAL);
        let described = self.described.iter().rev().take(8).find(|d| {
            sentence.saturating_sub(d.sentence) <= 4
                && (plural && d.kind == SpeakerKind::Group
                    || d.kind == SpeakerKind::Organisation
                    || !plural && d.kind == SpeakerKind::Document)
        });
        let end = self.places.partition_point(|p| p.at < at);
        let salient = self.salient(at, sentence, Gender::Unknown, SpeakerKind::Organisation);
        let named = salient.and_then(|(id, _)| {
            self.places[..end]
                .iter()
                .rev()
                .find(|p| p.entity == id && sentence.saturating_sub(p.sentence) <= 4 && !plural)
        });
        match (described, named) {
            (Some(d), named) if named.is_none_or(|p| p.at < d.mention.from) => Resolved {
                entity: None,
                described: Some(d.mention),
                kind: d.kind,
                anonymous: d.anonymous,
                how: How::DoubtfulPronoun,
            },
            (_, Some(p)) => Resolved {
                entity: Some(p.entity),
                described: None,
                kind: SpeakerKind::Organisation,
                anonymous: false,
                how: How::DoubtfulPronoun,
            },
            _ => Resolved::nobody(),
        }
    }
}
