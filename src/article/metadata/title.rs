//! The headline, out of the forms in which a page gives it, without the outlet's name.

use serde_json::{Map, Value};

use super::linked_data::{is_live_blog, text};
use super::metas::Metas;
use crate::article::dom::{Page, Tag, folded};

/// With more main headings than a masthead and a headline, some head sections.
const MAX_MAIN_HEADINGS: usize = 2;
/// A longer title of the window is no headline.
const MAX_TITLE_BYTES: usize = 1_000;
/// The names under which `<meta>` gives each thing, best first.
pub(super) const META_TITLE: &[&str] =
    &["og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title", "hdl"];

/// The visible main headings, in order.
pub(super) fn headings(page: &Page<'_>) -> Vec<String> {
    let headings = page.tagged(Tag::H1).iter().map(|&index| page.text(index));
    headings.filter(|text| !text.is_empty()).collect()
}

/// The title of the browser's window.
pub(super) fn window(page: &Page<'_>) -> Option<String> {
    page.tagged(Tag::Title).first().map(|&index| page.text(index))
}

/// The main headings that name the article: where a page heads every section with one, only the
/// first and those that its other titles repeat.
pub(super) fn titling(headings: Vec<String>, others: &[String]) -> Vec<String> {
    if headings.len() <= MAX_MAIN_HEADINGS {
        return headings;
    }
    let others = others.iter().filter(|it| it.len() <= MAX_TITLE_BYTES).map(|it| folded(it));
    let others: Vec<String> = others.collect();
    let repeated = |heading: &str| {
        let heading = folded(heading);
        others.iter().any(|other| other.contains(&heading))
    };
    let numbered = headings.into_iter().enumerate();
    numbered.filter(|(at, it)| *at == 0 || repeated(it)).map(|(_, it)| it).collect()
}

/// The headline: JSON-LD's, then OpenGraph's, then the heading, then the window's title. The
/// heading of a live page is its latest news, so there OpenGraph's comes first.
pub(super) fn of(
    metas: &Metas,
    article: Option<&Map<String, Value>>,
    headings: &[String],
    page: &Page<'_>,
    outlet: Option<&str>,
) -> (Option<String>, Vec<String>) {
    let headline = article.and_then(|it| text(it.get("headline")));
    let headline = headline.map(|it| without_ending(&it, outlet).to_owned());
    let named = article.and_then(|it| text(it.get("name")));
    let window = window(page);
    let shown: Vec<String> = metas
        .all(META_TITLE)
        .into_iter()
        .chain(named)
        .chain(window)
        .map(|title| without_outlet(&title, outlet, headings, headline.as_deref()))
        .filter(|title| !title.is_empty())
        .collect();
    let headline = headline.map(|headline| {
        let stem = headline.trim_end_matches(['.', '…', ' ']);
        let cut = stem.len() < headline.len();
        let whole =
            headings.iter().find(|it| cut && it.len() > headline.len() && it.starts_with(stem));
        whole.cloned().unwrap_or(headline)
    });
    let has_open_graph = metas.first(META_TITLE).is_some();
    let is_live = article.is_some_and(is_live_blog)
        || headline
            .iter()
            .chain(headings)
            .any(|it| it.split(|char: char| !char.is_alphabetic()).any(|word| word == "LIVE"));
    let open_graph = shown.first().filter(|_| has_open_graph).cloned();
    let mut candidates: Vec<String> = Vec::new();
    if is_live {
        candidates.extend(open_graph.clone());
    }
    candidates.extend(headline);
    candidates.extend(open_graph);
    candidates.extend(headings.iter().cloned());
    candidates.extend(shown);
    candidates.dedup();
    let mut candidates = candidates.into_iter();
    (candidates.next(), candidates.collect())
}

/// True for headlines of live blogs: "Vote on tides – live", "Tides LIVE: …", "Live updates: …".
pub(super) fn says_live(title: &str) -> bool {
    let lower = title.to_lowercase();
    let ends = ["- live", "– live", "— live", ": live", "| live"];
    title.contains("LIVE:")
        || lower.starts_with("live:")
        || ["live updates", "live blog", "liveblog", "as it happened"]
            .iter()
            .any(|it| lower.contains(it))
        || ends.iter().any(|end| lower.ends_with(end))
}

/// A site's name without what it says of itself behind a bar or a dash.
pub(super) fn without_tagline(name: &str) -> &str {
    let ends = TITLE_SEPARATORS.iter().filter_map(|sign| name.find(sign));
    ends.min().map_or(name, |end| name[..end].trim())
}

/// The headline without the outlet's whole name behind a bar or a dash.
pub(super) fn without_ending<'a>(headline: &'a str, outlet: Option<&str>) -> &'a str {
    let outlet = outlet.map(folded).unwrap_or_default();
    let ends = TITLE_SEPARATORS.iter().filter_map(|sign| headline.rsplit_once(sign));
    let mut ends = ends.filter(|(_, tail)| !outlet.is_empty() && folded(tail) == outlet);
    ends.next().map_or(headline, |(head, _)| head.trim_end())
}

/// Signs that stand between a headline and the outlet's name.
const TITLE_SEPARATORS: &[&str] =
    &[" | ", " - ", " – ", " — ", " :: ", " • ", " · ", " » ", " * ", " / "];

/// The title without `| Outlet`: cut where the rest is another form of the headline, or where the
/// end is the outlet's name.
fn without_outlet(
    title: &str,
    outlet: Option<&str>,
    headings: &[String],
    headline: Option<&str>,
) -> String {
    let known = |text: &str| {
        let text = folded(text);
        headline.into_iter().chain(headings.iter().map(String::as_str)).any(|it| folded(it) == text)
    };
    let mut title = title.to_owned();
    let outlet = outlet.map(folded).unwrap_or_default();
    while !known(&title) {
        let cut =
            TITLE_SEPARATORS.iter().filter_map(|sign| Some((title.rfind(sign)?, sign.len()))).max();
        let Some((at, length)) = cut else { break };
        let (head, tail) = (&title[..at], folded(&title[at + length..]));
        let names_outlet = !outlet.is_empty()
            && !tail.is_empty()
            && (tail == outlet || tail.contains(&outlet) || outlet.contains(&tail));
        let beheaded = TITLE_SEPARATORS
            .iter()
            .find_map(|sign| title.split(sign).next().filter(|head| known(head)));
        match beheaded {
            Some(head) => title = head.to_owned(),
            None if names_outlet => title = head.trim_end().to_owned(),
            None => break,
        }
    }
    title
}
