//! What of a database's log its journal holds, and what waits to go there.
//!
//! For shells whose database is in memory and becomes durable by a journal that several of them
//! append to, as the tabs of a page do. It keeps three things true: what is in the log and not in
//! the journal is appended; what left the log before that, since its branch was moved, is not; and
//! a log counts as durable no further than the journal has it.

use super::remote::{Applied, Source};
use crate::codec::Frame;
use crate::crypto::hash_record;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::replicate::records::record;
use crate::log::Succession;
use crate::model::{ActorId, Frontier, Header};
use std::collections::{BTreeSet, HashSet};

/// Bytes read from the log at once.
const READ_BYTES: usize = 1024 * 1024;

/// Records to be appended to the journal.
#[derive(Debug, Clone)]
pub struct Append {
    /// Whole records, in order.
    pub records: Vec<Vec<u8>>,
    /// What that does to the stored logs; the journal keeps to it in the same step.
    pub successions: Vec<Succession>,
}

/// See the module.
///
/// An append is begun with [`Outbox::begin`], of which one is under way at a time, and ends with
/// [`Outbox::stored`] or [`Outbox::failed`]. Meanwhile the database may change in any way.
#[derive(Debug)]
pub struct Outbox {
    /// Everything of the log up to here is in the journal, in `under_way` or in `records`.
    position: i64,
    records: Vec<Vec<u8>>,
    under_way: Vec<Vec<u8>>,
    durable: Frontier,
    /// Whom the records here were written as by this database.
    own: BTreeSet<ActorId>,
}

impl Outbox {
    /// Of a database that is the image of a journal: all of it is durable.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of(image: &mut Database) -> Result<Self, Error> {
        Ok(Self {
            position: image.position()?,
            records: Vec::new(),
            under_way: Vec::new(),
            durable: image.frontier()?,
            own: BTreeSet::new(),
        })
    }

    /// How far the log of each actor is durable.
    #[must_use]
    pub const fn durable(&self) -> &Frontier {
        &self.durable
    }

    /// Takes what was committed or taken in since the last call.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn collect(&mut self, database: &Database) -> Result<(), Error> {
        // Nobody else has a database in memory open, so its cache knows that there is nothing new. Where the
        // log ends only the log tells: positions were passed over, or are free again.
        while self.position < database.cache.position {
            let batch = database.records_after(self.position, READ_BYTES)?;
            if batch.records.is_empty() {
                break;
            }
            self.own.extend(database.actor());
            self.position = batch.position;
            self.records.extend(batch.records);
        }
        Ok(())
    }

    /// How many records are not known to be stored.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.under_way.len() + self.records.len()
    }

    /// Whether all that was collected is stored.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the records that are not known to be stored.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.under_way.iter().chain(&self.records).map(Vec::len).sum()
    }

    /// Begins an append of all that is to be stored; `None` where there is nothing.
    pub fn begin(&mut self, database: &Database) -> Option<Append> {
        self.under_way.append(&mut self.records);
        let is_own = |header: &Header| {
            // What came from outside as an actor that wrote here is another branch.
            self.own.contains(&header.actor) && !database.has_decided(header)
        };
        (!self.under_way.is_empty()).then(|| Append {
            records: self.under_way.clone(),
            successions: Succession::of(&self.under_way, is_own),
        })
    }

    /// The append that was begun is done: its records are durable.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn stored(&mut self, database: &Database) -> Result<(), Error> {
        let records = std::mem::take(&mut self.under_way);
        self.advance(database, &records)
    }

    /// The append that was begun failed: its records may be stored or not. Those that are in the log
    /// still are stored with the next one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn failed(&mut self, database: &Database) -> Result<(), Error> {
        let mut records = std::mem::take(&mut self.under_way);
        records.append(&mut self.records);
        self.records = self.unstored(database, records)?;
        Ok(())
    }

    /// Takes note of what [`Database::apply`] or [`Database::settle`] did: records of a branch that
    /// was moved are of another actor now, whether they are durable or not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn note(&mut self, database: &Database, applied: &Applied) -> Result<(), Error> {
        for fork in &applied.forks {
            self.durable.cut(fork.actor, fork.seq - 1);
        }
        if !applied.forks.is_empty() {
            let records = std::mem::take(&mut self.records);
            self.records = self.unstored(database, records)?;
        }
        Ok(())
    }

    /// Applies what others appended to the journal. What comes into the log by that and is not among
    /// the records, as what waited for them, is to be stored.
    ///
    /// # Errors
    /// When storage fails.
    pub fn catch_up<B: AsRef<[u8]>>(
        &mut self,
        database: &mut Database,
        records: &[B],
    ) -> Result<Applied, Error> {
        self.collect(database)?;
        let applied = database.replay(records)?;
        self.note(database, &applied)?;
        let stored: HashSet<&[u8]> = records.iter().map(AsRef::as_ref).collect();
        self.collect_but(database, &stored)?;
        self.advance(database, records)?;
        // An append that failed may have stored what is here.
        let records = std::mem::take(&mut self.records);
        self.records = self.unstored(database, records)?;
        Ok(applied)
    }

    /// Goes on with a database that was read anew from the journal, and its outbox: what is not
    /// known to be stored of the old one is brought into it.
    ///
    /// # Errors
    /// When storage fails.
    pub fn reload(
        &mut self,
        old: &Database,
        new: &mut Database,
        mut outbox: Self,
    ) -> Result<Applied, Error> {
        self.collect(old)?;
        outbox.own.append(&mut self.own);
        let mut report = Applied::default();
        for bytes in self.under_way.iter().chain(&self.records) {
            let outside = Frame::read(bytes).is_ok_and(|frame| old.has_decided(&frame.header));
            let source = if outside { Source::OutsideBefore } else { Source::Unstored };
            let mut applied = new.take_in(std::slice::from_ref(bytes), source)?;
            outbox.note(new, &applied)?;
            report.forks.append(&mut applied.forks);
            report.rejected.append(&mut applied.rejected);
            report.retired = report.retired.or(applied.retired);
        }
        // What waits in memory is not in the journal, and a cursor may have passed it.
        let mut statement = old.conn.prepare_cached("SELECT bytes FROM pdb_waiting")?;
        let waiting = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        for bytes in waiting.collect::<Result<Vec<_>, _>>()? {
            // Where its number is taken in the old log, by what came later, that stays here too. Else the
            // journal may have the branch that was moved to make room.
            let later = Frame::read(&bytes)
                .is_ok_and(|Frame { header, .. }| old.cache.head(&header.actor).seq >= header.seq);
            let source = if later { Source::OutsideWaited } else { Source::Outside };
            let mut applied = new.take_in(&[bytes], source)?;
            outbox.note(new, &applied)?;
            report.forks.append(&mut applied.forks);
            report.retired = report.retired.or(applied.retired);
        }
        // Whether these are stored is known when their append ends.
        outbox.under_way = std::mem::take(&mut self.under_way);
        let under_way = outbox.under_way.clone();
        outbox.collect_but(new, &under_way.iter().map(Vec::as_slice).collect())?;
        *self = outbox;
        Ok(report)
    }

    fn collect_but(&mut self, database: &Database, but: &HashSet<&[u8]>) -> Result<(), Error> {
        let known = self.records.len();
        self.collect(database)?;
        let news = self.records.split_off(known);
        self.records.extend(news.into_iter().filter(|record| !but.contains(record.as_slice())));
        Ok(())
    }

    /// Those of the records that are in the log and not known to be in the journal.
    fn unstored(&self, database: &Database, records: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Error> {
        let mut left = Vec::with_capacity(records.len());
        for record in records {
            let Ok(frame) = Frame::read(&record) else { continue };
            let is_stored = self.durable.get(&frame.header.actor) >= frame.header.seq;
            if !is_stored && database.has(&frame)? {
                left.push(record);
            }
        }
        Ok(left)
    }

    /// These records are in the journal. Where the log has another one in the place of one of them,
    /// that one is not.
    fn advance<B: AsRef<[u8]>>(&mut self, database: &Database, stored: &[B]) -> Result<(), Error> {
        // From behind: the last one of a log is looked up, and those before it are known by it.
        for record in stored.iter().rev() {
            let Ok(frame) = Frame::read(record.as_ref()) else { continue };
            let (actor, seq) = (frame.header.actor, frame.header.seq);
            if self.durable.get(&actor) < seq && database.has(&frame)? {
                self.durable.advance(actor, seq);
            }
        }
        Ok(())
    }
}

impl Database {
    /// Whether this record is in the log, under its address.
    fn has(&self, frame: &Frame<'_>) -> Result<bool, Error> {
        let (actor, seq) = (frame.header.actor, frame.header.seq);
        let Some(row) = self.cache.actors.get(&actor) else {
            return Ok(false);
        };
        if row.head.seq == seq {
            return Ok(row.head.hash == hash_record(frame.hashed));
        }
        match record(&self.conn, row.num, seq)? {
            Some(bytes) => {
                let known = Frame::read(&bytes)
                    .map_err(|fault| Error::malformed("a record of the log", fault))?;
                Ok(known.hashed == frame.hashed)
            }
            // What was forgotten was in the log.
            None => Ok(seq < row.head.seq),
        }
    }
}
