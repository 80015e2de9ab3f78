//! Feeds: RSS, Atom, JSON Feed and GDELT's lists of articles, as they are found → the articles they
//! list.
//!
//! Bytes in any encoding, well-formed or not → a [`Listing`]. One flat pass that keeps a field while
//! it is in one: memory and time are bounded by the length of the input, nothing is recursive, and
//! what is unclosed ends with its entry. Refuses to fetch and to keep an entry without link.

use std::fmt;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use thiserror::Error;
use url::Url;

use super::markup::{Node, Nodes, Prefixes, Tag, decode, one_line, plain_text};
use super::packed::{MAX_UNPACKED, PackedError, unpack};
use crate::domain::date::PageDate;
use crate::domain::feed::Entry;
use crate::domain::language;

/// Entries taken from one feed. Outlets list up to some hundreds; the newest stand first.
const MAX_ENTRIES: usize = 10_000;

/// Bytes of one field that are read: enough for a long article inside a feed.
const MAX_FIELD: usize = 64 * 1024;

/// Characters of a summary that are kept: a summary that is longer is the article itself.
const MAX_SUMMARY: usize = 5_000;

/// Open elements whose base is remembered. Real feeds are less than 20 deep.
const MAX_DEPTH: usize = 128;

/// Characters of a stranger's beginning that an error repeats.
const SHOWN: usize = 80;

/// Bytes of a web page in which the feeds it names are looked for.
const MAX_HEAD: usize = 256 * 1024;

/// Feeds that an error names of a web page.
const MAX_ALTERNATES: usize = 10;

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
    #[error("{url} is no feed but {found}; check the address in a browser")]
    NotAFeed {
        /// Where it was found.
        url: Url,
        /// What it is instead.
        found: String,
    },
}

fn alternates_hint(alternates: &[Url]) -> String {
    if alternates.is_empty() {
        return "look for its feed, or set kind = \"listing\"".to_owned();
    }
    let urls: Vec<&str> = alternates.iter().map(Url::as_str).collect();
    format!("it names {} as its feed", urls.join(" and "))
}

/// What a feed lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The feed's own title, as plain text.
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
    let draft = read(bytes, content_type, base)?;
    let mut listing =
        Listing { title: draft.title, beyond_cap: draft.beyond_cap, ..Listing::default() };
    for item in draft.items {
        match item.into_entry() {
            Some(entry) => listing.entries.push(entry),
            None => listing.without_link += 1,
        }
    }
    Ok(listing)
}

fn read(bytes: &[u8], content_type: Option<&str>, base: &Url) -> Result<Draft, FeedError> {
    let unpacked = unpack(bytes).map_err(|error| match error {
        PackedError::TooLarge => {
            stranger(base, format!("a packed file of more than {} MiB", MAX_UNPACKED / 1024 / 1024))
        }
        PackedError::Damaged(cause) => stranger(base, format!("damaged gzip data ({cause})")),
    })?;
    let text = decode(&unpacked, content_type);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    if text.starts_with('{') {
        return read_json(text, base);
    }
    let mut reader = XmlReader::new(base);
    for node in Nodes::new(text) {
        reader.take(node);
        if let Some(Root::Other(_)) = reader.root {
            break;
        }
    }
    match reader.root {
        Some(Root::Feed) => Ok(reader.finish()),
        Some(Root::Other(name)) if PAGE_ROOTS.contains(&name.as_str()) => Err(web_page(text, base)),
        _ if text.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")) => {
            Err(web_page(text, base))
        }
        Some(Root::Other(name)) => Err(stranger(base, format!("XML of the kind <{name}>"))),
        None if text.is_empty() => Err(stranger(base, "empty".to_owned())),
        None => {
            let start: String = text.chars().take(SHOWN).collect();
            Err(stranger(base, format!("something that begins “{}”", one_line(&start))))
        }
    }
}

fn stranger(url: &Url, found: String) -> FeedError {
    FeedError::NotAFeed { url: url.clone(), found }
}

/// The feeds that a page names in `<link rel="alternate">`.
fn web_page(html: &str, url: &Url) -> FeedError {
    const KINDS: [&str; 4] =
        ["application/rss+xml", "application/atom+xml", "application/feed+json", "text/xml"];
    let mut alternates = Vec::new();
    let mut base = url.clone();
    // Flat, like everything here: the time that a tree takes can be the square of the page.
    for node in Nodes::new(&html[..html.floor_char_boundary(MAX_HEAD)]) {
        let Node::Start(tag) = node else { continue };
        if tag.name().eq_ignore_ascii_case("base") && base == *url {
            let own = tag.attribute("href").and_then(|href| url.join(href.trim()).ok());
            base = own.unwrap_or(base);
        }
        if !tag.name().eq_ignore_ascii_case("link") || alternates.len() == MAX_ALTERNATES {
            continue;
        }
        let rel = tag.attribute("rel").unwrap_or_default();
        let kind = tag.attribute("type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("alternate"))
            && KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known))
            && let Some(feed) = tag.attribute("href").and_then(|href| base.join(href.trim()).ok())
        {
            alternates.push(feed);
        }
    }
    FeedError::Html { url: url.clone(), alternates }
}

/// A feed, being read.
#[derive(Debug, Default)]
struct Draft {
    title: Option<String>,
    items: Vec<Item>,
    beyond_cap: usize,
}

impl Draft {
    fn push(&mut self, item: Item) {
        if self.items.len() < MAX_ENTRIES {
            self.items.push(item);
        } else {
            self.beyond_cap += 1;
        }
    }
}

/// An entry, being read: of each field the first that says something.
#[derive(Debug, Default)]
struct Item {
    title: Option<String>,
    summary: Option<String>,
    content: Option<String>,
    published: Option<PageDate>,
    updated: Option<PageDate>,
    language: Option<String>,
    link: Option<(Rank, Url)>,
}

/// How well a link names the article, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The address behind a counting redirect.
    Original,
    /// The link proper.
    Page,
    /// An identifier that is an address.
    Identifier,
    /// The same in another form.
    OtherForm,
}

impl Item {
    fn offer_link(&mut self, rank: Rank, base: &Url, link: &str) {
        let link: String = link.trim().chars().filter(|c| !c.is_control()).collect();
        if link.is_empty() || self.link.as_ref().is_some_and(|(found, _)| *found <= rank) {
            return;
        }
        // An identifier is a link only where it is a whole address: `post-17` is not one.
        let url = match rank {
            Rank::Identifier => Url::parse(&link),
            _ => base.join(&link),
        };
        if let Ok(url) = url
            && matches!(url.scheme(), "http" | "https")
        {
            self.link = Some((rank, url));
        }
    }

    fn into_entry(self) -> Option<Entry> {
        let (_, url) = self.link?;
        Some(Entry {
            title: self.title,
            summary: self.summary.or(self.content),
            published: self.published,
            updated: self.updated,
            language: self.language,
            ..Entry::bare(url)
        })
    }
}

fn summary_of(text: String) -> Option<String> {
    match text.char_indices().nth(MAX_SUMMARY) {
        Some((end, _)) => Some(text[..end].to_owned()),
        None => (!text.is_empty()).then_some(text),
    }
}

fn language_of(text: &str) -> Option<String> {
    language::code(text.trim()).map(str::to_owned)
}

/// What an element holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Title,
    Summary,
    Content,
    Link,
    OriginalLink,
    /// An identifier that is a link unless it says otherwise.
    Permalink,
    Published,
    Updated,
    Language,
    /// Another thing with a title, link and dates of its own.
    Other,
}

const DC: &str = "http://purl.org/dc/elements/1.1/";
const TERMS: &str = "http://purl.org/dc/terms/";
const CONTENT: &str = "http://purl.org/rss/1.0/modules/content/";

/// Namespaces whose names are those of the feed itself. None at all is one of them, too.
const OWN: [&str; 10] = [
    "http://www.w3.org/2005/atom",
    "http://purl.org/atom/ns#",
    "http://purl.org/rss/1.0/",
    "http://purl.org/net/rss1.1#",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://channel.netscape.com/rdf/simple/0.9/",
    "http://backend.userland.com/rss",
    "http://backend.userland.com/rss2",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
];

/// Elements that are read: namespace, name, field. Prefixes stand for namespaces not declared.
const FIELDS: [(&str, &str, Field); 38] = [
    ("", "title", Field::Title),
    ("", "link", Field::Link),
    ("", "guid", Field::Permalink),
    ("", "id", Field::Permalink),
    ("", "description", Field::Summary),
    ("", "summary", Field::Summary),
    ("", "abstract", Field::Summary),
    ("", "content", Field::Content),
    ("", "fullitem", Field::Content),
    ("", "body", Field::Content),
    ("", "pubdate", Field::Published),
    ("", "published", Field::Published),
    ("", "issued", Field::Published),
    ("", "created", Field::Published),
    ("", "date", Field::Published),
    ("", "updated", Field::Updated),
    ("", "modified", Field::Updated),
    ("", "lastbuilddate", Field::Updated),
    ("", "source", Field::Other),
    ("", "image", Field::Other),
    ("", "textinput", Field::Other),
    ("", "author", Field::Other),
    ("", "contributor", Field::Other),
    (DC, "title", Field::Title),
    (DC, "description", Field::Summary),
    (DC, "date", Field::Published),
    (DC, "language", Field::Language),
    ("dc", "language", Field::Language),
    ("dc", "title", Field::Title),
    ("dc", "description", Field::Summary),
    ("dc", "date", Field::Published),
    (TERMS, "issued", Field::Published),
    (TERMS, "created", Field::Published),
    (TERMS, "modified", Field::Updated),
    ("dcterms", "issued", Field::Published),
    ("dcterms", "modified", Field::Updated),
    (CONTENT, "encoded", Field::Content),
    ("content", "encoded", Field::Content),
];

/// Prefixes that stand for the feed's own namespace where they are not declared.
const OWN_PREFIXES: [&str; 5] = ["atom", "atom10", "a10", "rss", "rdf"];

fn own(namespace: Option<&str>) -> bool {
    namespace.is_none_or(|uri| OWN.contains(&uri) || OWN_PREFIXES.contains(&uri))
}

fn field_of(namespace: Option<&str>, name: &str) -> Option<Field> {
    if name == "origlink" {
        return Some(Field::OriginalLink);
    }
    let namespace = if own(namespace) { "" } else { namespace? };
    let row = FIELDS.iter().find(|row| row.0 == namespace && row.1 == name);
    row.map(|row| row.2)
}

/// What the first element says about the document.
#[derive(Debug, PartialEq, Eq)]
enum Root {
    Feed,
    Other(String),
}

/// First elements of web pages: the others may be left out.
const PAGE_ROOTS: [&str; 6] = ["html", "head", "body", "title", "meta", "link"];

const ROOTS: [&str; 6] = ["rss", "rdf", "feed", "channel", "item", "entry"];

/// A field, being read.
#[derive(Debug)]
struct Capture {
    field: Field,
    /// The element's name as written, and how many of that name are open inside.
    element: String,
    nested: usize,
    /// Text that is no HTML, even if it looks like that.
    plain: bool,
    text: String,
}

struct XmlReader<'b> {
    base: &'b Url,
    prefixes: Prefixes,
    root: Option<Root>,
    draft: Draft,
    item: Option<Item>,
    capture: Option<Capture>,
    /// Open elements outside fields, each with the base that holds in it.
    open: Vec<(String, Url)>,
}

impl<'b> XmlReader<'b> {
    fn new(base: &'b Url) -> Self {
        Self {
            base,
            prefixes: Prefixes::default(),
            root: None,
            draft: Draft::default(),
            item: None,
            capture: None,
            open: Vec::new(),
        }
    }

    fn take(&mut self, node: Node<'_>) {
        match node {
            Node::Start(tag) => self.start(&tag),
            Node::End(name) => self.end(&name),
            Node::Text(text) => {
                if let Some(capture) = &mut self.capture {
                    capture.add(&text);
                }
            }
        }
    }

    fn finish(mut self) -> Draft {
        self.end_item();
        self.draft
    }

    fn start(&mut self, tag: &Tag<'_>) {
        self.prefixes.declare(tag);
        let (namespace, name) = self.prefixes.resolve(tag.name());
        if self.root.is_none() {
            let feed = own(namespace.as_deref()) && ROOTS.contains(&name.as_str());
            self.root = Some(if feed { Root::Feed } else { Root::Other(name.clone()) });
        }
        let is_item = own(namespace.as_deref()) && matches!(name.as_str(), "item" | "entry");
        if is_item {
            self.end_item();
            self.start_item(tag);
        } else if let Some(capture) = &mut self.capture {
            capture.nested += usize::from(capture.element.eq_ignore_ascii_case(tag.name()));
            capture.add(" ");
            return;
        }
        let base = self.base_in(tag);
        if let Some(field) = field_of(namespace.as_deref(), &name).filter(|_| !is_item) {
            self.start_field(field, tag, &name, &base);
        } else if self.open.len() < MAX_DEPTH {
            self.open.push((tag.name().to_owned(), base));
        }
    }

    fn base_in(&self, tag: &Tag<'_>) -> Url {
        let outer = self.open.last().map_or(self.base, |(_, base)| base);
        let own = tag.attribute("xml:base").and_then(|base| outer.join(base.trim()).ok());
        own.unwrap_or_else(|| outer.clone())
    }

    fn start_item(&mut self, tag: &Tag<'_>) {
        let mut item = Item::default();
        let base = self.base_in(tag);
        if let Some(date) = tag.attribute("lastmod") {
            item.updated = PageDate::parse(&date);
        }
        item.language = tag.attribute("xml:lang").and_then(|lang| language_of(&lang));
        if let Some(about) = tag.attribute("rdf:about") {
            item.offer_link(Rank::Identifier, &base, &about);
        }
        if let Some(link) = tag.attribute("href") {
            item.offer_link(Rank::Page, &base, &link);
        }
        self.item = Some(item);
    }

    fn start_field(&mut self, field: Field, tag: &Tag<'_>, name: &str, base: &Url) {
        let kind = tag.attribute("type").unwrap_or_default().to_ascii_lowercase();
        let mut field = field;
        match field {
            Field::Link => {
                if let Some(link) = tag.attribute("href") {
                    if let (Some(item), Some(rank)) = (&mut self.item, link_rank(tag, &kind)) {
                        item.offer_link(rank, base, &link);
                    }
                    field = Field::Other;
                }
            }
            Field::Permalink if tag.attribute("ispermalink").is_some_and(|it| it != "true") => {
                field = Field::Other;
            }
            _ => {}
        }
        // Text is HTML unless Atom says otherwise. What is packed in base64 is not unpacked.
        let atom = !matches!(name, "description" | "encoded");
        let encoded = tag.attribute("mode").is_some_and(|mode| mode == "base64");
        self.capture = Some(Capture {
            field: if encoded { Field::Other } else { field },
            element: tag.name().to_owned(),
            nested: 0,
            plain: atom && matches!(kind.as_str(), "text" | "text/plain" | "xhtml"),
            text: String::new(),
        });
    }

    fn end(&mut self, name: &str) {
        let (namespace, local) = self.prefixes.resolve(name);
        let own = own(namespace.as_deref());
        if own && matches!(local.as_str(), "item" | "entry") {
            self.end_item();
        } else if own && matches!(local.as_str(), "channel" | "feed") {
            self.end_field();
        } else if let Some(capture) = &mut self.capture {
            if !capture.element.eq_ignore_ascii_case(name) {
                capture.add(" ");
            } else if capture.nested > 0 {
                capture.nested -= 1;
            } else {
                self.end_field();
            }
            return;
        }
        if let Some(at) = self.open.iter().rposition(|(open, _)| open.eq_ignore_ascii_case(name)) {
            self.open.truncate(at);
        }
    }

    fn end_item(&mut self) {
        self.end_field();
        if let Some(item) = self.item.take() {
            self.draft.push(item);
        }
    }

    fn end_field(&mut self) {
        let Some(capture) = self.capture.take() else { return };
        let base = self.open.last().map_or(self.base, |(_, base)| base);
        let Some(item) = &mut self.item else {
            if capture.field == Field::Title && self.draft.title.is_none() {
                self.draft.title = capture.words();
            }
            return;
        };
        let date = || PageDate::parse(capture.text.trim());
        match capture.field {
            Field::Title => item.title = item.title.take().or_else(|| capture.words()),
            Field::Summary => {
                item.summary = item.summary.take().or_else(|| capture.words().and_then(summary_of));
            }
            Field::Content => {
                item.content = item.content.take().or_else(|| capture.words().and_then(summary_of));
            }
            Field::Published => item.published = item.published.take().or_else(date),
            Field::Updated => item.updated = item.updated.take().or_else(date),
            Field::Language => item.language = language_of(&capture.text).or(item.language.take()),
            Field::Link => item.offer_link(Rank::Page, base, &capture.text),
            Field::OriginalLink => item.offer_link(Rank::Original, base, &capture.text),
            Field::Permalink => item.offer_link(Rank::Identifier, base, &capture.text),
            Field::Other => {}
        }
    }
}

/// How well an Atom link names the article; `None` if it names something else.
fn link_rank(tag: &Tag<'_>, kind: &str) -> Option<Rank> {
    let relation = tag.attribute("rel").unwrap_or_default();
    let relation = relation.rsplit('/').next().unwrap_or_default().trim();
    if !relation.is_empty() && !relation.eq_ignore_ascii_case("alternate") {
        return None;
    }
    let page = kind.is_empty() || kind.contains("html") || kind.starts_with("text/");
    Some(if page { Rank::Page } else { Rank::OtherForm })
}

impl Capture {
    fn add(&mut self, text: &str) {
        let room = MAX_FIELD.saturating_sub(self.text.len());
        if self.field != Field::Other {
            self.text.push_str(&text[..text.floor_char_boundary(room)]);
        }
    }

    fn words(&self) -> Option<String> {
        let words = if self.plain { one_line(&self.text) } else { plain_text(&self.text) };
        (!words.is_empty()).then_some(words)
    }
}

/// A JSON Feed, or a list of articles of GDELT's DOC API. Fields of a wrong kind are as good as none.
#[derive(Debug, Deserialize)]
struct JsonFeed {
    version: Option<Value>,
    title: Option<Value>,
    items: Option<JsonItems>,
    articles: Option<JsonItems>,
}

/// What GDELT answers where it finds nothing.
const NOTHING: &str = "{}";

/// The items we take, and the number of those we don't.
#[derive(Debug, Default)]
struct JsonItems(Vec<JsonItem>, usize);

impl<'de> Deserialize<'de> for JsonItems {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(JsonItemsVisitor)
    }
}

struct JsonItemsVisitor;

impl<'de> Visitor<'de> for JsonItemsVisitor {
    type Value = JsonItems;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<JsonItems, A::Error> {
        let mut items = JsonItems::default();
        while items.0.len() < MAX_ENTRIES {
            match list.next_element()? {
                Some(item) => items.0.push(item),
                None => return Ok(items),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            items.1 += 1;
        }
        Ok(items)
    }
}

#[derive(Debug, Deserialize)]
struct JsonItem {
    id: Option<Value>,
    url: Option<Value>,
    external_url: Option<Value>,
    title: Option<Value>,
    summary: Option<Value>,
    content_text: Option<Value>,
    content_html: Option<Value>,
    date_published: Option<Value>,
    date_modified: Option<Value>,
    /// GDELT's: when it came upon the article, which is not when that was published.
    seendate: Option<Value>,
    /// A code, or GDELT's name for it.
    language: Option<Value>,
}

fn read_json(text: &str, base: &Url) -> Result<Draft, FeedError> {
    let feed: JsonFeed = serde_json::from_str(text)
        .map_err(|error| stranger(base, format!("JSON that is no JSON Feed ({error})")))?;
    let items = feed.items.or(feed.articles);
    if items.is_none() && feed.version.is_none() && text.trim_end() != NOTHING {
        return Err(stranger(base, "JSON without `version` and `items`".to_owned()));
    }
    let JsonItems(items, beyond_cap) = items.unwrap_or_default();
    Ok(Draft {
        title: words(feed.title.as_ref()),
        items: items.into_iter().map(|item| item.read(base)).collect(),
        beyond_cap,
    })
}

impl JsonItem {
    fn read(self, base: &Url) -> Item {
        let html = self.content_html.as_ref().and_then(Value::as_str);
        let html = html.map(|html| plain_text(&html[..html.floor_char_boundary(MAX_FIELD)]));
        let date = |value: &Option<Value>| PageDate::parse(value.as_ref()?.as_str()?);
        let mut item = Item {
            title: words(self.title.as_ref()),
            summary: words(self.summary.as_ref()).and_then(summary_of),
            content: words(self.content_text.as_ref()).or(html).and_then(summary_of),
            published: date(&self.date_published),
            updated: date(&self.date_modified).or_else(|| date(&self.seendate)),
            language: self
                .language
                .as_ref()
                .and_then(|it| language::code(it.as_str()?))
                .map(str::to_owned),
            link: None,
        };
        let links = [
            (Rank::Page, &self.url),
            (Rank::Identifier, &self.id),
            (Rank::OtherForm, &self.external_url),
        ];
        for (rank, link) in links {
            if let Some(link) = link.as_ref().and_then(Value::as_str) {
                item.offer_link(rank, base, link);
            }
        }
        item
    }
}

fn words(value: Option<&Value>) -> Option<String> {
    let words = one_line(value?.as_str()?);
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io::Read;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn base() -> Url {
        Url::parse("https://news.example/feeds/all.xml").unwrap()
    }

    fn listing(text: &str) -> Listing {
        parse(text.as_bytes(), None, &base()).unwrap()
    }

    fn urls(listing: &Listing) -> Vec<&str> {
        listing.entries.iter().map(|entry| entry.url.as_str()).collect()
    }

    #[test]
    fn an_rss_feed_gives_its_entries_with_every_field() {
        let feed = listing(
            "<?xml version='1.0'?><rss version='2.0'><channel><title>Harbour &amp;amp; Hill</title>\
             <link>https://news.example/</link><image><title>Logo</title><link>https://x.example/\
             </link></image><item><title>Talks <![CDATA[<i>resume</i>]]></title>\
             <link>\n https://news.example/talks </link><guid isPermaLink='false'>17</guid>\
             <description>&lt;p&gt;They met.&lt;/p&gt;&lt;p&gt;Again.&lt;/p&gt;</description>\
             <pubDate>Mon, 02 Mar 2026 10:00:00 +0100</pubDate></item></channel></rss>",
        );
        assert_eq!(feed.title.as_deref(), Some("Harbour & Hill"));
        let [entry] = &feed.entries[..] else { panic!("{feed:?}") };
        assert_eq!(entry.url.as_str(), "https://news.example/talks");
        assert_eq!(entry.title.as_deref(), Some("Talks resume"));
        assert_eq!(entry.summary.as_deref(), Some("They met. Again."));
        let published = entry.published.as_ref().unwrap();
        assert_eq!(published.instant(), "2026-03-02T09:00:00Z".parse().ok());
        assert_eq!(entry.updated, None);
    }

    #[test]
    fn an_atom_feed_gives_alternates_under_its_own_base() {
        let feed = listing(
            "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://other.example/en/'>\
             <title type='text'>1 &lt; 2</title><entry xml:base='2026/'>\
             <title type='html'>A &amp;amp; B</title><link rel='self' href='self.atom'/>\
             <link rel='alternate' type='application/json' href='a.json'/>\
             <link href='a.html'/><source><title>Elsewhere</title><updated>2020-01-01T00:00:00Z\
             </updated></source><updated>2026-03-01T10:00:00Z</updated>\
             <published>2026-02-28T10:00:00Z</published><author><name>N</name></author>\
             <content type='xhtml'><div><p>One.</p><p>Two.</p></div></content></entry></feed>",
        );
        assert_eq!(feed.title.as_deref(), Some("1 < 2"));
        let [entry] = &feed.entries[..] else { panic!("{feed:?}") };
        assert_eq!(entry.url.as_str(), "https://other.example/en/2026/a.html");
        assert_eq!(entry.title.as_deref(), Some("A & B"));
        assert_eq!(entry.summary.as_deref(), Some("One. Two."));
        assert_eq!(entry.updated.as_ref().map(PageDate::as_str), Some("2026-03-01T10:00:00+00:00"));
        assert_eq!(
            entry.published.as_ref().map(PageDate::as_str),
            Some("2026-02-28T10:00:00+00:00")
        );
    }

    #[test]
    fn a_json_feed_gives_its_entries_and_survives_odd_values() {
        let feed = listing(
            r#"{"version":"https://jsonfeed.org/version/1.1","title":"J","items":[
             {"id":7,"url":"/one","title":"One","content_html":"<p>Hi</p>","date_published":"2026-03-01T10:00:00Z"},
             {"id":"https://news.example/two","title":null,"url":["x"]},{"id":"three"}]}"#,
        );
        assert_eq!(urls(&feed), ["https://news.example/one", "https://news.example/two"]);
        assert_eq!(feed.entries[0].summary.as_deref(), Some("Hi"));
        assert_eq!(feed.without_link, 1);
    }

    #[test]
    fn an_entry_may_say_its_language_and_a_feed_speaks_for_none_of_its_entries() {
        let rss = listing(
            "<rss xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><language>en-us</language>\
             <item><link>/a</link><dc:language>de-DE</dc:language></item><item><link>/b</link></item>",
        );
        let atom = listing(
            "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en'><entry xml:lang='fr'>\
             <link href='/a'/></entry><entry><link href='/b'/></entry></feed>",
        );
        for (feed, wanted) in [(rss, "de"), (atom, "fr")] {
            let languages: Vec<Option<&str>> =
                feed.entries.iter().map(|entry| entry.language.as_deref()).collect();
            assert_eq!(languages, [Some(wanted), None]);
        }
    }

    #[test]
    fn the_feeds_of_a_page_are_found_however_it_writes_them() {
        let pages = [
            "<head><link rel='Alternate nofollow' type='application/RSS+xml; charset=utf-8' href='feed'>",
            "<HTML><link TYPE='application/atom+xml' REL='feed alternate' href=' feed '>",
            "<title>News</title><base href='/'><link rel=alternate type=application/feed+json href=feed>",
        ];
        for page in pages {
            match parse(page.as_bytes(), None, &base()) {
                Err(FeedError::Html { alternates, .. }) => {
                    let found: Vec<&str> = alternates.iter().map(Url::path).collect();
                    let place = if page.contains("base") { "/feed" } else { "/feeds/feed" };
                    assert_eq!(found, [place], "{page}");
                }
                other => panic!("{page}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_list_of_gdelt_gives_its_articles_when_they_were_seen_and_their_languages() {
        let feed = listing(
            r#"{"articles": [ { "url": "https://news.example/talks", "url_mobile": "", "title":
            "Talks resume , says Kolb", "seendate": "20260302T101500Z", "socialimage": "",
            "domain": "news.example", "language": "German", "sourcecountry": "Norway" },
            {"url": "https://news.example/b", "seendate": 7, "language": "Klingon"} ] }"#,
        );
        assert_eq!(urls(&feed), ["https://news.example/talks", "https://news.example/b"]);
        let [first, second] = &feed.entries[..] else { panic!("{feed:?}") };
        assert_eq!(first.title.as_deref(), Some("Talks resume , says Kolb"));
        assert_eq!(first.published, None, "seen is not published");
        let seen = first.updated.as_ref().and_then(PageDate::instant);
        assert_eq!(seen, "2026-03-02T10:15:00Z".parse().ok());
        assert_eq!((first.language.as_deref(), &second.language), (Some("de"), &None));
        assert_eq!(listing("{}\n").entries, []);
        let refusal = b"Please limit requests to one every 5 seconds.\n";
        let message = parse(refusal, None, &base()).unwrap_err().to_string();
        assert!(message.contains("Please limit requests to one"), "{message}");
    }

    #[test]
    fn old_and_odd_dialects_are_read() {
        let cases = [
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
             xmlns='http://purl.org/rss/1.0/'><channel/><item rdf:about='https://news.example/a'>\
             <title>A</title></item></rdf:RDF>",
            "<rss><channel><item><link>/a</link></item></channel></rss>",
            "<RSS VERSION='0.91'><Channel><Item><Link>/a</Link></Item></Channel></RSS>",
            "<rss version='2.0'><channel><item><guid>https://news.example/a</guid></item></channel></rss>",
            "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><link rel='alternate' \
             type='text/html' href='/a'/></entry></feed>",
            "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:link href='/a'/></a:entry></a:feed>",
            "<rss xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'><channel><item>\
             <link>https://counter.example/?1</link><feedburner:origLink>https://news.example/a\
             </feedburner:origLink></item></channel></rss>",
        ];
        for text in cases {
            assert_eq!(urls(&listing(text)), ["https://news.example/a"], "{text}");
        }
    }

    #[test]
    fn damaged_feeds_give_what_can_be_read() {
        let cases = [
            ("<rss><channel><item><link>/a</link><item><link>/b</link>", 2),
            ("<rss><channel><item><link>/a</link><title>A & B <b>bold</title></item>", 1),
            (
                "<rss><channel><item><title>Open<link>/a</link></item><item><link>/b</link></item>",
                1,
            ),
            ("<rss><channel><item><link>/a?x=1&y=2</link></item></chan", 1),
            (
                "\n\n<?xml version='1.0'?><rss><channel><item><link>/a</link></item></channel></rss>x",
                1,
            ),
            (
                "<rss><channel><item><link>/a</link><description><![CDATA[open</description></item>\
              <item><link>/b</link></item></channel></rss>",
                2,
            ),
        ];
        for (text, entries) in cases {
            assert_eq!(listing(text).entries.len(), entries, "{text}");
        }
    }

    #[test]
    fn titles_of_media_and_podcast_extensions_are_not_the_entrys() {
        let feed = listing(
            "<rss xmlns:media='http://search.yahoo.com/mrss/'><channel><item><link>/a</link>\
             <media:content><media:title>Photo</media:title></media:content>\
             <itunes:title>Episode</itunes:title><title>Words</title></item></channel></rss>",
        );
        assert_eq!(feed.entries[0].title.as_deref(), Some("Words"));
    }

    #[test]
    fn a_web_page_is_refused_with_the_feeds_it_names() {
        let page = "<!DOCTYPE html><html><head><link rel='alternate' type='application/rss+xml' \
                    href='/feed.xml'><link rel='alternate' hreflang='fr' href='/fr'></head></html>";
        let error = parse(page.as_bytes(), Some("text/html"), &base()).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("it names https://news.example/feed.xml as its feed"),
            "{message}"
        );
    }

    #[test]
    fn what_is_no_feed_is_refused_with_what_it_is() {
        let cases = [
            ("", "empty"),
            ("just words", "something that begins “just words”"),
            ("<urlset><url/></urlset>", "XML of the kind <urlset>"),
            ("{\"a\":1}", "JSON without"),
            ("{\"items\":", "JSON that is no JSON Feed"),
        ];
        for (text, reason) in cases {
            let message = parse(text.as_bytes(), None, &base()).unwrap_err().to_string();
            assert!(message.contains(reason), "{message}");
        }
    }

    #[test]
    fn only_links_of_the_web_are_entries() {
        let feed = listing(
            "<rss><channel><item><link>javascript:alert(1)</link></item><item><link>mailto:a@b.example\
             </link></item><item><link>file:///etc/passwd</link></item></channel></rss>",
        );
        assert_eq!((feed.entries.len(), feed.without_link), (0, 3));
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let many = "<item><link>/a</link></item>".repeat(MAX_ENTRIES + 5);
        let feed = listing(&format!("<rss><channel>{many}</channel></rss>"));
        assert_eq!((feed.entries.len(), feed.beyond_cap), (MAX_ENTRIES, 5));
        let deep = "<media:group>".repeat(200_000);
        let feed = listing(&format!("<rss><channel><item><link>/a</link>{deep}"));
        assert_eq!(feed.entries.len(), 1);
        let nested = "<b>".repeat(50_000);
        let text = format!("<rss><item><link>/a</link><title>{nested}words</title></item></rss>");
        assert_eq!(listing(&text).entries.len(), 1);
        let many = format!("{{\"items\":[{}{{}}]}}", "{\"url\":\"/a\"},".repeat(MAX_ENTRIES + 4));
        let feed = listing(&many);
        assert_eq!((feed.entries.len(), feed.beyond_cap), (MAX_ENTRIES, 5));
        let brackets = format!("{{\"items\":{}", "[".repeat(200_000));
        assert!(parse(brackets.as_bytes(), None, &base()).is_err());
    }

    /// What another reader found in a file of the corpus.
    #[derive(Deserialize)]
    struct Expected {
        file: String,
        entries: usize,
        linked: usize,
        dated: usize,
    }

    #[test]
    fn as_much_is_found_as_another_reader_finds() {
        let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
        let Ok(expected) = std::fs::read_to_string(corpora.join("feeds.expected.jsonl")) else {
            println!("skipped: no corpus");
            return;
        };
        let archive = std::fs::File::open(corpora.join("feeds.tar.gz")).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
        let mut files = HashMap::new();
        for file in archive.entries().unwrap() {
            let mut file = file.unwrap();
            let name = file.path().unwrap().to_string_lossy().trim_start_matches("./").to_owned();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            files.insert(name, bytes);
        }
        let expected: Vec<Expected> =
            expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (mut entries, mut links, mut dates, mut all) = (0, 0, 0, 0);
        for wanted in &expected {
            let draft = read(&files[&wanted.file], None, &base()).unwrap_or_default();
            let linked = draft.items.iter().filter(|item| item.link.is_some()).count();
            let dated = |item: &&Item| item.published.is_some() || item.updated.is_some();
            let dated = draft.items.iter().filter(dated).count();
            let same = [
                draft.items.len() >= wanted.entries,
                linked >= wanted.linked,
                dated >= wanted.dated,
            ];
            if same.contains(&false) {
                println!(
                    "{}: entries {} of {}, links {linked} of {}, dates {dated} of {}",
                    wanted.file,
                    draft.items.len(),
                    wanted.entries,
                    wanted.linked,
                    wanted.dated
                );
            }
            entries += usize::from(same[0]);
            links += usize::from(same[1]);
            dates += usize::from(same[2]);
            all += usize::from(!same.contains(&false));
        }
        let of = expected.len();
        println!("of {of} feeds: entries {entries}, links {links}, dates {dates}, all {all}");
        assert!(entries * 100 >= of * 99, "entries of {entries} in {of} feeds");
        assert!(links * 100 >= of * 99, "links of {links} in {of} feeds");
        assert!(dates * 100 >= of * 99, "dates of {dates} in {of} feeds");
        assert!(all * 100 >= of * 99, "all of {all} in {of} feeds");
    }

    proptest! {
        #[test]
        fn any_tags_in_any_order_are_read(
            tags in proptest::collection::vec(
                prop::sample::select(vec![
                    "<rss>", "<channel>", "<item>", "</item>", "<entry xml:base='x'>", "<title>",
                    "</title>", "<link>", "</link>", "<link href='/a'/>", "<source>", "</rss>",
                    "<![CDATA[", "]]>", "<!--", "&#0;", "&lt;", "words", "<guid>", "</guid>",
                ]),
                0..60,
            )
        ) {
            let _ = parse(format!("<rss>{}", tags.concat()).as_bytes(), None, &base());
        }
    }
}
