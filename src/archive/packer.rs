//! Bytes → gzip members.
//!
//! The memory that packs one member is kept for the next: to take it from the system and give it back was
//! a third of the time of packing. Refuses to keep what one huge page needed.

use std::io;
use std::sync::{Mutex, PoisonError};

use libdeflater::{CompressionLvl, Compressor};

/// How hard records are compressed: the least of libdeflate's levels above none takes a page of 100 KB to
/// less than zlib's second, in two thirds of the time.
const LEVEL: i32 = 1;
/// Buffers that grew larger are not kept. Most pages stay under it.
const KEPT_BYTES: usize = 512 * 1024;

/// Those that nobody uses: as many as ever packed at once, each for a processor.
static IDLE: Mutex<Vec<Packer>> = Mutex::new(Vec::new());

struct Packer {
    compressor: Compressor,
    plain: Vec<u8>,
    packed: Vec<u8>,
}

impl Packer {
    fn new() -> Self {
        let compressor = Compressor::new(CompressionLvl::new(LEVEL).unwrap_or_default());
        Self { compressor, plain: Vec::new(), packed: Vec::new() }
    }

    /// The gzip member of bytes in parts.
    fn member(&mut self, parts: &[&[u8]]) -> io::Result<&[u8]> {
        self.plain.clear();
        parts.iter().for_each(|part| self.plain.extend_from_slice(part));
        let bound = self.compressor.gzip_compress_bound(self.plain.len());
        if self.packed.len() < bound {
            self.packed.resize(bound, 0);
        }
        let written = self.compressor.gzip_compress(&self.plain, &mut self.packed);
        Ok(&self.packed[..written.map_err(io::Error::other)?])
    }
}

/// `packed` with the bytes of `parts` behind it as a gzip member, and not a byte more of memory: it waits
/// to be written.
pub(super) fn packed_behind(mut packed: Vec<u8>, parts: &[&[u8]]) -> io::Result<Vec<u8>> {
    let idle = || IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = idle().pop();
    let mut packer = kept.unwrap_or_else(Packer::new);
    let member = packer.member(parts)?;
    packed.reserve_exact(member.len());
    packed.extend_from_slice(member);
    if packer.plain.capacity().max(packer.packed.capacity()) <= KEPT_BYTES {
        idle().push(packer);
    }
    Ok(packed)
}
