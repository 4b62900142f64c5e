//! Saved queries: what may be saved, how they run, and that they sync.

use crate::{log, replica, text};
use pluresdb::{Database, Error, Map, SavedQuery, SqlValue, Value, object};

fn query(sql: &str, params: Map) -> SavedQuery {
    SavedQuery { name: "mine".into(), sql: sql.into(), params, description: "What is mine".into() }
}

fn tasks() -> Database {
    let mut db = replica();
    for (id, owner) in [("a", "ada"), ("b", "bob")] {
        db.put(id, "Task", object([("owner", text(owner)), ("rank", 1.into())])).unwrap();
    }
    db
}

const SQL: &str = "SELECT id FROM Task WHERE owner = :owner AND rank >= :least ORDER BY id";

#[test]
fn a_saved_query_runs_with_defaults_and_with_values() {
    let mut db = tasks();
    let mine = query(SQL, object([("owner", text("ada")), ("least", true.into())]));
    db.save_query(&mine).unwrap();
    assert_eq!(db.saved_query("mine").unwrap(), mine);
    assert_eq!(db.saved_queries().unwrap(), [mine]);
    let id = |id: &str| [[SqlValue::Text(id.into())]];
    assert_eq!(db.run_saved("mine", &[]).unwrap().rows, id("a"));
    let bob = [(":owner", SqlValue::Text("bob".into()))];
    assert_eq!(db.run_saved("mine", &bob).unwrap().rows, id("b"));
    let (subscription, rows) = db.subscribe_saved("mine", &bob).unwrap();
    assert_eq!(rows.rows, id("b"));
    db.put("c", "Task", object([("owner", text("bob")), ("rank", 5.into())])).unwrap();
    let changes = db.take_changes().unwrap();
    assert_eq!(changes[0].subscription, subscription);
    assert_eq!(changes[0].outcome.as_ref().unwrap().added.len(), 1);
    let error = db.run_saved("mine", &[("none", SqlValue::Null)]).unwrap_err();
    assert!(error.to_string().contains("\"mine\"") && error.to_string().contains(":none"));

    assert!(db.remove_query("mine").unwrap() && !db.remove_query("mine").unwrap());
    assert!(matches!(db.run_saved("mine", &[]), Err(Error::NotFound { .. })));
    assert_eq!(db.saved_queries().unwrap(), []);
}

#[test]
fn what_could_not_be_run_is_not_saved() {
    let mut db = tasks();
    let array = object([("owner", Value::Array(Vec::new()))]);
    let cases = [
        ("SELECT * FROM Nothing", Map::new(), "sql"),
        ("SELECT 1; SELECT 2", Map::new(), "sql"),
        (" ", Map::new(), "bad-option"),
        ("DELETE FROM Task", Map::new(), "sql-read-only"),
        ("SELECT ?1", Map::new(), "bad-option"),
        ("SELECT ?", Map::new(), "bad-option"),
        ("SELECT :a", object([("b", 1.into())]), "bad-option"),
        ("SELECT :owner", array, "bad-option"),
    ];
    for (sql, params, code) in cases {
        assert_eq!(db.save_query(&query(sql, params)).unwrap_err().code(), code, "{sql}");
    }
    let nameless = SavedQuery { name: String::new(), ..query("SELECT 1", Map::new()) };
    assert_eq!(db.save_query(&nameless).unwrap_err().code(), "bad-option");
    assert_eq!(db.saved_queries().unwrap(), []);
    assert!(!db.remove_query("mine").unwrap());
}

#[test]
fn one_that_comes_by_sync_and_does_not_run_here_is_told_when_it_is_run() {
    let (mut here, mut there) = (replica(), tasks());
    there.save_query(&query("SELECT id FROM Task", Map::new())).unwrap();
    let saved_only: Vec<Vec<u8>> = log(&there);
    here.apply(&saved_only).unwrap();
    assert_eq!(here.run_saved("mine", &[]).unwrap().rows.len(), 2);

    // Written past the check, as a replica of another version may.
    there.put("$query/mine", "$query", object([("sql", text("SELECT x FROM Unknown"))])).unwrap();
    there.put("$query/odd", "$query", object([("sql", 5.into())])).unwrap();
    here.apply(&log(&there)).unwrap();
    let error = here.run_saved("mine", &[]).unwrap_err();
    assert_eq!(error.code(), "sql");
    assert!(error.to_string().contains("\"mine\""), "{error}");
    assert_eq!(here.run_saved("odd", &[]).unwrap_err().code(), "bad-option");
    assert_eq!(here.saved_queries().unwrap().len(), 2);
}
