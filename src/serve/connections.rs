//! Sockets: how many, how long one may take to ask, how they end.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tracing::{debug, warn};

/// Connections at a time: a browser opens six, programs a few, and each takes a file of the system's.
const MAX_CONNECTIONS: usize = 256;
/// How long a request's head may take to come, and a connection may wait for its next request.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Headers of a request: browsers send about twenty.
const MAX_HEADERS: usize = 64;
/// Bytes of a request's head: twice the longest address, with cookies. Hyper's least is 8 KiB.
const MAX_HEAD: usize = 32 * 1024;
/// How long what was asked before the end may take.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// How long to wait where the system gives no more sockets.
const PAUSE: Duration = Duration::from_millis(200);

/// Answers what comes to `listener` until `stop` is ready, then ends what is under way.
pub(super) async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let open = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD);
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(cause) => {
                warn!("failed to take a connection: {cause}");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // One too many is closed at once: to let it wait would have it hold what it waits for.
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let service = TowerToHyperService::new(router.clone());
        let connection = open.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(cause) = connection.await {
                debug!("a connection ended early: {cause}");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_WORDS, open.shutdown()).await.is_err() {
        warn!("some requests were not answered to their end");
    }
}
