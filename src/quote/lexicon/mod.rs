//! The words the rules know: TOML tables → one hash look-up a word.
//!
//! In a language's folder `words.toml` names classes of words, `reporting_verbs.toml` the verbs that
//! attribute and `titles.toml` what people may be, each with a sentence that proves it; `lists.toml`
//! holds what only one rule asks for, and `languages` what is no list of words. All is embedded, and a
//! language's lists are read once, when first asked for. Refuses to hold rules: what a class means to a
//! pattern stands in the pattern.

mod languages;
pub mod lists;
mod table;
pub mod titles;

use std::collections::HashMap;
use std::sync::LazyLock;

use rustc_hash::{FxBuildHasher, FxHashSet};
use serde::Deserialize;

use super::letters::{EIGHT, Letters, lower};
use languages::GRAMMARS;
pub use languages::Grammar;
use table::Table;

use super::tokens::fold_key;

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
    /// I, we, you: whom the text does not name.
    WRITER = "writer",
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
    /// Articles and pointers that a description is printed without: the, a, this.
    ARTICLE = "article",
    /// Words before something that the text has named before: the, this.
    DEFINITE = "definite",
    /// Words that open a reported clause: that.
    THAT = "that",
    /// Words between a noun and the one it belongs to: of.
    OF = "of",
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
    /// Nouns for what somebody said or thinks: claim, warning, promise.
    ASSERTION = "assertion",
    /// Those of them that many voices make at once: chants, cheers.
    CHANT = "chant",
    /// Prepositions that may stand between a verb and what it reports: on Monday, in a letter.
    ADVERBIAL = "adverbial",
    /// Words that open a reported clause or question: that, whether, how.
    CLAUSE = "clause",
    /// Texts that somebody puts out: statement, letter.
    ISSUED = "issued",
    /// What has a title: book, film, show.
    WORK = "work",
}

/// What a verb takes; a stanza's `takes` lists them.
pub mod takes {
    /// Words in quotation marks: “…,” she said.
    pub const QUOTE: u32 = 1;
    /// A clause, with or without "that".
    pub const CLAUSE: u32 = 2;
    /// A listener before the clause: told reporters that.
    pub const LISTENER: u32 = 4;
    /// An infinitive, after a listener or without: urged them to sign.
    pub const INFINITIVE: u32 = 8;
    /// A name for something: called it “weak”, described it as weak.
    pub const NAMING: u32 = 16;
    /// A thing spoken of: criticised the plan.
    pub const OBJECT: u32 = 32;
    /// Nothing is spoken: thinks, hopes, wants.
    pub const THOUGHT: u32 = 64;
    /// Texts and bodies show or find: the poll showed.
    pub const FINDING: u32 = 128;
    /// As a noun too, so that its neighbours must tell: claims, reports.
    pub const NOUN: u32 = 256;
    /// A question.
    pub const QUESTION: u32 = 512;
    /// Attributes only with "it" after it: put it.
    pub const IT: u32 = 1024;
    /// Attributes only with "on" after it: went on.
    pub const ON: u32 = 2048;
    /// Attributes only with "back" after it: shot back.
    pub const BACK: u32 = 4096;
    /// Attributes only with "in" after it: cut in.
    pub const IN: u32 = 8192;
    /// Attributes only with "out" after it: spelled out.
    pub const OUT: u32 = 16384;
    /// Attributes only with "up" after it: piped up.
    pub const UP: u32 = 32768;
    /// Reports only a clause that begins with "that": held that.
    pub const THAT: u32 = 65536;
}

/// Particles without which a verb attributes nothing, each with the bit that asks for it.
pub const PARTICLES: &[(&str, u32)] = &[
    ("it", takes::IT),
    ("on", takes::ON),
    ("back", takes::BACK),
    ("in", takes::IN),
    ("out", takes::OUT),
    ("up", takes::UP),
];
/// Every bit of [`PARTICLES`].
pub const PARTICLE_VERB: u32 =
    takes::IT | takes::ON | takes::BACK | takes::IN | takes::OUT | takes::UP;

const TAKES: &[(&str, u32)] = &[
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
    ("that", takes::THAT),
];

/// One stanza of `reporting_verbs.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerbStanza {
    /// Base, third person, past, -ing; past participle where it differs.
    pub forms: Vec<String>,
    /// Finite forms beside them, where a language has more: of several speakers, of women.
    #[serde(default)]
    pub also: Vec<String>,
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
// Packed, so that half a cache line holds a token, of which every text has as many as words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(Rust, packed)]
pub struct Cue {
    /// What the verb takes; see [`takes`].
    pub takes: u32,
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

/// What is known of a word that no list has.
pub static NOTHING: Entry = Entry { classes: 0, cue: None };

/// The key of the short forms of given names in `words.toml`: a line a name.
const GIVEN: &str = "given";
/// Bytes of a word that make a [`Key`]; nearly all words of the lists are as short.
const PACKED: usize = 2 * EIGHT;
/// The longest word looked up, in bytes; the lists hold none longer.
const LONGEST: usize = 60;

/// A lower-case word, padded with zeros to two machine words: compared and hashed at once.
type Key = (u64, u64);

/// The key of `word` whatever its case; none of words longer than any in most lists.
fn pack(word: &str) -> Option<Key> {
    let mut padded = [0_u8; PACKED];
    padded.get_mut(..word.len())?.copy_from_slice(word.as_bytes());
    let (eights, _) = padded.as_chunks::<EIGHT>();
    let part = |place: usize| lower(u64::from_le_bytes(eights[place]));
    Some((part(0), part(1)))
}

/// A language's word lists, by lower-case word, and its grammar.
#[derive(Debug)]
pub struct Lexicon {
    /// Words of at most [`PACKED`] bytes.
    words: Table,
    /// Words too long for a key: Cyrillic takes two bytes a letter.
    long: HashMap<String, Entry, FxBuildHasher>,
    /// The short forms of given names: which lines of the list a name's key stands in.
    given: HashMap<u64, Vec<usize>, FxBuildHasher>,
    /// What is no list of words.
    pub grammar: &'static Grammar,
}

static LEXICONS: [LazyLock<Lexicon>; GRAMMARS.len()] = [
    LazyLock::new(|| Lexicon::read(&GRAMMARS[0])),
    LazyLock::new(|| Lexicon::read(&GRAMMARS[1])),
    LazyLock::new(|| Lexicon::read(&GRAMMARS[2])),
    LazyLock::new(|| Lexicon::read(&GRAMMARS[3])),
    LazyLock::new(|| Lexicon::read(&GRAMMARS[4])),
];

/// Before any English role: an ex-mayor is what a mayor is.
const FORMER: &str = "ex-";

impl Lexicon {
    /// English.
    #[must_use]
    pub fn english() -> &'static Self {
        &LEXICONS[0]
    }

    /// The lists of the language with this ISO 639-1 code, in any case, a region after it or not.
    #[must_use]
    pub fn of(code: &str) -> Option<&'static Self> {
        let code = code.split(['-', '_']).next().unwrap_or(code);
        let index = GRAMMARS.iter().position(|g| g.code.eq_ignore_ascii_case(code))?;
        Some(&LEXICONS[index])
    }

    /// Lists that can't be read give an empty lexicon; a test holds that the embedded ones can.
    fn read(grammar: &'static Grammar) -> Self {
        let mut lexicon = Self {
            words: Table::default(),
            long: HashMap::default(),
            given: HashMap::default(),
            grammar,
        };
        let lists: HashMap<String, Vec<String>> = toml::from_str(grammar.words).unwrap_or_default();
        for (line, names) in lists.get(GIVEN).into_iter().flatten().enumerate() {
            for name in names.split_whitespace() {
                lexicon.given.entry(fold_key(name)).or_default().push(line);
            }
        }
        let fields = if grammar.complete { titles::fields() } else { Vec::new() };
        let heads =
            || fields.iter().flat_map(|field| &field.heads).flat_map(|l| l.split_whitespace());
        let words =
            |key: &str| lists.get(key).into_iter().flatten().flat_map(|l| l.split_whitespace());
        let roles: FxHashSet<&str> = words("role").chain(heads()).collect();
        let mut add = |word: &str, class: Classes| {
            lexicon.entry(&word.to_lowercase()).classes |= class;
            if grammar.complete && roles.contains(word) {
                lexicon.entry(&format!("{FORMER}{}", word.to_lowercase())).classes |= class;
            }
        };
        for (key, class) in KEYS {
            words(key).for_each(|word| add(word, *class));
        }
        heads().for_each(|head| add(head, ROLE));
        // Given names cross borders; a language's own words come first.
        for other in GRAMMARS.iter().filter(|other| !grammar.complete && other.code != grammar.code)
        {
            let lists: HashMap<String, Vec<String>> =
                toml::from_str(other.words).unwrap_or_default();
            for (key, class) in [("male_name", MALE_NAME), ("female_name", FEMALE_NAME)] {
                let lines = lists.get(key).into_iter().flatten();
                for word in lines.flat_map(|line| line.split_whitespace()) {
                    let entry = lexicon.entry(word);
                    if entry.classes & !(MALE_NAME | FEMALE_NAME) == 0 {
                        entry.classes |= class;
                    }
                }
            }
        }
        for stanza in verb_stanzas(grammar.verbs) {
            let takes = TAKES
                .iter()
                .filter(|(key, _)| stanza.takes.iter().any(|t| t == key))
                .fold(0, |all, (_, bit)| all | bit);
            let tenses = [Tense::Base, Tense::Third, Tense::Past, Tense::Ing, Tense::Participle];
            for (form, tense) in stanza.forms.iter().zip(tenses) {
                let entry = lexicon.entry(form);
                entry.cue.get_or_insert(Cue { takes, tense });
                // "put" and "read" are base and past alike: the past reads better in news.
                if let Some(cue) = &mut entry.cue
                    && cue.takes == takes
                    && tense == Tense::Past
                {
                    cue.tense = Tense::Past;
                }
            }
            for form in &stanza.also {
                lexicon.entry(form).cue.get_or_insert(Cue { takes, tense: Tense::Past });
            }
        }
        lexicon
    }

    fn entry(&mut self, word: &str) -> &mut Entry {
        match pack(word) {
            Some(key) => self.words.entry(key),
            None => self.long.entry(word.to_owned()).or_default(),
        }
    }

    /// What is known of `word`, whatever its case; nothing of words longer than any in the lists.
    #[must_use]
    pub fn look_up(&self, word: &str) -> Entry {
        match pack(word).map(|key| self.words.get(key)) {
            Some(Some(entry)) => *entry,
            Some(None) if self.grammar.complete => Entry::default(),
            _ => self.look_up_whole(word),
        }
    }

    /// What is known of the ASCII letters of a word, `more` being those beyond eight.
    #[must_use]
    #[inline]
    pub fn look_up_letters(&self, letters: Letters, more: Letters) -> Option<&Entry> {
        self.words.get((letters.key, more.key))
    }

    /// True for two forms of one given name, by their keys: Robert and Bob.
    #[must_use]
    pub fn one_given_name(&self, one: u64, other: u64) -> bool {
        let lines = |name| self.given.get(&name).map(Vec::as_slice).unwrap_or_default();
        lines(one).iter().any(|line| lines(other).contains(line))
    }

    /// What is known of a word that is long, or has capitals outside ASCII, or is a compound.
    fn look_up_whole(&self, word: &str) -> Entry {
        if word.len() > LONGEST {
            return Entry::default();
        }
        let found = self.look_up_small(&word.to_lowercase());
        found.copied().unwrap_or_else(|| self.compound(word))
    }

    /// What is known of a word in small letters.
    fn look_up_small(&self, word: &str) -> Option<&Entry> {
        pack(word).map_or_else(|| self.long.get(word), |key| self.words.get(key))
    }

    /// What the end of a compound noun says of it: "Außenministerin" is a "Ministerin".
    fn compound(&self, word: &str) -> Entry {
        /// Shortest parts that are looked at, in bytes.
        const PART: usize = 4;
        if !self.grammar.capital_nouns || !word.starts_with(char::is_uppercase) {
            return Entry::default();
        }
        let nouns = ROLE | BODY | GROUP | DOCUMENT | ANONYMOUS | ORGANISATION | OFFICE | LISTENER;
        let tails = word.char_indices().map(|(at, _)| &word[at..]);
        tails
            .filter(|tail| word.len() - tail.len() >= PART - 1 && tail.len() > PART)
            .find_map(|tail| {
                let lower = tail.trim_start_matches('-').to_lowercase();
                let entry = self.look_up_small(&lower)?;
                (entry.classes & nouns != 0).then_some(Entry { cue: None, ..*entry })
            })
            .unwrap_or_default()
    }
}

fn verb_stanzas(text: &str) -> Vec<VerbStanza> {
    toml::from_str::<VerbFile>(text).map(|file| file.verb).unwrap_or_default()
}

/// The stanzas of every embedded verb list with their language, for the tests that prove them.
#[cfg(test)]
pub fn embedded_verbs() -> Vec<(&'static str, VerbStanza)> {
    let stanzas = |g: &'static Grammar| verb_stanzas(g.verbs).into_iter().map(|s| (g.code, s));
    GRAMMARS.iter().flat_map(stanzas).collect()
}

#[cfg(test)]
mod tests {
    use super::{GRAMMARS, KEYS, LONGEST, TAKES, VerbFile};
    use std::collections::HashMap;

    #[test]
    fn the_embedded_lists_can_be_read_and_name_only_known_classes() {
        for grammar in &GRAMMARS {
            let code = grammar.code;
            let lists: HashMap<String, Vec<String>> = toml::from_str(grammar.words).unwrap();
            for (key, lines) in &lists {
                let known = KEYS.iter().any(|(known, _)| known == key) || key == super::GIVEN;
                assert!(known, "{code}: unknown class {key}");
                for word in lines.iter().flat_map(|line| line.split_whitespace()) {
                    assert!(word.len() <= LONGEST, "{code}: {word} is never looked up");
                }
            }
            for (key, _) in KEYS {
                assert!(lists.contains_key(*key) || !grammar.complete, "{code}: no list for {key}");
            }
            let verbs: VerbFile = toml::from_str(grammar.verbs).unwrap();
            for verb in &verbs.verb {
                let forms = verb.forms.len();
                assert!(forms == 4 || forms == 5, "{code}: forms of {:?}", verb.forms);
                for key in &verb.takes {
                    assert!(
                        TAKES.iter().any(|(known, _)| known == key),
                        "{key} of {:?}",
                        verb.forms
                    );
                }
            }
        }
    }
}
