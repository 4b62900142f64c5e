//! Compiled statements, kept at hand while one transaction is written.
//!
//! The connection's own cache is a map by the statement's text, which it copies and hashes for each
//! use. A transaction uses few statements, but each of them for every record: here they are found by
//! where their text is. When the transaction ends they go back to the connection.

use crate::engine::error::Error;
use rusqlite::{CachedStatement, Connection};
use std::fmt;

/// The statements of one transaction.
pub(in crate::engine) struct Statements<'c> {
    pub(in crate::engine) conn: &'c Connection,
    kept: Vec<(&'static str, CachedStatement<'c>)>,
}

impl<'c> Statements<'c> {
    pub(in crate::engine) const fn new(conn: &'c Connection) -> Self {
        Self { conn, kept: Vec::new() }
    }

    /// A compiled statement. The same text at two places is two statements, which does no harm.
    pub(in crate::engine) fn get(
        &mut self,
        sql: &'static str,
    ) -> Result<&mut CachedStatement<'c>, Error> {
        let place = match self.kept.iter().position(|(text, _)| std::ptr::eq(*text, sql)) {
            Some(place) => place,
            None => {
                self.kept.push((sql, self.conn.prepare_cached(sql)?));
                self.kept.len() - 1
            }
        };
        #[expect(clippy::indexing_slicing, reason = "the place was just found or made")]
        Ok(&mut self.kept[place].1)
    }
}

impl fmt::Debug for Statements<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.kept.iter().map(|(text, _)| text)).finish()
    }
}
