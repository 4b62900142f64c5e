//! PluresDB: a graph and document database that lives inside the application.
//!
//! A [`Database`] holds nodes (JSON documents with an id and a type) and labelled edges between
//! them. Every write is a record of a log that merges without conflicts with what other devices
//! write; SQL reads everything.
//!
//! ```
//! use pluresdb::{Database, Direction, object};
//!
//! let mut db = Database::memory()?;
//! db.put("n1", "Note", object([("title", "Buy milk".into())]))?;
//! db.put("n2", "Note", object([("title", "Feed the cat".into())]))?;
//! db.link("n1", "before", "n2", object([]))?;
//!
//! let next = db.edges("n1", Direction::Out, Some("before"), 10)?;
//! assert_eq!(next[0].target, "n2");
//! assert_eq!(db.query("SELECT title FROM Note ORDER BY title", &[])?.rows.len(), 2);
//! # Ok::<(), pluresdb::Error>(())
//! ```
//!
//! # Layers
//!
//! `model < codec < {crypto, crdt} < {log, sync} < engine`: a module imports only from its left,
//! modules in braces do not know each other, and only [`engine`] joins them. [`types`] stands beside
//! them and knows `model` alone, [`vectors`] knows `types` alone; [`graph`], and [`embed`], vectors of texts, know none.
//! All but the engine, texts and vectors need no standard library; their features add it.

#![cfg_attr(not(any(feature = "std", test)), no_std)]

extern crate alloc;

pub mod codec;
pub mod crdt;
pub mod crypto;
pub mod embed;
#[cfg(feature = "engine")]
pub mod engine;
pub mod graph;
pub mod journal;
pub mod log;
pub mod model;
pub mod sync;
pub mod types;
#[cfg(feature = "vectors")]
pub mod vectors;

#[cfg(feature = "text")]
pub use crdt::{ListEdit, TextEdit};
#[cfg(feature = "engine")]
pub use engine::{
    Append, Applied, Batch, Cancel, CheckProgress, CheckStep, Compaction, Components, Correction,
    Database, Defined, Delta, Direction, Edge, Embedded, Embedding, Error, Executed, Export, Facet,
    FacetQuestion, Facets, Fault, FaultPlace, Fork, Found, Hit, Host, ImportCounts, LiveChange,
    MEANING_WEIGHT, Marks, Meaning, Near, Neighbour, Neighbours, Node, NodeViolation,
    OpenTransaction, Options, Outbox, PageRanks, PendingText, Piece, RankOptions, ReachedNode,
    Rejected, Repaired, Retention, Revision, Route, RouteFound, Rows, SavedQuery, SearchMode,
    SearchOptions, SqlLimits, SqlRow, SqlValue, Stalled, Statement, Status, Step, Subgraph,
    Subscription, Transaction, Traversed, Undone, Waiting, Walk, Weight,
};
#[cfg(feature = "native")]
pub use engine::{Leases, SystemHost, WalDamage, wal_damage};
pub use graph::{Bound, Limits, PageRank};
pub use model::{ActorId, EdgeRef, Frontier, Map, Path, SharedKind, SpaceId, Value, object};

/// The examples of the README, compiled and run.
#[cfg(all(doctest, feature = "native"))]
#[doc = include_str!("../../README.md")]
struct Readme;
