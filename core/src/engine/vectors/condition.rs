//! Which nodes a search by nearness may find: a condition of SQL over the view of the type.
//!
//! The nearest are asked first, some at a time, so that a condition that many nodes meet is computed
//! for few. Where too few of them meet it, it is computed for all, and only those are compared.

use crate::engine::error::Error;
use crate::engine::query::reader::Reader;
use crate::engine::query::sql::SqlValue;
use crate::engine::query::statement::Statement;
use crate::engine::storage::schema::readable_as;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// The parameter that takes the ids. A user's own are numbered before it.
const IDS: &str = ":pdb_ids";

impl Reader<'_> {
    /// Which of some nodes of a type meet a condition.
    pub(super) fn meet_of(
        &self,
        kind: &str,
        condition: &Statement<'_>,
        ids: &[&str],
    ) -> Result<HashSet<String>, Error> {
        let ids = serde_json::Value::from(ids.to_vec()).to_string();
        let mut named = condition.named.to_vec();
        named.push((IDS, SqlValue::Text(ids)));
        let asked = format!(" AND id IN (SELECT value FROM json_each({IDS}))");
        self.ids(kind, &Statement { named: &named, ..*condition }, &asked)
    }

    /// The numbers of all nodes of a type that meet a condition.
    pub(super) fn all_that_meet(
        &self,
        kind: &str,
        condition: &Statement<'_>,
    ) -> Result<Vec<i64>, Error> {
        let ids = self.ids(kind, condition, "")?;
        self.numbers(ids.iter().map(String::as_str))
    }

    /// The numbers of nodes; ids without a node have none.
    pub(super) fn numbers<'a>(
        &self,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<i64>, Error> {
        let mut statement = self.conn.prepare_cached("SELECT nid FROM pdb_node WHERE id = ?1")?;
        let mut numbers = Vec::new();
        for id in ids {
            let mut rows = statement.query([id])?;
            if let Some(row) = rows.next()? {
                numbers.push(row.get(0)?);
            }
        }
        Ok(numbers)
    }

    fn ids(
        &self,
        kind: &str,
        condition: &Statement<'_>,
        asked: &str,
    ) -> Result<HashSet<String>, Error> {
        let readable = readable_as(self.conn, kind)?;
        // A line of its own ends a comment in the condition.
        let head = format!("SELECT id FROM {readable} WHERE (");
        let sql = format!("{head}{}\n){asked}", condition.sql);
        let mut ids = HashSet::new();
        self.read_each(&Statement { sql: &sql, ..*condition }, |_, mut row| {
            if let Some(SqlValue::Text(id)) = row.pop() {
                ids.insert(id);
            }
            ControlFlow::Continue(())
        })
        .map_err(|error| error.moved_back(head.len()))?;
        Ok(ids)
    }
}
