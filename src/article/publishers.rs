//! Site rules: what the general rules can't know of one outlet's pages.
//!
//! Host → the outlet's stanza of `publishers.toml`; stanza and page → elements marked as what they
//! are. Refuses to be a language: an element is named by tag, classes, id and attributes, and nothing
//! is rewritten.

use std::sync::LazyLock;

use serde::Deserialize;

use super::dom::Page;
use super::furniture::Signs;
use crate::domain::address;

/// One outlet's rules. What a key means stands at the head of `publishers.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    hosts: Vec<String>,
    #[serde(default)]
    drop: Vec<Shape>,
    body: Option<Shape>,
    byline: Option<Shape>,
    published: Option<Shape>,
    // The stanza's own proof, for the tests.
    #[cfg_attr(not(test), allow(dead_code, reason = "the reason is for who reads the stanza"))]
    why: String,
    #[cfg_attr(not(test), allow(dead_code, reason = "the tests run it"))]
    example: String,
    #[cfg_attr(not(test), allow(dead_code, reason = "the tests compare it"))]
    text: Vec<String>,
    #[cfg_attr(not(test), allow(dead_code, reason = "the tests compare it"))]
    named: Option<Vec<String>>,
    #[cfg_attr(not(test), allow(dead_code, reason = "the tests compare it"))]
    date: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    publisher: Vec<Publisher>,
}

/// The table; a test holds that it can be read.
static PUBLISHERS: LazyLock<Vec<Publisher>> = LazyLock::new(|| {
    toml::from_str::<Table>(include_str!("publishers.toml"))
        .map(|table| table.publisher)
        .unwrap_or_default()
});

/// The rules for pages of `host`, if it has any.
#[must_use]
pub fn of(host: &str) -> Option<&'static Publisher> {
    let host = address::site(host);
    PUBLISHERS.iter().find(|publisher| {
        publisher.hosts.iter().any(|known| {
            let before = host.strip_suffix(known.as_str());
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
    })
}

impl Publisher {
    /// Marks what the stanza names.
    pub fn mark(&self, page: &Page<'_>, signs: &mut [Signs]) {
        for (index, _) in page.elements() {
            if self.drop.iter().any(|shape| shape.fits(page, index)) {
                signs[index].unseen = true;
            }
            signs[index].body |= self.body.as_ref().is_some_and(|shape| shape.fits(page, index));
        }
    }

    /// The bylines as printed.
    #[must_use]
    pub fn bylines(&self, page: &Page<'_>) -> Vec<String> {
        let Some(shape) = &self.byline else { return Vec::new() };
        let printed = page.elements().filter(|(index, _)| shape.fits(page, *index));
        printed.map(|(index, _)| page.text(index)).collect()
    }

    /// What the page states as its date.
    #[must_use]
    pub fn published(&self, page: &Page<'_>) -> Option<String> {
        let shape = self.published.as_ref()?;
        let (index, element) = page.elements().find(|(index, _)| shape.fits(page, *index))?;
        let stated = element.attr("content").or_else(|| element.attr("datetime"));
        Some(stated.map_or_else(|| page.text(index), str::to_owned))
    }
}

/// What an element looks like.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Shape {
    /// Empty for any.
    tag: String,
    classes: Vec<String>,
    attributes: Vec<(String, String)>,
}

impl Shape {
    fn fits(&self, page: &Page<'_>, index: usize) -> bool {
        let Some(element) = page.element(index) else { return false };
        let has_class = |wanted: &String| {
            let classes = element.attr("class").unwrap_or_default();
            classes.split_ascii_whitespace().any(|class| class == wanted)
        };
        (self.tag.is_empty() || element.name() == self.tag)
            && self.classes.iter().all(has_class)
            && self.attributes.iter().all(|(name, value)| element.attr(name) == Some(value))
    }
}

impl TryFrom<String> for Shape {
    type Error = String;

    /// "p.note#first[lang=en]" as it is written.
    fn try_from(written: String) -> Result<Self, String> {
        let wrong =
            || format!("{written:?} describes no element; write tag.class#id[attribute=value]");
        let start = written.find(['.', '#', '[']).unwrap_or(written.len());
        let mut shape =
            Self { tag: written[..start].to_owned(), classes: Vec::new(), attributes: Vec::new() };
        let mut rest = &written[start..];
        while let Some(sign) = rest.chars().next() {
            let body = &rest[1..];
            if sign == '[' {
                let (inside, after) = body.split_once(']').ok_or_else(wrong)?;
                let (name, value) = inside.split_once('=').ok_or_else(wrong)?;
                shape.attributes.push((name.to_owned(), value.to_owned()));
                rest = after;
            } else {
                let end = body.find(['.', '#', '[']).unwrap_or(body.len());
                let name = body[..end].to_owned();
                match sign {
                    '.' => shape.classes.push(name),
                    _ => shape.attributes.push(("id".to_owned(), name)),
                }
                rest = &body[end..];
            }
        }
        let named = shape.classes.iter().chain(shape.attributes.iter().map(|(name, _)| name));
        let whole = written.contains(|char: char| char.is_ascii_alphanumeric())
            && !written.contains(' ')
            && named.into_iter().all(|name| !name.is_empty());
        if whole { Ok(shape) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::super::from_html;
    use super::*;
    use crate::domain::date::PageDate;

    #[test]
    fn every_stanza_proves_itself_and_is_needed() {
        let table: Table = toml::from_str(include_str!("publishers.toml")).unwrap();
        assert!(!table.publisher.is_empty());
        for publisher in &table.publisher {
            let read = |host: &str| {
                let url = Url::parse(&format!("https://{host}/tides")).unwrap();
                let article = from_html(&publisher.example, Some(&url)).unwrap();
                let text: Vec<String> = article.text.split("\n\n").map(str::to_owned).collect();
                let date = article.published.as_ref().map(PageDate::as_str).map(str::to_owned);
                (text, article.byline, date)
            };
            assert!(!publisher.why.is_empty());
            for host in &publisher.hosts {
                let (text, byline, date) = read(host);
                assert_eq!(text, publisher.text, "{host}");
                assert!(
                    publisher.named.as_ref().is_none_or(|named| *named == byline),
                    "{host}: {byline:?}"
                );
                assert!(publisher.date.is_none() || publisher.date == date, "{host}: {date:?}");
                assert_ne!(read(&format!("www.{host}.example")), (text, byline, date), "{host}");
            }
        }
    }

    #[test]
    fn a_host_is_known_with_all_its_views_and_no_other() {
        assert!(of("restofworld.org").is_some());
        assert!(of("www.restofworld.org").is_some());
        assert!(of("notrestofworld.org").is_none());
        assert!(of("restofworld.org.example").is_none());
    }

    #[test]
    fn shapes_are_tag_classes_id_and_attributes() {
        let shape = Shape::try_from("p.note.first#a[lang=en]".to_owned()).unwrap();
        assert_eq!(shape.tag, "p");
        assert_eq!(shape.classes, ["note", "first"]);
        assert_eq!(shape.attributes.len(), 2);
        for wrong in ["", ".", "p .note", "[lang]", "[lang=en", "p.#a"] {
            assert!(Shape::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
