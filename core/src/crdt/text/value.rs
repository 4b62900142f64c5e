//! Values as Yjs holds them, and back.

use crate::model::{BYTES_KEY, MAX_DEPTH, Value, gather};
use alloc::sync::Arc;
use yrs::Any;

/// A value as Yjs holds it.
pub(super) fn any(value: &Value) -> Any {
    match value {
        Value::Null => Any::Null,
        Value::Bool(value) => Any::Bool(*value),
        Value::Int(number) => Any::from(*number),
        Value::Float(number) => Any::from(*number),
        Value::Text(text) => Any::String(text.as_str().into()),
        Value::Bytes(bytes) => Any::Buffer(bytes.as_slice().into()),
        Value::Array(items) => Any::Array(items.iter().map(any).collect()),
        Value::Object(map) => {
            let fields = map.iter().map(|(key, value)| (key.clone(), any(value)));
            Any::Map(Arc::new(fields.collect()))
        }
    }
}

/// A value of Yjs as readers see it. What no value of ours can be is null.
pub(super) fn value(any: &Any, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    match any {
        Any::Null | Any::Undefined => Value::Null,
        Any::Bool(value) => Value::Bool(*value),
        Any::Number(yrs::any::Number::Int(number)) => Value::Int(*number),
        Any::Number(yrs::any::Number::Float(number)) => match whole(*number) {
            Some(number) => Value::Int(number),
            None => Value::number(*number).unwrap_or(Value::Null),
        },
        Any::String(text) => Value::Text((**text).into()),
        Any::Buffer(bytes) => Value::Bytes(bytes.to_vec()),
        Any::Array(items) => {
            Value::Array(items.iter().map(|item| value(item, depth + 1)).collect())
        }
        Any::Map(map) if map.contains_key(BYTES_KEY) => Value::Null,
        Any::Map(map) => Value::Object(gather(
            map.iter().map(|(key, item)| (key.clone(), value(item, depth + 1))),
        )),
    }
}

/// The integer that a float beyond ±2^53 is.
#[expect(clippy::cast_possible_truncation, reason = "whole and in range: exact")]
pub(super) fn whole(number: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    const SAFE: f64 = 9_007_199_254_740_992.0;
    let beyond = number.abs() > SAFE && (-LIMIT..LIMIT).contains(&number);
    beyond.then_some(number as i64)
}
