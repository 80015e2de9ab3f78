//! What people say of speakers: merge, split, undo.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::reply::Reply;
use super::super::state::Reading;
use crate::pipeline::people::{self, Request};
use crate::store::Selection;

/// A correction to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Asks {
    /// Two speakers are one.
    Merge {
        /// A speaker's id, or that of a quote.
        first: String,
        /// Another's.
        second: String,
    },
    /// Some mentions of a speaker are another's: those of the quotes, and those that fit every word
    /// given.
    Split {
        /// The speaker's id.
        speaker: String,
        /// Ids of quotes of the other speaker.
        #[serde(default)]
        quotes: Vec<String>,
        /// Words of the name that mentions of the other speaker have.
        name: Option<String>,
        /// Words of the role.
        role: Option<String>,
        /// Words of the affiliation.
        affiliation: Option<String>,
        /// Words of the outlet's name.
        outlet: Option<String>,
    },
    /// A correction doesn't hold.
    Undo {
        /// Its number; without it, the last in force.
        number: Option<u32>,
    },
}

/// Every correction, oldest first.
///
/// # Errors
/// [`Failure`] if the collection can't be read.
pub fn list(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    Reply::json(&reading.store.corrections()?)
}

/// Makes a correction.
///
/// # Errors
/// [`Failure`] if it makes no sense, or the collection can't be written.
pub fn make(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    let request = match asked.json()? {
        Asks::Merge { first, second } => Request::Merge(first, second),
        Asks::Split { speaker, quotes, name, role, affiliation, outlet } => {
            Request::Split(speaker, Selection { quotes, name, role, affiliation, outlet })
        }
        Asks::Undo { number } => Request::Undo(number.map(u64::from)),
    };
    let correction = people::correct(reading.data(), &request, Timestamp::now())?;
    reading.refresh()?;
    Reply::made(&correction, "/api/v1/corrections".to_owned())
}
