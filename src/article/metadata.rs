//! What a page says about its article: headline, authors, dates, outlet, canonical URL, language.
//!
//! [`Page`] → [`Metadata`], from JSON-LD, then `<meta>` (OpenGraph and its older relatives), then
//! the visible markup. Refuses to make up what none of them states.

use std::collections::HashMap;

use scraper::Html;
use serde_json::{Map, Value};
use url::Url;

use super::agency;
use super::dom::{Content, Element, Page, folded, push_collapsed};
use super::furniture::Signs;
use super::head::{self, Head};
use super::publishers::Publisher;
use crate::domain::date::PageDate;

/// What the page states about itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// The headline without the outlet's suffix.
    pub title: Option<String>,
    /// Other forms of the headline that the page gives.
    pub other_titles: Vec<String>,
    /// Summaries that the page gives for feeds and previews.
    pub summaries: Vec<String>,
    /// What the page states as captions of its pictures.
    pub captions: Vec<String>,
    /// Names without "By", roles, places and agencies; the agencies where nobody else is named.
    pub byline: Vec<String>,
    /// The news agencies credited beside them, by their short names.
    pub agencies: Vec<&'static str>,
    /// True for a live blog.
    pub live: bool,
    /// The site's name.
    pub outlet: Option<String>,
    /// First published.
    pub published: Option<PageDate>,
    /// Last changed.
    pub modified: Option<PageDate>,
    /// ISO 639-1 code that the page declares.
    pub language: Option<String>,
    /// Absolute.
    pub canonical_url: Option<String>,
    /// Whether everybody may read the whole article.
    pub free: Option<bool>,
    /// How many words the article has.
    pub words: Option<usize>,
}

/// The JSON-LD objects read of one page: live blogs list a few hundred posts.
const MAX_OBJECTS: usize = 5_000;
/// With more main headings than a masthead and a headline, some head sections.
const MAX_MAIN_HEADINGS: usize = 2;
/// The authors kept; longer lists are contributors' directories.
const MAX_AUTHORS: usize = 20;
/// A longer name is a sentence.
const MAX_NAME_CHARS: usize = 80;
/// So many words with a full stop behind them are no byline.
const SENTENCE_WORDS: usize = 8;
/// A longer part of a byline holds no name, with what stands around it.
const MAX_PART_BYTES: usize = 400;
/// A longer title of the window is no headline.
const MAX_TITLE_BYTES: usize = 1_000;

/// The names under which `<meta>` gives each thing, best first.
const META_TITLE: &[&str] =
    &["og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title", "hdl"];
const META_SUMMARY: &[&str] = &[
    "og:description",
    "description",
    "twitter:description",
    "dc.description",
    "sailthru.description",
];
const META_AUTHOR: &[&str] = &[
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
const META_PUBLISHED: &[&str] = &[
    "article:published_time",
    "datepublished",
    "article:published",
    "og:published_time",
    "og:article:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "publish-date",
    "publishdate",
    "publish_date",
    "published_time",
    "pubdate",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "article.published",
    "article_date_original",
    "citation_publication_date",
    "date",
    "rnews:datepublished",
];
const META_MODIFIED: &[&str] = &[
    "article:modified_time",
    "datemodified",
    "og:updated_time",
    "og:article:modified_time",
    "article:modified",
    "dcterms.modified",
    "last-modified",
    "lastmod",
    "article.updated",
    "dateupdated",
];
const META_AGENCY: &[&str] =
    &["dc.source", "source", "syndication-source", "original-source", "article:source"];
const META_OUTLET: &[&str] =
    &["og:site_name", "application-name", "twitter:app:name:iphone", "dc.publisher", "cre"];

/// Types of JSON-LD objects that are articles, beside all that end in "Article".
const ARTICLE_TYPES: &[&str] =
    &["BlogPosting", "LiveBlogPosting", "Report", "Review", "SocialMediaPosting"];

/// Reads everything the page states. `url` is where it was fetched from; what `publisher` says of
/// its site comes first.
#[must_use]
pub fn of(
    page: &Page<'_>,
    signs: &[Signs],
    url: Option<&Url>,
    publisher: Option<&Publisher>,
) -> Metadata {
    let metas = Metas::of(page);
    let scripts = linked_data(page);
    let linked = LinkedData::of(&scripts);
    let article = linked.article();
    let outlet = metas
        .all(META_OUTLET)
        .into_iter()
        .find(|name| !name.contains("://"))
        .map(|name| without_tagline(&name).to_owned())
        .or_else(|| article.and_then(|it| linked.names(it.get("publisher")).into_iter().next()));
    let window = page.elements().find(|(_, element)| element.name() == "title");
    let window = window.map(|(index, _)| page.text(index));
    let stated_titles: Vec<String> = metas.all(META_TITLE).into_iter().chain(window).collect();
    let headings = titling(headings(page), &stated_titles);
    let headings: Vec<String> =
        headings.iter().map(|it| without_ending(it, outlet.as_deref()).to_owned()).collect();
    let stated = article.is_some_and(|it| it.contains_key("headline"))
        || metas.first(META_TITLE).is_some()
        || !headings.is_empty();
    let head = if stated { Head::default() } else { head::of(page, signs) };
    let shown = headings.into_iter().chain(head.headline).collect::<Vec<String>>();
    let (title, other_titles) = title(&metas, article, &shown, page, outlet.as_deref());
    let mut summaries = metas.all(META_SUMMARY);
    if let Some(article) = article {
        summaries.extend(
            ["description", "alternativeHeadline", "abstract"]
                .iter()
                .filter_map(|key| text(article.get(*key))),
        );
    }
    let date = |key: &str, names: &[&str]| {
        let linked = article.and_then(|it| text(it.get(key)));
        let stated =
            linked.into_iter().chain(metas.all(names)).chain(marked(page, &key.to_lowercase()));
        let dates: Vec<PageDate> = stated.filter_map(|text| PageDate::parse(&text)).collect();
        let finest = dates.iter().find(|date| date.has_time() && same_day(date, &dates[0]));
        finest.or(dates.first()).cloned()
    };
    let by_site = publisher.and_then(|it| it.published(page));
    let published = by_site
        .and_then(|stated| PageDate::parse(&stated))
        .or_else(|| date("datePublished", META_PUBLISHED))
        .or_else(|| first_time(page));
    let stated = Authors {
        by_site: publisher.map(|it| it.bylines(page)).unwrap_or_default(),
        metas: metas.all(META_AUTHOR),
        marked: marked_authors(page, signs),
        printed: head.byline.into_iter().collect(),
    };
    let Byline { names: byline, mut agencies } =
        byline(stated, &linked, article, outlet.as_deref());
    let sources = metas.all(META_AGENCY).into_iter();
    let sources = sources.chain(
        ["publisher", "sourceOrganization", "provider", "copyrightHolder"]
            .iter()
            .flat_map(|key| linked.names(article.and_then(|it| it.get(*key)))),
    );
    for source in sources.filter_map(|source| agency::named(&source)) {
        if !agencies.contains(&source) {
            agencies.push(source);
        }
    }
    Metadata {
        live: article.is_some_and(is_live_blog) || title.as_deref().is_some_and(says_live),
        byline,
        agencies,
        modified: date("dateModified", META_MODIFIED),
        published,
        language: language(page, &metas),
        canonical_url: canonical(page, &metas, url),
        free: linked.free(),
        words: article.and_then(|it| text(it.get("wordCount"))?.parse().ok()),
        title,
        other_titles,
        summaries,
        captions: linked.captions(),
        outlet,
    }
}

/// True where the moments are less than a day apart, whatever zone each is printed in.
fn same_day(a: &PageDate, b: &PageDate) -> bool {
    match (a.instant(), b.instant()) {
        (Some(a), Some(b)) => (a.as_second() - b.as_second()).abs() <= 24 * 60 * 60,
        _ => false,
    }
}

/// The `<meta>` elements by name, property or itemprop, in lower case.
struct Metas(HashMap<String, Vec<String>>);

impl Metas {
    fn of(page: &Page<'_>) -> Self {
        let mut metas: HashMap<String, Vec<String>> = HashMap::new();
        for (index, element) in page.elements().filter(|(_, element)| element.name() == "meta") {
            let content = element.attr("content").map(clean).unwrap_or_default();
            if content.is_empty() {
                continue;
            }
            let names = ["property", "name", "http-equiv"].iter().map(|name| element.attr(name));
            let item = element.attr("itemprop").filter(|_| describes_article(page, index));
            for name in names.chain([item]).flatten() {
                metas.entry(name.trim().to_lowercase()).or_default().push(content.clone());
            }
        }
        Self(metas)
    }

    fn all(&self, names: &[&str]) -> Vec<String> {
        names.iter().filter_map(|name| self.0.get(*name)).flatten().cloned().collect()
    }

    fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().filter_map(|name| self.0.get(*name)).flatten().next().cloned()
    }
}

/// True for microdata of the article, not of a picture, a comment or a person in it.
fn describes_article(page: &Page<'_>, index: usize) -> bool {
    let scope = page.ancestors(index).filter_map(|it| page.element(it)?.attr("itemtype")).next();
    scope.is_none_or(|kind| {
        let kind = kind.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        kind.ends_with("Article") || kind.ends_with("WebPage") || ARTICLE_TYPES.contains(&kind)
    })
}

/// The JSON-LD of a page's scripts.
fn linked_data(page: &Page<'_>) -> Vec<Value> {
    let scripts = page.elements().filter(|(_, element)| {
        element.name() == "script"
            && element.attr("type").is_some_and(|it| it.to_lowercase().contains("ld+json"))
    });
    let texts = scripts.map(|(index, _)| {
        let nodes = &page.nodes[index..page.nodes[index].end];
        nodes.iter().filter_map(|node| match node.content {
            Content::Text(run) => Some(run),
            Content::Element(_) => None,
        })
    });
    texts.filter_map(|runs| lenient(&runs.collect::<String>())).collect()
}

/// The JSON-LD objects of a page, nested ones too, in document order.
struct LinkedData<'a> {
    objects: Vec<&'a Map<String, Value>>,
    by_id: HashMap<&'a str, &'a Map<String, Value>>,
}

impl<'a> LinkedData<'a> {
    fn of(scripts: &'a [Value]) -> Self {
        let mut objects = Vec::new();
        let mut by_id = HashMap::new();
        let mut open: Vec<&Value> = scripts.iter().rev().collect();
        while let Some(value) = open.pop() {
            match value {
                Value::Array(values) => open.extend(values.iter().rev()),
                Value::Object(object) if objects.len() < MAX_OBJECTS => {
                    open.extend(object.values().rev().filter(|it| it.is_object() || it.is_array()));
                    if let (Some(Value::String(id)), true) =
                        (object.get("@id"), object.contains_key("name"))
                    {
                        by_id.entry(id.as_str()).or_insert(object);
                    }
                    objects.push(object);
                }
                _ => {}
            }
        }
        Self { objects, by_id }
    }

    /// The object that describes the page's article.
    fn article(&self) -> Option<&'a Map<String, Value>> {
        let mut articles = self.objects.iter().filter(|object| is_article(object)).copied();
        let first = articles
            .clone()
            .find(|object| object.contains_key("headline") && object.contains_key("datePublished"));
        first.or_else(|| articles.next()).or_else(|| {
            self.objects.iter().copied().find(|object| {
                types(object).any(|it| it.ends_with("WebPage"))
                    && object.contains_key("datePublished")
            })
        })
    }

    /// Whether an article of the page is free to read, as `true`, `"True"` or a schema.org address.
    fn free(&self) -> Option<bool> {
        let articles = || self.objects.iter().filter(|object| is_article(object));
        let whole = articles().filter_map(|object| object.get("isAccessibleForFree"));
        // Pages that only say it of the part behind the wall.
        let parts = articles().filter_map(|object| match object.get("hasPart")? {
            Value::Array(parts) => parts.first()?.get("isAccessibleForFree"),
            part => part.get("isAccessibleForFree"),
        });
        whole.chain(parts).find_map(|free| match free {
            Value::Bool(free) => Some(*free),
            Value::String(free) => {
                Some(!free.to_lowercase().rsplit('/').next()?.trim().eq("false"))
            }
            _ => None,
        })
    }

    /// The captions of the pictures.
    fn captions(&self) -> Vec<String> {
        let pictures = self.objects.iter().filter(|it| types(it).any(|kind| kind == "ImageObject"));
        let keys = ["caption", "name", "description"];
        pictures.flat_map(|it| keys.iter().filter_map(|key| text(it.get(*key)))).collect()
    }

    /// The names in an author or publisher: a name, an object, a reference, or a list of them.
    fn names(&self, value: Option<&Value>) -> Vec<String> {
        let mut names = Vec::new();
        let mut open: Vec<&Value> = value.into_iter().collect();
        while let Some(value) = open.pop() {
            match value {
                Value::String(name) => names.push(clean(name)),
                Value::Array(values) => open.extend(values.iter().rev()),
                Value::Object(object) => match object.get("name") {
                    Some(name @ (Value::String(_) | Value::Array(_))) => open.push(name),
                    _ => {
                        let id = object.get("@id").and_then(Value::as_str);
                        let known = id.and_then(|id| self.by_id.get(id));
                        names.extend(known.and_then(|object| text(object.get("name"))));
                    }
                },
                _ => {}
            }
            if names.len() >= MAX_AUTHORS {
                break;
            }
        }
        names
    }
}

fn is_article(object: &Map<String, Value>) -> bool {
    types(object).any(|it| it.ends_with("Article") || ARTICLE_TYPES.contains(&it))
}

fn types(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let kinds = match object.get("@type") {
        Some(Value::Array(kinds)) => kinds.as_slice(),
        Some(kind) => std::slice::from_ref(kind),
        None => &[],
    };
    kinds.iter().filter_map(Value::as_str).map(|kind| kind.rsplit('/').next().unwrap_or(kind))
}

/// JSON as pages write it: in comments, with raw line breaks in strings, with a stray end.
fn lenient(json: &str) -> Option<Value> {
    let json = json
        .trim()
        .trim_start_matches("<!--")
        .trim_start_matches("//<![CDATA[")
        .trim_start_matches("<![CDATA[")
        .trim_end_matches("-->")
        .trim_end_matches("//]]>")
        .trim_end_matches("]]>")
        .trim_end_matches(';')
        .trim();
    if let Ok(value) = serde_json::from_str(json) {
        return Some(value);
    }
    let spaced: String =
        json.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    serde_json::Deserializer::from_str(&spaced).into_iter().next()?.ok()
}

fn text(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => clean(text),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => clean(values.first()?.as_str()?),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// White space collapsed, character references resolved, tags gone.
fn clean(text: &str) -> String {
    let mut cleaned = String::new();
    if text.contains('&') || text.contains('<') {
        let html = Html::parse_fragment(text);
        for run in html.tree.root().descendants().filter_map(|node| node.value().as_text()) {
            push_collapsed(&mut cleaned, run);
        }
    } else {
        push_collapsed(&mut cleaned, text);
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// The visible main headings, in order.
fn headings(page: &Page<'_>) -> Vec<String> {
    page.elements()
        .filter(|(_, element)| element.name() == "h1")
        .map(|(index, _)| page.text(index))
        .filter(|text| !text.is_empty())
        .collect()
}

/// The main headings that name the article: where a page heads every section with one, only the
/// first and those that its other titles repeat.
fn titling(headings: Vec<String>, others: &[String]) -> Vec<String> {
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
fn title(
    metas: &Metas,
    article: Option<&Map<String, Value>>,
    headings: &[String],
    page: &Page<'_>,
    outlet: Option<&str>,
) -> (Option<String>, Vec<String>) {
    let window = page.elements().find(|(_, element)| element.name() == "title");
    let headline = article.and_then(|it| text(it.get("headline")));
    let headline = headline.map(|it| without_ending(&it, outlet).to_owned());
    let named = article.and_then(|it| text(it.get("name")));
    let window = window.map(|(index, _)| page.text(index));
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

fn is_live_blog(article: &Map<String, Value>) -> bool {
    types(article).any(|kind| kind == "LiveBlogPosting")
}

/// True for headlines of live blogs: "Vote on tides – live", "Tides LIVE: …", "Live updates: …".
fn says_live(title: &str) -> bool {
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
fn without_tagline(name: &str) -> &str {
    let ends = TITLE_SEPARATORS.iter().filter_map(|sign| name.find(sign));
    ends.min().map_or(name, |end| name[..end].trim())
}

/// The headline without the outlet's whole name behind a bar or a dash.
fn without_ending<'a>(headline: &'a str, outlet: Option<&str>) -> &'a str {
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

/// Whose work the article is.
#[derive(Debug, Default)]
struct Byline {
    names: Vec<String>,
    agencies: Vec<&'static str>,
}

/// Where authors are stated beside JSON-LD.
struct Authors {
    /// Where the site's rules say.
    by_site: Vec<String>,
    metas: Vec<String>,
    marked: Vec<String>,
    /// Above the text of old pages.
    printed: Vec<String>,
}

/// The authors: where the site's rules say, then JSON-LD's, then `<meta>`'s, then the markup's, then
/// what old pages print above the text. Where JSON-LD names only the outlet, a person that the page
/// shows is better, or else the agency.
fn byline(
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
fn marked_authors(page: &Page<'_>, signs: &[Signs]) -> Vec<String> {
    let marks: [fn(&Element, Signs) -> bool; 3] = [
        |element, _| element.attr("itemprop") == Some("author"),
        |element, _| element.attr("rel").is_some_and(|rel| rel.split(' ').any(|it| it == "author")),
        |_, signs| signs.byline,
    ];
    for mark in marks {
        let marked = page.elements().filter(|&(index, element)| {
            !matches!(element.name(), "meta" | "link" | "body" | "html")
                && mark(element, signs[index])
        });
        let found = marked
            .filter_map(|(index, _)| Some((index, page.short_text(index, 2 * MAX_NAME_CHARS)?)))
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

/// Dates of microdata: `itemprop="datePublished"`.
fn marked(page: &Page<'_>, name: &str) -> Vec<String> {
    page.elements()
        .filter(|(index, element)| {
            element.attr("itemprop").is_some_and(|it| it.eq_ignore_ascii_case(name))
                && describes_article(page, *index)
        })
        .filter_map(|(index, element)| {
            let stated = element.attr("datetime").or_else(|| element.attr("content"));
            stated
                .map(str::to_owned)
                .or_else(|| Some(page.text(index)).filter(|text| !text.is_empty()))
        })
        .collect()
}

/// The first `<time>` at or after the headline.
fn first_time(page: &Page<'_>) -> Option<PageDate> {
    let headline =
        page.elements().find(|(_, element)| element.name() == "h1").map_or(0, |(index, _)| index);
    let times: Vec<usize> = page
        .elements()
        .filter(|(_, element)| element.name() == "time")
        .map(|(index, _)| index)
        .collect();
    let after = times.iter().filter(|&&index| index > headline);
    after.chain(&times).find_map(|&index| {
        let stated = page.element(index)?.attr("datetime").map(str::to_owned);
        PageDate::parse(&stated.unwrap_or_else(|| page.text(index)))
    })
}

/// The declared language as an ISO 639-1 code.
fn language(page: &Page<'_>, metas: &Metas) -> Option<String> {
    let html = page.elements().find(|(_, element)| element.name() == "html");
    let declared =
        html.and_then(|(_, element)| element.attr("lang").or_else(|| element.attr("xml:lang")));
    let declared = declared
        .map(str::to_owned)
        .or_else(|| metas.first(&["content-language", "og:locale", "language", "inlanguage"]))?;
    let code: String = declared.trim().chars().take_while(char::is_ascii_alphabetic).collect();
    (code.len() == 2).then(|| code.to_ascii_lowercase())
}

/// The address the page calls its own, made absolute.
fn canonical(page: &Page<'_>, metas: &Metas, url: Option<&Url>) -> Option<String> {
    let link = page.elements().find(|(_, element)| {
        element.name() == "link"
            && element.attr("rel").is_some_and(|rel| {
                rel.split_whitespace().any(|it| it.eq_ignore_ascii_case("canonical"))
            })
    });
    let stated = link.and_then(|(_, element)| element.attr("href")).map(str::to_owned);
    stated.into_iter().chain(metas.first(&["og:url"])).find_map(|href| {
        let href = href.trim();
        let absolute = match url {
            Some(base) => base.join(href).ok(),
            None => Url::parse(href).ok(),
        }?;
        let is_front_page = absolute.path() == "/"
            && absolute.query().is_none()
            && url.is_none_or(|url| url.path() != "/");
        (matches!(absolute.scheme(), "http" | "https") && !href.is_empty() && !is_front_page)
            .then(|| absolute.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::super::from_html;

    const PROSE: &str = "The harbour committee will vote on the charter next week, its chair said on \
        Monday, after three years of talks that had often seemed close to failing.";

    fn article(head: &str, body: &str) -> crate::domain::article::Article {
        let html = format!(
            "<html><head>{head}</head><body><article><h1>The vote</h1>{body}<p>{PROSE}</p></article>"
        );
        from_html(&html, None).unwrap()
    }

    #[test]
    fn bylines_are_names_without_by_roles_places_days_and_agencies() {
        for (printed, names, agency) in [
            ("By Ada Byron", vec!["Ada Byron"], None),
            ("BY ADA BYRON AND OLU SARR", vec!["ADA BYRON", "OLU SARR"], None),
            (
                "By Ada Byron, Olu Sarr and Ned Lark",
                vec!["Ada Byron", "Olu Sarr", "Ned Lark"],
                None,
            ),
            ("By Ada Byron, Science Reporter", vec!["Ada Byron"], None),
            ("Science editor Ada Byron", vec!["Ada Byron"], None),
            ("Ada Byron is a staff writer", vec!["Ada Byron"], None),
            ("By Ada Byron in Vell", vec!["Ada Byron"], None),
            ("By Ada Byron in Vell and Olu Sarr in Orsk", vec!["Ada Byron", "Olu Sarr"], None),
            ("By Ada Byron Monday", vec!["Ada Byron"], None),
            ("By Ada Byron, Quay Post Business", vec!["Ada Byron"], None),
            ("By Ada Byron, Associated Press", vec!["Ada Byron"], Some("AP")),
            ("By ADA BYRON Associated Press", vec!["ADA BYRON"], Some("AP")),
            ("By Ada Byron of The Associated Press", vec!["Ada Byron"], Some("AP")),
            ("By Ada Byron | Reuters", vec!["Ada Byron"], Some("Reuters")),
            ("Ada Byron (AFP)", vec!["Ada Byron"], Some("AFP")),
            ("Ada Byron with AFP", vec!["Ada Byron"], Some("AFP")),
            ("PTI, Vell", vec!["PTI"], Some("PTI")),
            ("Reuters Staff", vec!["Reuters Staff"], Some("Reuters")),
            ("By The Associated Press", vec!["The Associated Press"], Some("AP")),
        ] {
            let site = "<meta property=og:site_name content='Quay Post'>";
            for article in [
                article(&format!("{site}<meta name=author content='{printed}'>"), ""),
                article(site, &format!("<p class=byline>{printed}</p>")),
            ] {
                assert_eq!(article.byline, names, "{printed}");
                assert_eq!(article.agency.as_deref(), agency, "{printed}");
                assert_eq!(article.text, PROSE, "{printed}");
            }
        }
    }

    #[test]
    fn agencies_are_credited_by_data_datelines_and_feet_and_not_by_pictures() {
        let data = |value: &str| {
            format!(
                "<script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"headline\":\"The vote\",\
                 \"author\":[{{\"name\":\"Ada Byron\"}}],{value}}}</script>"
            )
        };
        for (head, body, agency) in [
            (data("\"sourceOrganization\":{\"name\":\"Reuters\"}"), "", Some("Reuters")),
            (data("\"publisher\":{\"name\":\"Quay Post\"}"), "", None),
            (
                String::new(),
                "<p>VELL, Costa Verda (AP) — The charter is done, said its chair.</p>",
                Some("AP"),
            ),
            (String::new(), "<div>AFP, VELL</div>", Some("AFP")),
            (
                String::new(),
                "<figure><img src=a.jpg><figcaption>The quay. AFP</figcaption></figure>",
                None,
            ),
            (String::new(), "<div class=caption>The quay <span>Reuters</span></div>", None),
            (
                String::new(),
                "<p>The chair told Reuters on Monday that it was not her charter.</p>",
                None,
            ),
        ] {
            assert_eq!(article(&head, body).agency.as_deref(), agency, "{head}{body}");
        }
    }

    #[test]
    fn titles_lose_the_outlets_name() {
        for (head, title) in [
            ("<meta property=og:title content='A vote | Quay Post'>", "A vote"),
            (
                "<meta property=og:title content='A vote - Costa Verda - Quay Post'>",
                "A vote - Costa Verda",
            ),
            ("<meta property=og:title content='Vote – yes or no?'>", "Vote – yes or no?"),
            (
                "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"A vote | Quay Post\"}</script>",
                "A vote",
            ),
        ] {
            let site = "<meta property=og:site_name content='Quay Post'>";
            assert_eq!(
                article(&format!("{site}{head}"), "").title.as_deref(),
                Some(title),
                "{head}"
            );
        }
    }

    #[test]
    fn microdata_of_pictures_and_comments_is_not_the_articles() {
        let body = "<div itemscope itemtype='https://schema.org/ImageObject'>\
            <meta itemprop=author content='Ned Lark'><meta itemprop=datePublished content='2001-01-01'>\
            </div>";
        let head = "<meta itemprop=author content='Ada Byron'>";
        let found = article(head, body);
        assert_eq!(found.byline, ["Ada Byron"]);
        assert_eq!(found.published, None);
    }

    #[test]
    fn live_blogs_are_recognised_by_data_title_and_markup() {
        let posts =
            format!("<div class=live-blog><div><h2>Noon</h2><p>{PROSE} Twice.</p></div></div>");
        for (head, body, live) in [
            (
                "<script type=application/ld+json>{\"@type\":\"LiveBlogPosting\",\"headline\":\"A\"}</script>",
                "",
                true,
            ),
            ("<meta property=og:title content='Tides LIVE: the vote'>", "", true),
            ("<meta property=og:title content='The vote on tides – live'>", "", true),
            ("", posts.as_str(), true),
            ("<meta property=og:title content='How otters live'>", "", false),
            ("", "<aside class=live-blog><a href=/x>Follow our live blog</a></aside>", false),
        ] {
            assert_eq!(article(head, body).live, live, "{head}{body}");
        }
    }
}
