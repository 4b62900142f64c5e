//! The body of a record: its parts.
//!
//! ```text
//! count, then for each part:
//!   flags    u8: bit 0 put, bit 1 delete, bit 2 a type follows, bit 3 an edge
//!   target   node: id; edge: source, label, target, key        (names)
//!   type     a name, with bit 2; a node that is put has one
//!   writes   count, then for each: path (a name, keys joined by U+0000), then a change
//! ```
//!
//! A change is 0 (the field is removed), a value (its tag is 1 to 9), or one of
//!
//! ```text
//! 16 counter  floor, zigzag varint: what is added
//! 17 set      floor, count: values put in; count: values taken out, each with a
//!             count of adds that it undoes: stamp, floor (0 the change's, 1 the add, 2 none, 3 another)
//! 18 list     floor, block: Yjs update version 1
//! 19 text     floor, block: Yjs update version 1
//! ```
//!
//! A floor is 0 (none), 1 (the record's own stamp), or 2 and u64 hybrid time and the first 3 bytes of
//! an actor. A stamp is u64 hybrid time and 16 bytes actor.

use super::bytes::{Reader, Writer};
use super::error::{DecodeError, Fault};
use super::names::{NameReader, NameWriter};
use super::shared::{read_shared, write_shared};
use super::value::{read_value, write_value};
use crate::model::{
    EdgeRef, MAX_NAME_BYTES, MAX_PARTS, MAX_PATH_BYTES, NameKind, Op, Part, Path, Stamp, Target,
    Value, ValueError, Write, check_name,
};
use alloc::string::String;
use alloc::vec::Vec;

const PUT: u8 = 1;
const DELETE: u8 = 2;
const TYPED: u8 = 4;
const EDGE: u8 = 8;
const REMOVED: u8 = 0;
/// Changes of shared fields have tags from here on.
const SHARED: u8 = 16;

/// Most bytes that the names of one record take after references are resolved. A record of
/// 256 KiB can refer to one long name a hundred thousand times; this bounds what that unpacks to.
const MAX_UNPACKED_NAMES: usize = 16 * 1024 * 1024;

/// Writes the parts of a record with this stamp.
pub fn write_parts(out: &mut Writer, parts: &[Part], stamp: Stamp) {
    let mut names = NameWriter::new();
    out.length(parts.len());
    for part in parts {
        let edge = matches!(part.target, Target::Edge(_));
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        out.u8(flag(part.put, PUT)
            | flag(part.delete, DELETE)
            | flag(part.kind.is_some(), TYPED)
            | flag(edge, EDGE));
        match &part.target {
            Target::Node(id) => names.write(out, id),
            Target::Edge(edge) => {
                names.write(out, &edge.source);
                names.write(out, &edge.label);
                names.write(out, &edge.target);
                names.write(out, &edge.key);
            }
        }
        if let Some(kind) = &part.kind {
            names.write(out, kind);
        }
        out.length(part.writes.len());
        for write in &part.writes {
            names.write(out, write.path.as_joined());
            match &write.op {
                Op::Set(value) => write_value(out, value),
                Op::Remove => out.u8(REMOVED),
                Op::Shared(op) => write_shared(out, op, stamp),
            }
        }
    }
}

/// Reads the parts of a record with this stamp.
pub fn read_parts(body: &[u8], stamp: Stamp) -> Result<Vec<Part>, DecodeError> {
    let input = Reader::new(body);
    let mut reader = PartReader { input, names: NameReader::default(), used: 0, stamp };
    let count = reader.input.length("the number of parts", MAX_PARTS)?;
    let mut parts = Vec::new();
    for _ in 0..count {
        parts.push(reader.part()?);
    }
    reader.input.end()?;
    Ok(parts)
}

struct PartReader<'a> {
    input: Reader<'a>,
    names: NameReader<'a>,
    used: usize,
    stamp: Stamp,
}

impl PartReader<'_> {
    fn part(&mut self) -> Result<Part, DecodeError> {
        let flags = self.input.u8()?;
        if flags & !(PUT | DELETE | TYPED | EDGE) != 0 {
            return self.input.fail(Fault::Tag { what: "part flags", tag: flags.into() });
        }
        let target = if flags & EDGE == 0 {
            Target::Node(self.name(NameKind::NodeId)?)
        } else {
            Target::Edge(EdgeRef {
                source: self.name(NameKind::NodeId)?,
                label: self.name(NameKind::Label)?,
                target: self.name(NameKind::NodeId)?,
                key: self.name(NameKind::EdgeKey)?,
            })
        };
        let kind = if flags & TYPED == 0 { None } else { Some(self.name(NameKind::Type)?) };
        // Else a node could exist without one, since an edit alone makes no node exist.
        if flags & (PUT | TYPED | EDGE) == PUT {
            return self.input.fail(Fault::Untyped);
        }
        // Each write takes two bytes at least.
        let count = self.input.length("the number of writes", self.input.remaining())?;
        let mut writes = Vec::new();
        for _ in 0..count {
            writes.push(self.write()?);
        }
        Ok(Part { target, put: flags & PUT != 0, delete: flags & DELETE != 0, kind, writes })
    }

    fn write(&mut self) -> Result<Write, DecodeError> {
        let joined = self.text("a field path", MAX_PATH_BYTES)?;
        let path = Path::joined(joined);
        let path = self.input.check(path)?;
        let mut ahead = self.input.clone();
        let op = match ahead.u8()? {
            REMOVED => {
                self.input = ahead;
                Op::Remove
            }
            SHARED.. => Op::Shared(read_shared(&mut self.input, self.stamp)?),
            _ => match read_value(&mut self.input)? {
                // An object with fields is written field by field; as one value it could not merge.
                Value::Object(map) if !map.is_empty() => {
                    return self.input.fail(ValueError::WholeObject);
                }
                value => Op::Set(value),
            },
        };
        Ok(Write { path, op })
    }

    fn name(&mut self, kind: NameKind) -> Result<String, DecodeError> {
        let name = self.text("a name", MAX_NAME_BYTES)?;
        let checked = check_name(kind, &name);
        self.input.check(checked)?;
        Ok(name)
    }

    fn text(&mut self, what: &'static str, limit: usize) -> Result<String, DecodeError> {
        let text = self.names.read(&mut self.input, what, limit)?;
        self.used += text.len();
        if self.used > MAX_UNPACKED_NAMES {
            return self.input.fail(Fault::Limit {
                what: "the names of a record",
                found: self.used as u64,
                limit: MAX_UNPACKED_NAMES as u64,
            });
        }
        Ok(String::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ActorId, Hlc};

    const STAMP: Stamp = Stamp { hlc: Hlc(7), actor: ActorId::ZERO };

    fn part(put: bool, kind: Option<&str>, target: Target) -> Part {
        let kind = kind.map(String::from);
        Part { target, delete: false, put, kind, writes: Vec::new() }
    }

    fn read_back(part: Part) -> Result<Vec<Part>, Fault> {
        let mut out = Writer::default();
        write_parts(&mut out, &[part], STAMP);
        read_parts(&out.into_bytes(), STAMP).map_err(|error| error.fault)
    }

    #[test]
    fn a_node_is_put_with_a_type() {
        let node = || Target::Node("n".into());
        let edge = EdgeRef {
            source: "n".into(),
            label: "to".into(),
            target: "n".into(),
            key: String::new(),
        };
        assert_eq!(read_back(part(true, None, node())), Err(Fault::Untyped));
        for part in [
            part(true, Some("Note"), node()),
            part(false, None, node()),
            part(true, None, Target::Edge(edge)),
        ] {
            assert_eq!(read_back(part.clone()), Ok([part].into()));
        }
    }
}
