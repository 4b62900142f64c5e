//! Records of other replicas, through the same commit path as our own.

use super::database::Database;
use super::error::Error;
use super::writer::Writer;
use crate::codec::{Frame, read_parts};
use crate::crypto::hash_record;
use crate::log::{Pending, Place, place};
use crate::model::{ActorId, Header, RecordHash};

/// What became of the records handed to [`Database::apply`].
#[derive(Debug, Default)]
pub struct Applied {
    /// Records that were new and are in now, those that had waited included.
    pub applied: usize,
    /// Records that were here already.
    pub known: usize,
    /// Records that wait in memory for what they build on.
    pub waiting: usize,
    /// Records that were not taken, each with the reason.
    pub rejected: Vec<Rejected>,
}

/// A record that was not taken.
#[derive(Debug)]
pub struct Rejected {
    /// Its writer, where the header could be read.
    pub actor: Option<ActorId>,
    /// Its sequence number, 0 where the header could not be read.
    pub seq: u64,
    /// Why.
    pub error: Error,
}

enum Outcome {
    Applied,
    Known,
    Early,
}

impl Database {
    /// Applies records of other replicas, in any order, in one SQLite transaction.
    ///
    /// A record that comes before what it builds on waits in memory. One that cannot be read, is
    /// of another space or forks a log is rejected, with the reason, and does not stop the others.
    ///
    /// # Errors
    /// When storage fails; then none of the records is in.
    pub fn apply<B: AsRef<[u8]>>(&mut self, records: &[B]) -> Result<Applied, Error> {
        let mut pending = std::mem::take(&mut self.pending);
        let now = self.host.now_ms();
        let outcome = self.write(|writer| {
            let mut report = Applied::default();
            for record in records {
                take_in(writer, &mut pending, record.as_ref(), now, &mut report)?;
            }
            settle(writer, &mut pending, now, &mut report)?;
            Ok(report)
        });
        if outcome.is_ok() {
            // After a failure what had waited is gone from memory and comes again with the sync.
            self.pending = pending;
        }
        outcome
    }
}

/// Applies what waited, for as long as that lets further records follow.
fn settle(
    writer: &mut Writer<'_>,
    pending: &mut Pending,
    now: u64,
    report: &mut Applied,
) -> Result<(), Error> {
    loop {
        let before = report.applied;
        for record in pending.take() {
            take_in(writer, pending, &record, now, report)?;
        }
        if pending.is_empty() || report.applied == before {
            report.waiting = pending.len();
            return Ok(());
        }
    }
}

fn take_in(
    writer: &mut Writer<'_>,
    pending: &mut Pending,
    bytes: &[u8],
    now: u64,
    report: &mut Applied,
) -> Result<(), Error> {
    let frame = match Frame::read(bytes) {
        Ok(frame) => frame,
        Err(fault) => {
            let error = Error::malformed("a record's frame", fault);
            report.rejected.push(Rejected {
                actor: None,
                seq: 0,
                error,
            });
            return Ok(());
        }
    };
    let (actor, seq) = (frame.header.actor, frame.header.seq);
    match apply_one(writer, &frame, bytes, now) {
        Ok(Outcome::Applied) => report.applied += 1,
        Ok(Outcome::Known) => report.known += 1,
        Ok(Outcome::Early) if pending.hold(actor, seq, bytes) => {}
        Ok(Outcome::Early) => {
            // No room to wait: the sync sees from the frontier that it is missing.
        }
        Err(error @ (Error::Storage(_) | Error::Busy)) => return Err(error),
        Err(error) => report.rejected.push(Rejected {
            actor: Some(actor),
            seq,
            error,
        }),
    }
    Ok(())
}

fn apply_one(
    writer: &mut Writer<'_>,
    frame: &Frame<'_>,
    bytes: &[u8],
    now: u64,
) -> Result<Outcome, Error> {
    let header = &frame.header;
    if header.space != writer.space {
        return Err(Error::OtherSpace {
            found: header.space,
            wanted: writer.space,
        });
    }
    let hash = hash_record(frame.hashed);
    let fork = || Error::Fork {
        actor: header.actor,
        seq: header.seq,
    };
    match place(writer.cache.head(&header.actor), header) {
        Place::Gap { .. } => return Ok(Outcome::Early),
        Place::Fork => return Err(fork()),
        Place::Past if stored_hash(writer, header)? == Some(hash) => return Ok(Outcome::Known),
        Place::Past => return Err(fork()),
        Place::Next => {}
    }
    let ready = header
        .deps
        .iter()
        .all(|dep| writer.cache.head(&dep.actor).seq >= dep.seq);
    if !ready {
        return Ok(Outcome::Early);
    }
    // Read whole before anything is written, so that a malformed record leaves no trace.
    let what = || format!("record {} of actor {}", header.seq, header.actor);
    let body = frame
        .body()
        .map_err(|fault| Error::malformed(what(), fault))?;
    let parts = read_parts(&body).map_err(|fault| Error::malformed(what(), fault))?;
    writer.cache.clock.observe(header.hlc, now);
    writer.write(header, hash, &parts, bytes)?;
    Ok(Outcome::Applied)
}

fn stored_hash(writer: &Writer<'_>, header: &Header) -> Result<Option<RecordHash>, Error> {
    let Some(actor) = writer.cache.actors.get(&header.actor) else {
        return Ok(None);
    };
    let stored = super::history::record(writer.conn, actor.num, header.seq)?;
    stored
        .map(|bytes| {
            let frame = Frame::read(&bytes)
                .map_err(|fault| Error::malformed("a record of the log", fault))?;
            Ok(hash_record(frame.hashed))
        })
        .transpose()
}
