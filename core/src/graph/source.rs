//! Where the algorithms get the graph from, and how much of it they may look at.

use alloc::vec::Vec;
use core::fmt;

/// One step along an edge, as seen from the node that it starts at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hop {
    /// The node that it leads to.
    pub node: i64,
    /// The edge's label.
    pub label: u32,
    /// What tells the edge from others with the same ends and label.
    pub key: u32,
    /// Whether the edge leaves the node that the hop starts at; else it enters it.
    pub leaves: bool,
    /// What the hop costs: finite, and not negative.
    pub weight: f64,
}

impl Hop {
    /// The same edge, seen from the other end.
    #[must_use]
    pub const fn turned(self, from: i64) -> Self {
        Self { node: from, leaves: !self.leaves, ..self }
    }
}

/// Which hops of a node are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Those by which one goes on.
    Forward,
    /// Those by which one could have come, each as seen from where one is.
    Back,
}

/// A graph that gives its hops node by node.
pub trait Source {
    /// Why it cannot.
    type Error;

    /// Adds the hops of a node. The order decides which of several equal paths is found.
    ///
    /// # Errors
    /// What keeps the source from reading; also a weight that is negative or no number.
    fn hops(&mut self, node: i64, way: Way, hops: &mut Vec<Hop>) -> Result<(), Self::Error>;

    /// Whether a node may be entered. One that may not is not in any answer, and nothing goes
    /// through it. Not asked of the nodes that a question names.
    ///
    /// # Errors
    /// What keeps the source from reading.
    fn admits(&mut self, _node: i64) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

/// How much of a graph an algorithm may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most nodes that it enters, those named by the question included.
    pub nodes: usize,
    /// Most edges that it looks at.
    pub edges: usize,
}

impl Default for Limits {
    /// 100,000 nodes and 1,000,000 edges.
    fn default() -> Self {
        Self { nodes: 100_000, edges: 1_000_000 }
    }
}

/// The limit that kept an answer from being whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// There are more nodes.
    Nodes,
    /// There are more edges.
    Edges,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nodes => "nodes",
            Self::Edges => "edges",
        })
    }
}

/// Counts what is looked at.
#[derive(Debug)]
pub(super) struct Meter {
    limits: Limits,
    nodes: usize,
    edges: usize,
}

impl Meter {
    /// `named` nodes are counted at once.
    pub(super) const fn new(limits: Limits, named: usize) -> Self {
        Self { limits, nodes: named, edges: 0 }
    }

    pub(super) const fn edge(&mut self) -> Result<(), Bound> {
        if self.edges == self.limits.edges {
            return Err(Bound::Edges);
        }
        self.edges += 1;
        Ok(())
    }

    pub(super) const fn node(&mut self) -> Result<(), Bound> {
        if self.nodes >= self.limits.nodes {
            return Err(Bound::Nodes);
        }
        self.nodes += 1;
        Ok(())
    }
}
