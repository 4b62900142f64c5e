//! What commits touched since live queries were last looked at.

use crate::engine::error::Error;
use crate::engine::live::routes::{Key, Watched};
use crate::model::EdgeRef;
use rusqlite::Connection;
use std::collections::{BTreeSet, HashMap};

/// What was touched. Of what was touched twice, the first notes what was before.
#[derive(Debug, Default)]
pub(in crate::engine) struct Touched {
    /// Whether anything at all may have changed.
    pub(in crate::engine) everything: bool,
    /// By id.
    pub(in crate::engine) nodes: HashMap<String, TouchedNode>,
    pub(in crate::engine) edges: Vec<EdgeRef>,
    /// Whether a node came or went, so that its edges did.
    pub(in crate::engine) ends: bool,
    /// Whether vectors were made of texts, which only statements that read beyond views see.
    pub(in crate::engine) vectors: bool,
    /// Types whose views have other columns now.
    pub(in crate::engine) views: BTreeSet<String>,
}

/// A node as it was before it was touched.
#[derive(Debug, Default)]
pub(in crate::engine) struct TouchedNode {
    /// The type that it had, while it existed.
    pub(in crate::engine) kind: Option<String>,
    /// Its values in the columns that are watched.
    pub(in crate::engine) values: Vec<(String, Key)>,
}

impl Touched {
    pub(in crate::engine) fn is_empty(&self) -> bool {
        let Self { everything, nodes, edges, ends, vectors, views } = self;
        let rows = !nodes.is_empty() || !edges.is_empty() || !views.is_empty();
        !everything && !rows && !ends && !vectors
    }

    /// Adds what was touched after this.
    pub(in crate::engine) fn extend(&mut self, later: Self) {
        self.everything |= later.everything;
        for (id, node) in later.nodes {
            self.nodes.entry(id).or_insert(node);
        }
        self.edges.extend(later.edges);
        self.ends |= later.ends;
        self.vectors |= later.vectors;
        self.views.extend(later.views);
    }

    /// Notes a node before it changes. `kind` is its type while it exists.
    pub(in crate::engine) fn node(
        &mut self,
        conn: &Connection,
        watched: &Watched,
        id: &str,
        kind: Option<&str>,
    ) -> Result<(), Error> {
        if self.everything || self.nodes.contains_key(id) {
            return Ok(());
        }
        let values = kind.map(|kind| watched.values(conn, kind, id)).transpose()?;
        let node =
            TouchedNode { kind: kind.map(str::to_owned), values: values.unwrap_or_default() };
        self.nodes.insert(id.to_owned(), node);
        Ok(())
    }
}
