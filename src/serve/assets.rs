//! What pages load: style, script, icon, all in the program.
//!
//! An asset's address has the hash of its bytes, so that a browser may keep it for good and a new
//! version is another address.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use axum::response::IntoResponse;

use super::bridge;

/// Where assets are.
const PATH: &str = "/assets/";
/// Digits of the hash in an asset's address.
const DIGITS: usize = 12;
/// A year, which is as long as caches keep anything.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// The assets: name, media type, bytes.
const FILES: [(&str, &str, &[u8]); 3] = [
    ("style.css", "text/css; charset=utf-8", include_bytes!("assets/style.css")),
    ("script.js", "text/javascript; charset=utf-8", include_bytes!("assets/script.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("assets/icon.svg")),
];

/// An asset as it is served.
struct Asset {
    /// Its file's name.
    name: &'static str,
    path: String,
    media_type: &'static str,
    bytes: &'static [u8],
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let asset = |(name, media_type, bytes): (&'static str, &'static str, &'static [u8])| {
        let hash = blake3::hash(bytes).to_hex();
        let path = format!("{PATH}{}-{name}", &hash[..DIGITS]);
        Asset { name, path, media_type, bytes }
    };
    FILES.into_iter().map(asset).collect()
});

/// The address of the asset of this file name; empty if there is none.
#[must_use]
pub fn path(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("", |asset| &asset.path)
}

/// Whether a path is that of an asset: these say nothing of the collection.
pub(super) fn is_asset(path: &str) -> bool {
    path.starts_with(PATH)
}

/// The asset at the request's path.
pub(super) async fn answer(request: Request) -> Response<Body> {
    let path = request.uri().path();
    let Some(asset) = ASSETS.iter().find(|asset| asset.path == path) else {
        return bridge::not_found(request).await;
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
        (CACHE_CONTROL, HeaderValue::from_static(FOR_GOOD)),
    ];
    (headers, asset.bytes).into_response()
}
