//! Writing the index: quotes of an article in the place of those before, commits that say how far.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use tantivy::index::SegmentMeta;
use tantivy::indexer::IndexWriterOptions;
use tantivy::merge_policy::NoMergePolicy;
use tantivy::query::TermSetQuery;
use tantivy::{Index, IndexWriter, TantivyError, Term};

use super::merging::Merging;
use super::older::Older;
use super::schema::{Fields, fields, schema};
use super::segment::Draft;
use super::{Commit, FOLDER, SearchError, VERSION, number, open_index, unwritable};
use crate::domain::record::IndexedQuote;

/// The least memory that Tantivy lets a writer have, in bytes.
const LEAST_MEMORY: usize = 15 * 1024 * 1024;

/// What a writer may take of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// One builder of little memory, whatever there is to write: at the end of a crawl's run.
    Little,
    /// Enough to build an index soon: somebody waits for it.
    Much,
}

impl Share {
    /// Threads that make segments of what is read of the store.
    fn threads(self) -> usize {
        match self {
            Self::Little => 1,
            Self::Much => 2,
        }
    }

    /// Memory that each thread fills before it writes a segment, in bytes: some 8,000 quotes, or
    /// 60,000. Every segment has most words, so large ones are written sooner; with what else two
    /// threads need, a build stays below 300 MB.
    fn memory(self) -> usize {
        match self {
            Self::Little => 8 * 1024 * 1024,
            Self::Much => 56 * 1024 * 1024,
        }
    }

    /// What of that terms may keep from one segment to the next.
    fn terms(self) -> usize {
        self.memory() / 2
    }
}

/// The one writer of an index. What its builders were given is in the index after [`Writer::commit`].
pub struct Writer {
    /// Commits, merges, and takes away: what is added comes in whole segments.
    writer: IndexWriter,
    fields: Fields,
    path: PathBuf,
    last_change: u64,
    builders: Vec<Builder>,
    /// The articles whose new quotes are in no segment of the index yet.
    replaced: FxHashSet<String>,
}

/// Makes segments of the quotes that it is given, in a thread of its own where there are several.
pub struct Builder {
    index: Index,
    path: PathBuf,
    share: Share,
    draft: Draft,
    segments: Vec<SegmentMeta>,
}

impl Builder {
    /// Adds a quote of an article that was named to [`Writer::replace`], or that the index has nothing of.
    ///
    /// # Errors
    /// [`SearchError::Write`] if the index can't be written.
    pub fn add(&mut self, quote: &IndexedQuote) -> Result<(), SearchError> {
        let id = number(&quote.id).ok_or_else(|| SearchError::Write {
            path: self.path.clone(),
            cause: format!("“{}” is not the id of a quote, 16 hexadecimal digits", quote.id),
        })?;
        self.draft.add(id, quote);
        if self.draft.memory() < self.share.memory() { Ok(()) } else { self.write() }
    }

    /// Writes what it has as a segment, if it has anything. A commit does it for every builder, one
    /// after the other; a thread that has no more to add may do it before.
    ///
    /// # Errors
    /// [`SearchError::Write`] if the index can't be written.
    pub fn write(&mut self) -> Result<(), SearchError> {
        if self.draft.is_empty() {
            return Ok(());
        }
        let written = self.draft.write(self.index.new_segment(), self.share.terms());
        self.segments.push(written.map_err(|cause| unwritable(&self.path, &cause))?);
        Ok(())
    }
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
        // Its own thread gets no documents, and takes none of that memory. What one merge reads is mapped
        // into memory.
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .memory_budget_per_thread(LEAST_MEMORY)
            .num_merge_threads(1)
            .build();
        let writer =
            index.writer_with_options(options).map_err(|cause| unwritable(&path, &cause))?;
        writer.set_merge_policy(Box::new(Merging::new()));
        // A writer that was killed leaves files that no commit names, and the next would fail to give the
        // same names to its own. Where this fails, the commit fails too and says why.
        let _ = writer.garbage_collect_files().wait();
        let builder = || Builder {
            index: index.clone(),
            path: path.clone(),
            share,
            draft: Draft::new(),
            segments: Vec::new(),
        };
        let builders = (0..share.threads()).map(|_| builder()).collect();
        Ok(Self {
            writer,
            fields: fields(),
            path,
            last_change,
            builders,
            replaced: FxHashSet::default(),
        })
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

    /// Takes everything away that the index has of these articles, for what its builders are given next.
    ///
    /// # Errors
    /// [`SearchError::Write`] if the index can't be written.
    pub fn replace<'a>(
        &mut self,
        articles: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Result<(), SearchError> {
        // What is in no segment yet can't be taken away.
        if articles.clone().into_iter().any(|article| self.replaced.contains(article)) {
            self.hand_over()?;
        }
        self.replaced.extend(articles.into_iter().map(str::to_owned));
        Ok(())
    }

    /// What quotes are given to, by as many threads as there are.
    pub fn builders(&mut self) -> &mut [Builder] {
        &mut self.builders
    }

    /// Gives all quotes to the index, in segments: the next commit makes them part of it.
    fn hand_over(&mut self) -> Result<(), SearchError> {
        let mut segments = Vec::new();
        for builder in &mut self.builders {
            builder.write()?;
            segments.append(&mut builder.segments);
        }
        let replaced = std::mem::take(&mut self.replaced);
        let give = || -> tantivy::Result<()> {
            if !replaced.is_empty() {
                let term = |id: &String| Term::from_field_text(self.fields.article, id);
                let found = TermSetQuery::new(replaced.iter().map(term));
                let newer = Arc::new(segments.iter().map(SegmentMeta::id).collect());
                self.writer.delete_query(Box::new(Older { found, newer }))?;
            }
            segments.into_iter().try_for_each(|segment| self.writer.add_segment(segment))
        };
        give().map_err(|cause| unwritable(&self.path, &cause))
    }

    /// Makes everything given so far part of the index, which then holds the store's changes up to
    /// `last_change`.
    ///
    /// # Errors
    /// [`SearchError::Write`] if the index can't be written; then the last commit stands.
    pub fn commit(&mut self, last_change: u64) -> Result<(), SearchError> {
        self.hand_over()?;
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

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("path", &self.path).finish_non_exhaustive()
    }
}
