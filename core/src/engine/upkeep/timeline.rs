//! A node through time: the changes that made it, and what it was at a moment.

use crate::codec::Frame;
use crate::crdt::Entity;
use crate::engine::commit::stored::{self, Place};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::read::Node;
use crate::model::{Hlc, Part, Stamp, Target, Write};
use rusqlite::{Connection, OptionalExtension};

/// One transaction's change of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// When it counts, and who wrote it.
    pub stamp: Stamp,
    /// Its number in the writer's log.
    pub seq: u64,
    /// Whether it deleted what was there.
    pub deleted: bool,
    /// Whether it put the node, so that it exists from then on.
    pub put: bool,
    /// The type that it gave the node, where it did.
    pub kind: Option<String>,
    /// The changes of fields.
    pub writes: Vec<Write>,
}

impl Database {
    /// The changes of a node that the log still has, in the order in which they count.
    ///
    /// What is older than the retention of the database may be missing: see
    /// [`Database::compact`].
    pub fn history(&self, id: &str) -> Result<Vec<Revision>, Error> {
        let mut revisions: Vec<Revision> = self
            .timeline()
            .changes(id)?
            .into_iter()
            .map(|Change { stamp, seq, part }| Revision {
                stamp,
                seq,
                deleted: part.delete,
                put: part.put,
                kind: part.kind,
                writes: part.writes,
            })
            .collect();
        revisions.sort_by_key(|revision| revision.stamp);
        Ok(revisions)
    }

    /// What a node was at a time (milliseconds since 1970), by all that is known of that time now;
    /// `None` where it did not exist.
    ///
    /// # Errors
    /// [`Error::Forgotten`] for a time of which records were forgotten.
    pub fn get_as_of(&self, id: &str, ms: u64) -> Result<Option<Node>, Error> {
        let (from, horizon) = (Hlc::at(ms), self.cache.horizon);
        if let Some(horizon) = horizon.filter(|horizon| from < *horizon) {
            return Err(Error::Forgotten { before: horizon.ms() });
        }
        let timeline = self.timeline();
        let mut entity = timeline.baseline(id)?;
        for Change { stamp, part, .. } in timeline.changes(id)? {
            if stamp.hlc.ms() <= ms {
                entity.apply(part, stamp);
            }
        }
        let updated = entity.updated().map_or(0, |stamp| stamp.hlc.ms() as i64);
        Ok(entity.exists().then(|| Node {
            id: id.to_owned(),
            kind: entity.kind().unwrap_or_default().to_owned(),
            data: entity.object(),
            updated,
        }))
    }

    pub(in crate::engine) const fn timeline(&self) -> Timeline<'_> {
        Timeline { conn: &self.conn, horizon: self.cache.horizon }
    }
}

/// The log as the past of single nodes.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Timeline<'a> {
    pub(in crate::engine) conn: &'a Connection,
    /// Records older than this may have been forgotten.
    pub(in crate::engine) horizon: Option<Hlc>,
}

impl Timeline<'_> {
    /// What a node was before the first record of it that is in the log.
    pub(in crate::engine) fn baseline(&self, id: &str) -> Result<Entity, Error> {
        if self.horizon.is_none() {
            return Ok(Entity::default());
        }
        let place = Place::Node(id);
        let mut statement = self.conn.prepare_cached(
            "SELECT b.state, b.docs, b.data, b.type FROM pdb_baseline AS b
             JOIN pdb_node AS n ON n.nid = b.nid WHERE n.id = ?1",
        )?;
        let mut rows = statement.query([id])?;
        if let Some(row) = rows.next()? {
            return stored::read(&place, row, 0);
        }
        drop(rows);
        // Untouched since records were forgotten, the row itself is that state.
        let mut statement = self.conn.prepare_cached(
            "SELECT state, docs, data, type FROM pdb_node AS n WHERE id = ?1
             AND NOT EXISTS (SELECT 1 FROM pdb_touch AS t WHERE t.nid = n.nid)
             AND NOT EXISTS (SELECT 1 FROM pdb_touch_recent AS t WHERE t.nid = n.nid)",
        )?;
        let mut rows = statement.query([id])?;
        match rows.next()? {
            Some(row) => stored::read(&place, row, 0),
            None => Ok(Entity::default()),
        }
    }

    /// What the records of the log do to a node, in the order of their arrival.
    pub(in crate::engine) fn changes(&self, id: &str) -> Result<Vec<Change>, Error> {
        let nid: Option<i64> = self
            .conn
            .prepare_cached("SELECT nid FROM pdb_node WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        let mut changes = Vec::new();
        let mut statement = self.conn.prepare_cached(
            "SELECT bytes FROM pdb_record WHERE pos IN
               (SELECT pos FROM pdb_touch WHERE nid = ?1
                UNION ALL SELECT pos FROM pdb_touch_recent WHERE nid = ?1)
             ORDER BY pos",
        )?;
        let mut rows = statement.query([nid])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            let read = |error| Error::malformed("a record of the log", error);
            let frame = Frame::read(bytes).map_err(read)?;
            let parts = frame.parts().map_err(read)?;
            let part = parts.into_iter().find(|part| part.target == Target::Node(id.to_owned()));
            let (stamp, seq) = (frame.header.stamp(), frame.header.seq);
            changes.extend(part.map(|part| Change { stamp, seq, part }));
        }
        Ok(changes)
    }
}

/// What one record does to a node.
#[derive(Debug)]
pub(in crate::engine) struct Change {
    pub(in crate::engine) stamp: Stamp,
    pub(in crate::engine) seq: u64,
    pub(in crate::engine) part: Part,
}
