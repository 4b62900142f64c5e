//! Reading nodes and edges.

use crate::engine::commit::stored::{self, Place};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::reader::Reader;
use crate::engine::storage::rising::rising;
use crate::model::{EdgeRef, Map};
use rusqlite::Row;
use std::str::FromStr;

/// A node as readers see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// Its fields.
    pub data: Map,
    /// When it was last written, anywhere: milliseconds since 1970.
    pub updated: i64,
}

/// An edge as readers see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// Id of the node it leaves.
    pub source: String,
    /// What it means.
    pub label: String,
    /// Id of the node it enters.
    pub target: String,
    /// Empty for the usual single edge.
    pub key: String,
    /// Its data, empty for most.
    pub data: Map,
}

/// Which edges of a node are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Those that leave it.
    #[default]
    Out,
    /// Those that enter it.
    In,
    /// Both; one from a node to itself once.
    Both,
}

impl FromStr for Direction {
    type Err = Error;

    /// `out`, `in` or `both`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "out" => Ok(Self::Out),
            "in" => Ok(Self::In),
            "both" => Ok(Self::Both),
            other => Err(Error::Option {
                option: "direction".into(),
                message: format!("{other:?} is none; give 'out', 'in' or 'both'"),
            }),
        }
    }
}

impl Database {
    /// A node by its id.
    pub fn get(&self, id: &str) -> Result<Option<Node>, Error> {
        self.reader().get(id)
    }

    /// A node by its id, as the JSON text of an object with `id`, `type`, `updated` and `data`.
    ///
    /// The data is passed on as it is stored, so this is what [`Database::get`] gives for readers that
    /// want text, without the time to make values of it.
    ///
    /// ```
    /// # use pluresdb::{Database, object};
    /// let mut db = Database::memory()?;
    /// db.put("milk", "Task", object([("title", "Buy milk".into())]))?;
    /// let json = db.get_json("milk")?.unwrap_or_default();
    /// assert!(json.starts_with(r#"{"id":"milk","type":"Task","updated":"#));
    /// assert!(json.ends_with(r#","data":{"title":"Buy milk"}}"#));
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    pub fn get_json(&self, id: &str) -> Result<Option<String>, Error> {
        self.reader().one(id, node_json)
    }

    /// Nodes in the order of their ids, from the first id after `after` on.
    pub fn list(
        &self,
        kind: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Node>, Error> {
        self.listed(kind, after, limit, node)
    }

    /// The same nodes as JSON texts, each as [`Database::get_json`] gives it.
    pub fn list_json(
        &self,
        kind: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        self.listed(kind, after, limit, node_json)
    }

    fn listed<T>(
        &self,
        kind: Option<&str>,
        after: Option<&str>,
        limit: usize,
        read: impl Fn(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut before = after.unwrap_or_default().to_owned();
        let mut nodes = Vec::new();
        let after = before.clone();
        let mut collect = |mut rows: rusqlite::Rows<'_>| -> Result<(), Error> {
            while let Some(row) = rows.next()? {
                let id: String = row.get(0)?;
                // No id is empty, so this holds of the first one too.
                rising("the index of nodes by id", &before, &id)?;
                nodes.push(read(row)?);
                before = id;
            }
            Ok(())
        };
        match kind {
            Some(kind) => collect(
                self.conn
                    .prepare_cached(
                        "SELECT id, type, updated, state, data, type, shown, shown_seal
                         FROM pdb_node
                         WHERE alive AND type = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
                    )?
                    .query((kind, after, limit as i64))?,
            )?,
            None => collect(
                self.conn
                    .prepare_cached(
                        "SELECT id, type, updated, state, data, type, shown, shown_seal
                         FROM pdb_node
                         WHERE alive AND id > ?1 ORDER BY id LIMIT ?2",
                    )?
                    .query((after, limit as i64))?,
            )?,
        }
        Ok(nodes)
    }

    /// The edges of a node, by label and the id of the other end; those that leave it first.
    pub fn edges(
        &self,
        id: &str,
        direction: Direction,
        label: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Edge>, Error> {
        // One statement for each direction, so that each uses its index.
        let sql = match direction {
            Direction::Both => {
                let mut edges = self.edges(id, Direction::Out, label, limit)?;
                let entering = self.edges(id, Direction::In, label, limit)?;
                edges.extend(entering.into_iter().filter(|edge| edge.source != edge.target));
                edges.truncate(limit);
                return Ok(edges);
            }
            Direction::Out => {
                "SELECT s.id, e.label, t.id, e.key, e.state, e.data, NULL FROM pdb_node AS s
                 JOIN pdb_edge AS e ON e.source = s.nid
                 JOIN pdb_node AS t ON t.nid = e.target
                 WHERE s.id = ?1 AND s.alive AND e.alive AND t.alive
                   AND (?2 IS NULL OR e.label = ?2)
                 ORDER BY e.label, t.id, e.key LIMIT ?3"
            }
            Direction::In => {
                "SELECT s.id, e.label, t.id, e.key, e.state, e.data, NULL FROM pdb_node AS t
                 JOIN pdb_edge AS e ON e.target = t.nid
                 JOIN pdb_node AS s ON s.nid = e.source
                 WHERE t.id = ?1 AND t.alive AND e.alive AND s.alive
                   AND (?2 IS NULL OR e.label = ?2)
                 ORDER BY e.label, s.id, e.key LIMIT ?3"
            }
        };
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query((id, label, limit as i64))?;
        let mut edges = Vec::new();
        while let Some(row) = rows.next()? {
            edges.push(edge(row)?);
        }
        Ok(edges)
    }
}

impl Reader<'_> {
    /// A node by its id.
    pub(in crate::engine) fn get(&self, id: &str) -> Result<Option<Node>, Error> {
        self.one(id, node)
    }

    /// What `read` makes of the row of a node.
    fn one<T>(
        &self,
        id: &str,
        read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id, type, updated, state, data, type, shown, shown_seal FROM pdb_node
             WHERE id = ?1 AND alive",
        )?;
        let mut rows = statement.query([id])?;
        rows.next()?.map(read).transpose()
    }
}

/// A node from the columns id, type, updated, state, data, type, shown, shown_seal.
pub(in crate::engine) fn node(row: &Row<'_>) -> Result<Node, Error> {
    let id: String = row.get(0)?;
    let data = stored::read_shown(&id, row, 3)?;
    let kind: Option<String> = row.get(1)?;
    Ok(Node { id, kind: kind.unwrap_or_default(), data, updated: row.get(2)? })
}

/// The JSON of a node from the same columns.
fn node_json(row: &Row<'_>) -> Result<String, Error> {
    let text = |column: usize| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
    let (id, kind) = (text(0)?.unwrap_or_default(), text(1)?.unwrap_or_default());
    let data = stored::shown_json(id, row, 3)?;
    let updated: i64 = row.get(2)?;
    let (shown_id, shown_kind) = (stored::json(&id), stored::json(&kind));
    Ok(format!(r#"{{"id":{shown_id},"type":{shown_kind},"updated":{updated},"data":{data}}}"#))
}

/// An edge from the columns source, label, target, key, state, data, NULL.
pub(in crate::engine) fn edge(row: &Row<'_>) -> Result<Edge, Error> {
    let edge =
        EdgeRef { source: row.get(0)?, label: row.get(1)?, target: row.get(2)?, key: row.get(3)? };
    let data = stored::read_object(&Place::Edge(&edge), row, 4)?;
    let EdgeRef { source, label, target, key } = edge;
    Ok(Edge { source, label, target, key, data })
}
