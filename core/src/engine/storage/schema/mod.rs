//! The only place that defines tables, indexes and views.

mod indexes;
mod views;

pub(in crate::engine) use indexes::{
    create_indexes, drop_index, drop_old_indexes, misplaced_indexes,
};
pub(in crate::engine) use views::{
    FieldColumn, field_value, has_view, identifier, literal, readable_as, rebuild_view,
    types_without_view, view_columns,
};

use crate::engine::error::Error;
use rusqlite::Connection;

/// Defines a text index like that of the database under another name.
pub(in crate::engine) fn text_index_beside(name: &str) -> String {
    let create = include_str!("text_index.sql").split(';').next().unwrap_or_default();
    create.replace("pdb_text", name)
}

/// The version of the tables, kept as `format` in `pdb_meta`.
pub(in crate::engine) const FORMAT: i64 = 4;

/// The table of vectors, which formats before 4 do not have.
pub(in crate::engine) const VECTORS: &str = include_str!("vectors.sql");

/// "PLDB" in SQLite's header, so that `file` and others can tell what a file is.
pub(in crate::engine) const APPLICATION_ID: i32 = 0x504c_4442;

/// Creates all tables in an empty database.
pub(in crate::engine) fn create(conn: &Connection, text_index: bool) -> Result<(), Error> {
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    conn.execute_batch(include_str!("tables.sql"))?;
    conn.execute_batch(include_str!("waiting.sql"))?;
    conn.execute_batch(VECTORS)?;
    if text_index {
        conn.execute_batch(include_str!("text_index.sql"))?;
    }
    Ok(())
}
