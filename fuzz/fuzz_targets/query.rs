//! Any query → ranges to highlight on character boundaries, or a message with the place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::search::{Highlighter, Part, Query};

fuzz_target!(|query: &str| {
    let asked = Query { text: Some(query.to_owned()), ..Query::default() };
    match Highlighter::new(&asked) {
        Ok(highlighter) => {
            let ranges = highlighter.ranges(query, Part::Words, None);
            assert!(ranges.iter().all(|range| query.get(range.clone()).is_some()), "{ranges:?}");
            assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start), "{ranges:?}");
        }
        Err(reason) => assert!(!reason.to_string().is_empty()),
    }
});
