//! Words that few rules ask for, each list by its name: `lists.toml` → sorted lists.
//!
//! A class of `words.toml` costs a bit of every word of the text; what only one rule reads at a few places
//! stands here. English only: other languages have no rules that ask. Refuses to hold grammar: the small
//! words that a rule's order rests on stand in the rule.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

const LISTS: &str = include_str!("en/lists.toml");

/// Words of one list.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct Words {
    /// In order.
    words: Vec<String>,
    /// A bit for each length and first letter that one of them has: most words asked for are none of
    /// the list, which this mostly tells.
    shapes: u64,
}

/// The bit of a word's length and first letter.
fn shape(word: &str) -> u64 {
    let first = word.bytes().next().map_or(0, usize::from);
    1 << ((first * 7 + word.len()) % u64::BITS as usize)
}

impl Words {
    /// True if the list holds `word` as it is written.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.shapes & shape(word) != 0
            && self.words.binary_search_by(|known| known.as_str().cmp(word)).is_ok()
    }

    /// True if the list holds `word`, whatever its case and without its full stop.
    #[must_use]
    pub fn has_any_case(&self, word: &str) -> bool {
        self.has(&word.trim_end_matches('.').to_ascii_lowercase())
    }

    /// True if `word` ends with one of the list.
    #[must_use]
    pub fn ends(&self, word: &str) -> bool {
        self.words.iter().any(|tail| word.ends_with(tail))
    }
}

impl From<Vec<String>> for Words {
    fn from(lines: Vec<String>) -> Self {
        let words = lines.iter().flat_map(|line| line.split_whitespace());
        let mut words: Vec<String> = words.map(str::to_owned).collect();
        words.sort_unstable();
        words.dedup();
        let shapes = words.iter().fold(0, |all, word| all | shape(word));
        Self { words, shapes }
    }
}

/// Every list of `lists.toml`, whose comments say what they are for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file's own comments stand beside the words")]
pub struct Lists {
    pub ties_to_object: Words,
    pub ties_with: HashMap<String, Words>,
    pub heads: Words,
    pub works: Words,
    pub schools: Words,
    pub hired: Words,
    pub acts_as: Words,
    pub made: Words,
    pub positions: Words,
    pub short_parties: Words,
    pub media: Words,
    pub styles: Words,
    pub addresses: Words,
    pub spells: Words,
    pub team_verbs: Words,
    pub areas: Words,
    pub where_tails: Words,
    pub adjective_tails: Words,
    pub divisions: Words,
    pub owners: Words,
    pub plain_nouns: Words,
    pub no_bodies: Words,
    pub chambers: Words,
    pub withholding: Words,
    pub name_of: Words,
    pub asks: Words,
    pub unnamed: Words,
    pub witnessed: Words,
    pub near: Words,
    pub streets: Words,
    pub sole: Words,
    pub locals: Words,
}

static KNOWN: LazyLock<Lists> = LazyLock::new(|| toml::from_str(LISTS).unwrap_or_default());

/// The lists; empty ones if the embedded file can't be read, which a test would tell.
#[must_use]
pub fn known() -> &'static Lists {
    &KNOWN
}

#[cfg(test)]
mod tests {
    use super::{LISTS, Lists, Words};

    #[test]
    fn the_embedded_lists_can_be_read() {
        let lists: Lists = toml::from_str(LISTS).unwrap();
        assert!(lists.ties_to_object.has("founded") && !lists.ties_to_object.has("said"));
        assert!(lists.ties_with["works"].has("for"));
        assert!(lists.where_tails.ends("Norrvik-based"));
    }

    #[test]
    fn a_list_knows_its_words_in_any_order_and_case() {
        let words = Words::from(vec!["mr dr".to_owned(), "lady".to_owned()]);
        assert!(words.has("dr") && words.has_any_case("Mr.") && !words.has("Mr"));
    }
}
