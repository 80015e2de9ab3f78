//! How many attributes html5ever's tokenizer would hold against each other.
//!
//! Markup, before the tokenizer reads it → a count, or [`NoArticle::TooManyAttributes`]: it compares each
//! attribute of a tag with all before it. Refuses to know more of markup than where a tag ends.

use memchr::{memchr, memmem};

use super::NoArticle;
use super::dom::{MAX_ATTRIBUTES, end_tag};

/// Elements whose content is text up to their end tag, whatever it looks like.
const RAW_TEXT: &[&str] = &["script", "style", "textarea", "title", "xmp", "iframe", "noscript"];
/// Elements of which a page has one each: the parser gives it the attributes of all their tags.
const MERGED: &[&str] = &["html", "body"];

/// The attributes of a page that is read from its start to its end.
#[derive(Debug, Default)]
pub struct Attributes {
    /// All before is counted.
    at: usize,
    /// Those of [`MERGED`] elements.
    merged: usize,
}

impl Attributes {
    /// Counts those of a start tag that was read.
    ///
    /// # Errors
    /// [`NoArticle::TooManyAttributes`].
    pub fn add(&mut self, name: &[u8], attributes: usize) -> Result<(), NoArticle> {
        if attributes > 0 && is_among(MERGED, name) {
            self.merged += attributes;
        }
        match attributes.max(self.merged) > MAX_ATTRIBUTES {
            true => Err(NoArticle::TooManyAttributes),
            false => Ok(()),
        }
    }

    /// Counts those of the tags that begin between `start` and `end`, if they were not counted yet.
    ///
    /// # Errors
    /// [`NoArticle::TooManyAttributes`].
    pub fn read(&mut self, html: &[u8], start: usize, end: usize) -> Result<(), NoArticle> {
        self.at = self.at.max(start);
        while self.at < end
            && let Some(open) = memchr(b'<', &html[self.at..end])
        {
            self.at += open + 1;
            let rest = &html[self.at..];
            if rest.starts_with(b"!--") {
                // The dashes of `<!-->` are those of its end, too.
                self.at += memmem::find(&rest[1..], b"-->").map_or(rest.len(), |end| end + 1);
                continue;
            }
            let bare = rest.strip_prefix(b"/").unwrap_or(rest);
            let length = bare.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            if length == 0 {
                continue;
            }
            let (name, behind) = bare.split_at(length);
            let (bytes, attributes) = tag(behind);
            self.at += rest.len() - behind.len() + bytes;
            self.add(name, attributes)?;
            if bare.len() == rest.len() && is_among(RAW_TEXT, name) {
                self.at += end_tag(&html[self.at..], name);
            }
        }
        Ok(())
    }
}

fn is_among(names: &[&str], name: &[u8]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a page has too many, if it is read at once and piece by piece.
    fn is_refused(html: &str) -> bool {
        let at_once = Attributes::default().read(html.as_bytes(), 0, html.len()).is_err();
        let mut attributes = Attributes::default();
        let mut pieces = 0..html.len();
        let by_piece = pieces.any(|at| attributes.read(html.as_bytes(), at, at + 1).is_err());
        assert_eq!(at_once, by_piece, "{html}");
        at_once
    }

    #[test]
    fn attributes_are_counted_in_tags_only() {
        let few = r#"class='a > b' id = x hidden data-x="1" "#.repeat(100);
        let many = r#"class='a > b' id = x hidden data-x="1" "#.repeat(200);
        for (html, refused) in [
            (format!("<p {few}>"), false),
            (format!("<p {many}>"), true),
            (format!("<p><!-- {few} --></p><div {many}/>"), true),
            (format!("</p {many}>"), true),
            (format!("<body {few}><body {few}>"), true),
            (format!("<p {few}><p {few}>"), false),
            (format!("<script>if (a<b {many}) </script>"), false),
            (format!("<!-- <p {many}> -->"), false),
            (format!("<!--><p {many}> -->"), true),
            (format!("a < b {many}"), false),
        ] {
            assert_eq!(is_refused(&html), refused, "{html}");
        }
    }
}
