//! Visits to pages; robots.txt of the servers they are on, and the rest that those asked for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use url::Url;

use super::feeds::validators;
use super::values::{json, read_date, read_time, read_time_opt, read_word, time};
use super::versions::article_id;
use super::{Store, StoreError};
use crate::domain::date::PageDate;
use crate::domain::record::{Payload, Snapshot};
use crate::domain::run::{CachedFile, Upkeep, Visit};
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

    /// What is known of the article at the first of `urls`, the others being addresses under which it
    /// may be known as well ([`crate::domain::address::variants`]): the last visit to the one under which
    /// it is kept, else to the first, else to one that was about something else.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn visit_of_any(&self, urls: &[Url]) -> Result<Option<Visit>, StoreError> {
        let addresses: Vec<&str> = urls.iter().map(Url::as_str).collect();
        self.read("read a visit", |connection| {
            connection
                .prepare_cached(
                    "SELECT visits.* FROM json_each(?1) AS named \
                     JOIN visits ON visits.url = named.value \
                     WHERE named.key = 0 OR outcome IN ('kept', 'off_topic') \
                     ORDER BY outcome <> 'kept', named.key LIMIT 1",
                )?
                .query_row([json(&addresses)?], read_visit)
                .optional()
        })
    }

    /// The first of `urls` under which the collection has an article.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn article_at_any(&self, urls: &[Url]) -> Result<Option<String>, StoreError> {
        let addresses: Vec<&str> = urls.iter().map(Url::as_str).collect();
        self.read("read an article's address", |connection| {
            connection
                .prepare_cached(
                    "SELECT url FROM json_each(?1) AS named \
                     JOIN articles ON articles.url = named.value ORDER BY named.key LIMIT 1",
                )?
                .query_row([json(&addresses)?], |row| row.get("url"))
                .optional()
        })
    }

    /// What feeds named and is not in the collection, newest first: the last visits that did not end
    /// in a kept article, and what no run has asked for.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn skipped(&self) -> Result<Vec<Visit>, StoreError> {
        /// SQLite's largest number.
        const ALL: usize = i64::MAX as usize;
        Ok(self.skipped_part(0, ALL)?.0)
    }

    /// A part of [`Store::skipped`]: `limit` of them behind the first `offset`, and how many there are in
    /// all.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn skipped_part(
        &self,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<Visit>, usize), StoreError> {
        /// Addresses alone: they are sorted before what is known of a few of them is read.
        const SKIPPED: &str = "\
            SELECT url, at, TRUE AS visited FROM visits WHERE outcome <> 'kept' \
            UNION ALL SELECT url, at, FALSE FROM unasked \
                WHERE url NOT IN (SELECT url FROM visits) GROUP BY url";
        self.read("read the visits", |connection| {
            let total = connection
                .prepare_cached(&format!("SELECT count(*) FROM ({SKIPPED})"))?
                .query_row([], |row| row.get(0))?;
            let mut visit = connection.prepare_cached("SELECT * FROM visits WHERE url = ?1")?;
            let mut unasked = connection.prepare_cached(
                // As visits that asked nothing.
                "SELECT url, min(feed) AS feed, at, outcome, transient, NULL AS status, reason, \
                     NULL AS entry_updated, NULL AS final_url, NULL AS etag, \
                     NULL AS last_modified, NULL AS kept_since, NULL AS recheck_at, \
                     '' AS topics, NULL AS payload_file \
                 FROM unasked WHERE url = ?1 GROUP BY url",
            )?;
            let visits = connection
                .prepare_cached(&format!("{SKIPPED} ORDER BY at DESC, url LIMIT ?1 OFFSET ?2"))?
                .query_map((limit, offset), |row| {
                    let url: String = row.get("url")?;
                    if row.get("visited")? {
                        visit.query_row([url], read_visit)
                    } else {
                        unasked.query_row([url], read_visit)
                    }
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok((visits, total))
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

    /// The number of those pages, without a limit.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn count_rechecks(&self, feeds: &[&str], now: Timestamp) -> Result<usize, StoreError> {
        self.read("count what is to be asked again", |connection| {
            connection
                .prepare_cached(
                    "SELECT count(*) FROM visits WHERE recheck_at <= ?1 \
                         AND feed IN (SELECT value FROM json_each(?2))",
                )?
                .query_row((time(now), json(feeds)?), |row| row.get(0))
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

    /// The archived payloads that visits name, in the order of the visits' URLs, from the first after
    /// `after`, `limit` at most; each with its visit's URL.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn payloads(
        &self,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, Payload)>, StoreError> {
        self.read("list the archived pages", |connection| {
            connection
                .prepare_cached(
                    "SELECT * FROM visits WHERE url > ?1 AND payload_file IS NOT NULL \
                     ORDER BY url LIMIT ?2",
                )?
                .query_map((after, limit), |row| Ok((row.get("url")?, read_payload(row)?)))?
                .filter_map(|row| row.map(|(url, payload)| Some((url, payload?))).transpose())
                .collect()
        })
    }

    /// robots.txt of `origin` (`https://example.org`), as it was last fetched.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn robots(&self, origin: &str) -> Result<Option<CachedFile>, StoreError> {
        self.read("read a cached robots.txt", |connection| {
            connection
                .prepare_cached("SELECT status, body, fetched FROM robots WHERE origin = ?1")?
                .query_row([origin], read_file)
                .optional()
        })
    }

    /// tdmrep.json of `origin`, as [`Store::robots`].
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn tdmrep(&self, origin: &str) -> Result<Option<CachedFile>, StoreError> {
        self.read("read a cached tdmrep.json", |connection| {
            connection
                .prepare_cached("SELECT status, body, fetched FROM tdmrep WHERE origin = ?1")?
                .query_row([origin], read_file)
                .optional()
        })
    }

    /// The servers that asked to be left alone, by origin, and until when.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn rests(&self) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        self.read("read the servers' rests", |connection| {
            connection
                .prepare_cached("SELECT origin, until FROM rests")?
                .query_map([], |row| Ok((row.get("origin")?, read_time(row, "until")?)))?
                .collect()
        })
    }

    /// Keeps `rests` in the place of those of [`Store::rests`].
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn replace_rests(&mut self, rests: &BTreeMap<String, Timestamp>) -> Result<(), StoreError> {
        self.write("record the servers' rests", |transaction| {
            transaction.execute("DELETE FROM rests", [])?;
            let mut insert = transaction.prepare_cached("INSERT INTO rests VALUES (?1, ?2)")?;
            for (origin, until) in rests {
                insert.execute((origin, time(*until)))?;
            }
            Ok(())
        })
    }

    /// Keeps tdmrep.json of `origin` in the place of the last one.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn record_tdmrep(&mut self, origin: &str, file: &CachedFile) -> Result<(), StoreError> {
        self.write("record a tdmrep.json", |transaction| {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO tdmrep VALUES (?1, ?2, ?3, ?4)")?
                .execute((origin, file.status, &file.body, time(file.fetched)))?;
            Ok(())
        })
    }

    /// Keeps robots.txt of `origin` in the place of the last one.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn record_robots(&mut self, origin: &str, robots: &CachedFile) -> Result<(), StoreError> {
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

fn read_file(row: &Row<'_>) -> rusqlite::Result<CachedFile> {
    Ok(CachedFile {
        status: row.get("status")?,
        body: row.get("body")?,
        fetched: read_time(row, "fetched")?,
    })
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
