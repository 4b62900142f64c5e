//! Parameters of SQL statements and their rows.

use super::from_js::{bytes, describe, floats, is_well_formed};
use super::json;
use super::to_js::{int, set};
use crate::error::Fault;
use js_sys::{Array, BigInt, JsString, Object, Uint8Array};
use pluresdb::{Executed, SqlValue, Statement, Value};
use wasm_bindgen::{JsCast, JsValue};

/// The values of a statement's parameters.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    values: Vec<SqlValue>,
    named: Vec<(String, SqlValue)>,
}

impl Parameters {
    /// An array of values by place, or an object of values by name; none where it is left out.
    pub(crate) fn read(values: &JsValue) -> Result<Self, Fault> {
        let mut found = Self::default();
        if values.is_undefined() || values.is_null() {
            return Ok(found);
        }
        if Array::is_array(values) {
            let values: &Array = values.unchecked_ref();
            for (number, value) in (1..).zip(values.iter()) {
                found.values.push(parameter(&value).map_err(fault(&number.to_string()))?);
            }
        } else if is_plain_object(values) {
            for entry in Object::entries(values.unchecked_ref()) {
                let entry: Array = entry.unchecked_into();
                let name = entry.get(0).as_string().unwrap_or_default();
                let value = parameter(&entry.get(1)).map_err(fault(&name))?;
                found.named.push((name, value));
            }
        } else {
            let message =
                format!("the parameters are {}; expected an array or an object", describe(values));
            return Err(Fault::new("bad-parameter", message));
        }
        Ok(found)
    }

    /// The values in their order.
    pub(crate) fn by_place(self) -> Result<Vec<SqlValue>, Fault> {
        match self.named.is_empty() {
            true => Ok(self.values),
            false => Err(Fault::new("bad-parameter", "expected an array of values")),
        }
    }

    /// The values with their names.
    pub(crate) fn by_name(self) -> Result<Vec<(String, SqlValue)>, Fault> {
        match self.values.is_empty() {
            true => Ok(self.named),
            false => Err(Fault::new("bad-parameter", "expected an object of values by name")),
        }
    }

    /// Calls back with a statement that has these values.
    pub(crate) fn with<R>(&self, sql: &str, call: impl FnOnce(Statement<'_>) -> R) -> R {
        call(self.statement(sql, &self.borrowed()))
    }

    /// The values that have names, with them.
    pub(crate) fn borrowed(&self) -> Vec<(&str, SqlValue)> {
        self.named.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
    }

    /// A statement with the values, those with names as they were borrowed.
    pub(crate) fn statement<'a>(
        &'a self,
        sql: &'a str,
        named: &'a [(&'a str, SqlValue)],
    ) -> Statement<'a> {
        Statement::new(sql).with(&self.values).named(named)
    }
}

fn fault(which: &str) -> impl FnOnce(String) -> Fault {
    let which = which.to_owned();
    move |why| Fault::new("bad-parameter", format!("parameter {which}: {why}"))
}

fn is_plain_object(value: &JsValue) -> bool {
    value.is_object() && bytes(value).is_none() && !value.has_type::<js_sys::Date>()
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
    let floats = || {
        floats(value)
            .map(|all| all.to_vec().iter().flat_map(|number| number.to_le_bytes()).collect())
    };
    bytes(value)
        .map(Uint8Array::to_vec)
        .or_else(floats)
        .map(SqlValue::Blob)
        .ok_or_else(|| format!("{} cannot be a parameter", describe(value)))
}

/// Rows as `{ columns, rows }`.
pub(crate) fn table(columns: &[String], rows: &[Vec<SqlValue>]) -> Object {
    let columns: Array = columns.iter().map(JsValue::from).collect();
    let table = Object::new();
    set(&table, &"columns".into(), &columns);
    set(&table, &"rows".into(), &json::rows(rows));
    table
}

/// The values of a row as an array.
pub(crate) fn row(values: &[SqlValue]) -> Array {
    values.iter().map(cell).collect()
}

/// What a statement gave and did, as `{ columns, rows, changes }`.
#[expect(clippy::cast_precision_loss, reason = "no statement changes 2^53 rows")]
pub(crate) fn executed(done: &Executed) -> Object {
    let object = table(&done.columns, &done.rows);
    set(&object, &"changes".into(), &(done.changes as f64).into());
    object
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
