//! How values stand in columns: times to the second, dates as text, lists as JSON, words for kinds.
//! A column goes by its name; by its number where a million rows are read.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Row, RowIndex};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;

use crate::domain::date::PageDate;
use crate::domain::record::Snapshot;

/// `at` as the store keeps it: RFC 3339, UTC, whole seconds, so that text order is time order.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The time in column `name`.
pub(super) fn read_time(row: &Row<'_>, name: impl RowIndex) -> rusqlite::Result<Timestamp> {
    parse_time(row, name, &row.get::<_, String>(name)?)
}

/// The time in column `name`, if there is one.
pub(super) fn read_time_opt(
    row: &Row<'_>,
    name: impl RowIndex,
) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<String>>(name)?.map(|text| parse_time(row, name, &text)).transpose()
}

fn parse_time(row: &Row<'_>, name: impl RowIndex, text: &str) -> rusqlite::Result<Timestamp> {
    text.parse().map_err(|cause| unreadable(row, name, cause))
}

/// The page's date in column `name`, if there is one.
pub(super) fn read_date(row: &Row<'_>, name: impl RowIndex) -> rusqlite::Result<Option<PageDate>> {
    read_word_opt(row, name)
}

/// Where the version's page is kept, if it is.
pub(super) fn read_snapshot(row: &Row<'_>) -> rusqlite::Result<Option<Snapshot>> {
    Ok(match (row.get("snapshot_file")?, row.get("snapshot_offset")?) {
        (Some(file), Some(offset)) => Some(Snapshot { file, offset }),
        _ => None,
    })
}

/// `value` as the text of its JSON.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|cause| rusqlite::Error::ToSqlConversionFailure(Box::new(cause)))
}

/// What the JSON in column `name` says.
pub(super) fn read_json<T: DeserializeOwned>(
    row: &Row<'_>,
    name: impl RowIndex,
) -> rusqlite::Result<T> {
    let text = row.get_ref(name)?.as_str()?;
    serde_json::from_str(text).map_err(|cause| unreadable(row, name, cause))
}

/// What the JSON in column `name` says, if there is any.
pub(super) fn read_json_opt<T: DeserializeOwned>(
    row: &Row<'_>,
    name: impl RowIndex,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(name)?.as_str_or_null()?;
    text.map(|text| serde_json::from_str(text).map_err(|cause| unreadable(row, name, cause)))
        .transpose()
}

/// The value that the word in column `name` stands for, by its serde name.
pub(super) fn read_word<T: DeserializeOwned>(
    row: &Row<'_>,
    name: impl RowIndex,
) -> rusqlite::Result<T> {
    word(row, name, row.get_ref(name)?.as_str()?)
}

/// The value that the word in column `name` stands for, if there is one.
pub(super) fn read_word_opt<T: DeserializeOwned>(
    row: &Row<'_>,
    name: impl RowIndex,
) -> rusqlite::Result<Option<T>> {
    row.get_ref(name)?.as_str_or_null()?.map(|text| word(row, name, text)).transpose()
}

fn word<T: DeserializeOwned>(
    row: &Row<'_>,
    name: impl RowIndex,
    word: &str,
) -> rusqlite::Result<T> {
    T::deserialize(StrDeserializer::<serde::de::value::Error>::new(word))
        .map_err(|cause| unreadable(row, name, cause))
}

fn unreadable(
    row: &Row<'_>,
    name: impl RowIndex,
    cause: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    let column = name.idx(row.as_ref()).unwrap_or_default();
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(cause))
}
