//! Edges: link, unlink, edges.

use crate::support::Room;
use serde_json::json;

#[test]
fn an_edge_is_seen_from_both_ends() {
    let room = Room::with_notes();
    let edge = json!([{
        "source": "milk", "label": "before", "target": "cat", "key": "", "data": {"minutes": 5}
    }]);
    assert_eq!(room.json(&["edges", "db", "milk"]), edge);
    assert_eq!(room.json(&["edges", "db", "cat"]), edge);
    assert_eq!(room.json(&["edges", "db", "cat", "--in", "--label", "before"]), edge);
    assert_eq!(room.json(&["edges", "db", "cat", "--out"]), json!([]));
    assert_eq!(room.json(&["edges", "db", "milk", "--label", "after"]), json!([]));
    assert_eq!(room.fails(&["edges", "db", "milk", "--in", "--out"], 2), "usage");
}

#[test]
fn an_edge_to_itself_is_listed_once() {
    let room = Room::with_notes();
    room.ok(&["link", "db", "cat", "likes", "cat"]);
    let edges = room.json(&["edges", "db", "cat", "--label", "likes"]);
    assert_eq!(edges.as_array().map(Vec::len), Some(1));
    for side in ["--in", "--out"] {
        let edges = room.json(&["edges", "db", "cat", "--label", "likes", side]);
        assert_eq!(edges.as_array().map(Vec::len), Some(1), "{side}");
    }
}

#[test]
fn keys_tell_parallel_edges_apart() {
    let room = Room::with_notes();
    room.ok(&["link", "db", "milk", "before", "cat", "--key", "second"]);
    assert_eq!(room.json(&["status", "db"])["edges"], 2);
    room.ok(&["unlink", "db", "milk", "before", "cat"]);
    assert_eq!(room.json(&["edges", "db", "milk"])[0]["key"], "second");
}

#[test]
fn an_edge_needs_both_nodes() {
    let room = Room::with_notes();
    assert_eq!(room.fails(&["link", "db", "milk", "before", "nobody"], 3), "not-found");
    assert_eq!(room.fails(&["link", "db", "nobody", "before", "milk"], 3), "not-found");
    assert_eq!(room.fails(&["link", "db", "milk", "", "cat"], 2), "bad-name");
    assert_eq!(room.fails(&["edges", "db", "nobody"], 3), "not-found");
}

#[test]
fn an_edge_that_is_not_there_cannot_be_removed() {
    let room = Room::with_notes();
    room.ok(&["unlink", "db", "milk", "before", "cat"]);
    assert_eq!(room.fails(&["unlink", "db", "milk", "before", "cat"], 3), "not-found");
    assert_eq!(room.json(&["status", "db"])["edges"], 0);
}
