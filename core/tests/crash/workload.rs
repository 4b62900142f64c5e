//! The workload: 300 transactions, each one record, and what is expected after each.

use pluresdb::codec::Frame;
use pluresdb::crypto::hash_record;
use pluresdb::model::RecordHash;
use pluresdb::{ActorId, Database, Error, Host, Options, SpaceId, Value, object};
use std::collections::HashMap;

pub(crate) const TRANSACTIONS: usize = 300;
pub(crate) const ACTOR: ActorId = ActorId([1; 16]);
pub(crate) const OPTIONS: Options = Options { space: Some(SpaceId([7; 16])), text_index: true };

/// A clock that stands; the counter behind it goes on.
#[derive(Debug)]
pub(crate) struct StandingHost;

impl Host for StandingHost {
    fn now_ms(&self) -> u64 {
        1_700_000_000_000
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        buffer.fill(9);
        Ok(())
    }
}

/// What is there after a number of transactions.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// Every record written.
    pub(crate) log: Vec<Vec<u8>>,
    /// The hash of the state after none, one, two of them.
    pub(crate) states: Vec<String>,
}

impl Expected {
    /// Notes what the database is now.
    pub(crate) fn note(&mut self, db: &Database) {
        self.log = log(db);
        self.states.push(db.state_hash().unwrap());
    }
}

/// The n-th transaction, from 0: puts, changes, deletes, edges, several nodes at once.
pub(crate) fn transact(db: &mut Database, n: usize) {
    let id = |n: usize| format!("node {}", n % 90);
    let text = |n: usize| Value::Text(format!("text {n} of the workload ").repeat(1 + n % 7));
    db.transaction(|tx| {
        match n % 5 {
            0 => tx.put(&id(n), "Note", object([("n", (n as i64).into()), ("text", text(n))]))?,
            1 => {
                tx.put(&id(n), "Note", object([("n", (n as i64).into())]))?;
                tx.put(&id(n + 40), "Task", object([("text", text(n)), ("done", true.into())]))?;
                tx.link(&id(n), "next", &id(n + 40), object([]))?;
            }
            2 => {
                tx.delete(&id(n - 1))?;
                tx.put(&id(n), "Task", object([("n", (n as i64).into())]))?;
            }
            _ => {
                for more in 0..3 {
                    tx.put(&id(n + more * 11), "Note", object([("text", text(n + more))]))?;
                }
            }
        }
        Ok(())
    })
    .unwrap();
}

pub(crate) fn new_database() -> Database {
    let mut db = Database::in_memory(Box::new(StandingHost), OPTIONS).unwrap();
    db.set_actor(ACTOR).unwrap();
    db
}

pub(crate) fn log(db: &Database) -> Vec<Vec<u8>> {
    db.records_after(0, usize::MAX).unwrap().records
}

/// Panics unless the database is what it was after a number of transactions from `acked` to
/// `begun`. Gives that number.
#[track_caller]
pub(crate) fn is_whole(
    db: &Database,
    expected: &Expected,
    acked: usize,
    begun: usize,
    what: &str,
) -> usize {
    let found = log(db);
    let count = found.len();
    assert!(count >= acked, "{what}: {count} transactions are there, {acked} were acknowledged");
    assert!(count <= begun, "{what}: {count} transactions are there, {begun} were begun");
    assert!(found == expected.log[..count], "{what}: the log is another one");
    assert_eq!(db.state_hash().unwrap(), expected.states[count], "{what}: after {count}");
    count
}

/// Panics unless these records are one actor's log from its start.
#[track_caller]
pub(crate) fn is_chain(records: &[Vec<u8>], what: &str) {
    let mut heads: HashMap<ActorId, (u64, RecordHash)> = HashMap::new();
    for record in records {
        let frame = Frame::read(record).unwrap();
        let (seq, prev) = heads.get(&frame.header.actor).copied().unwrap_or_default();
        assert_eq!((frame.header.seq, frame.header.prev), (seq + 1, prev), "{what}");
        heads.insert(frame.header.actor, (seq + 1, hash_record(frame.hashed)));
    }
}
