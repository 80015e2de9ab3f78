//! The collection as its readers use it: the store with an index that is up to date, what to look for
//! in it, and the quotes that were found.
//!
//! A data folder → store and search; arguments or parameters → a query; ids → quote records. Refuses
//! to print and to answer requests: `cli` and `serve` do.

mod filters;
mod names;

use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use crate::domain::record::QuoteRecord;
use crate::pipeline::people::PeopleError;
use crate::pipeline::{PipelineError, index};
use crate::search::{Search, SearchError};
use crate::store::{Store, StoreError};

pub use filters::{Filters, KindArgument, NoticeArgument, SortArgument};
pub use names::Names;

/// Why a `quotes` command could not run.
#[derive(Debug, thiserror::Error)]
pub enum CollectionError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index could not be asked.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The index could not be brought up to date.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// A speaker was not corrected.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The results could not be written.
    #[error("failed to write the output: {0}")]
    Output(#[from] io::Error),
    /// A file to write to could not be written.
    #[error("failed to write {}: {cause}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// Arguments that contradict each other.
    #[error("{0}")]
    Arguments(String),
}

impl CollectionError {
    /// True where the reader of the output has gone away: no fault of anybody.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(cause) if cause.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// The store and the index in the data folder `dir`. An index that is missing, of an older version
/// or behind is brought up to date first; while another process does that, the last commit serves.
///
/// # Errors
/// [`CollectionError`] if there is no collection, it can't be read, or the index is damaged.
pub fn open(dir: &Path) -> Result<(Store, Search), CollectionError> {
    // Side by side: who asks one question waits for little else.
    let (store, opened) = thread::scope(|scope| {
        let store = scope.spawn(|| {
            let store = Store::open_existing(dir)?;
            store.prepare_quotes().map(|()| store)
        });
        let opened = Search::open(dir);
        (store.join().unwrap_or_else(|panic| resume_unwind(panic)), opened)
    });
    let store = store?;
    match &opened {
        Ok(search) if search.last_change() == store.last_change()? => return Ok((store, opened?)),
        Err(SearchError::Damaged { .. } | SearchError::Read { .. }) => return Ok((store, opened?)),
        Ok(_) | Err(_) => {}
    }
    match index::catch_up(&store, dir) {
        Ok(_) => Ok((store, Search::open(dir)?)),
        // A crawl is at it, or the folder can't be written: what there is serves.
        Err(PipelineError::Search(
            SearchError::Busy { .. } | SearchError::Write { .. } | SearchError::Full { .. },
        )) if opened.is_ok() => Ok((store, opened?)),
        Err(cause) => Err(cause.into()),
    }
}

/// The quotes of these ids, read from the store some hundreds at a time; ids that are not there are
/// left out.
///
/// # Errors
/// An item is [`StoreError`] where the store can't be read.
pub fn records<'a>(
    store: &'a Store,
    ids: &'a [String],
) -> impl Iterator<Item = Result<QuoteRecord, StoreError>> + 'a {
    /// Enough that look-ups weigh nothing, few enough that memory doesn't.
    const AT_ONCE: usize = 500;
    ids.chunks(AT_ONCE).flat_map(|chunk| match store.quotes(chunk) {
        Ok(records) => records.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(cause) => vec![Err(cause)],
    })
}
