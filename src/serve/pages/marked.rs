//! Texts with stretches of them marked.

use std::collections::BTreeSet;
use std::ops::Range;

use maud::{Markup, html};

use super::layout::{self, cut};
use crate::domain::wording::{Change, Segment};

/// `text` with the ranges of bytes marked as found; in order, not overlapping, on character boundaries.
#[must_use]
pub fn found(text: &str, ranges: &[Range<usize>]) -> Markup {
    let mut pieces = Vec::with_capacity(2 * ranges.len() + 1);
    let mut from = 0;
    for range in ranges {
        if let (Some(before), Some(found)) = (text.get(from..range.start), text.get(range.clone()))
        {
            pieces.push((before, false));
            pieces.push((found, true));
            from = range.end;
        }
    }
    pieces.push((text.get(from..).unwrap_or_default(), false));
    html! {
        @for (piece, is_found) in pieces {
            @if is_found { mark { (piece) } } @else { (piece) }
        }
    }
}

/// What became of words, as print marks it; so many characters of it.
#[must_use]
pub fn difference(segments: &[Segment], characters: usize) -> Markup {
    let shown = segments.iter().scan(Some(characters), |left, segment| {
        let room = (*left)?;
        let (text, is_cut) = cut(&segment.text, room);
        let used = text.chars().count();
        *left = (!is_cut && used < room).then(|| room - used);
        Some((segment.change, text, is_cut))
    });
    html! {
        @for (change, text, is_cut) in shown {
            @match change {
                Change::Kept => { (text) }
                Change::Removed => { del { (text) } }
                Change::Added => { ins { (text) } }
            }
            @if is_cut { "…" }
        }
    }
}

/// A stretch of text and what is to be said of it. Code points, `end` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch<T> {
    /// First code point.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// What it is.
    pub what: T,
}

/// A piece of a text between two places where a stretch begins or ends.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'a, T> {
    /// Its words.
    pub text: &'a str,
    /// The shortest stretch that it is in: of stretches inside each other the inner one shows.
    pub of: Option<Stretch<T>>,
    /// True where it begins that stretch.
    pub begins: bool,
    /// True where it ends that stretch.
    pub ends: bool,
}

/// `text`, which begins at code point `offset` of its article, in pieces.
#[must_use]
pub fn pieces<'a, T: Copy>(
    text: &'a str,
    offset: usize,
    stretches: &[Stretch<T>],
) -> Vec<Piece<'a, T>> {
    let length = text.chars().count();
    let inside = |place: usize| place.saturating_sub(offset).min(length);
    let mut bounds: BTreeSet<usize> = [0, length].into();
    bounds.extend(stretches.iter().flat_map(|it| [inside(it.start), inside(it.end)]));
    let mut bytes = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).enumerate();
    let bounds: Vec<(usize, usize)> =
        bounds.iter().filter_map(|bound| bytes.find(|(place, _)| place == bound)).collect();
    // Stretches that have begun and not ended, by where they begin; a text has few at one place.
    let mut waiting: Vec<&Stretch<T>> = stretches.iter().filter(|it| it.start < it.end).collect();
    waiting.sort_by_key(|it| std::cmp::Reverse(it.start));
    let mut open: Vec<&Stretch<T>> = Vec::new();
    let mut pieces = Vec::with_capacity(bounds.len());
    for pair in bounds.windows(2) {
        let [(from, from_byte), (to, to_byte)] = [pair[0], pair[1]];
        while let Some(next) = waiting.pop_if(|it| it.start < to + offset) {
            open.push(next);
        }
        open.retain(|it| it.end > from + offset);
        let of = open.iter().min_by_key(|it| it.end - it.start).map(|it| **it);
        pieces.push(Piece {
            text: &text[from_byte..to_byte],
            of,
            begins: of.is_some_and(|it| it.start == from + offset),
            ends: of.is_some_and(|it| it.end == to + offset),
        });
    }
    pieces
}

/// The bytes that `text` takes on a page.
#[must_use]
pub fn weight(text: &str) -> usize {
    text.chars().map(layout::weight).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_inner_of_two_stretches_shows() {
        let stretches = [
            Stretch { start: 12, end: 19, what: 'o' },
            Stretch { start: 14, end: 16, what: 'i' },
            Stretch { start: 40, end: 44, what: 'x' },
        ];
        let pieces = pieces("añb“cd”ef", 10, &stretches);
        let shown: Vec<_> = pieces
            .iter()
            .map(|it| (it.text, it.of.map(|of| of.what), it.begins, it.ends))
            .collect();
        assert_eq!(
            shown,
            [
                ("añ", None, false, false),
                ("b“", Some('o'), true, false),
                ("cd", Some('i'), true, true),
                ("”ef", Some('o'), false, true),
            ]
        );
    }

    #[test]
    fn markup_in_a_text_is_text() {
        let marked = 0..8;
        assert_eq!(
            found("<script>alert(1)", &[marked]).into_string(),
            "<mark>&lt;script&gt;</mark>alert(1)"
        );
    }

    proptest! {
        #[test]
        fn pieces_are_the_text(
            text in ".{0,40}",
            offset in 0_usize..5,
            spans in prop::collection::vec((0_usize..50, 0_usize..50), 0..6),
        ) {
            let stretches: Vec<Stretch<usize>> = spans
                .iter()
                .enumerate()
                .map(|(what, (start, end))| Stretch { start: *start, end: *end, what })
                .collect();
            let joined: String = pieces(&text, offset, &stretches).iter().map(|it| it.text).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
