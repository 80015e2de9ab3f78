//! What is left of a text where accents, scripts and case make no difference.

/// `text` in Latin letters without accents and in lower case: "Ødegård" is "odegard".
#[must_use]
pub fn folded(text: &str) -> String {
    any_ascii::any_ascii(text).to_lowercase()
}
