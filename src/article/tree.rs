//! A parsed page as html5ever builds it.
//!
//! What the tree builder asks for → [`Tree`], an arena of elements and texts linked by index.
//! Refuses to keep what no later step reads: comments, and the text of scripts and style sheets.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, LocalName, QualName, local_name};

/// A parsed page as the parser builds it, by links between nodes.
#[derive(Debug)]
pub struct Tree {
    /// The document is the first.
    pub nodes: Vec<TreeNode>,
}

/// The index of a node in its tree.
pub type Id = u32;
/// The document, which is nobody's child: also stands for "none".
pub const DOCUMENT: Id = 0;
/// Comments and the like: asked for by the parser, read by nobody.
const DROPPED: Id = Id::MAX;

/// One node and its relatives; [`DOCUMENT`] for those that it has not.
#[derive(Debug)]
pub struct TreeNode {
    /// What it stands in.
    pub parent: Id,
    /// Its first child.
    pub first: Id,
    last: Id,
    before: Id,
    /// What follows it in its parent.
    pub after: Id,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Debug)]
pub enum Value {
    /// The root.
    Document,
    /// A run of text.
    Text(StrTendril),
    /// An element.
    Element(Element),
}

/// A tag with its attributes.
#[derive(Debug)]
pub struct Element {
    name: QualName,
    attributes: Vec<Attribute>,
    /// True where its own text is dropped.
    mute: bool,
    is_block: bool,
}

impl Element {
    fn new(name: QualName, attributes: Vec<Attribute>) -> Self {
        let is_block = is_block(&name.local);
        let mut element = Self { name, attributes, mute: false, is_block };
        element.mute = element.is_code()
            && !element.attr("type").is_some_and(|it| it.to_lowercase().contains("ld+json"));
        element
    }

    /// True for elements that hold code or another page, up to their end tag; no step reads any but
    /// JSON-LD.
    fn is_code(&self) -> bool {
        self.name.ns == html5ever::ns!(html)
            && matches!(
                self.name.local,
                local_name!("iframe")
                    | local_name!("noembed")
                    | local_name!("noframes")
                    | local_name!("noscript")
                    | local_name!("script")
                    | local_name!("style")
            )
    }

    /// The tag in lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name.local
    }

    /// True for elements with this tag.
    #[must_use]
    pub fn is(&self, tag: &LocalName) -> bool {
        self.name.local == *tag
    }

    /// True for elements that start and end a line.
    #[must_use]
    pub fn is_block(&self) -> bool {
        self.is_block
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
    /// The node with this index.
    #[must_use]
    pub fn node(&self, id: Id) -> &TreeNode {
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

    /// How deep the last node stands, counted up to `most`.
    #[must_use]
    pub fn depth(&self, most: usize) -> usize {
        let last = |&id: &Id| Some(self.node(id).last).filter(|&last| last != DOCUMENT);
        std::iter::successors(Some(DOCUMENT), last).take(most).count()
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
pub struct Sink {
    /// The tree so far.
    pub tree: RefCell<Tree>,
    /// The element of code whose start tag was the last thing read.
    at_code: Cell<Option<Id>>,
}

impl Sink {
    /// With room for so many nodes.
    #[must_use]
    pub fn with_room(nodes: usize) -> Self {
        let mut tree = Tree { nodes: Vec::with_capacity(nodes) };
        tree.add(Value::Document);
        Self { tree: RefCell::new(tree), at_code: Cell::new(None) }
    }

    /// The tag of the element whose start tag was the last thing read, if all up to its end tag is
    /// code.
    #[must_use]
    pub fn at_code(&self) -> Option<LocalName> {
        match &self.tree.borrow().node(self.at_code.get()?).value {
            Value::Element(element) => Some(element.name.local.clone()),
            Value::Document | Value::Text(_) => None,
        }
    }

    fn put(&self, child: NodeOrText<Id>, parent: Id, next: Id) {
        if matches!(child, NodeOrText::AppendText(_)) {
            self.at_code.set(None);
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
        let is_code = element.is_code();
        let id = self.tree.borrow_mut().add(Value::Element(element));
        self.at_code.set(is_code.then_some(id));
        id
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
        self.at_code.set(None);
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

/// True for elements that start and end a line.
fn is_block(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("address")
            | local_name!("article")
            | local_name!("aside")
            | local_name!("blockquote")
            | local_name!("body")
            | local_name!("br")
            | local_name!("center")
            | local_name!("dd")
            | local_name!("details")
            | local_name!("dialog")
            | local_name!("div")
            | local_name!("dl")
            | local_name!("dt")
            | local_name!("fieldset")
            | local_name!("figcaption")
            | local_name!("figure")
            | local_name!("footer")
            | local_name!("form")
            | local_name!("h1")
            | local_name!("h2")
            | local_name!("h3")
            | local_name!("h4")
            | local_name!("h5")
            | local_name!("h6")
            | local_name!("header")
            | local_name!("hr")
            | local_name!("html")
            | local_name!("li")
            | local_name!("main")
            | local_name!("nav")
            | local_name!("ol")
            | local_name!("p")
            | local_name!("pre")
            | local_name!("section")
            | local_name!("summary")
            | local_name!("table")
            | local_name!("tbody")
            | local_name!("td")
            | local_name!("tfoot")
            | local_name!("th")
            | local_name!("thead")
            | local_name!("tr")
            | local_name!("ul")
    )
}
