//! `quotes speakers`: who is quoted, in which roles, how often; who is who, and corrections of that.

use std::collections::BTreeMap;
use std::io::Write;

use clap::{ArgGroup, Args, Subcommand};
use console::style;
use jiff::Timestamp;

use super::args::Common;
use super::exit::Exit;
use super::print::{counted, printable};
use super::results::fill;
use super::search::{OutputFormat, note, print_json};
use crate::collection::CollectionError;
use crate::domain::date::PageDate;
use crate::domain::record::{
    Correction, CorrectionKind, Evidence, SpeakerDetails, SpeakerMention, SpeakerSummary,
};
use crate::pipeline::people::{self, Request};
use crate::store::{Selection, Store};

/// Roles, affiliations and outlets that are shown of each speaker; JSON has them all.
const SHOWN: usize = 4;
/// Digits of an id that are shown: enough to be the only one.
const SHORT_ID: usize = 12;

/// Arguments of `quotes speakers`.
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  quotes speakers                       everybody, most quoted first
  quotes speakers garcia                everybody whom an article calls garcia or García
  quotes speakers --format json
  quotes speakers show 3f2a91c0         one speaker, and why the mentions are one
  quotes speakers merge 3f2a91c0 77b0   two speakers are one
  quotes speakers split 3f2a91c0 --affiliation harbour
  quotes speakers undo                  the last correction doesn't hold
  quotes speakers corrections           every merge, split and undo

Names alike are one speaker where an office, a body or the same words show it,
or where nobody else bears the name and nothing speaks against it. What you
correct stays so in later crawls and after `onrecord reindex --extract`."
)]
pub struct SpeakersArgs {
    /// Words or parts of words of a name; case and accents don't matter
    #[arg(value_name = "PATTERN")]
    pub pattern: Option<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human", global = true)]
    pub format: OutputFormat,
    /// List one by one what may be one speaker or several
    #[arg(long)]
    pub each: bool,
    /// What else to do.
    #[command(subcommand)]
    pub command: Option<SpeakersCommand>,
}

/// What `quotes speakers` does but list.
#[derive(Debug, Clone, Subcommand)]
pub enum SpeakersCommand {
    /// One speaker: names, roles and affiliations over time, and why the mentions are one
    Show(ShowSpeakerArgs),
    /// Makes one speaker of two
    Merge(MergeArgs),
    /// Makes another speaker of some mentions of one
    Split(SplitArgs),
    /// Undoes a merge or split
    Undo(UndoArgs),
    /// Every merge, split and undo, oldest first
    Corrections,
}

/// Arguments of `quotes speakers show`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  quotes speakers show 3f2a91c0")]
pub struct ShowSpeakerArgs {
    /// The speaker's id, as `quotes speakers` prints it, or its beginning
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Arguments of `quotes speakers merge`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  quotes speakers merge 3f2a91c0 77b0e2d4")]
pub struct MergeArgs {
    /// A speaker's id, or that of a quote
    #[arg(value_name = "ID")]
    pub first: String,
    /// Another's
    #[arg(value_name = "ID")]
    pub second: String,
}

/// Arguments of `quotes speakers split`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("whose").required(true).multiple(true)
    .args(["quotes", "name", "role", "affiliation", "outlet"]))]
#[command(after_help = "\
Examples:
  quotes speakers split 3f2a91c0 --affiliation harbour   the one whom articles tie to the harbour
  quotes speakers split 3f2a91c0 91ab77 4c01d2           the one who said these quotes

Every quote that an article ascribes to the speaker goes with the quotes named.")]
pub struct SplitArgs {
    /// The speaker's id
    #[arg(value_name = "ID")]
    pub id: String,
    /// Ids of quotes of the other speaker
    #[arg(value_name = "QUOTE")]
    pub quotes: Vec<String>,
    /// Mentions by a name with these words
    #[arg(long, value_name = "WORDS")]
    pub name: Option<String>,
    /// Mentions with a role with these words
    #[arg(long, value_name = "WORDS")]
    pub role: Option<String>,
    /// Mentions with an affiliation with these words
    #[arg(long, value_name = "WORDS")]
    pub affiliation: Option<String>,
    /// Mentions of an outlet with these words in its name
    #[arg(long, value_name = "WORDS")]
    pub outlet: Option<String>,
}

/// Arguments of `quotes speakers undo`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  quotes speakers undo 3")]
pub struct UndoArgs {
    /// The correction's number; without it, the last that is in force
    #[arg(value_name = "NUMBER")]
    pub number: Option<u64>,
}

/// Prints the speakers that match to `out`, and on standard error how many there are; or does what the
/// command says.
///
/// # Errors
/// [`CollectionError`] if the collection can't be read or `out` not written, or a correction is
/// refused.
pub fn run(
    common: &Common,
    arguments: &SpeakersArgs,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    let format = arguments.format;
    match &arguments.command {
        None => list(common, arguments, out),
        Some(SpeakersCommand::Show(show)) => print_one(common, &show.id, format, out),
        Some(SpeakersCommand::Corrections) => print_corrections(common, format, out),
        Some(SpeakersCommand::Merge(merge)) => {
            correct(common, Request::Merge(merge.first.clone(), merge.second.clone()), format, out)
        }
        Some(SpeakersCommand::Split(split)) => {
            let selection = Selection {
                quotes: split.quotes.clone(),
                name: split.name.clone(),
                role: split.role.clone(),
                affiliation: split.affiliation.clone(),
                outlet: split.outlet.clone(),
            };
            correct(common, Request::Split(split.id.clone(), selection), format, out)
        }
        Some(SpeakersCommand::Undo(undo)) => {
            correct(common, Request::Undo(undo.number), format, out)
        }
    }
}

fn list(
    common: &Common,
    arguments: &SpeakersArgs,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    let store = Store::open_existing(common.data())?;
    let speakers = store.speakers(arguments.pattern.as_deref())?;
    let count = speakers.len();
    if arguments.format == OutputFormat::Human {
        let rows = if arguments.each { speakers } else { together(speakers) };
        let digits = rows.iter().map(|row| row.quotes.to_string().len()).max().unwrap_or(1);
        for row in &rows {
            writeln!(out, "{}", lines(row, digits))?;
        }
    } else {
        print_json(arguments.format, &speakers, out)?;
    }
    out.flush()?;
    if count == 0 {
        note(common, "no speaker matches; `quotes speakers` without a name lists them all");
        return Ok(Exit::Partly);
    }
    note(common, &counted(count as u64, "speaker"));
    Ok(Exit::Done)
}

/// The speakers, with those that can't be told from one another in one row for each name: a row
/// without an identity. Most quoted first.
fn together(speakers: Vec<SpeakerSummary>) -> Vec<SpeakerSummary> {
    let mut untold: BTreeMap<String, Vec<SpeakerSummary>> = BTreeMap::new();
    let mut rows = Vec::new();
    for speaker in speakers {
        if speaker.told || speaker.anonymous {
            rows.push(speaker);
        } else {
            untold.entry(speaker.name.to_lowercase()).or_default().push(speaker);
        }
    }
    for (_, mut of_name) in untold {
        let Some(mut row) = of_name.pop() else { continue };
        if !of_name.is_empty() {
            row.identity = None;
        }
        for other in of_name {
            row.quotes += other.quotes;
            row.articles += other.articles;
            for (values, more) in [
                (&mut row.roles, other.roles),
                (&mut row.affiliations, other.affiliations),
                (&mut row.outlets, other.outlets),
            ] {
                values.extend(more);
                values.sort();
                values.dedup();
            }
            let text = |day: &Option<PageDate>| day.as_ref().map(|day| day.as_str().to_owned());
            let days = [row.first.take(), other.first];
            row.first = days.into_iter().flatten().min_by_key(|day| text(&Some(day.clone())));
            let days = [row.last.take(), other.last];
            row.last = days.into_iter().flatten().max_by_key(|day| text(&Some(day.clone())));
        }
        rows.push(row);
    }
    rows.sort_by(|a, b| b.quotes.cmp(&a.quotes).then_with(|| a.name.cmp(&b.name)));
    rows
}

fn lines(speaker: &SpeakerSummary, digits: usize) -> String {
    let indent = " ".repeat(digits + 4);
    let name = style(printable(&speaker.name)).bold();
    let known = match (&speaker.identity, speaker.anonymous) {
        (Some(id), _) => format!("  {}", style(short(id)).dim()),
        (None, true) => " (name withheld; may be several people)".to_owned(),
        (None, false) => {
            format!(
                " (in {}; may be several speakers: --each)",
                counted(speaker.articles, "article")
            )
        }
    };
    let mut lines = vec![format!("  {:>digits$}  {name}{known}", speaker.quotes)];
    let others: Vec<String> =
        speaker.aliases.iter().filter(|alias| **alias != speaker.name).cloned().collect();
    if !others.is_empty() && !speaker.anonymous {
        lines.push(fill(&format!("also {}", some(&others)), &indent, &indent));
    }
    let is: Vec<String> = [some(&speaker.roles), some(&speaker.affiliations)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    if !is.is_empty() {
        lines.push(fill(&is.join(" · "), &indent, &indent));
    }
    let days = match days(speaker.first.as_ref(), speaker.last.as_ref()) {
        days if days.is_empty() => days,
        days => format!("{days} · "),
    };
    let place = fill(&format!("{days}{}", some(&speaker.outlets)), &indent, &indent);
    lines.push(style(place).dim().to_string());
    lines.join("\n")
}

/// The first of some values, and how many more there are.
fn some(values: &[String]) -> String {
    let mut shown: Vec<String> = values.iter().take(SHOWN).map(|v| printable(v)).collect();
    if values.len() > SHOWN {
        shown.push(format!("{} more", values.len() - SHOWN));
    }
    shown.join("; ")
}

/// "2024-02-08 to 2024-08-09", or the one day.
fn days(first: Option<&PageDate>, last: Option<&PageDate>) -> String {
    match (first, last) {
        (Some(first), Some(last)) if first == last => first.to_string(),
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => String::new(),
    }
}

fn short(id: &str) -> String {
    id.chars().take(SHORT_ID).collect()
}

fn print_one(
    common: &Common,
    id: &str,
    format: OutputFormat,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    let store = Store::open_existing(common.data())?;
    let found = match store.identity(id)? {
        Some(identity) => store.speaker(&identity)?,
        None => None,
    };
    let Some(speaker) = found else {
        note(common, &format!("no speaker has the id {id}; `quotes speakers` prints ids"));
        return Ok(Exit::Partly);
    };
    match format {
        OutputFormat::Human => write_one(&speaker, out)?,
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &speaker).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        OutputFormat::Ndjson => print_json(format, &[speaker], out)?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn write_one(speaker: &SpeakerDetails, out: &mut dyn Write) -> std::io::Result<()> {
    let summary = &speaker.summary;
    let heading = |words: &str| style(words.to_owned()).bold().underlined().to_string();
    writeln!(out, "  {}", style(printable(&summary.name)).bold())?;
    let id = summary.identity.as_deref().unwrap_or_default();
    let counts = [counted(summary.quotes, "quote"), counted(summary.articles, "article")];
    let facts = [
        id.to_owned(),
        summary.kind.as_str().to_owned(),
        counts.join(" in "),
        days(summary.first.as_ref(), summary.last.as_ref()),
    ];
    let facts: Vec<String> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    writeln!(out, "{}", fill(&facts.join(" · "), "  ", "  "))?;
    if !summary.told {
        let words = "the articles don't tell which bearer of the name it is";
        writeln!(out, "{}", fill(words, "  ", "  "))?;
    }
    if summary.aliases.len() > 1 {
        let names: Vec<String> = summary.aliases.iter().map(|name| printable(name)).collect();
        writeln!(out, "{}", fill(&format!("called {}", names.join("; ")), "  ", "  "))?;
    }
    if !summary.stated.is_empty() {
        writeln!(out, "\n{}", heading("Roles and affiliations"))?;
    }
    for stated in &summary.stated {
        let what: Vec<String> = [&stated.role, &stated.affiliation]
            .into_iter()
            .flatten()
            .map(|part| printable(part))
            .collect();
        let line = format!(
            "{}: {} ({}, {})",
            days(stated.first.as_ref(), stated.last.as_ref()),
            what.join(", "),
            printable(&stated.outlet),
            counted(stated.articles, "article"),
        );
        writeln!(out, "{}", fill(&line, "  ", "    "))?;
    }
    writeln!(out, "\n{}", heading("Mentions, and why they are one speaker's"))?;
    let names: BTreeMap<&str, &SpeakerMention> =
        speaker.mentions.iter().map(|mention| (mention.id.as_str(), mention)).collect();
    for mention in &speaker.mentions {
        let day = mention.day.as_ref().map(|day| format!("{day} ")).unwrap_or_default();
        let quotes: Vec<String> = mention.quotes.iter().map(|id| short(id)).collect();
        let line = format!(
            "{day}{}: {} ({}; quotes {})",
            printable(&mention.outlet),
            printable(&mention.name),
            short(&mention.id),
            quotes.join(", ")
        );
        writeln!(out, "{}", fill(&line, "  ", "    "))?;
        if let Some(evidence) = &mention.evidence {
            let other = names.get(evidence.mention.as_str());
            writeln!(out, "{}", fill(&reason(evidence, other.copied()), "    ", "      "))?;
        }
    }
    if !speaker.corrections.is_empty() {
        writeln!(out, "\n{}", heading("Corrections in force"))?;
    }
    for correction in &speaker.corrections {
        writeln!(out, "{}", fill(&told(correction), "  ", "    "))?;
    }
    Ok(())
}

/// Why a mention is one speaker's with another, in words.
fn reason(evidence: &Evidence, other: Option<&SpeakerMention>) -> String {
    let other = other.map_or_else(
        || short(&evidence.mention),
        |other| format!("{} ({})", printable(&other.name), short(&other.id)),
    );
    format!("as {other}: {}", evidence.in_words(&printable(&evidence.detail)))
}

fn print_corrections(
    common: &Common,
    format: OutputFormat,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    let store = Store::open_existing(common.data())?;
    let corrections = store.corrections()?;
    if format == OutputFormat::Human {
        for correction in &corrections {
            writeln!(out, "{}", fill(&told(correction), "  ", "    "))?;
        }
    } else {
        print_json(format, &corrections, out)?;
    }
    out.flush()?;
    if corrections.is_empty() {
        note(common, "no speaker was corrected yet");
        return Ok(Exit::Partly);
    }
    note(common, &counted(corrections.len() as u64, "correction"));
    Ok(Exit::Done)
}

/// A correction in one line.
fn told(correction: &Correction) -> String {
    let what = match (&correction.kind, &correction.sides, correction.undoes) {
        (CorrectionKind::Merge, Some([first, second]), _) => {
            format!("merged {} and {}", side(first), side(second))
        }
        (CorrectionKind::Split, Some([off, rest]), _) => {
            format!("split {} from {}", side(off), side(rest))
        }
        (_, _, Some(undone)) => format!("undid {undone}"),
        (kind, _, None) => kind.as_str().to_owned(),
    };
    let undone = correction.undone_by.map(|by| format!(", undone by {by}")).unwrap_or_default();
    format!("{}  {}  {what}{undone}", correction.number, correction.at)
}

fn side((id, name): &(String, String)) -> String {
    format!("{} ({})", printable(name), short(id))
}

fn correct(
    common: &Common,
    request: Request,
    format: OutputFormat,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    let correction = people::correct(common.data(), &request, Timestamp::now())?;
    if format == OutputFormat::Human {
        writeln!(out, "{}", fill(&told(&correction), "", "    "))?;
        if correction.kind != CorrectionKind::Undo {
            note(common, &format!("`quotes speakers undo {}` takes it back", correction.number));
        }
    } else {
        print_json(format, &[correction], out)?;
    }
    out.flush()?;
    Ok(Exit::Done)
}
