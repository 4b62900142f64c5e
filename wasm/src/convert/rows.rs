//! Parameters of SQL statements and their rows.

use super::from_js::{bytes, describe, is_well_formed};
use super::to_js::{int, set};
use crate::error::Fault;
use js_sys::{Array, BigInt, JsString, Object, Uint8Array};
use pluresdb::{Rows, SqlValue, Value};
use wasm_bindgen::{JsCast, JsValue};

/// An array of parameters; none where it is left out.
pub(crate) fn parameters(values: &JsValue) -> Result<Vec<SqlValue>, Fault> {
    if values.is_undefined() || values.is_null() {
        return Ok(Vec::new());
    }
    if !Array::is_array(values) {
        let message = format!("the parameters are {}; expected an array", describe(values));
        return Err(Fault::new("bad-parameter", message));
    }
    let values: &Array = values.unchecked_ref();
    (1..)
        .zip(values.iter())
        .map(|(number, value)| {
            parameter(&value)
                .map_err(|why| Fault::new("bad-parameter", format!("parameter {number}: {why}")))
        })
        .collect()
}

fn parameter(value: &JsValue) -> Result<SqlValue, String> {
    if let Some(string) = value.dyn_ref::<JsString>() {
        return match is_well_formed(string) {
            true => Ok(SqlValue::Text(string.into())),
            false => Err("the text holds half of a surrogate pair".into()),
        };
    }
    if let Some(number) = value.as_f64() {
        return match Value::number(number).map_err(|error| error.to_string())? {
            Value::Int(number) => Ok(SqlValue::Int(number)),
            _ => Ok(SqlValue::Real(number)),
        };
    }
    if let Some(truth) = value.as_bool() {
        return Ok(SqlValue::Int(truth.into()));
    }
    if value.is_null() {
        return Ok(SqlValue::Null);
    }
    if value.is_bigint() {
        return i64::try_from(value.unchecked_ref::<BigInt>().clone())
            .map(SqlValue::Int)
            .map_err(|_| "the bigint does not fit in 64 bits".into());
    }
    bytes(value)
        .map(|bytes| SqlValue::Blob(bytes.to_vec()))
        .ok_or_else(|| format!("{} cannot be a parameter", describe(value)))
}

/// Rows as `{ columns, rows }`.
pub(crate) fn table(found: &Rows) -> Object {
    let columns: Array = found.columns.iter().map(JsValue::from).collect();
    let rows: Array = found.rows.iter().map(|values| row(values)).collect();
    let table = Object::new();
    set(&table, &"columns".into(), &columns);
    set(&table, &"rows".into(), &rows);
    table
}

/// The values of a row as an array.
pub(crate) fn row(values: &[SqlValue]) -> Array {
    values.iter().map(cell).collect()
}

fn cell(value: &SqlValue) -> JsValue {
    match value {
        SqlValue::Null => JsValue::NULL,
        SqlValue::Int(number) => int(*number),
        SqlValue::Real(number) => (*number).into(),
        SqlValue::Text(text) => text.as_str().into(),
        SqlValue::Blob(bytes) => Uint8Array::from(bytes.as_slice()).into(),
    }
}
