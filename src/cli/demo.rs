//! `onrecord demo`: the whole main job against an embedded news site, without a network.
//!
//! Nothing is mocked: a real HTTP server on loopback, the crawler, the store, the index. Two
//! editions are crawled, so that a corrected quote can be seen; then what a user would do next.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Parser};

use super::args::Common;
use super::crawl::print_summary;
use super::exit::Exit;
use super::logging::Logging;
use super::progress::Progress;
use super::quotes;
use crate::collection::CollectionError;
use crate::config::{Config, ConfigError};
use crate::crawl::stop::Stop;
use crate::demo::Site;
use crate::demo::outlet::OUTLETS;
use crate::domain::article::NoticeKind;
use crate::pipeline::PipelineError;
use crate::pipeline::crawl::{self, Event, Which};
use crate::search::{Query, Search, SearchError, Sort};
use crate::store::{self, Store, StoreError};

/// What a user would ask next: command lines of `quotes`, run as they stand.
const NEXT: &[&[&str]] = &[
    &["search", "locksmith OR burglar"],
    &["search", "--speaker", "echeverria", "--kind", "direct", "--limit", "2"],
    &["search", "--role", "minister", "--sort", "newest", "--limit", "2"],
    &["speakers", "osei"],
];

/// Arguments of `onrecord demo`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord demo                          everything in a temporary folder
  onrecord demo --data demo-index        keeps the collection, so that you can go on:
  quotes --data demo-index search treaty")]
pub struct DemoArgs {}

/// Why the demo could not run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The site could not be served, or a folder not be made.
    #[error("failed to set the demo up: {0}")]
    SetUp(io::Error),
    /// Invented quotes would stand among the real ones.
    #[error("{} holds a collection already: name a new folder, its quotes are invented", .0.display())]
    Occupied(PathBuf),
    /// The site's own watch list has mistakes.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The run stopped.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The collection can't be read.
    #[error(transparent)]
    Collection(Box<CollectionError>),
    /// One of the demo's own searches is not one: a defect in this program.
    #[error("the demo's own search can't be run: {0}")]
    Search(#[from] clap::Error),
    /// The output could not be written.
    #[error("failed to write the output: {0}")]
    Output(#[from] io::Error),
}

impl From<CollectionError> for DemoError {
    fn from(error: CollectionError) -> Self {
        Self::Collection(Box::new(error))
    }
}

impl From<StoreError> for DemoError {
    fn from(error: StoreError) -> Self {
        Self::Pipeline(error.into())
    }
}

impl From<SearchError> for DemoError {
    fn from(error: SearchError) -> Self {
        Self::Pipeline(error.into())
    }
}

/// Serves the site, crawls both editions, and shows what was found.
///
/// # Errors
/// [`DemoError`].
pub async fn run(
    common: &Common,
    logging: Logging,
    out: &mut (dyn Write + Send),
) -> Result<Exit, DemoError> {
    let temporary = match &common.data {
        Some(_) => None,
        None => Some(tempfile::tempdir().map_err(DemoError::SetUp)?),
    };
    let data = temporary.as_ref().map_or(common.data(), |folder| folder.path());
    if data.join(store::FILE).exists() {
        return Err(DemoError::Occupied(data.to_path_buf()));
    }
    let site = Site::start().await.map_err(DemoError::SetUp)?;
    let config = Config::parse(&site.feeds_toml(), "the demo's feeds.toml")?;

    heading(out, "An invented news site, served on this machine")?;
    for (outlet, feed) in OUTLETS.iter().zip(&config.feeds) {
        writeln!(out, "{:<22} {} ({})", outlet.name, feed.url, feed.kind.as_str())?;
    }
    heading(out, "onrecord crawl: the first edition")?;
    crawl_once(&config, data, logging, out).await?;
    totals(data, out)?;

    site.publish_second_edition();
    heading(out, "onrecord crawl --all: the second edition, with two articles changed")?;
    crawl_once(&config, data, logging, out).await?;

    for line in NEXT {
        quotes_command(line, common, data, out)?;
    }
    if let Some(id) = a_reworded_quote(data)? {
        quotes_command(&["show", &id], common, data, out)?;
    }
    heading(out, "Yours next")?;
    if temporary.is_some() {
        writeln!(
            out,
            "onrecord demo --data demo-index     keeps this collection for your own searches"
        )?;
    } else {
        writeln!(out, "quotes --data {} search …     searches this collection", data.display())?;
    }
    writeln!(out, "onrecord init && onrecord crawl     watches the real news")?;
    out.flush()?;
    Ok(Exit::Done)
}

async fn crawl_once(
    config: &Config,
    data: &Path,
    logging: Logging,
    out: &mut (dyn Write + Send),
) -> Result<(), DemoError> {
    let progress = Progress::new(logging);
    let observe = |event: Event<'_>| progress.show(event);
    let summary = crawl::run(config, data, &Which::All, &Stop::never(), &observe).await?;
    print_summary(&summary, out)?;
    Ok(())
}

fn totals(data: &Path, out: &mut dyn Write) -> Result<(), DemoError> {
    let store = Store::open_existing(data)?;
    let speakers = store.speakers(None)?;
    let quotes: u64 = speakers.iter().map(|speaker| speaker.quotes).sum();
    let with_role = speakers.iter().filter(|speaker| !speaker.roles.is_empty()).count();
    writeln!(
        out,
        "\n{quotes} quotes by {} speakers, {with_role} of them with a role",
        speakers.len()
    )?;
    Ok(())
}

/// Runs a command line of `quotes` as a user would, and shows it with its results.
fn quotes_command(
    words: &[&str],
    common: &Common,
    data: &Path,
    out: &mut dyn Write,
) -> Result<(), DemoError> {
    let typed: Vec<String> = words
        .iter()
        .map(|word| if word.contains(' ') { format!("\"{word}\"") } else { (*word).to_owned() })
        .collect();
    heading(out, &format!("quotes {}", typed.join(" ")))?;
    let mut arguments = quotes::Arguments::try_parse_from(["quotes"].iter().chain(words.iter()))?;
    arguments.common = Common { data: Some(data.to_path_buf()), quiet: true, ..common.clone() };
    quotes::run(&arguments, out)?;
    Ok(())
}

/// The id of a quote that the second edition reworded.
fn a_reworded_quote(data: &Path) -> Result<Option<String>, DemoError> {
    let query = Query {
        revised: true,
        notice: Some(NoticeKind::Correction),
        limit: 1,
        sort: Sort::Newest,
        ..Query::default()
    };
    Ok(Search::open(data)?.run(&query)?.ids.into_iter().next())
}

fn heading(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{}\n", console::style(format!("== {text}")).bold())
}
