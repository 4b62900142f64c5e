//! Ctrl-C and termination, as a flag that long work looks at between its steps.

use crate::failure::{Failure, Outcome};
use pluresdb::Cancel;
use std::future::Future;

/// Says whether the user wants to stop.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(Cancel);

impl Interrupt {
    /// Starts to listen. The second signal ends the process at once: every commit is safe.
    pub(crate) fn listen() -> Outcome<Self> {
        let flag = Cancel::default();
        let seen = flag.clone();
        let runtime = runtime()?;
        std::thread::spawn(move || {
            runtime.block_on(async {
                stopped().await;
                seen.cancel();
                stopped().await;
                std::process::exit(130);
            });
        });
        Ok(Self(flag))
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_cancelled()
    }

    /// What ends a statement when the user wants to stop.
    pub(crate) const fn cancel(&self) -> &Cancel {
        &self.0
    }
}

/// A runtime on the calling thread.
pub(crate) fn runtime() -> Outcome<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::file("the system gives no event loop"))
}

/// Resolves at Ctrl-C or, on Unix, at a request to terminate.
#[cfg(unix)]
pub(crate) fn stopped() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        match (interrupt, terminate) {
            (Ok(mut interrupt), Ok(mut terminate)) => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            }
            // Without handlers the signals end the process by themselves.
            _ => std::future::pending().await,
        }
    }
}

/// Resolves at Ctrl-C or, on Unix, at a request to terminate.
#[cfg(not(unix))]
pub(crate) fn stopped() -> impl Future<Output = ()> {
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
