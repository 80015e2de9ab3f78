//! How the feeds fare, and what is not in the collection, with reasons.

use jiff::Timestamp;
use maud::{Markup, html};

use super::super::asked::Asked;
use super::super::failure::Failure;
use super::super::reply::Reply;
use super::super::state::Reading;
use super::layout::{self, counted, cut, grouped, moment, outward};
use crate::domain::run::{FeedStatus, Run, Visit, VisitOutcome};

/// Feeds, and pages that were left out, that are shown at a time.
const FEEDS: usize = 40;
const SKIPPED: usize = 25;
/// Characters of an address or a reason that are shown.
const SHOWN: usize = 160;

/// Every feed with its last run; what was left out, and why.
///
/// # Errors
/// [`Failure`] if a parameter is wrong, or the collection can't be read.
pub fn page(reading: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    let mut parameters = asked.parameters();
    let from = parameters.take_number("feeds", 0..=usize::MAX)?.unwrap_or_default();
    let offset = parameters.take_number("offset", 0..=usize::MAX)?.unwrap_or_default();
    parameters.finish()?;
    let feeds = reading.store.feed_statuses()?;
    let last = reading.store.last_runs(1)?;
    let (skipped, total) = reading.store.skipped_part(offset, SKIPPED)?;
    let content = html! {
        h1 { "Feeds" }
        @if let Some(run) = last.first() { (last_run(run)) }
        @if feeds.is_empty() {
            p.note { "No feed has been read to its end yet: run " code { "onrecord crawl" } "." }
        } @else {
            (table(feeds.iter().skip(from).take(FEEDS)))
            (layout::paging(from, feeds.len().saturating_sub(from).min(FEEDS), FEEDS, feeds.len(),
                |from| format!("/feeds?feeds={from}")))
        }
        (left_out(&skipped, offset, total))
    };
    Ok(Reply::Page(layout::page(&asked.visitor, "/feeds", "Feeds", &content)))
}

fn last_run(run: &Run) -> Markup {
    let counts = run.counts;
    html! {
        p {
            "The last run, by " code { (run.command) } ", began " (moment(run.started)) ": "
            (counted(run.feeds, "feed"))
            @if run.feeds_failed > 0 { ", " strong.state { (grouped(run.feeds_failed)) " failed" } }
            "; " (counted(counts.new, "article")) " new, " (grouped(counts.changed)) " changed, "
            (counted(counts.quotes, "quote")) "; " (counted(run.requests, "request"))
            @if run.stopped { "; stopped early" }
            @if let Some(error) = &run.error { "; " strong.state { "failed" } ": " (error) }
            "."
        }
    }
}

fn table<'a>(feeds: impl Iterator<Item = &'a FeedStatus>) -> Markup {
    let when = |at: Option<Timestamp>| at.map_or(html! { "never" }, moment);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Feeds" {
            table.feeds {
                thead { tr {
                    th scope="col" { "Feed" }
                    th scope="col" { "Last run" }
                    th scope="col" { "Next due" }
                    th scope="col" { "Articles" }
                    th scope="col" { "Quotes" }
                } }
                tbody {
                    @for feed in feeds {
                        tr {
                            th scope="row" {
                                (outward(&feed.url, &html! { bdi { (cut(&feed.id, SHOWN).0) } }))
                                div.where { bdi { (cut(&feed.outlet, SHOWN).0) } }
                                @if let Some(error) = &feed.last_error {
                                    div.problem {
                                        "failed " (counted(u64::from(feed.failures), "time")) ": "
                                        (cut(error, SHOWN).0)
                                    }
                                }
                                @if let Some(since) = feed.gone {
                                    div.problem { "gone since " (moment(since)) "; no longer asked" }
                                }
                            }
                            td { (when(feed.last_run)) }
                            td { (when(feed.next_due.filter(|_| feed.gone.is_none()))) }
                            td.number { (grouped(feed.articles)) }
                            td.number { (grouped(feed.quotes)) }
                        }
                    }
                }
            }
        }
    }
}

fn left_out(skipped: &[Visit], offset: usize, total: usize) -> Markup {
    html! {
        section #left-out aria-labelledby="left-out-title" {
            h2 #left-out-title { "Not in the collection" }
            @if total == 0 { p.note { "Every page that was asked for is in the collection." } }
            @else {
                p { (counted(total as u64, "page")) " that feeds named and that are not kept, newest first." }
            }
            ul.skipped {
                @for visit in skipped {
                    li {
                        p.address { (outward(&visit.url, &html! { (cut(&visit.url, SHOWN).0) })) }
                        p.where {
                            strong { (match visit.outcome {
                                VisitOutcome::Kept => "kept",
                                VisitOutcome::OffTopic => "off topic",
                                VisitOutcome::Skipped => "skipped",
                                VisitOutcome::Failed => "failed",
                            }) }
                            @if let Some(feed) = &visit.feed { " · " bdi { (cut(feed, SHOWN).0) } }
                            " · " (moment(visit.at))
                        }
                        p.reason { (cut(&visit.reason, SHOWN).0) }
                    }
                }
            }
            (layout::paging(offset, skipped.len(), SKIPPED, total, |offset| {
                format!("/feeds?offset={offset}#left-out")
            }))
        }
    }
}
