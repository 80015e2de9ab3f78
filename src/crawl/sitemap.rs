//! Sitemaps: URL sets, indexes, news sitemaps, plain lists, gzipped or not → entries and children.
//!
//! One flat pass as over feeds, bounded in bytes and entries. A feed is a sitemap, too, as the
//! protocol has it. Refuses to fetch the children.

use thiserror::Error;
use url::Url;

use super::markup::{Node, Nodes, Prefixes, decode, one_line};
use super::packed::{MAX_UNPACKED, PackedError, unpack};
use super::syndication;
use crate::domain::date::PageDate;
use crate::domain::feed::Entry;
use crate::domain::language;

/// Entries, and children, taken from one sitemap: as many as the protocol allows.
pub const MAX_ENTRIES: usize = 50_000;

/// Bytes of one field that are read. The protocol allows addresses of 2,048.
const MAX_FIELD: usize = 8 * 1024;

/// Why bytes are no sitemap.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SitemapError {
    /// Larger than allowed once unzipped.
    #[error("{url} unzips to more than {limit} bytes, which no sitemap may; tell its operator")]
    TooLarge {
        /// Where it was found.
        url: Url,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The gzip data is damaged from the beginning.
    #[error("{url} is damaged gzip data: {cause}; try later")]
    Gzip {
        /// Where it was found.
        url: Url,
        /// What is broken.
        cause: String,
    },
    /// Something else stands there.
    #[error("{url} is no sitemap but {found}; check the address in a browser")]
    NotASitemap {
        /// Where it was found.
        url: Url,
        /// What it is instead.
        found: String,
    },
}

/// What a sitemap lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sitemap {
    /// The pages, in the sitemap's order.
    pub entries: Vec<Entry>,
    /// The sitemaps that an index names, in its order, with their last change.
    pub children: Vec<(Url, Option<PageDate>)>,
    /// True if there are more than are taken.
    pub beyond_cap: bool,
    /// So many have no address of the web.
    pub without_address: usize,
}

/// What the sitemap in `bytes`, fetched from `base`, lists.
///
/// # Errors
/// [`SitemapError`] where `bytes` are no sitemap. A damaged one gives what can be read.
pub fn parse(bytes: &[u8], base: &Url) -> Result<Sitemap, SitemapError> {
    let bytes = unpack(bytes).map_err(|error| match error {
        PackedError::TooLarge => SitemapError::TooLarge { url: base.clone(), limit: MAX_UNPACKED },
        PackedError::Damaged(cause) => SitemapError::Gzip { url: base.clone(), cause },
    })?;
    let text = decode(&bytes, None);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    let stranger =
        |found: &str| SitemapError::NotASitemap { url: base.clone(), found: found.to_owned() };
    if text.is_empty() {
        return Err(stranger("empty"));
    }
    if !text.starts_with('<') {
        return plain_list(text).ok_or_else(|| stranger("text that begins with no address"));
    }
    let mut reader = XmlReader::new(base);
    for node in Nodes::new(text) {
        reader.take(node);
        if reader.sitemap.beyond_cap || !matches!(reader.root, None | Some(Root::Set | Root::Index))
        {
            break;
        }
    }
    match reader.root {
        Some(Root::Set | Root::Index) => {
            reader.end_record();
            Ok(reader.sitemap)
        }
        Some(Root::Feed) => {
            let feed =
                syndication::parse(&bytes, None, base).map_err(|_| stranger("a damaged feed"))?;
            Ok(Sitemap {
                entries: feed.entries,
                children: Vec::new(),
                beyond_cap: feed.beyond_cap > 0,
                without_address: feed.without_link,
            })
        }
        Some(Root::Other(name)) if name == "html" => Err(stranger("a web page")),
        Some(Root::Other(name)) => Err(stranger(&format!("XML of the kind <{name}>"))),
        None => Err(stranger("XML without elements")),
    }
}

/// A text file with an address a line; `None` if the first is none.
fn plain_list(text: &str) -> Option<Sitemap> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut sitemap = Sitemap::default();
    for (at, line) in lines.enumerate() {
        if sitemap.entries.len() == MAX_ENTRIES {
            sitemap.beyond_cap = true;
            break;
        }
        match Url::parse(line).ok().filter(is_web) {
            Some(url) => sitemap.entries.push(Entry::bare(url)),
            None if at == 0 => return None,
            None => sitemap.without_address += 1,
        }
    }
    Some(sitemap)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

#[derive(Debug)]
enum Root {
    Set,
    Index,
    Feed,
    Other(String),
}

/// What an element holds.
#[derive(Debug, Clone, Copy)]
enum Field {
    Location,
    LastChange,
    Title,
    Published,
    Language,
}

/// Elements that are read: whether they are of the news extension, name, field. Images and videos
/// have locations and titles of their own, under other prefixes.
const FIELDS: [(bool, &str, Field); 5] = [
    (false, "loc", Field::Location),
    (false, "lastmod", Field::LastChange),
    (true, "title", Field::Title),
    (true, "publication_date", Field::Published),
    (true, "language", Field::Language),
];

#[derive(Debug, Default)]
struct Record {
    location: Option<Url>,
    /// True if it states an address that is none of the web.
    astray: bool,
    title: Option<String>,
    published: Option<PageDate>,
    updated: Option<PageDate>,
    language: Option<String>,
}

struct XmlReader<'b> {
    base: &'b Url,
    prefixes: Prefixes,
    root: Option<Root>,
    record: Record,
    field: Option<(Field, String)>,
    sitemap: Sitemap,
}

impl<'b> XmlReader<'b> {
    fn new(base: &'b Url) -> Self {
        Self {
            base,
            prefixes: Prefixes::default(),
            root: None,
            record: Record::default(),
            field: None,
            sitemap: Sitemap::default(),
        }
    }

    fn is_full(&self) -> bool {
        self.sitemap.entries.len().max(self.sitemap.children.len()) >= MAX_ENTRIES
    }

    fn take(&mut self, node: Node<'_>) {
        match node {
            Node::Start(tag) => {
                self.prefixes.declare(&tag);
                self.end_field();
                let (namespace, name) = self.prefixes.resolve(tag.name());
                if self.root.is_none() {
                    self.root = Some(root(&name));
                } else if is_record(&name) && !is_extension(namespace.as_deref()) {
                    self.end_record();
                }
                self.field = field_of(namespace.as_deref(), &name).map(|it| (it, String::new()));
            }
            Node::End(name) => {
                self.end_field();
                let (namespace, name) = self.prefixes.resolve(&name);
                if is_record(&name) && !is_extension(namespace.as_deref()) {
                    self.end_record();
                }
            }
            Node::Text(text) => {
                if let Some((_, value)) = &mut self.field {
                    let room = MAX_FIELD.saturating_sub(value.len());
                    value.push_str(&text[..text.floor_char_boundary(room)]);
                }
            }
        }
    }

    fn end_field(&mut self) {
        let Some((field, value)) = self.field.take() else { return };
        let value = value.trim();
        let record = &mut self.record;
        match field {
            Field::Location => {
                let address = if value.is_empty() { None } else { self.base.join(value).ok() };
                record.location = address.filter(is_web);
                record.astray = record.location.is_none();
            }
            Field::LastChange => record.updated = PageDate::parse(value),
            Field::Title => record.title = (!value.is_empty()).then(|| one_line(value)),
            Field::Published => record.published = PageDate::parse(value),
            Field::Language => record.language = language::code(value).map(str::to_owned),
        }
    }

    fn end_record(&mut self) {
        self.end_field();
        let Record { location, astray, title, published, updated, language } =
            std::mem::take(&mut self.record);
        let Some(url) = location else {
            self.sitemap.without_address += usize::from(astray);
            return;
        };
        if self.is_full() {
            self.sitemap.beyond_cap = true;
            return;
        }
        if let Some(Root::Index) = self.root {
            self.sitemap.children.push((url, updated));
        } else {
            self.sitemap.entries.push(Entry {
                title,
                published,
                updated,
                language,
                ..Entry::bare(url)
            });
        }
    }
}

fn root(name: &str) -> Root {
    match name {
        "urlset" => Root::Set,
        "sitemapindex" => Root::Index,
        "rss" | "rdf" | "feed" => Root::Feed,
        other => Root::Other(other.to_owned()),
    }
}

fn is_record(name: &str) -> bool {
    matches!(name, "url" | "sitemap")
}

/// Whether a namespace is another than the protocol's own.
fn is_extension(namespace: Option<&str>) -> bool {
    namespace.is_some_and(|uri| !uri.contains("schemas/sitemap/") && uri != "sitemap")
}

fn field_of(namespace: Option<&str>, name: &str) -> Option<Field> {
    let news = namespace.is_some_and(|uri| uri == "news" || uri.contains("sitemap-news"));
    let row = FIELDS.iter().find(|row| row.0 == news && row.1 == name)?;
    (news || !is_extension(namespace)).then_some(row.2)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    const SET: &str = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' \
                       xmlns:n='http://www.google.com/schemas/sitemap-news/0.9' \
                       xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'>";

    fn base() -> Url {
        Url::parse("https://news.example/sitemap.xml").unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn urls(sitemap: &Sitemap) -> Vec<&str> {
        sitemap.entries.iter().map(|entry| entry.url.as_str()).collect()
    }

    #[test]
    fn a_news_sitemap_gives_addresses_titles_and_dates() {
        let text = format!(
            "<?xml version='1.0'?>{SET}<url><loc> https://news.example/a?x=1&amp;y=2 </loc>\
             <lastmod>2026-03-02</lastmod><n:news><n:publication><n:name>Hill</n:name>\
             <n:language>eng</n:language></n:publication><n:publication_date>2026-03-01T10:00:00Z\
             </n:publication_date><n:title>A &amp; <![CDATA[B]]></n:title></n:news><image:image>\
             <image:loc>https://img.example/1.jpg</image:loc><image:title>No</image:title>\
             </image:image></url><url><loc>/b</loc></url></urlset>"
        );
        let sitemap = parse(text.as_bytes(), &base()).unwrap();
        assert_eq!(urls(&sitemap), ["https://news.example/a?x=1&y=2", "https://news.example/b"]);
        let first = &sitemap.entries[0];
        assert_eq!(first.title.as_deref(), Some("A & B"));
        assert_eq!(first.updated.as_ref().map(PageDate::as_str), Some("2026-03-02"));
        assert_eq!(
            first.published.as_ref().map(PageDate::as_str),
            Some("2026-03-01T10:00:00+00:00")
        );
        assert_eq!(first.language.as_deref(), Some("en"));
        let second = &sitemap.entries[1];
        assert_eq!((&second.title, &second.language), (&None, &None));
    }

    #[test]
    fn an_index_gives_its_children() {
        let text = "<sitemapindex><sitemap><loc>https://news.example/1.xml.gz</loc>\
                    <lastmod>2026-03-02</lastmod></sitemap><sitemap><loc>/2.xml</loc></sitemap>\
                    <sitemap><loc>ftp://news.example/3</loc></sitemap></sitemapindex>";
        let sitemap = parse(text.as_bytes(), &base()).unwrap();
        let children: Vec<&str> = sitemap.children.iter().map(|(url, _)| url.as_str()).collect();
        assert_eq!(children, ["https://news.example/1.xml.gz", "https://news.example/2.xml"]);
        assert_eq!(sitemap.children[0].1.as_ref().map(PageDate::as_str), Some("2026-03-02"));
        assert_eq!((sitemap.entries.len(), sitemap.without_address), (0, 1));
    }

    #[test]
    fn gzip_text_and_feeds_are_sitemaps_too() {
        let set = format!("{SET}<url><loc>/a</loc></url></urlset>");
        let cases: Vec<Vec<u8>> = vec![
            set.clone().into(),
            gzip(set.as_bytes()),
            b"https://news.example/a\r\n\nnot an address\n".to_vec(),
            b"<rss><channel><item><link>/a</link></item></channel></rss>".to_vec(),
        ];
        for bytes in cases {
            assert_eq!(urls(&parse(&bytes, &base()).unwrap()), ["https://news.example/a"]);
        }
        let text = "https://news.example/a\nnot an address\nmailto:desk@news.example\n";
        assert_eq!(parse(text.as_bytes(), &base()).unwrap().without_address, 2);
    }

    #[test]
    fn a_damaged_sitemap_gives_what_can_be_read() {
        let set = format!("{SET}<url><loc>/a</loc><url><loc>/b</loc></url><url><loc>/c");
        let found = parse(set.as_bytes(), &base()).unwrap();
        let all = ["https://news.example/a", "https://news.example/b", "https://news.example/c"];
        assert_eq!(urls(&found), all);
        let many = "<url><loc>https://news.example/a</loc></url>".repeat(2000);
        let zipped = gzip(format!("{SET}{many}").as_bytes());
        let found = parse(&zipped[..zipped.len() - 40], &base()).unwrap();
        assert!(!found.entries.is_empty());
    }

    #[test]
    fn what_is_no_sitemap_is_refused_with_what_it_is() {
        let cases: [(&[u8], &str); 6] = [
            (b"", "empty"),
            (b"<!DOCTYPE html><html><body></body></html>", "a web page"),
            (b"<opml/>", "XML of the kind <opml>"),
            (b"<!-- nothing -->", "XML without elements"),
            (b"hello", "text that begins with no address"),
            (&[0x1F, 0x8B, 0, 0, 0, 0, 0, 0, 0, 0, 0], "damaged gzip data"),
        ];
        for (bytes, reason) in cases {
            let message = parse(bytes, &base()).unwrap_err().to_string();
            assert!(message.contains(reason), "{message}");
        }
    }

    #[test]
    fn entries_and_unzipped_bytes_are_bounded() {
        let many = "<url><loc>/a</loc></url>".repeat(MAX_ENTRIES + 10);
        let found = parse(format!("{SET}{many}").as_bytes(), &base()).unwrap();
        assert_eq!((found.entries.len(), found.beyond_cap), (MAX_ENTRIES, true));
        let full = "<url><loc>/a</loc></url>".repeat(MAX_ENTRIES);
        assert!(!parse(format!("{SET}{full}</urlset>").as_bytes(), &base()).unwrap().beyond_cap);
        let bomb = gzip(&vec![b' '; MAX_UNPACKED as usize + 1]);
        assert!(matches!(parse(&bomb, &base()), Err(SitemapError::TooLarge { .. })));
    }

    #[test]
    fn entities_of_the_document_are_not_expanded() {
        let text = "<!DOCTYPE u [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><urlset><url>\
                    <loc>https://news.example/&b;</loc></url></urlset>";
        let found = parse(text.as_bytes(), &base()).unwrap();
        assert_eq!(urls(&found), ["https://news.example/&b;"]);
        let text = "<!DOCTYPE u [<!ENTITY a SYSTEM 'file:///etc/hostname'><!ENTITY % b SYSTEM \
                    'http://news.example/dtd'> %b;]><urlset><url><loc>https://news.example/&a;</loc>\
                    </url></urlset>";
        let found = parse(text.as_bytes(), &base()).unwrap();
        assert_eq!(urls(&found), ["https://news.example/&a;"]);
    }

    #[test]
    fn elements_within_each_other_are_read_without_recursion() {
        let deep = "<url>".repeat(100_000);
        let found = parse(format!("{SET}{deep}<loc>/a</loc>").as_bytes(), &base()).unwrap();
        assert_eq!(urls(&found), ["https://news.example/a"]);
        let deep = "<x>".repeat(100_000);
        let text = format!("{SET}<url>{deep}<loc>/a</loc></url></urlset>");
        assert_eq!(urls(&parse(text.as_bytes(), &base()).unwrap()), ["https://news.example/a"]);
    }

    #[test]
    fn an_address_that_is_none_of_the_web_is_counted() {
        let locations = ["/a", "", "ftp://news.example/b", "javascript:void(0)", "https://", "/c"];
        let records = locations.map(|it| format!("<url><loc>{it}</loc></url>")).concat();
        let found = parse(format!("{SET}{records}</urlset>").as_bytes(), &base()).unwrap();
        assert_eq!(urls(&found), ["https://news.example/a", "https://news.example/c"]);
        assert_eq!(found.without_address, 4);
    }

    proptest! {
        #[test]
        fn any_tags_in_any_order_are_read(
            tags in proptest::collection::vec(
                prop::sample::select(vec![
                    "<url>", "</url>", "<loc>", "</loc>", "/a", "<sitemap>", "<news:title>", "&#1;",
                    "<lastmod>", "2026-01-01", "<![CDATA[", "]]>", "</urlset>", "<loc/>",
                ]),
                0..50,
            )
        ) {
            let _ = parse(format!("<urlset>{}", tags.concat()).as_bytes(), &base());
        }
    }
}
