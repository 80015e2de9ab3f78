//! One speaker: roles over time, quotes, outlets, who else speaks; why the mentions are one speaker's,
//! and corrections of that. And the list of all.

use std::collections::HashMap;

use jiff::Timestamp;
use maud::{Markup, html};

use super::super::asked::{Asked, Visitor};
use super::super::failure::Failure;
use super::super::filters::MAX_STEPS;
use super::super::reply::Reply;
use super::super::state::Reading;
use super::layout::{self, counted, cut, day, grouped, moment};
use super::quotation;
use crate::domain::date::PageDate;
use crate::domain::record::{
    Correction, CorrectionKind, Evidence, QuoteRecord, SpeakerDetails, SpeakerMention,
    SpeakerSummary,
};
use crate::pipeline::people::{self, Request};
use crate::search::{CountBy, Highlighter, Query, Row, Sort};
use crate::store::{BESIDE_IN, Beside, ListedSpeakers, Selection};

/// Speakers in a part of the list.
const LISTED: usize = 40;
/// Of one speaker: newest quotes, outlets, other speakers, mentions that are shown.
const QUOTES: usize = 10;
const OUTLETS: usize = 12;
const BESIDE: usize = 12;
const MENTIONS: usize = 30;
/// Names, roles and affiliations of a speaker in the list.
const FEW: usize = 3;
/// Characters of a name or a role that are shown, and of a word to look for.
const SHOWN: usize = 80;
const MAX_WORDS: usize = 200;

/// A speaker with part of the mentions, and what else a page shows.
struct Found {
    speaker: SpeakerDetails,
    /// How mentions name their speaker, and their outlets, where the page says what ties others to them.
    named: HashMap<String, (String, String)>,
    quotes: Vec<QuoteRecord>,
    total: usize,
    outlets: Vec<Row>,
    beside: Vec<Beside>,
}

/// The speakers, or those whose names have the words of `q`. With `merge`, the identity of another one,
/// each can be made one with that.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn list(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.parameters();
    let words = parameters.take("q")?.filter(|words| words.chars().count() <= MAX_WORDS);
    let merge = parameters.take("merge")?;
    let offset = parameters.take_number("offset", 0..=MAX_STEPS)?.unwrap_or_default();
    parameters.finish()?;
    let merged = match &merge {
        Some(id) => Some(read(reading, id)?),
        None => None,
    };
    let ListedSpeakers { total, speakers } =
        reading.store.listed_speakers(words.as_deref(), offset, LISTED)?;
    let content = html! {
        h1 { "Speakers" }
        @if let Some(other) = &merged {
            p.note {
                "Choose who is the same as " strong { bdi { (cut(&other.name, SHOWN).0) } } ". "
                a href=(address(other)) { "Back" }
            }
        }
        form.box.line action="/speakers" method="get" role="search" {
            label for="q" { "Name" } " "
            input #q type="search" name="q" value=[words.as_deref()] dir="auto" maxlength=(MAX_WORDS);
            @if let Some(id) = &merge { input type="hidden" name="merge" value=(id); }
            button { "Find" }
        }
        p { (counted(total as u64, "speaker")) ", most quoted first" }
        ul.speakers {
            @for speaker in &speakers { li { (row(speaker, merged.as_ref(), &asked.visitor)) } }
        }
        (layout::paging(offset, speakers.len(), LISTED, total, |offset| {
            let offset = offset.to_string();
            let words = words.as_deref().map(|words| ("q", words));
            let merge = merge.as_deref().map(|id| ("merge", id));
            let asked = words.into_iter().chain(merge).chain([("offset", offset.as_str())]);
            layout::address("/speakers", asked)
        }))
    };
    Ok(Reply::Page(layout::page(&asked.visitor, "/speakers", "Speakers", &content)))
}

/// A speaker in the list.
fn row(speaker: &SpeakerSummary, merged: Option<&SpeakerSummary>, visitor: &Visitor) -> Markup {
    let few = |values: &[String]| {
        values.iter().take(FEW).map(|it| cut(it, SHOWN).0).collect::<Vec<_>>().join("; ")
    };
    let stands = [few(&speaker.roles), few(&speaker.affiliations)];
    let stands: Vec<&String> = stands.iter().filter(|part| !part.is_empty()).collect();
    html! {
        p.who {
            @match &speaker.identity {
                Some(id) => a.name href=(format!("/speakers/{id}")) { bdi { (cut(&speaker.name, SHOWN).0) } },
                None => a.name href=(unnamed(&speaker.name)) { bdi { (cut(&speaker.name, SHOWN).0) } },
            }
            " " span.count { (counted(speaker.quotes, "quote")) }
            @if speaker.anonymous { " " strong.state { "name withheld; may be several" } }
            @else if !speaker.told { " " strong.state { "may be one of several of this name" } }
        }
        p.where {
            @for (number, part) in stands.iter().enumerate() {
                @if number > 0 { " · " } bdi { (part) }
            }
        }
        p.where {
            (days(speaker.first.as_ref(), speaker.last.as_ref())) " · " bdi { (few(&speaker.outlets)) }
        }
        @if let (Some(other), Some(id)) = (merged, &speaker.identity) {
            @if visitor.may_change() && other.identity.as_ref() != Some(id) {
                form method="post" action="/speakers/merge" {
                    (layout::token(visitor))
                    input type="hidden" name="first" value=[other.identity.as_ref()];
                    input type="hidden" name="second" value=(id);
                    button { "The same as " (cut(&other.name, SHOWN).0) }
                }
            }
        }
    }
}

/// The quotes of whoever the articles only describe.
fn unnamed(description: &str) -> String {
    let words = cut(description, MAX_WORDS).0;
    layout::address("/", [("speaker", words), ("anonymous", "true")])
}

/// The speaker of the id in the path.
///
/// # Errors
/// [`Failure`] if there is none, or the collection can't be read.
pub fn page(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.parameters();
    let from = parameters.take_number("mentions", 0..=MAX_STEPS)?.unwrap_or_default();
    parameters.finish()?;
    let store = &reading.store;
    let summary = read(reading, asked.part("id"))?;
    let id = summary.identity.clone().unwrap_or_default();
    let mentions = store.mentions(&id, from, MENTIONS)?;
    let mut named = HashMap::new();
    for evidence in mentions.iter().filter_map(|mention| mention.evidence.as_ref()) {
        if let Some(words) = store.mention_in_words(&evidence.mention)? {
            named.insert(evidence.mention.clone(), words);
        }
    }
    let identity = Some(id.clone());
    let query = Query { identity, sort: Sort::Newest, limit: QUOTES, ..Query::default() };
    let results = reading.search.run(&query)?;
    let found = Found {
        quotes: store.quotes(&results.ids)?,
        total: results.total,
        outlets: reading
            .counts(&query, CountBy::Outlet)?
            .rows
            .iter()
            .take(OUTLETS)
            .cloned()
            .collect(),
        beside: store.beside(&id, BESIDE)?,
        speaker: SpeakerDetails { corrections: store.corrections_of(&id)?, mentions, summary },
        named,
    };
    let content = draw(&found, from, &asked.visitor);
    let name = &found.speaker.summary.name;
    Ok(Reply::Page(layout::page(&asked.visitor, "/speakers", name, &content)))
}

fn read(reading: &Reading, id: &str) -> Result<SpeakerSummary, Failure> {
    let found = match reading.store.identity(id)? {
        Some(identity) => reading.store.listed_speaker(&identity)?,
        None => None,
    };
    found.ok_or_else(|| Failure::not_found("no speaker has this id"))
}

fn address(speaker: &SpeakerSummary) -> String {
    format!("/speakers/{}", speaker.identity.as_deref().unwrap_or_default())
}

fn draw(found: &Found, from: usize, visitor: &Visitor) -> Markup {
    let summary = &found.speaker.summary;
    let id = summary.identity.as_deref().unwrap_or_default();
    let others: Vec<&str> = summary
        .aliases
        .iter()
        .filter(|name| **name != summary.name)
        .take(OUTLETS)
        .map(|name| cut(name, SHOWN).0)
        .collect();
    html! {
        h1 { bdi { (cut(&summary.name, SHOWN).0) } }
        p.where {
            (summary.kind.as_str()) " · " (counted(summary.quotes, "quote")) " in "
            (counted(summary.articles, "article")) " · "
            (days(summary.first.as_ref(), summary.last.as_ref()))
        }
        @if !others.is_empty() { p { "Also called " bdi { (others.join("; ")) } } }
        @if !summary.told {
            p.note { "The articles don’t tell which bearer of the name it is: another speaker of this name \
                may be the same one." }
        }
        div.columns {
            div {
                @if !summary.stated.is_empty() { (roles(summary)) }
                section aria-labelledby="quotes" {
                    h2 #quotes { "Quotes" }
                    ol.quotes {
                        @for record in &found.quotes {
                            li { (quotation::item(record, &Highlighter::default(), false)) }
                        }
                    }
                    @if found.total > found.quotes.len() {
                        p { a href=(format!("/?speaker_id={id}&sort=newest")) {
                            "All " (counted(found.total as u64, "quote"))
                        } }
                    }
                }
            }
            div {
                section aria-labelledby="outlets" {
                    h2 #outlets { "Outlets" }
                    ul.values {
                        @for row in &found.outlets {
                            @if let Some(outlet) = &row.value {
                                li {
                                    a href=(in_outlet(id, outlet)) { bdi { (cut(outlet, SHOWN).0) } } " "
                                    span.count { (grouped(row.quotes)) }
                                }
                            }
                        }
                    }
                }
                @if !found.beside.is_empty() {
                    section aria-labelledby="beside" {
                        h2 #beside { "In the same articles" }
                        @if summary.articles > BESIDE_IN as u64 {
                            p.note { "of the " (grouped(BESIDE_IN as u64)) " latest ones" }
                        }
                        ul.values {
                            @for other in &found.beside {
                                li {
                                    a href=(format!("/speakers/{}", other.identity)) { bdi { (cut(&other.name, SHOWN).0) } }
                                    " " span.count { (counted(other.articles, "article")) }
                                }
                            }
                        }
                    }
                }
                (corrections(&found.speaker, visitor))
            }
        }
        (mentions(found, from, visitor))
    }
}

fn in_outlet(id: &str, outlet: &str) -> String {
    layout::address("/", [("speaker_id", id), ("outlet", cut(outlet, MAX_WORDS).0)])
}

fn roles(speaker: &SpeakerSummary) -> Markup {
    html! {
        section aria-labelledby="roles" {
            h2 #roles { "Roles and affiliations" }
            div.scroll tabindex="0" role="region" aria-label="Roles and affiliations as a table" {
                table {
                    thead { tr {
                        th scope="col" { "When" }
                        th scope="col" { "Role" }
                        th scope="col" { "Affiliation" }
                        th scope="col" { "Outlet" }
                    } }
                    tbody {
                        @for one in &speaker.stated {
                            tr {
                                td { (days(one.first.as_ref(), one.last.as_ref())) }
                                td dir="auto" { (cut(one.role.as_deref().unwrap_or("–"), SHOWN).0) }
                                td dir="auto" { (cut(one.affiliation.as_deref().unwrap_or("–"), SHOWN).0) }
                                td dir="auto" {
                                    (cut(&one.outlet, SHOWN).0)
                                    @if one.articles > 1 { " (" (counted(one.articles, "article")) ")" }
                                }
                            }
                        }
                    }
                }
            }
            @if speaker.distinct.stated > speaker.stated.len() {
                p.note { "and " (grouped((speaker.distinct.stated - speaker.stated.len()) as u64))
                    " more, each in fewer articles" }
            }
        }
    }
}

/// "8 February 2024 to 9 August 2024", or the one day.
fn days(first: Option<&PageDate>, last: Option<&PageDate>) -> Markup {
    html! {
        @match (first, last) {
            (Some(first), Some(last)) if first == last => (day(first)),
            (Some(first), Some(last)) => { (day(first)) " to " (day(last)) }
            _ => { "undated" }
        }
    }
}

/// The mentions with what shows that they are one speaker's; some can be split off.
fn mentions(found: &Found, from: usize, visitor: &Visitor) -> Markup {
    let SpeakerDetails { summary, mentions, .. } = &found.speaker;
    let total = usize::try_from(summary.articles).unwrap_or(usize::MAX);
    let splits = visitor.may_change() && total > 1;
    let list = html! {
        ul.mentions {
            @for (number, mention) in mentions.iter().enumerate() {
                li { (one_mention(found, mention, number, splits)) }
            }
        }
    };
    html! {
        section #mentions aria-labelledby="mentions-title" {
            h2 #mentions-title { "Why this is one speaker" }
            @if splits {
                form method="post" action=(format!("{}/split", address(summary))) {
                    (layout::token(visitor))
                    (list)
                    p {
                        button { "The marked mentions are somebody else’s" }
                        " Every quote of these articles by this speaker goes with them; you can undo it."
                    }
                }
            } @else { (list) }
            (layout::paging(from, mentions.len(), MENTIONS, total, |from| {
                format!("{}?mentions={from}#mentions", address(summary))
            }))
        }
    }
}

fn one_mention(found: &Found, mention: &SpeakerMention, number: usize, splits: bool) -> Markup {
    let field = format!("mention-{number}");
    html! {
        p {
            @if splits {
                @if let Some(quote) = mention.quotes.first() {
                    input type="checkbox" #(field) name="quote" value=(quote); " "
                }
            }
            label for=[splits.then_some(&field)] {
                strong { bdi { (cut(&mention.name, SHOWN).0) } } " in " bdi { (cut(&mention.outlet, SHOWN).0) }
                @if let Some(date) = &mention.day { ", " (day(date)) }
            }
            " · " a href=(format!("/articles/{}", mention.article)) {
                (counted(mention.quotes.len() as u64, "quote"))
                span.unseen { " in " (cut(&mention.outlet, SHOWN).0) }
            }
        }
        @if let Some(evidence) = &mention.evidence { p.where { (reason(found, evidence)) } }
    }
}

/// Why a mention is one speaker's with another, in words.
fn reason(found: &Found, evidence: &Evidence) -> Markup {
    html! {
        "as "
        @match found.named.get(&evidence.mention) {
            Some((name, outlet)) => {
                bdi { (cut(name, SHOWN).0) } " in " bdi { (cut(outlet, SHOWN).0) }
            }
            None => { "another mention" }
        }
        ": " bdi { (evidence.in_words(cut(&evidence.detail, SHOWN).0)) }
    }
}

/// The corrections in force, each with its undo, and how to make one of two.
fn corrections(speaker: &SpeakerDetails, visitor: &Visitor) -> Markup {
    let summary = &speaker.summary;
    html! {
        @if !speaker.corrections.is_empty() || visitor.may_change() {
            section aria-labelledby="corrections" {
                h2 #corrections { "Corrections" }
                ul.plain {
                    @for correction in &speaker.corrections {
                        li {
                            (told(correction)) ", " (moment(&correction.at))
                            @if visitor.may_change() {
                                form method="post" action="/speakers/undo" {
                                    (layout::token(visitor))
                                    input type="hidden" name="number" value=(correction.number);
                                    input type="hidden" name="speaker" value=[summary.identity.as_ref()];
                                    button { "Undo correction " (correction.number) }
                                }
                            }
                        }
                    }
                }
                @if visitor.may_change() {
                    form action="/speakers" method="get" {
                        input type="hidden" name="merge" value=[summary.identity.as_ref()];
                        p {
                            label for="other" { "The same as somebody called" } " "
                            input #other type="search" name="q" dir="auto" maxlength=(MAX_WORDS)
                                value=[summary.name.split_whitespace().last()];
                        }
                        button { "Find them" }
                    }
                }
            }
        }
    }
}

/// A correction in words.
fn told(correction: &Correction) -> String {
    let side = |(_, name): &(String, String)| cut(name, SHOWN).0.to_owned();
    let number = correction.number;
    match (&correction.kind, &correction.sides) {
        (CorrectionKind::Merge, Some([first, second])) => {
            format!("{number}: {} and {} are one speaker", side(first), side(second))
        }
        (CorrectionKind::Split, Some([off, rest])) => {
            format!("{number}: {} is not {}", side(off), side(rest))
        }
        (kind, _) => format!("{number}: {}", kind.as_str()),
    }
}

/// Makes one speaker of the two that a form names.
///
/// # Errors
/// [`Failure`] if the correction is refused, or the collection can't be written.
pub fn merge(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut form = asked.form();
    let mut side = |name: &str| Ok::<_, Failure>(form.take(name)?.unwrap_or_default());
    let (first, second) = (side("first")?, side("second")?);
    correct(reading, &Request::Merge(first.clone(), second), &first)
}

/// Makes another speaker of the mentions whose quotes a form names.
///
/// # Errors
/// [`Failure`] if the correction is refused, or the collection can't be written.
pub fn split(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let id = asked.part("id");
    let quotes = asked.form().take_all("quote");
    let request = Request::Split(id.to_owned(), Selection { quotes, ..Selection::default() });
    correct(reading, &request, id)
}

/// Undoes the correction that a form names.
///
/// # Errors
/// [`Failure`] if the correction is refused, or the collection can't be written.
pub fn undo(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut form = asked.form();
    let number = form.take_number("number", 1..=u64::MAX)?;
    let speaker = form.take("speaker")?.unwrap_or_default();
    correct(reading, &Request::Undo(number), &speaker)
}

/// Makes a correction and goes to the speaker that it is about.
fn correct(reading: &mut Reading, request: &Request, speaker: &str) -> Result<Reply, Failure> {
    people::correct(reading.data(), request, Timestamp::now())?;
    reading.refresh()?;
    // What was asked for by an id that it no longer has is found by any mention's.
    let identity = reading.store.identity(speaker)?;
    Ok(Reply::SeeOther(identity.map_or("/speakers".to_owned(), |id| format!("/speakers/{id}"))))
}
