//! JSON-LD: a page of W3C Web Annotations, each a schema.org quotation tied to the article's text.
//!
//! The selectors are those of <https://www.w3.org/TR/annotation-model/>: positions count code points
//! of the article's text as onrecord keeps it, the quoted words find the place in the page itself.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Heading, iri, reservations};
use crate::domain::record::{QuoteRecord, Snapshot};
use crate::domain::speaker::{Speaker, SpeakerKind};

/// The beginning of the page, up to its annotations.
pub(super) fn begin(out: &mut dyn Write, heading: &Heading) -> io::Result<()> {
    write!(
        out,
        r#"{{"@context":["http://www.w3.org/ns/anno.jsonld",{{"schema":"https://schema.org/"}}],"id":{},"type":"AnnotationPage","schema:name":{},"items":["#,
        json!(heading.id),
        json!(heading.title),
    )
}

/// The end of the page.
pub(super) fn end(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"\n]}\n")
}

/// The annotation of a quote.
pub(super) fn annotation(record: &QuoteRecord) -> Value {
    let article = &record.article;
    json!({
        "id": iri(record),
        "type": "Annotation",
        "motivation": "describing",
        "created": record.first_seen,
        "modified": record.updated(),
        "body": {
            "type": "schema:Quotation",
            "schema:text": record.quote.text,
            "schema:creativeWorkStatus": states(record),
            "schema:spokenByCharacter": record.quote.speaker.as_ref().map(speaker),
            "schema:isPartOf": {
                "id": article.url,
                "type": "schema:NewsArticle",
                "schema:headline": article.title,
                "schema:publisher": { "type": "schema:Organization", "schema:name": article.outlet },
                "schema:datePublished": article.published,
                "schema:version": article.version,
                "schema:identifier": format!("blake3:{}", article.text_hash),
                "schema:archivedAt": article.snapshot.as_ref().map(snapshot),
                "schema:creativeWorkStatus":
                    article.vanished.as_ref().map(|since| format!("gone since {since}")),
                "schema:conditionsOfAccess": reservations(record, ", "),
            },
        },
        "target": targets(record),
    })
}

/// What has become of the quote, in words; nothing if it stands as it was found.
fn states(record: &QuoteRecord) -> Option<String> {
    let states = record.states();
    (!states.is_empty()).then(|| states.join(", "))
}

/// A target for each span of the content; words before stand only before the first, words after
/// only after the last.
fn targets(record: &QuoteRecord) -> Vec<Value> {
    let quote = &record.quote;
    let last = quote.content.len().saturating_sub(1);
    let target = |(index, span): (usize, &crate::domain::quote::Span)| {
        let mut words = json!({ "type": "TextQuoteSelector", "exact": span.text });
        if index == 0 {
            words["prefix"] = json!(quote.prefix);
        }
        if index == last {
            words["suffix"] = json!(quote.suffix);
        }
        json!({
            "type": "SpecificResource",
            "source": record.article.url,
            "state": { "type": "TimeState", "sourceDate": record.article.fetched },
            "selector": [
                { "type": "TextPositionSelector", "start": span.start, "end": span.end },
                words,
            ],
        })
    };
    quote.content.iter().enumerate().map(target).collect()
}

/// The kept page: file and byte under the data folder.
fn snapshot(kept: &Snapshot) -> String {
    format!("warc/{}#byte={}", kept.file, kept.offset)
}

fn speaker(speaker: &Speaker) -> Value {
    let kind = match speaker.kind {
        SpeakerKind::Person => "schema:Person",
        SpeakerKind::Organisation => "schema:Organization",
        SpeakerKind::Document => "schema:CreativeWork",
        SpeakerKind::Group | SpeakerKind::Unknown => "schema:Thing",
    };
    let mut value = json!({ "type": kind, "schema:name": speaker.name });
    // schema.org knows jobs of persons only.
    let (role, affiliation) = match speaker.kind {
        SpeakerKind::Person => ("schema:jobTitle", "schema:affiliation"),
        SpeakerKind::Organisation => ("schema:description", "schema:memberOf"),
        SpeakerKind::Document => ("schema:description", "schema:publisher"),
        SpeakerKind::Group | SpeakerKind::Unknown => {
            ("schema:description", "schema:disambiguatingDescription")
        }
    };
    if let Some(stated) = &speaker.role {
        value[role] = json!(stated);
    }
    if let Some(stated) = &speaker.affiliation {
        value[affiliation] = match kind {
            "schema:Thing" => json!(stated),
            _ => json!({ "type": "schema:Organization", "schema:name": stated }),
        };
    }
    value
}
