//! Which records touched which nodes, as they are written.
//!
//! A table of all of them by node has a page to change for each node that a transaction touches. So
//! the latest entries are kept in a small table of the same shape, and go over to the large one
//! together, in its order: then each page of it is changed once for many entries.

use super::statements::Statements;
use crate::engine::error::Error;
use rusqlite::Connection;

/// After how many records it is looked whether entries are to go over.
const LOOK_EVERY: i64 = 1_024;
/// How many entries may stay behind.
const RECENT: i64 = 8_192;
/// A record that touches more nodes goes to the large table at once.
const MANY: usize = 64;

/// Notes which nodes the record at a position has touched.
pub(in crate::engine) fn note(
    statements: &mut Statements<'_>,
    nids: &[i64],
    position: i64,
) -> Result<(), Error> {
    let statement = if nids.len() > MANY {
        "INSERT OR IGNORE INTO pdb_touch VALUES (?1, ?2)"
    } else {
        "INSERT OR IGNORE INTO pdb_touch_recent VALUES (?1, ?2)"
    };
    let touch = statements.get(statement)?;
    for nid in nids {
        touch.execute((nid, position))?;
    }
    if position % LOOK_EVERY == 0 {
        let sql = "SELECT count(*) FROM pdb_touch_recent";
        let recent: i64 = statements.get(sql)?.query_row([], |row| row.get(0))?;
        if recent > RECENT {
            bring_over(statements.conn)?;
        }
    }
    Ok(())
}

/// Brings all entries into the large table.
pub(in crate::engine) fn bring_over(conn: &Connection) -> Result<(), Error> {
    conn.execute_batch(
        "INSERT OR IGNORE INTO pdb_touch SELECT nid, pos FROM pdb_touch_recent ORDER BY nid, pos;
         DELETE FROM pdb_touch_recent;",
    )?;
    Ok(())
}

/// Forgets that a record touched a node.
pub(in crate::engine) fn forget(conn: &Connection, nid: i64, position: i64) -> Result<(), Error> {
    conn.prepare_cached("DELETE FROM pdb_touch WHERE nid = ?1 AND pos = ?2")?
        .execute((nid, position))?;
    conn.prepare_cached("DELETE FROM pdb_touch_recent WHERE nid = ?1 AND pos = ?2")?
        .execute((nid, position))?;
    Ok(())
}
