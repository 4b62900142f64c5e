//! Frames to bytes and back.
//!
//! All numbers are little-endian. Each frame starts with the protocol version (u8) and its kind
//! (u8):
//!
//! ```text
//! 1 Hello     16 space, 16 relay, u64 position, 16 mark, 16 digest, extension
//! 2 Welcome   16 relay, u64 head, u8 flags (bit 0 cursor valid, bit 1 a frontier follows),
//!             [u32 count, then for each: 16 actor, u64 seq], extension
//! 3 Pull      u64 after, u32 window
//! 4 Records   u64 after, u64 last, 16 mark, u64 head, records
//! 5 Append    u32 id, records
//! 6 Appended  u32 id, u32 count, then for each: 16 actor, u64 seq;
//!             u32 count, then for each: u32 index, 16 actor, u64 seq, u16 reason, u64 argument
//! 7 Refused   u16 code, u16 length, UTF-8 text
//! 8 Ping      u64 number
//! 9 Pong      u64 number
//!
//! records     u32 count, then for each: u32 length, bytes
//! extension   u16 length, bytes that a reader of this version skips
//! ```
//!
//! A reader takes no memory beyond the length of its input: every counted thing takes bytes.

use super::code::{RefusalReason, RefusedCode};
use super::cursor::{Cursor, FrontierDigest, Mark, RelayId};
use super::message::{
    Append, Appended, Hello, MAX_FRAME_BYTES, MAX_FRAME_RECORDS, MAX_FRONTIER_ACTORS, Message,
    PROTOCOL_VERSION, Pull, Records, Refusal, Refused, Welcome,
};
use crate::codec::{DecodeError, Fault, Reader, Writer};
use crate::model::{ActorId, Frontier, SpaceId};
use alloc::string::String;
use alloc::vec::Vec;

const HELLO: u8 = 1;
const WELCOME: u8 = 2;
const PULL: u8 = 3;
const RECORDS: u8 = 4;
const APPEND: u8 = 5;
const APPENDED: u8 = 6;
const REFUSED: u8 = 7;
const PING: u8 = 8;
const PONG: u8 = 9;

const CURSOR_VALID: u8 = 1;
const HAS_FRONTIER: u8 = 2;
const MAX_TEXT: usize = 512;
const MAX_EXTENSION: usize = 4096;

impl Message {
    /// The frame as bytes.
    ///
    /// Senders keep within the limits of [`MAX_FRAME_BYTES`] by how much they put into a frame; a
    /// text is cut to 512 bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(PROTOCOL_VERSION);
        match self {
            Self::Hello(hello) => {
                out.u8(HELLO);
                out.raw(&hello.space.0);
                out.raw(&hello.cursor.relay.0);
                out.u64(hello.cursor.position);
                out.raw(&hello.cursor.mark.0);
                out.raw(&hello.known.0);
                out.u16(0);
            }
            Self::Welcome(welcome) => write_welcome(&mut out, welcome),
            Self::Pull(pull) => {
                out.u8(PULL);
                out.u64(pull.after);
                out.u32(pull.window);
            }
            Self::Records(batch) => {
                out.u8(RECORDS);
                out.u64(batch.after);
                out.u64(batch.last);
                out.raw(&batch.mark.0);
                out.u64(batch.head);
                write_records(&mut out, &batch.records);
            }
            Self::Append(append) => {
                out.u8(APPEND);
                out.u32(append.id);
                write_records(&mut out, &append.records);
            }
            Self::Appended(appended) => write_appended(&mut out, appended),
            Self::Refused(refused) => {
                out.u8(REFUSED);
                out.u16(refused.code.number());
                let text = cut(&refused.message);
                out.u16(text.len() as u16);
                out.raw(text.as_bytes());
            }
            Self::Ping(number) => {
                out.u8(PING);
                out.u64(*number);
            }
            Self::Pong(number) => {
                out.u8(PONG);
                out.u64(*number);
            }
        }
        out.into_bytes()
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// [`Fault::Version`] for a frame of another protocol version, [`Fault::Tag`] for an unknown
    /// kind or flag, [`Fault::Limit`] for what exceeds a limit, [`Fault::Truncated`],
    /// [`Fault::Trailing`] and [`Fault::Utf8`] for bytes that are no frame.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let version = input.u8()?;
        if version != PROTOCOL_VERSION {
            return input.fail(Fault::Version { found: version, known: PROTOCOL_VERSION });
        }
        limited(&input, "a frame", bytes.len(), MAX_FRAME_BYTES)?;
        let message = match input.u8()? {
            HELLO => Self::Hello(read_hello(&mut input)?),
            WELCOME => Self::Welcome(read_welcome(&mut input)?),
            PULL => {
                Self::Pull(Pull { after: number(&mut input, "a position")?, window: input.u32()? })
            }
            RECORDS => Self::Records(Records {
                after: number(&mut input, "a position")?,
                last: number(&mut input, "a position")?,
                mark: Mark(input.array()?),
                head: number(&mut input, "a position")?,
                records: read_records(&mut input)?,
            }),
            APPEND => Self::Append(Append { id: input.u32()?, records: read_records(&mut input)? }),
            APPENDED => Self::Appended(read_appended(&mut input)?),
            REFUSED => Self::Refused(read_refused(&mut input)?),
            PING => Self::Ping(input.u64()?),
            PONG => Self::Pong(input.u64()?),
            kind => {
                return input.fail(Fault::Tag { what: "frame kind", tag: kind.into() });
            }
        };
        input.end()?;
        Ok(message)
    }
}

fn write_welcome(out: &mut Writer, welcome: &Welcome) {
    out.u8(WELCOME);
    out.raw(&welcome.relay.0);
    out.u64(welcome.head);
    let valid = if welcome.cursor_valid { CURSOR_VALID } else { 0 };
    match &welcome.frontier {
        None => out.u8(valid),
        Some(frontier) => {
            out.u8(valid | HAS_FRONTIER);
            out.u32(frontier.len() as u32);
            for (actor, seq) in frontier.iter() {
                out.raw(&actor.0);
                out.u64(seq);
            }
        }
    }
    out.u16(0);
}

fn write_appended(out: &mut Writer, appended: &Appended) {
    out.u8(APPENDED);
    out.u32(appended.id);
    out.u32(appended.accepted.len() as u32);
    for (actor, seq) in &appended.accepted {
        out.raw(&actor.0);
        out.u64(*seq);
    }
    out.u32(appended.refused.len() as u32);
    for refusal in &appended.refused {
        let (reason, argument) = refusal.reason.number();
        out.u32(refusal.index);
        out.raw(&refusal.actor.0);
        out.u64(refusal.seq);
        out.u16(reason);
        out.u64(argument);
    }
}

fn write_records(out: &mut Writer, records: &[Vec<u8>]) {
    out.u32(records.len() as u32);
    for record in records {
        out.u32(record.len() as u32);
        out.raw(record);
    }
}

fn read_hello(input: &mut Reader<'_>) -> Result<Hello, DecodeError> {
    let hello = Hello {
        space: SpaceId(input.array()?),
        cursor: Cursor {
            relay: RelayId(input.array()?),
            position: number(input, "a position")?,
            mark: Mark(input.array()?),
        },
        known: FrontierDigest(input.array()?),
    };
    skip_extension(input)?;
    Ok(hello)
}

fn read_welcome(input: &mut Reader<'_>) -> Result<Welcome, DecodeError> {
    let relay = RelayId(input.array()?);
    let head = number(input, "a position")?;
    let flags = input.u8()?;
    if flags & !(CURSOR_VALID | HAS_FRONTIER) != 0 {
        return input.fail(Fault::Tag { what: "welcome flags", tag: flags.into() });
    }
    let frontier = if flags & HAS_FRONTIER == 0 {
        None
    } else {
        let count = count(input, "the number of actors", MAX_FRONTIER_ACTORS)?;
        let mut frontier = Frontier::new();
        for _ in 0..count {
            let actor = ActorId(input.array()?);
            frontier.advance(actor, number(input, "a sequence number")?);
        }
        Some(frontier)
    };
    skip_extension(input)?;
    Ok(Welcome { relay, head, cursor_valid: flags & CURSOR_VALID != 0, frontier })
}

fn read_appended(input: &mut Reader<'_>) -> Result<Appended, DecodeError> {
    let id = input.u32()?;
    let mut accepted = Vec::new();
    for _ in 0..count(input, "the number of actors", MAX_FRAME_RECORDS)? {
        let actor = ActorId(input.array()?);
        accepted.push((actor, number(input, "a sequence number")?));
    }
    let mut refused = Vec::new();
    for _ in 0..count(input, "the number of refusals", MAX_FRAME_RECORDS)? {
        let index = input.u32()?;
        let actor = ActorId(input.array()?);
        let seq = number(input, "a sequence number")?;
        let reason = input.u16()?;
        let argument = number(input, "a sequence number")?;
        refused.push(Refusal {
            index,
            actor,
            seq,
            reason: RefusalReason::from_number(reason, argument),
        });
    }
    Ok(Appended { id, accepted, refused })
}

fn read_refused(input: &mut Reader<'_>) -> Result<Refused, DecodeError> {
    let code = RefusedCode::from_number(input.u16()?);
    let length = input.u16()? as usize;
    limited(input, "a text", length, MAX_TEXT)?;
    let bytes = input.raw(length)?;
    let text = input.check(core::str::from_utf8(bytes).map_err(|_| Fault::Utf8))?;
    Ok(Refused { code, message: String::from(text) })
}

fn read_records(input: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, DecodeError> {
    let mut records = Vec::new();
    for _ in 0..count(input, "the number of records", MAX_FRAME_RECORDS)? {
        let length = input.u32()? as usize;
        records.push(input.raw(length)?.to_vec());
    }
    Ok(records)
}

fn skip_extension(input: &mut Reader<'_>) -> Result<(), DecodeError> {
    let length = input.u16()? as usize;
    limited(input, "an extension", length, MAX_EXTENSION)?;
    input.raw(length).map(|_| ())
}

fn count(input: &mut Reader<'_>, what: &'static str, limit: usize) -> Result<usize, DecodeError> {
    let count = input.u32()? as usize;
    limited(input, what, count, limit)?;
    Ok(count)
}

/// Positions and sequence numbers are stored in signed 64-bit columns.
fn number(input: &mut Reader<'_>, what: &'static str) -> Result<u64, DecodeError> {
    let found = input.u64()?;
    let limit = i64::MAX as u64;
    if found > limit {
        return input.fail(Fault::Limit { what, found, limit });
    }
    Ok(found)
}

fn limited(
    input: &Reader<'_>,
    what: &'static str,
    found: usize,
    limit: usize,
) -> Result<(), DecodeError> {
    if found > limit {
        return input.fail(Fault::Limit { what, found: found as u64, limit: limit as u64 });
    }
    Ok(())
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
