//! Transactions of single steps: what runs beside them sees nothing of them, and is not written over.

use crate::{DAY, FixedHost, log, text};
use pluresdb::{Database, Error, Host, Leases, Options, Path, Retention, SqlValue, object};
use rusqlite::Connection;
use tempfile::TempDir;

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

#[test]
fn one_beside_which_the_writer_became_another_is_refused() {
    let mut db = Database::memory().unwrap();
    db.put("a", "T", object([])).unwrap();
    let before = db.actor().unwrap();
    let mut open = db.begin_open().unwrap();
    db.step(&mut open, |tx| tx.put("b", "T", object([]))).unwrap();
    // Somebody else has this actor, or it wrote what is not here: a number would be given out twice.
    db.renew_actor();
    assert_eq!(db.step(&mut open, |tx| tx.exists("a")).unwrap_err().code(), "overtaken");
    assert_eq!(db.finish(open).unwrap_err().code(), "overtaken");
    assert_eq!(db.frontier().unwrap().get(&before), 1);
    db.put("b", "T", object([])).unwrap();
    assert_ne!(db.actor().unwrap(), before);
}

#[test]
fn one_beside_which_rows_were_repaired_is_refused() {
    let dir = TempDir::new().unwrap();
    let (path, leases) = (dir.path().join("db.pluresdb"), Leases::at(dir.path()));
    let mut db = Database::create_with(&path, Options::default(), &leases).unwrap();
    ["a", "b"].iter().for_each(|id| db.put(id, "T", object([])).unwrap());
    db.link("a", "to", "b", object([("kept", true.into())])).unwrap();
    Connection::open(&path).unwrap().execute("DELETE FROM pdb_edge", []).unwrap();
    let mut open = db.begin_open().unwrap();
    db.step(&mut open, |tx| tx.link("a", "to", "b", object([("new", true.into())]))).unwrap();
    assert_eq!(db.repair().unwrap().left, []);
    assert_eq!(db.finish(open).unwrap_err().code(), "overtaken");
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn one_beside_which_a_branch_made_room_is_refused() {
    let (there, here) = (FixedHost::new(9), FixedHost::new(50));
    let (mut original, mut copy) = (there.replica(), FixedHost::new(9).replica());
    there.jump(60 * 60 * 1000);
    original.put("o", "T", object([("by", text("original"))])).unwrap();
    copy.put("n", "T", object([])).unwrap();
    let count = Path::field("count").unwrap();
    copy.increment("n", &count, 5).unwrap();
    let mut db = here.replica();
    db.apply(&log(&copy)).unwrap();
    // The branch is here under both its actors, so that nothing of it is appended when it moves; and
    // what stays in its place is of a clock that is ahead, and waits.
    let mut moved = FixedHost::new(9).replica();
    moved.apply(&log(&copy)).unwrap();
    let fork = moved.apply(&log(&original)).unwrap().forks[0];
    db.apply(&moved.records_of(fork.moved_to, 0, usize::MAX).unwrap()).unwrap();
    let mut open = db.begin_open().unwrap();
    db.step(&mut open, |tx| tx.increment("n", &count, 1)).unwrap();
    assert_eq!(db.apply(&log(&original)).unwrap().forks.len(), 1);
    assert_eq!(db.finish(open).unwrap_err().code(), "overtaken");
    assert_eq!(db.get("n").unwrap().unwrap().data["count"], 5.into());
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn one_beside_which_old_records_were_forgotten_goes_on() {
    let host = FixedHost::new(9);
    let mut db = host.replica();
    db.put("n", "T", object([("old", 1.into())])).unwrap();
    host.jump(10 * DAY as i64);
    let mut open = db.begin_open().unwrap();
    let change = |value: i64| vec![(Path::field("new").unwrap(), Some(value.into()))];
    db.step(&mut open, |tx| tx.patch("n", change(2))).unwrap();
    db.set_retention(Retention { keep_ms: Some(DAY), unsynced: true }).unwrap();
    assert_eq!(db.compact().unwrap().records, 1);
    db.finish(open).unwrap();
    let data = |at: u64| db.get_as_of("n", at).unwrap().unwrap().data;
    assert_eq!(data(host.now_ms() - 1), object([("old", 1.into())]));
    assert_eq!(data(host.now_ms()), object([("old", 1.into()), ("new", 2.into())]));
    assert_eq!(db.check().unwrap(), []);
}
