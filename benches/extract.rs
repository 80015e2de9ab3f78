//! Words a CPU second of the whole process `onrecord extract`, from articles as NDJSON to quotes as
//! NDJSON: start, JSON and output included, every thread counted.
//!
//! The CPU time is the shell's word for it (`times`), so this needs a POSIX `sh`.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use onrecord::article;
use serde_json::json;

#[path = "common/pages.rs"]
mod pages;

/// Words given to the process; less would measure its start.
const WORDS: usize = 2_000_000;
/// Runs the middle one is taken of.
const RUNS: usize = 3;
/// Runs the program `$0` on the file `$1` and prints the seconds its children took.
const SCRIPT: &str = r#""$0" extract --input ndjson --format ndjson "$1" > /dev/null && times"#;

fn main() -> Result<(), Box<dyn Error>> {
    let texts: Vec<String> = pages::read()?
        .iter()
        .filter_map(|(_, html)| article::from_html(html, None).ok())
        .map(|article| article.text)
        .collect();
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("articles.ndjson");
    let mut file = BufWriter::new(File::create(&path)?);
    let mut words = 0;
    for (number, text) in texts.iter().cycle().enumerate() {
        if words >= WORDS {
            break;
        }
        words += text.split_whitespace().count();
        writeln!(file, "{}", json!({"id": number.to_string(), "text": text}))?;
    }
    file.into_inner()?;

    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let output = Command::new("sh")
            .args(["-c", SCRIPT, env!("CARGO_BIN_EXE_onrecord")])
            .arg(&path)
            .stderr(Stdio::inherit())
            .output()?;
        let wall = begun.elapsed().as_secs_f64();
        if !output.status.success() {
            return Err(format!("onrecord extract: {}", output.status).into());
        }
        let times = String::from_utf8(output.stdout)?;
        let children = times.lines().nth(1).ok_or("`times` says nothing of children")?;
        let cpu: f64 = children.split_whitespace().filter_map(seconds).sum();
        runs.push((cpu, wall));
    }
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (cpu, wall) = runs[RUNS / 2];
    println!(
        "{words} words in {cpu:.2} CPU seconds ({wall:.2} s): {:.0} words a CPU second",
        words as f64 / cpu
    );
    Ok(())
}

/// `1m2.50s` as seconds.
fn seconds(time: &str) -> Option<f64> {
    let (minutes, seconds) = time.strip_suffix('s')?.split_once('m')?;
    Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
}
