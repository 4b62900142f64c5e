//! The manual's examples run as they are printed.

use crate::support::Room;
use std::path::Path;
use std::process::Command;

#[cfg(unix)]
#[test]
fn every_example_of_the_manual_runs() {
    let room = run("cli.md", 15);
    assert_eq!(room.nodes("copy.pluresdb"), 2);
}

#[cfg(unix)]
#[test]
fn every_example_about_types_runs() {
    let room = run("types.md", 10);
    let found = room.json(&["query", "notes.pluresdb", "SELECT label, title FROM Note"]);
    assert_eq!(found, serde_json::json!([{"label": "Buy milk", "title": "Buy milk"}]));
}

#[cfg(unix)]
#[test]
fn every_example_about_meaning_runs() {
    let room = run("meaning.md", 5);
    assert_eq!(room.json(&["embed", "notes.pluresdb"])["made"], 2);
}

#[cfg(unix)]
#[test]
fn every_example_about_search_runs() {
    let room = run("search.md", 12);
    let found = room.json(&["search", "notes.pluresdb", "raim "]);
    assert_eq!(found[0]["id"], "kyoto");
    assert_eq!(found[0]["corrected"], serde_json::json!({"raim": "rain"}));
    assert_eq!(room.json(&["search", "notes.pluresdb", "raim ", "--exact"]), serde_json::json!([]));
}

#[cfg(unix)]
#[test]
fn every_example_about_sql_runs() {
    let room = run("sql.md", 5);
    let found = room.json(&["query", "tasks.pluresdb", "SELECT title FROM Task ORDER BY title"]);
    assert_eq!(found, serde_json::json!([{"title": "BUY MILK"}, {"title": "Feed the cat"}]));
}

#[cfg(unix)]
#[test]
fn every_example_about_vectors_runs() {
    let room = run("vectors.md", 8);
    let words = ["nearest", "dishes.pluresdb", "Dish", "taste", "--vector", "[9, 0, 0]", "-n", "1"];
    assert_eq!(room.json(&words)[0]["id"], "cake");
}

/// Runs the examples of a page, at least so many lines.
#[cfg(unix)]
fn run(page: &str, lines: usize) -> Room {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let manual = std::fs::read_to_string(manual).expect("a page of the manual");
    let blocks = manual.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let script: String = blocks.collect();
    assert!(script.lines().count() > lines, "the examples were not found");

    let room = Room::empty();
    room.write("examples.sh", script);
    let programs = Path::new(env!("CARGO_BIN_EXE_pluresdb")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let ran = Command::new("sh")
        .args(["-eux", "examples.sh"])
        .current_dir(room.path(""))
        .env("PLURESDB_STATE_DIR", room.path("state"))
        .env("PATH", format!("{}:{path}", programs.display()))
        .output()
        .expect("a shell");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    room
}
