//! `onrecord init`: a starter watch list to edit. Never overwrites a file.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;

/// The starter: the project's own watch list, so that there is one to keep right.
pub const STARTER: &str = include_str!("../../feeds.toml");

/// Arguments of `onrecord init`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord init                  writes feeds.toml here
  onrecord init treaty-watch     writes treaty-watch/feeds.toml")]
pub struct InitArgs {
    /// The folder to write feeds.toml into; made if it isn't there
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Why `init` wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is a watch list already.
    #[error("{} is there already and stays as it is; to start anew, move it away or name another folder", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder could not be written.
    #[error("failed to write {}: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// Standard output could not be written.
    #[error("failed to write the output: {0}")]
    Output(#[from] io::Error),
}

/// Writes the starter into the folder named, else to `config`, and says what to do next.
///
/// # Errors
/// [`InitError`] if the file exists or can't be written.
pub fn run(args: &InitArgs, config: &Path, out: &mut dyn Write) -> Result<Exit, InitError> {
    let path = args.dir.as_ref().map_or_else(|| config.to_path_buf(), |dir| dir.join("feeds.toml"));
    write_new(&path)?;
    writeln!(out, "wrote {}\n\nnext:", path.display())?;
    writeln!(out, "  1. open it: fill in contact, choose topics and feeds")?;
    let enter = match &args.dir {
        Some(dir) if !is_here(dir) => format!("cd {} && ", dir.display()),
        _ => String::new(),
    };
    let option = match config.to_str() {
        Some("feeds.toml") => String::new(),
        _ if args.dir.is_some() => String::new(),
        _ => format!(" --config {}", config.display()),
    };
    writeln!(out, "  2. {enter}onrecord check{option}")?;
    writeln!(out, "  3. {enter}onrecord crawl{option}")?;
    Ok(Exit::Done)
}

/// Whether `dir` is the folder that the command was called in.
fn is_here(dir: &Path) -> bool {
    let here = Path::new(".").canonicalize();
    here.is_ok_and(|here| dir.canonicalize().is_ok_and(|dir| dir == here))
}

/// Writes the starter beside its place and renames it there, unless a file came first.
fn write_new(path: &Path) -> Result<(), InitError> {
    let failed = |cause| InitError::Write { path: path.to_path_buf(), cause };
    let exists = || InitError::Exists { path: path.to_path_buf() };
    if path.symlink_metadata().is_ok() {
        return Err(exists());
    }
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = new_file_in(folder).map_err(failed)?;
    file.write_all(STARTER.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Err(exists()),
        Err(refused) => Err(failed(refused.error)),
    }
}

/// A temporary file with the permissions of any new file: people share a watch list.
fn new_file_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".feeds.toml.");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666)).tempfile_in(folder)
    }
    #[cfg(not(unix))]
    builder.tempfile_in(folder)
}
