//! The engine: the only place that joins merge, log and storage.
//!
//! SQLite is its heap. Log, node states and every projection live in one SQLite database and
//! change in one SQLite transaction; natively the file is the storage, elsewhere it is in memory
//! and a [`crate::journal`] makes it durable.

mod commit;
mod database;
mod embedding;
mod error;
mod host;
mod live;
mod query;
mod replicate;
mod sql;
mod status;
mod storage;
mod transfer;
mod typing;
mod upkeep;
mod vectors;

pub use commit::open::OpenTransaction;
pub use commit::transaction::Transaction;
pub use commit::undo::Undone;
pub use database::Database;
pub use embedding::{Embedded, Embedding, PendingText};
pub use error::Error;
pub use host::Host;
#[cfg(feature = "native")]
pub use host::SystemHost;
pub use live::delta::{Delta, SqlRow};
pub use live::set::{LiveChange, Subscription};
pub use query::facets::{Facet, FacetQuestion, Facets};
pub use query::graph::{
    Components, Neighbour, Neighbours, PageRanks, RankOptions, ReachedNode, Route, RouteFound,
    Subgraph, Traversed, Walk, Weight,
};
pub use query::limits::{Cancel, SqlLimits};
pub use query::meaning::Meaning;
pub use query::paused::Step;
pub use query::read::{Direction, Edge, Node};
pub use query::saved::SavedQuery;
pub use query::sql::{Rows, SqlValue};
pub use query::statement::Statement;
pub use query::text::hybrid::{MEANING_WEIGHT, SearchMode};
pub use query::text::{Correction, Found, Hit, Marks, SearchOptions};
pub use replicate::fork::Fork;
pub use replicate::outbox::{Append, Outbox};
pub use replicate::records::Batch;
pub use replicate::remote::{Applied, Rejected};
pub use replicate::waiting::{Stalled, Waiting};
pub use sql::execute::Executed;
pub use status::Status;
#[cfg(feature = "native")]
pub use storage::lease_file::Leases;
pub use storage::open::Options;
#[cfg(feature = "native")]
pub use storage::wal::{WalDamage, wal_damage};
pub use transfer::export::{Export, Piece};
pub use transfer::import::ImportCounts;
pub use typing::define::Defined;
pub use typing::violations::NodeViolation;
pub use upkeep::check::{CheckProgress, CheckStep, Fault, FaultPlace, MAX_FAULTS};
pub use upkeep::compact::{Compaction, Retention};
pub use upkeep::repair::Repaired;
pub use upkeep::timeline::Revision;
pub use vectors::Near;
