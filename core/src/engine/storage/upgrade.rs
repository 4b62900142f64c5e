//! Brings the tables of an earlier format to the present one, when a database is opened.
//!
//! All of it is one SQLite transaction: after a crash the file is as it was, and the next open does it
//! again. The log and the states of nodes are the same in these formats, so that what changes can be
//! derived from them. A program of the earlier version refuses the file afterwards, and says why.

use super::schema;
use crate::engine::commit::text_index;
use crate::engine::database::Database;
use crate::engine::error::Error;

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

    /// Types have text indexes of their own, and the one that others share cuts more scripts.
    fn make_format_4(&mut self) -> Result<(), Error> {
        self.conn.execute_batch(schema::TEXT_TABLES)?;
        self.reload()?;
        if self.text_index {
            text_index::rebuild(&self.conn, &mut self.cache.text, &self.cache.types)?;
        }
        Ok(())
    }

    fn format(&self) -> Result<i64, Error> {
        Ok(self.meta("format")?.unwrap_or_default())
    }
}
