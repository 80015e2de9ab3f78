//! Any page → an article of whole paragraphs, or a reason.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::article::from_html;
use url::Url;

fuzz_target!(|html: &str| {
    let url = Url::parse("https://quay.example/news/1").ok();
    match from_html(html, url.as_ref()) {
        Ok(article) => {
            assert!(!article.text.is_empty());
            for paragraph in article.text.split("\n\n") {
                assert!(!paragraph.is_empty() && paragraph.trim() == paragraph, "{paragraph:?}");
            }
        }
        Err(reason) => assert!(!reason.to_string().is_empty()),
    }
});
