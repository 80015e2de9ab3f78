//! Writing the index: quotes of an article in the place of those before, commits that say how far.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tantivy::merge_policy::{LogMergePolicy, NoMergePolicy};
use tantivy::schema::TantivyDocument;
use tantivy::{DateTime, Index, IndexWriter, TantivyError, Term};

use super::schema::{Fields, fields, schema};
use super::words::{code, of_language};
use super::{Commit, FOLDER, SearchError, VERSION, open_index, unwritable, words};
use crate::domain::date::PageDate;
use crate::domain::record::IndexedQuote;

/// The largest segments that are merged with others, in quotes: a merge reads all of them, and takes
/// memory for it.
const MERGED: usize = 50_000;

/// What a writer may take of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// One thread and little memory, whatever there is to write: at the end of a crawl's run.
    Little,
    /// Enough to build an index soon: somebody waits for it.
    Much,
}

impl Share {
    /// Threads: one reads the store meanwhile, and more than two wait for it.
    fn threads(self) -> usize {
        match self {
            Self::Little => 1,
            Self::Much => 2,
        }
    }

    /// Memory that each thread fills before it writes a segment, in bytes: some 12,000 quotes, the
    /// least that Tantivy takes, or 60,000. Every segment has most words, so large ones are written
    /// sooner; with what else two threads need, a build stays below 300 MB.
    fn memory(self) -> usize {
        match self {
            Self::Little => 15 * 1024 * 1024,
            Self::Much => 80 * 1024 * 1024,
        }
    }
}

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
    pub fn open(dir: &Path, share: Share) -> Result<Self, SearchError> {
        let path = dir.join(FOLDER);
        let (index, commit) = open_index(&path)?;
        Self::of(&index, path, commit.last_change, share)
    }

    /// The writer of an index that has nothing yet, in the place of whatever there is. Readers see
    /// the old index until the first commit, if it can still be read.
    ///
    /// # Errors
    /// [`SearchError::Busy`] if another process has the writer, [`SearchError::Write`] if the folder
    /// can't be written.
    pub fn rebuild(dir: &Path, share: Share) -> Result<Self, SearchError> {
        match Self::open(dir, share) {
            Ok(writer) => {
                let writer = Self { last_change: 0, ..writer };
                writer.keep_segments(share);
                writer
                    .writer
                    .delete_all_documents()
                    .map_err(|cause| unwritable(&writer.path, &cause))?;
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
        words::register(&index);
        let writer = Self::of(&index, path, 0, share)?;
        writer.keep_segments(share);
        Ok(writer)
    }

    fn of(
        index: &Index,
        path: PathBuf,
        last_change: u64,
        share: Share,
    ) -> Result<Self, SearchError> {
        let writer = index
            .writer_with_num_threads(share.threads(), share.threads() * share.memory())
            .map_err(|cause| unwritable(&path, &cause))?;
        let mut merge = LogMergePolicy::default();
        merge.set_max_docs_before_merge(MERGED);
        writer.set_merge_policy(Box::new(merge));
        // A writer that was killed leaves files that no commit names, and the next would fail to give the
        // same names to its own. Where this fails, the commit fails too and says why.
        let _ = writer.garbage_collect_files().wait();
        Ok(Self { writer, fields: fields(), path, last_change })
    }

    /// A build that takes much writes segments that are large from the start, and stay as they are.
    fn keep_segments(&self, share: Share) {
        if share == Share::Much {
            self.writer.set_merge_policy(Box::new(NoMergePolicy));
        }
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
        quotes: &[IndexedQuote],
    ) -> Result<(), SearchError> {
        self.writer.delete_term(Term::from_field_text(self.fields.article, article_id));
        quotes.iter().try_for_each(|quote| self.add(quote))
    }

    /// Adds a quote of an article that the index has nothing of.
    ///
    /// # Errors
    /// [`SearchError::Write`] if the index can't be written.
    pub fn add(&mut self, quote: &IndexedQuote) -> Result<(), SearchError> {
        // Read back as 16 digits: an id of fewer would become another.
        let id = if quote.id.len() == 16 { u64::from_str_radix(&quote.id, 16).ok() } else { None };
        let id = id.ok_or_else(|| SearchError::Write {
            path: self.path.clone(),
            cause: format!("“{}” is not the id of a quote, 16 hexadecimal digits", quote.id),
        })?;
        self.writer
            .add_document(document(&self.fields, id, quote))
            .map_err(|cause| unwritable(&self.path, &cause))?;
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

    /// [`Writer::commit`], and waits until small parts of the index are merged into larger ones:
    /// an index of many small parts is slow to open.
    ///
    /// # Errors
    /// [`SearchError::Write`] if the index can't be written; then the last commit stands.
    pub fn finish(mut self, last_change: u64) -> Result<(), SearchError> {
        self.commit(last_change)?;
        self.writer.wait_merging_threads().map_err(|cause| unwritable(&self.path, &cause))
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

fn document(fields: &Fields, id: u64, quote: &IndexedQuote) -> TantivyDocument {
    let article = &quote.article;
    let language = code(article.language.as_deref());
    let speaker = quote.speaker.as_ref();
    let role = speaker.and_then(|speaker| speaker.role.as_deref());
    let affiliation = speaker.and_then(|speaker| speaker.affiliation.as_deref());
    let mut document = TantivyDocument::default();
    document.add_u64(fields.id, id);
    document.add_text(fields.article, &article.id);
    document.add_text(fields.language, language);
    document.add_text(fields.exact, &quote.text);
    document.add_text(fields.words, of_language(language, &quote.text));
    for (field, value) in [
        (fields.speaker_name, speaker.map(|speaker| speaker.name.as_str())),
        (fields.role, role),
        (fields.affiliation, affiliation),
    ] {
        if let Some(value) = value {
            document.add_text(field, value);
            document.add_text(fields.words, of_language(language, value));
        }
    }
    if let Some(speaker) = speaker {
        for name in quote.aliases.iter().chain(quote.aliases.is_empty().then_some(&speaker.name)) {
            document.add_text(fields.speaker, name);
        }
        if let Some(identity) = &speaker.identity {
            document.add_text(fields.identity, identity);
        }
    }
    document.add_text(fields.outlet, &article.outlet);
    if let Some(title) = &article.title {
        document.add_text(fields.title, title);
    }
    document.add_text(fields.kind, quote.kind.as_str());
    for topic in &article.topics {
        document.add_text(fields.topic, topic);
    }
    document.add_bool(fields.anonymous, speaker.is_some_and(|speaker| speaker.anonymous));
    document.add_bool(fields.revised, quote.revised);
    document.add_bool(fields.current, quote.current);
    for kind in &quote.notice_kinds {
        document.add_text(fields.notice, kind.as_str());
    }
    let (at, day) = when(quote);
    document.add_date(fields.published, DateTime::from_timestamp_secs(at.as_second()));
    document.add_i64(fields.day, day);
    document.add_u64(fields.place, place(quote));
    document
}

/// What parts quotes of one moment: the article, by the first 48 bits of its id, then the place in
/// it, those that are gone behind those that are there.
fn place(quote: &IndexedQuote) -> u64 {
    const IN_ARTICLE: u32 = 15;
    let article =
        quote.article.id.get(..12).map_or(0, |id| u64::from_str_radix(id, 16).unwrap_or(0));
    let position = u64::try_from(quote.position).unwrap_or(u64::MAX).min((1 << IN_ARTICLE) - 1);
    (article << (IN_ARTICLE + 1)) | (u64::from(!quote.current) << IN_ARTICLE) | position
}

/// The moment and the day that a quote is found by. The day is the one that the page states, in the
/// outlet's own zone: that is the date in print.
fn when(quote: &IndexedQuote) -> (Timestamp, i64) {
    let seen = || quote.first_seen.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let published = quote.article.published.as_ref();
    let at = published.and_then(PageDate::instant).unwrap_or_else(seen);
    let stated = published.map_or(quote.first_seen.as_str(), PageDate::as_str);
    let digits: String = stated.chars().take(10).filter(char::is_ascii_digit).collect();
    (at, digits.parse().unwrap_or(0))
}
