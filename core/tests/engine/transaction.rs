//! Writing: puts, patches, deletes, edges, and transactions around them.

use crate::text;
use pluresdb::{Database, Direction, Error, Map, Path, TextEdit, Transaction, Value, object};

#[test]
fn a_transaction_that_fails_leaves_nothing() {
    let mut db = Database::memory().unwrap();
    db.put("a", "Note", object([("n", 1.into())])).unwrap();
    let before = (db.state_hash().unwrap(), db.position().unwrap());
    let failed = db.transaction(|tx| {
        tx.put("b", "Other", object([("x", text("lost"))]))?;
        tx.delete("a")?;
        tx.patch("missing", Vec::new())
    });
    assert!(matches!(failed, Err(Error::NotFound { id }) if id == "missing"));
    assert_eq!((db.state_hash().unwrap(), db.position().unwrap()), before);
    assert!(db.get("b").unwrap().is_none());
    assert!(db.search("lost", None, 10).unwrap().is_empty());
    assert!(db.query("SELECT * FROM Other", &[]).is_err(), "the view went with the rollback");
    db.put("b", "Other", object([])).unwrap();
    assert_eq!(db.query("SELECT id FROM Other", &[]).unwrap().rows.len(), 1);
}

#[test]
fn a_transaction_is_one_record_and_reads_its_own_writes() {
    let mut db = Database::memory().unwrap();
    db.transaction(|tx| {
        tx.put("a", "Note", object([("n", 1.into())]))?;
        tx.patch("a", vec![(Path::field("m").unwrap(), Some(2.into()))])?;
        let (kind, data) = tx.get("a")?.unwrap();
        assert_eq!((kind.as_str(), data.len()), ("Note", 2));
        assert!(tx.delete("a")?);
        assert!(tx.get("a")?.is_none());
        assert!(!tx.delete("a")?);
        tx.put("a", "Note", object([("n", 3.into())]))
    })
    .unwrap();
    assert_eq!(db.status().unwrap().records, 1);
    assert_eq!(db.get("a").unwrap().unwrap().data, object([("n", 3.into())]));
}

#[test]
fn a_write_that_changes_nothing_writes_no_record() {
    let mut db = Database::memory().unwrap();
    db.put("a", "Note", object([("n", 1.into())])).unwrap();
    db.put("a", "Note", object([("n", 1.into())])).unwrap();
    assert!(!db.delete("missing").unwrap());
    assert_eq!(db.status().unwrap().records, 1);
}

#[test]
fn deleting_and_putting_again_forgets_the_old_fields() {
    let mut db = Database::memory().unwrap();
    db.put("a", "Note", object([("old", 1.into())])).unwrap();
    assert!(db.delete("a").unwrap());
    assert!(db.get("a").unwrap().is_none());
    db.put("a", "Task", object([("new", 2.into())])).unwrap();
    let node = db.get("a").unwrap().unwrap();
    assert_eq!((node.kind.as_str(), node.data), ("Task", object([("new", 2.into())])));
}

#[test]
fn an_edge_hides_with_its_end_and_comes_back_with_it() {
    let mut db = Database::memory().unwrap();
    for id in ["a", "b"] {
        db.put(id, "Note", Map::new()).unwrap();
    }
    db.link("a", "next", "b", object([("weight", 2.into())])).unwrap();
    let edges = db.edges("b", Direction::In, None, 10).unwrap();
    assert_eq!(edges[0].data, object([("weight", 2.into())]));
    assert_eq!(db.status().unwrap().edges, 1);

    db.delete("b").unwrap();
    assert!(db.edges("a", Direction::Out, None, 10).unwrap().is_empty());
    assert_eq!(db.status().unwrap().edges, 0);
    assert_eq!(db.query("SELECT * FROM edges", &[]).unwrap().rows.len(), 0);

    db.put("b", "Note", Map::new()).unwrap();
    assert_eq!(db.edges("a", Direction::Out, Some("next"), 10).unwrap().len(), 1);
    assert!(db.unlink("a", "next", "b").unwrap());
    assert!(!db.unlink("a", "next", "b").unwrap());
    assert_eq!(db.status().unwrap().edges, 0);
}

#[test]
fn an_edge_to_nowhere_is_refused() {
    let mut db = Database::memory().unwrap();
    db.put("a", "Note", Map::new()).unwrap();
    let refused = db.link("a", "next", "b", Map::new());
    assert!(matches!(refused, Err(Error::NotFound { id }) if id == "b"));
}

#[test]
fn what_one_record_cannot_hold_is_refused_at_commit() {
    let mut db = Database::memory().unwrap();
    let long = "x".repeat(300 * 1024);
    let put = |tx: &mut Transaction<'_, '_>, id: &str, text: &str| {
        tx.put(id, "Note", object([("text", text.into())]))
    };
    let refused = db.transaction(|tx| put(tx, "a", &long)).unwrap_err();
    assert_eq!(refused.code(), "too-large");
    assert!(refused.to_string().contains("fields in several transactions"), "{refused}");
    // What the advice says: a long text comes in by several edits, and a node by several fields.
    let half = "x".repeat(200 * 1024);
    db.put("b", "Note", object([("one", half.as_str().into())])).unwrap();
    db.patch("b", vec![(Path::field("two").unwrap(), Some(half.as_str().into()))]).unwrap();
    for at in [0, 204_800] {
        let edit = TextEdit { at, remove: 0, insert: half.clone() };
        db.edit_text("b", &Path::field("three").unwrap(), &[edit]).unwrap();
    }
    let read = db.get("b").unwrap().unwrap().data;
    assert_eq!(read["three"], Value::Text([half.as_str(), &half].concat()));
    let records = db.status().unwrap().records;
    let two = |tx: &mut Transaction<'_, '_>| {
        put(tx, "c", &half)?;
        put(tx, "d", &half)
    };
    let refused = db.transaction(two).unwrap_err();
    assert!(refused.to_string().contains("Split it into several transactions"), "{refused}");
    assert_eq!(db.status().unwrap().records, records);
    assert_eq!(db.get("c").unwrap(), None);
}

#[test]
fn values_of_every_kind_read_back_as_they_were() {
    let mut db = Database::memory().unwrap();
    let data = object([
        ("null", Value::Null),
        ("yes", true.into()),
        ("big", Value::Int(i64::MAX)),
        ("beyond", Value::Int((1 << 53) + 1)),
        ("zero", Value::Float(-0.0)),
        ("pi", 3.25.into()),
        ("", text("an empty key")),
        ("a.b \"c\"", text("dots and quotes")),
        ("bytes", Value::Bytes(vec![0, 255, 7])),
        ("list", Value::Array(vec![1.into(), object([("x", 1.into())]).into()])),
        ("empty", Value::Object(Map::new())),
        ("deep", Value::from([("a", Value::from([("b", text("日本"))]))])),
    ]);
    db.put("a", "Note", data.clone()).unwrap();
    let read = db.get("a").unwrap().unwrap().data;
    assert_eq!(read, data);
    let Some(Value::Float(zero)) = read.get("zero") else { panic!("a float") };
    assert!(zero.is_sign_negative());
}

#[test]
fn bad_names_and_values_say_what_and_where() {
    let mut db = Database::memory().unwrap();
    let code = |result: Result<(), Error>| result.map_err(|error| error.code()).unwrap_err();
    assert_eq!(code(db.put("", "Note", Map::new())), "bad-name");
    assert_eq!(code(db.put("a", "", Map::new())), "bad-name");
    assert_eq!(code(db.put("a\0b", "Note", Map::new())), "bad-name");
    assert_eq!(code(db.put(&"i".repeat(513), "Note", Map::new())), "bad-name");
    assert_eq!(code(db.put("a", "Note", object([("k\0", 1.into())]))), "bad-field");
    let nan = db.put("a", "Note", object([("x", f64::NAN.into())])).unwrap_err();
    assert!(nan.to_string().starts_with("field x:"), "{nan}");
}
