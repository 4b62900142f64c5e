//! The graph: neighbours, traverse, path, subgraph, components, pagerank.

use crate::support::Room;
use serde_json::json;

/// milk -> cat -> fish -> milk, each with its minutes, and dust alone.
fn ring() -> Room {
    let room = Room::with_notes();
    room.ok(&["put", "db", "fish", "--type", "Fish", "{}"]);
    room.ok(&["put", "db", "dust", "--type", "Note", "{}"]);
    room.ok(&["link", "db", "cat", "before", "fish", r#"{"minutes":2}"#]);
    room.ok(&["link", "db", "fish", "again", "milk", r#"{"minutes":1}"#]);
    room
}

#[test]
fn neighbours_are_told_with_their_edges() {
    let room = ring();
    let cat = json!({"id": "cat", "label": "before", "key": "", "direction": "out"});
    let fish = json!({"id": "fish", "label": "again", "key": "", "direction": "in"});
    let answer = |neighbours| json!({"complete": true, "stopped": null, "neighbours": neighbours});
    assert_eq!(room.json(&["neighbours", "db", "milk"]), answer(json!([cat])));
    let both = room.json(&["neighbours", "db", "milk", "--direction", "both"]);
    assert_eq!(both, answer(json!([cat, fish])));
    let one = room.json(&["neighbours", "db", "milk", "--direction", "both", "-n", "1"]);
    assert_eq!((&one["complete"], &one["stopped"]), (&json!(false), &json!("nodes")));
    let shown = room.run(&["neighbours", "db", "milk", "--direction", "both", "-n", "1"]);
    assert!(shown.err.contains("there are more"), "{shown:?}");
    assert_eq!(room.fails(&["neighbours", "db", "milk", "--direction", "up"], 2), "usage");
    assert_eq!(room.fails(&["neighbours", "db", "nothing"], 3), "not-found");
}

#[test]
fn a_traversal_tells_depths_and_paths() {
    let room = ring();
    let found = room.json(&["traverse", "db", "milk"]);
    assert_eq!(
        found["nodes"][2],
        json!({
            "id": "fish", "depth": 2, "label": "before", "path": ["milk", "cat", "fish"]
        })
    );
    assert_eq!(found["nodes"].as_array().map(Vec::len), Some(3));
    let near = room.json(&["traverse", "db", "milk", "--depth", "1", "--label", "before"]);
    assert_eq!(near["nodes"].as_array().map(Vec::len), Some(2));
    let notes = room.json(&["traverse", "db", "milk", "--type", "Note", "--where", "id < 'x'"]);
    assert_eq!(notes["nodes"].as_array().map(Vec::len), Some(2));
    assert_eq!(room.fails(&["traverse", "db", "milk", "--where", "sise = 1"], 1), "sql");
    let shown = room.run(&["traverse", "db", "milk", "--max-nodes", "2"]);
    assert!(shown.out.contains("milk > cat"), "{shown:?}");
    assert!(shown.err.contains("--max-nodes raises it"), "{shown:?}");
}

#[test]
fn a_path_is_shortest_by_edges_or_by_weights() {
    let room = ring();
    room.ok(&["link", "db", "milk", "far", "fish", r#"{"minutes":60}"#]);
    assert_eq!(room.json(&["path", "db", "milk", "fish"])["nodes"], json!(["milk", "fish"]));
    let cheap = room.json(&["path", "db", "milk", "fish", "--weight", "minutes"]);
    assert_eq!((&cheap["nodes"], &cheap["cost"]), (&json!(["milk", "cat", "fish"]), &json!(7.0)));
    assert_eq!(cheap["edges"][1]["label"], "before");
    assert!(room.ok(&["path", "db", "milk", "fish"]).contains("far"));
    assert_eq!(room.fails(&["path", "db", "milk", "dust"], 3), "not-found");
    assert_eq!(room.fails(&["path", "db", "milk", "fish", "--weight", "hours"], 1), "bad-weight");
    let hours = ["path", "db", "milk", "fish", "--weight", "hours", "--default-weight", "1"];
    assert_eq!(room.json(&hours)["cost"], json!(1.0));
}

#[test]
fn a_subgraph_has_nodes_and_the_edges_between_them() {
    let room = ring();
    let found = room.json(&["subgraph", "db", "milk", "cat", "--depth", "0"]);
    assert_eq!(found["nodes"][1]["data"]["title"], "Feed the cat");
    assert_eq!(found["edges"].as_array().map(Vec::len), Some(1));
    let shown = room.ok(&["subgraph", "db", "cat"]);
    assert!(shown.contains("Fish") && shown.contains(r#"{"minutes":2}"#), "{shown}");
}

#[test]
fn components_and_ranks_are_of_all_nodes() {
    let room = ring();
    let found = room.json(&["components", "db"]);
    assert_eq!(found["components"], json!([["cat", "fish", "milk"], ["dust"]]));
    let ranks = room.json(&["pagerank", "db", "-n", "3"]);
    assert_eq!(
        (ranks["converged"].clone(), ranks["ranks"].as_array().map(Vec::len)),
        (json!(true), Some(3))
    );
    assert!(room.ok(&["components", "db"]).contains("cat, fish, milk"));
    assert!(room.ok(&["pagerank", "db"]).contains("dust"));
    assert_eq!(room.fails(&["pagerank", "db", "--damping", "1"], 2), "bad-option");
}
