//! The real programs, run as users run them, against real servers on loopback.

mod collected;
mod quotes_cli;
mod search;
mod store;
