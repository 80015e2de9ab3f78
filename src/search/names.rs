//! Words like a word: names that are written in several ways, and slips of the keyboard.
//!
//! A word and the words of a field of the index → those it may stand for. Names that come from
//! other scripts are compared by how they sound: `Lyukmanov` and `Lukmanov`, `Zelensky` and
//! `Zelenskyy`, `Mohammed` and `Muhammad`. Refuses to compare very short words: any two are alike.

use std::collections::BTreeMap;

use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use crate::domain::folding::folded;

/// The shortest sound that is compared, and the shortest that may differ at all.
const MIN_EQUAL: usize = 3;
const MIN_DIFFERENT: usize = 5;
/// From this length on two slips are allowed, one below.
const MIN_TWO_SLIPS: usize = 9;
/// From this length on names of the same consonants may differ in two vowels, in one below.
const MIN_TWO_VOWELS: usize = 7;
/// The most that two names may differ in length.
const MAX_LONGER: usize = 2;
/// The longest word that is compared, in bytes: no name is longer.
const MAX_COMPARED: usize = 40;

/// Spellings of one sound, in the order they are replaced.
const SPELLINGS: [(&str, &str); 24] = [
    ("tsch", "ch"),
    ("tch", "ch"),
    ("sch", "sh"),
    ("kh", "h"),
    ("gh", "g"),
    ("dh", "d"),
    ("ph", "f"),
    ("dzh", "j"),
    ("dj", "j"),
    ("zh", "j"),
    ("ck", "k"),
    ("qu", "k"),
    ("q", "k"),
    ("x", "ks"),
    ("ts", "z"),
    ("tz", "z"),
    ("w", "v"),
    ("ou", "u"),
    ("oo", "u"),
    ("ee", "i"),
    ("oe", "o"),
    ("ue", "u"),
    ("ae", "a"),
    ("th", "t"),
];

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// How a name sounds, whatever script and spelling it came in: letters a to z.
fn sound(name: &str) -> String {
    let mut text = folded(name);
    text.retain(|c| c.is_ascii_alphanumeric());
    for (spelling, sound) in SPELLINGS {
        if text.contains(spelling) {
            text = text.replace(spelling, sound);
        }
    }
    // "iy", "yy", "ij", "ii" at the end are the same ending as "y".
    let stem = text.trim_end_matches(['i', 'y', 'j']);
    if stem.len() < text.len() {
        text = format!("{stem}i");
    }
    let letters: Vec<char> = text.chars().collect();
    let mut sound = String::with_capacity(text.len());
    for (place, letter) in letters.iter().enumerate() {
        let next = letters.get(place + 1).copied();
        let heard = match letter {
            'c' if !matches!(next, Some('h' | 'e' | 'i')) => 'k',
            'j' if place == 0 => 'y',
            'y' | 'j' if place > 0 => 'i',
            letter => *letter,
        };
        if !sound.ends_with(heard) {
            sound.push(heard);
        }
    }
    sound
}

/// The consonants of a sound, and its first letter.
fn skeleton(sound: &str) -> String {
    sound.char_indices().filter(|(at, c)| *at == 0 || !is_vowel(*c)).map(|(_, c)| c).collect()
}

/// How far two sounds are apart: 0 the same, 1 the same but for vowels, 2 a slip; `None` if they
/// are different names.
fn distance(a: &str, b: &str) -> Option<u8> {
    let (shorter, longer) = (a.len().min(b.len()), a.len().max(b.len()));
    if shorter < MIN_EQUAL || longer - shorter > MAX_LONGER {
        return None;
    }
    if a == b {
        return Some(0);
    }
    if shorter < MIN_DIFFERENT {
        return None;
    }
    let slips = strsim::osa_distance(a, b);
    let allowed = if longer >= MIN_TWO_SLIPS { 2 } else { 1 };
    let vowels = if longer >= MIN_TWO_VOWELS { 2 } else { 1 };
    if slips <= vowels && skeleton(a) == skeleton(b) {
        Some(1)
    } else {
        (slips <= allowed).then_some(2)
    }
}

/// The words of a field with how they sound, each once.
pub(super) struct Sounds(Vec<(Box<str>, Box<str>)>);

impl Sounds {
    /// Of all words of `field` that are long enough to be compared.
    pub(super) fn of(searcher: &Searcher, field: Field) -> tantivy::Result<Self> {
        let words = all(searcher, field)?.into_iter().filter(|word| word.len() <= MAX_COMPARED);
        let sounds = words.filter_map(|word| {
            let sound = sound(&word);
            (sound.len() >= MIN_EQUAL).then(|| (word.into(), sound.into()))
        });
        Ok(Self(sounds.collect()))
    }

    /// The words that may be another spelling of the name `word`: those that sound the same, else those
    /// that nearly do. `word` itself is not among them, and none where it [`is_too_short`].
    pub(super) fn alike(&self, word: &str) -> Vec<String> {
        let asked = sound(word);
        if word.len() > MAX_COMPARED || asked.len() < MIN_EQUAL {
            return Vec::new();
        }
        let has = letters(&asked);
        let near: Vec<(&str, u8)> = self
            .0
            .iter()
            // Two slips change four letters at most.
            .filter(|(known, heard)| (has ^ letters(heard)).count_ones() <= 4 && **known != *word)
            .filter_map(|(known, heard)| Some((&**known, distance(&asked, heard)?)))
            .collect();
        let surest = near.iter().map(|(_, distance)| *distance).min().unwrap_or(0).max(1);
        let surest = near.into_iter().filter(|(_, distance)| *distance <= surest);
        surest.map(|(word, _)| word.to_owned()).collect()
    }
}

/// Whether a name is too short to tell which others are like it: any two are alike.
pub(super) fn is_too_short(word: &str) -> bool {
    sound(word).len() < MIN_EQUAL
}

/// The word of `fields` that `word` is the likeliest slip of: the nearest, then the most frequent.
pub(super) fn nearest(
    searcher: &Searcher,
    fields: &[Field],
    word: &str,
) -> tantivy::Result<Option<String>> {
    let allowed = match word.chars().count() {
        0..4 => return Ok(None),
        4..8 => 1,
        _ => 2,
    };
    if word.len() > MAX_COMPARED {
        return Ok(None);
    }
    let mut near: BTreeMap<String, (usize, u64)> = BTreeMap::new();
    for field in fields {
        // Leads through the dictionary past whatever begins with too many slips.
        let term = Term::from_field_text(*field, word);
        let slips_of_it = FuzzyTermQuery::new(term, allowed, true).automaton()?;
        for segment in searcher.segment_readers() {
            let index = segment.inverted_index(*field)?;
            let mut words = index.terms().search(&slips_of_it).into_stream()?;
            while let Some((known, info)) = words.next() {
                let Ok(known) = str::from_utf8(known) else { continue };
                let slips = strsim::osa_distance(word, known);
                if (1..=usize::from(allowed)).contains(&slips) {
                    let quotes = u64::from(info.doc_freq);
                    near.entry(known.to_owned()).or_insert((slips, 0)).1 += quotes;
                }
            }
        }
    }
    let best = near.into_iter().min_by_key(|(_, (slips, quotes))| (*slips, u64::MAX - quotes));
    Ok(best.map(|(word, _)| word))
}

/// Which letters a word has, a bit each.
fn letters(word: &str) -> u64 {
    word.chars().fold(0, |letters, c| letters | 1 << (u32::from(c) % u64::BITS))
}

/// The words of the field, each once.
pub(super) fn all(searcher: &Searcher, field: Field) -> tantivy::Result<Vec<String>> {
    let mut all: Vec<String> = Vec::new();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field)?;
        let mut words = index.terms().stream()?;
        while words.advance() {
            all.extend(str::from_utf8(words.key()).map(str::to_owned));
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_alike_and_different_names_are_not() {
        for (a, b, expected) in [
            ("lukmanov", "lyukmanov", Some(1)),
            ("zelensky", "zelenskyy", Some(0)),
            ("zelenskiy", "zelenskij", Some(0)),
            ("зеленский", "zelensky", Some(0)),
            ("mohammed", "muhammad", Some(1)),
            ("mohamed", "mohammad", Some(1)),
            ("schroeder", "schroder", Some(0)),
            ("rodriguez", "rodríguez", Some(0)),
            ("sergei", "sergey", Some(0)),
            ("aleksandr", "alexander", Some(1)),
            ("yeltsin", "jelzin", Some(0)),
            ("netanyahu", "netanjahu", Some(0)),
            ("khodorkovsky", "hodorkovski", Some(0)),
            ("guterres", "gutteres", Some(0)),
            ("guterrez", "guterres", Some(2)),
            ("mohammed", "mahmoud", None),
            ("martin", "merton", None),
            ("chen", "chan", None),
            ("li", "le", None),
            ("wang", "zhang", None),
            ("khan", "kahn", None),
        ] {
            assert_eq!(distance(&sound(a), &sound(b)), expected, "{a} {b}");
        }
    }
}
