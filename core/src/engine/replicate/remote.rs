//! Records of other replicas, through the same commit path as our own.

use crate::codec::Frame;
use crate::crypto::hash_record;
use crate::engine::commit::writer::Writer;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::replicate::fork::Fork;
use crate::engine::replicate::waiting::{Place, Stalled, first_due};
use crate::log::{Known, Standing, derived_actor, moved_record, standing};
use crate::model::{ActorId, Head, Header, Hlc, Part, RecordHash};
use rusqlite::OptionalExtension;
use std::collections::HashMap;
use std::ops::RangeInclusive;

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
    /// The actor that wrote here, where another writer has it as well: this database goes on as a
    /// new one, and nobody may lease the old one again.
    pub retired: Option<ActorId>,
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
        self.take_in(records, Source::Outside)
    }

    /// Applies records that have counted on this device before, as its own storage gives them back:
    /// as [`Database::apply`] does, except that none is held for its time, and that a fork which a
    /// record from outside has decided since this database was opened stays decided.
    pub fn replay<B: AsRef<[u8]>>(&mut self, records: &[B]) -> Result<Applied, Error> {
        self.take_in(records, Source::Storage)
    }

    /// Applies what waited for a time that has come by now; `None` where there is nothing like that.
    /// Shells call it from time to time, which costs one look at an index.
    pub fn settle(&mut self) -> Result<Option<Applied>, Error> {
        let due = first_due(&self.conn)?;
        let come = due.is_some_and(|due| due <= self.host.now_ms());
        come.then(|| self.apply::<&[u8]>(&[])).transpose()
    }

    pub(in crate::engine) fn take_in<B: AsRef<[u8]>>(
        &mut self,
        records: &[B],
        source: Source,
    ) -> Result<Applied, Error> {
        let (now, limit, own) = (self.host.now_ms(), self.waiting_limit, self.actor);
        let mut decided = self.decided.clone();
        let report = self.write(|writer| {
            let (report, decided) = (Applied::default(), &mut decided);
            let hold = Some(now);
            let mut intake = Intake { writer, now, source, hold, limit, own, decided, report };
            // What counts from now on is new here, and what storage gives back is not: a caller that
            // replays tells the two apart.
            if matches!(source, Source::Outside | Source::OutsideWaited) {
                for place in intake.writer.waiting_until(now)? {
                    intake.retake(&place)?;
                }
            } else {
                intake.hold = None;
            }
            for record in records {
                intake.take(record.as_ref())?;
            }
            let waiting = intake.writer.waiting(now)?;
            let mut report = intake.report;
            report.waiting = waiting.records as usize;
            report.stalled = waiting.stalled;
            Ok(report)
        })?;
        self.decided = decided;
        if report.retired.is_some() {
            self.renew_actor();
        }
        Ok(report)
    }
}

impl Database {
    /// Whether the record of this number came from outside since this database was opened.
    pub(in crate::engine) fn has_decided(&self, header: &Header) -> bool {
        self.decided.get(&header.actor).is_some_and(|decided| decided.contains(&header.seq))
    }
}

/// Where records come from, which decides what stays where a log has forked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Source {
    /// From a relay, which gives them to everybody else as well: they stay.
    Outside,
    /// The same, where they have counted on this device before and so are not held for their time.
    OutsideBefore,
    /// The same, where they came before and waited: what is here under their number came later.
    OutsideWaited,
    /// From this device's storage. All who read it read it in the same order, so what comes later
    /// stays, except where a record from outside is here: that one is, or will be, the last there.
    Storage,
    /// They were committed here and are not stored: what is here stays.
    Unstored,
}

impl Source {
    const fn is_outside(self) -> bool {
        matches!(self, Self::Outside | Self::OutsideBefore | Self::OutsideWaited)
    }
}

/// For each actor, which of its records came from outside since this database was opened.
pub(in crate::engine) type Decided = HashMap<ActorId, RangeInclusive<u64>>;

/// Records being taken in.
struct Intake<'a, 'c> {
    writer: &'a mut Writer<'c>,
    now: u64,
    source: Source,
    /// The time before which nothing counts, where that is to be kept.
    hold: Option<u64>,
    limit: u64,
    /// Who writes here.
    own: Option<ActorId>,
    decided: &'a mut Decided,
    report: Applied,
}

impl Intake<'_, '_> {
    /// Takes in one record and all that waited for it.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let placed = self.place(bytes, self.source == Source::OutsideWaited)?;
        self.take_waiting_for(placed)
    }

    /// Takes in one record that waited, and all that waited for it.
    fn retake(&mut self, place: &Place) -> Result<(), Error> {
        let Some(bytes) = self.writer.release(place)? else {
            return Ok(());
        };
        let placed = self.place(&bytes, true)?;
        self.take_waiting_for(placed)
    }

    fn take_waiting_for(&mut self, placed: Option<(ActorId, u64)>) -> Result<(), Error> {
        let mut applied: Vec<_> = placed.into_iter().collect();
        while let Some((actor, seq)) = applied.pop() {
            for place in self.writer.waiting_for(actor, seq)? {
                if let Some(bytes) = self.writer.release(&place)? {
                    applied.extend(self.place(&bytes, true)?);
                }
            }
        }
        Ok(())
    }

    /// Decides on one record before anything is written, so that one that is not taken leaves no
    /// trace. Gives its address if it was applied.
    fn place(&mut self, bytes: &[u8], waited: bool) -> Result<Option<(ActorId, u64)>, Error> {
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
        if let Some((derived, head)) = self.stray(header, hash, standing, waited)? {
            self.writer.unhold(header, hash)?;
            let (bytes, _) = moved_record(&frame, derived, head);
            let placed = self.place(&bytes, waited)?;
            for place in self.writer.waiting_for(header.actor, header.seq)? {
                self.retake(&place)?;
            }
            return Ok(placed);
        }
        match standing {
            Standing::WaitsFor { .. } | Standing::Held { .. } | Standing::Astray => {
                if standing == Standing::Astray {
                    self.report.astray.push((header.actor, header.seq));
                } else if self.source.is_outside() && !waited {
                    self.move_waiting(header, hash)?;
                }
                if !self.writer.hold(header, hash, bytes, standing, self.limit)? {
                    let (actor, seq) = (header.actor, header.seq);
                    self.reject(header, Error::WaitingFull { actor, seq });
                }
                return Ok(None);
            }
            Standing::Known => self.report.known += 1,
            Standing::Fork => return self.take_over(&frame, hash, bytes),
            Standing::Next => return self.write(&frame, hash, bytes),
        }
        self.writer.unhold(header, hash)?;
        Ok(None)
    }

    /// Where a record of a branch goes that does not stay: the actor, and the end of its log that the
    /// record follows.
    fn stray(
        &mut self,
        header: &Header,
        hash: RecordHash,
        standing: Standing,
        waited: bool,
    ) -> Result<Option<(ActorId, Head)>, Error> {
        let (actor, seq) = (header.actor, header.seq);
        match standing {
            Standing::Fork if waited || self.stays(header) => {
                let kept = self.writer.hash(&actor, seq)?.unwrap_or_default();
                self.begin_moved(header, hash, kept).map(Some)
            }
            // The record that stays has come, and waits: nothing stands under the number yet.
            Standing::Next if !waited && !self.source.is_outside() => {
                let kept = self.writer.waiting_beside(header, hash)?;
                kept.map(|kept| self.begin_moved(header, hash, kept)).transpose()
            }
            // The relay's log is taken in once more where it does not fit to the one here.
            _ if self.source.is_outside() && !waited => Ok(None),
            Standing::Astray => self.writer.continued_branch(header),
            Standing::WaitsFor { actor: waits_for, .. } if waits_for == actor => {
                self.writer.continued_branch(header)
            }
            _ => Ok(None),
        }
    }

    /// Notes that a branch is moved which begins with this record; gives the actor that it is of now, and the
    /// end of its log.
    fn begin_moved(
        &mut self,
        header: &Header,
        hash: RecordHash,
        kept: RecordHash,
    ) -> Result<(ActorId, Head), Error> {
        let (actor, seq) = (header.actor, header.seq);
        let moved_to = derived_actor(actor, hash);
        self.writer.note_fork(&Fork { actor, seq, kept, moved_to, at: self.now })?;
        for place in self.writer.waiting_for_moved(actor, seq)? {
            self.retake(&place)?;
        }
        Ok((moved_to, Head::default()))
    }

    /// Moves what waits under the number of a record from outside that will wait too, with what waits behind it.
    /// Of two from outside the later one stays, whether they count yet or not: a relay that lost its log has
    /// been filled with the other branch, and what it gives is what everybody else has.
    fn move_waiting(&mut self, header: &Header, hash: RecordHash) -> Result<(), Error> {
        let actor = header.actor;
        let before = Head { seq: header.seq - 1, hash: header.prev };
        let mut moving = None;
        let mut place = self.writer.waiting_after(actor, before, Some(hash))?;
        while let Some(bytes) =
            place.map(|place| self.writer.release(&place)).transpose()?.flatten()
        {
            let frame = Frame::read(&bytes)
                .map_err(|fault| Error::malformed("a record that waits", fault))?;
            let was = Head { seq: frame.header.seq, hash: hash_record(frame.hashed) };
            let (derived, end) = match moving {
                Some(moving) => moving,
                None => self.begin_moved(&frame.header, was.hash, hash)?,
            };
            let (moved, end) = moved_record(&frame, derived, end);
            moving = Some((derived, end));
            let placed = self.place(&moved, true)?;
            self.take_waiting_for(placed)?;
            place = self.writer.waiting_after(actor, was, None)?;
        }
        Ok(())
    }

    /// Whether the record here stays, where the one that comes has its number.
    fn stays(&self, header: &Header) -> bool {
        match self.source {
            Source::Outside | Source::OutsideBefore => false,
            Source::OutsideWaited | Source::Unstored => true,
            Source::Storage => {
                self.decided.get(&header.actor).is_some_and(|decided| decided.contains(&header.seq))
            }
        }
    }

    /// Notes whether the record that is the last of its actor now came from outside.
    fn decide(&mut self, header: &Header) {
        let (actor, seq) = (header.actor, header.seq);
        let before = self.decided.remove(&actor);
        let from = match before {
            Some(before) if *before.start() < seq && *before.end() >= seq - 1 => *before.start(),
            _ => seq,
        };
        let through = if self.source.is_outside() { seq } else { seq - 1 };
        if from <= through {
            self.decided.insert(actor, from..=through);
        }
    }

    /// Moves the branch that is here, and takes the record in its place: at once, or when its time has
    /// come or what it depends on. It need not be known by then what a relay still has.
    fn take_over(
        &mut self,
        frame: &Frame<'_>,
        hash: RecordHash,
        bytes: &[u8],
    ) -> Result<Option<(ActorId, u64)>, Error> {
        let header = &frame.header;
        if self.sound(frame)?.is_none() {
            return Ok(None);
        }
        let forks = self.writer.move_branch(header, hash, self.now)?;
        // The logs of the others stay as they were.
        self.report.forks.extend(forks.first());
        if let Some(decided) = self.decided.remove(&header.actor)
            && *decided.start() < header.seq
        {
            self.decided
                .insert(header.actor, *decided.start()..=(header.seq - 1).min(*decided.end()));
        }
        self.retire_writer_of(header);
        let placed = self.place(bytes, false)?;
        for Fork { actor, seq, moved_to, .. } in forks {
            let moved = self.writer.cache.head(&moved_to).seq;
            let mut places = self.writer.waiting_for_moved(actor, seq)?;
            // Records of the branch may have come under their new address before.
            places.extend(self.writer.waiting_for(moved_to, moved)?);
            for place in places {
                self.retake(&place)?;
            }
        }
        Ok(placed)
    }

    fn write(
        &mut self,
        frame: &Frame<'_>,
        hash: RecordHash,
        bytes: &[u8],
    ) -> Result<Option<(ActorId, u64)>, Error> {
        let header = &frame.header;
        self.writer.unhold(header, hash)?;
        let Some(parts) = self.sound(frame)? else {
            return Ok(None);
        };
        self.writer.cache.clock.observe(header.hlc);
        self.writer.write_remote(header, hash, parts, bytes)?;
        self.report.applied += 1;
        self.decide(header);
        self.retire_writer_of(header);
        Ok(Some((header.actor, header.seq)))
    }

    /// What a record that follows what is here says; it is rejected where it cannot be taken.
    fn sound(&mut self, frame: &Frame<'_>) -> Result<Option<Vec<Part>>, Error> {
        let header = &frame.header;
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
        Ok(Some(parts))
    }

    /// A record of who writes here was written elsewhere, or by another session.
    fn retire_writer_of(&mut self, header: &Header) {
        if self.own == Some(header.actor) && self.source != Source::Unstored {
            self.report.retired = self.own;
        }
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
