//! The data of a definition. What is as it would be anyway is left away.

use super::definition::{
    FieldDef, FieldKind, FullText, Metric, Tokens, TypeDef, ValueShape, ValueType,
};
use crate::model::{Map, Value, gather};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

impl TypeDef {
    /// The data that holds the definition; [`TypeDef::parse`] reads it back.
    #[must_use]
    pub fn to_data(&self) -> Map {
        let mut data = self.other.clone();
        put_some(&mut data, "description", self.description.clone());
        put_some(&mut data, "language", self.language.clone());
        put_flag(&mut data, "closed", self.closed);
        put_version(&mut data, self.version);
        if !self.fields.is_empty() {
            data.insert("fields".into(), fields_data(&self.fields));
        }
        data
    }
}

fn fields_data(fields: &BTreeMap<String, FieldDef>) -> Value {
    let data =
        |(name, field): (&String, &FieldDef)| (name.clone(), Value::Object(field_data(field)));
    Value::Object(gather(fields.iter().map(data)))
}

fn field_data(field: &FieldDef) -> Map {
    let mut data = shape_data(&field.shape, field.kind.value_type());
    if field.kind != FieldKind::Value {
        data.insert("kind".into(), field.kind.word().into());
    }
    if let FieldKind::Vector(vector) = &field.kind {
        data.insert("dimension".into(), Value::Int(vector.dimension.into()));
        if vector.metric != Metric::default() {
            data.insert("metric".into(), vector.metric.word().into());
        }
        put_texts(&mut data, "embed_from", &vector.embed_from);
    }
    put_flag(&mut data, "required", field.required);
    put_some(&mut data, "default", field.default.clone());
    put_flag(&mut data, "indexed", field.indexed);
    put_flag(&mut data, "unique", field.unique);
    put_some(&mut data, "full_text", field.full_text.map(full_text_data));
    put_texts(&mut data, "renamed_from", &field.renamed_from);
    data
}

/// What of a field JSON Schema has no word for.
pub(super) fn beyond_schema(field: &FieldDef) -> Map {
    const BEYOND: [&str; 8] = [
        "kind",
        "dimension",
        "metric",
        "embed_from",
        "indexed",
        "unique",
        "full_text",
        "renamed_from",
    ];
    let mut data = field_data(field);
    data.retain(|key, _| BEYOND.contains(&key.as_str()) || field.shape.other.contains_key(key));
    data
}

fn full_text_data(full_text: FullText) -> Value {
    if full_text == FullText::default() {
        return Value::Bool(true);
    }
    let FullText { weight, tokens } = full_text;
    let mut data = Map::new();
    data.insert("weight".into(), Value::number(weight).unwrap_or(Value::Float(weight)));
    if tokens != Tokens::default() {
        data.insert("tokens".into(), tokens.word().into());
    }
    Value::Object(data)
}

fn shape_data(shape: &ValueShape, implied: ValueType) -> Map {
    let mut data = shape.other.clone();
    if shape.ty != implied {
        data.insert("type".into(), shape.ty.word().into());
    }
    put_some(&mut data, "description", shape.description.clone());
    put_flag(&mut data, "nullable", shape.nullable);
    if !shape.enum_values.is_empty() {
        data.insert("enum".into(), Value::Array(shape.enum_values.clone()));
    }
    put_some(&mut data, "minimum", shape.minimum.clone());
    put_some(&mut data, "maximum", shape.maximum.clone());
    put_some(&mut data, "min_length", shape.min_length.map(count_value));
    put_some(&mut data, "max_length", shape.max_length.map(count_value));
    put_flag(&mut data, "closed", shape.closed);
    if let Some(items) = &shape.items {
        data.insert("items".into(), Value::Object(shape_data(items, ValueType::Any)));
    }
    if !shape.fields.is_empty() {
        data.insert("fields".into(), fields_data(&shape.fields));
    }
    data
}

/// A count as a value. None exceeds `i64`: neither a text nor a list can be that long.
pub(super) fn count_value(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Puts the version of a definition, where versions are counted.
pub(super) fn put_version(data: &mut Map, version: u64) {
    if version > 0 {
        data.insert("version".into(), count_value(version));
    }
}

fn put_some<V: Into<Value>>(data: &mut Map, key: &str, value: Option<V>) {
    if let Some(value) = value {
        data.insert(key.into(), value.into());
    }
}

fn put_flag(data: &mut Map, key: &str, flag: bool) {
    if flag {
        data.insert(key.into(), Value::Bool(true));
    }
}

fn put_texts(data: &mut Map, key: &str, texts: &[String]) {
    if !texts.is_empty() {
        let texts: Vec<Value> = texts.iter().map(|text| text.as_str().into()).collect();
        data.insert(key.into(), Value::Array(texts));
    }
}
