//! Which live queries a look has to run again: those that meet what was touched.
//!
//! What this costs depends on what was touched and on what is found, not on how many live queries
//! there are.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::live::routes::Key;
use crate::engine::live::set::LiveSet;
use crate::engine::live::touch::Touched;
use std::collections::{BTreeSet, HashSet};

/// Of a node that came or went, most ends of edges that are looked at one by one.
const MAX_ENDS: usize = 256;

impl LiveSet {
    /// The statements whose rows may have changed.
    pub(super) fn affected(
        &self,
        db: &Database,
        touched: &Touched,
    ) -> Result<BTreeSet<u64>, Error> {
        if touched.everything {
            return Ok(self.queries.keys().copied().collect());
        }
        let mut found: BTreeSet<u64> = self.readers.beyond().collect();
        found.extend(&self.stale);
        for view in &touched.views {
            found.extend(self.readers.all(view));
        }
        self.by_nodes(db, touched, &mut found)?;
        for edge in &touched.edges {
            self.by_ends([edge.source.as_str(), &edge.target], &mut found);
        }
        if !touched.edges.is_empty() {
            found.extend(self.readers.without_route("edges"));
        }
        Ok(found)
    }

    fn by_nodes(
        &self,
        db: &Database,
        touched: &Touched,
        found: &mut BTreeSet<u64>,
    ) -> Result<(), Error> {
        let mut kinds: HashSet<String> = HashSet::new();
        for (id, node) in &touched.nodes {
            let id_key = Key::of_text(id);
            found.extend(self.routes.find("nodes", "id", &id_key));
            let now = db.kind_of(id)?;
            if let Some(kind) = &node.kind {
                let values = node.values.iter().map(|(column, key)| (column.as_str(), key));
                for (column, key) in values.chain([("id", &id_key)]) {
                    found.extend(self.routes.find(kind, column, key));
                }
            }
            if let Some(kind) = &now {
                for (column, key) in self.watched.values(&db.conn, kind, id)? {
                    found.extend(self.routes.find(kind, &column, &key));
                }
                found.extend(self.routes.find(kind, "id", &id_key));
            }
            if touched.ends && node.kind.is_some() != now.is_some() && self.readers.any("edges") {
                self.by_hidden(db, id, found)?;
            }
            kinds.extend(node.kind.clone());
            kinds.extend(now);
        }
        for kind in &kinds {
            found.extend(self.readers.without_route(kind));
        }
        if !touched.nodes.is_empty() {
            found.extend(self.readers.without_route("nodes"));
        }
        Ok(())
    }

    /// Edges come and go with their ends. A node that has none, as one that is new, changes no row.
    fn by_hidden(&self, db: &Database, id: &str, found: &mut BTreeSet<u64>) -> Result<(), Error> {
        let ends = db.ends_of(id)?;
        if ends.is_empty() {
            return Ok(());
        }
        if ends.len() > MAX_ENDS {
            found.extend(self.readers.all("edges"));
            return Ok(());
        }
        found.extend(self.readers.without_route("edges"));
        self.by_ends(ends.iter().map(String::as_str).chain([id]), found);
        Ok(())
    }

    fn by_ends<'a>(&self, ends: impl IntoIterator<Item = &'a str>, found: &mut BTreeSet<u64>) {
        for end in ends {
            let key = Key::of_text(end);
            for column in ["source", "target"] {
                found.extend(self.routes.find("edges", column, &key));
            }
        }
    }
}

impl Database {
    /// The type of a node that exists.
    fn kind_of(&self, id: &str) -> Result<Option<String>, Error> {
        let mut statement =
            self.conn.prepare_cached("SELECT type FROM pdb_node WHERE id = ?1 AND alive")?;
        let mut rows = statement.query([id])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?.flatten())
    }

    /// The ids at the other ends of a node's edges, those hidden included; of too many only some more
    /// than [`MAX_ENDS`].
    fn ends_of(&self, id: &str) -> Result<Vec<String>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT o.id FROM pdb_node AS n JOIN pdb_edge AS e ON e.source = n.nid
             JOIN pdb_node AS o ON o.nid = e.target WHERE n.id = ?1 AND e.alive
             UNION ALL
             SELECT o.id FROM pdb_node AS n JOIN pdb_edge AS e ON e.target = n.nid
             JOIN pdb_node AS o ON o.nid = e.source WHERE n.id = ?1 AND e.alive
             LIMIT ?2",
        )?;
        let rows = statement.query_map((id, MAX_ENDS as i64 + 1), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
