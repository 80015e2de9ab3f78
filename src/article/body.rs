//! Which blocks of a page are the article.
//!
//! [`Page`] → [`Body`]: the standfirst and the paragraphs in order. Every run of text between two
//! block boundaries is a block; the blocks of prose say which element holds the article; inside it
//! blocks are dropped by what encloses them, by how much of them is links and by what they say. A
//! lost paragraph loses its quotes, so a block goes only for a reason. Refuses to reorder or reword:
//! a block is the page's own text with its white space collapsed.

use hashbrown::{HashMap, HashSet};
use smallvec::SmallVec;

use super::agency;
use super::dom::{Content, Page, Tag, folded, push_collapsed};
use super::furniture::{self, Signs};
use super::metadata::Metadata;
use crate::domain::address;
use crate::domain::date::PageDate;

/// The article's text on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// The summary under the headline, if the page shows one.
    pub standfirst: Option<String>,
    /// The paragraphs, headings and list items, top to bottom; the standfirst is the first.
    pub paragraphs: Vec<String>,
    /// The other blocks of the element around the article, top to bottom: notices stand there too.
    pub beside: Vec<String>,
    /// The date printed above the first paragraph, if one is.
    pub date: Option<PageDate>,
    /// The agencies credited in lines of their own, or by what is no paragraph.
    pub agencies: Vec<&'static str>,
    /// True where elements of a live blog hold the article.
    pub live: bool,
}

/// Prose shorter than this many characters does not say where the article is.
const PROSE_CHARS: usize = 60;
/// A block with a larger share of its characters in links is a list of links.
const PROSE_LINK_SHARE: f64 = 0.4;
/// A block with a larger share of its characters in links is a link to another article.
const LINK_SHARE: f64 = 0.9;
/// A list with a larger share of its characters in links is a list of other articles.
const LINK_LIST_SHARE: f64 = 0.6;
/// An article that a page appends to its own has this share of the page's prose or more.
const SECOND_ARTICLE: f64 = 0.15;
/// What follows the heading of a list of other articles is one only in the last part of the prose.
const TAIL: f64 = 0.25;
/// A shorter quotation may be said twice.
const PULL_QUOTE_CHARS: usize = 30;
/// So many quotations are looked for in the rest of the article.
const MAX_PULL_QUOTES: usize = 20;
/// A standfirst stands within so many elements of one that says so.
const STANDFIRST_DEPTH: usize = 5;
/// A shorter block under the headline is no summary.
const STANDFIRST_CHARS: usize = 20;
/// An element within the article's that calls itself its body holds this share of the prose.
const HOLDS_ARTICLE: f64 = 0.9;
/// A child without a telling name must hold this much: what it leaves out is lost.
const CHILD_HOLDS_ARTICLE: f64 = 0.95;
/// The first element that calls itself the article or its body holds this share of all prose.
const HINTED_HOLDS_ARTICLE: f64 = 0.5;
/// An element that holds this share of the prose is no furniture, whatever its class says.
const TOO_MUCH_FOR_FURNITURE: f64 = 0.4;
/// Elements that hold text, not articles: an article of one long paragraph has more than that.
const TEXT_TAGS: &[&str] = &["blockquote", "dl", "li", "ol", "p", "pre", "span", "ul"];
/// A CJK character says about as much as this many Latin letters.
const CJK_WEIGHT: usize = 3;
/// With which byte, or one above, CJK characters begin.
const CJK_FIRST_BYTE: u8 = 0xe3;
/// The least weight of prose that makes an article.
const LEAST_PROSE: usize = 80;

/// A shorter text may stand under a picture and in the article.
const CAPTION_CHARS: usize = 30;
/// A longer text is no caption.
const MAX_CAPTION_BYTES: usize = 2_000;
/// A longer text is no cell of a table of figures.
const CELL_CHARS: usize = 100;
/// What stands between the cells of a row.
const CELL_SEPARATOR: &str = " | ";

/// A longer block is no byline.
const MAX_BYLINE_BYTES: usize = 200;

/// What sort of element a block stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Paragraph,
    Heading,
    Item,
}

/// A run of text between two block boundaries.
#[derive(Debug)]
struct Block {
    /// The index of the innermost block element around it.
    element: usize,
    /// The index of its first text node.
    at: usize,
    /// The indices of its text nodes: most have one.
    runs: SmallVec<[usize; 4]>,
    text: String,
    chars: usize,
    link_chars: usize,
    /// Of them those in links to other sites.
    outward_chars: usize,
    role: Role,
    /// How much it says about where the article is.
    weight: usize,
}

impl Block {
    fn link_share(&self) -> f64 {
        self.link_chars as f64 / self.chars.max(1) as f64
    }

    /// One of its lines as a block of its own.
    fn line(&self, line: &str) -> Self {
        let chars = line.chars().count();
        let share_of = |all: usize| (all as f64 / self.chars.max(1) as f64 * chars as f64) as usize;
        let (link_chars, outward_chars) = (share_of(self.link_chars), share_of(self.outward_chars));
        let runs = self.runs.clone();
        Self { runs, text: line.to_owned(), chars, link_chars, outward_chars, ..*self }.weighed()
    }

    /// True for what the article refers to elsewhere: shops, sources, documents.
    fn is_reference(&self) -> bool {
        self.outward_chars == self.link_chars
    }

    /// True for a link with a full stop behind it.
    fn is_linked_sentence(&self) -> bool {
        self.link_chars < self.chars && self.text.ends_with('.')
    }

    /// The block with its weight.
    fn weighed(mut self) -> Self {
        let may_be_wide = self.text.bytes().any(|byte| byte >= CJK_FIRST_BYTE);
        let wide =
            if may_be_wide { self.text.chars().filter(|char| is_cjk(*char)).count() } else { 0 };
        let weight = self.chars + wide * (CJK_WEIGHT - 1);
        let prose = weight >= PROSE_CHARS
            && self.link_share() <= PROSE_LINK_SHARE
            && self.role != Role::Heading;
        self.weight = if prose { weight } else { 0 };
        self
    }
}

fn is_cjk(char: char) -> bool {
    matches!(char, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// The article's blocks, or `None` where the page has no prose that could be one. The headline is
/// no part of the body; the page's own summary, where it is shown, is its first paragraph.
#[must_use]
pub fn of(
    page: &Page<'_>,
    signs: &[Signs],
    metadata: &Metadata,
    site: Option<&str>,
) -> Option<Body> {
    let titles: HashSet<String> =
        metadata.title.iter().chain(&metadata.other_titles).map(|title| folded(title)).collect();
    let blocks = split_head(blocks(page, signs, site), &titles);
    let mut map = Map::new(page, signs, &blocks);
    map.drop_furniture();
    if map.prose(0) < LEAST_PROSE {
        return None;
    }
    let root = map.article(&titles);
    let kept: Vec<&Block> = blocks
        .iter()
        .filter(|block| (root..page.nodes[root].end).contains(&block.at))
        .filter(|block| !map.is_furniture(block))
        .collect();
    let chosen = choose(page, &kept, &titles, &captions(page, metadata), &metadata.byline);
    let beside = map.beside(&blocks, &chosen, root);
    let mut paragraphs: Vec<String> = chosen.iter().map(|block| block.text.clone()).collect();
    let first = blocks.iter().position(|block| Some(&block.text) == paragraphs.first())?;
    let above = blocks[..first].iter().rev().flat_map(|block| block.text.lines());
    let date = above.filter_map(PageDate::parse).next();
    let standfirsts = standfirsts(&map, &blocks, first, &titles, &metadata.summaries);
    let standfirst = standfirsts.first().cloned();
    let missing = standfirsts.into_iter().filter(|it| !paragraphs.contains(it));
    let missing: Vec<String> = missing.collect();
    paragraphs.splice(0..0, missing);
    let agencies = map.credits(&blocks, &beside, root);
    let live = map.is_live(root);
    Some(Body { standfirst, paragraphs, beside, date, agencies, live })
}

/// The block that holds the headline, with a block for each of its lines: old pages put headline,
/// byline and date in one.
fn split_head(mut blocks: Vec<Block>, titles: &HashSet<String>) -> Vec<Block> {
    let in_line = |line: &str| titles.contains(&folded(line));
    let head = blocks
        .iter()
        .position(|block| block.text.contains('\n') && block.text.lines().any(in_line));
    if let Some(head) = head {
        let block = blocks.remove(head);
        let lines: Vec<Block> = block.text.lines().map(|line| block.line(line)).collect();
        blocks.splice(head..head, lines);
    }
    blocks
}

/// Every visible run of text of the page, in order.
fn blocks(page: &Page<'_>, signs: &[Signs], site: Option<&str>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut open_links: Vec<bool> = Vec::new();
    let mut run = Run::default();
    let mut table = 0..0;
    let mut index = 0;
    while index < page.nodes.len() {
        while let Some(&last) = open.last()
            && page.nodes[last].end <= index
        {
            match page.tag(last) {
                "a" => drop(open_links.pop()),
                "td" | "th" if table.contains(&last) => {}
                _ if page.is_block(last) => run.end(page, &open, &mut blocks),
                _ => {}
            }
            open.pop();
        }
        match page.nodes[index].content {
            Content::Text(text) => run.push(index, text, open_links.last().copied()),
            Content::Element(element) => {
                let tag = element.name();
                if signs[index].unseen {
                    if element.is_block() {
                        run.end(page, &open, &mut blocks);
                    }
                    index = page.nodes[index].end;
                    continue;
                }
                if signs[index].line_break {
                    run.line_break(page, &open, &mut blocks);
                } else {
                    if tag == "table" && is_data(page, index) {
                        table = index..page.nodes[index].end;
                    }
                    if matches!(tag, "td" | "th") && table.contains(&index) {
                        run.cell();
                    } else if element.is_block() {
                        run.end(page, &open, &mut blocks);
                    }
                    if tag == "a" {
                        open_links.push(leads_elsewhere(element.attr("href"), site));
                    }
                    open.push(index);
                }
            }
        }
        index += 1;
    }
    run.end(page, &open, &mut blocks);
    blocks
}

/// The block under construction.
#[derive(Default)]
struct Run {
    text: String,
    linked: usize,
    outward: usize,
    runs: SmallVec<[usize; 4]>,
}

impl Run {
    /// `link` says of text in a link whether that leads to another site.
    fn push(&mut self, index: usize, text: &str, link: Option<bool>) {
        let before = self.text.len();
        push_collapsed(&mut self.text, text);
        if self.text.len() > before && !text.trim().is_empty() {
            self.runs.push(index);
        }
        if let Some(outward) = link {
            let chars = self.text[before..].chars().count();
            self.linked += chars;
            self.outward += if outward { chars } else { 0 };
        }
    }

    /// The cells of a row stand in one line.
    fn cell(&mut self) {
        if !self.text.is_empty() {
            self.text.truncate(self.text.trim_end().len());
            self.text.push_str(CELL_SEPARATOR);
        }
    }

    /// One break is a line, two are a paragraph.
    fn line_break(&mut self, page: &Page<'_>, open: &[usize], blocks: &mut Vec<Block>) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        if self.text.ends_with('\n') {
            self.end(page, open, blocks);
        } else if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn end(&mut self, page: &Page<'_>, open: &[usize], blocks: &mut Vec<Block>) {
        let link_chars = std::mem::take(&mut self.linked);
        let outward_chars = std::mem::take(&mut self.outward);
        let text = self.text.trim();
        let Some(&at) = self.runs.first().filter(|_| !text.is_empty()) else {
            self.text.clear();
            self.runs.clear();
            return;
        };
        let element =
            open.iter().rev().copied().find(|&element| page.is_block(element)).unwrap_or_default();
        let block = Block {
            element,
            at,
            runs: std::mem::take(&mut self.runs),
            chars: text.chars().count(),
            link_chars,
            outward_chars,
            role: role(page, element),
            text: text.to_owned(),
            weight: 0,
        };
        blocks.push(block.weighed());
        self.text.clear();
    }
}

/// True for tables of figures, not of layout: every cell is a short text without paragraphs.
fn is_data(page: &Page<'_>, table: usize) -> bool {
    let (mut rows, mut cells, mut chars) = (0, 0, 0);
    for node in &page.nodes[table + 1..page.nodes[table].end] {
        match node.content {
            Content::Text(text) => chars += text.trim().chars().count(),
            Content::Element(element) => match element.name() {
                "tr" => rows += 1,
                "td" | "th" => {
                    cells += 1;
                    chars = 0;
                }
                "thead" | "tbody" | "tfoot" | "br" => {}
                _ if element.is_block() => return false,
                _ => {}
            },
        }
        if chars > CELL_CHARS {
            return false;
        }
    }
    rows >= 2 && cells >= 2 * rows
}

/// True for links to hosts outside `site`; `a.example` is `a.co.example` too.
fn leads_elsewhere(href: Option<&str>, site: Option<&str>) -> bool {
    let (Some(href), Some(site)) = (href, site) else { return false };
    let href = href.trim();
    let begins = ["https://", "http://", "//"];
    let Some(rest) = begins.iter().find_map(|begins| href.strip_prefix(begins)) else {
        return false;
    };
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let inside = |outer: &str, inner: &str| {
        inner.strip_suffix(outer).is_some_and(|it| it.is_empty() || it.ends_with('.'))
    };
    let host = address::site(&host);
    !host.is_empty()
        && !furniture::is_for_sharing(host)
        && !inside(site, host)
        && !inside(host, site)
        && host.split('.').next() != site.split('.').next()
}

fn role(page: &Page<'_>, element: usize) -> Role {
    match page.tag(element) {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Role::Heading,
        "li" | "dd" | "dt" => Role::Item,
        _ => Role::Paragraph,
    }
}

/// Where the prose of a page is.
struct Map<'p, 'a> {
    page: &'p Page<'a>,
    signs: &'p [Signs],
    /// Weight of the prose before node `n`, at index `n`.
    before: Vec<usize>,
    weights: Vec<(usize, usize)>,
    /// True for elements in furniture.
    furniture: Vec<bool>,
    /// The indices of the main headings.
    headlines: &'p [usize],
}

impl<'p, 'a> Map<'p, 'a> {
    fn new(page: &'p Page<'a>, signs: &'p [Signs], blocks: &[Block]) -> Self {
        let weights = blocks.iter().map(|block| (block.at, block.weight)).collect();
        let furniture = vec![false; page.nodes.len()];
        let headlines = page.tagged(Tag::H1);
        let mut map = Self { page, signs, before: Vec::new(), weights, furniture, headlines };
        map.sum();
        map
    }

    /// Adds up the prose outside furniture.
    fn sum(&mut self) {
        self.before = vec![0; self.page.nodes.len() + 1];
        for &(at, weight) in &self.weights {
            if !self.furniture[self.page.nodes[at].parent] {
                self.before[at + 1] = weight;
            }
        }
        for index in 1..self.before.len() {
            self.before[index] += self.before[index - 1];
        }
    }

    /// True for blocks that stand in furniture, or in a `<time>`, with every word.
    fn is_furniture(&self, block: &Block) -> bool {
        block.runs.iter().all(|&run| {
            let parent = self.page.nodes[run].parent;
            self.furniture[parent] || self.page.tag(parent) == "time"
        })
    }

    /// The weight of the prose in node `index`.
    fn prose(&self, index: usize) -> usize {
        self.before[self.page.nodes[index].end] - self.before[index]
    }

    /// Marks furniture: first what is so by its tag or an unmistakable class, then what is so by
    /// its class unless it holds much of the prose that is left.
    fn drop_furniture(&mut self) {
        let headline = self.headlines.first();
        let around_headline: HashSet<usize> =
            headline.map(|&index| self.page.ancestors(index).collect()).unwrap_or_default();
        self.mark(|map, index| map.signs[index].certain && !around_headline.contains(&index));
        self.sum();
        let most = (self.prose(0) as f64 * TOO_MUCH_FOR_FURNITURE) as usize;
        self.mark(|map, index| map.signs[index].likely && map.prose(index) <= most);
        self.sum();
    }

    fn mark(&mut self, is_furniture: impl Fn(&Self, usize) -> bool) {
        for index in 0..self.page.nodes.len() {
            let parent = self.page.nodes[index].parent;
            self.furniture[index] =
                self.furniture[index] || self.furniture[parent] || is_furniture(self, index);
            if self.signs[index].statement {
                self.furniture[index] = false;
            }
        }
    }

    /// The element that holds the article: down from the page to what calls itself its body, or
    /// else as far as one element holds nearly all the prose.
    fn article(&self, titles: &HashSet<String>) -> usize {
        let mut root = self.first_of_several(titles).unwrap_or_default();
        let mut share = HINTED_HOLDS_ARTICLE;
        loop {
            let whole = self.prose(root) as f64;
            let hinted = (root + 1..self.page.nodes[root].end)
                .filter(|&index| self.signs[index].body)
                .filter(|&index| self.prose(index) as f64 >= whole * share)
                .max_by_key(|&index| self.prose(index));
            if let Some(next) = hinted {
                root = self.with_siblings(root, next);
                share = HOLDS_ARTICLE;
                continue;
            }
            let child = self
                .children(root)
                .find(|&index| self.prose(index) as f64 >= whole * CHILD_HOLDS_ARTICLE)
                .filter(|&index| !TEXT_TAGS.contains(&self.page.tag(index)));
            match child {
                Some(next) => root = next,
                None => return root,
            }
        }
    }

    /// The blocks around the article that are not in it, outside comments and lists of links.
    fn beside(&self, blocks: &[Block], chosen: &[&Block], root: usize) -> Vec<String> {
        let holds_article = |index: &usize| {
            self.signs[*index].body || matches!(self.page.tag(*index), "article" | "main")
        };
        let around = self.page.ancestors(root).filter(holds_article).last();
        let around = around.unwrap_or(self.page.nodes[root].parent);
        let inside = around..self.page.nodes[around].end;
        let chosen: HashSet<(usize, &str)> =
            chosen.iter().map(|block| (block.at, block.text.as_str())).collect();
        let is_discussion =
            |block: &Block| self.page.ancestors(block.at).any(|it| self.signs[it].discussion);
        blocks
            .iter()
            .filter(|block| inside.contains(&block.at))
            .filter(|block| !chosen.contains(&(block.at, block.text.as_str())))
            .filter(|block| block.link_share() <= PROSE_LINK_SHARE && !is_discussion(block))
            .map(|block| block.text.clone())
            .collect()
    }

    /// The agencies credited in or beside the article, in lines that are no paragraphs of it.
    fn credits(&self, blocks: &[Block], beside: &[String], root: usize) -> Vec<&'static str> {
        let inside = root..self.page.nodes[root].end;
        let alone = blocks
            .iter()
            .filter(|block| inside.contains(&block.at) && self.may_credit(block))
            .flat_map(|block| agency::credited(&block.text));
        alone.chain(beside.iter().flat_map(|it| agency::of_contributors(it))).collect()
    }

    /// True where a credit is the article's: other furniture credits pictures.
    fn may_credit(&self, block: &Block) -> bool {
        !self.is_furniture(block) || self.page.ancestors(block.at).any(|it| self.signs[it].byline)
    }

    /// True where elements of a live blog hold half of the article, or it stands in one.
    fn is_live(&self, root: usize) -> bool {
        let half = self.prose(root) / 2;
        let inside = (root..self.page.nodes[root].end)
            .any(|it| self.signs[it].live && self.prose(it) > half);
        inside || self.page.ancestors(root).any(|it| self.signs[it].live)
    }

    /// The page's own article where it appends others: the one under the page's title, else the
    /// first.
    fn first_of_several(&self, titles: &HashSet<String>) -> Option<usize> {
        let least = (self.prose(0) as f64 * SECOND_ARTICLE) as usize;
        let mut articles: Vec<(usize, usize)> = Vec::new();
        for index in 0..self.page.nodes.len() {
            let inside =
                articles.last().is_some_and(|&(last, _)| index < self.page.nodes[last].end);
            if !inside && self.signs[index].body && self.prose(index) >= least.max(LEAST_PROSE) {
                articles.extend(self.headline(index).map(|headline| (index, headline)));
            }
        }
        if articles.len() < 2 {
            return None;
        }
        let own = articles
            .iter()
            .find(|(_, headline)| titles.contains(&folded(&self.page.text(*headline))));
        own.or(articles.first()).map(|&(index, _)| index)
    }

    /// `body`, or the element around it and its likes where the page splits the article into
    /// several elements of the same class.
    fn with_siblings(&self, root: usize, body: usize) -> usize {
        let class =
            |index: usize| self.page.element(index).and_then(|element| element.attr("class"));
        let Some(wanted) = class(body) else { return body };
        let end = |index: usize| self.page.nodes[index].end;
        let alike = (root + 1..end(root)).filter(|&index| {
            let beside = end(index) <= body || end(body) <= index;
            beside
                && self.prose(index) >= LEAST_PROSE
                && class(index) == Some(wanted)
                && self.headline(index).is_none()
        });
        alike.fold(body, |around, index| {
            let holds = |outer: &usize| (*outer..self.page.nodes[*outer].end).contains(&index);
            std::iter::once(around).chain(self.page.ancestors(around)).find(holds).unwrap_or(root)
        })
    }

    /// The main heading of an element that is an article in itself.
    fn headline(&self, index: usize) -> Option<usize> {
        self.page.first_inside(index, self.headlines)
    }

    fn children(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.page.nodes[index].end;
        let first = Some(index + 1).filter(|&child| child < end);
        std::iter::successors(first, move |&child| {
            Some(self.page.nodes[child].end).filter(|&next| next < end)
        })
        .filter(|&child| self.page.element(child).is_some())
    }
}

/// The captions that the page states for its pictures, in their own elements, in `alt` or in its
/// data, folded: pages print them once more in elements that nothing marks. Summaries are none, though
/// some pages name a picture so.
fn captions(page: &Page<'_>, metadata: &Metadata) -> HashSet<String> {
    let summaries: HashSet<String> = metadata.summaries.iter().map(|it| folded(it)).collect();
    let shown = page.tagged(Tag::Figcaption).iter();
    let shown = shown.filter_map(|&index| page.short_text(index, MAX_CAPTION_BYTES));
    let described = page.each(Tag::Img).filter_map(|(_, element)| element.attr("alt"));
    shown
        .chain(described.map(str::to_owned))
        .chain(metadata.captions.iter().cloned())
        .filter(|caption| caption.chars().count() >= CAPTION_CHARS)
        .map(|caption| folded(&caption))
        .filter(|caption| !summaries.contains(caption))
        .collect()
}

/// The article's paragraphs among the blocks of its element, without its headlines and captions.
fn choose<'b>(
    page: &Page<'_>,
    blocks: &[&'b Block],
    titles: &HashSet<String>,
    captions: &HashSet<String>,
    byline: &[String],
) -> Vec<&'b Block> {
    let lists = list_link_shares(page, blocks);
    let mut seen: HashSet<String> = HashSet::new();
    let mut places: HashSet<Place<'_>> = HashSet::new();
    let mut after_heading = false;
    let mut chosen: Vec<&'b Block> = Vec::new();
    let whole: usize = blocks.iter().map(|block| block.weight).sum();
    let mut left = whole;
    let tail = (left as f64 * TAIL) as usize;
    let headline = blocks.iter().position(|block| titles.contains(&folded(&block.text)));
    for (index, &block) in blocks.iter().enumerate() {
        let folded = folded(&block.text);
        // Section, kicker and date stand above the headline.
        if block.weight == 0 && headline.is_some_and(|headline| index < headline) {
            continue;
        }
        let place = place(page, block);
        // Below a whole article; an article that is a transcript has little above it.
        if furniture::heads_transcript(&block.text) && whole - left > tail {
            break;
        }
        if furniture::heads_other_articles(&block.text) {
            after_heading = true;
            continue;
        }
        if block.weight > 0 && (left > tail || places.contains(&place)) {
            after_heading = false;
        }
        left -= block.weight;
        let list = list_around(page, block);
        let links = list.and_then(|list| lists.get(&list)).copied().unwrap_or_default();
        if after_heading
            || links > LINK_LIST_SHARE
            || titles.contains(&folded)
            || captions.contains(&folded)
            || furniture::is_furniture_text(&block.text)
            || is_byline(&block.text, byline)
            || block.role != Role::Heading && !agency::credited(&block.text).is_empty()
            || block.link_share() > LINK_SHARE
                && block.role != Role::Item
                && !block.is_linked_sentence()
                && !block.is_reference()
            || block.role == Role::Paragraph && block.chars > PROSE_CHARS && !seen.insert(folded)
        {
            continue;
        }
        if block.weight > 0 {
            places.insert(place);
        }
        chosen.push(block);
    }
    while chosen.last().is_some_and(|block| block.role == Role::Heading) {
        chosen.pop();
    }
    drop_pull_quotes(&mut chosen);
    chosen
}

/// True for "By Ada Byron, Science Reporter" where the page's authors are named.
fn is_byline(text: &str, byline: &[String]) -> bool {
    let says_by = text.get(..3).is_some_and(|by| by.eq_ignore_ascii_case("by "));
    says_by
        && !byline.is_empty()
        && text.len() <= MAX_BYLINE_BYTES
        && !text.ends_with('.')
        && byline.iter().all(|name| text.contains(name.as_str()))
}

/// Takes out blocks that are one quotation and stand word for word inside another block.
fn drop_pull_quotes(chosen: &mut Vec<&Block>) {
    let is_quote = |block: &&&Block| {
        block.chars > PULL_QUOTE_CHARS
            && block.text.starts_with(['“', '"', '«', '‘'])
            && block.text.ends_with(['”', '"', '»', '’'])
    };
    let quotes: Vec<&Block> =
        chosen.iter().filter(is_quote).take(MAX_PULL_QUOTES).copied().collect();
    if quotes.is_empty() {
        return;
    }
    let texts: Vec<(usize, String)> =
        chosen.iter().map(|block| (block.chars, folded(&block.text))).collect();
    let repeated = |quote: &&Block| {
        let text = folded(&quote.text);
        texts.iter().any(|(chars, other)| *chars > quote.chars && other.contains(&text))
    };
    let repeats: HashSet<usize> =
        quotes.iter().copied().filter(repeated).map(|quote| quote.at).collect();
    chosen.retain(|block| !repeats.contains(&block.at));
}

/// Where on the page a block stands: its element and the one around it, by tag and class.
type Place<'a> = [(&'a str, Option<&'a str>); 2];

fn place<'a>(page: &Page<'a>, block: &Block) -> Place<'a> {
    [block.element, page.nodes[block.element].parent].map(|index| {
        (page.tag(index), page.element(index).and_then(|element| element.attr("class")))
    })
}

/// The innermost list that a block stands in.
fn list_around(page: &Page<'_>, block: &Block) -> Option<usize> {
    page.ancestors(block.at).find(|&index| matches!(page.tag(index), "ul" | "ol"))
}

/// The share of each list's characters that stand in links, by the list's index. Lists whose links
/// all lead to other sites have none: they are references.
fn list_link_shares(page: &Page<'_>, blocks: &[&Block]) -> HashMap<usize, f64> {
    let mut sums: HashMap<usize, (usize, usize, bool)> = HashMap::new();
    for block in blocks {
        if let Some(list) = list_around(page, block) {
            let (links, all, references) = sums.entry(list).or_insert((0, 0, true));
            *links += block.link_chars;
            *all += block.chars;
            *references &= block.is_reference();
        }
    }
    let share = |(links, all, references): (usize, usize, bool)| {
        if references { 0.0 } else { links as f64 / all.max(1) as f64 }
    };
    sums.into_iter().map(|(list, sum)| (list, share(sum))).collect()
}

/// The summaries that the page shows between headline and body, in order: what its metadata gives as
/// summary, or what the markup calls so. Of summaries in furniture, such as a teaser's, only the first.
fn standfirsts(
    map: &Map<'_, '_>,
    blocks: &[Block],
    first: usize,
    titles: &HashSet<String>,
    summaries: &[String],
) -> Vec<String> {
    let is_headline = |block: &Block| titles.contains(&folded(&block.text));
    let Some(headline) = blocks[..first].iter().rposition(is_headline) else { return Vec::new() };
    let summaries: Vec<String> = summaries.iter().map(|summary| folded(summary)).collect();
    // The first paragraph may be the standfirst itself.
    let candidates: Vec<&Block> = blocks[headline + 1..=first]
        .iter()
        .filter(|block| {
            block.chars >= STANDFIRST_CHARS
                && block.link_share() < PROSE_LINK_SHARE
                && !furniture::is_furniture_text(&block.text)
        })
        .filter(|block| {
            let mut around = map.page.ancestors(block.at).take(STANDFIRST_DEPTH);
            summaries.contains(&folded(&block.text))
                || around.any(|index| map.signs[index].standfirst)
        })
        .collect();
    let mut shown: Vec<String> = Vec::new();
    for block in candidates.iter().filter(|block| !map.is_furniture(block)) {
        if !shown.contains(&block.text) {
            shown.push(block.text.clone());
        }
    }
    if shown.is_empty() {
        shown.extend(candidates.first().map(|block| block.text.clone()));
    }
    shown
}
