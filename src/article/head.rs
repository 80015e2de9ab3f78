//! Headline and byline as old pages print them: in large or bold letters above the first prose, with
//! nothing in the markup that says so.
//!
//! [`Page`] → [`Head`]. Only for pages that state neither in metadata or headings. Refuses to take a
//! line of a few words for a headline: mastheads and sections are printed large too.

use super::dom::{Content, Page, push_collapsed};
use super::furniture::Signs;

/// A longer run of text outside links is the article's first prose.
const PROSE_CHARS: usize = 100;
/// A line of fewer words is a masthead, a section or a button.
const HEADLINE_WORDS: usize = 4;
/// A longer line is a summary.
const HEADLINE_CHARS: usize = 200;
/// Old pages put the size some elements above the text.
const SIZE_WITHIN_ELEMENTS: usize = 6;
/// Text in letters of this size is plain.
const PLAIN_SIZE: u8 = 3;

/// What stands above the first prose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The line in the largest letters; of several the last.
    pub headline: Option<String>,
    /// The line that begins "By".
    pub byline: Option<String>,
}

/// A printed line.
struct Line {
    text: String,
    /// Of its largest letters, as `<font size>` counts: 1 to 7.
    size: u8,
    linked: bool,
}

/// Reads the lines above the first prose.
#[must_use]
pub fn of(page: &Page<'_>, signs: &[Signs]) -> Head {
    let lines = lines(page, signs);
    let mut headline: Option<&Line> = None;
    for line in &lines {
        let is_headline = !line.linked
            && line.size > PLAIN_SIZE
            && line.text.split_whitespace().count() >= HEADLINE_WORDS
            && line.text.chars().count() <= HEADLINE_CHARS
            && !is_byline(&line.text);
        if is_headline && headline.is_none_or(|largest| line.size >= largest.size) {
            headline = Some(line);
        }
    }
    let byline = lines.iter().find(|line| is_byline(&line.text));
    Head {
        headline: headline.map(|line| line.text.clone()),
        byline: byline.map(|line| line.text.clone()),
    }
}

/// True for "By" and a name.
fn is_byline(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next().is_some_and(|by| by.eq_ignore_ascii_case("by"))
        && words.next().is_some_and(|name| name.starts_with(char::is_uppercase))
        && !line.ends_with('.')
}

fn lines(page: &Page<'_>, signs: &[Signs]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line { text: String::new(), size: 0, linked: true };
    let mut index = 0;
    while index < page.nodes.len() {
        match page.nodes[index].content {
            Content::Element(_) if signs[index].unseen => {
                index = page.nodes[index].end;
                continue;
            }
            Content::Element(element) if element.is_block() => end(&mut line, &mut lines),
            Content::Element(_) => {}
            Content::Text(text) => {
                let around = || page.ancestors(index).take(SIZE_WITHIN_ELEMENTS);
                let linked = around().any(|it| page.tag(it) == "a");
                if !text.trim().is_empty() {
                    line.size = line.size.max(around().map(|it| size(page, it)).max().unwrap_or(0));
                    line.linked &= linked;
                }
                push_collapsed(&mut line.text, text);
                if !linked && line.size <= PLAIN_SIZE && line.text.chars().count() >= PROSE_CHARS {
                    return lines;
                }
            }
        }
        index += 1;
    }
    end(&mut line, &mut lines);
    lines
}

fn end(line: &mut Line, lines: &mut Vec<Line>) {
    line.text.truncate(line.text.trim_end().len());
    let ended = std::mem::replace(line, Line { text: String::new(), size: 0, linked: true });
    if !ended.text.is_empty() {
        lines.push(ended);
    }
}

/// The size of an element's letters, as `<font size>` counts; bold ones count as a little larger.
fn size(page: &Page<'_>, index: usize) -> u8 {
    let Some(element) = page.element(index) else { return 0 };
    match element.name() {
        "font" => {
            let stated = element.attr("size").map_or("", str::trim);
            match stated.parse::<i8>() {
                Ok(size) if stated.starts_with(['+', '-']) => {
                    PLAIN_SIZE.saturating_add_signed(size).min(7)
                }
                Ok(size) => u8::try_from(size).unwrap_or(0).min(7),
                Err(_) => 0,
            }
        }
        "h2" => 6,
        "h3" | "big" => 5,
        "b" | "strong" | "h4" => PLAIN_SIZE + 1,
        _ => 0,
    }
}
