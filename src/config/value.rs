//! The text of one value → the value, or what is wrong with it and how it should look.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use scraper::Selector;
use url::Url;

use super::mistake::quoted;
use crate::domain::feed::{FeedKind, Schedule};
use crate::domain::folding::folded;
use crate::domain::upkeep::Keep;
use crate::domain::{engine, language};

/// Longest text of a length of time, size or cron line: whatever is longer is none.
const MAX_SHORT_BYTES: usize = 128;
/// Longest id: ids stand in tables and on command lines.
const MAX_ID_BYTES: usize = 64;
/// Longest title, outlet or phrase, in characters: they stand on one line.
const MAX_LINE_CHARS: usize = 200;
/// Longest address: servers refuse longer ones.
const MAX_URL_BYTES: usize = 2048;
/// Longest selector: one that names a way through the whole page is none that lasts.
const MAX_SELECTOR_BYTES: usize = 500;
/// How often a feed may be asked, in seconds: less often than once in a year is a slip. For servers of
/// others [`POLITE_INTERVAL`] holds as well.
const INTERVALS: RangeInclusive<u64> = 1..=366 * 24 * 60 * 60;
/// More often than once a minute is an attack.
pub const POLITE_INTERVAL: u64 = 60;

/// What is wrong with a value, to be read after the key's name, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong, as in "is empty".
    pub what: String,
    /// What to do about it; if empty, the key's example will do.
    pub hint: String,
}

fn wrong<T>(what: impl Into<String>, hint: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { what: what.into(), hint: hint.into() })
}

/// A length of time such as `500ms`, `2s`, `1m 30s` or `1d`.
pub fn duration(text: &str) -> Result<Duration, Wrong> {
    parse_duration(text).map_or_else(
        || {
            wrong(
                format!("is no length of time: {}", quoted(text)),
                "write it as \"500ms\", \"2s\" or \"1m\"",
            )
        },
        Ok,
    )
}

fn parse_duration(text: &str) -> Option<Duration> {
    if text.len() > MAX_SHORT_BYTES {
        return None;
    }
    let span = Span::from_str(text).ok()?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?.try_into().ok()
}

/// How a length of time is written: `500ms`, `1m 30s`.
pub fn written_duration(duration: Duration) -> String {
    SignedDuration::try_from(duration)
        .map_or_else(|_| format!("{duration:?}"), |d| format!("{d:#}"))
}

/// The units of sizes, in bytes.
const SIZE_UNITS: [(&str, u64); 7] = [
    ("b", 1),
    ("kb", 1000),
    ("mb", 1000 * 1000),
    ("gb", 1000 * 1000 * 1000),
    ("kib", 1024),
    ("mib", 1024 * 1024),
    ("gib", 1024 * 1024 * 1024),
];

/// A size such as `512KiB` or `16MB`, in bytes.
pub fn size(text: &str) -> Result<u64, Wrong> {
    let parse = || {
        let text = text.trim().to_ascii_lowercase();
        let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = text.split_at(unit_at);
        let (_, bytes) = SIZE_UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
        number.parse::<u64>().ok()?.checked_mul(*bytes)
    };
    parse().map_or_else(
        || wrong(format!("is no size: {}", quoted(text)), "write it as \"512KiB\" or \"16MB\""),
        Ok,
    )
}

/// How a size is written: the largest unit that leaves no rest.
pub fn written_size(bytes: u64) -> String {
    const WRITTEN: [(&str, u64); 6] = [
        ("GiB", 1 << 30),
        ("MiB", 1 << 20),
        ("KiB", 1 << 10),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("KB", 1000),
    ];
    WRITTEN
        .iter()
        .find(|(_, unit)| bytes >= *unit && bytes.is_multiple_of(*unit))
        .map_or_else(|| format!("{bytes}B"), |(name, unit)| format!("{}{name}", bytes / unit))
}

/// An interval such as `30m`, `6h` or `1d`, or a five-field cron line, in UTC or in the time zone
/// named after the fields.
pub fn schedule(text: &str) -> Result<Schedule, Wrong> {
    const FORMS: &str =
        "write \"30m\", \"6h\", \"1d\" or a cron line in UTC such as \"0 6 * * 1-5\"";
    if let Some(interval) = parse_duration(text) {
        let seconds = interval.as_secs();
        return if INTERVALS.contains(&seconds) && interval.subsec_nanos() == 0 {
            Ok(Schedule::Every(seconds))
        } else {
            wrong(
                format!("is out of bounds: {}", quoted(text)),
                "write a whole number of seconds from \"1m\" to \"366d\"",
            )
        };
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    if text.len() > MAX_SHORT_BYTES || !text.is_ascii() || words.len() == 1 {
        return wrong(format!("is no schedule: {}", quoted(text)), FORMS);
    }
    let (fields, zone) = match words.as_slice() {
        [fields @ .., zone] if fields.len() == 5 && zone.contains(char::is_alphabetic) => {
            let zone = TimeZone::get(zone).or_else(|_| {
                wrong(
                    format!("names a time zone that this system doesn't know: {}", quoted(zone)),
                    "write it as \"0 6 * * 1-5 Europe/Berlin\"; without one it is UTC",
                )
            })?;
            (fields, zone)
        }
        fields if fields.len() == 5 => (fields, TimeZone::UTC),
        fields => {
            let count = fields.len();
            return wrong(
                format!("has {count} fields, a cron line has five: {}", quoted(text)),
                FORMS,
            );
        }
    };
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let cron = match parser.parse(&fields.join(" ")) {
        Ok(cron) => cron,
        Err(cause) => {
            let cause = cause.to_string();
            let cause = cause.rsplit(": ").next().unwrap_or_default().trim_end_matches('.');
            return wrong(
                format!("is no cron line: {}: {}", quoted(text), cause.to_lowercase()),
                FORMS,
            );
        }
    };
    match cron.find_next_occurrence(&Timestamp::UNIX_EPOCH.to_zoned(zone), false) {
        Ok(_) => Ok(Schedule::Cron(words.join(" "))),
        Err(_) => wrong(
            format!("names a day that never comes: {}", quoted(text)),
            "look at the day and the month",
        ),
    }
}

/// Which pages the archive keeps.
pub fn keep(text: &str) -> Result<Keep, Wrong> {
    Keep::ALL.into_iter().find(|keep| keep.as_str() == text).map_or_else(
        || {
            wrong(
                format!("is no choice: {}", quoted(text)),
                "\"on-topic\" (the pages of kept articles), \"all\" (every page), or \"none\"",
            )
        },
        Ok,
    )
}

/// An absolute web address.
pub fn url(text: &str) -> Result<Url, Wrong> {
    const ABSOLUTE: &str = "write the whole address, from https:// on";
    if text.len() > MAX_URL_BYTES {
        return wrong(format!("is longer than {MAX_URL_BYTES} bytes"), ABSOLUTE);
    }
    let parsed = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase)
            if text.contains('.') && !text.contains(' ') =>
        {
            let whole = format!("https://{}", text.trim_start_matches('/'));
            return wrong(
                format!("has no scheme: {}", quoted(text)),
                format!("did you mean {}?", quoted(&whole)),
            );
        }
        Err(cause) => return wrong(format!("is no URL: {}: {cause}", quoted(text)), ABSOLUTE),
    };
    if !matches!(parsed.scheme(), "http" | "https") {
        return wrong(
            format!("has the scheme {}", quoted(parsed.scheme())),
            "only http and https addresses can be watched",
        );
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return wrong(
            "has a user name or password in it",
            "take it out: addresses are stored, exported and printed",
        );
    }
    Ok(parsed)
}

/// The address of a feed: a web address, or that of a search engine with `{query}` for what the feed's
/// topics look for.
pub fn feed_url(text: &str) -> Result<Url, Wrong> {
    let url = url(text)?;
    let place =
        text.find('{').map(|at| &text[at..=text[at..].find('}').map_or(at, |end| at + end)]);
    match place {
        None => Ok(url),
        Some(engine::PLACE) if !engine::is_search(&url) => wrong(
            format!("has {} outside its query", engine::PLACE),
            "write it behind the ?, as in \"https://…/search?q={query}&format=rss\"",
        ),
        Some(engine::PLACE) if text.matches('{').count() == 1 => Ok(url),
        Some(engine::PLACE) => wrong(
            "has more than one place to fill in",
            format!("{} stands for all that the feed's topics look for", engine::PLACE),
        ),
        Some(other) => wrong(
            format!("has a place that nothing is known for: {}", quoted(other)),
            format!("write {} for what the feed's topics look for", engine::PLACE),
        ),
    }
}

/// A CSS selector.
pub fn selector(text: &str) -> Result<String, Wrong> {
    const FORM: &str = "write it as in a style sheet, such as \"h3 a\" or \"article > a.headline\"";
    let text = text.trim();
    if text.len() > MAX_SELECTOR_BYTES {
        return wrong(format!("is longer than {MAX_SELECTOR_BYTES} bytes"), FORM);
    }
    match Selector::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(cause) => wrong(format!("is no CSS selector: {}: {cause}", quoted(text)), FORM),
    }
}

/// A language, by its code.
pub fn language(text: &str) -> Result<String, Wrong> {
    language::code(text).map_or_else(
        || {
            wrong(
                format!("is no language that is known: {}", quoted(text)),
                "write its two-letter code, such as \"en\"",
            )
        },
        |code| Ok(code.to_owned()),
    )
}

/// Where operators can write to: an e-mail address or a URL. May be empty.
pub fn contact(text: &str) -> Result<String, Wrong> {
    const FORMS: &str = "write an e-mail address or a URL";
    let text = text.trim();
    let fits_header = text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '(' | ')' | '\\'));
    let is_url = Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
    let address = text.strip_prefix("mailto:").unwrap_or(text);
    let is_mail = address.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.contains('@') && host.trim_matches('.').contains('.')
    });
    if text.is_empty()
        || (text.chars().count() <= MAX_LINE_CHARS && fits_header && (is_url || is_mail))
    {
        Ok(text.to_owned())
    } else {
        wrong(format!("is neither an e-mail address nor a URL: {}", quoted(text)), FORMS)
    }
}

/// The hosts that RFC 2606 keeps for examples: nobody reads mail there.
const EXAMPLE_HOSTS: [&str; 3] = ["example.com", "example.net", "example.org"];

/// Whether the contact is a placeholder that nobody reads.
pub fn is_example(contact: &str) -> bool {
    EXAMPLE_HOSTS.iter().any(|host| contact.to_ascii_lowercase().contains(host))
}

/// A product token: what robots.txt files can name (RFC 9309).
pub fn product(text: &str) -> Result<String, Wrong> {
    let fits = text.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
    if fits && (1..=MAX_ID_BYTES).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    wrong(
        format!("is no product name: {}", quoted(text)),
        "use letters, - and _ only, as robots.txt does; version and contact are added",
    )
}

/// A short name: lower-case letters, digits, `-`, `_` and `.`.
pub fn id(text: &str) -> Result<String, Wrong> {
    let fits = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.')
    };
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if begins && text.len() <= MAX_ID_BYTES && text.bytes().all(fits) {
        return Ok(text.to_owned());
    }
    let hint = match suggested_id(text) {
        Some(suggestion) => {
            format!("use lower-case letters, digits and -, as in {}", quoted(&suggestion))
        }
        None => String::new(),
    };
    wrong(format!("is no short name: {}", quoted(text)), hint)
}

fn suggested_id(text: &str) -> Option<String> {
    let plain = folded(text.get(..MAX_LINE_CHARS).unwrap_or(text));
    let words: Vec<&str> =
        plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut id = words.join("-");
    id.truncate(MAX_ID_BYTES);
    (!id.is_empty()).then_some(id)
}

/// A title, outlet or other text of one line, trimmed.
pub fn line(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return wrong("is empty", "");
    }
    if text.chars().any(char::is_control) {
        return wrong(format!("has a line break or control character in it: {}", quoted(text)), "");
    }
    if text.chars().count() > MAX_LINE_CHARS {
        return wrong(format!("is longer than {MAX_LINE_CHARS} characters"), "");
    }
    Ok(text.to_owned())
}

/// A phrase to look for: words, or `A NEAR B`.
pub fn phrase(text: &str) -> Result<String, Wrong> {
    let phrase = line(text)?;
    let words: Vec<&str> = phrase.split_whitespace().collect();
    let sides: Vec<&[&str]> = words.split(|word| *word == "NEAR").collect();
    let has_word = |side: &&[&str]| side.iter().any(|word| word.chars().any(char::is_alphanumeric));
    match sides.as_slice() {
        [side] if has_word(side) => Ok(phrase),
        [one, other] if has_word(one) && has_word(other) => Ok(phrase),
        [_] => wrong(format!("has no word: {}", quoted(&phrase)), ""),
        _ => wrong(
            format!("has a NEAR that isn't between two phrases: {}", quoted(&phrase)),
            "write \"one phrase NEAR another\"",
        ),
    }
}

/// What a feed's URL gives.
pub fn kind(text: &str) -> Result<FeedKind, Wrong> {
    const KINDS: [FeedKind; 3] = [FeedKind::Feed, FeedKind::Sitemap, FeedKind::Listing];
    KINDS.into_iter().find(|kind| kind.as_str() == text).map_or_else(
        || {
            wrong(
                format!("is no kind of feed: {}", quoted(text)),
                "\"feed\" (RSS, Atom, JSON Feed), \"sitemap\", or \"listing\" (a page of links)",
            )
        },
        Ok,
    )
}
