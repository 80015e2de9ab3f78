//! The collection between requests: connections to the store, the index as it is now, the token.
//!
//! A request borrows a connection and the index of the moment. A follower looks every second whether
//! the store has more than the index, brings the index up to it unless a crawl does, and has the
//! requests that follow ask the new one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tracing::warn;

use super::failure::Failure;
use super::hosts::Hosts;
use super::pages::facets::Facets;
use super::remembered::Moment;
use super::token::Token;
use crate::collection::{self, CollectionError, Filters};
use crate::domain::record::QuoteRecord;
use crate::search::{CountBy, Counts, Query, Results, Search, SearchError, Threads, Timeline};
use crate::store::Store;

/// Requests that are worked on at a time. Each has a thread and a connection of its own; more than a
/// few for each core only wait for one another.
const WORKERS: usize = 8;
/// Files that are written at a time: a slow reader keeps a worker for long, and others are to be left.
const FILES: usize = WORKERS / 2;
/// How often the follower looks.
const FOLLOWED_EVERY: Duration = Duration::from_secs(1);
/// How much longer than a catching up took the next one waits: a crawl needs the machine more.
const REST: u32 = 10;

/// What all requests share.
pub(super) struct Shared {
    pub hosts: Hosts,
    pub token: Token,
    pub data: PathBuf,
    /// As many permits as [`WORKERS`].
    pub workers: Arc<Semaphore>,
    /// As many permits as [`FILES`].
    pub files: Semaphore,
    /// Connections that nobody uses now.
    idle: Mutex<Vec<Store>>,
    threads: Threads,
    moment: Mutex<Arc<Moment>>,
}

/// The collection as one request has it.
pub struct Reading {
    /// The store. Reads and short writes (collections) only.
    pub store: Store,
    /// The index as it was when the request began.
    pub search: Arc<Search>,
    moment: Arc<Moment>,
    shared: Arc<Shared>,
}

impl Shared {
    /// The collection in `data`.
    pub fn open(data: &Path, hosts: Hosts, token: Token) -> Result<Self, CollectionError> {
        let (store, search) = collection::open(data)?;
        let threads = Threads::start();
        let search = search.in_threads(&threads);
        Ok(Self {
            hosts,
            token,
            data: data.to_path_buf(),
            workers: Arc::new(Semaphore::new(WORKERS)),
            files: Semaphore::new(FILES),
            idle: Mutex::new(vec![store]),
            threads,
            moment: Mutex::new(Arc::new(Moment::new(search))),
        })
    }

    fn connection(&self) -> Result<Store, CollectionError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| Ok(Store::open_existing(&self.data)?), Ok)
    }

    fn moment(&self) -> Arc<Moment> {
        Arc::clone(&self.moment.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has the requests that follow ask the index as it is now, if it is another, once it was `prepared`.
    fn refresh(&self, prepare: impl FnOnce(&Moment, &Moment)) -> Result<(), CollectionError> {
        let store = self.connection()?;
        let before = self.moment();
        if store.last_change()? != before.search.last_change() {
            let (_, search) = collection::open(&self.data)?;
            let now = Moment::new(search.in_threads(&self.threads));
            prepare(&now, &before);
            *self.moment.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(now);
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(store);
        Ok(())
    }
}

impl Reading {
    /// The collection for one request. Blocks, as everything does that is asked of it.
    pub(super) fn begin(shared: &Arc<Shared>) -> Result<Self, CollectionError> {
        let store = shared.connection()?;
        let moment = shared.moment();
        let search = Arc::clone(&moment.search);
        Ok(Self { store, search, moment, shared: Arc::clone(shared) })
    }

    /// To be called when the request was answered: another one uses the connection then.
    pub(super) fn end(self) {
        self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(self.store);
    }

    /// The query of `filters`, with `limit` where they state none. Where nobody is called as asked, names
    /// written or sounding nearly so do.
    ///
    /// # Errors
    /// [`Failure`] if the filters contradict each other or name a speaker that nobody is.
    pub fn query(&self, filters: &Filters, limit: usize) -> Result<Query, Failure> {
        let identity = match &filters.speaker_id {
            None => None,
            Some(id) => {
                let unknown = || Failure::not_found(format!("no speaker has the id {id}"));
                let identity = self.store.identity(id).map_err(Failure::of_filters)?;
                Some(identity.ok_or_else(unknown)?)
            }
        };
        Ok(Query { identity, alike: true, ..filters.to_query(limit)? })
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.shared.data
    }

    /// Has this and later requests see what was just changed.
    ///
    /// # Errors
    /// [`CollectionError`] if the index can't be brought up to it.
    pub fn refresh(&mut self) -> Result<(), CollectionError> {
        // At once: what others asked can wait.
        self.shared.refresh(|_, _| {})?;
        self.moment = self.shared.moment();
        self.search = Arc::clone(&self.moment.search);
        Ok(())
    }

    /// [`Search::count`], which is remembered.
    ///
    /// # Errors
    /// As [`Search::count`].
    pub fn counts(&self, query: &Query, by: CountBy) -> Result<Arc<Counts>, SearchError> {
        self.moment.counts(query, by)
    }

    /// What is found, its quotes, and what the page says beside them, which is remembered.
    ///
    /// # Errors
    /// As [`Search::run`] and [`Store::quotes`].
    pub fn page(&self, query: &Query) -> Result<(Results, Arc<Facets>, Vec<QuoteRecord>), Failure> {
        let quotes = |results: &Results| self.store.quotes(&results.ids);
        let (results, facets, quotes) = self.moment.page(query, quotes)?;
        Ok((results, facets, quotes?))
    }

    /// [`Search::timeline`], which is remembered.
    ///
    /// # Errors
    /// As [`Search::timeline`].
    pub fn timeline(&self, query: &Query, top: usize) -> Result<Arc<Timeline>, SearchError> {
        self.moment.timeline(query, top)
    }
}

/// Keeps the index that requests ask up to the store, until it is dropped.
pub(super) async fn follow(shared: Arc<Shared>) {
    let mut said: Option<String> = None;
    let first = shared.moment();
    // A panic would have been said; requests work it out themselves then.
    drop(tokio::task::spawn_blocking(move || first.ask_first()).await);
    loop {
        let began = Instant::now();
        let following = Arc::clone(&shared);
        let followed = tokio::task::spawn_blocking(move || following.refresh(Moment::ask_as)).await;
        // What fails fails again a second later: it is said once.
        let failed = followed.ok().and_then(Result::err).map(|error| error.to_string());
        if let Some(message) = failed.as_ref().filter(|message| said.as_ref() != Some(message)) {
            warn!("the pages don't show what is new: {message}");
        }
        said = failed;
        tokio::time::sleep(FOLLOWED_EVERY.max(began.elapsed() * REST)).await;
    }
}
