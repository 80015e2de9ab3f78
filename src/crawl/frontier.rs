//! Which feed is due: a schedule and what happened before → a moment.
//!
//! Pure: the clock is handed in. All cron lines are in UTC.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::feed::Schedule;

/// Longest wait that failures add: a feed that is broken for weeks is still tried every day.
const MAX_BACKOFF: SignedDuration = SignedDuration::from_hours(24);

/// Wait after the first failure of a cron feed, doubled from then on.
const CRON_BACKOFF: SignedDuration = SignedDuration::from_mins(15);

/// Doublings after which [`MAX_BACKOFF`] is reached from any interval of a second or more.
const MAX_DOUBLINGS: u32 = 17;

/// When a feed that last ran at `last_run` is due next, failures aside. Never, that is
/// [`Timestamp::MAX`], for a cron line that is broken or names no day that exists.
#[must_use]
pub fn next_due(schedule: &Schedule, last_run: Timestamp) -> Timestamp {
    match schedule {
        Schedule::Every(seconds) => {
            last_run.saturating_add(seconds_long(*seconds)).unwrap_or(Timestamp::MAX)
        }
        Schedule::Cron(line) => parse_cron(line)
            .ok()
            .and_then(|cron| {
                cron.find_next_occurrence(&last_run.to_zoned(TimeZone::UTC), false).ok()
            })
            .map_or(Timestamp::MAX, |next| next.timestamp()),
    }
}

/// Whether a feed is due at `now`. One that never ran is. `failures` counts the runs that failed
/// since the last one that did not; each doubles the wait, up to a day (or the interval itself,
/// where that is longer).
#[must_use]
pub fn is_due(
    schedule: &Schedule,
    last_run: Option<Timestamp>,
    failures: u32,
    now: Timestamp,
) -> bool {
    let Some(last_run) = last_run else { return true };
    // A last run in the future means that the clock was wrong then; waiting for it could take years.
    if last_run > now {
        return true;
    }
    let rested = last_run.saturating_add(backoff(schedule, failures)).unwrap_or(Timestamp::MAX);
    now >= next_due(schedule, last_run).max(rested)
}

fn backoff(schedule: &Schedule, failures: u32) -> SignedDuration {
    let (first, doublings) = match schedule {
        _ if failures == 0 => return SignedDuration::ZERO,
        Schedule::Every(seconds) => (seconds_long(*seconds), failures),
        Schedule::Cron(_) => (CRON_BACKOFF, failures - 1),
    };
    first.saturating_mul(1 << doublings.min(MAX_DOUBLINGS)).min(MAX_BACKOFF)
}

fn seconds_long(seconds: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// Whether `line` is a five-field cron line that names at least one moment.
///
/// # Errors
/// What is wrong with it, for people.
pub fn check_cron(line: &str) -> Result<(), String> {
    let cron = parse_cron(line)?;
    let start = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
    cron.find_next_occurrence(&start, true)
        .map(|_| ())
        .map_err(|_| "it names no day that exists".to_owned())
}

fn parse_cron(line: &str) -> Result<Cron, String> {
    let fields = line.split_whitespace().count();
    if fields != 5 && !line.trim_start().starts_with('@') {
        return Err(format!(
            "it has {fields} fields, not the five: minute hour day-of-month month day-of-week"
        ));
    }
    CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build()
        .parse(line)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn cron(line: &str) -> Schedule {
        Schedule::Cron(line.to_owned())
    }

    #[test]
    fn the_next_run_follows_the_schedule() {
        let last = "2026-03-01T10:10:30Z";
        let cases = [
            (Schedule::Every(1800), "2026-03-01T10:40:30Z"),
            (Schedule::Every(86400), "2026-03-02T10:10:30Z"),
            (cron("*/15 * * * *"), "2026-03-01T10:15:00Z"),
            (cron("0 6 * * *"), "2026-03-02T06:00:00Z"),
            (cron("30 7 * * MON"), "2026-03-02T07:30:00Z"),
            (cron("0 0 29 2 *"), "2028-02-29T00:00:00Z"),
        ];
        for (schedule, next) in cases {
            assert_eq!(next_due(&schedule, at(last)), at(next), "{schedule:?}");
        }
    }

    #[test]
    fn schedules_without_end_or_sense_are_never_due_and_never_panic() {
        let now = at("2026-03-01T10:00:00Z");
        for schedule in [Schedule::Every(u64::MAX), cron("0 0 30 2 *"), cron("nonsense")] {
            assert_eq!(next_due(&schedule, now), Timestamp::MAX, "{schedule:?}");
            assert!(!is_due(&schedule, Some(now), u32::MAX, now), "{schedule:?}");
        }
    }

    #[test]
    fn a_feed_is_due_once_its_wait_is_over_and_failures_double_the_wait() {
        let hourly = Schedule::Every(3600);
        let cases = [
            (&hourly, None, 0, true),
            (&hourly, Some("2026-03-01T11:00:01Z"), 0, false),
            (&hourly, Some("2026-03-01T11:00:00Z"), 0, true),
            (&hourly, Some("2026-03-01T11:00:00Z"), 1, false),
            (&hourly, Some("2026-03-01T10:00:00Z"), 1, true),
            (&hourly, Some("2026-03-01T09:00:00Z"), 2, false),
            (&hourly, Some("2026-03-01T08:00:00Z"), 2, true),
            (&hourly, Some("2026-02-28T12:00:00Z"), 40, true),
            (&hourly, Some("2026-03-02T12:00:00Z"), 0, true),
        ];
        for (schedule, last, failures, due) in cases {
            let found = is_due(schedule, last.map(at), failures, at("2026-03-01T12:00:00Z"));
            assert_eq!(found, due, "last run {last:?}, {failures} failures");
        }
    }

    #[test]
    fn failures_hold_a_cron_feed_back_as_well() {
        let often = cron("* * * * *");
        let now = at("2026-03-01T12:00:00Z");
        assert!(is_due(&often, Some(at("2026-03-01T11:58:30Z")), 0, now));
        assert!(!is_due(&often, Some(at("2026-03-01T11:58:30Z")), 1, now));
        assert!(is_due(&often, Some(at("2026-03-01T11:45:00Z")), 1, now));
        assert!(!is_due(&often, Some(at("2026-03-01T11:45:00Z")), 2, now));
    }

    #[test]
    fn a_cron_line_is_checked_with_a_reason() {
        for line in ["0 6 * * *", "*/10 8-18 * * 1-5", "@daily"] {
            assert_eq!(check_cron(line), Ok(()), "{line}");
        }
        let wrong = [
            ("", "0 fields"),
            ("* * * *", "4 fields"),
            ("0 0 6 * * *", "6 fields"),
            ("61 * * * *", ""),
            ("x * * * *", ""),
            ("0 0 31 2 *", "no day that exists"),
        ];
        for (line, reason) in wrong {
            let message = check_cron(line).unwrap_err();
            assert!(message.contains(reason), "{line}: {message}");
        }
    }
}
