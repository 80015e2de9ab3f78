//! Which feed is due: a schedule and what happened before → a moment.
//!
//! Pure: the clock is handed in. All cron lines are in UTC.

use jiff::Timestamp;

use crate::domain::feed::Schedule;

/// When a feed that last ran at `last_run` is due next, failures aside.
#[must_use]
pub fn next_due(schedule: &Schedule, last_run: Timestamp) -> Timestamp {
    let _ = (schedule, last_run);
    todo!()
}

/// Whether a feed is due at `now`. One that never ran is. `failures` counts the runs that failed
/// since the last one that did not; each doubles the wait, up to a day.
#[must_use]
pub fn is_due(
    schedule: &Schedule,
    last_run: Option<Timestamp>,
    failures: u32,
    now: Timestamp,
) -> bool {
    let _ = (schedule, last_run, failures, now);
    todo!()
}

/// Whether `line` is a five-field cron line.
///
/// # Errors
/// What is wrong with it, for people.
pub fn check_cron(line: &str) -> Result<(), String> {
    let _ = line;
    todo!()
}
