//! One article: its text with every quote marked; versions with their differences, notices.

use std::ops::Range;

use maud::{Markup, html};
use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::reply::Reply;
use super::super::state::Reading;
use super::layout::{self, counted, cut, day, moment, outward};
use super::marked::{self, Stretch, pieces, weight};
use crate::domain::record::{ArticleSummary, QuoteRecord, StoredVersion};
use crate::wording::difference;

/// Bytes of text on a page; what is longer is shown in parts, so that a page stays below 100 KB.
const PART: usize = 36 * 1024;
/// Quotes that are marked in a part, speakers that are named, versions and notices that are listed.
const QUOTES: usize = 150;
const SPEAKERS: usize = 40;
const VERSIONS: usize = 60;
/// Characters of a headline or a name, and of a notice.
const SHOWN: usize = 120;
const SHOWN_NOTICE: usize = 500;
/// Speakers that have a colour of their own. All have a number.
const COLOURS: usize = 5;
/// Paragraphs of a version that are compared one by one: the work may grow with the square.
const MAX_COMPARED: usize = 2_000;

/// An article as the page shows it.
struct Found {
    article: ArticleSummary,
    version: StoredVersion,
    fetched: String,
    /// The version before, if the two are to be compared.
    before: Option<StoredVersion>,
    /// The quotes whose offsets count in this version, in the order of the text.
    quotes: Vec<QuoteRecord>,
    /// Who is quoted, in the order of the text; `None` stands for quotes without a speaker.
    speakers: Vec<Option<String>>,
    parts: Vec<Part>,
    /// Which of the parts is shown, from 0.
    part: usize,
}

/// The article of the id in the path: its newest version, that of `quote`, or `version`; with `compare`,
/// what changed from the version before; `part` of a long text.
///
/// # Errors
/// [`Failure`] if there is none, a parameter is wrong, or the collection can't be read.
pub fn page(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.parameters();
    let number: Option<u32> = parameters.take_number("version", 1..=u32::MAX)?;
    let compare = parameters.take_flag("compare")?;
    let part: Option<usize> = parameters.take_number("part", 1..=usize::MAX)?;
    let quote = parameters.take("quote")?;
    parameters.finish()?;
    let (store, id) = (&reading.store, asked.part("id"));
    let article = store.article(id)?.ok_or_else(|| Failure::not_found("no article has this id"))?;
    let all = store.quotes_of_article(id)?;
    let sought = quote.and_then(|id| all.iter().find(|it| it.quote.id == id));
    let newest = article.versions.last().map_or(1, |it| it.version);
    let number = number.or(sought.map(|it| it.article.version)).unwrap_or(newest);
    let place = article.versions.iter().position(|it| it.version == number);
    let no_version = || Failure::not_found("the article has no such version");
    let fetched = article.versions[place.ok_or_else(no_version)?].fetched.clone();
    let version = store.version(id, number)?.ok_or_else(no_version)?;
    let before = if compare { store.version(id, number.saturating_sub(1))? } else { None };
    let sought = sought.and_then(|it| it.quote.content.first()).map(|span| span.start);
    let quotes: Vec<QuoteRecord> =
        all.into_iter().filter(|it| it.article.version == number).collect();
    let mut speakers: Vec<Option<String>> = Vec::new();
    for name in quotes.iter().map(speaker) {
        if !speakers.contains(&name) {
            speakers.push(name);
        }
    }
    let parts = match &before {
        Some(_) => Vec::new(),
        None => parts(&version.article.text, &quotes),
    };
    let holding = sought.and_then(|start| parts.iter().rposition(|part| part.start <= start));
    let part = part.map(|part| part - 1).or(holding).unwrap_or_default();
    if part > 0 && part >= parts.len() {
        return Err(Failure::not_found("the text has no such part"));
    }
    let found = Found { article, version, fetched, before, quotes, speakers, parts, part };
    let title = cut(found.version.article.title.as_deref().unwrap_or("Article"), SHOWN).0;
    Ok(Reply::Page(layout::page(&asked.visitor, "/", title, &draw(&found))))
}

fn speaker(record: &QuoteRecord) -> Option<String> {
    record.quote.speaker.as_ref().map(|speaker| speaker.name.clone())
}

fn draw(found: &Found) -> Markup {
    let Found { article, version, .. } = found;
    let language = version.article.language.as_deref();
    let title = version.article.title.as_deref().unwrap_or("An article without a headline");
    let byline = version.article.byline.join(", ");
    html! {
        h1 lang=[language] { bdi { (cut(title, SHOWN).0) } }
        p.where {
            bdi { (cut(&version.outlet, SHOWN).0) }
            @if let Some(date) = &version.article.published { " · " (day(date)) }
            @if !byline.is_empty() { " · by " bdi { (cut(&byline, SHOWN).0) } }
            " · version " (version.version) " of " (article.versions.len())
            ", fetched " (moment(&found.fetched))
        }
        p.address { (outward(&article.url, &html! { (cut(&article.url, SHOWN).0) })) }
        @if let Some(since) = &article.vanished {
            p.problem { "Its server answers since " (moment(since)) " that the page is gone." }
        }
        @for notice in version.article.notices.iter().take(VERSIONS / 4) {
            p.notice dir="auto" { (cut(&notice.text, SHOWN_NOTICE).0) }
        }
        div.columns {
            div.text lang=[language] {
                @match &found.before {
                    Some(before) => (changes(before, version)),
                    None => (text(found)),
                }
            }
            div {
                @if found.before.is_none() && !found.speakers.is_empty() { (who_speaks(found)) }
                (versions(found))
            }
        }
    }
}

/// A part of a text that is shown at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// Where it is, in bytes.
    bytes: Range<usize>,
    /// Its first code point.
    start: usize,
}

/// A text in parts of whole paragraphs, none heavier on a page than [`PART`] nor with more than
/// [`QUOTES`] quotes; a paragraph that is by itself is cut.
fn parts(text: &str, quotes: &[QuoteRecord]) -> Vec<Part> {
    let mut begins: Vec<usize> =
        quotes.iter().filter_map(|it| Some(it.quote.content.first()?.start)).collect();
    begins.sort_unstable();
    let mut begins = begins.into_iter().peekable();
    let mut parts: Vec<Part> = Vec::new();
    let (mut byte, mut start, mut heavy, mut marked) = (0, 0, 0, 0);
    for paragraph in text.split_inclusive("\n\n").flat_map(pieces_of) {
        let end = start + paragraph.chars().count();
        let own = std::iter::from_fn(|| begins.next_if(|begin| *begin < end)).count();
        let own_weight = weight(paragraph);
        if parts.is_empty() || heavy + own_weight > PART || marked + own > QUOTES {
            parts.push(Part { bytes: byte..byte, start });
            (heavy, marked) = (0, 0);
        }
        (heavy, marked) = (heavy + own_weight, marked + own);
        (byte, start) = (byte + paragraph.len(), end);
        if let Some(part) = parts.last_mut() {
            part.bytes.end = byte;
        }
    }
    parts
}

/// A paragraph in pieces that fit a part, whatever their characters weigh.
fn pieces_of(mut paragraph: &str) -> Vec<&str> {
    /// The most that a character weighs: `&quot;` is six times as long as what it stands for.
    const MOST: usize = 6;
    let mut pieces = Vec::new();
    while paragraph.len() > PART / MOST && weight(paragraph) > PART {
        let at = paragraph.floor_char_boundary(PART / MOST);
        let (piece, rest) = paragraph.split_at(at);
        pieces.push(piece);
        paragraph = rest;
    }
    pieces.push(paragraph);
    pieces
}

fn text(found: &Found) -> Markup {
    let address = format!("/articles/{}?version={}", found.article.id, found.version.version);
    let part = found.parts.get(found.part);
    html! {
        @if let Some(part) = part { (marked_text(found, part)) }
        @else { p.note { "The text is empty." } }
        @if found.parts.len() > 1 {
            nav.paging aria-label="Parts of the text" {
                @if found.part > 0 {
                    a rel="prev" href=(format!("{address}&part={}", found.part)) { "← Before" }
                }
                span { "part " (found.part + 1) " of " (found.parts.len()) }
                @if found.part + 1 < found.parts.len() {
                    a rel="next" href=(format!("{address}&part={}", found.part + 2)) { "More →" }
                }
            }
        }
    }
}

/// A span of a quote: the quote's number, and whether the span is its first or last.
#[derive(Clone, Copy)]
struct Mark {
    quote: usize,
    first: bool,
    last: bool,
}

fn marked_text(found: &Found, part: &Part) -> Markup {
    let text = &found.version.article.text[part.bytes.clone()];
    let mut stretches = Vec::new();
    for (quote, record) in found.quotes.iter().enumerate() {
        let spans = &record.quote.content;
        for (number, span) in spans.iter().enumerate() {
            let what = Mark { quote, first: number == 0, last: number + 1 == spans.len() };
            stretches.push(Stretch { start: span.start, end: span.end, what });
        }
    }
    let paragraphs = text.split("\n\n").scan(part.start, |start, paragraph| {
        let own = *start;
        *start += paragraph.chars().count() + "\n\n".len();
        Some((own, paragraph))
    });
    html! {
        @for (start, paragraph) in paragraphs {
            p dir="auto" {
                @for piece in pieces(paragraph, start, &stretches) {
                    @match piece.of {
                        None => { (piece.text) }
                        Some(of) => (marked(found, &piece, of.what)),
                    }
                }
            }
        }
    }
}

/// A piece of a quote, with the speaker's number behind its last one.
fn marked(found: &Found, piece: &marked::Piece<'_, Mark>, mark: Mark) -> Markup {
    let record = &found.quotes[mark.quote];
    let name = speaker(record);
    let number = found.speakers.iter().position(|it| *it == name).map_or(0, |it| it + 1);
    let shown = name.as_deref().map_or("nobody named", |name| cut(name, SHOWN).0);
    html! {
        mark.{ (colour(number)) } id=[(mark.first && piece.begins).then_some(&record.quote.id)] {
            (piece.text)
        }
        @if mark.last && piece.ends {
            a.ref href=(format!("/quotes/{}", record.quote.id)) {
                (number) span.unseen { ": quote by " (shown) }
            }
        }
    }
}

fn colour(number: usize) -> String {
    if (1..=COLOURS).contains(&number) { format!("s{number}") } else { "s0".to_owned() }
}

fn who_speaks(found: &Found) -> Markup {
    html! {
        section aria-labelledby="speakers" {
            h2 #speakers { "Who speaks" }
            ul.values {
                @for (number, name) in (1..).zip(found.speakers.iter().take(SPEAKERS)) {
                    @let theirs = found.quotes.iter().filter(|it| speaker(it) == *name);
                    @let known = theirs.clone().find_map(|it| it.quote.speaker.as_ref());
                    li {
                        span.swatch.{ (colour(number)) } { (number) } " "
                        @match known.map(|it| (it, it.identity.as_ref())) {
                            Some((speaker, Some(id))) => {
                                a href=(format!("/speakers/{id}")) { bdi { (cut(&speaker.name, SHOWN).0) } }
                            }
                            Some((speaker, None)) => bdi { (cut(&speaker.name, SHOWN).0) },
                            None => { "nobody named" }
                        }
                        " " span.count { (counted(theirs.count() as u64, "quote")) }
                    }
                }
            }
            @if found.speakers.len() > SPEAKERS {
                p.note { "and " (found.speakers.len() - SPEAKERS) " more" }
            }
        }
    }
}

fn versions(found: &Found) -> Markup {
    let address = format!("/articles/{}", found.article.id);
    let shown = found.version.version;
    html! {
        section aria-labelledby="versions" {
            h2 #versions { "Versions" }
            ol.versions {
                @for version in found.article.versions.iter().rev().take(VERSIONS) {
                    li {
                        a href=(format!("{address}?version={}", version.version))
                            aria-current=[(version.version == shown).then_some("true")] {
                            "Version " (version.version)
                        }
                        ", " (moment(&version.fetched))
                        @if version.version > 1 {
                            " · " a href=(format!("{address}?version={}&compare=true", version.version)) {
                                "what changed" span.unseen { " in version " (version.version) }
                            }
                        }
                        @if !version.notices.is_empty() {
                            " · " (counted(version.notices.len() as u64, "notice"))
                        }
                    }
                }
            }
            @if found.article.versions.len() > VERSIONS {
                p.note { "These are the newest of " (found.article.versions.len()) "." }
            }
        }
    }
}

/// What became of a paragraph from one version to the next.
enum Changed<'a> {
    /// So many are the same.
    Kept(usize),
    /// Words of it differ.
    Reworded(&'a str, &'a str),
    /// It is gone.
    Removed(&'a str),
    /// It is new.
    Added(&'a str),
}

/// What became of the paragraphs from one text to another, in order.
fn compared<'a>(before: &'a str, after: &'a str) -> Vec<Changed<'a>> {
    let [a, b] = [before, after].map(|text| text.split("\n\n").collect::<Vec<_>>());
    let head = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let tail =
        a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let steps = if old.len().max(new.len()) > MAX_COMPARED {
        vec![(DiffTag::Replace, 0..old.len(), 0..new.len())]
    } else {
        capture_diff_slices(Algorithm::Myers, old, new).iter().map(|it| it.as_tag_tuple()).collect()
    };
    let mut changes = vec![Changed::Kept(head)];
    for (tag, old_range, new_range) in steps {
        if tag == DiffTag::Equal {
            changes.push(Changed::Kept(old_range.len()));
            continue;
        }
        let (old, new) = (&old[old_range], &new[new_range]);
        changes.extend(old.iter().zip(new).map(|(old, new)| Changed::Reworded(old, new)));
        let both = old.len().min(new.len());
        changes.extend(old[both..].iter().map(|old| Changed::Removed(old)));
        changes.extend(new[both..].iter().map(|new| Changed::Added(new)));
    }
    changes.push(Changed::Kept(tail));
    changes
}

fn changes(before: &StoredVersion, after: &StoredVersion) -> Markup {
    let (old, new) = (&before.article, &after.article);
    let changes = compared(&old.text, &new.text);
    let mut left = PART;
    let mut drawn: Vec<Markup> = Vec::new();
    let mut all = true;
    for change in &changes {
        let markup = match change {
            Changed::Kept(0) => continue,
            Changed::Kept(number) => html! {
                p.kept { (counted(*number as u64, "paragraph")) " the same" }
            },
            Changed::Reworded(old, new) => html! {
                p.difference dir="auto" { (marked::difference(&difference(old, new), PART)) }
            },
            Changed::Removed(old) => html! { p.difference dir="auto" { del { (old) } } },
            Changed::Added(new) => html! { p.difference dir="auto" { ins { (new) } } },
        };
        let weight = markup.0.len();
        if weight > left {
            all = false;
            break;
        }
        left -= weight;
        drawn.push(markup);
    }
    html! {
        h2 { "What changed from version " (before.version) " to version " (after.version) }
        @if old.title != new.title {
            p.difference dir="auto" {
                span.label { "Headline: " }
                (marked::difference(&difference(
                    cut(old.title.as_deref().unwrap_or_default(), SHOWN).0,
                    cut(new.title.as_deref().unwrap_or_default(), SHOWN).0,
                ), 2 * SHOWN))
            }
        }
        @for paragraph in &drawn { (paragraph) }
        @if !all { p.note { "More changed than a page can show; the versions have all of it." } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> (usize, String) {
        let parts = parts(text, &[]);
        let joined = parts.iter().map(|part| &text[part.bytes.clone()]).collect();
        for part in &parts {
            assert!(weight(&text[part.bytes.clone()]) <= PART + 2);
            assert_eq!(text[..part.bytes.start].chars().count(), part.start);
        }
        (parts.len(), joined)
    }

    #[test]
    fn a_long_text_is_shown_in_parts_that_together_are_the_text() {
        let quotes_only = "\"".repeat(PART);
        let paragraphs = "Words of a séance.\n\n".repeat(5_000);
        for (text, count) in [("", 0), ("One.\n\nTwo.", 1), (&*quotes_only, 6), (&*paragraphs, 3)] {
            assert_eq!(joined(text), (count, text.to_owned()));
        }
    }

    #[test]
    fn paragraphs_are_compared_before_their_words() {
        let changes =
            compared("Same.\n\nThe old word.\n\nGone.\n\nEnd.", "Same.\n\nThe new word.\n\nEnd.");
        let shown: Vec<String> = changes
            .iter()
            .map(|change| match change {
                Changed::Kept(number) => format!("={number}"),
                Changed::Reworded(old, new) => format!("{old}>{new}"),
                Changed::Removed(old) => format!("-{old}"),
                Changed::Added(new) => format!("+{new}"),
            })
            .collect();
        assert_eq!(shown, ["=1", "The old word.>The new word.", "-Gone.", "=1"]);
    }
}
