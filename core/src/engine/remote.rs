//! Records of other replicas, through the same commit path as our own.

use super::database::Database;
use super::error::Error;
use super::writer::Writer;
use crate::codec::Frame;
use crate::crypto::hash_record;
use crate::log::Pending;
use crate::model::{ActorId, Header, Part, Place, RecordHash};

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

/// What is to become of one record.
enum Verdict {
    Write { hash: RecordHash, parts: Vec<Part> },
    Known,
    Early,
    Reject(Error),
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
            report.rejected.push(Rejected { actor: None, seq: 0, error });
            return Ok(());
        }
    };
    let header = &frame.header;
    match judge(writer, &frame)? {
        Verdict::Write { hash, parts } => {
            writer.cache.clock.observe(header.hlc, now);
            writer.write_remote(header, hash, parts, bytes)?;
            report.applied += 1;
        }
        Verdict::Known => report.known += 1,
        // Where there is no room to wait, the next sync sees from the frontier what is missing.
        Verdict::Early => {
            let _ = pending.hold(header.actor, header.seq, bytes);
        }
        Verdict::Reject(error) => {
            report.rejected.push(Rejected { actor: Some(header.actor), seq: header.seq, error });
        }
    }
    Ok(())
}

/// Decides before anything is written, so that a record that is not taken leaves no trace.
fn judge(writer: &Writer<'_>, frame: &Frame<'_>) -> Result<Verdict, Error> {
    let header = &frame.header;
    if header.space != writer.space {
        let error = Error::OtherSpace { found: header.space, wanted: writer.space };
        return Ok(Verdict::Reject(error));
    }
    let hash = hash_record(frame.hashed);
    let fork = Verdict::Reject(Error::Fork { actor: header.actor, seq: header.seq });
    match writer.cache.head(&header.actor).place(header) {
        Place::Gap { .. } => return Ok(Verdict::Early),
        Place::Fork => return Ok(fork),
        Place::Past if stored_hash(writer, header)? == Some(hash) => return Ok(Verdict::Known),
        Place::Past => return Ok(fork),
        Place::Next => {}
    }
    let ready = header.deps.iter().all(|dep| writer.cache.head(&dep.actor).seq >= dep.seq);
    if !ready {
        return Ok(Verdict::Early);
    }
    Ok(match frame.parts() {
        Ok(parts) => Verdict::Write { hash, parts },
        Err(fault) => {
            let what = format!("record {} of actor {}", header.seq, header.actor);
            Verdict::Reject(Error::malformed(what, fault))
        }
    })
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
