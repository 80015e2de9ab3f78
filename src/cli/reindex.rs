//! `onrecord reindex`: the search index, built again from the store.

use std::io::Write;

use clap::Args;

use super::args::Common;
use super::error::CommandError;
use super::exit::Exit;
use crate::pipeline::index;

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

/// Builds the index again and says how much it holds.
///
/// # Errors
/// [`CommandError`]; the old index stays until the new one is whole.
pub fn run(
    arguments: &ReindexArgs,
    common: &Common,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let report = index::rebuild(common.data(), arguments.extract)?;
    if !common.quiet {
        writeln!(out, "indexed {} quotes of {} articles", report.quotes, report.articles)?;
    }
    Ok(Exit::Done)
}
