//! Listing pages: an HTML page → the articles it links to, told by the shape of the links.
//!
//! A link counts if it stays on the host, has the words of a headline and an address like an
//! article's: a date, a slug of several words, or a long number. Refuses to follow anything: what is
//! no article after all, the article stage finds out.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::markup::one_line;
use crate::domain::feed::Entry;

/// Entries taken from one page. Front pages link to some hundreds of articles.
const MAX_ENTRIES: usize = 1_000;

/// Words that a headline has at least. Shorter link text names a section or a button.
const HEADLINE_WORDS: usize = 3;

/// Hyphenated words that make a slug: `talks-on-treaty-resume`.
const SLUG_WORDS: usize = 4;

/// The same for a path that ends like a page or carries a number, and so is less likely a section.
const SHORT_SLUG_WORDS: usize = 3;

/// Digits that make the number of an article.
const NUMBER_DIGITS: usize = 5;

/// Elements whose links lead around the site instead of to its articles.
const AROUND: [&str; 5] = ["nav", "footer", "aside", "form", "dialog"];

/// Ancestors of a link that are looked at for one of [`AROUND`]. Real pages are less than 60 deep.
const MAX_ANCESTORS: usize = 100;

/// First parts of paths that hold lists, people and files instead of articles.
const NO_ARTICLES: [&str; 20] = [
    "about",
    "account",
    "author",
    "authors",
    "category",
    "cart",
    "contact",
    "event",
    "events",
    "feed",
    "help",
    "login",
    "page",
    "privacy",
    "search",
    "subscribe",
    "tag",
    "tags",
    "topic",
    "topics",
];

/// Endings of files that are no pages.
const FILES: [&str; 16] = [
    ".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".pdf", ".zip", ".mp3", ".mp4", ".xml",
    ".rss", ".json", ".css", ".js", ".ics",
];

/// Query parameters that say where a reader came from, not what is read.
const TRACKING: [&str; 7] = ["utm_", "fbclid", "gclid", "mc_cid", "mc_eid", "cmpid", "ref"];

/// A day or month in a path: `/2026/03/02/`, `/2026/mar/2/`, `/2026-03-02-`, `/20260302/`.
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x) [/_-] (?:19|20)\d\d
        (?: [/_-] (?: 0?[1-9] | 1[0-2]
              | jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec ) (?: [/_-] \d{1,2} )?
          | (?:0[1-9]|1[0-2]) [0-3]\d )
        (?: [/_.-] | $ )",
    )
    .ok()
});

/// The articles that the page `html`, fetched from `base`, links to, in the page's order, each once.
/// The title is the longest text that links to it.
#[must_use]
pub fn links(html: &str, base: &Url) -> Vec<Entry> {
    let page = Html::parse_document(html);
    let (Ok(anchors), Ok(bases)) = (Selector::parse("a[href]"), Selector::parse("base[href]"))
    else {
        return Vec::new();
    };
    let stated = page.select(&bases).next().and_then(|it| it.attr("href"));
    let root = stated.and_then(|href| base.join(href).ok()).unwrap_or_else(|| base.clone());
    let mut entries: Vec<Entry> = Vec::new();
    let mut places: HashMap<Url, usize> = HashMap::new();
    for anchor in page.select(&anchors) {
        let Some(url) = anchor.attr("href").and_then(|href| article_url(href, &root, base)) else {
            continue;
        };
        let words = one_line(&anchor.text().collect::<Vec<_>>().join(" "));
        if let Some(&place) = places.get(&url) {
            let title = &mut entries[place].title;
            if title.as_ref().is_some_and(|known| known.len() < words.len()) {
                *title = Some(words);
            }
        } else if words.split(' ').count() >= HEADLINE_WORDS && !is_around(&anchor) {
            if entries.len() == MAX_ENTRIES {
                break;
            }
            places.insert(url.clone(), entries.len());
            entries.push(Entry {
                url,
                title: Some(words),
                summary: None,
                published: None,
                updated: None,
            });
        }
    }
    entries
}

/// Where `href` leads, without fragment and tracking, if that has the shape of an article's address.
fn article_url(href: &str, root: &Url, page: &Url) -> Option<Url> {
    let mut url = root.join(href.trim()).ok()?;
    let web = matches!(url.scheme(), "http" | "https");
    if !web || site(&url)? != site(page)? {
        return None;
    }
    url.set_fragment(None);
    drop_tracking(&mut url);
    let same_page = url.path() == page.path() && url.query() == page.query();
    (!same_page && is_article_path(&url)).then_some(url)
}

/// The host without `www.`, since sites mix both.
fn site(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host))
}

fn drop_tracking(url: &mut Url) {
    let Some(query) = url.query() else { return };
    let tracks = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or(pair);
        TRACKING.iter().any(|known| {
            if known.ends_with('_') { name.starts_with(known) } else { name == *known }
        })
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !tracks(pair)).collect();
    let kept = kept.join("&");
    url.set_query((!kept.is_empty()).then_some(&kept));
}

fn is_article_path(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let mut segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if FILES.iter().any(|ending| path.ends_with(ending))
        || segments.iter().rev().skip(1).any(|part| NO_ARTICLES.contains(part))
    {
        return false;
    }
    let Some(last) = segments.pop() else { return false };
    if DATE.as_ref().is_some_and(|date| date.is_match(&path)) {
        // A date alone is an archive; one with something behind or before it is an article.
        return last.contains('-') || last.chars().any(char::is_alphabetic);
    }
    let (stem, page) = match last.rsplit_once('.') {
        Some((stem, ending)) if ending.contains("htm") || ending == "php" || ending == "aspx" => {
            (stem, true)
        }
        _ => (last, false),
    };
    let words = stem.split(['-', '_']).filter(|part| part.chars().any(char::is_alphabetic)).count();
    let digits = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        digits >= NUMBER_DIGITS && digits * 2 >= part.len()
    };
    let numbered = stem.split(['-', '_']).any(digits)
        || url.query().is_some_and(|query| query.split(['&', '=']).any(digits));
    numbered || words >= SLUG_WORDS || (words >= SHORT_SLUG_WORDS && page)
}

fn is_around(anchor: &ElementRef<'_>) -> bool {
    anchor.ancestors().take(MAX_ANCESTORS).filter_map(ElementRef::wrap).any(|element| {
        let value = element.value();
        AROUND.contains(&value.name())
            || matches!(value.attr("role"), Some("navigation" | "contentinfo" | "search"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base() -> Url {
        Url::parse("https://www.news.example/world/").unwrap()
    }

    #[test]
    fn addresses_of_articles_are_told_from_those_of_sections() {
        let articles = [
            "/2026/03/02/treaty",
            "/world/2026/mar/02/treaty-talks",
            "/news/2026-03-02-treaty",
            "/world/treaty-talks-resume-in-harbour",
            "/treaty-talks-resume.html",
            "/article/treaty-1234567",
            "/news/articles/1234567",
            "/story.php?id=1234567",
            "https://news.example/world/treaty-talks-resume-in-harbour",
        ];
        for href in articles {
            assert!(article_url(href, &base(), &base()).is_some(), "{href}");
        }
        let others = [
            "/",
            "/world/",
            "/world/europe",
            "/about/our-people-and-our-history",
            "/tag/a-long-tag-of-words",
            "/2026/03/",
            "/2026/03/02/",
            "/images/a-picture-of-the-harbour.jpg",
            "https://other.example/world/treaty-talks-resume-in-harbour",
            "mailto:desk@news.example",
            "javascript:void(0)",
            "#top",
        ];
        for href in others {
            assert!(article_url(href, &base(), &base()).is_none(), "{href}");
        }
    }

    #[test]
    fn a_front_page_gives_each_article_once_with_its_headline() {
        let page = "<html><body><nav><a href='/world/how-we-cover-the-whole-world'>How we cover it\
            </a></nav><main><a href='/2026/03/02/treaty?utm_source=front#top'><img></a>\
            <h2><a href='/2026/03/02/treaty'>Treaty talks\n <em>resume</em></a></h2>\
            <a href='/2026/03/02/treaty'>Treaty talks resume after a long break</a>\
            <a href='/2026/03/01/vote-on-harbour-delayed'>Vote on harbour delayed</a>\
            <a href='/2026/03/01/more-about-harbour'>More</a></main><footer>\
            <a href='/our-terms-of-use-and-sale'>Our terms of use</a></footer></body></html>";
        let found = links(page, &base());
        let found: Vec<(&str, &str)> =
            found.iter().map(|it| (it.url.path(), it.title.as_deref().unwrap_or(""))).collect();
        assert_eq!(
            found,
            [
                ("/2026/03/02/treaty", "Treaty talks resume after a long break"),
                ("/2026/03/01/vote-on-harbour-delayed", "Vote on harbour delayed"),
            ]
        );
    }

    #[test]
    fn links_are_resolved_against_the_base_that_the_page_states() {
        let page =
            "<base href='/deep/'><a href='treaty-talks-resume-in-harbour'>Treaty talks resume</a>";
        let found = links(page, &base());
        assert_eq!(
            found[0].url.as_str(),
            "https://www.news.example/deep/treaty-talks-resume-in-harbour"
        );
    }

    #[test]
    fn what_identifies_the_article_stays_in_its_address() {
        let mut url = Url::parse("https://a.example/s?id=7&utm_medium=x&ref=y&referee=z").unwrap();
        drop_tracking(&mut url);
        assert_eq!(url.as_str(), "https://a.example/s?id=7&referee=z");
    }

    #[test]
    fn deep_and_long_pages_are_read_in_bounds() {
        let deep = "<div>".repeat(5_000);
        let page = format!("{deep}<a href='/2026/03/02/treaty-x'>Treaty talks resume</a>");
        assert_eq!(links(&page, &base()).len(), 1);
        let many: String = (0..MAX_ENTRIES + 5)
            .map(|at| format!("<a href='/2026/03/02/treaty-{at}'>Treaty talks resume</a>"))
            .collect();
        assert_eq!(links(&many, &base()).len(), MAX_ENTRIES);
    }

    proptest! {
        #[test]
        fn any_address_is_judged_without_panic(href in "[/a-z0-9?&=.:#%_-]{0,60}") {
            let _ = article_url(&href, &base(), &base());
        }
    }
}
