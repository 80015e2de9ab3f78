//! The file's format: settings of a connection, and migrations.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};

use super::{BUSY_TIMEOUT, StoreError, listed, people, wordings};

/// The migrations in order, append-only; a file that has run the first n has `user_version` n.
const MIGRATIONS: [&str; 17] = [
    include_str!("../../migrations/0001_collection.sql"),
    include_str!("../../migrations/0002_agency.sql"),
    include_str!("../../migrations/0003_schedule.sql"),
    include_str!("../../migrations/0004_reservations.sql"),
    include_str!("../../migrations/0005_searches.sql"),
    include_str!("../../migrations/0006_people.sql"),
    include_str!("../../migrations/0007_wordings.sql"),
    include_str!("../../migrations/0008_discovery.sql"),
    include_str!("../../migrations/0009_revised.sql"),
    include_str!("../../migrations/0010_collections.sql"),
    include_str!("../../migrations/0011_lists.sql"),
    include_str!("../../migrations/0012_rests.sql"),
    include_str!("../../migrations/0013_sitemaps.sql"),
    include_str!("../../migrations/0014_ungathered.sql"),
    include_str!("../../migrations/0015_noted.sql"),
    include_str!("../../migrations/0016_aliases.sql"),
    include_str!("../../migrations/0017_errors.sql"),
];

/// The first format that keeps lists ready: an older file's are to be worked out.
const KEEPS_LISTS: u32 = 11;

/// Statements that a connection keeps ready: more than a run has. Preparing one takes as long as running
/// it some twenty times.
const STATEMENTS: usize = 256;

/// Memory for pages of the file where it is written, in kilobytes: quotes go to many places of it, and
/// with SQLite's usual two megabytes every one is read again for the next.
const CACHE_KB: u32 = 8_192;
/// Pages of four kilobytes in the log of commits from which they are taken over into the file: the more
/// they are, the more often a page that changed several times is written once.
const LOG_PAGES: u32 = 16_000;

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// An empty file is no collection.
    Reading,
    /// As reading, without the file (`-shm`) that it takes to share the log of commits: no process
    /// can make it on a full disk.
    ReadingAlone,
    /// An empty file becomes a collection.
    Writing,
}

/// Sets the connection up and brings the file to the newest format.
pub(super) fn prepare(
    connection: &mut Connection,
    path: &Path,
    purpose: Purpose,
) -> Result<(), StoreError> {
    configure(connection, purpose)
        .map_err(|cause| StoreError::of(path, "open the collection", cause))?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found = version(connection)
        .map_err(|cause| StoreError::of(path, "read the collection's format", cause))?;
    if found > known {
        return Err(StoreError::Newer { path: path.to_path_buf(), found, known });
    }
    let failed = |cause| StoreError::of(path, "bring the collection up to date", cause);
    if found == known {
        return people::prepare(connection, purpose == Purpose::Writing).map_err(failed);
    }
    if found == 0 {
        let foreign = has_tables(connection)
            .map_err(|cause| StoreError::of(path, "read the collection's format", cause))?;
        if foreign {
            return Err(StoreError::Foreign { path: path.to_path_buf() });
        }
        if purpose != Purpose::Writing {
            let dir = path.parent().unwrap_or(Path::new(".")).to_path_buf();
            return Err(StoreError::Missing { dir });
        }
    }
    if found > 0 {
        back_up(connection, path, found)?;
    }
    migrate(connection).map_err(failed)?;
    people::prepare(connection, purpose == Purpose::Writing).map_err(failed)
}

/// Copies the file as it is to `onrecord.sqlite.format-N` beside it, before its format changes: who
/// goes back to an older onrecord needs it.
fn back_up(connection: &Connection, path: &Path, found: u32) -> Result<(), StoreError> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".format-{found}{suffix}"));
        PathBuf::from(name)
    };
    let (copy, part) = (beside(""), beside(".part"));
    if copy.exists() {
        return Ok(());
    }
    let folder = |cause| StoreError::Folder { path: part.clone(), cause };
    let file =
        fs::File::options().create(true).truncate(false).write(true).open(&part).map_err(folder)?;
    // One process copies; another waits, and finds the copy then. The system takes the lock back from
    // a process that dies, and what that left of a copy is written anew.
    file.lock().map_err(folder)?;
    if copy.exists() {
        return Ok(());
    }
    file.set_len(0).map_err(folder)?;
    connection
        .execute("VACUUM INTO ?1", [part.to_string_lossy()])
        .map_err(|cause| StoreError::of(path, "copy the collection before an update", cause))?;
    // A copy of that name is whole and on the disk, or it is not there.
    file.sync_all().map_err(folder)?;
    fs::rename(&part, &copy).map_err(folder)
}

fn configure(connection: &Connection, purpose: Purpose) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if purpose == Purpose::ReadingAlone {
        connection.pragma_update(None, "locking_mode", "exclusive")?;
    }
    // Plans that don't depend on the values: else SQLite plans a statement anew for each value, and
    // reading a quote takes three times as long.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Readers go on while a crawl writes. The mode stays with the file; on a file that can't be
    // written SQLite keeps the mode there is.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    if purpose == Purpose::Writing {
        connection.pragma_update(None, "cache_size", format!("-{CACHE_KB}").as_str())?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        // What a statement may have to take back goes to memory, not to a file beside.
        connection.pragma_update(None, "temp_store", "memory")?;
    }
    // FULL: a commit is on the disk before it returns, so a power cut loses nothing either. A
    // crawl commits for all pages that wait, so the wait for the disk is small beside the network's.
    connection.pragma_update(None, "synchronous", "full")
}

/// An empty collection in memory.
pub(super) fn fresh() -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_master)", [], |row| row.get(0))
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have migrated meanwhile.
    let done = version(&transaction)?;
    for (number, migration) in (1_u32..).zip(MIGRATIONS) {
        if number > done {
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
    }
    if done < KEEPS_LISTS {
        listed::follow(&transaction)?;
        wordings::list_statements(&transaction)?;
    }
    transaction.commit()
}
