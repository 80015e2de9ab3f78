//! Saved searches: what somebody looks for, and which quotes they have been shown.
//!
//! What is new to a search is what it finds and was not shown yet, however it came to match: a new
//! article, another wording, a corrected speaker.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

use super::values::{read_time, read_time_opt, time};
use super::{Store, StoreError};

/// A search that somebody saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSearch {
    /// What it is called.
    pub name: String,
    /// What it looks for: text of whoever saved it.
    pub filters: String,
    /// When it was saved.
    pub saved: Timestamp,
    /// When it was asked last.
    pub asked: Option<Timestamp>,
}

impl Store {
    /// Saves a search, to which every quote is new until [`Store::mark_seen`]. False, and nothing is
    /// changed, if there is one of that name.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn save_search(&mut self, search: &SavedSearch) -> Result<bool, StoreError> {
        self.write("save a search", |transaction| {
            let inserted = transaction.execute(
                "INSERT OR IGNORE INTO searches VALUES (?1, ?2, ?3, ?4)",
                (&search.name, &search.filters, time(search.saved), search.asked.map(time)),
            )?;
            Ok(inserted > 0)
        })
    }

    /// The search of this name.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn saved_search(&self, name: &str) -> Result<Option<SavedSearch>, StoreError> {
        self.read("look a saved search up", |connection| {
            connection
                .prepare_cached("SELECT * FROM searches WHERE name = ?1")?
                .query_row([name], read_search)
                .optional()
        })
    }

    /// Every saved search, by name.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn saved_searches(&self) -> Result<Vec<SavedSearch>, StoreError> {
        self.read("list the saved searches", |connection| {
            connection
                .prepare_cached("SELECT * FROM searches ORDER BY name")?
                .query_map([], read_search)?
                .collect()
        })
    }

    /// Those of the quotes `ids` that the search `name` has not shown yet, in the same order.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn unseen(&self, name: &str, ids: Vec<String>) -> Result<Vec<String>, StoreError> {
        self.read("read what a saved search has shown", |connection| {
            let mut seen = connection.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM searches_seen WHERE search = ?1 AND quote = ?2)",
            )?;
            let mut unseen = Vec::new();
            for id in ids {
                if !seen.query_row((name, &id), |row| row.get::<_, bool>(0))? {
                    unseen.push(id);
                }
            }
            Ok(unseen)
        })
    }

    /// Notes that the search `name` showed the quotes `ids`.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written or there is no such search.
    pub fn mark_seen(&mut self, name: &str, ids: &[String]) -> Result<(), StoreError> {
        self.write("note what a saved search has shown", |transaction| {
            let mut insert = transaction
                .prepare_cached("INSERT OR IGNORE INTO searches_seen VALUES (?1, ?2)")?;
            for id in ids {
                insert.execute((name, id))?;
            }
            Ok(())
        })
    }

    /// Notes when the search `name` was asked.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn mark_asked(&mut self, name: &str, asked: Timestamp) -> Result<(), StoreError> {
        self.write("note when a saved search was asked", |transaction| {
            transaction
                .execute("UPDATE searches SET asked = ?2 WHERE name = ?1", (name, time(asked)))?;
            Ok(())
        })
    }

    /// Deletes the search `name`; false if there is none.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn forget_search(&mut self, name: &str) -> Result<bool, StoreError> {
        self.write("forget a search", |transaction| {
            Ok(transaction.execute("DELETE FROM searches WHERE name = ?1", [name])? > 0)
        })
    }
}

fn read_search(row: &Row<'_>) -> rusqlite::Result<SavedSearch> {
    Ok(SavedSearch {
        name: row.get("name")?,
        filters: row.get("filters")?,
        saved: read_time(row, "saved")?,
        asked: read_time_opt(row, "asked")?,
    })
}
