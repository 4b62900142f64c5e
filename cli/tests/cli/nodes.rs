//! Nodes: put, get, patch, delete, list, search.

use crate::support::Room;
use serde_json::json;

#[test]
fn a_node_reads_back_as_it_was_put() {
    let room = Room::new();
    room.ok(&["put", "db", "n", "--type", "T", r#"{"a":[1,2.5,null],"b":{"c":"ü"}}"#]);
    let node = room.json(&["get", "db", "n"]);
    assert_eq!((&node["id"], &node["type"]), (&json!("n"), &json!("T")));
    assert_eq!(node["data"], json!({"a": [1, 2.5, null], "b": {"c": "ü"}}));
    assert!(node["updated"].as_i64().is_some_and(|ms| ms > 1_600_000_000_000));
}

#[test]
fn fields_and_input_say_the_same_as_json() {
    let room = Room::new();
    room.ok(&["put", "db", "n", "-t", "T", "-f", "title=a=b", "-f", "n:=3", "-f", "at.x:=true"]);
    let expected = json!({"title": "a=b", "n": 3, "at": {"x": true}});
    assert_eq!(room.json(&["get", "db", "n"])["data"], expected);
    let ran = room.run_with_input(&["put", "db", "m", "-t", "T", "-"], br#"{"n": 3}"#);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(room.json(&["get", "db", "m"])["data"], json!({"n": 3}));
}

#[test]
fn a_second_put_leaves_no_old_field() {
    let room = Room::new();
    room.ok(&["put", "db", "n", "-t", "T", "-f", "a=1", "-f", "b=2"]);
    room.ok(&["put", "db", "n", "-t", "U", "-f", "b=3"]);
    let node = room.json(&["get", "db", "n"]);
    assert_eq!((&node["type"], &node["data"]), (&json!("U"), &json!({"b": "3"})));
}

#[test]
fn data_that_cannot_be_read_writes_nothing() {
    let room = Room::new();
    for data in ["{", "[1]", "text", r#"{"a": 1e999}"#] {
        assert_eq!(room.fails(&["put", "db", "n", "-t", "T", data], 2), "usage", "{data}");
    }
    assert_eq!(room.fails(&["put", "db", "n", "-t", "T", "-f", "title"], 2), "usage");
    assert_eq!(room.fails(&["put", "db", "", "-t", "T"], 2), "bad-name");
    assert_eq!(room.fails(&["put", "db", "n"], 2), "usage");
    assert_eq!(room.nodes("db"), 0);
}

#[test]
fn a_patch_merges_objects_stores_null_and_removes_by_path() {
    let room = Room::new();
    room.ok(&["put", "db", "n", "-t", "T", r#"{"a":{"x":1,"y":2},"b":3,"c":4}"#]);
    room.ok(&["patch", "db", "n", r#"{"a":{"x":null},"b":5}"#, "--remove", "a.y", "-f", "d=6"]);
    let data = room.json(&["get", "db", "n"])["data"].clone();
    assert_eq!(data, json!({"a": {"x": null}, "b": 5, "c": 4, "d": "6"}));
    assert_eq!(room.fails(&["patch", "db", "n"], 2), "usage");
    assert_eq!(room.fails(&["patch", "db", "missing", "{}", "-f", "a=1"], 3), "not-found");
}

#[test]
fn what_is_deleted_is_found_nowhere() {
    let room = Room::with_notes();
    room.ok(&["delete", "db", "cat"]);
    assert_eq!(room.fails(&["get", "db", "cat"], 3), "not-found");
    assert_eq!(room.fails(&["delete", "db", "cat"], 3), "not-found");
    assert_eq!(room.json(&["search", "db", "cat"]), json!([]));
    assert_eq!(room.json(&["edges", "db", "milk"]), json!([]));
    assert_eq!(room.nodes("db"), 1);
}

#[test]
fn a_list_goes_on_after_an_id() {
    let room = Room::new();
    for id in ["a", "b", "c"] {
        room.ok(&["put", "db", id, "-t", if id == "b" { "B" } else { "T" }]);
    }
    let ids = |words: &[&str]| -> Vec<String> {
        let list = room.json(&[&["list", "db"], words].concat());
        let ids = list.as_array().expect("an array").iter();
        ids.map(|node| node["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(ids(&[]), ["a", "b", "c"]);
    assert_eq!(ids(&["--limit", "2"]), ["a", "b"]);
    assert_eq!(ids(&["--after", "b"]), ["c"]);
    assert_eq!(ids(&["--type", "T"]), ["a", "c"]);
    let ran = room.run(&["list", "db", "--limit", "2"]);
    assert!(ran.err.contains("--after \"b\""), "{ran:?}");
}

#[test]
fn search_finds_beginnings_of_words_best_first() {
    let room = Room::with_notes();
    room.ok(&["put", "db", "shop", "-t", "Shop", "-f", "about=milk, and only milk"]);
    let found = room.json(&["search", "db", "mil"]);
    assert_eq!(found[0]["id"], "shop");
    assert_eq!(found[1]["id"], "milk");
    assert!(found[0]["score"].as_f64() > found[1]["score"].as_f64());
    assert_eq!(room.json(&["search", "db", "milk", "--type", "Note"])[0]["id"], "milk");
    assert_eq!(room.json(&["search", "db", "\" OR *"]), json!([]));
}

#[test]
fn a_search_is_kept_to_the_fields_named() {
    let room = Room::new();
    let definition = r#"{"fields": {"title": {"full_text": true}, "body": {"full_text": true}}}"#;
    room.ok(&["type", "define", "db", "Note", definition]);
    room.ok(&["put", "db", "a", "-t", "Note", "-f", "title=oat milk", "-f", "body=rice"]);
    room.ok(&["put", "db", "b", "-t", "Note", "-f", "title=rice", "-f", "body=oat milk"]);
    let found = |words: &[&str]| room.json(&[&["search", "db", "oat mi"], words].concat());
    assert_eq!(found(&[]).as_array().map(Vec::len), Some(2));
    assert_eq!(found(&["--field", "title"])[0]["id"], "a");
    assert_eq!(found(&["--field", "title"]).as_array().map(Vec::len), Some(1));
    assert_eq!(found(&["--field", "title", "--field", "body"]).as_array().map(Vec::len), Some(2));
    let ran = room.run(&["search", "db", "oat", "--field", "author"]);
    assert!(ran.err.contains("body, title") && ran.err.contains("full_text"), "{ran:?}");
}

#[test]
fn what_a_text_holds_does_not_steer_the_terminal() {
    let room = Room::new();
    room.ok(&["put", "db", "n", "-t", "T", r#"{"title":"a\u001b[2Jb\u009bc"}"#]);
    for words in [&["get", "db", "n"][..], &["list", "db"], &["query", "db", "SELECT * FROM T"]] {
        let out = room.ok(words);
        assert!(!out.contains(['\u{1b}', '\u{9b}']), "{words:?}: {out:?}");
    }
}
