//! The middle of several runs, timed on one core.

use std::fs;
use std::time::{Duration, Instant};

/// Runs that a median is taken of, if [`ENOUGH`] allows.
const RUNS: usize = 7;
/// Time after which no further run of one measurement is begun.
const ENOUGH: Duration = Duration::from_secs(4);
/// The shortest run: work that is done sooner is repeated, for the system counts a thread's time
/// only every few milliseconds.
const SHORTEST: Duration = Duration::from_millis(200);

/// How long `work` takes on its core: the median of several runs.
pub fn median<T>(mut work: impl FnMut() -> T) -> Duration {
    let begun = Instant::now();
    let mut times = Vec::new();
    while times.is_empty() || times.len() < RUNS && begun.elapsed() < ENOUGH {
        let (start, wall) = (on_core(), Instant::now());
        let mut repeated = 0;
        while repeated == 0 || wall.elapsed() < SHORTEST {
            std::hint::black_box(work());
            repeated += 1;
        }
        let passed = on_core().zip(start).map(|(end, start)| end.saturating_sub(start));
        times.push(passed.unwrap_or_else(|| wall.elapsed()) / repeated);
    }
    times.sort();
    times[times.len() / 2]
}

/// The time this thread has run so far, where the system tells it: on a shared machine the time on
/// the wall counts the neighbours' work too.
fn on_core() -> Option<Duration> {
    let times = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    times.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
