//! Writing the index: quotes of an article in the place of those before, commits that say how far.

use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rustc_hash::{FxHashSet, FxHasher};
use tantivy::index::SegmentMeta;
use tantivy::merge_policy::{LogMergePolicy, NoMergePolicy};
use tantivy::{Index, IndexWriter, TantivyError, Term};

use super::schema::{Fields, fields, schema};
use super::segment::Draft;
use super::{Commit, FOLDER, SearchError, VERSION, open_index, unwritable};
use crate::domain::record::IndexedQuote;

/// The largest segments that are merged with others, in quotes: a merge reads all of them, and takes
/// memory for it.
const MERGED: usize = 50_000;
/// The least memory that Tantivy lets a writer have, in bytes.
const LEAST_MEMORY: usize = 15 * 1024 * 1024;

/// Quotes that are handed over at a time.
const BATCH: usize = 256;
/// Batches that wait for a thread, for each thread: enough to go on with while others write a segment.
const WAITING: usize = 8;

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

    /// Memory that each thread fills before it writes a segment, in bytes: some 9,000 quotes, or
    /// 60,000. Every segment has most words, so large ones are written sooner; with what else two
    /// threads need, a build stays below 300 MB.
    fn memory(self) -> usize {
        match self {
            Self::Little => 12 * 1024 * 1024,
            Self::Much => 64 * 1024 * 1024,
        }
    }
}

/// The one writer of an index. What it was given is in the index after [`Writer::commit`].
pub struct Writer {
    /// Commits, merges, and takes away: what is added comes in whole segments.
    writer: IndexWriter,
    fields: Fields,
    path: PathBuf,
    last_change: u64,
    share: Share,
    batch: Batch,
    builders: Option<Builders>,
    /// Hashes of the articles whose new quotes are in no segment of the index yet.
    waiting: FxHashSet<u64>,
}

/// Quotes with the numbers that are their ids.
type Batch = Vec<(u64, IndexedQuote)>;

/// The threads that make segments of quotes.
struct Builders {
    /// Who gets nothing writes what it has and ends; who hears that nobody is there only ends.
    queue: SyncSender<Option<Batch>>,
    threads: Vec<JoinHandle<tantivy::Result<Vec<SegmentMeta>>>>,
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
        // Its own thread gets no documents, and takes none of that memory.
        let writer = index
            .writer_with_num_threads(1, LEAST_MEMORY)
            .map_err(|cause| unwritable(&path, &cause))?;
        let mut merge = LogMergePolicy::default();
        merge.set_max_docs_before_merge(MERGED);
        writer.set_merge_policy(Box::new(merge));
        // A writer that was killed leaves files that no commit names, and the next would fail to give the
        // same names to its own. Where this fails, the commit fails too and says why.
        let _ = writer.garbage_collect_files().wait();
        Ok(Self {
            writer,
            fields: fields(),
            path,
            last_change,
            share,
            batch: Batch::new(),
            builders: None,
            waiting: FxHashSet::default(),
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

    /// Puts `quotes` in the place of all quotes of the article.
    ///
    /// # Errors
    /// [`SearchError::Write`] if the index can't be written.
    pub fn replace_article(
        &mut self,
        article_id: &str,
        quotes: &[IndexedQuote],
    ) -> Result<(), SearchError> {
        let mut hasher = FxHasher::default();
        hasher.write(article_id.as_bytes());
        // What is in no segment yet can't be taken away.
        if !self.waiting.insert(hasher.finish()) {
            self.hand_over()?;
            self.waiting.insert(hasher.finish());
        }
        self.writer.delete_term(Term::from_field_text(self.fields.article, article_id));
        quotes.iter().try_for_each(|quote| self.add(quote.clone()))
    }

    /// Adds a quote of an article that the index has nothing of.
    ///
    /// # Errors
    /// [`SearchError::Write`] if the index can't be written.
    pub fn add(&mut self, quote: IndexedQuote) -> Result<(), SearchError> {
        // Read back as 16 digits: an id of fewer would become another.
        let id = if quote.id.len() == 16 { u64::from_str_radix(&quote.id, 16).ok() } else { None };
        let id = id.ok_or_else(|| SearchError::Write {
            path: self.path.clone(),
            cause: format!("“{}” is not the id of a quote, 16 hexadecimal digits", quote.id),
        })?;
        self.batch.push((id, quote));
        if self.batch.len() < BATCH { Ok(()) } else { self.send() }
    }

    /// Has the quotes of the batch made part of a segment.
    fn send(&mut self) -> Result<(), SearchError> {
        let (index, share) = (self.writer.index(), self.share);
        let builders = self.builders.get_or_insert_with(|| Builders::new(index, share));
        if builders.queue.send(Some(std::mem::take(&mut self.batch))).is_err() {
            // All have failed; they say why.
            self.hand_over()?;
        }
        Ok(())
    }

    /// Gives all quotes to the index, in segments: the next commit makes them part of it.
    fn hand_over(&mut self) -> Result<(), SearchError> {
        if !self.batch.is_empty() {
            self.send()?;
        }
        self.waiting.clear();
        let Some(builders) = self.builders.take() else { return Ok(()) };
        let given = || -> tantivy::Result<()> {
            builders.end()?.into_iter().try_for_each(|segment| self.writer.add_segment(segment))
        };
        given().map_err(|cause| unwritable(&self.path, &cause))
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

impl Builders {
    fn new(index: &Index, share: Share) -> Self {
        let (queue, quotes) = mpsc::sync_channel(share.threads() * WAITING);
        let quotes = Arc::new(Mutex::new(quotes));
        let threads = (0..share.threads()).map(|_| {
            let (index, quotes) = (index.clone(), Arc::clone(&quotes));
            thread::spawn(move || build(&index, &quotes, share.memory()))
        });
        Self { queue, threads: threads.collect() }
    }

    /// Everything that was sent, in segments.
    fn end(self) -> tantivy::Result<Vec<SegmentMeta>> {
        for _ in &self.threads {
            // One that has failed says so itself.
            let _ = self.queue.send(None);
        }
        let mut segments = Vec::new();
        for thread in self.threads {
            let made = thread.join().map_err(|_| {
                TantivyError::ErrorInThread("a thread that makes segments ended".to_owned())
            })?;
            segments.extend(made?);
        }
        Ok(segments)
    }
}

/// Makes segments of the quotes that come, each of about `memory` bytes until it is written.
fn build(
    index: &Index,
    quotes: &Mutex<Receiver<Option<Batch>>>,
    memory: usize,
) -> tantivy::Result<Vec<SegmentMeta>> {
    let mut segments = Vec::new();
    let mut draft = Draft::new();
    loop {
        let next = quotes.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = next else { return Ok(Vec::new()) };
        let Some(batch) = batch else { break };
        for (id, quote) in &batch {
            draft.add(*id, quote);
            if draft.memory() >= memory {
                segments.push(draft.write(index.new_segment())?);
            }
        }
    }
    if !draft.is_empty() {
        segments.push(draft.write(index.new_segment())?);
    }
    Ok(segments)
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.path)
            .field("last_change", &self.last_change)
            .finish_non_exhaustive()
    }
}
