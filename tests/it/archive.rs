//! What crawls leave under `warc/`, read as other programs read it.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::bufread::MultiGzDecoder;
use serde_json::Value;

use crate::pressroom::{Pressroom, article, page};
use crate::programs::{onrecord, quotes};
use crate::watch::{folder, in_store, watch_list};

/// A record: its fields and its block.
#[derive(Debug)]
pub struct Record {
    fields: HashMap<String, String>,
    block: String,
}

impl Record {
    pub fn is_response(&self) -> bool {
        self.kind() == "response"
    }

    fn kind(&self) -> &str {
        &self.fields["WARC-Type"]
    }

    fn is_for(&self, path: &str) -> bool {
        self.fields.get("WARC-Target-URI").is_some_and(|url| url.ends_with(path))
    }
}

fn files(here: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(here.join("index/warc")) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Every record of the archive, by a reader that knows nothing of how it was written.
pub fn records(here: &Path) -> Vec<Record> {
    let mut all = Vec::new();
    for file in files(here) {
        let mut bytes = Vec::new();
        let packed = fs::read(file).unwrap();
        MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let end = rest.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
            let head = String::from_utf8(rest[..end].to_vec()).unwrap();
            let mut lines = head.split("\r\n");
            assert_eq!(lines.next(), Some("WARC/1.1"));
            let fields: HashMap<String, String> = lines
                .map(|line| line.split_once(": ").unwrap())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let length: usize = fields["Content-Length"].parse().unwrap();
            let block = &rest[end + 4..end + 4 + length];
            let block = String::from_utf8_lossy(block).into_owned();
            assert_eq!(&rest[end + 4 + length..end + 8 + length], b"\r\n\r\n");
            rest = &rest[end + 8 + length..];
            all.push(Record { fields, block });
        }
    }
    all
}

/// Has warcio (PyPI) check every file, where the variable names it; `.ci/run` sees to that.
pub fn warcio_approves(here: &Path) {
    let Some(warcio) = std::env::var_os("ONRECORD_WARCIO") else {
        eprintln!("skipped: ONRECORD_WARCIO names no warcio to check the archive with");
        return;
    };
    let ran = Command::new(warcio).arg("check").arg("-v").args(files(here)).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    assert!(said.contains("digest pass") && !said.contains("digest failed"), "{said}");
}

/// The list of `watch_list` with `keep` of [archive].
fn keeping(site: &Pressroom, keep: &str) -> String {
    let archive = format!("[archive]\nkeep = \"{keep}\"\nmax_file_size = \"1KiB\"\n\n[[topic]]");
    watch_list(site, "1d", "").replacen("[[topic]]", &archive, 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_behind_a_redirect_that_is_as_it_was_is_kept_with_the_request_that_its_server_got() {
    let (front, behind) = (Pressroom::open().await, Pressroom::open().await);
    front.list(&["/a"]);
    front.fail("/a", 302, &[("location", &format!("{}/b?utm_source=a", behind.origin))]);
    behind.put("/b", &article("We shall see"));
    let here = folder(&keeping(&front, "on-topic"));
    onrecord(here.path(), &["crawl"]).exits(0);
    in_store(here.path(), LATER);
    onrecord(here.path(), &["crawl"]).exits(0);
    assert_eq!(behind.asked_with_validator("/b"), 1);
    let host = format!("host: {}", behind.origin.trim_start_matches("http://"));
    let all = records(here.path());
    let mut requests = 0;
    for record in all.iter().filter(|record| record.kind() == "request") {
        assert!(record.is_for("/b?utm_source=a"), "{:?}", record.fields);
        assert!(record.block.starts_with("GET /b?utm_source=a HTTP/1.1\r\n"), "{}", record.block);
        assert!(record.block.contains(&host), "{}", record.block);
        requests += 1;
    }
    assert_eq!(requests, 2);
}

const LATER: &str = "UPDATE visits SET recheck_at = '2020-01-01T00:00:00Z'";

#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_kept_with_its_request_and_an_unchanged_page_as_a_revisit() {
    let site = Pressroom::open().await;
    site.list(&["/a?page=1", "/b"]);
    site.put("/a", &article("We shall see"));
    site.put_without_validator("/b", &article("We wait"));
    let here = folder(&keeping(&site, "on-topic"));
    onrecord(here.path(), &["crawl"]).exits(0);
    in_store(here.path(), LATER);
    onrecord(here.path(), &["crawl"]).exits(0);
    site.put("/a", &article("We shall not see"));
    in_store(here.path(), LATER);
    onrecord(here.path(), &["crawl"]).exits(0);

    assert!(files(here.path()).len() > 1, "a full file is followed by another");
    let all = records(here.path());
    let of = |kind: &str, path: &str| {
        all.iter().filter(|it| it.kind() == kind && it.is_for(path)).collect::<Vec<_>>()
    };
    let a = "/a?page=1";
    assert_eq!((of("response", a).len(), of("revisit", a).len()), (2, 1));
    assert_eq!((of("response", "/b").len(), of("revisit", "/b").len()), (1, 2));
    assert_eq!((of("request", a).len(), of("request", "/b").len()), (3, 3));
    for answer in all.iter().filter(|it| matches!(it.kind(), "response" | "revisit")) {
        let id = &answer.fields["WARC-Record-ID"];
        let asked = all.iter().filter(|it| it.fields.get("WARC-Concurrent-To") == Some(id));
        assert_eq!(asked.count(), 1, "{answer:?}");
    }
    let revisit = of("revisit", "/b")[0];
    let first = of("response", "/b")[0];
    for (field, original) in [
        ("WARC-Refers-To-Date", "WARC-Date"),
        ("WARC-Refers-To-Target-URI", "WARC-Target-URI"),
        ("WARC-Payload-Digest", "WARC-Payload-Digest"),
    ] {
        assert_eq!(revisit.fields[field], first.fields[original], "{field}");
    }
    assert!(revisit.fields["WARC-Profile"].ends_with("identical-payload-digest"));
    assert!(of("revisit", a)[0].fields["WARC-Profile"].ends_with("server-not-modified"));
    assert!(of("revisit", a)[0].block.starts_with("HTTP/1.1 304 Not Modified\r\n"));

    let sent = of("request", a)[1].block.clone();
    let mut lines = sent.trim_end().split("\r\n");
    assert_eq!(lines.next(), Some("GET /a?page=1 HTTP/1.1"));
    let mut written: Vec<String> = lines.map(str::to_owned).collect();
    written.sort();
    assert_eq!(written, site.headers_of("/a", 1));

    let exported = quotes(here.path(), &["export", "--format", "json"]).exits(0).json();
    for quote in exported.as_array().unwrap() {
        let snapshot = serde_json::from_value(quote["article"]["snapshot"].clone()).unwrap();
        let page = onrecord::archive::read_page(&here.path().join("index"), &snapshot).unwrap();
        assert_eq!(page.status, 200);
    }
    warcio_approves(here.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_watch_list_says_which_pages_are_kept() {
    for (keep, wanted) in [("none", vec![]), ("on-topic", vec!["/a"]), ("all", vec!["/a", "/c"])] {
        let site = Pressroom::open().await;
        site.list(&["/a", "/c"]);
        site.put("/a", &article("We shall see"));
        site.put("/c", &page("Ferries", "the ferry", "We sail at noon"));
        let here = folder(&keeping(&site, keep));
        onrecord(here.path(), &["crawl"]).exits(0);
        let all = records(here.path());
        let kept: Vec<&str> = ["/a", "/c"]
            .into_iter()
            .filter(|path| all.iter().any(|it| it.kind() == "response" && it.is_for(path)))
            .collect();
        assert_eq!(kept, wanted, "{keep}");
        let exported = quotes(here.path(), &["export", "--format", "json"]).exits(0).json();
        let snapshot = &exported[0]["article"]["snapshot"];
        assert_eq!(*snapshot == Value::Null, keep == "none", "{keep}: {snapshot}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_run_left_of_a_record_is_cut_off_at_the_next_start() {
    let site = Pressroom::open().await;
    site.list(&["/a"]);
    site.put("/a", &article("We shall see"));
    let here = folder(&watch_list(&site, "1d", ""));
    onrecord(here.path(), &["crawl"]).exits(0);
    let file = files(here.path())[0].clone();
    let whole = fs::read(&file).unwrap();
    let start = whole.windows(3).rposition(|three| three == [0x1f, 0x8b, 8]).unwrap();
    let cut = [&whole[..], &whole[start..start + 60]].concat();
    fs::write(&file, &cut).unwrap();

    site.put("/a", &article("We shall not see"));
    in_store(here.path(), LATER);
    let ran = onrecord(here.path(), &["crawl"]).exits(0);
    assert!(ran.err.contains("cut off 60 bytes of an unfinished record"), "{}", ran.err);
    assert_eq!(files(here.path()).len(), 1);
    assert_eq!(fs::read(&file).unwrap()[..whole.len()], whole);
    let responses = records(here.path()).iter().filter(|it| it.kind() == "response").count();
    assert_eq!(responses, 2);
    warcio_approves(here.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_changes_reaches_pages_already_seen_from_the_archive_or_by_asking_again() {
    for (keep, requests) in [("all", 1), ("on-topic", 2)] {
        let site = Pressroom::open().await;
        site.list(&["/a", "/b", "/c"]);
        site.put("/a", &article("We shall see"));
        site.put("/b", &page("Ferries", "the ferry and its harbour", "We sail at noon"));
        site.put("/c", &page("Bakers", "the bread", "We bake at night"));
        let here = folder(&keeping(&site, keep));
        onrecord(here.path(), &["crawl"]).exits(0);
        // The feed has moved on: it lists none of them any more.
        site.list(&["/d"]);
        site.put("/d", &article("We go on"));
        let list =
            keeping(&site, keep).replace("[\"tide accord\"]", "[\"ferry\", \"delegates met\"]");
        fs::write(here.path().join("feeds.toml"), list.replace("delegates met", "accord for"))
            .unwrap();
        let ran = onrecord(here.path(), &["crawl"]).exits(0);
        assert!(ran.out.contains("ridge"), "a feed with other topics is due: {}", ran.out);
        let words = |filter: &[&str]| {
            let arguments = [&["export", "--format", "json"], filter].concat();
            let exported = quotes(here.path(), &arguments).exits(0).json();
            let all = exported.as_array().unwrap();
            let mut words: Vec<String> =
                all.iter().map(|it| it["text"].as_str().unwrap().to_owned()).collect();
            words.sort();
            words
        };
        let all = ["We go on,", "We sail at noon,", "We shall see,"];
        assert_eq!(words(&[]), all, "{keep}");
        assert_eq!(words(&["--topic", "tides"]), all, "{keep}");
        assert_eq!((site.asked("/b"), site.asked("/c")), (requests, requests), "{keep}");
        assert_eq!(site.asked("/a"), 1, "what is in the collection is decided from there");
        let version = words(&["--topic", "tides", "--speaker", "Mira Kolb"]);
        assert_eq!(version.len(), 3);

        let ran = onrecord(here.path(), &["crawl"]).exits(0);
        assert!(ran.out.contains("no feed is due"), "{}", ran.out);
        onrecord(here.path(), &["crawl", "--all"]).exits(0);
        assert_eq!((site.asked("/b"), site.asked("/c")), (requests, requests), "{keep}");
        warcio_approves(here.path());
    }
}
