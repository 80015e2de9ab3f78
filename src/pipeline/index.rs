//! The search index, brought up to the store.
//!
//! SQLite commits first, Tantivy follows: the index carries the last change it holds, and whatever
//! the store has beyond it is written again, article by article. An index that is missing, damaged
//! or of another version is built anew; the store has everything it needs.

use std::path::Path;

use super::{DataLock, PipelineError};
use crate::domain::quote::Quote;
use crate::domain::record::StoredVersion;
use crate::quote::{self, Document};
use crate::search::{SearchError, Writer};
use crate::store::Store;

/// Changes and articles taken from the store at a time: bounds memory, whatever the store holds.
const BATCH: usize = 500;

/// What was written to the index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Articles written.
    pub articles: usize,
    /// Quotes of those.
    pub quotes: usize,
}

/// Brings the index in the data folder `data` up to `store`. The caller holds the data folder's
/// lock.
///
/// # Errors
/// [`PipelineError::Store`] or [`PipelineError::Search`]; the index stays at its last commit.
pub fn catch_up(store: &Store, data: &Path) -> Result<Report, PipelineError> {
    let mut writer = match Writer::open(data) {
        // An index ahead of the store belongs to another store: a restored backup.
        Ok(writer) if writer.last_change() <= store.last_change()? => writer,
        Ok(writer) => {
            drop(writer);
            return build(store, data);
        }
        Err(
            SearchError::Missing { .. }
            | SearchError::Outdated { .. }
            | SearchError::Damaged { .. },
        ) => return build(store, data),
        Err(error) => return Err(error.into()),
    };
    let mut report = Report::default();
    loop {
        let changes = store.changes_since(writer.last_change(), BATCH)?;
        let Some((last, _)) = changes.last() else { return Ok(report) };
        let mut articles: Vec<&str> = changes.iter().map(|(_, article)| article.as_str()).collect();
        articles.sort_unstable();
        articles.dedup();
        for article in articles {
            report.add(write(store, &mut writer, article)?);
        }
        writer.commit(*last)?;
    }
}

/// Builds the index in the data folder `data` anew; with `extract`, first runs today's extractor
/// over every stored version of every article.
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
    }
    build(&store, data)
}

fn build(store: &Store, data: &Path) -> Result<Report, PipelineError> {
    let last_change = store.last_change()?;
    let mut writer = Writer::rebuild(data)?;
    let mut report = Report::default();
    each_article(store, |article| {
        report.add(write(store, &mut writer, article)?);
        Ok(())
    })?;
    writer.commit(last_change)?;
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
            None => return Ok(()),
        }
    }
}

fn quotes_of(version: &StoredVersion) -> Vec<Quote> {
    quote::extract(&Document {
        key: &version.article_id,
        text: &version.article.text,
        title: version.article.title.as_deref(),
        byline: &version.article.byline,
        outlet: Some(&version.outlet),
        language: version.article.language.as_deref(),
    })
}

fn each_article(
    store: &Store,
    mut visit: impl FnMut(&str) -> Result<(), PipelineError>,
) -> Result<(), PipelineError> {
    let mut after: Option<String> = None;
    loop {
        let articles = store.article_ids(after.as_deref(), BATCH)?;
        for article in &articles {
            visit(article)?;
        }
        match articles.last() {
            Some(last) => after = Some(last.clone()),
            None => return Ok(()),
        }
    }
}

/// Writes one article's quotes and says how many.
fn write(store: &Store, writer: &mut Writer, article: &str) -> Result<usize, PipelineError> {
    let quotes = store.quotes_of_article(article)?;
    writer.replace_article(article, &quotes)?;
    Ok(quotes.len())
}

impl Report {
    fn add(&mut self, quotes: usize) {
        self.articles += 1;
        self.quotes += quotes;
    }
}
