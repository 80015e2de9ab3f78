//! `onrecord watch`: scheduled runs until a signal ends them.

use std::io;
use std::sync::Arc;

use clap::Args;
use tokio::sync::Notify;

use super::args::Common;
use super::check;
use super::exit::Exit;
use super::logging::Logging;
use super::progress::Progress;
use super::signals::{self, Hangup};
use crate::config::{Config, ConfigError};
use crate::pipeline::PipelineError;
use crate::pipeline::crawl::Event;
use crate::pipeline::watch;

/// Arguments of `onrecord watch`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord watch                      asks each feed when it is due, until Ctrl-C
  onrecord watch --log-format json    a log line is a JSON object, for log collectors
  kill -HUP PID                       reads feeds.toml again; so does saving the file

SIGINT and SIGTERM finish the pages in hand, and the exit status is 0; a second
one ends it at once. What is due is kept in the data folder: after a restart
nothing is skipped or repeated. While it runs, `onrecord status` and every
`quotes` command work; `onrecord crawl` does not. contrib/ has units for
systemd and a line for cron.")]
pub struct WatchArgs {}

/// Why `watch` ended.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The watch list can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The pipeline stopped.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The system doesn't hand its signals over, or nothing can be written.
    #[error("failed to start watching: {0}")]
    System(#[from] io::Error),
}

/// Watches until a signal ends it.
///
/// # Errors
/// [`WatchError`]; what was committed before stands.
pub async fn run(common: &Common, logging: Logging) -> Result<Exit, WatchError> {
    check::warn_before_run(&Config::load(&common.config)?, common, logging)?;
    let stop = signals::stop_when_asked()?;
    let reload = Arc::new(Notify::new());
    let mut hangup = Hangup::new()?;
    let asked = Arc::clone(&reload);
    tokio::spawn(async move {
        loop {
            hangup.next().await;
            asked.notify_one();
        }
    });
    let progress = Progress::new(logging);
    let observe = |event: Event<'_>| progress.show(event);
    watch::watch(&common.config, common.data(), &stop, &reload, &observe).await?;
    Ok(Exit::Done)
}
