//! A page as a flat list of nodes in document order.
//!
//! HTML → [`Page`], parsed by html5ever under limits. A flat list lets every later step be a loop
//! over indices: no recursion, whatever the page nests. Refuses pages beyond the limits, with the
//! reason, before they cost more than a moment.

use html5ever::{LocalName, local_name};
use memchr::memmem;

use super::NoArticle;
use super::reader::Reader;
pub use super::tree::Element;
use super::tree::{DOCUMENT, Tree, Value};

/// The longest page read. Live blogs of a whole day stay under 5 MB.
pub const MAX_HTML_BYTES: usize = 8 * 1024 * 1024;
/// The deepest nesting read: browsers flatten what is deeper, and the parser's work on a tag grows
/// with the depth it stands at.
pub const MAX_DEPTH: usize = 512;
/// The most nodes kept. The largest news pages seen have 40,000.
pub const MAX_NODES: usize = 200_000;
/// The most attributes of one tag: the parser compares each with all before it.
pub const MAX_ATTRIBUTES: usize = 500;
/// The most of each of `<` and `&`: the parser makes a text of its own of every one that begins
/// nothing. The largest news pages seen have 100,000.
pub const MAX_MARKS: usize = 500_000;
/// How much the parser is given between two looks at the tree.
const CHUNK_BYTES: usize = 16 * 1024;
/// The parsed page under the limits.
///
/// # Errors
/// [`NoArticle`] names the limit that the page breaks.
pub fn parse(html: &str) -> Result<Tree, NoArticle> {
    if html.len() > MAX_HTML_BYTES {
        return Err(NoArticle::TooLarge);
    }
    let marks = |mark: u8| memchr::memchr_iter(mark, html.as_bytes()).count();
    if html.len() > MAX_MARKS && (marks(b'<') > MAX_MARKS || marks(b'&') > MAX_MARKS) {
        return Err(NoArticle::TooManyMarks);
    }
    let mut reader = Reader::new(html);
    while reader.read(CHUNK_BYTES)? {
        let tree = reader.tree();
        if tree.nodes.len() > MAX_NODES {
            return Err(NoArticle::TooManyNodes);
        }
        if tree.depth(MAX_DEPTH + 1) > MAX_DEPTH {
            return Err(NoArticle::TooDeep);
        }
    }
    Ok(reader.finish())
}

/// The bytes before the end tag of the raw text element `name`; all if there is none.
pub fn end_tag(bytes: &[u8], name: &[u8]) -> usize {
    memmem::find_iter(bytes, b"</")
        .find(|&at| {
            bytes.get(at + 2..at + 2 + name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name))
        })
        .unwrap_or(bytes.len())
}

/// What a node of a [`Page`] is.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// A run of text.
    Text(&'a str),
    /// An element; its children follow it.
    Element(&'a Element),
}

/// One node of a [`Page`].
#[derive(Debug, Clone, Copy)]
pub struct PageNode<'a> {
    /// The index of the element it stands in; its own for the first node.
    pub parent: usize,
    /// One past the index of its last descendant.
    pub end: usize,
    /// What it is.
    pub content: Content<'a>,
}

/// Tags whose elements are asked for by tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    A,
    Blockquote,
    Figcaption,
    H1,
    Html,
    Img,
    Link,
    Meta,
    Script,
    Time,
    Title,
}

/// How many they are.
const TAGS: usize = Tag::Title as usize + 1;
/// The same as html5ever has them, in their order.
const LISTED: [LocalName; TAGS] = [
    local_name!("a"),
    local_name!("blockquote"),
    local_name!("figcaption"),
    local_name!("h1"),
    local_name!("html"),
    local_name!("img"),
    local_name!("link"),
    local_name!("meta"),
    local_name!("script"),
    local_name!("time"),
    local_name!("title"),
];

/// The elements and texts of a page in document order; comments, scripts and the inside of drawings
/// left out.
#[derive(Debug)]
pub struct Page<'a> {
    /// The nodes; the descendants of node `n` are `n + 1 .. nodes[n].end`.
    pub nodes: Vec<PageNode<'a>>,
    /// The indices of the elements of each [`Tag`].
    tagged: [Vec<usize>; TAGS],
    /// The indices of the elements with an `itemprop`.
    items: Vec<usize>,
}

impl<'a> Page<'a> {
    /// The flat list of a parsed page.
    #[must_use]
    pub fn new(tree: &'a Tree) -> Self {
        let mut nodes: Vec<PageNode<'a>> = Vec::with_capacity(tree.nodes.len());
        let mut tagged = [const { Vec::new() }; TAGS];
        let mut items = Vec::new();
        let mut parent = 0;
        let mut id = tree.node(DOCUMENT).first;
        while id != DOCUMENT {
            let node = tree.node(id);
            let index = nodes.len();
            let mut first = DOCUMENT;
            let content = match &node.value {
                Value::Text(text) => Content::Text(text),
                Value::Element(element) => {
                    if element.name() != "svg" {
                        first = node.first;
                    }
                    if let Some(tag) = LISTED.iter().position(|tag| element.is(tag)) {
                        tagged[tag].push(index);
                    }
                    if element.attr("itemprop").is_some() {
                        items.push(index);
                    }
                    Content::Element(element)
                }
                Value::Document => break,
            };
            nodes.push(PageNode { parent, end: index + 1, content });
            if first != DOCUMENT {
                parent = index;
                id = first;
                continue;
            }
            let mut last = id;
            while tree.node(last).after == DOCUMENT {
                last = tree.node(last).parent;
                if last == DOCUMENT {
                    break;
                }
                nodes[parent].end = nodes.len();
                parent = nodes[parent].parent;
            }
            id = tree.node(last).after;
        }
        Self { nodes, tagged, items }
    }

    /// The element at `index`, if it is one.
    #[must_use]
    pub fn element(&self, index: usize) -> Option<&'a Element> {
        match self.nodes.get(index)?.content {
            Content::Element(element) => Some(element),
            Content::Text(_) => None,
        }
    }

    /// The tag of the element at `index`; empty for text.
    #[must_use]
    pub fn tag(&self, index: usize) -> &'a str {
        self.element(index).map_or("", Element::name)
    }

    /// True where node `index` is an element that starts and ends a line.
    #[must_use]
    pub fn is_block(&self, index: usize) -> bool {
        self.element(index).is_some_and(Element::is_block)
    }

    /// Every element with its index, in document order.
    pub fn elements(&self) -> impl Iterator<Item = (usize, &'a Element)> + '_ {
        (0..self.nodes.len()).filter_map(|index| Some((index, self.element(index)?)))
    }

    /// The indices of the elements with this tag, in document order.
    #[must_use]
    pub fn tagged(&self, tag: Tag) -> &[usize] {
        &self.tagged[tag as usize]
    }

    /// The same as elements, with their indices.
    pub fn each(&self, tag: Tag) -> impl Iterator<Item = (usize, &'a Element)> + '_ {
        self.tagged(tag).iter().filter_map(|&index| Some((index, self.element(index)?)))
    }

    /// The elements with an `itemprop` and their indices, in document order.
    pub fn items(&self) -> impl Iterator<Item = (usize, &'a Element)> + '_ {
        self.items.iter().filter_map(|&index| Some((index, self.element(index)?)))
    }

    /// The first of `sorted` indices that is `index` or stands inside it.
    #[must_use]
    pub fn first_inside(&self, index: usize, sorted: &[usize]) -> Option<usize> {
        let first = sorted.partition_point(|&it| it < index);
        sorted.get(first).copied().filter(|&it| it < self.nodes[index].end)
    }

    /// The elements that `index` stands in, innermost first.
    pub fn ancestors(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let up = |&at: &usize| {
            let parent = self.nodes[at].parent;
            (parent != at).then_some(parent)
        };
        std::iter::successors(Some(index), up).skip(1)
    }

    /// The text inside node `index`, white space collapsed.
    #[must_use]
    pub fn text(&self, index: usize) -> String {
        self.text_until(index, usize::MAX)
    }

    /// The same, where there is some and it is no longer than `max` bytes.
    #[must_use]
    pub fn short_text(&self, index: usize, max: usize) -> Option<String> {
        let text = self.text_until(index, max);
        (!text.is_empty() && text.len() <= max).then_some(text)
    }

    /// The text inside node `index` up to the run that takes it past `max` bytes.
    fn text_until(&self, index: usize, max: usize) -> String {
        let mut text = String::new();
        for node in &self.nodes[index..self.nodes[index].end] {
            match node.content {
                Content::Text(run) => push_collapsed(&mut text, run),
                Content::Element(element) if element.is_block() => {
                    push_collapsed(&mut text, " ");
                }
                Content::Element(_) => {}
            }
            if text.len() > max {
                break;
            }
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// Appends `run` with every run of white space as one space, none at the start.
pub fn push_collapsed(text: &mut String, run: &str) {
    let mut gap = text.is_empty() || text.ends_with([' ', '\n']);
    let mut rest = run;
    loop {
        let (plain, behind) = rest.split_at(plain_length(rest.as_bytes(), gap));
        if let Some(last) = plain.bytes().last() {
            text.push_str(plain);
            gap = last == b' ';
        }
        let Some(char) = behind.chars().next() else { break };
        rest = &behind[char.len_utf8()..];
        if char.is_whitespace() {
            if !gap {
                text.push(' ');
            }
            gap = true;
            rest = rest.trim_ascii_start();
        } else if !is_invisible(char) {
            text.push(char);
            gap = false;
        }
    }
}

/// How many bytes at the start stay as they are: printed ASCII with single spaces; `gap` where one stands
/// before them. Most stay, so eight are looked at together, each by its highest bit.
fn plain_length(run: &[u8], mut gap: bool) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGHEST: u64 = ONES << 7;
    const SPACES: u64 = ONES << 5;
    let (eights, rest) = run.as_chunks::<8>();
    for (at, eight) in eights.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        // Sums stay within their bytes up to the first that is not ASCII.
        let is_control = !((eight | HIGHEST) - SPACES) | eight.wrapping_add(ONES);
        let is_space = !(eight ^ SPACES).wrapping_add(HIGHEST - ONES) & HIGHEST;
        let is_second = is_space & (is_space << 8 | u64::from(gap) << 7);
        let changes = (eight | is_control) & HIGHEST | is_second;
        if changes != 0 {
            return at * 8 + changes.trailing_zeros() as usize / 8;
        }
        gap = is_space >> 63 == 1;
    }
    let changes = |&byte: &u8| {
        let is_space = byte == b' ';
        let stays = byte.is_ascii_graphic() || is_space && !gap;
        gap = is_space;
        !stays
    };
    run.len() - rest.len() + rest.iter().position(changes).unwrap_or(rest.len())
}

/// Letters and digits in lower case, for comparing.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut folded = vec![0; text.len()];
    let mut length = 0;
    let mut rest = text;
    loop {
        let mut plain = 0;
        for byte in rest.bytes().take_while(u8::is_ascii) {
            // The next takes the place of what is neither letter nor digit.
            folded[length] = FOLDED[byte as usize];
            length += usize::from(folded[length] != 0);
            plain += 1;
        }
        let Some(char) = rest[plain..].chars().next() else { break };
        rest = &rest[plain + char.len_utf8()..];
        for char in char.to_lowercase().filter(|_| char.is_alphanumeric()) {
            let end = length + char.len_utf8();
            // A few letters are longer in lower case.
            if folded.len() < end + rest.len() {
                folded.resize(end + rest.len(), 0);
            }
            char.encode_utf8(&mut folded[length..end]);
            length = end;
        }
    }
    folded.truncate(length);
    String::from_utf8(folded).unwrap_or_default()
}

/// ASCII's letters and digits in lower case; others are 0.
const FOLDED: [u8; 128] = {
    let mut folded = [0; 128];
    let mut byte = 0;
    while byte < folded.len() {
        if (byte as u8).is_ascii_alphanumeric() {
            folded[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    folded
};

/// Characters that have no width and only come between a reader and a search: soft hyphens, zero
/// width spaces, byte order marks. Joiners stay, since scripts need them.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_collapses_and_what_has_no_width_goes() {
        for (runs, wanted) in [
            (&[" a  b\t\nc ", "", " d"][..], "a b c d"),
            (&["a", "b\u{a0}", " c"], "ab c"),
            (&["so\u{ad}ft \u{200b} é\u{3000}", "\0x"], "soft é x"),
            (&["one ", " "], "one "),
            (&[" ", "\n", "\u{feff}"], ""),
            (
                &["eight by eight  bytes, and\n\n\n  some", "  more\u{7f}é  "],
                "eight by eight bytes, and some more\u{7f}é ",
            ),
        ] {
            let mut text = String::new();
            runs.iter().for_each(|run| push_collapsed(&mut text, run));
            assert_eq!(text, wanted);
        }
    }

    #[test]
    fn folding_keeps_letters_and_digits_in_lower_case() {
        for (text, wanted) in [
            ("The “Vote” of 2024!", "thevoteof2024"),
            ("ÉTÉ — İzmir, Ⱥ.", "étéi\u{307}zmirⱥ"),
            ("条約は、可決", "条約は可決"),
            ("…", ""),
        ] {
            assert_eq!(folded(text), wanted);
        }
    }

    #[test]
    fn nodes_know_their_descendants() {
        let html = parse("<p id=a>one <b>two</b></p><p id=b>three</p>").unwrap();
        let page = Page::new(&html);
        let (first, _) =
            page.elements().find(|(_, element)| element.attr("id") == Some("a")).unwrap();
        assert_eq!(page.text(first), "one two");
        assert_eq!(page.text(0), "one two three");
    }

    #[test]
    fn deep_wide_and_overlong_pages_are_refused_with_the_limit_they_break() {
        let deep = "<div>".repeat(100_000);
        assert_eq!(parse(&deep).unwrap_err(), NoArticle::TooDeep);
        let wide = "<br>".repeat(300_000);
        assert_eq!(parse(&wide).unwrap_err(), NoArticle::TooManyNodes);
        for mark in ["<", "&"] {
            assert_eq!(parse(&mark.repeat(7_000_000)).unwrap_err(), NoArticle::TooManyMarks);
        }
        let formatting: String = (0..20_000).map(|n| format!("<p><font size={n}>")).collect();
        assert!(parse(&formatting).is_err());
        let attributes: String = (0..100_000).map(|n| format!(" a{n}=1")).collect();
        let tag = format!("<p{attributes}>");
        assert_eq!(parse(&tag).unwrap_err(), NoArticle::TooManyAttributes);
        let end_tag = format!("</p{attributes}>");
        assert_eq!(parse(&end_tag).unwrap_err(), NoArticle::TooManyAttributes);
        let bodies: String = (0..100_000).map(|n| format!("<body a{n}=1>")).collect();
        assert_eq!(parse(&bodies).unwrap_err(), NoArticle::TooManyAttributes);
        let long = " ".repeat(MAX_HTML_BYTES + 1);
        assert_eq!(parse(&long).unwrap_err(), NoArticle::TooLarge);
    }
}
