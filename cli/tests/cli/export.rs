//! Exports: whole, to a file or a pipe, and back in again.

use crate::support::{Room, end};
use std::io::Read;

const LINES: &str = r#"{"id":"cat","type":"Note","data":{"done":true,"title":"Feed the cat"}}
{"id":"milk","type":"Note","data":{"done":false,"title":"Buy milk"}}
{"source":"milk","label":"before","target":"cat","data":{"minutes":5}}
"#;

#[test]
fn an_export_holds_every_node_and_then_every_edge() {
    let room = Room::with_notes();
    assert_eq!(room.ok(&["export", "db"]), LINES);
    assert_eq!(room.ok(&["export", "db", "-"]), LINES);
    assert_eq!(room.json(&["export", "db", "out"])["lines"], 3);
    assert_eq!(room.read("out"), LINES);
}

#[test]
fn what_was_exported_imports_to_the_same() {
    let room = Room::with_notes();
    room.ok(&["export", "db", "out"]);
    room.ok(&["import", "--create", "again", "out"]);
    assert_eq!(room.ok(&["export", "again"]), LINES);
}

#[test]
fn a_target_is_replaced_only_when_asked_for() {
    let room = Room::with_notes();
    room.write("out", "mine");
    assert_eq!(room.fails(&["export", "db", "out"], 1), "exists");
    assert_eq!(room.read("out"), "mine");
    room.ok(&["export", "db", "out", "--force"]);
    assert_eq!(room.read("out"), LINES);
}

#[test]
fn a_target_that_cannot_be_written_leaves_nothing_behind() {
    let room = Room::with_notes();
    assert_eq!(room.fails(&["export", "db", "missing/out"], 1), "file");
    room.ok(&["export", "db", "out"]);
    let names: Vec<_> = std::fs::read_dir(room.path(""))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name())
        .filter(|name| name.to_string_lossy().contains("part"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn a_reader_that_goes_away_ends_the_export_quietly() {
    let room = Room::new();
    let lines: String = (0..5_000)
        .map(|i| {
            format!("{{\"id\":\"n{i}\",\"type\":\"N\",\"data\":{{\"text\":\"{i:0>100}\"}}}}\n")
        })
        .collect();
    room.write("lines", lines);
    room.ok(&["import", "db", "lines"]);
    let mut child = room.start(&["export", "db"]);
    let mut out = child.stdout.take().expect("a pipe");
    out.read_exact(&mut [0; 100]).expect("its beginning");
    drop(out);
    let ran = end(child);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}
