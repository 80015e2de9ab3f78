//! Whole pages, one per layout problem, against what they hold: `tests/pages/NAME.html` and
//! `NAME.json`, where `text` is a list of paragraphs and a missing field is `null`.

use std::error::Error;
use std::fs;
use std::path::Path;

use onrecord::article::{charset, from_html};
use onrecord::domain::article::Article;
use serde_json::{Value, json};
use url::Url;

fn found(page: &Path) -> Result<Value, Box<dyn Error>> {
    let name = page.file_stem().unwrap_or_default().to_string_lossy();
    let url = Url::parse(&format!("https://outlet.example/{name}?ref=feed"))?;
    let bytes = fs::read(page)?;
    let (html, _) = charset::decode(&bytes, None);
    Ok(match from_html(&html, Some(&url)) {
        Ok(article) => described(&article),
        Err(reason) => json!({ "no_article": reason.to_string() }),
    })
}

fn described(article: &Article) -> Value {
    json!({
        "title": article.title,
        "standfirst": article.standfirst,
        "byline": article.byline,
        "agency": article.agency,
        "outlet": article.outlet,
        "published": article.published,
        "modified": article.modified,
        "language": article.language,
        "canonical_url": article.canonical_url,
        "live": article.live,
        "notices": article.notices,
        "text": article.text.split("\n\n").collect::<Vec<_>>(),
    })
}

#[test]
fn every_page_gives_its_article_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let mut pages: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "html"))
        .collect();
    pages.sort();
    assert!(pages.len() >= 25, "only {} pages", pages.len());
    let mut wrong = Vec::new();
    for page in pages {
        let wanted = fs::read_to_string(page.with_extension("json")).unwrap_or_default();
        let wanted: Value = serde_json::from_str(&wanted).unwrap_or_default();
        let found = found(&page).unwrap();
        if found != wanted {
            let found = serde_json::to_string_pretty(&found).unwrap();
            wrong.push(format!("{}: found\n{found}", page.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
