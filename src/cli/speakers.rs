//! `quotes speakers`: who is quoted, in which roles, how often.

use std::io::Write;

use clap::Args;
use console::style;

use super::args::Common;
use super::collection::CollectionError;
use super::exit::Exit;
use super::print::printable;
use super::results::fill;
use super::search::{OutputFormat, note, print_json};
use crate::domain::record::SpeakerSummary;
use crate::store::Store;

/// Roles, affiliations and outlets that are shown of each speaker; JSON has them all.
const SHOWN: usize = 4;

/// Arguments of `quotes speakers`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  quotes speakers                   everybody, most quoted first
  quotes speakers garcia            every name with garcia or García in it
  quotes speakers --format json")]
pub struct SpeakersArgs {
    /// Words or parts of words of the name; case and accents don't matter
    #[arg(value_name = "PATTERN")]
    pub pattern: Option<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: OutputFormat,
}

/// Prints the speakers that match to `out`, and on standard error how many there are.
///
/// # Errors
/// [`CollectionError`] if the collection can't be read or `out` not written.
pub fn run(
    common: &Common,
    arguments: &SpeakersArgs,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    let store = Store::open_existing(common.data())?;
    let speakers = store.speakers(arguments.pattern.as_deref())?;
    if arguments.format == OutputFormat::Human {
        let digits = speakers.first().map_or(1, |most| most.quotes.to_string().len());
        for speaker in &speakers {
            writeln!(out, "{}", lines(speaker, digits))?;
        }
    } else {
        print_json(arguments.format, &speakers, out)?;
    }
    out.flush()?;
    match speakers.len() {
        0 => {
            note(common, "no speaker matches; `quotes speakers` without a name lists them all");
            return Ok(Exit::Partly);
        }
        1 => note(common, "1 speaker"),
        many => note(common, &format!("{many} speakers")),
    }
    Ok(Exit::Done)
}

fn lines(speaker: &SpeakerSummary, digits: usize) -> String {
    let indent = " ".repeat(digits + 4);
    let name = style(printable(&speaker.name)).bold();
    let withheld = if speaker.anonymous { " (name withheld; may be several people)" } else { "" };
    let mut lines = vec![format!("  {:>digits$}  {name}{withheld}", speaker.quotes)];
    let from = |values: &[String]| -> String {
        let mut shown: Vec<String> = values.iter().take(SHOWN).map(|v| printable(v)).collect();
        if values.len() > SHOWN {
            shown.push(format!("{} more", values.len() - SHOWN));
        }
        shown.join("; ")
    };
    let is: Vec<String> = [from(&speaker.roles), from(&speaker.affiliations)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    if !is.is_empty() {
        lines.push(fill(&is.join(" · "), &indent, &indent));
    }
    let days = match (&speaker.first, &speaker.last) {
        (Some(first), Some(last)) if first == last => format!("{first} · "),
        (Some(first), Some(last)) => format!("{first} to {last} · "),
        _ => String::new(),
    };
    let place = fill(&format!("{days}{}", from(&speaker.outlets)), &indent, &indent);
    lines.push(style(place).dim().to_string());
    lines.join("\n")
}
