//! The body of a record: its parts.
//!
//! ```text
//! count, then for each part:
//!   flags    u8: bit 0 put, bit 1 delete, bit 2 a type follows, bit 3 an edge
//!   target   node: id; edge: source, label, target, key        (names)
//!   type     a name, with bit 2
//!   writes   count, then for each: path (a name, keys joined by U+0000), 0 or a value
//! ```
//!
//! The write tag 0 removes the field; tags from 16 on are kept for other kinds of fields.

use super::bytes::{Reader, Writer};
use super::error::{DecodeError, Fault};
use super::names::{NameReader, NameWriter};
use super::value::{read_value, write_value};
use crate::model::{
    EdgeRef, MAX_NAME_BYTES, MAX_PARTS, MAX_PATH_BYTES, NameKind, Part, Path, Target, Write,
    check_name,
};
use alloc::string::String;
use alloc::vec::Vec;

const PUT: u8 = 1;
const DELETE: u8 = 2;
const TYPED: u8 = 4;
const EDGE: u8 = 8;
const REMOVED: u8 = 0;

/// Most bytes that the names of one record take after references are resolved. A record of
/// 256 KiB can refer to one long name a hundred thousand times; this bounds what that unpacks to.
const MAX_UNPACKED_NAMES: usize = 16 * 1024 * 1024;

/// Writes the parts of a record.
pub fn write_parts(out: &mut Writer, parts: &[Part]) {
    let mut names = NameWriter::default();
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
            match &write.value {
                Some(value) => write_value(out, value),
                None => out.u8(REMOVED),
            }
        }
    }
}

/// Reads the parts of a record.
pub fn read_parts(body: &[u8]) -> Result<Vec<Part>, DecodeError> {
    let mut reader = PartReader { input: Reader::new(body), names: NameReader::default(), used: 0 };
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
        if ahead.u8()? == REMOVED {
            self.input = ahead;
            return Ok(Write { path, value: None });
        }
        Ok(Write { path, value: Some(read_value(&mut self.input)?) })
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
