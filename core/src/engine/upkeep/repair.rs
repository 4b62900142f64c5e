//! Making a database whole again, from what of it is whole.
//!
//! 1. Where SQLite finds its pages or indexes damaged, all rows that can be read move into a new file.
//! 2. A log is cut before its first bad record, and before one that its follower, or the end of the
//!    log, knows otherwise. What was cut is fetched again by the next sync from whoever has it: a record
//!    that is folded in twice changes nothing.
//! 3. A bad row is made anew from the log; one under a name that damage has made goes. A whole row stays
//!    where the log lacks records that it may have come from.
//! 4. What is derived is made anew: the text index, the index of changes, the types and views, what
//!    nodes show and what breaks their types, the vectors that stand in nodes, and the indexes of
//!    SQLite. Vectors of texts are made again later, by a model.
//!
//! The first step is one SQLite transaction, and all others but the indexes of SQLite are another. What
//! cannot be made whole is listed, and left as it is.

use crate::codec::Frame;
use crate::engine::commit::fold::Fold;
use crate::engine::commit::rows::{EdgeRow, Nids, NodeRow};
use crate::engine::commit::statements::Statements;
use crate::engine::commit::text_index;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::replicate::records::pass_position;
use crate::engine::storage::schema;
use crate::engine::typing::define;
use crate::engine::upkeep::check::{Bad, CheckProgress, Fault, Faults};
use crate::engine::upkeep::rescue::rescue;
use crate::model::{ActorId, EdgeRef, Target};
use rusqlite::OptionalExtension;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a repair did.
#[derive(Debug, Default)]
pub struct Repaired {
    /// The faults that were found.
    pub found: Vec<Fault>,
    /// Logs that were cut, each with the first number that is to be fetched again.
    pub cut: Vec<(ActorId, u64)>,
    /// Rows that were made anew.
    pub rows: usize,
    /// The faults that are left.
    pub left: Vec<Fault>,
}

impl Database {
    /// Checks the database and mends what can be mended.
    ///
    /// Where logs were cut, sync afterwards: relays and other devices send what is missing. When the
    /// own log was cut, the database goes on writing as a new actor.
    pub fn repair(&mut self) -> Result<Repaired, Error> {
        self.repair_watched(&mut |_| {})
    }

    /// [`Database::repair`], telling how far its checks are, which take most of its time: one before, one after,
    /// and one between where a file was moved.
    pub fn repair_watched(
        &mut self,
        progress: &mut dyn FnMut(CheckProgress),
    ) -> Result<Repaired, Error> {
        let Faults { found, mut bad, .. } = self.faults(None, progress)?;
        let mut repaired = Repaired::default();
        if found.is_empty() {
            return Ok(repaired);
        }
        if bad.file {
            rescue(&mut self.conn, self.space, self.text_index)?;
            self.reload()?;
            // What could not be read, and what stands under another name, shows only now.
            bad = self.faults(None, progress)?.bad;
        }
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        let outcome = self
            .mend(&bad, &mut repaired)
            .and_then(|()| self.conn.execute_batch("COMMIT").map_err(Error::from));
        if outcome.is_err() {
            // A commit that failed may have rolled back by itself; then this changes nothing.
            let _ = self.conn.execute_batch("ROLLBACK");
        }
        self.reload()?;
        outcome?;
        self.conn.execute_batch("REINDEX")?;
        if repaired.cut.iter().any(|(actor, _)| Some(*actor) == self.actor) {
            self.renew_actor();
        }
        repaired.left = self.faults(None, progress)?.found;
        repaired.found = found;
        Ok(repaired)
    }

    fn mend(&mut self, bad: &Bad, repaired: &mut Repaired) -> Result<(), Error> {
        self.cut_logs(repaired)?;
        let mut rows = bad.rows.clone();
        // What is left of a log that was cut tells less than a row that is whole.
        if !self.awaits_records()? {
            rows.extend(bad.other.iter().cloned());
        }
        repaired.rows = self.mend_rows(&rows)?;
        self.derive_touches()?;
        // Which of those made of texts are good cannot be told, and each can be made again.
        if bad.vectors {
            self.conn.execute("DELETE FROM pdb_vector", [])?;
        }
        self.derive_types()?;
        if self.text_index {
            text_index::rebuild(&self.conn, &mut self.cache.text, &self.cache.types)?;
        }
        Ok(())
    }

    fn cut_logs(&self, repaired: &mut Repaired) -> Result<(), Error> {
        pass_position(&self.conn)?;
        for chain in self.check_log(&mut Faults::default())? {
            if chain.is_whole() {
                continue;
            }
            let (num, good) = (chain.num, chain.good);
            self.conn.execute(
                "DELETE FROM pdb_record WHERE actor = ?1 AND seq > ?2",
                (num, good.seq as i64),
            )?;
            self.conn.execute(
                "UPDATE pdb_actor SET cut = max(seq, coalesce(cut, 0)), seq = ?2, hash = ?3
                 WHERE num = ?1",
                (num, good.seq as i64, good.hash.0),
            )?;
            repaired.cut.push((chain.actor, good.seq + 1));
        }
        if !repaired.cut.is_empty() {
            // The relays' cursors stand behind what is missing now.
            let sql = "DELETE FROM pdb_meta WHERE key LIKE 'cursor:%' OR key LIKE 'relay:%'";
            self.conn.execute(sql, [])?;
        }
        Ok(())
    }

    /// Makes rows anew from the log, as far as it tells of them. Gives how many.
    fn mend_rows(&self, bad: &BTreeSet<Target>) -> Result<usize, Error> {
        let folded = self.fold_log(|target| bad.contains(target), || Ok(()))?;
        let forgotten = self.cache.horizon.is_some();
        if !forgotten && !self.awaits_records()? {
            self.remove(bad.iter().filter(|target| !folded.contains_key(target)))?;
        }
        let mut nids = Nids::default();
        let mut statements = Statements::new(&self.conn);
        let mut mended = 0;
        for (target, entity) in folded {
            match target {
                Target::Node(id) => {
                    let nid = self
                        .conn
                        .prepare_cached("SELECT nid FROM pdb_node WHERE id = ?1")?
                        .query_row([&id], |row| row.get(0))
                        .optional()?;
                    NodeRow::to_replace(nid, entity).store(
                        &mut statements,
                        &mut nids,
                        &id,
                        None,
                    )?;
                }
                // Nothing tells what an edge was before what was forgotten.
                Target::Edge(_) if forgotten => continue,
                Target::Edge(edge) => {
                    EdgeRow::to_replace(entity).store(&mut statements, &mut nids, &edge)?;
                }
            }
            mended += 1;
        }
        Ok(mended)
    }

    /// Removes rows that the log, which is whole, tells nothing of: damage has changed their names.
    fn remove<'a>(&self, strays: impl Iterator<Item = &'a Target>) -> Result<(), Error> {
        // An edge is found by its ends, so edges go before nodes.
        let (edges, nodes): (Vec<_>, Vec<_>) =
            strays.partition(|target| matches!(target, Target::Edge(_)));
        for stray in edges.into_iter().chain(nodes) {
            match stray {
                Target::Edge(EdgeRef { source, label, target, key }) => self.conn.execute(
                    "DELETE FROM pdb_edge WHERE label = ?2 AND key = ?4
                       AND source = (SELECT nid FROM pdb_node WHERE id = ?1)
                       AND target = (SELECT nid FROM pdb_node WHERE id = ?3)",
                    [source, label, target, key],
                )?,
                Target::Node(id) => {
                    self.conn.execute("DELETE FROM pdb_node WHERE id = ?1", [id])?
                }
            };
        }
        // A number of a node that is not there is given to another one day.
        self.conn.execute(
            "DELETE FROM pdb_edge WHERE source NOT IN (SELECT nid FROM pdb_node)
                OR target NOT IN (SELECT nid FROM pdb_node)",
            [],
        )?;
        Ok(())
    }

    fn derive_touches(&self) -> Result<(), Error> {
        self.conn.execute_batch("DELETE FROM pdb_touch; DELETE FROM pdb_touch_recent")?;
        let mut records = self.conn.prepare("SELECT pos, bytes FROM pdb_record")?;
        let mut touch = self.conn.prepare(
            "INSERT OR IGNORE INTO pdb_touch SELECT nid, ?2 FROM pdb_node WHERE id = ?1",
        )?;
        let mut rows = records.query([])?;
        while let Some(row) = rows.next()? {
            let pos: i64 = row.get(0)?;
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            let parts = Frame::read(bytes).and_then(|frame| frame.parts()).unwrap_or_default();
            for part in parts {
                if let Target::Node(id) = part.target {
                    touch.execute((id, pos))?;
                }
            }
        }
        Ok(())
    }

    fn derive_types(&mut self) -> Result<(), Error> {
        self.conn.execute_batch(
            "UPDATE pdb_node SET shown = NULL, shown_seal = NULL WHERE shown IS NOT NULL;
             DELETE FROM pdb_violation;
             DELETE FROM pdb_vector AS e WHERE NOT EXISTS
               (SELECT 1 FROM pdb_node AS n WHERE n.nid = e.nid AND n.alive AND n.type = e.type);
             INSERT OR IGNORE INTO pdb_type
               SELECT DISTINCT type FROM pdb_node WHERE alive AND type IS NOT NULL;
             INSERT OR IGNORE INTO pdb_type_field
               SELECT DISTINCT n.type, j.key FROM pdb_node AS n, json_each(n.data) AS j
               WHERE n.alive AND json_valid(n.data);",
        )?;
        let mut statement = self.conn.prepare("SELECT type FROM pdb_type")?;
        let mut kinds: BTreeSet<String> =
            statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        drop(statement);
        self.reload()?;
        let types = Arc::clone(&self.cache.types);
        for name in types.keys() {
            self.conn.execute("INSERT OR IGNORE INTO pdb_type VALUES (?1)", [name])?;
            kinds.insert(name.clone());
        }
        define::read_anew(&self.conn, &types, None, None)?;
        let (missing, unwanted) = schema::misplaced_indexes(&self.conn, &types)?;
        for name in unwanted {
            schema::drop_index(&self.conn, &name)?;
        }
        for sql in missing {
            self.conn.execute_batch(&sql)?;
        }
        Fold::define_views(&self.conn, &self.cache, &kinds)
    }
}
