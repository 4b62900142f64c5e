//! Definitions, violations, renames and defaults, as their users meet them.

use super::{DefinitionError, FieldDef, FieldKind, Metric, Rule, TypeDef, ValueType, Violation};
use crate::model::{Map, Value, object};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A value from JSON, as users write definitions and documents.
fn json(text: &str) -> Map {
    serde_json::from_str(text).unwrap()
}

fn define(data: &str) -> TypeDef {
    TypeDef::parse("T", json(data)).unwrap()
}

fn field(data: &str) -> TypeDef {
    define(&format!("{{\"fields\": {{\"f\": {data}}}}}"))
}

fn refusal(data: &str) -> DefinitionError {
    TypeDef::parse("T", json(data)).unwrap_err()
}

/// The one fault of a definition of the field `f`, as a sentence.
#[track_caller]
fn fault(data: &str) -> String {
    let error = refusal(&format!("{{\"fields\": {{\"f\": {data}}}}}"));
    assert_eq!(error.faults.len(), 1, "{error}");
    error.faults[0].to_string()
}

/// Each violation's path and rule.
fn broken(def: &TypeDef, object: &str) -> Vec<(String, Rule)> {
    let violations = def.validate(&json(object));
    violations.into_iter().map(|violation| (violation.path, violation.rule)).collect()
}

#[track_caller]
fn breaks(def: &TypeDef, object: &str, path: &str, rule: Rule) {
    assert_eq!(broken(def, object), [(String::from(path), rule)], "{object}");
}

#[track_caller]
fn keeps(def: &TypeDef, object: &str) {
    assert_eq!(def.validate(&json(object)), [], "{object}");
}

#[test]
fn a_violation_names_path_rule_and_value() {
    let def = field(r#"{"type": "integer", "minimum": 3}"#);
    let violations = def.validate(&json(r#"{"f": 1}"#));
    let expected = Violation {
        path: "f".into(),
        rule: Rule::Minimum,
        message: "must be at least 3".into(),
        value: "1".into(),
    };
    assert_eq!(violations, core::slice::from_ref(&expected));
    assert_eq!(expected.to_string(), "f: must be at least 3, found 1 (minimum)");
}

#[test]
fn a_required_field_must_be_there_and_null_is_not_absence() {
    let def = field(r#"{"type": "string", "required": true}"#);
    breaks(&def, "{}", "f", Rule::Required);
    breaks(&def, r#"{"f": null}"#, "f", Rule::Type);
    keeps(&def, r#"{"f": ""}"#);
    let nullable = field(r#"{"type": "string", "required": true, "nullable": true}"#);
    keeps(&nullable, r#"{"f": null}"#);
    breaks(&nullable, "{}", "f", Rule::Required);
}

#[test]
fn each_type_takes_its_values_and_no_others() {
    let values = [
        ("string", r#""a""#),
        ("integer", "1"),
        ("number", "1.5"),
        ("boolean", "true"),
        ("bytes", r#"{"$bytes": "AAA="}"#),
        ("array", "[1]"),
        ("object", r#"{"a": 1}"#),
    ];
    for (ty, _) in values {
        let def = field(&format!("{{\"type\": {ty:?}}}"));
        for (other, value) in values {
            let object = format!("{{\"f\": {value}}}");
            if ty == other || (ty, other) == ("number", "integer") {
                keeps(&def, &object);
            } else {
                breaks(&def, &object, "f", Rule::Type);
            }
        }
    }
}

#[test]
fn a_whole_number_may_be_spelled_with_a_point() {
    let def = field(r#"{"type": "integer", "enum": [1, 2]}"#);
    assert_eq!(def.validate(&object([("f", Value::Float(2.0))])), []);
    assert_eq!(def.validate(&object([("f", Value::Float(2.5))]))[0].rule, Rule::Type);
}

#[test]
fn each_constraint_is_held() {
    let number = field(r#"{"type": "number", "minimum": 0, "maximum": 1.5}"#);
    breaks(&number, r#"{"f": -0.1}"#, "f", Rule::Minimum);
    breaks(&number, r#"{"f": 2}"#, "f", Rule::Maximum);
    keeps(&number, r#"{"f": 1.5}"#);
    let text = field(r#"{"type": "string", "min_length": 2, "max_length": 3}"#);
    breaks(&text, r#"{"f": "ä"}"#, "f", Rule::MinLength);
    breaks(&text, r#"{"f": "abcd"}"#, "f", Rule::MaxLength);
    keeps(&text, r#"{"f": "äöü"}"#);
    let bytes = field(r#"{"type": "bytes", "max_length": 2}"#);
    keeps(&bytes, r#"{"f": {"$bytes": "AAA="}}"#);
    breaks(&bytes, r#"{"f": {"$bytes": "AAAA"}}"#, "f", Rule::MaxLength);
    let choice = field(r#"{"enum": ["a", {"b": [1]}]}"#);
    keeps(&choice, r#"{"f": {"b": [1.0]}}"#);
    breaks(&choice, r#"{"f": "b"}"#, "f", Rule::Enum);
    let list = field(r#"{"type": "array", "max_length": 1, "items": {"type": "string"}}"#);
    breaks(&list, r#"{"f": [7]}"#, "f[0]", Rule::Type);
    breaks(&list, r#"{"f": ["a", "b"]}"#, "f", Rule::MaxLength);
}

#[test]
fn a_closed_type_or_object_takes_no_other_fields() {
    let inner = r#"{"type": "object", "closed": true, "fields": {"w": {"type": "number"}}}"#;
    let def = define(&format!(r#"{{"closed": true, "fields": {{"size": {inner}}}}}"#));
    breaks(&def, r#"{"color": 1}"#, "color", Rule::UnknownField);
    breaks(&def, r#"{"size": {"h": 1}}"#, "size.h", Rule::UnknownField);
    breaks(&def, r#"{"size": {"w": "1"}}"#, "size.w", Rule::Type);
    keeps(&field("{}"), r#"{"color": 1}"#);
}

#[test]
fn a_field_that_merges_by_more_than_the_last_write_holds_what_its_kind_can() {
    for (kind, right, wrong) in [
        ("counter", "3", "3.5"),
        ("counter", "-3", r#""3""#),
        ("set", "[1]", "1"),
        ("list", "[1]", r#""a""#),
        ("text", r#""a""#, "[]"),
    ] {
        let def = field(&format!("{{\"kind\": {kind:?}}}"));
        keeps(&def, &format!("{{\"f\": {right}}}"));
        breaks(&def, &format!("{{\"f\": {wrong}}}"), "f", Rule::Kind);
        breaks(&def, r#"{"f": null}"#, "f", Rule::Kind);
    }
    let beyond = object([("f", Value::Float(1e300))]);
    assert_eq!(field(r#"{"kind": "counter"}"#).validate(&beyond)[0].rule, Rule::Kind);
    let tags = field(r#"{"kind": "set", "items": {"type": "string"}}"#);
    breaks(&tags, r#"{"f": ["a", 1]}"#, "f[1]", Rule::Type);
}

#[test]
fn a_vector_has_its_dimension_and_only_numbers() {
    let def = field(r#"{"kind": "vector", "dimension": 3, "metric": "dot"}"#);
    keeps(&def, r#"{"f": [1, 0.5, -1]}"#);
    breaks(&def, r#"{"f": [1, 0.5]}"#, "f", Rule::Dimension);
    breaks(&def, r#"{"f": [1, "a", 3]}"#, "f[1]", Rule::Type);
    breaks(&def, r#"{"f": {}}"#, "f", Rule::Kind);
    let nan = Value::Array(alloc::vec![Value::Int(1), Value::Float(f64::NAN), Value::Int(1)]);
    assert_eq!(def.validate(&object([("f", nan)]))[0].path, "f[1]");
}

#[test]
fn violations_are_listed_up_to_a_hundred() {
    let def = field(r#"{"type": "array", "items": {"type": "string"}}"#);
    let numbers = Value::Array((0..1000).map(Value::Int).collect());
    assert_eq!(def.validate(&object([("f", numbers)])).len(), super::MAX_VIOLATIONS);
}

#[test]
fn a_definition_reads_back_from_its_data() {
    let def = TypeDef::new("Note")
        .with("title", FieldDef::of(ValueType::String).required().indexed().renamed_from("name"))
        .with("body", FieldDef::text().full_text(2.5))
        .with("code", FieldDef::of(ValueType::String).full_text_parts(1.0))
        .with("stars", FieldDef::of(ValueType::Integer).default_to(0))
        .with("likes", FieldDef::counter())
        .with("size", FieldDef::object([("w", FieldDef::of(ValueType::Number).required())]))
        .with("near", FieldDef::vector(4, Metric::L2));
    assert_eq!(def.check(), Ok(()));
    assert_eq!(TypeDef::parse("Note", def.to_data()), Ok(def));
}

#[test]
fn a_misspelled_key_is_refused_with_the_keys_there_are() {
    let message = fault(r#"{"type": "string", "requird": true}"#);
    assert!(message.starts_with("fields.f.requird: there is no such key"), "{message}");
    assert!(message.contains("required"), "{message}");
}

#[test]
fn what_contradicts_itself_is_refused_with_its_place() {
    for (data, expected) in [
        (r#"{"type": "strin"}"#, "fields.f.type: must be one of any, string"),
        (r#"{"required": 1}"#, "fields.f.required: must be true or false, found 1"),
        (r#"{"kind": "counter", "type": "string"}"#, "fields.f.type: a counter holds a whole"),
        (r#"{"kind": "counter", "default": 3}"#, "fields.f.default: a counter starts at 0"),
        (r#"{"kind": "set", "items": {"type": "object"}}"#, "fields.f.items.type: a set holds no"),
        (r#"{"kind": "text", "enum": ["a"]}"#, "fields.f.enum: a text takes any"),
        (r#"{"kind": "vector"}"#, "fields.f.dimension: is missing"),
        (r#"{"kind": "vector", "dimension": 0}"#, "fields.f.dimension: must be 1 to 8192"),
        (r#"{"type": "string", "minimum": 1}"#, "fields.f.minimum: applies to numbers, not to a"),
        (r#"{"type": "number", "min_length": 1}"#, "fields.f.min_length: applies to texts, bytes"),
        (r#"{"type": "number", "minimum": 2, "maximum": 1}"#, "fields.f.minimum: is above"),
        (r#"{"type": "string", "min_length": 2, "max_length": 1}"#, "fields.f.min_length: is abov"),
        (r#"{"type": "string", "enum": ["a", 1]}"#, "fields.f.enum: 1 is no value that"),
        (r#"{"enum": []}"#, "fields.f.enum: is empty"),
        (r#"{"type": "string", "default": 1}"#, "fields.f.default: 1 is no value that"),
        (r#"{"type": "object", "indexed": true}"#, "fields.f.indexed: only a field that holds a"),
        (r#"{"kind": "counter", "unique": true}"#, "fields.f.unique: only a plain field"),
        (r#"{"type": "number", "full_text": true}"#, "fields.f.full_text: the field holds no text"),
        (r#"{"full_text": {"weight": 0}}"#, "fields.f.full_text.weight: must be above 0"),
        (r#"{"full_text": 3}"#, "fields.f.full_text: must be true, false or"),
        (r#"{"nullable": true}"#, "fields.f.nullable: a field of any type may be null already"),
        (r#"{"renamed_from": ["f"]}"#, "fields.f.renamed_from: \"f\" is a field itself"),
        (r#"{"type": "string", "fields": {"a": {}}}"#, "fields.f.fields: applies to objects"),
        (
            r#"{"type": "object", "fields": {"a": {"type": "string", "indexed": true}}}"#,
            "fields.f.fields.a.indexed: only a field of the type itself",
        ),
        (
            r#"{"type": "array", "items": {"type": "object", "fields": {"a": {"kind": "text"}}}}"#,
            "fields.f.items.fields.a.kind: a list is replaced as a whole",
        ),
        (
            r#"{"type": "array", "items": {"type": "object", "fields": {"a": {"default": 1}}}}"#,
            "fields.f.items.fields.a.default: a field of a list's element has no default",
        ),
    ] {
        let message = fault(data);
        assert!(message.starts_with(expected), "{data}: {message}");
    }
}

#[test]
fn the_database_keeps_names_for_its_own_types() {
    let error = TypeDef::new("$type").check().unwrap_err();
    assert!(error.to_string().contains("begins with $"), "{error}");
    assert!(TypeDef::new("").check().is_err());
    assert!(TypeDef::new("T".repeat(510)).check().is_err(), "no room for the node's id");
    assert_eq!(TypeDef::name_in(&TypeDef::node_id("a/b")), Some("a/b"));
}

#[test]
fn a_field_has_a_name_that_a_field_can_have() {
    for name in ["a\0b", "$bytes"] {
        let def = TypeDef::new("T").with(name, FieldDef::counter());
        assert_eq!(def.check().unwrap_err().faults.len(), 1, "{name:?}");
    }
    assert_eq!(TypeDef::new("T").with("", FieldDef::counter()).check(), Ok(()));
}

#[test]
fn embeddings_are_made_of_fields_with_text() {
    let error = refusal(
        r#"{"fields": {"n": {"type": "number"},
            "v": {"kind": "vector", "dimension": 2, "embed_from": ["n", "title"]}}}"#,
    );
    assert_eq!(error.faults.len(), 1);
    assert!(error.to_string().contains("fields.v.embed_from: the field \"n\" holds no text"));
}

#[test]
fn what_a_later_version_wrote_is_kept_and_the_rest_has_effect() {
    let data = json(
        r#"{"fields": {"f": {"kind": "rope", "required": true, "mood": "blue"}}, "epoch": 7}"#,
    );
    let (def, faults) = TypeDef::read("T", data.clone());
    assert_eq!(faults.len(), 1, "the kind has no effect: {faults:?}");
    assert_eq!(def.fields["f"].kind, FieldKind::Value);
    breaks(&def, "{}", "f", Rule::Required);
    assert_eq!(def.to_data(), data);
}

#[test]
fn a_language_whose_endings_are_not_known_is_refused_and_kept_where_it_is_read() {
    for language in ["ja", "english", "zh-Hant"] {
        let data = object([("language", language.into())]);
        let error = TypeDef::parse("T", data.clone()).unwrap_err();
        assert!(
            error.to_string().contains("are not known, but those of ar, da, nl, en"),
            "{error}"
        );
        let (def, faults) = TypeDef::read("T", data.clone());
        assert_eq!((def.to_data(), faults), (data, Vec::new()));
        assert!(def.check().is_err());
    }
    for language in ["en", "EN-gb", "pt-BR", "nn"] {
        assert!(TypeDef::parse("T", object([("language", language.into())])).is_ok(), "{language}");
    }
}

#[test]
fn two_definitions_that_merged_into_nonsense_still_give_one() {
    let data = json(r#"{"fields": {"f": {"kind": "text", "type": "integer", "minimum": 3}}}"#);
    let (def, faults) = TypeDef::read("T", data);
    assert_eq!(faults.len(), 2);
    assert_eq!(def.check(), Ok(()));
    keeps(&def, r#"{"f": "a text"}"#);
}

#[test]
fn a_definition_of_endless_depth_is_read_to_a_depth() {
    let deep = (0..60).fold(Map::new(), |inner, _| {
        object([("type", "object".into()), ("fields", [("f", inner.into())].into())])
    });
    let error = TypeDef::parse("T", object([("fields", [("f", deep.clone().into())].into())]));
    assert!(error.unwrap_err().to_string().contains("nested deeper than 16 levels"));
    let (def, _) = TypeDef::read("T", object([("fields", [("f", deep.into())].into())]));
    assert_eq!(def.check(), Ok(()));
    let lists = (0..60)
        .fold(Map::new(), |inner, _| object([("type", "array".into()), ("items", inner.into())]));
    let error = TypeDef::parse("T", object([("fields", [("f", lists.into())].into())]));
    assert!(error.unwrap_err().to_string().contains("nested deeper than 16 levels"));
}

#[test]
fn of_several_names_the_one_written_last_counts() {
    let def = field(r#"{"renamed_from": ["old", "older"]}"#);
    let renamed = |object: &str, written: &[(&str, u64)]| {
        let mut object = json(object);
        def.rename(&mut object, |name| {
            written.iter().find(|(field, _)| *field == name).map(|(_, at)| *at)
        });
        object
    };
    let both = r#"{"f": 1, "old": 2, "else": 3}"#;
    let one = |value: i64| object([("f", Value::Int(value)), ("else", Value::Int(3))]);
    assert_eq!(renamed(both, &[("f", 5), ("old", 6)]), one(2));
    assert_eq!(renamed(both, &[("f", 6), ("old", 5)]), one(1));
    assert_eq!(renamed(both, &[("f", 5), ("old", 5)]), one(1));
    assert_eq!(renamed(r#"{"older": 9}"#, &[("older", 1)]), object([("f", Value::Int(9))]));
    assert_eq!(renamed(r#"{"older": 9}"#, &[]), object([("f", Value::Int(9))]));
}

#[test]
fn a_removal_under_one_name_removes_what_was_written_before_under_the_other() {
    let def = field(r#"{"renamed_from": ["old"]}"#);
    let mut data = json(r#"{"old": 2}"#);
    def.rename(&mut data, |name| Some(if name == "f" { 9 } else { 3 }));
    assert_eq!(data, Map::new());
    let mut data = json(r#"{"f": 2}"#);
    def.rename(&mut data, |name| Some(if name == "f" { 3 } else { 9 }));
    assert_eq!(data, Map::new());
}

#[test]
fn defaults_fill_what_is_not_there() {
    let inner = r#"{"type": "object", "fields": {"unit": {"default": "cm"}}}"#;
    let def = define(&format!(r#"{{"fields": {{"a": {{"default": 1}}, "size": {inner}}}}}"#));
    let filled = |data: &str| {
        let mut data = json(data);
        def.fill_defaults(&mut data);
        data
    };
    assert_eq!(filled("{}"), json(r#"{"a": 1}"#));
    assert_eq!(filled(r#"{"a": null}"#), json(r#"{"a": null}"#));
    assert_eq!(filled(r#"{"a": 2, "size": {}}"#), json(r#"{"a": 2, "size": {"unit": "cm"}}"#));
}
