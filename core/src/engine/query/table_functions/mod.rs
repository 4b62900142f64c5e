//! Functions that stand where a table does: `SELECT ... FROM traverse('a', 3) AS t JOIN nodes ...`.
//!
//! To add one, write its entry and name it in [`FUNCTIONS`]. SQLite's own way, a module of virtual
//! tables, takes `unsafe` code, so a call is rewritten into a subquery ([`rewrite`]) over rows that
//! are computed between two runs of the statement ([`calls`]).

pub(in crate::engine) mod calls;
pub(in crate::engine) mod rewrite;
#[cfg(test)]
mod tests;

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::graph::functions;
use crate::engine::query::sql::SqlValue;
use crate::engine::query::text::function::SEARCH;
use crate::engine::vectors::vsearch::VSEARCH;
use calls::Running;
use rewrite::Rewritten;
use std::ops::RangeInclusive;

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
    pub(in crate::engine) rows: fn(&Database, &[SqlValue]) -> Result<TableRows, Error>,
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

impl Database {
    /// Rewrites the calls of table functions in a statement.
    pub(in crate::engine) fn with_table_functions<'a>(
        &self,
        sql: &'a str,
    ) -> Result<Prepared<'a>, Error> {
        let running = self.calls.begin();
        let rewritten = rewrite::rewrite(sql, FUNCTIONS, running.number())?;
        let running = rewritten.has_calls().then_some(running);
        Ok(Prepared { rewritten, running })
    }
}

/// Refuses a statement with calls, where nobody can answer them.
pub(in crate::engine) fn without_calls(sql: &str) -> Result<(), Error> {
    if !rewrite::rewrite(sql, FUNCTIONS, 0)?.has_calls() {
        return Ok(());
    }
    let message =
        "a table function cannot be called inside of a transaction yet; read its rows before";
    Err(Error::Sql { message: message.into(), offset: None })
}
