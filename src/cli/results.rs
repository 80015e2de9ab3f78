//! How quotes of the collection look to a reader: words, speaker, where they stand.

use std::ops::Range;

use console::style;
use textwrap::{Options, WordSplitter};

use super::print::{self, attribution, printable};
use crate::domain::record::QuoteRecord;
use crate::search::{Highlighter, Part};

/// Digits of an id that are shown: enough to tell the quotes of a large collection apart.
const SHORT_ID: usize = 12;

/// A quote as a result of a search, with the words found highlighted; several lines.
pub(super) fn quote(record: &QuoteRecord, highlighter: &Highlighter) -> String {
    let language = record.article.language.as_deref();
    let marked = |text: &str, part: Part| mark(text, &highlighter.ranges(text, part, language));
    let words = marked(&printable(&record.quote.printed_words()), Part::Words);
    let speaker = marked(&attribution(record.quote.speaker.as_ref()), Part::Speaker);
    let place = [
        Some(printable(&record.article.outlet)),
        record.article.published.as_ref().map(|date| day(date.as_str())),
        record.article.title.as_deref().map(printable),
    ];
    let place: Vec<String> = place.into_iter().flatten().collect();
    let id = record.quote.id.chars().take(SHORT_ID).collect::<String>();
    let mut facts = vec![id, record.quote.kind.as_str().to_owned()];
    facts.extend(states(record).into_iter().map(str::to_owned));
    [
        fill(&words, "  ", "  "),
        fill(&format!("— {speaker}"), "    ", "      "),
        style(fill(&place.join(" · "), "    ", "      ")).dim().to_string(),
        style(fill(&facts.join(" · "), "    ", "      ")).dim().to_string(),
    ]
    .map(|part| part + "\n")
    .concat()
}

/// What has become of a quote, in words; nothing if it stands as it was found.
pub(super) fn states(record: &QuoteRecord) -> Vec<&'static str> {
    [
        (record.revised, "revised"),
        (!record.current && !record.withdrawn, "no longer in the article"),
        (record.article.vanished.is_some(), "its page is gone"),
        (record.withdrawn, "no longer found by the extractor"),
    ]
    .into_iter()
    .filter_map(|(holds, words)| holds.then_some(words))
    .collect()
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
