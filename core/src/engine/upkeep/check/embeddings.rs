//! The vectors made of texts, against the texts of the nodes.

use super::{FaultPlace, Faults};
use crate::engine::commit::stored;
use crate::engine::database::Database;
use crate::engine::embedding::{fields, projection};
use crate::engine::error::Error;

impl Database {
    pub(in crate::engine) fn check_embeddings(&self, faults: &mut Faults<'_>) -> Result<(), Error> {
        let mut expected = 0;
        let types = self.cache.types.iter().filter(|(_, typed)| typed.embeds);
        for (kind, typed) in types {
            let mut statement = self.conn.prepare_cached(
                "SELECT nid, id, state, data, type, shown, shown_seal FROM pdb_node
                 WHERE alive AND type = ?1",
            )?;
            let mut rows = statement.query([kind])?;
            while let Some(row) = rows.next()? {
                let (nid, id): (i64, String) = (row.get(0)?, row.get(1)?);
                let found = projection::found(&self.conn, nid)?;
                // A row that cannot be read is told as a fault of the row.
                let Ok(object) = stored::read_shown(&id, row, 2) else {
                    expected += found.len() as i64;
                    continue;
                };
                let wanted = projection::wanted(Some(typed), Some(&object));
                for (field, source) in wanted {
                    expected += 1;
                    if found.get(field) != Some(&(kind.clone(), source)) {
                        let what = format!("{field:?} of node {id:?} is not noted as its text is");
                        faults.add(FaultPlace::Embeddings, what);
                    }
                }
            }
        }
        self.check_vectors(faults)?;
        let sql = "SELECT count(*) FROM pdb_embedding";
        let found: i64 = self.conn.query_row(sql, [], |row| row.get(0))?;
        if found > expected {
            let what = format!("{found} are noted, and {expected} texts are to have one");
            faults.add(FaultPlace::Embeddings, what);
        }
        Ok(())
    }

    /// Vectors of another length than their field declares.
    fn check_vectors(&self, faults: &mut Faults<'_>) -> Result<(), Error> {
        let mut statement = self.conn.prepare(
            "SELECT type, field, length(vector), count(*) FROM pdb_embedding
             WHERE vector IS NOT NULL GROUP BY 1, 2, 3",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, field, bytes): (String, String, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let declared =
                self.cache.types.get(&kind).and_then(|typed| fields::dimension(typed, &field));
            if declared.is_some_and(|declared| i64::from(declared) * 4 != bytes) {
                let count: i64 = row.get(3)?;
                let what = format!("{count} of {field:?} of {kind} have {bytes} bytes");
                faults.add(FaultPlace::Embeddings, what);
            }
        }
        Ok(())
    }
}
