//! A page as a flat list of nodes in document order.
//!
//! HTML → [`Page`], parsed by html5ever under limits. A flat list lets every later step be a loop
//! over indices: no recursion, whatever the page nests. Refuses pages beyond the limits, with the
//! reason, before they cost more than a moment.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};
use std::ops::Range;

use html5ever::driver::{self, ParseOpts, Parser};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, QualName};
use memchr::{memchr, memmem};

use super::NoArticle;

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
/// A shorter script or style sheet is given to the parser, which drops it as well.
const CODE_BYTES: usize = 256;
/// Elements whose content is text up to their end tag, whatever it looks like.
const RAW_TEXT: &[&str] = &["script", "style", "textarea", "title", "xmp", "iframe", "noscript"];

/// The parsed page under the limits.
///
/// # Errors
/// [`NoArticle`] names the limit that the page breaks.
pub fn parse(html: &str) -> Result<Tree, NoArticle> {
    if html.len() > MAX_HTML_BYTES {
        return Err(NoArticle::TooLarge);
    }
    let marks = |mark: u8| memchr::memchr_iter(mark, html.as_bytes()).count();
    if marks(b'<') > MAX_MARKS || marks(b'&') > MAX_MARKS {
        return Err(NoArticle::TooManyMarks);
    }
    let outline = Outline::of(html.as_bytes());
    if outline.most_attributes > MAX_ATTRIBUTES {
        return Err(NoArticle::TooManyAttributes);
    }
    let mut parser = driver::parse_document(Sink::default(), ParseOpts::default());
    let mut read = 0;
    for code in &outline.codes {
        feed(&mut parser, &html[read..code.start])?;
        // The parser has the last word on what is code: where it does not stand at the start of
        // some, it reads what follows.
        read = if parser.tokenizer.sink.sink.at_mute.get() { code.end } else { code.start };
    }
    feed(&mut parser, &html[read..])?;
    Ok(parser.finish())
}

/// Hands `html` to the parser in chunks, and looks at the tree after each.
fn feed(parser: &mut Parser<Sink>, html: &str) -> Result<(), NoArticle> {
    let mut rest = html;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rest.floor_char_boundary(CHUNK_BYTES));
        rest = after;
        parser.process(StrTendril::from_slice(chunk));
        let tree = parser.tokenizer.sink.sink.tree.borrow();
        if tree.nodes.len() > MAX_NODES {
            return Err(NoArticle::TooManyNodes);
        }
        if tree.spine().take(MAX_DEPTH + 1).count() > MAX_DEPTH {
            return Err(NoArticle::TooDeep);
        }
    }
    Ok(())
}

/// What one look at the bytes tells before the page is parsed.
#[derive(Debug, Default)]
struct Outline {
    /// The most attributes that the parser would hold against each other: those of one tag, and
    /// those of all `<html>` and `<body>` tags together, which it merges.
    most_attributes: usize,
    /// Where the contents of longer scripts and style sheets stand, more than half of a news page.
    codes: Vec<Range<usize>>,
}

impl Outline {
    /// Reads every byte once.
    fn of(html: &[u8]) -> Self {
        let mut outline = Self::default();
        let mut merged = 0;
        let mut at = 0;
        while let Some(open) = memchr(b'<', &html[at..]) {
            at += open + 1;
            let rest = &html[at..];
            if rest.starts_with(b"!--") {
                at += memmem::find(rest, b"-->").unwrap_or(rest.len());
                continue;
            }
            let name_length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            if name_length == 0 {
                continue;
            }
            let name = &rest[..name_length];
            let (length, attributes) = tag(&rest[name_length..]);
            at += name_length + length;
            if name.eq_ignore_ascii_case(b"html") || name.eq_ignore_ascii_case(b"body") {
                merged += attributes;
            }
            outline.most_attributes = outline.most_attributes.max(attributes).max(merged);
            if RAW_TEXT.iter().any(|raw| name.eq_ignore_ascii_case(raw.as_bytes())) {
                let start = at;
                at += end_tag(&html[at..], name);
                // Behind `<!--` a script's end tag may not be its end.
                let is_code = name.eq_ignore_ascii_case(b"style")
                    || name.eq_ignore_ascii_case(b"script")
                        && memmem::find(&html[start..at], b"<!--").is_none();
                if is_code && at - start >= CODE_BYTES {
                    outline.codes.push(start..at);
                }
            }
        }
        outline
    }
}

/// The bytes and the attributes of a tag, from behind its name to behind its `>`.
fn tag(bytes: &[u8]) -> (usize, usize) {
    let mut attributes = 0;
    let mut in_name = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'>' => return (at + 1, attributes),
            byte if byte.is_ascii_whitespace() || byte == b'/' => in_name = false,
            b'=' => {
                at += 1;
                at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                if let Some(quote @ (b'"' | b'\'')) = bytes.get(at).copied() {
                    at += 1;
                    at += memchr(quote, &bytes[at..]).unwrap_or(bytes.len() - at);
                    in_name = false;
                } else {
                    in_name = true;
                    continue;
                }
            }
            _ if !in_name => {
                attributes += 1;
                in_name = true;
            }
            _ => {}
        }
        at += 1;
    }
    (bytes.len(), attributes)
}

/// The bytes before the end tag of the raw text element `name`; all if there is none.
fn end_tag(bytes: &[u8], name: &[u8]) -> usize {
    memmem::find_iter(bytes, b"</")
        .find(|&at| {
            bytes.get(at + 2..at + 2 + name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name))
        })
        .unwrap_or(bytes.len())
}

/// Elements whose text no step reads, JSON-LD apart.
const MUTE_TAGS: &[&str] = &["iframe", "noembed", "noframes", "noscript", "script", "style"];

/// A parsed page as the parser builds it, by links between nodes.
#[derive(Debug)]
pub struct Tree {
    /// The document is the first.
    nodes: Vec<TreeNode>,
}

/// The index of a node in its tree.
type Id = u32;
/// The document, which is nobody's child: also stands for "none".
const DOCUMENT: Id = 0;
/// Comments and the like: asked for by the parser, read by nobody.
const DROPPED: Id = Id::MAX;

#[derive(Debug)]
struct TreeNode {
    parent: Id,
    first: Id,
    last: Id,
    before: Id,
    after: Id,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Document,
    Text(StrTendril),
    Element(Element),
}

/// A tag with its attributes.
#[derive(Debug)]
pub struct Element {
    name: QualName,
    attributes: Vec<Attribute>,
    /// True where its own text is dropped.
    mute: bool,
}

impl Element {
    fn new(name: QualName, attributes: Vec<Attribute>) -> Self {
        let mut element = Self { name, attributes, mute: false };
        element.mute = element.name.ns == html5ever::ns!(html)
            && MUTE_TAGS.contains(&element.name())
            && !element.attr("type").is_some_and(|it| it.to_lowercase().contains("ld+json"));
        element
    }

    /// The tag in lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name.local
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Names and values of all attributes, in the order of the page.
    pub fn attrs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|it| (&*it.name.local, &*it.value))
    }
}

impl Tree {
    fn node(&self, id: Id) -> &TreeNode {
        &self.nodes[id as usize]
    }

    fn node_mut(&mut self, id: Id) -> &mut TreeNode {
        &mut self.nodes[id as usize]
    }

    fn add(&mut self, value: Value) -> Id {
        let [parent, first, last, before, after] = [DOCUMENT; 5];
        self.nodes.push(TreeNode { parent, first, last, before, after, value });
        (self.nodes.len() - 1) as Id
    }

    /// The document and the last child of each node in turn: where the parser stands.
    fn spine(&self) -> impl Iterator<Item = Id> + '_ {
        std::iter::successors(Some(DOCUMENT), |&id| {
            Some(self.node(id).last).filter(|&last| last != DOCUMENT)
        })
    }

    /// True for nodes that stand in the document or in another node.
    fn is_attached(&self, id: Id) -> bool {
        let node = self.node(id);
        node.parent != DOCUMENT || node.before != DOCUMENT || self.node(DOCUMENT).first == id
    }

    /// Puts an unattached node into `parent` before `next`, last if that is none.
    fn insert(&mut self, id: Id, parent: Id, next: Id) {
        let before = if next == DOCUMENT { self.node(parent).last } else { self.node(next).before };
        let node = self.node_mut(id);
        (node.parent, node.before, node.after) = (parent, before, next);
        if before == DOCUMENT {
            self.node_mut(parent).first = id;
        } else {
            self.node_mut(before).after = id;
        }
        if next == DOCUMENT {
            self.node_mut(parent).last = id;
        } else {
            self.node_mut(next).before = id;
        }
    }

    fn detach(&mut self, id: Id) {
        if !self.is_attached(id) {
            return;
        }
        let &TreeNode { parent, before, after, .. } = self.node(id);
        if before == DOCUMENT {
            self.node_mut(parent).first = after;
        } else {
            self.node_mut(before).after = after;
        }
        if after == DOCUMENT {
            self.node_mut(parent).last = before;
        } else {
            self.node_mut(after).before = before;
        }
        let node = self.node_mut(id);
        (node.parent, node.before, node.after) = (DOCUMENT, DOCUMENT, DOCUMENT);
    }

    /// Puts a node or a text into `parent` before `next`; text lengthens a text that stands there.
    fn put(&mut self, child: NodeOrText<Id>, parent: Id, next: Id) {
        match child {
            NodeOrText::AppendNode(DROPPED) => {}
            NodeOrText::AppendNode(id) => {
                self.detach(id);
                self.insert(id, parent, next);
            }
            NodeOrText::AppendText(text) => {
                if matches!(&self.node(parent).value, Value::Element(it) if it.mute) {
                    return;
                }
                let before =
                    if next == DOCUMENT { self.node(parent).last } else { self.node(next).before };
                if let Value::Text(run) = &mut self.node_mut(before).value {
                    run.push_tendril(&text);
                } else {
                    let id = self.add(Value::Text(text));
                    self.insert(id, parent, next);
                }
            }
        }
    }
}

/// Builds a [`Tree`] as html5ever asks for it.
struct Sink {
    tree: RefCell<Tree>,
    /// True from the start tag of a mute element to whatever follows it.
    at_mute: Cell<bool>,
}

impl Default for Sink {
    fn default() -> Self {
        let mut tree = Tree { nodes: Vec::new() };
        tree.add(Value::Document);
        Self { tree: RefCell::new(tree), at_mute: Cell::new(false) }
    }
}

impl Sink {
    fn put(&self, child: NodeOrText<Id>, parent: Id, next: Id) {
        if matches!(child, NodeOrText::AppendText(_)) {
            self.at_mute.set(false);
        }
        self.tree.borrow_mut().put(child, parent, next);
    }
}

impl TreeSink for Sink {
    type Handle = Id;
    type Output = Tree;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Tree {
        self.tree.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn get_document(&self) -> Id {
        DOCUMENT
    }

    fn same_node(&self, a: &Id, b: &Id) -> bool {
        a == b
    }

    fn elem_name<'a>(&'a self, id: &'a Id) -> Ref<'a, QualName> {
        // The parser asks for the names of elements only.
        const NONE: &QualName =
            &QualName { prefix: None, ns: html5ever::ns!(), local: html5ever::local_name!("") };
        Ref::map(self.tree.borrow(), |tree| match &tree.node(*id).value {
            Value::Element(element) => &element.name,
            Value::Document | Value::Text(_) => NONE,
        })
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> Id {
        let element = Element::new(name, attrs);
        self.at_mute.set(element.mute);
        self.tree.borrow_mut().add(Value::Element(element))
    }

    fn create_comment(&self, _: StrTendril) -> Id {
        DROPPED
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Id {
        DROPPED
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        self.put(child, *parent, DOCUMENT);
    }

    fn append_before_sibling(&self, sibling: &Id, child: NodeOrText<Id>) {
        if self.tree.borrow().is_attached(*sibling) {
            let parent = self.tree.borrow().node(*sibling).parent;
            self.put(child, parent, *sibling);
        }
    }

    fn append_based_on_parent_node(&self, element: &Id, before: &Id, child: NodeOrText<Id>) {
        if self.tree.borrow().is_attached(*element) {
            self.append_before_sibling(element, child);
        } else {
            self.append(before, child);
        }
    }

    fn pop(&self, _: &Id) {
        self.at_mute.set(false);
    }

    fn remove_from_parent(&self, id: &Id) {
        if *id != DROPPED {
            self.tree.borrow_mut().detach(*id);
        }
    }

    fn reparent_children(&self, id: &Id, parent: &Id) {
        let mut tree = self.tree.borrow_mut();
        let mut child = tree.node(*id).first;
        while child != DOCUMENT {
            let next = tree.node(child).after;
            tree.detach(child);
            tree.insert(child, *parent, DOCUMENT);
            child = next;
        }
    }

    fn add_attrs_if_missing(&self, id: &Id, attrs: Vec<Attribute>) {
        if let Value::Element(element) = &mut self.tree.borrow_mut().node_mut(*id).value {
            for attribute in attrs {
                if element.attributes.iter().all(|known| known.name != attribute.name) {
                    element.attributes.push(attribute);
                }
            }
        }
    }

    /// A template's content is kept as its children.
    fn get_template_contents(&self, id: &Id) -> Id {
        *id
    }
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

/// The elements and texts of a page in document order; comments, scripts and the inside of drawings
/// left out.
#[derive(Debug)]
pub struct Page<'a> {
    /// The nodes; the descendants of node `n` are `n + 1 .. nodes[n].end`.
    pub nodes: Vec<PageNode<'a>>,
}

impl<'a> Page<'a> {
    /// The flat list of a parsed page.
    #[must_use]
    pub fn new(tree: &'a Tree) -> Self {
        let mut nodes: Vec<PageNode<'a>> = Vec::with_capacity(tree.nodes.len());
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
        Self { nodes }
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

    /// Every element with its index, in document order.
    pub fn elements(&self) -> impl Iterator<Item = (usize, &'a Element)> + '_ {
        (0..self.nodes.len()).filter_map(|index| Some((index, self.element(index)?)))
    }

    /// The indices of the elements with this tag, in document order.
    #[must_use]
    pub fn tagged(&self, tag: &str) -> Vec<usize> {
        let tagged = self.elements().filter(|(_, element)| element.name() == tag);
        tagged.map(|(index, _)| index).collect()
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
                Content::Element(element) if is_block(element.name()) => {
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
    for char in run.chars() {
        if char.is_whitespace() {
            if !gap {
                text.push(' ');
            }
            gap = true;
        } else if !is_invisible(char) {
            text.push(char);
            gap = false;
        }
    }
}

/// Characters that have no width and only come between a reader and a search: soft hyphens, zero
/// width spaces, byte order marks. Joiners stay, since scripts need them.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\0')
}

/// Elements that start and end a line.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// True for elements that start and end a line.
#[must_use]
pub fn is_block(tag: &str) -> bool {
    BLOCKS.binary_search(&tag).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_table_is_sorted() {
        assert!(BLOCKS.is_sorted());
    }

    #[test]
    fn nodes_know_their_descendants() {
        let html = parse("<p id=a>one <b>two</b></p><p id=b>three</p>").unwrap();
        let page = Page::new(&html);
        let (first, _) = page.elements().find(|(_, element)| element.attr("id") == Some("a")).unwrap();
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
        let bodies: String = (0..100_000).map(|n| format!("<body a{n}=1>")).collect();
        assert_eq!(parse(&bodies).unwrap_err(), NoArticle::TooManyAttributes);
        let long = " ".repeat(MAX_HTML_BYTES + 1);
        assert_eq!(parse(&long).unwrap_err(), NoArticle::TooLarge);
    }

    #[test]
    fn attributes_are_counted_in_tags_only() {
        let script = format!("<script>if (a<b {}) </script>", "x y=\"1\" ".repeat(5_000));
        assert_eq!(Outline::of(script.as_bytes()).most_attributes, 0);
        let comment = format!("<!-- <p {}> -->", "x ".repeat(5_000));
        assert_eq!(Outline::of(comment.as_bytes()).most_attributes, 0);
        assert_eq!(Outline::of(b"<p class='a > b' id = x hidden data-x=\"1\"/>").most_attributes, 4);
    }
}
