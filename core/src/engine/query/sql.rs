//! Read-only SQL over the database.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::live::reads::Reads;
use crate::engine::query::limits::Watch;
use crate::engine::query::paused::{Pause, Step, at_once};
use crate::engine::query::reader::Reader;
use crate::engine::query::statement::Statement;
use crate::engine::query::table_functions::Prepared;
use crate::engine::query::table_functions::rewrite::Rewritten;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Statement as Compiled, ToSql};
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
        each: impl FnMut(&[String], Vec<SqlValue>) -> ControlFlow<()>,
    ) -> Result<Vec<String>, Error> {
        self.read_each(&Statement::new(sql).with(params), each)
    }

    /// Runs one read-only statement with its limits.
    ///
    /// # Errors
    /// As [`Database::query`], and what its limits say: [`Error::TimeLimit`], [`Error::RowLimit`],
    /// [`Error::SizeLimit`], [`Error::Cancelled`].
    pub fn read(&self, statement: &Statement<'_>) -> Result<Rows, Error> {
        self.reader().read(statement)
    }

    /// The same, row by row, until `each` breaks; see [`Database::query_each`].
    pub fn read_each(
        &self,
        statement: &Statement<'_>,
        each: impl FnMut(&[String], Vec<SqlValue>) -> ControlFlow<()>,
    ) -> Result<Vec<String>, Error> {
        self.reader().read_each(statement, each)
    }

    /// The same as a future, which is pending wherever `each` asks for a pause, and goes on with the statement when
    /// it is polled again. In between, other statements may read; a limit of time counts only what the
    /// statement takes. Dropping it ends the statement.
    ///
    /// ```
    /// use pluresdb::{Database, SqlValue, Statement, Step};
    /// use std::task::{Context, Waker};
    ///
    /// let db = Database::memory()?;
    /// let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    /// let mut last = SqlValue::Null;
    /// let statement = Statement::new(endless);
    /// let mut rows = Box::pin(db.read_paused(&statement, |_, row| {
    ///     last = row[0].clone();
    ///     Step::Pause
    /// }));
    /// for _ in 0..3 {
    ///     assert!(rows.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    /// }
    /// drop(rows);
    /// assert_eq!(last, SqlValue::Int(3));
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read_paused(
        &self,
        statement: &Statement<'_>,
        each: impl FnMut(&[String], Vec<SqlValue>) -> Step,
    ) -> Result<Vec<String>, Error> {
        self.reader().read_paused(statement, each).await
    }
}

impl Reader<'_> {
    /// See [`Database::read`].
    pub(in crate::engine) fn read(&self, statement: &Statement<'_>) -> Result<Rows, Error> {
        let mut rows = Vec::new();
        let columns = self.read_each(statement, |_, row| {
            rows.push(row);
            ControlFlow::Continue(())
        })?;
        Ok(Rows { columns, rows })
    }

    /// See [`Database::read_each`].
    pub(in crate::engine) fn read_each(
        &self,
        statement: &Statement<'_>,
        mut each: impl FnMut(&[String], Vec<SqlValue>) -> ControlFlow<()>,
    ) -> Result<Vec<String>, Error> {
        at_once(self.read_paused(statement, |columns, row| each(columns, row).into()))
    }

    /// See [`Database::read_paused`].
    pub(in crate::engine) async fn read_paused(
        &self,
        statement: &Statement<'_>,
        mut each: impl FnMut(&[String], Vec<SqlValue>) -> Step,
    ) -> Result<Vec<String>, Error> {
        let mut prepared = self.with_table_functions(statement.sql)?;
        // All runs of a statement with calls see the same state.
        let snapshot = match prepared.has_calls() {
            true => self.snapshot()?,
            false => None,
        };
        let mut compiled = self.compile(&prepared.rewritten)?;
        if self.sql.guard.take_reads().texts {
            self.held.settle(self.conn)?;
        }
        statement.uses_all(&compiled)?;
        let values = statement.bound(&compiled)?;
        let columns = prepared.rewritten.column_names(&compiled);
        let mut watch = self.sql.limiter.watch(self.conn, statement.limits, statement.cancel)?;
        let each = |row| each(&columns, row);
        prepared.run_paused(*self, &mut compiled, &values, &mut watch, || {}, each).await?;
        drop(compiled);
        drop(snapshot);
        Ok(columns)
    }

    /// The columns that a read-only statement gives, what it reads, and the values of its parameters by
    /// their numbers.
    pub(in crate::engine) fn describe(
        &self,
        statement: &Statement<'_>,
    ) -> Result<(Vec<String>, Reads, Vec<SqlValue>), Error> {
        let Prepared { rewritten, running: _running } = self.with_table_functions(statement.sql)?;
        let compiled = self.compile(&rewritten)?;
        let reads = self.sql.guard.take_reads();
        statement.uses_all(&compiled)?;
        let values = statement.bound(&compiled)?;
        Ok((rewritten.column_names(&compiled), reads, values))
    }

    /// The parameters of a read-only statement, by their numbers, with their names as written.
    pub(in crate::engine) fn parameters_of(&self, sql: &str) -> Result<Vec<Option<String>>, Error> {
        let Prepared { rewritten, running: _running } = self.with_table_functions(sql)?;
        let compiled = self.compile(&rewritten)?;
        let name = |number| compiled.parameter_name(number).map(str::to_owned);
        Ok((1..=compiled.parameter_count()).map(name).collect())
    }

    /// Compiles a statement that only reads.
    pub(in crate::engine) fn compile(
        &self,
        rewritten: &Rewritten<'_>,
    ) -> Result<Compiled<'_>, Error> {
        let compiled = self.sql.guard.checked(|| self.conn.prepare(&rewritten.sql));
        let statement = compiled.map_err(|error| rewritten.locate(error))?;
        if !statement.readonly() {
            // All else that writes is refused as it is compiled.
            let what =
                "VACUUM is not for statements; compact gives back the room that is not needed";
            return Err(Error::ReadOnly { what: what.into() });
        }
        Ok(statement)
    }
}

/// Runs a statement once; `each` is given the rows, numbered from zero, and what watches it.
pub(in crate::engine) async fn run<'a>(
    compiled: &mut Compiled<'_>,
    values: &[SqlValue],
    watch: &mut Watch<'a>,
    mut each: impl FnMut(Vec<SqlValue>, usize, &mut Watch<'a>) -> Result<Step, Error>,
) -> Result<(), Error> {
    for (number, value) in (1..=compiled.parameter_count()).zip(values) {
        compiled.raw_bind_parameter(number, value)?;
    }
    let columns = compiled.column_count();
    let mut rows = compiled.raw_query();
    for number in 0.. {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) => return Err(watch.instead(sql_error(error))),
        };
        let values = (0..columns)
            .map(|column| row.get_ref(column).map(SqlValue::from))
            .collect::<rusqlite::Result<_>>()?;
        match each(values, number, watch)? {
            Step::Next => {}
            Step::Stop => break,
            Step::Pause => {
                watch.pause();
                Pause::default().await;
                watch.resume()?;
            }
        }
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
    // SQLite finds these before it asks whether the statement may write.
    if message.starts_with("cannot modify") {
        return Error::ReadOnly { what: format!("it writes, and {message}; execute it instead") };
    }
    if message.ends_with("may not be modified") {
        return Error::ReadOnly {
            what: format!("{message}; write to nodes, to edges, or to the view of a type"),
        };
    }
    Error::Sql { message, offset }
}
