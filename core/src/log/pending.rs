//! Records that arrived before what they build on, held in memory until it is there.
//!
//! Nothing here is stored: after a restart the records are fetched again, because the frontier
//! says that they are missing.

use crate::model::ActorId;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Most bytes held. What does not fit is refused, and comes again with the next sync.
pub const MAX_PENDING_BYTES: usize = 32 * 1024 * 1024;

/// Held records by actor and sequence number.
#[derive(Debug, Default)]
pub struct Pending {
    records: BTreeMap<(ActorId, u64), Vec<u8>>,
    bytes: usize,
}

impl Pending {
    /// Holds a record; false when there is no room.
    #[must_use]
    pub fn hold(&mut self, actor: ActorId, seq: u64, record: &[u8]) -> bool {
        if self.records.contains_key(&(actor, seq)) {
            return true;
        }
        if self.bytes + record.len() > MAX_PENDING_BYTES {
            return false;
        }
        self.bytes += record.len();
        self.records.insert((actor, seq), record.to_vec());
        true
    }

    /// Takes out every record, in the order of actors and sequence numbers.
    pub fn take(&mut self) -> Vec<Vec<u8>> {
        self.bytes = 0;
        core::mem::take(&mut self.records).into_values().collect()
    }

    /// How many records are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}
