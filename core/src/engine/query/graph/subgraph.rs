//! A part of the graph: some nodes, what is around them, and the edges between all of these.

use super::answers::Subgraph;
use super::hops::{Hops, json};
use super::options::Walk;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::read::{edge, node};
use crate::graph::{self, Bound};
use std::collections::HashSet;

impl Database {
    /// The nodes given and those within the depth of the walk, with all edges between them. With a depth
    /// of 0 it is the part of the graph that the nodes given make up.
    ///
    /// # Errors
    /// [`Error::NotFound`] where one of the nodes does not exist, [`Error::Sql`] for a filter that SQLite
    /// does not take.
    pub fn subgraph(&self, ids: &[&str], walk: &Walk) -> Result<Subgraph, Error> {
        let _snapshot = self.reader().snapshot()?;
        let mut source = Hops::new(self.reader(), walk, None)?;
        let starts = ids.iter().map(|id| source.number(id)).collect::<Result<Vec<_>, Error>>()?;
        let found = graph::traverse(&mut source, &starts, walk.depth, walk.limits)?;
        let inside: HashSet<i64> = found.reached.iter().map(|reached| reached.node).collect();
        let mut statement = self.conn.prepare_cached(
            "SELECT id, type, updated, state, data, type, shown, shown_seal FROM pdb_node
             WHERE nid = ?1",
        )?;
        let mut nodes = Vec::with_capacity(inside.len());
        for reached in &found.reached {
            let mut rows = statement.query([reached.node])?;
            if let Some(row) = rows.next()? {
                nodes.push(node(row)?);
            }
        }
        let mut part = Subgraph { nodes, edges: Vec::new(), stopped: found.stopped };
        let mut between = self.conn.prepare_cached(
            "SELECT s.id, e.label, t.id, e.key, e.state, e.data, NULL, e.target
             FROM pdb_edge AS e
             JOIN pdb_node AS s ON s.nid = e.source JOIN pdb_node AS t ON t.nid = e.target
             WHERE e.source = ?1 AND e.alive AND t.alive
               AND (?2 = '[]' OR e.label IN (SELECT value FROM json_each(?2)))",
        )?;
        let labels = json(&walk.labels);
        let mut looked_at = 0;
        for reached in &found.reached {
            let mut rows = between.query((reached.node, &labels))?;
            while let Some(row) = rows.next()? {
                if looked_at == walk.limits.edges {
                    part.stopped.get_or_insert(Bound::Edges);
                    return Ok(part);
                }
                looked_at += 1;
                if inside.contains(&row.get(7)?) {
                    part.edges.push(edge(row)?);
                }
            }
        }
        Ok(part)
    }
}
