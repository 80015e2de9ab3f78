//! What is due: schedules and what happened before → moments.
//!
//! Pure: the clock is handed in, and chance is a hash of what is known, so that the same history
//! gives the same moment. Cron lines are in UTC, or in the time zone named after their fields.

use std::time::Duration;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::feed::{Feed, Schedule};
use crate::domain::hash;
use crate::domain::run::FeedState;
use crate::domain::topic;
use crate::domain::upkeep::WatchSettings;

/// Longest wait that failures add: a feed that is broken for weeks is still tried every day.
const MAX_BACKOFF: SignedDuration = SignedDuration::from_hours(24);

/// Wait after the first failure of a cron feed, doubled from then on.
const CRON_BACKOFF: SignedDuration = SignedDuration::from_mins(15);

/// Doublings after which [`MAX_BACKOFF`] is reached from any interval of a second or more.
const MAX_DOUBLINGS: u32 = 17;

/// Runs without anything new after which the interval of a feed doubles: one quiet night of an
/// hourly feed is no sign.
const QUIET_RUNS: u32 = 12;

/// Doublings of a quiet feed's interval: an hourly feed is still asked three times a day.
const MAX_QUIET_DOUBLINGS: u32 = 3;

/// Longest interval that quiet runs lead to, unless the feed's own is longer.
const MAX_QUIET_INTERVAL: SignedDuration = SignedDuration::from_hours(24);

/// Chance adds at most this part of a wait.
const JITTER_PART: i32 = 10;

/// A run of a feed, as far as it decides about the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran<'a> {
    /// The feed's id.
    pub feed: &'a str,
    /// When the run started.
    pub at: Timestamp,
    /// Failed runs in a row, this one included.
    pub failures: u32,
    /// Runs in a row that brought nothing new, this one included.
    pub quiet: u32,
    /// The pause that the server asked for.
    pub pause: Duration,
}

/// When a feed is due after a run. Each failure doubles the wait, up to a day (or the interval
/// itself, where that is longer). Never, that is [`Timestamp::MAX`], for a cron line that is broken
/// or names no day that exists.
#[must_use]
pub fn next_due(schedule: &Schedule, ran: &Ran<'_>, settings: &WatchSettings) -> Timestamp {
    let after = |wait: SignedDuration| ran.at.saturating_add(wait).unwrap_or(Timestamp::MAX);
    let planned = match schedule {
        Schedule::Every(seconds) => {
            let own = seconds_long(*seconds);
            let doublings = match settings.adaptive {
                true => (ran.quiet / QUIET_RUNS).min(MAX_QUIET_DOUBLINGS),
                false => 0,
            };
            after(own.saturating_mul(1 << doublings).min(MAX_QUIET_INTERVAL.max(own)))
        }
        Schedule::Cron(line) => next_occurrence(line, ran.at),
    };
    let earliest = planned
        .max(after(backoff(schedule, ran.failures)))
        .max(after(SignedDuration::try_from(ran.pause).unwrap_or(SignedDuration::MAX)));
    earliest.saturating_add(jitter(ran, earliest, settings.jitter)).unwrap_or(Timestamp::MAX)
}

/// When `feed` is due, by what the store knows of it; `None` if it was never run. What was worked
/// out from another schedule is worked out again.
#[must_use]
pub fn due_at(feed: &Feed, state: &FeedState, settings: &WatchSettings) -> Option<Timestamp> {
    let at = state.last_run?;
    if state.schedule.as_deref() == Some(feed.schedule.to_string().as_str()) {
        return state.next_due;
    }
    let FeedState { failures, quiet, .. } = *state;
    let ran = Ran { feed: &feed.id, at, failures, quiet, pause: Duration::ZERO };
    Some(next_due(&feed.schedule, &ran, settings))
}

/// Whether `feed` is to be asked at `now`. One that never ran is, and one whose `topics` (as
/// [`topic::fingerprint`] writes them) are others than at its last run; one that is gone is not.
#[must_use]
pub fn is_due(
    feed: &Feed,
    state: &FeedState,
    topics: &str,
    settings: &WatchSettings,
    now: Timestamp,
) -> bool {
    if state.gone.is_some() {
        return false;
    }
    // A last run in the future means that the clock was wrong then; waiting for it could take years.
    let clock_was_wrong = state.last_run.is_some_and(|at| at > now);
    let topics_changed = state.failures == 0 && !topic::covers(&state.topics, topics);
    clock_was_wrong || topics_changed || due_at(feed, state, settings).is_none_or(|due| due <= now)
}

/// When a page is asked again for corrections: the first of `steps` after `kept_since` that is still
/// to come. Steps that were missed are not made up for.
#[must_use]
pub fn next_recheck(
    steps: &[Duration],
    kept_since: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    steps
        .iter()
        .filter_map(|step| kept_since.checked_add(SignedDuration::try_from(*step).ok()?).ok())
        .find(|at| *at > now)
}

fn backoff(schedule: &Schedule, failures: u32) -> SignedDuration {
    let (first, doublings) = match schedule {
        _ if failures == 0 => return SignedDuration::ZERO,
        Schedule::Every(seconds) => (seconds_long(*seconds), failures),
        Schedule::Cron(_) => (CRON_BACKOFF, failures - 1),
    };
    first.saturating_mul(1 << doublings.min(MAX_DOUBLINGS)).min(MAX_BACKOFF)
}

/// What chance adds to the wait until `due`, in whole seconds: never more than `most` and than a
/// tenth of the wait.
fn jitter(ran: &Ran<'_>, due: Timestamp, most: Duration) -> SignedDuration {
    let wait = due.duration_since(ran.at) / JITTER_PART;
    let most = SignedDuration::try_from(most).unwrap_or(SignedDuration::MAX).min(wait);
    let name = hash::short(&[ran.feed, &due.to_string()]);
    let chance = u32::from_str_radix(name.get(..8).unwrap_or_default(), 16).unwrap_or(0);
    let seconds = u64::try_from(most.as_secs()).unwrap_or(0);
    seconds_long(u64::from(chance) % (seconds + 1))
}

fn seconds_long(seconds: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}

fn next_occurrence(line: &str, after: Timestamp) -> Timestamp {
    parse_cron(line)
        .and_then(|(cron, zone)| cron.find_next_occurrence(&after.to_zoned(zone), false).ok())
        .map_or(Timestamp::MAX, |next| next.timestamp())
}

/// The cron line and its time zone; the configuration has checked both.
fn parse_cron(line: &str) -> Option<(Cron, TimeZone)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (fields, zone) = words.split_at_checked(5)?;
    let zone = match zone {
        [] => TimeZone::UTC,
        [name] => TimeZone::get(name).ok()?,
        _ => return None,
    };
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    Some((parser.parse(&fields.join(" ")).ok()?, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::domain::feed::FeedKind;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn cron(line: &str) -> Schedule {
        Schedule::Cron(line.to_owned())
    }

    fn ran(at_text: &str) -> Ran<'static> {
        Ran { feed: "ridge", at: at(at_text), failures: 0, quiet: 0, pause: Duration::ZERO }
    }

    /// Without chance, so that moments can be stated.
    fn punctual() -> WatchSettings {
        WatchSettings { jitter: Duration::ZERO, ..WatchSettings::default() }
    }

    fn feed(schedule: Schedule) -> Feed {
        Feed {
            id: "ridge".to_owned(),
            outlet: "Ridge Courier".to_owned(),
            url: "https://ridge.example/feed".parse().unwrap(),
            kind: FeedKind::Feed,
            links: None,
            languages: Vec::new(),
            max_age: None,
            schedule,
            topics: Vec::new(),
        }
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
            (cron("0 6 * * * Asia/Taipei"), "2026-03-01T22:00:00Z"),
        ];
        for (schedule, next) in cases {
            assert_eq!(next_due(&schedule, &ran(last), &punctual()), at(next), "{schedule:?}");
        }
    }

    #[test]
    fn a_cron_line_keeps_to_the_clock_of_its_zone_when_summer_time_begins() {
        let daily = cron("30 7 * * * Europe/Berlin");
        let cases = [
            ("2026-03-27T12:00:00Z", "2026-03-28T06:30:00Z"),
            ("2026-03-28T12:00:00Z", "2026-03-29T05:30:00Z"),
            ("2026-10-24T12:00:00Z", "2026-10-25T06:30:00Z"),
        ];
        for (last, next) in cases {
            assert_eq!(next_due(&daily, &ran(last), &punctual()), at(next), "{last}");
        }
    }

    #[test]
    fn schedules_without_end_or_sense_are_never_due_and_never_panic() {
        let now = at("2026-03-01T10:00:00Z");
        for schedule in [
            Schedule::Every(u64::MAX),
            cron("0 0 30 2 *"),
            cron("nonsense"),
            cron("0 6 * * * Mars/X"),
        ] {
            for settings in [punctual(), WatchSettings::default()] {
                let ran =
                    Ran { failures: u32::MAX, quiet: u32::MAX, ..ran("2026-03-01T10:00:00Z") };
                assert_eq!(next_due(&schedule, &ran, &settings), Timestamp::MAX, "{schedule:?}");
                let state = FeedState { last_run: Some(now), ..FeedState::default() };
                assert!(!is_due(&feed(schedule.clone()), &state, "", &settings, now));
            }
        }
    }

    #[test]
    fn failures_double_the_wait_up_to_a_day() {
        let hourly = Schedule::Every(3600);
        let often = cron("* * * * *");
        let weekly = Schedule::Every(7 * 86_400);
        let cases = [
            (&hourly, 0, "2026-03-01T13:00:00Z"),
            (&hourly, 1, "2026-03-01T14:00:00Z"),
            (&hourly, 2, "2026-03-01T16:00:00Z"),
            (&hourly, 40, "2026-03-02T12:00:00Z"),
            (&often, 0, "2026-03-01T12:01:00Z"),
            (&often, 1, "2026-03-01T12:15:00Z"),
            (&often, 2, "2026-03-01T12:30:00Z"),
            (&often, 40, "2026-03-02T12:00:00Z"),
            (&weekly, 3, "2026-03-08T12:00:00Z"),
        ];
        for (schedule, failures, due) in cases {
            let ran = Ran { failures, ..ran("2026-03-01T12:00:00Z") };
            let found = next_due(schedule, &ran, &punctual());
            assert_eq!(found, at(due), "{schedule:?}, {failures} failures");
        }
    }

    #[test]
    fn a_pause_that_the_server_asks_for_is_kept() {
        let pause = Duration::from_secs(2 * 3600);
        let ran = Ran { failures: 1, pause, ..ran("2026-03-01T12:00:00Z") };
        let due = next_due(&Schedule::Every(600), &ran, &punctual());
        assert_eq!(due, at("2026-03-01T14:00:00Z"));
    }

    #[test]
    fn a_quiet_feed_is_asked_less_within_bounds_and_only_if_wanted() {
        let adaptive = WatchSettings { adaptive: true, ..punctual() };
        let cases = [
            (3600, 11, 3600),
            (3600, 12, 2 * 3600),
            (3600, 24, 4 * 3600),
            (3600, 36, 8 * 3600),
            (3600, 4000, 8 * 3600),
            (6 * 3600, 4000, 24 * 3600),
            (7 * 86_400, 4000, 7 * 86_400),
        ];
        for (own, quiet, wait) in cases {
            let ran = Ran { quiet, ..ran("2026-03-01T12:00:00Z") };
            let due = next_due(&Schedule::Every(own), &ran, &adaptive);
            assert_eq!(due.duration_since(ran.at).as_secs(), wait, "{own} s, {quiet} quiet");
            let due = next_due(&Schedule::Every(own), &ran, &punctual());
            assert_eq!(due.duration_since(ran.at), seconds_long(own));
        }
    }

    #[test]
    fn chance_adds_up_to_a_tenth_spreads_feeds_and_stays_the_same() {
        let settings =
            WatchSettings { jitter: Duration::from_secs(60), ..WatchSettings::default() };
        let wait = |feed: &str, seconds: u64| {
            let ran = Ran { feed, ..ran("2026-03-01T12:00:00Z") };
            next_due(&Schedule::Every(seconds), &ran, &settings).duration_since(ran.at).as_secs()
        };
        let names: Vec<String> = (0..40).map(|number| format!("feed-{number}")).collect();
        let mut waits: Vec<i64> = names.iter().map(|name| wait(name, 3600)).collect();
        assert!(waits.iter().all(|wait| (3600..=3660).contains(wait)), "{waits:?}");
        assert_eq!(wait("feed-7", 3600), waits[7]);
        waits.sort_unstable();
        waits.dedup();
        assert!(waits.len() > 10, "{waits:?}");
        assert!(names.iter().all(|name| (100..=110).contains(&wait(name, 100))));
        assert!(names.iter().all(|name| wait(name, 5) == 5));
    }

    #[test]
    fn the_stored_moment_decides_until_the_schedule_changes() {
        let state = FeedState {
            last_run: Some(at("2026-03-01T12:00:00Z")),
            next_due: Some(at("2026-03-01T13:00:40Z")),
            schedule: Some("1h".to_owned()),
            ..FeedState::default()
        };
        let cases = [
            (3600, "2026-03-01T13:00:39Z", false),
            (3600, "2026-03-01T13:00:40Z", true),
            (3600, "2026-03-09T00:00:00Z", true),
            (1800, "2026-03-01T12:29:59Z", false),
            (1800, "2026-03-01T12:30:00Z", true),
            (7200, "2026-03-01T13:30:00Z", false),
            (7200, "2026-02-28T00:00:00Z", true),
        ];
        for (every, now, due) in cases {
            let feed = feed(Schedule::Every(every));
            assert_eq!(is_due(&feed, &state, "", &punctual(), at(now)), due, "{every} s, {now}");
        }
    }

    #[test]
    fn a_feed_that_never_ran_or_has_other_topics_is_due_and_one_that_is_gone_is_not() {
        let hourly = feed(Schedule::Every(3600));
        let now = at("2026-03-01T12:00:01Z");
        let known = FeedState {
            last_run: Some(at("2026-03-01T12:00:00Z")),
            next_due: Some(at("2026-03-01T13:00:00Z")),
            schedule: Some("1h".to_owned()),
            topics: "a b".to_owned(),
            ..FeedState::default()
        };
        let due =
            |state: &FeedState, topics: &str| is_due(&hourly, state, topics, &punctual(), now);
        assert!(due(&FeedState::default(), "a"));
        assert!(!due(&known, "a b"));
        assert!(!due(&known, "b"), "a topic less asks for nothing");
        assert!(due(&known, "a c"));
        let failing = FeedState { failures: 1, ..known.clone() };
        assert!(!due(&failing, "a c"), "a failing feed is left alone all the same");
        let gone = FeedState { gone: Some(now), next_due: known.last_run, ..known };
        assert!(!due(&gone, "a c"));
    }

    #[test]
    fn an_article_is_asked_again_at_the_first_step_still_to_come() {
        let steps = WatchSettings::default().recheck;
        let cases = [
            ("2026-03-01T12:00:00Z", Some("2026-03-01T13:00:00Z")),
            ("2026-03-01T13:00:00Z", Some("2026-03-01T18:00:00Z")),
            ("2026-03-01T18:30:00Z", Some("2026-03-02T12:00:00Z")),
            ("2026-03-03T00:00:00Z", Some("2026-03-04T12:00:00Z")),
            ("2026-03-05T00:00:00Z", Some("2026-03-08T12:00:00Z")),
            ("2026-03-20T00:00:00Z", Some("2026-03-31T12:00:00Z")),
            ("2026-03-31T12:00:00Z", None),
        ];
        for (now, next) in cases {
            let found = next_recheck(&steps, at("2026-03-01T12:00:00Z"), at(now));
            assert_eq!(found, next.map(at), "{now}");
        }
        assert_eq!(next_recheck(&[], at("2026-03-01T12:00:00Z"), Timestamp::UNIX_EPOCH), None);
        let endless = [Duration::MAX];
        assert_eq!(next_recheck(&endless, at("2026-03-01T12:00:00Z"), Timestamp::UNIX_EPOCH), None);
    }
}
