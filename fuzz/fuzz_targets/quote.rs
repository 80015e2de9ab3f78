//! Any text → quotes whose spans lie in the text, hold its very words and come out the same again.

#![no_main]

use std::borrow::Cow;

use libfuzzer_sys::fuzz_target;
use onrecord::domain::quote::Span;
use onrecord::quote::{Document, extract};

fuzz_target!(|text: &str| {
    let document =
        Document { key: "fuzz", text, title: text.lines().next(), ..Document::default() };
    let quotes = extract(&document);
    let characters: Vec<char> = text.chars().collect();
    let holds = |span: &Span<Cow<'_, str>>| {
        assert!(span.start < span.end && span.end <= characters.len(), "{span:?} is outside");
        assert!(characters[span.start..span.end].iter().copied().eq(span.text.chars()), "{span:?}");
    };
    for quote in &quotes {
        quote.content.iter().chain(&quote.verbatim).for_each(holds);
        quote.source.iter().chain(&quote.cue).for_each(holds);
        assert!(!quote.content.is_empty(), "no content: {quote:?}");
        assert!(quote.content.windows(2).all(|pair| pair[0].end <= pair[1].start), "{quote:?}");
        assert!((0.0..=1.0).contains(&quote.confidence), "confidence: {quote:?}");
    }
    assert!(quotes.windows(2).all(|pair| pair[0].content[0].start <= pair[1].content[0].start));
    assert_eq!(quotes, extract(&document));
});
