//! One quote: context, provenance, history, the same words elsewhere.

use maud::html;

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::reply::Reply;
use super::super::state::Reading;
use super::layout;

/// The quote of the id in the path.
///
/// # Errors
/// [`Failure`] if there is none, or the collection can't be read.
pub fn page(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let Some(record) = reading.store.quote(asked.part("id"))? else {
        return Err(Failure::not_found("no quote has this id"));
    };
    let content = html! {
        h1 { "Quote" }
        blockquote { p { (record.quote.printed_words()) } }
    };
    Ok(Reply::Page(layout::page(&asked.visitor, "Quote", &content)))
}
