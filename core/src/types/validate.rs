//! What of an object breaks its type.

use super::definition::{FieldDef, FieldKind, TypeDef, ValueShape, ValueType, Vector};
use super::number::{compare, is_number, is_whole, same};
use super::short::short;
use super::vector::{Beyond, beyond};
use super::violation::{Rule, Violation};
use crate::model::{Map, Value};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Most violations that are listed of one object.
pub const MAX_VIOLATIONS: usize = 100;

impl TypeDef {
    /// What of an object breaks the type: the first [`MAX_VIOLATIONS`]. The object has its fields
    /// under their present names; see [`TypeDef::rename`] and [`TypeDef::fill_defaults`].
    ///
    /// ```
    /// use pluresdb::object;
    /// use pluresdb::types::{FieldDef, TypeDef, ValueType};
    ///
    /// let note = TypeDef::new("Note").with("title", FieldDef::of(ValueType::String).required());
    /// let violations = note.validate(&object([("title", 7.into())]));
    /// assert_eq!(violations[0].to_string(), "title: must be a text, found 7 (type)");
    /// ```
    #[must_use]
    pub fn validate(&self, object: &Map) -> Vec<Violation> {
        let mut found = Found(Vec::new());
        found.object(&self.fields, self.closed, object, &At::Root);
        found.0
    }
}

/// Whether a plain value has a shape.
pub(super) fn fits(shape: &ValueShape, value: &Value) -> bool {
    let mut found = Found(Vec::new());
    found.shape(shape, value, &At::Root);
    found.0.is_empty()
}

/// A place in the object, made a text only for a violation.
enum At<'a> {
    Root,
    Key(&'a Self, &'a str),
    Index(&'a Self, usize),
}

impl At<'_> {
    fn path(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Key(Self::Root, key) => String::from(*key),
            Self::Key(above, key) => format!("{}.{key}", above.path()),
            Self::Index(above, index) => format!("{}[{index}]", above.path()),
        }
    }
}

struct Found(Vec<Violation>);

impl Found {
    fn add(&mut self, at: &At<'_>, rule: Rule, value: Option<&Value>, message: String) {
        if self.0.len() < MAX_VIOLATIONS {
            let value = value.map(short).unwrap_or_default();
            self.0.push(Violation { path: at.path(), rule, message, value });
        }
    }

    fn object(
        &mut self,
        fields: &BTreeMap<String, FieldDef>,
        closed: bool,
        object: &Map,
        at: &At<'_>,
    ) {
        for (name, field) in fields {
            let at = At::Key(at, name);
            match object.get(name) {
                Some(value) => self.field(field, value, &at),
                None if field.required => {
                    self.add(&at, Rule::Required, None, "must be there".into());
                }
                None => {}
            }
        }
        if closed {
            for (name, value) in object.iter().filter(|(name, _)| !fields.contains_key(*name)) {
                let message = "is no field of this type, which takes no others".into();
                self.add(&At::Key(at, name), Rule::UnknownField, Some(value), message);
            }
        }
    }

    fn field(&mut self, field: &FieldDef, value: &Value, at: &At<'_>) {
        if field.kind == FieldKind::Value {
            self.shape(&field.shape, value, at);
            return;
        }
        if *value == Value::Null && field.shape.nullable {
            return;
        }
        let holds = match field.kind {
            // What a counter counts has to be an `i64` once numbers have their one representation.
            FieldKind::Counter => {
                matches!(value.clone().checked(), Ok(Value::Int(_)))
            }
            _ => has_type(field.kind.value_type(), value),
        };
        if !holds {
            let noun = field.kind.value_type().noun();
            let message = format!("is a {}, so it must be {noun}", field.kind);
            self.add(at, Rule::Kind, Some(value), message);
            return;
        }
        match (&field.kind, value) {
            (FieldKind::Vector(vector), Value::Array(numbers)) => {
                self.vector(vector, numbers, value, at);
            }
            _ => self.constraints(&field.shape, value, at),
        }
    }

    fn vector(&mut self, vector: &Vector, numbers: &[Value], value: &Value, at: &At<'_>) {
        let dimension = vector.dimension;
        if numbers.len() as u64 != u64::from(dimension) {
            let message = format!("must have {dimension} numbers, has {}", numbers.len());
            self.add(at, Rule::Dimension, Some(value), message);
        } else if vector.lacks_direction(numbers) && numbers.iter().all(is_number) {
            let message = "must not be all zeros, which the metric cosine finds no direction in";
            self.add(at, Rule::Direction, Some(value), message.into());
        }
        for (i, number) in numbers.iter().enumerate() {
            let (rule, message) = match beyond(number) {
                _ if !is_number(number) => (Rule::Type, "must be a number"),
                Some(Beyond::Least) => (Rule::Minimum, "must be at least -1e15"),
                Some(Beyond::Greatest) => (Rule::Maximum, "must be at most 1e15"),
                None => continue,
            };
            self.add(&At::Index(at, i), rule, Some(number), message.into());
        }
    }

    fn shape(&mut self, shape: &ValueShape, value: &Value, at: &At<'_>) {
        if *value == Value::Null && shape.nullable {
            return;
        }
        if has_type(shape.ty, value) {
            self.constraints(shape, value, at);
        } else {
            let or_null = if shape.nullable { " or null" } else { "" };
            let message = format!("must be {}{or_null}", shape.ty.noun());
            self.add(at, Rule::Type, Some(value), message);
        }
    }

    /// What a shape says beyond the type.
    fn constraints(&mut self, shape: &ValueShape, value: &Value, at: &At<'_>) {
        if !shape.enum_values.is_empty()
            && !shape.enum_values.iter().any(|allowed| same(allowed, value))
        {
            let allowed = short(&Value::Array(shape.enum_values.clone()));
            self.add(at, Rule::Enum, Some(value), format!("must be one of {allowed}"));
        }
        if let Some(minimum) = &shape.minimum
            && !matches!(compare(value, minimum), Some(Ordering::Greater | Ordering::Equal))
        {
            let message = format!("must be at least {}", short(minimum));
            self.add(at, Rule::Minimum, Some(value), message);
        }
        if let Some(maximum) = &shape.maximum
            && !matches!(compare(value, maximum), Some(Ordering::Less | Ordering::Equal))
        {
            let message = format!("must be at most {}", short(maximum));
            self.add(at, Rule::Maximum, Some(value), message);
        }
        if shape.min_length.is_some() || shape.max_length.is_some() {
            self.length(shape, value, at);
        }
        match value {
            Value::Array(items) => {
                if let Some(shape) = &shape.items {
                    for (i, item) in items.iter().enumerate() {
                        self.shape(shape, item, &At::Index(at, i));
                    }
                }
            }
            Value::Object(object) => self.object(&shape.fields, shape.closed, object, at),
            _ => {}
        }
    }

    fn length(&mut self, shape: &ValueShape, value: &Value, at: &At<'_>) {
        let (length, unit) = match value {
            Value::Text(text) => (text.chars().count() as u64, "characters"),
            Value::Bytes(bytes) => (bytes.len() as u64, "bytes"),
            Value::Array(items) => (items.len() as u64, "elements"),
            _ => return,
        };
        if let Some(min) = shape.min_length.filter(|min| length < *min) {
            let message = format!("must have at least {min} {unit}, has {length}");
            self.add(at, Rule::MinLength, Some(value), message);
        }
        if let Some(max) = shape.max_length.filter(|max| length > *max) {
            let message = format!("must have at most {max} {unit}, has {length}");
            self.add(at, Rule::MaxLength, Some(value), message);
        }
    }
}

fn has_type(ty: ValueType, value: &Value) -> bool {
    match ty {
        ValueType::Any => true,
        ValueType::String => matches!(value, Value::Text(_)),
        ValueType::Integer => is_whole(value),
        ValueType::Number => is_number(value),
        ValueType::Boolean => matches!(value, Value::Bool(_)),
        ValueType::Bytes => matches!(value, Value::Bytes(_)),
        ValueType::Array => matches!(value, Value::Array(_)),
        ValueType::Object => matches!(value, Value::Object(_)),
    }
}
