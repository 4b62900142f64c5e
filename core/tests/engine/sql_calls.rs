//! Functions in the place of a table, in statements that write and inside of transactions: they see what
//! the transaction has written, and nothing of it once it is undone.

use crate::{replica, text};
use pluresdb::types::{FieldDef, Metric, TypeDef, ValueType};
use pluresdb::{Database, Error, Executed, SqlValue, Statement, Transaction, Value, object};

fn run(db: &mut Database, sql: &str) -> Executed {
    db.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn column(rows: Vec<Vec<SqlValue>>) -> Vec<String> {
    let shown = |value: SqlValue| match value {
        SqlValue::Text(text) => text,
        other => format!("{other:?}"),
    };
    rows.into_iter().map(|row| shown(row.into_iter().next().unwrap())).collect()
}

fn texts(db: &Database, sql: &str) -> Vec<String> {
    column(db.query(sql, &[]).unwrap().rows)
}

/// The first column of what a statement gives inside of a transaction.
fn inside(tx: &mut Transaction<'_, '_>, sql: &str) -> Result<Vec<String>, Error> {
    Ok(column(tx.execute(sql, &[])?.rows))
}

/// Notes, each before the next, with places on a line.
fn notes() -> Database {
    let mut db = replica();
    let definition = TypeDef::new("Note")
        .with("title", FieldDef::of(ValueType::String))
        .with("at", FieldDef::vector(1, Metric::L2));
    db.define_type(&definition).unwrap();
    for (at, (id, title)) in
        [("a", "oat milk"), ("b", "cow milk"), ("c", "bread")].iter().enumerate()
    {
        put(&mut db, id, title, at as i64 * 10);
    }
    db.link("a", "next", "b", object([])).unwrap();
    db.link("b", "next", "c", object([])).unwrap();
    db
}

fn note(title: &str, at: i64) -> pluresdb::Map {
    object([("title", text(title)), ("at", Value::Array(vec![at.into()]))])
}

fn put(db: &mut Database, id: &str, title: &str, at: i64) {
    db.put(id, "Note", note(title, at)).unwrap();
}

const NEAREST: &str = "SELECT id FROM vsearch('Note', 'at', '[100]', 1)";

#[test]
fn a_statement_that_writes_takes_its_rows_from_calls() {
    let mut db = notes();
    let sql = "INSERT INTO nodes (id, type, data)
               SELECT 'found ' || id, 'Found', json_object('of', id) FROM search('milk ') RETURNING id";
    let mut made = column(run(&mut db, sql).rows);
    made.sort();
    assert_eq!(made, ["found a", "found b"]);
    assert_eq!(texts(&db, "SELECT of FROM Found ORDER BY of"), ["a", "b"]);

    let sql = "UPDATE Note SET title = s.snippet FROM search('cow', 'Note', 1, '{\"open\": \"[\", \"close\": \"]\"}') AS s
               WHERE s.id = Note.id";
    assert_eq!(run(&mut db, sql).changes, 1);
    assert_eq!(texts(&db, "SELECT title FROM Note WHERE id = 'b'"), ["[cow] milk"]);

    let sql = "DELETE FROM Note WHERE id IN (SELECT id FROM vsearch('Note', 'at', '[20]', 1)) RETURNING id";
    assert_eq!(column(run(&mut db, sql).rows), ["c"]);
    let sql = "DELETE FROM nodes WHERE id IN (SELECT id FROM traverse('a') WHERE depth > 0)";
    assert_eq!(run(&mut db, sql).changes, 1);
    assert_eq!(texts(&db, "SELECT id FROM Note"), ["a"]);
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn calls_for_each_row_that_is_written_are_made_once_for_each() {
    let mut db = replica();
    for number in 0..50 {
        db.put(
            &format!("n{number:02}"),
            "Stop",
            object([("n", number.into()), ("after", 0.into())]),
        )
        .unwrap();
    }
    run(
        &mut db,
        "INSERT INTO edges (source, label, target)
         SELECT one.id, 'next', other.id FROM Stop AS one JOIN Stop AS other ON other.n = one.n + 1",
    );
    let sql = "UPDATE Stop SET after = (SELECT count(*) FROM traverse(Stop.id) WHERE depth > 0)
               RETURNING (SELECT max(depth) FROM traverse(Stop.id)), after";
    let done = run(&mut db, sql);
    assert_eq!(done.changes, 50);
    assert!(done.rows.iter().all(|row| row[0] == row[1]), "{done:?}");
    assert_eq!(texts(&db, "SELECT count(*) FROM Stop WHERE after = 49 - n"), ["Int(50)"]);
}

#[test]
fn calls_see_what_their_transaction_has_written() {
    let mut db = notes();
    db.transaction(|tx| {
        tx.put("d", "Note", note("rice milk", 100))?;
        tx.patch("b", vec![(pluresdb::Path::field("title")?, Some(text("butter")))])?;
        tx.delete("c")?;
        tx.link("b", "next", "d", object([]))?;
        let mut found = inside(tx, "SELECT id FROM search('milk ')")?;
        found.sort();
        assert_eq!(found, ["a", "d"]);
        assert_eq!(inside(tx, "SELECT id FROM search('buter ')")?, ["b"]);
        assert_eq!(inside(tx, "SELECT snippet FROM search('rice ')")?, ["<mark>rice</mark> milk"]);
        assert_eq!(inside(tx, "SELECT id FROM traverse('a')")?, ["a", "b", "d"]);
        assert_eq!(inside(tx, "SELECT id FROM neighbours('d', NULL, 'in')")?, ["b"]);
        assert_eq!(inside(tx, "SELECT count(*) FROM components()")?, ["Int(4)"]);
        assert_eq!(inside(tx, NEAREST)?, ["d"]);
        let sql = "SELECT id FROM vsearch('Note', 'at', '[100]', 9, 'title <> ''butter''')";
        assert_eq!(inside(tx, sql)?, ["d", "a"]);
        let sql = "DELETE FROM Note WHERE id IN (SELECT id FROM search('rice ')) RETURNING id";
        assert_eq!(inside(tx, sql)?, ["d"]);
        assert_eq!(inside(tx, "SELECT id FROM search('rice ')")?, [""; 0]);
        assert_eq!(inside(tx, NEAREST)?, ["b"]);
        Ok(())
    })
    .unwrap();
    assert_eq!(texts(&db, NEAREST), ["b"]);
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn a_definition_of_the_transaction_tells_where_words_are_found() {
    let mut db = replica();
    db.transaction(|tx| {
        tx.put("n", "Note", object([("title", text("Running")), ("secret", text("milk"))]))?;
        assert_eq!(inside(tx, "SELECT id FROM search('milk ')")?, ["n"]);
        let definition = "INSERT INTO nodes (id, type, data) VALUES ('$type/Note', '$type',
            '{\"name\": \"Note\", \"language\": \"en\", \"fields\": {\"title\": {\"full_text\": true}}}')";
        tx.execute(definition, &[])?;
        assert_eq!(inside(tx, "SELECT id FROM search('milk ')")?, [""; 0]);
        assert_eq!(inside(tx, "SELECT id FROM search('runs ', 'Note')")?, ["n"]);
        Err::<(), _>(Error::Cancelled)
    })
    .unwrap_err();
    assert_eq!(texts(&db, "SELECT id FROM search('milk ')"), [""; 0]);
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn what_a_transaction_wrote_that_was_undone_is_found_by_no_call() {
    let mut db = notes();
    for searched_before in [true, false] {
        if searched_before {
            assert_eq!(texts(&db, NEAREST), ["c"]);
        }
        db.transaction(|tx| {
            tx.put("x", "Note", note("never", 90))?;
            tx.delete("c")?;
            assert_eq!(inside(tx, NEAREST)?, ["x"]);
            Err::<(), _>(Error::Cancelled)
        })
        .unwrap_err();
        assert_eq!(texts(&db, NEAREST), ["c"]);
        assert_eq!(texts(&db, "SELECT id FROM search('never')"), [""; 0]);
    }
    // It takes the numbers of the rows that were undone.
    put(&mut db, "y", "later", 95);
    assert_eq!(texts(&db, NEAREST), ["y"]);
    db.delete("y").unwrap();
    assert_eq!(texts(&db, NEAREST), ["c"]);
}

#[test]
fn the_steps_of_an_open_transaction_see_the_steps_before() {
    let mut db = notes();
    let mut open = db.begin_open().unwrap();
    db.step(&mut open, |tx| tx.put("d", "Note", note("rice milk", 100))).unwrap();
    for _ in 0..2 {
        let sql = "SELECT id FROM search('rice') UNION ALL SELECT id FROM vsearch('Note', 'at', '[100]', 1)";
        assert_eq!(db.step(&mut open, |tx| inside(tx, sql)).unwrap(), ["d", "d"]);
        assert_eq!(texts(&db, NEAREST), ["c"], "others see what was committed");
    }
    let sql = "UPDATE Note SET title = 'found' WHERE id IN (SELECT id FROM search('rice'))";
    assert_eq!(db.step(&mut open, |tx| tx.execute(sql, &[])).unwrap().changes, 1);
    db.finish(open).unwrap();
    assert_eq!(texts(&db, "SELECT id FROM search('found ')"), ["d"]);
    assert_eq!(texts(&db, NEAREST), ["d"]);
}

#[test]
fn a_script_may_call_between_its_writes() {
    let mut db = notes();
    let script = "BEGIN;
        INSERT INTO Note (id, title) VALUES ('d', 'rice milk');
        INSERT INTO edges (source, label, target) SELECT 'a', 'like', id FROM search('rice ');
        SELECT id FROM neighbours('a', 'like');
        COMMIT;";
    let done = db.execute_script(&Statement::new(script)).unwrap();
    assert_eq!(column(done[2].rows.clone()), ["d"]);
}

#[test]
fn a_call_that_fails_says_where_and_writes_nothing() {
    let mut db = notes();
    let before = db.state_hash().unwrap();
    let sql = "DELETE FROM Note WHERE id IN (SELECT id FROM vsearch('Note', 'away', '[1]'))";
    assert_eq!(db.execute(sql, &[]).unwrap_err().code(), "no-vector-field");
    let sql = "DELETE FROM Note WHERE id IN (SELECT id FROM search('milk') WHERE absent = 1)";
    let Error::Sql { message, offset } = db.execute(sql, &[]).unwrap_err() else { panic!() };
    assert_eq!((message.as_str(), offset), ("no such column: absent", sql.find("absent")));
    assert_eq!(db.state_hash().unwrap(), before);
    // The transaction goes on after what failed before it wrote.
    db.transaction(|tx| {
        let sql = "DELETE FROM Note WHERE id IN (SELECT id FROM vsearch('Note', 'away', '[1]'))";
        assert_eq!(tx.execute(sql, &[]).unwrap_err().code(), "no-vector-field");
        tx.delete("a").map(|_| ())
    })
    .unwrap();
    assert_eq!(texts(&db, "SELECT id FROM Note ORDER BY id"), ["b", "c"]);
}

#[test]
fn how_a_statement_with_calls_is_gone_about_is_told() {
    let mut db = notes();
    let sql = "DELETE FROM Note WHERE id IN (SELECT id FROM search('milk'))";
    let plan = db.explain(&Statement::new(sql)).unwrap().join("\n");
    assert!(plan.contains("json_each"), "{plan}");
    let sql = "SELECT * FROM search('milk') WHERE absent = 1";
    let Error::Sql { offset, .. } = db.explain(&Statement::new(sql)).unwrap_err() else { panic!() };
    assert_eq!(offset, sql.find("absent"));
}
