//! The graph in SQL: `SELECT n.id FROM traverse('a', 3) AS t JOIN nodes AS n ON n.id = t.id`.
//!
//! A node that does not exist, or NULL in its place, gives no rows. A limit that was reached is an
//! error: rows have no place to say that others are missing.

use super::hops::number;
use super::options::{RankOptions, Walk, Weight, bad};
use super::walk::Reach;
use crate::engine::error::Error;
use crate::engine::query::read::Direction;
use crate::engine::query::reader::Reader;
use crate::engine::query::sql::SqlValue;
use crate::engine::query::table_functions::{TableFunction, TableRows};
use crate::graph::Bound;

/// `neighbours(id, labels, direction)`.
pub(in crate::engine) static NEIGHBOURS: TableFunction = TableFunction {
    name: "neighbours",
    signature: "neighbours(id, labels, direction)",
    columns: &["id", "label", "key", "direction"],
    arguments: 1..=3,
    rows: neighbours,
};

/// `traverse(start, depth, labels, direction, max_nodes)`.
pub(in crate::engine) static TRAVERSE: TableFunction = TableFunction {
    name: "traverse",
    signature: "traverse(start, depth, labels, direction, max_nodes)",
    columns: &["id", "depth", "source", "label", "path"],
    arguments: 1..=5,
    rows: traverse,
};

/// `shortest_path(start, end, labels, direction, weight)`.
pub(in crate::engine) static SHORTEST_PATH: TableFunction = TableFunction {
    name: "shortest_path",
    signature: "shortest_path(start, end, labels, direction, weight)",
    columns: &["step", "id", "label", "cost"],
    arguments: 2..=5,
    rows: shortest_path,
};

/// `components(labels)`.
pub(in crate::engine) static COMPONENTS: TableFunction = TableFunction {
    name: "components",
    signature: "components(labels)",
    columns: &["id", "component", "size"],
    arguments: 0..=1,
    rows: components,
};

/// `pagerank(labels, damping)`.
pub(in crate::engine) static PAGERANK: TableFunction = TableFunction {
    name: "pagerank",
    signature: "pagerank(labels, damping)",
    columns: &["id", "rank"],
    arguments: 0..=2,
    rows: pagerank,
};

fn neighbours(db: Reader<'_>, arguments: &[SqlValue]) -> Result<TableRows, Error> {
    let walk = Walk {
        labels: labels(arguments.get(1))?,
        direction: direction(arguments.get(2))?,
        ..Walk::default()
    };
    let Some(id) = existing(db, &NEIGHBOURS, arguments.first())? else {
        return Ok(Vec::new());
    };
    let found = db.neighbours(&id, &walk)?;
    whole(&NEIGHBOURS, found.stopped, &walk)?;
    let row = |next: super::Neighbour| {
        let direction = if next.direction == Direction::Out { "out" } else { "in" };
        vec![text(next.id), text(next.label), text(next.key), text(direction)]
    };
    Ok(found.neighbours.into_iter().map(row).collect())
}

fn traverse(db: Reader<'_>, arguments: &[SqlValue]) -> Result<TableRows, Error> {
    let mut walk = Walk {
        depth: match arguments.get(1) {
            None | Some(SqlValue::Null) => u32::MAX,
            Some(depth) => u32::try_from(count("depth", depth)?).unwrap_or(u32::MAX),
        },
        labels: labels(arguments.get(2))?,
        direction: direction(arguments.get(3))?,
        ..Walk::default()
    };
    if let Some(most) = arguments.get(4).filter(|most| **most != SqlValue::Null) {
        walk.limits.nodes = count("max_nodes", most)?;
        walk.limits.edges = walk.limits.edges.max(walk.limits.nodes.saturating_mul(10));
    }
    let Some(start) = existing(db, &TRAVERSE, arguments.first())? else {
        return Ok(Vec::new());
    };
    let Reach { source, found, ids } = db.reach(&start, &walk)?;
    whole(&TRAVERSE, found.stopped, &walk)?;
    let mut paths: Vec<String> = Vec::with_capacity(ids.len());
    let mut rows = Vec::with_capacity(ids.len());
    for (reached, id) in found.reached.iter().zip(&ids) {
        let depth = SqlValue::Int(reached.depth.into());
        let quoted = serde_json::Value::from(id.as_str());
        let before = reached.from.and_then(|(place, hop)| {
            // A path is that of the node before, and this one.
            let path = paths.get(place)?.strip_suffix(']')?;
            Some((ids.get(place)?, source.label(&hop), format!("{path},{quoted}]")))
        });
        let (before, label, path) = match before {
            Some((before, label, path)) => (text(before.as_str()), text(label), path),
            None => (SqlValue::Null, SqlValue::Null, format!("[{quoted}]")),
        };
        rows.push(vec![text(id.as_str()), depth, before, label, text(path.as_str())]);
        paths.push(path);
    }
    Ok(rows)
}

fn shortest_path(db: Reader<'_>, arguments: &[SqlValue]) -> Result<TableRows, Error> {
    let walk = Walk {
        labels: labels(arguments.get(2))?,
        direction: direction(arguments.get(3))?,
        ..Walk::default()
    };
    let weight = match arguments.get(4) {
        None | Some(SqlValue::Null) => None,
        Some(SqlValue::Text(field)) => Some(Weight::field(field)),
        Some(_) => return Err(bad("weight", "give the name of a field as text")),
    };
    let start = existing(db, &SHORTEST_PATH, arguments.first())?;
    let end = existing(db, &SHORTEST_PATH, arguments.get(1))?;
    let (Some(start), Some(end)) = (start, end) else {
        return Ok(Vec::new());
    };
    let found = db.shortest_path(&start, &end, &walk, weight.as_ref())?;
    whole(&SHORTEST_PATH, found.stopped, &walk)?;
    let Some(route) = found.route else {
        return Ok(Vec::new());
    };
    let mut cost = 0.0;
    let labels = route.edges.into_iter().map(|edge| text(edge.label));
    let steps = std::iter::once((SqlValue::Null, 0.0)).chain(labels.zip(route.weights));
    let rows = (0..).zip(route.nodes).zip(steps).map(|((step, id), (label, weight))| {
        cost += weight;
        vec![SqlValue::Int(step), text(id), label, SqlValue::Real(cost)]
    });
    Ok(rows.collect())
}

fn components(db: Reader<'_>, arguments: &[SqlValue]) -> Result<TableRows, Error> {
    let walk = Walk { labels: labels(arguments.first())?, ..Walk::whole() };
    let found = db.components(&walk)?;
    whole(&COMPONENTS, found.stopped, &walk)?;
    let mut rows = Vec::new();
    for (number, ids) in (1..).zip(found.components) {
        let size = ids.len() as i64;
        let row = |id| vec![text(id), SqlValue::Int(number), SqlValue::Int(size)];
        rows.extend(ids.into_iter().map(row));
    }
    Ok(rows)
}

fn pagerank(db: Reader<'_>, arguments: &[SqlValue]) -> Result<TableRows, Error> {
    let mut options = RankOptions::default();
    options.walk.labels = labels(arguments.first())?;
    match arguments.get(1) {
        None | Some(SqlValue::Null) => {}
        Some(SqlValue::Real(damping)) => options.rank.damping = *damping,
        Some(SqlValue::Int(damping)) => options.rank.damping = *damping as f64,
        Some(_) => return Err(bad("damping", "give a number from 0 up to, not including, 1")),
    }
    let found = db.pagerank(&options)?;
    whole(&PAGERANK, found.stopped, &options.walk)?;
    Ok(found.ranks.into_iter().map(|(id, rank)| vec![text(id), SqlValue::Real(rank)]).collect())
}

fn text(text: impl Into<String>) -> SqlValue {
    SqlValue::Text(text.into())
}

/// The id of a node, if there is one.
fn existing(
    db: Reader<'_>,
    function: &TableFunction,
    argument: Option<&SqlValue>,
) -> Result<Option<String>, Error> {
    match argument {
        None | Some(SqlValue::Null) => Ok(None),
        Some(SqlValue::Text(id)) => Ok(number(db, id)?.map(|_| id.clone())),
        Some(_) => Err(bad(function.name, "ids of nodes are text")),
    }
}

fn count(option: &str, value: &SqlValue) -> Result<usize, Error> {
    match value {
        SqlValue::Int(count) => usize::try_from(*count).ok(),
        _ => None,
    }
    .ok_or_else(|| bad(option, "give an integer that is not negative"))
}

/// One label, or a JSON array of labels; NULL for all.
fn labels(argument: Option<&SqlValue>) -> Result<Vec<String>, Error> {
    match argument {
        None | Some(SqlValue::Null) => Ok(Vec::new()),
        Some(SqlValue::Text(labels)) if labels.starts_with('[') => {
            let labels: Vec<String> = serde_json::from_str(labels)
                .map_err(|error| bad("labels", &format!("no JSON array of texts: {error}")))?;
            // No label at all would mean every label.
            if labels.is_empty() {
                Err(bad("labels", "give NULL for all labels"))
            } else {
                Ok(labels)
            }
        }
        Some(SqlValue::Text(label)) => Ok(vec![label.clone()]),
        Some(_) => Err(bad("labels", "give a label, a JSON array of labels, or NULL for all")),
    }
}

fn direction(argument: Option<&SqlValue>) -> Result<Direction, Error> {
    match argument {
        None | Some(SqlValue::Null) => Ok(Direction::Out),
        Some(SqlValue::Text(direction)) => direction.parse(),
        Some(_) => Err(bad("direction", "give 'out', 'in' or 'both'")),
    }
}

fn whole(function: &TableFunction, stopped: Option<Bound>, walk: &Walk) -> Result<(), Error> {
    match stopped {
        None => Ok(()),
        Some(bound) => Err(Error::GraphLimit {
            function: function.name,
            most: if bound == Bound::Nodes { walk.limits.nodes } else { walk.limits.edges },
            bound,
        }),
    }
}
