//! The whole way: feeds → pages → articles → topic → quotes → store → index.
//!
//! The only module that knows every stage. `crawl` runs it over a watch list, `watch` does so
//! whenever something is due, `page` takes one fetched page through it, `index` brings the search
//! index up to the store, `people` takes what users correct of identities, `lock` keeps a second writer out;
//! `audit` and `verify` hold the collection and exports of it against what is kept. Refuses to go on
//! after a failure of the store or the archive: what can't be kept is not collected.

pub mod audit;
mod collection;
pub mod crawl;
pub mod feeds;
pub mod import;
pub mod index;
mod lock;
mod page;
pub mod people;
pub mod verify;
pub mod watch;

pub use lock::{DataLock, LockError};

use crate::archive::ArchiveError;
use crate::config::ConfigError;
use crate::crawl::fetch::FetchError;
use crate::search::SearchError;
use crate::store::StoreError;
use crate::topic::TopicError;

/// Why a run stopped before its end.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// Another process is writing to the data folder, or it can't be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store failed; its last commit stands.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The search index failed; the store is complete.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// A page could not be kept.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The HTTP client could not be made.
    #[error(transparent)]
    Client(#[from] FetchError),
    /// A topic's phrases can't be used.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// A feed was named that the watch list doesn't have.
    #[error(transparent)]
    Config(#[from] ConfigError),
}
