//! `onrecord check`: whether the watch list is right, and what it says; whether the collection is
//! whole.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use futures::stream::{self, StreamExt};

use super::args::Common;
use super::error::CommandError;
use super::exit::Exit;
use super::logging::Logging;
use super::print::{self, counted};
use super::table::{self, Column};
use crate::config::Config;
use crate::domain::feed::Feed;
use crate::pipeline::{audit, feeds};

/// Arguments of `onrecord check`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord check                            checks feeds.toml
  onrecord check --config other/feeds.toml  checks another watch list
  onrecord check --online                   also asks every feed
  onrecord check --data index               checks the collection: store, kept pages, search index

Mistakes are printed all at once, each with its line; the exit status is then
2.")]
pub struct CheckArgs {
    /// Also ask every feed once, keeping nothing
    #[arg(long)]
    pub online: bool,
}

/// The columns of the offline table.
const COLUMNS: [Column; 4] =
    [table::word("feed"), table::text("outlet"), table::word("kind"), table::word("schedule")];

/// The columns of the online table.
const ONLINE_COLUMNS: [Column; 3] =
    [table::word("feed"), table::number("entries"), table::text("answer")];

/// Checks the watch list and prints what it watches, or with `--online` what each feed
/// answers; warnings go to `err`. Where a data folder is named, checks the collection in it instead.
/// The exit is [`Exit::Partly`] if a feed lists nothing or the collection contradicts itself.
///
/// # Errors
/// [`CommandError::Config`] with every mistake, if there are any.
pub async fn run(
    arguments: &CheckArgs,
    common: &Common,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Exit, CommandError> {
    if let Some(data) = &common.data {
        return collection(data, out);
    }
    let config = Config::load(&common.config)?;
    let exit = if arguments.online {
        online(&config, common.data(), out).await?
    } else {
        let rows: Vec<Vec<String>> = config.feeds.iter().map(row).collect();
        writeln!(out, "{}\n", table::render(&COLUMNS, &rows, print::width()))?;
        Exit::Done
    };
    writeln!(out, "{}", summary(&config))?;
    out.flush()?;
    warn(&config, err)?;
    Ok(exit)
}

/// Checks the collection in `data` and prints each contradiction, then what was looked at.
fn collection(data: &Path, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let audited =
        print::problems(out, |report| audit::collection(data, report).map_err(CommandError::from))?;
    let looked_at = [
        (audited.articles, "article"),
        (audited.versions, "version"),
        (audited.quotes, "quote"),
        (audited.pages, "kept page"),
    ];
    let looked_at = looked_at.map(|(number, noun)| counted(number, noun)).join(", ");
    let verdict = match audited.wrong {
        0 => "all whole".to_owned(),
        wrong => counted(wrong, "contradiction"),
    };
    writeln!(out, "{}: {looked_at}, {verdict}", data.display())?;
    out.flush()?;
    Ok(if audited.wrong == 0 { Exit::Done } else { Exit::Partly })
}

fn row(feed: &Feed) -> Vec<String> {
    vec![
        feed.id.clone(),
        feed.outlet.clone(),
        feed.kind.as_str().to_owned(),
        feed.schedule.to_string(),
    ]
}

/// Prints the configuration's warnings to `err`, each once.
///
/// # Errors
/// What writing to `err` gives.
pub fn warn(config: &Config, err: &mut dyn Write) -> io::Result<()> {
    for warning in &config.warnings {
        writeln!(err, "warning: {warning}")?;
    }
    Ok(())
}

/// Tells whoever runs something of the configuration's warnings, each once: on standard error, as log
/// lines where the log is JSON, and not at all where only errors are wanted.
///
/// # Errors
/// What writing to standard error gives.
pub(super) fn warn_before_run(
    config: &Config,
    common: &Common,
    logging: Logging,
) -> io::Result<()> {
    if logging.json {
        for warning in &config.warnings {
            tracing::warn!(event = "watch_list_warning", reason = %warning);
        }
        return Ok(());
    }
    match common.quiet {
        true => Ok(()),
        false => warn(config, &mut io::stderr().lock()),
    }
}

/// "34 feeds, 1 topic, no mistakes", and the number of warnings if there are any.
fn summary(config: &Config) -> String {
    let mut summary = format!(
        "{}, {}, no mistakes",
        counted(config.feeds.len() as u64, "feed"),
        counted(config.topics.len() as u64, "topic")
    );
    if !config.warnings.is_empty() {
        summary.push_str(&format!(", {}", counted(config.warnings.len() as u64, "warning")));
    }
    summary
}

/// Asks every feed once and prints what each answered, in the file's order.
async fn online(config: &Config, data: &Path, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let prober = feeds::prober(config, data)?;
    let prober = &prober;
    let answers: Vec<(&Feed, Result<usize, String>)> = stream::iter(&config.feeds)
        .map(|feed| async move { (feed, prober.ask(feed).await) })
        .buffered(config.crawler.concurrency)
        .collect()
        .await;
    let rows: Vec<Vec<String>> = answers
        .iter()
        .map(|(feed, answer)| match answer {
            Ok(0) => {
                vec![feed.id.clone(), "0".to_owned(), "answered, but lists nothing".to_owned()]
            }
            Ok(entries) => vec![feed.id.clone(), entries.to_string(), "ok".to_owned()],
            Err(_) => vec![feed.id.clone(), String::new(), "failed".to_owned()],
        })
        .collect();
    let good = answers.iter().filter(|(_, answer)| matches!(answer, Ok(1..))).count();
    writeln!(out, "{}\n", table::render(&ONLINE_COLUMNS, &rows, print::width()))?;
    for (feed, answer) in &answers {
        if let Err(reason) = answer {
            let line = format!("feed {} failed: {reason}", feed.id);
            writeln!(out, "{}", print::message(&line, print::width()))?;
        }
    }
    writeln!(out, "{good} of {} answered with entries", counted(answers.len() as u64, "feed"))?;
    out.flush()?;
    Ok(if good == answers.len() { Exit::Done } else { Exit::Partly })
}
