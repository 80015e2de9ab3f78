//! The bytes of WARC 1.1 records, <https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/>.

use std::io;

use data_encoding::BASE32;
use jiff::Timestamp;
use reqwest::StatusCode;
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use super::packer::packed_behind;
use super::{KeptPage, Page};
use crate::domain::record::Payload;

/// Headers that describe the transport's encoding, not the kept body; and what is secret.
const DROPPED_HEADERS: &[&str] =
    &["content-encoding", "transfer-encoding", "content-length", "connection", "set-cookie"];
/// The answer has the payload of an earlier record.
const IDENTICAL: &str = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";
/// The server says that nothing changed since an earlier record.
const NOT_MODIFIED: &str = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";

/// What stands behind a record's block.
const END: &[u8] = b"\r\n\r\n";

/// Which record a revisit stands for.
pub(super) struct Revisit<'a> {
    profile: &'static str,
    /// The digest of the payload, where the answer had one.
    digest: Option<&'a str>,
    earlier: &'a Payload,
}

impl<'a> Revisit<'a> {
    pub(super) fn identical(earlier: &'a Payload) -> Self {
        Self { profile: IDENTICAL, digest: Some(&earlier.digest), earlier }
    }

    pub(super) fn not_modified(earlier: &'a Payload) -> Self {
        Self { profile: NOT_MODIFIED, digest: None, earlier }
    }
}

/// A digest as `WARC-Payload-Digest` states it, of bytes in parts: SHA-256 in Base32, padded, since
/// warcio compares the text.
pub(super) fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    format!("sha256:{}", BASE32.encode(&hasher.finalize()))
}

/// What stands at the head of each file, packed.
pub(super) fn info(name: &str) -> io::Result<Vec<u8>> {
    let block = format!(
        "software: onrecord/{}\r\nformat: WARC File Format 1.1\r\nconformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n",
        env!("CARGO_PKG_VERSION")
    );
    let fields = [
        ("WARC-Type", "warcinfo".to_owned()),
        ("WARC-Filename", name.to_owned()),
        ("Content-Type", "application/warc-fields".to_owned()),
    ];
    member(Vec::new(), &new_id(), Timestamp::now(), &fields, &[block.as_bytes()])
}

/// The answer and, if there was one, the request of a page, packed.
pub(super) fn exchange(page: &Page<'_>, digest: &str) -> io::Result<Vec<u8>> {
    let head = answer_head(page, Some(page.body.len()));
    let id = new_id();
    let fields = [
        ("WARC-Type", "response".to_owned()),
        ("WARC-Target-URI", page.url.to_owned()),
        ("WARC-Payload-Digest", digest.to_owned()),
        ("Content-Type", "application/http;msgtype=response".to_owned()),
    ];
    asked(page, &id, member(Vec::new(), &id, page.fetched, &fields, &[&head, page.body])?)
}

/// The head of the answer, and the request if there was one, of a page whose payload is in an earlier
/// record, packed.
pub(super) fn revisit(page: &Page<'_>, what: &Revisit<'_>) -> io::Result<Vec<u8>> {
    let head = answer_head(page, None);
    let id = new_id();
    let mut fields = vec![
        ("WARC-Type", "revisit".to_owned()),
        ("WARC-Target-URI", page.url.to_owned()),
        ("WARC-Profile", what.profile.to_owned()),
        ("WARC-Refers-To-Target-URI", what.earlier.url.clone()),
        ("WARC-Refers-To-Date", date(what.earlier.date)),
        ("Content-Type", "application/http;msgtype=response".to_owned()),
    ];
    if let Some(digest) = what.digest {
        fields.push(("WARC-Payload-Digest", digest.to_owned()));
    }
    asked(page, &id, member(Vec::new(), &id, page.fetched, &fields, &[&head])?)
}

/// The packed record of an answer, and the request that brought it: a page that was imported was
/// never asked for.
fn asked(page: &Page<'_>, answer: &str, packed: Vec<u8>) -> io::Result<Vec<u8>> {
    if page.request.is_empty() {
        return Ok(packed);
    }
    let target = Url::parse(page.url).map_or_else(
        |_| page.url.to_owned(),
        |url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
    );
    let mut block = format!("GET {} HTTP/1.1\r\n", one_line(&target));
    for (name, value) in page.request {
        block.push_str(&format!("{name}: {}\r\n", one_line(value)));
    }
    block.push_str("\r\n");
    let fields = [
        ("WARC-Type", "request".to_owned()),
        ("WARC-Target-URI", page.url.to_owned()),
        ("WARC-Concurrent-To", answer.to_owned()),
        ("Content-Type", "application/http;msgtype=request".to_owned()),
    ];
    member(packed, &new_id(), page.fetched, &fields, &[block.as_bytes()])
}

fn answer_head(page: &Page<'_>, length: Option<usize>) -> Vec<u8> {
    let reason = StatusCode::from_u16(page.status).ok().and_then(|code| code.canonical_reason());
    let mut head = format!("HTTP/1.1 {} {}\r\n", page.status, reason.unwrap_or_default());
    let kept = page.headers.iter().filter(|(name, _)| {
        !DROPPED_HEADERS.iter().any(|dropped| name.eq_ignore_ascii_case(dropped))
    });
    for (name, value) in kept {
        head.push_str(&format!("{name}: {}\r\n", one_line(value)));
    }
    if let Some(length) = length {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// The parts of an HTTP answer as [`exchange`] writes it.
pub(super) fn parse_message(message: &[u8]) -> Option<KeptPage> {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&message[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Some(KeptPage { status, headers, body: message[end + 4..].to_vec() })
}

/// Adds a record, whose block is in parts, to what is `packed`: a gzip member of its own.
fn member(
    packed: Vec<u8>,
    id: &str,
    at: Timestamp,
    fields: &[(&str, String)],
    block: &[&[u8]],
) -> io::Result<Vec<u8>> {
    let mut head = format!("WARC/1.1\r\nWARC-Record-ID: {id}\r\nWARC-Date: {}\r\n", date(at));
    for (name, value) in fields {
        head.push_str(&format!("{name}: {}\r\n", one_line(value)));
    }
    let length: usize = block.iter().map(|part| part.len()).sum();
    head.push_str(&format!("WARC-Block-Digest: {}\r\n", digest(block)));
    head.push_str(&format!("Content-Length: {length}\r\n\r\n"));
    let mut parts = vec![head.as_bytes()];
    parts.extend(block);
    parts.push(END);
    packed_behind(packed, &parts)
}

fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The id of a record that no other has.
fn new_id() -> String {
    format!("<{}>", Uuid::new_v4().urn())
}

/// A header's value can't open a header of its own.
fn one_line(value: &str) -> String {
    value.replace(['\r', '\n'], " ")
}
