//! robots.txt as RFC 9309 has it: bytes → which paths an agent may ask for.
//!
//! Where the RFC is silent, the matcher does as Google's published one: typing errors in field
//! names, a missing colon, `index.html` standing for its folder; it also leaves octets encoded that need not
//! be, as that one does, where the RFC would decode them. Linear in the length of the file,
//! and of rule and path for each rule. Refuses to fetch anything.

use std::time::Duration;

use jiff::Timestamp;
use memchr::memmem;
use url::Url;

/// Bytes of a robots.txt that are read. RFC 9309 §2.5 asks for 500 KiB at least.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// Bytes of a line that are read: eight times the longest URL that browsers took.
const MAX_LINE: usize = 8 * 2083 - 1;

/// Longest pause between two requests that a file can make us keep: more would stretch the visit of
/// a single feed over hours.
const MAX_CRAWL_DELAY: Duration = Duration::from_secs(60);

/// How long a robots.txt may be trusted (RFC 9309 §2.4).
pub(super) const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// A robots.txt as a server gave it, to be kept between runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotsFile {
    /// Scheme, host and port: `https://example.org`, the port written where it is not the usual one.
    pub origin: String,
    /// The HTTP status; `None` if the server could not be reached.
    pub status: Option<u16>,
    /// The body; empty but for status 200–299. Bytes that are not UTF-8 stand as U+FFFD.
    pub body: String,
    /// When it was fetched.
    pub fetched: Timestamp,
}

impl RobotsFile {
    /// The rules it stands for (RFC 9309 §2.3.1): the body's; everything allowed where the server
    /// says that there is none (4xx); everything forbidden where it fails (5xx, unreachable), and
    /// where it asks for patience (429).
    #[must_use]
    pub fn rules(&self) -> Robots {
        match self.status {
            Some(200..=299) => Robots::parse(self.body.as_bytes()),
            Some(429) | Some(500..) | None => Robots::disallow_all(),
            Some(_) => Robots::allow_all(),
        }
    }

    /// How long it may still be used at `now` instead of asking again: a day from when it was fetched, if it is
    /// not a failure; `None` if not at all.
    #[must_use]
    pub fn fresh_for(&self, now: Timestamp) -> Option<Duration> {
        fresh_for(self.status, self.fetched, now)
    }
}

/// How long a file about a whole site, which its server answered with `status`, may still be used.
pub(super) fn fresh_for(
    status: Option<u16>,
    fetched: Timestamp,
    now: Timestamp,
) -> Option<Duration> {
    let answered = status.is_some_and(|status| status < 500 && status != 429);
    let age = Duration::try_from(now.duration_since(fetched)).ok()?;
    MAX_AGE.checked_sub(age).filter(|left| answered && !left.is_zero())
}

/// Whether `token` can name an agent in robots.txt: ASCII letters, `-` and `_` only.
#[must_use]
pub fn is_product_token(token: &str) -> bool {
    !token.is_empty() && product_token(token).len() == token.len()
}

fn product_token(text: &str) -> &str {
    let end =
        text.bytes().position(|byte| !matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_'));
    &text[..end.unwrap_or(text.len())]
}

/// What a robots.txt allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Robots {
    groups: Vec<Group>,
}

/// Rules for some agents. `*` stands for all that no other group names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Group {
    agents: Vec<String>,
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allow: bool,
    /// Percent-encoded as URLs are.
    pattern: String,
}

impl Robots {
    /// The rules of a robots.txt. Never fails: what is not understood is no rule.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(MAX_BYTES)];
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut robots = Self::default();
        let mut in_rules = true;
        for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
            let line = String::from_utf8_lossy(&line[..line.len().min(MAX_LINE)]);
            let Some((field, value)) = split_line(&line) else { continue };
            if let Field::UserAgent = field {
                if in_rules {
                    robots.groups.push(Group::default());
                    in_rules = false;
                }
            } else if !matches!(field, Field::Sitemap | Field::CrawlDelay) {
                in_rules = true;
            }
            robots.add(field, value);
        }
        robots
    }

    fn add(&mut self, field: Field, value: &str) {
        // Rules before the first user-agent line belong to nobody.
        let Some(group) = self.groups.last_mut() else { return };
        match field {
            Field::UserAgent => group.agents.push(agent_of(value).to_ascii_lowercase()),
            Field::Allow => group.allow(value),
            Field::Disallow if value.is_empty() => {}
            Field::Disallow => group.rules.push(Rule { allow: false, pattern: encode(value) }),
            Field::CrawlDelay => group.crawl_delay = group.crawl_delay.max(seconds(value)),
            Field::Sitemap => {}
        }
    }

    /// Rules that allow everything.
    #[must_use]
    pub fn allow_all() -> Self {
        Self::default()
    }

    /// Rules that forbid everything.
    #[must_use]
    pub fn disallow_all() -> Self {
        let rule = Rule { allow: false, pattern: "/".to_owned() };
        let group = Group { agents: vec!["*".to_owned()], rules: vec![rule], crawl_delay: None };
        Self { groups: vec![group] }
    }

    /// Whether the agent with the product token `agent` may ask for `url`. The longest rule that
    /// matches decides, and of two equally long the one that allows.
    #[must_use]
    pub fn allows(&self, agent: &str, url: &Url) -> bool {
        match url.query() {
            Some(query) => self.allows_path(agent, &format!("{}?{query}", url.path())),
            None => self.allows_path(agent, url.path()),
        }
    }

    fn allows_path(&self, agent: &str, path: &str) -> bool {
        self.groups_for(agent)
            .flat_map(|group| &group.rules)
            .filter(|rule| matches(&rule.pattern, path))
            .max_by_key(|rule| (rule.pattern.len(), rule.allow))
            .is_none_or(|rule| rule.allow)
    }

    fn groups_for(&self, agent: &str) -> impl Iterator<Item = &Group> {
        let agent = agent.to_ascii_lowercase();
        let named = self.groups.iter().any(|group| group.agents.contains(&agent));
        let wanted = if named { agent } else { "*".to_owned() };
        self.groups.iter().filter(move |group| group.agents.contains(&wanted))
    }

    /// The pause that the file asks `agent` to keep, at most a minute.
    #[must_use]
    pub fn crawl_delay(&self, agent: &str) -> Option<Duration> {
        self.groups_for(agent).filter_map(|group| group.crawl_delay).max()
    }
}

impl Group {
    fn allow(&mut self, value: &str) {
        if value.is_empty() {
            return;
        }
        let pattern = encode(value);
        // `Allow: /news/index.html` means the folder as well.
        if let Some(folder) =
            pattern.rfind('/').filter(|&at| pattern[at..].starts_with("/index.htm"))
        {
            self.rules.push(Rule { allow: true, pattern: format!("{}$", &pattern[..=folder]) });
        }
        self.rules.push(Rule { allow: true, pattern });
    }
}

#[derive(Debug, Clone, Copy)]
enum Field {
    UserAgent,
    Allow,
    Disallow,
    CrawlDelay,
    Sitemap,
}

/// Field names in lower case, with the misspellings that are met.
const FIELDS: [(&str, Field); 13] = [
    ("user-agent", Field::UserAgent),
    ("useragent", Field::UserAgent),
    ("user agent", Field::UserAgent),
    ("allow", Field::Allow),
    ("disallow", Field::Disallow),
    ("dissallow", Field::Disallow),
    ("dissalow", Field::Disallow),
    ("disalow", Field::Disallow),
    ("diasllow", Field::Disallow),
    ("disallaw", Field::Disallow),
    ("crawl-delay", Field::CrawlDelay),
    ("sitemap", Field::Sitemap),
    ("site-map", Field::Sitemap),
];

/// Field and value of a line, without its comment. The colon may be missing between two words.
fn split_line(line: &str) -> Option<(Field, &str)> {
    let line = line.split_once('#').map_or(line, |(before, _)| before).trim();
    let (name, value) = match line.split_once(':') {
        Some(parts) => parts,
        None => {
            let (name, value) = line.split_once([' ', '\t'])?;
            (!value.trim().contains([' ', '\t'])).then_some((name, value))?
        }
    };
    let name = name.trim();
    let (_, field) = FIELDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some((*field, value.trim()))
}

fn agent_of(value: &str) -> &str {
    match value.strip_prefix('*') {
        Some(rest) if rest.is_empty() || rest.starts_with([' ', '\t']) => "*",
        _ => product_token(value),
    }
}

fn seconds(value: &str) -> Option<Duration> {
    let seconds: f64 = value.parse().ok()?;
    Duration::try_from_secs_f64(seconds.min(MAX_CRAWL_DELAY.as_secs_f64())).ok()
}

/// Bytes beyond ASCII percent-encoded, and the digits of what is encoded already in upper case.
pub(super) fn encode(pattern: &str) -> String {
    let mut encoded = String::with_capacity(pattern.len());
    let mut digits = 0;
    for byte in pattern.bytes() {
        if !byte.is_ascii() {
            encoded.push_str(&format!("%{byte:02X}"));
            continue;
        }
        let in_escape = digits > 0 && byte.is_ascii_hexdigit();
        let byte = if in_escape { byte.to_ascii_uppercase() } else { byte };
        digits = match byte {
            b'%' => 2,
            _ if in_escape => digits - 1,
            _ => 0,
        };
        encoded.push(char::from(byte));
    }
    encoded
}

/// Whether `pattern` matches the beginning of `path`, or all of it where the pattern ends in `$`.
///
/// The parts between the stars are looked for one after the other, each as early as it can be: an
/// earlier place leaves more room for the rest, so nothing is ever tried twice.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, anchored) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return !anchored || rest.is_empty() };
    for part in parts {
        let Some(at) = memmem::find(rest.as_bytes(), part.as_bytes()) else { return false };
        rest = &rest[at + part.len()..];
    }
    if anchored {
        rest.ends_with(last)
    } else {
        memmem::find(rest.as_bytes(), last.as_bytes()).is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn allows(robots: &str, agent: &str, url: &str) -> bool {
        Robots::parse(robots.as_bytes()).allows(agent, &Url::parse(url).unwrap())
    }

    #[test]
    fn the_longest_rule_decides_and_allow_wins_a_tie() {
        let robots = "User-agent: *\nDisallow: /news\nAllow: /news/open\nDisallow: /t\nAllow: /t\n";
        let cases = [
            ("/", true),
            ("/news", false),
            ("/newsroom", false),
            ("/news/open/1", true),
            ("/t", true),
            ("/other?x=/news", true),
        ];
        for (path, allowed) in cases {
            assert_eq!(allows(robots, "onrecord", &format!("https://a.example{path}")), allowed);
        }
    }

    #[test]
    fn groups_of_one_agent_are_merged_and_the_star_is_for_the_others() {
        let robots = "User-agent: ONRECORD/2.0\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\n\
                      User-agent: other\nUser-agent: onrecord\nDisallow: /b\n";
        let cases = [("/a", false), ("/b", false), ("/c", true)];
        for (path, allowed) in cases {
            let url = format!("https://a.example{path}");
            assert_eq!(allows(robots, "onrecord", &url), allowed, "{path}");
        }
        assert!(!allows(robots, "stranger", "https://a.example/c"));
        assert!(allows(robots, "Other", "https://a.example/a"));
    }

    #[test]
    fn stars_and_anchors_match_as_the_standard_says() {
        let cases = [
            ("/*.pdf$", "/a/b.pdf", true),
            ("/*.pdf$", "/a/b.pdf?x", false),
            ("/*.pdf$", "/a.pdf/b.pdf", true),
            ("/a*b*c", "/a-c-b-c", true),
            ("/a*b*c", "/a-c-b", false),
            ("/a*$", "/a/anything", true),
            ("/a$", "/a", true),
            ("/a$", "/ab", false),
            ("/ab*ab$", "/ab", false),
            ("*", "/", true),
            ("$", "", true),
        ];
        for (pattern, path, wanted) in cases {
            assert_eq!(matches(pattern, path), wanted, "{pattern} on {path}");
        }
    }

    #[test]
    fn paths_are_compared_percent_encoded() {
        let robots = "User-agent: *\nDisallow: /käse\nDisallow: /%e4%bd\n";
        assert!(!allows(robots, "onrecord", "https://a.example/käse"));
        assert!(!allows(robots, "onrecord", "https://a.example/k%C3%A4se"));
        assert!(!allows(robots, "onrecord", "https://a.example/%E4%BD"));
    }

    #[test]
    fn a_crawl_delay_is_read_and_bounded_and_a_sitemap_ends_no_group() {
        let robots = Robots::parse(
            b"Sitemap: https://a.example/s.xml\nUser-agent: slow\nCrawl-delay: 1.5\n\
              User-agent: *\nCrawl-delay: 86400\nUser-agent: odd\nCrawl-delay: -3\nDisallow:\n",
        );
        assert_eq!(robots.crawl_delay("onrecord"), Some(MAX_CRAWL_DELAY));
        let each = Robots::parse(
            b"User-agent: a\nDisallow: /x\nCrawl-delay: 1.5\nUser-agent: b\nCrawl-delay: NaN\n",
        );
        assert_eq!(each.crawl_delay("a"), Some(Duration::from_millis(1500)));
        assert_eq!(each.crawl_delay("c"), None);
    }

    #[test]
    fn a_missing_file_allows_and_an_unreachable_one_forbids() {
        let fetched = Timestamp::UNIX_EPOCH;
        let cases = [
            (Some(200), true),
            (Some(404), true),
            (Some(403), true),
            (Some(429), false),
            (Some(500), false),
            (Some(503), false),
            (None, false),
        ];
        let url = Url::parse("https://a.example/x").unwrap();
        for (status, allowed) in cases {
            let origin = "https://a.example".to_owned();
            let file = RobotsFile { origin, status, body: String::new(), fetched };
            assert_eq!(file.rules().allows("onrecord", &url), allowed, "{status:?}");
        }
    }

    #[test]
    fn a_file_is_trusted_for_a_day() {
        let file = |status| RobotsFile {
            origin: "https://a.example".to_owned(),
            status,
            body: String::new(),
            fetched: "2026-03-01T12:00:00Z".parse().unwrap(),
        };
        let at = |text: &str| text.parse().unwrap();
        assert!(file(Some(200)).fresh_for(at("2026-03-02T11:59:59Z")).is_some());
        assert_eq!(file(Some(200)).fresh_for(at("2026-03-02T12:00:00Z")), None);
        assert_eq!(file(Some(200)).fresh_for(at("2026-03-01T11:00:00Z")), None);
        assert_eq!(file(Some(503)).fresh_for(at("2026-03-01T12:00:01Z")), None);
        assert_eq!(file(None).fresh_for(at("2026-03-01T12:00:01Z")), None);
    }

    #[test]
    fn a_rule_of_many_stars_costs_no_more_than_its_length() {
        let pattern = format!("/{}b$", "*a".repeat(50_000));
        let path = format!("/{}", "a".repeat(100_000));
        // Backtracking would need longer than the age of the universe.
        assert!(!matches(&pattern, &path));
    }

    #[test]
    fn googles_cases_come_out_as_google_says() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/robots.tsv");
        let Ok(cases) = std::fs::read_to_string(&corpus) else {
            println!("skipped: no corpus");
            return;
        };
        let text = |hex: &str| {
            let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            (0..hex.len()).step_by(2).map(digit).collect::<Vec<u8>>()
        };
        for case in cases.lines() {
            let columns: Vec<&str> = case.split('\t').collect();
            let [test, line, wanted, kind, robots, agent, url] = columns[..] else {
                panic!("not seven columns: {case}");
            };
            let agent = String::from_utf8(text(agent)).unwrap();
            let url = String::from_utf8(text(url)).unwrap();
            // As raw text, since `Url` would encode what Google's cases leave as it is.
            let path =
                url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
            let found = match kind {
                "A" => Robots::parse(&text(robots)).allows_path(&agent, path.unwrap_or("/")),
                _ => is_product_token(&agent),
            };
            assert_eq!(found, wanted == "1", "{test} line {line}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let robots = Robots::parse(&bytes);
            let _ = robots.allows("onrecord", &Url::parse("https://a.example/x?y").unwrap());
        }

        #[test]
        fn a_path_is_matched_by_itself_and_by_its_beginnings(path in "/[a-z/.%]{0,30}", cut in 0_usize..30) {
            prop_assert!(matches(&path, &path));
            prop_assert!(matches(&path[..cut.min(path.len())], &path));
        }
    }
}
