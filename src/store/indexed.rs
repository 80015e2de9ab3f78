//! What the search index takes of quotes, of one article or of all.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, Row};

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

    /// Gives every quote that is not withdrawn to `take`, as they stand in the file, until it fails: in
    /// any other order each would be looked up by itself, which a disk is slow at.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read, else the error of `take`.
    pub fn each_indexed_quote<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(IndexedQuote) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failed = None;
        self.read("read the quotes", |connection| {
            let mut statement = connection.prepare_cached(&format!("{QUOTES} ORDER BY rowid"))?;
            let mut rows = statement.query([])?;
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
    /// The speakers of the last article by the folded names that it gives.
    speakers: HashMap<String, Known>,
}

/// What the collection knows of a speaker.
#[derive(Debug, Default)]
struct Known {
    identity: Option<String>,
    aliases: Vec<String>,
}

impl<'a> Articles<'a> {
    fn new(connection: &'a Connection) -> Self {
        Self { connection, last: None, speakers: HashMap::new() }
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
        let mut aliases = Vec::new();
        if let Some(speaker) = speaker.as_mut().filter(|speaker| !speaker.anonymous)
            && let Some(key) = row.get_ref(13)?.as_str_or_null()?
            && let Some(known) = self.speakers.get(key)
        {
            speaker.identity.clone_from(&known.identity);
            aliases.clone_from(&known.aliases);
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

    fn speakers(&self, article: &str) -> rusqlite::Result<HashMap<String, Known>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT mentions.key, mentions.speaker, aliases.name FROM mentions \
             LEFT JOIN aliases ON aliases.speaker = mentions.speaker \
             WHERE mentions.article = ?1 ORDER BY aliases.key",
        )?;
        let mut rows = statement.query([article])?;
        let mut speakers: HashMap<String, Known> = HashMap::new();
        while let Some(row) = rows.next()? {
            let known = speakers.entry(row.get(0)?).or_default();
            known.identity = row.get(1)?;
            known.aliases.extend(row.get::<_, Option<String>>(2)?);
        }
        Ok(speakers)
    }

    /// When the version was fetched, and what the index takes of it.
    fn article(&self, id: &str, version: u32) -> rusqlite::Result<(String, IndexedArticle)> {
        self.connection
            .prepare_cached(
                "SELECT fetched, title, outlet, published, language, notices, \
                     (SELECT json_group_array(topic ORDER BY topic) FROM topic_decisions \
                         WHERE article = ?1 AND version = ?2 AND matched) AS topics \
                 FROM versions WHERE article = ?1 AND version = ?2",
            )?
            .query_row((id, version), |row| {
                let notices: Vec<Notice> = read_json(row, "notices")?;
                let article = IndexedArticle {
                    id: id.to_owned(),
                    notice_kinds: notices.iter().map(|notice| notice.kind).collect(),
                    title: row.get("title")?,
                    outlet: row.get("outlet")?,
                    topics: read_json(row, "topics")?,
                    published: read_date(row, "published")?,
                    language: row.get("language")?,
                };
                Ok((row.get("fetched")?, article))
            })
    }
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
