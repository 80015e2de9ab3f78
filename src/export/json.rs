//! JSON, as an array or a quote a line.

use std::io::{self, Write};

use serde::Serialize;

/// The beginning of an array.
pub(super) fn begin(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")
}

/// An element of an array, on a line of its own.
pub(super) fn element<T: Serialize>(out: &mut dyn Write, value: &T, first: bool) -> io::Result<()> {
    out.write_all(if first { b"\n" } else { b",\n" })?;
    Ok(serde_json::to_writer(out, value)?)
}

/// The end of an array.
pub(super) fn end(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"\n]\n")
}

/// A value on a line of its own.
pub(super) fn line<T: Serialize>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}
