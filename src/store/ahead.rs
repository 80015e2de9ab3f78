//! Parts that are worked out by one connection while another writes the part before.
//!
//! What gives the next part, what writes one → all of them written, some in each transaction. Refuses to
//! write what was worked out of a collection that another process has changed since, and to hold more than
//! two parts: one that is written, one that is worked out.

use std::sync::mpsc::{self, Receiver, SyncSender};
use std::{panic, thread};

use rusqlite::Connection;

use super::{Store, StoreError};

impl Store {
    /// Writes every part that `parts` works out, from the first on each time it is asked, `together` of them in
    /// one transaction. What is written of a part may change nothing that later ones are worked out of, or they
    /// must come to the same once more.
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
        if let Some(reader) = self.another() {
            let version = self.read(doing, data_version)?;
            let (sender, worked_out) = mpsc::sync_channel(0);
            let (read, written) = thread::scope(|scope| {
                let writer =
                    scope.spawn(|| self.write_parts(doing, together, version, worked_out, &write));
                let read = read_parts(&reader, doing, parts(), sender);
                (read, writer.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked)))
            });
            read?;
            if written? {
                return Ok(());
            }
        }
        // What is left, one after the other.
        let mut next = parts();
        while self
            .write(doing, |connection| {
                let part = next(connection)?;
                part.map(|part| write(part, connection)).transpose()
            })?
            .is_some()
        {}
        Ok(())
    }

    /// Writes what was `worked_out` since this connection saw `version`; `false` as soon as somebody else has
    /// written since.
    fn write_parts<T>(
        &mut self,
        doing: &'static str,
        together: usize,
        version: i64,
        worked_out: Receiver<T>,
        write: impl Fn(T, &Connection) -> rusqlite::Result<()>,
    ) -> Result<bool, StoreError> {
        while let Ok(first) = worked_out.recv() {
            let written = self.write(doing, |connection| {
                // Nobody else writes from here on.
                if data_version(connection)? != version {
                    return Ok(false);
                }
                let parts = [first].into_iter().chain(worked_out.iter().take(together - 1));
                for part in parts {
                    write(part, connection)?;
                }
                Ok(true)
            })?;
            if !written {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Hands on every part there is.
fn read_parts<T>(
    reader: &Store,
    doing: &'static str,
    mut next: impl FnMut(&Connection) -> rusqlite::Result<Option<T>>,
    sender: SyncSender<T>,
) -> Result<(), StoreError> {
    while let Some(part) = reader.read(doing, |connection| {
        // All that a part is worked out of is of one commit.
        let _commit = connection.unchecked_transaction()?;
        next(connection)
    })? {
        if sender.send(part).is_err() {
            // The other thread has ended, and says why.
            break;
        }
    }
    Ok(())
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
        let parts = || {
            let (mut after, other) = (0, &other);
            move |connection: &Connection| {
                let next = left(&mut after, connection)?;
                if next == Some(5) {
                    // It has been read that 5 is left, when somebody else takes it.
                    other.connection.execute("DELETE FROM todo WHERE n = 5", [])?;
                }
                Ok(next)
            }
        };
        store.write_ahead("write numbers", 1, parts, write_down).unwrap();
        assert_eq!(done(&store), [1, 2, 3, 4, 6, 7, 8, 9]);
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
