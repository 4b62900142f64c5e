//! A definition as a JSON Schema, draft 2020-12.
//!
//! What JSON Schema has no word for is under `x-pluresdb`, so that the schema reads back as the
//! same definition. The schema speaks of nodes as JSON has them, bytes as `{"$bytes": "<base64>"}`.
//! It allows what the definition allows, and more in three cases: bytes counted within three, counters
//! beyond 64 bits, and vectors of numbers too small to be told from zero.

use super::definition::{
    FieldDef, FieldKind, MAX_VECTOR_NUMBER, Metric, TypeDef, ValueShape, ValueType,
};
use super::write::{beyond_schema, count_value, put_version};
use crate::model::{BYTES_KEY, Map, Value, gather, object};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// The dialect of the schemas written.
pub(super) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The keyword for what JSON Schema has no word for.
pub(super) const EXTENSION: &str = "x-pluresdb";

impl TypeDef {
    /// The definition as a JSON Schema.
    #[must_use]
    pub fn to_json_schema(&self) -> Map {
        let mut schema = object([
            ("$schema", DIALECT.into()),
            ("title", self.name.as_str().into()),
            ("type", "object".into()),
        ]);
        if let Some(description) = &self.description {
            schema.insert("description".into(), description.as_str().into());
        }
        put_fields(&mut schema, &self.fields, self.closed);
        let mut beyond = self.other.clone();
        if let Some(language) = &self.language {
            beyond.insert("language".into(), language.as_str().into());
        }
        put_version(&mut beyond, self.version);
        put_extension(&mut schema, beyond);
        schema
    }
}

fn put_fields(schema: &mut Map, fields: &BTreeMap<String, FieldDef>, closed: bool) {
    let properties: Map =
        gather(fields.iter().map(|(name, field)| (name.clone(), field_schema(field).into())));
    schema.insert("properties".into(), properties.into());
    let required = fields.iter().filter(|(_, field)| field.required);
    let required: Vec<Value> = required.map(|(name, _)| name.as_str().into()).collect();
    if !required.is_empty() {
        schema.insert("required".into(), Value::Array(required));
    }
    if closed {
        schema.insert("additionalProperties".into(), Value::Bool(false));
    }
}

fn field_schema(field: &FieldDef) -> Map {
    let mut schema = shape_schema(&field.shape);
    let mut beyond = beyond_schema(field);
    if let FieldKind::Vector(vector) = &field.kind {
        let dimension = Value::Int(vector.dimension.into());
        schema.insert("items".into(), vector_item());
        if vector.metric == Metric::Cosine {
            schema.insert("contains".into(), vector_direction());
        }
        schema.insert("minItems".into(), dimension.clone());
        schema.insert("maxItems".into(), dimension);
    }
    put_byte_lengths(&mut beyond, &field.shape);
    put_extension(&mut schema, beyond);
    if let Some(default) = &field.default {
        schema.insert("default".into(), default.clone());
    }
    schema
}

/// What each number of a vector is.
pub(super) fn vector_item() -> Value {
    let bound = MAX_VECTOR_NUMBER as i64;
    [("type", "number".into()), ("minimum", (-bound).into()), ("maximum", bound.into())].into()
}

/// That a vector is not all zeros.
pub(super) fn vector_direction() -> Value {
    [("not", [("const", 0.into())].into())].into()
}

fn shape_schema(shape: &ValueShape) -> Map {
    let mut schema = Map::new();
    put_type(&mut schema, shape);
    if let Some(description) = &shape.description {
        schema.insert("description".into(), description.as_str().into());
    }
    if !shape.enum_values.is_empty() {
        let null = shape.nullable.then_some(Value::Null);
        let values = shape.enum_values.iter().cloned().chain(null).collect();
        schema.insert("enum".into(), Value::Array(values));
    }
    for (keyword, bound) in [("minimum", &shape.minimum), ("maximum", &shape.maximum)] {
        if let Some(bound) = bound {
            schema.insert(keyword.into(), bound.clone());
        }
    }
    match shape.ty {
        ValueType::String => put_lengths(&mut schema, shape, ["minLength", "maxLength"]),
        ValueType::Array => put_lengths(&mut schema, shape, ["minItems", "maxItems"]),
        ValueType::Bytes => put_bytes(&mut schema, shape),
        ValueType::Object => {
            put_fields(&mut schema, &shape.fields, shape.closed);
            // Bytes are an object in JSON, but no object here.
            if let Some(Value::Object(properties)) = schema.get_mut("properties") {
                properties.insert(BYTES_KEY.into(), Value::Bool(false));
            }
        }
        _ => {}
    }
    if let Some(items) = &shape.items {
        let mut inner = shape_schema(items);
        let mut beyond = items.other.clone();
        put_byte_lengths(&mut beyond, items);
        put_extension(&mut inner, beyond);
        schema.insert("items".into(), inner.into());
    }
    schema
}

fn put_type(schema: &mut Map, shape: &ValueShape) {
    let name = match shape.ty {
        ValueType::Any => return,
        ValueType::Bytes => ValueType::Object.word(),
        ty => ty.word(),
    };
    let ty = match shape.nullable {
        true => Value::Array(alloc::vec![name.into(), "null".into()]),
        false => name.into(),
    };
    schema.insert("type".into(), ty);
}

fn put_lengths(schema: &mut Map, shape: &ValueShape, [least, most]: [&str; 2]) {
    if let Some(min) = shape.min_length {
        schema.insert(least.into(), count_value(min));
    }
    if let Some(max) = shape.max_length {
        schema.insert(most.into(), count_value(max));
    }
}

/// Bytes in JSON: an object of one base64 text.
fn put_bytes(schema: &mut Map, shape: &ValueShape) {
    let mut base64 = object([("type", "string".into()), ("contentEncoding", "base64".into())]);
    let digits = |bytes: u64| count_value(bytes.div_ceil(3).saturating_mul(4));
    if let Some(min) = shape.min_length {
        base64.insert("minLength".into(), digits(min));
    }
    if let Some(max) = shape.max_length {
        base64.insert("maxLength".into(), digits(max));
    }
    schema.insert("properties".into(), [(BYTES_KEY, base64.into())].into());
    schema.insert("required".into(), Value::Array(alloc::vec![BYTES_KEY.into()]));
    schema.insert("additionalProperties".into(), Value::Bool(false));
}

/// Base64 counts bytes within three, so their exact number is said beside it.
fn put_byte_lengths(beyond: &mut Map, shape: &ValueShape) {
    if shape.ty == ValueType::Bytes {
        put_lengths(beyond, shape, ["min_length", "max_length"]);
    }
}

fn put_extension(schema: &mut Map, beyond: Map) {
    if !beyond.is_empty() {
        schema.insert(EXTENSION.into(), beyond.into());
    }
}
