//! The real programs, run as users run them, against real servers on loopback.
mod pages;
