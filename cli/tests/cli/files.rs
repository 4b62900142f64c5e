//! Files: made, refused, described.

use crate::support::Room;

#[test]
fn init_makes_a_database_in_a_space_of_its_own() {
    let room = Room::empty();
    let made = room.json(&["init", "db"]);
    let status = room.json(&["status", "db"]);
    assert_eq!(made["space"], status["space"]);
    assert_eq!(made["text_index"], true);
    assert_eq!((&status["nodes"], &status["actor"]), (&0.into(), &serde_json::Value::Null));
    assert_ne!(made["space"], room.json(&["init", "other"])["space"]);
}

#[test]
fn init_takes_the_space_that_it_is_given() {
    let room = Room::empty();
    let space = "00112233445566778899aabbccddeeff";
    assert_eq!(room.json(&["init", "db", "--space", space])["space"], space);
    assert_eq!(room.fails(&["init", "x", "--space", "00"], 2), "usage");
    assert!(!room.path("x").exists());
}

#[test]
fn init_leaves_a_file_that_exists_alone() {
    let room = Room::empty();
    room.write("notes.txt", "mine");
    assert_eq!(room.fails(&["init", "notes.txt"], 1), "exists");
    assert_eq!(room.read("notes.txt"), "mine");
}

#[test]
fn what_is_no_database_is_refused_and_not_touched() {
    let room = Room::empty();
    room.write("notes.txt", "a text that is long enough to be no empty database");
    assert_eq!(room.fails(&["status", "notes.txt"], 1), "not-a-database");
    assert_eq!(room.fails(&["put", "notes.txt", "a", "-t", "T"], 1), "not-a-database");
    assert!(room.read("notes.txt").starts_with("a text"));
    assert_eq!(room.fails(&["list", "missing"], 1), "no-database");
    assert!(!room.path("missing").exists());
}

#[test]
fn without_a_text_index_search_says_why_it_cannot() {
    let room = Room::empty();
    room.ok(&["init", "db", "--no-text-index"]);
    room.ok(&["put", "db", "a", "-t", "T", "-f", "title=x"]);
    let ran = room.run(&["search", "db", "x"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("without a text index"), "{}", ran.err);
}

#[test]
fn equal_replicas_have_one_hash_and_others_have_not() {
    let room = Room::with_notes();
    std::fs::copy(room.path("db"), room.path("copy")).expect("a copy");
    let hash = |name: &str| room.json(&["status", name, "--hash"])["state_hash"].clone();
    assert_eq!(hash("db"), hash("copy"));
    room.ok(&["delete", "copy", "cat"]);
    assert_ne!(hash("db"), hash("copy"));
}

#[test]
fn status_counts_what_is_there() {
    let room = Room::with_notes();
    let status = room.json(&["status", "db"]);
    assert_eq!((&status["nodes"], &status["edges"]), (&2.into(), &1.into()));
    assert_eq!((&status["records"], &status["actors"]), (&3.into(), &1.into()));
    let words = room.ok(&["status", "db", "--hash"]);
    assert!(words.contains("nodes    2") && words.contains("hash     "), "{words}");
}

#[test]
fn runs_that_end_write_as_one_device() {
    let room = Room::with_notes();
    let status = room.json(&["status", "db"]);
    assert_eq!((&status["records"], &status["actors"]), (&3.into(), &1.into()));
    std::fs::copy(room.path("db"), room.path("copy")).expect("a copy");
    assert_eq!(room.json(&["status", "copy"])["actor"], serde_json::Value::Null);
    room.ok(&["put", "copy", "x", "-t", "Note"]);
    room.ok(&["put", "copy", "y", "-t", "Note"]);
    assert_eq!(room.json(&["status", "copy"])["actors"], 2);
}
