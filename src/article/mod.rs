//! Articles out of HTML pages.
//!
//! HTML → headline, byline, dates, paragraphs, notices. Pure: no I/O, no clock. Refuses a page that
//! holds no article, with the reason.

mod body;
pub mod charset;
mod dom;
mod furniture;
mod language;
mod metadata;
mod notices;

use url::Url;

use crate::domain::article::Article;

/// Why a page holds no article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoArticle {
    /// Nothing but white space.
    #[error("the page is empty")]
    Empty,
    /// No paragraphs that read like an article.
    #[error("the page has no article text")]
    NoBody,
    /// More bytes than [`dom::MAX_HTML_BYTES`].
    #[error("the page is larger than {} MiB", dom::MAX_HTML_BYTES / 1024 / 1024)]
    TooLarge,
    /// Elements nested deeper than [`dom::MAX_DEPTH`].
    #[error("the page nests elements deeper than {}", dom::MAX_DEPTH)]
    TooDeep,
    /// More nodes than [`dom::MAX_NODES`].
    #[error("the page has more than {} elements and texts", dom::MAX_NODES)]
    TooManyNodes,
    /// A tag with more attributes than [`dom::MAX_ATTRIBUTES`].
    #[error("a tag of the page has more than {} attributes", dom::MAX_ATTRIBUTES)]
    TooManyAttributes,
}

/// The article of a decoded page. `url` is where the page was fetched from, if known; relative
/// links are resolved against it.
///
/// # Errors
/// [`NoArticle`] says why there is none.
pub fn from_html(html: &str, url: Option<&Url>) -> Result<Article, NoArticle> {
    if html.trim().is_empty() {
        return Err(NoArticle::Empty);
    }
    let tree = dom::parse(html)?;
    let page = dom::Page::new(&tree);
    let signs = furniture::signs(&page);
    let metadata = metadata::of(&page, &signs, url);
    let body = body::of(&page, &signs, &metadata).ok_or(NoArticle::NoBody)?;
    let (paragraphs, notices) = notices::split(body.paragraphs);
    let text = paragraphs.join("\n\n");
    let language = metadata.language.or_else(|| language::of(&text).map(str::to_owned));
    Ok(Article {
        title: metadata.title,
        standfirst: body.standfirst,
        byline: metadata.byline,
        outlet: metadata.outlet,
        published: metadata.published,
        modified: metadata.modified,
        language,
        canonical_url: metadata.canonical_url,
        text,
        notices,
    })
}
