//! Parts that are worked out by one connection while another writes the part before.
//!
//! What gives the next part, what writes one → all of them written, some in each transaction. Refuses to
//! write what was worked out of a collection that another process has changed since, and to hold more than
//! two parts: one that is written, one that is worked out.

use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{panic, thread};

use rusqlite::Connection;

use super::{Store, StoreError};

/// Parts that are written before another connection is made: after most runs there is one.
const ALONE: usize = 2;

impl Store {
    /// Writes every part that `parts` works out, from the first that is left each time it is asked, `together`
    /// of them in one transaction. What is written of a part may change nothing that later ones are worked out
    /// of, or they must come to the same once more.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read or written; the transactions before stand.
    pub(super) fn write_ahead<T: Send, N>(
        &mut self,
        doing: &'static str,
        together: usize,
        parts: impl Fn() -> N,
        write: impl Fn(T, &Connection) -> rusqlite::Result<()> + Sync,
    ) -> Result<(), StoreError>
    where
        N: FnMut(&Connection) -> rusqlite::Result<Option<T>>,
    {
        loop {
            // Worked out under the lock, so that each turn gets on, whoever else writes.
            let all = self.write(doing, |connection| {
                let mut next = parts();
                for _ in 0..ALONE {
                    let Some(part) = next(connection)? else { return Ok(true) };
                    write(part, connection)?;
                }
                Ok(false)
            })?;
            if all || self.write_while_reading(doing, together, parts(), &write)? {
                return Ok(());
            }
        }
    }

    /// Writes parts while the `next` are worked out, until there are no more; `false` as soon as somebody else
    /// has written, or if there can't be a second connection.
    fn write_while_reading<T: Send>(
        &mut self,
        doing: &'static str,
        together: usize,
        next: impl FnMut(&Connection) -> rusqlite::Result<Option<T>>,
        write: impl Fn(T, &Connection) -> rusqlite::Result<()> + Sync,
    ) -> Result<bool, StoreError> {
        let reader = self.connection.is_autocommit().then(|| self.another()).flatten();
        let Some(reader) = reader else { return Ok(false) };
        let version = self.read(doing, data_version)?;
        let (sender, parts) = mpsc::sync_channel(0);
        let (reading, write) = (&Mutex::new(()), &write);
        thread::scope(|scope| {
            let writer = scope
                .spawn(move || self.write_parts(doing, together, version, parts, reading, write));
            let read = reader.read_parts(doing, next, sender, reading);
            let written = writer.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked));
            read.and(written)
        })
    }

    /// Hands on every part there is.
    fn read_parts<T>(
        &self,
        doing: &'static str,
        mut next: impl FnMut(&Connection) -> rusqlite::Result<Option<T>>,
        sender: SyncSender<T>,
        reading: &Mutex<()>,
    ) -> Result<(), StoreError> {
        let mut next = || {
            let _reading = lock(reading);
            self.read(doing, |connection| {
                // All that a part is worked out of is of one commit.
                let _commit = connection.unchecked_transaction()?;
                next(connection)
            })
        };
        while let Some(part) = next()? {
            if sender.send(part).is_err() {
                // The other thread has ended, and says why.
                break;
            }
        }
        Ok(())
    }

    /// Writes `parts` that were worked out since this connection saw `version`; `false` as soon as somebody else
    /// has written since.
    fn write_parts<T>(
        &mut self,
        doing: &'static str,
        together: usize,
        version: i64,
        parts: Receiver<T>,
        reading: &Mutex<()>,
        write: impl Fn(T, &Connection) -> rusqlite::Result<()>,
    ) -> Result<bool, StoreError> {
        while let Ok(first) = parts.recv() {
            let written = self.write(doing, |connection| {
                // Nobody else writes from here on.
                if data_version(connection)? != version {
                    return Ok(None);
                }
                let mut parts = [first].into_iter().chain(parts.iter().take(together - 1));
                parts.try_for_each(|part| write(part, connection))?;
                // Nobody reads while this is committed: the log of commits begins anew only then, and would
                // else grow as long as all that is written.
                Ok(Some(lock(reading)))
            })?;
            if written.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn lock(reading: &Mutex<()>) -> MutexGuard<'_, ()> {
    reading.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Another number after every commit of another connection.
fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from 1 to 9 that are left to be written down.
    fn numbers() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store
            .connection
            .execute_batch(
                "CREATE TABLE todo (n INTEGER PRIMARY KEY); CREATE TABLE done (n INTEGER PRIMARY KEY); \
                 INSERT INTO todo SELECT value FROM json_each('[1,2,3,4,5,6,7,8,9]')",
            )
            .unwrap();
        (folder, store)
    }

    fn left(after: &mut i64, connection: &Connection) -> rusqlite::Result<Option<i64>> {
        let next: Option<i64> =
            connection
                .query_row("SELECT min(n) FROM todo WHERE n > ?1", [&*after], |row| row.get(0))?;
        *after = next.unwrap_or(*after);
        Ok(next)
    }

    fn write_down(n: i64, connection: &Connection) -> rusqlite::Result<()> {
        let moved = connection.execute("DELETE FROM todo WHERE n = ?1", [n])?;
        if moved == 0 {
            return Err(rusqlite::Error::StatementChangedRows(moved));
        }
        connection.execute("INSERT INTO done VALUES (?1)", [n]).map(|_| ())
    }

    fn done(store: &Store) -> Vec<i64> {
        let mut select = store.connection.prepare("SELECT n FROM done ORDER BY n").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn every_part_is_written_once_however_many_go_together() {
        for together in [1, 4, 100] {
            let (_folder, mut store) = numbers();
            let parts = || {
                let mut after = 0;
                move |connection: &Connection| left(&mut after, connection)
            };
            store.write_ahead("write numbers", together, parts, write_down).unwrap();
            assert_eq!(done(&store), [1, 2, 3, 4, 5, 6, 7, 8, 9], "{together}");
        }
    }

    #[test]
    fn what_another_process_has_done_meanwhile_is_not_done_again() {
        let (folder, mut store) = numbers();
        let other = Store::open(folder.path()).unwrap();
        let version = data_version(&store.connection).unwrap();
        let mut written = |numbers: [i64; 2]| {
            let (sender, parts) = mpsc::sync_channel(numbers.len());
            numbers.into_iter().for_each(|n| sender.send(n).unwrap());
            drop(sender);
            store.write_parts("write numbers", 1, version, parts, &Mutex::new(()), write_down)
        };
        assert!(written([1, 2]).unwrap(), "its own commits are nobody else's");
        other.connection.execute("DELETE FROM todo WHERE n = 3", []).unwrap();
        assert!(!written([3, 4]).unwrap());
        assert_eq!(done(&store), [1, 2]);
        let parts = || {
            let mut after = 0;
            move |connection: &Connection| left(&mut after, connection)
        };
        store.write_ahead("write numbers", 4, parts, write_down).unwrap();
        assert_eq!(done(&store), [1, 2, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn the_log_of_commits_stays_short_while_the_next_part_takes_longer_than_writing() {
        let (folder, mut store) = numbers();
        store.connection.pragma_update(None, "wal_autocheckpoint", 20).unwrap();
        store
            .connection
            .execute_batch(
                "CREATE TABLE large (n INTEGER, bytes BLOB); \
                 WITH RECURSIVE more (n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM more WHERE n < 200) \
                 INSERT INTO todo SELECT n FROM more",
            )
            .unwrap();
        let parts = || {
            let mut after = 0;
            move |connection: &Connection| {
                let next = left(&mut after, connection)?;
                // Longer than a commit takes, in work and not in time.
                connection.query_row(
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
                     SELECT count(*) FROM n",
                    [],
                    |_| Ok(()),
                )?;
                Ok(next)
            }
        };
        let write_much = |n: i64, connection: &Connection| {
            connection.execute("INSERT INTO large VALUES (?1, zeroblob(40000))", [n])?;
            write_down(n, connection)
        };
        store.write_ahead("write numbers", 2, parts, write_much).unwrap();
        let log = folder.path().join(format!("{}-wal", crate::store::FILE));
        let bytes = std::fs::metadata(log).unwrap().len();
        assert!(bytes < 1_000_000, "{bytes}");
    }

    #[test]
    fn a_part_that_cant_be_written_leaves_those_before_it() {
        let (_folder, mut store) = numbers();
        let parts = || {
            let mut after = 0;
            move |connection: &Connection| left(&mut after, connection)
        };
        let fails_at_six = |n: i64, connection: &Connection| match n {
            6 => Err(rusqlite::Error::InvalidQuery),
            _ => write_down(n, connection),
        };
        store.write_ahead("write numbers", 2, parts, fails_at_six).unwrap_err();
        assert_eq!(done(&store), [1, 2, 3, 4]);
    }
}
