//! The graph: what is hidden, what counts, what is told; through the methods and through SQL.

use crate::{log, replica, text};
use pluresdb::types::TypeDef;
use pluresdb::{
    Bound, Database, Direction, Error, Limits, Map, RankOptions, SqlValue, Walk, Weight, object,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// `a -> b -> c -> a`, `c -> d`, and `x` alone; `d` is a Town, all else are Stops.
fn ring() -> Database {
    let mut db = replica();
    db.transaction(|tx| {
        for id in ["a", "b", "c", "x"] {
            tx.put(id, "Stop", Map::new())?;
        }
        tx.put("d", "Town", object([("size", 7.into())]))?;
        tx.link("a", "next", "b", object([("km", 2.into())]))?;
        tx.link("b", "next", "c", object([("km", 2.5.into())]))?;
        tx.link("c", "next", "a", object([("km", 1.into())]))?;
        tx.link("c", "road", "d", object([("km", 0.into())]))
    })
    .unwrap();
    db
}

fn walk(direction: Direction, labels: &[&str]) -> Walk {
    let labels = labels.iter().map(ToString::to_string).collect();
    Walk { direction, labels, ..Walk::default() }
}

fn reached(db: &Database, start: &str, walk: &Walk) -> Vec<(String, u32)> {
    let found = db.traverse(start, walk).unwrap();
    assert_eq!(found.stopped, None);
    found.nodes.into_iter().map(|node| (node.id, node.depth)).collect()
}

fn ids(db: &Database, start: &str, walk: &Walk) -> Vec<String> {
    reached(db, start, walk).into_iter().map(|(id, _)| id).collect()
}

fn route(db: &Database, start: &str, end: &str, walk: &Walk) -> Option<Vec<String>> {
    db.shortest_path(start, end, walk, None).unwrap().route.map(|route| route.nodes)
}

fn texts(db: &Database, sql: &str) -> Vec<String> {
    let rows = db.query(sql, &[]).unwrap().rows;
    let cell = |cell: &SqlValue| match cell {
        SqlValue::Null => "-".into(),
        SqlValue::Int(number) => number.to_string(),
        SqlValue::Real(number) => number.to_string(),
        SqlValue::Text(text) => text.clone(),
        SqlValue::Blob(_) => "blob".into(),
    };
    rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_traversal_goes_through_a_cycle_once() {
    let db = ring();
    let all = reached(&db, "a", &Walk::default());
    assert_eq!(all, [("a", 0), ("b", 1), ("c", 2), ("d", 3)].map(|(id, at)| (id.to_owned(), at)));
    let found = db.traverse("a", &Walk { depth: 2, ..Walk::default() }).unwrap();
    assert_eq!(found.path(2), ["a", "b", "c"]);
    let (before, edge) = found.nodes[2].from.clone().unwrap();
    assert_eq!((before, edge.source.as_str(), edge.label.as_str()), (1, "b", "next"));
    assert_eq!(ids(&db, "d", &walk(Direction::In, &[])), ["d", "c", "b", "a"]);
    assert_eq!(ids(&db, "d", &walk(Direction::Out, &[])), ["d"]);
    assert_eq!(ids(&db, "b", &walk(Direction::Both, &["road", "none"])), ["b"]);
    assert_eq!(ids(&db, "a", &walk(Direction::Out, &["next", "road"])).len(), 4);
}

#[test]
fn a_loop_and_parallel_edges_are_hops_like_others() {
    let mut db = ring();
    db.link("a", "self", "a", Map::new()).unwrap();
    db.link("a", "also", "b", Map::new()).unwrap();
    let neighbours = |direction| db.neighbours("a", &walk(direction, &[])).unwrap().neighbours;
    let labels = |direction| neighbours(direction).into_iter().map(|next| next.label + &next.id);
    assert!(labels(Direction::Out).eq(["alsob", "nextb", "selfa"]));
    assert!(labels(Direction::In).eq(["nextc", "selfa"]));
    assert!(labels(Direction::Both).eq(["alsob", "nextb", "selfa", "nextc"]));
    assert_eq!(ids(&db, "a", &Walk::default()).len(), 4);
    let both = db.edges("a", Direction::Both, None, 10).unwrap();
    assert_eq!(both.len(), 4);
    assert_eq!(db.edges("a", Direction::Both, None, 3).unwrap(), both[..3]);
}

#[test]
fn what_is_deleted_is_gone_from_the_graph_at_once() {
    let mut db = ring();
    assert_eq!(route(&db, "a", "d", &Walk::default()).unwrap(), ["a", "b", "c", "d"]);
    db.delete("b").unwrap();
    assert_eq!(ids(&db, "a", &Walk::default()), ["a"]);
    assert_eq!(route(&db, "a", "d", &Walk::default()), None);
    assert_eq!(texts(&db, "SELECT id FROM traverse('a')"), ["a"]);
    assert_eq!(db.components(&Walk::whole()).unwrap().components.len(), 2);
    assert!(matches!(db.traverse("b", &Walk::default()), Err(Error::NotFound { .. })));
    db.put("b", "Stop", Map::new()).unwrap();
    assert_eq!(ids(&db, "a", &Walk::default()).len(), 4);
    db.unlink("c", "road", "d").unwrap();
    assert_eq!(ids(&db, "a", &Walk::default()).len(), 3);
}

#[test]
fn what_another_device_deletes_is_gone_from_the_graph_at_once() {
    let (mut here, mut there) = (ring(), replica());
    there.apply(&log(&here)).unwrap();
    assert_eq!(ids(&there, "a", &Walk::default()).len(), 4);
    here.delete("c").unwrap();
    there.apply(&log(&here)).unwrap();
    assert_eq!(ids(&there, "a", &Walk::default()), ["a", "b"]);
    assert_eq!(texts(&there, "SELECT count(*) FROM pagerank()"), ["4"]);
}

#[test]
fn an_edge_whose_end_has_not_come_yet_is_not_there() {
    let mut db = replica();
    db.import_jsonl(
        "{\"id\":\"a\",\"type\":\"Stop\"}\n{\"source\":\"a\",\"label\":\"next\",\"target\":\"z\"}",
        1,
    )
    .unwrap();
    assert_eq!(ids(&db, "a", &Walk::default()), ["a"]);
    assert_eq!(db.components(&Walk::whole()).unwrap().components, [["a"]]);
    assert!(matches!(
        db.shortest_path("a", "z", &Walk::default(), None),
        Err(Error::NotFound { .. })
    ));
    assert!(texts(&db, "SELECT id FROM traverse('z')").is_empty());
}

#[test]
fn types_and_a_filter_close_nodes() {
    let mut db = ring();
    db.link("x", "next", "d", Map::new()).unwrap();
    let stops = Walk { types: vec!["Stop".into()], ..Walk::default() };
    assert_eq!(ids(&db, "a", &stops), ["a", "b", "c"]);
    let filter = |filter: &str| Walk { filter: Some(filter.into()), ..Walk::default() };
    assert_eq!(ids(&db, "a", &filter("data ->> 'size' > 5 OR id < 'c' -- not c")), ["a", "b"]);
    // Nothing goes through a closed node, but a node that is asked about is not closed.
    assert_eq!(route(&db, "a", "d", &filter("id <> 'b'")), None);
    assert_eq!(route(&db, "a", "d", &filter("type = 'Stop'")).unwrap().len(), 4);
    assert_eq!(db.components(&stops).unwrap().components.len(), 2);

    let wrong = db.traverse("a", &filter("id = 1 AND sise > 2")).unwrap_err();
    let Error::Sql { message, offset } = wrong else { panic!("{wrong:?}") };
    assert_eq!((message.as_str(), offset), ("the filter of nodes: no such column: sise", Some(11)));
    for (injected, code) in
        [("1)) ; DELETE FROM pdb_node; --", "sql-read-only"), ("1) FROM x", "sql"), ("", "sql")]
    {
        assert_eq!(db.traverse("a", &filter(injected)).unwrap_err().code(), code, "{injected}");
    }
    assert_eq!(ids(&db, "a", &Walk::default()).len(), 4);
}

#[test]
fn the_cheapest_way_goes_by_the_weights_of_edges() {
    let mut db = ring();
    db.link("a", "ferry", "d", object([("km", 30.into())])).unwrap();
    let km = Weight::field("km");
    let cheapest = |db: &Database, walk: &Walk, weight: &Weight| {
        db.shortest_path("a", "d", walk, Some(weight)).map(|found| found.route.unwrap())
    };
    assert_eq!(route(&db, "a", "d", &Walk::default()).unwrap(), ["a", "d"]);
    let found = cheapest(&db, &Walk::default(), &km).unwrap();
    assert_eq!(found.nodes, ["a", "b", "c", "d"]);
    assert_eq!((found.cost, found.weights.as_slice()), (4.5, &[2.0, 2.5, 0.0][..]));
    assert_eq!(found.edges[2].label, "road");
    // Backwards, an edge keeps its direction.
    let back = db.shortest_path("d", "a", &walk(Direction::In, &["next", "road"]), Some(&km));
    let back = back.unwrap().route.unwrap();
    assert_eq!((back.edges[0].source.as_str(), back.edges[0].target.as_str()), ("c", "d"));

    for weight in [text("far"), (-1).into(), (-0.5).into()] {
        db.link("a", "ferry", "d", object([("km", weight)])).unwrap();
        let error = cheapest(&db, &Walk::default(), &km).unwrap_err();
        assert_eq!(error.code(), "bad-weight");
        assert!(error.to_string().contains("\"a\" \"ferry\" \"d\""), "{error}");
    }
    db.link("a", "ferry", "d", Map::new()).unwrap();
    assert_eq!(cheapest(&db, &Walk::default(), &km).unwrap_err().code(), "bad-weight");
    let one = Weight { default: Some(1.0), ..km.clone() };
    assert_eq!(cheapest(&db, &Walk::default(), &one).unwrap().nodes, ["a", "d"]);
    for wrong in [Weight { default: Some(f64::NAN), ..km.clone() }, Weight::field("a\"b")] {
        assert_eq!(cheapest(&db, &Walk::default(), &wrong).unwrap_err().code(), "bad-option");
    }
    let deep = Walk { depth: 3, ..Walk::default() };
    assert_eq!(cheapest(&db, &deep, &km).unwrap_err().code(), "bad-option");
}

#[test]
fn a_subgraph_has_the_edges_between_its_nodes() {
    let db = ring();
    let part = |ids: &[&str], depth, labels: &[&str]| {
        let walk = Walk { depth, ..walk(Direction::Out, labels) };
        let part = db.subgraph(ids, &walk).unwrap();
        assert_eq!(part.stopped, None);
        let nodes: Vec<String> = part.nodes.into_iter().map(|node| node.id).collect();
        let edges: Vec<String> =
            part.edges.into_iter().map(|edge| edge.source + &edge.target).collect();
        (nodes.join(""), edges.join(" "))
    };
    let pair = |nodes: &str, edges: &str| (nodes.to_owned(), edges.to_owned());
    assert_eq!(part(&["a", "c", "a"], 0, &[]), pair("ac", "ca"));
    assert_eq!(part(&["c"], 1, &[]), pair("cad", "ca cd"));
    assert_eq!(part(&["c"], 1, &["road"]), pair("cd", "cd"));
    assert!(matches!(db.subgraph(&["a", "no"], &Walk::default()), Err(Error::NotFound { .. })));
}

#[test]
fn a_limit_that_was_reached_is_told() {
    let db = ring();
    let few = |nodes, edges| Walk { limits: Limits { nodes, edges }, ..Walk::default() };
    let found = db.traverse("a", &few(2, 100)).unwrap();
    assert_eq!((found.nodes.len(), found.stopped), (2, Some(Bound::Nodes)));
    assert_eq!(db.traverse("a", &few(4, 100)).unwrap().stopped, None);
    assert_eq!(db.traverse("a", &few(9, 1)).unwrap().stopped, Some(Bound::Edges));
    assert_eq!(db.shortest_path("a", "d", &few(9, 1), None).unwrap().stopped, Some(Bound::Edges));
    assert_eq!(db.subgraph(&["a", "b"], &few(1, 9)).unwrap().stopped, Some(Bound::Nodes));
    assert_eq!(db.subgraph(&["a", "b"], &few(9, 0)).unwrap().stopped, Some(Bound::Edges));
    let next = db.neighbours("c", &few(1, 9)).unwrap();
    assert_eq!((next.neighbours.len(), next.stopped), (1, Some(Bound::Nodes)));
    assert_eq!(db.components(&few(2, 9)).unwrap().stopped, Some(Bound::Nodes));
    let ranks = db.pagerank(&RankOptions { walk: few(9, 2), ..RankOptions::default() }).unwrap();
    assert_eq!(ranks.stopped, Some(Bound::Edges));
    let error = db.query("SELECT id FROM traverse('a', NULL, NULL, 'out', 2)", &[]).unwrap_err();
    assert_eq!(error.code(), "graph-limit");
    assert!(error.to_string().contains("2 nodes"), "{error}");
}

#[test]
fn components_and_ranks_are_of_the_whole_graph() {
    let db = ring();
    let found = db.components(&Walk::whole()).unwrap();
    assert_eq!(found.components, [vec!["a", "b", "c", "d"], vec!["x"]]);
    let ranks = db.pagerank(&RankOptions::default()).unwrap();
    assert!(ranks.converged && ranks.stopped.is_none());
    assert!((ranks.ranks.iter().map(|(_, rank)| rank).sum::<f64>() - 1.0).abs() < 1e-9);
    assert_eq!(ranks.ranks.last().unwrap().0, "x");
    let wrong = |damping| {
        let mut options = RankOptions::default();
        options.rank.damping = damping;
        db.pagerank(&options).unwrap_err().code()
    };
    assert_eq!([1.0, -0.1, f64::NAN].map(wrong), ["bad-option"; 3]);
}

#[test]
fn definitions_are_nodes_of_the_graph_that_types_leave_out() {
    let mut db = ring();
    db.define_type(&TypeDef::new("Stop")).unwrap();
    let count = |walk: &Walk| db.components(walk).unwrap().components.len();
    assert_eq!(count(&Walk::whole()), 3);
    let places = Walk { types: vec!["Stop".into(), "Town".into()], ..Walk::whole() };
    assert_eq!(count(&places), 2);
}

#[test]
fn the_graph_joins_with_nodes_in_sql() {
    let db = ring();
    assert_eq!(
        texts(&db, "SELECT t.* FROM traverse('a', 3, NULL, 'out') AS t ORDER BY depth"),
        [
            "a 0 - - [\"a\"]",
            "b 1 a next [\"a\",\"b\"]",
            "c 2 b next [\"a\",\"b\",\"c\"]",
            "d 3 c road [\"a\",\"b\",\"c\",\"d\"]"
        ]
    );
    assert_eq!(
        texts(
            &db,
            "SELECT n.id, n.type FROM traverse('a') JOIN nodes AS n USING (id) WHERE type = 'Town'"
        ),
        ["d Town"]
    );
    assert_eq!(
        texts(
            &db,
            "SELECT id, (SELECT count(*) FROM traverse(n.id, 1)) FROM nodes AS n ORDER BY id"
        ),
        ["a 2", "b 2", "c 3", "d 1", "x 1"]
    );
    assert_eq!(
        texts(&db, "SELECT id, label, direction FROM neighbours('c', 'next', 'both')"),
        ["a next out", "b next in"]
    );
    assert_eq!(texts(&db, "SELECT id FROM neighbours('c', '[\"road\", \"next\"]')").len(), 2);
    assert_eq!(
        texts(&db, "SELECT step, id, label, cost FROM shortest_path('b', 'd', NULL, NULL, 'km')"),
        ["0 b - 0", "1 c next 2.5", "2 d road 2.5"]
    );
    assert!(texts(&db, "SELECT * FROM shortest_path('d', 'b')").is_empty());
    assert_eq!(texts(&db, "SELECT * FROM shortest_path('x', 'x')"), ["0 x - 0"]);
    assert_eq!(
        texts(&db, "SELECT component, max(size) FROM components() GROUP BY component"),
        ["1 4", "2 1"]
    );
    assert_eq!(texts(&db, "SELECT round(sum(rank), 6) FROM pagerank('next', 0.5)"), ["1"]);
}

#[test]
fn wrong_arguments_in_sql_are_errors_that_say_what_to_give() {
    let db = ring();
    for (call, wanted) in [
        ("traverse(1)", "ids of nodes are text"),
        ("traverse('a', 'far')", "depth: give an integer that is not negative"),
        ("traverse('a', -1)", "depth: give an integer that is not negative"),
        ("traverse('a', 1, 2)", "labels: give a label, a JSON array of labels, or NULL"),
        ("traverse('a', 1, '[1]')", "labels: no JSON array of texts"),
        ("traverse('a', 1, '[]')", "labels: give NULL for all labels"),
        ("traverse('a', 1, NULL, 'up')", "direction: \"up\" is none; give 'out', 'in' or 'both'"),
        ("pagerank(NULL, 2)", "damping: give a number from 0 up to"),
        ("shortest_path('a', 'b', NULL, NULL, 3)", "weight: give the name of a field"),
    ] {
        let error = db.query(&format!("SELECT * FROM {call}"), &[]).unwrap_err();
        assert_eq!(error.code(), "bad-option", "{call}");
        assert!(error.to_string().contains(wanted), "{call}: {error}");
    }
}

/// A step of a random life: nodes and edges come and go.
#[derive(Debug, Clone)]
enum Step {
    Put(usize),
    Delete(usize),
    Link(usize, usize, usize),
    Unlink(usize, usize, usize),
}

const NODES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const LABELS: [&str; 2] = ["l", "m"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let node = 0..NODES.len();
    let edge = (node.clone(), 0..LABELS.len(), node.clone());
    let step = prop_oneof![
        3 => node.clone().prop_map(Step::Put),
        1 => node.prop_map(Step::Delete),
        6 => edge.clone().prop_map(|(source, label, target)| Step::Link(source, label, target)),
        1 => edge.prop_map(|(source, label, target)| Step::Unlink(source, label, target)),
    ];
    proptest::collection::vec(step, 1..40)
}

/// Does a step, where it can be done.
fn act(db: &mut Database, step: &Step) {
    match *step {
        Step::Put(node) => db.put(NODES[node], "N", Map::new()).unwrap(),
        Step::Delete(node) => {
            db.delete(NODES[node]).unwrap();
        }
        Step::Link(source, label, target) => {
            let outcome = db.link(NODES[source], LABELS[label], NODES[target], Map::new());
            assert!(matches!(outcome, Ok(()) | Err(Error::NotFound { .. })));
        }
        Step::Unlink(source, label, target) => {
            db.unlink(NODES[source], LABELS[label], NODES[target]).unwrap();
        }
    }
}

/// The ids within some edges of a start, from what the views of SQL show.
fn naive(db: &Database, start: &str, depth: u32, walk: &Walk) -> BTreeSet<String> {
    let mut edges: Vec<(String, String)> = Vec::new();
    for row in db.query("SELECT source, target, label FROM edges", &[]).unwrap().rows {
        let [SqlValue::Text(source), SqlValue::Text(target), SqlValue::Text(label)] = &row[..]
        else {
            panic!("{row:?}");
        };
        if walk.labels.is_empty() || walk.labels.contains(label) {
            let (there, back) =
                ((source.clone(), target.clone()), (target.clone(), source.clone()));
            match walk.direction {
                Direction::Out => edges.push(there),
                Direction::In => edges.push(back),
                Direction::Both => edges.extend([there, back]),
            }
        }
    }
    let mut reached = BTreeSet::from([start.to_owned()]);
    for _ in 0..depth {
        let next: Vec<String> = edges
            .iter()
            .filter(|(from, _)| reached.contains(from))
            .map(|(_, to)| to.clone())
            .collect();
        reached.extend(next);
    }
    reached
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_graph_is_that_of_the_views_on_every_replica(
        (ours, theirs) in (steps(), steps()),
        depth in 0_u32..5,
        direction in prop_oneof![Just(Direction::Out), Just(Direction::In), Just(Direction::Both)],
        labels in proptest::sample::subsequence(&LABELS[..], 0..=2),
    ) {
        let (mut here, mut there) = (replica(), replica());
        ours.iter().for_each(|step| act(&mut here, step));
        theirs.iter().for_each(|step| act(&mut there, step));
        let (one, other) = (log(&here), log(&there));
        here.apply(&other).unwrap();
        there.apply(&one).unwrap();
        let walk = Walk { depth, ..walk(direction, &labels) };
        let json = serde_json::to_string(&labels).unwrap();
        let labels = if labels.is_empty() { SqlValue::Null } else { SqlValue::Text(json) };
        for db in [&here, &there] {
            let alive = texts(db, "SELECT id FROM nodes ORDER BY id");
            for start in &alive {
                let wanted = naive(db, start, depth, &walk);
                let found = ids(db, start, &walk);
                prop_assert_eq!(found.len(), wanted.len());
                prop_assert_eq!(&found.into_iter().collect::<BTreeSet<_>>(), &wanted);
                for end in &alive {
                    let near = route(db, start, end, &walk).is_some();
                    prop_assert_eq!(near, wanted.contains(end), "{} to {}", start, end);
                }
                let way = SqlValue::Text(format!("{direction:?}").to_lowercase());
                let count = db.query(
                    "SELECT count(*) FROM traverse(?1, ?2, ?3, ?4)",
                    &[SqlValue::Text(start.clone()), SqlValue::Int(depth.into()), labels.clone(), way],
                );
                prop_assert_eq!(&count.unwrap().rows[0][0], &SqlValue::Int(wanted.len() as i64));
            }
            let both = Walk { direction: Direction::Both, ..Walk::default() };
            for ids in db.components(&Walk::whole()).unwrap().components {
                let wanted = naive(db, &ids[0], 9, &both);
                prop_assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), wanted);
            }
        }
    }
}
