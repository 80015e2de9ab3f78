//! What contradicts itself in the store: damaged pages of the file, rows that others call for.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::{Store, StoreError, schema};

/// What always holds between rows: a query for the ids that break it, and what is wrong with them.
/// Each row of the collection that is deleted or changed by other hands breaks one of them, or a
/// reference, or a hash.
const CONTRADICTIONS: [(&str, &str); 16] = [
    (
        "SELECT 'article ' || id FROM articles WHERE version IS NOT \
            (SELECT max(version) FROM versions WHERE article = articles.id)",
        "its newest version is not there",
    ),
    (
        "SELECT 'article ' || article FROM versions GROUP BY article \
            HAVING count(*) <> max(version)",
        "one of its versions is not there",
    ),
    (
        // No index leads from an article to its changes: they are read once for all.
        "SELECT 'article ' || id FROM articles WHERE id NOT IN (SELECT article FROM changes)",
        "no change names it, so the search index can't follow",
    ),
    (
        "SELECT 'article ' || article FROM quotes WHERE current GROUP BY article \
            HAVING count(*) <> max(position) + 1",
        "one of its quotes is not there",
    ),
    (
        "SELECT 'quote ' || quotes.id FROM quotes JOIN articles ON articles.id = article \
            WHERE current <> (quotes.version = articles.version AND NOT withdrawn)",
        "whether the newest version has it is noted wrongly",
    ),
    (
        "SELECT 'quote ' || id FROM quotes WHERE revised AND NOT EXISTS (SELECT 1 FROM revisions \
            WHERE (before_quote = quotes.id OR after_quote = quotes.id) AND kind <> 'moved')",
        "it was revised, but its revision is not there",
    ),
    // What a live blog adds is no change of what it had, and another place is none of the words.
    (
        "SELECT 'quote ' || id FROM quotes WHERE NOT revised AND EXISTS (SELECT 1 FROM revisions \
            WHERE (before_quote = quotes.id OR after_quote = quotes.id) \
            AND kind NOT IN ('added', 'moved'))",
        "a revision of it is there, but it is not marked as revised",
    ),
    (
        "SELECT 'quote ' || id FROM quotes WHERE first_version > 1 AND NOT withdrawn \
            AND NOT EXISTS (SELECT 1 FROM revisions WHERE after_quote = quotes.id \
                AND kind <> 'moved')",
        "the revision that brought it is not there",
    ),
    (
        "SELECT 'quote ' || id FROM quotes WHERE NOT current AND NOT withdrawn \
            AND NOT EXISTS (SELECT 1 FROM revisions WHERE before_quote = quotes.id \
                AND kind <> 'moved')",
        "the revision that took it away is not there",
    ),
    (
        "SELECT 'quote ' || id FROM quotes WHERE (speaker_id IS NULL) <> (speaker IS NULL) \
            OR (speaker IS NULL) <> (speaker_kind IS NULL) \
            OR (speaker IS NULL) <> (anonymous IS NULL)",
        "it names half a speaker",
    ),
    (
        "SELECT 'quote ' || id FROM quotes WHERE (kind = 'indirect') <> (verbatim = '[]')",
        "its kind is not that of its quotation marks",
    ),
    (
        "SELECT 'quote ' || id FROM quotes WHERE confidence NOT BETWEEN 0 AND 1",
        "its confidence is no probability",
    ),
    (
        "SELECT 'article ' || id FROM articles \
            WHERE vanished NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*Z'",
        "since when its page is gone can't be read",
    ),
    (
        "SELECT 'page ' || url FROM visits \
            WHERE outcome NOT IN ('kept', 'off_topic', 'skipped', 'failed')",
        "what came of its visit can't be read",
    ),
    (
        "SELECT 'article ' || article || ', version ' || version FROM versions JOIN visits \
            ON url = fetched_from WHERE snapshot_file IS NULL AND payload_date = fetched",
        "its page is in the archive, but it doesn't name it",
    ),
    (
        "SELECT 'article ' || article || ', version ' || version FROM versions \
            WHERE (snapshot_file IS NULL) <> (snapshot_offset IS NULL)",
        "it names half a place in the archive",
    ),
];

impl Store {
    /// What a collection of this format has and the file has not: `table quotes`, `index …`.
    ///
    /// # Errors
    /// [`StoreError`] if the file can't be read at all.
    pub fn missing_tables(&self) -> Result<Vec<String>, StoreError> {
        let names = |connection: &Connection| -> rusqlite::Result<BTreeSet<String>> {
            connection
                .prepare("SELECT type || ' ' || name FROM sqlite_schema")?
                .query_map([], |row| row.get(0))?
                .collect()
        };
        self.read("check the collection's tables", |connection| {
            let fresh = names(&schema::fresh()?)?;
            Ok(fresh.difference(&names(connection)?).cloned().collect())
        })
    }

    /// What is damaged or contradictory in the file; empty where all is well.
    ///
    /// # Errors
    /// [`StoreError`] if the file can't be read at all.
    pub fn damages(&self) -> Result<Vec<String>, StoreError> {
        self.read("check the collection", |connection| {
            let mut found: Vec<String> = connection
                .prepare("PRAGMA integrity_check")?
                .query_map([], |row| Ok(format!("the store: {}", row.get::<_, String>(0)?)))?
                .collect::<rusqlite::Result<_>>()?;
            found.retain(|line| line != "the store: ok");
            let dangling = connection
                .prepare("PRAGMA foreign_key_check")?
                .query_map([], |row| {
                    let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
                    Ok(format!(
                        "the store: a row of {table} points to a row of {parent} that is not there"
                    ))
                })?
                .collect::<rusqlite::Result<Vec<String>>>()?;
            found.extend(dangling);
            for (query, wrong) in CONTRADICTIONS {
                let broken = connection
                    .prepare(query)?
                    .query_map([], |row| Ok(format!("{}: {wrong}", row.get::<_, String>(0)?)))?
                    .collect::<rusqlite::Result<Vec<String>>>()?;
                found.extend(broken);
            }
            Ok(found)
        })
    }
}
