//! Values of SQL as values of fields.
//!
//! SQL has no truth values and no lists. What a view shows as 0, 1 or JSON text is taken back as what
//! it was where the field is declared so, or holds such a value already.

use crate::engine::error::Error;
use crate::engine::query::sql::SqlValue;
use crate::model::{Map, Value};
use crate::types::{FieldDef, ValueType};

/// What a field is to hold; `None` where it is to be gone.
pub(super) fn field_value(
    column: &str,
    value: &SqlValue,
    declared: Option<&FieldDef>,
    present: Option<&Value>,
) -> Result<Option<Value>, Error> {
    let like = Like::of(declared, present);
    let fault = |why: &str| Error::Sql { message: format!("column {column}: {why}"), offset: None };
    Ok(Some(match (value, like) {
        (SqlValue::Null, _) => {
            return Ok(declared.is_some_and(|field| field.shape.nullable).then_some(Value::Null));
        }
        (SqlValue::Int(number @ (0 | 1)), Like::Truth) => Value::Bool(*number == 1),
        (SqlValue::Int(number), _) => Value::Int(*number),
        (SqlValue::Real(number), _) => {
            Value::number(*number).map_err(|error| fault(&error.to_string()))?
        }
        (SqlValue::Blob(bytes), _) => Value::Bytes(bytes.clone()),
        (SqlValue::Text(text), Like::Json { must }) => match json(text) {
            Ok(found @ (Value::Array(_) | Value::Object(_) | Value::Bytes(_))) => found,
            Err(error) if must => return Err(fault(&format!("expected JSON text: {error}"))),
            _ => Value::Text(text.clone()),
        },
        (SqlValue::Text(text), _) => Value::Text(text.clone()),
    }))
}

/// What the values of a field are like that SQL has no word for.
#[derive(Debug, Clone, Copy)]
enum Like {
    Truth,
    /// Lists, objects and bytes; `must` where the field is declared to hold nothing else.
    Json {
        must: bool,
    },
    Itself,
}

impl Like {
    fn of(declared: Option<&FieldDef>, present: Option<&Value>) -> Self {
        match declared.map(|field| field.shape.ty) {
            Some(ValueType::Boolean) => Self::Truth,
            Some(ValueType::Array | ValueType::Object) => Self::Json { must: true },
            Some(ValueType::Bytes) => Self::Json { must: false },
            Some(ValueType::String | ValueType::Integer | ValueType::Number) => Self::Itself,
            Some(ValueType::Any) | None => match present {
                Some(Value::Bool(_)) => Self::Truth,
                Some(Value::Array(_) | Value::Object(_) | Value::Bytes(_)) => {
                    Self::Json { must: false }
                }
                _ => Self::Itself,
            },
        }
    }
}

fn json(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text)
}

/// A whole object; none where it is NULL.
pub(super) fn object(column: &str, value: &SqlValue) -> Result<Option<Map>, Error> {
    let fault =
        |why: String| Error::Sql { message: format!("column {column}: {why}"), offset: None };
    match value {
        SqlValue::Null => Ok(None),
        SqlValue::Text(text) => match serde_json::from_str(text) {
            Ok(map) => Ok(Some(map)),
            Err(error) => Err(fault(format!("expected a JSON object: {error}"))),
        },
        _ => Err(fault("expected the text of a JSON object".into())),
    }
}

/// A name: an id, a type, a label; none where it is NULL. A whole number is its digits.
pub(super) fn name(column: &str, value: &SqlValue) -> Result<Option<String>, Error> {
    match value {
        SqlValue::Null => Ok(None),
        SqlValue::Text(text) => Ok(Some(text.clone())),
        SqlValue::Int(number) => Ok(Some(number.to_string())),
        SqlValue::Real(_) | SqlValue::Blob(_) => {
            let message = format!("column {column}: expected a text");
            Err(Error::Sql { message, offset: None })
        }
    }
}
