//! How many of the quotes found were published when, and by whom they are.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use schemars::JsonSchema;
use serde::Serialize;

use super::counts::Counted;
use super::held::{HeldDays, Speakers};
use super::tally::Tally;

/// Days of a timeline whose periods are days, at most.
const MAX_DAYS: i32 = 45;
/// Days of a timeline whose periods are weeks, at most: a year and a half.
const MAX_DAYS_IN_WEEKS: i32 = 550;
/// Days of a timeline whose periods are months, at most: ten years.
const MAX_DAYS_IN_MONTHS: i32 = 3660;

/// Quotes that may be left out at the beginning, as one of so many: some old article must not press
/// what is new into one bar.
const LONE: u64 = 8;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// A day.
    Day,
    /// From Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

impl Step {
    /// The word for it in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// What suits this span of days: enough periods to see a course, few enough to see each.
    fn for_span(first: Date, last: Date) -> Self {
        let days = first.until(last).map_or(i32::MAX, |span| span.get_days()) + 1;
        let fitting = [
            (MAX_DAYS, Self::Day),
            (MAX_DAYS_IN_WEEKS, Self::Week),
            (MAX_DAYS_IN_MONTHS, Self::Month),
        ];
        fitting.iter().find(|(most, _)| days <= *most).map_or(Self::Year, |(_, step)| *step)
    }

    /// The first day of the period that `day` is in.
    fn begin(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let since_monday = i64::from(day.weekday().since(Weekday::Monday));
                day.checked_sub(since_monday.days()).unwrap_or(day)
            }
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        }
    }

    fn span(self) -> Span {
        match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Year => 1.year(),
        }
    }
}

/// Quotes by period of publication and by speaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Timeline {
    /// How long a period is; chosen by how long all of them are together.
    pub step: Step,
    /// The speakers with the most quotes, first of them the most quoted. All others, and quotes without
    /// a speaker, are counted together.
    pub speakers: Vec<String>,
    /// The identities of these speakers, in their order; null for who has none.
    pub identities: Vec<Option<String>>,
    /// The periods without a gap, oldest first.
    pub periods: Vec<Period>,
    /// Quotes from before the first period: few from long before the others.
    pub earlier: u64,
}

impl Timeline {
    /// Without a period.
    fn empty() -> Self {
        Self {
            step: Step::Week,
            speakers: Vec::new(),
            identities: Vec::new(),
            periods: Vec::new(),
            earlier: 0,
        }
    }
}

/// The quotes of one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Period {
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
    /// Quotes of each of the speakers, in their order.
    pub quotes: Vec<u64>,
    /// Quotes of all others.
    pub others: u64,
}

impl Period {
    /// Quotes in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.quotes.iter().sum::<u64>() + self.others
    }
}

/// Quotes of one day by speaker; behind the speakers' numbers stands that of all others.
type Days = BTreeMap<i64, Vec<u64>>;

/// How many rows of the speakers' counts tell the first `top`: one may be of quotes without a speaker.
pub(super) fn rows(top: usize) -> usize {
    top.saturating_add(1)
}

/// The timeline of a tally: by period and by the first `top` of those speakers that were `counted`; `whole`
/// if no period is to be left out.
pub(super) fn timeline(
    tally: &Tally,
    counted: &Counted,
    spoken: &Speakers,
    held: &HeldDays,
    top: usize,
    whole: bool,
) -> Timeline {
    let (counted, groups) = counted;
    let named = counted.rows.iter().zip(groups);
    let named = named.filter_map(|(row, group)| row.value.clone().zip(*group)).take(top);
    let (speakers, groups): (Vec<String>, Vec<u32>) = named.unzip();
    // A speaker's quotes are few beside all that match: they are looked up there one by one.
    let by_day = groups.iter().map(|group| {
        let mut by_day = vec![0_u64; held.days.len()];
        for quotes in spoken.quotes(*group, held).chunk_by(|a, b| a.segment == b.segment) {
            let Some(matched) = tally.matched.get(quotes[0].segment as usize) else { continue };
            for quote in quotes {
                by_day[quote.day as usize] += u64::from(matched.contains(quote.doc));
            }
        }
        by_day
    });
    let by_day: Vec<Vec<u64>> = by_day.collect();
    let all = tally.days.iter().filter_map(|(day, quotes)| {
        let place = held.days.binary_search(day).ok()?;
        let mut row: Vec<u64> = by_day.iter().map(|by_day| by_day[place]).collect();
        row.push(quotes - row.iter().sum::<u64>());
        Some((*day, row))
    });
    let days: Days = all.collect();
    let identities = groups.iter().map(|group| spoken.values.identity(*group).map(str::to_owned));
    Timeline { identities: identities.collect(), ..periods(speakers, &days, whole) }
}

/// Where the days that are shown begin: behind a few lone ones, if shorter periods suit the rest.
fn beginning(dated: &[(Date, &Vec<u64>)]) -> usize {
    let (Some((first, _)), Some((last, _))) = (dated.first(), dated.last()) else { return 0 };
    let total: u64 = dated.iter().flat_map(|(_, quotes)| *quotes).sum();
    let mut passed = 0;
    let rest = dated.iter().position(|(_, quotes)| {
        passed += quotes.iter().sum::<u64>();
        passed * LONE > total
    });
    let rest = rest.unwrap_or_default();
    let step = dated.get(rest).map(|(day, _)| Step::for_span(*day, *last));
    let whole = Step::for_span(*first, *last);
    if step.is_some_and(|step| step < whole) { rest } else { 0 }
}

/// The days put into periods; `whole` if none is to be left out.
fn periods(speakers: Vec<String>, days: &Days, whole: bool) -> Timeline {
    let dated: Vec<(Date, &Vec<u64>)> =
        days.iter().filter_map(|(day, quotes)| Some((date(*day)?, quotes))).collect();
    let (lone, dated) = dated.split_at(if whole { 0 } else { beginning(&dated) });
    let (Some((first, _)), Some((last, _))) = (dated.first(), dated.last()) else {
        return Timeline::empty();
    };
    let earlier = lone.iter().flat_map(|(_, quotes)| *quotes).sum();
    let step = Step::for_span(*first, *last);
    let mut periods = Vec::new();
    let mut begin = step.begin(*first);
    let mut dated_left = dated.iter().peekable();
    loop {
        // The calendar's last period has no next one.
        let next = begin.checked_add(step.span()).ok();
        let end = next.and_then(|next| next.yesterday().ok()).unwrap_or(Date::MAX);
        let mut quotes = vec![0; speakers.len() + 1];
        while let Some((_, counted)) = dated_left.next_if(|(day, _)| *day <= end) {
            quotes.iter_mut().zip(counted.iter()).for_each(|(sum, count)| *sum += count);
        }
        let others = quotes.pop().unwrap_or_default();
        periods.push(Period { first: begin, last: end, quotes, others });
        match next {
            Some(next) if next <= *last => begin = next,
            _ => break,
        }
    }
    Timeline { step, speakers, identities: Vec::new(), periods, earlier }
}

/// The day that the number YYYYMMDD stands for.
fn date(day: i64) -> Option<Date> {
    let year = i16::try_from(day / 10_000).ok()?;
    let month = i8::try_from(day / 100 % 100).ok()?;
    Date::new(year, month, i8::try_from(day % 100).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_days(days: &[(i64, u64)]) -> Timeline {
        let days = days.iter().map(|(day, quotes)| (*day, vec![*quotes, 1])).collect();
        periods(vec!["Maren Høgsbro".to_owned()], &days, false)
    }

    #[test]
    fn the_length_of_periods_follows_the_span() {
        for (first, last, step, count, begin, end) in [
            (20240229, 20240301, Step::Day, 2, "2024-02-29", "2024-03-01"),
            (20240208, 20240809, Step::Week, 27, "2024-02-05", "2024-08-11"),
            (20231231, 20251230, Step::Month, 25, "2023-12-01", "2025-12-31"),
            (16050101, 20260704, Step::Year, 422, "1605-01-01", "2026-12-31"),
            (99981231, 99991231, Step::Week, 53, "9998-12-28", "9999-12-31"),
        ] {
            let timeline = of_days(&[(first, 3), (last, 4)]);
            assert_eq!(timeline.step, step, "{first} to {last}");
            assert_eq!(timeline.periods.len(), count, "{first} to {last}");
            assert_eq!(timeline.periods[0].first.to_string(), begin);
            assert_eq!(timeline.periods[count - 1].last.to_string(), end);
            let sum: u64 = timeline.periods.iter().map(Period::total).sum();
            assert_eq!(sum, 3 + 4 + 2, "{first} to {last}");
        }
    }

    #[test]
    fn periods_follow_each_other_without_a_gap() {
        let timeline = of_days(&[(20240131, 1), (20240601, 1)]);
        for pair in timeline.periods.windows(2) {
            assert_eq!(pair[0].last.tomorrow().unwrap(), pair[1].first);
        }
    }

    #[test]
    fn a_few_lone_days_long_before_are_counted_and_not_drawn() {
        let lone = of_days(&[(19990704, 8), (20250301, 30), (20250401, 40)]);
        assert_eq!((lone.step, lone.periods.len(), lone.earlier), (Step::Day, 32, 9));
        let many = of_days(&[(19990704, 12), (20250301, 30), (20250401, 40)]);
        assert_eq!((many.step, many.earlier), (Step::Year, 0));
        let near = of_days(&[(20250227, 1), (20250301, 30), (20250401, 40)]);
        assert_eq!((near.step, near.periods.len(), near.earlier), (Step::Day, 34, 0));
    }

    #[test]
    fn what_has_no_day_is_on_no_timeline() {
        assert_eq!(of_days(&[(0, 5)]).periods, []);
        assert_eq!(of_days(&[]).periods, []);
    }
}
