//! The rule by which storage keeps a log from forking under it.
//!
//! An actor has one writer, which is agreed on outside of storage: by a lock, a lease. Where that
//! does not hold, storage still refuses the second writer, since each append names the end of the
//! stored log that it follows. Whoever is refused reads what the other has stored, which moves its
//! own branch to another actor, and appends again.

use crate::codec::Frame;
use crate::crypto::hash_record;
use crate::model::{ActorId, Head, Header, RecordHash};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// What an append adds to the stored log of one actor. Storage holds the end of that log for each
/// actor that may write on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// Whose log.
    pub actor: ActorId,
    /// Whether the one who appends wrote the records.
    own: bool,
    /// The end that the first of the records follows.
    from: Head,
    /// The ends that they make, one after the other.
    ends: Vec<Head>,
}

/// The append would fork a stored log: another writer has written as this actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another writer has stored records as actor {actor}, which are to be read first")]
pub struct OtherWriter {
    /// Whose log.
    pub actor: ActorId,
}

impl Succession {
    /// What these records add to the log of each actor. `is_own` tells what the one who appends has
    /// written; that of an actor's first record holds for all of its.
    #[must_use]
    pub fn of<B: AsRef<[u8]>>(records: &[B], is_own: impl Fn(&Header) -> bool) -> Vec<Self> {
        let mut all: BTreeMap<ActorId, Self> = BTreeMap::new();
        for record in records {
            let Ok(frame) = Frame::read(record.as_ref()) else { continue };
            let (actor, seq) = (frame.header.actor, frame.header.seq);
            let end = Head { seq, hash: hash_record(frame.hashed) };
            match all.get_mut(&actor) {
                Some(known) => known.ends.push(end),
                None => {
                    let from = Head { seq: seq.saturating_sub(1), hash: frame.header.prev };
                    let own = is_own(&frame.header);
                    all.insert(actor, Self { actor, own, from, ends: vec![end] });
                }
            }
        }
        all.into_values().collect()
    }

    /// Whether the one who appends has written the records. Storage then looks at the end of the log
    /// in any case.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.own
    }

    /// The end of what is appended.
    #[must_use]
    pub fn last(&self) -> Head {
        self.ends.last().copied().unwrap_or(self.from)
    }

    /// The end of the stored log after the append, where it ends at `found` before it; the default
    /// is an empty log.
    ///
    /// Records of others may continue or fork the log of a writer here, which has then to read them
    /// first: the end becomes one that nothing follows, and that no log has.
    ///
    /// # Errors
    /// Where the append must not be done.
    pub fn after(&self, found: Head) -> Result<Head, OtherWriter> {
        let last = self.last();
        if self.own {
            // What failed may have been stored all the same; it comes again with the next attempt.
            let follows = found == self.from || self.ends.contains(&found);
            return if follows { Ok(last) } else { Err(OtherWriter { actor: self.actor }) };
        }
        let forks = last.seq == found.seq && last.hash != found.hash;
        if last.seq > found.seq || forks {
            return Ok(Head { seq: last.seq, hash: RecordHash::ZERO });
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Draft;
    use crate::model::{Hlc, SpaceId};

    const A: ActorId = ActorId([1; 16]);

    /// The log of A from a number on; `branch` tells logs apart.
    fn log(from: Head, branch: u64, count: u64) -> (Vec<Vec<u8>>, Vec<Head>) {
        let (mut head, mut records, mut heads) = (from, Vec::new(), Vec::new());
        for _ in 0..count {
            let header = Header {
                space: SpaceId([1; 16]),
                actor: A,
                seq: head.seq + 1,
                prev: head.hash,
                hlc: Hlc(branch),
                epoch: 0,
                deps: vec![],
            };
            let bytes = Draft { header: &header, parts: &[] }.encode().unwrap();
            let hash = hash_record(Frame::read(&bytes).unwrap().hashed);
            head = Head { seq: header.seq, hash };
            records.push(bytes);
            heads.push(head);
        }
        (records, heads)
    }

    fn after(records: &[Vec<u8>], own: bool, found: Head) -> Result<Head, OtherWriter> {
        let [succession] = &Succession::of(records, |_| own)[..] else { panic!("one log") };
        succession.after(found)
    }

    #[test]
    fn a_writer_appends_to_what_it_stored_before_and_nothing_else() {
        let (records, heads) = log(Head::default(), 1, 3);
        let (_, others) = log(Head::default(), 2, 2);
        assert_eq!(after(&records, true, Head::default()), Ok(heads[2]));
        assert_eq!(after(&records[1..], true, heads[0]), Ok(heads[2]));
        let refused = Err(OtherWriter { actor: A });
        assert_eq!(after(&records[1..], true, others[0]), refused);
        assert_eq!(after(&records, true, others[1]), refused);
    }

    #[test]
    fn what_was_stored_by_an_append_that_failed_may_come_again() {
        let (records, heads) = log(Head::default(), 1, 3);
        assert_eq!(after(&records, true, heads[1]), Ok(heads[2]));
    }

    #[test]
    fn records_of_others_make_the_writer_read_them_first() {
        let (own, heads) = log(Head::default(), 1, 3);
        let (foreign, _) = log(heads[0], 2, 2);
        // They fork the log, or continue it.
        for (stored, came) in
            [(heads[1], &foreign[..1]), (heads[0], &foreign[..]), (heads[2], &foreign[..])]
        {
            let end = after(came, false, stored).unwrap();
            assert_eq!(after(&own[2..], true, end), Err(OtherWriter { actor: A }));
            assert!(after(&foreign[1..], true, end).is_err(), "no log ends like that");
        }
        // What is stored already changes nothing.
        assert_eq!(after(&own[..1], false, heads[2]), Ok(heads[2]));
        assert_eq!(after(&own, false, heads[2]), Ok(heads[2]));
    }
}
