//! Logs and colours of both programs.
//!
//! Options and environment → a tracing subscriber that writes to standard error, and whether to
//! colour. Log lines and progress bars go through one [`MultiProgress`], so that neither breaks the
//! other.
//!
//! Levels, for whoever writes a log line: `error`, something is lost or stops; `warn`, the user
//! should know; `info`, one line a feed; `debug`, what is fetched (`-v`); `trace`, why (`-vv`).

use std::env;
use std::io::IsTerminal;

use indicatif::MultiProgress;
use tracing_indicatif::IndicatifWriter;
use tracing_indicatif::writer::Stderr;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, fmt};

use super::args::{ColorWhen, Common};

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// `RUST_LOG` is not a filter.
    #[error("RUST_LOG is no filter: {cause}; write for instance RUST_LOG=onrecord=debug")]
    Filter {
        /// The parser's reason.
        cause: ParseError,
    },
    /// A log was set up already.
    #[error("failed to set up the log: {0}")]
    SetUp(#[from] TryInitError),
}

/// Sets up the log and the colours; gives back what every progress bar must be added to. To be
/// called once, before anything is printed.
///
/// # Errors
/// [`LoggingError`] if `RUST_LOG` is wrong or a log was set up before.
pub fn set_up(common: &Common) -> Result<MultiProgress, LoggingError> {
    set_colors(common.color);
    let filter = match env::var("RUST_LOG") {
        Ok(filter) if !filter.trim().is_empty() => {
            EnvFilter::try_new(filter).map_err(|cause| LoggingError::Filter { cause })?
        }
        _ => EnvFilter::new(filter(common.quiet, common.verbose)),
    };
    let bars = MultiProgress::new();
    let lines = fmt::layer()
        .with_writer(IndicatifWriter::<Stderr>::new(bars.clone()))
        .with_ansi(console::colors_enabled_stderr())
        .with_target(common.verbose > 1);
    // A reader at a terminal needs no clock; a log file does.
    let lines =
        if std::io::stderr().is_terminal() { lines.without_time().boxed() } else { lines.boxed() };
    tracing_subscriber::registry().with(lines.with_filter(filter)).try_init()?;
    Ok(bars)
}

/// What is logged with this many `-v`. Other crates' logs are for those who look for a bug.
fn filter(quiet: bool, verbose: u8) -> &'static str {
    match (quiet, verbose) {
        (true, _) => "error",
        (false, 0) => "error,onrecord=info",
        (false, 1) => "error,onrecord=debug",
        (false, 2) => "warn,onrecord=trace",
        (false, _) => "debug,onrecord=trace",
    }
}

/// `--color` decides; `auto` means a terminal that can, unless `NO_COLOR` is set and not empty.
fn set_colors(when: ColorWhen) {
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let (out, err) = match when {
        ColorWhen::Always => (true, true),
        ColorWhen::Never => (false, false),
        ColorWhen::Auto if no_color => (false, false),
        ColorWhen::Auto => (console::colors_enabled(), console::colors_enabled_stderr()),
    };
    console::set_colors_enabled(out);
    console::set_colors_enabled_stderr(err);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_filter_is_valid() {
        for quiet in [false, true] {
            for verbose in 0..5 {
                assert!(EnvFilter::try_new(filter(quiet, verbose)).is_ok());
            }
        }
    }
}
