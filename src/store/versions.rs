//! Articles and their versions: what is new in a fetched page, kept in one transaction.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::mentions::follow;
use super::revisions::apply_quotes;
use super::values::{json, read_date, read_json, read_snapshot, time};
use super::visits::insert_visit;
use super::{Store, StoreError, listed};
use crate::domain::article::{Article, Notice};
use crate::domain::date::PageDate;
use crate::domain::hash;
use crate::domain::quote::Quote;
use crate::domain::record::{ArticleSummary, Snapshot, StoredVersion, VersionSummary};
use crate::domain::rights::Reservation;
use crate::domain::run::Visit;
use crate::domain::topic::TopicDecision;

/// Changed articles read at a time. A run changes an article several times, when it is kept and as it is
/// worked out who its speakers are: read together, it is taken up once. Five megabytes at most.
const CHANGED: usize = 50_000;

/// An article as it was just fetched, to be recorded together with its visit.
#[derive(Debug, Clone)]
pub struct NewVersion<'a> {
    /// Its canonical URL; the article is known by it.
    pub url: String,
    /// Where the page was fetched from.
    pub fetched_from: String,
    /// The id of the feed that named it, if it came by one.
    pub feed: Option<String>,
    /// The outlet to print: the feed's, or the page's.
    pub outlet: String,
    /// The decision on every topic that it was held against.
    pub decisions: Vec<TopicDecision>,
    /// The article.
    pub article: &'a Article,
    /// Its quotes, in the order of the text.
    pub quotes: &'a [Quote],
    /// When it was fetched.
    pub fetched: Timestamp,
    /// Where the page itself is kept.
    pub snapshot: Option<Snapshot>,
    /// What the publisher asks of copies.
    pub reservations: BTreeSet<Reservation>,
    /// The visit that brought it.
    pub visit: Visit,
}

/// What recording a version came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The article's id: [`article_id`] of its URL.
    pub article_id: String,
    /// The article's newest version now, from 1.
    pub version: u32,
    /// What was new.
    pub outcome: Outcome,
    /// Quotes of the recorded version; 0 if nothing was new.
    pub quotes: usize,
    /// Revisions that the version brought.
    pub revisions: usize,
}

/// What was new in a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The article itself.
    New,
    /// Its text, its title or its notices.
    Changed,
    /// Nothing: only the visit was recorded.
    Unchanged,
}

/// The id of the article at canonical URL `url`. Extraction takes it as the key of quote ids.
#[must_use]
pub fn article_id(url: &str) -> String {
    hash::short(&[url])
}

impl Store {
    /// Keeps a fetched article and its visit, all in one transaction. A version that has the text,
    /// the title and the notices of the last one adds nothing but the visit, and what the publisher
    /// asks of copies now takes the place of what they asked then. Else the quotes are held against
    /// those of the last version, and what became of them is kept as revisions. The speakers'
    /// identities are left for [`Store::settle_speakers`].
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written; then nothing of it is kept.
    pub fn record_version(&mut self, new: &NewVersion<'_>) -> Result<Recorded, StoreError> {
        self.write("record an article", |transaction| {
            insert_visit(transaction, &new.visit)?;
            let article_id = article_id(&new.url);
            let last = last_version(transaction, &article_id)?;
            let text_hash = blake3::hash(new.article.text.as_bytes()).to_hex().to_string();
            if let Some(last) = &last
                && last.reads_as(new.article, &text_hash)
            {
                replace_reservations(transaction, &article_id, last.version, &new.reservations)?;
                return Ok(Recorded {
                    article_id,
                    version: last.version,
                    outcome: Outcome::Unchanged,
                    quotes: 0,
                    revisions: 0,
                });
            }
            let version = last.as_ref().map_or(1, |last| last.version.saturating_add(1));
            insert_version(transaction, &article_id, version, new, last.as_ref(), &text_hash)?;
            let earlier = last.as_ref().map_or(&[][..], |last| &last.notices);
            let notices = fresh_notices(&new.article.notices, earlier);
            let revisions = apply_quotes(transaction, &article_id, version, new.quotes, &notices)?;
            append_change(transaction, &article_id)?;
            follow(transaction, &article_id)?;
            Ok(Recorded {
                article_id,
                version,
                outcome: if last.is_some() { Outcome::Changed } else { Outcome::New },
                quotes: new.quotes.len(),
                revisions,
            })
        })
    }

    /// Ids of articles in order, from the first after `after`, `limit` at most.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn article_ids(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        self.read("list the articles", |connection| {
            connection
                .prepare_cached("SELECT id FROM articles WHERE id > ?1 ORDER BY id LIMIT ?2")?
                .query_map((after.unwrap_or_default(), limit), |row| row.get(0))?
                .collect()
        })
    }

    /// Every version of an article, oldest first; none if there is no such article.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn versions(&self, article_id: &str) -> Result<Vec<StoredVersion>, StoreError> {
        self.read("read an article's versions", |connection| {
            connection
                .prepare_cached("SELECT * FROM versions WHERE article = ?1 ORDER BY version")?
                .query_map([article_id], read_version)?
                .collect()
        })
    }

    /// The article of this id with its versions, without their texts; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn article(&self, article_id: &str) -> Result<Option<ArticleSummary>, StoreError> {
        self.read("read an article", |connection| {
            let found = connection
                .prepare_cached("SELECT url, vanished FROM articles WHERE id = ?1")?
                .query_row([article_id], |row| Ok((row.get("url")?, row.get("vanished")?)))
                .optional()?;
            let Some((url, vanished)) = found else { return Ok(None) };
            let versions = connection
                .prepare_cached(
                    "SELECT version, fetched, outlet, title, byline, published, modified, language, \
                         text_hash, snapshot_file, snapshot_offset, notices \
                     FROM versions WHERE article = ?1 ORDER BY version",
                )?
                .query_map([article_id], |row| {
                    Ok(VersionSummary {
                        version: row.get("version")?,
                        fetched: row.get("fetched")?,
                        outlet: row.get("outlet")?,
                        title: row.get("title")?,
                        byline: read_json(row, "byline")?,
                        published: read_date(row, "published")?,
                        modified: read_date(row, "modified")?,
                        language: row.get("language")?,
                        text_hash: row.get("text_hash")?,
                        snapshot: read_snapshot(row)?,
                        notices: read_json(row, "notices")?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Some(ArticleSummary { id: article_id.to_owned(), url, vanished, versions }))
        })
    }

    /// One version of an article; `None` if there is no such one.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn version(
        &self,
        article_id: &str,
        version: u32,
    ) -> Result<Option<StoredVersion>, StoreError> {
        self.read("read a version of an article", |connection| {
            connection
                .prepare_cached("SELECT * FROM versions WHERE article = ?1 AND version = ?2")?
                .query_row((article_id, version), read_version)
                .optional()
        })
    }

    /// Puts the quotes that today's extractor finds in every version of an article in the place
    /// of those kept, and works the revisions out anew. `per_version` has each version with its
    /// quotes, oldest first. Quotes that are found no more are withdrawn, not deleted. The speakers'
    /// identities are left for [`Store::settle_speakers`].
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written or a version is not in it; then nothing changes.
    pub fn replace_quotes(
        &mut self,
        article_id: &str,
        per_version: &[(u32, Vec<Quote>)],
    ) -> Result<(), StoreError> {
        self.write("replace an article's quotes", |transaction| {
            transaction.execute("DELETE FROM revisions WHERE article = ?1", [article_id])?;
            listed::note_unnamed(transaction, article_id)?;
            transaction.execute(
                "UPDATE quotes SET withdrawn = 1, current = 0, revised = 0 WHERE article = ?1",
                [article_id],
            )?;
            let mut earlier: Vec<Notice> = Vec::new();
            for (version, quotes) in per_version {
                let stored: Vec<Notice> = transaction
                    .prepare_cached(
                        "SELECT notices FROM versions WHERE article = ?1 AND version = ?2",
                    )?
                    .query_row((article_id, version), |row| read_json(row, "notices"))?;
                let notices = fresh_notices(&stored, &earlier);
                apply_quotes(transaction, article_id, *version, quotes, &notices)?;
                earlier = stored;
            }
            follow(transaction, article_id)?;
            append_change(transaction, article_id)
        })
    }

    /// Notes what the publisher of the page at `url` asks of copies now at the newest version of its
    /// article, if the collection has one.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn note_reservations(
        &mut self,
        url: &str,
        reservations: &BTreeSet<Reservation>,
    ) -> Result<(), StoreError> {
        self.write("note what a publisher asks", |transaction| {
            let Some(article) = fetched_from(transaction, url)? else { return Ok(()) };
            let newest = transaction
                .prepare_cached("SELECT version FROM articles WHERE id = ?1")?
                .query_row([&article], |row| row.get(0))?;
            replace_reservations(transaction, &article, newest, reservations)
        })
    }

    /// Notes these beside what the publisher of the visited page is known to ask.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn note_also(
        &mut self,
        visit: &Visit,
        reservations: &BTreeSet<Reservation>,
    ) -> Result<(), StoreError> {
        self.write("note what a publisher asks", |transaction| {
            let Some(article) = visited(transaction, visit)? else { return Ok(()) };
            let mut insert = transaction.prepare_cached(
                "INSERT OR IGNORE INTO reservations \
                 SELECT id, version, ?2 FROM articles WHERE id = ?1",
            )?;
            let mut new = 0;
            for reservation in reservations {
                new += insert.execute((&article, reservation.as_str()))?;
            }
            if new > 0 { append_change(transaction, &article) } else { Ok(()) }
        })
    }

    /// The id of the article that the visited page brought; `None` if it brought none.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn article_visited(&self, visit: &Visit) -> Result<Option<String>, StoreError> {
        self.read("find an article", |connection| visited(connection, visit))
    }

    /// Ids of the articles whose newest version came by `feed`.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn article_ids_of_feed(&self, feed: &str) -> Result<Vec<String>, StoreError> {
        self.read("list a feed's articles", |connection| {
            connection
                .prepare_cached(
                    "SELECT articles.id FROM articles \
                     JOIN versions ON versions.article = articles.id \
                         AND versions.version = articles.version \
                     WHERE versions.feed = ?1",
                )?
                .query_map([feed], |row| row.get(0))?
                .collect()
        })
    }

    /// Puts decisions in the place of those on the same topics; what else the version was held
    /// against stays.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written or has no such version.
    pub fn replace_decisions(
        &mut self,
        article_id: &str,
        version: u32,
        decisions: &[TopicDecision],
    ) -> Result<(), StoreError> {
        self.write("replace an article's topics", |transaction| {
            insert_decisions(transaction, article_id, version, decisions)?;
            append_change(transaction, article_id)
        })
    }

    /// The next changes after number `seq`, of [`CHANGED`] articles: each once, by the number of its last
    /// change among them, in their order.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn changes_since(&self, seq: u64) -> Result<Vec<(u64, String)>, StoreError> {
        self.read("read the changes", |connection| {
            let mut last: HashMap<String, u64> = HashMap::new();
            let mut select = connection
                .prepare_cached("SELECT article, seq FROM changes WHERE seq > ?1 ORDER BY seq")?;
            let mut rows = select.query([seq])?;
            while last.len() < CHANGED
                && let Some(row) = rows.next()?
            {
                last.insert(row.get(0)?, row.get(1)?);
            }
            let mut changes: Vec<(u64, String)> =
                last.into_iter().map(|(article, seq)| (seq, article)).collect();
            changes.sort_unstable();
            Ok(changes)
        })
    }

    /// The number of the last change; 0 if there is none.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn last_change(&self) -> Result<u64, StoreError> {
        self.read("read the last change", |connection| {
            connection.query_row("SELECT coalesce(max(seq), 0) FROM changes", [], |row| row.get(0))
        })
    }
}

struct LastVersion {
    version: u32,
    title: Option<String>,
    published: Option<PageDate>,
    text_hash: String,
    notices: Vec<Notice>,
}

impl LastVersion {
    /// Notices count too: a correction may change nothing else, and it must not be lost. A title that
    /// only the feed stated is missing where the page is asked without it: that is no change.
    fn reads_as(&self, article: &Article, text_hash: &str) -> bool {
        self.text_hash == text_hash
            && article.title.as_ref().is_none_or(|title| self.title.as_ref() == Some(title))
            && self.notices == article.notices
    }
}

fn last_version(
    connection: &Connection,
    article_id: &str,
) -> rusqlite::Result<Option<LastVersion>> {
    connection
        .prepare_cached(
            "SELECT versions.version, title, published, text_hash, notices FROM articles \
             JOIN versions ON versions.article = articles.id \
                 AND versions.version = articles.version \
             WHERE articles.id = ?1",
        )?
        .query_row([article_id], |row| {
            Ok(LastVersion {
                version: row.get("version")?,
                title: row.get("title")?,
                published: read_date(row, "published")?,
                text_hash: row.get("text_hash")?,
                notices: read_json(row, "notices")?,
            })
        })
        .optional()
}

fn insert_version(
    connection: &Connection,
    article_id: &str,
    version: u32,
    new: &NewVersion<'_>,
    last: Option<&LastVersion>,
    text_hash: &str,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO articles (id, url, version) VALUES (?1, ?2, ?3) \
             ON CONFLICT (id) DO UPDATE SET version = excluded.version",
        )?
        .execute((article_id, &new.url, version))?;
    let article = new.article;
    let published = article.published.as_ref().or(last.and_then(|last| last.published.as_ref()));
    connection
        .prepare_cached(
            "INSERT INTO versions VALUES (:article, :version, :fetched, :fetched_from, :feed, \
                 :outlet, :page_outlet, :title, :standfirst, :byline, :published, :modified, \
                 :language, :canonical_url, :text, :text_hash, :notices, :snapshot_file, \
                 :snapshot_offset, :agency, :live)",
        )?
        .execute(named_params! {
            ":article": article_id,
            ":version": version,
            ":fetched": time(new.fetched),
            ":fetched_from": new.fetched_from,
            ":feed": new.feed,
            ":outlet": new.outlet,
            ":page_outlet": article.outlet,
            ":title": article.title.as_ref().or(last.and_then(|last| last.title.as_ref())),
            ":standfirst": article.standfirst,
            ":byline": json(&article.byline)?,
            ":published": published.map(PageDate::as_str),
            ":modified": article.modified.as_ref().map(PageDate::as_str),
            ":language": article.language,
            ":canonical_url": article.canonical_url,
            ":text": article.text,
            ":text_hash": text_hash,
            ":notices": json(&article.notices)?,
            ":snapshot_file": new.snapshot.as_ref().map(|snapshot| &snapshot.file),
            ":snapshot_offset": new.snapshot.as_ref().map(|snapshot| snapshot.offset),
            ":agency": article.agency,
            ":live": article.live,
        })?;
    insert_reservations(connection, article_id, version, &new.reservations)?;
    insert_decisions(connection, article_id, version, &new.decisions)
}

fn insert_reservations(
    connection: &Connection,
    article_id: &str,
    version: u32,
    reservations: &BTreeSet<Reservation>,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT INTO reservations VALUES (?1, ?2, ?3)")?;
    for reservation in reservations {
        insert.execute((article_id, version, reservation.as_str()))?;
    }
    Ok(())
}

/// Puts `reservations` in the place of those of a version; a change of the article, if they differ.
fn replace_reservations(
    connection: &Connection,
    article_id: &str,
    version: u32,
    reservations: &BTreeSet<Reservation>,
) -> rusqlite::Result<()> {
    let known: BTreeSet<String> = connection
        .prepare_cached("SELECT reservation FROM reservations WHERE article = ?1 AND version = ?2")?
        .query_map((article_id, version), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if known.iter().map(String::as_str).eq(reservations.iter().map(|it| it.as_str())) {
        return Ok(());
    }
    connection
        .prepare_cached("DELETE FROM reservations WHERE article = ?1 AND version = ?2")?
        .execute((article_id, version))?;
    insert_reservations(connection, article_id, version, reservations)?;
    append_change(connection, article_id)
}

fn insert_decisions(
    connection: &Connection,
    article_id: &str,
    version: u32,
    decisions: &[TopicDecision],
) -> rusqlite::Result<()> {
    let mut insert = connection
        .prepare_cached("INSERT OR REPLACE INTO topic_decisions VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for decision in decisions {
        insert.execute((
            article_id,
            version,
            &decision.topic,
            decision.matched,
            &decision.reason,
        ))?;
    }
    Ok(())
}

pub(super) fn append_change(connection: &Connection, article_id: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO changes (article) VALUES (?1)")?
        .execute([article_id])?;
    Ok(())
}

/// The notices that the version before did not have.
fn fresh_notices(notices: &[Notice], earlier: &[Notice]) -> Vec<Notice> {
    notices.iter().filter(|notice| !earlier.contains(notice)).cloned().collect()
}

/// The article whose latest version of those fetched from `url` it is.
fn fetched_from(connection: &Connection, url: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached(
            "SELECT article FROM versions WHERE fetched_from = ?1 ORDER BY fetched DESC LIMIT 1",
        )?
        .query_row([url], |row| row.get(0))
        .optional()
}

/// The article that the visited page brought: by where a version of it was fetched, as the server had it or
/// without what only says where a reader came from; else by its own address.
fn visited(connection: &Connection, visit: &Visit) -> rusqlite::Result<Option<String>> {
    let last = visit.final_url.as_ref().unwrap_or(&visit.url);
    let payload = visit.upkeep.payload.as_ref().map(|payload| &payload.url);
    for url in payload.into_iter().chain([last]) {
        let found = fetched_from(connection, url)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    connection
        .prepare_cached(
            "SELECT id FROM articles WHERE id = ?1 OR id = ?2 ORDER BY id = ?1 DESC LIMIT 1",
        )?
        .query_row([article_id(last), article_id(&visit.url)], |row| row.get(0))
        .optional()
}

fn read_version(row: &Row<'_>) -> rusqlite::Result<StoredVersion> {
    Ok(StoredVersion {
        article_id: row.get("article")?,
        version: row.get("version")?,
        fetched_from: row.get("fetched_from")?,
        outlet: row.get("outlet")?,
        article: Article {
            title: row.get("title")?,
            standfirst: row.get("standfirst")?,
            byline: read_json(row, "byline")?,
            agency: row.get("agency")?,
            outlet: row.get("page_outlet")?,
            published: read_date(row, "published")?,
            modified: read_date(row, "modified")?,
            language: row.get("language")?,
            canonical_url: row.get("canonical_url")?,
            live: row.get("live")?,
            text: row.get("text")?,
            notices: read_json(row, "notices")?,
        },
        text_hash: row.get("text_hash")?,
        snapshot: read_snapshot(row)?,
    })
}
