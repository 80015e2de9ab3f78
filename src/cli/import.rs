//! `onrecord import`: archived pages into the collection.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::args::Common;
use super::error::CommandError;
use super::exit::Exit;
use super::{counts, print, table};
use crate::config::Config;
use crate::pipeline::import;

/// Arguments of `onrecord import`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord import crawl.warc.gz            the pages of a web archive
  onrecord import saved/ page.html         saved pages, and folders of them

WARC and ARC files may be packed or not and of any size; the watch list's
topics decide what is kept. What is damaged is named with its place, the rest
is read, and the exit status is 1.")]
pub struct ImportArgs {
    /// WARC, ARC and HTML files, and folders of them
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// Imports and prints what it came to; damages go to `err` and make the result [`Exit::Partly`].
///
/// # Errors
/// [`CommandError`]; what was committed before stands.
pub fn run(
    arguments: &ImportArgs,
    common: &Common,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let config = Config::load(&common.config)?;
    let imported = import::run(&config, common.data(), &arguments.paths, &|url, outcome| {
        tracing::info!("{url}: {outcome}");
    })?;
    for damage in &imported.damages {
        writeln!(err, "onrecord: {}", print::printable(damage))?;
    }
    if !common.quiet {
        let row = counts::cells(&imported.counts).to_vec();
        writeln!(out, "{}", table::render(&counts::columns("pages"), &[row], print::width()))?;
    }
    Ok(if imported.damages.is_empty() { Exit::Done } else { Exit::Partly })
}
