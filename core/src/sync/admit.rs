//! The one rule by which a relay takes a record: contiguous and chained for each actor.
//!
//! A gap or a fork is answered, never stored. The rule is here, without a store, so that every
//! store and every test applies the same.

use super::code::RefusalReason;
use crate::model::{Head, Header, Place, SpaceId};

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
    match head.place(header) {
        Place::Past => Admission::Known,
        Place::Gap { expected } => Admission::Refuse(RefusalReason::Gap { expected }),
        Place::Fork => Admission::Refuse(RefusalReason::Fork),
        Place::Next => Admission::Next,
    }
}
