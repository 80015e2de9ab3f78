//! What the tasks of a run write to, one after the other.
//!
//! Writes that wait for one another are committed together: one sync of the archive and one
//! transaction of the store for all, in this order, so that no page is named in the store that is
//! not on the disk.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot::{Sender, channel};
use tokio::task::{JoinError, spawn_blocking};

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

    /// Keeps these together, or if that fails one by one, so that each is told its own failure and none
    /// fails for another's. Gives what came of each.
    pub(super) fn keep_each<'a>(
        &mut self,
        writes: impl ExactSizeIterator<Item = &'a Arc<Write>> + Clone,
    ) -> Vec<Result<Written, PipelineError>> {
        match self.keep(writes.clone()) {
            Ok(written) => written.into_iter().map(Ok).collect(),
            Err(error) if writes.len() == 1 => vec![Err(error)],
            Err(_) => writes.map(|write| self.keep_one(write)).collect(),
        }
    }
}

/// Most writes that are kept together: more save little, and they are in memory.
const TOGETHER: usize = 16;
/// How long a write waits for others that are announced.
const PATIENCE: Duration = Duration::from_millis(100);

/// Writes that wait to be kept together.
#[derive(Default)]
pub(super) struct Queue {
    waiters: Mutex<Waiters>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiters {
    waiting: Vec<Waiting>,
    /// Writes that are announced.
    announced: usize,
    /// True if one of those that wait writes for all.
    led: bool,
}

struct Waiting {
    write: Arc<Write>,
    done: Sender<Result<Written, PipelineError>>,
}

/// A write that is to come, or will turn out to be none.
pub(super) struct Announced(Arc<Queue>);

impl Drop for Announced {
    fn drop(&mut self) {
        lock(&self.0.waiters).announced -= 1;
        self.0.changed.notify_one();
    }
}

impl Queue {
    /// Announces a write, so that others wait for it a little.
    pub(super) fn announce(self: &Arc<Self>) -> Announced {
        lock(&self.waiters).announced += 1;
        Announced(Arc::clone(self))
    }

    /// Keeps what `write` writes, together with whatever else waits or is announced: who comes first
    /// has it written for all. Who waits takes no thread: each has memory of its own.
    ///
    /// # Errors
    /// A defect of the write; then nothing of it is kept. In the result the failure of the write itself,
    /// or of the commit; then neither.
    pub(super) async fn keep(
        self: &Arc<Self>,
        collection: &Arc<Mutex<Collection>>,
        announced: Announced,
        write: Arc<Write>,
    ) -> Result<Result<Written, PipelineError>, JoinError> {
        let (done, result) = channel();
        let leads = {
            let mut waiters = lock(&self.waiters);
            waiters.waiting.push(Waiting { write: Arc::clone(&write), done });
            !std::mem::replace(&mut waiters.led, true)
        };
        drop(announced);
        if leads {
            let (queue, collection) = (Arc::clone(self), Arc::clone(collection));
            spawn_blocking(move || queue.keep_waiting(&collection));
        }
        if let Ok(written) = result.await {
            return Ok(written);
        }
        // A defect ended the task that wrote for all.
        let collection = Arc::clone(collection);
        spawn_blocking(move || lock(&collection).keep_one(&write)).await
    }

    /// Keeps all that wait, and tells each what came of it.
    fn keep_waiting(&self, collection: &Mutex<Collection>) {
        let more =
            |waiters: &mut Waiters| waiters.announced > 0 && waiters.waiting.len() < TOGETHER;
        // What a panic of another task left is whole, as for `lock`.
        drop(self.changed.wait_timeout_while(lock(&self.waiters), PATIENCE, more));
        let mut collection = lock(collection);
        let batch = {
            let mut waiters = lock(&self.waiters);
            waiters.led = false;
            std::mem::take(&mut waiters.waiting)
        };
        let kept = collection.keep_each(batch.iter().map(|waiting| &waiting.write));
        for (waiting, written) in batch.into_iter().zip(kept) {
            // Who waits no more has gone with the run.
            let _ = waiting.done.send(written);
        }
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
