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
    let (open, close) = if quote.verbatim.is_empty() { ("", "") } else { ("“", "”") };
    let words = format!("{open}{}{close}", printable(&quote.text));
    let words = textwrap::fill(
        &words,
        textwrap::Options::new(width).initial_indent("  ").subsequent_indent("  "),
    );
    let who = textwrap::fill(
        &format!("— {} · {}", attribution(quote.speaker.as_ref()), quote.kind.as_str()),
        textwrap::Options::new(width).initial_indent("    ").subsequent_indent("      "),
    );
    format!("{words}\n{who}\n")
}

/// Name, role and affiliation in one line, fit to print; "speaker not stated" if there is none. An
/// unnamed speaker goes by a description, which may be all the role there is: that is said once.
#[must_use]
pub fn attribution(speaker: Option<&Speaker>) -> String {
    let Some(speaker) = speaker else { return "speaker not stated".to_owned() };
    let mut line = speaker.name.clone();
    let parts = [&speaker.role, &speaker.affiliation].into_iter().flatten();
    for part in parts.filter(|part| !part.eq_ignore_ascii_case(&speaker.name)) {
        line.push_str(", ");
        line.push_str(part);
    }
    printable(&line)
}
