//! The arguments of changes to counters, sets, texts and lists: field paths, whole numbers, values
//! and edits.

use super::describe;
use super::from_js::{Unfit, bytes, read, text};
use crate::error::Fault;
use js_sys::{Array, JsString, Reflect};
use pluresdb::{ListEdit, Path, SharedKind, TextEdit, Value};
use wasm_bindgen::{JsCast, JsValue};

/// Largest number below which every whole number is exact.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// A field: the key of a top-level one, or the keys that lead to it.
pub(crate) fn path(field: &JsValue) -> Result<Path, Fault> {
    let keys = || match field.dyn_ref::<JsString>() {
        Some(key) => Ok(vec![text(key)?]),
        None if Array::is_array(field) => keys_of(field.unchecked_ref()),
        None => {
            let found = describe(field);
            Err(Unfit::new(format!("expected a key or an array of keys, found {found}")))
        }
    };
    let path = || {
        let keys = keys()?;
        let mut keys = keys.iter();
        let first = keys.next().ok_or_else(|| Unfit::new("an array of keys must hold one"))?;
        let first = Path::field(first);
        keys.fold(first, |path, key| path?.child(key))
            .map_err(|error| Unfit::new(error.to_string()))
    };
    path().map_err(|unfit| unfit.fault("field"))
}

fn keys_of(keys: &Array) -> Result<Vec<String>, Unfit> {
    keys.iter()
        .enumerate()
        .map(|(index, key)| match key.dyn_ref::<JsString>() {
            Some(key) => text(key),
            None => Err(Unfit::new(format!("expected a key, found {}", describe(&key)))
                .inside(index.to_string())),
        })
        .collect()
}

/// A whole number, as a number or as a bigint.
pub(crate) fn whole(value: &JsValue, name: &str) -> Result<i64, Fault> {
    match integer(value) {
        Ok(number) => Ok(number),
        Err(unfit) => Err(unfit.fault(name)),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53: exact")]
fn integer(value: &JsValue) -> Result<i64, Unfit> {
    if value.is_bigint() {
        return match read(value, 0)? {
            Value::Int(number) => Ok(number),
            _ => Err(Unfit::new("the bigint does not fit in 64 bits")),
        };
    }
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 && number.abs() <= MAX_SAFE => Ok(number as i64),
        Some(number) => Err(Unfit::new(format!("expected a whole number, found {number}"))),
        None => Err(Unfit::new(format!("expected a whole number, found {}", describe(value)))),
    }
}

/// Values of a set.
pub(crate) fn values(value: &JsValue) -> Result<Vec<Value>, Fault> {
    items(value, |item| read(item, 1)).map_err(|unfit| unfit.fault("values"))
}

/// Edits of a text: `{ at, remove, insert }`.
pub(crate) fn text_edits(value: &JsValue) -> Result<Vec<TextEdit>, Fault> {
    let edit = |edit: &JsValue| {
        let insert = property(edit, "insert")?;
        let insert = match insert.dyn_ref::<JsString>() {
            Some(insert) => text(insert).map_err(|unfit| unfit.inside("insert"))?,
            None if insert.is_undefined() => String::new(),
            None => return Err(expected("a text", &insert).inside("insert")),
        };
        Ok(TextEdit { at: place(edit, "at")?, remove: length(edit)?, insert })
    };
    items(value, edit).map_err(|unfit| unfit.fault("edits"))
}

/// Edits of a list: the same, but `insert` is an array of values.
pub(crate) fn list_edits(value: &JsValue) -> Result<Vec<ListEdit>, Fault> {
    let edit = |edit: &JsValue| {
        let insert = property(edit, "insert")?;
        let insert = match insert.is_undefined() {
            true => Vec::new(),
            false => {
                items(&insert, |item| read(item, 1)).map_err(|unfit| unfit.inside("insert"))?
            }
        };
        Ok(ListEdit { at: place(edit, "at")?, remove: length(edit)?, insert })
    };
    items(value, edit).map_err(|unfit| unfit.fault("edits"))
}

/// A kind of field that has a document of Yjs.
pub(crate) fn document_kind(value: &JsValue) -> Result<SharedKind, Fault> {
    match super::string(value).as_deref() {
        Some("text") => Ok(SharedKind::Text),
        Some("list") => Ok(SharedKind::List),
        _ => Err(Unfit::new("expected \"text\" or \"list\"").fault("kind")),
    }
}

/// An update of Yjs.
pub(crate) fn update(value: &JsValue) -> Result<Vec<u8>, Fault> {
    match bytes(value) {
        Some(bytes) => Ok(bytes.to_vec()),
        None => Err(expected("a Uint8Array", value).fault("update")),
    }
}

fn items<T>(
    value: &JsValue,
    convert: impl Fn(&JsValue) -> Result<T, Unfit>,
) -> Result<Vec<T>, Unfit> {
    if !Array::is_array(value) {
        return Err(expected("an array", value));
    }
    let array: &Array = value.unchecked_ref();
    let convert =
        |(index, item)| convert(&item).map_err(|unfit| unfit.inside(usize::to_string(&index)));
    array.iter().enumerate().map(convert).collect()
}

fn length(edit: &JsValue) -> Result<u32, Unfit> {
    match property(edit, "remove")?.is_undefined() {
        true => Ok(0),
        false => place(edit, "remove"),
    }
}

fn place(edit: &JsValue, key: &str) -> Result<u32, Unfit> {
    let number = integer(&property(edit, key)?).map_err(|unfit| unfit.inside(key))?;
    u32::try_from(number)
        .map_err(|_| Unfit::new(format!("{number} is no place in a field")).inside(key))
}

fn property(object: &JsValue, key: &str) -> Result<JsValue, Unfit> {
    if !object.is_object() {
        return Err(expected("an object", object));
    }
    Reflect::get(object, &key.into()).map_err(|_| Unfit::new("reading it threw").inside(key))
}

fn expected(what: &str, found: &JsValue) -> Unfit {
    Unfit::new(format!("expected {what}, found {}", describe(found)))
}
