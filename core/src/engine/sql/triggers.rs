//! The triggers that capture what a statement wants of the rows of a view.
//!
//! They are of the connection and not in the file, so that other tools find views that only read. A
//! view that is defined anew, here or by another process, may have other columns: the name of a
//! trigger holds a digest of those that it was made for.

use super::shape::Verb;
use super::target::Target;
use crate::crypto::seal;
use crate::engine::error::Error;
use crate::engine::query::authorizer::TRIGGER_PREFIX;
use crate::engine::storage::schema::identifier;
use rusqlite::Connection;
use std::fmt::Write;

/// Most arguments of one call, below every limit that SQLite is compiled with.
const ARGUMENTS: usize = 100;

/// Makes the trigger for what a statement does to a view, where it is not there.
pub(super) fn ensure(conn: &Connection, target: &Target, verb: Verb) -> Result<(), Error> {
    let columns = target.columns();
    let event = match verb {
        Verb::Update => "UPDATE",
        Verb::Delete => "DELETE",
        _ => "INSERT",
    };
    let parts: Vec<&[u8]> = columns.iter().map(|column| column.as_bytes()).collect();
    let digest = u64::from_le_bytes(seal(&parts));
    let prefix = format!("{TRIGGER_PREFIX}{event} ");
    let name = format!("{prefix}{digest:016x} {}", target.view);
    let mut statement = conn.prepare_cached(
        "SELECT name FROM sqlite_temp_schema
         WHERE type = 'trigger' AND tbl_name = ?1 AND substr(name, 1, ?2) = ?3",
    )?;
    let found: Vec<String> = statement
        .query_map((&target.view, prefix.len() as i64, &prefix), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if found == [name.as_str()] {
        return Ok(());
    }
    for old in found {
        conn.execute_batch(&format!("DROP TRIGGER temp.{}", identifier(&old)))?;
    }
    let mut sql = format!(
        "CREATE TEMP TRIGGER {} INSTEAD OF {event} ON main.{} BEGIN SELECT pdb_capture_row();",
        identifier(&name),
        identifier(&target.view)
    );
    if verb != Verb::Insert {
        pass(&mut sql, "old", &columns);
    }
    if verb != Verb::Delete {
        pass(&mut sql, "new", &columns);
    }
    sql.push_str(" END");
    conn.execute_batch(&sql)?;
    Ok(())
}

fn pass(sql: &mut String, which: &str, columns: &[&str]) {
    for some in columns.chunks(ARGUMENTS) {
        let values: Vec<String> =
            some.iter().map(|column| format!("{which}.{}", identifier(column))).collect();
        let _ = write!(sql, " SELECT pdb_capture_{which}({});", values.join(", "));
    }
}
