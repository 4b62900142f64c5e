//! The graph as SQLite has it, node by node.

use super::options::{Walk, Weight};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::read::Direction;
use crate::engine::query::sql::sql_error;
use crate::graph::{Hop, Source, Way};
use crate::model::EdgeRef;
use hashbrown::HashMap;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, OptionalExtension, Row, Statement};

/// The nodes that do not exist are few and have an index of their own, so looking whether an end is
/// among them reads none of the larger rows of those that exist.
const HIDDEN: &str =
    "SELECT 1 FROM pdb_node AS h INDEXED BY pdb_node_hidden WHERE NOT h.alive AND h.nid =";

/// Gives the hops that a walk may take.
pub(super) struct Hops<'a> {
    db: &'a Database,
    direction: Direction,
    labels: Labels,
    weight: Option<&'a Weight>,
    out: CachedStatement<'a>,
    into: CachedStatement<'a>,
    admits: Option<(Statement<'a>, String)>,
    names: Names,
    ids: CachedStatement<'a>,
}

/// The labels that count, as a parameter.
enum Labels {
    All,
    One(String),
    Several(String),
}

/// Labels and keys as numbers.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }
}

impl<'a> Hops<'a> {
    pub(super) fn new(
        db: &'a Database,
        walk: &Walk,
        weight: Option<&'a Weight>,
    ) -> Result<Self, Error> {
        let labels = match walk.labels.as_slice() {
            [] => Labels::All,
            [label] => Labels::One(label.clone()),
            several => Labels::Several(json(several)),
        };
        let path = weight.map(Weight::json_path).transpose()?;
        let data = match &path {
            Some(path) => format!("json_extract(e.data, '{}')", path.replace('\'', "''")),
            None => "1.0".into(),
        };
        let label = match labels {
            Labels::All => "?2 IS NULL",
            Labels::One(_) => "e.label = ?2",
            Labels::Several(_) => "e.label IN (SELECT value FROM json_each(?2))",
        };
        let sql = |near, far| {
            format!(
                "SELECT e.label, e.key, e.{far}, {data} FROM pdb_edge AS e
                 WHERE e.{near} = ?1 AND e.alive AND {label} AND NOT EXISTS ({HIDDEN} e.{far})"
            )
        };
        Ok(Self {
            db,
            direction: walk.direction,
            labels,
            weight,
            out: db.conn.prepare_cached(&sql("source", "target"))?,
            into: db.conn.prepare_cached(&sql("target", "source"))?,
            admits: condition(db, walk)?,
            names: Names::default(),
            ids: db.conn.prepare_cached("SELECT id FROM pdb_node WHERE nid = ?1")?,
        })
    }

    /// The number of a node that exists.
    pub(super) fn number(&self, id: &str) -> Result<i64, Error> {
        number(self.db, id)?.ok_or_else(|| Error::NotFound { id: id.into() })
    }

    /// The id of a node.
    pub(super) fn id(&mut self, node: i64) -> Result<String, Error> {
        Ok(self.ids.query_row([node], |row| row.get(0))?)
    }

    /// The label and the key of a hop.
    pub(super) fn label_and_key(&self, hop: &Hop) -> (String, String) {
        let name = |number: u32| self.names.names.get(number as usize).cloned().unwrap_or_default();
        (name(hop.label), name(hop.key))
    }

    /// The edge of a hop from one node to another.
    pub(super) fn edge(&self, hop: &Hop, from: &str, to: &str) -> EdgeRef {
        let (label, key) = self.label_and_key(hop);
        let (source, target) = if hop.leaves { (from, to) } else { (to, from) };
        EdgeRef { source: source.into(), label, target: target.into(), key }
    }

    fn read(&mut self, node: i64, leaves: bool, hops: &mut Vec<Hop>) -> Result<(), Error> {
        let statement = if leaves { &mut self.out } else { &mut self.into };
        let labels = match &self.labels {
            Labels::All => None,
            Labels::One(labels) | Labels::Several(labels) => Some(labels),
        };
        let mut rows = statement.query((node, labels))?;
        let text = |row: &Row<'_>, column| -> Result<String, Error> { Ok(row.get(column)?) };
        while let Some(row) = rows.next()? {
            let other = row.get(2)?;
            // An edge from a node to itself leaves and enters it, and is one hop.
            if other == node && !leaves && self.direction == Direction::Both {
                continue;
            }
            let weight = match (self.weight, row.get_ref(3)?) {
                (None, _) => 1.0,
                (Some(Weight { default: Some(default), .. }), ValueRef::Null) => *default,
                (_, ValueRef::Integer(weight)) if weight >= 0 => weight as f64,
                (_, ValueRef::Real(weight)) if weight >= 0.0 && weight.is_finite() => weight,
                _ => {
                    let (source, target) = if leaves { (node, other) } else { (other, node) };
                    let mut id = |nid: i64| self.ids.query_row([nid], |row| row.get(0));
                    let edge = EdgeRef {
                        source: id(source)?,
                        label: text(row, 0)?,
                        target: id(target)?,
                        key: text(row, 1)?,
                    };
                    let field = self.weight.map(|weight| weight.field.clone());
                    return Err(Error::Weight {
                        edge: Box::new(edge),
                        field: field.unwrap_or_default(),
                    });
                }
            };
            let mut name = |column| -> Result<u32, Error> {
                let name = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
                Ok(self.names.number(name))
            };
            hops.push(Hop { node: other, label: name(0)?, key: name(1)?, leaves, weight });
        }
        Ok(())
    }
}

impl Source for Hops<'_> {
    type Error = Error;

    fn hops(&mut self, node: i64, way: Way, hops: &mut Vec<Hop>) -> Result<(), Error> {
        let forward = way == Way::Forward;
        if self.direction == Direction::Both || (self.direction == Direction::Out) == forward {
            self.read(node, true, hops)?;
        }
        if self.direction == Direction::Both || (self.direction == Direction::In) == forward {
            self.read(node, false, hops)?;
        }
        Ok(())
    }

    fn admits(&mut self, node: i64) -> Result<bool, Error> {
        match &mut self.admits {
            Some((statement, types)) => {
                statement.query_row((node, &*types), |row| row.get(0)).map_err(sql_error)
            }
            None => Ok(true),
        }
    }
}

/// The number of a node that exists.
pub(super) fn number(db: &Database, id: &str) -> Result<Option<i64>, Error> {
    let mut statement =
        db.conn.prepare_cached("SELECT nid FROM pdb_node WHERE id = ?1 AND alive")?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?)
}

/// Asks whether a node, `?1`, is of the types, `?2`, and fulfils the condition.
fn condition<'a>(db: &'a Database, walk: &Walk) -> Result<Option<(Statement<'a>, String)>, Error> {
    if walk.types.is_empty() && walk.filter.is_none() {
        return Ok(None);
    }
    let start =
        "SELECT EXISTS (SELECT 1 FROM (SELECT id, type, coalesce(shown, data) AS data, updated
         FROM pdb_node WHERE nid = ?1 AND alive) AS nodes
         WHERE (?2 = '[]' OR type IN (SELECT value FROM json_each(?2))) AND (";
    // On a line of its own, a comment at the end of the condition ends with it.
    let sql = format!("{start}{}\n))", walk.filter.as_deref().unwrap_or("1"));
    let statement = db.guard.checked(|| db.conn.prepare(&sql)).map_err(|error| match error {
        Error::Sql { message, offset } => {
            let offset = offset.and_then(|offset| offset.checked_sub(start.len()));
            Error::Sql { message: format!("the filter of nodes: {message}"), offset }
        }
        other => other,
    })?;
    Ok(Some((statement, json(&walk.types))))
}

/// Names as a JSON array.
pub(super) fn json(names: &[String]) -> String {
    serde_json::Value::from(names).to_string()
}
