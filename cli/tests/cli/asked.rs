//! `facets` and `saved`.

use crate::support::Room;
use serde_json::json;

#[test]
fn facets_count_values_with_filter_search_and_choice() {
    let room = Room::with_notes();
    room.ok(&["put", "db", "tea", "--type", "Note", r#"{"title":"Buy tea","done":false}"#]);
    let words = ["facets", "db", "--type", "Note", "--field", "done", "--field", "title"];
    let facets = |more: &[&str]| room.json(&[&words, more].concat());
    let counted = facets(&["--limit", "1", "--search", "buy"]);
    assert_eq!(
        counted,
        json!({"total": 2, "facets": [
            {"field": ["done"], "values": [{"value": false, "count": 2}], "more": false},
            {"field": ["title"], "values": [{"value": "Buy milk", "count": 1}], "more": true},
        ]})
    );
    let chosen = facets(&["--choose", "title=Buy tea", "--choose", "title=Feed the cat"]);
    assert_eq!(chosen["total"], json!(2));
    assert_eq!(chosen["facets"][0]["values"][1], json!({"value": true, "count": 1}));
    assert_eq!(chosen["facets"][1]["values"].as_array().map(Vec::len), Some(3));
    assert_eq!(facets(&["--choose", "done:=true"])["total"], json!(1));
    assert_eq!(facets(&["--where", "title LIKE 'Buy%'"])["total"], json!(2));
    let table = room.ok(&words);
    assert!(table.contains(" done    false              2\n"), "{table}");
    assert_eq!(room.fails(&["facets", "db", "--field", "a\"b"], 2), "bad-option");
    assert_eq!(room.fails(&["facets", "db"], 2), "usage");
}

#[test]
fn a_saved_query_is_run_by_its_name() {
    let room = Room::with_notes();
    let sql = "SELECT id FROM Note WHERE done = :done AND id <> :not";
    let save = ["saved", "save", "db", "todo", sql, "--default", "done:=false"];
    room.ok(&[&save[..], &["--default", "not=x", "--description", "What is to be done"]].concat());
    assert_eq!(room.json(&["saved", "run", "db", "todo"]), json!([{"id": "milk"}]));
    let done = ["saved", "run", "db", "todo", "--name", "done=1"];
    assert_eq!(room.json(&done), json!([{"id": "cat"}]));
    assert_eq!(room.ok(&[&done[..], &["--csv"]].concat()), "id\ncat\n");
    let listed = room.json(&["saved", "list", "db"]);
    assert_eq!(listed[0]["params"], json!({"done": false, "not": "x"}));
    assert!(room.ok(&["saved", "list", "db"]).contains("What is to be done"));

    assert_eq!(room.fails(&["saved", "run", "db", "todo", "--name", "who=x"], 1), "sql");
    assert_eq!(room.fails(&["saved", "save", "db", "all", "DELETE FROM Note"], 1), "sql-read-only");
    assert_eq!(room.fails(&["saved", "save", "db", "one", "SELECT ?1"], 2), "bad-option");
    room.ok(&["saved", "remove", "db", "todo"]);
    assert_eq!(room.fails(&["saved", "remove", "db", "todo"], 3), "not-found");
    assert_eq!(room.fails(&["saved", "run", "db", "todo"], 3), "not-found");
    let told = room.run(&["saved", "run", "db", "todo"]).err;
    assert_eq!(told, "error: no query is saved as \"todo\"\n");
}
