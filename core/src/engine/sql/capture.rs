//! The functions that triggers hand the rows of a writing statement to.
//!
//! A function of SQLite has a limited number of arguments, so a row comes in several calls: one that
//! begins it, then some with old and new values in the order of the columns.

use crate::engine::error::Error;
use crate::engine::query::sql::SqlValue;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use std::sync::{Arc, Mutex, PoisonError};

/// What a statement wants of one row.
#[derive(Debug, Default, PartialEq)]
pub(super) struct CapturedRow {
    /// The row as it is, where it is there.
    pub(super) old: Vec<SqlValue>,
    /// The row as it is to be, where it stays.
    pub(super) new: Vec<SqlValue>,
}

/// The rows captured of the statement that runs.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Capture(Arc<Mutex<Vec<CapturedRow>>>);

impl Capture {
    /// Defines the functions. Only triggers may call them: the authorizer sees to that.
    pub(in crate::engine) fn install(conn: &Connection) -> Result<Self, Error> {
        let capture = Self::default();
        let add = |name: &str, each: fn(&mut Vec<CapturedRow>, Vec<SqlValue>)| {
            let rows = Arc::clone(&capture.0);
            let function = move |context: &Context<'_>| {
                let values = (0..context.len()).map(|at| SqlValue::from(context.get_raw(at)));
                each(&mut rows.lock().unwrap_or_else(PoisonError::into_inner), values.collect());
                Ok(rusqlite::types::Null)
            };
            conn.create_scalar_function(name, -1, FunctionFlags::SQLITE_UTF8, function)
        };
        add("pdb_capture_row", |rows, _| rows.push(CapturedRow::default()))?;
        add("pdb_capture_old", |rows, values| {
            if let Some(row) = rows.last_mut() {
                row.old.extend(values);
            }
        })?;
        add("pdb_capture_new", |rows, values| {
            if let Some(row) = rows.last_mut() {
                row.new.extend(values);
            }
        })?;
        Ok(capture)
    }

    /// Takes what was captured since the last call.
    pub(super) fn take(&self) -> Vec<CapturedRow> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
