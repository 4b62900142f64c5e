//! The clients of Yjs: as whom texts and lists are written.

use crate::model::{ActorId, FAMILY_BYTES, Floor};

/// Clients of Yjs from here on belong to actors; those below are Yjs documents elsewhere.
const FIRST_CLIENT: u64 = 1 << 52;

const FAMILY_BITS: u32 = 20;

/// The client of Yjs as which an actor writes in one session: 20 bits of the actor's family and 32
/// random ones. Two writers of one actor, by accident, are then still two clients, and what they
/// wrote stays apart when the log's branches are told apart.
#[must_use]
pub const fn client_of(actor: &ActorId, session: u32) -> u64 {
    FIRST_CLIENT | family_of(actor) << u32::BITS | session as u64
}

/// The client as which a writer changes a document that stands on a floor. Documents of one field
/// before and after a delete have no client in common: what was made for one cannot pass for a
/// part of the other.
pub(super) fn client_on(client: u64, floor: Option<Floor>) -> u64 {
    client ^ u64::from(mix(floor))
}

/// The client that a plain value at a floor is taken over by, the same everywhere; no change may be
/// by it.
pub(super) fn base_client_on(floor: Option<Floor>) -> u64 {
    FIRST_CLIENT >> 1 | u64::from(mix(floor))
}

/// 32 bits that differ from floor to floor (the finaliser of SplitMix64).
fn mix(floor: Option<Floor>) -> u32 {
    let Some(Floor { hlc, family: [a, b, c] }) = floor else {
        return 0;
    };
    let mut bits = hlc.0 ^ u64::from(u32::from_le_bytes([a, b, c, 1])) << 32;
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ bits >> 31) as u32
}

/// Whether a client of Yjs may be one of this actor's.
pub(super) const fn writes_as(actor: &ActorId, client: u64) -> bool {
    client >> u32::BITS == client_of(actor, 0) >> u32::BITS
}

const fn family_of(actor: &ActorId) -> u64 {
    let [a, b, c]: [u8; FAMILY_BYTES] = actor.family();
    (u32::from_le_bytes([a, b, c, 0]) & ((1 << FAMILY_BITS) - 1)) as u64
}
