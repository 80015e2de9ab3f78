//! Any bytes under any declared type → text. The first line is the transport's header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::article::charset::decode;

fuzz_target!(|bytes: &[u8]| {
    let split = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let header = std::str::from_utf8(&bytes[..split]).ok();
    let (text, name) = decode(bytes, header);
    assert!(!name.is_empty());
    let plain = bytes.is_ascii() && !bytes.contains(&0) && header.is_none();
    assert!(!plain || !text.is_empty() || bytes.is_empty());
    let _ = decode(bytes, None);
});
