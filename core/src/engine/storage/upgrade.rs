//! Brings the tables of an earlier format to the present one, when a database is opened.
//!
//! All of it is one SQLite transaction: after a crash the file is as it was, and the next open does it
//! again. The log and the states of nodes are the same in these formats, so that what changes can be
//! derived from them. A program of the earlier version refuses the file afterwards, and says why.

use super::schema;
use crate::engine::commit::text_index;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::typing::define;
use std::sync::Arc;

/// The earliest format that is read.
pub(in crate::engine) const OLDEST: i64 = 3;

impl Database {
    /// Brings an opened database to the present format. What is kept at hand of it is loaded later.
    pub(in crate::engine) fn upgrade(&mut self) -> Result<(), Error> {
        if self.format()? == schema::FORMAT {
            return Ok(());
        }
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        let outcome =
            self.bring_up().and_then(|()| self.conn.execute_batch("COMMIT").map_err(Error::from));
        if outcome.is_err() {
            // A commit that failed may have rolled back by itself; then this changes nothing.
            let _ = self.conn.execute_batch("ROLLBACK");
        }
        outcome
    }

    fn bring_up(&mut self) -> Result<(), Error> {
        // Another process may have done it while this one waited.
        if self.format()? == schema::FORMAT {
            return Ok(());
        }
        self.make_format_4()?;
        self.set_meta("format", schema::FORMAT)
    }

    /// Vectors that stand in nodes have rows too, beside those made of texts, which stay. Types have text
    /// indexes of their own, and the one that others share cuts more scripts. What the latest records
    /// touched is noted in a table of its own.
    fn make_format_4(&mut self) -> Result<(), Error> {
        self.conn.execute_batch(schema::RECENT_TOUCHES)?;
        self.conn.execute_batch(schema::TEXT_TABLES)?;
        self.conn.execute_batch(schema::VECTORS)?;
        self.conn.execute_batch(
            "INSERT INTO pdb_vector (nid, type, field, source, model, vector)
               SELECT nid, type, field, source, model, vector FROM pdb_embedding;
             DROP TABLE pdb_embedding;",
        )?;
        self.reload()?;
        let types = Arc::clone(&self.cache.types);
        // The earlier version may have found other faults in the same nodes and definitions.
        define::read_anew(&self.conn, &types, None, None)?;
        if self.text_index {
            text_index::rebuild(&self.conn, &mut self.cache.text, &types)?;
        }
        Ok(())
    }

    fn format(&self) -> Result<i64, Error> {
        Ok(self.meta("format")?.unwrap_or_default())
    }
}
