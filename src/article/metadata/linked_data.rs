//! What a page states in JSON-LD.
//!
//! Scripts → [`LinkedData`]: its objects, the one that describes the article, and the texts and names in
//! them. Reads what pages write, also where it is not quite JSON.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::byline::MAX_AUTHORS;
use super::metas::clean;
use crate::article::dom::{Content, Page, Tag};

/// The JSON-LD objects read of one page: live blogs list a few hundred posts.
const MAX_OBJECTS: usize = 5_000;
/// Types of JSON-LD objects that are articles, beside all that end in "Article".
pub(super) const ARTICLE_TYPES: &[&str] =
    &["BlogPosting", "LiveBlogPosting", "Report", "Review", "SocialMediaPosting"];

/// The JSON-LD of a page's scripts.
pub(super) fn linked_data(page: &Page<'_>) -> Vec<Value> {
    let scripts = page.each(Tag::Script).filter(|(_, element)| {
        element.attr("type").is_some_and(|it| it.to_lowercase().contains("ld+json"))
    });
    let texts = scripts.map(|(index, _)| {
        let nodes = &page.nodes[index..page.nodes[index].end];
        nodes.iter().filter_map(|node| match node.content {
            Content::Text(run) => Some(run),
            Content::Element(_) => None,
        })
    });
    texts.filter_map(|runs| lenient(&runs.collect::<String>())).collect()
}

/// The JSON-LD objects of a page, nested ones too, in document order.
pub(super) struct LinkedData<'a> {
    objects: Vec<&'a Map<String, Value>>,
    by_id: HashMap<&'a str, &'a Map<String, Value>>,
}

impl<'a> LinkedData<'a> {
    pub(super) fn of(scripts: &'a [Value]) -> Self {
        let mut objects = Vec::new();
        let mut by_id = HashMap::new();
        let mut open: Vec<&Value> = scripts.iter().rev().collect();
        while let Some(value) = open.pop() {
            match value {
                Value::Array(values) => open.extend(values.iter().rev()),
                Value::Object(object) if objects.len() < MAX_OBJECTS => {
                    open.extend(object.values().rev().filter(|it| it.is_object() || it.is_array()));
                    if let (Some(Value::String(id)), true) =
                        (object.get("@id"), object.contains_key("name"))
                    {
                        by_id.entry(id.as_str()).or_insert(object);
                    }
                    objects.push(object);
                }
                _ => {}
            }
        }
        Self { objects, by_id }
    }

    /// The object that describes the page's article.
    pub(super) fn article(&self) -> Option<&'a Map<String, Value>> {
        let mut articles = self.objects.iter().filter(|object| is_article(object)).copied();
        let first = articles
            .clone()
            .find(|object| object.contains_key("headline") && object.contains_key("datePublished"));
        first.or_else(|| articles.next()).or_else(|| {
            self.objects.iter().copied().find(|object| {
                types(object).any(|it| it.ends_with("WebPage"))
                    && object.contains_key("datePublished")
            })
        })
    }

    /// Whether an article of the page is free to read, as `true`, `"True"` or a schema.org address.
    pub(super) fn free(&self) -> Option<bool> {
        let articles = || self.objects.iter().filter(|object| is_article(object));
        let whole = articles().filter_map(|object| object.get("isAccessibleForFree"));
        // Pages that only say it of the part behind the wall.
        let parts = articles().filter_map(|object| match object.get("hasPart")? {
            Value::Array(parts) => parts.first()?.get("isAccessibleForFree"),
            part => part.get("isAccessibleForFree"),
        });
        whole.chain(parts).find_map(|free| match free {
            Value::Bool(free) => Some(*free),
            Value::String(free) => {
                Some(!free.to_lowercase().rsplit('/').next()?.trim().eq("false"))
            }
            _ => None,
        })
    }

    /// The captions of the pictures.
    pub(super) fn captions(&self) -> Vec<String> {
        let pictures = self.objects.iter().filter(|it| types(it).any(|kind| kind == "ImageObject"));
        let keys = ["caption", "name", "description"];
        pictures.flat_map(|it| keys.iter().filter_map(|key| text(it.get(*key)))).collect()
    }

    /// The names in an author or publisher: a name, an object, a reference, or a list of them.
    pub(super) fn names(&self, value: Option<&Value>) -> Vec<String> {
        let mut names = Vec::new();
        let mut open: Vec<&Value> = value.into_iter().collect();
        while let Some(value) = open.pop() {
            match value {
                Value::String(name) => names.push(clean(name)),
                Value::Array(values) => open.extend(values.iter().rev()),
                Value::Object(object) => match object.get("name") {
                    Some(name @ (Value::String(_) | Value::Array(_))) => open.push(name),
                    _ => {
                        let id = object.get("@id").and_then(Value::as_str);
                        let known = id.and_then(|id| self.by_id.get(id));
                        names.extend(known.and_then(|object| text(object.get("name"))));
                    }
                },
                _ => {}
            }
            if names.len() >= MAX_AUTHORS {
                break;
            }
        }
        names
    }
}

fn is_article(object: &Map<String, Value>) -> bool {
    types(object).any(|it| it.ends_with("Article") || ARTICLE_TYPES.contains(&it))
}

fn types(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let kinds = match object.get("@type") {
        Some(Value::Array(kinds)) => kinds.as_slice(),
        Some(kind) => std::slice::from_ref(kind),
        None => &[],
    };
    kinds.iter().filter_map(Value::as_str).map(|kind| kind.rsplit('/').next().unwrap_or(kind))
}

/// JSON as pages write it: in comments, with raw line breaks in strings, with a stray end.
fn lenient(json: &str) -> Option<Value> {
    let json = json
        .trim()
        .trim_start_matches("<!--")
        .trim_start_matches("//<![CDATA[")
        .trim_start_matches("<![CDATA[")
        .trim_end_matches("-->")
        .trim_end_matches("//]]>")
        .trim_end_matches("]]>")
        .trim_end_matches(';')
        .trim();
    if let Ok(value) = serde_json::from_str(json) {
        return Some(value);
    }
    let spaced: String =
        json.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    serde_json::Deserializer::from_str(&spaced).into_iter().next()?.ok()
}

pub(super) fn text(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => clean(text),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => clean(values.first()?.as_str()?),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

pub(super) fn is_live_blog(article: &Map<String, Value>) -> bool {
    types(article).any(|kind| kind == "LiveBlogPosting")
}
