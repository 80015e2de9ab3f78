//! One article: its text with every quote marked; versions and notices.

use maud::html;

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::reply::Reply;
use super::super::state::Reading;
use super::layout;

/// The article of the id in the path.
///
/// # Errors
/// [`Failure`] if there is none, or the collection can't be read.
pub fn page(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let versions = reading.store.versions(asked.part("id"))?;
    let newest = versions.last().ok_or_else(|| Failure::not_found("no article has this id"))?;
    let title = newest.article.title.as_deref().unwrap_or("Article");
    let content = html! {
        h1 { (title) }
        @for paragraph in newest.article.text.split("\n\n") { p { (paragraph) } }
    };
    Ok(Reply::Page(layout::page(&asked.visitor, title, &content)))
}
