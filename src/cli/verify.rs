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
  onrecord verify treaty.csv --data archive       against the collection in archive/

Each quote is held, field by field, against what an export of the same version
would say today; its words must stand at their offsets in the stored text, that
text must have its hash, and the kept page must have the words. What may change
after an export (revised, current, withdrawn, vanished, topics, notices, who a
speaker is in the collection, where else the words stand) is told as changed
since, and is no flaw.

JSON, NDJSON, CSV and JSON-LD can be verified; Markdown, Atom and CSL are for
reading. Exit status: 0 all quotes hold, 1 some don't, 2 could not run.")]
pub struct VerifyArgs {
    /// The export: JSON, NDJSON, CSV or JSON-LD, as `quotes export` writes it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Verifies the file and prints each contradiction and what has changed since, then how many quotes
/// hold.
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
    let quotes = verified.quotes;
    if quotes == 0 {
        writeln!(out, "{} has no quotes", arguments.file.display())?;
        return Ok(Exit::Partly);
    }
    let of = print::counted(quotes, "quote");
    let not = match verified.wrong {
        0 => of,
        wrong => format!("{wrong} of {of} not"),
    };
    let changed = match verified.changed {
        0 => String::new(),
        changed => format!(", {changed} changed since"),
    };
    writeln!(out, "{not} as {} keeps them{changed}", common.data().display())?;
    match verified.without_page {
        0 => {}
        without if without == quotes => writeln!(
            out,
            "no page of theirs is kept: their words were held against the stored text alone"
        )?,
        without => writeln!(
            out,
            "no page is kept of {without} of them: their words were held against the stored text alone"
        )?,
    }
    Ok(if verified.wrong == 0 { Exit::Done } else { Exit::Partly })
}
