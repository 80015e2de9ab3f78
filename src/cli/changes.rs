//! How changed words look to a reader: `[-removed-]{+added+}`, or in colour where there is colour.

use console::style;

use super::print::printable;
use crate::domain::wording::{Change, Segment};

/// The words in one line, with what was removed and what was added marked.
pub(super) fn changed(segments: &[Segment]) -> String {
    let mut line = String::new();
    for (index, segment) in segments.iter().enumerate() {
        let text = printable(&segment.text);
        let words = text.trim_end();
        let marked = match segment.change {
            Change::Kept => words.to_owned(),
            Change::Removed if console::colors_enabled() => {
                style(words).red().strikethrough().to_string()
            }
            Change::Added if console::colors_enabled() => style(words).green().bold().to_string(),
            Change::Removed => format!("[-{words}-]"),
            Change::Added => format!("{{+{words}+}}"),
        };
        line.push_str(&marked);
        // What was put in the place of other words stands beside them.
        let next = segments.get(index + 1).map(|next| next.change);
        let replaced = segment.change == Change::Removed && next == Some(Change::Added);
        if text.len() > words.len() && (!replaced || console::colors_enabled()) {
            line.push(' ');
        }
    }
    line.trim_end().to_owned()
}
