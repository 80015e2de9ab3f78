//! The pages: values → markup.
//!
//! One file a page. Each has a handler that asks the collection and functions that turn what it found
//! into markup. `maud` escapes every text, so that no word of an article, of a speaker's name or of a
//! query becomes markup. Refuses inline style and script: the content security policy forbids both.

pub mod article;
mod citation;
pub mod collections;
pub mod facets;
pub mod feeds;
pub mod layout;
mod marked;
mod quotation;
pub mod quote;
pub mod search;
pub mod speaker;
pub mod timeline;
pub mod wordings;
