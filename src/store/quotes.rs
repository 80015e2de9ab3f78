//! Reading quotes: by id, by article, with context.

use rusqlite::{OptionalExtension, Row};

use super::values::{read_json, read_json_opt, read_snapshot, read_word, read_word_opt};
use super::{Store, StoreError};
use crate::domain::article::{Notice, NoticeKind};
use crate::domain::quote::{Quote, Span};
use crate::domain::record::{ArticleRef, Context, QuoteDetails, QuoteRecord};
use crate::domain::speaker::Speaker;

/// How many of the ids that share a beginning an error names.
const SHOWN_IDS: usize = 5;

/// Everything a [`QuoteRecord`] has, of the version that is joined.
const RECORDS: &str = "\
    SELECT quotes.*, versions.version AS standing, articles.url, versions.title, versions.byline, versions.outlet, \
        versions.feed, versions.published, versions.modified, versions.language, \
        versions.text_hash, versions.fetched, versions.notices, versions.snapshot_file, \
        versions.snapshot_offset, \
        (SELECT fetched FROM versions AS firsts WHERE firsts.article = quotes.article \
            AND firsts.version = quotes.first_version) AS first_seen, \
        (SELECT json_group_array(topic ORDER BY topic) FROM topic_decisions AS decisions \
            WHERE decisions.article = quotes.article AND decisions.version = versions.version \
            AND matched) AS topics, \
        (SELECT json_group_array(reservation ORDER BY reservation) FROM reservations \
            WHERE reservations.article = quotes.article \
            AND reservations.version = versions.version) AS reservations, \
        articles.vanished, \
        (SELECT cluster FROM duplicates JOIN wordings ON wordings.id = duplicates.wording \
            WHERE duplicates.quote = quotes.id) AS cluster, \
        (SELECT json_group_array(DISTINCT notice ->> 'kind') FROM revisions \
            WHERE notice IS NOT NULL AND (before_quote = quotes.id OR after_quote = quotes.id)) \
            AS explaining, \
        (SELECT max(later.fetched) FROM revisions JOIN versions AS later \
            ON later.article = revisions.article AND later.version = revisions.version \
            WHERE (before_quote = quotes.id OR after_quote = quotes.id) AND kind <> 'moved') \
            AS changed, \
        (SELECT mentions.speaker FROM mentions WHERE mentions.article = quotes.article \
            AND mentions.key = quotes.speaker_key AND NOT quotes.anonymous) AS identity \
    FROM quotes \
    JOIN articles ON articles.id = quotes.article \
    JOIN versions ON versions.article = quotes.article AND versions.version = ";

impl Store {
    /// Every quote of an article that is not withdrawn: those of the newest version in the order
    /// of the text, then those that are gone.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn quotes_of_article(&self, article_id: &str) -> Result<Vec<QuoteRecord>, StoreError> {
        self.read("read an article's quotes", |connection| {
            connection
                .prepare_cached(&format!(
                    "{RECORDS} quotes.version WHERE quotes.article = ?1 AND withdrawn = 0 \
                     ORDER BY quotes.version DESC, position"
                ))?
                .query_map([article_id], read_record)?
                .collect()
        })
    }

    /// The quote whose id is `id` or the only one whose id begins so, withdrawn ones included.
    ///
    /// # Errors
    /// [`StoreError::Ambiguous`] if several begin so; [`StoreError`] if the store can't be read.
    pub fn quote(&self, id: &str) -> Result<Option<QuoteRecord>, StoreError> {
        // Ids are hexadecimal, so the ids that begin so are those from `id` to `id` and a `g`.
        let ids: Vec<String> = self.read("look a quote up", |connection| {
            connection
                .prepare_cached(
                    "SELECT id FROM quotes WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3",
                )?
                .query_map((id, format!("{id}g"), SHOWN_IDS), |row| row.get(0))?
                .collect()
        })?;
        match ids.as_slice() {
            [] => Ok(None),
            [only] => self.read_quote(only),
            [first, ..] if first == id => self.read_quote(first),
            _ => Err(StoreError::Ambiguous { prefix: id.to_owned(), ids }),
        }
    }

    /// Everything about the quote whose id is `id` or the only one whose id begins so.
    ///
    /// # Errors
    /// As [`Store::quote`].
    pub fn quote_details(&self, id: &str) -> Result<Option<QuoteDetails>, StoreError> {
        let Some(record) = self.quote(id)? else { return Ok(None) };
        Ok(Some(QuoteDetails {
            context: self.context(&record.quote.id)?,
            revisions: self.revisions(&record.quote.id)?,
            elsewhere: self.elsewhere(&record.quote.id)?,
            record,
        }))
    }

    /// The quotes of these ids, in the order given; ids that are not there are left out.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn quotes(&self, ids: &[String]) -> Result<Vec<QuoteRecord>, StoreError> {
        let mut records = Vec::with_capacity(ids.len());
        for id in ids {
            records.extend(self.read_quote(id)?);
        }
        Ok(records)
    }

    /// Has ready what reads a quote, which the first one would wait for.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn prepare_quotes(&self) -> Result<(), StoreError> {
        self.read("read a quote", |connection| connection.prepare_cached(&quote_of_id()).map(drop))
    }

    /// Gives the ids of all quotes that are not withdrawn to `take`, as they stand in the file.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn each_quote_id(&self, mut take: impl FnMut(&str)) -> Result<(), StoreError> {
        self.read("list the quotes", |connection| {
            // Not in the order of an index, which would look each one up by itself.
            let mut statement =
                connection.prepare("SELECT id FROM quotes WHERE withdrawn = 0 ORDER BY rowid")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                take(row.get_ref(0)?.as_str()?);
            }
            Ok(())
        })
    }

    /// Every quote of an article that is not withdrawn as it was extracted, with its version.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn extracted_quotes(&self, article_id: &str) -> Result<Vec<(u32, Quote)>, StoreError> {
        self.read("read an article's quotes", |connection| {
            connection
                .prepare_cached(
                    "SELECT * FROM quotes WHERE article = ?1 AND withdrawn = 0 \
                     ORDER BY version DESC, position",
                )?
                .query_map([article_id], |row| Ok((row.get("version")?, read_extracted(row)?)))?
                .collect()
        })
    }

    fn read_quote(&self, id: &str) -> Result<Option<QuoteRecord>, StoreError> {
        self.read("read a quote", |connection| {
            connection.prepare_cached(&quote_of_id())?.query_row([id], read_record).optional()
        })
    }

    /// The quote of this id, exactly, with what is kept of another version of its article in
    /// `article`; its words, speaker and offsets are those of the newest version that has it. `None` if
    /// there is no such quote or no such version.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn quote_beside(&self, id: &str, version: u32) -> Result<Option<QuoteRecord>, StoreError> {
        self.read("read a quote", |connection| {
            connection
                .prepare_cached(&format!("{RECORDS} ?2 WHERE quotes.id = ?1"))?
                .query_row((id, version), read_record)
                .optional()
        })
    }

    /// The paragraphs that the quote of this id stands in, of the version that its offsets count in.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn context(&self, id: &str) -> Result<Option<Context>, StoreError> {
        self.read("read a quote's context", |connection| {
            connection
                .prepare_cached(
                    "SELECT content, source, cue, versions.text AS article_text FROM quotes \
                     JOIN versions ON versions.article = quotes.article \
                         AND versions.version = quotes.version \
                     WHERE quotes.id = ?1",
                )?
                .query_row([id], |row| {
                    let mut spans: Vec<Span> = read_json(row, "content")?;
                    spans.extend(read_json_opt::<Span>(row, "source")?);
                    spans.extend(read_json_opt::<Span>(row, "cue")?);
                    Ok(paragraphs_around(&row.get::<_, String>("article_text")?, &spans))
                })
                .optional()
        })
    }
}

/// The statement that reads a quote by its id.
fn quote_of_id() -> String {
    format!("{RECORDS} quotes.version WHERE quotes.id = ?1")
}

/// The lines of `text` from the first to the last that the spans touch. Texts part paragraphs by
/// line breaks, so these are whole paragraphs.
fn paragraphs_around(text: &str, spans: &[Span]) -> Context {
    let start = spans.iter().map(|span| span.start).min().unwrap_or(0);
    let end = spans.iter().map(|span| span.end).max().unwrap_or(start);
    let (mut from, mut from_byte) = (0, 0);
    let mut to_byte = text.len();
    for (index, (byte, c)) in text.char_indices().enumerate() {
        if c == '\n' {
            if index < start {
                (from, from_byte) = (index + 1, byte + 1);
            } else if index >= end {
                to_byte = byte;
                break;
            }
        }
    }
    Context { text: text[from_byte..to_byte].to_owned(), start: from }
}

/// The speaker in the quote's columns, without identity.
pub(super) fn read_speaker(row: &Row<'_>) -> rusqlite::Result<Option<Speaker>> {
    let Some(id) = row.get("speaker_id")? else { return Ok(None) };
    Ok(Some(Speaker {
        id,
        name: row.get("speaker")?,
        kind: read_word(row, "speaker_kind")?,
        role: row.get("role")?,
        affiliation: row.get("affiliation")?,
        anonymous: row.get("anonymous")?,
        identity: None,
    }))
}

/// The quote in its own columns, whose speaker has no identity.
fn read_extracted(row: &Row<'_>) -> rusqlite::Result<Quote> {
    Ok(Quote {
        id: row.get("id")?,
        kind: read_word(row, "kind")?,
        text: row.get("text")?,
        content: read_json(row, "content")?,
        verbatim: read_json(row, "verbatim")?,
        source: read_json_opt(row, "source")?,
        cue: read_json_opt(row, "cue")?,
        speaker: read_speaker(row)?,
        confidence: row.get("confidence")?,
        prefix: row.get("prefix")?,
        suffix: row.get("suffix")?,
        paragraph: row.get("paragraph")?,
    })
}

fn read_record(row: &Row<'_>) -> rusqlite::Result<QuoteRecord> {
    let notices: Vec<Notice> = read_json(row, "notices")?;
    let mut notice_kinds: Vec<NoticeKind> = read_json(row, "explaining")?;
    notice_kinds.extend(notices.iter().map(|notice| notice.kind));
    notice_kinds.sort_unstable();
    notice_kinds.dedup();
    let mut quote = read_extracted(row)?;
    if let Some(speaker) = &mut quote.speaker {
        speaker.identity = row.get("identity")?;
    }
    Ok(QuoteRecord {
        quote,
        article: ArticleRef {
            id: row.get("article")?,
            url: row.get("url")?,
            title: row.get("title")?,
            byline: read_json(row, "byline")?,
            outlet: row.get("outlet")?,
            feed: row.get("feed")?,
            topics: read_json(row, "topics")?,
            published: read_word_opt(row, "published")?,
            modified: read_word_opt(row, "modified")?,
            language: row.get("language")?,
            version: row.get("standing")?,
            text_hash: row.get("text_hash")?,
            fetched: row.get("fetched")?,
            snapshot: read_snapshot(row)?,
            notices,
            vanished: row.get("vanished")?,
            reservations: read_json(row, "reservations")?,
        },
        first_seen: row.get("first_seen")?,
        changed: row.get("changed")?,
        revised: row.get("revised")?,
        current: row.get("current")?,
        withdrawn: row.get("withdrawn")?,
        cluster: row.get("cluster")?,
        notice_kinds,
    })
}
