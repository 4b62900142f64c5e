//! Opening a database from a journal, as the shells do, and going on with it.

use crate::workload::{
    ACTOR, Expected, OPTIONS, StandingHost, is_chain, is_whole, log, new_database, transact,
};
use pluresdb::Database;
use pluresdb::journal::{Journal, Position, Read, load, save};
use std::future::Future;
use std::task::{Context, Poll, Waker};

/// Transactions between two checkpoints.
const CHECKPOINT_EVERY: usize = 45;

/// The journals of tests wait for nothing.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a journal of a test waits for nothing"),
    }
}

/// Runs the workload; `acknowledged` is called after each transaction that is durable.
pub(crate) fn run<J: Journal>(journal: &J, mut acknowledged: impl FnMut()) -> Expected {
    let mut db = new_database();
    let mut expected = Expected::default();
    expected.note(&db);
    let mut written = 0;
    for n in 0..crate::workload::TRANSACTIONS {
        transact(&mut db, n);
        let batch = db.records_after(written, usize::MAX).unwrap();
        written = batch.position;
        let position = now(journal.append(&batch.records)).unwrap();
        acknowledged();
        expected.note(&db);
        if (n + 1) % CHECKPOINT_EVERY == 0 {
            checkpoint(journal, &mut db, position);
        }
    }
    is_chain(&expected.log, "the workload");
    expected
}

pub(crate) fn checkpoint<J: Journal>(journal: &J, db: &mut Database, covered: Position) {
    let image = db.with_image(<[u8]>::to_vec).unwrap();
    now(save(journal, &image, covered, async || {})).unwrap().unwrap();
}

/// Why a database could not be opened from its journal, as a shell would tell its user.
pub(crate) type Told = String;

/// The newest whole image and the records behind it.
pub(crate) fn open<J: Journal>(journal: &J) -> Result<(Database, Position), Told> {
    let told = |error: &dyn std::error::Error| error.to_string();
    let loaded = now(load(journal)).map_err(|error| told(&error))?;
    let mut db = match &loaded.image {
        Some(image) => Database::from_image(image, Box::new(StandingHost), OPTIONS),
        None => Database::in_memory(Box::new(StandingHost), OPTIONS),
    }
    .map_err(|error| told(&error))?;
    let mut seen = loaded.covered;
    loop {
        let read = now(journal.read(seen, 64 * 1024)).map_err(|error| told(&error))?;
        let Read::Records { records, last } = read else {
            return Err("both images are damaged".into());
        };
        if records.is_empty() {
            return Ok((db, seen));
        }
        let report = db.apply(&records).map_err(|error| told(&error))?;
        if let Some(rejected) = report.rejected.first() {
            return Err(rejected.error.to_string());
        }
        if report.waiting > 0 {
            return Err(format!("{} records wait for others", report.waiting));
        }
        seen = last;
    }
}

/// Opens after a crash, looks at everything, writes on, takes a checkpoint, and opens again.
pub(crate) fn survives<J: Journal>(
    open_journal: impl Fn() -> J,
    expected: &Expected,
    acked: usize,
    begun: usize,
    what: &str,
) {
    let journal = open_journal();
    let (mut db, position) = open(&journal).unwrap_or_else(|told| panic!("{what}: {told}"));
    let count = is_whole(&db, expected, acked, begun, what);
    db.set_actor(ACTOR).unwrap();
    transact(&mut db, count);
    let after = log(&db);
    assert_eq!(after.len(), count + 1, "{what}");
    is_chain(&after, what);
    let appended = now(journal.append(&after[count..])).unwrap();
    assert!(appended > position, "{what}: position {appended} after {position}");
    checkpoint(&journal, &mut db, appended);
    let (again, _) = open(&journal).unwrap_or_else(|told| panic!("{what}, opened again: {told}"));
    assert!(log(&again) == after, "{what}: what was written after the crash is not there");
    assert_eq!(again.state_hash().unwrap(), db.state_hash().unwrap(), "{what}");
}
