//! Any watch list → a configuration, or every mistake with its place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::config::Config;

fuzz_target!(|text: &str| {
    match Config::parse(text, "feeds.toml") {
        Ok(config) => assert!(!config.topics.is_empty() && !config.feeds.is_empty()),
        Err(mistakes) => assert!(!mistakes.to_string().is_empty()),
    }
});
