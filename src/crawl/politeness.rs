//! When a host may be asked again: one request at a time, with a pause after each.
//!
//! A URL → a turn to wait for. A host is a name and a port; the usual ports of http and https are one
//! host. Refuses to make requests and to wait long: who is told to come back in an hour does so in another
//! run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use url::Url;

use crate::domain::crawler::CrawlerSettings;

/// Longest pause that a run waits for. A host that wants more rest is left for another run, so that
/// no host holds up the others. Not less than the longest crawl delay taken from a robots.txt.
pub const MAX_PAUSE: Duration = Duration::from_secs(90);

/// Requests that fail in a row before a host is left for another run: three pages, each asked three
/// times. A host that has gone silent would hold up the run for a timeout a page.
const MAX_FAILURES: u32 = 9;

/// Why there is no turn in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTurn {
    /// The host wants to be left alone for so long, from now.
    Resting(Duration),
    /// The host failed so many times in a row.
    GivenUp(u32),
}

/// The turns of all hosts of a run.
#[derive(Debug)]
pub struct Politeness {
    delay: Duration,
    /// By [`place`].
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

#[derive(Debug)]
struct Host {
    /// Held by whoever asks the host now; hands itself on in the order of asking.
    turn: Arc<tokio::sync::Mutex<()>>,
    pace: Mutex<Pace>,
}

#[derive(Debug, Clone, Copy)]
struct Pace {
    delay: Duration,
    free_at: Instant,
    /// Requests that failed since the last one that did not.
    failures: u32,
}

/// The right to ask one host now. Dropping it starts the pause.
#[derive(Debug)]
pub struct Turn {
    host: Arc<Host>,
    _turn: OwnedMutexGuard<()>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut pace = lock(&self.host.pace);
        pace.free_at = pace.free_at.max(Instant::now() + pace.delay);
    }
}

impl Politeness {
    /// Turns with the pause of `settings`.
    #[must_use]
    pub fn new(settings: &CrawlerSettings) -> Self {
        Self { delay: settings.per_host_delay, hosts: Mutex::default() }
    }

    /// Waits until the host of `url` may be asked.
    ///
    /// # Errors
    /// [`NoTurn`], if the host wants a longer pause than [`MAX_PAUSE`] (or than the usual pause, where
    /// that is longer), or failed too often.
    pub async fn turn(&self, url: &Url) -> Result<Turn, NoTurn> {
        let host = self.host(url);
        let turn = Arc::clone(&host.turn).lock_owned().await;
        loop {
            let pace = *lock(&host.pace);
            if pace.failures >= MAX_FAILURES {
                return Err(NoTurn::GivenUp(pace.failures));
            }
            let left = pace.free_at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Turn { host, _turn: turn });
            }
            if left > MAX_PAUSE.max(pace.delay) {
                return Err(NoTurn::Resting(left));
            }
            tokio::time::sleep(left).await;
        }
    }

    /// The host of `url` failed for the moment: leaves it alone for `pause` from now.
    pub fn failed(&self, url: &Url, pause: Duration) {
        let host = self.host(url);
        let mut pace = lock(&host.pace);
        pace.free_at = pace.free_at.max(Instant::now() + pause);
        pace.failures = pace.failures.saturating_add(1);
    }

    /// The hosts that want to be left alone for longer than the usual pause, as origins, and for how
    /// long from now.
    #[must_use]
    pub fn rests(&self) -> Vec<(String, Duration)> {
        let now = Instant::now();
        let rest = |(origin, host): (&String, &Arc<Host>)| {
            let pace = *lock(&host.pace);
            let left = pace.free_at.saturating_duration_since(now);
            (left > pace.delay).then(|| (origin.clone(), left))
        };
        lock(&self.hosts).iter().filter_map(rest).collect()
    }

    /// Leaves the host of `url` alone for `rest` from now, as it asked for in an earlier run.
    pub fn rest(&self, url: &Url, rest: Duration) {
        let host = self.host(url);
        let mut pace = lock(&host.pace);
        pace.free_at = pace.free_at.max(Instant::now() + rest);
    }

    /// A new run begins: hosts that were given up are tried again, and what they want between two requests is
    /// learnt anew.
    pub fn begin_run(&self) {
        for host in lock(&self.hosts).values() {
            let mut pace = lock(&host.pace);
            (pace.failures, pace.delay) = (0, self.delay);
        }
    }

    /// The host of `url` answered, whatever it said.
    pub fn answered(&self, url: &Url) {
        lock(&self.host(url).pace).failures = 0;
    }

    /// Keeps `delay` between requests to the host of `url`, if it is longer than the usual pause.
    pub fn set_crawl_delay(&self, url: &Url, delay: Duration) {
        let host = self.host(url);
        let mut pace = lock(&host.pace);
        pace.delay = pace.delay.max(delay);
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        let fresh = || {
            let pace = Mutex::new(Pace { delay: self.delay, free_at: Instant::now(), failures: 0 });
            Arc::new(Host { turn: Arc::default(), pace })
        };
        Arc::clone(lock(&self.hosts).entry(place(url)).or_insert_with(fresh))
    }
}

/// The origin that stands for the host of `url`: that of https, where http has its usual port.
fn place(url: &Url) -> String {
    let origin = url.origin().ascii_serialization();
    match (url.port(), origin.strip_prefix("http://")) {
        (None, Some(host)) => format!("https://{host}"),
        _ => origin,
    }
}

/// The lock, also after a panic elsewhere: every value behind it is whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(60);

    fn politeness() -> Politeness {
        Politeness::new(&CrawlerSettings { per_host_delay: PAUSE, ..CrawlerSettings::default() })
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[tokio::test]
    async fn the_pause_counts_from_the_end_of_a_request() {
        let politeness = politeness();
        let first = politeness.turn(&url("https://a.example/1")).await.unwrap();
        tokio::time::sleep(PAUSE).await;
        let ended = Instant::now();
        drop(first);
        politeness.turn(&url("https://a.example/2")).await.unwrap();
        assert!(ended.elapsed() >= PAUSE);
    }

    #[tokio::test]
    async fn a_second_request_waits_while_the_first_runs_and_other_hosts_do_not() {
        let politeness = politeness();
        let held = politeness.turn(&url("https://a.example/1")).await.unwrap();
        politeness.turn(&url("https://b.example/")).await.unwrap();
        politeness.turn(&url("https://a.example:8443/")).await.unwrap();
        for same in ["https://a.example/2", "http://a.example/2"] {
            let same = url(same);
            let second = politeness.turn(&same);
            assert!(tokio::time::timeout(PAUSE * 2, second).await.is_err(), "{same}");
        }
        drop(held);
        politeness.turn(&url("http://a.example/2")).await.unwrap();
    }

    #[tokio::test]
    async fn a_crawl_delay_lengthens_the_pause_and_never_shortens_it() {
        for (asked, kept) in [(PAUSE * 3, PAUSE * 3), (Duration::ZERO, PAUSE)] {
            let politeness = politeness();
            let page = url("https://a.example/");
            politeness.set_crawl_delay(&page, asked);
            drop(politeness.turn(&page).await);
            let ended = Instant::now();
            politeness.turn(&page).await.unwrap();
            assert!(ended.elapsed() >= kept - Duration::from_millis(1), "{asked:?}");
            politeness.begin_run();
            assert_eq!(lock(&politeness.host(&page).pace).delay, PAUSE, "{asked:?}");
        }
    }

    #[tokio::test]
    async fn a_host_that_wants_long_rest_is_left_alone_and_said_so() {
        let politeness = politeness();
        let page = url("https://a.example/");
        politeness.failed(&page, Duration::from_secs(3600));
        let NoTurn::Resting(left) = politeness.turn(&page).await.unwrap_err() else { panic!() };
        assert!(left > Duration::from_secs(3500), "{left:?}");
        politeness.turn(&url("https://b.example/")).await.unwrap();
    }

    #[tokio::test]
    async fn a_rest_can_be_handed_on_to_another_run() {
        let (before, after) = (politeness(), politeness());
        let page = url("https://a.example/1");
        before.failed(&page, Duration::from_secs(3600));
        drop(before.turn(&url("https://b.example/")).await.unwrap());
        let rests = before.rests();
        let [(origin, rest)] = &rests[..] else { panic!("{rests:?}") };
        assert_eq!(origin, "https://a.example");
        after.rest(&url(origin), *rest);
        let NoTurn::Resting(left) = after.turn(&page).await.unwrap_err() else { panic!() };
        assert!(left > Duration::from_secs(3500), "{left:?}");
    }

    #[tokio::test]
    async fn a_host_that_fails_in_a_row_is_given_up_and_an_answer_counts_anew() {
        let politeness = politeness();
        let page = url("https://a.example/");
        let fail = |times| (0..times).for_each(|_| politeness.failed(&page, Duration::ZERO));
        fail(MAX_FAILURES - 1);
        drop(politeness.turn(&page).await.unwrap());
        politeness.answered(&page);
        fail(MAX_FAILURES - 1);
        drop(politeness.turn(&page).await.unwrap());
        fail(1);
        assert_eq!(politeness.turn(&page).await.unwrap_err(), NoTurn::GivenUp(MAX_FAILURES));
        politeness.turn(&url("https://b.example/")).await.unwrap();
        politeness.begin_run();
        drop(politeness.turn(&page).await.unwrap());
    }
}
