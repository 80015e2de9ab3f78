//! The outlets of the demo's site and what a watch list says of each.

use crate::domain::feed::FeedKind;

/// One invented outlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlet {
    /// Its feed's id, also its folder among the embedded files.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Path of its feed or sitemap.
    pub feed: &'static str,
    /// What that is.
    pub kind: FeedKind,
    /// Its permanent redirects: path asked, path (and query) answered.
    pub redirects: &'static [(&'static str, &'static str)],
}

/// The outlets: one with RSS, one with Atom, one with a news sitemap.
pub const OUTLETS: [Outlet; 3] = [
    Outlet {
        id: "courier",
        name: "The Lindhaven Courier",
        feed: "/feeds/world.rss",
        kind: FeedKind::Feed,
        redirects: &[(
            "/r/20250318",
            "/2025/03/18/the-skipper-the-cable-and-the-lost-mailbox/?utm_source=rss&utm_medium=feed",
        )],
    },
    Outlet {
        id: "meridian",
        name: "Meridian Dispatch",
        feed: "/atom.xml",
        kind: FeedKind::Feed,
        redirects: &[],
    },
    Outlet {
        id: "gazette",
        name: "The Aldermoor Gazette",
        feed: "/sitemap-news.xml",
        kind: FeedKind::Sitemap,
        redirects: &[],
    },
];

/// Id of the topic in the site's watch list.
pub const TOPIC: &str = "data-salvage-treaty";

/// The watch list (`feeds.toml`) for outlets that answer at `origins`, in the order of [`OUTLETS`].
#[must_use]
pub fn watch_list(origins: &[String; OUTLETS.len()]) -> String {
    let mut text = format!(
        r#"# The demo's own news site, on this machine only.

[crawler]
contact = "https://demo.invalid/onrecord"
concurrency = 4
per_host_delay = "0s"
allow_private_addresses = true

[[topic]]
id = "{TOPIC}"
title = "The data salvage treaty"
any = [
    "data salvage treaty",
    "Convention on Data Salvage",
    "Lindhaven Convention",
    "data salvage NEAR convention",
]
"#
    );
    for (outlet, origin) in OUTLETS.iter().zip(origins) {
        text.push_str(&format!(
            r#"
[[feed]]
id = "{}"
outlet = "{}"
url = "{origin}{}"
kind = "{}"
schedule = "1h"
topics = ["{TOPIC}"]
"#,
            outlet.id,
            outlet.name,
            outlet.feed,
            outlet.kind.as_str()
        ));
    }
    text
}
