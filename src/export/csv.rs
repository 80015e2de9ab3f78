//! CSV for spreadsheets: one quote a row, flat columns, UTF-8, RFC 4180.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, one of these in full width, a tab or a line break gets
//! a `'` in front: spreadsheets would take it for a formula, and a page could have one run on the
//! reader's machine (<https://owasp.org/www-community/attacks/CSV_Injection>).
//! Who needs the exact words takes JSON.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::Value;

use super::reservations;
use crate::domain::article::NoticeKind;
use crate::domain::date::PageDate;
use crate::domain::quote::Span;
use crate::domain::record::{QuoteRecord, Snapshot};
use crate::domain::speaker::{Speaker, SpeakerKind};

/// What stands between the values of a cell that has several.
const BETWEEN: &str = "; ";

type Cell = fn(&QuoteRecord) -> Cow<'_, str>;

/// Every column: its heading, and what of a quote stands in it.
const COLUMNS: [(&str, Cell); 34] = [
    ("id", |r| Cow::from(&r.quote.id)),
    ("text", |r| Cow::from(&r.quote.text)),
    ("kind", |r| Cow::from(r.quote.kind.as_str())),
    ("speaker", |r| speaker(r, |s| Cow::from(&s.name))),
    ("speaker_kind", |r| speaker(r, |s| Cow::from(SpeakerKind::as_str(s.kind)))),
    ("role", |r| speaker(r, |s| optional(s.role.as_ref()))),
    ("affiliation", |r| speaker(r, |s| optional(s.affiliation.as_ref()))),
    ("anonymous", |r| speaker(r, |s| Cow::from(s.anonymous.to_string()))),
    ("confidence", |r| Cow::from(format!("{:.2}", r.quote.confidence))),
    ("source", |r| span(r.quote.source.as_ref())),
    ("cue", |r| span(r.quote.cue.as_ref())),
    ("outlet", |r| Cow::from(&r.article.outlet)),
    ("title", |r| optional(r.article.title.as_ref())),
    ("byline", |r| Cow::from(r.article.byline.join(BETWEEN))),
    ("published", |r| date(r.article.published.as_ref())),
    ("modified", |r| date(r.article.modified.as_ref())),
    ("url", |r| Cow::from(&r.article.url)),
    ("language", |r| optional(r.article.language.as_ref())),
    ("topics", |r| Cow::from(r.article.topics.join(BETWEEN))),
    ("offsets", |r| Cow::from(offsets(&r.quote.content))),
    ("paragraph", |r| Cow::from(r.quote.paragraph.to_string())),
    ("version", |r| Cow::from(r.article.version.to_string())),
    ("text_hash", |r| Cow::from(&r.article.text_hash)),
    ("fetched", |r| Cow::from(&r.article.fetched)),
    ("snapshot", |r| snapshot(r.article.snapshot.as_ref())),
    ("first_seen", |r| Cow::from(&r.first_seen)),
    ("revised", |r| Cow::from(r.revised.to_string())),
    ("current", |r| Cow::from(r.current.to_string())),
    ("speaker_identity", |r| speaker(r, |s| optional(s.identity.as_ref()))),
    ("reservations", |r| Cow::from(reservations(r, BETWEEN).unwrap_or_default())),
    ("notices", |r| Cow::from(notices(&r.notice_kinds))),
    ("vanished", |r| optional(r.article.vanished.as_ref())),
    ("cluster", |r| optional(r.cluster.as_ref())),
    ("changed", |r| optional(r.changed.as_ref())),
];

/// The headings.
pub(super) fn begin(out: &mut dyn Write) -> io::Result<()> {
    write_row(out, COLUMNS.iter().map(|(heading, _)| Cow::from(*heading)))
}

/// A quote's row.
pub(super) fn row(out: &mut dyn Write, record: &QuoteRecord) -> io::Result<()> {
    write_row(out, COLUMNS.iter().map(|(_, cell)| disarmed(cell(record))))
}

/// A quote's cells by their headings, as [`row`] writes them.
pub(super) fn cells(record: &QuoteRecord) -> Value {
    let cells = COLUMNS.iter().map(|(heading, cell)| {
        ((*heading).to_owned(), Value::from(disarmed(cell(record)).into_owned()))
    });
    Value::Object(cells.collect())
}

fn write_row<'a>(out: &mut dyn Write, cells: impl Iterator<Item = Cow<'a, str>>) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for cell in cells {
        writer.write_field(cell.as_bytes())?;
    }
    writer.write_record(None::<&[u8]>)?;
    writer.flush()
}

/// What a spreadsheet may take for the beginning of a formula, the last four in East Asian locales.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// `cell` with a `'` in front if a spreadsheet would run it.
fn disarmed(cell: Cow<'_, str>) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) { Cow::from(format!("'{cell}")) } else { cell }
}

fn speaker(record: &QuoteRecord, cell: fn(&Speaker) -> Cow<'_, str>) -> Cow<'_, str> {
    record.quote.speaker.as_ref().map_or(Cow::from(""), cell)
}

fn optional(value: Option<&String>) -> Cow<'_, str> {
    value.map_or(Cow::from(""), Cow::from)
}

fn span(span: Option<&Span>) -> Cow<'_, str> {
    span.map_or(Cow::from(""), |span| Cow::from(&span.text))
}

fn date(date: Option<&PageDate>) -> Cow<'_, str> {
    date.map_or(Cow::from(""), |date| Cow::from(date.as_str()))
}

fn snapshot(kept: Option<&Snapshot>) -> Cow<'_, str> {
    kept.map_or(Cow::from(""), |kept| Cow::from(format!("warc/{}:{}", kept.file, kept.offset)))
}

fn notices(kinds: &[NoticeKind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|it| it.as_str()).collect();
    words.join(BETWEEN)
}

fn offsets(content: &[Span]) -> String {
    let spans: Vec<String> =
        content.iter().map(|span| format!("{}-{}", span.start, span.end)).collect();
    spans.join(BETWEEN)
}
