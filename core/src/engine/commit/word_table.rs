//! The table of words that FTS5 keeps in memory while a transaction writes texts.
//!
//! It grows with the words of one transaction, never gets smaller, and is gone through whole at the
//! end of each later one: after an import that cost a small write more than all the rest of it. FTS5
//! gives it back when it is disconnected, which SQLite does with everything it knows of the schema when
//! that is to be read anew. Reading it costs as much as some small transactions, so those of an import
//! are let pass, and as many small ones.

use rusqlite::Connection;

/// Bytes of texts whose words make the table large.
const LARGE: usize = 64 * 1024;
/// After how many small transactions a large table goes.
const PATIENCE: u32 = 16;

/// What is known of the table's size.
#[derive(Debug, Default)]
pub(in crate::engine) struct WordTable {
    large: bool,
    /// Transactions since it was last filled.
    small: u32,
}

impl WordTable {
    /// A transaction that wrote this many bytes of texts was committed.
    pub(in crate::engine) fn committed(&mut self, conn: &Connection, bytes: usize) {
        if bytes > LARGE {
            (self.large, self.small) = (true, 0);
        } else if bytes > 0 && self.large {
            self.small += 1;
        }
        if self.small > PATIENCE {
            *self = Self::default();
            // What was committed is there whatever becomes of this: where there is no memory, the
            // next statement tells.
            let _ = conn.execute_batch("PRAGMA writable_schema = RESET");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Database;
    use rusqlite::StatementStatus::RePrepare;

    /// Whether the schema is read anew when so many bytes of texts are written, transaction by transaction.
    fn reads_anew(texts: &[usize]) -> Vec<bool> {
        let db = Database::memory().unwrap();
        let conn = &db.conn;
        let mut statement = conn.prepare("SELECT count(*) FROM pdb_node").unwrap();
        let mut table = WordTable::default();
        let look = |bytes: &usize| {
            table.committed(conn, *bytes);
            assert!(statement.exists([]).unwrap());
            statement.reset_status(RePrepare) > 0
        };
        texts.iter().map(look).collect()
    }

    #[test]
    fn a_large_table_goes_once_small_transactions_follow() {
        let small = [300; PATIENCE as usize];
        let with = |texts: &[usize]| reads_anew(&[texts, &small, &[300, 300]].concat());
        let last = |anew: &[bool]| anew.iter().rposition(|anew| *anew);
        assert_eq!(last(&with(&[])), None);
        assert_eq!(last(&with(&[LARGE])), None);
        assert_eq!(last(&with(&[LARGE + 1])), Some(1 + small.len()));
        assert_eq!(last(&with(&[LARGE + 1, 300, 0, LARGE + 1])), Some(4 + small.len()));
    }
}
