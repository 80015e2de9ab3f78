//! The filters beside the results: fields to type in, values with their counts to choose from.

use maud::{Markup, html};
use url::form_urlencoded;

use super::super::filters;
use super::layout::{address, cut, grouped};
use super::{quotation, timeline};
use crate::collection::{Filters, KindArgument, Names, NoticeArgument};
use crate::domain::quote::QuoteKind;
use crate::search::{CountBy, Marked, Query, Results, Row, Search, SearchError, Timeline};

/// Values of a facet that are shown: the box above them finds the others.
const SHOWN: usize = 8;
/// Characters of a value that are shown.
const SHOWN_NAME: usize = 80;

/// A filter by words, whose values are counted.
struct Facet {
    name: &'static str,
    title: &'static str,
    by: CountBy,
    of: fn(&mut Filters) -> &mut Option<String>,
}

const FACETS: [Facet; 4] = [
    Facet { name: "speaker", title: "Speaker", by: CountBy::Speaker, of: |it| &mut it.speaker },
    Facet { name: "role", title: "Role", by: CountBy::Role, of: |it| &mut it.role },
    Facet {
        name: "affiliation",
        title: "Affiliation",
        by: CountBy::Affiliation,
        of: |it| &mut it.affiliation,
    },
    Facet { name: "outlet", title: "Outlet", by: CountBy::Outlet, of: |it| &mut it.outlet },
];

const KINDS: [(KindArgument, &str, QuoteKind); 3] = [
    (KindArgument::Direct, "direct", QuoteKind::Direct),
    (KindArgument::Mixed, "mixed", QuoteKind::Mixed),
    (KindArgument::Indirect, "indirect", QuoteKind::Indirect),
];

const NOTICES: [(NoticeArgument, &str, &str); 4] = [
    (NoticeArgument::Correction, "correction", "a correction"),
    (NoticeArgument::Update, "update", "an update"),
    (NoticeArgument::Clarification, "clarification", "a clarification"),
    (NoticeArgument::EditorsNote, "editors-note", "an editor’s note"),
];

/// How many quotes each value of a filter would find, and when those were published that are found.
pub struct Facets {
    /// By facet, in their order: the values that most quotes have.
    values: Vec<Vec<Row>>,
    kinds: Vec<Row>,
    topics: Vec<(String, u64)>,
    revised: u64,
    anonymous: u64,
    /// When the quotes were published, by the speakers with most of them.
    pub timeline: Timeline,
}

/// What `query` finds, and how many by the values of each filter, that filter itself left out: a reader
/// sees what choosing another value would find. What is found is known first; `meanwhile`, it is read.
///
/// # Errors
/// As [`Search::run`].
pub fn load<T>(
    search: &Search,
    query: &Query,
    meanwhile: impl FnOnce(&Results) -> T,
) -> Result<(Results, Facets, T), SearchError> {
    let by: Vec<CountBy> = FACETS.iter().map(|facet| facet.by).chain([CountBy::Kind]).collect();
    // One row may be that of quotes without a value.
    let (results, overview, read) =
        search.run_and_count(query, &by, SHOWN + 1, timeline::TOP, meanwhile)?;
    let of_values = overview.counts.into_iter().map(|counts| {
        counts.rows.into_iter().filter(|row| row.value.is_some()).take(SHOWN).collect()
    });
    let mut values: Vec<Vec<Row>> = of_values.collect();
    let kinds = values.pop().unwrap_or_default();
    let Marked { revised, anonymous, mut topics } = overview.marked;
    topics.retain(|(topic, found)| *found > 0 || query.topic.as_ref() == Some(topic));
    let facets = Facets { values, kinds, topics, revised, anonymous, timeline: overview.timeline };
    Ok((results, facets, read))
}

impl Facets {
    /// The speakers that are shown and have an identity, with their printed names.
    pub fn speakers(&self) -> impl Iterator<Item = (&str, &str)> {
        let rows = self.values.iter().flatten();
        let counted = rows.map(|row| (row.identity.as_deref(), row.value.as_deref()));
        let drawn = self.timeline.identities.iter().zip(&self.timeline.speakers);
        let drawn = drawn.map(|(identity, name)| (identity.as_deref(), Some(name.as_str())));
        counted.chain(drawn).filter_map(|(identity, name)| identity.zip(name))
    }
}

/// The address of a search with these filters.
#[must_use]
pub fn link(filters: &Filters) -> String {
    let encoded = filters::encode(filters);
    if encoded.is_empty() { "/".to_owned() } else { format!("/?{encoded}") }
}

/// [`link`], unless it is too long for a page that has many.
#[must_use]
pub fn short_link(filters: &Filters) -> Option<String> {
    /// Bytes: the filters that people set, a short query.
    const MAX: usize = 250;
    Some(link(filters)).filter(|link| link.len() <= MAX)
}

/// The filters that are set, each with a link to the results without it; without one where each link
/// would repeat a long search, which the fields beside the results change as well.
#[must_use]
pub fn chosen(filters: &Filters, names: &Names) -> Markup {
    /// Bytes of a search that links repeat: filters that people set, a query of some lines.
    const MAX_LINKED: usize = 1_500;
    let encoded = filters::encode(&Filters { offset: 0, ..filters.clone() });
    let linked = encoded.len() <= MAX_LINKED;
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(encoded.as_bytes()).into_owned().collect();
    let shown: Vec<&(String, String)> =
        pairs.iter().filter(|(name, _)| !matches!(name.as_str(), "q" | "sort" | "limit")).collect();
    let without = |name: &str| {
        let kept = pairs.iter().filter(|(other, _)| other != name);
        linked.then(|| address("/", kept.map(|(name, value)| (name.as_str(), value.as_str()))))
    };
    html! {
        @if !shown.is_empty() {
            ul.chosen aria-label="Filters in force" {
                @for (name, value) in &shown {
                    li { a href=[without(name)] {
                        @if linked { span.unseen { "Remove " } }
                        @let (name, value) = match name.as_str() {
                            "speaker_id" => ("speaker".to_owned(), names.name(Some(value), value)),
                            name => (name.replace('_', " "), value.as_str()),
                        };
                        (name)
                        @if value != "true" { ": " bdi { (cut(value, SHOWN_NAME).0) } }
                        @if linked { span aria-hidden="true" { " ×" } }
                    } }
                }
                @if shown.len() > 1 && linked {
                    li { a href=(link(&Filters { query: filters.query.clone(), ..Filters::default() })) {
                        "Remove all"
                    } }
                }
            }
        }
    }
}

/// The filters with their counts. Their fields belong to the form of the search box.
#[must_use]
pub fn draw(filters: &Filters, facets: &Facets, names: &Names) -> Markup {
    html! {
        aside.filters #filters aria-labelledby="filters-title" {
            h2 #filters-title { "Filters" }
            @for (facet, rows) in FACETS.iter().zip(&facets.values) { (words(filters, facet, rows, names)) }
            fieldset {
                legend { "Published" }
                div.days {
                    p { label for="since" { "from" } " "
                        input #since type="date" name="since" form="search" value=[filters.since]; }
                    p { label for="until" { "to" } " "
                        input #until type="date" name="until" form="search" value=[filters.until]; }
                }
            }
            fieldset {
                legend { "Quote" }
                p {
                    label for="kind" { "Kind" } " "
                    select #kind name="kind" form="search" {
                        option value="" { "any" }
                        @for (argument, value, kind) in KINDS {
                            @let count = facets.kinds.iter().find(|row| row.value.as_deref() == Some(value));
                            option value=(value) selected[filters.kind == Some(argument)] {
                                (quotation::kind(kind)) " (" (grouped(count.map_or(0, |row| row.quotes))) ")"
                            }
                        }
                    }
                }
                p {
                    label for="notice" { "Article with" } " "
                    select #notice name="notice" form="search" {
                        option value="" { "any or no notice" }
                        @for (argument, value, name) in NOTICES {
                            option value=(value) selected[filters.notice == Some(argument)] { (name) }
                        }
                    }
                }
                p { label {
                    input type="checkbox" name="revised" value="true" form="search" checked[filters.revised];
                    " Revised " span.count { (grouped(facets.revised)) }
                } }
                p { label {
                    input type="checkbox" name="current" value="true" form="search" checked[filters.current];
                    " Still in the article"
                } }
                p { label {
                    input type="checkbox" name="anonymous" value="true" form="search"
                        checked[filters.anonymous];
                    " Name withheld " span.count { (grouped(facets.anonymous)) }
                } }
            }
            @if !facets.topics.is_empty() || filters.topic.is_some() {
                fieldset {
                    legend #topic-title { "Topic" }
                    select name="topic" form="search" aria-labelledby="topic-title" {
                        option value="" { "any" }
                        @for (topic, quotes) in &facets.topics {
                            option value=(topic) selected[filters.topic.as_ref() == Some(topic)] {
                                (topic) " (" (grouped(*quotes)) ")"
                            }
                        }
                        @if let Some(unknown) = filters.topic.as_ref().filter(|topic| {
                            facets.topics.iter().all(|(known, _)| known != *topic)
                        }) { option value=(unknown) selected { (unknown) " (0)" } }
                    }
                }
            }
            p { button form="search" { "Apply the filters" } }
        }
    }
}

/// A filter by words: a box, and the values that most quotes have as links.
fn words(filters: &Filters, facet: &Facet, rows: &[Row], names: &Names) -> Markup {
    let mut others = Filters { offset: 0, ..filters.clone() };
    let chosen = if facet.by == CountBy::Speaker { others.speaker_id.take() } else { None };
    let asked = (facet.of)(&mut others).take();
    // An identity is exact; a name may be that of several.
    let with = |row: Option<&Row>| {
        let mut filters = others.clone();
        match row.and_then(|row| row.identity.as_ref()) {
            Some(identity) => filters.speaker_id = Some(identity.clone()),
            None => *(facet.of)(&mut filters) = row.and_then(|row| row.value.clone()),
        }
        short_link(&filters)
    };
    html! {
        fieldset {
            legend { label for=(facet.name) { (facet.title) } }
            input type="text" #(facet.name) name=(facet.name) form="search" value=[asked.as_deref()]
                dir="auto" autocomplete="off";
            ul.values {
                @for row in rows {
                    @if let Some(value) = &row.value {
                        @let is_chosen = match &row.identity {
                            Some(identity) => chosen.as_ref() == Some(identity),
                            None => asked.as_ref() == Some(value),
                        };
                        li {
                            a href=[with((!is_chosen).then_some(row))]
                                aria-current=[is_chosen.then_some("true")] {
                                bdi { (cut(names.name(row.identity.as_deref(), value), SHOWN_NAME).0) }
                            }
                            " " span.count { (grouped(row.quotes)) }
                        }
                    }
                }
            }
        }
    }
}
