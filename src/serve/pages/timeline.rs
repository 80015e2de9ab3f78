//! The timeline above the results: stacked bars, a legend, and the same as a table.
//!
//! The drawing has neither words nor links: the table has both, and the script reads the days of a bar
//! from its row.

use std::fmt::Write;

use jiff::civil::Date;
use maud::{Markup, html};

use super::layout::{counted, cut, grouped};
use crate::search::{Period, Step, Timeline};

/// Speakers that have a colour of their own: more colours than five can't be told apart by everybody.
pub const TOP: usize = 5;
/// Bars that the drawing has room for at least, so that a single one is no wall.
const MIN_BARS: usize = 12;
/// Units of the drawing that a bar and the gap behind it take, and its height.
const BAR: usize = 8;
const GAP: usize = 2;
const HEIGHT: u64 = 1000;
/// Before any news: from here on means all of it.
const FIRST_DAY: Date = Date::constant(1600, 1, 1);
/// Characters of a name in the legend.
const SHOWN_NAME: usize = 60;

/// The timeline; nothing if there is no day to show. `days` gives the address of the results of some
/// days only; `speakers` are what each speaker is called, and the address of that one's.
#[must_use]
pub fn draw(
    timeline: &Timeline,
    days: impl Fn(Date, Date) -> Option<String>,
    speakers: &[(String, Option<String>)],
) -> Markup {
    let Some((first, last)) = timeline.periods.first().zip(timeline.periods.last()) else {
        return html! {};
    };
    let most = timeline.periods.iter().map(Period::total).max().unwrap_or_default();
    let series: Vec<(String, u64)> = (0..=timeline.speakers.len())
        .map(|number| {
            (bars(timeline, number, most), timeline.periods.iter().map(|it| of(it, number)).sum())
        })
        .collect();
    let width = timeline.periods.len().max(MIN_BARS) * (BAR + GAP);
    html! {
        section.timeline aria-labelledby="timeline-title" {
            h2 #timeline-title { "Quotes by " (timeline.step.as_str()) " of publication" }
            p.scale { "at most " (counted(most, "quote")) " a " (timeline.step.as_str()) }
            svg.bars aria-hidden="true" viewBox=(format!("0 0 {width} {HEIGHT}"))
                preserveAspectRatio="none" data-columns=(timeline.periods.len().max(MIN_BARS)) {
                @for (number, (path, _)) in series.iter().enumerate() {
                    path.{ (class(timeline, number)) } d=(path) {}
                }
            }
            p.axis aria-hidden="true" {
                span { (label(timeline.step, first)) }
                @if timeline.periods.len() >= MIN_BARS { span { (label(timeline.step, last)) } }
            }
            @if timeline.earlier > 0 {
                p.scale {
                    (counted(timeline.earlier, "quote")) " from long before: "
                    (linked(days(FIRST_DAY, last.last), &html! { "all years" }))
                }
            }
            ul.legend {
                @for (number, (_, total)) in series.iter().enumerate().filter(|(_, (_, total))| *total > 0) {
                    li {
                        span.swatch.{ (class(timeline, number)) } {}
                        @match speakers.get(number) {
                            Some((name, link)) => {
                                (linked(link.clone(), &html! { bdi { (cut(name, SHOWN_NAME).0) } }))
                            }
                            None => span { "all others" },
                        }
                        " " span.count { (grouped(*total)) }
                    }
                }
            }
            details {
                summary { "The same as a table" }
                div.scroll tabindex="0" role="region" aria-label="Timeline as a table" {
                    (table(timeline, days, speakers))
                }
            }
        }
    }
}

/// The periods as rows.
fn table(
    timeline: &Timeline,
    days: impl Fn(Date, Date) -> Option<String>,
    speakers: &[(String, Option<String>)],
) -> Markup {
    html! {
        table.periods {
            thead { tr {
                th scope="col" { (capital(timeline.step.as_str())) }
                @for (name, _) in speakers { th scope="col" { bdi { (cut(name, SHOWN_NAME).0) } } }
                th scope="col" { "All others" }
                th scope="col" { "All" }
            } }
            tbody {
                @for period in &timeline.periods {
                    tr data-since=(period.first) data-until=(period.last) {
                        th scope="row" {
                            @if period.total() > 0 {
                                (linked(days(period.first, period.last), &html! { (label(timeline.step, period)) }))
                            } @else { (label(timeline.step, period)) }
                        }
                        @for quotes in &period.quotes { td { (grouped(*quotes)) } }
                        td { (grouped(period.others)) }
                        td { (grouped(period.total())) }
                    }
                }
            }
        }
    }
}

/// `words` as a link, if there is an address.
pub fn linked(address: Option<String>, words: &Markup) -> Markup {
    html! {
        @match address {
            Some(address) => a href=(address) { (words) },
            None => (words),
        }
    }
}

/// The colour of a series: that of all others has no number.
fn class(timeline: &Timeline, number: usize) -> String {
    if number < timeline.speakers.len() { format!("s{}", number + 1) } else { "s0".to_owned() }
}

/// Quotes of the speaker of this number; behind the speakers stand all others.
fn of(period: &Period, number: usize) -> u64 {
    period.quotes.get(number).copied().unwrap_or(period.others)
}

/// The bars of one series as an SVG path, each above those of the series before it.
fn bars(timeline: &Timeline, number: usize, most: u64) -> String {
    let scaled = |quotes: u64| quotes * HEIGHT / most.max(1);
    let mut path = String::new();
    for (place, period) in timeline.periods.iter().enumerate() {
        let below: u64 = (0..number).map(|lower| of(period, lower)).sum();
        let (from, to) = (scaled(below), scaled(below + of(period, number)));
        if to > from {
            let x = place * (BAR + GAP) + GAP / 2;
            // Writing to a string can't fail.
            let _ = write!(path, "M{x} {}h{BAR}v-{}h-{BAR}z", HEIGHT - from, to - from);
        }
    }
    path
}

/// What a period is called.
fn label(step: Step, period: &Period) -> String {
    let form = match step {
        Step::Day => "%-d %b %Y",
        Step::Week => "week of %-d %b %Y",
        Step::Month => "%b %Y",
        Step::Year => "%Y",
    };
    period.first.strftime(form).to_string()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(periods: &[(&[u64], u64)]) -> Timeline {
        let mut first = Date::constant(2024, 1, 1);
        let mut made = Vec::new();
        for (quotes, others) in periods {
            let next = first.checked_add(jiff::Span::new().weeks(1)).unwrap();
            let last = next.yesterday().unwrap();
            made.push(Period { first, last, quotes: quotes.to_vec(), others: *others });
            first = next;
        }
        let speakers = vec!["Maren Høgsbro".to_owned(), "José <Tapia>".to_owned()];
        let identities = vec![None; speakers.len()];
        Timeline { step: Step::Week, speakers, identities, periods: made, earlier: 0 }
    }

    #[test]
    fn bars_stand_on_those_of_the_speakers_before() {
        let timeline = timeline(&[(&[1, 2], 1), (&[0, 0], 0), (&[0, 1], 0)]);
        assert_eq!(bars(&timeline, 0, 4), "M1 1000h8v-250h-8z");
        assert_eq!(bars(&timeline, 1, 4), "M1 750h8v-500h-8zM21 1000h8v-250h-8z");
        assert_eq!(bars(&timeline, 2, 4), "M1 250h8v-250h-8z");
    }

    #[test]
    fn the_table_says_what_the_bars_show() {
        let timeline = timeline(&[(&[1200, 2], 1), (&[0, 0], 0)]);
        let days = |since: Date, until: Date| Some(format!("/?since={since}&until={until}"));
        let named: Vec<(String, Option<String>)> =
            timeline.speakers.iter().map(|name| (name.clone(), None)).collect();
        let page = draw(&timeline, days, &named).into_string();
        assert!(page.contains("<td>1,200</td><td>2</td><td>1</td><td>1,203</td>"), "{page}");
        assert!(page.contains("href=\"/?since=2024-01-01&amp;until=2024-01-07\""), "{page}");
        assert!(page.contains("José &lt;Tapia&gt;") && !page.contains("<Tapia>"), "{page}");
    }

    #[test]
    fn without_days_there_is_no_timeline() {
        let page = draw(&timeline(&[]), |_, _| None, &[]);
        assert_eq!(page.into_string(), "");
    }
}
