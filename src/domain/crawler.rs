//! How the crawler behaves towards servers: the `[crawler]` table of `feeds.toml`.

use std::time::Duration;

/// Settings of every request. The defaults are polite and bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrawlerSettings {
    /// Where a server's operator can reach who runs this crawler: an e-mail address or a URL.
    pub contact: String,
    /// The product token of the `User-Agent` header and the name looked up in robots.txt.
    pub user_agent: String,
    /// Requests in flight over all hosts.
    pub concurrency: usize,
    /// Pause between two requests to one host.
    pub per_host_delay: Duration,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for the next bytes.
    pub read_timeout: Duration,
    /// Longest time for one request, redirects and body included.
    pub total_timeout: Duration,
    /// Largest page, in bytes after decompression.
    pub max_page_bytes: u64,
    /// Largest feed or sitemap, in bytes after decompression.
    pub max_feed_bytes: u64,
    /// Most redirects followed for one request.
    pub max_redirects: usize,
    /// Keeps pages whose publisher reserves text and data mining, too.
    pub keep_reserved: bool,
    /// Allows requests to loopback and private addresses. For tests and the demo only.
    pub allow_private_addresses: bool,
}

impl Default for CrawlerSettings {
    fn default() -> Self {
        Self {
            contact: String::new(),
            user_agent: "onrecord".to_owned(),
            concurrency: 16,
            per_host_delay: Duration::from_secs(2),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(20),
            total_timeout: Duration::from_secs(60),
            max_page_bytes: 16 * 1024 * 1024,
            max_feed_bytes: 64 * 1024 * 1024,
            max_redirects: 5,
            keep_reserved: false,
            allow_private_addresses: false,
        }
    }
}

impl CrawlerSettings {
    /// The whole `User-Agent` header: product, version and, where there is one, the contact.
    #[must_use]
    pub fn user_agent_header(&self) -> String {
        let product = format!("{}/{}", self.user_agent, env!("CARGO_PKG_VERSION"));
        if self.contact.is_empty() { product } else { format!("{product} (+{})", self.contact) }
    }
}
