//! A quote as lists of quotes show it: the words, who said them, where they stand.

use maud::{Markup, html};

use super::layout::{cut, day};
use super::marked;
use crate::domain::quote::{Quote, QuoteKind};
use crate::domain::record::QuoteRecord;
use crate::domain::speaker::Speaker;
use crate::search::{Highlighter, Part};

/// Characters of a quote that a list shows; the quote's own page has all.
const SHOWN: usize = 700;
/// Characters of a headline, a role or a name that are shown: what is longer is no such thing.
const SHOWN_NAME: usize = 120;
/// Below this a speaker is said to be in doubt.
const DOUBT: f64 = 0.8;

/// A quote in a list. With `pickable` it has a box by which a form takes it.
#[must_use]
pub fn item(record: &QuoteRecord, highlighter: &Highlighter, pickable: bool) -> Markup {
    let QuoteRecord { quote, article, .. } = record;
    let language = article.language.as_deref();
    let printed = quote.printed_words();
    let (shown, is_cut) = cut(&printed, SHOWN);
    let address = format!("/quotes/{}", quote.id);
    html! {
        article.quote data-quote=(quote.id) {
            blockquote { p.words lang=[language] dir="auto" {
                (marked::found(shown, &highlighter.ranges(shown, Part::Words, language)))
                @if is_cut { "… " a href=(address) { "the whole quote" } }
            } }
            p.who { "— " (speaker(quote.speaker.as_ref(), highlighter, language)) }
            p.where {
                bdi { (cut(&article.outlet, SHOWN_NAME).0) }
                @if let Some(published) = &article.published { " · " (day(published)) }
                @if let Some(title) = &article.title {
                    " · " a href=(format!("/articles/{0}?quote={1}#{1}", article.id, quote.id)) {
                        bdi lang=[language] { (cut(title, SHOWN_NAME).0) }
                    }
                }
            }
            p.facts {
                @if pickable {
                    label.pick {
                        input type="checkbox" name="quote" value=(quote.id);
                        span { "Pick" span.unseen { " this quote" } }
                    }
                }
                a.open href=(address) { "Context and history" }
                span { (kind(quote.kind)) }
                (confidence(quote))
                @for state in record.states() { strong.state { (state) } }
            }
        }
    }
}

/// Who is said to have said it, with role and affiliation, as a link to the speaker.
#[must_use]
pub fn speaker(
    speaker: Option<&Speaker>,
    highlighter: &Highlighter,
    language: Option<&str>,
) -> Markup {
    let Some(speaker) = speaker else { return html! { "no speaker named" } };
    let found = |text: &str| {
        let text = cut(text, SHOWN_NAME).0;
        marked::found(text, &highlighter.ranges(text, Part::Speaker, language))
    };
    html! {
        @match &speaker.identity {
            Some(id) => a.name href=(format!("/speakers/{id}")) { bdi { (found(&speaker.name)) } },
            None => bdi.name { (found(&speaker.name)) },
        }
        @for part in speaker.standing() { ", " bdi { (found(part)) } }
    }
}

/// How much of a quote stands in quotation marks, in a word.
#[must_use]
pub fn kind(kind: QuoteKind) -> &'static str {
    match kind {
        QuoteKind::Direct => "verbatim",
        QuoteKind::Mixed => "partly verbatim",
        QuoteKind::Indirect => "reported",
    }
}

/// How sure it is that the speaker is right.
fn confidence(quote: &Quote) -> Markup {
    let percent = (quote.confidence * 100.0).round();
    html! {
        @if quote.speaker.is_some() {
            @if quote.confidence < DOUBT { em.doubt { "speaker in doubt, " (percent) " % sure" } }
            @else { span { "speaker " (percent) " % sure" } }
        }
    }
}
