//! Words → fingerprints, by winnowing.

use std::hash::Hasher;

use fnv::FnvHasher;

use super::words::Wording;

/// Words of a shingle: two are in every text, four miss what is short.
const SHINGLE: usize = 3;
/// Shingles of a window, the least of which is kept: five words in a row always show.
const WINDOW: usize = 3;

/// The fingerprints of a wording, sorted, each once. Two wordings that share five words in a row share
/// one at least; they are about half as many as the words.
#[must_use]
pub fn fingerprints(wording: &Wording) -> Vec<i64> {
    let hash = |words: &[super::words::Token]| {
        let mut hasher = FnvHasher::default();
        for word in words {
            hasher.write(&word.key.to_le_bytes());
        }
        hasher.finish() as i64
    };
    let shingles: Vec<i64> = wording.tokens.windows(SHINGLE).map(hash).collect();
    let mut kept: Vec<i64> = shingles
        .windows(WINDOW.min(shingles.len()).max(1))
        .filter_map(|window| window.iter().min().copied())
        .collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<i64> {
        fingerprints(&Wording::new(text, None))
    }

    #[test]
    fn five_words_in_a_row_always_show() {
        let long = "nobody at the table believed for a moment that the harbour would ever be open \
                    to foreign salvage ships again without a vote of both chambers";
        let all = of(long);
        let words: Vec<&str> = long.split(' ').collect();
        for five in words.windows(5) {
            let piece = of(&five.join(" "));
            assert!(piece.iter().any(|it| all.contains(it)), "{five:?}");
        }
        assert!(all.len() * 3 < words.len() * 2, "{} of {}", all.len(), words.len());
    }

    #[test]
    fn fewer_words_than_a_shingle_have_none() {
        assert!(of("no comment").is_empty());
        assert_eq!(of("we said no").len(), 1);
    }
}
