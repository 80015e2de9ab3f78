//! Whether an export says what the collection keeps: every quote, field by field, against what an
//! export would say today, and against the stored text and the kept page.
//!
//! A JSON, NDJSON, CSV or JSON-LD export → the contradictions found in it, each with the quote's id,
//! and apart from them what has rightly changed since. Reads only, one quote at a time. Refuses to
//! judge who is right: it says what differs from what.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{PipelineError, index};
use crate::archive;
use crate::article::{self, charset};
use crate::domain::quote::{Quote, Span};
use crate::domain::record::{QuoteRecord, Snapshot, StoredVersion};
use crate::domain::speaker::Speaker;
use crate::export::claims::Form;
use crate::store::Store;

/// The longest line of an NDJSON export that is read: a quote is a paragraph, not a book.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;
/// What stands between the parts of a split quote's text.
const BETWEEN: &str = " … ";
/// Characters of a value that a message shows.
const SHOWN: usize = 60;
/// Columns that a CSV has which can be verified: what is said, of what.
const NEEDED: [&str; 4] = ["id", "text", "version", "text_hash"];

/// Why an export could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The file can't be read.
    #[error("failed to read {}: {cause}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// The file is no export that can be verified.
    #[error(
        "{} is no export to verify: the formats json, ndjson, csv and jsonld of `quotes export` can \
         be; markdown, atom and csl are for reading and have not all of it",
        .path.display()
    )]
    Form {
        /// The file.
        path: PathBuf,
    },
    /// The file ends early, or is damaged.
    #[error("{}:{line}:{column}: the export is damaged from here on: export it again", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
    },
    /// The collection can't be read.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}

/// What a verification came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verified {
    /// Quotes that were looked at.
    pub quotes: u64,
    /// Quotes that contradict the collection, and lines that are no quotes.
    pub wrong: u64,
    /// Quotes that hold, but of which something has changed since, as it may.
    pub changed: u64,
    /// Quotes of versions whose page is not kept: their words were held against the stored text only.
    pub without_page: u64,
}

/// Holds every quote of the export at `path` against the collection in the data folder `data`;
/// `problem` is told of each contradiction, and of what has changed since.
///
/// # Errors
/// [`VerifyError`] if the file is no export that can be verified or there is no collection.
pub fn export(
    data: &Path,
    path: &Path,
    problem: &mut dyn FnMut(&str),
) -> Result<Verified, VerifyError> {
    let store = Store::open_existing(data).map_err(PipelineError::from)?;
    let mut check =
        Check { store, data, path, known: None, verified: Verified::default(), problem };
    let failed = |cause| VerifyError::File { path: path.to_path_buf(), cause };
    let mut reader = BufReader::new(File::open(path).map_err(failed)?);
    match first_bytes(&mut reader).map_err(failed)? {
        b"" => {}
        [b'[', ..] => read_document(Form::Json, reader, &mut check)?,
        [b'{', rest @ ..] if rest.trim_ascii_start().starts_with(b"\"@context\"") => {
            read_document(Form::Jsonld, reader, &mut check)?;
        }
        [b'{', ..] => read_lines(reader, &mut check)?,
        [b'<' | b'#', ..] => return Err(check.no_export()),
        _ => read_rows(reader, &mut check)?,
    }
    Ok(check.verified)
}

/// The next bytes from the first that is neither white space nor of a byte order mark; those before it
/// are taken out of the reader. Empty at the end.
fn first_bytes(reader: &mut impl BufRead) -> io::Result<&[u8]> {
    loop {
        let buffer = reader.fill_buf()?;
        let mark = |byte: &u8| matches!(byte, 0xef | 0xbb | 0xbf) || byte.is_ascii_whitespace();
        let blank = buffer.iter().take_while(|byte| mark(byte)).count();
        let (empty, found) = (buffer.is_empty(), blank < buffer.len());
        reader.consume(blank);
        if empty || found {
            return reader.fill_buf();
        }
    }
}

fn read_lines(mut reader: impl BufRead, check: &mut Check<'_>) -> Result<(), VerifyError> {
    let mut line = Vec::new();
    let mut number: u64 = 0;
    loop {
        line.clear();
        number += 1;
        let read = Read::take(&mut reader, MAX_LINE_BYTES).read_until(b'\n', &mut line);
        if read.map_err(|cause| check.unreadable(cause))? == 0 {
            return Ok(());
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match serde_json::from_slice::<Value>(&line) {
            Ok(value) => check.record(Form::Json, &value)?,
            // The first line decides whether the file is an export at all.
            Err(_) if check.verified.quotes == 0 => return Err(check.no_export()),
            Err(cause) => {
                let place = format!("{}:{number}:{}", check.path.display(), cause.column());
                check.wrong(&format!("{place}: no quote can be read here"));
            }
        }
    }
}

fn read_rows(reader: impl BufRead, check: &mut Check<'_>) -> Result<(), VerifyError> {
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let headings = match rows.headers() {
        Ok(headings) if NEEDED.iter().all(|needed| headings.iter().any(|it| it == *needed)) => {
            headings.clone()
        }
        _ => return Err(check.no_export()),
    };
    for row in rows.records() {
        let row = row.map_err(|cause| check.broken_row(cause))?;
        let cells = headings.iter().zip(row.iter());
        let cells = cells.map(|(heading, cell)| (heading.to_owned(), Value::from(cell)));
        check.record(Form::Csv, &Value::Object(cells.collect()))?;
    }
    Ok(())
}

/// An array of records, or the document of an annotation page around it.
fn read_document(
    form: Form,
    reader: impl BufRead,
    check: &mut Check<'_>,
) -> Result<(), VerifyError> {
    let mut failed = None;
    let mut json = serde_json::Deserializer::from_reader(reader);
    let walk = Walk { form, check, failed: &mut failed };
    let walked = json.deserialize_any(walk).and_then(|()| json.end());
    match (failed, walked) {
        (Some(cause), _) => Err(cause),
        (None, Err(cause)) => Err(VerifyError::Damaged {
            path: check.path.to_path_buf(),
            line: cause.line() as u64,
            column: cause.column() as u64,
        }),
        (None, Ok(())) => Ok(()),
    }
}

/// Takes a document's quotes one by one, so that an export of any size passes through.
struct Walk<'a, 'b> {
    form: Form,
    check: &'a mut Check<'b>,
    failed: &'a mut Option<VerifyError>,
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("quotes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut document: A) -> Result<(), A::Error> {
        while let Some(name) = document.next_key::<String>()? {
            if name == "items" {
                let (form, check, failed) = (self.form, &mut *self.check, &mut *self.failed);
                document.next_value_seed(Walk { form, check, failed })?;
            } else {
                document.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut quotes: A) -> Result<(), A::Error> {
        while let Some(record) = quotes.next_element::<Value>()? {
            if let Err(cause) = self.check.record(self.form, &record) {
                *self.failed = Some(cause);
                return Err(serde::de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, items: D) -> Result<(), D::Error> {
        items.deserialize_seq(self)
    }
}

/// What quotes are held against.
struct Check<'a> {
    store: Store,
    data: &'a Path,
    path: &'a Path,
    /// The last article that a quote named, with its versions and the last page read of it: quotes
    /// of one article often follow each other.
    known: Option<Known>,
    verified: Verified,
    problem: &'a mut dyn FnMut(&str),
}

struct Known {
    article: String,
    versions: Vec<StoredVersion>,
    /// The quotes of a version, as today's extractor finds them, with their ids.
    extracted: Option<(u32, Vec<(String, Quote)>)>,
    page: Option<(Snapshot, Result<String, String>)>,
}

impl Check<'_> {
    fn unreadable(&self, cause: io::Error) -> VerifyError {
        VerifyError::File { path: self.path.to_path_buf(), cause }
    }

    fn no_export(&self) -> VerifyError {
        VerifyError::Form { path: self.path.to_path_buf() }
    }

    fn broken_row(&self, cause: csv::Error) -> VerifyError {
        let line = cause.position().map_or(1, csv::Position::line);
        match cause.into_kind() {
            csv::ErrorKind::Io(cause) => self.unreadable(cause),
            _ => VerifyError::Damaged { path: self.path.to_path_buf(), line, column: 1 },
        }
    }

    fn wrong(&mut self, problem: &str) {
        self.verified.wrong += 1;
        (self.problem)(problem);
    }

    /// Looks at one quote of the export.
    fn record(&mut self, form: Form, said: &Value) -> Result<(), VerifyError> {
        let Some((id, version)) = form.names(said) else {
            // The first one decides whether the file is an export at all.
            if self.verified.quotes == 0 {
                return Err(self.no_export());
            }
            self.verified.quotes += 1;
            let nth = self.verified.quotes;
            self.wrong(&format!("quote {nth} of the file: it names no quote and version"));
            return Ok(());
        };
        self.verified.quotes += 1;
        let (kept, mut wrong) = match self.kept(&id, version)? {
            Ok(kept) => kept,
            Err(reason) => {
                self.wrong(&format!("quote {id}: {reason}"));
                return Ok(());
            }
        };
        let (may, must): (Vec<_>, Vec<_>) = differences(said, &form.of(&kept))
            .into_iter()
            .partition(|difference| form.may_change(&difference.path));
        wrong.extend(must.iter().map(|it| {
            format!("{} is {}, the collection has {}", it.path, shown(&it.said), shown(&it.kept))
        }));
        self.verified.without_page += u64::from(kept.article.snapshot.is_none());
        if !wrong.is_empty() {
            self.wrong(&format!("quote {id}: {}", wrong.join("; ")));
        }
        if !may.is_empty() {
            self.verified.changed += u64::from(wrong.is_empty());
            let changes = may
                .iter()
                .map(|it| format!("{} was {}, is {}", it.path, shown(&it.said), shown(&it.kept)));
            let changes = changes.collect::<Vec<_>>().join("; ");
            (self.problem)(&format!("quote {id}: changed since: {changes}"));
        }
        Ok(())
    }

    /// The quote `id` as the collection has it in `version` of its article, and what contradicts itself
    /// there; or why it has none. Of a version that is not the quote's newest, the quote is what the
    /// extractor finds in the stored text.
    fn kept(
        &mut self,
        id: &str,
        version: u32,
    ) -> Result<Result<(QuoteRecord, Vec<String>), String>, PipelineError> {
        let Some(newest) = self.store.quotes(&[id.to_owned()])?.pop() else {
            return Ok(Err("the collection has no such quote".to_owned()));
        };
        let article = &newest.article.id;
        let mut known = match self.known.take() {
            Some(known) if known.article == *article => known,
            _ => Known {
                article: article.clone(),
                versions: self.store.versions(article)?,
                extracted: None,
                page: None,
            },
        };
        let found = self.in_version(&mut known, newest, version);
        self.known = Some(known);
        found
    }

    fn in_version(
        &self,
        known: &mut Known,
        newest: QuoteRecord,
        version: u32,
    ) -> Result<Result<(QuoteRecord, Vec<String>), String>, PipelineError> {
        let Some(stored) = known.versions.iter().find(|it| it.version == version) else {
            return Ok(Err(format!(
                "the collection has no version {version} of article {} ({})",
                newest.article.id, newest.article.url
            )));
        };
        let kept = if newest.article.version == version {
            newest
        } else {
            let extracted = match known.extracted.take() {
                Some((of, extracted)) if of == version => extracted,
                _ => {
                    let quotes = index::quotes_of(stored);
                    let ids = self.store.ids_of(&known.article, &quotes)?;
                    ids.into_iter().zip(quotes).collect()
                }
            };
            let (_, extracted) = known.extracted.insert((version, extracted));
            let id = &newest.quote.id;
            let there = extracted.iter().find(|(of, _)| of == id);
            match (there, self.store.quote_beside(id, version)?) {
                (Some((_, quote)), Some(record)) => QuoteRecord {
                    quote: as_numbered(quote, id, record.quote.speaker.as_ref()),
                    ..record
                },
                _ => {
                    return Ok(Err(format!(
                        "version {version} of its article doesn't have it: the collection has it in \
                         version {}",
                        newest.article.version
                    )));
                }
            }
        };
        let mut wrong = Vec::new();
        let text = &stored.article.text;
        if blake3::hash(text.as_bytes()).to_hex().as_str() != stored.text_hash {
            wrong.push(format!("the collection's text of version {version} has another hash"));
        }
        wrong.extend(misplaced(&kept.quote, text));
        if let Some(snapshot) = &stored.snapshot {
            let page = match known.page.take() {
                Some((of, page)) if of == *snapshot => page,
                _ => text_of_page(self.data, snapshot),
            };
            match &known.page.insert((snapshot.clone(), page)).1 {
                Ok(page) => wrong.extend(absent(&kept.quote, page)),
                Err(reason) => wrong.push(reason.clone()),
            }
        }
        Ok(Ok((kept, wrong)))
    }
}

/// An extracted quote under the id that the collection has it by; who the speaker is in the whole
/// collection it takes from `known`, the speaker of its newest version.
fn as_numbered(quote: &Quote, id: &str, known: Option<&Speaker>) -> Quote {
    let mut quote = Quote { id: id.to_owned(), ..quote.clone() };
    if let (Some(speaker), Some(known)) = (&mut quote.speaker, known) {
        speaker.identity.clone_from(&known.identity);
    }
    quote
}

/// A field that an export has otherwise than the collection.
struct Difference {
    /// Its name, with those it stands in: `article.title`, `content[0].start`.
    path: String,
    said: Value,
    kept: Value,
}

/// Where `said` is not as `kept`; what is absent counts as null.
fn differences(said: &Value, kept: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    // No deeper than `kept`, which is of our own making.
    let mut left = vec![(String::new(), said, kept)];
    while let Some((path, said, kept)) = left.pop() {
        match (said, kept) {
            (Value::Object(some), Value::Object(others)) => {
                let more = some.keys().filter(|name| !others.contains_key(*name));
                for name in others.keys().chain(more).rev() {
                    let [said, kept] =
                        [some, others].map(|it| it.get(name).unwrap_or(&Value::Null));
                    let dot = if path.is_empty() { "" } else { "." };
                    left.push((format!("{path}{dot}{name}"), said, kept));
                }
            }
            (Value::Array(some), Value::Array(others)) if some.len() == others.len() => {
                let pairs = some.iter().zip(others).enumerate().rev();
                left.extend(pairs.map(|(at, (said, kept))| (format!("{path}[{at}]"), said, kept)));
            }
            _ if same(said, kept) => {}
            _ => found.push(Difference { path, said: said.clone(), kept: kept.clone() }),
        }
    }
    found
}

/// Whether two values are one; numbers may lose their last digit where JSON is read.
fn same(said: &Value, kept: &Value) -> bool {
    const LAST_DIGIT: f64 = 1e-12;
    match (said.as_f64(), kept.as_f64()) {
        (Some(said), Some(kept)) => (said - kept).abs() < LAST_DIGIT,
        _ => said == kept,
    }
}

/// A value in a message.
fn shown(value: &Value) -> String {
    let (text, marks) = match value {
        Value::Null => return "not stated".to_owned(),
        Value::String(text) => (text.clone(), ["“", "”"]),
        other => (other.to_string(), ["", ""]),
    };
    let cut = text.char_indices().nth(SHOWN).map(|(byte, _)| byte);
    let short = cut.map_or(text.clone(), |byte| format!("{}…", &text[..byte]));
    format!("{}{short}{}", marks[0], marks[1])
}

/// What of the quote doesn't stand in `text` where its offsets say.
pub(super) fn misplaced(quote: &Quote, text: &str) -> Vec<String> {
    let spans = [
        ("content", quote.content.as_slice()),
        ("verbatim", quote.verbatim.as_slice()),
        ("source", quote.source.as_slice()),
        ("cue", quote.cue.as_slice()),
    ];
    let wrong = |name: &'static str, span: &Span| {
        (stretch(text, span.start, span.end) != Some(span.text.as_str()))
            .then(|| format!("its {name} doesn't stand at characters {}–{}", span.start, span.end))
    };
    let mut found: Vec<String> = spans
        .into_iter()
        .flat_map(|(name, spans)| spans.iter().filter_map(move |span| wrong(name, span)))
        .collect();
    let parts = if quote.verbatim.is_empty() { &quote.content } else { &quote.verbatim };
    let words: Vec<&str> = parts.iter().map(|span| span.text.as_str()).collect();
    if quote.text != words.join(BETWEEN) {
        found.push("its words are not those of its spans".to_owned());
    }
    found
}

/// The characters of `text` from `start` to `end`, in code points.
fn stretch(text: &str, start: usize, end: usize) -> Option<&str> {
    let length = end.checked_sub(start)?;
    let mut places = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
    let from = places.nth(start)?;
    let to = if length == 0 { from } else { places.nth(length - 1)? };
    text.get(from..to)
}

/// The text of the page that was kept, as it is read today; or why it can't be read.
pub(super) fn text_of_page(data: &Path, snapshot: &Snapshot) -> Result<String, String> {
    let page = archive::read_page(data, snapshot).map_err(|cause| cause.to_string())?;
    let (html, _) = charset::decode(&page.body, page.content_type());
    let article = article::from_html(&html, None).map_err(|reason| {
        format!(
            "the page kept in warc/{} from byte {} is no article today: {reason}",
            snapshot.file, snapshot.offset
        )
    })?;
    Ok(one_spaced(&article.text))
}

/// What of the quote's words the kept page doesn't have.
fn absent(quote: &Quote, page: &str) -> Option<String> {
    let gone = quote.content.iter().find(|span| !page.contains(&one_spaced(&span.text)))?;
    Some(format!("the kept page doesn't have the words “{}”", gone.text))
}

pub(super) fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
