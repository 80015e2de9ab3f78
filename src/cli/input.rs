//! Files and standard input as texts and pages.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The largest single text or page that is read, in bytes: a newspaper's whole day fits.
pub const MAX_INPUT_BYTES: u64 = 64 * 1024 * 1024;

/// Why an input could not be read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The file could not be opened or read.
    #[error("failed to read {path}: {cause}")]
    Read {
        /// The file, or `standard input`.
        path: String,
        /// The system's reason.
        cause: io::Error,
    },
    /// The input is larger than [`MAX_INPUT_BYTES`].
    #[error("{path} is larger than {} MiB; split it, or give one article a line as ndjson", MAX_INPUT_BYTES / 1024 / 1024)]
    TooLarge {
        /// The file, or `standard input`.
        path: String,
    },
}

/// One input named on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// `-`.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// The input that the argument names.
    #[must_use]
    pub fn from_argument(argument: &Path) -> Self {
        if argument.as_os_str() == "-" { Self::Stdin } else { Self::File(argument.to_path_buf()) }
    }

    /// What messages call it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// The file's extension in lower case, if it has one.
    #[must_use]
    pub fn extension(&self) -> Option<String> {
        match self {
            Self::Stdin => None,
            Self::File(path) => path.extension().map(|e| e.to_string_lossy().to_lowercase()),
        }
    }

    /// Opens it for reading line by line.
    ///
    /// # Errors
    /// [`InputError::Read`] if the file can't be opened.
    pub fn open(&self) -> Result<Box<dyn BufRead>, InputError> {
        match self {
            Self::Stdin => Ok(Box::new(BufReader::new(io::stdin()))),
            Self::File(path) => {
                let file = File::open(path).map_err(|cause| self.error(cause))?;
                if file.metadata().is_ok_and(|meta| meta.is_dir()) {
                    return Err(self.error(io::Error::from(io::ErrorKind::IsADirectory)));
                }
                Ok(Box::new(BufReader::new(file)))
            }
        }
    }

    /// All bytes that `reader`, opened on this input, has left.
    ///
    /// # Errors
    /// [`InputError`] if it can't be read or is too large.
    pub fn read(&self, reader: impl Read) -> Result<Vec<u8>, InputError> {
        let mut bytes = Vec::new();
        reader
            .take(MAX_INPUT_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|cause| self.error(cause))?;
        if bytes.len() as u64 > MAX_INPUT_BYTES {
            return Err(InputError::TooLarge { path: self.name() });
        }
        Ok(bytes)
    }

    /// `cause` with the input's name.
    #[must_use]
    pub fn error(&self, cause: io::Error) -> InputError {
        InputError::Read { path: self.name(), cause }
    }
}
