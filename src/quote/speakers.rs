//! Mentions → speakers: the fullest name in the article, whom a pronoun or "the official" means.
//!
//! First every name of the text is gathered into a cast; then sources are resolved in reading order,
//! so that a pronoun can mean the last one who spoke. Refuses to decide against what the text shows
//! (number, gender by title, noun or pronoun) and gives nobody rather than a guess.

use std::collections::{HashMap, HashSet};

use rustc_hash::FxBuildHasher;

use super::declension;
use super::lexicon::{self as lex, Lexicon};
use super::sources::{Mention, is_name_word};
use super::tokens::{Kind, Stream, Token, fold_key as key};
use crate::domain::speaker::SpeakerKind;

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
    pub mentions: Vec<Mention>,
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
    by_name: HashMap<u64, Vec<usize>, FxBuildHasher>,
    by_token: HashMap<usize, usize, FxBuildHasher>,
    described: Vec<Described>,
}

/// A run of name words: the whole with titles, and the name in it.
#[derive(Debug, Clone, Copy)]
struct Run {
    whole: Mention,
    name: Mention,
    titled: bool,
    gender: Gender,
    sentence_start: bool,
    /// A lone common word in capitals: somebody only if somebody bears it as a surname.
    common: bool,
}

/// Longest name in tokens.
const LONGEST_NAME: usize = 9;

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
            by_token: HashMap::default(),
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
            if let Some(&entity) = cast.by_token.get(&run.name.from) {
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
            let (other_first, other_last) = ends(stream, entity.name);
            let other = stream.word(other_first);
            let word = stream.word(first);
            key(stream.word(other_last)) == last_key
                && (key(other) == first_key
                    || ends_with(stream, entity.name, run.name)
                    || (initial(other) || initial(word))
                        && other.chars().next() == word.chars().next())
                && (organisation == organisation_words(stream, entity.name))
        });
        let id = same.unwrap_or_else(|| self.push(run, organisation));
        let entity = &mut self.entities[id];
        let length = |m: Mention| stream.phrase(m.from, m.to).len();
        let shout = stream.tokens[run.name.from].shout && stream.tokens[run.name.to - 1].shout;
        let kept_shout =
            stream.tokens[entity.name.from].shout && stream.tokens[entity.name.to - 1].shout;
        if !shout && (kept_shout || length(run.name) > length(entity.name)) {
            entity.name = run.name;
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
                    && key(stream.word(ends(stream, self.entities[id].name).1)) == k
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
                let id = self.push(run, organisation);
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
            let gender = self.entities[id].gender;
            run.gender == Gender::Unknown || gender == Gender::Unknown || gender == run.gender
        };
        let last_name = |id: usize| {
            let (_, last) = ends(stream, self.entities[id].name);
            key(stream.word(last)) == k
        };
        let candidates = || ids.iter().copied().filter(|&id| fits(id));
        let surnamed = candidates().filter(|&id| last_name(id)).count();
        let pool = candidates().filter(|&id| surnamed == 0 || last_name(id));
        let person = |id: usize| self.entities[id].kind == SpeakerKind::Person;
        pool.max_by_key(|&id| {
            let named = self.entities[id].first < run.name.from;
            (person(id) || !run.titled, person(id), named, self.entities[id].full, usize::MAX - id)
        })
    }

    fn push(&mut self, run: Run, organisation: bool) -> usize {
        self.entities.push(Entity {
            name: run.name,
            kind: if organisation && !run.titled {
                SpeakerKind::Organisation
            } else {
                SpeakerKind::Person
            },
            gender: run.gender,
            mentions: Vec::new(),
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
        self.by_token.insert(run.name.from, id);
    }

    /// Whom `source` means, said in sentence `sentence`; remembers it for the pronouns after it.
    pub fn resolve(&mut self, stream: &Stream<'_>, source: Mention, sentence: usize) -> Resolved {
        let resolved = if source.is_pronoun(stream)
            || source.to == source.from + 1
                && (stream.tokens[source.from].is(lex::MALE | lex::FEMALE | lex::PLURAL)
                    || stream.says(source.from, "its"))
                && !is_name_word(stream, source.from)
        {
            self.pronoun(stream, source.from, sentence)
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

    /// Sentences a pronoun may reach back over.
    const REACH: usize = 9;
    /// A lead no candidate has over another: nobody else is in reach.
    const ALONE: f64 = 1e6;

    fn pronoun(&self, stream: &Stream<'_>, at: usize, sentence: usize) -> Resolved {
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
        let own = token.is(lex::DETERMINER).then(|| self.owner(at, gender)).flatten();
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

    /// Whose "his" is by the subject of its own sentence: "Ortiz stood by her claim".
    fn owner(&self, at: usize, gender: Gender) -> Option<usize> {
        let sentence = self.sentence(at);
        let own = self.before(at).take_while(|p| p.sentence == sentence);
        let fits = |known: Gender| known == gender || known == Gender::Unknown;
        own.filter(|p| p.subject && !p.possessive)
            .map(|p| p.entity)
            .find(|&id| {
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
        let mut weights: Vec<(usize, f64)> = Vec::new();
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

    fn phrase(&mut self, stream: &Stream<'_>, source: Mention, sentence: usize) -> Resolved {
        if let Some(id) = self.named_in(stream, source) {
            let entity = &self.entities[id];
            let words = entity.name.to - entity.name.from;
            let full = (source.from..source.to).any(|i| {
                self.by_token.get(&i) == Some(&id)
                    && entity.mention_at(i).is_some_and(|m| m.to - m.from == words)
            });
            let anonymous = words == 1
                && entity.kind != SpeakerKind::Organisation
                && entity.mentions.iter().take(6).any(|m| withheld(stream, *m));
            return Resolved {
                entity: Some(id),
                described: None,
                kind: entity.kind,
                anonymous,
                how: if words == 1 {
                    How::SingleName
                } else if full {
                    How::FullName
                } else {
                    How::PartName
                },
            };
        }
        let Some(head) = head(stream, source) else { return Resolved::nobody() };
        let token = &stream.tokens[head];
        let first = &stream.tokens[source.from];
        let complete = stream.lexicon.grammar.complete;
        let definite = first.is(lex::DEFINITE) || !complete && !first.is(lex::DETERMINER);
        let head_key = key(stream.word(head));
        let plural = token.is(lex::GROUP)
            || token.kind == Kind::Number
            || first.is(lex::GROUP) && first.is(lex::DETERMINER)
            || stream.word(head).ends_with('s')
                && !stream.word(head).ends_with("ss")
                && !token.capital
                && !token.is(lex::BODY);
        let kind = if token.is(lex::DOCUMENT) && !token.is(lex::ROLE | lex::ANONYMOUS) {
            SpeakerKind::Document
        } else if token.is(lex::BODY | lex::ORGANISATION) && !token.is(lex::ROLE) {
            SpeakerKind::Organisation
        } else if plural {
            SpeakerKind::Group
        } else {
            SpeakerKind::Person
        };
        // "the RCMP statement", "Google's statement": the issuer speaks.
        if kind == SpeakerKind::Document
            && let Some(id) = (source.from..head).find_map(|i| self.by_token.get(&i).copied())
            && (source.from..head)
                .filter_map(|i| self.entities[id].mention_at(i))
                .any(|m| m.to + 1 >= head && m.to <= head)
        {
            return Resolved {
                entity: Some(id),
                described: None,
                kind: self.entities[id].kind,
                anonymous: false,
                how: How::PartName,
            };
        }
        let apposed = !complete
            && stream.tokens.get(source.to).is_some_and(|t| t.punct(','))
            && self.by_token.contains_key(&(source.to + 1));
        if definite && kind != SpeakerKind::Group && !apposed {
            // Somebody described before in the same words.
            let before = self
                .described
                .iter()
                .rev()
                .take(40)
                .find(|d| d.head == head_key && modifiers_fit(stream, source, d.mention));
            if let Some(d) = before.copied() {
                // The fullest of the descriptions that fit.
                let same =
                    self.described.iter().rev().take(40).filter(|o| {
                        o.head == head_key && modifiers_fit(stream, d.mention, o.mention)
                    });
                let fullest =
                    same.max_by_key(|o| o.mention.to - o.mention.from).copied().unwrap_or(d);
                return Resolved {
                    entity: None,
                    described: Some(fullest.mention),
                    kind: fullest.kind,
                    anonymous: fullest.anonymous,
                    how: How::Nominal,
                };
            }
            if let Some(id) = self.by_role(stream, source, head, kind) {
                return Resolved {
                    entity: Some(id),
                    described: None,
                    kind: self.entities[id].kind,
                    anonymous: false,
                    how: How::Nominal,
                };
            }
        }
        // "says Ortiz's partner, Bo Lind": the name stands in apposition.
        if kind == SpeakerKind::Person
            && stream.tokens.get(source.to).is_some_and(|t| t.punct(','))
            && let Some(&id) = self.by_token.get(&(source.to + 1))
            && self.entities[id].kind == SpeakerKind::Person
        {
            let named = self.entities[id].mention_at(source.to + 1);
            let closed = named.is_some_and(|m| {
                stream
                    .tokens
                    .get(m.to)
                    .is_none_or(|t| matches!(t.kind, Kind::Punct | Kind::Break | Kind::Quote))
            });
            if closed {
                let how = How::FullName;
                return Resolved { entity: Some(id), described: None, kind, anonymous: false, how };
            }
        }
        // "the minister" whom nobody is said to be: a name is given somewhere that was not found; nor
        // is a phrase that ends in a full name a description.
        let full = source.to - source.from > 1
            && is_name_word(stream, source.to - 1)
            && is_name_word(stream, source.to - 2);
        if !complete
            && kind == SpeakerKind::Person
            && (full || definite && !token.is(lex::ANONYMOUS))
        {
            return Resolved::nobody();
        }
        // "Nadia said", named nowhere else, gives a name unless the text says that it doesn't.
        let bare = source.to == source.from + 1
            && is_name_word(stream, source.from)
            && !token.is(lex::ROLE
                | lex::ANONYMOUS
                | lex::GROUP
                | lex::MALE_NOUN
                | lex::FEMALE_NOUN);
        let anonymous = kind == SpeakerKind::Person && (!bare || withheld(stream, source))
            || kind == SpeakerKind::Group
                && (source.from..source.to).any(|i| stream.tokens[i].is(lex::ANONYMOUS));
        self.described.push(Described {
            mention: source,
            head: head_key,
            kind,
            anonymous,
            sentence,
        });
        Resolved { entity: None, described: Some(source), kind, anonymous, how: How::Description }
    }

    /// The named one that a phrase is about: the name at its end, not one it belongs to.
    fn named_in(&self, stream: &Stream<'_>, source: Mention) -> Option<usize> {
        // "der Bäcker": where nouns have capitals, one word after an article is no name.
        let noun = |mention: Mention| {
            stream.lexicon.grammar.capital_nouns
                && mention.to == mention.from + 1
                && stream.tokens[source.from].is(lex::DETERMINER)
        };
        let cut = (source.from + 1..source.to)
            .find(|&i| {
                let token = &stream.tokens[i];
                token.kind == Kind::Word
                    && !token.capital
                    && token.is(lex::PREPOSITION)
                    && !self.inside_name(i)
                    && !self.inside_title(stream, i)
            })
            .unwrap_or(source.to);
        let mut at = cut;
        while at > source.from {
            at -= 1;
            if let Some(&id) = self.by_token.get(&at) {
                let mention = self.entities[id].mention_at(at)?;
                if noun(mention) {
                    return None;
                }
                if mention.to != cut {
                    // A name, then more: "Clinton's campaign", "Trump supporters".
                    let rest_is_role = (mention.to..cut).all(|i| {
                        stream.tokens[i].kind == Kind::Quote || stream.tokens[i].is(lex::SUFFIX)
                    });
                    return rest_is_role.then_some(id);
                }
                return Some(id);
            }
        }
        None
    }

    /// True for "of" in "Secretary of State Lena Ortiz".
    fn inside_title(&self, stream: &Stream<'_>, at: usize) -> bool {
        let titled = at > 0
            && stream.says(at, "of")
            && stream.tokens[at - 1].capital
            && stream.tokens[at - 1].is(lex::TITLE | lex::ROLE);
        let name = (at + 2..(at + 5).min(stream.tokens.len())).find(|i| {
            let id = self.by_token.get(i);
            id.is_some_and(|&id| self.entities[id].kind == SpeakerKind::Person)
        });
        titled
            && name.is_some_and(|name| {
                (at + 1..name).all(|i| {
                    stream.tokens[i].is(lex::RANK | lex::BODY | lex::ORGANISATION)
                        && stream.tokens[i].capital
                })
            })
    }

    fn inside_name(&self, at: usize) -> bool {
        (at.saturating_sub(LONGEST_NAME)..at).any(|i| {
            self.by_token
                .get(&i)
                .is_some_and(|&id| self.entities[id].mention_at(i).is_some_and(|m| m.to > at))
        })
    }

    /// The one of the cast, named before, to whom the text gives the role that heads the phrase.
    fn by_role(
        &self,
        stream: &Stream<'_>,
        source: Mention,
        head: usize,
        kind: SpeakerKind,
    ) -> Option<usize> {
        let word = stream.word(head);
        let head_key = key(word);
        let end = self.places.partition_point(|p| p.at < source.from);
        let sentence = self.sentence_of.get(source.from).copied().unwrap_or(0) as usize;
        if kind == SpeakerKind::Organisation {
            let near = self.places[..end].iter().rev().take(40);
            return near
                .filter(|p| self.entities[p.entity].kind == SpeakerKind::Organisation)
                .find(|p| {
                    let name = self.entities[p.entity].name;
                    (name.from..name.to).any(|i| key(stream.word(i)) == head_key)
                })
                .map(|p| p.entity)
                .or_else(|| {
                    let plain = source.to - source.from == 2 && stream.tokens[head].is(lex::BODY);
                    let near =
                        plain.then(|| self.salient(source.from, sentence, Gender::Unknown, kind));
                    near.flatten().map(|(id, _)| id)
                });
        }
        if kind == SpeakerKind::Document {
            return None;
        }
        let complete = stream.lexicon.grammar.complete;
        let mut bearer = None;
        let mut fallback = None;
        for place in self.before(source.from).take(80) {
            let entity = &self.entities[place.entity];
            if entity.kind != SpeakerKind::Person {
                continue;
            }
            for mention in entity.mentions.iter().take(6) {
                let from = mention.from.saturating_sub(7);
                let before = (from..mention.from).rev().take_while(|&i| {
                    let t = &stream.tokens[i];
                    t.kind == Kind::Possessive
                        || t.kind == Kind::Word
                            && (t.is(lex::ROLE | lex::TITLE)
                                || !t.is(lex::DETERMINER
                                    | lex::PREPOSITION
                                    | lex::AUXILIARY
                                    | lex::VERB
                                    | lex::CONJUNCTION
                                    | lex::SUBORDINATOR
                                    | lex::PRONOUN)
                                    && t.cue.is_none())
                });
                let after = (mention.to..(mention.to + 14).min(stream.tokens.len()))
                    .skip_while(|&i| stream.tokens[i].punct(','))
                    .take_while(|&i| {
                        stream.tokens[i].kind != Kind::Break
                            && stream.tokens[i].kind != Kind::Quote
                            && !stream.tokens[i].punct('.')
                            && !stream.tokens[i].punct(',')
                    });
                let told = stream.tokens.get(mention.to).is_some_and(|t| t.punct(','))
                    || stream.says(mention.to, "is");
                if told && after.clone().any(|i| key(stream.word(i)) == head_key)
                    || before.clone().any(|i| key(stream.word(i)) == head_key)
                {
                    if complete {
                        return Some(place.entity);
                    }
                    // With a first lexicon: only if nobody else is said to be that.
                    if bearer.is_some_and(|other| other != place.entity) {
                        return None;
                    }
                    bearer = Some(place.entity);
                }
            }
            let gender = noun_gender(stream, source);
            let near = sentence.saturating_sub(place.sentence) <= 2;
            if near
                && place.source
                && fallback.is_none()
                && (gender == Gender::Unknown
                    || entity.gender == Gender::Unknown
                    || gender == entity.gender)
            {
                fallback = Some(place.entity);
            }
        }
        // "the 47-year-old", "the rookie defenceman": the one the discourse is about, unless the
        // noun is one that withholds names.
        let token = &stream.tokens[head];
        let withheld = token.is(lex::ANONYMOUS) && !stream.word(head).ends_with("-old");
        let described =
            token.is(lex::ROLE | lex::PARTY | lex::MALE_NOUN | lex::FEMALE_NOUN | lex::TITLE)
                || stream.word(head).ends_with("-old")
                || token.capital;
        if withheld || !described {
            return None;
        }
        if !complete {
            return bearer;
        }
        let gender = noun_gender(stream, source);
        let office = token.is(lex::OFFICE);
        self.salient(source.from, sentence, gender, SpeakerKind::Person)
            .map(|(id, _)| id)
            .or(fallback)
            .filter(|&id| {
                // "the judge" is not the one the text calls a prosecutor.
                let facts = super::roles::of_mentions(stream, &self.entities[id].mentions);
                !office || facts.role.is_none()
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

    /// The sentence that a token stands in.
    #[must_use]
    pub fn sentence(&self, token: usize) -> usize {
        self.sentence_of.get(token).copied().unwrap_or(0) as usize
    }
}

/// True where what follows a name says that it is not the real or the full one: "not her real name",
/// "who asked that her last name not be used".
fn withheld(stream: &Stream<'_>, name: Mention) -> bool {
    /// Tokens looked at after the name.
    const REACH: usize = 26;
    let end = (name.to + REACH).min(stream.tokens.len());
    let end = (name.to..end).find(|&i| stream.tokens[i].kind == Kind::Break).unwrap_or(end);
    let says = |words: &[&str]| (name.to..end).any(|i| words.contains(&stream.word(i)));
    if says(&["pseudonym", "alias"]) {
        return true;
    }
    let whole = (name.to..end).any(|i| {
        stream.says(i, "surname")
            || stream.says(i, "name")
                && matches!(
                    stream.word(i - 1),
                    "real"
                        | "last"
                        | "full"
                        | "first"
                        | "family"
                        | "whose"
                        | "her"
                        | "his"
                        | "their"
                )
    });
    let denied = (name.to..end).any(|i| stream.tokens[i].is(lex::NEGATION))
        || says(&["withheld", "withhold", "withholding", "only", "changed", "protect", "declined"]);
    whole && denied
}

fn modifiers_fit(stream: &Stream<'_>, short: Mention, long: Mention) -> bool {
    (short.from..short.to).all(|i| {
        let token = &stream.tokens[i];
        token.is(lex::DETERMINER)
            || token.kind != Kind::Word
            || (long.from..long.to).any(|j| key(stream.word(j)) == key(stream.word(i)))
    })
}

fn noun_gender(stream: &Stream<'_>, phrase: Mention) -> Gender {
    for i in phrase.from..phrase.to {
        let token = &stream.tokens[i];
        if token.is(lex::MALE_NOUN) {
            return Gender::Male;
        }
        if token.is(lex::FEMALE_NOUN) {
            return Gender::Female;
        }
    }
    Gender::Unknown
}

/// The head noun of a phrase: its last word before "of", "for", "in", "who".
#[must_use]
pub fn head(stream: &Stream<'_>, phrase: Mention) -> Option<usize> {
    /// Nouns that can speak; in other languages adjectives may follow them.
    const NOUN: u64 =
        lex::ROLE | lex::GROUP | lex::BODY | lex::DOCUMENT | lex::ANONYMOUS | lex::ORGANISATION;
    if !stream.lexicon.grammar.complete
        && let Some(noun) = (phrase.from..phrase.to).find(|&i| stream.tokens[i].is(NOUN))
    {
        return Some(noun);
    }
    let mut head = None;
    for i in phrase.from..phrase.to {
        let token = &stream.tokens[i];
        if head.is_some()
            && token.kind == Kind::Word
            && !token.capital
            && token.is(lex::PREPOSITION | lex::RELATIVE | lex::CONJUNCTION)
        {
            break;
        }
        if token.wordy()
            && !(token.is(lex::DETERMINER) && i + 1 < phrase.to && !token.is(lex::GROUP))
        {
            head = Some(i);
        }
    }
    head
}

/// The names of several words in a headline, each with the key of its last word.
#[must_use]
pub fn full_names(title: &str, lexicon: &'static Lexicon) -> Vec<(u64, String)> {
    let stream = Stream::new(title, Vec::new(), lexicon);
    // In a headline in title case every word looks like a name.
    let words = stream.tokens.iter().filter(|t| t.kind == Kind::Word);
    let small = words.clone().filter(|t| !t.capital && t.end - t.start > 3).count();
    if small * 4 < words.count() {
        return Vec::new();
    }
    runs(&stream)
        .iter()
        .filter(|run| run.name.to - run.name.from > 1 && !organisation_words(&stream, run.name))
        .map(|run| {
            let (_, last) = ends(&stream, run.name);
            (key(stream.word(last)), stream.phrase(run.name.from, run.name.to).to_owned())
        })
        .collect()
}

/// An author's name with the key of its last word, if it has several and reads as a name.
#[must_use]
pub fn author_name(author: &str) -> Option<(u64, String)> {
    /// Longest name in words; a longer byline says more than a name.
    const LONGEST: usize = 5;
    let words: Vec<&str> = author.split_whitespace().collect();
    let last = words.last()?;
    let capital = |word: &str| word.starts_with(char::is_uppercase);
    let name = (2..=LONGEST).contains(&words.len())
        && capital(words[0])
        && capital(last)
        && words.iter().all(|w| !w.contains([',', '/', '@', ':', '|']));
    name.then(|| (key(last), words.join(" ")))
}

/// True where the longer name ends with the words of the shorter: "Fouzia Al Hashish", "Al Hashish".
fn ends_with(stream: &Stream<'_>, long: Mention, short: Mention) -> bool {
    let words = short.to - short.from;
    if stream.tokens[short.from].is(lex::MALE_NAME | lex::FEMALE_NAME)
        || long.to - long.from != words + 1
    {
        return false;
    }
    (0..words).all(|i| key(stream.word(long.to - words + i)) == key(stream.word(short.from + i)))
}

fn initial(word: &str) -> bool {
    word.trim_end_matches('.').chars().count() == 1
}

/// First and last word of a name, suffixes and particles apart.
fn ends(stream: &Stream<'_>, name: Mention) -> (usize, usize) {
    let mut last = name.to - 1;
    while last > name.from
        && (stream.tokens[last].is(lex::SUFFIX) || stream.tokens[last].kind != Kind::Word)
    {
        last -= 1;
    }
    (name.from, last)
}

fn organisation_words(stream: &Stream<'_>, name: Mention) -> bool {
    let given = stream.tokens[name.from].is(lex::MALE_NAME | lex::FEMALE_NAME);
    let any = (name.from..name.to).any(|i| {
        stream.tokens[i].is(lex::ORGANISATION | lex::PREPOSITION | lex::CONJUNCTION | lex::PARTY)
            || stream.says(i, "&")
    });
    let last = &stream.tokens[name.to - 1];
    any && (!given || last.is(lex::ORGANISATION))
        || name.to == name.from + 1 && last.shout
        || (name.from..name.to).all(|i| stream.tokens[i].is(lex::PLACE))
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

/// Runs without what a headline in the text strings together: there every word has a capital, so that
/// "Reporter Corners Brandt" reads as a name. Kept are names that stand elsewhere too, and a given
/// name with one word after it.
fn unheadlined(stream: &Stream<'_>, runs: Vec<Run>, sentence_of: &[u32]) -> Vec<Run> {
    /// Small words that only a headline writes with capitals.
    const SMALL: u64 = lex::PREPOSITION | lex::PRONOUN | lex::DETERMINER | lex::SUBORDINATOR;
    /// Fewest tokens of a headline.
    const SHORTEST: usize = 5;
    let mut headlines: HashMap<u32, bool, FxBuildHasher> = HashMap::default();
    let is_headline = |index: u32| {
        let sentence = stream.sentences[index as usize];
        // A line of names has capitals too, but no verbs and small words; a sentence of names and a
        // quotation has a verb in small letters.
        let words = || stream.tokens[sentence.from + 1..sentence.to].iter();
        let verb = |t: &Token| t.cue.is_some() || t.is(lex::VERB | lex::AUXILIARY);
        sentence.to - sentence.from >= SHORTEST
            && stream.in_title_case(sentence)
            && words().any(|t| t.capital && (verb(t) || t.is(SMALL)))
            && !words().any(|t| t.kind == Kind::Word && !t.capital && verb(t))
    };
    let mut headline = |run: &Run| {
        let index = sentence_of[run.name.from];
        run.name.to - run.name.from > 1
            && *headlines.entry(index).or_insert_with(|| is_headline(index))
    };
    let marks: Vec<bool> = runs.iter().map(&mut headline).collect();
    if !marks.contains(&true) {
        return runs;
    }
    let words = |name: Mention| (name.from..name.to).map(|i| key(stream.word(i))).collect::<Vec<_>>();
    let plain: HashSet<Vec<u64>, FxBuildHasher> = runs
        .iter()
        .zip(&marks)
        .filter(|(run, headline)| !**headline && run.name.to - run.name.from > 1)
        .map(|(run, _)| words(run.name))
        .collect();
    let cut = |mut run: Run| {
        let verb = (run.name.from + 1..run.name.to).find(|&i| {
            let token = &stream.tokens[i];
            token.is(lex::VERB | lex::ADVERB)
                || token.cue.is_some_and(|c| c.tense != lex::Tense::Base)
        });
        run.name.to = verb.unwrap_or(run.name.to);
        let given = stream.tokens[run.name.from].is(lex::MALE_NAME | lex::FEMALE_NAME);
        let words_left = run.name.to - run.name.from;
        // What is left of one word is somebody only if somebody bears it as a surname.
        run.common |= words_left == 1;
        let kept = words_left == 1 || words_left == 2 && given || plain.contains(&words(run.name));
        kept.then_some(run)
    };
    let cut = |(run, headline): (Run, bool)| if headline { cut(run) } else { Some(run) };
    runs.into_iter().zip(marks).filter_map(cut).collect()
}

/// Runs cut to the names they end with: "Getty Images Lena Ortiz" where "Lena Ortiz" stands alone
/// elsewhere.
fn trimmed(stream: &Stream<'_>, mut runs: Vec<Run>) -> Vec<Run> {
    let given = |at: usize| stream.tokens[at].is(lex::MALE_NAME | lex::FEMALE_NAME);
    let mut pairs: HashMap<(u64, u64), usize, FxBuildHasher> = HashMap::default();
    for run in runs.iter().filter(|run| run.name.to - run.name.from == 2) {
        let pair = (key(stream.word(run.name.from)), key(stream.word(run.name.to - 1)));
        *pairs.entry(pair).or_insert(0) += 1;
    }
    for run in &mut runs {
        let words = run.name.to - run.name.from;
        if words < 3 || organisation_words(stream, run.name) && !given(run.name.to - 2) {
            continue;
        }
        let first = run.name.to - 2;
        let pair = (key(stream.word(first)), key(stream.word(run.name.to - 1)));
        let particle = stream.tokens[first].is(lex::PARTICLE) || given(first - 1);
        if pairs.contains_key(&pair) && !particle && (given(first) || words > 3) {
            run.name.from = first;
        }
    }
    runs
}

/// Every run of name words in the text.
fn runs(stream: &Stream<'_>) -> Vec<Run> {
    let grammar = stream.lexicon.grammar;
    let mut out = Vec::new();
    let tokens = &stream.tokens;
    let mut starts = stream.sentences.iter().map(|s| s.from).peekable();
    let mut sentence_from = 0;
    let mut at = 0;
    while at < tokens.len() {
        while starts.peek().is_some_and(|&s| s <= at) {
            sentence_from = starts.next().unwrap_or(0);
        }
        if !is_name_word(stream, at) {
            at += 1;
            continue;
        }
        let from = at;
        let mut to = at + 1;
        while to < tokens.len() && to - from < LONGEST_NAME {
            let token = &tokens[to];
            let next_name = is_name_word(stream, to + 1);
            let particle = token.kind == Kind::Word
                && !token.capital
                && (token.is(lex::PARTICLE)
                    && !matches!(stream.word(to), "o" | "la" | "do" | "da" | "st" | "mac" | "san")
                    && (next_name || tokens.get(to + 1).is_some_and(|t| t.is(lex::PARTICLE))));
            let joined = token.kind == Kind::Word
                && !token.capital
                && next_name
                && tokens[from..to].iter().any(|t| t.is(lex::ORGANISATION | lex::BODY))
                && !tokens[from].is(lex::TITLE | lex::MALE_NAME | lex::FEMALE_NAME)
                && matches!(stream.word(to), "of" | "for" | "on" | "and" | "&" | "against")
                && !(stream.says(to, "and") && tokens[to - 1].is(lex::ORGANISATION));
            let nickname =
                token.kind == Kind::Quote && next_name && stream.quote_words(token, 4) <= 3;
            let board = stream.says(to, "and")
                && next_name
                && from > 0
                && stream.says(from - 1, "the")
                && (to + 2..to + 4)
                    .any(|i| is_name_word(stream, i) && tokens[i].is(lex::ORGANISATION))
                && is_name_word(stream, to + 2)
                && !tokens[from].is(lex::MALE_NAME | lex::FEMALE_NAME | lex::TITLE);
            if is_name_word(stream, to) || particle || joined || board || nickname {
                to += 1;
            } else {
                break;
            }
        }
        while to > from + 1 && !is_name_word(stream, to - 1) {
            to -= 1;
        }
        at = to;
        // The name begins after the last title or role in capitals.
        let mut name_from = from;
        let (mut titled, mut gender) = (false, Gender::Unknown);
        let organisation = (from..to).any(|i| {
            tokens[i].is(lex::ORGANISATION)
                && !tokens[i].is(lex::ROLE | lex::TITLE | lex::MALE_NAME | lex::FEMALE_NAME)
        }) && tokens[to - 1].is(lex::ORGANISATION);
        if !organisation {
            for (i, token) in tokens.iter().enumerate().take(to).skip(from) {
                if token.is(lex::TITLE | lex::ROLE)
                    && !token.is(lex::MALE_NAME | lex::FEMALE_NAME)
                    && i + 1 < to
                {
                    name_from = i + 1;
                    titled = true;
                    if token.is(lex::MALE_TITLE | lex::MALE_NOUN) {
                        gender = Gender::Male;
                    } else if token.is(lex::FEMALE_TITLE | lex::FEMALE_NOUN) {
                        gender = Gender::Female;
                    }
                }
            }
            // "Fox News host" is cut above; "Foreign Ministry Lena Ortiz" at the given name.
            for i in name_from + 1..to.saturating_sub(1) {
                if tokens[i].is(lex::MALE_NAME | lex::FEMALE_NAME)
                    && !tokens[i - 1].is(lex::MALE_NAME | lex::FEMALE_NAME)
                    && tokens[name_from..i].iter().any(|t| {
                        t.is(lex::ORGANISATION | lex::BODY | lex::PLACE | lex::PARTY)
                            || !grammar.complete
                    })
                {
                    name_from = i;
                    break;
                }
            }
            while name_from + 1 < to && tokens[name_from].is(lex::PARTY) {
                name_from += 1;
            }
            // "Secretary of State Lena Ortiz": what the title is of.
            let of = from > 1
                && stream.says(from - 1, "of")
                && tokens[from - 2].is(lex::TITLE | lex::ROLE);
            if of && name_from == from {
                let portfolio = (from..to)
                    .take_while(|&i| {
                        tokens[i].is(lex::RANK | lex::BODY | lex::ORGANISATION)
                            && !tokens[i].is(lex::MALE_NAME | lex::FEMALE_NAME)
                    })
                    .count();
                if portfolio > 0 && from + portfolio + 1 < to {
                    name_from = from + portfolio;
                    titled = true;
                }
            }
            // "Lord Hennick", "Pope Leontius": no name without its title.
            let alone =
                to == name_from + 1 || to == name_from + 2 && tokens[to - 1].is(lex::SUFFIX);
            if name_from > from && alone && tokens[name_from - 1].is(lex::NOBLE) {
                name_from -= 1;
            }
        }
        // "spokeswoman Jessica Dahl": a role in small letters before the name.
        if name_from == from && from > 0 {
            let before = &tokens[from - 1];
            if before.kind == Kind::Word
                && (!before.capital || stream.lexicon.grammar.capital_nouns)
                && before.is(lex::ROLE | lex::TITLE | lex::MALE_NOUN | lex::FEMALE_NOUN)
            {
                titled = true;
                if before.is(lex::MALE_NOUN | lex::MALE_TITLE) {
                    gender = Gender::Male;
                } else if before.is(lex::FEMALE_NOUN | lex::FEMALE_TITLE) {
                    gender = Gender::Female;
                }
            }
        }
        let token = &tokens[name_from];
        let lone = to == name_from + 1;
        // A lone role or group in capitals ("Officials", "President") names nobody.
        let common = lone
            && token.is(lex::ROLE
                | lex::TITLE
                | lex::GROUP
                | lex::ANONYMOUS
                | lex::DOCUMENT
                | lex::BODY
                | lex::VERB)
            // "the Guardian" is a paper, "the Council" may be any.
            && (!token.is(lex::ORGANISATION) || token.is(lex::BODY | lex::GROUP))
            && !token.shout
            && !token.is(lex::MALE_NAME | lex::FEMALE_NAME);
        if lone && token.cue.is_some() && from == sentence_from {
            continue;
        }
        // "the Kentucky Republican" describes; "Green Party" names.
        let last = &tokens[to - 1];
        if last.is(lex::PARTY) && !last.is(lex::ORGANISATION) && !lone {
            continue;
        }
        out.push(Run {
            whole: Mention { from, to },
            name: Mention { from: name_from, to },
            titled,
            gender,
            sentence_start: from == sentence_from,
            common,
        });
    }
    out
}
