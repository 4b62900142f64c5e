//! The rule that keeps a log from forking, held by storage itself.
//!
//! A tab leases its actor under a Web Lock. Should a lock ever fail to hold (a browser without
//! them, a tab that died with an append under way), storage still refuses the second writer: each
//! append names the end of the log that it follows, in the transaction that stores the records.

use pluresdb::ActorId;
use pluresdb::codec::Frame;
use pluresdb::crypto::hash_record;
use pluresdb::model::RecordHash;

/// Where an actor's stored log ends; the default is before its first record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) hash: RecordHash,
}

/// What an append adds to the log of the actor that this tab leases.
#[derive(Debug, Clone)]
pub(super) struct Succession {
    id: ActorId,
    /// The actor, as hex.
    pub(super) actor: String,
    from: Head,
    /// Where its log ends then.
    pub(super) to: Head,
}

impl Head {
    fn of(frame: &Frame<'_>) -> Self {
        Self { seq: frame.header.seq, hash: hash_record(frame.hashed) }
    }

    /// The number, little-endian, and the hash.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.seq.to_le_bytes().to_vec();
        bytes.extend(self.hash.0);
        bytes
    }

    /// What cannot be read is before the first record: an append as an actor that has records is
    /// then refused, and the tab writes on as another.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let Some((seq, hash)) = bytes.split_first_chunk() else {
            return Self::default();
        };
        let Ok(hash) = hash.try_into() else {
            return Self::default();
        };
        Self { seq: u64::from_le_bytes(*seq), hash: RecordHash(hash) }
    }
}

impl Succession {
    /// What these records add to the log of `actor`; `None` where they add nothing.
    pub(super) fn of(records: &[Vec<u8>], actor: ActorId) -> Option<Self> {
        let (first, last) = (own(records, actor).next()?, own(records, actor).last()?);
        let from = Head { seq: first.header.seq - 1, hash: first.header.prev };
        Some(Self { id: actor, actor: actor.to_string(), from, to: Head::of(&last) })
    }

    /// Whether the records may be stored behind a log that ends at `found`.
    ///
    /// An append that failed may have stored its records all the same; they come again with the
    /// next attempt, and then `found` is one of their own.
    pub(super) fn follows(&self, found: Head, records: &[Vec<u8>]) -> bool {
        found == self.from || own(records, self.id).any(|frame| Head::of(&frame) == found)
    }
}

fn own(records: &[Vec<u8>], actor: ActorId) -> impl Iterator<Item = Frame<'_>> {
    records
        .iter()
        .filter_map(|record| Frame::read(record).ok())
        .filter(move |frame| frame.header.actor == actor)
}
