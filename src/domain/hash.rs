//! Short stable names for things, from their content.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Serialize, Serializer};

/// Bytes of a short name: 64 bits, enough for a billion quotes without a clash.
const SHORT: usize = size_of::<u64>();

/// A short name: sixteen hexadecimal digits wherever it is printed, a number until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(u64);

impl Name {
    /// The name of parts that [`part`] has written.
    #[must_use]
    pub fn of(parts: &[u8]) -> Self {
        let hash = blake3::hash(parts);
        Self(hash.as_bytes().first_chunk().map_or(0, |&first| u64::from_le_bytes(first)))
    }

    fn digits(self) -> [u8; 2 * SHORT] {
        let mut digits = [0; 2 * SHORT];
        HEXLOWER.encode_mut(&self.0.to_le_bytes(), &mut digits);
        digits
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.to_string()
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

/// Appends to `parts` what `write` appends, with its length before it, so that no two lists of parts
/// give the same bytes.
pub fn part(parts: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = parts.len() + size_of::<u64>();
    parts.resize(start, 0);
    write(parts);
    let length = (parts.len() - start) as u64;
    parts[start - size_of::<u64>()..start].copy_from_slice(&length.to_le_bytes());
}

/// The name of the parts, equal for equal parts in equal order.
#[must_use]
pub fn name<P: AsRef<[u8]>>(parts: &[P]) -> Name {
    let mut bytes = Vec::new();
    for each in parts {
        part(&mut bytes, |out| out.extend_from_slice(each.as_ref()));
    }
    Name::of(&bytes)
}

/// The same, as 16 hexadecimal digits.
#[must_use]
pub fn short<P: AsRef<[u8]>>(parts: &[P]) -> String {
    name(parts).into()
}
