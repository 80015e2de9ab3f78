//! Any page → links on its own host, each once.

#![no_main]

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;
use onrecord::crawl::listing::links;
use url::Url;

fuzz_target!(|html: &str| {
    let Ok(base) = Url::parse("https://quay.example/world/") else { return };
    let found = links(html, &base);
    let mut seen = HashSet::new();
    for entry in &found.entries {
        assert!(seen.insert(entry.url.clone()), "twice: {}", entry.url);
    }
});
