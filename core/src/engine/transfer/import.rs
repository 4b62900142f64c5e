//! Import of JSON Lines: one node or edge a line, as [`crate::engine::transfer::export`] writes them.

use crate::crdt::Editor;
use crate::engine::commit::transaction::Transaction;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::model::{EdgeRef, MAX_RECORD_BODY, Map, Stamp};
use crate::types::TypeDef;
use serde::Deserialize;

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
#[serde(deny_unknown_fields, expecting = "a node or an edge as an object")]
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
        let (fold, actor, client) = self.begin_own()?;
        let editor = Editor { client, keep_undo: false };
        let now = self.host.now_ms();
        // Undoing goes back through own transactions without a gap; an import is too large to keep.
        self.undo.clear();
        self.write_begun(fold, |writer| {
            let mut counts = ImportCounts::default();
            let mut lines = text.lines().zip(first_line..).peekable();
            while lines.peek().is_some() {
                let hlc = writer.cache.clock.tick(now)?;
                let mut transaction = Transaction::new(writer, Stamp { hlc, actor }, editor);
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
                    Error::Invalid { ref id, .. } => {
                        let line = line_of(id, text, first_line, first).unwrap_or(first);
                        Error::Import { line, message: error.to_string() }
                    }
                    Error::Definition(ref fault) => {
                        let id = TypeDef::node_id(&fault.name);
                        let line = line_of(&id, text, first_line, first).unwrap_or(first);
                        Error::Import { line, message: error.to_string() }
                    }
                    Error::TooLarge(_) | Error::Field(_) => {
                        Error::Import { line: first, message: error.to_string() }
                    }
                    error => error,
                })?;
            }
            Ok(counts)
        })
    }
}

/// serde's sentence, which is short about a text that no Unicode is, with the place in the line. The line
/// that serde names is the first of those it was given, and that was one.
fn sentence(error: &serde_json::Error) -> String {
    let (sentence, column) = (error.to_string(), error.column());
    let within = format!(" at line {} column {column}", error.line());
    let sentence = sentence.strip_suffix(&within).unwrap_or(&sentence);
    let why = if sentence.contains("hex escape") {
        "half of a surrogate pair, which UTF-8 has no bytes for: "
    } else {
        ""
    };
    format!("column {column}: {why}{sentence}")
}

/// The line from `from` on that writes a node.
fn line_of(id: &str, text: &str, first_line: u64, from: u64) -> Option<u64> {
    let lines = text.lines().zip(first_line..).skip_while(|(_, number)| *number < from);
    let mut of_node = lines.filter(|(line, _)| {
        let line: Result<Line, _> = serde_json::from_str(line);
        line.is_ok_and(|line| line.id.as_deref() == Some(id))
    });
    of_node.next().map(|(_, number)| number)
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
    let line: Line = serde_json::from_str(line).map_err(|error| fault(sentence(&error)))?;
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
        Err(error @ (Error::Storage(_) | Error::Memory | Error::Busy)) => Err(error),
        Err(error) => Err(fault(error.to_string())),
    }
}

const LINE_SHAPE: &str = "a line is a node, {\"id\", \"type\", \"data\"}, or an edge, \
     {\"source\", \"label\", \"target\", \"key\"?, \"data\"?}";
