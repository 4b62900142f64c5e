//! ON CONFLICT: an INSERT that changes what is there, on views, where SQLite has it for tables only. What it
//! does is compared with what SQLite does on a table.

use crate::{replica, text};
use pluresdb::{Database, Error, Executed, SqlValue, Statement, Value, object};
use rusqlite::Connection;

fn run(db: &mut Database, sql: &str) -> Executed {
    db.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn tasks() -> Database {
    let mut db = replica();
    for (id, title, stars) in [("a", "one", 1), ("b", "two", 2)] {
        let data =
            object([("title", text(title)), ("stars", stars.into()), ("done", false.into())]);
        db.put(id, "Task", data).unwrap();
    }
    db
}

fn shown(rows: &[Vec<SqlValue>]) -> Vec<String> {
    let value = |value: &SqlValue| match value {
        SqlValue::Null => "-".into(),
        SqlValue::Int(number) => number.to_string(),
        SqlValue::Text(text) => text.clone(),
        other => format!("{other:?}"),
    };
    rows.iter().map(|row| row.iter().map(value).collect::<Vec<_>>().join(" ")).collect()
}

fn rows(db: &Database) -> Vec<String> {
    shown(&db.query("SELECT id, title, stars FROM Task ORDER BY id", &[]).unwrap().rows)
}

/// The rows that SQLite makes of a statement on a table, and what it returns.
fn on_a_table(sql: &str, params: &[SqlValue]) -> (Vec<String>, Vec<String>, u64) {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "CREATE TABLE Task (id TEXT PRIMARY KEY, done, stars, title);
         INSERT INTO Task VALUES ('a', 0, 1, 'one'), ('b', 0, 2, 'two');",
    )
    .unwrap();
    let read = |sql: &str, params: &[SqlValue]| {
        let mut statement = conn.prepare(sql).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(params)).unwrap();
        let mut found = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let row: Vec<SqlValue> =
                (0..columns).map(|at| SqlValue::from(row.get_ref(at).unwrap())).collect();
            found.push(row);
        }
        shown(&found)
    };
    let returned = read(sql, params);
    let changes = conn.changes();
    (read("SELECT id, title, stars FROM Task ORDER BY id", &[]), returned, changes)
}

#[test]
fn it_does_on_a_view_what_sqlite_does_on_a_table() {
    let text = |text: &str| SqlValue::Text(text.into());
    let cases: [(&str, &[SqlValue]); 13] = [
        (
            "INSERT INTO Task (id, title) VALUES ('a', 'new'), ('c', 'see') ON CONFLICT(id) DO UPDATE SET title = excluded.title",
            &[],
        ),
        (
            "INSERT INTO Task (id, stars) VALUES ('a', 5), ('a', 7) ON CONFLICT DO UPDATE SET stars = stars + excluded.stars",
            &[],
        ),
        (
            "INSERT INTO Task (id, stars) VALUES ('c', 5), ('c', 7) ON CONFLICT(id) DO UPDATE SET stars = Task.stars * excluded.stars",
            &[],
        ),
        (
            "INSERT INTO Task (id, title) VALUES ('a', 'x'), ('c', 'y') ON CONFLICT(id) DO NOTHING RETURNING id",
            &[],
        ),
        (
            "INSERT INTO Task (id, stars) VALUES ('a', 5), ('b', 5) ON CONFLICT(id) DO UPDATE SET stars = excluded.stars WHERE stars > 1 RETURNING id, stars",
            &[],
        ),
        (
            "INSERT INTO Task AS t (id, title) VALUES (?, ?), ('d', 'dee') ON CONFLICT(id) DO UPDATE SET title = t.title || ?1 || excluded.title || ?, stars = 9 WHERE t.id <> ? RETURNING title || ?2",
            &[text("a"), text("x"), text("!"), text("b")],
        ),
        (
            "INSERT INTO Task (id, title) SELECT id, title || '?' FROM Task WHERE true ON CONFLICT(id) DO UPDATE SET (title, stars) = (SELECT excluded.title, max(stars) FROM Task)",
            &[],
        ),
        (
            "WITH new(id, n) AS (VALUES ('a', 3), ('z', 4)) INSERT INTO Task (id, stars) SELECT id, n FROM new WHERE true ON CONFLICT (\"id\") DO UPDATE SET stars = \"excluded\".\"stars\" - stars RETURNING *",
            &[],
        ),
        (
            "INSERT INTO Task (id, title) VALUES ('a', NULL) ON CONFLICT(id) DO UPDATE SET title = coalesce(excluded.title, title), stars = CASE WHEN excluded.stars IS NULL THEN 0 ELSE 1 END",
            &[],
        ),
        (
            "INSERT OR IGNORE INTO Task (id, title) VALUES ('a', 'x') ON CONFLICT(id) DO UPDATE SET title = excluded.title",
            &[],
        ),
        (
            "INSERT INTO Task (id, title) VALUES ('a', 'ON CONFLICT'), ('b', 'x') ON CONFLICT(id) DO UPDATE SET title = excluded.title /* RETURNING */ -- ;",
            &[],
        ),
        (
            "INSERT INTO Task (id, title) VALUES ('a', 'x') ON CONFLICT(id) DO UPDATE SET title=excluded.title||'<>'||(1>=1)||('[5]'->>0);",
            &[],
        ),
        (
            "REPLACE INTO Task (id, title, stars, done) VALUES ('a', 'r', 3, 1), ('a', 'rr', 4, 1)",
            &[],
        ),
    ];
    for (sql, params) in cases {
        let mut db = tasks();
        let done = db.execute(sql, params).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let (wanted, returned, changes) = on_a_table(sql, params);
        assert_eq!(rows(&db), wanted, "{sql}");
        if !sql.contains("RETURNING *") {
            assert_eq!(shown(&done.rows), returned, "{sql}");
        }
        assert_eq!(done.changes, changes, "{sql}");
        assert_eq!(db.check().unwrap(), [], "{sql}");
    }
}

#[test]
fn only_what_it_sets_is_written_and_merges() {
    let mut db = tasks();
    let mut other = replica();
    for record in crate::log(&db) {
        other.apply(&[record]).unwrap();
    }
    run(
        &mut db,
        "INSERT INTO Task (id, title) VALUES ('a', 'here') ON CONFLICT(id) DO UPDATE SET title = excluded.title",
    );
    run(
        &mut other,
        "INSERT INTO Task (id, stars) VALUES ('a', 7) ON CONFLICT(id) DO UPDATE SET stars = excluded.stars, done = 1",
    );
    for record in crate::log(&other) {
        db.apply(&[record]).unwrap();
    }
    let data = db.get("a").unwrap().unwrap().data;
    assert_eq!(data, object([("title", text("here")), ("stars", 7.into()), ("done", true.into())]));
    // To the same value nothing is written.
    let length = crate::log(&db).len();
    let done = run(
        &mut db,
        "INSERT INTO Task (id, title) VALUES ('a', 'here') ON CONFLICT(id) DO UPDATE SET title = excluded.title",
    );
    assert_eq!((done.changes, crate::log(&db).len()), (1, length));
    let done = run(
        &mut db,
        "INSERT INTO Task (title) VALUES ('made') ON CONFLICT(id) DO UPDATE SET title = 'never' RETURNING id, title",
    );
    assert_eq!(done.rows[0][1], SqlValue::Text("made".into()));
}

#[test]
fn nodes_and_edges_take_it_too() {
    let mut db = tasks();
    let sql = "INSERT INTO nodes (id, type, data) VALUES ('a', 'Task', '{\"stars\": 5}'), ('n', 'Note', '{\"stars\": 5}')
               ON CONFLICT(id) DO UPDATE SET data = json_patch(nodes.data, excluded.data)";
    assert_eq!(run(&mut db, sql).changes, 2);
    assert_eq!(db.get("a").unwrap().unwrap().data["title"], text("one"));
    assert_eq!(db.get("a").unwrap().unwrap().data["stars"], Value::Int(5));
    assert_eq!(db.get("n").unwrap().unwrap().kind, "Note");
    let sql = "INSERT INTO edges (source, label, target, data) VALUES ('a', 'next', 'b', json_object('n', 1)), ('a', 'next', 'b', json_object('n', 2))
               ON CONFLICT(source, label, target, key) DO UPDATE SET data = json_set(edges.data, '$.n', edges.data->'n' + excluded.data->'n')
               RETURNING data";
    let done = run(&mut db, sql);
    assert_eq!(done.changes, 2);
    let edges = db.edges("a", Default::default(), None, 9).unwrap();
    assert_eq!(edges[0].data, object([("n", 3.into())]));
    // An edge that hides with its end is no row: its end is missing.
    db.delete("b").unwrap();
    assert_eq!(db.execute(sql, &[]).unwrap_err().code(), "not-found");
}

#[test]
fn it_sees_the_transaction_that_it_is_in_and_may_call_functions() {
    let mut db = tasks();
    let script = "BEGIN;
        UPDATE Task SET stars = 10 WHERE id = 'a';
        INSERT INTO Task (id, title) VALUES ('c', 'oat milk');
        INSERT INTO Task (id, stars) VALUES ('a', 1), ('c', 1), ('a', 1)
          ON CONFLICT(id) DO UPDATE SET stars = coalesce(stars, 0) + 1, title = (SELECT count(*) FROM search('milk '));
        COMMIT;";
    let done = db.execute_script(&Statement::new(script)).unwrap();
    assert_eq!(done[2].changes, 3);
    assert_eq!(rows(&db), ["a 0 12", "b two 2", "c 1 1"]);
    db.undo().unwrap();
}

#[test]
fn what_cannot_be_is_an_error_that_says_where_and_writes_nothing() {
    let mut db = tasks();
    let before = db.state_hash().unwrap();
    let cases = [
        (
            "INSERT INTO Task (id) VALUES ('c') ON CONFLICT(title) DO NOTHING",
            "ON CONFLICT(id)",
            Some("ON CONFLICT"),
        ),
        (
            "INSERT INTO edges (source, label, target) VALUES ('a', 'x', 'b') ON CONFLICT(source) DO NOTHING",
            "source, label, target, key",
            Some("ON CONFLICT"),
        ),
        (
            "INSERT INTO Task (id) VALUES ('c') ON CONFLICT(id) WHERE id > 'a' DO NOTHING",
            "ON CONFLICT(id)",
            Some("ON CONFLICT"),
        ),
        (
            "INSERT INTO Task (id) VALUES ('c') ON CONFLICT(id) DO NOTHING ON CONFLICT DO NOTHING",
            "give one ON CONFLICT",
            None,
        ),
        (
            "INSERT INTO Task (id) VALUES ('c') ON CONFLICT(id) DO UPDATE SET title = excluded.author",
            "excluded.author",
            Some("excluded.author"),
        ),
        (
            "INSERT INTO Task (id) VALUES ('c') ON CONFLICT(id) DO UPDATE SET title = author",
            "no such column: author",
            Some("author"),
        ),
        (
            "INSERT INTO Task (id) VALUES ('c') ON CONFLICT(id) DO UPDATE SET title = ",
            "syntax",
            None,
        ),
        (
            "INSERT INTO Task (id) VALUES ('c') ON CONFLICT(id) DO UPDATE SET title = ?",
            "no value for ?1",
            None,
        ),
        (
            "INSERT INTO Task (id) VALUES ('a') ON CONFLICT(id) DO UPDATE SET id = 'z'",
            "an id stays",
            None,
        ),
    ];
    for (sql, message, place) in cases {
        let error = db.execute(sql, &[]).unwrap_err();
        assert!(error.to_string().contains(message), "{sql}: {error}");
        if let (Some(place), Error::Sql { offset, .. }) = (place, &error) {
            assert_eq!(*offset, sql.rfind(place), "{sql}: {error}");
        }
    }
    db.put("n", "Note", object([])).unwrap();
    let sql =
        "INSERT INTO Task (id, title) VALUES ('n', 'x') ON CONFLICT(id) DO UPDATE SET title = 'x'";
    let error = db.execute(sql, &[]).unwrap_err();
    assert_eq!(error.code(), "taken");
    db.delete("n").unwrap();
    assert_ne!(before, db.state_hash().unwrap());
    assert_eq!(rows(&db), ["a one 1", "b two 2"]);
    let sql = "INSERT INTO Task (id) VALUES ('c') ON CONFLICT(id) DO UPDATE SET title = 1";
    assert_eq!(db.execute(sql, &[SqlValue::Int(1)]).unwrap_err().code(), "sql");
    let sql = "INSERT INTO Task (id) SELECT id FROM Task WHERE true ON CONFLICT(id) DO NOTHING";
    assert!(!db.explain(&Statement::new(sql)).unwrap().is_empty());
}
