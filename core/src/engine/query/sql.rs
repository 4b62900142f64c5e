//! Read-only SQL over the database.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::live::reads::Reads;
use crate::engine::query::table_functions::Statement;
use crate::engine::query::table_functions::calls::Next;
use crate::engine::query::table_functions::rewrite::Rewritten;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ToSql, params_from_iter};
use std::ops::ControlFlow;

/// A value that SQL takes and gives.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlValue {
    /// NULL.
    Null,
    /// INTEGER.
    Int(i64),
    /// REAL.
    Real(f64),
    /// TEXT.
    Text(String),
    /// BLOB.
    Blob(Vec<u8>),
}

/// The rows of a statement. `rows[i][j]` belongs to `columns[j]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// Column names, as the statement or SQLite chose them.
    pub columns: Vec<String>,
    /// Values by row and column.
    pub rows: Vec<Vec<SqlValue>>,
}

impl Database {
    /// Runs one read-only statement over `nodes`, `edges`, and the view of each type.
    ///
    /// ```
    /// use pluresdb::{Database, SqlValue, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.put("n1", "Note", object([("title", "Milk".into()), ("done", false.into())]))?;
    /// let found = db.query("SELECT title FROM Note WHERE done = ?1", &[SqlValue::Int(0)])?;
    /// assert_eq!(found.rows, [[SqlValue::Text("Milk".into())]]);
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Sql`] for what SQLite does not take, [`Error::ReadOnly`] for what would write.
    pub fn query(&self, sql: &str, params: &[SqlValue]) -> Result<Rows, Error> {
        let mut rows = Vec::new();
        let columns = self.query_each(sql, params, |_, row| {
            rows.push(row);
            ControlFlow::Continue(())
        })?;
        Ok(Rows { columns, rows })
    }

    /// The same, row by row, so that a large result need not be in memory, until `each` breaks.
    ///
    /// `each` is given the column names and the values of a row. Gives the column names, also where
    /// there was no row.
    pub fn query_each(
        &self,
        sql: &str,
        params: &[SqlValue],
        mut each: impl FnMut(&[String], Vec<SqlValue>) -> ControlFlow<()>,
    ) -> Result<Vec<String>, Error> {
        let Statement { rewritten, mut running } = self.with_table_functions(sql)?;
        // All runs of a statement with calls see the same state.
        let snapshot = match &running {
            Some(_) => self.snapshot()?,
            None => None,
        };
        let mut statement = self.compile(&rewritten)?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut next = Next::Take;
        let mut given = 0;
        loop {
            let gathers = next == Next::Gather;
            let outcome = run(&mut statement, params, |row, number| {
                if gathers || number < given {
                    return ControlFlow::Continue(());
                }
                given += 1;
                each(&columns, row)
            });
            if let Some(running) = &mut running {
                next = running.answer(self)?;
            }
            if next == Next::Take {
                outcome.map_err(|error| rewritten.locate(error))?;
                break;
            }
        }
        drop(statement);
        drop(snapshot);
        Ok(columns)
    }
}

impl Database {
    /// The columns that a read-only statement gives, and what it reads.
    pub(in crate::engine) fn describe(&self, sql: &str) -> Result<(Vec<String>, Reads), Error> {
        let Statement { rewritten, running: _running } = self.with_table_functions(sql)?;
        let statement = self.compile(&rewritten)?;
        let columns = statement.column_names().map(str::to_owned).collect();
        Ok((columns, self.guard.take_reads()))
    }

    fn compile(&self, rewritten: &Rewritten<'_>) -> Result<rusqlite::Statement<'_>, Error> {
        let compiled = self.guard.checked(|| self.conn.prepare(&rewritten.sql));
        let statement = compiled.map_err(|error| rewritten.locate(error))?;
        if !statement.readonly() {
            return Err(Error::ReadOnly { what: "a writing statement".into() });
        }
        Ok(statement)
    }
}

/// Runs a statement once; `each` is given the rows, numbered from zero.
fn run(
    statement: &mut rusqlite::Statement<'_>,
    params: &[SqlValue],
    mut each: impl FnMut(Vec<SqlValue>, usize) -> ControlFlow<()>,
) -> Result<(), Error> {
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(params)).map_err(sql_error)?;
    let mut number = 0;
    while let Some(row) = rows.next().map_err(sql_error)? {
        let values = (0..columns)
            .map(|column| row.get_ref(column).map(SqlValue::from))
            .collect::<rusqlite::Result<_>>()?;
        if each(values, number).is_break() {
            break;
        }
        number += 1;
    }
    Ok(())
}

impl From<ValueRef<'_>> for SqlValue {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Int(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}

impl ToSql for SqlValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

pub(in crate::engine) fn sql_error(error: rusqlite::Error) -> Error {
    let (message, offset) = match error {
        rusqlite::Error::SqlInputError { msg, offset, .. } => (msg, usize::try_from(offset).ok()),
        rusqlite::Error::SqliteFailure(failure, Some(message))
            if failure.code == rusqlite::ErrorCode::Unknown =>
        {
            (message, None)
        }
        rusqlite::Error::MultipleStatement => {
            ("more than one statement; run them one at a time".into(), None)
        }
        error @ rusqlite::Error::InvalidParameterCount(..) => (error.to_string(), None),
        other => return other.into(),
    };
    // The views have no triggers that would take a write.
    if message.starts_with("cannot modify") {
        return Error::ReadOnly { what: message };
    }
    Error::Sql { message, offset }
}
