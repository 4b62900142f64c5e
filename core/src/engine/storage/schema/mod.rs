//! The only place that defines tables, indexes and views.

mod indexes;
mod text;
mod views;

pub(in crate::engine) use indexes::{
    create_indexes, drop_index, drop_old_indexes, misplaced_indexes,
};
pub(in crate::engine) use text::{Cut, TextLayout, TextTable, TextTables, text_column};
pub(in crate::engine) use views::{
    FieldColumn, field_value, has_view, identifier, literal, readable_as, rebuild_view,
    types_without_view, view_columns,
};

use crate::engine::error::Error;
use rusqlite::Connection;

/// The version of the tables, kept as `format` in `pdb_meta`.
pub(in crate::engine) const FORMAT: i64 = 4;

/// What tells which tables the text index has, which formats before 4 do not have.
pub(in crate::engine) const TEXT_TABLES: &str = include_str!("text_table.sql");

/// The entries of the latest records in the index of changes, which formats before 4 keep with all.
pub(in crate::engine) const RECENT_TOUCHES: &str = include_str!("recent_touches.sql");

/// The table of vectors, which formats before 4 do not have.
pub(in crate::engine) const VECTORS: &str = include_str!("vectors.sql");

/// "PLDB" in SQLite's header, so that `file` and others can tell what a file is.
pub(in crate::engine) const APPLICATION_ID: i32 = 0x504c_4442;

/// Creates all tables in an empty database.
pub(in crate::engine) fn create(conn: &Connection, text_index: bool) -> Result<(), Error> {
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    conn.execute_batch(include_str!("tables.sql"))?;
    conn.execute_batch(include_str!("waiting.sql"))?;
    conn.execute_batch(RECENT_TOUCHES)?;
    conn.execute_batch(VECTORS)?;
    conn.execute_batch(TEXT_TABLES)?;
    if text_index {
        TextLayout::default().shared().iter().try_for_each(|table| table.create(conn, "main"))?;
    }
    Ok(())
}
