//! Import and export as JSON Lines: one node or edge a line.
//!
//! ```text
//! {"id":"n1","type":"Note","data":{"title":"Milk"}}
//! {"source":"n1","label":"next","target":"n2","key":"","data":{}}
//! ```

use super::database::Database;
use super::error::Error;
use super::read::{edge, node};
use super::transaction::Transaction;
use crate::model::{EdgeRef, MAX_RECORD_BODY, Map, Stamp};
use serde::{Deserialize, Serialize};

/// How many nodes and edges an import wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportCounts {
    /// Node lines.
    pub nodes: u64,
    /// Edge lines.
    pub edges: u64,
}

impl std::ops::AddAssign for ImportCounts {
    fn add_assign(&mut self, other: Self) {
        self.nodes += other.nodes;
        self.edges += other.edges;
    }
}

/// A line of either kind; which one, its fields tell.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    source: Option<String>,
    label: Option<String>,
    target: Option<String>,
    #[serde(default)]
    key: String,
    #[serde(default)]
    data: Map,
}

#[derive(Serialize)]
struct NodeLine<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    data: &'a Map,
}

#[derive(Serialize)]
struct EdgeLine<'a> {
    source: &'a str,
    label: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    key: &'a str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    data: &'a Map,
}

/// A record of an import is closed once its lines take this much: well below what a record holds,
/// since the body is close to the JSON in size.
const RECORD_TEXT: usize = MAX_RECORD_BODY / 2;
/// Most lines in one record.
const RECORD_LINES: usize = 4_000;

impl Database {
    /// Writes the nodes and edges of some lines: all of them or, when one is faulty, none.
    ///
    /// The lines go into as few records as hold them, in one SQLite transaction. An import of any
    /// size calls this again and again with a part of the lines; `first_line` is for errors.
    pub fn import_jsonl(&mut self, text: &str, first_line: u64) -> Result<ImportCounts, Error> {
        let actor = self.ensure_actor()?;
        let now = self.host.now_ms();
        self.write(|writer| {
            let mut counts = ImportCounts::default();
            let mut lines = text.lines().zip(first_line..).peekable();
            while lines.peek().is_some() {
                let hlc = writer.cache.clock.tick(now)?;
                let mut transaction = Transaction::new(writer, Stamp { hlc, actor });
                let first = lines.peek().map_or(first_line, |(_, number)| *number);
                let mut bytes = 0;
                let mut count = 0;
                while let Some((line, number)) =
                    lines.next_if(|(line, _)| bytes == 0 || bytes + line.len() <= RECORD_TEXT)
                {
                    counts += import_line(&mut transaction, line, number)?;
                    bytes += line.len();
                    count += 1;
                    if count == RECORD_LINES {
                        break;
                    }
                }
                transaction.commit().map_err(|error| match error {
                    Error::TooLarge(_) | Error::Field(_) => {
                        Error::Import { line: first, message: error.to_string() }
                    }
                    error => error,
                })?;
            }
            Ok(counts)
        })
    }

    /// Writes every node and then every edge, in the order of their ids, piece by piece.
    #[must_use]
    pub fn export_jsonl(&self) -> Exporter<'_> {
        Exporter { database: self, stage: Stage::Nodes { after: String::new() } }
    }
}

fn import_line(
    transaction: &mut Transaction<'_, '_>,
    line: &str,
    number: u64,
) -> Result<ImportCounts, Error> {
    if line.trim().is_empty() {
        return Ok(ImportCounts::default());
    }
    let fault = |message: String| Error::Import { line: number, message };
    let line: Line = serde_json::from_str(line).map_err(|error| fault(error.to_string()))?;
    let (result, counts) = match (line.id, line.kind, line.source, line.label, line.target) {
        (Some(id), Some(kind), None, None, None) => {
            (transaction.put(&id, &kind, line.data), ImportCounts { nodes: 1, edges: 0 })
        }
        (None, None, Some(source), Some(label), Some(target)) => {
            let edge = EdgeRef { source, label, target, key: line.key };
            (transaction.link_ahead(edge, line.data), ImportCounts { nodes: 0, edges: 1 })
        }
        _ => return Err(fault(LINE_SHAPE.into())),
    };
    match result {
        Ok(()) => Ok(counts),
        Err(error @ (Error::Storage(_) | Error::Busy)) => Err(error),
        Err(error) => Err(fault(error.to_string())),
    }
}

const LINE_SHAPE: &str = "a line is a node, {\"id\", \"type\", \"data\"}, or an edge, \
     {\"source\", \"label\", \"target\", \"key\"?, \"data\"?}";

/// An export that is under way.
#[derive(Debug)]
pub struct Exporter<'a> {
    database: &'a Database,
    stage: Stage,
}

#[derive(Debug, Clone)]
enum Stage {
    Nodes { after: String },
    Edges { after: EdgeRef },
    Done,
}

/// Rows read at once; each piece of an export holds as many lines at most.
const EXPORT_ROWS: i64 = 1_000;

impl Exporter<'_> {
    /// The next lines, each with its line end; `None` at the end.
    pub fn next_piece(&mut self) -> Result<Option<String>, Error> {
        loop {
            let (text, next) = match self.stage.clone() {
                Stage::Nodes { after } => self.nodes(&after)?,
                Stage::Edges { after } => self.edges(&after)?,
                Stage::Done => return Ok(None),
            };
            self.stage = next;
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
    }

    fn nodes(&self, after: &str) -> Result<(String, Stage), Error> {
        let nothing = EdgeRef {
            source: String::new(),
            label: String::new(),
            target: String::new(),
            key: String::new(),
        };
        let mut next = Stage::Edges { after: nothing };
        let mut text = String::new();
        let mut statement = self.database.conn.prepare_cached(
            "SELECT id, type, updated, state FROM pdb_node
             WHERE alive AND id > ?1 ORDER BY id LIMIT ?2",
        )?;
        let mut rows = statement.query((after, EXPORT_ROWS))?;
        while let Some(row) = rows.next()? {
            let node = node(row)?;
            push(&mut text, &NodeLine { id: &node.id, kind: &node.kind, data: &node.data });
            next = Stage::Nodes { after: node.id };
        }
        Ok((text, next))
    }

    fn edges(&self, after: &EdgeRef) -> Result<(String, Stage), Error> {
        let mut next = Stage::Done;
        let mut text = String::new();
        let mut statement = self.database.conn.prepare_cached(
            // CROSS JOIN keeps the order of the loops: nodes by id, then the edges of each.
            "SELECT s.id, e.label, t.id, e.key, e.data FROM pdb_node AS s
             CROSS JOIN pdb_edge AS e ON e.source = s.nid
             CROSS JOIN pdb_node AS t ON t.nid = e.target
             WHERE s.id >= ?1 AND s.alive AND e.alive AND t.alive
               AND (s.id, e.label, t.id, e.key) > (?1, ?2, ?3, ?4)
             ORDER BY s.id, e.label, t.id, e.key LIMIT ?5",
        )?;
        let place = (&after.source, &after.label, &after.target, &after.key, EXPORT_ROWS);
        let mut rows = statement.query(place)?;
        while let Some(row) = rows.next()? {
            let edge = edge(row)?;
            push(
                &mut text,
                &EdgeLine {
                    source: &edge.source,
                    label: &edge.label,
                    target: &edge.target,
                    key: &edge.key,
                    data: &edge.data,
                },
            );
            let (source, label, target, key) = (edge.source, edge.label, edge.target, edge.key);
            next = Stage::Edges { after: EdgeRef { source, label, target, key } };
        }
        Ok((text, next))
    }
}

#[expect(clippy::expect_used, reason = "stored values are finite and their keys are texts")]
fn push(text: &mut String, line: &impl Serialize) {
    text.push_str(&serde_json::to_string(line).expect("a stored object is always valid JSON"));
    text.push('\n');
}
