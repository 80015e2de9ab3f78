//! Quotes: those that match, one by id.

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::filters::{self, FIELDS, LIMIT, PAGING};
use super::super::reply::Reply;
use super::super::state::Reading;

/// The quotes that match the parameters.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn list(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let filters = filters::take(&mut parameters, &[FIELDS, PAGING])?;
    parameters.finish()?;
    let query = filters.to_query_of(&reading.store, LIMIT)?;
    let results = reading.search.run(&query)?;
    Reply::json(&reading.store.quotes(&results.ids)?)
}
