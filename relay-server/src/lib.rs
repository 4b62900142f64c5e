//! A relay: takes records of spaces from devices, keeps them durably, and passes them on.
//!
//! It never looks into a record's body. What it speaks is in `docs/protocol.md`; what it decides
//! is in [`pluresdb::sync::Server`], a machine without I/O. Here are the socket, the store and the
//! process around it.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use pluresdb_relay::{Config, Relay, serve};
//!
//! let relay = Relay::open(Config::new("relay.pluresdb-relay"))?;
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:7420").await?;
//! let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
//! serve(listener, relay.router(), &relay, stop).await?;
//! # Ok(())
//! # }
//! ```

mod config;
mod connection;
mod hub;
mod origin;
mod outbound;
mod relay;
mod routes;
mod serve;
mod store;
mod writer;

pub use config::{Config, DEFAULT_MAX_SPACE_BYTES};
pub use relay::{OpenError, Relay};
pub use routes::{HEALTH_PATH, SYNC_PATH};
pub use serve::serve;
pub use store::{
    AppendRequest, PlacedRecord, Placement, Range, RelayStore, SqliteStore, StoreError, StoreLimits,
};
