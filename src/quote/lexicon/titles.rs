//! What people may be, by field, and the words that the organisations of the field bear in their
//! names: `titles.toml` → heads of roles, and one look-up from a head to its fields' bodies.

use std::collections::HashMap;
use std::sync::LazyLock;

use rustc_hash::{FxBuildHasher, FxHashSet};
use serde::Deserialize;

const TITLES: &str = include_str!("en/titles.toml");

/// One stanza of `titles.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What the field is called; for readers of the file.
    #[cfg_attr(not(test), allow(dead_code, reason = "the tests name the field that fails"))]
    pub name: String,
    /// Heads of roles.
    pub heads: Vec<String>,
    /// Words in the names of the field's organisations; none where the field ties nobody to one.
    #[serde(default)]
    pub bodies: String,
    /// A labelled sentence that must hold.
    #[cfg_attr(not(test), allow(dead_code, reason = "the tests prove it"))]
    pub example: String,
}

#[derive(Debug, Deserialize)]
struct TitleFile {
    field: Vec<Field>,
}

/// The stanzas of the embedded file; none if it can't be read, which a test would tell.
pub fn fields() -> Vec<Field> {
    toml::from_str::<TitleFile>(TITLES).map(|file| file.field).unwrap_or_default()
}

static BODIES: LazyLock<HashMap<String, FxHashSet<String>, FxBuildHasher>> = LazyLock::new(|| {
    let mut bodies: HashMap<String, FxHashSet<String>, FxBuildHasher> = HashMap::default();
    for field in fields().iter().filter(|field| !field.bodies.is_empty()) {
        for head in field.heads.iter().flat_map(|line| line.split_whitespace()) {
            let known = bodies.entry(head.to_owned()).or_default();
            known.extend(field.bodies.split_whitespace().map(str::to_owned));
        }
    }
    bodies
});

/// The words, in small letters, that organisations of the fields of `head` bear in their names.
#[must_use]
pub fn bodies_of(head: &str) -> Option<&'static FxHashSet<String>> {
    BODIES.get(head.trim_end_matches('.').to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::{TITLES, TitleFile, bodies_of};

    #[test]
    fn the_embedded_titles_can_be_read() {
        let file: TitleFile = toml::from_str(TITLES).unwrap();
        assert!(file.field.iter().all(|field| !field.heads.is_empty()));
        assert!(bodies_of("Const.").unwrap().contains("police"));
        assert!(bodies_of("poet").is_none());
    }
}
