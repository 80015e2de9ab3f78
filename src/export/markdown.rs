//! Markdown (CommonMark), ready to cite: a block quotation each; below it speaker, article, the day
//! of access, and where the words can be verified.

use std::io::{self, Write};

use super::whereabouts;
use crate::domain::record::QuoteRecord;

/// The document's heading.
pub(super) fn begin(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"# Quotes\n")
}

/// A quote.
pub(super) fn item(out: &mut dyn Write, record: &QuoteRecord) -> io::Result<()> {
    let (quote, article) = (&record.quote, &record.article);
    write!(out, "\n> {}\n>\n> — ", escaped(&quote.printed_words()))?;
    match &quote.speaker {
        None => write!(out, "speaker not stated")?,
        Some(speaker) => {
            write!(out, "**{}**", escaped(&speaker.name))?;
            for part in speaker.standing() {
                write!(out, ", {}", escaped(part))?;
            }
        }
    }
    let title = article.title.as_deref().unwrap_or(&article.url);
    write!(out, "\n\n[{}](<{}>), ", escaped(title), address(&article.url))?;
    write!(out, "*{}*", escaped(&article.outlet))?;
    if let Some(published) = &article.published {
        write!(out, ", {}", day(published.as_str()))?;
    }
    writeln!(
        out,
        ", accessed {}. {}{}.",
        day(&article.fetched),
        quote.kind.as_str(),
        standing(record)
    )?;
    writeln!(out, "{}", escaped(&whereabouts(record)))
}

/// The day that a date begins with.
fn day(date: &str) -> &str {
    date.get(..10).unwrap_or(date)
}

fn standing(record: &QuoteRecord) -> &'static str {
    match (record.revised, record.current) {
        (_, false) => ", no longer in the article",
        (true, true) => ", revised",
        (false, true) => "",
    }
}

/// `text` in one line, with a backslash before what Markdown or HTML would read as its own, also
/// where it begins a line: a list, a rule.
fn escaped(text: &str) -> String {
    let text = text.trim();
    let mut escaped = String::with_capacity(text.len());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (place, c) in text.char_indices() {
        match c {
            c if c.is_control() => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '&' | '|' | '~' | '!' | '$' => {
                escaped.extend(['\\', c]);
            }
            '-' | '+' | '=' if place == 0 => escaped.extend(['\\', c]),
            '.' | ')' if place == digits => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A URL as it may stand between `<` and `>`.
fn address(url: &str) -> String {
    url.replace('<', "%3C").replace('>', "%3E").replace(char::is_control, "")
}
