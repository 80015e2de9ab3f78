//! Sitemaps: URL sets, indexes, news sitemaps, plain lists, gzipped or not → entries and children.
//!
//! Refuses to fetch the children.

use thiserror::Error;
use url::Url;

use crate::domain::date::PageDate;
use crate::domain::feed::Entry;

/// Why bytes are no sitemap.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SitemapError {
    /// Larger than allowed once unzipped.
    #[error("{url} unzips to more than {limit} bytes; it is left out")]
    TooLarge {
        /// Where it was found.
        url: Url,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The gzip data is damaged before the first entry.
    #[error("{url} is damaged gzip data: {cause}; try later")]
    Gzip {
        /// Where it was found.
        url: Url,
        /// What is broken.
        cause: String,
    },
    /// Something else stands there.
    #[error("{url} is no sitemap: {reason}; check the address in a browser")]
    NotASitemap {
        /// Where it was found.
        url: Url,
        /// What it is instead.
        reason: String,
    },
}

/// What a sitemap lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sitemap {
    /// The pages, in the sitemap's order.
    pub entries: Vec<Entry>,
    /// The sitemaps that an index names, with their last change.
    pub children: Vec<(Url, Option<PageDate>)>,
}

/// What the sitemap in `bytes`, fetched from `base`, lists.
///
/// # Errors
/// [`SitemapError`] where `bytes` are no sitemap. A damaged one gives what can be read.
pub fn parse(bytes: &[u8], base: &Url) -> Result<Sitemap, SitemapError> {
    let _ = (bytes, base);
    todo!()
}
