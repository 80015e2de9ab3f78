//! Where we may connect: the public web and nothing else.
//!
//! A URL or a resolved name → allowed, or the reason why not. Refuses to resolve names itself other
//! than for the HTTP client, which dials exactly the addresses that were checked.

use std::net::IpAddr;

use thiserror::Error;
use url::Url;

/// Why a request is not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GuardError {
    /// Neither `http` nor `https`.
    #[error("{url} is not fetched: only http and https are, not {}", url.scheme())]
    Scheme {
        /// The refused URL.
        url: Url,
    },
    /// The URL has no host.
    #[error("{url} is not fetched: it names no host")]
    NoHost {
        /// The refused URL.
        url: Url,
    },
    /// A user name or password stands in the URL.
    #[error("{host} is not asked: the URL holds a user name or password; take it out")]
    Credentials {
        /// The host, without the credentials.
        host: String,
    },
    /// No web server listens there.
    #[error("{url} is not fetched: port {port} is no port of the web")]
    Port {
        /// The refused URL.
        url: Url,
        /// The refused port.
        port: u16,
    },
    /// The host is, or resolves to, an address that is not public.
    #[error(
        "{host} is not asked: {address} is no public address; for a server of your own, set \
         `allow_private_addresses = true` under [crawler]"
    )]
    Private {
        /// The host as the URL names it.
        host: String,
        /// The first address of it that is not public.
        address: IpAddr,
    },
}

/// Whether `url` may be asked at all, as far as can be told without resolving its name.
///
/// # Errors
/// A [`GuardError`] with the reason. `allow_private` lifts the rules on ports and addresses.
pub fn check_url(url: &Url, allow_private: bool) -> Result<(), GuardError> {
    let _ = (url, allow_private);
    todo!()
}

/// Whether `address` is of the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    let _ = address;
    todo!()
}
