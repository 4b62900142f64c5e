//! Changes of counters, sets, texts and lists as bytes. `parts.rs` has the table.

use super::bytes::{Reader, Writer};
use super::error::{DecodeError, Fault};
use super::value::{read_value, write_value};
use crate::model::{
    ActorId, Floor, Hlc, MAX_RECORD_BODY, SeenAdd, SharedChange, SharedOp, Stamp, Value, ValueError,
};
use alloc::vec::Vec;

const COUNTER: u8 = 16;
const SET: u8 = 17;
const LIST: u8 = 18;
const TEXT: u8 = 19;

const NO_FLOOR: u8 = 0;
const OWN_FLOOR: u8 = 1;
const OTHER_FLOOR: u8 = 2;

pub(super) fn write_shared(out: &mut Writer, op: &SharedOp, own: Stamp) {
    out.u8(match &op.change {
        SharedChange::Counter { .. } => COUNTER,
        SharedChange::Set { .. } => SET,
        SharedChange::List(_) => LIST,
        SharedChange::Text(_) => TEXT,
    });
    match op.floor {
        None => out.u8(NO_FLOOR),
        Some(floor) if floor == own.floor() => out.u8(OWN_FLOOR),
        Some(floor) => {
            out.u8(OTHER_FLOOR);
            write_floor(out, floor);
        }
    }
    match &op.change {
        SharedChange::Counter { add } => out.zigzag(*add),
        SharedChange::Set { add, remove } => {
            out.length(add.len());
            add.iter().for_each(|value| write_value(out, value));
            out.length(remove.len());
            for (value, seen) in remove {
                write_value(out, value);
                out.length(seen.len());
                for add in seen {
                    write_stamp(out, add.stamp);
                    write_add_floor(out, add, op.floor);
                }
            }
        }
        SharedChange::List(update) | SharedChange::Text(update) => out.block(update),
    }
}

pub(super) fn read_shared(input: &mut Reader<'_>, own: Stamp) -> Result<SharedOp, DecodeError> {
    let tag = input.u8()?;
    let floor = match input.u8()? {
        NO_FLOOR => None,
        OWN_FLOOR => Some(own.floor()),
        // Nobody can have seen what is later than this record.
        OTHER_FLOOR => match read_floor(input)? {
            floor if floor < own.floor() => Some(floor),
            _ => return input.fail(Fault::Order),
        },
        tag => return input.fail(Fault::Tag { what: "floor", tag: tag.into() }),
    };
    let change = match tag {
        COUNTER => SharedChange::Counter { add: input.zigzag()? },
        SET => SharedChange::Set { add: read_added(input)?, remove: read_removed(input, floor)? },
        LIST => SharedChange::List(input.block("an update", MAX_RECORD_BODY)?.into()),
        TEXT => SharedChange::Text(input.block("an update", MAX_RECORD_BODY)?.into()),
        tag => return input.fail(Fault::Tag { what: "change", tag: tag.into() }),
    };
    Ok(SharedOp { floor, change })
}

fn read_added(input: &mut Reader<'_>) -> Result<Vec<Value>, DecodeError> {
    let count = input.length("the number of values", input.remaining())?;
    (0..count).map(|_| read_element(input)).collect()
}

type Removed = Vec<(Value, Vec<SeenAdd>)>;

fn read_removed(input: &mut Reader<'_>, floor: Option<Floor>) -> Result<Removed, DecodeError> {
    let count = input.length("the number of values", input.remaining())?;
    let mut removed = Vec::new();
    for _ in 0..count {
        let value = read_element(input)?;
        let count = input.length("the number of stamps", input.remaining() / STAMP_BYTES)?;
        let seen = (0..count).map(|_| read_add(input, floor)).collect::<Result<_, _>>()?;
        removed.push((value, seen));
    }
    Ok(removed)
}

/// The floor of an add that is taken out: 0 where it is that of the change, 1 where it is the add
/// itself, 2 for none, 3 and a stamp for another.
fn write_add_floor(out: &mut Writer, add: &SeenAdd, floor: Option<Floor>) {
    match add.floor {
        same if same == floor => out.u8(0),
        Some(own) if own == add.stamp.floor() => out.u8(1),
        None => out.u8(2),
        Some(other) => {
            out.u8(3);
            write_floor(out, other);
        }
    }
}

fn read_add(input: &mut Reader<'_>, floor: Option<Floor>) -> Result<SeenAdd, DecodeError> {
    let stamp = read_stamp(input)?;
    let floor = match input.u8()? {
        0 => floor,
        1 => Some(stamp.floor()),
        2 => None,
        3 => Some(read_floor(input)?),
        tag => return input.fail(Fault::Tag { what: "floor", tag: tag.into() }),
    };
    Ok(SeenAdd { stamp, floor })
}

/// A value that a set can hold: equal values have equal bytes, which an object's spelling of bytes
/// in JSON would break.
fn read_element(input: &mut Reader<'_>) -> Result<Value, DecodeError> {
    match read_value(input)? {
        Value::Object(_) => input.fail(ValueError::WholeObject),
        value => Ok(value),
    }
}

const STAMP_BYTES: usize = 24;

/// Writes a stamp: u64 hybrid time, 16 bytes actor.
pub fn write_stamp(out: &mut Writer, stamp: Stamp) {
    out.u64(stamp.hlc.0);
    out.raw(&stamp.actor.0);
}

/// Writes a floor: u64 hybrid time, 3 bytes of the actor.
pub fn write_floor(out: &mut Writer, floor: Floor) {
    out.u64(floor.hlc.0);
    out.raw(&floor.family);
}

/// Reads what [`write_floor`] wrote.
pub fn read_floor(input: &mut Reader<'_>) -> Result<Floor, DecodeError> {
    Ok(Floor { hlc: Hlc(input.u64()?), family: input.array()? })
}

/// Reads what [`write_stamp`] wrote.
pub fn read_stamp(input: &mut Reader<'_>) -> Result<Stamp, DecodeError> {
    Ok(Stamp { hlc: Hlc(input.u64()?), actor: ActorId(input.array()?) })
}
