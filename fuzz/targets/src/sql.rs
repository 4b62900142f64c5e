//! SQL text: any of it gives results or an error, and leaves what the log says.

use crate::seeds::{SPACE, empty, everything, log, must};
use pluresdb::types::{FieldDef, TypeDef, ValueType};
use pluresdb::{Database, Error, Host, Options, SqlLimits, Statement, object};
use std::time::Instant;

/// A clock that runs, so that a statement without end has one, and random bytes that are none.
#[derive(Debug)]
struct RunningHost;

impl Host for RunningHost {
    fn now_ms(&self) -> u64 {
        1_700_000_000_000
    }

    fn clock(&self) -> Option<fn() -> u64> {
        Some(|| {
            static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
            START.get_or_init(Instant::now).elapsed().as_millis() as u64
        })
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        buffer.fill(1);
        Ok(())
    }
}

const LIMITS: SqlLimits = SqlLimits {
    time_ms: Some(200),
    rows: Some(10_000),
    bytes: Some(4 * 1024 * 1024),
    memory: None,
};

fn database() -> Database {
    let options = Options { space: Some(SPACE), text_index: true };
    let mut db = must(Database::in_memory(Box::new(RunningHost), options));
    let stars = FieldDef::of(ValueType::Integer).indexed().default_to(1);
    must(db.define_type(&TypeDef::new("Note").with("stars", stars).with("tags", FieldDef::set())));
    must(db.put("a", "Note", object([("title", "Buy milk".into()), ("stars", 3.into())])));
    must(db.put("b", "Thing", everything()));
    must(db.link("a", "to", "b", object([])));
    db
}

pub(crate) fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let mut db = database();
    let outcome = db.execute_script(&Statement::new(text).limited(LIMITS));
    let mut twin = empty(2, true);
    must(twin.apply(&log(&db)));
    assert_eq!(must(db.state_hash()), must(twin.state_hash()), "the state is not that of the log");
    assert_eq!(must(db.check()), [], "the database is damaged");
    outcome.is_ok()
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let text = |sql: &str| sql.as_bytes().to_vec();
    vec![
        (
            "select",
            text("SELECT t.id, count(*) OVER () FROM Note AS t JOIN edges AS e ON e.source = t.id"),
        ),
        (
            "insert",
            text("INSERT INTO Note (id, title) VALUES ('c', 'x'), (NULL, 'y') RETURNING id, data"),
        ),
        (
            "replace",
            text(
                "REPLACE INTO Thing (id, int) SELECT id, stars FROM Note WHERE title LIKE '%milk'",
            ),
        ),
        (
            "update",
            text("UPDATE Note SET stars = stars + 1, tags = '[1, 2]' WHERE stars > 2 RETURNING *"),
        ),
        (
            "delete",
            text("WITH w(i) AS (SELECT 'b') DELETE FROM nodes WHERE id IN w RETURNING type"),
        ),
        (
            "edges",
            text(
                "INSERT OR IGNORE INTO edges (source, label, target) SELECT id, 'is', id FROM nodes",
            ),
        ),
        (
            "script",
            text(
                "BEGIN; INSERT INTO nodes (id, type, data) VALUES ('n', 'New', '{\"x\": 1}');
                 UPDATE New SET x = x + 1; SELECT x FROM New; DELETE FROM Thing; COMMIT; -- end",
            ),
        ),
        (
            "definition",
            text(
                "UPDATE nodes SET data = json_set(data, '$.closed', json('true')) WHERE type = '$type'",
            ),
        ),
    ]
}
