//! Any bytes → the entries of a feed, or a reason.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::crawl::syndication::parse;
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let Ok(base) = Url::parse("https://quay.example/feed") else { return };
    for content_type in [None, Some("application/rss+xml; charset=utf-8")] {
        match parse(bytes, content_type, &base) {
            Ok(_) => {}
            Err(reason) => assert!(!reason.to_string().is_empty()),
        }
    }
});
