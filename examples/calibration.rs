//! How far the confidence that `onrecord extract` prints can be believed, on labelled files.
//!
//! `cargo run --release --example calibration -- FILE…` extracts the quotes of every article and
//! compares each printed speaker with the labels: reliability by tenths of confidence, expected
//! calibration error, Brier score, and the share of right speakers by each feature that the
//! confidence rests on. A file has one article a line, in one of two forms; offsets count code points:
//!
//! - speakers: `{"id", "text", "complete", "quotes": [{"verbatim": [[start, end], …], "speaker": name
//!   or null, "also": [name, …], "optional": bool}, …]}`. A quote is judged by the label that shares
//!   most words with what stands in its marks. It is right if it prints the label's name or one of
//!   `also`, letter case, accents and titles apart. Quotes without marks and optional labels are not
//!   judged; a quotation without a label is wrong if the article is `complete`.
//! - sources: `{"id", "text", "quotes": [{"content": [[start, end], …], "source": [[start, end], …]},
//!   …]}`. A quote is judged by the labels that hold half of its content. It is right if its source
//!   shares a word with the label's and is no phrase much longer, or its speaker's name ends in the
//!   same word. Content that no label holds is wrong; labels without a source are not judged.
//!
//! The expected calibration error is the mean over ten bins of equal width of
//! |share of right speakers − mean confidence|, weighted by the bins' quotes (Naeini et al., AAAI
//! 2015); the Brier score is the mean of (confidence − right)².

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use onrecord::domain::quote::{Found, Span};
use onrecord::quote::{Document, Features, extract_with_features};
use serde::Deserialize;

/// Bins of confidence.
const BINS: usize = 10;

#[derive(Deserialize)]
struct Article {
    text: String,
    outlet: Option<String>,
    #[serde(default)]
    complete: bool,
    quotes: Vec<Label>,
}

#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    verbatim: Vec<(usize, usize)>,
    #[serde(default)]
    content: Vec<(usize, usize)>,
    #[serde(default)]
    source: Vec<(usize, usize)>,
    speaker: Option<String>,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    optional: bool,
}

/// One printed speaker, judged.
struct Judged {
    confidence: f64,
    right: bool,
    /// Some label holds its words.
    labelled: bool,
    features: Features,
}

/// The words of a text, each as its first code point, and the text itself by code points.
struct Words {
    points: Vec<char>,
    starts: Vec<usize>,
}

impl Words {
    fn of(text: &str) -> Self {
        let points: Vec<char> = text.chars().collect();
        let begins = |&at: &usize| {
            points[at].is_alphanumeric() && (at == 0 || !points[at - 1].is_alphanumeric())
        };
        let starts = (0..points.len()).filter(begins).collect();
        Self { points, starts }
    }

    fn within(&self, spans: impl IntoIterator<Item = (usize, usize)>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for (from, to) in spans {
            let first = self.starts.partition_point(|&s| s < from);
            let last = self.starts.partition_point(|&s| s < to);
            found.extend(&self.starts[first..last.max(first)]);
        }
        found
    }

    fn text(&self, spans: &[(usize, usize)]) -> String {
        let end = self.points.len();
        let cut = |&(from, to): &(usize, usize)| {
            self.points[from.min(end)..to.clamp(from.min(end), end)].iter().collect::<String>()
        };
        spans.iter().map(cut).collect::<Vec<_>>().join(" ")
    }
}

fn spans<S>(of: &[Span<S>]) -> impl Iterator<Item = (usize, usize)> {
    of.iter().map(|span| (span.start, span.end))
}

/// A name's words without case, accents, stops, possessives and titles before it.
fn name_words(name: &str) -> Vec<String> {
    const TITLES: [&str; 12] =
        ["the", "a", "an", "mr", "mrs", "ms", "dr", "sen", "rep", "gov", "president", "sir"];
    let plain = any_ascii::any_ascii(name).to_lowercase().replace('.', "");
    let words = plain.split(|c: char| !c.is_alphanumeric() && c != '\'');
    let words = words.map(|w| w.strip_suffix("'s").unwrap_or(w).replace('\'', ""));
    words.filter(|w| !w.is_empty()).skip_while(|w| TITLES.contains(&w.as_str())).collect()
}

/// The last word of a phrase before what describes it further; none of a pronoun.
fn head(phrase: &str) -> Option<String> {
    const CUTS: [&str; 15] = [
        "of", "for", "who", "in", "at", "from", "with", "on", "and", "to", "whose", "which",
        "that", "during", "by",
    ];
    const PRONOUNS: [&str; 14] = [
        "i", "you", "he", "she", "it", "we", "they", "who", "this", "that", "these", "those",
        "one", "others",
    ];
    let first = phrase.split([',', ';', '(', '—', '\n']).next()?;
    let words = first.split_whitespace().enumerate();
    let kept = words.take_while(|(n, w)| *n == 0 || !CUTS.contains(w)).map(|(_, w)| w);
    let last = name_words(&kept.collect::<Vec<_>>().join(" ")).pop()?;
    (last.len() > 1 && !PRONOUNS.contains(&last.as_str())).then_some(last)
}

/// The verdict by labels of speakers: is it right, and does a label hold it; none if not judged.
fn by_speaker(article: &Article, words: &Words, quote: &Found<'_>) -> Option<(bool, bool)> {
    let name = &quote.speaker.as_ref()?.name;
    let own = words.within(spans(&quote.verbatim));
    if own.is_empty() {
        return None;
    }
    let shared =
        |label: &Label| words.within(label.verbatim.iter().copied()).intersection(&own).count();
    let label = article.quotes.iter().max_by_key(|label| shared(label));
    match label.filter(|label| shared(label) > 0) {
        None => article.complete.then_some((false, false)),
        Some(label) if label.optional => None,
        Some(label) => {
            let names = label.speaker.iter().chain(&label.also);
            let own = name_words(name);
            Some((names.into_iter().any(|n| name_words(n) == own), true))
        }
    }
}

/// The verdict by labels of sources.
fn by_source(article: &Article, words: &Words, quote: &Found<'_>) -> Option<(bool, bool)> {
    /// A source may be so many words, or so many times as long as the label's, to be the same.
    const LONGEST: usize = 15;
    const TIMES: usize = 3;
    let speaker = quote.speaker.as_ref()?;
    let own = words.within(spans(&quote.content));
    let labelled: Vec<(&Label, BTreeSet<usize>)> = article
        .quotes
        .iter()
        .map(|label| (label, words.within(label.content.iter().copied())))
        .filter(|(_, held)| !held.is_disjoint(&own))
        .collect();
    let held: BTreeSet<usize> =
        labelled.iter().flat_map(|(_, held)| held.intersection(&own).copied()).collect();
    if held.len() * 2 < own.len() {
        return Some((false, false));
    }
    let holding: Vec<&Label> = labelled
        .iter()
        .filter(|(_, words)| words.intersection(&held).count() * 2 >= held.len())
        .map(|(label, _)| *label)
        .collect();
    if !holding.is_empty() && holding.iter().all(|label| label.source.is_empty()) {
        return None;
    }
    let source = words.within(quote.source.iter().map(|s| (s.start, s.end)));
    let right = holding.iter().any(|label| {
        let wanted = words.within(label.source.iter().copied());
        let short = source.len() <= LONGEST.max(TIMES * wanted.len());
        let same = head(&words.text(&label.source));
        short && !source.is_disjoint(&wanted) || same.is_some() && same == head(&speaker.name)
    });
    Some((right, true))
}

/// Judges one article's quotes by its labels, which name sources or `speakers`.
fn judge(article: &Article, speakers: bool, key: &str) -> Vec<Judged> {
    let words = Words::of(&article.text);
    let outlet = article.outlet.as_deref();
    let language = Some("en");
    let document = Document { key, text: &article.text, outlet, language, ..Document::default() };
    let verdicts = extract_with_features(&document).into_iter().filter_map(|(quote, features)| {
        let verdict = if speakers {
            by_speaker(article, &words, &quote)
        } else {
            by_source(article, &words, &quote)
        };
        let (right, labelled) = verdict?;
        Some(Judged { confidence: quote.confidence, right, labelled, features })
    });
    verdicts.collect()
}

/// Quotes, mean confidence and share of right speakers.
#[derive(Default, Clone, Copy)]
struct Share {
    quotes: u32,
    confidence: f64,
    right: u32,
}

impl Share {
    fn add(&mut self, judged: &Judged) {
        self.quotes += 1;
        self.confidence += judged.confidence;
        self.right += u32::from(judged.right);
    }

    fn of<'a>(judged: impl IntoIterator<Item = &'a Judged>) -> Self {
        let mut share = Self::default();
        judged.into_iter().for_each(|one| share.add(one));
        share
    }

    fn confidence(self) -> f64 {
        self.confidence / f64::from(self.quotes.max(1))
    }

    fn right(self) -> f64 {
        f64::from(self.right) / f64::from(self.quotes.max(1))
    }
}

/// The bins of confidence, in order.
fn bins(judged: &[Judged]) -> [Share; BINS] {
    let mut bins = [Share::default(); BINS];
    for one in judged {
        let index = (1..BINS).rev().find(|&n| one.confidence >= n as f64 / BINS as f64);
        bins[index.unwrap_or(0)].add(one);
    }
    bins
}

/// Expected calibration error.
fn error(judged: &[Judged]) -> f64 {
    let all = f64::from(Share::of(judged).quotes.max(1));
    let gap = |bin: &Share| (bin.right() - bin.confidence()).abs() * f64::from(bin.quotes);
    bins(judged).iter().map(gap).sum::<f64>() / all
}

fn report(name: &str, judged: Vec<Judged>) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    let all = Share::of(&judged);
    let brier: f64 =
        judged.iter().map(|j| (j.confidence - f64::from(u8::from(j.right))).powi(2)).sum();
    line(format!("# {name}"));
    let row = |label: &str, share: Share| {
        format!("{label:32} {:6} {:10.3} {:6.3}", share.quotes, share.confidence(), share.right())
    };
    line(format!("{:32} {:>6} {:>10} {:>6}", "", "quotes", "confidence", "right"));
    line(row("all", all));
    for (n, bin) in bins(&judged).iter().enumerate().filter(|(_, bin)| bin.quotes > 0) {
        let (from, to) = (n as f64 / BINS as f64, (n + 1) as f64 / BINS as f64);
        line(row(&format!("confidence {from:.1} to {to:.1}"), *bin));
    }
    let mut features: BTreeMap<String, Share> = BTreeMap::new();
    for one in &judged {
        for name in one.features.names() {
            features.entry(name).or_default().add(one);
        }
    }
    for (feature, share) in features {
        line(row(&feature, share));
    }
    let total = judged.len();
    let ece = error(&judged);
    let labelled: Vec<Judged> = judged.into_iter().filter(|j| j.labelled).collect();
    line(format!(
        "expected calibration error {ece:.3}   Brier score {:.3}   (where a label holds the quote: {} \
         of {total}, error {:.3})",
        brier / f64::from(all.quotes.max(1)),
        labelled.len(),
        error(&labelled),
    ));
    out
}

fn run(path: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("can't read {path}: {e}"))?;
    let mut articles = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let article: Article = serde_json::from_str(line)
            .map_err(|e| format!("{path}, line {}: no labelled article: {e}", number + 1))?;
        articles.push(article);
    }
    let speakers = articles.iter().flat_map(|a| &a.quotes).all(|label| label.content.is_empty());
    let judged = articles.iter().enumerate();
    let judged = judged.flat_map(|(n, article)| judge(article, speakers, &n.to_string())).collect();
    Ok(report(path, judged))
}

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        eprintln!("usage: cargo run --release --example calibration -- FILE…");
        return ExitCode::from(2);
    }
    for path in &paths {
        let printed = run(path).map(|report| writeln!(std::io::stdout(), "{report}"));
        if let Err(message) = printed {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
