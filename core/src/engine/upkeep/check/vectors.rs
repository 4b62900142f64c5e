//! The vectors of nodes, and what is to be made of their texts, against the nodes.

use super::{FaultPlace, Faults};
use crate::engine::commit::stored;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::vectors::projection::{self, read, vectors};
use crate::types::Metric;
use crate::vectors;

impl Database {
    pub(in crate::engine) fn check_vectors(&self, faults: &mut Faults<'_>) -> Result<(), Error> {
        let mut expected = 0;
        let types = self.cache.types.iter().filter(|(_, typed)| typed.vectors);
        for (kind, typed) in types {
            let mut statement = self.conn.prepare_cached(
                "SELECT nid, id, state, data, type, shown, shown_seal FROM pdb_node
                 WHERE alive AND type = ?1",
            )?;
            let mut rows = statement.query([kind])?;
            while let Some(row) = rows.next()? {
                let (nid, id): (i64, String) = (row.get(0)?, row.get(1)?);
                let mut found = projection::found(&self.conn, nid)?;
                // A row that cannot be read is told as a fault of the row.
                let Ok(object) = stored::read_shown(&id, row, 2) else {
                    expected += found.len() as i64;
                    continue;
                };
                let wanted = projection::wanted(Some(typed), Some(&object));
                for (field, kept) in wanted {
                    expected += 1;
                    if found.remove(field) != Some((kind.clone(), kept)) {
                        let what = format!("{field:?} of node {id:?} is not noted as the node is");
                        faults.add(FaultPlace::Vectors, what);
                    }
                }
            }
            for (field, declared) in vectors(typed) {
                self.check_made(kind, field, declared.dimension as usize, faults)?;
            }
        }
        let sql = "SELECT count(*) FROM pdb_vector";
        let found: i64 = self.conn.query_row(sql, [], |row| row.get(0))?;
        if found > expected {
            let what = format!("{found} are noted, and the nodes have {expected}");
            faults.add(FaultPlace::Vectors, what);
        }
        Ok(())
    }

    /// Vectors made of texts that are none of their field.
    fn check_made(
        &self,
        kind: &str,
        field: &str,
        dimension: usize,
        faults: &mut Faults<'_>,
    ) -> Result<(), Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT nid, vector FROM pdb_vector
             WHERE type = ?1 AND field = ?2 AND source IS NOT NULL AND vector IS NOT NULL",
        )?;
        let mut rows = statement.query((kind, field))?;
        let mut vector = Vec::with_capacity(dimension);
        while let Some(row) = rows.next()? {
            read(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?, &mut vector);
            // A model may give zeros: they are found by no angle, and are no fault.
            if let Err(error) = vectors::check(Metric::Dot, dimension, &vector) {
                let nid: i64 = row.get(0)?;
                let what = format!("{field:?} of {kind:?}, made for node number {nid}: {error}");
                faults.add(FaultPlace::Vectors, what);
            }
        }
        Ok(())
    }
}
