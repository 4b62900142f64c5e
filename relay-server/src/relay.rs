//! The relay as a whole: opened, served by a router, shut down.

use crate::config::Config;
use crate::hub::Hub;
use crate::origin::OriginRule;
use crate::store::{RelayStore, SqliteStore, StoreError};
use crate::writer::Writer;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// Reads of the store at once.
const READS: usize = 4;
/// How long connections get to say goodbye.
const GOODBYE: Duration = Duration::from_secs(5);

/// Why a relay does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread that writes.
    #[error("the system starts no thread: {0}")]
    Thread(std::io::Error),
}

/// A relay in this process. Clones are the same relay.
#[derive(Debug, Clone)]
pub struct Relay {
    pub(crate) shared: Arc<Shared>,
}

/// What connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn RelayStore>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) writer: Writer,
    pub(crate) reads: Semaphore,
    pub(crate) origins: OriginRule,
    pub(crate) stopping: watch::Sender<bool>,
    max_connections: usize,
    connections: AtomicUsize,
    left: tokio::sync::Notify,
}

/// A connection that counts, until it is dropped.
#[derive(Debug)]
pub(crate) struct Seat(Arc<Shared>);

impl Relay {
    /// Opens the relay's store, making it when it is not there.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(config: Config) -> Result<Self, OpenError> {
        let store = SqliteStore::open(&config.store, config.limits)?;
        Self::with_store(Arc::new(store), config)
    }

    /// A relay over a store of the caller's; `config.store` and `config.limits` are not used.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn with_store(store: Arc<dyn RelayStore>, config: Config) -> Result<Self, OpenError> {
        let hub = Arc::new(Hub::default());
        let writer =
            Writer::start(Arc::clone(&store), Arc::clone(&hub)).map_err(OpenError::Thread)?;
        let shared = Shared {
            store,
            hub,
            writer,
            reads: Semaphore::new(READS),
            origins: OriginRule { allowed: config.allow_origins, local: config.local },
            stopping: watch::Sender::new(false),
            max_connections: config.max_connections,
            connections: AtomicUsize::new(0),
            left: tokio::sync::Notify::new(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// How many clients are connected.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Acquire)
    }

    /// Closes all connections (1001), refuses new ones, and returns when all that was taken is on
    /// the disk.
    pub async fn shutdown(&self) {
        self.shared.stopping.send_replace(true);
        let emptied = async {
            loop {
                let left = self.shared.left.notified();
                if self.connections() == 0 {
                    return;
                }
                left.await;
            }
        };
        if tokio::time::timeout(GOODBYE, emptied).await.is_err() {
            tracing::warn!(connections = self.connections(), "connections did not close in time");
        }
        let shared = Arc::clone(&self.shared);
        // Joining the thread that writes blocks.
        if tokio::task::spawn_blocking(move || shared.writer.stop()).await.is_err() {
            tracing::error!("stopping the writing thread panicked");
        }
    }
}

impl Shared {
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Acquire)
    }

    /// A place for one more connection, where there is one.
    pub(crate) fn seat(self: &Arc<Self>) -> Option<Seat> {
        let taken = self.connections.fetch_add(1, Ordering::AcqRel);
        let seat = Seat(Arc::clone(self));
        let free = taken < self.max_connections && !*self.stopping.borrow();
        free.then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::AcqRel);
        self.0.left.notify_waiters();
    }
}
