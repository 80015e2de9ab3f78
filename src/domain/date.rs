//! A date as pages and feeds state it: with a zone, without one, or a day alone.
//!
//! Sloppy text → a normal form (RFC 3339, the same without zone, or `YYYY-MM-DD`). Refuses to guess
//! a zone or a time that is not stated.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A date in normal form: `2024-01-29T17:20:00-05:00`, `2024-01-29T17:20:00` or `2024-01-29`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageDate(String);

impl PageDate {
    /// The date that `text` states, in any of the forms that pages and feeds use; `None` if it
    /// states none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let normal = normalise(text)?;
        Some(Self(normal))
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The moment it names, for sorting: without a zone taken as UTC, without a time as midnight.
    #[must_use]
    pub fn instant(&self) -> Option<Timestamp> {
        if let Ok(at) = self.0.parse::<Timestamp>() {
            return Some(at);
        }
        let civil = self.0.parse::<DateTime>().or_else(|_| self.0.parse::<Date>().map(Into::into));
        civil.ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    }
}

impl fmt::Display for PageDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn normalise(text: &str) -> Option<String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        let _ = at;
        return Some(text.replacen(' ', "T", 1));
    }
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
        return Some(zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
    }
    if let Ok(at) = text.parse::<DateTime>() {
        let day_only = !text.contains(':');
        return Some(if day_only { at.date().to_string() } else { at.to_string() });
    }
    None
}
