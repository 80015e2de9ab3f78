//! `onrecord crawl` over TLS from a server that speaks HTTP/2 and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::Response;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::faults::{LONG, article, feed, missing, rss, settings};
use crate::programs::quotes;

/// The issuer of the server's certificate, which is for 127.0.0.1 and good until 2120.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/http2/root.pem");

/// Where the headers take more than an answer may have.
const LONG_HEAD: &str = "/long-head";

/// A server of these paths; it offers `h2` alone. Gives its origin.
async fn serve(pages: BTreeMap<&'static str, Vec<u8>>) -> String {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("http2/certificate.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("http2/key.pem")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let mut config = config.with_single_cert(vec![certificate.unwrap()], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let tls = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, pages) = (tls.clone(), pages.clone());
            tokio::spawn(async move {
                let stream = tls.accept(stream).await.unwrap();
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let found = pages.get(request.uri().path());
                    let status = if found.is_some() { 200 } else { 404 };
                    let mut head = Response::builder().status(status);
                    if request.uri().path() == LONG_HEAD {
                        for name in ["x-one", "x-two", "x-three"] {
                            head = head.header(name, "y".repeat(30_000));
                        }
                    }
                    let head = head.body(()).unwrap();
                    let mut body = respond.send_response(head, false).unwrap();
                    let bytes = Bytes::from(found.cloned().unwrap_or_default());
                    body.send_data(bytes, true).unwrap();
                }
            });
        }
    });
    origin
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_speaks_http_2_only_is_crawled() {
    let listed = rss(&[LONG_HEAD.to_owned(), "/page".to_owned()]);
    let page = article("We shall see").into_bytes();
    let pages = BTreeMap::from([("/feed", listed), ("/page", page.clone()), (LONG_HEAD, page)]);
    let origin = serve(pages).await;
    let here = tempfile::tempdir().unwrap();
    let list = settings(LONG) + &feed("ridge", &format!("{origin}/feed"));
    fs::write(here.path().join("feeds.toml"), list).unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_onrecord"))
        .arg("crawl")
        .current_dir(here.path())
        .env("SSL_CERT_FILE", ROOT)
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let listed = missing(here.path());
    let reason = listed[&format!("{origin}{LONG_HEAD}")]["reason"].as_str().unwrap();
    assert!(reason.contains("broken answer") && listed.len() == 1, "{listed:#?}");
    let all = quotes(here.path(), &["export", "--format", "json"]).exits(0).json();
    assert_eq!(all[0]["article"]["url"], format!("{origin}/page"));
}
