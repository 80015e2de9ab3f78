//! `quotes export`: the collection, or what a query finds in it, as a file.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::args::Common;
use super::collection::{self, CollectionError};
use super::exit::Exit;
use super::filters::Filters;
use super::search::note;
use crate::export::{self, Exporter, Format};
use crate::store::Store;

/// Arguments of `quotes export`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  quotes export -o quotes.csv                   everything, for a spreadsheet
  quotes export --format ndjson | jq .speaker.name
  quotes export treaty --since 2024-01-01 --format json -o treaty.json
  quotes export --format csl -o treaty.json     for Zotero and other citation managers

In CSV a cell that begins with = + - or @ gets a ' in front, so that no spreadsheet runs it.")]
pub struct ExportArgs {
    /// The format; without it the extension of FILE says which
    #[arg(long, value_name = "FORMAT", required_unless_present_any = ["output", "schema"])]
    pub format: Option<Format>,
    /// The file to write; it appears when it is complete. Without it, standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print the JSON Schema of a quote, as JSON and NDJSON have it, and nothing else
    #[arg(long, conflicts_with_all = ["format", "output"])]
    pub schema: bool,
    /// What to export.
    #[command(flatten)]
    pub filters: Filters,
}

/// Writes the quotes that match to the file, or to `out` if there is none.
///
/// # Errors
/// [`CollectionError`] if the query is wrong, the collection can't be read or the output not
/// written; a file of that name then stays as it was.
pub fn run(
    common: &Common,
    arguments: &ExportArgs,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    if arguments.schema {
        export::schema(out)?;
        return Ok(Exit::Done);
    }
    arguments.filters.to_query(usize::MAX)?;
    let format = format(arguments)?;
    let (store, search) = collection::open(common.data())?;
    let query = arguments.filters.to_query_of(&store, usize::MAX)?;
    let results = search.run(&query)?;
    let written = match arguments.output.as_deref() {
        Some(path) if path != Path::new("-") => {
            let written = to_file(path, |file| write_all(&store, &results.ids, format, file))?;
            let word = if written == 1 { "quote" } else { "quotes" };
            note(common, &format!("{written} {word} written to {}", path.display()));
            written
        }
        _ => write_all(&store, &results.ids, format, out)?,
    };
    if written == 0 {
        note(common, "no quote matches; the export is empty");
        return Ok(Exit::Partly);
    }
    Ok(Exit::Done)
}

fn format(arguments: &ExportArgs) -> Result<Format, CollectionError> {
    let extension = arguments.output.as_deref().and_then(Path::extension);
    let from_name = || Format::from_extension(&extension?.to_string_lossy());
    arguments.format.or_else(from_name).ok_or_else(|| {
        CollectionError::Arguments(
            "the file's name doesn't say which format: add --format, for example --format json"
                .to_owned(),
        )
    })
}

fn write_all(
    store: &Store,
    ids: &[String],
    format: Format,
    out: &mut dyn Write,
) -> Result<u64, CollectionError> {
    let mut exporter = Exporter::new(format, out)?;
    for record in collection::records(store, ids) {
        exporter.write(&record?)?;
    }
    Ok(exporter.finish()?)
}

/// Runs `body` on a temporary file beside `path` and renames it to `path`, so that nobody ever
/// reads half an export. What is no plain file (a terminal, a pipe, /dev/null) is written directly.
fn to_file<T>(
    path: &Path,
    body: impl FnOnce(&mut dyn Write) -> Result<T, CollectionError>,
) -> Result<T, CollectionError> {
    let failed = |cause: io::Error| CollectionError::File { path: path.to_path_buf(), cause };
    let named = |error: CollectionError| match error {
        CollectionError::Output(cause) => failed(cause),
        other => other,
    };
    if fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        let mut file = fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
        return body(&mut file).map_err(named);
    }
    // Through a symbolic link the file it leads to is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let file = temporary_in(folder).map_err(failed)?;
    let mut writer = BufWriter::new(file);
    let value = body(&mut writer).map_err(named)?;
    let file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&target).map_err(|error| failed(error.error))?;
    Ok(value)
}

/// A temporary file with the rights that a new file of the user has.
fn temporary_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".onrecord-export");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
