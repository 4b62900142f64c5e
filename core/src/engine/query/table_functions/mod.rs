//! Functions that stand where a table does: `SELECT ... FROM traverse('a', 3) AS t JOIN nodes ...`.
//!
//! To add one, write its entry and name it in [`FUNCTIONS`]. SQLite's own way, a module of virtual
//! tables, takes `unsafe` code, so a call is rewritten into a subquery ([`rewrite`]) over rows that
//! are computed between two runs of the statement ([`calls`]).

pub(in crate::engine) mod calls;
pub(in crate::engine) mod rewrite;
#[cfg(test)]
mod tests;

use crate::engine::error::Error;
use crate::engine::query::graph::functions;
use crate::engine::query::limits::Watch;
use crate::engine::query::paused::{Step, at_once};
use crate::engine::query::reader::Reader;
use crate::engine::query::sql::{SqlValue, run};
use crate::engine::query::text::function::SEARCH;
use crate::engine::vectors::vsearch::VSEARCH;
use calls::{Next, Running};
use rewrite::Rewritten;
use rusqlite::Statement as Compiled;
use std::ops::{ControlFlow, RangeInclusive};

/// The rows of a call.
pub(in crate::engine) type TableRows = Vec<Vec<SqlValue>>;

/// A function that stands where a table does.
#[derive(Debug)]
pub(in crate::engine) struct TableFunction {
    /// Its name in SQL, in lower case.
    pub(in crate::engine) name: &'static str,
    /// How it is called, for messages: `traverse(start, depth, labels, direction)`.
    pub(in crate::engine) signature: &'static str,
    /// The columns that it gives.
    pub(in crate::engine) columns: &'static [&'static str],
    /// How many arguments it takes.
    pub(in crate::engine) arguments: RangeInclusive<usize>,
    /// Computes the rows, each with as many values as there are columns.
    pub(in crate::engine) rows: fn(Reader<'_>, &[SqlValue]) -> Result<TableRows, Error>,
}

/// All of them.
pub(in crate::engine) static FUNCTIONS: &[&TableFunction] = &[
    &functions::COMPONENTS,
    &functions::NEIGHBOURS,
    &functions::PAGERANK,
    &functions::SHORTEST_PATH,
    &functions::TRAVERSE,
    &SEARCH,
    &VSEARCH,
    #[cfg(test)]
    &tests::COUNTED,
];

/// A statement ready to compile, with the calls in it.
#[derive(Debug)]
pub(in crate::engine) struct Prepared<'a> {
    /// What SQLite is given, and where its pieces come from.
    pub(in crate::engine) rewritten: Rewritten<'a>,
    /// Present where there are calls.
    pub(in crate::engine) running: Option<Running>,
}

impl Prepared<'_> {
    /// Whether the statement calls any table function.
    pub(in crate::engine) const fn has_calls(&self) -> bool {
        self.running.is_some()
    }

    /// Runs the statement, as often as the calls in it take. `each` is given the rows, each once, until
    /// it breaks; `begin` is called before every run, and what the runs before did does not count.
    pub(in crate::engine) fn run(
        &mut self,
        reader: Reader<'_>,
        compiled: &mut Compiled<'_>,
        values: &[SqlValue],
        watch: &mut Watch<'_>,
        begin: impl FnMut(),
        mut each: impl FnMut(Vec<SqlValue>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        at_once(self.run_paused(reader, compiled, values, watch, begin, |row| each(row).into()))
    }

    /// The same with pauses, where `each` asks for them.
    pub(in crate::engine) async fn run_paused(
        &mut self,
        reader: Reader<'_>,
        compiled: &mut Compiled<'_>,
        values: &[SqlValue],
        watch: &mut Watch<'_>,
        mut begin: impl FnMut(),
        mut each: impl FnMut(Vec<SqlValue>) -> Step,
    ) -> Result<(), Error> {
        let mut next = Next::Take;
        let mut given = 0;
        if let Some(running) = &mut self.running {
            running.restart();
        }
        loop {
            begin();
            let gathers = next == Next::Gather;
            let outcome = run(compiled, values, watch, |row, number, watch| {
                if gathers || number < given {
                    return Ok(Step::Next);
                }
                given += 1;
                watch.row(&row)?;
                Ok(each(row))
            });
            let outcome = outcome.await;
            if let Some(running) = &mut self.running {
                next = running.answer(reader).map_err(|error| watch.instead(error))?;
            }
            if next == Next::Take {
                return outcome.map_err(|error| self.rewritten.locate(error));
            }
        }
    }
}

impl Reader<'_> {
    /// Rewrites the calls of table functions in a statement.
    pub(in crate::engine) fn with_table_functions<'s>(
        &self,
        sql: &'s str,
    ) -> Result<Prepared<'s>, Error> {
        let running = self.sql.calls.begin();
        let rewritten = rewrite::rewrite(sql, FUNCTIONS, running.number())?;
        if rewritten.is_empty() {
            return Err(Error::Sql { message: "there is no statement".into(), offset: None });
        }
        let running = rewritten.has_calls().then_some(running);
        Ok(Prepared { rewritten, running })
    }
}
