//! The engine through its public face: files, transactions, merge, SQL, import.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod check;
mod durable;
mod embedding;
mod facets;
mod fork;
mod graph;
mod held_texts;
mod jsonl;
mod live;
mod merge;
mod open;
mod outbox;
mod read;
mod saved;
mod search;
mod search_forms;
mod shared;
mod sql_calls;
mod sql_differ;
mod sql_read;
mod sql_upsert;
mod sql_write;
mod stamps;
mod timeline;
mod transaction;
mod types;
mod undo;
mod upgrade;
mod vectors;
mod waiting;
mod yjs;

use pluresdb::{Database, Error, Host, Options, SpaceId, SystemHost, Value};
use std::cell::Cell;
use std::rc::Rc;

/// A database in memory for one space, as another device would have it.
fn replica() -> Database {
    let options = Options { space: Some(SpaceId([7; 16])), ..Options::default() };
    Database::in_memory(Box::new(SystemHost), options).unwrap()
}

/// All records of a database, in the order of their arrival there.
fn log(db: &Database) -> Vec<Vec<u8>> {
    db.records_after(0, usize::MAX).unwrap().records
}

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

/// A clock that the test sets, and random bytes that count up from a seed. Two with one seed draw
/// the same actors.
#[derive(Debug, Clone)]
struct FixedHost {
    now: Rc<Cell<u64>>,
    seed: Rc<Cell<u8>>,
}

/// A day, in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;

impl FixedHost {
    fn new(seed: u8) -> Self {
        Self { now: Rc::new(Cell::new(1_000 * DAY)), seed: Rc::new(Cell::new(seed)) }
    }

    /// A database in memory on this host, as a device of the common space has it.
    fn replica(&self) -> Database {
        let options = Options { space: Some(SpaceId([7; 16])), ..Options::default() };
        Database::in_memory(Box::new(self.clone()), options).unwrap()
    }

    /// Moves the clock, by less than nothing as well.
    fn jump(&self, ms: i64) {
        self.now.set(self.now.get().saturating_add_signed(ms));
    }
}

impl Host for FixedHost {
    fn now_ms(&self) -> u64 {
        self.now.get()
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        buffer.fill(self.seed.get());
        self.seed.set(self.seed.get().wrapping_add(1));
        Ok(())
    }
}
