//! The chain of every actor's log.

use super::{CheckStep, FaultPlace, Faults};
use crate::codec::Frame;
use crate::crypto::hash_record;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::model::{ActorId, Head, Hlc, Place, RecordHash, SpaceId};

/// An actor's log, followed from its first record that is here.
#[derive(Debug)]
pub(in crate::engine) struct Chain {
    pub(in crate::engine) num: i64,
    pub(in crate::engine) actor: ActorId,
    /// The last record up to which all is well.
    pub(in crate::engine) good: Head,
    /// The record before that one.
    before: Head,
    last: Hlc,
    /// The end of the log, as the table of actors has it.
    stated: Head,
    latest: Hlc,
}

impl Chain {
    /// The records of one actor are whole up to its stated end.
    pub(in crate::engine) fn is_whole(&self) -> bool {
        self.good == self.stated
    }

    /// Follows the chain by one record; an error says why it is not the next.
    fn follow(&mut self, space: SpaceId, seq: u64, bytes: &[u8]) -> Result<(), String> {
        let frame = Frame::read(bytes).map_err(|error| format!("it cannot be read: {error}"))?;
        let header = &frame.header;
        if (header.actor, header.seq) != (self.actor, seq) {
            return Err("it names another actor or number than its row".into());
        }
        if header.space != space {
            return Err("it belongs to another space".into());
        }
        if self.good.place(header) != Place::Next {
            if seq == self.good.seq + 1 {
                self.doubt_the_last();
            }
            return Err("it does not continue the record before it".into());
        }
        if header.hlc <= self.last {
            return Err("its time is not later than that of the record before it".into());
        }
        frame.parts().map_err(|error| format!("its content cannot be read: {error}"))?;
        self.before = self.good;
        self.good = Head { seq, hash: hash_record(frame.hashed) };
        self.last = header.hlc;
        Ok(())
    }

    /// What follows the last record names another one in its place. That one can be read, and is as
    /// likely to be what has changed: to keep it would give out a number a second time.
    const fn doubt_the_last(&mut self) {
        self.good = self.before;
    }
}

impl Database {
    /// Follows every log, and gives how far each is whole.
    pub(in crate::engine) fn check_log(
        &self,
        faults: &mut Faults<'_>,
    ) -> Result<Vec<Chain>, Error> {
        faults.onlooker.begin(CheckStep::Log, self.records()?)?;
        let mut chains = self.chains()?;
        let mut statement =
            self.conn.prepare("SELECT seq, bytes FROM pdb_record WHERE actor = ?1 ORDER BY seq")?;
        for chain in &mut chains {
            let mut rows = statement.query([chain.num])?;
            let mut broken = false;
            while let Some(row) = rows.next()? {
                faults.onlooker.count()?;
                let seq = row.get::<_, i64>(0)? as u64;
                let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
                if let Err(what) = chain.follow(self.space, seq, bytes) {
                    faults.add(FaultPlace::Record { actor: chain.actor, seq }, what);
                    broken = true;
                    break;
                }
            }
            if !broken && (!chain.is_whole() || chain.latest < chain.last) {
                let (actor, seq) = (chain.actor, chain.stated.seq);
                let what = format!(
                    "the log ends at number {}, and the table of actors says otherwise",
                    chain.good.seq
                );
                if chain.good.seq == seq {
                    chain.doubt_the_last();
                }
                faults.add(FaultPlace::Record { actor, seq }, what);
            }
        }
        let sql = "SELECT count(*) FROM pdb_record WHERE actor NOT IN (SELECT num FROM pdb_actor)";
        let stray: i64 = self.conn.query_row(sql, [], |row| row.get(0))?;
        if stray > 0 {
            faults.add(FaultPlace::File, format!("{stray} records belong to no actor"));
        }
        Ok(chains)
    }

    pub(super) fn records(&self) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM pdb_record";
        Ok(self.conn.query_row(sql, [], |row| row.get::<_, i64>(0))? as u64)
    }

    fn chains(&self) -> Result<Vec<Chain>, Error> {
        let mut statement = self.conn.prepare(
            "SELECT num, actor, seq, hash, hlc, forgotten, forgotten_hash, forgotten_hlc
             FROM pdb_actor",
        )?;
        let mut rows = statement.query([])?;
        let mut chains = Vec::new();
        while let Some(row) = rows.next()? {
            let number = |column: usize| row.get::<_, i64>(column).map(|number| number as u64);
            let forgotten: Option<[u8; 32]> = row.get(6)?;
            let start =
                Head { seq: number(5)?, hash: forgotten.map(RecordHash).unwrap_or_default() };
            chains.push(Chain {
                num: row.get(0)?,
                actor: ActorId(row.get(1)?),
                good: start,
                before: start,
                last: Hlc(row.get::<_, Option<i64>>(7)?.unwrap_or_default() as u64),
                stated: Head { seq: number(2)?, hash: RecordHash(row.get(3)?) },
                latest: Hlc(number(4)?),
            });
        }
        Ok(chains)
    }
}
