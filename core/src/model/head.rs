//! The end of an actor's log, and where a record stands to it: contiguous, chained, unforked.

use super::id::RecordHash;
use super::record::Header;

/// The end of an actor's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Sequence number of the last record, 0 for an empty log.
    pub seq: u64,
    /// Its hash, zero for an empty log.
    pub hash: RecordHash,
}

/// Where a record stands to the log that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It continues the log.
    Next,
    /// Its sequence number is in the log already: a duplicate, or a fork if the hashes differ.
    Past,
    /// Records before it are missing, from this sequence number on.
    Gap {
        /// The sequence number that would continue the log.
        expected: u64,
    },
    /// It has the next sequence number and continues another log than the known one.
    Fork,
}

impl Head {
    /// Compares a record's header with this end of its actor's log.
    #[must_use]
    pub fn place(&self, header: &Header) -> Place {
        let expected = self.seq + 1;
        if header.seq < expected {
            Place::Past
        } else if header.seq > expected {
            Place::Gap { expected }
        } else if header.prev != self.hash {
            Place::Fork
        } else {
            Place::Next
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ActorId, Hlc, SpaceId};

    fn header(seq: u64, prev: RecordHash) -> Header {
        let deps = alloc::vec::Vec::new();
        let (space, actor) = (SpaceId::ZERO, ActorId::ZERO);
        Header { space, actor, seq, prev, hlc: Hlc(0), epoch: 0, deps }
    }

    #[test]
    fn only_the_next_record_on_the_same_chain_continues_the_log() {
        let hash = RecordHash([7; 32]);
        let head = Head { seq: 4, hash };
        assert_eq!(head.place(&header(5, hash)), Place::Next);
        assert_eq!(head.place(&header(5, RecordHash::ZERO)), Place::Fork);
        assert_eq!(head.place(&header(4, hash)), Place::Past);
        assert_eq!(head.place(&header(7, hash)), Place::Gap { expected: 5 });
    }

    #[test]
    fn the_first_record_of_an_actor_has_no_predecessor() {
        assert_eq!(Head::default().place(&header(1, RecordHash::ZERO)), Place::Next);
        assert_eq!(Head::default().place(&header(1, RecordHash([1; 32]))), Place::Fork);
    }
}
