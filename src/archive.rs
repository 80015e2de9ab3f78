//! The archive: fetched pages as they came, in WARC files.
//!
//! A fetched page → a WARC 1.1 `response` record and the `request` that brought it, each a gzip
//! member of its own, appended to the newest file under `warc/`; a page that has the payload of an
//! earlier one, or that the server says is unchanged, → a `revisit` record. A [`Payload`] names file
//! and offset. Bodies are stored as decoded by the transport, so the headers that tell of
//! its encoding are left out, and `Set-Cookie` is. Refuses to hand out a place whose bytes are not on the
//! disk, and to write behind a record that is not whole.

mod packer;
mod record;
mod repair;

pub mod message;
pub mod reader;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;
use jiff::Timestamp;
use tracing::warn;

use crate::domain::record::{Payload, Snapshot};
use crate::domain::upkeep::{ArchiveSettings, Keep};
use reader::Records;
use record::Revisit;
use repair::End;

/// Folder of the WARC files in the data folder.
const FOLDER: &str = "warc";
/// How the names of the archive's files end.
const EXTENSION: &str = ".warc.gz";
/// A record larger than this, unpacked, is not read back: no kept page is as large.
const MAX_RECORD_BYTES: u64 = 256 * 1024 * 1024;
/// Files that can begin in one second.
const MAX_SERIAL: u32 = 99_999;

/// Why a page could not be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The disk is full. Every record before stands.
    #[error(
        "failed to {doing} the archive file {}: the disk is full; free some space and run again, \
         what was kept is safe",
        path.display()
    )]
    Full {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The compression failed.
    #[error("failed to pack {url} for the archive: {cause}")]
    Pack {
        /// The page.
        url: String,
        /// The reason.
        cause: io::Error,
    },
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

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ArchiveError {
    let path = path.to_path_buf();
    move |cause| match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ArchiveError::Full { doing, path }
        }
        _ => ArchiveError::Io { doing, path, cause },
    }
}

/// A page as it came from the server.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The URL that answered.
    pub url: &'a str,
    /// When.
    pub fetched: Timestamp,
    /// The headers of the request, in their order.
    pub request: &'a [(String, String)],
    /// The HTTP status.
    pub status: u16,
    /// The headers, in their order.
    pub headers: &'a [(String, String)],
    /// The body, decoded by the transport.
    pub body: &'a [u8],
}

/// A page as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPage {
    /// The HTTP status.
    pub status: u16,
    /// The headers, in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl KeptPage {
    /// The `Content-Type` header.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        let named = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("content-type");
        self.headers.iter().find(named).map(|(_, value)| value.as_str())
    }
}

/// The archive of a data folder, open for writing. There is one at a time.
#[derive(Debug)]
pub struct Archive {
    folder: PathBuf,
    settings: ArchiveSettings,
    current: Option<Current>,
}

/// The file that is appended to.
#[derive(Debug)]
struct Current {
    name: String,
    file: File,
    bytes: u64,
    /// How many of them are on the disk for certain.
    synced: u64,
}

/// The records of one answer, packed, and where its payload will be.
#[derive(Debug, Clone)]
pub struct Packed {
    records: Vec<u8>,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Here { url: String, digest: String, date: Timestamp },
    Earlier(Payload),
}

impl Packed {
    /// The records of a page: of a revisit, if `earlier`, the page's newest payload before, is the
    /// same.
    ///
    /// # Errors
    /// [`ArchiveError::Pack`].
    pub fn page(page: &Page<'_>, earlier: Option<&Payload>) -> Result<Self, ArchiveError> {
        let digest = record::digest(&[page.body]);
        let packed = match earlier.filter(|payload| payload.digest == digest) {
            Some(same) => record::revisit(page, &Revisit::identical(same))
                .map(|records| Self { records, place: Place::Earlier(same.clone()) }),
            None => record::exchange(page, &digest).map(|records| {
                let (url, date) = (page.url.to_owned(), page.fetched);
                Self { records, place: Place::Here { url, digest, date } }
            }),
        };
        packed.map_err(|cause| ArchiveError::Pack { url: page.url.to_owned(), cause })
    }

    /// The records of `page`, an answer without a body: the server says that it is as it was.
    ///
    /// # Errors
    /// [`ArchiveError::Pack`].
    pub fn unchanged(page: &Page<'_>, earlier: &Payload) -> Result<Self, ArchiveError> {
        record::revisit(page, &Revisit::not_modified(earlier))
            .map(|records| Self { records, place: Place::Earlier(earlier.clone()) })
            .map_err(|cause| ArchiveError::Pack { url: page.url.to_owned(), cause })
    }
}

impl Archive {
    /// The archive in the data folder `data`. Cuts off what a killed run left of a last record;
    /// creates nothing.
    ///
    /// # Errors
    /// [`ArchiveError::Io`] names the file.
    pub fn open(data: &Path, settings: &ArchiveSettings) -> Result<Self, ArchiveError> {
        let folder = data.join(FOLDER);
        let mut archive = Self { folder, settings: settings.clone(), current: None };
        let Some(name) = archive.newest()? else { return Ok(archive) };
        let path = archive.folder.join(&name);
        match repair::mend(&path).map_err(failed("check the end of", &path))? {
            End::Whole => {}
            End::Cut(bytes) => {
                warn!("{}: cut off {bytes} bytes of an unfinished record", path.display());
            }
            End::Damaged(offset) => {
                warn!(
                    "{} is damaged from byte {offset} on; it stays as it is, and a new file is \
                     begun: put a copy of it back",
                    path.display()
                );
                return Ok(archive);
            }
        }
        let file = OpenOptions::new().append(true).open(&path).map_err(failed("open", &path))?;
        let bytes = file.metadata().map_err(failed("open", &path))?.len();
        archive.current = Some(Current { name, file, bytes, synced: bytes });
        Ok(archive)
    }

    /// Which pages are to be kept.
    #[must_use]
    pub fn keeps(&self) -> Keep {
        self.settings.keep
    }

    /// Appends what was packed and says where its payload is: in the record of the earlier one, if
    /// it is the same. The bytes are on the disk after [`Archive::sync`], and only then may the
    /// place be handed out.
    ///
    /// # Errors
    /// [`ArchiveError`] names the file; nothing half-written is ever pointed to.
    pub fn append(&mut self, packed: &Packed) -> Result<Payload, ArchiveError> {
        if self.current.as_ref().is_some_and(|it| it.bytes >= self.settings.max_file_bytes) {
            self.sync()?;
            self.current = None;
        }
        let current = match &mut self.current {
            Some(current) => current,
            none => none.insert(create(&self.folder)?),
        };
        let path = self.folder.join(&current.name);
        if current.bytes == 0 {
            let info = record::info(&current.name).map_err(failed("write", &path))?;
            current.write(&info).map_err(failed("write", &path))?;
        }
        let offset = current.bytes;
        current.write(&packed.records).map_err(failed("write", &path))?;
        Ok(match &packed.place {
            Place::Earlier(payload) => payload.clone(),
            Place::Here { url, digest, date } => Payload {
                snapshot: Snapshot { file: current.name.clone(), offset },
                url: url.clone(),
                digest: digest.clone(),
                date: *date,
            },
        })
    }

    /// Brings everything that was appended to the disk.
    ///
    /// # Errors
    /// [`ArchiveError`] names the file; what was appended since the last time is cut off.
    pub fn sync(&mut self) -> Result<(), ArchiveError> {
        let Some(current) = &mut self.current else { return Ok(()) };
        let path = self.folder.join(&current.name);
        current.sync().map_err(failed("write", &path))
    }

    /// The name of the file that was begun last.
    fn newest(&self) -> Result<Option<String>, ArchiveError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(failed("list", &self.folder)(cause)),
        };
        let mut newest = None;
        for entry in entries {
            let name = entry.map_err(failed("list", &self.folder))?.file_name();
            let name = name.to_str().filter(|name| is_ours(name)).map(str::to_owned);
            newest = newest.max(name);
        }
        Ok(newest)
    }
}

impl Current {
    /// Appends bytes. After a failed write the file is cut back.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.file.write_all(bytes) {
            Ok(()) => self.bytes += bytes.len() as u64,
            Err(cause) => return Err(self.cut(self.bytes, cause)),
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.synced < self.bytes {
            if let Err(cause) = self.file.sync_data() {
                return Err(self.cut(self.synced, cause));
            }
            self.synced = self.bytes;
        }
        Ok(())
    }

    /// Cuts the file back to so many bytes. The cause of the failed write is what the user needs; a
    /// failed cut leaves a tail that no snapshot points to.
    fn cut(&mut self, bytes: u64, cause: io::Error) -> io::Error {
        let _ = self.file.set_len(bytes);
        self.bytes = bytes;
        cause
    }
}

/// Whether the archive named a file so: the moment it was begun, a number.
fn is_ours(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(EXTENSION) else { return false };
    stem.split_once("Z-").is_some_and(|(moment, serial)| {
        moment.len() == "20260301T120000".len()
            && moment.bytes().all(|byte| byte.is_ascii_digit() || byte == b'T')
            && serial.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Has the names of new files in `folder`, and its own, on the disk: the bytes of a file that has lost
/// its name in a power cut are lost too.
fn sync_name(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folders = [Some(folder), folder.parent()].into_iter().flatten();
        for folder in folders.filter(|folder| *folder != Path::new("")) {
            File::open(folder)?.sync_all()?;
        }
    }
    Ok(())
}

/// A new file, named after this moment.
fn create(folder: &Path) -> Result<Current, ArchiveError> {
    fs::create_dir_all(folder).map_err(failed("create a folder for", folder))?;
    let moment = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    for serial in 0..=MAX_SERIAL {
        let name = format!("{moment}-{serial:05}{EXTENSION}");
        let path = folder.join(&name);
        match OpenOptions::new().create_new(true).append(true).open(&path) {
            Ok(file) => {
                sync_name(folder).map_err(failed("create", &path))?;
                return Ok(Current { name, file, bytes: 0, synced: 0 });
            }
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
            Err(cause) => return Err(failed("create", &path)(cause)),
        }
    }
    Err(failed("create", folder)(io::Error::from(io::ErrorKind::AlreadyExists)))
}

/// The whole HTTP message (status line, headers, body) that `snapshot` names in the data folder.
///
/// # Errors
/// [`ArchiveError::Io`] if the file is missing, damaged there or the record is beyond
/// the size bound.
pub fn read(data: &Path, snapshot: &Snapshot) -> Result<Vec<u8>, ArchiveError> {
    let path = data.join(FOLDER).join(&snapshot.file);
    let (_, block) = read_record(&path, snapshot.offset).map_err(failed("read", &path))?;
    Ok(block)
}

/// What the record that `snapshot` names in the data folder says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// The URL that answered.
    pub url: String,
    /// The digest of the payload, as [`Payload`] has it.
    pub digest: String,
}

/// What the record at `snapshot` says of itself, once its block and its payload are found to be as
/// it says.
///
/// # Errors
/// As [`read`]; also if the record is no answer of a server, or its digests are not those of its
/// bytes.
pub fn stated(data: &Path, snapshot: &Snapshot) -> Result<Stated, ArchiveError> {
    let path = data.join(FOLDER).join(&snapshot.file);
    let (head, block) = read_record(&path, snapshot.offset).map_err(failed("read", &path))?;
    let wrong = |what: String| {
        let cause = format!("the record at byte {} {what}", snapshot.offset);
        failed("read", &path)(io::Error::new(io::ErrorKind::InvalidData, cause))
    };
    let field = |name: &str| {
        let line = head.lines().filter_map(|line| line.split_once(": "));
        line.into_iter().find(|(field, _)| *field == name).map(|(_, value)| value.to_owned())
    };
    if field("WARC-Type").as_deref() != Some("response") {
        return Err(wrong("is no answer of a server".to_owned()));
    }
    let page =
        record::parse_message(&block).ok_or_else(|| wrong("has no HTTP answer".to_owned()))?;
    let (url, stated) = (field("WARC-Target-URI"), field("WARC-Payload-Digest"));
    let (Some(url), Some(digest)) = (url, stated) else {
        return Err(wrong("doesn't say what it is of".to_owned()));
    };
    for (bytes, stated) in
        [(&block, field("WARC-Block-Digest")), (&page.body, Some(digest.clone()))]
    {
        if stated.is_some_and(|stated| stated != record::digest(&[bytes])) {
            return Err(wrong("is not the one that its digest was taken of".to_owned()));
        }
    }
    Ok(Stated { url, digest })
}

/// Reads every file of the archive in the data folder `data` from its beginning to its end;
/// `problem` is told of each place that can't be read.
///
/// # Errors
/// [`ArchiveError`] if the folder or a file can't be read at all.
pub fn damages(data: &Path, problem: &mut dyn FnMut(&str)) -> Result<(), ArchiveError> {
    let folder = data.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed("list", &folder))?,
    };
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()
        .map_err(failed("list", &folder))?;
    paths.retain(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_ours));
    paths.sort();
    for path in paths {
        let file = File::open(&path).map_err(failed("open", &path))?;
        for damage in Records::new(BufReader::new(file)).filter_map(Result::err) {
            problem(&format!("the archive file {}: {damage}", path.display()));
        }
    }
    Ok(())
}

/// The page that `snapshot` names in the data folder.
///
/// # Errors
/// As [`read`].
pub fn read_page(data: &Path, snapshot: &Snapshot) -> Result<KeptPage, ArchiveError> {
    let message = read(data, snapshot)?;
    record::parse_message(&message).ok_or_else(|| {
        failed("read", &data.join(FOLDER).join(&snapshot.file))(io::Error::new(
            io::ErrorKind::InvalidData,
            "no HTTP answer in this record",
        ))
    })
}

/// The head and the block of the record that begins at `offset`.
fn read_record(path: &Path, offset: u64) -> io::Result<(String, Vec<u8>)> {
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
    Ok((String::from_utf8_lossy(&record[..head]).into_owned(), record[head..end].to_vec()))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use flate2::bufread::MultiGzDecoder;

    use super::*;

    /// What is sent with a request that a page came by.
    static REQUEST: LazyLock<Vec<(String, String)>> =
        LazyLock::new(|| vec![("User-Agent".to_owned(), "onrecord".to_owned())]);

    fn page<'a>(url: &'a str, body: &'a [u8], headers: &'a [(String, String)]) -> Page<'a> {
        Page {
            url,
            fetched: "2026-03-01T12:00:00Z".parse().unwrap(),
            request: &REQUEST,
            status: 200,
            headers,
            body,
        }
    }

    fn open(data: &Path) -> Archive {
        Archive::open(data, &ArchiveSettings::default()).unwrap()
    }

    fn keep(
        archive: &mut Archive,
        page: &Page<'_>,
        earlier: Option<&Payload>,
    ) -> Result<Payload, ArchiveError> {
        let payload = archive.append(&Packed::page(page, earlier)?)?;
        archive.sync()?;
        Ok(payload)
    }

    fn files(data: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            fs::read_dir(data.join(FOLDER)).unwrap().map(|it| it.unwrap().path()).collect();
        files.sort();
        files
    }

    /// The `WARC-Type` of every record of a file.
    fn types(path: &Path) -> Vec<String> {
        let mut text = Vec::new();
        let file = BufReader::new(File::open(path).unwrap());
        MultiGzDecoder::new(file).read_to_end(&mut text).unwrap();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines = text.lines().filter_map(|line| line.strip_prefix("WARC-Type: "));
        lines.map(str::to_owned).collect()
    }

    #[test]
    fn a_kept_page_is_read_back_byte_for_byte() {
        let data = tempfile::tempdir().unwrap();
        let mut archive = open(data.path());
        let headers = vec![
            ("Content-Type".to_owned(), "text/html\r\nX-Evil: 1".to_owned()),
            ("Content-Encoding".to_owned(), "gzip".to_owned()),
        ];
        let bodies: [&[u8]; 3] = [b"<p>one</p>", b"\r\n\r\n", b""];
        let kept: Vec<Payload> = bodies
            .iter()
            .map(|body| {
                keep(&mut archive, &page("https://a.example/1", body, &headers), None).unwrap()
            })
            .collect();
        for (payload, body) in kept.iter().zip(bodies) {
            let message = read(data.path(), &payload.snapshot).unwrap();
            assert!(message.starts_with(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html  X-Evil: 1\r\nContent-Length: "
            ));
            assert!(message.ends_with(&[b"\r\n\r\n", body].concat()));
            let page = read_page(data.path(), &payload.snapshot).unwrap();
            assert_eq!((page.status, page.body.as_slice()), (200, body));
            assert_eq!(page.headers[0].1, "text/html  X-Evil: 1");
        }
        let wanted =
            ["warcinfo", "response", "request", "response", "request", "response", "request"];
        assert_eq!(types(&files(data.path())[0]), wanted);
    }

    #[test]
    fn a_wrong_offset_is_an_error_that_names_the_file() {
        let data = tempfile::tempdir().unwrap();
        let mut payload = keep(&mut open(data.path()), &page("u", b"x", &[]), None).unwrap();
        payload.snapshot.offset += 1;
        let error = read(data.path(), &payload.snapshot).unwrap_err().to_string();
        assert!(error.contains(&payload.snapshot.file), "{error}");
    }

    #[test]
    fn an_unchanged_payload_is_a_revisit_that_names_the_first() {
        let data = tempfile::tempdir().unwrap();
        let mut archive = open(data.path());
        let first = keep(&mut archive, &page("https://a.example/1", b"one", &[]), None).unwrap();
        let again =
            keep(&mut archive, &page("https://a.example/1", b"one", &[]), Some(&first)).unwrap();
        assert_eq!(again, first);
        let unchanged = Page { status: 304, ..page("https://a.example/1", b"", &[]) };
        archive.append(&Packed::unchanged(&unchanged, &first).unwrap()).unwrap();
        let other =
            keep(&mut archive, &page("https://a.example/1", b"two", &[]), Some(&first)).unwrap();
        assert_ne!(other.snapshot, first.snapshot);
        let wanted = [
            "warcinfo", "response", "request", "revisit", "request", "revisit", "request",
            "response", "request",
        ];
        assert_eq!(types(&files(data.path())[0]), wanted);
    }

    #[test]
    fn a_page_that_was_never_asked_for_has_no_request_whether_new_or_as_before() {
        let data = tempfile::tempdir().unwrap();
        let mut archive = open(data.path());
        let imported = Page { request: &[], ..page("https://a.example/1", b"one", &[]) };
        let first = keep(&mut archive, &imported, None).unwrap();
        keep(&mut archive, &imported, Some(&first)).unwrap();
        assert_eq!(types(&files(data.path())[0]), ["warcinfo", "response", "revisit"]);
    }

    #[test]
    fn a_later_run_goes_on_with_the_file_until_it_is_full() {
        let data = tempfile::tempdir().unwrap();
        let settings = ArchiveSettings { max_file_bytes: 3000, ..ArchiveSettings::default() };
        let kept: Vec<Payload> = (0..12_u8)
            .map(|number| {
                let mut archive = Archive::open(data.path(), &settings).unwrap();
                keep(&mut archive, &page("https://a.example/", &[number], &[]), None).unwrap()
            })
            .collect();
        let files = files(data.path());
        assert!((2..12).contains(&files.len()), "{files:?}");
        for (number, payload) in kept.iter().enumerate() {
            let page = read_page(data.path(), &payload.snapshot).unwrap();
            assert_eq!(page.body, [u8::try_from(number).unwrap()]);
        }
        assert!(files.iter().all(|file| types(file)[0] == "warcinfo"));
    }

    #[test]
    fn a_record_cut_at_any_byte_is_cut_off_and_everything_before_stays() {
        let whole = tempfile::tempdir().unwrap();
        let mut archive = open(whole.path());
        let first = keep(&mut archive, &page("https://a.example/1", b"one", &[]), None).unwrap();
        let before = fs::metadata(&files(whole.path())[0]).unwrap().len();
        keep(&mut archive, &page("https://a.example/2", b"two", &[]), None).unwrap();
        let bytes = fs::read(&files(whole.path())[0]).unwrap();
        let name = files(whole.path())[0].file_name().unwrap().to_owned();
        let lengths = (0..bytes.len()).step_by(7).chain([bytes.len() - 1, bytes.len()]);
        for length in lengths {
            let data = tempfile::tempdir().unwrap();
            fs::create_dir(data.path().join(FOLDER)).unwrap();
            let path = data.path().join(FOLDER).join(&name);
            fs::write(&path, &bytes[..length]).unwrap();
            let kept =
                keep(&mut open(data.path()), &page("https://a.example/3", b"three", &[]), None);
            let page = read_page(data.path(), &kept.unwrap().snapshot).unwrap();
            assert_eq!(page.body, b"three", "cut at {length}");
            assert_eq!(types(&path)[0], "warcinfo", "cut at {length}");
            if length as u64 >= before {
                let page = read_page(data.path(), &first.snapshot).unwrap();
                assert_eq!(page.body, b"one", "cut at {length}");
            }
        }
    }

    #[test]
    fn damage_before_the_last_record_cuts_nothing() {
        let data = tempfile::tempdir().unwrap();
        let mut archive = open(data.path());
        keep(&mut archive, &page("https://a.example/1", b"one", &[]), None).unwrap();
        let second = keep(&mut archive, &page("https://a.example/2", b"two", &[]), None).unwrap();
        keep(&mut archive, &page("https://a.example/3", b"three", &[]), None).unwrap();
        let path = files(data.path())[0].clone();
        let mut bytes = fs::read(&path).unwrap();
        bytes[usize::try_from(second.snapshot.offset).unwrap() + 20] ^= 0xff;
        bytes.extend_from_slice(b"\x1f\x8b\x08 an unfinished record");
        fs::write(&path, &bytes).unwrap();
        let kept =
            keep(&mut open(data.path()), &page("https://a.example/4", b"four", &[]), None).unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_ne!(kept.snapshot.file, second.snapshot.file);
    }
}
