//! A record as bytes, version 1. `docs/format.md` has the table for readers of other languages.
//!
//! ```text
//!   0  u8    version, 1
//!   1  u8    flags: bit 0 body compressed (LZ4 block), bit 1 body sealed, bit 2 signed
//!   2  u16   zero
//!   4  16    space
//!  20  16    actor
//!  36  u64   sequence number, from 1
//!  44  32    hash of the previous record
//!  76  u64   hybrid time: 48 bits milliseconds, 16 bits counter
//!  84  u32   key epoch, 0 for a plain body
//!  88  u16   number of dependencies, then for each: 16 actor, u64 sequence number
//!      u32   length of the body before compression
//!      u32   length of the body, then the body
//!      u16   length of the padding, then the padding
//!      64    signature of the hash, with bit 2
//! ```
//!
//! The hash of a record covers all bytes but the signature, so that a second valid signature of
//! the same content is no second record.

use super::bytes::{Reader, Writer};
use super::error::{DecodeError, Fault};
use super::parts::{read_parts, write_parts};
use crate::model::{
    ActorId, Dependency, Header, Hlc, MAX_RECORD_BODY, MAX_RECORD_BYTES, Part, Record, RecordHash,
    SpaceId,
};
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// The version this code writes, and the latest it reads.
pub const FORMAT_VERSION: u8 = 1;

const COMPRESSED: u8 = 1;
const SEALED: u8 = 2;
pub(super) const SIGNED: u8 = 4;
const SIGNATURE_BYTES: usize = 64;
const MAX_DEPS: usize = 64;
/// Below this a body does not shrink enough to pay for unpacking it.
const COMPRESS_FROM: usize = 256;

/// Bytes of a record beside its body and its dependencies.
const FRAME_BYTES: usize = 100;
/// Room for the body of a usual record: a node of some fields.
const USUAL_BODY: usize = 512;

/// A record about to be written.
#[derive(Debug)]
pub struct Draft<'a> {
    /// The clear part.
    pub header: &'a Header,
    /// What the transaction did.
    pub parts: &'a [Part],
}

/// Why a record cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// More than one record can carry.
    #[error("the transaction takes {bytes} bytes; one record holds {MAX_RECORD_BODY}. {}", split(*.parts))]
    TooLarge {
        /// Bytes of its body.
        bytes: usize,
        /// Nodes and edges touched.
        parts: usize,
    },
    /// More nodes and edges than one record can carry.
    #[error(
        "the transaction touches {parts} nodes and edges; one record holds {limit}. \
         Split it into several transactions",
        limit = crate::model::MAX_PARTS
    )]
    TooManyParts {
        /// Nodes and edges touched.
        parts: usize,
    },
}

/// How what is too large for one record may be written all the same.
const fn split(parts: usize) -> &'static str {
    if parts > 1 {
        return "Split it into several transactions, or use a bulk import, which splits by itself";
    }
    "It writes one node or edge: write its fields in several transactions, and a long text by several \
     edits. A single value, which is written whole, has to fit"
}

impl Draft<'_> {
    /// The bytes of the unsigned record.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        if self.parts.len() > crate::model::MAX_PARTS {
            return Err(EncodeError::TooManyParts { parts: self.parts.len() });
        }
        let mut body = Writer::with_capacity(USUAL_BODY);
        write_parts(&mut body, self.parts, self.header.stamp());
        let raw = body.into_bytes();
        if raw.len() > MAX_RECORD_BODY {
            return Err(EncodeError::TooLarge { bytes: raw.len(), parts: self.parts.len() });
        }
        let packed = pack(&raw);
        let body = packed.as_deref().unwrap_or(&raw);

        let deps = self.header.deps.len() * (size_of::<ActorId>() + size_of::<u64>());
        let mut out = Writer::with_capacity(FRAME_BYTES + deps + body.len());
        out.u8(FORMAT_VERSION);
        out.u8(if packed.is_some() { COMPRESSED } else { 0 });
        out.u16(0);
        out.raw(&self.header.space.0);
        out.raw(&self.header.actor.0);
        out.u64(self.header.seq);
        out.raw(&self.header.prev.0);
        out.u64(self.header.hlc.0);
        out.u32(self.header.epoch);
        out.u16(self.header.deps.len() as u16);
        for dep in &self.header.deps {
            out.raw(&dep.actor.0);
            out.u64(dep.seq);
        }
        out.u32(raw.len() as u32);
        out.u32(body.len() as u32);
        out.raw(body);
        out.u16(0);
        Ok(out.into_bytes())
    }
}

fn pack(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.len() < COMPRESS_FROM {
        return None;
    }
    let packed = lz4_flex::compress(raw);
    (packed.len() < raw.len()).then_some(packed)
}

/// A record with its frame read and its body untouched: all that a relay looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The clear part.
    pub header: Header,
    /// The bytes that the record's hash covers.
    pub hashed: &'a [u8],
    /// The signature, where there is one.
    pub signature: Option<&'a [u8]>,
    flags: u8,
    raw_length: usize,
    body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads the frame of a whole record.
    pub fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        if bytes.len() > MAX_RECORD_BYTES {
            return input.fail(Fault::Limit {
                what: "a record",
                found: bytes.len() as u64,
                limit: MAX_RECORD_BYTES as u64,
            });
        }
        let version = input.u8()?;
        if version != FORMAT_VERSION {
            return input.fail(Fault::Version { found: version, known: FORMAT_VERSION });
        }
        let flags = input.u8()?;
        let reserved = input.u16()?;
        if flags & !(COMPRESSED | SEALED | SIGNED) != 0 || reserved != 0 {
            let tag = u64::from(flags) | u64::from(reserved) << 8;
            return input.fail(Fault::Tag { what: "record flags", tag });
        }
        let header = read_header(&mut input)?;
        let raw_length = input.u32()? as usize;
        if raw_length > MAX_RECORD_BODY {
            return input.fail(Fault::Limit {
                what: "a record's body",
                found: raw_length as u64,
                limit: MAX_RECORD_BODY as u64,
            });
        }
        let length = input.u32()? as usize;
        let body = input.raw(length)?;
        let padding = input.u16()? as usize;
        input.raw(padding)?;
        let hashed = bytes.get(..input.position()).unwrap_or(bytes);
        let signature = if flags & SIGNED == 0 { None } else { Some(input.raw(SIGNATURE_BYTES)?) };
        input.end()?;
        Ok(Self { header, hashed, signature, flags, raw_length, body })
    }

    /// What the transaction did.
    pub fn parts(&self) -> Result<Vec<Part>, DecodeError> {
        read_parts(&self.body()?, self.header.stamp())
    }

    /// The body, unpacked where it was compressed.
    pub fn body(&self) -> Result<Cow<'a, [u8]>, DecodeError> {
        let at = self.hashed.len().saturating_sub(self.body.len());
        let fail = |fault| Err(DecodeError { at, fault });
        if self.flags & SEALED != 0 {
            return fail(Fault::Sealed(self.header.epoch));
        }
        if self.flags & COMPRESSED == 0 {
            return Ok(Cow::Borrowed(self.body));
        }
        match lz4_flex::decompress(self.body, self.raw_length) {
            Ok(raw) if raw.len() == self.raw_length => Ok(Cow::Owned(raw)),
            _ => fail(Fault::Compression),
        }
    }
}

fn read_header(input: &mut Reader<'_>) -> Result<Header, DecodeError> {
    let space = SpaceId(input.array()?);
    let actor = ActorId(input.array()?);
    let seq = input.u64()?;
    if seq == 0 || seq > i64::MAX as u64 {
        // Sequence numbers are stored in signed 64-bit columns.
        let limit = i64::MAX as u64;
        return input.fail(Fault::Limit { what: "a sequence number", found: seq, limit });
    }
    let prev = RecordHash(input.array()?);
    let hlc = Hlc(input.u64()?);
    let epoch = input.u32()?;
    let count = input.u16()? as usize;
    if count > MAX_DEPS {
        return input.fail(Fault::Limit {
            what: "the number of dependencies",
            found: count as u64,
            limit: MAX_DEPS as u64,
        });
    }
    let mut deps = Vec::new();
    for _ in 0..count {
        deps.push(Dependency { actor: ActorId(input.array()?), seq: input.u64()? });
    }
    Ok(Header { space, actor, seq, prev, hlc, epoch, deps })
}

/// Reads only the clear part of a whole record.
pub fn decode_header(bytes: &[u8]) -> Result<Header, DecodeError> {
    Frame::read(bytes).map(|frame| frame.header)
}

/// Reads a whole record.
pub fn decode_record(bytes: &[u8]) -> Result<Record, DecodeError> {
    let frame = Frame::read(bytes)?;
    let parts = frame.parts()?;
    Ok(Record { header: frame.header, parts })
}
