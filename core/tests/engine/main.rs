//! The engine through its public face: files, transactions, merge, SQL, import.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod durable;
mod jsonl;
mod merge;
mod read;
mod transaction;
mod undo;

use pluresdb::{Database, Error, Host, Options, SpaceId, SystemHost, Value};

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

/// A clock that the test sets, and random bytes that count up.
#[derive(Debug, Clone)]
struct FixedHost {
    now: u64,
    seed: u8,
}

impl Host for FixedHost {
    fn now_ms(&self) -> u64 {
        self.now
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        buffer.fill(self.seed);
        Ok(())
    }
}
