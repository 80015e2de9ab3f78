//! `onrecord`: runs crawls, extracts quotes.
//!
//! Arguments → library → exit code.

use std::io::{self, BufWriter};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use onrecord::cli::args::Common;
use onrecord::cli::check::{self, CheckArgs};
use onrecord::cli::exit::Exit;
use onrecord::cli::extract::{self, ExtractArgs};
use onrecord::cli::init::{self, InitArgs};
use onrecord::cli::logging;

#[derive(Debug, Parser)]
#[command(version, about = "Watches the news on a topic and keeps who said what")]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes a starter feeds.toml
    Init(InitArgs),
    /// Checks feeds.toml: every mistake at once, with its line and a hint
    Check(CheckArgs),
    /// Quotes out of files or standard input; no store, no index, no network
    Extract(ExtractArgs),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("onrecord: {error:#}");
            Exit::CouldNotRun.into()
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let common = &arguments.common;
    logging::set_up(common)?;
    match &arguments.command {
        Command::Init(init) => Ok(init::run(init, &common.config, &mut io::stdout().lock())?),
        Command::Check(CheckArgs {}) => {
            let out = &mut BufWriter::new(io::stdout().lock());
            Ok(check::run(&common.config, out, &mut io::stderr().lock())?)
        }
        Command::Extract(extract) => {
            Ok(extract::run(extract, &mut BufWriter::new(io::stdout().lock()))?)
        }
    }
}
