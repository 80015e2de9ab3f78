//! Atom (RFC 4287): an entry for each quote, to be followed in a feed reader.

use std::borrow::Cow;
use std::io::{self, Write};

use jiff::Timestamp;
use quick_xml::escape::escape;

use super::{Heading, iri, reservations, whereabouts};
use crate::domain::date::PageDate;
use crate::domain::record::QuoteRecord;
use crate::domain::speaker::Speaker;

/// Characters of a quote in an entry's title.
const TITLE: usize = 80;
/// What tells an entry's categories that say what became of the quote from its topics.
const STATES: &str = "urn:onrecord:states";
/// When a feed without quotes changed: never.
const NEVER: &str = "1970-01-01T00:00:00Z";

/// The beginning of the feed, up to its entries.
pub(super) fn begin(out: &mut dyn Write, heading: &Heading) -> io::Result<()> {
    out.write_all(
        br#"<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
"#,
    )?;
    element(out, "id", &heading.id)?;
    element(out, "title", &heading.title)?;
    if let Some(address) = &heading.address {
        writeln!(out, "<link rel=\"self\" href=\"{}\"/>", escape(clean(address)))?;
    }
    writeln!(out, "<author><name>onrecord</name></author>")
}

/// The end of the feed, which changed when the last of its quotes did.
pub(super) fn end(out: &mut dyn Write, newest: &str) -> io::Result<()> {
    let updated = if newest.is_empty() { NEVER } else { newest };
    writeln!(out, "<updated>{updated}</updated>\n</feed>")
}

/// A quote's entry.
pub(super) fn entry(out: &mut dyn Write, record: &QuoteRecord) -> io::Result<()> {
    let (quote, article) = (&record.quote, &record.article);
    let speaker = quote.speaker.as_ref();
    let name = speaker.map_or("Speaker not stated", |speaker| &speaker.name);
    let words = clean(&quote.text);
    let mut short: String = words.chars().take(TITLE).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    writeln!(out, "<entry>")?;
    element(out, "id", &iri(record))?;
    let states = record.states();
    let standing =
        if states.is_empty() { String::new() } else { format!(" [{}]", states.join(", ")) };
    element(out, "title", &format!("{name}: {short}{standing}"))?;
    element(out, "updated", record.updated())?;
    // Atom wants a moment with a zone; a date that the page states without one stands in the text.
    let published = article.published.as_ref().map(PageDate::as_str);
    if let Some(moment) = published.filter(|date| date.parse::<Timestamp>().is_ok()) {
        element(out, "published", moment)?;
    }
    writeln!(out, "<link rel=\"alternate\" href=\"{}\"/>", escape(clean(&article.url)))?;
    if let Some(words) = reservations(record, ", ") {
        element(out, "rights", &format!("Its publisher asks: {words}"))?;
    }
    for topic in &article.topics {
        writeln!(out, "<category term=\"{}\"/>", escape(clean(topic)))?;
    }
    for state in &states {
        writeln!(out, "<category scheme=\"{STATES}\" term=\"{}\"/>", escape(*state))?;
    }
    let who = speaker.map_or(name.to_owned(), Speaker::in_full);
    let place: Vec<&str> = [article.title.as_deref(), Some(&article.outlet), published]
        .into_iter()
        .flatten()
        .collect();
    let html = format!(
        "{}<blockquote>{}</blockquote><p>— {}</p><p>{}</p><p>{}</p>",
        if states.is_empty() {
            String::new()
        } else {
            format!("<p><strong>{}</strong></p>", states.join(", "))
        },
        escape(words),
        escape(clean(&who)),
        escape(clean(&place.join(", "))),
        escape(clean(&whereabouts(record)))
    );
    writeln!(out, "<content type=\"html\">{}</content>\n</entry>", escape(html))
}

fn element(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "<{name}>{}</{name}>", escape(clean(text)))
}

/// `text` without the characters that XML 1.0 can't hold.
fn clean(text: &str) -> Cow<'_, str> {
    let forbidden = |c: char| {
        c.is_control() && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if text.contains(forbidden) { text.replace(forbidden, " ").into() } else { text.into() }
}
