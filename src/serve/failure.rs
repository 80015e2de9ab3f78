//! Why a request was not answered as asked: a status and a message for whoever asked.

use std::fmt;

use axum::http::StatusCode;
use serde::Serialize;

use crate::collection::CollectionError;
use crate::pipeline::people::PeopleError;
use crate::search::SearchError;
use crate::store::{CorrectionError, NamedCollectionError, StoreError};

/// Why a request was not answered as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The status of the response.
    pub status: StatusCode,
    /// What is wrong and what to do, for people.
    pub message: String,
    /// The parameter, or the key of the body, that is wrong.
    pub parameter: Option<String>,
}

/// A failure as the API has it (RFC 9457).
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Problem {
    /// The kind of problem; `about:blank` where the status says it all.
    pub r#type: &'static str,
    /// The status in words.
    pub title: String,
    /// The status.
    pub status: u16,
    /// What is wrong and what to do.
    pub detail: String,
    /// The parameter, or the key of the body, that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
}

impl Failure {
    /// A failure of this status.
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), parameter: None }
    }

    /// A parameter with a value that can't be.
    #[must_use]
    pub fn parameter(name: &str, message: impl fmt::Display) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: format!("{name}: {message}"),
            parameter: Some(name.to_owned()),
        }
    }

    /// What the store says of a query's filters: an id cut too short is a parameter's mistake there.
    #[must_use]
    pub fn of_filters(error: StoreError) -> Self {
        match error {
            StoreError::AmbiguousSpeaker { .. } => Self::parameter("speaker_id", error),
            other => other.into(),
        }
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// The status in words.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Error")
    }

    /// As the API has it.
    #[must_use]
    pub fn problem(&self) -> Problem {
        Problem {
            r#type: "about:blank",
            title: self.title().to_owned(),
            status: self.status.as_u16(),
            detail: self.message.clone(),
            parameter: self.parameter.clone(),
        }
    }
}

impl From<SearchError> for Failure {
    fn from(error: SearchError) -> Self {
        match &error {
            SearchError::Syntax(_) => Self::parameter("q", error),
            SearchError::EmptyFilter { name, value } => {
                Self::parameter(name, format!("there is no word to look for in “{value}”"))
            }
            _ => Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let status = match &error {
            StoreError::Ambiguous { .. } | StoreError::AmbiguousSpeaker { .. } => {
                StatusCode::CONFLICT
            }
            StoreError::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string())
    }
}

impl From<NamedCollectionError> for Failure {
    fn from(error: NamedCollectionError) -> Self {
        let status = match error {
            NamedCollectionError::Store(cause) => return cause.into(),
            NamedCollectionError::Unknown(_) => StatusCode::NOT_FOUND,
            NamedCollectionError::Name | NamedCollectionError::UnknownQuotes(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            NamedCollectionError::Taken(_)
            | NamedCollectionError::Full
            | NamedCollectionError::TooMany => StatusCode::CONFLICT,
        };
        Self::new(status, error.to_string())
    }
}

impl From<PeopleError> for Failure {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Store(cause) | PeopleError::Correction(CorrectionError::Store(cause)) => {
                cause.into()
            }
            PeopleError::Correction(cause) => {
                let status = match cause {
                    CorrectionError::Unknown(_) | CorrectionError::NoCorrection(_) => {
                        StatusCode::UNPROCESSABLE_ENTITY
                    }
                    _ => StatusCode::CONFLICT,
                };
                Self::new(status, cause.to_string())
            }
            PeopleError::Pipeline(cause) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, cause.to_string())
            }
        }
    }
}

impl From<CollectionError> for Failure {
    fn from(error: CollectionError) -> Self {
        match error {
            CollectionError::Search(cause) => cause.into(),
            CollectionError::Store(cause) => Self::of_filters(cause),
            CollectionError::People(cause) => cause.into(),
            CollectionError::Arguments(message) => Self::new(StatusCode::BAD_REQUEST, message),
            other => Self::new(StatusCode::INTERNAL_SERVER_ERROR, other.to_string()),
        }
    }
}
