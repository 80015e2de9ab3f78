//! Archived pages → the collection, through the same stages as fetched ones.
//!
//! WARC and ARC files of any size, HTML files, and folders of both → articles, quotes, versions, as
//! of the day on which each page was fetched. Refuses to put an older state of an article on top of
//! a newer one: what the collection has seen later stays its newest version.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use super::collection::{Collection, Queue, lock};
use super::page::PageTask;
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

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Pages that were read.
    pub pages: u64,
    /// What became of them; unchanged is also what the collection has in a later state.
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
    let topics = config
        .topics
        .iter()
        .map(|topic| Ok(Arc::new(TopicMatcher::new(topic)?)))
        .collect::<Result<_, PipelineError>>()?;
    let store = Store::open(data)?;
    let archive = Archive::open(data, &config.archive)?;
    let mut import = Import {
        config,
        topics,
        collection: Mutex::new(Collection { store, archive }),
        started,
        observe,
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
    let Import { collection, report, .. } = import;
    lock(&collection).store.settle_speakers()?;
    lock(&collection).store.catch_up_wordings()?;
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
    started: Timestamp,
    observe: &'a dyn Fn(&str, &str),
    report: Imported,
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

    /// Takes one page through the stages.
    fn page(&mut self, page: ArchivedPage) -> Result<(), PipelineError> {
        self.report.pages += 1;
        let url = address::normalise(&page.url);
        let at = page.date.filter(|date| *date <= self.started).unwrap_or(self.started);
        // A view for small screens is no later state of the page that it belongs to.
        let own = if address::is_view(&url) { vec![url.clone()] } else { address::variants(&url) };
        let known = lock(&self.collection).store.visit_of_any(&own)?;
        let url = known.as_ref().and_then(|visit| Url::parse(&visit.url).ok()).unwrap_or(url);
        let is_later = |visit: &Visit| visit.outcome == VisitOutcome::Kept && visit.at >= at;
        if known.as_ref().is_some_and(is_later) {
            self.report.counts.unchanged += 1;
            (self.observe)(url.as_str(), "known, and seen later");
            return Ok(());
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
        let write = task.read(&body, &self.collection)?;
        let queue: Arc<Queue> = Arc::default();
        let announced = queue.announce();
        let (outcome, visit) = queue.keep(&self.collection, announced, write)?;
        outcome.count(&mut self.report.counts);
        (self.observe)(url.as_str(), &outcome.in_words(&visit));
        Ok(())
    }
}

fn has_extension(path: &Path, known: &[&str]) -> bool {
    let extension = path.extension().map(|it| it.to_string_lossy().to_lowercase());
    extension.is_some_and(|it| known.contains(&it.as_str()))
}
