//! JavaScript values as fields. What cannot be stored is refused, with the path to it.

use crate::error::Fault;
use js_sys::{Array, BigInt, Float32Array, JsString, Object, Reflect, Uint8Array};
use pluresdb::{Map, Path, Value};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

/// Deepest nesting, that of the model: beyond it a value is refused, one that contains itself too.
const MAX_DEPTH: usize = pluresdb::model::MAX_DEPTH;
/// Keys of a path that are shown.
const LONGEST_PLACE: usize = 8;

/// Why a value cannot be stored, and where in it.
pub(super) struct Unfit {
    /// From the inside out.
    keys: Vec<String>,
    why: String,
}

impl Unfit {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { keys: Vec::new(), why: why.into() }
    }

    pub(super) fn inside(mut self, key: impl Into<String>) -> Self {
        self.keys.push(key.into());
        self
    }

    pub(super) fn fault(mut self, root: &str) -> Fault {
        self.keys.reverse();
        if self.keys.len() > LONGEST_PLACE {
            self.keys.truncate(LONGEST_PLACE);
            self.keys.push("…".into());
        }
        let place = self.keys.join(".");
        let place = if place.is_empty() { root } else { &place };
        Fault::new("bad-value", format!("{place}: {}", self.why))
    }
}

/// The fields of a node, or the data of an edge.
pub(crate) fn data(value: &JsValue) -> Result<Map, Fault> {
    let read = || match plain(value) {
        Some(object) => fields(object, 0),
        None => Err(Unfit::new(format!("expected a plain object, found {}", describe(value)))),
    };
    read().map_err(|unfit| unfit.fault("data"))
}

/// The same, empty where there is none.
pub(crate) fn optional_data(value: &JsValue) -> Result<Map, Fault> {
    if value.is_undefined() || value.is_null() {
        return Ok(Map::new());
    }
    data(value)
}

/// A text, or `None` for anything else.
pub(crate) fn string(value: &JsValue) -> Option<String> {
    let string = value.dyn_ref::<JsString>()?;
    is_well_formed(string).then(|| string.into())
}

/// A patch: nested objects become paths, `undefined` removes.
pub(crate) fn patch(value: &JsValue) -> Result<Vec<(Path, Option<Value>)>, Fault> {
    let Some(object) = plain(value) else {
        let why = format!("expected a plain object, found {}", describe(value));
        return Err(Unfit::new(why).fault("patch"));
    };
    let mut changes = Vec::new();
    collect(object, None, &mut changes, 0).map_err(|unfit| unfit.fault("patch"))?;
    Ok(changes)
}

fn collect(
    object: &Object,
    at: Option<&Path>,
    changes: &mut Vec<(Path, Option<Value>)>,
    depth: usize,
) -> Result<(), Unfit> {
    check_depth(depth)?;
    for (key, field) in entries(object)? {
        let path = match at {
            None => Path::field(&key),
            Some(at) => at.child(&key),
        };
        let path = path.map_err(|error| Unfit::new(error.to_string()).inside(key.as_str()))?;
        if field.is_undefined() {
            changes.push((path, None));
        } else if let Some(inner) = plain(&field) {
            // The object itself comes first, so that an empty one is there afterwards.
            changes.push((path.clone(), Some(Value::Object(Map::new()))));
            collect(inner, Some(&path), changes, depth + 1).map_err(|unfit| unfit.inside(key))?;
        } else {
            let value = read(&field, depth + 1).map_err(|unfit| unfit.inside(key))?;
            changes.push((path, Some(value)));
        }
    }
    Ok(())
}

pub(super) fn read(value: &JsValue, depth: usize) -> Result<Value, Unfit> {
    check_depth(depth)?;
    if let Some(string) = value.dyn_ref::<JsString>() {
        return Ok(Value::Text(text(string)?));
    }
    if let Some(number) = value.as_f64() {
        return Value::number(number).map_err(|error| Unfit::new(error.to_string()));
    }
    if let Some(truth) = value.as_bool() {
        return Ok(Value::Bool(truth));
    }
    if value.is_null() {
        return Ok(Value::Null);
    }
    if value.is_bigint() {
        return big(value.unchecked_ref());
    }
    if Array::is_array(value) {
        return items(value.unchecked_ref(), depth);
    }
    if let Some(object) = plain(value) {
        return fields(object, depth).map(Value::Object);
    }
    if let Some(bytes) = bytes(value) {
        return Ok(Value::Bytes(bytes.to_vec()));
    }
    if let Some(floats) = floats(value) {
        let numbers = floats.to_vec();
        return Value::vector(&numbers).map_err(|error| Unfit::new(error.to_string()));
    }
    Err(Unfit::new(format!("{} cannot be stored", describe(value))))
}

fn fields(object: &Object, depth: usize) -> Result<Map, Unfit> {
    let mut map = Map::new();
    for (key, field) in entries(object)? {
        // As in JSON, a field that is undefined is a field that is not there.
        if field.is_undefined() {
            continue;
        }
        match read(&field, depth + 1) {
            Ok(value) => map.insert(key, value),
            Err(unfit) => return Err(unfit.inside(key)),
        };
    }
    Ok(map)
}

fn items(array: &Array, depth: usize) -> Result<Value, Unfit> {
    let mut items = Vec::with_capacity(array.length() as usize);
    for (index, item) in array.iter().enumerate() {
        items.push(read(&item, depth + 1).map_err(|unfit| unfit.inside(index.to_string()))?);
    }
    Ok(Value::Array(items))
}

fn entries(object: &Object) -> Result<impl Iterator<Item = (String, JsValue)>, Unfit> {
    let mut entries = Vec::new();
    for key in Object::keys(object).iter() {
        let name = text(key.unchecked_ref())?;
        let field = Reflect::get(object, &key)
            .map_err(|_| Unfit::new("reading the field threw").inside(name.as_str()))?;
        entries.push((name, field));
    }
    Ok(entries.into_iter())
}

#[wasm_bindgen]
extern "C" {
    /// A string as engines since 2023 have it.
    type ModernString;

    /// False where half of a surrogate pair stands alone: such a string has no UTF-8.
    #[wasm_bindgen(method, js_name = isWellFormed)]
    fn is_well_formed(this: &ModernString) -> bool;
}

pub(super) fn is_well_formed(string: &JsString) -> bool {
    string.unchecked_ref::<ModernString>().is_well_formed()
}

pub(super) fn text(string: &JsString) -> Result<String, Unfit> {
    if is_well_formed(string) {
        return Ok(string.into());
    }
    Err(Unfit::new("the text holds half of a surrogate pair, which UTF-8 has no bytes for"))
}

fn big(number: &BigInt) -> Result<Value, Unfit> {
    match i64::try_from(number.clone()) {
        Ok(number) => Ok(Value::Int(number)),
        Err(_) => Err(Unfit::new("the bigint does not fit in 64 bits; store it as a text")),
    }
}

/// Bytes, of this realm or another (a frame, a VS Code host).
pub(super) fn bytes(value: &JsValue) -> Option<&Uint8Array> {
    let is_bytes = value.is_instance_of::<Uint8Array>() || tag_of(value) == "[object Uint8Array]";
    is_bytes.then(|| value.unchecked_ref())
}

/// 32-bit floats, of this realm or another.
pub(super) fn floats(value: &JsValue) -> Option<&Float32Array> {
    let are = value.is_instance_of::<Float32Array>() || tag_of(value) == "[object Float32Array]";
    are.then(|| value.unchecked_ref())
}

/// A vector as JavaScript has it: a `Float32Array` or an array of numbers. What is no number is NaN.
pub(crate) fn vector(value: &JsValue) -> Option<Vec<f32>> {
    let is_vector = Array::is_array(value) || floats(value).is_some();
    is_vector.then(|| Float32Array::new(value).to_vec())
}

/// An object written as `{..}`, of this realm or another: its prototype is none or a root.
fn plain(value: &JsValue) -> Option<&Object> {
    if !value.is_object() || Array::is_array(value) {
        return None;
    }
    let prototype = Object::get_prototype_of(value);
    let root = prototype.is_null() || Object::get_prototype_of(&prototype).is_null();
    root.then(|| value.unchecked_ref())
}

fn check_depth(depth: usize) -> Result<(), Unfit> {
    if depth > MAX_DEPTH {
        return Err(Unfit::new(format!(
            "the value is nested deeper than {MAX_DEPTH} levels, or contains itself"
        )));
    }
    Ok(())
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn tag_of(value: &JsValue) -> String;
}

/// How a person would call what was found.
pub(crate) fn describe(value: &JsValue) -> String {
    if value.is_undefined() {
        return "undefined".into();
    }
    if value.is_null() {
        return "null".into();
    }
    if value.is_function() {
        return "a function".into();
    }
    if value.is_symbol() {
        return "a symbol".into();
    }
    let tag = tag_of(value);
    let name = tag.trim_start_matches("[object ").trim_end_matches(']');
    match name {
        "Date" => "a Date (store its ISO text or its number)".into(),
        "Map" | "Set" => format!("a {name} (store a plain object or an array)"),
        "Object" => "an instance of a class (store a plain object)".into(),
        "String" => "a text".into(),
        "Number" => "a number".into(),
        "Boolean" => "a boolean".into(),
        "BigInt" => "a bigint".into(),
        other => format!("a value of type {other}"),
    }
}
