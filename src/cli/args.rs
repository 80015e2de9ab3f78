//! Argument types that both programs take.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

/// When to colour the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line, for log collectors
    Json,
}

/// Where help lists these options: below a command's own.
const EVERYWHERE: &str = "Options of every command";
/// The data folder if none is named.
const DATA: &str = "index";

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The data folder: the store, the search index and the kept pages [default: index]
    #[arg(long, value_name = "DIR", global = true, help_heading = EVERYWHERE)]
    pub data: Option<PathBuf>,
    /// The watch list
    #[arg(long, value_name = "FILE", default_value = "feeds.toml", global = true, help_heading = EVERYWHERE)]
    pub config: PathBuf,
    /// Print errors only
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// Say more (-v: what is fetched; -vv: why)
    #[arg(short, long, action = clap::ArgAction::Count, global = true, help_heading = EVERYWHERE)]
    pub verbose: u8,
    /// How log lines are written; with json there are no progress bars
    #[arg(long, value_name = "FORMAT", default_value = "text", global = true, help_heading = EVERYWHERE)]
    pub log_format: LogFormat,
    /// When to colour the output
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true, help_heading = EVERYWHERE)]
    pub color: ColorWhen,
}

impl Common {
    /// The data folder to use.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new(DATA))
    }
}
