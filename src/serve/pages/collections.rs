//! Named collections of quotes.

use maud::html;

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::reply::Reply;
use super::super::state::Reading;
use super::layout;

/// Every collection.
///
/// # Errors
/// [`Failure`] if the collection can't be read.
pub fn list(_: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let content = html! { h1 { "Collections" } };
    Ok(Reply::Page(layout::page(&asked.visitor, "Collections", &content)))
}

/// One collection.
///
/// # Errors
/// [`Failure`] if there is none, or it can't be read.
pub fn page(_: &mut Reading, _: &Asked) -> Result<Reply, Failure> {
    Err(Failure::not_found("no collection has this id"))
}
