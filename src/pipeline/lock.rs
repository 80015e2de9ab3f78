//! One writer at a time per data folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// The lock file in the data folder. It stays; only the lock on it comes and goes.
const FILE: &str = "onrecord.lock";
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
    /// [`LockError::Held`] if another process has it.
    pub fn take(data: &Path) -> Result<Self, LockError> {
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
                let holder = holder.trim();
                let holder =
                    if holder.is_empty() { String::new() } else { format!(" (process {holder})") };
                return Err(LockError::Held { data: data.to_path_buf(), holder });
            }
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}
