//! The embedded lists: `lists.toml` → look-ups.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

const LISTS: &str = include_str!("lists.toml");

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    nicknames: Vec<String>,
    common_given: Vec<String>,
    common_surnames: Vec<String>,
    heads: Vec<String>,
    weak_heads: String,
    other_heads: String,
    lesser: String,
    past: String,
    fields: HashMap<String, String>,
    affiliations: Affiliations,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Affiliations {
    local: String,
    parties: String,
    kinds: String,
    generic: String,
    stop: String,
}

/// The lists, ready to be asked. All words are folded.
#[derive(Debug)]
pub(super) struct Lists {
    /// Sets of given names that are one name, by each of their names.
    nicknames: HashMap<String, Vec<usize>>,
    common_given: HashSet<String>,
    common_surnames: HashSet<String>,
    /// A head's other forms → the form it is compared by.
    heads: HashMap<String, String>,
    /// Heads that many share.
    pub(super) weak_heads: HashSet<String>,
    /// Heads of no field.
    pub(super) other_heads: HashSet<String>,
    /// Words that make a role another role.
    pub(super) lesser: HashSet<String>,
    /// Words that say that a role is over.
    pub(super) past: HashSet<String>,
    /// The fields of each head.
    pub(super) fields: HashMap<String, Vec<String>>,
    /// Offices of which every place has one.
    pub(super) local: HashSet<String>,
    /// Names of parties.
    pub(super) parties: HashSet<String>,
    /// Words that tell what a body is.
    pub(super) kinds: HashSet<String>,
    /// Words that many bodies share.
    pub(super) generic: HashSet<String>,
    /// Words that say nothing.
    pub(super) stop: HashSet<String>,
}

impl Lists {
    /// The numbers of the given names that `name` is a form of.
    pub(super) fn given_names(&self, name: &str) -> &[usize] {
        self.nicknames.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// True if the two given names are forms of one name.
    pub(super) fn one_given_name(&self, a: &str, b: &str) -> bool {
        self.given_names(a).iter().any(|set| self.given_names(b).contains(set))
    }

    /// True if many people bear the name.
    pub(super) fn is_common(&self, given: &str, surname: &str) -> bool {
        self.common_given.contains(given) && self.common_surnames.contains(surname)
    }

    /// The form that a word of a role is compared by.
    pub(super) fn head<'a>(&'a self, word: &'a str) -> &'a str {
        self.heads.get(word).map_or(word, String::as_str)
    }
}

fn set(words: &str) -> HashSet<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

/// The embedded lists; empty if they can't be read, which a test would tell.
pub(super) static LISTS_READ: LazyLock<Lists> = LazyLock::new(|| {
    let file: File = toml::from_str(LISTS).unwrap_or_default();
    let mut nicknames: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, names) in file.nicknames.iter().enumerate() {
        for name in names.split_whitespace() {
            nicknames.entry(name.to_owned()).or_default().push(number);
        }
    }
    let mut heads = HashMap::new();
    for line in &file.heads {
        let mut forms = line.split_whitespace();
        let Some(first) = forms.next() else { continue };
        heads.extend(forms.map(|form| (form.to_owned(), first.to_owned())));
    }
    let mut fields: HashMap<String, Vec<String>> = HashMap::new();
    for (field, words) in &file.fields {
        for head in words.split_whitespace() {
            fields.entry(head.to_owned()).or_default().push(field.clone());
        }
    }
    Lists {
        nicknames,
        common_given: set(&file.common_given.join(" ")),
        common_surnames: set(&file.common_surnames.join(" ")),
        heads,
        weak_heads: set(&file.weak_heads),
        other_heads: set(&file.other_heads),
        lesser: set(&file.lesser),
        past: set(&file.past),
        fields,
        local: set(&file.affiliations.local),
        parties: set(&file.affiliations.parties),
        kinds: set(&file.affiliations.kinds),
        generic: set(&file.affiliations.generic),
        stop: set(&file.affiliations.stop),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_lists_can_be_read() {
        let file: File = toml::from_str(LISTS).unwrap();
        assert!(file.nicknames.len() > 50 && file.fields.len() > 5);
        assert!(LISTS_READ.one_given_name("bill", "william"));
        assert!(!LISTS_READ.one_given_name("bill", "robert"));
        assert_eq!(LISTS_READ.head("sen"), "senator");
    }
}
