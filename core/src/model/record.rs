//! A record: one transaction of one actor, the unit of the log and of sync.

use super::change::Part;
use super::hlc::{Hlc, Stamp};
use super::id::{ActorId, RecordHash, SpaceId};
use alloc::vec::Vec;

/// "Apply me only after this": a record of another actor that the transaction builds on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// Whose record.
    pub actor: ActorId,
    /// Its sequence number.
    pub seq: u64,
}

/// What everyone may read of a record, a blind relay too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The space it belongs to; a record counts in no other.
    pub space: SpaceId,
    /// Who wrote it.
    pub actor: ActorId,
    /// Its place in the actor's log, from 1, without gaps.
    pub seq: u64,
    /// Hash of the record before it, zero for the first.
    pub prev: RecordHash,
    /// When.
    pub hlc: Hlc,
    /// Which key seals the body; 0 for a plain body.
    pub epoch: u32,
    /// What must be applied first.
    pub deps: Vec<Dependency>,
}

impl Header {
    /// The stamp of every write in the record.
    #[must_use]
    pub const fn stamp(&self) -> Stamp {
        Stamp { hlc: self.hlc, actor: self.actor }
    }
}

/// A record with its body read.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The clear part.
    pub header: Header,
    /// What the transaction did, one part for each node or edge touched.
    pub parts: Vec<Part>,
}
