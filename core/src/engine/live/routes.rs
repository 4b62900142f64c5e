//! Finds the statements that ask for rows with some value by that value.
//!
//! Never misses one: two values that SQL's `=` may take for equal, under any affinity, have the same
//! key. It may find one too many, which then sees no difference.

use crate::engine::error::Error;
use crate::engine::query::sql::SqlValue;
use crate::engine::storage::schema::identifier;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// That a statement reads one view only, and of that only rows where a column has a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::engine) struct Route {
    /// The name of the view.
    pub(in crate::engine) view: String,
    /// The name of the column as the statement spells it, without quotes, in lower case.
    pub(in crate::engine) column: String,
    pub(in crate::engine) key: Key,
}

/// A value, as far as two that SQL may take for equal are the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::engine) enum Key {
    /// A number, or a text that reads as one; the bits of the nearest f64.
    Number(u64),
    Text(String),
    Blob(Vec<u8>),
}

impl Key {
    /// `None` for NULL, which equals nothing.
    pub(in crate::engine) fn of(value: &SqlValue) -> Option<Self> {
        Some(match value {
            SqlValue::Null => return None,
            SqlValue::Int(number) => Self::number(*number as f64),
            SqlValue::Real(number) => Self::number(*number),
            SqlValue::Text(text) => Self::of_text(text),
            SqlValue::Blob(bytes) => Self::Blob(bytes.clone()),
        })
    }

    pub(in crate::engine) fn of_text(text: &str) -> Self {
        match text.trim().parse::<f64>() {
            Ok(number) if !number.is_nan() => Self::number(number),
            _ => Self::Text(text.to_owned()),
        }
    }

    fn number(number: f64) -> Self {
        // Zero has two signs.
        Self::Number(if number == 0.0 { 0 } else { number.to_bits() })
    }
}

/// The columns of each view whose values find statements.
#[derive(Debug, Default)]
pub(in crate::engine) struct Watched {
    views: HashMap<String, WatchedView>,
}

#[derive(Debug)]
struct WatchedView {
    columns: Vec<String>,
    select: String,
}

impl Watched {
    /// The values of a node in the watched columns of its type's view, in which it is.
    pub(in crate::engine) fn values(
        &self,
        conn: &Connection,
        kind: &str,
        id: &str,
    ) -> Result<Vec<(String, Key)>, Error> {
        let Some(view) = self.views.get(kind) else {
            return Ok(Vec::new());
        };
        let mut statement = conn.prepare_cached(&view.select)?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else {
            return Ok(Vec::new());
        };
        let mut values = Vec::with_capacity(view.columns.len());
        for (place, column) in view.columns.iter().enumerate() {
            if let Some(key) = Key::of(&row.get_ref(place)?.into()) {
                values.push((column.clone(), key));
            }
        }
        Ok(values)
    }
}

/// Statements by route.
#[derive(Debug, Default)]
pub(in crate::engine) struct Routes {
    by_route: HashMap<Route, BTreeSet<u64>>,
    /// How many statements watch a column of a view.
    counts: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Routes {
    /// Adds a statement; gives whether other columns are watched now.
    pub(in crate::engine) fn add(&mut self, route: Route, number: u64) -> bool {
        let columns = self.counts.entry(route.view.clone()).or_default();
        let count = columns.entry(route.column.clone()).or_default();
        *count += 1;
        let new = *count == 1;
        self.by_route.entry(route).or_default().insert(number);
        new
    }

    /// Takes a statement out; gives whether other columns are watched now.
    pub(in crate::engine) fn remove(&mut self, route: &Route, number: u64) -> bool {
        if let Some(numbers) = self.by_route.get_mut(route) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.by_route.remove(route);
            }
        }
        let Some(columns) = self.counts.get_mut(&route.view) else {
            return false;
        };
        let Some(count) = columns.get_mut(&route.column) else {
            return false;
        };
        *count = count.saturating_sub(1);
        if *count > 0 {
            return false;
        }
        columns.remove(&route.column);
        if columns.is_empty() {
            self.counts.remove(&route.view);
        }
        true
    }

    /// The statements that ask for a value.
    pub(in crate::engine) fn find(
        &self,
        view: &str,
        column: &str,
        key: &Key,
    ) -> impl Iterator<Item = u64> {
        let route = Route { view: view.into(), column: column.into(), key: key.clone() };
        self.by_route.get(&route).into_iter().flatten().copied()
    }

    /// What is watched of the types' views, where values change: the columns of `nodes` and `edges`
    /// that are routed do not, nor does `id`.
    pub(in crate::engine) fn watched(&self) -> Watched {
        let mut views = HashMap::new();
        for (view, columns) in &self.counts {
            let columns: Vec<String> =
                columns.keys().filter(|column| *column != "id").cloned().collect();
            if columns.is_empty() || view == "nodes" || view == "edges" {
                continue;
            }
            let list: Vec<String> = columns.iter().map(|column| identifier(column)).collect();
            let select =
                format!("SELECT {} FROM {} WHERE id = ?1", list.join(", "), identifier(view));
            views.insert(view.clone(), WatchedView { columns, select });
        }
        Watched { views }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sql_may_take_for_equal_has_one_key() {
        let key = |value: SqlValue| Key::of(&value);
        let five = key(SqlValue::Int(5));
        assert_eq!(five, key(SqlValue::Real(5.0)));
        assert_eq!(five, key(SqlValue::Text(" 5.0".into())));
        assert_eq!(key(SqlValue::Real(0.0)), key(SqlValue::Real(-0.0)));
        assert_ne!(five, key(SqlValue::Int(6)));
        assert_ne!(key(SqlValue::Text("a".into())), key(SqlValue::Text("A".into())));
        assert_eq!(key(SqlValue::Null), None);
    }
}
