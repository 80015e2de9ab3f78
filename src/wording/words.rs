//! Text → words, each with a key that is equal for equal words.
//!
//! Case and the kind of apostrophe don't matter, accents do: "resume" and "résumé" are two words.

use std::hash::Hasher;
use std::ops::Range;

use fnv::FnvHasher;

/// What a speaker's name is compared by: some words are enough, and a description may be long.
const MAX_NAME_WORDS: usize = 8;

/// A word and what stands before it, as comparisons need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// Equal for equal words.
    pub(super) key: u32,
    /// Its letters and digits, 255 at most.
    pub(super) letters: u8,
    marks: u8,
}

impl Token {
    const GAP: u8 = 1;
    const BRACKETED: u8 = 2;
    const OPENS: u8 = 4;

    /// True where words may have been left out before it: an ellipsis, a break for the attribution.
    pub(super) fn after_gap(self) -> bool {
        self.marks & Self::GAP != 0
    }

    /// True where it stands in brackets: put in by the outlet, which says so.
    pub(super) fn bracketed(self) -> bool {
        self.marks & Self::BRACKETED != 0
    }

    /// True where a sentence begins with it.
    pub(super) fn opens(self) -> bool {
        self.marks & Self::OPENS != 0
    }
}

/// The words of `text`, each with its place in bytes. A word is a run of letters and digits with the
/// apostrophes inside, and the points and commas inside numbers; in scripts without spaces, a
/// character.
pub(super) fn words(text: &str) -> Vec<(Range<usize>, Token)> {
    let mut words = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut before = Before { marks: Token::OPENS, dots: 0, bracket: 0 };
    while let Some((start, c)) = chars.next() {
        if !c.is_alphanumeric() {
            before.passes(c);
            continue;
        }
        let mut word = Key::of(c);
        let mut end = start + c.len_utf8();
        let mut last = c;
        while !is_wide(c)
            && let Some(&(at, next)) = chars.peek()
        {
            if next.is_alphanumeric() && !is_wide(next) {
                word.push(next);
            } else {
                let after = text[at + next.len_utf8()..].chars().next();
                let Some(inner) = after.and_then(|after| inner_mark(last, next, after)) else {
                    break;
                };
                word.push_mark(inner);
            }
            chars.next();
            end = at + next.len_utf8();
            last = next;
        }
        words.push((start..end, word.token(before.taken())));
    }
    words
}

/// What has stood between the last word and here.
struct Before {
    marks: u8,
    dots: usize,
    bracket: u8,
}

impl Before {
    fn passes(&mut self, c: char) {
        match c {
            '…' => self.marks |= Token::GAP,
            '.' => {
                self.dots += 1;
                self.marks |= if self.dots > 1 { Token::GAP } else { Token::OPENS };
            }
            '!' | '?' | '。' | '！' | '？' => self.marks |= Token::OPENS,
            '[' => self.bracket = Token::BRACKETED,
            ']' => self.bracket = 0,
            _ => {}
        }
        if c != '.' && !c.is_whitespace() {
            self.dots = 0;
        }
    }

    fn taken(&mut self) -> u8 {
        self.dots = 0;
        std::mem::take(&mut self.marks) | self.bracket
    }
}

struct Key {
    hasher: FnvHasher,
    letters: u8,
}

impl Key {
    fn of(c: char) -> Self {
        let mut key = Self { hasher: FnvHasher::default(), letters: 0 };
        key.push(c);
        key
    }

    fn push(&mut self, c: char) {
        self.letters = self.letters.saturating_add(1);
        if c.is_ascii() {
            self.hasher.write_u8(c.to_ascii_lowercase() as u8);
        } else {
            for lower in c.to_lowercase() {
                self.push_mark(lower);
            }
        }
    }

    fn push_mark(&mut self, c: char) {
        self.hasher.write(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn token(self, marks: u8) -> Token {
        let hash = self.hasher.finish();
        Token { key: (hash >> 32) as u32 ^ hash as u32, letters: self.letters, marks }
    }
}

/// The mark `c` as words have it inside, between `before` and `after`; `None` if it parts words.
fn inner_mark(before: char, c: char, after: char) -> Option<char> {
    let apostrophe = matches!(c, '\'' | '’' | 'ʼ' | '＇');
    let point = matches!(c, '.' | ',');
    if apostrophe && before.is_alphanumeric() && after.is_alphanumeric() {
        Some('\'')
    } else if point && before.is_ascii_digit() && after.is_ascii_digit() {
        Some(c)
    } else {
        None
    }
}

/// True for scripts that put no spaces between words.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff // Thai, Lao, Burmese, Khmer
        | 0x2e80..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff) // Chinese, Japanese
}

/// A quote's words and whose they are, as clusters are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    pub(super) tokens: Vec<Token>,
    /// The words of the speaker's name, the last one first; empty where nobody is named.
    pub(super) speaker: Vec<u32>,
    /// A bit for every two words in a row; different ones may share one.
    pub(super) pairs: [u64; 4],
}

impl Wording {
    /// The wording of a quote's text. `speaker` is the name it is attributed to; `None` where there
    /// is none or the article withholds it.
    #[must_use]
    pub fn new(text: &str, speaker: Option<&str>) -> Self {
        let tokens: Vec<Token> = words(text).into_iter().map(|(_, token)| token).collect();
        let mut pairs = [0; 4];
        for (part, bit) in tokens.windows(2).map(pair) {
            pairs[part] |= bit;
        }
        let name = speaker.map(any_ascii::any_ascii).unwrap_or_default();
        let speaker = words(&name).into_iter().rev().map(|(_, token)| token.key);
        Self { tokens, speaker: speaker.take(MAX_NAME_WORDS).collect(), pairs }
    }

    /// Equal for equal words in equal order, with the same breaks, by a speaker of the same name.
    #[must_use]
    pub fn id(&self) -> i64 {
        let mut hasher = FnvHasher::default();
        for token in &self.tokens {
            hasher.write(&token.key.to_le_bytes());
            hasher.write_u8(token.marks);
        }
        hasher.write_u8(u8::MAX);
        for word in &self.speaker {
            hasher.write(&word.to_le_bytes());
        }
        hasher.finish() as i64
    }
}

/// The place in [`Wording::pairs`] of two words in a row: the number of the integer, and the bit in it.
pub(super) fn pair(words: &[Token]) -> (usize, u64) {
    let mixed = words
        .iter()
        .fold(0, |mixed: u32, word| (mixed.rotate_left(5) ^ word.key).wrapping_mul(0x9e37_79b1));
    ((mixed >> 30) as usize, 1_u64 << (mixed >> 24 & 63))
}

/// True where two texts differ in nothing but case, spaces and punctuation.
#[must_use]
pub fn same_words(a: &str, b: &str) -> bool {
    let keys = |text| words(text).into_iter().map(|(_, token)| token.key).collect::<Vec<u32>>();
    keys(a) == keys(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parted(text: &str) -> Vec<&str> {
        words(text).into_iter().map(|(range, _)| &text[range]).collect()
    }

    #[test]
    fn words_keep_their_apostrophes_and_numbers_their_points() {
        assert_eq!(
            parted("“We won’t pay 1,000.5 — l'état, no.”"),
            ["We", "won’t", "pay", "1,000.5", "l'état", "no"]
        );
        assert_eq!(
            parted("the journalists’ cyber-crime"),
            ["the", "journalists", "cyber", "crime"]
        );
        assert_eq!(parted("条約は ok"), ["条", "約", "は", "ok"]);
        assert_eq!(parted("…'' ."), [""; 0]);
    }

    #[test]
    fn case_apostrophes_and_punctuation_make_no_other_words() {
        assert!(same_words("We won't sign,", "“we won’t  sign”"));
        assert!(!same_words("It costs 3.5 million", "It costs 35 million"));
        assert!(!same_words("García", "Garcia"));
    }

    #[test]
    fn gaps_brackets_and_sentences_are_seen() {
        let found = |text| -> Vec<(bool, bool, bool)> {
            words(text).iter().map(|(_, t)| (t.after_gap(), t.bracketed(), t.opens())).collect()
        };
        assert_eq!(found("a … b"), [(false, false, true), (true, false, false)]);
        assert_eq!(found("a . . . b")[1], (true, false, true));
        assert_eq!(
            found("a [the treaty] c"),
            [
                (false, false, true),
                (false, true, false),
                (false, true, false),
                (false, false, false)
            ]
        );
        assert_eq!(found("Mr. B")[1], (false, false, true));
    }

    #[test]
    fn a_wording_is_known_by_its_words_and_its_speaker() {
        let id = |text, speaker| Wording::new(text, speaker).id();
        assert_eq!(
            id("We won't sign,", Some("José Tapia")),
            id("we won’t sign", Some("Jose Tapia"))
        );
        assert_ne!(id("We won't sign", Some("José Tapia")), id("We won't sign", None));
        assert_ne!(id("We won't sign", None), id("We won't … sign", None));
    }
}
