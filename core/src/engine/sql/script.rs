//! Statements and scripts of a database: which of them is which transaction.

use super::execute::{Executed, no_transaction};
use super::shape::{Shape, Verb, split, words};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::authorizer::created;
use crate::engine::query::sql::SqlValue;
use crate::engine::query::statement::Statement;

impl Database {
    /// Runs one statement that may write to `nodes`, `edges` and the views of types: INSERT, INSERT
    /// OR REPLACE, INSERT OR IGNORE, INSERT ... ON CONFLICT, UPDATE and DELETE, each with RETURNING. It is one transaction like
    /// any other, and only what it changes is written. A statement that reads gives its rows.
    ///
    /// ```
    /// use pluresdb::{Database, SqlValue, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.put("milk", "Task", object([("title", "Buy milk".into()), ("done", false.into())]))?;
    /// let sql = "INSERT INTO Task (id, title) VALUES (?1, ?2)";
    /// db.execute(sql, &[SqlValue::Text("cat".into()), SqlValue::Text("Feed the cat".into())])?;
    /// let done = db.execute("UPDATE Task SET done = 1 WHERE id = 'milk' RETURNING title", &[])?;
    /// assert_eq!((done.changes, done.rows), (1, vec![vec![SqlValue::Text("Buy milk".into())]]));
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Sql`] for what SQLite does not take and for values that a column cannot hold,
    /// [`Error::ReadOnly`] for what would write past the merge rules, [`Error::Taken`] for a row that is
    /// there, [`Error::Invalid`] for what breaks a type.
    pub fn execute(&mut self, sql: &str, params: &[SqlValue]) -> Result<Executed, Error> {
        self.execute_with(&Statement::new(sql).with(params))
    }

    /// The same with names of parameters and limits.
    pub fn execute_with(&mut self, statement: &Statement<'_>) -> Result<Executed, Error> {
        match Shape::read(statement.sql).verb {
            Verb::Insert | Verb::Update | Verb::Delete => {
                self.transaction(|tx| tx.execute_with(statement))
            }
            Verb::Other => {
                let rows = self.read(statement)?;
                Ok(Executed { columns: rows.columns, rows: rows.rows, changes: 0 })
            }
            Verb::Begin | Verb::Commit | Verb::Rollback | Verb::Savepoint => Err(no_transaction()),
        }
    }

    /// Runs several statements, divided by semicolons. What stands between BEGIN and COMMIT is one
    /// transaction; so are statements outside that follow each other. A later statement sees what an
    /// earlier one wrote. Each takes the parameters that it names; limits are for each of them.
    ///
    /// ```
    /// use pluresdb::{Database, SqlValue, Statement};
    ///
    /// let mut db = Database::memory()?;
    /// let done = db.execute_script(&Statement::new(
    ///     "INSERT INTO nodes (id, type, data) VALUES ('n1', 'Note', '{\"stars\": 1}');
    ///      UPDATE Note SET stars = stars + 1;
    ///      SELECT stars FROM Note;",
    /// ))?;
    /// assert_eq!(done[2].rows, [[SqlValue::Int(2)]]);
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Script`] tells which statement failed and why. Its transaction is undone as a whole;
    /// those before it are kept.
    pub fn execute_script(&mut self, script: &Statement<'_>) -> Result<Vec<Executed>, Error> {
        let mut done = Vec::new();
        for group in plan(script.sql)? {
            self.run_group(script, &group, &mut done)?;
        }
        Ok(done)
    }

    fn run_group(
        &mut self,
        script: &Statement<'_>,
        group: &Group<'_>,
        done: &mut Vec<Executed>,
    ) -> Result<(), Error> {
        if !group.writes {
            for piece in &group.pieces {
                done.push(piece.run(script, |statement| self.execute_with(statement))?);
            }
            return Ok(());
        }
        let before = done.len();
        let outcome = self.transaction(|tx| {
            for piece in &group.pieces {
                done.push(piece.run(script, |statement| tx.execute_with(statement))?);
            }
            // Any error undoes the transaction; this one is never seen.
            if group.discard { Err(Error::Cancelled) } else { Ok(()) }
        });
        match outcome {
            Err(Error::Cancelled) if group.discard => Ok(()),
            Err(error) => {
                done.truncate(before);
                // What the commit refuses is of the transaction, which its last statement stands for.
                match (error, group.pieces.last()) {
                    (error @ Error::Script { .. }, _) | (error, None) => Err(error),
                    (error, Some(last)) => Err(last.fault(script.sql, error)),
                }
            }
            Ok(()) => Ok(()),
        }
    }
}

impl Statement<'_> {
    /// How many statements the text holds.
    #[must_use]
    pub fn count(&self) -> usize {
        split(self.sql).len()
    }

    /// Whether any of them is one that writes.
    #[must_use]
    pub fn writes(&self) -> bool {
        let mut verbs = split(self.sql).into_iter().map(|(_, sql)| Shape::read(sql).verb);
        verbs.any(|verb| matches!(verb, Verb::Insert | Verb::Update | Verb::Delete))
    }
}

/// Statements that are one transaction.
#[derive(Debug, Default)]
struct Group<'a> {
    pieces: Vec<Piece<'a>>,
    writes: bool,
    /// Whether ROLLBACK ends it.
    discard: bool,
}

/// One statement of a script.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    /// Its number in the script, from 1.
    number: usize,
    at: usize,
    sql: &'a str,
}

impl Piece<'_> {
    fn run(
        &self,
        script: &Statement<'_>,
        run: impl FnOnce(&Statement<'_>) -> Result<Executed, Error>,
    ) -> Result<Executed, Error> {
        let statement = Statement { sql: self.sql, shared: true, ..*script };
        run(&statement).map_err(|error| self.fault(script.sql, error))
    }

    fn fault(&self, script: &str, error: Error) -> Error {
        let before = script.get(..self.at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let source = Box::new(error.moved_on(self.at));
        Error::Script { number: self.number, line, source }
    }
}

/// Whether a piece is the beginning of a trigger, whose statements are none of the script.
fn defines_trigger(sql: &str) -> bool {
    let words = words(sql);
    let mut words = words.iter();
    words.next().is_some_and(|first| first.is_word("create"))
        && words.take(2).any(|word| word.is_word("trigger"))
}

/// Divides a script into transactions.
fn plan(script: &str) -> Result<Vec<Group<'_>>, Error> {
    let mut groups = Vec::new();
    let mut group = Group::default();
    let mut begun: Option<Piece<'_>> = None;
    for (number, (at, sql)) in (1..).zip(split(script)) {
        let piece = Piece { number, at, sql };
        let refuse =
            |why: &str| Err(piece.fault(script, Error::Sql { message: why.into(), offset: None }));
        if defines_trigger(sql) {
            return Err(piece.fault(script, Error::ReadOnly { what: created("create") }));
        }
        match (Shape::read(sql).verb, begun) {
            (Verb::Begin, None) => {
                groups.push(std::mem::take(&mut group));
                begun = Some(piece);
            }
            (Verb::Begin, Some(_)) => return refuse("BEGIN inside of a transaction"),
            (Verb::Commit | Verb::Rollback, None) => return refuse("no BEGIN stands before this"),
            (verb @ (Verb::Commit | Verb::Rollback), Some(_)) => {
                group.discard = verb == Verb::Rollback;
                groups.push(std::mem::take(&mut group));
                begun = None;
            }
            (Verb::Savepoint, _) => return Err(piece.fault(script, no_transaction())),
            (verb, _) => {
                group.writes |= verb != Verb::Other;
                group.pieces.push(piece);
            }
        }
    }
    if let Some(begin) = begun {
        let message = "COMMIT is missing after this BEGIN".into();
        return Err(begin.fault(script, Error::Sql { message, offset: None }));
    }
    groups.push(group);
    Ok(groups)
}
