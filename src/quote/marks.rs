//! Quotation marks → verbatim spans.
//!
//! Text → the outermost quoted stretches, in order, each exact to the byte. Pairing starts afresh in
//! every paragraph (line), so a mark that is never closed can't swallow the page; a quotation that
//! is open at a paragraph's end goes on only if the next paragraph opens with a mark again. Apostrophes,
//! decades ('90s), inches and plural possessives are no marks. Refuses to say who speaks.

/// A stretch between two outermost quotation marks. Byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verbatim {
    /// Where the opening mark starts; equals `start` if it was never opened.
    pub open: usize,
    /// First byte inside the marks.
    pub start: usize,
    /// One past the last byte inside.
    pub end: usize,
    /// One past the closing mark; equals `end` if it was never closed.
    pub close: usize,
    /// True where a quotation left open goes on in the next verbatim span (the next paragraph).
    pub continues: bool,
    /// True where a mark of the pair is missing and the quotation does not go on either.
    pub broken: bool,
}

/// How far ahead pairing looks, in marks: enough for real sentences, and keeps the pass linear.
const LOOK_AHEAD: usize = 24;

/// A mark so many times on end is a line drawn, no quotation: the rules need not look at each.
pub const DRAWN: usize = 8;

/// Bytes of news to a quotation, about: room made at once spares copies.
const QUOTED_PER: usize = 128;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// “ ” „ and mojibake of them
    Curly,
    /// " and `` ''
    Straight,
    /// « » ‹ ›
    Guillemet,
    /// 「 」 『 』
    Corner,
    /// ‘ ’ ‚
    CurlySingle,
    /// '
    StraightSingle,
}

impl Style {
    fn is_single(self) -> bool {
        matches!(self, Self::CurlySingle | Self::StraightSingle)
    }
}

/// One mark as written, and what its neighbours allow it to be.
#[derive(Debug, Clone, Copy)]
struct Mark {
    start: usize,
    end: usize,
    style: Style,
    opens: bool,
    closes: bool,
    /// After an s and before a space: may be a plural possessive.
    possessive: bool,
    /// A straight mark with a space on each side.
    lone: bool,
}

/// The outermost quoted stretches of `text`, in order.
#[must_use]
pub fn find(text: &str) -> Vec<Verbatim> {
    let mut found = Vec::with_capacity(text.len() / QUOTED_PER);
    let mut marks = Vec::with_capacity(LOOK_AHEAD);
    // The quotation that the last line with words left open.
    let mut pending: Option<usize> = None;
    let bytes = text.as_bytes();
    let rare = RARE.iter().any(|&(byte, marks)| {
        memchr::memchr_iter(byte, bytes)
            .any(|at| marks.iter().any(|mark| bytes[at..].starts_with(mark.as_bytes())))
    });
    let mut ahead = Ahead { bytes, rare, next: next_mark(bytes, rare).unwrap_or(bytes.len()) };
    // One past the last line that was read.
    let mut read = 0;
    while ahead.next < bytes.len() {
        // Most lines have no mark, so that a line is sought around a mark.
        let mark = ahead.next;
        let from =
            memchr::memrchr2(b'\n', b'\r', &bytes[read..mark]).map_or(read, |at| read + at + 1);
        let to = memchr::memchr2(b'\n', b'\r', &bytes[mark..]).map_or(bytes.len(), |at| mark + at);
        pending = pending.filter(|_| text[read..from].trim_start().is_empty());
        marks.clear();
        scan(text, from, to, &mut ahead, &mut marks);
        let before = found.len();
        pair(text, from, to, &marks, &mut found);
        if let Some(open) = pending
            && !text[from..to].trim().is_empty()
        {
            let reopens = found.get(before).is_some_and(|next: &Verbatim| {
                next.open < next.start && text[from..next.open].trim().is_empty()
            });
            let left: &mut Verbatim = &mut found[open];
            left.continues = reopens;
            left.broken = !reopens;
            pending = None;
        }
        if let Some(last) = found[before..].last()
            && last.broken
            && last.open < last.start
            && last.close == to
        {
            pending = Some(found.len() - 1);
        }
        read = to;
    }
    found
}

/// Words that begin with an apostrophe, which an opening single mark must not be taken for.
const ELISIONS: [&str; 14] = [
    "em", "til", "cause", "bout", "tis", "twas", "n", "round", "neath", "gainst", "cuz", "fraid",
    "sup", "nuff",
];

fn scan(text: &str, from: usize, to: usize, ahead: &mut Ahead<'_>, marks: &mut Vec<Mark>) {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at = ahead.from(at);
        if at >= to {
            return;
        }
        let Some((style, width, turned)) = mark_at(bytes, at, to) else {
            at += 1;
            continue;
        };
        let end = at + width;
        // It's, don’t: most single marks stand within a word, where none opens or closes.
        let within = style.is_single()
            && at > from
            && bytes[at - 1].is_ascii_alphanumeric()
            && bytes[at..to].get(width).is_some_and(u8::is_ascii_alphanumeric);
        if within {
            at = end;
            continue;
        }
        // Most marks stand alone.
        if bytes.get(end) == Some(&bytes[at]) {
            let same = |b: &&[u8]| *b == &bytes[at..end];
            let run = bytes[at..to].chunks_exact(width).take_while(same).count();
            if run >= DRAWN {
                at += run * width;
                continue;
            }
        }
        let previous = text[from..at].chars().next_back();
        let next = text[end..to].chars().next();
        let free_left = previous.is_none_or(|c| {
            c.is_whitespace()
                || matches!(
                    c,
                    '(' | '['
                        | '{'
                        | '—'
                        | '–'
                        | '-'
                        | '/'
                        | ':'
                        | '“'
                        | '"'
                        | '‘'
                        | '«'
                        | '…'
                        | '¿'
                        | '¡'
                )
        });
        let free_right = next.is_none_or(|c| {
            c.is_whitespace()
                || matches!(
                    c,
                    ',' | '.'
                        | ';'
                        | ':'
                        | '!'
                        | '?'
                        | ')'
                        | ']'
                        | '}'
                        | '—'
                        | '–'
                        | '-'
                        | '…'
                        | '”'
                        | '"'
                        | '’'
                        | '»'
                        | '\''
                )
        });
        let spaced_right = next.is_none_or(char::is_whitespace);
        let mut mark = Mark {
            start: at,
            end,
            style,
            opens: false,
            closes: false,
            possessive: false,
            lone: false,
        };
        match (style, turned) {
            (Style::Straight, _) => {
                let inches = previous.is_some_and(|c| c.is_ascii_digit()) && width == 1;
                mark.opens = !spaced_right && (free_left || !free_right) && !inches;
                mark.lone = width == 1 && next == Some(' ') && previous == Some(' ');
                mark.closes = !free_left
                    || spaced_right
                    || !mark.opens
                    || previous
                        .is_some_and(|c| matches!(c, '—' | '–' | '-' | '…' | '’' | ':' | '‘'));
            }
            (Style::Curly | Style::Guillemet | Style::Corner, Turn::Open) => {
                mark.closes = !free_left && free_right;
                mark.opens = !mark.closes;
            }
            (Style::Curly | Style::Guillemet | Style::Corner, _) => {
                // « Oui », said: a space stands before the closing mark in French.
                let spaced = style == Style::Guillemet && free_right;
                mark.opens = free_left
                    && !spaced_right
                    && !spaced
                    && previous.is_none_or(char::is_whitespace);
                mark.closes = true;
            }
            (Style::CurlySingle | Style::StraightSingle, _) => {
                let word = text[end..to].split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
                let elided = word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with('s')
                    || ELISIONS.iter().any(|e| e.eq_ignore_ascii_case(word));
                mark.opens = turned != Turn::Close
                    && free_left
                    && previous != Some('-')
                    && next.is_some_and(|c| {
                        c.is_alphanumeric() || matches!(c, '[' | '“' | '"' | '$' | '£' | '…')
                    })
                    && !elided;
                mark.closes = turned != Turn::Open
                    && previous.is_some_and(|c| !c.is_whitespace())
                    && next.is_none_or(|c| !c.is_alphanumeric());
                mark.possessive = previous.is_some_and(|c| matches!(c, 's' | 'S'))
                    && next == Some(' ')
                    && text[end + 1..to].starts_with(char::is_alphanumeric);
            }
        }
        if mark.opens || mark.closes {
            marks.push(mark);
        }
        at = end;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Open,
    Close,
    Either,
}

/// Marks that most texts are without, by their first byte, which letters with accents share.
const RARE: [(u8, &[&str]); 5] = [
    (b'`', &["`"]),
    (0xc2, &["«", "»"]),
    (0xc3, &["â€"]),
    (0xe3, &["「", "」", "『", "』"]),
    (0xef, &["\u{fffd}"]),
];

/// The next byte that a mark may begin with: most lines have none, and a search has its price.
struct Ahead<'a> {
    bytes: &'a [u8],
    /// One of [`RARE`] is in the text.
    rare: bool,
    next: usize,
}

impl Ahead<'_> {
    /// Where it stands at or behind `at`; the text's end if there is none.
    fn from(&mut self, at: usize) -> usize {
        if self.next < at {
            let rest = &self.bytes[at..];
            self.next = next_mark(rest, self.rare).map_or(self.bytes.len(), |ahead| at + ahead);
        }
        self.next
    }
}

/// Where the first byte stands that a mark may begin with. All but one in a hundred are passed over at
/// once, by the vector instructions of memchr where none of [`RARE`] is in the text.
fn next_mark(bytes: &[u8], rare: bool) -> Option<usize> {
    if rare {
        let begins = |byte: &u8| {
            matches!(byte, b'"' | b'\'' | 0xe2) || RARE.iter().any(|(first, _)| first == byte)
        };
        bytes.iter().position(begins)
    } else {
        memchr::memchr3(b'"', b'\'', 0xe2, bytes)
    }
}

/// The mark that starts at byte `at`: its style, its width in bytes and the way it is turned.
fn mark_at(bytes: &[u8], at: usize, to: usize) -> Option<(Style, usize, Turn)> {
    let rest = &bytes[at..to];
    match rest[0] {
        b'"' => Some((Style::Straight, 1, Turn::Either)),
        b'`' if rest.starts_with(b"``") => Some((Style::Straight, 2, Turn::Either)),
        b'`' => Some((Style::StraightSingle, 1, Turn::Open)),
        // ''He likes 'Fox,''' ends with a single mark, then a double one.
        b'\'' if rest.starts_with(b"'''") && at > 0 && !bytes[at - 1].is_ascii_whitespace() => {
            Some((Style::StraightSingle, 1, Turn::Close))
        }
        b'\'' if rest.starts_with(b"''") => Some((Style::Straight, 2, Turn::Either)),
        b'\'' => Some((Style::StraightSingle, 1, Turn::Either)),
        0xe2 => match rest {
            [_, 0x80, 0x9c | 0x9e | 0x9f, ..] => Some((Style::Curly, 3, Turn::Open)),
            [_, 0x80, 0x9d, ..] => Some((Style::Curly, 3, Turn::Close)),
            // ’’ and ‘‘ stand for double marks.
            [_, 0x80, 0x99, 0xe2, 0x80, 0x99, ..] => Some((Style::Curly, 6, Turn::Close)),
            [_, 0x80, 0x98, 0xe2, 0x80, 0x98, ..] => Some((Style::Curly, 6, Turn::Open)),
            // ‘ opens in English and closes in German: ‚so‘.
            [_, 0x80, 0x98, ..] => Some((Style::CurlySingle, 3, Turn::Either)),
            [_, 0x80, 0x9a, ..] => Some((Style::CurlySingle, 3, Turn::Open)),
            [_, 0x80, 0x99, ..] => Some((Style::CurlySingle, 3, Turn::Either)),
            [_, 0x80, 0xb9, ..] => Some((Style::Guillemet, 3, Turn::Open)),
            [_, 0x80, 0xba, ..] => Some((Style::Guillemet, 3, Turn::Close)),
            _ => None,
        },
        0xc2 => match rest {
            [_, 0xab, ..] => Some((Style::Guillemet, 2, Turn::Open)),
            [_, 0xbb, ..] => Some((Style::Guillemet, 2, Turn::Close)),
            _ => None,
        },
        // U+201C and U+201D read as windows-1252: â € œ and â € and a control character.
        0xc3 => match rest {
            [_, 0xa2, 0xe2, 0x82, 0xac, 0xc5, 0x93, ..] => Some((Style::Curly, 7, Turn::Open)),
            [_, 0xa2, 0xe2, 0x82, 0xac, 0xc2, 0x9d, ..] => Some((Style::Curly, 7, Turn::Close)),
            // The control character is often lost on the way.
            [_, 0xa2, 0xe2, 0x82, 0xac] | [_, 0xa2, 0xe2, 0x82, 0xac, b' ' | b',' | b'.', ..] => {
                Some((Style::Curly, 5, Turn::Close))
            }
            _ => None,
        },
        0xe3 => match rest {
            [_, 0x80, 0x8c | 0x8e, ..] => Some((Style::Corner, 3, Turn::Open)),
            [_, 0x80, 0x8d | 0x8f, ..] => Some((Style::Corner, 3, Turn::Close)),
            _ => None,
        },
        // What was a mark, an apostrophe or a letter: only a pair of them is taken for marks.
        0xef if rest.starts_with(b"\xef\xbf\xbd") => Some((Style::CurlySingle, 3, Turn::Either)),
        _ => None,
    }
}

/// The quotation that is open while marks are paired.
#[derive(Debug, Clone, Copy)]
struct Open {
    mark: Mark,
    /// Marks of the same or another style opened inside it.
    nested: usize,
    nested_style: Style,
}

fn pair(text: &str, from: usize, to: usize, marks: &[Mark], found: &mut Vec<Verbatim>) {
    let mut open: Option<Open> = None;
    let mut last_close = from;
    // A transcript's turns each begin with a mark before the name, and only the last one closes.
    let turn = marks
        .first()
        .is_some_and(|first| first.opens && is_turn(&text[from..to], first.end - from));
    let marks = if turn { &marks[1..] } else { marks };
    for (index, &mark) in marks.iter().enumerate() {
        let ahead = &marks[index + 1..marks.len().min(index + 1 + LOOK_AHEAD)];
        let Some(current) = &mut open else {
            let strayed = mark.lone && ahead.first().is_some_and(|next| next.closes && !next.opens);
            let reopens = || ahead.iter().all(|next| !next.closes) && is_reopened(text, mark, to);
            if mark.opens && (opens_a_quotation(mark, ahead) || reopens()) || strayed {
                open = Some(Open { mark, nested: 0, nested_style: mark.style });
            } else if mark.closes && !mark.style.is_single() && !is_inch(text, mark) && !turn {
                if let Some(start) = unopened_start(text, last_close, mark.start) {
                    found.push(Verbatim {
                        open: start,
                        start,
                        end: mark.start,
                        close: mark.end,
                        continues: false,
                        broken: true,
                    });
                }
                last_close = mark.end;
            }
            continue;
        };
        let outer = current.mark.style;
        if outer.is_single() {
            if mark.style.is_single() && mark.closes && !(mark.possessive && closes_later(ahead)) {
                found.push(closed(current.mark, mark));
                last_close = mark.end;
                open = None;
            }
            continue;
        }
        if mark.style.is_single() {
            continue;
        }
        if current.nested > 0 {
            if mark.style == current.nested_style && mark.closes && !prefers_opening(mark) {
                current.nested -= 1;
            } else if closes_outer(outer, mark) {
                found.push(closed(current.mark, mark));
                last_close = mark.end;
                open = None;
            }
        } else if closes_outer(outer, mark) && !prefers_opening(mark) {
            found.push(closed(current.mark, mark));
            last_close = mark.end;
            open = None;
        } else if mark.opens {
            let closers = ahead
                .iter()
                .take_while(|next| next.style.is_single() || !prefers_opening(**next))
                .filter(|next| !next.style.is_single() && next.closes)
                .count();
            if closers >= 2 || mark.style != outer && closers >= 1 {
                current.nested = 1;
                current.nested_style = mark.style;
            } else {
                // Opened again without closing: the first closing mark is missing.
                let end = from + text[from..mark.start].trim_end().len();
                if end > current.mark.end {
                    found.push(Verbatim {
                        open: current.mark.start,
                        start: current.mark.end,
                        end,
                        close: end,
                        continues: false,
                        broken: true,
                    });
                }
                last_close = end.max(last_close);
                open = Some(Open { mark, nested: 0, nested_style: mark.style });
            }
        } else if mark.closes && closes_outer(outer, mark) {
            found.push(closed(current.mark, mark));
            last_close = mark.end;
            open = None;
        }
    }
    if let Some(Open { mark, .. }) = open {
        let end = from + text[from..to].trim_end().len();
        if end > mark.end {
            found.push(Verbatim {
                open: mark.start,
                start: mark.end,
                end: to,
                close: to,
                continues: false,
                broken: true,
            });
        }
    }
}

/// True where a paragraph's leading mark stands before a turn of a transcript: “ORTIZ: We …, or
/// before a stage direction: “(CROSSTALK).
fn is_turn(paragraph: &str, at: usize) -> bool {
    /// Longest name of a transcript's turn, in bytes.
    const LONGEST_NAME: usize = 40;
    let rest = &paragraph.as_bytes()[at..];
    let name = rest
        .iter()
        .take(LONGEST_NAME)
        .take_while(|b| b.is_ascii_uppercase() || matches!(b, b' ' | b'.' | b'-' | b'\''))
        .count();
    name >= 3 && rest.get(name) == Some(&b':')
        || rest.starts_with(b"(")
            && rest.get(1..4).is_some_and(|w| w.iter().all(u8::is_ascii_uppercase))
}

fn closed(open: Mark, close: Mark) -> Verbatim {
    Verbatim {
        open: open.start,
        start: open.end,
        end: close.start,
        close: close.end,
        continues: false,
        broken: false,
    }
}

fn prefers_opening(mark: Mark) -> bool {
    mark.opens && (!mark.closes || mark.style != Style::Straight)
}

/// Curly and straight marks close each other: outlets mix them.
fn closes_outer(outer: Style, mark: Mark) -> bool {
    let alike = |style| matches!(style, Style::Curly | Style::Straight);
    mark.closes && (mark.style == outer || alike(outer) && alike(mark.style))
}

/// A single mark opens only if one that closes it follows before the next that opens.
fn opens_a_quotation(mark: Mark, ahead: &[Mark]) -> bool {
    if !mark.style.is_single() {
        return true;
    }
    for next in ahead.iter().filter(|next| next.style.is_single()) {
        if next.closes {
            return true;
        }
        if next.opens {
            return false;
        }
    }
    false
}

/// True where a single mark that the paragraph does not close stands before the next paragraph too: a
/// quotation of a paper that quotes in single marks goes on there.
fn is_reopened(text: &str, mark: Mark, to: usize) -> bool {
    /// Most bytes between two paragraphs.
    const GAP: usize = 16;
    let written = &text[mark.start..mark.end];
    let next = &text.as_bytes()[to..];
    let gap = next.iter().take(GAP).take_while(|b| b.is_ascii_whitespace()).count();
    let Some(after) = text[to + gap..].strip_prefix(written) else { return false };
    let word = after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    gap > 0
        && !word.is_empty()
        && !word.starts_with(|c: char| c.is_ascii_digit())
        && !ELISIONS.iter().any(|e| e.eq_ignore_ascii_case(word))
}

/// True where another single mark that surely closes follows before one opens.
fn closes_later(ahead: &[Mark]) -> bool {
    for next in ahead.iter().filter(|next| next.style.is_single()) {
        if next.opens {
            return false;
        }
        if next.closes && !next.possessive {
            return true;
        }
    }
    false
}

fn is_inch(text: &str, mark: Mark) -> bool {
    mark.style == Style::Straight && text[..mark.start].ends_with(|c: char| c.is_ascii_digit())
}

/// Where a quotation whose opening mark is missing begins: at the first sentence that starts after
/// the last quotation of the paragraph and its attribution, else at the paragraph's start.
fn unopened_start(text: &str, after: usize, end: usize) -> Option<usize> {
    let stretch = &text[after..end];
    let whole_paragraph = after == 0 || text[..after].ends_with(['\n', '\r']);
    let start = if whole_paragraph {
        after
    } else {
        let bytes = stretch.as_bytes();
        let stop = (1..bytes.len().saturating_sub(1)).find(|&at| {
            matches!(bytes[at], b'.' | b'!' | b'?')
                && bytes[at - 1].is_ascii_lowercase()
                && (bytes[at + 1].is_ascii_uppercase()
                    || bytes[at + 1] == b' '
                        && bytes.get(at + 2).is_some_and(u8::is_ascii_uppercase))
        })?;
        after + stop + 1
    };
    let trimmed = text[start..end].trim_start();
    let start = end - trimmed.len();
    (!trimmed.is_empty()).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::find;

    fn inside(text: &str) -> Vec<&str> {
        find(text).iter().map(|v| &text[v.start..v.end]).collect()
    }

    #[test]
    fn every_kind_of_mark_gives_exact_spans() {
        for text in [
            "“Sign it,” she said.",
            "\"Sign it,\" she said.",
            "``Sign it,'' she said.",
            "''Sign it,'' she said.",
            "«Sign it,» she said.",
            "»Sign it,« she said.",
            "‚Sign it,‘ she said.",
            "„Sign it,“ she said.",
            "”Sign it,” she said.",
            "‘Sign it,’ she said.",
            "'Sign it,' she said.",
            "「Sign it,」 she said.",
            "â€œSign it,â€\u{9d} she said.",
        ] {
            assert_eq!(inside(text), ["Sign it,"], "{text}");
        }
    }

    #[test]
    fn apostrophes_decades_and_possessives_are_no_marks() {
        for text in [
            "It wasn't the voters' choice in the '90s, and they didn't get 'em.",
            "It wasn’t the voters’ choice in the ’90s, and they didn’t get ’em.",
            "A 6' 2\" man bought a 12\" record.",
        ] {
            assert_eq!(inside(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_line_drawn_with_marks_is_no_quotation() {
        for mark in ["\"", "“", "'", "’", "«"] {
            let text = format!("{}\n“Sign it,” she said.", mark.repeat(40));
            assert_eq!(inside(&text), ["Sign it,"], "{mark}");
        }
    }

    #[test]
    fn a_british_quote_keeps_its_possessives() {
        assert_eq!(
            inside("'The voters' choice is clear,' she said. 'It isn't close.'"),
            ["The voters' choice is clear,", "It isn't close."]
        );
    }

    #[test]
    fn only_the_outermost_marks_count() {
        assert_eq!(
            inside("“They say, ‘Look, we’re done,’ and leave,” he said. \"He read “no” aloud.\""),
            ["They say, ‘Look, we’re done,’ and leave,", "He read “no” aloud."]
        );
    }

    #[test]
    fn a_mark_never_opened_keeps_the_sentence_before_it() {
        let text = "“It is a force,” said Mara Lind, counsel at Open Net.Even if it is spotty, it works.” Then rain.";
        assert_eq!(inside(text), ["It is a force,", "Even if it is spotty, it works."]);
    }

    #[test]
    fn a_mark_never_closed_ends_with_its_paragraph() {
        let text = "“We start now, she said.\n\nThe hall was empty. “Go,” he said.";
        let found = find(text);
        assert_eq!(inside(text), ["We start now, she said.", "Go,"]);
        assert!(found[0].broken && !found[0].continues);
    }

    #[test]
    fn a_quotation_goes_on_where_the_next_paragraph_reopens() {
        let text = "“One.\n\n“Two,” he said.";
        let found = find(text);
        assert_eq!(inside(text), ["One.", "Two,"]);
        assert!(found[0].continues && !found[0].broken && !found[1].broken);
    }
}
