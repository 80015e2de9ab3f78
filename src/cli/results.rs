//! How quotes of the collection look to a reader: words, speaker, where they stand.

use std::ops::Range;

use console::style;
use textwrap::{Options, WordSplitter};

use super::print::{self, attribution, printable};
use crate::domain::record::QuoteRecord;
use crate::search::{Highlighter, Part};

/// Digits of an id that are shown: enough to tell the quotes of a large collection apart.
const SHORT_ID: usize = 12;

/// The most characters of a quote that a result of a search shows: six lines of a terminal.
const MAX_SHOWN: usize = 440;
/// Characters shown before the first word found, where a quote is cut.
const BEFORE: usize = 60;
/// What stands for words of a quote that are not shown. Brackets say that it is not the quote's own.
const OMITTED: &str = "[…]";

/// A quote as a result of a search, with the words found highlighted; several lines. Of a long one it
/// has the part where most of those words are.
pub(super) fn quote(record: &QuoteRecord, highlighter: &Highlighter) -> String {
    let language = record.article.language.as_deref();
    let found = |text: &str, part: Part| highlighter.ranges(text, part, language);
    let marked = |text: &str, part: Part| mark(text, &found(text, part));
    let words = printable(&record.quote.printed_words());
    let words = extract(&words, &found(&words, Part::Words));
    let speaker = marked(&attribution(record.quote.speaker.as_ref()), Part::Speaker);
    let place = [
        Some(printable(&record.article.outlet)),
        record.article.published.as_ref().map(|date| day(date.as_str())),
        record.article.title.as_deref().map(printable),
    ];
    let place: Vec<String> = place.into_iter().flatten().collect();
    let id = record.quote.id.chars().take(SHORT_ID).collect::<String>();
    let mut facts = vec![id, record.quote.kind.as_str().to_owned()];
    facts.extend(record.states().into_iter().map(str::to_owned));
    [
        fill(&words, "  ", "  "),
        fill(&format!("— {speaker}"), "    ", "      "),
        style(fill(&place.join(" · "), "    ", "      ")).dim().to_string(),
        style(fill(&facts.join(" · "), "    ", "      ")).dim().to_string(),
    ]
    .map(|part| part + "\n")
    .concat()
}

/// `text` with the ranges of bytes marked; where it is long, the part that has most of them, whole
/// words, with [`OMITTED`] for what is left out.
fn extract(text: &str, found: &[Range<usize>]) -> String {
    let part = shown(text, found);
    let within: Vec<Range<usize>> = found
        .iter()
        .filter(|range| part.start <= range.start && range.end <= part.end)
        .map(|range| range.start - part.start..range.end - part.start)
        .collect();
    let omitted = style(OMITTED).dim().to_string();
    let before = if part.start > 0 { format!("{omitted} ") } else { String::new() };
    let after = if part.end < text.len() { format!(" {omitted}") } else { String::new() };
    let words = mark(text.get(part).unwrap_or(text), &within);
    format!("{before}{words}{after}")
}

/// The bytes of `text` to show: all, or [`MAX_SHOWN`] characters at most, from one space to another.
fn shown(text: &str, found: &[Range<usize>]) -> Range<usize> {
    if text.chars().count() <= MAX_SHOWN {
        return 0..text.len();
    }
    let best = found.iter().enumerate().max_by_key(|(index, first)| {
        let end = further(text, first.start, MAX_SHOWN - BEFORE);
        let there = found[*index..].iter().take_while(|range| range.end <= end).count();
        // Of equals the first.
        (there, usize::MAX - index)
    });
    let from = best.map_or(0, |(_, first)| first.start);
    let before = text.get(..from).unwrap_or_default();
    let start = before.char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| at);
    // What is cut begins behind a space and ends before one, if it has any.
    let space = |text: &str, from_end: bool| {
        if from_end { text.rfind(' ') } else { text.find(' ') }
    };
    let start = match before.get(start..) {
        Some(words) if start > 0 => start + space(words, false).map_or(0, |at| at + 1),
        _ => 0,
    };
    let end = further(text, start, MAX_SHOWN);
    let shortened = |end: usize| space(text.get(start..end)?, true).map(|at| start + at);
    start..if end < text.len() { shortened(end).unwrap_or(end) } else { end }
}

/// The place so many characters behind byte `at` of `text`.
fn further(text: &str, at: usize, characters: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.char_indices().nth(characters).map_or(text.len(), |(length, _)| at + length)
}

/// `text` in lines of the terminal's width. A word that is wider stays whole, and none is parted at
/// its hyphens: addresses and ids are there to be copied.
pub(super) fn fill(text: &str, first: &str, rest: &str) -> String {
    let options = Options::new(print::width())
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(text, options)
}

/// The day of a date in normal form.
pub(super) fn day(date: &str) -> String {
    date.chars().take(10).collect()
}

/// `text` with the ranges of bytes in bold colour.
pub(super) fn mark(text: &str, ranges: &[Range<usize>]) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut from = 0;
    for range in ranges.iter().filter(|range| !range.is_empty()) {
        if let (Some(before), Some(found)) = (text.get(from..range.start), text.get(range.clone()))
        {
            marked.push_str(before);
            marked.push_str(&style(found).yellow().bold().to_string());
            from = range.end;
        }
    }
    marked.push_str(text.get(from..).unwrap_or_default());
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_quote_is_cut_to_whole_words_around_those_that_were_found() {
        let words = |from: usize, to: usize| {
            (from..to).map(|number| format!("wörd{number}")).collect::<Vec<_>>().join(" ")
        };
        let text = words(0, 200);
        for (found, starts, ends) in [
            (vec![], 0, None),
            (vec!["wörd3"], 0, None),
            (vec!["wörd100"], 92, None),
            (vec!["wörd20", "wörd120", "wörd123"], 113, None),
            (vec!["wörd199"], 192, Some(200)),
        ] {
            let ranges: Vec<Range<usize>> =
                found.iter().map(|word| text.find(word).unwrap()).map(|at| at..at + 7).collect();
            let part = shown(&text, &ranges);
            assert!(text[part.clone()].chars().count() <= MAX_SHOWN, "{found:?}");
            assert_eq!(part.start, text.find(&format!("wörd{starts}")).unwrap(), "{found:?}");
            if let Some(ends) = ends {
                assert_eq!(text[part], words(starts, ends));
            } else {
                assert_eq!(text.as_bytes()[part.end], b' ', "{found:?}");
            }
        }
        let short = words(0, 40);
        assert_eq!(extract(&short, &[]), short);
        assert_eq!(extract(&text, &[]).split(' ').next_back(), Some(OMITTED));
        let unbroken = "ö".repeat(1000);
        let part = shown(&unbroken, &[]);
        assert_eq!(unbroken[part].chars().count(), MAX_SHOWN);
    }
}
