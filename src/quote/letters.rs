//! Eight bytes of text at once: how many letters they begin with, in lower case.
//!
//! Most words are as short; read in one machine word they cost no loop and no guess where they end.
//! The arithmetic is on all eight bytes side by side (SWAR). Refuses to know letters beyond ASCII.

use std::num::NonZeroU64;

/// Bytes of a machine word.
pub const EIGHT: usize = 8;

/// The same byte eight times.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; EIGHT])
}

/// The top bit of each byte, which tells what the byte is.
const TOP: u64 = each(0x80);
/// What makes a small letter of a capital.
const SMALL: u64 = each(0x20);

/// The top bit of every byte of `bytes` that is from `first` to `last`, both below 128.
const fn between(bytes: u64, first: u8, last: u8) -> u64 {
    let low = bytes & !TOP;
    let from_first = low + each(0x80 - first);
    let beyond_last = low + each(0x7f - last);
    from_first & !beyond_last & !bytes & TOP
}

/// Eight bytes with their ASCII letters in lower case.
#[must_use]
pub fn lower(bytes: u64) -> u64 {
    // The top bit moved down by two is the bit of a small letter.
    bytes | between(bytes, b'A', b'Z') >> 2
}

/// True if none of eight bytes is beyond ASCII.
#[must_use]
#[inline]
pub const fn is_ascii(bytes: u64) -> bool {
    bytes & TOP == 0
}

/// How many of the `first` bytes begin a code point.
#[must_use]
#[inline]
pub fn begun(bytes: [u8; EIGHT], first: usize) -> u32 {
    let bytes = u64::from_le_bytes(bytes);
    let asked = !(u64::MAX << (first * 4) << (first * 4));
    // Within one, the top bit is set and the next is not.
    let begin = (!bytes | bytes << 1) & TOP & asked;
    // Each byte's count is 0 or 1; the product's top byte is their sum.
    ((begin >> (EIGHT - 1)).wrapping_mul(each(1)) >> (8 * (EIGHT - 1))) as u32
}

/// Eight bytes with ASCII letters in lower case and all but letters and digits as spaces, and how many
/// of them hold: up to the first beyond ASCII, and the first space after a space. `spaced` tells of
/// one before them.
#[must_use]
#[inline]
pub fn folded(bytes: [u8; EIGHT], spaced: bool) -> ([u8; EIGHT], usize) {
    let bytes = u64::from_le_bytes(bytes);
    let letters = between(bytes | SMALL, b'a', b'z');
    let small = bytes | letters >> 2;
    let spaces = !(letters | between(bytes, b'0', b'9')) & TOP;
    let bad = spaces & (spaces << 8 | u64::from(spaced) << 7) | bytes & TOP;
    // Each top bit spread over its byte.
    let blank = (spaces >> 7) * 0xff;
    let folded = small & !blank | each(b' ') & blank;
    (folded.to_le_bytes(), bad.trailing_zeros() as usize / 8)
}

/// The ASCII letters that eight bytes begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letters {
    /// How many.
    pub count: usize,
    /// The letters in lower case, the first in the lowest byte; zeros fill it.
    pub key: u64,
    /// What makes a small letter of a capital, in every capital's byte.
    capitals: u64,
}

impl Letters {
    /// No letters.
    pub const NONE: Self = Self { count: 0, key: 0, capitals: 0 };

    /// Reads `bytes`.
    #[must_use]
    #[inline(always)]
    pub fn of(bytes: [u8; EIGHT]) -> Self {
        let bytes = u64::from_le_bytes(bytes);
        let small = bytes | SMALL;
        // The lowest of these bits ends the letters, and the bits below it are theirs.
        let ends = !between(small, b'a', b'z') & TOP;
        let (count, own) = match NonZeroU64::new(ends) {
            Some(ends) => {
                (ends.trailing_zeros() as usize / EIGHT, (ends.get() ^ (ends.get() - 1)) >> EIGHT)
            }
            None => (EIGHT, u64::MAX),
        };
        Self { count, key: small & own, capitals: (small ^ bytes) & own }
    }

    /// The letters that `bytes` begin with, and those beyond eight, up to sixteen; nothing where the
    /// text ends too soon to read so many at once.
    #[must_use]
    #[inline(always)]
    pub fn word(bytes: &[u8]) -> Option<(Self, Self)> {
        let first = Self::of(*bytes.first_chunk()?);
        if first.count < EIGHT {
            return Some((first, Self::NONE));
        }
        Some((first, Self::of(*bytes[EIGHT..].first_chunk()?)))
    }

    /// True if the first one is a capital.
    #[must_use]
    #[inline(always)]
    pub fn begin_with_capital(self) -> bool {
        self.capitals & 0xff != 0
    }

    /// True if one but the first is a capital.
    #[must_use]
    #[inline(always)]
    pub fn have_inner_capital(self) -> bool {
        self.capitals & !0xff != 0
    }

    /// True if one is a capital.
    #[must_use]
    #[inline(always)]
    pub fn have_capital(self) -> bool {
        self.capitals != 0
    }

    /// True if all of them are capitals.
    #[must_use]
    #[inline(always)]
    pub fn shout(self) -> bool {
        self.capitals.count_ones() as usize == self.count
    }
}

#[cfg(test)]
mod tests {
    use super::{Letters, folded, lower};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eight_bytes_are_folded_as_one_after_the_other(
            text in "[ -~]{8}|[a-z ]{8}|[ ,-Zé]{8}",
            spaced: bool,
        ) {
            let bytes: [u8; 8] = text.as_bytes()[..8].try_into().unwrap();
            let alone = |b: u8| if b.is_ascii_alphanumeric() { b.to_ascii_lowercase() } else { b' ' };
            let holds = |at: usize| {
                let space = if at == 0 { spaced } else { alone(bytes[at - 1]) == b' ' };
                bytes[at].is_ascii() && !(space && alone(bytes[at]) == b' ')
            };
            let (folded, count) = folded(bytes, spaced);
            prop_assert_eq!(count, (0..8).take_while(|&at| holds(at)).count());
            let expected: Vec<u8> = bytes[..count].iter().map(|&b| alone(b)).collect();
            prop_assert_eq!(&folded[..count], expected);
        }

        #[test]
        fn eight_bytes_tell_what_one_after_the_other_would(bytes: [u8; 8], word in "[A-Za-z]{0,8}.{8}") {
            let word: [u8; 8] = word.as_bytes()[..8].try_into().unwrap();
            for bytes in [bytes, word] {
                let own = bytes.iter().take_while(|b| b.is_ascii_alphabetic()).count();
                let mut small = bytes.to_ascii_lowercase();
                prop_assert_eq!(lower(u64::from_le_bytes(bytes)).to_le_bytes().to_vec(), small.clone());
                small[own..].fill(0);
                let letters = Letters::of(bytes);
                prop_assert_eq!((letters.count, letters.key.to_le_bytes().to_vec()), (own, small.clone()));
                let capital = |at: usize| at < own && bytes[at].is_ascii_uppercase();
                prop_assert_eq!(letters.begin_with_capital(), capital(0));
                prop_assert_eq!(letters.have_inner_capital(), (1..8).any(capital));
                prop_assert_eq!(letters.have_capital(), (0..8).any(capital));
                prop_assert_eq!(letters.shout(), (0..own).all(capital));
            }
        }
    }
}
