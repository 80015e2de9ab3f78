//! An invented news site for measurements: hosts on loopback, each with a feed and its articles.
//!
//! Hosts and pages wanted → a process of its own that serves them, since its work must not count as
//! the crawler's. Pages are made of a seed: distinct, the same in every run, about 100 KB each, with
//! what real ones carry around an article (some 900 tags and 40 KB of scripts, styles and data).

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Write as _};
use std::net::TcpListener as StdListener;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};

/// The first argument of the process that serves; hosts, pages and faulty hosts follow.
pub const SERVE: &str = "serve-site";
/// What every page is about.
pub const TOPIC: &str = "harbour accord";
/// Size of a page, in bytes, at least.
const PAGE_BYTES: usize = 100_000;
/// Longest request that is read.
const MAX_HEAD: usize = 16 * 1024;

/// What a host does to requests for pages, and for its feed if that is faulty too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Healthy,
    Silent,
    Reset,
    Endless,
    Dripping,
    Unavailable,
}

/// The faults of faulty hosts, in turns.
const FAULTS: [Manner; 5] =
    [Manner::Silent, Manner::Reset, Manner::Endless, Manner::Dripping, Manner::Unavailable];

/// A site that is being served. It ends with this value.
pub struct Site {
    process: Child,
    /// Held open: the server goes when it is closed, however this process ends.
    _alive: Option<ChildStdin>,
    /// `http://127.0.0.1:PORT` of the healthy hosts.
    pub healthy: Vec<String>,
    /// The same of the faulty ones.
    pub faulty: Vec<String>,
}

impl Site {
    /// Serves `pages` articles on each of `hosts` hosts and of `faulty` hosts beside them.
    pub fn start(hosts: usize, faulty: usize, pages: usize) -> Result<Self, Box<dyn Error>> {
        let numbers = [hosts, faulty, pages].map(|number| number.to_string());
        let mut process = Command::new(std::env::current_exe()?)
            .arg(SERVE)
            .args(numbers)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = process.stdout.take().ok_or("the server has no standard output")?;
        let mut origins =
            BufReader::new(out).lines().take(hosts + faulty).collect::<io::Result<Vec<_>>>()?;
        let faulty = origins.split_off(hosts.min(origins.len()));
        let alive = process.stdin.take();
        Ok(Self { process, _alive: alive, healthy: origins, faulty })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves until standard input ends: the other side of [`Site::start`].
pub fn serve(numbers: &[String]) -> Result<(), Box<dyn Error>> {
    let numbers: Vec<usize> =
        numbers.iter().take(3).map(|number| number.parse()).collect::<Result<_, _>>()?;
    let [hosts, faulty, pages] = numbers[..] else { return Err("hosts, faulty, pages".into()) };
    let runtime = tokio::runtime::Runtime::new()?;
    let _entered = runtime.enter();
    let stock = Arc::new(Stock::new());
    for host in 0..hosts + faulty {
        let listener = StdListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        println!("http://{}", listener.local_addr()?);
        // Each fault of pages alone first, then of feeds and pages.
        let (manner, faulty_feed) = match host.checked_sub(hosts) {
            None => (Manner::Healthy, false),
            Some(number) => (FAULTS[number % FAULTS.len()], number >= FAULTS.len()),
        };
        let stock = Arc::clone(&stock);
        let here = Host { number: host as u64, pages, manner, faulty_feed, stock };
        runtime.spawn(here.listen(TcpListener::from_std(listener)?));
    }
    io::stdout().flush()?;
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    // Silent hosts never end by themselves.
    runtime.shutdown_background();
    Ok(())
}

#[derive(Clone)]
struct Host {
    number: u64,
    pages: usize,
    manner: Manner,
    /// True if the feed is as faulty as the pages.
    faulty_feed: bool,
    stock: Arc<Stock>,
}

impl Host {
    async fn listen(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let here = self.clone();
            tokio::spawn(async move {
                // A client that goes away is no event here.
                let _ = here.answer(stream).await;
            });
        }
    }

    async fn answer(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut stream = BufStream::new(stream);
        while let Some(path) = request(&mut stream).await? {
            let page = path.strip_prefix("/story/").and_then(|number| number.parse().ok());
            match (path.as_str(), page, self.manner) {
                ("/robots.txt", ..) => {
                    send(&mut stream, "200 OK", "text/plain", b"User-agent: *\nAllow: /\n").await?;
                }
                ("/feed", _, fault) if self.faulty_feed => return misbehave(stream, fault).await,
                ("/feed", ..) => {
                    let feed = self.feed();
                    send(&mut stream, "200 OK", "application/rss+xml", feed.as_bytes()).await?;
                }
                (_, Some(page), Manner::Healthy) => {
                    let page = self.stock.page(self.number, page);
                    send(&mut stream, "200 OK", "text/html; charset=utf-8", page.as_bytes())
                        .await?;
                }
                (_, Some(_), fault) => return misbehave(stream, fault).await,
                _ => send(&mut stream, "404 Not Found", "text/plain", b"").await?,
            }
        }
        Ok(())
    }

    fn feed(&self) -> String {
        let mut feed = "<rss version='2.0'><channel><title>Harbour news</title>".to_owned();
        for page in 0..self.pages {
            let (day, hour) = (1 + page / 24 % 28, page % 24);
            let _ = write!(
                feed,
                "<item><title>Talks on the {TOPIC}, part {page}</title>\
                 <link>/story/{page}</link>\
                 <pubDate>{day:02} Mar 2026 {hour:02}:00:00 GMT</pubDate></item>"
            );
        }
        feed + "</channel></rss>"
    }
}

/// The path of the next request on a connection; `None` at its end.
async fn request(stream: &mut BufStream<TcpStream>) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) if head.len() < MAX_HEAD => head.push(byte),
            _ => return Ok(None),
        }
    }
    let head = String::from_utf8_lossy(&head);
    Ok(head.split(' ').nth(1).map(str::to_owned))
}

async fn send(
    stream: &mut BufStream<TcpStream>,
    status: &str,
    media_type: &str,
    body: &[u8],
) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.flush().await
}

async fn misbehave(mut stream: BufStream<TcpStream>, fault: Manner) -> io::Result<()> {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body><p>The harbour";
    match fault {
        Manner::Healthy => Ok(()),
        Manner::Unavailable => {
            send(&mut stream, "503 Service Unavailable", "text/plain", b"").await
        }
        Manner::Reset => stream.get_ref().set_zero_linger(),
        Manner::Silent => {
            let _ = stream.read_u8().await;
            Ok(())
        }
        Manner::Endless => {
            stream.write_all(head).await?;
            loop {
                stream.write_all(&[b' '; 4096]).await?;
            }
        }
        Manner::Dripping => {
            for byte in head.iter().cycle() {
                stream.write_all(&[*byte]).await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Ok(())
        }
    }
}

/// Numbers that look like chance and are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &'a [&'a T]) -> &'a T {
        of[(self.roll() % of.len() as u64) as usize]
    }

    fn piece<'a>(&mut self, of: &'a [String]) -> &'a str {
        &of[(self.roll() % of.len() as u64) as usize]
    }
}

const FIRST: &[&str] = &[
    "Mira", "Tobin", "Ansel", "Corin", "Lene", "Oskar", "Petra", "Ruben", "Sunniva", "Ilse",
    "Joren", "Katya", "Marek", "Nadine", "Pavel", "Rosalind",
];
/// Family names and other words are put together from these.
const NAME_PARTS: [&[&str]; 4] = [
    &["Har", "Vel", "Tam", "Os", "Bren", "Lin", "Mar", "Quel", "Fer", "Nov", "Pel", "Sar", "Thor"],
    &["da", "ro", "li", "ne", "vi", "so", "ma", "ke", "tu", "gra"],
    &["", "lo", "ra", "ti", "mo", "si", "na", "du", "ve", "pa"],
    &["n", "ck", "ford", "berg", "sson", "witz", "ley", "mann", "rup", "sen"],
];
const ROLES: &[&str] = &[
    "harbour master of Vell",
    "a spokeswoman for the Pilots’ Guild",
    "minister for the coast",
    "professor of maritime law at Ridge University",
    "chair of the fishing council",
    "an economist with the Coast Institute",
    "mayor of Port Tarn",
    "head of the ferry line",
];
const SUBJECTS: &[&str] = &[
    "The council",
    "Every skipper",
    "The ministry",
    "Our members",
    "The islands",
    "The pilots",
    "Nobody on the quay",
    "The ferry line",
    "A small port",
    "The committee",
    "The next government",
    "The fishing fleet",
    "Our lawyers",
    "The northern towns",
    "Anybody who pays the toll",
    "The insurance houses",
];
const VERBS: &[&str] = &[
    "has waited for",
    "can live with",
    "will never sign",
    "should publish",
    "asked twice for",
    "has to pay for",
    "wants to see",
    "does not understand",
    "knows the price of",
    "will vote on",
    "has read",
    "cannot enforce",
    "is right to doubt",
    "must not delay",
];
const BETWEEN: &[&str] = &[
    "the",
    "a",
    "of the",
    "and every",
    "with no",
    "before the",
    "in a",
    "under the old",
    "from",
    "for the",
    "without a",
    "against the",
];
const WORDS: &[&str] = &[
    "harbour",
    "sport",
    "weather",
    "markets",
    "opinion",
    "coast",
    "culture",
    "travel",
    "islands",
    "podcasts",
    "video",
    "obituaries",
    "letters",
    "crossword",
    "science",
    "health",
    "education",
    "property",
    "recipes",
    "newsletters",
];

/// A sentence that shares no run of words with others, as real ones don't: most of its words are
/// made up.
fn sentence(dice: &mut Dice) -> String {
    let mut sentence = format!("{} {}", dice.pick(SUBJECTS), dice.pick(VERBS));
    for _ in 0..4 {
        let _ = write!(sentence, " {} {}", dice.pick(BETWEEN), made_up(dice).to_lowercase());
    }
    sentence
}

fn made_up(dice: &mut Dice) -> String {
    NAME_PARTS.map(|parts| dice.pick(parts)).concat()
}

fn name(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(FIRST), made_up(dice))
}

/// The pieces that pages are put together from.
struct Stock {
    cards: Vec<String>,
    links: Vec<String>,
    rules: Vec<String>,
    states: Vec<String>,
    icons: Vec<String>,
}

impl Stock {
    fn new() -> Self {
        let mut dice = Dice(7);
        let mut many = |count: usize, piece: fn(&mut Dice) -> String| -> Vec<String> {
            (0..count).map(|_| piece(&mut dice)).collect()
        };
        Self {
            cards: many(400, card),
            links: many(400, link),
            rules: many(600, rule),
            states: many(1200, state),
            icons: many(60, icon),
        }
    }

    /// The article number `number` of a host.
    fn page(&self, host: u64, number: u64) -> String {
        let mut dice = Dice(host << 32 | number);
        let title = format!("Talks on the {TOPIC}: {}", sentence(&mut dice).to_lowercase());
        let author = name(&mut dice);
        let (day, hour) = (1 + number / 24 % 28, number % 24);
        let date = format!("2026-03-{day:02}T{hour:02}:00:00Z");
        let mut page = String::with_capacity(PAGE_BYTES + 4096);
        let _ = write!(
            page,
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
             <title>{title} | Harbour Courier {host}</title>\n\
             <meta property=\"og:title\" content=\"{title}\">\n\
             <meta property=\"og:type\" content=\"article\">\n\
             <meta property=\"article:published_time\" content=\"{date}\">\n\
             <meta name=\"author\" content=\"{author}\">\n\
             <meta name=\"description\" content=\"What was said about the {TOPIC} in Vell.\">\n\
             <script type=\"application/ld+json\">{{\"@context\":\"https://schema.org\",\
             \"@type\":\"NewsArticle\",\"headline\":\"{title}\",\"datePublished\":\"{date}\",\
             \"author\":[{{\"@type\":\"Person\",\"name\":\"{author}\"}}]}}</script>\n<style>"
        );
        fill(&mut page, &self.rules, &mut dice, 10_000);
        page.push_str("</style>\n<script>window.dataLayer=window.dataLayer||[];");
        fill(&mut page, &self.states, &mut dice, 8_000);
        page.push_str("</script></head>\n<body class=\"story\"><header><nav><ul>\n");
        fill(&mut page, &self.links, &mut dice, 8_000);
        let _ = write!(
            page,
            "</ul></nav></header>\n<main><article class=\"story-body\"><h1>{title}</h1>\n\
             <p class=\"byline\">By <a rel=\"author\" href=\"/people/{host}\">{author}</a></p>\n\
             <time datetime=\"{date}\">{day} March 2026</time>\n"
        );
        for paragraph in 0..20 {
            self.paragraph(&mut page, paragraph, &mut dice);
        }
        page.push_str("</article>\n<aside class=\"related\"><h2>More stories</h2>\n");
        fill(&mut page, &self.cards, &mut dice, 24_000);
        page.push_str("</aside></main>\n<footer><ul>\n");
        fill(&mut page, &self.links, &mut dice, 9_000);
        fill(&mut page, &self.icons, &mut dice, 3_000);
        page.push_str("</ul></footer>\n<script>window.__STATE__=[");
        let left = PAGE_BYTES.saturating_sub(page.len());
        fill(&mut page, &self.states, &mut dice, left);
        page.push_str("];</script></body></html>\n");
        page
    }

    fn paragraph(&self, page: &mut String, number: usize, dice: &mut Dice) {
        let speaker = name(dice);
        let (role, said) = (dice.pick(ROLES), sentence(dice));
        let (before, after) = (sentence(dice), sentence(dice));
        let link = format!("<a href=\"/topics/{}\">{TOPIC}</a>", dice.pick(WORDS));
        let _ = match number % 5 {
            0 => writeln!(page, "<p>{before}, though the {link} says otherwise. {after}.</p>"),
            1 => writeln!(page, "<p>“{said},” said {speaker}, {role}. {after}.</p>"),
            2 => writeln!(page, "<p>{before}. {speaker}, {role}, told reporters: “{said}.”</p>"),
            3 => writeln!(page, "<p>{before}. {after}, and the talks on the {TOPIC} go on.</p>"),
            _ => writeln!(
                page,
                "<p>{before}. “{said},” {speaker} said on Monday. “{after}.”</p>\
                 <figure><img src=\"/i/{number}.jpg\" alt=\"\"><figcaption>The quay</figcaption>\
                 </figure>"
            ),
        };
    }
}

/// Adds pieces until `page` is `bytes` longer.
fn fill(page: &mut String, pieces: &[String], dice: &mut Dice, bytes: usize) {
    let end = page.len() + bytes;
    while page.len() < end {
        page.push_str(dice.piece(pieces));
    }
}

fn card(dice: &mut Dice) -> String {
    let (at, headline, section) = (dice.roll(), sentence(dice), dice.pick(WORDS));
    format!(
        "<div class=\"card c{0:04x}\" data-id=\"{at:016x}\"><a href=\"/{section}/{at:x}\">\
         <picture><source srcset=\"/i/{at:x}-320.webp 320w, /i/{at:x}-640.webp 640w\">\
         <img loading=\"lazy\" src=\"/i/{at:x}.jpg\" alt=\"\"></picture>\
         <h3>{headline}</h3></a><span class=\"tag\">{section}</span></div>\n",
        at & 0xffff
    )
}

fn link(dice: &mut Dice) -> String {
    let (at, word) = (dice.roll() & 0xff_ffff, dice.pick(WORDS));
    format!("<li class=\"item\"><a href=\"/{word}/{at:x}\" class=\"link\">{word} {at:x}</a></li>\n")
}

fn rule(dice: &mut Dice) -> String {
    let (at, word) = (dice.roll(), dice.pick(WORDS));
    format!(
        ".{word}-{:04x}{{margin:{}px {}px;color:#{:06x};display:flex}}",
        at & 0xffff,
        at >> 16 & 31,
        at >> 24 & 31,
        at >> 32 & 0xff_ffff
    )
}

fn state(dice: &mut Dice) -> String {
    let (at, text) = (dice.roll(), sentence(dice));
    format!(
        "{{\"id\":\"{at:016x}\",\"section\":\"{}\",\"title\":\"{text}\",\"views\":{}}},",
        dice.pick(WORDS),
        at & 0xffff
    )
}

fn icon(dice: &mut Dice) -> String {
    let mut path = String::new();
    for _ in 0..12 {
        let at = dice.roll();
        let _ = write!(path, "l{}.{} {}.{}", at & 15, at >> 8 & 99, at >> 16 & 15, at >> 24 & 99);
    }
    format!("<svg viewBox=\"0 0 24 24\"><path d=\"M1 1{path}z\"/></svg>\n")
}
