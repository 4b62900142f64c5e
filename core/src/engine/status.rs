//! What a database says of itself.

use super::database::Database;
use super::error::Error;
use super::replicate::waiting::Waiting;
use super::storage::schema;
use crate::crypto::SetHash;
use crate::model::{ActorId, SpaceId};

/// Counts and identity of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The space it replicates.
    pub space: SpaceId,
    /// The actor that writes here, or that the next write goes on as. `None` where that will be a
    /// new one.
    pub actor: Option<ActorId>,
    /// Nodes that exist.
    pub nodes: u64,
    /// Edges that readers see.
    pub edges: u64,
    /// Records in the log.
    pub records: u64,
    /// Actors that have written.
    pub actors: u64,
    /// Records that came and do not count yet.
    pub waiting: Waiting,
    /// How often two writers were found to be one actor; [`Database::forks`] has them.
    pub forks: u64,
    /// Size of the database in bytes.
    pub bytes: u64,
    /// Types that have no view, because their name is reserved or taken by another type.
    pub types_without_view: Vec<String>,
}

impl Database {
    /// Counts and identity.
    pub fn status(&self) -> Result<Status, Error> {
        Ok(Status {
            space: self.space,
            actor: self.next_actor(),
            nodes: self.count("SELECT count(*) FROM pdb_node WHERE alive")?,
            edges: self.edge_count()?,
            records: self.count("SELECT count(*) FROM pdb_record")?,
            actors: self.count("SELECT count(*) FROM pdb_actor")?,
            waiting: self.waiting()?,
            forks: self.count("SELECT count(*) FROM pdb_fork")?,
            bytes: self.count(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            )?,
            types_without_view: schema::types_without_view(&self.conn)?,
        })
    }

    /// A hash that is equal on two databases of one space exactly when their merged states are,
    /// deletes included.
    pub fn state_hash(&self) -> Result<String, Error> {
        let mut hash = SetHash::default();
        let mut statement =
            self.conn.prepare_cached("SELECT id, state FROM pdb_node WHERE length(state) > 0")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id = row.get_ref(0)?.as_bytes().map_err(rusqlite::Error::from)?;
            let state = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            hash.add(&[b"node", id, state]);
        }
        let mut statement = self.conn.prepare_cached(
            "SELECT s.id, e.label, t.id, e.key, e.state FROM pdb_edge AS e
             JOIN pdb_node AS s ON s.nid = e.source JOIN pdb_node AS t ON t.nid = e.target",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let bytes =
                |column: usize| row.get_ref(column)?.as_bytes().map_err(rusqlite::Error::from);
            hash.add(&[b"edge", bytes(0)?, bytes(1)?, bytes(2)?, bytes(3)?, bytes(4)?]);
        }
        Ok(hash.to_string())
    }

    /// Edges that exist, less those hidden with one of their ends. CROSS JOIN goes by the hidden
    /// nodes, which are few.
    fn edge_count(&self) -> Result<u64, Error> {
        let alive = self.count("SELECT count(*) FROM pdb_edge WHERE alive")?;
        let hidden = self.count(
            "SELECT count(*) FROM
               (SELECT e.source, e.label, e.target, e.key FROM pdb_node AS n
                  CROSS JOIN pdb_edge AS e ON e.source = n.nid WHERE NOT n.alive AND e.alive
                UNION
                SELECT e.source, e.label, e.target, e.key FROM pdb_node AS n
                  CROSS JOIN pdb_edge AS e ON e.target = n.nid WHERE NOT n.alive AND e.alive)",
        )?;
        // The first count is of an index: where it disagrees with the table, a disk has changed one.
        alive.checked_sub(hidden).ok_or_else(|| Error::Damaged {
            place: "the index of edges".into(),
            what: format!("it has {alive} edges, fewer than the {hidden} with a deleted end"),
        })
    }

    fn count(&self, sql: &str) -> Result<u64, Error> {
        let count: i64 = self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(count as u64)
    }
}
