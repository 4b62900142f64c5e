//! Keeps the full-text projection in step with the nodes of one SQLite transaction.
//!
//! Changes wait until the end of the transaction and are then written by rising row number: FTS5
//! flushes its memory each time a number is not higher than the one before, which made an import
//! of nodes and edges in mixed order four times slower.

use crate::engine::commit::stored;
use crate::engine::error::Error;
use crate::engine::query::words::text_of;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Gives the text of every node, as its readers see it, by rising number. A row that cannot be read
/// is left out: its readers are told of it.
pub(in crate::engine) fn each_text(
    conn: &Connection,
    mut take: impl FnMut(i64, String) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut statement = conn.prepare(
        "SELECT nid, id, state, data, type, shown, shown_seal FROM pdb_node
         WHERE alive ORDER BY nid",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: String = row.get(1)?;
        if let Ok(object) = stored::read_shown(&id, row, 2) {
            take(row.get(0)?, text_of(object.values()))?;
        }
    }
    Ok(())
}

/// Text held back at most, in bytes.
const MAX_HELD: usize = 8 * 1024 * 1024;

/// Index entries that wait to be written.
#[derive(Debug, Default)]
pub(in crate::engine) struct TextIndex {
    entries: BTreeMap<i64, Entry>,
    held: usize,
}

#[derive(Debug)]
struct Entry {
    /// Whether the index still holds an older text of the node.
    indexed: bool,
    text: Option<String>,
}

impl TextIndex {
    /// Notes what a node's text is now; `was_alive` says whether the index knows an older one.
    pub(in crate::engine) fn set(
        &mut self,
        conn: &Connection,
        nid: i64,
        was_alive: bool,
        text: Option<String>,
    ) -> Result<(), Error> {
        self.held += text.as_ref().map_or(0, String::len);
        let entry = self.entries.entry(nid).or_insert(Entry { indexed: was_alive, text: None });
        entry.text = text;
        if self.held > MAX_HELD { self.write(conn) } else { Ok(()) }
    }

    /// Writes what waits.
    pub(in crate::engine) fn write(&mut self, conn: &Connection) -> Result<(), Error> {
        self.held = 0;
        for (nid, entry) in std::mem::take(&mut self.entries) {
            if entry.indexed {
                conn.prepare_cached("DELETE FROM pdb_text WHERE rowid = ?1")?.execute([nid])?;
            }
            if let Some(text) = entry.text {
                conn.prepare_cached("INSERT INTO pdb_text (rowid, text) VALUES (?1, ?2)")?
                    .execute((nid, text))?;
            }
        }
        Ok(())
    }
}
