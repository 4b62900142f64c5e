//! A definition from its data.
//!
//! Data of any kind gives a definition: concurrent changes of it merge key by key, and later
//! versions know keys that this one does not. What cannot be read, or contradicts the rest, has no
//! effect and is named. All replicas read the same definition from the same data.

use super::definition::{FieldDef, FieldKind, FullText, TypeDef, ValueShape, ValueType, Vector};
use super::keys::{DefinitionError, Fault, Keys, Report, inside};
use super::number::is_number;
use super::short::short;
use super::words::KindWord;
use crate::model::{Map, Value};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

impl TypeDef {
    /// The definition that data holds, with all of it that has no effect.
    #[must_use]
    pub fn read(name: &str, data: Map) -> (Self, Vec<Fault>) {
        let (def, report) = Self::read_all(name, data);
        (def, report.faults)
    }

    /// The definition that data holds, if all of it is understood and fits together.
    ///
    /// ```
    /// use pluresdb::types::TypeDef;
    /// use pluresdb::{Value, object};
    ///
    /// let title = Value::from([("type", "strin".into())]);
    /// let error = TypeDef::parse("Note", object([("fields", [("title", title)].into())])).unwrap_err();
    /// assert!(error.to_string().contains("fields.title.type: must be one of any, string, integer"));
    /// ```
    pub fn parse(name: &str, data: Map) -> Result<Self, DefinitionError> {
        let (def, report) = Self::read_all(name, data);
        let Report { mut faults, unknown } = report;
        faults.extend(unknown);
        if faults.is_empty() { Ok(def) } else { Err(DefinitionError { name: name.into(), faults }) }
    }

    fn read_all(name: &str, data: Map) -> (Self, Report) {
        let mut report = Report::default();
        let mut keys = Keys::new(data, "", &mut report);
        let description = keys.text("description");
        let language = keys.text("language");
        let closed = keys.flag("closed");
        let version = keys.count("version").unwrap_or_default();
        let fields = keys.object("fields").unwrap_or_default();
        let other = keys.finish();
        let fields = read_fields(fields, "fields", &mut report);
        let name = name.into();
        let mut def = Self { name, description, fields, closed, language, version, other };
        def.settle(&mut report);
        (def, report)
    }
}

fn read_fields(fields: Map, place: &str, report: &mut Report) -> BTreeMap<String, FieldDef> {
    let mut read = BTreeMap::new();
    for (name, field) in fields {
        let place = inside(place, &name);
        match field {
            Value::Object(field) => {
                read.insert(name, read_field(field, &place, report));
            }
            other => report.fault(place, format!("must be an object, found {}", short(&other))),
        }
    }
    read
}

fn read_field(field: Map, place: &str, report: &mut Report) -> FieldDef {
    let mut keys = Keys::new(field, place, report);
    let kind = keys.word("kind").unwrap_or(KindWord::Value);
    let required = keys.flag("required");
    let default = keys.take("default");
    let indexed = keys.flag("indexed");
    let unique = keys.flag("unique");
    let full_text = full_text(&mut keys, place);
    let renamed_from = keys.texts("renamed_from");
    let kind = match kind {
        KindWord::Value => FieldKind::Value,
        KindWord::Counter => FieldKind::Counter,
        KindWord::Set => FieldKind::Set,
        KindWord::Text => FieldKind::Text,
        KindWord::List => FieldKind::List,
        KindWord::Vector => vector(&mut keys, place),
    };
    let shape = read_shape(keys, kind.value_type(), place);
    FieldDef { kind, shape, required, default, indexed, unique, full_text, renamed_from }
}

fn vector(keys: &mut Keys<'_>, place: &str) -> FieldKind {
    let dimension = keys.count("dimension");
    let metric = keys.word("metric").unwrap_or_default();
    let embed_from = keys.texts("embed_from");
    let Some(dimension) = dimension else {
        keys.report().fault(
            inside(place, "dimension"),
            "is missing; a vector field says how many numbers its vectors have",
        );
        return FieldKind::Value;
    };
    let dimension = u32::try_from(dimension).unwrap_or(u32::MAX);
    FieldKind::Vector(Vector { dimension, metric, embed_from })
}

fn full_text(keys: &mut Keys<'_>, place: &str) -> Option<FullText> {
    let (weight, tokens) = match keys.take("full_text")? {
        Value::Bool(false) => return None,
        Value::Bool(true) => return Some(FullText::default()),
        Value::Object(map) => {
            let place = inside(place, "full_text");
            let mut inner = Keys::new(map, &place, keys.report());
            let read = (inner.number("weight"), inner.word("tokens"));
            inner.finish();
            read
        }
        other => {
            let message =
                format!("must be true, false or {{\"weight\": 2}}, found {}", short(&other));
            keys.report().fault(inside(place, "full_text"), message);
            return None;
        }
    };
    let weight = weight.as_ref().and_then(float).unwrap_or(1.0);
    Some(FullText { weight, tokens: tokens.unwrap_or_default() })
}

#[expect(clippy::cast_precision_loss, reason = "a weight needs no exactness")]
fn float(number: &Value) -> Option<f64> {
    match number {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) if is_number(&Value::Float(*number)) => Some(*number),
        _ => None,
    }
}

/// Reads what a field and an element of a list have in common, and ends the reading of the object.
fn read_shape(mut keys: Keys<'_>, ty: ValueType, place: &str) -> ValueShape {
    let mut shape = ValueShape {
        ty: keys.word("type").unwrap_or(ty),
        description: keys.text("description"),
        nullable: keys.flag("nullable"),
        enum_values: enum_values(&mut keys, place),
        minimum: keys.number("minimum"),
        maximum: keys.number("maximum"),
        min_length: keys.count("min_length"),
        max_length: keys.count("max_length"),
        closed: keys.flag("closed"),
        ..ValueShape::default()
    };
    let items = keys.object("items");
    let fields = keys.object("fields");
    if let Some(items) = items {
        shape.items = Some(Box::new(read_items(items, place, keys.report())));
    }
    if let Some(fields) = fields {
        shape.fields = read_fields(fields, &inside(place, "fields"), keys.report());
    }
    shape.other = keys.finish();
    shape
}

fn read_items(items: Map, place: &str, report: &mut Report) -> ValueShape {
    let place = inside(place, "items");
    let keys = Keys::new(items, &place, report);
    read_shape(keys, ValueType::Any, &place)
}

fn enum_values(keys: &mut Keys<'_>, place: &str) -> Vec<Value> {
    let Some(values) = keys.list("enum") else {
        return Vec::new();
    };
    if values.is_empty() {
        keys.report().fault(
            inside(place, "enum"),
            "is empty, so no value could be right; leave it away or name the values",
        );
    }
    values
}
