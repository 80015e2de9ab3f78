//! Signals of the system → the wish that a crawl or a server ends, or that the watch list is read again.

use std::future::Future;
use std::io;
use std::process;

use tracing::warn;

use crate::crawl::stop::{self, Stop};

/// The exit status of a program that was ended by Ctrl-C, as shells report it.
const INTERRUPTED: i32 = 130;

/// A wish to end that comes with the first SIGINT or SIGTERM. The second ends the program at once:
/// every commit is on the disk by then, and an unfinished one was never there. To be called within
/// the runtime.
///
/// # Errors
/// What the system says if it doesn't hand the signals over.
pub fn stop_when_asked() -> io::Result<Stop> {
    let (stopper, stop) = stop::pair();
    let mut signals = Ending::new()?;
    tokio::spawn(async move {
        signals.next().await;
        warn!("finishing the pages in hand; once more ends at once");
        stopper.stop();
        signals.next().await;
        process::exit(INTERRUPTED);
    });
    Ok(stop)
}

/// What is ready with the first SIGINT or SIGTERM; the second ends the program at once. To be called
/// within the runtime.
///
/// # Errors
/// What the system says if it doesn't hand the signals over.
pub(super) fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    let mut signals = Ending::new()?;
    Ok(async move {
        signals.next().await;
        tokio::spawn(async move {
            signals.next().await;
            process::exit(INTERRUPTED);
        });
    })
}

#[cfg(unix)]
mod system {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// The signals that end a program.
    pub struct Ending {
        interrupt: Signal,
        terminate: Signal,
    }

    impl Ending {
        pub fn new() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }

        pub async fn next(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
        }
    }

    /// The signal that asks a service to read its configuration again.
    pub struct Hangup(Signal);

    impl Hangup {
        pub fn new() -> io::Result<Self> {
            Ok(Self(signal(SignalKind::hangup())?))
        }

        pub async fn next(&mut self) {
            self.0.recv().await;
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;

    /// Ctrl-C.
    pub struct Ending;

    impl Ending {
        pub fn new() -> io::Result<Self> {
            Ok(Self)
        }

        pub async fn next(&mut self) {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// There is no such signal here.
    pub struct Hangup;

    impl Hangup {
        pub fn new() -> io::Result<Self> {
            Ok(Self)
        }

        pub async fn next(&mut self) {
            std::future::pending::<()>().await;
        }
    }
}

use system::Ending;
pub(super) use system::Hangup;
