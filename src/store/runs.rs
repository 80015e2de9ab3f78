//! Runs over the whole watch list: what each came to.

use rusqlite::{Row, named_params};

use super::feeds::counts;
use super::values::{read_time, time};
use super::{Store, StoreError};
use crate::domain::run::Run;

impl Store {
    /// Keeps a run.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn record_run(&mut self, run: &Run) -> Result<(), StoreError> {
        self.write("record a run", |transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO runs (command, started, finished, feeds, feeds_failed, requests, \
                         bytes, entries, new, changed, unchanged, off_topic, skipped, failed, \
                         quotes, stopped, error) \
                     VALUES (:command, :started, :finished, :feeds, :feeds_failed, :requests, \
                         :bytes, :entries, :new, :changed, :unchanged, :off_topic, :skipped, \
                         :failed, :quotes, :stopped, :error)",
                )?
                .execute(named_params! {
                    ":command": run.command,
                    ":started": time(run.started),
                    ":finished": time(run.finished),
                    ":feeds": run.feeds,
                    ":feeds_failed": run.feeds_failed,
                    ":requests": run.requests,
                    ":bytes": run.bytes,
                    ":entries": run.counts.entries,
                    ":new": run.counts.new,
                    ":changed": run.counts.changed,
                    ":unchanged": run.counts.unchanged,
                    ":off_topic": run.counts.off_topic,
                    ":skipped": run.counts.skipped,
                    ":failed": run.counts.failed,
                    ":quotes": run.counts.quotes,
                    ":stopped": run.stopped,
                    ":error": run.error,
                })?;
            Ok(())
        })
    }

    /// The last runs, newest first, `limit` at most.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn last_runs(&self, limit: usize) -> Result<Vec<Run>, StoreError> {
        self.read("read the runs", |connection| {
            connection
                .prepare("SELECT * FROM runs ORDER BY id DESC LIMIT ?1")?
                .query_map([limit], read_run)?
                .collect()
        })
    }
}

fn read_run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        command: row.get("command")?,
        started: read_time(row, "started")?,
        finished: read_time(row, "finished")?,
        feeds: row.get("feeds")?,
        feeds_failed: row.get("feeds_failed")?,
        requests: row.get("requests")?,
        bytes: row.get("bytes")?,
        counts: counts(row)?,
        stopped: row.get("stopped")?,
        error: row.get("error")?,
    })
}
