//! What a query's parts mean to the index: words → terms, phrases, ranges.
//!
//! Words that the index doesn't have are left out before anything is walked: a word that one
//! language knows costs one term, whatever languages the collection is in.

use std::ops::Bound;

use jiff::civil::Date;
use tantivy::collector::Count;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, EmptyQuery, Occur, PhrasePrefixQuery, PhraseQuery,
    Query as IndexQuery, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, Term as IndexTerm};

use super::SearchError;
use super::beginning::Beginning;
use super::counts::CountBy;
use super::names::is_too_short;
use super::phrase::Phrase;
use super::query::{Query, Search};
use super::schema::Fields;
use super::syntax::{Expression, Form, Place, SyntaxError, Term};
use super::word::Word;
use super::words::{plain, stemmed, tagged, words};
use crate::domain::article::NoticeKind;
use crate::domain::quote::QuoteKind;

/// Words that a beginning stands for when words come before it (`anti-cor*`), at most.
const MAX_EXPANSIONS: u32 = 1_000;

/// Turns one query into the index's.
pub(super) struct Matcher<'a> {
    search: &'a Search,
    searcher: &'a Searcher,
    fields: Fields,
    languages: &'a [String],
    /// Whether names like those asked for will do where nobody is called so.
    alike: bool,
    /// The names asked for that others were put in the place of.
    pub(super) replaced: Vec<String>,
    /// Names of those that are too short for that.
    pub(super) too_short: Vec<String>,
}

/// A part of a query, as the index is asked it.
pub(super) type Part = Box<dyn IndexQuery>;

/// What a part of a query comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A filter by something that is counted.
    Counted(CountBy),
    /// The topic.
    Topic,
    /// The days of publication.
    Days,
    /// The words, and all other filters.
    Other,
}

/// All of `parts` together; everything where there are none.
pub(super) fn together(parts: Vec<Part>) -> Part {
    joined(parts, BooleanQuery::intersection).unwrap_or_else(|| Box::new(AllQuery))
}

/// One of `alternatives`; nothing where there are none.
pub(super) fn any(alternatives: Vec<Part>) -> Part {
    joined(alternatives, BooleanQuery::union).unwrap_or_else(|| Box::new(EmptyQuery))
}

/// What `join` makes of several parts; one stays as it is.
fn joined(mut parts: Vec<Part>, join: fn(Vec<Part>) -> BooleanQuery) -> Option<Part> {
    let last = parts.pop()?;
    if parts.is_empty() {
        return Some(last);
    }
    parts.push(last);
    Some(Box::new(join(parts)))
}

impl<'a> Matcher<'a> {
    pub(super) fn new(search: &'a Search, alike: bool) -> Self {
        Self {
            search,
            searcher: search.searcher(),
            fields: *search.fields(),
            languages: search.languages(),
            alike,
            replaced: Vec::new(),
            too_short: Vec::new(),
        }
    }

    /// What `query` asks for, whose words say `expression`: all its parts must hold. The inner error is the
    /// query's.
    pub(super) fn parts(
        &mut self,
        query: &Query,
        expression: Option<&Expression>,
    ) -> tantivy::Result<Result<Vec<(Origin, Part)>, SearchError>> {
        let fields = self.fields;
        let mut parts: Vec<(Origin, Part)> = Vec::new();
        if let Some(expression) = expression {
            match self.expression(expression)? {
                Some(part) => parts.push((Origin::Other, part)),
                None => return Ok(Err(SyntaxError::new("it has no word to look for").into())),
            }
        }
        for (by, field, value) in [
            (CountBy::Speaker, fields.speaker, &query.speaker),
            (CountBy::Role, fields.role, &query.role),
            (CountBy::Affiliation, fields.affiliation, &query.affiliation),
            (CountBy::Outlet, fields.outlet, &query.outlet),
        ] {
            let Some(value) = value else { continue };
            let words = words(&mut plain(), value);
            if words.is_empty() {
                return Ok(Err(SearchError::EmptyFilter {
                    name: by.as_str(),
                    value: value.clone(),
                }));
            }
            let counted = Origin::Counted(by);
            if by == CountBy::Speaker {
                parts.push((counted, self.speaker(value, &words)?));
            } else {
                parts.extend(words.iter().map(|word| (counted, filter(field, word))));
            }
        }
        let exact = [
            (Origin::Counted(CountBy::Kind), fields.kind, query.kind.map(QuoteKind::as_str)),
            (Origin::Topic, fields.topic, query.topic.as_deref()),
            (Origin::Counted(CountBy::Speaker), fields.identity, query.identity.as_deref()),
            (Origin::Other, fields.notice, query.notice.map(NoticeKind::as_str)),
        ];
        for (origin, field, word) in exact {
            parts.extend(word.map(|word| (origin, filter(field, word))));
        }
        for (field, wanted) in [
            (fields.anonymous, query.anonymous),
            (fields.revised, query.revised),
            (fields.current, query.current),
        ] {
            if wanted {
                let term = IndexTerm::from_field_bool(field, true);
                let marked = TermQuery::new(term, IndexRecordOption::Basic);
                parts.push((Origin::Other, unscored(Box::new(marked))));
            }
        }
        if query.since.is_some() || query.until.is_some() {
            let bound = |date: Option<Date>| {
                date.map_or(Bound::Unbounded, |date| {
                    Bound::Included(IndexTerm::from_field_i64(fields.day, number(date)))
                })
            };
            let days = RangeQuery::new(bound(query.since), bound(query.until));
            parts.push((Origin::Days, unscored(Box::new(days))));
        }
        Ok(Ok(parts))
    }

    /// Quotes of speakers whose name has all of `words`; where nobody's has and names alike will do,
    /// of those whose name has words like them.
    fn speaker(&mut self, asked: &str, words: &[String]) -> tantivy::Result<Part> {
        let field = self.fields.speaker;
        let exact = |word: &String| filter(field, word);
        let all = BooleanQuery::intersection(words.iter().map(exact).collect());
        if !self.alike || self.searcher.search(&all, &Count)? > 0 {
            return Ok(Box::new(all));
        }
        self.replaced.push(asked.to_owned());
        let mut parts = Vec::with_capacity(words.len());
        for word in words {
            parts.push(self.alike(word)?);
        }
        Ok(Box::new(BooleanQuery::intersection(parts)))
    }

    /// Quotes of speakers with `word`, or one like it, in their name.
    fn alike(&mut self, word: &str) -> tantivy::Result<Part> {
        let field = self.fields.speaker;
        let alike = self.search.sounds()?.alike(word);
        let known = self.knows(field, word)?.then(|| word.to_owned());
        if known.is_none() && is_too_short(word) {
            self.too_short.push(word.to_owned());
        }
        Ok(any(alike.iter().chain(&known).map(|word| filter(field, word)).collect()))
    }

    /// The index's query; `None` if the expression has no word to look for. Recurses as deep as
    /// `syntax` lets groups be.
    fn expression(&mut self, expression: &Expression) -> tantivy::Result<Option<Part>> {
        match expression {
            // A quote is of one language, and has its stem at most.
            Expression::Term(Term { form: Form::Word, place: None, .. }) => {
                let Some(stems) = self.alternatives(expression)? else { return Ok(None) };
                Ok(Some(match Word::of(&stems, self.searcher)? {
                    Some(word) => Box::new(word),
                    None => any(stems),
                }))
            }
            Expression::Term(_) | Expression::Any(_) => Ok(self.alternatives(expression)?.map(any)),
            Expression::Not(inner) => {
                let Some(inner) = self.expression(inner)? else { return Ok(None) };
                Ok(Some(Box::new(BooleanQuery::new(vec![
                    (Occur::Must, Box::new(AllQuery)),
                    (Occur::MustNot, inner),
                ]))))
            }
            Expression::All(parts) => {
                let mut clauses: Vec<(Occur, Part)> = Vec::with_capacity(parts.len());
                for part in parts {
                    // An exclusion beside others needs no walk of its own.
                    let (occur, part) = match part {
                        Expression::Not(inner) => (Occur::MustNot, &**inner),
                        part => (Occur::Must, part),
                    };
                    clauses.extend(self.expression(part)?.map(|part| (occur, part)));
                }
                if clauses.is_empty() {
                    return Ok(None);
                }
                if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
                    clauses.push((Occur::Must, Box::new(AllQuery)));
                }
                Ok(Some(Box::new(BooleanQuery::new(clauses))))
            }
        }
    }

    /// What the index may have for the expression, alternatives of alternatives among them: one union is
    /// walked faster than unions of unions. `None` if the expression has no word to look for. Recurses as
    /// deep as `syntax` lets groups be.
    fn alternatives(&mut self, expression: &Expression) -> tantivy::Result<Option<Vec<Part>>> {
        match expression {
            Expression::Term(term) => self.term(term),
            Expression::Any(parts) => {
                let mut alternatives = None;
                for part in parts {
                    if let Some(found) = self.alternatives(part)? {
                        alternatives.get_or_insert_with(Vec::new).extend(found);
                    }
                }
                Ok(alternatives)
            }
            other => Ok(self.expression(other)?.map(|part| vec![part])),
        }
    }

    /// What the index has for the term; `None` if it has no word.
    fn term(&mut self, term: &Term) -> tantivy::Result<Option<Vec<Part>>> {
        let plain = words(&mut plain(), &term.text);
        if plain.is_empty() {
            return Ok(None);
        }
        let Fields { exact, speaker, role, affiliation, outlet, title, kind, topic, .. } =
            self.fields;
        let fields = match term.place {
            None => vec![exact, speaker, role, affiliation],
            Some(Place::Speaker) => vec![speaker],
            Some(Place::Role) => vec![role],
            Some(Place::Affiliation) => vec![affiliation],
            Some(Place::Outlet) => vec![outlet],
            Some(Place::Title) => vec![title],
            Some(Place::Kind) => return Ok(Some(vec![filter(kind, &term.text)])),
            Some(Place::Topic) => return Ok(Some(vec![filter(topic, &term.text)])),
        };
        if term.place.is_none() && term.form == Form::Word {
            return self.stems(&term.text).map(Some);
        }
        if let (Form::Prefix, [word]) = (term.form, &*plain) {
            return Ok(Some(vec![Box::new(Beginning::of(word, fields))]));
        }
        let mut found: Vec<Part> = Vec::new();
        for field in fields {
            found.extend(match term.form {
                Form::Word => self.sequence(field, &plain, 0)?,
                Form::Phrase(slop) => self.sequence(field, &plain, slop)?,
                Form::Prefix => Some(beginning(field, &plain)),
            });
        }
        if found.is_empty() && self.alike && term.place == Some(Place::Speaker) {
            self.replaced.push(term.text.clone());
            for word in &plain {
                found.push(self.alike(word)?);
            }
            return Ok(Some(vec![Box::new(BooleanQuery::intersection(found))]));
        }
        Ok(Some(found))
    }

    /// A word in any form, in every language of the collection.
    fn stems(&self, text: &str) -> tantivy::Result<Vec<Part>> {
        let mut found = Vec::new();
        for code in self.languages {
            let stems = words(&mut stemmed(code), text);
            let tagged: Vec<String> = stems.iter().map(|stem| tagged(code, stem)).collect();
            found.extend(self.sequence(self.fields.words, &tagged, 0)?);
        }
        Ok(found)
    }

    /// Words one after the other ("U.S." is two), with `slop` others between them at most; `None`
    /// where the field lacks one of them.
    fn sequence(&self, field: Field, words: &[String], slop: u32) -> tantivy::Result<Option<Part>> {
        for word in words {
            if !self.knows(field, word)? {
                return Ok(None);
            }
        }
        let term = |word: &String| IndexTerm::from_field_text(field, word);
        Ok(Some(match words {
            [word] => Box::new(TermQuery::new(term(word), IndexRecordOption::WithFreqs)),
            words if slop == 0 => Box::new(Phrase::of(words.iter().map(term).collect())),
            words => {
                let mut near = PhraseQuery::new(words.iter().map(term).collect());
                near.set_slop(slop);
                Box::new(near)
            }
        }))
    }

    fn knows(&self, field: Field, word: &str) -> tantivy::Result<bool> {
        Ok(self.searcher.doc_freq(&IndexTerm::from_field_text(field, word))? > 0)
    }
}

/// A word that a quote must have, and that says nothing about how well it fits.
fn filter(field: Field, word: &str) -> Part {
    let term = IndexTerm::from_field_text(field, word);
    unscored(Box::new(TermQuery::new(term, IndexRecordOption::Basic)))
}

fn unscored(part: Part) -> Part {
    Box::new(ConstScoreQuery::new(part, 0.0))
}

/// Some words, and behind them one that begins as the last of `words` does.
fn beginning(field: Field, words: &[String]) -> Part {
    let terms = words.iter().map(|word| IndexTerm::from_field_text(field, word)).collect();
    let mut phrase = PhrasePrefixQuery::new(terms);
    phrase.set_max_expansions(MAX_EXPANSIONS);
    Box::new(phrase)
}

/// A day as the index has it: YYYYMMDD.
pub(super) fn number(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}
