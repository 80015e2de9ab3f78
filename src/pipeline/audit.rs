//! Whether the collection is whole: the store against itself, the archive and the search index.
//!
//! Data folder → every contradiction in it. Reads only; refuses to mend: what is wrong may be the
//! user's only copy.

use std::collections::BTreeSet;
use std::path::Path;

use super::{PipelineError, verify};
use crate::archive;
use crate::domain::record::{Payload, StoredVersion};
use crate::search::{self, CountBy, Search};
use crate::store::{Store, article_id};

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
    let missing = store.missing_tables()?;
    for table in &missing {
        tell(&mut audited, &format!("the store: its {table} is not there: put a copy of it back"));
    }
    if !missing.is_empty() {
        return Ok(audited);
    }
    for damage in store.damages()? {
        tell(&mut audited, &damage);
    }
    let mut after: Option<String> = None;
    loop {
        let articles = store.article_ids(after.as_deref(), BATCH)?;
        for article in &articles {
            audited.articles += 1;
            // A row that can't be read is one contradiction more; what can be read is looked at.
            let (versions, quotes) =
                match (store.versions(article), store.extracted_quotes(article)) {
                    (Ok(versions), Ok(quotes)) => (versions, quotes),
                    (Err(cause), _) | (_, Err(cause)) => {
                        tell(&mut audited, &format!("article {article}: {cause}"));
                        continue;
                    }
                };
            match store.article(article) {
                Ok(Some(kept)) if article_id(&kept.url) != *article => {
                    let what = format!("its id is not that of its address {}", kept.url);
                    tell(&mut audited, &format!("article {article}: {what}"));
                }
                Ok(_) => {}
                Err(cause) => tell(&mut audited, &format!("article {article}: {cause}")),
            }
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
            for (version, quote) in quotes {
                audited.quotes += 1;
                let version = versions.iter().find(|it| it.version == version);
                let text = version.map_or("", |version| &version.article.text);
                for what in verify::misplaced(&quote, text) {
                    tell(&mut audited, &format!("quote {}: {what}", quote.id));
                }
            }
        }
        match articles.last() {
            Some(last) => after = Some(last.clone()),
            None => break,
        }
    }
    for what in store.speaker_flaws().unwrap_or_else(|cause| vec![cause.to_string()]) {
        tell(&mut audited, &what);
    }
    let mut after = String::new();
    loop {
        let payloads = store.payloads(&after, BATCH)?;
        for (url, payload) in &payloads {
            if let Some(what) = other_payload(data, payload) {
                tell(&mut audited, &format!("page {url}: {what}"));
            }
        }
        match payloads.into_iter().last() {
            Some((url, _)) => after = url,
            None => break,
        }
    }
    archive::damages(data, &mut |damage| tell(&mut audited, damage))?;
    for what in store.wording_flaws().unwrap_or_else(|cause| vec![cause.to_string()]) {
        tell(&mut audited, &format!("{what}: run `onrecord reindex --extract`"));
    }
    index_flaws(data, &store, &mut |what| tell(&mut audited, what))?;
    Ok(audited)
}

/// What is wrong with a version and its kept page.
fn flaws(data: &Path, version: &StoredVersion) -> Vec<String> {
    let mut found = Vec::new();
    if blake3::hash(version.article.text.as_bytes()).to_hex().as_str() != version.text_hash {
        found.push("its text is not the one that its hash was taken of".to_owned());
    }
    if let Some(snapshot) = &version.snapshot {
        match archive::stated(data, snapshot) {
            Err(cause) => found.push(cause.to_string()),
            // One payload may have come by two addresses.
            Ok(stated) if stated.url == version.fetched_from => {}
            Ok(stated) => {
                let words = version.article.text.lines().next().unwrap_or_default();
                match verify::text_of_page(data, snapshot) {
                    Ok(page) if page.contains(&verify::one_spaced(words)) => {}
                    _ => found.push(format!(
                        "warc/{} has another page from byte {} on: {}",
                        snapshot.file, snapshot.offset, stated.url
                    )),
                }
            }
        }
    }
    found
}

/// Whether the archive has another payload than the visit noted.
fn other_payload(data: &Path, payload: &Payload) -> Option<String> {
    match archive::stated(data, &payload.snapshot) {
        Err(cause) => Some(cause.to_string()),
        Ok(stated) if stated.digest == payload.digest => None,
        Ok(stated) => Some(format!(
            "warc/{} has another page from byte {} on: {}",
            payload.snapshot.file, payload.snapshot.offset, stated.url
        )),
    }
}

/// Tells how the index differs from the store's quotes; holds the ids of both, as numbers.
fn index_flaws(
    data: &Path,
    store: &Store,
    tell: &mut dyn FnMut(&str),
) -> Result<(), PipelineError> {
    const MEND: &str = "run `onrecord reindex`";
    let opened = search::damaged_files(data).and_then(|files| Ok((files, Search::open(data)?)));
    let (damaged, search) = match opened {
        Ok(opened) => opened,
        Err(cause) => {
            tell(&cause.to_string());
            return Ok(());
        }
    };
    for file in &damaged {
        tell(&format!("the search index's file {}/{file} is damaged: {MEND}", search::FOLDER));
    }
    if !damaged.is_empty() {
        return Ok(());
    }
    let last_change = store.last_change()?;
    if search.last_change() != last_change {
        tell(&format!(
            "the search index holds change {} of {last_change}: the next crawl or search catches up",
            search.last_change()
        ));
        return Ok(());
    }
    let (mut kept, mut same) = (Vec::new(), true);
    store.each_quote_id(|id| match search::number(id) {
        Some(number) => kept.push(number),
        None => {
            same = false;
            tell(&format!("the search index can't have quote {id} of the store by such an id"));
        }
    })?;
    kept.sort_unstable();
    let found = search.all_ids()?;
    let is_written_to = store.last_change()? != last_change;
    let (mut of_store, mut of_index) = (kept.iter().peekable(), found.iter().peekable());
    let mut last = None;
    while let Some(least) = of_store.peek().into_iter().chain(of_index.peek()).min().copied() {
        let kept = of_store.next_if_eq(&least).is_some();
        let found = of_index.next_if_eq(&least).is_some();
        let flaw = match (kept, found) {
            (true, false) => format!("lacks quote {least:016x} of the store"),
            (false, true) if last == Some(least) => {
                format!("has quote {least:016x} more than once")
            }
            (false, true) => format!("has quote {least:016x}, the store has not"),
            _ => {
                last = Some(least);
                continue;
            }
        };
        if is_written_to {
            tell(
                "the collection is written to: what its search index lacks can't be told meanwhile",
            );
            return Ok(());
        }
        (last, same) = (Some(least), false);
        tell(&format!("the search index {flaw}: {MEND}"));
    }
    // The same quotes: then each value must be as frequent.
    if same {
        for what in other_values(store, &search)? {
            if store.last_change()? == last_change {
                tell(&format!("{what}: {MEND}"));
            }
        }
    }
    Ok(())
}

/// What quotes are of or in, as the index and the store count it otherwise: a column that was changed in
/// one of them.
fn other_values(store: &Store, search: &Search) -> Result<Vec<String>, PipelineError> {
    let mut found = Vec::new();
    for by in
        [CountBy::Speaker, CountBy::Role, CountBy::Affiliation, CountBy::Outlet, CountBy::Kind]
    {
        let (kept, indexed) = (store.values(by.as_str())?, search.exact_values(by)?);
        let values: BTreeSet<_> = kept.keys().chain(indexed.keys()).collect();
        for value in values {
            let [kept, indexed] = [&kept, &indexed].map(|it| it.get(value).copied().unwrap_or(0));
            if kept != indexed {
                found.push(format!(
                    "of the {} “{}” the store has {kept} quotes, the search index {indexed}",
                    by.as_str(),
                    value.as_deref().unwrap_or("not stated")
                ));
            }
        }
    }
    Ok(found)
}
