//! What a page states in `<meta>` elements.

use hashbrown::HashMap;
use scraper::Html;

use super::linked_data::ARTICLE_TYPES;
use crate::article::dom::{Page, Tag, push_collapsed};

/// The `<meta>` elements by name, property or itemprop, in lower case.
pub(super) struct Metas(HashMap<String, Vec<String>>);

impl Metas {
    pub(super) fn of(page: &Page<'_>) -> Self {
        let mut metas: HashMap<String, Vec<String>> = HashMap::new();
        for (index, element) in page.each(Tag::Meta) {
            let content = element.attr("content").map(clean).unwrap_or_default();
            if content.is_empty() {
                continue;
            }
            let names = ["property", "name", "http-equiv"].iter().map(|name| element.attr(name));
            let item = element.attr("itemprop").filter(|_| describes_article(page, index));
            for name in names.chain([item]).flatten() {
                metas.entry(name.trim().to_lowercase()).or_default().push(content.clone());
            }
        }
        Self(metas)
    }

    pub(super) fn all(&self, names: &[&str]) -> Vec<String> {
        names.iter().filter_map(|name| self.0.get(*name)).flatten().cloned().collect()
    }

    pub(super) fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().filter_map(|name| self.0.get(*name)).flatten().next().cloned()
    }
}

/// True for microdata of the article, not of a picture, a comment or a person in it.
pub(super) fn describes_article(page: &Page<'_>, index: usize) -> bool {
    let scope = page.ancestors(index).filter_map(|it| page.element(it)?.attr("itemtype")).next();
    scope.is_none_or(|kind| {
        let kind = kind.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        kind.ends_with("Article") || kind.ends_with("WebPage") || ARTICLE_TYPES.contains(&kind)
    })
}

/// White space collapsed, character references resolved, tags gone.
pub(super) fn clean(text: &str) -> String {
    let mut cleaned = String::new();
    if text.contains('&') || text.contains('<') {
        let html = Html::parse_fragment(text);
        for run in html.tree.root().descendants().filter_map(|node| node.value().as_text()) {
            push_collapsed(&mut cleaned, run);
        }
    } else {
        push_collapsed(&mut cleaned, text);
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}
