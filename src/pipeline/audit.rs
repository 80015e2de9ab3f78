//! Whether the collection is whole: the store against itself, the archive and the search index.
//!
//! Data folder → every contradiction in it. Reads only; refuses to mend: what is wrong may be the
//! user's only copy.

use std::collections::HashSet;
use std::path::Path;

use super::{PipelineError, verify};
use crate::archive;
use crate::domain::record::StoredVersion;
use crate::search::{self, Search};
use crate::store::Store;

/// Articles taken from the store at a time: bounds memory, whatever the store holds.
const BATCH: usize = 500;

/// What was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audited {
    /// Articles of the store.
    pub articles: u64,
    /// Their versions.
    pub versions: u64,
    /// Their quotes.
    pub quotes: u64,
    /// Kept pages.
    pub pages: u64,
    /// Contradictions found.
    pub wrong: u64,
}

/// Looks at everything in the data folder `data`; `problem` is told of each contradiction.
///
/// # Errors
/// [`PipelineError::Store`] if there is no collection or it can't be read at all.
pub fn collection(data: &Path, problem: &mut dyn FnMut(&str)) -> Result<Audited, PipelineError> {
    let store = Store::open_existing(data)?;
    let mut audited = Audited::default();
    let mut tell = |audited: &mut Audited, what: &str| {
        audited.wrong += 1;
        problem(what);
    };
    for damage in store.damages()? {
        tell(&mut audited, &format!("the store: {damage}"));
    }
    let last_change = store.last_change()?;
    let mut ids: HashSet<String> = HashSet::new();
    let mut after: Option<String> = None;
    loop {
        let articles = store.article_ids(after.as_deref(), BATCH)?;
        for article in &articles {
            audited.articles += 1;
            let versions = store.versions(article)?;
            for version in &versions {
                audited.versions += 1;
                audited.pages += u64::from(version.snapshot.is_some());
                for what in flaws(data, version) {
                    tell(
                        &mut audited,
                        &format!("article {article}, version {}: {what}", version.version),
                    );
                }
            }
            for record in store.quotes_of_article(article)? {
                audited.quotes += 1;
                let version = versions.iter().find(|v| v.version == record.article.version);
                let text = version.map_or("", |version| &version.article.text);
                for what in verify::misplaced(&record.quote, text) {
                    tell(&mut audited, &format!("quote {}: {what}", record.quote.id));
                }
                ids.insert(record.quote.id);
            }
        }
        match articles.last() {
            Some(last) => after = Some(last.clone()),
            None => break,
        }
    }
    for what in store.wording_flaws()? {
        tell(&mut audited, &format!("{what}: run `onrecord reindex`"));
    }
    for what in index_flaws(data, last_change, ids)? {
        tell(&mut audited, &what);
    }
    Ok(audited)
}

/// What is wrong with a version and its kept page.
fn flaws(data: &Path, version: &StoredVersion) -> Vec<String> {
    let mut found = Vec::new();
    if blake3::hash(version.article.text.as_bytes()).to_hex().as_str() != version.text_hash {
        found.push("its text is not the one that its hash was taken of".to_owned());
    }
    if let Some(snapshot) = &version.snapshot
        && let Err(cause) = archive::read(data, snapshot)
    {
        found.push(cause.to_string());
    }
    found
}

/// How the index differs from the store's quotes `ids` after `last_change`.
fn index_flaws(
    data: &Path,
    last_change: u64,
    mut ids: HashSet<String>,
) -> Result<Vec<String>, PipelineError> {
    const MEND: &str = "run `onrecord reindex`";
    let search = match Search::open(data) {
        Ok(search) => search,
        Err(cause) => return Ok(vec![cause.to_string()]),
    };
    if search.last_change() != last_change {
        return Ok(vec![format!(
            "the search index holds change {} of {last_change}: the next crawl or search catches up",
            search.last_change()
        )]);
    }
    let everything = search::Query { limit: usize::MAX, ..search::Query::default() };
    let mut found = Vec::new();
    for id in search.run(&everything)?.ids {
        if !ids.remove(&id) {
            found.push(format!("the search index has quote {id}, the store has not: {MEND}"));
        }
    }
    found.extend(
        ids.iter().map(|id| format!("the search index lacks quote {id} of the store: {MEND}")),
    );
    found.sort();
    Ok(found)
}
