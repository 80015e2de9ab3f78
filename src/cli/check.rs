//! `onrecord check`: whether the watch list is right, and what it says.

use std::future::Future;
use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use futures::StreamExt;

use super::exit::Exit;
use super::print;
use super::table::{self, Column};
use crate::config::{Config, ConfigError};
use crate::domain::feed::Feed;

/// Arguments of `onrecord check`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord check                            checks feeds.toml
  onrecord check --config other/feeds.toml  checks another watch list

Mistakes are printed all at once, each with its line; the exit status is then 2.")]
pub struct CheckArgs {}

/// Why `check` ended without a table.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The watch list can't be read or has mistakes.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Standard output could not be written.
    #[error("failed to write the output: {0}")]
    Output(#[from] io::Error),
}

/// The columns of the offline table.
const COLUMNS: [Column; 4] =
    [table::word("feed"), table::text("outlet"), table::word("kind"), table::word("schedule")];

/// The columns of the online table.
const ONLINE_COLUMNS: [Column; 3] =
    [table::word("feed"), table::number("entries"), table::text("answer")];

/// Checks the watch list at `config` and prints what it watches; warnings go to `err`.
///
/// # Errors
/// [`CheckError::Config`] with every mistake, if there are any.
pub fn run(config: &Path, out: &mut dyn Write, err: &mut dyn Write) -> Result<Exit, CheckError> {
    let config = Config::load(config)?;
    let rows: Vec<Vec<String>> = config.feeds.iter().map(row).collect();
    writeln!(out, "{}\n", table::render(&COLUMNS, &rows, print::width()))?;
    writeln!(out, "{}", summary(&config))?;
    out.flush()?;
    warn(&config, err)?;
    Ok(Exit::Done)
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

/// "34 feeds, 1 topic, no mistakes", and the number of warnings if there are any.
fn summary(config: &Config) -> String {
    let mut summary = format!(
        "{}, {}, no mistakes",
        counted(config.feeds.len(), "feed"),
        counted(config.topics.len(), "topic")
    );
    if !config.warnings.is_empty() {
        summary.push_str(&format!(", {}", counted(config.warnings.len(), "warning")));
    }
    summary
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Asks every feed through `ask`, at most `concurrency` at a time, and prints what each answered, in
/// the file's order. `ask` gives the number of entries, or why there are none in one line.
///
/// The exit is [`Exit::Partly`] if a feed failed or has no entry.
///
/// # Errors
/// [`CheckError::Output`] if the table can't be written.
pub async fn online<'a, F, A>(
    config: &'a Config,
    ask: F,
    out: &mut dyn Write,
) -> Result<Exit, CheckError>
where
    F: Fn(&'a Feed) -> A,
    A: Future<Output = Result<usize, String>>,
{
    let answers: Vec<(&Feed, Result<usize, String>)> = futures::stream::iter(&config.feeds)
        .map(|feed| {
            let answer = ask(feed);
            async move { (feed, answer.await) }
        })
        .buffered(config.crawler.concurrency.max(1))
        .collect()
        .await;
    let rows: Vec<Vec<String>> = answers
        .iter()
        .map(|(feed, answer)| match answer {
            Ok(0) => {
                vec![feed.id.clone(), "0".to_owned(), "answered, but lists nothing".to_owned()]
            }
            Ok(entries) => vec![feed.id.clone(), entries.to_string(), "ok".to_owned()],
            Err(reason) => vec![feed.id.clone(), String::new(), reason.clone()],
        })
        .collect();
    let good = answers.iter().filter(|(_, answer)| matches!(answer, Ok(1..))).count();
    writeln!(out, "{}\n", table::render(&ONLINE_COLUMNS, &rows, print::width()))?;
    writeln!(out, "{good} of {} answered with entries", counted(answers.len(), "feed"))?;
    out.flush()?;
    Ok(if good == answers.len() { Exit::Done } else { Exit::Partly })
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: &str = r#"
        [[topic]]
        id = "tides"
        title = "The tide accord"
        any = ["tide accord"]
        [[feed]]
        id = "courier"
        outlet = "Ridge Courier"
        url = "https://ridge-courier.net/feed"
        [[feed]]
        id = "herald"
        outlet = "Bay Herald"
        url = "https://bay-herald.net/feed"
        [[feed]]
        id = "quiet"
        outlet = "Quiet Times"
        url = "https://quiet-times.net/feed"
    "#;

    async fn asked(answer: fn(&str) -> Result<usize, String>) -> (Exit, String) {
        let config = Config::parse(THREE, "feeds.toml").unwrap();
        let mut out = Vec::new();
        let ask = |feed: &Feed| std::future::ready(answer(&feed.id));
        let exit = online(&config, ask, &mut out).await.unwrap();
        (exit, String::from_utf8(out).unwrap())
    }

    #[tokio::test]
    async fn each_feeds_answer_stands_in_the_files_order_and_a_failure_shows_in_the_exit() {
        let (exit, out) = asked(|id| match id {
            "courier" => Ok(40),
            "herald" => Err("404 Not Found".to_owned()),
            _ => Ok(0),
        })
        .await;
        assert_eq!(exit, Exit::Partly);
        assert_eq!(
            out,
            "feed     entries  answer\n\
             courier       40  ok\n\
             herald            404 Not Found\n\
             quiet          0  answered, but lists nothing\n\n\
             1 of 3 feeds answered with entries\n"
        );
    }

    #[tokio::test]
    async fn the_exit_is_done_where_every_feed_has_entries() {
        let (exit, out) = asked(|_| Ok(1)).await;
        assert_eq!(exit, Exit::Done);
        assert!(out.ends_with("3 of 3 feeds answered with entries\n"), "{out}");
    }
}
