//! Where a query's words stand in a text.

use std::collections::HashSet;
use std::ops::Range;

use super::query::Query;
use super::syntax::{Form, Place, SyntaxError, Term, parse};
use super::words::{code, plain, stemmed, words};

/// What a text is, to a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The quote's words.
    Words,
    /// Who said them: name, role, affiliation.
    Speaker,
}

impl Part {
    /// Whether words that are looked for in `place` are to be shown in a text of this part.
    fn shows(self, place: Option<Place>) -> bool {
        match place {
            None => true,
            Some(Place::Speaker | Place::Role | Place::Affiliation) => self == Self::Speaker,
            Some(Place::Outlet | Place::Title | Place::Topic | Place::Kind) => false,
        }
    }
}

/// Finds the words of one query in any number of texts.
#[derive(Debug, Clone, Default)]
pub struct Highlighter {
    terms: Vec<Term>,
}

/// A word of a text and its place in bytes.
type Found = (String, Range<usize>);

impl Highlighter {
    /// For the words and phrases that `query` looks for, those of its filters too; those it excludes
    /// don't count.
    ///
    /// # Errors
    /// [`SyntaxError`] if the query can't be read.
    pub fn new(query: &Query) -> Result<Self, SyntaxError> {
        let mut terms = Vec::new();
        if let Some(expression) = parse(query.text.as_deref().unwrap_or_default())? {
            expression.wanted(&mut |term| terms.push(term.clone()));
        }
        for (place, value) in [
            (Place::Speaker, &query.speaker),
            (Place::Role, &query.role),
            (Place::Affiliation, &query.affiliation),
        ] {
            for word in value.iter().flat_map(|value| words(&mut plain(), value)) {
                terms.push(Term { place: Some(place), form: Form::Word, text: word });
            }
        }
        Ok(Self { terms })
    }

    /// The stretches of `text` to show as found, a text of the language of this code: ranges of
    /// bytes on character boundaries, in order, not overlapping.
    #[must_use]
    pub fn ranges(&self, text: &str, part: Part, language: Option<&str>) -> Vec<Range<usize>> {
        let code = code(language);
        let mut stems: HashSet<String> = HashSet::new();
        let mut found: Vec<Range<usize>> = Vec::new();
        let as_it_stands = tokens(text, &mut plain());
        for term in self.terms.iter().filter(|term| part.shows(term.place)) {
            let asked = words(&mut plain(), &term.text);
            match term.form {
                Form::Word if term.place.is_none() => {
                    stems.extend(words(&mut stemmed(code), &term.text));
                }
                Form::Word => found.extend(windows(&as_it_stands, &asked, 0)),
                Form::Phrase(slop) => found.extend(windows(&as_it_stands, &asked, slop)),
                Form::Prefix => found.extend(beginnings(&as_it_stands, &asked)),
            }
        }
        if !stems.is_empty() {
            let stemmed = tokens(text, &mut stemmed(code));
            found.extend(
                stemmed
                    .into_iter()
                    .filter(|(stem, _)| stems.contains(stem))
                    .map(|(_, place)| place),
            );
        }
        merge(found)
    }
}

fn tokens(text: &str, analyzer: &mut tantivy::tokenizer::TextAnalyzer) -> Vec<Found> {
    let mut stream = analyzer.token_stream(text);
    let mut tokens = Vec::new();
    while let Some(token) = stream.next() {
        tokens.push((token.text.clone(), token.offset_from..token.offset_to));
    }
    tokens
}

/// Where the words of `asked` stand in this order, with `slop` others between them at most: from the
/// first to the last where none is between, else each by itself.
fn windows(text: &[Found], asked: &[String], slop: u32) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let Some((head, rest)) = asked.split_first() else { return found };
    for (start, (word, first)) in text.iter().enumerate() {
        if word != head {
            continue;
        }
        let mut places = vec![first.clone()];
        let (mut at, mut left) = (start, slop as usize);
        for wanted in rest {
            let next = text[at + 1..].iter().take(left + 1).position(|(word, _)| word == wanted);
            let Some(between) = next else { break };
            left -= between;
            at += between + 1;
            places.push(text[at].1.clone());
        }
        if places.len() < asked.len() {
            continue;
        }
        if left == slop as usize {
            found.push(first.start..text[at].1.end);
        } else {
            found.extend(places);
        }
    }
    found
}

/// Words that begin as the last of `asked` does, behind the others.
fn beginnings(text: &[Found], asked: &[String]) -> Vec<Range<usize>> {
    let Some((beginning, before)) = asked.split_last() else { return Vec::new() };
    text.windows(asked.len())
        .filter(|window| {
            window.iter().zip(before).all(|((word, _), wanted)| word == wanted)
                && window.last().is_some_and(|(word, _)| word.starts_with(beginning.as_str()))
        })
        .filter_map(|window| Some(window.first()?.1.start..window.last()?.1.end))
        .collect()
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
