//! What is kept up over months: the `[watch]` and `[archive]` tables of `feeds.toml`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// When things are asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchSettings {
    /// How long after an article was first kept its page is asked again for corrections; rising.
    pub recheck: Vec<Duration>,
    /// Most that chance adds to the wait for a feed, and never more than a tenth of that wait.
    pub jitter: Duration,
    /// Asks feeds that bring nothing new less often.
    pub adaptive: bool,
    /// How often `watch` says that it is alive.
    pub heartbeat: Duration,
}

impl Default for WatchSettings {
    fn default() -> Self {
        const HOUR: u64 = 60 * 60;
        let hours = [1, 6, 24, 3 * 24, 7 * 24, 30 * 24];
        Self {
            recheck: hours.map(|hours| Duration::from_secs(hours * HOUR)).to_vec(),
            jitter: Duration::from_secs(60),
            adaptive: false,
            heartbeat: Duration::from_secs(10 * 60),
        }
    }
}

/// Which fetched pages go into the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Every page that answered, also those about something else.
    All,
    /// The pages of the articles in the collection.
    OnTopic,
    /// None.
    None,
}

impl Keep {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::All, Self::OnTopic, Self::None];

    /// The word for it in `feeds.toml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::OnTopic => "on-topic",
            Self::None => "none",
        }
    }
}

/// What the archive keeps, and in what files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveSettings {
    /// Which pages.
    pub keep: Keep,
    /// A file that has grown to so many bytes is followed by another.
    pub max_file_bytes: u64,
}

impl Default for ArchiveSettings {
    fn default() -> Self {
        // Large enough that months are some dozens of files, small enough to be checked in seconds.
        Self { keep: Keep::OnTopic, max_file_bytes: 256 * 1024 * 1024 }
    }
}
