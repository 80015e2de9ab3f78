//! `quotes show`: one quote with its context, its provenance, every revision and the same words in
//! other articles.

use std::io::Write;
use std::ops::Range;

use clap::Args;
use console::style;

use super::args::Common;
use super::changes::changed;
use super::exit::Exit;
use super::print::{attribution, printable};
use super::results::{fill, mark};
use super::search::{OutputFormat, note, print_json};
use super::wordings;
use crate::collection::CollectionError;
use crate::domain::quote::Span;
use crate::domain::record::{Context, QuoteDetails, QuoteRecord, RevisionKind, RevisionSide};
use crate::store::Store;

/// Quotes of other articles with the same words that are shown; JSON has them all.
const SHOWN: usize = 20;
/// Columns of the names of facts.
const LABEL: usize = 12;

/// Arguments of `quotes show`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  quotes show 3f2a91c0              the beginning of an id is enough
  quotes show 3f2a91c0 --format json")]
pub struct ShowArgs {
    /// The quote's id, as `quotes search` prints it, or its beginning
    #[arg(value_name = "ID")]
    pub id: String,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: OutputFormat,
}

/// Prints the quote to `out`.
///
/// # Errors
/// [`CollectionError`] if several quotes' ids begin so, or the collection can't be read or `out`
/// not written.
pub fn run(
    common: &Common,
    arguments: &ShowArgs,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    let store = Store::open_existing(common.data())?;
    let id = arguments.id.trim().to_lowercase();
    let Some(shown) = store.quote_details(&id)? else {
        note(common, &format!("no quote has the id {id}; `quotes search` prints ids"));
        return Ok(Exit::Partly);
    };
    match arguments.format {
        OutputFormat::Human => print(&shown, out)?,
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &shown).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        OutputFormat::Ndjson => print_json(OutputFormat::Ndjson, &[shown], out)?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn print(shown: &QuoteDetails, out: &mut dyn Write) -> std::io::Result<()> {
    let QuoteDetails { record, context, revisions, elsewhere } = shown;
    writeln!(
        out,
        "{}",
        fill(&style(printable(&record.quote.printed_words())).bold().to_string(), "  ", "  ")
    )?;
    let who = attribution(record.quote.speaker.as_ref());
    writeln!(out, "{}", fill(&format!("— {who}"), "    ", "      "))?;
    for state in record.states() {
        writeln!(out, "{}", fill(&style(state).red().to_string(), "    ", "    "))?;
    }
    if let Some(context) = context {
        heading(out, "In the article")?;
        let ranges = ranges_in(context, &record.quote.content);
        for (index, paragraph) in mark(&tame(&context.text), &ranges).split('\n').enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            if !paragraph.trim().is_empty() {
                write!(out, "{}", fill(paragraph, "  ", "  "))?;
            }
        }
        writeln!(out)?;
    }
    heading(out, "Where it is from")?;
    for (label, value) in facts(record) {
        fact(out, label, &value)?;
    }
    for notice in &record.article.notices {
        let date = notice.date.as_ref().map(|date| format!("{date}: ")).unwrap_or_default();
        fact(out, "Notice", &printable(&format!("{date}{}", notice.text)))?;
    }
    if !revisions.is_empty() {
        heading(out, "How it changed")?;
    }
    for revision in revisions {
        let line = format!(
            "{}{} in version {}, seen {}",
            revision.kind.as_str(),
            if revision.kind == RevisionKind::Moved { " among the article's quotes" } else { "" },
            revision.version,
            revision.seen
        );
        writeln!(out, "{}", fill(&line, "  ", "  "))?;
        if revision.kind != RevisionKind::Moved {
            side(out, "before", revision.before.as_ref())?;
            side(out, "after", revision.after.as_ref())?;
        }
        if !revision.difference.is_empty() {
            let line = format!("words: {}", changed(&revision.difference));
            writeln!(out, "{}", fill(&line, "    ", "      "))?;
        }
        if let Some(notice) = &revision.notice {
            writeln!(
                out,
                "{}",
                fill(&printable(&format!("notice: {}", notice.text)), "    ", "      ")
            )?;
        }
    }
    if !elsewhere.is_empty() {
        heading(out, "The same words elsewhere")?;
    }
    wordings::elsewhere(elsewhere, SHOWN, out)
}

fn heading(out: &mut dyn Write, words: &str) -> std::io::Result<()> {
    writeln!(out, "\n{}", style(words).bold().underlined())
}

fn fact(out: &mut dyn Write, label: &str, value: &str) -> std::io::Result<()> {
    let first = format!("  {label:<LABEL$}");
    // An address is there to be copied: one line, however long.
    if value.contains(' ') {
        writeln!(out, "{}", fill(value, &first, &" ".repeat(LABEL + 2)))
    } else {
        writeln!(out, "{first}{value}")
    }
}

/// One side of a revision.
fn side(out: &mut dyn Write, label: &str, side: Option<&RevisionSide>) -> std::io::Result<()> {
    let Some(side) = side else { return Ok(()) };
    let line = format!(
        "{label}: {} — {} ({})",
        printable(&side.text),
        attribution(side.speaker.as_ref()),
        side.id
    );
    writeln!(out, "{}", fill(&line, "    ", "      "))
}

fn facts(record: &QuoteRecord) -> Vec<(&'static str, String)> {
    let (quote, article) = (&record.quote, &record.article);
    let span = |span: &Span| format!("“{}” at {}", printable(&span.text), place(span));
    let places = |spans: &[Span]| spans.iter().map(place).collect::<Vec<_>>().join(", ");
    let mut facts = vec![("Id", quote.id.clone()), ("Kind", quote.kind.as_str().to_owned())];
    facts.extend(quote.source.as_ref().map(|source| ("Source", span(source))));
    facts.extend(quote.cue.as_ref().map(|cue| ("Cue", span(cue))));
    if quote.speaker.is_some() {
        facts.push(("Confidence", format!("{:.2} that the speaker is right", quote.confidence)));
    }
    facts.push((
        "Offsets",
        format!("{} (characters of the article's text)", places(&quote.content)),
    ));
    if !quote.verbatim.is_empty() {
        facts.push(("Verbatim", places(&quote.verbatim)));
    }
    facts.extend(article.title.as_ref().map(|title| ("Title", printable(title))));
    facts.push(("Outlet", printable(&article.outlet)));
    if !article.byline.is_empty() {
        facts.push(("By", printable(&article.byline.join(", "))));
    }
    facts.extend(article.published.as_ref().map(|date| ("Published", date.to_string())));
    facts.extend(article.modified.as_ref().map(|date| ("Modified", date.to_string())));
    facts.push(("URL", printable(&article.url)));
    facts.extend(article.feed.as_ref().map(|feed| ("Feed", feed.clone())));
    if !article.topics.is_empty() {
        facts.push(("Topics", article.topics.join(", ")));
    }
    facts.push(("First seen", record.first_seen.clone()));
    facts.extend(article.vanished.as_ref().map(|since| {
        ("Vanished", format!("the page's server answers since {since} that it is gone"))
    }));
    facts.push(("Version", format!("{}, fetched {}", article.version, article.fetched)));
    facts.push(("Text hash", format!("BLAKE3 {}", article.text_hash)));
    let snapshot = article.snapshot.as_ref();
    facts.extend(
        snapshot
            .map(|kept| ("Page kept", format!("warc/{}, from byte {}", kept.file, kept.offset))),
    );
    facts
}

fn place(span: &Span) -> String {
    format!("{}–{}", span.start, span.end)
}

/// `text` with its line breaks but no other control characters, each character in its place.
fn tame(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

/// Where the spans stand in the context's text after [`tame`], in bytes.
fn ranges_in(context: &Context, spans: &[Span]) -> Vec<Range<usize>> {
    let text = tame(&context.text);
    let mut bytes: Vec<usize> = text.char_indices().map(|(byte, _)| byte).collect();
    bytes.push(text.len());
    let byte = |offset: usize| bytes.get(offset.saturating_sub(context.start)).copied();
    spans.iter().filter_map(|span| Some(byte(span.start)?..byte(span.end)?)).collect()
}
