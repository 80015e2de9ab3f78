//! The JSON API: one file a resource, one table of operations, which the OpenAPI document is made of.

pub mod quotes;

use axum::http::Method;

use super::bridge::Handler;

/// An operation of the API.
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path with the names of its parts.
    pub path: &'static str,
    /// What answers it.
    pub handler: Handler,
}

/// Every operation.
pub const OPERATIONS: &[Operation] =
    &[Operation { method: Method::GET, path: "/api/v1/quotes", handler: quotes::list }];
