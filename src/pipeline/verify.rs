//! Whether an export says what the collection keeps: every quote against the stored text and the
//! kept page.
//!
//! A JSON or NDJSON export → the contradictions found in it, each with the quote's id. Reads only,
//! one quote at a time. Refuses to judge who is right: it says what differs from what.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserializer as _;
use serde::de::{SeqAccess, Visitor};

use super::PipelineError;
use crate::archive;
use crate::article::{self, charset};
use crate::domain::quote::{Quote, Span};
use crate::domain::record::{QuoteRecord, Snapshot, StoredVersion};
use crate::domain::speaker::Speaker;
use crate::store::Store;

/// The longest line of an NDJSON export that is read: a quote is a paragraph, not a book.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;
/// What stands between the parts of a split quote's text.
const BETWEEN: &str = " … ";

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
        "{} is no export to verify ({cause}): `quotes export --format json` or ndjson writes one",
        .path.display()
    )]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        cause: serde_json::Error,
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
}

/// Holds every quote of the export at `path` against the collection in the data folder `data`;
/// `problem` is told of each contradiction.
///
/// # Errors
/// [`VerifyError`] if the file is no JSON or NDJSON export or there is no collection.
pub fn export(
    data: &Path,
    path: &Path,
    problem: &mut dyn FnMut(&str),
) -> Result<Verified, VerifyError> {
    let store = Store::open_existing(data).map_err(PipelineError::from)?;
    let mut check = Check { store, data, known: None, verified: Verified::default(), problem };
    let failed = |cause| VerifyError::File { path: path.to_path_buf(), cause };
    let mut reader = BufReader::new(File::open(path).map_err(failed)?);
    let first = first_byte(&mut reader).map_err(failed)?;
    match first {
        None => {}
        Some(b'[') => read_array(reader, path, &mut check)?,
        Some(_) => read_lines(reader, path, &mut check)?,
    }
    Ok(check.verified)
}

/// The first byte that is no white space; everything before it is taken out of the reader.
fn first_byte(reader: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let buffer = reader.fill_buf()?;
        let blank = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        match (buffer.is_empty(), buffer.get(blank)) {
            (true, _) => return Ok(None),
            (false, Some(byte)) => {
                let byte = *byte;
                reader.consume(blank);
                return Ok(Some(byte));
            }
            (false, None) => reader.consume(blank),
        }
    }
}

fn read_lines(
    mut reader: impl BufRead,
    path: &Path,
    check: &mut Check<'_>,
) -> Result<(), VerifyError> {
    let failed = |cause| VerifyError::File { path: path.to_path_buf(), cause };
    let mut line = Vec::new();
    let mut number: u64 = 0;
    loop {
        line.clear();
        number += 1;
        let read = io::Read::take(&mut reader, MAX_LINE_BYTES).read_until(b'\n', &mut line);
        if read.map_err(failed)? == 0 {
            return Ok(());
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match serde_json::from_slice::<QuoteRecord>(&line) {
            Ok(record) => check.record(&record)?,
            // The first line decides whether the file is an export at all.
            Err(cause) if check.verified.quotes == 0 => {
                return Err(VerifyError::Form { path: path.to_path_buf(), cause });
            }
            Err(cause) => check.wrong(&format!("{}:{number}: {cause}", path.display())),
        }
    }
}

fn read_array(reader: impl BufRead, path: &Path, check: &mut Check<'_>) -> Result<(), VerifyError> {
    let mut failed = None;
    let mut json = serde_json::Deserializer::from_reader(reader);
    let walk = Walk { check, failed: &mut failed };
    let walked = json.deserialize_seq(walk).and_then(|()| json.end());
    match (failed, walked) {
        (Some(cause), _) => Err(cause.into()),
        (None, Err(cause)) => Err(VerifyError::Form { path: path.to_path_buf(), cause }),
        (None, Ok(())) => Ok(()),
    }
}

/// Takes an array's quotes one by one, so that an export of any size passes through.
struct Walk<'a, 'b> {
    check: &'a mut Check<'b>,
    failed: &'a mut Option<PipelineError>,
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of quotes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut quotes: A) -> Result<(), A::Error> {
        while let Some(record) = quotes.next_element::<QuoteRecord>()? {
            if let Err(cause) = self.check.record(&record) {
                *self.failed = Some(cause);
                return Err(serde::de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

/// What quotes are held against.
struct Check<'a> {
    store: Store,
    data: &'a Path,
    /// The last article that a quote named, with its versions and the last page read of it: quotes
    /// of one article often follow each other.
    known: Option<Known>,
    verified: Verified,
    problem: &'a mut dyn FnMut(&str),
}

struct Known {
    article: String,
    versions: Vec<StoredVersion>,
    page: Option<(Snapshot, Result<String, String>)>,
}

impl Check<'_> {
    fn record(&mut self, record: &QuoteRecord) -> Result<(), PipelineError> {
        self.verified.quotes += 1;
        let mut contradictions = self.contradictions(record)?;
        if let Some(kept) = self.store.quote(&record.quote.id)?
            && kept.article.version == record.article.version
            && without_identity(kept.quote.speaker)
                != without_identity(record.quote.speaker.clone())
        {
            contradictions.push("the collection names another speaker, role or affiliation".into());
        }
        if !contradictions.is_empty() {
            self.wrong(&format!("quote {}: {}", record.quote.id, contradictions.join("; ")));
        }
        Ok(())
    }

    fn wrong(&mut self, problem: &str) {
        self.verified.wrong += 1;
        (self.problem)(problem);
    }

    fn contradictions(&mut self, record: &QuoteRecord) -> Result<Vec<String>, PipelineError> {
        let article = &record.article;
        let known = match self.known.take() {
            Some(known) if known.article == article.id => known,
            _ => Known {
                article: article.id.clone(),
                versions: self.store.versions(&article.id)?,
                page: None,
            },
        };
        let known = self.known.insert(known);
        let Some(version) = known.versions.iter().find(|v| v.version == article.version) else {
            return Ok(vec![format!(
                "the collection has no version {} of article {} ({})",
                article.version, article.id, article.url
            )]);
        };
        let mut found = Vec::new();
        let text = &version.article.text;
        if blake3::hash(text.as_bytes()).to_hex().as_str() != article.text_hash {
            found.push(format!("the text of version {} has another hash", article.version));
        }
        found.extend(misplaced(&record.quote, text));
        if version.snapshot != article.snapshot {
            found.push("the collection names another kept page".to_owned());
        }
        if let Some(snapshot) = &version.snapshot {
            let page = match known.page.take() {
                Some((of, page)) if of == *snapshot => page,
                _ => text_of_page(self.data, snapshot),
            };
            match &known.page.insert((snapshot.clone(), page)).1 {
                Ok(page) => found.extend(absent(&record.quote, page)),
                Err(reason) => found.push(reason.clone()),
            }
        }
        Ok(found)
    }
}

/// The speaker as the article has it: who is who in the collection may be corrected at any time.
fn without_identity(speaker: Option<Speaker>) -> Option<Speaker> {
    speaker.map(|speaker| Speaker { identity: None, ..speaker })
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
