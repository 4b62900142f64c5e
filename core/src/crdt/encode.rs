//! The canonical bytes of an entity: equal states give equal bytes.
//!
//! ```text
//! u8      version, 1
//! count   actors, then 16 bytes each, rising
//! count   stamps, then for each: u64 hybrid time, actor number; rising by time and actor
//! varint  put:     0 for none, else stamp number + 1
//! varint  deleted: the same
//! varint  type:    the same, then the type as a text where there is one
//! count   registers, then for each: path (text), stamp number, 0 or a value; paths rising
//! ```

use super::entity::Entity;
use super::fields::{Fields, Register};
use crate::codec::{DecodeError, Fault, Reader, Writer, read_value, write_value};
use crate::model::{ActorId, Hlc, MAX_NAME_BYTES, MAX_PATH_BYTES, Path, Stamp};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

const VERSION: u8 = 1;
const REMOVED: u8 = 0;

impl Entity {
    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let stamps = self.stamps();
        let actors: Vec<ActorId> = {
            let mut actors: Vec<_> = stamps.iter().map(|stamp| stamp.actor).collect();
            actors.sort_unstable();
            actors.dedup();
            actors
        };
        let number = |stamp: &Stamp| stamps.binary_search(stamp).unwrap_or_default() as u64;
        let option = |stamp: Option<&Stamp>| stamp.map_or(0, |stamp| number(stamp) + 1);

        let mut out = Writer::new();
        out.u8(VERSION);
        out.length(actors.len());
        actors.iter().for_each(|actor| out.raw(&actor.0));
        out.length(stamps.len());
        for stamp in &stamps {
            out.u64(stamp.hlc.0);
            out.length(actors.binary_search(&stamp.actor).unwrap_or_default());
        }
        out.varint(option(self.put.as_ref()));
        out.varint(option(self.deleted.as_ref()));
        out.varint(option(self.kind.as_ref().map(|(stamp, _)| stamp)));
        if let Some((_, kind)) = &self.kind {
            out.block(kind.as_bytes());
        }
        out.length(self.fields.len());
        for (path, register) in self.fields.iter() {
            out.block(path.as_joined().as_bytes());
            out.varint(number(&register.stamp));
            match &register.value {
                Some(value) => write_value(&mut out, value),
                None => out.u8(REMOVED),
            }
        }
        out.into_bytes()
    }

    /// Reads what [`Entity::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let version = input.u8()?;
        if version != VERSION {
            return input.fail(Fault::Version { found: version, known: VERSION });
        }
        let stamps = Stamps::read(&mut input)?;
        let put = stamps.option(&mut input)?;
        let deleted = stamps.option(&mut input)?;
        let kind = match stamps.option(&mut input)? {
            Some(stamp) => Some((stamp, String::from(input.text("a type", MAX_NAME_BYTES)?))),
            None => None,
        };
        let count = input.length("the number of registers", input.remaining())?;
        let mut fields = BTreeMap::new();
        for _ in 0..count {
            let joined = String::from(input.text("a field path", MAX_PATH_BYTES)?);
            let path = input.check(Path::joined(joined))?;
            let stamp = stamps.one(&mut input)?;
            let mut ahead = input.clone();
            let value = if ahead.u8()? == REMOVED {
                input = ahead;
                None
            } else {
                Some(read_value(&mut input)?)
            };
            fields.insert(path, Register { stamp, value });
        }
        input.end()?;
        Ok(Self { put, deleted, kind, fields: Fields::from_iter(fields) })
    }

    fn stamps(&self) -> Vec<Stamp> {
        let registers = self.fields.iter().map(|(_, register)| register.stamp);
        let kind = self.kind.iter().map(|(stamp, _)| *stamp);
        let mut stamps: Vec<Stamp> =
            registers.chain(kind).chain(self.put).chain(self.deleted).collect();
        stamps.sort_unstable();
        stamps.dedup();
        stamps
    }
}

struct Stamps(Vec<Stamp>);

impl Stamps {
    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = input.length("the number of actors", input.remaining() / 16)?;
        let mut actors = Vec::with_capacity(count);
        for _ in 0..count {
            actors.push(ActorId(input.array()?));
        }
        let count = input.length("the number of stamps", input.remaining() / 9)?;
        let mut stamps = Vec::with_capacity(count);
        for _ in 0..count {
            let hlc = Hlc(input.u64()?);
            let tag = input.varint()?;
            let actor = usize::try_from(tag).ok().and_then(|index| actors.get(index));
            let Some(actor) = actor else {
                return input.fail(Fault::Tag { what: "actor number", tag });
            };
            stamps.push(Stamp { hlc, actor: *actor });
        }
        Ok(Self(stamps))
    }

    fn option(&self, input: &mut Reader<'_>) -> Result<Option<Stamp>, DecodeError> {
        match input.varint()? {
            0 => Ok(None),
            tag => self.get(input, tag - 1).map(Some),
        }
    }

    fn one(&self, input: &mut Reader<'_>) -> Result<Stamp, DecodeError> {
        let tag = input.varint()?;
        self.get(input, tag)
    }

    fn get(&self, input: &Reader<'_>, tag: u64) -> Result<Stamp, DecodeError> {
        match usize::try_from(tag).ok().and_then(|index| self.0.get(index)) {
            Some(stamp) => Ok(*stamp),
            None => input.fail(Fault::Tag { what: "stamp number", tag }),
        }
    }
}
