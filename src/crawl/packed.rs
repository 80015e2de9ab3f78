//! Files that are sent packed without the transport's saying so: `feed.xml.gz`, `sitemap.xml.gz`.
//!
//! Bytes → the bytes that they pack, bounded; what is not gzip is passed through. Refuses every
//! other packing: feeds and sitemaps know none.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;

/// Bytes of an unpacked file that are read. The sitemaps' protocol allows 50 MiB.
pub(super) const MAX_UNPACKED: u64 = 64 * 1024 * 1024;

/// Why there are no bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PackedError {
    /// More than [`MAX_UNPACKED`].
    TooLarge,
    /// Damaged from the beginning.
    Damaged(String),
}

/// `bytes`, unpacked if they are gzip. What comes out before a damage is as good as any truncated
/// file.
pub(super) fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, PackedError> {
    if !bytes.starts_with(&[0x1F, 0x8B]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(MAX_UNPACKED + 1).read_to_end(&mut unpacked);
    if unpacked.len() as u64 > MAX_UNPACKED {
        return Err(PackedError::TooLarge);
    }
    match read {
        Err(error) if unpacked.is_empty() => Err(PackedError::Damaged(error.to_string())),
        _ => Ok(Cow::Owned(unpacked)),
    }
}
