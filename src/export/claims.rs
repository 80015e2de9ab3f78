//! What an export says of a quote, to be held against what it would say now.
//!
//! A record of a JSON, CSV or JSON-LD export as a JSON value → the quote and version that it names; a
//! quote record → the same value as an export has it. Refuses the formats that are for reading:
//! their words can't be parted into fields again.

use serde_json::{Value, json};

use super::{csv, jsonld};
use crate::domain::record::QuoteRecord;

/// A format whose records can be read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON and NDJSON.
    Json,
    /// CSV, each row an object of its headings and cells.
    Csv,
    /// JSON-LD, each annotation.
    Jsonld,
}

/// The fields that may be others in a later export of the same version: what became of the quote or its
/// page, what its publisher asks, whose words they are in the whole collection, where else they stand.
/// Everything else of a version is for good.
const CHANGING: [(Form, &[&str]); 3] = [
    (
        Form::Json,
        &[
            "changed",
            "revised",
            "current",
            "withdrawn",
            "cluster",
            "notice_kinds",
            "speaker.identity",
            "article.vanished",
            "article.topics",
            "article.reservations",
        ],
    ),
    (
        Form::Csv,
        &[
            "changed",
            "revised",
            "current",
            "cluster",
            "notices",
            "speaker_identity",
            "vanished",
            "topics",
            "reservations",
        ],
    ),
    (
        Form::Jsonld,
        &[
            "modified",
            "body.schema:creativeWorkStatus",
            "body.schema:isPartOf.schema:creativeWorkStatus",
            "body.schema:isPartOf.schema:conditionsOfAccess",
        ],
    ),
];

impl Form {
    /// The id of the quote that `record` is about, and the version of its article; `None` if it names
    /// none.
    #[must_use]
    pub fn names(self, record: &Value) -> Option<(String, u32)> {
        let (id, version) = match self {
            Self::Json => (record.get("id")?.as_str()?, record.pointer("/article/version")?),
            Self::Csv => (record.get("id")?.as_str()?, record.get("version")?),
            Self::Jsonld => (
                record.get("id")?.as_str()?.rsplit_once(super::FRAGMENT)?.1,
                record.pointer("/body/schema:isPartOf/schema:version")?,
            ),
        };
        let version = match version {
            Value::String(digits) => digits.parse().ok()?,
            number => u32::try_from(number.as_u64()?).ok()?,
        };
        Some((id.to_owned(), version))
    }

    /// What an export says of `record` today.
    #[must_use]
    pub fn of(self, record: &QuoteRecord) -> Value {
        match self {
            Self::Json => json!(record),
            Self::Csv => csv::cells(record),
            Self::Jsonld => jsonld::annotation(record),
        }
    }

    /// Whether the field at `path` may be another in a later export of the same version.
    #[must_use]
    pub fn may_change(self, path: &str) -> bool {
        let fields = CHANGING.iter().find(|(form, _)| *form == self).map_or(&[][..], |row| row.1);
        fields.iter().any(|field| {
            path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        })
    }
}
