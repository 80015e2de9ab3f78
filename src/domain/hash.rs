//! Short stable names for things, from their content.

/// Hexadecimal digits of a short name: 64 bits, enough for a billion quotes without a clash.
const SHORT: usize = 16;

/// A 16-digit hexadecimal name of the parts, equal for equal parts in equal order.
#[must_use]
pub fn short(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..SHORT].to_owned()
}
