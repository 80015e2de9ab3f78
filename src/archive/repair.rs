//! The end of a file that a killed run may have left unfinished.
//!
//! A WARC file → whether it ends with a whole record; what is left of an unfinished one is cut off.
//! Refuses to cut where records follow the damage: those are somebody's evidence.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::bufread::GzDecoder;

/// What every gzip member of the archive begins with: the format's mark and its only method.
const MEMBER: &[u8] = &[0x1f, 0x8b, 0x08];
/// What every record begins with.
const RECORD: &[u8] = b"WARC/";
/// The end of the file that is looked at first; most last records are shorter.
const FIRST_LOOK: u64 = 256 * 1024;
/// The longest end that is looked at before the file is read from its beginning: a page of the
/// largest default size.
const LONGEST_LOOK: u64 = 32 * 1024 * 1024;

/// How a file ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With a whole record, or it is empty.
    Whole,
    /// With so many bytes of an unfinished record, which are gone now.
    Cut(u64),
    /// With records behind a damaged one, which begins at this byte. Nothing was done.
    Damaged(u64),
}

/// Looks at the end of the file at `path` and cuts off an unfinished record.
pub(super) fn mend(path: &Path) -> io::Result<End> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    if length == 0 || ends_whole(&mut file, length)? {
        return Ok(End::Whole);
    }
    let whole = whole_until(&mut file)?;
    if whole == length {
        return Ok(End::Whole);
    }
    if has_record_after(&mut file, whole)? {
        return Ok(End::Damaged(whole));
    }
    file.set_len(whole)?;
    file.sync_all()?;
    Ok(End::Cut(length - whole))
}

/// Whether a record begins near the end and ends with the file.
fn ends_whole(file: &mut File, length: u64) -> io::Result<bool> {
    let mut look = FIRST_LOOK.min(length);
    loop {
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(length - look))?;
        file.take(look).read_to_end(&mut tail)?;
        let starts = memchr::memmem::rfind_iter(&tail, MEMBER);
        if starts.map(|start| &tail[start..]).any(|rest| member(rest) == Some(rest.len())) {
            return Ok(true);
        }
        if look == length || look >= LONGEST_LOOK {
            return Ok(false);
        }
        look = (look * 8).min(length);
    }
}

/// The packed length of the record that `bytes` begin with, if it is whole.
fn member(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    is_record(&mut rest).ok()?.then(|| bytes.len() - rest.len())
}

/// Reads one member; whether it is a record. An error if it is not whole.
fn is_record(from: &mut impl BufRead) -> io::Result<bool> {
    let mut decoder = GzDecoder::new(from);
    let mut mark = [0; RECORD.len()];
    decoder.read_exact(&mut mark)?;
    if mark != RECORD {
        return Ok(false);
    }
    io::copy(&mut decoder, &mut io::sink())?;
    Ok(true)
}

/// The end of the last record from the beginning on that is whole.
fn whole_until(file: &mut File) -> io::Result<u64> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::new(file);
    let mut until = 0;
    while !reader.fill_buf()?.is_empty() && matches!(is_record(&mut reader), Ok(true)) {
        until = reader.stream_position()?;
    }
    Ok(until)
}

/// Whether a record begins somewhere behind `after`.
fn has_record_after(file: &mut File, after: u64) -> io::Result<bool> {
    file.seek(SeekFrom::Start(after + 1))?;
    let mut rest = Vec::new();
    file.read_to_end(&mut rest)?;
    let mut starts = memchr::memmem::find_iter(&rest, MEMBER);
    Ok(starts.any(|start| begins_record(&rest[start..])))
}

fn begins_record(bytes: &[u8]) -> bool {
    let mut mark = [0; RECORD.len()];
    GzDecoder::new(bytes).read_exact(&mut mark).is_ok() && mark == RECORD
}
