//! Text and its verbatim spans → one flat stream of tokens, cut into sentences.
//!
//! A quoted stretch is a single token: what stands inside quotation marks is somebody else's
//! sentence and takes no part in the sentence around it. Every word carries what the lexicon knows
//! of it. One pass, no allocation per token. Refuses to tag parts of speech: the rules look at word
//! classes and neighbours.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::hash::Hasher;

use rustc_hash::{FxBuildHasher, FxHasher};

use super::letters::{EIGHT, Letters, is_ascii, lower};
use super::lexicon::{self as lex, Classes, Cue, Lexicon, Tense};
use super::marks::{DRAWN, Verbatim};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters, with inner apostrophes, hyphens and abbreviation stops.
    Word,
    /// Begins with a digit.
    Number,
    /// One punctuation mark.
    Punct,
    /// 's or the bare apostrophe of a plural.
    Possessive,
    /// A quoted stretch with its marks.
    Quote,
    /// One or more line breaks: a paragraph's end.
    Break,
}

/// A token of the stream; offsets are bytes.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is.
    pub kind: Kind,
    /// The first letter is a capital.
    pub capital: bool,
    /// Every letter is a capital, and there are several.
    pub shout: bool,
    /// The mark of a punctuation token, else a space.
    pub mark: char,
    /// The form of a reporting verb that the word is, if it is one.
    pub cue: Option<Cue>,
    /// Word classes.
    pub classes: Classes,
    /// Index of the verbatim span, for a quote.
    pub quote: u32,
}

impl Token {
    /// True if it has one of the classes.
    #[must_use]
    pub fn is(&self, classes: Classes) -> bool {
        self.classes & classes != 0
    }

    /// True for this punctuation mark.
    #[must_use]
    pub fn punct(&self, mark: char) -> bool {
        self.kind == Kind::Punct && self.mark == mark
    }

    /// True for a reporting verb and other words that attribute, as far as the word alone tells.
    #[must_use]
    pub fn attributes(&self) -> bool {
        self.cue.is_some() || self.is(TRIGGERS)
    }

    /// "SoMe", "McNow": inner capitals make a name of any word.
    fn forget_common_word(&mut self) {
        if !self.is(lex::SUFFIX) {
            self.classes = 0;
            self.cue = None;
        }
    }

    /// True for a word or number.
    #[must_use]
    pub fn wordy(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Number)
    }
}

/// Tokens `from..to` that make a sentence, its closing mark included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence {
    /// First token.
    pub from: usize,
    /// One past the last token.
    pub to: usize,
    /// Index of the paragraph, from 0.
    pub paragraph: usize,
    /// True if a quotation is among its tokens.
    pub quotes: bool,
    /// True if a colon is.
    pub colon: bool,
}

/// Longest sentence in tokens: no real one is as long, and every rule stays linear in the text.
const LONGEST_SENTENCE: usize = 400;

/// A text as the rules see it.
#[derive(Debug)]
pub struct Stream<'a> {
    /// The words of its language.
    pub lexicon: &'static Lexicon,
    /// Capitalised words that begin no sentence, as [`fold_key`]s; filled when first asked for.
    names: OnceCell<HashSet<u64, FxBuildHasher>>,
    /// The text itself.
    pub text: &'a str,
    /// Its tokens, in order.
    pub tokens: Vec<Token>,
    /// The tokens that a pattern may look at, in order: reporting verbs and other words that attribute.
    triggers: Vec<u32>,
    /// The words that the text prints with a capital, in order.
    pub capitals: Vec<u32>,
    /// The words that point to somebody or something named before, in order: he, her, the.
    pub pointers: Vec<u32>,
    /// The tokens that may end a sentence, and colons.
    stops: Vec<u32>,
    /// Its sentences, in order.
    pub sentences: Vec<Sentence>,
    /// Its verbatim spans, in order.
    pub verbatim: Vec<Verbatim>,
    /// How many breaks part its paragraphs.
    pub breaks: usize,
}

/// What was read of a text, emptied for the next one: room that is at hand costs nothing.
#[derive(Debug, Default)]
pub struct Room {
    tokens: Tokens,
    sentences: Vec<Sentence>,
}

impl<'a> Stream<'a> {
    /// Tokens and sentences of `text`, whose quoted stretches are `verbatim`, in `lexicon`'s language.
    #[must_use]
    pub fn new(text: &'a str, verbatim: Vec<Verbatim>, lexicon: &'static Lexicon) -> Self {
        Self::in_room(Room::default(), text, verbatim, lexicon)
    }

    /// The same, written to the room of another text.
    #[must_use]
    pub fn in_room(
        mut room: Room,
        text: &'a str,
        verbatim: Vec<Verbatim>,
        lexicon: &'static Lexicon,
    ) -> Self {
        tokenize(text, &verbatim, lexicon, &mut room.tokens);
        let Room { tokens: Tokens { all: tokens, triggers, capitals, pointers, stops }, sentences } =
            room;
        let mut stream = Self {
            lexicon,
            names: OnceCell::new(),
            text,
            tokens,
            triggers,
            capitals,
            pointers,
            stops: Vec::new(),
            sentences,
            verbatim,
            breaks: 0,
        };
        stream.drop_verbs_without_particle();
        stream.sentences.clear();
        stream.split(&stops);
        stream.stops = stops;
        stream.lower_openers();
        stream
    }

    /// Its room.
    #[must_use]
    pub fn into_room(self) -> Room {
        let Self { tokens: all, triggers, capitals, pointers, stops, sentences, .. } = self;
        Room { tokens: Tokens { all, triggers, capitals, pointers, stops }, sentences }
    }

    /// Keys of words that name somebody: capitalised ones that begin no sentence and do not shout,
    /// and labels in capitals that begin several paragraphs, as in a transcript.
    pub fn names(&self) -> &HashSet<u64, FxBuildHasher> {
        self.names.get_or_init(|| {
            let mut labels: HashMap<u64, u32, FxBuildHasher> = HashMap::default();
            for sentence in &self.sentences {
                let marked =
                    self.tokens[sentence.from].punct('"') || self.tokens[sentence.from].punct('“');
                let from = sentence.from + usize::from(marked);
                let words = (from..sentence.to).take_while(|&i| self.tokens[i].shout).count();
                let colon = from + words;
                if words > 0 && self.tokens.get(colon).is_some_and(|t| t.punct(':')) {
                    *labels.entry(fold_key(self.word(colon - 1))).or_default() += 1;
                }
            }
            let turns = labels.into_iter().filter(|(_, count)| *count > 1).map(|(key, _)| key);
            let mut names: HashSet<u64, FxBuildHasher> =
                HashSet::with_capacity_and_hasher(self.capitals.len(), FxBuildHasher);
            names.extend(turns);
            let mut starts = self.sentences.iter().map(|s| s.from).peekable();
            for at in self.capitals.iter().map(|&at| at as usize) {
                while starts.next_if(|&start| start < at).is_some() {}
                let token = &self.tokens[at];
                if starts.peek() != Some(&at) && token.capital && !token.shout {
                    names.insert(fold_key(self.word(at)));
                }
            }
            names
        })
    }

    /// The text of a token.
    #[must_use]
    #[inline]
    pub fn word(&self, token: usize) -> &'a str {
        self.tokens.get(token).map_or("", |t| &self.text[t.start as usize..t.end as usize])
    }

    /// The text of a token that is at hand.
    #[must_use]
    pub fn phrase_of(&self, token: &Token) -> &'a str {
        &self.text[token.start as usize..token.end as usize]
    }

    /// The text from the first to the last token of `from..to`.
    #[must_use]
    pub fn phrase(&self, from: usize, to: usize) -> &'a str {
        if from >= to || to > self.tokens.len() {
            return "";
        }
        &self.text[self.tokens[from].start as usize..self.tokens[to - 1].end as usize]
    }

    /// The words inside the marks of a quote token.
    #[must_use]
    pub fn inside(&self, token: &Token) -> &'a str {
        self.verbatim.get(token.quote as usize).map_or("", |v| &self.text[v.start..v.end])
    }

    /// True if the token is this word, in any case of ASCII letters.
    #[must_use]
    #[inline]
    pub fn says(&self, token: usize, word: &str) -> bool {
        let Some(t) = self.tokens.get(token) else { return false };
        let (from, to) = (t.start as usize, t.end as usize);
        to - from == word.len()
            && self.text.as_bytes()[from..to].eq_ignore_ascii_case(word.as_bytes())
    }

    /// True where most words of the sentence have capitals, as in a headline.
    #[must_use]
    pub fn in_title_case(&self, sentence: Sentence) -> bool {
        /// Shorter words have small letters in headlines too.
        const SHORT: u32 = 4;
        let (mut all, mut capital) = (0, 0);
        for token in &self.tokens[sentence.from..sentence.to] {
            if token.kind == Kind::Word && token.end - token.start >= SHORT {
                all += 1;
                capital += usize::from(token.capital);
            }
        }
        capital * 4 > all * 3
    }

    /// The last mark inside a quote token: what it ends with.
    #[must_use]
    pub fn quote_end(&self, token: &Token) -> char {
        let inside = self.inside(token).trim_end_matches(['’', '\'', '”', '"', ' ', ')', ']']);
        inside.chars().next_back().unwrap_or(' ')
    }

    /// Words inside a quote token, counted up to `most`.
    #[must_use]
    pub fn quote_words(&self, token: &Token, most: usize) -> usize {
        self.inside(token)
            .split_whitespace()
            .filter(|w| w.contains(char::is_alphanumeric))
            .take(most)
            .count()
    }

    /// "shot" attributes in "shot back" only.
    fn drop_verbs_without_particle(&mut self) {
        let (tokens, text) = (&mut self.tokens, self.text);
        self.triggers.retain(|&at| {
            let at = at as usize;
            let Some(cue) = tokens[at].cue.filter(|c| c.takes & lex::PARTICLE_VERB != 0) else {
                return true;
            };
            let next = tokens.get(at + 1).map_or("", |t| &text[t.start as usize..t.end as usize]);
            let goes_on =
                |(word, bit): &(&str, u32)| cue.takes & bit != 0 && next.eq_ignore_ascii_case(word);
            if !lex::PARTICLES.iter().any(goes_on) {
                tokens[at].cue = None;
            }
            tokens[at].attributes()
        });
    }

    /// "Speaking in Norrvik, …", "Asked why, …", "Eight years ago, …": the capital of a word that
    /// opens a sentence names nobody where the next word shows a phrase of the kind.
    fn lower_openers(&mut self) {
        for index in 0..self.sentences.len() {
            let at = self.sentences[index].from;
            let Some(next) = self.tokens.get(at + 1) else { continue };
            let phrase = next.kind == Kind::Word
                && (next.is(lex::DETERMINER
                    | lex::PREPOSITION
                    | lex::SUBORDINATOR
                    | lex::RELATIVE
                    | lex::PRONOUN)
                    && !next.capital
                    || next.is(lex::TIME)
                    || self.word(at + 1).ends_with("ly"));
            let token = &self.tokens[at];
            let word = self.word(at);
            let opener = token.capital
                && token.kind == Kind::Word
                && !token.shout
                && !token.is(lex::MALE_NAME | lex::FEMALE_NAME)
                && (word.len() > 4 && (word.ends_with("ing") || word.ends_with("ed"))
                    || token.is(lex::NUMBER)
                    || matches!(word, "Early" | "Late" | "Here" | "There"));
            if opener && phrase {
                self.tokens[at].capital = false;
            }
        }
    }

    /// The tokens of `sentence` behind its first one that a pattern may look at, in order; `next` is
    /// the place in the list of them, and moves on.
    pub fn triggers_in(&self, sentence: Sentence, next: &mut usize) -> &[u32] {
        let before = |end: usize, at: &usize| {
            self.triggers.get(*at).is_some_and(|&trigger| (trigger as usize) < end)
        };
        while before(sentence.from + 1, next) {
            *next += 1;
        }
        let first = *next;
        while before(sentence.to, next) {
            *next += 1;
        }
        &self.triggers[first..*next]
    }

    /// Fills in the sentences; `stops` are the tokens that may end one, breaks included, and colons.
    fn split(&mut self, stops: &[u32]) {
        let mut open = Open::at(0, 0);
        self.skip_dateline(&mut open);
        for &stop in stops {
            let at = stop as usize;
            let kind = self.tokens[at].kind;
            self.cut(&mut open, at);
            if kind == Kind::Break {
                if at > open.from {
                    self.sentences.push(open.sentence(at));
                }
                open = Open::at(at + 1, open.paragraph + 1);
                self.skip_dateline(&mut open);
                continue;
            }
            open.quotes |= kind == Kind::Quote;
            open.colon |= self.tokens[at].punct(':');
            if at >= open.from && (at == open.from + LONGEST_SENTENCE || self.ends_sentence(at)) {
                self.close(&mut open, at);
            }
        }
        self.breaks = open.paragraph;
        let end = self.tokens.len();
        self.cut(&mut open, end);
        if open.from < end {
            self.sentences.push(open.sentence(end));
        }
    }

    /// Cuts what is too long for a sentence before token `at`.
    fn cut(&mut self, open: &mut Open, at: usize) {
        while at > open.from + LONGEST_SENTENCE {
            let last = open.from + LONGEST_SENTENCE;
            self.close(open, last);
        }
    }

    /// Ends a sentence with token `last` and the brackets that close behind it.
    fn close(&mut self, open: &mut Open, last: usize) {
        let mut to = last + 1;
        while self.tokens.get(to).is_some_and(|t| t.punct(')') || t.punct(']')) {
            to += 1;
        }
        self.sentences.push(open.sentence(to));
        *open = Open::at(to, open.paragraph);
    }

    /// Takes the dateline that a paragraph opens with for a sentence.
    fn skip_dateline(&mut self, open: &mut Open) {
        if let Some(to) = self.dateline(open.from) {
            self.sentences.push(open.sentence(to));
            open.from = to;
        }
    }

    /// One past a dateline that begins at token `at`: "WASHINGTON (AP) —".
    fn dateline(&self, at: usize) -> Option<usize> {
        /// Longest dateline in tokens.
        const LONGEST: usize = 12;
        if !self.tokens.get(at)?.shout {
            return None;
        }
        let dash =
            (at + 1..self.tokens.len().min(at + LONGEST)).find(|&i| self.tokens[i].punct('—'))?;
        let plain = self.tokens[at..dash].iter().all(|t| match t.kind {
            Kind::Word => t.capital,
            Kind::Number => true,
            Kind::Punct => matches!(t.mark, ',' | '.' | '(' | ')' | '/'),
            _ => false,
        });
        plain.then_some(dash + 1)
    }

    fn ends_sentence(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        let may_end = match token.kind {
            Kind::Punct => matches!(token.mark, '.' | '!' | '?' | '…'),
            Kind::Word => self.text.as_bytes()[token.end as usize - 1] == b'.',
            Kind::Quote => true,
            _ => false,
        };
        if !may_end {
            return false;
        }
        let Some(next) = self.tokens[at + 1..]
            .iter()
            .find(|t| !(t.kind == Kind::Punct && matches!(t.mark, ')' | ']')))
        else {
            return false;
        };
        if next.kind == Kind::Break {
            return false;
        }
        let starts = next.capital || matches!(next.kind, Kind::Quote | Kind::Number);
        match token.kind {
            Kind::Punct => {
                matches!(token.mark, '.' | '!' | '?')
                    && (starts || next.punct('[') || next.punct('('))
                    || token.mark == '…' && next.capital && !next.is(lex::PRONOUN)
            }
            Kind::Word => {
                !token.is(lex::TITLE)
                    && token.end - token.start > 2
                    && (next.kind == Kind::Quote
                        || next.capital
                            && next.is(lex::DETERMINER
                                | lex::PRONOUN
                                | lex::SUBORDINATOR
                                | lex::CONJUNCTION
                                | lex::PREPOSITION
                                | lex::ADVERB))
            }
            Kind::Quote => {
                let end = self.quote_end(token);
                if !matches!(end, '.' | '!' | '?' | '…' | '—' | '-') {
                    return false;
                }
                if next.kind == Kind::Quote {
                    // Two quotations in a row: each its own sentence.
                    return true;
                }
                if !next.capital || next.kind == Kind::Punct {
                    return false;
                }
                !self.attribution_follows(at + 1, end != '.')
            }
            _ => false,
        }
    }

    /// True where tokens from `at` read "Name said": an attribution after a quotation that ends with
    /// a mark of its own. After a full stop (not `loose`) nothing but its end may follow the verb.
    fn attribution_follows(&self, at: usize, loose: bool) -> bool {
        /// Longest name with its titles before the verb, in tokens.
        const LONGEST_NAME: usize = 6;
        /// Longest apposition between the name and the verb, in tokens.
        const LONGEST_ASIDE: usize = 30;
        let mut step = at;
        let mut end = (at + LONGEST_NAME).min(self.tokens.len());
        while step < end {
            let token = &self.tokens[step];
            // "“Is it over?” Brandt, the mayor, said": over the aside.
            if loose
                && step > at
                && end <= at + LONGEST_NAME
                && (token.punct(',') || token.punct('('))
            {
                let close = if token.mark == ',' { ',' } else { ')' };
                let stop = (step + LONGEST_ASIDE).min(self.tokens.len());
                let Some(to) = (step + 1..stop).find(|&i| {
                    let t = &self.tokens[i];
                    t.punct(close)
                        || t.kind == Kind::Break
                        || t.kind == Kind::Punct && matches!(t.mark, '.' | ':' | ';' | '?' | '!')
                }) else {
                    return false;
                };
                if !self.tokens[to].punct(close) {
                    return false;
                }
                step = to + 1;
                end = (step + 2).min(self.tokens.len());
                continue;
            }
            if let Some(cue) = token.cue
                && !token.capital
                && cue.takes & lex::takes::QUOTE != 0
                && matches!(cue.tense, Tense::Past | Tense::Third)
            {
                if step == at {
                    return true;
                }
                let Some(after) = self.tokens.get(step + 1) else { return true };
                return match after.kind {
                    Kind::Break => true,
                    // "Ortiz asked: “Is it over?” Brandt said: “…”": a colon leads on.
                    Kind::Punct => matches!(after.mark, '.') || loose && after.mark != ':',
                    Kind::Word => {
                        after.is(lex::TIME)
                            || loose && after.is(lex::PREPOSITION | lex::LISTENER | lex::ADVERB)
                            // "“Is it over?” Ortiz asked Brandt."
                            || loose
                                && after.capital
                                && cue.takes & lex::takes::LISTENER != 0
                                && self.tokens.get(step + 2).is_none_or(|t| {
                                    t.kind == Kind::Break || t.punct('.') || t.punct(',')
                                })
                    }
                    _ => false,
                };
            }
            let named = token.capital && token.kind == Kind::Word
                || token.kind == Kind::Possessive && step > at
                || token.is(lex::DETERMINER
                    | lex::ROLE
                    | lex::PARTICLE
                    | lex::ANONYMOUS
                    | lex::ADVERB);
            if !named {
                return false;
            }
            step += 1;
        }
        false
    }
}

/// A sentence while its end is sought.
#[derive(Debug, Clone, Copy)]
struct Open {
    from: usize,
    paragraph: usize,
    quotes: bool,
    colon: bool,
}

impl Open {
    fn at(from: usize, paragraph: usize) -> Self {
        Self { from, paragraph, quotes: false, colon: false }
    }

    fn sentence(self, to: usize) -> Sentence {
        let Self { from, paragraph, quotes, colon } = self;
        Sentence { from, to, paragraph, quotes, colon }
    }
}

/// A word's key, whatever its case, accents and final stop.
#[must_use]
pub fn fold_key(word: &str) -> u64 {
    if let Some(key) = small_key(word.as_bytes()) {
        return key;
    }
    let plain: String = word.chars().map(any_ascii::any_ascii_char).collect();
    small_key(plain.as_bytes()).unwrap_or_default()
}

/// The key of ASCII bytes, eight at once; none of others.
fn small_key(mut bytes: &[u8]) -> Option<u64> {
    while let [rest @ .., b'.'] = bytes {
        bytes = rest;
    }
    let mut hasher = FxHasher::default();
    let mut all = 0;
    let mut add = |eight: u64| {
        hasher.write_u64(lower(eight));
        all |= eight;
    };
    let half = |four: [u8; EIGHT / 2]| u64::from(u32::from_le_bytes(four));
    if let Some(&last) = bytes.last_chunk() {
        let mut rest = bytes;
        while let Some((&eight, behind)) = rest.split_first_chunk()
            && !behind.is_empty()
        {
            add(u64::from_le_bytes(eight));
            rest = behind;
        }
        // What is left is read together with some bytes before it.
        add(u64::from_le_bytes(last));
    } else if let (Some(&first), Some(&last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        add(half(first) << 32 | half(last));
    } else {
        add(bytes.iter().fold(0, |key, &byte| key << 8 | u64::from(byte)));
    }
    is_ascii(all).then(|| hasher.finish() ^ bytes.len() as u64)
}

/// True for a name that begins with a particle in small letters: el-Haddadi, d’Arvieux.
fn prefixed_name(word: &str) -> bool {
    let Some(at) = word.find(['-', '\'', '’']) else { return false };
    let inner = word[at..].chars().nth(1);
    inner.is_some_and(char::is_uppercase)
        && matches!(
            &word[..at],
            "al" | "el"
                | "ad"
                | "an"
                | "ar"
                | "as"
                | "ash"
                | "at"
                | "az"
                | "ed"
                | "es"
                | "d"
                | "l"
                | "ibn"
                | "bin"
                | "abu"
                | "ben"
        )
}

/// What the ASCII bytes of a word are; a set of them tells a word's shape.
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 4;
/// Letters beyond ASCII, and what joins letters to one word: its shape takes a closer look.
const OTHER: u8 = 8;

/// The shape of each byte that is a word's by itself, else 0.
static SHAPE: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' | b'_' => DIGIT,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// True for the bytes that a word may go on with after its letters, if what follows allows it.
static JOINS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] =
            byte >= 128 || matches!(byte as u8, b'-' | b'\'' | b'&' | b'@' | b'.' | b',' | b':');
        byte += 1;
    }
    table
};

/// True for the bytes that end a word of letters, whatever follows them.
static ENDS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let number = matches!(byte as u8, b',' | b':');
        table[byte] = SHAPE[byte] == 0 && (!JOINS[byte] || number);
        byte += 1;
    }
    table
};

/// True for the marks that are one byte and always a token by themselves, unless they stand in a row.
static PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let marks = b",.:;!?()[]";
    let mut at = 0;
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
};

/// True for a stop before a space or nothing.
fn is_full_stop(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'.')
        && bytes.get(at + 1).is_none_or(|after| matches!(after, b' ' | b'\n'))
}

/// True for a word in small letters before a stop that ends it: abbreviations have a capital or a
/// letter behind the stop.
fn ends_with_stop(bytes: &[u8], start: usize, end: usize) -> bool {
    bytes[start].is_ascii_lowercase() && is_full_stop(bytes, end)
}

/// The width of the letter or digit at `at`, if one stands there.
fn letter(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let byte = *bytes.get(at)?;
    if byte < 128 {
        return (SHAPE[byte as usize] != 0).then_some(1);
    }
    // “, ’, — and their like, U+2000 to U+203F, need no look into Unicode's tables.
    if byte == 0xe2 && bytes[at + 1] == 0x80 && bytes[at + 2] != 0x8d {
        return None;
    }
    let c = text[at..].chars().next()?;
    (c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200d}'))
        .then(|| c.len_utf8())
}

/// One past the word that begins at `from`, and the shapes of its bytes.
#[inline]
fn word_end(text: &str, from: usize, to: usize) -> (usize, u8) {
    let bytes = text.as_bytes();
    let (mut at, mut shapes) = (from, 0);
    loop {
        for &byte in &bytes[at..to] {
            let shape = SHAPE[usize::from(byte)];
            if shape == 0 {
                break;
            }
            shapes |= shape;
            at += 1;
        }
        if at >= to || !JOINS[usize::from(bytes[at])] {
            break;
        }
        if let Some(width) = letter(text, at) {
            shapes |= OTHER;
            at += width;
            continue;
        }
        let joiner = match bytes[at] {
            b'-' | b'\'' | b'&' | b'@' => 1,
            b'.' | b',' | b':' if bytes[at - 1].is_ascii_digit() => {
                usize::from(bytes.get(at + 1).is_some_and(u8::is_ascii_digit))
            }
            b'.' => {
                // U.S.: single letters joined by stops.
                let single = at == from + 1 || !bytes[at - 2].is_ascii_alphanumeric();
                let next_single = bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
                    && !bytes.get(at + 2).is_some_and(u8::is_ascii_alphanumeric);
                // e.GO, rentals.ca: no sentence begins with a small letter.
                let address = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase)
                    || at == from + 1 && bytes[from].is_ascii_lowercase();
                // U.S.-based
                if single && at > from + 1 && bytes.get(at + 1) == Some(&b'-') {
                    2
                } else {
                    let joins = single && next_single || address;
                    usize::from(joins && bytes[at - 1].is_ascii_alphanumeric())
                }
            }
            0xe2 if bytes[at..].starts_with("’".as_bytes())
                || bytes[at..].starts_with("‑".as_bytes()) =>
            {
                3
            }
            _ => 0,
        };
        if joiner == 0 || at + joiner >= to || letter(text, at + joiner).is_none() {
            break;
        }
        shapes |= OTHER;
        at += joiner;
    }
    (at, shapes)
}

/// Where a word's clitic begins: 's, ’s, 're, 'll, 've, 'd, 'm.
fn clitic(word: &str) -> Option<usize> {
    let at = word.rfind(['\'', '’'])?;
    if at == 0 {
        return None;
    }
    let tail = word[at..].trim_start_matches(['\'', '’']);
    ["s", "re", "ll", "ve", "d", "m", "S"].contains(&tail).then_some(at)
}

/// Classes of words that patterns look at beside verbs.
const TRIGGERS: Classes = lex::PHRASE_CUE | lex::ASSERTION;
/// Classes of words that point to what was named before.
const POINTERS: Classes = lex::MALE | lex::FEMALE | lex::DEFINITE;

/// Tokens as they are read, with the places that later passes visit: nine in ten are none of them.
#[derive(Debug, Default)]
struct Tokens {
    all: Vec<Token>,
    /// Words that attribute, as far as the word alone tells.
    triggers: Vec<u32>,
    /// Words with a capital.
    capitals: Vec<u32>,
    /// Words of [`POINTERS`].
    pointers: Vec<u32>,
    /// What may end a sentence, and colons.
    stops: Vec<u32>,
}

impl Tokens {
    /// Pushes a word or a number.
    #[inline(always)]
    fn word(&mut self, token: Token) {
        // Most are in no list, which one question tells.
        if token.is(TRIGGERS | POINTERS) | token.cue.is_some() | token.capital {
            if token.attributes() {
                self.triggers.push(self.next());
            }
            if token.is(POINTERS) {
                self.pointers.push(self.next());
            }
            if token.capital && token.kind == Kind::Word {
                self.capitals.push(self.next());
            }
        }
        self.all.push(token);
    }

    /// Pushes the 's of a word.
    fn possessive(&mut self, from: usize, to: usize) {
        self.all.push(Token { classes: lex::AUXILIARY, ..token(from, to, Kind::Possessive) });
    }

    /// Pushes what may end a sentence.
    fn stop(&mut self, token: Token) {
        self.stops.push(self.next());
        self.all.push(token);
    }

    /// Pushes a mark.
    #[inline]
    fn mark(&mut self, token: Token) {
        if matches!(token.mark, '.' | '!' | '?' | '…' | ':') {
            self.stop(token);
        } else {
            self.all.push(token);
        }
    }

    /// The place of the next token.
    fn next(&self) -> u32 {
        offset(self.all.len())
    }
}

/// Writes the tokens of `text` to `tokens`, in place of what they held.
fn tokenize(text: &str, verbatim: &[Verbatim], lexicon: &Lexicon, tokens: &mut Tokens) {
    let Tokens { all, triggers, capitals, pointers, stops } = tokens;
    all.clear();
    let quoted: usize = verbatim.iter().map(|v| v.close - v.open).sum();
    all.reserve(text.len().saturating_sub(quoted) / 4 + verbatim.len() + 4);
    for (places, bytes) in [(triggers, 64), (capitals, 32), (pointers, 60), (stops, 32)] {
        places.clear();
        places.reserve(text.len() / bytes + 4);
    }
    let mut at = 0;
    for (index, v) in verbatim.iter().enumerate() {
        tokenize_unquoted(text, at, v.open, lexicon, tokens);
        at = at.max(v.open);
        let mut token = token(at, v.close, Kind::Quote);
        token.quote = u32::try_from(index).unwrap_or(u32::MAX);
        token.capital = text[v.start..v.end]
            .chars()
            .find(|c| c.is_alphanumeric())
            .is_some_and(char::is_uppercase);
        tokens.stop(token);
        at = at.max(v.close);
    }
    tokenize_unquoted(text, at, text.len(), lexicon, tokens);
}

/// Pushes the tokens of the bytes `from..to`, which hold no quotation.
fn tokenize_unquoted(text: &str, from: usize, to: usize, lexicon: &Lexicon, tokens: &mut Tokens) {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < to {
        let byte = bytes[at];
        if byte == b' ' {
            at += 1;
            continue;
        }
        if let Some(&eight) = bytes[at..].first_chunk() {
            let letters = Letters::of(eight);
            // Two calls, so that what the second half of a word takes is spared to short ones.
            let next = if letters.count < EIGHT {
                push_letters(text, at, to, letters, Letters::NONE, lexicon, tokens)
            } else if let Some(&eight) = bytes[at + EIGHT..].first_chunk() {
                push_letters(text, at, to, letters, Letters::of(eight), lexicon, tokens)
            } else {
                None
            };
            if let Some(next) = next {
                at = next;
                continue;
            }
        }
        if PLAIN[usize::from(byte)] && bytes.get(at + 1) != Some(&byte) {
            let mut mark = token(at, at + 1, Kind::Punct);
            mark.mark = char::from(byte);
            tokens.mark(mark);
            at += 1;
            continue;
        }
        if SHAPE[usize::from(byte)] == 0
            && let Some(next) = push_mark(text, at, to, tokens)
        {
            at = next;
            continue;
        }
        let handle = matches!(byte, b'@' | b'#');
        let (end, mut shapes) = word_end(text, at + usize::from(handle), to);
        if handle {
            shapes |= OTHER;
        }
        at = push_word(text, at, end, shapes, to, lexicon, tokens);
    }
}

/// Pushes the break or the mark that begins at `at`, if it is one that the rules see; gives back where
/// the next token may start, nothing where a word begins.
#[inline(never)]
fn push_mark(text: &str, at: usize, to: usize, tokens: &mut Tokens) -> Option<usize> {
    let bytes = text.as_bytes();
    let byte = bytes[at];
    if byte == b'\n' || byte == b'\r' {
        let blank = bytes[at..to].iter().take_while(|b| b.is_ascii_whitespace()).count();
        tokens.stop(token(at, at + blank, Kind::Break));
        return Some(at + blank);
    }
    if byte.is_ascii_whitespace() {
        return Some(at + 1);
    }
    let handle = matches!(byte, b'@' | b'#') && letter(text, at + 1).is_some();
    if handle || letter(text, at).is_some() {
        return None;
    }
    let c = text[at..].chars().next()?;
    let width = c.len_utf8();
    let mut end = at + width;
    // Most marks stand alone.
    if bytes.get(end) == Some(&byte) {
        let same = |b: &&[u8]| *b == &bytes[at..at + width];
        let run = bytes[at..to].chunks_exact(width).take_while(same).count();
        if c == '-' || run >= DRAWN {
            end = at + run * width;
        }
    }
    if !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{feff}' | '\u{200e}') {
        let after_s =
            tokens.all.last().is_some_and(|t| t.end as usize == at && t.kind == Kind::Word);
        let kind = if matches!(c, '\'' | '’') && after_s && bytes[at - 1] == b's' {
            Kind::Possessive
        } else {
            Kind::Punct
        };
        let mut token = token(at, end, kind);
        token.mark = match c {
            '–' | '―' => '—',
            '-' if end > at + 1 || at > 0 && matches!(bytes[at - 1], b' ' | b'\n') => '—',
            other => other,
        };
        tokens.mark(token);
    }
    Some(end)
}

/// An offset as tokens keep it: a text is read in stretches of far fewer bytes.
fn offset(at: usize) -> u32 {
    at as u32
}

fn token(start: usize, end: usize, kind: Kind) -> Token {
    Token {
        start: offset(start),
        end: offset(end),
        kind,
        capital: false,
        shout: false,
        mark: ' ',
        cue: None,
        classes: 0,
        quote: 0,
    }
}

/// Where the word begins that an elided one is written with: l’accord → accord.
fn elision(word: &str, elisions: &[&str]) -> Option<usize> {
    if elisions.is_empty() {
        return None;
    }
    let (at, mark) = word.char_indices().find(|(_, c)| matches!(c, '\'' | '’'))?;
    let end = at + mark.len_utf8();
    let known = elisions.iter().any(|e| e.eq_ignore_ascii_case(&word[..at]));
    (known && end < word.len()).then_some(end)
}

/// Where a verb ends and the pronoun hung on it begins: a-t-il → a, il.
fn enclitic(word: &str, enclitics: &[&str]) -> Option<(usize, usize)> {
    let hung = enclitics.iter().find(|e| word.ends_with(**e) && word.len() > e.len())?;
    let verb = word.len() - hung.len();
    let pronoun = word.rfind('-').map_or(verb, |at| at + 1);
    Some((verb, pronoun))
}

/// Pushes the word of few ASCII letters that begins at `start`, and the 's on it, if that is all of it;
/// `more` are its letters beyond eight. Gives back where the next token may start.
///
/// Nine in ten words end here, so that this and what it calls are inlined.
#[inline(always)]
fn push_letters(
    text: &str,
    start: usize,
    to: usize,
    letters: Letters,
    more: Letters,
    lexicon: &Lexicon,
    tokens: &mut Tokens,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let end = start + letters.count + more.count;
    if letters.count == 0 || end > to {
        return None;
    }
    let after = bytes.get(end).copied().unwrap_or(b' ');
    let ends = |at: usize| bytes.get(at).is_none_or(|&b| ENDS[usize::from(b)]);
    let (next, possessive) = if ENDS[usize::from(after)] || ends_with_stop(bytes, start, end) {
        // A space needs no look of its own.
        (end + usize::from(after == b' '), false)
    } else {
        let mark = match after {
            b'\'' => 1,
            0xe2 if bytes[end..].starts_with("’".as_bytes()) => "’".len(),
            _ => return None,
        };
        let next = end + mark + 1;
        let ended = next <= to && (ends(next) || is_full_stop(bytes, next));
        if !ended || bytes[next - 1] != b's' || !lexicon.grammar.complete {
            return None;
        }
        (next, true)
    };
    tokens.word(short_word(text, start, letters, more, lexicon));
    if possessive {
        tokens.possessive(end, next);
    }
    Some(next)
}

/// The token of a word of few ASCII letters and nothing else, `more` being those beyond eight.
#[inline(always)]
fn short_word(
    text: &str,
    start: usize,
    letters: Letters,
    more: Letters,
    lexicon: &Lexicon,
) -> Token {
    let end = start + letters.count + more.count;
    let longer;
    let entry = match lexicon.look_up_letters(letters, more) {
        Some(entry) => entry,
        None if lexicon.grammar.complete => &lex::NOTHING,
        None => {
            longer = lexicon.look_up(&text[start..end]);
            &longer
        }
    };
    let mut item = token(start, end, Kind::Word);
    item.classes = entry.classes;
    item.cue = entry.cue;
    if letters.begin_with_capital() {
        item.capital = true;
        if letters.have_inner_capital() || more.have_capital() {
            item.shout = letters.shout() && more.shout();
            if !item.shout {
                item.forget_common_word();
            }
        }
    } else if entry.classes == 0 && end > start + 4 && text.as_bytes()[..end].ends_with(b"ly") {
        item.classes |= lex::ADVERB;
    }
    item
}

/// The token of a word with nothing on it.
fn plain_word(text: &str, start: usize, end: usize, lexicon: &Lexicon) -> Token {
    let word = &text[start..end];
    let entry = lexicon.look_up(word.trim_end_matches(['\'', '’']));
    let mut item = token(start, end, Kind::Word);
    item.classes = entry.classes;
    item.cue = entry.cue;
    item.capital = word.starts_with(char::is_uppercase);
    item
}

/// Pushes the word `start..end`, its clitic apart; gives back where the next token may start.
// Not inlined, as `push_mark`: what is seldom needed must not take registers from what mostly is.
#[inline(never)]
fn push_word(
    text: &str,
    start: usize,
    end: usize,
    shapes: u8,
    limit: usize,
    lexicon: &Lexicon,
    tokens: &mut Tokens,
) -> usize {
    let bytes = text.as_bytes();
    let whole = &text[start..end];
    let grammar = lexicon.grammar;
    // What is hung on a word stands behind an apostrophe or a hyphen.
    if shapes & OTHER != 0 {
        if let Some(cut) = elision(whole, grammar.elisions) {
            tokens.word(plain_word(text, start, start + cut, lexicon));
            return start + cut;
        }
        if let Some((verb, pronoun)) = enclitic(whole, grammar.enclitics) {
            tokens.word(plain_word(text, start, start + verb, lexicon));
            tokens.word(plain_word(text, start + pronoun, end, lexicon));
            return end;
        }
    }
    let plain = shapes & (OTHER | DIGIT) == 0;
    let cut = if plain { None } else { clitic(whole) }.map_or(end, |at| start + at);
    let word = &text[start..cut];
    let entry = lexicon.look_up(word);
    let number = bytes[start].is_ascii_digit();
    let mut item = token(start, cut, if number { Kind::Number } else { Kind::Word });
    item.classes = entry.classes;
    item.cue = entry.cue;
    if plain {
        item.capital = bytes[start].is_ascii_uppercase();
        item.shout = shapes == UPPER && word.len() > 1;
    } else {
        (item.capital, item.shout) = capitals(word);
        item.capital |= prefixed_name(word);
    }
    if item.capital
        && !item.shout
        && word.bytes().skip(1).any(|b| b.is_ascii_uppercase())
        && !word.contains('-')
    {
        item.forget_common_word();
    }
    if entry.classes == 0 && !item.capital && word.len() > 4 && word.ends_with("ly") {
        item.classes |= lex::ADVERB;
    }
    let mut next = end;
    if cut == end && end < limit && bytes[end] == b'.' {
        // "wrote on X.": the sentence ends, no name begins.
        let site = || {
            let before = tokens.all.last();
            let before = before.map(|it| &text[it.start as usize..it.end as usize]);
            word == "X" && matches!(before, Some("on" | "to" | "via"))
        };
        let initial = item.capital && word.chars().count() == 1 && word != "I" && !site();
        let abbreviated =
            entry.classes & lex::ABBREVIATION != 0 && (item.capital || word.contains('.'));
        // (D-Conn.), R-Ala.
        let party = word.len() > 2
            && item.capital
            && bytes[start + 1] == b'-'
            && matches!(bytes[start], b'D' | b'R' | b'I')
            // D-Ohio at the end of a sentence: the state is no abbreviation.
            && word.get(2..).is_none_or(|state| lexicon.look_up(state).classes & lex::PLACE == 0);
        if initial || party || abbreviated || item.shout && word.contains('.') {
            item.end += 1;
            next += 1;
            tokens.stops.push(tokens.next());
        }
    }
    tokens.word(item);
    if cut < end {
        if text[cut..end].ends_with(['s', 'S']) {
            tokens.possessive(cut, end);
        } else {
            tokens.all.push(Token { classes: lex::AUXILIARY, ..token(cut, end, Kind::Word) });
        }
    }
    next
}

/// True if the first letter is a capital; true if there are several and all are.
fn capitals(word: &str) -> (bool, bool) {
    let mut letters = word.chars().filter(|c| c.is_alphabetic()).map(char::is_uppercase);
    let capital = letters.next().unwrap_or(false);
    let mut rest = letters.peekable();
    (capital, capital && rest.peek().is_some() && rest.all(|upper| upper))
}

#[cfg(test)]
mod tests {
    use super::{Kind, LONGEST_SENTENCE, Lexicon, Stream};
    use crate::quote::marks;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_word_is_the_same_whether_read_eight_bytes_at_once_or_not(
            word in "[A-Z]?[a-z]{0,17}(['’]s)?|[A-Z]{2,17}('s)?|[A-Za-z]{1,17}|Mc[A-Z][a-z]{2,12}",
        ) {
            let tokens = |text: &str| {
                let stream = Stream::new(text, Vec::new(), Lexicon::of("en").unwrap());
                stream.tokens.iter().take(3).map(|t| format!("{t:?}")).collect::<Vec<_>>()
            };
            // Too little text is left behind the first to read so much at once.
            let (one, more) = (tokens(&format!("1 {word}")), tokens(&format!("1 {word} 1234567890123456")));
            prop_assert_eq!(&one[..], &more[..one.len()]);
        }
    }

    #[test]
    fn a_sentence_without_an_end_is_cut_at_the_cap() {
        let text = "salt ".repeat(3 * LONGEST_SENTENCE);
        let english = Lexicon::of("en").unwrap();
        let stream = Stream::new(&text, marks::find(&text), english);
        assert!(stream.sentences.len() >= 3);
        assert!(stream.sentences.iter().all(|s| s.to - s.from <= LONGEST_SENTENCE + 1));
        let words = stream.tokens.iter().filter(|t| t.kind == Kind::Word).count();
        let inside: usize = stream.sentences.iter().map(|s| s.to - s.from).sum();
        assert_eq!(words, inside, "no word may be lost at a cut");
    }

    #[test]
    fn a_word_that_opens_a_phrase_is_no_name() {
        for (text, capital) in [
            ("Speaking in Norrvik, Ortiz left.", false),
            ("Asked why, Ortiz left.", false),
            ("Fleming said so.", true),
            ("Manning, in a letter, said so.", true),
        ] {
            let stream = Stream::new(text, Vec::new(), Lexicon::of("en").unwrap());
            assert_eq!(stream.tokens[0].capital, capital, "{text}");
        }
    }
}
