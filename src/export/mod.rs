//! Export: quotes of the collection in formats that other programs read.
//!
//! Quote records, one by one → bytes in one of the formats. Nothing is held back: each record is
//! written as it comes, so a collection of any size passes through. Refuses to choose or to sort.

mod atom;
pub mod claims;
mod csl;
mod csv;
mod json;
mod jsonld;
mod markdown;

use std::io::{self, Write};

use crate::domain::record::QuoteRecord;

/// A format of the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON array of quotes
    Json,
    /// One quote a line, as JSON
    Ndjson,
    /// One quote a row, for spreadsheets
    Csv,
    /// For reading and for documents
    Markdown,
    /// W3C Web Annotations of schema.org quotations
    Jsonld,
    /// A feed that feed readers follow
    Atom,
    /// CSL-JSON, for citation managers such as Zotero
    Csl,
}

impl Format {
    /// Every format with the extensions of its files.
    const EXTENSIONS: [(&str, Self); 9] = [
        ("json", Self::Json),
        ("ndjson", Self::Ndjson),
        ("jsonl", Self::Ndjson),
        ("csv", Self::Csv),
        ("md", Self::Markdown),
        ("jsonld", Self::Jsonld),
        ("atom", Self::Atom),
        ("xml", Self::Atom),
        ("csljson", Self::Csl),
    ];

    /// The format that a file's extension stands for.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        let known = |(name, _): &&(&str, Self)| name.eq_ignore_ascii_case(extension);
        Self::EXTENSIONS.iter().find(known).map(|(_, format)| *format)
    }
}

/// Writes quotes in one format; [`Exporter::finish`] completes the document.
pub struct Exporter<'a> {
    format: Format,
    out: &'a mut dyn Write,
    written: u64,
    /// When the newest quote was first seen, RFC 3339 UTC; empty before the first.
    newest: String,
}

impl<'a> Exporter<'a> {
    /// An exporter that has written the document's beginning to `out`.
    ///
    /// # Errors
    /// [`io::Error`] if `out` can't be written.
    pub fn new(format: Format, out: &'a mut dyn Write) -> io::Result<Self> {
        match format {
            Format::Json | Format::Csl => json::begin(out)?,
            Format::Ndjson => {}
            Format::Csv => csv::begin(out)?,
            Format::Markdown => markdown::begin(out)?,
            Format::Jsonld => jsonld::begin(out)?,
            Format::Atom => atom::begin(out)?,
        }
        Ok(Self { format, out, written: 0, newest: String::new() })
    }

    /// Writes one quote.
    ///
    /// # Errors
    /// [`io::Error`] if the output can't be written.
    pub fn write(&mut self, record: &QuoteRecord) -> io::Result<()> {
        let first = self.written == 0;
        match self.format {
            Format::Json => json::element(self.out, record, first)?,
            Format::Ndjson => json::line(self.out, record)?,
            Format::Csv => csv::row(self.out, record)?,
            Format::Markdown => markdown::item(self.out, record)?,
            Format::Jsonld => json::element(self.out, &jsonld::annotation(record), first)?,
            Format::Atom => atom::entry(self.out, record)?,
            Format::Csl => json::element(self.out, &csl::item(record), first)?,
        }
        self.written += 1;
        if record.first_seen > self.newest {
            self.newest.clone_from(&record.first_seen);
        }
        Ok(())
    }

    /// Completes the document and gives the number of quotes in it.
    ///
    /// # Errors
    /// [`io::Error`] if the output can't be written.
    pub fn finish(self) -> io::Result<u64> {
        match self.format {
            Format::Json | Format::Csl => json::end(self.out)?,
            Format::Ndjson | Format::Csv | Format::Markdown => {}
            Format::Jsonld => jsonld::end(self.out)?,
            Format::Atom => atom::end(self.out, &self.newest)?,
        }
        self.out.flush()?;
        Ok(self.written)
    }
}

/// Writes the JSON Schema (draft 2020-12) of a quote as JSON and NDJSON have it.
///
/// # Errors
/// [`io::Error`] if `out` can't be written.
pub fn schema(out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &schemars::schema_for!(QuoteRecord))?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Where anyone can find the words again: version and hash of the text, offsets, the kept page.
fn whereabouts(record: &QuoteRecord) -> String {
    let (quote, article) = (&record.quote, &record.article);
    let places: Vec<String> =
        quote.content.iter().map(|span| format!("{}–{}", span.start, span.end)).collect();
    let snapshot = article.snapshot.as_ref().map_or("page not kept".to_owned(), |kept| {
        format!("page kept in warc/{} from byte {}", kept.file, kept.offset)
    });
    let vanished = article.vanished.as_ref().map_or(String::new(), |since| {
        format!("; gone from its address since {}", since.get(..10).unwrap_or(since))
    });
    format!(
        "Quote {}, characters {} of version {}, text BLAKE3 {}; {snapshot}{vanished}.",
        quote.id,
        places.join(", "),
        article.version,
        article.text_hash,
    )
}

/// What stands between an article's address and a quote's id.
const FRAGMENT: &str = "#onrecord-";

/// A name of the quote that is unlike any other's and leads to its article: the article's address
/// with the quote's id.
fn iri(record: &QuoteRecord) -> String {
    let page = record.article.url.split('#').next().unwrap_or_default();
    format!("{page}{FRAGMENT}{}", record.quote.id)
}
