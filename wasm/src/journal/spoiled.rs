//! Which of the stored records are not what was stored.
//!
//! A record that storage has changed may still read as one: of another content, or of another place in
//! the log. As the first of its number it would stand in the way of the true one, which a sync brings.
//! What it should be is known from behind: the end of the log of who writes here is stored with its
//! records, and each record has the hash of the one before it.

use pluresdb::codec::Frame;
use pluresdb::crypto::hash_record;
use pluresdb::model::{ActorId, Head, RecordHash};
use std::collections::{HashMap, HashSet};

/// The records of those who write here, as they are read.
#[derive(Debug)]
pub(super) struct Chains {
    heads: HashMap<ActorId, Head>,
    /// By writer and number: hash, that of the one before, and the place in the journal.
    records: HashMap<(ActorId, u64), (RecordHash, RecordHash, usize)>,
}

impl Chains {
    pub(super) fn new(heads: &[(ActorId, Head)]) -> Self {
        // Without a hash it is the mark of a log that others continue.
        let known = heads.iter().filter(|(_, head)| head.hash != RecordHash::ZERO);
        Self { heads: known.copied().collect(), records: HashMap::new() }
    }

    /// The next record of the journal. The first of a number is the writer's own: nothing is stored as this
    /// writer's once another branch of its log is.
    pub(super) fn note(&mut self, record: &[u8]) {
        let Ok(frame) = Frame::read(record) else { return };
        let (actor, seq) = (frame.header.actor, frame.header.seq);
        if self.heads.contains_key(&actor) {
            let known = (hash_record(frame.hashed), frame.header.prev, self.records.len());
            self.records.entry((actor, seq)).or_insert(known);
        }
    }

    /// The hashes of those that are not what was stored: of each log the last one. Before it nothing
    /// says what should be there, but that each follows the one before.
    pub(super) fn spoiled(&self) -> HashSet<RecordHash> {
        self.heads.iter().filter_map(|(actor, head)| self.spoiled_of(*actor, *head)).collect()
    }

    fn spoiled_of(&self, actor: ActorId, head: Head) -> Option<RecordHash> {
        let (mut expected, mut before) = (head.hash, usize::MAX);
        for seq in (1..=head.seq).rev() {
            let (hash, prev, place) = *self.records.get(&(actor, seq))?;
            if place > before {
                // Of another branch, which came later; the writer's own is in the image.
                return None;
            }
            if hash != expected {
                return Some(hash);
            }
            (expected, before) = (prev, place);
        }
        None
    }
}

/// The hash of a record, where it reads as one.
pub(super) fn hash_of(record: &[u8]) -> Option<RecordHash> {
    Frame::read(record).ok().map(|frame| hash_record(frame.hashed))
}
