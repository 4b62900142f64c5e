//! Forgetting old records of the log.
//!
//! The rule: a record may be forgotten when
//!
//! 1. it is older than the retention,
//! 2. every record before it in its actor's log is forgotten too, so that logs stay contiguous, and
//! 3. a relay is known to hold it, or the user has said that nobody will ask for it.
//!
//! What records did is in the rows; forgetting them changes no answer, and no state hash. What goes
//! is the history of that time, and the ability to send those records to others. By default nothing
//! is forgotten.
//!
//! All of it is one SQLite transaction: a crash leaves the database as it was before or after.

use crate::codec::Frame;
use crate::crypto::hash_record;
use crate::engine::commit::{rows, touches};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::replicate::records::keep_position;
use crate::engine::storage::schema::TextTable;
use crate::engine::upkeep::timeline::Timeline;
use crate::model::{ActorId, Frontier, Header, Hlc, RecordHash};
use crate::sync::RelayId;
use rusqlite::Connection;
use std::collections::{HashMap, HashSet};

/// What of the log is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// How far back records are kept, in milliseconds; `None` for ever.
    pub keep_ms: Option<u64>,
    /// Whether records go that no relay is known to hold. The database can then be copied, but not
    /// be synced to a relay that lacks them.
    pub unsynced: bool,
}

/// What a compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compaction {
    /// Records forgotten.
    pub records: u64,
    /// Logs of which old enough records stay, since no relay is known to hold them.
    pub unsynced: u64,
    /// Size of the database before, in bytes.
    pub bytes_before: u64,
    /// And after.
    pub bytes_after: u64,
}

/// Where an actor's log is cut: its last forgotten record.
struct Cut {
    num: i64,
    seq: u64,
    hash: RecordHash,
    hlc: Hlc,
}

type Cuts = HashMap<ActorId, Cut>;

impl Database {
    /// What of the log is kept; everything, unless it was set otherwise.
    pub fn retention(&self) -> Result<Retention, Error> {
        let keep: Option<i64> = self.meta("retention_ms")?;
        let unsynced = self.meta("retention_unsynced")?.unwrap_or_default();
        Ok(Retention { keep_ms: keep.map(|keep| keep as u64), unsynced })
    }

    /// Sets what of the log [`Database::compact`] keeps. It holds for this database, not for others
    /// of its space.
    pub fn set_retention(&mut self, retention: Retention) -> Result<(), Error> {
        match retention.keep_ms {
            Some(keep) => self.set_meta("retention_ms", i64::try_from(keep).unwrap_or(i64::MAX))?,
            None => {
                self.conn.execute("DELETE FROM pdb_meta WHERE key = 'retention_ms'", [])?;
            }
        }
        self.set_meta("retention_unsynced", retention.unsynced)
    }

    /// Notes what a relay has confirmed to hold, which lets [`Database::compact`] forget it.
    pub fn confirm(&mut self, relay: RelayId, held: &Frontier) -> Result<(), Error> {
        let bytes: Vec<u8> = held
            .iter()
            .flat_map(|(actor, seq)| actor.0.into_iter().chain(seq.to_le_bytes()))
            .collect();
        self.set_meta(&format!("held:{relay}"), bytes)
    }

    /// Forgets the records that the retention lets go, by the rule above, and gives their room back.
    pub fn compact(&mut self) -> Result<Compaction, Error> {
        self.refresh()?;
        self.settle_texts()?;
        let retention = self.retention()?;
        let bytes_before = self.status()?.bytes;
        let mut done = Compaction { bytes_before, ..Compaction::default() };
        if let Some(keep) = retention.keep_ms {
            let horizon = Hlc::at(self.host.now_ms().saturating_sub(keep));
            let held = if retention.unsynced { None } else { Some(self.held()?) };
            self.write(|writer| {
                let cuts = cuts(writer.conn, horizon, held.as_ref(), &mut done.unsynced)?;
                if !cuts.is_empty() {
                    keep_baselines(writer.conn, writer.cache.horizon, &cuts)?;
                    done.records = forget(writer.conn, &cuts)?;
                    let later = writer.cache.horizon.max(Some(horizon));
                    writer.set_horizon(later.unwrap_or(horizon))?;
                }
                Ok(())
            })?;
        }
        if self.text_index {
            // What was deleted stays in the text index until its segments are merged.
            for TextTable { name, .. } in self.cache.text.tables() {
                self.conn
                    .execute_batch(&format!("INSERT INTO {name} ({name}) VALUES ('optimize')"))?;
            }
        }
        self.conn.execute_batch("VACUUM")?;
        done.bytes_after = self.status()?.bytes;
        Ok(done)
    }

    /// For each actor, up to where at least one relay is known to hold its log.
    fn held(&self) -> Result<Frontier, Error> {
        let mut held = Frontier::new();
        let mut statement =
            self.conn.prepare_cached("SELECT value FROM pdb_meta WHERE key LIKE 'held:%'")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let bytes: Vec<u8> = row.get(0)?;
            for entry in bytes.chunks_exact(24) {
                let (actor, seq) = entry.split_at(16);
                if let (Ok(actor), Ok(seq)) = (ActorId::try_from(actor), seq.try_into()) {
                    held.advance(actor, u64::from_le_bytes(seq));
                }
            }
        }
        Ok(held)
    }
}

/// Where each actor's log is to be cut. `held` is `None` where records go that nobody holds;
/// `unsynced` counts the actors whose log stays longer for that reason.
fn cuts(
    conn: &Connection,
    horizon: Hlc,
    held: Option<&Frontier>,
    unsynced: &mut u64,
) -> Result<Cuts, Error> {
    let mut cuts = Cuts::new();
    let mut closed = HashSet::new();
    let mut statement =
        conn.prepare_cached("SELECT actor, bytes FROM pdb_record ORDER BY actor, seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let num: i64 = row.get(0)?;
        if closed.contains(&num) {
            continue;
        }
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let frame =
            Frame::read(bytes).map_err(|error| Error::malformed("a record of the log", error))?;
        let Header { actor, seq, hlc, .. } = frame.header;
        let is_held = held.is_none_or(|held| held.get(&actor) >= seq);
        if hlc < horizon && is_held {
            cuts.insert(actor, Cut { num, seq, hash: hash_record(frame.hashed), hlc });
        } else {
            *unsynced += u64::from(hlc < horizon);
            closed.insert(num);
        }
    }
    Ok(cuts)
}

/// Keeps what each node was before its first record that stays, where earlier ones go. A node of
/// which all records go needs none: until its next change its row is that.
fn keep_baselines(conn: &Connection, horizon: Option<Hlc>, cuts: &Cuts) -> Result<(), Error> {
    touches::bring_over(conn)?;
    conn.execute_batch("CREATE TEMP TABLE cut (actor INTEGER PRIMARY KEY, seq INTEGER)")?;
    for cut in cuts.values() {
        conn.execute("INSERT INTO temp.cut VALUES (?1, ?2)", (cut.num, cut.seq as i64))?;
    }
    let timeline = Timeline { conn, horizon };
    let mut statement = conn.prepare(
        "SELECT n.nid, n.id, min(c.actor IS NOT NULL) AS all_go, max(c.actor IS NOT NULL) AS some_go
         FROM pdb_touch AS t JOIN pdb_record AS r ON r.pos = t.pos JOIN pdb_node AS n USING (nid)
         LEFT JOIN temp.cut AS c ON c.actor = r.actor AND r.seq <= c.seq
         GROUP BY n.nid HAVING some_go",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (nid, id, all_go): (i64, String, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if all_go {
            conn.prepare_cached("DELETE FROM pdb_baseline WHERE nid = ?1")?.execute([nid])?;
            continue;
        }
        let mut entity = timeline.baseline(&id)?;
        for change in timeline.changes(&id)? {
            let goes = cuts.get(&change.stamp.actor).is_some_and(|cut| change.seq <= cut.seq);
            if goes {
                entity.apply(change.part, change.stamp);
            }
        }
        rows::write_baseline(conn, nid, &id, &entity)?;
    }
    Ok(())
}

fn forget(conn: &Connection, cuts: &Cuts) -> Result<u64, Error> {
    let mut records = 0;
    keep_position(conn)?;
    conn.execute_batch(
        "DELETE FROM pdb_touch WHERE pos IN
           (SELECT r.pos FROM pdb_record AS r JOIN temp.cut AS c
              ON c.actor = r.actor AND r.seq <= c.seq);
         DROP TABLE temp.cut;",
    )?;
    for cut in cuts.values() {
        let seq = cut.seq as i64;
        records += conn
            .prepare_cached("DELETE FROM pdb_record WHERE actor = ?1 AND seq <= ?2")?
            .execute((cut.num, seq))? as u64;
        conn.prepare_cached(
            "UPDATE pdb_actor SET forgotten = ?2, forgotten_hash = ?3, forgotten_hlc = ?4
             WHERE num = ?1",
        )?
        .execute((cut.num, seq, cut.hash.0, cut.hlc.0 as i64))?;
    }
    Ok(records)
}
