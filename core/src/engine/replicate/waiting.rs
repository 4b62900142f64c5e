//! The table of records that came and do not count yet.
//!
//! A row is found by what it waits for, so that applying a record wakes what follows it by a
//! lookup, however much else waits.

use crate::codec::Frame;
use crate::engine::commit::cache::Room;
use crate::engine::commit::writer::Writer;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::log::{STALLED_MS, Standing};
use crate::model::{ActorId, Head, Header, MAX_DRIFT_MS, RecordHash};
use rusqlite::{Connection, OptionalExtension};

/// An actor whose records wait for a time more than a day ahead: its clock was wrong, or the clock
/// here is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stalled {
    /// Whose records.
    pub actor: ActorId,
    /// When the first of them counts, milliseconds since 1970.
    pub due: u64,
}

/// Records that came and do not count yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// All of them.
    pub records: u64,
    /// Those of a clock that is ahead. Records behind them wait with them.
    pub held: u64,
    /// When the first of those counts, milliseconds since 1970.
    pub due: Option<u64>,
    /// Actors that are held for more than a day.
    pub stalled: Vec<Stalled>,
}

impl Database {
    /// The records that came and do not count yet.
    pub fn waiting(&self) -> Result<Waiting, Error> {
        summary(&self.conn, count(&self.conn)?, self.host.now_ms())
    }

    /// Sets how many bytes of records may wait here; [`crate::log::MAX_WAITING_BYTES`] unless it is
    /// set. A record that does not fit is rejected with the code `waiting-full`.
    pub const fn limit_waiting(&mut self, bytes: u64) {
        self.waiting_limit = bytes;
    }
}

/// See [`Database::waiting`].
fn summary(conn: &Connection, room: Room, now: u64) -> Result<Waiting, Error> {
    let records = room.records;
    if records == 0 {
        return Ok(Waiting::default());
    }
    let (held, due): (i64, Option<i64>) = conn
        .prepare_cached("SELECT count(*), min(due) FROM pdb_waiting WHERE due IS NOT NULL")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut statement = conn.prepare_cached(
        "SELECT actor, min(due) FROM pdb_waiting WHERE due > ?1 GROUP BY actor ORDER BY 2, 1",
    )?;
    let far = now.saturating_add(STALLED_MS - MAX_DRIFT_MS);
    let stalled = statement
        .query_map([far as i64], |row| {
            Ok(Stalled { actor: ActorId(row.get(0)?), due: row.get::<_, i64>(1)? as u64 })
        })?
        .collect::<Result<_, _>>()?;
    Ok(Waiting { records, held: held as u64, due: due.map(|due| due as u64), stalled })
}

/// When the first record that waits for its time counts.
pub(in crate::engine) fn first_due(conn: &Connection) -> Result<Option<u64>, Error> {
    let sql = "SELECT min(due) FROM pdb_waiting WHERE due IS NOT NULL";
    let due: Option<i64> = conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(due.map(|due| due as u64))
}

/// A row of the table.
#[derive(Debug)]
pub(in crate::engine) struct Place {
    actor: ActorId,
    seq: i64,
    hash: RecordHash,
}

impl Writer<'_> {
    /// Keeps a record until what its standing says is there; false where there is no room.
    pub(in crate::engine) fn hold(
        &mut self,
        header: &Header,
        hash: RecordHash,
        bytes: &[u8],
        standing: Standing,
        limit: u64,
    ) -> Result<bool, Error> {
        let room = self.room()?;
        let after = room.bytes + bytes.len() as u64;
        let (need_actor, need_seq, due) = match standing {
            Standing::WaitsFor { actor, seq } => (Some(actor.0), Some(seq as i64), None),
            Standing::Held { due } => (None, None, Some(due as i64)),
            // Whatever becomes the record before it may be the one that it follows.
            _ => (Some(header.actor.0), Some(header.seq as i64 - 1), None),
        };
        let seq = header.seq as i64;
        let known = self
            .conn
            .prepare_cached(
                "UPDATE pdb_waiting SET need_actor = ?4, need_seq = ?5, due = ?6
                 WHERE actor = ?1 AND seq = ?2 AND hash = ?3",
            )?
            .execute((header.actor.0, seq, hash.0, need_actor, need_seq, due))?;
        if known > 0 {
            return Ok(true);
        }
        if after > limit {
            return Ok(false);
        }
        self.conn
            .prepare_cached("INSERT INTO pdb_waiting VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute((header.actor.0, seq, hash.0, bytes, due, need_actor, need_seq))?;
        self.cache.room = Some(Room { records: room.records + 1, bytes: after });
        Ok(true)
    }

    /// The record that waits under the number of this one and follows the same.
    pub(in crate::engine) fn waiting_beside(
        &mut self,
        header: &Header,
        hash: RecordHash,
    ) -> Result<Option<RecordHash>, Error> {
        let before = Head { seq: header.seq - 1, hash: header.prev };
        let found = self.waiting_after(header.actor, before, Some(hash))?;
        Ok(found.map(|place| place.hash))
    }

    /// Where a record waits that follows this one of an actor's log; not that of the hash `except`.
    pub(in crate::engine) fn waiting_after(
        &mut self,
        actor: ActorId,
        before: Head,
        except: Option<RecordHash>,
    ) -> Result<Option<Place>, Error> {
        if self.room()?.records == 0 {
            return Ok(None);
        }
        let seq = before.seq as i64 + 1;
        let mut statement = self
            .conn
            .prepare_cached("SELECT hash, bytes FROM pdb_waiting WHERE actor = ?1 AND seq = ?2")?;
        let mut rows = statement.query((actor.0, seq))?;
        while let Some(row) = rows.next()? {
            let hash = RecordHash(row.get(0)?);
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            let frame = Frame::read(bytes)
                .map_err(|fault| Error::malformed("a record that waits", fault))?;
            if frame.header.prev == before.hash && Some(hash) != except {
                return Ok(Some(Place { actor, seq, hash }));
            }
        }
        Ok(None)
    }

    /// See [`Database::waiting`].
    pub(in crate::engine) fn waiting(&mut self, now: u64) -> Result<Waiting, Error> {
        let room = self.room()?;
        summary(self.conn, room, now)
    }

    /// Where records are that wait for (`actor`, `seq`) or less.
    pub(in crate::engine) fn waiting_for(
        &mut self,
        actor: ActorId,
        seq: u64,
    ) -> Result<Vec<Place>, Error> {
        let sql = "SELECT actor, seq, hash FROM pdb_waiting
                   WHERE need_actor = ?1 AND need_seq <= ?2 ORDER BY need_seq";
        self.places(sql, (actor.0, seq as i64))
    }

    /// Where records are that depend on a number of `actor` that was moved away.
    pub(in crate::engine) fn waiting_for_moved(
        &mut self,
        actor: ActorId,
        from: u64,
    ) -> Result<Vec<Place>, Error> {
        let sql = "SELECT actor, seq, hash FROM pdb_waiting
                   WHERE need_actor = ?1 AND need_seq >= ?2 AND actor <> need_actor";
        self.places(sql, (actor.0, from as i64))
    }

    /// Where records are whose time has come.
    pub(in crate::engine) fn waiting_until(&mut self, now: u64) -> Result<Vec<Place>, Error> {
        let sql = "SELECT actor, seq, hash FROM pdb_waiting WHERE due <= ?1 ORDER BY due";
        self.places(sql, [now as i64])
    }

    fn places(&mut self, sql: &str, of: impl rusqlite::Params) -> Result<Vec<Place>, Error> {
        if self.room()?.records == 0 {
            return Ok(Vec::new());
        }
        let mut statement = self.conn.prepare_cached(sql)?;
        let places = statement.query_map(of, |row| {
            let (actor, hash) = (ActorId(row.get(0)?), RecordHash(row.get(2)?));
            Ok(Place { actor, seq: row.get(1)?, hash })
        })?;
        Ok(places.collect::<Result<_, _>>()?)
    }

    /// Takes a record out of the table; `None` if it is gone by now.
    pub(in crate::engine) fn release(&mut self, place: &Place) -> Result<Option<Vec<u8>>, Error> {
        let room = self.room()?;
        if room.records == 0 {
            return Ok(None);
        }
        let bytes: Option<Vec<u8>> = self
            .conn
            .prepare_cached(
                "DELETE FROM pdb_waiting WHERE actor = ?1 AND seq = ?2 AND hash = ?3
                 RETURNING bytes",
            )?
            .query_row((place.actor.0, place.seq, place.hash.0), |row| row.get(0))
            .optional()?;
        if let Some(bytes) = &bytes {
            self.cache.room = Some(Room {
                records: room.records.saturating_sub(1),
                bytes: room.bytes.saturating_sub(bytes.len() as u64),
            });
        }
        Ok(bytes)
    }

    /// Forgets that a record waits, if it does: it came again, and its standing is known now.
    pub(in crate::engine) fn unhold(
        &mut self,
        header: &Header,
        hash: RecordHash,
    ) -> Result<(), Error> {
        let (actor, seq) = (header.actor, header.seq as i64);
        self.release(&Place { actor, seq, hash }).map(drop)
    }

    fn room(&mut self) -> Result<Room, Error> {
        match self.cache.room {
            Some(room) => Ok(room),
            None => {
                let room = count(self.conn)?;
                self.cache.room = Some(room);
                Ok(room)
            }
        }
    }
}

fn count(conn: &Connection) -> Result<Room, Error> {
    let sql = "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM pdb_waiting";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| {
        Ok(Room { records: row.get::<_, i64>(0)? as u64, bytes: row.get::<_, i64>(1)? as u64 })
    })?)
}
