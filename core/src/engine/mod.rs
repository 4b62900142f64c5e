//! The engine: the only place that joins merge, log and storage.
//!
//! SQLite is its heap. Log, node states and every projection live in one SQLite database and
//! change in one SQLite transaction; natively the file is the storage, elsewhere it is in memory
//! and a [`crate::journal`] makes it durable.

mod authorizer;
mod cache;
mod check;
mod compact;
mod database;
mod draft;
mod draft_typed;
mod error;
mod export;
mod fold;
mod fork;
mod history;
mod host;
mod image;
mod import;
mod lease;
#[cfg(feature = "native")]
mod lease_file;
mod open;
mod query;
mod read;
mod remote;
mod repair;
mod rows;
mod schema;
mod search;
mod shared;
mod status;
mod stored;
mod sync_cursor;
mod text;
mod text_index;
mod timeline;
mod transaction;
mod typed;
mod types;
mod undo;
mod violations;
mod waiting;
#[cfg(feature = "native")]
mod wal;
mod writer;

pub use check::{Fault, FaultPlace, MAX_FAULTS};
pub use compact::{Compaction, Retention};
pub use database::Database;
pub use error::Error;
pub use export::{Export, Piece};
pub use fork::Fork;
pub use history::Batch;
pub use host::Host;
#[cfg(feature = "native")]
pub use host::SystemHost;
pub use import::ImportCounts;
#[cfg(feature = "native")]
pub use lease_file::Leases;
pub use open::Options;
pub use query::{Rows, SqlValue};
pub use read::{Direction, Edge, Node};
pub use remote::{Applied, Rejected};
pub use repair::Repaired;
pub use search::Hit;
pub use status::Status;
pub use timeline::Revision;
pub use transaction::Transaction;
pub use undo::Undone;
pub use violations::NodeViolation;
pub use waiting::{Stalled, Waiting};
