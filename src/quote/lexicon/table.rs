//! Words → what is known of them, found by one multiplication and mostly one look.
//!
//! Open addressing with linear probing over slots of half a cache line, for the one question that is
//! asked of every word of a text. Refuses to forget a word, and to hold one of no bytes.

use super::{Entry, Key};

/// Slots of an empty table; a power of two.
const FEWEST: usize = 1 << 6;
/// At least as many slots as this stand for each word: most searches end at once.
const ROOM: usize = 2;
/// An odd factor without a pattern (2^64 over the golden ratio): its products' top bits spread the keys.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A word with what is known of it; a slot without a word has the key of no bytes and knows nothing.
type Slot = (Key, Entry);

/// What is known of words, by their keys.
#[derive(Debug)]
pub struct Table {
    slots: Vec<Slot>,
    words: usize,
    /// Bits of a product that are too many for the number of a slot.
    shift: u32,
}

impl Default for Table {
    fn default() -> Self {
        Self { slots: vec![Slot::default(); FEWEST], words: 0, shift: u64::BITS - FEWEST.ilog2() }
    }
}

impl Table {
    /// What is known of the word, if it has been entered.
    #[must_use]
    #[inline]
    pub fn get(&self, key: Key) -> Option<&Entry> {
        let mut place = self.first(key);
        loop {
            let (found, entry) = &self.slots[place];
            if *found == key {
                return (key != Key::default()).then_some(entry);
            }
            if *found == Key::default() {
                return None;
            }
            place = self.next(place);
        }
    }

    /// What is known of the word, to add to it; nothing as yet if it is new.
    pub fn entry(&mut self, key: Key) -> &mut Entry {
        let mut place = self.place(key);
        if self.slots[place].0 != key {
            self.words += 1;
            if self.words * ROOM > self.slots.len() {
                self.grow();
                place = self.place(key);
            }
            self.slots[place].0 = key;
        }
        &mut self.slots[place].1
    }

    /// The slot of the word, or the empty one where the search for it ends: there always is one.
    fn place(&self, key: Key) -> usize {
        let mut place = self.first(key);
        while self.slots[place].0 != key && self.slots[place].0 != Key::default() {
            place = self.next(place);
        }
        place
    }

    /// Where the search for a word begins.
    #[inline]
    fn first(&self, key: Key) -> usize {
        // Turned, so that a word's two halves don't cancel each other where they are alike.
        let mixed = (key.0 ^ key.1.rotate_left(29)).wrapping_mul(SPREAD);
        (mixed >> self.shift) as usize & (self.slots.len() - 1)
    }

    /// Where it goes on.
    #[inline]
    fn next(&self, place: usize) -> usize {
        (place + 1) & (self.slots.len() - 1)
    }

    fn grow(&mut self) {
        let slots = vec![Slot::default(); self.slots.len() * 2];
        self.shift -= 1;
        for (key, entry) in std::mem::replace(&mut self.slots, slots) {
            if key != Key::default() {
                let place = self.place(key);
                self.slots[place] = (key, entry);
            }
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
