//! What several outlets quote.

use serde_json::json;

use super::super::asked::{Asked, Parameter};
use super::super::failure::Failure;
use super::super::filters::{self, LIMITS};
use super::super::reply::Reply;
use super::super::state::Reading;
use super::{Listed, limit};
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
    let query = StatementQuery { altered, limit: limit(&filters), offset: filters.offset };
    let (items, total) =
        (reading.store.statements(&query)?, reading.store.count_statements(&query)?);
    Reply::json(&Listed::part(asked, &filters, items, total))
}
