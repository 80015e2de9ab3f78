//! What both programs share: argument types, exit codes, output.
//!
//! Arguments → library calls → text. Results go to standard output, everything else to standard
//! error.

pub mod args;
pub mod check;
pub mod crawl;
pub mod exit;
pub mod extract;
pub mod init;
pub mod input;
pub mod logging;
pub mod print;
pub mod progress;
pub mod reindex;
pub mod status;
pub mod table;
