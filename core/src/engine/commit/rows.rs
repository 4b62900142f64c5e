//! Nodes and edges as rows: reading states, writing states with what readers see of them.

use crate::crdt::{Entity, Leaves, Stored, object_of};
use crate::engine::commit::statements::Statements;
use crate::engine::commit::stored::{self, Place};
use crate::engine::error::Error;
use crate::engine::typing::typed::Typed;
use crate::model::{EdgeRef, Hlc, Map, Target};
use crate::types::TYPE_OF_TYPES;
use hashbrown::HashMap;
use rusqlite::{Connection, OptionalExtension};

/// A row that a part is about to change.
#[derive(Debug, Clone)]
pub(in crate::engine) enum Row {
    Node(NodeRow),
    Edge(EdgeRow),
}

/// A node's row, as far as writing needs it. A node not heard of has no number.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct NodeRow {
    pub(in crate::engine) nid: Option<i64>,
    pub(in crate::engine) alive: bool,
    pub(in crate::engine) entity: Entity,
    /// Whether the columns `alive` and `type` may stay as they are. They are in indexes, which an
    /// update that names them writes anew.
    pub(in crate::engine) keeps_kind: bool,
}

/// A node as it was written.
#[derive(Debug)]
pub(in crate::engine) struct Written<'a> {
    pub(in crate::engine) nid: i64,
    /// The leaves that are stored, while the node exists.
    pub(in crate::engine) leaves: Option<Leaves<'a>>,
    /// The same as an object, where a definition of types looks at it or is it.
    pub(in crate::engine) object: Option<Map>,
    /// What readers see, where that is not the stored object.
    pub(in crate::engine) shown: Option<Map>,
}

/// An edge's row. An end not heard of has no number yet.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct EdgeRow {
    source: Option<i64>,
    target: Option<i64>,
    pub(in crate::engine) entity: Entity,
}

impl Row {
    /// The row of a target, a fresh one where there is none.
    pub(in crate::engine) fn load(
        statements: &mut Statements<'_>,
        nids: &mut Nids,
        target: &Target,
    ) -> Result<Self, Error> {
        match target {
            Target::Node(id) => NodeRow::load(statements, id).map(Self::Node),
            Target::Edge(edge) => EdgeRow::load(statements, nids, edge).map(Self::Edge),
        }
    }

    pub(in crate::engine) fn entity(&self) -> &Entity {
        match self {
            Self::Node(row) => &row.entity,
            Self::Edge(row) => &row.entity,
        }
    }

    /// Puts another state in the place of the row's, to be folded anew; what the row and its
    /// projections hold is kept in mind.
    pub(in crate::engine) fn set_entity(&mut self, entity: Entity) {
        match self {
            Self::Node(row) => (row.entity, row.keeps_kind) = (entity, false),
            Self::Edge(row) => row.entity = entity,
        }
    }
}

impl NodeRow {
    pub(in crate::engine) fn load(
        statements: &mut Statements<'_>,
        id: &str,
    ) -> Result<Self, Error> {
        let statement = statements
            .get("SELECT nid, alive, state, docs, data, type FROM pdb_node WHERE id = ?1")?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else {
            return Ok(Self::default());
        };
        let entity = stored::read(&Place::Node(id), row, 2)?;
        Ok(Self { nid: row.get(0)?, alive: row.get(1)?, entity, keeps_kind: true })
    }

    /// A row whose state is to be replaced.
    pub(in crate::engine) fn to_replace(nid: Option<i64>, entity: Entity) -> Self {
        Self { nid, alive: false, entity, keeps_kind: false }
    }

    /// Keeps what the node is before its first change since `horizon`, where no record of it is in the
    /// log: those that made it so were forgotten. Else it is told by its records, and by what was kept when
    /// earlier ones were forgotten; a record that is in the log must not be in what is kept as well,
    /// since it may move to another actor.
    pub(in crate::engine) fn keep_baseline(
        &self,
        conn: &Connection,
        horizon: Hlc,
    ) -> Result<(), Error> {
        let Some(nid) = self.nid else {
            return Ok(());
        };
        if self.entity.updated().is_some_and(|stamp| stamp.hlc < horizon) {
            conn.prepare_cached(
                "INSERT OR IGNORE INTO pdb_baseline
                 SELECT nid, type, data, state, docs FROM pdb_node AS n WHERE nid = ?1
                   AND NOT EXISTS (SELECT 1 FROM pdb_touch AS t WHERE t.nid = n.nid)
                   AND NOT EXISTS (SELECT 1 FROM pdb_touch_recent AS t WHERE t.nid = n.nid)",
            )?
            .execute([nid])?;
        }
        Ok(())
    }

    /// Writes the node.
    pub(in crate::engine) fn store(
        &self,
        statements: &mut Statements<'_>,
        nids: &mut Nids,
        id: &str,
        typed: Option<&Typed>,
    ) -> Result<Written<'_>, Error> {
        let updated = self.entity.updated().map(|stamp| stamp.hlc.ms() as i64);
        let (columns, leaves) = Columns::of(&self.entity, &Place::Node(id));
        let Columns { alive, kind, data, state, docs } = columns;
        let looked_at = typed.is_some() || kind == Some(TYPE_OF_TYPES);
        let object = leaves.as_ref().filter(|_| looked_at).map(|leaves| object_of(leaves.clone()));
        let shown = object.as_ref().and_then(|object| shown(typed, &self.entity, object));
        let sealed = shown.as_ref().map(|shown| stored::sealed_shown(id, shown));
        let (seen, seal) = sealed.unzip();
        // An edge of the same transaction may have made the row since it was looked for.
        let Some(nid) = self.nid.or_else(|| nids.made(id)) else {
            statements
                .get(
                    "INSERT INTO pdb_node
                         (id, alive, type, updated, data, state, docs, shown, shown_seal)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute((id, alive, kind, updated, data, state, docs, seen, seal))?;
            return Ok(Written { nid: nids.add(statements.conn, id), leaves, object, shown });
        };
        if self.keeps_kind {
            statements
                .get(
                    "UPDATE pdb_node SET updated = ?2, data = ?3, state = ?4, docs = ?5,
                         shown = ?6, shown_seal = ?7
                     WHERE nid = ?1",
                )?
                .execute((nid, updated, data, state, docs, seen, seal))?;
        } else {
            statements
                .get(
                    "UPDATE pdb_node SET alive = ?2, type = ?3, updated = ?4, data = ?5,
                         state = ?6, docs = ?7, shown = ?8, shown_seal = ?9
                     WHERE nid = ?1",
                )?
                .execute((nid, alive, kind, updated, data, state, docs, seen, seal))?;
        }
        Ok(Written { nid, leaves, object, shown })
    }
}

/// How an object reads under its type's definition, where that is not as it is stored.
pub(in crate::engine) fn shown(
    typed: Option<&Typed>,
    entity: &Entity,
    object: &Map,
) -> Option<Map> {
    let typed = typed.filter(|typed| typed.migrates())?;
    let shown = typed.shown(entity, object.clone());
    (shown != *object).then_some(shown)
}

/// Writes what a node shows where that is not what is stored.
pub(in crate::engine) fn write_shown(
    conn: &Connection,
    nid: i64,
    id: &str,
    shown: Option<&Map>,
) -> Result<(), Error> {
    let (shown, seal) = shown.map(|shown| stored::sealed_shown(id, shown)).unzip();
    conn.prepare_cached("UPDATE pdb_node SET shown = ?2, shown_seal = ?3 WHERE nid = ?1")?
        .execute((nid, shown, seal))?;
    Ok(())
}

/// Writes what a node was before the first record of it that the log still has.
pub(in crate::engine) fn write_baseline(
    conn: &Connection,
    nid: i64,
    id: &str,
    entity: &Entity,
) -> Result<(), Error> {
    let (columns, _) = Columns::of(entity, &Place::Node(id));
    let Columns { kind, data, state, docs, .. } = columns;
    conn.prepare_cached("INSERT OR REPLACE INTO pdb_baseline VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((nid, kind, data, state, docs))?;
    Ok(())
}

/// What of an entity goes into a row.
struct Columns<'a> {
    alive: bool,
    kind: Option<&'a str>,
    data: Option<String>,
    state: Vec<u8>,
    docs: Option<Vec<u8>>,
}

impl<'a> Columns<'a> {
    /// The columns, and what readers see while the entity exists.
    fn of(entity: &'a Entity, place: &Place<'_>) -> (Self, Option<Leaves<'a>>) {
        let alive = entity.exists();
        let leaves = if alive { entity.leaves() } else { Leaves::new() };
        let Stored { state, docs } = entity.encode(&leaves);
        // An edge without data has none, so that edges stay small.
        let shown = alive && (place.is_node() || !leaves.is_empty());
        let data = shown.then(|| stored::json(&leaves));
        let kind = entity.kind();
        let state = stored::sealed(place, kind, data.as_deref(), state);
        let columns = Self { alive, kind, data, state, docs: docs.map(stored::sealed_docs) };
        (columns, alive.then_some(leaves))
    }
}

impl EdgeRow {
    /// A row whose state is to be replaced.
    pub(in crate::engine) fn to_replace(entity: Entity) -> Self {
        Self { source: None, target: None, entity }
    }

    fn load(
        statements: &mut Statements<'_>,
        nids: &mut Nids,
        edge: &EdgeRef,
    ) -> Result<Self, Error> {
        let source = nids.find(statements, &edge.source)?;
        let target = nids.find(statements, &edge.target)?;
        let mut found = Self { source, target, entity: Entity::default() };
        let (Some(source), Some(target)) = (source, target) else {
            return Ok(found);
        };
        let statement = statements.get(
            "SELECT state, docs, data, NULL FROM pdb_edge
             WHERE source = ?1 AND label = ?2 AND target = ?3 AND key = ?4",
        )?;
        let mut rows = statement.query((source, &edge.label, target, &edge.key))?;
        if let Some(row) = rows.next()? {
            found.entity = stored::read(&Place::Edge(edge), row, 0)?;
        }
        Ok(found)
    }

    pub(in crate::engine) fn store(
        &self,
        statements: &mut Statements<'_>,
        nids: &mut Nids,
        edge: &EdgeRef,
    ) -> Result<(), Error> {
        let mut number = |known: Option<i64>, id: &str| match known {
            Some(nid) => Ok(nid),
            None => nids.ensure(statements, id),
        };
        let source = number(self.source, &edge.source)?;
        let target = number(self.target, &edge.target)?;
        let (columns, _) = Columns::of(&self.entity, &Place::Edge(edge));
        let Columns { alive, data, state, docs, .. } = columns;
        let statement = statements.get(
            "INSERT INTO pdb_edge (source, label, target, key, alive, data, state, docs)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT DO UPDATE SET alive = excluded.alive, data = excluded.data,
                 state = excluded.state, docs = excluded.docs",
        )?;
        statement.execute((source, &edge.label, target, &edge.key, alive, data, state, docs))?;
        Ok(())
    }
}

/// Numbers of nodes in one SQLite transaction. A number never changes, but a rollback takes back
/// new ones, so this lives as long as the transaction.
#[derive(Debug, Default)]
pub(in crate::engine) struct Nids {
    /// Of rows made in this transaction.
    made: HashMap<String, i64>,
    /// Of rows looked up.
    found: HashMap<String, i64>,
}

/// Most looked-up numbers kept.
const MAX_FOUND: usize = 100_000;

impl Nids {
    /// The number of a node whose row was made in this transaction.
    fn made(&self, id: &str) -> Option<i64> {
        self.made.get(id).copied()
    }

    /// The number of a node, if it was heard of.
    fn find(&mut self, statements: &mut Statements<'_>, id: &str) -> Result<Option<i64>, Error> {
        if let Some(nid) = self.made.get(id).or_else(|| self.found.get(id)) {
            return Ok(Some(*nid));
        }
        let nid = statements
            .get("SELECT nid FROM pdb_node WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        if let Some(nid) = nid {
            if self.found.len() >= MAX_FOUND {
                self.found.clear();
            }
            self.found.insert(id.to_owned(), nid);
        }
        Ok(nid)
    }

    /// The number of a node; a row without state is made for one not heard of.
    fn ensure(&mut self, statements: &mut Statements<'_>, id: &str) -> Result<i64, Error> {
        if let Some(nid) = self.find(statements, id)? {
            return Ok(nid);
        }
        statements
            .get("INSERT INTO pdb_node (id, alive, state) VALUES (?1, 0, x'')")?
            .execute([id])?;
        Ok(self.add(statements.conn, id))
    }

    /// Notes the row just inserted.
    fn add(&mut self, conn: &Connection, id: &str) -> i64 {
        let nid = conn.last_insert_rowid();
        self.made.insert(id.to_owned(), nid);
        nid
    }
}
