//! `onrecord verify`: whether an export says what the collection keeps.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::args::Common;
use super::error::CommandError;
use super::exit::Exit;
use super::print;
use crate::pipeline::verify;

/// Arguments of `onrecord verify`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  onrecord verify treaty.json                     an export in JSON
  onrecord verify treaty.ndjson --data archive    against the collection in archive/

For each quote: its version is in the store with that hash, its words stand at
their offsets, the kept page can be read and has the words, and the speaker is
the collection's. Exit status: 0 all quotes hold, 1 some don't, 2 could not
run.")]
pub struct VerifyArgs {
    /// The export: JSON or NDJSON, as `quotes export` writes it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Verifies the file and prints each contradiction, then how many quotes hold.
///
/// # Errors
/// [`CommandError`] if the file is no export, there is no collection or `out` can't be written.
pub fn run(
    arguments: &VerifyArgs,
    common: &Common,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let verified = print::problems(out, |report| {
        verify::export(common.data(), &arguments.file, report).map_err(CommandError::from)
    })?;
    let (quotes, wrong) = (verified.quotes, verified.wrong);
    let folder = common.data().display();
    if quotes == 0 {
        writeln!(out, "{} has no quotes", arguments.file.display())?;
        return Ok(Exit::Partly);
    }
    if wrong == 0 {
        writeln!(out, "{} as {folder} keeps them", print::counted(quotes, "quote"))?;
        return Ok(Exit::Done);
    }
    writeln!(out, "{wrong} of {} not as {folder} keeps them", print::counted(quotes, "quote"))?;
    Ok(Exit::Partly)
}
