//! Byte offsets → code points: how many begin before every eight bytes of a text.
//!
//! One pass over the text, then a place in a few instructions. Refuses to count anything but UTF-8.

use super::letters::{EIGHT, begun};

/// Turns the byte offsets of a text into code points.
#[derive(Debug)]
pub struct Points<'a> {
    bytes: &'a [u8],
    /// How many begin before every eight bytes.
    before: Vec<u32>,
}

impl<'a> Points<'a> {
    /// Counts those of `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let (eights, _) = bytes.as_chunks();
        let mut before = Vec::with_capacity(eights.len() + 1);
        let mut points = 0;
        before.push(points);
        before.extend(eights.iter().map(|&eight| {
            points += begun(eight, EIGHT);
            points
        }));
        Self { bytes, before }
    }

    /// How many code points begin before byte `at`, which must not be beyond the text's end.
    #[must_use]
    pub fn at(&self, at: usize) -> usize {
        let block = at / EIGHT;
        let rest = &self.bytes[block * EIGHT..];
        let inside = match rest.first_chunk() {
            Some(&eight) => begun(eight, at % EIGHT),
            None => rest.iter().take(at % EIGHT).map(|&b| u32::from(begins(b))).sum(),
        };
        (self.before[block] + inside) as usize
    }
}

/// True for a byte that begins a code point.
fn begins(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::Points;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn code_points_are_counted_by_the_bytes_that_begin_them(text in "[a-zé“😀 ]{0,90}") {
            let points = Points::new(&text);
            let mut all = 0;
            for (byte, _) in text.char_indices() {
                prop_assert_eq!(points.at(byte), all);
                all += 1;
            }
            prop_assert_eq!(points.at(text.len()), all);
        }
    }
}
