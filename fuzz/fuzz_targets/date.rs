//! Any text → a date in a normal form that reads as itself, or none.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::domain::date::PageDate;

fuzz_target!(|text: &str| {
    if let Some(date) = PageDate::parse(text) {
        assert_eq!(PageDate::parse(date.as_str()).as_ref(), Some(&date), "from {text:?}");
        assert!(date.instant().is_some(), "{date:?} from {text:?} names no moment");
    }
});
