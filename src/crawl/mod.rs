//! Everything between a URL and bytes or entries.
//!
//! A due feed (`frontier`) → one guarded, polite, bounded request (`visit`, over `guard`, `robots`,
//! `tdmrep`, `politeness`, `refresh` and `fetch`) → the articles it lists (`syndication`, `sitemap`,
//! `listing`, over `markup` and `packed`); `stop` ends it early. Refuses to judge what a page says and
//! to remember anything: what is kept between runs is handed in and out.

pub mod fetch;
pub mod frontier;
pub mod guard;
pub mod listing;
mod markup;
mod packed;
pub mod politeness;
pub mod refresh;
pub mod reservations;
pub mod robots;
pub mod sitemap;
pub mod stop;
pub mod syndication;
pub mod tdmrep;
pub mod visit;
