//! Pages that only send on: `<meta http-equiv="refresh">` → the address.
//!
//! Aggregators and short links put them in the place of a redirect. Refuses pages that have something
//! to read, those that show themselves anew, and those that change after a while.

use std::borrow::Cow;

use url::Url;

use super::fetch::FetchedBody;
use super::markup::{Node, Nodes, decode, plain_text};

/// A larger page has more to say than where it sends on: those of aggregators have a few kilobytes of
/// scripts.
const MAX_BYTES: usize = 32 * 1024;
/// Most text that a reader sees on such a page, in bytes: "You are being taken to …", and how to go on
/// if nothing happens.
const MAX_TEXT: usize = 500;
/// A page that stays for longer is there to be read, in seconds.
const MAX_SECONDS: f64 = 5.0;
/// Media types of web pages.
const PAGES: [&str; 2] = ["text/html", "application/xhtml+xml"];

/// Where the page sends on to, if that is all it does: an absolute address, not its own.
#[must_use]
pub fn target(page: &FetchedBody) -> Option<Url> {
    let media_type = page.content_type.as_deref().and_then(|it| it.split(';').next());
    let is_page =
        media_type.is_some_and(|it| PAGES.iter().any(|page| page.eq_ignore_ascii_case(it.trim())));
    if !is_page || page.bytes.len() > MAX_BYTES {
        return None;
    }
    let html: Cow<'_, str> = decode(&page.bytes, page.content_type.as_deref());
    let target = Nodes::new(&html).find_map(|node| match node {
        Node::Start(tag) if tag.name().eq_ignore_ascii_case("meta") => {
            let directive = tag.attribute("http-equiv")?;
            let refresh = directive.trim().eq_ignore_ascii_case("refresh");
            address(&tag.attribute("content").filter(|_| refresh)?, &page.final_url)
        }
        _ => None,
    })?;
    (plain_text(&html).len() <= MAX_TEXT).then_some(target)
}

/// The address in `0; url='…'`, as the HTML standard reads it, unless it is the page's own.
fn address(content: &str, page: &Url) -> Option<Url> {
    let content = content.trim_start();
    let number = content.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (seconds, rest) = content.split_at(number);
    if seconds.parse::<f64>().ok()? > MAX_SECONDS {
        return None;
    }
    let rest = rest.trim_start().strip_prefix([';', ',']).unwrap_or(rest).trim_start();
    let named = rest.get(..3).filter(|name| name.eq_ignore_ascii_case("url"));
    let value = named.and_then(|_| rest[3..].trim_start().strip_prefix('=')).unwrap_or(rest).trim();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?.trim(),
        _ => value,
    };
    let mut target = page.join(value).ok().filter(|_| !value.is_empty())?;
    target.set_fragment(None);
    (target != *page).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feed::Validators;

    const HERE: &str = "https://finder.example/go?id=7";

    fn page(content_type: &str, html: &str) -> FetchedBody {
        FetchedBody {
            final_url: Url::parse(HERE).unwrap(),
            status: 200,
            content_type: Some(content_type.to_owned()),
            headers: Vec::new(),
            bytes: html.to_owned().into(),
            validators: Validators::default(),
        }
    }

    #[test]
    fn the_address_is_read_in_every_way_in_which_it_is_written() {
        let there = Some("https://quay-post.example/a?b=1&c=2");
        for (content, wanted) in [
            ("0;url=https://quay-post.example/a?b=1&amp;c=2", there),
            ("0; URL='https://quay-post.example/a?b=1&amp;c=2'", there),
            (" 1.5 , url = https://quay-post.example/a?b=1&amp;c=2#top", there),
            ("0;https://quay-post.example/a?b=1&amp;c=2", there),
            ("0;url=/a", Some("https://finder.example/a")),
            ("0;url=?id=7#comments", None),
            ("0", None),
            ("1800", None),
            ("30;url=/next", None),
            ("soon;url=/a", None),
            ("0;url=", None),
            ("0;url=''", None),
            ("0;url=https://[", None),
        ] {
            let html = format!("<html><head><meta http-equiv=Refresh content=\"{content}\">");
            let found = target(&page("text/html; charset=utf-8", &html));
            assert_eq!(found.as_ref().map(Url::as_str), wanted, "{content}");
        }
    }

    #[test]
    fn only_a_page_without_anything_to_read_sends_on() {
        let meta = "<meta http-equiv=refresh content='0;url=/a'>";
        let sends = |content_type: &str, html: String| target(&page(content_type, &html)).is_some();
        let short = "<script>location.replace('/a')</script><p>You are being taken there.</p>";
        assert!(sends("text/html", format!("<noscript>{meta}</noscript>{short}")));
        assert!(!sends("application/rss+xml", format!("{meta}{short}")));
        assert!(!sends("text/html", format!("{meta}<p>{}</p>", "The tide was high. ".repeat(30))));
        assert!(!sends("text/html", format!("{meta}<!-- {} -->", "x".repeat(MAX_BYTES))));
        assert!(!sends("text/html", "<meta name=refresh content='0;url=/a'>".to_owned()));
    }
}
