//! `quotes serve`: pages and a JSON API over the collection, until a signal ends it.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use clap::Args;

use super::args::Common;
use super::exit::Exit;
use super::search::note;
use super::signals;
use crate::collection::CollectionError;
use crate::serve::{HostName, ServeError, Server};

/// How long threads may take that still write when all connections are closed.
const LAST_THREADS: Duration = Duration::from_secs(1);

/// Arguments of `quotes serve`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  quotes serve                          prints an address; open it in a browser
  quotes serve --open                   and opens it
  quotes serve --addr 9000              at another port
  quotes serve --addr 0.0.0.0:8787      for other machines too; they need the token
  quotes serve --host box.lan           behind a proxy that is asked for https://box.lan
  curl 'http://127.0.0.1:8787/api/v1/quotes?q=treaty&since=2024-01-01'

At this machine everybody may look. To change anything (collections, who is
who), and to look from another machine, takes the token in the address that is
printed, or a header: Authorization: Bearer TOKEN. It is a new one each time.
The API is described at /api/v1/openapi.json. Ctrl-C ends it. Crawls may go on
meanwhile; what they find shows within seconds.")]
pub struct ServeArgs {
    /// Where to listen: an address or a name of this machine and a port, or a port of loopback; port 0 is
    /// any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787", value_parser = address)]
    pub addr: SocketAddr,
    /// A name that others ask by, beside addresses and localhost, at any port or at this one; everybody
    /// needs the token then; may be repeated
    #[arg(long, value_name = "NAME[:PORT]")]
    pub host: Vec<HostName>,
    /// Open the page in a browser
    #[arg(long)]
    pub open: bool,
}

/// Where to listen: `9000`, `localhost:9000`, `0.0.0.0:9000`, `[::1]:9000`.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse::<u16>() {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let example = "write a port (9000), or an address with a port (127.0.0.1:9000, localhost:9000)";
    let Some((name, port)) = text.rsplit_once(':') else { return Err(example.to_owned()) };
    let port: u16 = port.parse().map_err(|_| example.to_owned())?;
    if name.eq_ignore_ascii_case("localhost") {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    let found = (name, port).to_socket_addrs().map_err(|cause| format!("{cause}; {example}"))?;
    found.into_iter().next().ok_or_else(|| format!("{name} has no address; {example}"))
}

/// Serves until SIGINT or SIGTERM; prints the addresses to `out`.
///
/// # Errors
/// [`CollectionError`] if there is no collection, it can't be read, or the address can't be had.
pub fn run(
    common: &Common,
    arguments: &ServeArgs,
    out: &mut dyn Write,
) -> Result<Exit, CollectionError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let stop = signals::asked_to_end()?;
        let server =
            Server::bind(common.data(), arguments.addr, &arguments.host).await.map_err(named)?;
        print(&server, common, out)?;
        if arguments.open
            && let Err(cause) = open::that_detached(server.url_to_open())
        {
            note(common, &format!("failed to open a browser ({cause}): open the address yourself"));
        }
        server.run(stop).await;
        Ok(Exit::Done)
    });
    // Who was to be answered has been; a file that somebody reads slowly doesn't hold up the end.
    runtime.shutdown_timeout(LAST_THREADS);
    served
}

fn named(error: ServeError) -> CollectionError {
    match error {
        ServeError::Collection(cause) => cause,
        other => CollectionError::Arguments(other.to_string()),
    }
}

fn print(server: &Server, common: &Common, out: &mut dyn Write) -> io::Result<()> {
    if server.is_local() {
        writeln!(out, "to look:   {}", server.url())?;
        writeln!(out, "to change: {}", server.url_with_token())?;
    } else {
        writeln!(out, "to look and change: {}", server.url_with_token())?;
        if !server.address().ip().is_loopback() {
            note(common, "what is sent is not encrypted: use it in a network that you trust");
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_a_port_or_have_a_name() {
        for (text, read) in [
            ("9000", Some("127.0.0.1:9000")),
            ("localhost:9000", Some("127.0.0.1:9000")),
            ("0.0.0.0:0", Some("0.0.0.0:0")),
            ("[::1]:9000", Some("[::1]:9000")),
            ("70000", None),
            ("localhost", None),
            ("127.0.0.1", None),
            ("localhost:", None),
            ("localhost:http", None),
            ("", None),
        ] {
            let got = address(text);
            assert_eq!(got.as_ref().ok().map(ToString::to_string).as_deref(), read, "{text}");
            assert!(got.err().is_none_or(|message| message.contains("127.0.0.1:9000")), "{text}");
        }
    }
}
