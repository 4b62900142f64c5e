//! The one rule by which a relay takes a record: contiguous and chained for each actor.
//!
//! A gap or a fork is answered, never stored. The rule is here, without a store, so that every
//! store and every test applies the same.

use super::code::RefusalReason;
use crate::model::{Header, RecordHash, SpaceId};

/// The last record of an actor at a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its sequence number, 0 for none.
    pub seq: u64,
    /// Its hash, zero for none.
    pub hash: RecordHash,
}

impl Head {
    /// Nothing known of the actor.
    pub const NONE: Self = Self { seq: 0, hash: RecordHash::ZERO };
}

/// What is to be done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Admission {
    /// It is the next one: place it.
    Next,
    /// Its number is known: compare the hash with the record there. Equal is a repetition and
    /// fine; another is a [`RefusalReason::Fork`].
    Known,
    /// Not to be stored.
    Refuse(RefusalReason),
}

/// Judges a record for `space` by its header and the head of its actor.
pub fn admit(space: &SpaceId, head: &Head, header: &Header) -> Admission {
    if header.space != *space {
        return Admission::Refuse(RefusalReason::OtherSpace);
    }
    if header.seq <= head.seq {
        return Admission::Known;
    }
    let expected = head.seq + 1;
    if header.seq > expected {
        return Admission::Refuse(RefusalReason::Gap { expected });
    }
    if header.prev != head.hash {
        return Admission::Refuse(RefusalReason::Fork);
    }
    Admission::Next
}
