//! Two texts → what became of the words.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::likeness::kind;
use super::words::{Token, words};
use crate::domain::wording::{Change, Likeness, Segment};

/// Most words of a side between the common beginning and the common end that are compared one by
/// one: quotes have dozens, and the work may grow with the square. Longer ones are wholly other words.
const MAX_COMPARED: usize = 1000;

/// What became of a run of words: it, and where it stands in the first and in the second text.
pub(super) type Step = (DiffTag, Range<usize>, Range<usize>);

/// The steps from the words `a` to the words `b`.
pub(super) fn steps(a: &[u32], b: &[u32]) -> Vec<Step> {
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(a, b)| a == b);
    let tail = tail.count();
    let (a_end, b_end) = (a.len() - tail, b.len() - tail);
    if (a_end - head).min(b_end - head) > 0 && (a_end - head).max(b_end - head) > MAX_COMPARED {
        return [
            (DiffTag::Equal, 0..head, 0..head),
            (DiffTag::Replace, head..a_end, head..b_end),
            (DiffTag::Equal, a_end..a.len(), b_end..b.len()),
        ]
        .into_iter()
        .filter(|(_, a, b)| !a.is_empty() || !b.is_empty())
        .collect();
    }
    capture_diff_slices(Algorithm::Myers, a, b).iter().map(|op| op.as_tag_tuple()).collect()
}

/// What became of the words from `before` to `after`, in order; case, spaces and punctuation alone
/// make no difference.
#[must_use]
pub fn difference(before: &str, after: &str) -> Vec<Segment> {
    let (a, b) = (words(before), words(after));
    segments(before, after, &a, &b, &steps(&keys(&a), &keys(&b)))
}

/// How alike the texts of two quotes that belong together are, and what became of the words from the
/// first to the second; no segments where the words are the same.
#[must_use]
pub fn compare(before: &str, after: &str) -> (Likeness, Vec<Segment>) {
    let (a, b) = (words(before), words(after));
    let steps = steps(&keys(&a), &keys(&b));
    let tokens = |words: &[Spanned]| words.iter().map(|(_, token)| *token).collect::<Vec<Token>>();
    match kind(&tokens(&a), &tokens(&b), &steps) {
        Likeness::Same => (Likeness::Same, Vec::new()),
        kind => (kind, segments(before, after, &a, &b, &steps)),
    }
}

type Spanned = (Range<usize>, Token);

fn keys(words: &[Spanned]) -> Vec<u32> {
    words.iter().map(|(_, token)| token.key).collect()
}

fn segments(
    before: &str,
    after: &str,
    a: &[Spanned],
    b: &[Spanned],
    steps: &[Step],
) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut push = |change, text: &str| {
        if !text.is_empty() {
            segments.push(Segment { change, text: text.to_owned() });
        }
    };
    for (tag, old, new) in steps {
        match tag {
            DiffTag::Equal => push(Change::Kept, stretch(after, b, new)),
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                push(Change::Removed, stretch(before, a, old));
                push(Change::Added, stretch(after, b, new));
            }
        }
    }
    segments
}

/// The words `range` with what stands after each, and before the first of all.
fn stretch<'a>(text: &'a str, words: &[Spanned], range: &Range<usize>) -> &'a str {
    if range.is_empty() {
        return "";
    }
    let start = |word: usize| match word {
        0 => 0,
        word => words.get(word).map_or(text.len(), |(range, _)| range.start),
    };
    &text[start(range.start)..start(range.end)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `[-removed-]{+added+}`, as it is printed.
    fn shown(before: &str, after: &str) -> String {
        difference(before, after)
            .iter()
            .map(|segment| match segment.change {
                Change::Kept => segment.text.clone(),
                Change::Removed => format!("[-{}-]", segment.text),
                Change::Added => format!("{{+{}+}}", segment.text),
            })
            .collect()
    }

    #[test]
    fn only_the_words_that_changed_are_marked() {
        assert_eq!(
            shown(
                "We will not sign a text that lets governments snoop,",
                "We will not sign a text that allows governments to snoop.",
            ),
            "We will not sign a text that [-lets -]{+allows +}governments {+to +}snoop."
        );
        assert_eq!(shown("No deal is dead,", "no deal is dead"), "no deal is dead");
        assert_eq!(shown("", "Yes."), "{+Yes.+}");
        assert_eq!(shown("Yes.", ""), "[-Yes.-]");
        assert_eq!(shown("It won’t do", "It will do"), "It [-won’t -]{+will +}do");
    }

    #[test]
    fn texts_beyond_the_bound_are_wholly_other_words_between_what_is_common() {
        let text = |word: &str| format!("first {}last", format!("{word} ").repeat(3000));
        let segments = difference(&text("a b"), &text("c d"));
        assert_eq!(segments.len(), 4);
        assert_eq!((segments[0].text.as_str(), segments[3].text.as_str()), ("first ", "last"));
    }

    proptest! {
        #[test]
        fn kept_and_added_stretches_are_the_second_text(a in "[abc …,.]{0,40}", b in "[abc …,.\\[\\]]{0,40}") {
            let segments = difference(&a, &b);
            let of = |not: Change, between| -> String {
                let kept = segments.iter().filter(|it| it.change != not);
                kept.map(|it| it.text.as_str()).collect::<Vec<&str>>().join(between)
            };
            // A text without words has nothing that could change.
            if b.contains(char::is_alphanumeric) {
                prop_assert_eq!(of(Change::Removed, ""), b.clone());
            }
            prop_assert!(super::super::same_words(&of(Change::Added, " "), &a));
            let (likeness, compared) = compare(&a, &b);
            prop_assert_eq!(likeness == Likeness::Same, super::super::same_words(&a, &b));
            prop_assert_eq!(compared.is_empty(), likeness == Likeness::Same);
        }
    }
}
