//! A wrong word → the known word it was probably meant to be.

/// Longer words are not compared: nobody mistypes that much.
const MAX_COMPARED_BYTES: usize = 64;

/// The word of `known` that `word` is a likely slip of, if there is one.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > MAX_COMPARED_BYTES {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let word = plain(word);
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= MAX_COMPARED_BYTES)
        .map(|candidate| (strsim::osa_distance(&word, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= slips_allowed(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A third of the word: `id` allows none, `any` one, `schedule` two.
fn slips_allowed(word: &str) -> usize {
    word.chars().count() / 3
}
