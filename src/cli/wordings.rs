//! `quotes wordings`: statements that several outlets quote, and how their words differ.

use std::io::Write;

use clap::Args;
use console::style;

use super::args::Common;
use super::changes::changed;
use super::exit::Exit;
use super::print::{counted, printable};
use super::results::{day, fill};
use super::search::{OutputFormat, note, print_json};
use crate::collection::CollectionError;
use crate::domain::wording::{Elsewhere, Likeness, Occurrence, Statement};
use crate::store::{StatementQuery, Store};

/// Statements shown unless the user says how many: two screens.
const LIMIT: usize = 10;
/// Other quotes of a statement that are shown; JSON has them all.
const SHOWN: usize = 12;

/// Arguments of `quotes wordings`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  quotes wordings                   what several outlets quote, newest first
  quotes wordings --altered         where their words differ inside the quotation marks
  quotes wordings --altered --format ndjson

Each quote is held against the longest: [-words-] are missing, {+words+} are
put in. What one outlet leaves out at the beginning or the end, or where it
prints an ellipsis, is cut, not altered.")]
pub struct WordingsArgs {
    /// Only statements whose words differ between outlets
    #[arg(long)]
    pub altered: bool,
    /// Most statements to give
    #[arg(long, value_name = "N", default_value_t = LIMIT)]
    pub limit: usize,
    /// Statements to leave out first
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: OutputFormat,
}

/// Prints the statements to `out`.
///
/// # Errors
/// [`CollectionError`] if the collection can't be read or `out` not written.
pub fn run(
    common: &Common,
    arguments: &WordingsArgs,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    let store = Store::open_existing(common.data())?;
    let &WordingsArgs { altered, limit, offset, format } = arguments;
    let statements = store.statements(&StatementQuery { altered, limit, offset })?;
    if format == OutputFormat::Human {
        for statement in &statements {
            print(statement, out)?;
        }
    } else {
        print_json(format, &statements, out)?;
    }
    out.flush()?;
    if store.clustered()? < store.last_change()? {
        note(
            common,
            "the newest quotes are not compared yet: the end of a crawl or `onrecord reindex` does that",
        );
    }
    match statements.len() {
        0 => {
            let what = if offset > 0 { "no more statements" } else { "no statement" };
            let differs = if altered { " whose words differ between outlets" } else { "" };
            note(common, &format!("{what} of several outlets{differs}"));
            Ok(Exit::Partly)
        }
        shown => {
            let more = if shown == limit {
                format!("; --offset {} for more", offset.saturating_add(shown))
            } else {
                String::new()
            };
            note(common, &format!("{}{more}", counted(shown as u64, "statement")));
            Ok(Exit::Done)
        }
    }
}

fn print(statement: &Statement, out: &mut dyn Write) -> std::io::Result<()> {
    let words = style(format!("“{}”", printable(&statement.wording.text))).bold();
    writeln!(out, "{}", fill(&words.to_string(), "  ", "  "))?;
    writeln!(out, "{}", fill(&place(&statement.wording), "    ", "      "))?;
    elsewhere(&statement.others, SHOWN, out)?;
    writeln!(out)
}

/// Quotes of one statement, each with how alike it is and what differs, `most` at most.
pub(super) fn elsewhere(
    others: &[Elsewhere],
    most: usize,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    for Elsewhere { occurrence, likeness, difference } in others.iter().take(most) {
        let word = match likeness {
            Likeness::Same => style(likeness.as_str()).dim(),
            Likeness::Cut => style(likeness.as_str()).cyan(),
            Likeness::Altered => style(likeness.as_str()).red().bold(),
        };
        writeln!(out, "{}", fill(&format!("{word}: {}", place(occurrence)), "  ", "      "))?;
        match likeness {
            Likeness::Same => {}
            Likeness::Cut => {
                let words = format!("“{}”", printable(&occurrence.text));
                writeln!(out, "{}", fill(&words, "      ", "      "))?;
            }
            Likeness::Altered => {
                writeln!(out, "{}", fill(&changed(difference), "      ", "      "))?;
            }
        }
    }
    match others.len().saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more; --format json has them all"),
    }
}

/// Outlet, day, speaker and id, and whether the quote still stands there.
fn place(occurrence: &Occurrence) -> String {
    let date = occurrence.published.as_ref().map(|date| day(date.as_str()));
    let parts = [
        Some(printable(&occurrence.outlet)),
        date,
        occurrence.speaker.as_deref().map(printable),
        Some(occurrence.id.clone()),
        (!occurrence.current).then(|| "no longer in the article".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<String>>().join(" · ")
}
