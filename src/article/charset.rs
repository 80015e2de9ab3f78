//! Bytes of a page → text, by the WHATWG order: byte order mark, transport, `<meta>`, sniffing.
//!
//! Other than browsers do, a declaration that the bytes refute is passed over: it would cost the
//! quotation marks, and with them the quotes.
//!
//! The prescan follows "prescan a byte stream to determine its encoding" of the HTML standard.
//! Never fails: bytes that the encoding does not know become U+FFFD.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// A declaration within so many bytes counts. The standard's 1,024 are a floor, and pages with long
/// comments before it exist.
const PRESCAN_BYTES: usize = 16 * 1024;

/// Bytes from which an undeclared encoding is guessed: the detector needs some sentences, and takes
/// most of a second for two megabytes.
const SNIFFED_BYTES: usize = 256 * 1024;

/// The page's text and the name of the encoding it was read with. `content_type` is the transport's
/// header. Bytes that the encoding does not know become U+FFFD; UTF-8 is borrowed.
#[must_use]
pub fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> (Cow<'a, str>, &'static str) {
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| content_type.and_then(|header| charset_parameter(header.as_bytes())))
        .or_else(|| prescan(&bytes[..bytes.len().min(PRESCAN_BYTES)]))
        .filter(|encoding| is_believable(encoding, bytes))
        .unwrap_or_else(|| sniff(bytes));
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    (text, encoding.name())
}

/// Whether the bytes can be in the encoding that was declared: UTF-8 without a single character of
/// it is none, and what reads as UTF-8 throughout is in no code of single bytes.
fn is_believable(declared: &'static Encoding, bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => bytes.is_ascii() || !declared.is_single_byte(),
        Err(_) if declared == UTF_8 => String::from_utf8_lossy(bytes)
            .chars()
            .any(|c| !c.is_ascii() && c != char::REPLACEMENT_CHARACTER),
        Err(_) => true,
    }
}

/// The likeliest encoding; for ASCII the standard's default.
fn sniff(bytes: &[u8]) -> &'static Encoding {
    if bytes.is_ascii() {
        return WINDOWS_1252;
    }
    // Hardly anything else is valid UTF-8 by chance, and the detector takes its time.
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(SNIFFED_BYTES)], true);
    detector.guess(None, Utf8Detection::Allow)
}

/// The encoding a `charset=` parameter names, as in `text/html; charset=utf-8`.
fn charset_parameter(value: &[u8]) -> Option<&'static Encoding> {
    let mut rest = value;
    loop {
        let at = find_ignoring_case(rest, b"charset")?;
        rest = rest[at + b"charset".len()..].trim_ascii_start();
        let Some(after) = rest.strip_prefix(b"=") else { continue };
        let after = after.trim_ascii_start();
        let label = match after.first()? {
            quote @ (b'"' | b'\'') => {
                let end = after[1..].iter().position(|byte| byte == quote)?;
                &after[1..=end]
            }
            _ => {
                let end = after
                    .iter()
                    .position(|byte| byte.is_ascii_whitespace() || *byte == b';')
                    .unwrap_or(after.len());
                &after[..end]
            }
        };
        return Encoding::for_label(label);
    }
}

fn find_ignoring_case(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))
}

/// The encoding that a `<meta>` within `bytes` declares.
fn prescan(bytes: &[u8]) -> Option<&'static Encoding> {
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(b"<!--") {
            // The two dashes of `<!-->` may be those of the end.
            at += 2 + rest[2..].windows(3).position(|window| window == b"-->")? + 3;
        } else if let Some(length) = meta_opens(rest) {
            let mut attributes = Attributes { bytes, at: at + length };
            if let Some(encoding) = declared(&mut attributes) {
                return Some(encoding);
            }
            at = attributes.at;
        } else if is_tag(rest) {
            let name = rest
                .iter()
                .position(|byte| byte.is_ascii_whitespace() || *byte == b'>')
                .unwrap_or(rest.len());
            let mut attributes = Attributes { bytes, at: at + name };
            while attributes.next().is_some() {}
            at = attributes.at;
        } else if rest.starts_with(b"<!") || rest.starts_with(b"</") || rest.starts_with(b"<?") {
            at += rest.iter().position(|byte| *byte == b'>')? + 1;
        } else {
            at += 1;
        }
    }
    None
}

fn meta_opens(rest: &[u8]) -> Option<usize> {
    let name = b"<meta";
    let opens = rest.get(..name.len())?.eq_ignore_ascii_case(name)
        && rest.get(name.len()).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'/');
    opens.then_some(name.len())
}

fn is_tag(rest: &[u8]) -> bool {
    let name = rest.get(1).filter(|byte| **byte != b'/').or_else(|| rest.get(2));
    rest.first() == Some(&b'<') && name.is_some_and(u8::is_ascii_alphabetic)
}

/// What one `<meta>` declares, by its attributes.
fn declared(attributes: &mut Attributes<'_>) -> Option<&'static Encoding> {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    let mut pragma = false;
    let mut needs_pragma = false;
    let mut charset = None;
    for (name, value) in attributes.by_ref() {
        if seen.contains(&name) {
            continue;
        }
        match name.as_slice() {
            b"http-equiv" => pragma |= value == b"content-type",
            b"content" if charset.is_none() => {
                if let Some(encoding) = charset_parameter(&value) {
                    charset = Some(encoding);
                    needs_pragma = true;
                }
            }
            b"charset" => {
                charset = Encoding::for_label(&value);
                needs_pragma = false;
            }
            _ => {}
        }
        seen.push(name);
    }
    if needs_pragma && !pragma {
        return None;
    }
    // A page whose `<meta>` can be read byte by byte is not UTF-16, whatever it says.
    charset.map(|encoding| match encoding.name() {
        "UTF-16LE" | "UTF-16BE" => UTF_8,
        "x-user-defined" => WINDOWS_1252,
        _ => encoding,
    })
}

/// The attributes of one tag, names and values in lower case. An attribute that the bytes cut off
/// is not given back.
struct Attributes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Attributes<'_> {
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }
}

impl Iterator for Attributes<'_> {
    type Item = (Vec<u8>, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace() || byte == b'/') {
            self.at += 1;
        }
        if self.byte()? == b'>' {
            self.at += 1;
            return None;
        }
        let mut name = Vec::new();
        loop {
            match self.byte()? {
                b'=' if !name.is_empty() => break,
                byte if byte.is_ascii_whitespace() => {
                    self.skip_space();
                    break;
                }
                b'/' | b'>' => return Some((name, Vec::new())),
                byte => name.push(byte.to_ascii_lowercase()),
            }
            self.at += 1;
        }
        if self.byte()? != b'=' {
            return Some((name, Vec::new()));
        }
        self.at += 1;
        self.skip_space();
        let mut value = Vec::new();
        match self.byte()? {
            quote @ (b'"' | b'\'') => {
                self.at += 1;
                while self.byte()? != quote {
                    value.push(self.byte()?.to_ascii_lowercase());
                    self.at += 1;
                }
                self.at += 1;
            }
            _ => {
                while !self.byte().is_none_or(|byte| byte.is_ascii_whitespace() || byte == b'>') {
                    value.push(self.byte()?.to_ascii_lowercase());
                    self.at += 1;
                }
                self.byte()?;
            }
        }
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;

    use flate2::read::GzDecoder;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_byte_order_mark_beats_the_header_and_the_page() {
        let (text, encoding) =
            decode("\u{feff}<meta charset=koi8-r>“é”".as_bytes(), Some("text/html; charset=big5"));
        assert_eq!((text.as_ref(), encoding), ("<meta charset=koi8-r>“é”", "UTF-8"));
        let utf16: Vec<u8> = "\u{feff}né".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16, None), ("né".into(), "UTF-16LE"));
    }

    #[test]
    fn the_header_beats_the_page() {
        let page = b"<meta charset=utf-8>caf\xe9";
        let (text, encoding) = decode(page, Some("text/html; charset=\"ISO-8859-1\""));
        assert_eq!((text.as_ref(), encoding), ("<meta charset=utf-8>café", "windows-1252"));
    }

    #[test]
    fn a_page_that_declares_nothing_is_sniffed() {
        assert_eq!(decode("“Sí, señor”".as_bytes(), None).1, "UTF-8");
        let (text, encoding) = decode(b"\x93It\x92s done,\x94 she said of the caf\xe9.", None);
        assert_eq!(
            (text.as_ref(), encoding),
            ("“It’s done,” she said of the café.", "windows-1252")
        );
    }

    #[test]
    fn a_declaration_that_the_bytes_refute_is_passed_over() {
        let page = b"<meta charset=utf-8>\x93It\x92s done,\x94 she said of the caf\xe9.";
        assert!(decode(page, None).0.ends_with("“It’s done,” she said of the café."));
        let page = "<meta charset=windows-1252>“It’s done,” she said.";
        assert_eq!(decode(page.as_bytes(), Some("text/html; charset=latin1")).0, page);
        let damaged = [page.as_bytes(), b"\xff"].concat();
        assert_eq!(decode(&damaged, Some("text/html; charset=utf-8")).1, "UTF-8");
    }

    #[test]
    fn an_unknown_header_charset_leaves_the_page_to_say() {
        let page = "<meta charset=utf-8>né".as_bytes();
        assert_eq!(decode(page, Some("text/html; charset=klingon")).1, "UTF-8");
    }

    /// html5lib's encoding cases: `#data` and `#encoding` in turn.
    #[test]
    fn the_public_encoding_cases_are_read_as_the_standard_says() {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpora/html-encoding.tar.gz");
        let Ok(file) = File::open(corpus) else {
            println!("skipped: no corpus");
            return;
        };
        let mut cases = 0;
        for entry in tar::Archive::new(GzDecoder::new(file)).entries().unwrap() {
            let mut bytes = Vec::new();
            entry.unwrap().read_to_end(&mut bytes).unwrap();
            for case in split(&bytes, b"#data\n").into_iter().skip(1) {
                let parts = split(case, b"\n#encoding\n");
                let wanted = String::from_utf8_lossy(parts[1]);
                let wanted = Encoding::for_label(wanted.lines().next().unwrap().trim().as_bytes());
                let found = decode(parts[0], None).1;
                let data: String = String::from_utf8_lossy(parts[0]).chars().take(200).collect();
                assert_eq!(Some(found), wanted.map(Encoding::name), "case {cases}: {data}");
                cases += 1;
            }
        }
        assert!(cases > 80, "only {cases} cases read");
    }

    fn split<'a>(bytes: &'a [u8], separator: &[u8]) -> Vec<&'a [u8]> {
        let mut parts = Vec::new();
        let mut rest = bytes;
        while let Some(at) = rest.windows(separator.len()).position(|window| window == separator) {
            parts.push(&rest[..at]);
            rest = &rest[at + separator.len()..];
        }
        parts.push(rest);
        parts
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            header in "\\PC{0,40}",
        ) {
            let (text, encoding) = decode(&bytes, Some(&header));
            prop_assert!(!encoding.is_empty());
            prop_assert!(text.len() <= bytes.len() * 3 + 3);
        }

        #[test]
        fn any_tag_soup_is_prescanned(soup in "[<>!/?=a '\"-]{0,60}(<meta )?(charset|content|http-equiv)?[= '\"a;>-]{0,30}") {
            let (text, _) = decode(soup.as_bytes(), None);
            prop_assert_eq!(&*text, &*soup);
        }
    }
}
