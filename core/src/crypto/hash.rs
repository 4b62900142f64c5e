//! BLAKE3, for the chain of records and for the state of a space.

use crate::model::RecordHash;
use core::fmt;

/// Hash of a record, over the bytes that [`crate::codec::Frame::hashed`] names.
#[must_use]
pub fn hash_record(hashed: &[u8]) -> RecordHash {
    RecordHash(blake3::hash(hashed).into())
}

/// Hash of a set of entries, the same in whatever order they are added.
///
/// The sum, lane by lane, of the BLAKE3 hashes of the entries (an "AdHash", after Bellare and
/// Micciancio, 1997). It tells equal states from different ones; it is no commitment against
/// somebody who chooses entries to collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SetHash([u64; 4]);

impl SetHash {
    /// Adds an entry. Each part goes in with its length, so that parts cannot shift into each other.
    pub fn add(&mut self, parts: &[&[u8]]) {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let hash = hasher.finalize();
        for (lane, chunk) in self.0.iter_mut().zip(hash.as_bytes().chunks_exact(8)) {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            *lane = lane.wrapping_add(u64::from_le_bytes(word));
        }
    }
}

impl fmt::Display for SetHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|lane| write!(f, "{lane:016x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_entries_does_not_matter_and_their_content_does() {
        let hash = |entries: &[&[&[u8]]]| {
            let mut hash = SetHash::default();
            entries.iter().for_each(|parts| hash.add(parts));
            hash
        };
        assert_eq!(hash(&[&[b"a", b"b"], &[b"c"]]), hash(&[&[b"c"], &[b"a", b"b"]]));
        assert_ne!(hash(&[&[b"a", b"b"]]), hash(&[&[b"ab", b""]]));
    }
}
