//! Types: type define, show, list, violations.

use crate::support::Room;
use serde_json::{Value, json};

const NOTE: &str = r#"{"fields": {"title": {"type": "string", "required": true}}}"#;

#[test]
fn a_type_is_defined_shown_and_kept_to() {
    let room = Room::new();
    assert_eq!(room.ok(&["type", "define", "db", "Note", NOTE]), "Defined Note\n");
    assert_eq!(room.ok(&["type", "list", "db"]), "Note\n");
    let shown = room.json(&["type", "show", "db", "Note"]);
    assert_eq!(shown, serde_json::from_str::<Value>(NOTE).unwrap());
    let failed = room.run(&["put", "db", "n", "-t", "Note", r#"{"title": 7}"#, "--json"]);
    assert_eq!(failed.code, Some(1));
    assert!(failed.err.contains("\"invalid\""), "{}", failed.err);
    assert!(failed.err.contains("title: must be a text, found 7 (type)"), "{}", failed.err);
}

#[test]
fn a_json_schema_goes_in_and_comes_out() {
    let room = Room::new();
    let schema = r#"{"properties": {"year": {"type": "integer", "minimum": 1}}}"#;
    room.ok(&["type", "define", "db", "Paper", schema, "--json-schema"]);
    let out = room.json(&["type", "show", "db", "Paper", "--json-schema"]);
    assert_eq!(out["properties"]["year"]["minimum"], 1);
    assert_eq!(out["title"], "Paper");
}

#[test]
fn what_was_there_before_the_type_is_listed() {
    let room = Room::new();
    room.ok(&["put", "db", "n", "-t", "Note", "{}"]);
    room.ok(&["type", "define", "db", "Note", NOTE]);
    let line = room.ok(&["type", "violations", "db"]);
    assert_eq!(line, "n title: must be there (required)\n");
    let listed = room.json(&["type", "violations", "db", "-t", "Note"]);
    assert_eq!(listed[0]["rule"], json!("required"));
    assert_eq!(room.json(&["type", "violations", "db", "-t", "Other"]), json!([]));
}

#[test]
fn a_later_version_of_a_type_stays() {
    let room = Room::new();
    let define = |version: u8| {
        let definition = format!(r#"{{"version": {version}, "fields": {{}}}}"#);
        room.ok(&["type", "define", "db", "Note", &definition])
    };
    assert_eq!(define(2), "Defined Note\n");
    assert_eq!(define(2), "Note is defined so already\n");
    assert_eq!(define(1), "Version 2 of Note is there, which is later, and stays\n");
    assert_eq!(room.json(&["type", "show", "db", "Note"])["version"], 2);
}
