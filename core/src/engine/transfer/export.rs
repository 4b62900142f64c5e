//! Export as JSON Lines: one node or edge a line.
//!
//! ```text
//! {"id":"n1","type":"Note","data":{"title":"Milk"}}
//! {"source":"n1","label":"next","target":"n2","key":"k","data":{"since":2024}}
//! ```
//!
//! Nodes come first, by id, then the edges of each node: the same content gives the same bytes on
//! every replica.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::read::{Direction, Node};
use crate::model::Map;
use serde::Serialize;

/// Nodes read at once.
const NODES: usize = 500;
/// A piece is given out once it has this many bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// An export under way. It holds no database between its pieces, so writes that happen meanwhile
/// may or may not be in it.
#[derive(Debug, Clone, Default)]
pub struct Export {
    stage: Stage,
    /// Id of the last node whose lines are out.
    after: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Nodes,
    Edges,
    Done,
}

/// Some lines of an export.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Piece {
    /// Whole lines, each with its line end.
    pub text: String,
    /// How many of them are nodes.
    pub nodes: u64,
    /// How many of them are edges.
    pub edges: u64,
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

impl Export {
    /// The next lines, about 64 KiB of them; `None` at the end.
    pub fn next_piece(&mut self, database: &Database) -> Result<Option<Piece>, Error> {
        let mut piece = Piece::default();
        while self.stage != Stage::Done && piece.text.len() < PIECE_BYTES {
            let nodes = database.list(None, Some(&self.after), NODES)?;
            if nodes.is_empty() {
                self.after.clear();
                self.stage = match self.stage {
                    Stage::Nodes => Stage::Edges,
                    Stage::Edges | Stage::Done => Stage::Done,
                };
            }
            for node in nodes {
                self.lines_of(database, &node, &mut piece)?;
                self.after = node.id;
                if piece.text.len() >= PIECE_BYTES {
                    break;
                }
            }
        }
        Ok((!piece.text.is_empty()).then_some(piece))
    }

    fn lines_of(&self, database: &Database, node: &Node, piece: &mut Piece) -> Result<(), Error> {
        if self.stage == Stage::Nodes {
            piece.nodes += 1;
            push(&mut piece.text, &NodeLine { id: &node.id, kind: &node.kind, data: &node.data });
            return Ok(());
        }
        let all = i64::MAX as usize;
        for edge in database.edges(&node.id, Direction::Out, None, all)? {
            piece.edges += 1;
            let line = EdgeLine {
                source: &edge.source,
                label: &edge.label,
                target: &edge.target,
                key: &edge.key,
                data: &edge.data,
            };
            push(&mut piece.text, &line);
        }
        Ok(())
    }
}

#[expect(clippy::expect_used, reason = "stored values are finite and their keys are texts")]
fn push(text: &mut String, line: &impl Serialize) {
    text.push_str(&serde_json::to_string(line).expect("a stored object is always valid JSON"));
    text.push('\n');
}
