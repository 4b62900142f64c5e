//! One value as a tag byte and its content.
//!
//! | tag | content |
//! |---|---|
//! | 1 null, 2 false, 3 true | none |
//! | 4 int | zigzag varint |
//! | 5 float | 8 bytes IEEE 754 |
//! | 6 text, 7 bytes | length, bytes |
//! | 8 array | count, values |
//! | 9 object | count, then key (length, bytes) and value, keys rising |

use super::bytes::{Reader, Writer};
use super::error::{DecodeError, Fault};
use crate::model::{BYTES_KEY, MAX_DEPTH, MAX_RECORD_BODY, Map, Value, ValueError};
use alloc::string::String;
use alloc::vec::Vec;

const NULL: u8 = 1;
const FALSE: u8 = 2;
const TRUE: u8 = 3;
const INT: u8 = 4;
const FLOAT: u8 = 5;
const TEXT: u8 = 6;
const BYTES: u8 = 7;
const ARRAY: u8 = 8;
const OBJECT: u8 = 9;

/// Writes a value.
pub fn write_value(out: &mut Writer, value: &Value) {
    match value {
        Value::Null => out.u8(NULL),
        Value::Bool(false) => out.u8(FALSE),
        Value::Bool(true) => out.u8(TRUE),
        Value::Int(number) => {
            out.u8(INT);
            out.zigzag(*number);
        }
        Value::Float(number) => {
            out.u8(FLOAT);
            out.u64(number.to_bits());
        }
        Value::Text(text) => {
            out.u8(TEXT);
            out.block(text.as_bytes());
        }
        Value::Bytes(bytes) => {
            out.u8(BYTES);
            out.block(bytes);
        }
        Value::Array(items) => {
            out.u8(ARRAY);
            out.length(items.len());
            items.iter().for_each(|item| write_value(out, item));
        }
        Value::Object(map) => {
            out.u8(OBJECT);
            out.length(map.len());
            for (key, value) in map {
                out.block(key.as_bytes());
                write_value(out, value);
            }
        }
    }
}

/// Reads a value; every value it gives can be stored.
pub fn read_value(input: &mut Reader<'_>) -> Result<Value, DecodeError> {
    read_at(input, 0)
}

fn read_at(input: &mut Reader<'_>, depth: usize) -> Result<Value, DecodeError> {
    if depth > MAX_DEPTH {
        return input.fail(ValueError::TooDeep);
    }
    Ok(match input.u8()? {
        NULL => Value::Null,
        FALSE => Value::Bool(false),
        TRUE => Value::Bool(true),
        INT => Value::Int(input.zigzag()?),
        FLOAT => {
            let number = f64::from_bits(input.u64()?);
            let value = Value::number(number);
            input.check(value)?
        }
        TEXT => Value::Text(input.text("a text", MAX_RECORD_BODY)?.into()),
        BYTES => Value::Bytes(input.block("a byte string", MAX_RECORD_BODY)?.into()),
        ARRAY => {
            // Each item takes a byte at least, so the input bounds the count.
            let count = input.length("a list", input.remaining())?;
            let mut items = Vec::new();
            for _ in 0..count {
                items.push(read_at(input, depth + 1)?);
            }
            Value::Array(items)
        }
        OBJECT => {
            let count = input.length("an object", input.remaining())?;
            let mut map = Map::new();
            for _ in 0..count {
                let key = String::from(input.text("a key", MAX_RECORD_BODY)?);
                if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
                    return input.fail(Fault::Order);
                }
                if key == BYTES_KEY {
                    return input.fail(ValueError::ReservedKey);
                }
                map.insert(key, read_at(input, depth + 1)?);
            }
            Value::Object(map)
        }
        tag => {
            return input.fail(Fault::Tag { what: "value tag", tag: tag.into() });
        }
    })
}
