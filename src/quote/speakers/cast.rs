//! Everybody named in a text: runs of names → the cast, one entry a person or body.
//!
//! Full names first, so that a surname, a first name or an abbreviation finds its bearer wherever the
//! full name stands. Refuses to make a person of a lone common word.

use std::collections::HashMap;

use smallvec::SmallVec;

use super::super::declension;
use super::super::lexicon as lex;
use super::super::sources::Mention;
use super::super::tokens::{Kind, Stream, fold_key as key};
use super::names::{Run, ends, ends_with, initial, organisation_words, runs, trimmed, unheadlined};
use super::{Cast, Entity, Gender, NONE, Place};
use crate::domain::speaker::SpeakerKind;

impl Cast {
    /// Gathers everybody the text names, once through.
    ///
    /// `subjects` are the sources that are subjects of their verbs, in reading order: where names
    /// change their form, only a subject's is taken.
    #[must_use]
    pub fn gather(stream: &Stream<'_>, subjects: &[Mention]) -> Self {
        let mut cast = Self {
            entities: Vec::new(),
            places: Vec::new(),
            spoken: Vec::new(),
            sentence_of: vec![0; stream.tokens.len()],
            by_name: HashMap::default(),
            by_token: vec![NONE; stream.tokens.len()],
            described: Vec::new(),
        };
        for (index, sentence) in stream.sentences.iter().enumerate() {
            for slot in &mut cast.sentence_of[sentence.from..sentence.to] {
                *slot = u32::try_from(index).unwrap_or(u32::MAX);
            }
        }
        let mut runs = trimmed(stream, unheadlined(stream, runs(stream), &cast.sentence_of));
        if declension::changes(stream) {
            runs.retain(|run| {
                let name = run.name;
                let index = subjects.partition_point(|m| m.from <= name.from);
                let inside = index.checked_sub(1).map(|i| subjects[i]).filter(|m| name.to <= m.to);
                let given = stream.tokens[name.from].is(lex::MALE_NAME | lex::FEMALE_NAME);
                let plain = stream.tokens[name.from..name.to].iter().all(|t| t.kind == Kind::Word);
                plain && name.to - name.from > 1 && given
                    || inside.is_some_and(|m| declension::is_subject(stream, m, name))
            });
        }
        cast.entities.reserve(runs.len() / 2);
        cast.by_name.reserve(runs.len());
        cast.places.reserve(runs.len());
        // Full names first, so that a surname finds its bearer wherever the full name stands.
        for run in runs.iter().filter(|run| run.name.to - run.name.from > 2) {
            cast.add(stream, *run);
        }
        for run in runs.iter().filter(|run| run.name.to - run.name.from == 2) {
            cast.add(stream, *run);
        }
        let singles = runs.iter().filter(|run| run.name.to - run.name.from == 1);
        for run in singles.clone().filter(|run| !run.sentence_start || run.titled) {
            cast.add_single(stream, *run, true);
        }
        for run in singles.filter(|run| run.sentence_start && !run.titled) {
            cast.add_single(stream, *run, false);
        }
        for entity in &mut cast.entities {
            entity.mentions.sort_by_key(|m| m.from);
            settle(stream, entity);
        }
        for run in &runs {
            if let Some(entity) = cast.named_at(run.name.from) {
                let before = run.whole.from.checked_sub(1).map(|i| &stream.tokens[i]);
                let after = stream.tokens.get(run.name.to);
                let opens = before.is_none_or(|t| {
                    t.kind != Kind::Word
                        || t.is(lex::SUBORDINATOR | lex::CONJUNCTION | lex::ROLE)
                            && !t.is(lex::PREPOSITION)
                });
                // "who, like Brandt, was born here": a name after a preposition does nothing, but one
                // that opens the sentence is its topic: "For Brandt, …".
                let led = before.is_some_and(|t| t.is(lex::PREPOSITION) && t.kind == Kind::Word);
                let topic = led
                    && before.is_some_and(|t| stream.phrase_of(t).eq_ignore_ascii_case("for"))
                    && after.is_some_and(|t| t.punct(','))
                    && stream.sentences[cast.sentence_of[run.name.from] as usize].from + 1
                        == run.whole.from;
                let acts = after.is_some_and(|t| {
                    t.kind == Kind::Word
                        && (t.is(lex::AUXILIARY | lex::VERB | lex::ADVERB) || t.cue.is_some())
                });
                cast.places.push(Place {
                    at: run.name.from,
                    sentence: cast.sentence_of[run.name.from] as usize,
                    entity,
                    subject: topic
                        || acts && !led
                        || opens && after.is_some_and(|t| t.punct(',') || t.kind == Kind::Word),
                    possessive: after.is_some_and(|t| t.kind == Kind::Possessive)
                        || before.is_some_and(|t| {
                            matches!(
                                stream.phrase_of(t),
                                "like" | "unlike" | "than" | "Like" | "Unlike"
                            )
                        }),
                    leads: topic
                        || stream.sentences[cast.sentence_of[run.name.from] as usize].from
                            == run.whole.from,
                    source: false,
                });
            }
        }
        cast
    }

    /// Takes the outlet for no person, whatever its name looks like: "told Foreign Policy".
    pub fn know_outlet(&mut self, stream: &Stream<'_>, outlet: &str) {
        let outlet = outlet.trim().trim_start_matches("The ");
        for entity in &mut self.entities {
            if stream.phrase(entity.name.from, entity.name.to).eq_ignore_ascii_case(outlet) {
                entity.kind = SpeakerKind::Organisation;
            }
        }
    }

    fn add(&mut self, stream: &Stream<'_>, run: Run) {
        let (first, last) = ends(stream, run.name);
        let (first_key, last_key) = (key(stream.word(first)), key(stream.word(last)));
        let organisation = organisation_words(stream, run.name);
        let same = self.by_name.get(&last_key).into_iter().flatten().copied().find(|&id| {
            let entity = &self.entities[id];
            if entity.name.to - entity.name.from < 2 {
                return false;
            }
            let (other, word) = (stream.word(entity.name.from), stream.word(first));
            entity.last == last_key
                && (entity.given == first_key
                    || stream.lexicon.one_given_name(entity.given, first_key)
                    || ends_with(stream, entity.name, run.name)
                    || (initial(other) || initial(word))
                        && other.chars().next() == word.chars().next())
                && (organisation == organisation_words(stream, entity.name))
        });
        let id = same.unwrap_or_else(|| self.push(run, (first_key, last_key), organisation));
        let entity = &mut self.entities[id];
        let length = |m: Mention| stream.phrase(m.from, m.to).len();
        let shout = stream.tokens[run.name.from].shout && stream.tokens[run.name.to - 1].shout;
        let kept_shout =
            stream.tokens[entity.name.from].shout && stream.tokens[entity.name.to - 1].shout;
        if !shout && (kept_shout || length(run.name) > length(entity.name)) {
            entity.name = run.name;
            (entity.given, entity.last) = (first_key, last_key);
        }
        self.note(run, id);
        let given = (stream.tokens[first].is(lex::MALE_NAME | lex::FEMALE_NAME) || run.titled)
            && !stream.tokens[first].is(lex::NOBLE);
        self.bear(last_key, id);
        if given && !organisation {
            self.bear(first_key, id);
        }
        // "(EFF)" after a name, and the initials of its words.
        if organisation {
            let initials: String = (run.name.from..run.name.to)
                .filter(|&i| stream.tokens[i].capital)
                .filter_map(|i| stream.word(i).chars().next())
                .collect();
            if initials.chars().count() >= 2 {
                self.bear(key(&initials), id);
            }
        }
        let open = run.name.to;
        if (organisation || same.is_none())
            && stream.tokens.get(open).is_some_and(|t| t.punct('('))
            && stream.tokens.get(open + 1).is_some_and(|t| t.shout)
            && stream.tokens.get(open + 2).is_some_and(|t| t.punct(')'))
        {
            self.bear(key(stream.word(open + 1)), id);
        }
    }

    /// Remembers that one of the cast bears a name.
    fn bear(&mut self, name: u64, id: usize) {
        /// Most bearers of one name that are told apart: no article has as many, and a text of
        /// thousands must not cost their square.
        const MOST: usize = 64;
        let ids = self.by_name.entry(name).or_default();
        if ids.len() < MOST && !ids.contains(&id) {
            ids.push(id);
        }
    }

    fn add_single(&mut self, stream: &Stream<'_>, run: Run, create: bool) {
        let word = stream.word(run.name.from);
        let k = key(word);
        let found = self.bearer(stream, k, run).filter(|&id| {
            // "the House": a surname takes no article, and its bearer has been named.
            !run.common
                || self.entities[id].kind == SpeakerKind::Person
                    && !(run.name.from > 0 && stream.tokens[run.name.from - 1].is(lex::DETERMINER))
                    && self.entities[id].last == k
        });
        if run.common && found.is_none() {
            return;
        }
        let id = match found {
            Some(id) => id,
            None if create
                && !stream.tokens[run.name.from].is(lex::PLACE | lex::GROUP | lex::PARTY)
                || run.titled =>
            {
                let organisation = !run.titled
                    && !stream.tokens[run.name.from].is(lex::MALE_NAME | lex::FEMALE_NAME);
                let id = self.push(run, (k, k), organisation);
                let token = &stream.tokens[run.name.from];
                let named = token.shout || token.is(lex::ORGANISATION | lex::BODY);
                if organisation && !named && !stream.lexicon.grammar.complete {
                    // A bare name of a first lexicon may be a surname or a company.
                    self.entities[id].kind = SpeakerKind::Unknown;
                }
                self.bear(k, id);
                id
            }
            None => return,
        };
        self.note(run, id);
    }

    /// Who of those that bear the single name is meant: by gender of the title, then the latest
    /// named before.
    fn bearer(&self, stream: &Stream<'_>, k: u64, run: Run) -> Option<usize> {
        let ids = self.by_name.get(&k)?;
        let fits = |id: usize| {
            let gender = match self.entities[id].gender {
                // "Lena Ortiz" is no "Mr. Ortiz": that is her husband, or her brother.
                Gender::Unknown => given_gender(stream, self.entities[id].name),
                known => known,
            };
            run.gender == Gender::Unknown || gender == Gender::Unknown || gender == run.gender
        };
        let last_name = |id: usize| self.entities[id].last == k;
        let candidates = || ids.iter().copied().filter(|&id| fits(id));
        let surnamed = candidates().filter(|&id| last_name(id)).count();
        let pool = candidates().filter(|&id| surnamed == 0 || last_name(id));
        let person = |id: usize| self.entities[id].kind == SpeakerKind::Person;
        pool.max_by_key(|&id| {
            let named = self.entities[id].first < run.name.from;
            let entity = &self.entities[id];
            let shown =
                run.gender != Gender::Unknown && given_gender(stream, entity.name) == run.gender;
            (person(id) || !run.titled, person(id), shown, named, entity.full, usize::MAX - id)
        })
    }

    /// Adds somebody by the keys of the name's ends.
    fn push(&mut self, run: Run, (given, last): (u64, u64), organisation: bool) -> usize {
        self.entities.push(Entity {
            name: run.name,
            kind: if organisation && !run.titled {
                SpeakerKind::Organisation
            } else {
                SpeakerKind::Person
            },
            gender: run.gender,
            mentions: SmallVec::new(),
            given,
            last,
            first: usize::MAX,
            full: 0,
        });
        self.entities.len() - 1
    }

    fn note(&mut self, run: Run, id: usize) {
        let entity = &mut self.entities[id];
        entity.mentions.push(run.name);
        entity.first = entity.first.min(run.name.from);
        entity.full += usize::from(run.name.to - run.name.from > 1);
        if run.titled {
            entity.kind = SpeakerKind::Person;
        }
        if entity.gender == Gender::Unknown {
            entity.gender = run.gender;
        }
        self.by_token[run.name.from] = u32::try_from(id).unwrap_or(NONE);
    }
}

/// The gender that the given name of a full name tells, if it is of one only.
fn given_gender(stream: &Stream<'_>, name: Mention) -> Gender {
    let given = &stream.tokens[name.from];
    match (given.is(lex::MALE_NAME), given.is(lex::FEMALE_NAME)) {
        _ if name.to - name.from < 2 => Gender::Unknown,
        (true, false) => Gender::Male,
        (false, true) => Gender::Female,
        _ => Gender::Unknown,
    }
}

/// Settles kind and gender of one of the cast by all its mentions.
fn settle(stream: &Stream<'_>, entity: &mut Entity) {
    let name = entity.name;
    let words = name.to - name.from;
    if entity.gender == Gender::Unknown && entity.kind == SpeakerKind::Person {
        for i in name.from..name.to {
            let token = &stream.tokens[i];
            let (male, female) = (token.is(lex::MALE_NAME), token.is(lex::FEMALE_NAME));
            if i + 1 == name.to && words > 1 {
                break;
            }
            if male != female {
                entity.gender = if male { Gender::Male } else { Gender::Female };
                break;
            }
        }
    }
    if entity.kind == SpeakerKind::Person && words > 1 {
        let the = entity
            .mentions
            .iter()
            .take(40)
            .filter(|m| m.from > 0 && stream.says(m.from - 1, "the"))
            .count();
        let given = stream.tokens[name.from].is(lex::MALE_NAME | lex::FEMALE_NAME);
        let place = stream.tokens[name.from].is(lex::PLACE);
        if (the * 2 > entity.mentions.len().min(40) || place) && !given {
            entity.kind = SpeakerKind::Organisation;
        }
    }
    if entity.kind == SpeakerKind::Person {
        for mention in entity.mentions.iter().take(12) {
            // "Ortiz, a spokeswoman for …": what stands beside the name tells.
            let near = (mention.to..(mention.to + 9).min(stream.tokens.len()))
                .take_while(|&i| stream.tokens[i].wordy() || stream.tokens[i].punct(','));
            let apposed = stream.tokens.get(mention.to).is_some_and(|t| t.punct(','));
            if apposed && entity.gender == Gender::Unknown {
                for i in near {
                    let token = &stream.tokens[i];
                    // "Ortiz, through a spokesman, declined": what stands after "through" is another.
                    if token.punct(',') && i > mention.to
                        || token.is(lex::RELATIVE | lex::PREPOSITION | lex::SUBORDINATOR)
                    {
                        break;
                    }
                    if token.is(lex::FEMALE_NOUN) {
                        entity.gender = Gender::Female;
                    } else if token.is(lex::MALE_NOUN) {
                        entity.gender = Gender::Male;
                    }
                }
            }
        }
    }
}
