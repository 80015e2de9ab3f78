//! What every page has: head, navigation, foot; and the page that says what went wrong.

use maud::{DOCTYPE, Markup, html};

use super::super::asked::Visitor;
use super::super::assets;
use super::super::failure::Failure;

/// A whole page with this title and content.
#[must_use]
pub fn page(_visitor: &Visitor, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – onrecord" }
                link rel="stylesheet" href=(assets::path("style.css"));
                link rel="icon" href=(assets::path("icon.svg")) type="image/svg+xml";
                script src=(assets::path("script.js")) defer {}
            }
            body {
                header {
                    nav aria-label="Pages" {
                        a href="/" { "Search" } " "
                        a href="/collections" { "Collections" } " "
                        a href="/feeds" { "Feeds" }
                    }
                }
                main { (content) }
            }
        }
    }
}

/// The page that says why a request was not answered as asked.
#[must_use]
pub fn failure(visitor: &Visitor, failure: &Failure) -> Markup {
    page(
        visitor,
        failure.title(),
        &html! {
            h1 { (failure.title()) }
            p { (failure.message) }
        },
    )
}
