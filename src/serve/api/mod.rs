//! The JSON API: one file a resource, one table of operations, which the OpenAPI document is made of.
//!
//! Things have the shapes that `quotes` and `onrecord status` print them in. Failures are problems
//! (RFC 9457).

pub mod articles;
pub mod collections;
pub mod corrections;
pub mod counts;
pub mod export;
pub mod feeds;
mod openapi;
pub mod quotes;
pub mod speakers;
pub mod wordings;

use axum::http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::asked::{Asked, Parameter};
use super::bridge::Handler;
use super::filters::{FIELDS, Field, LIMITS, PAGING};
use crate::collection::Filters;
use crate::domain::record::{Correction, QuoteDetails};
use crate::search::Timeline;
use crate::store::NamedCollection;

/// An operation of the API.
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path with the names of its parts.
    pub path: &'static str,
    /// The operation's name, by which generated clients call it.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// The parameters that are filters.
    pub filters: &'static [&'static [Field]],
    /// Its other parameters.
    pub parameters: &'static [Parameter],
    /// The body that it takes.
    pub body: Option<fn(&mut SchemaGenerator) -> Schema>,
    /// What it gives if all is well.
    pub gives: Gives,
    /// What answers it.
    pub handler: Handler,
}

/// What an operation gives.
pub enum Gives {
    /// 200 and JSON.
    Json(fn(&mut SchemaGenerator) -> Schema),
    /// 201 and JSON.
    Made(fn(&mut SchemaGenerator) -> Schema),
    /// 204.
    Nothing,
    /// 200 and a file of one of these media types.
    File(&'static [&'static str]),
}

/// Part of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub struct Listed<T> {
    /// How many there are in all; null where they are not counted.
    pub total: Option<usize>,
    /// Where the next ones are; null if there are none.
    pub next: Option<String>,
    /// Those asked for, in order.
    pub items: Vec<T>,
}

impl<T> Listed<T> {
    /// The `items` that `filters` ask for, of `total`.
    fn part(asked: &Asked, filters: &Filters, items: Vec<T>, total: usize) -> Self {
        Self { total: Some(total), next: next(asked, filters, total), items }
    }
}

/// Names like those asked for, for what is otherwise looked for exactly.
const ALIKE: Parameter = Parameter {
    name: "alike",
    about: "Where nobody is called as asked, whether names that are written or sound nearly so will do, \
            as they do for /api/v1/quotes",
    required: false,
    schema: || serde_json::json!({"type": "boolean", "default": false}),
};

/// How many are asked for.
fn limit(filters: &Filters) -> usize {
    filters.limit.unwrap_or(super::filters::LIMIT)
}

/// Where those after the ones asked for are, if there are any.
fn next(asked: &Asked, filters: &Filters, total: usize) -> Option<String> {
    let offset = filters.offset.saturating_add(limit(filters));
    (offset < total).then(|| asked.target_with("offset", &offset.to_string()))
}

/// The schema of `T`.
fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// An operation that only reads, without parameters of its own.
fn get(
    path: &'static str,
    name: &'static str,
    about: &'static str,
    gives: fn(&mut SchemaGenerator) -> Schema,
    handler: Handler,
) -> Operation {
    Operation {
        method: Method::GET,
        path,
        name,
        about,
        filters: &[],
        parameters: &[],
        body: None,
        gives: Gives::Json(gives),
        handler,
    }
}

/// An operation that changes something.
fn change(
    method: Method,
    path: &'static str,
    name: &'static str,
    about: &'static str,
    body: Option<fn(&mut SchemaGenerator) -> Schema>,
    gives: Gives,
    handler: Handler,
) -> Operation {
    Operation { method, path, name, about, filters: &[], parameters: &[], body, gives, handler }
}

/// Every operation.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![
        Operation {
            filters: &[FIELDS, PAGING],
            ..get(
                "/api/v1/quotes",
                "searchQuotes",
                "The quotes that match",
                of::<quotes::Found>,
                quotes::list,
            )
        },
        get(
            "/api/v1/quotes/{quote}",
            "getQuote",
            "One quote with context, provenance, every revision and the same words elsewhere",
            of::<QuoteDetails>,
            quotes::one,
        ),
        Operation {
            filters: &[FIELDS],
            parameters: export::MATCHING,
            gives: Gives::File(export::MEDIA_TYPES),
            ..get(
                "/api/v1/export",
                "exportQuotes",
                "All quotes that match, as `quotes export` writes them",
                of::<()>,
                export::matching,
            )
        },
        Operation {
            filters: &[FIELDS, LIMITS],
            parameters: counts::BY,
            ..get(
                "/api/v1/counts",
                "countQuotes",
                "How many of the quotes that match have each speaker, role, outlet, month …",
                of::<counts::Counted>,
                counts::counts,
            )
        },
        Operation {
            filters: &[FIELDS],
            parameters: counts::TOP,
            ..get(
                "/api/v1/timeline",
                "getTimeline",
                "When the quotes that match were published, and by whom they are",
                of::<Timeline>,
                counts::timeline,
            )
        },
        Operation {
            filters: &[LIMITS],
            parameters: speakers::PATTERN,
            ..get(
                "/api/v1/speakers",
                "listSpeakers",
                "Who is quoted, most quoted first",
                of::<Listed<crate::domain::record::SpeakerSummary>>,
                speakers::list,
            )
        },
        Operation {
            filters: &[LIMITS],
            ..get(
                "/api/v1/speakers/{speaker}",
                "getSpeaker",
                "One speaker: names, roles and affiliations over time, and why the mentions are one",
                of::<speakers::FoundSpeaker>,
                speakers::one,
            )
        },
        Operation {
            parameters: articles::VERSION,
            ..get(
                "/api/v1/articles/{article}",
                "getArticle",
                "One article: its versions, the text of one of them and the quotes in it",
                of::<articles::ArticleText>,
                articles::one,
            )
        },
        Operation {
            filters: &[LIMITS],
            parameters: wordings::ALTERED,
            ..get(
                "/api/v1/wordings",
                "listWordings",
                "What several outlets quote, and where their words differ",
                of::<Listed<crate::domain::wording::Statement>>,
                wordings::list,
            )
        },
        get(
            "/api/v1/feeds",
            "listFeeds",
            "How the feeds fare",
            of::<Vec<crate::domain::run::FeedStatus>>,
            feeds::feeds,
        ),
        Operation {
            filters: &[LIMITS],
            ..get(
                "/api/v1/skipped",
                "listSkipped",
                "What feeds named and is not in the collection, and why",
                of::<Listed<crate::domain::run::Visit>>,
                feeds::skipped,
            )
        },
        Operation {
            filters: &[LIMITS],
            ..get(
                "/api/v1/runs",
                "listRuns",
                "The last runs of the crawler, newest first",
                of::<Listed<crate::domain::run::Run>>,
                feeds::runs,
            )
        },
        get(
            "/api/v1/corrections",
            "listCorrections",
            "Every merge, split and undo of speakers, oldest first",
            of::<Vec<Correction>>,
            corrections::list,
        ),
        change(
            Method::POST,
            "/api/v1/corrections",
            "correctSpeakers",
            "Merges two speakers, splits one, or undoes that",
            Some(of::<corrections::Asks>),
            Gives::Made(of::<Correction>),
            corrections::make,
        ),
        get(
            "/api/v1/collections",
            "listCollections",
            "The named collections, last changed first",
            of::<Vec<NamedCollection>>,
            collections::list,
        ),
        change(
            Method::POST,
            "/api/v1/collections",
            "makeCollection",
            "Makes a named collection",
            Some(of::<collections::Named>),
            Gives::Made(of::<NamedCollection>),
            collections::make,
        ),
        get(
            "/api/v1/collections/{collection}",
            "getCollection",
            "One named collection",
            of::<NamedCollection>,
            collections::one,
        ),
        change(
            Method::PATCH,
            "/api/v1/collections/{collection}",
            "renameCollection",
            "Gives a named collection another name",
            Some(of::<collections::Named>),
            Gives::Json(of::<NamedCollection>),
            collections::rename,
        ),
        change(
            Method::DELETE,
            "/api/v1/collections/{collection}",
            "deleteCollection",
            "Deletes a named collection, not its quotes",
            None,
            Gives::Nothing,
            collections::delete,
        ),
        Operation {
            filters: &[LIMITS],
            ..get(
                "/api/v1/collections/{collection}/quotes",
                "listCollectionQuotes",
                "The quotes of a named collection, in its order",
                of::<Listed<crate::domain::record::QuoteRecord>>,
                collections::quotes,
            )
        },
        change(
            Method::POST,
            "/api/v1/collections/{collection}/quotes",
            "addToCollection",
            "Puts quotes at the end of a named collection",
            Some(of::<collections::Picked>),
            Gives::Json(of::<NamedCollection>),
            collections::add,
        ),
        change(
            Method::PUT,
            "/api/v1/collections/{collection}/quotes",
            "fillCollection",
            "Has a named collection hold these quotes, in this order",
            Some(of::<collections::Picked>),
            Gives::Json(of::<NamedCollection>),
            collections::fill,
        ),
        change(
            Method::DELETE,
            "/api/v1/collections/{collection}/quotes/{picked}",
            "removeFromCollection",
            "Takes a quote out of a named collection",
            None,
            Gives::Json(of::<NamedCollection>),
            collections::remove,
        ),
        Operation {
            parameters: export::PARAMETERS,
            gives: Gives::File(export::MEDIA_TYPES),
            ..get(
                "/api/v1/collections/{collection}/export",
                "exportCollection",
                "The quotes of a named collection, as `quotes export` writes them",
                of::<()>,
                export::collection,
            )
        },
        get(
            "/api/v1/openapi.json",
            "getOpenApi",
            "This description, in OpenAPI 3.1",
            |_| schemars::json_schema!({"type": "object"}),
            openapi::document,
        ),
    ]
}
