//! The graph as SQLite has it, node by node.

use super::options::{Walk, Weight};
use crate::engine::error::Error;
use crate::engine::query::read::Direction;
use crate::engine::query::reader::Reader;
use crate::engine::query::sql::sql_error;
use crate::graph::{Hop, Source, Way};
use crate::model::EdgeRef;
use hashbrown::HashMap;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, OptionalExtension, Row, Statement};

/// The nodes that do not exist are few and have an index of their own, so looking whether a node is
/// among them reads none of the larger rows of those that exist.
const HIDDEN: &str = "FROM pdb_node AS h INDEXED BY pdb_node_hidden WHERE NOT h.alive";

/// Gives the hops that a walk may take.
///
/// An end that does not exist is left out by [`Hops::admits`], which is asked once for each node, and not
/// as its edges are read, which happens more often. Where edges have weights it is: an edge to nowhere
/// needs none.
pub(super) struct Hops<'a> {
    db: Reader<'a>,
    direction: Direction,
    labels: Labels,
    weight: Option<&'a Weight>,
    forward: CachedStatement<'a>,
    /// Absent where it is the same.
    back: Option<CachedStatement<'a>>,
    admits: Option<(Statement<'a>, String)>,
    /// Tells whether a node does not exist; absent where all do.
    hidden: Option<CachedStatement<'a>>,
    names: Names,
    ids: CachedStatement<'a>,
}

/// The labels that count, as a parameter.
enum Labels {
    All,
    One(String),
    Several(String),
}

/// Labels and keys as numbers. The empty name, which most keys are, is 0.
struct Names {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
    /// The one asked for last: edges come by their labels.
    last: u32,
}

impl Names {
    fn new() -> Self {
        Self { numbers: HashMap::new(), names: vec![String::new()], last: 0 }
    }

    fn number(&mut self, name: &str) -> u32 {
        if name.is_empty() {
            return 0;
        }
        if self.names.get(self.last as usize).is_some_and(|last| last == name) {
            return self.last;
        }
        self.last = self.numbers.get(name).copied().unwrap_or_else(|| {
            let number = self.names.len() as u32;
            self.numbers.insert(name.to_owned(), number);
            self.names.push(name.to_owned());
            number
        });
        self.last
    }
}

impl<'a> Hops<'a> {
    pub(super) fn new(
        db: Reader<'a>,
        walk: &Walk,
        weight: Option<&'a Weight>,
    ) -> Result<Self, Error> {
        let labels = match walk.labels.as_slice() {
            [] => Labels::All,
            [label] => Labels::One(label.clone()),
            several => Labels::Several(json(several)),
        };
        let path = weight.map(Weight::json_path).transpose()?;
        let label = match labels {
            Labels::All => "?2 IS NULL",
            Labels::One(_) => "e.label = ?2",
            Labels::Several(_) => "e.label IN (SELECT value FROM json_each(?2))",
        };
        let sql = |near: &str, far: &str| {
            let (data, exists) = match &path {
                Some(path) => (
                    format!(", json_extract(e.data, '{}')", path.replace('\'', "''")),
                    format!(" AND NOT EXISTS (SELECT 1 {HIDDEN} AND h.nid = e.{far})"),
                ),
                None => (String::new(), String::new()),
            };
            format!(
                "SELECT e.{far}, e.label, e.key, {leaves}{data} FROM pdb_edge AS e
                 WHERE e.{near} = ?1 AND e.alive AND {label}{exists}",
                leaves = u8::from(near == "source"),
            )
        };
        let (out, into) = (sql("source", "target"), sql("target", "source"));
        // One statement for both ways: starting one takes longer than its few rows.
        let (forward, back) = match walk.direction {
            Direction::Out => (out, Some(into)),
            Direction::In => (into, Some(out)),
            Direction::Both => (format!("{out} UNION ALL {into}"), None),
        };
        let any_hidden =
            db.conn.prepare_cached(&format!("SELECT 1 {HIDDEN} LIMIT 1"))?.exists([])?;
        let hidden = format!("SELECT 1 {HIDDEN} AND h.nid = ?1");
        Ok(Self {
            db,
            direction: walk.direction,
            labels,
            weight,
            forward: db.conn.prepare_cached(&forward)?,
            back: back.map(|back| db.conn.prepare_cached(&back)).transpose()?,
            admits: condition(db, walk)?,
            hidden: any_hidden.then(|| db.conn.prepare_cached(&hidden)).transpose()?,
            names: Names::new(),
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

    /// The ids of nodes that are there, in the order of the nodes: a CROSS JOIN keeps SQLite to the array.
    pub(super) fn ids(&self, nodes: impl Iterator<Item = i64>) -> Result<Vec<String>, Error> {
        let nodes = serde_json::Value::from(nodes.collect::<Vec<i64>>()).to_string();
        let mut statement = self.db.conn.prepare_cached(
            "SELECT n.id FROM json_each(?1) AS wanted CROSS JOIN pdb_node AS n
             WHERE n.nid = wanted.value",
        )?;
        let ids = statement.query_map([nodes], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// The label and the key of a hop.
    pub(super) fn label_and_key(&self, hop: &Hop) -> (String, String) {
        (self.label(hop).into(), self.name(hop.key).into())
    }

    pub(super) fn label(&self, hop: &Hop) -> &str {
        self.name(hop.label)
    }

    fn name(&self, number: u32) -> &str {
        self.names.names.get(number as usize).map_or("", String::as_str)
    }

    /// The edge of a hop from one node to another.
    pub(super) fn edge(&self, hop: &Hop, from: &str, to: &str) -> EdgeRef {
        let (label, key) = self.label_and_key(hop);
        let (source, target) = if hop.leaves { (from, to) } else { (to, from) };
        EdgeRef { source: source.into(), label, target: target.into(), key }
    }

    fn read(&mut self, node: i64, way: Way, hops: &mut Vec<Hop>) -> Result<(), Error> {
        let statement = match (way, &mut self.back) {
            (Way::Back, Some(back)) => back,
            _ => &mut self.forward,
        };
        let labels = match &self.labels {
            Labels::All => None,
            Labels::One(labels) | Labels::Several(labels) => Some(labels),
        };
        let mut rows = statement.query((node, labels))?;
        while let Some(row) = rows.next()? {
            let (other, leaves): (i64, bool) = (row.get(0)?, row.get(3)?);
            // An edge from a node to itself leaves and enters it, and is one hop.
            if other == node && !leaves && self.direction == Direction::Both {
                continue;
            }
            let weight = match self.weight {
                None => 1.0,
                Some(weight) => match cost(weight, row.get_ref(4)?) {
                    Some(cost) => cost,
                    None => {
                        let (source, target) = if leaves { (node, other) } else { (other, node) };
                        return Err(bad_weight(&mut self.ids, weight, row, source, target)?);
                    }
                },
            };
            let mut name = |column| -> Result<u32, Error> {
                let name = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
                Ok(self.names.number(name))
            };
            hops.push(Hop { node: other, key: name(2)?, label: name(1)?, leaves, weight });
        }
        Ok(())
    }
}

/// What a hop costs; nothing where the edge has no usable weight.
fn cost(weight: &Weight, value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Null => weight.default,
        ValueRef::Integer(cost) if cost >= 0 => Some(cost as f64),
        ValueRef::Real(cost) if cost >= 0.0 && cost.is_finite() => Some(cost),
        _ => None,
    }
}

fn bad_weight(
    ids: &mut Statement<'_>,
    weight: &Weight,
    row: &Row<'_>,
    source: i64,
    target: i64,
) -> Result<Error, Error> {
    let mut id = |nid: i64| ids.query_row([nid], |row| row.get(0));
    let edge =
        EdgeRef { source: id(source)?, label: row.get(1)?, target: id(target)?, key: row.get(2)? };
    Ok(Error::Weight { edge: Box::new(edge), field: weight.field.clone() })
}

impl Source for Hops<'_> {
    type Error = Error;

    fn hops(&mut self, node: i64, way: Way, hops: &mut Vec<Hop>) -> Result<(), Error> {
        self.read(node, way, hops)
    }

    fn admits(&mut self, node: i64) -> Result<bool, Error> {
        match &mut self.admits {
            Some((statement, types)) => {
                statement.query_row((node, &*types), |row| row.get(0)).map_err(sql_error)
            }
            None => match &mut self.hidden {
                Some(hidden) => Ok(!hidden.exists([node])?),
                None => Ok(true),
            },
        }
    }
}

/// The number of a node that exists.
pub(super) fn number(db: Reader<'_>, id: &str) -> Result<Option<i64>, Error> {
    let mut statement =
        db.conn.prepare_cached("SELECT nid FROM pdb_node WHERE id = ?1 AND alive")?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?)
}

/// Asks whether a node, `?1`, is of the types, `?2`, and fulfils the condition.
fn condition<'a>(db: Reader<'a>, walk: &Walk) -> Result<Option<(Statement<'a>, String)>, Error> {
    if walk.types.is_empty() && walk.filter.is_none() {
        return Ok(None);
    }
    let start =
        "SELECT EXISTS (SELECT 1 FROM (SELECT id, type, coalesce(shown, data) AS data, updated
         FROM pdb_node WHERE nid = ?1 AND alive) AS nodes
         WHERE (?2 = '[]' OR type IN (SELECT value FROM json_each(?2))) AND (";
    // On a line of its own, a comment at the end of the condition ends with it.
    let sql = format!("{start}{}\n))", walk.filter.as_deref().unwrap_or("1"));
    let statement =
        db.sql.guard.checked(|| db.conn.prepare(&sql)).map_err(|error| match error {
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
