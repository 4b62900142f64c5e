//! Resolving a fork: the branch that was here moves to a derived actor, and the nodes and edges
//! that it touched are folded anew, since a stamp names its actor.
//!
//! All of it happens inside the SQLite transaction of the record that revealed the fork.

use crate::codec::Frame;
use crate::crdt::Entity;
use crate::crypto::hash_record;
use crate::engine::commit::fold::Change;
use crate::engine::commit::touches;
use crate::engine::commit::writer::Writer;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::replicate::records::{pass_position, record};
use crate::engine::upkeep::timeline::Timeline;
use crate::log::{Known, derived_actor, moved_record};
use crate::model::{ActorId, Head, Header, RecordHash, Stamp, Target};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

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

/// A record that is to be moved.
struct Branch {
    bytes: Vec<u8>,
    /// The nodes that it touched.
    nids: Vec<i64>,
}

/// What a node was before the first record of it that is in the log.
type Baselines = HashMap<Target, Entity>;

impl Writer<'_> {
    /// Moves our records from the incoming record's number on to the derived actor, which leaves
    /// the incoming record as the next one of its actor. The first of the forks is that one; see
    /// [`Writer::append_branch`] for the others.
    pub(in crate::engine) fn move_branch(
        &mut self,
        incoming: &Header,
        kept: RecordHash,
        now: u64,
    ) -> Result<Vec<Fork>, Error> {
        let (actor, seq) = (incoming.actor, incoming.seq);
        let mut touched = Baselines::new();
        let ours = self.cut(incoming, &mut touched)?;
        let forks =
            self.append_branch(ours, Fork { actor, seq, kept, moved_to: actor, at: now })?;
        self.fold_anew(touched)?;
        for fork in &forks {
            self.note_fork(fork)?;
        }
        Ok(forks)
    }

    pub(in crate::engine) fn note_fork(&self, fork: &Fork) -> Result<(), Error> {
        let Fork { actor, seq, kept, moved_to, at } = fork;
        self.conn
            .prepare_cached("INSERT OR REPLACE INTO pdb_fork VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((actor.0, *seq as i64, kept.0, moved_to.0, *at as i64))?;
        Ok(())
    }

    /// The actor to which a branch was moved that this record continues, and the record of that one
    /// which it follows.
    pub(in crate::engine) fn continued_branch(
        &self,
        header: &Header,
    ) -> Result<Option<(ActorId, Head)>, Error> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT seq, moved_to FROM pdb_fork WHERE actor = ?1 AND seq < ?2")?;
        let mut rows = statement.query((header.actor.0, header.seq as i64))?;
        while let Some(row) = rows.next()? {
            let (first, derived) = (row.get::<_, i64>(0)? as u64, ActorId(row.get(1)?));
            let before = match first {
                1 => Some(RecordHash::ZERO),
                _ => self.hash(&header.actor, first - 1)?,
            };
            let Some(hash) = before else { continue };
            // The hashes that the moved records had, under the name that they were written with.
            let (mut was, mut is) = (Head { seq: first - 1, hash }, Head::default());
            let row = self.cache.actors.get(&derived);
            while was.seq < header.seq - 1 {
                let stored = row.map(|row| record(self.conn, row.num, is.seq + 1)).transpose()?;
                let Some(bytes) = stored.flatten() else { break };
                let frame = read(&bytes)?;
                was = moved_record(&frame, header.actor, was).1;
                is = Head { seq: is.seq + 1, hash: hash_record(frame.hashed) };
            }
            if was == (Head { seq: header.seq - 1, hash: header.prev }) {
                return Ok(Some((derived, is)));
            }
        }
        Ok(None)
    }

    /// Takes the branch out of the actor's log, and notes what it had touched.
    fn cut(&mut self, incoming: &Header, touched: &mut Baselines) -> Result<Vec<Branch>, Error> {
        let Some(row) = self.cache.actors.get_mut(&incoming.actor) else {
            return Ok(Vec::new());
        };
        let (num, seq) = (row.num, incoming.seq as i64);
        row.head = Head { seq: incoming.seq - 1, hash: incoming.prev };
        row.last = None;
        let records: Vec<(i64, Vec<u8>)> = self
            .conn
            .prepare_cached(
                "SELECT pos, bytes FROM pdb_record WHERE actor = ?1 AND seq >= ?2 ORDER BY seq",
            )?
            .query_map((num, seq), |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut ours = Vec::with_capacity(records.len());
        let mut since = None;
        for (_, bytes) in &records {
            let frame = read(bytes)?;
            let since = *since.get_or_insert_with(|| frame.header.stamp());
            for part in parts(&frame)? {
                // Before anything is taken away, since it tells what else is known of the node.
                if let Entry::Vacant(place) = touched.entry(part.target) {
                    let baseline = self.baseline(place.key(), since)?;
                    place.insert(baseline);
                }
            }
        }
        for (pos, bytes) in records {
            let nids = self.untouch(pos, &bytes)?;
            ours.push(Branch { bytes, nids });
        }
        self.cache.position = pass_position(self.conn)?;
        self.conn
            .prepare_cached("DELETE FROM pdb_record WHERE actor = ?1 AND seq >= ?2")?
            .execute((num, seq))?;
        self.conn
            .prepare_cached("UPDATE pdb_actor SET seq = ?2, hash = ?3 WHERE num = ?1")?
            .execute((num, seq - 1, incoming.prev.0))?;
        Ok(ours)
    }

    /// What a target is folded from. Records of an edge that were forgotten left nothing but its
    /// row, so where any may have been, the fold goes on from that, without what the branch wrote from
    /// the stamp `since` on.
    fn baseline(&mut self, target: &Target, since: Stamp) -> Result<Entity, Error> {
        let (conn, horizon) = (self.conn, self.cache.horizon);
        match target {
            Target::Node(id) => Timeline { conn, horizon }.baseline(id),
            Target::Edge(_) if horizon.is_some() => {
                let mut entity = self.row(target)?.entity().clone();
                entity.retract(since);
                Ok(entity)
            }
            Target::Edge(_) => Ok(Entity::default()),
        }
    }

    /// Takes back that a record touched its nodes; gives them.
    fn untouch(&self, pos: i64, bytes: &[u8]) -> Result<Vec<i64>, Error> {
        let mut nids = Vec::new();
        for part in parts(&read(bytes)?)? {
            if let Target::Node(id) = part.target {
                let nid: i64 = self
                    .conn
                    .prepare_cached("SELECT nid FROM pdb_node WHERE id = ?1")?
                    .query_row([id], |row| row.get(0))?;
                touches::forget(self.conn, nid, pos)?;
                nids.push(nid);
            }
        }
        Ok(nids)
    }

    /// Appends the branch that `fork` left over as the log of the actor derived from it, and says
    /// where it went.
    ///
    /// Another replica that held the branch may have moved it before, and its records may be here:
    /// they are the same. Where they are others from some number on, the branch had forked in turn,
    /// before it was moved. What is here stays, as with every fork, and the rest goes one further.
    fn append_branch(&mut self, ours: Vec<Branch>, mut fork: Fork) -> Result<Vec<Fork>, Error> {
        let mut forks = Vec::new();
        let mut rest = ours.into_iter().peekable();
        let Some(first) = rest.peek() else {
            return Ok(vec![fork]);
        };
        let mut first = hash_record(read(&first.bytes)?.hashed);
        while rest.peek().is_some() {
            fork.moved_to = derived_actor(fork.actor, first);
            forks.push(fork);
            let derived = fork.moved_to;
            let here = self.cache.head(&derived).seq;
            let mut head = Head::default();
            while let Some(Branch { bytes, .. }) = rest.peek() {
                let (bytes, next) = moved_record(&read(bytes)?, derived, head);
                if next.seq > here {
                    let nids = rest.next().map(|branch| branch.nids).unwrap_or_default();
                    self.append_touching(&read(&bytes)?.header, next.hash, &bytes, nids)?;
                } else if let Some(kept) = self.hash(&derived, next.seq)?
                    && kept != next.hash
                {
                    fork = Fork { actor: derived, seq: next.seq, kept, ..fork };
                    first = next.hash;
                    break;
                } else {
                    // The same, or forgotten, and then it cannot be compared any more.
                    rest.next();
                }
                head = next;
            }
        }
        Ok(forks)
    }

    /// Folds nodes and edges from the log, as if it had come in its present order. Forks are rare,
    /// so the log is read once from end to end.
    fn fold_anew(&mut self, mut touched: Baselines) -> Result<(), Error> {
        let targets: HashSet<Target> = touched.keys().cloned().collect();
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
                if let Some(baseline) = touched.remove(&part.target) {
                    row.set_entity(baseline);
                }
                self.refold(Change { part, row }, frame.header.stamp())?;
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
