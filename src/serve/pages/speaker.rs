//! One speaker: roles over time, quotes, outlets, corrections.

use maud::html;

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::reply::Reply;
use super::super::state::Reading;
use super::layout;

/// The speaker of the id in the path.
///
/// # Errors
/// [`Failure`] if there is none, or the collection can't be read.
pub fn page(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let identity = reading.store.identity(asked.part("id"))?;
    let details = match identity {
        Some(identity) => reading.store.speaker(&identity)?,
        None => None,
    };
    let details = details.ok_or_else(|| Failure::not_found("no speaker has this id"))?;
    let content = html! { h1 { (details.summary.name) } };
    Ok(Reply::Page(layout::page(&asked.visitor, &details.summary.name, &content)))
}
