//! The frames of the sync protocol. One frame is one binary WebSocket message.
//!
//! Their bytes are in `wire.rs`; `docs/protocol.md` has the tables for implementers.

use super::code::{RefusalReason, RefusedCode};
use super::cursor::{Cursor, FrontierDigest, Mark, RelayId};
use crate::model::{ActorId, Frontier, SpaceId};
use alloc::string::String;
use alloc::vec::Vec;

/// The version that every frame starts with.
pub const PROTOCOL_VERSION: u8 = 1;

/// Largest frame, in bytes: 1 MiB.
pub const MAX_FRAME_BYTES: usize = 1024 * 1024;

/// Most records in one frame.
pub const MAX_FRAME_RECORDS: usize = 8192;

/// Most actors in the frontier of a Welcome. A relay takes no more actors in one space.
pub const MAX_FRONTIER_ACTORS: usize = 32_768;

/// Bytes of records that a sender puts into one frame at most, 512 KiB; one record always fits.
pub const BATCH_BYTES: usize = 512 * 1024;

/// Bytes of records that a client lets the relay send ahead of it, 1 MiB.
pub const WINDOW_BYTES: u32 = 1024 * 1024;

/// Append frames a client has without an answer at most.
pub const MAX_IN_FLIGHT: usize = 2;

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Client to relay, first: which space, and where the client stands.
    Hello(Hello),
    /// Relay to client, the answer: where the relay stands.
    Welcome(Welcome),
    /// Client to relay: what was taken in, and how much more may be sent.
    Pull(Pull),
    /// Relay to client: records in the order of the relay's log.
    Records(Records),
    /// Client to relay: records to store.
    Append(Append),
    /// Relay to client, once the records are durable: what became of them.
    Appended(Appended),
    /// Relay to client, last: why the connection ends.
    Refused(Refused),
    /// Either way: answer with a Pong of the same number. Browsers cannot send WebSocket pings.
    Ping(u64),
    /// The answer to a Ping.
    Pong(u64),
}

/// See [`Message::Hello`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The space of this connection.
    pub space: SpaceId,
    /// How far the client has taken in a relay's log; the zero relay for "nothing yet".
    pub cursor: Cursor,
    /// The digest of the client's frontier. Where the relay's is the same it need not send its own.
    pub known: FrontierDigest,
}

/// See [`Message::Welcome`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// Which store this is.
    pub relay: RelayId,
    /// The last position of the space's log.
    pub head: u64,
    /// Whether the client's cursor is of this store and of this history. If not it starts at 0.
    pub cursor_valid: bool,
    /// What the relay holds: the client appends what it has beyond. `None` where the digests agree.
    pub frontier: Option<Frontier>,
}

/// See [`Message::Pull`]. The first Pull of a connection starts the flow after that position;
/// later ones move the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pull {
    /// All positions up to this one are durable at the client.
    pub after: u64,
    /// Bytes of records that the relay may have under way beyond that position. A single frame
    /// may exceed it when nothing else is under way, so that it is never too small for a record.
    pub window: u32,
}

/// See [`Message::Records`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// The position before the first: that of the frame before, or of the first Pull.
    pub after: u64,
    /// The position of the last. Positions between may lack a record here: the client sent those
    /// itself on this connection.
    pub last: u64,
    /// The history up to `last`.
    pub mark: Mark,
    /// The last position of the space's log when the frame was made.
    pub head: u64,
    /// Whole records.
    pub records: Vec<Vec<u8>>,
}

/// See [`Message::Append`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The client's number for the answer.
    pub id: u32,
    /// Whole records, those of one actor in rising order.
    pub records: Vec<Vec<u8>>,
}

/// See [`Message::Appended`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The number of the Append.
    pub id: u32,
    /// For each actor of the frame that the relay holds records of: how far, durably.
    pub accepted: Vec<(ActorId, u64)>,
    /// What was not taken. After the first refusal of an actor its later records in the same
    /// frame are not tried and not listed.
    pub refused: Vec<Refusal>,
}

/// A record that a relay did not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Its place in the Append frame, from 0.
    pub index: u32,
    /// Its actor; zero where it could not be read.
    pub actor: ActorId,
    /// Its number; zero where it could not be read.
    pub seq: u64,
    /// Why.
    pub reason: RefusalReason,
}

/// See [`Message::Refused`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why, for programs.
    pub code: RefusedCode,
    /// Why, for people; at most 512 bytes.
    pub message: String,
}
