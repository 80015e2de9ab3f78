//! Asking the index: a query with filters → ids of quotes, in order.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use tantivy::collector::{Count, TopDocs};
use tantivy::directory::error::LockError;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, Occur, PhraseQuery, Query as IndexQuery, RangeQuery,
    TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{
    DateTime, DocAddress, DocId, Index, IndexReader, Order, ReloadPolicy, Searcher, TantivyError,
    Term,
};

use super::highlight::Highlighter;
use super::schema::{Fields, ID, PUBLISHED, fields, plain, stemmed, words};
use super::syntax::{Expression, SyntaxError, parse};
use super::unwritable::Unwritable;
use super::{FOLDER, SearchError, open_files, open_index, unreadable};
use crate::domain::quote::QuoteKind;

/// How much more a word counts in the quote itself than in what is said about the speaker.
const TEXT_BOOST: f32 = 2.0;

/// In which order results come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The best match first; without words to match, the newest.
    Relevance,
    /// By date of publication, newest first.
    Newest,
    /// By date of publication, oldest first.
    Oldest,
}

/// What to look for; every filter that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Words, "phrases", -exclusions, OR and (groups), in the quote, its speaker's name, role and
    /// affiliation.
    pub text: Option<String>,
    /// Words of the speaker's name, all of them.
    pub speaker: Option<String>,
    /// Words of the speaker's role, all of them.
    pub role: Option<String>,
    /// Words of the speaker's affiliation, all of them.
    pub affiliation: Option<String>,
    /// Words of the outlet's name, all of them.
    pub outlet: Option<String>,
    /// How much of the quote stands in quotation marks.
    pub kind: Option<QuoteKind>,
    /// A topic's id.
    pub topic: Option<String>,
    /// First day of publication.
    pub since: Option<Date>,
    /// Last day of publication.
    pub until: Option<Date>,
    /// Only speakers whose name is withheld.
    pub anonymous: bool,
    /// Only quotes that versions of their article differ in.
    pub revised: bool,
    /// The order.
    pub sort: Sort,
    /// Most results to give.
    pub limit: usize,
    /// How many results to leave out first.
    pub offset: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            text: None,
            speaker: None,
            role: None,
            affiliation: None,
            outlet: None,
            kind: None,
            topic: None,
            since: None,
            until: None,
            anonymous: false,
            revised: false,
            sort: Sort::Relevance,
            limit: 20,
            offset: 0,
        }
    }
}

impl Query {
    /// What finds this query's words in a text.
    ///
    /// # Errors
    /// [`SyntaxError`] if the words can't be read as a query.
    pub fn highlighter(&self) -> Result<Highlighter, SyntaxError> {
        Highlighter::new(self.text.as_deref())
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// Quotes that match, shown or not.
    pub total: usize,
    /// The ids of those asked for, in order.
    pub ids: Vec<String>,
}

/// An open index, as it was when it was opened.
pub struct Search {
    searcher: Searcher,
    fields: Fields,
    path: PathBuf,
    last_change: u64,
}

fn reader(index: &Index) -> tantivy::Result<IndexReader> {
    index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()
}

impl Search {
    /// The index in the data folder `dir`.
    ///
    /// # Errors
    /// [`SearchError::Missing`], [`SearchError::Outdated`] or [`SearchError::Damaged`]: then it is to
    /// be rebuilt from the store.
    pub fn open(dir: &Path) -> Result<Self, SearchError> {
        let path = dir.join(FOLDER);
        let (index, commit) = open_index(&path)?;
        let (reader, commit) = match reader(&index) {
            // The lock is a file: see `unwritable`.
            Err(TantivyError::LockFailure(LockError::IoError(_), _)) => {
                let (index, commit) = open_files(&path, |files| Unwritable(files).into())?;
                (reader(&index).map_err(|cause| unreadable(&path, &cause))?, commit)
            }
            read => (read.map_err(|cause| unreadable(&path, &cause))?, commit),
        };
        let last_change = commit.last_change;
        Ok(Self { searcher: reader.searcher(), fields: fields(), path, last_change })
    }

    /// The store's last change that the index holds.
    #[must_use]
    pub fn last_change(&self) -> u64 {
        self.last_change
    }

    /// The quotes that match `query`.
    ///
    /// # Errors
    /// [`SearchError::Syntax`] and [`SearchError::EmptyFilter`] if the query can't be understood,
    /// [`SearchError::Damaged`] if the index can't be read.
    pub fn run(&self, query: &Query) -> Result<Results, SearchError> {
        let expression = parse(query.text.as_deref().unwrap_or_default())?;
        let by_score = query.sort == Sort::Relevance && expression.is_some();
        let index_query = self.index_query(query, expression.as_ref())?;
        self.collect(query, &*index_query, by_score).map_err(|cause| unreadable(&self.path, &cause))
    }

    fn collect(
        &self,
        query: &Query,
        index_query: &dyn IndexQuery,
        by_score: bool,
    ) -> Result<Results, TantivyError> {
        let total = self.searcher.search(index_query, &Count)?;
        // The collector takes memory for as many as it is asked for, so it is asked for no more
        // than there are.
        let limit = query.limit.min(total.saturating_sub(query.offset));
        if limit == 0 {
            return Ok(Results { total, ids: Vec::new() });
        }
        let top = TopDocs::with_limit(limit).and_offset(query.offset);
        let order = if query.sort == Sort::Oldest { Order::Asc } else { Order::Desc };
        let addresses: Vec<DocAddress> = if by_score {
            let found = self.searcher.search(index_query, &top.order_by_score())?;
            found.into_iter().map(|(_, address)| address).collect()
        } else {
            let by_date = top.order_by_fast_field::<DateTime>(PUBLISHED, order);
            let found = self.searcher.search(index_query, &by_date)?;
            found.into_iter().map(|(_, address)| address).collect()
        };
        Ok(Results { total, ids: self.ids(&addresses)? })
    }

    /// The ids of the quotes at `addresses`, in that order. Each segment keeps its ids sorted and
    /// compressed in blocks, so they are read in the order they stand there and then put in place:
    /// a whole collection in one walk.
    fn ids(&self, addresses: &[DocAddress]) -> Result<Vec<String>, TantivyError> {
        let mut by_segment: BTreeMap<u32, Vec<(DocId, usize)>> = BTreeMap::new();
        for (place, address) in addresses.iter().enumerate() {
            by_segment.entry(address.segment_ord).or_default().push((address.doc_id, place));
        }
        let mut ids = vec![String::new(); addresses.len()];
        for (segment, documents) in by_segment {
            let fast_fields = self.searcher.segment_reader(segment).fast_fields();
            let Some(column) = fast_fields.str(ID)? else { continue };
            let mut terms: Vec<(u64, usize)> = documents
                .into_iter()
                .filter_map(|(document, place)| Some((column.term_ords(document).next()?, place)))
                .collect();
            terms.sort_unstable();
            let ords: Vec<u64> = terms.iter().map(|(ord, _)| *ord).collect();
            let mut places = terms.iter().map(|(_, place)| *place);
            column.dictionary().sorted_ords_to_term_cb(&ords, |id| {
                if let Some(slot) = places.next().and_then(|place| ids.get_mut(place)) {
                    *slot = String::from_utf8_lossy(id).into_owned();
                }
            })?;
        }
        ids.retain(|id| !id.is_empty());
        Ok(ids)
    }

    fn index_query(
        &self,
        query: &Query,
        expression: Option<&Expression>,
    ) -> Result<Box<dyn IndexQuery>, SearchError> {
        let fields = &self.fields;
        let mut parts: Vec<Box<dyn IndexQuery>> = Vec::new();
        if let Some(expression) = expression {
            let nothing = || SyntaxError::new("it has no word to look for");
            parts.push(self.expression_query(expression).ok_or_else(nothing)?);
        }
        for (name, field, value) in [
            ("speaker", fields.speaker, &query.speaker),
            ("role", fields.role, &query.role),
            ("affiliation", fields.affiliation, &query.affiliation),
            ("outlet", fields.outlet, &query.outlet),
        ] {
            let Some(value) = value else { continue };
            let words = words(&mut plain(), value);
            if words.is_empty() {
                return Err(SearchError::EmptyFilter { name, value: value.clone() });
            }
            parts.extend(words.iter().map(|word| term(field, word)));
        }
        let exact = [
            (fields.kind, query.kind.map(QuoteKind::as_str)),
            (fields.topic, query.topic.as_deref()),
        ];
        parts.extend(exact.iter().filter_map(|(field, word)| Some(term(*field, (*word)?))));
        for (field, wanted) in
            [(fields.anonymous, query.anonymous), (fields.revised, query.revised)]
        {
            if wanted {
                let term = Term::from_field_bool(field, true);
                parts.push(Box::new(TermQuery::new(term, IndexRecordOption::Basic)));
            }
        }
        if query.since.is_some() || query.until.is_some() {
            let bound = |date: Option<Date>| {
                date.map_or(Bound::Unbounded, |date| {
                    Bound::Included(Term::from_field_i64(fields.day, number(date)))
                })
            };
            parts.push(Box::new(RangeQuery::new(bound(query.since), bound(query.until))));
        }
        Ok(if parts.is_empty() {
            Box::new(AllQuery)
        } else {
            Box::new(BooleanQuery::intersection(parts))
        })
    }

    /// The index's query; `None` if the expression has no word to look for. Recurses as deep as
    /// `syntax` lets groups be.
    fn expression_query(&self, expression: &Expression) -> Option<Box<dyn IndexQuery>> {
        let Fields { text, exact, speaker, role, affiliation, .. } = self.fields;
        match expression {
            Expression::Word(word) => {
                let stems = words(&mut stemmed(), word);
                let plain = words(&mut plain(), word);
                let in_text = Box::new(BoostQuery::new(sequence(text, &stems)?, TEXT_BOOST));
                let mut places: Vec<Box<dyn IndexQuery>> = vec![in_text];
                places.extend(
                    [speaker, role, affiliation].iter().filter_map(|f| sequence(*f, &plain)),
                );
                Some(Box::new(BooleanQuery::union(places)))
            }
            Expression::Phrase(phrase) => {
                let plain = words(&mut plain(), phrase);
                let in_text = Box::new(BoostQuery::new(sequence(exact, &plain)?, TEXT_BOOST));
                let mut places: Vec<Box<dyn IndexQuery>> = vec![in_text];
                places.extend(
                    [speaker, role, affiliation].iter().filter_map(|f| sequence(*f, &plain)),
                );
                Some(Box::new(BooleanQuery::union(places)))
            }
            Expression::Not(inner) => Some(Box::new(BooleanQuery::new(vec![
                (Occur::Must, Box::new(AllQuery)),
                (Occur::MustNot, self.expression_query(inner)?),
            ]))),
            Expression::All(parts) => {
                let parts: Vec<(Occur, Box<dyn IndexQuery>)> =
                    parts.iter().filter_map(|part| self.clause(part)).collect();
                let only_excludes = parts.iter().all(|(occur, _)| *occur == Occur::MustNot);
                if parts.is_empty() {
                    return None;
                }
                let everything =
                    only_excludes.then(|| (Occur::Must, Box::new(AllQuery) as Box<dyn IndexQuery>));
                Some(Box::new(BooleanQuery::new(parts.into_iter().chain(everything).collect())))
            }
            Expression::Any(parts) => {
                let parts: Vec<Box<dyn IndexQuery>> =
                    parts.iter().filter_map(|part| self.expression_query(part)).collect();
                if parts.is_empty() { None } else { Some(Box::new(BooleanQuery::union(parts))) }
            }
        }
    }

    /// A part of several that must all hold; an exclusion beside others needs no walk of its own.
    fn clause(&self, part: &Expression) -> Option<(Occur, Box<dyn IndexQuery>)> {
        match part {
            Expression::Not(inner) => Some((Occur::MustNot, self.expression_query(inner)?)),
            part => Some((Occur::Must, self.expression_query(part)?)),
        }
    }
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search")
            .field("path", &self.path)
            .field("last_change", &self.last_change)
            .finish_non_exhaustive()
    }
}

fn term(field: Field, word: &str) -> Box<dyn IndexQuery> {
    let term = Term::from_field_text(field, word);
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

/// Words one after the other: "U.S." is two.
fn sequence(field: Field, words: &[String]) -> Option<Box<dyn IndexQuery>> {
    match words {
        [] => None,
        [word] => Some(term(field, word)),
        words => {
            let terms = words.iter().map(|word| Term::from_field_text(field, word)).collect();
            Some(Box::new(PhraseQuery::new(terms)))
        }
    }
}

/// A day as the index has it: YYYYMMDD.
fn number(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}
