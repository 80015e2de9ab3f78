//! What both programs share: argument types, exit codes, output.
//!
//! Arguments → library calls → text. Results go to standard output, everything else to standard
//! error.

pub mod args;
pub mod collection;
pub mod exit;
pub mod export;
pub mod extract;
pub mod filters;
pub mod input;
pub mod print;
mod results;
pub mod search;
pub mod show;
pub mod speakers;
