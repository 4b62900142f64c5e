//! Random definitions and objects. Definitions are read from data that is mostly sound; objects
//! mostly have the fields of a definition, with values near its bounds.

use pluresdb::types::{FieldDef, FieldKind, TypeDef, ValueShape, ValueType};
use pluresdb::{Map, Value};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;

/// A definition, and what it was read from.
pub(crate) fn definition() -> impl Strategy<Value = (Map, TypeDef)> {
    type_data().prop_map(|data| (data.clone(), TypeDef::read("T", data).0))
}

fn type_data() -> impl Strategy<Value = Map> {
    let fields = fields_data(field_data(shape_data()).boxed());
    let closed = prop::option::of(any::<bool>().prop_map(Value::Bool));
    let language =
        prop::option::weighted(0.2, select(vec![text("en"), text("!"), text("pt-BR"), text("ja")]));
    let other = prop::option::weighted(0.1, any_value());
    let version = prop::option::weighted(0.3, (0..3_i64).prop_map(Value::Int));
    (fields, closed, language, version, other).prop_map(
        |(fields, closed, language, version, other)| {
            present([
                ("fields", Some(fields)),
                ("closed", closed),
                ("language", language),
                ("version", version),
                ("later", other),
            ])
        },
    )
}

fn fields_data(field: BoxedStrategy<Map>) -> impl Strategy<Value = Value> {
    prop::collection::btree_map(select(vec!["a", "b.c", "d", "é"]), field, 0..4).prop_map(
        |fields| {
            Value::Object(
                fields.into_iter().map(|(name, field)| (name.to_owned(), field.into())).collect(),
            )
        },
    )
}

fn field_data(shape: impl Strategy<Value = Map>) -> impl Strategy<Value = Map> {
    let kind = prop::option::weighted(
        0.4,
        select(vec!["value", "counter", "set", "text", "list", "vector", "rope"]).prop_map(text),
    );
    let flag = || prop::option::weighted(0.3, any::<bool>().prop_map(Value::Bool));
    let full_text = select(vec![
        None,
        None,
        Some(Value::Bool(true)),
        Some(Value::from([("weight", Value::Float(2.5))])),
        Some(Value::from([("tokens", text("trigram"))])),
        Some(Value::from([("tokens", text("letters")), ("weight", Value::Int(3))])),
    ]);
    let renamed = select(vec![None, None, None, Some("old"), Some("a"), Some("older")])
        .prop_map(|name| name.map(|name| Value::Array(vec![text(name)])));
    let vector = (
        prop::option::weighted(0.8, (1..4_i64).prop_map(Value::Int)),
        prop::option::of(select(vec!["cosine", "dot", "l2"]).prop_map(text)),
    );
    let default = prop::option::weighted(0.2, any_value());
    (shape, kind, (flag(), flag(), flag()), full_text, renamed, vector, default).prop_map(
        |(mut data, kind, (required, indexed, unique), full_text, renamed, vector, default)| {
            if kind.as_ref().is_some_and(|kind| *kind != text("value")) {
                data.remove("type");
                data.remove("enum");
            }
            if kind == Some(text("vector")) {
                data.extend(present([("dimension", vector.0), ("metric", vector.1)]));
            }
            data.extend(present([
                ("kind", kind),
                ("required", required),
                ("indexed", indexed),
                ("unique", unique),
                ("full_text", full_text),
                ("renamed_from", renamed),
                ("default", default),
            ]));
            data
        },
    )
}

fn shape_data() -> impl Strategy<Value = Map> {
    let types = ["string", "integer", "number", "boolean", "bytes", "array", "object", "any"];
    let ty = prop::option::weighted(0.9, select(types.to_vec()).prop_map(text));
    let flag = || prop::option::weighted(0.2, any::<bool>().prop_map(Value::Bool));
    let bound = || prop::option::weighted(0.4, number());
    let length = || prop::option::weighted(0.4, (0..4_i64).prop_map(Value::Int));
    let values = prop::collection::vec(any_value(), 0..5).prop_map(Value::Array);
    let values = prop::option::weighted(0.2, values);
    let about = prop::option::weighted(0.1, Just(text("what it is")));
    let flat = (ty, flag(), flag(), values, about, (bound(), bound()), (length(), length()))
        .prop_map(|(ty, nullable, closed, values, about, bounds, lengths)| {
            sound(present([
                ("type", ty),
                ("nullable", nullable),
                ("closed", closed),
                ("enum", values),
                ("description", about),
                ("minimum", bounds.0),
                ("maximum", bounds.1),
                ("min_length", lengths.0),
                ("max_length", lengths.1),
            ]))
        });
    flat.prop_recursive(3, 12, 3, |inner| {
        let fields = prop::option::of(fields_data(field_data(inner.clone()).boxed()));
        let items = prop::option::of(inner.clone());
        (inner, fields, items).prop_map(|(mut shape, fields, items)| {
            match shape.get("type") {
                Some(Value::Text(ty)) if ty == "object" => {
                    shape.extend(present([("fields", fields)]));
                }
                Some(Value::Text(ty)) if ty == "array" => {
                    shape.extend(present([("items", items.map(Value::Object))]));
                }
                _ => {}
            }
            shape
        })
    })
}

/// Mostly leaves away what the type does not know, so that few definitions lose their parts.
fn sound(mut shape: Map) -> Map {
    let ty = match shape.get("type") {
        Some(Value::Text(ty)) => ty.clone(),
        _ => String::new(),
    };
    if !["integer", "number"].contains(&ty.as_str()) {
        shape.remove("minimum");
        shape.remove("maximum");
    }
    if !["string", "bytes", "array"].contains(&ty.as_str()) {
        shape.remove("min_length");
        shape.remove("max_length");
    }
    shape
}

/// A definition with an object for it.
pub(crate) fn definition_and_object() -> impl Strategy<Value = (TypeDef, Map)> {
    definition().prop_flat_map(|(_, def)| {
        let object = object_for(&def.fields);
        (Just(def), object)
    })
}

fn object_for(fields: &BTreeMap<String, FieldDef>) -> BoxedStrategy<Map> {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, field)| {
            let there = if field.required { 0.95 } else { 0.7 };
            (Just(name.clone()), prop::option::weighted(there, value_for(field)))
        })
        .collect();
    let stray = prop::option::weighted(0.05, any_value());
    (fields, stray)
        .prop_map(|(fields, stray)| {
            let there = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
            there.chain(stray.map(|value| ("stray".to_owned(), value))).collect()
        })
        .boxed()
}

fn value_for(field: &FieldDef) -> BoxedStrategy<Value> {
    match &field.kind {
        FieldKind::Vector(vector) => {
            let exact = vector.dimension as usize;
            let numbers = |size| prop::collection::vec(number(), size).prop_map(Value::Array);
            prop_oneof![
                10 => numbers(exact..=exact),
                1 => numbers(0..=4),
                1 => any_value(),
            ]
            .boxed()
        }
        _ => near(&field.shape),
    }
}

/// A value that mostly has a shape.
fn near(shape: &ValueShape) -> BoxedStrategy<Value> {
    let typed = match shape.ty {
        ValueType::Any => any_value().boxed(),
        ValueType::String => any_text().boxed(),
        ValueType::Integer => (-4..5_i64).prop_map(Value::Int).boxed(),
        ValueType::Number => number().boxed(),
        ValueType::Boolean => any::<bool>().prop_map(Value::Bool).boxed(),
        ValueType::Bytes => bytes().boxed(),
        ValueType::Array => {
            let item = shape.items.as_deref().map_or_else(|| any_value().boxed(), near);
            prop::collection::vec(item, 0..4).prop_map(Value::Array).boxed()
        }
        ValueType::Object => object_for(&shape.fields).prop_map(Value::Object).boxed(),
    };
    let enumerated = if shape.enum_values.is_empty() {
        typed.clone()
    } else {
        select(shape.enum_values.clone()).boxed()
    };
    prop_oneof![
        10 => enumerated,
        4 => typed,
        1 => any_value(),
        1 => Just(Value::Null),
    ]
    .boxed()
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number(),
        any_text(),
        bytes(),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map("[ab]", inner, 0..3).prop_map(Value::Object),
        ]
    })
}

/// Numbers in their one representation, at the edges of exactness too.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (-4..5_i64).prop_map(Value::Int),
        2 => (-8..9_i32).prop_map(|half| Value::number(f64::from(half) / 2.0).unwrap()),
        1 => select(vec![
            Value::Int((1 << 53) + 1),
            Value::Int(i64::MIN),
            Value::Int(i64::MAX),
            Value::Float(9_007_199_254_740_994.0),
            Value::Float(0.1),
            Value::Float(-0.0),
            Value::Float(1e300),
            Value::Float(5e-324),
        ]),
    ]
}

fn any_text() -> impl Strategy<Value = Value> {
    prop_oneof!["[a-c]{0,5}", "\\PC{0,4}"].prop_map(Value::Text)
}

fn bytes() -> impl Strategy<Value = Value> {
    prop::collection::vec(any::<u8>(), 0..8).prop_map(Value::Bytes)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn present<const N: usize>(entries: [(&str, Option<Value>); N]) -> Map {
    entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}
