//! A body that is sent while a thread writes it: bounded in memory, and in the time that its reader may
//! take.

use std::io::{self, BufWriter, Write};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::stream::poll_fn;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tracing::warn;

use crate::collection::CollectionError;

/// Bytes that are sent at a time.
const CHUNK: usize = 64 * 1024;
/// Chunks that wait to be sent: the writer is a little ahead, and no more.
const WAITING: usize = 4;
/// How long a reader may take for a chunk, before it is left: it keeps a thread waiting.
const CHUNK_TIME: Duration = Duration::from_secs(30);

/// The writer's end.
pub(super) struct Pipe {
    chunks: Sender<io::Result<Bytes>>,
    runtime: Handle,
}

/// A writer and the body that has what is written. To be called in a thread of the runtime.
pub(super) fn pipe() -> (Pipe, Body) {
    let (chunks, mut sent): (_, Receiver<io::Result<Bytes>>) = mpsc::channel(WAITING);
    let body = Body::from_stream(poll_fn(move |context| sent.poll_recv(context)));
    (Pipe { chunks, runtime: Handle::current() }, body)
}

impl Pipe {
    /// Has `write` write the body. If it fails, the connection ends before the body does, so that
    /// nobody takes half a file for a whole one.
    pub fn fill(self, write: impl FnOnce(&mut dyn Write) -> Result<(), CollectionError>) {
        let mut out = BufWriter::with_capacity(CHUNK, &self);
        let written = write(&mut out).and_then(|()| Ok(out.flush()?));
        // What is left in the buffer after a failure is not to be sent.
        drop(out.into_parts());
        match written {
            Ok(()) => {}
            Err(error) if error.is_closed_pipe() => {}
            Err(error) => {
                warn!("a file was not sent to its end: {error}");
                drop(self.send(Err(io::Error::other(error.to_string()))));
            }
        }
    }

    fn send(&self, chunk: io::Result<Bytes>) -> io::Result<()> {
        let sent = self.runtime.block_on(tokio::time::timeout(CHUNK_TIME, self.chunks.send(chunk)));
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "its reader reads too slowly")),
        }
    }
}

impl Write for &Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.send(Ok(Bytes::copy_from_slice(bytes)))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
