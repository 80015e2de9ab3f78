//! `quotes serve`: the collection as pages for people and as a JSON API for programs.
//!
//! Requests over HTTP → pages, JSON, exports. Everything a page needs is in the program, and a page
//! works without JavaScript. Refuses to ask anything of other machines, to answer whoever is neither
//! at this machine nor has the token, and to change anything for who doesn't show the token.
//!
//! Files: `routes` (the table of what is answered), `connections` (sockets, their bounds, the graceful
//! end), `hosts` (by which names), `guard` (who may ask), `bridge` (a request → a handler in a thread
//! of its own → a response), `asked` and `reply` (what a handler gets and gives), `failure`, `state`
//! (the collection between requests), `remembered` (what was worked out of it), `stream` (a file on
//! its way), `filters` (parameters ↔ what to look for), `assets`, `pages`, `api`.

pub mod api;
pub mod asked;
pub mod assets;
mod bridge;
mod connections;
pub mod failure;
pub mod filters;
mod guard;
mod hosts;
pub mod pages;
mod remembered;
pub mod reply;
mod routes;
mod state;
mod stream;
mod token;

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::collection::CollectionError;
use hosts::Hosts;
use state::Shared;
use token::Token;

pub use bridge::Handler;
pub use hosts::{HostName, NoHostName};
pub use state::Reading;

/// Why `quotes serve` could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// There is no collection, or it can't be read.
    #[error(transparent)]
    Collection(#[from] CollectionError),
    /// Another program listens there.
    #[error("{0} is taken by another program: choose another with --addr, or --addr {ip}:0 for any free port", ip = bracketed(.0.ip()))]
    Taken(SocketAddr),
    /// The system doesn't let us listen there.
    #[error("failed to listen at {address}: {cause}; choose another address with --addr")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's reason.
        cause: io::Error,
    },
}

/// An address as a URL has it.
fn bracketed(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// A server that listens and has not answered yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    /// Opens the collection in `data` and listens at `address` (port 0: any free one). Requests must
    /// name an address of this machine or one of `names` as their host. Needs a Tokio runtime.
    ///
    /// # Errors
    /// [`ServeError`] if there is no collection, it can't be read, or the address can't be had.
    pub async fn bind(
        data: &Path,
        address: SocketAddr,
        names: &[HostName],
    ) -> Result<Self, ServeError> {
        let failed = |cause: io::Error| match cause.kind() {
            io::ErrorKind::AddrInUse => ServeError::Taken(address),
            _ => ServeError::Listen { address, cause },
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let hosts = Hosts::new(address, names);
        let shared = Arc::new(Shared::open(data, hosts, Token::new(address.port()))?);
        Ok(Self { listener, address, shared })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the first page; who opens it may look, if the server is bound to loopback.
    #[must_use]
    pub fn url(&self) -> String {
        // Nobody can be sent to "any address": loopback is one of them.
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
            ip => ip,
        };
        format!("http://{}:{}/", bracketed(ip), self.address.port())
    }

    /// The same with the token: who opens it may look and change.
    #[must_use]
    pub fn url_with_token(&self) -> String {
        format!("{}?token={}", self.url(), self.shared.token.secret())
    }

    /// The same for a browser that is opened now: it lets in once, whoever reads that program's arguments.
    #[must_use]
    pub fn url_to_open(&self) -> String {
        format!("{}?token={}", self.url(), self.shared.token.code())
    }

    /// True where only who is at this machine can ask: it listens at loopback, and has no other name.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.shared.hosts.are_local()
    }

    /// Answers until `stop` is ready, then finishes what it was asked.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, shared, .. } = self;
        let follower = tokio::spawn(state::follow(Arc::clone(&shared)));
        connections::serve(listener, routes::router(shared), stop).await;
        follower.abort();
    }
}
