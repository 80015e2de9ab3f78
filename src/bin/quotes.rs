//! `quotes`: answers questions about the collection.
//!
//! Arguments → library → exit code.

use std::io::{self, BufWriter, IsTerminal};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use onrecord::cli::args::{ColorWhen, Common};
use onrecord::cli::collection::CollectionError;
use onrecord::cli::exit::Exit;
use onrecord::cli::export::{self, ExportArgs};
use onrecord::cli::search::{self, SearchArgs};
use onrecord::cli::show::{self, ShowArgs};
use onrecord::cli::speakers::{self, SpeakersArgs};

#[derive(Debug, Parser)]
#[command(
    version,
    about = "Searches and exports the quotes that onrecord collected",
    after_help = "Results go to standard output, everything else to standard error. \
                  Exit status: 0 done, 1 nothing matched, 2 could not run."
)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Quotes by words, speaker, outlet, date; without any, the newest
    Search(SearchArgs),
    /// Who is quoted: roles, affiliations, number of quotes, first and last date
    Speakers(SpeakersArgs),
    /// One quote with context, provenance and every revision
    Show(ShowArgs),
    /// The collection, or part of it, for other programs
    Export(ExportArgs),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    console::set_colors_enabled(colours(arguments.common.color));
    match run(&arguments) {
        Ok(exit) => exit.into(),
        Err(error) if error.is_closed_pipe() => Exit::Done.into(),
        Err(error) => {
            eprintln!("quotes: {error}");
            Exit::CouldNotRun.into()
        }
    }
}

fn colours(when: ColorWhen) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => {
            let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            !unwanted && io::stdout().is_terminal()
        }
    }
}

fn run(arguments: &Arguments) -> Result<Exit, CollectionError> {
    let common = &arguments.common;
    let out = &mut BufWriter::new(io::stdout().lock());
    match &arguments.command {
        Command::Search(search) => search::run(common, search, out),
        Command::Speakers(speakers) => speakers::run(common, speakers, out),
        Command::Show(show) => show::run(common, show, out),
        Command::Export(export) => export::run(common, export, out),
    }
}
