//! Two wordings → whether they are one statement, and how alike they are.

use std::cmp::Ordering;

use similar::DiffTag;

use super::difference::{Step, steps};
use super::words::{Token, Wording, pair};
use crate::domain::wording::Likeness;

/// Share of the shorter wording's words that must stand in the longer in the same order: a quote with
/// two or three words changed keeps it, two sentences that begin with the same formula don't.
const SHARE: (usize, usize) = (7, 10);
/// Fewest words in a row that count as shared: single ones ("the", "of") stand in any two sentences.
const RUN: usize = 2;

/// What two wordings must share at least, in words and in their letters, by what is known of the
/// speakers. Different people say the same formulas ("Our thoughts are with the families"), so where
/// the names differ only more than a sentence is a shared statement; where a name is missing, more
/// than a phrase.
const ONE_NAME: Least = Least { words: 5, letters: 20 };
const NO_NAME: Least = Least { words: 8, letters: 35 };
const TWO_NAMES: Least = Least { words: 14, letters: 60 };

struct Least {
    words: usize,
    letters: usize,
}

impl Wording {
    /// True where the wording has enough words to be told from what anybody may say.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        let least = if self.speaker.is_empty() { NO_NAME } else { ONE_NAME };
        self.tokens.len() >= least.words && letters(&self.tokens) >= least.letters
    }
}

/// How alike two wordings of one statement are; `None` if they are no wordings of one statement. The
/// order of the two doesn't matter.
#[must_use]
pub fn likeness(a: &Wording, b: &Wording) -> Option<Likeness> {
    let order =
        || a.tokens.iter().map(|token| token.key).cmp(b.tokens.iter().map(|token| token.key));
    let (a, b) = match a.tokens.len().cmp(&b.tokens.len()).then_with(order) {
        Ordering::Greater => (b, a),
        Ordering::Less | Ordering::Equal => (a, b),
    };
    let least = least(&a.speaker, &b.speaker);
    // Bounds first, the cheaper one before the other: they tell most pairs apart in far less time than
    // comparing the words in order.
    let may_be = least.has(pairs_shared(a, b) * RUN, a)
        && least.has(at_most_shared(&a.tokens, &b.pairs), a)
        && least.has(at_most_in_order(&a.tokens, &b.tokens), a);
    if may_be { compared(a, b, &least) } else { None }
}

impl Least {
    /// Whether so many of the words of `of` in common are enough.
    fn has(&self, words: usize, of: &Wording) -> bool {
        words >= self.words && words * SHARE.1 >= of.tokens.len() * SHARE.0
    }
}

/// [`likeness`] by the words in order; `a` is not the longer one.
fn compared(a: &Wording, b: &Wording, least: &Least) -> Option<Likeness> {
    let keys = |side: &Wording| side.tokens.iter().map(|token| token.key).collect::<Vec<u32>>();
    let steps = steps(&keys(a), &keys(b));
    let runs = || {
        let equal = steps.iter().filter(|(tag, run, _)| *tag == DiffTag::Equal && run.len() >= RUN);
        equal.map(|(_, run, _)| &a.tokens[run.clone()])
    };
    let words: usize = runs().map(<[Token]>::len).sum();
    let enough = least.has(words, a) && runs().map(letters).sum::<usize>() >= least.letters;
    enough.then(|| kind(&a.tokens, &b.tokens, &steps))
}

/// Pairs of words in a row of `a` that `b` may have too: never too few, since every bit that `b` lacks
/// is a pair at least.
fn pairs_shared(a: &Wording, b: &Wording) -> usize {
    let lacking: u32 = a.pairs.iter().zip(&b.pairs).map(|(a, b)| (a & !b).count_ones()).sum();
    a.tokens.len().saturating_sub(1 + lacking as usize)
}

/// Words of `a` that may stand in [`RUN`]s that the other has too, whose `pairs` are given: never too
/// few.
fn at_most_shared(a: &[Token], pairs: &[u64; 4]) -> usize {
    let (mut shared, mut counted) = (0, 0);
    for (start, two) in a.windows(RUN).enumerate() {
        let (part, bit) = pair(two);
        if pairs[part] & bit != 0 {
            shared += start + RUN - counted.max(start);
            counted = start + RUN;
        }
    }
    shared
}

/// Words of `a` that `b` has in the same order: exactly, but for an `a` of more words than a machine word
/// has bits, of which it is all. The length of a longest common subsequence, a row of its table at once
/// (Hyyrö, "Bit-parallel LCS-length computation revisited", 2004).
fn at_most_in_order(a: &[Token], b: &[Token]) -> usize {
    if a.len() > u64::BITS as usize {
        return a.len();
    }
    // A bit for each word of `a`; 0 where the table's row rises by one.
    let mut row = u64::MAX;
    for word in b {
        let same = a.iter().rev().fold(0, |same, it| same << 1 | u64::from(it.key == word.key));
        let met = row & same;
        row = row.wrapping_add(met) | (row - met);
    }
    row.count_zeros() as usize
}

/// What two speakers must share: one name if the last word of one is in the other's.
fn least(a: &[u32], b: &[u32]) -> Least {
    match (a.first(), b.first()) {
        (Some(last_a), Some(last_b)) if b.contains(last_a) || a.contains(last_b) => ONE_NAME,
        (Some(_), Some(_)) => TWO_NAMES,
        _ => NO_NAME,
    }
}

fn letters(tokens: &[Token]) -> usize {
    tokens.iter().map(|token| usize::from(token.letters)).sum()
}

/// How alike the words `a` and `b` are, by the steps from one to the other.
pub(super) fn kind(a: &[Token], b: &[Token], steps: &[Step]) -> Likeness {
    let is_equal = |(tag, ..): &&Step| *tag == DiffTag::Equal;
    let first = steps.iter().position(|step| is_equal(&step));
    let last = steps.iter().rposition(|step| is_equal(&step));
    let (Some(first), Some(last)) = (first, last) else {
        return if a.is_empty() && b.is_empty() { Likeness::Same } else { Likeness::Altered };
    };
    let mut found = Likeness::Same;
    for (index, (tag, old, new)) in steps.iter().enumerate() {
        if *tag == DiffTag::Equal {
            continue;
        }
        let (old, new) = (
            Part { of: a, from: old.start, to: old.end },
            Part { of: b, from: new.start, to: new.end },
        );
        let declared = old.is_put_in() || new.is_put_in();
        let cut = if index < first || index > last {
            old.is_empty()
                || new.is_empty()
                || declared
                || if index < first { old.ends(&new) } else { old.begins(&new) }
        } else {
            declared || (old.is_empty() && old.at_gap()) || (new.is_empty() && new.at_gap())
        };
        found = found.max(if cut { Likeness::Cut } else { Likeness::Altered });
    }
    found
}

/// Words of one side that the other has not in that place.
struct Part<'a> {
    of: &'a [Token],
    from: usize,
    to: usize,
}

impl Part<'_> {
    fn is_empty(&self) -> bool {
        self.from == self.to
    }

    /// True where all its words stand in brackets.
    fn is_put_in(&self) -> bool {
        !self.is_empty() && self.of[self.from..self.to].iter().all(|word| word.bracketed())
    }

    /// True where the side leaves words out in this place and says so.
    fn at_gap(&self) -> bool {
        self.of.get(self.from).is_some_and(|word| word.after_gap())
    }

    /// True where both parts are sentences of their own before the words in common, or one of them is
    /// parted from those by a gap.
    fn ends(&self, other: &Self) -> bool {
        parted(self.of.get(self.to), other.of.get(other.to))
    }

    /// The same for parts after the words in common.
    fn begins(&self, other: &Self) -> bool {
        parted(self.of.get(self.from), other.of.get(other.from))
    }
}

fn parted(a: Option<&Token>, b: Option<&Token>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.after_gap() || b.after_gap() || (a.opens() && b.opens()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bounds_tell_no_two_wordings_apart_that_the_words_in_order_do_not(
            words in "([a-d]{1,2} ){0,40}",
            put_in in "([a-d] ){0,6}",
            from in 0..40_usize,
            names in prop::sample::select(vec![(TAPIA, SHORT), (TAPIA, MAREN), (None, TAPIA)]),
        ) {
            let words: Vec<&str> = words.split_whitespace().collect();
            let (head, tail) = words.split_at(from.min(words.len()));
            let other = format!("{} {put_in}{}", head.join(" "), tail[tail.len() / 3..].join(" "));
            let a = Wording::new(&words.join(" "), names.0);
            let b = Wording::new(&other, names.1);
            let keys = |side: &Wording| {
                (side.tokens.len(), side.tokens.iter().map(|it| it.key).collect::<Vec<u32>>())
            };
            let (least, in_order) = (least(&a.speaker, &b.speaker), keys(&a) <= keys(&b));
            let full = if in_order { compared(&a, &b, &least) } else { compared(&b, &a, &least) };
            prop_assert_eq!(likeness(&a, &b), full);
        }
    }

    const TAPIA: Option<&str> = Some("José Tapia");
    const SHORT: Option<&str> = Some("Tapia");
    const MAREN: Option<&str> = Some("Maren Høgsbro");

    type Said = (Option<&'static str>, &'static str);

    /// Pairs of quotes and what they are to each other; all invented.
    const PAIRS: &[(Said, Said, Option<Likeness>)] = &[
        // The same words, a comma and a mark apart.
        (
            (TAPIA, "We won't hand a key to every ministry,"),
            (SHORT, "We won’t hand a key to every ministry."),
            Some(Likeness::Same),
        ),
        // One outlet has a piece of the sentence.
        (
            (TAPIA, "a blank cheque for surveillance"),
            (
                SHORT,
                "This treaty is a blank cheque for surveillance, and we told them so in March.",
            ),
            Some(Likeness::Cut),
        ),
        // A sentence before, a sentence after.
        (
            (TAPIA, "The lantern must stay lit. We told the minister that on Monday."),
            (TAPIA, "We told the minister that on Monday. He did not answer."),
            None,
        ),
        (
            (
                TAPIA,
                "Nobody asked the ports. We told the minister on Monday that the lantern must stay lit.",
            ),
            (
                TAPIA,
                "We told the minister on Monday that the lantern must stay lit. He did not answer.",
            ),
            Some(Likeness::Cut),
        ),
        // Left out, and said so: an ellipsis, an attribution in between, brackets.
        (
            (
                TAPIA,
                "The harbour is closed, the ships are gone and … nobody told the crews about it",
            ),
            (
                TAPIA,
                "The harbour is closed, the ships are gone and, believe me, nobody told the crews about it",
            ),
            Some(Likeness::Cut),
        ),
        (
            (TAPIA, "We voted against [the treaty] because of what it does to ordinary people"),
            (TAPIA, "We voted against it because of what it does to ordinary people"),
            Some(Likeness::Cut),
        ),
        // Altered inside.
        (
            (TAPIA, "We will not sign a text that lets governments snoop"),
            (TAPIA, "We will not sign a text that allows governments to snoop"),
            Some(Likeness::Altered),
        ),
        (
            (TAPIA, "The committee did not find any evidence of fraud in the port accounts"),
            (None, "The committee did find any evidence of fraud in the port accounts"),
            Some(Likeness::Altered),
        ),
        (
            (TAPIA, "It will cost taxpayers 3.5 million crowns a year"),
            (TAPIA, "It will cost taxpayers 35 million crowns a year"),
            Some(Likeness::Altered),
        ),
        // A long statement that two people are named for.
        (
            (
                TAPIA,
                "No court in this country has ever allowed a ministry to read the letters of a whole town for a year",
            ),
            (
                MAREN,
                "No court in this country has ever allowed a ministry to read the letters of a whole town for a year",
            ),
            Some(Likeness::Same),
        ),
        // Formulas: other people, or other words after them.
        ((TAPIA, "No comment"), (TAPIA, "No comment"), None),
        (
            (TAPIA, "We do not comment on ongoing investigations"),
            (MAREN, "We do not comment on ongoing investigations"),
            None,
        ),
        (
            (TAPIA, "Our thoughts are with the families and friends of the victims"),
            (MAREN, "Our thoughts are with the families and friends of the victims"),
            None,
        ),
        ((None, "We are looking into the matter"), (None, "We are looking into the matter"), None),
        (
            (TAPIA, "We are committed to the safety of our crews"),
            (MAREN, "We are committed to the success of our customers"),
            None,
        ),
        (
            (TAPIA, "We are committed to protecting the privacy of everybody who sails with us"),
            (TAPIA, "We are committed to protecting the old lighthouse at any price"),
            None,
        ),
        (
            (TAPIA, "At the end of the day, it is about trust"),
            (TAPIA, "At the end of the day, nobody reads a treaty"),
            None,
        ),
        // Other words on the same matter.
        (
            (TAPIA, "The treaty gives every government a licence to read private mail"),
            (TAPIA, "With this treaty, private mail may be read by every government"),
            None,
        ),
    ];

    #[test]
    fn pairs_of_quotes_are_told_apart() {
        for (a, b, wanted) in PAIRS {
            let wording = |(speaker, text): &Said| Wording::new(text, *speaker);
            let (a_wording, b_wording) = (wording(a), wording(b));
            assert_eq!(likeness(&a_wording, &b_wording), *wanted, "{a:?} {b:?}");
            assert_eq!(likeness(&b_wording, &a_wording), *wanted, "{b:?} {a:?}");
        }
    }

    #[test]
    fn what_anybody_may_say_is_not_telling() {
        for (text, speaker, wanted) in [
            ("Yes", TAPIA, false),
            ("It is what it is", TAPIA, false),
            ("a blank cheque for surveillance", TAPIA, true),
            ("a blank cheque for surveillance", None, false),
            ("We are looking into the matter", None, false),
            ("条約は私たちの手紙を読む許可をすべての政府に与える", TAPIA, true),
        ] {
            assert_eq!(Wording::new(text, speaker).is_telling(), wanted, "{text}");
        }
    }
}
