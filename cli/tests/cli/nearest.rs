//! Nodes by the nearness of their vectors: to a vector, a node, a text; with conditions; and what is refused.

use crate::support::Room;
use serde_json::{Value, json};

const PLACE: &str = r#"{"fields": {"at": {"kind": "vector", "dimension": 2, "metric": "l2"},
    "name": {"type": "string"},
    "meaning": {"kind": "vector", "dimension": 256, "embed_from": ["name"]}}}"#;

fn room() -> Room {
    let room = Room::new();
    room.ok(&["type", "define", "db", "Place", PLACE]);
    for (id, at, name) in [
        ("bar", [0, 0], "A bar with music"),
        ("inn", [3, 4], "An inn with beds for travellers"),
        ("zoo", [6, 8], "A zoo with elephants and tigers"),
    ] {
        let data = json!({ "at": at, "name": name, "open": id != "inn" }).to_string();
        room.ok(&["put", "db", id, "--type", "Place", &data]);
    }
    room
}

fn ids(found: &Value) -> Vec<&str> {
    found.as_array().into_iter().flatten().filter_map(|hit| hit["id"].as_str()).collect()
}

#[test]
fn the_nearest_to_a_vector_a_node_and_a_text_are_found() {
    let room = room();
    let found = room.json(&["nearest", "db", "Place", "at", "--vector", "[3, 4.5]"]);
    assert_eq!(ids(&found), ["inn", "zoo", "bar"]);
    assert_eq!(found[0]["score"], -0.5);
    let words =
        ["nearest", "db", "Place", "at", "--vector", "[-3, 4]", "--where", "open", "-n", "1"];
    assert_eq!(ids(&room.json(&words)), ["bar"]);
    let found = room.json(&["nearest", "db", "Place", "at", "--like", "zoo", "--limit", "1"]);
    assert_eq!(ids(&found), ["inn"]);
    room.ok(&["embed", "db"]);
    let text = ["nearest", "db", "Place", "meaning", "--text", "a hotel to sleep in", "-n", "1"];
    assert_eq!(ids(&room.json(&text)), ["inn"]);
    let table = room.ok(&text);
    assert!(table.contains("travellers") && table.contains("score"), "{table}");
    let sql = "SELECT id FROM vsearch('Place', 'meaning', 'a hotel to sleep in', 1)";
    assert_eq!(ids(&room.json(&["query", "db", sql])), ["inn"]);
    let none = room.json(&["nearest", "db", "Place", "meaning", "--text", " "]);
    assert_eq!(none, json!([]));
    let sql = "SELECT id FROM vsearch('Place', 'at', '[6, 7]', 2, 'open') ORDER BY score DESC";
    assert_eq!(ids(&room.json(&["query", "db", sql])), ["zoo", "bar"]);
}

#[test]
fn what_cannot_be_searched_for_is_told() {
    let room = room();
    let cases: [(&[&str], i32, &str); 8] = [
        (&["--vector", "[1]"], 1, "bad-vector"),
        (&["--vector", "[1, 1e30]"], 1, "bad-vector"),
        (&["--vector", "1, 2"], 2, "usage"),
        (&["--like", "nobody"], 3, "not-found"),
        (&["--vector", "[1, 2]", "--where", "nothing > 1"], 1, "sql"),
        (&["--vector", "[1, 2]", "--where", "1) UNION SELECT 1 WHERE (1"], 1, "sql"),
        (&["--text", "bar"], 1, "bad-vector"),
        (&["--vector", "[1, 2]", "--like", "bar"], 2, "usage"),
    ];
    for (words, exit, code) in cases {
        let words = [&["nearest", "db", "Place", "at"], words, &["--json"]].concat();
        let ran = room.run(&words);
        assert_eq!(ran.code, Some(exit), "{words:?} {ran:?}");
        if code != "usage" {
            assert_eq!(ran.error()["code"], code, "{words:?}");
        }
    }
    let ran = room.run(&["nearest", "db", "Place", "name", "--vector", "[1]", "--json"]);
    assert_eq!(ran.error()["code"], "no-vector-field");
    room.ok(&["put", "db", "bare", "--type", "Place", "{}"]);
    let ran = room.run(&["nearest", "db", "Place", "at", "--like", "bare", "--json"]);
    assert_eq!(ran.error()["code"], "no-vector");
}
