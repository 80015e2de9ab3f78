//! A date as pages and feeds state it: with a zone, without one, or a day alone.
//!
//! Sloppy text → a normal form (RFC 3339, the same without zone, or `YYYY-MM-DD`). Refuses to guess
//! a zone, a time or the order of day and month where they are not stated.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longer texts are no dates; feeds sometimes put prose where a date belongs.
const MAX_CHARS: usize = 96;
/// Dates before the first newspapers are the placeholders of content systems (`0001-01-01`).
const FIRST_YEAR: i16 = 1600;

/// A date in normal form: `2024-01-29T17:20:00-05:00`, `2024-01-29T17:20:00` or `2024-01-29`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("pattern" = r"^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?)?$"))]
pub struct PageDate(String);

impl PageDate {
    /// The date that `text` states, in any of the forms that pages and feeds use; `None` if it
    /// states none. Fractions of a second are dropped. A weekday is not checked against the day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        normalise(text).map(Self)
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True where it states a time of day too.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.0.contains('T')
    }

    /// The moment it names, for sorting: without a zone taken as UTC, without a time as midnight.
    #[must_use]
    pub fn instant(&self) -> Option<Timestamp> {
        if let Ok(at) = self.0.parse::<Timestamp>() {
            return Some(at);
        }
        let civil = self.0.parse::<DateTime>().or_else(|_| self.0.parse::<Date>().map(Into::into));
        civil.ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    }
}

impl fmt::Display for PageDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ways to write a day, after [`words`] has brought names and separators into one form.
const DAY_FORMATS: &[&str] = &[
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y %m %d", "%Y%m%d", "%d %b %Y", "%b %d %Y", "%Y %b %d",
    "%d-%b-%Y", "%b-%d-%Y", "%d/%b/%Y", "%d.%m.%Y", "%d %b %y", "%d-%b-%y",
];

/// The ways to write a time of day.
const TIME_FORMATS: &[&str] =
    &["%H:%M:%S", "%H:%M", "%I:%M:%S%p", "%I:%M%p", "%I%p", "%I.%M%p", "%H.%M", "%H%M%S", "%H%Mh"];

/// What a zone's name means.
#[derive(Clone, Copy)]
enum Zone {
    /// Minutes east of Greenwich.
    Minutes(i32),
    /// Winter or summer time by the day, as a POSIX rule.
    Rule(&'static str),
    /// Several zones go by this name, so it states none.
    Unclear,
}

/// Zones by the names that pages and feeds give them. The U.S. abbreviations are RFC 822's.
const ZONES: &[(&str, Zone)] = &[
    ("z", Zone::Minutes(0)),
    ("utc", Zone::Minutes(0)),
    ("gmt", Zone::Minutes(0)),
    ("ut", Zone::Minutes(0)),
    ("est", Zone::Minutes(-300)),
    ("edt", Zone::Minutes(-240)),
    ("cst", Zone::Minutes(-360)),
    ("cdt", Zone::Minutes(-300)),
    ("mst", Zone::Minutes(-420)),
    ("mdt", Zone::Minutes(-360)),
    ("pst", Zone::Minutes(-480)),
    ("pdt", Zone::Minutes(-420)),
    ("akst", Zone::Minutes(-540)),
    ("akdt", Zone::Minutes(-480)),
    ("hst", Zone::Minutes(-600)),
    ("et", Zone::Rule("EST5EDT,M3.2.0,M11.1.0")),
    ("ct", Zone::Rule("CST6CDT,M3.2.0,M11.1.0")),
    ("mt", Zone::Rule("MST7MDT,M3.2.0,M11.1.0")),
    ("pt", Zone::Rule("PST8PDT,M3.2.0,M11.1.0")),
    ("wet", Zone::Minutes(0)),
    ("west", Zone::Minutes(60)),
    ("bst", Zone::Minutes(60)),
    ("cet", Zone::Minutes(60)),
    ("cest", Zone::Minutes(120)),
    ("mez", Zone::Minutes(60)),
    ("mesz", Zone::Minutes(120)),
    ("eet", Zone::Minutes(120)),
    ("eest", Zone::Minutes(180)),
    ("msk", Zone::Minutes(180)),
    ("wat", Zone::Minutes(60)),
    ("sast", Zone::Minutes(120)),
    ("eat", Zone::Minutes(180)),
    ("pkt", Zone::Minutes(300)),
    ("sgt", Zone::Minutes(480)),
    ("hkt", Zone::Minutes(480)),
    ("myt", Zone::Minutes(480)),
    ("awst", Zone::Minutes(480)),
    ("jst", Zone::Minutes(540)),
    ("kst", Zone::Minutes(540)),
    ("acst", Zone::Minutes(570)),
    ("aest", Zone::Minutes(600)),
    ("aedt", Zone::Minutes(660)),
    ("nzst", Zone::Minutes(720)),
    ("nzdt", Zone::Minutes(780)),
    // India, Israel and Ireland.
    ("ist", Zone::Unclear),
];

/// Words around a date that say nothing about when.
const FILLERS: &[&str] = &[
    "published",
    "updated",
    "posted",
    "modified",
    "created",
    "last",
    "first",
    "date",
    "on",
    "at",
    "of",
    "the",
    "time",
    "noon",
    "local",
    "standard",
    "|",
    "-",
    "–",
    "—",
    "·",
    "•",
    "/",
];

const WEEKDAYS: &[&str] =
    &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn normalise(text: &str) -> Option<String> {
    let text = text.trim();
    if let [_, _, _, _, b'-', _, _, b'-', _, _] = text.as_bytes()
        && let Ok(day) = text.parse::<Date>()
        && day.year() >= FIRST_YEAR
    {
        return Some(day.to_string());
    }
    let has_digit = text.bytes().take(4 * MAX_CHARS).any(|byte| byte.is_ascii_digit());
    if !has_digit || text.chars().nth(MAX_CHARS).is_some() {
        return None;
    }
    if let Some(at) = unix(text) {
        return Some(at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string());
    }
    let mut day_words: Vec<String> = Vec::new();
    let mut time = None;
    let mut zone: Option<Zone> = None;
    let extended = extended(text);
    for word in words(extended.as_deref().unwrap_or(text)) {
        if let Some(found) = numeric_zone(&word).or_else(|| named_zone(&word))
            && (time.is_some() || day_words.len() > 1)
        {
            zone = zone.or(Some(found));
        } else if word.contains(':') || word.ends_with("am") || word.ends_with("pm") {
            let (clock, glued) = split_glued_zone(&word);
            time = time.or_else(|| time_of(clock));
            zone = zone.or(glued);
        } else {
            day_words.push(word);
        }
    }
    let us = matches!(zone, Some(Zone::Rule(_)));
    let day = day_of(&day_words.join(" "), us)?;
    let Some(time) = time else { return Some(day.to_string()) };
    let at = day.to_datetime(time);
    match zone {
        None | Some(Zone::Unclear) => Some(at.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        Some(Zone::Minutes(minutes)) => {
            let offset = Offset::from_seconds(minutes * 60).ok()?;
            zoned(at, TimeZone::fixed(offset))
        }
        Some(Zone::Rule(rule)) => zoned(at, TimeZone::posix(rule).ok()?),
    }
}

fn zoned(at: DateTime, zone: TimeZone) -> Option<String> {
    Some(at.to_zoned(zone).ok()?.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

/// ISO 8601's basic format, `20260302T101500Z`, in the extended one; `None` for any other.
fn extended(text: &str) -> Option<String> {
    let (day, rest) = text.split_at_checked(8)?;
    let clock = rest.strip_prefix(['T', 't'])?;
    let end = clock.find(|c: char| !c.is_ascii_digit()).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(end);
    let digits = day.bytes().all(|byte| byte.is_ascii_digit()) && matches!(end, 4 | 6);
    digits.then(|| {
        let seconds = clock.get(4..).filter(|it| !it.is_empty()).unwrap_or("00");
        let (year, month, of_month) = (&day[..4], &day[4..6], &day[6..]);
        format!("{year}-{month}-{of_month}T{}:{}:{seconds}{zone}", &clock[..2], &clock[2..4])
    })
}

/// Seconds (10 digits) or milliseconds (13 digits) since 1970.
fn unix(text: &str) -> Option<Timestamp> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    match text.len() {
        10 => Timestamp::from_second(number).ok(),
        13 => Timestamp::from_millisecond(number).ok(),
        _ => None,
    }
}

/// The text's words in lower case: months as three letters, weekdays and fillers gone, clock and
/// `am`/`pm` joined, the `T` between day and time a gap.
fn words(text: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len() + 8);
    let lower = text.to_lowercase().replace("a.m", "am").replace("p.m", "pm");
    let chars: Vec<char> = lower.chars().collect();
    for (index, &char) in chars.iter().enumerate() {
        let digit_before = index > 0 && chars[index - 1].is_ascii_digit();
        let next = chars.get(index + 1).copied().unwrap_or(' ');
        match char {
            't' if digit_before && next.is_ascii_digit() => spaced.push(' '),
            ',' | '(' | ')' | ';' | '\u{a0}' | '\u{202f}' => spaced.push(' '),
            // The colon of "Updated: …", not the one of 17:20.
            ':' if !digit_before => spaced.push(' '),
            '.' if !next.is_ascii_digit() => spaced.push(' '),
            _ => spaced.push(char),
        }
    }
    let mut words: Vec<String> = Vec::new();
    for word in spaced.split_whitespace() {
        if FILLERS.contains(&word) || is_name(word, WEEKDAYS) {
            continue;
        }
        if matches!(word, "am" | "pm") {
            if let Some(clock) = words.last_mut() {
                clock.push_str(word);
            }
        } else if is_name(word, MONTHS) {
            words.push(word.chars().take(3).collect());
        } else if let Some(word) = eastern(word) {
            words.push(word.to_owned());
        } else {
            words.push(without_ordinal(word).to_owned());
        }
    }
    words
}

/// A month or weekday, whole or cut to three or four letters.
fn is_name(word: &str, names: &[&str]) -> bool {
    word.len() >= 3
        && names.iter().any(|name| *name == word || word.len() <= 5 && name.starts_with(word))
}

/// "Eastern" and its like, as the abbreviation of [`ZONES`].
fn eastern(word: &str) -> Option<&'static str> {
    match word {
        "eastern" => Some("et"),
        "central" => Some("ct"),
        "mountain" => Some("mt"),
        "pacific" => Some("pt"),
        _ => None,
    }
}

fn without_ordinal(word: &str) -> &str {
    ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|suffix| word.strip_suffix(suffix))
        .filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        .unwrap_or(word)
}

fn named_zone(word: &str) -> Option<Zone> {
    ZONES.iter().find(|(name, _)| *name == word).map(|(_, zone)| *zone)
}

/// `+0100`, `-05:00`, `+01`, `gmt+2`, `utc-05:00`.
fn numeric_zone(word: &str) -> Option<Zone> {
    let word = word.strip_prefix("gmt").or_else(|| word.strip_prefix("utc")).unwrap_or(word);
    let (sign, digits) = match word.as_bytes().first()? {
        b'+' => (1, &word[1..]),
        b'-' => (-1, &word[1..]),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    if hours.is_empty() || hours.len() > 2 || minutes.is_empty() || minutes.len() > 2 {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes < 60).then_some(Zone::Minutes(sign * (hours * 60 + minutes)))
}

/// `17:20:00+0100`, `17:20:00z` and `17:20est` apart.
fn split_glued_zone(word: &str) -> (&str, Option<Zone>) {
    let end = word
        .char_indices()
        .skip(1)
        .find(|(_, char)| matches!(char, '+' | '-') || char.is_ascii_alphabetic())
        .map_or(word.len(), |(index, _)| index);
    let (clock, rest) = word.split_at(end);
    match rest {
        "" | "am" | "pm" => (word, None),
        _ => match numeric_zone(rest).or_else(|| named_zone(rest)) {
            Some(zone) => (clock, Some(zone)),
            None => (word, None),
        },
    }
}

fn time_of(clock: &str) -> Option<Time> {
    let clock = match clock.split_once('.') {
        Some((whole, _)) if whole.matches(':').count() == 2 => whole,
        _ => clock,
    };
    TIME_FORMATS.iter().find_map(|format| strtime::parse(format, clock).ok()?.to_time().ok())
}

fn day_of(text: &str, us: bool) -> Option<Date> {
    let plausible = |day: &Date| day.year() >= FIRST_YEAR;
    DAY_FORMATS
        .iter()
        .find_map(|format| strtime::parse(format, text).ok()?.to_date().ok().filter(plausible))
        .or_else(|| slashed(text, us).filter(plausible))
}

/// `29/1/2024` and `1/29/24`: only where one reading is possible, or a U.S. zone decides.
fn slashed(text: &str, us: bool) -> Option<Date> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || first.len() > 2 || second.len() > 2 || !matches!(year.len(), 2 | 4)
    {
        return None;
    }
    let (first, second): (i8, i8) = (first.parse().ok()?, second.parse().ok()?);
    let stated: i16 = year.parse().ok()?;
    // POSIX's reading of two digits.
    let year = match (year.len(), stated) {
        (4, year) => year,
        (_, year) if year < 69 => 2000 + year,
        (_, year) => 1900 + year,
    };
    match (first > 12, second > 12) {
        (true, false) => Date::new(year, second, first).ok(),
        (false, true) => Date::new(year, first, second).ok(),
        (false, false) if us || first == second => Date::new(year, first, second).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Text and its normal form; an empty one states no date.
    const CASES: &[(&str, &str)] = &[
        ("2024-01-29T17:20:00-05:00", "2024-01-29T17:20:00-05:00"),
        ("2024-01-29T17:20:00Z", "2024-01-29T17:20:00+00:00"),
        ("2024-01-29T17:20:00.123Z", "2024-01-29T17:20:00+00:00"),
        ("2024-01-29T17:20:00.123456+0000", "2024-01-29T17:20:00+00:00"),
        ("2024-01-29T17:20+01", "2024-01-29T17:20:00+01:00"),
        ("2024-01-29t17:20:00z", "2024-01-29T17:20:00+00:00"),
        ("2024-01-29 17:20:00", "2024-01-29T17:20:00"),
        ("2024-01-29 17:20:00 UTC", "2024-01-29T17:20:00+00:00"),
        ("2024-01-29 17:20:00 +0100", "2024-01-29T17:20:00+01:00"),
        ("2024-01-29", "2024-01-29"),
        ("2024/01/29", "2024-01-29"),
        ("2024/01/29 08:15", "2024-01-29T08:15:00"),
        ("2024.01.29", "2024-01-29"),
        ("20240129", "2024-01-29"),
        ("20240129T172000Z", "2024-01-29T17:20:00+00:00"),
        ("20240129T1720+0100", "2024-01-29T17:20:00+01:00"),
        ("20240129T172000", "2024-01-29T17:20:00"),
        ("20240129T17", ""),
        ("20241329T172000Z", ""),
        ("Mon, 29 Jan 2024 17:20:00 +0000", "2024-01-29T17:20:00+00:00"),
        ("Fri, 29 Jan 2024 17:20:00 GMT", "2024-01-29T17:20:00+00:00"),
        ("Mon, 29 Jan 2024 17:20:00 EST", "2024-01-29T17:20:00-05:00"),
        ("Mon, 29 Jan 24 17:20 PDT", "2024-01-29T17:20:00-07:00"),
        ("Mon 29 January 2024 17:20:00 CET", "2024-01-29T17:20:00+01:00"),
        ("Mon Jan 29 17:20:00 2024", "2024-01-29T17:20:00"),
        ("Mon Jan 29 17:20:00 UTC 2024", "2024-01-29T17:20:00+00:00"),
        ("Mon Jan 29 2024 17:20:00 GMT+0100 (CET)", "2024-01-29T17:20:00+01:00"),
        ("Jan. 29, 2024 5:20 p.m. ET", "2024-01-29T17:20:00-05:00"),
        ("July 4, 2024, 9:05 a.m. ET", "2024-07-04T09:05:00-04:00"),
        ("Updated: January 29, 2024 at 5:20 PM EST", "2024-01-29T17:20:00-05:00"),
        ("5:20 p.m. Eastern Time, Jan. 29, 2024", "2024-01-29T17:20:00-05:00"),
        ("Sept. 1, 2023", "2023-09-01"),
        ("1st September 2023", "2023-09-01"),
        ("29 January 2024", "2024-01-29"),
        ("29-Jan-2024", "2024-01-29"),
        ("29.01.2024", "2024-01-29"),
        ("January 29, 2024 | 17:20", "2024-01-29T17:20:00"),
        ("Apr 16, 2026, 14:04 IST", "2026-04-16T14:04:00"),
        ("29/01/2024", "2024-01-29"),
        ("1/29/24 5:20 p.m. ET", "2024-01-29T17:20:00-05:00"),
        ("1/2/24 5:20 p.m. ET", "2024-01-02T17:20:00-05:00"),
        ("1/2/2024", ""),
        ("1706548800", "2024-01-29T17:20:00+00:00"),
        ("1706548800123", "2024-01-29T17:20:00+00:00"),
        ("0001-01-01T00:00:00", ""),
        ("2024-02-30", ""),
        ("yesterday", ""),
        ("3 hours ago", ""),
        ("", ""),
        ("2024", ""),
    ];

    #[test]
    fn dates_of_pages_and_feeds_are_read_in_every_form() {
        for (text, wanted) in CASES {
            let found = PageDate::parse(text);
            assert_eq!(found.as_ref().map_or("", PageDate::as_str), *wanted, "{text:?}");
        }
    }

    #[test]
    fn a_normal_form_is_read_as_itself() {
        for (_, normal) in CASES.iter().filter(|(_, normal)| !normal.is_empty()) {
            assert_eq!(PageDate::parse(normal).unwrap().as_str(), *normal);
        }
    }

    #[test]
    fn a_date_without_zone_sorts_as_utc() {
        let at = |text| PageDate::parse(text).unwrap().instant().unwrap();
        assert_eq!(at("2024-01-29T17:20:00"), at("2024-01-29T12:20:00-05:00"));
        assert_eq!(at("2024-01-29"), at("2024-01-29T00:00:00Z"));
    }

    proptest! {
        #[test]
        fn any_text_gives_a_readable_date_or_none(text in "\\PC{0,40}") {
            if let Some(date) = PageDate::parse(&text) {
                prop_assert!(date.instant().is_some());
            }
        }

        #[test]
        fn any_mix_of_date_words_gives_a_readable_date_or_none(
            words in proptest::collection::vec(
                prop_oneof!["[0-9]{1,4}", "[0-9]{1,2}:[0-9]{2}", "Jan|Sept\\.|May|ET|GMT|pm|T|Z|-|/|\\+0100|Mon,"],
                0..8,
            ),
        ) {
            if let Some(date) = PageDate::parse(&words.join(" ")) {
                prop_assert!(date.instant().is_some());
            }
        }
    }
}
