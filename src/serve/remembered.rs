//! What was worked out of the collection as it is now, and takes long enough to keep: counts of a search
//! and its timeline.
//!
//! It belongs to one state of the index and goes with it. The next one is asked what this one was asked
//! before requests see it, so that nobody waits for the same twice, however often a crawl commits.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::pages::facets::{self, Facets};
use crate::search::{CountBy, Counts, Query, Results, Search, SearchError, Timeline};

/// Answers of one sort that are kept: the counts of a few searches, each by everything that pages count
/// by. Counts have a row for each speaker, some megabytes in a collection of millions.
const KEPT: usize = 32;

/// Answers by question, the last ones asked for.
struct Answers<Q, A>(Mutex<VecDeque<(Q, Arc<A>)>>);

impl<Q: Clone + PartialEq, A> Answers<Q, A> {
    fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// The answer to `question`: the one that is kept, or that of `work`.
    fn get<E>(&self, question: &Q, work: impl FnOnce() -> Result<A, E>) -> Result<Arc<A>, E> {
        match self.known(question) {
            Some(answer) => Ok(answer),
            // Two that ask the same at once both work it out: neither holds up all others meanwhile.
            None => Ok(self.keep(question, work()?)),
        }
    }

    fn known(&self, question: &Q) -> Option<Arc<A>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(asked, _)| asked == question).map(|(_, it)| Arc::clone(it))
    }

    fn keep(&self, question: &Q, answer: A) -> Arc<A> {
        let answer = Arc::new(answer);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(KEPT - 1);
        kept.push_front((question.clone(), Arc::clone(&answer)));
        answer
    }

    /// What was asked, the first question first.
    fn asked(&self) -> Vec<Q> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().map(|(question, _)| question.clone()).collect()
    }
}

/// The index as it is at one moment, with what was worked out of it.
pub(super) struct Moment {
    pub search: Arc<Search>,
    facets: Answers<Query, Facets>,
    counts: Answers<(Query, CountBy), Counts>,
    timelines: Answers<(Query, usize), Timeline>,
}

impl Moment {
    /// Of the index as `search` has it.
    pub fn new(search: Search) -> Self {
        Self {
            search: Arc::new(search),
            facets: Answers::new(),
            counts: Answers::new(),
            timelines: Answers::new(),
        }
    }

    /// [`facets::load`]; the facets are kept.
    pub fn page<T>(
        &self,
        query: &Query,
        meanwhile: impl FnOnce(&Results) -> T,
    ) -> Result<(Results, Arc<Facets>, T), SearchError> {
        let question = whole(query);
        if let Some(facets) = self.facets.known(&question) {
            let results = self.search.run(query)?;
            let read = meanwhile(&results);
            return Ok((results, facets, read));
        }
        let (results, facets, read) = facets::load(&self.search, query, meanwhile)?;
        Ok((results, self.facets.keep(&question, facets), read))
    }

    /// [`Search::count`].
    pub fn counts(&self, query: &Query, by: CountBy) -> Result<Arc<Counts>, SearchError> {
        self.counts.get(&(whole(query), by), || self.search.count(query, by, usize::MAX))
    }

    /// [`Search::timeline`].
    pub fn timeline(&self, query: &Query, top: usize) -> Result<Arc<Timeline>, SearchError> {
        self.timelines.get(&(whole(query), top), || self.search.timeline(query, top))
    }

    /// Asks what the first page asks, and what makes the index ready for any question.
    pub fn ask_first(&self) {
        let everything = Query { alike: true, ..Query::default() };
        drop(self.page(&everything, |_| ()));
        drop(self.search.prepare());
    }

    /// Asks what `before` was asked. What fails is asked again by a request, which says so.
    pub fn ask_as(&self, before: &Self) {
        self.ask_first();
        for query in before.facets.asked() {
            drop(self.page(&query, |_| ()));
        }
        for (query, by) in before.counts.asked() {
            drop(self.counts(&query, by));
        }
        for (query, top) in before.timelines.asked() {
            drop(self.timeline(&query, top));
        }
    }
}

/// The query without what makes no difference to a count.
fn whole(query: &Query) -> Query {
    let Query { limit, offset, sort, .. } = Query::default();
    Query { limit, offset, sort, ..query.clone() }
}
