//! Markup as it is found: bytes → text → a flat run of tags and text; and HTML → plain text.
//!
//! Never fails, never recurses, expands no entity that a document declares: what is damaged is read
//! as far as it goes. Refuses to build a tree of XML: the readers of feeds and sitemaps keep what they
//! need.

use std::borrow::Cow;
use std::collections::HashMap;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memmem;
use quick_xml::Reader;
use quick_xml::escape::{resolve_html5_entity, unescape_with};
use quick_xml::events::{BytesStart, Event};
use scraper::{Html, Node as HtmlNode};

/// Bytes at the beginning in which the XML declaration is looked for.
const DECLARATION: usize = 256;

/// Bytes from which an undeclared encoding is guessed: more changes the guess no more.
const SAMPLE: usize = 64 * 1024;

/// Syntax errors that are stepped over in one document. Each can cost a search to its end.
const MAX_MENDS: usize = 200;

/// Namespace prefixes remembered of one document. Real feeds declare about ten.
const MAX_PREFIXES: usize = 256;

/// The text of an XML or JSON document. `content_type` is the transport's header. Byte order marks
/// and UTF-16 are believed first, then what is UTF-8 is taken as that, since text in another encoding
/// hardly ever is by accident; then the charset of the transport or of the document, if the bytes
/// fit; then a guess. Bytes that do not fit become U+FFFD.
pub(super) fn decode<'b>(bytes: &'b [u8], content_type: Option<&str>) -> Cow<'b, str> {
    if let Some(text) = decode_wide(bytes) {
        return Cow::Owned(text);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let declared = [content_type.and_then(transport_charset), xml_charset(bytes)];
    // UTF-16 that gets here is a wrong label: the declaration could be read byte by byte.
    let mut declared =
        declared.into_iter().flatten().filter(|found| *found != UTF_16LE && *found != UTF_16BE);
    let first = declared.clone().next();
    if first != Some(ISO_2022_JP)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    let fits = declared
        .find_map(|encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes));
    fits.unwrap_or_else(|| {
        let encoding = first.filter(|encoding| *encoding == UTF_8).unwrap_or_else(|| guess(bytes));
        encoding.decode_without_bom_handling(bytes).0
    })
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    detector.feed(sample, sample.len() == bytes.len());
    detector.guess(None, Utf8Detection::Allow)
}

/// Text in code units of two or four bytes, told by its mark or by how `<` or `{` stands there.
fn decode_wide(bytes: &[u8]) -> Option<String> {
    let utf16 = |encoding: &'static Encoding, skip: usize| {
        Some(encoding.decode_without_bom_handling(&bytes[skip..]).0.into_owned())
    };
    let utf32 = |unit: fn([u8; 4]) -> u32, skip: usize| {
        let (units, _) = bytes[skip..].as_chunks::<4>();
        let scalar = |four: &[u8; 4]| char::from_u32(unit(*four)).unwrap_or('\u{FFFD}');
        Some(units.iter().map(scalar).collect())
    };
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] => utf32(u32::from_le_bytes, 4),
        [0, 0, 0xFE, 0xFF, ..] => utf32(u32::from_be_bytes, 4),
        [b'<' | b'{', 0, 0, 0, ..] => utf32(u32::from_le_bytes, 0),
        [0, 0, 0, b'<' | b'{', ..] => utf32(u32::from_be_bytes, 0),
        [0xFF, 0xFE, ..] => utf16(UTF_16LE, 2),
        [0xFE, 0xFF, ..] => utf16(UTF_16BE, 2),
        [b'<' | b'{', 0, _, 0, ..] => utf16(UTF_16LE, 0),
        [0, b'<' | b'{', 0, _, ..] => utf16(UTF_16BE, 0),
        _ => None,
    }
}

fn transport_charset(content_type: &str) -> Option<&'static Encoding> {
    let at = content_type.to_ascii_lowercase().find("charset=")?;
    let label = &content_type[at + "charset=".len()..];
    let label = label.split(';').next().unwrap_or(label);
    Encoding::for_label(label.trim().trim_matches(['"', '\'']).as_bytes())
}

fn xml_charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(DECLARATION)];
    let declaration = &start[memmem::find(start, b"<?xml")?..];
    let declaration = &declaration[..memmem::find(declaration, b"?>")?];
    let value = &declaration[memmem::find(declaration, b"encoding")? + "encoding".len()..];
    let value = value.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    Encoding::for_label(&value[..value.iter().position(|byte| byte == quote)?])
}

/// A piece of a document.
#[derive(Debug)]
pub(super) enum Node<'t> {
    /// A start tag. An empty element gives an [`Node::End`] as well.
    Start(Tag<'t>),
    /// An end tag's name as written, whether or not anything of this name is open.
    End(String),
    /// Text, its references resolved; one text may come in several pieces.
    Text(Cow<'t, str>),
}

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag<'t>(BytesStart<'t>);

impl Tag<'_> {
    /// The name as written.
    pub(super) fn name(&self) -> &str {
        name_of(&self.0)
    }

    /// The value of the attribute `name`, without regard to case.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let attributes = self.attributes();
        attributes
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    fn attributes(&self) -> Vec<(String, String)> {
        let mut attributes = self.0.html_attributes();
        attributes
            .with_checks(false)
            .flatten()
            .map(|found| (found.key.0.to_owned(), unescape(&found.value)))
            .collect()
    }
}

fn name_of<'a>(tag: &'a BytesStart<'_>) -> &'a str {
    let name = tag.name().0;
    // `<a/b>` and the like are damaged, but begin with a name.
    name.split(['/', '<', '"', '\'']).next().unwrap_or(name)
}

fn unescape(value: &str) -> String {
    match unescape_with(value, resolve_html5_entity) {
        Ok(text) => text.into_owned(),
        // An ampersand that is none of a reference: what else is escaped in an address is just that.
        Err(_) => value.replace("&amp;", "&").replace("&quot;", "\"").replace("&lt;", "<"),
    }
}

/// The pieces of a document, in order.
pub(super) struct Nodes<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    offset: usize,
    mends: usize,
}

impl<'t> Nodes<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, reader: lenient(text), offset: 0, mends: 0 }
    }

    /// Goes on behind the `<` that begins what cannot be read.
    fn mend(&mut self) -> Option<Node<'t>> {
        let at = self.offset + usize::try_from(self.reader.error_position()).ok()?;
        let rest = self.text.get(at + 1..)?;
        self.offset = at + 1;
        self.reader = lenient(rest);
        Some(Node::Text(Cow::Borrowed("<")))
    }
}

fn lenient(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    config.expand_empty_elements = true;
    reader
}

impl<'t> Iterator for Nodes<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        loop {
            match self.reader.read_event() {
                Ok(Event::Eof) => return None,
                Ok(Event::Start(tag) | Event::Empty(tag)) => return Some(Node::Start(Tag(tag))),
                Ok(Event::End(tag)) => return Some(Node::End(tag.name().0.to_owned())),
                Ok(Event::Text(text)) => return Some(Node::Text(text.into_inner())),
                Ok(Event::CData(text)) => return Some(Node::Text(text.into_inner())),
                Ok(Event::GeneralRef(name)) => return Some(Node::Text(reference(&name))),
                Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
                Err(error) => {
                    self.mends += 1;
                    if self.mends > MAX_MENDS {
                        return None;
                    }
                    if let quick_xml::Error::Syntax(_) = error {
                        return self.mend();
                    }
                }
            }
        }
    }
}

/// What `&name;` stands for; itself if that is unknown.
fn reference<'t>(name: &str) -> Cow<'t, str> {
    if let Some(text) = resolve_html5_entity(name) {
        return Cow::Borrowed(text);
    }
    let written = format!("&{name};");
    match unescape_with(&written, |_| None) {
        Ok(text) => Cow::Owned(text.chars().map(windows_1252).collect()),
        Err(_) => Cow::Owned(written),
    }
}

/// Numbers in the range of the C1 controls mean windows-1252, as in HTML.
fn windows_1252(character: char) -> char {
    match u32::from(character) {
        code @ 0x80..=0x9F => {
            let byte = [code as u8];
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
            text.chars().next().unwrap_or(character)
        }
        _ => character,
    }
}

/// The prefixes that a document declares. A prefix means one thing in all of a document here, which
/// holds for every real feed and needs no matching end tags.
#[derive(Debug, Default)]
pub(super) struct Prefixes(HashMap<String, String>);

impl Prefixes {
    pub(super) fn declare(&mut self, tag: &Tag<'_>) {
        if !tag.0.attributes_raw().contains("xmlns:") {
            return;
        }
        for (key, value) in tag.attributes() {
            if let Some(prefix) = key.strip_prefix("xmlns:")
                && self.0.len() < MAX_PREFIXES
            {
                self.0.insert(prefix.to_ascii_lowercase(), value.trim().to_ascii_lowercase());
            }
        }
    }

    /// Namespace and local name of `name`, in lower case: `None` without a prefix, else the declared
    /// URI, or the prefix itself where it is not declared.
    pub(super) fn resolve(&self, name: &str) -> (Option<String>, String) {
        let name = name.to_ascii_lowercase();
        match name.split_once(':') {
            None => (None, name),
            Some((prefix, local)) => {
                let uri = self.0.get(prefix).cloned().unwrap_or_else(|| prefix.to_owned());
                (Some(uri), local.to_owned())
            }
        }
    }
}

/// Elements whose text is none of a reader's.
const UNREAD: [&str; 5] = ["script", "style", "template", "noscript", "iframe"];

/// Elements within a line of text. Any other separates words.
pub(super) const INLINE: [&str; 21] = [
    "a", "abbr", "b", "bdi", "cite", "code", "del", "em", "font", "i", "ins", "mark", "q", "s",
    "small", "span", "strong", "sub", "sup", "u", "wbr",
];

/// The text that a reader of the HTML fragment `html` sees, runs of white space as one space.
pub(super) fn plain_text(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return one_line(html);
    }
    let fragment = Html::parse_fragment(html);
    let mut text = String::with_capacity(html.len());
    for node in fragment.tree.root().descendants() {
        let separates = |node: &HtmlNode| {
            node.as_element().is_some_and(|element| !INLINE.contains(&element.name()))
        };
        if separates(node.value()) || node.prev_sibling().is_some_and(|it| separates(it.value())) {
            text.push(' ');
        }
        let parent = node.parent().and_then(|parent| parent.value().as_element());
        if let HtmlNode::Text(words) = node.value()
            && !parent.is_some_and(|element| UNREAD.contains(&element.name()))
        {
            text.push_str(words);
        }
    }
    one_line(&text)
}

/// `text` with runs of white space as one space, and none at its ends.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flat(text: &str) -> String {
        let mut flat = String::new();
        for node in Nodes::new(text) {
            match node {
                Node::Start(tag) => flat.push_str(&format!("({}", tag.name())),
                Node::End(_) => flat.push(')'),
                Node::Text(text) => flat.push_str(&text),
            }
        }
        flat
    }

    #[test]
    fn damaged_markup_is_read_as_far_as_it_goes() {
        let cases = [
            ("<a>1<b/>2</a>", "(a1(b)2)"),
            (
                "<a>fish & chips &amp; peas &nbsp;&#8220;&#150;</a>",
                "(afish & chips & peas \u{a0}“–)",
            ),
            ("<a><![CDATA[<b>&amp;]]></a>", "(a<b>&amp;)"),
            ("<a><b>1</a></c>", "(a(b1))"),
            ("<a>1<!-- open <b>2</b></a>", "(a1<!-- open (b2))"),
            ("<a>&unknown;</a>", "(a&unknown;)"),
            ("<!DOCTYPE a [<!ENTITY b \"bbb\">]><a>&b;</a>", "(a&b;)"),
        ];
        for (text, wanted) in cases {
            assert_eq!(flat(text), wanted, "{text}");
        }
    }

    #[test]
    fn attributes_are_read_quoted_or_not() {
        let text = "<a HREF='x?a=1&amp;b=2' rel=self title=\"“&quot;\" bare>";
        let Some(Node::Start(tag)) = Nodes::new(text).next() else { panic!("no tag") };
        assert_eq!(tag.attribute("href").as_deref(), Some("x?a=1&b=2"));
        assert_eq!(tag.attribute("rel").as_deref(), Some("self"));
        assert_eq!(tag.attribute("title").as_deref(), Some("“\""));
        assert_eq!(tag.attribute("none"), None);
    }

    #[test]
    fn every_encoding_comes_out_as_text() {
        let wide = |text: &str, big: bool| -> Vec<u8> {
            let pair = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            text.encode_utf16().flat_map(pair).collect()
        };
        let text = "<?xml version=\"1.0\"?><a>Žluť</a>";
        let latin = b"<?xml version='1.0' encoding='iso-8859-1'?><a>caf\xE9</a>".to_vec();
        let cases: Vec<(Vec<u8>, Option<&str>, &str)> = vec![
            (text.into(), None, "Žluť"),
            (text.into(), Some("text/xml; charset=iso-8859-1"), "Žluť"),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), None, "Žluť"),
            (wide(text, false), None, "Žluť"),
            (wide(text, true), None, "Žluť"),
            (wide(&format!("\u{FEFF}{text}"), true), None, "Žluť"),
            (text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(), None, "Žluť"),
            (latin, None, "café"),
            (b"<a>\xE9</a>".to_vec(), Some("text/xml; charset=\"windows-1252\""), "é"),
            (b"<a>na\xEFve caf\xE9</a>".to_vec(), None, "naïve café"),
            (b"<a>caf\xE9 ok</a>".to_vec(), Some("text/xml; charset=utf-8"), "caf\u{FFFD} ok"),
        ];
        for (bytes, content_type, wanted) in cases {
            let found = decode(&bytes, content_type);
            assert!(found.contains(wanted), "{found}");
            assert!(found.starts_with('<'), "{found}");
        }
    }

    #[test]
    fn html_becomes_the_text_that_is_read() {
        let cases = [
            ("plain  text\n", "plain text"),
            ("AT&amp;T &lt;b&gt; &rsquo;", "AT&T <b> ’"),
            ("<p>One.</p><p>Two<b>!</b></p>", "One. Two!"),
            ("<script>x()</script>a<br>b", "a b"),
            ("1 < 2", "1 < 2"),
        ];
        for (html, wanted) in cases {
            assert_eq!(plain_text(html), wanted, "{html}");
        }
    }

    proptest! {
        #[test]
        fn any_text_ends_without_panic(text in "[<>!\\[\\]?/&;\"' a-c:=#x0-9-]{0,120}") {
            let _ = flat(&text);
            let _ = plain_text(&text);
        }

        #[test]
        fn any_bytes_are_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes, None);
        }
    }
}
