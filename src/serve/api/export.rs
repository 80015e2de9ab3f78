//! Exports: all that matches, or a named collection, in every format of `quotes export`.

use std::sync::Arc;

use serde_json::json;

use super::super::asked::{Asked, Parameter, Parameters, choices};
use super::super::failure::Failure;
use super::super::filters::{self, FIELDS};
use super::super::reply::{File, Reply, Writing};
use super::super::state::Reading;
use super::{ALIKE, collections};
use crate::collection::{self, CollectionError};
use crate::domain::folding::folded;
use crate::export::{Exporter, Format, Heading};
use crate::search::Query;

/// Characters of a file's name that come from a collection's.
const MAX_STEM: usize = 60;

const FORMAT: Parameter = Parameter {
    name: "format",
    about: "The format",
    required: true,
    schema: || json!({"type": "string", "enum": choices::<Format>()}),
};

/// The format.
pub const PARAMETERS: &[Parameter] = &[FORMAT];

/// The parameters of an export of all that matches, beside the filters.
pub const MATCHING: &[Parameter] = &[FORMAT, ALIKE];

/// Each format's media type and the extension of its files.
const FILES: [(Format, &str, &str); 7] = [
    (Format::Json, "application/json", "json"),
    (Format::Ndjson, "application/x-ndjson", "ndjson"),
    (Format::Csv, "text/csv; charset=utf-8", "csv"),
    (Format::Markdown, "text/markdown; charset=utf-8", "md"),
    (Format::Jsonld, "application/ld+json", "jsonld"),
    (Format::Atom, "application/atom+xml", "atom"),
    (Format::Csl, "application/vnd.citationstyles.csl+json", "csljson"),
];

/// Every media type of an export.
pub const MEDIA_TYPES: &[&str] = &{
    let mut types = [""; FILES.len()];
    let mut at = 0;
    while at < FILES.len() {
        types[at] = FILES[at].1;
        at += 1;
    }
    types
};

/// All quotes that match, as a file.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn matching(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let format = format(&mut parameters)?;
    // A file goes on without the note that others were found: that is to be asked for.
    let alike = parameters.take_flag(ALIKE.name)?;
    let filters = filters::take(&mut parameters, &[FIELDS])?;
    parameters.finish()?;
    let query = Query { alike, ..reading.query(&filters, usize::MAX)? };
    // Asked once before the response begins, so that a mistake in the query is not an empty file.
    drop(reading.search.pages(&query)?);
    let search = Arc::clone(&reading.search);
    let heading = Heading::found(filters.in_words().as_deref()).at(asked.address());
    let write: Writing = Box::new(move |reading, out| {
        let mut exporter = Exporter::new(format, &heading, out)?;
        for ids in search.pages(&query)? {
            add(&mut exporter, reading, &ids?)?;
        }
        exporter.finish()?;
        Ok(())
    });
    Ok(file(format, "quotes", write))
}

/// The quotes of a named collection, as a file. What a later extractor no longer takes for a quote is
/// left out, as in every export.
///
/// # Errors
/// [`Failure`] if there is none, a parameter is wrong, or the collection can't be read.
pub fn collection(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.exact_parameters();
    let format = format(&mut parameters)?;
    parameters.finish()?;
    let found = collections::found(reading, asked)?;
    let ids = reading.store.picked_quotes(found.id)?;
    let heading = Heading::collection(found.id, &found.name).at(asked.address());
    let write: Writing = Box::new(move |reading, out| {
        let mut exporter = Exporter::new(format, &heading, out)?;
        add(&mut exporter, reading, &ids)?;
        exporter.finish()?;
        Ok(())
    });
    Ok(file(format, &stem(&found.name), write))
}

fn format(parameters: &mut Parameters) -> Result<Format, Failure> {
    let wanted = || {
        let known: Vec<String> = choices::<Format>();
        Failure::parameter("format", format!("it is needed: one of {}", known.join(", ")))
    };
    parameters.take_choice("format")?.ok_or_else(wanted)
}

fn file(format: Format, stem: &str, write: Writing) -> Reply {
    let known = FILES.iter().find(|(known, _, _)| *known == format);
    let (media_type, extension) = known
        .map_or(("application/octet-stream", "txt"), |(_, media, extension)| (media, extension));
    Reply::File(File { media_type, name: format!("{stem}.{extension}"), write })
}

/// Writes the quotes of these ids that are not withdrawn.
fn add(
    exporter: &mut Exporter<'_>,
    reading: &Reading,
    ids: &[String],
) -> Result<(), CollectionError> {
    for record in collection::records(&reading.store, ids) {
        let record = record?;
        if !record.withdrawn {
            exporter.write(&record)?;
        }
    }
    Ok(())
}

/// A name in letters that a file's name has on every system.
fn stem(name: &str) -> String {
    let plain = folded(name);
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let stem: String = words.collect::<Vec<_>>().join("-").chars().take(MAX_STEM).collect();
    if stem.is_empty() { "collection".to_owned() } else { stem }
}
