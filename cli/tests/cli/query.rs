//! SQL: what it reads, in every form, and what it must not do.

use crate::support::{Room, end};
#[cfg(unix)]
use crate::support::{signal, wait_until};
use serde_json::json;
use std::io::{BufRead, BufReader};

const TITLES: &str = "SELECT id, title FROM Note ORDER BY id";

#[test]
fn rows_come_as_a_table_json_json_lines_and_csv() {
    let room = Room::with_notes();
    let table = room.ok(&["query", "db", TITLES]);
    assert!(table.contains("id     title\n") && table.contains(" milk   Buy milk\n"), "{table}");
    let rows = json!([
        {"id": "cat", "title": "Feed the cat"},
        {"id": "milk", "title": "Buy milk"},
    ]);
    assert_eq!(room.json(&["query", "db", TITLES]), rows);
    let lines = room.ok(&["query", "db", "--jsonl", TITLES]);
    assert_eq!(lines.lines().count(), 2);
    assert_eq!(lines.lines().next(), Some(r#"{"id":"cat","title":"Feed the cat"}"#));
    let csv = room.ok(&["query", "db", "--csv", TITLES]);
    assert_eq!(csv, "id,title\ncat,Feed the cat\nmilk,Buy milk\n");
    assert_eq!(room.fails(&["query", "db", "--csv", "--jsonl", TITLES], 2), "usage");
}

#[test]
fn no_rows_are_an_empty_result_and_no_fault() {
    let room = Room::with_notes();
    let nothing = "SELECT id FROM Note WHERE 0";
    assert_eq!(room.json(&["query", "db", nothing]), json!([]));
    assert_eq!(room.ok(&["query", "db", "--csv", nothing]), "id\n");
    assert_eq!(room.ok(&["query", "db", "--jsonl", nothing]), "");
}

#[test]
fn parameters_are_numbers_where_they_look_like_it() {
    let room = Room::with_notes();
    let sql = "SELECT typeof(?1) AS a, typeof(?2) AS b, ?3 AS c";
    let row = room.json(&["query", "db", sql, "5", "-2.5", "007"]);
    assert_eq!(row, json!([{"a": "integer", "b": "real", "c": "007"}]));
    let row = room.json(&["query", "db", "--text", "SELECT typeof(?1) AS a", "5"]);
    assert_eq!(row, json!([{"a": "text"}]));
    assert_eq!(room.fails(&["query", "db", "SELECT ?1", "a", "b"], 1), "sql");
}

#[test]
fn a_statement_is_read_from_the_input() {
    let room = Room::with_notes();
    let sql = "SELECT count(*) AS n -- all of them\nFROM nodes; \n";
    let ran = room.run_with_input(&["query", "db", "--json", "-"], sql.as_bytes());
    assert_eq!(ran.out, "[\n{\"n\":2}\n]\n", "{ran:?}");
}

#[test]
fn columns_of_one_name_do_not_hide_each_other() {
    let room = Room::with_notes();
    assert_eq!(room.json(&["query", "db", "SELECT 1 AS x, 2 AS x"]), json!([{"x": 1, "x:1": 2}]));
}

#[test]
fn what_has_no_place_in_a_subquery_is_printed_too() {
    let room = Room::with_notes();
    let columns = room.json(&["query", "db", "PRAGMA table_info(edges)"]);
    assert_eq!(columns[0]["name"], "source");
    let comment = room.json(&["query", "db", "SELECT 1 AS one; -- and no more"]);
    assert_eq!(comment, json!([{"one": 1}]));
}

#[test]
fn a_faulty_statement_says_where_and_prints_nothing_else() {
    let room = Room::with_notes();
    let ran = room.run(&["query", "db", "--json", "SELECT id FORM nodes"]);
    let error = ran.error();
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert_eq!((&error["code"], error["offset"].as_u64()), (&json!("sql"), Some(15)));
    assert!(error["hint"].is_null(), "{error}");
    let error = room.run(&["query", "db", "--json", "SELECT id FROM Missing"]).error();
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("`nodes`")));
}

#[test]
fn what_is_no_statement_is_said() {
    let room = Room::with_notes();
    for sql in ["", " ;; ", "/* none */"] {
        let error = room.run(&["query", "db", "--json", sql]).error();
        assert_eq!(
            (&error["code"], &error["message"]),
            (&json!("sql"), &json!("there is no statement"))
        );
    }
}

#[test]
fn nothing_is_written_past_the_merge() {
    let room = Room::with_notes();
    let hash = room.json(&["status", "db", "--hash"])["state_hash"].clone();
    for sql in [
        "DELETE FROM pdb_node",
        "DROP TABLE pdb_record",
        "INSERT INTO pdb_meta VALUES ('a', 'b')",
        "PRAGMA journal_mode = DELETE",
        "ATTACH 'other' AS other",
        "VACUUM INTO 'other'",
        "DELETE FROM nodes; DELETE FROM pdb_node",
        "BEGIN",
        "BEGIN; DELETE FROM nodes",
        "DELETE FROM nodes WHERE nothing",
    ] {
        let ran = room.run(&["query", "db", sql]);
        assert_eq!(ran.code, Some(1), "{sql}: {ran:?}");
    }
    assert!(!room.path("other").exists());
    assert_eq!(room.json(&["status", "db", "--hash"])["state_hash"], hash);
}

#[test]
fn writes_say_how_much_they_changed() {
    let room = Room::with_notes();
    let update = "UPDATE Note SET done = 1";
    assert_eq!(room.ok(&["query", "db", update]), "2 rows changed\n");
    assert_eq!(room.json(&["query", "db", update]), json!({"changes": 2}));
    assert_eq!(room.ok(&["query", "db", "--quiet", update]), "");
    assert_eq!(room.json(&["get", "db", "milk"])["data"]["done"], json!(true));
    let delete = "DELETE FROM Note WHERE id = :id RETURNING title";
    let gone = room.json(&["query", "db", delete, "--name", "id=cat"]);
    assert_eq!(gone, json!([{"title": "Feed the cat"}]));
    assert_eq!(room.nodes("db"), 1);
    assert_eq!(room.fails(&["query", "db", delete, "--name", "id"], 2), "usage");
    assert_eq!(room.fails(&["query", "db", delete], 1), "sql");
    let insert = "INSERT INTO Note (id, title) VALUES ('milk', 'again')";
    assert_eq!(room.fails(&["query", "db", insert], 1), "taken");
}

#[test]
fn a_script_is_read_from_the_input_and_tells_where_it_fails() {
    let room = Room::with_notes();
    let script = "
        BEGIN;
        INSERT INTO Note (id, title) VALUES ('fish', 'Feed the fish');
        SELECT count(*) AS n FROM Note;
        COMMIT;";
    let ran = room.run_with_input(&["query", "db", "--json", "-"], script.as_bytes());
    let results: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(results, json!([{"changes": 1}, {"changes": 0, "rows": [{"n": 3}]}]));
    let ran = room.run_with_input(&["query", "db", "-"], b"DELETE FROM edges; SELECT 1 AS one;");
    assert!(ran.out.contains("1 row changed\n") && ran.out.contains("one"), "{ran:?}");
    let script = "DELETE FROM Note;\nSELECT 1 FORM x;";
    let ran = room.run_with_input(&["query", "db", "--json", "-"], script.as_bytes());
    let error = ran.error();
    assert_eq!(
        (&error["code"], &error["line"], &error["offset"]),
        (&json!("sql"), &json!(2), &json!(32))
    );
    assert_eq!(room.nodes("db"), 3);
}

#[test]
fn explain_tells_the_plan_and_runs_nothing() {
    let room = Room::with_notes();
    let plan = room.ok(&["query", "db", "--explain", "DELETE FROM Note WHERE id = ?1"]);
    assert!(plan.starts_with("SEARCH pdb_node USING"), "{plan}");
    assert_eq!(room.nodes("db"), 2);
    assert!(room.json(&["query", "db", "--explain", TITLES]).is_array());
}

const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";

#[test]
fn limits_end_a_statement() {
    let room = Room::with_notes();
    assert_eq!(room.fails(&["query", "db", "--timeout", "0.05", ENDLESS], 1), "sql-time-limit");
    assert_eq!(room.fails(&["query", "db", "--timeout", "-1", ENDLESS], 2), "usage");
    let ran = room.run(&["query", "db", "--json", "--max-rows", "1", TITLES]);
    assert_eq!((ran.code, &ran.error()["code"]), (Some(1), &json!("sql-row-limit")));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_statement_and_leaves_the_database() {
    let room = Room::with_notes();
    let child = room.start(&["query", "db", &format!("UPDATE Note SET title = ({ENDLESS})")]);
    // The file is open from when the program has begun to listen.
    wait_until("an open file", || room.path("db-shm").exists());
    std::thread::sleep(std::time::Duration::from_millis(200));
    signal(&child, "INT");
    let ran = end(child);
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert_eq!(room.json(&["get", "db", "milk"])["data"]["title"], json!("Buy milk"));
}

#[test]
fn a_reader_that_goes_away_ends_the_query_quietly() {
    let room = Room::new();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    for form in ["--jsonl", "--csv", "--json", "--quiet"] {
        let mut child = room.start(&["query", "db", endless, form]);
        let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        drop(reader);
        let ran = end(child);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{form}");
    }
}
