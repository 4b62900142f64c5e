//! Which records exist, who was told that they are durable, and which of them may never be missing.

use crate::failure::{Checked, broken};
use pluresdb::ActorId;
use pluresdb::codec::Frame;
use pluresdb::crypto::hash_record;
use pluresdb::model::RecordHash;
use std::collections::{BTreeMap, BTreeSet};

/// A record's number in the ledger.
pub(crate) type Id = usize;

/// Records by their numbers.
pub(crate) type Ids = BTreeSet<Id>;

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) actor: ActorId,
    pub(crate) seq: u64,
    pub(crate) bytes: Vec<u8>,
}

/// Every record ever committed anywhere.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    by_hash: BTreeMap<RecordHash, Id>,
    /// Acknowledged as durable, and not lost since with the only storage that held it.
    must: Ids,
    acknowledged: usize,
}

impl Ledger {
    /// A transaction was committed.
    pub(crate) fn committed(&mut self, bytes: Vec<u8>) -> Id {
        let frame = Frame::read(&bytes).expect("the engine writes what can be read");
        let (actor, seq) = (frame.header.actor, frame.header.seq);
        let hash = hash_record(frame.hashed);
        let id = self.entries.len();
        self.by_hash.insert(hash, id);
        self.entries.push(Entry { actor, seq, bytes });
        id
    }

    /// The number of a record that was seen somewhere: nobody may have made it up.
    pub(crate) fn id(&self, bytes: &[u8]) -> Checked<Id> {
        let Ok(frame) = Frame::read(bytes) else {
            return broken("a record stays as it was written", "a record cannot be read");
        };
        match self.by_hash.get(&hash_record(frame.hashed)) {
            Some(id) => Ok(*id),
            None => broken(
                "a record stays as it was written",
                format!("nobody wrote {} of {}", frame.header.seq, frame.header.actor),
            ),
        }
    }

    pub(crate) fn ids<B: AsRef<[u8]>>(&self, records: &[B]) -> Checked<Vec<Id>> {
        records.iter().map(|record| self.id(record.as_ref())).collect()
    }

    /// The writer was told that this is durable.
    pub(crate) fn acknowledge(&mut self, id: Id) {
        self.acknowledged += 1;
        self.must.insert(id);
    }

    /// Storage was lost or set back; these records are still durable somewhere.
    pub(crate) fn forgive_all_but(&mut self, still_durable: &Ids) {
        self.must.retain(|id| still_durable.contains(id));
    }

    /// Records that may not be missing.
    pub(crate) const fn must(&self) -> &Ids {
        &self.must
    }

    pub(crate) const fn acknowledged(&self) -> usize {
        self.acknowledged
    }

    pub(crate) fn entry(&self, id: Id) -> &Entry {
        &self.entries[id]
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The records, in words.
    pub(crate) fn name(&self, ids: impl IntoIterator<Item = Id>) -> String {
        let names = ids.into_iter().take(5).map(|id| {
            let Entry { actor, seq, .. } = self.entry(id);
            format!("{seq} of {actor}")
        });
        names.collect::<Vec<_>>().join(", ")
    }
}
