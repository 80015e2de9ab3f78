//! One writer at a time per data folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// The lock file in the data folder. It stays; only the lock on it comes and goes.
const FILE: &str = "onrecord.lock";
/// What stands behind the process number of a `watch`.
const WATCH: &str = " watch";
/// A process number is never longer than this.
const MAX_HOLDER_BYTES: u64 = 32;

/// Why the data folder could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process writes there.
    #[error("another onrecord{holder} is writing to {}; wait until it ends, or give another --data folder", data.display())]
    Held {
        /// The data folder.
        data: PathBuf,
        /// ` (process N)`, if it says so.
        holder: String,
    },
    /// A `watch` writes there, and does not end by itself.
    #[error("another onrecord (watch, process {process}) keeps {} up to date; stop it first (`kill {process}`), or give another --data folder", data.display())]
    Watched {
        /// The data folder.
        data: PathBuf,
        /// The number of its process.
        process: String,
    },
    /// The file system refused.
    #[error("failed to lock {}: {cause}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
}

/// The right to write to a data folder, until dropped. The system takes it back when the process
/// dies.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the lock of the data folder `data`, which is created if missing. Doesn't wait.
    ///
    /// # Errors
    /// [`LockError::Held`] or [`LockError::Watched`] if another process has it.
    pub fn take(data: &Path) -> Result<Self, LockError> {
        Self::take_as(data, "")
    }

    /// Takes the lock for a `watch`, so that others are told that waiting is no use.
    ///
    /// # Errors
    /// As [`DataLock::take`].
    pub fn take_for_watch(data: &Path) -> Result<Self, LockError> {
        Self::take_as(data, WATCH)
    }

    fn take_as(data: &Path, mark: &str) -> Result<Self, LockError> {
        let path = data.join(FILE);
        let failed = |cause| LockError::Io { path: path.clone(), cause };
        fs::create_dir_all(data).map_err(failed)?;
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only for the message: without it the message is still right.
                let _ = file.take(MAX_HOLDER_BYTES).read_to_string(&mut holder);
                return Err(held(data, holder.trim()));
            }
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}{mark}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

fn held(data: &Path, holder: &str) -> LockError {
    let data = data.to_path_buf();
    match holder.strip_suffix(WATCH) {
        Some(process) => LockError::Watched { data, process: process.to_owned() },
        None if holder.is_empty() => LockError::Held { data, holder: String::new() },
        None => LockError::Held { data, holder: format!(" (process {holder})") },
    }
}
