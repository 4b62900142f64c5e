//! `query --watch`: what other processes write is told until Ctrl-C.

#![cfg(unix)]

use crate::support::{Room, end, signal};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::Child;

const TITLES: &str = "SELECT id, title FROM Note WHERE title <> :not ORDER BY title";

/// A watch that runs, and the lines that it prints.
fn watch(room: &Room, words: &[&str]) -> (Child, impl FnMut() -> String) {
    let mut child =
        room.start(&[&["query", "db", "--watch", "--name", "not=x", TITLES], words].concat());
    let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
    let line = move || {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    };
    (child, line)
}

#[test]
fn what_others_write_is_told_as_json_until_ctrl_c() {
    let room = Room::with_notes();
    let (child, mut line) = watch(&room, &["--json"]);
    let mut event = || serde_json::from_str::<Value>(&line()).expect("JSON");
    let (milk, cat) = (json!({"id": "milk", "title": "Buy milk"}), "Feed the cat");
    assert_eq!(event(), json!({"rows": [milk, {"id": "cat", "title": cat}]}));

    room.ok(&["put", "db", "ant", "--type", "Note", r#"{"title": "Ask the ant"}"#]);
    let ant = json!({"at": 0, "row": {"id": "ant", "title": "Ask the ant"}});
    let nothing = json!([]);
    assert_eq!(
        event(),
        json!({"added": [ant], "removed": nothing, "changed": nothing, "moved": nothing})
    );
    room.ok(&["patch", "db", "ant", "--field", "title=Zoo"]);
    let told = event();
    assert_eq!(told["changed"], json!([{"at": 2, "row": {"id": "ant", "title": "Zoo"}}]));
    assert_eq!(told["moved"], json!([{"from": 0, "to": 2}]));
    room.ok(&["delete", "db", "milk"]);
    assert_eq!(event()["removed"], json!([{"at": 0, "row": milk}]));

    signal(&child, "INT");
    let ran = end(child);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}

#[test]
fn what_others_write_is_told_in_lines() {
    let room = Room::with_notes();
    let (child, mut line) = watch(&room, &[]);
    let table: Vec<String> = (0..4).map(|_| line()).collect();
    assert!(table[3].contains("Feed the cat"), "{table:?}");
    room.ok(&["put", "db", "ant", "--type", "Note", r#"{"title": "A\u001b[2J"}"#]);
    assert_eq!(line(), "+ ant | A\\u{1b}[2J");
    room.ok(&["patch", "db", "ant", "--field", "title=Zoo"]);
    assert_eq!(line(), "~ ant | Zoo");
    assert_eq!(line(), "> row 1 is row 3 now");
    room.ok(&["delete", "db", "ant"]);
    assert_eq!(line(), "- ant | Zoo");
    signal(&child, "TERM");
    assert_eq!(end(child).code, Some(0));
}

#[test]
fn only_one_statement_that_reads_can_be_watched() {
    let room = Room::with_notes();
    let fails = |sql: &str, exit: i32| room.fails(&["query", "db", "--watch", sql], exit);
    assert_eq!(fails("DELETE FROM Note", 1), "sql-read-only");
    assert_eq!(fails("SELECT 1; SELECT 2", 2), "usage");
    assert_eq!(room.fails(&["query", "db", "--watch", "--csv", TITLES], 2), "usage");
}
