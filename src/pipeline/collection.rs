//! What the tasks of a run write to, one after the other.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::archive::Archive;
use crate::store::Store;

/// What the collection is written to.
pub(super) struct Collection {
    pub(super) store: Store,
    pub(super) archive: Archive,
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
