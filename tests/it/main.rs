//! The real programs, run as users run them, against real servers on loopback.

// clippy.toml exempts test functions; the functions they share are tests as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod archive;
mod archives;
mod changing;
mod collected;
mod config;
mod crawl;
mod crawl_command;
mod damages;
mod demo_command;
mod demo_labels;
mod demo_site;
mod discovery;
mod exports;
mod extract;
mod fault_server;
mod faults;
mod finding;
#[cfg(target_os = "linux")]
mod full_disk;
mod house;
mod http2;
mod lists;
mod migrations;
mod pages;
mod pages_served;
mod people;
mod pressroom;
mod programs;
mod quotes_cli;
mod rights;
mod search;
mod serve;
mod served;
mod store;
#[cfg(target_os = "linux")]
mod survive;
mod verify;
mod watch;
mod wordings;
