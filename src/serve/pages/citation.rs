//! What one copies of a quote: a citation, and a link that leads to the words on the publisher's page.

use std::fmt::Write;

use url::Url;

use crate::domain::record::QuoteRecord;

/// Words at each end of a long quote that a link names; browsers find what is between by itself.
const ENDS: usize = 5;
/// Words up to which a link names the whole of a span.
const WHOLE: usize = 2 * ENDS;
/// Bytes of a word: what is longer is none.
const MAX_WORD: usize = 200;
/// Spans of a quote that a link names: more make no difference to a reader.
const MAX_SPANS: usize = 4;

/// A part of a citation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Words of the page, in a direction of their own.
    Cited(String),
    /// What is ours between them, from left to right.
    Ours(String),
}

impl Part {
    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        let (Self::Cited(text) | Self::Ours(text)) = self;
        text
    }
}

/// The quote as a text cites it: words, speaker, article, and where the words can be found again. Its parts
/// one after the other are the citation; a page sets each by itself, so that words from right to left don't
/// pull brackets and digits around. The text that is copied has no marks of direction (U+2068, U+2069): they
/// are not the article's words, and who looks for these would not find them.
#[must_use]
pub fn citation(record: &QuoteRecord) -> Vec<Part> {
    let (quote, article) = (&record.quote, &record.article);
    let ours = |text: &str| Part::Ours(text.to_owned());
    let mut parts = vec![Part::Cited(quote.printed_words())];
    parts.extend(match &quote.speaker {
        Some(speaker) => vec![ours(" — "), Part::Cited(speaker.in_full()), ours(". ")],
        None => vec![ours(" — no speaker named. ")],
    });
    let states = record.states();
    if !states.is_empty() {
        parts.push(Part::Ours(format!("[{}] ", states.join(", "))));
    }
    if !article.byline.is_empty() {
        parts.extend([Part::Cited(article.byline.join(", ")), ours(": ")]);
    }
    if let Some(title) = &article.title {
        parts.extend([ours("“"), Part::Cited(title.clone()), ours("”. ")]);
    }
    parts.push(Part::Cited(article.outlet.clone()));
    let day = article.published.as_ref().map(|published| {
        let day = published.as_str();
        format!(", {}", day.get(..10).unwrap_or(day))
    });
    parts.push(Part::Ours(format!(
        "{}. {} (version {}, fetched {}; text BLAKE3 {})",
        day.unwrap_or_default(),
        article.url,
        article.version,
        article.fetched,
        article.text_hash,
    )));
    parts
}

/// The article's address with the quote's words as a text fragment
/// (<https://wicg.github.io/scroll-to-text-fragment/>), so that a browser scrolls to them and marks
/// them. None if the address is not one of the web.
#[must_use]
pub fn text_fragment(record: &QuoteRecord) -> Option<String> {
    let mut url = Url::parse(&record.article.url).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let quote = &record.quote;
    let spans = if quote.verbatim.is_empty() { &quote.content } else { &quote.verbatim };
    let named: Vec<String> =
        spans.iter().take(MAX_SPANS).filter_map(|it| directive(&it.text)).collect();
    if named.is_empty() {
        return None;
    }
    url.set_fragment(None);
    Some(format!("{url}#:~:{}", named.join("&")))
}

/// A span as a text directive; none if it has no words.
fn directive(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() || words.iter().any(|word| word.len() > MAX_WORD) {
        return None;
    }
    Some(if words.len() <= WHOLE {
        format!("text={}", encoded(&words))
    } else {
        let (first, last) = (&words[..ENDS], &words[words.len() - ENDS..]);
        format!("text={},{}", encoded(first), encoded(last))
    })
}

/// Words as a directive has them: its own signs (`-`, `,`, `&`) are encoded too.
fn encoded(words: &[&str]) -> String {
    let mut encoded = String::new();
    for byte in words.join(" ").bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'\'' | b'(' | b')')
        {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_name_the_words_or_their_ends() {
        for (text, wanted) in [
            ("a state, that reads", "text=a%20state%2C%20that%20reads"),
            ("well-known & “odd”", "text=well%2Dknown%20%26%20%E2%80%9Codd%E2%80%9D"),
            ("1 2 3 4 5 6 7 8 9 10", "text=1%202%203%204%205%206%207%208%209%2010"),
            ("1 2 3 4 5 6 7 8 9 10 11", "text=1%202%203%204%205,7%208%209%2010%2011"),
        ] {
            assert_eq!(directive(text).as_deref(), Some(wanted));
        }
        assert_eq!(directive(" \n"), None);
    }
}
