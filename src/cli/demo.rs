//! `onrecord demo`: the whole main job against an embedded news site, without a network.
//!
//! Nothing is mocked: a real HTTP server on loopback, the crawler, the store, the index. Two
//! editions are crawled, so that a corrected quote can be seen; then what a user would do next.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Parser};

use super::args::Common;
use super::crawl::print_summary;
use super::exit::Exit;
use super::logging::Logging;
use super::progress::Progress;
use super::search::{self, SearchArgs};
use super::show::{self, ShowArgs};
use super::speakers::{self, SpeakersArgs};
use crate::config::{Config, ConfigError};
use crate::demo::Site;
use crate::demo::outlet::OUTLETS;
use crate::pipeline::PipelineError;
use crate::pipeline::crawl::{self, Which};
use crate::store::{Store, StoreError};

/// Arguments of `onrecord demo`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  onrecord demo                       everything in a temporary folder
  onrecord demo --data demo-index     keeps the collection:
  quotes --data demo-index search treaty")]
pub struct DemoArgs {}
