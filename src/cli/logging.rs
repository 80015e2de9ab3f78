//! Logs, progress bars and colours of both programs.
//!
//! Options and environment → a tracing subscriber that writes to standard error, and whether to
//! colour. Log lines and progress bars share one writer, so that neither breaks the other.
//!
//! Levels, for whoever writes a log line: `error`, something is lost or stops; `warn`, the user
//! should know; `info`, one line a feed; `debug`, what is fetched (`-v`); `trace`, why (`-vv`).

use std::env;
use std::io::IsTerminal;

use indicatif::ProgressStyle;
use tracing::Span;
use tracing_indicatif::IndicatifLayer;
use tracing_indicatif::filter::{IndicatifFilter, hide_indicatif_span_fields};
use tracing_indicatif::span_ext::IndicatifSpanExt;
use tracing_subscriber::fmt::format::DefaultFields;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, fmt};

use super::args::{ColorWhen, Common, LogFormat};

/// Bars drawn at once: more would push the log off a small terminal.
const MAX_BARS: u64 = 8;

/// With more `-v` than these other crates' logs are shown below warnings.
const OWN: u8 = 2;

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// `RUST_LOG` is not a filter.
    #[error("RUST_LOG is no filter: {cause}; write for instance RUST_LOG=onrecord=debug")]
    Filter {
        /// The parser's reason.
        cause: tracing_subscriber::filter::ParseError,
    },
    /// A subscriber was set already.
    #[error("failed to set up the log: {0}")]
    SetUp(#[from] TryInitError),
}

/// What the set-up found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logging {
    /// Whether progress bars are drawn: standard error is a terminal and `-q` wasn't given. Where
    /// they aren't, `info` lines say how far a run is.
    pub bars: bool,
    /// Whether log lines are JSON objects: then what happens stands in fields.
    pub json: bool,
}

/// Sets up the log and the colours. To be called once, before anything is printed.
///
/// # Errors
/// [`LoggingError`] if `RUST_LOG` is wrong or a log was set up before.
pub fn set_up(common: &Common) -> Result<Logging, LoggingError> {
    set_colors(common.color);
    let wished = env::var("RUST_LOG").ok().filter(|filter| !filter.trim().is_empty());
    let others = wished.is_some() || common.verbose > OWN;
    let filter = match wished {
        Some(filter) => {
            EnvFilter::try_new(filter).map_err(|cause| LoggingError::Filter { cause })?
        }
        None => EnvFilter::new(filter(common.quiet, common.verbose)),
    };
    let terminal = std::io::stderr().is_terminal();
    let json = common.log_format == LogFormat::Json;
    let bars = terminal && !common.quiet && !json;

    let progress = IndicatifLayer::new()
        .with_max_progress_bars(MAX_BARS, None)
        .with_span_field_formatter(hide_indicatif_span_fields(DefaultFields::new()));
    let lines = fmt::layer().with_writer(progress.get_stderr_writer());
    let lines = if json {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
    } else {
        let lines =
            lines.with_ansi(console::colors_enabled_stderr()).with_target(common.verbose > 1);
        // A reader at a terminal needs no clock; a log file does.
        if terminal { lines.without_time().boxed() } else { lines.boxed() }
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(bars.then(|| progress.with_filter(IndicatifFilter::new(false))))
        .try_init()?;
    if !others {
        // Else the parser's lines, one a tag, are made for the filter to drop them.
        log::set_max_level(log::LevelFilter::Warn);
    }
    Ok(Logging { bars, json })
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

/// A progress bar of `length` steps as a span: `pb_inc(1)` of
/// [`tracing_indicatif::span_ext::IndicatifSpanExt`] moves it, `pb_set_message` changes its words,
/// dropping the last clone of the span ends it. Where no bars are drawn it does nothing.
#[must_use]
pub fn bar(message: &str, length: u64) -> Span {
    let span = tracing::info_span!("progress", indicatif.pb_show = tracing::field::Empty);
    let style = ProgressStyle::with_template("{msg:28!} {wide_bar} {pos:>5}/{len} {elapsed:>4}");
    span.pb_set_style(&style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    span.pb_set_length(length);
    span.pb_set_message(message);
    span.pb_start();
    span
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
