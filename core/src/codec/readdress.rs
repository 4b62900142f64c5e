//! A record under another address: the same transaction as a record of another log.
//!
//! Bytes are copied, not encoded anew, so that every version of this code gives the same bytes
//! for the same record, whatever its compression does. A signature is left out: it was for the
//! old address.

use super::record::SIGNED;
use crate::model::{ActorId, RecordHash};
use alloc::vec::Vec;

/// The bytes of a record as record `seq` of `actor`, after the one with the hash `prev`. `hashed`
/// is [`super::Frame::hashed`] of the record.
#[must_use]
pub fn readdress(hashed: &[u8], actor: ActorId, seq: u64, prev: RecordHash) -> Vec<u8> {
    let mut bytes = hashed.to_vec();
    let mut write = |at: usize, field: &[u8]| {
        if let Some(place) = bytes.get_mut(at..at + field.len()) {
            place.copy_from_slice(field);
        }
    };
    write(20, &actor.0);
    write(36, &seq.to_le_bytes());
    write(44, &prev.0);
    if let Some(flags) = bytes.get_mut(1) {
        *flags &= !SIGNED;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Draft, Frame};
    use crate::model::{Dependency, Header, Hlc, Part, SpaceId, Target};
    use alloc::vec;

    #[test]
    fn all_but_the_address_stays() {
        let part = Part {
            target: Target::Node("n".into()),
            delete: true,
            put: false,
            kind: None,
            writes: vec![],
        };
        let header = Header {
            space: SpaceId([1; 16]),
            actor: ActorId([2; 16]),
            seq: 77,
            prev: RecordHash([3; 32]),
            hlc: Hlc(9),
            epoch: 0,
            deps: vec![Dependency { actor: ActorId([4; 16]), seq: 5 }],
        };
        let bytes = Draft { header: &header, parts: &[part] }.encode().unwrap();
        let old = Frame::read(&bytes).unwrap();
        let (actor, prev) = (ActorId([8; 16]), RecordHash::ZERO);
        let moved = readdress(old.hashed, actor, 1, prev);
        let new = Frame::read(&moved).unwrap();
        assert_eq!(new.header, Header { actor, seq: 1, prev, ..header });
        assert_eq!(new.body().unwrap(), old.body().unwrap());
    }

    #[test]
    fn a_signature_stays_behind() {
        let header = Header {
            space: SpaceId([1; 16]),
            actor: ActorId([2; 16]),
            seq: 1,
            prev: RecordHash::ZERO,
            hlc: Hlc(9),
            epoch: 0,
            deps: vec![],
        };
        let mut signed = Draft { header: &header, parts: &[] }.encode().unwrap();
        signed[1] |= SIGNED;
        signed.extend([7; 64]);
        let frame = Frame::read(&signed).unwrap();
        let moved = readdress(frame.hashed, ActorId([8; 16]), 1, RecordHash::ZERO);
        assert_eq!(Frame::read(&moved).unwrap().signature, None);
    }
}
