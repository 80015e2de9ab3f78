//! The collection as the `quotes` commands open it: the store with an index that is up to date.

use std::io;
use std::path::{Path, PathBuf};

use crate::domain::record::QuoteRecord;
use crate::search::{Search, SearchError, Writer};
use crate::store::{Store, StoreError};

/// Changes that are read from the store at once while the index catches up.
const CHANGES_AT_ONCE: usize = 1000;

/// Why a `quotes` command could not run.
#[derive(Debug, thiserror::Error)]
pub enum CollectionError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index could not be asked.
    #[error(transparent)]
    Search(#[from] SearchError),
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

/// The store and the index in the data folder `dir`. An index that is missing, outdated, damaged or
/// behind is brought up to date first; while another process does that, the last commit serves.
///
/// # Errors
/// [`CollectionError`] if there is no collection or it can't be read.
pub fn open(dir: &Path) -> Result<(Store, Search), CollectionError> {
    let store = Store::open_existing(dir)?;
    let opened = Search::open(dir);
    if let Ok(search) = &opened
        && search.last_change() == store.last_change()?
    {
        return Ok((store, opened?));
    }
    match catch_up(&store, dir) {
        Ok(()) => Ok((store, Search::open(dir)?)),
        // A crawl is at it, or the folder can't be written: what there is serves.
        Err(CollectionError::Search(SearchError::Busy { .. } | SearchError::Write { .. }))
            if opened.is_ok() =>
        {
            Ok((store, opened?))
        }
        Err(cause) => Err(cause),
    }
}

/// Brings the index in `dir` up to the store's last change, anew if it can't be gone on from.
///
/// # Errors
/// [`CollectionError`] if the store can't be read or the index not written.
pub fn catch_up(store: &Store, dir: &Path) -> Result<(), CollectionError> {
    let last = store.last_change()?;
    let mut writer = match Writer::open(dir) {
        // An index that knows more than the store is of another store, or of a later copy of it.
        Ok(writer) if writer.last_change() <= last => writer,
        Err(busy @ SearchError::Busy { .. }) => return Err(busy.into()),
        Ok(_) | Err(_) => Writer::rebuild(dir)?,
    };
    let mut seq = writer.last_change();
    loop {
        let changes = store.changes_since(seq, CHANGES_AT_ONCE)?;
        let Some((newest, _)) = changes.last() else { break };
        seq = *newest;
        let mut articles: Vec<&String> = changes.iter().map(|(_, article)| article).collect();
        articles.sort_unstable();
        articles.dedup();
        for article in articles {
            writer.replace_article(article, &store.quotes_of_article(article)?)?;
        }
    }
    writer.commit(seq)?;
    Ok(())
}

/// The quotes of these ids, read from the store some hundreds at a time.
pub(super) fn records<'a>(
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
