//! Properties over random definitions and objects.

use crate::random::{definition, definition_and_object};
use crate::{foreign, json};
use pluresdb::types::{
    FieldDef, FieldKind, Language, Metric, Rule, TypeDef, ValueShape, ValueType, Violation,
};
use pluresdb::{Map, Value};
use proptest::prelude::*;
use std::collections::BTreeMap;

proptest! {
    #[test]
    fn any_data_gives_a_definition_that_fits_together((data, mut def) in definition()) {
        forget_later_versions(&mut def);
        prop_assert_eq!(def.check(), Ok(()), "{:?}", data);
    }

    #[test]
    fn a_definition_is_the_same_read_from_its_own_data((_, def) in definition()) {
        prop_assert_eq!(TypeDef::read("T", def.to_data()).0, def);
    }

    #[test]
    fn a_definition_is_the_same_read_from_its_own_schema((_, mut def) in definition()) {
        forget_later_versions(&mut def);
        let schema = def.to_json_schema();
        prop_assert!(jsonschema::meta::is_valid(&foreign(&schema)));
        let read = TypeDef::from_json_schema(None, schema).unwrap();
        prop_assert_eq!(read.ignored, Vec::<String>::new());
        prop_assert_eq!(read.def, def);
    }

    #[test]
    fn an_object_fits_a_type_when_it_fits_the_schema((mut def, object) in definition_and_object()) {
        forget_later_versions(&mut def);
        let schema = foreign(&def.to_json_schema());
        let validator = jsonschema::validator_for(&schema).unwrap();
        let violations = def.validate(&object);
        let json = foreign(&object);
        let theirs: Vec<String> =
            validator.iter_errors(&json).map(|error| error.to_string()).collect();
        let agree = violations.is_empty() == theirs.is_empty();
        let loose = theirs.is_empty() && violations.iter().all(is_beyond_schema);
        prop_assert!(agree || loose, "{schema:#}\n{json:#}\nours {violations:?}\ntheirs {theirs:?}");
    }

    #[test]
    fn a_default_fits_and_is_filled_in_once((def, mut object) in definition_and_object()) {
        def.fill_defaults(&mut object);
        let once = object.clone();
        def.fill_defaults(&mut object);
        prop_assert_eq!(object, once);
        let defaults = def.fields.iter().filter_map(|(name, field)| {
            Some((name.clone(), field.default.clone()?))
        });
        for (name, default) in defaults {
            let violations = def.validate(&Map::from([(name.clone(), default)]));
            let own = violations.iter().find(|violation| violation.path == name);
            prop_assert_eq!(own, None);
        }
    }
}

/// The random objects and definitions are not so wild that all objects are refused, nor so tame
/// that all are taken.
#[test]
fn the_random_objects_come_out_both_ways() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let strategy = definition_and_object();
    let mut rules = BTreeMap::<_, u32>::new();
    let mut right = 0;
    for _ in 0..500 {
        let (def, object) = strategy.new_tree(&mut runner).unwrap().current();
        let violations = def.validate(&object);
        right += u32::from(violations.is_empty() && !def.fields.is_empty());
        for violation in violations {
            *rules.entry(violation.rule.word()).or_default() += 1;
        }
    }
    assert!((100..400).contains(&right), "{right} of 500 fit");
    let seen: Vec<_> = rules.keys().copied().collect();
    let expected = [
        "dimension",
        "direction",
        "enum",
        "kind",
        "max_length",
        "maximum",
        "min_length",
        "minimum",
        "required",
        "type",
        "unknown-field",
    ];
    assert_eq!(seen, expected, "every rule is broken by some object");
}

/// What the schema does not know: how many bytes base64 spells exactly, where a counter ends, and which
/// numbers of a vector are too small to be told from zero.
fn is_beyond_schema(violation: &Violation) -> bool {
    match violation.rule {
        Rule::MinLength | Rule::MaxLength => violation.value.ends_with(" bytes"),
        Rule::Direction => true,
        Rule::Kind => {
            violation.message.contains("is a counter")
                && violation.value.parse().is_ok_and(|number: f64| number.fract() == 0.0)
        }
        _ => false,
    }
}

/// Keys of later versions read back from a schema as faults, not as what they were.
fn forget_later_versions(def: &mut TypeDef) {
    def.other = Map::new();
    def.language.take_if(|language| Language::of_tag(language).is_none());
    forget_in_fields(&mut def.fields);
}

fn forget_in_fields(fields: &mut BTreeMap<String, FieldDef>) {
    fields.values_mut().for_each(|field| forget_in_shape(&mut field.shape));
}

fn forget_in_shape(shape: &mut ValueShape) {
    shape.other = Map::new();
    shape.items.iter_mut().for_each(|items| forget_in_shape(items));
    forget_in_fields(&mut shape.fields);
}

/// Every field that differs in how its schema is made, against every kind of value.
#[test]
fn each_field_takes_the_values_that_its_schema_takes() {
    let fields = [
        r"{}",
        r#"{"type": "string"}"#,
        r#"{"type": "string", "nullable": true}"#,
        r#"{"type": "string", "nullable": true, "enum": ["a", "b"]}"#,
        r#"{"type": "string", "min_length": 1, "max_length": 1}"#,
        r#"{"type": "integer"}"#,
        r#"{"type": "integer", "minimum": 0, "maximum": 0}"#,
        r#"{"type": "number", "minimum": -0.5, "maximum": 9007199254740993}"#,
        r#"{"type": "boolean"}"#,
        r#"{"type": "bytes"}"#,
        r#"{"type": "bytes", "nullable": true, "max_length": 3}"#,
        r#"{"type": "array", "max_length": 1}"#,
        r#"{"type": "array", "nullable": true, "items": {"type": "object"}}"#,
        r#"{"type": "array", "items": {"type": "bytes", "min_length": 4}}"#,
        r#"{"type": "object"}"#,
        r#"{"type": "object", "nullable": true, "fields": {"a": {"required": true}}}"#,
        r#"{"type": "object", "closed": true, "fields": {"a": {"type": "integer"}}}"#,
        r#"{"enum": [0, "a", null, {"a": 1}]}"#,
        r#"{"enum": [{"$bytes": "AAAA"}, [1.5]]}"#,
        r#"{"kind": "counter", "maximum": 1}"#,
        r#"{"kind": "set", "items": {"type": "string"}}"#,
        r#"{"kind": "list", "min_length": 1}"#,
        r#"{"kind": "text", "max_length": 1}"#,
        r#"{"kind": "vector", "dimension": 1}"#,
        r#"{"kind": "vector", "dimension": 2, "nullable": true}"#,
        r#"{"kind": "vector", "dimension": 1, "metric": "l2"}"#,
    ];
    let values = [
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "9007199254740992",
        "9007199254740993",
        "9007199254740994",
        r#""""#,
        r#""a""#,
        r#""c""#,
        r#""\u00e4""#,
        r#""ab""#,
        "[]",
        "[1]",
        "[0]",
        "[-0.0]",
        "[0, 0]",
        "[0, 1]",
        "[1e15]",
        "[-1000000000000001]",
        "[1e16]",
        "[1.5]",
        "[1, 2]",
        "[{}]",
        r#"["a"]"#,
        r#"[null]"#,
        r#"[{"$bytes": "AAAA"}]"#,
        r#"[{"$bytes": "AAAAAA=="}]"#,
        "{}",
        r#"{"a": 1}"#,
        r#"{"a": "x", "b": 1}"#,
        r#"{"$bytes": ""}"#,
        r#"{"$bytes": "AAAA"}"#,
        r#"{"$bytes": "AAAAAA=="}"#,
    ];
    for field in fields {
        let data = json(&format!(r#"{{"fields": {{"f": {field}}}}}"#));
        let def = TypeDef::parse("T", data).unwrap();
        let validator = jsonschema::validator_for(&foreign(&def.to_json_schema())).unwrap();
        let mut taken = 0;
        for value in values {
            let object = json(&format!(r#"{{"f": {value}}}"#));
            let ours = def.validate(&object);
            assert_eq!(
                ours.is_empty(),
                validator.is_valid(&foreign(&object)),
                "{field} {value} {ours:?}"
            );
            taken += usize::from(ours.is_empty());
        }
        assert!(taken > 0 && (taken < values.len() || field == "{}"), "{field} takes {taken}");
    }
}

#[test]
fn the_schema_is_looser_only_where_it_says_so() {
    let bytes = FieldDef::of(ValueType::Bytes).shaped_by(|shape| shape.max_length = Some(4));
    let def = TypeDef::new("T").with("f", bytes).with("n", FieldDef::counter());
    let schema = foreign(&def.to_json_schema());
    let accepts = |object: &Map| jsonschema::is_valid(&schema, &foreign(object));
    let of = |len: usize| Map::from([("f".to_owned(), Value::Bytes(vec![0; len]))]);
    assert!(def.validate(&of(5)).len() == 1 && accepts(&of(5)), "six bytes have as many digits");
    assert!(def.validate(&of(7)).len() == 1 && !accepts(&of(7)));
    let huge = Map::from([("n".to_owned(), Value::Float(1e300))]);
    assert!(def.validate(&huge).len() == 1 && accepts(&huge));
    assert_eq!(def.fields["n"].kind, FieldKind::Counter);
    let def = TypeDef::new("T").with("v", FieldDef::vector(1, Metric::Cosine));
    let schema = foreign(&def.to_json_schema());
    let of = |number: f64| Map::from([("v".to_owned(), Value::Array(vec![Value::Float(number)]))]);
    for (number, ours, theirs) in [(1e-300, false, true), (0.0, false, false), (0.5, true, true)] {
        assert_eq!(def.validate(&of(number)).is_empty(), ours, "{number}");
        assert_eq!(jsonschema::is_valid(&schema, &foreign(&of(number))), theirs, "{number}");
    }
}
