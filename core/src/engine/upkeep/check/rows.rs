//! Every row against its checksum, its state, and what the log makes of it.

use super::{CheckStep, FaultPlace, Faults};
use crate::codec::Frame;
use crate::crdt::{Entity, Leaves};
use crate::engine::commit::stored::{self, Place};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::model::{EdgeRef, Target};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Nodes and edges folded from the log at once.
const FOLDED_AT_ONCE: u64 = 100_000;

/// A share of all targets: those whose hash leaves this rest.
#[derive(Clone, Copy)]
struct Share {
    rest: u64,
    of: u64,
}

impl Share {
    fn has(self, target: &Target) -> bool {
        let mut hasher = DefaultHasher::new();
        target.hash(&mut hasher);
        hasher.finish() % self.of == self.rest
    }
}

/// What of a row is derived from its state.
struct Shown {
    alive: bool,
    kind: Option<String>,
    updated: Option<i64>,
}

impl Database {
    pub(in crate::engine) fn check_rows(&self, faults: &mut Faults<'_>) -> Result<(), Error> {
        let sql = "SELECT (SELECT count(*) FROM pdb_node) + (SELECT count(*) FROM pdb_edge)";
        let targets: i64 = self.conn.query_row(sql, [], |row| row.get(0))?;
        let of = (targets as u64).div_ceil(FOLDED_AT_ONCE).max(1);
        // Each pass reads all records and all rows.
        faults.onlooker.begin(CheckStep::Rows, of * (self.records()? + targets as u64))?;
        for rest in 0..of {
            self.check_share(Share { rest, of }, faults)?;
        }
        self.check_stray_violations(faults)
    }

    fn check_share(&self, share: Share, faults: &mut Faults<'_>) -> Result<(), Error> {
        let mut folded = self.fold_share(share, faults)?;
        let incomplete = self.awaits_records()?;
        let mut statement = self.conn.prepare(
            "SELECT id, state, docs, data, type, alive, updated, nid, shown, shown_seal
                 FROM pdb_node",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            faults.onlooker.count()?;
            let Ok(id) = row.get::<_, String>(0) else {
                faults.add(FaultPlace::File, "the id of a node is no text");
                continue;
            };
            let target = Target::Node(id);
            let Target::Node(id) = &target else { continue };
            if share.has(&target) {
                let entity = stored::read(&Place::Node(id), row, 1);
                if let Ok(entity) = &entity {
                    let derived = self.check_typing(id, entity, row, 7, faults);
                    faults.file(derived);
                }
                let shown = Shown { alive: row.get(5)?, kind: row.get(4)?, updated: row.get(6)? };
                let expected = folded.remove(&target);
                self.compare(target, entity, shown, expected, incomplete, faults);
            }
        }
        let mut statement = self.conn.prepare(
            "SELECT s.id, e.label, t.id, e.key, e.state, e.docs, e.data, NULL, e.alive
             FROM pdb_edge AS e
             JOIN pdb_node AS s ON s.nid = e.source JOIN pdb_node AS t ON t.nid = e.target",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            faults.onlooker.count()?;
            let edge = (|| {
                let (source, label) = (row.get(0)?, row.get(1)?);
                Ok::<_, rusqlite::Error>(EdgeRef {
                    source,
                    label,
                    target: row.get(2)?,
                    key: row.get(3)?,
                })
            })();
            let Ok(edge) = edge else {
                faults.add(FaultPlace::File, "a name of an edge is no text");
                continue;
            };
            let target = Target::Edge(edge);
            let Target::Edge(edge) = &target else { continue };
            if share.has(&target) {
                let entity = stored::read(&Place::Edge(edge), row, 4);
                let shown = Shown { alive: row.get(8)?, kind: None, updated: None };
                let expected = folded.remove(&target);
                self.compare(target, entity, shown, expected, incomplete, faults);
            }
        }
        for target in folded.into_keys() {
            faults.add(FaultPlace::Row(target), "the log tells of it, and there is no row");
        }
        Ok(())
    }

    /// Whether rows are ahead of the log, until what a repair cut is fetched again.
    pub(in crate::engine) fn awaits_records(&self) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM pdb_actor WHERE seq < cut)";
        Ok(self.conn.query_row(sql, [], |row| row.get(0))?)
    }

    fn compare(
        &self,
        target: Target,
        entity: Result<Entity, Error>,
        shown: Shown,
        expected: Option<Entity>,
        incomplete: bool,
        faults: &mut Faults<'_>,
    ) {
        let entity = match entity {
            Ok(entity) => entity,
            Err(error) => return faults.add(FaultPlace::Row(target), super::what(error)),
        };
        let updated = entity.updated().map(|stamp| stamp.hlc.ms() as i64);
        let is_node = matches!(target, Target::Node(_));
        let differs = shown.alive != entity.exists()
            || is_node && (shown.kind.as_deref() != entity.kind() || shown.updated != updated);
        if differs {
            let what = "its columns are not what its state says";
            return faults.add(FaultPlace::Row(target), what);
        }
        // Where records were forgotten, a target without any is held against its checksum alone,
        // and an edge always is: nothing tells what it was before.
        let forgotten = self.cache.horizon.is_some();
        let comparable = !incomplete && (!forgotten || (is_node && expected.is_some()));
        let canonical = |entity: &Entity| entity.encode(&Leaves::new()).state;
        let expected = expected.unwrap_or_default();
        if comparable && canonical(&entity) != canonical(&expected) {
            faults.other(target);
        }
    }

    /// What the log makes of a share of the nodes and edges.
    pub(in crate::engine) fn fold_log(
        &self,
        wanted: impl Fn(&Target) -> bool,
        mut each_record: impl FnMut() -> Result<(), Error>,
    ) -> Result<HashMap<Target, Entity>, Error> {
        let timeline = self.timeline();
        let mut folded: HashMap<Target, Entity> = HashMap::new();
        let mut statement = self.conn.prepare("SELECT bytes FROM pdb_record ORDER BY pos")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each_record()?;
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            // One that cannot be read is a fault of the log, told there.
            let Ok(frame) = Frame::read(bytes) else { continue };
            for part in frame.parts().unwrap_or_default() {
                if !wanted(&part.target) {
                    continue;
                }
                if !folded.contains_key(&part.target) {
                    let start = match &part.target {
                        Target::Node(id) => timeline.baseline(id).unwrap_or_default(),
                        Target::Edge(_) => Entity::default(),
                    };
                    folded.insert(part.target.clone(), start);
                }
                if let Some(entity) = folded.get_mut(&part.target) {
                    entity.apply(part, frame.header.stamp());
                }
            }
        }
        Ok(folded)
    }

    fn fold_share(
        &self,
        share: Share,
        faults: &mut Faults<'_>,
    ) -> Result<HashMap<Target, Entity>, Error> {
        self.fold_log(|target| share.has(target), || faults.onlooker.count())
    }
}
