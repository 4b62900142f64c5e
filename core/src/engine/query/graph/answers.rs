//! What the graph answers. `stopped` is the limit that kept an answer from being whole.

use crate::engine::query::read::{Direction, Edge, Node};
use crate::graph::Bound;
use crate::model::EdgeRef;

/// A node next to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Its id.
    pub id: String,
    /// The label of the edge between them.
    pub label: String,
    /// The edge's key, empty for the usual single edge.
    pub key: String,
    /// [`Direction::Out`] where the edge leads to the neighbour.
    pub direction: Direction,
}

/// What is next to a node, one for each edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbours {
    /// Those that edges lead to, then those that edges come from, by label.
    pub neighbours: Vec<Neighbour>,
    /// What kept the list from being whole.
    pub stopped: Option<Bound>,
}

/// A node that was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachedNode {
    /// Its id.
    pub id: String,
    /// The least number of edges from the start.
    pub depth: u32,
    /// The place in the list of the node that it was reached from, and the edge; `None` for the
    /// start.
    pub from: Option<(usize, EdgeRef)>,
}

/// What can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traversed {
    /// Each node once, by depth, the start first.
    pub nodes: Vec<ReachedNode>,
    /// What kept the list from being whole.
    pub stopped: Option<Bound>,
}

impl Traversed {
    /// The ids on the way from the start to the node at a place of the list, both included.
    #[must_use]
    pub fn path(&self, place: usize) -> Vec<&str> {
        let mut path = Vec::new();
        let mut next = self.nodes.get(place);
        while let Some(node) = next {
            path.push(node.id.as_str());
            next = node.from.as_ref().and_then(|(place, _)| self.nodes.get(*place));
        }
        path.reverse();
        path
    }
}

/// A way from one node to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The ids on it, both ends included.
    pub nodes: Vec<String>,
    /// The edges between them; one that is gone along backwards has the later node as its source.
    pub edges: Vec<EdgeRef>,
    /// What each edge costs: 1 without weights.
    pub weights: Vec<f64>,
    /// The sum of them.
    pub cost: f64,
}

/// Whether there is a way.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteFound {
    /// A shortest one.
    pub route: Option<Route>,
    /// What kept the search from its end: then there may be a way although none was found.
    pub stopped: Option<Bound>,
}

/// A part of the graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Subgraph {
    /// The nodes, by depth.
    pub nodes: Vec<Node>,
    /// All edges between them that have one of the labels asked for.
    pub edges: Vec<Edge>,
    /// What kept it from being whole.
    pub stopped: Option<Bound>,
}

/// Which nodes hang together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components {
    /// The ids of each component in their order; the largest component first, equally large ones by
    /// their first id.
    pub components: Vec<Vec<String>>,
    /// What was reached; then components may be parts of larger ones.
    pub stopped: Option<Bound>,
}

/// The ranks of nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct PageRanks {
    /// Ids with their ranks, the highest first; together 1.
    pub ranks: Vec<(String, f64)>,
    /// How many iterations it took.
    pub iterations: u32,
    /// Whether they are as exact as was asked for.
    pub converged: bool,
    /// What was reached; then the ranks are those of a part of the graph.
    pub stopped: Option<Bound>,
}
