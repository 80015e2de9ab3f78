//! Any query → ranges to highlight on character boundaries, or a message with the place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::search::Highlighter;

fuzz_target!(|query: &str| {
    match Highlighter::new(Some(query)) {
        Ok(highlighter) => {
            let ranges = highlighter.ranges(query);
            assert!(ranges.iter().all(|range| query.get(range.clone()).is_some()), "{ranges:?}");
            assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start), "{ranges:?}");
        }
        Err(reason) => assert!(!reason.to_string().is_empty()),
    }
});
