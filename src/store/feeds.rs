//! Feeds: what is known before a run, and what each run came to.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::values::{read_time, read_time_opt, time};
use super::{Store, StoreError};
use crate::domain::feed::{Feed, Validators};
use crate::domain::run::{FeedRun, FeedState, FeedStatus, RunCounts, Sitemaps, Unasked};

impl Store {
    /// What is known about the feed; the default if it was never run at the address it has now.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn feed_state(&self, feed: &Feed) -> Result<FeedState, StoreError> {
        self.read("read a feed's state", |connection| {
            connection
                .prepare_cached("SELECT * FROM feeds WHERE id = ?1 AND url = ?2")?
                .query_row([&feed.id, feed.url.as_str()], |row| {
                    Ok(FeedState {
                        validators: validators(row)?,
                        sitemaps: sitemaps(connection, &feed.id)?,
                        last_run: read_time_opt(row, "last_run")?,
                        next_due: read_time_opt(row, "next_due")?,
                        failures: row.get("failures")?,
                        last_error: row.get("last_error")?,
                        schedule: row.get("schedule")?,
                        quiet: row.get("quiet")?,
                        gone: read_time_opt(row, "gone")?,
                        topics: row.get("topics")?,
                        reads: row.get("reads")?,
                    })
                })
                .optional()
                .map(Option::unwrap_or_default)
        })
    }

    /// Keeps a run of a feed, and the feed's new state. A failed run counts up the failures in a
    /// row and leaves the validators and topics of the last good answer; a good one that brought
    /// nothing new counts up the quiet ones. What the feed named and was not asked for takes the place
    /// of what its earlier run left, but for sitemaps that were not read.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn record_feed_run(&mut self, run: &FeedRun<'_>) -> Result<(), StoreError> {
        self.write("record a feed's run", |transaction| {
            transaction
                .prepare_cached(
                    "DELETE FROM sitemaps WHERE feed = ?1 AND NOT EXISTS \
                         (SELECT 1 FROM feeds WHERE id = ?1 AND url = ?2)",
                )?
                .execute([&run.feed.id, run.feed.url.as_str()])?;
            transaction
                .prepare_cached(
                    "INSERT INTO feeds (id, outlet, url, kind, etag, last_modified, last_run, \
                         next_due, failures, last_error, schedule, quiet, gone, topics, \
                         reads) \
                     VALUES (:id, :outlet, :url, :kind, :etag, :last_modified, :last_run, \
                         :next_due, :error IS NOT NULL, :error, :schedule, :quiet, \
                         iif(:gone, :last_run, NULL), :topics, :reads) \
                     ON CONFLICT (id) DO UPDATE SET \
                         outlet = excluded.outlet, url = excluded.url, kind = excluded.kind, \
                         etag = iif(:error IS NULL OR url <> :url, excluded.etag, etag), \
                         last_modified = iif(:error IS NULL OR url <> :url, \
                             excluded.last_modified, last_modified), \
                         last_run = excluded.last_run, next_due = excluded.next_due, \
                         failures = iif(:error IS NULL, 0, failures + 1), \
                         last_error = excluded.last_error, schedule = excluded.schedule, \
                         quiet = iif(:error IS NULL, iif(:quiet, quiet + 1, 0), quiet), \
                         gone = iif(:gone, coalesce(gone, :last_run), NULL), \
                         topics = iif(:error IS NULL OR url <> :url, excluded.topics, topics), \
                         reads = iif(:error IS NULL OR url <> :url, excluded.reads, reads)",
                )?
                .execute(named_params! {
                    ":id": run.feed.id,
                    ":outlet": run.feed.outlet,
                    ":url": run.feed.url.as_str(),
                    ":kind": run.feed.kind.as_str(),
                    ":etag": run.validators.etag,
                    ":last_modified": run.validators.last_modified,
                    ":last_run": time(run.started),
                    ":next_due": time(run.next_due),
                    ":error": run.error,
                    ":schedule": run.feed.schedule.to_string(),
                    ":quiet": run.counts.is_quiet(),
                    ":gone": run.gone,
                    ":topics": run.topics,
                    ":reads": run.feed.reads(),
                })?;
            if run.error.is_none() {
                replace_sitemaps(transaction, &run.feed.id, &run.sitemaps.complete)?;
            }
            if let Some(unasked) = &run.unasked {
                replace_unasked(transaction, run, unasked)?;
            }
            transaction
                .prepare_cached(
                    "INSERT INTO feed_runs VALUES (NULL, :feed, :started, :finished, :entries, \
                         :new, :changed, :unchanged, :off_topic, :skipped, :failed, :quotes, \
                         :error)",
                )?
                .execute(named_params! {
                    ":feed": run.feed.id,
                    ":started": time(run.started),
                    ":finished": time(run.finished),
                    ":entries": run.counts.entries,
                    ":new": run.counts.new,
                    ":changed": run.counts.changed,
                    ":unchanged": run.counts.unchanged,
                    ":off_topic": run.counts.off_topic,
                    ":skipped": run.counts.skipped,
                    ":failed": run.counts.failed,
                    ":quotes": run.counts.quotes,
                    ":error": run.error,
                })?;
            Ok(())
        })
    }

    /// Every feed that was ever run, by id, with its last run and what the collection has of it.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn feed_statuses(&self) -> Result<Vec<FeedStatus>, StoreError> {
        self.read("read the feeds' states", |connection| {
            connection
                .prepare(
                    "SELECT feeds.*, runs.*, \
                         (SELECT count(*) FROM articles \
                          JOIN versions ON versions.article = articles.id \
                              AND versions.version = articles.version \
                          WHERE versions.feed = feeds.id) AS articles_kept, \
                         (SELECT count(*) FROM quotes \
                          JOIN articles ON articles.id = quotes.article \
                          JOIN versions ON versions.article = articles.id \
                              AND versions.version = articles.version \
                          WHERE versions.feed = feeds.id AND withdrawn = 0) AS quotes_kept \
                     FROM feeds JOIN feed_runs AS runs ON runs.id = \
                         (SELECT max(id) FROM feed_runs WHERE feed = feeds.id) \
                     ORDER BY feeds.id",
                )?
                .query_map([], |row| {
                    Ok(FeedStatus {
                        id: row.get("feed")?,
                        outlet: row.get("outlet")?,
                        url: row.get("url")?,
                        last_run: Some(read_time(row, "last_run")?),
                        next_due: Some(read_time(row, "next_due")?),
                        failures: row.get("failures")?,
                        last_error: row.get("last_error")?,
                        gone: read_time_opt(row, "gone")?,
                        last_counts: counts(row)?,
                        articles: row.get("articles_kept")?,
                        quotes: row.get("quotes_kept")?,
                    })
                })?
                .collect()
        })
    }
}

/// Writes what changed of what a feed named and was not asked for: mostly nothing, however much that
/// is.
fn replace_unasked(
    connection: &Connection,
    run: &FeedRun<'_>,
    unasked: &[Unasked],
) -> rusqlite::Result<()> {
    let (feed, at) = (&run.feed.id, time(run.started));
    let Sitemaps { unread, .. } = &run.sitemaps;
    let mut known: HashMap<(String, String), String> = connection
        .prepare_cached("SELECT url, sitemap, reason FROM unasked WHERE feed = ?1")?
        .query_map([feed], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?
        .filter(|row| !matches!(row, Ok(((_, sitemap), _)) if unread.contains(sitemap)))
        .collect::<rusqlite::Result<_>>()?;
    let mut insert = connection
        .prepare_cached("INSERT OR REPLACE INTO unasked VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for Unasked { url, sitemap, outcome, transient, reason } in unasked {
        let sitemap = sitemap.as_deref().unwrap_or_default();
        if known.remove(&(url.clone(), sitemap.to_owned())).as_ref() != Some(reason) {
            insert.execute((feed, sitemap, url, &at, outcome.as_str(), transient, reason))?;
        }
    }
    let mut delete = connection
        .prepare_cached("DELETE FROM unasked WHERE url = ?1 AND feed = ?2 AND sitemap = ?3")?;
    for (url, sitemap) in known.into_keys() {
        delete.execute([&url, feed, &sitemap])?;
    }
    Ok(())
}

/// What is known of the sitemaps below the index of `feed`.
fn sitemaps(connection: &Connection, feed: &str) -> rusqlite::Result<BTreeMap<String, Validators>> {
    connection
        .prepare_cached("SELECT url, etag, last_modified FROM sitemaps WHERE feed = ?1")?
        .query_map([feed], |row| Ok((row.get("url")?, validators(row)?)))?
        .collect()
}

/// Writes what changed of the sitemaps below the index of `feed`.
fn replace_sitemaps(
    connection: &Connection,
    feed: &str,
    complete: &BTreeMap<String, Validators>,
) -> rusqlite::Result<()> {
    let mut known = sitemaps(connection, feed)?;
    let mut insert =
        connection.prepare_cached("INSERT OR REPLACE INTO sitemaps VALUES (?1, ?2, ?3, ?4)")?;
    for (url, validators) in complete {
        if known.remove(url).as_ref() != Some(validators) {
            insert.execute((feed, url, &validators.etag, &validators.last_modified))?;
        }
    }
    let mut delete =
        connection.prepare_cached("DELETE FROM sitemaps WHERE feed = ?1 AND url = ?2")?;
    known.into_keys().try_for_each(|url| delete.execute([feed, &url]).map(|_| ()))
}

pub(super) fn counts(row: &Row<'_>) -> rusqlite::Result<RunCounts> {
    Ok(RunCounts {
        entries: row.get("entries")?,
        new: row.get("new")?,
        changed: row.get("changed")?,
        unchanged: row.get("unchanged")?,
        off_topic: row.get("off_topic")?,
        skipped: row.get("skipped")?,
        failed: row.get("failed")?,
        quotes: row.get("quotes")?,
    })
}

/// The validators in the columns of their names.
pub(super) fn validators(row: &Row<'_>) -> rusqlite::Result<Validators> {
    Ok(Validators { etag: row.get("etag")?, last_modified: row.get("last_modified")? })
}
