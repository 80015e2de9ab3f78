//! What the search index takes of quotes, of one article or of all.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, Row};
use rustc_hash::FxHashMap;

use super::values::{read_date, read_json, read_word};
use super::{Store, StoreError};
use crate::domain::article::{Notice, NoticeKind};
use crate::domain::record::{IndexedArticle, IndexedQuote};
use crate::domain::speaker::Speaker;

/// What is read of a quote: columns of its own row.
const QUOTES: &str = "\
    SELECT id, article, first_version, version, position, kind, text, speaker_id, speaker, \
        speaker_kind, role, affiliation, anonymous, speaker_key, revised, current \
    FROM quotes WHERE withdrawn = 0 ";

/// Identities whose names are held while quotes are read: those of some hundred articles' speakers return
/// often.
const MAX_KNOWN: usize = 10_000;

/// What the index keeps of quotes by its whole value, and how many have each.
const VALUES: [(&str, &str); 5] = [
    ("speaker", "SELECT speaker, count(*) FROM quotes WHERE withdrawn = 0 GROUP BY 1"),
    ("role", "SELECT role, count(*) FROM quotes WHERE withdrawn = 0 GROUP BY 1"),
    ("affiliation", "SELECT affiliation, count(*) FROM quotes WHERE withdrawn = 0 GROUP BY 1"),
    ("kind", "SELECT kind, count(*) FROM quotes WHERE withdrawn = 0 GROUP BY 1"),
    (
        "outlet",
        "SELECT outlet, count(*) FROM quotes JOIN versions ON versions.article = quotes.article \
             AND versions.version = quotes.version WHERE withdrawn = 0 GROUP BY 1",
    ),
];

impl Store {
    /// How many quotes that are not withdrawn have each `speaker`, `role`, `affiliation`, `kind` or
    /// `outlet`; `None` where they have none. Nothing for another word.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn values(&self, of: &str) -> Result<HashMap<Option<String>, u64>, StoreError> {
        let Some((_, query)) = VALUES.iter().find(|(name, _)| *name == of) else {
            return Ok(HashMap::new());
        };
        self.read("count the quotes", |connection| {
            connection
                .prepare_cached(query)?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// Every quote of an article that is not withdrawn.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn indexed_quotes(&self, article_id: &str) -> Result<Vec<IndexedQuote>, StoreError> {
        self.read("read an article's quotes", |connection| {
            let mut quotes = Vec::new();
            let mut statement = connection
                .prepare_cached(&format!("{QUOTES} AND article = ?1 ORDER BY version, position"))?;
            let mut rows = statement.query([article_id])?;
            let mut articles = Articles::new(connection);
            while let Some(row) = rows.next()? {
                quotes.push(articles.read(row)?);
            }
            Ok(quotes)
        })
    }

    /// The number of articles that have quotes which are not withdrawn.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn quoted_articles(&self) -> Result<usize, StoreError> {
        self.read("count the articles", |connection| {
            let count = "SELECT count(*) FROM articles WHERE EXISTS \
                (SELECT 1 FROM quotes WHERE article = articles.id AND withdrawn = 0)";
            connection.query_row(count, [], |row| row.get(0))
        })
    }

    /// The number of the last of the next `rows` rows of quotes behind row `after`, as they stand in the
    /// file; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn quote_rows(&self, after: i64, rows: usize) -> Result<Option<i64>, StoreError> {
        self.read("read the quotes", |connection| {
            connection
                .prepare_cached(
                    "SELECT max(rowid) FROM \
                        (SELECT rowid FROM quotes WHERE rowid > ?1 ORDER BY rowid LIMIT ?2)",
                )?
                .query_row((after, rows), |row| row.get(0))
        })
    }

    /// Gives every quote that is not withdrawn in the rows behind `after` up to `last` to `take`, as they
    /// stand in the file, until it fails: in any other order each would be looked up by itself, which a
    /// disk is slow at.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read, else the error of `take`.
    pub fn each_indexed_quote<E: From<StoreError>>(
        &self,
        after: i64,
        last: i64,
        mut take: impl FnMut(IndexedQuote) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failed = None;
        self.read("read the quotes", |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "{QUOTES} AND rowid > ?1 AND rowid <= ?2 ORDER BY rowid"
            ))?;
            let mut rows = statement.query([after, last])?;
            let mut articles = Articles::new(connection);
            while let Some(row) = rows.next()? {
                if let Err(cause) = take(articles.read(row)?) {
                    failed = Some(cause);
                    break;
                }
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)
    }
}

/// Reads quotes, and the version of its article that each stands in once for all quotes there.
struct Articles<'a> {
    connection: &'a Connection,
    last: Option<(u32, String, Arc<IndexedArticle>)>,
    /// The identities of the last article's speakers by the folded names that it gives.
    speakers: Vec<(String, String)>,
    /// Every name of the identities met so far.
    aliases: FxHashMap<String, Arc<[String]>>,
}

impl<'a> Articles<'a> {
    fn new(connection: &'a Connection) -> Self {
        Self { connection, last: None, speakers: Vec::new(), aliases: FxHashMap::default() }
    }

    /// The quote in a row of [`QUOTES`], by the columns' numbers: finding them by name would take
    /// longer than reading them.
    fn read(&mut self, row: &Row<'_>) -> rusqlite::Result<IndexedQuote> {
        let id = row.get_ref(1)?.as_str()?;
        let (first, version): (u32, u32) = (row.get(2)?, row.get(3)?);
        let (fetched, article) = match &self.last {
            Some((last, fetched, article)) if *last == version && article.id == id => {
                (fetched.clone(), Arc::clone(article))
            }
            _ => {
                let (fetched, article) = self.article(id, version)?;
                self.speakers = self.speakers(id)?;
                let article = Arc::new(article);
                self.last = Some((version, fetched.clone(), Arc::clone(&article)));
                (fetched, article)
            }
        };
        let first_seen = if first == version {
            fetched
        } else {
            self.connection
                .prepare_cached("SELECT fetched FROM versions WHERE article = ?1 AND version = ?2")?
                .query_row((id, first), |row| row.get(0))?
        };
        let mut speaker = match row.get(7)? {
            None => None,
            Some(id) => Some(Speaker {
                id,
                name: row.get(8)?,
                kind: read_word(row, 9)?,
                role: row.get(10)?,
                affiliation: row.get(11)?,
                anonymous: row.get(12)?,
                identity: None,
            }),
        };
        let mut aliases = Arc::default();
        if let Some(speaker) = speaker.as_mut().filter(|speaker| !speaker.anonymous)
            && let Some(key) = row.get_ref(13)?.as_str_or_null()?
            && let Some((_, identity)) = self.speakers.iter().find(|(known, _)| known == key)
        {
            aliases = aliases_of(self.connection, &mut self.aliases, identity)?;
            speaker.identity = Some(identity.clone());
        }
        let (quote, revised): (String, bool) = (row.get(0)?, row.get(14)?);
        let mut notice_kinds = article.notice_kinds.clone();
        if revised {
            notice_kinds.extend(explaining(self.connection, &quote)?);
            notice_kinds.sort_unstable();
            notice_kinds.dedup();
        }
        Ok(IndexedQuote {
            id: quote,
            article,
            notice_kinds,
            position: row.get(4)?,
            kind: read_word(row, 5)?,
            text: row.get(6)?,
            speaker,
            aliases,
            first_seen,
            revised,
            current: row.get(15)?,
        })
    }

    fn speakers(&self, article: &str) -> rusqlite::Result<Vec<(String, String)>> {
        self.connection
            .prepare_cached(
                "SELECT key, speaker FROM mentions WHERE article = ?1 AND speaker IS NOT NULL",
            )?
            .query_map([article], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }

    /// When the version was fetched, and what the index takes of it.
    fn article(&self, id: &str, version: u32) -> rusqlite::Result<(String, IndexedArticle)> {
        let topics = self
            .connection
            .prepare_cached(
                "SELECT topic FROM topic_decisions WHERE article = ?1 AND version = ?2 AND matched \
                 ORDER BY topic",
            )?
            .query_map((id, version), |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        self.connection
            .prepare_cached(
                "SELECT fetched, title, outlet, published, language, notices \
                 FROM versions WHERE article = ?1 AND version = ?2",
            )?
            .query_row((id, version), |row| {
                let notices: Vec<Notice> = read_json(row, 5)?;
                let article = IndexedArticle {
                    id: id.to_owned(),
                    notice_kinds: notices.iter().map(|notice| notice.kind).collect(),
                    title: row.get(1)?,
                    outlet: row.get(2)?,
                    topics,
                    published: read_date(row, 3)?,
                    language: row.get(4)?,
                };
                Ok((row.get(0)?, article))
            })
    }
}

/// Every name of an identity, in the order of their keys; asked for once of each.
fn aliases_of(
    connection: &Connection,
    known: &mut FxHashMap<String, Arc<[String]>>,
    identity: &str,
) -> rusqlite::Result<Arc<[String]>> {
    if let Some(aliases) = known.get(identity) {
        return Ok(Arc::clone(aliases));
    }
    let aliases: Arc<[String]> = connection
        .prepare_cached("SELECT name FROM aliases WHERE speaker = ?1 ORDER BY key")?
        .query_map([identity], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if known.len() == MAX_KNOWN {
        known.clear();
    }
    known.insert(identity.to_owned(), Arc::clone(&aliases));
    Ok(aliases)
}

/// The kinds of the notices that explain what became of a quote.
fn explaining(connection: &Connection, quote: &str) -> rusqlite::Result<Vec<NoticeKind>> {
    connection
        .prepare_cached(
            "SELECT notice FROM revisions \
             WHERE notice IS NOT NULL AND (before_quote = ?1 OR after_quote = ?1)",
        )?
        .query_map([quote], |row| Ok(read_json::<Notice>(row, "notice")?.kind))?
        .collect()
}
