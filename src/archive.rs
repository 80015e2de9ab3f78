//! The archive: every kept page as it was fetched, in WARC files.
//!
//! A fetched page → one WARC 1.1 `response` record, a gzip member of its own, appended to the file
//! of this run under `warc/`. A [`Snapshot`] names file and offset. Bodies are stored as decoded by
//! the transport, so `Content-Encoding` and `Transfer-Encoding` are left out of the kept headers.
//! Refuses to hand out a snapshot whose bytes are not on the disk.

pub mod message;
pub mod reader;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;

use crate::domain::hash;
use crate::domain::record::Snapshot;

/// Folder of the WARC files in the data folder.
const FOLDER: &str = "warc";
/// A record larger than this, unpacked, is not read back: no kept page is as large.
const MAX_RECORD_BYTES: u64 = 256 * 1024 * 1024;
/// Headers that describe the transport's encoding, not the kept body.
const DROPPED_HEADERS: &[&str] =
    &["content-encoding", "transfer-encoding", "content-length", "connection", "set-cookie"];

/// Why a page could not be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file system refused.
    #[error("failed to {doing} the archive file {}: {cause}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
}

/// A page as it came from the server.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The URL that answered.
    pub url: &'a str,
    /// When.
    pub fetched: Timestamp,
    /// The HTTP status.
    pub status: u16,
    /// The headers, in their order.
    pub headers: &'a [(String, String)],
    /// The body, decoded by the transport.
    pub body: &'a [u8],
}

/// The WARC file of one run. It is created with the first page.
#[derive(Debug)]
pub struct Archive {
    folder: PathBuf,
    name: String,
    file: Option<File>,
}

impl Archive {
    /// An archive for a run that began at `started`, in the data folder `data`. Touches no file yet.
    #[must_use]
    pub fn new(data: &Path, started: Timestamp) -> Self {
        let name = format!("{}-{}.warc.gz", started.strftime("%Y%m%dT%H%M%SZ"), std::process::id());
        Self { folder: data.join(FOLDER), name, file: None }
    }

    /// Keeps the page and says where. The bytes are on the disk when it returns.
    ///
    /// # Errors
    /// [`ArchiveError::Io`] names the file; nothing half-written is ever pointed to.
    pub fn keep(&mut self, page: &Page<'_>) -> Result<Snapshot, ArchiveError> {
        if self.file.is_none() {
            self.file = Some(self.create()?);
        }
        let path = self.folder.join(&self.name);
        let failed = |doing| move |cause| ArchiveError::Io { doing, path: path.clone(), cause };
        let Some(file) = &mut self.file else {
            return Err(failed("open")(io::Error::other("closed")));
        };
        let offset = append(file, &response_record(page)).map_err(failed("write"))?;
        Ok(Snapshot { file: self.name.clone(), offset })
    }

    fn create(&self) -> Result<File, ArchiveError> {
        let path = self.folder.join(&self.name);
        let failed = |doing: &'static str| {
            let path = path.clone();
            move |cause| ArchiveError::Io { doing, path, cause }
        };
        fs::create_dir_all(&self.folder).map_err(failed("create"))?;
        let mut file =
            OpenOptions::new().create(true).append(true).open(&path).map_err(failed("create"))?;
        append(&mut file, &info_record(&self.name)).map_err(failed("write"))?;
        Ok(file)
    }
}

/// The whole HTTP message (status line, headers, body) that `snapshot` names in the data folder.
///
/// # Errors
/// [`ArchiveError::Io`] if the file is missing, damaged there or the record is beyond
/// the size bound.
pub fn read(data: &Path, snapshot: &Snapshot) -> Result<Vec<u8>, ArchiveError> {
    let path = data.join(FOLDER).join(&snapshot.file);
    read_block(&path, snapshot.offset).map_err(|cause| ArchiveError::Io {
        doing: "read",
        path,
        cause,
    })
}

fn read_block(path: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut record = Vec::new();
    GzDecoder::new(BufReader::new(file)).take(MAX_RECORD_BYTES).read_to_end(&mut record)?;
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "no WARC record at this offset");
    let head = record.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(damaged)? + 4;
    if !record.starts_with(b"WARC/") {
        return Err(damaged());
    }
    let end = record.len().checked_sub(4).filter(|end| *end >= head).ok_or_else(damaged)?;
    Ok(record[head..end].to_vec())
}

/// Appends one gzip member and returns its offset. After a failed write the file is cut back.
fn append(file: &mut File, record: &[u8]) -> io::Result<u64> {
    let offset = file.seek(SeekFrom::End(0))?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(record)?;
    let written = file.write_all(&packed.finish()?).and_then(|()| file.sync_data());
    if let Err(cause) = written {
        // The cause of the failed write is what the user needs; a failed cut leaves a tail that no
        // snapshot points to.
        let _ = file.set_len(offset);
        return Err(cause);
    }
    Ok(offset)
}

fn info_record(name: &str) -> Vec<u8> {
    let block = format!(
        "software: onrecord/{}\r\nformat: WARC File Format 1.1\r\nconformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n",
        env!("CARGO_PKG_VERSION")
    );
    let date = Timestamp::now();
    let head = [
        ("WARC-Type", "warcinfo".to_owned()),
        ("WARC-Filename", name.to_owned()),
        ("Content-Type", "application/warc-fields".to_owned()),
    ];
    record(&head, date, block.as_bytes())
}

fn response_record(page: &Page<'_>) -> Vec<u8> {
    let mut block = format!("HTTP/1.1 {}\r\n", page.status).into_bytes();
    let kept = page.headers.iter().filter(|(name, _)| {
        !DROPPED_HEADERS.iter().any(|dropped| name.eq_ignore_ascii_case(dropped))
    });
    for (name, value) in kept {
        block.extend_from_slice(format!("{name}: {}\r\n", one_line(value)).as_bytes());
    }
    block.extend_from_slice(format!("Content-Length: {}\r\n\r\n", page.body.len()).as_bytes());
    block.extend_from_slice(page.body);
    let head = [
        ("WARC-Type", "response".to_owned()),
        ("WARC-Target-URI", page.url.to_owned()),
        ("Content-Type", "application/http;msgtype=response".to_owned()),
    ];
    record(&head, page.fetched, &block)
}

fn record(head: &[(&str, String)], date: Timestamp, block: &[u8]) -> Vec<u8> {
    let date = date.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let digest = blake3::hash(block).to_hex();
    let mut out =
        format!("WARC/1.1\r\nWARC-Record-ID: <urn:uuid:{}>\r\n", record_id(&date, &digest));
    out.push_str(&format!("WARC-Date: {date}\r\n"));
    for (name, value) in head {
        out.push_str(&format!("{name}: {}\r\n", one_line(value)));
    }
    out.push_str(&format!("Content-Length: {}\r\n\r\n", block.len()));
    let mut out = out.into_bytes();
    out.extend_from_slice(block);
    out.extend_from_slice(b"\r\n\r\n");
    out
}

/// A UUID of version 8 (own scheme, RFC 9562) from date and content.
fn record_id(date: &str, digest: &str) -> String {
    let hex = format!("{}{}", hash::short(&[date, digest, "a"]), hash::short(&[date, digest, "b"]));
    format!("{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

/// A header's value can't open a header of its own.
fn one_line(value: &str) -> String {
    value.replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_page_is_read_back_byte_for_byte() {
        let data = tempfile::tempdir().unwrap();
        let mut archive = Archive::new(data.path(), Timestamp::UNIX_EPOCH);
        let headers = vec![
            ("Content-Type".to_owned(), "text/html\r\nX-Evil: 1".to_owned()),
            ("Content-Encoding".to_owned(), "gzip".to_owned()),
        ];
        let bodies: [&[u8]; 3] = [b"<p>one</p>", b"\r\n\r\n", b""];
        let snapshots: Vec<Snapshot> = bodies
            .iter()
            .map(|body| {
                let page = Page {
                    url: "https://a.example/1",
                    fetched: Timestamp::UNIX_EPOCH,
                    status: 200,
                    headers: &headers,
                    body,
                };
                archive.keep(&page).unwrap()
            })
            .collect();
        for (snapshot, body) in snapshots.iter().zip(bodies) {
            let message = read(data.path(), snapshot).unwrap();
            assert!(message.starts_with(
                b"HTTP/1.1 200\r\nContent-Type: text/html  X-Evil: 1\r\nContent-Length: "
            ));
            assert!(message.ends_with(&[b"\r\n\r\n", body].concat()));
        }
    }

    #[test]
    fn a_wrong_offset_is_an_error_that_names_the_file() {
        let data = tempfile::tempdir().unwrap();
        let mut archive = Archive::new(data.path(), Timestamp::UNIX_EPOCH);
        let page = Page {
            url: "u",
            fetched: Timestamp::UNIX_EPOCH,
            status: 200,
            headers: &[],
            body: b"x",
        };
        let mut snapshot = archive.keep(&page).unwrap();
        snapshot.offset += 1;
        let error = read(data.path(), &snapshot).unwrap_err().to_string();
        assert!(error.contains(&snapshot.file), "{error}");
    }
}
