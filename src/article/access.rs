//! Walls: pages that show the start of an article, or a question, in place of the article.
//!
//! [`Page`], its metadata and the text found on it → [`NoArticle::Paywalled`],
//! [`NoArticle::ConsentWall`] or [`NoArticle::RobotWall`], or nothing. Refuses to call a long text a
//! stub: many outlets serve the whole article and only cover it.

use super::NoArticle;
use super::dom::{Content, Page, push_collapsed};
use super::furniture::Signs;
use super::metadata::Metadata;

/// A text as long as this is an article, whatever the page asks for beside it.
const ARTICLE_CHARS: usize = 2_500;
/// A shorter text on a page that asks for a subscription is a stub.
const PROMPTED_STUB_CHARS: usize = 1_500;
/// A shorter text on a page that says that it is not free is a stub.
const MARKED_STUB_CHARS: usize = 1_000;
/// A stub has less than this share of the words that the page says its article has.
const STUB_SHARE: f64 = 0.6;
/// So much of the visible text is read for prompts: walls are small pages.
const READ_BYTES: usize = 64 * 1024;
/// How far from "to continue reading" the words stand that say what for.
const PROMPT_BYTES: usize = 100;
/// So many of [`CONSENT`] make a question for consent.
const CONSENT_TERMS: usize = 3;

/// What a reader could do, in lower case.
const READ_ON: &[&str] = &[
    "continue reading",
    "continue to read",
    "continue with this article",
    "keep reading",
    "read on",
    "read the full",
    "read the rest",
    "read the whole",
    "read this article",
    "read this story",
    "unlock this",
    "full access",
    "free articles",
    "reserved for",
    "exclusive to",
    "only available to",
    "weiterlesen",
    "lire la suite",
    "seguir leyendo",
];

/// What a reader has to do or be for that.
const PAY: &[&str] = &[
    "subscri",
    "log in",
    "sign in",
    "register",
    "create an account",
    "free trial",
    "members",
    "abonnieren",
    "abonné",
    "suscr",
];

/// What questions for consent say.
const CONSENT: &[&str] = &[
    "cookie",
    "consent",
    "your privacy",
    "personal data",
    "our partners",
    "accept all",
    "reject all",
    "legitimate interest",
    "store and/or access",
    "privacy policy",
    "privacy settings",
    "manage options",
    "datenschutz",
];

/// What pages say that ask whether a robot reads them.
const ROBOT: &[&str] = &[
    "are you a robot",
    "you are not a robot",
    "verify you are human",
    "verify you are a human",
    "verifying you are human",
    "checking your browser",
    "checking if the site connection is secure",
    "enable javascript and cookies to continue",
    "pardon our interruption",
    "unusual traffic from your",
    "you have been blocked",
    "complete the captcha",
];

/// The wall that the page shows in place of the article; `text` is what was found on it, empty if
/// nothing was.
#[must_use]
pub fn wall(
    page: &Page<'_>,
    signs: &[Signs],
    metadata: &Metadata,
    text: &str,
) -> Option<NoArticle> {
    let chars = text.chars().count();
    let marked = metadata.free == Some(false);
    let words = text.split_whitespace().count();
    let short_of_words =
        metadata.words.is_some_and(|stated| (words as f64) < stated as f64 * STUB_SHARE);
    if marked && short_of_words {
        return Some(NoArticle::Paywalled);
    }
    if chars >= ARTICLE_CHARS {
        return None;
    }
    let cut = text.trim_end().ends_with(['…']) || text.trim_end().ends_with("...");
    if marked && (chars < MARKED_STUB_CHARS || cut) {
        return Some(NoArticle::Paywalled);
    }
    let shown = visible(page, signs);
    if prompts(&shown) && (chars < PROMPTED_STUB_CHARS || marked) {
        return Some(NoArticle::Paywalled);
    }
    // Walls state no date; an article on cookies or robots does.
    if metadata.published.is_some() {
        return None;
    }
    let says = |terms: &[&str]| terms.iter().filter(|term| shown.contains(**term)).count();
    if says(ROBOT) > 0 {
        return Some(NoArticle::RobotWall);
    }
    (says(CONSENT) >= CONSENT_TERMS && (text.is_empty() || is_consent(text)))
        .then_some(NoArticle::ConsentWall)
}

/// True where half of the text is in paragraphs on consent.
fn is_consent(text: &str) -> bool {
    let on_consent = |paragraph: &&str| {
        let lower = paragraph.to_lowercase();
        CONSENT.iter().any(|term| lower.contains(term))
    };
    let length: usize = text.split("\n\n").filter(on_consent).map(str::len).sum();
    length * 2 >= text.len()
}

/// True where the page asks for a subscription or an account to read on.
fn prompts(shown: &str) -> bool {
    READ_ON.iter().flat_map(|words| shown.match_indices(words)).any(|(at, words)| {
        let start = shown.floor_char_boundary(at.saturating_sub(PROMPT_BYTES));
        let end = shown.floor_char_boundary((at + words.len() + PROMPT_BYTES).min(shown.len()));
        PAY.iter().any(|pay| shown[start..end].contains(pay))
    })
}

/// The first of the visible text, in lower case, hover texts and the like left out.
fn visible(page: &Page<'_>, signs: &[Signs]) -> String {
    let mut text = String::new();
    let mut index = 0;
    while index < page.nodes.len() && text.len() < READ_BYTES {
        match page.nodes[index].content {
            Content::Element(_) if signs[index].unseen => {
                index = page.nodes[index].end;
                continue;
            }
            Content::Element(element) if element.is_block() => {
                push_collapsed(&mut text, " ");
            }
            Content::Element(_) => {}
            Content::Text(run) => push_collapsed(&mut text, run),
        }
        index += 1;
    }
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::from_html;
    use super::*;

    const START: &str = "The harbour committee will vote on the charter next week, its chair said \
        on Monday, after three years of talks that had often seemed close to failing.";

    fn page(data: &str, body: &str) -> Result<String, NoArticle> {
        let html = format!(
            "<html><head><title>The vote</title><script type='application/ld+json'>{{\"@type\":\
             \"NewsArticle\",\"headline\":\"The vote\",\"datePublished\":\"2024-05-02\"{data}}}\
             </script></head><body><article><h1>The vote</h1>{body}</article></body></html>"
        );
        from_html(&html, None).map(|article| article.text)
    }

    fn paragraphs(count: usize) -> String {
        (0..count).map(|n| format!("<p>{START} {n}</p>")).collect()
    }

    #[test]
    fn stubs_are_refused_as_paywalled() {
        let marked = ",\"isAccessibleForFree\":false";
        let text = ",\"isAccessibleForFree\":\"False\"";
        let counted = ",\"isAccessibleForFree\":false,\"wordCount\":2000";
        let prompt = "<div><p><a href=/s>Subscribe</a> now to continue reading.</p></div>";
        for (data, body) in [
            (marked, paragraphs(2)),
            (text, paragraphs(2)),
            (counted, paragraphs(30)),
            (marked, format!("{}<p>{START} But …</p>", paragraphs(9))),
            (marked, paragraphs(9) + prompt),
            ("", paragraphs(2) + prompt),
            ("", paragraphs(1) + "<p>This article is reserved for our subscribers.</p>"),
            ("", "<p>Log in to read the full story</p>".to_owned()),
        ] {
            assert_eq!(page(data, &body), Err(NoArticle::Paywalled), "{data} {body}");
        }
    }

    #[test]
    fn whole_articles_of_subscription_outlets_are_articles() {
        let marked = ",\"isAccessibleForFree\":false";
        let counted = ",\"isAccessibleForFree\":false,\"wordCount\":900";
        let prompt = "<div><p>Already a subscriber? Log in to continue reading.</p></div>";
        for (data, body) in [
            (marked, paragraphs(9)),
            (counted, paragraphs(30)),
            (marked, paragraphs(30) + prompt),
            ("", paragraphs(12) + prompt),
            ("", paragraphs(2)),
            ("", paragraphs(2) + "<p>Sign up for our letter.</p>"),
            ("", paragraphs(2) + "<p hidden>Subscribe to continue reading.</p>"),
            (",\"isAccessibleForFree\":true", paragraphs(2)),
        ] {
            assert!(page(data, &body).is_ok(), "{data} {body}");
        }
    }

    #[test]
    fn consent_and_robot_walls_are_named() {
        let consent = "<title>Before you go on</title><body><main><h1>We value your privacy</h1>\
            <p>We and our partners store and/or access information on a device, such as cookies, \
            and process personal data, such as unique identifiers, with your consent.</p>\
            <p>You may accept all cookies or manage options at any time in the privacy settings.</p>\
            <button>Accept all</button></main>";
        assert_eq!(from_html(consent, None), Err(NoArticle::ConsentWall));
        let robot = "<title>Just a moment...</title><h1>quay-post.example</h1><p>Verifying you are \
            human. This may take a few seconds. The site needs to review the security of your \
            connection before proceeding.</p>";
        assert_eq!(from_html(robot, None), Err(NoArticle::RobotWall));
        let article = page(
            "",
            &format!(
                "<p>{START}</p><p>Cookies need consent, said the office \
            that guards personal data. “Are you a robot?” asked its chair.</p>"
            ),
        );
        assert!(article.is_ok(), "{article:?}");
    }
}
