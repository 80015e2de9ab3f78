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

use crate::domain::hash;
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

/// What an export calls itself where its format has a name for the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Unlike that of any other search or collection, and the same at every export of this one.
    pub id: String,
    /// For people.
    pub title: String,
    /// Where it can be asked for again, if that is known.
    pub address: Option<String>,
}

impl Heading {
    /// Of what is found by filters, in words; of everything that is kept without them.
    #[must_use]
    pub fn found(filters: Option<&str>) -> Self {
        let (id, title) = ("urn:onrecord:quotes", "Quotes on record");
        let (id, title) = match filters {
            None => (id.to_owned(), title.to_owned()),
            Some(words) => (format!("{id}:{}", hash::short(&[words])), format!("{title}: {words}")),
        };
        Self { id, title, address: None }
    }

    /// Of the named collection of this id.
    #[must_use]
    pub fn collection(id: u32, name: &str) -> Self {
        Self {
            id: format!("urn:onrecord:collection:{id}"),
            title: format!("Quotes on record: {name}"),
            address: None,
        }
    }

    /// The same, to be asked for at `address`.
    #[must_use]
    pub fn at(self, address: String) -> Self {
        Self { address: Some(address), ..self }
    }
}

/// Writes quotes in one format; [`Exporter::finish`] completes the document.
pub struct Exporter<'a> {
    format: Format,
    out: &'a mut dyn Write,
    written: u64,
    /// When the last of the quotes changed, RFC 3339 UTC; empty before the first.
    newest: String,
}

impl<'a> Exporter<'a> {
    /// An exporter that has written the document's beginning to `out`; formats without a name for the
    /// whole leave `heading` out.
    ///
    /// # Errors
    /// [`io::Error`] if `out` can't be written.
    pub fn new(format: Format, heading: &Heading, out: &'a mut dyn Write) -> io::Result<Self> {
        match format {
            Format::Json | Format::Csl => json::begin(out)?,
            Format::Ndjson => {}
            Format::Csv => csv::begin(out)?,
            Format::Markdown => markdown::begin(out)?,
            Format::Jsonld => jsonld::begin(out, heading)?,
            Format::Atom => atom::begin(out, heading)?,
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
        if record.updated() > self.newest.as_str() {
            record.updated().clone_into(&mut self.newest);
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

/// What a reader must know before quoting, if anything: "Caution: no longer in the article. "
fn caution(record: &QuoteRecord) -> String {
    let states = record.states();
    if states.is_empty() { String::new() } else { format!("Caution: {}. ", states.join(", ")) }
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
    let asks = reservations(record, ", ")
        .map_or(String::new(), |words| format!("; its publisher asks: {words}"));
    format!(
        "Quote {}, characters {} of version {}, text BLAKE3 {}; {snapshot}{vanished}{asks}.",
        quote.id,
        places.join(", "),
        article.version,
        article.text_hash,
    )
}

/// What the article's publisher asks of copies, if anything, with `between` the words: "noarchive, noindex".
fn reservations(record: &QuoteRecord, between: &str) -> Option<String> {
    let stated: Vec<&str> = record.article.reservations.iter().map(|it| it.as_str()).collect();
    (!stated.is_empty()).then(|| stated.join(between))
}

/// What stands between an article's address and a quote's id.
const FRAGMENT: &str = "#onrecord-";

/// A name of the quote that is unlike any other's and leads to its article: the article's address
/// with the quote's id.
fn iri(record: &QuoteRecord) -> String {
    let page = record.article.url.split('#').next().unwrap_or_default();
    format!("{page}{FRAGMENT}{}", record.quote.id)
}
