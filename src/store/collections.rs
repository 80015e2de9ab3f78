//! Named collections: quotes that somebody picked, in an order of their own.
//!
//! They name quotes by id, which stays when the article around a quote changes and when the collection
//! is extracted anew; a quote that is withdrawn then stays in them, and says so.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{read_time, time};
use super::{Store, StoreError};

/// Characters of a name: more don't fit a list of them.
pub const MAX_NAME: usize = 100;
/// Named collections in all: a list that people look through.
const MAX_COLLECTIONS: usize = 1_000;
/// Quotes in one of them: each was picked by hand, and they are shown and ordered together.
const MAX_QUOTES: usize = 10_000;
/// Unknown ids that an error names.
const SHOWN_IDS: usize = 5;

/// A named collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NamedCollection {
    /// Its number, from 1; never given again.
    pub id: u32,
    /// What it is called.
    pub name: String,
    /// Number of quotes in it.
    pub quotes: u64,
    /// When it was made, RFC 3339 UTC.
    pub made: Timestamp,
    /// When it was last changed, RFC 3339 UTC.
    pub changed: Timestamp,
}

/// Why a named collection was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum NamedCollectionError {
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is none of that number.
    #[error("there is no collection {0}")]
    Unknown(u32),
    /// A name that can't be.
    #[error("a collection's name has letters, {MAX_NAME} characters at most, and no line breaks")]
    Name,
    /// Another one has the name.
    #[error("there is a collection “{0}” already: choose another name")]
    Taken(String),
    /// Ids that no quote has.
    #[error("no quote has the id {}", .0.join(", "))]
    UnknownQuotes(Vec<String>),
    /// Too many quotes in one.
    #[error("a collection has {MAX_QUOTES} quotes at most: begin another one")]
    Full,
    /// Too many of them.
    #[error("there are {MAX_COLLECTIONS} collections: delete some first")]
    TooMany,
}

/// Everything about named collections, to be followed by what chooses among them.
const COLLECTIONS: &str = "SELECT collections.*, \
    (SELECT count(*) FROM collection_quotes WHERE collection = collections.id) AS quotes \
    FROM collections ";

impl Store {
    /// Every named collection, the last changed first.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn named_collections(&self) -> Result<Vec<NamedCollection>, StoreError> {
        self.read("list the named collections", |connection| {
            connection
                .prepare_cached(&format!("{COLLECTIONS} ORDER BY changed DESC, id DESC"))?
                .query_map([], read_collection)?
                .collect()
        })
    }

    /// The named collection of this number.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn named_collection(&self, id: u32) -> Result<Option<NamedCollection>, StoreError> {
        self.read("look a named collection up", |connection| find(connection, id))
    }

    /// The ids of the quotes in a named collection, in its order; none if there is no such one.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn picked_quotes(&self, id: u32) -> Result<Vec<String>, StoreError> {
        self.read("read a named collection", |connection| picked(connection, id))
    }

    /// The named collections that have this quote, by name.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn collections_with(&self, quote: &str) -> Result<Vec<NamedCollection>, StoreError> {
        self.read("list a quote's collections", |connection| {
            connection
                .prepare_cached(&format!(
                    "{COLLECTIONS} WHERE id IN (SELECT collection FROM collection_quotes \
                        WHERE quote = ?1) ORDER BY name"
                ))?
                .query_map([quote], read_collection)?
                .collect()
        })
    }

    /// Makes a named collection without quotes.
    ///
    /// # Errors
    /// [`NamedCollectionError`]; nothing is changed then.
    pub fn make_collection(
        &mut self,
        name: &str,
        at: Timestamp,
    ) -> Result<NamedCollection, NamedCollectionError> {
        let name = checked(name)?;
        self.together(|store| {
            store.write("make a named collection", |connection| {
                let count: usize =
                    connection
                        .query_row("SELECT count(*) FROM collections", [], |row| row.get(0))?;
                if count >= MAX_COLLECTIONS {
                    return Ok(Err(NamedCollectionError::TooMany));
                }
                if is_taken(connection, name, None)? {
                    return Ok(Err(NamedCollectionError::Taken(name.to_owned())));
                }
                connection.execute(
                    "INSERT INTO collections (name, made, changed) VALUES (?1, ?2, ?2)",
                    (name, time(at)),
                )?;
                let id = u32::try_from(connection.last_insert_rowid()).unwrap_or(u32::MAX);
                Ok(find(connection, id)?.ok_or(NamedCollectionError::Unknown(id)))
            })?
        })
    }

    /// Gives a named collection another name.
    ///
    /// # Errors
    /// [`NamedCollectionError`]; nothing is changed then.
    pub fn rename_collection(
        &mut self,
        id: u32,
        name: &str,
        at: Timestamp,
    ) -> Result<NamedCollection, NamedCollectionError> {
        let name = checked(name)?;
        self.change_collection(id, at, |connection| {
            if is_taken(connection, name, Some(id))? {
                return Ok(Err(NamedCollectionError::Taken(name.to_owned())));
            }
            connection.execute("UPDATE collections SET name = ?2 WHERE id = ?1", (id, name))?;
            Ok(Ok(()))
        })
    }

    /// Puts quotes at the end of a named collection, in this order; those that are in it stay where they
    /// are.
    ///
    /// # Errors
    /// [`NamedCollectionError`]; nothing is changed then.
    pub fn add_to_collection(
        &mut self,
        id: u32,
        quotes: &[String],
        at: Timestamp,
    ) -> Result<NamedCollection, NamedCollectionError> {
        self.change_collection(id, at, |connection| {
            let mut all = picked(connection, id)?;
            all.extend_from_slice(quotes);
            fill(connection, id, &all)
        })
    }

    /// Has a named collection hold these quotes, in this order, and no others.
    ///
    /// # Errors
    /// [`NamedCollectionError`]; nothing is changed then.
    pub fn fill_collection(
        &mut self,
        id: u32,
        quotes: &[String],
        at: Timestamp,
    ) -> Result<NamedCollection, NamedCollectionError> {
        self.change_collection(id, at, |connection| fill(connection, id, quotes))
    }

    /// Takes quotes out of a named collection; those that are not in it are no mistake.
    ///
    /// # Errors
    /// [`NamedCollectionError`]; nothing is changed then.
    pub fn remove_from_collection(
        &mut self,
        id: u32,
        quotes: &[String],
        at: Timestamp,
    ) -> Result<NamedCollection, NamedCollectionError> {
        self.change_collection(id, at, |connection| {
            let mut remove = connection.prepare_cached(
                "DELETE FROM collection_quotes WHERE collection = ?1 AND quote = ?2",
            )?;
            for quote in quotes {
                remove.execute((id, quote))?;
            }
            Ok(Ok(()))
        })
    }

    /// Deletes a named collection, not its quotes; false if there is none.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be written.
    pub fn delete_collection(&mut self, id: u32) -> Result<bool, StoreError> {
        self.write("delete a named collection", |connection| {
            Ok(connection.execute("DELETE FROM collections WHERE id = ?1", [id])? > 0)
        })
    }

    /// Runs `body` on a named collection that is there, notes when it was changed and gives it back.
    fn change_collection(
        &mut self,
        id: u32,
        at: Timestamp,
        body: impl FnOnce(&Connection) -> rusqlite::Result<Result<(), NamedCollectionError>>,
    ) -> Result<NamedCollection, NamedCollectionError> {
        self.together(|store| {
            store.write("change a named collection", |connection| {
                let noted = connection
                    .execute("UPDATE collections SET changed = ?2 WHERE id = ?1", (id, time(at)))?;
                if noted == 0 {
                    return Ok(Err(NamedCollectionError::Unknown(id)));
                }
                if let Err(refused) = body(connection)? {
                    return Ok(Err(refused));
                }
                Ok(find(connection, id)?.ok_or(NamedCollectionError::Unknown(id)))
            })?
        })
    }
}

/// The name without blanks around it.
fn checked(name: &str) -> Result<&str, NamedCollectionError> {
    let fits = name.chars().count() <= MAX_NAME && !name.chars().any(char::is_control);
    let name = name.trim();
    if fits && !name.is_empty() { Ok(name) } else { Err(NamedCollectionError::Name) }
}

fn is_taken(connection: &Connection, name: &str, but: Option<u32>) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM collections WHERE name = ?1 AND id IS NOT ?2)",
        )?
        .query_row((name, but), |row| row.get(0))
}

fn find(connection: &Connection, id: u32) -> rusqlite::Result<Option<NamedCollection>> {
    connection
        .prepare_cached(&format!("{COLLECTIONS} WHERE id = ?1"))?
        .query_row([id], read_collection)
        .optional()
}

fn picked(connection: &Connection, id: u32) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare_cached(
            "SELECT quote FROM collection_quotes WHERE collection = ?1 ORDER BY position",
        )?
        .query_map([id], |row| row.get(0))?
        .collect()
}

/// Puts `quotes` in the place of what is in the collection; the first of those named twice counts.
fn fill(
    connection: &Connection,
    id: u32,
    quotes: &[String],
) -> rusqlite::Result<Result<(), NamedCollectionError>> {
    let mut known =
        connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM quotes WHERE id = ?1)")?;
    let mut unknown = Vec::new();
    for quote in quotes {
        if !known.query_row([quote], |row| row.get::<_, bool>(0))? {
            unknown.push(quote.clone());
            if unknown.len() == SHOWN_IDS {
                break;
            }
        }
    }
    if !unknown.is_empty() {
        return Ok(Err(NamedCollectionError::UnknownQuotes(unknown)));
    }
    connection
        .prepare_cached("DELETE FROM collection_quotes WHERE collection = ?1")?
        .execute([id])?;
    let mut insert =
        connection.prepare_cached("INSERT OR IGNORE INTO collection_quotes VALUES (?1, ?2, ?3)")?;
    let mut held = 0;
    for (position, quote) in quotes.iter().enumerate() {
        held += insert.execute((id, quote, position))?;
    }
    Ok(if held > MAX_QUOTES { Err(NamedCollectionError::Full) } else { Ok(()) })
}

fn read_collection(row: &Row<'_>) -> rusqlite::Result<NamedCollection> {
    Ok(NamedCollection {
        id: row.get("id")?,
        name: row.get("name")?,
        quotes: row.get("quotes")?,
        made: read_time(row, "made")?,
        changed: read_time(row, "changed")?,
    })
}
