//! Where a device stands in a relay's log of a space, and how both ends know it is the same log.

use crate::codec::{DecodeError, Reader, Writer};
use crate::crypto::hash_record;
use crate::model::{Frontier, RecordHash};
use alloc::vec::Vec;
use core::fmt;

macro_rules! sixteen_bytes {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// All zero bytes: "none".
            pub const ZERO: Self = Self([0; 16]);
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

sixteen_bytes!(
    /// The identity of a relay's store: random, made with its file. A relay that was wiped or
    /// replaced has another one, so positions of the old one mean nothing there.
    RelayId
);
sixteen_bytes!(
    /// The history of a space's log at a relay up to a position: each mark is a hash of the mark
    /// before it and of the record placed there.
    ///
    /// A relay that was set back to an old backup keeps its id and may have grown past a cursor
    /// again, with other records. The mark tells.
    Mark
);
sixteen_bytes!(
    /// A short name of a whole frontier: equal digests mean equal frontiers.
    FrontierDigest
);

impl Mark {
    /// The mark after the record of this hash was placed: the first 16 bytes of the BLAKE3 hash of
    /// this mark and that hash. The mark of an empty log is zero.
    #[must_use]
    pub fn after(self, record: &RecordHash) -> Self {
        let mut input = Writer::new();
        input.raw(&self.0);
        input.raw(&record.0);
        Self(half_hash(input))
    }
}

impl FrontierDigest {
    /// The digest of a frontier: the first 16 bytes of the BLAKE3 hash of its entries, each the
    /// actor (16) and the sequence number (8, little-endian), in the order of actor ids.
    #[must_use]
    pub fn of(frontier: &Frontier) -> Self {
        let mut input = Writer::new();
        for (actor, seq) in frontier.iter() {
            input.raw(&actor.0);
            input.u64(seq);
        }
        Self(half_hash(input))
    }
}

/// The first half of the BLAKE3 hash.
fn half_hash(input: Writer) -> [u8; 16] {
    let RecordHash(hash) = hash_record(&input.into_bytes());
    core::array::from_fn(|i| hash.get(i).copied().unwrap_or_default())
}

/// How far a device has taken in a relay's log of a space. Opaque to the shell that persists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The relay that the position belongs to.
    pub relay: RelayId,
    /// The last position taken in, 0 for none. Positions start at 1 and have no gaps.
    pub position: u64,
    /// The history up to that position.
    pub mark: Mark,
}

impl Cursor {
    /// Length of the persisted form, in bytes.
    pub const BYTES: usize = 40;

    /// Before the first record of a relay.
    #[must_use]
    pub const fn start(relay: RelayId) -> Self {
        Self { relay, position: 0, mark: Mark::ZERO }
    }

    /// The form to persist: relay (16), position (8, little-endian), mark (16).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.raw(&self.relay.0);
        out.u64(self.position);
        out.raw(&self.mark.0);
        out.into_bytes()
    }

    /// Reads the persisted form.
    ///
    /// # Errors
    /// Not exactly [`Cursor::BYTES`] bytes. A shell then starts without a cursor: the relay sends
    /// what is known again, and nothing is lost.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let cursor = Self {
            relay: RelayId(input.array()?),
            position: input.u64()?,
            mark: Mark(input.array()?),
        };
        input.end()?;
        Ok(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ActorId;

    #[test]
    fn a_cursor_reads_back_what_was_persisted() {
        let cursor =
            Cursor { relay: RelayId([3; 16]), position: 0x0102_0304_0506, mark: Mark([9; 16]) };
        let bytes = cursor.to_bytes();
        assert_eq!(bytes.len(), Cursor::BYTES);
        assert_eq!(Cursor::from_bytes(&bytes), Ok(cursor));
        assert!(Cursor::from_bytes(&bytes[1..]).is_err());
    }

    #[test]
    fn marks_tell_histories_of_the_same_length_apart() {
        let [a, b, c] = [1, 2, 3].map(|byte| RecordHash([byte; 32]));
        let one = Mark::ZERO.after(&a).after(&b).after(&c);
        let other = Mark::ZERO.after(&b).after(&a).after(&c);
        assert_ne!(one, other);
    }

    #[test]
    fn digests_tell_frontiers_apart() {
        let one: Frontier = [(ActorId([1; 16]), 5)].into_iter().collect();
        let other: Frontier = [(ActorId([1; 16]), 6)].into_iter().collect();
        assert_ne!(FrontierDigest::of(&one), FrontierDigest::of(&other));
        assert_ne!(FrontierDigest::of(&Frontier::new()), FrontierDigest::ZERO);
    }
}
