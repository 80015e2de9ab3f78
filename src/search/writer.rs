//! Writing the index: quotes of an article in the place of those before, commits that say how far.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tantivy::schema::TantivyDocument;
use tantivy::{DateTime, Index, IndexWriter, TantivyError, Term};

use super::schema::{Fields, fields, register_analyzers, schema};
use super::{Commit, FOLDER, SearchError, VERSION, open_index, unwritable};
use crate::domain::date::PageDate;
use crate::domain::record::QuoteRecord;

/// Memory that the writer fills before it writes a segment, in bytes: some 50,000 quotes.
const MEMORY: usize = 64 * 1024 * 1024;

/// The one writer of an index. What it was given is in the index after [`Writer::commit`].
pub struct Writer {
    writer: IndexWriter,
    fields: Fields,
    path: PathBuf,
    last_change: u64,
}

impl Writer {
    /// The writer of the index in the data folder `dir`, which must be there.
    ///
    /// # Errors
    /// [`SearchError::Missing`], [`SearchError::Outdated`] and [`SearchError::Damaged`] call for
    /// [`Writer::rebuild`]; [`SearchError::Busy`] if another process has the writer.
    pub fn open(dir: &Path) -> Result<Self, SearchError> {
        let path = dir.join(FOLDER);
        let (index, commit) = open_index(&path)?;
        Self::of(&index, path, commit.last_change)
    }

    /// The writer of an index that has nothing yet, in the place of whatever there is. Readers see
    /// the old index until the first commit, if it can still be read.
    ///
    /// # Errors
    /// [`SearchError::Busy`] if another process has the writer, [`SearchError::Write`] if the folder
    /// can't be written.
    pub fn rebuild(dir: &Path) -> Result<Self, SearchError> {
        match Self::open(dir) {
            Ok(mut writer) => {
                writer
                    .writer
                    .delete_all_documents()
                    .map_err(|cause| unwritable(&writer.path, &cause))?;
                writer.last_change = 0;
                return Ok(writer);
            }
            Err(busy @ SearchError::Busy { .. }) => return Err(busy),
            Err(_) => {}
        }
        let path = dir.join(FOLDER);
        let failed = |cause: std::io::Error| SearchError::Write {
            path: path.clone(),
            cause: cause.to_string(),
        };
        if path.exists() {
            fs::remove_dir_all(&path).map_err(failed)?;
        }
        fs::create_dir_all(&path).map_err(failed)?;
        let index =
            Index::create_in_dir(&path, schema()).map_err(|cause| unwritable(&path, &cause))?;
        register_analyzers(&index);
        Self::of(&index, path, 0)
    }

    fn of(index: &Index, path: PathBuf, last_change: u64) -> Result<Self, SearchError> {
        // One thread keeps the quotes of an article side by side and in order.
        let writer =
            index.writer_with_num_threads(1, MEMORY).map_err(|cause| unwritable(&path, &cause))?;
        Ok(Self { writer, fields: fields(), path, last_change })
    }

    /// The store's last change that the index holds.
    #[must_use]
    pub fn last_change(&self) -> u64 {
        self.last_change
    }

    /// Puts `quotes` in the place of all quotes of the article.
    ///
    /// # Errors
    /// [`SearchError::Write`] if the index can't be written.
    pub fn replace_article(
        &mut self,
        article_id: &str,
        quotes: &[QuoteRecord],
    ) -> Result<(), SearchError> {
        self.writer.delete_term(Term::from_field_text(self.fields.article, article_id));
        for record in quotes {
            self.writer
                .add_document(document(&self.fields, record))
                .map_err(|cause| unwritable(&self.path, &cause))?;
        }
        Ok(())
    }

    /// Makes everything given so far part of the index, which then holds the store's changes up to
    /// `last_change`.
    ///
    /// # Errors
    /// [`SearchError::Write`] if the index can't be written; then the last commit stands.
    pub fn commit(&mut self, last_change: u64) -> Result<(), SearchError> {
        let commit = Commit { version: VERSION, last_change };
        let write = |writer: &mut IndexWriter| -> Result<(), TantivyError> {
            let payload = serde_json::to_string(&commit)
                .map_err(|cause| TantivyError::InternalError(cause.to_string()))?;
            // A plain commit would drop the payload.
            let mut prepared = writer.prepare_commit()?;
            prepared.set_payload(&payload);
            prepared.commit()?;
            Ok(())
        };
        write(&mut self.writer).map_err(|cause| unwritable(&self.path, &cause))?;
        self.last_change = last_change;
        Ok(())
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.path)
            .field("last_change", &self.last_change)
            .finish_non_exhaustive()
    }
}

fn document(fields: &Fields, record: &QuoteRecord) -> TantivyDocument {
    let quote = &record.quote;
    let mut document = TantivyDocument::default();
    document.add_text(fields.id, &quote.id);
    document.add_text(fields.article, &record.article.id);
    document.add_text(fields.text, &quote.text);
    document.add_text(fields.exact, &quote.text);
    document.add_text(fields.outlet, &record.article.outlet);
    document.add_text(fields.kind, quote.kind.as_str());
    for topic in &record.article.topics {
        document.add_text(fields.topic, topic);
    }
    if let Some(speaker) = &quote.speaker {
        document.add_text(fields.speaker, &speaker.name);
        for (field, value) in
            [(fields.role, &speaker.role), (fields.affiliation, &speaker.affiliation)]
        {
            if let Some(value) = value {
                document.add_text(field, value);
            }
        }
    }
    let anonymous = quote.speaker.as_ref().is_some_and(|speaker| speaker.anonymous);
    document.add_bool(fields.anonymous, anonymous);
    document.add_bool(fields.revised, record.revised);
    let (at, day) = when(record);
    document.add_date(fields.published, DateTime::from_timestamp_secs(at.as_second()));
    document.add_i64(fields.day, day);
    document
}

/// The moment and the day that a quote is found by. The day is the one that the page states, in the
/// outlet's own zone: that is the date in print.
fn when(record: &QuoteRecord) -> (Timestamp, i64) {
    let seen = || record.first_seen.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let published = record.article.published.as_ref();
    let at = published.and_then(PageDate::instant).unwrap_or_else(seen);
    let stated = published.map_or(record.first_seen.as_str(), PageDate::as_str);
    let digits: String = stated.chars().take(10).filter(char::is_ascii_digit).collect();
    (at, digits.parse().unwrap_or(0))
}
