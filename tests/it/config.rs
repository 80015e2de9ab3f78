//! `feeds.toml` as users write it: right, wrong, and the starter.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use onrecord::config::{Config, ConfigError};
use onrecord::domain::feed::{FeedKind, Schedule};
use onrecord::domain::upkeep::Keep;
use proptest::prelude::*;

use crate::programs::onrecord;

/// A watch list without a mistake or warning.
const GOOD: &str = r#"[crawler]
contact = "desk@ridge-courier.net"

[[topic]]
id = "tides"
title = "The tide accord"
any = ["tide accord"]

[[feed]]
id = "courier"
outlet = "Ridge Courier"
url = "https://ridge-courier.net/feed"
"#;

/// `GOOD` with the line that begins with `key` replaced by `line`.
fn with(key: &str, line: &str) -> String {
    let at = GOOD.lines().position(|other| other.starts_with(key)).unwrap();
    let lines = GOOD.lines().enumerate();
    lines.map(|(n, other)| format!("{}\n", if n == at { line } else { other })).collect()
}

/// What `text` is told: every mistake, or the warnings.
fn told(text: &str) -> String {
    match Config::parse(text, "feeds.toml") {
        Ok(config) => {
            config.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect()
        }
        Err(error) => format!("{error}\n"),
    }
}

#[test]
fn a_good_watch_list_gives_what_it_says_and_defaults_for_the_rest() {
    let config = Config::parse(GOOD, "feeds.toml").unwrap();
    assert_eq!(config.crawler.contact, "desk@ridge-courier.net");
    assert_eq!(config.crawler.per_host_delay, Duration::from_secs(2));
    assert!(!config.crawler.allow_private_addresses);
    assert_eq!(config.topics[0].any, ["tide accord"]);
    let feed = &config.feeds[0];
    assert_eq!((feed.id.as_str(), feed.kind), ("courier", FeedKind::Feed));
    assert_eq!(feed.schedule, Schedule::Every(3600));
    assert_eq!(feed.topics, ["tides"], "a feed without topics is held against all of them");
    assert_eq!(told(GOOD), "");
}

#[test]
fn every_setting_of_the_crawler_is_read() {
    let settings = r#"contact = "https://ridge-courier.net/crawler"
user_agent = "ridge-reader"
concurrency = 4
per_host_delay = "1m 30s"
connect_timeout = "500ms"
read_timeout = "5s"
total_timeout = "1h"
max_page_size = "2MB"
max_feed_size = "512 KiB"
max_redirects = 0
allow_private_addresses = true"#;
    let crawler = Config::parse(&with("contact", settings), "feeds.toml").unwrap().crawler;
    assert_eq!(crawler.user_agent, "ridge-reader");
    assert_eq!(crawler.concurrency, 4);
    assert_eq!(crawler.per_host_delay, Duration::from_secs(90));
    assert_eq!(crawler.connect_timeout, Duration::from_millis(500));
    assert_eq!(crawler.read_timeout, Duration::from_secs(5));
    assert_eq!(crawler.total_timeout, Duration::from_secs(3600));
    assert_eq!((crawler.max_page_bytes, crawler.max_feed_bytes), (2_000_000, 512 * 1024));
    assert_eq!(crawler.max_redirects, 0);
    assert!(crawler.allow_private_addresses);
}

#[test]
fn schedules_are_intervals_or_five_field_cron_lines() {
    let cron = |line: &str| Schedule::Cron(line.to_owned());
    let cases = [
        ("90s", Schedule::Every(90), "90s"),
        ("30m", Schedule::Every(1800), "30m"),
        ("6h", Schedule::Every(6 * 3600), "6h"),
        ("1d", Schedule::Every(86_400), "1d"),
        ("1h 30m", Schedule::Every(5400), "90m"),
        ("0 6 * * 1-5", cron("0 6 * * 1-5"), "0 6 * * 1-5"),
        (" */15  *  * * MON ", cron("*/15 * * * MON"), "*/15 * * * MON"),
        ("0 6 * * * Asia/Taipei", cron("0 6 * * * Asia/Taipei"), "0 6 * * * Asia/Taipei"),
    ];
    for (written, schedule, shown) in cases {
        let line = format!("url = \"https://ridge-courier.net/feed\"\nschedule = \"{written}\"");
        let config = Config::parse(&with("url", &line), "feeds.toml").unwrap();
        assert_eq!(config.feeds[0].schedule, schedule, "{written}");
        assert_eq!(config.feeds[0].schedule.to_string(), shown, "{written}");
    }
}

#[test]
fn searches_selectors_and_filters_of_a_feed_are_read() {
    let search = "url = \"https://search.ridge-courier.net/news?q={query}&format=rss\"\n\
                  languages = [\"en\", \"fre\", \"German\"]\nmax_age = \"30d\"";
    let config = Config::parse(&with("url", search), "feeds.toml").unwrap();
    let feed = &config.feeds[0];
    assert!(feed.is_search());
    assert_eq!(feed.languages, ["en", "fr", "de"]);
    assert_eq!(feed.max_age, Some(Duration::from_secs(30 * 24 * 3600)));
    let listing = "url = \"https://ridge-courier.net/\"\nkind = \"listing\"\n\
                   links = \" article > h3 a:not(.video) \"";
    let config = Config::parse(&with("url", listing), "feeds.toml").unwrap();
    assert_eq!(config.feeds[0].links.as_deref(), Some("article > h3 a:not(.video)"));
    assert!(!config.feeds[0].is_search());
}

#[test]
fn a_search_selector_or_filter_that_cannot_work_is_a_mistake_with_its_place() {
    let url = |path: &str| format!("url = \"https://ridge-courier.net/{path}\"");
    let cases = [
        (url("{query}/feed"), "`url` has {query} outside its query"),
        (url("feed?q={topic}"), "has a place that nothing is known for: `{topic}`"),
        (url("feed?q={query}&r={query}"), "has more than one place to fill in"),
        (url("map?q={query}\"\nkind = \"sitemap"), "a sitemap can't be searched with {query}"),
        (url("\"\nlinks = \"h3 a"), "`links` is for listings; this is a feed"),
        (url("\"\nkind = \"listing\"\nlinks = \"h3 >> a"), "`links` is no CSS selector: `h3 >> a`"),
        (url("\"\nlanguages = [\"en\", \"xx\"]\n#"), "`languages` item 2 is no language"),
        (url("\"\nmax_age = \"10m"), "`max_age` is out of bounds: `10m`"),
    ];
    for (lines, mistake) in cases {
        let said = told(&with("url", &lines));
        assert!(said.contains(mistake), "{lines}\n{said}");
        assert!(said.starts_with("1 mistake"), "{said}");
    }
    let long = format!("any = [\"{}\"]", "tide ".repeat(38));
    let both = with(
        "any",
        &format!("{long}\nall = [\"the harbour accord of the northern isles\", \"reef rules\"]"),
    );
    let search = url("feed?q={query}");
    let said = told(&both.replace("url = \"https://ridge-courier.net/feed\"", &search));
    assert!(said.contains("`url` can't be searched: the query"), "{said}");
    assert!(said.contains("feeds.toml:13:7"), "{said}");
}

#[test]
fn what_is_asked_again_and_what_is_kept_is_read() {
    let set = "[watch]\nrecheck = [\"90s\", \"2h\"]\njitter = \"0s\"\nadaptive = true\n\
               heartbeat = \"1h\"\n[archive]\nkeep = \"all\"\nmax_file_size = \"1GiB\"\n";
    let config = Config::parse(&format!("{GOOD}{set}"), "feeds.toml").unwrap();
    let seconds: Vec<u64> = config.watch.recheck.iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [90, 7200]);
    assert_eq!((config.watch.jitter, config.watch.adaptive), (Duration::ZERO, true));
    assert_eq!(config.watch.heartbeat, Duration::from_secs(3600));
    assert_eq!((config.archive.keep, config.archive.max_file_bytes), (Keep::All, 1 << 30));
    let never = Config::parse(&format!("{GOOD}[watch]\nrecheck = []\n"), "feeds.toml").unwrap();
    assert_eq!(never.watch.recheck, [] as [Duration; 0]);
}

#[test]
fn wrong_settings_of_watch_and_archive_are_told_with_what_to_write() {
    let cases = [
        ("[watch]\nrecheck = [\"1d\", \"1h\"]", "`recheck` is not in rising order"),
        ("[watch]\nrecheck = [\"0s\"]", "`recheck` item 1 is out of bounds: `0s`"),
        ("[watch]\nadaptiv = true", "did you mean `adaptive`?"),
        ("[archive]\nkeep = \"some\"", "`keep` is no choice: `some`"),
        ("[archive]\nmax_file_size = \"1B\"", "`max_file_size` is out of bounds: `1B`"),
        ("[archiv]\nkeep = \"all\"", "did you mean [archive]?"),
    ];
    for (lines, wanted) in cases {
        let told = told(&format!("{GOOD}{lines}\n"));
        assert!(told.contains(wanted), "{lines}: {told}");
    }
    let zone = "url = \"https://a.net\"\nschedule = \"0 6 * * * Mars/Utopia\"";
    assert!(told(&with("url", zone)).contains("time zone that this system doesn't know"));
}

#[test]
fn intervals_under_a_minute_are_for_servers_of_ones_own_only() {
    let often = with("url", "url = \"http://127.0.0.1/feed\"\nschedule = \"10s\"");
    assert!(told(&often).contains("`schedule` is out of bounds: `10s`"));
    let own = often.replacen("[[topic]]", "allow_private_addresses = true\n\n[[topic]]", 1);
    let config = Config::parse(&own, "feeds.toml").unwrap();
    assert_eq!(config.feeds[0].schedule, Schedule::Every(10));
}

/// A line's key, what stands there instead, and the whole message.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "contact",
        "contcat = \"a@b.net\"",
        "\
feeds.toml:2:1: unknown key `contcat` in [crawler]
    2 | contcat = \"a@b.net\"
      | ^^^^^^^ did you mean `contact`?",
    ),
    (
        "contact",
        "contact = \"the news desk\"",
        "\
feeds.toml:2:11: `contact` is neither an e-mail address nor a URL: `the news desk`
    2 | contact = \"the news desk\"
      |           ^^^^^^^^^^^^^^^ write an e-mail address or a URL",
    ),
    (
        "contact",
        "user_agent = \"my bot/1.0\"",
        "\
feeds.toml:2:14: `user_agent` is no product name: `my bot/1.0`
    2 | user_agent = \"my bot/1.0\"
      |              ^^^^^^^^^^^^
      = use letters, - and _ only, as robots.txt does; version and contact are added",
    ),
    (
        "contact",
        "per_host_delay = 2",
        "\
feeds.toml:2:18: `per_host_delay` must be a string, not a whole number
    2 | per_host_delay = 2
      |                  ^ write it as `per_host_delay = \"2s\"`",
    ),
    (
        "contact",
        "read_timeout = \"soon\"",
        "\
feeds.toml:2:16: `read_timeout` is no length of time: `soon`
    2 | read_timeout = \"soon\"
      |                ^^^^^^ write it as \"500ms\", \"2s\" or \"1m\"",
    ),
    (
        "contact",
        "total_timeout = \"2d\"",
        "\
feeds.toml:2:17: `total_timeout` is out of bounds: `2d`
    2 | total_timeout = \"2d\"
      |                 ^^^^ from 100ms to 1h",
    ),
    (
        "contact",
        "max_page_size = \"16 megs\"",
        "\
feeds.toml:2:17: `max_page_size` is no size: `16 megs`
    2 | max_page_size = \"16 megs\"
      |                 ^^^^^^^^^ write it as \"512KiB\" or \"16MB\"",
    ),
    (
        "contact",
        "max_feed_size = \"2GB\"",
        "\
feeds.toml:2:17: `max_feed_size` is out of bounds: `2GB`
    2 | max_feed_size = \"2GB\"
      |                 ^^^^^ from 1KiB to 1GiB",
    ),
    (
        "contact",
        "concurrency = 0",
        "\
feeds.toml:2:15: `concurrency` is out of bounds: `0`
    2 | concurrency = 0
      |               ^ from 1 to 256",
    ),
    (
        "contact",
        "max_redirects = -99999999999999999999",
        "\
feeds.toml:2:17: `max_redirects` is out of bounds: `-99999999999999999999`
    2 | max_redirects = -99999999999999999999
      |                 ^^^^^^^^^^^^^^^^^^^^^ from 0 to 20",
    ),
    (
        "contact",
        "allow_private_addresses = \"no\"",
        "\
feeds.toml:2:27: `allow_private_addresses` must be true or false, not a string
    2 | allow_private_addresses = \"no\"
      |                           ^^^^
      = write it as `allow_private_addresses = false`",
    ),
    (
        "id",
        "id = \"Tide Accord\"\n",
        "\
feeds.toml:5:6: `id` is no short name: `Tide Accord`
    5 | id = \"Tide Accord\"
      |      ^^^^^^^^^^^^^
      = use lower-case letters, digits and -, as in `tide-accord`",
    ),
    (
        "any",
        "any = [\"tides\", \"\", \"tide NEAR\", 3]",
        "\
feeds.toml:7:17: `any` item 2 is empty
    7 | any = [\"tides\", \"\", \"tide NEAR\", 3]
      |                 ^^
      = write it as `any = [\"ocean treaty\", \"treaty NEAR ocean\"]`

feeds.toml:7:21: `any` item 3 has a NEAR that isn't between two phrases: `tide NEAR`
    7 | any = [\"tides\", \"\", \"tide NEAR\", 3]
      |                     ^^^^^^^^^^^ write \"one phrase NEAR another\"

feeds.toml:7:34: `any` item 4 must be a string, not a whole number
    7 | any = [\"tides\", \"\", \"tide NEAR\", 3]
      |                                  ^
      = write it as `any = [\"ocean treaty\", \"treaty NEAR ocean\"]`",
    ),
    (
        "any",
        "any = []",
        "\
feeds.toml:7:7: `any` is an empty list
    7 | any = []
      |       ^^ fill it or leave the key out",
    ),
    (
        "any",
        "",
        "\
feeds.toml:4:1: [[topic]] has no phrase to look for
    4 | [[topic]]
      | ^^^^^^^^^ add `any = [\"…\"]` or `all = [\"…\"]`",
    ),
    (
        "title",
        "",
        "\
feeds.toml:4:1: missing key `title` in [[topic]]
    4 | [[topic]]
      | ^^^^^^^^^ add `title = \"The ocean treaty\"`",
    ),
    (
        "outlet",
        "\toutlet = \"語語\"\nshedule = \"30m\"",
        "\
feeds.toml:12:1: unknown key `shedule` in [[feed]]
   12 | shedule = \"30m\"
      | ^^^^^^^ did you mean `schedule`?",
    ),
    (
        "outlet",
        "\toutlet = { \"語語\" = [\"x\"] }",
        "\
feeds.toml:11:11: `outlet` must be a string, not a table
   11 |  outlet = { \"語語\" = [\"x\"] }
      |           ^^^^^^^^^^^^^^^^^^ write it as `outlet = \"Daily News\"`",
    ),
    (
        "url",
        "url = \"ridge-courier.net/feed\"",
        "\
feeds.toml:12:7: `url` has no scheme: `ridge-courier.net/feed`
   12 | url = \"ridge-courier.net/feed\"
      |       ^^^^^^^^^^^^^^^^^^^^^^^^
      = did you mean `https://ridge-courier.net/feed`?",
    ),
    (
        "url",
        "url = \"ftp://ridge-courier.net/feed\"",
        "\
feeds.toml:12:7: `url` has the scheme `ftp`
   12 | url = \"ftp://ridge-courier.net/feed\"
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = only http and https addresses can be watched",
    ),
    (
        "url",
        "url = \"https://\"",
        "\
feeds.toml:12:7: `url` is no URL: `https://`: empty host
   12 | url = \"https://\"
      |       ^^^^^^^^^^ write the whole address, from https:// on",
    ),
    (
        "url",
        "url = \"https://u:p@a.net\"",
        "\
feeds.toml:12:7: `url` has a user name or password in it
   12 | url = \"https://u:p@a.net\"
      |       ^^^^^^^^^^^^^^^^^^^
      = take it out: addresses are stored, exported and printed",
    ),
    (
        "outlet",
        "outlet = \"C\"\nkind = \"rss\"",
        "\
feeds.toml:12:8: `kind` is no kind of feed: `rss`
   12 | kind = \"rss\"
      |        ^^^^^
      = \"feed\" (RSS, Atom, JSON Feed), \"sitemap\", or \"listing\" (a page of links)",
    ),
    (
        "outlet",
        "outlet = \"C\"\nschedule = \"hourly\"",
        "\
feeds.toml:12:12: `schedule` is no schedule: `hourly`
   12 | schedule = \"hourly\"
      |            ^^^^^^^^
      = write \"30m\", \"6h\", \"1d\" or a cron line in UTC such as \"0 6 * * 1-5\"",
    ),
    (
        "outlet",
        "outlet = \"C\"\nschedule = \"10s\"",
        "\
feeds.toml:12:12: `schedule` is out of bounds: `10s`
   12 | schedule = \"10s\"
      |            ^^^^^ write a whole number of seconds from \"1m\" to \"366d\"",
    ),
    (
        "outlet",
        "outlet = \"C\"\nschedule = \"0 0 0 1 1 *\"",
        "\
feeds.toml:12:12: `schedule` has 6 fields, a cron line has five: `0 0 0 1 1 *`
   12 | schedule = \"0 0 0 1 1 *\"
      |            ^^^^^^^^^^^^^
      = write \"30m\", \"6h\", \"1d\" or a cron line in UTC such as \"0 6 * * 1-5\"",
    ),
    (
        "outlet",
        "outlet = \"C\"\nschedule = \"61 0 * * *\"",
        "\
feeds.toml:12:12: `schedule` is no cron line: `61 0 * * *`: number out of bounds
   12 | schedule = \"61 0 * * *\"
      |            ^^^^^^^^^^^^
      = write \"30m\", \"6h\", \"1d\" or a cron line in UTC such as \"0 6 * * 1-5\"",
    ),
    (
        "outlet",
        "outlet = \"C\"\nschedule = \"0 0 31 2 *\"",
        "\
feeds.toml:12:12: `schedule` names a day that never comes: `0 0 31 2 *`
   12 | schedule = \"0 0 31 2 *\"
      |            ^^^^^^^^^^^^ look at the day and the month",
    ),
    (
        "outlet",
        "outlet = \"C\"\ntopics = [\"tide\", \"tides\", \"harbours\"]",
        "\
feeds.toml:12:11: unknown topic `tide`
   12 | topics = [\"tide\", \"tides\", \"harbours\"]
      |           ^^^^^^ did you mean `tides`?

feeds.toml:12:28: unknown topic `harbours`
   12 | topics = [\"tide\", \"tides\", \"harbours\"]
      |                            ^^^^^^^^^^ the only topic is `tides`",
    ),
    (
        "outlet",
        "outlet = \"C\"\ntopics = \"tides\"",
        "\
feeds.toml:12:10: `topics` must be a list in [ ], not a string
   12 | topics = \"tides\"
      |          ^^^^^^^ write it as `topics = [\"ocean-treaty\"]`",
    ),
    (
        "url",
        "url = \"https://a.net\"\n[[feed]]\nid = \"courier\"\noutlet = \"B\"\nurl = \"https://a.net/\"",
        "\
feeds.toml:14:6: duplicate feed id `courier`
   14 | id = \"courier\"
      |      ^^^^^^^^^ line 10 has it already

feeds.toml:16:7: duplicate feed URL `https://a.net/`
   16 | url = \"https://a.net/\"
      |       ^^^^^^^^^^^^^^^^ line 12 has it already",
    ),
    (
        "[[topic]]",
        "[[topics]]",
        "\
feeds.toml: no [[topic]]: nothing to look for
      = add a [[topic]] with id, title and any = [\"…\"]

feeds.toml:4:3: unknown section or key `topics`
    4 | [[topics]]
      |   ^^^^^^ did you mean [[topic]]?",
    ),
    (
        "[[feed]]",
        "[feed]",
        "\
feeds.toml:9:2: `feed` is a table, not a [[feed]] section
    9 | [feed]
      |  ^^^^ write [[feed]] on a line of its own, the keys under it",
    ),
    (
        "contact",
        "contact = editor\n[crawler",
        "\
feeds.toml:2:11: not valid TOML: string values must be quoted, expected literal string
    2 | contact = editor
      |           ^^^^^^ text stands in quotes: `\"editor\"`

feeds.toml:3:9: not valid TOML: unclosed table, expected `]`
    3 | [crawler
      |         ^",
    ),
];

#[test]
fn each_mistake_is_told_with_its_line_a_caret_the_reason_and_a_hint() {
    for (key, line, expected) in MISTAKES {
        let message = told(&with(key, line));
        let (counted, mistakes) = message.split_once("\n\n").unwrap_or(("", &message));
        assert_eq!(mistakes.trim_end(), *expected, "{line}");
        let number = expected.split("\n\n").count();
        let noun = if number == 1 { "mistake" } else { "mistakes" };
        assert_eq!(counted, format!("{number} {noun} in feeds.toml"), "{line}");
    }
}

#[test]
fn mistakes_of_all_sections_are_told_together_in_the_files_order() {
    let text = GOOD
        .replace("contact =", "contcat =")
        .replace("any = [\"tide accord\"]", "any = 1")
        .replace("https://ridge-courier.net", "ridge-courier.net");
    let message = told(&text);
    let places: Vec<&str> = message
        .lines()
        .filter_map(|line| line.strip_prefix("feeds.toml:"))
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(places, ["2", "7", "12"], "{message}");
}

#[test]
fn an_empty_file_is_told_what_it_needs() {
    assert_eq!(
        told(""),
        "\
2 mistakes in feeds.toml

feeds.toml: no [[topic]]: nothing to look for
      = add a [[topic]] with id, title and any = [\"…\"]

feeds.toml: no [[feed]]: nothing to watch
      = add a [[feed]] with id, outlet and url
"
    );
}

#[test]
fn what_is_allowed_but_hardly_meant_is_a_warning() {
    let cases = [
        (
            with("contact", "contact = \"\""),
            "\
warning: feeds.toml:2:11: no contact: operators of the servers you visit can't reach you
    2 | contact = \"\"
      |           ^^ write an e-mail address or a URL in [crawler] contact
",
        ),
        (
            with("contact", "contact = \"me@example.org\"\nper_host_delay = \"10ms\""),
            "\
warning: feeds.toml:2:11: the contact is an example: operators of the servers you visit can't reach you
    2 | contact = \"me@example.org\"
      |           ^^^^^^^^^^^^^^^^
      = write an e-mail address or a URL in [crawler] contact
warning: feeds.toml:3:18: the pause between two requests to one host is under a second
    3 | per_host_delay = \"10ms\"
      |                  ^^^^^^ servers may block you
",
        ),
        (
            with("id", "id = \"unused\"\ntitle = \"U\"\nany = [\"u\"]\n[[topic]]\nid = \"tides\"")
                + "topics = [\"tides\"]\n",
            "\
warning: feeds.toml:5:6: no feed is held against topic `unused`
    5 | id = \"unused\"
      |      ^^^^^^^^ name it in the topics of a [[feed]]
",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(told(&text), expected);
    }
}

#[test]
fn line_endings_and_a_byte_order_mark_make_no_difference() {
    let good = Config::parse(GOOD, "feeds.toml").unwrap();
    let windows = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
    assert_eq!(Config::parse(&windows, "feeds.toml").unwrap(), good);
    let message = told(&with("outlet", "").replace('\n', "\r\n"));
    assert!(!message.contains('\r'), "{message:?}");
}

#[test]
fn nothing_in_the_file_steers_the_terminal_and_long_lines_are_cut() {
    let url = format!("url = \"https://a.net/{}\" # \u{85}\u{7f}", "x".repeat(5000));
    let message = told(&with("url", &url.replace("https", "gopher")));
    assert!(message.lines().all(|line| line.chars().count() <= 100), "{message}");
    assert!(!message.contains(|c: char| c.is_control() && c != '\n'), "{message:?}");
}

#[test]
fn very_many_mistakes_are_counted_and_the_first_shown() {
    let many: String = (0..5000).map(|n| format!("unknown{n} = 1\n")).collect();
    let message = told(&format!("{many}{GOOD}"));
    assert!(message.starts_with("5000 mistakes in feeds.toml\n"), "{}", &message[..200]);
    assert!(message.ends_with("and 4950 more\n"), "{}", &message[message.len() - 200..]);
}

#[test]
fn tables_in_tables_do_not_overflow_the_stack() {
    let deep = format!("contact = {}1{}", "[".repeat(20_000), "]".repeat(20_000));
    assert!(told(&with("contact", &deep)).contains("feeds.toml:2:"));
}

#[test]
fn feeds_are_selected_by_id_in_the_files_order() {
    let two = format!(
        "{GOOD}[[feed]]\nid = \"herald\"\noutlet = \"Herald\"\nurl = \"https://herald.net\"\n"
    );
    let config = Config::parse(&two, "feeds.toml").unwrap();
    let ids = |wanted: &[&str]| -> Result<Vec<String>, ConfigError> {
        let wanted: Vec<String> = wanted.iter().map(|id| (*id).to_owned()).collect();
        Ok(config.select(&wanted)?.into_iter().map(|feed| feed.id.clone()).collect())
    };
    assert_eq!(ids(&[]).unwrap(), ["courier", "herald"]);
    assert_eq!(ids(&["herald", "courier"]).unwrap(), ["courier", "herald"]);
    assert_eq!(
        ids(&["curier"]).unwrap_err().to_string(),
        "no feed `curier` in the watch list; did you mean `courier`?"
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,40}", key in 0..12usize) {
        let line = GOOD.lines().filter(|line| line.contains('=')).nth(key % 6).unwrap();
        let name = line.split(' ').next().unwrap();
        told(&text);
        told(&with(name, &format!("{name} = {text}")));
        told(&with(name, &format!("{text} = 1")));
        let string = toml::Value::String(text);
        told(&with(name, &format!("{name} = {string}")));
        told(&with("url", &format!("url = \"https://a.net\"\nschedule = {string}")));
    }

    #[test]
    fn every_interval_in_bounds_is_read_as_written(seconds in 60..=366 * 86_400u64) {
        let schedule = Schedule::Every(seconds);
        let line = format!("url = \"https://a.net\"\nschedule = \"{schedule}\"");
        let config = Config::parse(&with("url", &line), "feeds.toml").unwrap();
        prop_assert_eq!(&config.feeds[0].schedule, &schedule);
    }
}

#[test]
fn init_writes_a_watch_list_that_check_accepts() {
    let folder = tempfile::tempdir().unwrap();
    let written = onrecord(folder.path(), &["init"]).exits(0);
    assert_eq!(
        written.out,
        "wrote feeds.toml\n\nnext:\n  1. open it: fill in contact, choose topics and feeds\n  \
         2. onrecord check\n  3. onrecord crawl\n"
    );
    let checked = onrecord(folder.path(), &["check"]).exits(0);
    let (out, err) = (checked.out, checked.err);
    assert!(out.ends_with(" feeds, 1 topic, no mistakes, 1 warning\n"), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    assert!(err.starts_with("warning: feeds.toml:"), "{err}");
    assert!(
        err.contains("no contact: operators of the servers you visit can't reach you"),
        "{err}"
    );
    let left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["feeds.toml"]);
}

#[test]
fn init_makes_the_folder_and_says_where_to_go() {
    let folder = tempfile::tempdir().unwrap();
    let written = onrecord(folder.path(), &["init", "watch/treaty"]).exits(0);
    assert!(folder.path().join("watch/treaty/feeds.toml").is_file());
    let out = written.out;
    assert!(out.contains("  2. cd watch/treaty && onrecord check\n"), "{out}");
    let here = onrecord(folder.path(), &["init", "."]).exits(0);
    assert!(here.out.contains("  2. onrecord check\n"), "{}", here.out);
}

#[test]
fn init_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feeds.toml");
    fs::write(&path, "mine").unwrap();
    let refused = onrecord(folder.path(), &["init"]).exits(2);
    assert_eq!(
        refused.err,
        "onrecord: feeds.toml is there already and stays as it is; to start anew, move it away or \
         name another folder\n"
    );
    assert_eq!(fs::read_to_string(path).unwrap(), "mine");
}

#[test]
fn check_without_a_watch_list_offers_init() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[&str], &str); 2] = [
        (&["check"], "onrecord: no watch list at feeds.toml: `onrecord init` writes a starter\n"),
        (
            &["check", "--config", "my.toml"],
            "onrecord: no watch list at my.toml: `onrecord init --config my.toml` writes a starter\n",
        ),
    ];
    for (arguments, message) in cases {
        let checked = onrecord(folder.path(), arguments).exits(2);
        assert_eq!(checked.err, message);
    }
}

#[test]
fn check_prints_every_mistake_on_standard_error_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("feeds.toml"), GOOD.replace("outlet", "oulet")).unwrap();
    let checked = onrecord(folder.path(), &["check"]).exits(2);
    assert_eq!(checked.out, "");
    assert_eq!(
        checked.err,
        "\
onrecord: 2 mistakes in feeds.toml

feeds.toml:9:1: missing key `outlet` in [[feed]]
    9 | [[feed]]
      | ^^^^^^^^ add `outlet = \"Daily News\"`

feeds.toml:11:1: unknown key `oulet` in [[feed]]
   11 | oulet = \"Ridge Courier\"
      | ^^^^^ did you mean `outlet`?
"
    );
}

#[test]
fn a_file_that_cannot_be_a_watch_list_is_told_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feeds.toml");
    let name = path.display();
    fs::write(&path, b"[crawler]\ncontact = \"\xe9ditor@b.net\"\n").unwrap();
    assert_eq!(
        Config::load(&path).unwrap_err().to_string(),
        format!("{name}:2: not UTF-8: save the file as UTF-8 text")
    );
    fs::write(&path, vec![b'#'; 4 * 1024 * 1024 + 1]).unwrap();
    assert_eq!(
        Config::load(&path).unwrap_err().to_string(),
        format!("{name} is larger than 4 MiB: is it a watch list?")
    );
    let message = Config::load(folder.path()).unwrap_err().to_string();
    assert!(
        message.starts_with(&format!("failed to read {}: ", folder.path().display())),
        "{message}"
    );
}

#[test]
fn the_projects_own_watch_list_is_right_and_lacks_only_a_contact() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("feeds.toml");
    let config = Config::load(&path).unwrap();
    assert!(config.feeds.len() >= 25, "{} feeds", config.feeds.len());
    assert_eq!(config.topics[0].id, "un-cybercrime-treaty");
    assert_eq!(config.warnings.len(), 1, "{:?}", config.warnings);
    assert!(config.warnings[0].what.starts_with("no contact"));
    let schedules: std::collections::HashSet<String> =
        config.feeds.iter().map(|feed| feed.schedule.to_string()).collect();
    assert!(schedules.len() >= 4, "{schedules:?}");
    assert!(config.feeds.iter().all(|feed| feed.url.host_str() != Some("news.google.com")));
}

#[test]
fn the_settings_commented_out_in_the_starter_are_the_defaults() {
    let starter =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("feeds.toml")).unwrap();
    let is_setting = |line: &&str| line.starts_with('[') || line.contains(" = ");
    let settings: String = starter
        .lines()
        .take_while(|line| *line != "[[topic]]")
        .filter(is_setting)
        .map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or(line)))
        .collect();
    assert!(settings.lines().count() >= 18, "{settings}");
    let watched = &GOOD[GOOD.find("[[topic]]").unwrap()..];
    let set = Config::parse(&format!("{settings}{watched}"), "feeds.toml").unwrap();
    let default = Config::parse(watched, "feeds.toml").unwrap();
    assert_eq!(set, Config { warnings: set.warnings.clone(), ..default });
}

#[test]
fn a_wrong_rust_log_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Command::new(env!("CARGO_BIN_EXE_onrecord"))
        .arg("init")
        .current_dir(folder.path())
        .env("RUST_LOG", "onrecord=loud")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let err = String::from_utf8(refused.stderr).unwrap();
    assert!(err.starts_with("onrecord: RUST_LOG is no filter: "), "{err}");
}
