//! JSON Lines piece by piece, without holding the database between pieces.

use crate::error::{Fault, Outcome};
use pluresdb::{Database, Direction, Edge, Map, Node};
use serde::Serialize;

/// Nodes looked at for one piece at most.
const NODES: usize = 500;
/// A piece is given out once it has this many bytes.
const PIECE_BYTES: usize = 64 * 1024;
/// Edges of one node at most: all of them.
const EDGES: usize = u32::MAX as usize;

/// Where an export stands: all nodes come before the first edge.
#[derive(Debug, Clone, Default)]
pub(crate) struct Export {
    edges: bool,
    after: String,
    done: bool,
}

/// A piece with what it holds.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) nodes: u32,
    pub(crate) edges: u32,
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
    /// The next piece, `None` at the end.
    pub(crate) fn next(&mut self, database: &Database) -> Outcome<Option<Piece>> {
        let mut piece = Piece::default();
        while !self.done && piece.text.len() < PIECE_BYTES {
            let nodes = database.list(None, Some(&self.after), NODES)?;
            if nodes.is_empty() {
                self.done = self.edges;
                *self = Self { edges: true, after: String::new(), done: self.done };
                continue;
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

    fn lines_of(&self, database: &Database, node: &Node, piece: &mut Piece) -> Outcome<()> {
        if !self.edges {
            piece.nodes += 1;
            let (id, kind, data) = (&node.id, &node.kind, &node.data);
            return push(&mut piece.text, &NodeLine { id, kind, data });
        }
        for edge in database.edges(&node.id, Direction::Out, None, EDGES)? {
            piece.edges += 1;
            let Edge { source, label, target, key, data } = &edge;
            push(&mut piece.text, &EdgeLine { source, label, target, key, data })?;
        }
        Ok(())
    }
}

fn push(text: &mut String, line: &impl Serialize) -> Outcome<()> {
    let json = serde_json::to_string(line)
        .map_err(|error| Fault::new("malformed", format!("a stored object is no JSON: {error}")))?;
    text.push_str(&json);
    text.push('\n');
    Ok(())
}
