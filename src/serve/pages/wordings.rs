//! The same words, printed differently: statements that several outlets quote, with what differs.

use maud::{Markup, html};

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::filters::MAX_STEPS;
use super::super::reply::Reply;
use super::super::state::Reading;
use super::layout::{self, counted, cut, grouped};
use super::quote::elsewhere;
use crate::domain::wording::{Likeness, Statement};
use crate::store::StatementQuery;

/// Statements on a page, the other quotes of each that are shown, and outlets.
const LISTED: usize = 10;
const OTHERS: usize = 4;
const OUTLETS: usize = 8;
/// Characters of a statement and of a name that are shown.
const SHOWN: usize = 500;
const SHOWN_NAME: usize = 80;

/// The statements that several outlets quote, or those whose words differ between them.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn list(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.parameters();
    let same = parameters.take_flag("same")?;
    let offset = parameters.take_number("offset", 0..=MAX_STEPS)?.unwrap_or_default();
    parameters.finish()?;
    let query = StatementQuery { altered: !same, limit: LISTED, offset };
    let total = reading.store.count_statements(&query)?;
    let other = reading.store.count_statements(&StatementQuery { altered: same, ..query })?;
    let statements = reading.store.statements(&query)?;
    let content = html! {
        h1 { "The same words in several outlets" }
        nav.choice aria-label="Which statements" {
            ul {
                li { a href="/wordings" aria-current=[(!same).then_some("true")] {
                    "Printed differently " span.count { (grouped((if same { other } else { total }) as u64)) }
                } }
                li { a href="/wordings?same=true" aria-current=[same.then_some("true")] {
                    "All " span.count { (grouped((if same { total } else { other }) as u64)) }
                } }
            }
        }
        @if statements.is_empty() {
            p { "No statement of the collection is quoted " @if !same { "in different words " } "by several outlets." }
        } @else {
            p.note { "The longest wording first; what another outlet has in its place is marked below it." }
        }
        ol.statements {
            @for statement in &statements { li { (item(statement)) } }
        }
        (layout::paging(offset, statements.len(), LISTED, total, |offset| {
            let offset = offset.to_string();
            let same = same.then_some(("same", "true"));
            layout::address("/wordings", same.into_iter().chain([("offset", offset.as_str())]))
        }))
    };
    Ok(Reply::Page(layout::page(&asked.visitor, "/wordings", "The same words", &content)))
}

fn item(statement: &Statement) -> Markup {
    let wording = &statement.wording;
    let (shown, is_cut) = cut(&wording.text, SHOWN);
    let outlets: Vec<&str> =
        statement.outlets.iter().take(OUTLETS).map(|outlet| cut(outlet, SHOWN_NAME).0).collect();
    let same = statement.others.iter().filter(|it| it.likeness == Likeness::Same).count();
    let differing = statement.others.len() - same;
    html! {
        blockquote { p.words dir="auto" { (shown) @if is_cut { "…" } } }
        p.who { "— " bdi { (cut(wording.speaker.as_deref().unwrap_or("no speaker named"), SHOWN_NAME).0) } }
        p.where {
            (counted(statement.outlets.len() as u64, "outlet")) ": "
            @for (number, outlet) in outlets.iter().enumerate() {
                @if number > 0 { ", " } bdi { (outlet) }
            }
            @if statement.outlets.len() > outlets.len() {
                " and " (grouped((statement.outlets.len() - outlets.len()) as u64)) " more"
            }
        }
        p.facts {
            a.open href=(format!("/quotes/{}", wording.id)) {
                "Context and history" span.unseen { " in " (cut(&wording.outlet, SHOWN_NAME).0) }
            }
            @if same > 0 { span { (counted(same as u64, "other quote")) " in the same words" } }
        }
        @if differing > 0 {
            ul.elsewhere {
                @for other in statement.others.iter().take(OTHERS.min(differing)) {
                    li { (elsewhere(other)) }
                }
            }
            @if differing > OTHERS {
                p.note { "and " a href=(format!("/quotes/{}", wording.id)) {
                    (grouped((differing - OTHERS) as u64)) " more that differ"
                } }
            }
        }
    }
}
