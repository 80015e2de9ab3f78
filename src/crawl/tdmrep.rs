//! `/.well-known/tdmrep.json`: bytes → which paths of a site are reserved from text and data mining.
//!
//! The TDM Reservation Protocol (W3C community group, final report of 10 May 2024): rules in their
//! order, the first that matches a path decides; patterns are those of robots.txt. What a page's
//! headers or `<meta>` say comes before it. Refuses to fetch anything, and to take what is no such
//! file for a reservation: a site that serves its front page there reserves nothing.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::robots;

/// Where the file is.
pub const PATH: &str = "/.well-known/tdmrep.json";

/// Bytes of the file that are read: rules for a thousand paths take a tenth of it.
pub const MAX_BYTES: u64 = 512 * 1024;

/// Rules that are read: each is held against every page.
const MAX_RULES: usize = 5_000;

/// A site's tdmrep.json as a server gave it, to be kept between runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TdmFile {
    /// Scheme, host and port: `https://example.org`, the port written where it is not the usual one.
    pub origin: String,
    /// The HTTP status; `None` if there was no answer.
    pub status: Option<u16>,
    /// The body, decoded; empty where it is no such file.
    pub body: String,
    /// When it was fetched.
    pub fetched: Timestamp,
}

impl TdmFile {
    /// How long it may still be used at `now` instead of asking again: a day from when it was fetched, if it is
    /// not a failure; `None` if not at all.
    #[must_use]
    pub fn fresh_for(&self, now: Timestamp) -> Option<Duration> {
        robots::fresh_for(self.status, self.fetched, now)
    }
}

/// What a tdmrep.json says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    /// Percent-encoded as URLs are.
    pattern: String,
    reserved: bool,
}

/// A rule as written. Fields of a wrong kind are as good as none.
#[derive(Debug, Deserialize)]
struct Written {
    location: Option<Value>,
    #[serde(rename = "tdm-reservation")]
    reservation: Option<Value>,
}

impl Rules {
    /// The rules in `text`; `None` if it is no such file. A rule without location or reservation is
    /// passed over. A single rule outside a list is taken as it is meant.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches('\u{FEFF}').trim_start();
        let written: Vec<Written> = match text.bytes().next()? {
            b'[' => serde_json::from_str(text).ok()?,
            b'{' => vec![serde_json::from_str(text).ok()?],
            _ => return None,
        };
        let rules = written.into_iter().take(MAX_RULES).filter_map(|rule| {
            let location = rule.location?;
            let reserved = match rule.reservation? {
                Value::Number(number) if number.as_u64() == Some(1) => true,
                Value::Number(number) if number.as_u64() == Some(0) => false,
                Value::String(text) if text.trim() == "1" => true,
                Value::String(text) if text.trim() == "0" => false,
                Value::Bool(reserved) => reserved,
                _ => return None,
            };
            let pattern = robots::encode(location.as_str()?.trim());
            pattern.starts_with(['/', '*']).then_some(Rule { pattern, reserved })
        });
        Some(Self(rules.collect()))
    }

    /// Whether `url` is reserved; `None` if no rule matches it.
    #[must_use]
    pub fn reserves(&self, url: &Url) -> Option<bool> {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        self.0.iter().find(|rule| robots::matches(&rule.pattern, &path)).map(|rule| rule.reserved)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reserves(text: &str, path: &str) -> Option<bool> {
        let url = Url::parse(&format!("https://a.example{path}")).unwrap();
        Rules::parse(text).and_then(|rules| rules.reserves(&url))
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let text = r#"[{"location": "/open/", "tdm-reservation": 0},
            {"location": "/pdf/*.pdf$", "tdm-reservation": 1, "tdm-policy": "https://a.example/p"},
            {"location": "/News/", "tdm-reservation": 1}, {"location": "/News/old", "tdm-reservation": 0},
            {"location": "/k\u00e4se", "tdm-reservation": 1}]"#;
        let cases = [
            ("/open/1", Some(false)),
            ("/pdf/a.pdf", Some(true)),
            ("/pdf/a.pdf?x", None),
            ("/News/1", Some(true)),
            ("/News/old", Some(true)),
            ("/news/1", None),
            ("/k%C3%A4se", Some(true)),
            ("/", None),
        ];
        for (path, wanted) in cases {
            assert_eq!(reserves(text, path), wanted, "{path}");
        }
    }

    #[test]
    fn careless_files_are_read_as_they_are_meant_and_others_reserve_nothing() {
        let cases = [
            (r#"{"location": "/", "tdm-reservation": 1}"#, Some(true)),
            (r#" [{"location": "/", "tdm-reservation": "1"}]"#, Some(true)),
            ("\u{FEFF}[{\"location\": \"*\", \"tdm-reservation\": true}]", Some(true)),
            (r#"[{"location": "/", "tdm-reservation": 2}]"#, None),
            (r#"[{"location": ["/"], "tdm-reservation": 1}]"#, None),
            (r#"[{"location": "", "tdm-reservation": 1}]"#, None),
            (r#"[{"tdm-reservation": 1}]"#, None),
            (r#"[{"location": "/", "tdm-reservation": 1}"#, None),
            ("<!doctype html><p>Welcome</p>", None),
            ("[]", None),
            ("7", None),
            ("", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(reserves(text, "/x"), wanted, "{text}");
        }
    }

    #[test]
    fn an_answer_is_trusted_for_a_day_and_a_failure_not_at_all() {
        let file = |status| TdmFile {
            origin: "https://a.example".to_owned(),
            status,
            body: String::new(),
            fetched: "2026-03-01T12:00:00Z".parse().unwrap(),
        };
        let at = |text: &str| text.parse().unwrap();
        let (same_day, next_day) = (at("2026-03-02T11:59:59Z"), at("2026-03-02T12:00:00Z"));
        for (status, fresh) in
            [(Some(200), true), (Some(404), true), (Some(503), false), (None, false)]
        {
            assert_eq!(file(status).fresh_for(same_day).is_some(), fresh, "{status:?}");
            assert_eq!(file(status).fresh_for(next_day), None, "{status:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in r#"[\[\]{}":,0-9a-z/*$ -]{0,120}"#) {
            let _ = reserves(&text, "/x");
        }
    }
}
