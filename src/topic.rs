//! Is an article on a topic, and why.
//!
//! A compiled [`Topic`] and an article's title, standfirst and body → a [`TopicDecision`] that
//! names the phrase and the place. Phrases are compared word by word without case, accents and
//! simple plural endings; a hyphen is a space or nothing. Pure. Refuses phrases without a word in
//! them, and to call a feed's entry off topic because it is silent: only what the topic excludes
//! shows there.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::domain::folding::folded;
use crate::domain::topic::{Topic, TopicDecision};

/// `A NEAR B` holds when the phrases begin within so many words of each other: a long sentence.
pub const NEAR_WORDS: usize = 30;
/// What stands before an outlet's name in the headlines of feeds that collect from many.
const TITLE_ENDS: &[&str] = &[" - ", " – ", " — ", " | "];
/// The word between two phrases that must stand near each other.
const NEAR: &str = " NEAR ";

/// Why a topic can't be matched against anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// Neither `any` nor `all` holds a phrase.
    #[error("topic {topic:?} has no phrases under any or all; add one")]
    NoPhrases {
        /// The topic's id.
        topic: String,
    },
    /// A phrase, or one side of a NEAR, has no word.
    #[error("topic {topic:?}: the phrase {phrase:?} has no word to look for")]
    NoWord {
        /// The topic's id.
        topic: String,
        /// The phrase as stated.
        phrase: String,
    },
    /// More than one NEAR in a phrase.
    #[error("topic {topic:?}: the phrase {phrase:?} has more than one NEAR; use all for the rest")]
    TwoNears {
        /// The topic's id.
        topic: String,
        /// The phrase as stated.
        phrase: String,
    },
}

/// A topic ready to be held against articles.
#[derive(Debug, Clone)]
pub struct TopicMatcher {
    topic: String,
    any: Vec<Phrase>,
    all: Vec<Phrase>,
    none: Vec<Phrase>,
}

/// A phrase as stated, and the words to look for: one run, or two that stand near each other.
#[derive(Debug, Clone)]
struct Phrase {
    stated: String,
    words: Words,
    near: Option<Words>,
}

/// An article as topics are held against it. Its words are read once, and only where a topic asks for
/// them: most of what is on a topic says so in its title.
pub struct Parts<'a>([Part<'a>; 3]);

/// A part of the article and its words.
struct Part<'a> {
    name: &'static str,
    text: &'a str,
    words: OnceCell<Words>,
}

impl<'a> Parts<'a> {
    /// The article of this title, standfirst and body.
    #[must_use]
    pub fn new(title: Option<&'a str>, standfirst: Option<&'a str>, body: &'a str) -> Self {
        let part = |name, text| Part { name, text, words: OnceCell::new() };
        Self([
            part("title", title.unwrap_or_default()),
            part("standfirst", standfirst.unwrap_or_default()),
            part("body", body),
        ])
    }
}

impl Part<'_> {
    fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::of(self.text))
    }
}

/// The words of a text, hyphens read as spaces, and read as nothing where that is something else:
/// "cyber-crime" is two words and one.
#[derive(Debug, Clone)]
struct Words {
    apart: Vec<String>,
    joined: Option<Vec<String>>,
}

impl Words {
    fn of(text: &str) -> Self {
        let text = folded(text);
        let bytes = text.as_bytes();
        let joins = |at: usize| {
            let beside = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied();
            bytes[at] == b'-'
                && beside(at.checked_sub(1)).is_some_and(|byte| byte.is_ascii_alphabetic())
                && beside(Some(at + 1)).is_some_and(|byte| byte.is_ascii_alphabetic())
        };
        let joined: String =
            text.char_indices().filter(|(at, _)| !joins(*at)).map(|(_, char)| char).collect();
        let joined = (joined.len() < text.len()).then(|| words(&joined));
        Self { apart: words(&text), joined }
    }

    /// Hyphens read as nothing.
    fn joined(&self) -> &[String] {
        self.joined.as_deref().unwrap_or(&self.apart)
    }
}

impl TopicMatcher {
    /// The topics, compiled, in their order.
    ///
    /// # Errors
    /// As [`TopicMatcher::new`].
    pub fn all(topics: &[Topic]) -> Result<Vec<Arc<Self>>, TopicError> {
        topics.iter().map(|topic| Ok(Arc::new(Self::new(topic)?))).collect()
    }

    /// The topic, compiled.
    ///
    /// # Errors
    /// [`TopicError`] names the phrase that can't be looked for.
    pub fn new(topic: &Topic) -> Result<Self, TopicError> {
        if topic.any.is_empty() && topic.all.is_empty() {
            return Err(TopicError::NoPhrases { topic: topic.id.clone() });
        }
        let compile = |phrases: &[String]| {
            phrases.iter().map(|phrase| Phrase::new(&topic.id, phrase)).collect::<Result<_, _>>()
        };
        Ok(Self {
            topic: topic.id.clone(),
            any: compile(&topic.any)?,
            all: compile(&topic.all)?,
            none: compile(&topic.none)?,
        })
    }

    /// Whether the article is on the topic: one of `any`, each of `all` and none of `none` occur.
    #[must_use]
    pub fn decide(&self, article: &Parts<'_>) -> TopicDecision {
        let (matched, reason) = match self.find(&article.0) {
            Ok(found) => (true, found.join(", ")),
            Err(reason) => (false, reason),
        };
        TopicDecision { topic: self.topic.clone(), matched, reason }
    }

    /// Why the article behind a feed's entry is certain to be off topic, so that it need not be
    /// fetched: its headline has what the topic excludes. `None` for everything else, since entries
    /// don't hold the body. The outlet's name behind the headline is not looked at.
    #[must_use]
    pub fn rules_out(&self, title: &str) -> Option<String> {
        let end = TITLE_ENDS.iter().filter_map(|sign| title.rfind(sign)).max();
        let words = Words::of(&title[..end.unwrap_or(title.len())]);
        let phrase = self.none.iter().find(|phrase| phrase.stands_in(&words))?;
        Some(format!("“{}” in the feed's headline, which the topic excludes", phrase.stated))
    }

    /// Where the phrases stand, or why the article is off topic.
    fn find(&self, parts: &[Part<'_>]) -> Result<Vec<String>, String> {
        let place = |phrase: &Phrase| {
            let part = parts.iter().find(|part| phrase.stands_in(part.words()))?;
            Some(format!("“{}” in the {}", phrase.stated, part.name))
        };
        if let Some(found) = self.none.iter().find_map(place) {
            return Err(format!("{found}, which the topic excludes"));
        }
        let mut found = Vec::new();
        if !self.any.is_empty() {
            // The title says more than the body, whichever phrase stands there.
            let best = parts.iter().find_map(|part| {
                let phrase = self.any.iter().find(|phrase| phrase.stands_in(part.words()))?;
                Some(format!("“{}” in the {}", phrase.stated, part.name))
            });
            found.push(best.ok_or_else(|| match self.any.as_slice() {
                [phrase] => format!("“{}” is missing", phrase.stated),
                phrases => format!("none of its {} phrases occurs", phrases.len()),
            })?);
        }
        for phrase in &self.all {
            found.push(place(phrase).ok_or_else(|| format!("“{}” is missing", phrase.stated))?);
        }
        Ok(found)
    }
}

impl Phrase {
    fn new(topic: &str, stated: &str) -> Result<Self, TopicError> {
        let sides: Vec<Words> = stated.split(NEAR).map(Words::of).collect();
        let (topic, phrase) = (topic.to_owned(), stated.to_owned());
        if sides.iter().any(|side| side.apart.is_empty()) {
            return Err(TopicError::NoWord { topic, phrase });
        }
        let mut sides = sides.into_iter();
        let (Some(words), near) = (sides.next(), sides.next()) else {
            return Err(TopicError::NoWord { topic, phrase });
        };
        if sides.next().is_some() {
            return Err(TopicError::TwoNears { topic, phrase });
        }
        Ok(Self { stated: phrase, words, near })
    }

    fn stands_in(&self, text: &Words) -> bool {
        let near = self.near.as_ref();
        stand_in(&text.apart, &self.words.apart, near.map(|near| near.apart.as_slice()))
            || stand_in(text.joined(), self.words.joined(), near.map(Words::joined))
    }
}

/// True where the run stands among the words, and the other near it, if there is one.
fn stand_in(words: &[String], run: &[String], near: Option<&[String]>) -> bool {
    let mut first = places(words, run);
    let Some(near) = near else { return first.next().is_some() };
    let second: Vec<usize> = places(words, near).collect();
    first.any(|at| {
        let next = second.partition_point(|&other| other < at);
        let around = &second[next.saturating_sub(1)..second.len().min(next + 1)];
        around.iter().any(|other| other.abs_diff(at) <= NEAR_WORDS)
    })
}

/// The indices at which `run` begins in `words`, ascending.
fn places<'a>(words: &'a [String], run: &'a [String]) -> impl Iterator<Item = usize> + 'a {
    words.windows(run.len()).enumerate().filter(move |(_, window)| *window == run).map(|(at, _)| at)
}

/// The words of a text as they are compared: lower case, without accents, possessives, the full
/// stops of initials and simple plural endings. `text` is ASCII in lower case.
fn words(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, char) in text.char_indices() {
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        let next_but_one = bytes.get(at + 2).copied().unwrap_or(b' ');
        let initial = char == '.'
            && next.is_ascii_alphabetic()
            && (word.len() == 1 || at >= 2 && bytes[at - 2] == b'.')
            && !next_but_one.is_ascii_alphanumeric();
        if char.is_ascii_alphanumeric() {
            word.push(char);
        } else if char == '\'' && next == b's' && !next_but_one.is_ascii_alphanumeric() {
            // The possessive's s becomes a word of its own, and is dropped below.
            push(&mut words, &mut word);
            word.push('\'');
        } else if !initial {
            push(&mut words, &mut word);
        }
    }
    push(&mut words, &mut word);
    words
}

fn push(words: &mut Vec<String>, word: &mut String) {
    let word = std::mem::take(word);
    if !word.is_empty() && word != "'s" {
        words.push(singular(word));
    }
}

/// The word without a simple plural ending: treaties, conventions.
fn singular(mut word: String) -> String {
    if word.len() > 4 && word.ends_with("ies") {
        word.truncate(word.len() - 3);
        word.push('y');
    } else if word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is"].iter().any(|ending| word.ends_with(ending))
    {
        word.pop();
    }
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn topic(any: &[&str], all: &[&str], none: &[&str]) -> Topic {
        let own = |phrases: &[&str]| phrases.iter().map(|phrase| (*phrase).to_owned()).collect();
        Topic {
            id: "harbour".to_owned(),
            title: "The harbour charter".to_owned(),
            any: own(any),
            all: own(all),
            none: own(none),
        }
    }

    fn decide(topic: &Topic, title: &str, body: &str) -> TopicDecision {
        TopicMatcher::new(topic).unwrap().decide(&Parts::new(Some(title), None, body))
    }

    #[test]
    fn a_phrase_is_found_as_whole_words_in_any_form() {
        for (phrase, text, found) in [
            ("harbour charter", "The Harbour Charter was signed.", true),
            ("harbour charter", "two harbour charters", true),
            ("harbour treaty", "harbour treaties", true),
            ("harbour charter", "harbour-charter talks", true),
            ("harbour-charter", "harbour charter talks", true),
            ("tidewater treaty", "the tide-water treaty", true),
            ("tide-water treaty", "the tidewater treaties", true),
            ("tidewater treaty", "the tide‑water treaty", true),
            ("tidewater NEAR vote", "a vote on tide-water", true),
            ("tidewater treaty", "the tide water treaty", false),
            ("seven", "se - ven", false),
            ("harbour charter", "the harbour’s charter", true),
            ("cafe", "the Café", true),
            ("São Tomé", "SAO TOME", true),
            ("U.N. committee", "the UN committee", true),
            ("UN committee", "the U.N. committee", true),
            ("harbour charter", "harbour chartered", false),
            ("harbour charter", "harbour, a charter", false),
            ("harbour", "harbourmaster", false),
            ("class", "clas", false),
        ] {
            let decision = decide(&topic(&[phrase], &[], &[]), "", text);
            assert_eq!(decision.matched, found, "{phrase:?} in {text:?}: {}", decision.reason);
        }
    }

    #[test]
    fn near_phrases_stand_within_thirty_words() {
        let topic = topic(&["ad hoc committee NEAR harbour"], &[], &[]);
        let filler = |words: usize| "word ".repeat(words);
        let near = format!("The Ad Hoc Committee {} harbour", filler(27));
        let far = format!("The Ad Hoc Committee {} harbour", filler(28));
        assert!(decide(&topic, "", &near).matched);
        assert!(!decide(&topic, "", &far).matched);
        let before = format!("harbour {} the ad hoc committee", filler(20));
        assert!(decide(&topic, "", &before).matched);
        assert!(!decide(&topic, "harbour", "the ad hoc committee").matched);
    }

    #[test]
    fn the_reason_names_phrase_and_place() {
        let topic = topic(&["charter", "treaty"], &["harbour"], &["sailing race"]);
        let reason = |title, body| decide(&topic, title, body).reason;
        assert_eq!(
            reason("A treaty", "the harbour charter"),
            "“treaty” in the title, “harbour” in the body"
        );
        assert_eq!(reason("A treaty", "the lake"), "“harbour” is missing");
        assert_eq!(reason("", "the harbour"), "none of its 2 phrases occurs");
        assert_eq!(
            reason("Sailing races", "the harbour treaty"),
            "“sailing race” in the title, which the topic excludes"
        );
    }

    #[test]
    fn a_place_is_the_first_of_title_standfirst_and_body() {
        let matcher = TopicMatcher::new(&topic(&["charter"], &[], &[])).unwrap();
        let reason =
            |title, standfirst, body| matcher.decide(&Parts::new(title, standfirst, body)).reason;
        assert_eq!(reason(Some("A vote"), Some("The charter"), ""), "“charter” in the standfirst");
        assert_eq!(reason(None, None, "Charters."), "“charter” in the body");
        assert_eq!(reason(Some("Charter"), Some("Charter"), "Charter"), "“charter” in the title");
    }

    #[test]
    fn an_entry_is_ruled_out_only_by_what_the_topic_excludes() {
        let topic = topic(&["charter"], &[], &["sailing race", "Quay Post"]);
        let matcher = TopicMatcher::new(&topic).unwrap();
        for (title, ruled_out) in [
            ("The sailing-race charter", true),
            ("Sailing races this week - Quay Post", true),
            ("The charter", false),
            ("Harbour fees rise", false),
            ("Harbour fees rise - Quay Post", false),
            ("", false),
        ] {
            assert_eq!(matcher.rules_out(title).is_some(), ruled_out, "{title}");
        }
    }

    #[test]
    fn phrases_that_can_not_be_found_are_refused() {
        let refused = |any: &[&str]| TopicMatcher::new(&topic(any, &[], &[])).unwrap_err();
        assert!(matches!(refused(&[]), TopicError::NoPhrases { .. }));
        assert!(matches!(refused(&["—"]), TopicError::NoWord { .. }));
        assert!(matches!(refused(&["harbour NEAR !"]), TopicError::NoWord { .. }));
        assert!(matches!(refused(&["a NEAR b NEAR c"]), TopicError::TwoNears { .. }));
    }

    proptest! {
        #[test]
        fn an_article_on_topic_is_never_ruled_out_by_its_headline(title in "[a-z -]{0,40}", body in "[a-z -]{0,80}") {
            let topic = topic(&["a", "b c"], &[], &["d", "e f", "g-h"]);
            let matcher = TopicMatcher::new(&topic).unwrap();
            if matcher.decide(&Parts::new(Some(&title), None, &body)).matched {
                prop_assert_eq!(matcher.rules_out(&title), None);
            }
        }

        #[test]
        fn a_text_that_holds_the_phrase_is_on_topic(
            before in "\\PC{0,40}",
            phrase in "[a-z]{3,8}( [a-z]{3,8}){0,2}",
            after in "\\PC{0,40}",
        ) {
            let text = format!("{before} {phrase} {after}");
            prop_assert!(decide(&topic(&[&phrase], &[], &[]), "", &text).matched);
        }
    }
}
