//! Records of other replicas, through the same commit path as our own.

use crate::codec::Frame;
use crate::crypto::hash_record;
use crate::engine::commit::writer::Writer;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::replicate::fork::Fork;
use crate::engine::replicate::waiting::{Place, Stalled, first_due};
use crate::log::{Known, Standing, standing};
use crate::model::{ActorId, Head, Header, Hlc, RecordHash};
use rusqlite::OptionalExtension;

/// What became of the records handed to [`Database::apply`].
#[derive(Debug, Default)]
pub struct Applied {
    /// Records that were new and are in now, those that had waited included.
    pub applied: usize,
    /// Records that were here already.
    pub known: usize,
    /// Records that wait in the database now, for what they build on or for their time; those of
    /// earlier calls included.
    pub waiting: usize,
    /// Actors of which records wait for a time more than a day ahead.
    pub stalled: Vec<Stalled>,
    /// Logs that had forked, and what was done about it.
    pub forks: Vec<Fork>,
    /// Records that continue another branch of their actor's log than the one here: actor and
    /// number. They wait, and whoever sent them is to send that log from further back.
    pub astray: Vec<(ActorId, u64)>,
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

impl Applied {
    /// A record that was not taken for want of room. A sync cursor must not pass it: it is neither
    /// here nor will it be sent again.
    #[must_use]
    pub fn unstored(&self) -> Option<&Rejected> {
        self.rejected.iter().find(|rejected| matches!(rejected.error, Error::WaitingFull { .. }))
    }
}

impl Database {
    /// Applies records of other replicas, in any order, in one SQLite transaction.
    ///
    /// A record that comes before what it builds on waits in the database, and so does one whose
    /// stamp is more than five minutes ahead of the clock here, until its time comes. One that
    /// cannot be read or is of another space is rejected, with the reason, and does not stop the
    /// others.
    ///
    /// Where a record has the number of another one that is here, two writers were one actor. The
    /// record that comes stays, since a relay gives it to everybody else as well; the branch that
    /// was here is moved, unchanged, to an actor derived from it.
    ///
    /// # Errors
    /// When storage fails; then none of the records is in.
    pub fn apply<B: AsRef<[u8]>>(&mut self, records: &[B]) -> Result<Applied, Error> {
        let now = self.host.now_ms();
        self.take_in(records, now, Some(now))
    }

    /// Applies records that have counted on this device before, as its own storage gives them back:
    /// as [`Database::apply`] does, except that none is held for its time.
    pub fn replay<B: AsRef<[u8]>>(&mut self, records: &[B]) -> Result<Applied, Error> {
        let now = self.host.now_ms();
        self.take_in(records, now, None)
    }

    /// Applies what waited for a time that has come by now; `None` where there is nothing like that.
    /// Shells call it from time to time, which costs one look at an index.
    pub fn settle(&mut self) -> Result<Option<Applied>, Error> {
        let due = first_due(&self.conn)?;
        let come = due.is_some_and(|due| due <= self.host.now_ms());
        come.then(|| self.apply::<&[u8]>(&[])).transpose()
    }

    fn take_in<B: AsRef<[u8]>>(
        &mut self,
        records: &[B],
        now: u64,
        hold: Option<u64>,
    ) -> Result<Applied, Error> {
        let limit = self.waiting_limit;
        let report = self.write(|writer| {
            let report = Applied::default();
            let mut intake = Intake { writer, now, hold: Some(now), limit, report };
            // What counts from now on is new here, and what storage gives back is not: a caller that
            // replays tells the two apart.
            let come = hold.map(|now| intake.writer.waiting_until(now)).transpose()?;
            for place in come.unwrap_or_default() {
                intake.retake(&place)?;
            }
            intake.hold = hold;
            for record in records {
                intake.take(record.as_ref())?;
            }
            let waiting = intake.writer.waiting(now)?;
            let mut report = intake.report;
            report.waiting = waiting.records as usize;
            report.stalled = waiting.stalled;
            Ok(report)
        })?;
        if report.forks.iter().any(|fork| Some(fork.actor) == self.actor) {
            self.renew_actor();
        }
        Ok(report)
    }
}

/// Records being taken in.
struct Intake<'a, 'c> {
    writer: &'a mut Writer<'c>,
    now: u64,
    /// The time before which nothing counts, where that is to be kept.
    hold: Option<u64>,
    limit: u64,
    report: Applied,
}

impl Intake<'_, '_> {
    /// Takes in one record and all that waited for it.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut applied = self.place(bytes)?.into_iter().collect::<Vec<_>>();
        while let Some((actor, seq)) = applied.pop() {
            for place in self.writer.waiting_for(actor, seq)? {
                if let Some(bytes) = self.writer.release(&place)? {
                    applied.extend(self.place(&bytes)?);
                }
            }
        }
        Ok(())
    }

    /// Takes in one record that waited.
    fn retake(&mut self, place: &Place) -> Result<(), Error> {
        match self.writer.release(place)? {
            Some(bytes) => self.take(&bytes),
            None => Ok(()),
        }
    }

    /// Decides on one record before anything is written, so that one that is not taken leaves no
    /// trace. Gives its address if it was applied.
    fn place(&mut self, bytes: &[u8]) -> Result<Option<(ActorId, u64)>, Error> {
        let frame = match Frame::read(bytes) {
            Ok(frame) => frame,
            Err(fault) => {
                let error = Error::malformed("a record's frame", fault);
                self.report.rejected.push(Rejected { actor: None, seq: 0, error });
                return Ok(None);
            }
        };
        let header = &frame.header;
        if header.space != self.writer.space {
            let (found, wanted) = (header.space, self.writer.space);
            self.reject(header, Error::OtherSpace { found, wanted });
            return Ok(None);
        }
        let hash = hash_record(frame.hashed);
        let standing = standing(&*self.writer, header, hash, self.hold)?;
        match standing {
            Standing::WaitsFor { .. } | Standing::Held { .. } | Standing::Astray => {
                if standing == Standing::Astray {
                    self.report.astray.push((header.actor, header.seq));
                }
                if !self.writer.hold(header, hash, bytes, standing, self.limit)? {
                    let (actor, seq) = (header.actor, header.seq);
                    self.reject(header, Error::WaitingFull { actor, seq });
                }
                return Ok(None);
            }
            Standing::Known => self.report.known += 1,
            Standing::Next | Standing::Fork => return self.write(&frame, hash, bytes, standing),
        }
        self.writer.unhold(header, hash)?;
        Ok(None)
    }

    fn write(
        &mut self,
        frame: &Frame<'_>,
        hash: RecordHash,
        bytes: &[u8],
        standing: Standing,
    ) -> Result<Option<(ActorId, u64)>, Error> {
        let header = &frame.header;
        self.writer.unhold(header, hash)?;
        let parts = match frame.parts() {
            Ok(parts) => parts,
            Err(fault) => {
                let what = format!("record {} of actor {}", header.seq, header.actor);
                self.reject(header, Error::malformed(what, fault));
                return Ok(None);
            }
        };
        if self.writer.stamp_before(header)?.is_some_and(|before| header.hlc <= before) {
            let (actor, seq) = (header.actor, header.seq);
            self.reject(header, Error::NotLater { actor, seq });
            return Ok(None);
        }
        let mut derived = None;
        if standing == Standing::Fork {
            let fork = self.writer.move_branch(header, hash, self.now)?;
            derived = Some(fork.moved_to);
            self.report.forks.push(fork);
        }
        self.writer.cache.clock.observe(header.hlc);
        self.writer.write_remote(header, hash, parts, bytes)?;
        self.report.applied += 1;
        if let Some(derived) = derived {
            let moved = self.writer.cache.head(&derived).seq;
            let mut places = self.writer.waiting_for_moved(header.actor, header.seq)?;
            // Records of the branch may have come under their new address before.
            places.extend(self.writer.waiting_for(derived, moved)?);
            for place in places {
                self.retake(&place)?;
            }
        }
        Ok(Some((header.actor, header.seq)))
    }

    fn reject(&mut self, header: &Header, error: Error) {
        let (actor, seq) = (Some(header.actor), header.seq);
        self.report.rejected.push(Rejected { actor, seq, error });
    }
}

impl Writer<'_> {
    /// The stamp of the record that this one follows; `None` for a first one.
    fn stamp_before(&self, header: &Header) -> Result<Option<Hlc>, Error> {
        let (before, row) = (header.seq - 1, self.cache.actors.get(&header.actor));
        let Some(row) = row.filter(|_| before > 0) else {
            return Ok(None);
        };
        if row.head.seq == before && row.last.is_some() {
            return Ok(row.last);
        }
        if let Some(stored) = crate::engine::replicate::records::record(self.conn, row.num, before)?
        {
            let frame = Frame::read(&stored)
                .map_err(|fault| Error::malformed("a record of the log", fault))?;
            return Ok(Some(frame.header.hlc));
        }
        let forgotten: Option<i64> = self
            .conn
            .prepare_cached(
                "SELECT forgotten_hlc FROM pdb_actor WHERE num = ?1 AND forgotten = ?2",
            )?
            .query_row((row.num, before as i64), |row| row.get(0))
            .optional()?
            .flatten();
        Ok(forgotten.map(|hlc| Hlc(hlc as u64)))
    }
}

impl Known<Error> for Writer<'_> {
    fn head(&self, actor: &ActorId) -> Head {
        self.cache.head(actor)
    }

    fn hash(&self, actor: &ActorId, seq: u64) -> Result<Option<RecordHash>, Error> {
        let Some(row) = self.cache.actors.get(actor) else {
            return Ok(None);
        };
        if row.head.seq == seq {
            return Ok(Some(row.head.hash));
        }
        let Some(stored) = crate::engine::replicate::records::record(self.conn, row.num, seq)?
        else {
            let last: Option<[u8; 32]> = self
                .conn
                .prepare_cached(
                    "SELECT forgotten_hash FROM pdb_actor WHERE num = ?1 AND forgotten = ?2",
                )?
                .query_row((row.num, seq as i64), |row| row.get(0))
                .optional()?
                .flatten();
            return Ok(last.map(RecordHash));
        };
        let frame =
            Frame::read(&stored).map_err(|fault| Error::malformed("a record of the log", fault))?;
        Ok(Some(hash_record(frame.hashed)))
    }

    fn forgotten(&self, actor: &ActorId) -> Result<u64, Error> {
        let forgotten: Option<i64> = self
            .conn
            .prepare_cached("SELECT forgotten FROM pdb_actor WHERE actor = ?1")?
            .query_row([actor.0], |row| row.get(0))
            .optional()?;
        Ok(forgotten.unwrap_or_default() as u64)
    }

    fn moved_from(&self, actor: &ActorId) -> Result<Option<u64>, Error> {
        let from: Option<i64> = self
            .conn
            .prepare_cached("SELECT min(seq) FROM pdb_fork WHERE actor = ?1")?
            .query_row([actor.0], |row| row.get(0))?;
        Ok(from.map(|from| from as u64))
    }
}
