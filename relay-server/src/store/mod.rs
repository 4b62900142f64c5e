//! Where a relay keeps records.

mod sqlite;

pub use sqlite::SqliteStore;

use pluresdb::model::SpaceId;
use pluresdb::sync::{MAX_FRONTIER_ACTORS, Mark, Opening, Placed, RelayId, StoredRecord};
use std::path::PathBuf;

/// What may be stored. What exceeds it is refused with `quota`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreLimits {
    /// Bytes of records in one space.
    pub space_bytes: u64,
    /// Actors in one space; at most [`MAX_FRONTIER_ACTORS`], or no Welcome could name them.
    pub space_actors: u64,
    /// Spaces.
    pub spaces: u64,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self {
            space_bytes: crate::config::DEFAULT_MAX_SPACE_BYTES,
            space_actors: MAX_FRONTIER_ACTORS as u64,
            spaces: 100_000,
        }
    }
}

/// Records that one client wants stored.
#[derive(Debug, Clone)]
pub struct AppendRequest {
    /// The space of the connection.
    pub space: SpaceId,
    /// The client's number, for the answer.
    pub id: u32,
    /// Whole records as they came, unchecked.
    pub records: Vec<Vec<u8>>,
}

/// A record that was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedRecord {
    /// Where, and the record.
    pub stored: StoredRecord,
    /// The history up to it.
    pub mark: Mark,
}

/// What became of an [`AppendRequest`].
#[derive(Debug, Clone)]
pub struct Placement {
    /// For the client.
    pub placed: Placed,
    /// The new records, in order.
    pub records: Vec<PlacedRecord>,
}

/// A piece of a space's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The last position in it; that of the request where there is nothing.
    pub last: u64,
    /// The history up to it.
    pub mark: Mark,
    /// The records.
    pub records: Vec<StoredRecord>,
}

/// Why a store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite failed: a full disk, a damaged file, a lock held by another process.
    #[error("the store {path} failed: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A file of another program.
    #[error("{path} is no relay store; choose another file")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later version.
    #[error("{path} has store version {found}, this program knows {known}; update it")]
    Version {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: i64,
        /// The latest one known.
        known: i64,
    },
    /// The store holds what it cannot hold.
    #[error("{path} is damaged: {what}; restore a backup, devices send again what it lacks")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: &'static str,
    },
    /// No randomness for the id of a new store.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

/// A store of records by space.
///
/// Calls block; the relay makes them on threads of its own. Implementations keep these duties:
/// the log of a space has positions from 1 without gaps; records are taken by the rule of
/// [`pluresdb::sync::admit`]; one space's records become visible in the order of positions.
pub trait RelayStore: std::fmt::Debug + Send + Sync + 'static {
    /// Identifies the store; another after it was wiped.
    fn id(&self) -> RelayId;

    /// Takes records, those of all requests in one transaction, and answers each request in
    /// order. When this returns the records are on the disk.
    ///
    /// # Errors
    /// Nothing of the batch was stored.
    fn append(&self, batch: Vec<AppendRequest>) -> Result<Vec<Placement>, StoreError>;

    /// Head, frontier, and the history at `position`, from one moment.
    ///
    /// # Errors
    /// The store cannot be read.
    fn open(&self, space: &SpaceId, position: u64) -> Result<Opening, StoreError>;

    /// Records after a position, at most `max_bytes` in sum and a frame's number of records, but
    /// one at least where there is one.
    ///
    /// # Errors
    /// The store cannot be read.
    fn range(&self, space: &SpaceId, after: u64, max_bytes: usize) -> Result<Range, StoreError>;

    /// How many spaces there are.
    ///
    /// # Errors
    /// The store cannot be read.
    fn spaces(&self) -> Result<u64, StoreError>;
}
