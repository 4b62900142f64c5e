//! Transactions of single steps: what runs beside them sees nothing of them, and is not written over.

use pluresdb::{Database, Error, SqlValue, object};

fn count(db: &Database) -> i64 {
    match db.query("SELECT count(*) FROM nodes", &[]).unwrap().rows[0][0] {
        SqlValue::Int(count) => count,
        _ => panic!("a count is a number"),
    }
}

#[test]
fn steps_see_what_earlier_ones_did_and_nobody_else_does_before_the_end() {
    let mut db = Database::memory().unwrap();
    db.put("a", "T", object([("n", 1.into())])).unwrap();
    let mut open = db.begin_open().unwrap();
    db.step(&mut open, |tx| tx.put("b", "T", object([("n", 2.into())]))).unwrap();
    for expected in [3, 6] {
        let done = db.step(&mut open, |tx| tx.execute("SELECT sum(n) FROM T", &[])).unwrap();
        assert_eq!(done.rows, [[SqlValue::Int(expected)]]);
        assert_eq!(count(&db), 1);
        db.step(&mut open, |tx| tx.execute("UPDATE T SET n = n * 2", &[])).unwrap();
    }
    // What fails undoes itself and nothing before it.
    let failed = db.step(&mut open, |tx| tx.patch("none", vec![]));
    assert!(matches!(failed, Err(Error::NotFound { .. })));
    db.finish(open).unwrap();
    assert_eq!(
        db.query("SELECT n FROM T ORDER BY n", &[]).unwrap().rows,
        [[SqlValue::Int(4)], [SqlValue::Int(8)]]
    );
    assert_eq!(db.status().unwrap().records, 2);
    assert!(db.check().unwrap().is_empty());
}

#[test]
fn one_that_is_dropped_leaves_nothing_and_one_that_was_finished_can_be_undone() {
    let mut db = Database::memory().unwrap();
    db.keep_undo(10);
    let mut open = db.begin_open().unwrap();
    db.step(&mut open, |tx| tx.put("a", "T", object([]))).unwrap();
    db.step(&mut open, |tx| tx.execute("SELECT * FROM nodes", &[])).unwrap();
    drop(open);
    assert_eq!((count(&db), db.status().unwrap().records), (0, 0));
    let mut open = db.begin_open().unwrap();
    db.step(&mut open, |tx| tx.put("a", "T", object([]))).unwrap();
    db.finish(open).unwrap();
    assert_eq!(count(&db), 1);
    db.undo().unwrap().unwrap();
    assert_eq!(count(&db), 0);
}

#[test]
fn one_that_something_else_was_committed_beside_is_refused() {
    let mut db = Database::memory().unwrap();
    db.put("a", "T", object([("n", 1.into())])).unwrap();
    let mut open = db.begin_open().unwrap();
    db.step(&mut open, |tx| tx.put("a", "T", object([("n", 2.into())]))).unwrap();
    db.put("a", "T", object([("n", 3.into()), ("m", 1.into())])).unwrap();
    let step = db.step(&mut open, |tx| tx.exists("a"));
    assert_eq!(step.unwrap_err().code(), "overtaken");
    assert_eq!(db.finish(open).unwrap_err().code(), "overtaken");
    assert_eq!(db.get("a").unwrap().unwrap().data["n"], 3.into());
    assert!(db.check().unwrap().is_empty());
}
