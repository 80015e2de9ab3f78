//! The embedded files as an outlet answers them: path → body, type and validators.
//!
//! `first/` holds the first edition of every outlet, `second/` the files that the second edition
//! replaces. `a/index.html` answers at `/a/`, `a.html` at `/a`, every other file at its own name.

use std::collections::HashMap;

use axum::body::Bytes;
use encoding_rs::WINDOWS_1252;
use include_dir::{Dir, DirEntry, include_dir};

use super::outlet::Outlet;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/demo/site");

/// Stands in the files for the outlet's own `http://address:port`.
const ORIGIN: &str = "{{origin}}";

/// Pages that declare this are sent in it, whatever the files are kept in.
const LEGACY_CHARSET: &str = "charset=windows-1252";

/// Folder and `Last-Modified` of each edition. Fixed, so that every run sees the same site.
const EDITIONS: [(&str, &str); 2] =
    [("first", "Thu, 19 Jun 2025 18:00:00 GMT"), ("second", "Sat, 21 Jun 2025 08:00:00 GMT")];

/// One file as it is answered.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub body: Bytes,
    pub content_type: &'static str,
    /// Strong validator, from the body.
    pub etag: String,
    pub last_modified: &'static str,
}

/// An outlet's pages by path.
pub(super) type Pages = HashMap<String, Page>;

/// The outlet's pages in the first and in the second edition, with `origin` as their address.
pub(super) fn editions(outlet: &Outlet, origin: &str) -> [Pages; 2] {
    let mut first = Pages::new();
    overlay(&mut first, EDITIONS[0], outlet, origin);
    let mut second = first.clone();
    overlay(&mut second, EDITIONS[1], outlet, origin);
    [first, second]
}

fn overlay(pages: &mut Pages, edition: (&str, &'static str), outlet: &Outlet, origin: &str) {
    let (folder, last_modified) = edition;
    let root = format!("{folder}/{}", outlet.id);
    let mut folders: Vec<&Dir<'_>> = FILES.get_dir(&root).into_iter().collect();
    while let Some(folder) = folders.pop() {
        for entry in folder.entries() {
            match entry {
                DirEntry::Dir(inner) => folders.push(inner),
                DirEntry::File(file) => {
                    let (Some(text), Some(name)) = (file.contents_utf8(), file.path().to_str())
                    else {
                        continue;
                    };
                    let path = answered_at(name.trim_start_matches(&root));
                    pages.insert(path, page(name, &text.replace(ORIGIN, origin), last_modified));
                }
            }
        }
    }
}

fn page(name: &str, text: &str, last_modified: &'static str) -> Page {
    let legacy = text.contains(LEGACY_CHARSET);
    let body = if legacy {
        Bytes::from(WINDOWS_1252.encode(text).0.into_owned())
    } else {
        Bytes::from(text.to_owned())
    };
    let hash = blake3::hash(&body).to_hex();
    let etag = format!("\"{}\"", &hash[..16]);
    Page { body, content_type: content_type(name, legacy), etag, last_modified }
}

fn answered_at(name: &str) -> String {
    let name = name.replace('\\', "/");
    match name.strip_suffix("index.html").or_else(|| name.strip_suffix(".html")) {
        Some(path) => path.to_owned(),
        None => name,
    }
}

/// By the file's ending. A legacy page's header names no charset: only its `meta` does.
fn content_type(name: &str, legacy: bool) -> &'static str {
    let ending = name.rsplit('.').next().unwrap_or_default();
    match ending {
        "html" | "htm" if legacy => "text/html",
        "html" | "htm" => "text/html; charset=utf-8",
        "rss" => "application/rss+xml; charset=utf-8",
        "xml" if name.ends_with("atom.xml") => "application/atom+xml; charset=utf-8",
        "xml" => "application/xml",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}
