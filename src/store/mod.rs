//! The store: one SQLite file that holds the truth.
//!
//! Articles, every version of them, every quote, every revision, the runs of feeds and the visits to
//! pages → `onrecord.sqlite` in the data folder, and back. All SQL of the house is here. Refuses to
//! decide anything about the web or about language: it compares versions and keeps them.
//!
//! Files by subject: `schema` (migrations), `ahead` (what is worked out while the part before is written), `feeds` (state and runs of each),
//! `runs` (over the whole list), `visits` (pages and
//! robots.txt), `versions` (articles, what changed), `revisions` (how the quotes of two versions are
//! matched), `explaining` (by which notice), `quotes` (reading), `mentions` (made of quotes), `people` (identities, kept up), `speakers` (reading
//! them), `corrections` (what people say of them), `wordings` (which quotes have the same words),
//! `damages` (is it whole), `indexed` (what the search index takes), `searches` (saved ones), `collections` (named ones), `values`
//! (how values stand in columns).

mod ahead;
mod collections;
mod corrections;
mod damages;
mod explaining;
mod feeds;
mod indexed;
mod listed;
mod mentions;
mod people;
mod quotes;
mod revisions;
mod runs;
mod schema;
mod searches;
mod speakers;
mod values;
mod versions;
mod visits;
mod wordings;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

pub use collections::{MAX_NAME as MAX_COLLECTION_NAME, NamedCollection, NamedCollectionError};
pub use corrections::{CorrectionError, Selection};
pub use listed::ListedSpeakers;
use schema::Purpose;
pub use searches::SavedSearch;
pub use speakers::{BESIDE_IN, Beside};
pub use versions::{NewVersion, Outcome, Recorded, article_id};
pub use wordings::StatementQuery;

/// The store's file in the data folder.
pub const FILE: &str = "onrecord.sqlite";
/// How long a statement waits for another process's write: writes last milliseconds, a disk that
/// has fallen asleep some seconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);

/// Why the store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is nothing to read.
    #[error(
        "no collection at {}: run `onrecord crawl` first, or name its folder with --data",
        .dir.display()
    )]
    Missing {
        /// The data folder asked for.
        dir: PathBuf,
    },
    /// The data folder can't be made or read.
    #[error("failed to use the data folder {}: {cause}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// The file was written by a later onrecord.
    #[error(
        "{} has format {found}, and this onrecord knows formats up to {known}: \
         use the newer onrecord that wrote it",
        .path.display()
    )]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// The format it has.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// The file is an SQLite database of some other program.
    #[error("{} is not a collection of onrecord: choose another folder with --data", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// SQLite finds the file damaged.
    #[error(
        "{} is damaged ({cause}): put a copy of it back, or save what can still be read with \
         `sqlite3 {} .recover | sqlite3 saved.sqlite`",
        .path.display(), .path.display()
    )]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What SQLite says.
        cause: String,
    },
    /// Another process holds the store for longer than a write takes.
    #[error(
        "failed to {doing}: another program keeps {} locked; stop it or try again later",
        .path.display()
    )]
    Busy {
        /// The store's file.
        path: PathBuf,
        /// What was to be done.
        doing: &'static str,
    },
    /// The disk is full. The last commit stands.
    #[error(
        "failed to {doing}: the disk of {} is full; free some space and run again, \
         what was committed is safe",
        .path.display()
    )]
    Full {
        /// The store's file.
        path: PathBuf,
        /// What was to be done.
        doing: &'static str,
    },
    /// The system fails to read or write. The last commit stands.
    #[error(
        "failed to {doing}: the system can't read or write {} ({cause}); look after the disk and run \
         again, what was committed is safe",
        .path.display()
    )]
    Disk {
        /// The store's file.
        path: PathBuf,
        /// What was to be done.
        doing: &'static str,
        /// What SQLite says.
        cause: rusqlite::Error,
    },
    /// Anything else that SQLite reports.
    #[error("failed to {doing} in {}: {cause}", .path.display())]
    Failed {
        /// The store's file.
        path: PathBuf,
        /// What was to be done.
        doing: &'static str,
        /// What SQLite says.
        cause: rusqlite::Error,
    },
    /// The beginning of an id that more than one speaker has.
    #[error("more than one speaker's id begins with {prefix}: {}; give more of it", .ids.join(", "))]
    AmbiguousSpeaker {
        /// What was asked for.
        prefix: String,
        /// Some of the identities.
        ids: Vec<String>,
    },
    /// The beginning of an id that more than one quote has.
    #[error("more than one quote's id begins with {prefix}: {}; give more of it", .ids.join(", "))]
    Ambiguous {
        /// What was asked for.
        prefix: String,
        /// Some of the ids that begin so.
        ids: Vec<String>,
    },
}

impl StoreError {
    fn of(path: &Path, doing: &'static str, cause: rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        match cause.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, cause: cause.to_string() }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path, doing },
            Some(ErrorCode::DiskFull) => Self::Full { path, doing },
            // The file through which processes share the log of commits found no space.
            Some(ErrorCode::SystemIoFailure)
                if cause.sqlite_error().map(|error| error.extended_code)
                    == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) =>
            {
                Self::Full { path, doing }
            }
            Some(ErrorCode::SystemIoFailure) => Self::Disk { path, doing, cause },
            _ => Self::Failed { path, doing, cause },
        }
    }
}

/// An open collection. One process writes, any number read meanwhile.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// The collection in the data folder `dir`, for writing; makes folder and file if they are
    /// missing and brings an older file up to date.
    ///
    /// # Errors
    /// [`StoreError`] if the folder can't be made, or the file is damaged, foreign or newer.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir)
            .map_err(|cause| StoreError::Folder { path: dir.to_path_buf(), cause })?;
        Self::open_file(dir.join(FILE), Purpose::Writing)
    }

    /// The collection in the data folder `dir`, for reading; creates nothing. On a medium that can't
    /// be written, the file is read as it stands; on a full disk nobody else can use it meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is none, else as [`Store::open`].
    pub fn open_existing(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        match path.try_exists() {
            Ok(true) => {}
            Ok(false) => return Err(StoreError::Missing { dir: dir.to_path_buf() }),
            Err(cause) => return Err(StoreError::Folder { path: dir.to_path_buf(), cause }),
        }
        match Self::open_file(path.clone(), Purpose::Reading) {
            Err(StoreError::Failed { cause, .. })
                if matches!(
                    cause.sqlite_error_code(),
                    Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
                ) && !dir.join(format!("{FILE}-wal")).exists() =>
            {
                Self::open_unwritable(path)
            }
            Err(StoreError::Full { .. }) => Self::open_file(path, Purpose::ReadingAlone),
            opened => opened,
        }
    }

    /// The same collection by a connection of its own, for reading in another thread; `None` where the
    /// file lets no second one be made.
    #[must_use]
    pub fn another(&self) -> Option<Self> {
        // A connection that takes the file for itself would let the other wait for it.
        let alone = self
            .connection
            .pragma_query_value(None, "locking_mode", |row| row.get::<_, String>(0))
            .map_or(true, |mode| mode == "exclusive");
        if alone { None } else { Self::open_file(self.path.clone(), Purpose::Reading).ok() }
    }

    fn open_file(path: PathBuf, purpose: Purpose) -> Result<Self, StoreError> {
        let create = match purpose {
            Purpose::Reading | Purpose::ReadingAlone => OpenFlags::empty(),
            Purpose::Writing => OpenFlags::SQLITE_OPEN_CREATE,
        };
        let flags = create | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&path, flags)
            .map_err(|cause| StoreError::of(&path, "open the collection", cause))?;
        schema::prepare(&mut connection, &path, purpose)?;
        Ok(Self { connection, path })
    }

    /// SQLite shares a file by writing beside it. Where that can't be done nobody else writes
    /// either, and without a log of commits beside it (`-wal`) the file is complete.
    fn open_unwritable(path: PathBuf) -> Result<Self, StoreError> {
        let failed = |cause| StoreError::Folder { path: path.clone(), cause };
        let absolute = std::path::absolute(&path).map_err(failed)?;
        let mut address = url::Url::from_file_path(absolute)
            .map_err(|()| failed(io::Error::from(io::ErrorKind::InvalidInput)))?;
        address.set_query(Some("mode=ro&immutable=1"));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(address.as_str(), flags)
            .map_err(|cause| StoreError::of(&path, "open the collection", cause))?;
        schema::prepare(&mut connection, &path, Purpose::Reading)?;
        Ok(Self { connection, path })
    }

    /// Runs `body` for reading, and names file and purpose if it fails.
    fn read<T>(
        &self,
        doing: &'static str,
        body: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        body(&self.connection).map_err(|cause| StoreError::of(&self.path, doing, cause))
    }

    /// Runs `body` in one transaction, or as a part of the one that [`Store::together`] holds: all of
    /// it is kept or nothing.
    fn write<T>(
        &mut self,
        doing: &'static str,
        body: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        if self.connection.is_autocommit() {
            return self.transaction(doing, |store| store.write(doing, body));
        }
        let path = &self.path;
        body(&self.connection).map_err(|cause| StoreError::of(path, doing, cause))
    }

    /// Runs `body` in one transaction with everything that it writes here: all of it is kept or
    /// nothing.
    ///
    /// # Errors
    /// What `body` gives, or [`StoreError`] if the store can't be written; then nothing is kept.
    pub fn together<T, E: From<StoreError>>(
        &mut self,
        body: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transaction("write the collection", body)
    }

    fn transaction<T, E: From<StoreError>>(
        &mut self,
        doing: &'static str,
        body: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let run = |store: &Self, statement| {
            let done = store.connection.execute_batch(statement);
            done.map_err(|cause| StoreError::of(&store.path, doing, cause))
        };
        // Taking the write lock at once waits for other writers instead of failing half-way.
        run(self, "BEGIN IMMEDIATE")?;
        let open = Open(self);
        let value = body(open.0)?;
        run(open.0, "COMMIT")?;
        Ok(value)
    }
}

/// A transaction, which is undone unless it was committed.
struct Open<'a>(&'a mut Store);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.0.connection.is_autocommit() {
            // The error that led here is what the user needs.
            let _ = self.0.connection.execute_batch("ROLLBACK");
        }
    }
}
