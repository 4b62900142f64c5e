//! The engine's values as plain JavaScript objects.

use js_sys::{Array, BigInt, Object, Reflect, Uint8Array};
use pluresdb::{Edge, Found, Hit, Map, Node, Value};
use std::collections::HashMap;
use wasm_bindgen::JsValue;

/// Largest whole number that a JavaScript number holds exactly: 2^53.
pub(super) const MAX_SAFE: u64 = 1 << 53;
/// Field names kept as JavaScript strings at most, and their length.
const MOST_KEYS: usize = 2_048;
const LONGEST_KEY: usize = 64;

/// Field names as JavaScript strings, so that one that comes often is carried over once.
#[derive(Debug, Default)]
pub(crate) struct Keys(HashMap<String, JsValue>);

impl Keys {
    fn get(&mut self, key: &str) -> JsValue {
        if let Some(known) = self.0.get(key) {
            return known.clone();
        }
        let made = JsValue::from_str(key);
        if key.len() <= LONGEST_KEY {
            if self.0.len() >= MOST_KEYS {
                self.0.clear();
            }
            self.0.insert(key.to_owned(), made.clone());
        }
        made
    }
}

/// A node as `{ id, type, data, updated }`.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
pub(crate) fn node(node: &Node, keys: &mut Keys) -> Object {
    let object = Object::new();
    set(&object, &keys.get("id"), &node.id.as_str().into());
    set(&object, &keys.get("type"), &keys.get(&node.kind));
    set(&object, &keys.get("data"), &map(&node.data, keys));
    set(&object, &keys.get("updated"), &(node.updated as f64).into());
    object
}

/// An edge as `{ source, label, target, key, data }`; empty data is null.
pub(crate) fn edge(edge: &Edge, keys: &mut Keys) -> Object {
    let object = Object::new();
    set(&object, &keys.get("source"), &edge.source.as_str().into());
    set(&object, &keys.get("label"), &keys.get(&edge.label));
    set(&object, &keys.get("target"), &edge.target.as_str().into());
    set(&object, &keys.get("key"), &edge.key.as_str().into());
    let data = match edge.data.is_empty() {
        true => JsValue::NULL,
        false => map(&edge.data, keys),
    };
    set(&object, &keys.get("data"), &data);
    object
}

/// A hit as `{ node, score }`, with what was marked.
pub(super) fn hit(hit: &Hit, keys: &mut Keys) -> Object {
    let shown = Object::new();
    set(&shown, &keys.get("node"), &node(&hit.node, keys));
    set(&shown, &keys.get("score"), &hit.score.into());
    if let Some(snippet) = &hit.snippet {
        set(&shown, &"snippet".into(), &snippet.as_str().into());
    }
    if !hit.highlights.is_empty() {
        let fields = hit.highlights.iter();
        let fields: Vec<(&str, JsValue)> =
            fields.map(|(name, text)| (name.as_str(), text.as_str().into())).collect();
        set(&shown, &"highlights".into(), &object(&fields));
    }
    shown
}

/// What a search found as `{ hits, corrected }`.
pub(super) fn found(found: &Found) -> JsValue {
    let hits = list(&found.hits, &mut Keys::default(), hit);
    let corrected = found.corrected.iter().map(|word| {
        object(&[("typed", word.typed.as_str().into()), ("taken", word.taken.as_str().into())])
    });
    let corrected: Array = corrected.collect();
    object(&[("hits", hits.into()), ("corrected", corrected.into())]).into()
}

/// An array of what `convert` makes of each.
pub(crate) fn list<T>(
    items: &[T],
    keys: &mut Keys,
    convert: impl Fn(&T, &mut Keys) -> Object,
) -> Array {
    items.iter().map(|item| convert(item, keys)).collect()
}

/// A value.
pub(crate) fn value(value: &Value, keys: &mut Keys) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => int(*number),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
        Value::Array(items) => {
            items.iter().map(|item| self::value(item, keys)).collect::<Array>().into()
        }
        Value::Object(fields) => map(fields, keys),
    }
}

/// A whole number: a number while that is exact, a bigint beyond.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
pub(crate) fn int(number: i64) -> JsValue {
    if number.unsigned_abs() <= MAX_SAFE {
        (number as f64).into()
    } else {
        BigInt::from(number).into()
    }
}

/// An object of these properties.
pub(crate) fn object(parts: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in parts {
        set(&object, &(*name).into(), value);
    }
    object
}

/// Sets a property of an object made here.
pub(crate) fn set(object: &Object, key: &JsValue, value: &JsValue) {
    // It is extensible and has no setters but `__proto__`, which goes through `define`.
    let _ = Reflect::set(object, key, value);
}

fn map(fields: &Map, keys: &mut Keys) -> JsValue {
    let object = Object::new();
    for (key, field) in fields {
        let field = value(field, keys);
        if key == "__proto__" {
            define(&object, key, &field);
        } else {
            set(&object, &keys.get(key), &field);
        }
    }
    object.into()
}

/// Makes a property of the object's own where setting it would change the prototype.
fn define(object: &Object, key: &str, value: &JsValue) {
    let property = Object::new();
    set(&property, &"value".into(), value);
    for flag in ["enumerable", "writable", "configurable"] {
        set(&property, &flag.into(), &true.into());
    }
    Object::define_property(object, &key.into(), &property);
}
