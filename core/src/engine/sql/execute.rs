//! Statements inside a transaction.

use super::apply::{Apply, Key};
use super::capture::CapturedRow;
use super::shape::{Conflict, Shape, Verb};
use super::target::Target;
use super::triggers;
use crate::engine::commit::transaction::Transaction;
use crate::engine::error::Error;
use crate::engine::query::limits::SqlLimits;
use crate::engine::query::reader::Reader;
use crate::engine::query::sql::{Rows, SqlValue};
use crate::engine::query::statement::Statement;
use crate::engine::query::table_functions::Prepared;
use rusqlite::Statement as Compiled;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// What a statement gave and did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Executed {
    /// Column names of what it read, or of what follows RETURNING.
    pub columns: Vec<String>,
    /// Values by row and column.
    pub rows: Vec<Vec<SqlValue>>,
    /// Rows inserted, updated or deleted. As in SQLite, an UPDATE to the same values counts.
    pub changes: u64,
}

impl<'c> Transaction<'_, 'c> {
    /// Runs one statement, which may write to `nodes`, `edges` and the views of types. It sees what
    /// this transaction wrote before, and all of it is one record.
    ///
    /// ```
    /// use pluresdb::{Database, SqlValue, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.put("n1", "Note", object([("title", "Milk".into()), ("stars", 1.into())]))?;
    /// db.transaction(|tx| {
    ///     tx.patch("n1", vec![(pluresdb::Path::field("stars")?, Some(2.into()))])?;
    ///     let done = tx.execute("UPDATE Note SET stars = stars + 1 RETURNING stars", &[])?;
    ///     assert_eq!(done.rows, [[SqlValue::Int(3)]]);
    ///     Ok(())
    /// })?;
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`crate::Database::execute`]. A statement that failed while it wrote leaves the transaction
    /// with nothing that could be committed.
    pub fn execute(&mut self, sql: &str, params: &[SqlValue]) -> Result<Executed, Error> {
        self.execute_with(&Statement::new(sql).with(params))
    }

    /// The same with names of parameters and limits.
    pub fn execute_with(&mut self, statement: &Statement<'_>) -> Result<Executed, Error> {
        let shape = Shape::read(statement.sql);
        match shape.verb {
            Verb::Insert | Verb::Update | Verb::Delete => self.write_sql(statement, &shape),
            Verb::Other => self.read_sql(statement),
            Verb::Begin | Verb::Commit | Verb::Rollback | Verb::Savepoint => Err(no_transaction()),
        }
    }

    fn read_sql(&mut self, statement: &Statement<'_>) -> Result<Executed, Error> {
        if self.hides_something() {
            self.expose()?;
        }
        let Rows { columns, rows } = self.reader().read(statement)?;
        Ok(Executed { columns, rows, changes: 0 })
    }

    /// Reads the tables as they are, with all that was exposed.
    pub(super) fn reader(&self) -> Reader<'_> {
        Reader {
            conn: self.writer.conn,
            cache: self.writer.cache,
            sql: self.writer.sql,
            held: self.writer.held,
            text_index: self.writer.has_text_index(),
            uncommitted: self.is_exposed(),
        }
    }

    fn write_sql(&mut self, statement: &Statement<'_>, shape: &Shape) -> Result<Executed, Error> {
        if shape.conflict == Conflict::Unsupported {
            let message =
                "OR FAIL and OR ROLLBACK are not supported: a statement is whole or nothing";
            return Err(Error::Sql { message: message.into(), offset: None });
        }
        if shape.on_conflict.is_some() && self.hides_something() {
            // Two statements are compiled, and the views must stay as they are for the first.
            self.expose()?;
        }
        let text = shape.without_on_conflict(statement.sql);
        let mut prepared = self.reader().with_table_functions(&text)?;
        if prepared.has_calls() {
            self.writer.held.settle(self.writer.conn)?;
        }
        let (target, mut compiled) = self.compile_write(&prepared, shape)?;
        let (values, update) = match &shape.on_conflict {
            Some(clause) => self.begin_upsert(statement, clause, &target)?,
            None => {
                statement.uses_all(&compiled)?;
                (statement.bound(&compiled)?, None)
            }
        };
        if let Some(source) = &shape.source {
            self.measure(source, statement)?;
        }
        let rows = self.captured(&mut prepared, &mut compiled, &values, statement)?;
        let columns = prepared.rewritten.column_names(&compiled);
        drop(compiled);
        let rows = if shape.joins { last_of_each(rows, target.key().len()) } else { rows };

        let mut done = Executed { columns, ..Executed::default() };
        let returned = Returned { shape, target: &target, values: &values };
        if shape.verb == Verb::Delete {
            let apply = Apply { tx: self, shape, target: &target };
            let keys: Vec<Key> = rows.iter().map(|row| apply.key(&row.old)).collect();
            done.rows = returned.rows(self, &keys)?;
        }
        self.torn = true;
        let mut keys = Vec::new();
        for row in &rows {
            let mut apply = Apply { tx: self, shape, target: &target };
            let there = update.as_ref().map_or(Ok(None), |_| apply.there(row))?;
            keys.extend(match (&update, there) {
                (Some(update), Some(key)) => {
                    let values = [&values, &key, row.new.get(key.len()..).unwrap_or_default()];
                    self.upsert(update, &values.concat(), statement)?
                }
                _ => apply.row(row)?,
            });
        }
        done.changes = keys.len() as u64;
        if shape.verb != Verb::Delete && shape.returning.is_some() {
            self.expose()?;
            done.rows = returned.rows(self, &keys)?;
        }
        self.torn = false;
        Ok(done)
    }

    /// Reads the rows that a statement is to insert, as far as they may be held: SQLite holds all of them before
    /// it hands on the first, however many there are.
    fn measure(&self, source: &str, statement: &Statement<'_>) -> Result<(), Error> {
        let reader = self.reader();
        let mut prepared = reader.with_table_functions(source)?;
        let mut compiled = reader.compile(&prepared.rewritten)?;
        let values = statement.bound(&compiled)?;
        let memory = statement.limits.memory.or(Some(SqlLimits::MOST_HELD));
        // The others are for what the statement gives.
        let limits = SqlLimits { rows: None, bytes: None, memory, ..statement.limits };
        let mut watch = reader.sql.limiter.watch(reader.conn, limits, statement.cancel)?;
        prepared.run(
            reader,
            &mut compiled,
            &values,
            &mut watch,
            || {},
            |_| ControlFlow::Continue(()),
        )
    }

    /// Runs a writing statement, and gives what it wants of rows.
    pub(super) fn captured(
        &self,
        prepared: &mut Prepared<'_>,
        compiled: &mut Compiled<'_>,
        values: &[SqlValue],
        statement: &Statement<'_>,
    ) -> Result<Vec<CapturedRow>, Error> {
        let (reader, sql) = (self.reader(), self.writer.sql);
        let mut watch = sql.limiter.watch(reader.conn, statement.limits, statement.cancel)?;
        let most = statement.limits.memory.unwrap_or(SqlLimits::MOST_HELD);
        let begin = || sql.capture.begin(most);
        // What SQLite gives for RETURNING is proposed, not written: it is counted only.
        let ran = prepared
            .run(reader, compiled, values, &mut watch, begin, |_| ControlFlow::Continue(()));
        let rows = sql.capture.take()?;
        ran.map(|()| rows)
    }

    /// Compiles a writing statement, with the tables holding all that it reads.
    pub(super) fn compile_write(
        &mut self,
        prepared: &Prepared<'_>,
        shape: &Shape,
    ) -> Result<(Target, Compiled<'c>), Error> {
        let name = shape.target.as_deref().unwrap_or_default();
        let (conn, sql) = (self.writer.conn, self.writer.sql);
        loop {
            let target = Target::find(conn, self.writer.cache, name)?;
            if let Some(target) = &target {
                triggers::ensure(conn, target, shape.verb)?;
            }
            let view = target.as_ref().map_or("", |target| target.view.as_str());
            let compiled = sql.guard.checked_write(view, || conn.prepare(&prepared.rewritten.sql));
            let compiled = compiled.map_err(|error| prepared.rewritten.locate(error));
            match (target, compiled) {
                (Some(target), Ok(compiled))
                    if !self.hides_something() || !sql.guard.take_reads().anything() =>
                {
                    if sql.guard.take_reads().texts {
                        self.writer.held.settle(conn)?;
                    }
                    return Ok((target, compiled));
                }
                (_, Err(error)) if !self.hides_something() => return Err(error),
                (None, Ok(_)) => return Err(no_transaction()),
                // It reads, or fails for want of, what this transaction has written.
                _ => self.expose()?,
            }
        }
    }
}

/// Of the rows that an UPDATE ... FROM wants one row to become, the last one: what SQLite makes of a row of
/// a table that the join gives several times.
fn last_of_each(mut rows: Vec<CapturedRow>, key: usize) -> Vec<CapturedRow> {
    let mut seen = HashSet::new();
    rows.reverse();
    rows.retain(|row| seen.insert(format!("{:?}", row.old.get(..key))));
    rows.reverse();
    rows
}

/// What a statement gives back.
struct Returned<'a> {
    shape: &'a Shape,
    target: &'a Target,
    values: &'a [SqlValue],
}

impl Returned<'_> {
    /// The expressions behind RETURNING for each of the rows, as the tables hold them.
    fn rows(&self, tx: &Transaction<'_, '_>, keys: &[Key]) -> Result<Vec<Vec<SqlValue>>, Error> {
        let Some(list) = self.shape.returning.as_deref().filter(|_| !keys.is_empty()) else {
            return Ok(Vec::new());
        };
        let reader = tx.reader();
        let select = self.target.select(list, self.values.len() + 1);
        let mut prepared = reader.with_table_functions(&select)?;
        let mut compiled = reader.compile(&prepared.rewritten)?;
        let mut rows = Vec::new();
        for key in keys {
            let values = [self.values, key].concat();
            let limits = SqlLimits::default();
            let mut watch = reader.sql.limiter.watch(reader.conn, limits, None)?;
            prepared.run(
                reader,
                &mut compiled,
                &values,
                &mut watch,
                || {},
                |row| {
                    rows.push(row);
                    ControlFlow::Continue(())
                },
            )?;
        }
        Ok(rows)
    }
}

/// Why BEGIN and the like are no statements of their own.
pub(super) fn no_transaction() -> Error {
    Error::ReadOnly {
        what:
            "BEGIN, COMMIT and the like stand in a script of several statements; SAVEPOINT is not \
               supported"
                .into(),
    }
}
