//! Speakers: all, those with a name, one by id.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::super::asked::{Asked, Parameter};
use super::super::failure::Failure;
use super::super::filters::{self, LIMITS};
use super::super::reply::Reply;
use super::super::state::Reading;
use super::{Listed, limit, next};
use crate::domain::record::SpeakerDetails;

/// Characters of a pattern: names are shorter.
const MAX_PATTERN: usize = 200;

/// Whose names to list.
pub const PATTERN: &[Parameter] = &[Parameter {
    name: "pattern",
    about: "Words or parts of words of a name; case and accents don't matter",
    required: false,
    schema: || json!({"type": "string", "maxLength": MAX_PATTERN}),
}];

/// The speakers that match, most quoted first.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn list(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let pattern = parameters.take("pattern")?;
    let filters = filters::take(&mut parameters, &[LIMITS])?;
    parameters.finish()?;
    if pattern.as_ref().is_some_and(|pattern| pattern.chars().count() > MAX_PATTERN) {
        let message = format!("it is longer than {MAX_PATTERN} characters");
        return Err(Failure::parameter("pattern", message));
    }
    let found =
        reading.store.listed_speakers(pattern.as_deref(), filters.offset, limit(&filters))?;
    Reply::json(&Listed::part(asked, &filters, found.speakers, found.total))
}

/// A speaker with part of the mentions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundSpeaker {
    /// The speaker.
    #[serde(flatten)]
    pub speaker: SpeakerDetails,
    /// How many mentions there are in all.
    pub total: u64,
    /// Where the next mentions are; null if there are none.
    pub next: Option<String>,
}

/// The speaker of the id in the path, with the mentions that are asked for.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, there is none, or the collection can't be read.
pub fn one(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let filters = filters::take(&mut parameters, &[LIMITS])?;
    parameters.finish()?;
    let unknown = || Failure::not_found("no speaker has this id");
    let store = &reading.store;
    let id = store.identity(asked.part("speaker"))?.ok_or_else(unknown)?;
    let summary = store.listed_speaker(&id)?.ok_or_else(unknown)?;
    let total = summary.articles;
    let speaker = SpeakerDetails {
        summary,
        mentions: store.mentions(&id, filters.offset, limit(&filters))?,
        corrections: store.corrections_of(&id)?,
    };
    let next = next(asked, &filters, usize::try_from(total).unwrap_or(usize::MAX));
    Reply::json(&FoundSpeaker { speaker, total, next })
}
