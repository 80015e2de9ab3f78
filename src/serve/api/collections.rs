//! Named collections and what is in them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::filters::{self, LIMITS};
use super::super::reply::Reply;
use super::super::state::Reading;
use super::{Listed, limit, next};
use crate::store::{MAX_COLLECTION_NAME, NamedCollection, NamedCollectionError};

/// What the store takes for a name.
const NAME: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";

/// What a collection is called.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The name: something to be seen, no control characters.
    #[schemars(length(max = MAX_COLLECTION_NAME), regex(pattern = NAME))]
    pub name: String,
}

/// Quotes to put into a collection.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Picked {
    /// Their ids, in order.
    #[schemars(inner(regex(pattern = "^[0-9a-f]{16}$")))]
    pub quotes: Vec<String>,
}

/// Every named collection.
///
/// # Errors
/// [`Failure`] if the collection can't be read.
pub fn list(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    Reply::json(&reading.store.named_collections()?)
}

/// Makes a named collection.
///
/// # Errors
/// [`Failure`] if the name can't be or another one has it, or the collection can't be written.
pub fn make(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    let named: Named = asked.json()?;
    let made = reading.store.make_collection(&named.name, Timestamp::now())?;
    Reply::made(&made, format!("/api/v1/collections/{}", made.id))
}

/// The named collection of the number in the path.
///
/// # Errors
/// [`Failure`] if there is none, or the collection can't be read.
pub fn one(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    Reply::json(&found(reading, asked)?)
}

/// Gives it another name.
///
/// # Errors
/// As [`make`]; if there is none.
pub fn rename(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    let (id, named): (u32, Named) = (number(asked)?, asked.json()?);
    Reply::json(&reading.store.rename_collection(id, &named.name, Timestamp::now())?)
}

/// Deletes it.
///
/// # Errors
/// [`Failure`] if there is none, or the collection can't be written.
pub fn delete(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    let id = number(asked)?;
    if reading.store.delete_collection(id)? {
        return Ok(Reply::Nothing);
    }
    Err(NamedCollectionError::Unknown(id).into())
}

/// Its quotes, in its order.
///
/// # Errors
/// [`Failure`] if there is none, a parameter is wrong, or the collection can't be read.
pub fn quotes(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let filters = filters::take(&mut parameters, &[LIMITS])?;
    parameters.finish()?;
    let ids = reading.store.picked_quotes(found(reading, asked)?.id)?;
    let shown: Vec<String> =
        ids.iter().skip(filters.offset).take(limit(&filters)).cloned().collect();
    let items = reading.store.quotes(&shown)?;
    let next = next(asked, &filters, ids.len());
    Reply::json(&Listed { total: Some(ids.len()), next, items })
}

/// Puts quotes at its end.
///
/// # Errors
/// [`Failure`] if there is none, an id is no quote's, or the collection can't be written.
pub fn add(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    let (id, picked): (u32, Picked) = (number(asked)?, asked.json()?);
    Reply::json(&reading.store.add_to_collection(id, &picked.quotes, Timestamp::now())?)
}

/// Has it hold these quotes and no others.
///
/// # Errors
/// As [`add`].
pub fn fill(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    let (id, picked): (u32, Picked) = (number(asked)?, asked.json()?);
    Reply::json(&reading.store.fill_collection(id, &picked.quotes, Timestamp::now())?)
}

/// Takes a quote out of it.
///
/// # Errors
/// [`Failure`] if there is none or it doesn't have the quote, or the collection can't be written.
pub fn remove(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    let (id, quote) = (found(reading, asked)?.id, asked.part("picked").to_owned());
    if !reading.store.picked_quotes(id)?.contains(&quote) {
        return Err(Failure::not_found("the collection doesn't have this quote"));
    }
    Reply::json(&reading.store.remove_from_collection(id, &[quote], Timestamp::now())?)
}

/// The named collection that the path names.
///
/// # Errors
/// [`Failure`] if there is none, or the collection can't be read.
pub(super) fn found(reading: &Reading, asked: &Asked) -> Result<NamedCollection, Failure> {
    let id = number(asked)?;
    let found = reading.store.named_collection(id)?;
    Ok(found.ok_or(NamedCollectionError::Unknown(id))?)
}

fn number(asked: &Asked) -> Result<u32, Failure> {
    let number = asked.part("collection");
    number.parse().map_err(|_| Failure::not_found("a collection goes by its number"))
}
