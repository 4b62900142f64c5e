//! What becomes of a branch when an actor's log has forked.
//!
//! The branch that does not stay goes on existing, unchanged in content, as the log of an actor
//! derived from it. The derivation needs nothing but the branch, so every replica that held it
//! makes the same records, byte for byte, and they sync like all others.

use crate::codec::{Frame, readdress};
use crate::crypto::hash_record;
use crate::model::{ActorId, Head, RecordHash};
use alloc::vec::Vec;

/// Sets the derivation apart from every other use of the hash.
const CONTEXT: &[u8] = b"pluresdb fork";

/// The actor that a branch is moved to: the family of the actor, which shared fields build on, and
/// then the first bytes of `BLAKE3("pluresdb fork" ‖ actor ‖ hash of the branch's first record)`.
#[must_use]
pub fn derived_actor(actor: ActorId, first: RecordHash) -> ActorId {
    let input = [CONTEXT, &actor.0, &first.0].concat();
    let RecordHash(hash) = hash_record(&input);
    let mut bytes = actor.family().into_iter().chain(hash);
    ActorId(core::array::from_fn(|_| bytes.next().unwrap_or_default()))
}

/// The bytes of a record of a branch as the record after `head` in the log of `derived`, and the
/// log's end with it.
#[must_use]
pub fn moved_record(frame: &Frame<'_>, derived: ActorId, head: Head) -> (Vec<u8>, Head) {
    let seq = head.seq + 1;
    let bytes = readdress(frame.hashed, derived, seq, head.hash);
    let hash = hash_record(&bytes);
    (bytes, Head { seq, hash })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Draft;
    use crate::model::{Header, Hlc, SpaceId};
    use alloc::vec;

    #[test]
    fn the_derived_actor_depends_on_actor_and_branch() {
        let derived = |actor, first| derived_actor(ActorId([actor; 16]), RecordHash([first; 32]));
        assert_eq!(derived(1, 2), derived(1, 2));
        assert_ne!(derived(1, 2), derived(1, 3));
        assert_ne!(derived(1, 2), derived(2, 2));
        assert_eq!(derived(1, 2).family(), ActorId([1; 16]).family());
        assert_eq!(derived(1, 2).to_string(), "010101e410bb695331c51aaf2d12e899");
    }

    #[test]
    fn a_moved_branch_is_a_log_from_one_on() {
        let mut head = Head::default();
        for seq in 4..7 {
            let header = Header {
                space: SpaceId([1; 16]),
                actor: ActorId([2; 16]),
                seq,
                prev: RecordHash([9; 32]),
                hlc: Hlc(seq),
                epoch: 0,
                deps: vec![],
            };
            let bytes = Draft { header: &header, parts: &[] }.encode().unwrap();
            let frame = Frame::read(&bytes).unwrap();
            let (moved, next) = moved_record(&frame, ActorId([3; 16]), head);
            let frame = Frame::read(&moved).unwrap();
            assert_eq!(head.place(&frame.header), crate::model::Place::Next);
            assert_eq!((frame.header.hlc, frame.header.seq), (Hlc(seq), seq - 3));
            head = next;
        }
    }
}
