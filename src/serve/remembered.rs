//! What was worked out of the collection as it is now, and takes long enough to keep: counts of a search,
//! its timeline, lists that are sorted as a whole.
//!
//! It belongs to one state of the index and goes with it. The next one is asked what this one was asked
//! before requests see it, so that nobody waits for the same twice, however often a crawl commits.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::record::SpeakerSummary;
use crate::domain::wording::Statement;
use crate::search::{CountBy, Counts, Query, Search, SearchError, Timeline};
use crate::store::{StatementQuery, Store, StoreError};

/// Answers of one sort that are kept: the counts of a few searches, each by everything that pages count
/// by. Counts have a row for each speaker, some megabytes in a collection of millions.
const KEPT: usize = 32;

/// What the first page counts by, which everybody sees first.
const FIRST: [CountBy; 5] =
    [CountBy::Speaker, CountBy::Role, CountBy::Affiliation, CountBy::Outlet, CountBy::Kind];

/// Answers by question, the last ones asked for.
struct Answers<Q, A>(Mutex<VecDeque<(Q, Arc<A>)>>);

impl<Q: Clone + PartialEq, A> Answers<Q, A> {
    fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// The answer to `question`: the one that is kept, or that of `work`.
    fn get<E>(&self, question: &Q, work: impl FnOnce() -> Result<A, E>) -> Result<Arc<A>, E> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known =
            kept().iter().find(|(asked, _)| asked == question).map(|(_, it)| Arc::clone(it));
        if let Some(answer) = known {
            return Ok(answer);
        }
        // Two that ask the same at once both work it out: neither holds up all others meanwhile.
        let answer = Arc::new(work()?);
        let mut kept = kept();
        kept.truncate(KEPT - 1);
        kept.push_front((question.clone(), Arc::clone(&answer)));
        Ok(answer)
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
    counts: Answers<(Query, CountBy), Counts>,
    timelines: Answers<(Query, usize), Timeline>,
    speakers: Answers<Option<String>, Vec<SpeakerSummary>>,
    statements: Answers<StatementQuery, Vec<Statement>>,
}

impl Moment {
    /// Of the index as `search` has it.
    pub fn new(search: Search) -> Self {
        Self {
            search: Arc::new(search),
            counts: Answers::new(),
            timelines: Answers::new(),
            speakers: Answers::new(),
            statements: Answers::new(),
        }
    }

    /// [`Search::count`].
    pub fn counts(&self, query: &Query, by: CountBy) -> Result<Arc<Counts>, SearchError> {
        self.counts.get(&(whole(query), by), || self.search.count(query, by))
    }

    /// [`Search::timeline`].
    pub fn timeline(&self, query: &Query, top: usize) -> Result<Arc<Timeline>, SearchError> {
        self.timelines.get(&(whole(query), top), || self.search.timeline(query, top))
    }

    /// [`Store::speakers`].
    pub fn speakers(
        &self,
        store: &Store,
        pattern: Option<&str>,
    ) -> Result<Arc<Vec<SpeakerSummary>>, StoreError> {
        self.speakers.get(&pattern.map(str::to_owned), || store.speakers(pattern))
    }

    /// [`Store::statements`].
    pub fn statements(
        &self,
        store: &Store,
        query: &StatementQuery,
    ) -> Result<Arc<Vec<Statement>>, StoreError> {
        self.statements.get(query, || store.statements(query))
    }

    /// Asks what the first page asks, with a timeline of the `top` speakers.
    pub fn ask_first(&self, top: usize) {
        let everything = Query { alike: true, ..Query::default() };
        for by in FIRST {
            drop(self.counts(&everything, by));
        }
        drop(self.timeline(&everything, top));
    }

    /// Asks what `before` was asked. What fails is asked again by a request, which says so.
    pub fn ask_as(&self, before: &Self, store: &Store) {
        for (query, by) in before.counts.asked() {
            drop(self.counts(&query, by));
        }
        for (query, top) in before.timelines.asked() {
            drop(self.timeline(&query, top));
        }
        for pattern in before.speakers.asked() {
            drop(self.speakers(store, pattern.as_deref()));
        }
        for query in before.statements.asked() {
            drop(self.statements(store, &query));
        }
    }
}

/// The query without what makes no difference to a count.
fn whole(query: &Query) -> Query {
    let Query { limit, offset, sort, .. } = Query::default();
    Query { limit, offset, sort, ..query.clone() }
}
