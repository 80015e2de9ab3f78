//! Time and memory of input that means harm, each in a process of its own on a stack of 2 MiB.
//!
//! No case may end the process, take longer than 2 s or more memory than 20 times its input and
//! 64 MiB for the program itself. Runs only by name, `cargo bench --bench hostile`; with `-- WORD`
//! those cases whose names hold WORD. Memory is Linux's `VmHWM`.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use onrecord::article::{charset, from_html};
use onrecord::config::Config;
use onrecord::crawl::robots::Robots;
use onrecord::crawl::{listing, sitemap, syndication};
use onrecord::domain::date::PageDate;
use onrecord::quote::{Document, extract};
use onrecord::search::Highlighter;
use url::Url;

/// Set in the process of one case; its value is the case's name.
const CASE: &str = "ONRECORD_HOSTILE_CASE";
/// A case that takes so long is stopped.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a case may take.
const WANTED_SECONDS: f64 = 2.0;
/// How many times its input a case may take in memory.
const WANTED_TIMES: usize = 20;
/// What the program takes before it reads anything, in KB.
const PROGRAM_KB: usize = 64 * 1024;
/// What threads of servers and test runners have.
const STACK_BYTES: usize = 2 * 1024 * 1024;
const MB: usize = 1_000_000;

/// What reads the input; gives back what came of it, in a few words.
type Stage = fn(&str) -> String;

/// Name, stage, the piece that is repeated, its repetitions, what follows.
type Case = (&'static str, Stage, &'static str, usize, &'static str);

const CASES: &[Case] = &[
    ("article: 100,000 nested <div>", article, "<div>", 100_000, PROSE),
    ("article: 100,000 nested inline tags", article, "<b><i><span>", 33_333, PROSE),
    ("article: nested formatting and paragraphs", article, "<b class=x><p>", 500_000, PROSE),
    ("article: links and tables, mis-nested", article, "<a><table><b></a>", 400_000, PROSE),
    ("article: 1 M attributes on one tag", attributes, " a='1'", 1_000_000, PROSE),
    ("article: 1 M attributes on one end tag", end_attributes, " a='1'", 1_000_000, PROSE),
    ("article: 64 MB of one text node", article, "word ", 64 * MB / 5, ""),
    ("article: 8 MB of one text node", article, "word ", 8 * MB / 5, ""),
    ("article: 64 MB of <p>", article, "<p>", 64 * MB / 3, ""),
    ("article: 1 MB of <p>", article, "<p>", MB / 3, ""),
    ("article: 8 MB of short paragraphs", article, "<p>A few words, he said. ", 8 * MB / 25, ""),
    ("article: 64 MB of “ marks", article, "“", 64 * MB / 3, ""),
    ("article: 8 MB of “ marks", article, "“", 8 * MB / 3, ""),
    ("article: 8 MB of NULs", article, "\0", 8 * MB, PROSE),
    ("article: 8 MB of <", article, "<", 8 * MB, ""),
    ("article: 8 MB of comments", article, "<!--", 2 * MB, ""),
    ("article: 8 MB of comments with odd ends", article, "<!--x--!><b>", 8 * MB / 12, PROSE),
    ("article: 5 MB of comments with odd ends", article, "<!--odd, ended--!><b>", 245_000, PROSE),
    ("article: 8 MB of comments and text", article, "word<!--x-->", 245_000, PROSE),
    ("article: 8 MB of one script", script, "if (a < b) c = '</p>';", 8 * MB / 23, PROSE),
    ("article: 8 MB of one script, escaped", script, "<!-- <script> </b> ", 8 * MB / 20, PROSE),
    ("article: short scripts", article, "<script><!--</script>\r<p>x", 165_000, PROSE),
    ("article: 8 MB of carriage returns", article, "a\r", 4 * MB, PROSE),
    ("article: 8 MB of unended numbers", article, "word word word &#39 ", 8 * MB / 20, PROSE),
    ("article: 8 MB of quotation marks", article, "<p a=\"'>'", 8 * MB / 10, PROSE),
    ("article: text around tables", article, "<table>word<td>", 240_000, PROSE),
    ("article: 8 MB of references", article, "&NotEqualTilde;", 8 * MB / 15, ""),
    ("article: 8 MB of JSON-LD arrays", json_ld, "[", 8 * MB, ""),
    ("article: 8 MB of <meta>", article, "<meta name=author content=x>", 8 * MB / 28, PROSE),
    ("article: 8 MB of one class", class, "x ", 4 * MB, PROSE),
    ("article: 8 MB of links", article, "<a href=/x>A headline of words</a>", 8 * MB / 34, PROSE),
    ("article: 8 MB of <br>", article, "<br>", 2 * MB, PROSE),
    ("charset: 64 MB of NULs", decode, "\0", 64 * MB, ""),
    ("charset: 64 MB of <meta", decode, "<meta ", 64 * MB / 6, ""),
    ("charset: 64 MB of high bytes", decode, "é", 64 * MB / 2, ""),
    ("quote: 64 MB of “", quotes, "“", 64 * MB / 3, ""),
    ("quote: 64 MB of \"", quotes, "\"", 64 * MB, ""),
    ("quote: 64 MB of \" and spaces", quotes, "\" ", 32 * MB, ""),
    ("quote: 1 M apostrophes", quotes, "'", MB, ""),
    ("quote: 1 M apostrophes and spaces", quotes, "' ", MB, ""),
    ("quote: 10 MB of alternating open marks", quotes, "“a ‘b „c «d ", 10 * MB / 20, ""),
    ("quote: 10 MB of nested quotes in a line", quotes, "“a ‘b’ c,” he said. ", 10 * MB / 28, ""),
    ("quote: 10 MB of NULs", quotes, "\0", 10 * MB, ""),
    ("quote: 10 MB of one word", quotes, "x", 10 * MB, ""),
    ("quote: 10 MB of line breaks", quotes, "\n", 10 * MB, ""),
    ("quote: 10 MB of cues", quotes, "said ", 2 * MB, ""),
    ("quote: 10 MB of names", quotes, "Ann Lee ", 10 * MB / 8, ""),
    ("quote: 10 MB of commas and names", quotes, "Ann Lee, ", 10 * MB / 9, ""),
    ("quote: 10 MB of pronouns", quotes, "He said he said. ", 10 * MB / 17, ""),
    ("quote: 10 MB of \"according to\"", quotes, "according to ", 10 * MB / 13, ""),
    ("quote: 10 MB of titles", quotes, "President of the Chair of ", 10 * MB / 26, ""),
    ("quote: 10 MB of different names", different_names, "", 10 * MB, ""),
    ("quote: 10 MB of transcript", quotes, "Q. Why?\nANN LEE: Yes.\n", 10 * MB / 22, ""),
    ("quote: 10 MB of 「", quotes, "「言", 10 * MB / 6, ""),
    ("quote: 10 MB of brackets", quotes, "([", 5 * MB, ""),
    ("feed: 16 MB of nested groups", feed, "<media:group>", 16 * MB / 13, ""),
    ("feed: 16 MB of items", feed, "<item><link>http://a.example/</link></item>", 16 * MB / 43, ""),
    ("feed: 16 MB of entities", feed, "&amp;", 16 * MB / 5, ""),
    ("sitemap: 16 MB of nested <url>", map, "<url><loc>", 16 * MB / 10, ""),
    ("sitemap: 16 MB of <", map, "<", 16 * MB, ""),
    ("listing: 16 MB of nested links", links, "<a href=/2025/01/01/a-b-c-d>x", 16 * MB / 29, ""),
    ("listing: 16 MB of <", links, "<", 16 * MB, ""),
    ("robots: 16 MB of stars", robots, "*a", 8 * MB, ""),
    ("robots: 16 MB of rules", robots, "\nDisallow: /*a*a*a*a$", 16 * MB / 21, ""),
    ("date: 1 MB of digits", date, "1", MB, ""),
    ("date: 1 MB of months", date, "May 1, ", MB / 7, ""),
    ("query: 1 MB of (", query, "(", MB, ""),
    ("query: 2,000 of (", query, "(", 2_000, ""),
    ("query: 2,000 of -", query, "-", 2_000, ""),
    ("config: 4 MB of [", config_value, "[", 4 * MB, ""),
    ("config: 4 MB of dots", config, "a.", 2 * MB, "a = 1"),
    ("config: 4 MB of tables", config, "[[feed]]\n", 4 * MB / 9, ""),
    ("config: 4 MB of unknown keys", keys, "", 4 * MB, ""),
];

const PROSE: &str = "<p>The harbour committee will vote on the charter next week, its chair said on \
    Monday, after three years of talks that had often seemed close to failing.</p>";

fn article(html: &str) -> String {
    match from_html(html, None) {
        Ok(article) => format!("an article of {} KB", article.text.len() / 1000),
        Err(reason) => reason.to_string(),
    }
}

fn attributes(pieces: &str) -> String {
    article(&format!("<p{pieces}"))
}

fn end_attributes(pieces: &str) -> String {
    article(&format!("</p{pieces}>"))
}

fn json_ld(pieces: &str) -> String {
    article(&format!("<script type=application/ld+json>{pieces}</script>{PROSE}"))
}

fn script(pieces: &str) -> String {
    article(&format!("<script>{pieces}</script>{PROSE}"))
}

fn class(pieces: &str) -> String {
    article(&format!("<p class='{pieces}'>{PROSE}"))
}

fn decode(text: &str) -> String {
    charset::decode(text.as_bytes(), None).1.to_owned()
}

fn quotes(text: &str) -> String {
    format!("{} quotes", extract(&Document { key: "hostile", text, ..Document::default() }).len())
}

fn different_names(_: &str) -> String {
    let mut text = String::new();
    for number in 0_u32.. {
        if text.len() >= 10 * MB {
            break;
        }
        let letters: String = (0..5)
            .map(|place| char::from(b'a' + (number / 26_u32.pow(place) % 26) as u8))
            .collect();
        text.push_str(&format!("Jo K{letters}, mayor of N{letters}, said “yes.” "));
    }
    quotes(&text)
}

fn base() -> Result<Url, String> {
    Url::parse("https://quay.example/").map_err(|cause| cause.to_string())
}

fn feed(pieces: &str) -> String {
    let xml = format!("<rss version='2.0'><channel>{pieces}");
    let entries = base().and_then(|base| {
        let listing = syndication::parse(xml.as_bytes(), None, &base);
        listing.map(|it| it.entries.len()).map_err(|cause| cause.to_string())
    });
    entries.map_or_else(|reason| reason, |entries| format!("{entries} entries"))
}

fn map(pieces: &str) -> String {
    let xml = format!("<urlset>{pieces}");
    let entries = base().and_then(|base| {
        let map = sitemap::parse(xml.as_bytes(), &base);
        map.map(|it| it.entries.len()).map_err(|cause| cause.to_string())
    });
    entries.map_or_else(|reason| reason, |entries| format!("{entries} entries"))
}

fn links(html: &str) -> String {
    base().map_or_else(
        |reason| reason,
        |base| format!("{} links", listing::links(html, &base).entries.len()),
    )
}

fn robots(pieces: &str) -> String {
    let rules = Robots::parse(format!("User-agent: *\nDisallow: /{pieces}").as_bytes());
    let url = Url::parse(&format!("https://quay.example/{}", "a".repeat(2_000)));
    url.map_or_else(
        |cause| cause.to_string(),
        |url| format!("allowed: {}", rules.allows("x", &url)),
    )
}

fn date(text: &str) -> String {
    PageDate::parse(text).map_or_else(|| "no date".to_owned(), |date| date.as_str().to_owned())
}

fn query(text: &str) -> String {
    Highlighter::new(Some(text)).map_or_else(|e| e.to_string(), |_| "a query".to_owned())
}

fn config(text: &str) -> String {
    Config::parse(text, "feeds.toml")
        .map_or_else(|mistakes| mistakes.to_string(), |_| "a watch list".to_owned())
}

fn config_value(pieces: &str) -> String {
    config(&format!("a = {pieces}"))
}

fn keys(_: &str) -> String {
    let lines: Vec<String> = (0..400_000).map(|number| format!("key{number} = 1")).collect();
    config(&lines.join("\n"))
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Ok(name) = std::env::var(CASE) {
        return one(&name);
    }
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    println!("{:<42} {:>7} {:>7} {:>6}  what came of it", "case", "s", "MB", "times");
    for (name, _, piece, times, _) in CASES {
        if wanted.as_ref().is_some_and(|word| !name.contains(word.as_str())) {
            continue;
        }
        let bytes = (piece.len() * times).max(*times).max(1);
        let child = Command::new(std::env::current_exe()?)
            .env(CASE, name)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let printed = patiently(child)?;
        let mut fields = printed.trim().splitn(3, '\t');
        let seconds: Option<f64> = fields.next().and_then(|field| field.parse().ok());
        let memory: Option<usize> = fields.next().and_then(|field| field.parse().ok());
        let (Some(seconds), Some(kilobytes)) = (seconds, memory) else {
            println!("{name:<42} {:>7} {:>7} {:>6}  {}", "-", "-", "-", printed.trim());
            continue;
        };
        let slow = if seconds > WANTED_SECONDS { " SLOW" } else { "" };
        let allowed = PROGRAM_KB + WANTED_TIMES * bytes / 1024;
        let large = if kilobytes > allowed { " LARGE" } else { "" };
        println!(
            "{name:<42} {seconds:>7.2} {:>7} {:>6.1}  {}{slow}{large}",
            kilobytes / 1024,
            kilobytes as f64 * 1024.0 / bytes as f64,
            fields.next().unwrap_or_default(),
        );
    }
    Ok(())
}

/// What the process printed, or how it ended.
fn patiently(mut child: Child) -> Result<String, Box<dyn Error>> {
    let begun = Instant::now();
    while child.try_wait()?.is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Ok(format!("STOPPED after {} s", PATIENCE.as_secs()));
        }
        thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let last_words =
        String::from_utf8_lossy(&output.stderr).lines().take(3).collect::<Vec<_>>().join(" ");
    Ok(format!("DIED ({}): {last_words}", output.status))
}

/// One case: prints its seconds, peak memory in KB and what came of it.
fn one(name: &str) -> Result<(), Box<dyn Error>> {
    let case = CASES.iter().find(|case| case.0 == name).ok_or("no such case")?;
    let (_, stage, piece, times, after) = *case;
    let input = format!("{}{after}", piece.repeat(times));
    let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        let begun = Instant::now();
        let outcome = stage(&input);
        (begun.elapsed(), outcome)
    })?;
    let (elapsed, outcome) = worker.join().map_err(|_| "the stage panicked")?;
    let status = fs::read_to_string("/proc/self/status")?;
    let memory = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    let kilobytes = memory.trim().trim_end_matches(" kB");
    let short: String = outcome.lines().next().unwrap_or_default().chars().take(60).collect();
    println!("{:.3}\t{kilobytes}\t{short}", elapsed.as_secs_f64());
    Ok(())
}
