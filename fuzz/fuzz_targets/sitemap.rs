//! Any bytes → the pages of a sitemap, or a reason.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::crawl::sitemap::parse;
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let Ok(base) = Url::parse("https://quay.example/sitemap.xml") else { return };
    match parse(bytes, &base) {
        Ok(_) => {}
        Err(reason) => assert!(!reason.to_string().is_empty()),
    }
});
