//! Web archives of any maker, and saved pages: `onrecord extract --input warc` and `import`.

use std::fs;
use std::io::{BufReader, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use onrecord::archive::message;
use onrecord::archive::reader::{Damage, Record, Records};
use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use crate::fault_server::coded;
use crate::faults::article;
use crate::programs::{onrecord, onrecord_with, quotes};

/// A WARC record with this block.
fn record(kind: &str, url: &str, date: &str, media: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n\
         Content-Type: {media}\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn http(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes(), body].concat()
}

const DATE: &str = "2026-03-01T10:00:00Z";

/// A response with a page on the tide accord.
fn response(url: &str, words: &str) -> Vec<u8> {
    let block = http("Content-Type: text/html; charset=utf-8\r\n", article(words).as_bytes());
    record("response", url, DATE, "application/http; msgtype=response", &block)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn read(bytes: &[u8]) -> (Vec<Record>, Vec<Damage>) {
    let (mut records, mut damages) = (Vec::new(), Vec::new());
    for item in Records::new(bytes) {
        match item {
            Ok(record) => records.push(record),
            Err(damage) => damages.push(damage),
        }
    }
    (records, damages)
}

fn urls(records: &[Record]) -> Vec<&str> {
    records.iter().filter_map(|record| record.url.as_deref()).collect()
}

const A: &str = "https://ridge-courier.net/a";
const B: &str = "https://ridge-courier.net/b";
const C: &str = "https://ridge-courier.net/c";

#[test]
fn records_are_read_packed_or_not_one_a_member_or_all_in_one() {
    let [a, b] = [response(A, "One"), response(B, "Two")];
    let plain = [&a[..], &b].concat();
    let halves = plain.split_at(a.len() + 100);
    let forms = [
        plain.clone(),
        gzip(&plain),
        [gzip(&a), gzip(&b)].concat(),
        [gzip(halves.0), gzip(halves.1)].concat(),
    ];
    for (form, bytes) in forms.iter().enumerate() {
        let (records, damages) = read(bytes);
        assert_eq!(urls(&records), [A, B], "form {form}");
        assert!(damages.is_empty(), "form {form}: {damages:?}");
    }
}

#[test]
fn a_record_may_begin_with_the_last_byte_of_what_was_read_at_once() {
    let [a, b] = [gzip(&response(A, "One")), gzip(&response(B, "Two"))];
    let both = [&a[..], &b].concat();
    for at_once in [1, 2, a.len(), a.len() + 1, a.len() + 2] {
        let records: Result<Vec<Record>, Damage> =
            Records::new(BufReader::with_capacity(at_once, &both[..])).collect();
        assert_eq!(
            records.map(|it| urls(&it).join(" ")),
            Ok(format!("{A} {B}")),
            "{at_once} bytes"
        );
    }
}

#[test]
fn the_record_after_damage_may_begin_anywhere_in_what_was_read_at_once() {
    let a = gzip(&response(A, "One"));
    // A head, and a block of a kind that there is not.
    let damaged = [&a[..10], &[0xFF; 50]].concat();
    let both = [&damaged[..], &gzip(&response(B, "Two"))].concat();
    for at_once in [1, 2, 3, 4, 21, 59, 60, damaged.len() + 1, damaged.len() + 2, 4096] {
        let (records, damages): (Vec<_>, Vec<_>) =
            Records::new(BufReader::with_capacity(at_once, &both[..])).partition(Result::is_ok);
        let records: Vec<Record> = records.into_iter().flatten().collect();
        assert_eq!((urls(&records), damages.len()), (vec![B], 1), "{at_once} bytes");
    }
}

#[test]
fn damage_is_named_by_its_place_and_the_next_record_is_read() {
    let [a, b, c] = [response(A, "One"), response(B, "Two"), response(C, "Three")];
    let at = a.len() as u64;
    /// Name, file, what is read, where the damage is and what it is called.
    type Case = (&'static str, Vec<u8>, &'static [&'static str], u64, &'static str);
    let cases: [Case; 4] = [
        ("rubbish between", [&a[..], b"rubbish\n\n", &c].concat(), &[A, C], at, "no record begins"),
        (
            "no length",
            {
                let b = String::from_utf8(b.clone()).unwrap().replace("Content-Length: ", "X: ");
                [&a[..], b.as_bytes(), &c].concat()
            },
            &[A, C],
            at,
            "Content-Length",
        ),
        ("cut off", [&a[..], &b[..b.len() - 200]].concat(), &[A, B], at, "bytes are missing"),
        ("cut in the head", [&a[..], &b[..40]].concat(), &[A], at, "ends in the head"),
    ];
    for (name, bytes, wanted, place, reason) in cases {
        let (records, damages) = read(&bytes);
        assert_eq!(urls(&records), wanted, "{name}");
        assert_eq!(damages.len(), 1, "{name}: {damages:?}");
        assert_eq!(damages[0].place.offset, place, "{name}");
        assert!(damages[0].to_string().contains(reason), "{name}: {}", damages[0]);
    }
    let mut packed = [gzip(&a), gzip(&b), gzip(&c)].concat();
    let member = gzip(&a).len();
    packed[member + 60..member + 90].fill(0xAA);
    let (records, damages) = read(&packed);
    assert_eq!(urls(&records), [A, C]);
    assert_eq!(damages[0].place.offset, member as u64, "{damages:?}");
    assert!(damages[0].to_string().contains(&format!("damaged at byte {member}")));

    // Half of the head in a block of its own, then a block of a kind that there is not.
    let half = u16::try_from(b.len() / 8).unwrap();
    let stored = [&[0], &half.to_le_bytes()[..], &(!half).to_le_bytes(), &b[..half.into()], &[7]];
    let broken = [&gzip(&b)[..10], &stored.concat()].concat();
    let (records, damages) = read(&[gzip(&a), broken, gzip(&c)].concat());
    assert_eq!((urls(&records), damages.len()), (vec![A, C], 1), "{damages:?}");
    assert_eq!(damages[0].place.offset, member as u64);
}

#[test]
fn arc_files_of_both_versions_are_read() {
    let block = http("Content-Type: text/html\r\n", article("One").as_bytes());
    let version = "1 0 Maker\nURL IP-address Archive-date Content-type Archive-length\n";
    for (url, between) in [(A, ""), ("http://ridge-courier.net/a b", " 200 sum - 0 f.arc")] {
        let mut arc = format!(
            "filedesc://f.arc 0.0.0.0 20260301100000 text/plain {}\n{version}\n\
             {url} 10.0.0.1 20260301100000 text/html{between} {}\n",
            version.len(),
            block.len()
        )
        .into_bytes();
        arc.extend_from_slice(&block);
        arc.push(b'\n');
        let (records, damages) = read(&arc);
        assert!(damages.is_empty(), "{damages:?}");
        assert_eq!(records[1].url.as_deref(), Some(url));
        assert_eq!(records[1].date, Some(DATE.parse().unwrap()));
        let page = message::page(records[1].clone()).unwrap().unwrap();
        assert_eq!(page.body, article("One").as_bytes());
    }
}

#[test]
fn a_page_is_taken_out_of_its_codings_and_other_records_are_none() {
    let html = article("One");
    let half = html.len() / 2;
    let chunks = format!(
        "{half:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        &html[..half],
        html.len() - half,
        &html[half..]
    );
    let chunked = "Transfer-Encoding: chunked\r\n";
    let packed = |coding: &str| {
        http(&format!("Content-Encoding: {coding}\r\n"), &coded(coding, html.as_bytes()))
    };
    let pages = [
        http("", html.as_bytes()),
        http(chunked, chunks.as_bytes()),
        http(chunked, html.as_bytes()),
        http("Content-Encoding: gzip\r\n", html.as_bytes()),
        packed("gzip"),
        packed("deflate"),
        packed("br"),
        packed("zstd"),
        [&b"HTTP/2 200\r\n\r\n"[..], html.as_bytes()].concat(),
        html.clone().into_bytes(),
    ];
    let page = |kind: &str, media: &str, block: &[u8]| {
        let (records, _) = read(&record(kind, &format!("<{A}>"), DATE, media, block));
        message::page(records.into_iter().next().unwrap())
    };
    for (form, block) in pages.iter().enumerate() {
        let found = page("response", "", block).unwrap().unwrap();
        assert_eq!(String::from_utf8(found.body).unwrap(), html, "form {form}");
        assert_eq!(found.url.as_str(), A);
    }
    let none = [
        page("request", "application/http", b"GET / HTTP/1.1\r\n\r\n"),
        page("revisit", "application/http", &http("", b"")),
        page("metadata", "text/html", html.as_bytes()),
        page("response", "", b"HTTP/1.1 404 Not Found\r\n\r\n"),
        page("response", "", &http("Content-Type: image/png\r\n", b"x")),
        page("resource", "text/css", b"p {}"),
    ];
    assert!(none.iter().all(|page| *page == Ok(None)), "{none:?}");
    let broken = http("Content-Encoding: zstd\r\n", &[0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]);
    assert!(page("response", "", &broken).unwrap_err().contains("zstd"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just(response(A, "One")),
                Just(gzip(&response(B, "Two"))),
                Just(b"WARC/1.0\r\nContent-Length: 7\r\n\r\n".to_vec()),
                Just(b"http://a.example/ 1.2.3.4 20260301100000 text/html 9\n".to_vec()),
                proptest::collection::vec(any::<u8>(), 0..60),
                Just(vec![0x1f, 0x8b, 0x08, 0, 0, 0]),
            ],
            0..8,
        ),
        cut in 0..2_000_usize,
    ) {
        let mut bytes = pieces.concat();
        bytes.truncate(bytes.len().saturating_sub(cut));
        for record in read(&bytes).0 {
            let _ = message::page(record);
        }
    }
}

#[test]
fn extract_prints_every_article_of_an_archive_and_names_damage() {
    let here = tempfile::tempdir().unwrap();
    let archive = [gzip(&response(A, "One")), gzip(&response(B, "Two"))].concat();
    fs::write(here.path().join("crawl.warc.gz"), &archive).unwrap();
    let arguments = ["extract", "--format", "ndjson", "crawl.warc.gz"];
    let ran = onrecord(here.path(), &arguments).exits(0);
    let lines: Vec<Value> = ran.out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(lines.iter().map(|it| it["url"].as_str().unwrap()).collect::<Vec<_>>(), [A, B]);
    assert_eq!(lines[1]["quotes"][0]["text"], "Two,");
    let cut = &archive[..archive.len() - 30];
    let arguments = ["extract", "--input", "warc", "--format", "ndjson", "-"];
    let ran = onrecord_with(here.path(), &arguments, cut).exits(1);
    assert!(ran.err.contains("standard input: damaged at byte"), "{}", ran.err);
    assert!(ran.out.contains(A), "{}", ran.out);
}

/// A folder with a watch list on the tide accord.
fn watch_list() -> TempDir {
    let here = tempfile::tempdir().unwrap();
    let list = "[crawler]\ncontact = \"desk@ridge-courier.net\"\n[[topic]]\nid = \"tides\"\n\
                title = \"Tides\"\nany = [\"tide accord\"]\n[[feed]]\nid = \"ridge\"\n\
                outlet = \"Ridge Courier\"\nurl = \"https://www.ridge-courier.net/rss\"\n";
    fs::write(here.path().join("feeds.toml"), list).unwrap();
    here
}

fn export(here: &Path) -> Vec<Value> {
    quotes(here, &["export", "--format", "json"]).exits(0).json().as_array().unwrap().clone()
}

/// The numbers of an import's summary.
fn numbers(out: &str) -> Vec<u64> {
    let line = out.lines().find(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    line.unwrap().split_whitespace().map(|number| number.parse().unwrap()).collect()
}

#[test]
fn an_import_takes_archives_and_saved_pages_through_the_whole_pipeline() {
    let here = watch_list();
    let folder = here.path().join("old");
    fs::create_dir_all(folder.join("deeper")).unwrap();
    let other = article("Five").replace("tide accord", "football match");
    let off_topic = http("Content-Type: text/html\r\n", other.as_bytes());
    let off_topic = record("response", C, DATE, "application/http", &off_topic);
    let archive = [gzip(&response(A, "One")), gzip(&response(B, "Two")), gzip(&off_topic)].concat();
    fs::write(folder.join("1.warc.gz"), archive).unwrap();
    let saved = article("Three")
        .replace("<head>", "<head><link rel=canonical href='https://other.example/d'>");
    fs::write(folder.join("deeper/saved.html"), saved).unwrap();
    fs::write(folder.join("deeper/notes.txt"), "no page").unwrap();
    fs::write(here.path().join("own.html"), article("Four")).unwrap();

    let ran = onrecord(here.path(), &["import", "old", "own.html"]).exits(0);
    assert_eq!(numbers(&ran.out), [5, 4, 0, 0, 1, 0, 0, 4], "{}", ran.out);
    let all = export(here.path());
    let of = |words: &str| all.iter().find(|quote| quote["text"] == format!("{words},")).unwrap();
    assert_eq!(of("One")["article"]["outlet"], "Ridge Courier");
    assert_eq!(of("One")["article"]["fetched"], DATE);
    assert_eq!(of("One")["article"]["topics"][0], "tides");
    assert_eq!(of("Three")["article"]["url"], "https://other.example/d");
    let saved = &of("Four")["article"];
    assert!(saved["url"].as_str().unwrap().starts_with("file://"));
    // Folders of its owner's are no outlet.
    assert_eq!(saved["outlet"], "own.html");
    for quote in &all {
        let snapshot = serde_json::from_value(quote["article"]["snapshot"].clone()).unwrap();
        let page = onrecord::archive::read(&here.path().join("index"), &snapshot).unwrap();
        assert!(page.starts_with(b"HTTP/1.1 200"));
    }
    let found =
        quotes(here.path(), &["search", "--speaker", "Kolb", "--format", "json"]).exits(0).json();
    assert_eq!(found.as_array().unwrap().len(), 4);
    let ran = onrecord(here.path(), &["import", "old", "own.html"]).exits(0);
    assert_eq!(numbers(&ran.out)[1..3], [0, 0], "{}", ran.out);
    assert_eq!(export(here.path()), all);
}

#[test]
fn an_import_respects_what_its_pages_ask_of_copies() {
    let here = watch_list();
    let asks = |url: &str, header: &str, words: &str| {
        let headers = format!("Content-Type: text/html; charset=utf-8\r\n{header}\r\n");
        let block = http(&headers, article(words).as_bytes());
        record("response", url, DATE, "application/http; msgtype=response", &block)
    };
    let archive = [
        asks(A, "X-Robots-Tag: noarchive", "One"),
        asks(B, "tdm-reservation: 1", "Two"),
        response(C, "Three"),
    ];
    fs::write(here.path().join("1.warc"), archive.concat()).unwrap();
    let ran = onrecord(here.path(), &["import", "1.warc"]).exits(0);
    assert_eq!(numbers(&ran.out)[..2], [3, 2], "{}", ran.out);
    assert_eq!(numbers(&ran.out)[5], 1, "skipped: {}", ran.out);
    let all = export(here.path());
    let of = |url: &str| all.iter().find(|it| it["article"]["url"] == url);
    assert_eq!(of(A).unwrap()["article"]["reservations"], serde_json::json!(["noarchive"]));
    assert!(of(A).unwrap()["article"]["snapshot"].is_null());
    assert!(of(B).is_none());
    assert!(of(C).unwrap()["article"]["snapshot"].is_object());
}

#[test]
fn an_older_state_of_an_article_does_not_come_on_top_of_a_newer_one() {
    let here = watch_list();
    let archive = |words: &str, date: &str| {
        let text = String::from_utf8(response(A, words)).unwrap().replace(DATE, date);
        fs::write(here.path().join("a.warc"), text).unwrap();
        onrecord(here.path(), &["import", "a.warc"]).exits(0).out
    };
    archive("One", "2026-03-02T00:00:00Z");
    assert_eq!(numbers(&archive("Nought", "2026-03-01T00:00:00Z"))[1..4], [0, 0, 1]);
    assert_eq!(export(here.path())[0]["text"], "One,");
    assert_eq!(numbers(&archive("Two", "2026-03-03T00:00:00Z"))[1..4], [0, 1, 0]);
    assert!(export(here.path()).iter().any(|quote| quote["text"] == "Two,"));
}

#[test]
fn pages_that_are_read_together_come_to_what_one_after_the_other_gives() {
    let view = "https://ridge-courier.net/print/a";
    let state = |url: &str, words: &str, day: u32| {
        let page = article(words).replace(
            "<head>",
            &format!("<head><link rel=canonical href='{}'>", url.replace(view, A)),
        );
        let block = http("Content-Type: text/html\r\n", page.as_bytes());
        let date = format!("2026-03-{day:02}T10:00:00Z");
        record("response", url, &date, "application/http; msgtype=response", &block)
    };
    let mut states = vec![
        state(view, "One", 1),
        state(A, "One", 2),
        state(B, "Two", 2),
        state(view, "Once", 3),
        state(A, "Three", 4),
        state("http://www.ridge-courier.net/b", "Four", 5),
        state(A, "Nought", 3),
        state(C, "Five", 6),
        state(A, "Six", 7),
    ];
    for number in 0..70 {
        states.push(state(
            &format!("https://ridge-courier.net/{number}"),
            &format!("Of {number}"),
            8,
        ));
    }
    let imported = |archives: &[Vec<u8>]| {
        let here = watch_list();
        let mut sums = vec![0; 8];
        for archive in archives {
            fs::write(here.path().join("a.warc"), archive).unwrap();
            let ran = onrecord(here.path(), &["import", "a.warc"]).exits(0);
            sums.iter_mut().zip(numbers(&ran.out)).for_each(|(sum, number)| *sum += number);
        }
        let mut quotes = export(here.path());
        for quote in &mut quotes {
            quote["article"]["snapshot"].take();
        }
        (sums, quotes)
    };
    let (sums, quotes) = imported(&[states.concat()]);
    let (few, many) = states.split_at(9);
    let one_by_one: Vec<Vec<u8>> = few.iter().cloned().chain([many.concat()]).collect();
    assert_eq!((sums, quotes), imported(&one_by_one));
}

#[test]
fn what_cannot_be_imported_is_named_and_the_rest_goes_on() {
    let here = watch_list();
    fs::write(here.path().join("a.warc"), response(A, "One")).unwrap();
    fs::write(here.path().join("cut.warc"), &response(B, "Two")[..300]).unwrap();
    fs::write(here.path().join("song.mp3"), [0_u8; 100]).unwrap();
    let ran = onrecord(here.path(), &["import", "none", "cut.warc", "song.mp3", "a.warc"]).exits(1);
    for reason in ["none: ", "cut.warc: damaged at byte 0", "song.mp3: neither"] {
        assert!(ran.err.contains(reason), "{reason}: {}", ran.err);
    }
    assert_eq!(export(here.path()).len(), 1);
}

#[test]
fn every_archive_of_the_corpus_is_read_as_far_as_it_can_be() {
    let path = &Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/warc.tar.gz");
    let Ok(file) = fs::File::open(path) else {
        println!("skipped: no corpus");
        return;
    };
    let mut files = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let (mut archives, mut records, mut pages) = (0, 0, 0);
    for entry in files.entries().unwrap() {
        let mut bytes = Vec::new();
        let mut entry = entry.unwrap();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        if bytes.is_empty() {
            continue;
        }
        archives += 1;
        let (found, damages) = read(&bytes);
        assert!(!found.is_empty(), "{:?}: {damages:?}", entry.path());
        records += found.len();
        pages +=
            found.into_iter().filter(|it| matches!(message::page(it.clone()), Ok(Some(_)))).count();
    }
    println!("{archives} archives, {records} records, {pages} pages");
    imported(path);
    assert!(archives == 16 && records >= 61 && pages >= 11, "{archives}, {records}, {pages}");
}

/// The archives of the corpus through the program: every page, every damage with its file and place.
fn imported(corpus: &Path) {
    let here = watch_list();
    let list = fs::read_to_string(here.path().join("feeds.toml")).unwrap();
    let wide = list.replacen("any = [", "any = [\"example\", \"internet\", \"the\", ", 1);
    fs::write(here.path().join("feeds.toml"), wide).unwrap();
    let file = flate2::read::GzDecoder::new(fs::File::open(corpus).unwrap());
    tar::Archive::new(file).unpack(here.path().join("files")).unwrap();
    let ran = onrecord(here.path(), &["import", "files"]).exits(1);
    let [pages, new, _, known, off_topic, _, failed, _] = numbers(&ran.out)[..] else {
        panic!("{}", ran.out)
    };
    assert_eq!((pages, new + known + off_topic, failed), (11, 11, 0), "{}", ran.out);
    let mut damages: Vec<String> = ran
        .err
        .lines()
        .filter_map(|line| line.split_once(": damaged at byte "))
        .map(|(file, place)| (file.rsplit('/').next().unwrap(), place.split(':').next().unwrap()))
        .map(|(file, place)| format!("{file} {place}"))
        .collect();
    damages.sort();
    let wanted = [
        "bad.arc 0",
        "bad.arc 262",
        "example-space-in-url.arc 151",
        "example-trunc.warc 1197",
        "example-trunc.warc 2560",
    ];
    assert_eq!(damages, wanted, "{}", ran.err);
    onrecord(here.path(), &["check", "--data", "index"]).exits(0);
}
