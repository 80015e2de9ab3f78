//! The authors, and the agencies credited beside them.
//!
//! Bylines as printed → names without "By", roles, places and days.

use serde_json::{Map, Value};

use super::linked_data::LinkedData;
use crate::article::agency;
use crate::article::dom::{Page, folded};
use crate::article::furniture::Signs;

/// The authors kept; longer lists are contributors' directories.
pub(super) const MAX_AUTHORS: usize = 20;
/// A longer name is a sentence.
const MAX_NAME_CHARS: usize = 80;
/// So many words with a full stop behind them are no byline.
const SENTENCE_WORDS: usize = 8;
/// A longer part of a byline holds no name, with what stands around it.
const MAX_PART_BYTES: usize = 400;
/// The names under which `<meta>` gives authors, best first.
pub(super) const META_AUTHOR: &[&str] = &[
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "byl",
    "dc.creator",
    "dcterms.creator",
    "article:author_name",
    "cxenseparse:author",
    "dc.contributor",
    "citation_author",
    "article.author",
];

/// Whose work the article is.
#[derive(Debug, Default)]
pub(super) struct Byline {
    pub(super) names: Vec<String>,
    pub(super) agencies: Vec<&'static str>,
}

/// Where authors are stated beside JSON-LD.
pub(super) struct Authors {
    /// Where the site's rules say.
    pub(super) by_site: Vec<String>,
    pub(super) metas: Vec<String>,
    pub(super) marked: Vec<String>,
    /// Above the text of old pages.
    pub(super) printed: Vec<String>,
}

/// The authors: where the site's rules say, then JSON-LD's, then `<meta>`'s, then the markup's, then
/// what old pages print above the text. Where JSON-LD names only the outlet, a person that the page
/// shows is better, or else the agency.
pub(super) fn of(
    authors: Authors,
    linked: &LinkedData<'_>,
    article: Option<&Map<String, Value>>,
    outlet: Option<&str>,
) -> Byline {
    let author = article.and_then(|it| it.get("author").or_else(|| it.get("creator")));
    let Authors { by_site, metas, marked, printed } = authors;
    let stated = [by_site, linked.names(author), metas, marked, printed];
    let outlet = outlet.map(folded).unwrap_or_default();
    let publisher = article.map(|it| linked.names(it.get("publisher"))).unwrap_or_default();
    let is_outlet = |name: &String| {
        let name = folded(name);
        name == outlet || publisher.iter().any(|it| folded(it) == name)
    };
    let lists: Vec<Names> = stated.iter().map(|lines| split_names(lines, &outlet)).collect();
    let mut agencies = Vec::new();
    for credit in lists.iter().flat_map(|list| &list.agencies) {
        if let Some(agency) = agency::named(credit).filter(|agency| !agencies.contains(agency)) {
            agencies.push(agency);
        }
    }
    let persons = lists.iter().find(|list| list.people.iter().any(|name| !is_outlet(name)));
    let credits = || lists.iter().find(|list| !list.agencies.is_empty());
    let outlets = || lists.iter().find(|list| !list.people.is_empty());
    let names = match persons {
        Some(list) => list.people.clone(),
        None => credits()
            .map(|list| list.agencies.clone())
            .or_else(|| outlets().map(|list| list.people.clone()))
            .unwrap_or_default(),
    };
    Byline { names, agencies }
}

/// The names of a byline.
#[derive(Debug, Default)]
struct Names {
    people: Vec<String>,
    /// As printed.
    agencies: Vec<String>,
}

/// The names in bylines as printed: "By Ada Byron and C. Babbage, staff writers, Reuters" → two
/// people and an agency.
fn split_names(lines: &[String], outlet: &str) -> Names {
    let mut names = Names::default();
    for line in lines {
        if line.contains("://") || line.starts_with('@') || line.starts_with("www.") {
            continue;
        }
        let line = JOINTS.iter().fold(line.clone(), |line, joint| line.replace(joint, ","));
        let (people, agencies) = (names.people.len(), names.agencies.len());
        let parts = line.split([',', ';', '|', '\n', '•', '·', '/', '(']).enumerate();
        for (index, part) in parts.filter(|(_, part)| part.len() <= MAX_PART_BYTES) {
            if names.people.len() >= MAX_AUTHORS {
                break;
            }
            let printed = without_by(part.trim())
                .trim_matches(|char: char| char.is_whitespace() || matches!(char, ':' | ')'));
            let (printed, credit) = agency::split_off(printed);
            if let Some(credit) = credit
                && !names.agencies.iter().any(|known| known == credit)
            {
                names.agencies.push(credit.to_owned());
            }
            let name = without_day(without_role(without_place(printed)));
            let chars = name.chars().count();
            if !(2..=MAX_NAME_CHARS).contains(&chars)
                || is_role(name)
                || index > 0 && (is_credential(name) || is_of_outlet(name, outlet))
                || name.contains('@')
                || name.chars().any(|char| char.is_ascii_digit())
                || names.people.iter().any(|known| folded(known) == folded(name))
            {
                continue;
            }
            names.people.push(name.to_owned());
        }
        if names.agencies.len() > agencies {
            // Beside an agency a single word is where it writes from: "PTI, Vell".
            let mut at = 0..names.people.len();
            names.people.retain(|name| at.next() < Some(people) || name.contains(' '));
        }
    }
    names
}

/// True for the outlet or a part of it, as printed behind names: "Quay Post Business".
fn is_of_outlet(name: &str, outlet: &str) -> bool {
    !outlet.is_empty() && folded(name).starts_with(outlet)
}

/// "Ada Byron Monday" → "Ada Byron": a byline runs into its date where only a break is between.
fn without_day(name: &str) -> &str {
    let day = name
        .rsplit_once(' ')
        .filter(|(name, day)| name.contains(' ') && DAYS.contains(&day.to_lowercase().as_str()));
    day.map_or(name, |(name, _)| name.trim_end())
}

const DAYS: &[&str] =
    &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// What stands between the names of a byline, beside commas and the like.
const JOINTS: &[&str] =
    &[" and ", " & ", " AND ", " And ", " with ", " for ", " of the ", " Of The ", " of The "];

/// "Ada Byron in Vell" → "Ada Byron".
fn without_place(name: &str) -> &str {
    let place = name
        .split_once(" in ")
        .filter(|(name, place)| name.contains(' ') && place.starts_with(char::is_uppercase));
    place.map_or(name, |(name, _)| name.trim_end())
}

/// "Science editor Ada Byron" → "Ada Byron"; "Ada Byron is a writer" → "Ada Byron".
fn without_role(name: &str) -> &str {
    let name = [" is a ", " is an ", " is the "]
        .iter()
        .find_map(|it| name.split_once(it))
        .map_or(name, |(name, _)| name);
    let mut ends = name.char_indices().filter(|(_, char)| *char == ' ').map(|(at, _)| at);
    let role_end = ends.find(|&end| {
        let last = name[..end].rsplit(' ').next().unwrap_or_default().to_lowercase();
        LEADING_ROLES.contains(&last.as_str())
    });
    let behind = role_end.map(|end| name[end..].trim_start());
    behind.filter(|behind| behind.contains(' ')).unwrap_or(name)
}

const BY: &[&str] = &[
    "by ",
    "by: ",
    "written by ",
    "words by ",
    "reported by ",
    "analysis by ",
    "opinion by ",
    "story by ",
    "text by ",
    "author: ",
    "von ",
    "par ",
];

fn without_by(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    BY.iter().find(|by| lower.starts_with(*by)).map_or(name, |by| &name[by.len()..])
}

/// What stands beside names in bylines and is none.
const ROLE_WORDS: &[&str] = &[
    "admin",
    "administrator",
    "analyst",
    "author",
    "chief",
    "columnist",
    "contributor",
    "correspondent",
    "editor",
    "editor-at-large",
    "guest",
    "journalist",
    "photographer",
    "producer",
    "reporter",
    "reporters",
    "writer",
    "writers",
    "webmaster",
    "unknown",
    "none",
    "null",
    "undefined",
];
/// Roles that stand before names: "Science editor Ada Byron".
const LEADING_ROLES: &[&str] =
    &["columnist", "correspondent", "editor", "journalist", "reporter", "writer"];

/// Letters behind a name: "M.D.", "RD", or the outlet's initials.
fn is_credential(name: &str) -> bool {
    name.chars().count() <= 4 && name.chars().all(|char| char.is_uppercase() || char == '.')
}

fn is_role(name: &str) -> bool {
    let lower = name.to_lowercase();
    let last = lower.split_whitespace().next_back().unwrap_or_default();
    ROLE_WORDS.contains(&last) && !lower.contains("staff reporter")
}

/// Names in elements that call themselves the author, outside the other articles a page lists.
pub(super) fn marked(page: &Page<'_>, signs: &[Signs]) -> Vec<String> {
    let is_author =
        |value: Option<&str>| value.is_some_and(|it| it.split(' ').any(|it| it == "author"));
    let items = page.items().filter(|(_, element)| element.attr("itemprop") == Some("author"));
    let related = page.elements().filter(|(_, element)| is_author(element.attr("rel")));
    let marks: [Box<dyn Iterator<Item = usize> + '_>; 3] = [
        Box::new(items.map(|(index, _)| index)),
        Box::new(related.map(|(index, _)| index)),
        Box::new((0..signs.len()).filter(|&index| signs[index].byline)),
    ];
    for marked in marks {
        let found = marked
            .filter(|&index| !matches!(page.tag(index), "meta" | "link" | "body" | "html"))
            .filter_map(|index| Some((index, page.short_text(index, 2 * MAX_NAME_CHARS)?)))
            .find(|(_, text)| !is_sentence(text));
        if let Some((index, text)) = found {
            let named = (index..page.nodes[index].end).find(|&inner| {
                page.element(inner).is_some_and(|it| it.attr("itemprop") == Some("name"))
            });
            return vec![named.map_or(text, |inner| page.text(inner))];
        }
    }
    Vec::new()
}

/// True for what tells of an author, as a note under an article does.
fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && text.split_whitespace().count() >= SENTENCE_WORDS
}
