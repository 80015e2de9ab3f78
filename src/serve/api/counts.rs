//! How many quotes match: by value, and by time.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::super::asked::{Asked, Parameter, choices};
use super::super::failure::Failure;
use super::super::filters::{self, FIELDS, LIMIT, LIMITS};
use super::super::reply::Reply;
use super::super::state::Reading;
use super::{ALIKE, Listed, limit};
use crate::search::{CountBy, Query, Row, Suggestion};

/// Speakers of a timeline unless the parameters say how many: as many colours are told apart.
const TOP_SPEAKERS: usize = 5;
/// Most speakers of a timeline.
const MAX_TOP: usize = 20;

/// What counts are by.
pub const BY: &[Parameter] = &[
    Parameter {
        name: "by",
        about: "What to count by",
        required: true,
        schema: || json!({"type": "string", "enum": choices::<CountBy>()}),
    },
    ALIKE,
];

/// Whose quotes a timeline counts by themselves.
pub const TOP: &[Parameter] = &[
    Parameter {
        name: "top",
        about: "How many of the most quoted speakers are counted by themselves",
        required: false,
        schema: || json!({"type": "integer", "minimum": 0, "maximum": MAX_TOP, "default": TOP_SPEAKERS}),
    },
    ALIKE,
];

/// Quotes by value.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Counted {
    /// What they are counted by.
    pub by: CountBy,
    /// Quotes that match in all.
    pub quotes: u64,
    /// The values: months newest first, all else by the most quotes.
    #[serde(flatten)]
    pub values: Listed<Row>,
    /// Where nothing was found: words of the collection for those that it doesn't have.
    pub suggestions: Vec<Suggestion>,
}

/// How many of the quotes that match have each value.
///
/// # Errors
/// [`Failure`] if a parameter is wrong or `by` is missing, or the collection can't be read.
pub fn counts(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let by: Option<CountBy> = parameters.take_choice("by")?;
    let alike = parameters.take_flag(ALIKE.name)?;
    let filters = filters::take(&mut parameters, &[FIELDS, LIMITS])?;
    parameters.finish()?;
    let Some(by) = by else {
        let known = choices::<CountBy>().join(", ");
        return Err(Failure::parameter("by", format!("it is needed: one of {known}")));
    };
    // Exact unless asked for: a count is not looked through as quotes are.
    let query = Query { alike, ..reading.query(&filters, LIMIT)? };
    let counts = reading.counts(&query, by)?;
    let suggestions =
        if counts.total == 0 { reading.search.suggestions(&query)? } else { Vec::new() };
    let rows = counts.rows.iter().skip(filters.offset).take(limit(&filters)).cloned().collect();
    let values = Listed::part(asked, &filters, rows, counts.rows.len());
    Reply::json(&Counted { by, quotes: counts.total, values, suggestions })
}

/// When the quotes that match were published, and by whom they are.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn timeline(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let top = parameters.take_number("top", 0..=MAX_TOP)?.unwrap_or(TOP_SPEAKERS);
    let alike = parameters.take_flag(ALIKE.name)?;
    let filters = filters::take(&mut parameters, &[FIELDS])?;
    parameters.finish()?;
    let query = Query { alike, ..reading.query(&filters, LIMIT)? };
    Reply::json(&*reading.timeline(&query, top)?)
}
