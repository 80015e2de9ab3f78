//! Where we may connect: the public web and nothing else.
//!
//! A URL or a resolved name → allowed, or the reason why not. Refuses to resolve names itself other
//! than for the HTTP client, which dials exactly the addresses that were checked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use url::{Host, Url};

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
    /// The host is, or resolves to, an address that is never asked.
    #[error("{host} is not asked: at {address} machines keep secrets, not pages")]
    Secrets {
        /// The host as the URL names it.
        host: String,
        /// The address.
        address: IpAddr,
    },
}

/// Addresses that no setting opens: link-local ones, and those at which clouds hand out a machine's
/// keys. No newspaper is there, and a redirect to them is an attack.
const SECRETS_V4: [(Ipv4Addr, u32); 3] = [
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(100, 100, 100, 200), 32),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
];

/// The same in IPv6; with what leads to any IPv4 address within a network (RFC 8215), and to those above by 6to4.
const SECRETS_V6: [(Ipv6Addr, u32); 6] = [
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x2002, 0xa9fe, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0x6464, 0x64c8, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x2002, 0xa83f, 0x8110, 0, 0, 0, 0, 0), 48),
];

/// IPv6 blocks whose last 32 bits are an IPv4 address: v4-mapped and NAT64.
const WRAPPING_V6: [(Ipv6Addr, u32); 2] = [
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96),
];

/// First port that a server can open without rights of its own; web servers on trial live there.
const FIRST_UNPRIVILEGED_PORT: u16 = 1024;

/// Ports from [`FIRST_UNPRIVILEGED_PORT`] on at which something else than the web listens: databases,
/// caches, desktops, chat and management. A request there can do harm and finds no article.
const OTHER_SERVICES: [u16; 38] = [
    1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 3306, 3389, 3659, 4045, 4190, 5060, 5061,
    5432, 5672, 5900, 5984, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 8086, 8500,
    9042, 9200, 10080, 10250, 11211, 27017,
];

/// Whether `url` may be asked at all, as far as can be told without resolving its name.
///
/// # Errors
/// A [`GuardError`] with the reason. `allow_private` lifts the rules on ports and, but for
/// [`GuardError::Secrets`], addresses.
pub fn check_url(url: &Url, allow_private: bool) -> Result<(), GuardError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(GuardError::Scheme { url: url.clone() });
    }
    let Some(host) = url.host() else {
        return Err(GuardError::NoHost { url: url.clone() });
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(GuardError::Credentials { host: host.to_string() });
    }
    if let Some(port) = url.port()
        && !(allow_private || is_web_port(port))
    {
        return Err(GuardError::Port { url: url.clone(), port });
    }
    let address = match host {
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
        Host::Domain(_) => return Ok(()),
    };
    check_address(&host.to_string(), address, allow_private)
}

/// Whether `address` of `host` may be asked.
fn check_address(host: &str, address: IpAddr, allow_private: bool) -> Result<(), GuardError> {
    if holds_secrets(address) {
        return Err(GuardError::Secrets { host: host.to_owned(), address });
    }
    if allow_private || is_public(address) {
        return Ok(());
    }
    Err(GuardError::Private { host: host.to_owned(), address })
}

fn holds_secrets(address: IpAddr) -> bool {
    let in_secrets = |address| SECRETS_V4.into_iter().any(|block| in_v4(address, block));
    match address {
        IpAddr::V4(address) => in_secrets(address),
        IpAddr::V6(address) => {
            let wraps = WRAPPING_V6.into_iter().any(|block| in_v6(address, block));
            let [.., a, b, c, d] = address.octets();
            SECRETS_V6.into_iter().any(|block| in_v6(address, block))
                || wraps && in_secrets(Ipv4Addr::new(a, b, c, d))
        }
    }
}

fn is_web_port(port: u16) -> bool {
    matches!(port, 80 | 443) || (port >= FIRST_UNPRIVILEGED_PORT && !OTHER_SERVICES.contains(&port))
}

/// IPv4 blocks that are not of the public internet (IANA special-purpose registry), as address and
/// prefix length.
const SPECIAL_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // carrier-grade NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, cloud metadata
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 31, 196, 0), 24), // AS112
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarking
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast
];

/// The only IPv6 block that is handed out for the public internet.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Parts of [`GLOBAL_V6`] that are not of the public internet, or carry an IPv4 address that could
/// be a private one.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo, ORCHID
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Whether `address` is of the public internet. Addresses that wrap an IPv4 address (v4-mapped,
/// NAT64, 6to4, Teredo) are not, whatever they wrap: no server needs to be reached by them.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !SPECIAL_V4.iter().any(|&block| in_v4(v4, block)),
        IpAddr::V6(v6) => in_v6(v6, GLOBAL_V6) && !SPECIAL_V6.iter().any(|&block| in_v6(v6, block)),
    }
}

fn in_v4(address: Ipv4Addr, (network, prefix): (Ipv4Addr, u32)) -> bool {
    (address.to_bits() ^ network.to_bits()) >> (u32::BITS - prefix) == 0
}

fn in_v6(address: Ipv6Addr, (network, prefix): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ network.to_bits()) >> (u128::BITS - prefix) == 0
}

/// The system's name resolution, refusing a name when any of its addresses is not public.
///
/// Any, not all: a name with a public and a private address is made to slip through a guard. The
/// client dials the addresses given here, so there is no second look-up to be deceived by.
#[derive(Debug, Clone, Copy)]
pub struct GuardedResolver {
    /// Lets every address pass.
    pub allow_private: bool,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let host = name.as_str();
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            for found in &addresses {
                check_address(host, found.ip(), allow_private)?;
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        check_url(&Url::parse(url).unwrap(), false).unwrap_err().to_string()
    }

    #[test]
    fn public_addresses_are_public_and_special_ones_are_not() {
        let public = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2a00:1450:4001::1",
        ];
        for address in public {
            assert!(is_public(address.parse().unwrap()), "{address} should be public");
        }
        let special = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for address in special {
            assert!(!is_public(address.parse().unwrap()), "{address} should not be public");
        }
    }

    #[test]
    fn only_the_web_is_asked() {
        let fine = [
            "http://example.org/",
            "https://example.org:443/a?b#c",
            "http://example.org:8080/",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]/",
        ];
        for url in fine {
            assert_eq!(check_url(&Url::parse(url).unwrap(), false), Ok(()), "{url}");
        }
        let refusals = [
            ("file:///etc/passwd", "only http and https"),
            ("ftp://example.org/", "not ftp"),
            ("gopher://example.org/", "not gopher"),
            ("data:text/html,x", "only http and https"),
            ("https://user@example.org/", "user name or password"),
            ("https://user:secret@example.org/", "user name or password"),
            ("http://example.org:22/", "port 22"),
            ("http://example.org:25/", "port 25"),
            ("http://example.org:6379/", "port 6379"),
            ("http://example.org:6697/", "port 6697"),
            ("http://example.org:10250/", "port 10250"),
            ("http://127.0.0.1/", "127.0.0.1 is no public address"),
            ("http://2130706433/", "127.0.0.1 is no public address"),
            ("http://0x7f.1/", "127.0.0.1 is no public address"),
            ("http://0177.0.0.1/", "127.0.0.1 is no public address"),
            ("http://169.254.169.254/latest/meta-data", "machines keep secrets"),
            ("http://[::1]/", "no public address"),
            ("http://[::ffff:10.0.0.1]/", "no public address"),
        ];
        for (url, reason) in refusals {
            let message = refused(url);
            assert!(message.contains(reason), "{url}: {message}");
        }
    }

    #[test]
    fn a_refusal_never_repeats_the_password() {
        assert!(!refused("https://user:secret@example.org/").contains("secret"));
    }

    #[test]
    fn private_servers_are_asked_where_allowed_but_credentials_and_files_never() {
        let allowed = |url: &str| check_url(&Url::parse(url).unwrap(), true);
        assert_eq!(allowed("http://127.0.0.1:22/"), Ok(()));
        for secrets in [
            "http://169.254.169.254/",
            "http://100.100.100.200/",
            "http://[fe80::1]/",
            "http://[fd00:ec2::254]/",
            "http://[::ffff:169.254.169.254]/",
            "http://[64:ff9b::a9fe:a9fe]/",
            "http://[64:ff9b:1:a9fe:a9:fe00::]/",
            "http://[2002:a9fe:a9fe::]/",
            "http://[2002:a83f:8110::1]/",
            "http://168.63.129.16/metadata",
        ] {
            assert!(matches!(allowed(secrets), Err(GuardError::Secrets { .. })), "{secrets}");
        }
        assert!(allowed("file:///etc/passwd").is_err());
        assert!(allowed("http://a:b@127.0.0.1/").is_err());
    }

    #[tokio::test]
    async fn a_name_with_a_private_address_is_not_resolved() {
        let guarded = GuardedResolver { allow_private: false };
        let error = guarded.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(error.downcast_ref::<GuardError>().is_some(), "{error}");
        let open = GuardedResolver { allow_private: true };
        assert!(open.resolve("localhost".parse().unwrap()).await.unwrap().count() > 0);
    }
}
