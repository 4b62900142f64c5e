//! SQL that writes: it does what the calls of the API do, and nothing past them.

use crate::{replica, text};
use pluresdb::types::{FieldDef, TypeDef, ValueType};
use pluresdb::{Database, Error, Executed, Map, SqlLimits, SqlValue, Statement, Value, object};

fn data(db: &Database, id: &str) -> Map {
    db.get(id).unwrap().unwrap().data
}

fn run(db: &mut Database, sql: &str) -> Executed {
    db.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn fails(db: &mut Database, sql: &str) -> Error {
    let before = db.state_hash().unwrap();
    let Err(error) = db.execute(sql, &[]) else { panic!("{sql} was taken") };
    assert_eq!(db.state_hash().unwrap(), before, "{sql}");
    error
}

fn sql_text(value: &str) -> SqlValue {
    SqlValue::Text(value.into())
}

/// A database with two notes of a type that nobody defined.
fn notes() -> Database {
    let mut db = replica();
    for (id, stars) in [("a", 1), ("b", 2)] {
        let fields = object([
            ("title", text(id)),
            ("stars", stars.into()),
            ("done", false.into()),
            ("tags", Value::Array(vec![text("x")])),
        ]);
        db.put(id, "Note", fields).unwrap();
    }
    db
}

/// How many field writes the last record has.
fn writes_of_the_last_record(db: &Database) -> usize {
    let log = crate::log(db);
    let frame = pluresdb::codec::Frame::read(log.last().unwrap()).unwrap();
    frame.parts().unwrap().iter().map(|part| part.writes.len()).sum()
}

#[test]
fn an_insert_into_a_types_view_is_a_put() {
    let mut db = notes();
    let done = run(
        &mut db,
        "INSERT INTO Note (id, title, stars) VALUES ('c', 'See', 3), ('d', 'Dee', NULL)",
    );
    assert_eq!((done.changes, done.rows.len()), (2, 0));
    assert_eq!(data(&db, "c"), object([("stars", 3.into()), ("title", text("See"))]));
    assert_eq!(data(&db, "d"), object([("title", text("Dee"))]));
}

#[test]
fn an_update_of_one_column_writes_one_register() {
    let mut db = notes();
    assert_eq!(run(&mut db, "UPDATE Note SET stars = stars + 10 WHERE id = 'b'").changes, 1);
    assert_eq!(writes_of_the_last_record(&db), 1);
    assert_eq!(data(&db, "b")["stars"], Value::Int(12));
    let length = crate::log(&db).len();
    assert_eq!(run(&mut db, "UPDATE Note SET stars = 12 WHERE id = 'b'").changes, 1);
    assert_eq!(crate::log(&db).len(), length);
}

#[test]
fn what_sql_has_no_word_for_stays_what_it_was() {
    let mut db = notes();
    run(&mut db, "UPDATE Note SET done = 1, tags = json_insert(tags, '$[#]', 'y') WHERE id = 'a'");
    assert_eq!(data(&db, "a")["done"], Value::Bool(true));
    assert_eq!(data(&db, "a")["tags"], Value::Array(vec![text("x"), text("y")]));
    run(&mut db, "UPDATE Note SET tags = NULL, title = 'a[0]' WHERE id = 'a'");
    assert!(!data(&db, "a").contains_key("tags"));
}

#[test]
fn a_delete_deletes_and_gives_what_was_there() {
    let mut db = notes();
    let done = run(&mut db, "DELETE FROM Note WHERE stars > 1 RETURNING id, stars * 2 AS twice");
    assert_eq!((done.changes, done.columns), (1, vec!["id".into(), "twice".into()]));
    assert_eq!(done.rows, [[sql_text("b"), SqlValue::Int(4)]]);
    assert!(db.get("b").unwrap().is_none());
    assert_eq!(run(&mut db, "DELETE FROM Note WHERE id = 'b'").changes, 0);
}

#[test]
fn returning_gives_the_row_as_it_is_after_the_write() {
    let mut db = replica();
    let stars = FieldDef::of(ValueType::Integer).default_to(5);
    let done = FieldDef::of(ValueType::Boolean);
    db.define_type(&TypeDef::new("Note").with("stars", stars).with("done", done)).unwrap();
    let sql = "INSERT INTO Note (done) VALUES (?) RETURNING id, stars, done, data, ? AS given";
    let found = db.execute(sql, &[SqlValue::Int(1), sql_text("x")]).unwrap();
    let [SqlValue::Text(id), rest @ ..] = found.rows[0].as_slice() else { panic!("an id") };
    let json = sql_text(r#"{"done":true,"stars":5}"#);
    assert_eq!(rest, [SqlValue::Int(5), SqlValue::Int(1), json, sql_text("x")]);
    assert_eq!(data(&db, id), object([("done", true.into()), ("stars", 5.into())]));
    let found = run(&mut db, "UPDATE Note SET stars = stars + 1 RETURNING *");
    assert_eq!(found.columns, ["id", "done", "stars", "updated", "data"]);
    assert_eq!(found.rows[0][2], SqlValue::Int(6));
}

#[test]
fn ids_that_are_made_differ() {
    let mut db = notes();
    run(&mut db, "INSERT INTO Note (title) VALUES ('1'), ('2'), ('3')");
    run(&mut db, "INSERT INTO Note (title) VALUES ('4')");
    let found = db.query("SELECT count(DISTINCT id), min(length(id)) FROM Note", &[]).unwrap();
    assert_eq!(found.rows, [[SqlValue::Int(6), SqlValue::Int(1)]]);
}

#[test]
fn a_row_that_is_there_is_refused_replaced_or_left() {
    let mut db = notes();
    let error = fails(&mut db, "INSERT INTO Note (id, title) VALUES ('z', 'new'), ('a', 'other')");
    assert_eq!(error.code(), "taken");
    let done = run(&mut db, "INSERT OR IGNORE INTO Note (id, stars) VALUES ('a', 7), ('y', 7)");
    assert_eq!((done.changes, &data(&db, "a")["stars"]), (1, &Value::Int(1)));
    run(&mut db, "REPLACE INTO Note (id, stars) VALUES ('a', 7)");
    assert_eq!(data(&db, "a"), object([("stars", 7.into())]));
    run(&mut db, "INSERT OR REPLACE INTO nodes (id, type) VALUES ('a', 'Other')");
    assert_eq!(db.get("a").unwrap().unwrap().kind, "Other");
    let error = fails(&mut db, "INSERT OR FAIL INTO Note (id) VALUES ('q')");
    assert_eq!(error.code(), "sql");
}

#[test]
fn nodes_take_types_and_whole_objects() {
    let mut db = notes();
    let sql = "INSERT INTO nodes (id, type, data) SELECT 'copy of ' || id, 'Copy', data FROM Note";
    assert_eq!(run(&mut db, sql).changes, 2);
    assert_eq!(data(&db, "copy of b"), data(&db, "b"));
    run(&mut db, "UPDATE nodes SET data = json_set(data, '$.stars', 9) WHERE id = 'b'");
    assert_eq!((writes_of_the_last_record(&db), &data(&db, "b")["stars"]), (1, &Value::Int(9)));
    assert_eq!(data(&db, "b")["done"], Value::Bool(false));
    run(&mut db, "UPDATE nodes SET type = 'Copy' WHERE type = 'Note'");
    assert_eq!(db.list(Some("Copy"), None, 10).unwrap().len(), 4);
    run(&mut db, "DELETE FROM nodes WHERE type = 'Copy'");
    assert_eq!(db.list(None, None, 10).unwrap().len(), 0);
}

#[test]
fn edges_are_linked_changed_and_unlinked() {
    let mut db = notes();
    let sql =
        "INSERT INTO edges (source, label, target, data) VALUES ('a', 'before', 'b', '{\"w\":1}')";
    run(&mut db, sql);
    assert_eq!(fails(&mut db, sql).code(), "taken");
    let done = run(&mut db, "UPDATE edges SET data = json_set(data, '$.w', 2) RETURNING key, data");
    assert_eq!(done.rows, [[sql_text(""), sql_text(r#"{"w":2}"#)]]);
    let error =
        fails(&mut db, "INSERT INTO edges (source, label, target) VALUES ('a', 'x', 'none')");
    assert_eq!(error.code(), "not-found");
    assert_eq!(fails(&mut db, "UPDATE edges SET label = 'after'").code(), "sql");
    assert_eq!(run(&mut db, "DELETE FROM edges WHERE source = 'a'").changes, 1);
    assert!(db.edges("a", Default::default(), None, 9).unwrap().is_empty());
}

#[test]
fn a_script_is_one_record_whose_statements_see_each_other() {
    let mut db = notes();
    let length = crate::log(&db).len();
    let script = "
        BEGIN;
        INSERT INTO nodes (id, type, data) VALUES ('p', 'Person', '{\"name\": \"Ada\", \"n\": 1}');
        UPDATE Person SET n = n + 1 WHERE id = 'p'; -- a view that the statement before has made
        INSERT INTO Note (id, title) SELECT 'by ' || id, name FROM Person;
        INSERT INTO edges (source, label, target) SELECT 'p', 'wrote', id FROM Note WHERE id LIKE 'by%';
        DELETE FROM Note WHERE id IN ('a', 'by p') RETURNING id;
        INSERT INTO Note (id, stars) VALUES ('a', 50);
        SELECT sum(stars) FROM Note;
        COMMIT;";
    let done = db.execute_script(&Statement::new(script)).unwrap();
    let changes: Vec<u64> = done.iter().map(|done| done.changes).collect();
    assert_eq!(changes, [1, 1, 1, 1, 2, 1, 0]);
    assert_eq!(done[6].rows, [[SqlValue::Int(52)]]);
    assert_eq!(crate::log(&db).len(), length + 1);
    assert_eq!(data(&db, "p"), object([("n", 2.into()), ("name", text("Ada"))]));
    assert_eq!(data(&db, "a"), object([("stars", 50.into())]));
    assert!(db.get("by p").unwrap().is_none());
    assert!(db.check().unwrap().is_empty());
}

#[test]
fn an_error_in_the_middle_undoes_its_transaction_and_says_where() {
    let mut db = notes();
    let script =
        "INSERT INTO Note (id) VALUES ('c');\nUPDATE Note SET stars = 0;\n\n SELECT nothing;";
    let before = db.state_hash().unwrap();
    let error = db.execute_script(&Statement::new(script)).unwrap_err();
    assert_eq!(db.state_hash().unwrap(), before);
    let Error::Script { number: 3, line: 4, source } = &error else { panic!("{error}") };
    let Error::Sql { offset: Some(at), .. } = **source else { panic!("{source}") };
    assert_eq!((error.code(), &script[at..at + 7]), ("sql", "nothing"));
    let script = "BEGIN; DELETE FROM Note; ROLLBACK; BEGIN; DELETE FROM Note WHERE id = 'a'; END;
        DELETE FROM Note; DELETE FROM pdb_node";
    let error = db.execute_script(&Statement::new(script)).unwrap_err();
    assert_eq!(error.code(), "sql-read-only");
    let left = db.list(None, None, 9).unwrap();
    assert_eq!(left.iter().map(|node| node.id.as_str()).collect::<Vec<_>>(), ["b"]);
    for (script, at) in [("BEGIN; SELECT 1", 1), ("COMMIT", 1), ("BEGIN; BEGIN; END", 2)] {
        let error = db.execute_script(&Statement::new(script)).unwrap_err();
        assert!(matches!(error, Error::Script { number, .. } if number == at), "{error}");
    }
}

#[test]
fn undo_takes_a_script_back() {
    let mut db = notes();
    db.keep_undo(5);
    let before = (data(&db, "a"), data(&db, "b"));
    let script = "UPDATE Note SET stars = 0; DELETE FROM Note WHERE id = 'b'; SELECT * FROM Note";
    db.execute_script(&Statement::new(script)).unwrap();
    db.undo().unwrap();
    assert_eq!((data(&db, "a"), data(&db, "b")), before);
}

#[test]
fn a_statement_sees_what_calls_of_its_transaction_wrote() {
    let mut db = notes();
    db.transaction(|tx| {
        tx.put("c", "Note", object([("stars", 3.into())]))?;
        tx.link("a", "before", "c", object([]))?;
        let sum = tx.execute("SELECT sum(stars), (SELECT count(*) FROM edges) FROM Note", &[])?;
        assert_eq!(sum.rows, [[SqlValue::Int(6), SqlValue::Int(1)]]);
        tx.delete("c")?;
        let sum = tx.execute("SELECT sum(stars), (SELECT count(*) FROM edges) FROM Note", &[])?;
        assert_eq!(sum.rows, [[SqlValue::Int(3), SqlValue::Int(0)]]);
        tx.execute("UPDATE Note SET title = upper(title)", &[])?;
        assert_eq!(tx.get("a")?.unwrap().1["title"], text("A"));
        Ok(())
    })
    .unwrap();
    assert!(db.get("c").unwrap().is_none());
    assert!(db.check().unwrap().is_empty());
}

#[test]
fn statements_made_apart_merge_field_by_field() {
    let (mut one, mut two) = (replica(), replica());
    let def = TypeDef::new("Post")
        .with("title", FieldDef::of(ValueType::String))
        .with("votes", FieldDef::counter())
        .with("tags", FieldDef::set());
    one.define_type(&def).unwrap();
    run(&mut one, "INSERT INTO Post (id, title, votes, tags) VALUES ('p', 'x', 10, '[\"a\"]')");
    two.apply(&crate::log(&one)).unwrap();
    run(&mut one, "UPDATE Post SET votes = votes + 1, title = 'y', tags = '[\"a\", \"b\"]'");
    run(&mut two, "UPDATE Post SET votes = votes + 5, tags = '[\"c\"]'");
    run(&mut two, "UPDATE Post SET data = json_set(data, '$.author', 'Ada')");
    let (of_one, of_two) = (crate::log(&one), crate::log(&two));
    one.apply(&of_two).unwrap();
    two.apply(&of_one).unwrap();
    assert_eq!(one.state_hash().unwrap(), two.state_hash().unwrap());
    let tags = Value::Array(vec![text("b"), text("c")]);
    let merged =
        [("author", text("Ada")), ("tags", tags), ("title", text("y")), ("votes", 16.into())];
    assert_eq!(data(&one, "p"), object(merged));
}

#[test]
fn a_counter_that_nobody_has_changed_is_null() {
    let mut db = replica();
    db.define_type(&TypeDef::new("Post").with("votes", FieldDef::counter())).unwrap();
    run(&mut db, "INSERT INTO Post (id) VALUES ('p')");
    let count = |db: &mut Database, to: &str| {
        run(db, &format!("UPDATE Post SET votes = {to} RETURNING votes")).rows
    };
    assert_eq!(count(&mut db, "votes + 1"), [[SqlValue::Null]]);
    assert_eq!(count(&mut db, "coalesce(votes, 0) + 1"), [[SqlValue::Int(1)]]);
    assert_eq!(count(&mut db, "votes + 1"), [[SqlValue::Int(2)]]);
}

#[test]
fn words_are_found_as_the_transaction_leaves_them() {
    let mut db = notes();
    let count = |word| format!("SELECT count(*) FROM pdb_text WHERE pdb_text MATCH '{word}';");
    let script = [
        "INSERT INTO Note (id, title) VALUES ('c', 'apple');",
        &count("apple"),
        "UPDATE Note SET title = 'pear' WHERE id = 'c';",
        &(count("apple") + &count("pear")),
        "UPDATE Note SET title = 'plum' WHERE id = 'a'; DELETE FROM Note WHERE id = 'c';",
        &(count("pear") + &count("plum")),
    ];
    let done = db.execute_script(&Statement::new(&script.concat())).unwrap();
    let counts: Vec<_> = done.iter().filter_map(|done| done.rows.first()?.first()).collect();
    assert_eq!(counts, [1, 0, 1, 0, 1].map(SqlValue::Int).iter().collect::<Vec<_>>());
    assert_eq!(db.search("plum", None, 9).unwrap().len(), 1);
    assert!(db.check().unwrap().is_empty());
}

#[test]
fn definitions_written_as_rows_count_for_later_statements() {
    let mut db = notes();
    let script = r#"
        INSERT INTO nodes (id, type, data)
        VALUES ('$type/Note', '$type', '{"fields": {"stars": {"type": "integer", "maximum": 5}}}');
        UPDATE Note SET stars = 5;
        UPDATE Note SET stars = 6 WHERE id = 'a';"#;
    let error = db.execute_script(&Statement::new(script)).unwrap_err();
    assert_eq!(error.code(), "invalid");
    assert_eq!(db.types().unwrap().len(), 0);
    assert_eq!(data(&db, "a")["stars"], Value::Int(1));
}

#[test]
fn what_would_pass_the_merge_is_refused_with_a_way_to_go() {
    let mut db = notes();
    for (sql, way) in [
        ("DELETE FROM pdb_node", "write to nodes"),
        ("UPDATE pdb_meta SET value = 1", "write to nodes"),
        ("INSERT INTO pdb_text (rowid, text) VALUES (1, 'x')", "write to nodes"),
        ("DELETE FROM sqlite_schema", "write to nodes"),
        ("DELETE FROM sqlite_temp_schema", "write to nodes"),
        ("CREATE TABLE t (a)", "types that are defined"),
        ("CREATE TEMP TABLE t (a)", "types that are defined"),
        (
            "CREATE TRIGGER t INSTEAD OF DELETE ON Note BEGIN SELECT 1; END",
            "types that are defined",
        ),
        ("DROP VIEW Note", "types that are defined"),
        ("PRAGMA journal_mode = DELETE", "PRAGMA journal_mode"),
        ("ATTACH 'x' AS x", "import"),
        ("SELECT pdb_capture_row()", "pdb_capture_row"),
        ("UPDATE Note SET stars = pdb_capture_new(1)", "pdb_capture_new"),
        ("BEGIN", "script"),
        ("VACUUM", "compact"),
        ("VACUUM INTO 'x'", "compact"),
        ("WITH x AS (SELECT 1) DELETE FROM pdb_node", "write to nodes"),
        ("/* Note */ DELETE FROM pdb_edge -- Note", "write to nodes"),
    ] {
        let error = fails(&mut db, sql);
        assert_eq!(error.code(), "sql-read-only", "{sql}: {error}");
        assert!(error.to_string().contains(way), "{sql}: {error}");
    }
    let error = db.query("DELETE FROM Note", &[]).unwrap_err();
    assert!(error.to_string().contains("execute"), "{error}");
    let trigger = "CREATE TEMP TRIGGER t INSTEAD OF DELETE ON Note BEGIN SELECT 1; SELECT 2; END";
    let error = db.execute_script(&Statement::new(trigger)).unwrap_err();
    assert_eq!(error.code(), "sql-read-only");
    assert!(error.to_string().contains("types that are defined"), "{error}");
}

#[test]
fn what_is_no_statement_is_an_error_that_says_so() {
    let mut db = notes();
    for sql in ["", " ;; ", "-- none", "/* none */;"] {
        let is_none = |error: Error| {
            assert!(matches!(&error, Error::Sql { .. }), "{error}");
            assert_eq!(error.to_string(), "there is no statement", "{sql}");
        };
        is_none(db.query(sql, &[]).unwrap_err());
        is_none(db.execute(sql, &[]).unwrap_err());
        is_none(db.explain(&Statement::new(sql)).unwrap_err());
        is_none(db.subscribe(sql, &[]).unwrap_err());
        assert_eq!(db.execute_script(&Statement::new(sql)).unwrap(), []);
    }
}

#[test]
fn a_row_that_a_join_gives_several_times_is_updated_once() {
    let mut db = notes();
    let sql = "UPDATE Note SET stars = o.s FROM
               (SELECT 'a' AS i, 10 AS s UNION ALL SELECT 'b', 20 UNION ALL SELECT 'a', 30) AS o
               WHERE o.i = Note.id RETURNING id, stars";
    let plain = rusqlite::Connection::open_in_memory().unwrap();
    plain
        .execute_batch("CREATE TABLE Note (id, stars); INSERT INTO Note VALUES ('a', 1), ('b', 2)")
        .unwrap();
    let mut statement = plain.prepare(sql).unwrap();
    let theirs = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let mut theirs: Vec<(String, i64)> = theirs.map(Result::unwrap).collect();
    theirs.sort();
    let done = run(&mut db, sql);
    let mut ours: Vec<(String, i64)> = Vec::new();
    for row in &done.rows {
        let [SqlValue::Text(id), SqlValue::Int(stars)] = row.as_slice() else { panic!("{row:?}") };
        ours.push((id.clone(), *stars));
    }
    ours.sort();
    assert_eq!((ours, done.changes), (theirs, 2));
}

#[test]
fn values_that_a_column_cannot_hold_are_named() {
    let mut db = notes();
    let list = FieldDef::of(ValueType::Array);
    db.define_type(&TypeDef::new("List").with("items", list)).unwrap();
    for (sql, part) in [
        ("UPDATE Note SET id = 'q'", "column id"),
        ("UPDATE Note SET updated = 1", "column updated"),
        ("UPDATE Note SET data = '[]'", "column data"),
        ("UPDATE Note SET stars = 9e999", "column stars"),
        ("INSERT INTO List (items) VALUES ('[1')", "column items"),
        ("INSERT INTO nodes (id) VALUES ('q')", "column type"),
        ("INSERT INTO Note (colour) VALUES (1)", "colour"),
        ("INSERT INTO Unknown (id) VALUES (1)", "no such table"),
    ] {
        let error = fails(&mut db, sql);
        assert_eq!(error.code(), "sql", "{sql}: {error}");
        assert!(error.to_string().contains(part), "{sql}: {error}");
    }
    assert_eq!(fails(&mut db, "INSERT INTO List (items) VALUES ('1')").code(), "invalid");
}

#[test]
fn a_statement_that_failed_halfway_leaves_nothing_to_commit() {
    let mut db = notes();
    let before = db.state_hash().unwrap();
    let outcome = db.transaction(|tx| {
        let sql = "INSERT INTO Note (id) VALUES ('c'), ('a')";
        assert_eq!(tx.execute(sql, &[]).unwrap_err().code(), "taken");
        Ok(())
    });
    assert_eq!(outcome.unwrap_err().code(), "torn");
    assert_eq!(db.state_hash().unwrap(), before);
}

#[test]
fn a_view_that_got_a_column_elsewhere_takes_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.pluresdb");
    let mut one = Database::create(&path, pluresdb::Options::default()).unwrap();
    one.put("a", "Note", object([("title", text("A"))])).unwrap();
    run(&mut one, "UPDATE Note SET title = 'B'");
    let mut two = Database::open(&path).unwrap();
    two.put("b", "Note", object([("colour", text("red")), ("title", text("C"))])).unwrap();
    assert_eq!(run(&mut one, "UPDATE Note SET colour = title").changes, 2);
    assert_eq!(data(&two, "a")["colour"], text("B"));
    assert_eq!(run(&mut two, "UPDATE Note SET colour = title || '!'").changes, 2);
    assert_eq!(data(&one, "b")["colour"], text("C!"));
}

#[test]
fn rows_that_are_to_be_written_take_no_more_memory_than_they_may() {
    const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        INSERT INTO Note (id, title) SELECT 'n' || i, 'abcd' FROM n";
    let mut db = notes();
    let before = db.state_hash().unwrap();
    // The time is for a test that fails.
    let limits = SqlLimits { memory: Some(20_000), time_ms: Some(5_000), ..SqlLimits::default() };
    for sql in [
        ENDLESS,
        &format!("{ENDLESS} WHERE true ON CONFLICT (id) DO UPDATE SET title = 'x'"),
        "INSERT INTO Note (id, title) VALUES ('c', hex(zeroblob(10000)))",
        "UPDATE Note SET title = hex(zeroblob(5000))",
    ] {
        let error = db.execute_with(&Statement::new(sql).limited(limits)).unwrap_err();
        assert_eq!(error.code(), "sql-size-limit", "{sql}: {error}");
        assert!(error.to_string().contains("write some at a time"), "{error}");
        assert_eq!(db.state_hash().unwrap(), before, "{sql}");
    }
    let some = format!("{ENDLESS} LIMIT 20");
    assert_eq!(db.execute_with(&Statement::new(&some).limited(limits)).unwrap().changes, 20);
    // What one statement has held is not counted for the next.
    for id in ["a", "b", "n1"] {
        let sql = format!("UPDATE Note SET title = hex(zeroblob(4000)) WHERE id = '{id}'");
        db.execute_with(&Statement::new(&sql).limited(limits)).unwrap();
    }
    let sql = "DELETE FROM Note RETURNING id";
    let error = db.execute_with(&Statement::new(sql).limited(limits)).unwrap_err();
    assert_eq!(error.code(), "sql-size-limit");
    assert_eq!(db.execute(sql, &[]).unwrap().changes, 22);
}
