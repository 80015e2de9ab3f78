//! The tables of `feeds.toml`: which keys each section has, how each is read, and what must fit
//! together. To add a setting, add its row.

use std::collections::{HashMap, HashSet};
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::Config;
use super::mistake::{Fault, Mistakes, Source, quoted};
use super::nearest::nearest;
use super::value::{self, Wrong};
use crate::domain::crawler::CrawlerSettings;
use crate::domain::engine;
use crate::domain::feed::{Feed, FeedKind, Schedule};
use crate::domain::topic::Topic;
use crate::domain::upkeep::{ArchiveSettings, WatchSettings};

type Value<'a> = Spanned<DeValue<'a>>;
type Read<T> = Result<T, Vec<Fault>>;

/// One key of a section.
struct Key<T> {
    name: &'static str,
    /// A valid line; the hint where nothing better is known.
    example: &'static str,
    required: bool,
    read: fn(&mut T, &Value<'_>) -> Read<()>,
}

const fn required<T>(
    name: &'static str,
    example: &'static str,
    read: fn(&mut T, &Value<'_>) -> Read<()>,
) -> Key<T> {
    Key { name, example, required: true, read }
}

const fn optional<T>(
    name: &'static str,
    example: &'static str,
    read: fn(&mut T, &Value<'_>) -> Read<()>,
) -> Key<T> {
    Key { name, example, required: false, read }
}

/// A section: how messages write it, and its keys.
struct Section<T: 'static> {
    header: &'static str,
    keys: &'static [Key<T>],
}

const CRAWLER: Section<CrawlerSettings> = Section {
    header: "[crawler]",
    keys: &[
        optional("contact", r#"contact = "newsroom@your-outlet.org""#, |to, v| {
            put(&mut to.contact, text(v, value::contact))
        }),
        optional("user_agent", r#"user_agent = "onrecord""#, |to, v| {
            put(&mut to.user_agent, text(v, value::product))
        }),
        optional("concurrency", "concurrency = 16", |to, v| {
            put(&mut to.concurrency, count(v, CONCURRENCY))
        }),
        optional("per_host_delay", r#"per_host_delay = "2s""#, |to, v| {
            put(&mut to.per_host_delay, duration(v, DELAYS))
        }),
        optional("connect_timeout", r#"connect_timeout = "10s""#, |to, v| {
            put(&mut to.connect_timeout, duration(v, TIMEOUTS))
        }),
        optional("read_timeout", r#"read_timeout = "20s""#, |to, v| {
            put(&mut to.read_timeout, duration(v, TIMEOUTS))
        }),
        optional("total_timeout", r#"total_timeout = "1m""#, |to, v| {
            put(&mut to.total_timeout, duration(v, TIMEOUTS))
        }),
        optional("max_page_size", r#"max_page_size = "16MiB""#, |to, v| {
            put(&mut to.max_page_bytes, size(v, PAGE_SIZES))
        }),
        optional("max_feed_size", r#"max_feed_size = "64MiB""#, |to, v| {
            put(&mut to.max_feed_bytes, size(v, FEED_SIZES))
        }),
        optional("max_redirects", "max_redirects = 5", |to, v| {
            put(&mut to.max_redirects, count(v, REDIRECTS))
        }),
        optional("keep_reserved", "keep_reserved = false", |to, v| {
            put(&mut to.keep_reserved, boolean(v))
        }),
        optional("allow_private_addresses", "allow_private_addresses = false", |to, v| {
            put(&mut to.allow_private_addresses, boolean(v))
        }),
    ],
};

const WATCH: Section<WatchSettings> = Section {
    header: "[watch]",
    keys: &[
        optional("recheck", r#"recheck = ["1h", "1d", "7d"]"#, |to, v| {
            put(&mut to.recheck, steps(v))
        }),
        optional("jitter", r#"jitter = "1m""#, |to, v| put(&mut to.jitter, duration(v, JITTERS))),
        optional("adaptive", "adaptive = true", |to, v| put(&mut to.adaptive, boolean(v))),
        optional("heartbeat", r#"heartbeat = "10m""#, |to, v| {
            put(&mut to.heartbeat, duration(v, HEARTBEATS))
        }),
    ],
};

const ARCHIVE: Section<ArchiveSettings> = Section {
    header: "[archive]",
    keys: &[
        optional("keep", r#"keep = "on-topic""#, |to, v| put(&mut to.keep, text(v, value::keep))),
        optional("max_file_size", r#"max_file_size = "256MiB""#, |to, v| {
            put(&mut to.max_file_bytes, size(v, ARCHIVE_FILES))
        }),
    ],
};

/// When an article is asked again: at once would find nothing, after ten years nobody looks.
const RECHECKS: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(3660 * 24 * 60 * 60);
/// More checks than this of one article are a watch of its own: a listing feed does that better.
const MAX_RECHECKS: usize = 32;
/// Under an hour nothing is fetched that a feed was late to name; a century is forever.
const AGES: RangeInclusive<Duration> =
    Duration::from_secs(60 * 60)..=Duration::from_secs(36_525 * 24 * 60 * 60);
/// Chance is for spreading, not for delaying.
const JITTERS: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(60 * 60);
/// A line a second is for tests, a line a day for the patient.
const HEARTBEATS: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60);
/// A file holds one page at least; larger ones are checked too slowly after a power cut.
const ARCHIVE_FILES: RangeInclusive<u64> = 1024..=16 * 1024 * 1024 * 1024;

/// More requests at once than this open too many sockets for a desktop's limits.
const CONCURRENCY: RangeInclusive<usize> = 1..=256;
/// Browsers stop at 20 redirects.
const REDIRECTS: RangeInclusive<usize> = 0..=20;
/// No run should wait longer than an hour for one host.
const DELAYS: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(60 * 60);
/// Under a tenth of a second nothing answers; after an hour nothing will.
const TIMEOUTS: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(60 * 60);
/// A page is held in memory together with its parsed form, many times its size.
const PAGE_SIZES: RangeInclusive<u64> = 1024..=256 * 1024 * 1024;
/// A feed's entries are held in memory.
const FEED_SIZES: RangeInclusive<u64> = 1024..=1024 * 1024 * 1024;
/// Under this pause the requests of a run are felt by a small server.
const POLITE_DELAY: Duration = Duration::from_secs(1);

/// A `[[topic]]` as far as it could be read.
struct TopicDraft {
    id: Option<Spanned<String>>,
    topic: Topic,
}

const TOPIC: Section<TopicDraft> = Section {
    header: "[[topic]]",
    keys: &[
        required("id", r#"id = "ocean-treaty""#, |to, v| put(&mut to.id, spanned(v, value::id))),
        required("title", r#"title = "The ocean treaty""#, |to, v| {
            put(&mut to.topic.title, text(v, value::line))
        }),
        optional("any", r#"any = ["ocean treaty", "treaty NEAR ocean"]"#, |to, v| {
            put(&mut to.topic.any, phrases(v))
        }),
        optional("all", r#"all = ["treaty"]"#, |to, v| put(&mut to.topic.all, phrases(v))),
        optional("none", r#"none = ["horoscope"]"#, |to, v| put(&mut to.topic.none, phrases(v))),
    ],
};

/// A `[[feed]]` as far as it could be read.
struct FeedDraft {
    id: Option<Spanned<String>>,
    outlet: String,
    url: Option<Spanned<Url>>,
    kind: FeedKind,
    links: Option<Spanned<String>>,
    languages: Vec<String>,
    max_age: Option<Duration>,
    /// `None`: [`DEFAULT_SCHEDULE`].
    schedule: Option<Spanned<Schedule>>,
    /// `None`: every topic.
    topics: Option<Vec<Spanned<String>>>,
}

const FEED: Section<FeedDraft> = Section {
    header: "[[feed]]",
    keys: &[
        required("id", r#"id = "daily-news""#, |to, v| put(&mut to.id, spanned(v, value::id))),
        required("outlet", r#"outlet = "Daily News""#, |to, v| {
            put(&mut to.outlet, text(v, value::line))
        }),
        required("url", r#"url = "https://…""#, |to, v| {
            put(&mut to.url, spanned(v, value::feed_url))
        }),
        optional("kind", r#"kind = "feed""#, |to, v| put(&mut to.kind, text(v, value::kind))),
        optional("links", r#"links = "h3 a""#, |to, v| {
            put(&mut to.links, spanned(v, value::selector))
        }),
        optional("languages", r#"languages = ["en", "fr"]"#, |to, v| {
            put(&mut to.languages, list(v, |item| text(item, value::language)))
        }),
        optional("max_age", r#"max_age = "30d""#, |to, v| {
            put(&mut to.max_age, duration(v, AGES).map(Some))
        }),
        optional("schedule", r#"schedule = "30m""#, |to, v| {
            put(&mut to.schedule, spanned(v, value::schedule))
        }),
        optional("topics", r#"topics = ["ocean-treaty"]"#, |to, v| {
            put(&mut to.topics, list(v, |item| located(item, |text| Ok(text.to_owned()))).map(Some))
        }),
    ],
};

/// A feed that says nothing else is asked once an hour.
const DEFAULT_SCHEDULE: Schedule = Schedule::Every(60 * 60);

/// The sections a file may have, as messages write them.
const SECTIONS: [(&str, &str); 5] = [
    ("crawler", CRAWLER.header),
    ("watch", WATCH.header),
    ("archive", ARCHIVE.header),
    ("topic", TOPIC.header),
    ("feed", FEED.header),
];

/// The configuration that `source` states.
///
/// # Errors
/// Every mistake in it. A file that isn't valid TOML has its syntax mistakes reported alone: what
/// stands between them can't be told for sure.
pub fn config(source: &Source<'_>) -> Result<Config, Mistakes> {
    let (root, errors) = DeTable::parse_recoverable(source.text);
    if let Some(mistakes) = source.mistakes(syntax_faults(source, &errors)) {
        return Err(mistakes);
    }
    let mut faults = Vec::new();
    let mut warnings = Vec::new();

    let mut crawler = CrawlerSettings::default();
    let mut watch = WatchSettings::default();
    let mut archive = ArchiveSettings::default();
    let mut topics = Vec::new();
    let mut feeds = Vec::new();
    for (name, value) in root.get_ref() {
        match name.get_ref().as_ref() {
            "crawler" => settings(name, value, &CRAWLER, &mut crawler, &mut faults),
            "watch" => settings(name, value, &WATCH, &mut watch, &mut faults),
            "archive" => settings(name, value, &ARCHIVE, &mut archive, &mut faults),
            "topic" => topics = drafts(name, value, &TOPIC, topic_draft, &mut faults),
            "feed" => feeds = drafts(name, value, &FEED, feed_draft, &mut faults),
            other => faults.push(unknown_section(other, name.span())),
        }
    }

    if !root.get_ref().contains_key("topic") {
        let hint = r#"add a [[topic]] with id, title and any = ["…"]"#;
        faults.push(missing_section(TOPIC.header, "nothing to look for", hint));
    }
    if !root.get_ref().contains_key("feed") {
        let hint = "add a [[feed]] with id, outlet and url";
        faults.push(missing_section(FEED.header, "nothing to watch", hint));
    }
    check_contact(&crawler, root.get_ref(), &mut warnings);
    check_politeness(&crawler, root.get_ref(), &mut warnings);
    check_topics(&topics, source, &mut faults);
    check_feeds(&feeds, &topics, source, &mut faults);
    check_kinds(&feeds, &mut faults);
    check_intervals(&feeds, &crawler, &mut faults);
    check_searches(&feeds, &topics, &mut faults);
    if let Some(mistakes) = source.mistakes(faults) {
        return Err(mistakes);
    }
    check_unused(&topics, &feeds, &mut warnings);

    let topics: Vec<Topic> =
        topics.into_iter().filter_map(|topic| finished_topic(topic.draft)).collect();
    let feeds = feeds.into_iter().filter_map(|feed| finished_feed(feed.draft, &topics)).collect();
    Ok(Config { crawler, watch, archive, topics, feeds, warnings: source.located(warnings) })
}

fn topic_draft() -> TopicDraft {
    let topic = Topic {
        id: String::new(),
        title: String::new(),
        any: Vec::new(),
        all: Vec::new(),
        none: Vec::new(),
    };
    TopicDraft { id: None, topic }
}

fn feed_draft() -> FeedDraft {
    FeedDraft {
        id: None,
        outlet: String::new(),
        url: None,
        kind: FeedKind::Feed,
        links: None,
        languages: Vec::new(),
        max_age: None,
        schedule: None,
        topics: None,
    }
}

fn finished_topic(draft: TopicDraft) -> Option<Topic> {
    Some(Topic { id: draft.id?.into_inner(), ..draft.topic })
}

fn finished_feed(draft: FeedDraft, topics: &[Topic]) -> Option<Feed> {
    let every = || topics.iter().map(|topic| topic.id.clone()).collect();
    Some(Feed {
        id: draft.id?.into_inner(),
        outlet: draft.outlet,
        url: draft.url?.into_inner(),
        kind: draft.kind,
        links: draft.links.map(Spanned::into_inner),
        languages: draft.languages,
        max_age: draft.max_age,
        schedule: draft.schedule.map_or(DEFAULT_SCHEDULE, Spanned::into_inner),
        topics: draft
            .topics
            .map_or_else(every, |ids| ids.into_iter().map(Spanned::into_inner).collect()),
    })
}

/// The parser's own messages; the first of each line, since the others follow from it.
fn syntax_faults(source: &Source<'_>, errors: &[toml::de::Error]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = errors
        .iter()
        .map(|error| Fault {
            span: error.span(),
            what: format!("not valid TOML: {}", error.message()),
            hint: error.span().map(|span| syntax_hint(source.text, span)).unwrap_or_default(),
        })
        .collect();
    let line = |fault: &Fault| fault.span.as_ref().map(|span| source.line(span.start));
    faults.sort_by_key(|fault| fault.span.as_ref().map(|span| span.start));
    faults.dedup_by_key(|fault| line(fault));
    faults
}

/// The slip that newcomers make most: a text without its quotes.
fn syntax_hint(text: &str, span: Range<usize>) -> String {
    let (before, bare) = (text.get(..span.start), text.get(span).unwrap_or_default());
    let is_value = before.is_some_and(|before| before.trim_end().ends_with('='));
    if is_value && bare.starts_with(char::is_alphabetic) {
        format!("text stands in quotes: {}", quoted(&format!("\"{bare}\"")))
    } else {
        String::new()
    }
}

/// Reads the keys of one table into `to`, and notes what is unknown, wrong or missing.
fn section<T>(
    section: &Section<T>,
    table: &DeTable<'_>,
    header: &Range<usize>,
    to: &mut T,
    faults: &mut Vec<Fault>,
) {
    for (name, value) in table {
        let Some(key) = section.keys.iter().find(|key| key.name == name.get_ref().as_ref()) else {
            faults.push(unknown_key(section, name));
            continue;
        };
        if let Err(wrong) = (key.read)(to, value) {
            faults.extend(wrong.into_iter().map(|fault| Fault {
                what: format!("`{}` {}", key.name, fault.what),
                hint: if fault.hint.is_empty() { example(key) } else { fault.hint },
                ..fault
            }));
        }
    }
    for key in section.keys.iter().filter(|key| key.required && !table.contains_key(key.name)) {
        faults.push(Fault {
            span: Some(header.clone()),
            what: format!("missing key `{}` in {}", key.name, section.header),
            hint: format!("add `{}`", key.example),
        });
    }
}

fn example<T>(key: &Key<T>) -> String {
    format!("write it as `{}`", key.example)
}

fn unknown_key<T>(section: &Section<T>, name: &Spanned<toml::de::DeString<'_>>) -> Fault {
    let names = || section.keys.iter().map(|key| key.name);
    Fault {
        span: Some(name.span()),
        what: format!("unknown key {} in {}", quoted(name.get_ref()), section.header),
        hint: match nearest(name.get_ref(), names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known keys: {}", names().collect::<Vec<_>>().join(", ")),
        },
    }
}

fn unknown_section(name: &str, span: Range<usize>) -> Fault {
    let known = |name: &str| SECTIONS.iter().find(|(known, _)| *known == name);
    let near = nearest(name, SECTIONS.map(|(name, _)| name)).and_then(known);
    Fault {
        span: Some(span),
        what: format!("unknown section or key {}", quoted(name)),
        hint: match near {
            Some((_, header)) => format!("did you mean {header}?"),
            None => format!("known sections: {}", SECTIONS.map(|(_, header)| header).join(", ")),
        },
    }
}

fn wrong_section(
    name: &Spanned<toml::de::DeString<'_>>,
    value: &DeValue<'_>,
    header: &str,
) -> Fault {
    Fault {
        span: Some(name.span()),
        what: format!("`{}` is {}, not a {header} section", name.get_ref(), a_kind(value)),
        hint: format!("write {header} on a line of its own, the keys under it"),
    }
}

/// The one table of a section.
fn settings<T>(
    name: &Spanned<toml::de::DeString<'_>>,
    value: &Value<'_>,
    kind: &Section<T>,
    to: &mut T,
    faults: &mut Vec<Fault>,
) {
    match value.get_ref() {
        DeValue::Table(table) => section(kind, table, &value.span(), to, faults),
        other => faults.push(wrong_section(name, other, kind.header)),
    }
}

/// One table of a `[[…]]` section, as far as it could be read.
struct Drafted<T> {
    draft: T,
    /// Where its header stands.
    header: Range<usize>,
    /// Whether every key of it was right.
    clean: bool,
}

/// Every table of a `[[…]]` section.
fn drafts<T>(
    name: &Spanned<toml::de::DeString<'_>>,
    value: &Value<'_>,
    kind: &Section<T>,
    empty: fn() -> T,
    faults: &mut Vec<Fault>,
) -> Vec<Drafted<T>> {
    let DeValue::Array(items) = value.get_ref() else {
        faults.push(wrong_section(name, value.get_ref(), kind.header));
        return Vec::new();
    };
    if items.is_empty() {
        faults.push(wrong_section(name, value.get_ref(), kind.header));
    }
    let mut drafts = Vec::new();
    for item in items {
        match item.get_ref() {
            DeValue::Table(table) => {
                let (mut draft, before) = (empty(), faults.len());
                section(kind, table, &item.span(), &mut draft, faults);
                let clean = faults.len() == before;
                drafts.push(Drafted { draft, header: item.span(), clean });
            }
            other => faults.push(wrong_section(name, other, kind.header)),
        }
    }
    drafts
}

fn put<T>(to: &mut T, value: Read<T>) -> Read<()> {
    *to = value?;
    Ok(())
}

fn fault<T>(value: &Value<'_>, what: String, hint: String) -> Read<T> {
    Err(vec![Fault { span: Some(value.span()), what, hint }])
}

fn wrong_type<T>(value: &Value<'_>, expected: &str) -> Read<T> {
    fault(value, format!("must be {expected}, not {}", a_kind(value.get_ref())), String::new())
}

fn a_kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn text<T>(value: &Value<'_>, parse: fn(&str) -> Result<T, Wrong>) -> Read<T> {
    let Some(text) = value.get_ref().as_str() else { return wrong_type(value, "a string") };
    parse(text).or_else(|wrong| fault(value, wrong.what, wrong.hint))
}

fn located<T>(value: &Value<'_>, parse: fn(&str) -> Result<T, Wrong>) -> Read<Spanned<T>> {
    Ok(Spanned::new(value.span(), text(value, parse)?))
}

fn spanned<T>(value: &Value<'_>, parse: fn(&str) -> Result<T, Wrong>) -> Read<Option<Spanned<T>>> {
    located(value, parse).map(Some)
}

/// The items of a list; the faults of all of them.
fn list<T>(value: &Value<'_>, read: fn(&Value<'_>) -> Read<T>) -> Read<Vec<T>> {
    let Some(items) = value.get_ref().as_array() else {
        return wrong_type(value, "a list in [ ]");
    };
    if items.is_empty() {
        return fault(
            value,
            "is an empty list".to_owned(),
            "fill it or leave the key out".to_owned(),
        );
    }
    let (mut read_items, mut faults) = (Vec::new(), Vec::new());
    for (number, item) in (1..).zip(items) {
        match read(item) {
            Ok(item) => read_items.push(item),
            Err(wrong) => faults.extend(
                wrong
                    .into_iter()
                    .map(|fault| Fault { what: format!("item {number} {}", fault.what), ..fault }),
            ),
        }
    }
    if faults.is_empty() { Ok(read_items) } else { Err(faults) }
}

/// Rising lengths of time; none if the list is empty.
fn steps(value: &Value<'_>) -> Read<Vec<Duration>> {
    if value.get_ref().as_array().is_some_and(|items| items.is_empty()) {
        return Ok(Vec::new());
    }
    let steps = list(value, |item| duration(item, RECHECKS))?;
    if steps.len() > MAX_RECHECKS {
        return fault(
            value,
            format!("has more than {MAX_RECHECKS} items"),
            "an article is asked once for each".to_owned(),
        );
    }
    if !steps.is_sorted_by(|one, next| one < next) {
        return fault(
            value,
            "is not in rising order".to_owned(),
            "each counts from when the article was first kept".to_owned(),
        );
    }
    Ok(steps)
}

fn phrases(value: &Value<'_>) -> Read<Vec<String>> {
    list(value, |item| text(item, value::phrase))
}

fn boolean(value: &Value<'_>) -> Read<bool> {
    value.get_ref().as_bool().map_or_else(|| wrong_type(value, "true or false"), Ok)
}

fn count(value: &Value<'_>, bounds: RangeInclusive<usize>) -> Read<usize> {
    let Some(number) = value.get_ref().as_integer() else {
        return wrong_type(value, "a whole number");
    };
    match usize::from_str_radix(number.as_str(), number.radix()) {
        Ok(number) if bounds.contains(&number) => Ok(number),
        _ => out_of_bounds(value, &number.to_string(), bounds.start(), bounds.end()),
    }
}

fn duration(value: &Value<'_>, bounds: RangeInclusive<Duration>) -> Read<Duration> {
    let duration = text(value, value::duration)?;
    if bounds.contains(&duration) {
        return Ok(duration);
    }
    out_of_bounds(
        value,
        value.get_ref().as_str().unwrap_or_default(),
        &value::written_duration(*bounds.start()),
        &value::written_duration(*bounds.end()),
    )
}

fn size(value: &Value<'_>, bounds: RangeInclusive<u64>) -> Read<u64> {
    let size = text(value, value::size)?;
    if bounds.contains(&size) {
        return Ok(size);
    }
    out_of_bounds(
        value,
        value.get_ref().as_str().unwrap_or_default(),
        &value::written_size(*bounds.start()),
        &value::written_size(*bounds.end()),
    )
}

fn out_of_bounds<T>(
    value: &Value<'_>,
    given: &str,
    least: &dyn std::fmt::Display,
    most: &dyn std::fmt::Display,
) -> Read<T> {
    fault(value, format!("is out of bounds: {}", quoted(given)), format!("from {least} to {most}"))
}

/// The place of a key of `[crawler]`, of its value if it has one.
fn crawler_value(root: &DeTable<'_>, key: &str) -> Option<Range<usize>> {
    root.get("crawler")?.get_ref().as_table()?.get(key).map(Spanned::span)
}

fn check_contact(crawler: &CrawlerSettings, root: &DeTable<'_>, warnings: &mut Vec<Fault>) {
    let what = if crawler.contact.is_empty() {
        "no contact: operators of the servers you visit can't reach you"
    } else if value::is_example(&crawler.contact) {
        "the contact is an example: operators of the servers you visit can't reach you"
    } else {
        return;
    };
    warnings.push(Fault {
        span: crawler_value(root, "contact"),
        what: what.to_owned(),
        hint: "write an e-mail address or a URL in [crawler] contact".to_owned(),
    });
}

fn check_politeness(crawler: &CrawlerSettings, root: &DeTable<'_>, warnings: &mut Vec<Fault>) {
    if crawler.allow_private_addresses {
        warnings.push(Fault {
            span: crawler_value(root, "allow_private_addresses"),
            what: "private addresses are allowed: any feed can make the crawler ask servers of \
                   your own network"
                .to_owned(),
            hint: "for tests only".to_owned(),
        });
    } else if crawler.per_host_delay < POLITE_DELAY {
        warnings.push(Fault {
            span: crawler_value(root, "per_host_delay"),
            what: "the pause between two requests to one host is under a second".to_owned(),
            hint: "servers may block you".to_owned(),
        });
    }
}

fn check_topics(topics: &[Drafted<TopicDraft>], source: &Source<'_>, faults: &mut Vec<Fault>) {
    for Drafted { draft, header, clean } in topics {
        if *clean && draft.topic.any.is_empty() && draft.topic.all.is_empty() {
            faults.push(Fault {
                span: Some(header.clone()),
                what: "[[topic]] has no phrase to look for".to_owned(),
                hint: r#"add `any = ["…"]` or `all = ["…"]`"#.to_owned(),
            });
        }
    }
    let ids = topics.iter().filter_map(|topic| topic.draft.id.as_ref());
    check_unique("topic id", ids.map(|id| (id.get_ref().as_str(), id.span())), source, faults);
}

fn check_feeds(
    feeds: &[Drafted<FeedDraft>],
    topics: &[Drafted<TopicDraft>],
    source: &Source<'_>,
    faults: &mut Vec<Fault>,
) {
    let drafts = || feeds.iter().map(|feed| &feed.draft);
    let ids = drafts().filter_map(|draft| draft.id.as_ref());
    check_unique("feed id", ids.map(|id| (id.get_ref().as_str(), id.span())), source, faults);
    let urls = drafts().filter_map(|draft| draft.url.as_ref());
    check_unique("feed URL", urls.map(|url| (url.get_ref().as_str(), url.span())), source, faults);

    let topic_ids: Option<HashSet<&str>> = topics
        .iter()
        .map(|topic| topic.draft.id.as_ref().map(|id| id.get_ref().as_str()))
        .collect();
    let Some(topic_ids) = topic_ids else { return };
    for id in drafts().filter_map(|draft| draft.topics.as_ref()).flatten() {
        if !topic_ids.contains(id.get_ref().as_str()) {
            faults.push(unknown_topic(id, &topic_ids));
        }
    }
}

/// Keys that only some kinds of feeds know.
fn check_kinds(feeds: &[Drafted<FeedDraft>], faults: &mut Vec<Fault>) {
    for Drafted { draft, .. } in feeds {
        if let Some(links) = &draft.links
            && draft.kind != FeedKind::Listing
        {
            faults.push(Fault {
                span: Some(links.span()),
                what: format!("`links` is for listings; this is a {}", draft.kind.as_str()),
                hint: "add kind = \"listing\" or take the line out".to_owned(),
            });
        }
        if let Some(url) = &draft.url
            && engine::is_search(url.get_ref())
            && draft.kind == FeedKind::Sitemap
        {
            faults.push(Fault {
                span: Some(url.span()),
                what: format!("a sitemap can't be searched with {}", engine::PLACE),
                hint: "a search gives a feed or a listing".to_owned(),
            });
        }
    }
}

/// What the topics of a search look for must fit into the queries that its engine takes. Topics with
/// mistakes of their own are not looked at.
fn check_searches(
    feeds: &[Drafted<FeedDraft>],
    topics: &[Drafted<TopicDraft>],
    faults: &mut Vec<Fault>,
) {
    for Drafted { draft, .. } in feeds {
        let Some(url) = &draft.url else { continue };
        let named = |topic: &&Drafted<TopicDraft>| {
            let id = topic.draft.id.as_ref().map(Spanned::get_ref);
            let asked = draft.topics.as_ref();
            topic.clean && asked.is_none_or(|ids| ids.iter().any(|it| Some(it.get_ref()) == id))
        };
        let asked = topics.iter().filter(named).map(|topic| &topic.draft.topic);
        if let Err(error) = engine::requests(url.get_ref(), asked) {
            faults.push(Fault {
                span: Some(url.span()),
                what: format!("`url` can't be searched: {error}"),
                hint: "name the feed's topics with `topics = […]`".to_owned(),
            });
        }
    }
}

/// Feeds of others are not asked every second; those of one's own machine may be, for tests.
fn check_intervals(
    feeds: &[Drafted<FeedDraft>],
    crawler: &CrawlerSettings,
    faults: &mut Vec<Fault>,
) {
    let schedules = feeds.iter().filter_map(|feed| feed.draft.schedule.as_ref());
    for schedule in schedules.filter(|_| !crawler.allow_private_addresses) {
        if let Schedule::Every(..value::POLITE_INTERVAL) = schedule.get_ref() {
            faults.push(Fault {
                span: Some(schedule.span()),
                what: format!(
                    "`schedule` is out of bounds: {}",
                    quoted(&schedule.get_ref().to_string())
                ),
                hint: "write a whole number of seconds from \"1m\" to \"366d\"".to_owned(),
            });
        }
    }
}

fn unknown_topic(id: &Spanned<String>, known: &HashSet<&str>) -> Fault {
    let mut sorted: Vec<&str> = known.iter().copied().collect();
    sorted.sort_unstable();
    Fault {
        span: Some(id.span()),
        what: format!("unknown topic {}", quoted(id.get_ref())),
        hint: match (nearest(id.get_ref(), sorted.iter().copied()), sorted.as_slice()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, [only]) => format!("the only topic is `{only}`"),
            (None, _) => "no [[topic]] has this id".to_owned(),
        },
    }
}

/// Notes every value that stands a second time, with the line of the first.
fn check_unique<'a>(
    noun: &str,
    values: impl Iterator<Item = (&'a str, Range<usize>)>,
    source: &Source<'_>,
    faults: &mut Vec<Fault>,
) {
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (value, span) in values {
        let line = source.line(span.start);
        if let Some(taken) = first.get(value) {
            faults.push(Fault {
                span: Some(span),
                what: format!("duplicate {noun} {}", quoted(value)),
                hint: format!("line {taken} has it already"),
            });
        } else {
            first.insert(value, line);
        }
    }
}

fn check_unused(
    topics: &[Drafted<TopicDraft>],
    feeds: &[Drafted<FeedDraft>],
    warnings: &mut Vec<Fault>,
) {
    let Some(used): Option<Vec<&Vec<Spanned<String>>>> =
        feeds.iter().map(|feed| feed.draft.topics.as_ref()).collect()
    else {
        return;
    };
    let used: HashSet<&str> = used.into_iter().flatten().map(|id| id.get_ref().as_str()).collect();
    for id in topics.iter().filter_map(|topic| topic.draft.id.as_ref()) {
        if !used.contains(id.get_ref().as_str()) {
            warnings.push(Fault {
                span: Some(id.span()),
                what: format!("no feed is held against topic {}", quoted(id.get_ref())),
                hint: "name it in the topics of a [[feed]]".to_owned(),
            });
        }
    }
}

fn missing_section(header: &str, why: &str, hint: &str) -> Fault {
    Fault { span: None, what: format!("no {header}: {why}"), hint: hint.to_owned() }
}
