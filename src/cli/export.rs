//! `quotes export`: the collection, or what a query finds in it, as a file.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::args::Common;
use super::exit::Exit;
use super::print::counted;
use super::search::{note, nothing};
use crate::collection::Filters;
use crate::collection::{self, CollectionError};
use crate::domain::rights::Reservation;
use crate::export::{self, Exporter, Format, Heading};
use crate::search::Pages;
use crate::store::Store;

/// How the names of files begin that exports are written to until they are complete.
const UNFINISHED: &str = ".onrecord-export";
/// Such a file that nothing was written to for so long was left by a killed export: one that goes on
/// writes all the time.
const ABANDONED: Duration = Duration::from_secs(3600);
/// What tells Excel that a file is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Arguments of `quotes export`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  quotes export -o quotes.csv                   everything, for a spreadsheet
  quotes export --format ndjson | jq .speaker.name
  quotes export treaty --since 2024-01-01 --format json -o treaty.json
  quotes export --format csl -o treaty.json     for Zotero and other citation managers

In CSV a cell that begins with = + - or @ gets a ' in front, so that no
spreadsheet runs it. Excel reads letters beyond ASCII right only with --bom;
other programs don't need it. An id may be of digits alone or look like 1e5:
import the columns id, speaker_identity and cluster as text, or a spreadsheet
takes some of them for numbers.")]
pub struct ExportArgs {
    /// The format; without it the extension of FILE says which
    #[arg(long, value_name = "FORMAT", required_unless_present_any = ["output", "schema"])]
    pub format: Option<Format>,
    /// The file to write; it appears when it is complete. Without it, standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Begin a CSV with a byte order mark, for Excel
    #[arg(long)]
    pub bom: bool,
    /// Leave out quotes whose publisher reserves the article from text and data mining
    #[arg(long)]
    pub without_reserved: bool,
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
    let mark = match (arguments.bom, format) {
        (false, _) => "",
        (true, Format::Csv) => BYTE_ORDER_MARK,
        (true, _) => {
            let wrong = "--bom is for CSV: leave it out, or add --format csv";
            return Err(CollectionError::Arguments(wrong.to_owned()));
        }
    };
    let (store, search) = collection::open(common.data())?;
    let query = arguments.filters.to_query_of(&store, usize::MAX)?;
    let heading = Heading::found(arguments.filters.in_words().as_deref());
    let keep_reserved = !arguments.without_reserved;
    let write = |out: &mut dyn Write| {
        out.write_all(mark.as_bytes())?;
        let exporter = Exporter::new(format, &heading, out)?;
        write_all(&store, search.pages(&query)?, keep_reserved, exporter)
    };
    let Exported { written, reserved } = match arguments.output.as_deref() {
        Some(path) if path != Path::new("-") => {
            let exported = to_file(path, write)?;
            let place = path.display();
            note(common, &format!("{} written to {place}", counted(exported.written, "quote")));
            exported
        }
        _ => write(out)?,
    };
    if reserved > 0 {
        let what_became = match keep_reserved {
            true => "among them; --without-reserved leaves such quotes out",
            false => "left out",
        };
        let quotes = counted(reserved, "quote");
        let said = "reserved by the publisher from text and data mining";
        note(common, &format!("{quotes} {said} {what_became}"));
    }
    if written == 0 {
        if reserved == 0 {
            note(common, &nothing(&store, &search, &arguments.filters, &query)?);
        }
        note(common, "the export is empty");
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

/// What an export came to, in quotes.
struct Exported {
    written: u64,
    /// Those whose article is reserved from text and data mining, written or not.
    reserved: u64,
}

fn write_all(
    store: &Store,
    pages: Pages<'_>,
    keep_reserved: bool,
    mut exporter: Exporter<'_>,
) -> Result<Exported, CollectionError> {
    let mut reserved = 0;
    for ids in pages {
        for record in collection::records(store, &ids?) {
            let record = record?;
            let is_reserved = record.article.reservations.contains(&Reservation::TdmReservation);
            reserved += u64::from(is_reserved);
            if keep_reserved || !is_reserved {
                exporter.write(&record)?;
            }
        }
    }
    Ok(Exported { written: exporter.finish()?, reserved })
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
        let file = fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
        return body(&mut BufWriter::new(file)).map_err(named);
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

/// A temporary file with the rights that a new file of the user has. What killed exports left there
/// goes.
fn temporary_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    for entry in fs::read_dir(folder)?.flatten() {
        let unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        let written = entry.metadata().and_then(|meta| meta.modified());
        let age = written.ok().and_then(|at| at.elapsed().ok());
        if unfinished && age.is_some_and(|age| age > ABANDONED) {
            // Another user's, perhaps: it harms nobody.
            let _ = fs::remove_file(entry.path());
        }
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
