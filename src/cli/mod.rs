//! What both programs share: argument types, exit codes, output.
//!
//! Arguments → library calls → text. Results go to standard output, everything else to standard
//! error.

pub mod args;
mod changes;
pub mod check;
mod counts;
pub mod crawl;
pub mod demo;
pub mod error;
pub mod exit;
pub mod export;
pub mod extract;
pub mod import;
pub mod init;
pub mod input;
pub mod logging;
pub mod new;
pub mod print;
pub mod progress;
pub mod quotes;
pub mod reindex;
mod results;
pub mod search;
pub mod serve;
pub mod show;
mod signals;
pub mod speakers;
pub mod status;
pub mod table;
pub mod verify;
pub mod watch;
pub mod wordings;
