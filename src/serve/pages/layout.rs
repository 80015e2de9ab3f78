//! What every page has: head, navigation, foot, help; and the page that says what went wrong.

use std::fmt::Display;

use jiff::civil::Date;
use maud::{DOCTYPE, Markup, html};
use url::{Url, form_urlencoded};

use super::super::asked::Visitor;
use super::super::assets;
use super::super::failure::Failure;

/// Where the pages lead to each other: address and name.
const PLACES: [(&str, &str); 5] = [
    ("/", "Quotes"),
    ("/speakers", "Speakers"),
    ("/wordings", "Same words"),
    ("/collections", "Collections"),
    ("/feeds", "Feeds"),
];

/// What a key does, for the help.
const KEYS: [(&str, &str); 6] = [
    ("/", "go to the search box"),
    ("j", "next quote"),
    ("k", "quote before"),
    ("Enter", "open the quote"),
    ("x", "mark the quote for a collection"),
    ("?", "this help"),
];

/// A whole page with this title and content; `here` is the address of the place that it belongs to.
#[must_use]
pub fn page(visitor: &Visitor, here: &str, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – onrecord" }
                link rel="stylesheet" href=(assets::path("style.css"));
                link rel="icon" href=(assets::path("icon.svg")) type="image/svg+xml";
                script src=(assets::path("script.js")) defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.site {
                    a.name href="/" { "onrecord" }
                    nav aria-label="Pages" {
                        ul {
                            @for (address, name) in PLACES {
                                li {
                                    a href=(address) aria-current=[(address == here).then_some("page")] {
                                        (name)
                                    }
                                }
                            }
                        }
                    }
                }
                main #main tabindex="-1" { (content) }
                footer.site {
                    p {
                        "onrecord " (env!("CARGO_PKG_VERSION")) " · every quote leads to the exact words of a \
                        stored page · " a href="/api/v1/openapi.json" { "API" }
                    }
                    @if !visitor.may_change() {
                        p {
                            "This page is for looking. To keep collections and correct who is who, open the \
                            second address that " code { "quotes serve" } " printed."
                        }
                    }
                }
                p #said.said role="status" {}
                (help())
            }
        }
    }
}

/// The keys, in a dialog that the script opens.
fn help() -> Markup {
    html! {
        dialog #help aria-labelledby="help-title" {
            h2 #help-title { "Keys" }
            dl.keys {
                @for (key, what) in KEYS { div { dt { kbd { (key) } } dd { (what) } } }
            }
            p {
                label { input #keys-on type="checkbox" checked; " Use these keys" }
            }
            form method="dialog" { button { "Close" } }
        }
    }
}

/// The page that says why a request was not answered as asked.
#[must_use]
pub fn failure(visitor: &Visitor, failure: &Failure) -> Markup {
    page(
        visitor,
        "",
        failure.title(),
        &html! {
            div.narrow {
                h1 { (failure.title()) }
                p.problem { (failure.message) }
                p { a href="/" { "Search the quotes" } }
            }
        },
    )
}

/// The field that every form has to carry that changes something.
#[must_use]
pub fn token(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name="form_token" value=[visitor.form_token.as_deref()]; }
}

/// A number with its noun: "1 quote", "12,345 quotes".
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A number with its thousands parted.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The day of a date in normal form, as print has it: "14 May 2025".
#[must_use]
pub fn day(date: impl Display) -> Markup {
    let text = date.to_string();
    let first = text.get(..10).unwrap_or(&text);
    let printed = first.parse::<Date>().map(|day| day.strftime("%-d %B %Y").to_string());
    html! { time datetime=(text) { (printed.as_deref().unwrap_or(first)) } }
}

/// A moment in UTC: "14 May 2025, 17:40 UTC".
#[must_use]
pub fn moment(at: impl Display) -> Markup {
    let text = at.to_string();
    let clock = text.get(11..16).map(|clock| format!(", {clock} UTC"));
    html! { (day(&text)) (clock.unwrap_or_default()) }
}

/// A link to a page of the web, with these words. An address that is not of the web is no link: a page
/// may state any. Nor is one that is too long for a page with many.
#[must_use]
pub fn outward(address: &str, words: &Markup) -> Markup {
    /// Bytes on a page; what browsers and servers agree on ends there too.
    const MAX: usize = 2_000;
    let is_web = address.chars().map(weight).sum::<usize>() <= MAX
        && Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    html! {
        @if is_web { a.outward href=(address) rel="noreferrer noopener" { (words) } }
        @else { (words) }
    }
}

/// The address of `path` with these parameters.
#[must_use]
pub fn address<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if encoded.is_empty() { path.to_owned() } else { format!("{path}?{encoded}") }
}

/// `text`, cut after so many characters, or sooner where these take more than two bytes each on a page,
/// as quotation marks do and as letters may; whether it was cut.
#[must_use]
pub fn cut(text: &str, characters: usize) -> (&str, bool) {
    let mut bytes = 0;
    for (number, (byte, c)) in text.char_indices().enumerate() {
        bytes += weight(c);
        if number == characters || bytes > 2 * characters {
            return (&text[..byte], true);
        }
    }
    (text, false)
}

/// The bytes that a character takes on a page.
#[must_use]
pub fn weight(c: char) -> usize {
    match c {
        '"' => "&quot;".len(),
        '&' => "&amp;".len(),
        '<' | '>' => "&lt;".len(),
        c => c.len_utf8(),
    }
}

/// Links to the pages before and after this one of `total` things, of which `shown` follow `offset`.
/// `link` gives the address of the page that begins behind so many.
#[must_use]
pub fn paging(
    offset: usize,
    shown: usize,
    limit: usize,
    total: usize,
    link: impl Fn(usize) -> String,
) -> Markup {
    let end = offset + shown;
    html! {
        @if offset > 0 || end < total {
            nav.paging aria-label="Parts of the list" {
                @if offset > 0 {
                    a rel="prev" href=(link(offset.saturating_sub(limit))) { "← Before" }
                }
                span {
                    @if shown > 0 { (grouped(offset as u64 + 1)) "–" (grouped(end as u64)) " of " }
                    (grouped(total as u64))
                }
                @if end < total && shown > 0 { a rel="next" href=(link(end)) { "More →" } }
            }
        }
    }
}
