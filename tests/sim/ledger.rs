//! Which transactions exist, who was told that they are durable, and which may never be missing.
//!
//! A transaction is known by its content: where a log has forked, one branch's records get another
//! address and stay what they were.

use crate::failure::{Checked, broken};
use pluresdb::ActorId;
use pluresdb::codec::{Frame, readdress};
use pluresdb::crypto::hash_record;
use pluresdb::model::RecordHash;
use std::collections::{BTreeMap, BTreeSet};

/// A transaction's number in the ledger.
pub(crate) type Id = usize;

/// Transactions by their numbers.
pub(crate) type Ids = BTreeSet<Id>;

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) actor: ActorId,
    pub(crate) seq: u64,
    /// The record as it was committed.
    pub(crate) bytes: Vec<u8>,
    /// How many records it was committed as: two writers of one actor may do the same at the same time, one of
    /// them after another write.
    pub(crate) records: usize,
}

/// Every transaction ever committed anywhere.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    by_content: BTreeMap<RecordHash, Id>,
    committed: BTreeSet<RecordHash>,
    /// Two writers may be one actor, so records may get other addresses.
    forks: bool,
    /// Acknowledged as durable, and not lost since with the only storage that held it.
    must: Ids,
    acknowledged: usize,
}

impl Ledger {
    pub(crate) fn new(forks: bool) -> Self {
        Self { forks, ..Self::default() }
    }

    pub(crate) const fn may_fork(&self) -> bool {
        self.forks
    }

    /// A transaction was committed.
    pub(crate) fn committed(&mut self, bytes: Vec<u8>) -> Id {
        let frame = Frame::read(&bytes).expect("the engine writes what can be read");
        let (actor, seq) = (frame.header.actor, frame.header.seq);
        let is_new = self.committed.insert(hash_record(frame.hashed));
        // Two writers of one actor may do the same at the same time; then it is one transaction.
        let next = self.entries.len();
        let id = *self.by_content.entry(content(&frame)).or_insert(next);
        if id == next {
            self.entries.push(Entry { actor, seq, bytes, records: 0 });
        }
        self.entries[id].records += usize::from(is_new);
        id
    }

    /// The number of a record that was seen somewhere: nobody may have made it up.
    pub(crate) fn id(&self, bytes: &[u8]) -> Checked<Id> {
        let Ok(frame) = Frame::read(bytes) else {
            return broken("a record stays as it was written", "a record cannot be read");
        };
        match self.by_content.get(&content(&frame)) {
            Some(id) if self.forks || self.committed.contains(&hash_record(frame.hashed)) => {
                Ok(*id)
            }
            _ => broken(
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

    /// Transactions that may not be missing.
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

/// All of a record but its address, of which only the actor's family stays.
fn content(frame: &Frame<'_>) -> RecordHash {
    let [a, b, c] = frame.header.actor.family();
    let mut family = ActorId::ZERO;
    family.0[..3].copy_from_slice(&[a, b, c]);
    hash_record(&readdress(frame.hashed, family, 1, RecordHash::ZERO))
}
