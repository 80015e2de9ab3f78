//! Speakers: all, those with a name, one by id.

use serde_json::json;

use super::super::asked::{Asked, Parameter};
use super::super::failure::Failure;
use super::super::filters::{self, LIMITS};
use super::super::reply::Reply;
use super::super::state::Reading;
use super::Listed;

/// Characters of a pattern: names are shorter.
const MAX_PATTERN: usize = 200;

/// Whose names to list.
pub const PATTERN: &[Parameter] = &[Parameter {
    name: "pattern",
    about: "Words or parts of words of a name; case and accents don't matter",
    required: false,
    schema: || json!({"type": "string", "maxLength": MAX_PATTERN}),
}];

/// The speakers that match, most quoted first.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn list(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let pattern = parameters.take("pattern")?;
    let filters = filters::take(&mut parameters, &[LIMITS])?;
    parameters.finish()?;
    if pattern.as_ref().is_some_and(|pattern| pattern.chars().count() > MAX_PATTERN) {
        let message = format!("it is longer than {MAX_PATTERN} characters");
        return Err(Failure::parameter("pattern", message));
    }
    let speakers = reading.speakers(pattern.as_deref())?;
    Reply::json(&Listed::part(asked, &filters, &speakers))
}

/// The speaker of the id in the path.
///
/// # Errors
/// [`Failure`] if there is none, or the collection can't be read.
pub fn one(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    let unknown = || Failure::not_found("no speaker has this id");
    let identity = reading.store.identity(asked.part("speaker"))?.ok_or_else(unknown)?;
    Reply::json(&reading.store.speaker(&identity)?.ok_or_else(unknown)?)
}
