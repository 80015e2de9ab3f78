//! Phrases → whom they mean: a name in them, the one who has that role, or a description of its own.
//!
//! "the ambassador" is the one that the text calls so, or who was described so before. Refuses to name
//! anybody for a phrase that withholds the name: such a speaker is anonymous.

use smallvec::SmallVec;

use super::super::lexicon::{self as lex, lists};
use super::super::sources::{Mention, companion, is_name_word, is_premier, titled_after};
use super::super::tokens::{Kind, Stream, fold_key as key};
use super::names::LONGEST_NAME;
use super::{Cast, Described, Entity, Gender, How, Resolved};
use crate::domain::speaker::SpeakerKind;

impl Cast {
    pub(super) fn phrase(
        &mut self,
        stream: &Stream<'_>,
        source: Mention,
        sentence: usize,
    ) -> Resolved {
        // "said another": somebody else, of whom the text tells no more.
        if source.is_lone(stream) {
            return Resolved::nobody();
        }
        if let Some(joint) = self.joint(stream, source) {
            return joint;
        }
        if let Some(id) = self.named_in(stream, source) {
            let entity = &self.entities[id];
            let words = entity.name.to - entity.name.from;
            let full = (source.from..source.to).any(|i| {
                self.named_at(i) == Some(id)
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
        let one = matches!(stream.word(source.from), "one" | "One");
        let plural = !one && token.is(lex::GROUP)
            || token.kind == Kind::Number && !is_aged(stream, head)
            || first.is(lex::GROUP) && first.is(lex::DETERMINER)
            || !one
                && stream.word(head).ends_with('s')
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
            && let Some(id) = (source.from..head).find_map(|i| self.named_at(i))
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
        // "a post from Mayor Ortiz": whoever put it out speaks.
        if kind == SpeakerKind::Document
            && token.is(lex::ISSUED)
            && matches!(stream.word(head + 1), "from" | "by")
            && let Some(id) = (head + 2..source.to).find_map(|i| {
                let id = self.named_at(i)?;
                self.entities[id].mention_at(i).filter(|m| m.to == source.to).map(|_| id)
            })
        {
            let kind = self.entities[id].kind;
            let how = How::PartName;
            return Resolved { entity: Some(id), described: None, kind, anonymous: false, how };
        }
        let apposed = !complete
            && stream.tokens.get(source.to).is_some_and(|t| t.punct(','))
            && self.named_at(source.to + 1).is_some();
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
        // "the shop's owners, Bo Lind and Lena Ortiz": their names stand in apposition.
        if kind == SpeakerKind::Group
            && complete
            && stream.tokens.get(source.to).is_some_and(|t| t.punct(','))
            && let Some(names) = self.joint_from(stream, source.to + 1)
        {
            return names;
        }
        // "says Ortiz's partner, Bo Lind": the name stands in apposition.
        if kind == SpeakerKind::Person
            && stream.tokens.get(source.to).is_some_and(|t| t.punct(','))
            && let Some(id) = self.named_at(source.to + 1)
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
            && (is_name_word(stream, source.from) || is_uncased(stream.word(source.from)))
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

    /// True where the body is named last in the same sentence, after a preposition: "In a post on
    /// Facebook, the band said".
    fn only_where(&self, stream: &Stream<'_>, id: usize, at: usize, sentence: usize) -> bool {
        let last = self.before(at).find(|p| p.entity == id);
        last.is_some_and(|p| {
            p.sentence == sentence && p.at > 0 && stream.tokens[p.at - 1].is(lex::PREPOSITION)
        })
    }

    /// The named one that a phrase is about: the name at its end, not one it belongs to.
    fn named_in(&self, stream: &Stream<'_>, source: Mention) -> Option<usize> {
        if let Some(id) = self.of_body(stream, source) {
            return Some(id);
        }
        // "der Bäcker": where nouns have capitals, one word after an article is no name.
        let noun = |mention: Mention| {
            stream.lexicon.grammar.capital_nouns
                && mention.to == mention.from + 1
                && stream.tokens[source.from].is(lex::DETERMINER)
        };
        if !stream.lexicon.grammar.complete
            && let Some(id) = self.in_office(stream, source)
        {
            return Some(id);
        }
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
            if let Some(id) = self.named_at(at) {
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

    /// Of "Leader of the council Jane Orr" the one with the full name at its end.
    fn of_body(&self, stream: &Stream<'_>, source: Mention) -> Option<usize> {
        let tokens = &stream.tokens;
        let of = (source.from + 1..source.to.saturating_sub(3)).find(|&i| tokens[i].is(lex::OF))?;
        let headed = tokens[of - 1].is(lex::ROLE) && !tokens[of - 1].is(lex::PRIVATE);
        let body = (of + 1..source.to - 2).find(|&i| {
            !tokens[i].capital && tokens[i].is(lex::BODY) && is_name_word(stream, i + 1)
        })?;
        let id = self.named_at(body + 1).filter(|_| headed)?;
        let name = self.entities[id].mention_at(body + 1)?;
        let person = self.entities[id].kind == SpeakerKind::Person;
        (person && name.to == source.to && name.to - name.from > 1).then_some(id)
    }

    /// Of "le ministre des Transports Jonas Berg" the one with the full name at its end.
    fn in_office(&self, stream: &Stream<'_>, source: Mention) -> Option<usize> {
        let (at, id) =
            (source.from + 1..source.to).find_map(|i| self.named_at(i).map(|id| (i, id)))?;
        let name = self.entities[id].mention_at(at)?;
        let whole = name.to == source.to
            && name.to - name.from > 1
            && self.entities[id].kind == SpeakerKind::Person;
        let titled = (source.from..at).any(|i| stream.tokens[i].is(lex::ROLE | lex::TITLE));
        let before = &stream.tokens[at - 1];
        let owned = before.is(lex::OF | lex::PREPOSITION | lex::DETERMINER | lex::CONJUNCTION);
        (whole && titled && !owned).then_some(id)
    }

    /// "Ortiz and Brandt": people who speak together are one speaker, a group by their names.
    fn joint(&self, stream: &Stream<'_>, source: Mention) -> Option<Resolved> {
        let named = |from: usize, to: usize| {
            (from..to).any(|i| self.named_at(i).is_some())
                || (from..to).all(|i| is_name_word(stream, i))
        };
        // "Karl and Lena Dorn", "Mr and Mrs Dorn": the first has the surname of the second.
        let shares = |from: usize, to: usize| {
            to == from + 1 && stream.tokens[from].is(lex::MALE_NAME | lex::FEMALE_NAME | lex::TITLE)
        };
        let and = (source.from + 1..source.to).find(|&i| {
            stream.tokens[i].is(lex::CONJUNCTION)
                && stream.says(i, "and")
                && (is_name_word(stream, i - 1)
                    || stream.tokens[i - 1].punct(',')
                    || stream.tokens[i - 1].punct(')'))
                && (is_name_word(stream, i + 1)
                    || companion(stream, i).is_some()
                    || titled_after(stream, i, source.to))
                && !self.inside_name(i)
        })?;
        // "Ortiz of the Fire and Rescue Service"
        let last = &stream.tokens[source.to - 1];
        let body = last.is(lex::ORGANISATION)
            && last.capital
            && (source.from..and).any(|i| stream.tokens[i].is(lex::OF));
        if body {
            return None;
        }
        // "both Ortiz and Brandt"
        let both = stream.tokens[source.from].is(lex::DETERMINER);
        // "former Norrland Gov. and Harbour Trust director Lena Ortiz": two roles, one person.
        let roles =
            stream.tokens[and - 1].is(lex::ROLE | lex::TITLE) && self.named_at(and - 1).is_none();
        let first = named(source.from, and) && !roles || shares(source.from, and);
        let second = named(and + 1, source.to) || companion(stream, and).is_some();
        (first && second).then_some(Resolved {
            entity: None,
            described: Some(Mention { from: source.from + usize::from(both), to: source.to }),
            kind: SpeakerKind::Group,
            anonymous: false,
            how: How::FullName,
        })
    }

    /// The two who are named from token `from` on, up to a mark.
    fn joint_from(&self, stream: &Stream<'_>, from: usize) -> Option<Resolved> {
        let to = (from..stream.tokens.len().min(from + 2 * LONGEST_NAME))
            .find(|&i| !is_name_word(stream, i) && !stream.says(i, "and"))?;
        let closed = matches!(stream.tokens[to].kind, Kind::Punct | Kind::Break | Kind::Quote);
        (closed && to > from + 2).then(|| self.joint(stream, Mention { from, to })).flatten()
    }

    /// True for "of" in "Secretary of State Lena Ortiz".
    fn inside_title(&self, stream: &Stream<'_>, at: usize) -> bool {
        let titled = at > 0
            && stream.says(at, "of")
            && stream.tokens[at - 1].capital
            && stream.tokens[at - 1].is(lex::TITLE | lex::ROLE);
        let name = || {
            (at + 2..(at + 5).min(stream.tokens.len())).find(|&i| {
                self.named_at(i).is_some_and(|id| self.entities[id].kind == SpeakerKind::Person)
            })
        };
        titled
            && name().is_some_and(|name| {
                (at + 1..name).all(|i| {
                    let token = &stream.tokens[i];
                    token.capital
                        && (token.is(lex::RANK | lex::BODY | lex::ORGANISATION)
                            || !token
                                .is(lex::TITLE | lex::ROLE | lex::MALE_NAME | lex::FEMALE_NAME))
                })
            })
    }

    fn inside_name(&self, at: usize) -> bool {
        (at.saturating_sub(LONGEST_NAME)..at).any(|i| {
            self.named_at(i)
                .is_some_and(|id| self.entities[id].mention_at(i).is_some_and(|m| m.to > at))
        })
    }

    /// Who is the PM: the one whom the text calls so, or a prime minister.
    fn premier(&self, stream: &Stream<'_>, at: usize) -> Option<usize> {
        let (short, minister) = (key("PM"), key("minister"));
        self.before(at).take(80).map(|place| place.entity).find(|&id| {
            let entity = &self.entities[id];
            let called =
                |role: u64| entity.mentions.iter().take(6).find_map(|&m| called(stream, m, role));
            entity.kind == SpeakerKind::Person
                && (called(short).is_some()
                    || called(minister).is_some_and(|at| at > 0 && stream.says(at - 1, "prime")))
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
                    // "the firm", "the Norrvik-based firm"
                    let based = (source.from + 1..head).all(|i| stream.word(i).ends_with("-based"));
                    let plain = based
                        && head + 1 == source.to
                        && stream.tokens[head].is(lex::BODY)
                        && !lists::known().sole.has_any_case(word)
                        && !told_of(stream, source.from, head_key);
                    let near =
                        plain.then(|| self.salient(source.from, sentence, Gender::Unknown, kind));
                    near.flatten()
                        .map(|(id, _)| id)
                        .filter(|&id| !self.only_where(stream, id, source.from, sentence))
                });
        }
        if kind == SpeakerKind::Document {
            return None;
        }
        if is_premier(stream, head) {
            return self.premier(stream, source.from);
        }
        let complete = stream.lexicon.grammar.complete;
        let aged = is_aged(stream, head);
        let mut bearer = None;
        let mut fallback = None;
        let mut other_age = false;
        // What is said beside somebody's name is looked at once, however often it stands there.
        let mut looked_at: SmallVec<[usize; 16]> = SmallVec::new();
        for place in self.before(source.from).take(80) {
            let entity = &self.entities[place.entity];
            if entity.kind != SpeakerKind::Person {
                continue;
            }
            if aged && let Some(age) = age(stream, entity) {
                if word.split('-').next() == Some(stream.word(age)) {
                    return Some(place.entity);
                }
                other_age = true;
                continue;
            }
            let told = if looked_at.contains(&place.entity) {
                None
            } else {
                looked_at.push(place.entity);
                entity.mentions.iter().take(6).find_map(|&m| called(stream, m, head_key))
            };
            if let Some(at) = told
                && !(complete && of_another_office(stream, head, at))
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
        // "says the affable Norrvik resident": somebody who was named; a stranger would be "a resident".
        let known = lists::known().locals.has(word)
            && source.to > source.from + 2
            && !introduced(stream, source.from, head_key);
        let withheld = token.is(lex::ANONYMOUS) && !aged && !known;
        let described =
            token.is(lex::ROLE | lex::PARTY | lex::MALE_NOUN | lex::FEMALE_NOUN | lex::TITLE)
                || aged
                || token.capital;
        if withheld || !described || other_age {
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
                let facts = super::super::roles::of_mentions(stream, &self.entities[id].mentions);
                !office || facts.role.is_none()
            })
    }
}

/// True for a word of a script without small letters: 王小明.
fn is_uncased(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase() && !c.is_uppercase())
}

/// True for "45-year-old" that stands for whoever is so old.
fn is_aged(stream: &Stream<'_>, at: usize) -> bool {
    stream.word(at).ends_with("-year-old")
}

/// The age beside one of the names of somebody: "Jonas Berg, 45,".
fn age(stream: &Stream<'_>, entity: &Entity) -> Option<usize> {
    entity.mentions.iter().take(6).map(|m| m.to + 1).find(|&at| {
        stream.tokens.get(at).is_some_and(|t| t.kind == Kind::Number)
            && stream.tokens[at - 1].punct(',')
    })
}

/// Where the role `head` stands that the text gives somebody beside the name: before it, in its
/// apposition or after "is".
fn called(stream: &Stream<'_>, name: Mention, head: u64) -> Option<usize> {
    /// Words looked at before the name and after it.
    const BEFORE: usize = 7;
    const AFTER: usize = 14;
    let tokens = &stream.tokens;
    let comma = |at: usize| tokens.get(at).is_some_and(|t| t.punct(','));
    // "The networks minister, Lena Ortiz, opened": the name stands in apposition.
    let apposed = name.from > 0
        && comma(name.from - 1)
        && tokens.get(name.to).is_none_or(|t| t.kind != Kind::Word);
    let edge = name.from - usize::from(apposed);
    let before = (edge.saturating_sub(BEFORE)..edge).rev().take_while(|&i| {
        let t = &tokens[i];
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
    let after = (name.to..(name.to + AFTER).min(tokens.len()))
        .skip_while(|&i| tokens[i].punct(','))
        .take_while(|&i| {
            tokens[i].kind != Kind::Break
                && tokens[i].kind != Kind::Quote
                && !tokens[i].punct('.')
                && !tokens[i].punct(',')
        });
    let told = comma(name.to) || stream.says(name.to, "is");
    let is_head = |&i: &usize| key(stream.word(i)) == head;
    let mut before = before;
    let mut after = after.filter(|_| told);
    after.find(is_head).or_else(|| before.find(is_head))
}

/// True where two heads that are one word are of two offices: the prime minister, Finance Minister
/// Ortiz.
fn of_another_office(stream: &Stream<'_>, one: usize, other: usize) -> bool {
    let of = |head: usize| {
        let at = head.checked_sub(1)?;
        let token = &stream.tokens[at];
        let tells = token.kind == Kind::Word
            && !token.is(lex::DETERMINER | lex::MODIFIER | lex::PLACE | lex::PARTY | lex::ADVERB)
            && !token.is(lex::PREPOSITION | lex::CONJUNCTION | lex::AUXILIARY | lex::VERB)
            && token.cue.is_none();
        tells.then(|| key(stream.word(at)))
    };
    stream.tokens[one].is(lex::PORTFOLIO)
        && matches!((of(one), of(other)), (Some(this), Some(that)) if this != that)
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
            || stream.says(i, "name") && lists::known().name_of.has(stream.word(i - 1))
    });
    let denied = (name.to..end).any(|i| stream.tokens[i].is(lex::NEGATION))
        || (name.to..end).any(|i| lists::known().withholding.has(stream.word(i)));
    whole && denied
}

fn modifiers_fit(stream: &Stream<'_>, short: Mention, long: Mention) -> bool {
    (short.from..short.to).all(|i| {
        let token = &stream.tokens[i];
        token.is(lex::DETERMINER) || token.kind != Kind::Word || {
            let word = key(stream.word(i));
            (long.from..long.to).any(|j| key(stream.word(j)) == word)
        }
    })
}

pub(super) fn noun_gender(stream: &Stream<'_>, phrase: Mention) -> Gender {
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

/// True where the text has just told of somebody so: "A group of peers lost. The group said".
fn told_of(stream: &Stream<'_>, at: usize, noun: u64) -> bool {
    /// Tokens looked back over: a paragraph or two.
    const REACH: usize = 80;
    (at.saturating_sub(REACH)..at).any(|i| stream.says(i + 1, "of") && key(stream.word(i)) == noun)
}

/// True where the text has brought in somebody so: "a Norrvik resident", "one resident".
fn introduced(stream: &Stream<'_>, at: usize, noun: u64) -> bool {
    /// Tokens looked back over: a page.
    const REACH: usize = 400;
    /// Most words between the article and the noun.
    const MODIFIERS: usize = 5;
    (at.saturating_sub(REACH)..at).any(|i| {
        matches!(stream.word(i), "a" | "an" | "one" | "A" | "An" | "One")
            && (i + 1..at.min(i + MODIFIERS)).any(|i| key(stream.word(i)) == noun)
    })
}

/// The head noun of a phrase: its last word before "of", "for", "in", "who".
fn head(stream: &Stream<'_>, phrase: Mention) -> Option<usize> {
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
        // "people familiar with the talks": what follows the noun describes it.
        let known =
            head.is_some_and(|head: usize| stream.tokens[head].is(lex::GROUP | lex::ANONYMOUS));
        if known
            && token.kind == Kind::Word
            && !token.capital
            && token.classes == 0
            && stream.tokens.get(i + 1).is_some_and(|t| t.is(lex::PREPOSITION))
            && i + 1 < phrase.to
        {
            break;
        }
        // "Article 6", "Resolution 12": the number is no head.
        if token.kind == Kind::Number && !is_aged(stream, i) && head.is_some() {
            continue;
        }
        if token.wordy()
            && !(token.is(lex::DETERMINER) && i + 1 < phrase.to && !token.is(lex::GROUP))
        {
            head = Some(i);
        }
    }
    head
}
