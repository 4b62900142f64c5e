//! What reading needs of a database: the tables and what is known of them.
//!
//! A transaction that is open reads through one as well, so whatever is asked inside of it, by a
//! statement or by a function that the statement calls, sees the rows that it has written.

use crate::engine::commit::cache::{Cache, definitions};
use crate::engine::commit::held_texts::HeldTexts;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::sql::SqlParts;
use crate::engine::typing::typed::Types;
use rusqlite::{Connection, DropBehavior};
use std::sync::Arc;

/// The reading side of a database.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Reader<'a> {
    pub(in crate::engine) conn: &'a Connection,
    pub(in crate::engine) cache: &'a Cache,
    pub(in crate::engine) sql: &'a SqlParts,
    pub(in crate::engine) held: &'a HeldTexts,
    /// Whether there is an index of texts.
    pub(in crate::engine) text_index: bool,
    /// Whether the tables hold rows of an open transaction, which may be taken back.
    pub(in crate::engine) uncommitted: bool,
}

impl Database {
    pub(in crate::engine) const fn reader(&self) -> Reader<'_> {
        let Self { conn, cache, sql, held, text_index, .. } = self;
        Reader { conn, cache, sql, held, text_index: *text_index, uncommitted: false }
    }
}

impl<'a> Reader<'a> {
    /// A transaction that keeps several statements on one state of the database, unless there is one.
    pub(in crate::engine) fn snapshot(&self) -> Result<Option<rusqlite::Transaction<'a>>, Error> {
        if self.conn.is_autocommit() {
            // It may read the text index, and does not write it.
            self.held.settle(self.conn)?;
            let mut transaction = self.conn.unchecked_transaction()?;
            // It writes nothing but tables on the side. To take these back would end statements that pause.
            transaction.set_drop_behavior(DropBehavior::Commit);
            return Ok(Some(transaction));
        }
        Ok(None)
    }

    /// The definitions as they are in the tables now, also where another process has changed them.
    pub(in crate::engine) fn types(&self) -> Result<Arc<Types>, Error> {
        Ok(match self.cache.is_stale(self.conn)? {
            true => Arc::new(definitions(self.conn)?),
            false => Arc::clone(&self.cache.types),
        })
    }
}
