//! The hosts that a request may name as this server, and the sites that are its own pages.
//!
//! Where it listens and the names it is given → yes or no to a `Host` and an `Origin`. What a browser
//! sends as `Host` is what stands in its address bar: a name that leads here by DNS rebinding is seen.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::uri::Authority;

/// A name that this server is asked by, with one port or with any: `box.lan`, `box.lan:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName {
    /// In small letters; an IPv6 address without brackets.
    name: String,
    port: Option<u16>,
}

/// A text that names no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is a name, with or without a port, as browsers show it: box.lan or box.lan:8443, without http://"
)]
pub struct NoHostName;

impl FromStr for HostName {
    type Err = NoHostName;

    fn from_str(text: &str) -> Result<Self, NoHostName> {
        let authority: Authority = text.parse().map_err(|_| NoHostName)?;
        let host = authority.host().to_ascii_lowercase();
        let name = host.trim_start_matches('[').trim_end_matches(']');
        // "box.lan:" and "box.lan:99999" have a colon, and no port that can be.
        let port = authority.port_u16();
        let has_port = text.rsplit(']').next().is_some_and(|behind| behind.contains(':'));
        if text.contains('@') || name.is_empty() || has_port != port.is_some() {
            return Err(NoHostName);
        }
        Ok(Self { name: name.to_owned(), port })
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let brackets = if self.name.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{}{}{}", brackets.0, self.name, brackets.1)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl HostName {
    /// Leads to the machine that asks and nowhere else: browsers resolve it without asking anybody
    /// (RFC 6761, 6.3), so that no other site can take it over.
    fn is_loopback(&self) -> bool {
        self.name == "localhost" || self.name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }

    /// Whether `asked` is this name, at its port if it has one.
    fn covers(&self, asked: &Self) -> bool {
        self.name == asked.name && self.port.is_none_or(|port| asked.port == Some(port))
    }
}

/// The hosts that a request may name: those that lead here and nowhere else.
pub(super) struct Hosts {
    /// True where only this machine can connect.
    loopback: bool,
    named: Vec<HostName>,
}

impl Hosts {
    /// For a server bound to `address`, with further names for it.
    pub fn new(address: SocketAddr, named: &[HostName]) -> Self {
        Self { loopback: address.ip().is_loopback(), named: named.to_vec() }
    }

    /// Whether only who is at this machine can ask. Who gives the server a name has others ask by it,
    /// through a proxy where it listens at loopback.
    pub fn are_local(&self) -> bool {
        self.loopback && self.named.iter().all(HostName::is_loopback)
    }

    /// Whether a request that names this authority means this server. The port is left to who connects:
    /// a tunnel (`ssh -L`), a container or a proxy has another one, and it tells nothing of a name that
    /// was rebound. An address can't be rebound; bound to loopback, only its addresses lead here.
    pub fn has(&self, authority: &str) -> bool {
        let Ok(asked) = authority.parse::<HostName>() else { return false };
        let is_address = asked.name.parse::<IpAddr>().is_ok();
        asked.is_loopback()
            || is_address && !self.loopback
            || self.named.iter().any(|named| named.covers(&asked))
    }

    /// Whether `origin` is of our own pages, when a request names `host`: the same authority, or, where
    /// a proxy asks by another host, one that was named. A name without a port stands for its scheme's
    /// port then: what other programs serve on other ports of that machine is not ours.
    pub fn is_own(&self, origin: &str, host: Option<&str>) -> bool {
        let stripped = ["http://", "https://"].iter().find_map(|it| origin.strip_prefix(it));
        let Some(authority) = stripped else { return false };
        let Ok(site) = authority.parse::<HostName>() else { return false };
        if host.is_some_and(|host| host.eq_ignore_ascii_case(authority)) {
            return self.has(authority);
        }
        self.named.contains(&site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_port_or_stands_for_any() {
        for (text, printed) in [
            ("box.lan", Some("box.lan")),
            ("BOX.lan:8443", Some("box.lan:8443")),
            ("192.168.0.7", Some("192.168.0.7")),
            ("[fd00::7]:9000", Some("[fd00::7]:9000")),
            ("[fd00::7]", Some("[fd00::7]")),
            ("https://box.lan", None),
            ("box.lan/", None),
            ("box.lan:", None),
            ("box.lan:99999", None),
            ("me@box.lan", None),
            (":9000", None),
            ("", None),
        ] {
            let read = text.parse::<HostName>().ok().map(|name| name.to_string());
            assert_eq!(read.as_deref(), printed, "{text}");
        }
    }

    #[test]
    fn a_page_is_our_own_by_its_host_or_by_a_name() {
        let address = SocketAddr::from(([127, 0, 0, 1], 8787));
        let named = ["box.lan", "notes.lan:8443"].map(|name| name.parse().unwrap());
        let hosts = Hosts::new(address, &named);
        for (origin, host, own) in [
            ("https://box.lan", "box.lan", true),
            ("http://box.lan:9000", "box.lan:9000", true),
            ("https://box.lan", "127.0.0.1:8787", true),
            ("https://notes.lan:8443", "localhost:8787", true),
            ("http://localhost:9000", "localhost:9000", true),
            // Another program of the same machine.
            ("http://box.lan:9000", "box.lan", false),
            ("http://box.lan:9000", "127.0.0.1:8787", false),
            ("https://notes.lan", "127.0.0.1:8787", false),
            ("http://localhost:3000", "localhost:8787", false),
            ("http://127.0.0.1:8787", "localhost:8787", false),
            ("https://a.example", "box.lan", false),
            ("https://a.example", "a.example", false),
            ("https://box.lan.a.example", "box.lan", false),
            ("ftp://box.lan", "box.lan", false),
            ("null", "box.lan", false),
        ] {
            assert_eq!(hosts.is_own(origin, Some(host)), own, "{origin} at {host}");
        }
    }
}
