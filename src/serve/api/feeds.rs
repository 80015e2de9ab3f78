//! How the crawls went: feeds, runs, what is not in the collection.

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::filters::{self, LIMITS};
use super::super::reply::Reply;
use super::super::state::Reading;
use super::{Listed, limit, next};

/// Every feed that was ever run.
///
/// # Errors
/// [`Failure`] if the collection can't be read.
pub fn feeds(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    Reply::json(&reading.store.feed_statuses()?)
}

/// What feeds named and is not in the collection, newest first.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn skipped(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let filters = filters::take(&mut parameters, &[LIMITS])?;
    parameters.finish()?;
    let (items, total) = reading.store.skipped_part(filters.offset, limit(&filters))?;
    let next = next(asked, &filters, total);
    Reply::json(&Listed { total: Some(total), next, items })
}

/// The last runs, newest first.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn runs(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let filters = filters::take(&mut parameters, &[LIMITS])?;
    parameters.finish()?;
    let (limit, offset) = (limit(&filters), filters.offset);
    // One more than is shown tells whether there are more.
    let runs = reading.store.last_runs(offset + limit + 1)?;
    let next = next(asked, &filters, runs.len());
    let items = runs.into_iter().skip(offset).take(limit).collect();
    Reply::json(&Listed { total: None, next, items })
}
