//! A server on loopback that does to each request what its script says, byte for byte.
//!
//! Each server has its own port, and so is a host of its own to the crawler. Raw sockets: what no
//! HTTP library would send can be sent.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What a server does with a connection, one step after the other. After the last it closes.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends bytes one by one, with this pause after each.
    Drip(Vec<u8>, Duration),
    /// Sends the same bytes until the client goes.
    Forever(Vec<u8>),
    /// Says nothing until the client goes.
    Silence,
    /// Breaks the connection off with a reset instead of an end.
    Reset,
    /// Waits for the next request on the same connection.
    Again,
}

/// One request as the script sees it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Path and query.
    pub path: String,
    /// The request's head, in lower case.
    pub head: String,
    /// How often this path was asked before.
    pub before: usize,
    /// How many requests the server got before, those for files about the whole site aside.
    pub before_all: usize,
}

/// What a request is answered with.
pub type Script = dyn Fn(&Request) -> Vec<Step> + Send + Sync;

/// How often each path was asked.
pub type Asked = Arc<Mutex<BTreeMap<String, usize>>>;

/// A running server.
#[derive(Debug, Clone)]
pub struct FaultServer {
    /// `http://127.0.0.1:PORT` or `https://…`.
    pub origin: String,
    asked: Asked,
}

/// How a server takes its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Plain HTTP.
    Plain,
    /// TLS with a certificate that nobody trusts and that names another host.
    WrongCertificate,
    /// TLS was promised, and plain HTTP is spoken.
    PlainWhereTlsIsDue,
}

impl FaultServer {
    /// Starts a server of plain HTTP.
    pub async fn start(script: impl Fn(&Request) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::with(Transport::Plain, script).await
    }

    /// Starts a server.
    pub async fn with(
        transport: Transport,
        script: impl Fn(&Request) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if transport == Transport::Plain { "http" } else { "https" };
        let origin = format!("{scheme}://{}", listener.local_addr().unwrap());
        let asked = Asked::default();
        let tls = (transport == Transport::WrongCertificate).then(acceptor);
        let script: Arc<Script> = Arc::new(script);
        let counts = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, asked, tls) = (Arc::clone(&script), Arc::clone(&counts), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        // A client that refuses the certificate ends the handshake.
                        Some(tls) => {
                            if let Ok(mut stream) = tls.accept(stream).await {
                                serve(&mut stream, &*script, &asked).await;
                            }
                        }
                        None if transport == Transport::PlainWhereTlsIsDue => {
                            let mut stream = stream;
                            let _ = stream.read(&mut [0; 64]).await;
                            let _ = stream.write_all(&answer("400 Bad Request", &[], b"")).await;
                        }
                        None => {
                            let mut stream = stream;
                            if serve(&mut stream, &*script, &asked).await == End::Reset {
                                reset(&stream);
                            }
                        }
                    }
                });
            }
        });
        Self { origin, asked }
    }

    /// How often `path` was asked.
    pub fn asked(&self, path: &str) -> usize {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(path).copied().unwrap_or(0)
    }
}

/// A lingering time of zero makes the close a reset.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

fn acceptor() -> TlsAcceptor {
    let certificate =
        CertificateDer::from_pem_slice(include_bytes!("fault_server/certificate.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("fault_server/key.pem"));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.unwrap()], key.unwrap());
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Close,
    Reset,
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    script: &Script,
    asked: &Asked,
) -> End {
    loop {
        let Some(request) = next_request(stream, asked).await else { return End::Close };
        let mut again = false;
        for step in script(&request) {
            let sent = match step {
                Step::Send(bytes) => stream.write_all(&bytes).await,
                Step::Drip(bytes, pause) => drip(stream, &bytes, pause).await,
                Step::Forever(bytes) => loop {
                    if let Err(gone) = stream.write_all(&bytes).await {
                        break Err(gone);
                    }
                },
                Step::Silence => {
                    let _ = stream.read(&mut [0; 64]).await;
                    return End::Close;
                }
                Step::Reset => return End::Reset,
                Step::Again => {
                    again = true;
                    Ok(())
                }
            };
            if sent.is_err() {
                return End::Close;
            }
        }
        if !again {
            let _ = stream.shutdown().await;
            return End::Close;
        }
    }
}

async fn drip<S: AsyncWrite + Unpin>(
    stream: &mut S,
    bytes: &[u8],
    pause: Duration,
) -> std::io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte]).await?;
        stream.flush().await?;
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

async fn next_request<S: AsyncRead + Unpin>(stream: &mut S, asked: &Asked) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if head.len() > 64 * 1024 || stream.read(&mut byte).await.ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1)?.to_owned();
    let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    let about_site = ["/robots.txt", "/.well-known/tdmrep.json"];
    let pages = asked.iter().filter(|(path, _)| !about_site.contains(&path.as_str()));
    let before_all = pages.map(|(_, count)| count).sum();
    let count = asked.entry(path.clone()).or_default();
    *count += 1;
    Some(Request { before: *count - 1, before_all, head: head.to_ascii_lowercase(), path })
}

/// A whole answer: status line, headers (each `Name: value`), length and body.
pub fn answer(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut bytes = head(status, headers);
    bytes.truncate(bytes.len() - 2);
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// Status line and headers alone, with the empty line after them.
pub fn head(status: &str, headers: &[&str]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text.push_str("\r\n");
    text.into_bytes()
}

/// `bytes` in a content coding by its name in HTTP.
pub fn coded(coding: &str, bytes: &[u8]) -> Vec<u8> {
    match coding {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        "br" => {
            let mut packed = Vec::new();
            let parameters = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
            brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters).unwrap();
            packed
        }
        "zstd" => zstd::bulk::compress(bytes, 3).unwrap(),
        other => panic!("no coding {other}"),
    }
}
