//! The words the rules know: TOML tables → one hash look-up a word.
//!
//! `words.toml` names classes of words, `reporting_verbs.toml` the verbs that attribute and
//! `titles.toml` what people may be, each with a sentence that proves it. Both are embedded and read once. Refuses to hold rules: what a class
//! means to a pattern stands in the pattern.

pub mod titles;

use std::collections::HashMap;
use std::sync::LazyLock;

use rustc_hash::FxBuildHasher;
use serde::Deserialize;

/// A set of word classes, one bit each; see `words.toml` for what each holds.
pub type Classes = u64;

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident = $key:literal),* $(,)?) => {
        classes!(@bits 0; $($(#[$doc])* $name,)*);
        /// The key of each class in `words.toml`.
        const KEYS: &[(&str, Classes)] = &[$(($key, $name)),*];
    };
    (@bits $n:expr; $(#[$doc:meta])* $name:ident, $($rest:tt)*) => {
        $(#[$doc])*
        pub const $name: Classes = 1 << ($n);
        classes!(@bits $n + 1; $($rest)*);
    };
    (@bits $n:expr;) => {};
}

classes! {
    /// Articles and other words that begin a noun phrase: the, a, his, several.
    DETERMINER = "determiner",
    /// Personal pronouns that can be a subject: he, she, they.
    PRONOUN = "pronoun",
    /// he, him, his.
    MALE = "male",
    /// she, her.
    FEMALE = "female",
    /// they, we, them.
    PLURAL = "plural",
    /// of, in, at, for.
    PREPOSITION = "preposition",
    /// and, or, but.
    CONJUNCTION = "conjunction",
    /// that, because, when, if.
    SUBORDINATOR = "subordinator",
    /// who, which, whose.
    RELATIVE = "relative",
    /// is, has, will, did.
    AUXILIARY = "auxiliary",
    /// is, was, been.
    BE = "be",
    /// Adverbs that stand within a verb group: also, repeatedly, then.
    ADVERB = "adverb",
    /// Verbs that attribute nothing and end a noun phrase: went, took.
    VERB = "verb",
    /// Titles before a name: Mr., Sen., Prof.
    TITLE = "title",
    /// Titles that tell a man.
    MALE_TITLE = "male_title",
    /// Titles that tell a woman.
    FEMALE_TITLE = "female_title",
    /// What a person may be: director, spokeswoman, senator.
    ROLE = "role",
    /// Roles and kin that tell a man: spokesman, father.
    MALE_NOUN = "male_noun",
    /// Roles and kin that tell a woman: spokeswoman, mother.
    FEMALE_NOUN = "female_noun",
    /// Words in the names of organisations: Ministry, University, Inc.
    ORGANISATION = "organisation",
    /// Bodies spoken of without a name: company, ministry, campaign.
    BODY = "body",
    /// Many people together: officials, experts, critics.
    GROUP = "group",
    /// Texts that say something: report, statement, poll.
    DOCUMENT = "document",
    /// Persons without a name: official, source, aide.
    ANONYMOUS = "anonymous",
    /// Days, months, today, morning.
    TIME = "time",
    /// Parts of names: van, de, bin, al.
    PARTICLE = "particle",
    /// Given names of men.
    MALE_NAME = "male_name",
    /// Given names of women.
    FEMALE_NAME = "female_name",
    /// Places, nationalities.
    PLACE = "place",
    /// Number words: two, dozens.
    NUMBER = "number",
    /// Abbreviations whose full stop ends no sentence.
    ABBREVIATION = "abbreviation",
    /// Jr., III, PhD: after a name.
    SUFFIX = "suffix",
    /// not, never, n't.
    NEGATION = "negation",
    /// Parties, and words that tie a speaker to one.
    PARTY = "party",
    /// Words before a role or a name that are part of neither: former, longtime.
    MODIFIER = "modifier",
    /// Offices held for a place or a body: mayor, coach, ambassador.
    OFFICE = "office",
    /// Words that attribute without being verbs: according, view. Patterns name the ones they read.
    PHRASE_CUE = "phrase_cue",
    /// Words of labels before a colon that name no speaker: WATCH, READ MORE.
    LABEL = "label",
    /// Persons that a report is told to: reporters, lawmakers.
    LISTENER = "listener",
    /// Words of a title before its head: Prime, Deputy, Chief.
    RANK = "rank",
    /// Heads of titles that any capitals before them belong to: Minister, Secretary.
    PORTFOLIO = "portfolio",
    /// What ties nobody to an organisation: resident, mother.
    PRIVATE = "private",
    /// Who may work for nobody: lawyer, poet; only a body's own word before them is an affiliation.
    FREE = "free",
    /// Capitals before a role that name no organisation: Olympic, Catholic, TV.
    TOPIC = "topic",
    /// What players do in a game: scored, added, stopped.
    SCORING = "scoring",
    /// What teams do to teams: beat, lost, edged.
    OUTCOME = "outcome",
    /// Titles that are part of a name of one word: Lord, Pope, Princess.
    NOBLE = "noble",
    /// Who is elected for a place: MP, councillor.
    SEAT = "seat",
    /// Names of teams that don't end in s.
    TEAM = "team",
}

/// What a verb takes; a stanza's `takes` lists them.
pub mod takes {
    /// Words in quotation marks: “…,” she said.
    pub const QUOTE: u16 = 1;
    /// A clause, with or without "that".
    pub const CLAUSE: u16 = 2;
    /// A listener before the clause: told reporters that.
    pub const LISTENER: u16 = 4;
    /// An infinitive, after a listener or without: urged them to sign.
    pub const INFINITIVE: u16 = 8;
    /// A name for something: called it “weak”, described it as weak.
    pub const NAMING: u16 = 16;
    /// A thing spoken of: criticised the plan.
    pub const OBJECT: u16 = 32;
    /// Nothing is spoken: thinks, hopes, wants.
    pub const THOUGHT: u16 = 64;
    /// Texts and bodies show or find: the poll showed.
    pub const FINDING: u16 = 128;
    /// As a noun too, so that its neighbours must tell: claims, reports.
    pub const NOUN: u16 = 256;
    /// A question.
    pub const QUESTION: u16 = 512;
    /// Attributes only with "it" after it: put it.
    pub const IT: u16 = 1024;
    /// Attributes only with "on" after it: went on.
    pub const ON: u16 = 2048;
    /// Attributes only with "back" after it: shot back.
    pub const BACK: u16 = 4096;
    /// Attributes only with "in" after it: cut in.
    pub const IN: u16 = 8192;
    /// Attributes only with "out" after it: spelled out.
    pub const OUT: u16 = 16384;
    /// Attributes only with "up" after it: piped up.
    pub const UP: u16 = 32768;
}

/// Particles without which a verb attributes nothing, each with the bit that asks for it.
pub const PARTICLES: &[(&str, u16)] = &[
    ("it", takes::IT),
    ("on", takes::ON),
    ("back", takes::BACK),
    ("in", takes::IN),
    ("out", takes::OUT),
    ("up", takes::UP),
];
/// Every bit of [`PARTICLES`].
pub const PARTICLE_VERB: u16 =
    takes::IT | takes::ON | takes::BACK | takes::IN | takes::OUT | takes::UP;

const TAKES: &[(&str, u16)] = &[
    ("quote", takes::QUOTE),
    ("clause", takes::CLAUSE),
    ("listener", takes::LISTENER),
    ("infinitive", takes::INFINITIVE),
    ("naming", takes::NAMING),
    ("object", takes::OBJECT),
    ("thought", takes::THOUGHT),
    ("finding", takes::FINDING),
    ("noun", takes::NOUN),
    ("question", takes::QUESTION),
    ("it", takes::IT),
    ("on", takes::ON),
    ("back", takes::BACK),
    ("in", takes::IN),
    ("out", takes::OUT),
    ("up", takes::UP),
];

/// One stanza of `reporting_verbs.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerbStanza {
    /// Base, third person, past, -ing; past participle where it differs.
    pub forms: Vec<String>,
    /// What it takes; see [`takes`].
    pub takes: Vec<String>,
    /// A labelled sentence that must hold.
    #[cfg_attr(not(test), allow(dead_code, reason = "the tests prove it"))]
    pub example: String,
}

#[derive(Debug, Deserialize)]
struct VerbFile {
    verb: Vec<VerbStanza>,
}

/// Which form of the verb a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tense {
    /// say
    Base,
    /// says
    Third,
    /// said
    Past,
    /// saying
    Ing,
    /// written
    Participle,
}

/// A form of a reporting verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cue {
    /// What the verb takes; see [`takes`].
    pub takes: u16,
    /// Which form it is.
    pub tense: Tense,
}

/// What the lexicon knows of a word.
#[derive(Debug, Clone, Copy, Default)]
pub struct Entry {
    /// Its classes.
    pub classes: Classes,
    /// Set where it is a form of a reporting verb.
    pub cue: Option<Cue>,
}

/// The longest word looked up, in bytes; the lists hold none longer.
const LONGEST: usize = 24;

/// A lower-case word, padded with zeros to three machine words: compared and hashed at once.
type Key = (u64, u64, u64);

/// The key of `word` whatever its case; none of words longer than any in the lists.
fn pack(word: &str) -> Option<Key> {
    let mut lower = [0_u8; LONGEST];
    lower.get_mut(..word.len())?.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    let (eights, _) = lower.as_chunks::<8>();
    let part = |place: usize| u64::from_ne_bytes(eights[place]);
    Some((part(0), part(1), part(2)))
}

/// All word lists, by lower-case word.
#[derive(Debug, Default)]
pub struct Lexicon {
    entries: HashMap<Key, Entry, FxBuildHasher>,
}

const WORDS: &str = include_str!("en/words.toml");
const VERBS: &str = include_str!("en/reporting_verbs.toml");

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::read(WORDS, VERBS));

impl Lexicon {
    /// The embedded lists.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &LEXICON
    }

    /// Lists that can't be read give an empty lexicon; a test holds that the embedded ones can.
    fn read(words: &str, verbs: &str) -> Self {
        let mut entries: HashMap<Key, Entry, FxBuildHasher> = HashMap::default();
        let lists: HashMap<String, Vec<String>> = toml::from_str(words).unwrap_or_default();
        for (key, class) in KEYS {
            for line in lists.get(*key).into_iter().flatten() {
                for word in line.to_lowercase().split_whitespace().filter_map(pack) {
                    entries.entry(word).or_default().classes |= class;
                }
            }
        }
        for field in titles::fields() {
            for line in &field.heads {
                for head in line.split_whitespace().filter_map(pack) {
                    entries.entry(head).or_default().classes |= ROLE;
                }
            }
        }
        for stanza in verb_stanzas(verbs) {
            let takes = TAKES
                .iter()
                .filter(|(key, _)| stanza.takes.iter().any(|t| t == key))
                .fold(0, |all, (_, bit)| all | bit);
            let tenses = [Tense::Base, Tense::Third, Tense::Past, Tense::Ing, Tense::Participle];
            for (form, tense) in stanza.forms.iter().zip(tenses) {
                let Some(word) = pack(form) else { continue };
                let entry = entries.entry(word).or_default();
                entry.cue.get_or_insert(Cue { takes, tense });
                // "put" and "read" are base and past alike: the past reads better in news.
                if let Some(cue) = &mut entry.cue
                    && cue.takes == takes
                    && tense == Tense::Past
                {
                    cue.tense = Tense::Past;
                }
            }
        }
        Self { entries }
    }

    /// What is known of `word`, whatever its case; nothing of words longer than any in the lists.
    #[must_use]
    pub fn look_up(&self, word: &str) -> Entry {
        pack(word).and_then(|word| self.entries.get(&word)).copied().unwrap_or_default()
    }
}

fn verb_stanzas(text: &str) -> Vec<VerbStanza> {
    toml::from_str::<VerbFile>(text).map(|file| file.verb).unwrap_or_default()
}

/// The stanzas of the embedded verb list, for the tests that prove their examples.
#[cfg(test)]
pub fn embedded_verbs() -> Vec<VerbStanza> {
    verb_stanzas(VERBS)
}

#[cfg(test)]
mod tests {
    use super::{KEYS, TAKES, VERBS, VerbFile, WORDS};
    use std::collections::HashMap;

    #[test]
    fn the_embedded_lists_can_be_read_and_name_only_known_classes() {
        let lists: HashMap<String, Vec<String>> = toml::from_str(WORDS).unwrap();
        for key in lists.keys() {
            assert!(KEYS.iter().any(|(known, _)| known == key), "unknown class {key}");
        }
        for (key, _) in KEYS {
            assert!(lists.contains_key(*key), "no list for {key}");
        }
        let verbs: VerbFile = toml::from_str(VERBS).unwrap();
        for verb in &verbs.verb {
            assert!(verb.forms.len() == 4 || verb.forms.len() == 5, "forms of {:?}", verb.forms);
            for key in &verb.takes {
                assert!(TAKES.iter().any(|(known, _)| known == key), "{key} of {:?}", verb.forms);
            }
        }
    }
}
