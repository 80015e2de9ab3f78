//! Short stable names for things, from their content.

/// Bytes of a short name: 64 bits, enough for a billion quotes without a clash.
const SHORT: usize = 8;

/// A 16-digit hexadecimal name of the parts, equal for equal parts in equal order.
#[must_use]
pub fn short(parts: &[&str]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut bytes =
        Vec::with_capacity(parts.iter().map(|part| size_of::<u64>() + part.len()).sum());
    for part in parts {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part.as_bytes());
    }
    let mut name = String::with_capacity(2 * SHORT);
    for byte in &blake3::hash(&bytes).as_bytes()[..SHORT] {
        name.push(DIGITS[usize::from(byte >> 4)]);
        name.push(DIGITS[usize::from(byte & 15)]);
    }
    name
}
