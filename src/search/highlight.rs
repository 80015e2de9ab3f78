//! Where a query's words stand in a text.

use std::collections::HashSet;
use std::ops::Range;

use super::schema::{plain, stemmed, words};
use super::syntax::{Expression, SyntaxError, parse};

/// Finds the words of one query in any number of texts.
#[derive(Debug, Clone, Default)]
pub struct Highlighter {
    stems: HashSet<String>,
    phrases: Vec<Vec<String>>,
}

impl Highlighter {
    /// For the words and phrases that `query` looks for; those it excludes don't count.
    ///
    /// # Errors
    /// [`SyntaxError`] if the query can't be read.
    pub fn new(query: Option<&str>) -> Result<Self, SyntaxError> {
        let mut highlighter = Self::default();
        if let Some(expression) = parse(query.unwrap_or_default())? {
            highlighter.collect(&expression);
        }
        Ok(highlighter)
    }

    fn collect(&mut self, expression: &Expression) {
        match expression {
            Expression::Word(word) => self.stems.extend(words(&mut stemmed(), word)),
            Expression::Phrase(phrase) => self.phrases.push(words(&mut plain(), phrase)),
            Expression::Not(_) => {}
            Expression::All(parts) | Expression::Any(parts) => {
                parts.iter().for_each(|part| self.collect(part));
            }
        }
    }

    /// The stretches of `text` to show as found: ranges of bytes on character boundaries, in
    /// order, not overlapping.
    #[must_use]
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut analyzer = stemmed();
        let mut stream = analyzer.token_stream(text);
        while let Some(token) = stream.next() {
            if self.stems.contains(&token.text) {
                found.push(token.offset_from..token.offset_to);
            }
        }
        let mut plain = plain();
        let mut stream = plain.token_stream(text);
        let mut tokens: Vec<(String, Range<usize>)> = Vec::new();
        while let Some(token) = stream.next() {
            tokens.push((token.text.clone(), token.offset_from..token.offset_to));
        }
        for phrase in self.phrases.iter().filter(|phrase| !phrase.is_empty()) {
            for window in tokens.windows(phrase.len()) {
                if window.iter().map(|(word, _)| word).eq(phrase)
                    && let ([(_, first), ..], [.., (_, last)]) = (window, window)
                {
                    found.push(first.start..last.end);
                }
            }
        }
        merge(found)
    }
}

fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}
