//! Named collections: quotes that somebody picked, to be ordered, kept and exported.

use axum::http::StatusCode;
use jiff::Timestamp;
use maud::{Markup, html};
use url::form_urlencoded;

use super::super::asked::{Asked, Parameters};
use super::super::failure::Failure;
use super::super::reply::Reply;
use super::super::state::Reading;
use super::layout::{self, counted, moment};
use super::quotation;
use crate::domain::record::QuoteRecord;
use crate::search::Highlighter;
use crate::store::{MAX_COLLECTION_NAME, NamedCollection};

/// Quotes of a collection on a page.
const LIMIT: usize = 20;
/// Collections on a page that lists them.
const LISTED: usize = 200;

/// The formats of an export: as the address has it, and for people.
const FORMATS: [(&str, &str); 7] = [
    ("markdown", "Markdown"),
    ("csv", "CSV"),
    ("json", "JSON"),
    ("ndjson", "NDJSON"),
    ("jsonld", "JSON-LD annotations"),
    ("atom", "Atom"),
    ("csl", "CSL-JSON for Zotero"),
];

/// Every collection, and a form for a new one.
///
/// # Errors
/// [`Failure`] if the collections can't be read.
pub fn list(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let collections = reading.store.named_collections()?;
    let content = html! {
        div.narrow {
            h1 { "Collections" }
            p { "Quotes that you picked, in your order, to come back to and to export." }
            @if collections.is_empty() { p.note { "There is none yet." } }
            ul.plain {
                @for collection in collections.iter().take(LISTED) {
                    li {
                        a href=(format!("/collections/{}", collection.id)) { bdi { (collection.name) } }
                        " " span.count { (counted(collection.quotes, "quote")) }
                        " · changed " (moment(collection.changed))
                    }
                }
            }
            @if asked.visitor.may_change() {
                form method="post" action="/collections" {
                    (layout::token(&asked.visitor))
                    h2 { "A new one" }
                    (name_field("name", "Name", ""))
                    button { "Make it" }
                }
            }
        }
    };
    Ok(Reply::Page(layout::page(&asked.visitor, "/collections", "Collections", &content)))
}

/// One collection with its quotes.
///
/// # Errors
/// [`Failure`] if there is none, or it can't be read.
pub fn page(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let collection = named(reading, asked)?;
    let mut parameters = asked.parameters();
    let offset = parameters.take_number("offset", 0..=usize::MAX)?.unwrap_or_default();
    parameters.finish()?;
    let ids = reading.store.picked_quotes(collection.id)?;
    let shown: Vec<String> = ids.iter().skip(offset).take(LIMIT).cloned().collect();
    let records = reading.store.quotes(&shown)?;
    let content = draw(&collection, &records, offset, ids.len(), asked);
    Ok(Reply::Page(layout::page(&asked.visitor, "/collections", &collection.name, &content)))
}

fn draw(
    collection: &NamedCollection,
    records: &[QuoteRecord],
    offset: usize,
    total: usize,
    asked: &Asked,
) -> Markup {
    let address = format!("/collections/{}", collection.id);
    let plain = Highlighter::default();
    html! {
        h1 { bdi { (collection.name) } }
        p.where {
            (counted(total as u64, "quote")) " · made " (moment(collection.made))
            " · changed " (moment(collection.changed))
        }
        @if total == 0 {
            p.note {
                "It is empty. " a href="/" { "Search" } ", pick quotes there and put them into “"
                (collection.name) "”."
            }
        } @else { (exports(&format!("/api/v1{address}/export"), "")) }
        ol.quotes start=(offset + 1) {
            @for (place, record) in (offset..).zip(records) {
                li {
                    (quotation::item(record, &plain, false))
                    @if asked.visitor.may_change() {
                        form.tools method="post" action=(address) {
                            (layout::token(&asked.visitor))
                            input type="hidden" name="quote" value=(record.quote.id);
                            @let which = format!("quote {}", place + 1);
                            @if place > 0 {
                                button name="do" value="up" aria-label=(format!("Move {which} up")) { "Up" }
                            }
                            @if place + 1 < total {
                                button name="do" value="down" aria-label=(format!("Move {which} down")) { "Down" }
                            }
                            button name="do" value="remove" aria-label=(format!("Remove {which}")) { "Remove" }
                        }
                    }
                }
            }
        }
        (layout::paging(offset, records.len(), LIMIT, total, |offset| format!("{address}?offset={offset}")))
        @if asked.visitor.may_change() {
            details.tools {
                summary { "Rename or delete" }
                form method="post" action=(address) {
                    (layout::token(&asked.visitor))
                    (name_field("name", "Name", &collection.name))
                    button name="do" value="rename" { "Rename" }
                }
                form method="post" action=(address) {
                    (layout::token(&asked.visitor))
                    p { "Its quotes stay in the collection of all; which ones were picked is forgotten." }
                    button.danger name="do" value="delete" { "Delete “" (collection.name) "”" }
                }
            }
        }
    }
}

/// Makes a collection.
///
/// # Errors
/// [`Failure`] if it can't have that name, or can't be written.
pub fn make(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let name = asked.form().take("name")?.unwrap_or_default();
    let collection = reading.store.make_collection(&name, Timestamp::now())?;
    Ok(Reply::SeeOther(format!("/collections/{}", collection.id)))
}

/// Puts the quotes that a form names as `quote` into the collection that it names, or into a new one.
///
/// # Errors
/// [`Failure`] if it names no quote or no collection, or the collection can't be written.
pub fn pick(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut form = asked.form();
    let quotes = form.take_all("quote");
    if quotes.is_empty() {
        let message = "no quote was picked: go back, mark the boxes of some and try again";
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
    let (now, name) = (Timestamp::now(), form.take("name")?.unwrap_or_default());
    let id = match form.take("collection")?.unwrap_or_default().as_str() {
        "" => reading.store.make_collection(&name, now)?.id,
        id => number(id)?,
    };
    reading.store.add_to_collection(id, &quotes, now)?;
    Ok(Reply::SeeOther(format!("/collections/{id}")))
}

/// What a form on a collection's page asks to be done with it.
///
/// # Errors
/// [`Failure`] if there is no such collection, the form asks for something else, or the collection can't
/// be written.
pub fn change(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let collection = named(reading, asked)?;
    let mut form = asked.form();
    let (id, now) = (collection.id, Timestamp::now());
    match form.take("do")?.as_deref() {
        Some("rename") => {
            let name = form.take("name")?.unwrap_or_default();
            reading.store.rename_collection(id, &name, now)?;
        }
        Some("delete") => {
            reading.store.delete_collection(id)?;
            return Ok(Reply::SeeOther("/collections".to_owned()));
        }
        Some("remove") => {
            reading.store.remove_from_collection(id, &[quote(&mut form)?], now)?;
        }
        Some(way @ ("up" | "down")) => {
            let mut quotes = reading.store.picked_quotes(id)?;
            let moved = quote(&mut form)?;
            if let Some(place) = quotes.iter().position(|quote| *quote == moved) {
                let other = if way == "up" { place.checked_sub(1) } else { Some(place + 1) };
                if let Some(other) = other.filter(|other| *other < quotes.len()) {
                    quotes.swap(place, other);
                    reading.store.fill_collection(id, &quotes, now)?;
                }
            }
        }
        _ => return Err(Failure::new(StatusCode::BAD_REQUEST, "the form asks for nothing known")),
    }
    Ok(Reply::SeeOther(format!("/collections/{id}")))
}

/// The fields by which the quotes marked in a form are put into a collection.
#[must_use]
pub fn picking(collections: &[NamedCollection], asked: &Asked) -> Markup {
    html! {
        fieldset.picking {
            legend { "Put the picked quotes into a collection" }
            (layout::token(&asked.visitor))
            (choice(collections))
            button { "Put them there" }
        }
    }
}

/// The choice of a collection, with a name for a new one.
#[must_use]
pub fn choice(collections: &[NamedCollection]) -> Markup {
    html! {
        p {
            label for="collection" { "Collection" } " "
            select #collection name="collection" {
                @for collection in collections.iter().take(LISTED) {
                    option value=(collection.id) { (collection.name) }
                }
                option value="" { "a new one" }
            }
        }
        (name_field("name", "Name of a new one", ""))
    }
}

/// Links to an export in every format, of what `parameters` say; buttons where each link would repeat a
/// long search.
#[must_use]
pub fn exports(address: &str, parameters: &str) -> Markup {
    /// Bytes of parameters that links have: filters that people set, a query of some lines.
    const MAX_LINKED: usize = 1_000;
    let more = if parameters.is_empty() { String::new() } else { format!("&{parameters}") };
    let links = html! {
        ul {
            @for (format, name) in FORMATS {
                li { a href=(format!("{address}?format={format}{more}")) download { (name) } }
            }
        }
    };
    let buttons = html! {
        form action=(address) {
            @for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
                input type="hidden" name=(name) value=(value);
            }
            ul {
                @for (format, name) in FORMATS {
                    li { button name="format" value=(format) { (name) } }
                }
            }
        }
    };
    html! {
        details.exports {
            summary { "Export" }
            (if parameters.len() > MAX_LINKED { buttons } else { links })
        }
    }
}

fn name_field(id: &str, label: &str, value: &str) -> Markup {
    html! {
        p {
            label for=(id) { (label) } " "
            input type="text" #(id) name="name" value=(value) maxlength=(MAX_COLLECTION_NAME) dir="auto"
                autocomplete="off";
        }
    }
}

/// The collection of the number in the path.
fn named(reading: &Reading, asked: &Asked) -> Result<NamedCollection, Failure> {
    let none = || Failure::not_found("no collection has this number; it may have been deleted");
    let id = asked.part("id").parse().map_err(|_| none())?;
    reading.store.named_collection(id)?.ok_or_else(none)
}

fn number(id: &str) -> Result<u32, Failure> {
    id.parse().map_err(|_| Failure::not_found("no collection has this number"))
}

fn quote(form: &mut Parameters) -> Result<String, Failure> {
    let none = || Failure::new(StatusCode::BAD_REQUEST, "the form names no quote");
    form.take("quote")?.ok_or_else(none)
}
