//! What both programs share: argument types, exit codes, output.
//!
//! Arguments → library calls → text. Results go to standard output, everything else to standard
//! error.

pub mod args;
pub mod exit;
pub mod extract;
pub mod input;
pub mod print;
