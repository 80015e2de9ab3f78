//! Mistakes and where they are: offsets in the text → file, line, column and a caret.

use std::fmt;
use std::ops::Range;

/// More mistakes than anybody mends in one go are counted, not shown.
const MAX_SHOWN: usize = 50;
/// A hint that would pass this column stands on a line of its own.
const MAX_WIDTH: usize = 80;
/// Columns of a line that are shown: the message stays readable in a narrow terminal.
const MAX_EXCERPT: usize = 72;
/// Columns shown before the caret where a line is too long to be shown whole.
const BEFORE_CARET: usize = 24;

/// Something wrong at a stretch of the text, before it is put into lines.
#[derive(Debug)]
pub struct Fault {
    /// Byte offsets of the place; `None` if it is what's not there.
    pub span: Option<Range<usize>>,
    /// What is wrong.
    pub what: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

/// One mistake in a configuration file, and where it is. Printed, it has the file, the line, the
/// column, the line itself, a caret under the place, and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it; may be empty.
    pub hint: String,
    /// Where it is; `None` if it is what's not there.
    pub place: Option<Place>,
}

/// A stretch of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The first column, in characters from 1.
    pub column: usize,
    excerpt: String,
    indent: usize,
    width: usize,
}

/// Every mistake of one file, in the file's order; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes {
    /// The file.
    pub file: String,
    /// The mistakes; where there are very many, the first of them.
    pub mistakes: Vec<Mistake>,
    /// How many there are in all.
    pub total: usize,
}

impl std::error::Error for Mistakes {}

/// A named text that knows its lines.
#[derive(Debug)]
pub struct Source<'a> {
    name: &'a str,
    /// The text.
    pub text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Source<'a> {
    /// The text, called `name` in messages.
    pub fn new(name: &'a str, text: &'a str) -> Self {
        let starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name, text, starts }
    }

    /// The line that the byte at `offset` is in, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The faults as an error; `None` if there are none.
    pub fn mistakes(&self, faults: Vec<Fault>) -> Option<Mistakes> {
        let total = faults.len();
        let mistakes = self.located(faults);
        (total > 0).then(|| Mistakes { file: self.name.to_owned(), mistakes, total })
    }

    /// The first faults in the text's order, each with its place.
    pub fn located(&self, mut faults: Vec<Fault>) -> Vec<Mistake> {
        faults.sort_by_key(|fault| fault.span.as_ref().map(|span| span.start));
        faults
            .into_iter()
            .take(MAX_SHOWN)
            .map(|fault| Mistake {
                file: self.name.to_owned(),
                what: fault.what,
                hint: fault.hint,
                place: fault.span.map(|span| self.place(&span)),
            })
            .collect()
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let line = self.line(span.start);
        let start = self.starts[line - 1];
        let end = self.starts.get(line).map_or(self.text.len(), |next| next - 1);
        let whole = self.text[start..end].trim_end_matches('\r');
        let before = characters(whole, span.start.saturating_sub(start));
        let through = characters(whole, span.end.saturating_sub(start)).max(before + 1);
        let cut = if whole.chars().count() > MAX_EXCERPT {
            before.saturating_sub(BEFORE_CARET)
        } else {
            0
        };
        let excerpt: String = whole.chars().skip(cut).take(MAX_EXCERPT).map(printable).collect();
        let columns = |from: usize, to: usize| {
            let part: String = excerpt.chars().skip(from - cut).take(to - from).collect();
            console::measure_text_width(&part)
        };
        let (indent, width) = (columns(cut, before), columns(before, through).max(1));
        Place { line, column: before + 1, excerpt, indent, width }
    }
}

/// How many characters of `line` begin before the byte at `offset`.
fn characters(line: &str, offset: usize) -> usize {
    line.char_indices().take_while(|(at, _)| *at < offset).count()
}

/// Tabs as one column, so that the caret stays in place; nothing that a terminal would obey.
fn printable(character: char) -> char {
    match character {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

/// A value as messages print it: on one line, cut, without anything that a terminal would obey.
pub fn quoted(value: &str) -> String {
    /// Enough to recognise a value by.
    const MAX_QUOTED: usize = 60;
    let mut text: String = value.chars().take(MAX_QUOTED).map(printable).collect();
    if value.chars().nth(MAX_QUOTED).is_some() {
        text.push('…');
    }
    format!("`{text}`")
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(place) = &self.place else {
            write!(f, "{}: {}", self.file, self.what)?;
            return if self.hint.is_empty() {
                Ok(())
            } else {
                write!(f, "\n      = {}", self.hint)
            };
        };
        writeln!(f, "{}:{}:{}: {}", self.file, place.line, place.column, self.what)?;
        writeln!(f, "{:>5} | {}", place.line, place.excerpt)?;
        let caret = format!("      | {:1$}{2}", "", place.indent, "^".repeat(place.width));
        let beside =
            console::measure_text_width(&caret) + 1 + console::measure_text_width(&self.hint);
        match self.hint.as_str() {
            "" => f.write_str(&caret),
            hint if beside <= MAX_WIDTH => write!(f, "{caret} {hint}"),
            hint => write!(f, "{caret}\n      = {hint}"),
        }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.total == 1 { "mistake" } else { "mistakes" };
        write!(f, "{} {noun} in {}", self.total, self.file)?;
        for mistake in &self.mistakes {
            write!(f, "\n\n{mistake}")?;
        }
        match self.total - self.mistakes.len() {
            0 => Ok(()),
            more => write!(f, "\n\nand {more} more"),
        }
    }
}
