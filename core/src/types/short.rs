//! A value in a few words, for messages.

use crate::model::Value;
use alloc::string::String;
use core::fmt::Write;

/// Most characters of a value that a message shows.
const MOST: usize = 60;

/// The value as JSON would have it, cut where it is long.
pub(super) fn short(value: &Value) -> String {
    let mut room = Room { text: String::new(), left: MOST };
    // The only error is that the room is full.
    if put(&mut room, value).is_err() {
        room.text.push('…');
    }
    room.text
}

struct Room {
    text: String,
    left: usize,
}

impl Write for Room {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        for char in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(core::fmt::Error)?;
            self.text.push(char);
        }
        Ok(())
    }
}

fn put(room: &mut Room, value: &Value) -> core::fmt::Result {
    match value {
        Value::Null => room.write_str("null"),
        Value::Bool(value) => write!(room, "{value}"),
        Value::Int(number) => write!(room, "{number}"),
        Value::Float(number) => write!(room, "{number:?}"),
        Value::Text(text) => put_text(room, text),
        Value::Bytes(bytes) => write!(room, "{} bytes", bytes.len()),
        Value::Array(items) => {
            room.write_char('[')?;
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    room.write_str(", ")?;
                }
                put(room, item)?;
            }
            room.write_char(']')
        }
        Value::Object(map) => {
            room.write_char('{')?;
            for (i, (key, value)) in map.iter().enumerate() {
                if i > 0 {
                    room.write_str(", ")?;
                }
                put_text(room, key)?;
                room.write_str(": ")?;
                put(room, value)?;
            }
            room.write_char('}')
        }
    }
}

fn put_text(room: &mut Room, text: &str) -> core::fmt::Result {
    room.write_char('"')?;
    for char in text.chars() {
        match char {
            '"' => room.write_str("\\\"")?,
            '\\' => room.write_str("\\\\")?,
            char if char.is_control() => write!(room, "{}", char.escape_default())?,
            char => room.write_char(char)?,
        }
    }
    room.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut_at_a_character() {
        assert_eq!(short(&Value::from("ä\n\"")), "\"ä\\n\\\"\"");
        let long = short(&Value::from("ä".repeat(100)));
        assert_eq!((long.chars().count(), long.ends_with('…')), (MOST + 1, true));
    }

    #[test]
    fn a_nested_value_reads_like_json() {
        let value = Value::from([("a", Value::Array(alloc::vec![Value::Int(1), Value::Null]))]);
        assert_eq!(short(&value), "{\"a\": [1, null]}");
        assert_eq!(short(&Value::Bytes(alloc::vec![0; 5])), "5 bytes");
    }
}
