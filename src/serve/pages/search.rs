//! The first page: a box, filters, the quotes that match.

use maud::html;

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::filters::{self, FIELDS, LIMIT, PAGING};
use super::super::reply::Reply;
use super::super::state::Reading;
use super::layout;
use crate::search::Query;

/// The quotes that match the parameters.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn page(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.parameters();
    let filters = filters::take(&mut parameters, &[FIELDS, PAGING])?;
    parameters.finish()?;
    let query = Query { alike: true, ..filters.to_query_of(&reading.store, LIMIT)? };
    let results = reading.search.run(&query)?;
    let records = reading.store.quotes(&results.ids)?;
    let content = html! {
        h1 { "Quotes" }
        form action="/" method="get" role="search" {
            label for="q" { "Words" } " "
            input type="search" id="q" name="q" value=[filters.query.as_deref()] maxlength="2000";
            button { "Search" }
        }
        p { (results.total) " quotes" }
        @for record in &records {
            article {
                blockquote { p { (record.quote.printed_words()) } }
                p {
                    @if let Some(speaker) = &record.quote.speaker { (speaker.name) ", " }
                    (record.article.outlet) " "
                    a href=(format!("/quotes/{}", record.quote.id)) { "more" }
                }
            }
        }
    };
    Ok(Reply::Page(layout::page(&asked.visitor, "Search", &content)))
}
