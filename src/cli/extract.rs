//! `onrecord extract`: quotes out of files or standard input. No store, no index, no network.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::info;
use url::Url;

use super::exit::Exit;
use super::input::{Input, InputError, MAX_INPUT_BYTES};
use crate::archive::message;
use crate::archive::reader::{Records, is_archive};
use crate::article::{self, charset};
use crate::domain::article::{Article, Notice};
use crate::domain::date::PageDate;
use crate::domain::hash;
use crate::domain::quote::{Found, Quote};
use crate::quote::{self, Document};

/// The version of the printed article object.
const SCHEMA: u32 = 1;
/// Inputs without a line break are taken for HTML if a tag opens within so many bytes.
const SNIFF_BYTES: usize = 1024;

/// What editors put before UTF-8, of which a file of lines joined from several may have more than one.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What the input holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InputKind {
    /// By the file's name, else by its first bytes
    Auto,
    /// Plain text, paragraphs split by empty lines
    Text,
    /// One HTML page
    Html,
    /// A web archive: WARC or ARC, packed or not
    Warc,
    /// One article a line: {"text" or "html", "id", "url", "title", "outlet", "published"}
    Ndjson,
}

/// How articles and their quotes are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// One article a line
    Ndjson,
    /// One JSON array of articles
    Json,
    /// For reading
    Human,
}

/// Arguments of `onrecord extract`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord extract article.txt                      for reading
  onrecord extract --format json page.html          one JSON array of articles
  curl -s URL | onrecord extract --url URL -        a page from standard input
  onrecord extract --input ndjson --format ndjson < articles.ndjson
  onrecord extract --format ndjson crawl.warc.gz    every article of a web archive

NDJSON input is an object a line with \"text\" or \"html\", and optionally
\"id\", \"url\", \"title\", \"outlet\", \"published\". A bad line is reported,
the rest goes on, and the exit status is 1.")]
pub struct ExtractArgs {
    /// What the input holds
    #[arg(long, value_name = "KIND", default_value = "auto")]
    pub input: InputKind,
    /// How to print it
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<OutputFormat>,
    /// Where the page came from (for HTML input)
    #[arg(long, value_name = "URL")]
    pub url: Option<Url>,
    /// Files, or - for standard input
    #[arg(value_name = "PATH", default_value = "-")]
    pub paths: Vec<PathBuf>,
}

/// An article with its quotes, as printed.
#[derive(Debug, Serialize)]
struct Printed<'a> {
    schema: u32,
    id: &'a Value,
    url: Option<String>,
    title: Option<&'a str>,
    byline: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    agency: Option<&'a str>,
    outlet: Option<&'a str>,
    published: Option<&'a PageDate>,
    modified: Option<&'a PageDate>,
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    live: bool,
    text: &'a str,
    notices: &'a [Notice],
    quotes: &'a [Found<'a>],
}

/// One line of NDJSON input.
#[derive(Debug, Deserialize)]
struct Line {
    id: Option<Value>,
    url: Option<String>,
    title: Option<String>,
    outlet: Option<String>,
    published: Option<String>,
    text: Option<String>,
    html: Option<String>,
}

/// Why `extract` stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// An input could not be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Standard output could not be written.
    #[error("failed to write the output: {0}")]
    Output(#[from] io::Error),
    /// The input kind is not one this command reads yet.
    #[error("{path} is binary data, not text or HTML; give a text, an HTML page or ndjson")]
    Binary {
        /// The input's name.
        path: String,
    },
}

/// Extracts from every input in turn and prints what it finds to `out`; complaints about single
/// lines and pages go to standard error and make the result [`Exit::Partly`].
///
/// # Errors
/// [`ExtractError`] if the only input can't be read or the output can't be written.
pub fn run(arguments: &ExtractArgs, out: &mut dyn Write) -> Result<Exit, ExtractError> {
    let format = arguments.format.unwrap_or(OutputFormat::Human);
    let mut printer = Printer { out, line: Vec::new(), format, articles: 0, failures: 0 };
    printer.begin()?;
    for path in &arguments.paths {
        match extract_input(&Input::from_argument(path), arguments, &mut printer) {
            // One input of several that can't be read doesn't stop the others.
            Err(error)
                if arguments.paths.len() > 1 && !matches!(error, ExtractError::Output(_)) =>
            {
                printer.complain(&error.to_string());
            }
            done => done?,
        }
    }
    printer.end()?;
    Ok(if printer.failures == 0 { Exit::Done } else { Exit::Partly })
}

fn extract_input(
    input: &Input,
    arguments: &ExtractArgs,
    printer: &mut Printer<'_>,
) -> Result<(), ExtractError> {
    let mut reader = input.open()?;
    let start = reader.fill_buf().map_err(|cause| input.error(cause))?;
    if is_web_archive(arguments.input, input, start) {
        extract_archive(input, reader, printer)
    } else if is_ndjson(arguments.input, input, start) {
        extract_lines(input, reader, printer)
    } else {
        extract_whole(input, reader, arguments, printer)
    }
}

fn is_ndjson(kind: InputKind, input: &Input, start: &[u8]) -> bool {
    let start = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start).trim_ascii_start();
    match (kind, input.extension().as_deref()) {
        (InputKind::Ndjson, _) | (InputKind::Auto, Some("ndjson" | "jsonl")) => true,
        (InputKind::Auto, None) => start.starts_with(b"{\""),
        _ => false,
    }
}

fn is_web_archive(kind: InputKind, input: &Input, start: &[u8]) -> bool {
    match kind {
        InputKind::Warc => true,
        InputKind::Auto => {
            is_archive(start) || matches!(input.extension().as_deref(), Some("warc" | "arc"))
        }
        _ => false,
    }
}

/// Every page of a web archive that holds an article. Damage is reported with its place.
fn extract_archive(
    input: &Input,
    reader: Box<dyn BufRead>,
    printer: &mut Printer<'_>,
) -> Result<(), ExtractError> {
    for record in Records::new(reader) {
        let record = match record {
            Ok(record) => record,
            Err(damage) => {
                printer.complain(&format!("{}: {damage}", input.name()));
                continue;
            }
        };
        let place = record.place;
        let page = match message::page(record) {
            Ok(Some(page)) => page,
            Ok(None) => continue,
            Err(reason) => {
                printer.complain(&format!("{}: damaged at {place}: {reason}", input.name()));
                continue;
            }
        };
        let (html, _) = charset::decode(&page.body, page.content_type.as_deref());
        match article::from_html(&html, Some(&page.url)) {
            Ok(article) => {
                let url = article.canonical_url.clone();
                printer.print(None, url.or_else(|| Some(page.url.to_string())), &article)?;
            }
            // Archives hold front pages and forms as well, which is no fault of theirs.
            Err(reason) => info!("{}: {}: {reason}", input.name(), page.url),
        }
    }
    Ok(())
}

fn extract_lines(
    input: &Input,
    mut reader: Box<dyn BufRead>,
    printer: &mut Printer<'_>,
) -> Result<(), ExtractError> {
    let mut bytes = Vec::new();
    for number in 1_u64.. {
        bytes.clear();
        let read = io::Read::take(&mut reader, MAX_INPUT_BYTES)
            .read_until(b'\n', &mut bytes)
            .map_err(|cause| input.error(cause))?;
        if read == 0 {
            break;
        }
        let place = format!("{}, line {number}", input.name());
        if read as u64 == MAX_INPUT_BYTES && bytes.last() != Some(&b'\n') {
            printer.complain(&InputError::TooLarge { path: place }.to_string());
            reader.skip_until(b'\n').map_err(|cause| input.error(cause))?;
            continue;
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let line = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
        if let Err(reason) = extract_line(line, printer)? {
            printer.complain(&format!("{place}: {reason}"));
        }
    }
    Ok(())
}

/// The inner error is a bad line's reason.
fn extract_line(
    bytes: &[u8],
    printer: &mut Printer<'_>,
) -> Result<Result<(), String>, ExtractError> {
    // A struct can be read from an array as well, which no article is.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(Err("not a JSON object".to_owned()));
    }
    let line: Line = match serde_json::from_slice(bytes) {
        Ok(line) => line,
        Err(cause) => return Ok(Err(format!("not an article as JSON: {cause}"))),
    };
    let page_url = line.url.as_deref().and_then(|url| Url::parse(url).ok());
    let mut article = match (line.text, line.html) {
        (Some(text), _) => Article { text, ..Article::default() },
        (None, Some(html)) => match article::from_html(&html, page_url.as_ref()) {
            Ok(article) => article,
            Err(reason) => return Ok(Err(reason.to_string())),
        },
        (None, None) => return Ok(Err("has neither \"text\" nor \"html\"".to_owned())),
    };
    article.title = line.title.or(article.title);
    article.outlet = line.outlet.or(article.outlet);
    article.published = line.published.as_deref().and_then(PageDate::parse).or(article.published);
    let url = line.url.or_else(|| article.canonical_url.clone());
    printer.print(line.id, url, &article)?;
    Ok(Ok(()))
}

fn extract_whole(
    input: &Input,
    reader: Box<dyn BufRead>,
    arguments: &ExtractArgs,
    printer: &mut Printer<'_>,
) -> Result<(), ExtractError> {
    let bytes = input.read(reader)?;
    if bytes.contains(&0) && !has_wide_bom(&bytes) {
        return Err(ExtractError::Binary { path: input.name() });
    }
    let (text, _) = charset::decode(&bytes, None);
    let html = match arguments.input {
        InputKind::Html => true,
        InputKind::Text => false,
        InputKind::Auto | InputKind::Ndjson | InputKind::Warc => {
            matches!(input.extension().as_deref(), Some("html" | "htm" | "xhtml"))
                || looks_like_html(&text)
        }
    };
    let article = if html {
        match article::from_html(&text, arguments.url.as_ref()) {
            Ok(article) => article,
            Err(reason) => {
                printer.complain(&format!("{}: {reason}", input.name()));
                return Ok(());
            }
        }
    } else {
        Article { text: text.into_owned(), ..Article::default() }
    };
    let url = arguments.url.as_ref().map(Url::to_string).or_else(|| article.canonical_url.clone());
    printer.print(None, url, &article)
}

/// UTF-16 text has NUL bytes and says so with its byte order mark.
fn has_wide_bom(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

fn looks_like_html(text: &str) -> bool {
    let head: String =
        text.trim_start().chars().take(SNIFF_BYTES).collect::<String>().to_lowercase();
    head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || head.starts_with('<')
            && (head.contains("<head") || head.contains("<body") || head.contains("<p"))
}

struct Printer<'a> {
    out: &'a mut dyn Write,
    /// The article being printed: written whole, not piece by piece.
    line: Vec<u8>,
    format: OutputFormat,
    articles: u64,
    failures: u64,
}

impl Printer<'_> {
    fn begin(&mut self) -> io::Result<()> {
        if self.format == OutputFormat::Json { self.out.write_all(b"[") } else { Ok(()) }
    }

    fn end(&mut self) -> io::Result<()> {
        if self.format == OutputFormat::Json {
            self.out.write_all(b"\n]\n")?;
        }
        self.out.flush()
    }

    #[allow(clippy::print_stderr)]
    fn complain(&mut self, message: &str) {
        self.failures += 1;
        eprintln!("onrecord: {message}");
    }

    fn print(
        &mut self,
        id: Option<Value>,
        url: Option<String>,
        article: &Article,
    ) -> Result<(), ExtractError> {
        let key = match (&id, &url) {
            (Some(Value::String(id)), _) => id.clone(),
            (Some(id), _) => id.to_string(),
            (None, Some(url)) => hash::short(&[url]),
            (None, None) => hash::short(&[&article.text]),
        };
        let quotes = quote::extract(&Document {
            key: &key,
            text: &article.text,
            title: article.title.as_deref(),
            byline: &article.byline,
            outlet: article.outlet.as_deref(),
            language: article.language.as_deref(),
        });
        if self.format == OutputFormat::Human {
            let quotes: Vec<_> = quotes.into_iter().map(Quote::into_owned).collect();
            self.print_human(article, &quotes)?;
        } else {
            if self.format == OutputFormat::Json {
                self.out.write_all(if self.articles == 0 { b"\n" } else { b",\n" })?;
            }
            let printed = Printed {
                schema: SCHEMA,
                id: &id.unwrap_or_else(|| Value::String(key.clone())),
                url,
                title: article.title.as_deref(),
                byline: &article.byline,
                agency: article.agency.as_deref(),
                outlet: article.outlet.as_deref(),
                published: article.published.as_ref(),
                modified: article.modified.as_ref(),
                language: article.language.as_deref(),
                live: article.live,
                text: &article.text,
                notices: &article.notices,
                quotes: &quotes,
            };
            self.line.clear();
            serde_json::to_writer(&mut self.line, &printed).map_err(io::Error::from)?;
            if self.format == OutputFormat::Ndjson {
                self.line.push(b'\n');
            }
            self.out.write_all(&self.line)?;
        }
        self.articles += 1;
        Ok(())
    }

    fn print_human(&mut self, article: &Article, quotes: &[Quote]) -> io::Result<()> {
        if let Some(title) = &article.title {
            writeln!(self.out, "{}\n", super::print::printable(title))?;
        }
        for quote in quotes {
            writeln!(self.out, "{}", super::print::quotation(quote, super::print::width()))?;
        }
        if quotes.is_empty() {
            writeln!(self.out, "no quotes found")?;
        }
        Ok(())
    }
}
