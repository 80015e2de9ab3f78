//! Any robots.txt → rules that answer for any path. The first line is the path.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::crawl::robots::Robots;
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let robots = Robots::parse(bytes);
    let path = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Ok(base) = Url::parse("https://quay.example/") else { return };
    let Ok(url) = base.join(&String::from_utf8_lossy(path)) else { return };
    let _ = robots.allows("onrecord", &url);
    let _ = robots.crawl_delay("onrecord");
});
