//! `onrecord`: runs crawls, extracts quotes.
//!
//! Arguments → library → exit code.

use std::io::{self, BufWriter};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use onrecord::cli::args::{Common, LogFormat};
use onrecord::cli::check::{self, CheckArgs};
use onrecord::cli::crawl::{self, CrawlArgs};
use onrecord::cli::demo::{self, DemoArgs};
use onrecord::cli::exit::Exit;
use onrecord::cli::extract::{self, ExtractArgs};
use onrecord::cli::import::{self, ImportArgs};
use onrecord::cli::init::{self, InitArgs};
use onrecord::cli::logging;
use onrecord::cli::reindex::{self, ReindexArgs};
use onrecord::cli::status::{self, StatusArgs};
use onrecord::cli::verify::{self, VerifyArgs};
use onrecord::cli::watch::{self, WatchArgs};

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
    /// Checks feeds.toml: every mistake at once, with its line; with --data, the collection
    Check(CheckArgs),
    /// Shows the whole job on an invented news site on this machine; no network
    Demo(DemoArgs),
    /// One run: asks the feeds that are due, keeps articles and quotes
    Crawl(CrawlArgs),
    /// Archived pages (WARC, ARC, HTML files and folders) into the collection
    Import(ImportArgs),
    /// Crawls on schedule until SIGINT or SIGTERM
    Watch(WatchArgs),
    /// How the feeds fare; what was not fetched or kept, and why
    Status(StatusArgs),
    /// Builds the search index again from the store
    Reindex(ReindexArgs),
    /// Quotes out of files or standard input; no store, no index, no network
    Extract(ExtractArgs),
    /// Holds an export against the stored texts and the kept pages
    Verify(VerifyArgs),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(exit) => exit.into(),
        Err(error) if is_closed_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            report(&arguments.common, &error);
            Exit::CouldNotRun.into()
        }
    }
}

/// Says why the program could not run: as a log line where the log is JSON, since who reads that reads
/// nothing else.
fn report(common: &Common, error: &anyhow::Error) {
    if common.log_format == LogFormat::Json && tracing::enabled!(tracing::Level::ERROR) {
        tracing::error!(event = "could_not_run", reason = %error);
    } else {
        eprintln!("onrecord: {error}");
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let common = &arguments.common;
    let logging = logging::set_up(common)?;
    match &arguments.command {
        Command::Init(init) => Ok(init::run(init, &common.config, &mut io::stdout().lock())?),
        Command::Check(check) => {
            let out = &mut BufWriter::new(io::stdout());
            let err = &mut io::stderr().lock();
            Ok(runtime()?.block_on(check::run(check, common, out, err))?)
        }
        Command::Demo(DemoArgs {}) => {
            let out = &mut BufWriter::new(io::stdout());
            Ok(runtime()?.block_on(demo::run(common, logging, out))?)
        }
        Command::Crawl(crawl) => {
            let out = &mut BufWriter::new(io::stdout());
            Ok(runtime()?.block_on(crawl::run(crawl, common, logging, out))?)
        }
        Command::Import(import) => {
            let (out, err) = (&mut io::stdout().lock(), &mut io::stderr().lock());
            Ok(import::run(import, common, out, err)?)
        }
        Command::Watch(WatchArgs {}) => Ok(runtime()?.block_on(watch::run(common, logging))?),
        Command::Status(status) => {
            Ok(status::run(status, common, &mut BufWriter::new(io::stdout().lock()))?)
        }
        Command::Reindex(reindex) => Ok(reindex::run(reindex, common, &mut io::stdout().lock())?),
        Command::Extract(extract) => {
            Ok(extract::run(extract, &mut BufWriter::new(io::stdout().lock()))?)
        }
        Command::Verify(verify) => Ok(verify::run(verify, common, &mut io::stdout().lock())?),
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the asynchronous runtime")
}

/// True where the reader of the output has gone away: no fault of anybody.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    })
}
