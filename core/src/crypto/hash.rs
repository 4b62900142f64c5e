//! BLAKE3, for the chain of records and for the state of a space.

use crate::model::RecordHash;

/// Hash of a record, over the bytes that [`crate::codec::Frame::hashed`] names.
#[must_use]
pub fn hash_record(hashed: &[u8]) -> RecordHash {
    RecordHash(blake3::hash(hashed).into())
}

/// Hashes the canonical states of a space, one after the other in a fixed order.
#[derive(Debug, Default)]
pub struct StateHasher(blake3::Hasher);

impl StateHasher {
    /// Takes in one block. Its length goes first, so that blocks cannot be shifted into each other.
    pub fn block(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// The hash of all blocks.
    #[must_use]
    pub fn finish(&self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
