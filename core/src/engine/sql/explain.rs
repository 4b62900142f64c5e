//! How SQLite goes about a statement.

use super::shape::Shape;
use super::target::Target;
use super::triggers;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::sql::sql_error;
use crate::engine::query::statement::Statement;
use crate::engine::query::table_functions::Prepared;
use std::collections::HashMap;

const EXPLAIN: &str = "EXPLAIN QUERY PLAN ";

impl Database {
    /// How SQLite goes about a statement, one step a line, those of a subquery indented: which
    /// indexes it uses, and where it looks at every row. Of a statement that writes it is how its rows
    /// are found. Nothing is run, so parameters need no values.
    ///
    /// ```
    /// use pluresdb::{Database, Statement, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.put("n1", "Note", object([("title", "Milk".into())]))?;
    /// let plan = db.explain(&Statement::new("SELECT title FROM Note WHERE id = ?"))?;
    /// assert!(plan[0].starts_with("SEARCH"), "{plan:?}");
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    pub fn explain(&mut self, statement: &Statement<'_>) -> Result<Vec<String>, Error> {
        self.refresh()?;
        let shape = Shape::read(statement.sql);
        let name = shape.target.as_deref();
        let target = name.map(|name| Target::find(&self.conn, &self.cache, name)).transpose()?;
        let target = target.flatten();
        if let Some(target) = &target {
            triggers::ensure(&self.conn, target, shape.verb)?;
        }
        let view = target.map(|target| target.view).unwrap_or_default();
        let text = shape.without_on_conflict(statement.sql);
        let Prepared { rewritten, .. } = self.reader().with_table_functions(&text)?;
        let sql = format!("{EXPLAIN}{}", rewritten.sql);
        let compiled = self.sql.guard.checked_write(&view, || self.conn.prepare(&sql));
        let mut compiled =
            compiled.map_err(|error| rewritten.locate(error.moved_back(EXPLAIN.len())))?;
        let mut depths = HashMap::new();
        let mut lines = Vec::new();
        let mut rows = compiled.raw_query();
        while let Some(row) = rows.next().map_err(sql_error)? {
            let (id, parent): (i64, i64) = (row.get(0)?, row.get(1)?);
            let depth = depths.get(&parent).map_or(0, |depth: &usize| depth + 1);
            depths.insert(id, depth);
            lines.push(format!("{}{}", "  ".repeat(depth), row.get::<_, String>(3)?));
        }
        Ok(lines)
    }
}
