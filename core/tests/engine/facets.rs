//! Facets: counts of values, with a filter, a search and what was chosen.

use crate::{replica, text};
use pluresdb::types::{FieldDef, TypeDef};
use pluresdb::{Database, FacetQuestion, Facets, Map, Path, SqlValue, Value, object};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn path(key: &str) -> Path {
    Path::field(key).unwrap()
}

fn array(values: impl IntoIterator<Item = Value>) -> Value {
    Value::Array(values.into_iter().collect())
}

fn counted(found: &Facets, place: usize) -> Vec<(Value, u64)> {
    found.facets[place].values.clone()
}

#[test]
fn elements_count_each_and_each_node_once() {
    let mut db = replica();
    db.define_type(&TypeDef::new("Note").with("tags", FieldDef::set())).unwrap();
    let put = |db: &mut Database, id: &str, fields: Map| db.put(id, "Note", fields).unwrap();
    put(&mut db, "a", object([("tags", array([text("x"), text("y")])), ("n", 1.into())]));
    put(&mut db, "b", object([("tags", array([text("x")])), ("n", true.into())]));
    put(&mut db, "c", object([("list", array([text("z"), text("z")])), ("n", Value::Null)]));
    put(&mut db, "d", object([("n", array([1.into(), text("1"), 1.5.into()]))]));
    put(&mut db, "e", object([("n", Value::Object(object([("deep", text("in"))])))]));
    let fields =
        [path("tags"), path("list"), path("n"), path("n").child("deep").unwrap(), path("none")];
    let question =
        FacetQuestion { kind: Some("Note"), fields: &fields, ..FacetQuestion::default() };
    let found = db.facets(&question).unwrap();
    assert_eq!(found.total, 5);
    assert_eq!(counted(&found, 0), [(text("x"), 2), (text("y"), 1)]);
    assert_eq!(counted(&found, 1), [(text("z"), 1)]);
    let numbers = [(1.into(), 2), (true.into(), 1), (1.5.into(), 1), (text("1"), 1)];
    assert_eq!(counted(&found, 2), numbers);
    assert_eq!(counted(&found, 3), [(text("in"), 1)]);
    assert_eq!(counted(&found, 4), []);

    let least = db.facets(&FacetQuestion { limit: 1, ..question }).unwrap();
    assert_eq!(counted(&least, 0), [(text("x"), 2)]);
    assert!(least.facets[0].more && !least.facets[1].more);
}

#[test]
fn a_filter_and_a_search_hold_for_all_and_what_was_chosen_for_the_others() {
    let mut db = replica();
    let rows = [("a", "ada", "red", 1), ("b", "ada", "blue", 2), ("c", "bob", "red", 3)];
    for (id, owner, colour, rank) in rows {
        let title = if rank < 3 { "Paint the house" } else { "Paint the fence" };
        let fields = [("owner", text(owner)), ("colour", text(colour)), ("title", text(title))];
        let mut fields = object(fields);
        fields.insert("rank".into(), rank.into());
        db.put(id, "Task", fields).unwrap();
    }
    db.put("other", "Note", object([("owner", text("ada")), ("title", text("Paint"))])).unwrap();
    let fields = [path("owner"), path("colour")];
    let (ada, red) = ((path("owner"), vec![text("ada")]), (path("colour"), vec![text("red")]));
    let question =
        FacetQuestion { kind: Some("Task"), fields: &fields, ..FacetQuestion::default() };

    let chosen = [ada.clone(), red];
    let found = db.facets(&FacetQuestion { chosen: &chosen, ..question }).unwrap();
    assert_eq!(found.total, 1);
    assert_eq!(counted(&found, 0), [(text("ada"), 1), (text("bob"), 1)]);
    assert_eq!(counted(&found, 1), [(text("blue"), 1), (text("red"), 1)]);

    let (filter, params) = (Some("rank > ? -- and no more"), [SqlValue::Int(1)]);
    let filtered = FacetQuestion { filter, params: &params, chosen: &chosen[..1], ..question };
    let found = db.facets(&filtered).unwrap();
    assert_eq!((found.total, counted(&found, 1)), (1, vec![(text("blue"), 1)]));
    let found = db.facets(&FacetQuestion { search: Some("hou"), ..question }).unwrap();
    assert_eq!((found.total, counted(&found, 0)), (2, vec![(text("ada"), 2)]));
    let found = db.facets(&FacetQuestion { search: Some("--"), ..question }).unwrap();
    assert_eq!((found.total, counted(&found, 0)), (0, vec![]));
    let all = FacetQuestion { kind: None, search: Some("paint"), chosen: &[ada], ..question };
    assert_eq!(db.facets(&all).unwrap().total, 3);
}

#[test]
fn nodes_of_a_type_without_a_view_are_counted_alone() {
    let mut db = replica();
    for (id, kind) in [("a", "Task"), ("b", "task"), ("c", "task"), ("d", "nodes")] {
        db.put(id, kind, object([("owner", text("ada"))])).unwrap();
    }
    let fields = [path("owner")];
    for (kind, count) in [("Task", 1), ("task", 2), ("nodes", 1)] {
        let question = FacetQuestion { kind: Some(kind), fields: &fields, ..Default::default() };
        let counted = db.facets(&question).unwrap();
        assert_eq!((counted.total, counted.facets[0].values[0].1), (count, count), "{kind}");
    }
}

#[test]
fn what_cannot_be_counted_by_is_said() {
    let mut db = replica();
    db.put("a", "Task", object([("owner", text("ada"))])).unwrap();
    let code = |question: &FacetQuestion<'_>| db.facets(question).unwrap_err().code();
    let quoted = [path("a\"b")];
    assert_eq!(code(&FacetQuestion { fields: &quoted, ..Default::default() }), "bad-option");
    assert_eq!(code(&FacetQuestion { kind: Some("Nothing"), ..Default::default() }), "sql");
    assert_eq!(code(&FacetQuestion { filter: Some("1) OR (1"), ..Default::default() }), "sql");
    assert_eq!(code(&FacetQuestion { filter: Some("id = ?"), ..Default::default() }), "sql");
}

fn some_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_i64..2).prop_map(Value::from),
        prop::sample::select(vec!["0", "1", "a"]).prop_map(text),
    ]
}

fn field() -> impl Strategy<Value = Value> {
    prop_oneof![some_value(), prop::collection::vec(some_value(), 0..3).prop_map(Value::Array)]
}

/// The values of a field, each once.
fn values(node: &Map, key: &str) -> Vec<Value> {
    let all = match node.get(key) {
        Some(Value::Array(items)) => items.clone(),
        Some(value) => vec![value.clone()],
        None => Vec::new(),
    };
    let mut once: Vec<Value> = Vec::new();
    for value in all {
        if value != Value::Null && !once.contains(&value) {
            once.push(value);
        }
    }
    once
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn counts_are_those_of_looking_at_each_node(
        nodes in prop::collection::vec((field(), field()), 0..12),
        chosen in prop::collection::vec((prop::sample::select(vec!["p", "q"]), some_value()), 0..3),
    ) {
        let mut db = replica();
        let nodes: Vec<Map> =
            nodes.into_iter().map(|(p, q)| object([("p", p), ("q", q)])).collect();
        for (number, node) in nodes.iter().enumerate() {
            db.put(&format!("n{number}"), "Task", node.clone()).unwrap();
        }
        let mut by_field: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for (key, value) in chosen.into_iter().filter(|(_, value)| *value != Value::Null) {
            by_field.entry(key).or_default().push(value);
        }
        let chosen: Vec<(Path, Vec<Value>)> =
            by_field.iter().map(|(key, values)| (path(key), values.clone())).collect();
        let fields = [path("p"), path("q")];
        let found = db.facets(&FacetQuestion {
            fields: &fields,
            chosen: &chosen,
            limit: 100,
            ..FacetQuestion::default()
        }).unwrap();
        let meets = |node: &Map, without: &str| by_field.iter().all(|(key, wanted)| {
            *key == without || values(node, key).iter().any(|value| wanted.contains(value))
        });
        prop_assert_eq!(found.total, nodes.iter().filter(|node| meets(node, "")).count() as u64);
        for (facet, key) in found.facets.iter().zip(["p", "q"]) {
            let mut naive: BTreeMap<String, u64> = BTreeMap::new();
            for node in nodes.iter().filter(|node| meets(node, key)) {
                for value in values(node, key) {
                    *naive.entry(format!("{value:?}")).or_default() += 1;
                }
            }
            let told: BTreeMap<String, u64> =
                facet.values.iter().map(|(value, count)| (format!("{value:?}"), *count)).collect();
            prop_assert_eq!(told, naive);
        }
    }
}
