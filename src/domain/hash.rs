//! Short stable names for things, from their content.

use data_encoding::HEXLOWER;

/// Bytes of a short name: 64 bits, enough for a billion quotes without a clash.
const SHORT: usize = 8;

/// Bytes that are hashed without a buffer of their own on the heap: nearly all quotes are shorter.
const NEAR: usize = 512;

/// A 16-digit hexadecimal name of the parts, equal for equal parts in equal order.
#[must_use]
pub fn short<P: AsRef<[u8]>>(parts: &[P]) -> String {
    let parts = || parts.iter().map(AsRef::as_ref);
    let length = parts().map(|part| size_of::<u64>() + part.len()).sum();
    let (mut near, mut far) = ([0; NEAR], Vec::new());
    let bytes = if length <= NEAR {
        &mut near[..length]
    } else {
        far.resize(length, 0);
        far.as_mut_slice()
    };
    let mut rest = &mut *bytes;
    for part in parts() {
        for piece in [&(part.len() as u64).to_le_bytes(), part] {
            let (here, after) = rest.split_at_mut(piece.len());
            here.copy_from_slice(piece);
            rest = after;
        }
    }
    let mut digits = [0; 2 * SHORT];
    HEXLOWER.encode_mut(&blake3::hash(bytes).as_bytes()[..SHORT], &mut digits);
    let mut name = String::with_capacity(digits.len());
    name.extend(std::str::from_utf8(&digits));
    name
}
