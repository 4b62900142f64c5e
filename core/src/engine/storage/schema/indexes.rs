//! An index for each field that a definition wants one for.

use super::views::{field_value, literal};
use crate::crypto::seal;
use crate::engine::error::Error;
use crate::engine::typing::typed::{Typed, Types};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fmt::Write;

const PREFIX: &str = "pdb_field ";

/// Drops the indexes of a type that its definition does not want as they are.
pub(in crate::engine) fn drop_old_indexes(
    conn: &Connection,
    kind: &str,
    typed: Option<&Typed>,
) -> Result<(), Error> {
    let wanted = wanted(typed);
    let end = condition(kind);
    for (name, sql) in present(conn)? {
        if sql.ends_with(&end) && !wanted.contains(&sql) {
            drop_index(conn, &name)?;
        }
    }
    Ok(())
}

/// The indexes of fields that are wanted and not there, by the statements that create them, and those
/// that are there and not wanted, by name.
pub(in crate::engine) fn misplaced_indexes(
    conn: &Connection,
    types: &Types,
) -> Result<(Vec<String>, Vec<String>), Error> {
    let mut missing: BTreeSet<String> =
        types.values().flat_map(|typed| wanted(Some(typed))).collect();
    let unwanted = present(conn)?
        .into_iter()
        .filter(|(_, sql)| !missing.remove(sql))
        .map(|(name, _)| name)
        .collect();
    Ok((missing.into_iter().collect(), unwanted))
}

/// The indexes of fields that are there: their names and the statements that created them.
fn present(conn: &Connection) -> Result<Vec<(String, String)>, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT name, sql FROM sqlite_schema
         WHERE type = 'index' AND tbl_name = 'pdb_node' AND substr(name, 1, ?1) = ?2",
    )?;
    let found =
        statement.query_map((PREFIX.len() as i64, PREFIX), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Drops an index of a field.
pub(in crate::engine) fn drop_index(conn: &Connection, name: &str) -> Result<(), Error> {
    Ok(conn.execute_batch(&format!("DROP INDEX \"{}\"", name.replace('"', "\"\"")))?)
}

/// Creates the indexes that a definition wants and that are not there.
pub(in crate::engine) fn create_indexes(
    conn: &Connection,
    typed: Option<&Typed>,
) -> Result<(), Error> {
    for sql in wanted(typed) {
        if !conn.prepare_cached("SELECT 1 FROM sqlite_schema WHERE sql = ?1")?.exists([&sql])? {
            conn.execute_batch(&sql)?;
        }
    }
    Ok(())
}

/// The statements that create a type's indexes, as SQLite keeps them.
fn wanted(typed: Option<&Typed>) -> Vec<String> {
    let Some(typed) = typed else {
        return Vec::new();
    };
    let kind = &typed.def.name;
    let fields = typed.def.fields.iter();
    // SQLite indexes no value that takes a subquery, which such a name does.
    let fields = fields.filter(|(name, _)| !name.contains(['"', '\\']));
    fields
        .filter(|(_, field)| field.indexed || field.unique)
        .map(|(name, _)| {
            format!(
                "CREATE INDEX {} ON pdb_node ({}){}",
                index_name(kind, name),
                field_value(typed, name),
                condition(kind)
            )
        })
        .collect()
}

fn condition(kind: &str) -> String {
    format!(" WHERE alive AND type = {}", literal(kind))
}

/// A name to read, made unique where names differ in letter case only.
fn index_name(kind: &str, field: &str) -> String {
    let mut unique = String::new();
    for byte in seal(&[kind.as_bytes(), field.as_bytes()]).iter().take(4) {
        let _ = write!(unique, "{byte:02x}");
    }
    format!("\"{PREFIX}{}.{field} {unique}\"", kind.replace('"', "\"\""))
}
