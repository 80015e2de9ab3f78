//! What people say of identities: merge, split, undo, and the index brought up to it.
//!
//! A crawl or a watch may write meanwhile: a correction is one transaction of the store, as each of
//! their articles is, and whoever writes the index last brings it up to both.

use std::path::Path;

use jiff::Timestamp;

use super::{PipelineError, index};
use crate::domain::record::Correction;
use crate::store::{CorrectionError, Selection, Store, StoreError};

/// A correction to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Two identities are one speaker. Each is named by its id, by that of any of its mentions or of a
    /// quote, or by the beginning of one.
    Merge(String, String),
    /// Some mentions of an identity, named in the same way, are another speaker's.
    Split(String, Selection),
    /// The correction of this number, or the last in force, doesn't hold.
    Undo(Option<u64>),
}

/// Why a correction was not made, or not followed by the index.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// It makes no sense, or the store failed.
    #[error(transparent)]
    Correction(#[from] CorrectionError),
    /// The collection can't be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The correction is kept; the index failed to follow, and is brought up to it by the next search.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}

/// Makes a correction in the data folder `data`, keeps it for good and brings the index up to it.
///
/// # Errors
/// [`PeopleError`]; but for [`PeopleError::Pipeline`] nothing is changed then.
pub fn correct(data: &Path, request: &Request, at: Timestamp) -> Result<Correction, PeopleError> {
    // Looks first, so that a mistyped folder is not created.
    drop(Store::open_existing(data)?);
    let mut store = Store::open(data)?;
    let correction = match request {
        Request::Merge(first, second) => store.merge_speakers(first, second, at)?,
        Request::Split(id, selection) => store.split_speaker(id, selection, at)?,
        Request::Undo(number) => store.undo_correction(*number, at)?,
    };
    index::catch_up_unless_busy(&store, data)?;
    Ok(correction)
}
