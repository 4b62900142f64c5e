//! Counters, sets, texts and lists: increment, set, edit.

use crate::support::Room;
use serde_json::{Value, json};

fn data(room: &Room) -> Value {
    room.json(&["get", "db", "n"])["data"].clone()
}

fn room(fields: &str) -> Room {
    let room = Room::new();
    room.ok(&["put", "db", "n", "-t", "T", fields]);
    room
}

#[test]
fn an_increment_counts_from_what_is_there_and_says_what_is_now() {
    let room = room(r#"{"votes": 5, "shop": {}}"#);
    assert_eq!(room.ok(&["increment", "db", "n", "votes"]), "votes of n is 6\n");
    let by_two = room.json(&["increment", "db", "n", "shop.stock", "-2"]);
    assert_eq!(by_two, json!({"id": "n", "value": -2}));
    assert_eq!(data(&room), json!({"votes": 6, "shop": {"stock": -2}}));
    assert_eq!(room.ok(&["increment", "db", "n", "votes", "-q"]), "");
}

#[test]
fn a_set_takes_words_and_numbers_once() {
    let room = room("{}");
    let added = room.json(&["set", "add", "db", "n", "tags", "b", "a", "2", "b", "-1"]);
    assert_eq!(added["value"], json!([-1, 2, "a", "b"]));
    room.ok(&["set", "add", "db", "n", "tags", "2", "--text"]);
    room.ok(&["set", "remove", "db", "n", "tags", "2", "b", "none"]);
    assert_eq!(data(&room)["tags"], json!([-1, "2", "a"]));
}

#[test]
fn a_text_is_edited_at_a_place_or_at_its_end() {
    let room = room(r#"{"title": "Buy 🥛"}"#);
    room.ok(&["edit", "db", "n", "title", "--at", "0", "--remove", "3", "--insert", "Get"]);
    room.ok(&["edit", "db", "n", "title", "--insert", "!"]);
    assert_eq!(data(&room)["title"], "Get 🥛!");
    let ended = room.json(&["edit", "db", "n", "title", "--remove", "1", "--insert", "-"]);
    assert_eq!(ended["value"], "Get 🥛-");
    room.ok(&["edit", "db", "n", "body", "--insert", "new"]);
    assert_eq!(data(&room)["body"], "new");
}

#[test]
fn a_list_is_edited_by_values() {
    let room = room(r#"{"steps": [1, 2, 3]}"#);
    let words = ["edit", "db", "n", "steps", "--list"];
    let with = |more: &[&str]| room.json(&[&words[..], more].concat())["value"].clone();
    assert_eq!(with(&["--insert", "4", "--insert", "x"]), json!([1, 2, 3, 4, "x"]));
    assert_eq!(with(&["--at", "1", "--remove", "3"]), json!([1, "x"]));
    assert_eq!(with(&["--at", "0", "--insert", "7", "--text"]), json!(["7", 1, "x"]));
}

#[test]
fn what_cannot_be_changed_so_says_why_and_changes_nothing() {
    let room = room(r#"{"votes": "many", "title": "🥛", "done": true}"#);
    let before = data(&room);
    assert_eq!(room.fails(&["increment", "db", "n", "votes"], 2), "bad-field");
    assert_eq!(room.fails(&["increment", "db", "n", "votes", "x"], 2), "usage");
    assert_eq!(room.fails(&["increment", "db", "missing", "votes"], 3), "not-found");
    assert_eq!(room.fails(&["set", "add", "db", "n", "done", "x"], 2), "bad-field");
    assert_eq!(room.fails(&["set", "add", "db", "n", "tags"], 2), "usage");
    let edit = ["edit", "db", "n", "title"];
    for words in [&["--at", "1", "--insert", "x"][..], &["--at", "3", "--insert", "x"]] {
        assert_eq!(room.fails(&[&edit[..], words].concat(), 2), "bad-field", "{words:?}");
    }
    assert_eq!(room.fails(&edit, 2), "usage");
    let half = room.run(&[&edit[..], &["--at", "1", "--insert", "x"]].concat());
    assert!(half.err.contains("field title") && half.err.contains("half a character"), "{half:?}");
    assert_eq!(data(&room), before);
}
