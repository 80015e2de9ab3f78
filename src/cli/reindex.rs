//! `onrecord reindex`: the search index, built again from the store.

use std::io::{self, Write};

use clap::Args;

use super::args::Common;
use super::exit::Exit;
use crate::pipeline::{PipelineError, index};

/// Arguments of `onrecord reindex`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord reindex              builds index/tantivy again from index/onrecord.sqlite
  onrecord reindex --extract    first runs today's extractor over every stored version")]
pub struct ReindexArgs {
    /// First run today's extractor over every stored version of every article
    #[arg(long)]
    pub extract: bool,
}

/// Why `reindex` could not run.
#[derive(Debug, thiserror::Error)]
pub enum ReindexError {
    /// The store or the index failed.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The output could not be written.
    #[error("failed to write the output: {0}")]
    Output(#[from] io::Error),
}

/// Builds the index again and says how much it holds.
///
/// # Errors
/// [`ReindexError`]; the old index stays until the new one is whole.
pub fn run(
    arguments: &ReindexArgs,
    common: &Common,
    out: &mut dyn Write,
) -> Result<Exit, ReindexError> {
    let report = index::rebuild(common.data(), arguments.extract)?;
    if !common.quiet {
        writeln!(out, "indexed {} quotes of {} articles", report.quotes, report.articles)?;
    }
    Ok(Exit::Done)
}
