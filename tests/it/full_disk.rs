//! Writes that fail: a disk that is full, one that can be read only, a limit on the size of files.
//! What was kept before stays readable, and once there is room again the next run ends with the
//! collection of one that never failed.

use std::fs;
use std::path::Path;
use std::process::Command;

use onrecord::store::Store;

use crate::programs::{Ran, onrecord};
use crate::survive::{Changing, Holdings, holdings, same, whole};

/// The site's two states, crawled without trouble.
fn undisturbed(site: &Changing) -> Holdings {
    let here = site.folder();
    for publish in [Changing::first, Changing::later] {
        publish(site);
        onrecord(here.path(), &["crawl", "--all"]).exits(0);
    }
    holdings(&here.path().join("index"))
}

/// Runs a shell script in `here`, with the programs' paths in `$onrecord` and `$quotes`.
fn shell(here: &Path, program: &[&str], script: &str) -> Ran {
    let output = Command::new(program[0])
        .args(&program[1..])
        .args(["sh", "-u", "-c", script])
        .current_dir(here)
        .env("onrecord", env!("CARGO_BIN_EXE_onrecord"))
        .env("quotes", env!("CARGO_BIN_EXE_quotes"))
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    Ran {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What lets a user mount a disk that only the script sees.
const NAMESPACE: &[&str] = &["unshare", "--map-root-user", "--mount"];

fn may_mount() -> bool {
    let try_it = [&NAMESPACE[1..], &["mount", "-t", "tmpfs", "none", "/mnt"]].concat();
    let may =
        Command::new(NAMESPACE[0]).args(try_it).output().is_ok_and(|ran| ran.status.success());
    if !may {
        eprintln!("skipped: no right to mount a small disk (unshare --map-root-user --mount)");
    }
    may
}

/// A disk on `$folder` with `$room` more KiB than it holds; `$limit` takes them away, `$lift` gives
/// more. Prints the status of the crawl that fails and how many quotes can be read after it.
const SCRIPT: &str = r#"
mkdir -p "$folder" before
cp -a "$folder/." before/
mount -t tmpfs none "$folder"
cp -a before/. "$folder/"
used=$(df -k --output=used "$folder" | tail -1)
mount -o "remount,$limit" "$folder"
"$onrecord" crawl --all > crawl.out 2> crawl.err
echo $?
"$quotes" export --format ndjson 2> export.err | wc -l
mount -o "remount,rw,size=64m" "$folder"
"$onrecord" crawl --all > again.out 2>&1
echo $?
cp -a index kept
"#;

/// Crawls the later state of the site while `folder` is on a disk with `limit`, which fails with
/// `reason`, and once more without it.
fn crawl_on(site: &Changing, folder: &str, limit: &str, reason: &str, wanted: &Holdings) {
    let story = format!("{folder} on a disk with {limit}");
    let here = site.folder();
    site.first();
    onrecord(here.path(), &["crawl", "--all"]).exits(0);
    let before = holdings(&here.path().join("index"))["quotes"].len();
    site.later();
    let script = SCRIPT.replace("$folder", folder).replace("$limit", limit);
    let ran = shell(here.path(), NAMESPACE, &script);
    let said = |name: &str| fs::read_to_string(here.path().join(name)).unwrap_or_default();
    let [crawled, readable, again] =
        ran.out.lines().collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("{ran:?}"));
    assert_eq!(crawled, "2", "{story}: {}{}", said("crawl.out"), said("crawl.err"));
    assert!(said("crawl.err").contains(reason), "{story}: {}", said("crawl.err"));
    assert!(readable.trim().parse::<usize>().unwrap() >= before, "{story}: {}", said("export.err"));
    assert_eq!(again, "0", "{story}: {}", said("again.out"));
    // A store that has no room can't keep why, and a crawl without an archive to write to doesn't begin.
    if folder != "index" && (folder, limit) != ("index/warc", "ro") {
        let kept = Store::open_existing(&here.path().join("kept")).unwrap();
        let errors = kept.last_runs(9).unwrap().into_iter().filter_map(|run| run.error);
        let noted = errors.filter(|error| error.contains(reason)).count();
        assert_eq!(noted, 1, "{story}: the run that failed is remembered");
    }
    whole(&here.path().join("kept"), &story);
    same(&holdings(&here.path().join("kept")), wanted, &story);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_any_part_of_the_collection_stops_the_crawl_and_loses_nothing() {
    if !may_mount() {
        return;
    }
    let site = Changing::open().await;
    let wanted = undisturbed(&site);
    // KiB beside what the folder holds: the failing write is another one each time.
    for (folder, rooms) in [
        ("index", &[0, 36, 60, 120][..]),
        ("index/warc", &[0][..]),
        ("index/tantivy", &[0, 8, 20][..]),
    ] {
        for room in rooms {
            let limit = format!("size=$((used + {room}))k");
            crawl_on(&site, folder, &limit, "full; free some space and run again", &wanted);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_the_collection_that_can_t_be_written_is_named_and_nothing_is_lost() {
    if !may_mount() {
        return;
    }
    let site = Changing::open().await;
    let wanted = undisturbed(&site);
    for (folder, reason) in [
        ("index", "failed to lock index/onrecord.lock: Read-only file system"),
        ("index/warc", "the archive file index/warc"),
        ("index/tantivy", "failed to write the search index at index/tantivy"),
    ] {
        crawl_on(&site, folder, "ro", reason, &wanted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_the_system_refuses_stops_the_crawl_and_the_next_one_completes_it() {
    let site = Changing::open().await;
    let wanted = undisturbed(&site);
    // Blocks of 512 bytes that a file may have.
    for blocks in [8, 100, 700] {
        let here = site.folder();
        site.first();
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$onrecord\" crawl --all");
        let ran = shell(here.path(), &["env"], &limited).exits(2);
        assert!(ran.err.contains("what was committed is safe"), "{blocks}: {}", ran.err);
        for publish in [Changing::first, Changing::later] {
            publish(&site);
            onrecord(here.path(), &["crawl", "--all"]).exits(0);
        }
        let story = format!("after files of {blocks} blocks");
        whole(&here.path().join("index"), &story);
        same(&holdings(&here.path().join("index")), &wanted, &story);
    }
}
