//! `onrecord watch` and what is asked again, through the real program against a site that changes.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::pressroom::{Pressroom, article, page};
use crate::programs::{onrecord, quotes};

/// Longer than anything here takes on a busy machine; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watch list with the feed of `site`, asked as `schedule` says; `more` are lines of [watch].
fn watch_list(site: &Pressroom, schedule: &str, more: &str) -> String {
    let origin = &site.origin;
    format!(
        "[crawler]\ncontact = \"desk@ridge-courier.net\"\nper_host_delay = \"0s\"\n\
         allow_private_addresses = true\n\n[watch]\nheartbeat = \"1s\"\n{more}\n\n[[topic]]\n\
         id = \"tides\"\ntitle = \"Tides\"\nany = [\"tide accord\"]\n\n[[feed]]\nid = \"ridge\"\n\
         outlet = \"Ridge Courier\"\nurl = \"{origin}/feed\"\nschedule = \"{schedule}\"\n"
    )
}

/// A folder with a watch list.
fn folder(list: &str) -> TempDir {
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
fn in_store(here: &Path, statement: &str) {
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
    watch.until(|| watch.log().contains("watching"));
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
