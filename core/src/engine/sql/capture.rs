//! The functions that triggers hand the rows of a writing statement to.
//!
//! A function of SQLite has a limited number of arguments, so a row comes in several calls: one that
//! begins it, then some with old and new values in the order of the columns.

use crate::engine::error::Error;
use crate::engine::query::sql::SqlValue;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
pub(in crate::engine) struct Capture(Arc<Mutex<Captured>>);

#[derive(Debug, Default)]
struct Captured {
    rows: Vec<CapturedRow>,
    /// The memory that they take, and may take.
    memory: u64,
    most: u64,
}

impl Captured {
    /// Whether so many bytes more may be held.
    const fn takes(&mut self, bytes: u64) -> bool {
        self.memory = self.memory.saturating_add(bytes);
        self.memory <= self.most
    }
}

impl Capture {
    /// Defines the functions. Only triggers may call them: the authorizer sees to that.
    pub(in crate::engine) fn install(conn: &Connection) -> Result<Self, Error> {
        let capture = Self::default();
        let add = |name: &str, each: fn(&mut CapturedRow, Vec<SqlValue>), begins: bool| {
            let captured = Arc::clone(&capture.0);
            let function = move |context: &Context<'_>| {
                let mut captured = captured.lock().unwrap_or_else(PoisonError::into_inner);
                // Counted before it is copied: a row may be as large as all together.
                if !captured.takes(context_bytes(context)) {
                    return Err(rusqlite::Error::UserFunctionError("too much memory".into()));
                }
                if begins {
                    captured.rows.push(CapturedRow::default());
                }
                let values = (0..context.len()).map(|at| SqlValue::from(context.get_raw(at)));
                if let Some(row) = captured.rows.last_mut() {
                    each(row, values.collect());
                }
                Ok(rusqlite::types::Null)
            };
            conn.create_scalar_function(name, -1, FunctionFlags::SQLITE_UTF8, function)
        };
        add("pdb_capture_row", |_, _| {}, true)?;
        add("pdb_capture_old", |row, values| row.old.extend(values), false)?;
        add("pdb_capture_new", |row, values| row.new.extend(values), false)?;
        Ok(capture)
    }

    /// Begins with no rows, which may take so many bytes of memory from here on.
    pub(super) fn begin(&self, most: u64) {
        *self.captured() = Captured { most, ..Captured::default() };
    }

    /// Takes what was captured since it began.
    ///
    /// # Errors
    /// [`Error::MemoryLimit`] where that would have been more than may be held, which is what the statement
    /// ended with.
    pub(super) fn take(&self) -> Result<Vec<CapturedRow>, Error> {
        let Captured { rows, memory, most } = std::mem::take(&mut *self.captured());
        if memory > most { Err(Error::MemoryLimit { bytes: most }) } else { Ok(rows) }
    }

    fn captured(&self) -> MutexGuard<'_, Captured> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the arguments of a call take where they are held.
fn context_bytes(context: &Context<'_>) -> u64 {
    let value = |at| match context.get_raw(at) {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
        _ => 0,
    };
    let texts: usize = (0..context.len()).map(value).sum();
    (size_of::<CapturedRow>() + context.len() * size_of::<SqlValue>() + texts) as u64
}
