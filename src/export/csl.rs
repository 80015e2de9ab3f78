//! CSL-JSON for citation managers (Zotero, Mendeley, Pandoc): an item for each quote.
//!
//! The words stand in `abstract`, whose they are and where to find them again in `note`; the
//! variables are those of <https://docs.citationstyles.org/en/stable/specification.html>.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{caution, whereabouts};
use crate::domain::record::QuoteRecord;
use crate::domain::speaker::Speaker;

/// The item of a quote; absent facts are left out.
pub(super) fn item(record: &QuoteRecord) -> Value {
    let article = &record.article;
    let byline: Vec<Value> = article.byline.iter().map(|name| json!({ "literal": name })).collect();
    let mut item = json!({
        "id": format!("onrecord-{}", record.quote.id),
        "type": "article-newspaper",
        "container-title": article.outlet,
        "URL": article.url,
        "abstract": record.quote.printed_words(),
        "note": note(record),
    });
    let stated = [
        ("title", article.title.as_ref().map(|title| json!(title))),
        ("author", (!byline.is_empty()).then(|| json!(byline))),
        ("issued", article.published.as_ref().and_then(|date| day(date.as_str()))),
        ("accessed", day(&article.fetched)),
        ("language", article.language.as_ref().map(|code| json!(code))),
    ];
    for (name, value) in stated {
        if let Some(value) = value {
            item[name] = value;
        }
    }
    item
}

fn note(record: &QuoteRecord) -> String {
    let speaker = record.quote.speaker.as_ref();
    let who = speaker.map_or("speaker not stated".to_owned(), Speaker::in_full);
    format!("{}Said by: {who}. {}", caution(record), whereabouts(record))
}

/// The day that a date begins with, as CSL writes it.
fn day(date: &str) -> Option<Value> {
    let day: Date = date.get(..10)?.parse().ok()?;
    Some(json!({ "date-parts": [[day.year(), day.month(), day.day()]] }))
}
