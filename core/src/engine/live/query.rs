//! One live query: its statement, what it reads, and the rows that its subscriber knows.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::live::delta::{Delta, SqlRow};
use crate::engine::live::reads::Reads;
use crate::engine::live::routes::{Key, Route};
use crate::engine::live::shape::{ByNode, key_columns, shape};
use crate::engine::live::touch::Touched;
use crate::engine::query::sql::{SqlValue, sql_error};
use crate::engine::query::statement::Statement;
use rusqlite::ToSql;
use std::collections::{HashMap, HashSet};

/// With more changed nodes than this, a statement runs again as a whole.
const MAX_TAKEN_IN: usize = 256;

/// A statement and the rows that it gave.
#[derive(Debug)]
pub(in crate::engine) struct LiveQuery {
    sql: String,
    /// By their numbers, those with names as well.
    params: Vec<SqlValue>,
    pub(in crate::engine) reads: Reads,
    pub(in crate::engine) route: Option<Route>,
    by_node: Option<ByNode>,
    pub(in crate::engine) columns: Vec<String>,
    key: Vec<usize>,
    pub(in crate::engine) rows: Vec<SqlRow>,
    /// The node that each row comes from, where the statement can be restricted to some.
    ids: Vec<String>,
    /// Whether it is to run again whatever was touched.
    stale: bool,
}

impl LiveQuery {
    /// Runs the statement for the first time.
    pub(in crate::engine) fn start(
        db: &Database,
        statement: &Statement<'_>,
    ) -> Result<Self, Error> {
        let mut query = Self {
            sql: statement.sql.to_owned(),
            params: Vec::new(),
            reads: Reads::default(),
            route: None,
            by_node: None,
            columns: Vec::new(),
            key: Vec::new(),
            rows: Vec::new(),
            ids: Vec::new(),
            stale: false,
        };
        query.compile(db, statement)?;
        query.run(db)?;
        Ok(query)
    }

    /// Whether the statement runs again at the next look, whatever is touched.
    pub(in crate::engine) const fn is_stale(&self) -> bool {
        self.stale
    }

    /// Lets the statement run again at the next look, since its subscriber may know rows that were
    /// read after what was touched by then.
    pub(in crate::engine) fn set_stale(&mut self) {
        self.stale = true;
    }

    /// Whether the statement is compiled anew at a look, and may read others and otherwise then.
    pub(in crate::engine) fn recompiles(&self, touched: &Touched) -> bool {
        touched.everything || self.reads.views.iter().any(|view| touched.views.contains(view))
    }

    /// Brings the rows up to date; gives what changed.
    pub(in crate::engine) fn update(
        &mut self,
        db: &Database,
        touched: &Touched,
    ) -> Result<Delta, Error> {
        let restructured = self.recompiles(touched);
        let stale = std::mem::replace(&mut self.stale, false);
        let whole = restructured || stale || touched.nodes.len() > MAX_TAKEN_IN;
        let outcome = match self.by_node.clone() {
            Some(by_node) if !whole => self.take_in(db, touched, &by_node.some),
            _ => self.run_again(db, restructured),
        };
        self.stale = outcome.is_err();
        outcome
    }

    /// Runs the whole statement again. When that fails, the rows are still those that were told.
    fn run_again(&mut self, db: &Database, restructured: bool) -> Result<Delta, Error> {
        if restructured {
            let (sql, params) = (self.sql.clone(), self.params.clone());
            self.compile(db, &Statement::new(&sql).with(&params))?;
        }
        let before = std::mem::take(&mut self.rows);
        match self.run(db) {
            Ok(()) => Ok(Delta::between(&before, &self.rows, &self.key)),
            Err(error) => {
                self.rows = before;
                Err(error)
            }
        }
    }

    /// Learns of the statement what can be told without running it.
    fn compile(&mut self, db: &Database, statement: &Statement<'_>) -> Result<(), Error> {
        let (columns, reads, params) = db.reader().describe(statement)?;
        self.key = key_columns(&columns);
        self.columns = columns;
        self.reads = reads;
        self.params = params;
        (self.route, self.by_node) = (None, None);
        let Some(view) = self.reads.only_view() else {
            return Ok(());
        };
        let Some(shape) = shape(&self.sql, &self.params) else {
            return Ok(());
        };
        self.route = shape.equals.into_iter().find_map(|equals| {
            let column = equals.column.to_ascii_lowercase();
            let routed = match view {
                "nodes" => column == "id",
                "edges" => column == "source" || column == "target",
                // These change with every change of a node, or are its whole.
                _ => column != "updated" && column != "data",
            };
            let key = Key::of(&equals.value).filter(|_| routed)?;
            Some(Route { view: view.to_owned(), column, key })
        });
        self.by_node = shape.by_node.filter(|_| view != "edges");
        Ok(())
    }

    /// Runs the whole statement.
    fn run(&mut self, db: &Database) -> Result<(), Error> {
        let Some(by_node) = &self.by_node else {
            self.rows = db.query(&self.sql, &self.params)?.rows;
            return Ok(());
        };
        let found = select(db, &by_node.all, &self.params, None)?;
        (self.rows, self.ids) = found.into_iter().unzip();
        Ok(())
    }

    /// Takes the changed nodes in.
    fn take_in(&mut self, db: &Database, touched: &Touched, some: &str) -> Result<Delta, Error> {
        let ids: Vec<&str> = touched.nodes.keys().map(String::as_str).collect();
        let list = serde_json::Value::from(ids).to_string();
        let found = select(db, some, &self.params, Some(&list))?;
        let known = self.ids.iter().filter(|id| touched.nodes.contains_key(*id));
        let known: HashSet<&String> = known.collect();
        let (stayed, mut come): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(_, id)| known.contains(id));
        let mut now: HashMap<String, SqlRow> =
            stayed.into_iter().map(|(row, id)| (id, row)).collect();
        come.sort_by(|(_, one), (_, other)| one.cmp(other));
        let mut delta = Delta::default();
        let before = std::mem::take(&mut self.rows).into_iter().zip(std::mem::take(&mut self.ids));
        for (place, (row, id)) in before.enumerate() {
            if !touched.nodes.contains_key(&id) {
                self.rows.push(row);
                self.ids.push(id);
                continue;
            }
            let Some(new) = now.remove(&id) else {
                // A row that another node gives now, value for value, did not change.
                match come.iter().position(|(new, _)| *new == row) {
                    Some(same) => {
                        self.rows.push(row);
                        self.ids.push(come.remove(same).1);
                    }
                    None => delta.removed.push((place, row)),
                }
                continue;
            };
            if new != row {
                delta.changed.push((self.rows.len(), new.clone()));
            }
            self.rows.push(new);
            self.ids.push(id);
        }
        for (row, id) in come {
            delta.added.push((self.rows.len(), row.clone()));
            self.rows.push(row);
            self.ids.push(id);
        }
        Ok(delta)
    }
}

/// Rows of a statement by node, each with the id of its node.
fn select(
    db: &Database,
    sql: &str,
    params: &[SqlValue],
    ids: Option<&str>,
) -> Result<Vec<(SqlRow, String)>, Error> {
    let mut statement = db.conn.prepare_cached(sql).map_err(sql_error)?;
    let place = statement.parameter_index(":pdb_ids")?;
    let mut bound: Vec<&dyn ToSql> = params.iter().map(|value| value as &dyn ToSql).collect();
    if place == Some(bound.len() + 1) {
        bound.push(&ids);
    }
    let mut rows = statement.query(bound.as_slice()).map_err(sql_error)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(sql_error)? {
        // Asked of each row: a statement whose view was defined anew is compiled anew as it starts.
        let id = row.as_ref().column_count().saturating_sub(1);
        let values = (0..id)
            .map(|column| row.get_ref(column).map(SqlValue::from))
            .collect::<rusqlite::Result<SqlRow>>()?;
        found.push((values, row.get(id)?));
    }
    Ok(found)
}
