//! WARC and ARC files of any maker, read → records, one after the other.
//!
//! A stream of bytes, packed (gzip, in one member or in one a record) or not, of any length →
//! [`Record`]s with the place where each begins. Damage is an item of its own that names its place,
//! and reading goes on at the next record that can be found. Holds one record at a time, and none
//! larger than a bound. Formats: WARC 1.1 (IIPC), ARC 1 and 2 (Internet Archive, 1996). Refuses to
//! judge what a record says, and to check digests.

use std::fmt;
use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Bytes of a record's block that are held. Longer ones are films and disk images.
const MAX_BLOCK: u64 = 64 * 1024 * 1024;

/// Bytes of a line of a record's head. Addresses of some kilobytes are met.
const MAX_LINE: usize = 64 * 1024;

/// Lines of a record's head. Heads of a dozen are usual.
const MAX_LINES: usize = 1_000;

/// Bytes unpacked at a time.
const CHUNK: usize = 64 * 1024;

/// First bytes of a gzip member: its mark and the only method there is.
const GZIP: &[u8] = &[0x1F, 0x8B, 0x08];

/// Where something stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Bytes from the file's beginning, to the gzip member where there is one.
    pub offset: u64,
    /// Bytes into what the gzip member packs.
    pub unpacked: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unpacked {
            0 => write!(f, "byte {}", self.offset),
            more => write!(f, "byte {}, {more} bytes into what is packed there", self.offset),
        }
    }
}

/// One record, without judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it begins.
    pub place: Place,
    /// `WARC-Type`; `response` for every ARC record but the file's own.
    pub kind: String,
    /// `WARC-Target-URI`, without the angle brackets that some makers put around it.
    pub url: Option<String>,
    /// When it was fetched.
    pub date: Option<Timestamp>,
    /// The block's media type as the record states it.
    pub content_type: Option<String>,
    /// The block: an HTTP message or a file.
    pub block: Vec<u8>,
    /// Bytes of the block that the file lacks at its end.
    pub missing: u64,
}

/// What can't be read, where, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("damaged at {place}: {reason}")]
pub struct Damage {
    /// Where the damaged record or member begins.
    pub place: Place,
    /// What is wrong there.
    pub reason: String,
}

/// Whether a file that begins with `start` is for this reader. Packed ones are looked into.
#[must_use]
pub fn is_archive(start: &[u8]) -> bool {
    let mut unpacked = [0; 16];
    let start = match start.starts_with(GZIP) {
        true => {
            let mut room = &mut unpacked[..];
            let mut decoder = GzDecoder::new(start);
            while let Ok(read @ 1..) = decoder.read(room) {
                room = &mut room[read..];
            }
            &unpacked[..]
        }
        false => start,
    };
    start.starts_with(b"WARC/") || start.starts_with(b"filedesc:")
}

/// The records of an archive file, and its damages, in their order.
#[derive(Debug)]
pub struct Records<R> {
    stream: Stream<R>,
    /// Inside a damaged stretch, which is reported once.
    lost: bool,
    /// The file's last record if it is cut off: its damage goes first.
    last: Option<Record>,
    done: bool,
}

impl<R: BufRead> Records<R> {
    /// The records of the file that `input` reads from its beginning.
    pub fn new(input: R) -> Self {
        Self { stream: Stream::new(input), lost: false, last: None, done: false }
    }

    fn step(&mut self) -> Result<Option<Record>, Damage> {
        loop {
            let place = self.stream.place().map_err(|cause| self.broken(&cause))?;
            let damaged = |reason: String| Damage { place, reason };
            let line = match self.stream.line() {
                Ok(Some(line)) => line,
                Ok(None) => {
                    self.done = true;
                    return Ok(None);
                }
                Err(cause) => return Err(self.broken(&cause)),
            };
            let line = String::from_utf8_lossy(&line).trim().to_owned();
            if line.is_empty() {
                continue;
            }
            let head = if line.starts_with("WARC/") {
                match self.warc_head() {
                    Ok(head) => head,
                    Err(cause) => {
                        self.done = !self.stream.skip_member();
                        return Err(damaged(cause.to_string()));
                    }
                }
            } else {
                arc_head(&line).ok_or_else(|| "no record begins here".to_owned())
            };
            let head = match head {
                Ok(head) => head,
                // The rest of a damaged record is no damage of its own.
                Err(_) if self.lost => continue,
                Err(reason) => {
                    self.lost = true;
                    return Err(damaged(reason));
                }
            };
            self.lost = false;
            match self.block(head.length) {
                Ok(Some((block, missing))) => {
                    let Head { kind, url, date, content_type, length } = head;
                    let record = Record { place, kind, url, date, content_type, block, missing };
                    if missing == 0 {
                        return Ok(Some(record));
                    }
                    self.last = Some(record);
                    return Err(damaged(format!(
                        "the record is cut off: {missing} of {length} bytes are missing"
                    )));
                }
                Ok(None) => {
                    let reason = format!(
                        "a record of {} bytes, more than the {MAX_BLOCK} that are read",
                        head.length
                    );
                    return Err(damaged(reason));
                }
                Err(cause) => {
                    self.done = !self.stream.skip_member();
                    return Err(damaged(cause.to_string()));
                }
            }
        }
    }

    /// The damage of a member that can't be unpacked: the next one is looked for.
    fn broken(&mut self, cause: &io::Error) -> Damage {
        let place = Place { offset: self.stream.member, unpacked: self.stream.taken };
        self.done = !self.stream.skip_member();
        Damage { place, reason: format!("the packed data is broken ({cause})") }
    }

    /// What the head says, or why it can't be read; the error is that of the stream.
    fn warc_head(&mut self) -> io::Result<Result<Head, String>> {
        let mut head = Head { kind: String::new(), ..Head::default() };
        let mut length = None;
        for _ in 0..MAX_LINES {
            let Some(line) = self.stream.line()? else {
                return Ok(Err("the file ends in the head of a record".to_owned()));
            };
            let line = String::from_utf8_lossy(&line);
            if line.trim().is_empty() {
                let missing = || "a record without a readable Content-Length".to_owned();
                return Ok(length.ok_or_else(missing).map(|length| Head { length, ..head }));
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "warc-type" => head.kind = value.to_ascii_lowercase(),
                "warc-target-uri" => {
                    let bare = value.strip_prefix('<').and_then(|it| it.strip_suffix('>'));
                    head.url = Some(bare.unwrap_or(value).to_owned());
                }
                "warc-date" => head.date = value.parse().ok(),
                "content-type" => head.content_type = Some(value.to_owned()),
                "content-length" => length = value.parse().ok(),
                _ => {}
            }
        }
        Ok(Err(format!("the head of a record has more than {MAX_LINES} lines")))
    }

    /// The next `length` bytes and how many of them are missing at the file's end; `None` if they are
    /// passed over as too many.
    fn block(&mut self, length: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
        let mut block = Vec::new();
        let mut left = length;
        while left > 0 {
            let chunk = self.stream.fill()?;
            if chunk.is_empty() {
                break;
            }
            let taken = chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if length <= MAX_BLOCK {
                block.extend_from_slice(&chunk[..taken]);
            }
            self.stream.consume(taken);
            left -= taken as u64;
        }
        Ok((length <= MAX_BLOCK).then_some((block, left)))
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(last) = self.last.take() {
            return Some(Ok(last));
        }
        if self.done {
            return None;
        }
        self.step().transpose()
    }
}

/// What a record's head says.
#[derive(Debug, Default)]
struct Head {
    kind: String,
    url: Option<String>,
    date: Option<Timestamp>,
    content_type: Option<String>,
    length: u64,
}

/// The line that heads an ARC record: address, IP address, date, media type, length; in version 2
/// with more in between. Addresses may have spaces in them.
fn arc_head(line: &str) -> Option<Head> {
    let fields: Vec<&str> = line.split(' ').collect();
    let date_at = fields.iter().position(|field| is_arc_date(field)).filter(|at| *at >= 2)?;
    let length = fields.last()?.parse().ok()?;
    let url = fields[..date_at - 1].join(" ");
    let own = url.starts_with("filedesc:");
    (url.contains(':') && fields.len() >= date_at + 3).then(|| Head {
        kind: if own { "warcinfo" } else { "response" }.to_owned(),
        url: Some(url),
        date: DateTime::strptime("%Y%m%d%H%M%S", fields[date_at])
            .and_then(|date| date.to_zoned(TimeZone::UTC))
            .ok()
            .map(|date| date.timestamp()),
        content_type: fields.get(date_at + 1).map(|field| (*field).to_owned()),
        length,
    })
}

fn is_arc_date(field: &str) -> bool {
    field.len() == 14 && field.bytes().all(|byte| byte.is_ascii_digit())
}

/// The unpacked bytes of a file, and where in it we are.
#[derive(Debug)]
struct Stream<R> {
    /// `None` only while it changes.
    input: Option<Input<R>>,
    /// Where the present member begins, or in a file that is not packed, the present bytes.
    member: u64,
    /// Bytes taken of what the present member packs.
    taken: u64,
    chunk: Vec<u8>,
    at: usize,
}

#[derive(Debug)]
enum Input<R> {
    /// Between two members, or before plain bytes.
    Between(Counted<R>),
    Packed(Box<GzDecoder<Counted<R>>>),
    Plain(Counted<R>),
}

impl<R: BufRead> Stream<R> {
    fn new(input: R) -> Self {
        let input = Counted { input, position: 0, ahead: Vec::new() };
        Self { input: Some(Input::Between(input)), member: 0, taken: 0, chunk: Vec::new(), at: 0 }
    }

    /// Where the next byte stands.
    fn place(&mut self) -> io::Result<Place> {
        self.fill()?;
        Ok(Place { offset: self.member, unpacked: self.taken })
    }

    /// The bytes at hand; none at the end of the file.
    fn fill(&mut self) -> io::Result<&[u8]> {
        while self.at == self.chunk.len() {
            let (input, more) = self.advance()?;
            self.input = Some(input);
            if !more {
                break;
            }
        }
        Ok(&self.chunk[self.at..])
    }

    /// Reads the next chunk or begins the next member. False at the end of the file.
    fn advance(&mut self) -> io::Result<(Input<R>, bool)> {
        self.chunk.clear();
        self.at = 0;
        let gone = || io::Error::other("an earlier failure");
        match self.input.take().ok_or_else(gone)? {
            Input::Between(mut input) => {
                let start = match input.start() {
                    Ok(start) => start,
                    Err(cause) => {
                        self.input = Some(Input::Between(input));
                        return Err(cause);
                    }
                };
                let (more, packed) = (!start.is_empty(), start.starts_with(&GZIP[..2]));
                (self.member, self.taken) = (input.position, 0);
                Ok(match packed {
                    true => (Input::Packed(Box::new(GzDecoder::new(input))), true),
                    false if more => (Input::Plain(input), true),
                    false => (Input::Between(input), false),
                })
            }
            Input::Packed(mut decoder) => {
                self.chunk.resize(CHUNK, 0);
                let read = decoder.read(&mut self.chunk);
                self.chunk.truncate(*read.as_ref().unwrap_or(&0));
                match read {
                    Ok(0) => Ok((Input::Between(decoder.into_inner()), true)),
                    Ok(_) => Ok((Input::Packed(decoder), true)),
                    Err(cause) => {
                        self.input = Some(Input::Packed(decoder));
                        Err(cause)
                    }
                }
            }
            Input::Plain(mut input) => {
                let read = input.fill_buf().map(<[u8]>::to_vec);
                match read {
                    Ok(bytes) => {
                        input.consume(bytes.len());
                        let more = !bytes.is_empty();
                        self.chunk = bytes;
                        Ok((Input::Plain(input), more))
                    }
                    Err(cause) => {
                        self.input = Some(Input::Plain(input));
                        Err(cause)
                    }
                }
            }
        }
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
        match self.input {
            Some(Input::Plain(_)) => self.member += bytes as u64,
            _ => self.taken += bytes as u64,
        }
    }

    /// The next line with its end, cut to [`MAX_LINE`]; `None` at the end of the file. A line ends
    /// with its member.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let member = {
            self.fill()?;
            self.member
        };
        let packed = matches!(self.input, Some(Input::Packed(_) | Input::Between(_)));
        loop {
            let chunk = self.fill()?;
            if chunk.is_empty() {
                return Ok((!line.is_empty()).then_some(line));
            }
            let end = memchr::memchr(b'\n', chunk).map_or(chunk.len(), |at| at + 1);
            let ends = chunk[end - 1] == b'\n';
            let room = MAX_LINE.saturating_sub(line.len());
            line.extend_from_slice(&chunk[..end.min(room)]);
            self.consume(end);
            if ends {
                return Ok(Some(line));
            }
            self.fill()?;
            if packed && self.member != member {
                return Ok(Some(line));
            }
        }
    }

    /// Goes to the next bytes that look like a gzip member, past the present one; to the end if
    /// there are none. False if the file itself can't be read on.
    fn skip_member(&mut self) -> bool {
        self.chunk.clear();
        self.at = 0;
        let mut input = match self.input.take() {
            Some(Input::Packed(decoder)) => decoder.into_inner(),
            Some(Input::Plain(input) | Input::Between(input)) => input,
            None => return false,
        };
        let readable = loop {
            let at_member = input.position == self.member;
            // The mark may lie across two buffers.
            let Ok(buffer) = input.start() else { break false };
            if buffer.is_empty() {
                break true;
            }
            match memchr::memmem::find(buffer, GZIP) {
                Some(0) if at_member => input.consume(1),
                Some(at) => {
                    input.consume(at);
                    break true;
                }
                None => {
                    let passed = buffer.len().saturating_sub(GZIP.len() - 1).max(1);
                    input.consume(passed);
                }
            }
        };
        self.input = Some(Input::Between(input));
        readable
    }
}

/// A reader that knows where it is and looks ahead.
#[derive(Debug)]
struct Counted<R> {
    input: R,
    position: u64,
    /// Bytes that were read ahead across the end of a buffer; they come first.
    ahead: Vec<u8>,
}

impl<R: BufRead> Counted<R> {
    /// The bytes at hand, as many as a gzip member's mark has unless the file ends before.
    fn start(&mut self) -> io::Result<&[u8]> {
        while self.fill_buf()?.len() < GZIP.len() {
            if self.ahead.is_empty() {
                let rest = self.input.fill_buf()?;
                self.ahead.extend_from_slice(rest);
                let read = rest.len();
                self.input.consume(read);
            }
            let Some(next) = self.input.fill_buf()?.first().copied() else { break };
            self.ahead.push(next);
            self.input.consume(1);
        }
        self.fill_buf()
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead.is_empty() { self.input.fill_buf() } else { Ok(&self.ahead) }
    }

    fn consume(&mut self, bytes: usize) {
        if self.ahead.is_empty() {
            self.input.consume(bytes);
        } else {
            self.ahead.drain(..bytes);
        }
        self.position += bytes as u64;
    }
}
