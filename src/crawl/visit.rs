//! A polite visit: a URL → what is there, after redirects and repeats.
//!
//! Each hop waits for the host's turn and asks its robots.txt first; what fails for the moment is
//! tried again. Refuses to decide what is worth visiting.

use jiff::Timestamp;
use url::Url;

use super::fetch::{FetchError, Fetched, Fetcher};
use super::politeness::Politeness;
use super::robots::RobotsFile;
use crate::domain::crawler::CrawlerSettings;
use crate::domain::feed::Validators;

/// The crawler's face to all servers. Shared by all tasks of a run by reference.
#[derive(Debug)]
pub struct Visitor {
    fetcher: Fetcher,
    politeness: Politeness,
}

impl Visitor {
    /// A visitor that behaves as `settings` say.
    ///
    /// # Errors
    /// [`FetchError::Client`].
    pub fn new(settings: &CrawlerSettings) -> Result<Self, FetchError> {
        Ok(Self { fetcher: Fetcher::new(settings)?, politeness: Politeness::new(settings) })
    }

    /// What `url` gives. Waits for the host's turn, asks robots.txt (once per host and run), follows
    /// redirects, and repeats what fails for the moment. At most `concurrency` requests are in
    /// flight. The body has at most `max_bytes`.
    ///
    /// # Errors
    /// Any [`FetchError`] but [`FetchError::Client`].
    pub async fn get(
        &self,
        url: &Url,
        validators: &Validators,
        max_bytes: u64,
    ) -> Result<Fetched, FetchError> {
        let _ = (url, validators, max_bytes, &self.fetcher, &self.politeness);
        todo!()
    }

    /// Takes over a robots.txt of an earlier run, unless `now` finds it too old to be trusted.
    pub fn preload_robots(&self, file: RobotsFile, now: Timestamp) {
        let _ = (file, now);
        todo!()
    }

    /// Every robots.txt that was fetched by this visitor, to be kept for the next run.
    #[must_use]
    pub fn fresh_robots(&self) -> Vec<RobotsFile> {
        todo!()
    }
}
