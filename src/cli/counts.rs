//! The numbers of a run, in a table and in words: the same for every command that shows them.

use super::print::counted;
use super::table::{self, Column};
use crate::domain::run::RunCounts;

/// The columns of [`cells`], the first under the heading `entries`; `known` are articles that read as
/// they did.
pub(super) const fn columns(entries: &'static str) -> [Column; 8] {
    [
        table::number(entries),
        table::number("new"),
        table::number("changed"),
        table::number("known"),
        table::number("off topic"),
        table::number("skipped"),
        table::number("failed"),
        table::number("quotes"),
    ]
}

/// The numbers in the order of [`columns`].
pub(super) fn cells(counts: &RunCounts) -> [String; 8] {
    [
        counts.entries,
        counts.new,
        counts.changed,
        counts.unchanged,
        counts.off_topic,
        counts.skipped,
        counts.failed,
        counts.quotes,
    ]
    .map(|number| number.to_string())
}

/// What became of the entries, in a line.
pub(super) fn in_words(counts: &RunCounts) -> String {
    format!(
        "{} new, {} changed, {} known, {} off topic, {} skipped, {} failed, {}",
        counts.new,
        counts.changed,
        counts.unchanged,
        counts.off_topic,
        counts.skipped,
        counts.failed,
        counted(counts.quotes, "quote"),
    )
}
