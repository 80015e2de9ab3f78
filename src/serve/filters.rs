//! Parameters of a URL ↔ what to look for: the filters of `quotes search`, by the same names.

use clap::ValueEnum;
use jiff::civil::Date;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::asked::{Parameters, choices};
use super::failure::Failure;
use crate::collection::{Filters, KindArgument, NoticeArgument, SortArgument};

/// Quotes on a page unless the parameters say how many.
pub const LIMIT: usize = 20;
/// Most quotes on a page: what is wanted in full is exported.
pub const MAX_LIMIT: usize = 100;
/// Most quotes that a page may leave out first: the index sorts all before them each time.
pub const MAX_OFFSET: usize = 10_000;
/// Most things that part of a list may leave out first: the database steps over them in an index.
pub const MAX_STEPS: usize = 10_000_000;
/// Characters of a filter: names of offices are long, but not so long.
const MAX_WORDS: usize = 200;

/// A filter as a parameter.
pub struct Field {
    /// The parameter's name.
    pub name: &'static str,
    /// What it looks for.
    pub about: &'static str,
    /// The JSON Schema of its values.
    pub schema: fn() -> Value,
    take: fn(&mut Parameters, &mut Filters) -> Result<(), Failure>,
    show: fn(&Filters) -> Option<String>,
}

/// Every filter.
pub const FIELDS: &[Field] = &[
    Field {
        name: "q",
        about: "Words (other forms of them count), beginnings*, \"exact phrases\", \"words near\"~3, \
                -exclusions, OR, (groups); speaker:word role:word affiliation:word outlet:word \
                title:word kind:direct",
        schema: || json!({"type": "string"}),
        take: |from, to| set(&mut to.query, from.take("q")),
        show: |of| of.query.clone(),
    },
    Field {
        name: "speaker",
        about: "Words of the speaker's name: any name that articles give the same speaker",
        schema: words_schema,
        take: |from, to| set(&mut to.speaker, words(from, "speaker")),
        show: |of| of.speaker.clone(),
    },
    Field {
        name: "speaker_id",
        about: "The speaker with this identity",
        schema: words_schema,
        take: |from, to| set(&mut to.speaker_id, words(from, "speaker_id")),
        show: |of| of.speaker_id.clone(),
    },
    Field {
        name: "role",
        about: "Words of the speaker's role",
        schema: words_schema,
        take: |from, to| set(&mut to.role, words(from, "role")),
        show: |of| of.role.clone(),
    },
    Field {
        name: "affiliation",
        about: "Words of the speaker's affiliation",
        schema: words_schema,
        take: |from, to| set(&mut to.affiliation, words(from, "affiliation")),
        show: |of| of.affiliation.clone(),
    },
    Field {
        name: "outlet",
        about: "Words of the outlet's name",
        schema: words_schema,
        take: |from, to| set(&mut to.outlet, words(from, "outlet")),
        show: |of| of.outlet.clone(),
    },
    Field {
        name: "kind",
        about: "How much of the quote stands in quotation marks",
        schema: choice_schema::<KindArgument>,
        take: |from, to| set(&mut to.kind, from.take_choice("kind")),
        show: |of| of.kind.and_then(named),
    },
    Field {
        name: "topic",
        about: "The id of a topic of the watch list",
        schema: words_schema,
        take: |from, to| set(&mut to.topic, words(from, "topic")),
        show: |of| of.topic.clone(),
    },
    Field {
        name: "since",
        about: "Published on this day or later",
        schema: day_schema,
        take: |from, to| set(&mut to.since, day(from, "since")),
        show: |of| of.since.map(|day| day.to_string()),
    },
    Field {
        name: "until",
        about: "Published on this day or earlier",
        schema: day_schema,
        take: |from, to| set(&mut to.until, day(from, "until")),
        show: |of| of.until.map(|day| day.to_string()),
    },
    Field {
        name: "anonymous",
        about: "Only speakers whose name is withheld",
        schema: flag_schema,
        take: |from, to| set(&mut to.anonymous, from.take_flag("anonymous")),
        show: |of| of.anonymous.then(|| "true".to_owned()),
    },
    Field {
        name: "revised",
        about: "Only quotes that versions of their article differ in; those that only moved in it are none",
        schema: flag_schema,
        take: |from, to| set(&mut to.revised, from.take_flag("revised")),
        show: |of| of.revised.then(|| "true".to_owned()),
    },
    Field {
        name: "current",
        about: "Only quotes that the newest version of their article still has",
        schema: flag_schema,
        take: |from, to| set(&mut to.current, from.take_flag("current")),
        show: |of| of.current.then(|| "true".to_owned()),
    },
    Field {
        name: "notice",
        about: "Only quotes of an article with such a notice, or that one explains a change of",
        schema: choice_schema::<NoticeArgument>,
        take: |from, to| set(&mut to.notice, from.take_choice("notice")),
        show: |of| of.notice.and_then(named),
    },
];

/// The order and the page, which an export of everything that matches doesn't need.
pub const PAGING: &[Field] = &[
    Field {
        name: "sort",
        about: "The order: relevance if there are words to look for, else newest",
        schema: choice_schema::<SortArgument>,
        take: |from, to| set(&mut to.sort, from.take_choice("sort")),
        show: |of| of.sort.and_then(named),
    },
    Field {
        name: "limit",
        about: "Most quotes to give",
        schema: || json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": LIMIT}),
        take: |from, to| set(&mut to.limit, from.take_number("limit", 1..=MAX_LIMIT)),
        show: |of| of.limit.map(|limit| limit.to_string()),
    },
    Field {
        name: "offset",
        about: "Quotes to leave out first",
        schema: || json!({"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0}),
        take: |from, to| {
            let offset = from.take_number("offset", 0..=MAX_OFFSET);
            set(&mut to.offset, offset.map(Option::unwrap_or_default))
        },
        show: |of| (of.offset > 0).then(|| of.offset.to_string()),
    },
];

/// The page alone, for lists that have one order.
pub const LIMITS: &[Field] = &[
    Field {
        name: "limit",
        about: "Most to give",
        schema: || json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": LIMIT}),
        take: |from, to| set(&mut to.limit, from.take_number("limit", 1..=MAX_LIMIT)),
        show: |of| of.limit.map(|limit| limit.to_string()),
    },
    Field {
        name: "offset",
        about: "How many to leave out first",
        schema: || json!({"type": "integer", "minimum": 0, "maximum": MAX_STEPS, "default": 0}),
        take: |from, to| {
            let offset = from.take_number("offset", 0..=MAX_STEPS);
            set(&mut to.offset, offset.map(Option::unwrap_or_default))
        },
        show: |of| (of.offset > 0).then(|| of.offset.to_string()),
    },
];

/// Takes the filters of `fields` out of the parameters.
///
/// # Errors
/// [`Failure`] that names a parameter with a value that can't be.
pub fn take(parameters: &mut Parameters, fields: &[&[Field]]) -> Result<Filters, Failure> {
    let mut filters = Filters::default();
    for field in fields.iter().copied().flatten() {
        (field.take)(parameters, &mut filters)?;
    }
    if let (Some(since), Some(until)) = (filters.since, filters.until)
        && since > until
    {
        let message = format!("{since} is later than until={until}: no day is in between");
        return Err(Failure::parameter("since", message));
    }
    Ok(filters)
}

/// The filters as parameters, for a link: `q=…&speaker=…`; empty if nothing is looked for.
#[must_use]
pub fn encode(filters: &Filters) -> String {
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    for field in FIELDS.iter().chain(PAGING) {
        if let Some(value) = (field.show)(filters) {
            encoded.append_pair(field.name, &value);
        }
    }
    encoded.finish()
}

fn set<T>(field: &mut T, value: Result<T, Failure>) -> Result<(), Failure> {
    *field = value?;
    Ok(())
}

fn words(parameters: &mut Parameters, name: &str) -> Result<Option<String>, Failure> {
    let value = parameters.take(name)?;
    if value.as_ref().is_some_and(|value| value.chars().count() > MAX_WORDS) {
        let message = format!("it is longer than {MAX_WORDS} characters");
        return Err(Failure::parameter(name, message));
    }
    Ok(value)
}

fn day(parameters: &mut Parameters, name: &str) -> Result<Option<Date>, Failure> {
    let Some(value) = parameters.take(name)? else { return Ok(None) };
    let wrong = || Failure::parameter(name, "it is a day as YYYY-MM-DD, for example 2024-08-09");
    // Jiff also reads other forms of ISO 8601, and years of more digits.
    if value.len() != "2024-08-09".len() || !value.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(wrong());
    }
    value.parse().map(Some).map_err(|_| wrong())
}

/// The name of a choice, as parameters have it.
pub(super) fn named(value: impl ValueEnum) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

fn words_schema() -> Value {
    json!({"type": "string", "maxLength": MAX_WORDS})
}

fn day_schema() -> Value {
    json!({"type": "string", "format": "date"})
}

fn flag_schema() -> Value {
    json!({"type": "boolean", "default": false})
}

fn choice_schema<T: ValueEnum>() -> Value {
    json!({"type": "string", "enum": choices::<T>()})
}
