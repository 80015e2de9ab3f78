//! One article: versions, text, quotes.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::super::asked::{Asked, Parameter};
use super::super::failure::Failure;
use super::super::reply::Reply;
use super::super::state::Reading;
use crate::domain::record::{ArticleSummary, QuoteRecord};

/// Which version's text to give.
pub const VERSION: &[Parameter] = &[Parameter {
    name: "version",
    about: "The version whose text and quotes to give; without it, the newest",
    required: false,
    schema: || json!({"type": "integer", "minimum": 1, "maximum": u32::MAX}),
}];

/// An article with the text of one version.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ArticleText {
    /// The article.
    #[serde(flatten)]
    pub article: ArticleSummary,
    /// The version that text and quotes are of.
    pub version: u32,
    /// Its text: paragraphs with an empty line between.
    pub text: String,
    /// The quotes whose offsets count in that text. One that a later version still has counts there.
    pub quotes: Vec<QuoteRecord>,
}

/// The article of the id in the path.
///
/// # Errors
/// [`Failure`] if there is none or it has no such version, or the collection can't be read.
pub fn one(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let wanted = parameters.take_number("version", 1..=u32::MAX)?;
    parameters.finish()?;
    let store = &reading.store;
    let unknown = || Failure::not_found("no article has this id");
    let article = store.article(asked.part("article"))?.ok_or_else(unknown)?;
    let newest = article.versions.last().map_or(0, |version| version.version);
    let version = wanted.unwrap_or(newest);
    let Some(stored) = store.version(&article.id, version)? else {
        return Err(Failure::not_found(format!("the article has no version {version}")));
    };
    let mut quotes = store.quotes_of_article(&article.id)?;
    quotes.retain(|record| record.article.version == version);
    Reply::json(&ArticleText { version, text: stored.article.text, quotes, article })
}
