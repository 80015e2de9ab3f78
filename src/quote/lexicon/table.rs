//! Words → what is known of them, found by one multiplication and mostly one look.
//!
//! Open addressing with linear probing, for the one question that is asked of every word of a text. A
//! byte for each slot, all of which stay near the processor, tells of nearly every word that is not
//! there; slots are half a cache line. Refuses to forget a word, and to hold one of no bytes.

use super::{Entry, Key};

/// Slots of an empty table; a power of two.
const FEWEST: usize = 1 << 6;
/// At least as many slots as this stand for each word: most searches end at once.
const ROOM: usize = 2;
/// An odd factor without a pattern (2^64 over the golden ratio): its products' top bits spread the keys.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
/// Where a product has the bits of a tag: below those of the place in any table of words.
const OWN: u32 = 32;
/// Set in the tag of every word.
const TAKEN: u8 = 1 << 7;

/// What is known of words, by their keys.
#[derive(Debug)]
pub struct Table {
    /// Seven bits of the word's product in each slot, and [`TAKEN`]; 0 in a slot without a word.
    tags: Vec<u8>,
    /// A word with what is known of it.
    slots: Vec<(Key, Entry)>,
    words: usize,
    /// Bits of a product that are too many for the number of a slot.
    shift: u32,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            tags: vec![0; FEWEST],
            slots: vec![Default::default(); FEWEST],
            words: 0,
            shift: u64::BITS - FEWEST.ilog2(),
        }
    }
}

impl Table {
    /// What is known of the word, if it has been entered.
    #[must_use]
    #[inline]
    pub fn get(&self, key: Key) -> Option<&Entry> {
        let (mut place, own) = self.first(key);
        loop {
            let tag = *self.tags.get(place)?;
            if tag == own
                && let (found, entry) = self.slots.get(place)?
                && *found == key
            {
                return Some(entry);
            }
            if tag == 0 {
                return None;
            }
            place = self.next(place);
        }
    }

    /// What is known of the word, to add to it; nothing as yet if it is new.
    pub fn entry(&mut self, key: Key) -> &mut Entry {
        let (mut place, mut tag) = self.place(key);
        if self.tags[place] == 0 {
            self.words += 1;
            if self.words * ROOM > self.slots.len() {
                self.grow();
                (place, tag) = self.place(key);
            }
            self.tags[place] = tag;
            self.slots[place].0 = key;
        }
        &mut self.slots[place].1
    }

    /// The slot of the word, or the empty one where the search for it ends: there always is one; and
    /// the word's tag.
    fn place(&self, key: Key) -> (usize, u8) {
        let (mut place, tag) = self.first(key);
        while self.tags[place] != 0 && self.slots[place].0 != key {
            place = self.next(place);
        }
        (place, tag)
    }

    /// Where the search for a word begins, and its tag.
    #[inline]
    fn first(&self, key: Key) -> (usize, u8) {
        // Turned, so that a word's two halves don't cancel each other where they are alike.
        let mixed = (key.0 ^ key.1.rotate_left(29)).wrapping_mul(SPREAD);
        ((mixed >> self.shift) as usize, (mixed >> OWN) as u8 | TAKEN)
    }

    /// Where it goes on.
    #[inline]
    fn next(&self, place: usize) -> usize {
        (place + 1) & (self.tags.len() - 1)
    }

    fn grow(&mut self) {
        let more = self.slots.len() * 2;
        self.shift -= 1;
        let tags = std::mem::replace(&mut self.tags, vec![0; more]);
        let slots = std::mem::replace(&mut self.slots, vec![Default::default(); more]);
        for ((key, entry), _) in slots.into_iter().zip(tags).filter(|(_, tag)| *tag != 0) {
            let (place, tag) = self.place(key);
            self.tags[place] = tag;
            self.slots[place] = (key, entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Table};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_table_knows_what_was_entered_and_nothing_else(
            words in proptest::collection::hash_map(1_u64.., any::<u64>(), 0..200),
            others: Vec<u64>,
        ) {
            let mut table = Table::default();
            for (&word, &classes) in &words {
                table.entry((word, word % 3)).classes |= classes;
            }
            for (&word, &classes) in &words {
                prop_assert_eq!(table.get((word, word % 3)).map(|entry: &Entry| entry.classes), Some(classes));
                prop_assert!(table.get((word, 3)).is_none());
            }
            for word in others.into_iter().filter(|word| !words.contains_key(word)) {
                prop_assert!(table.get((word, word % 3)).is_none());
            }
            prop_assert!(table.get((0, 0)).is_none());
        }
    }
}
