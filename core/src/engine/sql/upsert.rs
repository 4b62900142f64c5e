//! What an INSERT with ON CONFLICT does with a row that is there: an UPDATE made of the clause, which SQLite
//! runs like any other. A column of the row that was to be inserted is a parameter of it.

use super::apply::{Apply, Key};
use super::on_conflict::{OnConflict, Piece};
use super::shape::{Shape, Verb};
use super::target::Target;
use crate::engine::commit::transaction::Transaction;
use crate::engine::error::Error;
use crate::engine::query::limits::SqlLimits;
use crate::engine::query::sql::SqlValue;
use crate::engine::query::statement::Statement;
use crate::engine::storage::schema::identifier;

/// The UPDATE of one row.
#[derive(Debug)]
pub(super) struct Update {
    pub(super) sql: String,
    pub(super) shape: Shape,
    /// Where pieces of it stand, and where they come from.
    pieces: Vec<(usize, usize)>,
}

impl Transaction<'_, '_> {
    /// The values of a statement with the clause, and what is done with a row that is there. Both
    /// statements are compiled before anything is written, so that a fault in either writes nothing.
    pub(super) fn begin_upsert(
        &mut self,
        statement: &Statement<'_>,
        clause: &OnConflict,
        target: &Target,
    ) -> Result<(Vec<SqlValue>, Option<Update>), Error> {
        let (conn, guard) = (self.writer.conn, &self.writer.sql.guard);
        let parameters = match clause.parameters.as_str() {
            "" => "SELECT NULL".into(),
            parameters => format!("SELECT {parameters}"),
        };
        let compiled = guard.checked(|| conn.prepare(&parameters))?;
        statement.uses_all(&compiled)?;
        let values = statement.bound(&compiled)?;
        let update = Update::of(clause, target)?;
        if let Some(update) = &update {
            let prepared = self.reader().with_table_functions(&update.sql)?;
            let compiled = self.compile_write(&prepared, &update.shape);
            compiled.map_err(|error| update.locate(error))?;
        }
        Ok((values, update))
    }

    /// Changes the row that is there in the place of one that was to be inserted, which follows the values
    /// of the statement. Gives its key; `None` where the clause leaves it as it is.
    pub(super) fn upsert(
        &mut self,
        update: &Update,
        values: &[SqlValue],
        statement: &Statement<'_>,
    ) -> Result<Option<Key>, Error> {
        // The tables change from row to row, so nothing of the run before holds.
        let mut prepared = self.reader().with_table_functions(&update.sql)?;
        if prepared.has_calls() {
            self.writer.held.settle(self.writer.conn)?;
        }
        let (target, mut compiled) = self.compile_write(&prepared, &update.shape)?;
        let limits = SqlLimits { time_ms: statement.limits.time_ms, ..SqlLimits::default() };
        let statement = Statement { limits, ..*statement };
        let rows = self.captured(&mut prepared, &mut compiled, values, &statement)?;
        drop(compiled);
        let mut apply = Apply { tx: self, shape: &update.shape, target: &target };
        rows.first().map_or(Ok(None), |row| apply.row(row))
    }
}

impl Update {
    /// Made for a target; `None` for DO NOTHING.
    ///
    /// # Errors
    /// [`Error::Sql`] for columns that do not tell rows apart, and for those that the target has not.
    pub(super) fn of(clause: &OnConflict, target: &Target) -> Result<Option<Self>, Error> {
        check(clause, target)?;
        let Some((set, condition)) = &clause.update else {
            return Ok(None);
        };
        let shape = Shape { target: Some(target.view.clone()), ..Shape::of(Verb::Update) };
        let mut update = Self { sql: String::new(), shape, pieces: Vec::new() };
        let alias = clause.alias.as_ref().map(|alias| format!(" AS {}", identifier(alias)));
        let row = format!("main.{}{}", identifier(&target.view), alias.unwrap_or_default());
        // The key is in the first columns of the row.
        let first = clause.values + 1;
        let keys = target.key().iter().zip(first..);
        let keys: Vec<String> =
            keys.map(|(column, number)| format!("{column} = ?{number}")).collect();
        let key = keys.join(" AND ");
        update.sql = format!("UPDATE {row} SET");
        update.write(set, target, first)?;
        update.sql.push_str(&format!(" WHERE {key}"));
        if !condition.is_empty() {
            // Beside the key SQLite would not know the alias: of a view it asks for the rows without it.
            update.sql.push_str(&format!(" AND EXISTS (SELECT 1 FROM {row} WHERE {key} AND ("));
            update.write(condition, target, first)?;
            update.sql.push_str("))");
        }
        Ok(Some(update))
    }

    /// Moves the place of an error to where its cause is in the statement.
    pub(super) fn locate(&self, error: Error) -> Error {
        let Error::Sql { message, offset: Some(offset) } = error else {
            return error;
        };
        let piece = self.pieces.iter().rev().find(|(start, _)| *start <= offset);
        Error::Sql { message, offset: piece.map(|(_, original)| *original) }
    }

    fn write(&mut self, pieces: &[Piece], target: &Target, first: usize) -> Result<(), Error> {
        for piece in pieces {
            let (Piece::Text(place, _) | Piece::Excluded(place, _)) = piece;
            self.pieces.push((self.sql.len(), *place));
            match piece {
                Piece::Text(_, text) => self.sql.push_str(text),
                Piece::Excluded(place, column) => {
                    let mut columns = target.columns().into_iter();
                    let at = columns.position(|known| known.eq_ignore_ascii_case(column));
                    let at = at.ok_or_else(|| Error::Sql {
                        message: format!("no such column: excluded.{column}"),
                        offset: Some(*place),
                    })?;
                    self.sql.push_str(&format!("?{}", first + at));
                }
            }
        }
        Ok(())
    }
}

/// Refuses what tells rows apart in another way than the view does.
fn check(clause: &OnConflict, target: &Target) -> Result<(), Error> {
    let fault = |message: String| Err(Error::Sql { message, offset: Some(clause.place.start) });
    let wanted = target.key();
    let (of, columns) = (&target.view, wanted.join(", "));
    if clause.several {
        return fault(format!("rows of {of} are told apart in one way: give one ON CONFLICT"));
    }
    let Some(key) = &clause.key else {
        return Ok(());
    };
    let is_wanted = |name: &String| wanted.iter().any(|it| it.eq_ignore_ascii_case(name));
    match key.len() == wanted.len() && key.iter().all(is_wanted) {
        true => Ok(()),
        false => fault(format!(
            "rows of {of} are told apart by {columns} alone: write ON CONFLICT({columns})"
        )),
    }
}
