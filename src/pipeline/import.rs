//! Archived pages → the collection, through the same stages as fetched ones.
//!
//! WARC and ARC files of any size, HTML files, and folders of both → articles, quotes, versions, as
//! of the day on which each page was fetched. Some pages at a time are read on all cores, and kept
//! together in their order: what comes of it is what one after the other would give. Refuses to put an older state of an article on top of
//! a newer one: what the collection has seen later stays its newest version.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use super::collection::{Collection, Write, Written, lock};
use super::page::{PageTask, Reading};
use super::{DataLock, PipelineError, index};
use crate::archive::Archive;
use crate::archive::message::{self, ArchivedPage};
use crate::archive::reader::{Records, is_archive};
use crate::article::{self, charset};
use crate::config::Config;
use crate::crawl::fetch::FetchedBody;
use crate::domain::address;
use crate::domain::feed::{Entry, Validators};
use crate::domain::run::{RunCounts, Upkeep, Visit, VisitOutcome};
use crate::domain::topic;
use crate::store::Store;
use crate::topic::TopicMatcher;

/// Bytes of a file that are looked at to tell what it is.
const SNIFFED: usize = 1024;

/// Bytes of an HTML file that are read: what a page may have in a crawl, many times over.
const MAX_FILE: u64 = 64 * 1024 * 1024;

/// Most pages that are read side by side and kept together.
const TOGETHER: usize = 32;
/// Bytes of pages from which no more are taken together: they are in memory, and one may be as large as
/// [`MAX_FILE`].
const MAX_TOGETHER: usize = 8 * 1024 * 1024;

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// The pages that were read, as entries, and what became of them; unchanged is also what the
    /// collection has in a later state.
    pub counts: RunCounts,
    /// What could not be read: file, place and reason.
    pub damages: Vec<String>,
}

/// Takes everything under `paths` into the data folder `data`, and tells `observe` of each page and
/// what became of it.
///
/// # Errors
/// [`PipelineError`] if the collection can't be written; what was committed before stands. What
/// can't be read of `paths` is listed in what is returned.
pub fn run(
    config: &Config,
    data: &Path,
    paths: &[PathBuf],
    observe: &dyn Fn(&str, &str),
) -> Result<Imported, PipelineError> {
    let _lock = DataLock::take(data)?;
    let started = Timestamp::now();
    let topics = TopicMatcher::all(&config.topics)?;
    let store = Store::open(data)?;
    let archive = Archive::open(data, &config.archive)?;
    let mut import = Import {
        config,
        topics,
        known: Mutex::new(Store::open_existing(data)?),
        collection: Mutex::new(Collection { store, archive }),
        started,
        observe,
        together: Together::default(),
        report: Imported::default(),
    };
    let mut open: Vec<PathBuf> = paths.iter().rev().cloned().collect();
    while let Some(path) = open.pop() {
        match entries(&path) {
            Ok(Some(inside)) => open.extend(inside.into_iter().rev()),
            Ok(None) => import.file(&path, paths.contains(&path))?,
            Err(cause) => import.damage(&path, &cause.to_string()),
        }
    }
    import.keep()?;
    let Import { collection, report, .. } = import;
    // Words first: who is who adds changes that are none of theirs.
    lock(&collection).store.catch_up_wordings()?;
    lock(&collection).store.settle_speakers()?;
    index::catch_up_unless_busy(&lock(&collection).store, data)?;
    Ok(report)
}

/// What a folder holds, sorted by name; `None` for a file. Links to folders are not followed: they
/// could lead round in a circle.
fn entries(path: &Path) -> io::Result<Option<Vec<PathBuf>>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(None);
    }
    let mut inside = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let path = entry.path();
        if !(entry.file_type()?.is_symlink() && path.is_dir()) {
            inside.push(path);
        }
    }
    inside.sort();
    Ok(Some(inside))
}

struct Import<'a> {
    config: &'a Config,
    topics: Vec<Arc<TopicMatcher>>,
    collection: Mutex<Collection>,
    /// The same, for reading.
    known: Mutex<Store>,
    started: Timestamp,
    observe: &'a dyn Fn(&str, &str),
    together: Together,
    report: Imported,
}

/// Pages that are read side by side: of as many articles, as far as their addresses tell.
#[derive(Default)]
struct Together {
    pages: Vec<Taken>,
    /// The [`address::key`] of each.
    keys: HashSet<String>,
    bytes: usize,
}

/// A page that was taken.
enum Taken {
    /// The collection has a later state of it.
    Known(Url),
    New(Box<(PageTask, FetchedBody)>),
}

impl Import<'_> {
    fn damage(&mut self, path: &Path, reason: &str) {
        self.report.damages.push(format!("{}: {reason}", path.display()));
    }

    /// Takes one file in. One that was `named` and is nothing that can be read is a damage; one
    /// that lies in a folder is passed over.
    fn file(&mut self, path: &Path, named: bool) -> Result<(), PipelineError> {
        let opened = File::open(path).map(|file| BufReader::with_capacity(64 * 1024, file));
        let mut reader = match opened {
            Ok(reader) => reader,
            Err(cause) => {
                self.damage(path, &cause.to_string());
                return Ok(());
            }
        };
        let start = match reader.fill_buf() {
            Ok(start) => start[..start.len().min(SNIFFED)].to_vec(),
            Err(cause) => {
                self.damage(path, &cause.to_string());
                return Ok(());
            }
        };
        if is_archive(&start) || has_extension(path, &["warc", "arc", "gz"]) {
            self.archive(path, reader)
        } else if has_extension(path, &["html", "htm", "xhtml"]) {
            self.html(path, reader)
        } else {
            if named {
                self.damage(path, "neither a WARC or ARC file nor an HTML page");
            }
            Ok(())
        }
    }

    fn archive(&mut self, path: &Path, reader: impl BufRead) -> Result<(), PipelineError> {
        for record in Records::new(reader) {
            let record = match record {
                Ok(record) => record,
                Err(damage) => {
                    self.damage(path, &damage.to_string());
                    continue;
                }
            };
            let place = record.place;
            match message::page(record) {
                Ok(Some(page)) => self.page(page)?,
                Ok(None) => {}
                Err(reason) => self.damage(path, &format!("damaged at {place}: {reason}")),
            }
        }
        Ok(())
    }

    /// A saved page: its address is the one it declares, else the file's own.
    fn html(&mut self, path: &Path, reader: impl Read) -> Result<(), PipelineError> {
        let mut body = Vec::new();
        if let Err(cause) = reader.take(MAX_FILE + 1).read_to_end(&mut body) {
            self.damage(path, &cause.to_string());
            return Ok(());
        }
        if body.len() as u64 > MAX_FILE {
            self.damage(path, &format!("larger than {} MiB", MAX_FILE / 1024 / 1024));
            return Ok(());
        }
        let (html, _) = charset::decode(&body, None);
        let declared = article::from_html(&html, None).ok().and_then(|it| it.canonical_url);
        let web = |url: &Url| matches!(url.scheme(), "http" | "https");
        let own = || fs::canonicalize(path).ok().and_then(|path| Url::from_file_path(path).ok());
        let url = declared.and_then(|url| Url::parse(&url).ok()).filter(web).or_else(own);
        let Some(url) = url else {
            self.damage(path, "the file's name is no address");
            return Ok(());
        };
        let saved = fs::metadata(path).and_then(|file| file.modified()).ok();
        let date = saved.and_then(|at| Timestamp::try_from(at).ok());
        self.page(ArchivedPage {
            url,
            date,
            status: 200,
            headers: Vec::new(),
            content_type: None,
            body,
        })
    }

    /// Takes one page, after those before it are kept if it may be a state of one of them.
    fn page(&mut self, page: ArchivedPage) -> Result<(), PipelineError> {
        self.report.counts.entries += 1;
        let url = address::normalise(&page.url);
        let key = address::key(&url);
        let Together { pages, keys, bytes } = &self.together;
        if pages.len() == TOGETHER || *bytes >= MAX_TOGETHER || keys.contains(&key) {
            self.keep()?;
        }
        self.together.keys.insert(key);
        self.together.bytes += page.body.len();
        let taken = self.take(url, page)?;
        self.together.pages.push(taken);
        Ok(())
    }

    fn take(&self, url: Url, page: ArchivedPage) -> Result<Taken, PipelineError> {
        let at = page.date.filter(|date| *date <= self.started).unwrap_or(self.started);
        // A view for small screens is no later state of the page that it belongs to.
        let own = if address::is_view(&url) { vec![url.clone()] } else { address::variants(&url) };
        let known = lock(&self.collection).store.visit_of_any(&own)?;
        let url = known.as_ref().and_then(|visit| Url::parse(&visit.url).ok()).unwrap_or(url);
        let is_later = |visit: &Visit| visit.outcome == VisitOutcome::Kept && visit.at >= at;
        if known.as_ref().is_some_and(is_later) {
            return Ok(Taken::Known(url));
        }
        let (feed, upkeep) = known.map(|visit| (visit.feed, visit.upkeep)).unwrap_or_default();
        let outlet = self.config.outlet_of(&url).map(str::to_owned);
        let entry = Entry::bare(url.clone());
        let task = PageTask {
            // Nothing was asked for it here.
            request: Some(Vec::new()),
            fetched: at,
            entry,
            outlet,
            topics: self.topics.clone(),
            reserved: None,
            crawler: self.config.crawler.clone(),
            keep: self.config.archive.keep,
            visit: Visit {
                url: url.to_string(),
                feed,
                at,
                outcome: VisitOutcome::Kept,
                transient: false,
                status: None,
                reason: String::new(),
                entry_updated: None,
                final_url: None,
                validators: Validators::default(),
                upkeep: Upkeep { topics: topic::fingerprint(&self.config.topics), ..upkeep },
            },
        };
        let body = FetchedBody {
            final_url: page.url,
            status: page.status,
            content_type: page.content_type,
            headers: page.headers,
            bytes: Bytes::from(page.body),
            validators: Validators::default(),
        };
        Ok(Taken::New(Box::new((task, body))))
    }

    /// Reads the pages that were taken and keeps them, in their order.
    fn keep(&mut self) -> Result<(), PipelineError> {
        let pages = std::mem::take(&mut self.together).pages;
        let mut kept: Vec<Option<Written>> = pages.iter().map(|_| None).collect();
        let mut waiting: Vec<(usize, Arc<Write>)> = Vec::new();
        let mut earlier: HashSet<String> = HashSet::new();
        for (at, reading) in read(&pages, &self.known).into_iter().enumerate() {
            let (Some(reading), Taken::New(page)) = (reading, &pages[at]) else { continue };
            let (task, body) = &**page;
            let mut reading = reading?;
            if reading.article.as_ref().is_some_and(|article| earlier.contains(article)) {
                // It is an article that one of these is too: what is kept of that decides on it.
                self.write(&mut waiting, &mut kept)?;
                reading = task.read(body, &self.known)?;
            }
            earlier.extend(reading.article);
            earlier.insert(address::key(&address::normalise(&body.final_url)));
            waiting.push((at, reading.write));
        }
        self.write(&mut waiting, &mut kept)?;
        for (page, kept) in pages.iter().zip(kept) {
            match (page, kept) {
                (Taken::Known(url), _) => {
                    self.report.counts.unchanged += 1;
                    (self.observe)(url.as_str(), "known, and seen later");
                }
                (Taken::New(_), Some((outcome, visit))) => {
                    outcome.count(&mut self.report.counts);
                    (self.observe)(&visit.url, &outcome.in_words(&visit));
                }
                (Taken::New(_), None) => {}
            }
        }
        Ok(())
    }

    /// Writes what waits, and puts what came of it in its place in `kept`.
    fn write(
        &self,
        waiting: &mut Vec<(usize, Arc<Write>)>,
        kept: &mut [Option<Written>],
    ) -> Result<(), PipelineError> {
        let written = lock(&self.collection).keep_each(waiting.iter().map(|(_, write)| write));
        for ((at, _), written) in waiting.drain(..).zip(written) {
            kept[at] = Some(written?);
        }
        Ok(())
    }
}

/// Reads the new ones of `pages` on all cores; the others are `None`.
fn read(pages: &[Taken], known: &Mutex<Store>) -> Vec<Option<Result<Reading, PipelineError>>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut read = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            match pages.get(at) {
                Some(Taken::New(page)) => read.push((at, page.0.read(&page.1, known))),
                Some(Taken::Known(_)) => {}
                None => return read,
            }
        }
    };
    let mut readings: Vec<_> = pages.iter().map(|_| None).collect();
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let others: Vec<_> = (1..cores.min(pages.len())).map(|_| scope.spawn(work)).collect();
        let mut read = work();
        for other in others {
            // A defect ends the import, as it would on one core.
            read.extend(other.join().unwrap_or_else(|defect| resume_unwind(defect)));
        }
        for (at, reading) in read {
            readings[at] = Some(reading);
        }
    });
    readings
}

fn has_extension(path: &Path, known: &[&str]) -> bool {
    let extension = path.extension().map(|it| it.to_string_lossy().to_lowercase());
    extension.is_some_and(|it| known.contains(&it.as_str()))
}
