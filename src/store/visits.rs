//! Visits to pages, and robots.txt of the servers they are on.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::feeds::validators;
use super::values::{json, read_date, read_time, read_time_opt, read_word, time};
use super::versions::article_id;
use super::{Store, StoreError};
use crate::domain::date::PageDate;
use crate::domain::record::{Payload, Snapshot};
use crate::domain::run::{CachedRobots, Upkeep, Visit};
use crate::domain::topic;

impl Store {
    /// The last visit to the page at `url`, as the feed names it.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn visit(&self, url: &str) -> Result<Option<Visit>, StoreError> {
        self.read("read a visit", |connection| {
            connection
                .prepare_cached("SELECT * FROM visits WHERE url = ?1")?
                .query_row([url], read_visit)
                .optional()
        })
    }

    /// Keeps a visit in the place of the last one to the same URL.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn record_visit(&mut self, visit: &Visit) -> Result<(), StoreError> {
        self.write("record a visit", |transaction| insert_visit(transaction, visit))
    }

    /// The last visits that did not end in a kept article, newest first.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn skipped(&self) -> Result<Vec<Visit>, StoreError> {
        self.read("read the visits", |connection| {
            connection
                .prepare("SELECT * FROM visits WHERE outcome <> 'kept' ORDER BY at DESC, url")?
                .query_map([], read_visit)?
                .collect()
        })
    }

    /// Pages named by one of `feeds` that are to be asked again by `now`, the longest due first,
    /// `limit` at most.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn rechecks(
        &self,
        feeds: &[&str],
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Visit>, StoreError> {
        self.read("read what is to be asked again", |connection| {
            connection
                .prepare_cached(
                    "SELECT * FROM visits WHERE recheck_at <= ?1 \
                         AND feed IN (SELECT value FROM json_each(?2)) \
                     ORDER BY recheck_at, url LIMIT ?3",
                )?
                .query_map((time(now), json(feeds)?, limit), read_visit)?
                .collect()
        })
    }

    /// When the next page named by one of `feeds` is to be asked again.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn next_recheck(&self, feeds: &[&str]) -> Result<Option<Timestamp>, StoreError> {
        self.read("read what is to be asked again", |connection| {
            connection
                .prepare_cached(
                    "SELECT min(recheck_at) AS next FROM visits \
                     WHERE recheck_at IS NOT NULL AND feed IN (SELECT value FROM json_each(?1))",
                )?
                .query_row([json(feeds)?], |row| read_time_opt(row, "next"))
        })
    }

    /// Pages named by `feed` that were about something else and were not held against all of
    /// `topics` (as [`topic::fingerprint`] writes them), newest first, `limit` at most.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn off_topic(
        &self,
        feed: &str,
        topics: &str,
        limit: usize,
    ) -> Result<Vec<Visit>, StoreError> {
        self.read("read the pages about something else", |connection| {
            connection
                .prepare_cached(
                    "SELECT * FROM visits \
                     WHERE feed = ?1 AND outcome = 'off_topic' AND topics <> ?2 \
                     ORDER BY at DESC, url",
                )?
                .query_map([feed, topics], read_visit)?
                .filter(
                    |visit| !matches!(visit, Ok(it) if topic::covers(&it.upkeep.topics, topics)),
                )
                .take(limit)
                .collect()
        })
    }

    /// robots.txt of `origin` (`https://example.org`), as it was last fetched.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn robots(&self, origin: &str) -> Result<Option<CachedRobots>, StoreError> {
        self.read("read a cached robots.txt", |connection| {
            connection
                .prepare_cached("SELECT status, body, fetched FROM robots WHERE origin = ?1")?
                .query_row([origin], |row| {
                    Ok(CachedRobots {
                        status: row.get("status")?,
                        body: row.get("body")?,
                        fetched: read_time(row, "fetched")?,
                    })
                })
                .optional()
        })
    }

    /// Keeps robots.txt of `origin` in the place of the last one.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn record_robots(&mut self, origin: &str, robots: &CachedRobots) -> Result<(), StoreError> {
        self.write("record a robots.txt", |transaction| {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO robots VALUES (?1, ?2, ?3, ?4)")?
                .execute((origin, robots.status, &robots.body, time(robots.fetched)))?;
            Ok(())
        })
    }
}

/// Writes the visit's row, and marks its article where the page is gone or there again.
pub(super) fn insert_visit(connection: &Connection, visit: &Visit) -> rusqlite::Result<()> {
    mark_vanished(connection, visit)?;
    let payload = visit.upkeep.payload.as_ref();
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO visits (url, feed, at, outcome, transient, status, reason, \
                 entry_updated, final_url, etag, last_modified, kept_since, recheck_at, topics, \
                 payload_file, payload_offset, payload_digest, payload_date) \
             VALUES (:url, :feed, :at, :outcome, :transient, :status, :reason, :entry_updated, \
                 :final_url, :etag, :last_modified, :kept_since, :recheck_at, :topics, \
                 :payload_file, :payload_offset, :payload_digest, :payload_date)",
        )?
        .execute(named_params! {
            ":url": visit.url,
            ":feed": visit.feed,
            ":at": time(visit.at),
            ":outcome": visit.outcome.as_str(),
            ":transient": visit.transient,
            ":status": visit.status,
            ":reason": visit.reason,
            ":entry_updated": visit.entry_updated.as_ref().map(PageDate::as_str),
            ":final_url": visit.final_url,
            ":etag": visit.validators.etag,
            ":last_modified": visit.validators.last_modified,
            ":kept_since": visit.upkeep.kept_since.map(time),
            ":recheck_at": visit.upkeep.recheck_at.map(time),
            ":topics": visit.upkeep.topics,
            ":payload_file": payload.map(|payload| &payload.snapshot.file),
            ":payload_offset": payload.map(|payload| payload.snapshot.offset),
            ":payload_digest": payload.map(|payload| &payload.digest),
            ":payload_date": payload.map(|payload| time(payload.date)),
        })?;
    Ok(())
}

/// Keeps since when the visited page's article is gone by the word of its server; other failures prove
/// nothing.
fn mark_vanished(connection: &Connection, visit: &Visit) -> rusqlite::Result<()> {
    let vanished = match visit.status {
        Some(404 | 410) => Some(time(visit.at)),
        Some(200..=399) => None,
        _ => return Ok(()),
    };
    let last = visit.final_url.as_ref().unwrap_or(&visit.url);
    // An article goes by its canonical URL, which need not be the page's.
    connection
        .prepare_cached(
            "UPDATE articles SET vanished = iif(?1 IS NULL, NULL, coalesce(vanished, ?1)) \
             WHERE (vanished IS NULL) <> (?1 IS NULL) AND (id IN (?2, ?3) OR id IN \
                 (SELECT article FROM versions WHERE fetched_from IN (?4, ?5)))",
        )?
        .execute((vanished, article_id(&visit.url), article_id(last), &visit.url, last))?;
    Ok(())
}

fn read_visit(row: &Row<'_>) -> rusqlite::Result<Visit> {
    Ok(Visit {
        url: row.get("url")?,
        feed: row.get("feed")?,
        at: read_time(row, "at")?,
        outcome: read_word(row, "outcome")?,
        transient: row.get("transient")?,
        status: row.get("status")?,
        reason: row.get("reason")?,
        entry_updated: read_date(row, "entry_updated")?,
        final_url: row.get("final_url")?,
        validators: validators(row)?,
        upkeep: Upkeep {
            kept_since: read_time_opt(row, "kept_since")?,
            recheck_at: read_time_opt(row, "recheck_at")?,
            topics: row.get("topics")?,
            payload: read_payload(row)?,
        },
    })
}

fn read_payload(row: &Row<'_>) -> rusqlite::Result<Option<Payload>> {
    let Some(file) = row.get("payload_file")? else { return Ok(None) };
    Ok(Some(Payload {
        snapshot: Snapshot { file, offset: row.get("payload_offset")? },
        // The last answer that had a body is the last that could lead elsewhere.
        url: row.get::<_, Option<String>>("final_url")?.map_or_else(|| row.get("url"), Ok)?,
        digest: row.get("payload_digest")?,
        date: read_time(row, "payload_date")?,
    }))
}
