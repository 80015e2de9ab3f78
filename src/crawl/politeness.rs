//! When a host may be asked again: one request at a time, with a pause after each.
//!
//! A URL → a turn to wait for. Refuses to make requests.

use std::time::Duration;

use url::Url;

use crate::domain::crawler::CrawlerSettings;

/// The turns of all hosts of a run.
#[derive(Debug)]
pub struct Politeness {
    delay: Duration,
}

/// The right to ask one host now. Dropping it starts the pause.
#[derive(Debug)]
pub struct Turn {}

impl Politeness {
    /// Turns with the pause of `settings`.
    #[must_use]
    pub fn new(settings: &CrawlerSettings) -> Self {
        Self { delay: settings.per_host_delay }
    }

    /// Waits until the host of `url` may be asked.
    pub async fn turn(&self, url: &Url) -> Turn {
        let _ = (url, self.delay);
        todo!()
    }

    /// Leaves the host of `url` alone for `pause` from now.
    pub fn slow_down(&self, url: &Url, pause: Duration) {
        let _ = (url, pause);
        todo!()
    }

    /// Keeps `delay` between requests to the host of `url`, if it is longer than the usual pause.
    pub fn set_crawl_delay(&self, url: &Url, delay: Duration) {
        let _ = (url, delay);
        todo!()
    }
}
