//! The search index, brought up to the store.
//!
//! SQLite commits first, Tantivy follows: the index carries the last change it holds, and whatever
//! the store has beyond it is written again, article by article. An index that is missing, damaged
//! or of another version is built anew; the store has everything it needs.

use std::panic;
use std::path::Path;
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use tracing::warn;

use super::{DataLock, PipelineError};
use crate::domain::quote::Quote;
use crate::domain::record::{IndexedQuote, StoredVersion};
use crate::quote::{self, Document};
use crate::search::{Builder, SearchError, Share, Writer};
use crate::store::Store;

/// Articles taken from the store at a time: bounds memory, whatever the store holds.
const BATCH: usize = 500;
/// Quotes that a thread reads before it asks for more: few enough that all end at about the same time.
const ROWS: usize = 8_000;
/// Articles that it takes at a time where each is looked up.
const ARTICLES: usize = 100;
/// Quotes that one thread reads and hands on to another together.
const HANDED_ON: usize = 200;

/// What was written to the index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Articles with quotes that were written; one that changed again meanwhile counts again.
    pub articles: usize,
    /// Quotes of those.
    pub quotes: usize,
}

impl Report {
    fn and(self, other: Self) -> Self {
        Self { articles: self.articles + other.articles, quotes: self.quotes + other.quotes }
    }
}

/// Brings the index in the data folder `data` up to `store`. While another process does that, the
/// index is [`SearchError::Busy`].
///
/// # Errors
/// [`PipelineError::Store`] or [`PipelineError::Search`]; the index stays at its last commit.
pub fn catch_up(store: &Store, data: &Path) -> Result<Report, PipelineError> {
    catch_up_with(store, data, Share::Much)
}

fn catch_up_with(store: &Store, data: &Path, share: Share) -> Result<Report, PipelineError> {
    match Writer::open(data, share) {
        Ok(writer) if writer.last_change() <= store.last_change()? => write_changes(store, writer),
        // An index ahead of the store belongs to another store: a restored backup.
        Ok(ahead) => {
            drop(ahead);
            build(store, data, share)
        }
        Err(error @ SearchError::Busy { .. }) => Err(error.into()),
        Err(error) => {
            if let SearchError::Damaged { path, cause } = &error {
                warn!(
                    "the search index at {} is damaged ({cause}): building it anew",
                    path.display()
                );
            }
            build(store, data, share)
        }
    }
}

/// [`catch_up`] after a run, which takes little memory. If a reader is catching up, it, or the next
/// one, brings the index up to the run.
///
/// # Errors
/// As [`catch_up`], but for [`SearchError::Busy`].
pub(super) fn catch_up_unless_busy(store: &Store, data: &Path) -> Result<(), PipelineError> {
    match catch_up_with(store, data, Share::Little) {
        Err(PipelineError::Search(SearchError::Busy { .. })) | Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Builds the index in the data folder `data` anew; with `extract`, first runs today's extractor over
/// every stored version of every article and works out anew which quotes have the same words.
///
/// # Errors
/// [`PipelineError`]; a half-built index is found behind the store at the next start, and caught up.
pub fn rebuild(data: &Path, extract: bool) -> Result<Report, PipelineError> {
    // Looks first, so that a mistyped folder is not created by the lock.
    drop(Store::open_existing(data)?);
    let _lock = DataLock::take(data)?;
    let mut store = Store::open(data)?;
    if extract {
        extract_again(&mut store)?;
        store.rebuild_wordings()?;
    } else {
        store.catch_up_wordings()?;
    }
    build(&store, data, Share::Much)
}

/// Writes every quote of the store to an index that has nothing yet.
fn build(store: &Store, data: &Path, share: Share) -> Result<Report, PipelineError> {
    let mut writer = Writer::rebuild(data, share)?;
    // Read before the quotes are: what changes meanwhile is written again by the next catching up.
    let last = store.last_change()?;
    let articles = store.quoted_articles()?;
    let read = Mutex::new(i64::MIN);
    let written = fill(store, writer.builders(), |store, give| {
        let mut quotes = 0;
        while let Some((after, to)) = next_rows(store, &read)? {
            store.each_indexed_quote(after, to, |quote| {
                quotes += 1;
                give(quote)
            })?;
        }
        Ok(Report { articles: 0, quotes })
    })?;
    writer.finish(last)?;
    Ok(Report { articles, ..written })
}

/// The next rows of quotes that nobody has `read` yet: behind the first number, up to the second.
fn next_rows(store: &Store, read: &Mutex<i64>) -> Result<Option<(i64, i64)>, PipelineError> {
    let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
    let last = store.quote_rows(*read, ROWS)?;
    Ok(last.map(|last| (std::mem::replace(&mut *read, last), last)))
}

/// Writes every article that the store changed since the writer's last commit.
fn write_changes(store: &Store, mut writer: Writer) -> Result<Report, PipelineError> {
    let mut report = Report::default();
    let mut last = writer.last_change();
    loop {
        let changes = store.changes_since(last)?;
        let Some((newest, _)) = changes.last() else { break };
        last = *newest;
        writer.replace(changes.iter().map(|(_, article)| article.as_str()))?;
        let left = Mutex::new(changes.chunks(ARTICLES));
        let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
        let read = |store: &Store, give: &mut Give<'_>| {
            let mut written = Report::default();
            while let Some(changes) = next() {
                for (_, article) in changes {
                    let quotes = store.indexed_quotes(article)?;
                    written.articles += usize::from(!quotes.is_empty());
                    written.quotes += quotes.len();
                    quotes.into_iter().try_for_each(&mut *give)?;
                }
            }
            Ok(written)
        };
        let written = match writer.builders() {
            // A few are written sooner than another connection is made.
            [own, ..] if changes.len() <= ARTICLES => read_into(store, own, read),
            builders => fill(store, builders, read),
        }?;
        report = report.and(written);
    }
    writer.finish(last)?;
    Ok(report)
}

/// What takes the quotes that are read.
type Give<'a> = dyn FnMut(IndexedQuote) -> Result<(), PipelineError> + 'a;

/// Fills the builders with what `read` gives of the store; gives the sum of what it gives back. Several builders
/// each have a thread and a connection of their own; one alone is filled in this thread with what another
/// reads. Where there can't be a second connection this one reads all.
fn fill(
    store: &Store,
    builders: &mut [Builder],
    read: impl Fn(&Store, &mut Give<'_>) -> Result<Report, PipelineError> + Sync,
) -> Result<Report, PipelineError> {
    let Some((own, others)) = builders.split_first_mut() else {
        return Ok(Report::default());
    };
    let read = &read;
    thread::scope(|scope| {
        if others.is_empty()
            && let Some(other) = store.another()
        {
            let (sender, batches) = mpsc::sync_channel(1);
            let reader = scope.spawn(move || read_aside(&other, &sender, read));
            let added = batches.into_iter().flatten().try_for_each(|quote| own.add(&quote));
            let report = reader.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked));
            added?;
            return report;
        }
        let others: Vec<_> = others
            .iter_mut()
            .map_while(|builder| Some((store.another()?, builder)))
            .map(|(store, builder)| scope.spawn(move || read_into(&store, builder, read)))
            .collect();
        let mut report = read_into(store, own, read);
        for other in others {
            let more = other.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked));
            report = report.and_then(|report| Ok(report.and(more?)));
        }
        report
    })
}

/// Adds what is read to the builder.
fn read_into(
    store: &Store,
    builder: &mut Builder,
    read: impl Fn(&Store, &mut Give<'_>) -> Result<Report, PipelineError>,
) -> Result<Report, PipelineError> {
    let report = read(store, &mut |quote| Ok(builder.add(&quote)?))?;
    builder.write()?;
    Ok(report)
}

/// Hands what is read on, in batches. If nobody takes them any more, all is read for nothing: who took them says
/// why, and a disk is seldom full.
fn read_aside(
    store: &Store,
    sender: &SyncSender<Vec<IndexedQuote>>,
    read: impl Fn(&Store, &mut Give<'_>) -> Result<Report, PipelineError>,
) -> Result<Report, PipelineError> {
    let mut batch = Vec::new();
    let report = read(store, &mut |quote| {
        batch.push(quote);
        if batch.len() == HANDED_ON {
            let _ = sender.send(std::mem::take(&mut batch));
        }
        Ok(())
    })?;
    let _ = sender.send(batch);
    Ok(report)
}

/// Runs today's extractor over every stored version.
fn extract_again(store: &mut Store) -> Result<(), PipelineError> {
    let mut after: Option<String> = None;
    loop {
        let articles = store.article_ids(after.as_deref(), BATCH)?;
        for article in &articles {
            let versions: Vec<(u32, Vec<Quote>)> = store
                .versions(article)?
                .iter()
                .map(|version| (version.version, quotes_of(version)))
                .collect();
            store.replace_quotes(article, &versions)?;
        }
        match articles.last() {
            Some(last) => after = Some(last.clone()),
            None => return Ok(store.settle_speakers()?),
        }
    }
}

/// The quotes that today's extractor finds in a version.
pub(super) fn quotes_of(version: &StoredVersion) -> Vec<Quote> {
    let quotes = quote::extract(&Document {
        key: &version.article_id,
        text: &version.article.text,
        title: version.article.title.as_deref(),
        byline: &version.article.byline,
        outlet: Some(&version.outlet),
        language: version.article.language.as_deref(),
    });
    quotes.into_iter().map(Quote::into_owned).collect()
}
