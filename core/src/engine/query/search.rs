//! Full-text search.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::read::{Node, node};
use crate::engine::query::words::match_expression;

/// A found node.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The node.
    pub node: Node,
    /// The higher the better: BM25, or how near by the metric, or both ranked together.
    pub score: f64,
}

impl Database {
    /// Nodes that hold all the words typed, the best first; the last word may be a beginning.
    ///
    /// # Errors
    /// [`Error::NoTextIndex`] where the database was created without a text index.
    pub fn search(&self, typed: &str, kind: Option<&str>, limit: usize) -> Result<Vec<Hit>, Error> {
        if !self.text_index {
            return Err(Error::NoTextIndex);
        }
        let Some(expression) = match_expression(typed) else {
            return Ok(Vec::new());
        };
        let mut statement = self.conn.prepare_cached(
            "SELECT n.id, n.type, n.updated, n.state, n.data, n.type, n.shown,
                    n.shown_seal, -t.rank
             FROM pdb_text AS t JOIN pdb_node AS n ON n.nid = t.rowid
             WHERE t.pdb_text MATCH ?1 AND n.alive AND (?2 IS NULL OR n.type = ?2)
             ORDER BY t.rank LIMIT ?3",
        )?;
        let mut rows = statement.query((expression, kind, limit as i64))?;
        let mut hits = Vec::new();
        while let Some(row) = rows.next()? {
            hits.push(Hit { node: node(row)?, score: row.get(8)? });
        }
        Ok(hits)
    }
}
