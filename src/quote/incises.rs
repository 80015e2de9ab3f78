//! Attributions that stand inside the marks of their quotation, and turns that a dash opens.
//!
//! Text and its quoted stretches → the stretches without the attributions in them: «Так, — сказал
//! Орлов. — Да», « Oui, explique Ortiz. Non. », —Sí —dijo Ortiz—. No. Only where a reporting verb
//! follows a mark at once; a list item or a dash in mid-sentence opens nothing. Refuses to look into
//! quotations of languages that print their attributions outside ([`Grammar`](super::lexicon::Grammar)),
//! but for one that is never closed.

use super::lexicon::{self as lex, Lexicon, Tense, takes};
use super::marks::Verbatim;

/// Longest attribution inside a quotation, in bytes: the speaker with an apposition stays below.
const LONGEST: usize = 240;
/// Most attributions inside one quotation.
const MOST: usize = 8;

/// The quoted stretches of `text`, in order, cut where an attribution stands inside them, and the
/// turns that a paragraph's first dash opens.
#[must_use]
pub fn split(text: &str, verbatim: Vec<Verbatim>, lexicon: &Lexicon) -> Vec<Verbatim> {
    if !lexicon.grammar.incises {
        let mut verbatim = verbatim;
        let open = |v: &&mut Verbatim| v.broken && v.open < v.start;
        for left_open in verbatim.iter_mut().filter(open) {
            if let Some(end) = said_inside(&text[left_open.start..left_open.end], lexicon) {
                let end = left_open.start + end;
                (left_open.end, left_open.close) = (end, end);
            }
        }
        return verbatim;
    }
    let mut out = Vec::with_capacity(verbatim.len());
    let mut marked = verbatim.into_iter().peekable();
    let mut from = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let to = from + line.len();
        let quoted = marked.peek().is_some_and(|v| v.open < to);
        if !quoted && let Some(start) = turn(text, from, to) {
            let end = from + text[from..to].trim_end().len();
            let dash = start - text[from..start].trim_start().len();
            let whole =
                Verbatim { open: dash, start, end, close: end, continues: false, broken: false };
            let parts = out.len();
            cut(text, whole, lexicon, true, &mut out);
            if out.len() == parts + 1 && out[parts].end == end {
                // No attribution: a list's item, not a turn.
                out.truncate(parts);
            }
        }
        while let Some(v) = marked.next_if(|v| v.open < to) {
            cut(text, v, lexicon, false, &mut out);
        }
        from = to;
    }
    out.extend(marked);
    out
}

/// One past the quoted words where an attribution ends them, though no mark does: “We will go, Berg said.
fn said_inside(text: &str, lexicon: &Lexicon) -> Option<usize> {
    /// Longest name before the verb, in words.
    const NAME: usize = 4;
    let marks =
        text.match_indices([',', '?', '!']).filter(|(at, _)| text[at + 1..].starts_with(' '));
    let said = |&(at, _): &(usize, &str)| {
        let tail = &text[at + 2..];
        let named = tail.split(' ').take_while(|word| is_speaker(word, lexicon)).take(NAME).count();
        let verb = tail.split(' ').skip(named).take(1);
        // Inverted, a name must follow: "“We will go, said Berg."
        let follows = tail.split(' ').nth(named + 1).is_none_or(|word| is_speaker(word, lexicon));
        (named > 0 || follows) && verb.into_iter().any(|word| begins(word, lexicon))
    };
    marks.into_iter().find(said).map(|(at, _)| at + 1)
}

/// True for a word in capitals that can be part of a name, and for "she".
fn is_speaker(word: &str, lexicon: &Lexicon) -> bool {
    let known = lexicon.look_up(word).classes;
    let small = lex::PREPOSITION | lex::CONJUNCTION | lex::SUBORDINATOR | lex::DETERMINER;
    matches!(word, "he" | "she" | "they")
        || word.starts_with(char::is_uppercase) && known & (small | lex::PRONOUN | lex::TIME) == 0
}

/// Where the words of a turn begin that the paragraph `from..to` opens with a dash.
fn turn(text: &str, from: usize, to: usize) -> Option<usize> {
    let rest = text[from..to].trim_start();
    let words = rest.strip_prefix(['—', '–', '―'])?.trim_start();
    words
        .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '¿' | '¡' | '…'))
        .then_some(())?;
    Some(to - words.len())
}

/// Pushes `whole` without the spaces inside its marks, or what is left of it without its
/// attributions. In a `turn` that a dash opens, what follows an attribution without dashes may be the
/// writer's own.
fn cut(text: &str, whole: Verbatim, lexicon: &Lexicon, turn: bool, out: &mut Vec<Verbatim>) {
    let inside = &text[whole.start..whole.end];
    let mut rest = whole;
    if !inside.trim().is_empty() {
        rest.start = whole.end - inside.trim_start().len();
        rest.end = whole.start + inside.trim_end().len();
    }
    for _ in 0..MOST {
        let Some(found) = incise(text, rest.start, rest.end, lexicon) else { break };
        let end = found.end;
        out.push(Verbatim { end, close: end, continues: false, broken: false, ..rest });
        match found.next {
            Some((open, start)) if found.dashed || !turn => rest = Verbatim { open, start, ..rest },
            _ => return,
        }
    }
    out.push(rest);
}

/// An attribution inside a quotation.
#[derive(Debug, Clone, Copy)]
struct Incise {
    /// One past the quoted words before it.
    end: usize,
    /// Where the quoted words after it begin, their dash first.
    next: Option<(usize, usize)>,
    /// It stands between dashes.
    dashed: bool,
}

/// The first attribution in `from..to`.
fn incise(text: &str, from: usize, to: usize, lexicon: &Lexicon) -> Option<Incise> {
    let stretch = &text[from..to];
    for (at, c) in stretch.char_indices() {
        let dash = matches!(c, '—' | '–');
        if !dash && !matches!(c, ',' | '!' | '?' | '…') {
            continue;
        }
        let tail = &stretch[at + c.len_utf8()..];
        let dashed = dash || tail.trim_start().starts_with(['—', '–']);
        let verb = tail.trim_start_matches([' ', '\u{a0}', '\u{202f}', '—', '–']);
        if !begins(verb, lexicon) {
            continue;
        }
        // A comma before an attribution belongs to it, another mark to the quotation.
        let kept = if matches!(c, '!' | '?' | '…') { at + c.len_utf8() } else { at };
        let words = stretch[..kept].trim_end_matches([',', ' ', '\u{a0}', '\u{202f}']);
        if words.is_empty() {
            continue;
        }
        let after = from + stretch.len() - verb.len();
        let next = resumes(text, after, to, dashed, lexicon);
        return Some(Incise { end: from + words.len(), next, dashed });
    }
    None
}

/// True if `text` begins with a finite reporting verb, its auxiliaries before it: a ajouté, dijo.
fn begins(text: &str, lexicon: &Lexicon) -> bool {
    /// Auxiliaries and hung pronouns before the verb.
    const GROUP: usize = 3;
    let mut auxiliary = false;
    for word in text.split([' ', '\u{a0}', '\u{202f}', '-', '’', '\'']).take(GROUP) {
        let plain = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        if !plain.starts_with(char::is_lowercase) {
            return false;
        }
        let entry = lexicon.look_up(plain);
        if let Some(cue) = entry.cue {
            return cue.takes & takes::QUOTE != 0
                && match cue.tense {
                    Tense::Past | Tense::Third => true,
                    Tense::Participle => auxiliary,
                    Tense::Base | Tense::Ing => false,
                };
        }
        if entry.classes & (lex::AUXILIARY | lex::PRONOUN) == 0 && plain != "t" {
            return false;
        }
        auxiliary |= entry.classes & lex::AUXILIARY != 0;
    }
    false
}

/// Where the quotation goes on after an attribution that begins at `from`, its dash and its first
/// word: after the second dash, or where there is none after the mark that ends it.
fn resumes(
    text: &str,
    from: usize,
    to: usize,
    dashed: bool,
    lexicon: &Lexicon,
) -> Option<(usize, usize)> {
    let mut limit = to.min(from + LONGEST);
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    let stretch = &text[from..limit];
    let skip = |at: usize| {
        let gap = ['.', ',', ':', ' ', '\u{a0}', '\u{202f}', '—', '–'];
        let rest = &text[at..to];
        let start = to - rest.trim_start_matches(gap).len();
        let spaced = text[at..start].trim_end();
        let dash = spaced.char_indices().next_back().filter(|(_, c)| matches!(c, '—' | '–'));
        let open = dash.map_or(start, |(index, _)| at + index);
        (start < to).then_some((open, start))
    };
    if dashed {
        let at = stretch.find(['—', '–'])?;
        return skip(from + at);
    }
    let mut marks = stretch.match_indices(['.', ',']).filter(|&(at, _)| {
        let after = stretch[at + 1..].chars().next();
        let title = stretch[..at].rsplit([' ', '\u{a0}', '’', '\'']).next().unwrap_or("");
        let short = lexicon.look_up(title).classes & (lex::ABBREVIATION | lex::TITLE) != 0;
        after.is_none_or(char::is_whitespace) && !(short && stretch[at..].starts_with('.'))
    });
    let (first, mark) = marks.next()?;
    if mark == "," && describes(&stretch[first + 1..], lexicon) {
        return skip(from + marks.next()?.0);
    }
    skip(from + first)
}

/// True where words after a comma say what the speaker is: la directrice du musée.
fn describes(text: &str, lexicon: &Lexicon) -> bool {
    /// The noun of an apposition stands among its first words.
    const EARLY: usize = 4;
    let words = text.split([' ', '\u{a0}', '’', '\'', ',', '.']).filter(|w| !w.is_empty());
    words
        .take(EARLY)
        .any(|w| lexicon.look_up(w).classes & (lex::ROLE | lex::MALE_NOUN | lex::FEMALE_NOUN) != 0)
}
