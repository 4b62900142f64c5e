//! The canonical bytes of an entity: equal states give equal bytes.
//!
//! Values live once: readers' JSON holds what is visible, and the state here holds stamps beside
//! it. Only values that the JSON does not show are in the state.
//!
//! ```text
//! u8      version, 2
//! count   actors, then 16 bytes each, rising
//! count   stamps, then for each: u64 hybrid time, actor number; rising by time and actor
//! varint  put:     0 for none, else stamp number + 1
//! varint  deleted, type, last shared change: the same. The type itself is beside the state.
//! varint  of the visible registers that are not listed: the same
//! count   registers, then for each: path (text), stamp number, and 0 removed, 16 its value is the
//!         visible one, or a value; paths rising
//! count   shared fields, then for each: path (text), u8 kind, and
//!           counter  count, then for each actor: stamp number, floor, zigzag total
//!           set      count, then for each value: its bytes (block), count, then for each actor:
//!                    0 for an add or 1 for a removal, stamp, floor
//!           list, text   floor, count of clients, each u64 and varint; count of changes that
//!                    wait, each: stamp, floor, block
//! count   paths with changes that were left out, where there are any, then for each: path (text),
//!         floor, count of actors, the stamp of the latest of each; paths and actors rising
//! ```
//!
//! A floor is 0 for none, else 1, u64 hybrid time and 3 bytes of the actor. Stamps of a set and of
//! changes that wait or were left out are in full: u64 hybrid time, 16 bytes actor. Documents of lists and texts are beside the state ([`Stored::docs`]): Yjs may keep
//! one content in several ways.

use super::counter::{Count, Counter};
use super::doc::{Doc, Waiting};
use super::entity::Entity;
use super::fields::Register;
use super::set::{Elements, Tag};
use super::shared::{Refused, SharedField, SharedFields};
use super::view::Leaves;
use crate::codec::{
    self, DecodeError, Fault, Reader, Writer, read_stamp, read_value, write_stamp, write_value,
};
use crate::model::{
    ActorId, Floor, Hlc, MAX_PATH_BYTES, Map, Path, SeenAdd, SharedKind, Stamp, Value, ValueError,
};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

const VERSION: u8 = 2;
const REMOVED: u8 = 0;
const VISIBLE: u8 = 16;

/// Room for a usual state, with the seal that the engine adds.
const USUAL_STATE: usize = 128;

/// Longest document of a text or list that is read.
const MAX_DOC_BYTES: usize = 1 << 30;

/// An entity as it is stored beside its visible object and its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The canonical bytes.
    pub state: Vec<u8>,
    /// The documents of its texts and lists, in the order of the state, where there are any.
    pub docs: Option<Vec<u8>>,
}

/// What [`Entity::decode`] reads.
#[derive(Debug, Default)]
pub struct Parts<'a> {
    /// [`Stored::state`].
    pub state: &'a [u8],
    /// [`Stored::docs`].
    pub docs: Option<&'a [u8]>,
    /// The visible object, while the entity exists.
    pub object: Option<Map>,
    /// The type, where it has one.
    pub kind: Option<String>,
}

impl Entity {
    /// The bytes to store. `leaves` are its own while it exists, and empty otherwise.
    #[must_use]
    pub fn encode(&self, leaves: &Leaves<'_>) -> Stored {
        let stamps = Numbers::of(self);
        let registers = self.registers(leaves, &stamps);
        let rest = most_common_stamp(&registers, &stamps);
        let mut out = Writer::with_capacity(USUAL_STATE);
        out.u8(VERSION);
        out.length(stamps.actors.len());
        stamps.actors.iter().for_each(|actor| out.raw(&actor.0));
        out.length(stamps.stamps.len());
        for stamp in &stamps.stamps {
            out.u64(stamp.hlc.0);
            out.length(stamps.actors.binary_search(&stamp.actor).unwrap_or_default());
        }
        let kind = self.kind.as_ref().map(|(stamp, _)| *stamp);
        for stamp in [self.put, self.deleted, kind, self.shared_at] {
            out.varint(stamp.map_or(0, |stamp| stamps.of_stamp(stamp) + 1));
        }
        out.varint(rest.map_or(0, |number| number + 1));
        let listed = || registers.iter().filter(|at| Some(at.stamp) != rest || !at.visible);
        out.length(listed().count());
        for at in listed() {
            out.block(at.path.as_bytes());
            out.varint(at.stamp);
            match at.value {
                None => out.u8(REMOVED),
                Some(_) if at.visible => out.u8(VISIBLE),
                Some(value) => write_value(&mut out, value),
            }
        }
        let docs = write_shared(&mut out, &self.shared, &stamps);
        write_refused(&mut out, &self.shared);
        Stored { state: out.into_bytes(), docs }
    }

    /// Reads what [`Entity::encode`] gave.
    pub fn decode(parts: Parts<'_>) -> Result<Self, DecodeError> {
        let mut input = Reader::new(parts.state);
        let version = input.u8()?;
        if version != VERSION {
            return input.fail(Fault::Version { found: version, known: VERSION });
        }
        let stamps = Numbers::read(&mut input)?;
        let put = stamps.option(&mut input)?;
        let deleted = stamps.option(&mut input)?;
        let kind = stamps.option(&mut input)?.zip(parts.kind);
        let shared_at = stamps.option(&mut input)?;
        let rest = stamps.option(&mut input)?;

        let leaves = super::diff::leaves_of(parts.object.unwrap_or_default())
            .map_err(|_| DecodeError { at: 0, fault: Fault::Order })?;
        let mut leaves: BTreeMap<Path, Value> = leaves.into_iter().collect();
        let count = input.length("the number of registers", input.remaining())?;
        let mut listed = Vec::new();
        for _ in 0..count {
            let path = read_path(&mut input)?;
            let stamp = stamps.one(&mut input)?;
            let mut leaf = leaves.remove(&path);
            let mut ahead = input.clone();
            let value = match ahead.u8()? {
                REMOVED => None,
                VISIBLE => match leaf.take() {
                    Some(leaf) => Some(leaf),
                    None => return input.fail(Fault::Truncated),
                },
                _ => {
                    ahead = input.clone();
                    match read_value(&mut ahead)? {
                        // A record holds none, so a register never does.
                        Value::Object(map) if !map.is_empty() => {
                            return input.fail(ValueError::WholeObject);
                        }
                        value => Some(value),
                    }
                }
            };
            input = ahead;
            // What else is visible there is a shared field's.
            if let Some(leaf) = leaf {
                leaves.insert(path.clone(), leaf);
            }
            listed.push((path, Register { stamp, value }));
        }
        let mut shared = read_shared(&mut input, &stamps, parts.docs, &mut leaves)?;
        if input.remaining() > 0 {
            read_refused(&mut input, &mut shared)?;
        }
        input.end()?;
        // Both rise, and a map is made of what rises at a stroke.
        let fields: BTreeMap<Path, Register> = match rest {
            Some(stamp) => leaves
                .into_iter()
                .map(|(path, value)| (path, Register { stamp, value: Some(value) }))
                .chain(listed)
                .collect(),
            None if leaves.is_empty() => listed.into_iter().collect(),
            None => return input.fail(Fault::Truncated),
        };
        Ok(Self { put, deleted, kind, fields: fields.into(), shared, shared_at })
    }

    /// The registers beside what of them is visible: both are in the order of paths.
    fn registers<'a>(&'a self, leaves: &Leaves<'_>, stamps: &Numbers) -> Vec<Listed<'a>> {
        let mut leaves = leaves.iter().peekable();
        let registers = self.fields.iter().map(|(path, register)| {
            let path = path.as_joined();
            while leaves.next_if(|(at, _)| *at < path).is_some() {}
            let leaf = leaves.next_if(|(at, _)| *at == path).map(|(_, leaf)| leaf);
            let value = register.value.as_ref();
            // Most leaves are the register's own value, borrowed: then there is nothing to compare.
            let same = leaf.zip(value).is_some_and(|(a, b)| core::ptr::eq(a, b) || a == b);
            let visible = same && self.shared.at(path).is_none();
            let stamp = stamps.of_stamp(register.stamp);
            Listed { path, stamp, value, is_leaf: leaf.is_some(), visible }
        });
        registers.collect()
    }
}

/// A register as the state lists it.
struct Listed<'a> {
    path: &'a str,
    /// The number of its stamp.
    stamp: u64,
    value: Option<&'a Value>,
    /// Whether something is visible at its path.
    is_leaf: bool,
    /// Whether that is its value.
    visible: bool,
}

/// The number of the stamp that most registers at visible paths have, the earliest of several.
fn most_common_stamp(registers: &[Listed<'_>], stamps: &Numbers) -> Option<u64> {
    let at_leaves = || registers.iter().filter(|at| at.is_leaf).map(|at| at.stamp);
    let first = at_leaves().next()?;
    if at_leaves().all(|stamp| stamp == first) {
        return Some(first);
    }
    let mut counts = alloc::vec![0_usize; stamps.stamps.len()];
    for stamp in at_leaves() {
        if let Some(count) = counts.get_mut(stamp as usize) {
            *count += 1;
        }
    }
    let most = counts.iter().max()?;
    counts.iter().position(|count| count == most).map(|number| number as u64)
}

/// Gives the documents.
fn write_shared(out: &mut Writer, shared: &SharedFields, stamps: &Numbers) -> Option<Vec<u8>> {
    let mut docs = Writer::new();
    out.length(shared.iter().len());
    for (path, kind, field) in shared.iter() {
        out.block(path.as_joined().as_bytes());
        out.u8(kind as u8);
        match field {
            SharedField::Counter(counter) => {
                out.length(counter.iter().len());
                for count in counter.iter() {
                    out.varint(stamps.of_stamp(count.stamp));
                    write_floor(out, count.floor);
                    out.zigzag(count.total);
                }
            }
            SharedField::Set(elements) => {
                out.length(elements.iter().len());
                for (key, tags) in elements.iter() {
                    out.block(key);
                    out.length(tags.len());
                    tags.values().for_each(|tag| write_tag(out, *tag));
                }
            }
            SharedField::Doc(doc) => {
                write_doc(out, doc);
                docs.block(&doc.state);
            }
        }
    }
    (!docs.is_empty()).then(|| docs.into_bytes())
}

fn write_tag(out: &mut Writer, tag: Tag) {
    match tag {
        Tag::Added { stamp, floor } => {
            out.u8(0);
            write_stamp(out, stamp);
            write_floor(out, floor);
        }
        Tag::Removed(SeenAdd { stamp, floor }) => {
            out.u8(1);
            write_stamp(out, stamp);
            write_floor(out, floor);
        }
    }
}

fn write_doc(out: &mut Writer, doc: &Doc) {
    write_floor(out, doc.floor);
    out.length(doc.clocks.len());
    for (client, clock) in &doc.clocks {
        out.u64(*client);
        out.varint((*clock).into());
    }
    out.length(doc.waiting.len());
    for (stamp, change) in &doc.waiting {
        write_stamp(out, *stamp);
        write_floor(out, change.floor);
        out.block(&change.update);
    }
}

fn write_refused(out: &mut Writer, shared: &SharedFields) {
    if shared.refused().len() == 0 {
        return;
    }
    out.length(shared.refused().len());
    for (path, refused) in shared.refused() {
        out.block(path.as_joined().as_bytes());
        write_floor(out, refused.floor);
        out.length(refused.by.len());
        refused.by.values().for_each(|stamp| write_stamp(out, *stamp));
    }
}

fn read_refused(input: &mut Reader<'_>, shared: &mut SharedFields) -> Result<(), DecodeError> {
    let count = input.length("the number of paths", input.remaining())?;
    for _ in 0..count {
        let path = read_path(input)?;
        let mut refused = Refused { floor: read_floor(input)?, by: BTreeMap::new() };
        let actors = input.length("the number of actors", input.remaining())?;
        for _ in 0..actors {
            let stamp = read_stamp(input)?;
            refused.by.insert(stamp.actor, stamp);
        }
        shared.insert_refused(path, refused);
    }
    Ok(())
}

fn write_floor(out: &mut Writer, floor: Option<Floor>) {
    out.u8(floor.is_some().into());
    if let Some(floor) = floor {
        codec::write_floor(out, floor);
    }
}

fn read_shared(
    input: &mut Reader<'_>,
    stamps: &Numbers,
    docs: Option<&[u8]>,
    leaves: &mut BTreeMap<Path, Value>,
) -> Result<SharedFields, DecodeError> {
    let mut docs = Reader::new(docs.unwrap_or_default());
    let mut shared = SharedFields::default();
    let count = input.length("the number of shared fields", input.remaining())?;
    for _ in 0..count {
        let path = read_path(input)?;
        let content = leaves.remove(&path);
        let kind = match input.u8()? {
            0 => SharedKind::Counter,
            1 => SharedKind::Set,
            2 => SharedKind::List,
            3 => SharedKind::Text,
            tag => return input.fail(Fault::Tag { what: "kind of field", tag: tag.into() }),
        };
        let field = match kind {
            SharedKind::Counter => SharedField::Counter(read_counter(input, stamps)?),
            SharedKind::Set => SharedField::Set(read_set(input)?),
            SharedKind::List | SharedKind::Text => {
                let mut doc = read_doc(input)?;
                doc.state = docs.block("a document", MAX_DOC_BYTES)?.into();
                doc.content = content.filter(|content| fits(kind, content));
                SharedField::Doc(doc)
            }
        };
        shared.insert(path, kind, field);
    }
    docs.end()?;
    Ok(shared)
}

/// Whether a visible value can be that of a text or list. At a path used as several kinds, it is
/// that of the kind that readers see.
const fn fits(kind: SharedKind, content: &Value) -> bool {
    matches!(
        (kind, content),
        (SharedKind::Text, Value::Text(_)) | (SharedKind::List, Value::Array(_))
    )
}

fn read_counter(input: &mut Reader<'_>, stamps: &Numbers) -> Result<Counter, DecodeError> {
    let count = input.length("the number of actors", input.remaining())?;
    let mut counter = Counter::default();
    for _ in 0..count {
        let stamp = stamps.one(input)?;
        let floor = read_floor(input)?;
        counter.extend([Count { stamp, floor, total: input.zigzag()? }]);
    }
    Ok(counter)
}

fn read_set(input: &mut Reader<'_>) -> Result<Elements, DecodeError> {
    let mut elements = Elements::default();
    let count = input.length("the number of values", input.remaining())?;
    for _ in 0..count {
        let key = input.block("a value", input.remaining())?;
        let mut value = Reader::new(key);
        read_value(&mut value)?;
        value.end()?;
        let tags = input.length("the number of actors", input.remaining())?;
        for _ in 0..tags {
            let (tag, stamp, floor) = (input.u8()?, read_stamp(input)?, read_floor(input)?);
            let tag = match tag {
                0 => Tag::Added { stamp, floor },
                1 => Tag::Removed(SeenAdd { stamp, floor }),
                tag => return input.fail(Fault::Tag { what: "set tag", tag: tag.into() }),
            };
            elements.tag(key.into(), tag);
        }
    }
    Ok(elements)
}

fn read_doc(input: &mut Reader<'_>) -> Result<Doc, DecodeError> {
    let mut doc = Doc { floor: read_floor(input)?, ..Doc::default() };
    let count = input.length("the number of clients", input.remaining())?;
    for _ in 0..count {
        let client = input.u64()?;
        let clock = input.length("a clock", u32::MAX as usize)?;
        doc.clocks.insert(client, clock as u32);
    }
    let count = input.length("the number of changes", input.remaining())?;
    for _ in 0..count {
        let stamp = read_stamp(input)?;
        let floor = read_floor(input)?;
        let update = input.block("a change", input.remaining())?.into();
        doc.waiting.insert(stamp, Waiting { floor, update });
    }
    Ok(doc)
}

fn read_floor(input: &mut Reader<'_>) -> Result<Option<Floor>, DecodeError> {
    match input.u8()? {
        0 => Ok(None),
        1 => codec::read_floor(input).map(Some),
        tag => input.fail(Fault::Tag { what: "floor", tag: tag.into() }),
    }
}

fn read_path(input: &mut Reader<'_>) -> Result<Path, DecodeError> {
    let joined = String::from(input.text("a field path", MAX_PATH_BYTES)?);
    input.check(Path::joined(joined))
}

/// The actors and stamps of a state, each by its place.
#[derive(Debug, Default)]
struct Numbers {
    actors: Vec<ActorId>,
    stamps: Vec<Stamp>,
}

impl Numbers {
    fn of(entity: &Entity) -> Self {
        let mut stamps: Vec<Stamp> = Vec::with_capacity(8);
        for (_, register) in entity.fields.iter() {
            // Most registers have the stamp of the one before.
            if stamps.last() != Some(&register.stamp) {
                stamps.push(register.stamp);
            }
        }
        stamps.extend(entity.kind.iter().map(|(stamp, _)| *stamp));
        stamps.extend([entity.put, entity.deleted, entity.shared_at].into_iter().flatten());
        for (_, _, field) in entity.shared.iter() {
            if let SharedField::Counter(counter) = field {
                stamps.extend(counter.iter().map(|count| count.stamp));
            }
        }
        stamps.sort_unstable();
        stamps.dedup();
        let mut actors: Vec<ActorId> = stamps.iter().map(|stamp| stamp.actor).collect();
        actors.sort_unstable();
        actors.dedup();
        Self { actors, stamps }
    }

    fn of_stamp(&self, stamp: Stamp) -> u64 {
        self.stamps.binary_search(&stamp).unwrap_or_default() as u64
    }

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
        Ok(Self { actors, stamps })
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
        match usize::try_from(tag).ok().and_then(|index| self.stamps.get(index)) {
            Some(stamp) => Ok(*stamp),
            None => input.fail(Fault::Tag { what: "stamp number", tag }),
        }
    }
}
