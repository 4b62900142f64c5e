//! Schemas that people have, read as definitions.

use crate::{foreign, from_schema, json};
use pluresdb::types::{FieldDef, TypeDef, ValueType};

fn refusal(schema: &str) -> String {
    TypeDef::from_json_schema(Some("T"), json(schema)).unwrap_err().to_string()
}

#[test]
fn a_schema_reads_as_the_definition_that_means_the_same() {
    let def = from_schema(
        r#"{
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "description": "A person.",
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1, "x-pluresdb": {"indexed": true}},
                "age": {"type": "integer", "minimum": 0, "maximum": 150},
                "mail": {"type": ["string", "null"]},
                "role": {"enum": ["owner", "guest"], "default": "guest"},
                "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 9,
                         "x-pluresdb": {"kind": "set"}},
                "home": {"type": "object", "properties": {"city": {"type": "string"}},
                         "required": ["city"], "additionalProperties": false}
            },
            "required": ["name", "else"],
            "additionalProperties": false
        }"#,
    );
    let data = json(
        r#"{
            "description": "A person.",
            "closed": true,
            "fields": {
                "name": {"type": "string", "min_length": 1, "indexed": true, "required": true},
                "age": {"type": "integer", "minimum": 0, "maximum": 150},
                "mail": {"type": "string", "nullable": true},
                "role": {"enum": ["owner", "guest"], "default": "guest"},
                "tags": {"kind": "set", "items": {"type": "string"}, "max_length": 9},
                "home": {"type": "object", "closed": true,
                         "fields": {"city": {"type": "string", "required": true}}},
                "else": {"required": true}
            }
        }"#,
    );
    assert_eq!(def, TypeDef::parse("T", data).unwrap());
}

#[test]
fn a_type_is_named_by_its_title_where_nothing_else_names_it() {
    let named = TypeDef::from_json_schema(None, json(r#"{"title": "Note"}"#)).unwrap();
    assert_eq!(named.def.name, "Note");
    let error = TypeDef::from_json_schema(None, json("{}")).unwrap_err();
    assert!(error.to_string().contains("title: is missing"), "{error}");
}

#[test]
fn a_keyword_that_describes_is_listed_and_one_that_constrains_is_refused() {
    let schema = json(
        r#"{"$id": "https://example.org/t", "properties":
            {"born": {"type": "string", "format": "date", "title": "Birthday", "x-form": 1}}}"#,
    );
    let read = TypeDef::from_json_schema(Some("T"), schema).unwrap();
    let ignored =
        ["properties.born.format", "properties.born.title", "properties.born.x-form", "$id"];
    assert_eq!(read.ignored, ignored);
    for (schema, expected) in [
        (
            r##"{"properties": {"a": {"$ref": "#/$defs/a"}}}"##,
            "properties.a.$ref: cannot be checked",
        ),
        (r#"{"patternProperties": {}}"#, "patternProperties: cannot be checked"),
        (r#"{"type": "array"}"#, "type: a node is an object"),
        (r#"{"$schema": "http://json-schema.org/draft-04/schema#"}"#, "$schema: must be"),
        (r#"{"additionalProperties": {"type": "string"}}"#, "additionalProperties: must be true"),
        (r#"{"properties": {"a": {"type": ["string", "integer"]}}}"#, "properties.a.type: must be"),
        (r#"{"properties": {"a": {"type": "null"}}}"#, "properties.a.type: must be one type"),
        (r#"{"properties": {"a": false}}"#, "properties.a: must be an object or true"),
        (r#"{"properties": {"a": {"minimum": 1}}}"#, "fields.a.minimum: applies to numbers"),
        (
            r#"{"properties": {"a": {"type": "array", "minLength": 1}}}"#,
            "properties.a.minLength: cannot be checked by a type; it applies to the type string",
        ),
        (
            r#"{"properties": {"a": {"type": "array", "items": {"pattern": "a"}}}}"#,
            "properties.a.items.pattern: cannot be checked",
        ),
        (
            r#"{"properties": {"a": {"type": "array", "minItems": 2,
                "x-pluresdb": {"kind": "vector", "dimension": 3}}}}"#,
            "properties.a: minItems and maxItems must be the vector's dimension",
        ),
        (
            r#"{"properties": {"a": {"x-pluresdb": {"knd": "set"}}}}"#,
            "fields.a.knd: there is no such key",
        ),
    ] {
        let message = refusal(schema);
        assert!(message.contains(expected), "{schema}: {message}");
    }
}

#[test]
fn null_is_allowed_by_both_type_and_enum_or_not_at_all() {
    let both =
        from_schema(r#"{"properties": {"a": {"type": ["string", "null"], "enum": ["x", null]}}}"#);
    assert_eq!(both.validate(&json(r#"{"a": null}"#)), []);
    let by_type =
        from_schema(r#"{"properties": {"a": {"type": ["string", "null"], "const": "x"}}}"#);
    assert_eq!(by_type.validate(&json(r#"{"a": null}"#)).len(), 1);
    assert_eq!(by_type.validate(&json(r#"{"a": "x"}"#)), []);
}

#[test]
fn a_schema_without_our_words_counts_base64_as_bytes() {
    let of = |lengths: &str| {
        from_schema(&format!(
            r#"{{"properties": {{"a": {{"type": "object", "required": ["$bytes"],
                "additionalProperties": false, "properties": {{"$bytes":
                {{"type": "string", "contentEncoding": "base64", {lengths}}}}}}}}}}}"#
        ))
    };
    let shape = of(r#""minLength": 4, "maxLength": 8"#).fields["a"].shape.clone();
    assert_eq!(
        (shape.ty, shape.min_length, shape.max_length),
        (ValueType::Bytes, Some(1), Some(6))
    );
    assert_eq!(of(r#""minLength": 5"#).fields["a"].shape.min_length, Some(4));
    let error = refusal(r#"{"properties": {"a": {"properties": {"$bytes": {}, "b": {}}}}}"#);
    assert!(error.contains("properties.a.properties: bytes are an object of `$bytes`"), "{error}");
}

#[test]
fn an_exported_schema_is_one_that_people_can_read() {
    let def = TypeDef::new("Note")
        .with("title", FieldDef::of(ValueType::String).required().indexed())
        .with("body", FieldDef::text().full_text(2.0))
        .with("likes", FieldDef::counter());
    let expected = json(
        r#"{
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Note",
            "type": "object",
            "properties": {
                "title": {"type": "string", "x-pluresdb": {"indexed": true}},
                "body": {"type": "string",
                         "x-pluresdb": {"kind": "text", "full_text": {"weight": 2}}},
                "likes": {"type": "integer", "x-pluresdb": {"kind": "counter"}}
            },
            "required": ["title"]
        }"#,
    );
    assert_eq!(foreign(&def.to_json_schema()), foreign(&expected));
}

#[test]
fn how_many_bytes_there_may_be_is_kept_exactly() {
    for lengths in
        ["\"min_length\": 5", "\"max_length\": 4", "\"min_length\": 1, \"max_length\": 2"]
    {
        let bytes = format!("{{\"type\": \"bytes\", {lengths}}}");
        let data = format!(
            r#"{{"fields": {{"a": {bytes}, "b": {{"type": "array", "items": {bytes}}}}}}}"#
        );
        let def = TypeDef::parse("T", json(&data)).unwrap();
        let read = TypeDef::from_json_schema(None, def.to_json_schema()).unwrap();
        assert_eq!(read.def, def);
    }
}
