//! What both programs share: argument types, exit codes, output.
//!
//! Arguments → library calls → text. Results go to standard output, everything else to standard
//! error.

pub mod args;
pub mod check;
pub mod crawl;
pub mod collection;
pub mod exit;
pub mod export;
pub mod extract;
pub mod init;
pub mod filters;
pub mod input;
pub mod logging;
pub mod print;
pub mod progress;
pub mod reindex;
pub mod status;
pub mod table;
mod results;
pub mod search;
pub mod show;
pub mod speakers;
