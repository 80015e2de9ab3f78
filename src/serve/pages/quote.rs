//! One quote: the paragraph around it, where it is from, what became of it, the same words elsewhere.

use maud::{Markup, html};

use super::super::asked::{Asked, Visitor};
use super::super::failure::Failure;
use super::super::reply::Reply;
use super::super::state::Reading;
use super::citation::{self, Part};
use super::layout::{self, cut, day, moment, outward};
use super::marked::{self, Stretch, pieces};
use super::{collections, quotation};
use crate::domain::quote::{Quote, Span};
use crate::domain::record::{Context, QuoteRecord, Revision, RevisionKind, RevisionSide};
use crate::domain::wording::{Elsewhere, Likeness};
use crate::search::Highlighter;
use crate::store::NamedCollection;

/// Characters of the words, of a context and of a citation that are shown: a page stays below 100 KB.
/// The API has them whole.
const SHOWN_WORDS: usize = 4_000;
const SHOWN_CONTEXT: usize = 6_000;
/// Code points of a long context that are shown before the quote.
const BEFORE: usize = 1_000;
/// Changes and quotes elsewhere that are shown, and characters of each.
const SHOWN_REVISIONS: usize = 10;
const SHOWN_ELSEWHERE: usize = 10;
const SHOWN_EACH: usize = 400;
/// Notices that are shown.
const SHOWN_NOTICES: usize = 10;

/// A quote with everything about it.
struct Found {
    record: QuoteRecord,
    context: Option<Context>,
    revisions: Vec<Revision>,
    elsewhere: Vec<Elsewhere>,
    /// The named collections that have it.
    picked: Vec<NamedCollection>,
    collections: Vec<NamedCollection>,
}

/// The quote of the id in the path.
///
/// # Errors
/// [`Failure`] if there is none, or the collection can't be read.
pub fn page(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.parameters().finish()?;
    let store = &reading.store;
    let Some(record) = store.quote(&asked.part("id").to_lowercase())? else {
        return Err(Failure::not_found("no quote has this id"));
    };
    let id = &record.quote.id;
    let found = Found {
        context: store.context(id)?,
        revisions: store.revisions(id)?,
        elsewhere: store.elsewhere(id)?,
        picked: store.collections_with(id)?,
        collections: store.named_collections()?,
        record,
    };
    let speaker = found.record.quote.speaker.as_ref();
    let title = speaker.map_or("Quote".to_owned(), |it| format!("Quote by {}", it.name));
    let content = draw(&found, &asked.visitor);
    Ok(Reply::Page(layout::page(&asked.visitor, "/", &title, &content)))
}

fn draw(found: &Found, visitor: &Visitor) -> Markup {
    let Found { record, context, revisions, elsewhere, .. } = found;
    let (quote, article) = (&record.quote, &record.article);
    let language = article.language.as_deref();
    let printed = quote.printed_words();
    let (shown, is_cut) = cut(&printed, SHOWN_WORDS);
    html! {
        article.quote.whole {
            h1.unseen {
                "Quote by " (quote.speaker.as_ref().map_or("nobody named", |speaker| &speaker.name))
            }
            blockquote { p.words lang=[language] dir="auto" {
                (shown) @if is_cut { "… " (whole(quote)) }
            } }
            p.who { "— " (quotation::speaker(quote.speaker.as_ref(), &Highlighter::default(), language)) }
            p.facts {
                span { (quotation::kind(quote.kind)) }
                @for state in record.states() { strong.state { (state) } }
            }
        }
        div.columns {
            div {
                @if let Some(context) = context { (in_the_article(record, context)) }
                @if !revisions.is_empty() { (history(revisions)) }
                @if !elsewhere.is_empty() { (same_words(elsewhere)) }
            }
            div {
                (to_copy(record))
                (provenance(record))
                (in_collections(found, visitor))
            }
        }
    }
}

/// A link to all there is of a quote that is too long for a page.
fn whole(quote: &Quote) -> Markup {
    html! { a href=(format!("/api/v1/quotes/{}", quote.id)) { "all of it, as JSON" } }
}

/// What a part of the context is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Content,
    Source,
    Cue,
}

fn in_the_article(record: &QuoteRecord, context: &Context) -> Markup {
    let quote = &record.quote;
    let stretch =
        |what: Role| move |span: &Span| Stretch { start: span.start, end: span.end, what };
    let mut stretches: Vec<Stretch<Role>> =
        quote.content.iter().map(stretch(Role::Content)).collect();
    stretches.extend(quote.source.iter().map(stretch(Role::Source)));
    stretches.extend(quote.cue.iter().map(stretch(Role::Cue)));
    let first = stretches.iter().map(|it| it.start).min().unwrap_or(context.start);
    // Of a paragraph as long as a book, what is around the quote.
    let skipped = first.saturating_sub(context.start).saturating_sub(BEFORE);
    let start = context.text.char_indices().nth(skipped).map_or(0, |(byte, _)| byte);
    let (text, is_cut) = cut(&context.text[start..], SHOWN_CONTEXT);
    let language = record.article.language.as_deref();
    html! {
        section aria-labelledby="context" {
            h2 #context { "In the article" }
            div.context lang=[language] dir="auto" {
                @if skipped > 0 { "… " }
                p {
                    @for piece in pieces(text, context.start + skipped, &stretches) {
                        @match piece.of.map(|of| of.what) {
                            None => { (broken(piece.text)) }
                            Some(Role::Content) => mark.content { (broken(piece.text)) },
                            Some(Role::Source) => span.source {
                                span.unseen { "[source: ]" } (piece.text)
                            },
                            Some(Role::Cue) => span.cue { span.unseen { "[cue: ]" } (piece.text) },
                        }
                    }
                }
                @if is_cut { " … " (whole(quote)) }
            }
            ul.key aria-label="How it is marked" {
                li { mark.content { "the quote" } }
                @if quote.source.is_some() { li { span.source { "its source" } } }
                @if quote.cue.is_some() { li { span.cue { "its cue" } } }
            }
            p {
                a href=(format!("/articles/{0}?quote={1}#{1}", record.article.id, quote.id)) {
                    "The whole article with all its quotes"
                }
            }
        }
    }
}

/// Text whose line breaks are those of its paragraphs.
fn broken(text: &str) -> Markup {
    html! {
        @for (number, line) in text.split('\n').enumerate() {
            @if number > 0 { br; }
            (line)
        }
    }
}

/// Texts to copy. The script puts a button beside each.
fn to_copy(record: &QuoteRecord) -> Markup {
    let citation = citation::citation(record);
    let language = record.article.language.as_deref();
    let json = serde_json::to_string_pretty(record).unwrap_or_default();
    let link = citation::text_fragment(record);
    html! {
        section.copies aria-labelledby="copy" {
            h2 #copy { "To copy" }
            @if citation.iter().map(|part| marked::weight(part.text())).sum::<usize>() <= SHOWN_CONTEXT {
                div.copy data-what="Citation" {
                    h3 { "Citation" }
                    p.text dir="ltr" {
                        @for part in &citation {
                            @match part {
                                Part::Cited(words) => bdi lang=[language] { (words) },
                                Part::Ours(words) => (words),
                            }
                        }
                    }
                }
            }
            @if let Some(link) = &link {
                div.copy data-what="Link" {
                    h3 { "Link to the words on their page" }
                    p.text { (outward(link, &html! { (link) })) }
                }
            }
            div.copy data-what="JSON" {
                h3 { "JSON" }
                @if marked::weight(&json) <= SHOWN_CONTEXT {
                    details { summary { "Show it" } pre.text tabindex="0" { (json) } }
                }
                p { a href=(format!("/api/v1/quotes/{}", record.quote.id)) { "JSON with its history" } }
            }
        }
    }
}

fn provenance(record: &QuoteRecord) -> Markup {
    let (quote, article) = (&record.quote, &record.article);
    let places: Vec<String> = quote
        .content
        .iter()
        .take(SHOWN_NOTICES)
        .map(|it| format!("{}–{}", it.start, it.end))
        .collect();
    html! {
        section aria-labelledby="provenance" {
            h2 #provenance { "Where it is from" }
            dl.facts {
                @if let Some(title) = &article.title {
                    div { dt { "Article" } dd lang=[article.language.as_deref()] { bdi { (cut(title, SHOWN_EACH).0) } } }
                }
                div { dt { "Outlet" } dd { bdi { (cut(&article.outlet, SHOWN_EACH).0) } } }
                @if !article.byline.is_empty() {
                    div { dt { "By" } dd { bdi { (cut(&article.byline.join(", "), SHOWN_EACH).0) } } }
                }
                @if let Some(date) = &article.published { div { dt { "Published" } dd { (day(date)) } } }
                @if let Some(date) = &article.modified { div { dt { "Modified" } dd { (day(date)) } } }
                div { dt { "Address" } dd.address { (outward(&article.url, &html! { (cut(&article.url, SHOWN_EACH).0) })) } }
                @if let Some(since) = &article.vanished {
                    div { dt { "Vanished" } dd { "its server answers since " (moment(since)) " that it is gone" } }
                }
                div { dt { "First seen" } dd { (moment(&record.first_seen)) } }
                div { dt { "Version" } dd { (article.version) ", fetched " (moment(&article.fetched)) } }
                div { dt { "Characters" } dd { (places.join(", ")) " of that version’s text" } }
                div { dt { "Text" } dd.hash { "BLAKE3 " code { (article.text_hash) } } }
                div { dt { "Kept page" } dd {
                    @match &article.snapshot {
                        Some(kept) => { code { "warc/" (kept.file) } ", from byte " (kept.offset) }
                        None => { "none" }
                    }
                } }
                @if let Some(speaker) = &quote.speaker {
                    div { dt { "Speaker" } dd {
                        (speaker.kind.as_str()) ", "
                        (format!("{:.0}", quote.confidence * 100.0)) " % sure that it is the right one"
                    } }
                }
                @if let Some(feed) = &article.feed { div { dt { "Feed" } dd { (feed) } } }
                @if !article.topics.is_empty() {
                    div { dt { "Topics" } dd { (cut(&article.topics.join(", "), SHOWN_EACH).0) } }
                }
                @if !article.reservations.is_empty() {
                    div { dt { "Reservations" } dd {
                        @for (number, one) in article.reservations.iter().enumerate() {
                            @if number > 0 { ", " } (one.as_str())
                        }
                    } }
                }
                div { dt { "Quote" } dd { code { (quote.id) } } }
            }
            @for notice in article.notices.iter().take(SHOWN_NOTICES) {
                p.notice dir="auto" { (cut(&notice.text, SHOWN_EACH).0) }
            }
        }
    }
}

fn history(revisions: &[Revision]) -> Markup {
    html! {
        section aria-labelledby="history" {
            h2 #history { "How it changed" }
            ol.history {
                @for revision in revisions.iter().rev().take(SHOWN_REVISIONS) {
                    li {
                        p.when {
                            strong { (what_happened(revision.kind)) }
                            " in version " (revision.version) ", seen " (moment(&revision.seen))
                        }
                        @if revision.difference.is_empty() || revision.kind == RevisionKind::Reattributed {
                            (side("Before", revision.before.as_ref()))
                            (side("After", revision.after.as_ref()))
                        } @else {
                            p.difference dir="auto" { (marked::difference(&revision.difference, SHOWN_EACH)) }
                            (other(revision.before.as_ref(), "the wording before"))
                            (other(revision.after.as_ref(), "the wording after"))
                        }
                        @if let Some(notice) = &revision.notice {
                            p.notice dir="auto" { (cut(&notice.text, SHOWN_EACH).0) }
                        }
                    }
                }
            }
            @if revisions.len() > SHOWN_REVISIONS {
                p.note { "These are the newest of " (revisions.len()) " changes; the JSON has all." }
            }
        }
    }
}

fn what_happened(kind: RevisionKind) -> &'static str {
    match kind {
        RevisionKind::Reworded => "Reworded",
        RevisionKind::Reattributed => "Given to another speaker, role or affiliation",
        RevisionKind::Added => "Added",
        RevisionKind::Removed => "Removed",
        RevisionKind::Restored => "Restored",
        RevisionKind::Moved => "Moved among the article's quotes",
    }
}

/// One side of a change, as that version had it.
fn side(label: &str, side: Option<&RevisionSide>) -> Markup {
    html! {
        @if let Some(side) = side {
            p.side dir="auto" {
                span.label { (label) ": " }
                "“" (cut(&side.text, SHOWN_EACH).0) "” — "
                @match &side.speaker {
                    Some(speaker) => bdi { (cut(&speaker.in_full(), SHOWN_EACH).0) },
                    None => { "no speaker named" }
                }
            }
        }
    }
}

/// A link to a wording, which has an id of its own.
fn other(side: Option<&RevisionSide>, words: &str) -> Markup {
    html! {
        @if let Some(side) = side { a.wording href=(format!("/quotes/{}", side.id)) { (words) } " " }
    }
}

fn same_words(elsewhere: &[Elsewhere]) -> Markup {
    html! {
        section aria-labelledby="elsewhere" {
            h2 #elsewhere { "The same words elsewhere" }
            ul.elsewhere {
                @for other in elsewhere.iter().take(SHOWN_ELSEWHERE) { li { (self::elsewhere(other)) } }
            }
            @if elsewhere.len() > SHOWN_ELSEWHERE {
                p.note { (elsewhere.len() - SHOWN_ELSEWHERE) " more; the JSON has all." }
            }
        }
    }
}

/// A quote of another article beside a wording, with what differs.
#[must_use]
pub fn elsewhere(Elsewhere { occurrence, likeness, difference }: &Elsewhere) -> Markup {
    html! {
        p.where {
            bdi { (cut(&occurrence.outlet, SHOWN_EACH).0) }
            @if let Some(date) = &occurrence.published { " · " (day(date)) }
            " · " strong { (match likeness {
                Likeness::Same => "the same words",
                Likeness::Cut => "cut",
                Likeness::Altered => "altered",
            }) }
            @if !occurrence.current { " · no longer in the article" }
        }
        p.difference dir="auto" {
            @if difference.is_empty() { (cut(&occurrence.text, SHOWN_EACH).0) }
            @else { (marked::difference(difference, SHOWN_EACH)) }
        }
        p.where {
            "— " bdi { (cut(occurrence.speaker.as_deref().unwrap_or("no speaker named"), SHOWN_EACH).0) }
            " · " a href=(format!("/quotes/{}", occurrence.id)) {
                "Context and history" span.unseen { " in " (cut(&occurrence.outlet, SHOWN_EACH).0) }
            }
        }
    }
}

fn in_collections(found: &Found, visitor: &Visitor) -> Markup {
    html! {
        @if !found.picked.is_empty() || visitor.may_change() {
            section aria-labelledby="collections" {
                h2 #collections { "Collections" }
                @if !found.picked.is_empty() {
                    ul.plain {
                        @for collection in &found.picked {
                            li { a href=(format!("/collections/{}", collection.id)) { bdi { (collection.name) } } }
                        }
                    }
                }
                @if visitor.may_change() {
                    form method="post" action="/collections/pick" {
                        (layout::token(visitor))
                        input type="hidden" name="quote" value=(found.record.quote.id);
                        (collections::choice(&found.collections))
                        button { "Put this quote there" }
                    }
                }
            }
        }
    }
}
