//! `onrecord watch` and what is asked again, through the real program against a site that changes.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use onrecord::domain::run::Visit;
use onrecord::store::Store;
use serde_json::Value;
use tempfile::TempDir;

use crate::pressroom::{Pressroom, article, page};
use crate::programs::{onrecord, quotes};

/// Longer than anything here takes on a busy machine; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watch list with the feed of `site`, asked as `schedule` says; `more` are lines of [watch].
pub fn watch_list(site: &Pressroom, schedule: &str, more: &str) -> String {
    let origin = &site.origin;
    format!(
        "[crawler]\ncontact = \"desk@ridge-courier.net\"\nper_host_delay = \"0s\"\n\
         allow_private_addresses = true\n\n[watch]\nheartbeat = \"1s\"\n{more}\n\n[[topic]]\n\
         id = \"tides\"\ntitle = \"Tides\"\nany = [\"tide accord\"]\n\n[[feed]]\nid = \"ridge\"\n\
         outlet = \"Ridge Courier\"\nurl = \"{origin}/feed\"\nschedule = \"{schedule}\"\n"
    )
}

/// A folder with a watch list.
pub fn folder(list: &str) -> TempDir {
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("feeds.toml"), list).unwrap();
    here
}

/// A running `onrecord watch`; ended with the test.
struct Watch {
    child: Child,
    log: std::path::PathBuf,
}

impl Watch {
    fn start(here: &Path, arguments: &[&str]) -> Self {
        let log = here.join("watch.log");
        let file = fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_onrecord"))
            .arg("watch")
            .args(arguments)
            .current_dir(here)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .unwrap();
        Self { child, log }
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    fn signal(&self, name: &str) {
        let number = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &number]).status().unwrap().success());
    }

    /// Waits for the end; the exit status.
    #[track_caller]
    fn ended(&mut self) -> Option<i32> {
        let mut status = None;
        let log = self.log.clone();
        until(
            || fs::read_to_string(&log).unwrap(),
            || {
                status = self.child.try_wait().unwrap();
                status.is_some()
            },
        );
        status.unwrap().code()
    }

    /// Waits until `done`; a failure shows the log.
    #[track_caller]
    fn until(&self, done: impl FnMut() -> bool) {
        until(|| self.log(), done);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn until(story: impl Fn() -> String, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < PATIENCE, "nothing came of it:\n{}", story());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The words of every quote in the collection, also of those that newer versions no longer have.
fn words(here: &Path) -> Vec<String> {
    let ran = quotes(here, &["export", "--format", "json"]).exits(0);
    let all = ran.json();
    let mut words: Vec<String> =
        all.as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap().to_owned()).collect();
    words.sort();
    words
}

fn status(here: &Path) -> Value {
    onrecord(here, &["status", "--format", "json"]).exits(0).json()[0].clone()
}

/// Changes the store while no program writes to it, as time would.
pub fn in_store(here: &Path, statement: &str) {
    let store = rusqlite::Connection::open(here.join("index/onrecord.sqlite")).unwrap();
    store.execute_batch(statement).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_asks_each_feed_whenever_it_is_due_and_ends_with_0() {
    let site = Pressroom::open().await;
    site.list(&["/a"]);
    site.put("/a", &article("We shall see"));
    let here = folder(&watch_list(&site, "1s", ""));
    let mut watch = Watch::start(here.path(), &[]);
    watch.until(|| site.asked("/feed") >= 3);
    site.put("/b", &article("We have seen"));
    site.list(&["/a", "/b"]);
    watch.until(|| site.asked("/b") == 1);
    watch.signal("TERM");
    assert_eq!(watch.ended(), Some(0), "{}", watch.log());
    assert!(watch.log().contains("watching 1 feed,"), "{}", watch.log());
    assert_eq!(site.asked("/a"), 1);
    assert!(site.asked_with_validator("/feed") >= 1);
    assert_eq!(words(here.path()), ["We have seen,", "We shall see,"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_lets_the_page_in_hand_finish_and_the_rest_waits_for_the_next_run() {
    let site = Pressroom::open().await;
    site.list(&["/a", "/b", "/c"]);
    for (path, words) in [("/a", "One"), ("/b", "Two"), ("/c", "Three")] {
        site.put(path, &article(words));
    }
    site.hold("/b");
    let here = folder(&watch_list(&site, "1h", ""));
    for name in ["INT", "TERM"] {
        let mut watch = Watch::start(here.path(), &[]);
        let before = site.asked("/b");
        watch.until(|| site.asked("/b") > before || name == "TERM" && site.asked("/c") > 0);
        watch.signal(name);
        watch.until(|| watch.log().contains("finishing"));
        site.let_go("/b");
        assert_eq!(watch.ended(), Some(0), "{}", watch.log());
        if name == "INT" {
            assert_eq!(words(here.path()), ["One,", "Two,"]);
            assert_eq!(site.asked("/c"), 0);
            site.hold("/c");
            site.let_go("/c");
        }
    }
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(words(here.path()), ["One,", "Three,", "Two,"]);
    assert_eq!((site.asked("/a"), site.asked("/b"), site.asked("/c")), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once_and_nothing_kept_is_lost() {
    let site = Pressroom::open().await;
    site.list(&["/a", "/b"]);
    site.put("/a", &article("One"));
    site.put("/b", &article("Two"));
    site.hold("/b");
    let here = folder(&watch_list(&site, "1h", ""));
    let mut watch = Watch::start(here.path(), &[]);
    watch.until(|| site.asked("/b") == 1);
    watch.signal("INT");
    watch.until(|| watch.log().contains("finishing"));
    watch.signal("INT");
    assert_eq!(watch.ended(), Some(130));
    site.let_go("/b");
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(words(here.path()), ["One,", "Two,"]);
    assert_eq!(site.asked("/a"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_that_is_stopped_says_so_and_goes_on_later() {
    let site = Pressroom::open().await;
    site.list(&["/a", "/b"]);
    site.put("/a", &article("One"));
    site.put("/b", &article("Two"));
    site.hold("/a");
    let here = folder(&watch_list(&site, "1h", ""));
    let mut crawl = Command::new(env!("CARGO_BIN_EXE_onrecord"))
        .arg("crawl")
        .current_dir(here.path())
        .stdout(Stdio::piped())
        .stderr(fs::File::create(here.path().join("log")).unwrap())
        .spawn()
        .unwrap();
    let log = || fs::read_to_string(here.path().join("log")).unwrap();
    until(log, || site.asked("/a") == 1);
    let number = crawl.id().to_string();
    Command::new("kill").args(["-s", "TERM", &number]).status().unwrap();
    until(log, || log().contains("finishing"));
    site.let_go("/a");
    let mut out = String::new();
    std::io::Read::read_to_string(&mut crawl.stdout.take().unwrap(), &mut out).unwrap();
    assert_eq!(crawl.wait().unwrap().code(), Some(1), "{out}");
    assert!(out.contains("stopped early"), "{out}");
    assert_eq!(words(here.path()), ["One,"]);
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(words(here.path()), ["One,", "Two,"]);
}

/// A running `onrecord crawl`; what it says stands in the folder's `log`.
fn crawling(here: &Path, arguments: &[&str]) -> Watch {
    let log = here.join("log");
    let child = Command::new(env!("CARGO_BIN_EXE_onrecord"))
        .arg("crawl")
        .args(arguments)
        .current_dir(here)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    Watch { child, log }
}

/// A `[[feed]]` stanza.
fn feed(id: &str, url: &str, more: &str) -> String {
    format!("\n[[feed]]\nid = \"{id}\"\noutlet = \"X\"\nurl = \"{url}\"\n{more}")
}

/// The silent ones answer only after the others' pages were asked for: who waits for them waits in vain.
#[tokio::test(flavor = "multi_thread")]
async fn silent_feeds_hold_up_neither_the_feeds_nor_the_pages_of_others() {
    let (silent, other, late) =
        (Pressroom::open().await, Pressroom::open().await, Pressroom::open().await);
    for (site, path, words) in
        [(&silent, "/a", "One"), (&other, "/b", "Two"), (&late, "/c", "Three")]
    {
        site.list(&[path]);
        site.put(path, &article(words));
    }
    silent.hold("/feed");
    let list = watch_list(&silent, "1h", "").replace("[crawler]", "[crawler]\nconcurrency = 2")
        + &feed("other", &format!("{}/feed", other.origin), "")
        + &feed("late", &format!("{}/feed", late.origin), "");
    let here = folder(&list);
    let mut crawl = crawling(here.path(), &[]);
    crawl.until(|| other.asked("/b") == 1 && late.asked("/c") == 1);
    assert_eq!(silent.asked("/a"), 0);
    silent.let_go("/feed");
    assert_eq!(crawl.ended(), Some(0), "{}", crawl.log());
    assert_eq!(words(here.path()), ["One,", "Three,", "Two,"]);
    let found = onrecord(here.path(), &["status", "--format", "json"]).exits(0).json();
    let new = |feed: &Value| feed["last_counts"]["new"].clone();
    assert_eq!(found.as_array().unwrap().iter().map(new).collect::<Vec<_>>(), [1, 1, 1]);
}

/// A feed of several parts that a signal cuts off is neither failed nor done.
#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_stopped_between_its_parts_is_read_by_the_next_run() {
    let index = "<sitemapindex><sitemap><loc>/1.xml</loc></sitemap><sitemap><loc>/2.xml</loc>\
                 </sitemap></sitemapindex>";
    let front = "<html><head><link rel=alternate type='application/rss+xml' href='/1.xml'>\
                 <link rel=alternate type='application/rss+xml' href='/2.xml'></head></html>";
    let map = "<urlset><url><loc>/a</loc></url></urlset>";
    let rss = "<rss version='2.0'><channel><item><link>/a</link></item></channel></rss>";
    for (kind, feed, first, second) in
        [("sitemap", index, map, map), ("feed", front, "no feed", rss)]
    {
        let site = Pressroom::open().await;
        site.put("/feed", feed);
        site.put("/1.xml", first);
        site.put("/2.xml", second);
        site.put("/a", &article("We shall see"));
        site.hold("/1.xml");
        let here = folder(&(watch_list(&site, "1h", "") + &format!("kind = \"{kind}\"\n")));
        let mut crawl = crawling(here.path(), &[]);
        crawl.until(|| site.asked("/1.xml") == 1);
        crawl.signal("TERM");
        crawl.until(|| crawl.log().contains("finishing"));
        site.let_go("/1.xml");
        assert_eq!(crawl.ended(), Some(1), "{}", crawl.log());
        assert_eq!(site.asked("/2.xml"), 0);
        assert!(!crawl.log().contains("failed"), "{}", crawl.log());
        onrecord(here.path(), &["crawl"]).exits(0);
        assert_eq!(words(here.path()), ["We shall see,"], "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_a_later_feed_names_is_asked_once_and_held_against_its_topics_too() {
    let (first, later) = (Pressroom::open().await, Pressroom::open().await);
    let link = |path: &str| format!("{}{path}", first.origin);
    first.list(&["/both", "/hers", "/slow"]);
    first.put("/both", &page("The tide accord", "the tide accord and the harbour toll", "We pay"));
    first.put("/hers", &page("The harbour toll", "the harbour toll", "They pay"));
    first.put("/slow", &article("We wait"));
    first.hold("/slow");
    let links = ["/both?utm_source=x", "/hers", "/slow"].map(link);
    later.list(&links.each_ref().map(String::as_str));
    later.hold("/feed");
    let topic = "\n[[topic]]\nid = \"tolls\"\ntitle = \"Tolls\"\nany = [\"harbour toll\"]\n";
    let list = watch_list(&first, "1h", "")
        + "topics = [\"tides\"]\n"
        + topic
        + &feed("later", &format!("{}/feed", later.origin), "topics = [\"tolls\"]\n");
    let here = folder(&list);
    let mut crawl = crawling(here.path(), &[]);
    crawl.until(|| first.asked("/slow") == 1);
    later.let_go("/feed");
    crawl.until(|| crawl.log().contains("feed later: 3 entries"));
    first.let_go("/slow");
    assert_eq!(crawl.ended(), Some(0), "{}", crawl.log());
    assert_eq!(["/both", "/slow"].map(|path| first.asked(path)), [1, 1]);
    assert_eq!(words(here.path()), ["They pay,", "We pay,", "We wait,"]);
    let on = |topic: &str| {
        let found = quotes(here.path(), &["export", "--topic", topic, "--format", "json"]);
        found.exits(0).json().as_array().unwrap().len()
    };
    assert_eq!((on("tides"), on("tolls")), (2, 2));
    let ran = onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!(["/both", "/hers", "/slow"].map(|path| first.asked(path)), [1, 2, 1], "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_another_feed_names_in_a_later_run_is_held_against_its_topics_without_a_request()
 {
    let (first, later) = (Pressroom::open().await, Pressroom::open().await);
    first.list(&["/old"]);
    let moved = format!("{}/both?utm_source=rss", first.origin);
    first.fail("/old", 302, &[("location", &moved)]);
    first.put("/both", &page("The tide accord", "the tide accord and the harbour toll", "We pay"));
    later.list(&[&format!("{}/old", first.origin)]);
    let topic = "\n[[topic]]\nid = \"tolls\"\ntitle = \"Tolls\"\nany = [\"harbour toll\"]\n";
    let list = watch_list(&first, "1h", "") + "topics = [\"tides\"]\n" + topic;
    let here = folder(&list);
    onrecord(here.path(), &["crawl"]).exits(0);
    let second = feed("later", &format!("{}/feed", later.origin), "topics = [\"tolls\"]\n");
    fs::write(here.path().join("feeds.toml"), list + &second).unwrap();
    onrecord(here.path(), &["crawl"]).exits(0);
    for topic in ["tides", "tolls"] {
        let found = quotes(here.path(), &["export", "--topic", topic, "--format", "json"]);
        assert_eq!(found.exits(0).json().as_array().unwrap().len(), 1, "{topic}");
    }
    assert_eq!((first.asked("/old"), first.asked("/both")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_neither_skips_nor_repeats() {
    let site = Pressroom::open().await;
    site.list(&["/a"]);
    site.put("/a", &article("We shall see"));
    let here = folder(&watch_list(&site, "1h", ""));
    let run_and_end = |wanted: usize| {
        let mut watch = Watch::start(here.path(), &[]);
        watch.until(|| site.asked("/feed") == wanted && watch.log().contains("watching"));
        let lines = || watch.log().matches("watching 1 feed,").count();
        let before = lines();
        watch.until(|| lines() > before);
        watch.signal("TERM");
        assert_eq!(watch.ended(), Some(0));
        assert_eq!(site.asked("/feed"), wanted, "{}", watch.log());
    };
    run_and_end(1);
    run_and_end(1);
    let due = status(here.path())["next_due"].as_str().unwrap().to_owned();
    run_and_end(1);
    assert_eq!(status(here.path())["next_due"], due.as_str());
    in_store(here.path(), "UPDATE feeds SET next_due = '2020-01-01T00:00:00Z'");
    run_and_end(2);
    run_and_end(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn crawl_and_watch_exclude_each_other_and_say_how_to_go_on() {
    let site = Pressroom::open().await;
    site.list(&[]);
    let here = folder(&watch_list(&site, "1h", ""));
    let watch = Watch::start(here.path(), &[]);
    watch.until(|| watch.log().contains("run done"));
    let ran = onrecord(here.path(), &["crawl"]).exits(2);
    let process = watch.child.id().to_string();
    assert!(ran.err.contains("another onrecord (watch, process"), "{}", ran.err);
    assert!(ran.err.contains(&format!("kill {process}")), "{}", ran.err);
    onrecord(here.path(), &["watch"]).exits(2);
    onrecord(here.path(), &["status"]).exits(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_asked_again_for_corrections_when_its_time_has_come() {
    let site = Pressroom::open().await;
    site.list(&["/a", "/b"]);
    site.put("/a", &article("We shall see"));
    site.put("/b", &article("We wait"));
    // Many steps: a busy machine may miss some, and they are not made up for.
    let steps: Vec<String> = (1..=30).map(|step| format!("\"{}s\"", step * 2)).collect();
    let rechecks = format!("recheck = [{}]", steps.join(", "));
    let here = folder(&watch_list(&site, "1h", &rechecks));
    let mut watch = Watch::start(here.path(), &[]);
    watch.until(|| site.asked("/a") >= 2 && site.asked("/b") >= 2);
    site.put("/a", &article("We shall not see"));
    watch.until(|| words(here.path()).len() == 3);
    watch.signal("TERM");
    assert_eq!(watch.ended(), Some(0));
    assert_eq!(site.asked("/feed"), 1);
    assert_eq!(site.asked_with_validator("/b"), site.asked("/b") - 1, "{}", watch.log());
    assert_eq!(words(here.path()), ["We shall not see,", "We shall see,", "We wait,"]);
    let found = onrecord(here.path(), &["status", "--runs", "--format", "json"]).exits(0).json();
    let runs = found.as_array().unwrap();
    assert!(runs.iter().all(|run| run["command"] == "watch"), "{found:#}");
    let sum = |key: &str| runs.iter().map(|run| run[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("new"), sum("changed"), sum("feeds")), (2, 1, 1), "{found:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_asks_kept_articles_again_as_well_and_follows_them_wherever_they_go() {
    let site = Pressroom::open().await;
    site.list(&["/a", "/b"]);
    site.put("/a", &article("We shall see"));
    site.put("/b", &article("We wait"));
    let here = folder(&watch_list(&site, "1d", "recheck = [\"1h\", \"1d\"]"));
    onrecord(here.path(), &["crawl"]).exits(0);
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert!(ran.out.contains("no feed is due"), "{}", ran.out);

    site.put("/a", &page("A retraction", "nothing in particular", "We never said that"));
    site.fail("/b", 404, &[]);
    in_store(here.path(), "UPDATE visits SET recheck_at = '2020-01-01T00:00:00Z'");
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    let wanted = "asked again for corrections: 2 articles, 1 changed, 1 not there";
    assert!(ran.out.contains(wanted), "{}", ran.out);
    assert!(ran.out.contains("404"), "{}", ran.out);
    assert_eq!(words(here.path()), ["We never said that,", "We shall see,", "We wait,"]);
    let missing = onrecord(here.path(), &["status", "--skipped"]).exits(0);
    assert!(!missing.out.contains("/b"), "it is in the collection: {}", missing.out);
    assert_eq!((site.asked("/feed"), site.asked("/a"), site.asked("/b")), (1, 2, 2));

    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert!(ran.out.contains("no feed is due"), "{}", ran.out);
    site.put("/b", &article("We wait no more"));
    in_store(here.path(), "UPDATE visits SET recheck_at = '2020-01-01T00:00:00Z'");
    onrecord(here.path(), &["crawl"]).exits(0);
    assert!(words(here.path()).contains(&"We wait no more,".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_beyond_what_a_run_asks_again_are_counted_and_wait_for_the_next() {
    let site = Pressroom::open().await;
    site.list(&["/a"]);
    site.put("/a", &article("We shall see"));
    let here = folder(&watch_list(&site, "1d", "recheck = [\"1h\", \"1d\"]"));
    onrecord(here.path(), &["crawl"]).exits(0);
    // With as many others as a run takes, which are not there any more.
    let mut store = Store::open(&here.path().join("index")).unwrap();
    let mut visit = store.visit(&format!("{}/a", site.origin)).unwrap().unwrap();
    visit.upkeep.recheck_at = Some(jiff::Timestamp::UNIX_EPOCH);
    store.record_visit(&visit).unwrap();
    for number in 0..500 {
        let url = format!("{}/gone/{number}", site.origin);
        store.record_visit(&Visit { url, ..visit.clone() }).unwrap();
    }
    drop(store);
    for wanted in
        ["500 articles, 0 changed, 499 not there, 1 left for", "1 article, 0 changed, 1 not there"]
    {
        let out = onrecord(here.path(), &["crawl"]).exits(0).out;
        let said = out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&format!("asked again for corrections: {wanted}")), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_that_only_the_feed_stated_is_not_lost_when_the_page_is_asked_again() {
    let site = Pressroom::open().await;
    let bare = article("We shall see").replace("<title>The tide accord</title>", "");
    let bare = bare.replace("<h1>The tide accord</h1>", "");
    let item = "<item><title>Tides turn</title><link>/a</link>\
                <pubDate>Sun, 01 Mar 2026 12:00:00 GMT</pubDate></item>";
    site.put("/feed", &format!("<rss version='2.0'><channel>{item}</channel></rss>"));
    site.put_without_validator("/a", &bare);
    let here = folder(&watch_list(&site, "1d", ""));
    onrecord(here.path(), &["crawl"]).exits(0);
    let exported = || {
        quotes(here.path(), &["export", "--format", "json"]).exits(0).json()[0]["article"].clone()
    };
    let before = exported();
    assert_eq!((&before["title"], &before["version"]), (&"Tides turn".into(), &1.into()));
    let again = "UPDATE visits SET recheck_at = '2020-01-01T00:00:00Z'";
    in_store(here.path(), again);
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(exported(), before);
    site.put_without_validator("/a", &bare.replace("for hours", "for many hours"));
    in_store(here.path(), again);
    onrecord(here.path(), &["crawl"]).exits(0);
    let after = exported();
    assert_eq!((&after["title"], &after["version"]), (&"Tides turn".into(), &2.into()));
    assert_eq!(after["published"], before["published"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_fails_is_left_alone_longer_each_time_and_as_long_as_it_asks() {
    let site = Pressroom::open().await;
    site.fail("/feed", 403, &[]);
    let here = folder(&watch_list(&site, "1h", ""));
    let wait = || {
        let found = status(here.path());
        let moment = |key: &str| found[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        moment("next_due").duration_since(moment("last_run")).as_hours()
    };
    let mut waits = Vec::new();
    for _ in 0..6 {
        onrecord(here.path(), &["crawl", "--all"]).exits(1);
        waits.push(wait());
    }
    assert_eq!(waits, [2, 4, 8, 16, 24, 24]);
    site.list(&[]);
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    assert_eq!(wait(), 1);
    site.fail("/feed", 503, &[("retry-after", "18000")]);
    onrecord(here.path(), &["crawl", "--all"]).exits(1);
    assert_eq!(wait(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_with_a_line_for_cron_is_asked_at_its_hour_in_its_zone() {
    let site = Pressroom::open().await;
    site.list(&["/a"]);
    site.put("/a", &article("We shall see"));
    let line = "30 6 29 2 * Europe/Paris";
    let here = folder(&watch_list(&site, line, "jitter = \"0s\""));
    let due = || -> jiff::Timestamp {
        status(here.path())["next_due"].as_str().unwrap().parse().unwrap()
    };
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(site.asked("/feed"), 1, "one that was never asked is due: {}", ran.out);
    let next = due();
    let there = next.in_tz("Europe/Paris").unwrap();
    assert_eq!((there.month(), there.day(), there.hour(), there.minute()), (2, 29, 6, 30));
    assert!(next > jiff::Timestamp::now(), "{there}");
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert!(ran.out.contains("no feed is due"), "{}", ran.out);
    in_store(here.path(), "UPDATE feeds SET next_due = '2020-01-01T00:00:00Z'");
    let mut watch = Watch::start(here.path(), &[]);
    watch.until(|| site.asked("/feed") == 2 && due() == next);
    watch.signal("TERM");
    assert_eq!(watch.ended(), Some(0), "{}", watch.log());
    assert_eq!(site.asked("/feed"), 2, "a moment that was missed is not made up for twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_brings_nothing_new_is_asked_less_within_bounds_where_that_is_wanted() {
    let site = Pressroom::open().await;
    site.list(&["/a"]);
    for path in ["/a", "/b"] {
        site.put(path, &article(path));
    }
    for (adaptive, waits) in [(true, [1, 2, 8]), (false, [1, 1, 1])] {
        let more = format!("adaptive = {adaptive}\njitter = \"0s\"");
        let here = folder(&watch_list(&site, "1h", &more));
        let wait = || {
            onrecord(here.path(), &["crawl", "--all"]).exits(0);
            let found = status(here.path());
            let at = |key: &str| found[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
            at("next_due").duration_since(at("last_run")).as_hours()
        };
        let first: Vec<i64> = (0..12).map(|_| wait()).collect();
        assert_eq!(first, [waits[0]; 12], "{adaptive}");
        assert_eq!(wait(), waits[1], "{adaptive}");
        in_store(here.path(), "UPDATE feeds SET quiet = 1000");
        assert_eq!(wait(), waits[2], "{adaptive}");
        site.list(&["/a", "/b"]);
        assert_eq!(wait(), 1, "{adaptive}: something new came");
        site.list(&["/a"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_gone_is_retired_until_it_answers_again() {
    let site = Pressroom::open().await;
    site.fail("/feed", 410, &[]);
    let here = folder(&watch_list(&site, "1s", ""));
    onrecord(here.path(), &["crawl"]).exits(1);
    in_store(here.path(), "UPDATE feeds SET next_due = '2020-01-01T00:00:00Z'");
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert!(ran.out.contains("no feed is due"), "{}", ran.out);
    assert_eq!(site.asked("/feed"), 1);
    let shown = onrecord(here.path(), &["status"]).exits(0).out;
    assert!(shown.contains("is gone since") && shown.contains("crawl --feed ridge"), "{shown}");
    site.list(&["/a"]);
    site.put("/a", &article("We are back"));
    onrecord(here.path(), &["crawl", "--feed", "ridge"]).exits(0);
    assert!(status(here.path())["gone"].is_null());
    assert_eq!(words(here.path()), ["We are back,"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_watch_list_is_taken_over_and_a_wrong_one_reported() {
    let site = Pressroom::open().await;
    site.list(&[]);
    site.put("/more", "<rss version='2.0'><channel><item><link>/a</link></item></channel></rss>");
    site.put("/a", &article("We shall see"));
    let list = watch_list(&site, "1h", "");
    let here = folder(&list);
    let file = here.path().join("feeds.toml");
    let mut watch = Watch::start(here.path(), &[]);
    watch.until(|| site.asked("/feed") == 1 && watch.log().contains("watching"));

    fs::write(&file, list.replace("outlet =", "outlte =")).unwrap();
    watch.until(|| watch.log().contains("unknown key `outlte`"));
    assert!(watch.log().contains("the one before stays"), "{}", watch.log());

    let more = format!(
        "{list}\n[[feed]]\nid = \"more\"\noutlet = \"X\"\nurl = \"{}/more\"\n",
        site.origin
    );
    fs::write(&file, more).unwrap();
    watch.until(|| site.asked("/a") == 1 && watch.log().contains("watching 2 feeds"));
    assert_eq!(site.asked("/feed"), 1);

    let reads = || watch.log().matches("read the watch list again: 2 feeds").count();
    let before = reads();
    watch.signal("HUP");
    watch.until(|| reads() > before);
    watch.signal("TERM");
    assert_eq!(watch.ended(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_shows_that_it_is_alive_and_listens_in_the_middle_of_a_run() {
    let site = Pressroom::open().await;
    site.list(&["/a"]);
    site.put("/a", &article("We shall see"));
    site.hold("/a");
    let here = folder(&watch_list(&site, "1h", ""));
    let mut watch = Watch::start(here.path(), &[]);
    watch.until(|| site.asked("/a") == 1);
    let beats = || watch.log().matches("one goes on since").count();
    watch.until(|| beats() >= 2);
    watch.signal("HUP");
    watch.until(|| watch.log().contains("is read again when this run is done"));
    assert!(!watch.log().contains("read the watch list again"), "{}", watch.log());
    site.let_go("/a");
    watch.until(|| watch.log().contains("read the watch list again: 1 feed"));
    watch.signal("TERM");
    assert_eq!(watch.ended(), Some(0));
    assert_eq!(words(here.path()), ["We shall see,"]);
}

/// cron mails whatever a line of its table prints.
#[tokio::test(flavor = "multi_thread")]
async fn the_line_for_cron_prints_nothing_also_where_the_last_run_still_goes_on() {
    if Command::new("flock").arg("--version").output().is_err() {
        println!("skipped: there is no flock here");
        return;
    }
    let site = Pressroom::open().await;
    site.list(&["/a"]);
    site.put("/a", &article("We shall see"));
    site.hold("/a");
    let here = folder(&watch_list(&site, "1h", ""));
    let contrib = include_str!("../../contrib/crontab");
    let line = contrib.lines().find(|line| !line.starts_with('#')).unwrap();
    let (_, command) = line.split_once("  ").unwrap();
    let command = command
        .replace("\"$HOME/treaty\"", ".")
        .replace("\"$HOME/.cargo/bin/onrecord\"", env!("CARGO_BIN_EXE_onrecord"));
    let run = || {
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).current_dir(here.path()).env_remove("RUST_LOG");
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell.spawn().unwrap()
    };
    let first = run();
    until(String::new, || site.asked("/a") == 1);
    let second = run().wait_with_output().unwrap();
    site.let_go("/a");
    let first = first.wait_with_output().unwrap();
    assert_eq!(first.status.code(), Some(0));
    for output in [first, second] {
        assert_eq!(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()), "");
    }
    assert_eq!(words(here.path()), ["We shall see,"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_json_is_an_object_a_line_with_what_happened_in_fields() {
    let site = Pressroom::open().await;
    site.list(&["/a"]);
    site.put("/a", &article("We shall see"));
    let here = folder(&watch_list(&site, "1h", ""));
    let mut watch = Watch::start(here.path(), &["--log-format", "json"]);
    watch.until(|| watch.log().contains("run_done"));
    watch.signal("TERM");
    assert_eq!(watch.ended(), Some(0));
    let log = watch.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let event = |name: &str| lines.iter().find(|line| line["event"] == name).unwrap();
    assert_eq!(event("feed_read")["feed"], "ridge");
    assert_eq!(event("page_done")["url"], format!("{}/a", site.origin));
    assert_eq!((&event("run_done")["new"], &event("run_done")["quotes"]), (&1.into(), &1.into()));
    assert_eq!(event("watching")["feeds"], 1);
    assert!(lines.iter().all(|line| line["timestamp"].is_string() && line["level"].is_string()));
    let warned = event("watch_list_warning")["reason"].as_str().unwrap();
    assert!(warned.contains("private addresses are allowed"), "{warned}");
    // A list that can't be used ends it with such a line as well.
    let list = fs::read_to_string(here.path().join("feeds.toml")).unwrap();
    fs::write(here.path().join("feeds.toml"), list.replace("outlet =", "outlte =")).unwrap();
    let ran = onrecord(here.path(), &["watch", "--log-format", "json"]).exits(2);
    let last: Value = serde_json::from_str(ran.err.trim()).unwrap();
    assert_eq!((&last["event"], &last["level"]), (&"could_not_run".into(), &"ERROR".into()));
    assert!(last["reason"].as_str().unwrap().contains("unknown key `outlte`"), "{last}");
}

#[test]
fn the_units_in_contrib_are_what_systemd_takes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/systemd");
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("skipped: there is no systemd-analyze here");
        return;
    }
    let here = tempfile::tempdir().unwrap();
    let mut units = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        let text = text.replace("%h/.cargo/bin/onrecord", env!("CARGO_BIN_EXE_onrecord"));
        let unit = here.path().join(entry.file_name());
        fs::write(&unit, text).unwrap();
        units.push(unit);
    }
    assert_eq!(units.len(), 3);
    let ran = Command::new("systemd-analyze")
        .args(["verify", "--user", "--man=no"])
        .args(&units)
        .env("XDG_RUNTIME_DIR", here.path())
        .env("SYSTEMD_UNIT_PATH", format!("{}:", here.path().display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success() && said.is_empty(), "{said}");
}

#[test]
fn the_commands_that_contrib_runs_are_commands() {
    let contrib = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib");
    let crontab = fs::read_to_string(contrib.join("crontab")).unwrap();
    let line = crontab.lines().find(|line| !line.starts_with('#')).unwrap();
    assert!(line.split_whitespace().take(5).all(|field| field.starts_with('*')), "{line}");
    let here = tempfile::tempdir().unwrap();
    for (file, command) in [
        ("crontab", ["crawl", "--quiet"].as_slice()),
        ("systemd/onrecord-crawl.service", &["crawl", "--quiet"]),
        ("systemd/onrecord-watch.service", &["watch", "--log-format", "json"]),
    ] {
        let text = fs::read_to_string(contrib.join(file)).unwrap();
        assert!(text.contains(&command.join(" ")), "{file}");
        let ran = onrecord(here.path(), command).exits(2);
        assert!(ran.err.contains("no watch list at"), "{file}: {}", ran.err);
    }
}
