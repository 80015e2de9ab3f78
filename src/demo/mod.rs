//! The demo's news site: three invented outlets, each with its own address on loopback.
//!
//! Embedded files → a real HTTP server → whatever a crawler makes of it. The pages, names, outlets
//! and the treaty they report on are ours and invented. This module knows no stage of the pipeline:
//! it only serves, and hands out the watch list (`feeds.toml`) that a crawl of it needs.

pub mod outlet;
mod pages;
pub mod server;

pub use outlet::Outlet;
pub use server::{Requests, Site};
