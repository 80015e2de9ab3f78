//! Why a command of `onrecord` could not run, or not to its end.

use std::io;

use jiff::civil::Date;

use crate::config::ConfigError;
use crate::pipeline::PipelineError;
use crate::pipeline::verify::VerifyError;
use crate::store::StoreError;

/// Why a command of `onrecord` could not run, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The watch list can't be read or has mistakes.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The pipeline stopped.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The export can't be verified.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// Nothing can have been published yet.
    #[error("--since {0} is in the future; give a day that has begun, in UTC")]
    Future(Date),
    /// The output could not be written.
    #[error("failed to write the output: {0}")]
    Output(#[from] io::Error),
}
