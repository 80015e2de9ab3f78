//! The watch list: `feeds.toml` → [`Config`].
//!
//! Collects every mistake of a file at once, each with its line, a caret under the place, the reason
//! and a hint. Refuses to guess: a key it doesn't know is a mistake, never ignored. Doesn't ask any
//! server; whether a feed answers is for the crawler to find out.

mod mistake;
mod nearest;
mod read;
mod value;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use url::Url;

use crate::domain::address;
use crate::domain::crawler::CrawlerSettings;
use crate::domain::feed::Feed;
use crate::domain::topic::{Topic, fingerprint};
use crate::domain::upkeep::{ArchiveSettings, WatchSettings};
pub use mistake::{Mistake, Mistakes};

/// The largest configuration that is read, in bytes: some ten thousand feeds. Beyond that somebody
/// named the wrong file.
pub const MAX_CONFIG_BYTES: u64 = 4 * 1024 * 1024;

/// What to watch and how to behave: a whole `feeds.toml`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How the crawler behaves towards servers.
    pub crawler: CrawlerSettings,
    /// When feeds and articles are asked again.
    pub watch: WatchSettings,
    /// What is kept of the pages themselves.
    pub archive: ArchiveSettings,
    /// The topics, in the file's order; never empty, ids unique.
    pub topics: Vec<Topic>,
    /// The feeds, in the file's order; never empty, ids and URLs unique, each topic they name exists.
    pub feeds: Vec<Feed>,
    /// What is allowed but probably not meant, in the file's order.
    pub warnings: Vec<Mistake>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no such file.
    #[error("no watch list at {}: `{}` writes a starter", path.display(), init_command(path))]
    Missing {
        /// The file that was looked for.
        path: PathBuf,
    },
    /// The file could not be read.
    #[error("failed to read {}: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// The file is larger than [`MAX_CONFIG_BYTES`].
    #[error("{} is larger than {} MiB: is it a watch list?", path.display(), MAX_CONFIG_BYTES / 1024 / 1024)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is not UTF-8, which TOML must be.
    #[error("{}:{line}: not UTF-8: save the file as UTF-8 text", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line of the first wrong byte, from 1.
        line: usize,
    },
    /// The file has mistakes.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// A feed was named that the file doesn't have.
    #[error("no feed `{id}` in the watch list; {hint}")]
    UnknownFeed {
        /// The id that was asked for.
        id: String,
        /// The nearest id, or how to see them all.
        hint: String,
    },
}

fn init_command(path: &Path) -> String {
    if path == Path::new("feeds.toml") {
        "onrecord init".to_owned()
    } else {
        format!("onrecord init --config {}", path.display())
    }
}

impl Config {
    /// The configuration in the file at `path`.
    ///
    /// # Errors
    /// [`ConfigError`] if there is no such file, it can't be read, or has mistakes: then all of them.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let unreadable = |cause: io::Error| match cause.kind() {
            io::ErrorKind::NotFound => ConfigError::Missing { path: path.to_path_buf() },
            _ => ConfigError::Read { path: path.to_path_buf(), cause },
        };
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MAX_CONFIG_BYTES + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        if bytes.len() as u64 > MAX_CONFIG_BYTES {
            return Err(ConfigError::TooLarge { path: path.to_path_buf() });
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) => Self::parse(text, &name),
            Err(wrong) => {
                let before = &bytes[..wrong.valid_up_to()];
                let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
                Err(ConfigError::NotUtf8 { path: path.to_path_buf(), line })
            }
        }
    }

    /// The configuration in `text`; messages call it `name`.
    ///
    /// # Errors
    /// [`ConfigError::Mistakes`] with every mistake in it.
    pub fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        Ok(read::config(&mistake::Source::new(name, text))?)
    }

    /// The topics of `feed`, in the file's order.
    pub fn topics_for<'c>(&'c self, feed: &'c Feed) -> impl Iterator<Item = &'c Topic> {
        self.topics.iter().filter(|topic| feed.topics.contains(&topic.id))
    }

    /// The outlet that publishes on the site of `url`, if a feed on that site says so. Search engines
    /// publish nothing themselves.
    #[must_use]
    pub fn outlet_of(&self, url: &Url) -> Option<&str> {
        let site = address::site(url.host_str()?);
        let publishes = |feed: &&Feed| {
            !feed.is_search() && feed.url.host_str().map(address::site) == Some(site)
        };
        self.feeds.iter().find(publishes).map(|feed| feed.outlet.as_str())
    }

    /// What the topics of `feed` look for, as [`fingerprint`] writes it.
    #[must_use]
    pub fn topics_of(&self, feed: &Feed) -> String {
        fingerprint(self.topics_for(feed))
    }

    /// The feeds with these ids, in the file's order; every feed if `ids` is empty.
    ///
    /// # Errors
    /// [`ConfigError::UnknownFeed`] for the first id that no feed has.
    pub fn select(&self, ids: &[String]) -> Result<Vec<&Feed>, ConfigError> {
        if let Some(id) = ids.iter().find(|id| self.feeds.iter().all(|feed| feed.id != **id)) {
            let hint = match nearest::nearest(id, self.feeds.iter().map(|feed| feed.id.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`onrecord check` lists them".to_owned(),
            };
            return Err(ConfigError::UnknownFeed { id: id.clone(), hint });
        }
        Ok(self.feeds.iter().filter(|feed| ids.is_empty() || ids.contains(&feed.id)).collect())
    }
}
