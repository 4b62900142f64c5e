//! Texts that a database in memory holds back from its index: whoever reads finds them.

use crate::text;
use pluresdb::types::{FieldDef, TypeDef, ValueType};
use pluresdb::{Database, Error, Map, Options, SqlValue, SystemHost, object};

const DIRECT: &str = "SELECT count(*) FROM pdb_text WHERE pdb_text MATCH 'milk'";
const CALLED: &str = "SELECT count(*) FROM search('milk')";

fn note(title: &str) -> Map {
    object([("title", text(title))])
}

fn with_milk(nodes: usize) -> Database {
    let mut db = Database::memory().unwrap();
    for n in 0..nodes {
        db.put(&format!("n{n}"), "Note", note("milk")).unwrap();
    }
    db
}

fn count(db: &Database, sql: &str) -> SqlValue {
    db.query(sql, &[]).unwrap().rows[0][0].clone()
}

#[test]
fn every_way_to_read_the_index_finds_them() {
    assert_eq!(with_milk(3).search("milk", None, 10).unwrap().len(), 3);
    assert_eq!(count(&with_milk(3), DIRECT), SqlValue::Int(3));
    assert_eq!(count(&with_milk(3), CALLED), SqlValue::Int(3));
    assert_eq!(with_milk(3).check().unwrap(), []);
}

#[test]
fn they_are_in_the_bytes_of_the_database() {
    let open = |image: &[u8]| {
        let mut db = Database::from_image(image, Box::new(SystemHost), Options::default()).unwrap();
        assert_eq!(db.search("milk", None, 10).unwrap().len(), 3);
        assert_eq!(db.check().unwrap(), []);
    };
    with_milk(3).with_image(open).unwrap();
    open(&with_milk(3).image_in_pieces(4_096).unwrap().concat());
}

/// Makes tea of a node where a count is three.
fn tea(count: &str) -> String {
    format!("UPDATE Note SET title = 'tea' WHERE id = 'n1' AND ({count}) = 3")
}

#[test]
fn a_statement_that_writes_finds_them() {
    for sql in [DIRECT, CALLED] {
        let mut db = with_milk(3);
        assert_eq!(db.execute(&tea(sql), &[]).unwrap().changes, 1, "{sql}");
        assert_eq!(count(&db, sql), SqlValue::Int(2));
        assert_eq!(db.check().unwrap(), []);
    }
}

#[test]
fn statements_inside_a_transaction_find_them_and_its_end_keeps_them() {
    for commits in [true, false] {
        for sql in [DIRECT, CALLED] {
            let mut db = with_milk(3);
            let outcome = db.transaction(|tx| {
                tx.put("n0", "Note", note("oat"))?;
                tx.put("n9", "Note", note("milk"))?;
                assert_eq!(tx.execute(sql, &[])?.rows[0][0], SqlValue::Int(3));
                tx.execute(&tea(sql), &[])?;
                assert_eq!(tx.execute(sql, &[])?.rows[0][0], SqlValue::Int(2));
                if commits { Ok(()) } else { Err(Error::Torn) }
            });
            assert_eq!(outcome.is_ok(), commits);
            assert_eq!(count(&db, sql), SqlValue::Int(if commits { 2 } else { 3 }));
            assert_eq!(db.check().unwrap(), []);
        }
    }
}

#[test]
fn steps_of_a_transaction_find_them_and_leave_them() {
    let mut db = with_milk(3);
    let mut open = db.begin_open().unwrap();
    for _ in 0..2 {
        let step = |tx: &mut pluresdb::Transaction<'_, '_>| {
            tx.put("n9", "Note", note("milk"))?;
            tx.execute(CALLED, &[])
        };
        assert_eq!(db.step(&mut open, step).unwrap().rows[0][0], SqlValue::Int(4));
    }
    let mut reads = db.begin_open().unwrap();
    db.step(&mut reads, |tx| tx.execute(CALLED, &[])).unwrap();
    db.put("n8", "Note", note("tea")).unwrap();
    assert_eq!(count(&db, CALLED), SqlValue::Int(3));
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn whatever_is_done_the_index_agrees_with_the_nodes() {
    let fields = FieldDef::of(ValueType::String).full_text(2.0);
    for seed in 1..40_u64 {
        let (mut db, mut random) = (Database::memory().unwrap(), seed);
        let mut below = |most: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) % most
        };
        for _ in 0..60 {
            let (id, kind) = (format!("n{}", below(6)), ["A", "B"][below(2) as usize]);
            let title = ["milk", "oat milk", "tea", ""][below(4) as usize];
            match below(9) {
                0 => drop(db.delete(&id).unwrap()),
                1 => {
                    let def = match below(2) {
                        0 => TypeDef::new(kind).with("title", fields.clone()),
                        _ => TypeDef::new(kind),
                    };
                    db.define_type(&def).unwrap();
                }
                2 => drop(db.search("milk", None, 10).unwrap()),
                3 | 4 => {
                    let commits = below(2) == 0;
                    let sql = [DIRECT, CALLED][below(2) as usize];
                    let outcome = db.transaction(|tx| {
                        tx.put(&id, kind, note(title))?;
                        tx.execute(sql, &[])?;
                        tx.put("n0", kind, note("late milk"))?;
                        if commits { Ok(()) } else { Err(Error::Torn) }
                    });
                    assert_eq!(outcome.is_ok(), commits);
                }
                _ => db.put(&id, kind, note(title)).unwrap(),
            }
        }
        assert_eq!(db.check().unwrap(), [], "seed {seed}");
    }
}
