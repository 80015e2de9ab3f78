//! The `quotes` program: its commands and what runs them.

use std::io::Write;

use clap::{Parser, Subcommand};

use super::args::Common;
use super::exit::Exit;
use super::export::{self, ExportArgs};
use super::new::{self, NewArgs};
use super::search::{self, SearchArgs};
use super::serve::{self, ServeArgs};
use super::show::{self, ShowArgs};
use super::speakers::{self, SpeakersArgs};
use super::wordings::{self, WordingsArgs};
use crate::collection::CollectionError;

/// A command line of `quotes`.
#[derive(Debug, Parser)]
#[command(
    name = "quotes",
    version,
    about = "Searches and exports the quotes that onrecord collected",
    after_help = "Results go to standard output, everything else to standard error. \
                  Exit status: 0 done, 1 nothing matched, 2 could not run."
)]
pub struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of `quotes`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Quotes by words, speaker, outlet, date; without any, the newest
    Search(SearchArgs),
    /// What has come since a saved search was asked last; without a name, the saved searches
    New(NewArgs),
    /// Who is quoted: roles, affiliations, number of quotes, first and last date
    Speakers(SpeakersArgs),
    /// One quote with context, provenance and every revision
    Show(ShowArgs),
    /// What several outlets quote, and where their words differ
    Wordings(WordingsArgs),
    /// The collection, or part of it, for other programs
    Export(ExportArgs),
    /// Pages to look at, and a JSON API, until Ctrl-C
    Serve(ServeArgs),
}

/// Runs the command and prints its results to `out`.
///
/// # Errors
/// [`CollectionError`] as the command has it.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Exit, CollectionError> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Search(search) => search::run(common, search, out),
        Command::New(new) => new::run(common, new, out),
        Command::Speakers(speakers) => speakers::run(common, speakers, out),
        Command::Show(show) => show::run(common, show, out),
        Command::Wordings(wordings) => wordings::run(common, wordings, out),
        Command::Export(export) => export::run(common, export, out),
        Command::Serve(serve) => serve::run(common, serve, out),
    }
}
