//! What several outlets quote.

use serde_json::json;

use super::super::asked::{Asked, Parameter};
use super::super::failure::Failure;
use super::super::filters::{self, LIMITS};
use super::super::reply::Reply;
use super::super::state::Reading;
use super::{Listed, limit, next};
use crate::store::StatementQuery;

/// Which statements to list.
pub const ALTERED: &[Parameter] = &[Parameter {
    name: "altered",
    about: "Only statements whose words differ between outlets",
    required: false,
    schema: || json!({"type": "boolean", "default": false}),
}];

/// The statements that several outlets quote, those quoted last first.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn list(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let altered = parameters.take_flag("altered")?;
    let filters = filters::take(&mut parameters, &[LIMITS])?;
    parameters.finish()?;
    let (limit, offset) = (limit(&filters), filters.offset);
    // One more than is shown tells whether there are more.
    let found = reading.statements(&StatementQuery { altered, limit: limit + 1, offset })?;
    let next = next(asked, &filters, offset + found.len());
    let items: Vec<_> = found.iter().take(limit).collect();
    Reply::json(&Listed { total: None, next, items })
}
