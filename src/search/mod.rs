//! The search index: quotes by their words, speakers, roles, affiliations, outlets and dates.
//!
//! Quote records → a Tantivy index in `tantivy/` of the data folder → ids of the quotes that a query
//! asks for. The index carries the last change of the store that it holds, and can be built anew
//! from the store at any time. Refuses to be the truth: it gives ids, the words come from the store.

mod beginning;
mod counts;
mod first;
mod held;
mod highlight;
mod matching;
mod merging;
mod names;
mod older;
mod overview;
mod phrase;
mod query;
mod schema;
mod segment;
mod sideways;
mod syntax;
mod tally;
mod terms;
mod timeline;
mod unwritable;
mod word;
mod words;
mod writer;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::directory::error::{LockError, OpenReadError, OpenWriteError};
use tantivy::{Directory, Index, TantivyError};

pub use counts::{CountBy, Counts, Marked, Row};
pub use highlight::{Highlighter, Part};
pub use overview::Overview;
pub use query::{Alike, Pages, Query, Results, Search, Sort, Suggestion, Threads};
pub use syntax::SyntaxError;
pub use timeline::{Period, Step, Timeline};
pub use writer::{Builder, Share, Writer};

/// The index's folder in the data folder.
pub const FOLDER: &str = "tantivy";
/// The format of the index. One more for every change of the fields or of how text becomes words:
/// an index of another format is built anew.
const VERSION: u32 = 4;

/// Why the index could not be opened, asked or written.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// There is no index.
    #[error("no search index at {}: run `onrecord reindex` to build it from the store", .path.display())]
    Missing {
        /// The index's folder.
        path: PathBuf,
    },
    /// The index was written by another version of onrecord.
    #[error(
        "the search index at {} is of another version of onrecord: run `onrecord reindex` to \
         build it anew from the store",
        .path.display()
    )]
    Outdated {
        /// The index's folder.
        path: PathBuf,
    },
    /// The index can't be read.
    #[error(
        "the search index at {} is damaged ({cause}): run `onrecord reindex` to build it anew from \
         the store; nothing is lost",
        .path.display()
    )]
    Damaged {
        /// The index's folder.
        path: PathBuf,
        /// What Tantivy says.
        cause: String,
    },
    /// The system doesn't let the index be read.
    #[error("failed to read the search index at {}: {cause}", .path.display())]
    Read {
        /// The index's folder.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// Another process writes to the index.
    #[error(
        "another onrecord is writing to the search index at {}: wait until it has ended",
        .path.display()
    )]
    Busy {
        /// The index's folder.
        path: PathBuf,
    },
    /// The disk is full. The last commit of the index stands.
    #[error(
        "failed to write the search index at {}: the disk is full; free some space and run again, \
         what is in the store is found again then",
        .path.display()
    )]
    Full {
        /// The index's folder.
        path: PathBuf,
    },
    /// The index can't be written: a missing right, a failing disk.
    #[error("failed to write the search index at {}: {cause}", .path.display())]
    Write {
        /// The index's folder.
        path: PathBuf,
        /// What the system or Tantivy says.
        cause: String,
    },
    /// The query's words can't be read as a query.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// A filter that has no letter or digit to look for.
    #[error("the filter --{name} has no word to look for in “{value}”")]
    EmptyFilter {
        /// The filter.
        name: &'static str,
        /// What it was given.
        value: String,
    },
}

/// What a commit of the index says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Commit {
    version: u32,
    last_change: u64,
}

/// The index in `path` and what its last commit says; only if it is of this [`VERSION`].
fn open_index(path: &Path) -> Result<(Index, Commit), SearchError> {
    open_files(path, |files| files.into())
}

/// [`open_index`], through the files that `view` makes of those in `path`.
fn open_files(
    path: &Path,
    view: fn(MmapDirectory) -> Box<dyn Directory>,
) -> Result<(Index, Commit), SearchError> {
    match path.join("meta.json").try_exists() {
        Ok(true) => {}
        Ok(false) => return Err(SearchError::Missing { path: path.to_path_buf() }),
        Err(cause) => {
            return Err(SearchError::Read { path: path.to_path_buf(), cause: cause.to_string() });
        }
    }
    let files = MmapDirectory::open(path).map_err(|cause| unreadable(path, &cause.into()))?;
    let index = Index::open(view(files)).map_err(|cause| unreadable(path, &cause))?;
    let payload = index.load_metas().map_err(|cause| unreadable(path, &cause))?.payload;
    let commit = payload.and_then(|payload| serde_json::from_str::<Commit>(&payload).ok());
    match commit {
        Some(commit) if commit.version == VERSION && index.schema() == schema::schema() => {
            Ok((index, commit))
        }
        _ => Err(SearchError::Outdated { path: path.to_path_buf() }),
    }
}

/// The names of the files of the index in the data folder `dir` that are not as they were written, by
/// the checksums that Tantivy keeps of them.
///
/// # Errors
/// As [`Search::open`].
pub fn damaged_files(dir: &Path) -> Result<Vec<String>, SearchError> {
    let path = dir.join(FOLDER);
    let (index, _) = open_index(&path)?;
    let damaged = index.validate_checksum().map_err(|cause| unreadable(&path, &cause))?;
    let mut names: Vec<String> =
        damaged.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

/// The number that the quote's id is, which has 16 hexadecimal digits: of fewer it would be read back as
/// another.
#[must_use]
pub fn number(id: &str) -> Option<u64> {
    if id.len() == 16 { u64::from_str_radix(id, 16).ok() } else { None }
}

/// What a failure to read means.
fn unreadable(path: &Path, cause: &TantivyError) -> SearchError {
    let path = path.to_path_buf();
    match cause {
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. })
            if io_error.kind() == io::ErrorKind::PermissionDenied =>
        {
            SearchError::Read { path, cause: io_error.to_string() }
        }
        TantivyError::LockFailure(..) => SearchError::Read { path, cause: cause.to_string() },
        _ => SearchError::Damaged { path, cause: cause.to_string() },
    }
}

/// What a failure to write means.
fn unwritable(path: &Path, cause: &TantivyError) -> SearchError {
    match cause {
        TantivyError::LockFailure(LockError::LockBusy, _) => {
            SearchError::Busy { path: path.to_path_buf() }
        }
        TantivyError::DataCorruption(_)
        | TantivyError::OpenReadError(_)
        | TantivyError::IncompatibleIndex(_) => unreadable(path, cause),
        _ if is_full(cause, path) => SearchError::Full { path: path.to_path_buf() },
        _ => SearchError::Write { path: path.to_path_buf(), cause: cause.to_string() },
    }
}

/// The system's number for a full disk (`ENOSPC`), on Linux, macOS and the BSDs.
const NO_SPACE: i32 = 28;

/// Bytes that a few quotes take in the index: without it the disk counts as full.
const LEAST_ROOM: usize = 64 * 1024;

/// Whether it was for want of space that the system refused to write to the index in `path`.
fn is_full(cause: &TantivyError, path: &Path) -> bool {
    let refused = match cause {
        TantivyError::IoError(cause)
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error: cause, .. })
        | TantivyError::LockFailure(LockError::IoError(cause), _) => cause.kind(),
        // What fails in a thread of Tantivy's is passed on in words, which may not name the cause.
        TantivyError::InternalError(words) | TantivyError::ErrorInThread(words) => {
            return words.contains(&io::Error::from_raw_os_error(NO_SPACE).to_string())
                || has_no_room(path);
        }
        _ => return false,
    };
    matches!(refused, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// True where the disk of `path` doesn't take [`LEAST_ROOM`].
fn has_no_room(path: &Path) -> bool {
    let tried = tempfile::tempfile_in(path).and_then(|mut file| {
        file.write_all(&vec![0; LEAST_ROOM])?;
        file.sync_all()
    });
    tried.is_err_and(|refused| {
        matches!(refused.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    })
}
