//! What an archive's record holds of a page: a record → status, headers and body.
//!
//! An HTTP response as it was sent, with its transfer and content codings undone within a bound, or
//! a bare file. Refuses what is no answer with a page: requests, redirects, failures, other media.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use jiff::Timestamp;
use memchr::memmem;
use url::Url;

use super::reader::Record;

/// Bytes of a body once it is unpacked: what the longest record holds.
const MAX_BODY: u64 = 64 * 1024 * 1024;

/// Headers that are read: more than any server sends.
const MAX_HEADERS: usize = 256;

/// A page out of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedPage {
    /// Where it was found.
    pub url: Url,
    /// When it was fetched, if the record says so.
    pub date: Option<Timestamp>,
    /// The HTTP status, 200–299.
    pub status: u16,
    /// The headers, but those of codings that are undone.
    pub headers: Vec<(String, String)>,
    /// The `Content-Type` header, or the record's own media type.
    pub content_type: Option<String>,
    /// The body, decoded.
    pub body: Vec<u8>,
}

/// Media types of pages; a record that names none may hold one.
const PAGE_TYPES: [&str; 2] = ["text/html", "application/xhtml+xml"];

/// The page that the record holds; `None` where it holds something else.
///
/// # Errors
/// What is wrong with a record that should hold a page.
pub fn page(record: Record) -> Result<Option<ArchivedPage>, String> {
    if !matches!(record.kind.as_str(), "response" | "resource") {
        return Ok(None);
    }
    // Some makers leave spaces in addresses.
    let Some(url) = record.url.as_deref().and_then(|url| Url::parse(url).ok()) else {
        return Ok(None);
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Ok(None);
    }
    let date = record.date;
    if !record.block.starts_with(b"HTTP/") && record.missing == 0 {
        let content_type = record.content_type;
        let page = ArchivedPage {
            url,
            date,
            status: 200,
            headers: content_type
                .iter()
                .map(|it| ("content-type".to_owned(), it.clone()))
                .collect(),
            content_type,
            body: record.block,
        };
        return Ok(is_page(&page).then_some(page));
    }
    let Head { status, mut headers, body_at } = head(&record.block)?;
    let value = |name: &str| {
        let all = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        all.map(|(_, value)| value.clone()).next_back()
    };
    let content_type = value("content-type");
    let (transfer, content) = (value("transfer-encoding"), value("content-encoding"));
    let mut page = ArchivedPage {
        url,
        date,
        status,
        headers: Vec::new(),
        content_type,
        body: record.block[body_at..].to_vec(),
    };
    if !(200..300).contains(&status) || !is_page(&page) {
        return Ok(None);
    }
    if transfer.is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked")) {
        // Many makers write the body without its chunks and leave the header.
        if let Some(whole) = without_chunks(&page.body) {
            page.body = whole;
        }
    }
    for coding in content.iter().flat_map(|codings| codings.rsplit(',')) {
        page.body = decoded(coding.trim(), page.body)?;
    }
    // Of a page that is cut off nobody knows what its text would go on to say.
    if record.missing > 0 && memmem::find(&page.body.to_ascii_lowercase(), b"</html").is_none() {
        return Ok(None);
    }
    headers.retain(|(name, _)| {
        !["transfer-encoding", "content-encoding", "content-length"]
            .iter()
            .any(|undone| name.eq_ignore_ascii_case(undone))
    });
    page.headers = headers;
    Ok(Some(page))
}

fn is_page(page: &ArchivedPage) -> bool {
    page.content_type.as_deref().is_none_or(|value| {
        let media_type = value.split(';').next().unwrap_or(value).trim();
        media_type.is_empty() || PAGE_TYPES.iter().any(|it| media_type.eq_ignore_ascii_case(it))
    })
}

/// What stands before an HTTP message's body.
struct Head {
    status: u16,
    headers: Vec<(String, String)>,
    /// Where the body begins in the block.
    body_at: usize,
}

fn head(block: &[u8]) -> Result<Head, String> {
    let mut room = vec![httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut room);
    let mut config = httparse::ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_space_before_first_header_name(true)
        .ignore_invalid_headers_in_responses(true);
    // An archive may say of a message that it came by HTTP/2; its form is that of HTTP/1.
    let space = block.iter().position(|byte| *byte == b' ').unwrap_or(block.len());
    let message = [b"HTTP/1.1", &block[space..]].concat();
    let parsed = config.parse_response(&mut response, &message);
    let body_at = match parsed {
        Ok(httparse::Status::Complete(length)) => length - b"HTTP/1.1".len() + space,
        Ok(httparse::Status::Partial) => {
            return Err("the HTTP headers in the record are cut off".to_owned());
        }
        Err(cause) => return Err(format!("the record holds no HTTP answer ({cause})")),
    };
    let headers = response.headers.iter().map(|header| {
        let value = header.value.iter().copied().map(char::from).collect();
        (header.name.to_owned(), value)
    });
    Ok(Head { status: response.code.unwrap_or(0), headers: headers.collect(), body_at })
}

/// The body out of its chunks; `None` if it is not in chunks. What is cut off ends there.
fn without_chunks(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    while !body.is_empty() {
        let Ok(httparse::Status::Complete((at, size))) = httparse::parse_chunk_size(body) else {
            return None;
        };
        let size = usize::try_from(size).ok()?;
        if size == 0 {
            return Some(whole);
        }
        let rest = &body[at..];
        whole.extend_from_slice(&rest[..size.min(rest.len())]);
        body = rest.get(size..).unwrap_or_default();
        body = body.strip_prefix(b"\r\n").or(body.strip_prefix(b"\n")).unwrap_or(body);
    }
    Some(whole)
}

fn decoded(coding: &str, body: Vec<u8>) -> Result<Vec<u8>, String> {
    let mut reader: Box<dyn Read + '_> = match coding.to_ascii_lowercase().as_str() {
        // Makers that undo a coding often leave its header.
        "gzip" | "x-gzip" if !body.starts_with(&[0x1F, 0x8B]) => return Ok(body),
        "gzip" | "x-gzip" => Box::new(MultiGzDecoder::new(&body[..])),
        // The standard means zlib's form, and some servers send the bare one.
        "deflate" if body.first().is_some_and(|byte| byte & 0x0F == 8) => {
            Box::new(ZlibDecoder::new(&body[..]))
        }
        "deflate" => Box::new(DeflateDecoder::new(&body[..])),
        "br" => Box::new(brotli_decompressor::Decompressor::new(&body[..], 64 * 1024)),
        "zstd" => match zstd::stream::read::Decoder::new(&body[..]) {
            Ok(decoder) => Box::new(decoder),
            Err(cause) => return Err(format!("zstd can't be undone ({cause})")),
        },
        "" | "identity" => return Ok(body),
        other => return Err(format!("the page is in the unknown coding “{other}”")),
    };
    let mut plain = Vec::new();
    let read = reader.by_ref().take(MAX_BODY + 1).read_to_end(&mut plain);
    drop(reader);
    if plain.len() as u64 > MAX_BODY {
        return Err(format!("the page unpacks to more than {MAX_BODY} bytes"));
    }
    match read {
        Ok(_) => Ok(plain),
        // A page that was archived decoded begins with markup, whatever its headers say.
        Err(_) if body.trim_ascii_start().starts_with(b"<") => Ok(body),
        Err(cause) => Err(format!("the coding {coding} can't be undone ({cause})")),
    }
}
