//! Resolving a fork: the branch that was here moves to a derived actor, and the nodes and edges
//! that it touched are folded anew, since a stamp names its actor.
//!
//! All of it happens inside the SQLite transaction of the record that revealed the fork.

use super::database::Database;
use super::error::Error;
use super::fold::Change;
use super::writer::Writer;
use crate::codec::Frame;
use crate::crypto::hash_record;
use crate::log::{derived_actor, moved_record};
use crate::model::{ActorId, Head, Header, RecordHash, Target};
use std::collections::HashSet;

/// A log that had forked: two writers were one actor, after a copied file or a restored backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fork {
    /// Whose log.
    pub actor: ActorId,
    /// The first number that both used.
    pub seq: u64,
    /// The record that stayed under that number.
    pub kept: RecordHash,
    /// The actor that has the records of the other branch now.
    pub moved_to: ActorId,
    /// When this was found here, milliseconds since 1970.
    pub at: u64,
}

impl Database {
    /// The forks that were found here, the first first.
    pub fn forks(&self) -> Result<Vec<Fork>, Error> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT actor, seq, kept, moved_to, at FROM pdb_fork ORDER BY at")?;
        let forks = statement.query_map([], |row| {
            Ok(Fork {
                actor: ActorId(row.get(0)?),
                seq: row.get::<_, i64>(1)? as u64,
                kept: RecordHash(row.get(2)?),
                moved_to: ActorId(row.get(3)?),
                at: row.get::<_, i64>(4)? as u64,
            })
        })?;
        Ok(forks.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Moves our records from the incoming record's number on to the derived actor, which leaves
    /// the incoming record as the next one of its actor.
    pub(super) fn move_branch(
        &mut self,
        incoming: &Header,
        kept: RecordHash,
        now: u64,
    ) -> Result<Fork, Error> {
        let (actor, seq) = (incoming.actor, incoming.seq);
        let ours = self.cut(incoming)?;
        let mut touched = HashSet::new();
        let mut derived = ActorId::ZERO;
        for bytes in &ours {
            let frame = read(bytes)?;
            if derived == ActorId::ZERO {
                derived = derived_actor(actor, hash_record(frame.hashed));
            }
            touched.extend(parts(&frame)?.into_iter().map(|part| part.target));
        }
        self.append_branch(&ours, derived)?;
        self.fold_anew(&touched)?;
        let fork = Fork { actor, seq, kept, moved_to: derived, at: now };
        self.conn
            .prepare_cached("INSERT OR REPLACE INTO pdb_fork VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((actor.0, seq as i64, kept.0, derived.0, now as i64))?;
        Ok(fork)
    }

    /// Takes the branch out of the actor's log.
    fn cut(&mut self, incoming: &Header) -> Result<Vec<Vec<u8>>, Error> {
        let Some(row) = self.cache.actors.get_mut(&incoming.actor) else {
            return Ok(Vec::new());
        };
        let (num, seq) = (row.num, incoming.seq as i64);
        row.head = Head { seq: incoming.seq - 1, hash: incoming.prev };
        let ours = self
            .conn
            .prepare_cached(
                "SELECT bytes FROM pdb_record WHERE actor = ?1 AND seq >= ?2 ORDER BY seq",
            )?
            .query_map((num, seq), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        self.conn
            .prepare_cached("DELETE FROM pdb_record WHERE actor = ?1 AND seq >= ?2")?
            .execute((num, seq))?;
        self.conn
            .prepare_cached("UPDATE pdb_actor SET seq = ?2, hash = ?3 WHERE num = ?1")?
            .execute((num, seq - 1, incoming.prev.0))?;
        Ok(ours)
    }

    /// Appends the branch as the derived actor's log. Another replica that held the branch may have
    /// moved it before, and its records may be here: they are the same.
    fn append_branch(&mut self, ours: &[Vec<u8>], derived: ActorId) -> Result<(), Error> {
        let here = self.cache.head(&derived);
        let mut head = Head::default();
        for bytes in ours {
            let (bytes, next) = moved_record(&read(bytes)?, derived, head);
            head = next;
            if head.seq > here.seq {
                self.append(&read(&bytes)?.header, head.hash, &bytes)?;
            }
        }
        Ok(())
    }

    /// Folds nodes and edges from the log, as if it had come in its present order. Forks are rare,
    /// so the log is read once from end to end.
    fn fold_anew(&mut self, targets: &HashSet<Target>) -> Result<(), Error> {
        let mut fresh = targets.clone();
        let conn = self.conn;
        let mut statement = conn.prepare_cached("SELECT bytes FROM pdb_record ORDER BY pos")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            let frame = read(bytes)?;
            for part in parts(&frame)? {
                if !targets.contains(&part.target) {
                    continue;
                }
                let mut row = self.row(&part.target)?;
                if fresh.remove(&part.target) {
                    row.reset();
                }
                self.fold(Change { part, row }, frame.header.stamp())?;
            }
        }
        Ok(())
    }
}

fn read(bytes: &[u8]) -> Result<Frame<'_>, Error> {
    Frame::read(bytes).map_err(|fault| Error::malformed("a record of the log", fault))
}

fn parts(frame: &Frame<'_>) -> Result<Vec<crate::model::Part>, Error> {
    frame.parts().map_err(|fault| Error::malformed("a record of the log", fault))
}
