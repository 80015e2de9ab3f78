//! Exports of words that were written to be misread, and exports that don't come to their end.

use std::collections::HashSet;
use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use onrecord::domain::quote::QuoteKind;
use onrecord::domain::record::QuoteRecord;
use onrecord::domain::speaker::SpeakerKind;
use onrecord::export::{Exporter, Format, Heading};
use onrecord::store::article_id;
use serde_json::Value;
use tempfile::tempdir;

use crate::collected::{HARBOUR, collection};
use crate::programs::quotes;

/// A quote with a speaker, a role and an affiliation.
fn record() -> QuoteRecord {
    let dir = tempdir().unwrap();
    let store = collection(dir.path());
    store.quotes_of_article(&article_id(HARBOUR.url)).unwrap().remove(0)
}

fn exported(record: &QuoteRecord, format: Format) -> String {
    headed(&Heading::found(None), record, format)
}

fn headed(heading: &Heading, record: &QuoteRecord, format: Format) -> String {
    let mut out = Vec::new();
    let mut exporter = Exporter::new(format, heading, &mut out).unwrap();
    exporter.write(record).unwrap();
    exporter.finish().unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn no_cell_of_a_csv_begins_as_a_formula_does_whatever_the_page_says() {
    for begin in ["=", "+", "-", "@", "\t", "\r", "\n", "\t=", "\r\n=", "＝", "＋", "－", "＠"]
    {
        let evil = format!("{begin}HYPERLINK(\"x\";\"y\")");
        let mut record = record();
        record.quote.text = evil.clone();
        let speaker = record.quote.speaker.as_mut().unwrap();
        speaker.name = evil.clone();
        (speaker.role, speaker.affiliation) = (Some(evil.clone()), Some(evil.clone()));
        record.article.title = Some(evil.clone());
        record.article.outlet = evil.clone();
        record.article.byline = vec![evil.clone()];
        record.article.url = evil.clone();
        record.article.topics = vec![evil.clone()];
        let csv = exported(&record, Format::Csv);
        let row = csv::Reader::from_reader(csv.as_bytes()).records().next().unwrap().unwrap();
        assert_eq!(row.iter().filter(|cell| **cell == format!("'{evil}")).count(), 9, "{row:?}");
        assert!(!row.iter().any(|cell| cell.starts_with(begin)), "{row:?}");
    }
}

#[test]
fn markdown_shows_words_as_the_article_has_them() {
    let cases = [
        ("1. Sign it", "1\\. Sign it"),
        ("12) Sign it", "12\\) Sign it"),
        ("- sign it -", "\\- sign it -"),
        ("+ sign it", "\\+ sign it"),
        ("=== it", "\\=== it"),
        ("# sign it", "\\# sign it"),
        ("    sign it", "sign it"),
        ("*sign* _it_ `now` ~~or~~", "\\*sign\\* \\_it\\_ \\`now\\` \\~\\~or\\~\\~"),
        ("<b>sign</b> &amp; [it](x)", "\\<b\\>sign\\</b\\> \\&amp; \\[it\\](x)"),
        ("$x$ | y\n> z", "\\$x\\$ \\| y \\> z"),
        ("in 2024. Now", "in 2024. Now"),
    ];
    for (text, wanted) in cases {
        let mut record = record();
        record.quote.kind = QuoteKind::Indirect;
        record.quote.verbatim.clear();
        record.quote.text = text.to_owned();
        let markdown = exported(&record, Format::Markdown);
        assert!(markdown.contains(&format!("\n> {wanted}\n>\n> — **")), "{text}: {markdown}");
    }
}

/// The properties that schema.org (and W3C's annotations, without a prefix) gives what is exported.
const PROPERTIES: &[(&str, &[&str])] = &[
    ("AnnotationPage", &["@context", "id", "schema:name", "items"]),
    ("Annotation", &["id", "motivation", "created", "modified", "body", "target"]),
    ("SpecificResource", &["source", "state", "selector"]),
    ("TimeState", &["sourceDate"]),
    ("TextPositionSelector", &["start", "end"]),
    ("TextQuoteSelector", &["exact", "prefix", "suffix"]),
    (
        "schema:Quotation",
        &[
            "schema:text",
            "schema:creativeWorkStatus",
            "schema:spokenByCharacter",
            "schema:isPartOf",
        ],
    ),
    (
        "schema:NewsArticle",
        &[
            "id",
            "schema:headline",
            "schema:publisher",
            "schema:datePublished",
            "schema:version",
            "schema:identifier",
            "schema:archivedAt",
            "schema:creativeWorkStatus",
            "schema:conditionsOfAccess",
        ],
    ),
    ("schema:Person", &["schema:name", "schema:jobTitle", "schema:affiliation"]),
    ("schema:Organization", &["schema:name", "schema:description", "schema:memberOf"]),
    ("schema:CreativeWork", &["schema:name", "schema:description", "schema:publisher"]),
    ("schema:Thing", &["schema:name", "schema:description", "schema:disambiguatingDescription"]),
];

/// Looks at every object in `value` that has a type.
fn look(value: &Value, met: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| look(item, met)),
        Value::Object(fields) => {
            if let Some(kind) = fields.get("type") {
                let kind = kind.as_str().unwrap();
                let (_, known) = PROPERTIES.iter().find(|(name, _)| *name == kind).unwrap();
                for field in fields.keys().filter(|field| *field != "type") {
                    assert!(known.contains(&field.as_str()), "{kind} has no {field}");
                }
                met.push(kind.to_owned());
            }
            fields.values().for_each(|field| look(field, met));
        }
        _ => {}
    }
}

#[test]
fn jsonld_uses_the_types_and_properties_of_schema_org_and_web_annotations() {
    let kinds = [
        SpeakerKind::Person,
        SpeakerKind::Organisation,
        SpeakerKind::Document,
        SpeakerKind::Group,
        SpeakerKind::Unknown,
    ];
    let mut met = Vec::new();
    for kind in kinds {
        let mut record = record();
        record.quote.speaker.as_mut().unwrap().kind = kind;
        let page: Value = serde_json::from_str(&exported(&record, Format::Jsonld)).unwrap();
        assert_eq!(page["@context"][0], "http://www.w3.org/ns/anno.jsonld");
        assert_eq!(page["@context"][1]["schema"], "https://schema.org/");
        look(&page, &mut met);
        for target in page["items"][0]["target"].as_array().unwrap() {
            let [position, words] = [&target["selector"][0], &target["selector"][1]];
            assert_eq!(position["type"], "TextPositionSelector");
            assert_eq!(words["type"], "TextQuoteSelector");
            assert!(position["start"].as_u64() < position["end"].as_u64());
        }
    }
    for (kind, _) in PROPERTIES {
        assert!(met.iter().any(|it| it == kind), "{kind} is not exported");
    }
}

#[test]
fn a_quote_that_was_corrected_is_marked_in_every_format_that_is_quoted_from() {
    let mut record = record();
    let whole = [Format::Atom, Format::Csl, Format::Jsonld].map(|it| exported(&record, it));
    assert!(whole.iter().all(|text| !text.contains("no longer")), "{whole:?}");
    record.revised = true;
    record.current = false;
    record.changed = Some("2024-03-01T10:00:00Z".to_owned());
    let states = "revised, no longer in the article";
    let feed = feed_rs::parser::parse(exported(&record, Format::Atom).as_bytes()).unwrap();
    let entry = &feed.entries[0];
    assert!(entry.title.as_ref().unwrap().content.ends_with(&format!(" [{states}]")));
    let categories: Vec<&str> = entry.categories.iter().map(|it| it.term.as_str()).collect();
    assert!(categories.ends_with(&["revised", "no longer in the article"]), "{categories:?}");
    let body = entry.content.as_ref().unwrap().body.as_ref().unwrap();
    assert!(body.starts_with(&format!("<p><strong>{states}</strong></p>")), "{body}");
    let items: Value = serde_json::from_str(&exported(&record, Format::Csl)).unwrap();
    let note = items[0]["note"].as_str().unwrap();
    assert!(note.starts_with(&format!("Caution: {states}. Said by: ")), "{note}");
    let page: Value = serde_json::from_str(&exported(&record, Format::Jsonld)).unwrap();
    assert_eq!(page["items"][0]["body"]["schema:creativeWorkStatus"], states);
    assert_eq!(page["items"][0]["modified"], "2024-03-01T10:00:00Z");
}

#[test]
fn a_feed_and_its_entry_were_updated_when_the_quote_last_changed_or_its_page_went() {
    let mut record = record();
    let updated = |record: &QuoteRecord| {
        let feed = feed_rs::parser::parse(exported(record, Format::Atom).as_bytes()).unwrap();
        let entry = feed.entries[0].updated.unwrap();
        assert_eq!(feed.updated.unwrap(), entry);
        entry.format("%Y-%m-%d").to_string()
    };
    let first = record.first_seen[..10].to_owned();
    assert_eq!(updated(&record), first);
    record.changed = Some("2031-03-01T10:00:00Z".to_owned());
    assert_eq!(updated(&record), "2031-03-01");
    record.article.vanished = Some("2032-03-01T10:00:00Z".to_owned());
    assert_eq!(updated(&record), "2032-03-01");
}

#[test]
fn each_search_and_collection_is_a_feed_of_its_own() {
    let record = record();
    let headings = [
        Heading::found(None),
        Heading::found(Some("treaty")),
        Heading::found(Some("treaty --current")).at("http://a.example/x?q=a&speaker=b".to_owned()),
        Heading::collection(3, "Misquotes & more"),
    ];
    let feeds = headings.each_ref().map(|heading| {
        feed_rs::parser::parse(headed(heading, &record, Format::Atom).as_bytes()).unwrap()
    });
    let ids: HashSet<&str> = feeds.iter().map(|feed| feed.id.as_str()).collect();
    assert_eq!(ids.len(), headings.len(), "{ids:?}");
    assert_eq!(feeds[3].title.as_ref().unwrap().content, "Quotes on record: Misquotes & more");
    let link = &feeds[2].links[0];
    assert_eq!(
        (link.rel.as_deref(), link.href.as_str()),
        (Some("self"), "http://a.example/x?q=a&speaker=b")
    );
    for heading in &headings {
        let page: Value = serde_json::from_str(&headed(heading, &record, Format::Jsonld)).unwrap();
        assert_eq!(page["id"], heading.id);
        assert_eq!(page["schema:name"], heading.title);
    }
}

#[test]
fn a_csv_for_excel_begins_with_a_byte_order_mark_and_no_other_format_may() {
    let dir = tempdir().unwrap();
    collection(&dir.path().join("index"));
    let plain = quotes(dir.path(), &["export", "--format", "csv"]).exits(0).out;
    let marked = quotes(dir.path(), &["export", "--format", "csv", "--bom"]).exits(0).out;
    assert_eq!(marked, format!("\u{feff}{plain}"));
    let ran = quotes(dir.path(), &["export", "--format", "json", "--bom"]).exits(2);
    assert!(ran.err.contains("--bom is for CSV"), "{}", ran.err);
}

#[test]
fn an_export_removes_what_a_killed_one_left_long_ago_and_nothing_else() {
    let dir = tempdir().unwrap();
    collection(&dir.path().join("index"));
    let hours_ago = SystemTime::now() - Duration::from_secs(3 * 3600);
    for (name, abandoned) in
        [(".onrecord-exportA1", true), (".onrecord-exportB2", false), (".onrecord.toml", true)]
    {
        let file = File::create(dir.path().join(name)).unwrap();
        if abandoned {
            file.set_modified(hours_ago).unwrap();
        }
    }
    quotes(dir.path(), &["export", "-o", "all.csv"]).exits(0);
    let mut left: Vec<String> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    left.sort();
    assert_eq!(left, [".onrecord-exportB2", ".onrecord.toml", "all.csv", "index"]);
}

/// A disk without room.
#[cfg(target_os = "linux")]
#[test]
fn an_export_that_can_t_be_written_says_so() {
    let dir = tempdir().unwrap();
    collection(&dir.path().join("index"));
    for format in ["json", "ndjson", "csv", "markdown", "jsonld", "atom", "csl"] {
        let ran = quotes(dir.path(), &["export", "--format", format, "-o", "/dev/full"]).exits(2);
        assert!(ran.err.contains("failed to write /dev/full: No space left"), "{}", ran.err);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_export_that_is_killed_leaves_the_file_as_it_was() {
    use crate::survive::{Chance, Victim};
    let dir = tempdir().unwrap();
    collection(&dir.path().join("index"));
    let export = Victim::quotes(&["export", "-o", "all.json", "-q"]);
    let bytes = export.killed_after(dir.path(), u64::MAX).unwrap();
    let file = dir.path().join("all.json");
    let whole = fs::read_to_string(&file).unwrap();
    let mut chance = Chance(3);
    for _ in 0..12 {
        fs::write(&file, "as it was").unwrap();
        let ended = export.killed_after(dir.path(), chance.bytes(bytes)).is_some();
        let found = fs::read_to_string(&file).unwrap();
        assert!(found == whole || !ended && found == "as it was", "{found}");
    }
}
