//! Listing pages: an HTML page → the articles it links to, told by a CSS selector or by the shape of
//! the links.
//!
//! By shape, a link counts if it stays on the host, has the words of a headline and an address like
//! an article's: a date, a slug of several words, or a long number. One flat pass, as over feeds: a
//! tree of hostile HTML can take the square of its length, so that one is built for a selector only,
//! of pages within bounds. Refuses to follow anything: what is no article after all, the article
//! stage finds out.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use scraper::{ElementRef, Html, Selector};
use thiserror::Error;
use url::Url;

use super::markup::{Node, Nodes, Tag, one_line};
use crate::domain::feed::Entry;

/// Entries taken from one page. Front pages link to some hundreds of articles.
const MAX_ENTRIES: usize = 1_000;

/// Bytes of a page that are read. Front pages have less than two megabytes.
const MAX_PAGE: usize = 4 * 1024 * 1024;

/// Elements of a page that is searched with a selector. Front pages have some ten thousand; some
/// selectors take the square of it.
const MAX_ELEMENTS: usize = 50_000;

/// Elements within each other on such a page: as deep as browsers nest them.
const MAX_DEPTH: usize = 512;

/// Elements whose end tag may be left out, and those that have none: they say nothing of the depth.
const OPEN_ENDED: [&str; 30] = [
    "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html",
    "img", "input", "li", "link", "meta", "optgroup", "option", "p", "param", "path", "source",
    "tbody", "td", "tfoot", "th", "thead", "tr", "wbr",
];

/// What a listing page links to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The pages, in the page's order, each once.
    pub entries: Vec<Entry>,
    /// What is not taken of the page, in words; empty if all is.
    pub left: Vec<String>,
}

impl Links {
    /// The `entries` of the page `html`, of which there are more than are taken if `beyond_cap`.
    fn new(html: &str, entries: Vec<Entry>, beyond_cap: bool) -> Self {
        let reasons = [
            beyond_cap.then(|| format!("links beyond the first {MAX_ENTRIES} are not taken")),
            (html.len() > MAX_PAGE).then(|| {
                format!("what it has beyond {} MiB is not read", MAX_PAGE / (1024 * 1024))
            }),
        ];
        Self { entries, left: reasons.into_iter().flatten().collect() }
    }
}

/// Why a selector gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ListingError {
    /// The page is no front page but a trap or a defect.
    #[error(
        "{url} has more than {MAX_ELEMENTS} elements, or nests them deeper than {MAX_DEPTH}: take \
         `links` out of its [[feed]] to have its links told by their shape"
    )]
    TooLarge {
        /// The page.
        url: Url,
    },
    /// The selector is none.
    #[error("`links = {selector:?}` is no CSS selector: {cause}")]
    Selector {
        /// The selector.
        selector: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Nothing on the page fits the selector.
    #[error(
        "{url} has no link that fits `links = {selector:?}`; look whether the page was rebuilt"
    )]
    Nothing {
        /// The page.
        url: Url,
        /// The selector.
        selector: String,
    },
}

/// Words that a headline has at least. Shorter link text names a section or a button.
const HEADLINE_WORDS: usize = 3;

/// Hyphenated words that make a slug: `talks-on-treaty-resume`.
const SLUG_WORDS: usize = 4;

/// The same for a path that ends like a page or carries a number, and so is less likely a section.
const SHORT_SLUG_WORDS: usize = 3;

/// Digits that make the number of an article.
const NUMBER_DIGITS: usize = 5;

/// Bytes of a link's text that are read.
const MAX_TITLE: usize = 2_000;

/// Elements whose links lead around the site instead of to its articles.
const AROUND: [&str; 4] = ["nav", "footer", "aside", "dialog"];

/// The same, by the role that an element states.
const AROUND_ROLES: [&str; 3] = ["navigation", "contentinfo", "search"];

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
const TRACKING: [&str; 8] = ["utm_", "itm_", "fbclid", "gclid", "mc_cid", "mc_eid", "cmpid", "ref"];

/// The beginning of a script or style, in lower case.
static PROGRAM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"<(?:script|style)[\s/>]").ok());

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

/// The articles that `page`, fetched from `base`, links to, in the page's order, each once.
/// The title is the longest text that links to it.
#[must_use]
pub fn links(page: &str, base: &Url) -> Links {
    let html = without_programs(&page[..page.floor_char_boundary(MAX_PAGE)]);
    let mut reader = Reader {
        page: base,
        base: base.clone(),
        around: None,
        anchor: None,
        entries: Vec::new(),
        beyond_cap: false,
        places: HashMap::new(),
    };
    for node in Nodes::new(&html) {
        match node {
            Node::Start(tag) => reader.start(&tag),
            Node::End(name) => reader.end(&name),
            Node::Text(text) => reader.text(&text),
        }
    }
    reader.end_anchor();
    Links::new(page, reader.entries, reader.beyond_cap)
}

/// The pages that the links on `page`, fetched from `base`, lead to that fit `selector`, or
/// stand in what fits it: in the page's order, each once, on any host. The title is the longest text
/// that links to it.
///
/// # Errors
/// [`ListingError`]; finding nothing is one, since a page that was rebuilt must not look like a quiet
/// one.
pub fn selected(page: &str, base: &Url, selector: &str) -> Result<Links, ListingError> {
    let wanted = Selector::parse(selector).map_err(|cause| ListingError::Selector {
        selector: selector.to_owned(),
        cause: cause.to_string(),
    })?;
    let html = &page[..page.floor_char_boundary(MAX_PAGE)];
    if !is_shallow(&without_programs(html)) {
        return Err(ListingError::TooLarge { url: base.clone() });
    }
    let document = Html::parse_document(html);
    let stated = document.root_element().descendent_elements().find_map(|it| {
        let stated = href(it, "base")?;
        base.join(stated.trim()).ok()
    });
    let root = stated.unwrap_or_else(|| base.clone());
    let mut entries: Vec<Entry> = Vec::new();
    let mut places: HashMap<Url, usize> = HashMap::new();
    let mut beyond_cap = false;
    let links = document.select(&wanted).flat_map(|found| found.descendent_elements());
    for (link, href) in links.filter_map(|link| Some((link, href(link, "a")?))) {
        let Ok(mut url) = root.join(href.trim()) else { continue };
        url.set_fragment(None);
        if !matches!(url.scheme(), "http" | "https") || url == *base {
            continue;
        }
        let words: String = link.text().flat_map(|text| [text, " "]).collect();
        let words = one_line(&words[..words.floor_char_boundary(MAX_TITLE)]);
        let words = (!words.is_empty()).then_some(words);
        if let Some(&place) = places.get(&url) {
            let title = &mut entries[place].title;
            if title.as_ref().map_or(0, String::len) < words.as_ref().map_or(0, String::len) {
                *title = words;
            }
        } else if entries.len() < MAX_ENTRIES {
            places.insert(url.clone(), entries.len());
            entries.push(Entry { title: words, ..Entry::bare(url) });
        } else {
            beyond_cap = true;
        }
    }
    if entries.is_empty() {
        return Err(ListingError::Nothing { url: base.clone(), selector: selector.to_owned() });
    }
    Ok(Links::new(page, entries, beyond_cap))
}

/// Where the element leads, if it is named `name`.
fn href<'e>(element: ElementRef<'e>, name: &str) -> Option<&'e str> {
    (element.value().name() == name).then(|| element.attr("href")).flatten()
}

/// Whether a tree of `html` is built and searched in good time.
fn is_shallow(html: &str) -> bool {
    let (mut elements, mut depth) = (0_usize, 0_usize);
    for node in Nodes::new(html) {
        let (name, opens) = match &node {
            Node::Start(tag) => (tag.name().to_ascii_lowercase(), true),
            Node::End(name) => (name.to_ascii_lowercase(), false),
            Node::Text(_) => continue,
        };
        elements += usize::from(opens);
        match opens {
            _ if OPEN_ENDED.contains(&name.as_str()) => {}
            true => depth += 1,
            false => depth = depth.saturating_sub(1),
        }
        if elements > MAX_ELEMENTS || depth > MAX_DEPTH {
            return false;
        }
    }
    true
}

/// `html` without scripts and styles, whose text can look like tags.
fn without_programs(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let mut kept = String::with_capacity(html.len());
    let mut at = 0;
    while let Some(found) = PROGRAM.as_ref().and_then(|program| program.find_at(&lower, at)) {
        kept.push_str(&html[at..found.start()]);
        let close = if found.as_str().starts_with("<script") { "</script" } else { "</style" };
        let end = lower[found.end()..].find(close).map_or(html.len(), |end| found.end() + end);
        at = end;
    }
    kept.push_str(&html[at..]);
    kept
}

struct Reader<'p> {
    page: &'p Url,
    base: Url,
    /// The element around the articles that we are in, and how many of its name are open inside.
    around: Option<(String, usize)>,
    anchor: Option<(Url, String)>,
    entries: Vec<Entry>,
    /// True if there are more than are taken.
    beyond_cap: bool,
    places: HashMap<Url, usize>,
}

impl Reader<'_> {
    fn start(&mut self, tag: &Tag<'_>) {
        let name = tag.name().to_ascii_lowercase();
        if let Some((around, nested)) = &mut self.around {
            *nested += usize::from(*around == name);
            return;
        }
        let role = tag.attribute("role").unwrap_or_default();
        if AROUND.contains(&name.as_str()) || AROUND_ROLES.contains(&role.as_str()) {
            self.end_anchor();
            self.around = Some((name, 0));
        } else if name == "base" {
            let stated = tag.attribute("href").and_then(|href| self.base.join(&href).ok());
            self.base = stated.unwrap_or_else(|| self.base.clone());
        } else if name == "a" {
            self.end_anchor();
            let url =
                tag.attribute("href").and_then(|href| article_url(&href, &self.base, self.page));
            self.anchor = url.map(|url| (url, String::new()));
        } else {
            self.text(" ");
        }
    }

    fn end(&mut self, name: &str) {
        match &mut self.around {
            Some((around, nested)) if around.eq_ignore_ascii_case(name) => match nested {
                0 => self.around = None,
                _ => *nested -= 1,
            },
            Some(_) => {}
            None if name.eq_ignore_ascii_case("a") => self.end_anchor(),
            None => self.text(" "),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, words)) = &mut self.anchor {
            let room = MAX_TITLE.saturating_sub(words.len());
            words.push_str(&text[..text.floor_char_boundary(room)]);
        }
    }

    fn end_anchor(&mut self) {
        let Some((url, words)) = self.anchor.take() else { return };
        let words = one_line(&words);
        if let Some(&place) = self.places.get(&url) {
            let title = &mut self.entries[place].title;
            if title.as_ref().is_some_and(|known| known.len() < words.len()) {
                *title = Some(words);
            }
        } else if words.split(' ').count() >= HEADLINE_WORDS {
            if self.entries.len() == MAX_ENTRIES {
                self.beyond_cap = true;
                return;
            }
            self.places.insert(url.clone(), self.entries.len());
            self.entries.push(Entry { title: Some(words), ..Entry::bare(url) });
        }
    }
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
        let found = links(page, &base()).entries;
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

    const FRONT: &str = "<html><head><base href='/world/'></head><body>\
        <nav><a href='/about'>About</a></nav><ul><li><h3><a href='one#top'>One</a></h3>\
        <li><h3><a href='https://other.example/two'><b>Two</b> of them</a></h3>\
        <li><h3><a href='one'>One, <i>at length</i></a> <a href='mailto:x@y.example'>m</a></h3>\
        <li><p><a href='three'>Three</a></ul></body></html>";

    #[test]
    fn a_selector_gives_the_links_that_fit_it_or_stand_in_what_fits_it() {
        let found = |selector: &str| {
            let entries = selected(FRONT, &base(), selector).unwrap().entries;
            let pair = |it: Entry| (it.url.to_string(), it.title.unwrap_or_default());
            entries.into_iter().map(pair).collect::<Vec<_>>()
        };
        let one = ("https://www.news.example/world/one".to_owned(), "One, at length".to_owned());
        let two = ("https://other.example/two".to_owned(), "Two of them".to_owned());
        assert_eq!(found("h3 a"), [one.clone(), two.clone()]);
        assert_eq!(found("li:has(h3)"), [one, two]);
        assert_eq!(found("li a:not(h3 a)").len(), 1);
    }

    #[test]
    fn a_selector_that_finds_nothing_or_is_none_says_so() {
        let said = |selector: &str| selected(FRONT, &base(), selector).unwrap_err().to_string();
        assert!(said("h4 a").contains("no link that fits `links = \"h4 a\"`"), "{}", said("h4 a"));
        assert!(said("h3 >> a").contains("is no CSS selector"), "{}", said("h3 >> a"));
    }

    #[test]
    fn pages_that_take_too_long_for_a_selector_are_refused() {
        let link = "<a href='/x'>x</a>";
        let deep = format!("{}{link}", "<div>".repeat(MAX_DEPTH + 1));
        let wide = link.repeat(MAX_ELEMENTS + 1);
        for page in [deep, wide] {
            let error = selected(&page, &base(), "a").unwrap_err();
            assert!(matches!(error, ListingError::TooLarge { .. }), "{error}");
        }
        let fine = format!("{}{link}", "<li><p><img>".repeat(MAX_DEPTH + 1));
        assert_eq!(selected(&fine, &base(), "a").unwrap().entries.len(), 1);
        let program = format!("<script>'{}'</script>{link}", "<div>".repeat(MAX_DEPTH + 1));
        assert_eq!(selected(&program, &base(), "a").unwrap().entries.len(), 1);
    }

    #[test]
    fn links_are_resolved_against_the_base_that_the_page_states() {
        let page =
            "<base href='/deep/'><a href='treaty-talks-resume-in-harbour'>Treaty talks resume</a>";
        let found = links(page, &base()).entries;
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
        let link = "<a href='/2026/03/02/treaty-x'>Treaty talks resume</a>";
        let deep = "<div>".repeat(700_000);
        assert_eq!(links(&format!("{deep}{link}"), &base()).entries.len(), 1);
        let programs = "<script>if(a<b){}</script><STYLE>a>b{}</style><nav><a href='/x'>".repeat(2);
        let page = format!("{programs}</nav></nav>{link}<script>never closed");
        assert_eq!(links(&page, &base()).entries.len(), 1);
        let many: String = (0..MAX_ENTRIES + 5)
            .map(|at| format!("<a href='/2026/03/02/treaty-{at}'>Treaty talks resume</a>"))
            .collect();
        let beyond = "links beyond the first 1000 are not taken";
        for found in [links(&many, &base()), selected(&many, &base(), "a").unwrap()] {
            assert_eq!((found.entries.len(), found.left), (MAX_ENTRIES, vec![beyond.to_owned()]));
        }
        let long = format!("{link}{}", " ".repeat(MAX_PAGE));
        let beyond = "what it has beyond 4 MiB is not read";
        for found in [links(&long, &base()), selected(&long, &base(), "a").unwrap()] {
            assert_eq!((found.entries.len(), found.left), (1, vec![beyond.to_owned()]));
        }
    }

    proptest! {
        #[test]
        fn any_address_is_judged_without_panic(href in "[/a-z0-9?&=.:#%_-]{0,60}") {
            let _ = article_url(&href, &base(), &base());
        }
    }
}
