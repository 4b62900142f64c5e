//! Imports: whole, faulty, stopped and killed.

use crate::support::{Ran, Room, end, wait_until};
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write as _;

/// Lines of nodes with these numbers.
fn nodes(numbers: std::ops::Range<u32>) -> String {
    numbers.fold(String::new(), |mut lines, i| {
        let _ =
            writeln!(lines, r#"{{"id":"n{i:06}","type":"N","data":{{"i":{i},"word":"w{i}"}}}}"#);
        lines
    })
}

#[test]
fn nodes_and_edges_come_in_from_a_file_and_from_a_pipe() {
    let room = Room::new();
    let edge = r#"{"source":"n000000","label":"next","target":"n000001"}"#;
    // An edge may come before its ends, lines may be empty or end as on Windows.
    let lines = format!("\u{feff}{edge}\r\n\n{}", nodes(0..10));
    room.write("lines", &lines);
    let done = room.json(&["import", "db", "lines"]);
    assert_eq!(
        (&done["nodes"], &done["edges"], &done["lines"]),
        (&10.into(), &1.into(), &12.into())
    );
    let ran = room.run_with_input(&["import", "db"], nodes(10..20).as_bytes());
    assert!(ran.out.starts_with("Imported 10 nodes and 0 edges in "), "{ran:?}");
    assert_eq!(
        (room.nodes("db"), &room.json(&["edges", "db", "n000000"])[0]["label"]),
        (20, &json!("next"))
    );
}

#[test]
fn a_second_import_of_the_same_lines_writes_nothing() {
    let room = Room::new();
    room.write("lines", nodes(0..50));
    room.ok(&["import", "db", "lines"]);
    let records = room.json(&["status", "db"])["records"].clone();
    room.ok(&["import", "db", "lines"]);
    assert_eq!(room.json(&["status", "db"])["records"], records);
}

#[test]
fn a_file_is_created_only_when_asked_for() {
    let room = Room::empty();
    room.write("lines", nodes(0..3));
    let ran = room.run(&["import", "new", "lines", "--json"]);
    assert_eq!((ran.code, &ran.error()["code"]), (Some(1), &json!("no-database")));
    assert!(ran.error()["hint"].as_str().is_some_and(|hint| hint.contains("--create")));
    room.ok(&["import", "--create", "new", "lines"]);
    room.ok(&["import", "--create", "new", "lines"]);
    assert_eq!(room.nodes("new"), 3);
    assert_eq!(room.fails(&["import", "--create", "x", "missing"], 1), "file");
    assert!(!room.path("x").exists());
}

#[test]
fn a_line_that_is_no_json_is_named_once_with_the_place_in_it() {
    let room = Room::new();
    room.write("lines", format!("{}\n{{\"id\":\"x\",\"type\":NaN}}\n", nodes(0..2).trim_end()));
    let message = room.run(&["import", "db", "lines", "--json"]).error()["message"].clone();
    assert_eq!(message, json!("line 3: column 18: expected value"));
}

#[test]
fn a_node_that_no_record_holds_is_told_how_it_can_be_written() {
    let room = Room::new();
    room.write(
        "lines",
        format!(r#"{{"id":"x","type":"T","data":{{"t":"{}"}}}}"#, "y".repeat(300_000)),
    );
    let message = room.run(&["import", "db", "lines"]).err;
    assert!(message.contains("line 1: the transaction takes 300016 bytes"), "{message}");
    assert!(message.contains("write its fields in several transactions"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_grow_keeps_what_is_in_it_and_says_so() {
    let room = Room::new();
    room.ok(&["put", "db", "before", "--type", "N"]);
    room.write("lines", nodes(0..20_000));
    let small =
        "trap '' XFSZ; ulimit -f 1500; exec \"$0\" import db lines --batch-bytes 100000 --json";
    let output = std::process::Command::new("sh")
        .args(["-c", small, env!("CARGO_BIN_EXE_pluresdb")])
        .current_dir(room.path("."))
        .env("PLURESDB_STATE_DIR", room.path("state"))
        .output();
    let ran: Ran = output.expect("a shell").into();
    let (error, kept) = (ran.error(), room.nodes("db") - 1);
    assert_eq!((ran.code, &error["code"]), (Some(1), &json!("storage")), "{ran:?}");
    let hint = error["hint"].as_str().unwrap_or_default().to_owned();
    assert!((1..20_000).contains(&kept), "{kept}");
    assert!(
        hint.starts_with(&format!("lines 1 to {kept} are in db, later ones are not. Make room"))
    );
    assert_eq!(room.json(&["check", "db"]), json!({ "faults": [] }));
    room.ok(&["get", "db", "before"]);
    room.ok(&["import", "db", "lines"]);
    assert_eq!(room.nodes("db"), 20_001);
}

#[test]
fn a_faulty_line_is_named_and_the_batches_before_it_stay() {
    let room = Room::new();
    let good = nodes(0..100);
    for fault in [r#"{"id":"x"}"#, "{", r#"{"id":"","type":"T"}"#, r#"{"id":"a","type":"T","b":1}"#]
    {
        room.write("lines", format!("{good}{fault}\n{good}"));
        let ran = room.run(&["import", "db", "lines", "--batch-bytes", "1000", "--json"]);
        let error = ran.error();
        assert_eq!(
            (ran.code, &error["code"], &error["line"]),
            (Some(1), &json!("import"), &json!(101))
        );
        let kept = room.nodes("db");
        assert!((1..=100).contains(&kept), "{kept}");
        let hint = error["hint"].as_str().unwrap_or_default().to_owned();
        assert!(hint.contains(&format!("lines 1 to {kept} are in db")), "{kept}: {hint}");
    }
    room.write("lines", "{\n");
    let ran = room.run(&["import", "db", "lines"]);
    assert!(ran.err.contains("error: line 1: ") && ran.err.contains("nothing of it"), "{ran:?}");
}

#[test]
fn bytes_that_are_no_text_are_named_with_their_line() {
    let room = Room::new();
    room.write("lines", [nodes(0..2).as_bytes(), b"\xff\n"].concat());
    let ran = room.run(&["import", "db", "lines", "--json"]);
    assert_eq!((&ran.error()["code"], &ran.error()["line"]), (&json!("import"), &json!(3)));
    assert_eq!(room.nodes("db"), 0);
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_between_batches_and_says_how_far_it_came() {
    let room = Room::new();
    let mut child = room.start(&["import", "db", "--batch-bytes", "1000"]);
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(nodes(0..500).as_bytes()).expect("it reads");
    wait_until("the first batch", || room.nodes("db") > 100);
    // The pipe stays open: nothing more comes, and still it must hear.
    crate::support::signal(&child, "INT");
    let ran = end(child);
    assert_eq!(ran.code, Some(130), "{ran:?}");
    let (kept, err) = (room.nodes("db"), ran.err);
    assert!(err.contains(&format!("stopped after line {kept}: {kept} nodes")), "{kept}: {err}");
    drop(stdin);
}

#[cfg(unix)]
#[test]
fn a_killed_import_keeps_every_committed_batch_and_the_file_opens() {
    let room = Room::new();
    let mut child = room.start(&["import", "db", "--batch-bytes", "20000"]);
    let mut stdin = child.stdin.take().expect("a pipe");
    let feeder = std::thread::spawn(move || {
        // Until the reader is killed.
        for start in (0..1_000_000).step_by(1_000) {
            if stdin.write_all(nodes(start..start + 1_000).as_bytes()).is_err() {
                return;
            }
        }
    });
    let mut seen = 0;
    wait_until("some batches", || {
        seen = room.nodes("db");
        seen > 2_000
    });
    crate::support::signal(&child, "KILL");
    child.wait().expect("it ends");
    feeder.join().expect("it notices");

    let kept = room.nodes("db");
    assert!(kept >= seen, "{kept} nodes after the kill, {seen} were seen before");
    // No batch is there in part, in no projection.
    let count = |sql: &str| room.json(&["query", "db", sql])[0]["n"].clone();
    assert_eq!(count("SELECT max(i) + 1 AS n FROM N"), kept);
    assert_eq!(count("SELECT count(*) AS n FROM pdb_text"), kept);
    let last = format!("w{}", kept - 1);
    assert_eq!(room.json(&["search", "db", &last])[0]["data"]["word"], last.as_str());
    // And it goes on.
    room.write("lines", nodes(0..u32::try_from(kept).expect("small") + 10));
    room.ok(&["import", "db", "lines"]);
    assert_eq!(room.nodes("db"), kept + 10);
    // As another device, since the last word of the killed one is not known; and then as that one.
    room.ok(&["put", "db", "later", "-t", "N"]);
    assert_eq!(room.json(&["status", "db"])["actors"], 2);
}
