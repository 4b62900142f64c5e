//! A small database with one of everything, the same in every run, from which seeds are made.

use pluresdb::crdt::{ListEdit, TextEdit};
use pluresdb::{Database, Error, Host, Map, Options, Path, SpaceId, Value, object};

/// A clock that stands and random bytes that are none: every run makes the same bytes.
#[derive(Debug)]
pub(crate) struct FixedHost(pub(crate) u8);

impl Host for FixedHost {
    fn now_ms(&self) -> u64 {
        1_700_000_000_000
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        buffer.fill(self.0);
        Ok(())
    }
}

pub(crate) const SPACE: SpaceId = SpaceId([7; 16]);

pub(crate) fn empty(seed: u8, text_index: bool) -> Database {
    let options = Options { space: Some(SPACE), text_index };
    must(Database::in_memory(Box::new(FixedHost(seed)), options))
}

/// Nodes of two types with every kind of value, an edge, changes, deletes, shared fields.
pub(crate) fn database() -> Database {
    let mut db = empty(1, true);
    must(db.put("a", "Note", everything()));
    must(db.put("b", "Note", object([("title", "Feed the cat".into())])));
    must(db.put("c", "Person", object([("name", "Ünïcödé 𝄞".into())])));
    must(db.transaction(|tx| {
        tx.link("a", "next", "b", object([("since", 2024.into())]))?;
        tx.link("a", "by", "c", object([]))
    }));
    must(db.put("a", "Note", object([("title", "Buy milk".into()), ("done", true.into())])));
    must(db.delete("b"));
    let long = "a long text that packs well. ".repeat(40);
    must(db.put("d", "Person", object([("about", Value::Text(long))])));
    must(db.put("all", "Note", everything()));
    must(db.put("s", "Note", object([("title", "shared".into())])));
    let path = |name: &str| must(Path::joined(name.into()));
    must(db.transaction(|tx| {
        tx.increment("s", &path("votes"), 3)?;
        tx.add_to_set("s", &path("tags"), &["red".into(), 7.into()])?;
        let insert = String::from("Hello 𝄞");
        tx.edit_text("s", &path("body"), &[TextEdit { at: 0, remove: 0, insert }])?;
        let insert = vec![Value::Null, "item".into()];
        tx.edit_list("s", &path("items"), &[ListEdit { at: 0, remove: 0, insert }])
    }));
    must(db.transaction(|tx| {
        tx.increment("s", &path("votes"), -1)?;
        tx.remove_from_set("s", &path("tags"), &["red".into()])?;
        let insert = String::from("!");
        tx.edit_text("s", &path("body"), &[TextEdit { at: 5, remove: 3, insert }])
    }));
    db
}

/// One value of each kind, at several depths.
pub(crate) fn everything() -> Map {
    let inner = object([("x", Value::Int(-1)), ("", Value::Float(-0.0)), ("a.b", Value::Null)]);
    object([
        ("null", Value::Null),
        ("yes", true.into()),
        ("no", false.into()),
        ("int", Value::Int(9_007_199_254_740_993)),
        ("float", Value::Float(0.1)),
        ("text", "milk 𝄞".into()),
        ("bytes", Value::Bytes(vec![0, 255, 128])),
        ("list", Value::Array(vec![1.into(), "two".into(), Value::Object(inner.clone())])),
        ("object", Value::Object(inner)),
    ])
}

pub(crate) fn log(db: &Database) -> Vec<Vec<u8>> {
    must(db.records_after(0, usize::MAX)).records
}

/// For what fails only when the harness itself is wrong.
#[track_caller]
pub(crate) fn must<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("a promise is broken: {error:?}"),
    }
}
