//! Feeds: RSS, Atom and JSON Feed, as they are found → the articles they list.
//!
//! Bytes in any encoding, well-formed or not → a [`Listing`]. Memory and time are bounded by the
//! length of the input; nothing is recursive. Refuses to fetch and to keep an entry without link.

use thiserror::Error;
use url::Url;

use crate::domain::feed::Entry;

/// Why bytes are no feed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FeedError {
    /// A web page stands where a feed was expected.
    #[error("{url} is a web page, not a feed; {}", alternates_hint(alternates))]
    Html {
        /// Where it was found.
        url: Url,
        /// The feeds that the page names.
        alternates: Vec<Url>,
    },
    /// Something else stands there.
    #[error("{url} is no feed: {reason}; check the address in a browser")]
    NotAFeed {
        /// Where it was found.
        url: Url,
        /// What it is instead.
        reason: String,
    },
}

fn alternates_hint(alternates: &[Url]) -> String {
    let _ = alternates;
    String::new()
}

/// What a feed lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The feed's own title.
    pub title: Option<String>,
    /// The entries that have a link, in the feed's order.
    pub entries: Vec<Entry>,
    /// Number of entries left out because they have no usable link.
    pub without_link: usize,
    /// Number of entries left out because the feed has more than we take.
    pub beyond_cap: usize,
}

/// What the feed in `bytes` lists. `content_type` is the transport's header; relative links are
/// resolved against the feed's own base or `base`, the URL it was fetched from.
///
/// # Errors
/// [`FeedError`] where `bytes` are no feed. A damaged feed is no error: what can be read is given.
pub fn parse(bytes: &[u8], content_type: Option<&str>, base: &Url) -> Result<Listing, FeedError> {
    let _ = (bytes, content_type, base);
    todo!()
}
