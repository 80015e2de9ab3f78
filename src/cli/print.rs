//! How quotes look to a reader.

use std::io::{self, Write};

use crate::domain::quote::Quote;
use crate::domain::speaker::Speaker;

/// The widest that text is set: longer lines are hard to read.
const MAX_WIDTH: usize = 100;

/// Columns to set text in: the terminal's, 80 if there is none.
#[must_use]
pub fn width() -> usize {
    let columns =
        console::Term::stdout().size_checked().map_or(80, |(_, columns)| usize::from(columns));
    columns.min(MAX_WIDTH)
}

/// `text` in one line without control characters: a page must not steer the reader's terminal.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// "1 quote", "2 quotes".
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A message set in lines of `width`, its later lines set in; addresses stay whole, so that they can
/// be copied. Control characters become spaces.
#[must_use]
pub fn message(text: &str, width: usize) -> String {
    let options = textwrap::Options::new(width)
        .subsequent_indent("    ")
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(&printable(text), options)
}

/// Hands `work` a place to report problems to, and writes each as a [`message`] as it comes.
///
/// # Errors
/// What `work` gives, else what writing to `out` gives.
pub fn problems<T, E: From<io::Error>>(
    out: &mut dyn Write,
    work: impl FnOnce(&mut dyn FnMut(&str)) -> Result<T, E>,
) -> Result<T, E> {
    let mut written = Ok(());
    let found = work(&mut |problem| {
        if written.is_ok() {
            written = writeln!(out, "{}", message(problem, width()));
        }
    })?;
    written?;
    Ok(found)
}

/// A quote as a quotation: its words, then who said them.
#[must_use]
pub fn quotation(quote: &Quote, width: usize) -> String {
    let words = textwrap::fill(
        &printable(&quote.printed_words()),
        textwrap::Options::new(width).initial_indent("  ").subsequent_indent("  "),
    );
    let who = textwrap::fill(
        &format!("— {} · {}", attribution(quote.speaker.as_ref()), quote.kind.as_str()),
        textwrap::Options::new(width).initial_indent("    ").subsequent_indent("      "),
    );
    format!("{words}\n{who}\n")
}

/// Name, role and affiliation in one line, fit to print; "speaker not stated" if there is none.
#[must_use]
pub fn attribution(speaker: Option<&Speaker>) -> String {
    speaker.map_or("speaker not stated".to_owned(), |speaker| printable(&speaker.in_full()))
}
