//! Export: quotes of the collection in formats that other programs read.
//!
//! Quote records, one by one → bytes in one of the formats. Nothing is held back: each record is
//! written as it comes, so a collection of any size passes through. Refuses to choose or to sort.

mod csv;
mod json;

use std::io::{self, Write};

use crate::domain::record::QuoteRecord;

/// A format of the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON array of quotes
    Json,
    /// One quote a line, as JSON
    Ndjson,
    /// One quote a line, for spreadsheets
    Csv,
}

impl Format {
    /// The format that a file's extension stands for.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// Writes quotes in one format; [`Exporter::finish`] completes the document.
pub struct Exporter<'a> {
    format: Format,
    out: &'a mut dyn Write,
    written: u64,
}

impl<'a> Exporter<'a> {
    /// An exporter that has written the document's beginning to `out`.
    ///
    /// # Errors
    /// [`io::Error`] if `out` can't be written.
    pub fn new(format: Format, out: &'a mut dyn Write) -> io::Result<Self> {
        match format {
            Format::Json => json::begin(out)?,
            Format::Ndjson => {}
            Format::Csv => csv::begin(out)?,
        }
        Ok(Self { format, out, written: 0 })
    }

    /// Writes one quote.
    ///
    /// # Errors
    /// [`io::Error`] if the output can't be written.
    pub fn write(&mut self, record: &QuoteRecord) -> io::Result<()> {
        match self.format {
            Format::Json => json::element(self.out, record, self.written == 0)?,
            Format::Ndjson => json::line(self.out, record)?,
            Format::Csv => csv::row(self.out, record)?,
        }
        self.written += 1;
        Ok(())
    }

    /// Completes the document and gives the number of quotes in it.
    ///
    /// # Errors
    /// [`io::Error`] if the output can't be written.
    pub fn finish(self) -> io::Result<u64> {
        match self.format {
            Format::Json => json::end(self.out)?,
            Format::Ndjson | Format::Csv => {}
        }
        self.out.flush()?;
        Ok(self.written)
    }
}
