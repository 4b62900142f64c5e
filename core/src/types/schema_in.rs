//! A definition from a JSON Schema.
//!
//! The keywords of a schema are turned into those of a definition, which is then read as strictly
//! as any other. A keyword that constrains and that a definition cannot hold is a fault: leaving it
//! away would let in what the schema forbids. A keyword that only describes is listed as ignored.

use super::definition::{Metric, TypeDef};
use super::keys::{DefinitionError, Report, inside};
use super::schema_out::{DIALECT, EXTENSION, vector_direction, vector_item};
use super::short::short;
use crate::model::{BYTES_KEY, Map, Value};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A definition read from a JSON Schema.
#[derive(Debug, Clone, PartialEq)]
pub struct FromSchema {
    /// The definition.
    pub def: TypeDef,
    /// The places of keywords that have no effect here, such as `properties.born.format`.
    pub ignored: Vec<String>,
}

/// Keywords that describe and do not constrain.
const ANNOTATIONS: [&str; 13] = [
    "$anchor",
    "$comment",
    "$id",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "default",
    "deprecated",
    "examples",
    "format",
    "readOnly",
    "title",
    "writeOnly",
];

/// Dialects whose keywords mean here what they mean in [`DIALECT`].
const OLDER_DIALECTS: [&str; 3] = [
    "https://json-schema.org/draft/2019-09/schema",
    "http://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-06/schema",
];

impl TypeDef {
    /// The definition that a JSON Schema makes, named by `name` or else by the schema's title.
    ///
    /// ```
    /// use pluresdb::types::TypeDef;
    /// use pluresdb::{Value, object};
    ///
    /// let title = Value::from([("type", "string".into()), ("pattern", "^[A-Z]".into())]);
    /// let schema = object([("properties", [("title", title)].into())]);
    /// let error = TypeDef::from_json_schema(Some("Note"), schema).unwrap_err();
    /// assert!(error.to_string().contains("properties.title.pattern: cannot be checked"));
    /// ```
    pub fn from_json_schema(
        name: Option<&str>,
        schema: Map,
    ) -> Result<FromSchema, DefinitionError> {
        let mut reader = Reader::default();
        let (name, data) = reader.root(name, schema);
        let faults = core::mem::take(&mut reader.report.faults);
        if !faults.is_empty() {
            return Err(DefinitionError { name, faults });
        }
        Ok(FromSchema { def: Self::parse(&name, data)?, ignored: reader.ignored })
    }
}

#[derive(Debug, Default)]
struct Reader {
    report: Report,
    ignored: Vec<String>,
}

impl Reader {
    fn root(&mut self, name: Option<&str>, mut schema: Map) -> (String, Map) {
        let title = schema.remove("title");
        let name = match (name, title) {
            (Some(name), _) => name.into(),
            (None, Some(Value::Text(title))) => title,
            (None, _) => {
                self.report.fault("title", "is missing; name the type by it, or beside the schema");
                String::new()
            }
        };
        self.dialect(schema.remove("$schema"));
        if let Some(ty) = schema.remove("type")
            && ty != Value::from("object")
        {
            let message = format!("a node is an object, so this must be it, found {}", short(&ty));
            self.report.fault("type", message);
        }
        let mut data = self.extension(&mut schema, "");
        move_keys(&mut schema, &mut data, &[("description", "description")]);
        self.fields(&mut schema, &mut data, "");
        self.rest(schema, "");
        (name, data)
    }

    fn dialect(&mut self, dialect: Option<Value>) {
        let Some(dialect) = dialect else { return };
        if let Value::Text(uri) = &dialect {
            let uri = uri.trim_end_matches('#');
            if uri == DIALECT || OLDER_DIALECTS.contains(&uri) {
                return;
            }
        }
        let message =
            format!("must be {DIALECT:?} or an earlier draft from 6, found {}", short(&dialect));
        self.report.fault("$schema", message);
    }

    /// The definition's data of a field or of a list's elements.
    fn field(&mut self, schema: Value, place: &str) -> Map {
        let mut schema = match schema {
            Value::Bool(true) => return Map::new(),
            Value::Object(schema) => schema,
            other => {
                let message = format!(
                    "must be an object or true, found {}; to refuse other fields, write \
                     \"additionalProperties\": false",
                    short(&other)
                );
                self.report.fault(place, message);
                return Map::new();
            }
        };
        let mut data = self.extension(&mut schema, place);
        self.ty(&mut schema, &mut data, place);
        const SAME: [(&str, &str); 4] = [
            ("description", "description"),
            ("default", "default"),
            ("minimum", "minimum"),
            ("maximum", "maximum"),
        ];
        move_keys(&mut schema, &mut data, &SAME);
        self.enumeration(&mut schema, &mut data, place);
        let bytes = self.bytes(&mut schema, &mut data, place);
        let vector = data.get("kind") == Some(&Value::from("vector"));
        if vector {
            self.vector(&mut schema, &mut data, place);
        } else if !bytes {
            let lengths: [(&str, &str); 2] = match data.get("type") {
                Some(Value::Text(ty)) if ty == "array" => {
                    [("minItems", "min_length"), ("maxItems", "max_length")]
                }
                _ => [("minLength", "min_length"), ("maxLength", "max_length")],
            };
            move_keys(&mut schema, &mut data, &lengths);
            self.items(&mut schema, &mut data, place);
            if has_fields(&schema) {
                self.fields(&mut schema, &mut data, place);
            }
        }
        self.rest(schema, place);
        data
    }

    /// What is under [`EXTENSION`]: words of the definition already.
    fn extension(&mut self, schema: &mut Map, place: &str) -> Map {
        match schema.remove(EXTENSION) {
            None => Map::new(),
            Some(Value::Object(map)) => map,
            Some(other) => {
                let message = format!("must be an object, found {}", short(&other));
                self.report.fault(inside(place, EXTENSION), message);
                Map::new()
            }
        }
    }

    fn ty(&mut self, schema: &mut Map, data: &mut Map, place: &str) {
        let Some(mut ty) = schema.remove("type") else { return };
        if let Value::Array(types) = &mut ty {
            let before = types.len();
            types.retain(|ty| *ty != Value::from("null"));
            if types.len() < before {
                data.insert("nullable".into(), Value::Bool(true));
            }
            if types.len() == 1
                && let Some(only) = types.pop()
            {
                ty = only;
            }
        }
        let known = ["string", "integer", "number", "boolean", "array", "object"];
        if known.iter().any(|known| ty == Value::from(*known)) {
            data.insert("type".into(), ty);
        } else {
            let message = format!(
                "must be one type of {}, or one of them and null, found {}",
                known.join(", "),
                short(&ty)
            );
            self.report.fault(inside(place, "type"), message);
        }
    }

    fn enumeration(&mut self, schema: &mut Map, data: &mut Map, place: &str) {
        let constant = schema.remove("const");
        let values = match (schema.remove("enum"), constant) {
            (None, None) => return,
            (None, Some(value)) => Value::Array(alloc::vec![value]),
            (Some(values), None) => values,
            (Some(_), Some(_)) => {
                let message = "stands beside enum; one of them is enough";
                self.report.fault(inside(place, "const"), message);
                return;
            }
        };
        let nullable = data.get("nullable") == Some(&Value::Bool(true));
        if nullable && !matches!(&values, Value::Array(values) if values.contains(&Value::Null)) {
            // The enumeration alone decides: null is no longer allowed.
            data.remove("nullable");
        }
        data.insert("enum".into(), values);
    }

    /// Whether the schema is that of bytes in JSON; it is read then.
    fn bytes(&mut self, schema: &mut Map, data: &mut Map, place: &str) -> bool {
        let Some(Value::Object(properties)) = schema.get_mut("properties") else { return false };
        if properties.get(BYTES_KEY) == Some(&Value::Bool(false)) {
            properties.remove(BYTES_KEY);
            return false;
        }
        let Some(Value::Object(base64)) = properties.get_mut(BYTES_KEY) else { return false };
        let mut base64 = core::mem::take(base64);
        base64.remove("type");
        let mut put = |key: &str, length: Option<Value>, bytes: fn(i64) -> i64| {
            if let Some(Value::Int(digits)) = length {
                data.entry(key.into()).or_insert_with(|| Value::Int(bytes(digits)));
            }
        };
        // Base64 spells each three bytes, and what is left of them, with four digits.
        put("max_length", base64.remove("maxLength"), |digits| digits / 4 * 3);
        put("min_length", base64.remove("minLength"), |digits| {
            (digits.saturating_add(3) / 4).saturating_mul(3).saturating_sub(2).max(0)
        });
        base64.remove("contentEncoding");
        let rest = properties.len();
        let closed = schema.remove("additionalProperties") == Some(Value::Bool(false));
        let required =
            schema.remove("required") == Some(Value::Array(alloc::vec![BYTES_KEY.into()]));
        schema.remove("properties");
        if rest != 1 || !closed || !required {
            let message = format!("bytes are an object of `{BYTES_KEY}` and nothing else");
            self.report.fault(inside(place, "properties"), message);
        }
        self.rest(base64, &inside(&inside(place, "properties"), BYTES_KEY));
        data.insert("type".into(), "bytes".into());
        true
    }

    /// What a vector's schema says of its items must be what its dimension says.
    fn vector(&mut self, schema: &mut Map, data: &mut Map, place: &str) {
        let said = [schema.remove("minItems"), schema.remove("maxItems")];
        let items = schema.remove("items");
        let dimension = match data.get("dimension") {
            Some(dimension) => Some(dimension.clone()),
            None if said[0] == said[1] => said[0].clone(),
            None => None,
        };
        if said.iter().flatten().any(|count| Some(count) != dimension.as_ref()) {
            let message = "minItems and maxItems must be the vector's dimension";
            self.report.fault(place, message);
        }
        // Schemas written by earlier versions name no bounds.
        let plain = Value::from([("type", "number".into())]);
        if items.is_some_and(|items| items != vector_item() && items != plain) {
            let message = "the items of a vector are numbers from -1e15 to 1e15";
            self.report.fault(inside(place, "items"), message);
        }
        let cosine =
            data.get("metric").is_none_or(|metric| *metric == Metric::Cosine.word().into());
        if cosine && schema.get("contains") == Some(&vector_direction()) {
            schema.remove("contains");
        }
        if let Some(dimension) = dimension {
            data.insert("dimension".into(), dimension);
        }
    }

    fn items(&mut self, schema: &mut Map, data: &mut Map, place: &str) {
        match schema.remove("items") {
            None | Some(Value::Bool(true)) => {}
            Some(items) => {
                let items = self.field(items, &inside(place, "items"));
                data.insert("items".into(), items.into());
            }
        }
    }

    /// `properties`, `required` and `additionalProperties`.
    fn fields(&mut self, schema: &mut Map, data: &mut Map, place: &str) {
        let mut fields = Map::new();
        let properties_place = inside(place, "properties");
        match schema.remove("properties") {
            None => {}
            Some(Value::Object(properties)) => {
                for (name, schema) in properties {
                    let field = self.field(schema, &inside(&properties_place, &name));
                    fields.insert(name, field.into());
                }
            }
            Some(other) => {
                let message = format!("must be an object, found {}", short(&other));
                self.report.fault(properties_place, message);
            }
        }
        let required = schema.remove("required");
        self.required(required, &mut fields, place);
        match schema.remove("additionalProperties") {
            None | Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => {
                data.insert("closed".into(), Value::Bool(true));
            }
            Some(Value::Object(map)) if map.is_empty() => {}
            Some(other) => {
                let message = format!("must be true or false, found {}", short(&other));
                self.report.fault(inside(place, "additionalProperties"), message);
            }
        }
        if !fields.is_empty() {
            data.insert("fields".into(), fields.into());
        }
    }

    fn required(&mut self, required: Option<Value>, fields: &mut Map, place: &str) {
        let names = match required {
            None => return,
            Some(Value::Array(names)) => names,
            Some(other) => alloc::vec![other],
        };
        for name in names {
            let Value::Text(name) = name else {
                let message = format!("must be a list of names, found {}", short(&name));
                self.report.fault(inside(place, "required"), message);
                continue;
            };
            if let Value::Object(field) =
                fields.entry(name).or_insert_with(|| Value::Object(Map::new()))
            {
                field.insert("required".into(), Value::Bool(true));
            }
        }
    }

    /// What no definition holds: ignored where it only describes, a fault where it constrains.
    fn rest(&mut self, schema: Map, place: &str) {
        for keyword in schema.into_keys() {
            let place = inside(place, &keyword);
            if ANNOTATIONS.contains(&keyword.as_str()) || is_users_own(&keyword) {
                self.ignored.push(place);
                continue;
            }
            self.report.fault(place, advice(&keyword));
        }
    }
}

fn has_fields(schema: &Map) -> bool {
    ["properties", "required", "additionalProperties"].iter().any(|key| schema.contains_key(*key))
}

/// Keywords that begin with `x-` are anyone's own.
fn is_users_own(keyword: &str) -> bool {
    keyword.starts_with("x-")
}

fn advice(keyword: &str) -> String {
    let instead = match keyword {
        "$ref" | "$defs" | "definitions" => "; write the schema out where it is referred to",
        "exclusiveMinimum" => "; write minimum",
        "exclusiveMaximum" => "; write maximum",
        "uniqueItems" => "; for a set, write \"x-pluresdb\": {\"kind\": \"set\"}",
        "minLength" | "maxLength" => "; it applies to the type string",
        "minItems" | "maxItems" => "; it applies to the type array",
        "anyOf" | "oneOf" => "; for a value or null, write \"type\": [\"string\", \"null\"]",
        _ => "",
    };
    format!("cannot be checked by a type{instead}")
}

fn move_keys(from: &mut Map, into: &mut Map, keys: &[(&str, &str)]) {
    for (from_key, into_key) in keys {
        if let Some(value) = from.remove(*from_key) {
            into.insert((*into_key).to_string(), value);
        }
    }
}
