//! What a publisher asks of copies: headers and `<meta>` of a page → [`Reservation`]s.
//!
//! Robots meta tags and `X-Robots-Tag` as Google and Bing document them, named for all or for us,
//! and the TDM Reservation Protocol (W3C community group, 2024) in headers, `<meta>` and what the
//! site's `tdmrep.json` says of the page. Refuses to judge what follows from them.

use std::collections::BTreeSet;

use super::markup::{Node, Nodes};
use crate::domain::rights::Reservation;

/// Bytes of a page in which its `<meta>` tags are looked for. Heads with everything in them have up
/// to some hundred kilobytes.
const MAX_HEAD: usize = 512 * 1024;

/// Directives that have a value of their own behind a colon; any other word there is a crawler.
const WITH_VALUE: [&str; 4] =
    ["unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"];

/// The wishes that the words of robots tags state.
const WORDS: [(&str, Reservation); 3] = [
    ("noarchive", Reservation::Noarchive),
    ("noindex", Reservation::Noindex),
    // noindex and nofollow.
    ("none", Reservation::Noindex),
];

/// What `headers` and the page `html` ask of the crawler with the product token `agent`. Of mining,
/// `<meta>` decides before the header, and that before the `site`, as the protocol has it.
#[must_use]
pub fn of(
    agent: &str,
    site: Option<bool>,
    headers: &[(String, String)],
    html: &str,
) -> BTreeSet<Reservation> {
    let mut found = BTreeSet::new();
    let mut mining = site;
    for (name, value) in headers {
        if name.eq_ignore_ascii_case("x-robots-tag") {
            robots_tag(agent, value, &mut found);
        } else if name.eq_ignore_ascii_case("tdm-reservation") {
            mining = tdm(value).or(mining);
        }
    }
    for node in Nodes::new(&html[..html.floor_char_boundary(MAX_HEAD)]) {
        let Node::Start(tag) = node else { continue };
        if tag.name().eq_ignore_ascii_case("body") {
            break;
        }
        if !tag.name().eq_ignore_ascii_case("meta") {
            continue;
        }
        let (Some(name), Some(content)) = (tag.attribute("name"), tag.attribute("content")) else {
            continue;
        };
        let name = name.trim();
        if name.eq_ignore_ascii_case("robots") || name.eq_ignore_ascii_case(agent) {
            directives(&content, &mut found);
        } else if name.eq_ignore_ascii_case("tdm-reservation") {
            mining = tdm(&content).or(mining);
        }
    }
    if mining == Some(true) {
        found.insert(Reservation::TdmReservation);
    }
    found
}

/// One `X-Robots-Tag`: directives for all, or for the crawler that stands before a colon.
fn robots_tag(agent: &str, value: &str, found: &mut BTreeSet<Reservation>) {
    let mut ours = true;
    for part in value.split(',') {
        let words = match part.split_once(':') {
            Some((name, rest)) if !WITH_VALUE.contains(&name.trim().to_lowercase().as_str()) => {
                let name = name.trim();
                ours = name.eq_ignore_ascii_case(agent) || name.eq_ignore_ascii_case("robots");
                rest
            }
            _ => part,
        };
        if ours {
            directives(words, found);
        }
    }
}

fn directives(words: &str, found: &mut BTreeSet<Reservation>) {
    for word in words.split([',', ' ', '\t', '\n']) {
        let known = WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        found.extend(known.map(|(_, reservation)| *reservation));
    }
}

/// Whether mining is reserved; `None` for what the protocol doesn't know.
fn tdm(value: &str) -> Option<bool> {
    match value.trim() {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Reservation::{Noarchive, Noindex, TdmReservation};
    use super::*;

    #[test]
    fn headers_and_meta_tags_say_what_is_asked_of_copies() {
        /// Headers, page, wishes.
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a [Reservation]);
        let cases: [Case<'_>; 18] = [
            (&[], "<p>noarchive</p>", &[]),
            (&[("X-Robots-Tag", "noarchive")], "", &[Noarchive]),
            (&[("x-robots-tag", "nosnippet, NoArchive")], "", &[Noarchive]),
            (&[("x-robots-tag", "none")], "", &[Noindex]),
            (&[("x-robots-tag", "otherbot: noarchive, noindex")], "", &[]),
            (&[("x-robots-tag", "otherbot: noindex, onrecord: noarchive")], "", &[Noarchive]),
            (&[("x-robots-tag", "Onrecord: noarchive")], "", &[Noarchive]),
            (
                &[("x-robots-tag", "unavailable_after: 25 Jun 2030 15:00:00 PST, noarchive")],
                "",
                &[Noarchive],
            ),
            (&[("x-robots-tag", "otherbot: none"), ("x-robots-tag", "noindex")], "", &[Noindex]),
            (&[("tdm-reservation", "1")], "", &[TdmReservation]),
            (&[("TDM-Reservation", "0")], "", &[]),
            (&[], "<meta name=robots content='index,noarchive'>", &[Noarchive]),
            (&[], "<META NAME='Robots' CONTENT='NOARCHIVE, NOINDEX'/>", &[Noarchive, Noindex]),
            (&[], "<meta name=googlebot content=noarchive>", &[]),
            (&[], "<meta name=onrecord content=noarchive>", &[Noarchive]),
            (&[], "<meta name='tdm-reservation' content='1'>", &[TdmReservation]),
            (&[], "<body><meta name=robots content=noarchive>", &[]),
            (&[], "<meta name=robots><meta content=noarchive>", &[]),
        ];
        for (headers, html, wanted) in cases {
            let headers: Vec<(String, String)> =
                headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
            let found: Vec<Reservation> =
                of("onrecord", None, &headers, html).into_iter().collect();
            assert_eq!(found, wanted, "{headers:?} {html}");
        }
    }

    #[test]
    fn of_mining_the_page_decides_before_its_header_and_that_before_the_site() {
        let cases = [
            (Some(true), None, None, true),
            (Some(false), None, None, false),
            (Some(true), Some("0"), None, false),
            (Some(false), Some("1"), None, true),
            (None, Some("1"), Some("0"), false),
            (Some(false), Some("0"), Some("1"), true),
            (Some(true), Some("perhaps"), Some(""), true),
        ];
        for (site, header, meta, reserved) in cases {
            let header = header.map(|it| ("tdm-reservation".to_owned(), it.to_owned()));
            let headers: Vec<(String, String)> = header.into_iter().collect();
            let meta = meta.map(|it| format!("<meta name=tdm-reservation content='{it}'>"));
            let found = of("onrecord", site, &headers, &meta.unwrap_or_default());
            assert_eq!(found.contains(&TdmReservation), reserved, "{site:?} {headers:?}");
        }
    }
}
