//! The markup of a page, handed to html5ever's tree builder.
//!
//! HTML → [`Tree`]. Nearly all that a page holds are plain tags, plain text and scripts; those are
//! cut out here, by whole slices. Everything else goes through html5ever's tokenizer, which reads it
//! letter by letter: what is plain decides only how fast a page is read, never what comes of it.
//! Refuses to read itself whatever is not certain to come out the same.

use std::cell::{Cell, Ref};

use html5ever::buffer_queue::BufferQueue;
use html5ever::data::NAMED_ENTITIES;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, QualName, TokenizerResult, local_name, ns};
use memchr::{memchr, memchr2, memchr3, memmem};

use super::NoArticle;
use super::attributes::Attributes;
use super::dom::{MAX_ATTRIBUTES, end_tag};
use super::tree::{Id, Sink, Tree};

/// Elements behind whose start tag the tokenizer reads something else than markup.
const SWITCHES: &[&[u8]] =
    &[b"iframe", b"noembed", b"noframes", b"noscript", b"plaintext", b"textarea", b"title", b"xmp"];
/// The attributes that later steps or the tree builder read; the values of all others are passed over. A
/// site's rule may name no other.
pub const READ: &[&str] = &[
    "alt",
    "aria-label",
    "class",
    "color",
    "content",
    "data-component",
    "data-gu-name",
    "data-testid",
    "datetime",
    "encoding",
    "face",
    "hidden",
    "href",
    "http-equiv",
    "id",
    "itemprop",
    "itemtype",
    "lang",
    "name",
    "property",
    "rel",
    "role",
    "size",
    "style",
    "type",
    "xml:lang",
];
/// Elements that the tree builder holds against each other, with all their attributes.
const COMPARED: &[LocalName] = &[
    local_name!("b"),
    local_name!("big"),
    local_name!("code"),
    local_name!("em"),
    local_name!("font"),
    local_name!("i"),
    local_name!("nobr"),
    local_name!("s"),
    local_name!("small"),
    local_name!("strike"),
    local_name!("strong"),
    local_name!("tt"),
    local_name!("u"),
];
/// Names kept at hand, since a look into html5ever's table of names costs more than all else of a
/// plain tag. A power of two.
const NAMES: usize = 512;
/// Nodes are given room for at the start: few pages have more than one in so many bytes.
const BYTES_PER_NODE: usize = 32;

/// Passed over at the start of a page.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads one page.
pub struct Reader<'h> {
    html: &'h [u8],
    /// The same, to take slices of without copying.
    shared: StrTendril,
    at: usize,
    tokenizer: Tokenizer<Watched>,
    /// What the tokenizer has still to read.
    input: BufferQueue,
    /// By [`place`].
    names: Vec<Name>,
    attributes: Attributes,
    /// Before this place no end of code is looked for: there is none, or what stands before is no code.
    code_from: usize,
}

/// A name of the page.
#[derive(Clone)]
struct Name {
    /// Where it was printed first.
    at: u32,
    length: u32,
    name: LocalName,
    /// What [`READ`] says of it as an attribute's.
    is_read: bool,
    /// What [`COMPARED`] says of it as an element's.
    is_compared: bool,
}

/// The tree builder, with an eye on the tokenizer before it.
struct Watched {
    builder: TreeBuilder<Id, Sink>,
    /// True where the last token is a tag and markup follows. A tag's token is given at its `>`, so
    /// at the end of a piece whose only `>` is its last byte nothing is left half read.
    at_rest: Cell<bool>,
}

impl TokenSink for Watched {
    type Handle = Id;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Id> {
        let is_tag = matches!(token, Token::TagToken(_));
        let result = self.builder.process_token(token, line);
        let switches = matches!(result, TokenSinkResult::RawData(_) | TokenSinkResult::Plaintext);
        self.at_rest.set(is_tag && !switches);
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl<'h> Reader<'h> {
    /// Stands before the first byte. A page has less than 4 GiB.
    #[must_use]
    pub fn new(html: &'h str) -> Self {
        let sink = Sink::with_room(html.len() / BYTES_PER_NODE);
        let builder = TreeBuilder::new(sink, TreeBuilderOpts::default());
        let watched = Watched { builder, at_rest: Cell::new(true) };
        let options = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
        Self {
            html: html.as_bytes(),
            shared: StrTendril::from_slice(html),
            at: if html.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 },
            tokenizer: Tokenizer::new(watched, options),
            input: BufferQueue::default(),
            names: vec![Name::none(); NAMES],
            attributes: Attributes::default(),
            code_from: 0,
        }
    }

    /// Reads on for about `bytes`; false at the end of the page.
    ///
    /// # Errors
    /// [`NoArticle::TooManyAttributes`], before they are held against each other.
    pub fn read(&mut self, bytes: usize) -> Result<bool, NoArticle> {
        let until = self.at.saturating_add(bytes);
        while self.at < self.html.len().min(until) {
            if !(self.tokenizer.sink.at_rest.get() && self.read_plain()?) {
                self.read_any()?;
            }
        }
        Ok(self.at < self.html.len())
    }

    /// The tree so far.
    #[must_use]
    pub fn tree(&self) -> Ref<'_, Tree> {
        self.tokenizer.sink.builder.sink.tree.borrow()
    }

    /// The whole tree.
    #[must_use]
    pub fn finish(self) -> Tree {
        self.tokenizer.end();
        self.tokenizer.sink.builder.sink.tree.into_inner()
    }

    fn slice(&self, start: usize, end: usize) -> StrTendril {
        self.shared.subtendril(start as u32, (end - start) as u32)
    }

    /// Gives the tokenizer all up to the next `>`, and passes over the text of a script or style
    /// sheet that opens there.
    fn read_any(&mut self) -> Result<(), NoArticle> {
        let rest = &self.html[self.at..];
        let end = self.at + memchr(b'>', rest).map_or(rest.len(), |end| end + 1);
        self.attributes.read(self.html, self.at, end)?;
        self.tokenizer.sink.at_rest.set(false);
        self.input.push_back(self.slice(self.at, end));
        while !matches!(self.tokenizer.feed(&self.input), TokenizerResult::Done) {}
        self.at = end;
        if let Some(name) = self.tokenizer.sink.builder.sink.at_code() {
            let rest = &self.html[self.at..];
            let length = end_tag(rest, name.as_bytes());
            let code = &rest[..length];
            if !code.is_empty() && is_plain_code(code) {
                let _ = self.give(Token::CharacterTokens(self.slice(self.at, self.at + length)));
                self.at += length;
            }
        }
        Ok(())
    }

    /// Gives the tree builder a token past the tokenizer, which stands between two tokens or in the
    /// text of a script, and stays there.
    fn give(&self, token: Token) -> TokenSinkResult<Id> {
        self.tokenizer.sink.builder.process_token(token, 1)
    }

    /// Gives a start tag and, if the tree builder takes what follows for code, all up to behind the end tag.
    /// False if that is not written in the usual way: nothing is given then.
    fn read_code(&mut self, tag: Tag, length: usize) -> bool {
        let start = self.at + length;
        if start < self.code_from {
            return false;
        }
        let (name, rest) = (tag.name.clone(), &self.html[start..]);
        let end = start + end_tag(rest, name.as_bytes());
        let behind = end + b"</".len() + name.len();
        if self.html.get(behind) != Some(&b'>') || !is_plain_code(&self.html[start..end]) {
            self.code_from = end;
            return false;
        }
        let switches = matches!(self.give(Token::TagToken(tag)), TokenSinkResult::RawData(_));
        if !switches {
            self.code_from = end;
            self.at = start;
            return true;
        }
        if start < end {
            let _ = self.give(Token::CharacterTokens(self.slice(start, end)));
        }
        let (kind, attrs) = (TagKind::EndTag, Vec::new());
        let (self_closing, had_duplicate_attributes) = (false, false);
        let tag = Tag { kind, name, self_closing, attrs, had_duplicate_attributes };
        let _ = self.give(Token::TagToken(tag));
        self.at = behind + 1;
        true
    }

    /// Reads a plain text, comment or tag; false if there is none at this point.
    fn read_plain(&mut self) -> Result<bool, NoArticle> {
        let rest = &self.html[self.at..];
        let (token, length) = match rest {
            [b'<', b'!', ..] => {
                let Some(length) = plain_comment(rest) else { return Ok(false) };
                (Token::CommentToken(StrTendril::new()), length)
            }
            [b'<', ..] => {
                let Some((tag, attributes, length)) = self.plain_tag() else { return Ok(false) };
                self.attributes.add(tag.name.as_bytes(), attributes)?;
                let is_code = matches!(tag.name, local_name!("script") | local_name!("style"));
                if is_code && tag.kind == TagKind::StartTag {
                    return Ok(self.read_code(tag, length));
                }
                (Token::TagToken(tag), length)
            }
            _ => {
                let length = memchr(b'<', rest).unwrap_or(rest.len());
                let end = self.at + length;
                let Some(text) = self.resolved(self.at, end, false) else { return Ok(false) };
                (Token::CharacterTokens(text), length)
            }
        };
        let _ = self.give(token);
        self.at += length;
        Ok(true)
    }

    /// The text between two places, line ends normalised and character references resolved, if all
    /// of them are plain.
    fn resolved(&self, start: usize, end: usize, in_attribute: bool) -> Option<StrTendril> {
        let mut rest = &self.html[start..end];
        let Some(first) = memchr3(b'&', b'\r', 0, rest) else {
            return Some(self.slice(start, end));
        };
        let mut at = start;
        let mut resolved = StrTendril::with_capacity((end - start) as u32);
        let mut next = Some(first);
        while let Some(length) = next {
            resolved.push_tendril(&self.slice(at, at + length));
            let sign = &rest[length..];
            let length = length
                + match sign {
                    [b'\r', b'\n', ..] => {
                        resolved.push_char('\n');
                        2
                    }
                    [b'\r', ..] => {
                        resolved.push_char('\n');
                        1
                    }
                    [b'&', reference @ ..] => {
                        let (chars, length) = plain_reference(reference, in_attribute)?;
                        chars.into_iter().flatten().for_each(|char| resolved.push_char(char));
                        1 + length
                    }
                    _ => return None,
                };
            at += length;
            rest = &rest[length..];
            next = memchr3(b'&', b'\r', 0, rest);
        }
        resolved.push_tendril(&self.slice(at, end));
        Some(resolved)
    }

    /// The tag that begins here, how many attributes are printed in it, and its length, if it is written
    /// in one of the usual ways.
    fn plain_tag(&mut self) -> Option<(Tag, usize, usize)> {
        let tag = &self.html[self.at..];
        let is_end = tag.get(1) == Some(&b'/');
        let start = if is_end { 2 } else { 1 };
        let mut at = start + name_length(&tag[start..]);
        let name = &tag[start..at];
        let switches = || SWITCHES.iter().any(|it| it.eq_ignore_ascii_case(name));
        if !name.first()?.is_ascii_alphabetic() || !is_end && switches() {
            return None;
        }
        let element = self.name(self.at + start, self.at + at);
        let (name, keeps_all) = (element.name.clone(), element.is_compared);
        let mut attrs: Vec<Attribute> = Vec::new();
        let mut printed = 0;
        let mut self_closing = false;
        let mut had_duplicate_attributes = false;
        loop {
            let space = tag[at..].iter().take_while(|byte| is_space(**byte)).count();
            at += space;
            match tag.get(at)? {
                b'>' => break,
                b'/' if !is_end && tag.get(at + 1) == Some(&b'>') => {
                    self_closing = true;
                    at += 1;
                    break;
                }
                _ if space == 0 || is_end => return None,
                _ => {}
            }
            let start = at;
            at += name_length(&tag[at..]);
            if at == start {
                return None;
            }
            let name = start..at;
            let value = match tag.get(at)? {
                b'=' => {
                    at += 1;
                    let (start, end, after) = match *tag.get(at)? {
                        quote @ (b'"' | b'\'') => {
                            let end = at + 1 + memchr(quote, &tag[at + 1..])?;
                            (at + 1, end, end + 1)
                        }
                        _ => {
                            let end = at + tag[at..].iter().position(|it| !is_bare(*it))?;
                            if end == at || !(is_space(tag[end]) || tag[end] == b'>') {
                                return None;
                            }
                            (at, end, end)
                        }
                    };
                    at = after;
                    start..end
                }
                b'>' | b'/' => at..at,
                byte if is_space(*byte) => at..at,
                _ => return None,
            };
            printed += 1;
            if printed > MAX_ATTRIBUTES {
                return None;
            }
            let attribute = self.name(self.at + name.start, self.at + name.end);
            if !(attribute.is_read || keeps_all) {
                continue;
            }
            let attribute = attribute.name.clone();
            if attrs.iter().any(|known| known.name.local == attribute) {
                had_duplicate_attributes = true;
            } else {
                let value = self.resolved(self.at + value.start, self.at + value.end, true)?;
                attrs.push(Attribute { name: QualName::new(None, ns!(), attribute), value });
            }
        }
        let kind = if is_end { TagKind::EndTag } else { TagKind::StartTag };
        Some((Tag { kind, name, self_closing, attrs, had_duplicate_attributes }, printed, at + 1))
    }

    /// The name between two places of the page, in small letters.
    fn name(&mut self, start: usize, end: usize) -> &Name {
        let bytes = &self.html[start..end];
        let known = &mut self.names[place(bytes)];
        if self.html[known.at as usize..][..known.length as usize] != *bytes {
            let printed = self.shared.subtendril(start as u32, (end - start) as u32);
            let name = LocalName::from(printed.to_ascii_lowercase());
            let is_read = READ.contains(&&*name);
            let is_compared = COMPARED.contains(&name);
            let (at, length) = (start as u32, (end - start) as u32);
            *known = Name { at, length, name, is_read, is_compared };
        }
        known
    }
}

impl Name {
    fn none() -> Self {
        let name = local_name!("");
        Self { at: 0, length: 0, name, is_read: false, is_compared: false }
    }
}

/// Where a name that is printed so is kept among [`NAMES`].
fn place(name: &[u8]) -> usize {
    let mix = |mixed: usize, &byte: &u8| mixed.wrapping_mul(31).wrapping_add(byte.into());
    name.iter().fold(name.len(), mix) % NAMES
}

/// What a character reference stands for, one or two characters, and its length behind the `&`, if
/// it is one of the usual ones or plainly none.
fn plain_reference(html: &[u8], in_attribute: bool) -> Option<([Option<char>; 2], usize)> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric();
    let no_reference = Some(([Some('&'), None], 0));
    match html {
        [b'#', number @ ..] => {
            let (number, base, before) = match number {
                [b'x' | b'X', digits @ ..] => (digits, 16, 2),
                _ => (number, 10, 1),
            };
            let length = number.iter().position(|&byte| byte == b';')?;
            let digits = str::from_utf8(&number[..length]).ok()?;
            let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let code = u32::from_str_radix(digits, base).ok().filter(|_| is_number)?;
            // Others stand for something else than they say.
            let char = char::from_u32(code).filter(|_| !matches!(code, 0 | 0x80..=0x9f))?;
            Some(([Some(char), None], before + length + 1))
        }
        [first, ..] if is_name(first) => {
            let length = html.iter().position(|byte| !is_name(byte))?;
            match html[length] {
                b';' => {
                    let name = str::from_utf8(&html[..=length]).ok()?;
                    let &(first, second) = NAMED_ENTITIES.get(name)?;
                    let second = char::from_u32(second).filter(|_| second != 0);
                    Some(([Some(char::from_u32(first)?), second], length + 1))
                }
                // The next parameter of an address.
                b'=' if in_attribute => no_reference,
                _ => None,
            }
        }
        // A reference may begin with what the page has not given yet.
        [] => None,
        _ => no_reference,
    }
}

/// How many bytes at the start are of a plain tag's or attribute's name.
fn name_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| !IN_NAMES[byte as usize]).unwrap_or(bytes.len())
}

/// True for the bytes of plain names.
const IN_NAMES: [bool; 256] = {
    let mut in_names = [false; 256];
    let mut byte = 0;
    while byte < in_names.len() {
        in_names[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b':' | b'.' | b'@');
        byte += 1;
    }
    in_names
};

/// True for code that is text as it stands. Behind `<!--` a script's end tag may not be its end.
fn is_plain_code(code: &[u8]) -> bool {
    memmem::find(code, b"<!--").is_none() && memchr2(b'\r', 0, code).is_none()
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c')
}

/// True for what a value without quotation marks may hold.
fn is_bare(byte: u8) -> bool {
    !matches!(byte, 0..=b' ' | b'"' | b'\'' | b'<' | b'=' | b'>' | b'`')
}

/// The length of the comment at the start, if it begins and ends in the usual way.
fn plain_comment(html: &[u8]) -> Option<usize> {
    let comment = html.strip_prefix(b"<!--")?;
    if comment.starts_with(b">") || comment.starts_with(b"->") {
        return None;
    }
    // Looks no further than the first end of any kind: another comment may have the next.
    let ends = |at: &usize| matches!(&comment[at + 2..], [b'>', ..] | [b'!', b'>', ..]);
    let end = dashes(comment).find(ends)?;
    (comment[end + 2] == b'>').then_some(b"<!--".len() + end + b"-->".len())
}

/// Where two dashes stand side by side.
fn dashes(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    memchr::memchr_iter(b'-', bytes).filter(|at| bytes.get(at + 1) == Some(&b'-'))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use html5ever::driver::{ParseOpts, parse_document};
    use html5ever::tendril::TendrilSink;
    use proptest::prelude::*;

    use super::super::tree::{DOCUMENT, Value};
    use super::*;

    /// One node a line, indented.
    fn printed(tree: &Tree) -> String {
        let mut lines = String::new();
        let mut open = vec![(tree.node(DOCUMENT).first, 0)];
        while let Some((id, depth)) = open.pop() {
            if id == DOCUMENT {
                continue;
            }
            let node = tree.node(id);
            let line = match &node.value {
                Value::Document => "document".to_owned(),
                Value::Text(text) => format!("{:?}", &**text),
                Value::Element(it) => {
                    let read = it.attrs().filter(|(name, _)| READ.contains(name));
                    format!("{} {:?}", it.name(), read.collect::<Vec<_>>())
                }
            };
            writeln!(lines, "{:depth$}{line}", "").unwrap();
            open.extend([(node.after, depth), (node.first, depth + 1)]);
        }
        lines
    }

    /// Holds what is read here against what html5ever reads alone.
    fn assert_same(html: &str) {
        let whole = parse_document(Sink::with_room(0), ParseOpts::default()).one(html);
        for bytes in [1, 1 << 20] {
            let mut reader = Reader::new(html);
            while reader.read(bytes).unwrap() {}
            assert_eq!(printed(&reader.finish()), printed(&whole), "{html}");
        }
    }

    #[test]
    fn plain_and_other_markup_give_html5evers_tree() {
        for html in [
            "<p>a<p>b</p>c",
            "<!DOCTYPE html><html lang=en><head><title>a &amp; b</title><meta charset=utf-8>",
            "<p class=\"a\" id='b' hidden data-x=1/2>a</p ><br/><img src=x/>",
            "<P CLASS=A>a</P><p a=1 a=2 A=3>b<p a = 1>c<p a=\"1\"b=2>d<p a=&lt;>e<p =a>f<p a'b=c>g",
            "&amp;b&nbsp;&#8217;&#x1F600;&NotEqualTilde;&#x80;&#0;&#xd800;&#x110000;&#+1;&#;&;&nosuch;",
            "<a href='?a=1&b=2&copy=3&amp;d&lt=&gt'>&<b title='&quot;&#39;&'>a&b=c&copy=d&",
            "<DIV Class=A>a\r\nb\rc\r</DIV><p\r\nid=1\r>d\r&amp;\r\n",
            "a & b &amp; c &notit; d &am<b>p;</b> &#39; \r\n \0 e",
            "<script>a</script>b<script>if (a<b) '</p>'; <!-- <script> </script> --> </script>c",
            "<script></script>a<script> <!-- </script>b<script src=x></script>c<script/>d</script>",
            "<svg><script>a<b>c</script><style>d<p>e</style></svg><script>f</script>",
            "<frameset><script>a<b>c</script><frame></frameset><script>d</script><style>e</style>",
            "<select><script>a<b></script><style>c</style><option>d</select><table><script>e</script><style>f</style><tr>",
            "<script>a</script ><script>b</scriptx></script><style>c</style/><script src=a>\r\n</script>d<style>e</st",
            "<style>p > a {}</style>a<style></styles>b</STYLE >c<style>d",
            "<script type=application/ld+json>{\"a\": \"<b>\"}</script>a",
            "<textarea><p>a</textarea>b<title><p></title>c<noscript><p>a</noscript><iframe><p></iframe>",
            "a<!-- b > c -->d<!-->e<!--->f<!-- g --!>h<!-- i -- > -->j<!k>l<?m>n</ o>p<!--q",
            "<pre>\na</pre><pre><!-- -->\nb</pre><textarea>\nc</textarea>",
            "<table>a<tr>b<td>c</table><table><!-- --> d <tr></table>",
            "<svg><title>a</title><style>b<p>c</style><script>d</script><![CDATA[e<f]]></svg>g",
            "<svg viewBox='0' viewbox=1><foreignObject><p>a</svg><math><mi>b</math>",
            "<b><p>a</b>c</p><a href=1>d<a href=2>e<div></a>f",
            "<template><td>a</template><select><option>b<script>c</script></select>",
            "<plaintext>a</plaintext><p>b",
            "<body a=1><body a=2 b=3><html c=4><frameset>",
            "<p",
            "<p a",
            "<p a='",
            "</",
            "<",
            "&",
            "\u{feff}<p>a\u{feff}",
        ] {
            assert_same(html);
        }
    }

    proptest! {
        #[test]
        fn any_markup_gives_html5evers_tree(
            pieces in proptest::collection::vec(
                prop_oneof![
                    "</?(p|div|b|a|table|tr|td|svg|title|style|script|textarea|template|select|pre|math|mi|plaintext|noscript|body)( [a-cA-C]{1,2}(=[a-c&;/]{0,3}|='[a-c&;> ]{0,4}'|=\"[a-c<\n]{0,3}\")?){0,3} ?/?>",
                    "[a-c<>&;!/ \"'=\n\r\0-]{0,12}",
                    "<!--[a-c>!<-]{0,6}-->",
                    "&(amp|lt|nbsp|#39|#x41|notin|copy|b)[;=]?",
                    "<script( type=application/ld\\+json)?>[a-c<!/ -]{0,9}(<!--|<script>|-->)?[a-c<]{0,3}</script",
                ],
                0..30,
            ),
        ) {
            assert_same(&pieces.concat());
        }
    }
}
