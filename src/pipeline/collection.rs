//! What the tasks of a run write to, one after the other.
//!
//! Writes that wait for one another are committed together: one sync of the archive and one
//! transaction of the store for all, in this order, so that no page is named in the store that is
//! not on the disk.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::PipelineError;
use super::page::PageOutcome;
use crate::archive::Archive;
use crate::domain::run::Visit;
use crate::store::Store;

/// What the collection is written to.
pub(super) struct Collection {
    pub(super) store: Store,
    pub(super) archive: Archive,
}

/// What a page came to, once that is kept.
pub(super) type Written = (PageOutcome, Visit);

/// Writes what a page came to. May be run again, if others that it was to be kept with failed.
pub(super) type Write =
    dyn Fn(&mut Store, &mut Archive) -> Result<Written, PipelineError> + Send + Sync;

impl Collection {
    /// Keeps all of these or none.
    fn keep<'a>(
        &mut self,
        writes: impl Iterator<Item = &'a Arc<Write>>,
    ) -> Result<Vec<Written>, PipelineError> {
        let Self { store, archive } = self;
        store.together(|store| {
            let written = writes.map(|write| write(store, archive)).collect::<Result<_, _>>()?;
            archive.sync()?;
            Ok(written)
        })
    }

    fn keep_one(&mut self, write: &Arc<Write>) -> Result<Written, PipelineError> {
        self.keep([write].into_iter()).map(|mut written| written.remove(0))
    }
}

/// Writes that wait while others are being kept.
#[derive(Default)]
pub(super) struct Queue(Mutex<Vec<Waiting>>);

struct Waiting {
    write: Arc<Write>,
    done: Sender<Result<Written, PipelineError>>,
}

impl Queue {
    /// Keeps what `write` writes, together with whatever else waits: who comes first writes for all.
    ///
    /// # Errors
    /// The failure of the write itself, or of the commit; then nothing of it is kept.
    pub(super) fn keep(
        &self,
        collection: &Mutex<Collection>,
        write: Arc<Write>,
    ) -> Result<Written, PipelineError> {
        let (done, result) = channel();
        lock(&self.0).push(Waiting { write: Arc::clone(&write), done });
        let mut collection = lock(collection);
        if let Ok(done) = result.try_recv() {
            return done;
        }
        let mut batch = std::mem::take(&mut *lock(&self.0));
        match collection.keep(batch.iter().map(|waiting| &waiting.write)) {
            Ok(written) => {
                for (waiting, written) in batch.drain(..).zip(written) {
                    // Who waits no more has gone with the run.
                    let _ = waiting.done.send(Ok(written));
                }
            }
            Err(error) if batch.len() == 1 => return Err(error),
            // One by one, so that each is told its own failure and none fails for another's.
            Err(_) => {
                for waiting in batch.drain(..) {
                    let _ = waiting.done.send(collection.keep_one(&waiting.write));
                }
            }
        }
        // Nothing came where a defect ended the task that wrote for all.
        result.try_recv().unwrap_or_else(|_| collection.keep_one(&write))
    }
}

/// A value behind a lock. A panic of another task left it whole: every change is one assignment or
/// one transaction.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The value of a lock that nobody holds any more.
pub(super) fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}
